"""Softmax: how do scores become probabilities?"""

from functools import partial

from core.figures import softmax as figures
from pages.shared import frame
from pages.shared.controls import Control
from pages.shared.lesson import Drag, Lesson, Section, class_names
from pages.shared.scores import SCORES

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
    "cat": {"z1": 5.0, "z2": 4.0, "z3": 2.0},
    "horse": {"z1": 4.0, "z2": 2.0, "z3": 8.0},
    "dog": {"z1": 4.0, "z2": 4.0, "z3": 1.0},
    "tie": {"z1": 3.0, "z2": 3.0, "z3": 3.0},
    "add": {"shift": 100},
    "huge": {"z1": 10.0, "z2": 0.0, "z3": 0.0, "t": 0.1},
}
HIDDEN = {
    "cold": {"t": 0.05},
    "overflow": {"shift": 800},
    "warm_horse": {"z1": 4.0, "z2": 2.0, "z3": 8.0, "t": 10.0},
}

SECTIONS = [
    Section(
        "main",
        controls=["k", "t", "z"],
        main=["columns", "formula"],
        tabs=["simplex", "temperature", "jacobian"],
    ),
    Section("numerics", controls=["shift"], below=["numerics"]),
    Section("sampling", controls=["n", "seed"], main=["sampling"]),
    Section("names", controls=["c"]),
    Section("code", below=["code"]),
]


def picture(values, words):
    """Return every view of the lesson in the state ``values``."""
    names = class_names(values, words)
    logits, temperature = values.many("z"), values.t
    drawn = (logits, temperature, names)
    return {
        "columns": partial(figures.columns, *drawn, words.group("columns", t=temperature)),
        "simplex": partial(figures.simplex, *drawn, words.group("simplex")),
        "temperature": partial(figures.over_temperature, *drawn, words.group("temperature")),
        "jacobian": partial(figures.jacobian, *drawn, words.group("jacobian")),
        "formula": partial(figures.formula, *drawn),
        "numerics": partial(figures.numerics, logits, values.shift, temperature, words.group("numerics")),
        "sampling": partial(
            figures.sampling,
            logits,
            temperature,
            values.n,
            values.seed,
            names,
            words.group("sampling", n=values.n),
        ),
        "code": partial(figures.code_panel, logits, temperature),
    }


def on_simplex(drag: Drag):
    """Return the logits of the point of the triangle under the hand."""
    logits = figures.logits_at(drag.x, drag.y, drag.start.t)
    return {f"z{i}": z for i, z in enumerate(logits, start=1)}


LESSON = Lesson(
    name="softmax",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    hidden_presets=HIDDEN,
    keeps=("y",),
    scope="scores",
    drags={"simplex": on_simplex},
)

frame.show(LESSON)
