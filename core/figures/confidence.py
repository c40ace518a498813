"""Figures of the lesson on confidence: reliability, and the NLL against a temperature for all logits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core._checks import Floats
from core.calibration import (
    BrierDecomposition,
    Reliability,
    Scores,
    Temperature,
    Tempered,
)
from core.digits import held_out_digits
from core.figures.marks import (
    NARROW,
    Look,
    Mark,
    columns,
    dots,
    keys,
    line,
    markers,
    picture,
    rule,
    scale,
    step_up,
    straight,
)
from core.figures.own import Own
from core.figures.text import Segment, bold, code, latex_number, lines, number, part, table
from core.figures.theme import Figure, Sketch, grip

Words: TypeAlias = Mapping[str, str]
Labels: TypeAlias = NDArray[np.intp]

DATA = ("digits", "smoothed", "right", "shifted", "base", "three")
LOW, HIGH = 0.05, 20.0  # temperatures of the slider
GRID = np.geomspace(LOW, HIGH, 81)
WIDE = np.geomspace(LOW, 200.0, 121)  # where Newton's first steps may lead
MOST = 30  # bins
COLUMNS = 20  # of the histogram
WORST = 8  # rows of the table of the largest losses
STEPS = 14  # of Newton's method
# What moves under the hand is drawn from no more rows, and no more numbers, than these.
DRAWN_ROWS, DRAWN_NUMBERS, FEWEST_ROWS = 10_000, 1_000_000, 1000
JUDGED, FITTED = Look("loss", ""), Look("rest", "dash")
RIGHT, CONFIDENT = Look("truth", "dash"), Look("q", "")
SHARE, TOO_SURE, UNSURE = Look("p/0.45"), Look("loss/0.6"), Look("kl/0.6")
ENDS = np.array([0.0, 1.0])
DIAGONAL = Look("soft", "dot")
_T = scale(LOW, HIGH, (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20), log=True)
_UNIT = scale(0.0, 1.0, (0, 0.25, 0.5, 0.75, 1))
_THREE = (((5.0, 4.0, 2.0), (4.0, 2.0, 8.0), (4.0, 4.0, 1.0)), (0, 2, 1))


class Given(NamedTuple):
    """Logits of shape (N, K), labels of shape (N,) and the classes' names, if they have any."""

    logits: Floats
    labels: Labels
    names: tuple[str, ...] = ()


class Origin(NamedTuple):
    """How a person's rows came to be, as far as code that reads them again needs it.

    ``label`` and ``classes`` are places of columns: of a text (``delimiter``, lines ``above`` the rows,
    decimal ``comma``), or of one array, which may have ``fields``. ``arrays`` are two names in an archive.
    """

    label: int
    classes: tuple[int, ...]
    names: tuple[str, ...] = ()
    probabilities: bool = False
    named: bool = False
    delimiter: str = ""
    above: int = 0
    comma: bool = False
    arrays: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class OwnLogits:
    """Rows that a person brought: their name in the values of the lesson, logits, labels and names."""

    digest: str
    logits: Floats
    labels: Labels
    names: tuple[str, ...]
    origin: Origin
    studies: dict[str, Study] = field(default_factory=dict, repr=False)

    def study(self, split: str) -> Study:
        """Return what the pictures need to know of the rows; made once, and gone with them."""
        if split not in self.studies:
            self.studies[split] = Study(Given(self.logits, self.labels, self.names or self.counted), split)
        return self.studies[split]

    @property
    def counted(self) -> tuple[str, ...]:
        """The numbers of the classes, where they have no names."""
        return tuple(map(str, range(self.logits.shape[1])))


class Source(NamedTuple):
    """Which rows, and whether T is fitted to one "half" of them or to "all".

    ``kind`` is a name in ``DATA``; where a person's ``own`` rows are meant, "own".
    """

    kind: str
    split: str = "half"
    own: Own[OwnLogits] | None = None


class Means(NamedTuple):
    """Means over the judged rows at a temperature."""

    nll: float
    entropy: float
    confidence: float

    @property
    def slope(self) -> float:
        """The slope of the NLL in log T; 0 where it is no more than the rounding of the two.

        Examples
        --------
        >>> Means(2.0, 1.5, 0.5).slope, Means(2.3, 2.3 + 9e-16, 0.5).slope, Means(math.inf, 0.0, 1.0).slope
        (-0.5, 0.0, -inf)
        """
        change = self.entropy - self.nll
        return change if abs(change) > 1e-14 * max(1.0, self.entropy) else 0.0


class Sides(NamedTuple):
    """How the confidences of the right rows are spread, and those of the wrong ones.

    ``shares`` has a row each, of ``COLUMNS`` numbers; ``means`` are 0 where there is no such row.
    """

    shares: Floats
    means: tuple[float, float]


class Dear(NamedTuple):
    """A judged row, by its place: the probabilities of the true and of the chosen class, and its loss."""

    place: int
    true: float
    chosen: float
    loss: float


