"""Tables that people bring: how a text may be meant, and what it holds when it is meant so.

A `Reading` says how a text is taken apart: what separates the cells, how numbers are written, which lines
stand above them. `understand` lists the readings of a text, the likeliest first, and says what is in doubt;
`read` reads by one of them, through pandas, and shows the first rows as understood. pandas takes the cells
apart and nothing more: it would make a short row longer and a first column an index, and say nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from core import lists, torn
from core._checks import Floats
from core.cells import (
    COMMA,
    GROUPED,
    MISSING,
    POINT,
    BadCell,
    Kind,
    Marks,
    Reason,
    clean,
    fits,
    is_header,
    kind_of,
    read_cells,
    wrong,
)

__all__ = [
    "ANY",
    "DELIMITERS",
    "ENCODINGS",
    "INDEX_NAMES",
    "MAX_COLUMNS",
    "MAX_NUMBERS",
    "MISSING",
    "Column",
    "Reading",
    "Table",
    "Understood",
    "checked",
    "decoded",
    "find_table",
    "likeliest",
    "read",
    "split",
    "understand",
]

MAX_NUMBERS = 1_000_000
"""How many numbers are read unless the caller says otherwise."""

MAX_COLUMNS = 2000
SHOWN = 6  # rows that a table shows of itself
ANY, ONE = "any", "\n"
DELIMITERS = ("\t", ";", "|", ",", " ", ONE, ANY)
"""What may separate cells; a new line for a single column, and ``ANY`` for a list with any separators."""

_SMALLEST_SPREAD = 1e-100
_TELLING_CELLS = 1000  # so many decide whether a column holds numbers
_LONG = 100_000
_HEAD = 200  # so many lines decide how a text may be meant, where all would take too long
_HAS_DIGIT_IN_FRONT = re.compile(r"[^\w\s]{0,2}\d")
_TORN_SIGN = re.compile(r"(?:^|[ \n,])((?:[^\w\s\"]+|-[^\W\d_]{1,4}) +[+-]?[.,]?\d\S*)", re.MULTILINE)
_SHORT_GROUP = re.compile(r"[+-]?\d{1,2} \d{3}")


# What a text may mean --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """One way to read a text.

    Attributes
    ----------
    delimiter : str
        One of ``DELIMITERS``.
    marks : Marks or None
        How numbers are written; None leaves it to each column where only one way fits.
    skip : int
        Lines above the header that are left out (blank ones do not count).
    header : int
        Lines of names: 0, 1, or 2 where the second holds units.
    row_names : bool
        Whether the first column has no name in the header, which is one shorter.
    """

    delimiter: str
    marks: Marks | None = None
    skip: int = 0
    header: int = 0
    row_names: bool = False


@dataclass(frozen=True)
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
    missing : int
        How many cells stand for a missing value, and are left out.
    marks : tuple of Marks
        How its numbers are written; several where more than one way fits and they differ.
    """

    index: int
    name: str
    values: Floats | None
    problem: BadCell | None
    missing: int = 0
    marks: tuple[Marks, ...] = (POINT,)


@dataclass(frozen=True)
class Table:
    """A text as it was read.

    Attributes
    ----------
    reading : Reading
        How.
    names : tuple of str
        The header; empty names where there is none.
    length : int
        Number of rows below the header; 0 for a list that cannot be read to its end.
    lines : tuple of int
        Line numbers of the first rows.
    rows : tuple of tuple of str
        The first rows, cell by cell.
    columns : tuple of Column
        The columns that hold numbers.
    """

    reading: Reading
    names: tuple[str, ...]
    length: int
    lines: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Understood:
    """How a text may be meant.

    Attributes
    ----------
    readings : tuple of Reading
        At least one, the likeliest first.
    doubt : BadCell or None
        What cannot be told without the person who brought the text.
    """

    readings: tuple[Reading, ...]
    doubt: BadCell | None


