"""Unit cases, properties, finite differences and bad input for core.gaussian."""

import math
from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import gaussian
from core.gaussian import Summary
from tests.close import repeatable

FIVE = np.array([1.0, 4.0, 5.0, 6.0, 9.0])
HEIGHTS = Summary(500, 172.0, 4.8**2)  # a sample standardised to the truth: its totals are exact
SIX_DIGITS = 1e-5

mus = st.floats(-50, 50)
sigmas = st.floats(0.1, 20)
samples = st.lists(st.integers(-1000, 1000).map(lambda k: k / 8), min_size=2, max_size=30).filter(
    lambda x: min(x) < max(x)
)

# candidate: peak, mean log-density, geometric mean, total for 500, log10 L, below the best, KL, sd of total
CANDIDATES = {
    (172, 4.8): (0.083113, -2.98755, 0.0504106, -1493.78, -648.739, 0, 0, 15.8114),
    (184, 4.8): (0.083113, -6.11255, 0.00221489, -3056.28, -1327.32, 1562.5, 3.125, 58.0948),
    (140, 10): (0.0398942, -8.45672, 0.000212467, -4228.36, -1836.35, 2734.58, 5.46917, 34.5387),
    (190, 1): (0.398942, -174.439, 1.74635e-76, -87219.5, -37878.9, 85725.7, 171.451, 1966.01),
    (172, 9.6): (0.0415565, -3.3057, 0.0366735, -1652.85, -717.824, 159.074, 0.318147, 3.95285),
    (172, 6): (0.0664904, -3.0307, 0.0482819, -1515.35, -658.108, 21.5718, 0.0431436, 10.1193),
    (175, 4.8): (0.083113, -3.18287, 0.0414666, -1591.43, -691.151, 97.6562, 0.195312, 21.1024),
    (172, 2.4): (0.166226, -3.79441, 0.0224962, -1897.2, -823.945, 403.426, 0.806853, 63.2456),
}
each_candidate = pytest.mark.parametrize(("candidate", "facts"), CANDIDATES.items())


def six(expected):
    return pytest.approx(expected, rel=SIX_DIGITS, abs=1e-12)


BAD_PARAMETERS = [
    (math.nan, 1.0, "mu"),
    (math.inf, 1.0, "mu"),
    (0.0, 0.0, "sigma"),
    (0.0, -1.0, "sigma"),
    (0.0, math.nan, "sigma"),
    (0.0, math.inf, "sigma"),
    ([0.0, math.nan], 1.0, "mu"),
    (0.0, [1.0, 0.0], "sigma"),
]
every_bad_parameter = pytest.mark.parametrize(("mu", "sigma", "name"), BAD_PARAMETERS)


class TestSampleHeights:
    @repeatable
    @given(st.integers(1, 3000), st.integers(1, 3000), st.integers(0, 2**32))
    def test_a_larger_n_adds_people_and_replaces_none(self, n, m, seed):
        first = gaussian.sample_heights(min(n, m), 172, 4.8, seed=seed)
        more = gaussian.sample_heights(max(n, m), 172, 4.8, seed=seed)
        assert np.array_equal(first, more[: first.size])

    def test_a_million_people_begin_with_the_same_five_hundred(self):
        crowd = gaussian.sample_heights(1_000_000, 172, 4.8, seed=7)
        assert crowd.shape == (1_000_000,)
        assert np.array_equal(crowd[:500], gaussian.sample_heights(500, 172, 4.8, seed=7))
        assert crowd.mean() == pytest.approx(172, abs=5 * 4.8 / 1000)
        assert crowd.std() == pytest.approx(4.8, abs=5 * 4.8 / 1414)

    def test_the_same_crowd_is_moved_and_stretched(self):
        standard = gaussian.sample_heights(50, 0, 1, seed=3)
        assert gaussian.sample_heights(50, 10, 2, seed=3) == pytest.approx(10 + 2 * standard, rel=1e-15)

    def test_the_values_are_pinned_because_shared_links_depend_on_them(self):
        assert gaussian.sample_heights(3, 172, 4.8, seed=0) == pytest.approx(
            [172.60350506124828, 171.36589665620176, 175.07402872212776], rel=1e-15
        )

    def test_seeds_differ(self):
        assert not np.array_equal(
            gaussian.sample_heights(5, 0, 1, seed=1), gaussian.sample_heights(5, 0, 1, seed=2)
        )

    @pytest.mark.parametrize("n", [0, -1, 1_000_001, 2.5])
    def test_n_out_of_range(self, n):
        with pytest.raises(ValueError, match=r"^n must"):
            gaussian.sample_heights(n, 172, 4.8, seed=0)

    @pytest.mark.parametrize(("mu", "sigma", "name"), BAD_PARAMETERS[:6])
    def test_bad_parameters(self, mu, sigma, name):
        with pytest.raises(ValueError, match=f"^{name} must"):
            gaussian.sample_heights(5, mu, sigma, seed=0)

    @pytest.mark.parametrize("seed", [-1, 0.5])
    def test_bad_seed(self, seed):
        with pytest.raises(ValueError, match=r"^seed must"):
            gaussian.sample_heights(5, 0, 1, seed=seed)


