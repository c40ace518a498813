"""The controls of Heights: which people, and two candidate curves over them, in the unit of the data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.figures import heights as figures
from core.figures.own import Own
from pages.parts.own_box import Shelf
from pages.shared.controls import Bounds, Control, Onward, Values, log_stops

LENGTHS = ("mu", "sigma", "mu_b", "sigma_b", "true_mu", "true_sigma")
LARGEST = 1e15  # the sliders count in doubles and the pictures travel as float32
NEAREST = 1e-6  # smallest range that a slider can be divided into, and at least SHARE of the size
SHARE = 1e-4

_SHELF: Shelf[figures.OwnData] = Shelf()


def remember(values: NDArray[np.float64]) -> figures.OwnData:
    """Return a person's numbers under a name by which the pictures find them, as long as somebody holds them.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Finite numbers, at least two of them different.

    Raises
    ------
    OverflowError
        If one of them is larger than ``LARGEST`` in magnitude.
    ValueError
        If they are too close together for their size to be told apart in a drawing.

    Examples
    --------
    >>> own = remember(np.array([1.0, 2.0]))
    >>> brought(own.digest) is own, brought("somebody else's")
    (True, None)
    """
    largest, span = float(np.abs(values).max()), float(values.max() - values.min())
    if not largest <= LARGEST:
        raise OverflowError(f"values must not exceed {LARGEST:g} in magnitude.")
    if not (span > NEAREST and span > SHARE * largest):
        raise ValueError(
            f"values must differ by more than {NEAREST:g} and by more than {SHARE:g} of their size."
        )
    name = hashlib.blake2b(np.ascontiguousarray(values).tobytes(), digest_size=8).hexdigest()
    return _SHELF.put(name, figures.OwnData(name, values))


def brought(name: str) -> figures.OwnData | None:
    """Return the numbers of a name, or None where nobody has them."""
    return _SHELF.get(name)


def own(values: Values) -> Own[figures.OwnData] | None:
    """Return a way to a person's own numbers, where they are asked for and at hand."""
    return _SHELF.own(values.own) if values.data == "own" else None


def kind(values: Values) -> str:
    """Return which people are on the screen; own numbers count only where they are at hand."""
    return "sampled" if values.data == "own" and own(values) is None else str(values.data)


def sampled(values: Values) -> bool:
    """Return whether the people are a random sample of heights."""
    return kind(values) == "sampled"


def drawn(values: Values) -> bool:
    """Return whether the people are a random sample, of heights or of waiting times."""
    return kind(values) in ("sampled", "waiting")


def unit(values: Values) -> str:
    """Return the unit in use; only random samples have one."""
    return {"sampled": str(values.unit), "waiting": "min"}.get(kind(values), "none")


def source(values: Values) -> figures.Source:
    """Return which people the state ``values`` asks for."""
    made = figures.Source(kind(values), unit(values), own(values))
    if not drawn(values):
        return made
    truth = (values.true_mu, values.true_sigma) if sampled(values) else (figures.WAIT, figures.WAIT)
    return made._replace(n=values.n, seed=values.seed, mu=truth[0], sigma=truth[1])


def within(parameter: str) -> Callable[[Values], Bounds]:
    """Return the range of a candidate's parameter ("mu" or "sigma") for the data in use."""
    return lambda values: figures.candidate_range(parameter, kind(values), unit(values), own(values))


def truly(parameter: str) -> Callable[[Values], Bounds]:
    """Return the range of a parameter of the true curve."""
    return lambda values: figures.truth_range(parameter, values.unit)


def start(values: Values) -> dict[str, float]:
    """Return where candidates and truth stand when the data of ``values`` come on the screen."""
    return figures.start(kind(values), values.unit, own(values))


def follow(before: Values, after: Values) -> Mapping[str, Any]:
    """Return the candidates' new values where the unit or the data change."""
    if kind(before) != kind(after):
        return start(after)
    if before.unit != after.unit:
        return figures.converted({key: before[key] for key in LENGTHS}, after.unit)
    return {}


def candidate(values: Values, x: float, sigma: float) -> dict[str, float]:
    """Return the candidate at a place to which a hand dragged it."""
    return figures.candidate_at(x, sigma, kind(values), unit(values), own(values))


def to_box(values: Values) -> Onward | None:
    """Return the way to the box for a person's own numbers, where they are asked for."""
    return Onward("own", box="own-text") if values.data == "own" else None


PEOPLE = [
    Control("own", default="", kind="text", in_url=False),
    Control(
        "data", default="sampled", kind="choice", choices=("sampled", "waiting", "five", "own"), onward=to_box
    ),
    Control("unit", default="cm", kind="choice", choices=("cm", "m"), shown=sampled),
    Control("n", 1, 1_000_000, 1, default=500, stops=figures.PEOPLE, shown=drawn),
    Control("true_mu", default=172.0, bounds=truly("mu"), shown=sampled, role="p", unit=unit),
    Control("true_sigma", default=4.8, bounds=truly("sigma"), shown=sampled, role="p", unit=unit),
    Control("seed", 0, 9999, 1, default=4, kind="button", shown=drawn),
    Control("mu", default=172.0, bounds=within("mu"), role="q", unit=unit),
    Control("sigma", default=4.8, bounds=within("sigma"), role="q", unit=unit),
    Control("mu_b", default=184.0, bounds=within("mu"), role="rest", unit=unit),
    Control("sigma_b", default=4.8, bounds=within("sigma"), role="rest", unit=unit),
]


def by_gradient(values: Values) -> bool:
    """Return whether the climb has a learning rate."""
    return bool(values.method == "gradient")


CLIMB = [
    Control("climber", default="b", kind="choice", choices=("a", "b")),
    Control("method", default="gradient", kind="choice", choices=("gradient", "newton")),
    Control(
        "lr",
        0.01,
        2.0,
        0.01,
        default=0.1,
        stops=log_stops(0.01, 2.0, 47, digits=2),
        digits=2,
        shown=by_gradient,
    ),
    Control("step", 0, figures.STEPS, 1, default=0, kind="player"),
]
