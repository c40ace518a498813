"""Waiting times: their draws, their density and entropy, and the price of a Gaussian in their place."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import exponential, gaussian

means = st.floats(0.01, 1e3)


class TestSampleWaits:
    @given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 99))
    def test_more_people_replace_nobody(self, n, m, seed):
        first = exponential.sample_waits(min(n, m), 10, seed=seed)
        more = exponential.sample_waits(max(n, m), 10, seed=seed)
        assert np.array_equal(more[: first.size], first)

    def test_another_mean_stretches_all_alike(self):
        assert np.array_equal(
            exponential.sample_waits(50, 4, seed=3), 4 * exponential.sample_waits(50, 1, seed=3)
        )

    def test_mean_and_spread_are_the_mean(self):
        x = exponential.sample_waits(1_000_000, 10, seed=1)
        assert x.min() >= 0
        assert (x.mean(), x.std()) == pytest.approx((10, 10), rel=5e-3)

    @pytest.mark.parametrize(
        ("n", "mean", "seed", "name"),
        [
            (0, 1, 0, "n"),
            (1_000_001, 1, 0, "n"),
            (5, 0, 0, "mean"),
            (5, math.nan, 0, "mean"),
            (5, 1, -1, "seed"),
        ],
    )
    def test_bad_input(self, n, mean, seed, name):
        with pytest.raises(ValueError, match=rf"^{name} must"):
            exponential.sample_waits(n, mean, seed=seed)


class TestPriceOfAGaussian:
    @given(means, st.floats(-1e3, 1e3), st.floats(0.01, 1e3))
    def test_none_is_below_that_of_the_same_mean_and_spread(self, mean, mu, sigma):
        least = exponential.kl_to_gaussian(mean, mean, mean)
        assert least == pytest.approx((math.log(2 * math.pi) - 1) / 2, rel=1e-12)
        assert exponential.kl_to_gaussian(mean, mu, sigma) >= least * (1 - 1e-12)

    @given(means)
    def test_it_is_the_gap_between_two_entropies(self, mean):
        # A Gaussian's cross-entropy is its entropy wherever mean and variance agree with the truth's.
        gap = -float(gaussian.expected_log_density(0, mean, 0, mean)) - exponential.entropy(mean)
        assert exponential.kl_to_gaussian(mean, mean, mean) == pytest.approx(gap, rel=1e-12)

    def test_a_large_sample_pays_it(self):
        x = exponential.sample_waits(1_000_000, 10, seed=2)
        for mu, sigma in ((10, 10), (20, 5), (12, 9)):
            paid = -gaussian.log_density(x, mu, sigma).mean() - exponential.entropy(10)
            assert paid == pytest.approx(exponential.kl_to_gaussian(10, mu, sigma), rel=0.01)


class TestStandardErrors:
    def test_samples_scatter_so(self):
        n = 200
        x = exponential.sample_waits(4000 * n, 10, seed=5).reshape(4000, n)
        found = (x.mean(axis=1).std(), x.std(axis=1).std())
        assert found == pytest.approx(exponential.standard_errors(10, n), rel=0.05)


@pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf])
def test_bad_means(bad):
    for call in (
        lambda: exponential.density(1, bad),
        lambda: exponential.entropy(bad),
        lambda: exponential.kl_to_gaussian(bad, 0, 1),
        lambda: exponential.standard_errors(bad, 5),
    ):
        with pytest.raises(ValueError, match=r"^mean must"):
            call()


def test_bad_candidates():
    with pytest.raises(ValueError, match=r"^mu must"):
        exponential.kl_to_gaussian(1, math.nan, 1)
    with pytest.raises(ValueError, match=r"^sigma must"):
        exponential.kl_to_gaussian(1, 0, 0)
    with pytest.raises(ValueError, match=r"^n must"):
        exponential.standard_errors(1, 0)
