"""Figures of the PyTorch lesson: which tensor goes into which loss, by torch itself and by core beside it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from core import torch_reference as reference
from core._checks import Floats
from core.figures.marks import (
    Look,
    Mark,
    Pair,
    bars,
    box,
    cursor,
    diamonds,
    dots,
    hidden_axis,
    line,
    markers,
    named_axis,
    picture,
    scale,
    step_up,
    written,
)
from core.figures.text import Segment, code, lines, number, part, table, texts
from core.figures.theme import Figure, Sketch, cells, class_colour, grip, label, pressed, role_of
from core.information import distribution
from core.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy_gradient,
    cross_entropy_loss,
    gaussian_nll_loss,
    kl_div_loss,
    nll_loss,
)
from core.sigmoid import sigmoid_cross_entropy_slope
from core.softmax import log_softmax, softmax, softmax_jacobian
from core.torch_reference import GRID_INPUTS, GRID_LOSSES, Outcome, attempt

Words: TypeAlias = Mapping[str, str]
Names: TypeAlias = Sequence[str]
Numbers: TypeAlias = tuple[float, ...]
Row: TypeAlias = list[Segment | list[Segment]]

INPUTS, LOSSES = GRID_INPUTS, GRID_LOSSES
MISSING = "–"  # where torch's number would stand if torch were there
MARKS = {"right": "✓", "same": "=", "other": "○", "wrong": "✗"}
ROLES = {"right": "truth", "same": "truth", "other": "soft", "wrong": "loss"}
LEVELS = {"right": 1.0, "same": 1.0, "other": 0.5, "wrong": 0.0}
VERDICTS = (
    ("wrong", "wrong", "right"),
    ("right", "wrong", "same"),
    ("wrong", "wrong", "right"),
    ("other", "wrong", "wrong"),
    ("other", "other", "wrong"),
)
"""Whether each cell is right: a row for each of ``GRID_LOSSES``, a column for each of ``GRID_INPUTS``."""

SCORE_STOPS = tuple(sorted({*(round(0.1 * i, 1) for i in range(-100, 101)), 2.0794415}))  # log 8 among them
LOGIT_STOPS = tuple(
    sorted({*(0.5 * i for i in range(-40, 41)), *(10.0 * i for i in range(-25, 26))})
)  # fine near 0, coarse where float32 gives up
SCORES = ((5.0, 4.0, 2.0), (4.0, 2.0, 8.0), (4.0, 4.0, 1.0))
LABELS = (0, 2, 1)
SOFT = (0.8, 0.1, 0.1)
_SHOWN = (0, 2, 1)  # which class each picture shows, whatever its label says: its colour


# ------------------------------------------------------------------------------------------------ helpers


def shown(value: float | None) -> str:
    """Return a number as a table shows it: a dash where there is none, nan by its name.

    Examples
    --------
    >>> shown(None), shown(math.nan), shown(-0.8)
    ('–', 'nan', '−0.8')
    """
    if value is None:
        return MISSING
    return "nan" if math.isnan(value) else number(value)


def short(value: float, digits: int = 6) -> str:
    """Return a number for a narrow place: two digits where a power of ten follows.

    Examples
    --------
    >>> short(0.22314355), short(-1.52293e-08)
    ('0.223144', '−1.5×10⁻⁸')
    """
    text = number(value, digits)
    return number(value, 2) if "×" in text else text


def celled(value: float) -> str:
    """Return a number for a cell of a narrow screen: at most nine signs of it.

    Examples
    --------
    >>> celled(0.22314355), celled(0.00016768746), celled(-12.345678)
    ('0.223144', '0.0001677', '−12.3457')
    """
    return next((text for digits in (6, 5, 4, 3) if len(text := short(value, digits)) <= 9), short(value, 2))


def gap(theirs: float | None, ours: float | None) -> str:
    """Return torch's number minus core's; a dash where one is missing or only one is nan.

    Examples
    --------
    >>> gap(1.5, 1.0), gap(math.inf, math.inf), gap(math.nan, 0.0), gap(None, 1.0)
    ('0.5', '0', '–', '–')
    """
    if theirs is None or ours is None:
        return MISSING
    if theirs == ours or (math.isnan(theirs) and math.isnan(ours)):
        return "0"
    difference = theirs - ours
    return MISSING if math.isnan(difference) else number(difference, 2 if abs(difference) < 1.0 else 6)


def beside(theirs: float | None, ours: float | None) -> Row:
    """Return three cells of a table: torch's number, core's number, their difference."""
    return [part(shown(theirs), "loss", strong=True), part(shown(ours), strong=True), gap(theirs, ours)]


def compared(theirs: float | None, ours: float | None, words: Words) -> list[Segment]:
    """Return the same three as a line."""
    return [
        f"{words['torch']} ",
        part(shown(theirs), "loss", strong=True),
        f" · {words['core']} ",
        part(shown(ours), strong=True),
        f" · {words['difference']} {gap(theirs, ours)}",
    ]


def heads(words: Words, *before: str) -> list[Segment]:
    """Return the heads of a table whose last three columns are torch's, core's and the difference."""
    return [*before, words["torch"], words["core"], words["difference"]]


def row(values: Sequence[float], digits: int = 6) -> str:
    """Return numbers in brackets.

    Examples
    --------
    >>> row([0.1, -2])
    '(0.1, −2)'
    """
    return f"({', '.join(number(v, digits) for v in values)})"


# -------------------------------------------------------------------------- the grid of inputs and losses


class Table(NamedTuple):
    """What every loss makes of every input: values (5, 3), and their gradients in the scores (5, 3, C)."""

    values: Floats
    gradients: Floats


@lru_cache(maxsize=1024)
def feeds(logits: Numbers) -> Floats:
    """Return what goes in, a row for each of ``GRID_INPUTS``."""
    return np.stack([np.asarray(logits, dtype=np.float64), softmax(logits), log_softmax(logits)])


@lru_cache(maxsize=1024)
def core_table(logits: Numbers, target: int) -> Table:
    """Return the table by ``core``.

    Examples
    --------
    >>> print(core_table((0.0, 0.0, float(np.log(8))), 2).values[0].round(6))
    [-2.079442 -0.8       0.223144]
    """
    x = feeds(logits)
    goal = np.full(3, target)
    onehot = np.zeros_like(x)
    onehot[:, target] = 1.0
    count = x.shape[1]
    values = np.stack(
        [
            np.asarray(nll_loss(x, goal, reduction="none")),
            np.asarray(cross_entropy_loss(x, goal, reduction="none")),
            np.asarray(kl_div_loss(x, onehot, reduction="none")).sum(axis=1),
            np.asarray(binary_cross_entropy_with_logits(x, onehot, reduction="none")).mean(axis=1),
            np.asarray(gaussian_nll_loss(x, onehot, 1.0, reduction="none")).mean(axis=1),
        ]
    )
    slopes = np.stack(
        [
            -onehot,
            cross_entropy_gradient(x, goal),
            -onehot,
            np.asarray(sigmoid_cross_entropy_slope(x, onehot)) / count,
            (x - onehot) / count,
        ]
    )
    # Back through what came before the loss: nothing, softmax, log-softmax.
    gradients = slopes.copy()
    gradients[:, 1] = slopes[:, 1] @ softmax_jacobian(logits)
    gradients[:, 2] = slopes[:, 2] - x[1] * slopes[:, 2].sum(axis=-1, keepdims=True)
    return Table(values, gradients)


@lru_cache(maxsize=1024)
def torch_table(logits: Numbers, target: int) -> Table:
    """Return the table by torch."""
    made = reference.loss_table(logits, target)
    return Table(np.asarray(made.value), made.gradient)


def place(feed: str, loss: str) -> tuple[int, int]:
    """Return the row and the column of a cell.

    Examples
    --------
    >>> place("softmax", "NLLLoss")
    (0, 1)
    """
    return GRID_LOSSES.index(loss), GRID_INPUTS.index(feed)


@lru_cache(maxsize=1)
def _judged() -> Mark:
    """Return the cells of the grid in the colours of their verdicts, still empty."""
    levels = np.array([[LEVELS[mark] for mark in marks] for marks in VERDICTS])
    colours = ("@loss/0.14", "@rest/0.12", "@truth/0.25")
    blank = [[""] * len(marks) for marks in VERDICTS]
    return cells(levels, blank, limits=(0.0, 1.0), colours=colours, hoverinfo="skip")


@lru_cache(maxsize=8)
def _inputs(title: str, *names: str) -> dict[str, Any]:
    """Return the axis of what goes in."""
    return named_axis(names, (-0.5, 2.5), title, side="top")


LOSS_ROWS = named_axis([name.removesuffix("Loss") for name in GRID_LOSSES], (4.5, -0.5))


@lru_cache(maxsize=1)
def _pairs() -> tuple[Mark, ...]:
    """Return the fifteen cells as what they look like: each chooses its pair."""
    return tuple(
        pressed(
            f"{loss}({'z' if feed == 'logits' else f'{feed}(z)'})",
            (j - 0.48, j + 0.48),
            (i - 0.48, i + 0.48),
            {"feed": feed, "loss": loss},
        )
        for i, loss in enumerate(GRID_LOSSES)
        for j, feed in enumerate(GRID_INPUTS)
    )


def grid(logits: Numbers, target: int, feed: str, loss: str, live: bool, words: Words) -> Figure:
    """Return what each loss makes of each input, marked right or wrong, with the chosen cell framed.

    Parameters
    ----------
    logits : tuple of float, length C
        Scores.
    target : int
        Index of the true class.
    feed, loss : str
        The chosen cell: one of ``GRID_INPUTS``, one of ``GRID_LOSSES``.
    live : bool
        Whether torch can be asked; else core's numbers stand here.
    words : mapping
        ``title``, ``alt``, ``caption``, ``x``, ``logits``, ``softmax``, ``log_softmax``.
    """
    values = (torch_table if live else core_table)(logits, target).values
    said = [
        [f"{MARKS[mark]}<br><b>{celled(value)}</b>" for mark, value in zip(marks, numbers, strict=True)]
        for marks, numbers in zip(VERDICTS, values.tolist(), strict=True)
    ]
    i, j = place(feed, loss)
    return picture(
        words,
        [
            {**_judged(), "text": texts([text for line_ in said for text in line_])},
            box((j - 0.48, j + 0.48), (i - 0.48, i + 0.48), rim="@ink", width=4),
            *_pairs(),
        ],
        x=_inputs(words["x"], *(words[name] for name in GRID_INPUTS)),
        y=LOSS_ROWS,
        height=384,
        margin=(66, 4, 6, 116),
        narrow=288,
    )


def _formula(feed: Floats, loss: str, target: int, name: str, value: float) -> list[Segment]:
    """Return how a loss comes to its number."""
    picked = float(feed[target])
    said: list[Segment]
    if loss == "NLLLoss":
        said = [f"−x({name}) = −({number(picked)}) = "]
    elif loss == "CrossEntropyLoss":
        said = [f"−log softmax(x)({name}) = −log({number(float(softmax(feed)[target]))}) = "]
    elif loss == "KLDivLoss":
        said = [f"Σ t·(log t − x) = 1·(log 1 − ({number(picked)})) = "]
    elif loss == "BCEWithLogitsLoss":
        terms = np.logaddexp(0.0, feed)
        terms[target] -= picked
        said = [f"(1/3)·Σ (log(1 + eˣ) − t·x) = (1/3)·({' + '.join(number(v) for v in terms.tolist())}) = "]
    else:
        squares = feed.copy()
        squares[target] -= 1.0
        said = [
            f"(1/3)·Σ ½(x − t)² = (1/6)·({' + '.join(number(v) for v in (squares * squares).tolist())}) = "
        ]
    return [*said, part(number(value), "loss", strong=True)]


def verdict(
    logits: Numbers, target: int, feed: str, loss: str, live: bool, names: Names, words: Words
) -> dict[str, Any]:
    """Return the chosen cell in words: the call, how right it is and why, both numbers, the formula."""
    i, j = place(feed, loss)
    kind = VERDICTS[i][j]
    ours = float(core_table(logits, target).values[i, j])
    theirs = float(torch_table(logits, target).values[i, j]) if live else None
    x = feeds(logits)[j]
    inner = "z" if feed == "logits" else f"{feed}(z)"
    goal = "y" if loss in ("NLLLoss", "CrossEntropyLoss") else "onehot(y)"
    return lines(
        [
            part(f"{loss}({inner}, {goal})", strong=True),
            "  ",
            part(f"{MARKS[kind]} {words[kind]}", ROLES[kind], strong=True),
        ],
        compared(theirs, ours, words),
        [f"x = {inner} = " if inner != "z" else "x = z = ", part(row(x.tolist()), "q", strong=True)],
        _formula(x, loss, target, names[target], ours),
        [words[f"{loss}_{feed}"]],
    )


def pull(
    logits: Numbers, target: int, feed: str, loss: str, live: bool, names: Names, words: Words
) -> dict[str, Any]:
    """Return the gradient of the chosen cell in every score, beside p − onehot, which would be right."""
    i, j = place(feed, loss)
    ours = core_table(logits, target).gradients[i, j].tolist()
    theirs = torch_table(logits, target).gradients[i, j].tolist() if live else [None] * len(ours)
    right = cross_entropy_gradient(logits, target).tolist()
    x = feeds(logits)[j].tolist()
    rows: list[Row] = [
        [part(name, role_of(k), strong=True), number(x[k]), *beside(theirs[k], ours[k]), number(right[k])]
        for k, name in enumerate(names)
    ]
    head = [*heads(words, words["class"], words["x"]), words["right"]]
    return table(head, rows, title=words["title"], caption=words["caption"])


# ---------------------------------------------------------------------------------- the computation graph

# Left edges and right edges of the columns of the graph, in its own units, of its loss, and where the picked
# one turns down to it: so narrow that a column of 250 pixels holds it.
_Z, _OP, _LOGS, _TURN, _LOSS = (0.0, 2.5), (4.2, 4.9), (6.6, 9.1), 9.75, (2.2, 4.7)
_LOW = -1.25  # the row of the loss
_TALL = 0.27
ON, OFF = Look("soft"), Look("rest/0.45", "dot")


@lru_cache(maxsize=1024)
def _graph(logits: Numbers, target: int, live: bool) -> reference.Graph:
    """Return values and gradients along the graph, by torch or by core."""
    if live:
        return reference.cross_entropy_graph(logits, target)
    log_probs = log_softmax(logits)
    picked = float(log_probs[target])
    onehot = np.zeros(len(logits))
    onehot[target] = 1.0
    return reference.Graph(
        log_probs, picked, -picked, cross_entropy_gradient(logits, target), -onehot, -1.0, 1.0
    )


@lru_cache(maxsize=64)
def _still(target: int, names: tuple[str, ...]) -> list[Mark]:
    """Return what no score moves: the edges of the graph, its nodes and their names."""
    count = len(names)
    heights = [float(count - 1 - k) for k in range(count)]
    above: Mark = {"xanchor": "left", "yanchor": "bottom"}

    def edge(x: Pair, y: Pair, on: bool = True) -> Mark:
        return line(np.array(x), np.array(y), ON if on else OFF, width=2.5 if on else 1.5)

    def node(x: Pair, y: float, colour: str) -> Mark:
        return box(x, (y - _TALL, y + _TALL), rim=colour, layer="below")

    return [
        *(edge((_Z[1], _OP[0]), (y, y)) for y in heights),
        *(edge((_OP[1], _LOGS[0]), (y, y)) for y in heights),
        *(edge((_LOGS[1], _TURN), (y, y), k == target) for k, y in enumerate(heights)),
        edge((_TURN, _TURN), (heights[0], _LOW), False),
        line(np.array([_TURN, _TURN, _LOGS[1]]), np.array([heights[target], _LOW, _LOW]), ON, width=2.5),
        edge((_LOGS[0], _LOSS[1]), (_LOW, _LOW)),
        *(node(_Z, y, class_colour(k)) for k, y in enumerate(heights)),
        box(_OP, (-0.4, count - 0.6), rim="@soft", fill="@rest/0.12", layer="below"),
        *(node(_LOGS, y, class_colour(k)) for k, y in enumerate(heights)),
        node(_LOGS, _LOW, class_colour(target)),
        node(_LOSS, _LOW, "@loss"),
        *(
            label(name, _Z[0], y + _TALL, **above, font={"size": 14, "color": class_colour(k)})
            for k, (name, y) in enumerate(zip(names, heights, strict=True))
        ),
        label(
            "log_softmax",
            0.5 * sum(_OP),
            0.5 * (count - 1),
            textangle=-90,
            font={"size": 14, "color": "@ink"},
        ),
        label("log p", _LOGS[0], heights[0] + _TALL, **above, colour="@soft"),
        label("log p(y)", _LOGS[0], _LOW + _TALL, **above, colour="@soft"),
        label("L = −log p(y)", _LOSS[0] - 1.0, _LOW + _TALL, **above, colour="@loss"),
    ]


@lru_cache(maxsize=8)
def _targets(names: Names) -> tuple[Mark, ...]:
    """Return the boxes of the classes as what they look like: each picks its class."""
    return tuple(
        pressed(f"y = {name}", ends, (len(names) - 1.3 - k, len(names) - 0.7 - k), {"y": k})
        for k, name in enumerate(names)
        for ends in (_Z, _LOGS)
    )


def graph(logits: Numbers, target: int, live: bool, names: Names, words: Words) -> Figure:
    """Return scores → log-softmax → pick → minus → loss: values in the nodes, gradients under the edges."""
    made = _graph(logits, target, live)
    count = len(logits)
    heights = [float(count - 1 - k) for k in range(count)]
    spots = [
        *((0.5 * sum(_Z), y, short(z, 4)) for y, z in zip(heights, logits, strict=True)),
        *((0.5 * sum(_LOGS), y, short(v, 4)) for y, v in zip(heights, made.log_probs.tolist(), strict=True)),
        (0.5 * sum(_LOGS), _LOW, short(made.picked, 4)),
        (0.5 * sum(_LOSS), _LOW, f"<b>{short(made.loss, 4)}</b>"),
    ]
    back = [
        *(
            (0.5 * (_Z[1] + _OP[0]), y, g)
            for y, g in zip(heights, made.logits_gradient.tolist(), strict=True)
        ),
        *(
            (0.5 * (_OP[1] + _LOGS[0]), y, g)
            for y, g in zip(heights, made.log_probs_gradient.tolist(), strict=True)
        ),
    ]

    def texts_at(items: Sequence[tuple[float, float, str]], colour: str, hover: Sequence[str]) -> Mark:
        x, y, said = zip(*items, strict=True)
        more: Mark = {
            "textfont": {"color": colour, "size": 14},
            "customdata": texts(hover),
            "cliponaxis": False,
        }
        return written(np.array(x), np.array(y), said, hover="%{customdata}", **more)

    full = [*(number(z) for z in logits), *(number(v) for v in made.log_probs.tolist())]
    full += [number(made.picked), number(made.loss)]
    under = [(x, y - 0.2, short(g, 4 if x < _OP[0] else 2)) for x, y, g in back]
    under += [
        (_TURN - 0.35, _LOW - 0.42, number(made.picked_gradient, 2)),
        (0.5 * (_LOSS[1] + _LOGS[0]), _LOW - 0.2, number(made.loss_gradient, 2)),
    ]
    said_back = [
        *(f"∂L/∂z({name}) = {number(g)}" for name, (_, _, g) in zip(names, back[:count], strict=True)),
        *(f"∂L/∂log p({name}) = {number(g)}" for name, (_, _, g) in zip(names, back[count:], strict=True)),
        f"∂L/∂log p(y) = {number(made.picked_gradient)}",
        f"∂L/∂L = {number(made.loss_gradient)}",
    ]
    return picture(
        {**words, "caption": words["caption" if live else "caption_core"]},
        [
            *_still(target, tuple(names)),
            texts_at(spots, "@ink", full),
            texts_at(under, "@loss", said_back),
            *_targets(tuple(names)),
        ],
        x=hidden_axis(-0.1, 10.0),
        y=hidden_axis(_LOW - 0.65, count - 0.3),
        height=350,
        narrow=320,
        margin=(4, 4, 4, 4),
    )


def graph_table(logits: Numbers, target: int, live: bool, names: Names, words: Words) -> dict[str, Any]:
    """Return the graph's loss and gradients, torch's beside core's."""
    ours = _graph(logits, target, False)
    theirs = _graph(logits, target, True) if live else None
    # Joined: what broke in two lines where the numbers are long would move all that stands below.
    gradient = words["gradient"].replace("/", "/\u2060") + "(\u2060"
    rows: list[Row] = [
        [
            [gradient, part(name, role_of(k), strong=True), ")"],
            *beside(float(theirs.logits_gradient[k]) if theirs else None, float(ours.logits_gradient[k])),
        ]
        for k, name in enumerate(names)
    ]
    rows.insert(0, [words["loss"], *beside(theirs.loss if theirs else None, ours.loss)])
    return table(heads(words, ""), rows, title=words["title"], caption=words["caption"])


