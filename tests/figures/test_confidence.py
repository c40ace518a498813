"""Figures of the lesson on confidence: their points and numbers are core's, at every temperature."""

import contextlib
import io
import math

import numpy as np
import pytest

from core.calibration import (
    brier_decomposition,
    expected_calibration_error,
    fit_temperature,
    reliability,
    temperature_nll,
)
from core.digits import held_out_digits
from core.figures import confidence as figures
from core.softmax import softmax
from pages.shared.catalog import load

WORDS = load("confidence", "en")
DIGITS = figures.Source("digits")
ALL = [figures.Source(kind, split) for kind in figures.DATA for split in ("half", "all")]
TEMPERATURES = (0.05, 1.0, 2.23, 20.0)


def judged(source):
    """The judged rows of a source: all that ``given`` has, or every other one."""
    rows = figures.given(source.kind)
    part = slice(1, None, 2) if source.split == "half" else slice(None)
    return rows.logits[part], rows.labels[part]


def fitted(source):
    rows = figures.given(source.kind)
    part = slice(0, None, 2) if source.split == "half" else slice(None)
    return rows.logits[part], rows.labels[part]


def text(row):
    return "".join(s if isinstance(s, str) else s["text"] for s in (row if isinstance(row, list) else [row]))


def printed(source, t, bins, by, tab):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(figures.code_panel(source, t, bins, by)["tabs"][tab]["text"], "panel", "exec"), {})
    return [float(part) for part in said.getvalue().split()]


class TestReliability:
    @pytest.mark.parametrize("source", ALL)
    @pytest.mark.parametrize("t", TEMPERATURES)
    @pytest.mark.parametrize(("bins", "by"), [(15, "width"), (30, "mass"), (1, "width")])
    def test_bins_gaps_and_intervals_are_those_of_core(self, source, t, bins, by):
        logits, labels = judged(source)
        made = reliability(softmax(logits / t, axis=1), labels, bins=bins, by=by)
        found = figures.reliability(source, t, bins, by, WORDS.group("reliability"))["data"]
        shares, over, under, _, interval, points, counts, _ = found
        n = made.count.size
        np.testing.assert_allclose(shares["y"][:n], made.accuracy)
        np.testing.assert_allclose(shares["x"][:n], made.low, atol=1e-12)
        np.testing.assert_allclose(
            over["y"][:n] - under["y"][:n], made.confidence - made.accuracy, atol=1e-12
        )
        np.testing.assert_allclose(interval["base"][:n], made.interval[:, 0], atol=1e-12)
        np.testing.assert_allclose((interval["base"] + interval["y"])[:n], made.interval[:, 1])
        np.testing.assert_allclose([points["x"][:n], points["y"][:n]], [made.confidence, made.accuracy])
        assert counts["customdata"][:n].tolist() == made.count.tolist()
        assert counts["y"].sum() == pytest.approx(1.0)

    def test_what_no_bin_fills_is_not_drawn(self):
        found = figures.reliability(DIGITS, 20.0, 1, "width", WORDS.group("reliability"))["data"]
        assert all(trace["y"][1:].max() == 0.0 for trace in found if trace["type"] == "bar")
        assert np.isnan(found[5]["x"][1:]).all()

    @pytest.mark.parametrize("source", ALL)
    @pytest.mark.parametrize("t", [0.5, 1.0, 2.23, 6.0])
    def test_the_ring_is_at_the_mean_confidence_and_gives_its_temperature(self, source, t):
        made = figures.reliability(source, t, 15, "width", WORDS.group("reliability"))
        here = figures.study(source).measures(t, 15, "width")
        (ring,) = made["grips"]
        assert (ring["x"], ring["y"]) == (here.confidence, here.accuracy)
        found = figures.study(source).at(figures.temperature_of(source, ring["x"]))
        assert float(found.confidence.mean()) == pytest.approx(ring["x"], abs=0.002)


