"""NLL: why minus the log of the true class?"""

from functools import partial

import streamlit as st

from core.figures import nll as figures
from core.torch_reference import is_available
from pages.shared import frame
from pages.shared.catalog import Words
from pages.shared.controls import Control, Value, Values, log_stops
from pages.shared.lesson import Drag, Lesson, Picture, Section, class_names
from pages.shared.scores import SCORES

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

PRESETS = {
    "cat": {"z1": 5.0, "z2": 4.0, "z3": 2.0, "y": 0},
    "horse": {"z1": 4.0, "z2": 2.0, "z3": 8.0, "y": 2},
    "dog": {"z1": 4.0, "z2": 4.0, "z3": 1.0, "y": 1},
    "relabelled": {"z1": 5.0, "z2": 4.0, "z3": 2.0, "y": 2},
    "wrong": {"z1": -5.0, "z2": 10.0, "z3": 0.0, "y": 0},
    "tie": {"z1": 3.0, "z2": 3.0, "z3": 3.0, "y": 0},
    "certain": {"z1": 10.0, "z2": -5.0, "z3": -5.0, "y": 0},
}
HIDDEN = {
    "pushes": {"ask": 1, "guess": "down"},
    "others": {**PRESETS["relabelled"], "step": 3},
    "published": BATCH,
    "diagonal": {**BATCH, "l1": 0, "l2": 1, "l3": 2},
}

SECTIONS = [
    Section("main", controls=["y", "z", "t", "k"], main=["curve", "formula"], tabs=["labels"]),
    Section("gradient", controls=["ask", "guess", "h"], main=["gradient", "verdict"], below=["compare"]),
    Section(
        "batch",
        table=[row for i in "123" for row in ([f"l{i}"], [f"b{i}1", f"b{i}2", f"b{i}3"])],
        main=["batch"],
        below=["batch_lines", "batch_table"],
    ),
    Section("descent", controls=["step", "rate"], main=["descent"], tabs=["losses"], below=["descent_lines"]),
    Section("code", below=["code_panel"]),
]


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``."""
    names, columns = (class_names(now, words) for now in (values, values.replace(k=3)))
    state = (values.many("z"), values.t, values.y)
    moving = (*state, values.rate, values.step)
    answered = bool(values.guess)
    batch = (
        tuple(tuple(values[f"b{i}{j}"] for j in "123") for i in "123"),
        tuple(values[f"l{i}"] for i in "123"),
    )
    pictures = [words(f"pictures.{i}") for i in "123"]
    drawn = {
        "curve": (*state, names),
        "formula": (*state, names),
        "labels": (*state, names),
        "gradient": (*state, values.h, values.ask, answered, names),
        "verdict": (*state, values.ask, values.guess, names),
        "compare": (*state, values.h, answered, names),
        "batch": (*batch, pictures, columns),
        "batch_lines": batch,
        "batch_table": (*batch, pictures, columns),
        "descent": (*moving, names),
        "losses": moving,
        "descent_lines": (*moving, names),
        "code_panel": state,
    }
    places = {"name": names[values.ask], "step": values.step}
    return {
        view: partial(getattr(figures, view), *args, words.group(view, **places))
        for view, args in drawn.items()
    }


def on_curve(drag: Drag) -> dict[str, float]:
    """Return the true class's score that brings its point under the hand."""
    z, t, y = drag.start.many("z"), drag.start.t, drag.start.y
    return {f"z{y + 1}": figures.score_at(drag.x, drag.y, z, t, y)}


def follow(before: Values, after: Values) -> dict[str, str]:
    """Take back an answer that was given to another question."""
    asked = any(before[key] != after[key] for key in ("ask", "y", "k"))
    return {"guess": ""} if asked and before.guess == after.guess else {}


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
    elif st.button(words("autograd.ask")) or st.session_state.get("autograd"):
        st.session_state["autograd"] = True
        with st.spinner(words("autograd.wait")):
            st.markdown(figures.autograd(*state, words.group("autograd")))


LESSON = Lesson(
    name="nll",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    hidden_presets=HIDDEN,
    keeps=("h", "rate", *BATCH, *(control.key for control in SCORES if control.kind == "text")),
    scope="scores",
    drags={"curve": on_curve},
    follow=follow,
    after=after,
)

frame.show(LESSON)
