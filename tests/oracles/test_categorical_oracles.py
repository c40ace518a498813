"""core.categorical against mpmath (60 digits), scipy and torch (float64), to 1e-12 relative."""

import math

import mpmath
import numpy as np
import pytest
import torch
from scipy import stats

from core import categorical

mpmath.mp.dps = 60
TIGHT = 1e-12
RNG = np.random.default_rng(20260102)

MODELS = {
    "balls": np.array([0.2, 0.2, 0.6]),
    "nearly sure": np.array([1 - 3e-13, 1e-13, 2e-13]),
    "tiny": np.array([1.0, 1e-300, 5e-324]),
    "uniform": np.full(3, 1 / 3),
    "random": RNG.dirichlet(np.ones(3)),
}
COUNTS = [[8, 1, 1], [1_000_000, 0, 0], [0, 0, 7], [999_998, 1, 1], [333_333, 333_333, 333_334], [0, 1, 5]]
MULTINOMIALS = [
    *[[999_999, 1], [999_990, 10], [500_000, 500_000], [1, 1], [2, 1, 1], [15, 16, 17], [1] * 10, [16, 0, 1]],
    *[
        [800_000, 100_000, 100_000],
        [999_984, 16],
        [999_985, 15],
        [1_000_000, 0],
        [100, 3],
        [16, 16],
        [3, 0, 0, 2],
    ],
    *[
        [123_456, 7, 0, 654_321, 99],
        [1] * 40,
        [10_000_000_000, 5],
        [31, 1],
        [15, 1],
        [14, 1],
        [999_999_937, 2],
    ],
]


def exact(value):
    return mpmath.mpf(float(value))


def agrees(found, expected):
    return abs(exact(found) - expected) <= TIGHT * abs(expected)


class TestLogLikelihood:
    @pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
    @pytest.mark.parametrize("counts", COUNTS)
    def test_mpmath(self, counts, model):
        total = mpmath.fsum(c * mpmath.log(exact(q)) for c, q in zip(counts, model, strict=True))
        assert agrees(categorical.log_likelihood(counts, model), total)
        assert agrees(categorical.mean_nll(counts, model), -total / sum(counts))

    def test_torch(self):
        for _ in range(20):
            k = int(RNG.integers(2, 9))
            model, classes = RNG.dirichlet(np.ones(k)), RNG.integers(0, k, 500)
            log_probs = torch.from_numpy(np.log(model)).expand(500, k)
            loss = torch.nn.functional.nll_loss(log_probs, torch.from_numpy(classes)).item()
            counts = np.bincount(classes, minlength=k)
            assert categorical.mean_nll(counts, model) == pytest.approx(loss, rel=TIGHT)

    def test_scipy_has_the_coefficient_besides(self):
        for _ in range(20):
            model = RNG.dirichlet(np.ones(4))
            counts = RNG.multinomial(200, model)
            found = categorical.log_likelihood(counts, model) + categorical.log_multinomial_coefficient(
                counts
            )
            # scipy adds log-factorials, so its own error is about 1e-13 of those, not of their difference.
            expected = stats.multinomial.logpmf(counts, 200, model)
            assert found == pytest.approx(expected, rel=TIGHT, abs=1e-11)


class TestWithPseudoCounts:
    @pytest.mark.parametrize("counts", [[8, 1, 1], [9, 1, 0], [0, 0, 7], [3, 0, 5, 12]])
    @pytest.mark.parametrize("alpha", [0.01, 0.5, 1.0, 7.5])
    def test_it_is_the_mode_of_scipys_posterior(self, counts, alpha):
        # A Dirichlet prior with alpha + 1 and these counts have a Dirichlet posterior.
        mode = categorical.with_pseudo_counts(counts, alpha)
        prior = stats.dirichlet(np.full(len(counts), alpha + 1.0))
        posterior = stats.dirichlet(np.array(counts) + alpha + 1.0)
        top = posterior.logpdf(mode)
        offset = top - prior.logpdf(mode) - categorical.log_likelihood(counts, mode)
        for step in 1e-3 * RNG.normal(size=(20, len(counts))):
            near = mode * np.exp(step)
            near /= near.sum()
            assert posterior.logpdf(near) < top
            # The posterior is likelihood times prior, up to a constant.
            assert posterior.logpdf(near) == pytest.approx(
                prior.logpdf(near) + float(categorical.log_likelihood(counts, near)) + float(offset),
                rel=TIGHT,
                abs=1e-10,
            )

    @pytest.mark.parametrize("counts", [[8, 1, 1], [9, 1, 0], [3, 0, 5, 12]])
    def test_autograd_finds_no_slope_there(self, counts):
        log_q = torch.tensor(np.log(categorical.with_pseudo_counts(counts, 0.5)), requires_grad=True)
        seen = torch.tensor(counts, dtype=torch.float64) + 0.5
        (seen * torch.log_softmax(log_q, dim=0)).sum().backward()
        assert log_q.grad.abs().max().item() < TIGHT * sum(counts)


