"""Many classes in core.calibration: cases, properties and bad input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calibration import (
    Scores,
    brier_decomposition,
    expected_calibration_error,
    fit_temperature,
    reliability,
    temperature_nll,
)
from core.losses import brier_score, cross_entropy_loss
from core.softmax import softmax
from tests.close import repeatable

INF = math.inf


def drawn(seed: int, n: int = 60, k: int = 4, scale: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Scores of an over-confident classifier, and labels drawn from half of them."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=scale, size=(n, k))
    chances = softmax(logits / 2.0)
    return logits, (rng.random((n, 1)) > chances.cumsum(axis=-1)[:, :-1]).sum(axis=-1)


class TestNll:
    def test_is_the_mean_cross_entropy_loss_at_each_temperature(self) -> None:
        logits, labels = drawn(1)
        found = temperature_nll(logits, labels, [[0.5], [1.0], [3.0]])
        assert found.shape == (3, 1)
        for t, nll in zip((0.5, 1.0, 3.0), found.ravel(), strict=True):
            assert nll == pytest.approx(float(cross_entropy_loss(logits / t, labels)), rel=1e-14)

    def test_many_rows_are_worked_on_in_blocks(self) -> None:
        logits, labels = drawn(2, n=300_000)
        halves = [temperature_nll(logits[i::2], labels[i::2]) for i in (0, 1)]
        assert temperature_nll(logits, labels) == pytest.approx(np.mean(halves), rel=1e-13)

    def test_a_class_that_is_ruled_out(self) -> None:
        assert temperature_nll([[0.0, 1.0, -INF]], [0], 2.0) == temperature_nll([[0.0, 1.0]], [0], 2.0)
        assert temperature_nll([[0.0, 1.0, -INF]], [2], 2.0) == INF

    def test_extreme_temperatures_give_no_nan(self) -> None:
        found = temperature_nll([[3.0, 0.0], [0.0, 2.0]], [0, 0], [1e-308, 1e308])
        assert found.tolist() == [INF, pytest.approx(math.log(2.0))]


class TestFit:
    @repeatable
    @given(st.integers(0, 500), st.floats(0.2, 5.0))
    def test_no_other_temperature_is_better(self, seed: int, factor: float) -> None:
        logits, labels = drawn(seed)
        found = fit_temperature(logits, labels)
        assert 0.0 < found.t < INF
        assert found.nll <= temperature_nll(logits, labels, factor * found.t) + 1e-15
        assert found.nll == temperature_nll(logits, labels, found.t)
        assert found.steps[0] == 1.0
        assert found.steps[-1] == found.t

    @repeatable
    @given(st.integers(0, 500), st.integers(-300, 290))
    def test_t_goes_with_the_scores(self, seed: int, power: int) -> None:
        logits, labels = drawn(seed, n=30)
        one, scaled = fit_temperature(logits, labels), fit_temperature(logits * 10.0**power, labels)
        assert scaled.t == pytest.approx(one.t * 10.0**power, rel=1e-9)
        assert scaled.nll == pytest.approx(one.nll, rel=1e-12)
        shifted = fit_temperature(logits + np.arange(30.0)[:, None], labels)
        assert shifted.t == pytest.approx(one.t, rel=1e-9)

    @repeatable
    @given(st.integers(0, 500))
    def test_the_slope_is_0_there(self, seed: int) -> None:
        logits, labels = drawn(seed)
        found = fit_temperature(logits, labels)
        h = 1e-4
        below, above = temperature_nll(logits, labels, found.t / np.array([1.0 - h, 1.0 + h]))
        curvature = (above - 2.0 * found.nll + below) / h**2
        assert abs(above - below) / (2.0 * h) <= 1e-6 * (1.0 + abs(curvature))

    def test_it_takes_few_steps(self) -> None:
        logits, labels = drawn(3, n=5000)
        assert len(fit_temperature(logits, labels).steps) < 12
        assert len(fit_temperature(1e200 * logits, labels).steps) < 20

    def test_a_known_case(self) -> None:
        # Three in four right at odds of z / T = log 3.
        logits = [[8.0, 0.0]] * 4
        found = fit_temperature(logits, [0, 0, 0, 1])
        assert found.t == pytest.approx(8.0 / math.log(3.0), rel=1e-12)
        assert found.nll == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25), rel=1e-14)

    def test_where_all_is_right_colder_is_better_for_ever(self) -> None:
        assert fit_temperature([[2.0, 0.0, 1.0], [0.0, 3.0, 1.0]], [0, 1]) == (0.0, 0.0, (1.0,))
        tied = fit_temperature([[2.0, 2.0, 1.0], [0.0, 3.0, 1.0]], [0, 1])
        assert tied.t == 0.0
        assert tied.nll == pytest.approx(0.5 * math.log(2.0))

    @pytest.mark.parametrize(
        ("logits", "labels"),
        [([[2.0, 0.0], [0.0, 3.0]], [1, 0]), ([[5.0, 5.0], [1.0, 1.0]], [0, 1]), ([[1.0, 0.0]] * 2, [0, 1])],
        ids=["all wrong", "no difference", "coin"],
    )
    def test_where_nothing_is_known_warmer_is_better_for_ever(self, logits: Any, labels: Any) -> None:
        assert fit_temperature(logits, labels) == (INF, pytest.approx(math.log(2.0)), (1.0,))

    def test_a_class_that_is_ruled_out_counts_for_nothing(self) -> None:
        logits, labels = drawn(4)
        wider = np.hstack([logits, np.full((60, 1), -INF)])
        assert fit_temperature(wider, labels).t == pytest.approx(fit_temperature(logits, labels).t, rel=1e-13)
        assert fit_temperature([[0.0, 1.0, -INF]], [0]).nll == pytest.approx(math.log(2.0))


class TestReliability:
    @repeatable
    @given(st.integers(0, 500), st.integers(1, 30), st.sampled_from(["width", "mass"]))
    def test_every_row_is_in_one_bin(self, seed: int, bins: int, by: Any) -> None:
        logits, labels = drawn(seed)
        probs = softmax(logits)
        found = reliability(probs, labels, bins=bins, by=by)
        assert found.count.sum() == 60
        assert found.count.min() > 0
        assert len(found.count) <= bins
        assert (found.confidence > found.low).all()
        assert (found.confidence <= found.high + 1e-15).all()
        right = probs.argmax(axis=-1) == labels
        assert np.sum(found.count * found.accuracy) == pytest.approx(right.sum())
        assert np.sum(found.count * found.confidence) == pytest.approx(probs.max(axis=-1).sum())
        assert (found.interval[:, 0] <= found.accuracy).all()
        assert (found.accuracy <= found.interval[:, 1]).all()
        assert (found.interval >= 0.0).all()
        assert (found.interval <= 1.0).all()

    def test_bins_of_one_mass_hold_equally_many(self) -> None:
        logits, labels = drawn(5, n=600)
        assert reliability(softmax(logits), labels, bins=6, by="mass").count.tolist() == [100] * 6

    def test_rows_of_one_confidence_stay_together(self) -> None:
        probs = [[0.75, 0.25]] * 7 + [[0.5, 0.5]] * 3
        found = reliability(probs, [0] * 10, bins=5, by="mass")
        assert sorted(found.count.tolist()) == [3, 7]

    def test_an_edge_belongs_to_the_bin_below(self) -> None:
        assert reliability([[0.5, 0.5], [1.0, 0.0]], [0, 0], bins=2).high.tolist() == [0.5, 1.0]

    def test_one_row(self) -> None:
        found = reliability([[0.2, 0.8]], [1])
        assert (found.confidence, found.accuracy, found.count) == (0.8, 1.0, 1)
        # Wilson: from 1 / (1 + z^2).
        assert found.interval[0] == pytest.approx([1.0 / (1.0 + 1.959963984540054**2), 1.0])

    def test_always_the_base_rate_has_no_calibration_error_and_knows_nothing(self) -> None:
        probs, labels = [[0.7, 0.3]] * 10, [0] * 7 + [1] * 3
        assert expected_calibration_error(probs, labels) == pytest.approx(0.0, abs=1e-15)
        assert brier_decomposition(probs, labels).resolution == pytest.approx(0.0, abs=1e-30)

    def test_the_error_depends_on_the_bins(self) -> None:
        probs, labels = [[0.9, 0.1], [0.6, 0.4]], [1, 0]
        assert expected_calibration_error(probs, labels, bins=1) == pytest.approx(0.25)
        assert expected_calibration_error(probs, labels, bins=10) == pytest.approx(0.65)


class TestBrier:
    @repeatable
    @given(st.integers(0, 500), st.integers(1, 30))
    def test_the_parts_make_the_score(self, seed: int, bins: int) -> None:
        logits, labels = drawn(seed)
        probs = softmax(logits)
        found = brier_decomposition(probs, labels, bins=bins)
        assert found.score == pytest.approx(float(brier_score(probs, labels)), rel=1e-12)
        parts = found.reliability - found.resolution + found.uncertainty + found.within
        assert found.score == pytest.approx(parts, rel=1e-12)
        assert min(found.reliability, found.resolution, found.uncertainty) >= 0.0

    def test_nothing_is_hidden_where_each_bin_holds_one_number(self) -> None:
        probs = np.repeat([[0.8, 0.2], [0.4, 0.6]], 5, axis=0)
        assert brier_decomposition(probs, [0, 0, 0, 0, 1, 0, 1, 1, 1, 0]).within == pytest.approx(
            0.0, abs=1e-15
        )

    def test_a_perfect_answer(self) -> None:
        assert brier_decomposition(np.eye(3), [0, 1, 2])[:3] == pytest.approx((0.0, 0.0, 2.0 / 3.0))


@pytest.mark.parametrize(
    ("logits", "labels", "sentence"),
    [
        ([], [], "empty"),
        ([1.0, 2.0], [0, 1], "shape"),
        ([[1.0], [2.0]], [0, 0], "at least 2 classes"),
        ([[1.0, 2.0]], [0, 1], "labels must have shape"),
        ([[1.0, 2.0]], [2], "between 0 and 1"),
        ([[1.0, 2.0]], [-1], "between 0 and 1"),
        ([[1.0, 2.0]], [0.0], "whole numbers"),
        ([[1.0, math.nan]], [0], "nan"),
        ([[1.0, INF]], [0], "infinite"),
        ([[-INF, -INF]], [0], "leave a class"),
        ([[1.0, 2.0], [-INF, 0.0]], [0, 0], "row 1"),
    ],
)
def test_scores_that_are_none(logits: Any, labels: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        fit_temperature(logits, labels)


@pytest.mark.parametrize(
    ("probs", "labels", "options", "sentence"),
    [
        ([[0.5, 0.6]], [0], {}, "sum"),
        ([0.5, 0.5], [0, 1], {}, "shape"),
        ([[0.5, 0.5]], [2], {}, "between 0 and 1"),
        ([[0.5, 0.5]], [0], {"bins": 0}, "bins"),
        ([[0.5, 0.5]], [0], {"by": "size"}, "by must be"),
    ],
)
def test_probabilities_that_are_none(probs: Any, labels: Any, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        expected_calibration_error(probs, labels, **options)


def test_temperatures_that_are_none() -> None:
    with pytest.raises(ValueError, match="positive"):
        temperature_nll([[1.0, 2.0]], [0], [1.0, 0.0])


@repeatable
@given(st.integers(0, 500), st.integers(1, 30), st.sampled_from([0.05, 0.3, 1.0, 20.0]))
def test_bins_are_those_of_their_edges(seed: int, bins: int, temperature: float) -> None:
    # Whether most probabilities are in the first bin or not, and where they are edges themselves.
    logits, labels = drawn(seed)
    probs = softmax(logits / temperature)
    probs[:10] = np.array([0.0, 1.0, 0.0, 0.0])
    probs[10:20, :2] = np.linspace(0.0, 1.0, bins + 1)[[seed % (bins + 1)]]
    probs[10:20, 1] = 1.0 - probs[10:20, 0]
    probs[10:20, 2:] = 0.0
    edges = np.linspace(0.0, 1.0, bins + 1)
    score = reliability_part = 0.0
    for k in range(4):
        column, hits = probs[:, k], labels == k
        score += float(np.mean((column - hits) ** 2))
        for i in range(bins):
            inside = (column > edges[i]) & (column <= edges[i + 1]) | ((column == 0.0) & (i == 0))
            if inside.any():
                reliability_part += inside.mean() * (column[inside].mean() - hits[inside].mean()) ** 2
    found = brier_decomposition(probs, labels, bins=bins)
    assert found.score == pytest.approx(score, rel=1e-12)
    assert found.reliability == pytest.approx(reliability_part, rel=1e-11, abs=1e-15)


def test_what_is_worked_on_in_blocks_is_one() -> None:
    logits, labels = drawn(6, n=30_000)
    whole = Scores(logits, labels)
    halves = [Scores(logits[i::2], labels[i::2]) for i in (0, 1)]
    for t in (0.1, 3.0):
        made, parts = whole.at(t), [half.at(t) for half in halves]
        assert made.entropy == pytest.approx(np.mean([part.entropy for part in parts]), rel=1e-12)
        np.testing.assert_array_equal(made.loss[::2], parts[0].loss)
        np.testing.assert_allclose(whole.probs(made), softmax(logits / t), rtol=1e-12, atol=1e-300)
        scores = [half.brier(part).score for half, part in zip(halves, parts, strict=True)]
        assert whole.brier(made).score == pytest.approx(np.mean(scores), rel=1e-12)
        spread = whole.spread(made, bins=20)
        assert spread.sum(axis=1).tolist() == [whole.right.sum(), (~whole.right).sum()]
        np.testing.assert_array_equal(
            spread, sum(half.spread(part, bins=20) for half, part in zip(halves, parts, strict=True))
        )