# -------------------------------------------------------------------------------------------- the options


class Options(NamedTuple):
    """What CrossEntropyLoss is told besides the scores."""

    labels: tuple[int, ...] = LABELS
    goal: str = "index"
    weights: Numbers = (1.0, 1.0, 1.0)
    ignore: int = -100
    smoothing: float = 0.0
    reduction: str = "mean"


class Answers(NamedTuple):
    """What comes back: the losses of the pictures and what they are reduced to, or an error."""

    losses: list[float] | None
    result: float | list[float] | None
    error: str | None


def _goal(options: Options) -> Any:
    """Return the target as it is handed over."""
    if options.goal == "index":
        return np.array(options.labels)
    if options.goal == "onehot":
        return np.eye(3)[list(options.labels)]
    return np.tile(SOFT, (3, 1))


@lru_cache(maxsize=4096)
def answers(options: Options, live: bool) -> Answers:
    """Return what torch says, or (not ``live``) core.

    Examples
    --------
    >>> made = answers(Options(weights=(1.0, 0.2, 0.1)), False)
    >>> [round(loss, 6) for loss in made.losses], round(made.result, 6)
    ([0.349012, 0.002058, 0.143547], 0.380475)
    """

    def ask(reduction: str) -> Outcome:
        given = {
            "weight": options.weights,
            "ignore_index": options.ignore,
            "reduction": reduction,
            "label_smoothing": options.smoothing,
        }
        asked: Callable[..., Any] = reference.cross_entropy_loss if live else cross_entropy_loss
        value, error = attempt(asked, SCORES, _goal(options), **given)
        return Outcome(value.value if live and error is None else value, error)

    none, error = ask("none")
    if error is not None:
        return Answers(None, None, error)
    losses: list[float] = np.asarray(none).tolist()
    if options.reduction == "none":
        return Answers(losses, losses, None)
    return Answers(losses, float(ask(options.reduction).value), None)