class TestSummary:
    def test_it_is_frozen(self):
        summary = Summary(5, 5.0, 6.8)
        with pytest.raises(FrozenInstanceError):
            summary.n = 6

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ((0, 1.0, 1.0), "n"),
            ((5, math.nan, 1.0), "mean"),
            ((5, 1.0, -1e-300), "variance"),
            ((5, 1.0, math.inf), "variance"),
            ((5, 1.0, math.nan), "variance"),
            ((5, 1.0, 1.0, math.inf), "mean_remainder"),
        ],
    )
    def test_bad_numbers_are_named(self, fields, name):
        with pytest.raises(ValueError, match=f"^{name} must"):
            Summary(*fields)


class TestSummarize:
    def test_five_points(self):
        assert gaussian.summarize(FIVE) == Summary(5, 5.0, 6.8)

    def test_one_value(self):
        assert gaussian.summarize([172.0]) == Summary(1, 172.0, 0.0)

    @pytest.mark.parametrize("n", [2, 3, 49, 1000])
    @pytest.mark.parametrize("value", [0.1, 1 / 49, 1e15 + 0.3, -1e308, 5e-324])
    def test_equal_values_have_exactly_no_variance(self, n, value):
        assert gaussian.summarize([value] * n) == Summary(n, value, 0.0)

    @repeatable
    @given(samples, st.sampled_from([0.0, 172.0, 1e9, -1e12, 1e15]))
    def test_large_offsets_keep_every_digit(self, x, offset):
        x = [offset + value for value in x]
        if min(x) == max(x):
            x[0] += 1.0
        summary = gaussian.summarize(x)
        exact = [Fraction(value) for value in x]
        mean = sum(exact) / len(x)
        variance = sum((value - mean) ** 2 for value in exact) / len(x)
        assert summary.mean == float(mean)
        assert summary.mean_remainder == float(mean - Fraction(summary.mean))
        assert summary.variance == pytest.approx(float(variance), rel=1e-13)

    def test_a_mean_that_nearly_cancels(self):
        assert gaussian.summarize([1.0, -1.0, 3e-20]).mean == 3e-20 / 3

    def test_the_wrongly_rounded_mean_of_almost_equal_values(self):
        # n times the value is not a float64, and the quotient of its rounding can miss the value by one ulp.
        for n in (49, 98, 103, 107, 161, 187, 1000, 4999):
            x = [1 / 49 * 3] * (n - 1) + [math.nextafter(1 / 49 * 3, 1)]
            gap = Fraction(x[-1]) - Fraction(x[0])
            assert gaussian.summarize(x).variance == pytest.approx(
                float(gap**2 * (n - 1) / n**2), rel=1e-12
            ), n

    @pytest.mark.parametrize("x", [[1.7e308, -1.7e308], [1.7e308, math.nextafter(1.7e308, 0)], [0, 2e150]])
    def test_a_variance_beyond_float64(self, x):
        with pytest.raises(ValueError, match=r"^x must spread over at most 1e\+150, but runs from"):
            gaussian.summarize(x)

    def test_the_widest_spread(self):
        summary = gaussian.summarize([-5e149] * 500_000 + [5e149] * 500_000)
        assert (summary.mean, summary.variance) == (0, pytest.approx(2.5e299, rel=1e-14))

    def test_any_shape(self):
        assert gaussian.summarize(FIVE.reshape(5, 1)) == gaussian.summarize(list(FIVE))

    def test_the_data_are_not_changed(self):
        x = FIVE.copy()
        gaussian.summarize(x)
        assert np.array_equal(x, FIVE)

    @pytest.mark.parametrize("x", [[], [1.0, math.nan], [1.0, math.inf], [-math.inf, 2.0]])
    def test_bad_data(self, x):
        with pytest.raises(ValueError, match=r"^x must"):
            gaussian.summarize(x)


class TestFit:
    def test_five_points(self):
        assert gaussian.fit(FIVE) == six((5, 2.60768))
        assert gaussian.fit(FIVE).sigma == math.sqrt(6.8)

    def test_a_summary_is_enough(self):
        assert gaussian.fit(gaussian.summarize(FIVE)) == gaussian.fit(FIVE)

    @repeatable
    @given(samples, mus, sigmas)
    def test_no_candidate_beats_it(self, x, mu, sigma):
        summary = gaussian.summarize(x)
        best = gaussian.log_likelihood(summary, *gaussian.fit(x))
        assert gaussian.log_likelihood(summary, mu, sigma) <= best + 1e-12 * abs(best)

    @pytest.mark.parametrize("x", [[172.0], [5.0, 5.0, 5.0], [0.0, 1e-170]])
    def test_no_spread_no_maximum(self, x):
        with pytest.raises(ValueError, match=r"^x must hold at least two different values"):
            gaussian.fit(x)


class TestUnbiasedSigma:
    def test_five_points(self):
        assert gaussian.unbiased_sigma(gaussian.summarize(FIVE)) == six(2.91548)

    def test_equal_values_have_none(self):
        assert gaussian.unbiased_sigma(Summary(3, 5.0, 0.0)) == 0

    def test_one_value(self):
        with pytest.raises(ValueError, match=r"^summary must be of at least 2 values"):
            gaussian.unbiased_sigma(Summary(1, 5.0, 0.0))


