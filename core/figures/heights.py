"""Figures of the heights lesson: one sample, a Gaussian candidate, and its likelihood.

Every picture is made of two things that are cached and never touched while a candidate moves: the people
(`people`: their summary, their bars, the few that get a stem) and the landscape of the likelihood over
(mu, sigma). Moving a candidate then costs the same for five people as for a million.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias, cast
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from core.descent import Trail, gaussian_ascent
from core.figures.text import Segment, code, lines, number, part, power_of_ten, table
from core.figures.theme import Figure, Sketch, axis, figure, grip, label
from core.gaussian import (
    Fit,
    RangeExit,
    Summary,
    as_power_of_ten,
    density,
    drop_from_mle,
    expected_log_density,
    fit,
    likelihood_ratio_region,
    log10_likelihood_ratio,
    log_density,
    log_likelihood,
    nice_edges,
    plain_product,
    sample_heights,
    score,
    standard_errors,
    stem_indices,
    summarize,
    unbiased_sigma,
    underflow_index,
)

Floats = NDArray[np.float64]
Row: TypeAlias = list[Segment | list[Segment]]
Words = Mapping[str, str]

FIVE = (1.0, 4.0, 5.0, 6.0, 9.0)
PEOPLE = (*(digit * 10**power for power in range(6) for digit in (1, 2, 5)), 1_000_000)  # stops of n
STEMS = 60
FEW = 60  # up to so many people are drawn as dots, more as bars
FIRST = 2048  # so many people are multiplied one by one
MULTIPLIED = 512  # and so many of these products are drawn
STEPS = 60
NEAR = (500_000, 50_000, 5_000, 500, 50)  # numbers of people at which the axes near the top change
LEVELS = (0.5, 0.9, 0.95)
# Contours of the landscape, in nats below the top for each person: their shape does not depend on n.
RINGS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
BELOW, ABOVE = 6.0, 1.0  # what the slices show below and above the top, in nats
LN10 = math.log(10.0)
LOG_SQRT_2PI = 0.5 * math.log(2.0 * math.pi)
BELL = np.linspace(-4.0, 4.0, 61)
# The plain product in float64 is 0 below the first of these powers of ten, infinite above the second.
FLOAT64 = (-1075 * math.log10(2.0), 1024 * math.log10(2.0))
FLOAT32 = (-150 * math.log10(2.0), 128 * math.log10(2.0))


# Data ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnData:
    """Numbers that a person brought.

    Attributes
    ----------
    digest : str
        Their name in the values of the lesson: equal for equal numbers.
    values : ndarray, shape (n,)
        The numbers in their order, at least two of them different.
    """

    digest: str
    values: Floats = field(compare=False, repr=False)


# Whoever brought the numbers holds them (a session); when it lets go, they are gone from here too.
_brought: WeakValueDictionary[str, OwnData] = WeakValueDictionary()


def remember(values: Floats) -> OwnData:
    """Return a person's numbers under a name by which the pictures find them, as long as somebody holds them.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Finite numbers, at least two of them different.

    Raises
    ------
    ValueError
        If they are too large, or too close together for their size, to be told apart in a drawing.

    Examples
    --------
    >>> own = remember(np.array([1.0, 2.0]))
    >>> kind("own", own.digest), kind("own", "somebody else's"), kind("five", own.digest)
    ('own', 'sampled', 'five')
    """
    largest, span = float(np.abs(values).max()), float(values.max() - values.min())
    # Pictures travel as float32.
    if not (largest < 1e30 and span > 1e-6 and span > 1e-4 * largest):
        raise ValueError(
            "values must differ by more than 1e-6 and by more than a ten-thousandth of their size."
        )
    own = OwnData(hashlib.blake2b(np.ascontiguousarray(values).tobytes(), digest_size=8).hexdigest(), values)
    return _brought.setdefault(own.digest, own)


def kind(data: str, own: str) -> str:
    """Return which people are meant: a person's own numbers count only where they are at hand."""
    if data == "own":
        return "own" if own in _brought else "sampled"
    return data


class Window(NamedTuple):
    """Range and step of the candidates for one data set: what the sliders and the axes share."""

    mu_low: float
    mu_high: float
    mu_step: float
    sigma_low: float
    sigma_high: float
    sigma_step: float


class Source(NamedTuple):
    """Which people: sampled (with n, a truth and a seed), the five points, or a person's own numbers."""

    kind: str
    unit: str = "cm"
    own: str = ""
    n: int = 500
    mu: float = 172.0
    sigma: float = 4.8
    seed: int = 1


@dataclass(frozen=True, eq=False)
class People:
    """What the pictures need to know about a sample.

    Attributes
    ----------
    summary : Summary
        n, mean and variance.
    window : Window
        Ranges of the candidates and of the axes.
    first : ndarray
        The first people in the order in which they came, at most ``FIRST``.
    stems : ndarray, shape (3 STEMS,)
        People that get a stem, ascending: each twice, with a nan behind; all nan where there are fewer.
    edges, heights : ndarray
        Bars of the histogram as a density; all 0 where there are few people.
    dots : ndarray, shape (FEW,)
        The people themselves where there are few; else nan.
    top : Fit or None
        The maximum-likelihood estimate, where there is one.
    """

    summary: Summary
    window: Window
    first: Floats
    stems: Floats
    edges: Floats
    heights: Floats
    dots: Floats
    top: Fit | None


@lru_cache(maxsize=8)
def _standard(n: int, seed: int) -> tuple[Summary, Floats, Floats]:
    """Return the summary of n standard normal draws, the first of them, and all of them sorted."""
    draws = sample_heights(n, 0.0, 1.0, seed=seed)
    return summarize(draws), draws[:FIRST].copy(), np.sort(draws)


@lru_cache(maxsize=8)
def _owned(own: str) -> tuple[Summary, Floats, Floats]:
    """Return the summary of a person's own numbers, the first of them, and all of them sorted."""
    values = _brought[own].values
    return summarize(values), values[:FIRST].copy(), np.sort(values)


@lru_cache(maxsize=64)
def window(kind: str, unit: str, own: str) -> Window:
    """Return the ranges of mu and sigma that suit a data set; they do not depend on any slider.

    Examples
    --------
    >>> window("sampled", "cm", "").mu_low, window("sampled", "m", "").mu_low
    (130.0, 1.3)
    """
    if kind == "own":
        _, _, ordered = _owned(own)
        low, high = float(ordered[0]), float(ordered[-1])
        around = nice_edges(low - 0.25 * (high - low), high + 0.25 * (high - low), at_most=160)
        widths = nice_edges(0.0, high - low, at_most=160)
        step = float(widths[1])
        return Window(
            float(around[0]),
            float(around[-1]),
            float(f"{around[1] - around[0]:.1g}"),
            step,
            float(widths[-1]),
            step,
        )
    if kind == "five":
        return Window(-5.0, 15.0, 0.1, 0.1, 10.0, 0.05)
    if unit == "m":
        return Window(1.3, 2.1, 0.005, 0.005, 0.2, 0.001)
    return Window(130.0, 210.0, 0.5, 0.5, 20.0, 0.1)


