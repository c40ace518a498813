"""Losses: what does each loss punish?"""

from functools import lru_cache

from core.figures import losses as figures
from core.figures.text import commented
from core.residuals import RESIDUAL_LOSSES
from core.sigmoid import sigmoid_squared_error_slope
from pages.parts.switches import in_pairs, only, toggles
from pages.shared import frame
from pages.shared.catalog import Words
from pages.shared.controls import Control, Values, log_stops
from pages.shared.lesson import Beat, Lesson, Picture, Preset, Section, with_words

MARGIN = toggles(figures.MARGIN_LOOKS, ("zero_one", "log", "exponential", "hinge"))
RESIDUAL = toggles(figures.RESIDUAL_LOOKS, ("squared", "absolute", "huber"))
CONTROLS = [
    Control("m", -3.0, 3.0, 0.05, default=-1.0),
    Control("tie", 0, 1, 1, default=1, kind="choice"),
    *MARGIN,
    Control("r", -5.0, 5.0, 0.1, default=3.0),
    Control("delta", 0.1, 5.0, default=1.0, stops=log_stops(0.1, 5.0, 52, digits=2), digits=2, role="q"),
    Control("tau", 0.05, 0.95, 0.05, default=0.9, role="p"),
    Control("scale", 0.5, 5.0, default=1.0, stops=log_stops(0.5, 5.0, 41, digits=2), digits=2),
    *RESIDUAL,
    Control("q", 0.0, 1.0, 0.01, default=0.3, role="q"),
    Control("p", 0.0, 1.0, 0.01, default=0.8, role="p"),
    Control("z", -10.0, 10.0, 0.1, default=-6.0, role="q"),
    Control("target", 0, 1, 1, default=1, kind="choice"),
    Control("outlier", -10.0, 30.0, 0.2, default=20.0, role="p"),
    Control(
        "threshold", 0.1, 20.0, default=5.0, stops=log_stops(0.1, 20.0, 58, digits=2), digits=2, role="q"
    ),
]


def margins(m: float, *on: str) -> dict[str, float]:
    """Return the changes that put m somewhere and draw some of the margin losses."""
    return {"m": m, **only(figures.MARGIN_LOOKS, *on)}


PRESETS = {
    "four": Preset(),
    "bases": Preset(margins(0.0, "zero_one", "log", "log2")),
    "edge": Preset(margins(1.0, "hinge", "squared_hinge", "exponential", "log")),
    "too_right": Preset(margins(2.0, "hinge", "squared_hinge", "square")),
    "seven": Preset(margins(-2.0, *figures.MARGIN_LOOKS)),
    "same": Preset({**margins(-1.0, "log", "square"), "z": -1.0, "target": 1}, hidden=True),
    "no_model": Preset(margins(0.5, "log", "hinge"), hidden=True),
    "spread": Preset(
        {"r": 3.0, "scale": 3.0, **only(figures.RESIDUAL_LOOKS, "squared", "absolute")}, hidden=True
    ),
    "saturated": Preset({"z": -6.0, "target": 1}, hidden=True),
    "right": Preset({"z": 10.0, "target": 1}, hidden=True),
    "steepest": Preset({"z": -0.693147, "target": 1}, hidden=True),
}

SECTIONS = [
    Section(
        "main",
        controls=["m", "tie"],
        table=in_pairs(MARGIN),
        main=["margin"],
        tabs=["margin_models", "margin_slopes"],
        below=["margin_table"],
        more=["tie"],
    ),
    Section(
        "residual",
        controls=["r", "delta", "tau", "scale"],
        table=in_pairs(RESIDUAL),
        main=["residual"],
        tabs=["densities", "residual_slopes"],
        below=["residual_table"],
    ),
    Section("probability", controls=["q", "p"], main=["probability"], below=["probability_table"]),
    Section(
        "saturation",
        controls=["z", "target"],
        main=["saturation"],
        tabs=["gradients"],
        below=["saturation_lines"],
    ),
    Section(
        "outlier",
        controls=["outlier", "threshold"],
        main=["outlier_fits"],
        tabs=["totals"],
        below=["outlier_lines"],
    ),
    Section("code", below=["code"], folded=True),
]


def chosen(family: list[Control], values: Values) -> tuple[str, ...]:
    """Return the losses of a family that are switched on."""
    return tuple(control.key for control in family if values[control.key])


