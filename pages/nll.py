"""NLL: why minus the log of the true class?"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.figures import nll as figures
from core.torch_reference import is_available
from pages.shared import frame
from pages.shared.catalog import Words
from pages.shared.controls import Control, Values, log_stops
from pages.shared.lesson import Drag, Lesson, Picture, Section, class_names
from pages.shared.scores import SCORES

ROWS = ((5.0, 4.0, 2.0), (4.0, 2.0, 8.0), (4.0, 4.0, 1.0))
LABELS = (0, 2, 1)


def _classes(values: Values) -> tuple[float, float, float]:
    """Return the range of a class index."""
    return (0, values.k - 1, 1)


CONTROLS = [
    *SCORES,
    Control("ask", default=1, kind="choice", bounds=_classes),
    Control("guess", default="", kind="choice", choices=("up", "down")),
    Control("h", 1e-12, 1.0, default=1e-5, stops=log_stops(1e-12, 1.0, 73, digits=2)),
    *(
        Control(f"b{i}{j}", -10.0, 10.0, 0.1, default=z, kind="number", label=f"b{i}", index=j)
        for i, row in enumerate(ROWS, start=1)
        for j, z in enumerate(row, start=1)
    ),
    *(Control(f"l{i}", 0, 2, 1, default=y, kind="choice", label=f"l{i}") for i, y in enumerate(LABELS, start=1)),
    Control("rate", 0.01, 100.0, default=1.0, stops=log_stops(0.01, 100.0, 49, digits=2), digits=2),
    Control("step", 0, figures.STEPS, 1, default=0, kind="player"),
]

PRESETS = {
    "cat": {"z1": 5.0, "z2": 4.0, "z3": 2.0, "y": 0},
    "horse": {"z1": 4.0, "z2": 2.0, "z3": 8.0, "y": 2},
    "dog": {"z1": 4.0, "z2": 4.0, "z3": 1.0, "y": 1},
    "relabelled": {"z1": 5.0, "z2": 4.0, "z3": 2.0, "y": 2},
    "wrong": {"z1": -5.0, "z2": 10.0, "z3": 0.0, "y": 0},
    "tie": {"z1": 3.0, "z2": 3.0, "z3": 3.0, "y": 0},
    "certain": {"z1": 10.0, "z2": -5.0, "z3": -5.0, "y": 0},
}
BATCH = tuple(f"b{i}{j}" for i in (1, 2, 3) for j in (1, 2, 3)) + ("l1", "l2", "l3")
HIDDEN = {
    "pushes": {"ask": 1, "guess": "down"},
    "others": {**PRESETS["relabelled"], "step": 3},
    "published": {control.key: control.default for control in CONTROLS if control.key in BATCH},
    "diagonal": {"l1": 0, "l2": 1, "l3": 2},
}

SECTIONS = [
    Section("main", controls=["y", "z", "t", "k"], main=["curve", "formula"], tabs=["labels"]),
    Section("gradient", controls=["ask", "guess", "h"], main=["gradient", "verdict"], below=["compare"]),
    Section(
        "batch",
        table=[row for i in (1, 2, 3) for row in ([f"l{i}"], [f"b{i}1", f"b{i}2", f"b{i}3"])],
        main=["batch"],
        below=["batch_lines", "batch_table"],
    ),
    Section("descent", controls=["step", "rate"], main=["descent"], tabs=["losses"], below=["descent_lines"]),
    Section("code", below=["code"]),
]


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``."""
    names = class_names(values, words)
    state = (values.many("z"), values.t, values.y)
    answered, asked = bool(values.guess), names[values.ask]
    scores = tuple(tuple(values[f"b{i}{j}"] for j in (1, 2, 3)) for i in (1, 2, 3))
    targets = tuple(values[f"l{i}"] for i in (1, 2, 3))
    columns = class_names(values.replace(k=3), words)
    pictures = [words(f"pictures.{i}") for i in (1, 2, 3)]
    moving = (*state, values.rate, values.step)
    slopes = (values.h, answered, names)
    return {
        "curve": partial(figures.curve, *state, names, words.group("curve")),
        "formula": partial(figures.formula, *state, names, words.group("curve")),
        "labels": partial(figures.labels, *state, names, words.group("labels")),
        "gradient": partial(
            figures.gradient, *state, values.h, values.ask, answered, names, words.group("gradient", name=asked)
        ),
        "verdict": partial(
            figures.verdict, *state, values.ask, values.guess, names, words.group("verdict", name=asked)
        ),
        "compare": partial(figures.compare, *state, *slopes, words.group("compare")),
        "batch": partial(figures.batch, scores, targets, pictures, columns, words.group("batch")),
        "batch_table": partial(figures.batch_table, scores, targets, pictures, columns, words.group("batch_table")),
        "batch_lines": partial(figures.batch_lines, scores, targets, words.group("batch_lines")),
        "descent": partial(figures.descent, *moving, names, words.group("descent", step=values.step)),
        "losses": partial(figures.losses, *moving, words.group("losses")),
        "descent_lines": partial(figures.descent_lines, *moving, names, words.group("descent_lines")),
        "code": partial(figures.code_panel, *state),
    }


def on_curve(drag: Drag) -> dict[str, float]:
    """Return the true class's score that brings its point under the hand."""
    start = drag.start
    return {f"z{start.y + 1}": figures.score_at(drag.x, drag.y, start.many("z"), start.t, start.y)}


def follow(before: Values, after: Values) -> Mapping[str, Any]:
    """Take back an answer that was given to another question."""
    changed = any(before[key] != after[key] for key in ("ask", "y", "k"))
    return {"guess": ""} if changed and before.guess == after.guess else {}


def after(values: Values, words: Words) -> None:
    """Draw the derivation with the present numbers, and PyTorch's gradient once somebody asks for it."""
    state = (values.many("z"), values.t, values.y, class_names(values, words))
    places = figures.derivation(*state)
    with st.expander(words("derivation.title")):
        for step in words.under("derivation.step"):
            st.markdown(words(f"derivation.step.{step}.text", **places))
            st.latex(words(f"derivation.step.{step}.formula", **places))
    st.subheader(words("autograd.title"), anchor=False)
    st.markdown(words("autograd.text"))
    if not is_available():
        st.info(words("autograd.missing"))
    elif st.button(words("autograd.ask"), key="nll:autograd") or st.session_state.get("autograd"):
        st.session_state["autograd"] = True
        with st.spinner(words("autograd.wait")):
            rows = figures.autograd_rows(*state)
        head = [words(f"autograd.{name}") for name in ("class", "own", "torch", "error")]
        table = [head, ["---"] + ["---:"] * 3, *rows]
        st.markdown("\n".join("| " + " | ".join(row) + " |" for row in table))


LESSON = Lesson(
    name="nll",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    hidden_presets=HIDDEN,
    keeps=("h", "rate", *BATCH, *(c.key for c in SCORES if c.kind == "text")),
    scope="scores",
    drags={"curve": on_curve},
    follow=follow,
    after=after,
)

frame.show(LESSON)
