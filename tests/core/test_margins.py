"""Unit cases, properties and bad input of core.margins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.losses import finite_difference
from core.margins import MARGIN_LOSSES, zero_one_loss
from tests.close import approx, repeatable

INF = math.inf

MARGINS = [-2.0, -1.0, 0.0, 1.0, 2.0]
MARGIN_TABLE = {
    "zero_one": ([1, 1, 1, 0, 0], [0, 0, 0, 0, 0]),
    "log": (
        [2.12693, 1.31326, 0.693147, 0.313262, 0.126928],
        [-0.880797, -0.731059, -0.5, -0.268941, -0.119203],
    ),
    "log2": (
        [3.06851, 1.89464, 1, 0.451941, 0.183118],
        [
            -0.880797 / 0.693147,
            -0.731059 / 0.693147,
            -0.5 / 0.693147,
            -0.268941 / 0.693147,
            -0.119203 / 0.693147,
        ],
    ),
    "exponential": (
        [7.38906, 2.71828, 1, 0.367879, 0.135335],
        [-7.38906, -2.71828, -1, -0.367879, -0.135335],
    ),
    "hinge": ([3, 2, 1, 0, 0], [-1, -1, -1, 0, 0]),
    "squared_hinge": ([9, 4, 1, 0, 0], [-6, -4, -2, 0, 0]),
    "square": ([9, 4, 1, 0, 1], [-6, -4, -2, 0, 2]),
}


class TestMarginLosses:
    def test_the_table_is_whole(self):
        assert set(MARGIN_LOSSES) == set(MARGIN_TABLE)
        models = {name: entry.noise_model for name, entry in MARGIN_LOSSES.items()}
        assert {name for name, model in models.items() if model is None} == {
            "zero_one",
            "exponential",
            "hinge",
            "squared_hinge",
        }
        assert (models["log"], models["log2"], models["square"]) == ("bernoulli", "bernoulli", "gaussian")

    @pytest.mark.parametrize("name", MARGIN_TABLE)
    def test_values_and_slopes(self, name):
        loss, slope = MARGIN_TABLE[name]
        assert MARGIN_LOSSES[name].loss(MARGINS) == approx(loss)
        assert MARGIN_LOSSES[name].slope(MARGINS) == approx(slope)

    @pytest.mark.parametrize("name", MARGIN_TABLE)
    def test_zeros_are_positive(self, name):
        for margin in (0.0, 1.0, 2.0, INF):
            for value in (MARGIN_LOSSES[name].loss(margin), MARGIN_LOSSES[name].slope(margin)):
                assert value != 0 or not np.signbit(value)

    @pytest.mark.parametrize(
        ("name", "far", "near", "slope"),
        [
            ("zero_one", 1, 0, 0),
            ("log", INF, 0, -1),
            ("log2", INF, 0, -1 / math.log(2)),
            ("exponential", INF, 0, -INF),
            ("hinge", INF, 0, -1),
            ("squared_hinge", INF, 0, -INF),
            ("square", INF, INF, -INF),
        ],
    )
    def test_infinite_and_huge_margins(self, name, far, near, slope):
        entry = MARGIN_LOSSES[name]
        assert entry.loss([-INF, INF]).tolist() == [far, near]
        assert entry.slope(-INF) == slope
        assert not np.isnan(entry.loss([-1.7e308, 1.7e308])).any()
        assert not np.isnan(entry.slope([-1.7e308, 1.7e308])).any()

    @pytest.mark.parametrize("name", [name for name in MARGIN_TABLE if name != "zero_one"])
    @repeatable
    @given(margin=st.floats(-8, 8).filter(lambda m: abs(m - 1) > 1e-3))
    def test_slopes_are_slopes(self, name, margin):
        entry = MARGIN_LOSSES[name]
        numeric = finite_difference(lambda m: float(entry.loss(m)), margin)
        assert entry.slope(margin) == pytest.approx(numeric, rel=1e-7, abs=1e-7)

    @repeatable
    @given(st.floats(-300, 300))
    def test_who_bounds_the_0_1_loss(self, margin):
        for name in ("log2", "exponential", "hinge", "squared_hinge", "square"):
            assert MARGIN_LOSSES[name].loss(margin) >= zero_one_loss(margin)

    def test_log_loss_in_nats_does_not(self):
        assert MARGIN_LOSSES["log"].loss(0.0) < zero_one_loss(0.0)

    def test_the_tie_is_a_convention(self):
        assert zero_one_loss([-1e-300, 0.0, -0.0, 1e-300]).tolist() == [1, 1, 1, 0]
        assert zero_one_loss([-1e-300, 0.0, -0.0, 1e-300], tie=0).tolist() == [1, 0, 0, 0]
        for tie in (-0.1, 1.1, math.nan):
            with pytest.raises(ValueError, match="tie must be from 0 to 1"):
                zero_one_loss(0.0, tie=tie)

    @pytest.mark.parametrize("name", MARGIN_TABLE)
    def test_shapes_and_bad_input(self, name):
        for function in (MARGIN_LOSSES[name].loss, MARGIN_LOSSES[name].slope):
            assert np.shape(function(0.5)) == ()
            assert isinstance(function(0.5), float)
            assert function(np.zeros((2, 3))).shape == (2, 3)
            with pytest.raises(ValueError, match="margin must not contain nan"):
                function([0.0, math.nan])
            with pytest.raises(ValueError, match="margin must not be empty"):
                function([])
