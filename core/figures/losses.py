"""Figures of the losses lesson: what each loss punishes, and which of them are likelihoods."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.figures.marks import (
    NARROW,
    Look,
    Mark,
    Pair,
    Scale,
    apart,
    bars,
    cursor,
    dots,
    line,
    markers,
    named_axis,
    names_at_right,
    picture,
    rule,
    scale,
    written,
)
from core.figures.text import Segment, bold, code, latex_number, lines, number, part, signed, table, texts
from core.figures.theme import CLEAR, Figure, grip, label
from core.information import cross_entropy, entropy, kl_divergence
from core.losses import expected_brier_score, slope_in_q
from core.margins import MARGIN_LOSSES, zero_one_loss
from core.residuals import RESIDUAL_LOSSES, fit_constant, log_normalizer, noise_nll
from core.sigmoid import (
    sigmoid,
    sigmoid_cross_entropy,
    sigmoid_cross_entropy_slope,
    sigmoid_squared_error,
    sigmoid_squared_error_slope,
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
FITS: Mapping[str, Look] = {
    name: RESIDUAL_LOOKS[name]._replace(symbol=symbol)
    for name, symbol in (("squared", "diamond"), ("absolute", "square"), ("huber", "triangle-up"))
}
FITTED = tuple(FITS.values())

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
SHARE_TOP = 3.0
STEEPEST = math.log(2.0)  # where the squared error of a sigmoid is steepest, on the wrong side
GAP = 0.09  # between the names of curves, as a share of the axis

M, R = scale(-3.02, 3.02, range(-3, 4)), scale(-5.05, 5.05, range(-4, 5, 2))
Z, C = scale(-10.1, 10.1, range(-10, 11, 5)), scale(-11.0, 31.0, range(-10, 31, 10))
Q = scale(-0.01, 1.01, (0, 0.25, 0.5, 0.75, 1))
BOTH_LABELS = scale(0.0, 3.0, (0, 0.5, 1))
# A little room below 0, where the ring is.
MARGIN_LOSS = scale(-0.5, 5.0, range(6), side="right")
MARGIN_SLOPE = scale(-5.0, 4.5, range(-4, 5, 2), side="right")
RESIDUAL_LOSS, RESIDUAL_SLOPE = scale(-0.6, 6.0, range(0, 7, 2)), scale(-3.2, 3.2, range(-3, 4))
SHARE_LOSS, LOGIT_LOSS = scale(-0.28, SHARE_TOP, range(4)), scale(-1.0, 10.5, range(0, 11, 2))


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


def limits_of(y: Scale, *, losses: bool) -> Pair:
    """Return between which values something is in the picture: losses are never negative."""
    return 0.0 if losses else y.low, y.high


def swept(
    words: Words,
    marks: Sequence[Mark],
    place: float,
    values: Sequence[float],
    looks: Sequence[Look],
    *,
    x: Scale,
    y: Scale,
    margin: tuple[int, int, int, int],
    losses: bool = True,
    ring: tuple[str, float] | None = None,
    over: Sequence[Mark] = (),
    narrow: int = NARROW,
) -> Figure:
    """Return curves under a cursor, with a point on each; ``ring``: the control it moves, and its height."""
    held = [grip(ring[0], place, ring[1], label=words["grip"], axes="x", control=ring[0])] if ring else []
    points = markers(place, values, looks, limits_of(y, losses=losses))
    marks = [*marks, points, cursor(place, y.low, y.high), *held, *over]
    return picture(words, marks, x=x, y=y, height=340, margin=margin, narrow=narrow)


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
                # A triangle at the end of the axis is above it, or below.
                yshift=(-8 - 20 * twins) * (1 if above else -1),
                colour=f"@{looks[key].role}",
                **CLEAR,
            )
        )
    return made


# Margin losses ---------------------------------------------------------------------------------------------


INK, WORD = Look("ink"), {"color": "@ink"}
TIE = (INK, INK)
TIE_MARKER = {"color": "@ink", "size": 10, "symbol": ["circle", "circle-open"], "line": {"width": 2}}


@lru_cache(maxsize=256)
def _margin_curves(drawn: Drawn, names: tuple[str, ...], tie: float, slopes: bool, hover: str) -> list[Mark]:
    """Return the lines of the losses, or of their slopes, and their names; neither moves with m."""
    curves: dict[str, tuple[Floats, Floats]] = {}
    for key in drawn:
        value = MARGIN_LOSSES[key].slope if slopes else MARGIN_LOSSES[key].loss
        curves[key] = with_gap(MARGINS, (SLOPE_JUMPS if slopes else LOSS_JUMPS).get(key), value)
    made = [
        line(*curves[key], MARGIN_LOOKS[key], hover=f"{name}: {hover}", gaps=True)
        for key, name in zip(drawn, names, strict=True)
    ]
    limits = limits_of(MARGIN_SLOPE if slopes else MARGIN_LOSS, losses=not slopes)
    made += names_at_left(curves, MARGIN_LOOKS, names, limits, GAP * (limits[1] - limits[0]))
    if not slopes and "zero_one" in drawn:
        # The convention at m = 0: the value that counts is solid, the other one hollow.
        made.append(dots(np.zeros(2), np.array([tie, 1.0 - tie]), TIE, marker=TIE_MARKER))
    return made


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
    curves = _margin_curves(drawn, names, tie, False, words["hover"])
    values, looks = [float(margin_value(key, m, tie)) for key in drawn], [MARGIN_LOOKS[key] for key in drawn]
    return swept(
        words, curves, m, values, looks, x=M, y=MARGIN_LOSS, margin=(12, 52, 52, 70), ring=("m", -0.27)
    )


def margin_slopes(m: float, drawn: Drawn, names: tuple[str, ...], words: Words) -> Figure:
    """Return the slopes of the margin losses over m with a cursor."""
    curves = _margin_curves(drawn, names, 1.0, True, words["hover"])
    values = [float(MARGIN_LOSSES[key].slope(m)) for key in drawn]
    looks = [MARGIN_LOOKS[key] for key in drawn]
    y, ring = MARGIN_SLOPE, ("m", MARGIN_SLOPE.high - 0.35)
    return swept(words, curves, m, values, looks, x=M, y=y, margin=(12, 52, 52, 70), losses=False, ring=ring)


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
    rows = np.arange(len(drawn))
    came, other = (np.array([pair[i] for pair in shares]) for i in (0, 1))
    colours = [MARGIN_LOOKS[key].colour for key in drawn]
    models = [f" = {noise['bernoulli']}" if noise_key(key) == "bernoulli" else "" for key in drawn]
    sums = [f"{number(a + b)}{model}" for (a, b), model in zip(shares, models, strict=True)]

    # A rim tells what is pale from the ground.
    rim: Mark = {"line": {"color": "@soft", "width": 1}}

    def heaped(x: Floats, tones: list[str], hover: str, **options: Any) -> Mark:
        return bars(x, rows, INK, hover=hover, width=0.56, marker={"color": tones} | rim, **options)

    return picture(
        words,
        [
            heaped(came, colours, words["came"]),
            heaped(other, [f"{tone}/0.35" for tone in colours], words["other"], base=came),
            written(np.full(len(drawn), 2.06), rows, sums, "middle right", textfont=WORD, cliponaxis=False),
            rule(x=1, colour="@ink", dash="dot"),
        ],
        x=BOTH_LABELS,
        y=named_axis(names, (max(len(drawn), 4) - 0.4, -0.6), showticklabels=len(drawn) > 0),
        height=340,
        margin=(12, 12, 52, 70),
        barmode="overlay",
        narrow=NARROW,
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
            bold(float(MARGIN_LOSSES[key].slope(m)), role),
        ]
        if key == "zero_one" and m == 0.0:
            slope = [words["jump"]]
        if key == "hinge" and m == 1.0:
            slope = [bold("−1 … 0", role), f" {words['kink']}"]
        model = noise_key(key)
        told = f": σ({number(m)}) = {number(float(sigmoid(m)))}" if model == "bernoulli" else ""
        above = (
            part(f"{number(value)} ≥ {number(error)}", "truth")
            if value >= error
            else part(f"{number(value)} < {number(error)}", "loss", strong=True)
        )
        rows.append(
            [
                bold(name, role),
                [f"{margin_formula(key, m, tie)} = ", bold(value, role)],
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
) -> list[Mark]:
    """Return the lines of the losses, or of their slopes, and their names; neither moves with r."""
    made, ends = [], []
    for key, name in zip(drawn, names, strict=True):
        loss = RESIDUAL_LOSSES[key]
        value = partial(loss.slope if slopes else loss.loss, delta=delta, tau=tau)
        x, y = with_gap(RESIDUALS, SLOPE_JUMPS.get(key) if slopes else None, value)
        made.append(line(x, y, RESIDUAL_LOOKS[key], hover=f"{name}: {hover}", gaps=True))
        ends.append(float(y[-1]))
    limits = limits_of(RESIDUAL_SLOPE if slopes else RESIDUAL_LOSS, losses=not slopes)
    looks = [RESIDUAL_LOOKS[key] for key in drawn]
    return made + names_at_right(ends, looks, names, limits, GAP * (limits[1] - limits[0]))


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
    curves = _residual_curves(drawn, names, delta, tau, False, words["hover"])
    values = [float(RESIDUAL_LOSSES[key].loss(r, delta=delta, tau=tau)) for key in drawn]
    looks, ring = [RESIDUAL_LOOKS[key] for key in drawn], ("r", -0.32)
    return swept(words, curves, r, values, looks, x=R, y=RESIDUAL_LOSS, margin=(12, 84, 52, 52), ring=ring)


def residual_slopes(
    r: float, drawn: Drawn, delta: float, tau: float, names: tuple[str, ...], words: Words
) -> Figure:
    """Return the slopes of the residual losses over r: how hard one residual pulls."""
    curves = _residual_curves(drawn, names, delta, tau, True, words["hover"])
    values = [float(RESIDUAL_LOSSES[key].slope(r, delta=delta, tau=tau)) for key in drawn]
    looks = [RESIDUAL_LOOKS[key] for key in drawn]
    return swept(
        words, curves, r, values, looks, x=R, y=RESIDUAL_SLOPE, margin=(12, 84, 52, 52), losses=False
    )


@lru_cache(maxsize=512)
def _densities(
    drawn: Drawn, names: tuple[str, ...], width: float, delta: float, tau: float, hover: str
) -> list[Mark]:
    """Return the densities whose negative log the losses are, and their names, the highest peak on top."""
    made, peaks = [], []
    for key, name in zip(drawn, names, strict=True):
        y = np.exp(-noise_nll(key, RESIDUALS, width, delta, tau))
        made.append(line(RESIDUALS, y, RESIDUAL_LOOKS[key], hover=f"{name}: {hover}", gaps=True))
        peaks.append(float(y.max()))
    top = density_top(width)
    return made + names_at_right(peaks, [RESIDUAL_LOOKS[key] for key in drawn], names, (0.0, top), GAP * top)


def density_top(width: float) -> float:
    """Return the end of the densities' axis: one for noise narrower than 1, one for the rest.

    Examples
    --------
    >>> density_top(0.5), density_top(2.0)
    (1.05, 0.55)
    """
    return 1.05 if width < 1.0 else 0.55


def densities(
    r: float, drawn: Drawn, width: float, delta: float, tau: float, names: tuple[str, ...], words: Words
) -> Figure:
    """Return the noise models: the densities exp(−loss(r/s)) / (s Z), with s the ``width``."""
    curves = _densities(drawn, names, width, delta, tau, words["hover"])
    values = [math.exp(-float(noise_nll(key, r, width, delta, tau))) for key in drawn]
    looks = [RESIDUAL_LOOKS[key] for key in drawn]
    y = scale(0.0, density_top(width), (0, 0.25, 0.5, 0.75, 1))
    return swept(words, curves, r, values, looks, x=R, y=y, margin=(12, 84, 52, 58))


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
    width: float,
    delta: float,
    tau: float,
    names: tuple[str, ...],
    noise: Words,
    words: Words,
) -> dict[str, Any]:
    """Return loss, slope, noise model and the negative log-density under it, one row a loss."""
    rows: list[Row] = []
    for key, name in zip(drawn, names, strict=True):
        role, loss = RESIDUAL_LOOKS[key].role, RESIDUAL_LOSSES[key]
        value, slope = (float(f(r, delta=delta, tau=tau)) for f in (loss.loss, loss.slope))
        steep: list[Segment] = [bold(slope, role)]
        if r == 0.0 and key in SLOPE_JUMPS:
            low, high = (-1.0, 1.0) if key == "absolute" else (tau - 1.0, tau)
            steep = [part(f"{number(low)} … {number(high)}", role, strong=True), f" {words['kink']}"]
        scaled = float(loss.loss(r / width, delta=delta, tau=tau))
        rest = math.log(width) + log_normalizer(key, delta, tau)
        rows.append(
            [
                bold(name, role),
                [f"{residual_formula(key, r, delta, tau)} = ", bold(value, role)],
                steep,
                noise[loss.noise_model],
                [f"{number(scaled)} + {signed(rest)} = ", bold(scaled + rest, role)],
            ]
        )
    nll = f"{words['nll']} (s = {number(width)})"
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
    scores = np.asarray(expected_brier_score(model, target))
    return np.minimum(costs, off), np.minimum(divergences, off), scores


@lru_cache(maxsize=512)
def _costs(p: float, q: float) -> tuple[float, float, float]:
    """Return cross-entropy, KL and mean Brier score of one q."""
    target, model = binary(p), binary(q)
    return (
        float(cross_entropy(target, model)),
        float(kl_divergence(target, model)),
        float(expected_brier_score(model, target)),
    )


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
    curved = [
        line(SHARES, y, look, hover=f"{name}: %{{y:.4f}}, q = %{{x:.3f}}", gaps=True)
        for y, look, name in zip(curves, PROBABILITY_LOOKS, names, strict=True)
    ]
    above: dict[str, Any] = {"yanchor": "bottom", "yshift": 6, "colour": "@loss"}
    return swept(
        words,
        [
            *curved,
            *names_at_right(ends, PROBABILITY_LOOKS, names, (0.0, SHARE_TOP), GAP * SHARE_TOP),
            label(f"p = {number(p, 4)}", p, 2.5, xanchor=side, xshift=6 if p < 0.5 else -6, colour="@p"),
            label(ruled_out[0], 0.0, SHARE_TOP, xanchor="left", **above),
            label(ruled_out[1], 1.0, SHARE_TOP, xanchor="right", **above),
        ],
        q,
        [min(v, 2.0 * SHARE_TOP) for v in now],
        PROBABILITY_LOOKS,
        x=Q,
        y=SHARE_LOSS,
        margin=(30, 78, 52, 52),
        ring=("q", -0.15),
        over=[
            rule(x=p, between=(SHARE_LOSS.low, SHARE_TOP), colour="@p", dash="dash", layer="below"),
            grip("p", p, SHARE_TOP - 0.12, label=words["grip_p"], axes="x", control="p"),
        ],
    )


def probability_table(p: float, q: float, words: Words) -> dict[str, Any]:
    """Return the three costs with their numbers, their slopes in q and what they cannot go below."""
    cross, kl, brier = _costs(p, q)
    a, b, c, d = number(p, 4), number(1.0 - p, 4), number(q, 4), number(1.0 - q, 4)
    floor, least = float(entropy(binary(p))), float(expected_brier_score(binary(p), binary(p)))
    slope = slope_in_q(p, q)
    log_loss = f"−{a}·log {c} − {b}·log {d}"
    rows: list[Row] = [
        [
            bold(words["cross"], "loss"),
            [f"{log_loss} = ", bold(cross, "loss")],
            part(number(slope), "loss"),
            [bold(floor, "entropy"), " = H(p)"],
        ],
        [
            bold(words["kl"], "kl"),
            [f"{number(cross)} − {number(floor)} = ", bold(kl, "kl")],
            part(number(slope), "kl"),
            "0",
        ],
        [
            bold(words["brier"], "truth"),
            [
                f"({c} − {a})² + ({d} − {b})² + {number(least)} = ",
                bold(brier, "truth"),
            ],
            part(number(4.0 * (q - p)), "truth"),
            [bold(least, "truth"), f" = 2·{a}·{b}"],
        ],
    ]
    return table(
        [words["loss"], f"p = {a}, q = {c}", words["slope"], words["floor"]], rows, caption=words["caption"]
    )


# Saturation ------------------------------------------------------------------------------------------------

CROSS, SQUARED = Look("loss"), Look("truth", "dash")
STAR = {"symbol": "star", "size": 15, "color": "@truth", "line": {"color": "@ground", "width": 1}}
ZERO = {"zeroline": True}


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
def _sigmoid_curves(target: int, slopes: bool, names: tuple[str, str], hover: str) -> list[Mark]:
    """Return cross-entropy and squared error of a sigmoid over z, or their slopes."""
    functions = (
        (sigmoid_cross_entropy_slope, sigmoid_squared_error_slope)
        if slopes
        else (sigmoid_cross_entropy, sigmoid_squared_error)
    )
    return [
        line(LOGITS, np.asarray(f(LOGITS, target)), look, hover=f"{name}: {hover}", gaps=True)
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
    marks = [
        *_sigmoid_curves(target, False, names, words["hover"]),
        label(names[0], wrong * 5.0, 6.6, xanchor=side, colour="@loss", **CLEAR),
        label(names[1], wrong * 9.8, 1.1, xanchor=side, yanchor="bottom", colour="@truth", **CLEAR),
    ]
    y, room, ring = LOGIT_LOSS, (12, 16, 52, 56), ("z", -0.55)
    return swept(words, marks, z, values, (CROSS, SQUARED), x=Z, y=y, margin=room, ring=ring, narrow=0)


def gradients(z: float, target: int, words: Words) -> Figure:
    """Return the slopes of the two losses of a sigmoid, and where the squared error's is largest."""
    names = (words["cross"], words["squared"])
    values = [float(sigmoid_cross_entropy_slope(z, target)), float(sigmoid_squared_error_slope(z, target))]
    place, slope = steepest(target)
    y = scale(-1.1, 0.2, (-1, -0.5, 0), **ZERO) if target else scale(-0.2, 1.1, (0, 0.5, 1), **ZERO)
    sign, side = (1.0, "left") if target else (-1.0, "right")
    under, least = ("top", "−4/27") if target else ("bottom", "4/27")
    marks = [
        *_sigmoid_curves(target, True, names, words["hover"]),
        dots(np.array([place]), np.array([slope]), (), hover=words["steepest"], marker=STAR),
        label(names[0], 1.2 * sign, -0.6 * sign, xanchor=side, colour="@loss", **CLEAR),
        label(
            f"{names[1]}: {least}",
            -9.8 * sign,
            -0.06 * sign,
            xanchor=side,
            yanchor=under,
            colour="@truth",
            **CLEAR,
        ),
    ]
    looks, ring = (CROSS, SQUARED), ("z", y.high - 0.07 if target else y.low + 0.07)
    return swept(
        words, marks, z, values, looks, x=Z, y=y, margin=(12, 16, 52, 62), losses=False, ring=ring, narrow=0
    )


