"""Figures of the losses lesson: their curves and numbers are core's, and say what they claim."""

import contextlib
import io
import math

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures import losses as figures
from core.figures.theme import PALETTES, resolve
from core.information import cross_entropy, kl_divergence
from core.losses import brier_score, expected_brier_score
from core.margins import MARGIN_LOSSES
from core.residuals import RESIDUAL_LOSSES, fit_constant, noise_nll
from core.sigmoid import (
    sigmoid,
    sigmoid_cross_entropy,
    sigmoid_cross_entropy_slope,
    sigmoid_squared_error,
    sigmoid_squared_error_slope,
)
from pages.shared.catalog import load

WORDS = load("losses", "en")
MARGIN = tuple(MARGIN_LOSSES)
RESIDUAL = tuple(RESIDUAL_LOSSES)
NOISE = WORDS.group("noise")


def names(drawn):
    return tuple(WORDS(f"control.{name}.label") for name in drawn)


def curves(view, drawn):
    """Return the line of each loss, without its gap."""
    for name, trace in zip(drawn, view["data"], strict=False):
        kept = ~np.isnan(trace["y"])
        yield name, trace["x"][kept], trace["y"][kept]


def points(view):
    """Return the trace of points under the cursor, which is the last one."""
    return view["data"][-1]


def rows(view):
    """Return the texts of a table's cells."""
    return [
        [
            "".join(s if isinstance(s, str) else s["text"] for s in (c if isinstance(c, list) else [c]))
            for c in row
        ]
        for row in view["rows"]
    ]


class TestMarginLosses:
    def test_curves_and_slopes_are_those_of_core(self):
        losses = figures.margin(-1.0, MARGIN, 1.0, names(MARGIN), WORDS.group("margin"))
        slopes = figures.margin_slopes(-1.0, MARGIN, names(MARGIN), WORDS.group("margin_slopes"))
        for name, x, y in curves(losses, MARGIN):
            np.testing.assert_array_equal(y, MARGIN_LOSSES[name].loss(x))
        for name, x, y in curves(slopes, MARGIN):
            np.testing.assert_array_equal(y, MARGIN_LOSSES[name].slope(x))

    def test_every_loss_has_a_look_and_a_name(self):
        assert set(figures.MARGIN_LOOKS) == set(MARGIN_LOSSES)
        assert set(figures.RESIDUAL_LOOKS) == set(RESIDUAL_LOSSES)
        for looks in (figures.MARGIN_LOOKS, figures.RESIDUAL_LOOKS):
            assert len({look.role for look in looks.values()}) == len(looks)
            assert {look.role for look in looks.values()} <= set(PALETTES["light"])

    def test_a_jump_is_a_gap_and_not_a_wall(self):
        view = figures.margin(0.0, ("zero_one",), 1.0, ("0/1",), WORDS.group("margin"))
        x, y = view["data"][0]["x"], view["data"][0]["y"]
        gap = int(np.flatnonzero(np.isnan(y))[0])
        assert (y[:gap] == 1.0).all()
        assert (y[gap + 1 :] == 0.0).all()
        assert x[gap - 1] == pytest.approx(0.0)

    @pytest.mark.parametrize(("tie", "counted"), [(1.0, 1.0), (0.0, 0.0)])
    def test_the_tie_is_a_convention(self, tie, counted):
        view = figures.margin(0.0, ("zero_one",), tie, ("0/1",), WORDS.group("margin"))
        assert points(view)["y"].tolist() == [counted]
        solid, hollow = view["data"][1]["y"]
        assert (solid, hollow) == (tie, 1.0 - tie)

    def test_what_is_off_the_axis_becomes_a_triangle(self):
        view = figures.margin(-2.0, MARGIN, 1.0, names(MARGIN), WORDS.group("margin"))
        marks = dict(
            zip(MARGIN, zip(points(view)["y"], points(view)["marker"]["symbol"], strict=True), strict=True)
        )
        assert marks["exponential"] == (figures.MARGIN_LOSS.high, "triangle-up")
        assert marks["hinge"] == (3.0, "circle")

    @pytest.mark.parametrize("m", [-3.0, -0.4, 0.0, 1.0, 2.5])
    def test_only_the_log_losses_share_out_exactly_one(self, m):
        for name in ("log", "log2"):
            came, other = figures.label_shares(name, m)
            assert came + other == pytest.approx(1.0, abs=1e-14)
            assert came == pytest.approx(float(sigmoid(m)), rel=1e-13)

    @pytest.mark.parametrize("name", ["exponential", "hinge", "squared_hinge", "square"])
    def test_the_others_have_no_constant_sum(self, name):
        sums = [sum(figures.label_shares(name, m)) for m in (0.0, 1.0, 3.0)]
        assert max(sums) - min(sums) > 0.1

    def test_the_table_says_which_loss_is_below_the_0_1_loss(self):
        table = figures.margin_table(0.0, MARGIN, 1.0, names(MARGIN), NOISE, WORDS.group("margin_table"))
        above = {name: row[-1] for name, row in zip(MARGIN, rows(table), strict=True)}
        assert above["log"] == "0.693147 < 1"
        assert above["log2"] == "1 ≥ 1"
        for m in np.linspace(-3.0, 3.0, 121):
            assert MARGIN_LOSSES["log2"].loss(m) >= MARGIN_LOSSES["zero_one"].loss(m)

    def test_kinks_have_no_single_slope(self):
        table = figures.margin_table(1.0, ("hinge",), 1.0, ("hinge",), NOISE, WORDS.group("margin_table"))
        assert rows(table)[0][2].startswith("−1 … 0")


