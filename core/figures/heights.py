"""Figures of the heights lesson: one sample, a Gaussian candidate, and its likelihood.

Every picture is made of two things that are cached and never touched while a candidate moves: the people
(`people`: their summary, their bars, the few that get a stem) and the landscape of the likelihood over
(mu, sigma). Moving a candidate then costs the same for five people as for a million.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core import exponential
from core.descent import GaussianTrail, gaussian_ascent, gaussian_step
from core.figures.marks import (
    Look,
    Mark,
    Scale,
    bars,
    dots,
    line,
    named_axis,
    nice_edges,
    off_axis,
    picture,
    rule,
    scale,
    written,
)
from core.figures.own import Own
from core.figures.text import (
    Segment,
    bold,
    code,
    fixed,
    from_log,
    latex_number,
    lines,
    number,
    part,
    power_of_ten,
    signed,
    table,
)
from core.figures.theme import Figure, Sketch, grip, label
from core.gaussian import (
    Fit,
    RangeExit,
    StandardErrors,
    Summary,
    density,
    drop_from_mle,
    expected_log_density,
    fit,
    hessian,
    kl_divergence,
    likelihood_ratio_region,
    log10_likelihood_ratio,
    log_density,
    log_likelihood,
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
Candidate: TypeAlias = tuple[float, float]

CANDIDATE = ("mu", "sigma")  # the controls of candidate A
FIVE = (1.0, 4.0, 5.0, 6.0, 9.0)
PEOPLE = (*(digit * 10**power for power in range(6) for digit in (1, 2, 5)), 1_000_000)  # stops of n
STEMS = 60
FEW = 60  # up to so many people are drawn as dots, more as bars
FIRST = 2048  # so many people are multiplied one by one
MULTIPLIED = 512  # and so many of these products are drawn
STEPS = 60
NEAR = (500_000, 50_000, 5_000, 500, 50)  # numbers of people at which the axes near the top change
# Contours of the landscape, in nats below the top for each person: their shape does not depend on n.
RINGS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
BELOW, ABOVE = 6.0, 1.0  # what the slices show below and above the top, in nats
LN10 = math.log(10.0)
LOG_SQRT_2PI = 0.5 * math.log(2.0 * math.pi)
BELL = np.linspace(-4.0, 4.0, 61)
# The plain product in float64 is 0 below the first of these powers of ten, infinite above the second.
FLOAT64 = (-1075 * math.log10(2.0), 1024 * math.log10(2.0))
WAIT = 10.0  # true mean of the waiting times, in minutes
FLOAT32 = (-150 * math.log10(2.0), 128 * math.log10(2.0))

DATA, STEM = Look("p"), Look("q/0.7", "")
A, B = Look("q"), Look("rest", "dash")
TOP, TRUTH = Look("truth", symbol="star"), Look("p", symbol="diamond")
RING, SLICE, TANGENT = Look("rest/0.8", ""), Look("rest", ""), Look("loss", "")
SQUARE, CROSS = Look("rest", symbol="square"), Look("loss", symbol="x")
KL = Look("kl", pattern="/")
HIDDEN = np.full(BELL.size + 2, np.nan)


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

    @cached_property
    def ordered(self) -> Floats:
        """The numbers, ascending; made once, and gone with them."""
        return np.sort(self.values)

    @cached_property
    def summary(self) -> Summary:
        """Number, mean and variance."""
        return summarize(self.values)


class Window(NamedTuple):
    """Range and step of the candidates for one data set: what the sliders and the axes share."""

    mu_low: float
    mu_high: float
    mu_step: float
    sigma_low: float
    sigma_high: float
    sigma_step: float


class Source(NamedTuple):
    """Which people: "sampled" or "waiting" (n and a seed), the five points, or a person's own numbers.

    ``mu`` and ``sigma`` are mean and standard deviation of what drawn people come from: of a normal curve, or
    of waiting times, which are exponential.
    """

    kind: str
    unit: str = "cm"
    own: Own[OwnData] | None = None
    n: int = 500
    mu: float = 172.0
    sigma: float = 4.8
    seed: int = 1

    @property
    def drawn(self) -> bool:
        """Whether there is a truth that the people come from."""
        return self.kind in ("sampled", "waiting")


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
def _standard(kind: str, n: int, seed: int) -> tuple[Summary, Floats, Floats]:
    """Return the summary of n standard draws of a kind, the first of them, and all of them sorted."""
    waits = kind == "waiting"
    draws = exponential.sample_waits(n, 1.0, seed=seed) if waits else sample_heights(n, 0.0, 1.0, seed=seed)
    return summarize(draws), draws[:FIRST].copy(), np.sort(draws)


@lru_cache(maxsize=64)
def window(kind: str, unit: str, own: Own[OwnData] | None) -> Window:
    """Return the ranges of mu and sigma that suit a data set; they do not depend on any slider.

    Examples
    --------
    >>> window("sampled", "cm", None).mu_low, window("sampled", "m", None).mu_low
    (130.0, 1.3)
    """
    if own is not None:
        ordered = own.find().ordered
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
    if kind == "waiting":
        return Window(-30.0, 70.0, 0.5, 0.2, 40.0, 0.2)
    if unit == "m":
        return Window(1.3, 2.1, 0.005, 0.005, 0.2, 0.001)
    return Window(130.0, 210.0, 0.5, 0.5, 20.0, 0.1)


def candidate_range(
    parameter: str, kind: str, unit: str, own: Own[OwnData] | None
) -> tuple[float, float, float]:
    """Return minimum, maximum and step of a candidate's "mu" or "sigma".

    Examples
    --------
    >>> candidate_range("sigma", "sampled", "cm", None)
    (0.5, 20.0, 0.1)
    """
    made = window(kind, unit, own)
    return made[:3] if parameter == "mu" else made[3:]


def truth_range(parameter: str, unit: str) -> tuple[float, float, float]:
    """Return minimum, maximum and step of the true "mu" or "sigma" of the sampled people."""
    if unit == "m":
        return (1.5, 1.9, 0.005) if parameter == "mu" else (0.01, 0.1, 0.001)
    return (150.0, 190.0, 0.5) if parameter == "mu" else (1.0, 10.0, 0.1)


def start(kind: str, unit: str, own: Own[OwnData] | None) -> dict[str, float]:
    """Return where candidates and truth stand when a data set comes on the screen.

    Examples
    --------
    >>> start("sampled", "m", None)["mu"], start("five", "none", None)["sigma"]
    (1.84, 2.915476)
    """
    scale = 0.01 if unit == "m" else 1.0
    truth = {"true_mu": 172.0 * scale, "true_sigma": round(4.8 * scale, 6)}
    if own is not None:
        summary = own.find().summary
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
    if kind == "waiting":
        return truth | {"mu": 20.0, "sigma": 5.0, "mu_b": WAIT, "sigma_b": WAIT}
    sigma = round(4.8 * scale, 6)
    return truth | {"mu": 184.0 * scale, "sigma": sigma, "mu_b": 172.0 * scale, "sigma_b": sigma}


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

    The draws behind drawn people depend on n and the seed only, so a change of their true mean or spread
    shifts and stretches one sorted crowd: no million numbers are touched.
    """
    kind, unit, own, n, mu, sigma, seed = source
    if kind == "waiting":
        mu = 0.0  # stretched only
    made = window(kind, unit, own)
    if own is not None:
        brought = own.find()
        summary, first, ordered = brought.summary, brought.values[:FIRST].copy(), brought.ordered
        mu, sigma = 0.0, 1.0
    elif kind == "five":
        first = ordered = np.array(FIVE)
        summary = summarize(first)
        mu, sigma = 0.0, 1.0
    else:
        drawn, first, ordered = _standard(kind, n, seed)
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


