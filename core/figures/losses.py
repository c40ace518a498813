"""Figures of the losses lesson: what each loss punishes, and which of them are likelihoods."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.figures.marks import Look, Pair, apart, cursor, markers, named_axis, names_at_right, roomy
from core.figures.text import Segment, code, latex_number, lines, number, part, signed, table, texts
from core.figures.theme import Figure, axis, figure, grip, label
from core.information import cross_entropy, entropy, kl_divergence
from core.losses import (
    MARGIN_LOSSES,
    RESIDUAL_LOSSES,
    brier_score,
    fit_constant,
    huber_slope,
    log_normalizer,
    noise_nll,
    residual_options,
    sigmoid,
    sigmoid_cross_entropy,
    sigmoid_cross_entropy_slope,
    sigmoid_squared_error,
    sigmoid_squared_error_slope,
    slope_in_q,
    zero_one_loss,
)

Floats: TypeAlias = NDArray[np.float64]
Words: TypeAlias = Mapping[str, str]
Row: TypeAlias = list[Segment | list[Segment]]
Drawn: TypeAlias = tuple[str, ...]


MARGIN_LOOKS: Mapping[str, Look] = {
    "zero_one": Look("ink", "solid"),
    "log": Look("loss", "solid"),
    "log2": Look("q", "dashdot"),
    "exponential": Look("kl", "dash"),
    "hinge": Look("p", "solid"),
    "squared_hinge": Look("entropy", "solid"),
    "square": Look("truth", "dash"),
}
RESIDUAL_LOOKS: Mapping[str, Look] = {
    "squared": Look("truth", "solid"),
    "absolute": Look("kl", "solid"),
    "huber": Look("q", "dash"),
    "log_cosh": Look("entropy", "dot"),
    "quantile": Look("p", "dashdot"),
}
FITS: Mapping[str, Look] = {name: RESIDUAL_LOOKS[name] for name in ("squared", "absolute", "huber")}

MARGINS = np.linspace(-3.0, 3.0, 121)
RESIDUALS = np.linspace(-5.0, 5.0, 201)
_ENDS = np.geomspace(1e-6, 0.01, 25)[:-1]
SHARES = np.concatenate([[0.0], _ENDS, np.linspace(0.01, 0.99, 99), 1.0 - _ENDS[::-1], [1.0]])
LOGITS = np.linspace(-10.0, 10.0, 201)
CENTRES = np.linspace(-10.0, 30.0, 81)
POINTS = (1.0, 4.0, 5.0, 6.0)  # those that stay; the fifth is under the hand
# Where a loss or its slope jumps: a curve has a gap there.
LOSS_JUMPS = {"zero_one": 0.0}
SLOPE_JUMPS = {"hinge": 1.0, "absolute": 0.0, "quantile": 0.0}
MARGIN_TOP, RESIDUAL_TOP = 5.0, 6.0
MARGIN_SLOPES, RESIDUAL_SLOPES = (-5.0, 4.5), (-3.2, 3.2)
SHARE_TOP, LOGIT_TOP = 3.0, 10.5
STEEPEST = math.log(2.0)  # where the squared error of a sigmoid is steepest, on the wrong side
GAP = 0.09  # between the names of curves, as a share of the axis


# What the curves are made of -------------------------------------------------------------------------------


def margin_value(name: str, margin: Any, tie: float = 1.0) -> Any:
    """Return a margin loss; the 0/1 loss at m = 0 by the convention chosen."""
    return zero_one_loss(margin, tie=tie) if name == "zero_one" else MARGIN_LOSSES[name].loss(margin)


def with_gap(x: Floats, jump: float | None, value: Callable[[Floats], Any]) -> tuple[Floats, Floats]:
    """Return a curve; where it jumps, it runs up to the jump from both sides, with a gap between."""
    if jump is None:
        return x, value(x)
    left = np.append(x[x < jump - 1e-9], np.nextafter(jump, -math.inf))
    right = np.append(np.nextafter(jump, math.inf), x[x > jump + 1e-9])
    return np.concatenate([left, [jump], right]), np.concatenate([value(left), [math.nan], value(right)])


def curve(x: Floats, y: Floats, look: Look, hover: str) -> dict[str, Any]:
    """Return the line of a loss."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "connectgaps": False,
        "line": {"color": f"@{look.role}", "width": 3, "dash": look.dash},
        "hovertemplate": hover + "<extra></extra>",
    }


def off_axis(x: Floats, y: Floats, limits: Pair) -> float | None:
    """Return where a curve, followed from its left end, comes into the picture; None where it begins there.

    Examples
    --------
    >>> off_axis(np.array([-2.0, -1.0, 0.0]), np.array([7.0, 3.0, 1.0]), (0.0, 5.0))
    -1.5
    """
    low, high = limits
    if low <= y[0] <= high:
        return None
    edge = high if y[0] > high else low
    i = int(np.argmax(y <= high if y[0] > high else y >= low))
    share = (edge - y[i - 1]) / (y[i] - y[i - 1])
    return float(x[i - 1] + share * (x[i] - x[i - 1]))