@lru_cache(maxsize=64)
def named(drawn: tuple[str, ...], words: Words) -> tuple[str, ...]:
    """Return the names of losses."""
    return tuple(words(f"control.{name}.label") for name in drawn)


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``."""
    drawn, shown = chosen(MARGIN, values), chosen(RESIDUAL, values)
    names, said, noise = named(drawn, words), named(shown, words), words.group("noise")
    m, r, tie, scale, shape = values.m, values.r, values.tie, values.scale, (values.delta, values.tau)
    shares, logit, five = (values.p, values.q), (values.z, values.target), (values.outlier, values.threshold)
    views: Picture = {
        "margin": (figures.margin, m, drawn, tie, names),
        "margin_slopes": (figures.margin_slopes, m, drawn, names),
        "margin_models": (figures.margin_models, m, drawn, tie, names, noise),
        "margin_table": (figures.margin_table, m, drawn, tie, names, noise),
        "residual": (figures.residual, r, shown, *shape, said),
        "residual_slopes": (figures.residual_slopes, r, shown, *shape, said),
        "densities": (figures.densities, r, shown, scale, *shape, said),
        "residual_table": (figures.residual_table, r, shown, scale, *shape, said, noise),
        "probability": (figures.probability, *shares),
        "probability_table": (figures.probability_table, *shares),
        "saturation": (figures.saturation, *logit),
        "gradients": (figures.gradients, *logit),
        "saturation_lines": (figures.saturation_lines, *logit),
        "outlier_fits": (figures.outlier_fits, *five),
        "totals": (figures.totals, *five),
        "outlier_lines": (figures.outlier_lines, *five),
    }
    code = (figures.code_panel, m, tie, r, *shape, *shares, *logit, *five)
    return {**with_words(views, words), "code": (commented, words.group("comment"), *code)}


def said(values: Values, words: Words) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest."""
    v, drawn, shown = values, chosen(MARGIN, values), chosen(RESIDUAL, values)
    margin = (v.m, drawn, v.tie, named(drawn, words))
    residual = (v.r, shown, v.delta, v.tau, named(shown, words))
    told = figures.said(margin, residual, (v.p, v.q), (v.z, v.target), (v.outlier, v.threshold))
    for section in ("main", "residual"):
        told[section]["each"] = told[section]["each"] or words("note.none")
    return told


def notes(values: Values, words: Words) -> list[str]:
    """Return a sentence for each family of which nothing is drawn."""
    families = {"margin": MARGIN, "residual": RESIDUAL}
    return [words(f"note.{name}") for name, family in families.items() if not chosen(family, values)]


def derivation(values: Values, _: Words) -> dict[str, str]:
    """Return the numbers of the derivations."""
    return figures.derivation(values.m, values.r, values.z, values.target)


def residual(name: str, values: Values) -> float:
    """Return what a loss makes of the residual, for a goal."""
    return float(RESIDUAL_LOSSES[name].loss(values.r, delta=values.delta))


BEATS = [
    Beat(["m"], reached=lambda v: figures.margin_value("hinge", v.m) == 0),
    Beat(
        ["m"],
        margins(1.0, "hinge", "squared_hinge", "square"),
        reached=lambda v: v.m > 1 and figures.margin_value("square", v.m) >= 1,
    ),
    Beat(
        ["delta"],
        {"r": 3.0, "delta": 1.0, **only(figures.RESIDUAL_LOOKS, "squared", "absolute", "huber")},
        reached=lambda v: residual("huber", v) == residual("squared", v),
        shows="residual",
    ),
    Beat(
        ["z"],
        {"z": -6.0, "target": 1},
        reached=lambda v: sigmoid_squared_error_slope(v.z, v.target) < -0.147,
        shows="gradients",
    ),
    Beat(
        ["threshold"],
        {"outlier": 20.0, "threshold": 20.0},
        reached=lambda v: figures.fits(v.outlier, v.threshold)[2] < 5.5,
        shows="outlier",
    ),
]


LESSON = Lesson(
    name="losses",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    beats=BEATS,
    said=said,
    headline="main.log",
    numbers={"residual": "huber", "probability": "cross", "saturation": "squared", "outlier": "huber"},
    keeps=[control.key for control in CONTROLS if control not in MARGIN and control.key not in ("m", "tie")],
    notes=notes,
    derivation=derivation,
)

frame.show(LESSON)
