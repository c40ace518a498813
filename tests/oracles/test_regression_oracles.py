"""Fits against numpy.linalg, scipy's minimisers, and torch's autograd and optimiser in float64."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import scipy.optimize
import scipy.special
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.regression import (
    Dataset,
    fit_linear,
    fit_logistic,
    fit_softmax,
    gaussian_nll,
    make_regression_data,
    make_three_classes,
    make_two_classes,
    polynomial_features,
    profile_gaussian_nll,
)
from tests.close import repeatable

examples = settings(repeatable, max_examples=40)


def tensor(array):
    return torch.tensor(np.asarray(array), dtype=torch.float64)


def torch_linear_nll(data, size, learn_sigma, sigma):
    """Objective of the parameters of a linear fit, written with torch's own Gaussian loss."""
    features, y = tensor(polynomial_features(data.x, size - 1)), tensor(data.y)

    def objective(point):
        variance = torch.exp(2.0 * point[size]) if learn_sigma else tensor(sigma**2)
        return torch.nn.functional.gaussian_nll_loss(
            features @ point[:size], y, variance.expand(len(y)), full=True, eps=1e-300
        )

    return objective


class TestPolynomialFeatures:
    @pytest.mark.parametrize("degree", range(13))
    def test_are_scipys_legendre_polynomials(self, degree):
        x = np.linspace(-1.2, 1.2, 41)
        ours = polynomial_features(x, degree)[:, degree]
        theirs = math.sqrt(2 * degree + 1) * scipy.special.eval_legendre(degree, x)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


class TestGaussianNll:
    @examples
    @given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6), st.floats(1e-3, 1e6))
    def test_is_torchs(self, targets, sigma):
        y = tensor(targets)
        expected = torch.nn.functional.gaussian_nll_loss(
            torch.zeros_like(y), y, torch.full_like(y, sigma) ** 2, full=True, eps=0.0
        )
        assert gaussian_nll(targets, 0.0, sigma) == pytest.approx(expected.item(), rel=1e-12, abs=1e-14)

    @pytest.mark.parametrize(
        ("targets", "sigma"),
        [([1e150, -2e150], 1e150), ([3e-310], 5e-310), ([0.1, 0.2], 1e-100), ([1e-5], 1e5)],
    )
    def test_at_fifty_digits(self, targets, sigma):
        with mpmath.workdps(50):
            mse = mpmath.fsum(mpmath.mpf(y) ** 2 for y in targets) / len(targets)
            expected = (
                mse / (2 * mpmath.mpf(sigma) ** 2) + mpmath.log(2 * mpmath.pi * mpmath.mpf(sigma) ** 2) / 2
            )
            profile = mpmath.log(2 * mpmath.pi * mse) / 2 + mpmath.mpf(1) / 2
        assert gaussian_nll(targets, 0.0, sigma) == pytest.approx(float(expected), rel=1e-12)
        assert profile_gaussian_nll(targets, 0.0) == pytest.approx(float(profile), rel=1e-12)


class TestFitLinear:
    @examples
    @given(st.integers(0, 12), st.floats(0.2, 3), st.booleans(), st.floats(0, 2), st.integers(0, 1000))
    def test_gradients_are_autograds(self, degree, sigma, learn_sigma, weight_decay, seed):
        data = make_regression_data(15, 0.3, seed=seed)
        size = degree + 1
        fit = fit_linear(
            data,
            degree=degree,
            sigma=sigma,
            learn_sigma=learn_sigma,
            learning_rate=0.01,
            steps=6,
            weight_decay=weight_decay,
        )
        nll = torch_linear_nll(data, size, learn_sigma, sigma)
        for point, value, gradient in zip(fit.points, fit.values, fit.gradients, strict=True):
            parameters = tensor(point).requires_grad_()
            objective = nll(parameters) + 0.5 * weight_decay * (parameters[1:size] ** 2).sum()
            objective.backward()
            assert value == pytest.approx(objective.item(), rel=1e-12)
            size_of = np.abs(gradient).max()
            np.testing.assert_allclose(
                gradient, parameters.grad.numpy(), rtol=1e-12, atol=1e-13 * (1 + size_of)
            )

    @pytest.mark.parametrize("learn_sigma", [False, True])
    def test_the_trail_is_torch_sgds(self, learn_sigma):
        data = make_regression_data(20, 0.3, seed=1)
        fit = fit_linear(
            data,
            degree=5,
            sigma=0.9,
            learn_sigma=learn_sigma,
            learning_rate=0.02,
            steps=200,
            weight_decay=0.1,
            tolerance=0.0,
        )
        nll = torch_linear_nll(data, 6, learn_sigma, 0.9)
        rest = [0.0] * 5
        free = torch.zeros(1 + learn_sigma, dtype=torch.float64)
        if learn_sigma:
            free[1] = math.log(0.9)
        free.requires_grad_()
        decayed = tensor(rest).requires_grad_()
        # What is shrunk and what is not, told to torch as its users tell it.
        optimiser = torch.optim.SGD([{"params": [free]}, {"params": [decayed], "weight_decay": 0.1}], lr=0.02)
        for row in range(201):
            point = torch.cat((free[:1], decayed, free[1:]))
            np.testing.assert_allclose(fit.points[row], point.detach().numpy(), rtol=1e-11, atol=1e-12)
            optimiser.zero_grad()
            nll(point).backward()
            optimiser.step()

    def test_a_learned_sigma_ends_where_scipy_ends(self):
        data = make_regression_data(20, 0.3, seed=3)
        features = polynomial_features(data.x, 3)

        def objective(point):
            residuals = (features @ point[:4] - data.y) / np.exp(point[4])
            return 0.5 * np.mean(residuals**2) + point[4]

        reference = scipy.optimize.minimize(objective, np.zeros(5), method="BFGS", options={"gtol": 1e-8})
        fit = fit_linear(data, degree=3, learn_sigma=True, learning_rate=0.02, steps=3000)
        assert fit.status == "converged"
        np.testing.assert_allclose(fit.points[-1], reference.x, atol=1e-6)