class TestStandardErrors:
    def test_five_hundred_heights(self):
        assert gaussian.standard_errors(4.8, 500) == six((0.214663, 0.151789))

    def test_simulation_agrees(self):
        fits = [gaussian.fit(gaussian.sample_heights(500, 172, 4.8, seed=s)) for s in range(400)]
        scatter = np.std(fits, axis=0)
        assert scatter == pytest.approx(gaussian.standard_errors(4.8, 500), rel=0.15)

    @pytest.mark.parametrize(("sigma", "n", "name"), [(0, 5, "sigma"), (1, 0, "n")])
    def test_bad_input(self, sigma, n, name):
        with pytest.raises(ValueError, match=f"^{name} must"):
            gaussian.standard_errors(sigma, n)


DENSITIES = {
    160: (0.00365173, 3.09733e-07, 0.0053991, 1.47365e-196, 0.0190259),
    165: (0.0286982, 3.29093e-05, 0.00175283, 7.65393e-137, 0.0318556),
    172: (0.083113, 0.00365173, 0.000238409, 1.75875e-71, 0.0415565),
    177: (0.0483113, 0.0286982, 4.2478e-05, 7.99883e-38, 0.0362856),
    180: (0.0207244, 0.0587316, 1.3383e-05, 7.6946e-23, 0.0293658),
    184: (0.00365173, 0.083113, 2.49425e-06, 6.07588e-09, 0.0190259),
    190: (7.34574e-05, 0.0380519, 1.48672e-07, 0.398942, 0.00716524),
}


class TestDensity:
    @pytest.mark.parametrize(("x", "heights"), DENSITIES.items())
    def test_table(self, x, heights):
        found = gaussian.density(x, [172, 184, 140, 190, 172], [4.8, 4.8, 10, 1, 9.6])
        assert found == pytest.approx(heights, rel=SIX_DIGITS, abs=0)

    @pytest.mark.parametrize(
        ("mu", "sigma", "heights"),
        [
            (5, 2.915475947, (0.0533891, 0.129019, 0.136836, 0.129019, 0.0533891)),
            (10, 2.915475947, (0.00116658, 0.0164633, 0.0314436, 0.0533891, 0.129019)),
            (5, 2.607680962, (0.047176, 0.142142, 0.152987, 0.142142, 0.047176)),
            (10, 2.607680962, (0.000396323, 0.0108406, 0.02434, 0.047176, 0.142142)),
        ],
    )
    def test_five_points(self, mu, sigma, heights):
        assert gaussian.density(FIVE, mu, sigma) == six(heights)

    def test_it_may_exceed_1_and_even_float64(self):
        assert gaussian.density(0, 0, 1e-9) > 1e8
        assert gaussian.density(0, 0, 5e-324) == math.inf

    def test_far_away_it_is_0(self):
        assert gaussian.density([1e300, math.inf, -math.inf], 0, 1e-300).tolist() == [0, 0, 0]

    @repeatable
    @given(mus, sigmas)
    def test_its_area_is_1(self, mu, sigma):
        x = mu + sigma * np.arange(-1000, 1001) / 25
        assert gaussian.density(x, mu, sigma).sum() * sigma / 25 == pytest.approx(1, rel=1e-12)


class TestLogDensity:
    def test_five_points(self):
        found = gaussian.log_density(FIVE, 5, 2.915475947)
        assert found == six((-2.93015, -2.0478, -1.98897, -2.0478, -2.93015))
        found = gaussian.log_density(FIVE, 10, 2.915475947)
        assert found == six((-6.75368, -4.10662, -3.45956, -2.93015, -2.0478))

    def test_broadcasting(self):
        found = gaussian.log_density(np.zeros((4, 1, 1)), np.zeros((3, 1)), np.ones(2))
        assert found.shape == (4, 3, 2)

    def test_variance_given_for_sigma_is_another_number(self):
        assert -gaussian.log_density(180, 172, 4.8) == six(3.87644)

    @pytest.mark.parametrize("x", [math.inf, -math.inf, 1e308])
    def test_minus_infinity_and_no_warning(self, x):
        assert gaussian.log_density(x, 0, 1e-300) == -math.inf

    def test_the_largest_logarithm_is_kept(self):
        # z^2 alone would overflow here, z^2 / 2 does not.
        assert gaussian.log_density(1.6e154, 0, 1) == pytest.approx(-1.28e308, rel=1e-15)

    @pytest.mark.parametrize("x", [[], [math.nan]])
    def test_bad_x(self, x):
        with pytest.raises(ValueError, match=r"^x must"):
            gaussian.log_density(x, 0, 1)

    @every_bad_parameter
    def test_bad_parameters(self, mu, sigma, name):
        with pytest.raises(ValueError, match=f"^{name} must"):
            gaussian.log_density(FIVE[:2], mu, sigma)


