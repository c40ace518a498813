"""Where one can see who is right: for each question a state of a lesson, and what a class sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from core.figures import quiz as figures
from pages.shared.catalog import Words, load
from pages.shared.controls import Value, written
from pages.shared.lesson import Picture

CAT: dict[str, Value] = {"z1": 5.0, "z2": 4.0, "z3": 2.0}
# The lesson, the words that name the place on its page, and what its address says.
SEEN: dict[int, tuple[str, str, Mapping[str, Value]]] = {
    1: ("softmax", "section.numerics.title", {**CAT, "shift": 100}),
    2: ("softmax", "", CAT),
    3: ("softmax", "", {"z1": 4.0, "z2": 2.0, "z3": 8.0, "t": 10.0}),
    4: ("softmax", "tab.jacobian", CAT),
    5: ("nll", "", {**CAT, "y": 2}),
    6: ("nll", "section.gradient.title", {**CAT, "y": 0, "ask": 1, "guess": "down"}),
    7: ("pytorch", "", {**CAT, "y": 0, "feed": "logits", "loss": "CrossEntropyLoss"}),
    8: ("pytorch", "section.options.title", {"example": "plain"}),
    9: ("cross_entropy", "", {"unit": "nats"}),
    10: ("cross_entropy", "", {"unit": "nats", "q1": 0.8, "q2": 0.1, "q3": 0.1}),
    11: ("cross_entropy", "", {"unit": "bits"}),
    12: ("cross_entropy", "", {"k": 2, "p1": 1.0, "p2": 0.0, "q1": 0.0, "q2": 1.0}),
    13: ("counts", "", {"draw": "exact", "n": 10}),
    14: ("counts", "section.numbers.title", {"q1": 0.8, "q2": 0.1, "q3": 0.1, "n": 10, "seed": 1}),
    15: ("heights", "tab.price", {"data": "waiting", "mu": 10.0, "sigma": 10.0}),
    16: ("heights", "", {"unit": "m", "mu": 1.72, "sigma": 0.048}),
    17: ("heights", "", {"data": "five", "mu": 5.0, "sigma": 2.915476, "mu_b": 10.0, "sigma_b": 2.915476}),
    18: ("losses", "section.saturation.title", {"z": -6.0, "target": 1}),
    19: ("output_units", "", {"layer": "softmax", "rate": 0.5, "n": 60, "noise": 1.0, "seed": 3}),
    20: ("output_units", "", {"degree": 12}),
    21: ("pytorch", "", {**CAT, "y": 0, "feed": "logits", "loss": "NLLLoss"}),
    22: ("pytorch", "", {"y": 2, "feed": "softmax", "loss": "NLLLoss"}),
    23: ("pytorch", "", {"y": 0, "feed": "softmax", "loss": "NLLLoss"}),
    24: ("pytorch", "", {"z1": 10.0, "z2": -10.0, "z3": -10.0, "y": 0, "loss": "CrossEntropyLoss"}),
    25: (
        "cross_entropy",
        "tab.directions",
        {"p1": 0.5, "p2": 0.25, "p3": 0.25, "q1": 0.5, "q2": 0.5, "q3": 0.0},
    ),
    26: ("counts", "section.fresh.title", {"n": 10, "seed": 2, "alpha": 1.0}),
    27: ("heights", "", {"data": "five", "mu": 5.0, "sigma": 2.607681, "mu_b": 10.0, "sigma_b": 2.607681}),
    28: ("losses", "", {"m": 0.0, "log": 1, "log2": 1, "zero_one": 1}),
    29: ("losses", "", {"m": -2.0, "log": 1, "hinge": 1, "zero_one": 1}),
    30: ("output_units", "section.five.title", {"mu": 5.0, "width": 2.60768}),
    31: ("pytorch", "section.gauss.title", {"observed": 180.0, "mean": 172.0, "sigma": 4.8}),
    32: ("pytorch", "section.kl.title", {"p1": 0.8, "p2": 0.1, "p3": 0.1, "q1": 0.2, "q2": 0.2, "q3": 0.6}),
    33: ("confidence", "", {"t": 2.23}),
    34: ("confidence", "", {"data": "base", "split": "all"}),
    35: ("confidence", "", {"data": "right", "split": "all", "t": 0.5}),
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


def way(q: int, words: Words) -> str:
    """Return the name of the way to a question's evidence: the lesson and the place on its page."""
    name, where, _ = SEEN[q]
    section = load(name, words.language)(where) if where else ""
    return words("after.part" if where else "after.see", lesson=nav(name, words), section=section)


def link(place: Any, q: int, words: Words) -> None:
    """Draw the link to a question's evidence."""
    place.page_link(
        f"pages/{SEEN[q][0]}.py",
        label=f"**{way(q, words)}**",
        icon=":material/visibility:",
        query_params=address(q, words.language),
    )


def asks(q: int, words: Words) -> dict[str, Any]:
    """Return a question as it is put to a class."""
    asked = figures.QUESTIONS[q - 1]
    options = [[int(option), words(f"control.a{q}.choice.{option}")] for option in asked.order]
    return {
        "q": q,
        "about": nav(asked.lesson, words),
        "text": words(f"control.a{q}.label"),
        "options": options,
    }


def shows(q: int, words: Words) -> tuple[dict[str, str], Picture]:
    """Return the evidence of a question as a class sees it."""
    fact = words.group(f"fact.{q}", **figures.facts(q).places)
    said = {"lesson": SEEN[q][0], "query": urlencode(address(q, words.language)), "way": way(q, words)}
    view = (figures.evidence, q, True, words.group("evidence") | fact)
    return {**said, "why": figures.plain(fact["why"])}, {"view": view}
