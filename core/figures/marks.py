"""Of what every figure is made: marks, scales and words.

A figure is a list of marks in the order in which they are drawn, a scale for each axis, and words. A mark
is one plain dict of plotly's (a trace, a shape, an annotation) or a grip; ``picture`` lays each in its place.
Places are in the units of the data on every scale, a logarithmic one too: plotly wants some of them as powers
of ten, and only ``picture`` knows. A grip alone is where the browser measures it: at the power of ten there.

What stays from stop to stop is made once (``lru_cache``): frames are compared by identity first, and two
hundred stops cost little more than what moves in them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from core._checks import Floats, count, finite, locked
from core.figures.text import fitted, literal, texts
from core.figures.theme import (
    CLASS_DASHES,
    CLASS_ROLES,
    Figure,
    axis,
    class_colours,
    figure,
    grip,
    key_sign,
    label,
)

Pair: TypeAlias = tuple[float, float]
Mark: TypeAlias = dict[str, Any]

NARROW = 270  # no figure with names beside it is lower than this on a phone
_MANTISSAS = (1.0, 2.0, 5.0, 10.0)
_SHAPES = frozenset({"line", "rect", "path", "circle"})


class Look(NamedTuple):
    """How a quantity is drawn wherever it stands: colour role, dash, name, symbol, pattern of its bars."""

    role: str
    dash: str = "solid"
    name: str = ""
    symbol: str = "circle"
    pattern: str = ""

    @property
    def colour(self) -> str:
        """The colour of the role, for a trace or a label."""
        return f"@{self.role}"


# How the classes are drawn, in their order.
CLASSES = [Look(role, dash) for role, dash in zip(CLASS_ROLES, CLASS_DASHES, strict=True)]


# Marks that are traces -------------------------------------------------------------------------------------


def _trace(kind: str, hover: str, gaps: bool, made: Mark, more: Mark) -> Mark:
    """Return a trace with what all of them say: what hovering shows, and whether gaps are meant."""
    made["type"] = kind
    if gaps:
        made["connectgaps"] = False
    if hover:
        made["hovertemplate"] = hover + "<extra></extra>"
    else:
        made["hoverinfo"] = "skip"
    return made | more if more else made


@lru_cache(maxsize=512)
def _stroke(colour: str, width: float, dash: str) -> Mark:
    made: Mark = {"color": colour, "width": width}
    return made | {"dash": dash} if dash else made


def line(
    x: Any, y: Any, look: Look, *, hover: str = "", width: float = 3, gaps: bool = False, **more: Any
) -> Mark:
    """Return a curve. ``gaps``: nan in it is meant. ``more``: more of plotly's trace, such as ``yaxis``.

    Examples
    --------
    >>> made = line(np.zeros(2), np.ones(2), Look("q", "dash"), hover="q = %{y:.4f}")
    >>> made["line"], made["hovertemplate"]
    ({'color': '@q', 'width': 3, 'dash': 'dash'}, 'q = %{y:.4f}<extra></extra>')
    """
    made = {"mode": "lines", "x": x, "y": y, "line": _stroke(look.colour, width, look.dash)}
    return _trace("scatter", hover, gaps, made, more)


def area(x: Any, y: Any, fill: str, *, to: str = "tozeroy", hover: str = "", **more: Any) -> Mark:
    """Return a filled area without a rim: down to zero, or to the curve before (``to="tonexty"``)."""
    made = {"mode": "lines", "x": x, "y": y, "line": _stroke(fill, 0, ""), "fill": to, "fillcolor": fill}
    return _trace("scatter", hover, False, made, more)


@lru_cache(maxsize=512)
def _pointed(looks: tuple[Look, ...], size: float, ring: float) -> Mark:
    made: Mark = {"color": [look.colour for look in looks], "size": size}
    if any(look.symbol != "circle" for look in looks):
        made["symbol"] = [look.symbol for look in looks]
    return made | ({"line": {"color": "@ground", "width": ring}} if ring else {})


def dots(
    x: Any,
    y: Any,
    looks: Sequence[Look],
    *,
    hover: str = "",
    size: float = 13,
    ring: float = 2,
    gaps: bool = False,
    **more: Any,
) -> Mark:
    """Return one point for each look, with a ring in the colour of the ground around it.

    One ``x`` may serve all of them.

    Examples
    --------
    >>> made = dots(0.5, np.array([1.0, 2.0]), [Look("p"), Look("q", symbol="diamond")])
    >>> made["x"].tolist(), made["marker"]["symbol"]
    ([0.5, 0.5], ['circle', 'diamond'])
    """
    made = {
        "mode": "markers",
        "x": np.full(len(looks), x) if np.isscalar(x) else x,
        "y": y,
        "marker": _pointed(tuple(looks), size, ring),
    }
    return _trace("scatter", hover, gaps, made, more)


@lru_cache(maxsize=64)
def _said(size: float) -> Mark:
    return {"size": size}


def bars(
    x: Any, y: Any, look: Look, *, hover: str = "", said: Sequence[str] = (), size: float = 15, **more: Any
) -> Mark:
    """Return horizontal bars in one look, each with what is ``said`` at its end."""
    made: Mark = {"orientation": "h", "x": x, "y": y, "marker": _filled(look)}
    if len(said):
        made |= {
            "text": texts(said),
            "textposition": "outside",
            "textfont": _said(size),
            "constraintext": "none",
            "cliponaxis": False,
        }
    return _trace("bar", hover, False, made, more)


def columns(x: Any, y: Any, look: Look, *, hover: str = "", **more: Any) -> Mark:
    """Return upright bars in one look."""
    return _trace("bar", hover, False, {"x": x, "y": y, "marker": _filled(look)}, more)


@lru_cache(maxsize=512)
def _filled(look: Look) -> Mark:
    # A rim tells what is pale from the ground.
    rim = {"line": {"color": "@soft", "width": 1}} if "/" in look.colour else {}
    return {"color": look.colour, "pattern": hatch(look.pattern), **rim}


@lru_cache(maxsize=512)
def _headed(looks: tuple[Look, ...], to: str, size: float) -> Mark:
    return {"symbol": f"triangle-{to}", "size": size, "color": [look.colour for look in looks]}


def off_axis(x: Any, y: Any, looks: Sequence[Look], to: str, *, size: float = 18, on: str = "xy") -> Mark:
    """Return the heads of what leaves an axis towards "up", "right", ...; nan where nothing does."""
    made = {
        "mode": "markers",
        "x": np.full(len(looks), x) if np.isscalar(x) else x,
        "y": y,
        "marker": _headed(tuple(looks), to, size),
        "xaxis": on[: on.index("y")],
        "yaxis": on[on.index("y") :],
        "cliponaxis": False,
    }
    return _trace("scatter", "", True, made, {})


def written(
    x: Any, y: Any, words: Sequence[str], place: Any = "middle center", *, hover: str = "", **more: Any
) -> Mark:
    """Return texts in the figure that move with it, without points."""
    made: Mark = {"mode": "text", "x": x, "y": y, "text": texts(words), "textposition": place}
    return _trace("scatter", hover, False, made, more)


# Marks that are shapes -------------------------------------------------------------------------------------


def rule(
    *,
    x: float | None = None,
    y: float | None = None,
    between: Pair | None = None,
    colour: str = "@soft",
    width: float = 2,
    dash: str = "",
    **more: Any,
) -> Mark:
    """Return an upright (``x``) or a level (``y``) line, between two places or across the whole figure.

    Examples
    --------
    >>> rule(y=0.5)["xref"], rule(x=2.0, between=(0.0, 1.0))["y1"]
    ('paper', 1.0)
    """
    low, high = between or (0, 1)
    made: Mark = {"type": "line"}
    if y is not None:
        made |= ({} if between else {"xref": "paper"}) | {"x0": low, "x1": high, "y0": y, "y1": y}
    else:
        made |= ({} if between else {"yref": "paper"}) | {"x0": x, "x1": x, "y0": low, "y1": high}
    made["line"] = _stroke(colour, width, dash)
    return made | more if more else made


def straight(
    start: Pair, end: Pair, *, colour: str = "@soft", width: float = 2, dash: str = "", **more: Any
) -> Mark:
    """Return a straight line from one place to another."""
    made: Mark = {"type": "line", "x0": start[0], "y0": start[1], "x1": end[0], "y1": end[1]}
    made["line"] = _stroke(colour, width, dash)
    return made | more if more else made


def box(x: Pair, y: Pair, *, fill: str = "", rim: str = "", width: float = 2, **more: Any) -> Mark:
    """Return a rectangle from ``x[0]`` to ``x[1]`` and from ``y[0]`` to ``y[1]``, filled or with a rim."""
    made: Mark = {"type": "rect", "x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1]}
    if fill:
        made["fillcolor"] = fill
    made["line"] = _stroke(rim or fill, width if rim else 0, "")
    return made | more if more else made


# Marks that are words --------------------------------------------------------------------------------------


def names_beside(
    side: str, names: Sequence[str], heights: Sequence[float], limit: float, gap: float
) -> list[Mark]:
    """Return names "left" or "right" of the axis, each near the height where its curve ends, all apart."""
    # A ring may stand at the right end of its axis.
    x, anchor, shift = (0.0, "right", -4) if side == "left" else (1.0, "left", 14)
    return [
        label(name, x, y, xref="paper", xanchor=anchor, xshift=shift)
        for name, y in zip(names, apart(heights, limit, gap), strict=True)
    ]


@lru_cache(maxsize=64)
def keys(
    looks: tuple[Look, ...], step: float, left: int, signs: Sequence[str] = (), gap: int = 18
) -> list[Mark]:
    """Return a line of keys over the figure, ``step`` of its width apart: each look's sign and name.

    ``left`` is where the line begins, ``gap`` how far a name stands from its sign, in pixels.
    """
    above = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    drawn = signs or ["▨" if look.pattern else "■" for look in looks]
    return [
        mark
        for i, (look, sign) in enumerate(zip(looks, drawn, strict=True))
        for mark in (
            key_sign(sign, step * i, 1.0, colour=look.colour, **above, xshift=left),
            label(look.name, step * i, 1.0, **above, xshift=left + gap),
        )
    ]


# Scales ----------------------------------------------------------------------------------------------------


class Scale(NamedTuple):
    """The scale of an axis between two values of the data; ``scale`` makes it.

    One that stays from stop to stop is one dict in all of them.
    """

    low: float
    high: float
    ticks: tuple[float, ...] = ()
    names: tuple[str, ...] = ()
    log: bool = False
    every: float = 0.0
    zero: bool = False
    more: tuple[tuple[str, Any], ...] = ()

    def at(self, place: float) -> float:
        """Return where plotly has a place of the data: the one spot that knows of powers of ten."""
        return math.log10(place) if self.log else place


def scale(
    low: float,
    high: float,
    ticks: Mapping[float, str] | Iterable[float] = (),
    *,
    log: bool = False,
    every: float = 0.0,
    zero: bool = False,
    stubs: bool = True,
    **more: Any,
) -> Scale:
    """Return a scale from ``low`` to ``high``.

    Parameters
    ----------
    low, high : float
        Its ends, in units of the data; ``low`` may be the greater one.
    ticks : sequence of float, or mapping of float to str, optional
        Where it has ticks, and what is written at them where that is not the number.
    log : bool
        Whether it is logarithmic.
    every : float
        Ticks at all multiples of this, where no ``ticks`` are given.
    zero : bool
        Whether zero has a line of its own.
    stubs : bool
        Whether each tick has a short line at the axis.
    **more
        More of plotly's axis (side, showgrid, anchor, ...), hashable.

    Examples
    --------
    >>> drawn = scale(0.1, 100.0, [1, 10], log=True)
    >>> drawn.at(100.0), _axis(drawn, "n")["range"]
    (2.0, [-1.0, 2.0])
    """
    names = tuple(ticks.values()) if isinstance(ticks, Mapping) else ()
    if not stubs:
        more["ticks"] = ""
    return Scale(low, high, tuple(ticks), names, log, every, zero, tuple(more.items()))


@lru_cache(maxsize=2048)
def _axis(drawn: Scale, title: str) -> dict[str, Any]:
    """Return a scale as plotly's axis."""
    made: dict[str, Any] = {"type": "log"} if drawn.log else {}
    if drawn.zero:
        made |= {"zeroline": True, "zerolinecolor": "@soft", "zerolinewidth": 2}
    if drawn.every:
        made |= {"tickmode": "linear", "tick0": 0.0, "dtick": drawn.every}
    elif drawn.ticks:
        made |= {"tickvals": list(drawn.ticks)} | ({"ticktext": list(drawn.names)} if drawn.names else {})
    return axis(title, (drawn.at(drawn.low), drawn.at(drawn.high)), **(made | dict(drawn.more)))


