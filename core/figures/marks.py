"""What several lessons draw alike: rows and bars of classes, cursors, names of curves, ends of axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from core.figures.text import fitted, texts
from core.figures.theme import Figure, axis, class_colours, figure, label

Pair: TypeAlias = tuple[float, float]

NARROW = 270  # no figure with names beside it is lower than this on a phone
_MANTISSAS = (1.0, 2.0, 5.0, 10.0)


def roomy(*parts: Any, narrow: int = NARROW, **options: Any) -> Figure:
    """Return a figure that is at least ``narrow`` pixels high on a narrow screen: its names stay apart."""
    return figure(*parts, **options) | {"narrow": narrow}


# Ends of axes ----------------------------------------------------------------------------------------------


def step_up(value: float, floor: float = 0.0) -> float:
    """Return the smallest of ..., 1, 2, 5, 10, 20, ... that is at least ``value`` and ``floor``.

    Axes take it as their end, so that they stand still while a hand moves and change in steps.

    Examples
    --------
    >>> step_up(0.3), step_up(5.0), step_up(15.0), step_up(0.3, floor=5.0)
    (0.5, 5.0, 20.0, 5.0)
    """
    wanted = max(value, floor, 1e-300)
    unit = 10.0 ** math.floor(math.log10(wanted))
    return next((float(f"{m * unit:.3g}") for m in _MANTISSAS if m * unit >= wanted * (1.0 - 1e-12)), wanted)


def doubled(value: float, first: float) -> float:
    """Return the first of ``first``, its double, its double again, ... that ``value`` does not exceed.

    Examples
    --------
    >>> doubled(1.5, 2.0), doubled(9.0, 2.0), doubled(float("inf"), 2.0)
    (2.0, 16.0, 2.0)
    """
    limit = first
    while math.isfinite(value) and value > limit:
        limit *= 2.0
    return limit


def ticks(limit: float, first: float) -> list[float]:
    """Return the ticks of an axis that ends at ``limit``: as many as its first state has whole units.

    Examples
    --------
    >>> ticks(10.0, 5.0)
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    return [i * limit / first for i in range(int(first) + 1)]


# Rows and bars of classes ----------------------------------------------------------------------------------


def named_axis(names: Sequence[str], limits: Pair, title: str = "", **options: Any) -> dict[str, Any]:
    """Return an axis on which names stand, at 0, 1, 2 and so on where no ``tickvals`` say otherwise.

    Examples
    --------
    >>> made = named_axis(["cat", "dog"], (-0.5, 1.5))
    >>> made["tickvals"], made["ticktext"]
    ([0, 1], ['cat', 'dog'])
    """
    plain = {"tickvals": list(range(len(names))), "ticktext": list(names), "showgrid": False, "ticks": ""}
    return axis(title, limits, **(plain | options))


def class_rows(names: Sequence[str], room: int = 8, **options: Any) -> dict[str, Any]:
    """Return the axis on which every class has its row, the first on top, with names of ``room`` letters.

    Examples
    --------
    >>> class_rows(["cat", "horse", "dog"])["range"]
    [2.6, -0.6]
    """
    return named_axis([fitted(name, room) for name in names], (len(names) - 0.4, -0.6), **options)


def class_bars(
    x: Any, words: Sequence[str], hover: str, names: Sequence[str], **options: Any
) -> dict[str, Any]:
    """Return horizontal bars in the classes' colours, one a row, with a text at each end."""
    return {
        "type": "bar",
        "orientation": "h",
        "x": x,
        "y": np.arange(len(names)),
        "marker": {"color": class_colours(len(names))},
        "text": texts(words),
        "textposition": "outside",
        "cliponaxis": False,
        "constraintext": "none",
        "hovertemplate": hover + "<extra></extra>",
        "customdata": list(names),
    } | options