def divisor(options: Options) -> float:
    """Return what the mean divides by: the weights that take part, or N for probabilities.

    Examples
    --------
    >>> print(round(divisor(Options(weights=(1.0, 0.2, 0.1))), 6), divisor(Options(goal="onehot")))
    1.3 3.0
    """
    if options.goal != "index":
        return float(len(SCORES))
    return math.fsum(options.weights[y] for y in options.labels if y != options.ignore)


def batch(options: Options, live: bool, pictures: Names, words: Words) -> Figure:
    """Return the loss of each picture: core's as a bar, torch's as a diamond; a line at the mean."""
    ours, theirs = answers(options, False), answers(options, True) if live else None
    losses = ours.losses or [0.0] * 3
    torchs = (theirs and theirs.losses) or [math.nan] * 3
    top = step_up(1.15 * max(losses), floor=1.0)
    mean = ours.result if options.reduction == "mean" and isinstance(ours.result, float) else math.nan
    drawn = math.isfinite(mean)
    ignored = [options.goal == "index" and y == options.ignore for y in options.labels]
    said_of = [
        "" if ours.losses is None else words["ignored"] if left else number(loss)
        for loss, left in zip(losses, ignored, strict=True)
    ]
    right: Mark = {"xref": "paper", "xanchor": "right"}
    tones: Mark = {"marker": {"color": [class_colour(k) for k in _SHOWN]}}
    above: Mark = {**right, "yref": "paper", "yanchor": "bottom", "colour": "@loss"}
    return picture(
        words,
        [
            bars(np.array(losses), np.arange(3.0), ON, hover=words["hover"], width=0.5, **tones),
            diamonds(np.array(torchs), np.arange(3.0), words["hover_torch"]),
            cursor(min(mean, 1.7 * top) if drawn else 0.0, -0.6, 2.6)
            | {"opacity": float(drawn), "line": {"color": "@loss", "width": 2, "dash": "dash"}},
            label(f"{words['mean']} {number(mean)}" if drawn else "", 1.0, 1.0, **above),
            *(
                label(said, 1.0, i, **right, colour=class_colour(k))
                for i, (said, k) in enumerate(zip(said_of, _SHOWN, strict=True))
            ),
        ],
        x=scale(0.0, 1.7 * top, [0.0, 0.5 * top, top]),
        y=named_axis(pictures, (2.6, -0.6)) | {"ticks": "outside", "ticklen": 8, "tickcolor": "@rest/0"},
        height=270,
        margin=(30, 8, 52, 104),
    )