@lru_cache(maxsize=64)
def hidden_axis(low: float, high: float) -> dict[str, Any]:
    """Return an axis that only measures."""
    return axis(limits=(low, high), visible=False)


# The picture -----------------------------------------------------------------------------------------------


def picture(
    words: Mapping[str, str],
    marks: Iterable[Mark],
    *,
    x: Scale | dict[str, Any] | None = None,
    y: Scale | dict[str, Any] | None = None,
    x2: Scale | dict[str, Any] | None = None,
    y2: Scale | dict[str, Any] | None = None,
    x3: Scale | dict[str, Any] | None = None,
    narrow: int = 0,
    **layout: Any,
) -> Figure:
    """Return a figure.

    Parameters
    ----------
    words : mapping
        ``title`` (what to see), ``alt`` (the text alternative), ``caption`` (one sentence for below), and the
        names of the axes that have one: ``x``, ``y``, ``x2``, ``y2``, ``x3``.
    marks : iterable of dict
        What the functions of this file return, and `theme.label`, `theme.grip` and `theme.pressed`, in
        drawing order.
    x, y, x2, y2, x3 : Scale or dict, optional
        The axes; a dict is plotly's own, as `named_axis` and `class_rows` return it.
    narrow : int
        Least height in pixels on a narrow screen; 0 where the usual one will do.
    **layout
        More of `theme.figure` (height, margin) and of plotly's layout (barmode, ...).

    Examples
    --------
    >>> words = {"title": "A line", "alt": "A line that rises.", "caption": "It rises.", "x": "n", "y": ""}
    >>> made = picture(
    ...     words,
    ...     [line(np.array([1.0, 10.0]), np.zeros(2), Look("q")), rule(y=0.5), label("here", 10.0, 0.5)],
    ...     x=scale(1.0, 10.0, log=True),
    ...     y=scale(0.0, 1.0),
    ... )
    >>> len(made["data"]), len(made["layout"]["shapes"]), made["layout"]["annotations"][0]["x"]
    (1, 1, 1.0)
    """
    traces: list[Mark] = []
    shapes: list[Mark] = []
    notes: list[Mark] = []
    grips: list[Mark] = []
    cells: list[Mark] = []
    for mark in marks:
        if "sets" in mark:
            cells.append(mark)
        elif "showarrow" in mark:
            notes.append(mark)
        elif "control" in mark:
            grips.append(mark)
        else:
            (shapes if mark["type"] in _SHAPES else traces).append(mark)
    axes: dict[str, Any] = {}
    for name, drawn in (("x", x), ("y", y), ("x2", x2), ("y2", y2), ("x3", x3)):
        if isinstance(drawn, Scale):
            axes[name] = _axis(drawn, words.get(name, ""))
            if drawn.log:
                # New dicts: a label may be one that is kept for the next stop.
                notes = [
                    note | {name[0]: drawn.at(note[name[0]])}
                    if note.get(f"{name[0]}ref", name[0]) == name
                    else note
                    for note in notes
                ]
        elif drawn is not None:
            axes[name] = drawn
    for name in ("x2", "y2", "x3"):
        if name in axes:
            layout[f"{name[0]}axis{name[1]}"] = axes.pop(name)
    if shapes:
        layout["shapes"] = shapes
    if notes:
        layout["annotations"] = notes
    made = figure(
        traces,
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        grips=grips,
        cells=cells,
        **axes,
        **layout,
    )
    return made | {"narrow": narrow} if narrow else made


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


