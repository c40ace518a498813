"""The softmax figures show core's numbers."""

import math
import re

import numpy as np
import pytest

from core.categorical import sample_counts
from core.figures import softmax as figures
from core.figures.text import number
from core.figures.theme import resolve
from core.softmax import exp_terms, log_softmax, plane_to_simplex, softmax, softmax_jacobian, temperature_path
from pages.shared.catalog import load

CAT = (5.0, 4.0, 2.0)
NAMES = ["cat", "dog", "horse"]
WORDS = load("softmax", "en")


class TestColumns:
    def test_the_bars_are_the_scores_the_exponentials_and_the_probabilities(self):
        made = figures.columns(CAT, 0, 2.0, NAMES, WORDS.group("columns"))
        scores, exps, probs = (trace["x"] for trace in made["data"][:3])
        np.testing.assert_array_equal(scores, CAT)
        np.testing.assert_allclose(exps, np.exp(np.array(CAT) / 2.0) / np.exp(5.0 / 2.0), rtol=1e-12)
        np.testing.assert_allclose(probs, softmax(CAT, temperature=2.0), rtol=0)

    def test_the_labels_carry_the_published_numbers(self):
        made = figures.columns(CAT, 0, 1.0, NAMES, WORDS.group("columns"))
        assert [made["data"][i]["text"].tolist() for i in (3, 4, 5)] == [
            ["5", "4", "2"],
            ["148.4", "54.6", "7.389"],
            ["0.7054", "0.2595", "0.0351"],
        ]

    def test_many_classes_have_their_numbers_at_the_bars_ends(self):
        made = figures.columns((1.0,) * 5, 0, 1.0, ["x"] * 5, WORDS.group("columns"))["data"]
        assert made[1]["text"].tolist() == ["2.718"] * 5
        assert made[2]["text"].tolist() == ["0.2000"] * 5

    @pytest.mark.parametrize("logits", [(10.0, -10.0, 0.0), (-10.0,) * 3, (10.0,) * 10])
    @pytest.mark.parametrize("temperature", [0.05, 10.0])
    def test_no_bar_leaves_its_axis_or_is_lost_on_it(self, logits, temperature):
        made = figures.columns(logits, 0, temperature, ["x"] * len(logits), WORDS.group("columns"))
        layout = made["layout"]
        few = len(logits) <= figures.FEW
        assert layout["xaxis"]["range"] == [-11, 11]
        assert layout["xaxis3"]["range"] == [0, 1.04 if few else 1.75]
        # The axes stand still: the middle one is drawn against its largest.
        assert layout["xaxis2"]["range"] == [0, 1.04 if few else 2.0]
        assert made["data"][1]["x"].max() == 1.0

    def test_a_score_stands_over_its_bar_and_across_zero_where_there_is_no_room(self):
        over = figures.columns((2.0, -3.0, 0.0), 0, 1.0, NAMES, WORDS.group("columns"))["data"][3]
        assert [text.strip() for text in over["text"]] == ["2", "−3", "0"]
        assert over["textposition"].tolist() == ["middle right", "middle left", "middle right"]
        assert (over["y"] < np.arange(3)).all(), "the first row is on top: less is higher"
        across = figures.columns((2.0, -3.0, 0.0, 1.0, 1.0), 0, 1.0, ["x"] * 5, WORDS.group("columns"))
        assert across["data"][3]["textposition"].tolist()[:2] == ["middle left", "middle right"]

    def test_a_grip_sits_at_the_end_of_each_score(self):
        grips = figures.columns(CAT, 0, 1.0, NAMES, WORDS.group("columns"))["grips"]
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

    def test_two_classes_have_an_edge_of_it(self):
        made = figures.simplex((1.0, 2.0), 1.0, NAMES[:2], WORDS.group("simplex"))
        x, y = (made["data"][2][axis][0] for axis in "xy")
        np.testing.assert_allclose([1.0 - x, x, y], [*softmax((1.0, 2.0)), 0.0], atol=1e-12)
        assert made["title"] == WORDS("simplex.title_two")
        assert made["grips"] == []

    def test_of_more_classes_all_but_two_share_a_corner(self):
        logits = (1.0, 2.0, 0.5, -1.0)
        made = figures.simplex(logits, 1.0, [*NAMES, "fox"], WORDS.group("simplex"))
        p = softmax(logits)
        place = plane_to_simplex((made["data"][2]["x"][0], made["data"][2]["y"][0]))
        np.testing.assert_allclose(place, [p[0], p[1], p[2] + p[3]], rtol=1e-12)
        assert made["layout"]["annotations"][2]["text"] == WORDS("simplex.others")
        assert made["grips"] == []

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


