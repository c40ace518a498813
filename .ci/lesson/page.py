"""Template: TODO: the question that this lesson answers."""

from core.figures import template as figures
from pages.shared import frame
from pages.shared.catalog import Words
from pages.shared.controls import Control, Values
from pages.shared.lesson import Beat, Lesson, Picture, Preset, Section, with_words

# TODO: what a person can set. Keys are public: once shared they never change their meaning.
CONTROLS = [Control("p", 0.0, 1.0, 0.01, default=0.5, role="p")]

# TODO: states worth a look; a hidden one is shown by a watch-out box.
PRESETS = {
    "fair": Preset(),
    "bent": Preset({"p": 0.9}),
    "sure": Preset({"p": 1.0}, hidden=True),
}

SECTIONS = [Section("main", controls=["p"], main=["curve", "value"])]


# TODO: the guide: what to find, one step after another; the lesson opens where the first begins.
BEATS = [
    Beat(["p"], reached=lambda v: figures.of_coin(v.p) < 0.5),
    Beat(["p"], {"p": 1.0}, reached=lambda v: figures.of_coin(v.p) > 0.69),
    Beat(["p"], {"p": 0.9}, reached=lambda v: figures.of_coin(v.p) == 0),
    Beat(["p"], {"p": 0.1}),
]


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``."""
    views: Picture = {
        "curve": (figures.curve, values.p),
        "value": (figures.value, values.p),
    }
    return with_words(views, words)


def said(values: Values, words: Words) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest."""
    return figures.said(values.p)


LESSON = Lesson(
    name="template",
    picture=picture,
    said=said,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    beats=BEATS,
)

frame.show(LESSON)
