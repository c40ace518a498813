"""Logits and labels that a person brings: columns of a text or of an array in, rows for a classifier out.

Nothing here speaks a language: what cannot be used is a `BadCell`, which carries its place and a reason.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core._checks import Floats
from core.cells import COMMA, MISSING, POINT, BadCell, Marks, Reason, quick, to_float, wrong
from core.tables import INDEX_NAMES, MAX_COLUMNS, MAX_NUMBERS, Reading, is_count, split

__all__ = [
    "MOST",
    "Choice",
    "Rows",
    "Sheet",
    "choose",
    "first_word",
    "sheet_of_file",
    "sheet_of_text",
    "take",
    "with_names",
]

MOST = 20_000_000
"""How many numbers a file may hold."""

Cells: TypeAlias = Sequence[str] | NDArray[Any]

_LABEL_NAMES = (
    "label",
    "labels",
    "target",
    "targets",
    "class",
    "true",
    "truth",
    "y",
    "레이블",
    "라벨",
    "정답",
)
_LOGIT_NAMES = ("logits", "logit", "z", "scores", "outputs", "probs", "probabilities", "p", "q")
_RULED_OUT = frozenset(("-inf", "-infinity", "-∞"))
_LARGEST = 1e30  # pictures travel as float32
_NEAR_ONE = 2e-3  # how far a sum of rounded probabilities may be from 1
_TELLING = 1000  # rows that tell what a column holds
_SILENT = (Reason.EMPTY, Reason.NOT_FINITE, Reason.TOO_LARGE)  # of words and numbers


@dataclass(frozen=True, eq=False)
class Sheet:
    """Columns of one length.

    Attributes
    ----------
    names : tuple of str
        Of the columns; empty texts where they have none.
    lines : sequence of int
        The rows' numbers as the person counts them: lines of a text, rows of an array from 1.
    columns : sequence
        The cells of each column: texts, or an array.
    marks : Marks or None
        How numbers are written in texts; None where both marks are to be tried.
    arrays : tuple of str
        Names of the arrays of an archive that hold logits and labels; none otherwise.
    """

    names: tuple[str, ...]
    lines: Sequence[int]
    columns: Sequence[Cells]
    marks: Marks | None = None
    arrays: tuple[str, ...] = ()


class Choice(NamedTuple):
    """The place of the column of labels, and those of the columns of the classes."""

    label: int
    classes: tuple[int, ...]


class Rows(NamedTuple):
    """Logits of shape (N, K), labels of shape (N,), the classes' names, and how they came to be.

    ``names`` is empty where labels are indices and no column has a name. ``probabilities`` tells whether the
    numbers were probabilities, of which ``logits`` are the logs, ``named`` whether labels were names.
    """

    logits: Floats
    labels: NDArray[np.intp]
    names: tuple[str, ...]
    probabilities: bool
    named: bool


def sheet_of_text(text: str, reading: Reading) -> Sheet:
    r"""Cut a text into columns in one way.

    Raises
    ------
    BadCell
        Where it is no table.

    Examples
    --------
    >>> sheet = sheet_of_text("cat,dog,label\n2,0,cat\n1,3,dog", Reading(",", header=1))
    >>> sheet.names, list(sheet.lines), sheet.columns[2]
    (('cat', 'dog', 'label'), [2, 3], ['cat', 'dog'])
    """
    names, lines, columns = split(text, reading, limit=MAX_NUMBERS)
    if not lines:
        raise BadCell(Reason.ARRAYS)
    return Sheet(names, lines, columns, reading.marks)


def with_names(text: str, reading: Reading) -> Reading:
    r"""Return the reading, or the one whose first line is names where a likely name of labels says so.

    Columns of classes are often called 0, 1, 2, which looks like a row of numbers.

    Examples
    --------
    >>> with_names("0,1,label\n2.5,1.5,1\n0.5,3.5,0", Reading(",")).header
    1
    """
    if reading.header:
        return reading
    try:
        columns = split("\n".join(text.split("\n", _TELLING)[:_TELLING]), reading)[2]
    except BadCell:
        return reading
    # A label that is called so comes again.
    named = any(
        column[0].lower() in _LABEL_NAMES and column[0] not in column[1:]
        for column in columns
        if len(column) > 1
    )
    return replace(reading, header=1) if named else reading


def sheet_of_file(content: bytes) -> Sheet:
    """Read the content of an NPY or NPZ file; nothing in it is unpickled.

    One array is a table, its columns named if it is a structured one. Of an archive the array of shape (N, K)
    and one of shape (N,) are taken, by their names where there are several.

    Raises
    ------
    BadCell
        Where it is no such file, or holds no such arrays (`Reason.ARRAYS`), or too much.

    Examples
    --------
    >>> file = io.BytesIO()
    >>> np.savez(file, logits=np.eye(2), labels=np.array([0, 1]))
    >>> sheet = sheet_of_file(file.getvalue())
    >>> sheet.names, sheet.arrays, choose(sheet)
    (('', '', 'labels'), ('logits', 'labels'), Choice(label=2, classes=(0, 1)))
    """
    try:
        found: Any = None
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                size = sum(part.file_size for part in archive.infolist())
            if size > 8 * MOST:
                raise BadCell(Reason.TOO_BIG)
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                found = {name: file[name] for name in file.files if isinstance(file[name], np.ndarray)}
        else:
            found = np.load(io.BytesIO(content), allow_pickle=False)
    except BadCell:
        raise
    except (ValueError, OSError, EOFError, KeyError, MemoryError, zipfile.BadZipFile) as error:
        raise BadCell(Reason.ARRAYS) from error
    if isinstance(found, dict):
        return _archive(found)
    if found.dtype.names and found.ndim == 1:
        names = tuple(found.dtype.names)
        return _arrays(names, [found[name] for name in names])
    if found.ndim != 2:
        raise BadCell(Reason.ARRAYS, cell=str(found.shape))
    return _arrays(("",) * found.shape[1], list(found.T))


def _archive(arrays: dict[str, Any]) -> Sheet:
    """Return the logits and labels of an archive as columns."""
    tables = [name for name, array in arrays.items() if array.ndim == 2 and array.dtype.kind in "fiu"]
    shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
    if not tables:
        raise BadCell(Reason.ARRAYS, cell=shapes)
    logits = min(tables, key=lambda name: _rank(name, _LOGIT_NAMES))
    size = len(arrays[logits])
    lists = [name for name, array in arrays.items() if array.shape in ((size,), (size, 1)) and name != logits]
    if not lists:
        raise BadCell(Reason.ARRAYS, cell=shapes)
    labels = min(lists, key=lambda name: _rank(name, _LABEL_NAMES))
    columns = [*arrays[logits].T, arrays[labels].reshape(-1)]
    made = _arrays((*[""] * (len(columns) - 1), labels), columns)
    return Sheet(made.names, made.lines, made.columns, arrays=(logits, labels))


def _arrays(names: tuple[str, ...], columns: list[Any]) -> Sheet:
    """Return arrays as columns."""
    # Of two classes a label is often the answer to whether it is the second.
    columns = [column.astype(np.uint8) if column.dtype.kind == "b" else column for column in columns]
    if not columns or not len(columns[0]) or any(column.dtype.kind not in "fiuUS" for column in columns):
        raise BadCell(Reason.ARRAYS)
    if len(columns) > MAX_COLUMNS or len(columns) * len(columns[0]) > MOST:
        raise BadCell(Reason.TOO_BIG)
    texts = [
        np.char.decode(column, "utf-8", "replace") if column.dtype.kind == "S" else column
        for column in columns
    ]
    return Sheet(names, range(1, len(columns[0]) + 1), texts)


def _rank(name: str, names: Sequence[str]) -> int:
    """Return how far behind a name stands among likely ones."""
    lower = name.strip().lower()
    return names.index(lower) if lower in names else len(names)


def choose(sheet: Sheet) -> Choice:
    """Return which columns are meant most likely: the labels, and the classes but for a count of the rows.

    Examples
    --------
    >>> choose(Sheet(("id", "y", "a", "b"), [1, 2], [["1", "2"], ["0", "1"], ["3", "1"], ["0", "2"]]))
    Choice(label=1, classes=(2, 3))
    """
    places = range(len(sheet.columns))
    named = min(places, key=lambda place: _rank(sheet.names[place], _LABEL_NAMES))
    if _rank(sheet.names[named], _LABEL_NAMES) < len(_LABEL_NAMES):
        label = named
    else:
        # Words, else the last column that could be class indices, else the last one.
        words = [place for place in places if not _all_numbers(sheet.columns[place])]
        indices = [place for place in places if _may_be_indices(sheet.columns[place], len(sheet.columns) - 1)]
        label = (words or indices or list(places))[-1]
    left = [place for place in places if place != label and _all_numbers(sheet.columns[place])]
    first = left[0] if left else -1
    counts = first == 0 and (
        sheet.names[0].lower() in INDEX_NAMES or is_count([str(cell) for cell in sheet.columns[0][:_TELLING]])
    )
    return Choice(label, tuple(left[1:] if counts and len(left) > 2 else left))


def _all_numbers(cells: Cells) -> bool:
    """Tell whether a column holds numbers, as far as its beginning tells."""
    if isinstance(cells, np.ndarray) and cells.dtype.kind in "fiu":
        return True
    head = [str(cell) for cell in cells[:_TELLING]]
    # A typing error is no word: most cells decide, but for those that say nothing.
    reasons = [_wrong(cell) for cell in head]
    telling = [reason for reason in reasons if reason not in _SILENT]
    return None in telling and 2 * telling.count(None) >= len(telling)


def _wrong(cell: str) -> Reason | None:
    """Return why a cell holds no score, or None where it does, however numbers are written."""
    if cell.lower() in _RULED_OUT:
        return None
    if cell.lower() in MISSING:
        return Reason.EMPTY
    return wrong(cell, POINT) and wrong(cell, COMMA) and wrong(cell, POINT)


def first_word(sheet: Sheet, choice: Choice) -> BadCell | None:
    r"""Return the first cell for which a column is no class, or None where there is no such column.

    Examples
    --------
    >>> sheet = sheet_of_text("a,b,label\n10%,90%,0\n20%,80%,1", Reading(",", header=1))
    >>> print(first_word(sheet, choose(sheet)))
    Row 2, column 1 holds '10%': not_a_number.
    """
    for place, cells in enumerate(sheet.columns):
        if place not in (choice.label, *choice.classes) and not _all_numbers(cells):
            for line, cell in zip(sheet.lines, map(str, cells), strict=True):
                if reason := _wrong(cell) and wrong(cell, POINT):
                    return BadCell(reason, line, place + 1, cell)
    return None


def _may_be_indices(cells: Cells, classes: int) -> bool:
    """Tell whether the beginning of a column could be class indices."""
    head = [str(cell) for cell in cells[:_TELLING]]
    return all(_index(cell) is not None for cell in head) and max(map(float, head)) < max(classes, 2)


def _index(cell: str) -> int | None:
    """Return a cell as a whole number, or None where it is none."""
    number = to_float(cell, POINT)
    return int(number) if abs(number) < 1e9 and number == int(number) and number >= 0 else None


def take(sheet: Sheet, choice: Choice) -> Rows:
    r"""Return the rows of the chosen columns.

    Rows that are probabilities, none negative and their sum 1 but for rounding, are turned into their logs:
    softmax of those is the probabilities again.

    Raises
    ------
    BadCell
        For the first score that is missing, no number, too large or not finite (``-inf`` may stand: it rules
        a class out), the first label that is no class, and the first row that rules all classes out.
    ValueError
        If fewer than two classes are chosen.

    Examples
    --------
    >>> sheet = sheet_of_text("cat,dog,label\n2,0,cat\n1,3,dog", Reading(",", header=1))
    >>> rows = take(sheet, choose(sheet))
    >>> rows.logits.tolist(), rows.labels.tolist(), rows.names
    ([[2.0, 0.0], [1.0, 3.0]], [0, 1], ('cat', 'dog'))
    """
    if len(choice.classes) < 2:
        raise ValueError("at least two classes must be chosen.")
    logits = np.column_stack([_numbers(sheet, place) for place in choice.classes])
    empty = np.isneginf(logits).all(axis=1)
    if empty.any():
        row = int(np.argmax(empty))
        place = choice.classes[0]
        raise BadCell(Reason.RULED_OUT, sheet.lines[row], place + 1, str(sheet.columns[place][row]))
    names = tuple(sheet.names[place] for place in choice.classes)
    labels, names, named = _labels(sheet, choice.label, names)
    sums = logits.sum(axis=1)
    probabilities = bool((logits >= 0.0).all() and (np.abs(sums - 1.0) <= _NEAR_ONE).all())
    if probabilities:
        with np.errstate(divide="ignore"):
            logits = np.log(logits)
    return Rows(logits, labels, names, probabilities, named)


def _numbers(sheet: Sheet, place: int) -> Floats:
    """Return a column as numbers, some of which may be -inf."""
    cells = sheet.columns[place]
    if isinstance(cells, np.ndarray) and cells.dtype.kind in "fiu":
        values = cells.astype(np.float64)
        bad = ~((np.abs(values) <= _LARGEST) | np.isneginf(values))
        if bad.any():
            row = int(np.argmax(bad))
            reason = Reason.TOO_LARGE if np.isfinite(values[row]) else Reason.NOT_FINITE
            raise BadCell(reason, sheet.lines[row], place + 1, str(cells[row]))
        return values
    written = [str(cell) for cell in cells]
    problems: list[BadCell] = []
    for marks in (sheet.marks,) if sheet.marks else (POINT, COMMA):
        found = quick(written, marks)
        if found is not None and (np.abs(found) <= _LARGEST).all():
            return found
        ruled_out = np.array([cell.lower() in _RULED_OUT for cell in written])
        values = np.array(
            [-np.inf if out else to_float(cell, marks) for cell, out in zip(written, ruled_out, strict=True)]
        )
        bad = ~(ruled_out | (np.abs(values) <= _LARGEST))
        if not bad.any():
            return values
        row = int(np.argmax(bad))
        reason = wrong(written[row], marks) or Reason.TOO_LARGE
        problems.append(BadCell(reason, sheet.lines[row], place + 1, written[row]))
    raise problems[0]


def _labels(
    sheet: Sheet, place: int, names: tuple[str, ...]
) -> tuple[NDArray[np.intp], tuple[str, ...], bool]:
    """Return labels as indices, the names of the classes, and whether the labels were names."""
    cells = sheet.columns[place]
    written = [str(cell) for cell in (cells.tolist() if isinstance(cells, np.ndarray) else cells)]
    different = set(written)
    # Of logit_cat and logit_dog the classes are called cat and dog.
    parts = [re.split("[_. -]", name, maxsplit=1) for name in names]
    alike = len({part[0] for part in parts}) == 1 and all(len(part) == 2 for part in parts)
    short = tuple(part[1] for part in parts) if alike else names
    # Under the first of these by which most labels are classes.
    readings = [
        {name: i for i, name in enumerate(known) if name and known.count(name) == 1}
        for known in (names, short)
    ]
    readings.append({cell: i for cell in different if (i := _index(cell)) is not None and i < len(names)})
    found = max(readings, key=lambda reading: sum(cell in reading for cell in different))
    bad = different - found.keys()
    if bad:
        row = next(row for row, cell in enumerate(written) if cell in bad)
        reason = Reason.TWICE if written[row] in (*names, *short) else Reason.LABEL
        raise BadCell(reason, sheet.lines[row], place + 1, written[row])
    named = found is not readings[-1]
    labels = np.array([found[cell] for cell in written], dtype=np.intp)
    return labels, names if found is readings[0] and named else short if all(short) else (), named