def nice_edges(low: float, high: float, *, at_most: int = 40) -> Floats:
    """Choose round bin edges that cover a range and do not wander when the range changes a little.

    The edges are whole multiples of 1, 2 or 5 times a power of ten, the smallest such step that needs no more
    bins than allowed. Two ranges with the same step share their edges.

    Parameters
    ----------
    low, high : float
        The range to cover, low <= high.
    at_most : int
        Largest number of bins, at least 2.

    Returns
    -------
    ndarray, shape (bins + 1,)
        Read-only, increasing edges; the first is at most low, the last at least high.

    Raises
    ------
    ValueError
        Where an end is not finite, low > high, or at_most is below 2.

    References
    ----------
    Heckbert, "Nice Numbers for Graph Labels", Graphics Gems, 1990.

    Examples
    --------
    >>> nice_edges(158.3, 186.1, at_most=10)
    array([155., 160., 165., 170., 175., 180., 185., 190.])
    >>> nice_edges(5, 5)
    array([5. , 5.1])
    """
    low, high = finite("low", low), finite("high", high)
    room = count("at_most", at_most, at_least=2)
    if low > high:
        raise ValueError(f"low must not be greater than high, but they are {low!r} and {high!r}.")
    return _nice_edges(low, high, room)


@lru_cache(maxsize=256)
def _nice_edges(low: float, high: float, room: int) -> Floats:
    """Return the edges of a checked range; an axis asks for the same ones at every stop."""
    # A range without width gets a bin of a tenth; far from 0, a bin must still hold a few float64 numbers.
    span = (Fraction(high) - Fraction(low)) or Fraction(room, 10)
    smallest = max(span / room, Fraction(math.ulp(max(abs(low), abs(high)))) * 4)
    # One power too low to begin with, because a logarithm may round across a power of ten.
    exponent = math.floor(math.log10(smallest)) - 1
    while True:
        for digit in (1, 2, 5):
            step = digit * Fraction(10) ** exponent
            first = math.floor(Fraction(low) / step)
            last = max(math.ceil(Fraction(high) / step), first + 1)
            if step >= smallest and last - first <= room:
                # Read as decimal text, every edge is the float64 nearest to the round number.
                return locked(np.array([float(f"{digit * k}e{exponent}") for k in range(first, last + 1)]))
        exponent += 1


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
    rows = _class_rows(tuple(names), room)
    return rows | options if options else rows


