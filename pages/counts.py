"""Counts: from a bag of draws to cross-entropy."""

from collections.abc import Mapping

from core.categorical import mean_nll, with_pseudo_counts
from core.draws import best_with_first
from core.figures import counts as figures
from core.figures.marks import pulled
from core.figures.text import commented
from core.information import cross_entropy
from pages.shared import frame
from pages.shared.catalog import Words
from pages.shared.controls import Control, Value, Values, vector
from pages.shared.lesson import Beat, Drag, Lesson, Picture, Preset, Section, class_names, with_words

MOST = 8
P = vector("p", MOST, (0.8, *(0.1,) * 7), minimum=0.0, maximum=1.0, step=0.01, roles=("p",))
Q = vector("q", MOST, (0.2, 0.2, 0.6, *(0.2,) * 5), minimum=0.0, maximum=1.0, step=0.01, roles=("q",))
CONTROLS = [
    Control("n", 1, figures.LAST, 1, default=100, stops=figures.STOPS),
    Control("draw", default="random", kind="choice", choices=("random", "exact")),
    Control("seed", 0, 9999, 1, default=1, kind="button", shown=lambda values: values.draw == "random"),
    Control("k", 2, MOST, 1, default=3, live=False),
    *P,
    *Q,
    Control("theta", 0.0, 1.0, 0.01, default=0.5, index=1),
    Control("alpha", 0.0, 5.0, 0.05, default=0.0),
]

UNSEEN: dict[str, Value] = {"n": 10, "seed": 2}
EQUAL = {"q1": 0.8, "q2": 0.1, "q3": 0.1}
PRESETS = {
    "balls": Preset(),
    "exact": Preset({"draw": "exact", "n": 10, "theta": 0.2}),
    "thousand": Preset({"n": 1000}),
    "million": Preset({"n": 1_000_000}),
    "coin": Preset({"k": 2, "p1": 0.5, "p2": 0.5, "q1": 0.7, "q2": 0.3}),
    "equal": Preset(EQUAL),
    "impossible": Preset({"q1": 0.5, "q2": 0.5, "q3": 0.0}),
    "unseen": Preset(UNSEEN, shows="fresh"),
    "few": Preset({**EQUAL, "n": 10}, hidden=True),
}

SECTIONS = [
    Section(
        "main",
        controls=["n", "draw", "seed", "k"],
        # Two to a line: the outcome's weight in p and in q.
        table=[(one.key, other.key) for one, other in zip(P, Q, strict=True)],
        main=["counts", "formula"],
        tabs=["converge", "product"],
        more=["draw", "k"],
    ),
    Section("order", controls=["theta"], main=["order", "order_lines"]),
    Section("numbers", below=["numbers"]),
    Section("fresh", controls=["alpha"], main=["fresh", "fresh_lines"]),
    Section("code", below=["code"], folded=True),
]


def drawn(values: Values) -> figures.Bag:
    """Return the bag that the state ``values`` asks for."""
    return figures.bag(values.many("p"), values.many("q"), int(values.n), values.draw, values.seed)


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``."""
    names = class_names(values, words)
    b = drawn(values)
    views: Picture = {
        "counts": (figures.counts, b, names),
        "formula": (figures.formula, b, names),
        "converge": (figures.converge, b),
        "product": (figures.product, b),
        "order": (figures.order, b, values.theta),
        "order_lines": (figures.order_lines, b),
        "numbers": (figures.numbers, b),
        "fresh": (figures.fresh, b, values.alpha),
        "fresh_lines": (figures.fresh_lines, b, values.alpha, names),
    }
    code = (commented, words.group("comment"), figures.code_panel, b, values.many("q"))
    return {**with_words(views, words, name=names[0]), "code": code}


def on_bar(drag: Drag) -> Mapping[str, float]:
    """Return the weights after the bar of an outcome was pulled to a length."""
    stem, outcome = drag.name[0], int(drag.name[1:]) - 1
    moved = pulled(drag.start.many(stem), outcome, drag.x)
    return {f"{stem}{i}": value for i, value in enumerate(moved, start=1)}


def on_cursor(drag: Drag) -> Mapping[str, float]:
    """Return the number of draws under the hand."""
    return {"n": figures.nearest_stop(drag.x)}


def notes(values: Values, words: Words) -> list[str]:
    """Return a sentence for each distribution whose weights are all 0."""
    b = drawn(values)
    return [words(f"note.{name}") for name, given in (("p", b.p_given), ("q", b.q_given)) if not given]


def costs_when_new(values: Values) -> float:
    """Return what a new draw costs p̂ with its imaginary draws, for a goal."""
    b = drawn(values)
    return float(cross_entropy(b.p, with_pseudo_counts(b.counts, values.alpha)))


def at_the_bottom(values: Values) -> bool:
    """Return whether θ costs as little as it can, to three places: a finger need not find one stop."""
    b = drawn(values)
    here = float(mean_nll(b.counts, best_with_first(b.counts, [values.theta]))[0])
    return round(here, 3) == round(float(b.parts.entropy), 3)


BEATS = [
    Beat(["n", "seed"], reached=lambda v: v.n >= 100_000, shows="converge"),
    Beat(["n", "seed"], reached=lambda v: figures.is_lost(drawn(v), drawn(v).q), shows="product"),
    Beat(["q"], {"n": 10}, reached=lambda v: drawn(v).parts.kl_divergence < 0.005),
    Beat(["theta"], reached=at_the_bottom, shows="order"),
    Beat(["alpha"], UNSEEN, reached=lambda v: costs_when_new(v) < 0.66, shows="fresh"),
]


LESSON = Lesson(
    name="counts",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    beats=BEATS,
    said=lambda v, words: figures.said(drawn(v), v.theta, v.alpha, class_names(v, words)),
    headline="main.nll",
    drags={**{control.key: on_bar for control in (*P, *Q)}, "n": on_cursor},
    notes=notes,
    derivation=lambda values, _: figures.derivation(drawn(values)),
)

frame.show(LESSON)