def candidate_range(parameter: str, kind: str, unit: str, own: str) -> tuple[float, float, float]:
    """Return minimum, maximum and step of a candidate's "mu" or "sigma".

    Examples
    --------
    >>> candidate_range("sigma", "sampled", "cm", "")
    (0.5, 20.0, 0.1)
    """
    made = window(kind, unit, own)
    return made[:3] if parameter == "mu" else made[3:]


def truth_range(parameter: str, unit: str) -> tuple[float, float, float]:
    """Return minimum, maximum and step of the true "mu" or "sigma" of the sampled people."""
    if unit == "m":
        return (1.5, 1.9, 0.005) if parameter == "mu" else (0.01, 0.1, 0.001)
    return (150.0, 190.0, 0.5) if parameter == "mu" else (1.0, 10.0, 0.1)


def start(kind: str, unit: str, own: str) -> dict[str, float]:
    """Return where candidates and truth stand when a data set comes on the screen.

    Examples
    --------
    >>> start("sampled", "m", "")["mu"], start("five", "none", "")["sigma"]
    (1.72, 2.915476)
    """
    scale = 0.01 if unit == "m" else 1.0
    truth = {"true_mu": 172.0 * scale, "true_sigma": round(4.8 * scale, 6)}
    if kind == "own":
        summary = _owned(own)[0]
        made = window(kind, unit, own)
        sigma = max(_to_step(math.sqrt(summary.variance), made.sigma_step), made.sigma_step)
        mu = _to_step(summary.mean, made.mu_step)
        return truth | {
            "mu": mu,
            "sigma": sigma,
            "mu_b": _to_step(mu + sigma, made.mu_step),
            "sigma_b": sigma,
        }
    if kind == "five":
        return truth | {"mu": 5.0, "sigma": 2.915476, "mu_b": 10.0, "sigma_b": 2.915476}
    sigma = round(4.8 * scale, 6)
    return truth | {"mu": 172.0 * scale, "sigma": sigma, "mu_b": 184.0 * scale, "sigma_b": sigma}


def converted(values: Mapping[str, float], unit: str) -> dict[str, float]:
    """Return lengths in centimetres as metres (unit "m"), or lengths in metres as centimetres (unit "cm").

    Examples
    --------
    >>> converted({"mu": 172.0, "sigma": 4.8}, "m")
    {'mu': 1.72, 'sigma': 0.048}
    """
    return {
        key: float(f"{value / 100 if unit == 'm' else value * 100:.12g}") for key, value in values.items()
    }


def _to_step(value: float, step: float) -> float:
    """Return a value rounded to a step, written with the step's digits."""
    return float(f"{round(value / step) * step:.10g}")


@lru_cache(maxsize=256)
def people(source: Source) -> People:
    """Return what the pictures need to know about a sample.

    The draws behind sampled people depend on n and the seed only, so a change of their true mean or spread
    shifts and stretches one sorted crowd: no million numbers are touched.
    """
    kind, unit, own, n, mu, sigma, seed = source
    made = window(kind, unit, own)
    if kind == "own":
        summary, first, ordered = _owned(own)
        mu, sigma = 0.0, 1.0
    elif kind == "five":
        first = ordered = np.array(FIVE)
        summary = summarize(first)
        mu, sigma = 0.0, 1.0
    else:
        drawn, first, ordered = _standard(n, seed)
        summary = Summary(n, mu + sigma * drawn.mean, sigma * sigma * drawn.variance)
        first = mu + sigma * first
    n = summary.n
    edges = nice_edges(made.mu_low, made.mu_high, at_most=41)
    if n <= FEW:
        heights = np.zeros(edges.size - 1)
        dots = _padded(mu + sigma * ordered, FEW)
    else:
        places = np.searchsorted(ordered, (edges - mu) / sigma)
        heights = np.diff(places) / (n * np.diff(edges))
        dots = np.full(FEW, np.nan)
    chosen = mu + sigma * ordered[stem_indices(n, STEMS)]
    stems = np.full(3 * STEMS, np.nan)
    stems[0 : 3 * chosen.size : 3] = stems[1 : 3 * chosen.size : 3] = chosen
    return People(
        summary, made, first, stems, edges, heights, dots, fit(summary) if summary.variance > 0 else None
    )


def _padded(values: Floats, length: int) -> Floats:
    """Return values with nan behind them, up to a length."""
    made = np.full(length, np.nan)
    made[: values.size] = values
    return made


def size(source: Source) -> int:
    """Return how many people there are."""
    return people(source).summary.n


def stems_drawn(source: Source) -> int:
    """Return how many of the people get a stem."""
    return min(size(source), STEMS)


# The candidates over the people ----------------------------------------------------------------------------


def _ceiling(height: float) -> float:
    """Return the next round number that leaves room for a label above a height; it changes in steps."""
    wanted = height * 1.15
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(digit * power for digit in (1, 1.5, 3, 6, 10) if digit * power >= wanted * (1 - 1e-9))


def _peak(sigma: float) -> float:
    """Return the height of a Gaussian at its mean."""
    return math.exp(-LOG_SQRT_2PI) / sigma


@lru_cache(maxsize=16)
def _bell(sigma: float) -> Floats:
    """Return the heights of a Gaussian along ``BELL``, with zeros to both ends of the axis."""
    return np.concatenate([[0.0], density(BELL * sigma, 0.0, sigma), [0.0]])


def _curve(made: Window, mu: float, sigma: float, role: str, dash: str, hover: str) -> dict[str, Any]:
    """Return a Gaussian curve across the axis: its points move with it, so that it is smooth when narrow."""
    x = np.empty(BELL.size + 2)
    x[1:-1] = mu + sigma * BELL
    x[0], x[-1] = min(made.mu_low, x[1]), max(made.mu_high, x[-2])
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": _bell(sigma),
        "line": {"color": role, "width": 3, "dash": dash},
        "hovertemplate": hover + "<extra></extra>",
    }


@lru_cache(maxsize=256)
def _bars(source: Source, hover: str) -> dict[str, Any]:
    """Return the people as bars, where there are many."""
    crowd = people(source)
    return {
        "type": "bar",
        "x": 0.5 * (crowd.edges[1:] + crowd.edges[:-1]),
        "y": crowd.heights,
        "width": float(crowd.edges[1] - crowd.edges[0]),
        "marker": {"color": "@p/0.3", "line": {"color": "@ground", "width": 1}},
        "hovertemplate": hover + "<extra></extra>",
    }


