"""Unit cases, properties and bad input of core.sigmoid."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.losses import finite_difference
from core.sigmoid import (
    sigmoid,
    sigmoid_cross_entropy,
    sigmoid_cross_entropy_slope,
    sigmoid_squared_error,
    sigmoid_squared_error_slope,
)
from core.softmax import softmax
from tests.close import EXACT, approx, repeatable

INF = math.inf


class TestSigmoid:
    def test_values(self):
        assert sigmoid([-6, -2, 0, 1.5, 6]) == approx([0.00247262, 0.119203, 0.5, 0.817574, 0.997527])

    def test_extremes(self):
        assert sigmoid([-INF, INF]).tolist() == [0.0, 1.0]
        assert sigmoid(-700.0) == approx(math.exp(-700.0), EXACT)

    @repeatable
    @given(st.floats(-700, 700))
    def test_mirror(self, z):
        assert sigmoid(z) + sigmoid(-z) == approx(1.0, EXACT)
        assert sigmoid(z) == approx(softmax([z, 0.0])[0], EXACT)

    @pytest.mark.parametrize(
        ("z", "message"), [([], "logits must not be empty"), (math.nan, "logits must not")]
    )
    def test_bad_input(self, z, message):
        with pytest.raises(ValueError, match=message):
            sigmoid(z)


SATURATION = [
    (-6, 6.00248, 0.49753, -0.997527, -0.00246041),
    (-5, 5.00672, 0.49333, -0.993307, -0.00660356),
    (-4, 4.01815, 0.482176, -0.982014, -0.017345),
    (-3, 3.04859, 0.453699, -0.952574, -0.0430341),
    (-2, 2.12693, 0.387902, -0.880797, -0.092478),
    (-1, 1.31326, 0.267223, -0.731059, -0.143735),
    (0, 0.693147, 0.125, -0.5, -0.125),
    (1, 0.313262, 0.0361647, -0.268941, -0.0528771),
    (2, 0.126928, 0.00710467, -0.119203, -0.0125155),
    (3, 0.0485874, 0.00112461, -0.0474259, -0.00214254),
    (4, 0.0181499, 0.000161752, -0.0179862, -0.000317685),
    (5, 0.00671535, 2.23971e-05, -0.00669285, -4.44945e-05),
    (6, 0.00247569, 3.05693e-06, -0.00247262, -6.09875e-06),
]
SIGMOID_PAIRS = [
    (sigmoid_cross_entropy, sigmoid_cross_entropy_slope),
    (sigmoid_squared_error, sigmoid_squared_error_slope),
]


class TestSigmoidCrossEntropy:
    @pytest.mark.parametrize(("z", "loss", "half_square", "slope", "square_slope"), SATURATION)
    def test_table(self, z, loss, half_square, slope, square_slope):
        assert sigmoid_cross_entropy(z, 1) == approx(loss)
        assert sigmoid_cross_entropy_slope(z, 1) == approx(slope)
        assert sigmoid_cross_entropy(-z, 0) == approx(loss)
        assert sigmoid_cross_entropy_slope(-z, 0) == approx(-slope)

    def test_infinities(self):
        assert sigmoid_cross_entropy([INF, -INF, INF, -INF], [1, 0, 0, 1]).tolist() == [0, 0, INF, INF]
        assert sigmoid_cross_entropy_slope([INF, -INF, INF, -INF], [1, 0, 0, 1]).tolist() == [0, 0, 1, -1]

    def test_the_slope_keeps_its_digits(self):
        assert sigmoid_cross_entropy_slope(60.0, 1) == approx(-math.exp(-60.0), EXACT)


class TestSigmoidSquaredError:
    @pytest.mark.parametrize(("z", "loss", "half_square", "slope", "square_slope"), SATURATION)
    def test_table(self, z, loss, half_square, slope, square_slope):
        assert sigmoid_squared_error(z, 1) == approx(half_square)
        assert sigmoid_squared_error_slope(z, 1) == approx(square_slope)
        assert sigmoid_squared_error(-z, 0) == approx(half_square)
        assert sigmoid_squared_error_slope(-z, 0) == approx(-square_slope)

    def test_the_steepest_place_is_in_the_middle(self):
        z = np.linspace(-10, 10, 2001)
        slopes = np.abs(sigmoid_squared_error_slope(z, 1))
        assert abs(sigmoid_squared_error_slope(-math.log(2), 1)) == approx(4 / 27, EXACT)
        assert slopes.max() <= 4 / 27
        assert z[slopes.argmax()] == pytest.approx(-math.log(2), abs=0.01)

    @pytest.mark.parametrize("z", [-1e4, 1e4, -INF, INF])
    def test_it_dies_on_both_sides(self, z):
        assert sigmoid_squared_error_slope(z, 1) == 0

    @pytest.mark.parametrize(("loss", "slope"), SIGMOID_PAIRS)
    @repeatable
    @given(z=st.floats(-20, 20), target=st.floats(0, 1))
    def test_slopes_are_slopes(self, loss, slope, z, target):
        numeric = finite_difference(lambda v: float(loss(v, target)), z)
        assert slope(z, target) == pytest.approx(numeric, abs=1e-8)

    @pytest.mark.parametrize("function", [f for pair in SIGMOID_PAIRS for f in pair])
    def test_broadcasting_and_bad_input(self, function):
        assert function(np.zeros((2, 1)), [0.0, 0.5, 1.0]).shape == (2, 3)
        assert np.shape(function(0.0, 1)) == ()
        with pytest.raises(ValueError, match="target must broadcast with logits of shape"):
            function([0.0, 1.0], [0, 1, 0])
        for target in (-0.1, 1.1):
            with pytest.raises(ValueError, match="target must lie between 0 and 1"):
                function(0.0, target)
        with pytest.raises(ValueError, match="logits must not contain nan"):
            function(math.nan, 1)
