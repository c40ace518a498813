"""Trails against torch's optimiser and autograd, scipy's minimisers, and mpmath at 50 digits."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import scipy.optimize
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.descent import (
    cross_entropy_descent,
    descend,
    gaussian_ascent,
    largest_stable_rate,
    softmax_descent,
)
from core.gaussian import Summary, summarize
from tests.close import repeatable


def sgd_trail(loss, start, learning_rate, steps):
    """Points, values and gradients of torch.optim.SGD in float64."""
    z = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([z], lr=learning_rate)
    points, values, gradients = [], [], []
    for _ in range(steps + 1):
        optimiser.zero_grad()
        value = loss(z)
        value.backward()
        points.append(z.detach().numpy().copy())
        values.append(value.item())
        gradients.append(z.grad.numpy().copy())
        optimiser.step()
    return np.array(points), np.array(values), np.array(gradients)


class TestDescend:
    def test_is_torch_sgd(self):
        points, values, gradients = sgd_trail(
            lambda x: torch.cosh(x[0]) + (x[0] - x[1]) ** 2, [1.0, -2.0], 0.05, 40
        )
        trail = descend(
            lambda x: (
                math.cosh(x[0]) + (x[0] - x[1]) ** 2,
                [math.sinh(x[0]) + 2 * (x[0] - x[1]), -2 * (x[0] - x[1])],
            ),
            [1.0, -2.0],
            learning_rate=0.05,
            steps=40,
        )
        np.testing.assert_allclose(trail.points, points, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(trail.values, values, rtol=1e-12)
        np.testing.assert_allclose(trail.gradients, gradients, rtol=1e-12, atol=1e-13)


class TestSoftmaxDescent:
    @repeatable
    @given(
        st.lists(st.floats(-10, 10), min_size=2, max_size=10),
        st.integers(0, 9),
        st.floats(0.1, 10),
        st.floats(0.01, 2),
    )
    def test_is_torch_sgd_on_cross_entropy(self, logits, target, temperature, rate):
        target %= len(logits)
        points, values, gradients = sgd_trail(
            lambda z: torch.nn.functional.cross_entropy(z / temperature, torch.tensor(target)),
            logits,
            rate,
            5,
        )
        trail = softmax_descent(
            tuple(logits), target, learning_rate=rate, steps=5, temperature=temperature, tolerance=0.0
        )
        # torch's p - 1 has only absolute digits where p is nearly 1; a low temperature amplifies the loss.
        np.testing.assert_allclose(trail.points, points, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(trail.values[0], values[0], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(trail.gradients[0], gradients[0], rtol=1e-12, atol=1e-14 / temperature)

    @pytest.mark.parametrize(
        ("logits", "target", "temperature"),
        [
            ((5.0, 4.0, 2.0), 0, 1.0),
            ((40.0, 0.0, 1.0), 0, 1.0),
            ((-300.0, 300.0, 0.0), 0, 1.0),
            ((700.0, 0.0), 0, 1.0),
            ((1e8, 1e8 + 1.0, 1e8 - 3.0), 2, 1.0),
            ((0.1, 0.2, 0.3, 0.2), 3, 0.05),
            ((1e-30, 2e-30, 0.0), 1, 1e-30),
            ((1e300, -1e300, 0.0), 0, 1e299),
            ((1.0, 2.0, 3.0), 0, 1e300),
        ],
    )
    def test_one_row_at_fifty_digits(self, logits, target, temperature):
        trail = softmax_descent(logits, target, learning_rate=1.0, steps=0, temperature=temperature)
        with mpmath.workdps(700):
            scaled = [mpmath.mpf(z) / mpmath.mpf(temperature) for z in logits]
            weights = [mpmath.exp(z - max(scaled)) for z in scaled]
            total = mpmath.fsum(weights)
            probs = [w / total for w in weights]
            value = mpmath.log(total) + max(scaled) - scaled[target]
            gradient = [(q - (k == target)) / mpmath.mpf(temperature) for k, q in enumerate(probs)]
            assert trail.values[0] == pytest.approx(float(value), rel=1e-12, abs=0.0)
            for ours, theirs in zip(trail.gradients[0], gradient, strict=True):
                assert ours == pytest.approx(float(theirs), rel=1e-12, abs=0.0)
            for ours, theirs in zip(trail.probs[0], probs, strict=True):
                assert ours == pytest.approx(float(theirs), rel=1e-12, abs=0.0)


class TestCrossEntropyDescent:
    @repeatable
    @given(
        st.lists(st.tuples(st.floats(0.001, 1), st.floats(-6, 6)), min_size=2, max_size=8),
        st.floats(0.01, 2),
        st.floats(0.5, 4),
    )
    def test_is_torch_sgd_on_a_soft_target(self, pairs, rate, temperature):
        weights, logits = (np.array(column) for column in zip(*pairs, strict=True))
        p = weights / weights.sum()
        target = torch.tensor(p)
        points, values, gradients = sgd_trail(
            lambda z: torch.nn.functional.cross_entropy(z / temperature, target), logits, rate, 10
        )
        trail = cross_entropy_descent(
            p, logits, learning_rate=rate, steps=10, temperature=temperature, tolerance=0.0
        )
        rows = len(trail.values)
        # Without a tolerance only a gradient of exactly 0 ends the run.
        assert rows == 11 or not trail.gradients[-1].any()
        points, values, gradients = points[:rows], values[:rows], gradients[:rows]
        np.testing.assert_allclose(trail.points, points, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(trail.values, values, rtol=1e-12)
        np.testing.assert_allclose(trail.gradients, gradients, rtol=1e-11, atol=1e-13)
        kl = torch.nn.functional.kl_div(
            torch.log_softmax(torch.tensor(points) / temperature, 1), target, reduction="none"
        )
        np.testing.assert_allclose(trail.kl, kl.sum(1).numpy(), rtol=1e-10, atol=1e-14)

    @pytest.mark.parametrize(
        ("p", "logits"),
        [
            ((0.8, 0.1, 0.1), (0.0, 0.0, 1.0)),
            ((0.5, 0.5), (0.01, 0.0)),
            ((0.25, 0.25, 0.5), (0.0, 1e-3, math.log(2.0))),
            ((0.999, 0.001), (-30.0, 30.0)),
            ((1e-300, 1.0), (5.0, 0.0)),
        ],
    )
    def test_kl_at_fifty_digits(self, p, logits):
        trail = cross_entropy_descent(p, logits, learning_rate=1.0, steps=0)
        with mpmath.workdps(60):
            total = mpmath.fsum(mpmath.exp(z) for z in logits)
            mass = mpmath.fsum(p)
            kl = mpmath.fsum(
                mpmath.mpf(weight) / mass * mpmath.log(mpmath.mpf(weight) / mass / (mpmath.exp(z) / total))
                for weight, z in zip(p, logits, strict=True)
            )
            assert trail.kl[0] == pytest.approx(float(kl), rel=1e-12, abs=0.0)


class TestLargestStableRate:
    @pytest.mark.parametrize(
        "p", [(0.8, 0.1, 0.1), (0.5, 0.5), (0.05, 0.15, 0.25, 0.55), (1 / 8,) * 8, (0.97, 0.02, 0.01)]
    )
    def test_it_is_two_over_the_largest_curvature_that_autograd_finds(self, p):
        target = torch.tensor(p, dtype=torch.float64)
        hessian = torch.autograd.functional.hessian(
            lambda z: -(target * torch.log_softmax(z, dim=0)).sum(), target.log()
        )
        curvatures = mpmath.eigsy(mpmath.matrix(hessian.tolist()), eigvals_only=True)
        assert largest_stable_rate(p) == pytest.approx(float(2 / max(curvatures)), rel=1e-12)


class TestGaussianAscent:
    @repeatable
    @given(
        st.lists(st.floats(-100, 100), min_size=2, max_size=8).filter(lambda x: np.std(x) > 1e-3),
        st.floats(-100, 100),
        st.floats(0.5, 50),
    )
    def test_values_and_gradients_are_torchs(self, data, mu, sigma):
        trail = gaussian_ascent(summarize(data), mu, sigma, steps=0)
        point = torch.tensor([mu, sigma], dtype=torch.float64, requires_grad=True)
        value = torch.distributions.Normal(point[0], point[1]).log_prob(
            torch.tensor(data, dtype=torch.float64)
        )
        value.mean().backward()
        scale = 1.0 + (np.square(data).max() + mu * mu) / sigma**2
        np.testing.assert_allclose(trail.values[0], value.mean().item(), rtol=1e-12)
        np.testing.assert_allclose(
            trail.gradients[0], point.grad.numpy(), rtol=1e-12, atol=1e-14 * scale / sigma
        )

    @pytest.mark.parametrize("method", ["gradient", "newton"])
    def test_ends_where_scipy_ends(self, method):
        data = np.array([1.0, 4.0, 5.0, 6.0, 9.0, 2.5])
        reference = scipy.optimize.minimize(
            lambda t: np.mean(0.5 * ((data - t[0]) / np.exp(t[1])) ** 2) + t[1], [0.0, 0.0], method="BFGS"
        )
        trail = gaussian_ascent(summarize(data), -4.0, 9.0, method=method, steps=400)
        assert trail.status == "converged"
        np.testing.assert_allclose(trail.points[-1], [reference.x[0], np.exp(reference.x[1])], rtol=1e-5)

    @pytest.mark.parametrize("offset", [1e-2, 1e-5, 1e-8])
    def test_the_gradient_keeps_its_digits_next_to_the_top(self, offset):
        sigma = 4.0 * (1.0 + offset)
        trail = gaussian_ascent(Summary(n=9, mean=10.0, variance=16.0), 10.0, sigma, steps=0)
        with mpmath.workdps(50):
            expected = (16 / mpmath.mpf(sigma) ** 2 - 1) / mpmath.mpf(sigma)
        assert trail.gradients[0, 0] == 0.0
        assert trail.gradients[0, 1] == pytest.approx(float(expected), rel=1e-12, abs=0.0)

    @pytest.mark.parametrize(
        ("summary", "mu", "sigma"),
        [
            (Summary(n=500, mean=172.0, variance=23.04), 173.0, 5.5),
            (Summary(n=5, mean=5.0, variance=6.8), 4.0, 2.0),
            (Summary(n=5, mean=-1e-9, variance=6.8e-18), 1e-9, 2e-9),
        ],
    )
    def test_newton_steps_at_fifty_digits(self, summary, mu, sigma):
        trail = gaussian_ascent(summary, mu, sigma, method="newton", steps=4, tolerance=0.0)
        with mpmath.workdps(60):
            mean, variance = mpmath.mpf(summary.mean), mpmath.mpf(summary.variance)
            m, s = mpmath.mpf(mu), mpmath.mpf(sigma)
            for point, value, gradient in zip(trail.points, trail.values, trail.gradients, strict=True):
                d = mean - m
                r = variance + d * d
                slope = mpmath.matrix([d / s**2, (r / s**2 - 1) / s])
                level = -mpmath.log(2 * mpmath.pi) / 2 - mpmath.log(s) - r / (2 * s**2)
                size = float(s)
                np.testing.assert_allclose(point, [float(m), size], rtol=1e-12, atol=1e-12 * size)
                assert value == pytest.approx(float(level), rel=1e-12)
                np.testing.assert_allclose(gradient, [float(v) for v in slope], rtol=1e-11, atol=1e-14 / size)
                curvature = mpmath.matrix(
                    [[-1 / s**2, -2 * d / s**3], [-2 * d / s**3, 1 / s**2 - 3 * r / s**4]]
                )
                step = -(curvature**-1) * slope
                m, s = m + step[0], s + step[1]