@lru_cache(maxsize=256)
def _dots(source: Source, hover: str) -> dict[str, Any]:
    """Return the people as dots on the axis, where there are few."""
    crowd = people(source)
    return {
        "type": "scatter",
        "mode": "markers",
        "connectgaps": False,
        "x": crowd.dots,
        "y": np.where(np.isnan(crowd.dots), np.nan, 0.0),
        "marker": {"color": "@p", "size": 11, "line": {"color": "@ground", "width": 1}},
        "cliponaxis": False,
        "hovertemplate": hover + "<extra></extra>",
    }


def _half_way(made: Window, mu: float, sigma: float, other: float) -> dict[str, Any]:
    """Return where a curve's label stands: half way up, on the side away from the other curve."""
    right = mu >= other
    if right and mu + 1.2 * sigma > made.mu_high - 0.05 * (made.mu_high - made.mu_low):
        right = False
    if not right and mu - 1.2 * sigma < made.mu_low + 0.05 * (made.mu_high - made.mu_low):
        right = True
    return {
        "x": mu + (1.25 if right else -1.25) * sigma,
        "y": 0.5 * _peak(sigma),
        "xanchor": "left" if right else "right",
    }


def curves(source: Source, mu: float, sigma: float, mu_b: float, sigma_b: float, words: Words) -> Figure:
    """Return the people under candidate A's curve, a stem from each drawn person up to it, and candidate B.

    Parameters
    ----------
    source : Source
        Which people.
    mu, sigma : float
        Candidate A.
    mu_b, sigma_b : float
        Candidate B.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``person``, ``bar``, ``stem``, ``grip``, ``grip_b``.
    """
    crowd = people(source)
    made = crowd.window
    tallest = max(_peak(sigma), _peak(sigma_b))
    if crowd.summary.n > FEW:
        tallest = max(tallest, float(crowd.heights.max()))
    ceiling = _ceiling(tallest)
    span = made.mu_high - made.mu_low
    stems = {
        "type": "scatter",
        "mode": "lines",
        "connectgaps": False,
        "x": crowd.stems,
        "y": _stem_heights(crowd, mu, sigma),
        "line": {"color": "@q/0.7", "width": 1},
        "hovertemplate": words["stem"] + "<extra></extra>",
    }
    top = _peak(sigma)
    inside = min(max(mu, made.mu_low + 0.03 * span), made.mu_high - 0.03 * span)
    return figure(
        [
            _bars(source, words["bar"]),
            stems,
            _curve(made, mu_b, sigma_b, "@rest", "dash", f"B: {words['point']}"),
            _curve(made, mu, sigma, "@q", "solid", f"A: {words['point']}"),
            _dots(source, words["person"]),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (made.mu_low, made.mu_high)),
        y=axis(words["y"], (0.0, ceiling), nticks=6),
        barmode="overlay",
        bargap=0,
        height=330,
        margin=(22, 14, 52, 68),
        annotations=[
            label("<b>A</b>", inside, top, yanchor="bottom", yshift=9),
            label("<b>B</b>", 0.0, 0.0, colour="@soft") | _half_way(made, mu_b, sigma_b, mu),
        ],
        grips=[
            grip("curve", mu, top, label=words["grip"]),
            grip("curve_b", mu_b, _peak(sigma_b), label=words["grip_b"]),
        ],
    )


def _stem_heights(crowd: People, mu: float, sigma: float) -> Floats:
    """Return the stems' two ends, 0 and the density, each with a nan behind; nan where there is no stem."""
    made = np.full(3 * STEMS, np.nan)
    drawn = min(crowd.summary.n, STEMS)
    made[0 : 3 * drawn : 3] = 0.0
    made[1 : 3 * drawn : 3] = density(crowd.stems[: 3 * drawn : 3], mu, sigma)
    return made


def sigma_on_log_axis(place: float) -> float:
    """Return the standard deviation at a place of a logarithmic axis.

    Examples
    --------
    >>> sigma_on_log_axis(2.0)
    100.0
    """
    return float(10.0 ** min(max(place, -99.0), 99.0))


def sigma_at(height: float) -> float:
    """Return the standard deviation of the curve whose peak has a height.

    Examples
    --------
    >>> round(sigma_at(0.083113), 3)
    4.8
    """
    return math.exp(-LOG_SQRT_2PI) / max(height, 1e-12)


def candidate_at(mu: float, sigma: float, kind: str, unit: str, own: str) -> dict[str, float]:
    """Return a dragged candidate with no more digits than a hand can mean.

    Examples
    --------
    >>> candidate_at(171.98765432, 4.8123456, "sampled", "cm", "")
    {'mu': 171.988, 'sigma': 4.812}
    """
    made = window(kind, unit, own)
    return {"mu": _trimmed(mu, made.mu_step), "sigma": _trimmed(sigma, made.sigma_step)}


def _trimmed(value: float, step: float) -> float:
    """Return a value rounded two decimals below the first digit of a step."""
    return float(f"{round(value, 2 - math.floor(math.log10(step))):.12g}")


# Numbers ---------------------------------------------------------------------------------------------------


def _plain(value: float, digits: int = 6) -> str:
    """Return a power of ten as a text, from the natural logarithm of the number."""
    mantissa, exponent = as_power_of_ten(value, digits=digits)
    if -4 <= exponent <= 5:
        return number(math.exp(value), digits)
    return power_of_ten(mantissa, exponent, digits)


def formula(
    source: Source, mu: float, sigma: float, mu_b: float, sigma_b: float, words: Words
) -> dict[str, Any]:
    """Return the log-likelihood with its numbers, candidate against candidate, and the way to the top.

    Parameters
    ----------
    source : Source
        Which people.
    mu, sigma, mu_b, sigma_b : float
        Candidates A and B.
    words : mapping
        ``ratio``, ``below``, ``inside``, ``outside``, ``no_top``.
    """
    crowd = people(source)
    summary = crowd.summary
    a = float(log_likelihood(summary, mu, sigma))
    b = float(log_likelihood(summary, mu_b, sigma_b))
    ratio = log10_likelihood_ratio(summary, (mu, sigma), (mu_b, sigma_b))
    rows: list[list[Segment]] = [
        [part("log L(A)", "q", strong=True), " = Σ log f(xᵢ) = ", part(number(a), "q", strong=True)],
        [part("= −n·[log σ + ½ log 2π + (s² + (x̄ − μ)²) / 2σ²]", "soft")],
        [
            part(f"= −{summary.n:,}·[log {number(sigma)} + {number(LOG_SQRT_2PI)} + ", "soft"),
            part(f"({number(summary.variance)} + ({number(summary.mean)} − {_bracketed(mu)})²)", "soft"),
            part(f" / (2·{number(sigma)}²)]", "soft"),
        ],
        [
            part("log L(B)", "rest", strong=True),
            " = ",
            part(number(b), "rest", strong=True),
            ",  L(A) / L(B) = ",
            part(_ratio(ratio), "q" if ratio >= 0 else "rest", strong=True),
        ],
    ]
    if crowd.top is None:
        rows.append([part(words["no_top"], "truth")])
    else:
        drop = float(drop_from_mle(summary, mu, sigma))
        rows.append(
            [
                part("log L(MLE)", "truth", strong=True),
                f" = {number(float(log_likelihood(summary, *crowd.top)))},  log L(A) − log L(MLE) = ",
                part(number(-drop) if drop > 1e-9 else "0", "truth", strong=True),
            ]
        )
    return lines(*rows)


