"""Figures of the home page: one number computed five ways, and a small picture of each lesson."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from core.categorical import mean_nll
from core.figures.marks import (
    Look,
    class_bars,
    class_rows,
    faded,
    over_bars,
    past_end,
    picture,
    scale,
    score_grips,
)
from core.figures.text import Segment, fixed, number, part, table
from core.figures.theme import PALETTES, Figure, class_colours
from core.information import cross_entropy as mean_cost
from core.information import entropy, kl_divergence
from core.losses import cross_entropy_loss
from core.softmax import log_softmax
from core.softmax import softmax as probabilities

SCORES = scale(-11.0, 11.0, [-10, 0, 10], zeroline=True, domain=(0.0, 0.27))
SHARES = scale(0.0, 1.04, [0, 0.5, 1], domain=(0.35, 0.57))
# The losses of scores from -10 to 10 reach 20.7; most are far smaller, and their bars are to be seen. The
# axis stands still under the hand: beyond it a head says so, and the number stands over the bar.
LOSSES = scale(0.0, 10.4, [0, 5, 10], domain=(0.66, 1.0))


def thread(logits: Sequence[float], target: int, names: Sequence[str], words: dict[str, str]) -> Figure:
    """Return three linked columns, the scores, the probabilities and −log p, with the true class in full."""
    losses = 0.0 - log_softmax(logits)
    probs = probabilities(logits)
    count = len(logits)

    def bars(x: Any, on: str, colours: Sequence[str]) -> dict[str, Any]:
        marker = faded(colours, target)
        return class_bars(x, [""] * count, "%{customdata}: %{x:.4f}", names, xaxis=on, marker=marker)

    return picture(
        words,
        [
            bars(np.array(logits), "x", class_colours(count)),
            bars(probs, "x2", class_colours(count)),
            bars(losses, "x3", ["@loss"] * count),
            over_bars(logits, [number(z, 4) for z in logits]),
            over_bars(probs, [fixed(p, 4) for p in probs.tolist()], "x2"),
            over_bars(losses, [_loss(v) for v in losses.tolist()], "x3"),
            past_end(losses, LOSSES, [Look("loss")] * count, on="x3y"),
            *score_grips(logits, names, words),
        ],
        x=SCORES,
        y=class_rows(names),
        x2=SHARES,
        x3=LOSSES,
        height=290,
        narrow=250,
        margin=(8, 12, 52, 72),
        bargap=0.55,
    )


def five_ways(
    logits: Sequence[float], target: int, links: Mapping[str, str], words: dict[str, str]
) -> dict[str, Any]:
    """Return the loss five times: five computations, one number, each name a link to its lesson."""
    onehot = np.zeros(len(logits))
    onehot[target] = 1.0
    probs = probabilities(logits)
    log_probs = log_softmax(logits)
    base = float(entropy(onehot))
    divergence = float(kl_divergence(onehot, probs))
    values: list[tuple[str, list[Segment]]] = [
        ("softmax", [_number(-float(log_probs[target]))]),
        ("cross_entropy", [_number(float(mean_cost(onehot, probs)))]),
        (
            "kl",
            [
                part(number(base), "entropy", strong=True),
                " + ",
                part(number(divergence), "kl", strong=True),
                " = ",
                _number(base + divergence),
            ],
        ),
        ("draw", [_number(float(mean_nll(onehot, probs)))]),
        ("torch", [_number(float(cross_entropy_loss(logits, target)))]),
    ]
    rows = [
        [part(words[name], link=links[name]), ["= " if i else "", *value]]
        for i, (name, value) in enumerate(values)
    ]
    return table([], rows)


def _loss(value: float) -> str:
    """Return a loss as the label of its bar: as wide above 10 as below."""
    return fixed(value, 4 if value < 9.9999 else 2)


def _number(value: float) -> Segment:
    """Return the loss as it stands in every row."""
    return part(number(value), "loss", strong=True)


# What is said at rest ---------------------------------------------------------------------------------------


def said(logits: Sequence[float], target: int, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest: the true class's probability, and the loss."""
    loss = -float(log_softmax(logits)[target])
    p = float(probabilities(logits)[target])
    return {"thread": {"name": names[target], "p": number(p), "loss": number(loss)}}


def sketches(lessons: Iterable[str]) -> dict[str, str]:
    """Return a small picture of each of the lessons, by its name, as SVG.

    Examples
    --------
    >>> sketches(["softmax"])["softmax"].startswith("<svg")
    True
    """
    # By their names: a list of lessons here would be a second one.
    return {name: _svg(*import_module(f"core.figures.{name}").sketch()) for name in lessons}


def _svg(curves: Sequence[tuple[Any, Any, str]], limits: tuple[float, float]) -> str:
    """Return curves as a small SVG in the middle tones that both themes bear."""
    low, high = limits
    drawn = []
    for x, y, role in curves:
        points = " ".join(
            f"{8 + 224 * a:.1f},{108 - 96 * (min(b, high) - low) / (high - low):.1f}"
            for a, b in zip(x.tolist(), y.tolist(), strict=True)
        )
        drawn.append(
            f'<polyline points="{points}" fill="none" stroke="{PALETTES["light"][role]}" '
            'stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>'
        )
    ground = '<line x1="8" y1="110" x2="232" y2="110" stroke="#8A9099" stroke-width="2"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 120">{"".join(drawn)}{ground}</svg>'
