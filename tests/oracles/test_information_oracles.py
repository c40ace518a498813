"""core.information against mpmath, SciPy and PyTorch."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
import scipy.spatial.distance
import scipy.special
import scipy.stats
import torch
from torch.nn import functional

from core.information import (
    code_lengths,
    cross_entropy,
    cross_entropy_from_log_probs,
    cross_entropy_terms,
    entropy,
    entropy_terms,
    jensen_shannon,
    kl_divergence,
    kl_from_log_probs,
    kl_terms,
    mix,
    perplexity,
    total_variation,
)
from core.softmax import log_softmax, softmax

RTOL = 1e-12
GENERATOR = np.random.default_rng(31415926)


def random_pair(size, scale):
    """Two softmaxes of normal logits: the larger the scale, the further apart and the closer to one-hot."""
    return softmax(GENERATOR.normal(scale=scale, size=(2, size)))


def nudged(p, size):
    """A distribution and a copy moved by about ``size``, in steps that leave the sum as it was."""
    q = np.array(p)
    step = 2.0 ** round(math.log2(size))
    q[0] += step
    q[1] -= step
    return np.array(p), q


PAIRS = [
    *(random_pair(size, scale) for size in (2, 3, 10, 200) for scale in (0.1, 1.0, 5.0, 40.0)),
    (np.array([0.8, 0.1, 0.1]), np.array([0.2, 0.2, 0.6])),
    (np.array([1.0, 0.0]), np.array([0.01, 0.99])),
    (np.array([1.0, 0.0]), np.array([1.0 - 2**-53, 2**-53])),
    (np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.25, 0.5])),
    (np.array([1e-310, 1.0]), np.array([0.5, 0.5])),
    (np.array([0.5, 0.5]), np.array([5e-324, 1.0])),
    (np.array([3e-320, 1.0]), np.array([1e-320, 1.0])),
    (np.array([1e-300, 1.0]), np.array([1e-10, 1.0 - 1e-10])),
    (np.array([1.0, 2e-17]), np.array([1.0, 3e-17])),
    (np.array([1.0 - 2**-40, 2**-40]), np.array([1.0 - 2**-41, 2**-41])),
]
CLOSE = [
    nudged(p, size)
    for p in ([0.5, 0.5], [0.75, 0.125, 0.125], [0.0625, 0.0625, 0.875], [0.25, 0.25, 0.0, 0.5])
    for size in (1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 1e-11, 1e-15)
]


@pytest.fixture(autouse=True)
def sixty_digits():
    # The smallest numbers here lie 350 decimal places below 1, which log(p/q) near 1 must resolve.
    with mp.workdps(60):
        yield


def exact(values):
    """The very numbers that the floats are."""
    return [mp.mpf(float(value)) for value in values]


def mp_log_ratio(p, q):
    """log(p/q), 0 where p = 0, infinite where only q is."""
    if p == 0:
        return mp.mpf(0)
    return mp.log(p / q) if q > 0 else mp.inf


def mp_kl(p, q):
    """Divergence of measures: equal to sum p log(p/q) where both sum to 1."""
    return mp.fsum((a * mp_log_ratio(a, b) if a > 0 else 0) - a + b for a, b in zip(p, q, strict=True))


@pytest.mark.parametrize(("p", "q"), PAIRS + CLOSE)
class TestAgainstMpmath:
    def test_entropy_and_terms(self, p, q):
        terms = [-a * mp.log(a) if a > 0 else mp.mpf(0) for a in exact(p)]
        np.testing.assert_allclose(entropy_terms(p), [float(t) for t in terms], rtol=RTOL)
        assert entropy(p) == pytest.approx(float(mp.fsum(terms)), rel=RTOL, abs=0)
        assert perplexity(p) == pytest.approx(float(mp.exp(mp.fsum(terms))), rel=RTOL, abs=0)

    def test_cross_entropy_and_terms(self, p, q):
        terms = [-a * mp.log(b) if a > 0 else mp.mpf(0) for a, b in zip(exact(p), exact(q), strict=True)]
        np.testing.assert_allclose(cross_entropy_terms(p, q), [float(t) for t in terms], rtol=RTOL)
        assert cross_entropy(p, q) == pytest.approx(float(mp.fsum(terms)), rel=RTOL, abs=0)

    def test_code_lengths(self, p, q):
        expected = [float(-mp.log(b)) if b > 0 else math.inf for b in exact(q)]
        np.testing.assert_allclose(code_lengths(q), expected, rtol=RTOL)

    def test_kl_terms(self, p, q):
        expected = [float(a * mp_log_ratio(a, b)) for a, b in zip(exact(p), exact(q), strict=True)]
        np.testing.assert_allclose(kl_terms(p, q), expected, rtol=RTOL)

    def test_kl_divergence_both_ways(self, p, q):
        assert kl_divergence(p, q) == pytest.approx(float(mp_kl(exact(p), exact(q))), rel=RTOL, abs=0)
        if (p > 0).all():
            assert kl_divergence(q, p) == pytest.approx(float(mp_kl(exact(q), exact(p))), rel=RTOL, abs=0)

    def test_jensen_shannon(self, p, q):
        a, b = exact(p), exact(q)
        middle = [(x + y) / 2 for x, y in zip(a, b, strict=True)]
        expected = float((mp_kl(a, middle) + mp_kl(b, middle)) / 2)
        assert jensen_shannon(p, q) == pytest.approx(expected, rel=RTOL, abs=0)

    def test_total_variation(self, p, q):
        expected = float(mp.fsum(abs(a - b) for a, b in zip(exact(p), exact(q), strict=True)) / 2)
        assert total_variation(p, q) == pytest.approx(expected, rel=RTOL, abs=0)


@pytest.mark.parametrize(("p", "q"), CLOSE)
def test_close_pairs_by_the_plain_sum(p, q):
    # Both sum to 1 without rounding here, so the textbook sum has the same value, if it has 60 digits.
    assert mp.fsum(exact(p)) == mp.fsum(exact(q)) == 1
    expected = mp.fsum(a * mp_log_ratio(a, b) for a, b in zip(exact(p), exact(q), strict=True))
    assert kl_divergence(p, q) == pytest.approx(float(expected), rel=RTOL, abs=0)


@pytest.mark.parametrize("scale", [1e-2, 1e-4, 1e-6, 1e-7])
@pytest.mark.parametrize("size", [2, 5, 100])
def test_close_pairs_that_sum_to_one_only_nearly(size, scale):
    # Softmaxes sum to 1 give or take a rounding. The divergence of the distributions that they stand for is
    # found by normalising in 60 digits; the plain sum of the floats would be off by 1e-16, more than 1e-14.
    logits = GENERATOR.normal(size=size)
    p, q = softmax(logits), softmax(logits + GENERATOR.normal(scale=scale, size=size))
    a, b = exact(p), exact(q)
    expected = mp_kl([x / mp.fsum(a) for x in a], [y / mp.fsum(b) for y in b])
    assert kl_divergence(p, q) == pytest.approx(float(expected), rel=RTOL, abs=0)


LOGIT_CASES = [
    *(
        (softmax(GENERATOR.normal(size=k)), GENERATOR.normal(scale=s, size=k))
        for k in (2, 5, 50)
        for s in (1, 30)
    ),
    (np.array([0.25, 0.75]), np.array([-4000.0, 0.0])),
    (np.array([1.0, 0.0]), np.array([0.0, -50.0])),
    (np.array([1.0, 0.0, 0.0]), np.array([0.0, -700.0, -701.0])),
    (np.array([0.5, 0.5]), np.array([-1e300, 0.0])),
    (np.array([5e-324, 1.0]), np.array([3.0, 2.0])),
]


class TestFromLogProbsAgainstMpmath:
    @pytest.mark.parametrize(("p", "logits"), LOGIT_CASES)
    def test_both(self, p, logits):
        scores = exact(logits)
        top = max(range(len(scores)), key=lambda i: scores[i])
        rest = mp.fsum(mp.exp(z - scores[top]) for i, z in enumerate(scores) if i != top)
        log_q = [z - scores[top] - mp.log1p(rest) for z in scores]
        cross = mp.fsum(-a * b for a, b in zip(exact(p), log_q, strict=True))
        assert cross_entropy_from_log_probs(p, log_softmax(logits)) == pytest.approx(
            float(cross), rel=RTOL, abs=0
        )
        with mp.workdps(400):
            # The terms of -p + q may leave nothing but 1e-304 of 1.
            divergence = mp.fsum(
                (a * (mp.log(a) - b) if a > 0 else 0) - a + mp.exp(b)
                for a, b in zip(exact(p), log_q, strict=True)
            )
        assert kl_from_log_probs(p, log_softmax(logits)) == pytest.approx(float(divergence), rel=RTOL, abs=0)

    @pytest.mark.parametrize("gap", [0.6, 0.4, 0.02, 0.011, 0.009, 1e-3, 1e-5])
    def test_close_pairs(self, gap):
        # log 0.5 and log q are both rounded, so the oracle takes the rounded log q and no more is lost than
        # 1e-16 over the gap.
        log_q = log_softmax([gap, 0.0])
        a = mp.mpf("0.5")
        divergence = mp.fsum(a * (mp.log(a) - b) - a + mp.exp(b) for b in exact(log_q))
        assert kl_from_log_probs([0.5, 0.5], log_q) == pytest.approx(
            float(divergence), rel=4e-16 / gap, abs=0
        )


class TestAgainstSciPy:
    P = softmax(GENERATOR.normal(scale=2.0, size=(4, 6)))
    Q = softmax(GENERATOR.normal(scale=2.0, size=(4, 6)))

    def test_elementwise(self):
        np.testing.assert_allclose(entropy_terms(self.P), scipy.special.entr(self.P), rtol=RTOL)
        np.testing.assert_allclose(
            kl_terms(self.P, self.Q), scipy.special.rel_entr(self.P, self.Q), rtol=RTOL
        )
        np.testing.assert_allclose(
            cross_entropy_terms(self.P, self.Q), -scipy.special.xlogy(self.P, self.Q), rtol=RTOL
        )

    def test_entropy_and_divergences(self):
        np.testing.assert_allclose(entropy(self.P), scipy.stats.entropy(self.P, axis=-1), rtol=RTOL)
        np.testing.assert_allclose(
            kl_divergence(self.P, self.Q), scipy.stats.entropy(self.P, self.Q, axis=-1), rtol=RTOL
        )
        np.testing.assert_allclose(
            kl_divergence(self.P, self.Q), scipy.special.kl_div(self.P, self.Q).sum(-1), rtol=RTOL
        )
        np.testing.assert_allclose(
            jensen_shannon(self.P, self.Q),
            scipy.spatial.distance.jensenshannon(self.P, self.Q, axis=-1) ** 2,
            rtol=RTOL,
        )

    @pytest.mark.parametrize("p", [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    @pytest.mark.parametrize("q", [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    def test_zeros(self, p, q):
        np.testing.assert_array_equal(kl_terms(p, q), scipy.special.rel_entr(p, q))
        assert kl_divergence(p, q) == pytest.approx(scipy.special.kl_div(p, q).sum(), rel=RTOL)
        assert entropy(p) == pytest.approx(scipy.special.entr(p).sum(), rel=RTOL)


class TestAgainstTorch:
    LOGITS = GENERATOR.normal(scale=3.0, size=(7, 5))
    P = softmax(GENERATOR.normal(scale=2.0, size=(7, 5)))

    def test_kl_div(self):
        log_q = log_softmax(self.LOGITS)
        expected = (
            functional.kl_div(torch.tensor(log_q), torch.tensor(self.P), reduction="none").sum(-1).numpy()
        )
        np.testing.assert_allclose(kl_from_log_probs(self.P, log_q), expected, rtol=RTOL)
        np.testing.assert_allclose(kl_divergence(self.P, softmax(self.LOGITS)), expected, rtol=RTOL)

    def test_cross_entropy_with_probabilities(self):
        expected = functional.cross_entropy(
            torch.tensor(self.LOGITS), torch.tensor(self.P), reduction="none"
        ).numpy()
        np.testing.assert_allclose(
            cross_entropy_from_log_probs(self.P, log_softmax(self.LOGITS)), expected, rtol=RTOL
        )
        np.testing.assert_allclose(cross_entropy(self.P, softmax(self.LOGITS)), expected, rtol=RTOL)

    def test_entropy(self):
        expected = torch.distributions.Categorical(probs=torch.tensor(self.P)).entropy().numpy()
        np.testing.assert_allclose(entropy(self.P), expected, rtol=RTOL)

    @pytest.mark.parametrize("epsilon", [0.0, 0.1, 1.0])
    def test_smoothed_labels(self, epsilon):
        targets = np.array([0, 1, 2, 3, 4, 0, 2])
        expected = functional.cross_entropy(
            torch.tensor(self.LOGITS), torch.tensor(targets), reduction="none", label_smoothing=epsilon
        ).numpy()
        onehot = np.eye(5)[targets]
        soft = mix(np.full_like(onehot, 0.2), onehot, epsilon)
        # PyTorch's log-probability near 0 has an absolute error of one rounding of 1.
        np.testing.assert_allclose(
            cross_entropy_from_log_probs(soft, log_softmax(self.LOGITS)), expected, rtol=RTOL, atol=1e-15
        )