def _bracketed(value: float) -> str:
    """Return a number that follows a minus sign.

    Examples
    --------
    >>> _bracketed(172.0), _bracketed(-2.5)
    ('172', '(−2.5)')
    """
    return number(value) if value >= 0 else f"({number(value)})"


def _ratio(log10_ratio: float) -> str:
    """Return a ratio of likelihoods as a power of ten, from its base-10 logarithm."""
    if math.isinf(log10_ratio):
        return "∞" if log10_ratio > 0 else "0"
    if abs(log10_ratio) < 4:
        return number(10.0**log10_ratio)
    exponent = math.floor(log10_ratio)
    mantissa = round(10.0 ** (log10_ratio - exponent), 2)
    return power_of_ten(mantissa, exponent, 3) if mantissa < 10 else power_of_ten(1.0, exponent + 1, 3)


def product(source: Source, mu: float, sigma: float) -> tuple[float | None, RangeExit]:
    """Return the plain float64 product of all densities, and after how many people it leaves the range.

    The people are multiplied one after the other up to the first 0 or infinity, and no more than ``FIRST``
    of them: beyond that the product is None where it has not left the range.
    """
    crowd = people(source)
    left = underflow_index(crowd.first, mu, sigma)
    if left.zero is not None:
        return 0.0, left
    if left.overflow is not None:
        return math.inf, left
    if crowd.summary.n > crowd.first.size:
        return None, left
    return plain_product(crowd.first, mu, sigma), left


@lru_cache(maxsize=512)
def _number_row(source: Source, mu: float, sigma: float, name: str, role: str, words: tuple[str, ...]) -> Row:
    """Return the numbers of one candidate."""
    crowd = people(source)
    summary = crowd.summary
    total = float(log_likelihood(summary, mu, sigma))
    made, left = product(source, mu, sigma)
    at = left.zero or left.overflow
    if at is not None:
        shown: Segment = part(
            words[0].format(value="0" if made == 0 else "∞", n=f"{at:,}"), "loss", strong=True
        )
    else:
        shown = words[1] if made is None else number(made)
    drop = "—" if crowd.top is None else number(float(drop_from_mle(summary, mu, sigma)))
    return [
        part(name, role, strong=True),
        number(mu),
        number(sigma),
        number(_peak(sigma)),
        _plain(total),
        shown,
        part(number(total), role, strong=True),
        number(-total / summary.n),
        drop,
    ]


def numbers(
    source: Source, mu: float, sigma: float, mu_b: float, sigma_b: float, words: Words
) -> dict[str, Any]:
    """Return a table of both candidates, the maximum-likelihood estimate and the curve with divisor n - 1."""
    crowd = people(source)
    said = (words["lost"], words["not_within"])
    rows = [
        _number_row(source, mu, sigma, "A", "q", said),
        _number_row(source, mu_b, sigma_b, "B", "rest", said),
    ]
    if crowd.top is not None:
        rows.append(_number_row(source, *crowd.top, words["mle"], "truth", said))
        rows.append(
            _number_row(source, crowd.top.mu, unbiased_sigma(crowd.summary), words["unbiased"], "", said)
        )
    return table(
        [
            "",
            "μ",
            "σ",
            words["peak"],
            words["likelihood"],
            words["product"],
            "log L",
            words["mean"],
            words["below"],
        ],
        rows,
        title=words["title"],
        caption=words["caption"],
    )


# The landscape ---------------------------------------------------------------------------------------------


def _ticks(low: float, high: float) -> list[float]:
    """Return 1, 2, 5 times powers of ten between two positive ends."""
    powers = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    made = [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)]
    return [tick for tick in made if low * 0.999 <= tick <= high * 1.001]


def _line(x: NDArray[Any], y: Floats, **options: Any) -> dict[str, Any]:
    """Return a line that only stands in the background."""
    made = {"type": "scatter", "mode": "lines", "connectgaps": False, "x": x, "y": y, "hoverinfo": "skip"}
    return made | options


def _marks(
    x: Sequence[float], y: Sequence[float], colour: str, symbol: str, size: int, hover: str
) -> dict[str, Any]:
    """Return points."""
    return {
        "type": "scatter",
        "mode": "markers",
        "connectgaps": False,
        "x": np.array(x),
        "y": np.array(y),
        "marker": {"color": colour, "symbol": symbol, "size": size, "line": {"color": "@ground", "width": 2}},
        "hovertemplate": hover + "<extra></extra>",
    }


def _each(summary: Summary) -> Summary:
    """Return the summary by which a likelihood becomes that of the average person."""
    return Summary(1, summary.mean, summary.variance, summary.mean_remainder)


@lru_cache(maxsize=256)
def _ring(summary: Summary, each: float) -> tuple[Floats, Floats]:
    """Return the contour a given number of nats below the top for each person; nan without a top."""
    # As many points as a ring of its size needs to look round: the frames of n carry all of them.
    points = 241 if each > 5 else 161 if each > 0.5 else 81
    if summary.variance == 0:
        return np.full(points, np.nan), np.full(points, np.nan)
    # A region depends on the drop for each person only.
    region = likelihood_ratio_region(_each(summary), -math.expm1(-each), points=points)
    return region.mu, region.sigma


@lru_cache(maxsize=64)
def _rings(summary: Summary) -> list[dict[str, Any]]:
    """Return the contours of the landscape, the outermost first."""
    return [
        _line(
            *_ring(summary, each),
            fill="toself",
            fillcolor="@rest/0.07",
            line={"color": "@rest/0.8", "width": 2 if each in (0.1, 1.0, 10.0) else 1},
        )
        for each in reversed(RINGS)
    ]


@lru_cache(maxsize=64)
def _regions(summary: Summary) -> list[dict[str, Any]]:
    """Return the boundaries of the likelihood-ratio regions, the largest first."""
    styles = {0.5: ("solid", 3), 0.9: ("dash", 2), 0.95: ("dot", 3)}
    made = []
    for level in reversed(LEVELS):
        dash, width = styles[level]
        x = y = np.full(121, np.nan)
        if summary.variance > 0:
            region = likelihood_ratio_region(summary, level, points=121)
            x, y = region.mu, region.sigma
        made.append(_line(x, y, line={"color": "@truth", "width": width, "dash": dash}))
    return made


