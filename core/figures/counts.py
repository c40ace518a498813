"""Figures of the counts lesson: draws from a bag, their likelihood, and the cross-entropy it turns into."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core._checks import locked
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
    with_pseudo_counts,
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
from core.figures.marks import (
    Look,
    Mark,
    bars,
    dots,
    doubled,
    hatch,
    keys,
    line,
    named_axis,
    names_beside,
    picture,
    rule,
    scale,
    ticks,
    written,
)
from core.figures.text import (
    Segment,
    bold,
    code,
    from_log,
    latex_number,
    lines,
    number,
    part,
    row,
    table,
    texts,
)
from core.figures.theme import Figure, grip, label
from core.information import cross_entropy, distribution, entropy, kl_divergence

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
THERE_AND_BACK = np.concatenate([GRID, GRID[::-1]])
LAST = STOPS[-1]
LN10 = math.log(10.0)
# Ends of the axes in their first state; beyond them an axis doubles, as often as it must.
COST_LIMIT = 2.0
ORDER_LIMIT = 4.0
FRESH_LIMIT = 0.5
# Powers of ten: the least float64 and float32 above 0, and where the drawing puts the product that is 0.
FLOAT64 = math.log10(5e-324)
FLOAT32 = math.log10(2.0**-149)
ZERO = -365.0
# Where something stands that is not to be seen: below every axis.
AWAY = -99.0
# So many draws are multiplied one after the other; a longer product comes from the logarithm.
MULTIPLIED = 5000
THETAS = np.concatenate([[0.001, 0.003], np.linspace(0.01, 0.99, 99), [0.997, 0.999]])
# Pseudo-counts: the first few are for a curve that comes down from infinity.
ALPHAS = np.concatenate([[0.0], np.geomspace(1e-4, 0.04, 16), np.linspace(0.05, 5.0, 100)])
CLOSE = 17
# How the amounts are drawn: the NLL, that of counts, the entropy, the truth and the models.
NLL, COUNTED, FLOOR, EXCESS = Look("loss"), Look("rest", "dash"), Look("entropy"), Look("kl")
DOTTED = Look("loss", "dot")
UP, STAR, CROSS = Look("loss", symbol="triangle-up"), Look("truth", symbol="star"), Look("loss", symbol="x")
SERIES = [
    (Look("p"), {"color": fill, "line": {"color": "@p", "width": 1.5}, "pattern": hatch("")})
    for fill in ("@p", "@p/0.3")
] + [(Look("q"), {"color": "@q", "line": {"color": "@q", "width": 1.5}, "pattern": hatch("/")})]


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
        """The frequencies: the model of greatest likelihood."""
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
        return -_logs(self.source, tuple(self.q.tolist())) / GRID + 0.0

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
def _along_alpha(source: Source, n: int) -> tuple[Floats, Floats]:
    """Return the mean cost of p̂ with each of ``ALPHAS`` pseudo-counts: on these draws, and on new ones."""
    counted, p = _counts(source, n), _walk(source).p
    models = with_pseudo_counts(counted, ALPHAS)
    return mean_nll(counted, models), cross_entropy(np.broadcast_to(p, models.shape), models)


@lru_cache(maxsize=1024)
def _logs(source: Source, model: tuple[float, ...]) -> Floats:
    """Return the log-likelihoods of a model along ``GRID``."""
    return locked(log_likelihood(_walk(source).counts, model))


@lru_cache(maxsize=1024)
def _underflow(source: Source, model: tuple[float, ...]) -> Underflow:
    """Return where the plain product of a model's probabilities leaves the range of float64."""
    counted, logs = _walk(source).counts, _logs(source, model)
    return underflow_along(lambda count: _classes(source, count), GRID, counted, model, logs=logs)


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


def _sum_of(items: list[str]) -> str:
    """Return terms with plus signs between them, those in the middle left out where there are many."""
    return " + ".join(items if len(items) < 5 else [*items[:3], "…", items[-1]])


