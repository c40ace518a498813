"""Four output layers fitted by NLL: data, features, closed forms, and what a trail of a fit promises."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import losses, sigmoid
from core import regression as reg
from core.gaussian import log_density
from core.losses import poisson_nll_loss
from core.regression import (
    Dataset,
    decision_regions,
    fit_linear,
    fit_logistic,
    fit_poisson,
    fit_softmax,
    gaussian_nll,
    make_counts,
    make_regression_data,
    make_three_classes,
    make_two_classes,
    polynomial_features,
    predict_linear,
    predict_logistic,
    predict_poisson,
    profile_gaussian_nll,
)
from core.softmax import softmax
from tests.close import repeatable

FIVE = np.array([1.0, 4.0, 5.0, 6.0, 9.0])
HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


MAKERS = [make_regression_data, make_two_classes, make_three_classes]


def assert_whole(fit, steps):
    """What every trail promises: finite, read-only, as long as it says."""
    rows = len(fit.values)
    assert 1 <= rows <= steps + 1
    for field in dataclasses.fields(fit):
        array = getattr(fit, field.name)
        if isinstance(array, np.ndarray):
            assert len(array) == rows
            assert np.isfinite(array).all()
            assert not array.flags.writeable
    if fit.status == "running":
        assert rows == steps + 1
    assert fit.diverged_at == (rows if fit.status == "diverged" else None)


def finite_difference(fit_at, point, h=1e-6):
    """Central differences of the objective, from fits of no step that start elsewhere."""
    slopes = []
    for shift in np.eye(len(point)) * h:
        slopes.append((fit_at(point + shift) - fit_at(point - shift)) / (2.0 * h))
    return np.array(slopes)


def class_probs(weights, x):
    """Return what linear logits make of inputs, one row of probabilities an input."""
    return softmax(np.column_stack((np.ones(len(x)), x)) @ np.transpose(weights))


class TestDataset:
    def test_copies_and_locks(self):
        x = np.array([0.0, 1.0])
        data = Dataset(x=x, y=[1, 2], x_held_out=[3], y_held_out=[4])
        x[0] = 9.0
        assert data.x.tolist() == [0.0, 1.0]
        assert data.y.dtype == np.float64
        with pytest.raises(ValueError, match="read-only"):
            data.y[0] = 5.0

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"x": []}, "x"),
            ({"x": [math.nan, 1.0]}, "x"),
            ({"x": [math.inf, 1.0]}, "x"),
            ({"x": 1.0}, "x"),
            ({"x": np.zeros((2, 1, 1))}, "x"),
            ({"y": [1.0]}, "y"),
            ({"y": [[1.0], [2.0]]}, "y"),
            ({"y_held_out": [1.0, 2.0]}, "y_held_out"),
            ({"x_held_out": [[1.0, 2.0]], "y_held_out": [1.0]}, "x_held_out"),
        ],
    )
    def test_refuses(self, change, named):
        arguments = {"x": [0.0, 1.0], "y": [1.0, 2.0], "x_held_out": [3.0], "y_held_out": [4.0]} | change
        with pytest.raises(ValueError, match=rf"^{named} must"):
            Dataset(**arguments)


class TestMakers:
    @pytest.mark.parametrize("make", MAKERS)
    def test_the_seed_decides(self, make):
        one, same, other = make(30, 0.5, seed=3), make(30, 0.5, seed=3), make(30, 0.5, seed=4)
        np.testing.assert_array_equal(one.x, same.x)
        np.testing.assert_array_equal(one.y, same.y)
        np.testing.assert_array_equal(one.x_held_out, same.x_held_out)
        assert (one.x != other.x).all()

    @pytest.mark.parametrize("make", MAKERS)
    def test_more_points_keep_those_that_were_there(self, make):
        few, many = make(10, 0.5, seed=1), make(50, 0.5, seed=1)
        np.testing.assert_array_equal(many.x[:10], few.x)
        np.testing.assert_array_equal(many.y[:10], few.y)
        np.testing.assert_array_equal(many.x_held_out, few.x_held_out)

    @pytest.mark.parametrize("make", MAKERS)
    def test_no_point_is_both_seen_and_held_out(self, make):
        data = make(60, 0.5, seed=0, held_out=70)
        assert len(data.x_held_out) == len(data.y_held_out) == 70
        assert not np.isin(data.x, data.x_held_out).any()

    @pytest.mark.parametrize("make", MAKERS)
    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"n": 0}, "n"),
            ({"n": 2.5}, "n"),
            ({"noise": -0.1}, "noise"),
            ({"noise": math.nan}, "noise"),
            ({"seed": -1}, "seed"),
            ({"held_out": 0}, "held_out"),
        ],
    )
    def test_refuses(self, make, change, named):
        arguments = {"n": 9, "noise": 0.5, "seed": 0} | change
        with pytest.raises(ValueError, match=rf"^{named} must"):
            make(**arguments)


class TestMakeRegressionData:
    def test_without_noise_the_points_lie_on_the_sine(self):
        data = make_regression_data(40, 0.0, seed=5)
        np.testing.assert_array_equal(data.y, np.sin(np.pi * data.x))
        assert (np.abs(data.x) <= 1.0).all()

    def test_noise_moves_each_point_straight(self):
        clean, some, more = (make_regression_data(40, noise, seed=5) for noise in (0.0, 0.2, 0.4))
        np.testing.assert_array_equal(some.x, more.x)
        np.testing.assert_allclose(more.y - clean.y, 2.0 * (some.y - clean.y), rtol=1e-9)

    def test_the_noise_has_the_size_it_says(self):
        data = make_regression_data(20_000, 0.3, seed=0)
        residuals = data.y - np.sin(np.pi * data.x)
        # Five standard errors of a mean and of a standard deviation.
        assert abs(residuals.mean()) < 5 * 0.3 / math.sqrt(20_000)
        assert abs(residuals.std() - 0.3) < 5 * 0.3 / math.sqrt(40_000)


class TestMakeCounts:
    def test_counts_are_whole_and_more_points_keep_those_that_were_there(self):
        few, many = make_counts(10, seed=1), make_counts(50, seed=1)
        np.testing.assert_array_equal(many.y[:10], few.y)
        np.testing.assert_array_equal(many.x_held_out, few.x_held_out)
        assert (many.y == np.round(many.y)).all()
        assert many.y.min() >= 0.0
        assert not np.isin(many.x, many.x_held_out).any()

    def test_mean_and_variance_are_those_of_a_poisson_distribution(self):
        data = make_counts(40_000, seed=0)
        means = np.exp(reg.COUNT_INTERCEPT + reg.COUNT_SLOPE * data.x)
        assert np.mean(data.y - means) == pytest.approx(0.0, abs=0.05)
        assert np.mean((data.y - means) ** 2 / means) == pytest.approx(1.0, abs=0.03)

    @pytest.mark.parametrize(("change", "named"), [({"n": 0}, "n"), ({"seed": -1}, "seed")])
    def test_refuses(self, change, named):
        with pytest.raises(ValueError, match=rf"^{named} must"):
            make_counts(**{"n": 9, "seed": 0} | change)


class TestMakeTwoClasses:
    def test_centres_and_turns(self):
        data = make_two_classes(6, 0.0, seed=0)
        assert data.y.tolist() == [0.0, 1.0] * 3
        assert data.x.tolist() == [-1.0, 1.0] * 3

    def test_one_point_cannot_have_both_classes(self):
        with pytest.raises(ValueError, match=r"^n must"):
            make_two_classes(1, 0.5, seed=0)

    def test_the_best_slope_is_two_over_the_variance(self):
        data = make_two_classes(4000, 1.0, seed=0)
        fit = fit_logistic(data, learning_rate=2.0, steps=300)
        # Standard errors at this size: about 0.04 for the intercept, 0.06 for the slope.
        np.testing.assert_allclose(fit.weights[-1], [0.0, 2.0], atol=0.25)


class TestMakeThreeClasses:
    def test_centres_and_turns(self):
        data = make_three_classes(6, 0.0, seed=0)
        assert data.y.tolist() == [0.0, 1.0, 2.0] * 2
        corner = 1.5 * math.sqrt(0.75)
        np.testing.assert_allclose(data.x[:3], [[0.0, 1.5], [-corner, -0.75], [corner, -0.75]], atol=1e-15)

    def test_two_points_cannot_have_three_classes(self):
        with pytest.raises(ValueError, match=r"^n must"):
            make_three_classes(2, 0.5, seed=0)


class TestPolynomialFeatures:
    def test_the_first_few_by_their_formulas(self):
        x = np.linspace(-1.0, 1.0, 21)
        expected = [
            np.ones_like(x),
            math.sqrt(3) * x,
            math.sqrt(5) * (3 * x**2 - 1) / 2,
            math.sqrt(7) * (5 * x**3 - 3 * x) / 2,
        ]
        np.testing.assert_allclose(polynomial_features(x, 3), np.transpose(expected), atol=1e-14)

    def test_they_are_orthonormal_over_the_interval(self):
        # Gauss-Legendre with 13 nodes is exact up to degree 25; half of it is the mean over [-1, 1].
        nodes, weights = np.polynomial.legendre.leggauss(13)
        features = polynomial_features(nodes, 12)
        np.testing.assert_allclose(features.T @ (features * weights[:, None]) / 2.0, np.eye(13), atol=1e-13)

    def test_degree_zero_is_the_intercept_alone(self):
        assert polynomial_features([0.3, -0.2], 0).tolist() == [[1.0], [1.0]]

    @pytest.mark.parametrize(
        ("x", "degree", "named"),
        [
            ([], 1, "x"),
            ([math.nan], 1, "x"),
            ([[0.0]], 1, "x"),
            ([1e200], 2, "x"),
            ([0.0], -1, "degree"),
            ([0.0], 13, "degree"),
            ([0.0], 1.5, "degree"),
        ],
    )
    def test_refuses(self, x, degree, named):
        with pytest.raises(ValueError, match=rf"^{named} must"):
            polynomial_features(x, degree)


class TestGaussianNll:
    @pytest.mark.parametrize(
        ("mu", "mse", "one", "two", "mle"),
        [
            (3, 10.8, 6.31894, 2.96209, 2.67152),
            (4, 7.8, 4.81894, 2.58709, 2.45093),
            (5, 6.8, 4.31894, 2.46209, 2.3774),
            (6, 7.8, 4.81894, 2.58709, 2.45093),
            (7, 10.8, 6.31894, 2.96209, 2.67152),
        ],
    )
    def test_five_points_and_a_constant(self, mu, mse, one, two, mle):
        assert np.mean((FIVE - mu) ** 2) == pytest.approx(mse, rel=1e-12)
        for sigma, expected in ((1.0, one), (2.0, two), (math.sqrt(6.8), mle)):
            assert gaussian_nll(FIVE, mu, sigma) == pytest.approx(expected, rel=1e-5)

    @pytest.mark.parametrize(
        ("sigma", "constant"), [(1.0, 0.918939), (2.0, 1.61209), (math.sqrt(6.8), 1.8774)]
    )
    def test_without_residuals_the_constant_is_left(self, sigma, constant):
        assert gaussian_nll(FIVE, FIVE, sigma) == pytest.approx(constant, rel=1e-5)

    @repeatable
    @given(st.floats(0.1, 10), st.lists(st.floats(-50, 50), min_size=1, max_size=8))
    def test_is_minus_the_mean_log_density(self, sigma, targets):
        expected = -np.mean(log_density(np.array(targets), 1.5, sigma))
        assert gaussian_nll(targets, 1.5, sigma) == pytest.approx(float(expected), rel=1e-12)

    def test_a_density_above_one_makes_it_negative(self):
        assert gaussian_nll([0.0], [0.0], 0.1) < 0.0

    def test_tiny_sigma_neither_underflows_nor_warns(self):
        assert gaussian_nll([1e-200], [0.0], 1e-200) == pytest.approx(
            0.5 + math.log(1e-200) + HALF_LOG_2PI, rel=1e-14
        )
        assert gaussian_nll([1.0], [0.0], 1e-200) == math.inf

    @pytest.mark.parametrize(
        ("arguments", "named"),
        [
            (([1.0], [1.0], 0.0), "sigma"),
            (([], [1.0], 1.0), "targets"),
            (([1.0], [math.inf], 1.0), "predictions"),
        ],
    )
    def test_refuses(self, arguments, named):
        with pytest.raises(ValueError, match=rf"^{named} must"):
            gaussian_nll(*arguments)


class TestProfileGaussianNll:
    @pytest.mark.parametrize(
        ("mu", "expected"), [(3, 2.60871), (4, 2.446), (5, 2.3774), (6, 2.446), (7, 2.60871)]
    )
    def test_five_points_and_a_constant(self, mu, expected):
        assert profile_gaussian_nll(FIVE, mu) == pytest.approx(expected, rel=1e-5)

    @repeatable
    @given(
        st.lists(st.floats(-50, 50), min_size=1, max_size=8).filter(lambda x: max(map(abs, x)) > 1e-3),
        st.floats(0.3, 3),
    )
    def test_no_sigma_does_better(self, targets, factor):
        best = math.sqrt(np.mean(np.square(targets)))
        profile = profile_gaussian_nll(targets, 0.0)
        assert profile == pytest.approx(gaussian_nll(targets, 0.0, best), rel=1e-12, abs=1e-14)
        assert gaussian_nll(targets, 0.0, factor * best) >= profile - 1e-14

    @pytest.mark.parametrize("scale", [1e-300, 1e300])
    def test_squares_that_leave_the_floats(self, scale):
        assert profile_gaussian_nll([scale, scale], 0.0) == pytest.approx(
            math.log(scale) + HALF_LOG_2PI + 0.5, rel=1e-14
        )

    def test_exact_predictions_have_no_floor(self):
        assert profile_gaussian_nll([1.0, 2.0], [1.0, 2.0]) == -math.inf

    def test_refuses_nan(self):
        with pytest.raises(ValueError, match=r"^targets must"):
            profile_gaussian_nll([math.nan], [0.0])


class TestFitLinear:
    @pytest.mark.parametrize(("mu", "mse_slope"), [(3, -4), (4, -2), (5, 0), (6, 2), (7, 4)])
    @pytest.mark.parametrize("sigma", [1.0, 2.0])
    def test_the_slope_at_a_constant_is_that_of_the_mse_over_twice_the_variance(self, mu, mse_slope, sigma):
        # The constant is moved into the targets: the fit starts at 0.
        data = Dataset(x=np.zeros(5), y=FIVE - mu, x_held_out=[0.0], y_held_out=[0.0])
        fit = fit_linear(data, degree=0, sigma=sigma, learning_rate=0.1, steps=0)
        assert fit.gradients[0, 0] == pytest.approx(mse_slope / (2.0 * sigma**2), rel=1e-12, abs=1e-15)
        assert fit.nll[0] == pytest.approx(gaussian_nll(FIVE, mu, sigma), rel=1e-12)

    @pytest.mark.parametrize("degree", [0, 1, 3, 5])
    @pytest.mark.parametrize("weight_decay", [0.0, 0.3])
    @pytest.mark.parametrize("sigma", [0.5, 1.0])
    def test_ends_at_the_closed_form(self, degree, weight_decay, sigma):
        data = make_regression_data(30, 0.3, seed=2)
        fit = fit_linear(
            data,
            degree=degree,
            sigma=sigma,
            learning_rate=0.5 * sigma**2,
            steps=2000,
            weight_decay=weight_decay,
        )
        assert_whole(fit, 2000)
        assert fit.status == "converged"
        # Ridge regression in closed form; the intercept is not shrunk.
        features = polynomial_features(data.x, degree)
        ridge = weight_decay * 30 * sigma**2 * np.diag([0.0] + [1.0] * degree)
        expected = np.linalg.solve(features.T @ features + ridge, features.T @ data.y)
        np.testing.assert_allclose(fit.weights[-1], expected, atol=1e-8)
        assert (fit.sigmas == sigma).all()

    @repeatable
    @given(
        st.integers(0, 12),
        st.floats(0.2, 3),
        st.booleans(),
        st.floats(0, 2),
        st.integers(0, 100),
    )
    def test_the_rows_are_what_they_say(self, degree, sigma, learn_sigma, weight_decay, seed):
        data = make_regression_data(15, 0.3, seed=seed)
        fit = fit_linear(
            data,
            degree=degree,
            sigma=sigma,
            learn_sigma=learn_sigma,
            learning_rate=0.01,
            steps=12,
            weight_decay=weight_decay,
        )
        assert_whole(fit, 12)
        np.testing.assert_allclose(fit.points[1:], fit.points[:-1] - 0.01 * fit.gradients[:-1], rtol=1e-15)
        assert fit.weights.shape == (len(fit.values), degree + 1)
        assert fit.points.shape[1] == degree + 1 + learn_sigma
        for row in (0, -1):
            predicted = predict_linear(fit.weights[row], data.x)
            held_out = predict_linear(fit.weights[row], data.x_held_out)
            scale = fit.sigmas[row]
            assert fit.nll[row] == pytest.approx(gaussian_nll(data.y, predicted, scale), rel=1e-12)
            assert fit.held_out_nll[row] == pytest.approx(
                gaussian_nll(data.y_held_out, held_out, scale), rel=1e-12
            )
            assert fit.mse[row] == pytest.approx(np.mean((predicted - data.y) ** 2), rel=1e-12)
            assert fit.held_out_mse[row] == pytest.approx(
                np.mean((held_out - data.y_held_out) ** 2), rel=1e-12
            )
            penalty = 0.5 * weight_decay * np.sum(fit.weights[row, 1:] ** 2)
            assert fit.values[row] == pytest.approx(fit.nll[row] + penalty, rel=1e-12)

    @pytest.mark.parametrize("learn_sigma", [False, True])
    def test_the_gradient_is_the_slope_of_the_objective(self, learn_sigma):
        data = make_regression_data(15, 0.3, seed=7)
        fit = fit_linear(
            data,
            degree=4,
            sigma=0.8,
            learn_sigma=learn_sigma,
            learning_rate=0.02,
            steps=9,
            weight_decay=0.4,
        )

        def objective(point):
            scale = math.exp(point[5]) if learn_sigma else 0.8
            penalty = 0.2 * np.sum(point[1:5] ** 2)
            return gaussian_nll(data.y, predict_linear(point[:5], data.x), scale) + penalty

        for row in (0, 4, 9):
            np.testing.assert_allclose(
                fit.gradients[row], finite_difference(objective, fit.points[row]), rtol=1e-6, atol=1e-8
            )

    def test_a_fixed_sigma_makes_nll_and_mse_agree_and_a_learned_one_parts_them(self):
        data = make_regression_data(20, 0.3, seed=0)
        fixed = fit_linear(data, degree=3, sigma=0.7, learning_rate=0.1, steps=200)
        np.testing.assert_allclose(
            fixed.nll, fixed.mse / (2 * 0.49) + math.log(0.7) + HALF_LOG_2PI, rtol=1e-12
        )
        learned = fit_linear(data, degree=3, sigma=1.0, learn_sigma=True, learning_rate=0.02, steps=2000)
        assert learned.status == "converged"
        assert learned.sigmas[-1] == pytest.approx(math.sqrt(learned.mse[-1]), rel=1e-8)
        profile = profile_gaussian_nll(data.y, predict_linear(learned.weights[-1], data.x))
        assert learned.nll[-1] == pytest.approx(profile, rel=1e-10)
        assert learned.nll[-1] == pytest.approx(0.5 * math.log(2 * math.pi * learned.mse[-1]) + 0.5, rel=1e-9)
        ratio = np.diff(learned.nll[:50]) / np.diff(learned.mse[:50])
        assert ratio.max() - ratio.min() > 0.1

    @pytest.mark.parametrize("seed", range(4))
    @pytest.mark.parametrize("learn_sigma", [False, True])
    def test_a_high_degree_overfits(self, seed, learn_sigma):
        data = make_regression_data(20, 0.3, seed=seed)
        plain, wild = (
            fit_linear(
                data,
                degree=degree,
                sigma=1.0 if learn_sigma else 0.3,
                learn_sigma=learn_sigma,
                learning_rate=0.005,
                steps=1000,
            )
            for degree in (3, 12)
        )
        assert wild.nll[-1] < plain.nll[-1] - 0.15
        assert wild.held_out_nll[-1] > plain.held_out_nll[-1] + 0.1
        # The straight line is too stiff: it is worse on both.
        stiff = fit_linear(data, degree=1, sigma=0.3, learning_rate=0.005, steps=1000)
        bent = fit_linear(data, degree=3, sigma=0.3, learning_rate=0.005, steps=1000)
        assert stiff.nll[-1] > bent.nll[-1] + 0.5
        assert stiff.held_out_nll[-1] > bent.held_out_nll[-1] + 0.5

    def test_held_out_nll_falls_and_rises_again_in_one_overfitting_run(self):
        data = make_regression_data(20, 0.3, seed=2)
        fit = fit_linear(data, degree=12, sigma=0.3, learning_rate=0.02, steps=1000)
        best = int(fit.held_out_nll.argmin())
        assert 0 < best < 500
        assert fit.held_out_nll[-1] > fit.held_out_nll[best] + 1.0
        assert (np.diff(fit.nll) < 0.0).all()

    def test_weight_decay_calms_a_high_degree(self):
        data = make_regression_data(20, 0.3, seed=2)
        wild, calm = (
            fit_linear(data, degree=12, sigma=0.3, learning_rate=0.01, steps=2000, weight_decay=decay)
            for decay in (0.0, 0.3)
        )
        assert calm.nll[-1] > wild.nll[-1]
        assert calm.held_out_nll[-1] < wild.held_out_nll[-1] - 0.5
        assert np.sum(calm.weights[-1] ** 2) < np.sum(wild.weights[-1] ** 2)

    @pytest.mark.parametrize("degree", [3, 9, 12])
    def test_too_large_a_rate_is_divergence(self, degree):
        data = make_regression_data(20, 0.3, seed=0)
        fit = fit_linear(data, degree=degree, sigma=0.3, learning_rate=0.3, steps=100)
        assert_whole(fit, 100)
        assert fit.status == "diverged"
        assert fit.steps < 20

    def test_a_learned_sigma_that_overflows_is_divergence(self):
        data = Dataset(x=[0.0], y=[100.0], x_held_out=[0.0], y_held_out=[0.0])
        fit = fit_linear(data, degree=0, sigma=1.0, learn_sigma=True, learning_rate=1.0, steps=10)
        assert_whole(fit, 10)
        assert (fit.status, fit.diverged_at) == ("diverged", 1)

    def test_many_points_are_taken_block_by_block(self, monkeypatch):
        data = make_regression_data(20, 0.3, seed=0)
        whole = fit_linear(data, learning_rate=0.1, steps=30)
        monkeypatch.setattr(reg, "_BLOCK", 100)
        parts = fit_linear(data, learning_rate=0.1, steps=30)
        np.testing.assert_allclose(parts.held_out_nll, whole.held_out_nll, rtol=1e-14)
        np.testing.assert_allclose(parts.mse, whole.mse, rtol=1e-14)

    def test_held_out_points_beyond_the_floats_are_refused(self):
        data = Dataset(x=[0.0, 1.0], y=[0.0, 1.0], x_held_out=[0.0], y_held_out=[1e200])
        with pytest.raises(ValueError, match=r"^data must"):
            fit_linear(data, degree=1, learning_rate=0.1, steps=3)

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"degree": 13}, "degree"),
            ({"sigma": 0.0}, "sigma"),
            ({"sigma": 1e-200}, "start"),
            ({"learning_rate": 0.0}, "learning_rate"),
            ({"steps": -1}, "steps"),
            ({"weight_decay": -1.0}, "weight_decay"),
            ({"tolerance": -1.0}, "tolerance"),
            ({"data": make_three_classes(9, 0.5, seed=0)}, "x"),
        ],
    )
    def test_refuses(self, change, named):
        arguments = {
            "data": make_regression_data(10, 0.3, seed=0),
            "learning_rate": 0.1,
            "steps": 3,
        } | change
        with pytest.raises(ValueError, match=rf"^{named} must"):
            fit_linear(**arguments)


class TestFitLogistic:
    @repeatable
    @given(st.integers(0, 200), st.floats(0.3, 3), st.floats(0, 1), st.floats(0.05, 1.5))
    def test_the_rows_are_what_they_say(self, seed, noise, weight_decay, rate):
        data = make_two_classes(20, noise, seed=seed)
        fit = fit_logistic(data, learning_rate=rate, steps=15, weight_decay=weight_decay)
        assert_whole(fit, 15)
        np.testing.assert_allclose(fit.points[1:], fit.points[:-1] - rate * fit.gradients[:-1], rtol=1e-15)
        logits = fit.weights[:, :1] + fit.weights[:, 1:] * data.x
        each = sigmoid.sigmoid_cross_entropy(logits, np.broadcast_to(data.y, logits.shape))
        np.testing.assert_allclose(fit.nll, each.mean(axis=1), rtol=1e-12)
        held_out = fit.weights[:, :1] + fit.weights[:, 1:] * data.x_held_out
        each = sigmoid.sigmoid_cross_entropy(held_out, np.broadcast_to(data.y_held_out, held_out.shape))
        np.testing.assert_allclose(fit.held_out_nll, each.mean(axis=1), rtol=1e-12)
        penalty = 0.5 * weight_decay * fit.weights[:, 1] ** 2
        np.testing.assert_allclose(fit.values, fit.nll + penalty, rtol=1e-12)
        assert fit.nll[0] == pytest.approx(math.log(2.0), rel=1e-14)

    def test_the_gradient_is_the_slope_of_the_objective(self):
        data = make_two_classes(20, 1.0, seed=3)
        fit = fit_logistic(data, learning_rate=0.5, steps=8, weight_decay=0.2)

        def objective(weights):
            probs = predict_logistic(weights, data.x)
            right = np.where(data.y == 1.0, probs, 1.0 - probs)
            return -np.mean(np.log(right)) + 0.1 * weights[1] ** 2

        for row in (0, 8):
            np.testing.assert_allclose(
                fit.gradients[row], finite_difference(objective, fit.weights[row]), rtol=1e-6, atol=1e-8
            )

    def test_on_separable_classes_it_never_arrives(self):
        data = make_two_classes(20, 0.1, seed=0)
        fit = fit_logistic(data, learning_rate=5.0, steps=300)
        assert fit.status == "running"
        assert (np.diff(fit.weights[:, 1]) > 0.0).all()
        assert fit.nll[-1] < 1e-3
        held = fit_logistic(data, learning_rate=5.0, steps=300, weight_decay=0.05)
        assert held.status == "converged"

    def test_too_large_a_weight_decay_step_is_divergence(self):
        data = make_two_classes(20, 1.0, seed=0)
        fit = fit_logistic(data, learning_rate=1.0, steps=200, weight_decay=5.0)
        assert_whole(fit, 200)
        assert fit.status == "diverged"

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"data": make_three_classes(9, 0.5, seed=0)}, r"data\.x"),
            ({"data": make_regression_data(9, 0.5, seed=0)}, r"data\.y"),
            ({"data": Dataset(x=[0.0], y=[0.0], x_held_out=[0.0], y_held_out=[2.0])}, r"data\.y_held_out"),
            ({"weight_decay": math.inf}, "weight_decay"),
            ({"learning_rate": -1.0}, "learning_rate"),
        ],
    )
    def test_refuses(self, change, named):
        arguments = {"data": make_two_classes(10, 0.5, seed=0), "learning_rate": 0.1, "steps": 3} | change
        with pytest.raises(ValueError, match=rf"^{named} must"):
            fit_logistic(**arguments)


class TestFitPoisson:
    @repeatable
    @given(st.integers(0, 200), st.floats(0, 1), st.floats(0.001, 0.05))
    def test_the_rows_are_what_they_say(self, seed, weight_decay, rate):
        data = make_counts(20, seed=seed)
        fit = fit_poisson(data, learning_rate=rate, steps=15, weight_decay=weight_decay)
        assert_whole(fit, 15)
        np.testing.assert_allclose(fit.points[1:], fit.points[:-1] - rate * fit.gradients[:-1], rtol=1e-15)
        for nll, x, y in ((fit.nll, data.x, data.y), (fit.held_out_nll, data.x_held_out, data.y_held_out)):
            outputs = fit.weights[:, :1] + fit.weights[:, 1:] * x
            np.testing.assert_allclose(
                nll, poisson_nll_loss(outputs, y, full=True, reduction="none").mean(axis=1), rtol=1e-12
            )
        np.testing.assert_allclose(
            fit.values, fit.nll + 0.5 * weight_decay * fit.weights[:, 1] ** 2, rtol=1e-12
        )

    def test_the_gradient_is_the_slope_of_the_objective(self):
        data = make_counts(20, seed=3)
        fit = fit_poisson(data, learning_rate=0.05, steps=8, weight_decay=0.2)

        def objective(weights):
            cost = poisson_nll_loss(weights[0] + weights[1] * data.x, data.y)
            return cost + 0.1 * weights[1] ** 2

        for row in (0, 8):
            np.testing.assert_allclose(
                fit.gradients[row], finite_difference(objective, fit.weights[row]), rtol=1e-6, atol=1e-7
            )

    def test_prediction_minus_truth_is_0_in_the_mean_at_the_end(self):
        data = make_counts(40, seed=3)
        fit = fit_poisson(data, learning_rate=0.1, steps=2000)
        assert fit.status == "converged"
        left = predict_poisson(fit.weights[-1], data.x) - data.y
        assert np.mean(left) == pytest.approx(0.0, abs=1e-9)
        assert np.mean(left * data.x) == pytest.approx(0.0, abs=1e-9)

    @pytest.mark.parametrize("rate", [0.7, 3.0, 70.0])
    def test_too_large_a_rate_ends_without_a_warning(self, rate):
        fit = fit_poisson(make_counts(5, seed=0), learning_rate=rate, steps=400)
        assert_whole(fit, 400)

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"data": make_three_classes(9, 0.5, seed=0)}, r"data\.x"),
            ({"data": make_regression_data(9, 0.5, seed=0)}, r"data\.y"),
            ({"data": Dataset(x=[0.0], y=[0.0], x_held_out=[0.0], y_held_out=[0.5])}, r"data\.y_held_out"),
            ({"weight_decay": math.inf}, "weight_decay"),
            ({"learning_rate": -1.0}, "learning_rate"),
        ],
    )
    def test_refuses(self, change, named):
        arguments = {"data": make_counts(10, seed=0), "learning_rate": 0.1, "steps": 3} | change
        with pytest.raises(ValueError, match=rf"^{named} must"):
            fit_poisson(**arguments)


class TestFitSoftmax:
    @repeatable
    @given(st.integers(0, 200), st.floats(0.3, 2), st.floats(0, 1), st.floats(0.05, 1.0))
    def test_the_rows_are_what_they_say(self, seed, noise, weight_decay, rate):
        data = make_three_classes(18, noise, seed=seed)
        fit = fit_softmax(data, learning_rate=rate, steps=12, weight_decay=weight_decay)
        assert_whole(fit, 12)
        np.testing.assert_allclose(fit.points[1:], fit.points[:-1] - rate * fit.gradients[:-1], rtol=1e-15)
        np.testing.assert_array_equal(fit.weights.reshape(len(fit.values), -1), fit.points)
        for row in (0, -1):
            weights = fit.weights[row]
            for x, y, nll in (
                (data.x, data.y, fit.nll[row]),
                (data.x_held_out, data.y_held_out, fit.held_out_nll[row]),
            ):
                logits = weights[:, 0] + x @ weights[:, 1:].T
                assert nll == pytest.approx(
                    float(losses.cross_entropy_loss(logits, y.astype(int))), rel=1e-12
                )
            penalty = 0.5 * weight_decay * np.sum(weights[:, 1:] ** 2)
            assert fit.values[row] == pytest.approx(fit.nll[row] + penalty, rel=1e-12)
        assert fit.nll[0] == pytest.approx(math.log(3.0), rel=1e-14)
        np.testing.assert_allclose(fit.weights.sum(axis=1), 0.0, atol=1e-13)

    def test_the_gradient_is_the_slope_of_the_objective(self):
        data = make_three_classes(18, 0.8, seed=3)
        fit = fit_softmax(data, learning_rate=0.5, steps=8, weight_decay=0.2)

        def objective(point):
            weights = point.reshape(3, 3)
            right = class_probs(weights, data.x)[np.arange(18), data.y.astype(int)]
            return -np.mean(np.log(right)) + 0.1 * np.sum(weights[:, 1:] ** 2)

        for row in (0, 8):
            np.testing.assert_allclose(
                fit.gradients[row], finite_difference(objective, fit.points[row]), rtol=1e-6, atol=1e-8
            )

    def test_two_classes_are_logistic_regression_with_half_the_weights_each(self):
        data = make_two_classes(30, 1.0, seed=0)
        # At half the rate each of the two rows moves half of what the one logit's weights move.
        soft = fit_softmax(data, classes=2, learning_rate=0.25, steps=60)
        hard = fit_logistic(data, learning_rate=0.5, steps=60)
        np.testing.assert_allclose(
            soft.weights[:, 1] - soft.weights[:, 0], hard.weights, rtol=1e-12, atol=1e-14
        )
        np.testing.assert_allclose(soft.nll, hard.nll, rtol=1e-12)

    def test_a_class_without_a_training_point_is_allowed(self):
        data = make_two_classes(10, 1.0, seed=0)
        fit = fit_softmax(data, classes=4, learning_rate=0.5, steps=50)
        assert_whole(fit, 50)
        probs = class_probs(fit.weights[-1], data.x)
        assert probs[:, 2:].max() < 0.1

    def test_weights_far_out_neither_overflow_nor_warn(self):
        data = Dataset(
            x=[[1e3, 0.0], [0.0, 1e3], [-1e3, -1e3]],
            y=[0, 1, 2],
            x_held_out=[[1e3, 0.0]],
            y_held_out=[1],
        )
        fit = fit_softmax(data, learning_rate=10.0, steps=20)
        assert_whole(fit, 20)
        assert fit.held_out_nll[-1] > 1e6

    def test_too_large_a_weight_decay_step_is_divergence(self):
        data = make_three_classes(18, 0.8, seed=3)
        fit = fit_softmax(data, learning_rate=1.0, steps=200, weight_decay=5.0)
        assert_whole(fit, 200)
        assert fit.status == "diverged"

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"classes": 1}, "classes"),
            ({"classes": 2}, r"data\.y"),
            ({"data": make_regression_data(9, 0.5, seed=0)}, r"data\.y"),
            ({"weight_decay": -0.1}, "weight_decay"),
            ({"steps": 0.5}, "steps"),
        ],
    )
    def test_refuses(self, change, named):
        arguments = {"data": make_three_classes(10, 0.5, seed=0), "learning_rate": 0.1, "steps": 3} | change
        with pytest.raises(ValueError, match=rf"^{named} must"):
            fit_softmax(**arguments)


class TestPredictLinear:
    def test_a_trail_at_once(self):
        weights = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5, -1.0, 2.0]])
        x = np.linspace(-1, 1, 5)
        table = predict_linear(weights, x)
        assert table.shape == (3, 5)
        for row, expected in zip(weights, table, strict=True):
            np.testing.assert_allclose(predict_linear(row, x), expected, rtol=1e-14)
        np.testing.assert_allclose(table[1], math.sqrt(3.0) * x, rtol=1e-14)

    @pytest.mark.parametrize(
        ("weights", "x", "named"),
        [
            ([], [0.0], "weights"),
            ([math.nan], [0.0], "weights"),
            ([1e308, 1e308], [1.0], "weights"),
            ([1.0], [math.nan], "x"),
        ],
    )
    def test_refuses(self, weights, x, named):
        with pytest.raises(ValueError, match=rf"^{named} must"):
            predict_linear(weights, x)


class TestPredictLogistic:
    def test_values(self):
        np.testing.assert_allclose(
            predict_logistic([0.0, 1.0], [-6.0, 0.0, 1.5, 6.0]),
            [0.00247262, 0.5, 0.817574, 0.997527],
            rtol=1e-5,
        )
        assert predict_logistic(np.zeros((4, 2)), [1.0, 2.0, 3.0]).tolist() == [[0.5] * 3] * 4

    @pytest.mark.parametrize(
        ("weights", "x", "named"),
        [
            ([1.0, 2.0, 3.0], [0.0], "weights and x"),
            (1.0, [0.0], "weights and x"),
            ([1.0, 2.0], [[0.0, 1.0]], "weights and x"),
            ([1.0, 2.0], 0.0, "x"),
            ([1.0, 1e308], [100.0], "weights"),
            ([1.0, math.inf], [0.0], "weights"),
        ],
    )
    def test_refuses(self, weights, x, named):
        with pytest.raises(ValueError, match=rf"^{named} must"):
            predict_logistic(weights, x)


class TestPredictPoisson:
    def test_values(self):
        assert predict_poisson([1.0, 0.5], [0.0, 2.0]) == pytest.approx([math.e, math.e**2], rel=1e-15)
        assert predict_poisson([800.0, 0.0], [1.0]).tolist() == [math.inf]

    @pytest.mark.parametrize(
        ("weights", "x"), [([1.0], [1.0]), ([1.0, 2.0], [[1.0]]), ([math.nan, 0.0], [1.0])]
    )
    def test_refuses(self, weights, x):
        with pytest.raises(ValueError, match=r"^weights"):
            predict_poisson(weights, x)


class TestDecisionRegions:
    @staticmethod
    def area(corners):
        x, y = corners.T
        return 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))

    @pytest.mark.parametrize("seed", range(6))
    @pytest.mark.parametrize("k", [2, 3, 5])
    def test_share_out_the_square(self, k, seed):
        weights = np.random.default_rng(seed).normal(size=(k, 3))
        regions = decision_regions(weights, 3.0)
        assert regions.shape == (k, k + 3, 2)
        led = regions[~np.isnan(regions).any(axis=(1, 2))]
        assert sum(map(self.area, led)) == pytest.approx(36.0, rel=1e-12)
        assert np.abs(led).max() <= 3.0 * (1.0 + 1e-12)

    @pytest.mark.parametrize("seed", range(6))
    def test_inside_a_region_its_class_is_the_most_probable(self, seed):
        weights = np.random.default_rng(100 + seed).normal(size=(3, 3))
        regions = decision_regions(weights, 2.0)
        for k, corners in enumerate(regions):
            if not np.isnan(corners).any():
                inside = 0.999 * corners + 0.001 * corners.mean(axis=0)
                assert (class_probs(weights, inside).argmax(axis=1) == k).all()

    def test_is_everything_where_one_class_leads_everywhere(self):
        regions = decision_regions([[5.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], 1.0)
        assert self.area(regions[0]) == pytest.approx(4.0)
        assert np.isnan(regions[1:]).all()

    def test_is_nowhere_where_nothing_leads(self):
        assert np.isnan(decision_regions(np.zeros((3, 3)), 4.0)).all()

    @pytest.mark.parametrize(
        ("weights", "limit"),
        [(np.zeros(3), 1.0), (np.zeros((3, 2)), 1.0), (np.full((2, 3), np.nan), 1.0), (np.eye(3), 0.0)],
    )
    def test_refuses_what_does_not_fit(self, weights, limit):
        with pytest.raises(ValueError, match=r"weights|limit"):
            decision_regions(weights, limit)