def across_zero(values: Sequence[float], words: Sequence[str], on: str = "x") -> dict[str, Any]:
    """Return a label for each bar on the other side of zero: clear of its end, its ring and the names."""
    left = [value > 0.0 for value in values]
    return {
        "type": "scatter",
        "mode": "text",
        "x": np.zeros(len(left)),
        "y": np.arange(len(left)),
        "xaxis": on,
        "text": texts([f"\u2003{w}\u2003" for w in words]),
        "textposition": texts(["middle left" if here else "middle right" for here in left]),
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def diamonds(x: Any, y: Any, hover: str, size: int = 13, **options: Any) -> dict[str, Any]:
    """Return open diamonds: a second answer over the bars of the first; nan where there is none."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "connectgaps": False,
        "marker": {"color": "@ink", "symbol": "diamond-open", "size": size, "line": {"width": 2}},
        "hovertemplate": hover + "<extra></extra>",
        "cliponaxis": False,
    } | options


def hatch(shape: str) -> dict[str, Any]:
    """Return a pattern over a bar's colour; none where ``shape`` is empty."""
    return {
        "shape": shape,
        "fillmode": "overlay",
        "fgcolor": "@ground",
        "fgopacity": 0.6,
        "size": 8,
        "solidity": 0.25,
    }


def pulled(numbers: Sequence[float], index: int, share: float, *, scores: bool = False) -> list[float]:
    """Return weights, or scores, that give one outcome a share and keep the others in proportion.

    Examples
    --------
    >>> pulled((0.8, 0.1, 0.1), 0, 0.5), pulled((3.0, 0.0), 0, 0.5, scores=True)
    ([0.5, 0.25, 0.25], [0.0, 0.0])
    """
    made = list(numbers)
    others = [number for i, number in enumerate(numbers) if i != index]
    if scores:
        mine = min(max(share, 1e-4), 1.0 - 1e-4)
        top = max(others)
        total = top + math.log(sum(math.exp(z - top) for z in others))
        made[index] = round(total + math.log(mine / (1.0 - mine)), 2) + 0.0
        return made
    mine = round(min(max(share, 0.0), 1.0), 2)
    total = sum(others)
    rest = [w / total if total > 0.0 else 1.0 / len(others) for w in others]
    made = [round((1.0 - mine) * w, 4) for w in rest]
    made.insert(index, mine)
    return made


# Curves under a cursor -------------------------------------------------------------------------------------


class Look(NamedTuple):
    """How a curve is drawn: its colour role and its dash."""

    role: str
    dash: str


def markers(x: float, values: Sequence[float], looks: Sequence[Look], limits: Pair) -> dict[str, Any]:
    """Return the points under the cursor; what is off the axis becomes a triangle at its end."""
    low, high = limits
    symbols = ["triangle-up" if v > high else "triangle-down" if v < low else "circle" for v in values]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.full(len(values), x),
        "y": np.clip(np.array(values, dtype=np.float64), low, high),
        "cliponaxis": False,
        "marker": {
            "color": [f"@{look.role}" for look in looks],
            "symbol": texts(symbols),
            "size": 13,
            "line": {"color": "@ground", "width": 1.5},
        },
        "hoverinfo": "skip",
    }


def cursor(x: float, low: float, high: float) -> dict[str, Any]:
    """Return the upright line of the cursor."""
    return {
        "type": "line",
        "layer": "below",
        "x0": x,
        "x1": x,
        "y0": low,
        "y1": high,
        "line": {"color": "@soft", "width": 2},
    }


def apart(heights: Sequence[float], limit: float, gap: float) -> list[float]:
    """Return heights from 0 to ``limit`` for labels ``gap`` apart, each near the height given.

    Examples
    --------
    >>> apart([1.0, 1.0, float("inf")], 4.0, 0.5)
    [0.75, 1.25, 4.0]
    """
    wanted = [min(h, limit) for h in heights]
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    places = list(wanted)
    # Push neighbours apart until all stand clear: a few labels need a few rounds.
    for _ in range(40):
        clear = True
        for low, high in pairwise(order):
            missing = gap - (places[high] - places[low])
            if missing > 1e-9 * gap:
                places[low], places[high] = places[low] - missing / 2, places[high] + missing / 2
                clear = False
        if places[order[0]] < 0.0:
            places[order[0]] = 0.0
        if places[order[-1]] > limit:
            places[order[-1]] = limit
        if clear:
            break
    return places


def names_at_right(
    heights: Sequence[float], looks: Sequence[Look], names: Sequence[str], limits: Pair, gap: float
) -> list[dict[str, Any]]:
    """Return the names of curves right of the axis, each near the height where its curve ends."""
    low, high = limits
    places = apart([h - low for h in heights], high - low, gap) if names else []
    return [
        label(name, 1.0, y + low, xref="paper", xanchor="left", xshift=6, colour=f"@{look.role}")
        for name, look, y in zip(names, looks, places, strict=True)
    ]