def names_at_left(
    curves: Mapping[str, tuple[Floats, Floats]],
    looks: Mapping[str, Look],
    names: Sequence[str],
    limits: Pair,
    gap: float,
) -> list[dict[str, Any]]:
    """Return the names of curves left of the axis, or where a curve comes in from above or below."""
    low, high = limits
    said = dict(zip(curves, names, strict=True))
    inside = {key: float(y[0]) for key, (x, y) in curves.items() if off_axis(x, y, limits) is None}
    places = [h + low for h in apart([v - low for v in inside.values()], high - low, gap)] if inside else []
    made = [
        label(said[key], 0.0, y, xref="paper", xanchor="right", xshift=-6, colour=f"@{looks[key].role}")
        for key, y in zip(inside, places, strict=True)
    ]
    # Those that come in from outside: the leftmost has its name to its left, the next one to its right.
    outside = sorted(
        (place, key) for key, (x, y) in curves.items() if (place := off_axis(x, y, limits)) is not None
    )
    for i, (place, key) in enumerate(outside):
        above = float(curves[key][1][0]) > high
        left = place == outside[0][0]
        twins = sum(other == place for other, _ in outside[:i])
        made.append(
            label(
                said[key],
                place,
                high if above else low,
                xanchor="right" if left else "left",
                xshift=-5 if left else 14,
                yanchor="top" if above else "bottom",
                yshift=(-20 if above else 20) * twins,
                colour=f"@{looks[key].role}",
            )
        )
    return made


# Margin losses ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _margin_curves(
    drawn: Drawn, names: tuple[str, ...], tie: float, slopes: bool, hover: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the lines of the losses, or of their slopes, and their names; neither moves with m."""
    curves: dict[str, tuple[Floats, Floats]] = {}
    for key in drawn:
        value = MARGIN_LOSSES[key].slope if slopes else MARGIN_LOSSES[key].loss
        curves[key] = with_gap(MARGINS, (SLOPE_JUMPS if slopes else LOSS_JUMPS).get(key), value)
    traces = [
        curve(*curves[key], MARGIN_LOOKS[key], f"{name}: {hover}")
        for key, name in zip(drawn, names, strict=True)
    ]
    limits = MARGIN_SLOPES if slopes else (0.0, MARGIN_TOP)
    said = names_at_left(curves, MARGIN_LOOKS, names, limits, GAP * (limits[1] - limits[0]))
    if not slopes and "zero_one" in drawn:
        # The convention at m = 0: the value that counts is solid, the other one hollow.
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": np.zeros(2),
                "y": np.array([tie, 1.0 - tie]),
                "marker": {
                    "color": "@ink",
                    "size": 10,
                    "symbol": ["circle", "circle-open"],
                    "line": {"width": 2},
                },
                "hoverinfo": "skip",
            }
        )
    return traces, said


def margin(m: float, drawn: Drawn, tie: float, names: tuple[str, ...], words: Words) -> Figure:
    """Return the margin losses over m with a cursor.

    Parameters
    ----------
    m : float
        The margin y f(x).
    drawn : tuple of str
        Which of ``MARGIN_LOSSES``.
    tie : float
        The 0/1 loss at m = 0.
    names : tuple of str
        The names of the losses drawn.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``hover``, ``grip``.
    """
    traces, said = _margin_curves(drawn, names, tie, False, words["hover"])
    values = [float(margin_value(key, m, tie)) for key in drawn]
    looks = [MARGIN_LOOKS[key] for key in drawn]
    return roomy(
        [*traces, markers(m, values, looks, (0.0, MARGIN_TOP))],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-3.02, 3.02), tickvals=[-3, -2, -1, 0, 1, 2, 3]),
        y=axis(words["y"], (-0.5, MARGIN_TOP), side="right", tickvals=[0, 1, 2, 3, 4, 5]),
        height=340,
        margin=(12, 52, 52, 70),
        shapes=[cursor(m, -0.5, MARGIN_TOP)],
        annotations=said,
        grips=[grip("m", m, -0.27, label=words["grip"], axes="x", control="m")],
    )


def margin_slopes(m: float, drawn: Drawn, names: tuple[str, ...], words: Words) -> Figure:
    """Return the slopes of the margin losses over m with a cursor."""
    traces, said = _margin_curves(drawn, names, 1.0, True, words["hover"])
    values = [float(MARGIN_LOSSES[key].slope(m)) for key in drawn]
    low, high = MARGIN_SLOPES
    return roomy(
        [*traces, markers(m, values, [MARGIN_LOOKS[key] for key in drawn], (low, high))],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-3.02, 3.02), tickvals=[-3, -2, -1, 0, 1, 2, 3]),
        y=axis(words["y"], (low, high), side="right", tickvals=[-4, -2, 0, 2, 4]),
        height=340,
        margin=(12, 52, 52, 70),
        shapes=[cursor(m, low, high)],
        annotations=said,
        grips=[grip("m", m, high - 0.35, label=words["grip"], axes="x", control="m")],
    )


def label_shares(name: str, m: float, tie: float = 1.0) -> Pair:
    """Return e^−loss of the label that came and of the other one; 2^−loss for the loss in bits.

    If the loss is the negative log-likelihood of a label, the two add up to 1 at every m.

    Examples
    --------
    >>> print([round(share, 6) for share in label_shares("log", -1.0)])
    [0.268941, 0.731059]
    """
    base = 2.0 if name == "log2" else math.e
    came, other = np.asarray(margin_value(name, np.array([m, -m]), tie)).tolist()
    return base**-came, base**-other


def margin_models(
    m: float, drawn: Drawn, tie: float, names: tuple[str, ...], noise: Words, words: Words
) -> Figure:
    """Return for each loss the shares that it gives to the two labels: only a likelihood's add up to 1."""
    shares = [label_shares(key, m, tie) for key in drawn]
    count = len(drawn)
    rows = np.arange(count)
    came, other = (np.array([pair[i] for pair in shares]) for i in (0, 1))
    colours = [f"@{MARGIN_LOOKS[key].role}" for key in drawn]
    models = [f" = {noise['bernoulli']}" if noise_key(key) == "bernoulli" else "" for key in drawn]

    def bars(x: Floats, tones: list[str], hover: str, **options: Any) -> dict[str, Any]:
        return {
            "type": "bar",
            "orientation": "h",
            "x": x,
            "y": rows,
            "width": 0.56,
            "marker": {"color": tones},
            "hovertemplate": hover + "<extra></extra>",
        } | options

    return roomy(
        [
            bars(came, colours, words["came"]),
            bars(other, [f"{tone}/0.35" for tone in colours], words["other"], base=came),
            {
                "type": "scatter",
                "mode": "text",
                "x": np.full(count, 2.06),
                "y": rows,
                "text": texts(
                    [f"{number(a + b)}{model}" for (a, b), model in zip(shares, models, strict=True)]
                ),
                "textposition": "middle right",
                "textfont": {"color": "@ink"},
                "hoverinfo": "skip",
                "cliponaxis": False,
            },
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (0.0, 3.0), tickvals=[0, 0.5, 1]),
        y=named_axis(names, (max(count, 4) - 0.4, -0.6), showticklabels=count > 0),
        height=340,
        margin=(12, 12, 52, 70),
        barmode="overlay",
        shapes=[
            {
                "type": "line",
                "x0": 1,
                "x1": 1,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": "@ink", "width": 2, "dash": "dot"},
            }
        ],
    )


