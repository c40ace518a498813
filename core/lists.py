"""Numbers in one list, with any separators between them: which numbers a text holds, if that is certain.

A comma, a blank or a fixed space between digits may separate two numbers, or belong to one. `doubt` finds
the first place where that cannot be told; `numbers` reads under marks that are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import numpy as np

from core._checks import Floats
from core.cells import (
    COMMA,
    GROUPED,
    LARGEST,
    MISSING,
    POINT,
    BadCell,
    Marks,
    Reason,
    is_header,
    pattern,
    quick,
    to_float,
    wrong,
)

__all__ = ["cells", "certain", "doubt", "doubted", "lines", "numbers", "split_header"]

_TIGHT = re.compile(r"\d,\d")
_FIXED_GROUP = re.compile(r"\d\u00a0\d{3}(?!\d)")
_SHORT_GROUP = re.compile(r"(?<![\d.,])\d{1,2} \d{3}(?!\d)")
_BROKEN_NUMBER = re.compile(r"\d\.[ \u00a0\t]+[+-]?\d")
_UNIT_BEHIND = re.compile(r"[+-]?[\d.,'\u2019]*\d[ \u00a0]+$")
_IN_BRACKETS = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
# A whole list in one token: 172,168,175, or 12,15,100, which as one number (of India) would be no list.
_TIGHT_LIST = re.compile(r"[+-]?(?:\d{3}|\d{1,2},\d{2},)")


def split_header(text: str) -> tuple[str, str]:
    """Cut a clean text after its first line that is not blank, where that is a header.

    Blank lines above go with it. A header is a line of names (`core.cells.is_header`) that another follows.
    """
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start)
    if end < 0 or (not text[end : end + 10_000].strip() and not text[end:].strip()):
        return "", text
    line = text[start:end]
    if is_header([line]) and is_header(cell for cell in re.split(r"[,;\s]+", line) if cell):
        return text[: end + 1], text[end + 1 :]
    return "", text


def doubt(header: str, body: str) -> BadCell | None:
    """Return the first thing in a list that may be read in two ways, or None where all is certain.

    ``Reason.MARKS`` where a comma, a blank or a fixed space may stand between two numbers or in one;
    ``Reason.NUMBERED`` where each line begins with a number of its own, as in ``1. 172``; ``Reason.TABLE``
    where a header names as many columns as a line has numbers; ``Reason.TITLE`` where two lines of words
    stand above the numbers.
    """
    first_row = 1 + header.count("\n")
    start = len(body) - len(body.lstrip())
    end = body.find("\n", start) % (len(body) + 1)
    line, row = body[start:end], first_row + body.count("\n", 0, start)
    if header and is_header([line]):
        return BadCell(Reason.TITLE, row, 1, line.strip())
    if names := _names(header):
        for line in islice(lines(body), 1000):
            if len(line.replace(",", " ").replace(";", " ").split()) in names:
                return BadCell(Reason.TABLE, first_row - 1, 1, header.strip())
    return _commas(body, first_row) or _blanks(body, first_row) or _numbered(body, first_row)


def lines(body: str) -> Iterator[str]:
    """Yield the lines one by one: most searches end at the first."""
    start = 0
    while (end := body.find("\n", start)) >= 0:
        yield body[start:end]
        start = end + 1
    yield body[start:]


def _names(header: str) -> set[int]:
    """Return how many columns a header may name: two or more, by any separator."""
    plain = _IN_BRACKETS.sub("", header.strip())
    found = {len([name for name in re.split(by, plain) if name.strip()]) for by in ("[,;\t]", r"[,;\s]+")}
    return {number for number in found if number > 1}


def _place(body: str, first_row: int, position: int) -> tuple[int, int]:
    """Return the row of a position, and the number of its cell in the row."""
    start = body.rfind("\n", 0, position) + 1
    before = body[start:position].replace(",", " ").replace(";", " ").replace("\u00a0", " ").split()
    inside = position > start and not re.match(r"[,;\s]", body[position - 1])
    return first_row + body.count("\n", 0, position), len(before) + (0 if inside else 1)


def _bad(reason: Reason, body: str, first_row: int, start: int, cell: str) -> BadCell:
    """Return a bad cell at a position."""
    return BadCell(reason, *_place(body, first_row, start), cell)


def _numbered(body: str, first_row: int) -> BadCell | None:
    """Find a list whose lines are numbered, and a point that a blank tears from its digits."""
    if found := _BROKEN_NUMBER.search(body):
        start = body.rfind("\n", 0, found.start()) + 1
        end = body.find("\n", start) % (len(body) + 1)
        return BadCell(Reason.NUMBERED, first_row + body.count("\n", 0, start), 1, body[start:end].strip())
    first = ""
    expected: int | None = None
    width = 0
    for line in lines(body):
        tokens = line.replace(",", " ").replace(";", " ").split()
        if not tokens:
            continue
        if expected is None:
            width, first = len(tokens), line.strip()
            if tokens[0] not in ("0", "1") or width < 2:
                return None
            expected = int(tokens[0])
        elif tokens[0] != str(expected) or len(tokens) != width:
            return None
        expected += 1
    if expected is None or expected < 2 or body.strip().count("\n") == 0:
        return None
    row, _ = _place(body, first_row, body.index(first))
    return BadCell(Reason.NUMBERED, row, 1, first)


def _blanks(body: str, first_row: int) -> BadCell | None:
    """Find blanks that may group the digits of one number."""
    if "\u00a0" in body and (found := _FIXED_GROUP.search(body)):
        start = re.search(r"\S*$", body[: found.start() + 1])
        assert start is not None
        return _bad(
            Reason.MARKS, body, first_row, start.start(), start[0] + body[found.start() + 1 : found.end()]
        )
    if " " not in body:
        return None
    marks = (Marks(".", " "), Marks(",", " "))
    if not _SHORT_GROUP.search(body):
        return None
    told = ""
    for line in lines(body):
        for chunk in re.split(r"[;\t]|,(?!\d)|(?<!\d),", line):
            part = chunk.strip()
            if part and not any(pattern(one).fullmatch(part) for one in marks):
                return None
            told = told or (part if _SHORT_GROUP.match(part.lstrip("+-")) else "")
    return _bad(Reason.MARKS, body, first_row, body.index(told), told) if told else None


def _tokens(body: str) -> list[str]:
    """Return what stands between blanks, semicolons, and commas that are not between digits."""
    if "," not in body:
        return body.replace(";", " ").split()
    return re.sub(r",(?!\d)|(?<!\d),", " ", body).replace(";", " ").split()


def _commas(body: str, first_row: int) -> BadCell | None:
    """Find commas between digits that may separate two numbers or belong to one."""
    if "," not in body or not (found := _TIGHT.search(body)):
        return None
    tokens = _tokens(body)
    comma, grouped, both = (
        all(map(pattern(marks).fullmatch, tokens)) for marks in (COMMA, Marks(".", ","), Marks(",", "."))
    )
    mixed = (
        comma
        or grouped
        or both
        or all(
            any(pattern(marks).fullmatch(token) for marks in (POINT, COMMA, *GROUPED[:2])) for token in tokens
        )
    )
    if not mixed:
        return None
    # In Marks that a comma cannot separate, 172 and 05 are no two numbers; and where semicolons or tabs
    # separate, people write their decimals with commas.
    if comma and not grouped and (_separated(body) or re.search(r"\d,0\d", body)):
        return None
    if len(tokens) == 1 and tokens[0].count(",") > 1 and _TIGHT_LIST.match(tokens[0]):
        return None
    start = re.search(r"[^\s;]*$", body[: found.start() + 1])
    rest = re.match(r"[^\s;]*", body[found.start() + 1 :])
    assert start is not None
    assert rest is not None
    return _bad(Reason.MARKS, body, first_row, start.start(), (start[0] + rest[0]).rstrip(","))


def _separated(body: str) -> bool:
    """Tell whether something else than commas separates numbers in a line that has commas, none loose."""
    if re.search(r",(?!\d)|(?<!\d),", body):
        return False
    return any("," in line and (";" in line or "\t" in line) for line in lines(body))


def certain(body: str) -> Marks:
    """Return the marks of a list in which nothing is in doubt."""
    if "," not in body or not _TIGHT.search(body):
        return POINT
    tokens = _tokens(body)
    several = len(tokens) > 1 or tokens[0].count(",") == 1
    return COMMA if several and all(map(pattern(COMMA).fullmatch, tokens)) else POINT


def doubted(body: str) -> list[Marks]:
    """Return the marks under which a whole list can be read, and which make a difference to it."""
    found = [POINT, *([COMMA] if _TIGHT.search(body) else [])]
    groups = {",": ",", ".": r"\.", " ": "[ \u00a0]", "'": "['\u2019]"}
    found += [marks for marks in GROUPED if re.search(rf"\d{groups[marks.thousands]}\d{{3}}(?!\d)", body)]
    return [marks for marks in found if _readable(body, marks)]


def _readable(body: str, marks: Marks) -> bool:
    """Tell whether every cell of a list is a number under these marks."""
    return all(pattern(marks).fullmatch(cell) for _, _, cell in cells(body, marks, 1))


def cells(body: str, marks: Marks, first_row: int) -> Iterator[tuple[int, int, str]]:
    """Yield row, column and content of every cell of a list, empty ones included.

    Semicolons, tabs, new lines and blanks separate, and commas: except what the marks say of blanks and of
    commas between digits. A separator at the end of a line is no empty cell.
    """
    separator = re.compile(r";|,(?!\d)|(?<!\d)," if "," in marks else "[,;]")
    for row, line in enumerate(body.split("\n"), first_row):
        column = 0
        parts = separator.split(line)
        if not parts[-1].strip():
            parts.pop()
        for part in parts:
            inside = part.strip().split("\t") if marks.thousands == " " else part.split()
            for cell in map(str.strip, inside or [""]):
                column += 1
                yield row, column, cell


def numbers(
    body: str, marks: Marks, first_row: int, limit: int, *, missing: bool = False
) -> tuple[Floats, int]:
    """Read a list under given marks; give the numbers, and how many cells stand for a missing value.

    Raises
    ------
    BadCell
        For the first cell that is no number, or one too many.
    """
    values = _quickly(body, marks, limit)
    if values is not None:
        return values, 0
    # Something is wrong somewhere: read again, cell by cell, up to the first that is.
    found: list[float] = []
    left_out = 0
    for row, column, cell in cells(body, marks, first_row):
        if missing and cell and cell.lower() in MISSING and any(map(str.isalpha, cell)):
            left_out += 1
            continue
        if len(found) == limit:
            raise BadCell(Reason.TOO_MANY, row, column, cell)
        number = to_float(cell, marks)
        if not abs(number) <= LARGEST:
            reason = wrong(cell, marks)
            assert reason is not None
            raise _with_its_unit(BadCell(reason, row, column, cell), body, first_row)
        found.append(number)
    return np.array(found), left_out


def _with_its_unit(bad: BadCell, body: str, first_row: int) -> BadCell:
    """Return a bad cell together with the number in front of it, where it is that number's unit."""
    assert bad.row is not None
    assert bad.column is not None
    if bad.reason != Reason.NOT_A_NUMBER or not bad.cell[:1].isalpha() or bad.cell.lower() in MISSING:
        return bad
    line = body.split("\n")[bad.row - first_row]
    at = re.search(rf"(?<!\S){re.escape(bad.cell)}", line)
    before = _UNIT_BEHIND.search(line[: at.start()]) if at else None
    if at is None or before is None or before.end() == before.start():
        return bad
    column = _place(line, 1, before.start())[1]
    return BadCell(bad.reason, bad.row, column, line[before.start() : at.end()])


def _quickly(body: str, marks: Marks, limit: int) -> Floats | None:
    """Read a list in which nothing is wrong, or return None."""
    if marks.thousands or "_" in body or (not body.isascii() and not body.replace("\u00a0", " ").isascii()):
        return None
    if ("," in body or ";" in body) and _has_empty_cell(body, ";" if marks.decimal == "," else ",;"):
        return None
    if marks.decimal == ",":
        if "." in body or re.search(r",(?!\d)|(?<!\d),", body):
            return None
        tokens = _tokens(body)
    else:
        tokens = body.replace(",", " ").replace(";", " ").split()
    return quick(tokens, marks) if len(tokens) <= limit else None


def _has_empty_cell(body: str, separators: str) -> bool:
    """Tell whether two separators, or a line's start and a separator, have nothing between them."""
    # Plain searches: a regular expression takes longer than reading all the numbers does.
    dense = "\n" + body.replace(" ", "").replace("\t", "").replace("\u00a0", "")
    return any(left + right in dense for left in separators + "\n" for right in separators)
