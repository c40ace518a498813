"""Cross-entropy and KL: what does a wrong belief cost?"""

from functools import lru_cache

from core.figures import cross_entropy as figures
from core.figures.marks import pulled
from core.figures.text import commented
from pages.shared import frame
from pages.shared.catalog import Words
from pages.shared.controls import Bounds, Control, Value, Values, log_stops
from pages.shared.lesson import Beat, Drag, Lesson, Picture, Preset, Section, class_names

BALLS = [(0.8, 0.2, 0.0), (0.1, 0.2, 0.0), (0.1, 0.6, 1.1), *[(0.1, 0.2, 0.0)] * 5]


def one(stem: str, i: int, default: float, role: str, modes: str, span: Bounds) -> Control:
    """Return the control of one outcome's weight or score, shown where q comes from it."""
    low, high, step = span
    return Control(
        f"{stem}{i}", low, high, step, default=default, label=stem, index=i, role=role,
        shown=lambda values: values.k >= i and values.mode in modes,
    )  # fmt: skip


CELLS = [
    control
    for i, (p, q, z) in enumerate(BALLS, start=1)
    for control in (
        one("p", i, p, "p", "free logits", (0.0, 1.0, 0.01)),
        one("q", i, q, "q", "free", (0.0, 1.0, 0.01)),
        one("z", i, z, "q", "logits", (-10.0, 10.0, 0.1)),
    )
]
CONTROLS = [
    Control("k", 2, len(BALLS), 1, default=3, live=False),
    Control("mode", default="free", kind="choice", choices=("free", "logits"), live=False),
    Control("unit", default="nats", kind="choice", choices=("nats", "bits"), live=False),
    *CELLS,
    Control("path", 0.0, 1.0, 0.01, default=0.0),
    Control("lr", 0.01, 10.0, 0.01, default=0.5, stops=log_stops(0.01, 10.0, 31, digits=2), digits=2),
    Control("step", 0, figures.STEPS, 1, default=0, kind="player"),
]

ONE_OF_TWO: dict[str, Value] = {"k": 2, "p1": 1.0, "p2": 0.0}
CAT: dict[str, Value] = {"mode": "logits", "z1": 5.0, "z2": 4.0, "z3": 2.0}
EQUAL = {"q1": 0.8, "q2": 0.1, "q3": 0.1}
PRESETS = {
    "balls": Preset(),
    "equal": Preset(EQUAL),
    "uniform": Preset({"q1": 1.0, "q2": 1.0, "q3": 1.0}),
    "onehot": Preset({"p1": 1.0, "p2": 0.0, "p3": 0.0, **CAT}),
    "smooth": Preset({"p1": 0.84, "p2": 0.03, "p3": 0.03, **CAT}),
    "infinite": Preset({**ONE_OF_TWO, "q1": 0.0, "q2": 1.0}),
    "certain": Preset({**ONE_OF_TWO, "q1": 1.0, "q2": 0.0}),
    # The boxes name numbers, so their states name the unit too.
    "both": Preset({"unit": "nats"}, hidden=True),
    "bits": Preset({"unit": "bits"}, hidden=True),
    "right": Preset({"unit": "nats", **EQUAL}, hidden=True),
    "swapped": Preset({"unit": "nats", "p1": 0.2, "p2": 0.2, "p3": 0.6, **EQUAL}, hidden=True),
    "gap": Preset({"unit": "nats", **ONE_OF_TWO, "mode": "logits", "z1": -5.0, "z2": 5.0}, hidden=True),
}

# Two to a line: p, and of q's weight and its score the one that is shown.
GRID = [[a.key, b.key] for a, b in zip(CELLS[::2], CELLS[1::2], strict=True)]
CHOSEN = ["k", "mode", "unit"]
SIDE = ["terms", "codes", "directions"]
SECTIONS = [
    Section(
        "main",
        controls=CHOSEN,
        table=GRID,
        main=["cost", "formula"],
        tabs=SIDE,
        more=CHOSEN,
    ),
    Section("path", controls=["path"], main=["path"], below=["path_numbers"]),
    Section(
        "descent", controls=["lr", "step"], main=["descent"], tabs=["chase", "push"], below=["step_numbers"]
    ),
    Section("numbers", below=["numbers"], folded=True),
    Section("code", below=["code"], folded=True),
]


