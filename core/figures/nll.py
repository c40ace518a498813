"""Figures of the NLL lesson: minus the log of the true class, its slopes, a batch, and descent."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from core._checks import Floats
from core.descent import SoftmaxTrail, softmax_descent
from core.figures.marks import (
    CLASSES,
    Look,
    Mark,
    across_zero,
    box,
    class_bars,
    class_rows,
    diamonds,
    dots,
    line,
    named_axis,
    over_bars,
    past_end,
    picture,
    rule,
    scale,
    score_grips,
    step_up,
    written,
)
from core.figures.text import (
    Segment,
    code,
    fitted,
    fixed,
    latex_number,
    lines,
    literal,
    number,
    part,
    signed,
    table,
)
from core.figures.theme import (
    Figure,
    Sketch,
    cells,
    class_colour,
    class_colours,
    grip,
    label,
    pressed,
    role_of,
)
from core.losses import (
    cross_entropy_gradient,
    cross_entropy_gradient_terms,
    cross_entropy_loss,
    finite_difference,
    nll_loss,
)
from core.softmax import exp_terms, log_softmax, softmax
from core.torch_reference import cross_entropy_loss as torch_cross_entropy

STEPS = 100
CURVE_POINTS = 401
PROBE = 0.1


# ------------------------------------------------------------------------------------------------ helpers


def _height(count: int) -> int:
    """Return the height of a figure with a row a class."""
    return 104 + (56 if count < 5 else 34) * count


def _above(items: Sequence[str], on: str, colours: Sequence[str]) -> list[dict[str, Any]]:
    """Return a number above each bar, at the right edge of its column: it neither moves nor covers a bar."""
    size = 15 if len(items) < 6 else 14
    return [
        label(
            text,
            1.0,
            i + 0.02,
            xref=f"{on} domain",
            xanchor="right",
            yanchor="bottom",
            font={"size": size, "color": colour},
        )
        for i, (text, colour) in enumerate(zip(items, colours, strict=True))
    ]


def over_temperature(inner: str, temperature: float) -> str:
    """Return ``inner`` divided by T as a formula writes it; at T = 1 as it is.

    Examples
    --------
    >>> over_temperature("5 − 4", 1.0), over_temperature("5 − 4", 2.0)
    ('5 − 4', '(5 − 4)/2')
    """
    return inner if temperature == 1.0 else f"({inner})/{number(temperature, 4)}"


# ------------------------------------------------------------------------------------- −log p and its slope


# The whole curve once, dense where it bends, up to the largest loss that scores reach: no frame sends it.
_CURVE_LOSSES = 500.0 * np.linspace(1.0, 0.0, CURVE_POINTS) ** 4
_CURVE_PROBS = np.exp(-_CURVE_LOSSES)
_PROBABILITY = scale(-0.012, 1.02, [0, 0.2, 0.4, 0.6, 0.8, 1])
_CURVE_LINE = {"color": "@loss", "width": 3, "simplify": False}


def curve_top(loss: float) -> float:
    """Return the upper end of the loss axis: 5, 10, 20, ..., with room above the point.

    Examples
    --------
    >>> curve_top(0.349012), curve_top(15.0)
    (5.0, 20.0)
    """
    return step_up(1.1 * loss, floor=5.0)


def curve(
    logits: Sequence[float], temperature: float, target: int, names: Sequence[str], words: dict[str, str]
) -> Figure:
    """Return −log p with the true class's point riding on it, the tangent, and infinity at p = 0.

    Parameters
    ----------
    logits : sequence of float, length K
        Scores.
    temperature : float
        Temperature T.
    target : int
        Index of the true class.
    names : sequence of str
        Names of the classes.
    words : dict
        ``title``, ``alt``, ``caption``, ``x``, ``y``, ``loss``, ``slope``, ``infinity``, ``grip``, ``hover``.
    """
    loss = -float(log_softmax(logits, temperature=temperature)[target])
    prob = math.exp(-loss)
    top = curve_top(loss)
    slope = -math.exp(loss)
    return picture(
        words,
        [
            line(_CURVE_PROBS, _CURVE_LOSSES, Look("loss"), hover=words["hover"], line=_CURVE_LINE),
            # The tangent meets p = 0 one above the loss, and loss 0 at p (1 + loss).
            line(
                np.array([0.0, prob * (1.0 + loss)]),
                np.array([loss + 1.0, 0.0]),
                Look("soft", "dash"),
                width=2,
            ),
            line(np.array([prob, prob]), np.array([0.0, loss]), Look(role_of(target), "")),
            dots(prob, np.array([loss]), [Look("loss")], hover=words["hover"], size=15, cliponaxis=False),
            label(
                f"{words['loss']} {number(loss)}<br>{words['slope']} {number(slope)}",
                min(prob + 0.02, 0.56),
                min(max(loss, 0.13 * top), 0.78 * top),
                xanchor="left",
                yanchor="bottom",
                align="left",
                yshift=8,
            ),
            *_endless(words["infinity"]),
            grip("curve", prob, loss, label=f"{words['grip']} {names[target]}", keys=(f"z{target + 1}",)),
        ],
        x=_PROBABILITY,
        y=scale(0.0, top),
        height=390,
        margin=(34, 12, 52, 56),
    )


@lru_cache(maxsize=8)
def _endless(words: str) -> list[Mark]:
    """Return the arrow at p = 0 that leaves the axis upwards, and what stands beside it."""
    return [
        label(
            f"∞ {words}",
            0.0,
            1.0,
            colour="@loss",
            yref="paper",
            xanchor="left",
            yanchor="top",
            xshift=12,
            yshift=30,
        ),
        label(
            "",
            0.0,
            1.1,
            yref="paper",
            showarrow=True,
            axref="pixel",
            ayref="pixel",
            ax=0,
            ay=34,
            arrowhead=2,
            arrowwidth=3,
            arrowcolor="@loss",
        ),
    ]


def score_at(
    x: float, y: float, logits: Sequence[float], temperature: float, target: int, limit: float = 10.0
) -> float:
    """Return the true class's score, within ±limit, that puts its point nearest to a place of the figure.

    Nearest as the eye sees it: the width of the figure counts as much as its height.

    Examples
    --------
    >>> score_at(0.705385, 0.349012, (0.0, 4.0, 2.0), 1.0, 0)
    5.0
    """
    top = curve_top(-float(log_softmax(logits, temperature=temperature)[target]))
    stops = np.linspace(-limit, limit, 2001)
    tried = np.tile(np.asarray(logits, dtype=np.float64), (stops.size, 1))
    tried[:, target] = stops
    losses = -log_softmax(tried, temperature=temperature)[:, target]
    away = (np.exp(-losses) - x) ** 2 + ((losses - y) / top) ** 2
    return round(float(stops[int(away.argmin())]), 2) + 0.0


def formula(
    logits: Sequence[float], temperature: float, target: int, names: Sequence[str], words: dict[str, str]
) -> dict[str, Any]:
    """Return the loss and its slope with their numbers."""
    loss = -float(log_softmax(logits, temperature=temperature)[target])
    prob = math.exp(-loss)
    role = role_of(target)
    return lines(
        [
            part(words["loss"]),
            " = −log p(",
            part(names[target], role, strong=True),
            ") = −log(",
            part(number(prob), role, strong=True),
            ") = ",
            part(number(loss), "loss", strong=True),
        ],
        [
            part(words["slope"]),
            " = −1/p = −1/",
            part(number(prob), role, strong=True),
            " = ",
            part(number(-math.exp(loss)), "", strong=True),
        ],
    )


# At T = 1 the losses of scores from -10 to 10 reach 22.2. Few classes leave room for a number over each bar;
# those of more stand at the right.
LABEL_SCALES = [
    scale(0.0, 22.5, [0, 5, 10, 15, 20]),
    scale(0.0, 22.5, [0, 20], domain=(0.0, 0.34)),
]
ROWS = np.arange(10.0)
BESIDE: dict[str, Any] = {"xaxis": "x2", "cliponaxis": False}
LABEL_TEXTS = scale(0.0, 1.0, visible=False, domain=(0.38, 1.0))


def labels(
    logits: Sequence[float], temperature: float, target: int, names: Sequence[str], words: dict[str, str]
) -> Figure:
    """Return the loss of every class as if it were the label: they differ as the scores do."""
    losses = -log_softmax(logits, temperature=temperature)
    costs = losses.tolist()
    count = len(costs)
    few = count < 5
    own = number(costs[target])
    gaps = [(logits[target] - z) / temperature for z in logits]
    said = [
        f"<b>{own}</b>"
        if i == target
        else f"{number(cost)} = {own} {'−' if gap < 0.0 else '+'} {number(abs(gap))}"
        for i, (cost, gap) in enumerate(zip(costs, gaps, strict=True))
    ]
    drawn = LABEL_SCALES[not few]
    return picture(
        words,
        [
            class_bars(
                losses,
                [""] * count,
                words["hover"],
                names,
                marker={
                    "color": ["@loss" if i == target else "@loss/0.25" for i in range(count)],
                    "line": {"color": "@loss", "width": 2},
                },
            ),
            over_bars(losses, said)
            if few
            else written(np.zeros(count), ROWS[:count], said, "middle right", **BESIDE),
            past_end(losses, drawn, [Look("loss")] * count),
        ],
        x=drawn,
        y=class_rows(names),
        x2=None if few else LABEL_TEXTS,
        height=_height(count),
        margin=(8, 12, 52, 72),
        bargap=0.55 if few else 0.4,
    )


# -------------------------------------------------------------------------------- the gradient, and predict


@lru_cache(maxsize=512)
def _difference_quotient(logits: tuple[float, ...], temperature: float, target: int, h: float) -> Floats:
    """Return the finite difference of the loss in every score."""
    return finite_difference(lambda z: -float(log_softmax(z, temperature=temperature)[target]), logits, h)


def gradient(
    logits: Sequence[float],
    temperature: float,
    target: int,
    h: float,
    asked: int,
    answered: bool,
    names: Sequence[str],
    words: dict[str, str],
) -> Figure:
    """Return the scores beside the gradient (p − onehot)/T and its finite difference; hidden until answered.

    Parameters
    ----------
    logits, temperature, target : as `curve`
        The state.
    h : float
        Step of the finite difference.
    asked : int
        Index of the class that the question is about.
    answered : bool
        Whether the gradient may be seen.
    names : sequence of str
        Names of the classes.
    words : dict
        ``title``, ``open``, ``alt``, ``hidden``, ``caption``, ``x``, ``x2``, ``exact``, ``approximate``,
        ``grip``.
    """
    count = len(logits)
    if answered:
        words = words | {"title": words["open"]}
        slopes = cross_entropy_gradient(logits, target, temperature=temperature)
        quotients = _difference_quotient(tuple(logits), temperature, target, h)
        beside = [_short(g) for g in slopes.tolist()]
    else:
        slopes, quotients = np.zeros(count), np.full(count, np.nan)
        beside = [""] * count
    limit = step_up(1.0 / temperature)
    return picture(
        words if answered else words | {"caption": words["hidden"]},
        [
            class_bars(np.array(logits), [""] * count, "%{customdata}: z = %{x:.4g}", names),
            class_bars(slopes, [""] * count, words["exact"], names, xaxis="x2"),
            diamonds(
                quotients,
                np.arange(count),
                words["approximate"],
                xaxis="x2",
                customdata=[literal(name) for name in names],
            ),
            across_zero(logits, [number(z, 4) for z in logits]),
            across_zero(slopes.tolist(), beside, "x2"),
            *(
                label(
                    "" if answered else ("?" if i != asked else "← ? →"),
                    0.0,
                    i,
                    xref="x2",
                    font={"size": 24 if i == asked else 16, "color": class_colour(i)},
                )
                for i in range(count)
            ),
            *score_grips(logits, names, words),
        ],
        x=scale(-13.0, 13.0, [-10, 0, 10], zeroline=True, domain=(0.0, 0.38)),
        y=class_rows(names),
        x2=scale(-1.3 * limit, 1.3 * limit, [-limit, 0.0, limit], zeroline=True, domain=(0.44, 1.0)),
        height=_height(count),
        narrow=60 + 20 * count,
        margin=(8, 8, 52, 72),
        bargap=0.4,
    )


def _short(value: float) -> str:
    """Return a number for a narrow place: three digits, two where a power of ten follows."""
    return number(value, 3 if value == 0.0 or 0.001 <= abs(value) < 1000.0 else 2)


def gradient_term(prob: str, own: bool, temperature: float) -> str:
    """Return (p − 1[k = y])/T as a formula with its numbers.

    Examples
    --------
    >>> gradient_term("0.7", True, 1.0), gradient_term("0.2", False, 2.0)
    ('0.7 − 1', '(0.2 − 0)/2')
    """
    return over_temperature(f"{prob} − {int(own)}", temperature)


def verdict(
    logits: Sequence[float],
    temperature: float,
    target: int,
    asked: int,
    guess: str,
    names: Sequence[str],
    words: dict[str, str],
) -> dict[str, Any]:
    """Return whether the guess was right, why, and the loss with the score a little up and a little down.

    Parameters
    ----------
    guess : {"", "up", "down"}
        Where the score should go to lower the loss; nothing said yet.
    words : dict
        ``first``, ``right``, ``wrong``, ``up``, ``down``, ``try``.
    """
    if not guess:
        return lines([words["first"]])
    name, role = names[asked], role_of(asked)
    prob = number(float(softmax(logits, temperature=temperature)[asked]))
    slope = float(cross_entropy_gradient(logits, target, temperature=temperature)[asked])
    answer = "up" if slope < 0.0 else "down"
    good = guess == answer
    tried: list[Segment] = [words["try"], " "]
    for i, change in enumerate((PROBE, 0.0, -PROBE)):
        moved = [z + change if k == asked else z for k, z in enumerate(logits)]
        loss = -float(log_softmax(moved, temperature=temperature)[target])
        tried += [", " if i else "", f"z = {number(moved[asked])}: ", part(number(loss), "loss", strong=True)]
    return lines(
        [
            part(words["right" if good else "wrong"], "truth" if good else "loss", strong=True),
            " ",
            words[answer],
        ],
        [
            "∂L/∂z(",
            part(name, role, strong=True),
            f") = {gradient_term(prob, asked == target, temperature)} = ",
            part(number(slope), role, strong=True),
            " < 0" if slope < 0.0 else " > 0",
        ],
        tried,
    )


def compare(
    logits: Sequence[float],
    temperature: float,
    target: int,
    h: float,
    answered: bool,
    names: Sequence[str],
    words: dict[str, str],
) -> dict[str, Any]:
    """Return a table of the gradient beside its finite difference, class by class, and their sums."""
    head: list[Segment] = [
        words["class"],
        "p",
        words["onehot"],
        words["exact"],
        words["approximate"],
        words["error"],
    ]
    probs = softmax(logits, temperature=temperature).tolist()
    rows: list[list[Segment | list[Segment]]] = []
    if answered:
        slopes = cross_entropy_gradient(logits, target, temperature=temperature).tolist()
        quotients = _difference_quotient(tuple(logits), temperature, target, h).tolist()
    for i, name in enumerate(names):
        rows.append(
            [
                part(name, role_of(i), strong=True),
                number(probs[i]),
                "1" if i == target else "0",
                part(number(slopes[i]) if answered else "?", role_of(i), strong=True),
                number(quotients[i]) if answered else "?",
                number(quotients[i] - slopes[i], 2) if answered else "?",
            ]
        )
    total = number(round(math.fsum(slopes), 12) + 0.0) if answered else "?"
    rows.append([words["sum"], "1", "1", total, "", ""])
    return table(head, rows, caption=words["caption"])


# ------------------------------------------------------------------------------------------------- a batch


_FRAME = {"color": "@loss", "width": 4}


@lru_cache(maxsize=64)
def batch_losses(scores: tuple[tuple[float, ...], ...], targets: tuple[int, ...]) -> dict[str, Any]:
    """Return the losses of a batch, exact and from probabilities rounded to two decimals.

    Returns
    -------
    dict
        ``probs`` (N, K); ``losses``, ``rounded``, ``rough`` and ``printed``, one a row: −log p, p to two
        decimals, −log of that, and that to two decimals; ``sum`` and ``mean`` of ``losses``;
        ``likelihood``, the product of the labels' probabilities.

    Examples
    --------
    >>> made = batch_losses(((5.0, 4.0, 2.0), (4.0, 2.0, 8.0), (4.0, 4.0, 1.0)), (0, 2, 1))
    >>> [round(loss, 6) for loss in made["losses"]], made["printed"], round(made["mean"], 6)
    ([0.349012, 0.020581, 0.717736], [0.34, 0.02, 0.71], 0.362443)
    """
    log_probs = log_softmax(scores)
    probs = np.exp(log_probs)
    with np.errstate(divide="ignore"):
        rough = nll_loss(np.log(np.round(probs, 2)), targets, reduction="none")
    return {
        "probs": probs,
        "losses": np.asarray(nll_loss(log_probs, targets, reduction="none")).tolist(),
        "sum": float(cross_entropy_loss(scores, targets, reduction="sum")),
        "mean": float(cross_entropy_loss(scores, targets, reduction="mean")),
        "likelihood": math.exp(-float(cross_entropy_loss(scores, targets, reduction="sum"))),
        "rounded": [round(float(probs[i, k]), 2) for i, k in enumerate(targets)],
        "rough": np.asarray(rough).tolist(),
        "printed": np.round(rough, 2).tolist(),
    }


def batch(
    scores: tuple[tuple[float, ...], ...],
    targets: tuple[int, ...],
    pictures: Sequence[str],
    names: Sequence[str],
    words: dict[str, str],
) -> Figure:
    """Return the table of probabilities with each row's label framed, beside the loss of each row."""
    made = batch_losses(scores, targets)
    losses, mean = made["losses"], made["mean"]
    count, classes = len(scores), len(names)
    labels = [[fixed(p) for p in row] for row in made["probs"].tolist()]
    top = step_up(max(losses), floor=1.0)
    return picture(
        words,
        [
            cells(
                made["probs"],
                labels,
                limits=(0.0, 1.0),
                colours=("@ground", "@q/0.55"),
                size=14,
                hoverinfo="skip",
            ),
            class_bars(
                np.array(losses),
                [""] * count,
                words["hover"],
                pictures,
                y=np.arange(count) + 0.2,
                xaxis="x2",
                marker={"color": "@loss"},
                width=0.34,
            ),
            *(
                box((target - 0.47, target + 0.47), (i - 0.45, i + 0.45), fill="rgba(0,0,0,0)", line=_FRAME)
                for i, target in enumerate(targets)
            ),
            *(
                pressed(f"{shown}: {name}", (j - 0.47, j + 0.47), (i - 0.45, i + 0.45), {f"l{i + 1}": j})
                for i, shown in enumerate(pictures)
                for j, name in enumerate(names)
            ),
            # The line of the mean passes the bars only: over each is its number.
            *(
                rule(x=mean, between=(i, i + 0.42), colour="@ink", dash="dot", xref="x2")
                for i in range(count)
            ),
            label(
                f"{words['mean']} {number(mean)}",
                1.0,
                -0.5,
                xref="x2 domain",
                xanchor="right",
                yanchor="bottom",
            ),
            *_above([number(loss) for loss in losses], "x2", ["@loss"] * count),
        ],
        x=named_axis(
            [fitted(name, 6) for name in names], (-0.5, classes - 0.5), words["x"], domain=[0.0, 0.58]
        ),
        y=class_rows(pictures, 14) | {"range": [count - 0.5, -0.5]},
        x2=scale(0.0, 1.08 * top, [0.0, 0.5 * top, top], domain=(0.64, 1.0)),
        barmode="overlay",
        height=300,
        margin=(30, 8, 52, 100),
    )


