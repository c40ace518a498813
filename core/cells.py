"""What one cell of a person's text says: a number, nothing, a name, or something else; and what is wrong.

Nothing here guesses. A number is a number under given `Marks` (its decimal mark and what groups its
thousands) or it is none; that a text may be meant under other marks is for `core.lists` and `core.tables`
to find out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import numpy as np

from core._checks import Floats

__all__ = ["LARGEST", "MISSING", "BadCell", "Kind", "Marks", "Reason", "kind_of", "read_cells", "visible"]

LARGEST = 1e100
"""Largest magnitude: squares of numbers up to here, and sums of a million of those, fit a float64."""

_LONGEST_CELL = 60

MISSING = frozenset(["", "na", "nan", "n/a", "#n/a", "<na>", "null", "none", "nat", "-", ".", "–", "—", "…"])
"""What stands in a cell of a table for a value that is missing, in small letters."""

# What people's programs write in place of ASCII: full-width forms and the real minus sign.
_TO_ASCII = {
    **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
    **dict(zip("\uff0b\uff0d\uff0e\uff0c\uff1b\u2212", "+-.,;-", strict=True)),
    "\u3000": " ",
}
# Spaces of a fixed width, which may group the digits of one number: no-break, thin, figure, narrow...
_FIXED = dict.fromkeys(["\u00a0", "\u1680", *map(chr, range(0x2000, 0x200B)), "\u202f", "\u205f"], "\u00a0")
# What Python takes for a space or for the end of a line, and people do not see.
_BREAKS = dict.fromkeys("\v\f\x85\u2028\u2029", " ")
# Other controls are in no text; Python splits at some of them.
_CONTROLS = dict.fromkeys(
    [chr(code) for code in (*range(9), *range(14, 32), *range(127, 160)) if code != 0x85], "\ufffd"
)
_CLEAN = str.maketrans({**_CONTROLS, **_BREAKS, **_FIXED, **_TO_ASCII})
_DIRTY = re.compile("[" + re.escape("".join(map(chr, _CLEAN))) + "]")
# What spreadsheets write above a table to say what separates its cells; the line is left, and blank.
_SEPARATOR_NAMED = re.compile(r'\A"?sep=[^\n]"?[ \t]*(?=\n)', re.IGNORECASE)

_ERRORS = frozenset(
    ["#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "true", "false", "inf", "infinity", "∞"]
)
# Before digits these make an amount, not the name of a column as in x1.
_BEFORE_AN_AMOUNT = frozenset(
    (
        *("ca", "circa", "about", "approx", "around", "no", "nr", "약", "대략", "约", "約", "키", "제"),
        *("eur", "usd", "gbp", "krw", "jpy", "cny", "chf", "원"),
        *("cm", "mm", "km", "kg", "mg", "lb", "lbs", "ft"),
    )
)
_LOOKS_LIKE_A_NUMBER = re.compile(r"(?<!\w)[lIoO]*\d[\dlIoO]*(?!\w)")
# A digit that follows no letter, one that is raised above none, and marks beside digits that no name has.
_FREE_DIGIT = re.compile(r"(?<!\w)_*\d|\d[^\w\s()\[\]]+\d|(?<![^\W\d_])[¹²³]")
_NO_NAME_BESIDE_DIGITS = re.compile(r"[^\w\s()\[\]./%-]")
_LETTERS_THEN_DIGITS = re.compile(r"([^\W\d_]+)\W*\d.*")
_NUMERALS = re.compile("[영공일이삼사오육륙칠팔구십백천만억조]{2,}")
_NUMBER_IN_ANY_MARKS = re.compile(r"[+-]?[.,]?\d[\d.,'\N{RIGHT SINGLE QUOTATION MARK}]*(?:[eE][+-]?\d+)?")


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
    # It can be read in two ways:
    MARKS = "marks"  # a mark may separate numbers, or their decimals, or thousands
    NUMBERED = "numbered"  # the first number of each line may only count the lines
    TABLE = "table"  # there are several columns of numbers
    HEADER = "header"  # the first line may be names, or hold a number that is not understood
    # The lines do not make a table:
    RAGGED = "ragged"
    TITLE = "title"
    # It holds no logits and labels:
    LABEL = "label"  # a label is no class
    TWICE = "twice"  # a label is the name of several columns
    RULED_OUT = "ruled_out"  # a row leaves no class
    ARRAYS = "arrays"  # there are no such columns or arrays
    TOO_BIG = "too_big"  # arrays of too many numbers


WAYS = frozenset((Reason.MARKS, Reason.NUMBERED, Reason.TABLE, Reason.HEADER))
"""Reasons that leave a choice: the text can be read in more than one way."""


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
        return f"Row {self.row}, column {self.column} holds '{visible(self.cell)}': {self.reason}."


class Kind(StrEnum):
    """What a cell of a first line is, by its form."""

    NUMBER = "number"
    MISSING = "missing"
    EMPTY = "empty"
    NAME = "name"
    MARK = "mark"  # neither letters nor digits
    DOUBT = "doubt"  # digits, and more than a number


class Marks(NamedTuple):
    """How numbers are written: the decimal mark, and what groups the digits before it ("" for nothing)."""

    decimal: str = "."
    thousands: str = ""


POINT, COMMA = Marks(".", ""), Marks(",", "")
GROUPED = (
    Marks(".", ","), Marks(",", "."), Marks(".", " "), Marks(",", " "), Marks(".", "'"), Marks(",", "'"),
)  # fmt: skip
"""Marks that group thousands. They are offered, and never assumed."""


def clean(text: str) -> str:
    """Take away the byte order mark, make line ends one kind, and common look-alikes ASCII.

    A first line ``sep=;`` becomes a blank one. Spaces of fixed width become one kind (U+00A0), because they
    may group the digits of a number; control characters, which Python would split at, become U+FFFD.
    """
    text = text.lstrip("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _SEPARATOR_NAMED.sub("", text)
    return (
        text if (text.isascii() and text.isprintable()) or not _DIRTY.search(text) else text.translate(_CLEAN)
    )


def visible(cell: str) -> str:
    """Return a cell with every mark that cannot be seen written as its code.

    Examples
    --------
    >>> visible("172\u200b"), visible("키 172")
    ('172⟨U+200B⟩', '키 172')
    """
    return "".join(
        f"⟨U+{ord(c):04X}⟩" if c != " " and unicodedata.category(c) in ("Cf", "Cc", "Cn", "Co", "Zs") else c
        for c in cell
    )


@cache
def pattern(marks: Marks) -> re.Pattern[str]:
    """Return what a number looks like under given marks: every digit group complete, ASCII digits only."""
    whole = "[0-9]+"
    if marks.thousands:
        mark = {" ": "[ \u00a0]", "'": "['\u2019]"}.get(marks.thousands, re.escape(marks.thousands))
        # No 0 in front: 0,172 is not grouped. Up to 10^15, which no list of three-digit numbers is taken for.
        whole = f"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}}){{1,4}}|[0-9]{{1,3}}"
        if marks == GROUPED[0]:  # 12,34,567: in India groups of two follow the last of three
            whole += "|[1-9][0-9]?(?:,[0-9]{2}){1,5},[0-9]{3}"
        whole = f"(?:{whole})"
    if marks.decimal == ",":  # 5. and .5 are numbers; 5, and ,5 are one beside a separator
        return re.compile(rf"[+-]?{whole}(?:,[0-9]+)?(?:[eE][+-]?[0-9]+)?")
    return re.compile(rf"[+-]?(?:{whole}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def to_float(cell: str, marks: Marks) -> float:
    """Return the number in a cell, or nan where it is none under these marks."""
    if not pattern(marks).fullmatch(cell):
        return np.nan
    if marks.thousands:
        for mark in {" ": " \u00a0", "'": "'\u2019"}.get(marks.thousands, marks.thousands):
            cell = cell.replace(mark, "")
    return float(cell.replace(",", ".") if marks.decimal == "," else cell)


def wrong(cell: str, marks: Marks) -> Reason | None:
    """Return why a cell holds no number that can be used, or None where it does."""
    if not cell:
        return Reason.EMPTY
    number = to_float(cell, marks)
    if abs(number) <= LARGEST:
        return None
    if number == number:
        return Reason.TOO_LARGE if abs(number) < np.inf else Reason.NOT_FINITE
    if cell.lower().lstrip("+-") in ("inf", "infinity", "nan"):
        return Reason.NOT_FINITE
    others = (POINT, COMMA, *GROUPED)
    return Reason.MARKS if any(pattern(other).fullmatch(cell) for other in others) else Reason.NOT_A_NUMBER


def quick(cells: Sequence[str], marks: Marks) -> Floats | None:
    """Read cells in which nothing is wrong and nothing missing, or return None.

    One string for all, because a search in it costs less than a search in every cell.
    """
    together = "\n".join(cells)
    if marks.thousands or "_" in together or not together.isascii():
        return None
    if marks.decimal == ",":
        if "." in together:
            return None
        cells = together.replace(",", ".").split("\n")
    try:
        values = np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))
    except ValueError:
        return None
    # A nan fails this too.
    return values if values.size == 0 or np.abs(values).max() <= LARGEST else None


def read_cells(cells: Sequence[str], marks: Marks, *, missing: bool = True) -> tuple[Floats, int, int | None]:
    """Read the numbers of cells: they, how many are missing, and the place of the first that is neither.

    Parameters
    ----------
    cells : sequence of str
        The cells, without blanks around them.
    marks : Marks
        How the numbers are written.
    missing : bool
        Whether cells such as ``""`` and ``"NA"`` stand for a missing value.

    Returns
    -------
    tuple of ndarray, int and int or None

    Examples
    --------
    >>> read_cells(["172,5", "NA", "168"], Marks(","))
    (array([172.5, 168. ]), 1, None)
    >>> read_cells(["172", "17O"], Marks())[2]
    1
    """
    values = quick(cells, marks)
    if values is not None:
        return values, 0, None
    kept = [cell for cell in cells if cell.lower() not in MISSING] if missing else list(cells)
    left_out = len(cells) - len(kept)
    values = quick(kept, marks) if left_out else None
    if values is None:
        values = np.array([to_float(cell, marks) for cell in kept], dtype=np.float64)
        if not (np.abs(values) <= LARGEST).all():
            bad = (
                place
                for place, cell in enumerate(cells)
                if not (missing and cell.lower() in MISSING) and wrong(cell, marks)
            )
            return values[:0], left_out, next(bad)
    return values, left_out, None


def fits(cells: Iterable[str], marks: Marks) -> bool:
    """Tell whether every cell is a number under these marks, or missing."""
    matches = pattern(marks).fullmatch
    return all(matches(cell) or cell.lower() in MISSING for cell in cells)


def kind_of(cell: str) -> Kind:
    """Return what a cell of a first line is.

    A name holds a letter, and digits at most behind letters, as in ``x1``: where a digit stands alone, a
    number may be hidden, and what hides a number is no name. An amount (``EUR172``), a look-alike (``l72``),
    a numeral (``백칠십이``) and a spreadsheet's error are none either.

    Examples
    --------
    >>> [str(kind_of(cell)) for cell in ("172", "height (cm)", "x1", "~172", "(5)", "ca. 172", "#", "NA", "")]
    ['number', 'name', 'name', 'doubt', 'doubt', 'doubt', 'mark', 'missing', 'empty']
    """
    cell = "".join(c for c in cell if unicodedata.category(c) != "Cf").strip().strip("\"'").strip()
    if not cell:
        return Kind.EMPTY
    small = cell.lower()
    if _NUMBER_IN_ANY_MARKS.fullmatch(cell):
        return Kind.NUMBER
    if small in MISSING:
        return Kind.MISSING
    if small in _ERRORS or small.lstrip("+-") in ("inf", "infinity", "nan"):
        return Kind.DOUBT
    if any(c.isnumeric() and not c.isdecimal() and c not in "¹²³" for c in cell) or _NUMERALS.fullmatch(cell):
        return Kind.DOUBT
    if _FREE_DIGIT.search(cell) or _LOOKS_LIKE_A_NUMBER.search(cell):
        return Kind.DOUBT
    if any(map(str.isdecimal, cell)) and _NO_NAME_BESIDE_DIGITS.search(cell):
        return Kind.DOUBT
    amount = _LETTERS_THEN_DIGITS.fullmatch(cell)
    if amount and amount[1].lower() in _BEFORE_AN_AMOUNT:
        return Kind.DOUBT
    return Kind.NAME if any(c.isalpha() for c in cell) else Kind.MARK


def is_header(cells: Iterable[str]) -> bool:
    """Tell whether the cells of a line are names: one at least, and none that may hold a number."""
    cells = list(cells)
    # A name that stands alone and ends like a measurement may be one: x172 above 168.
    if len(cells) == 1 and re.search(r"\d{3}\W*$", cells[0]):
        return False
    kinds = set(map(kind_of, cells))
    return Kind.NAME in kinds and kinds <= {Kind.NAME, Kind.MARK, Kind.EMPTY}