def understand(text: str, *, pasted: bool = False) -> Understood:
    r"""Find the ways in which a text of numbers may be meant.

    Parameters
    ----------
    text : str
        The text.
    pasted : bool
        Whether it was typed or pasted: then it is first of all a list, where a file is first of all a table.

    Returns
    -------
    Understood

    Examples
    --------
    >>> understand("172, 168, 175", pasted=True).readings[0].delimiter
    'any'
    >>> found = understand("172,5\n168,2", pasted=True)
    >>> str(found.doubt.reason), [(r.delimiter, r.marks.decimal) for r in found.readings if r.marks]
    ('marks', [('any', ','), ('any', '.')])
    """
    plain = clean(text)
    header, body = lists.split_header(plain)
    uncertain = lists.doubt(header, body)
    listed = Reading(ANY, POINT, 0, 1 if header else 0)
    if pasted and uncertain is None:
        listed = replace(listed, marks=lists.certain(body))
        if _usable(plain, listed):
            return Understood((listed,), None)
    # How a list may be meant is seen from its beginning; whether a table is in order, at its end.
    try:
        tables, doubt = find_table(_head(plain) if pasted else plain)
    except BadCell as bad:
        tables, doubt = [Reading(",")], bad
    others = [replace(listed, marks=marks) for marks in lists.doubted(_head(body))]
    if pasted and uncertain is not None and uncertain.reason == Reason.MARKS:
        # A comma inside a number is what people mean more often than one between two.
        others.sort(key=lambda reading: reading.marks == POINT)
        found = _different(plain, [*others, *tables])
        if found:
            return Understood(tuple(found), uncertain)
    if uncertain is None and len(plain.strip().split("\n", 1)) == 1 and doubt is None:
        listed = replace(listed, marks=lists.certain(body))
        if pasted or _usable(plain, listed):
            return Understood((listed,), None)  # one line alone is no table, right or wrong
    if tables and doubt is None:
        tables, doubt = _with_a_doubtful_header(plain, tables)
    if tables and (doubt is not None or _usable(plain, tables[0])):
        # A table with names is what it looks like; lines of several numbers may be a list.
        if pasted and uncertain is not None and not tables[0].header:
            doubt = doubt or uncertain
        found = _different(plain, [*tables, *others]) if doubt is not None else []
        return Understood(tuple(found or tables[:1]), doubt)
    if uncertain is None and _usable(plain, certainly := replace(listed, marks=lists.certain(body))):
        return Understood((certainly, *tables), None)
    return Understood((listed,) if pasted or not tables else (*tables, listed), None)


def _with_a_doubtful_header(plain: str, tables: list[Reading]) -> tuple[list[Reading], BadCell | None]:
    """Ask whether a first line is names where it says numbers in words, as in week 1, week 2."""
    grid = _Grid(_without_hash(plain), tables[0].delimiter)
    if tables[0].header or len(grid.widths) < 3:
        return tables, None
    kinds = [set(map(kind_of, grid.cells(row))) for row in (0, 1)]
    if Kind.DOUBT not in kinds[0] or Kind.NUMBER in kinds[0] or Kind.NUMBER not in kinds[1]:
        return tables, None
    doubt = BadCell(Reason.HEADER, grid.lines[0], 1, grid.text_of(0))
    return [replace(tables[0], header=1), *tables], doubt


def _different(plain: str, readings: Sequence[Reading]) -> list[Reading]:
    """Return the readings that can be used and give other numbers than those before them."""
    found: dict[tuple[object, ...], Reading] = {}
    for reading in readings:
        if _usable(plain, reading):
            columns = read(_head(plain), reading, few=True).columns
            numbers = tuple(
                repr(column.problem) if column.values is None else column.values.tobytes()
                for column in columns
            )
            found.setdefault(numbers, reading)
    certain = [
        reading for numbers, reading in found.items() if any(isinstance(one, bytes) for one in numbers)
    ]
    return certain or list(found.values())


def _head(plain: str) -> str:
    """Return the first lines of a text, or the beginning of a long one."""
    head = "\n".join(islice(lists.lines(plain), _HEAD))
    return (
        head
        if len(head) < _LONG
        else head[: head.rfind("\n", 0, _LONG)]
        if "\n" in head[:_LONG]
        else _cut(head)
    )


def _cut(line: str) -> str:
    """Return the beginning of a long line, up to a separator."""
    return re.sub(r"[^,;\s]*$", "", line[:_LONG]).rstrip(" ,;\t")


def _usable(plain: str, reading: Reading) -> bool:
    """Tell whether the head of a text gives a column of numbers under a reading."""
    try:
        columns = read(_head(plain), reading, few=True).columns
    except BadCell:
        return False
    return any(column.problem is None or column.problem.reason == Reason.MARKS for column in columns)