def batch_lines(options: Options, live: bool, words: Words) -> dict[str, Any]:
    """Return the reduction with its numbers, what torch and core say, and a sentence where one is due."""
    ours, theirs = answers(options, False), answers(options, True) if live else None
    error = (theirs or ours).error
    if error is not None:
        return lines(
            [part(words["error"], "loss", strong=True), f" {error}"],
            [f"{words['core']}: {refused(ours.error, words) if ours.error else MISSING}"],
            [words["error_why"]],
        )
    losses = ours.losses or []
    total = math.fsum(losses)
    added = " + ".join(number(loss) for loss in losses)
    below = divisor(options)
    said: list[list[Segment]] = []
    if options.reduction == "none":
        said.append([f"none: {row(losses)}"])
    elif options.reduction == "sum":
        said.append([f"sum = {added} = ", part(number(total), "loss", strong=True)])
    else:
        mean = ours.result if isinstance(ours.result, float) else math.nan
        said.append(
            [
                f"mean = ({added}) / {number(below)} = {number(total)} / {number(below)} = ",
                part(shown(mean), "loss", strong=True),
            ]
        )
    if isinstance(ours.result, float):
        told = theirs.result if theirs and isinstance(theirs.result, float) else None
        said.append(compared(told, ours.result, words))
        if math.isnan(ours.result):
            said.append([words["nan"]])
    if options.goal == "index":
        said.append([words["index"]])
    else:
        said.append([words["probs"]])
    if options.smoothing > 0.0:
        said.append([words["smoothed"], f" {row(smoothed(options.smoothing))}"])
    return lines(*said)


REFUSALS = {
    "shape": r"target must have shape (?P<wanted>.+), one class index per sample, not (?P<given>.+)\.",
    "kind": r"target must hold integer class indices here, not (?P<given>.+)\.",
    "range": r"target must hold class indices from 0 to (?P<last>.+), "
    r"but ranges from (?P<low>.+) to (?P<high>.+)\.",
    "ignore": r"ignore_index must be negative with class probabilities, not (?P<given>.+)\.",
}
"""What core says where it refuses something on this page; ``refused.<name>`` in the lesson says the same."""


def refused(error: str, words: Words) -> str:
    """Return what core says to what it refuses, in words.

    Examples
    --------
    >>> refused(
    ...     "target must hold integer class indices here, not float64.",
    ...     {"refused.kind": "Whole numbers, please, not @{given}."},
    ... )
    'Whole numbers, please, not float64.'
    """
    for name, pattern in REFUSALS.items():
        if found := re.fullmatch(pattern, error):
            said = words[f"refused.{name}"]
            for place, text in found.groupdict().items():
                said = said.replace(f"@{{{place}}}", text)
            return said
    return error


def smoothed(smoothing: float) -> Numbers:
    """Return the target of a true class and of the two others after label smoothing.

    Examples
    --------
    >>> [round(t, 6) for t in smoothed(0.1)]
    [0.933333, 0.033333, 0.033333]
    """
    rest = smoothing / 3.0
    return (1.0 - smoothing + rest, rest, rest)