class TestCurve:
    @pytest.mark.parametrize("source", ALL)
    def test_the_curves_are_the_nlls_of_core(self, source):
        made = figures.study(source)
        views = figures.curve(source, 1.0, WORDS.group("curve"))["data"]
        for rows, trace in zip(
            [judged(source), fitted(source)], views[: 1 + (source.split == "half")], strict=False
        ):
            expected = temperature_nll(*rows, figures.GRID)
            np.testing.assert_allclose(
                trace["y"], np.minimum(expected, 4.0 * made.top), rtol=1e-9, atol=1e-12
            )

    def test_the_star_stands_at_the_fitted_minimum(self):
        found = fit_temperature(*fitted(DIGITS))
        star = next(
            trace
            for trace in figures.curve(DIGITS, 1.0, WORDS.group("curve"))["data"]
            if trace.get("marker", {}).get("symbol") == "star"
        )
        assert (star["x"].item(), star["y"].item()) == (found.t, found.nll)

    @pytest.mark.parametrize("t", TEMPERATURES)
    def test_the_tangent_has_the_slope_of_the_curve(self, t):
        logits, labels = judged(DIGITS)
        step = 1e-5
        near = temperature_nll(logits, labels, [t * math.exp(-step), t * math.exp(step)])
        now = figures.study(DIGITS).at(t)
        assert now.entropy - now.nll == pytest.approx((near[1] - near[0]) / (2 * step), rel=1e-5)

    def test_the_share_right_does_not_move_and_the_confidence_falls(self):
        traces = figures.curve(DIGITS, 1.0, WORDS.group("curve"))["data"]
        level, falling = (
            trace["y"] for trace in traces if trace.get("yaxis") == "y2" and trace["mode"] == "lines"
        )
        assert set(level.tolist()) == {0.948}
        assert (np.diff(falling) < 0.0).all()

    @pytest.mark.parametrize("source", ALL)
    @pytest.mark.parametrize("t", TEMPERATURES)
    def test_the_ring_is_within_the_axes(self, source, t):
        made = figures.curve(source, t, WORDS.group("curve"))
        (ring,) = made["grips"]
        assert ring["x"] == math.log10(t)
        assert 0.0 <= ring["y"] <= figures.study(source).top
        assert figures.temperature_at(ring["x"]) == t


class TestHistogram:
    @pytest.mark.parametrize("source", ALL)
    @pytest.mark.parametrize("t", TEMPERATURES)
    def test_right_and_wrong_rows_each_add_up_to_one(self, source, t):
        logits, labels = judged(source)
        sums = [trace["y"].sum() for trace in figures.histogram(source, t, WORDS.group("histogram"))["data"]]
        right = logits.argmax(axis=1) == labels
        assert sums == pytest.approx([float(right.any()), float((~right).any())])


class TestNumbers:
    @pytest.mark.parametrize("source", ALL)
    @pytest.mark.parametrize("t", TEMPERATURES)
    @pytest.mark.parametrize(("bins", "by"), [(15, "width"), (7, "mass")])
    def test_are_those_of_core(self, source, t, bins, by):
        logits, labels = judged(source)
        probs = softmax(logits / t, axis=1)
        found = figures.study(source).measures(t, bins, by)
        assert found.nll == pytest.approx(float(temperature_nll(logits, labels, t)), rel=1e-9, abs=1e-12)
        assert found.error == pytest.approx(
            expected_calibration_error(probs, labels, bins=bins, by=by), rel=1e-9, abs=1e-12
        )
        assert found.brier == pytest.approx(
            brier_decomposition(probs, labels, bins=bins), rel=1e-9, abs=1e-12
        )
        assert found.accuracy == float(np.mean(logits.argmax(axis=1) == labels))
        assert found.confidence == pytest.approx(float(probs.max(axis=1).mean()), rel=1e-12)
        assert found.perplexity == pytest.approx(math.exp(found.nll))

    def test_the_table_shows_them_before_now_and_after(self):
        made = figures.numbers(DIGITS, 2.0, 15, "width", WORDS.group("numbers"))
        assert [text(cell) for cell in made["head"]] == ["", "T = 1", "now T = 2", "fitted T = 2.22884"]
        assert [text(cell) for cell in made["rows"][0]] == ["NLL (nats)", "0.299501", "0.198398", "0.196541"]
        assert [text(cell) for cell in made["rows"][3]][1:] == ["0.948"] * 3

    @pytest.mark.parametrize(
        ("kind", "split", "head", "nll"),
        [
            ("right", "half", "fitted T → 0", "0"),
            ("three", "all", "fitted T → 0", "0.231049"),
            ("shifted", "half", "fitted T → ∞", "2.30259"),
        ],
    )
    def test_where_there_is_no_minimum_it_is_said(self, kind, split, head, nll):
        source = figures.Source(kind, split)
        made = figures.numbers(source, 1.0, 15, "width", WORDS.group("numbers"))
        assert text(made["head"][3]) == head
        assert text(made["rows"][0][3]) == nll
        told = [text(line) for line in figures.newton_lines(source, 5, WORDS.group("newton_lines"))["lines"]]
        assert told == [WORDS(f"newton_lines.{'warm' if kind == 'shifted' else 'cold'}")]

    @pytest.mark.parametrize("t", TEMPERATURES)
    def test_the_worst_rows_are_those_of_the_largest_losses(self, t):
        logits, labels = judged(DIGITS)
        probs = softmax(logits / t, axis=1)
        loss = -np.log(probs[np.arange(labels.size), labels])
        rows = figures.worst(DIGITS, t, WORDS.group("worst"))["rows"]
        first = int(np.argmax(loss))
        assert len(rows) == figures.WORST
        assert [text(cell) for cell in rows[0][:2]] == [str(2 * first + 2), str(labels[first])]
        assert [float(text(row[5])) for row in rows] == pytest.approx(
            np.sort(loss)[::-1][: len(rows)], rel=1e-4
        )