def find_table(text: str) -> tuple[list[Reading], BadCell | None]:
    """Find how a text is a table: the readings, the likeliest first, and what is in doubt.

    Raises
    ------
    BadCell
        Where a quotation mark is never closed, or something follows a closed one.
    """
    plain = _without_hash(clean(text))
    if not plain.strip():
        return [], None
    grids = _Grids(plain)
    if '"' in plain and all(grids[delimiter].unreadable for delimiter in (",", *DELIMITERS[:-1])):
        # The comma is what quotation marks are for.
        unreadable = grids[","].unreadable
        assert unreadable is not None
        raise unreadable
    for delimiter in "\t;|":
        if delimiter in plain and grids[delimiter].width > 1:
            return grids[delimiter].reading()
    if "," in plain and (grids[","].width > 1 or re.search(r"\d,\d", plain)):
        found = _with_commas(plain, grids)
        if found is not None:
            return found
    return _without_commas(plain, grids)


def _without_hash(plain: str) -> str:
    """Return a text without the hash in front of its header, which NumPy's savetxt writes."""
    return re.sub(r"\A\s*#[ \t]+(?=[^\W\d])", "", plain)


def _without_commas(plain: str, grids: _Grids) -> tuple[list[Reading], BadCell | None]:
    """Find how a text is a table whose cells are separated by blanks, or by lines alone."""
    blank, one = grids[" "], grids[ONE]
    if blank.width < 2:
        return one.reading()
    readings, doubt = blank.reading()
    if doubt is None and (sign := _TORN_SIGN.search(plain)):
        row = plain.count("\n", 0, sign.start(1)) + 1
        doubt = BadCell(Reason.MARKS, row, 1, sign[1])
    named = readings[0].header and not readings[0].row_names
    if doubt is None and not named and (found := torn.by_blanks(plain)):
        doubt = BadCell(Reason.MARKS, found[0], 1, found[1])
    body = one.body()
    if any(_SHORT_GROUP.match(cell) for cell in islice(body, _HEAD)):
        for marks in (Marks(".", " "), Marks(",", " ")):
            if fits(body, marks):
                line = next(place for place, cell in enumerate(body) if _SHORT_GROUP.match(cell))
                start = len(one.lines) - len(body)
                doubt = BadCell(Reason.MARKS, one.lines[start + line], 1, body[line])
                readings.append(replace(one.reading()[0][0], marks=marks))
    return readings, doubt


def _with_commas(plain: str, grids: _Grids) -> tuple[list[Reading], BadCell | None] | None:
    """Find how a text with commas is a table; None where they separate nothing and stand in no number."""
    comma = grids[","]
    others = _decimal_commas(grids)
    readings, doubt = comma.reading() if comma.width > 1 else ([], None)
    if not others and doubt is None and (bad := _torn(plain, comma, readings)):
        return readings, bad
    if not others:
        body = [] if grids[ONE].quoted or not re.search(r"\d,\d", plain) else grids[ONE].body()
        ways = (POINT, COMMA, *GROUPED[:2])
        mixed = doubt is not None and all(any(fits([cell], marks) for marks in ways) for cell in body)
        mixed = mixed and bool(body)
        if not mixed:
            return (readings, doubt) if readings else None
        others = grids[ONE].reading()[0]
    named = comma.width > 1 and comma.widths[0] > 1 and is_header(comma.cells(0))
    if named and comma.widths[0] >= comma.width and not re.search(r",\s", comma.text_of(0)):
        return readings, doubt  # a,b above 1,2: the comma separates there, and as often
    # Where a 0 begins what follows, the comma separates no numbers; but 1,050 may be a thousand and fifty.
    grouped = any(reading.marks is not None and reading.marks.thousands == "," for reading in others)
    certain = re.search(r"(?<!\d)\d+,0\d", plain) and not _TORN_SIGN.search(plain)
    if others and not named and not grouped and doubt is None and certain:
        return others, None
    row, cell = _first_comma(plain)
    usable = [] if doubt else readings
    return [*usable, *others] if named else [*others, *usable], BadCell(Reason.MARKS, row, 1, cell)