def batch_table(
    scores: tuple[tuple[float, ...], ...],
    targets: tuple[int, ...],
    pictures: Sequence[str],
    names: Sequence[str],
    words: dict[str, str],
) -> dict[str, Any]:
    """Return the exact losses beside those that a calculation from rounded probabilities prints."""
    made = batch_losses(scores, targets)
    rows: list[list[Segment | list[Segment]]] = [
        [
            pictures[i],
            part(f"{names[k]} ({k})", role_of(k), strong=True),
            number(float(made["probs"][i, k])),
            part(number(made["losses"][i]), "loss", strong=True),
            fixed(made["rounded"][i], 2),
            number(made["rough"][i]),
            fixed(made["printed"][i], 2),
        ]
        for i, k in enumerate(targets)
    ]
    count = len(targets)
    rough, printed = sum(made["rough"]), sum(made["printed"])
    rows.append(
        [
            words["sum"],
            "",
            "",
            part(number(made["sum"]), "loss", strong=True),
            "",
            number(rough),
            fixed(printed, 2),
        ]
    )
    rows.append(
        [
            words["mean"],
            "",
            "",
            part(number(made["mean"]), "loss", strong=True),
            "",
            number(rough / count),
            "",
        ]
    )
    head: list[Segment] = [
        words["picture"],
        words["label"],
        "p",
        "−log p",
        words["rounded"],
        words["rough"],
        words["printed"],
    ]
    return table(head, rows, caption=words["caption"])