class TestIntervalProbability:
    def test_the_published_range_of_heights(self):
        assert gaussian.interval_probability(-math.inf, 160, 172, 4.8) == six(0.00620967)
        assert gaussian.interval_probability(190, math.inf, 172, 4.8) == six(8.84173e-05)
        inside = gaussian.interval_probability(160, 190, 172, 4.8)
        assert inside == six(0.993702)
        assert 500 * (1 - inside) == pytest.approx(3.14904, rel=1e-5)
        assert inside**500 == pytest.approx(0.0424682, rel=1e-5)

    def test_everything_and_nothing(self):
        assert gaussian.interval_probability(-math.inf, math.inf, 0, 1) == 1
        assert gaussian.interval_probability(3, 3, 0, 1) == 0

    def test_a_narrow_interval_is_height_times_width(self):
        assert gaussian.interval_probability(180, 180 + 2**-30, 172, 4.8) == pytest.approx(
            gaussian.density(180 + 2**-31, 172, 4.8) * 2**-30, rel=1e-14
        )

    @repeatable
    @given(st.floats(-30, 30), st.floats(0, 5), st.floats(0, 5))
    def test_parts_add_up_and_sides_mirror(self, a, first, second):
        b, c = a + first, a + first + second
        parts = gaussian.interval_probability(a, b, 0, 1) + gaussian.interval_probability(b, c, 0, 1)
        assert gaussian.interval_probability(a, c, 0, 1) == pytest.approx(parts, rel=1e-12)
        assert gaussian.interval_probability(-c, -a, 0, 1) == gaussian.interval_probability(a, c, 0, 1)

    @pytest.mark.parametrize(
        ("low", "high", "mu", "sigma", "name"),
        [(1, 0, 0, 1, "low"), (math.nan, 0, 0, 1, "low"), (0, 1, math.inf, 1, "mu"), (0, 1, 0, 0, "sigma")],
    )
    def test_bad_input(self, low, high, mu, sigma, name):
        with pytest.raises(ValueError, match=f"^{name} must"):
            gaussian.interval_probability(low, high, mu, sigma)


class TestLogLikelihood:
    @each_candidate
    def test_heights(self, candidate, facts):
        peak, mean_log, geometric, total, log10, _, _, _ = facts
        found = gaussian.log_likelihood(HEIGHTS, *candidate)
        assert found == six(total)
        assert found / 500 == six(mean_log)
        assert found / math.log(10) == six(log10)
        assert math.exp(found / 500) == six(geometric)
        assert gaussian.density(candidate[0], *candidate) == six(peak)

    @pytest.mark.parametrize(
        ("mu", "sigma", "product", "total", "mean_nll"),
        [
            (5, 2.915475947, 6.49253e-06, -11.9449, 2.38897),
            (10, 2.915475947, 4.1598e-09, -19.2978, 3.85956),
            (5, 2.607680962, 6.87926e-06, -11.887, 2.3774),
            (10, 2.607680962, 7.01237e-10, -21.0782, 4.21564),
        ],
    )
    def test_five_points(self, mu, sigma, product, total, mean_nll):
        found = gaussian.log_likelihood(gaussian.summarize(FIVE), mu, sigma)
        assert (found, -found / 5) == six((total, mean_nll))
        assert math.exp(found) == six(product)
        assert gaussian.plain_product(FIVE, mu, sigma) == six(product)

    def test_the_curve_over_mu(self):
        mu = [0, 2, 3, 4, 5, 6, 7, 8, 10]
        curve = (-19.2978, -14.5919, -13.1213, -12.239, -11.9449, -12.239, -13.1213, -14.5919, -19.2978)
        assert gaussian.log_likelihood(gaussian.summarize(FIVE), mu, 2.915475947) == six(curve)

    def test_the_other_divisor(self):
        # If 4.8 is the n - 1 standard deviation, the total under (172, 4.8) is a little higher.
        assert gaussian.log_likelihood(Summary(500, 172.0, 4.8**2 * 499 / 500), 172, 4.8) == six(-1493.28)

    @repeatable
    @given(samples, mus, sigmas)
    def test_it_is_the_sum_of_the_log_densities(self, x, mu, sigma):
        total = math.fsum(gaussian.log_density(x, mu, sigma))
        scale = math.fsum(np.abs(gaussian.log_density(x, mu, sigma)))
        found = gaussian.log_likelihood(gaussian.summarize(x), mu, sigma)
        assert found == pytest.approx(total, rel=1e-13, abs=1e-13 * scale)

    def test_a_surface(self):
        mu, sigma = np.linspace(160, 180, 7), np.linspace(1, 9, 5)[:, None]
        surface = gaussian.log_likelihood(HEIGHTS, mu, sigma)
        assert surface.shape == (5, 7)
        assert surface[3, 2] == gaussian.log_likelihood(HEIGHTS, mu[2], sigma[3, 0])

    def test_an_offset_of_1e15_does_not_hide_the_spread(self):
        x = np.array([1e15, 1e15 + 1, 1e15 + 2, 1e15 + 2])
        near = gaussian.log_likelihood(gaussian.summarize(x - 1e15), 1.0, 0.5)
        assert gaussian.log_likelihood(gaussian.summarize(x), 1e15 + 1, 0.5) == pytest.approx(near, rel=1e-14)

    @pytest.mark.parametrize("sigma", [5e-324, 1e-308, 1e-200, 1e-100, 1e100, 1e308])
    @pytest.mark.parametrize("mu", [-1e308, 172.0, 172.0 + 1e-13, 1e308])
    @pytest.mark.parametrize("variance", [0.0, 5e-324, 23.04, 1e307])
    def test_extremes_are_never_nan_and_never_warn(self, mu, sigma, variance):
        summary = Summary(1_000_000, 172.0, variance)
        assert gaussian.log_likelihood(summary, mu, sigma) < math.inf
        assert not np.isnan(gaussian.score(summary, mu, sigma)).any()
        assert not np.isnan(gaussian.hessian(summary, mu, sigma)).any()

    @every_bad_parameter
    def test_bad_parameters(self, mu, sigma, name):
        for function in (gaussian.log_likelihood, gaussian.score, gaussian.hessian, gaussian.drop_from_mle):
            with pytest.raises(ValueError, match=f"^{name} must"):
                function(HEIGHTS, mu, sigma)


