"""Unit cases, properties and bad input of core.losses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.information import cross_entropy, kl_divergence
from core.losses import (
    binary_cross_entropy_with_logits,
    brier_score,
    cross_entropy_gradient,
    cross_entropy_gradient_terms,
    cross_entropy_loss,
    expected_brier_score,
    finite_difference,
    gaussian_nll_loss,
    kl_div_loss,
    log_factorial,
    nll_loss,
    poisson_nll_loss,
    slope_in_q,
)
from core.margins import MARGIN_LOSSES
from core.residuals import RESIDUAL_LOSSES
from core.softmax import log_softmax, softmax
from tests.close import EXACT, approx, repeatable

INF = math.inf

SCORES = np.array([[5.0, 4.0, 2.0], [4.0, 2.0, 8.0], [4.0, 4.0, 1.0]])
LABELS = np.array([0, 2, 1])
WEIGHT = np.array([1.0, 0.2, 0.1])
PER_SAMPLE = [0.349012, 0.0205811, 0.717736]
CAT = [0.705385, 0.259496, 0.035119]

finite = st.floats(-50, 50)


def onehot(labels: np.ndarray, classes: int) -> np.ndarray:
    return (np.arange(classes) == np.asarray(labels)[..., np.newaxis]).astype(float)


@st.composite
def batches(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Logits of shape (N, C) and one label per row."""
    n, classes = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    logits = draw(arrays(float, (n, classes), elements=finite))
    return logits, draw(arrays(np.int64, n, elements=st.integers(0, classes - 1)))


class TestNllLoss:
    def test_worked_example(self):
        log_probs = log_softmax(SCORES)
        assert nll_loss(log_probs, LABELS, reduction="none") == approx(PER_SAMPLE)
        assert nll_loss(log_probs, LABELS, reduction="sum") == approx(1.08733)
        assert nll_loss(log_probs, LABELS) == approx(0.362443)

    def test_every_label_of_the_first_row(self):
        assert [nll_loss(log_softmax(SCORES[0]), y) for y in range(3)] == approx([0.349012, 1.34901, 3.34901])

    def test_probabilities_fed_in_give_minus_the_probability(self):
        assert [nll_loss([0.1, 0.1, 0.8], y) for y in range(3)] == [-0.1, -0.1, -0.8]
        assert [nll_loss([5, 4, 2], y) for y in range(3)] == [-5, -4, -2]

    def test_the_right_input_for_those_probabilities(self):
        log_probs = np.log([0.1, 0.1, 0.8])
        assert [nll_loss(log_probs, y) for y in range(3)] == approx([2.30259, 2.30259, 0.223144])

    def test_weights_divide_the_mean_by_their_sum(self):
        log_probs = log_softmax(SCORES)
        each = nll_loss(log_probs, LABELS, weight=WEIGHT, reduction="none")
        assert each == approx([0.349012, 0.00205811, 0.143547])
        assert nll_loss(log_probs, LABELS, weight=WEIGHT, reduction="sum") == approx(0.494618)
        assert nll_loss(log_probs, LABELS, weight=WEIGHT) == approx(0.380475)

    @pytest.mark.parametrize("scale", [0.1, 1e-310, 1e300, 1.7e308])
    def test_the_mean_does_not_depend_on_the_scale_of_the_weights(self, scale):
        log_probs = log_softmax(SCORES)
        weight = [1.0, 0.25, 0.5]
        expected = nll_loss(log_probs, LABELS, weight=weight)
        scaled = nll_loss(log_probs, LABELS, weight=[scale * w for w in weight])
        assert scaled == approx(expected, EXACT)

    def test_ignored_targets_take_no_part(self):
        log_probs = log_softmax(SCORES)
        target = [0, -100, 1]
        assert nll_loss(log_probs, target, reduction="none") == approx([0.349012, 0, 0.717736])
        assert nll_loss(log_probs, target) == approx(0.533374)
        assert nll_loss(log_probs, target, reduction="sum") == approx(1.06675)
        assert nll_loss(log_probs, [7, 2, 7], ignore_index=7) == approx(0.0205811)
        assert nll_loss(log_probs, LABELS, ignore_index=2) == approx(0.533374)

    def test_nothing_left_gives_nan_as_mean_and_0_as_sum(self):
        assert math.isnan(nll_loss([[-1.0, -2.0]], [-100]))
        assert nll_loss([[-1.0, -2.0]], [-100], reduction="sum") == 0
        assert nll_loss([-1.0, -2.0], -100, reduction="none") == 0
        assert math.isnan(nll_loss([[-1.0, -2.0]], [1], weight=[1, 0]))

    def test_impossible_class_costs_infinity(self):
        assert nll_loss([[0.0, -INF]], [1]) == INF
        assert nll_loss([[0.0, -INF], [0.0, -INF]], [1, 0]) == INF

    def test_weight_0_silences_even_infinity(self):
        assert nll_loss([[0.0, -INF]], [1], weight=[1, 0], reduction="none").tolist() == [0.0]
        assert nll_loss([[0.0, -INF], [0.0, -INF]], [1, 0], weight=[1, 0]) == 0.0

    def test_certainty_costs_plus_0(self):
        for log_prob in (0.0, -0.0):
            for reduction in ("none", "sum", "mean"):
                loss = nll_loss([[log_prob, -INF]], [0], reduction=reduction)
                assert math.copysign(1.0, np.asarray(loss).item()) == 1.0

    def test_shapes(self):
        log_probs = log_softmax(np.arange(120.0).reshape(2, 3, 4, 5) % 7, axis=1)
        target = np.arange(40).reshape(2, 4, 5) % 3
        each = nll_loss(log_probs, target, reduction="none")
        assert each.shape == (2, 4, 5)
        assert each[1, 2, 3] == -log_probs[1, target[1, 2, 3], 2, 3]
        assert np.shape(nll_loss(log_probs[0, :, 0, 0], 1, reduction="none")) == ()
        assert nll_loss(log_probs, target) == approx(each.mean(), EXACT)

    def test_a_total_beyond_the_largest_float_still_has_a_mean(self):
        assert nll_loss([[-1.5e308], [-1.5e308]], [0, 0]) == approx(1.5e308, EXACT)
        assert nll_loss([[-1.5e308], [-1.5e308]], [0, 0], reduction="sum") == INF

    @pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64])
    def test_any_integer_type_is_an_index(self, dtype):
        assert nll_loss(log_softmax(SCORES), LABELS.astype(dtype)) == approx(0.362443)

    def test_the_target_is_left_alone(self):
        target = np.array([0, -100, 1])
        log_probs = log_softmax(SCORES)
        before = log_probs.copy()
        nll_loss(log_probs, target, weight=WEIGHT)
        assert target.tolist() == [0, -100, 1]
        assert (log_probs == before).all()

    @pytest.mark.parametrize(
        ("arguments", "options", "message"),
        [
            (([], 0), {}, "log_probs must not be empty"),
            ((-1.0, 0), {}, "log_probs must have a class axis"),
            (([math.nan, -1.0], 0), {}, "log_probs must not contain nan"),
            (([INF, -1.0], 0), {}, r"log_probs must not contain \+inf"),
            ((SCORES, [0.0, 1.0, 2.0]), {}, "target must hold integer class indices here, not float64"),
            ((SCORES, [True, False, True]), {}, "not bool"),
            ((SCORES, SCORES / 10), {}, "not float64"),
            ((SCORES, [0, 1]), {}, r"target must have shape \(3,\), one class index per sample, not \(2,\)"),
            ((SCORES, [[0], [1], [2]]), {}, r"not \(3, 1\)"),
            ((SCORES[0], [0]), {}, r"target must have shape \(\)"),
            ((SCORES, [0, 1, 3]), {}, "from 0 to 2, but ranges from 0 to 3"),
            ((SCORES, [0, -1, 1]), {}, "ranges from -1 to 1"),
            ((SCORES, [0, -1, -100]), {}, "ranges from -1 to 0"),
            (
                (SCORES, np.array([0, 1, 2**64 - 100], dtype=np.uint64)),
                {},
                "ranges from 0 to 18446744073709551516",
            ),
            ((SCORES, LABELS), {"weight": [1, 2]}, r"weight must have one entry per class, shape \(3,\)"),
            ((SCORES, LABELS), {"weight": [1, 2, -0.5]}, "weight must not be negative, but holds -0.5"),
            ((SCORES, LABELS), {"weight": [1, 2, INF]}, "weight must be finite"),
            ((SCORES, LABELS), {"weight": [1, 2, math.nan]}, "weight must not contain nan"),
            (
                (SCORES, LABELS),
                {"reduction": "average"},
                "reduction must be one of none, mean, sum, not 'average'",
            ),
            ((SCORES, LABELS), {"reduction": "batchmean"}, "not 'batchmean'"),
        ],
    )
    def test_bad_input(self, arguments, options, message):
        with pytest.raises(ValueError, match=message):
            nll_loss(*arguments, **options)