def batch_table(options: Options, live: bool, pictures: Names, names: Names, words: Words) -> dict[str, Any]:
    """Return each picture's scores, target, weight and loss, torch's beside core's."""
    ours, theirs = answers(options, False), answers(options, True) if live else None
    mine: Sequence[float | None] = ours.losses or [None] * 3
    told: Sequence[float | None] = (theirs and theirs.losses) or [None] * 3
    rows: list[Row] = []
    for i, name in enumerate(pictures):
        y = options.labels[i]
        goal = f"{names[y]} ({y})" if options.goal == "index" else row(_goal(options)[i].tolist())
        weight = number(options.weights[y]) if options.goal != "soft" else row(options.weights)
        rows.append([name, row(SCORES[i]), goal, weight, *beside(told[i], mine[i])])
    if isinstance(ours.result, float):
        result = theirs.result if theirs and isinstance(theirs.result, float) else None
        rows.append([options.reduction, "", "", "", *beside(result, ours.result)])
    head = heads(words, words["picture"], words["scores"], words["target"], words["weight"])
    return table(head, rows, caption=words["caption"])


# --------------------------------------------------------------------------------------- shapes and types


class Shape(NamedTuple):
    """A loss and what it is handed."""

    loss: str
    values: Any
    target: Any


SHAPES = (
    "batch",
    "single",
    "pixels",
    "channels_last",
    "column",
    "onehot",
    "floats",
    "int32",
    "short",
    "outside",
    "ignored",
    "transposed",
)


@cache
def shape_of(case: str) -> Shape:
    """Return what is handed over in a case of ``SHAPES``.

    Examples
    --------
    >>> made = shape_of("channels_last")
    >>> made.values.shape, made.target.shape
    ((2, 4, 5, 3), (2, 4, 5))
    """
    scores, labels = np.array(SCORES), np.array(LABELS, dtype=np.int64)
    which = np.add.outer(np.arange(2), np.add.outer(np.arange(4), np.arange(5))) % 3
    last = scores[which]
    made = {
        "batch": ("CrossEntropyLoss", scores, labels),
        "single": ("CrossEntropyLoss", scores[0], labels[0]),
        "pixels": ("CrossEntropyLoss", np.moveaxis(last, -1, 1), labels[which]),
        "channels_last": ("CrossEntropyLoss", last, labels[which]),
        "column": ("CrossEntropyLoss", scores, labels[:, np.newaxis]),
        "onehot": ("NLLLoss", log_softmax(scores), np.eye(3)[labels]),
        "floats": ("CrossEntropyLoss", scores, labels.astype(np.float64)),
        "int32": ("CrossEntropyLoss", scores, labels.astype(np.int32)),
        "short": ("CrossEntropyLoss", scores, labels[:2]),
        "outside": ("CrossEntropyLoss", scores, np.array([0, 2, 3])),
        "ignored": ("CrossEntropyLoss", scores, np.full(3, -100)),
        "transposed": ("CrossEntropyLoss", np.ascontiguousarray(scores.T), labels),
    }
    return Shape(*made[case])


@cache
def shape_answer(case: str, live: bool) -> Outcome:
    """Return what torch, or (not ``live``) core, says to a case: a number or an error message.

    Examples
    --------
    >>> print(round(shape_answer("batch", False).value, 6))
    0.362443
    """
    loss, values, target = shape_of(case)
    if live:
        return attempt(reference.loss_as_given, loss, values, target)
    ours: Callable[..., Any] = nll_loss if loss == "NLLLoss" else cross_entropy_loss
    return attempt(ours, values, target)


def shapes(case: str, words: Words) -> Figure:
    """Return the axes of what is handed over, above the axes that the target should have."""
    _, values, target = shape_of(case)
    given = np.asarray(target)
    axes = ("C",) if values.ndim == 1 else ("N", "C", *(f"d{i}" for i in range(1, values.ndim - 1)))
    place_of_c = axes.index("C")
    wanted = values.shape[:place_of_c] + values.shape[place_of_c + 1 :]
    wanted_axes = axes[:place_of_c] + axes[place_of_c + 1 :]
    good_type = given.dtype == np.int64
    marks: list[Mark] = []
    spots: list[tuple[float, float, str]] = []

    def draw(y: int, sizes: Sequence[int], called: Sequence[str], wrong: Sequence[bool]) -> None:
        for i, size in enumerate(sizes):
            name = called[i] if i < len(called) else "?"
            colour = "@loss" if wrong[i] else "@q" if name == "C" else "@p" if name == "N" else "@rest"
            place = ((i + 0.06, i + 0.94), (y - 0.38, y + 0.38))
            marks.append(box(*place, rim=colour, fill=f"{colour}/0.14", layer="below"))
            marks.append(label(f"<b>{size}</b>{' ✗' if wrong[i] else ''}<br>{name}", i + 0.5, y))
            spots.append((i + 0.5, float(y), f"{name}: {size}"))
        if not sizes:
            marks.append(label("( )", 0.06, y, xanchor="left"))
            spots.append((0.3, float(y), "( )"))

    def kind(y: int, name: str, wrong: bool) -> None:
        colour = "@loss" if wrong else "@soft"
        marks.append(label(f"{name} ✗" if wrong else name, 5.6, y, xanchor="right", colour=colour))

    draw(2, values.shape, axes, [False] * values.ndim)
    kind(2, str(values.dtype), False)
    draw(1, wanted, wanted_axes, [False] * len(wanted))
    kind(1, "int64", False)
    differs = [i >= len(wanted) or size != wanted[i] for i, size in enumerate(given.shape)]
    draw(0, given.shape, wanted_axes, differs)
    kind(0, str(given.dtype), not good_type)
    x, y, said = zip(*spots, strict=True)
    unseen: Mark = {"marker": {"size": 30, "opacity": 0}, "customdata": texts(said)}
    rows = {2: words["input"], 1: words["wanted"], 0: words["given"]}
    return picture(
        words,
        [dots(np.array(x), np.array(y), [ON], hover="%{customdata}", **unseen), *marks],
        x=hidden_axis(0.0, 5.6),
        y=scale(-0.5, 2.5, rows, showgrid=False, showline=False, stubs=False),
        height=230,
        margin=(6, 6, 6, 96),
        narrow=230,
    )


def _shape(sizes: Sequence[int]) -> str:
    """Return a shape as Python writes it."""
    return str(tuple(sizes))


def shape_lines(case: str, live: bool, words: Words) -> dict[str, Any]:
    """Return what torch really says to a case, what core says, and what to do about it."""
    loss, values, target = shape_of(case)
    ours, theirs = shape_answer(case, False), shape_answer(case, True) if live else Outcome(None, None)

    def said(who: str, outcome: Outcome, role: str) -> list[Segment]:
        if outcome.error is not None:
            error = outcome.error if who == "torch" else refused(outcome.error, words)
            return [part(f"{words[who]}: ", strong=True), part(error, role, strong=True)]
        return [part(f"{words[who]}: ", strong=True), part(shown(_float(outcome.value)), role, strong=True)]

    return lines(
        [
            part(f"{loss}", strong=True),
            f"  {words['input']} {_shape(values.shape)} {values.dtype}, "
            f"{words['target']} {_shape(np.shape(target))} {np.asarray(target).dtype}",
        ],
        said("torch", theirs, "loss"),
        said("core", ours, ""),
        [f"{words['difference']} {gap(_float(theirs.value), _float(ours.value))}"],
        [words[case]],
    )