def slope(function, at, step=1e-5):
    """Fourth-order central difference."""
    return (
        8 * (function(at + step) - function(at - step)) - (function(at + 2 * step) - function(at - 2 * step))
    ) / (12 * step)


class TestScore:
    @pytest.mark.parametrize(("mu", "per_point"), [(3, 2), (4, 1), (5, 0), (6, -1), (7, -2)])
    def test_slope_in_mu_of_five_points(self, mu, per_point):
        summary = gaussian.summarize(FIVE)
        for sigma in (1.0, 2.0):
            assert gaussian.score(summary, mu, sigma).mu / 5 == six(per_point / sigma**2)

    @repeatable
    @given(mus, st.floats(0.5, 20))
    def test_finite_differences(self, mu, sigma):
        summary = gaussian.summarize(FIVE)
        found = gaussian.score(summary, mu, sigma)
        step = 1e-3 * sigma
        size = abs(gaussian.log_likelihood(summary, mu, sigma)) / sigma
        assert found.mu == pytest.approx(
            slope(lambda m: gaussian.log_likelihood(summary, m, sigma), mu, step), rel=1e-8, abs=1e-9 * size
        )
        assert found.sigma == pytest.approx(
            slope(lambda s: gaussian.log_likelihood(summary, mu, s), sigma, step), rel=1e-8, abs=1e-9 * size
        )

    def test_it_vanishes_at_the_fit(self):
        x = gaussian.sample_heights(500, 172, 4.8, seed=4)
        assert gaussian.score(gaussian.summarize(x), *gaussian.fit(x)) == pytest.approx((0, 0), abs=1e-11)

    def test_both_parts_have_the_broadcast_shape(self):
        found = gaussian.score(HEIGHTS, np.zeros((3, 1)), np.ones(2))
        assert found.mu.shape == found.sigma.shape == (3, 2)
        assert np.array(gaussian.score(HEIGHTS, 1.0, 2.0)).shape == (2,)

    def test_tiny_sigma(self):
        found = gaussian.score(HEIGHTS, 173, 1e-200)
        assert (found.mu, found.sigma) == (-math.inf, math.inf)


class TestHessian:
    @repeatable
    @given(mus, st.floats(0.5, 20))
    def test_finite_differences_of_the_score(self, mu, sigma):
        summary = gaussian.summarize(FIVE)
        step = 1e-3 * sigma
        columns = [
            slope(lambda m: np.array(gaussian.score(summary, m, sigma)), mu, step),
            slope(lambda s: np.array(gaussian.score(summary, mu, s)), sigma, step),
        ]
        found = gaussian.hessian(summary, mu, sigma)
        assert found == pytest.approx(np.transpose(columns), rel=1e-7, abs=1e-8 * np.abs(found).max())

    def test_at_the_fit(self):
        found = gaussian.hessian(HEIGHTS, 172, 4.8)
        assert found == six(np.diag([-500, -1000]) / 4.8**2)

    def test_newton_steps_find_the_fit(self):
        theta = np.array([171.0, 5.0])
        for _ in range(6):
            slopes = np.array(gaussian.score(HEIGHTS, *theta))
            theta = theta - np.linalg.solve(gaussian.hessian(HEIGHTS, *theta), slopes)
        assert theta == pytest.approx((172, 4.8), rel=1e-12)

    def test_shape(self):
        assert gaussian.hessian(HEIGHTS, np.zeros((3, 1)), np.ones(2)).shape == (3, 2, 2, 2)

    def test_where_the_second_slope_in_sigma_is_0(self):
        summary = Summary(2, 0.0, 0.0)
        found = gaussian.hessian(summary, 1e-200 / math.sqrt(3), 1e-200)
        assert not np.isnan(found).any()


