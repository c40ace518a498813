"""Figures of the output units lesson: four output layers, one principle; and MSE as a Gaussian NLL."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.calibration import accuracy, best_temperature, mean_confidence, tempered_nll
from core.figures.marks import (
    NARROW,
    Look,
    Mark,
    area,
    box,
    cursor,
    dots,
    faded,
    line,
    markers,
    named_axis,
    names_at_right,
    picture,
    rule,
    scale,
    step_up,
)
from core.figures.text import (
    Segment,
    bold,
    code,
    latex_number,
    lines,
    number,
    part,
    power_of_ten,
    signed,
    table,
    texts,
)
from core.figures.theme import CLEAR, Figure, Sketch, class_colour, grip, label, role_of
from core.gaussian import log_density
from core.losses import cross_entropy_loss, log_factorial, poisson_nll_loss
from core.regression import (
    COUNT_INTERCEPT,
    COUNT_SLOPE,
    Dataset,
    FitTrail,
    LinearFit,
    constant_nlls,
    decision_regions,
    fit_linear,
    fit_logistic,
    fit_poisson,
    fit_softmax,
    gaussian_nll,
    make_counts,
    make_regression_data,
    make_three_classes,
    make_two_classes,
    predict_linear,
    predict_logistic,
    predict_poisson,
    profile_gaussian_nll,
)
from core.sigmoid import sigmoid, sigmoid_cross_entropy
from core.softmax import softmax

Floats: TypeAlias = NDArray[np.float64]
Words: TypeAlias = Mapping[str, str]

LAYERS = ("linear", "sigmoid", "softmax", "poisson")
STEPS = 400
MOST = 100  # training points
# Every one of the first steps, then ever fewer: as evenly spaced in the picture as whole numbers allow.
STOPS = tuple(sorted({*range(21), *(round(20.0 * 20.0 ** (i / 54.0)) for i in range(55))}))
GRID = np.linspace(-1.0, 1.0, 101)
LINE = np.linspace(-4.0, 4.0, 101)
CENTRES = np.linspace(0.0, 10.0, 101)
FIVE = (1.0, 4.0, 5.0, 6.0, 9.0)
CLASSES = ("A", "B", "C")
SYMBOLS = ("circle", "square", "diamond")
TRAINING, HELD_OUT = Look("loss"), Look("rest", "dash")
MODEL, TRUTH, SEEN = Look("q", ""), Look("truth", "dash"), Look("p", "")
MSE, FIXED, LEARNED = Look("truth", ""), Look("loss", ""), Look("kl", "dash", symbol="diamond")
RING = {"color": "@ink", "size": 20, "symbol": "circle-open", "line": {"width": 2.5, "color": "@ink"}}
UNIT = scale(-1.05, 1.05, (-1, 0, 1))
COUNTS = np.arange(31)  # all counts that occur, and room for what the model expects
VISITORS = scale(-1.0, 25.0, (0, 5, 10, 15, 20, 25))
# The sigmoid of which the section on temperature speaks: fitted to too few points.
FEW_POINTS = ("sigmoid", 0.5, 0.0, 3, 0, 0.3, 20, 1.0, 1)
TEMPERATURES = np.geomspace(0.5, 10.0, 161)
_LADDER = (0.5, 1.0, 2.0, 5.0, 20.0, 100.0, 500.0, 3000.0)
_FAR = 1e3  # what is drawn of a curve that runs away
_TINY = 1e-300


class Setup(NamedTuple):
    """What a fit depends on: the output layer, its settings and its data."""

    layer: str
    rate: float
    decay: float
    degree: int
    learn: int
    sigma: float
    n: int
    noise: float
    seed: int


@lru_cache(maxsize=256)
def dataset(layer: str, n: int, noise: float, seed: int) -> Dataset:
    """Return the points of an output layer."""
    if layer == "poisson":
        return make_counts(n, seed=seed)
    made = {"linear": make_regression_data, "sigmoid": make_two_classes, "softmax": make_three_classes}
    return made[layer](n, noise, seed=seed)


def data_of(setup: Setup) -> Dataset:
    """Return the points that a fit is made to."""
    return dataset(setup.layer, setup.n, setup.noise, setup.seed)


@lru_cache(maxsize=192)
def trail_of(setup: Setup) -> FitTrail:
    """Return the whole descent, made once for all its steps.

    Examples
    --------
    >>> trail_of(Setup("sigmoid", 0.5, 0.0, 3, 0, 0.3, 40, 1.0, 1)).nll.round(6)[0].item()
    0.693147
    """
    data = data_of(setup)
    if setup.layer == "linear":
        return fit_linear(
            data,
            degree=setup.degree,
            sigma=setup.sigma,
            learn_sigma=bool(setup.learn),
            learning_rate=setup.rate,
            steps=STEPS,
            weight_decay=setup.decay,
        )
    fit: Any = {"sigmoid": fit_logistic, "softmax": fit_softmax, "poisson": fit_poisson}[setup.layer]
    made: FitTrail = fit(data, learning_rate=setup.rate, steps=STEPS, weight_decay=setup.decay)
    return made


def at(setup: Setup, step: int) -> tuple[Any, int]:
    """Return the trail and its row at a step: the last one it has, where it ended before."""
    trail = trail_of(setup)
    return trail, min(step, trail.steps)


def diverged(setup: Setup) -> int | None:
    """Return the step that could not be taken any more; None where the descent goes well.

    Examples
    --------
    >>> diverged(Setup("linear", 0.15, 0.0, 3, 0, 0.3, 15, 0.3, 2))
    95
    """
    return trail_of(setup).diverged_at


def chaotic(setup: Setup) -> int | None:
    """Return the step that rounding would decide; None where it decides none.

    Examples
    --------
    >>> chaotic(Setup("sigmoid", 50.0, 0.0, 3, 0, 0.3, 30, 1.0, 1))
    40
    """
    return trail_of(setup).chaotic_at


def _end(trail: FitTrail, step: int) -> str:
    """Return the word for the end of a trail that a step is beyond; of one that goes on, or rests, none."""
    return trail.status if trail.status in ("diverged", "chaotic") and step >= trail.steps else ""


def ladder(value: float) -> float:
    """Return the end of an axis: the first of a few widely spaced ends that is at least ``value``.

    Examples
    --------
    >>> ladder(0.3), ladder(1.5), ladder(1e9)
    (0.5, 2.0, 3000.0)
    """
    return next((end for end in _LADDER if value <= end), _LADDER[-1])


def padded(values: Any, size: int = MOST) -> Floats:
    """Return values with gaps behind them, so that their number may change under the hand.

    Examples
    --------
    >>> padded([1.0, 2.0], 3).tolist()
    [1.0, 2.0, nan]
    """
    made = np.full(size, np.nan)
    made[: len(values)] = values
    return made


def points(x: Any, y: Any, hover: str, colour: str, **marker: Any) -> Mark:
    """Return points of one colour, of which some may be missing."""
    drawn = {"color": colour, "size": 9, "line": {"color": "@ground", "width": 1}} | marker
    return dots(x, y, (), hover=hover, gaps=True, marker=drawn)


def hollow(x: Any, y: Any, hover: str, colour: str = "@rest", symbol: str = "circle") -> Mark:
    """Return points held out: small and hollow."""
    return points(x, y, hover, colour, symbol=f"{symbol}-open", size=6, line={"width": 1.2, "color": colour})


def ringed(x: float, y: float) -> Mark:
    """Return the ring around the point that the numbers speak of."""
    return dots(np.array([x]), np.array([y]), (), gaps=True, marker=RING, cliponaxis=False)


def within(y: Any) -> Floats:
    """Return what is drawn of a curve that may run away."""
    made: Floats = np.clip(y, -_FAR, _FAR)
    return made


def reach(noise: float) -> float:
    """Return the end of the axis of y that noise of a size needs.

    Examples
    --------
    >>> reach(0.1), reach(0.3), reach(2.0)
    (1.75, 2.2, 7.0)
    """
    steps = ((0.2, 1.75), (0.3, 2.2), (0.5, 2.5), (1.0, 4.0))
    return next((end for most, end in steps if noise <= most), 7.0)


# The fit ---------------------------------------------------------------------------------------------------


def fit(setup: Setup, step: int, point: int, words: Words) -> Figure:
    """Return the data and what the model makes of them at a step.

    Parameters
    ----------
    setup : Setup
        What is fitted, and how.
    step : int
        Step of the descent, 0 to ``STEPS``.
    point : int
        Which training point has a ring, from 1.
    words : mapping
        ``<layer>.title``, ``<layer>.alt``, ``<layer>.caption``, ``x``, ``y``, ``q``, ``x1``, ``x2``,
        ``training``, ``held_out``, ``model``, ``truth``.
    """
    draw = {"linear": _fit_linear, "sigmoid": _fit_sigmoid, "softmax": _fit_softmax, "poisson": _fit_poisson}[
        setup.layer
    ]
    trail, row = at(setup, step)
    i = min(point, setup.n) - 1
    marks, axes = draw(setup, data_of(setup), trail, row, i, words)
    said = {**words} | {key: words[f"{setup.layer}.{key}"] for key in ("title", "alt", "caption")}
    return picture(said | axes.pop("named", {}), marks, **axes, **ROOM)


ROOM: dict[str, Any] = {"height": 350, "margin": (10, 12, 50, 52), "narrow": NARROW}
Fitted: TypeAlias = tuple[list[Mark], dict[str, Any]]


def _fit_linear(setup: Setup, data: Dataset, trail: Any, row: int, i: int, words: Words) -> Fitted:
    """Return a curve with a band of one sigma over points."""
    mean, sigma = predict_linear(trail.weights[row], GRID), float(trail.sigmas[row])
    edge = reach(setup.noise)
    ticks = (-1, 0, 1) if edge < 2.0 else (-2, 0, 2) if edge < 5.0 else (-6, -3, 0, 3, 6)
    marks = [
        area(
            BACK_AND_FORTH,
            within(np.concatenate([mean + sigma, (mean - sigma)[::-1]])),
            "@q/0.2",
            to="toself",
            line=NONE,
        ),
        line(GRID, np.sin(np.pi * GRID), TRUTH, hover=words["truth"], width=2),
        hollow(data.x_held_out, data.y_held_out, words["held_out"]),
        points(padded(data.x), padded(data.y), words["training"], "@p"),
        line(GRID, within(mean), MODEL, hover=words["model"]),
        ringed(float(data.x[i]), float(data.y[i])),
    ]
    return marks, {"x": UNIT, "y": scale(-edge, edge, ticks)}


BACK_AND_FORTH, NONE = np.concatenate([GRID, GRID[::-1]]), {"width": 0}


def _fit_sigmoid(setup: Setup, data: Dataset, trail: Any, row: int, i: int, words: Words) -> Fitted:
    """Return the probability of class 1 over points of two classes."""
    weights = trail.weights[row]
    border = -float(weights[0]) / float(weights[1]) if weights[1] != 0.0 else _FAR
    seen, true = abs(border) <= 4.0, np.asarray(sigmoid(2.0 * LINE / setup.noise**2))
    marks = [
        hollow(data.x_held_out, data.y_held_out * 1.16 - 0.08, words["held_out"]),
        line(LINE, true, TRUTH, hover=words["truth"], width=2),
        points(padded(data.x), padded(data.y), words["training"], "@p"),
        line(LINE, predict_logistic(weights, LINE), MODEL, hover=words["model"]),
        ringed(float(data.x[i]), float(data.y[i])),
        rule(
            x=border if seen else 0.0,
            between=(-0.14, 1.14),
            colour="@q",
            dash="dot",
            layer="below",
            opacity=1.0 if seen else 0.0,
        ),
    ]
    axes = {"x": scale(-4.05, 4.05, (-4, -2, 0, 2, 4)), "y": scale(-0.14, 1.14, (0, 0.5, 1))}
    return marks, axes | {"named": {"y": words["q"]}}


def _fit_softmax(setup: Setup, data: Dataset, trail: Any, row: int, i: int, words: Words) -> Fitted:
    """Return the regions of three classes with straight borders between them, and their points."""
    edge = 4.0 if setup.noise <= 1.0 else 7.0
    regions = decision_regions(trail.weights[row], edge)
    marks: list[Mark] = [
        area(
            regions[k, :, 0],
            regions[k, :, 1],
            f"{class_colour(k)}/0.18",
            to="toself",
            line=BORDER,
            connectgaps=False,
        )
        for k in range(3)
    ]
    for x, y, draw, said in (
        (data.x_held_out, data.y_held_out, _class_held_out, words["held_out"]),
        (data.x, data.y, _class_training, words["training"]),
    ):
        marks += [draw(x[y == k].T, k, f"{CLASSES[k]}: {said}") for k in range(3)]
    marks.append(ringed(float(data.x[i, 0]), float(data.x[i, 1])))
    ticks = (-4, -2, 0, 2, 4) if edge < 5.0 else (-6, -3, 0, 3, 6)
    ends = scale(-edge, edge, ticks)
    return [*marks, *_class_names()], {"x": ends, "y": ends, "named": {"x": words["x1"], "y": words["x2"]}}


def _fit_poisson(setup: Setup, data: Dataset, trail: Any, row: int, i: int, words: Words) -> Fitted:
    """Return the mean of the counts, with a band of its own root, over points."""
    mean = np.minimum(predict_poisson(trail.weights[row], GRID), _FAR)
    root = np.sqrt(mean)
    band = within(np.concatenate([mean + root, (mean - root)[::-1]]))
    true = np.exp(COUNT_INTERCEPT + COUNT_SLOPE * GRID)
    marks = [
        area(BACK_AND_FORTH, band, "@q/0.2", to="toself", line=NONE),
        line(GRID, true, TRUTH, hover=words["truth"], width=2),
        hollow(data.x_held_out, data.y_held_out, words["held_out"]),
        points(padded(data.x), padded(data.y), words["training"], "@p"),
        line(GRID, within(mean), MODEL, hover=words["model"]),
        ringed(float(data.x[i]), float(data.y[i])),
    ]
    return marks, {"x": UNIT, "y": VISITORS, "named": {"x": words["weather"], "y": words["visitors"]}}


BORDER = {"color": "@soft", "width": 2}


def _class_held_out(x: Floats, k: int, said: str) -> Mark:
    """Return the points of a class that were held out."""
    return hollow(x[0], x[1], said, class_colour(k), SYMBOLS[k])


def _class_training(x: Floats, k: int, said: str) -> Mark:
    """Return the training points of a class."""
    return points(padded(x[0], MOST // 2), padded(x[1], MOST // 2), said, class_colour(k), symbol=SYMBOLS[k])


@lru_cache(maxsize=1)
def _class_names() -> list[Mark]:
    """Return the names of the classes, each in its corner."""
    places = ((0.5, 0.98), (0.03, 0.03), (0.97, 0.03))
    return [
        label(
            f"<b>{CLASSES[k]}</b>",
            *places[k],
            xref="paper",
            yref="paper",
            font={"size": 17, "color": class_colour(k)},
        )
        for k in range(3)
    ]


# The NLL over the steps ------------------------------------------------------------------------------------


def place(step: Any) -> Any:
    """Return where a step stands on the axis: the first ones have room, the last ones are close.

    Examples
    --------
    >>> float(place(0)), float(place(99))
    (0.0, 2.0)
    """
    return np.log10(1.0 + np.asarray(step, dtype=np.float64))


@lru_cache(maxsize=192)
def _course(setup: Setup, training: str, held_out: str, best: str) -> tuple[list[Mark], float, float]:
    """Return the curves of a whole descent and the limits of their axis; none of them moves with the step."""
    trail = trail_of(setup)
    ends = max(float(trail.nll[-1]), float(trail.held_out_nll[-1]))
    first = max(float(trail.nll[0]), float(trail.held_out_nll[0]))
    top = ladder(min(1.1 * ends, 4.0 * first))
    if first < 1.2:
        top = max(top, 1.2 if first > 1.0 else 1.0)  # it starts on the axis, at log 3 or log 2
    # A density may be above 1, and its cost below 0: then only is there an axis below 0.
    finite = [c[np.isfinite(c)] for c in (trail.nll, trail.held_out_nll)]
    floor = min(float(c.min()) for c in finite)
    low = 0.0 if floor >= 0.0 else -min(math.ceil(-4.4 * floor) / 4.0, top)
    x = place(np.arange(STEPS + 1))
    far = top + 3.0 * (top - low)

    def course(values: Floats, look: Look, hover: str) -> Mark:
        return line(x, padded(np.clip(values, low - far, far), STEPS + 1), look, hover=hover, gaps=True)

    least = int(trail.held_out_nll.argmin())
    lowest = float(np.clip(trail.held_out_nll[least], low, top))
    star = points(np.array([float(place(least))]), np.array([lowest]), best, "@truth", symbol="star", size=14)
    return (
        [course(trail.held_out_nll, HELD_OUT, held_out), course(trail.nll, TRAINING, training), star],
        low,
        top,
    )


def descent(setup: Setup, step: int, words: Words) -> Figure:
    """Return the NLL of the training points and of those held out, as far as the descent has come.

    Parameters
    ----------
    setup : Setup
        What is fitted, and how.
    step : int
        Step of the descent.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``training``, ``held_out``, ``diverged``, ``chaotic``,
        ``hover``, ``hover_held_out``, ``best``.
    """
    trail, row = at(setup, step)
    least = int(trail.held_out_nll.argmin())
    made, low, top = _course(setup, words["hover"], words["hover_held_out"], f"{words['best']} {least}")
    values = [float(trail.nll[row]), float(trail.held_out_nll[row])]
    here, end = float(place(row)), float(place(STEPS))
    points = markers(here, values, [TRAINING, HELD_OUT], (low, top))
    # Two triangles at the end of the axis stand beside each other.
    beside = 0.0 if "circle" in points["marker"]["symbol"].tolist() else 0.12
    over = {"diverged": f"∞ ↑ {words['diverged']}", "chaotic": words["chaotic"]}.get(_end(trail, step), "")
    names = [
        f"{words[key]}<br>{number(value, 5)}"
        for key, value in zip(("training", "held_out"), values, strict=True)
    ]
    return picture(
        words,
        [
            *made,
            points | {"x": np.array([here, here - beside])},
            # What has not happened yet lies under a sheet.
            box((min(here + 0.05, end + 0.04), end + 0.04), (low, top), fill="@ground/0.94", line=NONE),
            *names_at_right(
                points["y"].tolist(), [TRAINING, HELD_OUT], names, (low, top), 0.21 * (top - low)
            ),
            label(over, 0.5, 1.0, xref="paper", yref="paper", yanchor="bottom", colour="@loss"),
        ],
        x=scale(
            -0.03, end + 0.03, {float(place(s)): str(s) for s in (0, 1, 3, 10, 30, 100, 400)}, showgrid=False
        ),
        y=scale(low, top, showgrid=False),
        height=350,
        margin=(22, 104, 50, 56),
        narrow=NARROW,
    )


# One point -------------------------------------------------------------------------------------------------


def output(setup: Setup, step: int, point: int) -> dict[str, Any]:
    """Return what the model says of one training point: its output, the distribution and minus its log.

    Returns
    -------
    dict
        ``x`` and ``y`` of the point, ``z`` the output before the output layer's function, ``q`` the
        probability or density given to y, ``loss`` its negative log, ``slope`` the loss's slope in z, and
        ``sigma`` or ``probs``.
    """
    trail, row = at(setup, step)
    data = data_of(setup)
    i = min(point, setup.n) - 1
    x, y, weights = data.x[i], float(data.y[i]), trail.weights[row]
    if setup.layer == "linear":
        z, sigma = float(predict_linear(weights, data.x[i : i + 1])[0]), float(trail.sigmas[row])
        loss = gaussian_nll([y], [z], sigma)
        q = math.exp(min(-loss, 700.0))
        slope = (z - y) / sigma / sigma
        return {"x": float(x), "y": y, "z": z, "sigma": sigma, "q": q, "loss": loss, "slope": slope}
    if setup.layer == "sigmoid":
        z = float(weights[0] + weights[1] * x)
        own = float(sigmoid(z))
        probs = np.array([float(sigmoid(-z)), own])
        loss = float(sigmoid_cross_entropy(z, int(y)))
        return {
            "x": float(x),
            "y": int(y),
            "z": z,
            "probs": probs,
            "q": float(probs[int(y)]),
            "loss": loss,
            "slope": own - y,
        }
    if setup.layer == "poisson":
        z = float(weights[0] + weights[1] * x)
        loss = float(poisson_nll_loss(z, y, full=True))
        mean = math.exp(min(z, 690.0))
        return {
            "x": float(x),
            "y": int(y),
            "z": z,
            "mean": mean,
            "probs": np.exp(
                -np.asarray(poisson_nll_loss(min(z, 690.0), COUNTS, full=True, reduction="none"))
            ),
            "q": math.exp(-loss),
            "loss": loss,
            "slope": mean - y,
        }
    logits = weights[:, 0] + weights[:, 1:] @ x
    probs = softmax(logits)
    target = int(y)
    slope = probs - (np.arange(3) == target)
    return {
        "x": x,
        "y": target,
        "z": logits,
        "probs": probs,
        "q": float(probs[target]),
        "loss": float(cross_entropy_loss(logits, target)),
        "slope": slope,
    }


def point(setup: Setup, step: int, chosen: int, words: Words) -> Figure:
    """Return the distribution that the output layer gives to one point, and what its y costs.

    Parameters
    ----------
    setup, step : as `fit`
        What is fitted, and how far.
    chosen : int
        The training point, from 1.
    words : mapping
        ``title``, ``alt``, ``linear``, ``classes``, ``y``, ``density``, ``q``, ``observed``, ``hover``.
    """
    made = output(setup, step, chosen)
    if setup.layer == "linear":
        return _point_density(setup, made, words)
    if setup.layer == "poisson":
        return _point_counts(made, words)
    count = len(made["probs"])
    names = list(CLASSES) if count == 3 else ["y = 0", "y = 1"]
    tones = [class_colour(k) if setup.layer == "softmax" else "@q" for k in range(count)]
    bars = {
        "type": "bar",
        "x": np.arange(count),
        "y": made["probs"],
        "width": 0.6,
        "marker": faded(tones, int(made["y"])),
        "text": texts([number(p, 4) for p in made["probs"].tolist()]),
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": words["hover"] + "<extra></extra>",
    }
    seen = label(f"▲ {words['observed']}", float(made["y"]), 0.0, yref="paper", yshift=-46, colour="@p")
    return picture(
        {**words, "caption": words["classes"], "y": words["q"]},
        [bars, seen],
        x=named_axis(names, (-0.6, count - 0.4)),
        y=scale(0.0, 1.1, (0, 0.5, 1)),
        **TALL,
    )


def _point_counts(made: dict[str, Any], words: Words) -> Figure:
    """Return one bar for each count; the one that was observed is what counts."""
    bars = {
        "type": "bar",
        "x": COUNTS,
        "y": made["probs"],
        "width": 0.8,
        "marker": faded(["@q"] * len(COUNTS), int(made["y"])),
        "hovertemplate": words["hover"] + "<extra></extra>",
    }
    height = float(made["probs"][made["y"]]) if made["y"] < len(COUNTS) else 0.0
    seen = label("▼", float(min(made["y"], 30)), min(height, 0.37), yanchor="bottom", colour="@p")
    mean = label(
        f"q = {number(made['mean'], 4)}",
        float(min(made["mean"], 26.0)),
        1.0,
        yref="paper",
        yanchor="bottom",
        colour="@q",
        yshift=-4,
    )
    return picture(
        {**words, "caption": words["counts"], "x": words["visitors"], "y": words["q"]},
        [bars, seen, mean],
        x=scale(-0.7, 30.7, range(0, 31, 5)),
        y=scale(0.0, 0.4, (0, 0.1, 0.2, 0.3, 0.4)),
        **TALL,
    )


TALL: dict[str, Any] = {"height": 350, "margin": (16, 16, 50, 56), "narrow": NARROW}


def _point_density(setup: Setup, made: dict[str, Any], words: Words) -> Figure:
    """Return the bell over y for one point; its height at the observed y is what counts."""
    edge = reach(setup.noise)
    trail: LinearFit = trail_of(setup)  # type: ignore[assignment]
    top = step_up(1.1 * min(0.4 / float(trail.sigmas.min()), 20.0))
    y = np.linspace(-edge, edge, 161)
    z, seen, height = (float(np.clip(made[key], -_FAR, _FAR)) for key in ("z", "y", "q"))
    density = np.exp(np.minimum(log_density(y, made["z"], made["sigma"]), 6.0))
    at_mean = float(np.clip(z, -0.75 * edge, 0.75 * edge))
    return picture(
        {**words, "caption": words["linear"], "x": words["y"], "y": words["density"]},
        [
            line(y, within(density), MODEL, hover=words["hover"]),
            line(np.array([seen, seen]), within(np.array([0.0, height])), SEEN, hover=words["observed"]),
            points(np.array([seen]), np.array([height]), words["observed"], "@p", size=13)
            | {"cliponaxis": False},
            rule(x=z, between=(0.0, top), colour="@q", dash="dot", layer="below"),
            label(
                f"ŷ = {number(made['z'], 4)}",
                at_mean,
                1.0,
                yref="paper",
                yanchor="bottom",
                colour="@q",
                yshift=-4,
            ),
        ],
        x=scale(-edge, edge),
        y=scale(0.0, top),
        **TALL,
    )


# The numbers -----------------------------------------------------------------------------------------------


def formula(setup: Setup, step: int, chosen: int, words: Words) -> dict[str, Any]:
    """Return the NLL with its numbers: of one point, of the training points and of those held out."""
    trail, row = at(setup, step)
    made = output(setup, step, chosen)
    build = {
        "linear": _formula_linear,
        "sigmoid": _formula_sigmoid,
        "softmax": _formula_softmax,
        "poisson": _formula_poisson,
    }[setup.layer]
    rows = build(trail, row, made, words)
    if setup.decay > 0.0:
        # Not values - nll: of two large numbers only the digits would be left that rounding decides.
        weights = trail.weights[row]
        # Below the last digit of the largest weight there is only what the processor's rounding left.
        certain = np.abs(weights) > np.finfo(float).eps * np.abs(weights).max()
        extra = 0.5 * setup.decay * float(np.square(weights * certain)[..., 1:].sum())
        rows.append(
            [
                f"{words['decay']} NLL + λ/2·Σw² = {number(float(trail.nll[row]))} + ",
                bold(extra, "kl"),
                f" = {number(float(trail.values[row]))}",
            ]
        )
    if over := _end(trail, step):
        rows.append([bold(words[over], "loss")])
    return lines(*rows)


def _held(trail: Any, row: int, words: Words) -> list[Segment]:
    """Return the NLL of the points held out, as the end of a line."""
    held = number(float(trail.held_out_nll[row]))
    return [f";  {words['held_out']} ", bold(held, "rest")]


def _formula_linear(trail: Any, row: int, made: dict[str, Any], words: Words) -> list[list[Segment]]:
    """Return the lines of the Gaussian NLL."""
    sigma, mse, nll = (float(values[row]) for values in (trail.sigmas, trail.mse, trail.nll))
    s = number(sigma, 5)
    shift = 0.5 * math.log(2.0 * math.pi * sigma * sigma)
    root = math.sqrt(mse)
    profile = 0.5 * math.log(2.0 * math.pi * max(mse, _TINY)) + 0.5
    return [
        [
            f"{words['one']} ŷ = ",
            bold(made["z"], "q", 5),
            ", y = ",
            bold(made["y"], "p", 5),
            f":  −log N(y; ŷ, σ²) = ({number(made['y'] - made['z'], 5)})²/(2·{s}²) + ½log(2π·{s}²) = ",
            bold(made["loss"], "loss"),
        ],
        [
            f"{words['training']} NLL = MSE/(2σ²) + ½log(2πσ²) = ",
            f"{number(mse)}/(2·{s}²) + {signed(shift)} = ",
            bold(nll, "loss"),
            *_held(trail, row, words),
        ],
        [
            f"{words['best']} σ = √MSE = {number(root, 5)}:  ½log(2π·MSE) + ½ = ",
            bold(profile, "kl"),
        ],
    ]


def _formula_sigmoid(trail: Any, row: int, made: dict[str, Any], words: Words) -> list[list[Segment]]:
    """Return the lines of the Bernoulli NLL."""
    w0, w1 = (number(float(w), 4) for w in trail.weights[row])
    own = number(float(made["probs"][1]))
    asked = "q" if made["y"] else "(1 − q)"
    return [
        [
            f"{words['one']} z = {w0} + {_bracketed(w1)}·{_bracketed(number(made['x'], 4))} = "
            f"{number(made['z'], 5)},  q = σ(z) = ",
            bold(own, "q"),
            f",  y = {made['y']}:  −log {asked} = −log {share(made)} = ",
            bold(made["loss"], "loss"),
        ],
        [
            f"{words['training']} NLL = −1/n·Σ[y log q + (1 − y) log(1 − q)] = ",
            bold(float(trail.nll[row]), "loss"),
            f" = {words['binary']}",
            *_held(trail, row, words),
        ],
    ]


def _formula_softmax(trail: Any, row: int, made: dict[str, Any], words: Words) -> list[list[Segment]]:
    """Return the lines of the categorical NLL."""
    head: list[Segment] = [
        f"{words['one']} z = ({', '.join(number(float(z), 4) for z in made['z'])}) → softmax → ("
    ]
    for k, prob in enumerate(made["probs"].tolist()):
        head += [", " if k else "", part(number(prob, 4), role_of(k), strong=k == made["y"])]
    head += [
        "),  y = ",
        part(CLASSES[made["y"]], role_of(made["y"]), strong=True),
        f":  −log {share(made)} = ",
        bold(made["loss"], "loss"),
    ]
    return [
        head,
        [
            f"{words['training']} NLL = −1/n·Σ log q(y) = ",
            bold(float(trail.nll[row]), "loss"),
            f" = {words['categorical']}",
            *_held(trail, row, words),
        ],
    ]


def _formula_poisson(trail: Any, row: int, made: dict[str, Any], words: Words) -> list[list[Segment]]:
    """Return the lines of the Poisson NLL."""
    w0, w1 = (number(float(w), 4) for w in trail.weights[row])
    x, z, y, mean = number(made["x"], 4), number(made["z"], 5), made["y"], number(made["mean"], 5)
    rest = number(float(log_factorial(y)), 5)
    return [
        [
            f"{words['one']} z = {w0} + {_bracketed(w1)}·{_bracketed(x)} = {z},  q = exp(z) = ",
            bold(made["mean"], "q", 5),
            ",  y = ",
            bold(str(y), "p"),
            f":  q − y·log q + log y! = {mean} − {y}·{_bracketed(z)} + {rest} = ",
            bold(made["loss"], "loss"),
        ],
        [
            f"{words['training']} NLL = 1/n·Σ[q − y log q + log y!] = ",
            bold(float(trail.nll[row]), "loss"),
            *_held(trail, row, words),
        ],
    ]


def share(made: Mapping[str, Any]) -> str:
    """Return the probability of the observed class, even where a float has none so small.

    Examples
    --------
    >>> share({"q": 0.25, "loss": 1.386294}), share({"q": 0.0, "loss": 1000.0})
    ('0.25', '5.1×10⁻⁴³⁵')
    """
    if made["q"] > 1e-300:
        return number(made["q"])
    exponent = math.floor(-made["loss"] / math.log(10.0))
    return power_of_ten(10.0 ** (-made["loss"] / math.log(10.0) - exponent), exponent)


def _bracketed(text: str) -> str:
    """Return a number as it stands after an operator."""
    return f"({text})" if text.startswith("−") else text


def principle(layer: str, words: Words) -> dict[str, Any]:
    """Return the table of the four output layers, the chosen one in full colour."""
    torch = {
        "linear": "MSELoss, GaussianNLLLoss",
        "sigmoid": "BCEWithLogitsLoss",
        "softmax": "CrossEntropyLoss",
        "poisson": "PoissonNLLLoss",
    }
    rows: list[list[Segment | list[Segment]]] = []
    for name in LAYERS:
        cells = [words[f"{name}.{key}"] for key in ("answer", "output", "model", "loss", "familiar")]
        on = name == layer
        rows.append([part(cell, "q" if on and not i else "", strong=on) for i, cell in enumerate(cells)])
        rows[-1].append(part(torch[name], strong=on))
    head: list[Segment] = [words[key] for key in ("answer", "output", "model", "loss", "familiar", "torch")]
    return table(head, rows, caption=words["caption"])


# One temperature ------------------------------------------------------------------------------------------


class Tempered(NamedTuple):
    """What a temperature makes of the sigmoid that was fitted to few points."""

    temperature: float
    slope: float
    held_out: float
    training: float
    confidence: float
    right: float


@lru_cache(maxsize=1)
def few_points() -> tuple[Dataset, Floats, Floats, Floats]:
    """Return the points, the weights fitted to them, and the logits of training and held-out points."""
    setup = Setup(*FEW_POINTS)
    trail, row = at(setup, STEPS)
    data, weights = data_of(setup), trail.weights[row]
    return data, weights, weights[0] + weights[1] * data.x, weights[0] + weights[1] * data.x_held_out


@lru_cache(maxsize=1024)
def tempered(temperature: float) -> Tempered:
    """Return what the sigmoid costs, and how sure it is, with its logits divided by a temperature.

    Examples
    --------
    >>> [round(value, 3) for value in tempered(1.0)]
    [1.0, 4.51, 0.475, 0.115, 0.934, 0.85]
    """
    data, weights, own, held = few_points()
    return Tempered(
        temperature,
        float(weights[1]) / temperature,
        tempered_nll(held, data.y_held_out, temperature),
        tempered_nll(own, data.y, temperature),
        mean_confidence(held, temperature),
        accuracy(held, data.y_held_out),
    )


@lru_cache(maxsize=1)
def best() -> float:
    """Return the temperature of the least held-out NLL."""
    data, _, _, held = few_points()
    return best_temperature(held, data.y_held_out)


@lru_cache(maxsize=8)
def _cooling(held_out: str, training: str, lowest: str) -> list[Mark]:
    """Return both NLLs over the temperature, and the lowest one held out; neither moves with it."""
    held, own = (np.array([tempered(t)[i] for t in TEMPERATURES.tolist()]) for i in (2, 3))
    star = np.array([best()]), np.array([tempered(best()).held_out])
    return [
        line(TEMPERATURES, held, HELD_OUT, hover=held_out),
        line(TEMPERATURES, own, TRAINING, hover=training),
        points(*star, lowest, "@truth", symbol="star", size=14),
    ]


def temperature(t: float, words: Words) -> Figure:
    """Return the NLL of held-out and of training points over the temperature, with a cursor.

    Parameters
    ----------
    t : float
        The temperature.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``training``, ``held_out``, ``hover``, ``lowest``.
    """
    now, names = tempered(t), (words["training"], words["held_out"])
    said = [f"{name}: {words['hover']}" for name in names]
    return picture(
        words,
        [
            *_cooling(said[1], said[0], words["lowest"]),
            markers(t, [now.held_out, now.training], [HELD_OUT, TRAINING], (0.0, 1.0)),
            rule(x=t, between=(0.0, 1.0), layer="below"),
            label(names[1], 4.0, 0.54, xanchor="left", colour="@rest", **CLEAR),
            label(names[0], 0.53, 0.04, xanchor="left", colour="@loss", **CLEAR),
        ],
        x=scale(0.5, 10.0, (0.5, 1, 2, 5, 10), log=True),
        y=scale(0.0, 1.0, (0, 0.25, 0.5, 0.75, 1)),
        height=340,
        margin=(16, 16, 50, 66),
        narrow=NARROW,
    )


def calibrated(t: float, words: Words) -> Figure:
    """Return the probability of class 1 as fitted, as drawn towards one half, and as it truly is."""
    _, weights, _, _ = few_points()
    return picture(
        words,
        [
            *_uncalibrated(words["fitted"], words["truth"]),
            line(LINE, predict_logistic(weights / t, LINE), MODEL, hover=words["model"]),
        ],
        x=scale(-4.05, 4.05, (-4, -2, 0, 2, 4)),
        y=scale(-0.02, 1.02, (0, 0.5, 1)),
        height=340,
        margin=(16, 16, 50, 66),
        narrow=NARROW,
    )


@lru_cache(maxsize=8)
def _uncalibrated(fitted: str, truth: str) -> list[Mark]:
    """Return the probability of class 1 as fitted, and as it truly is: no temperature moves them."""
    _, weights, _, _ = few_points()
    return [
        line(LINE, predict_logistic(weights, LINE), Look("rest", "dot"), hover=fitted, width=2),
        line(LINE, np.asarray(sigmoid(2.0 * LINE)), TRUTH, hover=truth, width=2),
    ]


def temperature_table(t: float, words: Words) -> dict[str, Any]:
    """Return a row for T = 1, for the present temperature and for the best one."""
    rows: list[list[Segment | list[Segment]]] = []
    for one, name in ((1.0, words["fitted"]), (t, words["now"]), (best(), words["best"])):
        made = tempered(one)
        rows.append(
            [
                name,
                bold(made.temperature, "q", 3),
                bold(made.slope, "q", 3),
                bold(made.held_out, "rest", 3),
                number(made.training, 3),
                number(made.confidence, 3),
                number(made.right, 3),
            ]
        )
    head: list[Segment] = [
        "",
        "T",
        *(words[key] for key in ("slope", "held_out", "training", "confidence", "right")),
    ]
    return table(head, rows, caption=words["caption"])


# Five points: MSE is a Gaussian NLL ------------------------------------------------------------------------


class Constant(NamedTuple):
    """What a constant prediction of the five points costs."""

    mse: float
    nll: float
    profile: float
    mse_slope: float
    nll_slope: float
    torch: float


@lru_cache(maxsize=4096)
def constant(mu: float, sigma: float) -> Constant:
    """Return MSE, NLL and their slopes for the prediction ``mu`` of the five points.

    ``torch`` is GaussianNLLLoss with that variance and ``full=False``, which leaves ½ log 2π out.

    Examples
    --------
    >>> [round(value, 5) for value in constant(3.0, 2.0)]
    [10.8, 2.96209, 2.60871, -4.0, -0.5, 2.04315]
    """
    mse = float(np.mean((np.array(FIVE) - mu) ** 2))
    slope = 2.0 * (mu - float(np.mean(FIVE)))
    nll = gaussian_nll(FIVE, mu, sigma)
    return Constant(
        mse,
        nll,
        profile_gaussian_nll(FIVE, mu),
        slope,
        slope / (2.0 * sigma * sigma),
        nll - 0.5 * math.log(2.0 * math.pi),
    )


@lru_cache(maxsize=512)
def _valleys(sigma: float) -> tuple[Floats, Floats, Floats]:
    """Return MSE, NLL and the NLL with the best sigma over the prediction."""
    mse, profile = _free_of_sigma()
    return mse, constant_nlls(FIVE, CENTRES, sigma), profile


@lru_cache(maxsize=1)
def _free_of_sigma() -> tuple[Floats, Floats]:
    """Return MSE and the NLL with the best sigma over the prediction: no fixed sigma moves them."""
    made = [constant(mu, 1.0) for mu in CENTRES.tolist()]
    return np.array([c.mse for c in made]), np.array([c.profile for c in made])


def _nll_top(sigma: float) -> float:
    """Return the end of the NLL's axis: a few widely spaced ones."""
    return next(top for top in (6.0, 20.0, 80.0, 500.0) if constant(0.0, sigma).nll < top)