@lru_cache(maxsize=64)
def _summit(summary: Summary, hover: str) -> dict[str, Any]:
    """Return the maximum-likelihood estimate as a mark."""
    if summary.variance == 0:
        return _marks([math.nan], [math.nan], "@truth", "star", 16, hover)
    top = fit(summary)
    return _marks([top.mu], [top.sigma], "@truth", "star", 16, hover)


@lru_cache(maxsize=64)
def _truth_mark(source: Source, hover: str) -> dict[str, Any]:
    """Return the true mean and standard deviation as a mark, where people are drawn by lot."""
    known = source.kind == "sampled"
    place = (source.mu, source.sigma) if known else (math.nan, math.nan)
    return _marks(place[:1], place[1:], "@p", "diamond", 13, hover)


def _ring_labels(crowd: People, low: float, high: float) -> list[dict[str, Any]]:
    """Return labels on the thick contours: how many nats below the top, for all people together."""
    made = []
    # Where on the contours (of 241 points) the labels stand well apart: at the bottom, lower left, left.
    for each, place in ((0.1, 60), (1.0, 110), (10.0, 127)):
        text, x, y = "", low, 1.0
        if crowd.top is not None:
            mu, sigma = _ring(crowd.summary, each)
            x, y = float(mu[place]), float(sigma[place])
            nats = each * crowd.summary.n
            shown = f"−{nats:,.0f}" if 10 <= nats < 1e5 else number(-nats, 2)
            text = shown if low < x < high else ""
        made.append(
            label(text, x, math.log10(y), bgcolor="@ground/0.7") | {"font": {"size": 14, "color": "@soft"}}
        )
    return made


def _cross(mu: float, sigma: float) -> list[dict[str, Any]]:
    """Return a crosshair at a candidate, across the whole picture."""
    line = {"color": "@q", "width": 1, "dash": "dot"}
    return [
        {"type": "line", "xref": "x", "yref": "paper", "x0": mu, "x1": mu, "y0": 0, "y1": 1, "line": line},
        {
            "type": "line",
            "xref": "paper",
            "yref": "y",
            "x0": 0,
            "x1": 1,
            "y0": sigma,
            "y1": sigma,
            "line": line,
        },
    ]


def _sigma_axis(title: str, low: float, high: float, ticks: Sequence[float]) -> dict[str, Any]:
    """Return a logarithmic axis of sigma."""
    return axis(
        title,
        (math.log10(low), math.log10(high)),
        type="log",
        tickvals=list(ticks),
        ticktext=[number(tick, 4) for tick in ticks],
    )


def surface(source: Source, mu: float, sigma: float, mu_b: float, sigma_b: float, words: Words) -> Figure:
    """Return the log-likelihood over all (mu, sigma) as contours, with both candidates and the top."""
    crowd = people(source)
    made = crowd.window
    a = float(log_likelihood(crowd.summary, mu, sigma))
    return figure(
        [
            *_rings(crowd.summary),
            *_regions(crowd.summary),
            _summit(crowd.summary, words["top"]),
            _marks([mu_b], [sigma_b], "@rest", "square", 12, "B"),
            _marks([mu], [sigma], "@q", "circle", 14, "A"),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (made.mu_low, made.mu_high)),
        y=_sigma_axis(words["y"], made.sigma_low, made.sigma_high, _ticks(made.sigma_low, made.sigma_high)),
        height=340,
        margin=(26, 14, 52, 64),
        shapes=_cross(mu, sigma),
        annotations=[
            *_ring_labels(crowd, made.mu_low, made.mu_high),
            label(
                f"log L(A) = {number(a)}", 1, 1, xref="paper", yref="paper", xanchor="right", yanchor="bottom"
            ),
            label("B", mu_b, math.log10(sigma_b), colour="@rest", xanchor="left", xshift=9),
        ],
        grips=[grip("surface", mu, math.log10(sigma), label=words["grip"])],
    )


@lru_cache(maxsize=64)
def _near(source: Source) -> tuple[float, float, float, float]:
    """Return the ranges of mu and sigma around the top: the 95 % region with some room.

    Around people drawn by lot it is a range around the truth, five standard errors to either side, that
    shrinks in steps while n grows.
    """
    crowd = people(source)
    made, n = crowd.window, crowd.summary.n
    if crowd.top is None or (source.kind == "sampled" and n < 50):
        return made.mu_low, made.mu_high, made.sigma_low, made.sigma_high
    if source.kind == "sampled":
        errors = standard_errors(source.sigma, next(step for step in NEAR if step <= n))
        room = math.exp(5 * errors.sigma / source.sigma)
        return source.mu - 5 * errors.mu, source.mu + 5 * errors.mu, source.sigma / room, source.sigma * room
    region = likelihood_ratio_region(crowd.summary, LEVELS[-1], points=61)
    left, right = float(region.mu.min()), float(region.mu.max())
    low, high = float(region.sigma.min()), float(region.sigma.max())
    wide, room = 0.2 * (right - left), (high / low) ** 0.2
    return left - wide, right + wide, low / room, high * room


def _beyond(value: float, low: float, high: float, signs: tuple[str, str]) -> tuple[float, str]:
    """Return a value moved to the nearer end of a range, and the sign of the side on which it was out."""
    if value < low:
        return low, signs[0]
    return (high, signs[1]) if value > high else (value, "")


def near_top(source: Source, mu: float, sigma: float, words: Words) -> Figure:
    """Return the surroundings of the top with the likelihood-ratio regions; its axes follow the people."""
    crowd = people(source)
    low, high, bottom, ceiling = _near(source)
    ticks = [float(tick) for tick in nice_edges(bottom, ceiling, at_most=8) if bottom <= tick <= ceiling]
    x, side = _beyond(mu, low, high, ("←", "→"))
    y, height = _beyond(sigma, bottom, ceiling, ("↓", "↑"))
    out = bool(side or height)
    return figure(
        [
            *_regions(crowd.summary),
            _summit(crowd.summary, words["top"]),
            _truth_mark(source, words["truth"]),
            _marks([math.nan if out else mu], [math.nan if out else sigma], "@q", "circle", 14, "A"),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (low, high), nticks=5),
        y=_sigma_axis(words["y"], bottom, ceiling, ticks),
        height=340,
        margin=(26, 14, 52, 64),
        shapes=_cross(mu, sigma),
        annotations=[
            label(
                f"A {side}{height}" if out else "",
                x,
                math.log10(y),
                colour="@q",
                xanchor={"←": "left", "→": "right"}.get(side, "center"),
                yanchor={"↓": "bottom", "↑": "top"}.get(height, "middle"),
                bgcolor="@ground/0.7",
            ),
        ],
        grips=[grip("surface", x, math.log10(y), label=words["grip"])],
    )


# Slices with tangent and slope -----------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _slice_mu(summary: Summary, made: Window, sigma: float) -> tuple[Floats, Floats]:
    """Return the log-likelihood along mu, sigma held."""
    along = np.linspace(made.mu_low, made.mu_high, 81)
    return along, log_likelihood(summary, along, sigma)