def _impossible(b: Bag) -> int | None:
    """Return the first outcome that was drawn although q gives it no probability."""
    found = np.flatnonzero((b.counts > 0) & (b.q == 0.0))
    return int(found[0]) if found.size else None


# Counts beside expectation ---------------------------------------------------------------------------------


def counts(b: Bag, names: Names, words: Words) -> Figure:
    """Return the share of each outcome that was drawn, beside what p and q expect."""
    count = len(names)
    few = count < 5
    starts = np.arange(count) * 3.8
    last = float(starts[-1])
    error = 2.0 * (np.zeros(count) if b.exact else share_standard_error(b.p, b.n))
    # No share is above 1: nor does an error bar reach into the column of numbers.
    reach = {"array": np.minimum(error, 1.0 - b.p), "arrayminus": error, "symmetric": False}
    whiskers: dict[str, Any] = {"error_x": {**reach, "color": "@ink", "thickness": 1.5, "width": 4}}
    plain: dict[str, Any] = {}
    series = [
        (words["drawn"], b.p_hat, [f"{c:,}" for c in b.counts.tolist()], plain),
        ("N·p", b.p, [expected(b.n * v) for v in b.p.tolist()], whiskers),
        ("N·q", b.q, [expected(b.n * v) for v in b.q.tolist()], plain),
    ]
    # The numbers stand in a column of their own, so that they never meet a bar or the ring at its end.
    shown = [(i, said) for i, (*_, said, _) in enumerate(series) if few or i == 0]
    return picture(
        words,
        [
            *(
                bars(
                    values,
                    starts + i,
                    look,
                    hover="%{customdata} (%{x:.5f})",
                    marker=filled,
                    width=0.86,
                    customdata=texts([f"{names[j]}: {name} = {said[j]}" for j in range(count)]),
                    **more,
                )
                for i, ((name, values, said, more), (look, filled)) in enumerate(
                    zip(series, SERIES, strict=True)
                )
            ),
            written(
                np.full(len(shown) * count, 1.3),
                np.concatenate([starts + i + (0.0 if few else 0.7) for i, _ in shown]),
                [text for _, said in shown for text in said],
                "middle left",
                cliponaxis=False,
            ),
            *keys(
                tuple(look._replace(name=name) for (name, *_), (look, _) in zip(series, SERIES, strict=True)),
                step=0.29,
                left=-66,
                signs=("■", "□", "▨"),
            ),
            label(
                words["column"],
                1.0,
                1.0,
                colour="@soft",
                xref="paper",
                yref="paper",
                xanchor="right",
                yanchor="bottom",
                xshift=0,
            ),
            *(
                grip(
                    f"{stem}{i + 1}",
                    value,
                    starts[i] + place,
                    label=f"{words['grip']} {stem}({names[i]})",
                    axes="x",
                    keys=(f"{stem}{i + 1}",),
                )
                for place, stem, values in ((1.0, "p", b.p.tolist()), (2.0, "q", b.q.tolist()))
                for i, value in enumerate(values)
            ),
        ],
        x=scale(0.0, 1.31, [0, 0.25, 0.5, 0.75, 1]),
        y=named_axis(names, (last + 2.7, -0.7), tickvals=(starts + 1.0).tolist(), ticklabelstandoff=8),
        barmode="overlay",
        height=round((21 if few else 12) * (last + 3.0)) + 84,
        narrow=round((17 if few else 9) * (last + 3.0)) + 78,
        margin=(30, 8, 50, 74),
    )


