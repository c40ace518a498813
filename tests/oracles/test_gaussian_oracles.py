"""core.gaussian against scipy.stats, torch (float64 autograd) and mpmath (60 digits), to 1e-12 relative."""

import math

import mpmath
import numpy as np
import pytest
import torch
from scipy import integrate, special, stats

from core import gaussian
from core.figures.text import as_power_of_ten
from core.gaussian import Summary

mpmath.mp.dps = 60
TIGHT = 1e-12
RNG = np.random.default_rng(20260101)

# (mu, sigma) candidates: ordinary, tiny, huge, far away
CANDIDATES = [
    (0.3, 1.7),
    (-12.5, 0.02),
    (5.0, 300.0),
    (1e6, 1e-3),
    (0.0, 1e-150),
    (0.1, 1e150),
    (-3e5, 5e-300),
]
SAMPLES = {
    "five points": np.array([1.0, 4.0, 5.0, 6.0, 9.0]),
    "two points": np.array([-0.1, 0.2]),
    "heights": RNG.normal(172, 4.8, 400),
    "metres": RNG.normal(1.72, 0.048, 400),
    "offset 1e9": 1e9 + RNG.normal(0, 1e-3, 300),
    "offset 1e15": 1e15 + RNG.integers(-8, 9, 300) / 8,
    "tiny": RNG.normal(0, 1e-140, 50),
    "huge": RNG.normal(0, 1e140, 50),
    "many sizes": 10.0 ** RNG.uniform(-100, 100, 60) * RNG.choice([-1, 1], 60),
    "one outlier": np.r_[np.full(999, 0.1), 1e12],
}
each_sample = pytest.mark.parametrize("x", SAMPLES.values(), ids=SAMPLES.keys())
each_candidate = pytest.mark.parametrize(("mu", "sigma"), CANDIDATES)


def exact(value):
    return mpmath.mpf(float(value))


def moments(x):
    """Give mean and variance of the data as they are, with 60 digits."""
    values = [exact(v) for v in x]
    mean = mpmath.fsum(values) / len(values)
    return mean, mpmath.fsum((v - mean) ** 2 for v in values) / len(values)


def agrees(found, expected, *, tolerance=TIGHT):
    """Compare a float64 with a 60-digit number, relatively, and beyond float64 by infinity."""
    found, expected = float(found), mpmath.mpf(expected)
    if math.isinf(found):
        return abs(expected) > mpmath.mpf("1.79e308") and (found > 0) == (expected > 0)
    # Below the normal numbers there is no relative accuracy: allow two steps of the smallest number there.
    return abs(exact(found) - expected) <= max(tolerance * abs(expected), 2 * mpmath.mpf(5e-324))


def mp_log_density(x, mu, sigma):
    x, mu, sigma = exact(x), exact(mu), exact(sigma)
    return -(((x - mu) / sigma) ** 2) / 2 - mpmath.log(sigma) - mpmath.log(2 * mpmath.pi) / 2


def mp_log_likelihood(x, mu, sigma):
    return mpmath.fsum(mp_log_density(v, mu, sigma) for v in x)


class TestSummarize:
    @each_sample
    def test_mpmath(self, x):
        mean, variance = moments(x)
        summary = gaussian.summarize(x)
        assert agrees(summary.mean, mean, tolerance=2.3e-16)
        assert agrees(summary.variance, variance)
        rest = mean - exact(summary.mean)
        assert abs(exact(summary.mean_remainder) - rest) <= 1e-30 * abs(mean)

    def test_a_million_at_a_large_offset(self):
        x = 1e15 + RNG.integers(-80, 81, 1_000_000) / 8
        whole = ((x - 1e15) * 8).astype(np.int64)
        n, total, squares = 1_000_000, int(whole.sum()), int((whole * whole).sum())
        summary = gaussian.summarize(x)
        assert agrees(summary.variance, mpmath.mpf(squares * n - total**2) / (64 * n * n))
        assert agrees(summary.mean, mpmath.mpf(10) ** 15 + mpmath.mpf(total) / (8 * n), tolerance=2.3e-16)

    def test_a_million_values_sum_as_math_fsum_sums(self):
        x = RNG.normal(0, 1, 1_000_000) * 10.0 ** RNG.integers(-12, 13, 1_000_000)
        assert gaussian.summarize(x).mean == pytest.approx(math.fsum(x) / x.size, rel=5e-16)