def batch_lines(
    scores: tuple[tuple[float, ...], ...], targets: tuple[int, ...], words: dict[str, str]
) -> dict[str, Any]:
    """Return likelihood, sum and mean with their numbers, and why a printed figure says something else."""
    return lines(*_batch_lines(scores, targets, tuple(words[key] for key in _BATCH_WORDS)))


_BATCH_WORDS = ("likelihood", "minus", "sum", "mean", "rounded", "exact")


@lru_cache(maxsize=64)
def _batch_lines(
    scores: tuple[tuple[float, ...], ...], targets: tuple[int, ...], said: tuple[str, ...]
) -> list[list[Segment]]:
    """Return the lines of a batch; they stay while anything else moves."""
    words = dict(zip(_BATCH_WORDS, said, strict=True))
    made = batch_losses(scores, targets)
    factors = " · ".join(number(float(made["probs"][i, k])) for i, k in enumerate(targets))
    losses = " + ".join(number(loss) for loss in made["losses"])
    worst = max(range(len(targets)), key=lambda i: abs(made["rough"][i] - made["losses"][i]))
    prob = number(float(made["probs"][worst, targets[worst]]))
    return [
        [
            words["likelihood"],
            f" P(y | x) = {factors} = ",
            part(number(made["likelihood"]), "truth", strong=True),
        ],
        [
            words["minus"],
            f" −log {number(made['likelihood'])} = ",
            part(number(made["sum"]), "loss", strong=True),
        ],
        [words["sum"], f" = {losses} = ", part(number(made["sum"]), "loss", strong=True)],
        [
            words["mean"],
            f" = {number(made['sum'])} / {len(targets)} = ",
            part(number(made["mean"]), "loss", strong=True),
        ],
        [
            words["rounded"],
            f" −log({fixed(made['rounded'][worst], 2)}) = {number(made['rough'][worst])} → ",
            part(fixed(made["printed"][worst], 2), strong=True),
            f"; {words['exact']} −log({prob}) = ",
            part(number(made["losses"][worst]), "loss", strong=True),
        ],
    ]