def _float(value: Any) -> float | None:
    """Return an outcome's value as a number."""
    return None if value is None else float(value)


# ---------------------------------------------------------------------------------------------- KLDivLoss

KL_CALLS: Mapping[str, bool] = {
    "batchmean": True,
    "sum": True,
    "log_target": True,
    "mean": False,
    "unbatched": False,
    "swapped": False,
    "probabilities": False,
}
"""Each way to call KLDivLoss, and whether it gives KL(p‖q). A name without a word in the lesson is code."""


def _kl_arguments(call: str, p: Floats, q: Floats) -> tuple[Any, Any, dict[str, Any]]:
    """Return what is handed over in a call."""
    with np.errstate(divide="ignore"):
        log_p, log_q = np.log(p), np.log(q)
    if call == "log_target":
        return log_q[np.newaxis], log_p[np.newaxis], {"reduction": "batchmean", "log_target": True}
    if call == "unbatched":
        return log_q, p, {"reduction": "batchmean"}
    if call == "swapped":
        return log_p[np.newaxis], q[np.newaxis], {"reduction": "batchmean"}
    if call == "probabilities":
        return q[np.newaxis], p[np.newaxis], {"reduction": "batchmean"}
    return log_q[np.newaxis], p[np.newaxis], {"reduction": call}


@lru_cache(maxsize=2048)
def kl_answers(p_weights: Numbers, q_weights: Numbers, live: bool) -> dict[str, float]:
    """Return what every call gives, by torch or by core.

    Examples
    --------
    >>> made = kl_answers((0.8, 0.1, 0.1), (0.2, 0.2, 0.6), False)
    >>> print(round(made["batchmean"], 6), round(made["unbatched"], 6), round(made["probabilities"], 6))
    0.860545 0.286848 -0.879032
    """
    p, q = distribution(p_weights)[0], distribution(q_weights)[0]
    made: dict[str, float] = {}
    for call in KL_CALLS:
        values, target, options = _kl_arguments(call, p, q)
        if live:
            made[call] = float(reference.kl_div_loss(values, target, **options).value)
        else:
            made[call] = float(kl_div_loss(values, target, **options))
    return made


def kl(p: Numbers, q: Numbers, live: bool, words: Words) -> Figure:
    """Return what every call gives: core's as a bar, torch's as a diamond."""
    ours = kl_answers(p, q, False)
    theirs = kl_answers(p, q, True) if live else dict.fromkeys(KL_CALLS, math.nan)
    values = [ours[call] for call in KL_CALLS]
    finite = np.array([v if math.isfinite(v) else 0.0 for v in values])
    torchs = np.array([v if math.isfinite(v) else math.nan for v in theirs.values()])
    top = step_up(float(finite.max()), floor=1.0)
    count = len(KL_CALLS)
    named = [
        f"{MARKS['right' if right else 'wrong']} {words.get(call, call)}" for call, right in KL_CALLS.items()
    ]
    tones: Mark = {"marker": {"color": ["@kl" if right else "@rest" for right in KL_CALLS.values()]}}
    places = np.arange(float(count))
    return picture(
        words,
        [
            bars(finite, places, ON, hover=words["hover"], width=0.55, **tones),
            diamonds(torchs, places, words["hover_torch"], size=12),
            *(
                label(
                    f"{'→ ' if math.isinf(v) else ''}{number(v)}",
                    1.0,
                    i,
                    xref="paper",
                    xanchor="right",
                    colour="@kl" if right else "@ink",
                )
                for i, (v, right) in enumerate(zip(values, KL_CALLS.values(), strict=True))
            ),
        ],
        x=scale(-1.4, 2.6 * top, [-1.0, 0.0, top], zeroline=True),
        y=named_axis(named, (count - 0.5, -0.5)),
        height=330,
        margin=(6, 8, 52, 150),
    )


def kl_table(p: Numbers, q: Numbers, live: bool, words: Words) -> dict[str, Any]:
    """Return every call with torch's number, core's and their difference."""
    ours = kl_answers(p, q, False)
    theirs: Mapping[str, float | None] = kl_answers(p, q, True) if live else dict.fromkeys(KL_CALLS)
    rows: list[Row] = [
        [
            [
                part(MARKS["right" if right else "wrong"], "truth" if right else "loss", strong=True),
                f" {words.get(call, call)}",
            ],
            *beside(theirs[call], ours[call]),
        ]
        for call, right in KL_CALLS.items()
    ]
    return table(heads(words, words["call"]), rows, caption=words["caption"])


def kl_lines(p: Numbers, q: Numbers, live: bool, words: Words) -> dict[str, Any]:
    """Return the terms of ``reduction="none"`` and their sum."""
    model, goal = distribution(q)[0], distribution(p)[0]
    with np.errstate(divide="ignore"):
        log_q = np.log(model)
    terms = np.asarray(kl_div_loss(log_q, goal, reduction="none")).tolist()
    total = kl_answers(p, q, False)["batchmean"]
    said: list[list[Segment]] = [
        [
            "none: p·(log p − log q) = ",
            part(row(terms), "kl", strong=True),
            f", {words['sum']} ",
            part(number(total), "kl", strong=True),
        ]
    ]
    if live:
        theirs = np.asarray(reference.kl_div_loss(log_q, goal, reduction="none").value).tolist()
        said.append([f"{words['torch']}: ", part(row(theirs), "loss", strong=True)])
    if not math.isfinite(total):
        said.append([words["infinite"]])
    return lines(*said)


# --------------------------------------------------------------------------- BCEWithLogitsLoss in float32

WAYS: Mapping[str, str] = {
    "with_logits": "BCEWithLogitsLoss(z)",
    "sigmoid": "BCELoss(sigmoid(z))",
    "log_softmax": "−log_softmax((0, z))",
    "log_of_softmax": "−log(softmax((0, z)))",
}
"""Ways to one loss, as code."""
_SPANS = ((6.0, 8.0), (25.0, 110.0), (250.0, 260.0))
BINARY_LOOKS = (Look("loss", "solid"), Look("p", "dash"))


def span(logit: float) -> tuple[float, float]:
    """Return how far the axes reach: near 0, near float32's edge, or far.

    Examples
    --------
    >>> span(1.5), span(-20.0), span(-200.0)
    ((6.0, 8.0), (25.0, 110.0), (250.0, 260.0))
    """
    return next(ends for ends in _SPANS if abs(logit) <= ends[0])


# Dense where the axes may end: one curve for every range, so that no frame sends it.
_LOGITS = np.unique(np.concatenate([np.linspace(-reach, reach, 201) for reach, _ in _SPANS]).round(3))


@lru_cache(maxsize=4)
def _binary_curves(target: int, live: bool) -> tuple[Floats, Floats]:
    """Return the loss with logits, and BCELoss of a sigmoid, in float32; without torch the first by core."""
    if live:
        ways = reference.binary_in_float32(_LOGITS, target)
        return np.asarray(ways["with_logits"].value), np.asarray(ways["sigmoid"].value)
    goal = np.full(_LOGITS.shape, target)
    exact = np.asarray(binary_cross_entropy_with_logits(_LOGITS, goal, reduction="none"))
    return exact, np.full(_LOGITS.shape, math.nan)


