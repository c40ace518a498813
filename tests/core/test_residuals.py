"""Unit cases, properties and bad input of core.residuals."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from core.losses import finite_difference
from core.residuals import RESIDUAL_LOSSES, fit_constant, log_normalizer, noise_nll
from tests.close import EXACT, approx, repeatable

INF = math.inf

RESIDUALS = [-2.0, -0.5, 0.0, 0.5, 2.0]
LOG_COSH_2, LOG_COSH_HALF = math.log(math.cosh(2.0)), math.log(math.cosh(0.5))
RESIDUAL_TABLE = {
    ("squared", ()): ([2, 0.125, 0, 0.125, 2], [-2, -0.5, 0, 0.5, 2]),
    ("absolute", ()): ([2, 0.5, 0, 0.5, 2], [-1, -1, 0, 1, 1]),
    ("huber", ()): ([1.5, 0.125, 0, 0.125, 1.5], [-1, -0.5, 0, 0.5, 1]),
    ("huber", (("delta", 0.25),)): ([0.46875, 0.09375, 0, 0.09375, 0.46875], [-0.25, -0.25, 0, 0.25, 0.25]),
    ("huber", (("delta", 1e308),)): ([2, 0.125, 0, 0.125, 2], [-2, -0.5, 0, 0.5, 2]),
    ("log_cosh", ()): (
        [LOG_COSH_2, LOG_COSH_HALF, 0, LOG_COSH_HALF, LOG_COSH_2],
        [-math.tanh(2), -math.tanh(0.5), 0, math.tanh(0.5), math.tanh(2)],
    ),
    ("quantile", ()): ([1, 0.25, 0, 0.25, 1], [-0.5, -0.5, 0, 0.5, 0.5]),
    ("quantile", (("tau", 0.9),)): ([0.2, 0.05, 0, 0.45, 1.8], [-0.1, -0.1, 0, 0.9, 0.9]),
}


class TestResidualLosses:
    def test_the_table_is_whole(self):
        assert set(RESIDUAL_LOSSES) == {name for name, _ in RESIDUAL_TABLE}
        assert {name: entry.noise_model for name, entry in RESIDUAL_LOSSES.items()} == {
            "squared": "gaussian",
            "absolute": "laplace",
            "huber": "huber",
            "log_cosh": "hyperbolic_secant",
            "quantile": "asymmetric_laplace",
        }
        parameters = {name: entry.parameter for name, entry in RESIDUAL_LOSSES.items() if entry.parameter}
        assert parameters == {"huber": "delta", "quantile": "tau"}

    @pytest.mark.parametrize(("name", "options"), RESIDUAL_TABLE)
    def test_values_and_slopes(self, name, options):
        loss, slope = RESIDUAL_TABLE[name, options]
        entry = RESIDUAL_LOSSES[name]
        assert entry.loss(RESIDUALS, **dict(options)) == approx(loss, EXACT)
        assert entry.slope(RESIDUALS, **dict(options)) == approx(slope, EXACT)

    @pytest.mark.parametrize("name", RESIDUAL_LOSSES)
    def test_infinite_and_huge_residuals(self, name):
        entry = RESIDUAL_LOSSES[name]
        assert entry.loss([-INF, INF]).tolist() == [INF, INF]
        assert not np.isnan(entry.slope([-INF, INF])).any()
        assert not np.isnan(entry.loss([-1.7e308, 1.7e308])).any()
        assert not np.signbit(entry.loss([0.0, -0.0])).any()

    def test_no_overflow_on_the_way(self):
        assert RESIDUAL_LOSSES["squared"].loss(1.5e154) == approx(1.125e308, EXACT)
        assert RESIDUAL_LOSSES["log_cosh"].loss(1e300) == approx(1e300, EXACT)
        assert RESIDUAL_LOSSES["huber"].loss(1e300) == approx(1e300, EXACT)

    def test_log_cosh_near_0(self):
        assert RESIDUAL_LOSSES["log_cosh"].loss([1e-9, -1e-5]) == approx([0.5e-18, 0.5e-10], 1e-10)

    def test_the_input_is_not_the_output(self):
        residual = np.array([1.0, -2.0])
        RESIDUAL_LOSSES["squared"].slope(residual)[0] = 99.0
        assert residual.tolist() == [1.0, -2.0]

    @pytest.mark.parametrize(("name", "options"), RESIDUAL_TABLE)
    @repeatable
    @given(
        residual=st.floats(-8, 8).filter(lambda r: min(abs(r), abs(abs(r) - 1), abs(abs(r) - 0.25)) > 1e-3)
    )
    def test_slopes_are_slopes(self, name, options, residual):
        entry = RESIDUAL_LOSSES[name]
        numeric = finite_difference(lambda r: float(entry.loss(r, **dict(options))), residual)
        assert entry.slope(residual, **dict(options)) == pytest.approx(numeric, rel=1e-7, abs=1e-7)

    @pytest.mark.parametrize("delta", [0.0, -1.0, INF, math.nan])
    def test_bad_delta(self, delta):
        for function in (RESIDUAL_LOSSES["huber"].loss, RESIDUAL_LOSSES["huber"].slope):
            with pytest.raises(ValueError, match="delta must be positive and finite"):
                function(1.0, delta=delta)

    @pytest.mark.parametrize("tau", [0.0, 1.0, -1.0, math.nan])
    def test_bad_tau(self, tau):
        for function in (RESIDUAL_LOSSES["quantile"].loss, RESIDUAL_LOSSES["quantile"].slope):
            with pytest.raises(ValueError, match="tau must be between 0 and 1"):
                function(1.0, tau=tau)

    @pytest.mark.parametrize("name", RESIDUAL_LOSSES)
    def test_shapes_and_bad_input(self, name):
        for function in (RESIDUAL_LOSSES[name].loss, RESIDUAL_LOSSES[name].slope):
            assert isinstance(function(0.5), float)
            assert function(np.zeros((2, 3))).shape == (2, 3)
            with pytest.raises(ValueError, match="residual must not contain nan"):
                function([0.0, math.nan])
            with pytest.raises(ValueError, match="residual must not be empty"):
                function([])


class TestNoiseModels:
    PARAMETERS = ((1.0, 0.5), (0.3, 0.9), (4.0, 0.2), (0.05, 0.02))

    @staticmethod
    def integral(name: str, scale: float, delta: float, tau: float) -> float:
        """The area under exp(-loss(r / scale)), each side of every kink by itself."""

        def density(r: float) -> float:
            return math.exp(-RESIDUAL_LOSSES[name].loss(r / scale, delta=delta, tau=tau))

        edges = [-INF, -delta * scale, 0.0, delta * scale, INF]
        return math.fsum(
            quad(density, low, high, epsabs=0.0, epsrel=1e-11)[0] for low, high in pairwise(edges)
        )

    @pytest.mark.parametrize("name", RESIDUAL_LOSSES)
    @pytest.mark.parametrize(("delta", "tau"), PARAMETERS)
    def test_normalizer_is_the_log_of_the_integral(self, name: str, delta: float, tau: float) -> None:
        area = self.integral(name, 1.0, delta, tau)
        assert log_normalizer(name, delta, tau) == pytest.approx(math.log(area), rel=1e-9, abs=1e-9)

    @pytest.mark.parametrize("name", RESIDUAL_LOSSES)
    @pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
    def test_densities_have_the_area_one(self, name: str, scale: float) -> None:
        edges = [-INF, -0.3 * scale, 0.0, 0.3 * scale, INF]
        area = math.fsum(
            quad(lambda r: math.exp(-noise_nll(name, r, scale, 0.3, 0.9)), low, high, epsabs=1e-12)[0]
            for low, high in pairwise(edges)
        )
        assert area == approx(1.0, 1e-9)

    @pytest.mark.parametrize("name", RESIDUAL_LOSSES)
    def test_shape_and_difference_are_those_of_the_loss(self, name: str) -> None:
        r = np.array([[-2.0, 0.0, 0.5], [1.0, 3.0, 9.0]])
        made = noise_nll(name, r, 2.0, 0.7, 0.2)
        loss = RESIDUAL_LOSSES[name].loss(r / 2.0, delta=0.7, tau=0.2)
        assert made.shape == r.shape
        np.testing.assert_allclose(made - made[0, 1], loss - loss[0, 1], rtol=1e-12)

    def test_an_infinite_residual_costs_infinitely_much(self) -> None:
        assert noise_nll("squared", INF) == INF

    @pytest.mark.parametrize("name", RESIDUAL_LOSSES)
    def test_a_loss_looks_at_its_own_parameter_only(self, name: str) -> None:
        loss = RESIDUAL_LOSSES[name].loss
        plain = loss(3.0)
        assert (loss(3.0, delta=2.0) != plain, loss(3.0, tau=0.3) != plain) == (
            name == "huber",
            name == "quantile",
        )
        if name not in ("huber", "quantile"):
            assert loss(3.0, delta=-1.0, tau=7.0) == plain

    @pytest.mark.parametrize(
        ("name", "options", "sentence"),
        [
            ("hinge", {}, "name must be one of squared"),
            ("huber", {"delta": 0.0}, "delta must be positive"),
            ("huber", {"delta": INF}, "delta must be positive"),
            ("quantile", {"tau": 1.0}, "tau"),
        ],
    )
    def test_bad_input(self, name: str, options: dict[str, float], sentence: str) -> None:
        with pytest.raises(ValueError, match=sentence):
            log_normalizer(name, **options)
        with pytest.raises(ValueError, match=sentence):
            noise_nll(name, 1.0, **options)

    def test_bad_scales_and_residuals(self) -> None:
        with pytest.raises(ValueError, match="scale must be positive"):
            noise_nll("squared", 1.0, 0.0)
        with pytest.raises(ValueError, match="residual must not contain nan"):
            noise_nll("squared", [1.0, math.nan])


class TestFitConstant:
    POINTS = (1.0, 4.0, 5.0, 6.0, 9.0)

    def test_symmetric_points(self):
        assert [fit_constant(self.POINTS, loss) for loss in ("squared", "absolute", "huber")] == [
            5.0,
            5.0,
            5.0,
        ]

    def test_one_outlier(self):
        points = [1, 4, 5, 6, 90]
        assert fit_constant(points) == approx(21.2, EXACT)
        assert fit_constant(points, "absolute") == 5
        # 1 and 90 pull with delta, 4, 5 and 6 with their distance: 15 - 3 c = 0.
        assert fit_constant(points, "huber", delta=2.0) == approx(5.0, EXACT)
        # Only 90 is beyond delta: 16 - 4 c + 30 = 0.
        assert fit_constant(points, "huber", delta=30.0) == approx(11.5, EXACT)

    def test_an_interval_gives_its_middle(self):
        assert fit_constant([1.0, 2.0, 4.0, 100.0], "absolute") == 3.0
        assert fit_constant([0.0, 10.0], "huber", delta=1.0) == 5.0
        assert fit_constant([0.1, 0.3, 1e6 + 0.1, 1e6 + 0.3], "huber", delta=0.7) == approx(500000.2, 1e-9)

    def test_huber_lies_between_median_and_mean_at_the_ends(self):
        points = [3.0, 1.0, 4.0, 1.5, 90.0]
        assert fit_constant(points, "huber", delta=1e-12) == approx(fit_constant(points, "absolute"), 1e-11)
        for delta in (1e3, 1e308):
            assert fit_constant(points, "huber", delta=delta) == approx(fit_constant(points), EXACT)
        for delta in (5e-324, 1e-100, 1e-20):  # far below the spacing of the floats
            assert fit_constant(points, "huber", delta=delta) == 3.0
        assert fit_constant([1.0, 2.0, 4.0, 9.0], "huber", delta=5e-324) == 3.0

    @pytest.mark.parametrize("loss", ["squared", "absolute", "huber"])
    def test_extreme_data(self, loss):
        assert fit_constant([1.7e308, 1.7e308], loss) == approx(1.7e308, EXACT)
        assert fit_constant([1.7e308, 1.5e308, 1.6e308], loss, delta=1e307) == approx(1.6e308, EXACT)
        assert fit_constant([-1.7e308, 0.0, 1.7e308], loss, delta=1e300) == 0.0
        assert fit_constant([5e-324, 5e-324, 5e-324], loss) == 5e-324
        assert fit_constant([7.0], loss) == 7.0
        assert fit_constant([1e15, 1e15 + 1, 1e15 + 2], loss, delta=10.0) == 1e15 + 1

    def test_the_mean_is_not_lost_between_large_numbers(self):
        assert fit_constant([1e16, 1.0, -1e16]) == approx(1 / 3, EXACT)

    @repeatable
    @given(
        st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=12),
        st.floats(1e-3, 1e4),
        st.sampled_from(["squared", "absolute", "huber"]),
    )
    def test_no_other_constant_is_better(self, points, delta, loss):
        options = {"delta": delta} if loss == "huber" else {}
        best = fit_constant(points, loss, delta=delta)
        values = np.array(points)

        def total(c: float) -> float:
            return math.fsum(RESIDUAL_LOSSES[loss].loss(values - c, **options))

        spacing = 1e-9 * (1 + abs(best))
        for other in (*points, best - 1, best + 1, best - 1e-3, best + 1e-3):
            assert total(best) <= total(other) + spacing * delta

    @repeatable
    @given(st.lists(st.floats(-10, 10), min_size=1, max_size=9), st.floats(0.01, 10), st.floats(-100, 100))
    def test_huber_moves_with_the_data(self, points, delta, shift):
        values = np.round(points, 2)
        here = fit_constant(values, "huber", delta=delta)
        assert fit_constant(-values, "huber", delta=delta) == pytest.approx(-here, abs=1e-9)
        assert fit_constant(values + shift, "huber", delta=delta) == pytest.approx(here + shift, abs=1e-9)

    @pytest.mark.parametrize(
        ("arguments", "options", "message"),
        [
            (([],), {}, "values must not be empty"),
            (([[1.0, 2.0]],), {}, r"values must have one axis, not shape \(1, 2\)"),
            (([1.0, INF],), {}, "values must be finite"),
            (([1.0, math.nan],), {}, "values must not contain nan"),
            (([1.0], "log_cosh"), {}, "loss must be one of squared, absolute, huber, not 'log_cosh'"),
            (([1.0], "huber"), {"delta": 0.0}, "delta must be positive and finite"),
        ],
    )
    def test_bad_input(self, arguments, options, message):
        with pytest.raises(ValueError, match=message):
            fit_constant(*arguments, **options)