class TestLogDensity:
    @each_candidate
    def test_mpmath(self, mu, sigma):
        for x in (-1e150, -7.0, -1e-200, 0.0, 5e-324, 0.30000001, 172.0, 1e6, 1e300):
            assert agrees(gaussian.log_density(x, mu, sigma), mp_log_density(x, mu, sigma)), x

    def test_scipy(self):
        x, mu = RNG.normal(0, 40, 500), RNG.normal(0, 5, 500)
        sigma = 10.0 ** RNG.uniform(-6, 6, 500)
        expected = stats.norm.logpdf(x, mu, sigma)
        assert gaussian.log_density(x, mu, sigma) == pytest.approx(expected, rel=TIGHT)

    def test_torch(self):
        x = RNG.normal(0, 40, 500)
        expected = torch.distributions.Normal(torch.tensor(0.7, dtype=torch.float64), 2.3).log_prob(
            torch.from_numpy(x)
        )
        assert gaussian.log_density(x, 0.7, 2.3) == pytest.approx(expected.numpy(), rel=TIGHT)

    def test_torch_gaussian_nll_takes_the_variance(self):
        arguments = [torch.tensor([v], dtype=torch.float64) for v in (172.0, 180.0, 4.8**2)]
        loss = torch.nn.functional.gaussian_nll_loss(*arguments, full=True)
        assert -gaussian.log_density(180, 172, 4.8) == pytest.approx(loss.item(), rel=TIGHT)


class TestDensity:
    @pytest.mark.parametrize("z", [0.0, 1e-9, 0.5, 3.0, 10.0, 25.0, 37.0])
    def test_mpmath(self, z):
        for sigma in (1e-3, 4.8, 1e5):
            assert agrees(
                gaussian.density(z * sigma, 0, sigma), mpmath.exp(mp_log_density(z * sigma, 0, sigma))
            )

    def test_scipy(self):
        x = RNG.normal(172, 20, 500)
        expected = stats.norm.pdf(x, 172, 4.8)
        assert gaussian.density(x, 172, 4.8) == pytest.approx(expected, rel=TIGHT)


class TestIntervalProbability:
    @pytest.mark.parametrize(
        ("low", "high"),
        [
            *[(-1, 2), (0, 1e-9), (3, 3.0001), (5, 5.2), (1, 2), (10, 10.05), (30, 31), (-36, -35.99)],
            *[(2, 40), (0.5, 1.4), (-0.3, -0.2), (0, 0.99), (37, 38), (1e-12, 2e-12), (-1e-3, 5), (9, 9.1)],
        ],
    )
    def test_mpmath(self, low, high):
        root = mpmath.sqrt(2)
        a, b = exact(low) / root, exact(high) / root
        if a < 0:
            a, b = -b, -a
        expected = (mpmath.erfc(a) - mpmath.erfc(b)) / 2
        assert agrees(gaussian.interval_probability(low, high, 0, 1), expected)

    def test_scipy(self):
        for z in (-30, -2.5, 0, 1, 8):
            assert gaussian.interval_probability(-math.inf, z, 0, 1) == pytest.approx(
                special.ndtr(z), rel=TIGHT
            )


class TestLogLikelihood:
    @each_sample
    @each_candidate
    def test_mpmath(self, x, mu, sigma):
        summary = gaussian.summarize(x)
        assert agrees(gaussian.log_likelihood(summary, mu, sigma), mp_log_likelihood(x, mu, sigma))

    @each_sample
    def test_mpmath_near_the_fit(self, x):
        summary = gaussian.summarize(x)
        mu, sigma = gaussian.fit(summary)
        for shift, stretch in ((0.0, 1.0), (0.3, 1.1), (-2.0, 0.5), (1e-5, 1 + 1e-7)):
            at = (mu + shift * sigma, sigma * stretch)
            assert agrees(gaussian.log_likelihood(summary, *at), mp_log_likelihood(x, *at)), (shift, stretch)

    def test_scipy(self):
        x = SAMPLES["heights"]
        for mu, sigma in ((172, 4.8), (184, 4.8), (140, 10), (190, 1)):
            expected = stats.norm.logpdf(x, mu, sigma).sum()
            found = gaussian.log_likelihood(gaussian.summarize(x), mu, sigma)
            assert found == pytest.approx(expected, rel=TIGHT)


def torch_log_likelihood(x):
    data = torch.from_numpy(x)

    def total(theta):
        return torch.distributions.Normal(theta[0], theta[1]).log_prob(data).sum()

    return total