def _decimal_commas(grids: _Grids) -> list[Reading]:
    """Return the readings in which commas stand inside the numbers of an unquoted table."""
    found: list[Reading] = []
    if not re.search(r"\d,\d", grids.plain):
        return found
    for delimiter in (ONE, " "):
        grid = grids[delimiter]
        if grid.quoted or len(grid.widths) < 2 or (delimiter == " " and grid.width < 2):
            continue
        readings, doubt = grid.reading()
        if doubt is not None or not readings:
            continue
        columns = [grid.body()] if delimiter == ONE else _split(grid.body(), " ", grid.width)
        found += [
            replace(readings[0], marks=marks)
            for marks in (COMMA, *GROUPED[:2])
            if any(any("," in cell for cell in column) and fits(column, marks) for column in columns)
        ]
    return found


def _torn(plain: str, comma: _Grid, readings: Sequence[Reading]) -> BadCell | None:
    """Return the first number that the commas of a table seem to tear apart, or None where they do not.

    A header without blanks that has a name for every cell says that they separate.
    """
    if not readings or not re.search(r"\d,\d", plain):
        return None
    longer = readings[0].row_names
    if readings[0].header and not longer and not re.search(r",\s", comma.text_of(0)):
        return None
    found = torn.by_commas(plain, longer=longer)
    return BadCell(Reason.MARKS, found[0], 1, found[1]) if found else None


def _split(rows: Sequence[str], delimiter: str, width: int) -> list[list[str]]:
    """Cut rows of one width into columns."""
    flat = delimiter.join(rows).split(delimiter)
    return [flat[column::width] for column in range(width)]


def _first_comma(plain: str) -> tuple[int, str]:
    """Return the row of the first comma between digits, and what stands around it without a blank."""
    found = re.search(r"[^\s;]*\d,\d[^\s;]*", plain)
    assert found is not None
    return plain.count("\n", 0, found.start()) + 1, found[0]


# Rows ------------------------------------------------------------------------------------------------------


