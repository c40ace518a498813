"""Figures of the output units lesson: three output layers, one principle; and MSE as a Gaussian NLL."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.figures.marks import Look, cursor, markers, named_axis, names_at_right, roomy, step_up
from core.figures.text import (
    Segment,
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
from core.figures.theme import Figure, Sketch, axis, class_colour, grip, label, role_of
from core.gaussian import log_density
from core.losses import cross_entropy_loss, sigmoid, sigmoid_cross_entropy
from core.regression import (
    Dataset,
    FitTrail,
    LinearFit,
    decision_regions,
    fit_linear,
    fit_logistic,
    fit_softmax,
    gaussian_nll,
    make_regression_data,
    make_three_classes,
    make_two_classes,
    predict_linear,
    predict_logistic,
    profile_gaussian_nll,
)
from core.softmax import softmax

Floats: TypeAlias = NDArray[np.float64]
Words: TypeAlias = Mapping[str, str]

LAYERS = ("linear", "sigmoid", "softmax")
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
TRAINING, HELD_OUT = Look("loss", "solid"), Look("rest", "dash")
FIXED, LEARNED = Look("loss", "solid"), Look("kl", "dash")
_LADDER = (1.0, 2.0, 5.0, 20.0, 100.0, 500.0, 3000.0)
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
    fit = fit_logistic if setup.layer == "sigmoid" else fit_softmax
    return fit(data, learning_rate=setup.rate, steps=STEPS, weight_decay=setup.decay)


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


def ladder(value: float) -> float:
    """Return the end of an axis: the first of a few widely spaced ends that is at least ``value``.

    Examples
    --------
    >>> ladder(0.3), ladder(1.5), ladder(1e9)
    (1.0, 2.0, 3000.0)
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


def _dots(x: Any, y: Any, hover: str, colour: str, **marker: Any) -> dict[str, Any]:
    """Return points, of which some may be missing."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "connectgaps": False,
        "marker": {"color": colour, "size": 9, "line": {"color": "@ground", "width": 1}} | marker,
        "hovertemplate": hover + "<extra></extra>",
    }


def _hollow(x: Any, y: Any, hover: str, colour: str = "@rest", symbol: str = "circle") -> dict[str, Any]:
    """Return points held out: small and hollow."""
    return _dots(x, y, hover, colour, symbol=f"{symbol}-open", size=6, line={"width": 1.2, "color": colour})


def _ring(x: float, y: float) -> dict[str, Any]:
    """Return the ring around the point that the numbers speak of."""
    ring = {"symbol": "circle-open", "size": 20, "line": {"width": 2.5, "color": "@ink"}}
    made = _dots(np.array([x]), np.array([y]), "", "@ink", **ring) | {
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
    del made["hovertemplate"]
    return made


def _line(x: Any, y: Any, colour: str, hover: str, **style: Any) -> dict[str, Any]:
    """Return a curve."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": np.clip(y, -_FAR, _FAR),
        "line": {"color": colour, "width": 3} | style,
        "hovertemplate": hover + "<extra></extra>",
    }


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
    draw = {"linear": _fit_linear, "sigmoid": _fit_sigmoid, "softmax": _fit_softmax}[setup.layer]
    trail, row = at(setup, step)
    return draw(setup, data_of(setup), trail, row, min(point, setup.n) - 1, words)


def _said(setup: Setup, words: Words) -> dict[str, Any]:
    """Return title, text alternative and caption of the layer's figure."""
    return {key: words[f"{setup.layer}.{key}"] for key in ("title", "alt", "caption")}


def _fit_linear(setup: Setup, data: Dataset, trail: Any, row: int, chosen: int, words: Words) -> Figure:
    """Return a curve with a band of one sigma over points."""
    mean = predict_linear(trail.weights[row], GRID)
    sigma = float(trail.sigmas[row])
    edge = 2.5 if setup.noise <= 0.5 else 4.0 if setup.noise <= 1.0 else 7.0
    band = np.concatenate([mean + sigma, (mean - sigma)[::-1]])
    return roomy(
        [
            {
                "type": "scatter",
                "mode": "lines",
                "x": np.concatenate([GRID, GRID[::-1]]),
                "y": np.clip(band, -_FAR, _FAR),
                "fill": "toself",
                "fillcolor": "@q/0.2",
                "line": {"width": 0},
                "hoverinfo": "skip",
            },
            _line(GRID, np.sin(np.pi * GRID), "@truth", words["truth"], width=2, dash="dash"),
            _hollow(data.x_held_out, data.y_held_out, words["held_out"]),
            _dots(padded(data.x), padded(data.y), words["training"], "@p"),
            _line(GRID, mean, "@q", words["model"]),
            _ring(float(data.x[chosen]), float(data.y[chosen])),
        ],
        **_said(setup, words),
        x=axis(words["x"], (-1.05, 1.05), tickvals=[-1, 0, 1]),
        y=axis(words["y"], (-edge, edge), tickvals=[-2, 0, 2] if edge < 5.0 else [-6, -3, 0, 3, 6]),
        height=350,
        margin=(10, 12, 50, 52),
    )


