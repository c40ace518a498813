"""The softmax figures show core's numbers."""

import math

import numpy as np
import pytest

from core.categorical import sample_counts
from core.figures import softmax as figures
from core.figures.theme import resolve
from core.softmax import plane_to_simplex, softmax, softmax_jacobian, temperature_path
from pages.shared.catalog import load

CAT = (5.0, 4.0, 2.0)
NAMES = ["cat", "dog", "horse"]
WORDS = load("softmax", "en")


class TestColumns:
    def test_the_bars_are_the_scores_the_exponentials_and_the_probabilities(self):
        made = figures.columns(CAT, 2.0, NAMES, WORDS.group("columns", t=2.0))
        scores, exps, probs = (trace["x"] for trace in made["data"][:3])
        np.testing.assert_array_equal(scores, CAT)
        np.testing.assert_allclose(exps * 10.0, np.exp(np.array(CAT) / 2.0), rtol=1e-12)
        np.testing.assert_allclose(probs, softmax(CAT, temperature=2.0), rtol=0)
        assert "×10¹" in made["layout"]["xaxis2"]["title"]["text"]

    def test_the_labels_carry_the_published_numbers(self):
        made = figures.columns(CAT, 1.0, NAMES, WORDS.group("columns"))
        assert made["data"][2]["text"].tolist() == ["0.7054", "0.2595", "0.0351"]
        assert made["data"][1]["text"].tolist() == ["148.4", "54.6", "7.389"]

    @pytest.mark.parametrize("logits", [(10.0, -10.0, 0.0), (-10.0,) * 3, (10.0,) * 10])
    @pytest.mark.parametrize("temperature", [0.05, 10.0])
    def test_no_axis_moves_and_no_bar_leaves_it(self, logits, temperature):
        made = figures.columns(logits, temperature, ["x"] * len(logits), WORDS.group("columns"))
        layout = made["layout"]
        assert [layout[a]["range"] for a in ("xaxis", "xaxis2", "xaxis3")] == [
            [-13, 13],
            [0, 20],
            [0, 1.75],
        ]
        assert 1.0 <= made["data"][1]["x"].max() <= 10.0 + 1e-9

    def test_a_score_stands_across_zero_from_its_bar(self):
        made = figures.columns((2.0, -3.0, 0.0), 1.0, NAMES, WORDS.group("columns"))["data"][3]
        assert [text.strip() for text in made["text"]] == ["2", "−3", "0"]
        assert made["textposition"].tolist() == ["middle left", "middle right", "middle right"]

    def test_a_grip_sits_at_the_end_of_each_score(self):
        grips = figures.columns(CAT, 1.0, NAMES, WORDS.group("columns"))["grips"]
        assert [(g["control"], g["x"], g["y"], g["axes"]) for g in grips] == [
            ("z1", 5.0, 0, "x"),
            ("z2", 4.0, 1, "x"),
            ("z3", 2.0, 2, "x"),
        ]


class TestSimplex:
    def test_the_point_and_its_path_are_the_probabilities(self):
        made = figures.simplex(CAT, 1.0, NAMES, WORDS.group("simplex"))
        _, path, point = made["data"]
        np.testing.assert_allclose(plane_to_simplex((point["x"][0], point["y"][0])), softmax(CAT), rtol=1e-12)
        np.testing.assert_allclose(
            plane_to_simplex(np.stack([path["x"], path["y"]], axis=-1)),
            temperature_path(CAT, figures.PATH_TEMPERATURES),
            atol=1e-12,
        )

    def test_without_three_classes_it_says_so(self):
        made = figures.simplex((1.0, 2.0), 1.0, NAMES[:2], WORDS.group("simplex"))
        assert made["data"] == []
        assert made["layout"]["annotations"][0]["text"] == WORDS("simplex.only_three")

    @pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
    @pytest.mark.parametrize("place", [(0.5, 0.3), (0.2, 0.1), (0.7, 0.2)])
    def test_a_dragged_point_gives_scores_with_that_softmax(self, place, temperature):
        logits = figures.logits_at(*place, temperature)
        assert max(map(abs, logits)) <= 10.0
        np.testing.assert_allclose(
            softmax(logits, temperature=temperature), plane_to_simplex(place), atol=2e-3 / temperature
        )

    def test_a_point_beyond_a_corner_stays_in_the_sliders_range(self):
        assert max(map(abs, figures.logits_at(-3.0, -3.0, 1.0))) <= 10.0