class TestResidualLosses:
    @pytest.mark.parametrize(("delta", "tau"), [(1.0, 0.5), (0.1, 0.05), (5.0, 0.95)])
    def test_curves_and_slopes_are_those_of_core(self, delta, tau):
        shown = (RESIDUAL, delta, tau, names(RESIDUAL))
        losses = figures.residual(3.0, *shown, WORDS.group("residual"))
        slopes = figures.residual_slopes(3.0, *shown, WORDS.group("residual_slopes"))
        for which, view in (("loss", losses), ("slope", slopes)):
            for name, x, y in curves(view, RESIDUAL):
                value = getattr(RESIDUAL_LOSSES[name], which)
                np.testing.assert_array_equal(y, value(x, delta=delta, tau=tau))

    def test_densities_are_drawn_from_them(self):
        view = figures.densities(1.0, RESIDUAL, 2.0, 1.0, 0.9, names(RESIDUAL), WORDS.group("densities"))
        for name, x, y in curves(view, RESIDUAL):
            np.testing.assert_allclose(-np.log(y), noise_nll(name, x, 2.0, 1.0, 0.9), rtol=1e-12)
            assert y.max() < view["layout"]["yaxis"]["range"][1]

    def test_every_noise_model_has_a_name(self):
        keys = {loss.noise_model for loss in RESIDUAL_LOSSES.values()} | {
            figures.noise_key(m) for m in MARGIN
        }
        assert keys == set(NOISE)


class TestProbability:
    @pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
    def test_curves_are_those_of_core_and_leave_where_they_are_infinite(self, p):
        cross, kl, brier = figures.probability(p, 0.5, WORDS.group("probability"))["data"][:3]
        for i in (0, 20, 60, -1):
            q = float(cross["x"][i])
            target, model = np.array([p, 1.0 - p]), np.array([q, 1.0 - q])
            top = 2.0 * figures.SHARE_TOP
            assert cross["y"][i] == pytest.approx(min(float(cross_entropy(target, model)), top))
            assert kl["y"][i] == pytest.approx(min(float(kl_divergence(target, model)), top), abs=1e-12)
            each = [float(brier_score(model, label)) for label in (0, 1)]
            assert brier["y"][i] == pytest.approx(float(target @ each))
        assert brier["y"].max() <= 2.0

    @pytest.mark.parametrize("p", [0.05, 0.5, 0.8])
    def test_all_three_are_lowest_at_p(self, p):
        for trace in figures.probability(p, 0.5, WORDS.group("probability"))["data"][:3]:
            assert trace["x"][trace["y"].argmin()] == pytest.approx(p)

    def test_what_is_infinite_is_said_to_be(self):
        table = rows(figures.probability_table(1.0, 0.0, WORDS.group("probability_table")))
        assert table[0][1].endswith("= ∞")
        assert table[0][2] == "−∞"
        assert table[2][1] == "(0 − 1)² + (1 − 0)² + 0 = 2"
        assert table[2][3] == "0 = 2·1·0"

    def test_neither_floor_is_0_between_the_labels(self):
        table = rows(figures.probability_table(0.8, 0.3, WORDS.group("probability_table")))
        assert [row[3] for row in table] == ["0.500402 = H(p)", "0", "0.32 = 2·0.8·0.2"]
        assert table[2][1].endswith(" = 0.82")


class TestSaturation:
    @pytest.mark.parametrize("target", [0, 1])
    def test_curves_are_those_of_core(self, target):
        for view, functions in (
            (
                figures.saturation(1.0, target, WORDS.group("saturation")),
                (sigmoid_cross_entropy, sigmoid_squared_error),
            ),
            (
                figures.gradients(1.0, target, WORDS.group("gradients")),
                (sigmoid_cross_entropy_slope, sigmoid_squared_error_slope),
            ),
        ):
            for trace, function in zip(view["data"], functions, strict=False):
                np.testing.assert_array_equal(trace["y"], function(trace["x"], target))

    @pytest.mark.parametrize("target", [0, 1])
    def test_the_star_is_the_steepest_place(self, target):
        z, slope = figures.steepest(target)
        assert abs(slope) == pytest.approx(4.0 / 27.0, rel=1e-15)
        everywhere = np.abs(sigmoid_squared_error_slope(np.linspace(-10.0, 10.0, 100_001), target))
        assert everywhere.max() <= abs(slope) + 1e-15
        assert z == pytest.approx(math.log(2.0) * (1 - 2 * target))


