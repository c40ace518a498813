"""Cross-entropy and KL: what does a wrong belief cost?"""

from functools import partial

import streamlit as st

from core.figures import cross_entropy as figures
from core.figures.marks import pulled
from pages.shared import frame
from pages.shared.catalog import Words
from pages.shared.controls import Control, Values, log_stops
from pages.shared.lesson import Drag, Lesson, Section
from pages.shared.live import class_name

BALLS = [(0.8, 0.2, 0.0), (0.1, 0.2, 0.0), (0.1, 0.6, 1.1), *[(0.1, 0.2, 0.0)] * 5]


def one(stem: str, i: int, default: float, role: str, modes: str, *span: float) -> Control:
    """Return the control of one outcome's weight or score, shown where q comes from it."""
    return Control(
        f"{stem}{i}", *span, default=default, label=stem, index=i, role=role,
        shown=lambda values: values.k >= i and values.mode in modes,
    )  # fmt: skip


CELLS = [
    control
    for i, (p, q, z) in enumerate(BALLS, start=1)
    for control in (
        one("p", i, p, "p", "free logits", 0.0, 1.0, 0.01),
        one("q", i, q, "q", "free", 0.0, 1.0, 0.01),
        one("z", i, z, "q", "logits", -10.0, 10.0, 0.1),
    )
]
CONTROLS = [
    Control("k", 2, len(BALLS), 1, default=3, live=False),
    Control("mode", default="free", kind="choice", choices=("free", "logits"), live=False),
    Control("unit", default="nats", kind="choice", choices=("nats", "bits"), live=False),
    *CELLS,
    Control("path", 0.0, 1.0, 0.01, default=0.0),
    Control("lr", 0.01, 10.0, 0.01, default=0.5, stops=log_stops(0.01, 10.0, 31, digits=2), digits=2),
    Control("step", 0, figures.STEPS, 1, default=0, kind="player"),
]

ONE_OF_TWO = {"k": 2, "p1": 1.0, "p2": 0.0}
CAT = {"mode": "logits", "z1": 5.0, "z2": 4.0, "z3": 2.0}
EQUAL = {"q1": 0.8, "q2": 0.1, "q3": 0.1}
PRESETS = {
    "balls": {},
    "equal": EQUAL,
    "uniform": {"q1": 1.0, "q2": 1.0, "q3": 1.0},
    "onehot": {"p1": 1.0, "p2": 0.0, "p3": 0.0, **CAT},
    "smooth": {"p1": 0.84, "p2": 0.03, "p3": 0.03, **CAT},
    "infinite": {**ONE_OF_TWO, "q1": 0.0, "q2": 1.0},
    "certain": {**ONE_OF_TWO, "q1": 1.0, "q2": 0.0},
}
# The boxes name numbers, so their states name the unit too.
HIDDEN = {
    "both": {"unit": "nats"},
    "bits": {"unit": "bits"},
    "right": {"unit": "nats", **EQUAL},
    "swapped": {"unit": "nats", "p1": 0.2, "p2": 0.2, "p3": 0.6, **EQUAL},
    "gap": {"unit": "nats", **ONE_OF_TWO, "mode": "logits", "z1": -5.0, "z2": 5.0},
}

# Two to a line: p, and of q's weight and its score the one that is shown.
GRID = [[a.key, b.key] for a, b in zip(CELLS[::2], CELLS[1::2], strict=True)]
SIDE = ["terms", "codes", "directions"]
SECTIONS = [
    Section("main", controls=["k", "mode", "unit"], table=GRID, main=["cost", "formula"], tabs=SIDE),
    Section("path", controls=["path"], main=["path"], below=["path_numbers"]),
    Section(
        "descent", controls=["lr", "step"], main=["descent"], tabs=["chase", "push"], below=["step_numbers"]
    ),
    Section("numbers", below=["numbers"]),
    Section("code", below=["code"]),
]


def state(values: Values) -> tuple[figures.Beliefs, tuple[float, ...]]:
    """Return what the figures draw, and the numbers that q is made of."""
    model = values.many("z" if values.mode == "logits" else "q")
    return figures.beliefs(values.many("p"), model, values.mode, values.unit), model


def picture(values: Values, words: Words) -> dict:
    """Return every view of the lesson in the state ``values``; each is named after its figure."""
    b, model = state(values)
    names = [class_name(i, values, words) for i in range(1, values.k + 1)]
    run = figures.Run(b, model, values.mode, values.lr, values.step)
    given = {
        **dict.fromkeys(["cost", "formula", *SIDE], (names,)),
        **dict.fromkeys(["path", "path_numbers"], (values.path,)),
        **dict.fromkeys(["descent", "step_numbers"], (run,)),
        **dict.fromkeys(["chase", "push"], (names, run)),
        "numbers": (),
        "code": (values.many("p"), model, values.mode),
    }
    unit = words(f"unit.{values.unit}")

    def view(name: str) -> dict:
        return getattr(figures, name)(b, *given[name], words.group(name, unit=unit) | {"unit": unit})

    return {name: partial(view, name) for name in given}


def on_bar(drag: Drag) -> dict[str, float]:
    """Return the weights, or the scores, after the bar of an outcome was pulled to a height."""
    stem = "z" if drag.name[0] == "q" and drag.start.mode == "logits" else drag.name[0]
    moved = pulled(drag.start.many(stem), int(drag.name[1:]) - 1, drag.y, scores=stem == "z")
    return {f"{stem}{i}": value for i, value in enumerate(moved, start=1)}


def notes(values: Values, words: Words) -> list[str]:
    """Return a sentence for each distribution whose weights are all 0."""
    b, _ = state(values)
    return [words(f"note.{name}") for name, given in (("p", b.p_given), ("q", b.q_given)) if not given]


def derivation(values: Values, words: Words) -> None:
    """Draw the derivations, step by step, with the numbers of the state."""
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
    keeps=["unit"],
    drags={control.key: on_bar for control in CELLS if control.label != "z"},
    notes=notes,
    after=derivation,
)

frame.show(LESSON)
