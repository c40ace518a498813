"""Output units: one principle, four output layers."""

from core.figures import output_units as figures
from core.figures.text import commented
from pages.shared import frame
from pages.shared.catalog import Words
from pages.shared.controls import Control, Value, Values, log_stops
from pages.shared.lesson import Beat, Lesson, Picture, Preset, Section, with_words

RATES = tuple(float(f"{d}e{e}") for e in range(-3, 2) for d in (1, 1.5, 2, 3, 5, 7))
DECAYS = (0.0, *(float(f"{d}e{e}") for e in range(-3, 1) for d in (1, 2, 5)), 10.0)
SIGMAS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0, 1.5, 2.0)
WIDTHS = tuple(float(f"{tenth}e-1") for tenth in range(5, 61))
# Where each output layer starts: its data, and a learning rate that suits it.
STARTS: dict[str, dict[str, Value]] = {
    "linear": {"rate": 0.01, "decay": 0.0, "n": 15, "noise": 0.3, "seed": 2},
    "sigmoid": {"rate": 0.5, "decay": 0.0, "n": 40, "noise": 1.0, "seed": 1},
    "softmax": {"rate": 0.5, "decay": 0.0, "n": 60, "noise": 1.0, "seed": 3},
    "poisson": {"rate": 0.05, "decay": 0.0, "n": 40, "noise": 0.3, "seed": 3},
}


def is_linear(values: Values) -> bool:
    """Tell whether the output layer is the linear one, which has a degree and a sigma."""
    return bool(values.layer == "linear")


def has_noise(values: Values) -> bool:
    """Tell whether the data have noise of a size to set: that of counts is the root of their mean."""
    return bool(values.layer != "poisson")


TEMPERATURES = tuple(sorted({*log_stops(0.5, 10.0, 60, digits=2), 1.0, 2.37}))
CONTROLS = [
    Control("layer", default="linear", kind="choice", choices=figures.LAYERS, live=False),
    Control("step", 0, figures.STEPS, 1, default=figures.STEPS, kind="player", stops=figures.STOPS),
    Control("degree", 0, 12, 1, default=3, shown=is_linear, role="q"),
    Control("learn", 0, 1, 1, default=0, kind="choice", shown=is_linear),
    Control("sigma", 0.1, 2.0, default=0.3, stops=SIGMAS, digits=2, shown=is_linear, role="q"),
    Control("rate", RATES[0], RATES[-1], default=0.01, stops=RATES, digits=3),
    Control("decay", DECAYS[0], DECAYS[-1], default=0.0, stops=DECAYS, digits=3, role="kl"),
    Control("n", 5, 100, 1, default=15, stops=range(5, 101, 5), role="p"),
    Control("point", 1, 100, 1, default=1, bounds=lambda values: (1, values.n, 1)),
    Control("noise", 0.1, 2.0, 0.1, default=0.3, shown=has_noise, role="p"),
    Control("seed", 0, 9999, 1, default=2, kind="button"),
    Control("t", 0.5, 10.0, default=1.0, stops=TEMPERATURES, digits=2, role="q"),
    Control("mu", 0.0, 10.0, 0.1, default=3.0, role="q"),
    Control("width", WIDTHS[0], WIDTHS[-1], default=1.0, stops=WIDTHS, digits=2, role="q"),
]


def of(layer: str, **changes: Value) -> dict[str, Value]:
    """Return the changes that choose an output layer with its own data and learning rate."""
    return {"layer": layer, **STARTS[layer], **changes}


PRESETS = {
    "linear": Preset(),
    "sigmoid": Preset(of("sigmoid")),
    "softmax": Preset(of("softmax")),
    "poisson": Preset(of("poisson")),
    "over_fit": Preset({"degree": 12}),
    "decay": Preset({"degree": 12, "decay": 2.0}),
    "learned": Preset({"learn": 1, "sigma": 1.0, "rate": 0.02}),
    "diverging": Preset({"rate": 0.15}),
    "calibrated": Preset({"t": 2.37}, shows="temperature"),
    "five": Preset({"mu": 5.0, "width": 2.60768}, shows="five"),
    "dear": Preset({"learn": 1, "sigma": 1.0, "rate": 0.02, "degree": 12}, hidden=True),
    "wide": Preset({"sigma": 1.0}, hidden=True),
    "sure": Preset(of("sigmoid", n=20), hidden=True),
}