class TestScore:
    @each_sample
    @each_candidate
    def test_mpmath(self, x, mu, sigma):
        mean, variance = moments(x)
        n, m, s = x.size, exact(mu), exact(sigma)
        found = gaussian.score(gaussian.summarize(x), mu, sigma)
        assert agrees(found.mu, n * (mean - m) / s**2)
        assert agrees(found.sigma, n * ((variance + (mean - m) ** 2) / s**3 - 1 / s))

    @pytest.mark.parametrize(("mu", "sigma"), [(170.0, 6.0), (172.5, 4.0), (100.0, 1.0), (172.0, 50.0)])
    def test_torch_autograd(self, mu, sigma):
        x = SAMPLES["heights"]
        theta = torch.tensor([mu, sigma], dtype=torch.float64, requires_grad=True)
        torch_log_likelihood(x)(theta).backward()
        found = gaussian.score(gaussian.summarize(x), mu, sigma)
        assert found == pytest.approx(theta.grad.numpy(), rel=TIGHT)


class TestHessian:
    @each_sample
    @each_candidate
    def test_mpmath(self, x, mu, sigma):
        mean, variance = moments(x)
        n, m, s = x.size, exact(mu), exact(sigma)
        found = gaussian.hessian(gaussian.summarize(x), mu, sigma)
        assert agrees(found[0, 0], -n / s**2)
        assert agrees(found[0, 1], -2 * n * (mean - m) / s**3)
        assert found[1, 0] == found[0, 1]
        assert agrees(found[1, 1], n / s**2 - 3 * n * (variance + (mean - m) ** 2) / s**4)

    @pytest.mark.parametrize(("mu", "sigma"), [(170.0, 6.0), (172.5, 4.0), (100.0, 1.0), (172.0, 50.0)])
    def test_torch_autograd(self, mu, sigma):
        x = SAMPLES["heights"]
        theta = torch.tensor([mu, sigma], dtype=torch.float64)
        expected = torch.autograd.functional.hessian(torch_log_likelihood(x), theta).numpy()
        assert gaussian.hessian(gaussian.summarize(x), mu, sigma) == pytest.approx(expected, rel=1e-11)


def mp_gap(true_sigma, sigma):
    ratio = exact(true_sigma) / exact(sigma)
    return (ratio**2 - 1) / 2 - mpmath.log(ratio)


class TestKlDivergence:
    @pytest.mark.parametrize(
        "ratio", [1 + 1e-9, 1 - 1e-7, 1.0001, 0.9, 1.2, 0.51, 1.49, 1.51, 0.3, 8, 1e-8, 1e100]
    )
    def test_mpmath_of_the_spread(self, ratio):
        for true_sigma in (1.0, 4.8, 1e-30):
            sigma = true_sigma * ratio
            # The rounding of sigma - true_sigma is none for neighbours, so every digit has to be there.
            assert agrees(gaussian.kl_divergence(3, true_sigma, 3, sigma), mp_gap(true_sigma, sigma))

    def test_mpmath_of_the_mean(self):
        for shift in (1e-13, 1e-3, 1.0, 1e5):
            expected = mp_gap(4.8, 5.0) + ((exact(172) - exact(172 + shift)) / exact(5.0)) ** 2 / 2
            assert agrees(gaussian.kl_divergence(172, 4.8, 172 + shift, 5.0), expected)

    def test_torch(self):
        normal = torch.distributions.Normal
        p = [torch.tensor(v, dtype=torch.float64) for v in (172.0, 4.8)]
        for mu, sigma in ((184.0, 4.8), (140.0, 10.0), (190.0, 1.0), (172.0, 9.6)):
            q = [torch.tensor(v, dtype=torch.float64) for v in (mu, sigma)]
            expected = torch.distributions.kl_divergence(normal(*p), normal(*q)).item()
            assert gaussian.kl_divergence(172, 4.8, mu, sigma) == pytest.approx(expected, rel=TIGHT)


class TestDropFromMle:
    @each_sample
    def test_mpmath(self, x):
        mean, variance = moments(x)
        summary = gaussian.summarize(x)
        mu, sigma = gaussian.fit(x)
        for shift, stretch in ((0.5, 1.0), (0.0, 1.5), (-3.0, 0.2), (1.0, 40.0), (0.01, 1.01)):
            at = (mu + shift * sigma, sigma * stretch)
            m, s = exact(at[0]), exact(at[1])
            ratio = variance / s**2
            expected = x.size * ((ratio - 1 - mpmath.log(ratio)) / 2 + ((mean - m) / s) ** 2 / 2)
            # Next to the fit the rounding of the summary itself (1e-16 of sigma) is what can be seen.
            assert agrees(gaussian.drop_from_mle(summary, *at), expected), (shift, stretch)