class TestCrossEntropyLoss:
    def test_worked_example(self):
        assert cross_entropy_loss(SCORES, LABELS, reduction="none") == approx(PER_SAMPLE)
        assert cross_entropy_loss(SCORES, LABELS) == approx(0.362443)
        assert cross_entropy_loss(SCORES + 100, LABELS) == approx(0.362443)

    def test_weights_differ_between_indices_and_one_hot_probabilities(self):
        hot = onehot(LABELS, 3)
        assert cross_entropy_loss(SCORES, LABELS, weight=WEIGHT) == approx(0.380475)
        assert cross_entropy_loss(SCORES, hot, weight=WEIGHT) == approx(0.164873)
        by_index = cross_entropy_loss(SCORES, LABELS, weight=WEIGHT, reduction="none")
        assert cross_entropy_loss(SCORES, hot, weight=WEIGHT, reduction="none") == approx(by_index, EXACT)

    def test_label_smoothing(self):
        each = cross_entropy_loss(SCORES, LABELS, label_smoothing=0.1, reduction="none")
        assert each == approx([0.482346, 0.353914, 0.817736])
        assert cross_entropy_loss(SCORES, LABELS, label_smoothing=0.1) == approx(0.551332)
        assert cross_entropy_loss(SCORES, LABELS, label_smoothing=0.2) == approx(0.740221)
        soft = 0.9 * onehot(LABELS, 3) + 0.1 / 3
        assert cross_entropy_loss(SCORES, soft) == approx(0.551332)

    @pytest.mark.parametrize(("classes", "floor"), [(3, 0.29114), (10, 0.500288)])
    def test_smoothing_leaves_a_floor(self, classes, floor):
        gap = math.log(0.9 * classes / 0.1 + 1)
        assert cross_entropy_loss([gap] + [0.0] * (classes - 1), 0, label_smoothing=0.1) == approx(floor)

    def test_weights_multiply_the_smoothed_target(self):
        log_probs = log_softmax(SCORES)
        soft = 0.9 * onehot(LABELS, 3) + 0.1 / 3
        expected = -(WEIGHT * soft * log_probs).sum(axis=1)
        options = {"weight": WEIGHT, "label_smoothing": 0.1}
        assert cross_entropy_loss(SCORES, LABELS, reduction="none", **options) == approx(expected, EXACT)
        assert cross_entropy_loss(SCORES, LABELS, **options) == approx(expected.sum() / 1.3, EXACT)
        assert cross_entropy_loss(SCORES, onehot(LABELS, 3), **options) == approx(expected.mean(), EXACT)

    def test_soft_target(self):
        target = np.tile([0.8, 0.1, 0.1], (3, 1))
        each = cross_entropy_loss(SCORES, target, reduction="none")
        assert each == approx([0.749012, 3.82058, 1.01774])
        assert cross_entropy_loss(np.log([0.2, 0.2, 0.6]), [0.8, 0.1, 0.1]) == approx(1.49958)

    def test_the_target_need_not_sum_to_1(self):
        once = cross_entropy_loss(SCORES[0], [0.8, 0.1, 0.1])
        assert cross_entropy_loss(SCORES[0], [1.6, 0.2, 0.2]) == approx(2 * once, EXACT)

    def test_double_softmax(self):
        probs = [0.1, 0.1, 0.8]
        assert [cross_entropy_loss(probs, y) for y in range(3)] == approx([1.38973, 1.38973, 0.689727])
        assert cross_entropy_loss([1.0, 0.0, 0.0], 0) == approx(0.551445)

    @pytest.mark.parametrize(
        ("gap", "loss"), [(0, 0.693147), (1, 1.31326), (5, 5.00672), (10, 10), (100, 100), (1000, 1000)]
    )
    def test_wrong_by_a_gap_costs_the_gap(self, gap, loss):
        assert cross_entropy_loss([-gap, 0.0], 0) == approx(loss)

    def test_right_by_a_gap_keeps_its_digits(self):
        for gap in (30.0, 40.0, 700.0):
            assert cross_entropy_loss([gap, 0.0], 0) == approx(math.log1p(math.exp(-gap)), EXACT)

    def test_impossible_classes(self):
        logits = [-INF, 0.0, 0.0]
        assert cross_entropy_loss(logits, 0) == INF
        assert cross_entropy_loss(logits, 1) == approx(math.log(2), EXACT)
        assert cross_entropy_loss(logits, [0.0, 0.5, 0.5]) == approx(math.log(2), EXACT)
        assert cross_entropy_loss(logits, [0.1, 0.5, 0.4]) == INF
        assert cross_entropy_loss(logits, 1, label_smoothing=0.1) == INF
        assert cross_entropy_loss(logits, 0, label_smoothing=1.0) == INF
        weighted = cross_entropy_loss(logits, 1, label_smoothing=0.3, weight=[0, 1, 1])
        assert weighted == approx(math.log(2) * (0.7 + 0.2), EXACT)
        assert cross_entropy_loss(logits, [0.1, 0.5, 0.4], weight=[0, 1, 1]) == approx(
            0.9 * math.log(2), EXACT
        )

    def test_smoothing_1_forgets_the_label(self):
        flat = cross_entropy_loss(SCORES[0], np.full(3, 1 / 3))
        assert [cross_entropy_loss(SCORES[0], y, label_smoothing=1) for y in range(3)] == approx(
            [flat] * 3, EXACT
        )

    def test_one_class_costs_plus_0(self):
        for target in ([0, 0], [[1.0], [1.0]]):
            for reduction in ("none", "mean", "sum"):
                loss = np.asarray(cross_entropy_loss([[-1.0], [1.0]], target, reduction=reduction))
                assert (loss == 0).all()
                assert not np.signbit(loss).any()

    def test_nothing_left(self):
        for smoothing in (0.0, 0.1):
            options = {"label_smoothing": smoothing}
            assert math.isnan(cross_entropy_loss([[1.0, 2.0]], [-100], **options))
            assert cross_entropy_loss([[1.0, 2.0]], [-100], reduction="sum", **options) == 0
            assert math.isnan(cross_entropy_loss([[1.0, 2.0]], [1], weight=[1, 0], **options))
        assert cross_entropy_loss([[1.0, 2.0]], [[0.5, 0.5]], weight=[0, 0]) == 0

    def test_ignored_with_weights_and_smoothing(self):
        options = {"weight": WEIGHT, "label_smoothing": 0.1}
        kept = cross_entropy_loss(SCORES[1:], LABELS[1:], **options)
        assert cross_entropy_loss(SCORES, [-100, 2, 1], **options) == approx(kept, EXACT)
        assert cross_entropy_loss(SCORES, [9, 2, 1], ignore_index=9, **options) == approx(kept, EXACT)
        each = cross_entropy_loss(SCORES, [-100, 2, 1], reduction="none", **options)
        assert each[0] == 0
        assert each[1:] == approx(
            cross_entropy_loss(SCORES[1:], LABELS[1:], reduction="none", **options), EXACT
        )

    def test_an_ignored_sample_may_have_no_distribution(self):
        logits = [[1.0, 2.0, 3.0], [-INF] * 3]
        assert cross_entropy_loss(logits, [2, -100]) == approx(0.407606)
        assert cross_entropy_loss(logits, [2, -100], reduction="none").tolist()[1] == 0.0
        with pytest.raises(ValueError, match="inf"):
            cross_entropy_loss(logits, [2, 0])

    def test_class_axis_is_axis_1(self):
        stacked = SCORES.T.reshape(1, 3, 3, 1)
        each = cross_entropy_loss(stacked, LABELS.reshape(1, 3, 1), reduction="none")
        assert each.shape == (1, 3, 1)
        assert each.ravel() == approx(PER_SAMPLE)
        soft = onehot(LABELS, 3).T.reshape(1, 3, 3, 1)
        assert cross_entropy_loss(stacked, soft, reduction="none")[0, :, 0] == approx(PER_SAMPLE)
        assert cross_entropy_loss(stacked, soft) == approx(0.362443)

    @repeatable
    @given(batches(), st.floats(0, 1), finite)
    def test_indices_are_one_hot_probabilities(self, batch, smoothing, shift):
        logits, labels = batch
        hot = onehot(labels, logits.shape[1])
        by_index = cross_entropy_loss(logits, labels, label_smoothing=smoothing, reduction="none")
        by_probs = cross_entropy_loss(logits, hot, label_smoothing=smoothing, reduction="none")
        assert by_index == approx(by_probs, EXACT)
        assert (by_index >= 0).all()
        moved = cross_entropy_loss(logits + shift, labels, label_smoothing=smoothing)
        assert moved == pytest.approx(
            by_index.mean(), rel=1e-9, abs=1e-12
        )  # logits + shift is itself rounded

    @pytest.mark.parametrize(
        ("arguments", "options", "message"),
        [
            (([], 0), {}, "logits must not be empty"),
            ((1.0, 0), {}, "logits must have a class axis"),
            (([math.nan, 1.0], 0), {}, "logits must not contain nan"),
            ((SCORES, [0, 1]), {}, r"target must have shape \(3,\)"),
            ((SCORES, [0.0, 1.0, 2.0]), {}, "integer class indices here, not float64"),
            ((SCORES, [0, 1, 3]), {}, "from 0 to 2, but ranges from 0 to 3"),
            ((SCORES, onehot(LABELS, 3).astype(int)), {}, "must hold float probabilities, not int64"),
            ((SCORES, -onehot(LABELS, 3)), {}, "target must not be negative, but holds -1.0"),
            ((SCORES, np.full((3, 3), INF)), {}, "target must be finite"),
            ((SCORES, np.full((3, 3), math.nan)), {}, "target must not contain nan"),
            ((SCORES, onehot(LABELS, 3)), {"ignore_index": 0}, "ignore_index must be negative"),
            ((SCORES, LABELS), {"weight": [[1, 2, 3]]}, "weight must have one entry per class"),
            ((SCORES, LABELS), {"weight": [-1, 2, 3]}, "weight must not be negative"),
            ((SCORES, LABELS), {"reduction": ""}, "reduction must be one of"),
            ((SCORES, LABELS), {"label_smoothing": -0.1}, "label_smoothing must be from 0 to 1, not -0.1"),
            ((SCORES, LABELS), {"label_smoothing": 1.1}, "label_smoothing must be from 0 to 1, not 1.1"),
            ((SCORES, LABELS), {"label_smoothing": math.nan}, "label_smoothing must be from 0 to 1, not nan"),
        ],
    )
    def test_bad_input(self, arguments, options, message):
        with pytest.raises(ValueError, match=message):
            cross_entropy_loss(*arguments, **options)