class _Grid:
    """The rows of a clean text under one delimiter: where they stand, and how wide they are."""

    def __init__(self, plain: str, delimiter: str) -> None:
        self.delimiter = delimiter
        self.quoted = '"' in plain
        self.lines: list[int]
        self.rows: list[str]  # without quotes: the rows that are not blank; with them: see ``cut``
        self.cut: list[list[str]] = []
        self.unreadable: BadCell | None = None
        if self.quoted:
            self._take_apart(plain)
            widths = list(map(len, self.cut))
        else:
            blank = " \u00a0\t" + ("" if delimiter == ONE else delimiter)
            kept = [
                (number, line.strip(" "))
                for number, line in enumerate(plain.split("\n"), 1)
                if line.strip(blank)
            ]
            self.lines, self.rows = [number for number, _ in kept], [line for _, line in kept]
            if delimiter == " ":
                self.rows = [" ".join(filter(None, row.split(" "))) for row in self.rows]
            widths = [1] * len(kept) if delimiter == ONE else [row.count(delimiter) + 1 for row in self.rows]
        self.widths = widths
        # How wide most rows are; of widths that are as frequent, the larger.
        self.width = max(Counter(widths).items(), key=lambda item: (item[1], item[0]))[0] if widths else 0

    def _take_apart(self, plain: str) -> None:
        """Cut rows at the delimiter where it is in no quotes."""
        delimiter = "\x01" if self.delimiter == ONE else self.delimiter
        source = io.StringIO(plain) if delimiter != " " else (line.strip(" ") for line in _kept_ends(plain))
        reader = csv.reader(source, delimiter=delimiter, skipinitialspace=True, strict=True)
        self.lines, end = [], 0
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    self.lines.append(end + 1)
                    self.cut.append([cell.strip() for cell in cells])
                end = reader.line_num
        except csv.Error:
            self.unreadable = BadCell(Reason.UNREADABLE, end + 1, 1, '"')
            self.lines, self.cut = [], []

    def cells(self, row: int) -> list[str]:
        """Return the cells of a row."""
        if self.quoted:
            return self.cut[row]
        if self.delimiter == ONE:
            return [self.rows[row].strip()]
        return [cell.strip() for cell in self.rows[row].split(self.delimiter)]

    def text_of(self, row: int) -> str:
        """Return a row as it stands in the text, or nearly so."""
        return (
            (" " if self.delimiter == " " else self.delimiter).join(self.cut[row])
            if self.quoted
            else self.rows[row]
        )

    def body(self) -> list[str]:
        """Return the rows below the header of a single column, or of a table in blanks, as texts."""
        rows = [row[0] if row else "" for row in self.cut] if self.quoted else self.rows
        return rows[1:] if len(rows) > 1 and is_header(self.cells(0)) else rows

    def reading(self) -> tuple[list[Reading], BadCell | None]:
        """Return how these rows are a table, and what is wrong with that."""
        if not self.widths:
            return [], self.unreadable
        if len(set(self.widths)) == 1:
            return self._even()
        uneven = [place for place, width in enumerate(self.widths) if width != self.width]
        first = uneven[0]
        bad = BadCell(Reason.RAGGED, self.lines[first], 1, self.text_of(first))
        above = uneven == list(range(len(uneven))) and len(uneven) <= 3
        if not above or len(self.widths) == len(uneven):
            return [Reading(self.delimiter)], bad
        if uneven == [0] and self.widths[0] == self.width - 1 and self._names_rows():
            return [Reading(self.delimiter, header=1, row_names=True)], None
        if all(self.widths[place] == 1 and self._says_no_number(place) for place in uneven):
            skip = len(uneven)
            named = int(len(self.widths) > skip + 1 and is_header(self.cells(skip)))
            title = BadCell(Reason.TITLE, self.lines[0], 1, self.text_of(0))
            return [Reading(self.delimiter, skip=skip, header=named)], title
        return [Reading(self.delimiter)], bad

    def _even(self) -> tuple[list[Reading], BadCell | None]:
        """Return how rows of one width are a table."""
        if len(self.widths) < 2 or not is_header(self.cells(0)):
            return [Reading(self.delimiter)], None
        if len(self.widths) > 2 and is_header(self.cells(1)) and not is_header(self.cells(2)):
            if self.width == 1:
                title = BadCell(Reason.TITLE, self.lines[0], 1, self.text_of(0))
                return [Reading(self.delimiter, skip=1, header=1), Reading(self.delimiter, header=2)], title
            below = list(map(kind_of, self.cells(2)))
            units = [
                kind_of(cell) for cell, kind in zip(self.cells(1), below, strict=True) if kind == Kind.NUMBER
            ]
            if units and set(units) <= {Kind.NAME, Kind.EMPTY, Kind.MARK} and Kind.NAME in units:
                unit = BadCell(Reason.TITLE, self.lines[1], 1, self.text_of(1))
                return [Reading(self.delimiter, header=2), Reading(self.delimiter, header=1)], unit
        return [Reading(self.delimiter, header=1)], None

    def _says_no_number(self, row: int) -> bool:
        """Tell whether a line above a table can hold no number."""
        return {kind_of(cell) for cell in self.cells(row)} <= {Kind.NAME, Kind.MARK, Kind.EMPTY}

    def _names_rows(self) -> bool:
        """Tell whether the first column names or counts the rows, below a header that is one shorter."""
        if not is_header(self.cells(0)) or len(self.widths) < 3 or is_header(self.cells(1)):
            return False
        first = [self.cells(row)[0] for row in range(1, min(len(self.widths), _TELLING_CELLS))]
        last = [self.cells(row)[-1] for row in range(1, min(len(self.widths), _TELLING_CELLS))]
        if not any(last) or len(set(first)) < len(first):
            return False
        return is_count(first) or all(kind_of(cell) in (Kind.NAME, Kind.DOUBT) for cell in first)


class _Grids(dict[str, _Grid]):
    """The grids of a clean text by their delimiter, each made when it is first asked for."""

    def __init__(self, plain: str) -> None:
        super().__init__()
        self.plain = plain

    def __missing__(self, delimiter: str) -> _Grid:
        self[delimiter] = made = _Grid(self.plain, delimiter)
        return made


def _kept_ends(plain: str) -> Iterator[str]:
    """Yield lines with a blank in place of what `strip` would take away with their end."""
    return (line + "\n" for line in plain.split("\n"))


def is_count(cells: Sequence[str]) -> bool:
    """Tell whether cells only count: 0, 1, 2 or 1, 2, 3 and so on."""
    return (
        cells[:1] in (["0"], ["1"])
        and len(cells) > 1
        and list(cells) == [str(number) for number in range(int(cells[0]), int(cells[0]) + len(cells))]
    )


# Reading ---------------------------------------------------------------------------------------------------