class TestDropFromMle:
    @each_candidate
    def test_heights(self, candidate, facts):
        assert gaussian.drop_from_mle(HEIGHTS, *candidate) == six(facts[5])

    def test_the_curve_drawn_with_the_other_divisor(self):
        drop = gaussian.drop_from_mle(gaussian.summarize(FIVE), 5, 2.9154759474226504)
        assert drop == pytest.approx(11.944852 - 11.886995, rel=1e-4)

    @repeatable
    @given(samples, mus, sigmas)
    def test_it_is_the_difference_of_log_likelihoods(self, x, mu, sigma):
        summary = gaussian.summarize(x)
        best, here = (gaussian.log_likelihood(summary, *at) for at in (gaussian.fit(x), (mu, sigma)))
        found = gaussian.drop_from_mle(summary, mu, sigma)
        assert found >= 0
        assert found == pytest.approx(best - here, rel=1e-11, abs=1e-12 * (abs(best) + abs(here)))

    def test_it_keeps_its_digits_next_to_the_maximum(self):
        # n t^2 to leading order for sigma (1 + t), n t^2 / 2 for mu + t sigma; two log-likelihoods give 0.
        found = gaussian.drop_from_mle(HEIGHTS, 172 + np.array([0, 2.0**-30]), [4.8 * (1 + 2.0**-30), 4.8])
        assert found == pytest.approx([500 * 2.0**-60, 250 * 2.0**-60 / 4.8**2], rel=1e-6)
        assert gaussian.drop_from_mle(HEIGHTS, 172, 4.8) == pytest.approx(0, abs=1e-28)

    def test_extremes(self):
        assert gaussian.drop_from_mle(HEIGHTS, 172, [5e-324, 1e308]) == pytest.approx(
            [math.inf, 500 * (308 * math.log(10) - math.log(4.8) - 0.5)]
        )

    def test_no_fit(self):
        with pytest.raises(ValueError, match="two different values"):
            gaussian.drop_from_mle(Summary(1, 5.0, 0.0), 5, 1)


class TestLog10LikelihoodRatio:
    def test_the_two_curves_of_the_five_points(self):
        sigma = 2.9154759474226504
        found = gaussian.log10_likelihood_ratio(gaussian.summarize(FIVE), (5, sigma), (10, sigma))
        assert 10**found == six(1560.78)
        assert found * math.log(10) == six(7.35294)

    @each_candidate
    def test_heights(self, candidate, facts):
        found = gaussian.log10_likelihood_ratio(HEIGHTS, (172, 4.8), candidate)
        assert found * math.log(10) == six(facts[5])

    @repeatable
    @given(samples, mus, sigmas, mus, sigmas)
    def test_difference_and_antisymmetry(self, x, mu_a, sigma_a, mu_b, sigma_b):
        summary, a, b = gaussian.summarize(x), (mu_a, sigma_a), (mu_b, sigma_b)
        found = gaussian.log10_likelihood_ratio(summary, a, b)
        of_a, of_b = gaussian.log_likelihood(summary, *a), gaussian.log_likelihood(summary, *b)
        assert found * math.log(10) == pytest.approx(
            of_a - of_b, rel=1e-12, abs=1e-13 * (abs(of_a) + abs(of_b))
        )
        assert gaussian.log10_likelihood_ratio(summary, b, a) == pytest.approx(-found, rel=1e-11, abs=1e-12)

    def test_units_do_not_matter(self):
        metres = Summary(500, 1.72, 0.048**2)
        assert gaussian.log10_likelihood_ratio(metres, (1.72, 0.048), (1.84, 0.048)) == pytest.approx(
            gaussian.log10_likelihood_ratio(HEIGHTS, (172, 4.8), (184, 4.8)), rel=1e-13
        )

    def test_extremes(self):
        ratio = gaussian.log10_likelihood_ratio
        assert ratio(HEIGHTS, (172, 4.8), (172, 1e-200)) == math.inf
        assert ratio(HEIGHTS, (172, 1e-200), (172, 4.8)) == -math.inf
        assert ratio(HEIGHTS, (173, 1e-200), (173, 1e-200)) == 0

    @pytest.mark.parametrize(
        ("a", "b", "name"),
        [
            ((math.nan, 1), (0, 1), "mu of a"),
            ((0, 0), (0, 1), "sigma of a"),
            ((0, 1), (math.inf, 1), "mu of b"),
            ((0, 1), (0, -1), "sigma of b"),
        ],
    )
    def test_bad_candidates(self, a, b, name):
        with pytest.raises(ValueError, match=f"^{name} must"):
            gaussian.log10_likelihood_ratio(HEIGHTS, a, b)


class TestExpectedLogDensity:
    @each_candidate
    def test_heights(self, candidate, facts):
        assert gaussian.expected_log_density(172, 4.8, *candidate) == six(facts[1])

    def test_entropy_of_the_truth(self):
        entropy = -gaussian.expected_log_density(172, 4.8, 172, 4.8)
        assert (entropy, entropy / math.log(2)) == six((2.98755, 4.31013))

    def test_a_sample_approaches_it(self):
        x = gaussian.sample_heights(200_000, 172, 4.8, seed=11)
        per_person = gaussian.log_likelihood(gaussian.summarize(x), 184, 4.8) / x.size
        error = gaussian.log_density(x, 184, 4.8).std() / math.sqrt(x.size)
        assert abs(per_person - gaussian.expected_log_density(172, 4.8, 184, 4.8)) < 4 * error


