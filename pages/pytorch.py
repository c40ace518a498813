"""PyTorch: which tensor goes into which loss?"""

from functools import lru_cache

import streamlit as st

from core.figures import pytorch as figures
from core.figures.text import commented
from core.torch_reference import is_loaded, load
from pages.parts.tensors import CONTROLS, EXAMPLES, PLAIN, follow, options, three
from pages.shared import frame, page
from pages.shared.catalog import Words
from pages.shared.controls import Value, Values
from pages.shared.lesson import Beat, Lesson, Picture, Preset, Section

CAT: dict[str, Value] = {"z1": 5.0, "z2": 4.0, "z3": 2.0}
PRESETS = {
    "trap": Preset(),
    "trap_cat": Preset({"y": 0}),
    "right": Preset({**CAT, "y": 0, "feed": "log_softmax"}),
    "raw": Preset({**CAT, "y": 0, "feed": "logits"}),
    "cross": Preset({**CAT, "y": 0, "feed": "logits", "loss": "CrossEntropyLoss"}),
    "twice": Preset({"z1": 10.0, "z2": -10.0, "z3": -10.0, "y": 0, "loss": "CrossEntropyLoss"}),
    "blind": Preset({"z1": -8.0, "z2": 0.0, "z3": 0.0, "y": 0}),
    "channels": Preset({"shape": "channels_last"}, hidden=True),
}

SECTIONS = [
    Section(
        "main",
        controls=["z", "y", "feed", "loss"],
        main=["grid", "verdict"],
        tabs=["graph"],
        below=["pull", "graph_table"],
    ),
    Section(
        "options",
        controls=["example", "goal", "reduction", "ignore", "smooth", "w"],
        table=[["l1"], ["l2"], ["l3"]],
        main=["batch", "batch_lines"],
        below=["batch_table"],
        folded=True,
    ),
    Section("shapes", controls=["shape"], main=["shapes", "shape_lines"], folded=True),
    Section(
        "kl",
        table=[[f"p{i}", f"q{i}"] for i in "123"],
        main=["kl"],
        below=["kl_lines", "kl_table"],
        folded=True,
    ),
    Section(
        "binary",
        controls=["logit", "target", "pos_weight"],
        main=["binary"],
        below=["binary_table"],
        folded=True,
    ),
    Section("zero", controls=["zero"], main=["zero_table"], folded=True),
    Section(
        "gauss",
        controls=["observed", "mean", "sigma"],
        main=["gauss"],
        below=["gauss_table"],
        folded=True,
    ),
    Section("code", below=["code"], folded=True),
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
    views: Picture = {
        "grid": (figures.grid, *cell),
        "verdict": (figures.verdict, *cell, names),
        "pull": (figures.pull, *cell, names),
        "graph": (figures.graph, *state, torch, names),
        "graph_table": (figures.graph_table, *state, torch, names),
        "batch": (figures.batch, told, torch, pictures),
        "batch_lines": (figures.batch_lines, told, torch),
        "batch_table": (figures.batch_table, told, torch, pictures, names),
        "shapes": (figures.shapes, values["shape"]),
        "shape_lines": (figures.shape_lines, values["shape"], torch),
        "kl": (figures.kl, *beliefs, torch),
        "kl_lines": (figures.kl_lines, *beliefs, torch),
        "kl_table": (figures.kl_table, *beliefs, torch),
        "binary": (figures.binary, *binary, torch),
        "binary_table": (figures.binary_table, *binary, values.pos_weight, torch),
        "zero_table": (figures.zero_table, values.q, torch),
        "gauss": (figures.gauss, *gauss),
        "gauss_table": (figures.gauss_table, *gauss, torch),
    }
    said = groups(words, tuple(views))
    if (values.feed, values.loss) != ("log_softmax", "NLLLoss"):
        said = said | {"graph": said["graph"] | {"title": said["graph"]["title_other"]}}
    code = (figures.code_panel, *state, told, beliefs, (*binary, values.pos_weight), gauss)
    return {
        **{view: (*call, said[view]) for view, call in views.items()},
        "code": (commented, words.group("comment"), *code),
    }


def said(values: Values, words: Words) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest."""
    return figures.said(
        (three("z", values), values.y, values.feed, values.loss),
        options(values),
        values["shape"],
        (three("p", values), three("q", values)),
        (values.logit, values.target),
        values.q,
        (values.observed, values.mean, values.sigma),
        words.group("said"),
    )


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


def given(values: Values) -> float:
    """Return what the chosen loss gives by core, for the goals of the beats."""
    table = figures.core_table(three("z", values), values.y)
    return float(table.values[figures.place(values.feed, values.loss)])


CROSS: dict[str, Value] = {"y": 0, "loss": "CrossEntropyLoss"}
BEATS = [
    Beat(["feed"], reached=lambda v: given(v) > 0),
    Beat(["feed"], {**CAT, **CROSS}, reached=lambda v: given(v) < 0.35),
    # What cannot be reached has been tried with the score at its end.
    Beat(["z"], {"z1": 2.0, "z2": 0.0, "z3": 0.0, **CROSS}, reached=lambda v: given(v) < 0.552),
    Beat(
        ["example", *PLAIN],
        {"example": "weighted", **PLAIN, **EXAMPLES["weighted"]},
        reached=lambda v: v.example == "tenth",
        shows="options",
    ),
    Beat(["zero"], {"q": 0.5}, reached=lambda v: v.q == 0, shows="zero"),
]


LESSON = Lesson(
    name="pytorch",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    beats=BEATS,
    said=said,
    headline="main.value",
    keeps=("torch", *(c.key for c in CONTROLS if c.key not in ("z1", "z2", "z3", "y", "feed", "loss"))),
    notes=notes,
    sources=sources,
    follow=follow,
)

frame.show(LESSON)