# ------------------------------------------------------------------------------------------------- descent


_SHARE = scale(0.0, 1.05, [0, 1], domain=(0.39, 0.61))
_ALL_STEPS = np.arange(STEPS + 1)
_STEPWISE: Mark = {"mode": "lines+markers", "marker": {"color": "@loss", "size": 6}, "cliponaxis": False}
_START: Mark = {"symbol": "line-ns-open", "size": 20, "color": "@ink", "line": {"width": 2}}


@lru_cache(maxsize=128)
def _trail(logits: tuple[float, ...], temperature: float, target: int, rate: float) -> SoftmaxTrail:
    """Return the descent from the present scores."""
    return softmax_descent(
        logits, target, learning_rate=rate, steps=STEPS, temperature=temperature, tolerance=0.0
    )


def descent(
    logits: Sequence[float],
    temperature: float,
    target: int,
    rate: float,
    step: int,
    names: Sequence[str],
    words: dict[str, str],
) -> Figure:
    """Return scores, probabilities and gradient at one step of the descent.

    Parameters
    ----------
    logits, temperature, target : as `curve`
        Where the descent starts, and the true class.
    rate : float
        Learning rate.
    step : int
        The step shown, from 0 to ``STEPS``.
    names : sequence of str
        Names of the classes.
    words : dict
        ``title``, ``alt``, ``caption``, ``x``, ``x2``, ``x3``, ``start``.
    """
    trail = _trail(tuple(logits), temperature, target, rate)
    count = len(logits)
    rows = np.arange(count) + 0.22
    at = min(step, len(trail.values) - 1)
    points, probs, slopes = trail.points[at], trail.probs[at], trail.gradients[at]
    reach = step_up(float(np.abs(trail.points).max()), floor=10.0)
    limit = step_up(1.0 / temperature)
    colours = class_colours(count)
    return picture(
        words,
        [
            *(
                class_bars(x, [""] * count, hover, names, y=rows, xaxis=on, width=0.36)
                for x, on, hover in (
                    (points, "x", "%{customdata}: z = %{x:.5g}"),
                    (probs, "x2", "%{customdata}: p = %{x:.6f}"),
                    (slopes, "x3", "%{customdata}: ∂L/∂z = %{x:.6f}"),
                )
            ),
            dots(np.array(logits), rows, CLASSES[:count], hover=words["start"], marker=_START),
            *_above([number(round(z, 3), 5) for z in points.tolist()], "x", colours),
            *_above([fixed(p, 3) for p in probs.tolist()], "x2", colours),
            *_above([_short(g) for g in slopes.tolist()], "x3", colours),
        ],
        x=scale(-1.1 * reach, 1.1 * reach, [-reach, 0.0, reach], zeroline=True, domain=(0.0, 0.33)),
        y=class_rows(names),
        x2=_SHARE,
        x3=scale(-1.1 * limit, 1.1 * limit, [-limit, 0.0, limit], zeroline=True, domain=(0.67, 1.0)),
        height=_height(count) + 40,
        narrow=60 + 28 * count,
        margin=(8, 8, 52, 72),
    )