def saturation_lines(z: float, target: int, words: Words) -> dict[str, Any]:
    """Return both losses and both slopes with their numbers, and how many times one is the other."""
    p = float(sigmoid(z))
    error = float(sigmoid_cross_entropy_slope(z, target))
    slope = float(sigmoid_squared_error_slope(z, target))
    own, other = number(p), number(float(sigmoid(-z)))
    true = own if target else other
    return lines(
        [f"σ({number(z)}) = ", bold(own, "q"), f",  t = {target}"],
        [
            bold(words["cross"], "loss"),
            f" −log {true} = ",
            bold(float(sigmoid_cross_entropy(z, target)), "loss"),
            f";  {words['slope']} σ − t = ",
            bold(error, "loss"),
        ],
        [
            bold(words["squared"], "truth"),
            f" ½·{signed(error)}² = ",
            bold(float(sigmoid_squared_error(z, target)), "truth"),
            f";  {words['slope']} (σ − t)·σ·(1 − σ) = {signed(error)}·{own}·{other} = ",
            bold(slope, "truth"),
        ],
        [words["ratio"], " 1/(σ·(1 − σ)) = ", bold(error / slope, "")],
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
    rows = np.array([2.0, 1.0, 0.0])
    five = {"color": "@p", "size": 15, "line": {"color": "@ground", "width": 2}}
    said: Mark = {"mode": "markers+text", "text": texts([f"  {number(c)}" for c in found]), "textfont": WORD}
    said |= {"textposition": "middle right", "cliponaxis": False}
    return picture(
        words,
        [
            dots(np.array([*POINTS, outlier]), np.full(5, 3.0), (), hover=words["hover"], marker=five),
            dots(np.array(found), rows, FITTED, hover=words["hover"], size=15, ring=0, **said),
            *(
                rule(x=c, between=(y, 3.0), colour=look.colour, dash="dot", layer="below")
                for c, y, look in zip(found, rows.tolist(), FITTED, strict=True)
            ),
            grip("outlier", outlier, 3.0, label=words["grip"], axes="x", control="outlier"),
        ],
        x=C,
        y=named_axis(
            [words[key] for key in ("points", "mean", "median", "huber")], (-0.5, 3.5), tickvals=[3, 2, 1, 0]
        ),
        height=300,
        margin=(12, 16, 52, 88),
    )


@lru_cache(maxsize=1024)
def _totals(outlier: float, delta: float) -> list[tuple[Floats, float]]:
    """Return each loss's total over the constant c and at its fit, as a share of its largest value."""
    data = np.array([*POINTS, outlier])
    made = []
    for name, best in zip(FITS, fits(outlier, delta), strict=True):
        loss = RESIDUAL_LOSSES[name].loss
        total = np.asarray(loss(data[:, np.newaxis] - CENTRES, delta=delta)).sum(axis=0)
        top = float(total.max())
        made.append((total / top, float(np.sum(loss(data - best, delta=delta))) / top))
    return made


def totals(outlier: float, delta: float, words: Words) -> Figure:
    """Return the total loss over the constant c for the three losses, each with its lowest point."""
    made = _totals(outlier, delta)
    names = [words["squared"], words["absolute"], words["huber"]]
    ends, bottoms = [float(y[-1]) for y, _ in made], np.array([least for _, least in made])
    return picture(
        words,
        [
            *(
                line(CENTRES, y, look, hover=f"{name}: c = %{{x:.3g}}", gaps=True)
                for (y, _), look, name in zip(made, FITTED, names, strict=True)
            ),
            dots(np.array(fits(outlier, delta)), bottoms, FITTED, hover=words["lowest"], size=14, ring=1.5),
            *names_at_right(ends, FITTED, names, (0.0, 1.05), GAP * 1.05),
        ],
        x=C,
        y=scale(0.0, 1.05, (0, 0.5, 1)),
        height=300,
        margin=(12, 84, 52, 56),
        narrow=NARROW,
    )


def outlier_lines(outlier: float, delta: float, words: Words) -> dict[str, Any]:
    """Return the three constants with their numbers: each is where the pulls of the points add up to 0."""
    mean, median, middle = fits(outlier, delta)
    data = [*POINTS, outlier]
    ordered = ", ".join(number(x) for x in sorted(data))
    pulls = np.asarray(RESIDUAL_LOSSES["huber"].slope(np.array(data) - middle, delta=delta)).tolist()
    return lines(
        [
            bold(words["mean"], "truth"),
            f" = ({' + '.join(signed(x) for x in data)}) / 5 = ",
            bold(mean, "truth"),
        ],
        [
            bold(words["median"], "kl"),
            f": {ordered} → ",
            bold(median, "kl"),
        ],
        [
            bold(words["huber"], "q"),
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
        'print(F.kl_div(torch.log(q), p, reduction="sum"))  # @kl'
        if 0.0 < q < 1.0
        else "# @nan\nprint(torch.where(p > 0, p * torch.log(p / q), 0.0).sum())"
    )
    return code(
        NumPy=f"""import numpy as np

m = {m}  # @margin
print(float(m {"<=" if tie else "<"} 0),  # 0/1
      np.logaddexp(0, -m),  # @log
      np.logaddexp(0, -m) / np.log(2),  # @bits
      np.exp(-m), max(0, 1 - m), max(0, 1 - m) ** 2, (1 - m) ** 2)

r, delta, tau = {r}, {delta}, {tau}  # @residual
size = abs(r)
huber = 0.5 * r**2 if size <= delta else delta * (size - 0.5 * delta)
print(0.5 * r**2, size, huber, np.logaddexp(r, -r) - np.log(2), max(tau * r, (tau - 1) * r))

p, q = np.array([{p}, {number_of(1.0 - p)}]), np.array([{q}, {number_of(1.0 - q)}])
happens = p > 0  # @happens
with np.errstate(divide="ignore"):  # @log0
    cross = 0.0 - (p[happens] * np.log(q[happens])).sum()
print(cross, cross + (p[happens] * np.log(p[happens])).sum(),
      ((q - p) ** 2).sum() + 1 - (p**2).sum())  # @brier

z, t = {z}, {target}  # @logit
s = 1 / (1 + np.exp(-z))
print(np.logaddexp(0, z) - t * z, s - t)  # @cross
print(0.5 * (s - t) ** 2, (s - t) * s * (1 - s))  # @squared

x, delta = np.array({data}), {threshold}
low, high = x.min(), x.max()
for _ in range(100):  # @huber
    c = (low + high) / 2
    low, high = (c, high) if np.clip(x - c, -delta, delta).sum() > 0 else (low, c)
print(x.mean(), np.median(x), c)
""",
        PyTorch=f"""import torch
import torch.nn.functional as F

def number(value):
    return torch.tensor(value, dtype=torch.float64)

m = number({m})  # @margin
print(F.softplus(-m), torch.exp(-m), F.relu(1 - m))  # @three

r = number({r})  # @residual
zero = torch.zeros_like(r)
print(F.mse_loss(r, zero) / 2,  # @half
      F.l1_loss(r, zero),
      F.huber_loss(r, zero, delta={delta}))

q, p = number([{q}, {number_of(1.0 - q)}]), number([{p}, {number_of(1.0 - p)}])
{torch_kl}

z, t = number({z}).requires_grad_(), number({float(target)})
cross = F.binary_cross_entropy_with_logits(z, t)
squared = 0.5 * F.mse_loss(torch.sigmoid(z), t)  # @through
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


# What is said at rest ---------------------------------------------------------------------------------------


def said(
    margins: tuple[float, Drawn, float, tuple[str, ...]],
    residuals: tuple[float, Drawn, float, float, tuple[str, ...]],
    shares: Pair,
    logit: tuple[float, int],
    five: Pair,
) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest: every loss that is drawn, where the cursor is."""
    m, drawn, tie, names = margins
    r, shown, delta, tau, called = residuals
    ours = [float(margin_value(key, m, tie)) for key in drawn]
    theirs = [float(RESIDUAL_LOSSES[key].loss(r, delta=delta, tau=tau)) for key in shown]
    cross, kl, brier = _costs(*shares)
    slopes = (sigmoid_cross_entropy_slope(*logit), sigmoid_squared_error_slope(*logit))
    mean, median, middle = fits(*five)
    return {
        "main": {"m": number(m), "each": _listed(names, ours), "log": number(float(margin_value("log", m)))},
        "residual": {
            "r": number(r),
            "each": _listed(called, theirs),
            "huber": number(float(RESIDUAL_LOSSES["huber"].loss(r, delta=delta))),
        },
        "probability": {
            "q": number(shares[1]),
            "cross": number(cross),
            "kl": number(kl),
            "brier": number(brier),
        },
        "saturation": {
            "p": number(float(sigmoid(logit[0]))),
            "cross": number(float(slopes[0])),
            "squared": number(float(slopes[1])),
        },
        "outlier": {"mean": number(mean), "median": number(median), "huber": number(middle)},
    }


def _listed(names: Sequence[str], values: Sequence[float]) -> str:
    """Return names, each with its number."""
    return ", ".join(f"{name} {number(value)}" for name, value in zip(names, values, strict=True))


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