@lru_cache(maxsize=1024)
def _binary_ways(logit: float, target: int) -> dict[str, tuple[float, float]]:
    """Return loss and slope of each of ``WAYS`` by torch in float32."""
    made = reference.binary_in_float32(logit, target)
    return {way: (float(made[way].value), float(made[way].gradient)) for way in WAYS}


def binary(logit: float, target: int, live: bool, words: Words) -> Figure:
    """Return the loss over the logit, stable and by way of a sigmoid, in float32, with a cursor."""
    reach, top = span(logit)
    stable, through = _binary_curves(target, live)
    ours = float(binary_cross_entropy_with_logits(logit, float(target)))
    points = [ours, _binary_ways(logit, target)["sigmoid"][0] if live else ours]
    # The curves' names stand where the loss is small.
    side, anchor, inward = (1.0, "right", 0) if target else (0.0, "left", 6)
    corner: Mark = {"xref": "paper", "yref": "paper", "xanchor": anchor, "yanchor": "top", "xshift": inward}
    return picture(
        words,
        [
            *(
                line(_LOGITS, y, look, hover=words["hover"], gaps=True)
                for y, look in zip((stable, through), BINARY_LOOKS, strict=True)
            ),
            markers(logit, points, BINARY_LOOKS, (-0.05 * top, top)),
            cursor(logit, -0.05 * top, top),
            label(words["stable"], side, 1.0, **corner, yshift=-2, colour="@loss"),
            label(words["through"] if live else "", side, 1.0, **corner, yshift=-24, colour="@p"),
        ],
        x=scale(-reach, reach, zeroline=True),
        y=scale(-0.05 * top, top),
        height=330,
        margin=(12, 12, 52, 60),
    )


def binary_table(logit: float, target: int, pos_weight: float, live: bool, words: Words) -> dict[str, Any]:
    """Return the ways to one loss: torch's number, core's exact one, their difference, and torch's slope."""
    exact = float(binary_cross_entropy_with_logits(logit, float(target)))
    weighted = float(binary_cross_entropy_with_logits(logit, float(target), pos_weight=pos_weight))
    theirs: list[tuple[float | None, float | None]] = [(None, None)] * 5
    if live:
        value, slope = reference.binary_cross_entropy_with_logits(logit, float(target), pos_weight=pos_weight)
        ways = _binary_ways(logit, target)
        theirs = [(float(value), float(slope)), *(ways[way] for way in WAYS)]
    named = [f"BCEWithLogitsLoss(z), pos_weight={number(pos_weight)}, float64", *WAYS.values()]
    rows: list[Row] = [
        [name, *beside(told[0], weighted if i == 0 else exact), shown(told[1])]
        for i, (name, told) in enumerate(zip(named, theirs, strict=True))
    ]
    return table([*heads(words, words["way"]), words["slope"]], rows, caption=words["caption"])


# ------------------------------------------------------------------------------------- probabilities of 0


def zero_table(q: float, live: bool, words: Words) -> dict[str, Any]:
    """Return what software makes of −log q where the true class has probability q, 0 and 1 included."""
    model = np.array([q, 1.0 - q])
    with np.errstate(divide="ignore", invalid="ignore"):
        log_q = np.log(model)
        naive = float(-(np.array([1.0, 0.0]) * log_q).sum())
    exact = float(nll_loss(log_q, 0))
    soft = np.array([1.0, 0.0])
    theirs: list[float | None] = [None] * 3
    if live:
        theirs = [
            float(reference.nll_loss(log_q, 0).value),
            float(reference.cross_entropy_loss(log_q, soft).value),
            float(reference.binary_cross_entropy(q, 1.0)),
        ]
    rows: list[Row] = [
        ["NLLLoss(log q, 0)", *beside(theirs[0], exact)],
        ["CrossEntropyLoss(log q, (1, 0))", *beside(theirs[1], float(cross_entropy_loss(log_q, soft)))],
        ["BCELoss(q, 1)", *beside(theirs[2], exact)],
        [words["naive"], part(shown(naive), strong=True), part(shown(exact), strong=True), gap(naive, exact)],
    ]
    return table(heads(words, words["way"]), rows, title=words["title"], caption=words["caption"])


# ---------------------------------------------------------------------------------------- GaussianNLLLoss

_GAUSS_LIMITS = (-3.0, 20.0)
GAUSS_LOOKS = (Look("loss", "solid"), Look("truth", "dash"), Look("rest", "dot"))
GAUSS_CALLS = ("— ✓ var = σ²", "- - ✓ var = σ², full=True", "· · ✗ var = σ")
# Above the axes, in two rows: where their names stand.
_GAUSS_NAMES = ((0.0, "left", 25), (0.0, "left", 3), (1.0, "right", 25))
_MEANS = np.linspace(150.0, 200.0, 201)


def gauss_values(
    mean: Any, observed: float, sigma: float, ask: Callable[..., Any] = gaussian_nll_loss
) -> list[Any]:
    """Return the loss with the variance, with the constant too, and both with the deviation in its place.

    Examples
    --------
    >>> [round(float(v), 5) for v in gauss_values(172.0, 180.0, 4.8)]
    [2.9575, 3.87644, 7.45097, 8.36991]
    """
    goal = np.broadcast_to(observed, np.shape(mean))
    calls = ((sigma * sigma, False), (sigma * sigma, True), (sigma, False), (sigma, True))
    return [ask(mean, goal, variance, full=full, reduction="none") for variance, full in calls]


@lru_cache(maxsize=1024)
def _gauss_curves(observed: float, sigma: float) -> list[Any]:
    """Return the three curves over the mean."""
    return gauss_values(_MEANS, observed, sigma)[:3]


def gauss(observed: float, mean: float, sigma: float, words: Words) -> Figure:
    """Return the loss over the predicted mean: with the variance, with the constant, with the deviation."""
    low, high = _GAUSS_LIMITS
    points = [float(v) for v in gauss_values(mean, observed, sigma)[:3]]
    above: Mark = {"xref": "paper", "yref": "paper", "yanchor": "bottom"}
    return picture(
        words,
        [
            *(
                line(_MEANS, y, look, hover=words["hover"])
                for y, look in zip(_gauss_curves(observed, sigma), GAUSS_LOOKS, strict=True)
            ),
            markers(mean, points, GAUSS_LOOKS, _GAUSS_LIMITS),
            cursor(mean, low, high),
            grip("mean", mean, high - 0.6, label=words["grip"], axes="x", control="mean"),
            *(
                label(said, x, 1.0, **above, xanchor=anchor, yshift=shift, colour=look.colour)
                for said, look, (x, anchor, shift) in zip(GAUSS_CALLS, GAUSS_LOOKS, _GAUSS_NAMES, strict=True)
            ),
        ],
        x=scale(150.0, 200.0),
        y=scale(low, high),
        height=350,
        margin=(52, 12, 52, 56),
    )