@lru_cache(maxsize=256)
def _class_rows(names: tuple[str, ...], room: int) -> dict[str, Any]:
    """Return the axis of class rows; it stays from stop to stop."""
    return named_axis([fitted(name, room) for name in names], (len(names) - 0.4, -0.6))


def class_bars(
    x: Any, words: Sequence[str], hover: str, names: Sequence[str], **options: Any
) -> dict[str, Any]:
    """Return horizontal bars in the classes' colours, one a row, with a text at each end."""
    made = {"x": x, "text": texts(words), "hovertemplate": hover + "<extra></extra>"}
    return {**_class_bars(tuple(names)), **made, **options}


@lru_cache(maxsize=256)
def _class_bars(names: tuple[str, ...]) -> Mark:
    """Return what bars of the same classes have in common."""
    return {
        "type": "bar",
        "orientation": "h",
        "y": np.arange(len(names)),
        "marker": {"color": class_colours(len(names))},
        "textposition": "outside",
        "cliponaxis": False,
        "constraintext": "none",
        "customdata": [literal(name) for name in names],
    }


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


def over_bars(values: Any, words: Sequence[str], on: str = "x") -> dict[str, Any]:
    """Return a label over each bar, from zero on: the bar may fill its axis, and its ring stays free.

    Bars that have them are less than half as wide as their rows are apart.
    """
    sides = tuple(value < 0.0 for value in np.asarray(values).tolist())
    return {**_over_bars(sides, on), "text": texts(words)}