def noise_key(name: str) -> str:
    """Return the key of the words for the noise model of a margin loss.

    Examples
    --------
    >>> noise_key("log"), noise_key("log2"), noise_key("square"), noise_key("hinge")
    ('bernoulli', 'bernoulli', 'gaussian_label', 'none')
    """
    model = MARGIN_LOSSES[name].noise_model
    return {None: "none", "gaussian": "gaussian_label"}.get(model, str(model))


def margin_formula(name: str, m: float, tie: float) -> str:
    """Return a margin loss with its number put in, up to the equals sign.

    Examples
    --------
    >>> margin_formula("log", -1.0, 1.0), margin_formula("hinge", -1.0, 1.0)
    ('log(1 + exp(1))', 'max(0, 1 − (−1))')
    """
    own, less = number(-m + 0.0), signed(m)
    return {
        "zero_one": f"[{number(m)} {'≤' if tie else '<'} 0]",
        "log": f"log(1 + exp({own}))",
        "log2": f"log₂(1 + exp({own}))",
        "exponential": f"exp({own})",
        "hinge": f"max(0, 1 − {less})",
        "squared_hinge": f"max(0, 1 − {less})²",
        "square": f"(1 − {less})²",
    }[name]


def margin_slope_formula(name: str, m: float) -> str:
    """Return the slope of a margin loss with its number put in, up to the equals sign; may be empty."""
    own, less = number(-m + 0.0), signed(m)
    return {
        "log": f"−σ({own}) = ",
        "log2": f"−σ({own})/log 2 = ",
        "exponential": f"−exp({own}) = ",
        "squared_hinge": f"−2·max(0, 1 − {less}) = ",
        "square": f"−2·(1 − {less}) = ",
    }.get(name, "")


def margin_table(
    m: float, drawn: Drawn, tie: float, names: tuple[str, ...], noise: Words, words: Words
) -> dict[str, Any]:
    """Return loss, slope, noise model and the comparison with the 0/1 loss, one row a loss."""
    error = float(zero_one_loss(m, tie=tie))
    rows: list[Row] = []
    for key, name in zip(drawn, names, strict=True):
        role = MARGIN_LOOKS[key].role
        value = float(margin_value(key, m, tie))
        slope: list[Segment] = [
            margin_slope_formula(key, m),
            part(number(float(MARGIN_LOSSES[key].slope(m))), role, strong=True),
        ]
        if key == "zero_one" and m == 0.0:
            slope = [words["jump"]]
        if key == "hinge" and m == 1.0:
            slope = [part("−1 … 0", role, strong=True), f" {words['kink']}"]
        model = noise_key(key)
        told = f": σ({number(m)}) = {number(float(sigmoid(m)))}" if model == "bernoulli" else ""
        above = (
            part(f"{number(value)} ≥ {number(error)}", "truth")
            if value >= error
            else part(f"{number(value)} < {number(error)}", "loss", strong=True)
        )
        rows.append(
            [
                part(name, role, strong=True),
                [f"{margin_formula(key, m, tie)} = ", part(number(value), role, strong=True)],
                slope,
                noise[model] + told,
                "" if key == "zero_one" else above,
            ]
        )
    return table(
        [words["loss"], f"m = {number(m)}", words["slope"], words["noise"], words["above"]],
        rows,
        caption=words["caption"],
    )