def valley(mu: float, sigma: float, words: Words) -> Figure:
    """Return MSE over the prediction, and below it the NLL with sigma fixed and with sigma learned.

    Parameters
    ----------
    mu : float
        The constant prediction.
    sigma : float
        The fixed sigma.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``mse``, ``nll``, ``fixed``, ``learned``, ``hover``, ``grip``.
    """
    here = constant(mu, sigma)
    mse, nll, profile = _valleys(sigma)
    top = _nll_top(sigma)
    mean = float(np.mean(FIVE))
    return picture(
        {**words, "y": words["mse"], "y2": words["nll"]},
        [
            line(CENTRES, within(mse), MSE, hover="MSE: " + words["hover"]),
            points(np.array(FIVE), np.zeros(5), "y = %{x}", "@p", size=11) | {"cliponaxis": False},
            points(
                np.array([mu]), np.array([here.mse]), "MSE: " + words["hover"], "@truth", size=12, line=RIM
            ),
            line(CENTRES, within(nll), FIXED, hover=f"{words['fixed']}: {words['hover']}", yaxis="y2"),
            line(
                CENTRES, within(profile), LEARNED, hover=f"{words['learned']}: {words['hover']}", yaxis="y2"
            ),
            both(mu, here, words["hover"], 12) | {"yaxis": "y2"},
            rule(x=mean, between=(0.0, 1.0), colour="@truth", dash="dot", layer="below", yref="paper"),
            cursor(mu, 0.0, 1.0) | {"yref": "paper"},
            label(f"MSE {number(here.mse)}", 1.0, 0.99, **CORNER, colour="@truth", xshift=-60),
            label(f"{words['fixed']} {number(here.nll)}", 0.97, 0.44, **CORNER, colour="@loss", xshift=-50),
            label(
                f"{words['learned']} {number(here.profile)}",
                0.97,
                0.44,
                **CORNER,
                colour="@kl",
                xshift=-50,
                yshift=-20,
            ),
            grip("mu", mu, 33.0, label=words["grip"], axes="x", control="mu"),
        ],
        x=scale(-0.2, 10.2, (0, 1, 4, 5, 6, 9), anchor="y2"),
        y=scale(0.0, 35.0, (0, 10, 20, 30), domain=(0.56, 1.0)),
        y2=scale(0.0, top, domain=(0.0, 0.46)),
        height=360,
        margin=(10, 14, 50, 56),
        narrow=NARROW,
    )