def gauss_table(observed: float, mean: float, sigma: float, live: bool, words: Words) -> dict[str, Any]:
    """Return the four calls: torch's number, core's, their difference."""
    ours = [float(v) for v in gauss_values(mean, observed, sigma)]
    theirs: list[float | None] = [None] * 4
    if live:
        asked = gauss_values(mean, observed, sigma, reference.gaussian_nll_loss)
        theirs = [float(made.value) for made in asked]
    variance, deviation = number(sigma * sigma), number(sigma)
    given = (
        f"var = σ² = {variance}",
        f"var = σ² = {variance}, full=True",
        f"var = σ = {deviation}",
        f"var = σ = {deviation}, full=True",
    )
    marks = ("right", "right", "wrong", "wrong")
    rows: list[Row] = [
        [
            [part(MARKS[mark], ROLES[mark], strong=True), f" {said}"],
            *beside(told, mine),
        ]
        for mark, said, told, mine in zip(marks, given, theirs, ours, strict=True)
    ]
    return table(heads(words, words["call"]), rows, caption=words["caption"])


# ------------------------------------------------------------------------------------------------ in code


def code_panel(
    logits: Numbers,
    target: int,
    options: Options,
    beliefs: tuple[Numbers, Numbers],
    binary_state: tuple[float, int, float],
    gauss_state: tuple[float, float, float],
) -> dict[str, Any]:
    """Return the same losses as NumPy and as PyTorch, at the present values."""
    p, q = (distribution(weights)[0].tolist() for weights in beliefs)
    logit, positive, pos_weight = binary_state
    observed, mean, sigma = gauss_state
    goal = np.asarray(_goal(options)).tolist()
    scores, weights = [list(s) for s in SCORES], list(options.weights)
    # Probabilities cannot be ignored: torch raises an error, so the code leaves the option out.
    ignore = options.ignore if options.goal == "index" else -100
    ignoring = f", ignore_index={ignore}" if ignore >= 0 else ""
    reduced = {
        "mean": "losses.sum() / divisor",
        "sum": "losses.sum()",
        "none": "losses",
    }[options.reduction]
    if options.goal == "index":
        prepare = f"""y = np.array({goal})                      # @indices
kept = y != {ignore}
t = np.eye(3)[y]
divisor = w[y][kept].sum()  # @weights"""
        counted = "* kept"
    else:
        prepare = f"""t = np.array({goal})  # @probs
divisor = len(t)            # @count"""
        counted = "* 1.0"
    return code(
        NumPy=f"""import numpy as np

def log_softmax(x):
    shifted = x - x.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))

z, y = np.array({list(logits)}), {target}
log_p = log_softmax(z)
print(-log_p[y])                # @right
print(-np.exp(log_p)[y])        # @wrong_nll
print(-log_softmax(np.exp(log_p))[y])  # @twice

scores = np.array({scores})
w, smoothing = np.array({weights}), {options.smoothing}
{prepare}
t = (1 - smoothing) * t + smoothing / 3
losses = -(w * t * log_softmax(scores)).sum(axis=1) {counted}
with np.errstate(invalid="ignore", divide="ignore"):
    print(losses, {reduced})

p, q = np.array({p}), np.array({q})
happens = p > 0                 # @happens
with np.errstate(divide="ignore"):
    print((p[happens] * np.log(p[happens] / q[happens])).sum())  # KL(p || q)

x, t, weight = {logit}, {positive}, {pos_weight}
print(weight * t * np.logaddexp(0, -x) + (1 - t) * np.logaddexp(0, x))

observed, mean, sigma = {observed}, {mean}, {sigma}
print(0.5 * (np.log(sigma**2) + (observed - mean) ** 2 / sigma**2))
""",
        PyTorch=f"""import torch
import torch.nn.functional as F

double = torch.float64
z, y = torch.tensor({list(logits)}, dtype=double, requires_grad=True), torch.tensor({target})
loss = F.cross_entropy(z, y)                    # @logits
loss.backward()
print(loss.item(), z.grad)                      # @gradient
print(F.nll_loss(F.log_softmax(z, dim=-1), y).item())     # @log_probs
print(F.nll_loss(F.softmax(z, dim=-1), y).item())         # @wrong_probs
print(F.cross_entropy(F.softmax(z, dim=-1), y).item())    # @twice

scores = torch.tensor({scores}, dtype=double)
target = torch.tensor({goal}{"" if options.goal == "index" else ", dtype=double"})
w = torch.tensor({weights}, dtype=double)
print(F.cross_entropy(scores, target, weight=w{ignoring},
                      label_smoothing={options.smoothing}, reduction="{options.reduction}"))

p, q = torch.tensor([{p}], dtype=double), torch.tensor([{q}], dtype=double)
print(F.kl_div(q.log(), p, reduction="batchmean").item())  # @log_q

x, t = torch.tensor({logit}, dtype=double), torch.tensor({float(positive)}, dtype=double)
weight = torch.tensor({pos_weight}, dtype=double)
print(F.binary_cross_entropy_with_logits(x, t, pos_weight=weight).item())

observed, mean = torch.tensor({observed}, dtype=double), torch.tensor({mean}, dtype=double)
print(F.gaussian_nll_loss(mean, observed, {sigma} ** 2).item())  # @variance
""",
    )


# What is said at rest ---------------------------------------------------------------------------------------


def said(
    cell: tuple[Numbers, int, str, str],
    options: Options,
    case: str,
    beliefs: tuple[Numbers, Numbers],
    binary_: tuple[float, int],
    q: float,
    gauss_: tuple[float, float, float],
    words: Words,
) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest, by core: each section's loss, or that there is none."""
    logits, target, feed, loss = cell
    batch_, shape = answers(options, False), shape_answer(case, False)
    results = batch_.result if isinstance(batch_.result, list) else [batch_.result]
    observed, mean, sigma = gauss_
    with np.errstate(divide="ignore"):
        exact = float(nll_loss(np.log(np.array([q, 1.0 - q])), 0))

    def spoken(error: str | None, *values: float | None) -> str:
        if error:
            return refused(error, words).removesuffix(".")  # the sentence around it has its own
        # Of 0/0 the sentence says why it is none.
        none = [value is not None and math.isnan(value) for value in values]
        return ", ".join(
            words["nothing"] if is_none else shown(value) for value, is_none in zip(values, none, strict=True)
        )

    return {
        "main": {
            "call": f"{loss}({feed})",
            "value": number(float(core_table(logits, target).values[place(feed, loss)])),
        },
        "options": {"result": spoken(batch_.error, *results)},
        "shapes": {"result": spoken(shape.error, _float(shape.value))},
        "kl": {"value": number(kl_answers(*beliefs, False)["batchmean"])},
        "binary": {
            "z": number(binary_[0]),
            "value": number(float(binary_cross_entropy_with_logits(binary_[0], float(binary_[1])))),
        },
        "zero": {"q": number(q), "value": number(exact)},
        "gauss": {"mu": number(mean), "value": number(float(gauss_values(mean, observed, sigma)[0]))},
    }


def sketch() -> Sketch:
    """Return the curves of the lesson's small picture, and the limits of y: −log p, and −p by mistake."""
    p = np.linspace(0.03, 1.0, 60)
    x = np.linspace(0.0, 1.0, 60)
    return [(x, 0.0 - np.log(p), "loss"), (x, -p, "rest")], (-1.2, 3.5)