def _fit_sigmoid(setup: Setup, data: Dataset, trail: Any, row: int, chosen: int, words: Words) -> Figure:
    """Return the probability of class 1 over points of two classes."""
    weights = trail.weights[row]
    border = -float(weights[0]) / float(weights[1]) if weights[1] != 0.0 else _FAR
    seen = abs(border) <= 4.0
    return roomy(
        [
            _hollow(data.x_held_out, data.y_held_out * 1.16 - 0.08, words["held_out"]),
            _line(
                LINE,
                np.asarray(sigmoid(2.0 * LINE / setup.noise**2)),
                "@truth",
                words["truth"],
                width=2,
                dash="dash",
            ),
            _dots(padded(data.x), padded(data.y), words["training"], "@p"),
            _line(LINE, predict_logistic(weights, LINE), "@q", words["model"]),
            _ring(float(data.x[chosen]), float(data.y[chosen])),
        ],
        **_said(setup, words),
        x=axis(words["x"], (-4.05, 4.05), tickvals=[-4, -2, 0, 2, 4]),
        y=axis(words["q"], (-0.14, 1.14), tickvals=[0, 0.5, 1]),
        height=350,
        margin=(10, 12, 50, 52),
        shapes=[
            cursor(border if seen else 0.0, -0.14, 1.14)
            | {"opacity": 1.0 if seen else 0.0, "line": {"color": "@q", "width": 2, "dash": "dot"}}
        ],
    )


