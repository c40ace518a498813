"""The controls of Heights: which people, and two candidate curves over them, in the unit of the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.figures import heights as figures
from pages.shared.controls import Bounds, Control, Values, log_stops

LENGTHS = ("mu", "sigma", "mu_b", "sigma_b", "true_mu", "true_sigma")


def kind(values: Values) -> str:
    """Return which people are on the screen; own numbers count only where they are at hand."""
    return figures.kind(values.data, values.own)


def sampled(values: Values) -> bool:
    """Return whether the people are drawn by lot."""
    return kind(values) == "sampled"


def unit(values: Values) -> str:
    """Return the unit in use: only people drawn by lot have one."""
    return str(values.unit) if sampled(values) else "none"


def source(values: Values) -> figures.Source:
    """Return which people the state ``values`` asks for."""
    drawn = (values.n, values.true_mu, values.true_sigma, values.seed) if sampled(values) else ()
    return figures.Source(kind(values), unit(values), values.own, *drawn)


def within(parameter: str) -> Callable[[Values], Bounds]:
    """Return the range of a candidate's parameter ("mu" or "sigma") for the data in use."""
    return lambda values: figures.candidate_range(parameter, kind(values), unit(values), values.own)


def truly(parameter: str) -> Callable[[Values], Bounds]:
    """Return the range of a parameter of the true curve."""
    return lambda values: figures.truth_range(parameter, values.unit)


def start(values: Values) -> dict[str, float]:
    """Return where candidates and truth stand when the data of ``values`` come on the screen."""
    return figures.start(kind(values), values.unit, values.own)


def follow(before: Values, after: Values) -> Mapping[str, Any]:
    """Return the candidates' new values where the unit or the data change."""
    if kind(before) != kind(after):
        return start(after)
    if before.unit != after.unit:
        return figures.converted({key: before[key] for key in LENGTHS}, after.unit)
    return {}


def candidate(values: Values, x: float, sigma: float) -> dict[str, float]:
    """Return the candidate at a place to which a hand dragged it."""
    return figures.candidate_at(x, sigma, kind(values), unit(values), values.own)


PEOPLE = [
    Control("own", default="", kind="text", in_url=False),
    Control("data", default="sampled", kind="choice", choices=("sampled", "five", "own")),
    Control("unit", default="cm", kind="choice", choices=("cm", "m"), shown=sampled),
    Control("n", 1, 1_000_000, 1, default=500, stops=figures.PEOPLE, shown=sampled),
    Control("true_mu", default=172.0, bounds=truly("mu"), shown=sampled, role="p", unit=unit),
    Control("true_sigma", default=4.8, bounds=truly("sigma"), shown=sampled, role="p", unit=unit),
    Control("seed", 0, 9999, 1, default=4, kind="button", shown=sampled),
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
