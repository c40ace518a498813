"""One long sequence of draws: its counts and the end of its product are those of core.categorical."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.categorical import (
    mean_nll,
    plain_product,
    running_counts,
    sample_classes,
    sample_counts,
    underflow_index,
)
from core.draws import (
    best_with_first,
    counts_along,
    even_classes,
    even_counts,
    long_draw,
    share_standard_error,
    underflow_along,
)
from core.information import normalize_weights

LENGTHS = [1, 2, 3, 5, 10, 30, 100, 1000, 5000, 20_000]

weights = st.lists(st.floats(0.0, 1.0).map(lambda w: round(w, 3)), min_size=2, max_size=8).filter(any)


class TestLongDraw:
    @given(weights, st.integers(0, 50))
    def test_counts_are_those_of_a_draw_of_every_length(self, w, seed):
        p = normalize_weights(w)
        found = counts_along(long_draw(LENGTHS, seed=seed), p)
        assert np.array_equal(found, running_counts(p, LENGTHS, seed=seed))

    @pytest.mark.parametrize("p", [[1.0, 0.0], [0.0, 1.0], [0.5, 0.0, 0.5], [1e-12, 1.0 - 1e-12]])
    def test_at_the_edges(self, p):
        found = counts_along(long_draw(LENGTHS, seed=3), p)
        assert np.array_equal(found[-1], sample_counts(p, LENGTHS[-1], seed=3))
        assert found.sum(axis=1).tolist() == LENGTHS

    @pytest.mark.parametrize(
        "bad", [[], [0], [2, 1], [1, 1], [1.5], [1_000_001], [[1]], list(range(1, 1002))]
    )
    def test_refuses_lengths(self, bad):
        with pytest.raises(ValueError, match="lengths"):
            long_draw(bad, seed=0)

    def test_refuses_what_is_no_distribution(self):
        draw = long_draw([1], seed=0)
        with pytest.raises(ValueError, match="probs"):
            counts_along(draw, [0.5, 0.6])
        with pytest.raises(ValueError, match="one distribution"):
            counts_along(draw, [[0.5, 0.5]])
        with pytest.raises(ValueError, match="seed"):
            long_draw([1], seed=-1)


class TestEven:
    @given(weights)
    def test_one_sequence_has_these_counts(self, w):
        p = normalize_weights(w)
        found = even_counts(p, LENGTHS)
        classes = even_classes(p, LENGTHS[-1])
        for n, row in zip(LENGTHS, found, strict=True):
            assert np.bincount(classes[:n], minlength=p.size).tolist() == row.tolist()

    @pytest.mark.parametrize(
        ("w", "n"),
        [
            ([0.013, 0.007], 30),
            ([0.015, 0.0, 0.135], 5),
            ([0.2, 0.0, 1.0, 0.02, 0.38], 5000),
            ([1.0, 0.57, 1.0, 0.6, 0.13, 0.7], 5000),
        ],
    )
    def test_classes_of_one_time_have_one_order(self, w, n):
        p = normalize_weights(w)
        assert even_counts(p, [n])[0].tolist() == np.bincount(even_classes(p, 20_000)[:n]).tolist()

    def test_a_probability_that_has_no_reciprocal_waits_for_ever(self):
        assert even_counts([0.5, 2e-311, 0.5], [1, 3, 1_000_000]).tolist() == [
            [1, 0, 0],
            [2, 0, 1],
            [500_000, 0, 500_000],
        ]

    @given(weights)
    def test_counts_grow_and_stay_near_n_p(self, w):
        p = normalize_weights(w)
        found = even_counts(p, LENGTHS)
        assert found.sum(axis=1).tolist() == LENGTHS
        assert (np.diff(found, axis=0) >= 0).all()
        assert np.abs(found - np.array(LENGTHS)[:, None] * p).max() < p.size / 2
        assert (found[:, p == 0.0] == 0).all()

    @given(st.lists(st.integers(0, 20), min_size=2, max_size=8).filter(any), st.integers(1, 50))
    def test_are_exact_where_that_is_possible(self, whole, times):
        n = times * sum(whole)
        assert even_counts(normalize_weights(whole), [n])[0].tolist() == [times * c for c in whole]


class TestUnderflow:
    @pytest.mark.parametrize("seed", [0, 1, 2])
    @pytest.mark.parametrize("p", [[0.8, 0.1, 0.1], [1.0, 0.0, 0.0], [0.999, 0.0005, 0.0005]])
    @pytest.mark.parametrize("q", [[0.8, 0.1, 0.1], [0.2, 0.2, 0.6], [0.9, 0.05, 0.05], [0.5, 0.5, 0.0]])
    def test_is_found_where_the_whole_product_says(self, p, q, seed):
        classes = sample_classes(p, LENGTHS[-1], seed=seed)
        found = underflow_along(lambda n: classes[:n], LENGTHS, running_counts(p, LENGTHS, seed=seed), q)
        wanted = underflow_index(classes, q)
        assert (found.subnormal, found.zero) == (wanted.subnormal, wanted.zero)
        assert found.impossible == (wanted.zero is not None and q[classes[wanted.zero - 1]] == 0.0)
        if found.subnormal is not None:
            assert plain_product(classes[: found.last], q) == plain_product(classes, q)

    def test_multiplies_no_more_than_it_must(self):
        asked = []

        def draw(n):
            asked.append(n)
            return np.zeros(n, dtype=np.int8)

        lengths = [100, 1000, 2000, 4000, 1_000_000]
        counts = np.array(lengths)[:, None] * [1, 0]
        assert underflow_along(draw, lengths, counts, [0.5, 0.5])[:2] == (1023, 1075)
        assert asked == [4000]
        assert underflow_along(draw, lengths, counts, [1.0, 0.0])[:3] == (None, None, False)
        assert asked == [4000]

    def test_a_product_that_rounds_to_itself_never_reaches_zero(self):
        counts = np.array(LENGTHS)[:, None] * [1, 0]
        found = underflow_along(lambda n: np.zeros(n, dtype=int), LENGTHS, counts, [0.8, 0.2])
        assert found == (3175, None, False, 20_000)
        assert plain_product(np.zeros(found.last, dtype=int), [0.8, 0.2]) > 0.0

    def test_a_rare_outcome_ends_such_a_product_much_later(self):
        classes = np.zeros(20_000, dtype=int)
        classes[15_000] = 1
        lengths = [1000, 2000, 8000, 10_000, 20_000]
        counts = [[n, 0] for n in lengths[:-1]] + [[19_999, 1]]
        found = underflow_along(lambda n: classes[:n], lengths, counts, [0.8, 0.2])
        assert found.zero == underflow_index(classes, [0.8, 0.2]).zero == 15_001
        assert not found.impossible

    def test_a_sequence_may_end_among_the_subnormal_numbers(self):
        found = underflow_along(
            lambda n: np.zeros(n, dtype=int), [500, 1050], [[500, 0], [1050, 0]], [0.5, 0.5]
        )
        assert found == (1023, None, False, 1050)


class TestModels:
    @given(st.lists(st.integers(0, 30), min_size=2, max_size=8).filter(any))
    def test_best_with_first_is_best_at_the_frequencies(self, counts):
        theta = np.linspace(0.0, 1.0, 101)
        found = mean_nll(counts, best_with_first(counts, theta))
        best = counts[0] / sum(counts)
        lowest = float(mean_nll(counts, best_with_first(counts, [best]))[0])
        assert lowest == pytest.approx(float(mean_nll(counts, np.array(counts) / sum(counts))), abs=1e-12)
        assert (found >= lowest - 1e-12).all()
        assert found.argmin() == pytest.approx(100 * best, abs=1.0)

    def test_best_with_first_shares_the_rest_evenly_where_nothing_was_drawn(self):
        assert best_with_first([4, 0, 0], [0.5]).tolist() == [[0.5, 0.25, 0.25]]

    @pytest.mark.parametrize(
        ("counts", "firsts", "name"),
        [([3], [0.5], "counts"), ([3, 1], [1.5], "firsts"), ([3, 1], [math.nan], "firsts")],
    )
    def test_best_with_first_refuses(self, counts, firsts, name):
        with pytest.raises(ValueError, match=name):
            best_with_first(counts, firsts)

    def test_share_standard_error(self):
        shares = np.array([sample_counts([0.8, 0.2], 50, seed=s)[0] / 50 for s in range(2000)])
        assert share_standard_error([0.8, 0.2], 50)[0] == pytest.approx(math.sqrt(0.16 / 50))
        assert shares.std() == pytest.approx(math.sqrt(0.16 / 50), rel=0.06)
        with pytest.raises(ValueError, match="n must"):
            share_standard_error([0.5, 0.5], 0)
