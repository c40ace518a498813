"""Numbers that a separator would tear apart: what speaks for a comma or a blank inside a number of a table.

A table may be cut at its commas or its blanks wherever rows of one length come of it, and half of each number
may be lost so. Where the text shows such numbers, whoever brought it is asked.
"""

from __future__ import annotations

import re
from itertools import islice

from core import lists
from core.cells import Kind, kind_of

__all__ = ["by_blanks", "by_commas"]

_ROWS = 1000  # so many tell
_QUOTED = re.compile(r'"[^"]*"')
_SIGN = "[%‰°€$£¥₩]"
_CODE = "(?:eur|usd|gbp|krw|jpy|cny|chf)"
_UNIT = rf"(?:[kmc]?m|[km]?g|lbs?|ft|{_CODE}|원|점|명|개)\b"
_BESIDE_A_UNIT = re.compile(
    rf"(?<=\d) (?={_SIGN}(?![\d ])|{_UNIT})|(?:(?<={_SIGN})|(?<=\b{_CODE})) (?=[+-]?\d)", re.IGNORECASE
)
_GROUPED_DECIMALS = re.compile(
    rf"(?:(?<![\w.])|(?<=\b{_CODE}))\d{{1,3}}(?:[ \u00a0'\u2019_]\d{{3}})+,\d+", re.IGNORECASE
)
_WITH_COMMAS = re.compile(r"([^\d,;\s]*)\d[\d.]*(?:,\d[\d.]*)+([^\d,;\s]*)")
_WITH_BLANKS = re.compile(r"(?<!\S)([^\d\s\"#]*)(\d{1,3}(?: \d{3})+(?:[.,]\d+)?)([^\s\d]*)(?!\S)")


def by_commas(plain: str, *, longer: bool) -> tuple[int, str] | None:
    r"""Return row and content of the first number that a cut at the commas tears; None where it tears none.

    That is a number of grouped digits (``1 172,5``), and in at least half of the rows an amount with its unit
    (``171,5cm``, ``$1,234``) or, where rows are one cell longer than their header, any number with a comma.

    Parameters
    ----------
    plain : str
        A clean text.
    longer : bool
        Whether rows are one cell longer than their header.

    Examples
    --------
    >>> by_commas("171,5cm\n168,2cm", longer=False), by_commas("x1,172\nx2,168", longer=False)
    ((1, '171,5cm'), None)
    """
    found: tuple[int, str] | None = None
    torn = rows = 0
    for row, line in _rows(plain):
        if grouped := _GROUPED_DECIMALS.search(line):
            return row, grouped[0]
        pieces = re.split(r"[;\s]+|,(?!\d)|(?<!\d),", line)
        amount = next((piece for piece in pieces if _is_amount(piece, longer=longer)), None)
        rows += any(map(str.isdecimal, line))
        torn += amount is not None
        found = found or (None if amount is None else (row, amount))
    return found if 2 * torn >= rows else None


def by_blanks(plain: str) -> tuple[int, str] | None:
    r"""Return row and content of the first number that a cut at the blanks tears; None where it tears none.

    That is, in at least half of the rows and in two, a number of grouped digits with its unit (``1 172cm``,
    ``$1 234``); or, in any of several rows, one of whose groups begins with 0, as no number of its own would.

    Examples
    --------
    >>> by_blanks("$1 234\n$2 345"), by_blanks("Kim 2 050\nLee 1 234\nPark 9 002"), by_blanks("5 172\n6 168")
    ((1, '$1 234'), (1, '2 050'), None)
    """
    found: tuple[int, str] | None = None
    torn = rows = zero = 0
    for row, line in _rows(plain):
        for part in _WITH_BLANKS.finditer(line):
            before = part[1].rstrip("+-")
            named = any(map(str.isalpha, before)) and kind_of(before + "1") != Kind.DOUBT
            if (before and not named) or part[3] or " 0" in part[2]:
                torn += 1
                zero += " 0" in part[2]
                found = found or (row, part[0])
                break
        rows += any(map(str.isdecimal, line))
    return found if rows > 1 and (zero or (torn > 1 and 2 * torn >= rows)) else None


def _rows(plain: str) -> list[tuple[int, str]]:
    """Return the first lines with their numbers, without what stands in quotes and blanks beside units."""
    unquoted = _QUOTED.sub(lambda quoted: "\n" * quoted[0].count("\n"), plain)
    return list(enumerate(islice(lists.lines(_BESIDE_A_UNIT.sub("", unquoted)), _ROWS), 1))


def _is_amount(piece: str, *, longer: bool) -> bool:
    """Tell whether what stands between blanks is an amount with a comma inside; in longer rows any number."""
    found = _WITH_COMMAS.fullmatch(piece) if "," in piece else None
    if found is None:
        return longer and re.search(r"\d,\d", piece) is not None
    before, after = found[1].rstrip("+-"), found[2]
    # A letter before makes a name of it, as in x1,172, but for EUR1,172.
    sign = before and (not any(map(str.isalpha, before)) or kind_of(before + "1") == Kind.DOUBT)
    return bool(longer or sign or after)