class TestKlDivergence:
    @each_candidate
    def test_heights(self, candidate, facts):
        assert gaussian.kl_divergence(172, 4.8, *candidate) == six(facts[6])

    @repeatable
    @given(mus, sigmas, mus, sigmas)
    def test_it_is_what_the_candidate_loses(self, m, s, mu, sigma):
        found = gaussian.kl_divergence(m, s, mu, sigma)
        own, other = gaussian.expected_log_density(m, s, m, s), gaussian.expected_log_density(m, s, mu, sigma)
        assert found >= 0
        assert found == pytest.approx(own - other, rel=1e-12, abs=1e-13 * (abs(own) + abs(other)))

    def test_the_truth_loses_nothing(self):
        assert gaussian.kl_divergence(172, 4.8, 172, 4.8) == 0

    @pytest.mark.parametrize("function", ["kl_divergence", "expected_log_density"])
    @pytest.mark.parametrize(
        ("arguments", "name"),
        [
            ((math.nan, 1, 0, 1), "true_mu"),
            ((0, 0, 0, 1), "true_sigma"),
            ((0, 1, math.inf, 1), "mu"),
            ((0, 1, 0, -1), "sigma"),
        ],
    )
    def test_bad_input(self, function, arguments, name):
        with pytest.raises(ValueError, match=f"^{name} must"):
            getattr(gaussian, function)(*arguments)


class TestLikelihoodRatioDrop:
    def test_known_levels(self):
        found = gaussian.likelihood_ratio_drop([0.5, 0.9, 0.95])
        assert found == six((0.693147, 2.30259, 2.99573))

    @pytest.mark.parametrize("levels", [0, 1, [0.5, 1.5], math.nan, -0.1])
    def test_bad_levels(self, levels):
        with pytest.raises(ValueError, match=r"^levels must"):
            gaussian.likelihood_ratio_drop(levels)


class TestLikelihoodRatioRegion:
    @repeatable
    @given(samples, st.floats(1e-6, 1 - 1e-9), st.integers(5, 60))
    def test_every_point_is_on_the_boundary(self, x, level, points):
        summary = gaussian.summarize(x)
        region = gaussian.likelihood_ratio_region(summary, level, points=points)
        assert region.mu.shape == region.sigma.shape == (points,)
        assert gaussian.drop_from_mle(summary, region.mu, region.sigma) == pytest.approx(
            np.full(points, region.drop), rel=1e-9
        )

    @pytest.mark.parametrize("n", [2, 5, 500, 1_000_000])
    @pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
    def test_it_is_a_closed_curve_around_the_fit(self, n, level):
        region = gaussian.likelihood_ratio_region(Summary(n, 172.0, 23.04), level)
        assert (region.mu[0], region.sigma[0]) == (region.mu[-1], region.sigma[-1])
        assert region.sigma[0] == pytest.approx(4.8, rel=1e-12)
        turns = np.unwrap(np.arctan2(region.sigma - 4.8, region.mu - 172))
        assert (np.diff(turns) > 0).all()
        assert turns[-1] - turns[0] == pytest.approx(2 * math.pi)

    def test_half_width_in_mu_at_the_fitted_sigma(self):
        region = gaussian.likelihood_ratio_region(HEIGHTS, 0.95)
        assert region.mu[0] - 172 == pytest.approx(4.8 * math.sqrt(2 * 2.995732273553991 / 500), rel=1e-12)

    def test_levels_are_nested(self):
        inner, outer = (gaussian.likelihood_ratio_region(HEIGHTS, level) for level in (0.5, 0.9))
        assert outer.sigma.max() > inner.sigma.max() > inner.sigma.min() > outer.sigma.min()

    def test_it_covers_the_truth_as_often_as_it_says(self):
        covered = 0
        for seed in range(300):
            summary = gaussian.summarize(gaussian.sample_heights(200, 172, 4.8, seed=seed))
            covered += gaussian.drop_from_mle(summary, 172, 4.8) <= gaussian.likelihood_ratio_drop(0.9)
        assert covered / 300 == pytest.approx(0.9, abs=0.06)

    @pytest.mark.parametrize("level", [0, 1, math.nan])
    def test_bad_level(self, level):
        with pytest.raises(ValueError, match=r"^levels? must"):
            gaussian.likelihood_ratio_region(HEIGHTS, level)

    def test_bad_points(self):
        with pytest.raises(ValueError, match=r"^points must"):
            gaussian.likelihood_ratio_region(HEIGHTS, 0.5, points=4)


UNDERFLOW = {
    # candidate: zero and subnormal in float64, in float32 (at the mean log-density of every sample)
    (172, 4.8): (250, 238, 35, 30),
    (184, 4.8): (122, 116, 18, 15),
    (140, 10): (89, 84, 13, 11),
    (190, 1): (5, 5, 1, 1),
    (172, 9.6): (226, 215, 32, 27),
}
RANGES = {
    # the smallest and largest n of 400 simulated samples, float64 and float32
    (172, 4.8): (235, 260, 31, 38),
    (184, 4.8): (106, 134, 12, 22),
    (140, 10): (84, 94, 11, 15),
    (190, 1): (2, 8, 1, 3),
    (172, 9.6): (223, 228, 31, 33),
}


def typical(candidate):
    """Give a sample whose every density is the geometric mean under a candidate."""
    mu, sigma = candidate
    distance = math.sqrt(4.8**2 + (172 - mu) ** 2)
    return np.full(500, mu + distance), mu, sigma


