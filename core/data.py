"""Numbers that a person pastes or uploads: text in, float64 out, or the one cell that is wrong, by its row.

Nothing here speaks a language: a `BadCell` carries the place, the content and a reason, for a page to word.
And nothing guesses: where a text can be read in two ways, the functions of this module say so and give
nothing. `core.tables.understand` lists the ways, for a page to ask.
"""

from __future__ import annotations

from core import lists
from core._checks import Floats, count
from core.cells import LARGEST, BadCell, Reason, clean
from core.tables import MAX_NUMBERS, Column, checked, find_table, read

__all__ = ["LARGEST", "MAX_NUMBERS", "BadCell", "Column", "Reason", "csv_columns", "parse_numbers"]


def parse_numbers(text: str, *, limit: int = MAX_NUMBERS) -> Floats:
    r"""Read all numbers of a pasted text.

    Numbers may be separated by commas, semicolons, tabs, blanks and new lines. The first line is skipped
    where it is a header: a line of names, in which no number can hide, and another line follows. A byte order
    mark, Windows line ends, the real minus sign and full-width digits are understood. A separator at the end
    of a line is no empty cell.

    The decimal mark is the point. It is the comma where each comma stands between the digits of a number of
    its own and semicolons or tabs separate the numbers, or a 0 begins what follows a comma (``172,05``). Any
    other text in which a comma, a blank or a fixed space could belong to a number, is refused
    (``Reason.MARKS``), as is a numbered list (``Reason.NUMBERED``) and a table of several named columns
    (``Reason.TABLE``).

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
        (a ValueError) For the first cell that is empty, no number, not finite, larger than 1e100, one too
        many, or not certain; and where there are fewer than two numbers or all are equal (or closer than
        1e-100).
    ValueError
        Where limit is not a whole number of at least 2.

    References
    ----------
    RFC 4180, "Common Format and MIME Type for CSV Files", 2005 (line ends, header line).
    ISO 80000-1:2022, section 7.2.2 (the comma and the point are both decimal signs).

    Examples
    --------
    >>> parse_numbers("height (cm)\n172.5, 168; −3e0\t180")
    array([172.5, 168. ,  -3. , 180. ])
    >>> parse_numbers("172,5; 168,25")
    array([172.5 , 168.25])
    >>> parse_numbers("172,5\n168,25")
    Traceback (most recent call last):
    core.cells.BadCell: Row 1, column 1 holds '172,5': marks.
    >>> parse_numbers("172\n17O\n168")
    Traceback (most recent call last):
    core.cells.BadCell: Row 2, column 1 holds '17O': not_a_number.
    """
    count("limit", limit, at_least=2)
    header, body = lists.split_header(clean(text))
    uncertain = lists.doubt(header, body)
    if uncertain is not None:
        raise uncertain
    values, _ = lists.numbers(body, lists.certain(body), 1 + header.count("\n"), limit)
    return checked(values)


def csv_columns(text: str, *, limit: int = MAX_NUMBERS) -> list[Column]:
    r"""Find the columns of a table that hold numbers.

    The cells are separated by tabs, semicolons, bars, commas or blanks, whichever of these comes first in
    this list and makes rows of one length; cells may be quoted, and what is in quotes separates nothing. A
    header may be one name shorter than the rows where the first column only names or counts them. The first
    line is a header where it is a line of names and another line follows. Blank lines are skipped. Missing
    values (nothing, NA, NaN, null, -, . and their like) are counted and left out.

    Parameters
    ----------
    text : str
        The table.
    limit : int
        How many lines of numbers are allowed, at least 2.

    Returns
    -------
    list of Column
        Every column in which at least half of the cells hold a digit in front (of the first thousand that
        are not missing). One that cannot be used says why in ``problem``, with the line in the text, and does
        not keep the others from being used. An empty list where there is no such column.

    Raises
    ------
    BadCell
        (a ValueError) Where the table has too many lines; where its rows differ in length
        (``Reason.RAGGED``) or a title stands above the header (``Reason.TITLE``); where a comma may be a
        separator or a decimal mark (``Reason.MARKS``); and where it cannot be taken apart, such as for a
        quotation mark that is never closed.
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
    >>> shoe.values, shoe.missing
    (array([270., 285.]), 1)
    """
    count("limit", limit, at_least=2)
    found, uncertain = find_table(text)
    if uncertain is not None:
        raise uncertain
    return list(read(text, found[0], limit=limit).columns) if found else []