CORNER: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "top"} | CLEAR
RIM = {"color": "@ground", "width": 1.5}


def both(x: float, here: Constant, hover: str, size: int) -> Mark:
    """Return the points of the NLL with sigma fixed and with sigma learned, one above the other."""
    marker = {"color": ["@loss", "@kl"], "symbol": ["circle", "diamond"]}
    return points(
        np.array([x, x]), np.array([here.nll, here.profile]), hover, "@loss", size=size, line=RIM, **marker
    )


def relation(mu: float, sigma: float, words: Words) -> Figure:
    """Return the NLL against the MSE: a straight line with sigma fixed, a logarithm with sigma learned."""
    here = constant(mu, sigma)
    squares = np.concatenate([np.geomspace(0.2, 1.0, 30)[:-1], np.linspace(1.0, 35.0, 100)])
    straight = squares / (2.0 * sigma * sigma) + 0.5 * math.log(2.0 * math.pi * sigma * sigma)
    bent = 0.5 * np.log(2.0 * math.pi * squares) + 0.5
    touch, top = sigma * sigma, _nll_top(sigma)
    seen, height = 0.2 <= touch <= 35.0, 0.5 * math.log(2.0 * math.pi * touch) + 0.5
    ring = {
        "symbol": "circle-open",
        "size": 16,
        "line": {"width": 2, "color": "@ink"},
        "opacity": 1.0 if seen else 0.0,
    }
    ends, names = [min(float(straight[-1]), top), float(bent[-1])], [words["fixed"], words["learned"]]
    return picture(
        words,
        [
            line(squares, within(straight), FIXED, hover=f"{words['fixed']}: {words['hover']}"),
            line(squares, within(bent), LEARNED, hover=f"{words['learned']}: {words['hover']}"),
            points(np.array([touch if seen else 0.2]), np.array([height]), words["touch"], "@ink", **ring),
            both(here.mse, here, words["hover"], 13),
            rule(x=6.8, between=(0.0, top), colour="@truth", dash="dot", layer="below"),
            cursor(here.mse, 0.0, top),
            *names_at_right(ends, [FIXED, LEARNED], names, (0.0, top), 0.09 * top),
        ],
        x=scale(0.0, 35.0, (0, 6.8, 10, 20, 30)),
        y=scale(0.0, top),
        height=360,
        margin=(10, 84, 50, 52),
        narrow=NARROW,
    )