def read(text: str, reading: Reading, *, limit: int = MAX_NUMBERS, few: bool = False) -> Table:
    r"""Read a text in one way.

    Parameters
    ----------
    text : str
        The text.
    reading : Reading
        How.
    limit : int
        How many rows of numbers are allowed.
    few : bool
        Whether a column of fewer than two numbers, or of equal ones, is taken as well.

    Returns
    -------
    Table

    Raises
    ------
    BadCell
        Where rows differ in length, there are too many, or quotation marks are not in order; in a list for
        the first cell that is no number.

    Examples
    --------
    >>> table = read("name,height\nKim,172\nLee,NA\nPark,168", Reading(",", header=1))
    >>> table.names, table.rows[1], table.columns[0].values, table.columns[0].missing
    (('name', 'height'), ('Lee', 'NA'), array([172., 168.]), 1)
    """
    plain = clean(text)
    if reading.delimiter == ANY:
        return _read_list(plain, reading, limit, few)
    names, lines, table = _cut_up(plain, reading, limit)
    found = (
        _read_column(column, index, name, lines, reading, few=few)
        for index, (name, column) in enumerate(zip(names, table, strict=True), 1)
    )
    columns = [column for column in found if column is not None] if lines else []
    if reading.marks is None:
        columns = _doubting_points(columns, table, lines)
    shown = min(SHOWN, len(lines))
    return Table(
        reading,
        names,
        len(lines),
        tuple(lines[:shown]),
        tuple(tuple(column[row] for column in table) for row in range(shown)),
        tuple(columns),
    )


def split(
    text: str, reading: Reading, *, limit: int = MAX_NUMBERS
) -> tuple[tuple[str, ...], list[int], list[list[str]]]:
    r"""Cut a table into its cells.

    Parameters
    ----------
    text, reading, limit
        As in `read`.

    Returns
    -------
    tuple
        The names of the columns, the line numbers of the rows, and the columns as texts.

    Raises
    ------
    BadCell
        As `read` does, and where the reading is that of a list (``Reason.ARRAYS``).

    Examples
    --------
    >>> split("name,height\nKim,172\nLee,NA", Reading(",", header=1))
    (('name', 'height'), [2, 3], [['Kim', 'Lee'], ['172', 'NA']])
    """
    if reading.delimiter == ANY:
        raise BadCell(Reason.ARRAYS)
    return _cut_up(clean(text), reading, limit)


def _cut_up(plain: str, reading: Reading, limit: int) -> tuple[tuple[str, ...], list[int], list[list[str]]]:
    """Return names, line numbers and columns of a clean text that is a table."""
    grid = _Grid(_without_hash(plain), reading.delimiter)
    if grid.unreadable is not None:
        raise grid.unreadable
    above = reading.skip + reading.header
    lines = grid.lines[above:]
    if len(lines) > limit:
        raise BadCell(Reason.TOO_MANY, lines[limit], 1, grid.cells(above + limit)[0])
    width = grid.widths[above] if lines else 1
    uneven = next((place for place, w in enumerate(grid.widths[above:], above) if w != width), None)
    if uneven is None and reading.header:
        named = grid.widths[reading.skip] if reading.skip < len(grid.widths) else 0
        if named != width - reading.row_names and named:
            uneven = reading.skip
    if uneven is not None:
        raise BadCell(Reason.RAGGED, grid.lines[uneven], 1, grid.text_of(uneven))
    if width > MAX_COLUMNS:
        raise BadCell(Reason.TOO_MANY, lines[0], MAX_COLUMNS + 1, grid.cells(above)[MAX_COLUMNS])
    names = [""] * width
    for row in range(reading.skip, min(above, len(grid.widths))):
        cells = ([""] if reading.row_names else []) + grid.cells(row)
        names = [f"{a} {b}".strip() for a, b in zip(names, [*cells, *[""] * width], strict=False)]
    return tuple(names), lines, _cells_by_pandas(grid, above, width)


