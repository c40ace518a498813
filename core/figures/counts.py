"""Figures of the counts lesson: draws from a bag, their likelihood, and the cross-entropy it turns into."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.categorical import (
    Identity,
    empirical,
    identity,
    log_likelihood,
    log_multinomial_coefficient,
    log_spaced,
    mean_nll,
    mean_nll_standard_error,
    multinomial_coefficient,
    plain_product,
    running_counts,
    sample_classes,
)
from core.draws import (
    LongDraw,
    Underflow,
    best_with_first,
    counts_along,
    even_classes,
    even_counts,
    long_draw,
    share_standard_error,
    underflow_along,
)
from core.figures.marks import apart, cursor, doubled, hatch, named_axis, ticks
from core.figures.text import Segment, code, lines, number, part, power_of_ten, row, table, texts
from core.figures.theme import Figure, axis, figure, grip, key_sign, label
from core.gaussian import as_power_of_ten
from core.information import cross_entropy, distribution, entropy

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]
Names: TypeAlias = Sequence[str]
Words: TypeAlias = dict[str, str]
Lines: TypeAlias = list[list[Segment]]

# The numbers of draws at which the long sequence is looked at: the stops of N, and the points of the curves.
STOPS = (
    *range(1, 10),
    *(round(first * 10**power) for power in range(1, 6) for first in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)),
    1_000_000,
)
GRID = np.array(STOPS, dtype=np.int64)
PLACES = GRID.astype(np.float64)
LAST = STOPS[-1]
LN10 = math.log(10.0)
# Ends of the axes in their first state; beyond them an axis doubles, as often as it must.
COST_LIMIT = 2.0
ORDER_LIMIT = 4.0
# Powers of ten: the least float64 and float32 above 0, and where the drawing puts the product that is 0.
FLOAT64 = math.log10(5e-324)
FLOAT32 = math.log10(2.0**-149)
ZERO = -365.0
# Where something stands that is not to be seen: below every axis.
AWAY = -99.0
# So many draws are multiplied one after the other; a longer product comes from the logarithm.
MULTIPLIED = 5000
THETAS = np.concatenate([[0.001, 0.003], np.linspace(0.01, 0.99, 99), [0.997, 0.999]])


class Source(NamedTuple):
    """What a long sequence of draws depends on: the weights of p, "random" or "exact", and the seed."""

    weights: tuple[float, ...]
    draw: str
    seed: int


class Walk(NamedTuple):
    """A long sequence of draws: p, whether its weights were a distribution's, and counts along ``GRID``."""

    p: Floats
    given: bool
    counts: Counts


@dataclass(frozen=True, eq=False)
class Bag:
    """N draws from p, and the model q that is judged by them; all amounts in nats.

    Attributes
    ----------
    p, q : ndarray, shape (K,)
        What is drawn from, and the model; uniform where the weights were all 0.
    p_given, q_given : bool
        Whether the weights were a distribution's.
    n : int
        The number of draws.
    counts : ndarray of int, shape (K,)
        How often each outcome was drawn.
    walk : Walk
        The whole sequence.
    source : Source
        Where the sequence comes from.
    """

    p: Floats
    q: Floats
    p_given: bool
    q_given: bool
    n: int
    counts: Counts
    walk: Walk
    source: Source

    @property
    def exact(self) -> bool:
        """Whether the counts are in proportion to p instead of random."""
        return self.source.draw == "exact"

    @cached_property
    def p_hat(self) -> Floats:
        """The frequencies, which are the most likely model."""
        return empirical(self.counts)

    @cached_property
    def parts(self) -> Identity:
        """The mean NLL of q and its two parts."""
        return identity(self.counts, self.q)

    @cached_property
    def logs(self) -> tuple[float, float, float]:
        """The log-likelihoods of the frequencies, of p and of q."""
        made = log_likelihood(self.counts, np.array([self.p_hat, self.p, self.q]))
        return float(made[0]), float(made[1]), float(made[2])

    @cached_property
    def expected(self) -> float:
        """H(p, q), where the mean NLL of q goes."""
        return float(cross_entropy(self.p, self.q))

    @cached_property
    def error(self) -> float:
        """How far the mean NLL of N random draws scatters around ``expected``."""
        return float(mean_nll_standard_error(self.p, self.q, self.n))

    @cached_property
    def log_orders(self) -> float:
        """The logarithm of the number of orders in which the counts can come."""
        return float(log_multinomial_coefficient(self.counts))

    @cached_property
    def along_theta(self) -> Floats:
        """The mean NLL of the best model for each of ``THETAS`` as the probability of the first outcome."""
        return mean_nll(self.counts, best_with_first(self.counts, THETAS))

    @cached_property
    def running(self) -> Floats:
        """The mean NLL of q after every number of draws of ``GRID``."""
        return mean_nll(self.walk.counts, self.q)

    @cached_property
    def floors(self) -> Floats:
        """The entropy of the frequencies after every number of draws of ``GRID``."""
        return entropy(self.walk.counts / GRID[:, np.newaxis])

    def product(self, model: Floats, log_l: float, left: Underflow) -> float:
        """Return the plain float64 product of a model's probabilities of all draws."""
        if left.zero is not None and self.n >= left.zero:
            return 0.0
        out_of_range = left.subnormal is not None and self.n >= left.subnormal
        if self.n <= MULTIPLIED or out_of_range:
            return plain_product(_classes(self.source, min(self.n, left.last)), model)
        return math.exp(log_l)


