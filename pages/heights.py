"""Heights: which curve produced these people?"""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from core.figures import heights as figures
from core.figures.text import commented
from core.gaussian import drop_from_mle
from pages.parts import own_data, people
from pages.shared import frame, visit
from pages.shared.catalog import Words
from pages.shared.controls import Value, Values
from pages.shared.lesson import Beat, Drag, Lesson, Picture, Preset, Section

FIVE: dict[str, Value] = {"data": "five", "mu": 5.0}
METRES: dict[str, Value] = {
    "unit": "m",
    "true_mu": 1.72,
    "true_sigma": 0.048,
    "mu": 1.72,
    "sigma": 0.048,
    "mu_b": 1.84,
    "sigma_b": 0.048,
}
SHIFTED: dict[str, Value] = {"mu": 184.0, "mu_b": 172.0}
WIDE: dict[str, Value] = {"sigma": 9.6, "mu_b": 172.0}
UNBIASED: dict[str, Value] = {"sigma": 2.915476}
PRESETS = {
    "best": Preset(),
    "shifted": Preset(SHIFTED),
    "wide": Preset(WIDE),
    "far": Preset({"mu": 140.0, "sigma": 10.0, "mu_b": 172.0}),
    "narrow": Preset({"mu": 190.0, "sigma": 1.0, "mu_b": 140.0, "sigma_b": 10.0}),
    "five_unbiased": Preset({**FIVE, **UNBIASED, "mu_b": 10.0, "sigma_b": 2.915476}),
    "five_mle": Preset({**FIVE, "sigma": 2.607681, "mu_b": 5.0, "sigma_b": 2.915476}),
    "waiting": Preset({"data": "waiting", "mu": 10.0, "sigma": 10.0, "mu_b": 20.0, "sigma_b": 5.0}),
    "metres": Preset(METRES),
    "crowd": Preset({"n": 1_000_000}, hidden=True),
    "few": Preset({"n": 5}, hidden=True),
}

SECTIONS = [
    Section(
        "main",
        controls=["mu", "sigma", "mu_b", "sigma_b", "data", "n", "seed", "unit"],
        main=["curves", "formula"],
        tabs=["surface", "near", "slices", "product", "price"],
        below=["numbers"],
        more=["n", "seed", "unit"],
    ),
    Section("truth", controls=["true_mu", "true_sigma"], main=["estimate"], below=["estimates"]),
    Section("cost", below=["prices"]),
    Section(
        "climb", controls=["climber", "method", "lr", "step"], main=["trail", "climb_lines"], tabs=["rise"]
    ),
    Section("code", below=["code"], folded=True),
]


@lru_cache(maxsize=256)
def phrases(words: Words, n: int, drawn: int, unit: str, view: str) -> Mapping[str, str]:
    """Return the words of one view; they change with the people, not with the candidates."""
    axes = {name: words(f"axis.{name}.{unit}") for name in ("x", "y", "s")}
    said = words.group(view, n=f"{n:,}", drawn=drawn, **axes)
    if unit == "min" and "waiting" in said:
        # Of waiting times some things are to be said that are not true of heights.
        return {**said, "caption": said["waiting"], "title": said.get("waiting_title", said.get("title", ""))}
    return said


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``."""
    source = people.source(values)
    a, b = (values.mu, values.sigma), (values.mu_b, values.sigma_b)
    moving = (source, *(b if values.climber == "b" else a), values.method, values.lr, values.step)
    said = partial(phrases, words, figures.size(source), figures.stems_drawn(source), source.unit)
    return {
        "curves": (figures.curves, source, *a, *b, said("curves")),
        "formula": (figures.formula, source, *a, *b, said("formula")),
        "surface": (figures.surface, source, *a, *b, said("surface")),
        "near": (figures.near_top, source, *a, said("near")),
        "slices": (figures.slices, source, *a, said("slices")),
        "product": (figures.running_product, source, *a, *b, said("product")),
        "numbers": (figures.numbers, source, *a, *b, said("numbers")),
        "estimate": (figures.estimate, source, said("estimate")),
        "estimates": (figures.estimates, source, said("estimates")),
        "price": (figures.price, source, *a, *b, said("price")),
        "prices": (figures.prices, source, *a, *b, said("prices")),
        "trail": (figures.trail_map, *moving, said("trail")),
        "rise": (figures.rise, *moving, said("rise")),
        "climb_lines": (figures.climb_lines, *moving, said("climb_lines")),
        "code": (commented, words.group("comment"), figures.code_panel, source, *a),
    }


def said(values: Values, _: Words) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest."""
    a, b = (values.mu, values.sigma), (values.mu_b, values.sigma_b)
    climbing = (*(b if values.climber == "b" else a), values.method, values.lr, values.step)
    return figures.said(people.source(values), a, b, climbing)


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
    alone = people.drawn(values) and values.n == 1
    return [words(f"note.{name}") for name, holds in (("no_data", missing), ("one", alone)) if holds]


