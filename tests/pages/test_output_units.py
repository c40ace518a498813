"""The output units lesson: its presets and boxes reach the numbers that they speak of."""

import math

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.figures import output_units as figures
from core.gaussian import log_density
from core.regression import fit_linear, gaussian_nll, make_regression_data
from pages.output_units import LESSON, STARTS, notes, picture, setup_of
from pages.shared import wire
from pages.shared.catalog import load
from pages.shared.controls import query, read
from pages.shared.frames import resolve
from tests.conftest import frame_block

WORDS = load("output_units", "en")


def text(row):
    return "".join(s if isinstance(s, str) else s["text"] for s in (row if isinstance(row, list) else [row]))


def told(values, view="formula"):
    """Return the texts of a view of lines."""
    return [text(line) for line in resolve(picture(values, WORDS), [view])[view]["lines"]]


def nlls(values):
    """Return the training and the held-out NLL as they are written."""
    line = next(line for line in told(values) if line.startswith("Training:"))
    first, second = line.split(";  held out ")
    return first.removesuffix(" = binary cross-entropy").removesuffix(" = cross-entropy").rpartition(" = ")[
        2
    ], second


def table(values):
    """Return the rows of the table of five points, by the prediction."""
    rows = resolve(picture(values, WORDS), ["five_table"])["five_table"]["rows"]
    return {text(row[0]): [text(cell) for cell in row[1:]] for row in rows}


@pytest.mark.parametrize(
    ("sigma", "rows"),
    [
        (1.0, {"3": ["10.8", "6.31894", "5.4", "−4", "−2", "2.60871"],
               "4": ["7.8", "4.81894", "3.9", "−2", "−1", "2.446"],
               "5": ["6.8", "4.31894", "3.4", "0", "0", "2.3774"],
               "6": ["7.8", "4.81894", "3.9", "2", "1", "2.446"],
               "7": ["10.8", "6.31894", "5.4", "4", "2", "2.60871"]}),
        (2.0, {"3": ["10.8", "2.96209", "2.04315", "−4", "−0.5", "2.60871"],
               "5": ["6.8", "2.46209", "1.54315", "0", "0", "2.3774"]}),
        (2.60768, {"4": ["7.8", "2.45093", "1.53199", "−2", "−0.147059", "2.446"],
                   "5": ["6.8", "2.3774", "1.45846", "0", "0", "2.3774"]}),
    ],
)  # fmt: skip
def test_the_five_points(sigma, rows):
    found = table(LESSON.start.replace(width=sigma))
    assert set(found) == {"3", "4", "5", "6", "7"}
    for mu, cells in rows.items():
        assert found[mu] == cells


def test_the_five_points_at_their_mean():
    values = LESSON.preset("five", LESSON.start)
    lines = told(values, "five_lines")
    assert [line.rpartition(" = ")[2] for line in lines[:3]] == ["6.8", "2.3774", "2.3774"]
    assert LESSON.presets["five"].shows in {section.key for section in LESSON.sections}


def test_the_lesson_opens_on_the_first_row():
    assert [line.rpartition(" = ")[2] for line in told(LESSON.start, "five_lines")] == [
        "10.8",
        "6.31894",
        "2.60871",
        "−2",
    ]


@pytest.mark.parametrize(
    ("preset", "training", "held_out"),
    [
        ("linear", 0.18, 0.44),
        ("over_fit", -0.07, 1.44),
        ("decay", 0.06, 0.51),
        ("learned", 0.18, 0.47),
        ("wide", 0.96, None),
        ("dear", -0.33, 16.3),
        ("sigmoid", 0.33, 0.35),
        ("softmax", 0.45, 0.46),
        ("sure", 0.12, 0.47),
    ],
)
def test_presets_reach_their_numbers(preset, training, held_out):
    found, held = (float(number.replace("−", "-")) for number in nlls(LESSON.preset(preset, LESSON.start)))
    assert found == pytest.approx(training, abs=0.0051)
    assert held_out is None or held == pytest.approx(held_out, abs=0.051 if held_out > 2.0 else 0.0051)