@lru_cache(maxsize=6)
def _long(seed: int) -> LongDraw:
    """Return the random numbers of a seed, ready to be counted."""
    return long_draw(GRID, seed=seed)


@lru_cache(maxsize=1024)
def _walk(source: Source) -> Walk:
    """Return a long sequence of draws, counted along ``GRID``."""
    p, given = distribution(source.weights)
    counted = even_counts(p, GRID) if source.draw == "exact" else counts_along(_long(source.seed), p)
    return Walk(p, given, counted)


@lru_cache(maxsize=64)
def _classes(source: Source, count: int) -> NDArray[np.int8]:
    """Return the first draws of a sequence, in order."""
    p = _walk(source).p
    made = even_classes(p, count) if source.draw == "exact" else sample_classes(p, count, seed=source.seed)
    return made.astype(np.int8)


@lru_cache(maxsize=512)
def _counts(source: Source, n: int) -> Counts:
    """Return the counts of the first n draws of a sequence."""
    walk = _walk(source)
    if n in STOPS:
        found: Counts = walk.counts[STOPS.index(n)]
    elif source.draw == "exact":
        found = even_counts(walk.p, [n])[0]
    else:
        found = running_counts(walk.p, [n], seed=source.seed)[0]
    return found


@lru_cache(maxsize=1024)
def _underflow(source: Source, model: tuple[float, ...]) -> Underflow:
    """Return where the plain product of a model's probabilities leaves the range of float64."""
    return underflow_along(lambda count: _classes(source, count), GRID, _walk(source).counts, model)


@lru_cache(maxsize=2048)
def bag(weights: tuple[float, ...], model: tuple[float, ...], n: int, draw: str, seed: int) -> Bag:
    """Return N draws from p, and the model q.

    Parameters
    ----------
    weights, model : tuple of float, length K
        Weights of p and of q.
    n : int
        The number of draws, from 1 to 1,000,000.
    draw : {"random", "exact"}
        Whether the draws are random, or as evenly in proportion to p as whole numbers can be.
    seed : int
        Which random draws.

    Examples
    --------
    >>> made = bag((0.8, 0.1, 0.1), (0.2, 0.2, 0.6), 10, "exact", 1)
    >>> made.counts, f"{made.parts.mean_nll:.6f} = {made.parts.entropy:.6f} + {made.parts.kl_divergence:.6f}"
    (array([8, 1, 1]), '1.499577 = 0.639032 + 0.860545')
    """
    source = Source(weights, draw, seed)
    walk = _walk(source)
    q, q_given = distribution(model)
    return Bag(walk.p, q, walk.given, q_given, n, _counts(source, n), walk, source)


def nearest_stop(position: float) -> int:
    """Return the stop of N that is nearest to a place on the logarithmic axis.

    Examples
    --------
    >>> nearest_stop(2.0), nearest_stop(9.0), nearest_stop(-1.0)
    (100, 1000000, 1)
    """
    return int(10.0 ** min(np.log10(GRID).tolist(), key=lambda place: abs(place - position)) + 0.5)


# Numbers as texts ------------------------------------------------------------------------------------------


def whole(values: Sequence[int] | Counts) -> str:
    """Return counts as a row in brackets.

    Examples
    --------
    >>> whole([1200, 3])
    '(1,200, 3)'
    """
    return f"({', '.join([f'{value:,}' for value in np.asarray(values).tolist()])})"


def expected(value: float) -> str:
    """Return an expected count as a text that is no longer than a count.

    Examples
    --------
    >>> expected(53.3333333), expected(123456.7)
    ('53.33', '123,457')
    """
    return number(value, 4) if value < 1000 else f"{value:,.0f}"