def losses(
    logits: Sequence[float], temperature: float, target: int, rate: float, step: int, words: dict[str, str]
) -> Figure:
    """Return the loss over the steps so far, the axis as wide as the whole descent."""
    values = _trail(tuple(logits), temperature, target, rate).values
    seen = np.full(STEPS + 1, np.nan)
    seen[: step + 1] = values[np.minimum(np.arange(step + 1), len(values) - 1)]
    loss = float(seen[step])
    top = step_up(1.05 * float(values[0]))
    return picture(
        words,
        [
            line(_ALL_STEPS, seen, Look("loss", ""), hover=words["hover"], gaps=True, **_STEPWISE),
            dots(step, np.array([loss]), [Look("loss")], size=14, cliponaxis=False),
            label(
                number(loss),
                min(step + 2.0, 0.75 * STEPS),
                loss,
                colour="@loss",
                xanchor="left",
                yanchor="bottom",
                yshift=4,
            ),
        ],
        x=scale(-1.0, STEPS + 1.0),
        y=scale(0.0, 1.1 * top),
        height=312,
    )


def descent_lines(
    logits: Sequence[float],
    temperature: float,
    target: int,
    rate: float,
    step: int,
    names: Sequence[str],
    words: dict[str, str],
) -> dict[str, Any]:
    """Return the next step of every score with its numbers: z − rate · gradient."""
    trail = _trail(tuple(logits), temperature, target, rate)
    at = min(step, len(trail.values) - 1)
    made: list[list[Segment]] = [
        [words["loss"], " ", part(number(float(trail.values[at])), "loss", strong=True), f", {words['next']}"]
    ]
    for i, name in enumerate(names):
        old, slope = float(trail.points[at][i]), float(trail.gradients[at][i])
        made.append(
            [
                "z(",
                part(name, role_of(i), strong=True),
                f") ← {number(old)} − {number(rate, 4)} · {signed(slope)} = ",
                # After the last step, too, there would be one more.
                part(number(old - rate * slope), role_of(i), strong=True),
            ]
        )
    return lines(*made)


