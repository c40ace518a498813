"""The cross-entropy figures show core's numbers."""

import ast
import contextlib
import io
import math

import numpy as np
import plotly.graph_objects as go
import pytest

from core.descent import cross_entropy_descent
from core.figures import cross_entropy as figures
from core.figures.theme import resolve
from core.information import (
    code_lengths,
    cross_entropy,
    cross_entropy_terms,
    entropy,
    entropy_terms,
    kl_divergence,
    kl_terms,
    mix,
)
from core.softmax import softmax
from pages.shared.catalog import load

P, Q = (0.8, 0.1, 0.1), (0.2, 0.2, 0.6)
NAMES = ["red", "green", "yellow"]
ALL = load("cross_entropy", "en")
BALLS = figures.beliefs(P, Q, "free", "nats")
INFINITE = figures.beliefs((1.0, 0.0), (0.0, 1.0), "free", "nats")


def words(group):
    return ALL.group(group, unit="nats") | {"unit": "nats"}


def text_of(lines):
    return ["".join(s if isinstance(s, str) else s["text"] for s in line) for line in lines["lines"]]


class TestBeliefs:
    @pytest.mark.parametrize(
        ("weights", "model"), [(P, Q), ((1, 0, 0), Q), (Q, P), ((0.3, 0.3, 0.1), (1, 1, 1)), ((1, 0), (0, 1))]
    )
    def test_they_are_what_core_says(self, weights, model):
        p, q = np.array(weights) / sum(weights), np.array(model) / sum(model)
        b = figures.beliefs(tuple(map(float, weights)), tuple(map(float, model)), "free", "nats")
        assert (b.h_p, b.h_q) == (entropy(p), entropy(q))
        assert (b.h_pq, b.h_qp) == (cross_entropy(p, q), cross_entropy(q, p))
        assert (b.kl, b.kl_back) == (kl_divergence(p, q), kl_divergence(q, p))
        np.testing.assert_array_equal(b.entropy_terms, entropy_terms(p))
        np.testing.assert_array_equal(b.cross_terms, cross_entropy_terms(p, q))
        np.testing.assert_array_equal(b.kl_terms, kl_terms(p, q))
        np.testing.assert_array_equal(b.back_terms, kl_terms(q, p))
        np.testing.assert_array_equal(b.p_lengths, code_lengths(p))
        np.testing.assert_array_equal(b.q_lengths, code_lengths(q))

    def test_scores_never_pass_through_a_probability(self):
        b = figures.beliefs((1.0, 0.0), (-1000.0, 0.0), "logits", "nats")
        assert (b.h_pq, b.kl, b.q_lengths[0]) == (1000.0, 1000.0, 1000.0)

    def test_bits_are_nats_over_log_2(self):
        bits = figures.beliefs(P, Q, "free", "bits")
        for name in ("h_p", "h_q", "h_pq", "h_qp", "kl", "kl_back", "kl_terms", "cross_terms", "q_lengths"):
            np.testing.assert_allclose(getattr(bits, name), getattr(BALLS, name) / math.log(2), rtol=1e-15)

    def test_no_weights_at_all_make_a_uniform_distribution_and_are_told(self):
        b = figures.beliefs((0.0, 0.0), (0.0, 0.0), "free", "nats")
        assert (b.p_given, b.q_given, b.p.tolist(), b.q.tolist()) == (False, False, [0.5, 0.5], [0.5, 0.5])


