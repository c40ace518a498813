"""Figures of the output units lesson: their curves and numbers are core's, at every step of a fit."""

import contextlib
import dataclasses
import io
import math

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures import output_units as figures
from core.figures.theme import PALETTES, resolve
from core.losses import poisson_nll_loss
from core.regression import (
    fit_linear,
    gaussian_nll,
    make_regression_data,
    predict_linear,
    predict_logistic,
    predict_poisson,
    profile_gaussian_nll,
)
from pages.shared.catalog import load

WORDS = load("output_units", "en")
LINEAR = figures.Setup("linear", 0.01, 0.0, 3, 0, 0.3, 15, 0.3, 2)
LEARNED = LINEAR._replace(learn=1, sigma=1.0, rate=0.02)
DIVERGING = LINEAR._replace(rate=0.15)
SIGMOID = figures.Setup("sigmoid", 0.5, 0.0, 3, 0, 0.3, 40, 1.0, 1)
CHAOTIC = SIGMOID._replace(rate=50.0, n=30)
SOFTMAX = figures.Setup("softmax", 0.5, 0.0, 3, 0, 0.3, 60, 1.0, 3)
POISSON = figures.Setup("poisson", 0.05, 0.0, 3, 0, 0.3, 40, 0.3, 3)
ALL = [LINEAR, LEARNED, LINEAR._replace(degree=12, decay=2.0), DIVERGING, SIGMOID, SOFTMAX, POISSON]


def group(name):
    return WORDS.group(name, step=0, point=1)


def text(row):
    return "".join(s if isinstance(s, str) else s["text"] for s in row)


def printed(setup, step, tab):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(figures.code_panel(setup, step)["tabs"][tab]["text"], "panel", "exec"), {})
    return [float(part) for part in said.getvalue().split()]


class TestFit:
    @pytest.mark.parametrize("setup", [LINEAR, LEARNED])
    @pytest.mark.parametrize("step", [0, 7, 400])
    def test_the_curve_and_its_band_are_those_of_core(self, setup, step):
        trail = fit_linear(
            make_regression_data(15, 0.3, seed=2),
            degree=3,
            sigma=setup.sigma,
            learn_sigma=bool(setup.learn),
            learning_rate=setup.rate,
            steps=figures.STEPS,
        )
        band, _, held, dots, curve, _ = figures.fit(setup, step, 1, group("fit"))["data"]
        row = min(step, trail.steps)
        np.testing.assert_allclose(curve["y"], predict_linear(trail.weights[row], figures.GRID))
        np.testing.assert_allclose(band["y"][:101] - curve["y"], trail.sigmas[row])
        assert len(held["x"]) == 200
        assert np.isfinite(dots["x"]).sum() == 15

    @pytest.mark.parametrize("step", [0, 3, 400])
    def test_the_sigmoid_is_that_of_core(self, step):
        trail, row = figures.at(SIGMOID, step)
        curve = figures.fit(SIGMOID, step, 1, group("fit"))["data"][3]
        np.testing.assert_allclose(curve["y"], predict_logistic(trail.weights[row], figures.LINE))

    def test_the_border_stands_where_the_sigmoid_is_one_half(self):
        shape = figures.fit(SIGMOID, 400, 1, group("fit"))["layout"]["shapes"][0]
        trail, row = figures.at(SIGMOID, 400)
        assert predict_logistic(trail.weights[row], [shape["x0"]])[0] == pytest.approx(0.5)
        assert figures.fit(SIGMOID, 0, 1, group("fit"))["layout"]["shapes"][0]["opacity"] == 0.0

    def test_the_regions_are_where_a_class_leads(self):
        trail, row = figures.at(SOFTMAX, 400)
        for k, trace in enumerate(figures.fit(SOFTMAX, 400, 1, group("fit"))["data"][:3]):
            corners = np.column_stack([trace["x"], trace["y"]])
            inside = 0.99 * corners + 0.01 * corners.mean(axis=0)
            logits = np.column_stack((np.ones(len(inside)), inside)) @ trail.weights[row].T
            assert (logits.argmax(axis=1) == k).all()
        start = figures.fit(SOFTMAX, 0, 1, group("fit"))["data"]
        assert all(np.isnan(trace["x"]).all() for trace in start[:3])

    def test_the_number_of_points_may_change_under_the_hand(self):
        for setup in (LINEAR, SIGMOID, SOFTMAX, POISSON):
            shapes = [
                [np.shape(t["x"]) for t in figures.fit(setup._replace(n=n), 9, 1, group("fit"))["data"]]
                for n in (5, 60, 100)
            ]
            assert shapes[0] == shapes[1] == shapes[2]