def five_lines(mu: float, sigma: float, words: Words) -> dict[str, Any]:
    """Return the affine relation and the slopes with their numbers."""
    here = constant(mu, sigma)
    s = number(sigma)
    shift = 0.5 * math.log(2.0 * math.pi * sigma * sigma)
    squares = " + ".join(f"{number((x - mu) ** 2, 5)}" for x in FIVE)
    return lines(
        ["MSE = (", squares, ") / 5 = ", bold(here.mse, "truth")],
        [
            bold(words["fixed"], "loss"),
            f"  NLL = MSE/(2σ²) + ½log(2πσ²) = {number(here.mse)}/(2·{s}²) + {signed(shift)} = ",
            bold(here.nll, "loss"),
        ],
        [
            bold(words["learned"], "kl"),
            f"  NLL = ½log(2π·MSE) + ½ = ½log(2π·{number(here.mse)}) + ½ = ",
            bold(here.profile, "kl"),
        ],
        [
            f"{words['slopes']}  ∂MSE/∂μ = ",
            bold(here.mse_slope, "truth"),
            f",  ∂NLL/∂μ = {number(here.mse_slope)}/(2·{s}²) = ",
            bold(here.nll_slope, "loss"),
        ],
    )


def five_table(mu: float, sigma: float, words: Words) -> dict[str, Any]:
    """Return a row for each of five predictions, and one for the present one where it is another."""
    rows: list[list[Segment | list[Segment]]] = []
    for guess in sorted({3.0, 4.0, 5.0, 6.0, 7.0, mu}):
        one, on = constant(guess, sigma), guess == mu
        rows.append(
            [
                part(number(guess), strong=on),
                part(number(one.mse), "truth", strong=on),
                part(number(one.nll), "loss", strong=on),
                number(one.torch),
                number(one.mse_slope),
                number(one.nll_slope),
                part(number(one.profile), "kl", strong=on),
            ]
        )
    s = number(sigma)
    head: list[Segment] = [
        "μ",
        "MSE",
        f"NLL, σ = {s}",
        words["torch"],
        "∂MSE/∂μ",
        "∂NLL/∂μ",
        words["learned"],
    ]
    return table(head, rows, caption=words["caption"])


