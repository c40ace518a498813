"""Unit cases, properties and bad input for core.categorical."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import categorical
from core.information import cross_entropy, entropy, kl_divergence
from tests.close import repeatable

P, Q = (0.8, 0.1, 0.1), (0.2, 0.2, 0.6)
BALLS = (8, 1, 1)

seeds = st.integers(0, 2**32)


def weights(*, least):
    """Distributions over 2 to 8 classes."""
    return (
        st.lists(st.integers(least, 50), min_size=2, max_size=8)
        .filter(any)
        .map(lambda w: np.array(w) / sum(w))
    )


@st.composite
def counts_and_model(draw):
    k = draw(st.integers(2, 8))
    counts = draw(st.lists(st.integers(0, 1000), min_size=k, max_size=k).filter(any))
    model = np.array(draw(st.lists(st.integers(1, 50), min_size=k, max_size=k)), dtype=float)
    return np.array(counts), model / model.sum()


def six(expected):
    return pytest.approx(expected, rel=1e-5, abs=1e-12)


BAD_PROBS = [[0.5, 0.4], [1.5, -0.5], [math.nan, 1.0], [], [[0.5, 0.5], [0.5, 0.5]]]
BAD_COUNTS = [[8, 1.5, 1], [8, -1, 1], [math.nan, 1, 1], [math.inf, 1, 1], [], 5]


class TestSampleClasses:
    @repeatable
    @given(weights(least=0), st.integers(1, 2000), st.integers(1, 2000), seeds)
    def test_a_larger_n_adds_draws_and_replaces_none(self, probs, n, m, seed):
        first = categorical.sample_classes(probs, min(n, m), seed=seed)
        more = categorical.sample_classes(probs, max(n, m), seed=seed)
        assert np.array_equal(first, more[: first.size])

    @repeatable
    @given(weights(least=0), seeds)
    def test_what_has_no_probability_is_never_drawn(self, probs, seed):
        drawn = set(categorical.sample_classes(probs, 2000, seed=seed).tolist())
        assert drawn <= set(np.flatnonzero(probs).tolist())

    def test_the_last_class_is_not_drawn_by_rounding(self):
        # These ten tenths sum to less than 1 in float64, which leaves a gap below 1.
        probs = np.array([0.1] * 10 + [0.0])
        bounds, _ = categorical._draw(probs, 1, 0)
        assert bounds[-1] == 1.0

    def test_the_draws_are_pinned_because_shared_links_depend_on_them(self):
        draws = categorical.sample_classes(P, 12, seed=0)
        uniform = np.random.Generator(np.random.PCG64(0)).random(12)
        assert draws.tolist() == [0 if u < 0.8 else 1 if u < 0.9 else 2 for u in uniform]
        assert draws.tolist() == [0, 0, 0, 0, 1, 2, 0, 0, 0, 2, 1, 0]

    def test_one_class(self):
        assert categorical.sample_classes([1.0], 3, seed=0).tolist() == [0, 0, 0]

    @pytest.mark.parametrize("probs", BAD_PROBS)
    def test_bad_probs(self, probs):
        with pytest.raises(ValueError, match=r"^probs must"):
            categorical.sample_classes(probs, 5, seed=0)

    @pytest.mark.parametrize(
        ("n", "seed", "name"), [(0, 0, "n"), (1_000_001, 0, "n"), (2.5, 0, "n"), (5, -1, "seed")]
    )
    def test_bad_numbers(self, n, seed, name):
        for function in (categorical.sample_classes, categorical.sample_counts):
            with pytest.raises(ValueError, match=f"^{name} must"):
                function(P, n, seed=seed)


class TestSampleCounts:
    @repeatable
    @given(weights(least=0), st.integers(1, 2000), seeds)
    def test_they_count_the_ordered_draws(self, probs, n, seed):
        classes = categorical.sample_classes(probs, n, seed=seed)
        found = categorical.sample_counts(probs, n, seed=seed)
        assert found.tolist() == np.bincount(classes, minlength=probs.size).tolist()
        assert found.dtype == np.int64

    def test_a_million_draws_come_near_the_expectation(self):
        found = categorical.sample_counts(P, 1_000_000, seed=3)
        sd = np.sqrt(1e6 * np.array(P) * (1 - np.array(P)))
        assert found.sum() == 1_000_000
        assert (np.abs(found - 1e6 * np.array(P)) < 4 * sd).all()

    def test_it_scatters_as_a_multinomial_does(self):
        found = np.array([categorical.sample_counts(P, 100, seed=s) for s in range(2000)])
        p = np.array(P)
        assert np.cov(found.T) == pytest.approx(100 * (np.diag(p) - np.outer(p, p)), abs=1.2)

    def test_a_number_on_a_bound_belongs_to_the_class_above_it(self):
        first = np.random.Generator(np.random.PCG64(0)).random()
        probs = [first, 1 - first]
        assert categorical.sample_classes(probs, 1, seed=0).tolist() == [1]
        assert categorical.sample_counts(probs, 1, seed=0).tolist() == [0, 1]


class TestLogSpaced:
    @repeatable
    @given(st.integers(1, 1_000_000), st.integers(2, 200))
    def test_properties(self, n, points):
        found = categorical.log_spaced(n, points=points)
        assert (found[0], found[-1]) == (1, n)
        assert found.size <= points
        assert (np.diff(found) > 0).all()

    @pytest.mark.parametrize(("n", "points", "name"), [(0, 5, "n"), (5, 1, "points")])
    def test_bad_input(self, n, points, name):
        with pytest.raises(ValueError, match=f"^{name} must"):
            categorical.log_spaced(n, points=points)


class TestRunningCounts:
    @repeatable
    @given(weights(least=0), st.sets(st.integers(1, 3000), min_size=1, max_size=8), seeds)
    def test_each_row_is_a_sample_of_its_own_length(self, probs, lengths, seed):
        ns = sorted(lengths)
        found = categorical.running_counts(probs, ns, seed=seed)
        assert found.shape == (len(ns), probs.size)
        for n, row in zip(ns, found, strict=True):
            assert row.tolist() == categorical.sample_counts(probs, n, seed=seed).tolist()

    def test_the_running_mean_nll_approaches_the_cross_entropy(self):
        ns = categorical.log_spaced(1_000_000)
        running = categorical.mean_nll(categorical.running_counts(P, ns, seed=9), Q)
        error = categorical.mean_nll_standard_error(P, Q, ns)
        assert (np.abs(running - cross_entropy(P, Q)) < 4 * error).all()
        assert running[-1] == pytest.approx(1.49958, abs=2e-3)

    @pytest.mark.parametrize("ns", [[], [3, 2], [2, 2], [0, 5], [1.5, 2], [[1, 2]], [5, 1_000_001], 7])
    def test_bad_lengths(self, ns):
        with pytest.raises(ValueError, match=r"^ns? must"):
            categorical.running_counts(P, ns, seed=0)


class TestEmpirical:
    def test_balls(self):
        assert categorical.empirical(BALLS).tolist() == list(P)

    @repeatable
    @given(counts_and_model())
    def test_no_model_is_more_likely(self, case):
        counts, model = case
        best = categorical.log_likelihood(counts, categorical.empirical(counts))
        assert categorical.log_likelihood(counts, model) <= best * (1 - 1e-12)

    @pytest.mark.parametrize("counts", [*BAD_COUNTS, [0, 0], [[1, 2], [0, 0]]])
    def test_bad_counts(self, counts):
        with pytest.raises(ValueError, match=r"^counts must"):
            categorical.empirical(counts)


class TestWithPseudoCounts:
    def test_worked_cases(self):
        assert categorical.with_pseudo_counts([9, 1, 0], 1.0).tolist() == [10 / 13, 2 / 13, 1 / 13]
        assert categorical.with_pseudo_counts([0, 0], 0.5).tolist() == [0.5, 0.5]
        found = categorical.with_pseudo_counts([[8, 1, 1], [0, 0, 10]], [0.0, 2.0])
        assert found == six(np.array([[0.8, 0.1, 0.1], [2 / 16, 2 / 16, 12 / 16]]))

    @repeatable
    @given(counts_and_model())
    def test_none_is_maximum_likelihood(self, case):
        counts, _ = case
        assert np.array_equal(categorical.with_pseudo_counts(counts, 0.0), categorical.empirical(counts))

    @repeatable
    @given(counts_and_model(), st.floats(1e-6, 1e6))
    def test_it_is_exact_and_makes_nothing_impossible(self, case, alpha):
        counts, _ = case
        total = Fraction(int(counts.sum())) + Fraction(alpha) * counts.size
        wanted = [float((int(c) + Fraction(alpha)) / total) for c in counts]
        found = categorical.with_pseudo_counts(counts, alpha)
        assert found == pytest.approx(wanted, rel=1e-14)
        assert (found > 0.0).all()
        assert categorical.with_pseudo_counts(counts, 1e15) == six(np.full(counts.size, 1 / counts.size))

    @repeatable
    @given(counts_and_model(), st.floats(0.01, 10.0))
    def test_no_model_has_a_greater_likelihood_times_prior(self, case, alpha):
        counts, model = case

        def objective(q):
            return float((counts + alpha) @ np.log(q))

        assert objective(model) <= objective(categorical.with_pseudo_counts(counts, alpha)) + 1e-9

    @pytest.mark.parametrize("counts", [*BAD_COUNTS, [0, 0], [[1, 2], [0, 0]]])
    def test_bad_counts(self, counts):
        with pytest.raises(ValueError, match=r"^counts must"):
            categorical.with_pseudo_counts(counts, 0.0)

    @pytest.mark.parametrize("alpha", [-0.1, math.inf, math.nan, [0.0, -1.0]])
    def test_bad_alpha(self, alpha):
        with pytest.raises(ValueError, match=r"^alpha must"):
            categorical.with_pseudo_counts(BALLS, alpha)


class TestLogLikelihood:
    def test_balls(self):
        of_p, of_q = categorical.log_likelihood(BALLS, [P, Q])
        assert math.exp(of_p) == six(0.00167772)
        assert math.exp(of_q) == six(3.072e-07)
        assert math.exp(of_p - of_q) == six(5461.33)

    def test_zeros(self):
        assert categorical.log_likelihood([8, 2, 0], [0.8, 0.2, 0.0]) == six(
            8 * math.log(0.8) + 2 * math.log(0.2)
        )
        assert categorical.log_likelihood([8, 1, 1], [0.9, 0.1, 0.0]) == -math.inf
        nothing = categorical.log_likelihood([5, 0], [1.0, 0.0])
        assert (nothing, math.copysign(1, nothing)) == (0, 1)
        assert categorical.log_likelihood([0, 0], [1.0, 0.0]) == 0

    @repeatable
    @given(counts_and_model())
    def test_it_is_the_product_over_the_ordered_sample(self, case):
        counts, model = case
        exact = math.prod(Fraction(q) ** int(c) for q, c in zip(model, counts, strict=True))
        log = math.log(exact.numerator) - math.log(exact.denominator)
        assert categorical.log_likelihood(counts, model) == pytest.approx(log, rel=1e-10)

    def test_broadcasting(self):
        counts, models = np.ones((4, 1, 3)), np.full((5, 3), 1 / 3)
        assert categorical.log_likelihood(counts, models).shape == (4, 5)

    @pytest.mark.parametrize("counts", BAD_COUNTS)
    def test_bad_counts(self, counts):
        with pytest.raises(ValueError, match=r"^counts must"):
            categorical.log_likelihood(counts, P)

    @pytest.mark.parametrize("probs", [[0.5, 0.4, 0.0], [0.5, 0.5], [math.nan, 0.5, 0.5], []])
    def test_bad_probs(self, probs):
        with pytest.raises(ValueError, match=r"^probs must"):
            categorical.log_likelihood(BALLS, probs)


class TestMeanNll:
    def test_balls(self):
        assert categorical.mean_nll(BALLS, P) == six(0.639032)
        assert categorical.mean_nll(BALLS, Q) == six(1.49958)

    def test_one_draw_is_the_loss_of_its_class(self):
        assert categorical.mean_nll([0, 0, 1], Q) == six(-math.log(0.6))

    @pytest.mark.parametrize(("p", "nll"), [(0.5, 0.693147), (0.1, 2.30259), (0.001, 6.90776)])
    def test_minus_log_table(self, p, nll):
        assert categorical.mean_nll([7, 0], [p, 1 - p]) == six(nll)

    def test_certainty_and_impossibility(self):
        sure = categorical.mean_nll([5, 0], [1.0, 0.0])
        assert (sure, math.copysign(1, sure)) == (0, 1)
        assert categorical.mean_nll([5, 1], [1.0, 0.0]) == math.inf

    @repeatable
    @given(counts_and_model())
    def test_it_is_a_cross_entropy(self, case):
        counts, model = case
        expected = cross_entropy(categorical.empirical(counts), model)
        assert categorical.mean_nll(counts, model) == pytest.approx(expected, rel=1e-13)

    def test_no_draws(self):
        with pytest.raises(ValueError, match=r"^counts must have at least one draw"):
            categorical.mean_nll([0, 0, 0], P)


class TestIdentity:
    def test_balls(self):
        assert categorical.identity(BALLS, Q) == six((1.49958, 0.639032, 0.860545))
        assert categorical.identity(BALLS, P) == pytest.approx((0.6390318596501768, 0.6390318596501768, 0))

    @repeatable
    @given(counts_and_model())
    def test_the_parts_add_up(self, case):
        counts, model = case
        whole, floor, waste = categorical.identity(counts, model)
        frequencies = categorical.empirical(counts)
        assert whole == pytest.approx(floor + waste, rel=1e-13)
        assert (floor, waste) == (entropy(frequencies), kl_divergence(frequencies, model))

    def test_many_samples_at_once(self):
        counts = categorical.running_counts(P, [1, 10, 100], seed=0)
        whole, floor, waste = categorical.identity(counts, Q)
        assert whole.shape == floor.shape == waste.shape == (3,)
        assert whole == pytest.approx(floor + waste, rel=1e-13)

    def test_an_impossible_draw(self):
        whole, floor, waste = categorical.identity([1, 1], [1.0, 0.0])
        assert (whole, floor, waste) == (math.inf, pytest.approx(math.log(2)), math.inf)


class TestMeanNllStandardError:
    def test_it_is_the_scatter_that_one_sees(self):
        means = [categorical.mean_nll(categorical.sample_counts(P, 200, seed=s), Q) for s in range(1500)]
        assert np.std(means) == pytest.approx(categorical.mean_nll_standard_error(P, Q, 200), rel=0.06)

    def test_two_classes_in_closed_form(self):
        expected = math.sqrt(0.3 * 0.7) * math.log(4) / math.sqrt(50)
        assert categorical.mean_nll_standard_error([0.3, 0.7], [0.2, 0.8], 50) == pytest.approx(expected)

    def test_equal_costs_have_no_scatter(self):
        assert categorical.mean_nll_standard_error(P, [1 / 3] * 3, [1, 10]).tolist() == [0, 0]
        assert categorical.mean_nll_standard_error([1.0, 0.0], [0.3, 0.7], 1) == 0

    def test_impossible_draws(self):
        assert categorical.mean_nll_standard_error(P, [0.9, 0.1, 0.0], [1, 10]).tolist() == [math.inf] * 2
        assert math.isfinite(categorical.mean_nll_standard_error([0.5, 0.5, 0.0], [0.9, 0.1, 0.0], 1))

    @pytest.mark.parametrize(
        ("p", "q", "n", "name"),
        [
            ([0.5, 0.4], [0.5, 0.5], 1, "p"),
            ([0.5, 0.5], [0.5, 0.4], 1, "q"),
            (P, [0.5, 0.5], 1, "p and q"),
            ([P], [Q], 1, "p and q"),
            (P, Q, 0, "n"),
            (P, Q, [5, math.nan], "n"),
            (P, Q, math.inf, "n"),
        ],
    )
    def test_bad_input(self, p, q, n, name):
        with pytest.raises(ValueError, match=f"^{name} must"):
            categorical.mean_nll_standard_error(p, q, n)


class TestMultinomialCoefficient:
    def test_balls(self):
        ways = categorical.multinomial_coefficient(BALLS)
        assert ways == 90
        assert ways * math.exp(categorical.log_likelihood(BALLS, P)) == six(0.150995)
        assert ways * math.exp(categorical.log_likelihood(BALLS, Q)) == six(2.7648e-05)

    @repeatable
    @given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
    def test_factorials(self, counts):
        expected = math.factorial(sum(counts)) // math.prod(math.factorial(c) for c in counts)
        assert categorical.multinomial_coefficient(counts) == expected
        assert categorical.log_multinomial_coefficient(counts) == pytest.approx(math.log(expected), rel=1e-13)

    def test_its_largest_sample(self):
        assert categorical.multinomial_coefficient([9_999, 1]) == 10_000
        with pytest.raises(ValueError, match=r"^counts must sum to at most 10000 .* not to 10001\.$"):
            categorical.multinomial_coefficient([10_000, 1])

    @pytest.mark.parametrize("counts", [*BAD_COUNTS, [[1, 2], [3, 4]]])
    def test_bad_counts(self, counts):
        with pytest.raises(ValueError, match=r"^counts must"):
            categorical.multinomial_coefficient(counts)


class TestLogMultinomialCoefficient:
    def test_one_kind_of_draw_has_one_order(self):
        found = categorical.log_multinomial_coefficient([[5, 0], [0, 1_000_000], [0, 0], [1, 0]])
        assert found.tolist() == [0, 0, 0, 0]
        assert not np.signbit(found).any()

    def test_rows(self):
        assert categorical.log_multinomial_coefficient([[8, 1, 1], [1, 1, 0]]) == pytest.approx(
            [math.log(90), math.log(2)], rel=1e-15
        )

    @pytest.mark.parametrize("n", [1, 15, 16, 17, 200])
    def test_either_side_of_the_table(self, n):
        assert categorical.log_multinomial_coefficient([n, 1]) == pytest.approx(math.log(n + 1), rel=1e-14)

    @pytest.mark.parametrize("counts", BAD_COUNTS)
    def test_bad_counts(self, counts):
        with pytest.raises(ValueError, match=r"^counts must"):
            categorical.log_multinomial_coefficient(counts)


class TestPlainProduct:
    def test_balls(self):
        draws = [0] * 8 + [1, 2]
        assert categorical.plain_product(draws, P) == six(0.00167772)
        assert categorical.plain_product(draws, Q) == six(3.072e-07)
        assert categorical.plain_product(draws, Q, dtype=np.float16) == pytest.approx(3.0e-07, rel=0.2)

    def test_it_agrees_with_the_log_likelihood_while_it_lasts(self):
        draws = categorical.sample_classes(P, 300, seed=5)
        counts = categorical.sample_counts(P, 300, seed=5)
        log = math.log(categorical.plain_product(draws, Q))
        assert log == pytest.approx(categorical.log_likelihood(counts, Q), rel=1e-13)
        assert categorical.plain_product(np.tile(draws, 3), Q) == 0

    @pytest.mark.parametrize("classes", [[], [0.0, 1.0], [[0, 1]], [0, 3], [-1, 0], 0])
    def test_bad_classes(self, classes):
        with pytest.raises(ValueError, match=r"^classes must be"):
            categorical.plain_product(classes, P)

    @pytest.mark.parametrize("probs", BAD_PROBS)
    def test_bad_probs(self, probs):
        with pytest.raises(ValueError, match=r"^probs must"):
            categorical.plain_product([0], probs)

    def test_bad_dtype(self):
        with pytest.raises(ValueError, match=r"^dtype must"):
            categorical.plain_product([0], P, dtype=np.int32)


class TestUnderflowIndex:
    @pytest.mark.parametrize(
        ("dtype", "subnormal", "zero"),
        [(np.float16, 15, 25), (np.float32, 127, 150), (np.float64, 1023, 1075)],
    )
    def test_halves(self, dtype, subnormal, zero):
        # Smallest normal numbers: 2^-14, 2^-126, 2^-1022. Smallest of all: 2^-24, 2^-149, 2^-1074.
        found = categorical.underflow_index([1] * 3000, [0.5, 0.5], dtype=dtype)
        assert found == (subnormal, zero, None)

    def test_never(self):
        assert categorical.underflow_index([0] * 100_000, [1.0, 0.0]) == (None, None, None)

    def test_an_impossible_draw_ends_it(self):
        assert categorical.underflow_index([0, 0, 1, 0], [1.0, 0.0]) == (3, 3, None)


def test_a_model_that_all_but_rules_out_the_likeliest_class_has_a_finite_band():
    found = categorical.mean_nll_standard_error([0.6, 0.4], [1e-310, 1.0], 1)
    assert found == pytest.approx(math.sqrt(0.24) * 310 * math.log(10), rel=1e-12)