class TestDescent:
    @pytest.mark.parametrize("setup", ALL)
    def test_the_curves_are_the_trail(self, setup):
        trail = figures.trail_of(setup)
        view = figures.descent(setup, 400, group("descent"))
        low, high = view["layout"]["yaxis"]["range"]
        for trace, values in zip(view["data"], (trail.held_out_nll, trail.nll), strict=False):
            seen = (values >= low) & (values <= high)
            np.testing.assert_array_equal(trace["y"][: len(values)][seen], values[seen])
            assert np.isnan(trace["y"][len(values) :]).all()

    def test_the_star_is_the_lowest_held_out(self):
        setup = LINEAR._replace(degree=12)
        trail = figures.trail_of(setup)
        star = figures.descent(setup, 400, group("descent"))["data"][2]
        assert star["y"][0] == trail.held_out_nll.min()
        assert star["x"][0] == figures.place(int(trail.held_out_nll.argmin()))

    def test_what_has_not_happened_is_covered(self):
        covers = [figures.descent(LINEAR, s, group("descent"))["layout"]["shapes"][0] for s in (0, 30, 400)]
        assert [cover["x0"] for cover in covers] == sorted(cover["x0"] for cover in covers)
        assert covers[2]["x0"] == covers[2]["x1"]

    def test_a_rate_that_is_too_large_is_said_and_drawn(self):
        assert figures.diverged(DIVERGING) == 95
        view = figures.descent(DIVERGING, 400, group("descent"))
        assert set(view["data"][-1]["marker"]["symbol"]) == {"triangle-up"}
        assert view["data"][-1]["y"].tolist() == [view["layout"]["yaxis"]["range"][1]] * 2
        assert view["layout"]["annotations"][-1]["text"].startswith("∞ ↑")
        before = figures.descent(DIVERGING, 3, group("descent"))
        assert before["layout"]["annotations"][-1]["text"] == ""
        rows = [text(row) for row in figures.formula(DIVERGING, 400, 1, group("formula"))["lines"]]
        assert rows[-1] == WORDS("formula.diverged")
        assert "nan" not in " ".join(rows)

    def test_where_rounding_would_decide_the_picture_ends_and_says_so(self):
        trail = figures.trail_of(CHAOTIC)
        assert (trail.status, figures.chaotic(CHAOTIC), figures.diverged(CHAOTIC)) == ("chaotic", 40, None)
        view = figures.descent(CHAOTIC, 400, group("descent"))
        assert view["layout"]["annotations"][-1]["text"] == WORDS("descent.chaotic")
        np.testing.assert_array_equal(view["data"][1]["y"][:40], trail.nll)
        assert np.isnan(view["data"][1]["y"][40:]).all()
        assert figures.descent(CHAOTIC, 3, group("descent"))["layout"]["annotations"][-1]["text"] == ""
        rows = [text(row) for row in figures.formula(CHAOTIC, 400, 1, group("formula"))["lines"]]
        assert rows[-1] == WORDS("formula.chaotic")

    def test_a_weight_of_which_only_rounding_is_left_counts_as_none(self, monkeypatch):
        setup = LINEAR._replace(decay=0.05)
        trail = figures.trail_of(setup)
        for left, said in ((4e-12, "4×10⁻²⁵"), (4e-18, "0")):
            weights = trail.weights.copy()
            weights[7] = [44.0, *[0.0] * 2, left]
            monkeypatch.setattr(
                figures, "trail_of", lambda _, w=weights: dataclasses.replace(trail, weights=w)
            )
            row = figures.formula(setup, 7, 1, group("formula"))["lines"][-1]
            assert text(row).split(" + ")[2].split(" = ")[0] == said

    def test_the_stops_of_the_player(self):
        assert figures.STOPS[:21] == tuple(range(21))
        assert (figures.STOPS[-1], len(figures.STOPS) < 100) == (figures.STEPS, True)


