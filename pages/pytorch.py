"""PyTorch: which tensor goes into which loss?"""

from functools import lru_cache, partial

import streamlit as st

from core.figures import pytorch as figures
from core.torch_reference import is_loaded, load
from pages.shared import frame, page
from pages.shared.catalog import Words
from pages.shared.controls import Values
from pages.shared.lesson import Lesson, Picture, Section
from pages.shared.tensors import CONTROLS, follow, options, three

PRESETS = {
    "trap": {},
    "trap_cat": {"y": 0},
    "right": {"z1": 5.0, "z2": 4.0, "z3": 2.0, "y": 0, "feed": "log_softmax"},
    "raw": {"z1": 5.0, "z2": 4.0, "z3": 2.0, "y": 0, "feed": "logits"},
    "cross": {"z1": 5.0, "z2": 4.0, "z3": 2.0, "y": 0, "feed": "logits", "loss": "CrossEntropyLoss"},
    "twice": {"z1": 10.0, "z2": -10.0, "z3": -10.0, "y": 0, "loss": "CrossEntropyLoss"},
    "blind": {"z1": -8.0, "z2": 0.0, "z3": 0.0, "y": 0},
}


HIDDEN = {"channels": {"shape": "channels_last"}}

SECTIONS = [
    Section("main", ["z", "y", "feed", "loss"], ["grid", "verdict"], ["graph"], ["pull", "graph_table"]),
    Section(
        "options",
        ["example", "goal", "reduction", "ignore", "smooth", "w"],
        ["batch", "batch_lines"],
        below=["batch_table"],
        table=[["l1"], ["l2"], ["l3"]],
    ),
    Section("shapes", ["shape"], ["shapes", "shape_lines"]),
    Section("kl", main=["kl"], below=["kl_lines", "kl_table"], table=[[f"p{i}", f"q{i}"] for i in (1, 2, 3)]),
    Section("binary", ["logit", "target", "pos_weight"], ["binary"], below=["binary_table"]),
    Section("zero", ["zero"], ["zero_table"]),
    Section("gauss", ["observed", "mean", "sigma"], ["gauss"], below=["gauss_table"]),
    Section("code", below=["code"]),
]


@lru_cache(maxsize=8)
def groups(words: Words, views: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Return the words of each view, with those that all share; they do not change with the state."""
    return {view: {**words.group("said"), **words.group(view)} for view in views}


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``; torch is asked where it has been loaded."""
    torch = bool(values.get("torch"))
    names = tuple(words(f"class.{i}") for i in (1, 2, 3))
    pictures = [words(f"pictures.{i}") for i in (1, 2, 3)]
    state = (three("z", values), values.y)
    cell = (*state, values.feed, values.loss, torch)
    told = options(values)
    beliefs = (three("p", values), three("q", values))
    binary, gauss = (values.logit, values.target), (values.observed, values.mean, values.sigma)
    views = {
        "grid": cell,
        "verdict": (*cell, names),
        "pull": (*cell, names),
        "graph": (*state, torch, names),
        "graph_table": (*state, torch, names),
        "batch": (told, torch, pictures),
        "batch_lines": (told, torch),
        "batch_table": (told, torch, pictures, names),
        "shapes": (values["shape"],),
        "shape_lines": (values["shape"], torch),
        "kl": (*beliefs, torch),
        "kl_lines": (*beliefs, torch),
        "kl_table": (*beliefs, torch),
        "binary": (*binary, torch),
        "binary_table": (*binary, values.pos_weight, torch),
        "zero_table": (values.q, torch),
        "gauss": gauss,
        "gauss_table": (*gauss, torch),
    }
    said = groups(words, tuple(views))
    made: Picture = {view: partial(getattr(figures, view), *args, said[view]) for view, args in views.items()}
    code = (*state, told, beliefs, (*binary, values.pos_weight), gauss)
    return made | {"code": partial(figures.code_panel, *code)}


def sources(words: Words) -> dict[str, bool]:
    """Import torch, once for each process and behind a spinner; say whether it is there."""
    slot = st.empty()
    if not is_loaded():
        with slot, st.spinner(words("torch.wait")):
            load()
            page.settle_memory()
    return {"torch": is_loaded()}


def notes(values: Values, words: Words) -> list[str]:
    """Return that torch is missing, or that weights are."""
    absent = values.get("torch") is False
    empty = not all(any(three(stem, values)) for stem in "pq")
    return [words(f"note.{name}") for name, holds in (("absent", absent), ("empty", empty)) if holds]


LESSON = Lesson(
    name="pytorch",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    hidden_presets=HIDDEN,
    keeps=("torch", *(c.key for c in CONTROLS if c.key not in ("z1", "z2", "z3", "y", "feed", "loss"))),
    notes=notes,
    sources=sources,
    follow=follow,
)

frame.show(LESSON)