# Derivation, code, and the small picture on the home page --------------------------------------------------


def derivation(setup: Setup, step: int, chosen: int) -> dict[str, str]:
    """Return the numbers of the derivation as LaTeX: the slope of one point's loss in the output."""
    made = output(setup, step, chosen)
    if setup.layer == "linear":
        z, y, s = (latex_number(made[key], 5) for key in ("z", "y", "sigma"))
        y = f"({y})" if y.startswith("-") else y
        slope = rf"\frac{{\hat y-y}}{{\sigma^2}}=\frac{{{z}-{y}}}{{{s}^2}}={latex_number(made['slope'])}"
    elif setup.layer == "sigmoid":
        slope = rf"q-y={latex_number(float(made['probs'][1]))}-{made['y']}={latex_number(made['slope'])}"
    elif setup.layer == "poisson":
        slope = rf"e^z-y={latex_number(made['mean'])}-{made['y']}={latex_number(made['slope'])}"
    else:
        probs, slopes = (
            ",\\ ".join(latex_number(float(v), 5) for v in values)
            for values in (made["probs"], made["slope"])
        )
        onehot = ",\\ ".join(str(int(k == made["y"])) for k in range(3))
        slope = rf"q-\text{{onehot}}=({probs})-({onehot})=({slopes})"
    return {"slope": slope}