def from_log(log_value: float, digits: int = 6) -> str:
    """Return exp(log_value) as a text, however far outside float64 it lies.

    Examples
    --------
    >>> from_log(math.log(0.00167772)), from_log(-1499.58), from_log(-math.inf)
    ('0.00167772', '5.50403×10⁻⁶⁵²', '0')
    """
    if log_value == math.inf:
        return "∞"
    mantissa, exponent = as_power_of_ten(log_value, digits=digits)
    if mantissa == 0.0 or -4 <= exponent <= 5:
        return number(math.exp(log_value), digits)
    return power_of_ten(mantissa, exponent, digits)


def _sum_of(items: list[str]) -> str:
    """Return terms with plus signs between them, those in the middle left out where there are many."""
    return " + ".join(items if len(items) < 5 else [*items[:3], "…", items[-1]])


def _impossible(b: Bag) -> int | None:
    """Return the first outcome that was drawn although q gives it no probability."""
    found = np.flatnonzero((b.counts > 0) & (b.q == 0.0))
    return int(found[0]) if found.size else None


# Counts beside expectation ---------------------------------------------------------------------------------


def counts(b: Bag, names: Names, words: Words) -> Figure:
    """Return the share of each outcome that was drawn, beside what p and q expect.

    Parameters
    ----------
    b : Bag
        The state.
    names : sequence of str
        Names of the outcomes.
    words : dict
        ``title``, ``alt``, ``caption``, ``x``, ``drawn``, ``column``, ``grip``.
    """
    count = len(names)
    few = count < 5
    starts = np.arange(count) * 3.8
    error = np.zeros(count) if b.exact else share_standard_error(b.p, b.n)
    drawn = [f"{c:,}" for c in b.counts.tolist()]
    series = [
        (words["drawn"], "@p", "@p", "", b.p_hat, drawn),
        ("N·p", "@p/0.3", "@p", "", b.p, [expected(b.n * v) for v in b.p.tolist()]),
        ("N·q", "@q", "@q", "/", b.q, [expected(b.n * v) for v in b.q.tolist()]),
    ]
    traces: list[dict[str, Any]] = []
    for i, (name, fill, edge, pattern, values, said) in enumerate(series):
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": values,
                "y": starts + i,
                "width": 0.86,
                "marker": {"color": fill, "line": {"color": edge, "width": 1.5}, "pattern": hatch(pattern)},
                "customdata": texts([f"{names[j]}: {name} = {said[j]}" for j in range(count)]),
                "hovertemplate": "%{customdata} (%{x:.5f})<extra></extra>",
            }
        )
    # No share is above 1: nor does a whisker reach into the column of numbers.
    traces[1]["error_x"] = {
        "array": np.minimum(2.0 * error, 1.0 - b.p),
        "arrayminus": 2.0 * error,
        "symmetric": False,
        "color": "@ink",
        "thickness": 1.5,
        "width": 4,
    }
    # The numbers stand in a column of their own, so that they never meet a bar or the ring at its end.
    shown = [(i, said) for i, (*_, said) in enumerate(series) if few or i == 0]
    traces.append(
        {
            "type": "scatter",
            "mode": "text",
            "x": np.full(len(shown) * count, 1.3),
            "y": np.concatenate([starts + i + (0.0 if few else 0.7) for i, _ in shown]),
            "text": texts([text for _, said in shown for text in said]),
            "textposition": "middle left",
            "cliponaxis": False,
            "hoverinfo": "skip",
        }
    )
    bar = 21 if few else 12
    last = float(starts[-1])
    tall = round(bar * (last + 3.0)) + 84
    short = round((17 if few else 9) * (last + 3.0)) + 78
    return {
        **figure(
            traces,
            title=words["title"],
            alt=words["alt"],
            caption=words["caption"],
            x=axis(words["x"], (0.0, 1.31), tickvals=[0, 0.25, 0.5, 0.75, 1]),
            y=named_axis(names, (last + 2.7, -0.7), tickvals=(starts + 1.0).tolist(), ticklabelstandoff=8),
            annotations=[
                note
                for i, (name, _, edge, pattern, *_) in enumerate(series)
                for note in (
                    _corner("▨" if pattern else ("■", "□")[i], 0.29 * i, -66, edge, sign=True),
                    _corner(name, 0.29 * i, -48, "@ink"),
                )
            ]
            + [_corner(words["column"], 1.0, 0, "@soft", xanchor="right")],
            barmode="overlay",
            height=tall,
            margin=(30, 8, 50, 74),
            grips=[
                grip(
                    f"{stem}{i + 1}",
                    value,
                    starts[i] + place,
                    label=f"{words['grip']} {stem}({names[i]})",
                    axes="x",
                )
                for place, stem, values in ((1.0, "p", b.p.tolist()), (2.0, "q", b.q.tolist()))
                for i, value in enumerate(values)
            ],
        ),
        "narrow": short,
    }