class Measures(NamedTuple):
    """What a temperature makes of the judged rows, in numbers."""

    nll: float
    perplexity: float
    brier: BrierDecomposition
    error: float
    accuracy: float
    confidence: float


@lru_cache(maxsize=len(DATA))
def given(kind: str) -> Given:
    """Return bundled rows.

    Examples
    --------
    >>> given("digits").logits.shape, given("three").labels.tolist()
    ((1000, 10), [0, 2, 1])
    """
    digits = held_out_digits()
    names = tuple(str(digit) for digit in range(10))
    if kind == "three":
        return Given(np.array(_THREE[0]), np.array(_THREE[1], dtype=np.intp))
    if kind == "smoothed":
        return Given(digits.smoothed, digits.labels, names)
    if kind == "right":
        right = digits.logits.argmax(axis=-1) == digits.labels
        return Given(digits.logits[right], digits.labels[right], names)
    if kind == "shifted":
        return Given(digits.logits, (digits.labels + 1) % 10, names)
    if kind == "base":
        shares = np.bincount(digits.labels, minlength=10) / digits.labels.size
        return Given(np.tile(np.log(shares), (digits.labels.size, 1)), digits.labels, names)
    return Given(digits.logits, digits.labels, names)


class Study:
    """Rows on the screen: those that T is fitted to, and those that it is judged on.

    Parameters
    ----------
    rows : Given
        All of them.
    split : str
        "half": fitted to the first, third, ... row and judged on the others; "all": both on all rows.

    Attributes
    ----------
    names : tuple of str
        Names of the classes; empty where they have none.
    judged : Scores
        The rows that the pictures show.
    numbers : array of int
        The numbers of these rows among all, from 1.
    fitted, found : Scores, Temperature
        The rows that T is fitted to, and what came of it; ``found`` is None where no T makes the NLL finite.
    size, judged_of, classes : int
        How many rows there are, how many of them T is judged on, and the number of classes.
    ties, ruled_out : int
        In how many rows several classes lead; how many scores are ``-inf``.
    """

    def __init__(self, rows: Given, split: str) -> None:
        size, classes = rows.logits.shape
        halves = split == "half" and size > 1
        ours, theirs = (slice(0, None, 2), slice(1, None, 2)) if halves else (slice(None), slice(None))
        every = np.arange(size)[theirs]
        most = min(DRAWN_ROWS, max(DRAWN_NUMBERS // classes, FEWEST_ROWS))
        # The same rows at each temperature, evenly spread.
        drawn = _spread(every, most)
        traced = _spread(np.arange(size)[ours], most)
        self.names = rows.names
        self.size, self.judged_of, self.classes = size, every.size, classes
        leading = rows.logits == rows.logits.max(axis=1, keepdims=True)
        self.ties = int(np.sum(leading.sum(axis=1) > 1))
        self.ruled_out = int(np.sum(np.isneginf(rows.logits)))
        self.numbers = drawn + 1
        self.judged = Scores(rows.logits[drawn], rows.labels[drawn])
        self.fitted = Scores(rows.logits[ours], rows.labels[ours])
        own = np.take_along_axis(rows.logits[ours], rows.labels[ours][:, None], axis=1)
        self.found: Temperature | None = None if np.isneginf(own).any() else self.fitted.fit()
        self.both = not halves
        # Caches of the object's own, without a way back to it: they are gone with the rows.
        self.kept: dict[Any, Any] = {}
        self.at: Callable[[float], Tempered] = lru_cache(maxsize=4)(self.judged.at)
        self.bins: Callable[[float, int, str], Reliability] = lru_cache(maxsize=256)(
            partial(_bins, self.judged, self.at)
        )
        self.means: Callable[[float], Means] = lru_cache(maxsize=256)(partial(_means, self.at))
        self.sides: Callable[[float], Sides] = lru_cache(maxsize=256)(partial(_sides, self.judged, self.at))
        self.dearest: Callable[[float], list[Dear]] = lru_cache(maxsize=256)(
            partial(_dearest, self.judged, self.at)
        )
        self.brier: Callable[[float, int], BrierDecomposition] = lru_cache(maxsize=256)(
            partial(_brier, self.judged, self.at)
        )
        self.accuracy = float(np.mean(self.judged.right))
        self.measures: Callable[[float, int, str], Measures] = lru_cache(maxsize=256)(
            partial(_measures, self.means, self.brier, self.bins, self.accuracy)
        )
        self.mean_loss: Callable[[float], float] = lru_cache(maxsize=64)(self.fitted.nll)
        self.slope: Callable[[float], tuple[float, float]] = lru_cache(maxsize=64)(self.fitted.slope)
        self.traced = self.fitted
        if traced.size < self.fitted.labels.size:
            self.traced = Scores(rows.logits[traced], rows.labels[traced])

    @cached_property
    def top(self) -> float:
        """The end of the axis of the NLL: above twice what the logits cost, as they are and at the best T."""
        costs = [self.means(1.0).nll, self.mean_loss(1.0)]
        if self.found is not None:
            costs += [self.found.nll, self.means(self.found.t).nll]
        return step_up(2.0 * max((cost for cost in costs if math.isfinite(cost)), default=1.0), floor=0.01)

    def once(self, name: Any, make: Callable[[], Any]) -> Any:
        """Return what stays from stop to stop, made once."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    @cached_property
    def curves(self) -> tuple[Floats, Floats, Floats]:
        """Both halves' NLL and the judged half's mean confidence over ``GRID``."""
        made = [self.judged.at(t) for t in GRID.tolist()]
        judged = np.array([one.nll for one in made])
        fitted = judged if self.both else np.array([self.traced.nll(t) for t in GRID.tolist()])
        return judged, fitted, np.array([one.confidence.mean() for one in made])

    @property
    def best(self) -> float:
        """The fitted temperature, from 0 to ``inf``; nan where there is none."""
        return math.nan if self.found is None else self.found.t

    def name(self, label: int, words: Words) -> str:
        """Return the name of a class."""
        return self.names[label] if self.names else words[f"class{label + 1}"]


def _spread(places: Labels, most: int) -> Labels:
    """Return at most so many of the places, evenly spread."""
    chosen = np.linspace(0, places.size - 1, min(places.size, most)).round().astype(np.intp)
    spread: Labels = places[chosen]
    return spread


def _bins(scores: Scores, at: Callable[[float], Tempered], t: float, bins: int, by: str) -> Reliability:
    """Return the bins of the judged rows at a temperature."""
    method: Literal["width", "mass"] = "mass" if by == "mass" else "width"
    return scores.reliability(at(t), bins=bins, by=method)


def _means(at: Callable[[float], Tempered], t: float) -> Means:
    """Return the means of the judged rows at a temperature."""
    made = at(t)
    return Means(made.nll, made.entropy, float(made.confidence.mean()))


def _sides(scores: Scores, at: Callable[[float], Tempered], t: float) -> Sides:
    """Return how sure the right and the wrong rows are at a temperature."""
    made = at(t)
    counts = scores.spread(made, bins=COLUMNS)
    sizes = np.maximum(counts.sum(axis=1), 1)
    wrong, right = np.bincount(scores.right, made.confidence, minlength=2).tolist()
    return Sides(counts / sizes[:, None], (right / sizes[0], wrong / sizes[1]))


def _dearest(scores: Scores, at: Callable[[float], Tempered], t: float) -> list[Dear]:
    """Return the judged rows of the largest losses at a temperature, the first of equal ones first."""
    made = at(t)
    least = np.partition(made.loss, -WORST)[-WORST] if made.loss.size > WORST else -math.inf
    candidates = np.flatnonzero(made.loss >= least)
    order = candidates[np.argsort(-made.loss[candidates], kind="stable")[:WORST]].tolist()
    return [Dear(i, math.exp(-made.loss[i]), float(made.confidence[i]), float(made.loss[i])) for i in order]


def _brier(scores: Scores, at: Callable[[float], Tempered], t: float, bins: int) -> BrierDecomposition:
    """Return the Brier score of the judged rows at a temperature, and its parts."""
    return scores.brier(at(t), bins=bins)


def _measures(
    means: Callable[[float], Means],
    brier: Callable[[float, int], BrierDecomposition],
    binned: Callable[[float, int, str], Reliability],
    accuracy: float,
    t: float,
    bins: int,
    by: str,
) -> Measures:
    """Return what a temperature makes of the judged rows, in numbers."""
    nll, _, confidence = means(t)
    perplexity = math.exp(nll) if nll < 700.0 else math.inf
    return Measures(nll, perplexity, brier(t, bins), binned(t, bins, by).error, accuracy, confidence)


@lru_cache(maxsize=2 * len(DATA))
def _bundled(kind: str, split: str) -> Study:
    return Study(given(kind), split)


def study(source: Source) -> Study:
    """Return the rows that a source names."""
    if source.own is not None:
        return source.own.find().study(source.split)
    return _bundled(source.kind, source.split)


def placed(values: Any) -> Floats:
    """Return the values of bins with zeros behind them, so that their number may change under the hand.

    Examples
    --------
    >>> placed([1.0, 2.0])[:3].tolist()
    [1.0, 2.0, 0.0]
    """
    made = np.zeros(MOST)
    made[: len(values)] = values
    return made


def equal(t: float) -> str:
    """Return a temperature as it is said, its limits too.

    Examples
    --------
    >>> equal(2.20794), equal(0.0), equal(float("inf"))
    ('T = 2.20794', 'T → 0', 'T → ∞')
    """
    return f"T {'→' if t == 0.0 or math.isinf(t) else '='} {number(t)}"


# Reliability -----------------------------------------------------------------------------------------------


def reliability(source: Source, t: float, bins: int, by: str, words: Words) -> Figure:
    """Return the share of right rows against the confidence, in bins, and how many rows each bin holds.

    Parameters
    ----------
    source : Source
        Which rows.
    t : float
        The temperature.
    bins : int
        How many, at most ``MOST``.
    by : {"width", "mass"}
        Bins of one width, or of one number of rows.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``share``, ``hover``, ``count``, ``mean``, ``grip``.
    """
    rows = study(source)
    made = rows.bins(t, bins, by)
    mean = rows.means(t).confidence
    # Bars that begin at a place: so the browser can move both ends without plotly.js.
    start, width = placed(made.low), placed(made.high - made.low)
    confidence, shares = placed(made.confidence), placed(made.accuracy)
    low, high = placed(made.interval[:, 0]), placed(made.interval[:, 1])
    points = np.where(np.arange(MOST) < made.count.size, [confidence, shares], np.nan)
    return picture(
        {**words, "y2": words["share"]},
        [
            columns(start, shares, SHARE, width=width, offset=0),
            columns(
                start, np.maximum(confidence - shares, 0.0), TOO_SURE, width=width, base=shares, offset=0
            ),
            columns(
                start, np.maximum(shares - confidence, 0.0), UNSURE, width=width, base=confidence, offset=0
            ),
            line(ENDS, ENDS, DIAGONAL, width=2),
            columns(confidence, high - low, Look("ink"), width=0.005, base=low),
            dots(points[0], points[1], (), hover=words["hover"], gaps=True, marker=_POINT, cliponaxis=False),
            columns(
                start,
                placed(made.count / made.count.sum()),
                Look("q/0.6"),
                hover=words["count"],
                width=width,
                offset=0,
                customdata=placed(made.count),
                yaxis="y2",
            ),
            dots(
                mean, np.array([rows.accuracy]), [CONFIDENT], hover=words["mean"], size=14, cliponaxis=False
            ),
            grip("mean", mean, rows.accuracy, label=words["grip"], axes="x", keys=("t",)),
        ],
        x=scale(0.0, 1.0, (0, 0.25, 0.5, 0.75, 1), anchor="y2"),
        y=scale(0.0, 1.0, (0, 0.5, 1), domain=(0.34, 1.0)),
        y2=scale(0.0, 1.0, (0, 1), domain=(0.0, 0.2)),
        height=400,
        margin=(12, 16, 50, 66),
        narrow=286,
        barmode="overlay",
        bargap=0,
    )


_POINT = {"color": "@ink", "size": 8, "line": {"color": "@ground", "width": 1.5}}


# NLL against T ---------------------------------------------------------------------------------------------


def curve(source: Source, t: float, words: Words) -> Figure:
    """Return the NLL over the temperature, and below it accuracy and mean confidence.

    Parameters
    ----------
    source : Source
        Which rows.
    t : float
        The temperature.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``y2``, ``judged``, ``fitted``, ``hover``, ``lowest``,
        ``accuracy``, ``confidence``, ``grip``.
    """
    made = study(source)
    now = made.means(t)
    top, nll = made.top, now.nll
    # The tangent, over an interval of log T that looks the same everywhere.
    slope, width = now.entropy - nll, 0.35
    ends = [nll + slope * d for d in (-width, width)] if math.isfinite(nll) else [2.0 * top] * 2
    here = min(nll, top)
    return picture(
        words,
        [
            *made.once(("steady", words["x"]), partial(_steady, made, words)),
            markers(t, [nll], [JUDGED], (0.0, top)),
            dots(t, np.array([now.confidence]), [CONFIDENT], size=11, yaxis="y2", cliponaxis=False),
            straight(
                (t * math.exp(-width), min(max(ends[0], -top), 2.0 * top)),
                (t * math.exp(width), min(max(ends[1], -top), 2.0 * top)),
                colour="@ink",
            ),
            rule(x=t, between=(0.0, 1.0), layer="below", yref="paper"),
            grip("t", math.log10(t), here, label=words["grip"], axes="x", keys=("t",)),
        ],
        x=_T._replace(more=(("anchor", "y2"),)),
        y=scale(0.0, top, domain=(0.4, 1.0)),
        y2=scale(0.0, 1.0, (0, 0.5, 1), domain=(0.0, 0.28)),
        height=400,
        margin=(30, 16, 50, 66),
        narrow=320,
    )


@lru_cache(maxsize=32)
def _keys(names: tuple[str, ...]) -> list[Mark]:
    """Return the line of keys over the NLL."""
    looks = (JUDGED, FITTED, Look("truth"))
    named = tuple(look._replace(name=name) for look, name in zip(looks, names, strict=True) if name)
    return keys(named, 0.36, 0, tuple("★" if look.role == "truth" else "■" for look in named))


def _steady(made: Study, words: Words) -> list[Mark]:
    """Return what stays while T moves: the curves, the lowest NLL, accuracy and the keys."""
    judged, fitted, confidence = made.curves
    top = 4.0 * made.top  # what is above is far outside
    marks = [line(GRID, np.minimum(judged, top), JUDGED, hover=words["hover"])]
    if not made.both:
        marks.append(line(GRID, np.minimum(fitted, top), FITTED, hover=words["hover"], width=2))
    least = made.found if LOW <= made.best <= HIGH else None
    if least:
        star = {"color": "@truth", "symbol": "star", "size": 15, "line": {"color": "@ground", "width": 1}}
        place = np.array([least.t]), np.array([least.nll])
        marks.append(dots(*place, (), hover=words["lowest"], marker=star))
    return [
        *marks,
        line(GRID, np.full(GRID.size, made.accuracy), RIGHT, hover=words["accuracy"], yaxis="y2"),
        line(GRID, confidence, CONFIDENT, hover=words["confidence"], yaxis="y2"),
        *_keys((words["judged"], "" if made.both else words["fitted"], words["star"] if least else "")),
    ]


def temperature_of(source: Source, confidence: float) -> float:
    """Return the temperature at which the mean confidence of the judged rows is a value, or nearest to it.

    Examples
    --------
    >>> temperature_of(Source("digits"), 0.94), temperature_of(Source("digits"), 0.0)
    (2.23, 20.0)
    """
    # Falling where T rises: read from the other end.
    means = study(source).curves[2]
    return temperature_at(float(np.interp(confidence, means[::-1], np.log10(GRID)[::-1])))


def temperature_at(place: float) -> float:
    """Return the temperature at a place of its axis, with no more digits than a hand can mean.

    Examples
    --------
    >>> temperature_at(0.34655), temperature_at(-9.0), temperature_at(9.0)
    (2.22, 0.05, 20.0)
    """
    return float(f"{10.0 ** min(max(place, math.log10(LOW)), math.log10(HIGH)):.3g}")


# Histogram -------------------------------------------------------------------------------------------------


def histogram(source: Source, t: float, words: Words) -> Figure:
    """Return how the confidences of right rows are spread, and below it those of wrong ones.

    Parameters
    ----------
    source : Source
        Which rows.
    t : float
        The temperature.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``y2``, ``hover``.
    """
    shares, means = study(source).sides(t)
    middle = (np.arange(COLUMNS) + 0.5) / COLUMNS
    return picture(
        words,
        [
            columns(middle, shares[0], Look("p"), hover=words["hover"], width=0.046),
            columns(middle, shares[1], Look("loss"), hover=words["hover"], width=0.046, yaxis="y2"),
            rule(x=means[0], between=(0.56, 1.0), yref="paper", colour="@ink", dash="dash"),
            rule(x=means[1], between=(0.0, 0.44), yref="paper", colour="@ink", dash="dash"),
        ],
        x=scale(0.0, 1.0, (0, 0.25, 0.5, 0.75, 1), anchor="y2"),
        y=scale(0.0, 1.0, (0, 0.5, 1), domain=(0.56, 1.0)),
        y2=scale(0.0, 1.0, (0, 0.5, 1), domain=(0.0, 0.44)),
        height=400,
        margin=(12, 16, 50, 66),
        narrow=320,
        bargap=0,
    )


# Numbers ---------------------------------------------------------------------------------------------------


def formula(source: Source, t: float, bins: int, by: str, words: Words) -> dict[str, Any]:
    """Return the mean NLL, its slope and the calibration error at a temperature, as lines."""
    made = study(source)
    now, measures = made.means(t), made.measures(t, bins, by)
    rows: list[list[Segment]] = [
        [
            "−1/N Σ log softmax(z/T)[y] = ",
            bold(measures.nll, "loss"),
            f" {words['nats']},  e^NLL = ",
            bold(measures.perplexity, "loss", 5),
        ],
        [
            words["slope"],
            " = H(q) − NLL = ",
            f"{number(now.entropy)} − {number(measures.nll)} = ",
            bold(now.slope, "ink", 4),
        ],
        [
            words["accuracy"],
            " ",
            bold(made.accuracy, "truth", 4),
            f",  {words['confidence']} ",
            bold(measures.confidence, "q", 4),
        ],
        [
            "ECE = Σ n/N·|",
            words["gap"],
            "| = ",
            bold(rounded(measures.error), "loss"),
        ],
        [part(_verdict(made, words), "soft" if made.found is not None else "loss", strong=True)],
    ]
    return lines(*rows)


def _verdict(made: Study, words: Words) -> str:
    """Return what the fit found: the temperature of the least NLL, or that there is none, and why."""
    if made.found is None:
        return words["ruled_out"]
    if made.found.t == 0.0:
        return words["cold"]
    if math.isinf(made.found.t):
        return words["warm"]
    return f"{words['best']} T = {number(made.found.t)}"


def numbers(source: Source, t: float, bins: int, by: str, words: Words) -> dict[str, Any]:
    """Return all numbers for T = 1, for the present temperature and for the fitted one."""
    made = study(source)
    temperatures = (1.0, t) if made.found is None else (1.0, t, made.best)
    shown = [_column(made.measures(one, bins, by)) for one in temperatures]
    head: list[Segment] = ["", words["before"], f"{words['now']} T = {number(t, 4)}"]
    if made.found is not None:
        head.append(f"{words['after']} {equal(made.best)}")
    cells = [[words[name], *each] for name, *each in zip(_NUMBERS, *shown, strict=True)]
    return table(head, cells, caption=words["caption"])


# The rows of the table of numbers, and their colours.
_NUMBERS = {
    "nll": "loss",
    "perplexity": "loss",
    "error": "loss",
    "accuracy": "truth",
    "confidence": "q",
    "brier": "p",
    "reliability": "",
    "resolution": "",
    "uncertainty": "",
    "within": "",
}


@lru_cache(maxsize=256)
def _column(found: Measures) -> tuple[Segment, ...]:
    """Return a column of the table of numbers."""
    nll, perplexity, brier, *rest = found
    values = map(rounded, (nll, perplexity, *rest, *brier))
    return tuple(
        bold(value, role) if role else number(value)
        for value, role in zip(values, _NUMBERS.values(), strict=True)
    )


def rounded(value: float) -> float:
    """Return a number, or 0 where it is no more than the rounding of what was subtracted.

    Examples
    --------
    >>> rounded(0.25), rounded(2.8e-17)
    (0.25, 0.0)
    """
    return value if abs(value) > 1e-14 else 0.0


def worst(source: Source, t: float, words: Words) -> dict[str, Any]:
    """Return the rows of the largest losses, with the probabilities of the true and of the chosen class."""
    made = study(source)
    rows: list[list[Segment | list[Segment]]] = []
    for one in made.dearest(t):
        true, chosen = int(made.judged.labels[one.place]), int(made.judged.chosen[one.place])
        rows.append(
            [
                f"{made.numbers[one.place]:,}",
                part(made.name(true, words), "p", strong=True),
                number(one.true, 4),
                part(made.name(chosen, words), "q", strong=True),
                number(one.chosen, 4),
                bold(one.loss, "loss", 5),
            ]
        )
    head: list[Segment] = [words[key] for key in ("row", "true", "p_true", "chosen", "p_chosen", "loss")]
    return table(head, rows, caption=words["caption"])


# Newton's method -------------------------------------------------------------------------------------------


def newton(source: Source, step: int, words: Words) -> Figure:
    """Return the NLL of the fitted rows with Newton's steps on it, and the parabola of the next one.

    Parameters
    ----------
    source : Source
        Which rows.
    step : int
        How many steps have been taken.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``hover``, ``here``, ``parabola``.
    """
    made = study(source)
    trail = () if made.found is None else made.found.steps
    taken = np.full(STEPS + 1, np.nan)
    costs = taken.copy()
    reached = trail[: step + 1]
    taken[: len(reached)] = np.clip(reached, WIDE[0], WIDE[-1])
    costs[: len(reached)] = np.minimum([made.mean_loss(t) for t in reached], made.top)
    parabola = np.full(WIDE.size, 4.0 * made.top)
    if reached:
        slope, curvature = made.slope(reached[-1])
        away = 1.0 / WIDE - 1.0 / reached[-1]
        model = made.mean_loss(reached[-1]) + slope * away + 0.5 * curvature * away**2
        parabola = np.clip(model, -made.top, 4.0 * made.top)
    return picture(
        words,
        [
            made.once(("fitted", words["hover"]), partial(_fitted, made, words["hover"])),
            line(WIDE, parabola, Look("kl", "dot"), width=2),
            line(taken, costs, Look("q", ""), gaps=True, width=2, mode="lines+markers", marker=_TRAIL),
            dots(
                taken[len(reached) - 1 : len(reached)] if reached else np.array([np.nan]),
                costs[len(reached) - 1 : len(reached)] if reached else np.array([np.nan]),
                [Look("q")],
                hover=words["here"],
                size=15,
                gaps=True,
            ),
        ],
        x=scale(LOW, 200.0, (0.05, 0.2, 1, 5, 20, 100), log=True),
        y=scale(0.0, made.top),
        height=340,
        margin=(12, 16, 50, 66),
        narrow=NARROW,
    )


_TRAIL = {"color": "@q", "size": 7}


def _fitted(made: Study, hover: str) -> Mark:
    """Return the NLL of the fitted rows over ``WIDE``."""
    costs = np.array([made.traced.nll(t) for t in WIDE.tolist()])
    return line(WIDE, np.minimum(costs, 4.0 * made.top), Look("loss", ""), hover=hover)


def newton_lines(source: Source, step: int, words: Words) -> dict[str, Any]:
    """Return a step of Newton's method in numbers."""
    made = study(source)
    if made.found is None or len(made.found.steps) == 1:
        return lines([part(_verdict(made, words), "loss", strong=True)])
    trail = made.found.steps
    row = min(step, len(trail) - 1)
    t = trail[row]
    slope, curvature = made.slope(t)
    rows: list[list[Segment]] = [
        [
            # After the last one nothing moves: the slider is ahead of it.
            words["last" if step > row else "step"].format(n=row) + ":  ",
            bold(f"1/T = {number(1.0 / t)},  T = {number(t)}", "q"),
            ",  NLL ",
            bold(made.mean_loss(t), "loss"),
        ],
        ["dNLL/d(1/T) = ", bold(slope, "ink", 4), ",  d²NLL/d(1/T)² = ", bold(curvature, "ink", 4)],
    ]
    if row == len(trail) - 1:
        rows.append([part(words["arrived"], "truth", strong=True)])
    else:
        wanted = 1.0 / t - slope / curvature if curvature > 0.0 else math.inf
        kept = math.isclose(wanted, 1.0 / trail[row + 1], rel_tol=1e-6)
        rows.append(
            [
                f"1/T − {words['slope']}/{words['curvature']} = ",
                bold(wanted, "q"),
                "" if kept else f"  {words['bracket']} {number(1.0 / trail[row + 1])}",
            ]
        )
    return lines(*rows)


# The derivation in numbers ---------------------------------------------------------------------------------


def derivation(source: Source, t: float) -> dict[str, str]:
    """Return the numbers of the derivation, as LaTeX writes them."""
    made = study(source)
    now = made.means(t)
    nll = now.nll
    return {
        "n": str(made.judged.labels.size),
        "t": latex_number(t),
        "nll": latex_number(nll),
        "entropy": latex_number(now.entropy),
        "slope": latex_number(now.slope),
    }


# Code ------------------------------------------------------------------------------------------------------


def code_panel(source: Source, t: float, bins: int, by: str) -> dict[str, Any]:
    """Return NumPy and PyTorch code that fits T and prints the numbers of the judged rows."""
    rows = _rows(source)
    if study(source).ruled_out:
        rows += "\nz = np.maximum(z, -1e100)  # @finite"
    halves = "[1::2]", "[::2]"
    if study(source).both:
        halves = "", ""
    judged, fitted = halves
    edges = "edges = np.linspace(0, 1, bins + 1)"
    if by == "mass":
        edges = """last = -(-len(y) * np.arange(1, bins) // bins) - 1  # @mass
edges = np.unique([0, *np.sort(confidence)[last], 1])"""
    return code(
        NumPy=f"""import numpy as np

{rows}
T, bins = {t}, {bins}

def log_softmax(z):
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

def nll(z, y, T):
    return -log_softmax(z / T)[np.arange(len(y)), y].mean()

def entropy(z, T):
    log_q = log_softmax(z / T)
    return -(np.exp(log_q) * log_q).sum(axis=1).mean()

# @bisect
low, high = 1e-12, 1e12  # @ends
for _ in range(100):
    best = np.sqrt(low * high)
    rises = entropy(z{fitted}, best) > nll(z{fitted}, y{fitted}, best)
    low, high = (low, best) if rises else (best, high)

z, y = z{judged}, y{judged}
log_q = log_softmax(z / T)
confidence, right = np.exp(log_q.max(axis=1)), log_q.argmax(axis=1) == y
{edges}
bin_of = np.searchsorted(edges[1:-1], confidence)  # @edge
gaps = [abs((confidence - right)[bin_of == b].sum()) for b in range(bins)]
print(best, nll(z, y, T), nll(z, y, best), right.mean(), confidence.mean(), sum(gaps) / len(y))
""",
        PyTorch=f"""import numpy as np
import torch
import torch.nn.functional as F

{rows}
T, bins = {t}, {bins}
z, y = torch.tensor(z), torch.tensor(y)

# @log
log_T = torch.zeros((), dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.LBFGS([log_T], max_iter=200, tolerance_grad=1e-12, tolerance_change=1e-14,
                              line_search_fn="strong_wolfe")

def closure():
    optimizer.zero_grad()
    loss = F.cross_entropy(z{fitted} / log_T.exp(), y{fitted})  # @logits
    loss.backward()
    return loss

optimizer.step(closure)
best = log_T.exp().item()

z, y = z{judged}, y{judged}
confidence, chosen = F.softmax(z / T, dim=1).max(dim=1)
right = (chosen == y).double()
{edges.replace("(confidence)", "(confidence.numpy())")}
bin_of = torch.bucketize(confidence, torch.tensor(edges[1:-1]))  # @edge
gaps = torch.zeros(bins, dtype=torch.float64).index_add(0, bin_of, confidence - right).abs()
nll = [F.cross_entropy(z / t, y).item() for t in (T, best)]
print(best, *nll, right.mean().item(), confidence.mean().item(), gaps.sum().item() / len(y))
""",
    )


def _rows(source: Source) -> str:
    """Return the code that reads logits z and labels y."""
    if source.own is not None:
        return _own_rows(source.own.find().origin)
    if source.kind == "three":
        return f"z, y = np.array({[list(row) for row in _THREE[0]]}), np.array({list(_THREE[1])})"
    key = "smoothed" if source.kind == "smoothed" else "logits"
    read = f"""with np.load("core/digits.npz") as file:  # @file
    z, y = file["{key}"].astype(float), file["labels"].astype(int)"""
    more = {
        "right": "z, y = z[z.argmax(axis=1) == y], y[z.argmax(axis=1) == y]  # @right",
        "shifted": "y = (y + 1) % 10  # @shifted",
        "base": "z = np.log(np.bincount(y) / len(y)) + np.zeros_like(z)  # @base",
    }
    return f"{read}\n{more[source.kind]}" if source.kind in more else read


def _own_rows(origin: Origin) -> str:
    """Return the code that reads a person's own file."""
    classes, label = list(origin.classes), origin.label
    if origin.arrays:
        z, y = (f'file["{name}"]' for name in origin.arrays)
        read = [
            'with np.load("my_logits.npz") as file:  # @own',
            f"    z, cells = {z}.astype(float), {y}.reshape(-1)",
        ]
    elif origin.fields:
        # A structured array: its columns have names.
        names = [origin.fields[place] for place in classes]
        read = [
            'data = np.load("my_logits.npy")  # @own',
            f"z, cells = np.column_stack([data[name] for name in {names}]), data[{origin.fields[label]!r}]",
        ]
    elif origin.delimiter:
        cut = {" ": "None", "\n": '"\\n"'}.get(origin.delimiter, repr(origin.delimiter))
        read = [
            f'data = np.loadtxt("my_logits.csv", dtype=str, delimiter={cut}, skiprows={origin.above},',
            '                  comments=None, quotechar=\'"\', encoding="utf-8-sig", ndmin=2)  # @own',
            *(['data = np.char.replace(data, ",", ".")'] if origin.comma else []),
            f"z, cells = data[:, {classes}].astype(float), np.char.strip(data[:, {label}])",
        ]
    else:
        read = [
            'data = np.load("my_logits.npy")  # @own',
            f"z, cells = data[:, {classes}].astype(float), data[:, {label}]",
        ]
    if origin.named:
        read += [f"names = {list(origin.names)}", "y = np.array([names.index(str(cell)) for cell in cells])"]
    else:
        read.append("y = cells.astype(float).astype(int)")
    if origin.probabilities:
        read += ['with np.errstate(divide="ignore"):', "    z = np.log(z)  # @probabilities"]
    return "\n".join(read)


# What is said at rest --------------------------------------------------------------------------------------


def notes(source: Source) -> list[tuple[str, dict[str, str]]]:
    """Return what is to be said of the rows, by its name in the words, with the numbers of its places."""
    return remarks(study(source))


def remarks(made: Study) -> list[tuple[str, dict[str, str]]]:
    """Return what is to be said of a study."""
    every = np.concatenate([made.fitted.labels, made.judged.labels])
    classes = made.classes
    made_of = np.bincount(every, minlength=classes)
    missing = int(np.sum(made_of == 0))
    found: list[tuple[str, dict[str, str]]] = []
    if made.size == 1:
        found.append(("single", {}))
    if missing == classes - 1:
        found.append(("one_class", {}))
    elif missing:
        found.append(("missing", {"missing": str(missing), "classes": str(classes)}))
    if made.ties:
        found.append(("ties", {"ties": f"{made.ties:,}"}))
    if made.ruled_out:
        found.append(("ruled_out", {"cells": f"{made.ruled_out:,}"}))
    if made.judged.labels.size < made.judged_of:
        found.append(("sample", {"drawn": f"{made.judged.labels.size:,}", "n": f"{made.judged_of:,}"}))
    return found


def said(source: Source, t: float, bins: int, by: str, step: int) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest."""
    made = study(source)
    here = made.measures(t, bins, by)
    trail = (1.0,) if made.found is None else made.found.steps
    row = min(step, len(trail) - 1)
    return {
        "main": {
            "t": number(t),
            "bins": str(bins),
            "nll": number(here.nll),
            "error": number(rounded(here.error)),
            "sure": number(here.confidence),
            "right": number(here.accuracy),
        },
        "newton": {"step": str(row), "t": number(trail[row]), "nll": number(made.mean_loss(trail[row]))},
    }


def sketch() -> Sketch:
    """Return the curves of the lesson's small picture, and the limits of y: a diagonal, and one below it."""
    x = np.linspace(0.0, 1.0, 61)
    return [(x, x, "truth"), (x, x**2.2, "q")], (0.0, 1.0)
