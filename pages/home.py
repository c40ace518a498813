"""Home: the whole thread in one picture, and the way to every lesson."""

from functools import cache
from urllib.parse import urlencode

from core.figures import home as figures
from core.figures.theme import CLASS_ROLES
from pages.shared import frame, page, way
from pages.shared.catalog import Words
from pages.shared.controls import Control, Value, Values, vector, written
from pages.shared.lesson import Lesson, Picture, Preset, Section, with_words

NAMES = ("1", "2", "3")
CONTROLS = [
    *vector("z", 3, (5.0, 4.0, 2.0), size="", minimum=-10.0, maximum=10.0, step=0.1, roles=CLASS_ROLES),
    Control("y", 0, 2, 1, default=0, kind="choice"),
]

PRESETS = {
    "cat": Preset({"z1": 5.0, "z2": 4.0, "z3": 2.0, "y": 0}),
    "horse": Preset({"z1": 4.0, "z2": 2.0, "z3": 8.0, "y": 2}),
    "dog": Preset({"z1": 4.0, "z2": 4.0, "z3": 1.0, "y": 1}),
    "wrong": Preset({"z1": 5.0, "z2": 4.0, "z3": 2.0, "y": 2}),
}

# Where each of the five names is explained: the lesson, and the state in which it shows the number of the cat
# picture, with which this page opens. Links are relative: the app may live below another address.
CAT: dict[str, Value] = {"z1": 5.0, "z2": 4.0, "z3": 2.0}
ONE_HOT: dict[str, Value] = {"p1": 1.0, "p2": 0.0, "p3": 0.0}
EXPLAINED: dict[str, tuple[str, dict[str, Value]]] = {
    "softmax": ("nll", {**CAT, "y": 0}),
    "cross_entropy": ("cross_entropy", {"mode": "logits", "unit": "nats", **ONE_HOT, **CAT}),
    "kl": ("cross_entropy", {"mode": "logits", "unit": "nats", **ONE_HOT, **CAT, "at": "terms"}),
    "draw": ("counts", {"n": 1, **ONE_HOT, "q1": 0.705385, "q2": 0.259496, "q3": 0.035119}),
    "torch": ("pytorch", {**CAT, "y": 0, "feed": "logits", "loss": "CrossEntropyLoss"}),
}

SECTIONS = [Section("thread", controls=["z", "y"], main=["thread", "five"])]


@cache
def links(language: str) -> dict[str, str]:
    """Return the address at which each of the five names is explained."""
    return {
        name: f"{lesson}?{urlencode({'lang': language, **{key: written(v) for key, v in state.items()}})}"
        for name, (lesson, state) in EXPLAINED.items()
    }


def picture(values: Values, words: Words) -> Picture:
    """Return the thread and the five computations in the state ``values``."""
    logits = (values.z1, values.z2, values.z3)
    names = [words(f"class.{i}") for i in NAMES]
    views: Picture = {
        "thread": (figures.thread, logits, values.y, names),
        "five": (figures.five_ways, logits, values.y, links(words.language)),
    }
    return with_words(views, words)


LESSON = Lesson(
    name="home",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    said=lambda v, words: figures.said((v.z1, v.z2, v.z3), v.y, [words(f"class.{i}") for i in NAMES]),
    headline="thread.loss",
    before=way.start,
    after=page.lesson_map,
)

frame.show(LESSON)