def _curve(made: Window, mu: float, sigma: float, look: Look, hover: str) -> Mark:
    """Return a Gaussian curve across the axis: its points move with it, so that it is smooth when narrow."""
    x = np.empty(BELL.size + 2)
    x[1:-1] = mu + sigma * BELL
    x[0], x[-1] = min(made.mu_low, x[1]), max(made.mu_high, x[-2])
    return line(x, _bell(sigma), look, hover=hover)


@lru_cache(maxsize=256)
def _bars(source: Source, hover: str) -> Mark:
    """Return the people as bars, where there are many."""
    crowd = people(source)
    return {
        "type": "bar",
        "x": 0.5 * (crowd.edges[1:] + crowd.edges[:-1]),
        "y": crowd.heights,
        "width": float(crowd.edges[1] - crowd.edges[0]),
        "marker": {"color": "@p/0.3", "line": {"color": "@p", "width": 1}},
        "hovertemplate": hover + "<extra></extra>",
    }


@lru_cache(maxsize=256)
def _dots(source: Source, hover: str) -> Mark:
    """Return the people as dots on the axis, where there are few."""
    place = people(source).dots
    height = np.where(np.isnan(place), np.nan, 0.0)
    return dots(place, height, [DATA] * FEW, hover=hover, size=11, ring=1, gaps=True, cliponaxis=False)


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
    edge = 0.03 * (made.mu_high - made.mu_low)
    top, stems = _peak(sigma), _stem_heights(crowd, mu, sigma)
    return picture(
        words,
        [
            _bars(source, words["bar"]),
            line(crowd.stems, stems, STEM, hover=words["stem"], width=1, gaps=True),
            _curve(made, mu_b, sigma_b, B, f"B: {words['point']}"),
            _curve(made, mu, sigma, A, f"A: {words['point']}"),
            _dots(source, words["person"]),
            label(
                "<b>A</b>",
                min(max(mu, made.mu_low + edge), made.mu_high - edge),
                top,
                yanchor="bottom",
                yshift=9,
            ),
            label("<b>B</b>", 0.0, 0.0, colour="@soft") | _half_way(made, mu_b, sigma_b, mu),
            grip("curve", mu, top, label=words["grip"], keys=CANDIDATE),
            grip("curve_b", mu_b, _peak(sigma_b), label=words["grip_b"], keys=("mu_b", "sigma_b")),
        ],
        x=scale(made.mu_low, made.mu_high),
        y=scale(0.0, _ceiling(tallest), nticks=6),
        barmode="overlay",
        bargap=0,
        height=330,
        margin=(22, 14, 52, 68),
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


def candidate_at(mu: float, sigma: float, kind: str, unit: str, own: Own[OwnData] | None) -> dict[str, float]:
    """Return a dragged candidate with no more digits than a hand can mean.

    Examples
    --------
    >>> candidate_at(171.98765432, 4.8123456, "sampled", "cm", None)
    {'mu': 171.988, 'sigma': 4.812}
    """
    made = window(kind, unit, own)
    return {"mu": _trimmed(mu, made.mu_step), "sigma": _trimmed(sigma, made.sigma_step)}


def _trimmed(value: float, step: float) -> float:
    """Return a value rounded two decimals below the first digit of a step."""
    return float(f"{round(value, 2 - math.floor(math.log10(step))):.12g}")


# Numbers ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _log_l(summary: Summary, mu: float, sigma: float) -> float:
    """Return the log-likelihood of a candidate: several views ask for that of the same one."""
    return float(log_likelihood(summary, mu, sigma))


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
        ``square``, ``no_top``.
    """
    crowd = people(source)
    summary = crowd.summary
    a, b = _log_l(summary, mu, sigma), _log_l(summary, mu_b, sigma_b)
    ratio = log10_likelihood_ratio(summary, (mu, sigma), (mu_b, sigma_b))
    rows: list[list[Segment]] = [
        [part("log L(A)", "q", strong=True), " = Σ log f(xᵢ) = ", part(number(a), "q", strong=True)],
        [part(f"= −n·[log σ + ½ log 2π + (s² + (x̄ − μ)²) / 2σ²], {words['square']}", "soft")],
        [
            part(f"= −{summary.n:,}·[log {number(sigma)} + {number(LOG_SQRT_2PI)} + ", "soft"),
            part(f"({number(summary.variance)} + ({number(summary.mean)} − {signed(mu)})²)", "soft"),
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
                f" = {number(_log_l(summary, *crowd.top))},  log L(A) − log L(MLE) = ",
                part(number(-drop) if drop > 1e-9 else "0", "truth", strong=True),
            ]
        )
    return lines(*rows)


def _ratio(log10_ratio: float) -> str:
    """Return a ratio of likelihoods as a power of ten, from its base-10 logarithm."""
    if math.isinf(log10_ratio):
        return "∞" if log10_ratio > 0 else "0"
    if abs(log10_ratio) < 4:
        return number(10.0**log10_ratio)
    exponent = math.floor(log10_ratio)
    mantissa = round(10.0 ** (log10_ratio - exponent), 2)
    return power_of_ten(mantissa, exponent, 3) if mantissa < 10 else power_of_ten(1.0, exponent + 1, 3)


@lru_cache(maxsize=512)
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
    total = _log_l(summary, mu, sigma)
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
        from_log(total),
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


def _mark(x: float, y: float, look: Look, size: int, hover: str, **more: Any) -> Mark:
    """Return a point; nan where there is none."""
    return dots(np.array([x]), np.array([y]), [look], hover=hover, size=size, gaps=True, **more)


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
def _rings(summary: Summary) -> list[Mark]:
    """Return the contours of the landscape, the outermost first."""
    return [
        line(
            *_ring(summary, each),
            RING,
            width=2 if each in (0.1, 1.0, 10.0) else 1,
            gaps=True,
            fill="toself",
            fillcolor="@rest/0.07",
        )
        for each in reversed(RINGS)
    ]


@lru_cache(maxsize=64)
def _regions(summary: Summary) -> list[Mark]:
    """Return the boundaries of the likelihood-ratio regions, the largest first."""
    made = []
    for level, dash, width in ((0.95, "dot", 3), (0.9, "dash", 2), (0.5, "solid", 3)):
        x = y = np.full(121, np.nan)
        if summary.variance > 0:
            _, _, x, y = likelihood_ratio_region(summary, level, points=121)
        made.append(line(x, y, Look("truth", dash), width=width, gaps=True))
    return made


@lru_cache(maxsize=64)
def _summit(summary: Summary, hover: str) -> Mark:
    """Return the maximum-likelihood estimate as a mark."""
    top = fit(summary) if summary.variance > 0 else Fit(math.nan, math.nan)
    return _mark(*top, TOP, 16, hover)


@lru_cache(maxsize=64)
def _truth_mark(source: Source, hover: str) -> Mark:
    """Return the true mean and standard deviation as a mark, where there is a truth."""
    place = (source.mu, source.sigma) if source.drawn else (math.nan, math.nan)
    return _mark(*place, TRUTH, 13, hover)


@lru_cache(maxsize=64)
def _ring_labels(source: Source) -> list[Mark]:
    """Return labels on the thick contours: how many nats below the top, for all people together."""
    crowd = people(source)
    low, high = crowd.window[:2]
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
        made.append(label(text, x, y, bgcolor="@ground/0.7", font={"size": 14, "color": "@soft"}))
    return made


def _cross(mu: float, sigma: float) -> list[Mark]:
    """Return a crosshair at a candidate, across the whole picture."""
    thin: dict[str, Any] = {"colour": "@q", "width": 1, "dash": "dot"}
    return [rule(x=mu, xref="x", **thin), rule(y=sigma, yref="y", **thin)]


def _sigma_scale(low: float, high: float, ticks: Sequence[float]) -> Scale:
    """Return a logarithmic scale of sigma."""
    return scale(low, high, {tick: number(tick, 4) for tick in ticks}, log=True)


@lru_cache(maxsize=64)
def _whole(made: Window) -> dict[str, Any]:
    """Return the scales of the whole landscape."""
    ticks = _ticks(made.sigma_low, made.sigma_high)
    return {
        "x": scale(made.mu_low, made.mu_high),
        "y": _sigma_scale(made.sigma_low, made.sigma_high, ticks),
    }


def surface(source: Source, mu: float, sigma: float, mu_b: float, sigma_b: float, words: Words) -> Figure:
    """Return the log-likelihood over all (mu, sigma) as contours, with both candidates and the top."""
    crowd = people(source)
    a = number(_log_l(crowd.summary, mu, sigma))
    corner = {"xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "bottom"}
    return picture(
        words,
        [
            *_rings(crowd.summary),
            *_regions(crowd.summary),
            _summit(crowd.summary, words["top"]),
            _mark(mu_b, sigma_b, SQUARE, 12, "B"),
            _mark(mu, sigma, A, 14, "A"),
            *_cross(mu, sigma),
            *_ring_labels(source),
            label(f"log L(A) = {a}", 1, 1, **corner),
            label("B", mu_b, sigma_b, colour="@rest", xanchor="left", xshift=9),
            grip("surface", mu, math.log10(sigma), label=words["grip"], keys=CANDIDATE),
        ],
        **_whole(crowd.window),
        height=340,
        margin=(26, 14, 52, 64),
    )


def guesses(source: Source, mu: Sequence[float], sigma: Sequence[float], said: str) -> dict[str, Any]:
    """Return where many people's candidates stand on the landscape, and what each is worth.

    Parameters
    ----------
    source : Source
        Which people.
    mu, sigma : sequence of float
        The candidates, in the unit of the data.
    said : str
        A sentence with the places ``{best}``, the largest of their log-likelihoods, and ``{top}``, that of
        the maximum-likelihood estimate, in nats.

    Returns
    -------
    dict
        The ``view``; its ``dots``, each its place on the axes (the second is logarithmic) and its words;
        ``said``, empty where there is no candidate.

    Raises
    ------
    ValueError
        Where a mu is not finite or a sigma is not positive and finite.

    Examples
    --------
    >>> found = guesses(Source("sampled"), [172.0, 180.0], [10.0, 1.0], "{best}")
    >>> [[round(x), round(y)] for x, y, _ in found["dots"]], found["said"] in found["dots"][0][2]
    ([[172, 1], [180, 0]], True)
    """
    crowd = people(source)
    worth = log_likelihood(crowd.summary, mu, sigma).tolist()
    places = zip(mu, sigma, worth, strict=True)
    dots = [
        [float(m), math.log10(s), f"μ = {number(m)}, σ = {number(s)}, log L = {number(w)}"]
        for m, s, w in places
    ]
    top = number(_log_l(crowd.summary, *crowd.top)) if crowd.top else "−∞"
    sentence = said.format(best=number(max(worth)), top=top) if worth else ""
    return {"view": "surface", "dots": dots, "said": sentence}


@lru_cache(maxsize=64)
def _near(source: Source) -> tuple[float, float, float, float]:
    """Return the ranges of mu and sigma around the top: the 95 % region with some room.

    Around people drawn by lot it is a range around the truth, five standard errors to either side, that
    shrinks in steps while n grows.
    """
    crowd = people(source)
    made, n = crowd.window, crowd.summary.n
    if crowd.top is None or (source.drawn and n < 50):
        return made.mu_low, made.mu_high, made.sigma_low, made.sigma_high
    if source.drawn:
        errors = _errors(source, source.sigma, next(step for step in NEAR if step <= n))
        room = math.exp(5 * errors.sigma / source.sigma)
        return source.mu - 5 * errors.mu, source.mu + 5 * errors.mu, source.sigma / room, source.sigma * room
    region = likelihood_ratio_region(crowd.summary, 0.95, points=61)
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
    return picture(
        words,
        [
            *_regions(crowd.summary),
            _summit(crowd.summary, words["top"]),
            _truth_mark(source, words["truth"]),
            _mark(math.nan if out else mu, math.nan if out else sigma, A, 14, "A"),
            *_cross(mu, sigma),
            label(
                f"A {side}{height}" if out else "",
                x,
                y,
                colour="@q",
                xanchor={"←": "left", "→": "right"}.get(side, "center"),
                yanchor={"↓": "bottom", "↑": "top"}.get(height, "middle"),
                # Beside the ring.
                xshift={"←": 14, "→": -14}.get(side, 0),
                yshift={"↓": 14, "↑": -14}.get(height, 0),
                bgcolor="@ground/0.7",
            ),
            grip("surface", x, math.log10(y), label=words["grip"], keys=CANDIDATE),
        ],
        x=scale(low, high, nticks=5),
        y=_sigma_scale(bottom, ceiling, ticks),
        height=340,
        margin=(26, 14, 52, 64),
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


@lru_cache(maxsize=64)
def _heights_shown(source: Source, each: Summary) -> tuple[float, float]:
    """Return the range of log-likelihoods that the slices show; no candidate moves it."""
    if source.drawn:
        # A Gaussian's expected log-density knows of the truth only mean and standard deviation.
        truth = (source.mu, source.sigma)
        top = float(expected_log_density(*truth, *truth))
    else:
        top = _log_l(each, *fit(each))
    return top - BELOW, top + ABOVE


def slices(source: Source, mu: float, sigma: float, words: Words) -> Figure:
    """Return the log-likelihood along mu and along sigma through the candidate, with tangents and slopes.

    It is drawn for the average person, so that the picture stays where it is while n grows.
    """
    crowd = people(source)
    summary, made = _each(crowd.summary), crowd.window
    low, high = _heights_shown(source, summary)
    ticks = [float(tick) for tick in nice_edges(low, high, at_most=8) if low <= tick <= high]
    a = _log_l(summary, mu, sigma)
    slopes = [float(slope) for slope in score(summary, mu, sigma)]
    hidden = not low <= a <= high
    along = (_slice_mu(summary, made, sigma), _slice_sigma(summary, made, mu))
    highest = ((summary.mean, sigma), (mu, _best_sigma(summary, mu)))
    marks: list[Mark] = []
    for i, at in enumerate((mu, sigma)):
        on = ("x", "x2")[i]
        # A steep tangent is cut where it has crossed the picture.
        span = (made.mu_high - made.mu_low, made.sigma_high - made.sigma_low)[i]
        width = min(0.12 * span, 0.35 * (high - low) / max(abs(slopes[i]), 1e-300))
        point = math.nan if hidden else at
        best = highest[i][i] if crowd.top is not None else math.nan
        top = _log_l(summary, *highest[i]) if crowd.top is not None else math.nan
        ends = np.array([-width, width])
        above = {"xref": f"{on} domain", "yref": "paper", "yanchor": "bottom"}
        marks += [
            line(*along[i], SLICE, gaps=True, xaxis=on),
            line(point + ends, a + slopes[i] * ends, TANGENT, gaps=True, xaxis=on),
            _mark(best, top, TOP, 14, words["top"], xaxis=on),
            _mark(point, a, A, 13, "A", xaxis=on),
            label(f"∂(ℓ/n)/∂{'μσ'[i]} = {number(slopes[i], 3)}", 0.5, 1.0, colour="@loss", **above),
            label(f"A ↓ {number(a, 4)}" if hidden else "", 0.5, 0, bgcolor="@ground/0.7", **above),
        ]
    return picture(
        words,
        marks,
        x=scale(made.mu_low, made.mu_high, domain=(0.0, 0.46), nticks=4),
        x2=scale(made.sigma_low, made.sigma_high, domain=(0.54, 1.0), nticks=4, anchor="y"),
        y=scale(low, high, {tick: number(tick, 4) for tick in ticks}),
        height=340,
        margin=(26, 14, 52, 84),
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


@lru_cache(maxsize=4)
def _powers(top: float) -> Scale:
    """Return the scale of a product, as powers of ten."""
    powers = range(-300, 301, 100) if top > 300 else range(-40, 41, 20)
    return scale(-top, top, {power: _power(power) for power in powers})


@lru_cache(maxsize=16)
def _limits(top: float, side: str, *names: str) -> list[Mark]:
    """Return where the plain product becomes 0 or infinite, in float64 and in float32, each with its name."""
    ends: dict[str, Any] = {"xref": "paper", "xanchor": side, "font": {"size": 14, "color": "@soft"}}
    limits = (*FLOAT64, *FLOAT32)
    return [
        *(rule(y=y, colour="@loss", width=1, dash="dot") for y in limits),
        *(
            label(
                name if abs(y) < top else "",
                int(side == "right"),
                y,
                yanchor="top" if y < 0 else "bottom",
                **ends,
            )
            for y, name in zip(limits, names, strict=True)
        ),
    ]


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
    top = 400.0 if count > 20 else 60.0
    marks = [
        line(places, _running(source, mu_b, sigma_b), B, gaps=True),
        line(places, _running(source, mu, sigma), Look("q", ""), gaps=True),
    ]
    signs, names = [], []
    side = "right"
    for name, colour, shift, a, b in (("A", "@q", 14, mu, sigma), ("B", "@soft", -14, mu_b, sigma_b)):
        left = product(source, a, b)[1]
        at = left.zero or left.overflow or 0
        shown = 0 < at <= count
        x, y = (float(at), FLOAT64[0] if left.zero else FLOAT64[1]) if shown else (math.nan, math.nan)
        # B's name keeps clear of A's, both of the edge, and of them the names of the limits.
        inwards = x < (0.75 if name == "A" else 0.25) * right
        side = "left" if x > 0.6 * right else side
        signs.append(_mark(x, y, CROSS, 13, name))
        names.append(
            label(
                f"n = {at}" if shown else "",
                x if shown else 0.0,
                y if shown else 0.0,
                colour=colour,
                xanchor="left" if inwards else "right",
                xshift=6 if inwards else -6,
                yshift=shift,
            )
        )
    return picture(
        words,
        [
            *marks,
            *reversed(signs),
            *_limits(top, side, words["zero64"], words["infinite64"], words["zero32"], words["infinite32"]),
            *names,
        ],
        x=scale(0.0, right),
        y=_powers(top),
        height=340,
        margin=(16, 14, 52, 76),
    )


# Truth and estimates ---------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _exponential(made: Window) -> tuple[Floats, Floats]:
    """Return the curve of the waiting times: 0 up to its jump, then falling."""
    x = np.concatenate([[made.mu_low, 0.0], np.linspace(0.0, made.mu_high, BELL.size)])
    y = exponential.density(x, WAIT)
    y[1] = 0.0
    return x, y


def _errors(source: Source, sigma: float, n: int) -> StandardErrors:
    """Return how far the estimates scatter, for what the people come from."""
    return exponential.standard_errors(sigma, n) if source.kind == "waiting" else standard_errors(sigma, n)


def estimate(source: Source, words: Words) -> Figure:
    """Return the people with the curve they came from and the two curves estimated from them."""
    crowd = people(source)
    made, top = crowd.window, crowd.top
    tallest = 0.0 if crowd.summary.n <= FEW else float(crowd.heights.max())
    marks = [_bars(source, words["bar"])]
    for i, (name, look, curve) in enumerate(
        (
            ("truth", Look("p", "dash"), Fit(source.mu, source.sigma) if source.drawn else None),
            ("unbiased", Look("rest", "dot"), top and Fit(top.mu, unbiased_sigma(crowd.summary))),
            ("mle", Look("truth"), top),
        )
    ):
        if curve is None:
            marks += [line(HIDDEN, HIDDEN, Look("rest", ""), gaps=True), label("", made.mu_low, 0.0)]
            continue
        if waits := name == "truth" and source.kind == "waiting":
            shown = words["exponential"].format(mean=number(WAIT))
            x, y = _exponential(made)
        else:
            shown = f"{words[name]}: N({number(curve.mu)}, {number(curve.sigma)})"
        tallest = max(tallest, 1.0 / WAIT if waits else _peak(curve.sigma))
        marks += [
            line(x, y, look, hover=words[name]) if waits else _curve(made, *curve, look, words[name]),
            label(
                shown,
                0.01,
                1.0 - 0.1 * i,
                colour="@soft" if look.role == "rest" else look.colour,
                xref="paper",
                yref="paper",
                xanchor="left",
                yanchor="top",
            ),
        ]
    return picture(
        words,
        [*marks, _dots(source, words["person"])],
        x=scale(made.mu_low, made.mu_high),
        y=scale(0.0, _ceiling(tallest if tallest > 0 else 1.0), nticks=6),
        barmode="overlay",
        bargap=0,
        height=320,
        margin=(16, 14, 52, 68),
    )


def estimates(source: Source, words: Words) -> dict[str, Any]:
    """Return a table of truth and estimates, with how far an estimate scatters."""
    crowd = people(source)
    summary, top = crowd.summary, crowd.top
    blank = "—"
    rows: list[Row] = []
    if source.drawn:
        rows.append([part(words["truth"], "p", strong=True), number(source.mu), number(source.sigma)])
    if top is None:
        rows.append([part(words["mle"], "truth", strong=True), number(summary.mean), "→ 0"])
        rows.append([words["unbiased"], number(summary.mean), blank])
    else:
        errors = _errors(source, source.sigma if source.drawn else top.sigma, summary.n)
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


# What a curve costs -----------------------------------------------------------------------------------------


class Cost(NamedTuple):
    """What a curve costs, in nats a person: on the people at hand, on new ones, and more than the truth.

    The last two are nan where no truth is known.
    """

    here: float
    new: float
    excess: float


@lru_cache(maxsize=512)
def cost(source: Source, mu: float, sigma: float) -> Cost:
    """Return what a curve costs a person: its mean NLL, which is H(p̂, curve), and H and KL of the truth.

    Examples
    --------
    >>> made = cost(Source("sampled", seed=4), 184.0, 4.8)
    >>> round(made.here, 4), round(made.new, 4), round(made.excess, 4)
    (6.112, 6.1126, 3.125)
    """
    summary = people(source).summary
    here = -_log_l(summary, mu, sigma) / summary.n
    if not source.drawn:
        return Cost(here, math.nan, math.nan)
    truth = (source.mu, source.sigma)
    new = -float(expected_log_density(*truth, mu, sigma))
    if source.kind == "waiting":
        return Cost(here, new, exponential.kl_to_gaussian(WAIT, mu, sigma))
    return Cost(here, new, float(kl_divergence(*truth, mu, sigma)))


@lru_cache(maxsize=64)
def least_cost(source: Source) -> float:
    """Return H(truth), the least that any curve costs on new people; nan where no truth is known."""
    if source.kind == "waiting":
        return exponential.entropy(WAIT)
    truth = (source.mu, source.sigma)
    return -float(expected_log_density(*truth, *truth)) if source.drawn else math.nan


def _priced(source: Source, a: Candidate, b: Candidate, words: Words) -> list[tuple[str, Look, Cost]]:
    """Return the curves that have a price: A, B, and the maximum-likelihood estimate where there is one."""
    top = people(source).top
    named = [("A", A, a), ("B", B, b)] + ([(words["mle"], Look("truth"), top)] if top else [])
    return [(name, look, cost(source, *curve)) for name, look, curve in named]


def price(source: Source, mu: float, sigma: float, mu_b: float, sigma_b: float, words: Words) -> Figure:
    """Return what each curve costs on new people, above the truth, and its mean NLL on the people at hand."""
    curves_ = _priced(source, (mu, sigma), (mu_b, sigma_b), words)
    floor = least_cost(source)
    low, high = (-end for end in reversed(_heights_shown(source, _each(people(source).summary))))
    rows = np.arange(len(curves_))
    new = np.array([made.new for _, _, made in curves_])
    here = np.array([made.here for _, _, made in curves_])
    signs = [Look(look.role, symbol="diamond") for _, look, _ in curves_]
    beyond = np.where(new > high, high, np.nan)
    room = high + 0.6 * (high - low)
    return picture(
        words,
        [
            bars(
                np.minimum(new, high) - floor if source.drawn else np.zeros(rows.size),
                rows,
                KL,
                hover=words["excess"],
                base=floor if source.drawn else low,
                width=0.5,
            ),
            dots(np.where(here <= high, here, np.nan), rows, signs, hover=words["here"], gaps=True),
            off_axis(beyond, rows, [KL] * rows.size, "right"),
            written(
                np.full(rows.size, high),
                rows,
                [f"\u2003KL = {fixed(made.excess)}" if source.drawn else "" for _, _, made in curves_],
                "middle right",
            ),
            rule(x=floor if source.drawn else low, colour="@entropy", dash="dash"),
            label(
                f"H({words['of']}) = {number(floor, 5)}" if source.drawn else "",
                floor if source.drawn else low,
                1.0,
                yref="paper",
                yanchor="bottom",
            ),
        ],
        x=scale(low, room),
        y=named_axis([f"<b>{name}</b>" for name, _, _ in curves_], (rows.size - 0.4, -0.6)),
        height=340,
        margin=(26, 14, 52, 64),
    )


def prices(
    source: Source, mu: float, sigma: float, mu_b: float, sigma_b: float, words: Words
) -> dict[str, Any]:
    """Return a table of what each curve costs: H(p̂, curve), and H(truth, curve) = H(truth) + KL."""
    floor = least_cost(source)
    rows: list[Row] = []
    for name, look, made in _priced(source, (mu, sigma), (mu_b, sigma_b), words):
        beyond = [number(floor), bold(made.excess, "kl"), number(made.new)] if source.drawn else ["—"] * 3
        rows.append([bold(name, look.role), bold(made.here, look.role), *beyond])
    return table(
        ["", words["here"], words["floor"], words["excess"], words["new"]], rows, caption=words["caption"]
    )


# Climbing --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def climb(summary: Summary, mu: float, sigma: float, method: str, rate: float) -> GaussianTrail:
    """Return the trail of a climb of the mean log-likelihood."""
    return gaussian_ascent(summary, mu, sigma, method=_method(method), learning_rate=rate, steps=STEPS)


def _method(name: str) -> Literal["gradient", "newton"]:
    """Return a method's name as core knows it."""
    return "newton" if name == "newton" else "gradient"


@lru_cache(maxsize=512)
def _path(
    summary: Summary, mu: float, sigma: float, method: str, rate: float
) -> tuple[Floats, Floats, Floats]:
    """Return mu, sigma and the log-likelihood along a climb, each STEPS + 1 long; it stays where it ends."""
    trail = climb(summary, mu, sigma, method, rate)
    rows = np.minimum(np.arange(STEPS + 1), trail.steps)
    return trail.points[rows, 0], trail.points[rows, 1], summary.n * trail.values[rows]


def _walked(values: Floats, step: int) -> Floats:
    """Return the part of a path that has been walked; the rest is nan."""
    made = values.copy()
    made[step + 1 :] = np.nan
    return made


def _walk(x: NDArray[Any], y: Floats, step: int, role: str) -> list[Mark]:
    """Return a whole climb as a pale line, and the part of it that has been walked."""
    walked: dict[str, Any] = {"mode": "lines+markers", "marker": {"color": f"@{role}", "size": 7}}
    return [
        line(x, y, Look(f"{role}/0.8", "dot"), width=2, gaps=True),
        line(x, _walked(y, step), Look(role, ""), gaps=True, **walked),
    ]


def trail_map(
    source: Source, mu: float, sigma: float, method: str, rate: float, step: int, words: Words
) -> Figure:
    """Return the landscape with the climb from a candidate to the top, as far as it has been walked."""
    crowd = people(source)
    x, y, _ = _path(crowd.summary, mu, sigma, method, rate)
    return picture(
        words,
        [
            *_rings(crowd.summary),
            _summit(crowd.summary, words["top"]),
            *_walk(x, y, step, "q"),
            _mark(float(x[step]), float(y[step]), A, 15, words["here"]),
            *_ring_labels(source),
        ],
        **_whole(crowd.window),
        height=360,
        margin=(16, 14, 52, 64),
    )


def rise(
    source: Source, mu: float, sigma: float, method: str, rate: float, step: int, words: Words
) -> Figure:
    """Return how far below the top each step of the climb is, on a logarithmic axis."""
    drops = _drops(people(source).summary, mu, sigma, method, rate)
    return picture(
        words,
        _walk(np.arange(STEPS + 1), drops, step, "loss"),
        x=scale(-1.0, STEPS + 1.0),
        y=scale(10.0**-8.4, 10.0**8.4, {10.0**p: _power(p) for p in range(-8, 9, 2)}, log=True),
        height=360,
        narrow=250,  # as long as the name of its axis
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
            words["step"].format(n=step) + ":  ",
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
    if row < trail.steps:
        rows += _step_taken(summary, trail, row, method, rate, words)
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


def _step_taken(
    summary: Summary, trail: GaussianTrail, row: int, method: str, rate: float, words: Words
) -> list[list[Segment]]:
    """Return how the slope becomes the step that leads on from a row of a climb, factor by factor."""
    mu, sigma = (float(value) for value in trail.points[row])
    whole = gaussian_step(summary, mu, sigma, method=_method(method), learning_rate=rate)
    rows: list[list[Segment]] = []
    if method == "gradient":
        factor = number(sigma * sigma / summary.n, 4)
        rule = f"η·σ²/n·∇ log L = {number(rate)}·{factor}·∇ log L"
    else:
        if not whole.concave:
            rows.append([part(words["bends"], "soft")])
        # The expected Hessian is that of a sample whose own fit the candidate is.
        used = summary if whole.concave else Summary(summary.n, mu, sigma * sigma)
        (a, b), (_, c) = hessian(used, mu, sigma).tolist()
        first, mixed, second = (number(entry, 4) for entry in (a, b, c))
        rule = f"−H⁻¹·∇ log L,  H = ({first}, {mixed}; {mixed}, {second})"
    share = float(trail.shares[row + 1])
    step = f"(Δμ, Δσ) = ({number(whole.mu, 4)}, {number(whole.sigma, 4)})"
    rows.append([part(f"{step} = {rule}", "soft")])
    if share < 1.0:
        rows.append([part(f"{words['halved']} {number(share, 4)}", "soft")])
    return rows


# The derivation in numbers ---------------------------------------------------------------------------------


def derivation(source: Source, mu: float, sigma: float) -> dict[str, str]:
    """Return the numbers of the derivation of the maximum-likelihood estimate, as LaTeX writes them."""
    summary = people(source).summary
    slope = score(summary, mu, sigma)
    blank = r"\text{–}"
    made = {
        "n": str(summary.n),
        "mu": latex_number(mu),
        "sigma": latex_number(sigma),
        "mean": latex_number(summary.mean),
        "variance": latex_number(summary.variance),
        "total": latex_number(_log_l(summary, mu, sigma)),
        "slope_mu": latex_number(float(slope.mu)),
        "slope_sigma": latex_number(float(slope.sigma)),
        "top_sigma": "0" if summary.variance == 0 else latex_number(fit(summary).sigma),
        "error_mu": blank,
        "error_sigma": blank,
    }
    if summary.variance > 0:
        errors = standard_errors(fit(summary).sigma, summary.n)
        made |= {"error_mu": latex_number(errors.mu), "error_sigma": latex_number(errors.sigma)}
    return made


# Code ------------------------------------------------------------------------------------------------------


def code_panel(source: Source, mu: float, sigma: float) -> dict[str, Any]:
    """Return the same computation as NumPy and as PyTorch, at the present values."""
    if source.kind == "own":
        data = 'x = np.loadtxt("my_numbers.txt")   # @own'
    elif source.kind == "five":
        data = f"x = np.array({list(FIVE)})"
    elif source.kind == "waiting":
        data = (
            f"x = {WAIT} * np.random.Generator(np.random.PCG64({source.seed}))"
            f".standard_exponential({source.n})"
        )
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
print("product of densities:", np.prod(np.exp(log_f)))   # @underflow
print("log-likelihood:      ", log_f.sum())
print("mean NLL:            ", -log_f.mean())
print("MLE:                 ", x.mean(), x.std())         # @divisor
print("divisor n - 1:       ", x.std(ddof=1))
""",
        PyTorch=f"""import numpy as np
import torch

{data}
x = torch.tensor(x, dtype=torch.float64)
mu, sigma = torch.tensor({mu}, dtype=torch.float64), torch.tensor({sigma}, dtype=torch.float64)

print(torch.distributions.Normal(mu, sigma).log_prob(x).sum())
# @variance
loss = torch.nn.GaussianNLLLoss(full=True)
print(loss(mu.expand_as(x), x, (sigma**2).expand_as(x)))    # @mean
""",
    )


# What is said at rest ---------------------------------------------------------------------------------------


def said(
    source: Source, a: Candidate, b: Candidate, climbing: tuple[float, float, str, float, int]
) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest: what both candidates cost, the top, and the step."""
    crowd = people(source)
    mu, sigma, method, rate, step = climbing
    x, y, totals = _path(crowd.summary, mu, sigma, method, rate)
    made = {
        "main": {
            "a": number(cost(source, *a).here),
            "b": number(cost(source, *b).here),
            "log_l": number(_log_l(crowd.summary, *a)),
        },
        "climb": {
            "step": str(step),
            "mu": number(float(x[step])),
            "sigma": number(float(y[step])),
            "total": number(float(totals[step])),
        },
    }
    if crowd.top is not None:
        made["truth"] = {"mu": number(crowd.top.mu), "sigma": number(crowd.top.sigma)}
    return made


def sketch() -> Sketch:
    """Return the curves of the lesson's small picture, and the limits of y."""
    x = np.linspace(0.0, 1.0, 60)
    heights = 150.0 + 44.0 * x
    return [(x, density(heights, 172.0, 4.8), "q"), (x, density(heights, 178.0, 7.0), "p")], (0.0, 0.09)
