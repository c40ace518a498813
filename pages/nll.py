"""NLL: why minus the log of the true class?"""

from typing import Any

import streamlit as st

from core.figures import nll as figures
from core.figures.text import commented
from core.softmax import log_softmax
from core.torch_reference import is_available
from pages.parts.scores import SCORES
from pages.shared import frame
from pages.shared.catalog import Words
from pages.shared.controls import Control, Value, Values, log_stops
from pages.shared.lesson import Beat, Drag, Lesson, Picture, Preset, Section, class_names, with_words

BATCH: dict[str, Value] = {
    **{"l1": 0, "b11": 5.0, "b12": 4.0, "b13": 2.0},
    **{"l2": 2, "b21": 4.0, "b22": 2.0, "b23": 8.0},
    **{"l3": 1, "b31": 4.0, "b32": 4.0, "b33": 1.0},
}

CONTROLS = [
    *SCORES,
    Control("ask", default=1, kind="choice", bounds=lambda values: (0, values.k - 1, 1)),
    Control("guess", default="", kind="choice", choices=("up", "down")),
    Control("h", 1e-12, 1.0, default=1e-5, stops=log_stops(1e-12, 1.0, 73, digits=2)),
    *(
        Control(key, 0, 2, 1, default=start, kind="choice", label=key)
        if key.startswith("l")
        else Control(key, -10.0, 10.0, 0.1, default=start, kind="number", label=key[:2], index=int(key[2]))
        for key, start in BATCH.items()
    ),
    Control("rate", 0.01, 100.0, default=1.0, stops=log_stops(0.01, 100.0, 49, digits=2), digits=2),
    Control("step", 0, figures.STEPS, 1, default=0, kind="player"),
]

DIAGONAL: dict[str, Value] = {**BATCH, "l1": 0, "l2": 1, "l3": 2}
RELABELLED = {"z1": 5.0, "z2": 4.0, "z3": 2.0, "y": 2}
PRESETS = {
    "cat": Preset({"z1": 5.0, "z2": 4.0, "z3": 2.0, "y": 0}),
    "horse": Preset({"z1": 4.0, "z2": 2.0, "z3": 8.0, "y": 2}),
    "dog": Preset({"z1": 4.0, "z2": 4.0, "z3": 1.0, "y": 1}),
    "relabelled": Preset(RELABELLED),
    "wrong": Preset({"z1": -5.0, "z2": 10.0, "z3": 0.0, "y": 0}),
    "tie": Preset({"z1": 3.0, "z2": 3.0, "z3": 3.0, "y": 0}),
    "certain": Preset({"z1": 10.0, "z2": -5.0, "z3": -5.0, "y": 0}),
    "even": Preset({"k": 2, "z1": 0.0, "z2": 0.0, "y": 0}),
    "pushes": Preset({"ask": 1, "guess": "down"}, hidden=True),
    "others": Preset({**RELABELLED, "step": 3}, hidden=True),
    "published": Preset(BATCH, hidden=True),
    "diagonal": Preset(DIAGONAL, hidden=True),
}

SECTIONS = [
    Section(
        "main",
        controls=["y", "z", "t", "k"],
        main=["curve", "formula"],
        tabs=["labels"],
        more=["t", "k"],
    ),
    Section("gradient", controls=["ask", "guess", "h"], main=["gradient", "verdict"], below=["compare"]),
    Section(
        "batch",
        table=[row for i in "123" for row in ([f"l{i}"], [f"b{i}1", f"b{i}2", f"b{i}3"])],
        main=["batch"],
        below=["batch_lines", "batch_table"],
    ),
    Section("descent", controls=["step", "rate"], main=["descent"], tabs=["losses"], below=["descent_lines"]),
    Section("code", below=["code_panel"], folded=True),
]


