"""Softmax: how do scores become probabilities?"""

from typing import Any

from core.figures import softmax as figures
from core.figures.text import commented
from core.softmax import softmax
from pages.parts.scores import SCORES
from pages.shared import frame
from pages.shared.catalog import Words
from pages.shared.controls import Control, Values
from pages.shared.lesson import Beat, Drag, Lesson, Picture, Preset, Section, class_names, with_words

CONTROLS = [
    *SCORES,
    Control("shift", 0, 1000, 1, default=0),
    Control(
        "n",
        default=100,
        stops=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000),
        minimum=1,
        maximum=1_000_000,
    ),
    Control("seed", 0, 9999, 1, default=1, kind="button"),
]

PRESETS = {
    "cat": Preset({"z1": 5.0, "z2": 4.0, "z3": 2.0}),
    "horse": Preset({"z1": 4.0, "z2": 2.0, "z3": 8.0}),
    "dog": Preset({"z1": 4.0, "z2": 4.0, "z3": 1.0}),
    "tie": Preset({"z1": 3.0, "z2": 3.0, "z3": 3.0}),
    "add": Preset({"shift": 100}),
    "huge": Preset({"z1": 10.0, "z2": 0.0, "z3": 0.0, "t": 0.1}),
    "cold": Preset({"t": 0.05}, hidden=True),
    "overflow": Preset({"shift": 800}, hidden=True),
    "warm_horse": Preset({"z1": 4.0, "z2": 2.0, "z3": 8.0, "t": 10.0}, hidden=True),
}

SECTIONS = [
    Section(
        "main",
        controls=["k", "t", "z"],
        main=["columns", "formula"],
        tabs=["simplex", "temperature", "jacobian"],
        more=["k"],
    ),
    Section("sampling", controls=["n", "seed"], main=["sampling"]),
    Section("numerics", controls=["shift"], below=["numerics"]),
    Section("names", controls=["c"], folded=True),
    Section("code", below=["code"], folded=True),
]


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``."""
    logits, temperature, names = values.many("z"), values.t, class_names(values, words)
    drawn, moved = (logits, temperature, names), (logits, values.shift, temperature)
    views: Picture = {
        "columns": (figures.columns, *moved, names),
        "formula": (figures.formula, *moved, names),
        "simplex": (figures.simplex, *drawn),
        "temperature": (figures.over_temperature, *drawn),
        "jacobian": (figures.jacobian, *drawn),
        "numerics": (figures.numerics, *moved),
        "sampling": (figures.sampling, logits, temperature, values.n, values.seed, names),
    }
    code = (commented, words.group("comment"), figures.code_panel, *moved)
    return {**with_words(views, words, n=f"{values.n:,}"), "code": code}


def on_simplex(drag: Drag) -> dict[str, float]:
    """Return the logits of the point of the triangle under the hand."""
    logits = figures.logits_at(drag.x, drag.y, drag.start.t)
    return {f"z{i}": z for i, z in enumerate(logits, start=1)}


def shares(values: Values) -> Any:
    """Return the probabilities, for the goals of the beats."""
    return softmax(values.many("z"), temperature=values.t)


BEATS = [
    Beat(["z"], reached=lambda v: shares(v)[0] == shares(v)[1]),
    Beat(["t"], reached=lambda v: shares(v)[0] < 0.4, shows="temperature"),
    Beat(["t"], reached=lambda v: shares(v)[0] > 0.99, shows="temperature"),
    Beat(["shift"], reached=lambda v: v.shift >= 100, shows="numerics"),
    Beat(["z"], reached=lambda v: max(shares(v)) <= 0.36, shows="simplex"),
]


LESSON = Lesson(
    name="softmax",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    beats=BEATS,
    said=lambda v, words: figures.said(v.many("z"), v.t, v.shift, v.n, v.seed, class_names(v, words)),
    headline="main.top",
    keeps=("y",),
    scope="scores",
    drags={"simplex": on_simplex},
)

frame.show(LESSON)
