"""Figures of the template lesson: TODO: what they show."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from core.figures.marks import Look, Mark, dots, line, picture, rule, scale
from core.figures.text import bold, lines, number
from core.figures.theme import Figure, Sketch, grip
from core.information import entropy

ENTROPY = Look("entropy")
P = np.linspace(0.0, 1.0, 101)
X, Y = scale(0.0, 1.0, every=0.25), scale(0.0, 0.8, every=0.2)


def of_coin(p: Any) -> Any:
    """Return the entropy of a coin, in nats, for each probability of heads. TODO: your numbers, from core."""
    return entropy(np.stack([p, 1.0 - p], axis=-1))


@lru_cache(maxsize=1)
def _coins() -> Mark:
    """Return the curve: the same at every stop, so it is made once."""
    return line(P, of_coin(P), ENTROPY, hover="H = %{y:.4f}")


def curve(p: float, words: dict[str, str]) -> Figure:
    """Return the curve with the coin of the slider on it. TODO: your figure."""
    height = float(of_coin(np.float64(p)))
    point = dots(p, np.array([height]), [ENTROPY])
    held = grip("p", p, height, label=words["grip"], axes="x", control="p")
    return picture(words, [_coins(), rule(x=p), point, held], x=X, y=Y)


def value(p: float, words: dict[str, str]) -> dict[str, Any]:
    """Return the entropy as a line of text."""
    return lines([words["is"], " ", bold(float(of_coin(np.float64(p))), "entropy")])


def said(p: float) -> dict[str, dict[str, str]]:
    """Return what a section says once the hand rests. TODO: what came of the movement."""
    return {"main": {"p": number(p), "h": number(float(of_coin(np.float64(p))))}}


def sketch() -> Sketch:
    """Return the lesson's small picture on the home page: its curves, and the limits of y."""
    return [(P, of_coin(P), "entropy")], (0.0, 0.8)