# Residual losses -------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _residual_curves(
    drawn: Drawn, names: tuple[str, ...], delta: float, tau: float, slopes: bool, hover: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the lines of the losses, or of their slopes, and their names; neither moves with r."""
    traces, ends = [], []
    for key, name in zip(drawn, names, strict=True):
        options = residual_options(key, delta, tau)
        loss = RESIDUAL_LOSSES[key].slope if slopes else RESIDUAL_LOSSES[key].loss

        def value(x: Floats, loss: Callable[..., Any] = loss, options: dict[str, float] = options) -> Any:
            return loss(x, **options)

        x, y = with_gap(RESIDUALS, SLOPE_JUMPS.get(key) if slopes else None, value)
        traces.append(curve(x, y, RESIDUAL_LOOKS[key], f"{name}: {hover}"))
        ends.append(float(y[-1]))
    limits = RESIDUAL_SLOPES if slopes else (0.0, RESIDUAL_TOP)
    looks = [RESIDUAL_LOOKS[key] for key in drawn]
    return traces, names_at_right(ends, looks, names, limits, GAP * (limits[1] - limits[0]))


def residual(
    r: float, drawn: Drawn, delta: float, tau: float, names: tuple[str, ...], words: Words
) -> Figure:
    """Return the residual losses over r with a cursor.

    Parameters
    ----------
    r : float
        The residual, observed minus predicted.
    drawn : tuple of str
        Which of ``RESIDUAL_LOSSES``.
    delta, tau : float
        Huber's delta; the level of the quantile.
    names : tuple of str
        The names of the losses drawn.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``hover``, ``grip``.
    """
    traces, said = _residual_curves(drawn, names, delta, tau, False, words["hover"])
    values = [float(RESIDUAL_LOSSES[key].loss(r, **residual_options(key, delta, tau))) for key in drawn]
    return roomy(
        [*traces, markers(r, values, [RESIDUAL_LOOKS[key] for key in drawn], (0.0, RESIDUAL_TOP))],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-5.05, 5.05), tickvals=[-4, -2, 0, 2, 4]),
        y=axis(words["y"], (-0.6, RESIDUAL_TOP), tickvals=[0, 2, 4, 6]),
        height=340,
        margin=(12, 84, 52, 52),
        shapes=[cursor(r, -0.6, RESIDUAL_TOP)],
        annotations=said,
        grips=[grip("r", r, -0.32, label=words["grip"], axes="x", control="r")],
    )


def residual_slopes(
    r: float, drawn: Drawn, delta: float, tau: float, names: tuple[str, ...], words: Words
) -> Figure:
    """Return the slopes of the residual losses over r: how hard one residual pulls."""
    traces, said = _residual_curves(drawn, names, delta, tau, True, words["hover"])
    values = [float(RESIDUAL_LOSSES[key].slope(r, **residual_options(key, delta, tau))) for key in drawn]
    low, high = RESIDUAL_SLOPES
    return roomy(
        [*traces, markers(r, values, [RESIDUAL_LOOKS[key] for key in drawn], (low, high))],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-5.05, 5.05), tickvals=[-4, -2, 0, 2, 4]),
        y=axis(words["y"], (low, high), tickvals=[-3, -2, -1, 0, 1, 2, 3]),
        height=340,
        margin=(12, 84, 52, 52),
        shapes=[cursor(r, low, high)],
        annotations=said,
    )


@lru_cache(maxsize=512)
def _densities(
    drawn: Drawn, names: tuple[str, ...], scale: float, delta: float, tau: float, hover: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the densities whose negative log the losses are, and their names, the highest peak on top."""
    traces, peaks = [], []
    for key, name in zip(drawn, names, strict=True):
        y = np.exp(-noise_nll(key, RESIDUALS, scale, delta, tau))
        traces.append(curve(RESIDUALS, y, RESIDUAL_LOOKS[key], f"{name}: {hover}"))
        peaks.append(float(y.max()))
    looks = [RESIDUAL_LOOKS[key] for key in drawn]
    top = density_top(scale)
    return traces, names_at_right(peaks, looks, names, (0.0, top), GAP * top)


def density_top(scale: float) -> float:
    """Return the end of the densities' axis: one for noise narrower than 1, one for the rest.

    Examples
    --------
    >>> density_top(0.5), density_top(2.0)
    (1.05, 0.55)
    """
    return 1.05 if scale < 1.0 else 0.55


def densities(
    r: float, drawn: Drawn, scale: float, delta: float, tau: float, names: tuple[str, ...], words: Words
) -> Figure:
    """Return the noise models: the densities exp(−loss(r/s)) / (s Z)."""
    traces, said = _densities(drawn, names, scale, delta, tau, words["hover"])
    values = [math.exp(-float(noise_nll(key, r, scale, delta, tau))) for key in drawn]
    top = density_top(scale)
    return roomy(
        [*traces, markers(r, values, [RESIDUAL_LOOKS[key] for key in drawn], (0.0, top))],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-5.05, 5.05), tickvals=[-4, -2, 0, 2, 4]),
        y=axis(words["y"], (0.0, top), tickvals=[0, 0.25, 0.5, 0.75, 1]),
        height=340,
        margin=(12, 84, 52, 58),
        shapes=[cursor(r, 0.0, top)],
        annotations=said,
    )


def residual_formula(name: str, r: float, delta: float, tau: float) -> str:
    """Return a residual loss with its number put in, up to the equals sign.

    Examples
    --------
    >>> residual_formula("huber", 3.0, 1.0, 0.5), residual_formula("quantile", -2.0, 1.0, 0.9)
    ('1·(3 − ½·1)', '(1 − 0.9)·2')
    """
    own, size, d, t = signed(r), number(abs(r)), number(delta), number(tau)
    return {
        "squared": f"½·{own}²",
        "absolute": f"|{number(r)}|",
        "huber": f"½·{own}²" if abs(r) <= delta else f"{d}·({size} − ½·{d})",
        "log_cosh": f"log cosh({number(r)})",
        "quantile": f"{t}·{size}" if r > 0 else f"(1 − {t})·{size}",
    }[name]


def residual_table(
    r: float,
    drawn: Drawn,
    scale: float,
    delta: float,
    tau: float,
    names: tuple[str, ...],
    noise: Words,
    words: Words,
) -> dict[str, Any]:
    """Return loss, slope, noise model and the negative log-density under it, one row a loss."""
    rows: list[Row] = []
    for key, name in zip(drawn, names, strict=True):
        role, options = RESIDUAL_LOOKS[key].role, residual_options(key, delta, tau)
        loss = RESIDUAL_LOSSES[key]
        value, slope = (float(f(r, **options)) for f in (loss.loss, loss.slope))
        steep: list[Segment] = [part(number(slope), role, strong=True)]
        if r == 0.0 and key in SLOPE_JUMPS:
            low, high = (-1.0, 1.0) if key == "absolute" else (tau - 1.0, tau)
            steep = [part(f"{number(low)} … {number(high)}", role, strong=True), f" {words['kink']}"]
        scaled = float(loss.loss(r / scale, **options))
        rest = math.log(scale) + log_normalizer(key, delta, tau)
        rows.append(
            [
                part(name, role, strong=True),
                [f"{residual_formula(key, r, delta, tau)} = ", part(number(value), role, strong=True)],
                steep,
                noise[loss.noise_model],
                [f"{number(scaled)} + {signed(rest)} = ", part(number(scaled + rest), role, strong=True)],
            ]
        )
    nll = f"{words['nll']} (s = {number(scale)})"
    head = [words["loss"], f"r = {number(r)}", words["slope"], words["noise"], nll]
    return table(head, rows, caption=words["caption"])