# ------------------------------------------------------------------------- derivation, PyTorch, and the code


def escaped(text: str) -> str:
    r"""Return a person's own text so that Markdown shows it letter by letter.

    Examples
    --------
    >>> escaped("a*b")
    'a\\*b'
    """
    return re.sub(r"([^\w\s])", r"\\\1", text.replace("_", r"\_"))


def derivation(
    logits: Sequence[float], temperature: float, target: int, names: Sequence[str]
) -> dict[str, str]:
    """Return the numbers of the derivation as LaTeX, by the names of the places that they take.

    Returns
    -------
    dict
        ``y`` (the true class, from 1), ``t``, ``prob``, ``loss``, ``loss_slope``, ``quotient`` (its
        exponential over the sum), ``rule`` and ``own`` (the slope in its own score), and, a line a class,
        ``others``, ``products`` and ``gradient``; ``classes`` in plain words.
    """
    terms = cross_entropy_gradient_terms(logits, target, temperature=temperature)
    probs = softmax(logits, temperature=temperature).tolist()
    slopes, gradients = terms.prob_slopes.tolist(), terms.gradient.tolist()
    prob, loss_slope = latex_number(float(terms.prob)), latex_number(float(terms.loss_slope))
    t, y = latex_number(temperature), target + 1
    exps = exp_terms(logits, temperature=temperature).plain
    mine, total = latex_number(float(exps[target])), latex_number(float(exps.sum()))
    divided = "" if temperature == 1.0 else rf"\tfrac{{1}}{{{t}}}\cdot "

    def block(rows: list[str]) -> str:
        return r"\begin{aligned}" + r"\\".join(rows) + r"\end{aligned}"

    others = [
        rf"\frac{{\partial p_{{{y}}}}}{{\partial z_{{{k}}}}}&=-{divided}{prob}\cdot "
        rf"{latex_number(probs[k - 1])}={latex_number(slopes[k - 1])}"
        for k in range(1, len(probs) + 1)
        if k != y
    ]
    products = [
        rf"\frac{{\partial L}}{{\partial z_{{{k}}}}}&={loss_slope}\cdot "
        rf"{_bracketed(latex_number(slopes[k - 1]))}={latex_number(gradients[k - 1])}"
        for k in range(1, len(probs) + 1)
    ]
    short = [
        rf"k={k}:\quad&{divided}({latex_number(probs[k - 1])}-{int(k == y)})={latex_number(gradients[k - 1])}"
        for k in range(1, len(probs) + 1)
    ]
    return {
        "y": str(y),
        "t": t,
        "prob": prob,
        "loss": latex_number(-float(log_softmax(logits, temperature=temperature)[target])),
        "loss_slope": loss_slope,
        "quotient": rf"\frac{{{mine}}}{{{total}}}",
        "rule": rf"{divided}\frac{{{mine}\cdot {total}-{mine}\cdot {mine}}}{{({total})^2}}",
        "own": rf"{divided}{prob}\cdot(1-{prob})={latex_number(slopes[target])}",
        "others": block(others),
        "products": block(products),
        "gradient": block(short),
        "classes": ", ".join(f"{k} = {escaped(name)}" for k, name in enumerate(names, start=1)),
    }


