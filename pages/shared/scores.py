"""The controls that Softmax and NLL share: scores, temperature, true class, names."""

from __future__ import annotations

from pages.shared.controls import Control, Values, log_stops, vector
from core.figures.theme import CLASS_ROLES

MOST = 10


def _classes(values: Values) -> tuple[float, float, float]:
    """Return the range of a class index."""
    return (0, values.k - 1, 1)


SCORES = [
    Control("k", 2, MOST, 1, default=3, live=False),
    Control("t", 0.05, 10.0, 0.01, default=1.0, stops=log_stops(0.05, 10.0, 106, digits=2), digits=2),
    *(
        Control(
            c.key, c.minimum, c.maximum, c.step, default=c.default, label=c.label, index=c.index, shown=c.shown,
            role=CLASS_ROLES[c.index - 1],
        )
        for c in vector("z", MOST, (5.0, 4.0, 2.0, 1.0, 0.0, -1.0, -2.0, -3.0, -4.0, -5.0), minimum=-10.0, maximum=10.0, step=0.1)
    ),
    Control("y", default=0, kind="choice", bounds=_classes),
    *vector("c", MOST, ("",), kind="text"),
]
