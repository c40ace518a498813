"""Where one can see who is right: for each question a state of a lesson, and the link to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pages.shared.catalog import Words, load
from pages.shared.controls import Value, written

CAT: dict[str, Value] = {"z1": 5.0, "z2": 4.0, "z3": 2.0}
BATCH: dict[str, Value] = {"l1": 0, "l2": 2, "l3": 1}
# The lesson, the words that name the place on its page, and what its address says.
SEEN: dict[int, tuple[str, str, Mapping[str, Value]]] = {
    1: ("softmax", "section.numerics.title", {**CAT, "shift": 100}),
    2: ("softmax", "", CAT),
    3: ("softmax", "", {"z1": 4.0, "z2": 2.0, "z3": 8.0, "t": 10.0}),
    4: ("softmax", "tab.jacobian", CAT),
    5: ("nll", "", {**CAT, "y": 2}),
    6: ("nll", "section.gradient.title", {**CAT, "y": 0, "ask": 1, "guess": "down"}),
    7: ("nll", "", {**CAT, "y": 0}),
    8: ("nll", "section.batch.title", BATCH),
    9: ("cross_entropy", "", {"unit": "nats"}),
    10: ("cross_entropy", "", {"unit": "nats", "q1": 0.8, "q2": 0.1, "q3": 0.1}),
    11: ("cross_entropy", "", {"unit": "bits"}),
    12: ("cross_entropy", "", {"k": 2, "p1": 1.0, "p2": 0.0, "q1": 0.0, "q2": 1.0}),
    13: ("counts", "", {"draw": "exact", "n": 10}),
    14: ("counts", "section.numbers.title", {"q1": 0.8, "q2": 0.1, "q3": 0.1, "n": 10, "seed": 1}),
    15: ("losses", "section.residual.title", {"r": 3.0, "scale": 1.0, "huber": 0, "log_cosh": 1}),
    16: ("heights", "", {"unit": "m", "mu": 1.72, "sigma": 0.048}),
    17: ("heights", "", {"data": "five", "mu": 5.0, "sigma": 2.915476, "mu_b": 10.0, "sigma_b": 2.915476}),
    18: ("losses", "section.saturation.title", {"z": -6.0, "target": 1}),
    19: ("output_units", "", {"layer": "softmax", "rate": 0.5, "n": 60, "noise": 1.0, "seed": 3}),
    20: ("output_units", "", {"degree": 12}),
    21: ("pytorch", "", {**CAT, "y": 0, "feed": "logits", "loss": "NLLLoss"}),
    22: ("pytorch", "", {"y": 2, "feed": "softmax", "loss": "NLLLoss"}),
    23: ("pytorch", "", {"y": 0, "feed": "softmax", "loss": "NLLLoss"}),
    24: ("pytorch", "", {"z1": 10.0, "z2": -10.0, "z3": -10.0, "y": 0, "loss": "CrossEntropyLoss"}),
}


def nav(name: str, words: Words) -> str:
    """Return a lesson's short name."""
    return load(name, words.language)("nav")


def address(q: int, language: str) -> dict[str, str]:
    """Return what the address of a question's evidence says.

    Examples
    --------
    >>> address(11, "ko")
    {'lang': 'ko', 'unit': 'bits'}
    >>> address(4, "en")
    {'lang': 'en', 'z1': '5', 'z2': '4', 'z3': '2', 'at': 'jacobian'}
    """
    _, words, values = SEEN[q]
    at = {"at": words.split(".")[1]} if words else {}
    return {"lang": language, **{key: written(value) for key, value in values.items()}, **at}


def link(place: Any, q: int, words: Words) -> None:
    """Draw the link to a question's evidence, named after the lesson and the place on its page."""
    name, where, _ = SEEN[q]
    section = load(name, words.language)(where) if where else ""
    said = words("after.part" if where else "after.see", lesson=nav(name, words), section=section)
    place.page_link(
        f"pages/{name}.py",
        label=f"**{said}**",
        icon=":material/visibility:",
        query_params=address(q, words.language),
    )
