"""Unit cases, properties, finite differences and bad input of core.softmax."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.softmax import (
    exp_overflow_threshold,
    exp_terms,
    log_softmax,
    logits_from_probs,
    plane_to_simplex,
    simplex_to_plane,
    softmax,
    softmax_jacobian,
    softmax_steps,
    temperature_path,
)
from tests.close import SIX, repeatable

CAT, HORSE, DOG = [5.0, 4.0, 2.0], [4.0, 2.0, 8.0], [4.0, 4.0, 1.0]
ROWS = np.array([CAT, HORSE, DOG])
ROW_PROBS = np.array(
    [[0.705385, 0.259496, 0.035119], [0.0179425, 0.00242826, 0.979629], [0.487856, 0.487856, 0.0242889]]
)
ROW_LOG_PROBS = np.array(
    [[-0.349012, -1.34901, -3.34901], [-4.02058, -6.02058, -0.0205811], [-0.717736, -0.717736, -3.71774]]
)
CAT_JACOBIAN = np.array(
    [
        [0.207817, -0.183045, -0.0247724],
        [-0.183045, 0.192158, -0.00911326],
        [-0.0247724, -0.00911326, 0.0338857],
    ]
)
ANY_FLOAT = st.floats(allow_nan=False, allow_infinity=False)
ANY_LOGITS = hnp.arrays(np.float64, st.integers(1, 8), elements=ANY_FLOAT)
USUAL_LOGITS = hnp.arrays(np.float64, st.integers(1, 8), elements=st.floats(-30, 30))
TEMPERATURES = st.floats(1e-308, 1e308)
USUAL_TEMPERATURES = st.floats(0.05, 10.0)
SIMPLEX_POINTS = hnp.arrays(np.float64, 3, elements=st.floats(0, 1)).filter(lambda w: w.sum() > 1e-3)

BAD_LOGITS = [
    ([], r"logits must not be empty"),
    (np.empty((0, 3)), r"logits must not be empty"),
    (2.0, r"logits must have an axis of classes, not be the single number 2\.0"),
    ([1.0, math.nan], r"logits must not contain nan"),
    ([math.nan, math.inf], r"logits must not contain nan"),
    ([[1.0, 2.0], [math.nan, math.nan]], r"logits must not contain nan"),
    ([1.0, math.inf], r"logits must not contain \+inf"),
    ([-math.inf, -math.inf], r"logits must have a finite one in each row, not only -inf"),
    ([[1.0, 2.0], [-math.inf, -math.inf]], r"logits must have a finite one in each row"),
]
BAD_TEMPERATURES = [0.0, -1.0, math.inf, -math.inf, math.nan]
TAKE_LOGITS = [
    softmax,
    log_softmax,
    softmax_jacobian,
    softmax_steps,
    exp_terms,
]


@pytest.mark.parametrize("function", TAKE_LOGITS)
class TestBadArguments:
    @pytest.mark.parametrize(("logits", "message"), BAD_LOGITS)
    def test_bad_logits_are_named(self, function, logits, message):
        with pytest.raises(ValueError, match=message):
            function(logits)

    @pytest.mark.parametrize("temperature", BAD_TEMPERATURES)
    def test_bad_temperature_is_named(self, function, temperature):
        with pytest.raises(ValueError, match=r"temperature must be positive and finite, not "):
            function(CAT, temperature=temperature)

    def test_the_argument_is_left_alone(self, function):
        logits = np.array([5.0, -math.inf, 5.0, 1.0])
        before = logits.copy()
        function(logits, temperature=0.5)
        np.testing.assert_array_equal(logits, before)


@pytest.mark.parametrize("function", [softmax, log_softmax, exp_terms])
def test_an_axis_that_is_not_there_is_named(function):
    with pytest.raises(ValueError, match=r"axis 1 is out of bounds"):
        function(CAT, axis=1)


class TestSoftmax:
    def test_the_three_rows(self):
        np.testing.assert_allclose(softmax(ROWS), ROW_PROBS, rtol=2 * SIX)

    @pytest.mark.parametrize(
        ("temperature", "expected"),
        [
            (0.5, [0.878878, 0.118943, 0.00217852]),
            (1.0, [0.705385, 0.259496, 0.035119]),
            (2.0, [0.546549, 0.331499, 0.121952]),
            (5.0, [0.422379, 0.345815, 0.231806]),
            (10.0, [0.377978, 0.342009, 0.280013]),
        ],
    )
    def test_temperature(self, temperature, expected):
        np.testing.assert_allclose(softmax(CAT, temperature=temperature), expected, rtol=SIX)

    def test_probabilities_as_logits_are_flattened(self):
        np.testing.assert_allclose(softmax([0.1, 0.1, 0.8]), [0.249143, 0.249143, 0.501713], rtol=SIX)

    @pytest.mark.parametrize("axis", [0, 1, -1, -2])
    def test_axis(self, axis):
        by_hand = np.apply_along_axis(softmax, axis, ROWS)
        np.testing.assert_array_equal(softmax(ROWS, axis=axis), by_hand)
        np.testing.assert_allclose(softmax(ROWS, axis=axis).sum(axis=axis), 1.0, rtol=1e-15)

    def test_one_class_is_certain(self):
        assert softmax([-1e308]).tolist() == [1.0]

    def test_integers_are_read_as_floats(self):
        np.testing.assert_array_equal(softmax([5, 4, 2]), softmax(CAT))

    def test_minus_infinity_is_probability_zero(self):
        probs = softmax([-math.inf, 0.0, 0.0])
        assert probs.tolist() == [0.0, 0.5, 0.5]

    def test_low_temperature_is_argmax_and_ties_share(self):
        assert softmax(CAT, temperature=1e-308).tolist() == [1.0, 0.0, 0.0]
        assert softmax(DOG, temperature=1e-308).tolist() == [0.5, 0.5, 0.0]
        assert softmax(CAT, temperature=5e-324).tolist() == [1.0, 0.0, 0.0]

    def test_high_temperature_is_uniform(self):
        np.testing.assert_array_equal(softmax(CAT, temperature=1e308), [1 / 3] * 3)

    def test_differences_beyond_the_largest_float(self):
        # The gap is 2e308, which no float holds; over T = 1e308 it is 2.
        expected = [1 / (1 + math.exp(-2.0)), math.exp(-2.0) / (1 + math.exp(-2.0))]
        np.testing.assert_allclose(softmax([1e308, -1e308], temperature=1e308), expected, rtol=1e-15)
        assert softmax([1e308, -1e308]).tolist() == [1.0, 0.0]

    def test_an_impossible_class_beside_an_overflowing_difference(self):
        probs = softmax([[1e308, -1e308, -math.inf], [1.0, 1.0, -math.inf]], temperature=1e308)
        expected = [[1 / (1 + math.exp(-2.0)), 1 / (1 + math.exp(2.0)), 0.0], [0.5, 0.5, 0.0]]
        np.testing.assert_allclose(probs, expected, rtol=1e-15)

    def test_subnormal_logits_over_a_subnormal_temperature(self):
        np.testing.assert_allclose(softmax([5e-324, 0.0], temperature=5e-324), [0.731059, 0.268941], rtol=SIX)

    @repeatable
    @given(ANY_LOGITS, TEMPERATURES)
    def test_a_distribution_whatever_comes_in(self, logits, temperature):
        probs = softmax(logits, temperature=temperature)
        assert (probs >= 0.0).all()
        assert (probs <= 1.0).all()
        assert math.isclose(probs.sum(), 1.0, rel_tol=1e-14)

    @repeatable
    @given(ANY_LOGITS, TEMPERATURES)
    def test_order_is_kept(self, logits, temperature):
        order = np.argsort(logits)
        assert (np.diff(softmax(logits, temperature=temperature)[order]) >= 0.0).all()

    @repeatable
    @given(hnp.arrays(np.int64, 4, elements=st.integers(-20, 20)), st.integers(-(2**40), 2**40))
    def test_a_constant_changes_nothing(self, logits, constant):
        # Whole numbers, so that adding the constant rounds nothing away.
        np.testing.assert_array_equal(softmax(logits + constant), softmax(logits))

    @repeatable
    @given(USUAL_LOGITS, USUAL_TEMPERATURES)
    def test_temperature_divides(self, logits, temperature):
        np.testing.assert_allclose(
            softmax(logits, temperature=temperature), softmax(logits / temperature), rtol=1e-12
        )


class TestLogSoftmax:
    def test_the_three_rows(self):
        np.testing.assert_allclose(log_softmax(ROWS), ROW_LOG_PROBS, rtol=SIX)

    @pytest.mark.parametrize(
        ("gap", "expected"),
        [(0, 0.693147), (1, 1.31326), (5, 5.00672), (10, 10.0000454), (50, 50), (100, 100), (1000, 1000)],
    )
    def test_the_loss_grows_with_the_gap(self, gap, expected):
        assert -log_softmax([-gap, 0])[0] == pytest.approx(expected, rel=SIX)

    @pytest.mark.parametrize(
        ("gap", "expected"),
        # exp(-gap) to six digits: what log1p keeps, where 1 + exp(-gap) has lost it.
        [
            (1, 0.313262),
            (5, 0.00671535),
            (10, 4.53989e-05),
            (30, 9.35762e-14),
            (50, 1.92875e-22),
            (700, 9.85968e-305),
        ],
    )
    def test_a_sure_and_right_answer_keeps_its_digits(self, gap, expected):
        assert -log_softmax([gap, 0])[0] == pytest.approx(expected, rel=SIX)

    @pytest.mark.parametrize("axis", [0, 1, -1, -2])
    def test_axis(self, axis):
        by_hand = np.apply_along_axis(log_softmax, axis, ROWS)
        np.testing.assert_array_equal(log_softmax(ROWS, axis=axis), by_hand)

    def test_a_third_axis(self):
        logits = np.arange(24.0).reshape(2, 3, 4) ** 1.5
        middle = log_softmax(np.moveaxis(logits, 1, -1))
        np.testing.assert_allclose(log_softmax(logits, axis=1), np.moveaxis(middle, -1, 1), rtol=1e-14)

    def test_minus_infinity_is_probability_zero(self):
        assert log_softmax([-math.inf, 0.0]).tolist() == [-math.inf, 0.0]

    def test_one_class_is_certain_with_a_positive_zero(self):
        value = log_softmax([3.0])[0]
        assert value == 0.0
        assert math.copysign(1.0, value) == 1.0

    def test_differences_beyond_the_largest_float(self):
        log_probs = log_softmax([1e308, -1e308, -1e308], temperature=2e305)
        np.testing.assert_allclose(log_probs[1:], -1000.0, rtol=1e-15)
        assert log_softmax([1e308, -1e308]).tolist() == [0.0, -math.inf]

    def test_idempotent_on_log_probabilities(self):
        log_probs = np.log([0.1, 0.1, 0.8])
        np.testing.assert_allclose(-log_softmax(log_probs), [2.30259, 2.30259, 0.223144], rtol=SIX)

    @repeatable
    @given(USUAL_LOGITS, USUAL_TEMPERATURES)
    def test_exp_is_softmax(self, logits, temperature):
        log_probs = log_softmax(logits, temperature=temperature)
        np.testing.assert_allclose(np.exp(log_probs), softmax(logits, temperature=temperature), rtol=1e-12)

    @repeatable
    @given(ANY_LOGITS, TEMPERATURES)
    def test_never_positive_never_nan(self, logits, temperature):
        assert (log_softmax(logits, temperature=temperature) <= 0.0).all()


class TestSoftmaxJacobian:
    def test_the_cat_row(self):
        np.testing.assert_allclose(softmax_jacobian(CAT), CAT_JACOBIAN, rtol=SIX)

    def test_a_batch_is_row_by_row(self):
        stacked = np.stack([softmax_jacobian(row, temperature=2.0) for row in ROWS])
        batch = softmax_jacobian(ROWS.reshape(1, 3, 3), temperature=2.0)
        assert batch.shape == (1, 3, 3, 3)
        np.testing.assert_array_equal(batch[0], stacked)

    def test_one_class_cannot_move(self):
        assert softmax_jacobian([3.0]).tolist() == [[0.0]]

    def test_an_impossible_class_has_zeros(self):
        jacobian = softmax_jacobian([-math.inf, 0.0, 0.0])
        np.testing.assert_allclose(jacobian, [[0, 0, 0], [0, 0.25, -0.25], [0, -0.25, 0.25]], rtol=1e-15)
        assert not np.signbit(jacobian[0]).any()

    def test_a_sure_class_keeps_its_digits(self):
        # p (1 - p) with 1 - p = exp(-50): formed from p alone it would be 0.
        jacobian = softmax_jacobian([50.0, 0.0])
        np.testing.assert_allclose(
            jacobian, 1.9287498479639178e-22 * np.array([[1, -1], [-1, 1]]), rtol=1e-12
        )

    def test_an_underflowed_probability_over_a_tiny_temperature(self):
        # exp(-750) / 1e-300, whose numerator is below the smallest float; 1.1e-26 is above it.
        expected = math.exp(-750.0 + 300.0 * math.log(10.0))
        jacobian = softmax_jacobian([0.0, -7.5e-298], temperature=1e-300)
        assert jacobian[0, 1] == pytest.approx(-expected, rel=1e-11)

    @repeatable
    @given(hnp.arrays(np.float64, st.integers(2, 6), elements=st.floats(-5, 5)), st.floats(0.2, 10.0))
    def test_finite_differences(self, logits, temperature):
        step = 1e-5 * temperature
        shifts = step * np.eye(logits.size)
        above = softmax(logits + shifts, temperature=temperature)
        below = softmax(logits - shifts, temperature=temperature)
        # Row j of the difference is the move along logit j: the transpose of the Jacobian.
        numeric = ((above - below) / (2.0 * step)).T
        np.testing.assert_allclose(
            softmax_jacobian(logits, temperature=temperature), numeric, rtol=1e-6, atol=1e-9 / temperature
        )

    @repeatable
    @given(ANY_LOGITS, st.floats(1e-300, 1e308))
    def test_symmetric_with_rows_that_cancel(self, logits, temperature):
        jacobian = softmax_jacobian(logits, temperature=temperature)
        assert np.isfinite(jacobian).all()
        np.testing.assert_array_equal(jacobian, jacobian.T)
        diagonal = np.diag(jacobian)
        assert (np.abs(jacobian.sum(axis=-1)) <= 1e-14 * diagonal).all()


def naive(logits, **options):
    return softmax_steps(logits, shifted=False, **options).probs


def shifted(logits, **options):
    return softmax_steps(logits, shifted=True, **options).probs


class TestNaiveSteps:
    def test_agrees_where_nothing_overflows(self):
        np.testing.assert_allclose(naive(ROWS), softmax(ROWS), rtol=1e-15)

    def test_overflow_is_nan(self):
        assert np.isnan(naive([1000.0, 1001.0])).all()

    def test_underflow_of_all_is_nan(self):
        assert np.isnan(naive([-1000.0, -1001.0])).all()

    @pytest.mark.parametrize(
        ("dtype", "below", "above"),
        [("float16", 11.0, 11.2), ("float32", 88.7, 88.8), ("float64", 709.7, 709.8)],
    )
    def test_breaks_where_exp_does(self, dtype, below, above):
        assert np.isfinite(naive([0.0, below], dtype=dtype)).all()
        broken = naive([0.0, above], dtype=dtype)
        assert broken[0] == 0.0
        assert np.isnan(broken[1])

    @pytest.mark.parametrize("dtype", ["float16", np.float32, np.dtype("float64")])
    def test_dtype_of_the_result(self, dtype):
        assert naive(CAT, dtype=dtype).dtype == np.dtype(dtype)

    @pytest.mark.parametrize("dtype", ["float128", "int32", "complex64", "number", None, 3])
    def test_other_dtypes_are_named(self, dtype):
        with pytest.raises(ValueError, match=r"dtype must be one of float16, float32, float64, not "):
            naive(CAT, dtype=dtype)


class TestShiftedSteps:
    @pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
    def test_large_logits_are_no_trouble(self, dtype):
        expected = np.array([0.268941, 0.731059]).astype(dtype)
        np.testing.assert_allclose(
            shifted([1000.0, 1001.0], dtype=dtype), expected, rtol=max(SIX, 2 * np.finfo(dtype).eps)
        )

    def test_float64_is_softmax(self):
        np.testing.assert_array_equal(shifted(ROWS, temperature=3.0), softmax(ROWS, temperature=3.0))

    def test_rounding_shows_in_half_precision(self):
        probs = shifted(CAT, dtype="float16")
        assert probs.dtype == np.float16
        assert 1e-6 < np.abs(probs - softmax(CAT)).max() < 1e-3

    def test_a_logit_that_does_not_fit_is_nan(self):
        assert np.isnan(shifted([1e5, 0.0], dtype="float16")[0])

    def test_a_temperature_that_does_not_fit_is_nan(self):
        assert np.isnan(shifted([1.0, 0.0], temperature=1e-30, dtype="float16")[0])


class TestSoftmaxSteps:
    def test_naive_steps_of_the_three_rows(self):
        steps = softmax_steps(ROWS)
        np.testing.assert_allclose(steps.exps[0], [148.413, 54.5982, 7.38906], rtol=SIX)
        np.testing.assert_allclose(steps.total, [210.4, 3042.95, 111.915], rtol=SIX)
        np.testing.assert_allclose(steps.probs, ROW_PROBS, rtol=2 * SIX)
        np.testing.assert_allclose(steps.log_of_probs, ROW_LOG_PROBS, rtol=SIX)

    def test_shifted_steps(self):
        steps = softmax_steps(CAT, temperature=2.0, shifted=True)
        np.testing.assert_allclose(steps.exps, np.exp([0.0, -0.5, -1.5]), rtol=1e-15)
        assert steps.total == pytest.approx(1.0 + math.exp(-0.5) + math.exp(-1.5), rel=1e-15)

    def test_naive_steps_divide_by_the_temperature(self):
        np.testing.assert_allclose(
            softmax_steps(CAT, temperature=2.0).exps, np.exp([2.5, 2.0, 1.0]), rtol=1e-15
        )

    def test_overflow_is_shown_where_it_happens(self):
        steps = softmax_steps([0.0, 12.0], dtype="float16")
        assert steps.exps.tolist() == [1.0, math.inf]
        assert steps.total == math.inf
        assert steps.probs[0] == 0.0
        assert math.isnan(steps.probs[1])

    def test_a_sum_can_overflow_where_no_exp_does(self):
        steps = softmax_steps([11.0, 11.0], dtype="float16")
        assert np.isfinite(steps.exps).all()
        assert steps.total == math.inf
        assert steps.probs.tolist() == [0.0, 0.0]

    def test_log_after_exp_loses_what_log_softmax_keeps(self):
        steps = softmax_steps([0.0, 200.0], dtype="float32", shifted=True)
        assert steps.log_of_probs.tolist() == [-math.inf, 0.0]
        assert log_softmax([0.0, 200.0])[0] == -200.0

    def test_every_part_has_the_dtype(self):
        for part in softmax_steps(ROWS, dtype="float16"):
            assert part.dtype == np.float16


class TestExpOverflowThreshold:
    @pytest.mark.parametrize(
        ("dtype", "expected"), [("float16", 11.0899), ("float32", 88.7228), ("float64", 709.783)]
    )
    def test_values(self, dtype, expected):
        assert exp_overflow_threshold(dtype) == pytest.approx(expected, rel=SIX)

    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_it_is_where_exp_overflows(self, dtype):
        threshold = exp_overflow_threshold(dtype)
        last = dtype(threshold)
        if float(last) > threshold:
            last = np.nextafter(last, dtype(0))
        with np.errstate(over="ignore"):
            assert np.isfinite(np.exp(last))
            assert np.isinf(np.exp(np.nextafter(last, dtype(np.inf))))

    def test_float64_is_the_default(self):
        assert exp_overflow_threshold() == exp_overflow_threshold("float64")

    def test_other_dtypes_are_named(self):
        with pytest.raises(ValueError, match=r"dtype must be one of float16, float32, float64, not int64"):
            exp_overflow_threshold("int64")


class TestExpTerms:
    def test_the_three_rows(self):
        plain, shifted = exp_terms(ROWS)
        np.testing.assert_allclose(
            plain,
            [[148.413, 54.5982, 7.38906], [54.5982, 7.38906, 2980.96], [54.5982, 54.5982, 2.71828]],
            rtol=SIX,
        )
        np.testing.assert_allclose(shifted, np.exp(ROWS - ROWS.max(axis=1, keepdims=True)), rtol=1e-15)

    def test_temperature_and_axis(self):
        terms = exp_terms(ROWS, temperature=2.0, axis=0)
        np.testing.assert_allclose(terms.plain, np.exp(ROWS / 2.0), rtol=1e-15)
        np.testing.assert_allclose(terms.shifted, np.exp((ROWS - ROWS.max(axis=0)) / 2.0), rtol=1e-15)

    def test_overflow_is_infinity_and_the_shifted_ones_can_be_drawn(self):
        plain, shifted = exp_terms([1000.0, 0.0, -math.inf], temperature=1.0)
        assert plain.tolist() == [math.inf, 1.0, 0.0]
        assert shifted.tolist() == [1.0, 0.0, 0.0]

    def test_a_quotient_beyond_the_largest_float(self):
        plain, shifted = exp_terms([1e308, -1e308], temperature=1e-308)
        assert plain.tolist() == [math.inf, 0.0]
        assert shifted.tolist() == [1.0, 0.0]


class TestTemperaturePath:
    def test_each_row_is_softmax(self):
        temperatures = np.geomspace(0.05, 10.0, 31)
        path = temperature_path(CAT, temperatures)
        assert path.shape == (31, 3)
        for temperature, probs in zip(temperatures, path, strict=True):
            np.testing.assert_array_equal(probs, softmax(CAT, temperature=temperature))

    def test_extremes(self):
        path = temperature_path([1e308, -1e308, -math.inf], [1e-308, 1e308])
        np.testing.assert_allclose(
            path, [[1, 0, 0], [1 / (1 + math.exp(-2)), 1 / (1 + math.exp(2)), 0]], rtol=1e-15
        )

    @pytest.mark.parametrize(("logits", "message"), BAD_LOGITS)
    def test_bad_logits_are_named(self, logits, message):
        with pytest.raises(ValueError, match=message):
            temperature_path(logits, [1.0])

    @pytest.mark.parametrize("temperature", [0.0, -1.0, math.inf, -math.inf])
    def test_bad_temperature_is_named(self, temperature):
        with pytest.raises(ValueError, match=rf"temperatures must be positive and finite, not {temperature}"):
            temperature_path(CAT, [1.0, temperature])

    def test_missing_temperatures_are_named(self):
        with pytest.raises(ValueError, match=r"temperatures must not be empty"):
            temperature_path(CAT, [])
        with pytest.raises(ValueError, match=r"temperatures must not contain nan"):
            temperature_path(CAT, [math.nan])

    def test_more_dimensions_are_named(self):
        with pytest.raises(
            ValueError, match=r"logits must be one row of numbers, not an array of shape \(3, 3\)"
        ):
            temperature_path(ROWS, [1.0])
        with pytest.raises(
            ValueError, match=r"temperatures must be one row of numbers, not an array of shape \(\)"
        ):
            temperature_path(CAT, 1.0)


class TestLogitsFromProbs:
    def test_the_cat_row_centred(self):
        logits = logits_from_probs(softmax(CAT))
        np.testing.assert_allclose(logits, np.array(CAT) - 11.0 / 3.0, rtol=1e-14)

    def test_zeros_are_minus_infinity_and_do_not_count_for_the_centre(self):
        logits = logits_from_probs([0.0, 0.8, 0.2])
        assert logits[0] == -math.inf
        np.testing.assert_allclose(logits[1:], [0.693147, -0.693147], rtol=SIX)

    def test_a_certain_class_is_at_zero(self):
        assert logits_from_probs([0.0, 1.0]).tolist() == [-math.inf, 0.0]

    def test_nearly_equal_probabilities_keep_their_digits(self):
        # Half of log((1 + e)/(1 - e)) with e = 2e-12 is 2e-12 and 1e-24 relative more.
        e = 2.0**-39
        np.testing.assert_allclose(logits_from_probs([0.5 + e / 2, 0.5 - e / 2]), [e, -e], rtol=1e-14)

    def test_axis(self):
        logits = np.array([[5.0, 4.0, 2.0], [-1.0, 7.0, 2.5]])
        for axis in (0, 1, -1):
            centred = logits - logits.mean(axis=axis, keepdims=True)
            np.testing.assert_allclose(
                logits_from_probs(softmax(logits, axis=axis), axis=axis), centred, rtol=1e-13
            )

    def test_not_a_distribution_is_named(self):
        with pytest.raises(ValueError, match=r"probs must sum to 1 \(within 1e-09\), not to 0\.9"):
            logits_from_probs([0.5, 0.4])

    @repeatable
    @given(hnp.arrays(np.float64, st.integers(1, 8), elements=st.floats(-300, 300)))
    def test_softmax_undoes_it(self, logits):
        probs = softmax(logits)
        np.testing.assert_allclose(softmax(logits_from_probs(probs)), probs, rtol=1e-12)


class TestSimplexToPlane:
    def test_corners_and_centre(self):
        height = math.sqrt(3.0) / 2.0
        points = simplex_to_plane([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1 / 3, 1 / 3, 1 / 3]])
        np.testing.assert_allclose(points, [[0, 0], [1, 0], [0.5, height], [0.5, height / 3]], rtol=1e-15)

    def test_the_heights_over_the_sides_are_the_probabilities(self):
        x, y = simplex_to_plane([0.2, 0.3, 0.5])
        height = math.sqrt(3.0) / 2.0
        assert y / height == pytest.approx(0.5, rel=1e-15)
        assert (height * x - 0.5 * y) / height == pytest.approx(0.3, rel=1e-15)

    def test_shape_is_kept(self):
        assert simplex_to_plane(np.full((2, 5, 3), 1 / 3)).shape == (2, 5, 2)

    def test_bad_input_is_named(self):
        with pytest.raises(ValueError, match=r"probs must have three classes along its last axis, not 2"):
            simplex_to_plane([0.5, 0.5])
        with pytest.raises(ValueError, match=r"probs must hold probabilities between 0 and 1, not -0\.5"):
            simplex_to_plane([-0.5, 0.5, 1.0])


class TestPlaneToSimplex:
    @repeatable
    @given(SIMPLEX_POINTS)
    def test_undoes_simplex_to_plane(self, weights):
        probs = weights / weights.sum()
        np.testing.assert_allclose(plane_to_simplex(simplex_to_plane(probs)), probs, rtol=0, atol=1e-15)

    @repeatable
    @given(hnp.arrays(np.float64, 2, elements=st.floats(-3, 3)))
    def test_the_closest_point_of_the_triangle(self, xy):
        probs = plane_to_simplex(xy)
        assert (probs >= 0.0).all()
        assert probs.sum() == pytest.approx(1.0, abs=1e-15)
        # A point is closest in a convex set where no corner lies ahead of it in the direction of xy.
        here = simplex_to_plane(probs)
        ahead = (simplex_to_plane(np.eye(3)) - here) @ (xy - here)
        assert ahead.max() <= 1e-14

    @pytest.mark.parametrize(
        ("xy", "expected"),
        [
            ((-1.0, -0.5), [1, 0, 0]),
            ((3.0, 0.1), [0, 1, 0]),
            ((0.5, 7.0), [0, 0, 1]),
            ((0.3, -1e300), [0.7, 0.3, 0]),
            ((1.5e308, 1.0), [0, 1, 0]),
            ((-1.5e308, -1.5e308), [1, 0, 0]),
            ((1.7e308, 1.7e308), [0, 0, 1]),
        ],
    )
    def test_points_outside(self, xy, expected):
        np.testing.assert_allclose(plane_to_simplex(xy), expected, rtol=1e-15)

    def test_the_foot_on_each_side(self):
        height = math.sqrt(3.0) / 2.0
        # Outwards from a quarter of the way along each side, at right angles to it.
        starts = np.array([[0.25, 0.0], [1 - 0.125, 0.25 * height], [0.5 - 0.125, 0.75 * height]])
        outwards = np.array([[0.0, -1.0], [height, 0.5], [-height, 0.5]])
        expected = [[0.75, 0.25, 0], [0, 0.75, 0.25], [0.25, 0, 0.75]]
        np.testing.assert_allclose(plane_to_simplex(starts + 2.0 * outwards), expected, atol=1e-15)

    def test_no_negative_zero(self):
        assert not np.signbit(plane_to_simplex([[0.0, -0.0], [0.5, -0.0]])).any()

    def test_shape_is_kept(self):
        assert plane_to_simplex(np.zeros((2, 5, 2))).shape == (2, 5, 3)

    @pytest.mark.parametrize(
        ("xy", "message"),
        [
            ([], r"xy must not be empty"),
            (0.5, r"xy must have two numbers along its last axis, not the shape \(\)"),
            ([1.0, 2.0, 3.0], r"xy must have two numbers along its last axis, not the shape \(3,\)"),
            ([math.nan, 0.0], r"xy must not contain nan"),
            ([math.inf, 0.0], r"xy must be finite"),
        ],
    )
    def test_bad_input_is_named(self, xy, message):
        with pytest.raises(ValueError, match=message):
            plane_to_simplex(xy)
