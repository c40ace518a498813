"""Heights: which curve produced these people?"""

from collections.abc import Mapping
from functools import lru_cache, partial

import streamlit as st

from core.figures import heights as figures
from pages.shared import frame, live, own_data, people
from pages.shared.catalog import Words
from pages.shared.controls import Values
from pages.shared.lesson import Drag, Lesson, Picture, Section

FIVE = {"data": "five", "mu": 5.0}
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


@lru_cache(maxsize=256)
def phrases(words: Words, n: int, drawn: int, unit: str, view: str) -> Mapping[str, str]:
    """Return the words of one view; they change with the people, not with the candidates."""
    axes = {name: words(f"axis.{name}.{unit}") for name in ("x", "y", "s")}
    return words.group(view, n=f"{n:,}", drawn=drawn, **axes)


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``."""
    source = people.source(values)
    a, b = (values.mu, values.sigma), (values.mu_b, values.sigma_b)
    moving = (source, *(b if values.climber == "b" else a), values.method, values.lr, values.step)
    said = partial(phrases, words, figures.size(source), figures.stems_drawn(source), source.unit)
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
    """Return candidate A with its peak under the hand."""
    return people.candidate(drag.start, drag.x, figures.sigma_at(drag.y))


def on_peak_b(drag: Drag) -> Mapping[str, float]:
    """Return candidate B with its peak under the hand."""
    return {f"{key}_b": value for key, value in on_peak(drag).items()}


def on_surface(drag: Drag) -> Mapping[str, float]:
    """Return candidate A at a place of the landscape, whose sigma axis is logarithmic."""
    return people.candidate(drag.start, drag.x, figures.sigma_on_log_axis(drag.y))


def notes(values: Values, words: Words) -> list[str]:
    """Return what keeps the page from showing what was asked for."""
    missing = values.data == "own" and people.sampled(values)
    alone = people.sampled(values) and values.n == 1
    return [words(f"note.{name}") for name, holds in (("no_data", missing), ("one", alone)) if holds]


def taken(own: str) -> None:
    """Put a person's own numbers on the screen, with candidates that suit them."""
    values = (live.session_values(LESSON) or LESSON.start).replace(data="own", own=own)
    live.keep(LESSON, values.replace(**people.start(values)))


def after(values: Values, words: Words) -> None:
    """Draw the boxes for a person's own numbers, and the derivation with the present numbers."""
    own_data.widgets(words, taken, expanded=values.data == "own")
    places = figures.derivation(people.source(values), values.mu, values.sigma)
    with st.expander(words("derivation.title")):
        for step in words.under("derivation.step"):
            st.markdown(words(f"derivation.step.{step}.text"))
            st.latex(words(f"derivation.step.{step}.formula", **places))


LESSON = Lesson(
    name="heights",
    picture=picture,
    controls=[*people.PEOPLE, *people.CLIMB],
    sections=SECTIONS,
    presets=PRESETS,
    hidden_presets=HIDDEN,
    keeps=("own",),
    drags={"curve": on_peak, "curve_b": on_peak_b, "surface": on_surface},
    notes=notes,
    after=after,
    sources=lambda words: {"own": own_data.digest()},
    follow=people.follow,
)

frame.show(LESSON)