def test_over_fitting_and_what_helps():
    plain, over, helped = (
        nlls(LESSON.preset(name, LESSON.start)) for name in ("linear", "over_fit", "decay")
    )
    train, held = ([float(pair[i].replace("−", "-")) for pair in (plain, over, helped)] for i in (0, 1))
    assert train[1] < train[2] < train[0]
    assert held[2] < held[1]
    assert held[0] < held[1]


def test_a_fixed_sigma_agrees_with_the_mse_and_a_learned_one_does_not():
    def rise(**options):
        trail = fit_linear(
            make_regression_data(15, 0.3, seed=2), degree=3, learning_rate=0.02, steps=60, **options
        )
        return [
            float((trail.nll[i] - trail.nll[i + 20]) / (trail.mse[i] - trail.mse[i + 20])) for i in (0, 20)
        ]

    early, late = rise(sigma=0.3)
    assert early == pytest.approx(1.0 / 0.18)
    assert late == pytest.approx(1.0 / 0.18)
    early, late = rise(sigma=1.0, learn_sigma=True)
    assert abs(late / early - 1.0) > 0.5


def test_the_boxes_name_these_numbers(language):
    said = " ".join(load("output_units", language)(f"watch.{b}.{p}") for b in WORDS.under("watch") for p in
                    ("why", "right"))  # fmt: skip
    for number in ("−0.07", "0.18", "0.44", "1.44", "0.51", "0.96", "16.3", "4.51", "0.12", "0.47"):
        assert number in said


def test_the_slope_that_is_too_sure():
    values = LESSON.preset("sure", LESSON.start)
    assert "4.51" in told(values)[0]


def test_a_rate_that_is_too_large_has_a_sentence():
    values = LESSON.preset("diverging", LESSON.start)
    (note,) = notes(values, WORDS)
    assert "95" in note
    assert notes(LESSON.start, WORDS) == []


def test_a_rate_at_which_rounding_would_decide_has_a_sentence():
    values = LESSON.preset("sigmoid", LESSON.start).replace(rate=50.0, n=30)
    assert notes(values, WORDS) == [WORDS("note.chaotic", step=40)]


@pytest.mark.parametrize("layer", STARTS)
def test_an_output_layer_brings_its_own_data(layer):
    other = "softmax" if layer == "linear" else "linear"
    before = LESSON.preset(other, LESSON.start).replace(step=7, mu=2.0)
    values = wire.moved(LESSON, before, {"layer": layer})
    assert {key: values[key] for key in STARTS[layer]} == STARTS[layer]
    assert (values.step, values.mu) == (7, 2.0)
    assert LESSON.preset(layer, LESSON.start).layer == layer


def test_the_address_holds_the_fit():
    values = LESSON.preset("softmax", LESSON.start).replace(step=33, point=7)
    address = query(LESSON.controls, values)
    assert {"layer", "step", "rate", "decay", "n", "noise", "seed", "point", "mu", "width"} <= set(address)
    assert "degree" not in address
    reading = read(LESSON.controls, address, LESSON.start)
    assert (dict(reading.values), reading.problems) == (dict(values), [])


@pytest.mark.parametrize("preset", LESSON.buttons)
def test_frames_of_the_player_stay_small(preset):
    values = LESSON.preset(preset, LESSON.start)
    for views in (("fit", "formula", "descent"), ("fit", "formula", "point")):
        assert len(frame_block(LESSON, values, WORDS, "step", views)) < 300_000


def test_a_preset_about_another_section_goes_there(request, unpack):
    at = AppTest.from_file(str(request.config.rootpath / "app.py"), default_timeout=60).run()
    at.switch_page("pages/output_units.py")
    at.session_state["live:output_units"] = {"commit": {"client": "a", "seq": 1, "preset": "five"}}
    at.run()
    assert not at.exception
    (part,) = (p for p in at.get("bidi_component") if p.proto.id.endswith("-live:output_units"))
    message = unpack(part.proto.bytes)
    assert (message["preset"], message["focus"]["section"]) == ("five", "five")
    at.session_state["live:output_units"] = {"commit": {"client": "a", "seq": 2, "preset": "over_fit"}}
    at.run()
    (part,) = (p for p in at.get("bidi_component") if p.proto.id.endswith("-live:output_units"))
    assert unpack(part.proto.bytes)["focus"] == message["focus"]


