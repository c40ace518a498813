"""Waiting times against scipy's exponential distribution and its integrals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from core import exponential

MEANS = [0.05, 1.0, 10.0, 400.0]


@pytest.mark.parametrize("mean", MEANS)
def test_density_and_entropy(mean):
    x = np.linspace(-2 * mean, 30 * mean, 401)
    assert exponential.density(x, mean) == pytest.approx(stats.expon.pdf(x, scale=mean), rel=1e-12)
    assert exponential.entropy(mean) == pytest.approx(stats.expon.entropy(scale=mean), rel=1e-12)


@pytest.mark.parametrize("mean", MEANS)
@pytest.mark.parametrize(("mu", "sigma"), [(1.0, 1.0), (2.0, 0.5), (-1.0, 3.0)])
def test_the_price_of_a_gaussian_is_the_integral(mean, mu, sigma):
    centre, width = mu * mean, sigma * mean

    def lost(x):
        gap = stats.expon.logpdf(x, scale=mean) - stats.norm.logpdf(x, centre, width)
        return stats.expon.pdf(x, scale=mean) * gap

    expected = integrate.quad(lost, 0, 60 * mean, points=[mean, 5 * mean], epsabs=0, epsrel=1e-12, limit=200)[
        0
    ]
    assert exponential.kl_to_gaussian(mean, centre, width) == pytest.approx(expected, rel=1e-10)


def test_standard_errors_come_from_the_moments():
    variance, _, kurtosis = stats.expon.stats(scale=10, moments="vsk")
    found = exponential.standard_errors(10, 1)
    assert found.mu == pytest.approx(np.sqrt(variance), rel=1e-12)
    # Delta method: var(s) = s^2 (kurtosis - 1) / 4 / n, with the kurtosis that is 3 for a Gaussian.
    assert found.sigma == pytest.approx(10 * np.sqrt((kurtosis + 2) / 4), rel=1e-12)


def test_draws_pass_for_exponential():
    x = exponential.sample_waits(20_000, 10, seed=7)
    assert stats.kstest(x, stats.expon(scale=10).cdf).pvalue > 1e-3