@lru_cache(maxsize=256)
def _over_bars(left: tuple[bool, ...], on: str) -> Mark:
    """Return the places of labels over bars; they stay until a bar changes its side."""
    made = across_zero([1.0 if here else -1.0 for here in left], [""] * len(left), on)
    return {**made, "x": locked(made["x"]), "y": locked(np.arange(len(left)) - 0.4)}


def past_end(values: Floats, drawn: Scale, looks: Sequence[Look], on: str = "xy") -> Mark:
    """Return the heads of the bars of rows 0, 1, ... that go on beyond the end of their axis.

    Examples
    --------
    >>> past_end(np.array([1.0, 30.0]), scale(0.0, 20.0), [Look("loss")] * 2)["x"].tolist()
    [nan, 20.0]
    """
    beyond = np.where(values > drawn.high, drawn.high, np.nan)
    return off_axis(beyond, np.arange(len(values)), looks, "right", on=on)


def faded(colours: Sequence[str], kept: int, opacity: float = 0.35) -> Mark:
    """Return the marker of bars all of which but one are pale, with a rim that tells them from the ground.

    Examples
    --------
    >>> made = faded(["@p", "@q"], 1)
    >>> made["color"].tolist(), made["line"]["color"].tolist()
    (['@p/0.35', '@q'], ['@soft', '@q'])
    """
    fills = [colour if i == kept else f"{colour}/{opacity}" for i, colour in enumerate(colours)]
    rims = [colour if i == kept else "@soft" for i, colour in enumerate(colours)]
    return {"color": texts(fills), "line": {"color": texts(rims), "width": 1.5}}


def score_grips(logits: Sequence[float], names: Sequence[str], words: Mapping[str, str]) -> list[Mark]:
    """Return the ends of the bars of scores as grips, each of which moves the score of its row."""
    return [
        grip(f"z{i}", z, i - 1, label=f"{words['grip']} {name}", axes="x", control=f"z{i}")
        for i, (z, name) in enumerate(zip(logits, names, strict=True), start=1)
    ]


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
