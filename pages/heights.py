"""Heights: which curve produced these people?"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import streamlit as st

from core.figures import heights as figures
from pages.shared import frame, live, own_data
from pages.shared.catalog import Words
from pages.shared.controls import Bounds, Control, Values, log_stops
from pages.shared.lesson import Drag, Lesson, Picture, Section

LENGTHS = ("mu", "sigma", "mu_b", "sigma_b", "true_mu", "true_sigma")


def kind(values: Values) -> str:
    """Return which people are on the screen."""
    return figures.kind(values.data, values.own)


def sampled(values: Values) -> bool:
    """Return whether the people are drawn by lot."""
    return kind(values) == "sampled"


def within(parameter: str) -> Callable[[Values], Bounds]:
    """Return the range of a candidate's parameter ("mu" or "sigma") for the data in use."""
    return lambda values: figures.candidate_range(parameter, kind(values), values.unit, values.own)


def truly(parameter: str) -> Callable[[Values], Bounds]:
    """Return the range of a parameter of the true curve."""
    return lambda values: figures.truth_range(parameter, values.unit)


CONTROLS = [
    Control("own", default="", kind="text", in_url=False),
    Control("data", default="sampled", kind="choice", choices=("sampled", "five", "own")),
    Control("unit", default="cm", kind="choice", choices=("cm", "m"), shown=sampled),
    Control("n", 1, 1_000_000, 1, default=500, stops=figures.PEOPLE, shown=sampled),
    Control("true_mu", default=172.0, bounds=truly("mu"), shown=sampled, role="p"),
    Control("true_sigma", default=4.8, bounds=truly("sigma"), shown=sampled, role="p"),
    Control("seed", 0, 9999, 1, default=4, kind="button", shown=sampled),
    Control("mu", default=172.0, bounds=within("mu"), role="q"),
    Control("sigma", default=4.8, bounds=within("sigma"), role="q"),
    Control("mu_b", default=184.0, bounds=within("mu"), role="rest"),
    Control("sigma_b", default=4.8, bounds=within("sigma"), role="rest"),
    Control("climber", default="b", kind="choice", choices=("a", "b")),
    Control("method", default="gradient", kind="choice", choices=("gradient", "newton")),
    Control("lr", 0.01, 2.0, 0.01, default=0.1, stops=log_stops(0.01, 2.0, 47, digits=2), digits=2,
            shown=lambda values: values.method == "gradient"),
    Control("step", 0, figures.STEPS, 1, default=0, kind="player"),
]  # fmt: skip

FIVE = {"data": "five", "unit": "none", "mu": 5.0}
PRESETS = {
    "best": {},
    "shifted": {"mu": 184.0, "mu_b": 172.0},
    "wide": {"sigma": 9.6, "mu_b": 172.0},
    "far": {"mu": 140.0, "sigma": 10.0, "mu_b": 172.0},
    "narrow": {"mu": 190.0, "sigma": 1.0, "mu_b": 140.0, "sigma_b": 10.0},
    "five_unbiased": {**FIVE, "sigma": 2.915476, "mu_b": 10.0, "sigma_b": 2.915476},
    "five_mle": {**FIVE, "sigma": 2.607681, "mu_b": 5.0, "sigma_b": 2.915476},
    "metres": {"unit": "m", **figures.start("sampled", "m", "")},
}
HIDDEN = {"crowd": {"n": 1_000_000}}

SECTIONS = [
    Section(
        "main",
        controls=["mu", "sigma", "mu_b", "sigma_b", "data", "n", "seed", "unit"],
        main=["curves", "formula"],
        tabs=["surface", "near", "slices", "product"],
        below=["numbers"],
    ),
    Section("truth", controls=["true_mu", "true_sigma"], main=["estimate"], below=["estimates"]),
    Section(
        "climb", controls=["climber", "method", "lr", "step"], main=["trail", "climb_lines"], tabs=["rise"]
    ),
    Section("code", below=["code"]),
]


def people(values: Values) -> figures.Source:
    """Return which people the state ``values`` asks for."""
    drawn = (values.n, values.true_mu, values.true_sigma, values.seed) if sampled(values) else ()
    return figures.Source(kind(values), values.unit, values.own, *drawn)