class TestFitLogistic:
    @examples
    @given(st.integers(0, 1000), st.floats(0.3, 3), st.floats(0, 1))
    def test_gradients_are_autograds(self, seed, noise, weight_decay):
        data = make_two_classes(25, noise, seed=seed)
        fit = fit_logistic(data, learning_rate=0.7, steps=8, weight_decay=weight_decay)
        for point, value, gradient in zip(fit.points, fit.values, fit.gradients, strict=True):
            weights = tensor(point).requires_grad_()
            logits = weights[0] + weights[1] * tensor(data.x)
            objective = torch.nn.functional.binary_cross_entropy_with_logits(logits, tensor(data.y))
            objective = objective + 0.5 * weight_decay * weights[1] ** 2
            objective.backward()
            assert value == pytest.approx(objective.item(), rel=1e-12)
            np.testing.assert_allclose(gradient, weights.grad.numpy(), rtol=1e-12, atol=1e-14)

    @pytest.mark.parametrize("weight_decay", [0.0, 0.1])
    def test_ends_where_scipy_ends(self, weight_decay):
        data = make_two_classes(60, 1.2, seed=0)
        signs = 1.0 - 2.0 * data.y

        def objective(weights):
            nll = np.logaddexp(0.0, signs * (weights[0] + weights[1] * data.x)).mean()
            return nll + 0.5 * weight_decay * weights[1] ** 2

        reference = scipy.optimize.minimize(objective, np.zeros(2), method="BFGS", options={"gtol": 1e-9})
        fit = fit_logistic(data, learning_rate=1.0, steps=3000, weight_decay=weight_decay)
        assert fit.status == "converged"
        np.testing.assert_allclose(fit.weights[-1], reference.x, atol=1e-6)

    def test_residuals_of_far_points_keep_their_digits(self):
        # After one huge step the logits are in the hundreds, and what is left of the gradient is tiny.
        data = Dataset(x=[-1.0, 1.0], y=[0.0, 1.0], x_held_out=[0.0], y_held_out=[0.0])
        fit = fit_logistic(data, learning_rate=400.0, steps=1, tolerance=0.0)
        assert fit.weights[1].tolist() == [0.0, 200.0]
        with mpmath.workdps(120):
            expected = mpmath.exp(-200) / (1 + mpmath.exp(-200))
            loss = mpmath.log(1 + mpmath.exp(-200))
        assert fit.gradients[1, 1] == pytest.approx(-float(expected), rel=1e-12, abs=0.0)
        assert fit.nll[1] == pytest.approx(float(loss), rel=1e-12, abs=0.0)


class TestFitSoftmax:
    @examples
    @given(st.integers(0, 1000), st.floats(0.3, 3), st.floats(0, 1))
    def test_gradients_are_autograds(self, seed, noise, weight_decay):
        data = make_three_classes(24, noise, seed=seed)
        fit = fit_softmax(data, learning_rate=0.7, steps=8, weight_decay=weight_decay)
        target = torch.tensor(data.y.astype(int))
        for point, value, gradient in zip(fit.weights, fit.values, fit.gradients, strict=True):
            weights = tensor(point).requires_grad_()
            logits = weights[:, 0] + tensor(data.x) @ weights[:, 1:].T
            objective = torch.nn.functional.cross_entropy(logits, target)
            objective = objective + 0.5 * weight_decay * (weights[:, 1:] ** 2).sum()
            objective.backward()
            assert value == pytest.approx(objective.item(), rel=1e-12)
            np.testing.assert_allclose(gradient, weights.grad.numpy().ravel(), rtol=1e-12, atol=1e-14)

    def test_ends_where_scipy_ends(self):
        data = make_three_classes(60, 0.9, seed=0)
        rows = np.column_stack((np.ones(60), data.x))
        labels = data.y.astype(int)

        def objective(point):
            weights = point.reshape(3, 3)
            log_probs = scipy.special.log_softmax(rows @ weights.T, axis=1)
            return -log_probs[np.arange(60), labels].mean() + 0.05 * np.sum(weights[:, 1:] ** 2)

        reference = scipy.optimize.minimize(objective, np.zeros(9), method="BFGS", options={"gtol": 1e-9})
        fit = fit_softmax(data, learning_rate=0.8, steps=3000, weight_decay=0.1)
        assert fit.status == "converged"
        # The intercepts are free up to a common constant.
        ours, theirs = fit.weights[-1], reference.x.reshape(3, 3)
        np.testing.assert_allclose(ours - ours.mean(axis=0), theirs - theirs.mean(axis=0), atol=2e-6)
