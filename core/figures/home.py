"""Figures of the home page: one number computed five ways, and a small picture of each lesson."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.categorical import mean_nll
from core.figures import counts, cross_entropy, heights, losses, nll, output_units, pytorch, quiz, softmax
from core.figures.marks import across_zero, class_bars, class_rows
from core.figures.text import Segment, fixed, number, part, table, texts
from core.figures.theme import PALETTES, Figure, axis, class_colours, figure, grip
from core.information import cross_entropy as mean_cost
from core.information import entropy, kl_divergence
from core.losses import cross_entropy_loss
from core.softmax import log_softmax
from core.softmax import softmax as probabilities


def thread(logits: Sequence[float], target: int, names: Sequence[str], words: dict[str, str]) -> Figure:
    """Return three linked columns, the scores, the probabilities and −log p, with the true class in full."""
    log_probs = log_softmax(logits)
    probs = probabilities(logits)
    count = len(logits)
    tones = [colour if i == target else f"{colour}/0.35" for i, colour in enumerate(class_colours(count))]

    def bars(x: Any, text: Sequence[str], on: str, tone: Any) -> dict[str, Any]:
        return class_bars(x, text, "%{customdata}: %{x:.4f}", names, xaxis=on, marker={"color": tone})

    loss_tones = ["@loss" if i == target else "@loss/0.25" for i in range(count)]
    return figure(
        [
            bars(np.array(logits), [""] * count, "x", texts(tones)),
            bars(probs, [fixed(p, 4) for p in probs.tolist()], "x2", texts(tones)),
            bars(0.0 - log_probs, [_loss(-v) for v in log_probs.tolist()], "x3", texts(loss_tones)),
            across_zero(logits, [number(z, 4) for z in logits]),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["z"], (-13.0, 13.0), domain=[0.0, 0.27], tickvals=[-10, 0, 10], zeroline=True),
        y=class_rows(names),
        xaxis2=axis(words["p"], (0.0, 1.7), domain=[0.32, 0.64], tickvals=[0, 0.5, 1]),
        xaxis3=axis(words["loss"], (0.0, 34.0), domain=[0.69, 1.0], tickvals=[0, 10, 20]),
        height=290,
        margin=(8, 8, 52, 72),
        bargap=0.35,
        grips=[
            grip(f"z{i + 1}", z, i, label=f"{words['grip']} {names[i]}", axes="x", control=f"z{i + 1}")
            for i, z in enumerate(logits)
        ],
    )


def five_ways(logits: Sequence[float], target: int, words: dict[str, str]) -> dict[str, Any]:
    """Return the loss five times: five computations, one number."""
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
    return table([], [[words[name], ["= " if i else "", *value]] for i, (name, value) in enumerate(values)])


def _loss(value: float) -> str:
    """Return a loss as the label of its bar: as wide above 10 as below."""
    return fixed(value, 4 if value < 9.9999 else 2)


def _number(value: float) -> Segment:
    """Return the loss as it stands in every row."""
    return part(number(value), "loss", strong=True)


def sketches() -> dict[str, str]:
    """Return a small picture of each lesson, by its name, as SVG."""
    lessons = (softmax, nll, cross_entropy, counts, heights, losses, output_units, pytorch, quiz)
    return {lesson.__name__.rpartition(".")[2]: _svg(*lesson.sketch()) for lesson in lessons}


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
