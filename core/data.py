"""Numbers that a person pastes or uploads: text in, float64 out, or the one cell that is wrong, named by row.

Nothing here speaks a language: a `BadCell` carries the place, the content and a reason, for a page to word.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, zip_longest

import numpy as np

from core._checks import Floats, count

__all__ = [
    "LARGEST",
    "MAX_NUMBERS",
    "BadCell",
    "Column",
    "Reason",
    "csv_columns",
    "decimal_mark",
    "parse_numbers",
]

MAX_NUMBERS = 1_000_000
"""How many numbers are read unless the caller says otherwise."""

LARGEST = 1e100
"""Largest magnitude: squares of numbers up to here, and sums of a million of those, fit a float64."""

_SMALLEST_SPREAD = 1e-100
_LONGEST_CELL = 60

# How many cells decide whether a column holds numbers.
_TELLING_CELLS = 1000

# What people's programs write in place of ASCII: full-width forms, the real minus sign, fixed spaces.
_TO_ASCII = str.maketrans(
    {
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        **dict(zip("\uff0b\uff0d\uff0e\uff0c\uff1b\u2212", "+-.,;-", strict=True)),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000", " "),
    }
)
_STARTS_A_NUMBER = re.compile(r"[+-]?[.,]?\d")
_COMMA_BETWEEN_NAMES = re.compile(r",\S")
_POINT_IN_A_NUMBER = re.compile(r"\d\.|\.\d")
_COMMA_OUTSIDE_A_NUMBER = re.compile(r"(?<!\d),|,(?!\d)")
_MISSING = frozenset({"nan", "inf", "infinity", "na", "n/a", "#n/a", "null", "none", "-", ""})


class Reason(StrEnum):
    """Why numbers could not be read."""

    NOT_A_NUMBER = "not_a_number"
    NOT_FINITE = "not_finite"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    TOO_FEW = "too_few"
    NO_SPREAD = "no_spread"
    UNREADABLE = "unreadable"


class BadCell(ValueError):  # noqa: N818 (named for what it shows)
    """The first thing in a text that keeps it from being a sample of numbers.

    Attributes
    ----------
    reason : Reason
        What is wrong; a string such as ``"not_a_number"``.
    row, column : int or None
        Where, both from 1: the line of the text, and the cell in it. None where the whole text is meant
        (``"too_few"`` and ``"no_spread"``).
    cell : str
        The content of the cell, at most 60 characters of it.
    """

    def __init__(
        self, reason: Reason, row: int | None = None, column: int | None = None, cell: str = ""
    ) -> None:
        self.reason = reason
        self.row = row
        self.column = column
        self.cell = cell if len(cell) <= _LONGEST_CELL else cell[: _LONGEST_CELL - 1] + "…"
        super().__init__(reason, row, column, self.cell)

    def __str__(self) -> str:
        """Give one plain sentence."""
        if self.row is None:
            return f"The data cannot be used: {self.reason}."
        return f"Row {self.row}, column {self.column} holds {self.cell!r}: {self.reason}."


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table that holds numbers, or would but for one cell.

    Attributes
    ----------
    index : int
        Which column of the table, from 1.
    name : str
        Its header; empty where the table has none.
    values : ndarray or None
        The numbers; None where there is a problem.
    problem : BadCell or None
        Why there are none.
    """

    index: int
    name: str
    values: Floats | None
    problem: BadCell | None


