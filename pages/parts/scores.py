"""The controls that Softmax and NLL share: scores, temperature, true class, names."""

from __future__ import annotations

from core.figures.theme import CLASS_ROLES
from pages.shared.controls import Control, Values, log_stops, vector

MOST = 10


def _classes(values: Values) -> tuple[float, float, float]:
    """Return the range of a class index."""
    return (0, values.k - 1, 1)


SCORES = [
    Control("k", 2, MOST, 1, default=3, live=False),
    Control("t", 0.05, 10.0, 0.01, default=1.0, stops=log_stops(0.05, 10.0, 106, digits=2), digits=2),
    *vector(
        "z",
        MOST,
        (5.0, 4.0, 2.0, 1.0, 0.0, -1.0, -2.0, -3.0, -4.0, -5.0),
        minimum=-10.0,
        maximum=10.0,
        step=0.1,
        roles=CLASS_ROLES,
    ),
    Control("y", default=0, kind="choice", bounds=_classes),
    *vector("c", MOST, ("",), kind="text"),
]