class TestNewton:
    @pytest.mark.parametrize("source", ALL)
    @pytest.mark.parametrize("step", [0, 1, 5, figures.STEPS])
    def test_the_steps_are_those_of_core(self, source, step):
        steps = fit_temperature(*fitted(source)).steps[: step + 1]
        trail = figures.newton(source, step, WORDS.group("newton"))["data"][2]
        taken = trail["x"][np.isfinite(trail["x"])]
        np.testing.assert_allclose(taken, np.clip(steps, figures.WIDE[0], figures.WIDE[-1]))

    def test_every_bundled_search_ends_within_the_player(self):
        assert all(len(figures.study(source).found.steps) <= figures.STEPS + 1 for source in ALL)

    def test_a_step_goes_to_the_lowest_point_of_the_parabola(self):
        source = figures.Source("smoothed", "all")
        parabola = figures.newton(source, 0, WORDS.group("newton"))["data"][1]
        steps = figures.study(source).found.steps
        lowest = figures.WIDE[np.argmin(parabola["y"])]
        assert lowest == pytest.approx(steps[1], rel=0.05)  # the grid has no finer places
        told = [text(line) for line in figures.newton_lines(source, 0, WORDS.group("newton_lines"))["lines"]]
        assert float(told[2].split(" = ")[1].split(" ")[0]) == pytest.approx(1.0 / steps[1], rel=1e-5)

    def test_a_slider_beyond_the_last_step_says_which_that_was(self):
        for source in (figures.Source("digits", "half"), figures.Source("smoothed", "all")):
            last, words = len(figures.study(source).found.steps) - 1, WORDS.group("newton_lines")
            for step in (last, figures.STEPS):
                told = text(figures.newton_lines(source, step, words)["lines"][0])
                name = words["last" if step > last else "step"].format(n=last)
                assert told.startswith(f"{name}:")


class TestCode:
    @pytest.mark.parametrize("tab", [0, 1])
    @pytest.mark.parametrize(
        "source", [DIGITS, *(figures.Source(kind, "all") for kind in ("smoothed", "base"))]
    )
    @pytest.mark.parametrize("by", ["width", "mass"])
    def test_it_prints_the_numbers_of_the_screen(self, source, by, tab):
        made = figures.study(source)
        now, after = (made.measures(t, 15, by) for t in (1.5, made.best))
        expected = [made.best, now.nll, after.nll, now.accuracy, now.confidence, now.error]
        assert printed(source, 1.5, 15, by, tab) == pytest.approx(expected, rel=1e-6)

    @pytest.mark.parametrize("tab", [0, 1])
    @pytest.mark.parametrize("kind", ["right", "shifted", "three"])
    def test_it_runs_where_there_is_no_minimum(self, kind, tab):
        found = printed(figures.Source(kind, "all"), 1.0, 15, "width", tab)
        assert found[1] == pytest.approx(figures.study(figures.Source(kind, "all")).at(1.0).nll, rel=1e-6)


class TestNotes:
    def test_of_three_pictures_one_is_a_tie(self):
        assert figures.notes(figures.Source("three", "all")) == [("ties", {"ties": "1"})]

    def test_the_digits_need_none(self):
        assert figures.notes(DIGITS) == []

    @pytest.mark.parametrize(
        ("logits", "labels", "names"),
        [
            ([[1.0, 0.0]], [0], ["single", "one_class"]),
            ([[1.0, 0.0, 2.0], [0.0, 1.0, 2.0]], [0, 1], ["missing"]),
            ([[1.0, -np.inf, 2.0], [0.0, 1.0, 2.0], [0.0, 1.0, 3.0]], [0, 1, 2], ["ruled_out"]),
        ],
    )
    def test_what_rows_may_be(self, logits, labels, names):
        rows = figures.Given(np.array(logits), np.array(labels))
        assert [name for name, _ in figures.remarks(figures.Study(rows, "half"))] == names

    def test_many_rows_are_sampled_and_it_is_said(self):
        rng = np.random.default_rng(0)
        logits = rng.normal(size=(30_000, 3))
        made = figures.Study(figures.Given(logits, logits.argmax(axis=1)), "half")
        assert made.judged.labels.size == figures.DRAWN_ROWS
        assert (made.numbers[:2].tolist(), made.numbers[-1]) == ([2, 6], 30_000)
        assert figures.remarks(made) == [("sample", {"drawn": "10,000", "n": "15,000"})]


def test_the_bundled_rows_are_what_they_are_called():
    digits = held_out_digits()
    assert (figures.given("right").logits.argmax(axis=1) == figures.given("right").labels).all()
    assert ((figures.given("shifted").labels - digits.labels) % 10 == 1).all()
    np.testing.assert_allclose(
        softmax(figures.given("base").logits[0]), np.bincount(digits.labels) / digits.labels.size
    )