class TestCost:
    def test_the_bars_laid_end_to_end_are_the_cross_entropy(self):
        p, q, floor, excess, outline, heads = figures.cost(BALLS, NAMES, words("cost"))["data"]
        np.testing.assert_array_equal(p["y"], P)
        np.testing.assert_array_equal(q["y"], Q)
        assert floor["x"].tolist() == [BALLS.h_p] * 2
        assert excess["base"].tolist() == [BALLS.h_p] * 2
        np.testing.assert_allclose(excess["base"] + excess["x"], BALLS.h_pq, rtol=1e-15)
        assert outline["x"].tolist() == [BALLS.h_pq]
        assert np.isnan(heads["x"]).all()

    def test_the_numbers_beside_the_bars(self):
        made = figures.cost(BALLS, NAMES, words("cost"))
        assert [a["text"] for a in made["layout"]["annotations"]] == ["0.639032", "0.860545", "1.49958"]

    def test_infinity_is_an_arrow_beyond_the_last_tick(self):
        made = figures.cost(INFINITE, NAMES[:2], words("cost"))
        axis, heads = made["layout"]["xaxis2"], made["data"][5]
        assert (heads["x"] > axis["tickvals"][-1]).all()
        assert (heads["x"] < axis["range"][1]).all()
        assert [a["text"] for a in made["layout"]["annotations"]] == ["0", "∞", "∞"]

    def test_the_axis_stays_while_a_weight_of_the_bag_goes_from_0_to_1(self):
        for index in range(3):
            for which in ("p", "q"):
                ranges = set()
                for stop in range(101):
                    p, q = list(P), list(Q)
                    (p if which == "p" else q)[index] = stop / 100
                    b = figures.beliefs(tuple(p), tuple(q), "free", "nats")
                    ranges.add(tuple(figures.cost(b, NAMES, words("cost"))["layout"]["xaxis2"]["range"]))
                assert ranges == {(0.0, 6.25)}

    def test_a_grip_sits_at_the_end_of_each_bar(self):
        grips = figures.cost(BALLS, NAMES, words("cost"))["grips"]
        assert [(g["name"], g["y"], g["axes"]) for g in grips] == [
            (f"{stem}{i + 1}", value, "y")
            for stem, values in (("p", P), ("q", Q))
            for i, value in enumerate(values)
        ]


class TestFormula:
    def test_it_carries_its_numbers(self):
        told = text_of(figures.formula(BALLS, NAMES, words("formula")))
        assert told[1] == (
            "H(p, q) = −(0.8·log 0.2 + 0.1·log 0.2 + 0.1·log 0.6) = 1.49958 = 0.639032 + 0.860545"
        )
        assert told[3] == "KL(p‖q) = 0.8·log(0.8/0.2) + 0.1·log(0.1/0.2) + 0.1·log(0.1/0.6) = 0.860545 nats"
        assert len(told) == 4

    @pytest.mark.parametrize(
        ("p", "q", "said"),
        [
            ((1.0, 0.0), (0.0, 1.0), "q(red) = 0 < p(red) = 1: "),
            ((1.0, 0.0), (1.0, 0.0), ALL("formula.certain")),
            ((0.5, 0.5), (0.5, 0.5), ALL("formula.equal")),
            ((0.5, 0.5, 0.0), (0.3, 0.3, 0.4), ALL("formula.zero")),
            ((0.0, 1.0), (0.8, 0.2), "H(p, q) = KL(p‖q) = −log q(green) = −log 0.2 = 1.60944"),
        ],
    )
    def test_a_state_at_an_edge_is_explained(self, p, q, said):
        b = figures.beliefs(p, q, "free", "nats")
        assert said in text_of(figures.formula(b, NAMES[: len(p)], words("formula")))[-1]


class TestTermsAndDirections:
    def test_terms_and_their_sums(self):
        ideal, excess, cross, _, said, _, _ = figures.terms(BALLS, NAMES, words("terms"))["data"]
        np.testing.assert_array_equal(ideal["x"], [*BALLS.entropy_terms, BALLS.h_p])
        np.testing.assert_array_equal(excess["x"], [*BALLS.kl_terms, BALLS.kl])
        np.testing.assert_array_equal(cross["x"], [*BALLS.cross_terms, BALLS.h_pq])
        np.testing.assert_allclose(ideal["x"] + excess["x"], cross["x"], rtol=1e-12)
        assert [text.strip() for text in said["text"]] == ["1.109", "−0.06931", "−0.1792", "0.8605"]
        assert said["x"].min() == 0.0, "the names are on the other side"

    def test_both_directions(self):
        _, back, *said, _ = figures.directions(BALLS, NAMES, words("directions"))["data"]
        assert [trace["text"][-1].strip() for trace in said] == ["0.8605", "0.9364"]
        np.testing.assert_array_equal(back["x"][:-1], kl_terms(np.array(Q), np.array(P)))

    def test_infinite_terms_end_in_arrows(self):
        made = figures.terms(INFINITE, NAMES[:2], words("terms"))
        assert made["data"][5]["text"].tolist() == ["\u2003∞", "\u20050", "\u2003∞"]
        heads = made["data"][6]["x"].reshape(3, 3)
        np.testing.assert_array_equal(
            np.isfinite(heads), [[False] * 3, [True, False, True], [True, False, True]]
        )