def _bracketed(text: str) -> str:
    """Return a LaTeX number in brackets where it is negative."""
    return f"({text})" if text.startswith("-") else text


def autograd_rows(
    logits: Sequence[float], temperature: float, target: int, names: Sequence[str]
) -> list[list[str]]:
    """Return a row a class: its name, this project's gradient, PyTorch's by autograd, and their difference.

    PyTorch differentiates its loss of z/T; one factor 1/T makes that a gradient in z. Imports torch.
    """
    own = cross_entropy_gradient(logits, target, temperature=temperature)
    theirs = torch_cross_entropy(np.asarray(logits) / temperature, target).gradient / temperature
    return [
        [escaped(name), number(a), number(b), number(b - a, 2)]
        for name, a, b in zip(names, own.tolist(), theirs.tolist(), strict=True)
    ]


def autograd(
    logits: Sequence[float], temperature: float, target: int, names: Sequence[str], words: dict[str, str]
) -> str:
    """Return `autograd_rows` as a table in Markdown; its heads are `class`, `own`, `torch`, `error`."""
    head = [words[key] for key in ("class", "own", "torch", "error")]
    rows = [head, ["---", "---:", "---:", "---:"], *autograd_rows(logits, temperature, target, names)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def code_panel(logits: Sequence[float], temperature: float, target: int) -> dict[str, Any]:
    """Return loss and gradient as NumPy and as PyTorch, at the present values."""
    z = list(logits)
    return code(
        NumPy=f"""import numpy as np

z = np.array({z})
T = {temperature}
y = {target}                                  # @index

shifted = (z - z.max()) / T
log_p = shifted - np.log(np.exp(shifted).sum())
loss = -log_p[y]
gradient = (np.exp(log_p) - np.eye(len(z))[y]) / T   # (p - onehot) / T
print(loss, gradient)
""",
        PyTorch=f"""import torch
import torch.nn.functional as F

z = torch.tensor({z}, dtype=torch.float64, requires_grad=True)
T = {temperature}
y = torch.tensor({target})                     # @index

loss = F.cross_entropy(z / T, y)         # @takes
loss.backward()
print(loss.item(), z.grad)
""",
    )


# What is said at rest ---------------------------------------------------------------------------------------


def said(
    state: tuple[tuple[float, ...], float, int],
    asked: int | None,
    batch: tuple[tuple[tuple[float, ...], ...], tuple[int, ...]],
    moving: tuple[float, int],
    names: Sequence[str],
) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest; of the slope only once the question is answered."""
    logits, temperature, target = state
    log_p = float(log_softmax(logits, temperature=temperature)[target])
    trail = _trail(logits, temperature, target, moving[0])
    step = min(moving[1], len(trail.values) - 1)
    made = batch_losses(*batch)
    said_ = {
        "main": {"name": names[target], "p": number(math.exp(log_p)), "loss": number(-log_p)},
        "batch": {"each": ", ".join(map(number, made["losses"])), "mean": number(made["mean"])},
        "descent": {"step": str(step), "loss": number(float(trail.values[step]))},
    }
    if asked is not None:
        slope = float(cross_entropy_gradient(logits, target, temperature=temperature)[asked])
        said_["gradient"] = {"name": names[asked], "slope": number(slope)}
    return said_


def sketch() -> Sketch:
    """Return the curves of the lesson's small picture, and the limits of y."""
    p = np.linspace(0.03, 1.0, 60)
    return [(np.linspace(0.0, 1.0, 60), 0.0 - np.log(p), "loss")], (0.0, 3.5)