def taken(own: str) -> None:
    """Put a person's own numbers on the screen, with candidates that suit them, and bring them to the eye."""
    values = (visit.session_values(LESSON) or LESSON.start).replace(data="own", own=own)
    visit.keep(LESSON, values.replace(**people.start(values)))
    visit.bring(LESSON, "main")


def derivation(values: Values, _: Words) -> dict[str, str]:
    """Return the numbers of the derivation."""
    return figures.derivation(people.source(values), values.mu, values.sigma)


def after(values: Values, words: Words) -> None:
    """Draw the boxes for a person's own numbers."""
    own_data.widgets(words, taken, values)


def guesses(values: Values, given: Mapping[str, Sequence[float | None]], words: Words) -> Mapping[str, Any]:
    """Return where many people's candidates A stand on the landscape; nowhere over a person's own numbers."""
    pairs = zip(given.get("mu", ()), given.get("sigma", ()), strict=True)
    both = [(mu, sigma) for mu, sigma in pairs if mu is not None and sigma is not None]
    if values.data == "own":
        return {}
    mu, sigma = [[pair[i] for pair in both] for i in (0, 1)]
    return figures.guesses(people.source(values), mu, sigma, words("surface.guesses"))


def near_top(values: Values, curve: tuple[float, float]) -> bool:
    """Return whether a curve's log-likelihood is within 1 nat of the best, for the goals of the beats."""
    return bool(drop_from_mle(figures.people(people.source(values)).summary, *curve) <= 1)


def climbed(values: Values) -> tuple[float, float]:
    """Return where the climb of curve A has come to."""
    summary = figures.people(people.source(values)).summary
    trail = figures.climb(summary, values.mu, values.sigma, values.method, values.lr)
    mu, sigma = trail.points[min(values.step, trail.steps)].tolist()
    return mu, sigma


def likeliest(values: Values) -> bool:
    """Return whether no stop of curve A's spread makes the five points more likely."""
    summary = figures.people(people.source(values)).summary
    return bool(drop_from_mle(summary, values.mu, values.sigma) < 0.01)


A = ["mu", "sigma"]
BEATS = [
    Beat(A, SHIFTED, reached=lambda v: near_top(v, (v.mu, v.sigma))),
    Beat(A, WIDE, reached=lambda v: near_top(v, (v.mu, v.sigma))),
    Beat(A, {**FIVE, **UNBIASED, "mu_b": 5.0, "sigma_b": 2.915476}, reached=likeliest),
    Beat(["seed"], SHIFTED, shows="near"),
    Beat(
        ["step", "method", "lr"],
        {**SHIFTED, "climber": "a"},
        reached=lambda v: near_top(v, climbed(v)),
        shows="climb",
    ),
]


LESSON = Lesson(
    name="heights",
    picture=picture,
    controls=[*people.PEOPLE, *people.CLIMB],
    sections=SECTIONS,
    presets=PRESETS,
    beats=BEATS,
    said=said,
    headline="main.log_l",
    keeps=("own",),
    drags={"curve": on_peak, "curve_b": on_peak_b, "surface": on_surface},
    notes=notes,
    derivation=derivation,
    after=after,
    sources=lambda words: {"own": own_data.BOX.digest()},
    follow=people.follow,
    guesses=guesses,
)

frame.show(LESSON)