class TestOverTemperature:
    def test_the_lines_are_the_probabilities_and_keep_their_order(self):
        made = figures.over_temperature(CAT, 1.0, NAMES, WORDS.group("temperature"))
        lines = np.array([trace["y"] for trace in made["data"][:3]])
        np.testing.assert_allclose(lines.T, temperature_path(CAT, figures.TEMPERATURES))
        assert (np.diff(lines, axis=0) <= 0).all()
        np.testing.assert_allclose(made["data"][3]["y"], softmax(CAT))


class TestJacobian:
    def test_the_cells_are_the_slopes(self):
        made = figures.jacobian(CAT, 2.0, NAMES, WORDS.group("jacobian"))
        matrix = softmax_jacobian(CAT, temperature=2.0)
        np.testing.assert_allclose(made["data"][0]["marker"]["color"] / 2.0, matrix.ravel())
        assert made["data"][0]["text"][1] == f"−{-matrix[0, 1]:.4f}"


class TestNumerics:
    @pytest.mark.parametrize(("shift", "broken"), [(0, 0), (10, 1), (90, 2), (800, 3)])
    def test_the_naive_rows_break_where_exp_overflows(self, shift, broken):
        rows = figures.numerics(CAT, shift, 1.0, WORDS.group("numerics"))["rows"]
        verdicts = [row[-1]["text"] for row in rows]
        assert verdicts[0::2].count("broken") == broken
        assert verdicts[1::2] == ["fine"] * 3

    def test_the_thresholds_are_shown(self):
        rows = figures.numerics(CAT, 0, 1.0, WORDS.group("numerics"))["rows"]
        assert [row[2] for row in rows[::2]] == ["11.0899", "88.7228", "709.783"]


class TestSampling:
    def test_the_shares_are_the_seeded_counts(self):
        made = figures.sampling(CAT, 1.0, 1000, 7, NAMES, WORDS.group("sampling", n=1000))
        counts = sample_counts(softmax(CAT), 1000, seed=7)
        np.testing.assert_allclose(made["data"][1]["x"], counts / 1000)
        np.testing.assert_allclose(made["data"][0]["x"], softmax(CAT))


class TestFormula:
    def test_a_line_says_what_the_bars_say(self):
        line = figures.formula(CAT, 1.0, NAMES)["lines"][0]
        assert "".join(s if isinstance(s, str) else s["text"] for s in line) == (
            "p(cat) = exp(5 / 1) / Σ = 148.4 / 210.4 = 0.705385"
        )


def test_exponentials_beyond_float64_are_written_as_powers_of_ten():
    assert figures.exponential_text(1000.0) == "1.97×10⁴³⁴"
    assert figures.exponential_text(math.log(2.5)) == "2.5"


def test_the_code_runs_and_gives_the_probabilities(capsys):
    exec(figures.code_panel(CAT, 2.0)["tabs"][0]["text"], {})
    printed = [float(word) for word in capsys.readouterr().out.strip("[]\n").split()]
    np.testing.assert_allclose(printed, softmax(CAT, temperature=2.0), rtol=1e-6)


def test_roles_become_colours():
    made = resolve(figures.columns(CAT, 1.0, NAMES, WORDS.group("columns")), "dark")
    assert made["data"][0]["marker"]["color"][0] == "#56A9DE"