class TestCodes:
    def test_the_areas_are_the_entropies(self):
        cross, ideal, _ = figures.codes(BALLS, NAMES, words("codes"))["data"]
        assert (cross["width"] * cross["y"]).sum() == pytest.approx(BALLS.h_pq, rel=1e-14)
        assert (ideal["width"] * ideal["y"]).sum() == pytest.approx(BALLS.h_p, rel=1e-14)
        np.testing.assert_allclose(cross["x"], [0.0, 0.8, 0.9], atol=1e-15)

    def test_the_infinite_word_is_an_arrow(self):
        made = figures.codes(INFINITE, NAMES[:2], words("codes"))
        assert made["data"][2]["y"][0] > made["layout"]["yaxis"]["tickvals"][-1]
        assert "1 × ∞ = ∞" in made["layout"]["annotations"][0]["text"]


class TestPath:
    def test_the_curves_are_core_along_the_mixture(self):
        made = figures.path(BALLS, 0.5, words("path"))
        way = mix(P, Q, figures.PATH)
        p = np.broadcast_to(P, way.shape)
        for trace, curve in zip(
            made["data"], (cross_entropy(p, way), kl_divergence(p, way), kl_divergence(way, p)), strict=False
        ):
            np.testing.assert_array_equal(trace["y"], curve)
        np.testing.assert_allclose(made["data"][3]["y"], figures.at(BALLS, 0.5)[1], rtol=0)

    def test_kl_is_0_only_at_the_end_and_the_cost_has_its_floor(self):
        _, cross, there, back = figures.along(BALLS)
        assert (there[:-1] > 0).all()
        assert (back[:-1] > 0).all()
        assert (there[-1], back[-1]) == (0.0, 0.0)
        assert (cross >= BALLS.h_p).all()
        assert cross[-1] == BALLS.h_p

    @pytest.mark.parametrize("fraction", [0.0, 0.5, 1.0])
    def test_the_points_are_whole_at_the_edges_and_none_is_above_the_plot(self, fraction):
        for b in (BALLS, INFINITE):
            made = figures.path(b, fraction, words("path"))
            points, top = made["data"][3], made["layout"]["yaxis"]["range"][1]
            assert points["cliponaxis"] is False
            assert points["x"].tolist() == [fraction] * 3
            wanted = np.asarray(figures.at(b, fraction)[1])
            np.testing.assert_array_equal(points["y"], np.where(wanted <= top, wanted, np.nan))

    def test_a_start_at_infinity_is_a_gap_and_an_arrow(self):
        made = figures.path(INFINITE, 0.0, words("path"))
        assert np.isnan(made["data"][0]["y"][0])
        assert np.isfinite(made["data"][0]["y"][1:]).all()
        assert np.isnan(made["data"][3]["y"]).all()
        assert (made["data"][4]["y"] == 8.0).all()
        assert [a["text"] for a in made["layout"]["annotations"]][:3] == [
            "H(p, q) ∞",
            "KL(p‖q) ∞",
            "KL(q‖p) ∞",
        ]


