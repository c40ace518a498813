"""Cross-entropy and KL: what does a wrong belief cost?"""

from functools import partial

import streamlit as st

from core.figures import cross_entropy as figures
from pages.shared import frame
from pages.shared.catalog import Words
from pages.shared.controls import Control, Values, log_stops
from pages.shared.lesson import Drag, Lesson, Section
from pages.shared.live import class_name

MOST = 8


def number_of(stem, i, default, mode, low, high, step, role):
    """Return the control of one outcome's weight or score."""
    return Control(
        f"{stem}{i}", low, high, step, default=default, label=stem, index=i, role=role,
        shown=lambda values: values.k >= i and mode in ("", values.mode),
    )  # fmt: skip


def weights(stem, defaults, mode=""):
    """Return the controls of a distribution's weights."""
    return [number_of(stem, i, d, mode, 0.0, 1.0, 0.01, stem) for i, d in enumerate(defaults, start=1)]


P = weights("p", (0.8, *(0.1,) * 7))
Q = weights("q", (0.2, 0.2, 0.6, *(0.2,) * 5), "free")
Z = [
    number_of("z", i, z, "logits", -10.0, 10.0, 0.1, "q")
    for i, z in enumerate((0.0, 0.0, 1.1, *(0.0,) * 5), start=1)
]
CELLS = [key for i in range(1, MOST + 1) for key in (f"p{i}", f"q{i}", f"z{i}")]
CONTROLS = [
    Control("k", 2, MOST, 1, default=3, live=False),
    Control("mode", default="free", kind="choice", choices=("free", "logits"), live=False),
    Control("unit", default="nats", kind="choice", choices=("nats", "bits"), live=False),
    *P,
    *Q,
    *Z,
    Control("path", 0.0, 1.0, 0.01, default=0.0),
    Control("lr", 0.01, 10.0, 0.01, default=0.5, stops=log_stops(0.01, 10.0, 31, digits=2), digits=2),
    Control("step", 0, figures.STEPS, 1, default=0, kind="player"),
]

ONE_OF_TWO = {"k": 2, "p1": 1.0, "p2": 0.0}
ONE_HOT = {"p1": 1.0, "p2": 0.0, "p3": 0.0}
CAT = {"mode": "logits", "z1": 5.0, "z2": 4.0, "z3": 2.0}
PRESETS = {
    "balls": {},
    "equal": {"q1": 0.8, "q2": 0.1, "q3": 0.1},
    "uniform": {"q1": 1.0, "q2": 1.0, "q3": 1.0},
    "onehot": {**ONE_HOT, **CAT},
    "smooth": {"p1": 0.84, "p2": 0.03, "p3": 0.03, **CAT},
    "infinite": {**ONE_OF_TWO, "q1": 0.0, "q2": 1.0},
    "certain": {**ONE_OF_TWO, "q1": 1.0, "q2": 0.0},
}
HIDDEN = {
    "swapped": {"p1": 0.2, "p2": 0.2, "p3": 0.6, "q1": 0.8, "q2": 0.1, "q3": 0.1},
    "bits": {"unit": "bits"},
    "gap": {**ONE_OF_TWO, "mode": "logits", "z1": -5.0, "z2": 5.0},
    "arrived": {"step": figures.STEPS},
}

SECTIONS = [
    Section(
        "main",
        controls=["k", "mode", "unit"],
        # Two to a line: p, and of q's weight and its score the one that is shown.
        table=list(zip(CELLS[::2], CELLS[1::2], strict=True)),
        main=["cost", "formula"],
        tabs=["terms", "codes", "directions"],
    ),
    Section("path", controls=["path"], main=["path"], below=["path_numbers"]),
    Section("descent", controls=["lr", "step"], main=["descent"], tabs=["chase", "push"], below=["descent_numbers"]),
    Section("numbers", below=["numbers"]),
    Section("code", below=["code"]),
]


def state(values: Values):
    """Return what the figures draw, and the numbers that q is made of."""
    model = values.many("z" if values.mode == "logits" else "q")
    return figures.beliefs(values.many("p"), model, values.mode, values.unit), model


def picture(values: Values, words: Words):
    """Return every view of the lesson in the state ``values``."""
    names = [class_name(i, values, words) for i in range(1, values.k + 1)]
    b, model = state(values)
    made = partial(figures.run, b, model, values.mode, values.lr, values.step)

    def say(prefix):
        return words.group(prefix, unit=words(f"unit.{values.unit}")) | {"unit": words(f"unit.{values.unit}")}

    return {
        "cost": lambda: figures.cost(b, names, say("cost")),
        "formula": lambda: figures.formula(b, names, say("formula")),
        "terms": lambda: figures.terms(b, names, say("terms")),
        "codes": lambda: figures.codes(b, names, say("codes")),
        "directions": lambda: figures.directions(b, names, say("directions")),
        "path": lambda: figures.path(b, values.path, say("path")),
        "path_numbers": lambda: figures.path_numbers(b, values.path, say("path")),
        "descent": lambda: figures.descent(b, made(), say("descent")),
        "chase": lambda: figures.chase(b, names, made(), say("chase")),
        "push": lambda: figures.push(b, names, made(), say("push")),
        "descent_numbers": lambda: figures.descent_numbers(b, made(), say("descent")),
        "numbers": lambda: figures.numbers(b, say("numbers")),
        "code": lambda: figures.code_panel(b, values.many("p"), model, values.mode),
    }


def on_bar(drag: Drag):
    """Return the weights, or the scores, after the bar of an outcome was pulled to a height."""
    stem, outcome = drag.name[0], int(drag.name[1:]) - 1
    if stem == "q" and drag.start.mode == "logits":
        stem, moved = "z", figures.after_drag_of_logits(drag.start.many("z"), outcome, drag.y)
    else:
        moved = figures.after_drag(drag.start.many(stem), outcome, drag.y)
    return {f"{stem}{i}": value for i, value in enumerate(moved, start=1)}


def notes(values: Values, words: Words) -> list[str]:
    """Return a sentence for each distribution whose weights are all 0."""
    b, _ = state(values)
    return [words(f"note.{name}") for name, given in (("p", b.p_given), ("q", b.q_given)) if not given]


def derivation(values: Values, words: Words) -> None:
    """Draw the derivations, step by step."""
    b, model = state(values)
    with st.expander(words("derive.title")):
        for i, step in enumerate(figures.derivation(b, model, values.mode), start=1):
            st.markdown(words(f"derive.{i}"))
            st.latex(step)


LESSON = Lesson(
    name="cross_entropy",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    hidden_presets=HIDDEN,
    keeps=("unit",),
    drags={control.key: on_bar for control in (*P, *Q)},
    notes=notes,
    after=derivation,
)

frame.show(LESSON)
