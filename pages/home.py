"""Home: the whole thread in one picture, and the way to every lesson."""

from functools import partial

from core.figures import home as figures
from core.figures.theme import CLASS_ROLES
from pages.shared import frame, page
from pages.shared.catalog import Words
from pages.shared.controls import Control, Values, vector
from pages.shared.lesson import Lesson, Picture, Section

NAMES = ("1", "2", "3")
CONTROLS = [
    *vector("z", 3, (5.0, 4.0, 2.0), size="", minimum=-10.0, maximum=10.0, step=0.1, roles=CLASS_ROLES),
    Control("y", 0, 2, 1, default=0, kind="choice"),
]

PRESETS = {
    "cat": {"z1": 5.0, "z2": 4.0, "z3": 2.0, "y": 0},
    "horse": {"z1": 4.0, "z2": 2.0, "z3": 8.0, "y": 2},
    "dog": {"z1": 4.0, "z2": 4.0, "z3": 1.0, "y": 1},
    "wrong": {"z1": 5.0, "z2": 4.0, "z3": 2.0, "y": 2},
}

SECTIONS = [Section("main", controls=["z", "y"], main=["thread", "five"])]


def picture(values: Values, words: Words) -> Picture:
    """Return the thread and the five computations in the state ``values``."""
    logits = (values.z1, values.z2, values.z3)
    names = [words(f"class.{i}") for i in NAMES]
    return {
        "thread": partial(figures.thread, logits, values.y, names, words.group("thread")),
        "five": partial(figures.five_ways, logits, values.y, words.group("five")),
    }


LESSON = Lesson(
    name="home",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    after=page.lesson_map,
)

frame.show(LESSON)