class TestOutlier:
    @pytest.mark.parametrize(("outlier", "delta"), [(9.0, 1.0), (20.0, 5.0), (-10.0, 20.0), (30.0, 0.1)])
    def test_fits_are_those_of_core_and_lie_at_the_bottom(self, outlier, delta):
        data = [*figures.POINTS, outlier]
        found = figures.outlier_fits(outlier, delta, WORDS.group("outlier_fits"))["data"][1]["x"]
        wanted = [fit_constant(data, name, delta=delta) for name in ("squared", "absolute", "huber")]
        np.testing.assert_array_equal(found, wanted)
        *lines, bottoms = figures.totals(outlier, delta, WORDS.group("totals"))["data"]
        for line, bottom in zip(lines, bottoms["y"], strict=True):
            assert line["y"].max() == 1.0
            assert bottom <= line["y"].min() + 1e-12

    def test_the_pulls_add_up_to_0(self):
        last = figures.outlier_lines(20.0, 5.0, WORDS.group("outlier_lines"))["lines"][-1]
        assert last[-1].endswith("= −4.25 − 1.25 − 0.25 + 0.75 + 5 = 0")


class TestCode:
    STATES = (
        (-1.0, 1.0, 3.0, 1.0, 0.9, 0.8, 0.3, -6.0, 1, 20.0, 5.0),
        (0.0, 0.0, -0.5, 2.0, 0.1, 1.0, 0.0, 10.0, 0, -10.0, 0.1),
        (2.0, 1.0, 0.0, 0.1, 0.5, 0.0, 0.0, 0.0, 1, 9.0, 20.0),
    )

    @pytest.mark.parametrize("state", STATES)
    def test_numpy_prints_the_numbers_of_core(self, state):
        m, tie, r, delta, tau, p, q, z, target, outlier, threshold = state
        text = figures.code_panel(*state)["tabs"][0]["text"]
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(text, "panel", "exec"), {})
        numbers = [[float(part) for part in line.split()] for line in said.getvalue().splitlines()]
        target_, model = [p, 1.0 - p], [q, 1.0 - q]
        wanted = [
            [float(figures.margin_value(name, m, tie)) for name in MARGIN if name != "exponential"],
            [float(loss.loss(r, delta=delta, tau=tau)) for name, loss in RESIDUAL_LOSSES.items()],
            [float(f(target_, model)) for f in (cross_entropy, kl_divergence)]
            + [float(expected_brier_score(model, target_))],
            [float(sigmoid_cross_entropy(z, target)), float(sigmoid_cross_entropy_slope(z, target))],
            [float(sigmoid_squared_error(z, target)), float(sigmoid_squared_error_slope(z, target))],
            [
                fit_constant([*figures.POINTS, outlier], n, delta=threshold)
                for n in ("squared", "absolute", "huber")
            ],
        ]
        wanted[0].insert(3, math.exp(-m))
        for found, right in zip(numbers, wanted, strict=True):
            np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-12)

    @pytest.mark.parametrize("state", STATES)
    def test_pytorch_is_python(self, state):
        compile(figures.code_panel(*state)["tabs"][1]["text"], "panel", "exec")


@pytest.mark.parametrize("theme", PALETTES)
def test_plotly_takes_every_figure(theme):
    none: tuple[str, ...] = ()
    made = [
        build(2.0, drawn, *rest, names(drawn), *more, WORDS.group(build.__name__))
        for family, build, rest, more in (
            (MARGIN, figures.margin, (1.0,), ()),
            (MARGIN, figures.margin_slopes, (), ()),
            (MARGIN, figures.margin_models, (1.0,), (NOISE,)),
            (RESIDUAL, figures.residual, (1.0, 0.5), ()),
            (RESIDUAL, figures.residual_slopes, (1.0, 0.5), ()),
            (RESIDUAL, figures.densities, (0.5, 1.0, 0.5), ()),
        )
        for drawn in (family, family[:1], none)
    ]
    made += [figures.probability(p, q, WORDS.group("probability")) for p in (0.0, 1.0) for q in (0.0, 1.0)]
    made += [figures.saturation(-10.0, t, WORDS.group("saturation")) for t in (0, 1)]
    made += [figures.gradients(10.0, t, WORDS.group("gradients")) for t in (0, 1)]
    made += [
        figures.outlier_fits(30.0, 0.1, WORDS.group("outlier_fits")),
        figures.totals(30.0, 0.1, WORDS.group("totals")),
    ]
    for view in made:
        go.Figure(data=resolve(view["data"], theme), layout=resolve(view["layout"], theme))