def code_panel(setup: Setup, step: int) -> dict[str, Any]:
    """Return the fit at the present values as NumPy and as PyTorch; both draw the same points."""
    build = {
        "linear": _code_linear,
        "sigmoid": _code_sigmoid,
        "softmax": _code_softmax,
        "poisson": _code_poisson,
    }[setup.layer]
    numpy_text, torch_text = build(setup, step)
    return code(NumPy=numpy_text, PyTorch=torch_text)


def _code_linear(s: Setup, step: int) -> tuple[str, str]:
    """Return the code of the linear layer."""
    points = f"""n, seed = {s.n}, {s.seed}
x = 2 * np.random.default_rng([seed, 0]).random(n) - 1
y = np.sin(np.pi * x) + {s.noise} * np.random.default_rng([seed, 1]).standard_normal(n)

degree = {s.degree}
# @legendre
X = np.polynomial.legendre.legvander(x, degree) * np.sqrt(2 * np.arange(degree + 1) + 1)
"""
    update = "\n    log_sigma -= rate * (1 - np.mean(error**2) / sigma**2)" if s.learn else "  # @sigma"
    numpy_text = f"""import numpy as np

{points}
w, log_sigma = np.zeros(degree + 1), np.log({s.sigma})
rate, decay = {s.rate}, {s.decay}

for _ in range({step}):
    sigma = np.exp(log_sigma)
    error = X @ w - y
    penalty = decay * np.append(0, w[1:])  # @intercept
    w = w - rate * (X.T @ error / (n * sigma**2) + penalty){update}

sigma, mse = np.exp(log_sigma), np.mean((X @ w - y) ** 2)
print(mse / (2 * sigma**2) + 0.5 * np.log(2 * np.pi * sigma**2), mse, sigma)
"""
    groups = f'[{{"params": w, "weight_decay": 0.0}}, {{"params": v, "weight_decay": {s.decay}}}]'
    learned = '\noptimizer.add_param_group({"params": log_sigma, "weight_decay": 0.0})' if s.learn else ""
    torch_text = f"""import numpy as np
import torch
import torch.nn.functional as F

{points}
X, y = torch.tensor(X), torch.tensor(y)

w = torch.zeros(1, dtype=torch.float64, requires_grad=True)  # @free
v = torch.zeros(degree, dtype=torch.float64, requires_grad=True)
log_sigma = torch.tensor(np.log({s.sigma}), dtype=torch.float64, requires_grad={bool(s.learn)})
optimizer = torch.optim.SGD({groups}, lr={s.rate}){learned}

def nll():
    prediction = X @ torch.cat([w, v])
    variance = torch.exp(2 * log_sigma).expand_as(y)  # @variance
    return F.gaussian_nll_loss(prediction, y, variance, full=True)

for _ in range({step}):
    optimizer.zero_grad()
    nll().backward()
    optimizer.step()

print(nll().item(), F.mse_loss(X @ torch.cat([w, v]), y).item(), log_sigma.exp().item())
"""
    return numpy_text, torch_text