class TestEndsOfThePath:
    """The caption: towards the corner of the largest score, between corners for a tie, and to the centre."""

    @pytest.mark.parametrize(
        ("logits", "ends"),
        [
            (CAT, (1.0, 0.0, 0.0)),
            ((4.0, 2.0, 8.0), (0.0, 0.0, 1.0)),
            ((4.0, 4.0, 1.0), (0.5, 0.5, 0.0)),
            ((3.0, 3.0, 3.0), (1 / 3, 1 / 3, 1 / 3)),
        ],
    )
    def test_of_the_presets(self, logits, ends):
        cold, warm = temperature_path(logits, [0.05, 10.0])
        np.testing.assert_allclose(cold, ends, atol=1e-8)
        away = [np.abs(p - 1 / 3).max() for p in (softmax(logits), warm)]
        assert away[1] < away[0] or away == [0.0, 0.0]


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

    @pytest.mark.parametrize("spoken", ["en", "ko"])
    def test_what_the_text_says_to_add_breaks_one_row_more_each(self, spoken):
        tried = re.findall(r"T = 1\D*(\d+), (\d+)\D+(\d+)", load("softmax", spoken)("section.numerics.text"))
        assert tried == [("12", "89", "710")]
        for broken, shift in enumerate(map(int, tried[0]), start=1):
            rows = figures.numerics(CAT, shift, 1.0, WORDS.group("numerics"))["rows"]
            assert [row[-1]["text"] for row in rows].count("broken") == broken

    def test_the_thresholds_are_shown(self):
        rows = figures.numerics(CAT, 0, 1.0, WORDS.group("numerics"))["rows"]
        assert [row[2] for row in rows[::2]] == ["11.0899", "88.7228", "709.783"]


class TestSampling:
    def test_the_shares_are_the_seeded_counts(self):
        made = figures.sampling(CAT, 1.0, 1000, 7, NAMES, WORDS.group("sampling", n=1000))
        counts = sample_counts(softmax(CAT), 1000, seed=7)
        np.testing.assert_allclose(made["data"][1]["x"], counts / 1000)
        np.testing.assert_allclose(made["data"][0]["x"], softmax(CAT))


def said(view):
    return ["".join(s if isinstance(s, str) else s["text"] for s in line) for line in view["lines"]]


class TestFormula:
    def test_a_line_says_what_the_bars_say(self):
        lines = said(figures.formula(CAT, 0, 1.0, NAMES, WORDS.group("formula")))
        assert lines[0] == "p(cat) = exp(5 / 1) / Σ = 148.4 / 210.4 = 0.705385"
        assert lines[-2].endswith("log Σ = 5.34901")
        assert lines[-1] == "Σ in float64: 210.4, fine"

    @pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
    @pytest.mark.parametrize("shift", [0, 100])
    def test_scores_are_log_p_up_to_the_same_constant(self, shift, temperature):
        lines = said(figures.formula(CAT, shift, temperature, NAMES, WORDS.group("formula")))
        constants = (np.array(CAT) + shift) / temperature - log_softmax(CAT, temperature=temperature)
        np.testing.assert_allclose(constants, constants[0], rtol=1e-13)
        assert lines[-2].endswith(f" {number(constants[0])}")

    @pytest.mark.parametrize(("shift", "broken"), [(0, False), (700, False), (709, True), (1000, True)])
    def test_a_sum_beyond_float64_is_said_as_the_table_says_it(self, shift, broken):
        line = said(figures.formula(CAT, shift, 1.0, NAMES, WORDS.group("formula")))[-1]
        rows = figures.numerics(CAT, shift, 1.0, WORDS.group("numerics"))["rows"]
        assert ("inf, broken" in line) == broken == (rows[4][-1]["text"] == "broken")
        assert rows[5][-1]["text"] == "fine"


class TestShift:
    """Only differences count: what is added to every score is seen everywhere but in p."""

    def test_everything_but_p_shows_what_was_added(self):
        words = WORDS.group("columns")
        plain, moved = (figures.columns(CAT, shift, 1.0, NAMES, words) for shift in (0, 100))
        assert [text.strip() for text in moved["data"][3]["text"]] == ["105", "104", "102"]
        assert moved["data"][0]["hovertext"].tolist() == ["z = 105", "z = 104", "z = 102"]
        assert moved["layout"]["xaxis"]["ticktext"] == ["90", "100", "110"]
        assert moved["layout"]["xaxis"]["title"]["text"] == "z + 100"
        assert moved["data"][4]["text"].tolist() == ["3.99×10⁴⁵", "1.47×10⁴⁵", "1.99×10⁴⁴"]
        np.testing.assert_array_equal(moved["data"][2]["x"], plain["data"][2]["x"])
        assert moved["grips"] == plain["grips"], "the hand still moves the score, not the sum"

    def test_each_exponential_and_their_sum_grow_by_the_same_factor(self):
        plain, moved = (exp_terms(np.array(CAT) + shift).plain for shift in (0.0, 100.0))
        np.testing.assert_allclose(moved / plain, math.exp(100.0), rtol=1e-12)
        assert moved.sum() / plain.sum() == pytest.approx(math.exp(100.0), rel=1e-12)

    def test_the_code_has_the_scores_that_are_shown(self):
        assert "z = np.array([105.0, 104.0, 102.0])" in figures.code_panel(CAT, 100, 2.0)["tabs"][0]["text"]


def test_exponentials_beyond_float64_are_written_as_powers_of_ten():
    assert figures.exponential_text(1000.0) == "1.97×10⁴³⁴"
    assert figures.exponential_text(math.log(2.5)) == "2.5"


def test_the_code_runs_and_gives_the_probabilities(capsys):
    exec(figures.code_panel(CAT, 0, 2.0)["tabs"][0]["text"], {})
    printed = [float(word) for word in capsys.readouterr().out.strip("[]\n").split()]
    np.testing.assert_allclose(printed, softmax(CAT, temperature=2.0), rtol=1e-6)


def test_roles_become_colours():
    made = resolve(figures.columns(CAT, 0, 1.0, NAMES, WORDS.group("columns")), "dark")
    assert made["data"][0]["marker"]["color"][0] == "#56A9DE"