@lru_cache(maxsize=256)
def phrases(words: Words, n: int, drawn: int, unit: str, view: str) -> Mapping[str, str]:
    """Return the words of one view; they change with the people, not with the candidates."""
    axes = {name: words(f"axis.{name}.{unit}") for name in ("x", "y", "s")}
    return words.group(view, n=f"{n:,}", drawn=drawn, **axes)


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``."""
    source = people(values)
    a, b = (values.mu, values.sigma), (values.mu_b, values.sigma_b)
    moving = (source, *(b if values.climber == "b" else a), values.method, values.lr, values.step)
    said = partial(phrases, words, figures.size(source), figures.stems_drawn(source), values.unit)
    return {
        "curves": partial(figures.curves, source, *a, *b, said("curves")),
        "formula": partial(figures.formula, source, *a, *b, said("formula")),
        "surface": partial(figures.surface, source, *a, *b, said("surface")),
        "near": partial(figures.near_top, source, *a, said("near")),
        "slices": partial(figures.slices, source, *a, said("slices")),
        "product": partial(figures.running_product, source, *a, *b, said("product")),
        "numbers": partial(figures.numbers, source, *a, *b, said("numbers")),
        "estimate": partial(figures.estimate, source, said("estimate")),
        "estimates": partial(figures.estimates, source, said("estimates")),
        "trail": partial(figures.trail_map, *moving, said("trail")),
        "rise": partial(figures.rise, *moving, said("rise")),
        "climb_lines": partial(figures.climb_lines, *moving, said("climb_lines")),
        "code": partial(figures.code_panel, source, *a),
    }


def on_peak(drag: Drag) -> Mapping[str, float]:
    """Return the candidate whose peak is under the hand."""
    return figures.candidate_at(
        drag.x, figures.sigma_at(drag.y), kind(drag.start), drag.start.unit, drag.start.own
    )


def on_peak_b(drag: Drag) -> Mapping[str, float]:
    """Return candidate B with its peak under the hand."""
    return {f"{key}_b": value for key, value in on_peak(drag).items()}


def on_surface(drag: Drag) -> Mapping[str, float]:
    """Return the candidate at a place of the landscape, whose sigma axis is logarithmic."""
    return figures.candidate_at(drag.x, 10.0**drag.y, kind(drag.start), drag.start.unit, drag.start.own)


def follow(before: Values, after: Values) -> Mapping[str, Any]:
    """Take the candidates along when the unit or the data change."""
    if kind(before) != kind(after):
        unit = "none" if not sampled(after) else after.unit if after.unit != "none" else "cm"
        return {"unit": unit, **figures.start(kind(after), unit, after.own)}
    if before.unit != after.unit:
        return figures.converted({key: before[key] for key in LENGTHS}, after.unit)
    return {}


def notes(values: Values, words: Words) -> list[str]:
    """Return what keeps the page from showing what was asked for."""
    made = [words("note.no_data")] if values.data == "own" and sampled(values) else []
    return made + ([words("note.one")] if sampled(values) and values.n == 1 else [])


def taken(own: str) -> None:
    """Put a person's own numbers on the screen, with candidates that suit them."""
    values = live.session_values(LESSON) or LESSON.start
    live.keep(LESSON, values.replace(data="own", own=own, unit="none", **figures.start("own", "none", own)))


def after(values: Values, words: Words) -> None:
    """Draw the boxes for a person's own numbers, and the derivation with the present numbers."""
    own_data.widgets(words, taken, expanded=values.data == "own")
    places = figures.derivation(people(values), values.mu, values.sigma)
    with st.expander(words("derivation.title")):
        for step in words.under("derivation.step"):
            st.markdown(words(f"derivation.step.{step}.text"))
            st.latex(words(f"derivation.step.{step}.formula", **places))


LESSON = Lesson(
    name="heights",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    hidden_presets=HIDDEN,
    keeps=("own",),
    drags={"curve": on_peak, "curve_b": on_peak_b, "surface": on_surface},
    notes=notes,
    after=after,
    sources=lambda words: {"own": own_data.digest()},
    follow=follow,
)

frame.show(LESSON)
