"""Confidence: do the probabilities keep their promise?"""

from collections.abc import Mapping

from core.figures import confidence as figures
from core.figures.text import commented
from pages.parts import own_logits
from pages.parts.own_logits import SHELF
from pages.shared import frame, visit
from pages.shared.catalog import Words
from pages.shared.controls import Control, Onward, Values, log_stops
from pages.shared.lesson import Beat, Drag, Lesson, Picture, Preset, Section, with_words

TEMPERATURES = log_stops(figures.LOW, figures.HIGH, 121)


def to_box(values: Values) -> Onward | None:
    """Return the way to the box for a person's own rows, where they are asked for."""
    return Onward("own", box="logits-text") if values.data == "own" else None


CONTROLS = [
    Control("own", default="", kind="text", in_url=False),
    Control("data", default="digits", kind="choice", choices=(*figures.DATA, "own"), onward=to_box),
    Control("split", default="half", kind="choice", choices=("half", "all")),
    Control("t", figures.LOW, figures.HIGH, default=1.0, stops=TEMPERATURES, digits=3, role="q"),
    Control("bins", 1, figures.MOST, 1, default=15),
    Control("by", default="width", kind="choice", choices=("width", "mass")),
    Control("step", 0, figures.STEPS, 1, default=0, kind="player"),
]
PRESETS = {
    "sure": Preset(),
    "calibrated": Preset({"t": 2.23}),
    "smoothed": Preset({"data": "smoothed"}),
    "right": Preset({"data": "right"}),
    "shifted": Preset({"data": "shifted"}),
    "base": Preset({"data": "base", "split": "all"}),
    "three": Preset({"data": "three", "split": "all"}),
    "lower": Preset({"t": 1.8, "by": "mass"}, hidden=True),
}
SECTIONS = [
    Section(
        "main",
        controls=["t", "bins", "by", "data", "split"],
        main=["reliability", "formula"],
        tabs=["curve", "histogram"],
        below=["numbers"],
        more=["bins", "by", "split"],
    ),
    Section("newton", controls=["step"], main=["newton", "newton_lines"]),
    Section("worst", below=["worst"]),
    Section("code", below=["code"], folded=True),
]


def source(values: Values) -> figures.Source:
    """Return which rows the state ``values`` asks for."""
    if values.data != "own":
        return figures.Source(values.data, values.split)
    own = SHELF.own(values.own)
    return figures.Source("digits" if own is None else "own", values.split, own)


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``."""
    rows, bins = source(values), (values.bins, values.by)
    views: Picture = {
        "reliability": (figures.reliability, rows, values.t, *bins),
        "formula": (figures.formula, rows, values.t, *bins),
        "curve": (figures.curve, rows, values.t),
        "histogram": (figures.histogram, rows, values.t),
        "numbers": (figures.numbers, rows, values.t, *bins),
        "newton": (figures.newton, rows, values.step),
        "newton_lines": (figures.newton_lines, rows, values.step),
        "worst": (figures.worst, rows, values.t),
    }
    code = (commented, words.group("comment"), figures.code_panel, rows, values.t, *bins)
    return {**with_words(views, words), "code": code}


def notes(values: Values, words: Words) -> list[str]:
    """Return what is to be said of the rows."""
    rows = source(values)
    missing = [words("note.no_data")] if values.data == "own" and rows.own is None else []
    return [*missing, *(words(f"note.{name}", **places) for name, places in figures.notes(rows))]


def taken(own: str) -> None:
    """Put a person's own rows on the screen, and bring them to the eye: on a phone they are far above."""
    values = visit.session_values(LESSON) or LESSON.start
    visit.keep(LESSON, values.replace(data="own", own=own))
    visit.bring(LESSON, "main")


def after(values: Values, words: Words) -> None:
    """Draw the boxes for a person's own rows."""
    own_logits.widgets(words, taken, values)


def on_curve(drag: Drag) -> Mapping[str, float]:
    """Return the temperature at a place of its axis, which is logarithmic."""
    return {"t": figures.temperature_at(drag.x)}


def on_mean(drag: Drag) -> Mapping[str, float]:
    """Return the temperature at which the mean confidence is under the hand."""
    return {"t": figures.temperature_of(source(drag.start), drag.x)}


def measured(values: Values) -> figures.Measures:
    """Return what the temperature makes of the judged rows, for a goal."""
    return figures.study(source(values)).measures(values.t, values.bins, values.by)


def mean_loss(values: Values) -> float:
    """Return the NLL of the rows that T is fitted to, for the goals of the beats."""
    return float(figures.study(source(values)).mean_loss(values.t))


def newtons(values: Values) -> float:
    """Return the temperature that Newton's method has come to."""
    found = figures.study(source(values)).found
    return float(found.steps[min(values.step, len(found.steps) - 1)] if found else values.t)


BEATS = [
    Beat(["t"], reached=lambda v: round(measured(v).confidence, 2) == round(measured(v).accuracy, 2)),
    Beat(["t"], reached=lambda v: mean_loss(v) < 0.2435, shows="curve"),
    Beat(["t"], {"data": "smoothed"}, reached=lambda v: mean_loss(v) < 0.28, shows="curve"),
    # What cannot be reached has been tried at the coldest T.
    Beat(["t"], {"data": "right"}, reached=lambda v: v.t == figures.LOW, shows="curve"),
    Beat(["step"], reached=lambda v: round(newtons(v), 2) == 2.23, shows="newton"),
]


LESSON = Lesson(
    name="confidence",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    beats=BEATS,
    said=lambda v, _: figures.said(source(v), v.t, v.bins, v.by, v.step),
    headline="main.nll",
    drags={"t": on_curve, "mean": on_mean},
    keeps=("own",),
    notes=notes,
    after=after,
    sources=lambda words: {"own": own_logits.BOX.digest()},
    derivation=lambda v, _: figures.derivation(source(v), v.t),
)

frame.show(LESSON)