class TestDescent:
    def test_the_curves_are_cores_trail(self):
        run = figures.Run(BALLS, Q, "free", 0.5, 7)
        made = figures.descent(BALLS, run, words("descent"))
        start = figures.start_logits(BALLS, Q, "free")
        np.testing.assert_allclose(softmax(start), Q, rtol=1e-15)
        trail = cross_entropy_descent(P, start, learning_rate=0.5, steps=figures.STEPS)
        np.testing.assert_array_equal(made["data"][0]["y"], trail.values)
        np.testing.assert_array_equal(made["data"][2]["y"], trail.kl)
        assert np.isfinite(made["data"][1]["y"]).sum() == 8
        np.testing.assert_array_equal(made["data"][4]["y"], [trail.values[7], trail.kl[7]])
        np.testing.assert_array_equal(
            figures.chase(BALLS, NAMES, run, words("chase"))["data"][1]["y"], trail.probs[7]
        )
        np.testing.assert_array_equal(
            figures.push(BALLS, NAMES, run, words("push"))["data"][0]["y"], trail.gradients[7]
        )

    def test_the_gradient_at_the_start_is_q_minus_p(self):
        made = figures.push(BALLS, NAMES, figures.Run(BALLS, Q, "free", 0.5, 0), words("push"))
        np.testing.assert_allclose(made["data"][0]["y"], [-0.6, 0.1, 0.5], rtol=1e-14)

    def test_a_run_that_arrives_stays_and_says_so(self):
        b = figures.beliefs(P, P, "free", "nats")
        run = figures.Run(b, P, "free", 0.5, figures.STEPS)
        assert ALL("step_numbers.arrived") in text_of(figures.step_numbers(b, run, words("step_numbers")))

        drawn = figures.descent(b, run, words("descent"))["data"]
        assert [len(trace["y"]) for trace in drawn[:4]] == [figures.STEPS + 1] * 4

    def test_a_run_that_rounding_would_decide_ends_there_and_says_so(self):
        b = figures.beliefs((0.6, 0.3, 0.1), (0.2, 0.2, 0.6), "free", "nats")
        runs = [figures.Run(b, (0.2, 0.2, 0.6), "free", 10.0, step) for step in (3, figures.STEPS)]
        assert runs[0].trail.status == "chaotic"
        said = [text_of(figures.step_numbers(b, run, words("step_numbers"))) for run in runs]
        assert [ALL("step_numbers.chaotic") in lines for lines in said] == [False, True]

    def test_a_weight_of_0_starts_low_and_says_so(self):
        run = figures.Run(INFINITE, (0.0, 1.0), "free", 0.5, 0)
        assert figures.start_logits(INFINITE, (0.0, 1.0), "free") == (-10.0, 0.0)
        assert text_of(figures.step_numbers(INFINITE, run, words("step_numbers")))[-1] == ALL(
            "step_numbers.clipped"
        )


class TestCode:
    @pytest.mark.parametrize(
        ("p", "q", "mode", "unit"),
        [
            (P, Q, "free", "nats"),
            (P, Q, "free", "bits"),
            ((1.0, 0.0), (0.0, 1.0), "free", "nats"),
            ((1.0, 0.0), (1.0, 0.0), "free", "nats"),
            ((1.0, 0.0, 0.0), (5.0, 4.0, 2.0), "logits", "nats"),
            ((0.0, 0.0), (0.0, 0.0), "free", "bits"),
        ],
    )
    def test_numpy_prints_the_numbers_of_the_figures(self, p, q, mode, unit):
        b = figures.beliefs(p, q, mode, unit)
        numpy_tab, torch_tab = figures.code(b, p, q, mode)["tabs"]
        out = io.StringIO()
        with contextlib.redirect_stdout(out), np.errstate(all="raise"):
            exec(numpy_tab["text"], {})
        np.testing.assert_allclose(
            [float(n) for n in out.getvalue().split()], [b.h_pq, b.h_p, b.kl], rtol=1e-12
        )
        ast.parse(torch_tab["text"])


@pytest.mark.parametrize("unit", ["nats", "bits"])
@pytest.mark.parametrize(
    ("p", "q", "mode"),
    [
        ((1.0, 0.0), (0.0, 1.0), "free"),
        ((5e-324, 0.0, 1.0), (1.0, 5e-324, 0.0), "free"),
        ((1e-300, 1.0), (1.0, 1e-300), "free"),
        ((0.0,) * 8, (1.0,) * 8, "free"),
        ((1.0,) * 8, (10.0, *(-10.0,) * 7), "logits"),
    ],
)
def test_no_corner_holds_what_cannot_be_drawn(p, q, mode, unit):
    b = figures.beliefs(p, q, mode, unit)
    names = [str(i) for i in range(len(p))]
    run = figures.Run(b, q, mode, 10.0, 50)
    for made in (
        figures.cost(b, names, words("cost")),
        figures.terms(b, names, words("terms")),
        figures.codes(b, names, words("codes")),
        figures.directions(b, names, words("directions")),
        figures.path(b, 0.3, words("path")),
        figures.descent(b, run, words("descent")),
        figures.chase(b, names, run, words("chase")),
        figures.push(b, names, run, words("push")),
    ):
        go.Figure(resolve({"data": made["data"], "layout": made["layout"]}))
        for trace in made["data"]:
            for value in trace.values():
                if isinstance(value, np.ndarray) and value.dtype != object:
                    assert not np.isinf(value).any()
        for note in made["layout"].get("annotations", ()):
            assert math.isfinite(note["x"])
            assert math.isfinite(note["y"])