def state(values: Values) -> tuple[figures.Beliefs, tuple[float, ...]]:
    """Return what the figures draw, and the numbers that q is made of."""
    model = values.many("z" if values.mode == "logits" else "q")
    return figures.beliefs(values.many("p"), model, values.mode, values.unit), model


@lru_cache(maxsize=16)
def groups(words: Words, views: tuple[str, ...], unit: str) -> dict[str, dict[str, str]]:
    """Return the words of each view; of the state they know the unit only."""
    told = words(f"unit.{unit}")
    return {view: words.group(view, unit=told) | {"unit": told} for view in views}


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``."""
    b, model = state(values)
    names = class_names(values, words)
    run = figures.Run(b, model, values.mode, values.lr, values.step)
    views: Picture = {
        "cost": (figures.cost, b, names),
        "formula": (figures.formula, b, names),
        "terms": (figures.terms, b, names),
        "codes": (figures.codes, b, names),
        "directions": (figures.directions, b, names),
        "path": (figures.path, b, values.path),
        "path_numbers": (figures.path_numbers, b, values.path),
        "descent": (figures.descent, b, run),
        "step_numbers": (figures.step_numbers, b, run),
        "chase": (figures.chase, b, names, run),
        "push": (figures.push, b, names, run),
        "numbers": (figures.numbers, b),
    }
    said = groups(words, tuple(views), values.unit)
    code = (commented, words.group("comment"), figures.code, b, values.many("p"), model, values.mode)
    return {**{view: (*call, said[view]) for view, call in views.items()}, "code": code}


def said(values: Values, words: Words) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest."""
    b, model = state(values)
    made = figures.said(b, values.path, figures.Run(b, model, values.mode, values.lr, values.step))
    return {section: {**places, "unit": words(f"unit.{values.unit}")} for section, places in made.items()}


def on_bar(drag: Drag) -> dict[str, float]:
    """Return the weights, or the scores, after the bar of an outcome was pulled to a height."""
    stem = "z" if drag.name[0] == "q" and drag.start.mode == "logits" else drag.name[0]
    moved = pulled(drag.start.many(stem), int(drag.name[1:]) - 1, drag.y, scores=stem == "z")
    return {f"{stem}{i}": value for i, value in enumerate(moved, start=1)}


def notes(values: Values, words: Words) -> list[str]:
    """Return a sentence for each distribution whose weights are all 0."""
    b, _ = state(values)
    return [words(f"note.{name}") for name, given in (("p", b.p_given), ("q", b.q_given)) if not given]


def derivation(values: Values, words: Words) -> dict[str, str]:
    """Return the numbers of the derivation."""
    b, model = state(values)
    return figures.derivation(b, model, values.mode)


def judged(values: Values) -> figures.Beliefs:
    """Return what both beliefs cost, for the goals of the beats."""
    return state(values)[0]


NATS: dict[str, Value] = {"unit": "nats"}
BEATS = [
    Beat(["q"], NATS, reached=lambda v: judged(v).kl < 0.1),
    # What cannot be reached has been tried once KL is as good as 0.
    Beat(
        ["p", "q"],
        {**NATS, "q1": 0.5, "q2": 0.3, "q3": 0.2},
        reached=lambda v: judged(v).kl < 0.005,
        shows="terms",
    ),
    Beat(
        ["q"],
        reached=lambda v: judged(v).q[2] == 0 and judged(v).kl_back < judged(v).kl,
        shows="directions",
    ),
    Beat(["path"], NATS, reached=lambda v: v.path == 1, shows="path"),
    Beat(["p"], NATS, reached=lambda v: judged(v).p[0] == 1),
]


LESSON = Lesson(
    name="cross_entropy",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    beats=BEATS,
    said=said,
    headline="main.cross",
    keeps=["unit"],
    drags={control.key: on_bar for control in CELLS if control.label != "z"},
    notes=notes,
    derivation=derivation,
)

frame.show(LESSON)