def _code_sigmoid(s: Setup, step: int) -> tuple[str, str]:
    """Return the code of the sigmoid layer."""
    points = f"""n, seed = {s.n}, {s.seed}
y = np.arange(n) % 2.0
x = 2 * y - 1 + {s.noise} * np.random.default_rng([seed, 0]).standard_normal(n)
"""
    numpy_text = f"""import numpy as np

{points}
w, b, rate, decay = 0.0, 0.0, {s.rate}, {s.decay}
for _ in range({step}):
    q = 1 / (1 + np.exp(-(b + w * x)))
    b, w = b - rate * np.mean(q - y), w - rate * (np.mean((q - y) * x) + decay * w)

z = b + w * x
print(np.mean(np.logaddexp(0, z) - y * z), b, w)  # @logits
"""
    torch_text = f"""import numpy as np
import torch
import torch.nn.functional as F

{points}
x, y = torch.tensor(x), torch.tensor(y)

b = torch.zeros((), dtype=torch.float64, requires_grad=True)
w = torch.zeros((), dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.SGD(
    [{{"params": b, "weight_decay": 0.0}}, {{"params": w, "weight_decay": {s.decay}}}], lr={s.rate}
)
for _ in range({step}):
    optimizer.zero_grad()
    F.binary_cross_entropy_with_logits(b + w * x, y).backward()  # @sigmoid
    optimizer.step()

print(F.binary_cross_entropy_with_logits(b + w * x, y).item(), b.item(), w.item())
"""
    return numpy_text, torch_text