def _corner(
    text: str, x: float, shift: int, colour: str, *, sign: bool = False, **options: Any
) -> dict[str, Any]:
    """Return a label, or the sign of one, above the figure."""
    return (key_sign if sign else label)(
        text,
        x,
        1.0,
        colour=colour,
        **{"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "xshift": shift}
        | options,
    )


def formula(b: Bag, names: Names, words: Words) -> dict[str, Any]:
    """Return the log-likelihood with its numbers, and how it becomes a cross-entropy.

    Parameters
    ----------
    b : Bag
        The state.
    names : sequence of str
        Names of the outcomes.
    words : dict
        ``error``, ``exact``, ``impossible``, ``times``.
    """
    drawn, q = b.counts.tolist(), [number(v, 4) for v in b.q.tolist()]
    nll, floor, kl = (number(float(value)) for value in b.parts)
    gap = "\u2002\u2002"
    target: list[Segment] = [part(f"H(p, q) = {number(b.expected)}", "loss", strong=True)]
    if b.exact:
        target += [gap, words["exact"]] if np.array_equal(b.p_hat, b.p) else []
    elif math.isfinite(b.expected):
        target.append(f" ± {number(b.error, 4)}{gap}{words['error']}")
    rows: Lines = [
        [part(f"Nᵢ = {whole(drawn)}", "p", strong=True), gap, part(f"p̂ = Nᵢ/N = {row(b.p_hat)}", "p")],
        [
            part("log L(q)", "q", strong=True),
            f" = Σ Nᵢ·log qᵢ = {_sum_of([f'{c:,}·log {v}' for c, v in zip(drawn, q, strict=True)])} = ",
            part(number(b.logs[2]), "q", strong=True),
        ],
        [
            part("−(1/N)·log L(q)", "loss", strong=True),
            " = H(p̂, q) = H(p̂) + KL(p̂‖q) = ",
            part(floor, "entropy", strong=True),
            " + ",
            part(kl, "kl", strong=True),
            " = ",
            part(nll, "loss", strong=True),
        ],
        target,
    ]
    unthinkable = _impossible(b)
    if unthinkable is not None:
        name = names[unthinkable]
        because = f"q({name}) = 0, N({name}) = {drawn[unthinkable]:,}: "
        rows.append([part(because, "loss", strong=True), words["impossible"]])
    return lines(*rows)


# On the way to H(p, q) -------------------------------------------------------------------------------------


def _drawn_so_far(values: Floats, n: int, now: float) -> tuple[Floats, Floats]:
    """Return a curve over ``GRID`` as far as N, always of one length: what lies beyond stays at N."""
    reached = n >= GRID
    x = np.append(np.where(reached, GRID, n), n)
    return x, np.append(np.where(reached, values, now), now)


def _finite(values: Floats) -> tuple[Floats, Floats, int]:
    """Return a curve over ``GRID`` up to where it becomes infinite, and how many of its points are finite.

    What lies beyond stays at the last finite point; where there is none, all of it is out of sight.
    """
    count = int(np.isfinite(values).sum())
    if not count:
        return PLACES, np.full(GRID.size, AWAY), 0
    kept = np.minimum(np.arange(GRID.size), count - 1)
    return PLACES[kept], values[kept], count


def _line(x: Any, y: Any, colour: str, **options: Any) -> dict[str, Any]:
    """Return a line."""
    shape = {"color": colour, "width": options.pop("width", 3), "dash": options.pop("dash", "solid")}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": shape, "hoverinfo": "skip"} | options


def _points(x: Any, y: Any, colours: Any, **options: Any) -> dict[str, Any]:
    """Return marks."""
    shape = {"color": colours, "size": options.pop("size", 13), "line": {"color": "@ground", "width": 2}}
    made = {"type": "scatter", "mode": "markers", "x": x, "y": y, "hoverinfo": "skip"}
    return made | {"marker": shape | options.pop("marker", {})} | options


def _across(y: float, colour: str, on: str = "y", dash: str = "dash") -> dict[str, Any]:
    """Return a level across a figure."""
    line = {"color": colour, "width": 2, "dash": dash}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": on, "y0": y, "y1": y, "line": line}


def _cursor(n: int) -> dict[str, Any]:
    """Return an upright line at N."""
    return cursor(n, 0.0, 1.0) | {"yref": "paper"}


def _draws_axis(title: str, **options: Any) -> dict[str, Any]:
    """Return the axis of the number of draws, the same in every figure."""
    return axis(
        title,
        (-0.06, 6.06),
        type="log",
        tickvals=[1, 10, 100, 1000, 10_000, 100_000, 1_000_000],
        ticktext=["1", "10", "100", "10³", "10⁴", "10⁵", "10⁶"],
        **options,
    )


def converge(b: Bag, words: Words) -> Figure:
    """Return -log L(q) / N against N on its way to H(p, q), with the band of its sampling error.

    Parameters
    ----------
    b : Bag
        The state.
    words : dict
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``nll``, ``grip``.
    """
    nll, floor = float(b.parts.mean_nll), float(b.parts.entropy)
    x, y, finite = _finite(b.running)
    endless = math.isinf(nll)
    banded = math.isfinite(b.expected) and not b.exact
    error = mean_nll_standard_error(b.p, b.q, GRID) if banded else np.zeros(GRID.size)
    around = b.expected if banded else AWAY
    # The band at N = 10 is on the axis, and every point from there on.
    highest = float(y[9:].max()) if finite > 9 else 0.0
    reach = max(highest, b.expected + 2.0 * float(error[9]) if math.isfinite(b.expected) else 0.0)
    limit = doubled(max(reach, min(nll, 1e9) if not endless else 0.0), COST_LIMIT)
    top = 0.97 * limit
    walked = _drawn_so_far(b.running, b.n, nll) if not endless else (x, y)
    parts = np.array([floor, top if endless else nll])
    target, base = b.expected, float(entropy(b.p))
    named = [("H(p, q)" if math.isfinite(target) else "H(p, q) ∞", target), ("H(p)", base)]
    heights = apart([value for _, value in named], limit, 0.12 * limit)
    here = math.log10(b.n)
    return figure(
        [
            _line(
                np.concatenate([GRID, GRID[::-1]]),
                np.concatenate([around - 2.0 * error, (around + 2.0 * error)[::-1]]),
                "@loss/0.3",
                width=1,
                fill="toself",
                fillcolor="@loss/0.15",
            ),
            _line(GRID, b.floors, "@entropy/0.4", width=2),
            _line(x, y, "@loss/0.4", width=2),
            _line(*_drawn_so_far(b.floors, b.n, floor), "@entropy", hoverinfo="none") | _hover("H(p̂)"),
            _line(*walked, "@loss") | _hover(words["nll"]),
            _line(np.array([b.n, b.n]), parts, "@kl", width=7),
            _points(np.array([b.n, b.n]), np.array([floor, AWAY if endless else nll]), ["@entropy", "@loss"]),
            _points(
                np.array([b.n, x[finite - 1] if finite else 1]),
                np.array([top if endless else AWAY, top if finite < GRID.size else AWAY]),
                "@loss",
                size=18,
                marker={"symbol": "triangle-up"},
                cliponaxis=True,
            ),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=_draws_axis(words["x"]),
        y=axis(words["y"], (0.0, 1.06 * limit), tickvals=ticks(limit, COST_LIMIT)),
        shapes=[
            _across(target if math.isfinite(target) else AWAY, "@loss"),
            _across(base, "@entropy"),
            _cursor(b.n),
        ],
        annotations=[
            *(
                label(name, 1.0, height, xref="paper", xanchor="left", xshift=4)
                for (name, _), height in zip(named, heights, strict=True)
            ),
            label(
                f"N = {b.n:,}:  {number(nll)}",
                min(max(here, 1.1), 4.9),
                1.0,
                yref="paper",
                yanchor="bottom",
                colour="@ink",
            ),
        ],
        height=360,
        margin=(28, 80, 52, 52),
        grips=[grip("n", here, floor, label=words["grip"], axes="x")],
    )


def _hover(name: str) -> dict[str, Any]:
    """Return what a curve over N says under the pointer."""
    return {"hoverinfo": "all", "hovertemplate": f"N = %{{x:,}}: {name} = %{{y:.6g}}<extra></extra>"}


# The plain product -----------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _fall(source: Source, model: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Return the powers of ten of a plain product along ``GRID``; where it is 0 it lies at the bottom.

    Two points more than ``GRID`` make the fall upright.
    """
    left, drawn = _underflow(source, model), _walk(source).counts
    powers = np.maximum(log_likelihood(drawn, model) / LN10, FLOAT64)
    if left.zero is None:
        return np.append(GRID, [LAST, LAST]), np.append(powers, powers[[-1, -1]])
    place = int(np.searchsorted(GRID, left.zero))
    before = np.bincount(_classes(source, left.zero)[: left.zero - 1], minlength=len(model))
    brink = max(float(log_likelihood(before, model)) / LN10, FLOAT64)
    x = np.insert(GRID.astype(np.float64), place, [left.zero, left.zero])
    y = np.insert(np.where(left.zero > GRID, powers, ZERO), place, [brink, ZERO])
    return x, y


@lru_cache(maxsize=512)
def _sums(source: Source, model: tuple[float, ...]) -> tuple[Floats, Floats, int]:
    """Return -log L along ``GRID`` as a power of ten up to where it is infinite, and how far that is."""
    x, y, finite = _finite(mean_nll(_walk(source).counts, model))
    return x, np.log10(np.maximum(x * y, 1e-9)) if finite else y, finite


def product(b: Bag, words: Words) -> Figure:
    """Return the plain product of the probabilities falling to 0, and below it the sum of logs that goes on.

    Parameters
    ----------
    b : Bag
        The state.
    words : dict
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``y2``, ``impossible``, ``float64``, ``float32``.
    """
    traces: list[dict[str, Any]] = []
    said: list[str] = []
    unbounded = GRID.size
    for name, model, colour, dash, log_l in (
        ("p", b.p, "@p", "dash", b.logs[1]),
        ("q", b.q, "@q", "solid", b.logs[2]),
    ):
        key = tuple(model.tolist())
        left = _underflow(b.source, key)
        gone = left.zero is not None and b.n >= left.zero
        here = ZERO if gone else max(log_l / LN10, FLOAT64)
        end = AWAY if math.isinf(log_l) else math.log10(max(-log_l, 1e-9))
        x, y, unbounded = _sums(b.source, key)
        traces += [
            _line(*_fall(b.source, key), colour, dash=dash),
            _points(np.array([b.n]), np.array([here]), colour),
            _line(x, y, colour, dash=dash, yaxis="y2"),
            _points(np.array([b.n]), np.array([end]), colour, yaxis="y2"),
            _points(
                np.array([left.zero or 1]),
                np.array([ZERO if left.zero else 9.0 * ZERO]),
                "@loss",
                marker={"symbol": "x"},
            ),
        ]
        ruled_out = f", {words['impossible']}" if left.impossible else ""
        where = f"L = 0 (N ≥ {left.zero:,}{ruled_out})" if left.zero else f"L > 0 (N ≤ {LAST:,})"
        said.append(f"{name}: {where}")
    # q's sum ends where q rules out what was drawn: it leaves the axis there.
    endless = unbounded < GRID.size
    traces.append(
        _points(
            GRID[[min(unbounded, GRID.size - 1)]],
            np.array([6.5 if endless else AWAY]),
            "@loss",
            size=18,
            marker={"symbol": "triangle-up"},
            mode="markers+text",
            text=texts(["∞"]),
            textposition="middle right",
            yaxis="y2",
        )
    )
    small = {"font": {"size": 14, "color": "@soft"}}
    made = figure(
        traces,
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=_draws_axis(words["x"], anchor="y2"),
        y=axis(
            words["y"],
            (-385.0, 25.0),
            domain=[0.4, 1.0],
            tickvals=[0, -100, -200, -300, ZERO],
            ticktext=["1", "10⁻¹⁰⁰", "10⁻²⁰⁰", "10⁻³⁰⁰", "0"],
        ),
        yaxis2=axis(
            words["y2"],
            (-1.0, 7.2),
            anchor="x",
            domain=[0.0, 0.31],
            tickvals=[0, 2, 4, 6],
            ticktext=["1", "100", "10⁴", "10⁶"],
        ),
        shapes=[_across(FLOAT64, "@loss", dash="dot"), _across(FLOAT32, "@loss", dash="dot"), _cursor(b.n)],
        annotations=[
            *(
                label(text, 0.99, -140.0 - 65.0 * i, xref="paper", xanchor="right", bgcolor="@ground/0.8")
                for i, text in enumerate(reversed(said))
            ),
            label(words["float64"], 0.99, FLOAT64, xref="paper", xanchor="right", yanchor="bottom") | small,
            label(words["float32"], 0.99, FLOAT32, xref="paper", xanchor="right", yanchor="top") | small,
        ],
        height=400,
        margin=(10, 14, 52, 76),
    )
    return {**made, "narrow": 330}


# What the coefficient does ---------------------------------------------------------------------------------


def order(b: Bag, theta: float, words: Words) -> Figure:
    """Return the mean NLL of the best model for each probability of the first outcome, with and without C.

    Parameters
    ----------
    b : Bag
        The state.
    theta : float
        Where the cursor is.
    words : dict
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``top``, ``grip``.
    """
    lift = b.log_orders / b.n
    best = float(b.p_hat[0])
    floor = float(entropy(b.p_hat))
    here = float(mean_nll(b.counts, best_with_first(b.counts, [theta]))[0])
    high = min(here, 3.0 * ORDER_LIMIT)
    return figure(
        [
            _line(THETAS, b.along_theta, "@loss") | _theta_hover("−(1/N)·log L"),
            _line(THETAS, b.along_theta - lift, "@rest", dash="dash") | _theta_hover("−(1/N)·log(C·L)"),
            _points(
                np.array([best, best]),
                np.array([floor, floor - lift]),
                "@truth",
                size=17,
                marker={"symbol": "star"},
                hoverinfo="all",
                hovertemplate=f"{words['top']} %{{x:.6g}}<extra></extra>",
                cliponaxis=False,
            ),
            _points(
                np.array([theta, theta]), np.array([high, high - lift]), ["@loss", "@rest"], cliponaxis=True
            ),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-0.01, 1.01), tickvals=[0, 0.25, 0.5, 0.75, 1]),
        y=axis(words["y"], (-0.15, ORDER_LIMIT), tickvals=[0, 1, 2, 3, 4]),
        shapes=[
            {**_cursor(1), "x0": best, "x1": best, "line": {"color": "@truth", "width": 2, "dash": "dot"}},
            {**_cursor(1), "x0": theta, "x1": theta},
        ],
        annotations=[
            _corner("━", 0.0, 0, "@loss", sign=True),
            _corner("−(1/N)·log L", 0.0, 22, "@ink"),
            _corner("╍", 0.48, 0, "@rest", sign=True),
            _corner("−(1/N)·log(C·L)", 0.48, 22, "@ink"),
            _beside(theta, 0.99, f"θ = {number(theta)}:  {number(here)}", "@ink"),
            _beside(best, 0.87, f"θ̂ = {number(best)}:  {number(floor)}", "@truth"),
        ],
        height=340,
        margin=(30, 14, 52, 58),
        grips=[
            grip(
                "theta", theta, min(high, ORDER_LIMIT), label=words["grip"], axes="x", control="theta"
            )
        ],
    )  # fmt: skip


def _beside(x: float, height: float, text: str, colour: str) -> dict[str, Any]:
    """Return a label beside an upright line, on the side where there is more room."""
    side = {"xanchor": "left", "xshift": 6} if x < 0.5 else {"xanchor": "right", "xshift": -6}
    place = {"yref": "paper", "yanchor": "top", "bgcolor": "@ground/0.8"}
    return label(text, x, height, colour=colour, **side, **place)


def _theta_hover(name: str) -> dict[str, Any]:
    """Return what a curve over θ says under the pointer."""
    return {"hoverinfo": "all", "hovertemplate": f"θ = %{{x:.3g}}: {name} = %{{y:.6g}}<extra></extra>"}


def order_lines(b: Bag, words: Words) -> dict[str, Any]:
    """Return the coefficient, and both likelihoods with and without it.

    Parameters
    ----------
    b : Bag
        The state.
    words : dict
        ``same``, ``undefined``.
    """
    drawn = [f"{c:,}!" for c in b.counts.tolist()]
    if len(drawn) > 4:
        drawn = [*drawn[:3], "…", drawn[-1]]
    log_c = b.log_orders
    exact = f"{multinomial_coefficient(b.counts):,}" if log_c < 34.0 and b.n <= 10_000 else from_log(log_c)
    rows: Lines = [
        [
            f"C = N! / (N₁!·N₂!·…) = {b.n:,}! / ({'·'.join(drawn)}) = ",
            part(exact, "rest", strong=True),
            f",  log C = {number(log_c)}",
        ]
    ]
    for name, log_l in (("p", b.logs[1]), ("q", b.logs[2])):
        rows.append(
            [
                part(f"L({name}) = {from_log(log_l)}", name, strong=True),
                f",  C·L({name}) = ",
                part(from_log(log_l + log_c), name, strong=True),
            ]
        )
    if math.isinf(b.logs[1]) and math.isinf(b.logs[2]):
        rows.append([words["undefined"]])
    else:
        ratio = from_log(b.logs[1] - b.logs[2])
        rows.append(
            [
                "L(p) / L(q) = ",
                part(ratio, "truth", strong=True),
                " = C·L(p) / C·L(q)",
                f"\u2002\u2002{words['same']}",
            ]
        )
    return lines(*rows)


# Everything in numbers -------------------------------------------------------------------------------------


def numbers(b: Bag, words: Words) -> dict[str, Any]:
    """Return a table of the best model, the truth and the model q: product, logarithm, mean, coefficient.

    Parameters
    ----------
    b : Bag
        The state.
    words : dict
        ``best``, ``truth``, ``model``, ``product``, ``mean``, ``caption``.
    """
    log_c = b.log_orders
    rows: list[list[Segment | list[Segment]]] = []
    for name, role, model, log_l in (
        (words["best"], "truth", b.p_hat, b.logs[0]),
        (words["truth"], "p", b.p, b.logs[1]),
        (words["model"], "q", b.q, b.logs[2]),
    ):
        left = _underflow(b.source, tuple(model.tolist()))
        made = b.product(model, log_l, left)
        shown: Segment = number(made)
        if made == 0.0:
            shown = part(f"0 (N ≥ {left.zero:,})", "loss", strong=True)
        split = identity(b.counts, model)
        rows.append(
            [
                part(name, role, strong=True),
                shown,
                part(number(log_l), role, strong=True),
                part(number(float(split.mean_nll)), "loss", strong=True),
                part(number(float(split.entropy)), "entropy"),
                part(number(float(split.kl_divergence)), "kl"),
                from_log(log_l + log_c),
            ]
        )
    return table(
        ["", words["product"], "log L", words["mean"], "= H(p̂)", "+ KL(p̂‖·)", "C·L"],
        rows,
        caption=words["caption"],
    )


# In code ---------------------------------------------------------------------------------------------------


def code_panel(b: Bag, model: Sequence[float]) -> dict[str, Any]:
    """Return the log-likelihood and the mean NLL of the present counts as NumPy and as PyTorch."""
    q = list(model) if b.q_given else [1.0] * len(model)
    drawn = b.counts.tolist()
    return code(
        NumPy=f"""import numpy as np

counts = np.array({drawn})
q = np.array({q})
q = q / q.sum()

seen = counts > 0                              # 0 * log 0 counts as 0: leave out what was never drawn
with np.errstate(divide="ignore"):
    log_q = np.log(q)
log_l = (counts[seen] * log_q[seen]).sum()     # no product, so nothing underflows
p_hat = counts / counts.sum()
entropy = -(p_hat[seen] * np.log(p_hat[seen])).sum()
kl = (p_hat[seen] * (np.log(p_hat[seen]) - log_q[seen])).sum()
print(log_l, -log_l / counts.sum(), entropy + kl)
""",
        PyTorch=f"""import torch
import torch.nn.functional as F

counts = torch.tensor({drawn})
q = torch.tensor({q}, dtype=torch.float64)
log_q = torch.log(q / q.sum())

draws = torch.repeat_interleave(torch.arange({len(drawn)}), counts)    # one label for each draw
scores = log_q.expand(len(draws), -1)          # the same model for all of them
nll = F.nll_loss(scores, draws, reduction="sum")     # -log L
mean_nll = F.nll_loss(scores, draws)                 # -log L / N, the default
print(-nll.item(), mean_nll.item())
""",
    )


# The derivation --------------------------------------------------------------------------------------------


def _tex(value: float, digits: int = 6) -> str:
    """Return a number as LaTeX."""
    return number(value, digits).replace("−", "-").replace("∞", r"\infty")


def derivation(b: Bag) -> dict[str, str]:
    """Return the numbers that the derivation puts into its formulas."""
    drawn = b.counts.tolist()
    shown = range(len(drawn)) if len(drawn) < 5 else (0, 1, 2)
    more = "" if len(drawn) < 5 else r"\cdots"
    factors = r"\cdot ".join(rf"{_tex(b.q[i], 4)}^{{{drawn[i]}}}" for i in shown)
    terms = "+".join(rf"{drawn[i]}\log {_tex(b.q[i], 4)}" for i in shown)
    nll, floor, kl = (_tex(float(v)) for v in b.parts)
    return {
        "n": f"{b.n}",
        "factors": factors + more,
        "terms": terms + (r"+\cdots" if more else ""),
        "log_l": _tex(b.logs[2]),
        "mean": nll,
        "entropy": floor,
        "kl": kl,
        "expected": _tex(b.expected),
        "error": _tex(b.error, 4),
        "log_c": _tex(b.log_orders),
    }


# The lesson's small picture --------------------------------------------------------------------------------


def sketch() -> tuple[list[tuple[Floats, Floats, str]], tuple[float, float]]:
    """Return the curves of a small picture of the lesson, across 0 to 1, and the limits of its height."""
    across = np.linspace(0.0, 1.0, 60)
    lengths = log_spaced(5000, points=90)[-60:]
    p, q = [0.8, 0.1, 0.1], [0.2, 0.2, 0.6]
    means = mean_nll(running_counts(p, lengths, seed=5), q)
    return [(across, np.full(60, float(cross_entropy(p, q))), "rest"), (across, means, "loss")], (1.2, 1.75)