@lru_cache(maxsize=512)
def _slice_sigma(summary: Summary, made: Window, mu: float) -> tuple[Floats, Floats]:
    """Return the log-likelihood along sigma, mu held."""
    along = np.geomspace(made.sigma_low, made.sigma_high, 81)
    return along, log_likelihood(summary, mu, along)


def _heights_shown(source: Source, each: Summary) -> tuple[float, float]:
    """Return the range of log-likelihoods that the slices show; no candidate moves it."""
    if source.kind == "sampled":
        truth = (source.mu, source.sigma)
        top = float(expected_log_density(*truth, *truth))
    else:
        top = float(log_likelihood(each, *fit(each)))
    return top - BELOW, top + ABOVE


def slices(source: Source, mu: float, sigma: float, words: Words) -> Figure:
    """Return the log-likelihood along mu and along sigma through the candidate, with tangents and slopes.

    It is drawn for the average person, so that the picture stays where it is while n grows.
    """
    crowd = people(source)
    summary, made = _each(crowd.summary), crowd.window
    low, high = _heights_shown(source, summary)
    ticks = [float(tick) for tick in nice_edges(low, high, at_most=8) if low <= tick <= high]
    a = float(log_likelihood(summary, mu, sigma))
    slope = score(summary, mu, sigma)
    slopes = (float(slope.mu), float(slope.sigma))
    ends = ((made.mu_low, made.mu_high), (made.sigma_low, made.sigma_high))
    traces: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for i, (at, (x, y)) in enumerate(
        zip((mu, sigma), (_slice_mu(summary, made, sigma), _slice_sigma(summary, made, mu)), strict=True)
    ):
        across = {"xaxis": ("x", "x2")[i]}
        width = 0.12 * (ends[i][1] - ends[i][0])
        # A steep tangent is cut where it has crossed the picture.
        width = min(width, 0.35 * (high - low) / max(abs(slopes[i]), 1e-300))
        hidden = not low <= a <= high
        point = math.nan if hidden else at
        highest = [math.nan, math.nan]
        if crowd.top is not None:
            best = (crowd.top.mu, sigma) if i == 0 else (mu, _best_sigma(summary, mu))
            highest = [best[i], float(log_likelihood(summary, *best))]
        traces += [
            _line(x, y, line={"color": "@rest", "width": 3}) | across,
            _line(
                np.array([point - width, point + width]),
                np.array([a - width * slopes[i], a + width * slopes[i]]),
                line={"color": "@loss", "width": 3},
            )
            | across,
            _marks(highest[:1], highest[1:], "@truth", "star", 14, words["top"]) | across,
            _marks([point], [a], "@q", "circle", 13, "A") | across,
        ]
        annotations += [
            label(
                f"∂(ℓ/n)/∂{'μσ'[i]} = {number(slopes[i], 4)}",
                0.5,
                1.0,
                colour="@loss",
                xref=f"{across['xaxis']} domain",
                yref="paper",
                yanchor="bottom",
            ),
            label(
                f"A ↓ {number(a, 4)}" if hidden else "",
                0.5,
                0,
                xref=f"{across['xaxis']} domain",
                yref="paper",
                yanchor="bottom",
                bgcolor="@ground/0.7",
            ),
        ]
    return figure(
        traces,
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], ends[0], domain=[0.0, 0.46], nticks=4),
        xaxis2=axis(words["x2"], ends[1], domain=[0.54, 1.0], nticks=4, anchor="y"),
        y=axis(words["y"], (low, high), tickvals=ticks, ticktext=[number(tick, 4) for tick in ticks]),
        height=340,
        margin=(26, 14, 52, 84),
        annotations=annotations,
    )


def _best_sigma(summary: Summary, mu: float) -> float:
    """Return the sigma at which the log-likelihood is largest while mu is held."""
    return math.sqrt(summary.variance + (summary.mean - mu) ** 2)


# The plain product -----------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _running(source: Source, mu: float, sigma: float) -> Floats:
    """Return log10 of the product of the first densities, at 129 counts from 0 on; nan beyond the people."""
    crowd = people(source)
    count = min(crowd.summary.n, MULTIPLIED)
    total = np.concatenate([[0.0], np.cumsum(log_density(crowd.first[:count], mu, sigma)) / LN10])
    places = np.linspace(0, MULTIPLIED, 129).astype(int) if count > 128 else np.arange(129)
    return np.where(places <= count, total[np.minimum(places, count)], np.nan)


def running_product(
    source: Source, mu: float, sigma: float, mu_b: float, sigma_b: float, words: Words
) -> Figure:
    """Return the plain product of densities against the number of people multiplied, on a log scale.

    Below the smallest float the product is exactly 0, above the largest it is infinite; its log goes on.
    """
    crowd = people(source)
    count = min(crowd.summary.n, MULTIPLIED)
    places = np.linspace(0, MULTIPLIED, 129).astype(int) if count > 128 else np.arange(129)
    right = next(float(most) for most in (5, 20, 100, MULTIPLIED) if count <= most)
    lines_ = (_running(source, mu, sigma), _running(source, mu_b, sigma_b))
    bottom, top = (-400.0, 400.0) if count > 20 else (-60.0, 60.0)
    marks: list[tuple[float, float]] = []
    for a, b in ((mu, sigma), (mu_b, sigma_b)):
        left = product(source, a, b)[1]
        at = left.zero or left.overflow
        outside = at is None or at > count
        marks.append(
            (math.nan, math.nan) if outside else (float(at or 0), FLOAT64[0] if left.zero else FLOAT64[1])
        )
    limits = [
        (FLOAT64[0], words["zero64"], "top"),
        (FLOAT64[1], words["infinite64"], "bottom"),
        (FLOAT32[0], words["zero32"], "top"),
        (FLOAT32[1], words["infinite32"], "bottom"),
    ]
    said = [f"n = {int(x)}" if x == x else "" for x, _ in marks]
    return figure(
        [
            _line(places, lines_[1], line={"color": "@rest", "width": 3, "dash": "dash"}),
            _line(places, lines_[0], line={"color": "@q", "width": 3}),
            _marks([marks[1][0]], [marks[1][1]], "@loss", "x", 13, "B"),
            _marks([marks[0][0]], [marks[0][1]], "@loss", "x", 13, "A"),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (0.0, right)),
        y=axis(
            words["y"],
            (bottom, top),
            tickvals=[-300, -200, -100, 0, 100, 200, 300] if count > 20 else [-40, -20, 0, 20, 40],
            ticktext=["10⁻³⁰⁰", "10⁻²⁰⁰", "10⁻¹⁰⁰", "1", "10¹⁰⁰", "10²⁰⁰", "10³⁰⁰"]
            if count > 20
            else ["10⁻⁴⁰", "10⁻²⁰", "1", "10²⁰", "10⁴⁰"],
        ),
        height=340,
        margin=(16, 14, 52, 76),
        shapes=[
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": y,
                "y1": y,
                "line": {"color": "@loss", "width": 1, "dash": "dot"},
            }
            for y, _, _ in limits
        ],
        annotations=[
            label(
                text if bottom < y < top else "",
                1,
                y,
                xref="paper",
                xanchor="right",
                yanchor=anchor,
                colour="@soft",
            )
            | {"font": {"size": 14, "color": "@soft"}}
            for y, text, anchor in limits
        ]
        + [
            label(
                said[i],
                marks[i][0] if said[i] else 0.0,
                marks[i][1] if said[i] else 0.0,
                colour=("@q", "@soft")[i],
                xanchor=("left", "left" if marks[i][0] < 0.25 * right else "right")[i],
                xshift=(6, 6 if marks[i][0] < 0.25 * right else -6)[i],
                yshift=(14, -14)[i],
            )
            for i in range(2)
        ],
    )