def parse_numbers(text: str, *, limit: int = MAX_NUMBERS) -> Floats:
    r"""Read all numbers of a pasted text.

    Numbers may be separated by commas, semicolons, tabs, spaces and new lines in any mixture. The first line
    is skipped where it is a header: no cell in it begins like a number, and another line follows. A byte
    order mark, Windows line ends, the real minus sign and full-width digits are understood. The decimal mark
    is found by `decimal_mark`. Thousands separators are not understood: the comma in 1,234.5 separates the
    numbers 1 and 234.5. A separator at the end of a line is no empty cell.

    Parameters
    ----------
    text : str
        The text.
    limit : int
        How many numbers are allowed, at least 2.

    Returns
    -------
    ndarray, shape (n,)
        At least two finite numbers that are not all equal, in the order of the text.

    Raises
    ------
    BadCell
        (a ValueError) For the first cell that is empty, no number, not finite, larger than 1e100 or one too
        many; and where there are fewer than two numbers or all are equal (or closer than 1e-100).
    ValueError
        Where limit is not a whole number of at least 2.

    References
    ----------
    RFC 4180, "Common Format and MIME Type for CSV Files", 2005 (line ends, header line).

    Examples
    --------
    >>> parse_numbers("height (cm)\n172.5, 168; −3e0\t180\n")
    array([172.5, 168. ,  -3. , 180. ])
    >>> parse_numbers("172,5\n168,25")
    array([172.5 , 168.25])
    >>> parse_numbers("172\n17O\n168")
    Traceback (most recent call last):
    core.data.BadCell: Row 2, column 1 holds '17O': not_a_number.
    """
    count("limit", limit, at_least=2)
    clean = _clean(text)
    header, body = _split_header(clean)
    comma_is_decimal = _comma_is_decimal(header, body)
    values = _read_fast(body, comma_is_decimal, limit)
    if values is None:
        # Something is wrong somewhere: read again, cell by cell, up to the first that is.
        first_row = 1 + header.count("\n")
        values = _read_cells(_cells(body, comma_is_decimal, first_row), comma_is_decimal, limit)
    return _checked(values)


def decimal_mark(text: str) -> str:
    r"""Say whether `parse_numbers` takes the comma of a text for a decimal mark or for a separator.

    It is a decimal mark where no number has a decimal point, every comma stands between the digits of a
    number of its own, the numbers are separated by semicolons or stand one to a line, and no header names
    several columns. A page can show the answer, because ``1,4`` and ``5,6`` on two lines may also be meant as
    four numbers.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str
        ``","`` or ``"."``.

    References
    ----------
    ISO 80000-1:2022, section 7.2.2 (the comma and the point are both decimal signs).

    Examples
    --------
    >>> decimal_mark("172,5; 168"), decimal_mark("172, 168"), decimal_mark("172.5,168.0\n170,169")
    (',', '.', '.')
    """
    return "," if _comma_is_decimal(*_split_header(_clean(text))) else "."


def csv_columns(text: str, *, limit: int = MAX_NUMBERS) -> list[Column]:
    r"""Find the columns of a table that hold numbers.

    The cells are separated by tabs, semicolons, commas or spaces, whichever of these comes first in this list
    and occurs in the first line. Cells may be quoted. The first line is a header where no cell in it begins
    like a number and another line follows. Where cells are not separated by commas, a column may write its
    decimals with a comma throughout. Blank lines are skipped.

    Parameters
    ----------
    text : str
        The table.
    limit : int
        How many lines of numbers are allowed, at least 2.

    Returns
    -------
    list of Column
        Every column in which at least half of the cells begin like a number (of the first thousand that are
        not empty). One that cannot be used says why in ``problem``, with the line in the text, and does not
        keep the others from being used. An empty list where there is no such column.

    Raises
    ------
    BadCell
        (a ValueError) Where the table has too many lines or cannot be taken apart, such as for a quotation
        mark that is never closed.
    ValueError
        Where limit is not a whole number of at least 2.

    References
    ----------
    RFC 4180, "Common Format and MIME Type for CSV Files", 2005.

    Examples
    --------
    >>> table = "name;height;shoe\nKim;172,5;270\nLee;168,0;\nPark;180,1;285\n"
    >>> height, shoe = csv_columns(table)
    >>> height.name, height.values
    ('height', array([172.5, 168. , 180.1]))
    >>> shoe.name, str(shoe.problem)
    ('shoe', "Row 3, column 3 holds '': empty.")
    """
    count("limit", limit, at_least=2)
    clean = _clean(text)
    delimiter = _delimiter(clean)
    try:
        lines, table = _table(clean, delimiter)
    except csv.Error:
        raise BadCell(Reason.UNREADABLE, clean[: clean.find('"')].count("\n") + 1, 1, '"') from None
    names = [""] * len(table)
    if len(lines) > 1 and _is_header(column[0] for column in table):
        names = [column[0].strip() for column in table]
        lines, table = lines[1:], [column[1:] for column in table]
    if len(lines) > limit:
        raise BadCell(Reason.TOO_MANY, lines[limit], 1, table[0][limit])
    columns = (
        _read_column(column, index, name, lines, delimiter != ",")
        for index, (name, column) in enumerate(zip(names, table, strict=True), 1)
    )
    return [column for column in columns if column is not None]