# Losses of a probability -----------------------------------------------------------------------------------


def binary(share: Any) -> Floats:
    """Return (share, 1 − share) along a last axis: a distribution over two outcomes."""
    first = np.asarray(share, dtype=np.float64)
    return np.stack([first, 1.0 - first], axis=-1)


@lru_cache(maxsize=512)
def _share_curves(p: float) -> tuple[Floats, Floats, Floats]:
    """Return cross-entropy, KL and Brier score over q."""
    model = binary(SHARES)
    target = np.broadcast_to(binary(p), model.shape)
    costs = cross_entropy(target, model)
    divergences = kl_divergence(target, model)
    # Where q rules out what happens they are infinite: the lines leave the picture.
    off = 2.0 * SHARE_TOP
    scores = np.asarray(brier_score(model, target, reduction="none"))
    return np.minimum(costs, off), np.minimum(divergences, off), scores


def _costs(p: float, q: float) -> list[float]:
    """Return cross-entropy, KL and Brier score of one q."""
    target, model = binary(p), binary(q)
    return [
        float(cross_entropy(target, model)),
        float(kl_divergence(target, model)),
        float(brier_score(model, target)),
    ]


PROBABILITY_LOOKS = (Look("loss", "solid"), Look("kl", "dash"), Look("truth", "dashdot"))


def probability(p: float, q: float, words: Words) -> Figure:
    """Return cross-entropy, KL and Brier score of a binary q, each lowest at q = p.

    Parameters
    ----------
    p, q : float
        Probability of the outcome 1: how often it happens, and what the model says.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``cross``, ``kl``, ``brier``, ``grip``, ``grip_p``.
    """
    names = [words["cross"], words["kl"], words["brier"]]
    now = _costs(p, q)
    curves = _share_curves(p)
    ends = [float(c[np.searchsorted(SHARES, 0.97)]) for c in curves]
    side = "left" if p < 0.5 else "right"
    ruled_out = [text if share > 0.0 else "" for text, share in (("↑ ∞", p), ("∞ ↑", 1.0 - p))]
    return roomy(
        [
            *(
                curve(SHARES, y, look, f"{name}: %{{y:.4f}}, q = %{{x:.3f}}")
                for y, look, name in zip(curves, PROBABILITY_LOOKS, names, strict=True)
            ),
            markers(q, [min(v, 2.0 * SHARE_TOP) for v in now], PROBABILITY_LOOKS, (0.0, SHARE_TOP)),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-0.01, 1.01), tickvals=[0, 0.25, 0.5, 0.75, 1]),
        y=axis(words["y"], (-0.28, SHARE_TOP), tickvals=[0, 1, 2, 3]),
        height=340,
        margin=(30, 78, 52, 52),
        shapes=[
            cursor(q, -0.28, SHARE_TOP),
            {
                "type": "line",
                "layer": "below",
                "x0": p,
                "x1": p,
                "y0": -0.28,
                "y1": SHARE_TOP,
                "line": {"color": "@p", "width": 2, "dash": "dash"},
            },
        ],
        annotations=[
            *names_at_right(ends, PROBABILITY_LOOKS, names, (0.0, SHARE_TOP), GAP * SHARE_TOP),
            label(f"p = {number(p, 4)}", p, 2.5, xanchor=side, xshift=6 if p < 0.5 else -6, colour="@p"),
            label(ruled_out[0], 0.0, SHARE_TOP, xanchor="left", yanchor="bottom", yshift=6, colour="@loss"),
            label(ruled_out[1], 1.0, SHARE_TOP, xanchor="right", yanchor="bottom", yshift=6, colour="@loss"),
        ],
        grips=[
            grip("q", q, -0.15, label=words["grip"], axes="x", control="q"),
            grip("p", p, SHARE_TOP - 0.12, label=words["grip_p"], axes="x", control="p"),
        ],
    )


def probability_table(p: float, q: float, words: Words) -> dict[str, Any]:
    """Return the three costs with their numbers, their slopes in q and what they cannot go below."""
    cross, kl, brier = _costs(p, q)
    a, b, c, d = number(p, 4), number(1.0 - p, 4), number(q, 4), number(1.0 - q, 4)
    floor = float(entropy(binary(p)))
    slope = slope_in_q(p, q)
    log_loss = f"−{a}·log {c} − {b}·log {d}"
    rows: list[Row] = [
        [
            part(words["cross"], "loss", strong=True),
            [f"{log_loss} = ", part(number(cross), "loss", strong=True)],
            part(number(slope), "loss"),
            [part(number(floor), "entropy", strong=True), " = H(p)"],
        ],
        [
            part(words["kl"], "kl", strong=True),
            [f"{number(cross)} − {number(floor)} = ", part(number(kl), "kl", strong=True)],
            part(number(slope), "kl"),
            "0",
        ],
        [
            part(words["brier"], "truth", strong=True),
            [f"({c} − {a})² + ({d} − {b})² = ", part(number(brier), "truth", strong=True)],
            part(number(4.0 * (q - p)), "truth"),
            "0",
        ],
    ]
    return table(
        [words["loss"], f"p = {a}, q = {c}", words["slope"], words["floor"]], rows, caption=words["caption"]
    )


