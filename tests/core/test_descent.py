"""Trails of gradient and Newton steps: exact rules, guards, and what a trail promises to whoever draws it."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import gaussian, information, losses, softmax
from core.descent import (
    Trail,
    cross_entropy_descent,
    descend,
    gaussian_ascent,
    gaussian_step,
    largest_stable_rate,
    softmax_descent,
    without_chaos,
)
from core.gaussian import Summary
from tests.close import repeatable

FIVE = Summary(n=5, mean=5.0, variance=6.8)
HEIGHTS = Summary(n=500, mean=172.0, variance=23.04)
BALLS_P, BALLS_Q = (0.8, 0.1, 0.1), (0.2, 0.2, 0.6)
# At a learning rate of 10 this descent neither settles nor finds a rhythm.
CHAOTIC = (0.6, 0.3, 0.1), (0.0, 2.0, -2.0)


def square(x):
    return float(x @ x)


def square_slope(x):
    return 2.0 * x


def descent(value, gradient, start, **options):
    return descend(lambda x: (value(x), gradient(x)), start, **options)


def assert_whole(trail, steps):
    """What every trail promises: finite, read-only, as long as it says."""
    rows = len(trail.values)
    assert 1 <= rows <= steps + 1
    assert trail.steps == rows - 1
    assert trail.points.shape == trail.gradients.shape == (rows, trail.points.shape[1])
    for field in dataclasses.fields(trail):
        array = getattr(trail, field.name)
        if isinstance(array, np.ndarray):
            assert len(array) == rows
            assert np.isfinite(array).all()
            assert not array.flags.writeable
    if trail.status == "running":
        assert rows == steps + 1
    assert trail.diverged_at == (rows if trail.status == "diverged" else None)


class TestTrail:
    def test_nothing_in_it_can_be_changed(self):
        trail = descent(square, square_slope, [1.0], learning_rate=0.1, steps=2)
        with pytest.raises(ValueError, match="read-only"):
            trail.points[0] = 7.0
        with pytest.raises(dataclasses.FrozenInstanceError):
            trail.status = "converged"

    def test_is_hashable_so_that_it_can_key_a_cache(self):
        trail = descent(square, square_slope, [1.0], learning_rate=0.1, steps=2)
        assert {trail: 1}[trail] == 1
        assert isinstance(trail, Trail)


class TestDescend:
    @repeatable
    @given(
        st.lists(st.floats(-100, 100), min_size=1, max_size=4),
        st.floats(0.01, 0.9),
        st.integers(0, 40),
    )
    def test_on_a_quadratic_each_step_shrinks_by_one_factor(self, start, rate, steps):
        trail = descent(square, square_slope, start, learning_rate=rate, steps=steps, tolerance=0.0)
        assert_whole(trail, steps)
        factors = (1.0 - 2.0 * rate) ** np.arange(len(trail.values))
        expected = factors[:, None] * np.array(start)
        np.testing.assert_allclose(trail.points, expected, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(trail.values, (trail.points**2).sum(axis=1), rtol=1e-14)
        np.testing.assert_array_equal(trail.gradients, 2.0 * trail.points)

    def test_each_row_follows_from_the_one_before(self):
        trail = descent(
            lambda x: math.cos(x[0]) + x[1] ** 4,
            lambda x: [-math.sin(x[0]), 4.0 * x[1] ** 3],
            [1.0, 0.5],
            learning_rate=0.3,
            steps=25,
        )
        np.testing.assert_array_equal(trail.points[1:], trail.points[:-1] - 0.3 * trail.gradients[:-1])
        assert trail.status == "running"
        assert (np.diff(trail.values) < 0.0).all()

    def test_stops_where_it_has_converged(self):
        trail = descent(square, square_slope, [1.0, 2.0], learning_rate=0.5, steps=50)
        assert (trail.status, trail.steps) == ("converged", 1)
        assert trail.points[-1].tolist() == [0.0, 0.0]
        loose = descent(square, square_slope, [1.0], learning_rate=0.25, steps=50, tolerance=0.3)
        assert (loose.status, loose.steps) == ("converged", 3)
        exact = descent(square, square_slope, [1.0], learning_rate=0.5, steps=50, tolerance=0.0)
        assert (exact.status, exact.steps) == ("converged", 1)

    def test_zero_steps_is_the_start_alone(self):
        trail = descent(square, square_slope, 3.0, learning_rate=0.1, steps=0)
        assert trail.points.tolist() == [[3.0]]
        assert (trail.status, trail.values.tolist()) == ("running", [9.0])

    def test_a_run_away_is_cut_where_it_is_beyond_recovery(self):
        trail = descent(square, square_slope, [1.0], learning_rate=1.5, steps=100)
        assert_whole(trail, 100)
        # The value grows fourfold a step; 4^20 is the last below 1 + 2e12.
        assert (trail.status, trail.diverged_at) == ("diverged", 21)
        assert trail.values[-1] == 4.0**20

    def test_getting_better_without_end_is_not_divergence(self):
        trail = descent(lambda x: -square(x), lambda x: -2.0 * x, [1.0], learning_rate=1.0, steps=40)
        assert trail.status == "running"
        assert trail.values[-1] == -(9.0**40)

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
    @pytest.mark.parametrize("where", ["value", "gradient"])
    def test_is_cut_before_the_first_number_that_is_not_finite(self, bad, where):
        def value(x):
            return bad if where == "value" and x[0] < 0.5 else x[0]

        def gradient(x):
            return [bad if where == "gradient" and x[0] < 0.5 else 1.0]

        trail = descent(value, gradient, [2.0], learning_rate=0.5, steps=10)
        assert_whole(trail, 10)
        assert trail.points[:, 0].tolist() == [2.0, 1.5, 1.0, 0.5]
        assert (trail.status, trail.diverged_at) == ("diverged", 4)

    def test_a_point_that_overflows_ends_the_run_even_where_the_function_is_flat(self):
        trail = descent(lambda x: 0.0, lambda x: [-1e300], [0.0], learning_rate=1e300, steps=5)
        assert (trail.status, trail.diverged_at) == ("diverged", 1)
        assert trail.points.tolist() == [[0.0]]

    def test_an_arithmetic_error_of_the_function_is_divergence(self):
        trail = descent(
            lambda x: math.exp(x[0]), lambda x: [-math.exp(x[0])], [1.0], learning_rate=400.0, steps=9
        )
        assert (trail.status, trail.diverged_at) == ("diverged", 1)

    def test_no_warning_escapes_from_numpy(self):
        trail = descent(
            lambda x: float(np.exp(x[0])), lambda x: -np.exp(x), [1.0], learning_rate=400.0, steps=9
        )
        assert trail.status == "diverged"

    def test_a_function_may_reuse_its_output_array(self):
        buffer = np.empty(2)

        def slope(x):
            np.multiply(x, 2.0, out=buffer)
            return buffer

        trail = descent(square, slope, [1.0, 2.0], learning_rate=0.25, steps=2)
        assert trail.gradients.tolist() == [[2.0, 4.0], [1.0, 2.0], [0.5, 1.0]]

    def test_the_start_is_neither_changed_nor_kept(self):
        start = np.array([1.0, 2.0])
        trail = descent(square, square_slope, start, learning_rate=0.25, steps=2)
        assert start.tolist() == [1.0, 2.0]
        start[0] = 9.0
        assert trail.points[0].tolist() == [1.0, 2.0]

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"learning_rate": 0.0}, "learning_rate"),
            ({"learning_rate": -1.0}, "learning_rate"),
            ({"learning_rate": math.inf}, "learning_rate"),
            ({"steps": -1}, "steps"),
            ({"steps": 1.5}, "steps"),
            ({"tolerance": -1e-9}, "tolerance"),
            ({"tolerance": math.nan}, "tolerance"),
            ({"start": []}, "start"),
            ({"start": [math.nan]}, "start"),
            ({"start": [math.inf]}, "start"),
            ({"start": [[1.0]]}, "start"),
            ({"value": lambda x: math.nan}, "start"),
            ({"gradient": lambda x: [math.inf]}, "start"),
            ({"gradient": lambda x: [1.0, 2.0]}, "gradient"),
            ({"gradient": lambda x: 1.0}, "gradient"),
        ],
    )
    def test_refuses(self, change, named):
        arguments = {
            "value": square,
            "gradient": square_slope,
            "start": [1.0],
            "learning_rate": 0.1,
            "steps": 3,
        } | change
        with pytest.raises(ValueError, match=rf"^{named} must"):
            descent(**arguments)

    def test_asks_once_for_each_row(self):
        calls = []

        def both(x):
            calls.append(1)
            return square(x), square_slope(x)

        descend(both, [1.0, -3.0], learning_rate=0.1, steps=7)
        assert len(calls) == 8


def logistic_map(rate, first=0.3, steps=200):
    """The descent on a cubic that is the logistic map z <- rate z (1 - z)."""
    share = 1.0 - 1.0 / rate

    def cubic(z):
        return z[0] ** 3 / 3.0 - share * z[0] ** 2 / 2.0, z**2 - share * z

    return lambda push: descend(cubic, [first], learning_rate=rate, steps=steps, push=push)


class TestWithoutChaos:
    @pytest.mark.parametrize(("rate", "period"), [(2.5, 1), (3.2, 2), (3.5, 4)])
    def test_what_settles_into_a_rhythm_is_left_alone(self, rate, period):
        trail = without_chaos(logistic_map(rate, steps=400))
        np.testing.assert_array_equal(trail.points, logistic_map(rate, steps=400)(0.0).points)
        assert trail.chaotic_at is None
        np.testing.assert_allclose(trail.points[-1], trail.points[-1 - period], rtol=1e-6)

    @pytest.mark.parametrize("rate", [3.6, 3.7, 3.9, 3.99])
    def test_chaos_is_cut_where_rounding_is_not_yet_seen(self, rate):
        whole, trail = logistic_map(rate)(0.0), without_chaos(logistic_map(rate))
        assert (whole.status, trail.status, trail.diverged_at) == ("running", "chaotic", None)
        assert 10 < trail.chaotic_at == len(trail.values) < 200
        assert_whole(trail, 200)
        np.testing.assert_array_equal(trail.points, whole.points[: trail.chaotic_at])
        # Another rounding: a few bits more or less at the start. Of the whole trail nothing is left by that.
        for near in (0.3 - 1e-15, 0.3 + 1e-15):
            other = without_chaos(logistic_map(rate, near))
            assert other.chaotic_at == trail.chaotic_at
            np.testing.assert_allclose(other.points, trail.points, rtol=1e-9)
            assert np.abs(logistic_map(rate, near)(0.0).points - whole.points).max() > 0.1

    def test_what_never_rises_is_asked_for_once(self):
        asked = []

        def run(push):
            asked.append(push)
            return logistic_map(2.0)(push)

        assert without_chaos(run).status == "converged"
        assert asked == [0.0]

    def test_a_run_away_is_divergence_and_not_chaos(self):
        def run(push):
            return descend(lambda x: (x[0] ** 2, 2.0 * x), [8.0], learning_rate=1.5, steps=90, push=push)

        assert without_chaos(run).status == "diverged"

    def test_every_field_is_cut_alike(self):
        trail = cross_entropy_descent(*CHAOTIC, learning_rate=10.0, steps=100)
        assert trail.status == "chaotic"
        assert_whole(trail, 100)
        assert len(trail.probs) == len(trail.kl) == trail.chaotic_at

    @settings(repeatable, max_examples=40)
    @given(
        p=st.lists(st.integers(1, 9), min_size=2, max_size=8),
        z=st.lists(st.floats(-5.0, 5.0), min_size=8, max_size=8),
        rate=st.sampled_from([0.5, 4.0, 6.3, 7.9, 10.0]),
        ulps=st.lists(st.sampled_from([-1, 0, 1]), min_size=8, max_size=8),
    )
    def test_a_belief_one_bit_off_has_the_same_trail(self, p, z, rate, ulps):
        p, z, ulps = np.array(p) / sum(p), z[: len(p)], ulps[: len(p)]
        near = [
            math.nextafter(score, ulp * math.inf) if ulp else score
            for score, ulp in zip(z, ulps, strict=True)
        ]
        one, other = (cross_entropy_descent(p, start, learning_rate=rate, steps=100) for start in (z, near))
        assert (one.status, one.steps) == (other.status, other.steps)
        np.testing.assert_allclose(one.points, other.points, rtol=0.0, atol=1e-9)
        if rate <= 4.0:
            assert one.status != "chaotic"


class TestSoftmaxDescent:
    def test_the_cat_row(self):
        trail = softmax_descent((5.0, 4.0, 2.0), 0, learning_rate=1.0, steps=3)
        assert trail.values[0] == pytest.approx(0.349012, rel=1e-5)
        assert trail.gradients[0] == pytest.approx([-0.294615, 0.259496, 0.035119], rel=1e-5)
        assert trail.probs[0] == pytest.approx([0.705385, 0.259496, 0.035119], rel=1e-5)

    @pytest.mark.parametrize(
        ("target", "gradient"),
        [
            (0, [-0.294615, 0.259496, 0.035119]),
            (1, [0.705385, -0.740504, 0.035119]),
            (2, [0.705385, 0.259496, -0.964881]),
        ],
    )
    def test_every_class_is_pushed_whichever_is_true(self, target, gradient):
        trail = softmax_descent((5.0, 4.0, 2.0), target, learning_rate=0.1, steps=0)
        assert trail.gradients[0] == pytest.approx(gradient, rel=1e-5)

    @repeatable
    @given(
        st.lists(st.floats(-10, 10), min_size=2, max_size=10),
        st.integers(0, 9),
        st.floats(0.05, 10),
        st.floats(0.01, 1.9),
    )
    def test_a_moderate_rate_goes_downhill_by_the_rule(self, logits, target, temperature, share):
        target %= len(logits)
        # The curvature of the loss is at most 1 / (2 T^2), so rates below 4 T^2 cannot overshoot.
        rate = share * 2.0 * temperature**2
        trail = softmax_descent(
            tuple(logits), target, learning_rate=rate, steps=20, temperature=temperature, tolerance=0.0
        )
        assert_whole(trail, 20)
        np.testing.assert_array_equal(trail.points[0], logits)
        np.testing.assert_array_equal(trail.points[1:], trail.points[:-1] - rate * trail.gradients[:-1])
        assert (np.diff(trail.values) <= 1e-15).all()
        np.testing.assert_allclose(trail.gradients.sum(axis=1), 0.0, atol=1e-14 / temperature)
        np.testing.assert_array_equal(trail.kl, trail.values)
        assert trail.entropy == 0.0
        log_probs = softmax.log_softmax(trail.points, temperature=temperature)
        np.testing.assert_allclose(trail.probs, np.exp(log_probs), rtol=1e-12, atol=1e-300)
        np.testing.assert_allclose(trail.values, -log_probs[:, target], rtol=1e-12, atol=1e-300)
        np.testing.assert_allclose(
            trail.gradients,
            losses.cross_entropy_gradient(
                trail.points, np.full(len(trail.values), target), temperature=temperature
            ),
            rtol=1e-11,
            atol=1e-300,
        )

    @pytest.mark.parametrize("temperature", [0.2, 1.0, 5.0])
    def test_the_gradient_is_the_slope_in_the_logits(self, temperature):
        logits = np.array([1.0, -0.5, 0.3, 2.0])
        trail = softmax_descent(tuple(logits), 2, learning_rate=1.0, steps=0, temperature=temperature)
        h = 1e-6 * temperature
        for k, shift in enumerate(np.eye(4) * h):
            ends = [
                softmax_descent(
                    tuple(logits + way * shift), 2, learning_rate=1.0, steps=0, temperature=temperature
                ).values[0]
                for way in (1.0, -1.0)
            ]
            assert trail.gradients[0, k] == pytest.approx((ends[0] - ends[1]) / (2.0 * h), rel=1e-6, abs=1e-8)

    def test_the_true_class_keeps_the_digits_of_a_tiny_gradient(self):
        trail = softmax_descent((60.0, 0.0, 0.0), 0, learning_rate=1.0, steps=5, tolerance=0.0)
        assert trail.gradients[0, 0] == pytest.approx(-2.0 * math.exp(-60.0), rel=1e-14)
        assert trail.values[0] == pytest.approx(2.0 * math.exp(-60.0), rel=1e-14)

    def test_stops_where_nothing_is_left_to_gain(self):
        trail = softmax_descent((60.0, 0.0, 0.0), 0, learning_rate=1.0, steps=5)
        assert (trail.status, trail.steps) == ("converged", 0)

    def test_one_class_has_nothing_to_learn(self):
        trail = softmax_descent((3.0,), 0, learning_rate=1.0, steps=5)
        assert (trail.status, trail.values.tolist(), trail.gradients.tolist()) == (
            "converged",
            [0.0],
            [[0.0]],
        )

    def test_equal_logits_and_a_shift_change_nothing_but_the_offset(self):
        here = softmax_descent((5.0, 4.0, 2.0), 1, learning_rate=0.5, steps=30)
        there = softmax_descent((105.0, 104.0, 102.0), 1, learning_rate=0.5, steps=30)
        np.testing.assert_allclose(there.points - 100.0, here.points, atol=1e-11)
        np.testing.assert_allclose(there.values, here.values, rtol=1e-11)

    def test_a_step_beyond_the_floats_is_divergence(self):
        trail = softmax_descent((0.0, 1.0), 0, learning_rate=1e308, steps=9, temperature=1e-3)
        assert_whole(trail, 9)
        assert (trail.status, trail.diverged_at) == ("diverged", 1)

    def test_a_loss_beyond_the_floats_is_divergence(self):
        # The first step ends near (-4e307, 4e307), where the loss is 4e307 too.
        trail = cross_entropy_descent((0.5, 0.5), (1.0, 0.0), learning_rate=1.7e308, steps=9)
        assert_whole(trail, 9)
        assert (trail.status, trail.diverged_at) == ("diverged", 1)

    def test_a_loss_a_million_million_times_worse_is_divergence(self):
        within = cross_entropy_descent((0.5, 0.5), (1.0, 0.0), learning_rate=1e12, steps=9)
        assert within.status == "running"
        beyond = cross_entropy_descent((0.5, 0.5), (1.0, 0.0), learning_rate=1e14, steps=9)
        assert (beyond.status, beyond.diverged_at) == ("diverged", 1)

    def test_tuples_make_it_cacheable(self):
        cached = functools.lru_cache(softmax_descent)
        first = cached((1.0, 2.0), 0, learning_rate=0.5, steps=3)
        assert cached((1.0, 2.0), 0, learning_rate=0.5, steps=3) is first
        again = softmax_descent([1.0, 2.0], 0, learning_rate=0.5, steps=3)
        np.testing.assert_array_equal(first.points, again.points)

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"logits": ()}, "logits"),
            ({"logits": (1.0, math.nan)}, "logits"),
            ({"logits": (1.0, -math.inf)}, "logits"),
            ({"logits": ((1.0, 2.0),)}, "logits"),
            ({"target": 3}, "target"),
            ({"target": -1}, "target"),
            ({"target": 0.5}, "target"),
            ({"learning_rate": 0.0}, "learning_rate"),
            ({"steps": -1}, "steps"),
            ({"temperature": 0.0}, "temperature"),
            ({"temperature": math.inf}, "temperature"),
            ({"temperature": 1e-320}, "temperature"),
            ({"tolerance": -1.0}, "tolerance"),
        ],
    )
    def test_refuses(self, change, named):
        arguments = {"logits": (5.0, 4.0, 2.0), "target": 1, "learning_rate": 0.1, "steps": 3} | change
        with pytest.raises(ValueError, match=rf"^{named} must"):
            softmax_descent(**arguments)


class TestCrossEntropyDescent:
    def test_the_balls(self):
        trail = cross_entropy_descent(BALLS_P, tuple(map(math.log, BALLS_Q)), learning_rate=1.0, steps=500)
        assert trail.values[0] == pytest.approx(1.49958, rel=1e-5)
        assert trail.kl[0] == pytest.approx(0.860545, rel=1e-5)
        assert trail.entropy == pytest.approx(0.639032, rel=1e-5)
        assert trail.gradients[0] == pytest.approx([-0.6, 0.1, 0.5], rel=1e-5)
        assert trail.status == "converged"
        assert trail.values[-1] == pytest.approx(0.639032, rel=1e-5)
        assert 0.0 <= trail.kl[-1] < 1e-20
        np.testing.assert_allclose(trail.probs[-1], BALLS_P, atol=1e-11)

    @repeatable
    @given(
        st.lists(st.tuples(st.floats(0, 1), st.floats(-8, 8)), min_size=2, max_size=8).filter(
            lambda pairs: sum(weight for weight, _ in pairs) > 0.01
        ),
        st.floats(0.01, 1.9),
        st.floats(0.2, 5),
    )
    def test_kl_falls_by_what_the_cross_entropy_falls_by(self, pairs, share, temperature):
        weights, logits = (np.array(column) for column in zip(*pairs, strict=True))
        p = weights / weights.sum()
        rate = share * 2.0 * temperature**2
        trail = cross_entropy_descent(
            tuple(p), tuple(logits), learning_rate=rate, steps=15, temperature=temperature, tolerance=0.0
        )
        assert_whole(trail, 15)
        assert (trail.kl >= 0.0).all()
        assert (np.diff(trail.values) <= 1e-14).all()
        np.testing.assert_allclose(trail.entropy + trail.kl, trail.values, rtol=1e-13, atol=1e-13)
        np.testing.assert_array_equal(trail.points[1:], trail.points[:-1] - rate * trail.gradients[:-1])
        assert trail.entropy == pytest.approx(float(information.entropy(p)), rel=1e-12, abs=1e-15)
        log_probs = softmax.log_softmax(trail.points, temperature=temperature)
        np.testing.assert_allclose(
            trail.values,
            information.cross_entropy_from_log_probs(np.broadcast_to(p, log_probs.shape), log_probs),
            rtol=1e-12,
        )
        np.testing.assert_allclose(trail.gradients * temperature, trail.probs - p, atol=1e-15)

    def test_a_one_hot_target_is_the_loss_of_that_class(self):
        soft = cross_entropy_descent((0.0, 1.0, 0.0), (5.0, 4.0, 2.0), learning_rate=0.5, steps=20)
        hard = softmax_descent((5.0, 4.0, 2.0), 1, learning_rate=0.5, steps=20)
        np.testing.assert_array_equal(soft.points, hard.points)
        np.testing.assert_array_equal(soft.kl, hard.values)
        assert soft.entropy == 0.0

    def test_an_outcome_that_never_happens_costs_only_its_probability(self):
        trail = cross_entropy_descent((0.5, 0.5, 0.0), (0.0, 0.0, 0.0), learning_rate=0.5, steps=1)
        assert trail.values[0] == pytest.approx(math.log(3.0), rel=1e-14)
        assert trail.kl[0] == pytest.approx(math.log(1.5), rel=1e-14)

    def test_what_the_target_misses_by_rounding_is_divided_out(self):
        trail = cross_entropy_descent((0.5 + 5e-10, 0.5), (1.0, 0.0), learning_rate=1.0, steps=0)
        assert abs(trail.gradients[0].sum()) < 1e-15
        exact = np.array([0.5 + 5e-10, 0.5]) / (1.0 + 5e-10)
        np.testing.assert_allclose(trail.gradients[0], trail.probs[0] - exact, rtol=1e-13)

    def test_far_beliefs_stay_finite(self):
        trail = cross_entropy_descent((0.5, 0.5), (1000.0, -1000.0), learning_rate=1.0, steps=5)
        assert trail.values[0] == 1000.0
        assert trail.kl[0] == pytest.approx(1000.0 - math.log(2.0), rel=1e-14)
        assert_whole(trail, 5)

    def test_a_target_smaller_than_the_smallest_exponential(self):
        trail = cross_entropy_descent((5e-324, 1.0), (800.0, 0.0), learning_rate=1.0, steps=2)
        assert_whole(trail, 2)
        assert trail.kl[0] == pytest.approx(800.0, rel=1e-14)

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"p": (0.5, 0.6)}, "p"),
            ({"p": (-0.5, 1.5)}, "p"),
            ({"p": (math.nan, 1.0)}, "p"),
            ({"p": (0.5, 0.25, 0.25)}, "p"),
            ({"p": ((0.5, 0.5),)}, "p"),
            ({"p": ()}, "p"),
            ({"logits": (math.inf, 0.0)}, "logits"),
            ({"learning_rate": math.nan}, "learning_rate"),
            ({"steps": True}, "steps"),
            ({"temperature": -1.0}, "temperature"),
        ],
    )
    def test_refuses(self, change, named):
        arguments = {"p": (0.5, 0.5), "logits": (1.0, 0.0), "learning_rate": 0.1, "steps": 3} | change
        with pytest.raises(ValueError, match=rf"^{named} must"):
            cross_entropy_descent(**arguments)


class TestLargestStableRate:
    @pytest.mark.parametrize(
        ("p", "rate"),
        [
            ((0.8, 0.1, 0.1), 2.0 / 0.24),
            ((0.5, 0.5), 4.0),
            ((0.2, 0.8), 1.0 / (0.2 * 0.8)),
            ((0.25,) * 4, 8.0),
            ((1.0, 0.0, 0.0), math.inf),
            ((1.0,), math.inf),
            ((0.5, 0.5, 0.0), 4.0),
        ],
    )
    def test_worked_cases(self, p, rate):
        assert largest_stable_rate(p) == pytest.approx(rate, rel=1e-14)

    def test_a_nearly_certain_outcome_keeps_its_digits(self):
        assert largest_stable_rate((1.0, 1e-200)) == pytest.approx(1e200, rel=1e-12)

    @pytest.mark.parametrize("temperature", [0.5, 3.0])
    def test_temperature_divides_the_curvature_by_its_square(self, temperature):
        assert largest_stable_rate(BALLS_P, temperature=temperature) == pytest.approx(
            temperature**2 * largest_stable_rate(BALLS_P), rel=1e-14
        )

    @pytest.mark.parametrize("p", [BALLS_P, (0.5, 0.5), (0.3, 0.3, 0.2, 0.2)])
    def test_steps_near_p_shrink_below_it_and_grow_above_it(self, p):
        # A little off p along the stiffest direction, where the steps shrink or grow by 2 %.
        stiffest = np.linalg.eigh(np.diag(p) - np.outer(p, p))[1][:, -1]
        start = softmax.logits_from_probs(p) + 1e-4 * stiffest
        for share, closer in ((0.99, True), (1.01, False)):
            trail = cross_entropy_descent(
                p, start, learning_rate=share * largest_stable_rate(p), steps=30, tolerance=1e-15
            )
            assert bool(trail.kl[-1] < trail.kl[0]) is closer

    @repeatable
    @given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=8))
    def test_never_below_four_and_order_does_not_matter(self, weights):
        p = information.normalize_weights(weights)
        rate = largest_stable_rate(p)
        assert rate >= 4.0 * (1.0 - 1e-12)
        assert largest_stable_rate(p[::-1]) == pytest.approx(rate, rel=1e-12)

    @pytest.mark.parametrize("bad", [0.5, [[0.5, 0.5]], [0.5, 0.6], [-0.1, 1.1], [math.nan, 1.0], []])
    def test_p_must_be_one_distribution(self, bad):
        with pytest.raises(ValueError, match="p"):
            largest_stable_rate(bad)

    @pytest.mark.parametrize("bad", [0.0, -1.0, math.inf, math.nan])
    def test_the_temperature_must_be_positive(self, bad):
        with pytest.raises(ValueError, match="temperature"):
            largest_stable_rate([0.5, 0.5], temperature=bad)


class TestGaussianAscent:
    @pytest.mark.parametrize("method", ["gradient", "newton"])
    @pytest.mark.parametrize("learning_rate", [0.05, 0.5, 1.0, 1.5, 40.0])
    @pytest.mark.parametrize(
        ("summary", "low", "high", "narrow", "wide"),
        [
            (HEIGHTS, 120.0, 220.0, 0.5, 40.0),
            (Summary(n=500, mean=1.72, variance=0.048**2), 1.2, 2.2, 0.005, 0.4),
            (FIVE, -20.0, 30.0, 0.1, 30.0),
            (Summary(n=9, mean=1e9 + 0.25, variance=2e-4), 1e9 - 1.0, 1e9 + 2.0, 1e-3, 0.5),
        ],
    )
    def test_reaches_the_top_from_everywhere_and_never_goes_down(
        self, summary, low, high, narrow, wide, method, learning_rate
    ):
        for mu, sigma in itertools.product(np.linspace(low, high, 5), np.geomspace(narrow, wide, 4)):
            trail = gaussian_ascent(summary, mu, sigma, method=method, learning_rate=learning_rate, steps=700)
            assert trail.status == "converged"
            np.testing.assert_allclose(
                trail.points[-1], [summary.mean, math.sqrt(summary.variance)], rtol=0.0, atol=1e-9
            )
            assert (trail.points[:, 1] > 0.0).all()
            assert (np.diff(trail.values) >= -4e-15 * np.abs(trail.values[1:])).all()
            assert_whole(trail, 700)

    def test_newton_needs_few_steps(self):
        lengths = [
            gaussian_ascent(HEIGHTS, mu, sigma, method="newton", steps=200).steps
            for mu, sigma in itertools.product(np.linspace(120, 220, 9), np.geomspace(0.5, 40, 9))
        ]
        assert max(lengths) <= 25

    def test_the_five_points(self):
        trail = gaussian_ascent(FIVE, 10.0, 2.91548, steps=0)
        assert 5 * trail.values[0] == pytest.approx(-19.2978, rel=1e-5)
        top = gaussian_ascent(FIVE, 10.0, 2.91548, method="newton", steps=60)
        assert 5 * top.values[-1] == pytest.approx(-11.887, rel=1e-5)
        assert top.points[-1] == pytest.approx([5.0, 2.60768], rel=1e-5)

    @repeatable
    @given(st.floats(140, 200), st.floats(1, 20), st.sampled_from(["gradient", "newton"]))
    def test_values_and_gradients_are_the_mean_ones(self, mu, sigma, method):
        trail = gaussian_ascent(HEIGHTS, mu, sigma, method=method, steps=10)
        assert trail.points[0].tolist() == [mu, sigma]
        mus, sigmas = trail.points.T
        np.testing.assert_allclose(
            trail.values, gaussian.log_likelihood(HEIGHTS, mus, sigmas) / HEIGHTS.n, rtol=1e-12
        )
        slopes = gaussian.score(HEIGHTS, mus, sigmas)
        np.testing.assert_allclose(
            trail.gradients, np.column_stack((slopes.mu, slopes.sigma)) / HEIGHTS.n, rtol=1e-9, atol=1e-13
        )

    @repeatable
    @given(st.floats(140, 200), st.floats(1, 20))
    def test_the_gradient_is_the_slope(self, mu, sigma):
        def value(mu, sigma):
            return float(gaussian_ascent(HEIGHTS, mu, sigma, steps=0).values[0])

        h = 1e-5 * sigma
        slope = gaussian_ascent(HEIGHTS, mu, sigma, steps=0).gradients[0]
        expected = [
            (value(mu + h, sigma) - value(mu - h, sigma)) / (2 * h),
            (value(mu, sigma + h) - value(mu, sigma - h)) / (2 * h),
        ]
        np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-6 * np.abs(slope).max() + 1e-9)

    def test_a_gradient_step_is_the_variance_times_the_gradient(self):
        trail = gaussian_ascent(HEIGHTS, 165.0, 6.0, learning_rate=0.1, steps=40)
        moves = np.diff(trail.points, axis=0)
        steps = 0.1 * trail.points[:-1, 1:] ** 2 * trail.gradients[:-1]
        np.testing.assert_allclose(moves, steps, rtol=1e-9, atol=1e-12)

    def test_a_newton_step_is_newtons_inside_the_disc(self):
        trail = gaussian_ascent(HEIGHTS, 170.0, 5.0, method="newton", steps=4)
        for before, after, slope in zip(trail.points, trail.points[1:], trail.gradients, strict=False):
            curvature = gaussian.hessian(HEIGHTS, *before) / HEIGHTS.n
            np.testing.assert_allclose(
                after - before, -np.linalg.solve(curvature, slope), rtol=1e-8, atol=1e-12
            )

    @repeatable
    @given(
        st.floats(140, 200),
        st.floats(1, 20),
        st.floats(0.1, 40.0),
        st.sampled_from(["gradient", "newton"]),
    )
    def test_each_step_is_its_share_of_the_whole_one(self, mu, sigma, rate, method):
        trail = gaussian_ascent(HEIGHTS, mu, sigma, method=method, learning_rate=rate, steps=12)
        assert trail.shares[0] == 1.0
        assert np.isin(trail.shares, 0.5 ** np.arange(60)).all()
        for row, share in enumerate(trail.shares[1:]):
            whole = gaussian_step(HEIGHTS, *trail.points[row], method=method, learning_rate=rate)
            np.testing.assert_allclose(
                trail.points[row + 1] - trail.points[row], share * np.array(whole[:2]), rtol=1e-9, atol=1e-12
            )

    def test_outside_the_disc_newton_falls_back_to_fisher_scoring(self):
        # (8, 3): d^2 + sigma^2 = 73 is beyond 3 variance = 69.12, so the Hessian is indefinite there.
        summary = Summary(n=10, mean=0.0, variance=23.04)
        assert np.linalg.eigvalsh(gaussian.hessian(summary, 8.0, 3.0)).max() > 0.0
        trail = gaussian_ascent(summary, 8.0, 3.0, method="newton", steps=1)
        move = trail.points[1] - trail.points[0]
        fisher = np.array([-8.0, ((23.04 + 64.0) / 3.0 - 3.0) / 2.0])
        share = move[0] / fisher[0]
        assert share in {1.0, 0.5, 0.25, 0.125}  # halvings only
        np.testing.assert_allclose(move, share * fisher, rtol=1e-14)

    @pytest.mark.parametrize("method", ["gradient", "newton"])
    def test_the_unit_does_not_matter(self, method):
        cm = gaussian_ascent(HEIGHTS, 150.0, 20.0, method=method, steps=30)
        m = gaussian_ascent(Summary(n=500, mean=1.72, variance=23.04e-4), 1.5, 0.2, method=method, steps=30)
        np.testing.assert_allclose(m.points * 100.0, cm.points, rtol=1e-10)
        np.testing.assert_allclose(m.values - math.log(100.0), cm.values, rtol=1e-10)

    def test_the_rest_of_a_rounded_mean_counts(self):
        summary = gaussian.summarize([1e15, 1e15 + 1.0, 1e15 + 1.0])
        assert summary.mean_remainder != 0.0
        trail = gaussian_ascent(summary, 1e15, 1.0, method="newton", steps=50)
        assert trail.status == "converged"
        assert trail.points[-1].tolist() == [1e15 + 2.0 / 3.0, pytest.approx(math.sqrt(2.0) / 3.0, rel=1e-12)]
        start = gaussian.log_likelihood(summary, 1e15, 1.0) / summary.n
        assert trail.values[0] == pytest.approx(float(start), rel=1e-12)

    @pytest.mark.parametrize("method", ["gradient", "newton"])
    def test_equal_values_have_no_maximum(self, method):
        single = Summary(n=1, mean=3.0, variance=0.0)
        short = gaussian_ascent(single, 5.0, 2.0, method=method, steps=100)
        assert short.status == "running"
        assert (np.diff(short.values) > 0.0).all()
        long = gaussian_ascent(single, 5.0, 2.0, method=method, steps=9000)
        assert long.status == "diverged"
        assert_whole(long, 9000)

    def test_a_step_beyond_the_floats_is_divergence(self):
        trail = gaussian_ascent(HEIGHTS, 0.0, 1.0, learning_rate=1e308, steps=5)
        assert (trail.status, trail.diverged_at) == ("diverged", 1)

    def test_a_step_whose_gain_overflows_is_shortened(self):
        trail = gaussian_ascent(HEIGHTS, 0.0, 1.0, learning_rate=1e290, steps=3000)
        assert trail.status == "converged"

    @pytest.mark.parametrize("learning_rate", [0.1, 0.7, 1.0, 1.3, 5.0])
    def test_without_a_tolerance_it_stays_at_the_top(self, learning_rate):
        trail = gaussian_ascent(FIVE, 4.0, 3.0, learning_rate=learning_rate, steps=600, tolerance=0.0)
        assert_whole(trail, 600)
        np.testing.assert_allclose(trail.points[-1], [5.0, math.sqrt(6.8)], rtol=1e-14)

    def test_starting_at_the_top_is_arriving(self):
        trail = gaussian_ascent(Summary(n=4, mean=1.0, variance=4.0), 1.0, 2.0, steps=10)
        assert (trail.status, trail.steps) == ("converged", 0)
        assert trail.gradients.tolist() == [[0.0, 0.0]]

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"mu": math.nan}, "mu"),
            ({"sigma": 0.0}, "sigma"),
            ({"sigma": -1.0}, "sigma"),
            ({"sigma": 1e-200}, "sigma"),
            ({"method": "bfgs"}, "method"),
            ({"learning_rate": -0.1}, "learning_rate"),
            ({"steps": -1}, "steps"),
            ({"tolerance": math.inf}, "tolerance"),
        ],
    )
    def test_refuses(self, change, named):
        arguments = {"summary": HEIGHTS, "mu": 170.0, "sigma": 5.0, "steps": 3} | change
        with pytest.raises(ValueError, match=rf"^{named} must"):
            gaussian_ascent(**arguments)


class TestGaussianStep:
    @repeatable
    @given(st.floats(140, 200), st.floats(1, 20), st.floats(0.01, 2.0))
    def test_the_gradient_step_is_the_slope_times_rate_and_variance_over_n(self, mu, sigma, rate):
        made = gaussian_step(HEIGHTS, mu, sigma, learning_rate=rate)
        slope = np.array([float(part) for part in gaussian.score(HEIGHTS, mu, sigma)])
        np.testing.assert_allclose(made[:2], rate * sigma**2 / HEIGHTS.n * slope, rtol=1e-10, atol=1e-12)

    @repeatable
    @given(st.floats(140, 200), st.floats(1, 20))
    def test_newtons_step_solves_with_the_hessian_or_with_the_expected_one(self, mu, sigma):
        made = gaussian_step(HEIGHTS, mu, sigma, method="newton")
        slope = np.array([float(part) for part in gaussian.score(HEIGHTS, mu, sigma)])
        curvature = gaussian.hessian(HEIGHTS, mu, sigma)
        largest = np.linalg.eigvalsh(curvature).max() * sigma**2 / HEIGHTS.n
        if abs(largest) > 1e-9:
            assert made.concave == (largest < 0.0)
        if not made.concave:
            # What the Hessian would be if the candidate were the sample's own fit.
            curvature = gaussian.hessian(Summary(HEIGHTS.n, mu, sigma**2), mu, sigma)
            np.testing.assert_allclose(
                curvature, -HEIGHTS.n / sigma**2 * np.diag([1.0, 2.0]), rtol=1e-12, atol=1e-9
            )
        np.testing.assert_allclose(made[:2], -np.linalg.solve(curvature, slope), rtol=1e-6, atol=1e-9 * sigma)

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"mu": math.inf}, "mu"),
            ({"sigma": 0.0}, "sigma"),
            ({"method": "bfgs"}, "method"),
            ({"learning_rate": 0.0}, "learning_rate"),
        ],
    )
    def test_refuses(self, change, named):
        arguments = {"summary": HEIGHTS, "mu": 170.0, "sigma": 5.0} | change
        with pytest.raises(ValueError, match=rf"^{named} must"):
            gaussian_step(**arguments)