class TestNumbers:
    @pytest.mark.parametrize("setup", [LINEAR, LEARNED])
    @pytest.mark.parametrize("step", [0, 25, 400])
    def test_gaussian(self, setup, step):
        trail, row = figures.at(setup, step)
        mse, sigma = float(trail.mse[row]), float(trail.sigmas[row])
        assert trail.nll[row] == pytest.approx(mse / (2 * sigma**2) + 0.5 * math.log(2 * math.pi * sigma**2))
        data = figures.data_of(setup)
        fitted = predict_linear(trail.weights[row], data.x)
        rows = [text(r) for r in figures.formula(setup, step, 4, group("formula"))["lines"]]
        assert rows[0].endswith(f" = {figures.number(gaussian_nll(data.y[3:4], fitted[3:4], sigma))}")
        assert f" = {figures.number(gaussian_nll(data.y, fitted, sigma))};" in rows[1]
        assert rows[2].endswith(figures.number(profile_gaussian_nll(data.y, fitted)))

    @pytest.mark.parametrize("setup", [SIGMOID, SOFTMAX, POISSON])
    def test_the_mean_of_the_points_is_the_nll(self, setup):
        trail, row = figures.at(setup, 50)
        costs = [figures.output(setup, 50, i)["loss"] for i in range(1, setup.n + 1)]
        assert np.mean(costs) == pytest.approx(float(trail.nll[row]), rel=1e-12)

    @pytest.mark.parametrize("setup", [LINEAR, SIGMOID, SOFTMAX])
    def test_a_slope_is_prediction_minus_truth(self, setup):
        made = figures.output(setup, 60, 5)
        if setup.layer == "linear":
            assert made["slope"] == pytest.approx((made["z"] - made["y"]) / 0.09)
        elif setup.layer == "sigmoid":
            assert made["slope"] == pytest.approx(made["probs"][1] - made["y"])
        else:
            assert made["slope"].sum() == pytest.approx(0.0, abs=1e-15)
            assert made["slope"][made["y"]] == pytest.approx(made["q"] - 1.0)
        assert figures.derivation(setup, 60, 5)["slope"]

    def test_a_probability_below_the_smallest_float_is_a_power_of_ten(self):
        setup = SOFTMAX._replace(n=100, noise=2.0, rate=0.5, decay=10.0)
        first = text(figures.formula(setup, 400, 1, group("formula"))["lines"][0])
        assert "−log 0 =" not in first
        assert "×10⁻" in first

    def test_the_penalty_is_shown_where_there_is_one(self):
        setup = LINEAR._replace(degree=12, decay=2.0)
        trail, row = figures.at(setup, 400)
        last = text(figures.formula(setup, 400, 1, group("formula"))["lines"][-1])
        assert last.endswith(f"= {figures.number(float(trail.values[row]))}")

    def test_the_bars_are_the_probabilities(self):
        for setup in (SIGMOID, SOFTMAX):
            bars = figures.point(setup, 40, 3, group("point"))["data"][0]
            assert bars["y"].sum() == pytest.approx(1.0)
            assert -math.log(bars["y"][figures.output(setup, 40, 3)["y"]]) == pytest.approx(
                figures.output(setup, 40, 3)["loss"]
            )


class TestFivePoints:
    def test_the_nll_is_affine_in_the_mse(self):
        view = figures.relation(3.0, 2.0, group("relation"))
        straight, bent = view["data"][:2]
        slopes = np.diff(straight["y"]) / np.diff(straight["x"])
        np.testing.assert_allclose(slopes, 1.0 / 8.0)
        assert (bent["y"] <= straight["y"] + 1e-12).all()

    @pytest.mark.parametrize("sigma", [0.5, 1.0, 2.60768, 6.0])
    def test_all_valleys_are_lowest_at_the_mean(self, sigma):
        data = figures.valley(3.0, sigma, group("valley"))["data"]
        for trace in (data[0], data[3], data[4]):
            assert trace["x"][int(np.argmin(trace["y"]))] == pytest.approx(5.0)

    @pytest.mark.parametrize("sigma", [0.5, 2.0])
    def test_slopes_are_those_of_the_curves(self, sigma):
        h = 1e-5
        up, down = figures.constant(3.7 + h, sigma), figures.constant(3.7 - h, sigma)
        here = figures.constant(3.7, sigma)
        assert (up.mse - down.mse) / (2 * h) == pytest.approx(here.mse_slope, rel=1e-7)
        assert (up.nll - down.nll) / (2 * h) == pytest.approx(here.nll_slope, rel=1e-7)


