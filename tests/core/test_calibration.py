"""A temperature for logits: cases, properties and bad input of core.calibration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calibration import (
    Scores,
    accuracy,
    best_temperature,
    brier_decomposition,
    expected_calibration_error,
    fit_temperature,
    mean_confidence,
    temperature_nll,
    tempered_nll,
)
from core.regression import fit_logistic, make_two_classes
from tests.close import repeatable


def held_out() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits and labels of 200 points that a fit to 20 has never seen, and its weights."""
    data = make_two_classes(20, 1.0, seed=1)
    weights = fit_logistic(data, learning_rate=0.5, steps=400).weights[-1]
    return weights[0] + weights[1] * data.x_held_out, data.y_held_out, weights


def test_a_fit_to_twenty_points_is_too_sure_and_one_number_mends_it() -> None:
    logits, labels, weights = held_out()
    best = best_temperature(logits, labels)
    assert best == pytest.approx(2.37, abs=0.005)
    assert tempered_nll(logits, labels) == pytest.approx(0.475, abs=0.0005)
    assert tempered_nll(logits, labels, best) == pytest.approx(0.350, abs=0.0005)
    assert accuracy(logits, labels) == pytest.approx(0.85)
    assert mean_confidence(logits) == pytest.approx(0.934, abs=0.0005)
    assert mean_confidence(logits, best) == pytest.approx(0.846, abs=0.0005)
    assert weights[1] / best == pytest.approx(1.90, abs=0.005)  # the truth is 2


@repeatable
@given(st.integers(0, 500), st.floats(0.2, 5.0))
def test_no_other_temperature_is_better(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=3.0, size=40)
    labels = (rng.random(40) < 1.0 / (1.0 + np.exp(-0.5 * logits))).astype(float)
    best = best_temperature(logits, labels)
    if 0.0 < best < math.inf:
        least = tempered_nll(logits, labels, best)
        assert least <= tempered_nll(logits, labels, factor * best) + 1e-15
        assert best_temperature(3.0 * logits, labels) == pytest.approx(3.0 * best, rel=1e-9)


def test_true_probabilities_need_no_temperature() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=2.0, size=200_000)
    labels = (rng.random(logits.size) < 1.0 / (1.0 + np.exp(-logits))).astype(float)
    assert best_temperature(logits, labels) == pytest.approx(1.0, abs=0.02)
    assert mean_confidence(logits) == pytest.approx(accuracy(logits, labels), abs=0.005)


def test_the_ends() -> None:
    assert best_temperature([1.0, -2.0], [1, 0]) == 0.0
    assert best_temperature([1.0, -2.0], [0, 1]) == math.inf
    assert best_temperature([0.0, 0.0], [0, 1]) == math.inf
    assert mean_confidence([5.0, -1.0], 1e12) == pytest.approx(0.5)
    assert accuracy([1.0, 0.0], [1, 0]) == 0.75


@pytest.mark.parametrize(
    ("logits", "labels", "temperature"),
    [
        ([], [], 1.0),
        ([1.0], [1, 0], 1.0),
        ([[1.0]], [[1]], 1.0),
        ([math.inf], [1], 1.0),
        ([1.0], [2], 1.0),
        ([1.0], [0.5], 1.0),
        ([1.0], [1], 0.0),
        ([1.0], [1], math.nan),
    ],
)
def test_bad_input(logits: list[float], labels: list[float], temperature: float) -> None:
    with pytest.raises(ValueError, match="must"):
        tempered_nll(logits, labels, temperature)


class TestScores:
    LOGITS = np.array([[2.0, 0.0, -np.inf], [3.0, 3.0, 1.0], [0.0, 1.0, 4.0]])
    LABELS = np.array([0, 1, 2])

    @pytest.mark.parametrize("temperature", [0.5, 1.0, 7.0])
    def test_they_are_softmax_and_its_loss(self, temperature: float) -> None:
        scores = Scores(self.LOGITS, self.LABELS)
        made = scores.at(temperature)
        probs = np.exp(self.LOGITS / temperature)
        probs /= probs.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(scores.probs(made), probs, rtol=1e-13)
        np.testing.assert_allclose(made.confidence, probs.max(axis=1), rtol=1e-13)
        np.testing.assert_allclose(made.loss, -np.log(probs[[0, 1, 2], [0, 1, 2]]), rtol=1e-10)
        entropy = -np.sum(probs * np.log(np.where(probs > 0.0, probs, 1.0)), axis=1).mean()
        assert made.entropy == pytest.approx(entropy, rel=1e-12)
        assert made.nll == pytest.approx(float(temperature_nll(self.LOGITS, self.LABELS, temperature)))

    def test_the_first_of_several_leads(self) -> None:
        scores = Scores(self.LOGITS, self.LABELS)
        assert scores.chosen.tolist() == [0, 0, 2]
        assert scores.right.tolist() == [True, False, True]

    def test_the_ends(self) -> None:
        scores = Scores(self.LOGITS, self.LABELS)
        cold, warm = (scores.at(t) for t in (0.0, math.inf))
        assert scores.probs(cold).tolist() == [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]
        assert cold.nll == pytest.approx(math.log(2.0) / 3.0)
        np.testing.assert_allclose(scores.probs(warm), [[0.5, 0.5, 0.0], [1 / 3] * 3, [1 / 3] * 3])
        assert Scores(self.LOGITS, [2, 1, 2]).at(3.0).nll == math.inf

    def test_the_slope_is_nothing_at_the_fitted_temperature(self) -> None:
        # Not the digits that rounding leaves, which another processor would leave otherwise.
        for seed, rows, size in ((1, 500, 3.0), (2, 2000, 1e-6), (3, 800, 1e8)):
            chance = np.random.default_rng(seed)
            logits = size * chance.normal(size=(rows, 5))
            labels = np.where(chance.random(rows) < 0.6, logits.argmax(axis=1), chance.integers(5, size=rows))
            found = fit_temperature(logits, labels)
            scores = Scores(logits, labels)
            assert scores.slope(found.t)[0] == 0.0
            for factor in (1.0 - 1e-12, 1.0 + 1e-12):
                assert scores.slope(found.t * factor)[0] != 0.0

    def test_the_slope_in_log_t_is_entropy_less_loss(self) -> None:
        scores = Scores(self.LOGITS, [1, 1, 0])
        for t in (0.5, 1.0, 4.0):
            made = scores.at(t)
            slope, curvature = scores.slope(t)
            assert made.entropy - made.nll == pytest.approx(-slope / t, rel=1e-12)
            assert curvature > 0.0

    @pytest.mark.parametrize("temperature", [-1.0, math.nan])
    def test_a_temperature_is_not_negative(self, temperature: float) -> None:
        with pytest.raises(ValueError, match="temperature"):
            Scores(self.LOGITS, self.LABELS).at(temperature)

    def test_its_reliability_and_brier_score_are_those_of_the_functions(self) -> None:
        scores = Scores(self.LOGITS, self.LABELS)
        made = scores.at(2.0)
        probs = scores.probs(made)
        assert scores.brier(made, bins=4) == brier_decomposition(probs, self.LABELS, bins=4)
        assert scores.reliability(made, bins=4).error == expected_calibration_error(
            probs, self.LABELS, bins=4
        )