FIT = ["layer", "step", "rate", "decay", "degree", "learn", "sigma", "n", "noise", "point", "seed"]
SECTIONS = [
    Section(
        "main",
        controls=FIT,
        above=["principle"],
        main=["fit", "formula"],
        tabs=["descent", "point"],
        more=["decay", "learn", "sigma", "n", "noise", "point", "seed"],
    ),
    Section(
        "temperature",
        controls=["t"],
        main=["temperature"],
        tabs=["calibrated"],
        below=["temperature_table"],
    ),
    Section(
        "five",
        controls=["mu", "width"],
        main=["valley"],
        tabs=["relation"],
        below=["five_lines", "five_table"],
    ),
    Section("code", below=["code"], folded=True),
]


def setup_of(values: Values) -> figures.Setup:
    """Return what the fit depends on."""
    return figures.Setup(**{key: values[key] for key in figures.Setup._fields})


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the lesson in the state ``values``."""
    setup, step, five = setup_of(values), values.step, (values.mu, values.width)
    views: Picture = {
        "fit": (figures.fit, setup, step, values.point),
        "formula": (figures.formula, setup, step, values.point),
        "descent": (figures.descent, setup, step),
        "point": (figures.point, setup, step, values.point),
        "principle": (figures.principle, setup.layer),
        "temperature": (figures.temperature, values.t),
        "calibrated": (figures.calibrated, values.t),
        "temperature_table": (figures.temperature_table, values.t),
        "valley": (figures.valley, *five),
        "relation": (figures.relation, *five),
        "five_lines": (figures.five_lines, *five),
        "five_table": (figures.five_table, *five),
    }
    code = (commented, words.group("comment"), figures.code_panel, setup, step)
    return {**with_words(views, words, step=step, point=values.point), "code": code}


def notes(values: Values, words: Words) -> list[str]:
    """Return a sentence where the descent diverges, or where rounding would decide how it goes on."""
    ends = {"diverged": figures.diverged(setup_of(values)), "chaotic": figures.chaotic(setup_of(values))}
    return [words(f"note.{end}", step=step) for end, step in ends.items() if step is not None]


def follow(before: Values, after: Values) -> dict[str, Value]:
    """Give an output layer that was just chosen its own data and learning rate."""
    return STARTS[after.layer] if before.layer != after.layer else {}


def derivation(values: Values, _: Words) -> dict[str, str]:
    """Return the numbers of the derivation."""
    return figures.derivation(setup_of(values), values.step, values.point)


def nlls(values: Values, **changes: int) -> tuple[float, float]:
    """Return the NLL of the training and of the held-out points, for the goals of the beats."""
    trail, row = figures.at(setup_of(values.replace(**changes)), values.step)
    return float(trail.nll[row]), float(trail.held_out_nll[row])


def over_fits(values: Values) -> bool:
    """Return whether the curve suits the training points better, and the others worse, than a cubic one."""
    (own, held), (before, held_before) = nlls(values), nlls(values, degree=3)
    return own < before and held > held_before


BEATS = [
    Beat(["step"], {"step": 0}, reached=lambda v: v.step == figures.STEPS),
    Beat(["degree"], reached=over_fits),
    Beat(["decay"], {"degree": 12}, reached=lambda v: nlls(v)[1] < 0.6),
    Beat(["layer", *STARTS["linear"]], reached=lambda v: v.layer == "sigmoid"),
    Beat(["mu", "width"], reached=lambda v: figures.constant(v.mu, v.width).mse_slope == 0, shows="five"),
]


LESSON = Lesson(
    name="output_units",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    beats=BEATS,
    said=lambda v, _: figures.said(setup_of(v), v.step, v.t, (v.mu, v.width)),
    headline="main.nll",
    notes=notes,
    derivation=derivation,
    follow=follow,
)

frame.show(LESSON)