class TestCode:
    STATES = ((LINEAR, 25), (LEARNED, 400), (LINEAR._replace(degree=0, decay=0.5), 3),
              (LINEAR._replace(degree=12, decay=2.0), 60), (SIGMOID._replace(decay=0.1), 40), (SOFTMAX, 0),
              (POISSON, 0), (POISSON._replace(decay=0.1), 60),
              (SOFTMAX._replace(decay=0.05), 60))  # fmt: skip

    @pytest.mark.parametrize(("setup", "step"), STATES)
    def test_numpy_prints_the_nll_of_the_step(self, setup, step):
        trail, row = figures.at(setup, step)
        assert printed(setup, step, 0)[0] == pytest.approx(float(trail.nll[row]), rel=1e-9)

    @pytest.mark.parametrize(("setup", "step"), STATES)
    def test_pytorch_prints_the_same(self, setup, step):
        pytest.importorskip("torch")
        trail, row = figures.at(setup, step)
        assert printed(setup, step, 1)[0] == pytest.approx(float(trail.nll[row]), rel=1e-9)


@pytest.mark.parametrize("theme", PALETTES)
def test_plotly_takes_every_figure(theme):
    made = [
        build(setup, step, *more, group(build.__name__))
        for setup in ALL
        for step in (0, 1, 400)
        for build, more in ((figures.fit, (2,)), (figures.descent, ()), (figures.point, (2,)))
    ]
    made += [
        build(mu, sigma, group(build.__name__))
        for mu in (0.0, 10.0)
        for sigma in (0.5, 6.0)
        for build in (figures.valley, figures.relation)
    ]
    for view in made:
        go.Figure(data=resolve(view["data"], theme), layout=resolve(view["layout"], theme))


class TestTemperature:
    def test_the_table_says_what_the_temperature_does(self):
        rows = figures.temperature_table(2.37, group("temperature_table"))["rows"]
        cells = [[c if isinstance(c, str) else c["text"] for c in row] for row in rows]
        assert cells[0][1:] == ["1", "4.51", "0.475", "0.115", "0.934", "0.85"]
        assert cells[1][1:] == ["2.37", "1.9", "0.35", "0.193", "0.846", "0.85"]
        assert cells[2][1:] == cells[1][1:]

    def test_the_star_is_the_lowest_point_of_the_curve(self):
        held, own, star, _ = figures.temperature(1.0, group("temperature"))["data"]
        assert star["x"][0] == pytest.approx(2.37, abs=0.005)
        assert (held["y"] >= star["y"][0]).all()
        assert own["x"][own["y"].argmin()] < 1.0

    def test_at_the_best_temperature_the_curve_is_near_the_true_one(self):
        def gap(t):
            fitted, truth, now = figures.calibrated(t, group("calibrated"))["data"]
            np.testing.assert_array_equal(fitted["x"], now["x"])
            return np.abs(now["y"] - truth["y"]).max()

        assert gap(figures.best()) < 0.3 * gap(1.0)


class TestPoisson:
    def test_the_curve_and_its_band_are_those_of_core(self):
        trail, row = figures.at(POISSON, 400)
        band, truth, *_, curve, _ = figures.fit(POISSON, 400, 1, group("fit"))["data"]
        np.testing.assert_allclose(curve["y"], predict_poisson(trail.weights[row], figures.GRID))
        np.testing.assert_allclose((band["y"][:101] - curve["y"]) ** 2, curve["y"])
        assert np.log(truth["y"]) == pytest.approx(1.5 + figures.GRID)

    def test_the_bars_are_all_that_can_happen(self):
        for step in (0, 40, 400):
            bars = figures.point(POISSON, step, 3, group("point"))["data"][0]
            made = figures.output(POISSON, step, 3)
            assert bars["y"].sum() == pytest.approx(1.0, abs=1e-3)
            assert -math.log(bars["y"][made["y"]]) == pytest.approx(made["loss"])
            assert made["slope"] == pytest.approx(math.exp(made["z"]) - made["y"])

    def test_a_layer_before_the_output_gets_the_slope_through_its_weight(self):
        w, h, y = 0.8, 1.1, 3
        left, right = (poisson_nll_loss(w * (h + e), y) for e in (-1e-6, 1e-6))
        assert (right - left) / 2e-6 == pytest.approx(w * (math.exp(w * h) - y), rel=1e-6)
