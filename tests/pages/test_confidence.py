"""The lesson on confidence: its presets and boxes reach the numbers that they speak of."""

import numpy as np
import pytest

from core.figures import confidence as figures
from pages.confidence import LESSON, notes, on_curve, on_mean, source
from pages.shared.catalog import load
from pages.shared.lesson import Drag

WORDS = load("confidence", "en")


def measures(preset):
    """Return the numbers of a preset's state."""
    values = LESSON.preset(preset, LESSON.start)
    return figures.study(source(values)).measures(values.t, values.bins, values.by)


def told(box, language):
    return load("confidence", language)(f"watch.{box}.right") + load("confidence", language)(
        f"watch.{box}.why"
    )


def test_it_opens_too_sure():
    found = measures("sure")
    assert (round(found.nll, 4), found.accuracy, round(found.confidence, 4)) == (0.2995, 0.948, 0.9824)


def test_a_preset_is_calibrated_and_changes_no_answer():
    before, after = measures("sure"), measures("calibrated")
    assert after.accuracy == before.accuracy == 0.948
    assert figures.study(source(LESSON.start)).best == pytest.approx(2.23, abs=0.005)
    assert (round(before.nll, 4), round(after.nll, 4)) == (0.2995, 0.1965)
    assert after.brier.score < before.brier.score
    assert after.error < before.error


def test_the_surest_rows_are_wrong_more_often_than_they_say(language):
    made = figures.study(source(LESSON.start))
    confidence = made.at(1.0).confidence
    sure = confidence > 0.99
    count, mean, wrong = (
        int(sure.sum()),
        float(confidence[sure].mean()),
        int((~made.judged.right[sure]).sum()),
    )
    assert (made.judged.right.size, count, round(mean, 4), wrong) == (500, 433, 0.9995, 7)
    assert round(count * (1.0 - mean), 1) == 0.2
    assert all(number in told("promise", language) for number in ("500", "433", "0.9995", "0.2", "7"))


def test_the_base_rate_has_no_calibration_error(language):
    found = measures("base")
    assert found.error == pytest.approx(0.0, abs=1e-12)
    assert (found.accuracy, round(found.confidence, 3), round(found.nll, 4)) == (0.106, 0.106, 2.3016)
    assert round(float(np.log(10.0)), 4) == 2.3026
    assert all(number in told("zero", language) for number in ("0.106", "2.3016", "2.3026"))


def test_a_lower_calibration_error_with_a_higher_nll(language):
    values = LESSON.preset("lower", LESSON.start)
    lower, least = (
        figures.study(source(values)).measures(t, values.bins, values.by) for t in (values.t, 2.23)
    )
    assert lower.error < least.error
    assert lower.nll > least.nll
    for number in (lower.error, least.error, lower.nll, least.nll):
        assert f"{number:.4f}" in told("lower", language)
    start = figures.study(source(values)).measures(1.0, values.bins, values.by)
    assert start.error > least.error


def test_label_smoothing_leaves_too_little_confidence(language):
    found = measures("smoothed")
    best = figures.study(source(LESSON.preset("smoothed", LESSON.start))).best
    for number in (f"{found.confidence:.3f}", f"{found.accuracy:.3f}", f"{best:.2f}"):
        assert number in told("smoothing", language)


@pytest.mark.parametrize(("preset", "t"), [("right", 0.0), ("shifted", np.inf), ("three", 0.0)])
def test_presets_without_a_minimum(preset, t):
    assert figures.study(source(LESSON.preset(preset, LESSON.start))).best == t


def test_the_ring_moves_the_temperature_along_a_logarithmic_axis():
    drag = Drag("t", np.log10(2.0), 0.0, 0.0, 0.0, LESSON.start)
    assert on_curve(drag) == {"t": 2.0}


def test_the_ring_moves_the_mean_confidence():
    drag = Drag("mean", 0.94, 0.0, 0.0, 0.0, LESSON.start)
    t = on_mean(drag)["t"]
    assert figures.study(source(LESSON.start)).measures(t, 15, "width").confidence == pytest.approx(
        0.94, abs=0.001
    )


def test_a_tie_is_said(language):
    words = load("confidence", language)
    assert notes(LESSON.preset("three", LESSON.start), words) == [words("note.ties", ties="1")]
    assert notes(LESSON.start, words) == []