# Private helpers -------------------------------------------------------------------------------------------


def _clean(text: str) -> str:
    """Take away the byte order mark, make line ends one kind, and common look-alikes ASCII."""
    # A null is in no text; here it separates cells, so it must not come from outside.
    text = text.removeprefix("\ufeff").replace("\0", "\ufffd")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() else text.translate(_TO_ASCII)


def _is_header(cells: Iterable[str]) -> bool:
    """Tell whether no cell begins like a number or stands for a missing one."""
    stripped = [cell.strip() for cell in cells]
    return any(stripped) and not any(
        _STARTS_A_NUMBER.match(cell) or (cell and cell.lower().lstrip("+-") in _MISSING) for cell in stripped
    )


def _split_header(text: str) -> tuple[str, str]:
    """Cut the text after its first line that is not blank, where that is a header; blank lines go with it."""
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start)
    if end < 0 or text.isspace() or not text[end:].strip():
        return "", text
    if _is_header(re.split(r"[,;\s]+", text[start:end])):
        return text[: end + 1], text[end + 1 :]
    return "", text


def _comma_is_decimal(header: str, body: str) -> bool:
    """Tell whether every comma is the decimal mark of a number of its own."""
    if "," not in body or ("." in body and _POINT_IN_A_NUMBER.search(body)):
        return False
    # In a header "a,b" separates two names, "height, cm" is one.
    if _COMMA_BETWEEN_NAMES.search(header) or _COMMA_OUTSIDE_A_NUMBER.search(body):
        return False
    tokens = body.replace(";", " ").split()
    if ";" not in body:
        lines = sum(map(bool, map(str.strip, body.split("\n"))))
        if lines < 2 or len(tokens) > lines:
            return False
    return all(token.count(",") < 2 for token in tokens)


def _has_empty_cell(body: str, separators: str) -> bool:
    """Tell whether two separators, or a line's start and a separator, have nothing between them."""
    # Plain searches: a regular expression takes longer than reading all the numbers does.
    dense = "\n" + body.replace(" ", "").replace("\t", "")
    return any(left + right in dense for left in separators + "\n" for right in separators)


def _read_fast(body: str, comma_is_decimal: bool, limit: int) -> Floats | None:
    """Read a text in which nothing is wrong, or return None."""
    separators = ";" if comma_is_decimal else ",;"
    if "_" in body or (("," in body or ";" in body) and _has_empty_cell(body, separators)):
        return None
    tokens = body.replace(",", "." if comma_is_decimal else " ").replace(";", " ").split()
    return _to_floats(tokens) if len(tokens) <= limit else None


def _to_floats(tokens: Iterable[str]) -> Floats | None:
    """Convert all, or return None where one of them is no number of an allowed size."""
    try:
        values = np.fromiter(map(float, tokens), dtype=np.float64)
    except ValueError:
        return None
    # A nan fails this too.
    return values if values.size == 0 or np.abs(values).max() <= LARGEST else None


def _cells(body: str, comma_is_decimal: bool, first_row: int) -> Iterator[tuple[int, int, str]]:
    """Yield row, column and content of every cell of a pasted text, empty ones included."""
    separator = re.compile(";" if comma_is_decimal else "[,;]")
    for row, line in enumerate(body.split("\n"), first_row):
        column = 0
        parts = separator.split(line)
        if not parts[-1].strip():
            parts.pop()
        for part in parts:
            for cell in part.split() or [""]:
                column += 1
                yield row, column, cell