def _code_softmax(s: Setup, step: int) -> tuple[str, str]:
    """Return the code of the softmax layer."""
    points = f"""n, seed = {s.n}, {s.seed}
y = np.arange(n) % 3
angle = np.pi * (0.5 + 2 * y / 3)
centres = 1.5 * np.column_stack([np.cos(angle), np.sin(angle)])
x = centres + {s.noise} * np.random.default_rng([seed, 0]).standard_normal((n, 2))
"""
    numpy_text = f"""import numpy as np

{points}
W, b, rate, decay = np.zeros((3, 2)), np.zeros(3), {s.rate}, {s.decay}

def log_softmax(z):
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

for _ in range({step}):
    error = np.exp(log_softmax(x @ W.T + b)) - np.eye(3)[y]  # q - onehot
    b, W = b - rate * error.mean(axis=0), W - rate * (error.T @ x / n + decay * W)

print(-log_softmax(x @ W.T + b)[np.arange(n), y].mean())
"""
    torch_text = f"""import numpy as np
import torch
import torch.nn.functional as F

{points}
x, y = torch.tensor(x), torch.tensor(y, dtype=torch.long)

b = torch.zeros(3, dtype=torch.float64, requires_grad=True)
W = torch.zeros(3, 2, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.SGD(
    [{{"params": b, "weight_decay": 0.0}}, {{"params": W, "weight_decay": {s.decay}}}], lr={s.rate}
)
for _ in range({step}):
    optimizer.zero_grad()
    F.cross_entropy(x @ W.T + b, y).backward()  # @softmax
    optimizer.step()

print(F.cross_entropy(x @ W.T + b, y).item())
"""
    return numpy_text, torch_text


def _code_poisson(s: Setup, step: int) -> tuple[str, str]:
    """Return the code of the exponential layer for counts."""
    points = f"""n, seed = {s.n}, {s.seed}
x = 2 * np.random.default_rng([seed, 0]).random(n) - 1
u = np.random.default_rng([seed, 1]).random(n)
k = np.arange(100)  # @count
log_factorial = np.cumsum(np.log(np.maximum(k, 1)))
log_mean = ({COUNT_INTERCEPT} + {COUNT_SLOPE} * x)[:, None]
y = (np.cumsum(np.exp(k * log_mean - np.exp(log_mean) - log_factorial), axis=1) < u[:, None]).sum(axis=1)
"""
    numpy_text = f"""import numpy as np

{points}
w, b, rate, decay = 0.0, 0.0, {s.rate}, {s.decay}
for _ in range({step}):
    q = np.exp(b + w * x)
    b, w = b - rate * np.mean(q - y), w - rate * (np.mean((q - y) * x) + decay * w)

z = b + w * x
print(np.mean(np.exp(z) - y * z + log_factorial[y]), b, w)
"""
    torch_text = f"""import numpy as np
import torch
import torch.nn.functional as F

{points}
constant = log_factorial[y].mean()
x, y = torch.tensor(x), torch.tensor(y, dtype=torch.float64)

b = torch.zeros((), dtype=torch.float64, requires_grad=True)
w = torch.zeros((), dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.SGD(
    [{{"params": b, "weight_decay": 0.0}}, {{"params": w, "weight_decay": {s.decay}}}], lr={s.rate}
)
for _ in range({step}):
    optimizer.zero_grad()
    F.poisson_nll_loss(b + w * x, y).backward()  # @poisson
    optimizer.step()

# @stirling
print(F.poisson_nll_loss(b + w * x, y).item() + constant, b.item(), w.item())
"""
    return numpy_text, torch_text


# What is said at rest ---------------------------------------------------------------------------------------


def said(setup: Setup, step: int, t: float, five: tuple[float, float]) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest: what the fit, the temperature, the constant cost."""
    trail, i = at(setup, step)
    cooled, here = tempered(t), constant(*five)
    return {
        "main": {
            "step": str(i),
            "nll": number(float(trail.nll[i])),
            "held": number(float(trail.held_out_nll[i])),
        },
        "temperature": {"t": number(t), "held": number(cooled.held_out), "sure": number(cooled.confidence)},
        "five": {"mu": number(five[0]), "mse": number(here.mse), "nll": number(here.nll)},
    }


def sketch() -> Sketch:
    """Return the curves of the lesson's small picture, and the limits of y: a line, a sigmoid, a softmax."""
    x = np.linspace(0.0, 1.0, 61)
    t = 8.0 * x - 4.0
    three = softmax(np.column_stack([-2.0 * t, 1.0 + 0.0 * t, 2.0 * t]), axis=1)
    curves: Sequence[tuple[Floats, Floats, str]] = [
        (x, 0.1 + 0.8 * x, "p"),
        (x, np.asarray(sigmoid(1.5 * t)), "q"),
        (x, three[:, 1], "truth"),
    ]
    return list(curves), (0.0, 1.0)