# Saturation ------------------------------------------------------------------------------------------------

CROSS, SQUARED = Look("loss", "solid"), Look("truth", "dash")


def steepest(target: int) -> Pair:
    """Return where the squared error of a sigmoid is steepest, and how steep it is there: 4/27.

    Examples
    --------
    >>> print([round(v, 6) for v in steepest(1)])
    [-0.693147, -0.148148]
    """
    z = -STEEPEST if target else STEEPEST
    return z, float(sigmoid_squared_error_slope(z, target))


@lru_cache(maxsize=8)
def _sigmoid_curves(target: int, slopes: bool, names: tuple[str, str], hover: str) -> list[dict[str, Any]]:
    """Return cross-entropy and squared error of a sigmoid over z, or their slopes."""
    functions = (
        (sigmoid_cross_entropy_slope, sigmoid_squared_error_slope)
        if slopes
        else (sigmoid_cross_entropy, sigmoid_squared_error)
    )
    return [
        curve(LOGITS, np.asarray(f(LOGITS, target)), look, f"{name}: {hover}")
        for f, look, name in zip(functions, (CROSS, SQUARED), names, strict=True)
    ]


def saturation(z: float, target: int, words: Words) -> Figure:
    """Return the two losses of a sigmoid over its logit.

    Parameters
    ----------
    z : float
        The logit.
    target : int
        0 or 1.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``cross``, ``squared``, ``hover``, ``grip``.
    """
    names = (words["cross"], words["squared"])
    values = [float(sigmoid_cross_entropy(z, target)), float(sigmoid_squared_error(z, target))]
    wrong, side = (-1.0, "left") if target else (1.0, "right")
    return figure(
        [
            *_sigmoid_curves(target, False, names, words["hover"]),
            markers(z, values, (CROSS, SQUARED), (0.0, LOGIT_TOP)),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-10.1, 10.1), tickvals=[-10, -5, 0, 5, 10]),
        y=axis(words["y"], (-1.0, LOGIT_TOP), tickvals=[0, 2, 4, 6, 8, 10]),
        height=340,
        margin=(12, 16, 52, 56),
        shapes=[cursor(z, -1.0, LOGIT_TOP)],
        annotations=[
            label(names[0], wrong * 5.0, 6.6, xanchor=side, colour="@loss"),
            label(names[1], wrong * 9.8, 0.6, xanchor=side, yanchor="bottom", colour="@truth"),
        ],
        grips=[grip("z", z, -0.55, label=words["grip"], axes="x", control="z")],
    )


def gradients(z: float, target: int, words: Words) -> Figure:
    """Return the slopes of the two losses of a sigmoid, and where the squared error's is largest."""
    names = (words["cross"], words["squared"])
    values = [float(sigmoid_cross_entropy_slope(z, target)), float(sigmoid_squared_error_slope(z, target))]
    place, slope = steepest(target)
    low, high = (-1.1, 0.2) if target else (-0.2, 1.1)
    sign, side = (1.0, "left") if target else (-1.0, "right")
    ring = high - 0.07 if target else low + 0.07
    return figure(
        [
            *_sigmoid_curves(target, True, names, words["hover"]),
            {
                "type": "scatter",
                "mode": "markers",
                "x": np.array([place]),
                "y": np.array([slope]),
                "marker": {
                    "symbol": "star",
                    "size": 15,
                    "color": "@truth",
                    "line": {"color": "@ground", "width": 1},
                },
                "hovertemplate": words["steepest"] + "<extra></extra>",
            },
            markers(z, values, (CROSS, SQUARED), (low, high)),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-10.1, 10.1), tickvals=[-10, -5, 0, 5, 10]),
        y=axis(words["y"], (low, high), tickvals=[-1, -0.5, 0] if target else [0, 0.5, 1], zeroline=True),
        height=340,
        margin=(12, 16, 52, 62),
        shapes=[cursor(z, low, high)],
        annotations=[
            label(names[0], 1.2 * sign, -0.6 * sign, xanchor=side, colour="@loss"),
            label(
                f"{names[1]}: {'−' if target else ''}4/27",
                -9.8 * sign,
                -0.06 * sign,
                xanchor=side,
                yanchor="top" if target else "bottom",
                colour="@truth",
            ),
        ],
        grips=[grip("z", z, ring, label=words["grip"], axes="x", control="z")],
    )


def saturation_lines(z: float, target: int, words: Words) -> dict[str, Any]:
    """Return both losses and both slopes with their numbers, and how many times one is the other."""
    p = float(sigmoid(z))
    error = float(sigmoid_cross_entropy_slope(z, target))
    slope = float(sigmoid_squared_error_slope(z, target))
    own, other = number(p), number(float(sigmoid(-z)))
    true = own if target else other
    return lines(
        [f"σ({number(z)}) = ", part(own, "q", strong=True), f",  t = {target}"],
        [
            part(words["cross"], "loss", strong=True),
            f" −log {true} = ",
            part(number(float(sigmoid_cross_entropy(z, target))), "loss", strong=True),
            f";  {words['slope']} σ − t = ",
            part(number(error), "loss", strong=True),
        ],
        [
            part(words["squared"], "truth", strong=True),
            f" ½·{signed(error)}² = ",
            part(number(float(sigmoid_squared_error(z, target))), "truth", strong=True),
            f";  {words['slope']} (σ − t)·σ·(1 − σ) = {signed(error)}·{own}·{other} = ",
            part(number(slope), "truth", strong=True),
        ],
        [words["ratio"], " 1/(σ·(1 − σ)) = ", part(number(error / slope), "", strong=True)],
    )


