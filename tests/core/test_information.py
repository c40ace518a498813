"""Unit cases, properties, finite differences and bad input of core.information."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.information import (
    SUM_TOLERANCE,
    as_distribution,
    code_lengths,
    cross_entropy,
    cross_entropy_from_log_probs,
    cross_entropy_terms,
    distribution,
    entropy,
    entropy_terms,
    jensen_shannon,
    kl_divergence,
    kl_from_log_probs,
    kl_terms,
    mix,
    nats_to_bits,
    normalize_weights,
    perplexity,
    total_variation,
)
from core.softmax import log_softmax, softmax
from tests.close import SIX, repeatable

P, Q = [0.8, 0.1, 0.1], [0.2, 0.2, 0.6]
CAT = [5.0, 4.0, 2.0]
INF = math.inf


@st.composite
def pairs(draw, smallest=0.0):
    """Two distributions over the same 2 to 8 outcomes, zeros included unless told otherwise."""
    size = draw(st.integers(2, 8))
    weights = hnp.arrays(np.float64, size, elements=st.floats(smallest, 1.0)).filter(lambda w: w.sum() > 1e-6)
    p, q = draw(weights), draw(weights)
    return p / p.sum(), q / q.sum()


BAD_DISTRIBUTIONS = [
    ([], r"must not be empty"),
    (np.empty((2, 0)), r"must not be empty"),
    (1.0, r"must have an axis of outcomes, not be the single number 1\.0"),
    ([0.5, math.nan], r"must not contain nan"),
    ([-0.1, 0.6, 0.5], r"must hold probabilities between 0 and 1, not -0\.1"),
    ([1.5, -0.5], r"must hold probabilities between 0 and 1, not -0\.5"),
    ([INF, 0.5], r"must hold probabilities between 0 and 1, not inf"),
    ([1e308, 1e308], r"must hold probabilities between 0 and 1, not 1e\+308"),
    ([1.1, 0.0], r"must hold probabilities between 0 and 1, not 1\.1"),
    ([0.5, 0.4], r"must sum to 1 \(within 1e-09\), not to 0\.9"),
    ([0.6, 0.6], r"must sum to 1 \(within 1e-09\), not to 1\.2"),
    ([0.0, 0.0], r"must sum to 1 \(within 1e-09\), not to 0\.0"),
    ([[0.5, 0.5], [0.5, 0.3]], r"must sum to 1 \(within 1e-09\), not to 0\.8"),
    ([0.5, 0.5 + 3e-9], r"must sum to 1"),
]
OF_ONE = [(entropy, "p"), (entropy_terms, "p"), (code_lengths, "q"), (perplexity, "p")]
OF_TWO = [
    cross_entropy,
    cross_entropy_terms,
    kl_divergence,
    kl_terms,
    jensen_shannon,
    total_variation,
    perplexity,
]


@pytest.mark.parametrize(("values", "message"), BAD_DISTRIBUTIONS)
class TestBadDistributions:
    @pytest.mark.parametrize(("function", "name"), OF_ONE)
    def test_functions_of_one(self, function, name, values, message):
        with pytest.raises(ValueError, match=f"^{name} {message}"):
            function(values)

    @pytest.mark.parametrize("function", OF_TWO)
    def test_functions_of_two(self, function, values, message):
        fine = np.broadcast_to([0.5, 0.5], np.shape(values)) if np.shape(values)[-1:] == (2,) else [0.5, 0.5]
        with pytest.raises(ValueError, match=f"^p {message}"):
            function(values, fine)
        with pytest.raises(ValueError, match=f"^q {message}"):
            function(fine, values)

    def test_mix(self, values, message):
        with pytest.raises(ValueError, match=f"^p {message}"):
            mix(values, [0.5, 0.5], [0.5])
        with pytest.raises(ValueError, match=f"^q {message}"):
            mix([0.5, 0.5], values, [0.5])

    @pytest.mark.parametrize("function", [cross_entropy_from_log_probs, kl_from_log_probs])
    def test_functions_of_log_probs(self, function, values, message):
        with pytest.raises(ValueError, match=f"^p {message}"):
            function(values, np.log([0.5, 0.5]))


@pytest.mark.parametrize("function", OF_TWO)
class TestPairs:
    @pytest.mark.parametrize("q", [[0.5, 0.5], [[0.2, 0.2, 0.6]]])
    def test_shapes_that_differ_are_named(self, function, q):
        with pytest.raises(ValueError, match=r"q must have the shape of p, \(3,\), not \("):
            function(P, q)

    @pytest.mark.parametrize("axis", [0, 1, 2, -2])
    def test_axis(self, function, axis):
        generator = np.random.default_rng(5)
        p = normalize_weights(generator.random((2, 3, 4)), axis=axis)
        q = normalize_weights(generator.random((2, 3, 4)), axis=axis)
        rows = function(np.moveaxis(p, axis, -1), np.moveaxis(q, axis, -1))
        expected = np.moveaxis(rows, -1, axis) if rows.ndim == 3 else rows
        np.testing.assert_allclose(function(p, q, axis=axis), expected, rtol=1e-13, atol=1e-16)

    def test_a_missing_axis_is_named(self, function):
        with pytest.raises(ValueError, match=r"axis 1 is out of bounds"):
            function(P, Q, axis=1)

    def test_the_arguments_are_left_alone(self, function):
        p, q = np.array(P), np.array([0.0, 0.4, 0.6])
        function(p, q)
        assert (p.tolist(), q.tolist()) == (P, [0.0, 0.4, 0.6])


class TestAsDistribution:
    def test_gives_back_what_it_got(self):
        assert as_distribution([[1, 0], [0.25, 0.75]]).tolist() == [[1.0, 0.0], [0.25, 0.75]]

    @pytest.mark.parametrize("error", [-0.9 * SUM_TOLERANCE, 0.9 * SUM_TOLERANCE])
    def test_rounding_is_tolerated_and_kept(self, error):
        probs = [0.25, 0.75 + error]
        assert as_distribution(probs).tolist() == probs

    def test_above_one_by_rounding_is_one(self):
        assert as_distribution([1.0 + 2**-52, 0.0]).tolist() == [1.0, 0.0]
        assert math.copysign(1.0, entropy([1.0 + 2**-52, 0.0])) == 1.0

    def test_the_sum_is_checked_before_the_cut(self):
        with pytest.raises(ValueError, match=r"probs must sum to 1"):
            as_distribution([1.0 + 8e-10, 8e-10])

    def test_axis_and_name(self):
        probs = [[0.5, 0.2], [0.5, 0.8]]
        assert as_distribution(probs, axis=0).tolist() == probs
        with pytest.raises(ValueError, match=r"rows must sum to 1 \(within 1e-09\), not to 0\.7"):
            as_distribution(probs, name="rows")


class TestEntropy:
    @pytest.mark.parametrize(
        ("p", "nats"),
        [
            (P, 0.639032),
            (Q, 0.950271),
            ([1 / 3, 1 / 3, 1 / 3], 1.09861),
            ([0.5, 0.5], 0.693147),
            ([0.4, 0.6], 0.673012),
            ([0.2, 0.8], 0.500402),
            ([0.99, 0.01], 0.0560015),
        ],
    )
    def test_values(self, p, nats):
        assert entropy(p) == pytest.approx(nats, rel=SIX)

    def test_of_the_three_rows(self):
        probs = softmax([CAT, [4.0, 2.0, 8.0], [4.0, 4.0, 1.0]])
        np.testing.assert_allclose(entropy(probs), [0.713866, 0.106921, 0.790603], rtol=SIX)

    @pytest.mark.parametrize("p", [[1, 0], [0, 1, 0], [1.0], [1.0, -0.0]])
    def test_a_certain_outcome_is_exactly_zero(self, p):
        assert entropy(p) == 0.0
        assert math.copysign(1.0, entropy(p)) == 1.0

    def test_subnormal_probabilities(self):
        assert entropy([1.0, 1e-310]) == pytest.approx(1e-310 * 310 * math.log(10), rel=1e-12)

    @pytest.mark.parametrize("axis", [0, 1, -1])
    def test_axis(self, axis):
        probs = softmax([CAT, [4.0, 2.0, 8.0]], axis=axis)
        expected = [entropy(row) for row in np.moveaxis(probs, axis, -1)]
        np.testing.assert_allclose(entropy(probs, axis=axis), expected, rtol=1e-14)

    @repeatable
    @given(pairs())
    def test_between_zero_and_uniform(self, pair):
        p, _ = pair
        assert 0.0 <= entropy(p) <= math.log(p.size) * (1 + 1e-14)


class TestEntropyTerms:
    def test_values(self):
        np.testing.assert_allclose(entropy_terms(P), [0.178515, 0.230259, 0.230259], rtol=SIX)
        np.testing.assert_allclose(entropy_terms(Q), [0.321888, 0.321888, 0.306495], rtol=SIX)
        np.testing.assert_allclose(nats_to_bits(entropy_terms(P)), [0.257542, 0.332193, 0.332193], rtol=SIX)

    def test_zero_is_free_and_not_negative(self):
        terms = entropy_terms([1.0, 0.0, -0.0])
        assert terms.tolist() == [0.0, 0.0, 0.0]
        assert not np.signbit(terms).any()

    @repeatable
    @given(pairs())
    def test_sum_is_the_entropy(self, pair):
        assert entropy_terms(pair[0]).sum() == pytest.approx(entropy(pair[0]), rel=1e-14, abs=1e-300)


class TestCrossEntropy:
    def test_values(self):
        assert cross_entropy(P, Q) == pytest.approx(1.49958, rel=SIX)
        assert cross_entropy(Q, P) == pytest.approx(1.8867, rel=SIX)
        assert nats_to_bits(cross_entropy(P, Q)) == pytest.approx(2.16343, rel=SIX)

    @pytest.mark.parametrize(
        ("q", "nats"),
        [
            ([0.99, 0.01], 0.0100503),
            ([0.9, 0.1], 0.105361),
            ([0.5, 0.5], 0.693147),
            ([0.1, 0.9], 2.30259),
            ([0.01, 0.99], 4.60517),
        ],
    )
    def test_one_hot_is_the_log_of_one_probability(self, q, nats):
        assert cross_entropy([1, 0], q) == pytest.approx(nats, rel=SIX)

    def test_infinite_and_free(self):
        assert cross_entropy([1, 0], [0, 1]) == INF
        assert cross_entropy([0.999, 0.001], [1, 0]) == INF
        assert cross_entropy([1, 0], [1, 0]) == 0.0
        assert math.copysign(1.0, cross_entropy([1, 0], [1, 0])) == 1.0

    def test_rows_keep_apart(self):
        assert cross_entropy([[1, 0], [1, 0]], [[0, 1], [1, 0]]).tolist() == [INF, 0.0]

    @repeatable
    @given(pairs(smallest=1e-6))
    def test_entropy_plus_divergence(self, pair):
        p, q = pair
        assert cross_entropy(p, q) == pytest.approx(entropy(p) + kl_divergence(p, q), rel=1e-13)

    @repeatable
    @given(pairs())
    def test_never_below_the_entropy(self, pair):
        p, q = pair
        assert cross_entropy(p, q) >= entropy(p) * (1 - 1e-14) - 1e-15


class TestCrossEntropyTerms:
    def test_values(self):
        np.testing.assert_allclose(cross_entropy_terms(P, Q), [1.28755, 0.160944, 0.0510826], rtol=SIX)
        np.testing.assert_allclose(cross_entropy_terms(Q, P), [0.0446287, 0.460517, 1.38155], rtol=SIX)

    def test_zeros(self):
        terms = cross_entropy_terms([0.5, 0.5, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0])
        assert terms.tolist() == [INF, 0.0, 0.0, 0.0]
        assert not np.signbit(terms).any()

    @repeatable
    @given(pairs(smallest=1e-6))
    def test_a_term_is_width_times_height(self, pair):
        p, q = pair
        np.testing.assert_allclose(cross_entropy_terms(p, q), p * code_lengths(q), rtol=1e-15)


class TestKlDivergence:
    def test_values(self):
        assert kl_divergence(P, Q) == pytest.approx(0.860545, rel=SIX)
        assert kl_divergence(Q, P) == pytest.approx(0.936426, rel=SIX)
        assert nats_to_bits(kl_divergence(P, Q)) == pytest.approx(1.2415, rel=SIX)

    def test_infinite_and_free(self):
        assert kl_divergence([1, 0], [0, 1]) == INF
        assert kl_divergence([0.5, 0.5], [1, 0]) == INF
        assert kl_divergence([1, 0], [1, 0]) == 0.0
        assert kl_divergence([1, 0], [0.5, 0.5]) == pytest.approx(0.693147, rel=SIX)

    @pytest.mark.parametrize("shift", [1e-3, 1e-5, 1e-8, 1e-11, 1e-15])
    def test_close_to_equal(self, shift):
        # For p = (1 + d, 1 - d)/2 against 1/2 each: d^2/2 + d^4/12 + d^6/30 + ...
        d = 2.0 ** round(math.log2(shift))
        expected = d**2 / 2 + d**4 / 12 + d**6 / 30
        assert kl_divergence([0.5 + d / 2, 0.5 - d / 2], [0.5, 0.5]) == pytest.approx(expected, rel=1e-14)

    def test_no_step_where_the_series_takes_over(self):
        # (p - q)/(p + q) passes 0.01 here; the second differences of KL must not notice.
        d = 0.01 / 0.99 + np.linspace(-1e-4, 1e-4, 201) * 2
        p = np.stack([0.5 + d / 2, 0.5 - d / 2], axis=-1)
        expected = 0.5 * ((1 + d) * np.log1p(d) + (1 - d) * np.log1p(-d))
        np.testing.assert_allclose(kl_divergence(p, np.full_like(p, 0.5)), expected, rtol=1e-12)

    def test_unequal_sums_within_tolerance_cost_nothing(self):
        p = np.array([0.3, 0.7])
        q = p * (1 + 5e-10)
        assert 0.0 <= kl_divergence(p, q) < 1e-18
        assert 0.0 <= kl_divergence(q, p) < 1e-18

    @repeatable
    @given(pairs())
    def test_exactly_zero_for_equal_arguments(self, pair):
        assert kl_divergence(pair[0], pair[0].copy()) == 0.0

    @repeatable
    @given(pairs())
    def test_never_negative(self, pair):
        p, q = pair
        assert kl_divergence(p, q) >= 0.0
        assert kl_divergence(p, mix(p, q, 1.0 - 2**-50)) >= 0.0

    @repeatable
    @given(pairs(smallest=1e-6), st.floats(0.0, 1.0))
    def test_convex_along_the_path(self, pair, fraction):
        p, q = pair
        straight = fraction * kl_divergence(p, q)
        assert kl_divergence(mix(p, q, fraction), q) <= straight * (1 + 1e-12) + 1e-15

    @repeatable
    @given(pairs(smallest=1e-3))
    def test_gradient_in_the_logits_is_q_minus_p(self, pair):
        p, start = pair
        logits, step = np.log(start), 1e-5
        moved = logits + step * np.array([[[1.0]], [[-1.0]]]) * np.eye(p.size)
        loss = kl_from_log_probs(np.broadcast_to(p, moved.shape), log_softmax(moved))
        np.testing.assert_allclose((loss[0] - loss[1]) / (2 * step), start - p, atol=1e-8)


class TestKlTerms:
    def test_values(self):
        np.testing.assert_allclose(kl_terms(P, Q), [1.10904, -0.0693147, -0.179176], rtol=SIX)
        np.testing.assert_allclose(kl_terms(Q, P), [-0.277259, 0.138629, 1.07506], rtol=SIX)
        np.testing.assert_allclose(nats_to_bits(kl_terms(P, Q)), [1.6, -0.1, -0.258496], rtol=SIX)

    def test_zeros(self):
        assert kl_terms([0.5, 0.5, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0]).tolist() == [INF, 0.0, 0.0, 0.0]

    def test_close_to_equal(self):
        d = 2.0**-40
        expected = [(0.5 + d) * math.log1p(2 * d), (0.5 - d) * math.log1p(-2 * d)]
        np.testing.assert_allclose(kl_terms([0.5 + d, 0.5 - d], [0.5, 0.5]), expected, rtol=1e-15)

    @repeatable
    @given(pairs())
    def test_sum_is_the_divergence(self, pair):
        p, q = pair
        assert kl_terms(p, q).sum() == pytest.approx(kl_divergence(p, q), rel=1e-12, abs=4e-15)


class TestJensenShannon:
    def test_values(self):
        assert jensen_shannon(P, Q) == pytest.approx(0.203928, rel=SIX)
        assert nats_to_bits(jensen_shannon(P, Q)) == pytest.approx(0.294206, rel=SIX)
        assert jensen_shannon([1, 0], [0, 1]) == pytest.approx(math.log(2), rel=1e-15)

    def test_shared_zeros_and_equal_arguments(self):
        assert jensen_shannon([1, 0, 0], [1, 0, 0]) == 0.0
        assert jensen_shannon([0.5, 0.5, 0.0], [1.0, 0.0, 0.0]) == pytest.approx(0.215762, rel=SIX)

    @repeatable
    @given(pairs())
    def test_symmetric_and_bounded(self, pair):
        p, q = pair
        assert jensen_shannon(p, q) == jensen_shannon(q, p)
        assert 0.0 <= jensen_shannon(p, q) <= math.log(2) * (1 + 1e-14)

    @repeatable
    @given(pairs())
    def test_mean_divergence_to_the_midpoint(self, pair):
        p, q = pair
        middle = (p + q) / 2
        # Half of the smallest float is 0, and a divergence to it infinite.
        assume((middle > 0).tolist() == (p + q > 0).tolist())
        by_definition = (kl_divergence(p, middle) + kl_divergence(q, middle)) / 2
        assert jensen_shannon(p, q) == pytest.approx(by_definition, rel=1e-12, abs=1e-31)


BAD_LOG_PROBS = [
    ([], r"log_q must not be empty"),
    (-1.0, r"log_q must have an axis of outcomes, not be the single number -1\.0"),
    ([-0.5, -0.5, -0.5], r"log_q must have the shape of p, \(2,\), not \(3,\)"),
    ([math.nan, 0.0], r"log_q must not contain nan"),
    ([5.0, 4.0], r"log_q must hold log-probabilities, none above 0, not 5\.0"),
    ([INF, 0.0], r"log_q must hold log-probabilities, none above 0, not inf"),
    ([-1.0, -1.0], r"exp\(log_q\) must sum to 1 \(within 1e-09\), not to 0\.7357"),
    ([-INF, -INF], r"exp\(log_q\) must sum to 1 \(within 1e-09\), not to 0\.0"),
]


@pytest.mark.parametrize("function", [cross_entropy_from_log_probs, kl_from_log_probs])
class TestBadLogProbs:
    @pytest.mark.parametrize(("log_q", "message"), BAD_LOG_PROBS)
    def test_they_are_named(self, function, log_q, message):
        p = [0.5, 0.5]
        with pytest.raises(ValueError, match=message):
            function(p, log_q)


class TestCrossEntropyFromLogProbs:
    def test_values(self):
        assert cross_entropy_from_log_probs(P, np.log(Q)) == pytest.approx(1.49958, rel=SIX)
        assert cross_entropy_from_log_probs([1, 0, 0], log_softmax(CAT)) == pytest.approx(0.349012, rel=SIX)

    def test_beyond_underflow(self):
        assert cross_entropy_from_log_probs([0.25, 0.75], log_softmax([-4000.0, 0.0])) == 1000.0

    def test_infinite_and_free(self):
        assert cross_entropy_from_log_probs([1, 0], [-INF, 0.0]) == INF
        value = cross_entropy_from_log_probs([0, 1], [-INF, 0.0])
        assert value == 0.0
        assert math.copysign(1.0, value) == 1.0

    def test_axis(self):
        p, q = np.array([P, Q]), np.array([Q, P])
        expected = cross_entropy(p, q)
        np.testing.assert_allclose(
            cross_entropy_from_log_probs(p.T, np.log(q).T, axis=0), expected, rtol=1e-14
        )

    @repeatable
    @given(pairs())
    def test_agrees_with_probabilities(self, pair):
        p, q = pair
        with np.errstate(divide="ignore"):
            log_q = np.log(q)
        assert cross_entropy_from_log_probs(p, log_q) == pytest.approx(cross_entropy(p, q), rel=1e-13)


class TestKlFromLogProbs:
    def test_values(self):
        assert kl_from_log_probs(P, np.log(Q)) == pytest.approx(0.860545, rel=SIX)
        assert kl_from_log_probs([1, 0, 0], log_softmax(CAT)) == pytest.approx(0.349012, rel=SIX)

    def test_beyond_underflow(self):
        expected = 1000.0 - entropy([0.25, 0.75])
        assert kl_from_log_probs([0.25, 0.75], log_softmax([-4000.0, 0.0])) == pytest.approx(
            expected, rel=1e-15
        )

    def test_a_tiny_p_beside_a_large_q(self):
        assert kl_from_log_probs([5e-324, 1.0], [math.log(0.5), math.log(0.5)]) == pytest.approx(
            0.693147, rel=SIX
        )

    def test_infinite_and_free(self):
        assert kl_from_log_probs([1, 0], [-INF, 0.0]) == INF
        assert kl_from_log_probs([0, 1], [-INF, 0.0]) == 0.0
        assert kl_from_log_probs([0.5, 0.5], np.log([0.5, 0.5])) == 0.0

    def test_axis(self):
        p, q = np.array([P, Q]), np.array([Q, P])
        expected = kl_divergence(p, q)
        np.testing.assert_allclose(kl_from_log_probs(p.T, np.log(q).T, axis=0), expected, rtol=1e-14)

    @repeatable
    @given(pairs())
    def test_agrees_with_probabilities(self, pair):
        p, q = pair
        with np.errstate(divide="ignore"):
            log_q = np.log(q)
        assert kl_from_log_probs(p, log_q) == pytest.approx(kl_divergence(p, q), rel=1e-11, abs=1e-30)

    @repeatable
    @given(hnp.arrays(np.float64, 5, elements=st.floats(-30, 30)), st.floats(1e-8, 1e-2))
    def test_close_to_equal_keeps_what_the_inputs_determine(self, logits, scale):
        p = softmax(logits)
        log_q = log_softmax(logits + scale * np.array([0.5, -1.0, 0.25, 1.0, -0.75]))
        expected = kl_divergence(p, np.exp(log_q))
        # log p - log q is of size scale and known to about 2e-16 times log p.
        assert kl_from_log_probs(p, log_q) == pytest.approx(expected, rel=1e-13 / scale, abs=1e-26)
        assert kl_from_log_probs(p, log_q) >= 0.0


class TestTotalVariation:
    def test_values(self):
        assert total_variation(P, Q) == pytest.approx(0.6, rel=1e-15)
        assert total_variation([1, 0], [0, 1]) == 1.0
        assert total_variation(P, P) == 0.0

    @repeatable
    @given(pairs())
    def test_pinsker(self, pair):
        p, q = pair
        assert total_variation(p, q) <= math.sqrt(kl_divergence(p, q) / 2) * (1 + 1e-12) + 1e-15


class TestCodeLengths:
    def test_values_in_bits(self):
        np.testing.assert_allclose(nats_to_bits(code_lengths(P)), [0.321928, 3.32193, 3.32193], rtol=SIX)
        np.testing.assert_allclose(nats_to_bits(code_lengths(Q)), [2.32193, 2.32193, 0.736966], rtol=SIX)

    @pytest.mark.parametrize(
        ("q", "nats"),
        [
            (0.99, 0.0100503),
            (0.9, 0.105361),
            (0.5, 0.693147),
            (0.05, 2.99573),
            (0.001, 6.90776),
            (1e-6, 13.8155),
        ],
    )
    def test_table(self, q, nats):
        assert code_lengths([q, 1 - q])[0] == pytest.approx(nats, rel=SIX)

    def test_zero_and_one(self):
        lengths = code_lengths([1.0, 0.0])
        assert lengths.tolist() == [0.0, INF]
        assert not np.signbit(lengths).any()

    def test_axis(self):
        np.testing.assert_array_equal(code_lengths(np.array([P, Q]).T, axis=0), -np.log([P, Q]).T)


class TestPerplexity:
    def test_values(self):
        assert perplexity(P) == pytest.approx(1.89465, rel=SIX)
        assert perplexity(Q) == pytest.approx(2.58641, rel=SIX)
        assert perplexity(P, Q) == pytest.approx(4.47979, rel=SIX)
        assert perplexity(Q, P) == pytest.approx(6.59754, rel=SIX)

    def test_uniform_counts_the_outcomes_and_certain_is_one(self):
        assert perplexity(np.full(7, 1 / 7)) == pytest.approx(7.0, rel=1e-14)
        assert perplexity([1, 0]) == 1.0

    def test_infinite(self):
        assert perplexity([1, 0], [0, 1]) == INF
        assert perplexity([1.0, 0.0], [1e-310, 1.0]) == INF


class TestNatsToBits:
    def test_values(self):
        assert nats_to_bits(math.log(2)) == 1.0
        np.testing.assert_allclose(
            nats_to_bits([0.349012, 0.0205811, 0.717736]), [0.503518, 0.0296923, 1.03547], rtol=SIX
        )

    def test_signs_infinity_and_shape(self):
        assert nats_to_bits([[INF, -math.log(2)]]).tolist() == [[INF, -1.0]]
        assert nats_to_bits(1.7e308) == INF

    def test_bad_input_is_named(self):
        with pytest.raises(ValueError, match=r"nats must not contain nan"):
            nats_to_bits(math.nan)
        with pytest.raises(ValueError, match=r"nats must not be empty"):
            nats_to_bits([])


class TestDistribution:
    def test_divides_by_the_sum(self):
        probs, given = distribution((8.0, 1.0, 1.0))
        np.testing.assert_allclose(probs, P, rtol=1e-15)
        assert given

    @pytest.mark.parametrize("k", [2, 3, 8])
    def test_without_weights_it_is_uniform_and_says_so(self, k):
        probs, given = distribution([0.0] * k)
        np.testing.assert_array_equal(probs, np.full(k, 1.0 / k))
        assert not given

    @pytest.mark.parametrize("weights", [(), (1.0, -1.0), (1.0, INF), (1.0, math.nan)])
    def test_bad_input(self, weights):
        with pytest.raises(ValueError, match="weights"):
            distribution(weights)


class TestNormalizeWeights:
    def test_values(self):
        assert normalize_weights([8, 1, 1]).tolist() == P
        assert normalize_weights([3.0]).tolist() == [1.0]

    def test_axis(self):
        assert normalize_weights([[1, 3], [3, 1]], axis=0).tolist() == [[0.25, 0.75], [0.75, 0.25]]
        assert normalize_weights([[1, 3], [1, 1]]).tolist() == [[0.25, 0.75], [0.5, 0.5]]

    def test_a_sum_beyond_the_largest_float(self):
        assert normalize_weights([[1e308, 1e308], [1.0, 3.0]]).tolist() == [[0.5, 0.5], [0.25, 0.75]]
        np.testing.assert_allclose(
            normalize_weights([1.5e308, 0.75e308, 0.75e308]), [0.5, 0.25, 0.25], rtol=1e-15
        )

    def test_subnormal_weights(self):
        assert normalize_weights([5e-324, 1.5e-323]).tolist() == [0.25, 0.75]

    def test_no_negative_zero(self):
        assert not np.signbit(normalize_weights([1.0, -0.0])).any()

    @pytest.mark.parametrize(
        ("weights", "message"),
        [
            ([], r"weights must not be empty"),
            (2.0, r"weights must have an axis of outcomes, not be the single number 2\.0"),
            ([1.0, math.nan], r"weights must not contain nan"),
            ([1.0, -2.0, 3.0], r"weights must be finite and not negative, not -2\.0"),
            ([1.0, INF], r"weights must be finite and not negative, not inf"),
            ([-1.0, -2.0], r"weights must be finite and not negative, not -1\.0"),
            ([0.0, 0.0], r"weights must have a positive one in each row, not only zeros"),
            ([[1.0, 0.0], [0.0, 0.0]], r"weights must have a positive one in each row, not only zeros"),
        ],
    )
    def test_bad_input_is_named(self, weights, message):
        with pytest.raises(ValueError, match=message):
            normalize_weights(weights)

    @repeatable
    @given(hnp.arrays(np.float64, st.integers(1, 8), elements=st.floats(0, 1.7e308)).filter(np.any))
    def test_always_a_distribution(self, weights):
        probs = as_distribution(normalize_weights(weights))
        assert math.isclose(probs.sum(), 1.0, rel_tol=1e-14)
        assert ((probs > 0) <= (weights > 0)).all()


class TestMix:
    def test_path_from_q_to_p(self):
        path = mix(P, Q, [0.0, 0.25, 1.0])
        assert path[0].tolist() == Q
        assert path[2].tolist() == P
        np.testing.assert_allclose(path[1], [0.35, 0.175, 0.475], rtol=1e-15)

    def test_equal_ends_stay_exactly_equal(self):
        p = softmax(CAT)
        path = mix(p, p, np.linspace(0, 1, 101))
        assert (kl_divergence(path, np.broadcast_to(p, path.shape)) == 0.0).all()

    def test_shapes(self):
        batch = np.array([P, Q])
        assert mix(P, Q, 0.5).shape == (3,)
        assert mix(batch, batch[::-1], np.zeros((4, 5))).shape == (4, 5, 2, 3)
        np.testing.assert_array_equal(mix(batch, batch[::-1], [0.25, 0.5])[0, 1], mix(Q, P, 0.25))

    @pytest.mark.parametrize(
        ("fractions", "message"),
        [
            ([], r"fractions must not be empty"),
            ([math.nan], r"fractions must not contain nan"),
            ([0.5, -0.1], r"fractions must lie between 0 and 1, not -0\.1"),
            (1.1, r"fractions must lie between 0 and 1, not 1\.1"),
        ],
    )
    def test_bad_fractions_are_named(self, fractions, message):
        with pytest.raises(ValueError, match=message):
            mix(P, Q, fractions)

    def test_shapes_that_differ_are_named(self):
        with pytest.raises(ValueError, match=r"q must have the shape of p, \(3,\), not \(2,\)"):
            mix(P, [0.5, 0.5], [0.5])

    @repeatable
    @given(pairs(), st.floats(0, 1))
    def test_always_a_distribution(self, pair, fraction):
        p, q = pair
        mixed = as_distribution(mix(p, q, fraction))
        assert (mixed >= np.minimum(p, q) * (1 - 1e-15)).all()
        assert (mixed <= np.maximum(p, q) * (1 + 1e-15)).all()