# Truth and estimates ---------------------------------------------------------------------------------------


def estimate(source: Source, words: Words) -> Figure:
    """Return the people with the curve they came from and the two curves estimated from them."""
    crowd = people(source)
    made, top = crowd.window, crowd.top
    sampled = source.kind == "sampled"
    hidden = np.full(BELL.size + 2, np.nan)
    traces = [_bars(source, words["bar"])]
    tallest = 0.0 if crowd.summary.n <= FEW else float(crowd.heights.max())
    labels = []
    curves_: list[tuple[str, str, str, float, float] | None] = [
        ("@p", "dash", words["truth"], source.mu, source.sigma) if sampled else None,
        ("@rest", "dot", words["unbiased"], top.mu, unbiased_sigma(crowd.summary))
        if top is not None
        else None,
        ("@truth", "solid", words["mle"], top.mu, top.sigma) if top is not None else None,
    ]
    for i, item in enumerate(curves_):
        if item is None:
            traces.append(_line(hidden, hidden, line={"color": "@rest", "width": 3}))
            labels.append(label("", made.mu_low, 0.0))
            continue
        colour, dash, name, mu, sigma = item
        tallest = max(tallest, _peak(sigma))
        traces.append(_curve(made, mu, sigma, colour, dash, name))
        labels.append(
            label(
                f"{name}: N({number(mu)}, {number(sigma)})",
                0.01,
                1.0 - 0.1 * i,
                colour=colour if colour != "@rest" else "@soft",
                xref="paper",
                yref="paper",
                xanchor="left",
                yanchor="top",
            )
        )
    traces.append(_dots(source, words["person"]))
    return figure(
        traces,
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (made.mu_low, made.mu_high)),
        y=axis(words["y"], (0.0, _ceiling(tallest if tallest > 0 else 1.0)), nticks=6),
        barmode="overlay",
        bargap=0,
        height=320,
        margin=(16, 14, 52, 68),
        annotations=labels,
    )


def estimates(source: Source, words: Words) -> dict[str, Any]:
    """Return a table of truth and estimates, with how far an estimate scatters."""
    crowd = people(source)
    summary, top = crowd.summary, crowd.top
    sampled = source.kind == "sampled"
    blank = "—"
    rows: list[Row] = []
    if sampled:
        rows.append([part(words["truth"], "p", strong=True), number(source.mu), number(source.sigma)])
    if top is None:
        rows.append([part(words["mle"], "truth", strong=True), number(summary.mean), "→ 0"])
        rows.append([words["unbiased"], number(summary.mean), blank])
    else:
        errors = standard_errors(source.sigma if sampled else top.sigma, summary.n)
        rows += [
            [
                part(words["mle"], "truth", strong=True),
                number(top.mu),
                part(number(top.sigma), "truth", strong=True),
            ],
            [words["unbiased"], number(top.mu), number(unbiased_sigma(summary))],
            [words["error"], "± " + number(errors.mu), "± " + number(errors.sigma)],
        ]
    drawn = crowd.stems[~np.isnan(crowd.stems)]
    ends = words["ends"].format(low=number(float(drawn[0])), high=number(float(drawn[-1])))
    return table([f"n = {summary.n:,}", "μ", "σ"], rows, caption=f"{ends} {words['caption']}")


# Climbing --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def climb(summary: Summary, mu: float, sigma: float, method: str, rate: float) -> Trail:
    """Return the trail of a climb of the mean log-likelihood."""
    kind = cast("Literal['gradient', 'newton']", method)
    return gaussian_ascent(summary, mu, sigma, method=kind, learning_rate=rate, steps=STEPS)


@lru_cache(maxsize=512)
def _path(
    summary: Summary, mu: float, sigma: float, method: str, rate: float
) -> tuple[Floats, Floats, Floats]:
    """Return mu, sigma and the log-likelihood along a climb, each STEPS + 1 long; it stays where it ends."""
    trail = climb(summary, mu, sigma, method, rate)
    rows = np.minimum(np.arange(STEPS + 1), trail.steps)
    return trail.points[rows, 0], trail.points[rows, 1], summary.n * trail.values[rows]


@lru_cache(maxsize=128)
def _whole_path(summary: Summary, mu: float, sigma: float, method: str, rate: float) -> dict[str, Any]:
    """Return the whole climb as a pale line."""
    x, y, _ = _path(summary, mu, sigma, method, rate)
    return _line(x, y, line={"color": "@q/0.8", "width": 2, "dash": "dot"})


def _walked(values: Floats, step: int) -> Floats:
    """Return the part of a path that has been walked; the rest is nan."""
    made = values.copy()
    made[step + 1 :] = np.nan
    return made


def trail_map(
    source: Source, mu: float, sigma: float, method: str, rate: float, step: int, words: Words
) -> Figure:
    """Return the landscape with the climb from a candidate to the top, as far as it has been walked."""
    crowd = people(source)
    made, summary = crowd.window, crowd.summary
    x, y, _ = _path(summary, mu, sigma, method, rate)
    return figure(
        [
            *_rings(summary),
            _summit(summary, words["top"]),
            _whole_path(summary, mu, sigma, method, rate),
            _line(
                _walked(x, step),
                _walked(y, step),
                mode="lines+markers",
                line={"color": "@q", "width": 3},
                marker={"color": "@q", "size": 7},
            ),
            _marks([float(x[step])], [float(y[step])], "@q", "circle", 15, words["here"]),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (made.mu_low, made.mu_high)),
        y=_sigma_axis(words["y"], made.sigma_low, made.sigma_high, _ticks(made.sigma_low, made.sigma_high)),
        height=360,
        margin=(16, 14, 52, 64),
        annotations=_ring_labels(crowd, made.mu_low, made.mu_high),
    )