def formula(b: Bag, names: Names, words: Words) -> dict[str, Any]:
    """Return the log-likelihood with its numbers, and how it becomes a cross-entropy."""
    drawn, q = b.counts.tolist(), [number(v, 4) for v in b.q.tolist()]
    nll, floor, kl = (number(float(value)) for value in b.parts)
    gap = "\u2002\u2002"
    target: list[Segment] = [bold(f"H(p, q) = {number(b.expected)}", "loss")]
    if b.exact:
        target += [gap, words["exact"]] if np.array_equal(b.p_hat, b.p) else []
    elif math.isfinite(b.expected):
        target.append(f" ± {number(b.error, 4)}{gap}{words['error']}")
    rows: Lines = [
        [bold(f"Nᵢ = {whole(drawn)}", "p"), gap, part(f"p̂ = Nᵢ/N = {row(b.p_hat)}", "p")],
        [
            bold("log L(q)", "q"),
            f" = Σ Nᵢ·log qᵢ = {_sum_of([f'{c:,}·log {v}' for c, v in zip(drawn, q, strict=True)])} = ",
            bold(number(b.logs[2]), "q"),
        ],
        [
            bold("−(1/N)·log L(q)", "loss"),
            " = H(p̂, q) = H(p̂) + KL(p̂‖q) = ",
            bold(floor, "entropy"),
            " + ",
            bold(kl, "kl"),
            " = ",
            bold(nll, "loss"),
        ],
        target,
    ]
    unthinkable = _impossible(b)
    if unthinkable is not None:
        name = names[unthinkable]
        because = f"q({name}) = 0, N({name}) = {drawn[unthinkable]:,}: "
        rows.append([bold(because, "loss"), words["impossible"]])
    return lines(*rows)


# On the way to H(p, q) -------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _so_far(n: int) -> tuple[NDArray[np.bool_], Counts]:
    """Return which of ``GRID`` N has reached, and ``GRID`` as far as N: what lies beyond stays at N."""
    reached = n >= GRID
    return reached, np.append(np.where(reached, GRID, n), n)


def _drawn_so_far(values: Floats, n: int, now: float) -> tuple[Counts, Floats]:
    """Return a curve over ``GRID`` as far as N, always of one length."""
    reached, x = _so_far(n)
    y = np.full(x.size, now)
    np.copyto(y[:-1], values, where=reached)
    return x, y


def _finite(values: Floats) -> tuple[Floats, Floats, int]:
    """Return a curve over ``GRID`` up to where it becomes infinite, and how many of its points are finite.

    What lies beyond stays at the last finite point; where there is none, all of it is out of sight.
    """
    count = int(np.isfinite(values).sum())
    if not count:
        return PLACES, np.full(GRID.size, AWAY), 0
    kept = np.minimum(np.arange(GRID.size), count - 1)
    return PLACES[kept], values[kept], count


DRAWS = scale(
    10**-0.06,
    10**6.06,
    {1: "1", 10: "10", 100: "100", 1000: "10³", 10_000: "10⁴", 100_000: "10⁵", 1_000_000: "10⁶"},
    log=True,
)