# One outlier -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def fits(outlier: float, delta: float) -> tuple[float, float, float]:
    """Return the mean, the median and Huber's location of the five points.

    Examples
    --------
    >>> fits(9.0, 1.0), fits(90.0, 1.0)
    ((5.0, 5.0, 5.0), (21.2, 5.0, 5.0))
    """
    data = [*POINTS, outlier]
    mean, median, middle = (fit_constant(data, name, delta=delta) for name in FITS)
    return mean, median, middle


def outlier_fits(outlier: float, delta: float, words: Words) -> Figure:
    """Return the five points, one of which can be dragged, and below them the three fitted constants.

    Parameters
    ----------
    outlier : float
        The fifth point.
    delta : float
        Huber's delta.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``points``, ``mean``, ``median``, ``huber``, ``hover``,
        ``grip``.
    """
    found = fits(outlier, delta)
    colours = [f"@{look.role}" for look in FITS.values()]
    rows = np.array([2.0, 1.0, 0.0])
    return figure(
        [
            {
                "type": "scatter",
                "mode": "markers",
                "x": np.array([*POINTS, outlier]),
                "y": np.full(5, 3.0),
                "marker": {"color": "@p", "size": 15, "line": {"color": "@ground", "width": 2}},
                "hovertemplate": words["hover"] + "<extra></extra>",
            },
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": np.array(found),
                "y": rows,
                "marker": {"color": colours, "size": 15, "symbol": ["diamond", "square", "triangle-up"]},
                "text": texts([f"  {number(c)}" for c in found]),
                "textposition": "middle right",
                "textfont": {"color": "@ink"},
                "hovertemplate": words["hover"] + "<extra></extra>",
                "cliponaxis": False,
            },
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-11.0, 31.0), tickvals=[-10, 0, 10, 20, 30]),
        y=named_axis(
            [words[key] for key in ("points", "mean", "median", "huber")],
            (-0.5, 3.5),
            tickvals=[3, 2, 1, 0],
        ),
        height=300,
        margin=(12, 16, 52, 88),
        shapes=[
            {
                "type": "line",
                "layer": "below",
                "x0": c,
                "x1": c,
                "y0": y,
                "y1": 3.0,
                "line": {"color": colour, "width": 2, "dash": "dot"},
            }
            for c, y, colour in zip(found, rows.tolist(), colours, strict=True)
        ],
        grips=[grip("outlier", outlier, 3.0, label=words["grip"], axes="x", control="outlier")],
    )


@lru_cache(maxsize=1024)
def _totals(outlier: float, delta: float) -> list[tuple[Floats, float]]:
    """Return each loss's total over the constant c and at its fit, as a share of its largest value."""
    data = np.array([*POINTS, outlier])
    made = []
    for name, best in zip(FITS, fits(outlier, delta), strict=True):
        options = {"delta": delta} if name == "huber" else {}
        loss = RESIDUAL_LOSSES[name].loss
        total = np.asarray(loss(data[:, np.newaxis] - CENTRES, **options)).sum(axis=0)
        top = float(total.max())
        made.append((total / top, float(np.sum(loss(data - best, **options))) / top))
    return made


def totals(outlier: float, delta: float, words: Words) -> Figure:
    """Return the total loss over the constant c for the three losses, each with its lowest point."""
    made = _totals(outlier, delta)
    looks = list(FITS.values())
    names = [words["squared"], words["absolute"], words["huber"]]
    return roomy(
        [
            *(
                curve(CENTRES, y, look, f"{name}: c = %{{x:.3g}}")
                for (y, _), look, name in zip(made, looks, names, strict=True)
            ),
            {
                "type": "scatter",
                "mode": "markers",
                "x": np.array(fits(outlier, delta)),
                "y": np.array([least for _, least in made]),
                "marker": {
                    "color": [f"@{look.role}" for look in looks],
                    "size": 14,
                    "symbol": ["diamond", "square", "triangle-up"],
                    "line": {"color": "@ground", "width": 1.5},
                },
                "hovertemplate": words["lowest"] + "<extra></extra>",
            },
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-11.0, 31.0), tickvals=[-10, 0, 10, 20, 30]),
        y=axis(words["y"], (0.0, 1.05), tickvals=[0, 0.5, 1]),
        height=300,
        margin=(12, 84, 52, 56),
        annotations=names_at_right([float(y[-1]) for y, _ in made], looks, names, (0.0, 1.05), GAP * 1.05),
    )


def outlier_lines(outlier: float, delta: float, words: Words) -> dict[str, Any]:
    """Return the three constants with their numbers: each is where the pulls of the points add up to 0."""
    mean, median, middle = fits(outlier, delta)
    data = [*POINTS, outlier]
    ordered = ", ".join(number(x) for x in sorted(data))
    pulls = np.asarray(huber_slope(np.array(data) - middle, delta=delta)).tolist()
    return lines(
        [
            part(words["mean"], "truth", strong=True),
            f" = ({' + '.join(signed(x) for x in data)}) / 5 = ",
            part(number(mean), "truth", strong=True),
        ],
        [
            part(words["median"], "kl", strong=True),
            f": {ordered} → ",
            part(number(median), "kl", strong=True),
        ],
        [
            part(words["huber"], "q", strong=True),
            f" c = {number(middle)}: Σ clip(x − c, ±{number(delta)}) = {_sum(pulls)} = 0",
        ],
    )


def _sum(terms: Sequence[float]) -> str:
    """Return terms as a sum, with their signs.

    Examples
    --------
    >>> _sum([-1.0, 0.25, 1.0])
    '−1 + 0.25 + 1'
    """
    first, *rest = [0.0 if abs(t) < 1e-12 else t for t in terms]
    return number(first, 4) + "".join(f" {'−' if t < 0 else '+'} {number(abs(t), 4)}" for t in rest)