def rise(
    source: Source, mu: float, sigma: float, method: str, rate: float, step: int, words: Words
) -> Figure:
    """Return how far below the top each step of the climb is, on a logarithmic axis."""
    crowd = people(source)
    drops = _drops(crowd.summary, mu, sigma, method, rate)
    steps = np.arange(STEPS + 1)
    powers = range(-8, 9, 2)
    return figure(
        [
            _line(steps, drops, line={"color": "@loss/0.8", "width": 2, "dash": "dot"}),
            _line(
                steps,
                _walked(drops, step),
                mode="lines+markers",
                line={"color": "@loss", "width": 3},
                marker={"color": "@loss", "size": 7},
            ),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-1.0, STEPS + 1.0)),
        y=axis(
            words["y"],
            (-8.4, 8.4),
            type="log",
            tickvals=[10.0**p for p in powers],
            ticktext=[_power(p) for p in powers],
        ),
        height=360,
        margin=(16, 14, 52, 72),
    )


def _power(exponent: int) -> str:
    """Return a power of ten as a tick's label."""
    return "1" if exponent == 0 else power_of_ten(1, exponent).removeprefix("1×")


@lru_cache(maxsize=512)
def _drops(summary: Summary, mu: float, sigma: float, method: str, rate: float) -> Floats:
    """Return how far below the top each step is, in nats; nan at the top, and where there is none."""
    if summary.variance == 0:
        return np.full(STEPS + 1, np.nan)
    x, y, _ = _path(summary, mu, sigma, method, rate)
    drops = drop_from_mle(summary, x, y)
    return np.where(drops > 1e-9, drops, np.nan)


def climb_lines(
    source: Source, mu: float, sigma: float, method: str, rate: float, step: int, words: Words
) -> dict[str, Any]:
    """Return the step at hand in numbers: where the climb stands, its slope, and where it goes next."""
    crowd = people(source)
    summary = crowd.summary
    trail = climb(summary, mu, sigma, method, rate)
    x, y, totals = _path(summary, mu, sigma, method, rate)
    row = min(step, trail.steps)
    slope = trail.gradients[row] * summary.n
    rows: list[list[Segment]] = [
        [
            f"{words['step']} {step}:  ",
            part(
                f"μ = {number(float(x[step]))},  σ = {number(float(y[step]))},"
                f"  log L = {number(float(totals[step]))}",
                "q",
                strong=True,
            ),
        ],
        [
            "∂ log L / ∂μ = ",
            part(number(float(slope[0]), 4), "loss", strong=True),
            ",  ∂ log L / ∂σ = ",
            part(number(float(slope[1]), 4), "loss", strong=True),
        ],
    ]
    if method == "gradient":
        rule = f"μ ← μ + η·(x̄ − μ),  σ ← σ + η·((s² + (x̄ − μ)²) / σ − σ),  η = {number(rate)}"
    else:
        rule = "(μ, σ) ← (μ, σ) − H⁻¹·∇ log L"
    rows.append([part(rule, "soft")])
    if crowd.top is None:
        rows.append([part(words["no_top"], "truth")])
    elif trail.status == "converged" and step >= trail.steps:
        rows.append([part(words["arrived"], "truth", strong=True)])
    else:
        rows.append(
            [
                words["below"] + " ",
                part(number(float(drop_from_mle(summary, x[step], y[step]))), "truth", strong=True),
            ]
        )
    return lines(*rows)


# The derivation in numbers ---------------------------------------------------------------------------------


def _tex(value: float, digits: int = 6) -> str:
    r"""Return a number as LaTeX writes it.

    Examples
    --------
    >>> print(_tex(-0.25), _tex(1.5e-12), _tex(math.inf))
    -0.25 1.5\times 10^{-12} \infty
    """
    if math.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    text = f"{value:.{digits}g}"
    mantissa, mark, exponent = text.partition("e")
    return rf"{mantissa}\times 10^{{{int(exponent)}}}" if mark else text


def derivation(source: Source, mu: float, sigma: float) -> dict[str, str]:
    """Return the numbers of the derivation of the maximum-likelihood estimate, as LaTeX writes them."""
    summary = people(source).summary
    slope = score(summary, mu, sigma)
    blank = r"\text{–}"
    made = {
        "n": str(summary.n),
        "mu": _tex(mu),
        "sigma": _tex(sigma),
        "mean": _tex(summary.mean),
        "variance": _tex(summary.variance),
        "total": _tex(float(log_likelihood(summary, mu, sigma))),
        "slope_mu": _tex(float(slope.mu)),
        "slope_sigma": _tex(float(slope.sigma)),
        "top_sigma": "0" if summary.variance == 0 else _tex(fit(summary).sigma),
        "error_mu": blank,
        "error_sigma": blank,
    }
    if summary.variance > 0:
        errors = standard_errors(fit(summary).sigma, summary.n)
        made |= {"error_mu": _tex(errors.mu), "error_sigma": _tex(errors.sigma)}
    return made


# Code ------------------------------------------------------------------------------------------------------


def code_panel(source: Source, mu: float, sigma: float) -> dict[str, Any]:
    """Return the same computation as NumPy and as PyTorch, at the present values."""
    if source.kind == "own":
        data = 'x = np.loadtxt("my_numbers.txt")   # your numbers, one in a line'
    elif source.kind == "five":
        data = f"x = np.array({list(FIVE)})"
    else:
        data = (
            f"x = {source.mu} + {source.sigma} * np.random.Generator(np.random.PCG64({source.seed}))"
            f".standard_normal({source.n})"
        )
    return code(
        NumPy=f"""import numpy as np

{data}
mu, sigma = {mu}, {sigma}

log_f = -0.5 * ((x - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
print("product of densities:", np.prod(np.exp(log_f)))   # 0.0 once it underflows
print("log-likelihood:      ", log_f.sum())
print("mean NLL:            ", -log_f.mean())
print("MLE:                 ", x.mean(), x.std())         # divisor n
print("divisor n - 1:       ", x.std(ddof=1))
""",
        PyTorch=f"""import numpy as np
import torch

{data}
x = torch.tensor(x, dtype=torch.float64)
mu, sigma = torch.tensor({mu}, dtype=torch.float64), torch.tensor({sigma}, dtype=torch.float64)

print(torch.distributions.Normal(mu, sigma).log_prob(x).sum())
# GaussianNLLLoss takes the VARIANCE, and leaves out the constant unless full=True
loss = torch.nn.GaussianNLLLoss(full=True)
print(loss(mu.expand_as(x), x, (sigma**2).expand_as(x)))    # mean NLL
""",
    )


def sketch() -> Sketch:
    """Return the curves of the lesson's small picture, and the limits of y."""
    x = np.linspace(0.0, 1.0, 60)
    heights = 150.0 + 44.0 * x
    return [(x, density(heights, 172.0, 4.8), "q"), (x, density(heights, 178.0, 7.0), "p")], (0.0, 0.09)