def converge(b: Bag, words: Words) -> Figure:
    """Return -log L(q) / N against N on its way to H(p, q), with the band of its sampling error."""
    nll, floor = float(b.parts.mean_nll), float(b.parts.entropy)
    x, y, finite = _finite(b.running)
    endless = math.isinf(nll)
    banded = math.isfinite(b.expected) and not b.exact
    error = 2.0 * (mean_nll_standard_error(b.p, b.q, GRID) if banded else np.zeros(GRID.size))
    around = b.expected if banded else AWAY
    # The band at N = 10 is on the axis, and every point from there on.
    highest = float(y[9:].max()) if finite > 9 else 0.0
    reach = max(highest, b.expected + float(error[9]) if math.isfinite(b.expected) else 0.0)
    limit = doubled(max(reach, min(nll, 1e9) if not endless else 0.0), COST_LIMIT)
    top = 0.97 * limit
    walked: tuple[NDArray[Any], Floats] = (x, y) if endless else _drawn_so_far(b.running, b.n, nll)
    target, base = b.expected, float(entropy(b.p))
    here = np.array([b.n, b.n])
    return picture(
        words,
        [
            line(
                THERE_AND_BACK,
                np.concatenate([around - error, (around + error)[::-1]]),
                Look("loss/0.3"),
                width=1,
                fill="toself",
                fillcolor="@loss/0.15",
            ),
            line(GRID, b.floors, Look("entropy/0.4"), width=2),
            line(x, y, Look("loss/0.4"), width=2),
            line(*_drawn_so_far(b.floors, b.n, floor), FLOOR, hover=_at_n("H(p̂)")),
            line(*walked, NLL, hover=_at_n(words["nll"])),
            line(here, np.array([floor, top if endless else nll]), EXCESS, width=7),
            dots(here, np.array([floor, AWAY if endless else nll]), (FLOOR, NLL)),
            dots(
                np.array([b.n, x[finite - 1] if finite else 1]),
                np.array([top if endless else AWAY, top if finite < GRID.size else AWAY]),
                (UP, UP),
                size=18,
                cliponaxis=True,
            ),
            rule(y=target if math.isfinite(target) else AWAY, colour="@loss", dash="dash", yref="y"),
            rule(y=base, colour="@entropy", dash="dash", yref="y"),
            rule(x=b.n, layer="below"),
            *names_beside(
                "right", ["H(p, q)" + " ∞" * math.isinf(target), "H(p)"], [target, base], limit, 0.12 * limit
            ),
            label(
                f"N = {b.n:,}:  {number(nll)}",
                min(max(b.n, 10**1.1), 10**4.9),
                1.0,
                yref="paper",
                yanchor="bottom",
            ),
            grip("n", math.log10(b.n), floor, label=words["grip"], axes="x", keys=("n",)),
        ],
        x=DRAWS,
        y=scale(0.0, 1.06 * limit, ticks(limit, COST_LIMIT)),
        height=360,
        margin=(28, 80, 52, 52),
    )


def _at_n(name: str) -> str:
    """Return what a curve over N says under the pointer."""
    return f"N = %{{x:,}}: {name} = %{{y:.6g}}"