def _read_cells(cells: Iterable[tuple[int, int, str]], comma_is_decimal: bool, limit: int) -> Floats:
    """Read cell by cell and raise at the first that is wrong."""
    values: list[float] = []
    for row, column, cell in cells:
        if len(values) == limit:
            raise BadCell(Reason.TOO_MANY, row, column, cell)
        number, reason = _read_cell(cell, comma_is_decimal)
        if reason is not None:
            raise BadCell(reason, row, column, cell)
        values.append(number)
    return np.array(values)


def _read_cell(cell: str, comma_is_decimal: bool) -> tuple[float, Reason | None]:
    """Read one cell; give the number and None, or 0 and what is wrong."""
    if not cell:
        return 0.0, Reason.EMPTY
    # Python alone reads 1_000; and where the comma is the decimal mark, a point would be for thousands.
    if "_" in cell or (comma_is_decimal and "." in cell):
        return 0.0, Reason.NOT_A_NUMBER
    try:
        number = float(cell.replace(",", ".") if comma_is_decimal else cell)
    except ValueError:
        return 0.0, Reason.NOT_A_NUMBER
    if not abs(number) <= LARGEST:
        return 0.0, Reason.TOO_LARGE if LARGEST < abs(number) < np.inf else Reason.NOT_FINITE
    return number, None


def _checked(values: Floats) -> Floats:
    """Return the values, or raise where they are no sample that a model can be fitted to."""
    if values.size < 2:
        raise BadCell(Reason.TOO_FEW)
    if values.max() - values.min() <= _SMALLEST_SPREAD:
        raise BadCell(Reason.NO_SPREAD)
    return values


def _delimiter(text: str) -> str:
    """Find what separates the cells: a tab, semicolon, comma or space; a new line for a single column."""
    first = text.lstrip().split("\n", 1)[0]
    for delimiter in "\t;":
        if delimiter in first:
            return delimiter
    if "," in first:
        return "\n" if _comma_is_decimal(*_split_header(text)) else ","
    # A header of several words does not make several columns: the last line decides.
    return " " if len(text.rstrip().rsplit("\n", 1)[-1].split()) > 1 else "\n"


def _table(text: str, delimiter: str) -> tuple[list[int], list[Sequence[str]]]:
    """Give the line number of every row that is not blank, and the columns, the header still in them."""
    if '"' in text and delimiter in "\t;,":
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
        starts, rows, end = [], [], 0
        for cells in reader:
            if any(cells):
                starts.append(end + 1)
                rows.append(cells)
            end = reader.line_num
        return starts, list(zip_longest(*rows, fillvalue=""))
    blank = " \t" + delimiter
    kept = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip(blank)]
    numbers, rest = [number for number, _ in kept], [line for _, line in kept]
    if delimiter == "\n":
        return numbers, [rest]
    if delimiter == " ":
        rest = [" ".join(line.split()) for line in rest]
    if len({line.count(delimiter) for line in rest}) != 1:
        return numbers, list(zip_longest(*(line.split(delimiter) for line in rest), fillvalue=""))
    # Every row has as many cells: cut the whole text at once, which spares a list for each of a million rows.
    width = rest[0].count(delimiter) + 1
    flat = delimiter.join(rest).split(delimiter)
    return numbers, [flat[column::width] for column in range(width)]


def _read_column(
    cells: Sequence[str], index: int, name: str, lines: list[int], comma_may_be_decimal: bool
) -> Column | None:
    """Read one column of a table, or return None where it does not hold numbers."""
    try:
        # One string for the whole column, because a search in it costs less than a search in every cell.
        together = "\0".join(cells)
        decimal_comma = comma_may_be_decimal and "," in together
        values = None
        if "_" not in together and not (decimal_comma and "." in together):
            values = _to_floats((together.replace(",", ".") if decimal_comma else together).split("\0"))
        if values is None:
            stripped = [cell.strip() for cell in cells]
            filled = list(islice(filter(None, stripped), _TELLING_CELLS))
            if 2 * sum(map(bool, map(_STARTS_A_NUMBER.match, filled))) < max(len(filled), 1):
                return None
            places = ((line, index, cell) for line, cell in zip(lines, stripped, strict=True))
            values = _read_cells(places, decimal_comma, len(cells))
        return Column(index, name, _checked(values), None)
    except BadCell as problem:
        return Column(index, name, None, problem)