def _fit_softmax(setup: Setup, data: Dataset, trail: Any, row: int, chosen: int, words: Words) -> Figure:
    """Return the regions of three classes with straight borders between them, and their points."""
    edge = 4.0 if setup.noise <= 1.0 else 7.0
    regions = decision_regions(trail.weights[row], edge)
    names = CLASSES
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": regions[k, :, 0],
            "y": regions[k, :, 1],
            "connectgaps": False,
            "fill": "toself",
            "fillcolor": f"{class_colour(k)}/0.18",
            "line": {"color": "@soft", "width": 2},
            "hoverinfo": "skip",
        }
        for k in range(3)
    ]
    for k in range(3):
        own = data.y_held_out == k
        traces.append(
            _hollow(
                data.x_held_out[own, 0],
                data.x_held_out[own, 1],
                f"{names[k]}: {words['held_out']}",
                class_colour(k),
                SYMBOLS[k],
            )
        )
    for k in range(3):
        own = data.y == k
        traces.append(
            _dots(
                padded(data.x[own, 0], MOST // 2),
                padded(data.x[own, 1], MOST // 2),
                f"{names[k]}: {words['training']}",
                class_colour(k),
                symbol=SYMBOLS[k],
            )
        )
    traces.append(_ring(float(data.x[chosen, 0]), float(data.x[chosen, 1])))
    ticks = [-4, -2, 0, 2, 4] if edge < 5.0 else [-6, -3, 0, 3, 6]
    places = ((0.5, 0.98), (0.03, 0.03), (0.97, 0.03))
    return roomy(
        traces,
        **_said(setup, words),
        x=axis(words["x1"], (-edge, edge), tickvals=ticks),
        y=axis(words["x2"], (-edge, edge), tickvals=ticks),
        height=350,
        margin=(10, 12, 50, 52),
        annotations=[
            label(
                f"<b>{names[k]}</b>",
                *places[k],
                xref="paper",
                yref="paper",
                font={"size": 17, "color": class_colour(k)},
            )
            for k in range(3)
        ],
    )


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
def _course(
    setup: Setup, training: str, held_out: str, best: str
) -> tuple[list[dict[str, Any]], float, float]:
    """Return the curves of a whole descent and the limits of their axis; none of them moves with the step."""
    trail = trail_of(setup)
    ends = max(float(trail.nll[-1]), float(trail.held_out_nll[-1]))
    first = max(float(trail.nll[0]), float(trail.held_out_nll[0]))
    top = ladder(min(1.1 * ends, 4.0 * first))
    if setup.layer == "softmax":
        top = max(top, 1.2)  # it starts at log 3
    low = (-0.5 if top <= 2.0 else -0.1 * top) if setup.layer == "linear" else 0.0
    x = place(np.arange(STEPS + 1))
    reach = top + 3.0 * (top - low)

    def line(values: Floats, look: Look, hover: str) -> dict[str, Any]:
        return {
            "type": "scatter",
            "mode": "lines",
            "x": x,
            "y": padded(np.clip(values, low - reach, reach), STEPS + 1),
            "connectgaps": False,
            "line": {"color": f"@{look.role}", "width": 3, "dash": look.dash},
            "hovertemplate": hover + "<extra></extra>",
        }

    least = int(trail.held_out_nll.argmin())
    lowest = float(np.clip(trail.held_out_nll[least], low, top))
    star = {"symbol": "star", "size": 14}
    return (
        [
            line(trail.held_out_nll, HELD_OUT, held_out),
            line(trail.nll, TRAINING, training),
            _dots(np.array([float(place(least))]), np.array([lowest]), best, "@truth", **star),
        ],
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
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``training``, ``held_out``, ``diverged``, ``hover``,
        ``hover_held_out``, ``best``.
    """
    trail, row = at(setup, step)
    least = int(trail.held_out_nll.argmin())
    made, low, top = _course(setup, words["hover"], words["hover_held_out"], f"{words['best']} {least}")
    values = [float(trail.nll[row]), float(trail.held_out_nll[row])]
    here, end = float(place(row)), float(place(STEPS))
    points = markers(here, values, [TRAINING, HELD_OUT], (low, top))
    # Two triangles at the end of the axis stand beside each other.
    beside = 0.0 if "circle" in points["marker"]["symbol"].tolist() else 0.12
    over = trail.diverged_at is not None and step >= trail.steps
    return roomy(
        [
            *made,
            points | {"x": np.array([here, here - beside])},
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(
            words["x"],
            (-0.03, end + 0.03),
            tickvals=[float(place(s)) for s in (0, 1, 3, 10, 30, 100, 400)],
            ticktext=["0", "1", "3", "10", "30", "100", "400"],
            showgrid=False,
        ),
        y=axis(words["y"], (low, top), showgrid=False),
        height=350,
        margin=(22, 104, 50, 56),
        shapes=[
            # What has not happened yet lies under a sheet.
            {
                "type": "rect",
                "x0": min(here + 0.05, end + 0.04),
                "x1": end + 0.04,
                "y0": low,
                "y1": top,
                "line": {"width": 0},
                "fillcolor": "@ground/0.94",
            }
        ],
        annotations=[
            *names_at_right(
                points["y"].tolist(),
                [TRAINING, HELD_OUT],
                [
                    f"{words[key]}<br>{number(value, 5)}"
                    for key, value in zip(("training", "held_out"), values, strict=True)
                ],
                (low, top),
                0.21 * (top - low),
            ),
            label(
                f"∞ ↑ {words['diverged']}" if over else "",
                0.5,
                1.0,
                xref="paper",
                yref="paper",
                yanchor="bottom",
                colour="@loss",
            ),
        ],
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
    count = len(made["probs"])
    names = list(CLASSES) if count == 3 else ["y = 0", "y = 1"]
    tones = [class_colour(k) if setup.layer == "softmax" else "@q" for k in range(count)]
    return roomy(
        [
            {
                "type": "bar",
                "x": np.arange(count),
                "y": made["probs"],
                "width": 0.6,
                "marker": {
                    "color": texts([t if k == made["y"] else f"{t}/0.35" for k, t in enumerate(tones)])
                },
                "text": texts([number(p, 4) for p in made["probs"].tolist()]),
                "textposition": "outside",
                "cliponaxis": False,
                "hovertemplate": words["hover"] + "<extra></extra>",
            }
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["classes"],
        x=named_axis(names, (-0.6, count - 0.4)),
        y=axis(words["q"], (0.0, 1.1), tickvals=[0, 0.5, 1]),
        height=350,
        margin=(16, 16, 50, 56),
        annotations=[
            label(f"▲ {words['observed']}", float(made["y"]), 0.0, yref="paper", yshift=-46, colour="@p")
        ],
    )


def _point_density(setup: Setup, made: dict[str, Any], words: Words) -> Figure:
    """Return the bell over y for one point; its height at the observed y is what counts."""
    edge = 2.5 if setup.noise <= 0.5 else 4.0 if setup.noise <= 1.0 else 7.0
    trail: LinearFit = trail_of(setup)  # type: ignore[assignment]
    top = step_up(1.1 * min(0.4 / float(trail.sigmas.min()), 20.0))
    y = np.linspace(-edge, edge, 161)
    z, seen, height = (float(np.clip(made[key], -_FAR, _FAR)) for key in ("z", "y", "q"))
    density = np.exp(np.minimum(log_density(y, made["z"], made["sigma"]), 6.0))
    return roomy(
        [
            _line(y, density, "@q", words["hover"]),
            _line(np.array([seen, seen]), np.array([0.0, height]), "@p", words["observed"]),
            _dots(np.array([seen]), np.array([height]), words["observed"], "@p", size=13)
            | {"cliponaxis": False},
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["linear"],
        x=axis(words["y"], (-edge, edge)),
        y=axis(words["density"], (0.0, top)),
        height=350,
        margin=(16, 16, 50, 56),
        shapes=[cursor(z, 0.0, top) | {"line": {"color": "@q", "width": 2, "dash": "dot"}}],
        annotations=[
            label(
                f"ŷ = {number(made['z'], 4)}",
                float(np.clip(z, -0.75 * edge, 0.75 * edge)),
                1.0,
                yref="paper",
                yanchor="bottom",
                colour="@q",
                yshift=-4,
            )
        ],
    )


# The numbers -----------------------------------------------------------------------------------------------


def formula(setup: Setup, step: int, chosen: int, words: Words) -> dict[str, Any]:
    """Return the NLL with its numbers: of one point, of the training points and of those held out."""
    trail, row = at(setup, step)
    made = output(setup, step, chosen)
    build = {"linear": _formula_linear, "sigmoid": _formula_sigmoid, "softmax": _formula_softmax}[setup.layer]
    rows = build(trail, row, made, words)
    if setup.decay > 0.0:
        extra = float(trail.values[row] - trail.nll[row])
        rows.append(
            [
                f"{words['decay']} NLL + λ/2·Σw² = {number(float(trail.nll[row]))} + ",
                part(number(extra), "kl", strong=True),
                f" = {number(float(trail.values[row]))}",
            ]
        )
    if trail.diverged_at is not None and step >= trail.steps:
        rows.append([part(words["diverged"], "loss", strong=True)])
    return lines(*rows)


def _held(trail: Any, row: int, words: Words) -> list[Segment]:
    """Return the NLL of the points held out, as the end of a line."""
    held = number(float(trail.held_out_nll[row]))
    return [f";  {words['held_out']} ", part(held, "rest", strong=True)]


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
            part(number(made["z"], 5), "q", strong=True),
            ", y = ",
            part(number(made["y"], 5), "p", strong=True),
            f":  −log N(y; ŷ, σ²) = ({number(made['y'] - made['z'], 5)})²/(2·{s}²) + ½log(2π·{s}²) = ",
            part(number(made["loss"]), "loss", strong=True),
        ],
        [
            f"{words['training']} NLL = MSE/(2σ²) + ½log(2πσ²) = ",
            f"{number(mse)}/(2·{s}²) + {signed(shift)} = ",
            part(number(nll), "loss", strong=True),
            *_held(trail, row, words),
        ],
        [
            f"{words['best']} σ = √MSE = {number(root, 5)}:  ½log(2π·MSE) + ½ = ",
            part(number(profile), "kl", strong=True),
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
            part(own, "q", strong=True),
            f",  y = {made['y']}:  −log {asked} = −log {share(made)} = ",
            part(number(made["loss"]), "loss", strong=True),
        ],
        [
            f"{words['training']} NLL = −1/n·Σ[y log q + (1 − y) log(1 − q)] = ",
            part(number(float(trail.nll[row])), "loss", strong=True),
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
        part(number(made["loss"]), "loss", strong=True),
    ]
    return [
        head,
        [
            f"{words['training']} NLL = −1/n·Σ log q(y) = ",
            part(number(float(trail.nll[row])), "loss", strong=True),
            f" = {words['categorical']}",
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
    """Return the table of the three output layers, the chosen one in full colour."""
    torch = {
        "linear": "MSELoss, GaussianNLLLoss",
        "sigmoid": "BCEWithLogitsLoss",
        "softmax": "CrossEntropyLoss",
    }
    rows: list[list[Segment | list[Segment]]] = []
    for name in LAYERS:
        cells = [words[f"{name}.{key}"] for key in ("answer", "output", "model", "loss", "familiar")]
        on = name == layer
        rows.append([part(cell, "q" if on and not i else "", strong=on) for i, cell in enumerate(cells)])
        rows[-1].append(part(torch[name], strong=on))
    head: list[Segment] = [words[key] for key in ("answer", "output", "model", "loss", "familiar", "torch")]
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
    made = [constant(mu, sigma) for mu in CENTRES.tolist()]
    mse, nll, profile = (np.array([getattr(c, key) for c in made]) for key in ("mse", "nll", "profile"))
    return mse, nll, profile


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
    dots = {"size": 12, "line": {"color": "@ground", "width": 1.5}}
    return roomy(
        [
            _line(CENTRES, mse, "@truth", "MSE: " + words["hover"]),
            _dots(np.array(FIVE), np.zeros(5), "y = %{x}", "@p", size=11) | {"cliponaxis": False},
            _dots(np.array([mu]), np.array([here.mse]), "MSE: " + words["hover"], "@truth", **dots),
            _line(CENTRES, nll, "@loss", words["fixed"] + ": " + words["hover"]) | {"yaxis": "y2"},
            _line(CENTRES, profile, "@kl", words["learned"] + ": " + words["hover"], dash="dash")
            | {"yaxis": "y2"},
            _dots(
                np.array([mu, mu]),
                np.array([here.nll, here.profile]),
                words["hover"],
                "@loss",
                **dots | {"color": ["@loss", "@kl"], "symbol": ["circle", "diamond"]},
            )
            | {"yaxis": "y2"},
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-0.2, 10.2), tickvals=[0, 1, 4, 5, 6, 9], anchor="y2"),
        y=axis(words["mse"], (0.0, 35.0), domain=[0.56, 1.0], tickvals=[0, 10, 20, 30]),
        yaxis2=axis(words["nll"], (0.0, top), domain=[0.0, 0.46]),
        height=360,
        margin=(10, 14, 50, 56),
        shapes=[
            cursor(mean, 0.0, 1.0)
            | {"yref": "paper", "line": {"color": "@truth", "width": 2, "dash": "dot"}},
            cursor(mu, 0.0, 1.0) | {"yref": "paper"},
        ],
        annotations=[
            label(
                f"MSE {number(here.mse)}",
                1.0,
                0.99,
                xref="paper",
                yref="paper",
                xanchor="right",
                yanchor="top",
                colour="@truth",
                xshift=-60,
            ),
            label(
                f"{words['fixed']} {number(here.nll)}",
                0.97,
                0.44,
                xref="paper",
                yref="paper",
                xanchor="right",
                yanchor="top",
                colour="@loss",
                xshift=-50,
            ),
            label(
                f"{words['learned']} {number(here.profile)}",
                0.97,
                0.44,
                xref="paper",
                yref="paper",
                xanchor="right",
                yanchor="top",
                colour="@kl",
                xshift=-50,
                yshift=-20,
            ),
        ],
        grips=[grip("mu", mu, 33.0, label=words["grip"], axes="x", control="mu")],
    )


def relation(mu: float, sigma: float, words: Words) -> Figure:
    """Return the NLL against the MSE: a straight line with sigma fixed, a logarithm with sigma learned."""
    here = constant(mu, sigma)
    squares = np.concatenate([np.geomspace(0.2, 1.0, 30)[:-1], np.linspace(1.0, 35.0, 100)])
    straight = squares / (2.0 * sigma * sigma) + 0.5 * math.log(2.0 * math.pi * sigma * sigma)
    bent = 0.5 * np.log(2.0 * math.pi * squares) + 0.5
    touch = sigma * sigma
    seen = 0.2 <= touch <= 35.0
    top = _nll_top(sigma)
    dots = {"size": 13, "line": {"color": "@ground", "width": 1.5}}
    at_end = [min(float(straight[-1]), top), float(bent[-1])]
    return roomy(
        [
            _line(squares, straight, "@loss", words["fixed"] + ": " + words["hover"]),
            _line(squares, bent, "@kl", words["learned"] + ": " + words["hover"], dash="dash"),
            _dots(
                np.array([touch if seen else 0.2]),
                np.array([0.5 * math.log(2.0 * math.pi * touch) + 0.5]),
                words["touch"],
                "@ink",
                symbol="circle-open",
                size=16,
                line={"width": 2, "color": "@ink"},
                opacity=1.0 if seen else 0.0,
            ),
            _dots(
                np.array([here.mse, here.mse]),
                np.array([here.nll, here.profile]),
                words["hover"],
                "@loss",
                **dots | {"color": ["@loss", "@kl"], "symbol": ["circle", "diamond"]},
            ),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (0.0, 35.0), tickvals=[0, 6.8, 10, 20, 30]),
        y=axis(words["y"], (0.0, top)),
        height=360,
        margin=(10, 84, 50, 52),
        shapes=[
            cursor(6.8, 0.0, top) | {"line": {"color": "@truth", "width": 2, "dash": "dot"}},
            cursor(here.mse, 0.0, top),
        ],
        annotations=names_at_right(
            at_end, [FIXED, LEARNED], [words["fixed"], words["learned"]], (0.0, top), 0.09 * top
        ),
    )


def five_lines(mu: float, sigma: float, words: Words) -> dict[str, Any]:
    """Return the affine relation and the slopes with their numbers."""
    here = constant(mu, sigma)
    s = number(sigma)
    shift = 0.5 * math.log(2.0 * math.pi * sigma * sigma)
    squares = " + ".join(f"{number((x - mu) ** 2, 5)}" for x in FIVE)
    return lines(
        ["MSE = (", squares, ") / 5 = ", part(number(here.mse), "truth", strong=True)],
        [
            part(words["fixed"], "loss", strong=True),
            f"  NLL = MSE/(2σ²) + ½log(2πσ²) = {number(here.mse)}/(2·{s}²) + {signed(shift)} = ",
            part(number(here.nll), "loss", strong=True),
        ],
        [
            part(words["learned"], "kl", strong=True),
            f"  NLL = ½log(2π·MSE) + ½ = ½log(2π·{number(here.mse)}) + ½ = ",
            part(number(here.profile), "kl", strong=True),
        ],
        [
            f"{words['slopes']}  ∂MSE/∂μ = ",
            part(number(here.mse_slope), "truth", strong=True),
            f",  ∂NLL/∂μ = {number(here.mse_slope)}/(2·{s}²) = ",
            part(number(here.nll_slope), "loss", strong=True),
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
    build = {"linear": _code_linear, "sigmoid": _code_sigmoid, "softmax": _code_softmax}[setup.layer]
    numpy_text, torch_text = build(setup, step)
    return code(NumPy=numpy_text, PyTorch=torch_text)


def _code_linear(s: Setup, step: int) -> tuple[str, str]:
    """Return the code of the linear layer."""
    points = f"""n, seed = {s.n}, {s.seed}
x = 2 * np.random.default_rng([seed, 0]).random(n) - 1
y = np.sin(np.pi * x) + {s.noise} * np.random.default_rng([seed, 1]).standard_normal(n)

degree = {s.degree}
# Legendre polynomials: the same curves as powers of x, at scales that suit gradient descent
X = np.polynomial.legendre.legvander(x, degree) * np.sqrt(2 * np.arange(degree + 1) + 1)
"""
    update = (
        "\n    log_sigma -= rate * (1 - np.mean(error**2) / sigma**2)"
        if s.learn
        else "  # sigma stays as it is"
    )
    numpy_text = f"""import numpy as np

{points}
w, log_sigma = np.zeros(degree + 1), np.log({s.sigma})
rate, decay = {s.rate}, {s.decay}

for _ in range({step}):
    sigma = np.exp(log_sigma)
    error = X @ w - y
    penalty = decay * np.append(0, w[1:])  # not the intercept
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

w = torch.zeros(1, dtype=torch.float64, requires_grad=True)  # the intercept is not penalised
v = torch.zeros(degree, dtype=torch.float64, requires_grad=True)
log_sigma = torch.tensor(np.log({s.sigma}), dtype=torch.float64, requires_grad={bool(s.learn)})
optimizer = torch.optim.SGD({groups}, lr={s.rate}){learned}

def nll():
    prediction = X @ torch.cat([w, v])
    variance = torch.exp(2 * log_sigma).expand_as(y)  # the variance, not sigma
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
print(np.mean(np.logaddexp(0, z) - y * z), b, w)  # -mean(y log q + (1 - y) log(1 - q)), from the logits
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
    F.binary_cross_entropy_with_logits(b + w * x, y).backward()  # takes logits: no sigmoid before it
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
    F.cross_entropy(x @ W.T + b, y).backward()  # takes logits: no softmax before it
    optimizer.step()

print(F.cross_entropy(x @ W.T + b, y).item())
"""
    return numpy_text, torch_text


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