@pytest.mark.parametrize(
    ("sigma", "nll", "slopes"),
    [
        (1.0, [6.31894, 4.81894, 4.31894, 4.81894, 6.31894], [-2.0, -1.0, 0.0, 1.0, 2.0]),
        (2.0, [2.96209, 2.58709, 2.46209, 2.58709, 2.96209], [-0.5, -0.25, 0.0, 0.25, 0.5]),
        (2.60768, [2.67152, 2.45093, 2.3774, 2.45093, 2.67152], None),
    ],
)
def test_the_five_points_at_every_sigma(sigma, nll, slopes):
    rows = list(table(LESSON.preset("five", LESSON.start).replace(width=sigma)).values())
    assert [float(row[1]) for row in rows] == nll
    if slopes:
        assert [float(row[4].replace("−", "-")) for row in rows] == slopes


@pytest.mark.parametrize(("sigma", "constant"), [(1.0, "0.918939"), (2.0, "1.61209"), (2.60768, "1.8774")])
def test_what_a_fixed_sigma_adds(sigma, constant):
    assert f" + {constant} = " in told(LESSON.start.replace(width=sigma), "five_lines")[1]


class TestWhatTheTextsClaim:
    def test_nearly_all_answers_are_too_sure(self):
        intercept, slope = figures.trail_of(setup_of(LESSON.preset("sure", LESSON.start))).weights[-1]
        x = np.linspace(-4.0, 4.0, 8001)
        modest = x[np.abs(intercept + slope * x) <= np.abs(2.0 * x)]
        assert 0 < len(modest) < 0.02 * len(x)
        assert (modest.min(), modest.max()) == pytest.approx((-0.165, -0.07), abs=0.006)

    def test_weight_decay_is_a_gaussian_prior(self):
        setup = setup_of(LESSON.preset("decay", LESSON.start))
        trail, variance = figures.trail_of(setup), 1.0 / (setup.n * setup.decay)
        assert variance == pytest.approx(1.0 / 30.0)
        prior = -log_density(trail.weights[:, 1:], 0.0, math.sqrt(variance)).sum(axis=1) / setup.n
        penalty = trail.values - trail.nll
        assert penalty - penalty[0] == pytest.approx(prior - prior[0], rel=1e-9, abs=1e-12)

    def test_a_sigma_that_depends_on_x_moves_the_best_prediction(self):
        def best(sigmas):
            costs = [
                sum(gaussian_nll([y], [mu], s) for y, s in zip(figures.FIVE, sigmas, strict=True))
                for mu in figures.CENTRES
            ]
            return float(figures.CENTRES[np.argmin(costs)])

        assert best([1.0] * 5) == best([3.0] * 5) == pytest.approx(5.0)
        assert best([0.5, 1.0, 1.0, 1.0, 2.0]) < 4.0


def test_an_address_of_the_principle_opens_where_its_table_is(request, unpack):
    at = AppTest.from_file(str(request.config.rootpath / "app.py"), default_timeout=60)
    at.query_params["at"] = "principle"
    at.run()
    at.switch_page("pages/output_units.py")
    at.run()
    assert not at.exception
    (part,) = (p for p in at.get("bidi_component") if p.proto.id.endswith("-live:output_units"))
    message = unpack(part.proto.bytes)
    assert (message["focus"]["section"], message["notes"]) == ("main", [])
    assert message["sections"][0]["above"] == ["principle"]


def test_the_preset_of_the_temperature_is_the_best_one():
    values = LESSON.preset("calibrated", LESSON.start)
    assert values.t == pytest.approx(figures.best(), abs=0.005)
    assert LESSON.presets["calibrated"].shows == "temperature"
    assert values.t in LESSON.by_key["t"].stops