def rows_of(values: Values) -> tuple[Any, tuple[int, ...]]:
    """Return the scores and the labels of the batch."""
    scores = tuple(tuple(values[f"b{i}{j}"] for j in "123") for i in "123")
    return scores, tuple(values[f"l{i}"] for i in "123")


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``."""
    names, columns = (class_names(now, words) for now in (values, values.replace(k=3)))
    state = (values.many("z"), values.t, values.y)
    moving = (*state, values.rate, values.step)
    answered = bool(values.guess)
    batch = rows_of(values)
    pictures = [words(f"pictures.{i}") for i in "123"]
    views: Picture = {
        "curve": (figures.curve, *state, names),
        "formula": (figures.formula, *state, names),
        "labels": (figures.labels, *state, names),
        "gradient": (figures.gradient, *state, values.h, values.ask, answered, names),
        "verdict": (figures.verdict, *state, values.ask, values.guess, names),
        "compare": (figures.compare, *state, values.h, answered, names),
        "batch": (figures.batch, *batch, pictures, columns),
        "batch_lines": (figures.batch_lines, *batch),
        "batch_table": (figures.batch_table, *batch, pictures, columns),
        "descent": (figures.descent, *moving, names),
        "losses": (figures.losses, *moving),
        "descent_lines": (figures.descent_lines, *moving, names),
    }
    code = (commented, words.group("comment"), figures.code_panel, *state)
    return {**with_words(views, words, name=names[values.ask], step=values.step), "code_panel": code}


def said(values: Values, words: Words) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest."""
    state, asked = (values.many("z"), values.t, values.y), values.ask if values.guess else None
    moving, names = (values.rate, values.step), class_names(values, words)
    return figures.said(state, asked, rows_of(values), moving, names)


def on_curve(drag: Drag) -> dict[str, float]:
    """Return the true class's score that brings its point under the hand."""
    z, t, y = drag.start.many("z"), drag.start.t, drag.start.y
    return {f"z{y + 1}": figures.score_at(drag.x, drag.y, z, t, y)}


def follow(before: Values, after: Values) -> dict[str, str]:
    """Take back an answer that was given to another question."""
    asked = any(before[key] != after[key] for key in ("ask", "y", "k"))
    return {"guess": ""} if asked and before.guess == after.guess else {}


def named(values: Values, words: Words) -> tuple[tuple[float, ...], float, int, list[str]]:
    """Return scores, temperature and true class, with the names of the classes."""
    return (values.many("z"), values.t, values.y, class_names(values, words))


def derivation(values: Values, words: Words) -> dict[str, str]:
    """Return the numbers of the derivation."""
    return figures.derivation(*named(values, words))


def after(values: Values, words: Words) -> None:
    """Draw PyTorch's gradient once somebody asks for it."""
    st.subheader(words("autograd.title"), anchor=False)
    st.markdown(words("autograd.text"))
    if not is_available():
        st.info(words("autograd.missing"))
    elif st.button(words("autograd.ask")) or st.session_state.get("autograd"):
        st.session_state["autograd"] = True
        with st.spinner(words("autograd.wait")):
            st.markdown(figures.autograd(*named(values, words), words.group("autograd")))


def log_p(values: Values) -> float:
    """Return the log of the true class's probability, for a goal."""
    return float(log_softmax(values.many("z"), temperature=values.t)[values.y])


LABELS = ["l1", "l2", "l3"]
BEATS = [
    Beat(["z"], reached=lambda v: log_p(v) > -0.1),
    Beat(["y"], reached=lambda v: v.y == RELABELLED["y"]),
    Beat(["guess"], reached=lambda v: v.guess == "down", shows="gradient"),
    Beat(LABELS, DIAGONAL, reached=lambda v: all(v[key] == BATCH[key] for key in LABELS), shows="batch"),
    Beat(["step"], {**RELABELLED, "rate": 1.0}, reached=lambda v: v.step == figures.STEPS, shows="descent"),
]


LESSON = Lesson(
    name="nll",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    beats=BEATS,
    said=said,
    headline="main.loss",
    keeps=("h", "rate", *BATCH, *(control.key for control in SCORES if control.kind == "text")),
    scope="scores",
    drags={"curve": on_curve},
    follow=follow,
    derivation=derivation,
    after=after,
)

frame.show(LESSON)