class TestCrossEntropyGradient:
    def test_worked_example(self):
        expected = [
            [-0.294615, 0.259496, 0.035119],
            [0.0179425, 0.00242826, -0.0203708],
            [0.487856, -0.512144, 0.0242889],
        ]
        gradient = cross_entropy_gradient(SCORES, LABELS)
        assert gradient == approx(np.array(expected))
        assert cross_entropy_gradient(SCORES, onehot(LABELS, 3)) == approx(gradient, EXACT)

    def test_every_label_of_the_first_row(self):
        assert cross_entropy_gradient(SCORES[0], 1) == approx([0.705385, -0.740504, 0.035119])
        assert cross_entropy_gradient(SCORES[0], 2) == approx([0.705385, 0.259496, -0.964881])

    def test_soft_target(self):
        gradient = cross_entropy_gradient(np.log([0.2, 0.2, 0.6]), [0.8, 0.1, 0.1])
        assert gradient == approx([-0.6, 0.1, 0.5])

    def test_digits_survive_where_p_rounds_to_1(self):
        for target in (0, np.array([1.0, 0.0, 0.0])):
            gradient = cross_entropy_gradient([60.0, 0.0, 0.0], target)
            tiny = math.exp(-60)
            assert gradient == approx([-2 * tiny, tiny, tiny], EXACT)

    def test_one_class_and_certainty_give_plus_0(self):
        for gradient in (cross_entropy_gradient([3.0], 0), cross_entropy_gradient([0.0, -INF], 0)):
            assert (gradient == 0).all()
            assert not np.signbit(gradient).any()

    def test_shapes(self):
        logits = np.arange(24.0).reshape(2, 3, 4) % 5
        labels = np.array([[0, 1, 2], [3, 0, 1]])
        gradient = cross_entropy_gradient(logits, labels)
        assert gradient.shape == (2, 3, 4)
        assert gradient[1, 0] == approx(cross_entropy_gradient(logits[1, 0], 3), EXACT)

    def test_the_logits_are_left_alone(self):
        logits = SCORES.copy()
        cross_entropy_gradient(logits, LABELS)
        assert (logits == SCORES).all()

    def test_temperature(self):
        for temperature in (0.05, 2.0, 10.0):
            expected = cross_entropy_gradient(SCORES / temperature, LABELS) / temperature
            gradient = cross_entropy_gradient(SCORES, LABELS, temperature=temperature)
            assert gradient == approx(expected, EXACT)
        soft = cross_entropy_gradient(SCORES[0], [0.8, 0.1, 0.1], temperature=2.0)
        assert soft == approx((softmax(SCORES[0] / 2) - [0.8, 0.1, 0.1]) / 2, EXACT)

    def test_a_tiny_temperature_does_not_swallow_the_gradient(self):
        # exp(-800) underflows, exp(-800) / 1e-300 does not.
        gradient = cross_entropy_gradient([0.0, -8e-298], 0, temperature=1e-300)
        assert gradient == approx(
            [-math.exp(300 * math.log(10) - 800), math.exp(300 * math.log(10) - 800)], 1e-11
        )

    @repeatable
    @given(batches())
    def test_sums_to_0_and_is_the_slope(self, batch):
        logits, labels = batch
        gradient = cross_entropy_gradient(logits, labels)
        assert gradient.sum(axis=1) == pytest.approx(np.zeros(len(labels)), abs=1e-15)
        numeric = finite_difference(lambda z: cross_entropy_loss(z, labels, reduction="sum"), logits)
        assert gradient == pytest.approx(numeric, abs=1e-7)

    @repeatable
    @given(arrays(float, 4, elements=finite), arrays(float, 4, elements=st.floats(0, 1)))
    def test_soft_targets_are_the_slope_too(self, logits, target):
        numeric = finite_difference(lambda z: cross_entropy_loss(z, target), logits)
        assert cross_entropy_gradient(logits, target) == pytest.approx(numeric, abs=1e-7)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((SCORES, [0, 1]), r"target must have shape \(3,\)"),
            ((SCORES, [0, 1, 3]), "ranges from 0 to 3"),
            ((SCORES, [0.0, 1.0, 2.0]), "integer class indices"),
            ((SCORES, [0, -100, 1]), "ranges from -100 to 1"),
            ((SCORES, -onehot(LABELS, 3)), "target must not be negative"),
            (([math.nan, 0.0], 0), "logits must not contain nan"),
        ],
    )
    def test_bad_input(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            cross_entropy_gradient(*arguments)

    @pytest.mark.parametrize("temperature", [0.0, -1.0, INF, math.nan])
    def test_bad_temperature(self, temperature):
        with pytest.raises(ValueError, match="temperature must be positive and finite"):
            cross_entropy_gradient(SCORES, LABELS, temperature=temperature)


class TestCrossEntropyGradientTerms:
    def test_worked_example(self):
        terms = cross_entropy_gradient_terms(SCORES[0], 0)
        assert terms.prob == approx(0.705385)
        assert terms.loss_slope == approx(-1 / 0.705385)
        assert terms.prob_slopes == approx([0.207817, -0.183045, -0.0247724])
        assert terms.gradient == approx([-0.294615, 0.259496, 0.035119])

    def test_the_chain_rule_holds(self):
        for temperature in (0.5, 1.0, 3.0):
            terms = cross_entropy_gradient_terms(SCORES, LABELS, temperature=temperature)
            assert np.shape(terms.prob) == np.shape(terms.loss_slope) == (3,)
            chained = terms.loss_slope[:, np.newaxis] * terms.prob_slopes
            assert terms.gradient == approx(chained, EXACT)
            for row, label, slopes in zip(SCORES, LABELS, terms.prob_slopes, strict=True):
                numeric = finite_difference(
                    lambda z, y=label, t=temperature: float(softmax(z, temperature=t)[y]), row
                )
                assert slopes == pytest.approx(numeric, abs=1e-9)

    def test_underflow_is_shown_as_infinity_and_leaves_the_gradient_right(self):
        terms = cross_entropy_gradient_terms([-1000.0, 0.0], 0)
        assert terms.prob == 0
        assert terms.loss_slope == -INF
        assert terms.gradient.tolist() == [-1.0, 1.0]

    def test_class_probabilities_are_refused(self):
        with pytest.raises(ValueError, match="integer class indices"):
            cross_entropy_gradient_terms([1.0, 2.0], [0.5, 0.5])


class TestFiniteDifference:
    def test_a_parabola_is_exact_up_to_rounding(self):
        gradient = finite_difference(lambda x: float((x**2).sum()), [[1.0, -2.0], [0.5, 0.0]])
        assert gradient == pytest.approx(np.array([[2.0, -4.0], [1.0, 0.0]]), abs=1e-9)

    def test_the_error_falls_with_h_squared(self):
        errors = [abs(finite_difference(lambda x: math.exp(x[0]), [0.0], h=h)[0] - 1) for h in (0.1, 0.01)]
        assert errors[0] / errors[1] == pytest.approx(100, rel=0.01)

    def test_far_too_small_a_step_gives_0(self):
        assert finite_difference(lambda x: float(x[0]), [1.0], h=1e-20).tolist() == [0.0]

    def test_a_single_number(self):
        assert finite_difference(lambda x: float(x) ** 3, 2.0).shape == ()
        assert finite_difference(lambda x: float(x) ** 3, 2.0) == approx(12.0, 1e-9)

    def test_the_function_may_change_its_argument(self):
        def spoil(x: np.ndarray) -> float:
            x *= 2.0
            return float(x.sum())

        start = np.array([1.0, 2.0])
        assert finite_difference(spoil, start) == pytest.approx([2.0, 2.0], abs=1e-9)
        assert start.tolist() == [1.0, 2.0]

    def test_twice_the_same_infinity_is_nan(self):
        assert math.isnan(finite_difference(lambda x: INF, [1.0])[0])

    @pytest.mark.parametrize("h", [0.0, -1e-5, INF, math.nan])
    def test_bad_step(self, h):
        with pytest.raises(ValueError, match="h must be positive and finite"):
            finite_difference(float, 1.0, h=h)

    @pytest.mark.parametrize(("x", "message"), [([], "must not be empty"), ([INF], "x must be finite")])
    def test_bad_point(self, x, message):
        with pytest.raises(ValueError, match=message):
            finite_difference(lambda v: 0.0, x)


class TestBinaryCrossEntropyWithLogits:
    def test_worked_example(self):
        assert binary_cross_entropy_with_logits(1.5, 1) == approx(0.201413)
        each = binary_cross_entropy_with_logits([1.5, 1.5], [1, 0], pos_weight=3, reduction="none")
        assert each == approx([0.60424, 1.70141])
        assert binary_cross_entropy_with_logits(-200.0, 1) == approx(200.0)

    def test_is_cross_entropy_against_a_zero_logit(self):
        assert binary_cross_entropy_with_logits(1.5, 1) == approx(cross_entropy_loss([1.5, 0.0], 0), EXACT)
        assert binary_cross_entropy_with_logits(1.5, 1) == approx(MARGIN_LOSSES["log"].loss(1.5), EXACT)

    def test_reductions_ignore_the_weights(self):
        z, y = [[1.0, -2.0], [0.5, 3.0]], [[1, 0], [0.5, 1]]
        each = binary_cross_entropy_with_logits(z, y, weight=[[2.0], [0.5]], reduction="none")
        plain = binary_cross_entropy_with_logits(z, y, reduction="none")
        assert each == approx(plain * [[2.0], [0.5]], EXACT)
        assert binary_cross_entropy_with_logits(z, y, weight=[[2.0], [0.5]]) == approx(each.sum() / 4, EXACT)
        total = binary_cross_entropy_with_logits(z, y, weight=[[2.0], [0.5]], reduction="sum")
        assert total == approx(each.sum(), EXACT)

    def test_limits(self):
        each = binary_cross_entropy_with_logits([INF, -INF, INF, -INF], [1, 0, 0, 1], reduction="none")
        assert each.tolist() == [0, 0, INF, INF]
        assert binary_cross_entropy_with_logits(-INF, 1, pos_weight=0) == 0
        assert binary_cross_entropy_with_logits(-INF, 1, weight=0) == 0

    @pytest.mark.parametrize(
        ("arguments", "options", "message"),
        [
            (([0.0, 1.0], [1]), {}, r"target must have the shape of logits, \(2,\), not \(1,\)"),
            (([0.0], [2]), {}, "target must lie between 0 and 1"),
            (([math.nan], [1]), {}, "logits must not contain nan"),
            (([0.0], [1]), {"pos_weight": -1}, "pos_weight must not be negative"),
            (([0.0], [1]), {"pos_weight": [1, 2]}, r"pos_weight must broadcast to shape \(1,\)"),
            (([0.0, 1.0], [1, 0]), {"weight": [1, 2, 3]}, r"weight must broadcast to shape \(2,\)"),
            (([0.0], [1]), {"weight": INF}, "weight must be finite"),
            (([0.0], [1]), {"reduction": "batchmean"}, "reduction must be one of none, mean, sum"),
        ],
    )
    def test_bad_input(self, arguments, options, message):
        with pytest.raises(ValueError, match=message):
            binary_cross_entropy_with_logits(*arguments, **options)


class TestGaussianNllLoss:
    def test_heights(self):
        assert gaussian_nll_loss(172, 180, 23.04) == approx(2.9575)
        assert gaussian_nll_loss(172, 180, 23.04, full=True) == approx(3.87644)
        assert gaussian_nll_loss(172, 180, 4.8, full=True) == approx(8.36991)  # sigma passed as variance

    @pytest.mark.parametrize(("mu", "loss"), [(3, 5.4), (4, 3.9), (5, 3.4), (6, 3.9), (7, 5.4)])
    def test_variance_1_is_half_the_squared_error(self, mu, loss):
        x = [1.0, 4.0, 5.0, 6.0, 9.0]
        assert gaussian_nll_loss([mu] * 5, x, 1.0) == approx(loss)
        assert gaussian_nll_loss([mu] * 5, x, 1.0) == approx(
            RESIDUAL_LOSSES["squared"].loss(np.subtract(x, mu)).mean(), EXACT
        )

    @pytest.mark.parametrize(("sigma", "nll"), [(1, 6.31894), (2, 2.96209), (2.60768, 2.67152)])
    def test_full_nll(self, sigma, nll):
        assert gaussian_nll_loss([3] * 5, [1, 4, 5, 6, 9], sigma**2, full=True) == approx(nll)

    def test_small_variances_are_raised(self):
        assert gaussian_nll_loss(0, 0, 0.0) == approx(0.5 * math.log(1e-6), EXACT)
        assert gaussian_nll_loss(0, 1e-3, 1e-9, eps=1e-4) == approx(0.5 * (math.log(1e-4) + 1e-2), EXACT)

    def test_variance_shapes(self):
        mean, target = np.zeros((2, 2)), np.array([[1.0, 2.0], [3.0, 4.0]])
        rows = gaussian_nll_loss(mean, target, [1.0, 4.0], reduction="none")
        assert rows == approx(gaussian_nll_loss(mean, target, [[1.0], [4.0]], reduction="none"), EXACT)
        assert rows[1, 0] == approx(0.5 * (math.log(4) + 9 / 4), EXACT)
        columns = gaussian_nll_loss(mean, target, [[1.0, 4.0]], reduction="none")
        assert columns[0, 1] == approx(0.5 * (math.log(4) + 1), EXACT)
        assert columns[1, 0] == approx(4.5, EXACT)
        assert gaussian_nll_loss(mean, [[1.0], [2.0]], 1.0, reduction="none")[1].tolist() == [2.0, 2.0]

    def test_no_overflow_on_the_way(self):
        assert gaussian_nll_loss(0.0, 1e200, 1e300) == approx(0.5 * (300 * math.log(10) + 1e100), EXACT)
        assert gaussian_nll_loss(0.0, 1e200, 1.0) == INF

    @pytest.mark.parametrize(
        ("arguments", "options", "message"),
        [
            ((1.0, 1.0, -1.0), {}, "variance must not be negative"),
            ((1.0, 1.0, INF), {}, "variance must be finite"),
            ((INF, 1.0, 1.0), {}, "mean must be finite"),
            ((1.0, math.nan, 1.0), {}, "target must not contain nan"),
            (([1.0, 2.0], [1.0, 2.0, 3.0], 1.0), {}, "target must broadcast with mean"),
            (
                (np.zeros((2, 3)), np.zeros((2, 3)), [1.0, 2.0, 3.0]),
                {},
                "variance must be one number or have",
            ),
            ((np.zeros((2, 3)), np.zeros((2, 3)), [[1.0]]), {}, "variance must be one number or have"),
            ((np.zeros(3), np.zeros(3), np.ones((1, 3))), {}, "variance must be one number or have"),
            ((1.0, 1.0, 1.0), {"eps": 0.0}, "eps must be positive and finite"),
            ((1.0, 1.0, 1.0), {"reduction": "batchmean"}, "reduction must be one of"),
        ],
    )
    def test_bad_input(self, arguments, options, message):
        with pytest.raises(ValueError, match=message):
            gaussian_nll_loss(*arguments, **options)


class TestLogFactorial:
    def test_values(self):
        assert log_factorial([0, 1, 2, 3, 10]) == approx(
            [0, 0, math.log(2), math.log(6), math.log(3628800)], EXACT
        )
        assert isinstance(log_factorial(4), float)

    @pytest.mark.parametrize("counts", [[], [-1.0], [0.5], [INF]])
    def test_bad_input(self, counts):
        with pytest.raises(ValueError, match=r"^counts must"):
            log_factorial(counts)


class TestPoissonNllLoss:
    @repeatable
    @given(st.floats(-3, 3), st.integers(0, 20))
    def test_the_slope_is_prediction_minus_truth(self, z, count):
        (slope,) = finite_difference(lambda at: float(poisson_nll_loss(at[0], count)), [z])
        assert slope == pytest.approx(math.exp(z) - count, rel=1e-6, abs=1e-6)

    @pytest.mark.parametrize("mean", [0.5, 3.0])
    def test_the_probabilities_of_all_counts_sum_to_1(self, mean):
        each = poisson_nll_loss(math.log(mean), np.arange(60), full=True, reduction="none")
        assert np.exp(-each).sum() == approx(1.0, EXACT)

    def test_reductions(self):
        each = poisson_nll_loss([0.0, 1.0], [2, 3], reduction="none")
        assert each == approx([1.0, math.e - 3.0], EXACT)
        assert poisson_nll_loss([0.0, 1.0], [2, 3]) == approx(each.mean(), EXACT)
        assert poisson_nll_loss([0.0, 1.0], [2, 3], reduction="sum") == approx(each.sum(), EXACT)
        assert poisson_nll_loss(800.0, 1) == INF

    @pytest.mark.parametrize(
        ("arguments", "options"),
        [((INF, 1), {}), ((0.0, -1), {}), ((0.0, 0.5), {}), (([], []), {}), ((0.0, 1), {"reduction": "x"})],
    )
    def test_bad_input(self, arguments, options):
        with pytest.raises(ValueError, match="must"):
            poisson_nll_loss(*arguments, **options)


class TestKlDivLoss:
    P = np.array([[0.8, 0.1, 0.1]])
    LOG_Q = np.log([[0.2, 0.2, 0.6]])

    def test_bag_of_balls(self):
        assert kl_div_loss(self.LOG_Q, self.P, reduction="none")[0] == approx(
            [1.10904, -0.0693147, -0.179176]
        )
        assert kl_div_loss(self.LOG_Q, self.P, reduction="batchmean") == approx(0.860545)
        assert kl_div_loss(self.LOG_Q, self.P, reduction="sum") == approx(0.860545)
        assert kl_div_loss(self.LOG_Q, self.P) == approx(0.286848)

    def test_without_a_batch_axis_batchmean_divides_by_the_classes(self):
        assert kl_div_loss(self.LOG_Q[0], self.P[0], reduction="batchmean") == approx(0.286848)
        assert kl_div_loss(math.log(0.5), 0.25, reduction="batchmean") == approx(-0.25 * math.log(2))

    def test_log_target_and_mistakes(self):
        log_p = np.log(self.P)
        assert kl_div_loss(self.LOG_Q, log_p, reduction="sum", log_target=True) == approx(0.860545)
        assert kl_div_loss(log_p, np.exp(self.LOG_Q), reduction="sum") == approx(0.936426)
        assert kl_div_loss(np.exp(self.LOG_Q), self.P, reduction="sum") == approx(-0.879032)

    def test_zeros(self):
        assert kl_div_loss(np.log([0.5, 0.5]), [1.0, 0.0], reduction="sum") == approx(0.693147)
        assert kl_div_loss([-INF, 0.0], [0.0, 1.0], reduction="none").tolist() == [0.0, 0.0]
        assert kl_div_loss([-INF, 0.0], [0.5, 0.5], reduction="sum") == INF
        assert kl_div_loss([-INF, 0.0], [-INF, 0.0], reduction="none", log_target=True).tolist() == [0.0, 0.0]

    @pytest.mark.parametrize(
        ("arguments", "options", "message"),
        [
            (([-1.0, -2.0], [1.0]), {}, r"target must have the shape of log_probs, \(2,\), not \(1,\)"),
            (([-1.0], [-0.5]), {}, "target must not be negative"),
            (([INF], [0.5]), {}, r"must not contain \+inf"),
            (([-1.0], [INF]), {"log_target": True}, r"must not contain \+inf"),
            (([math.nan], [0.5]), {}, "log_probs must not contain nan"),
            (([-1.0], [0.5]), {"reduction": "all"}, "reduction must be one of none, mean, sum, batchmean"),
        ],
    )
    def test_bad_input(self, arguments, options, message):
        with pytest.raises(ValueError, match=message):
            kl_div_loss(*arguments, **options)


shares = arrays(float, 3, elements=st.floats(0.01, 1.0)).map(lambda weights: weights / weights.sum())


class TestExpectedBrierScore:
    @repeatable
    @given(shares, shares)
    def test_is_the_mean_over_what_comes(self, p, q):
        each = [brier_score(q, label) for label in range(3)]
        assert expected_brier_score(q, p) == approx(p @ each, EXACT)

    @repeatable
    @given(shares, shares)
    def test_is_least_at_the_truth_and_at_most_2(self, p, q):
        floor = expected_brier_score(p, p)
        assert floor == approx(1.0 - p @ p, EXACT)
        assert floor <= expected_brier_score(q, p) + EXACT <= 2.0 + EXACT

    def test_against_a_label_it_is_the_brier_score(self):
        assert expected_brier_score([0.7, 0.3], [1.0, 0.0]) == approx(brier_score([0.7, 0.3], 0), EXACT)
        assert expected_brier_score([0.0, 1.0], [1.0, 0.0]) == 2.0
        assert expected_brier_score([[0.3, 0.7], [0.8, 0.2]], [0.8, 0.2]) == approx([0.82, 0.32], EXACT)

    @pytest.mark.parametrize(
        "arguments", [(0.5, [1.0, 0.0]), ([0.5, 0.5], [0.5, 0.6]), ([1.5, -0.5], [1, 0])]
    )
    def test_bad_input(self, arguments):
        with pytest.raises(ValueError, match=r"probs|target"):
            expected_brier_score(*arguments)


class TestBrierScore:
    def test_by_hand(self):
        each = brier_score([[0.1, 0.1, 0.8], [1.0, 0.0, 0.0], [0.5, 0.5, 0.0]], [2, 1, 0], reduction="none")
        assert each == approx([0.06, 2.0, 0.5], EXACT)
        assert brier_score([[0.1, 0.1, 0.8], [1.0, 0.0, 0.0]], [2, 1]) == approx(1.03, EXACT)
        assert brier_score([[0.1, 0.1, 0.8], [1.0, 0.0, 0.0]], [2, 1], reduction="sum") == approx(2.06, EXACT)

    def test_probability_target(self):
        assert brier_score([0.7, 0.3], [0.5, 0.5]) == approx(0.08, EXACT)
        assert brier_score([0.7, 0.3], [1.0, 0.0]) == approx(brier_score([0.7, 0.3], 0), EXACT)

    @repeatable
    @given(batches())
    def test_between_0_and_2(self, batch):
        logits, labels = batch
        each = brier_score(softmax(logits), labels, reduction="none")
        assert ((each >= 0) & (each <= 2)).all()

    @pytest.mark.parametrize(
        ("arguments", "options", "message"),
        [
            ((0.5, 0), {}, "probs must have a class axis"),
            (([0.5, 0.6], 0), {}, "probs must sum to 1"),
            (([1.5, -0.5], 0), {}, "probs must lie between 0 and 1"),
            (([0.5, 0.5], 2), {}, "from 0 to 1, but ranges from 2 to 2"),
            (([0.5, 0.5], 0.0), {}, "integer class indices"),
            (([0.5, 0.5], [1.5, -0.5]), {}, "target must lie between 0 and 1"),
            (([0.5, 0.5], 0), {"reduction": "x"}, "reduction must be one of"),
        ],
    )
    def test_bad_input(self, arguments, options, message):
        with pytest.raises(ValueError, match=message):
            brier_score(*arguments, **options)


class TestSlopeInQ:
    @pytest.mark.parametrize(("p", "q"), [(0.8, 0.3), (0.0, 0.4), (1.0, 0.9), (0.5, 0.01), (0.2, 0.2)])
    @pytest.mark.parametrize("cost", [cross_entropy, kl_divergence])
    def test_is_the_slope_of_both(self, cost, p: float, q: float) -> None:
        (tried,) = finite_difference(lambda at: float(cost([p, 1.0 - p], [at[0], 1.0 - at[0]])), [q], 1e-6)
        assert slope_in_q(p, q) == pytest.approx(tried, rel=1e-6, abs=1e-6)

    def test_at_the_ends(self) -> None:
        assert slope_in_q(1.0, 0.0) == -INF
        assert slope_in_q(0.0, 1.0) == INF
        assert slope_in_q(0.0, 0.0) == 1.0
        assert slope_in_q(1.0, 1.0) == -1.0

    @pytest.mark.parametrize(("p", "q"), [(-0.1, 0.5), (0.5, 1.1), (math.nan, 0.5), (0.5, math.nan)])
    def test_bad_input(self, p: float, q: float) -> None:
        with pytest.raises(ValueError, match="must lie between 0 and 1"):
            slope_in_q(p, q)