def _cells_by_pandas(grid: _Grid, above: int, width: int) -> list[list[str]]:
    """Return the columns below the header, as texts without blanks around them."""
    # Imported here: it costs half a second, and nobody needs it to open a page.
    import pandas as pd

    if not grid.lines[above:]:
        return [[] for _ in range(width)]
    delimiter = "\x01" if grid.delimiter == ONE else grid.delimiter
    if not grid.quoted and grid.rows[above].startswith("\ufeff"):
        # pandas takes a byte order mark away, and the line with it where nothing else is in it.
        return [list(map(str.strip, column)) for column in _split(grid.rows[above:], delimiter, width)]
    if grid.quoted:
        # Written again with quotes everywhere, so that there is no second opinion on where a cell ends.
        source = io.StringIO()
        csv.writer(source, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(grid.cut[above:])
        source.seek(0)
    else:
        source = io.StringIO("\n".join(grid.rows[above:]))
    frame = pd.read_csv(
        source,
        sep=delimiter,
        header=None,
        names=range(width),
        index_col=False,
        dtype=object,
        na_filter=False,
        skip_blank_lines=False,
        quoting=csv.QUOTE_MINIMAL if grid.quoted else csv.QUOTE_NONE,
    )
    columns = [frame[column].tolist() for column in range(width)]
    return [list(map(str.strip, column)) for column in columns]


def _read_list(plain: str, reading: Reading, limit: int, few: bool) -> Table:
    """Read a list of numbers with any separators."""
    start = 0
    for _ in range(reading.skip + reading.header):
        while start < len(plain) and plain[start] in "\n \t\u00a0":
            start += 1
        end = plain.find("\n", start)
        start = len(plain) if end < 0 else end + 1
    header, body = plain[:start], plain[start:]
    name = header.strip().split("\n")[-1].strip() if reading.header else ""
    marks = reading.marks or POINT
    first = 1 + header.count("\n")
    shown = list(islice(lists.cells(body, marks, first), SHOWN))
    column, size = _list_column(body, marks, first, limit, name, few=few)
    return Table(
        reading,
        (name,),
        size,
        tuple(row for row, _, _ in shown),
        tuple((cell,) for _, _, cell in shown),
        (column,),
    )


def _list_column(
    body: str, marks: Marks, first: int, limit: int, name: str, *, few: bool
) -> tuple[Column, int]:
    """Read a list as a column; give how many cells it has, too."""
    try:
        values, missing = lists.numbers(body, marks, first, limit, missing=True)
        return Column(
            1, name, values if few else checked(values), None, missing, (marks,)
        ), values.size + missing
    except BadCell as problem:
        return Column(1, name, None, problem, 0, (marks,)), 0


def _read_column(
    cells: Sequence[str], index: int, name: str, lines: list[int], reading: Reading, *, few: bool
) -> Column | None:
    """Read one column of a table, or return None where it does not hold numbers."""
    marks: tuple[Marks, ...] = (reading.marks or POINT,)
    values, missing, bad = read_cells(cells, marks[0])
    if bad is not None or (missing and not values.size):
        telling = list(islice((cell for cell in cells if cell.lower() not in MISSING), _TELLING_CELLS))
        if 2 * sum(map(bool, map(_HAS_DIGIT_IN_FRONT.match, telling))) < max(len(telling), 1):
            return None
        if bad is not None and reading.marks is None:
            marks = tuple(m for m in (COMMA, *GROUPED) if _used(m, cells) and fits(cells, m)) or (
                _nearest(telling),
            )
            values, missing, bad = read_cells(cells, marks[0])
            if marks != (COMMA,) and bad is None:
                # Thousands are never taken for granted, nor is a comma that may group them.
                bad = next(
                    place
                    for place, cell in enumerate(cells)
                    if wrong(cell, POINT) and cell.lower() not in MISSING
                )
                return Column(
                    index, name, None, BadCell(Reason.MARKS, lines[bad], index, cells[bad]), missing, marks
                )
    try:
        if bad is not None:
            reason = wrong(cells[bad], marks[0])
            assert reason is not None
            raise BadCell(reason, lines[bad], index, cells[bad])
        return Column(index, name, values if few else checked(values), None, missing, marks)
    except BadCell as problem:
        return Column(index, name, None, problem, missing, marks)


def _used(marks: Marks, cells: Sequence[str]) -> bool:
    """Tell whether cells hold what groups thousands, where the marks group them."""
    signs = {" ": " \u00a0", "'": "'\u2019"}.get(marks.thousands, marks.thousands)
    return not signs or any(sign in cell for cell in cells for sign in signs)


def _nearest(telling: Sequence[str]) -> Marks:
    """Return the decimal mark under which more of the telling cells are numbers."""
    return max((POINT, COMMA), key=lambda marks: sum(wrong(cell, marks) is None for cell in telling))


def _doubting_points(columns: list[Column], table: list[list[str]], lines: list[int]) -> list[Column]:
    """Put 1.172 in doubt in a table that writes its decimals with commas elsewhere."""
    if not any(COMMA in column.marks for column in columns):
        return columns
    grouped = Marks(",", ".")
    made = []
    for column in columns:
        cells = table[column.index - 1]
        place = next((place for place, cell in enumerate(cells) if "." in cell and cell != "."), None)
        if column.marks == (POINT,) and place is not None and fits(cells, grouped):
            problem = BadCell(Reason.MARKS, lines[place], column.index, cells[place])
            made.append(replace(column, values=None, problem=problem, marks=(POINT, grouped)))
        else:
            made.append(column)
    return made


def checked(values: Floats) -> Floats:
    """Return the values, or raise where they are no sample that a model can be fitted to."""
    if values.size < 2:
        raise BadCell(Reason.TOO_FEW)
    if values.max() - values.min() <= _SMALLEST_SPREAD:
        raise BadCell(Reason.NO_SPREAD)
    return values


INDEX_NAMES = frozenset(("id", "no", "no.", "nr", "nr.", "#", "index", "idx", "row", "번호", "순번"))


def likeliest(columns: Sequence[Column]) -> int:
    r"""Return the place of the column that is meant most likely: not one that only counts or names the rows.

    Examples
    --------
    >>> table = read("id,height\n1,172\n2,NA\n3,168", Reading(",", header=1))
    >>> likeliest(table.columns)
    1
    """

    def rank(place: int) -> tuple[bool, bool, int]:
        column = columns[place]
        values = column.values
        first = values is not None and column.index == 1 and values.size > 1 and not column.missing
        counts = bool(
            first and values is not None and values[0] in (0, 1) and (values[1:] - values[:-1] == 1).all()
        )
        index = counts or column.name.lower() in INDEX_NAMES
        hopeless = column.problem is not None and column.problem.reason != Reason.MARKS
        return index, hopeless, place

    return min(range(len(columns)), key=rank)


# Bytes -----------------------------------------------------------------------------------------------------

ENCODINGS = ("utf-8-sig", "utf-16", "cp949", "cp1252", "cp932", "gb18030", "cp1251")
"""How the files of common programs are written; the first that fits is what `decoded` takes."""

_ODD_BESIDE_LETTERS = re.compile("[A-Za-z][\u4e00-\u9fff\uff61-\uff9f]|[\u4e00-\u9fff\uff61-\uff9f][A-Za-z]")

_LETTER_BESIDE_LETTERS = re.compile("[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")


def decoded(content: bytes, encoding: str = "") -> tuple[str, str]:
    """Return a file's text and the encoding, one of ``ENCODINGS``: the given one, or the one that fits.

    Examples
    --------
    >>> decoded("Größe".encode("cp1252")), decoded("키".encode("cp949"))
    (('Größe', 'cp1252'), ('키', 'cp949'))
    """
    if encoding:
        return content.decode(encoding, errors="replace"), encoding
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace"), "utf-16"
    head = content[:1000]
    if head.count(0) * 3 > len(head) > 3:
        # Every other byte of ASCII letters is 0 in UTF-16, and in no text otherwise.
        name = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return content.decode(name, errors="replace"), "utf-16"
    korean = _tried(content, "cp949")
    # Two accented letters in a row may be one Chinese character to a Korean program, inside a Latin word.
    likely = re.search("[가-힣]", korean) is not None and not _ODD_BESIDE_LETTERS.search(korean)
    text = _tried(content, "utf-8-sig")
    if text or not content:
        # The Korean word for height is also how UTF-8 writes a lone letter of Hungarian.
        alone = (
            likely and re.fullmatch("[\x00-\x7f가-힣]*", korean) and not _LETTER_BESIDE_LETTERS.search(text)
        )
        return (korean, "cp949") if alone and max(text) < "\u0800" else (text, "utf-8-sig")
    return (korean, "cp949") if likely else (content.decode("cp1252", errors="replace"), "cp1252")


def _tried(content: bytes, encoding: str) -> str:
    """Return a file's text in one encoding; an empty one where it is not written in it."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return ""
