"""The report's arithmetic: medians, ratios to what was measured beside, targets, and the table."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


def median(values: Sequence[float]) -> float:
    """Return the median; nan of nothing.

    Examples
    --------
    >>> median([3, 1, 2]), median([4, 1, 2, 3])
    (2.0, 2.5)
    """
    return percentile(values, 0.5)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies; nan of nothing.

    Examples
    --------
    >>> percentile(range(101), 0.95), percentile([1.0], 0.95), percentile([1, 2], 0.25)
    (95.0, 1.0, 1.25)
    """
    ordered = sorted(values)
    if not ordered:
        return math.nan
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low]) if high > low else ordered[low]


def ratio(ours: float, *others: float) -> float:
    """Return ours over the mean of the others, two passes around it as a rule; nan where that is 0.

    Examples
    --------
    >>> ratio(45.0, 40.0, 60.0)
    0.9
    """
    mean = sum(others) / len(others)
    return ours / mean if mean else math.nan


@dataclass(frozen=True)
class Target:
    """A bound to keep, from below or from above.

    Examples
    --------
    >>> Target(">=", 0.9).met(0.9), Target("<=", 120, "ms").met(130), Target("<=", 1.3).met(float("nan"))
    (True, False, False)
    """

    sign: str
    bound: float
    unit: str = ""

    def met(self, value: float) -> bool:
        """Tell whether a value meets the target; what was not measured does not."""
        return value >= self.bound if self.sign == ">=" else value <= self.bound

    def __str__(self) -> str:
        """Return the target as the report prints it."""
        return f"{'≥' if self.sign == '>=' else '≤'} {self.bound:g}{' ' + self.unit if self.unit else ''}"


@dataclass(frozen=True)
class Line:
    """One line of the report: what was measured, on each page, and what was asked for.

    ``before`` and ``after`` are the SVG page's, around ours; ``base`` is the revision's that is measured too.
    ``judged`` is the number that the target is held against; where it is None the line informs only.
    """

    what: str
    before: float | None = None
    ours: float | None = None
    after: float | None = None
    plotly: float | None = None
    plain: float | None = None
    base: float | None = None
    ratio: float | None = None
    unit: str = ""
    target: Target | None = None
    judged: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        return (
            None if self.target is None else self.target.met(math.nan if self.judged is None else self.judged)
        )


def held(what: str, value: float, target: Target, unit: str = "", note: str = "") -> Line:
    """Return a line of ours alone, held against a target.

    Examples
    --------
    >>> held("lost", 0, Target("<=", 0)).met
    True
    """
    return Line(what, ours=value, unit=unit, target=target, judged=value, note=note)


def compared(
    what: str,
    pages: Mapping[str, Sequence[float]],
    *,
    to: Sequence[str] = ("before", "after"),
    unit: str = "",
    target: Target | None = None,
    note: str = "",
) -> Line:
    """Return a line for drags repeated on each page: medians, and the median of the drags' ratios.

    ``pages`` has the columns of a line; ours is held against the mean of those in ``to``.

    Examples
    --------
    >>> pages = {"before": [40, 50, 60], "ours": [45, 45, 66], "after": [60, 50, 60]}
    >>> line = compared("updates", pages, target=Target(">=", 0.9))
    >>> line.ours, line.ratio, line.met
    (45.0, 0.9, True)
    """
    ratios = [ratio(ours, *others) for ours, *others in zip(*(pages[p] for p in ("ours", *to)), strict=True)]
    middle = median(ratios)
    each = ", ".join(f"{r:.2f}" for r in ratios)
    return Line(
        what,
        **{name: median(values) for name, values in pages.items()},
        ratio=middle,
        unit=unit,
        target=target,
        judged=middle,
        note=f"{note + '; ' if note else ''}{each}" if len(ratios) > 1 else note,
    )


HEAD = ("", "SVG", "ours", "SVG", "plotly.js", "plain", "base", "ratio", "target", "")
TEXTS = (0, 8, 9)  # the columns that are no numbers


def table(title: str, lines: Sequence[Line]) -> str:
    """Return the lines as a table with a title, without the columns that none of them fills."""
    cells = [_cells(line) for line in lines]
    used = [i for i in range(len(HEAD)) if i == 0 or any(row[i] for row in cells)]
    rows = [[row[i] for i in used] for row in (HEAD, *cells)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    made = [
        "  ".join(
            _padded(cell, width, left=i in TEXTS) for i, cell, width in zip(used, row, widths, strict=True)
        )
        for row in rows
    ]
    rule = "─" * min(110, max(len(row.rstrip()) for row in made))
    return "\n".join([title, rule, *(row.rstrip() for row in made)])


def _cells(line: Line) -> tuple[str, ...]:
    met = {None: "", True: "met", False: "NOT MET"}[line.met]
    return (
        f"{line.what}{', ' + line.unit if line.unit else ''}",
        *(map(_number, (line.before, line.ours, line.after, line.plotly, line.plain, line.base))),
        "" if line.ratio is None else f"{line.ratio:.2f}",
        "" if line.target is None else str(line.target),
        f"{met}{'  ' if met and line.note else ''}{'(' + line.note + ')' if line.note else ''}",
    )


def _number(value: float | None) -> str:
    if value is None or math.isnan(value):
        return "" if value is None else "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int, *, left: bool) -> str:
    gap = " " * (width - _width(text))
    return text + gap if left else gap + text
