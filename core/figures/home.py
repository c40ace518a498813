"""Figures of the home page: one number computed five ways, and a small picture of each lesson."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from core.categorical import mean_nll
from core.figures.softmax import beside_grip, colours
from core.figures.text import Segment, fixed, number, part, table, texts
from core.figures.theme import PALETTES, Figure, axis, class_colour, figure, grip
from core.gaussian import density
from core.information import cross_entropy, entropy, kl_divergence
from core.losses import cross_entropy_loss
from core.softmax import log_softmax, softmax, temperature_path


def thread(logits: Sequence[float], target: int, names: Sequence[str], words: dict[str, str]) -> Figure:
    """Return three linked columns, the scores, the probabilities and −log p, with the true class in full."""
    log_probs = log_softmax(logits)
    probs = softmax(logits)
    count = len(logits)
    rows = np.arange(count)
    tones = [colour if i == target else f"{colour}/0.35" for i, colour in enumerate(colours(count))]

    def bars(x: Any, text: Sequence[str], axis_name: str, tone: Any) -> dict[str, Any]:
        return {
            "type": "bar",
            "orientation": "h",
            "x": x,
            "y": rows,
            "xaxis": axis_name,
            "marker": {"color": tone},
            "text": texts(text),
            "textposition": "outside",
            "cliponaxis": False,
            "hovertemplate": "%{customdata}: %{text}<extra></extra>",
            "customdata": list(names),
        }

    loss_tones = ["@loss" if i == target else "@loss/0.25" for i in range(count)]
    return figure(
        [
            bars(np.array(logits), [beside_grip(z) for z in logits], "x", texts(tones)),
            bars(probs, [fixed(p, 4) for p in probs.tolist()], "x2", texts(tones)),
            bars(0.0 - log_probs, [fixed(-v, 4) for v in log_probs.tolist()], "x3", texts(loss_tones)),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["z"], (-14.0, 14.0), domain=[0.0, 0.3], tickvals=[-10, 0, 10], zeroline=True),
        y=axis(
            limits=(count - 0.4, -0.6),
            tickvals=list(range(count)),
            ticktext=list(names),
            showgrid=False,
            ticks="",
        ),
        xaxis2=axis(words["p"], (0.0, 1.35), domain=[0.35, 0.63], tickvals=[0, 0.5, 1]),
        xaxis3=axis(words["loss"], (0.0, 27.0), domain=[0.68, 1.0], tickvals=[0, 10, 20]),
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
    probs = softmax(logits)
    log_probs = log_softmax(logits)
    base = float(entropy(onehot))
    divergence = float(kl_divergence(onehot, probs))
    values: list[tuple[str, list[Segment]]] = [
        ("softmax", [_number(-float(log_probs[target]))]),
        ("cross_entropy", [_number(float(cross_entropy(onehot, probs)))]),
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


def _number(value: float) -> Segment:
    """Return the loss as it stands in every row."""
    return part(number(value), "loss", strong=True)


def sketches() -> dict[str, str]:
    """Return a small picture of each lesson, by its name, as SVG."""
    grid = np.linspace(0.0, 1.0, 60)
    path = temperature_path([2.0, 1.0, 0.2], np.geomspace(0.15, 6.0, 60))
    q = np.linspace(0.02, 0.98, 60)
    p = np.array([0.3, 0.7])
    model = np.stack([q, 1.0 - q], axis=-1)
    costs = np.array([float(cross_entropy(p, row)) for row in model])
    floor = np.full(60, float(entropy(p)))
    heights = np.linspace(150.0, 194.0, 60)
    makers: dict[str, Callable[[], str]] = {
        "softmax": lambda: _svg([(grid, path[:, i], class_colour(i)[1:]) for i in range(3)], (0.0, 1.0)),
        "nll": lambda: _svg([(grid, 0.0 - np.log(np.linspace(0.03, 1.0, 60)), "loss")], (0.0, 3.5)),
        "cross_entropy": lambda: _svg([(q, costs, "loss"), (q, floor, "entropy")], (0.0, 3.0)),
        "heights": lambda: _svg(
            [(grid, density(heights, 172.0, 4.8), "q"), (grid, density(heights, 178.0, 7.0), "p")],
            (0.0, 0.09),
        ),
    }
    return {name: make() for name, make in makers.items()}


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