class TestLogMultinomialCoefficient:
    @pytest.mark.parametrize("counts", MULTINOMIALS)
    def test_mpmath(self, counts):
        expected = mpmath.loggamma(sum(counts) + 1) - mpmath.fsum(mpmath.loggamma(c + 1) for c in counts)
        assert agrees(categorical.log_multinomial_coefficient(counts), expected)

    def test_mpmath_on_random_counts(self):
        for _ in range(200):
            k = int(RNG.integers(2, 9))
            counts = np.floor(10 ** RNG.uniform(0, 6, k)).astype(int)
            expected = mpmath.loggamma(int(counts.sum()) + 1)
            expected -= mpmath.fsum(mpmath.loggamma(int(c) + 1) for c in counts)
            assert agrees(categorical.log_multinomial_coefficient(counts), expected), counts

    def test_the_table_of_stirling_rests(self):
        for n, rest in enumerate(categorical._STIRLING_REST[1:], 1):
            stirling = (n + mpmath.mpf(1) / 2) * mpmath.log(n) - n + mpmath.log(2 * mpmath.pi) / 2
            assert agrees(rest, mpmath.loggamma(n + 1) - stirling)


class TestMeanNllStandardError:
    @pytest.mark.parametrize(
        ("p", "q"),
        [
            ([0.8, 0.1, 0.1], [0.2, 0.2, 0.6]),
            ([0.5, 0.25, 0.25], [1 / 3 + 1e-9, 1 / 3 - 1e-9, 1 / 3]),
            ([0.5, 0.25, 0.25], [1.0, 1e-300, 5e-324]),
            ([1 - 1e-12, 1e-12, 0.0], [0.4, 0.3, 0.3]),
            ([0.1, 0.9, 0.0], [0.6, 0.4, 0.0]),
            ([1e-13, 1 - 2e-13, 1e-13], [0.6, 0.2, 0.2]),
        ],
    )
    def test_mpmath(self, p, q):
        pairs = [(exact(a), -mpmath.log(exact(b))) for a, b in zip(p, q, strict=True) if a > 0]
        total = mpmath.fsum(a for a, _ in pairs)
        mean = mpmath.fsum(a * b for a, b in pairs) / total
        sd = mpmath.sqrt(mpmath.fsum(a * (b - mean) ** 2 for a, b in pairs) / total)
        for n in (1, 500, 1_000_000):
            assert agrees(categorical.mean_nll_standard_error(p, q, n), sd / mpmath.sqrt(n))


class TestSampleCounts:
    def test_chi_square(self):
        probs = np.array([0.4, 0.3, 0.15, 0.1, 0.04, 0.01])
        p_values = [
            stats.chisquare(categorical.sample_counts(probs, 20_000, seed=s), 20_000 * probs).pvalue
            for s in range(200)
        ]
        # The p-values of a right sampler are uniform.
        assert stats.kstest(p_values, "uniform").pvalue > 1e-3

    def test_one_count_is_binomial(self):
        found = [categorical.sample_counts([0.3, 0.7], 50, seed=s)[0] for s in range(4000)]
        expected = stats.binom.pmf(np.arange(51), 50, 0.3)
        assert np.bincount(found, minlength=51) / 4000 == pytest.approx(
            expected, abs=4 * math.sqrt(0.12 / 4000)
        )


class TestPlainProduct:
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_torch_multiplies_to_the_same(self, dtype):
        draws = categorical.sample_classes([0.7, 0.2, 0.1], 2000, seed=1)
        model = np.array([0.6, 0.3, 0.1])
        factors = torch.from_numpy(model.astype(dtype))[torch.from_numpy(draws)]
        product, zero = torch.ones((), dtype=factors.dtype), None
        for n, factor in enumerate(factors, 1):
            product = product * factor
            if product == 0:
                zero = n
                break
        assert categorical.underflow_index(draws, model, dtype=dtype).zero == zero
        short = draws[: zero - 5]
        expected = math.prod(float(model[c]) for c in short)
        assert categorical.plain_product(short, model, dtype=np.float64) == pytest.approx(expected, rel=TIGHT)