# The plain product -----------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _fall(source: Source, model: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Return the powers of ten of a plain product along ``GRID``; where it is 0 it lies at the bottom.

    Two points more than ``GRID`` make the fall upright.
    """
    left = _underflow(source, model)
    powers = np.maximum(_logs(source, model) / LN10, FLOAT64)
    if left.zero is None:
        return np.append(GRID, [LAST, LAST]), np.append(powers, powers[[-1, -1]])
    place = int(np.searchsorted(GRID, left.zero))
    before = np.bincount(_classes(source, left.zero)[: left.zero - 1], minlength=len(model))
    brink = max(float(log_likelihood(before, model)) / LN10, FLOAT64)
    x = np.concatenate([PLACES[:place], [left.zero, left.zero], PLACES[place:]])
    along = np.where(left.zero > GRID, powers, ZERO)
    return x, np.concatenate([along[:place], [brink, ZERO], along[place:]])


@lru_cache(maxsize=512)
def _sums(source: Source, model: tuple[float, ...]) -> tuple[Floats, Floats, int]:
    """Return -log L along ``GRID`` as a power of ten up to where it is infinite, and how far that is."""
    x, y, finite = _finite(-_logs(source, model) / GRID + 0.0)
    return x, np.log10(np.maximum(x * y, 1e-9)) if finite else y, finite


@lru_cache(maxsize=4)
def _limits(float64: str, float32: str) -> list[Mark]:
    """Return the lines of the least float64 and float32 above 0, and their names."""
    small: dict[str, Any] = {"xref": "paper", "xanchor": "right", "font": {"size": 14, "color": "@soft"}}
    return [
        rule(y=FLOAT64, colour="@loss", dash="dot", yref="y"),
        rule(y=FLOAT32, colour="@loss", dash="dot", yref="y"),
        label(float64, 0.99, FLOAT64, yanchor="bottom", **small),
        label(float32, 0.99, FLOAT32, yanchor="top", **small),
    ]


LOGARITHMS = scale(-1.0, 7.2, {0: "1", 2: "100", 4: "10⁴", 6: "10⁶"}, anchor="x", domain=(0.0, 0.31))
ABOVE = DRAWS._replace(more=(("anchor", "y2"),))
POWERS = scale(
    -385.0, 25.0, {0: "1", -100: "10⁻¹⁰⁰", -200: "10⁻²⁰⁰", -300: "10⁻³⁰⁰", ZERO: "0"}, domain=(0.4, 1.0)
)


def is_lost(b: Bag, model: Floats) -> bool:
    """Return whether the plain float64 product of a model's probabilities of all draws has become 0.

    Examples
    --------
    >>> made = bag((0.8, 0.1, 0.1), (0.2, 0.2, 0.6), 1000, "exact", 1)
    >>> is_lost(made, made.q), is_lost(made, made.p)
    (True, False)
    """
    zero = _underflow(b.source, tuple(model.tolist())).zero
    return zero is not None and b.n >= zero


def product(b: Bag, words: Words) -> Figure:
    """Return the plain product falling to 0, and below it the sum of logs that goes on."""
    marks, said = [], []
    unbounded, here = GRID.size, np.array([b.n])
    for look, model, log_l in ((Look("p", "dash"), b.p, b.logs[1]), (Look("q"), b.q, b.logs[2])):
        key = tuple(model.tolist())
        left, gone = _underflow(b.source, key), is_lost(b, model)
        end = AWAY if math.isinf(log_l) else math.log10(max(-log_l, 1e-9))
        x, y, unbounded = _sums(b.source, key)
        marks += [
            line(*_fall(b.source, key), look),
            dots(here, np.array([ZERO if gone else max(log_l / LN10, FLOAT64)]), [look]),
            line(x, y, look, yaxis="y2"),
            dots(here, np.array([end]), [look], yaxis="y2"),
            dots(np.array([left.zero or 1]), np.array([ZERO if left.zero else 9.0 * ZERO]), [CROSS]),
        ]
        ruled_out = f", {words['impossible']}" if left.impossible else ""
        where = f"L = 0 (N ≥ {left.zero:,}{ruled_out})" if left.zero else f"L > 0 (N ≤ {LAST:,})"
        said.append(f"{look.role}: {where}")
    # q's sum ends where q rules out what was drawn: it leaves the axis there.
    endless = unbounded < GRID.size
    limits = _limits(words["float64"], words["float32"])
    return picture(
        words,
        [
            *marks,
            dots(
                GRID[[min(unbounded, GRID.size - 1)]],
                np.array([6.5 if endless else AWAY]),
                [UP],
                size=18,
                mode="markers+text",
                text=texts(["∞"]),
                textposition="middle right",
                yaxis="y2",
            ),
            *limits[:2],
            rule(x=b.n, layer="below"),
            *(
                label(text, 0.99, -140.0 - 65.0 * i, xref="paper", xanchor="right", bgcolor="@ground/0.8")
                for i, text in enumerate(reversed(said))
            ),
            *limits[2:],
        ],
        x=ABOVE,
        y=POWERS,
        y2=LOGARITHMS,
        height=400,
        narrow=320,
        margin=(10, 14, 52, 76),
    )


# What the coefficient does ---------------------------------------------------------------------------------


def order(b: Bag, theta: float, words: Words) -> Figure:
    """Return the mean NLL of the best model for each probability of the first outcome, with and without C."""
    lift = b.log_orders / b.n
    best, floor = float(b.p_hat[0]), float(entropy(b.p_hat))
    here = float(mean_nll(b.counts, best_with_first(b.counts, [theta]))[0])
    high = min(here, 3.0 * ORDER_LIMIT)
    ordered, counted = NLL._replace(name="−(1/N)·log L"), COUNTED._replace(name="−(1/N)·log(C·L)")
    return picture(
        words,
        [
            *(
                line(THETAS, curve, look, hover=f"θ = %{{x:.3g}}: {look.name} = %{{y:.6g}}")
                for curve, look in ((b.along_theta, ordered), (b.along_theta - lift, counted))
            ),
            dots(
                best,
                np.array([floor, floor - lift]),
                (STAR, STAR),
                size=17,
                hover=f"{words['top']} %{{x:.6g}}",
                cliponaxis=False,
            ),
            dots(theta, np.array([high, high - lift]), (NLL, COUNTED), cliponaxis=True),
            rule(x=best, colour="@truth", dash="dot", layer="below"),
            rule(x=theta, layer="below"),
            *keys((ordered, counted), step=0.48, left=0, signs=("━", "╍"), gap=22),
            _beside(theta, 0.99, f"θ = {number(theta)}:  {number(here)}", "@ink"),
            _beside(best, 0.87, f"θ̂ = {number(best)}:  {number(floor)}", "@truth"),
            grip("theta", theta, min(high, ORDER_LIMIT), label=words["grip"], axes="x", control="theta"),
        ],
        x=scale(-0.01, 1.01, [0, 0.25, 0.5, 0.75, 1]),
        y=scale(-0.15, ORDER_LIMIT, [0, 1, 2, 3, 4]),
        height=340,
        margin=(30, 14, 52, 58),
    )


def _beside(x: float, height: float, text: str, colour: str, middle: float = 0.5) -> dict[str, Any]:
    """Return a label beside an upright line, on the side where there is more room."""
    side = {"xanchor": "left", "xshift": 6} if x < middle else {"xanchor": "right", "xshift": -6}
    place = {"yref": "paper", "yanchor": "top", "bgcolor": "@ground/0.8"}
    return label(text, x, height, colour=colour, **side, **place)


def order_lines(b: Bag, words: Words) -> dict[str, Any]:
    """Return the coefficient, and both likelihoods with and without it."""
    drawn = [f"{c:,}!" for c in b.counts.tolist()]
    if len(drawn) > 4:
        drawn = [*drawn[:3], "…", drawn[-1]]
    log_c = b.log_orders
    exact = f"{multinomial_coefficient(b.counts):,}" if log_c < 34.0 and b.n <= 10_000 else from_log(log_c)
    rows: Lines = [
        [
            f"C = N! / (N₁!·N₂!·…) = {b.n:,}! / ({'·'.join(drawn)}) = ",
            bold(exact, "rest"),
            f",  log C = {number(log_c)}",
        ]
    ]
    for name, log_l in (("p", b.logs[1]), ("q", b.logs[2])):
        rows.append(
            [
                bold(f"L({name}) = {from_log(log_l)}", name),
                f",  C·L({name}) = ",
                bold(from_log(log_l + log_c), name),
            ]
        )
    if math.isinf(b.logs[1]) and math.isinf(b.logs[2]):
        rows.append([words["undefined"]])
    else:
        ratio = from_log(b.logs[1] - b.logs[2])
        rows.append(
            [
                "L(p) / L(q) = ",
                bold(ratio, "truth"),
                " = C·L(p) / C·L(q)",
                f"\u2002\u2002{words['same']}",
            ]
        )
    return lines(*rows)


# New draws -------------------------------------------------------------------------------------------------


def fresh(b: Bag, alpha: float, words: Words) -> Figure:
    """Return what p̂ with pseudo-counts costs on the draws in hand and on new ones, against their number."""
    old, new = _along_alpha(b.source, b.n)
    limit = doubled(max(float(new[CLOSE:].max()), float(old.max())), FRESH_LIMIT)
    seen, unseen = _costs(b, alpha)
    # A cost that is infinite at 0 comes down from there: its curve begins at the next point.
    first = int(math.isinf(float(new[0])))
    begin = np.maximum(np.arange(ALPHAS.size), first)
    best, floor = int(new.argmin()), float(entropy(b.p))
    return picture(
        words,
        [
            line(ALPHAS, old, DOTTED, hover=f"α = %{{x:.3g}}: {words['old']} %{{y:.6g}}"),
            line(ALPHAS[begin], new[begin], NLL, hover=f"α = %{{x:.3g}}: {words['new']} %{{y:.6g}}"),
            dots(ALPHAS[[best]], new[[best]], [STAR], size=17),
            dots(alpha, np.array([seen, unseen if math.isfinite(unseen) else AWAY]), (DOTTED, NLL)),
            dots(0.0, np.array([0.97 * limit if first else AWAY]), [UP], size=18, cliponaxis=True),
            rule(y=floor, colour="@entropy", dash="dash"),
            rule(x=alpha, layer="below"),
            *names_beside(
                "right",
                [words["new"], words["old"], "H(p)"],
                [float(new[-1]), float(old[-1]), floor],
                limit,
                0.12 * limit,
            ),
            _beside(alpha, 0.99, f"α = {number(alpha)}:  {number(unseen)}", "@ink", 2.5),
            grip("alpha", alpha, seen, label=words["grip"], axes="x", control="alpha"),
        ],
        x=scale(-0.06, 5.06, [0, 1, 2, 3, 4, 5]),
        y=scale(0.0, 1.06 * limit, every=limit / 4),
        height=340,
        margin=(14, 96, 52, 58),
    )


def _costs(b: Bag, alpha: float) -> tuple[float, float]:
    """Return what p̂ with pseudo-counts costs a draw: of those in hand, and of new ones from p."""
    model = with_pseudo_counts(b.counts, alpha)
    return float(mean_nll(b.counts, model)), float(cross_entropy(b.p, model))


def fresh_lines(b: Bag, alpha: float, names: Names, words: Words) -> dict[str, Any]:
    """Return p̂ with pseudo-counts, its cost on the draws in hand and on new ones, and what it is."""
    model = with_pseudo_counts(b.counts, alpha)
    said = number(alpha)
    gap = "\u2002\u2002"
    rows: Lines = [
        [
            part(f"p̂ = Nᵢ/N = {row(b.p_hat)}", "p"),
            gap,
            bold(f"p̂(α) = (Nᵢ + {said})/(N + {len(names)}·{said}) = {row(model)}", "q"),
        ]
    ]
    truths = np.array([b.p_hat, b.p])
    models = np.broadcast_to(model, truths.shape)
    amounts = (entropy(truths), kl_divergence(truths, models), cross_entropy(truths, models))
    for name, symbol, floor, kl, total in zip(
        ("old", "new"), ("p̂", "p"), *(amount.tolist() for amount in amounts), strict=True
    ):
        rows.append(
            [
                f"{words[name]} H({symbol}, p̂(α)) = H({symbol}) + KL({symbol}‖p̂(α)) = ",
                bold(floor, "entropy"),
                " + ",
                bold(kl, "kl"),
                " = ",
                bold(total, "loss"),
            ]
        )
    ruled_out = np.flatnonzero((model == 0.0) & (b.p > 0.0))
    if ruled_out.size:
        rows.append([bold(f"{names[int(ruled_out[0])]}: ", "loss"), words["unseen"]])
    rows.append([words["plain"]] if alpha == 0.0 else [bold(f"α = {said}: ", "q"), words["prior"]])
    return lines(*rows)


# Everything in numbers -------------------------------------------------------------------------------------


def numbers(b: Bag, words: Words) -> dict[str, Any]:
    """Return a table of p̂, the truth and the model q: product, logarithm, mean, coefficient, new draws."""
    log_c, models = b.log_orders, np.array([b.p_hat, b.p, b.q])
    amounts = (*identity(b.counts, models), cross_entropy(np.broadcast_to(b.p, models.shape), models))
    rows: list[list[Segment | list[Segment]]] = []
    for (name, role), model, log_l, nll, floor, kl, new in zip(
        ((words["best"], "truth"), (words["truth"], "p"), (words["model"], "q")),
        models,
        b.logs,
        *(amount.tolist() for amount in amounts),
        strict=True,
    ):
        left = _underflow(b.source, tuple(model.tolist()))
        made = b.product(model, log_l, left)
        rows.append(
            [
                bold(name, role),
                bold(f"0 (N ≥ {left.zero:,})", "loss") if made == 0.0 else number(made),
                bold(log_l, role),
                bold(nll, "loss"),
                part(number(floor), "entropy"),
                part(number(kl), "kl"),
                from_log(log_l + log_c),
                bold(new, "loss"),
            ]
        )
    return table(
        ["", words["product"], "log L", words["mean"], "= H(p̂)", "+ KL(p̂‖·)", "C·L", words["fresh"]],
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

seen = counts > 0                              # @seen
with np.errstate(divide="ignore"):
    log_q = np.log(q)
log_l = (counts[seen] * log_q[seen]).sum()     # @sum
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

draws = torch.repeat_interleave(torch.arange({len(drawn)}), counts)    # @draws
scores = log_q.expand(len(draws), -1)          # @same
nll = F.nll_loss(scores, draws, reduction="sum")     # -log L
mean_nll = F.nll_loss(scores, draws)                 # @mean
print(-nll.item(), mean_nll.item())
""",
    )