class TestUnderflowIndex:
    @pytest.mark.parametrize(("candidate", "at"), UNDERFLOW.items())
    def test_expected_places(self, candidate, at):
        zero64, small64, zero32, small32 = at
        found = gaussian.underflow_index(*typical(candidate))
        assert (found.subnormal, found.overflow) == (small64, None)
        # Subnormal numbers round coarsely, which can hold a product up for a factor or two.
        assert zero64 <= found.zero <= zero64 + 2
        found = gaussian.underflow_index(*typical(candidate), dtype=np.float32)
        assert found.subnormal == small32
        assert zero32 <= found.zero <= zero32 + 1

    @pytest.mark.parametrize(("candidate", "limits"), RANGES.items())
    def test_random_samples(self, candidate, limits):
        for seed in range(20):
            x = gaussian.sample_heights(500, 172, 4.8, seed=seed)
            assert limits[0] - 5 <= gaussian.underflow_index(x, *candidate).zero <= limits[1] + 5
            found = gaussian.underflow_index(x, *candidate, dtype=np.float32).zero
            assert limits[2] - 2 <= found <= limits[3] + 2

    def test_metres_overflow(self):
        x = np.full(1000, 1.72 + 0.048)
        assert gaussian.underflow_index(x, 1.72, 0.048) == (None, None, 439)
        assert gaussian.underflow_index(x, 1.72, 0.048, dtype=np.float32) == (None, None, 55)

    def test_a_million_people(self):
        x = gaussian.sample_heights(1_000_000, 172, 4.8, seed=0)
        assert gaussian.underflow_index(x, 172, 4.8) == gaussian.underflow_index(x[:300], 172, 4.8)

    def test_never(self):
        assert gaussian.underflow_index(FIVE, 5, 2.6) == (None, None, None)

    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    @pytest.mark.parametrize(("mu", "sigma"), [(0.0, 0.5), (3.0, 1.0), (0.0, 0.1), (0.0, 0.39)])
    def test_it_is_the_loop_that_one_would_write(self, dtype, mu, sigma):
        x = gaussian.sample_heights(5000, 0, 0.4, seed=5)
        product, subnormal, zero, overflow = dtype(1), None, None, None
        with np.errstate(all="ignore"):
            for n, factor in enumerate(gaussian.density(x, mu, sigma).astype(dtype), 1):
                product = product * factor
                if subnormal is None and product < np.finfo(dtype).smallest_normal:
                    subnormal = n
                if product == 0 or np.isinf(product):
                    zero, overflow = (n, None) if product == 0 else (None, n)
                    break
        assert gaussian.underflow_index(x, mu, sigma, dtype=dtype) == (subnormal, zero, overflow)
        assert gaussian.plain_product(x, mu, sigma, dtype=dtype) == product

    def test_a_product_that_stays_in_range_over_many_blocks(self):
        x = np.zeros(200_000)
        sigma = 1 / math.sqrt(2 * math.pi)
        assert gaussian.underflow_index(x, 0, sigma) == (None, None, None)
        assert gaussian.plain_product(x, 0, sigma) == pytest.approx(1, rel=1e-9)


class TestPlainProduct:
    def test_five_hundred_people_cannot_be_compared(self):
        x = gaussian.sample_heights(500, 172, 4.8, seed=1)
        assert [gaussian.plain_product(x, *candidate) for candidate in UNDERFLOW] == [0.0] * 5

    def test_after_an_overflow_it_stays_infinite(self):
        # A later density of 0 would make inf * 0, which is nan.
        assert gaussian.plain_product([0.0] * 400 + [1e9], 0, 0.01) == math.inf

    @pytest.mark.parametrize("dtype", [np.int64, np.complex128, np.longdouble, "U5"])
    def test_bad_dtype(self, dtype):
        with pytest.raises(ValueError, match=r"^dtype must be float16, float32 or float64"):
            gaussian.plain_product(FIVE, 5, 1, dtype=dtype)

    @pytest.mark.parametrize("x", [[], [1.0, math.nan]])
    def test_bad_data(self, x):
        with pytest.raises(ValueError, match=r"^x must"):
            gaussian.plain_product(x, 0, 1)

    @pytest.mark.parametrize(("mu", "sigma", "name"), BAD_PARAMETERS[:6])
    def test_bad_parameters(self, mu, sigma, name):
        with pytest.raises(ValueError, match=f"^{name} must"):
            gaussian.plain_product(FIVE, mu, sigma)


class TestStemIndices:
    @repeatable
    @given(st.integers(1, 1_000_000), st.integers(1, 400))
    def test_properties(self, n, room):
        found = gaussian.stem_indices(n, room)
        assert found.size == min(n, room)
        assert found.min() >= 0
        assert found.max() < n
        if found.size > 1:
            gaps = np.diff(found)
            assert (found[0], found[-1]) == (0, n - 1)
            assert 1 <= gaps.min() <= gaps.max() <= gaps.min() + 1

    def test_one_stem_is_the_middle_one(self):
        assert gaussian.stem_indices(5, 1).tolist() == [2]
        assert gaussian.stem_indices(1, 1).tolist() == [0]

    @pytest.mark.parametrize(("n", "room", "name"), [(0, 5, "n"), (5, 0, "at_most"), (5, 1.5, "at_most")])
    def test_bad_input(self, n, room, name):
        with pytest.raises(ValueError, match=f"^{name} must"):
            gaussian.stem_indices(n, room)