# Derivations, code, and the small picture on the home page -------------------------------------------------


def derivation(m: float, r: float, z: float, target: int) -> dict[str, str]:
    """Return the numbers of the derivations as LaTeX, by the names of the places that they take."""
    p = float(sigmoid(z))
    error = float(sigmoid_cross_entropy_slope(z, target))
    bell, sharp = (float(noise_nll(name, r, 1.0, 1.0, 0.5)) for name in ("squared", "absolute"))
    made = {
        "m": m,
        "minus_m": -m + 0.0,
        "share": float(sigmoid(m)),
        "log_loss": float(MARGIN_LOSSES["log"].loss(m)),
        "log2_loss": float(MARGIN_LOSSES["log2"].loss(m)),
        "r": r,
        "half_square": float(RESIDUAL_LOSSES["squared"].loss(r)),
        "size": abs(r),
        "bell": bell,
        "sharp": sharp,
        "z": z,
        "p": p,
        "left": float(sigmoid(-z)),
        "error": error,
        "squared_slope": float(sigmoid_squared_error_slope(z, target)),
    }
    return {key: latex_number(value) for key, value in made.items()} | {"t": str(target)}


def code_panel(
    m: float,
    tie: float,
    r: float,
    delta: float,
    tau: float,
    p: float,
    q: float,
    z: float,
    target: int,
    outlier: float,
    threshold: float,
) -> dict[str, Any]:
    """Return the same losses as NumPy and as PyTorch, at the present values."""
    data = [*POINTS, outlier]
    torch_kl = (
        'print(F.kl_div(torch.log(q), p, reduction="sum"))  # KL(p || q): log q first, then p'
        if 0.0 < q < 1.0
        else "# F.kl_div(torch.log(q), p) gives nan for 0 * log 0, so the term with p = 0 is left out.\n"
        "print(torch.where(p > 0, p * torch.log(p / q), 0.0).sum())"
    )
    return code(
        NumPy=f"""import numpy as np

m = {m}  # margin y * f(x), y = -1 or +1
print(float(m {"<=" if tie else "<"} 0),  # 0/1
      np.logaddexp(0, -m),  # log loss; log(1 + exp(-m)) would overflow
      np.logaddexp(0, -m) / np.log(2),  # the same in bits
      np.exp(-m), max(0, 1 - m), max(0, 1 - m) ** 2, (1 - m) ** 2)

r, delta, tau = {r}, {delta}, {tau}  # residual: observed - predicted
size = abs(r)
huber = 0.5 * r**2 if size <= delta else delta * (size - 0.5 * delta)
print(0.5 * r**2, size, huber, np.logaddexp(r, -r) - np.log(2), max(tau * r, (tau - 1) * r))

p, q = np.array([{p}, {number_of(1.0 - p)}]), np.array([{q}, {number_of(1.0 - q)}])
happens = p > 0  # 0 * log 0 counts as 0
with np.errstate(divide="ignore"):  # log 0 is -inf, and stays it
    cross = 0.0 - (p[happens] * np.log(q[happens])).sum()
print(cross, cross + (p[happens] * np.log(p[happens])).sum(), ((q - p) ** 2).sum())

z, t = {z}, {target}  # a sigmoid's logit, and its target
s = 1 / (1 + np.exp(-z))
print(np.logaddexp(0, z) - t * z, s - t)  # cross-entropy, its slope
print(0.5 * (s - t) ** 2, (s - t) * s * (1 - s))  # squared error, its slope

x, delta = np.array({data}), {threshold}
low, high = x.min(), x.max()
for _ in range(100):  # Huber's location: where the clipped pulls add up to 0
    c = (low + high) / 2
    low, high = (c, high) if np.clip(x - c, -delta, delta).sum() > 0 else (low, c)
print(x.mean(), np.median(x), c)
""",
        PyTorch=f"""import torch
import torch.nn.functional as F

def number(value):
    return torch.tensor(value, dtype=torch.float64)

m = number({m})  # margin y * f(x), y = -1 or +1
print(F.softplus(-m), torch.exp(-m), F.relu(1 - m))  # log loss, exponential, hinge

r = number({r})  # residual: observed - predicted
zero = torch.zeros_like(r)
print(F.mse_loss(r, zero) / 2,  # MSELoss has no one half
      F.l1_loss(r, zero),
      F.huber_loss(r, zero, delta={delta}))

q, p = number([{q}, {number_of(1.0 - q)}]), number([{p}, {number_of(1.0 - p)}])
{torch_kl}

z, t = number({z}).requires_grad_(), number({float(target)})
cross = F.binary_cross_entropy_with_logits(z, t)
squared = 0.5 * F.mse_loss(torch.sigmoid(z), t)  # through the sigmoid: its slope can die
print(cross.item(), torch.autograd.grad(cross, z)[0].item())
print(squared.item(), torch.autograd.grad(squared, z)[0].item())

x = number({data})
print(x.mean(), x.median())
""",
    )  # fmt: skip


def number_of(value: float) -> str:
    """Return a number as code writes it, without the digits that rounding left.

    Examples
    --------
    >>> number_of(1.0 - 0.9)
    '0.1'
    """
    return repr(float(f"{value:.12g}"))


def sketch() -> tuple[list[tuple[Floats, Floats, str]], Pair]:
    """Return the curves of the lesson's small picture, each with its role, and the limits of y."""
    x = np.linspace(0.0, 1.0, 61)
    m = -2.0 + 4.0 * x
    return (
        [
            (x, np.asarray(zero_one_loss(m)), "rest"),
            (x, np.asarray(MARGIN_LOSSES["hinge"].loss(m)), "p"),
            (x, np.asarray(MARGIN_LOSSES["log2"].loss(m)), "loss"),
        ],
        (0.0, 3.2),
    )
