"""core.residuals against torch, scipy and mpmath, to 1e-12 relative."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
import scipy.special
import scipy.stats
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.residuals import RESIDUAL_LOSSES, fit_constant
from tests.close import repeatable
from tests.oracles.against import approx, same, tensor


class TestResidualLosses:
    R = np.array([-1e3, -3.0, -1.0, -0.2, 0.0, 1e-3, 0.7, 1.0, 2.5, 1e5])

    @pytest.mark.parametrize("delta", [0.3, 1.0, 50.0])
    def test_huber_against_torch_and_scipy(self, delta):
        leaf = tensor(self.R).requires_grad_()
        theirs = F.huber_loss(leaf, torch.zeros_like(leaf), reduction="none", delta=delta)
        theirs.sum().backward()
        same(RESIDUAL_LOSSES["huber"].loss(self.R, delta=delta), theirs.detach())
        assert RESIDUAL_LOSSES["huber"].slope(self.R, delta=delta) == approx(leaf.grad.numpy())
        assert RESIDUAL_LOSSES["huber"].loss(self.R, delta=delta) == approx(
            scipy.special.huber(delta, self.R)
        )

    def test_squared_and_absolute_against_torch(self):
        zero = torch.zeros(self.R.size, dtype=torch.float64)
        same(2 * RESIDUAL_LOSSES["squared"].loss(self.R), F.mse_loss(tensor(self.R), zero, reduction="none"))
        same(RESIDUAL_LOSSES["absolute"].loss(self.R), F.l1_loss(tensor(self.R), zero, reduction="none"))

    @repeatable
    @given(st.floats(1e-150, 1e4), st.sampled_from([-1, 1]))
    def test_log_cosh_against_mpmath(self, size, sign):
        with mpmath.workdps(350):
            expected = float(mpmath.log(mpmath.cosh(mpmath.mpf(size))))
        assert RESIDUAL_LOSSES["log_cosh"].loss(sign * size) == approx(expected)

    @pytest.mark.parametrize(
        ("name", "density", "log_constant"),
        [
            ("squared", scipy.stats.norm, 0.5 * math.log(2 * math.pi)),
            ("absolute", scipy.stats.laplace, math.log(2)),
            ("log_cosh", scipy.stats.hypsecant, math.log(math.pi)),
            # loc and scale that turn scipy's asymmetric Laplace into the one with slopes tau and 1 - tau.
            (
                "quantile",
                scipy.stats.laplace_asymmetric(math.sqrt(0.3 / 0.7), scale=1 / math.sqrt(0.3 * 0.7)),
                -math.log(0.3 * 0.7),
            ),
        ],
    )
    def test_each_is_the_nll_of_a_density(self, name, density, log_constant):
        options = {"tau": 0.3} if name == "quantile" else {}
        residual = self.R[1:8]
        nll = -density.logpdf(residual)
        assert RESIDUAL_LOSSES[name].loss(residual, **options) + log_constant == approx(nll)

    def test_huber_is_the_nll_of_a_density(self):
        mass, _ = scipy.integrate.quad(
            lambda r: math.exp(-RESIDUAL_LOSSES["huber"].loss(r, delta=1.5)),
            -30,
            30,
            points=[-1.5, 1.5],
            epsabs=0,
            epsrel=1e-12,
            limit=200,
        )
        core = math.sqrt(2 * math.pi) * math.erf(1.5 / math.sqrt(2))
        assert mass == approx(core + 2 * math.exp(-(1.5**2) / 2) / 1.5, 1e-10)


class TestFitConstant:
    @repeatable
    @given(arrays(float, st.integers(1, 15), elements=st.floats(-1e6, 1e6)))
    def test_mean_and_median(self, values):
        exact = mpmath.fsum(mpmath.mpf(v) for v in values) / len(values)
        assert fit_constant(values) == approx(float(exact))
        assert fit_constant(values, "absolute") == approx(np.median(values))

    @repeatable
    @given(arrays(float, st.integers(2, 15), elements=st.floats(-100, 100)), st.floats(0.01, 50))
    def test_huber_reaches_the_least_loss(self, values, delta):
        def total(c: float) -> float:
            return float(scipy.special.huber(delta, values - c).sum())

        best = scipy.optimize.minimize_scalar(
            total, bounds=(values.min() - 1, values.max() + 1), method="bounded"
        )
        ours = total(fit_constant(values, "huber", delta=delta))
        assert ours <= best.fun * (1 + 1e-12) + 1e-12

    @repeatable
    @given(st.lists(st.integers(-40, 40), min_size=1, max_size=9), st.integers(1, 30))
    def test_huber_against_mpmath(self, points, delta):
        """With whole numbers the interval of solutions is found exactly, by bisection from both sides."""

        def pull(c: mpmath.mpf) -> mpmath.mpf:
            return mpmath.fsum(min(max(x - c, -delta), delta) for x in points)

        ends = []
        for above in (lambda s: s > 0, lambda s: s >= 0):
            low, high = mpmath.mpf(min(points)) - 1, mpmath.mpf(max(points)) + 1
            for _ in range(70):
                middle = (low + high) / 2
                low, high = (middle, high) if above(pull(middle)) else (low, middle)
            ends.append(low)
        expected = float(sum(ends) / 2)
        assert fit_constant(points, "huber", delta=delta) == approx(expected, absolute=1e-13)