# The derivation --------------------------------------------------------------------------------------------


def derivation(b: Bag) -> dict[str, str]:
    """Return the numbers that the derivation puts into its formulas."""
    drawn = b.counts.tolist()
    shown = range(len(drawn)) if len(drawn) < 5 else (0, 1, 2)
    more = "" if len(drawn) < 5 else r"\cdots"
    factors = r"\cdot ".join(rf"{latex_number(b.q[i], 4)}^{{{drawn[i]}}}" for i in shown)
    terms = "+".join(rf"{drawn[i]}\log {latex_number(b.q[i], 4)}" for i in shown)
    nll, floor, kl = (latex_number(float(v)) for v in b.parts)
    return {
        "n": f"{b.n}",
        "factors": factors + more,
        "terms": terms + (r"+\cdots" if more else ""),
        "log_l": latex_number(b.logs[2]),
        "mean": nll,
        "entropy": floor,
        "kl": kl,
        "expected": latex_number(b.expected),
        "error": latex_number(b.error, 4),
        "log_c": latex_number(b.log_orders),
    }


# The lesson's small picture --------------------------------------------------------------------------------

# What is said at rest ---------------------------------------------------------------------------------------


def said(b: Bag, theta: float, alpha: float, names: Names) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest: the counts and what a draw costs."""
    nll, floor, kl = (number(float(value)) for value in b.parts)
    drawn = ", ".join(f"{name} {c:,}" for name, c in zip(names, b.counts.tolist(), strict=True))
    here = float(mean_nll(b.counts, best_with_first(b.counts, [theta]))[0])
    old, new = _costs(b, alpha)
    return {
        "main": {"drawn": drawn, "nll": nll, "floor": floor, "kl": kl},
        "order": {"theta": number(theta), "nll": number(here), "least": floor},
        "fresh": {"alpha": number(alpha), "old": number(old), "new": number(new)},
    }


def sketch() -> tuple[list[tuple[Floats, Floats, str]], tuple[float, float]]:
    """Return the curves of a small picture of the lesson, across 0 to 1, and the limits of its height."""
    across = np.linspace(0.0, 1.0, 60)
    lengths = log_spaced(5000, points=90)[-60:]
    p, q = [0.8, 0.1, 0.1], [0.2, 0.2, 0.6]
    means = mean_nll(running_counts(p, lengths, seed=5), q)
    return [(across, np.full(60, float(cross_entropy(p, q))), "rest"), (across, means, "loss")], (1.2, 1.75)