class TestLog10LikelihoodRatio:
    @each_sample
    def test_mpmath(self, x):
        summary = gaussian.summarize(x)
        mu, sigma = gaussian.fit(x)
        pairs = [((mu, sigma), (mu + sigma, sigma)), ((mu, sigma), (mu, 1.4 * sigma))]
        pairs += [((mu - sigma, 3 * sigma), (mu + 2 * sigma, sigma / 4)), ((0.0, 1.0), (1.0, 2.0))]
        for a, b in pairs:
            expected = (mp_log_likelihood(x, *a) - mp_log_likelihood(x, *b)) / mpmath.log(10)
            assert agrees(gaussian.log10_likelihood_ratio(summary, a, b), expected), (a, b)

    def test_neighbours_of_the_fit(self):
        # Given exactly by n, mean and variance, so that only the ratio is on trial.
        summary = Summary(1000, 0.0, 1.0)
        for t in (1e-3, 1e-6, 1e-9, -1e-7):
            sigma = exact(1 + t)
            drop = 1000 * (mpmath.log(sigma) + (1 / sigma**2 - 1) / 2)
            found = gaussian.log10_likelihood_ratio(summary, (0, 1), (0, 1 + t))
            assert agrees(found, drop / mpmath.log(10)), t
            other = exact(t)
            found = gaussian.log10_likelihood_ratio(summary, (0, 1), (t, 1))
            assert agrees(found, 1000 * other**2 / 2 / mpmath.log(10)), t


class TestExpectations:
    @pytest.mark.parametrize(("mu", "sigma"), [(172, 4.8), (184, 4.8), (140, 10), (190, 1), (172, 9.6)])
    def test_quadrature(self, mu, sigma):
        def weighted(x):
            return stats.norm.pdf(x, 172, 4.8) * stats.norm.logpdf(x, mu, sigma)

        mean = integrate.quad(weighted, 120, 224, points=[172], epsabs=0, epsrel=1e-13)[0]
        assert gaussian.expected_log_density(172, 4.8, mu, sigma) == pytest.approx(mean, rel=TIGHT)

    def test_entropy(self):
        for sigma in (1e-200, 0.048, 4.8, 1e200):
            expected = stats.norm.entropy(0, sigma)
            assert -gaussian.expected_log_density(0, sigma, 0, sigma) == pytest.approx(expected, rel=TIGHT)


class TestLikelihoodRatioDrop:
    def test_chi_square(self):
        levels = np.r_[1e-12, 1e-6, RNG.uniform(0, 1, 50), 0.5, 0.9, 0.95, 1 - 1e-9]
        expected = [-mpmath.log1p(-exact(level)) for level in levels]
        found = gaussian.likelihood_ratio_drop(levels)
        assert all(agrees(f, e) for f, e in zip(found, expected, strict=True))
        assert found[2:-1] == pytest.approx(stats.chi2.ppf(levels[2:-1], df=2) / 2, rel=TIGHT)


class TestLikelihoodRatioRegion:
    @pytest.mark.parametrize("n", [2, 5, 500, 1_000_000])
    @pytest.mark.parametrize("level", [1e-9, 0.5, 0.95, 1 - 1e-12])
    def test_ends_in_sigma_by_lambert_w(self, n, level):
        # sigma^2 = s^2 / w with w - 1 - log(w) = 2 drop / n, so w = -W(-exp(-1 - 2 drop / n)).
        drop = -mpmath.log1p(-exact(level))
        ends = [1 / mpmath.sqrt(-mpmath.lambertw(-mpmath.exp(-1 - 2 * drop / n), k).real) for k in (0, -1)]
        region = gaussian.likelihood_ratio_region(Summary(n, 0.0, 1.0), level, points=181)
        assert agrees(region.sigma.max(), ends[0])
        assert agrees(region.sigma.min(), ends[1])


class TestAsPowerOfTen:
    def test_mpmath(self):
        values = [*RNG.uniform(-1e5, 1e5, 40), -1493.7770903447, 1e15 / 3, -(2.0**70), 1e-17, -37878.9]
        for value in values:
            mantissa, exponent = as_power_of_ten(value, digits=17)
            with mpmath.workdps(60):
                expected = mpmath.exp(exact(value))
                written = mpmath.mpf(mantissa) * mpmath.mpf(10) ** exponent
                assert abs(written / expected - 1) < 2e-16, value

    def test_numpy_prints_the_same(self):
        for value in RNG.uniform(-300, 300, 200):
            mantissa, exponent = as_power_of_ten(value, digits=6)
            assert f"{mantissa:.5f}e{exponent:+03d}" == np.format_float_scientific(
                np.exp(value), 5, unique=False, exp_digits=2
            )
