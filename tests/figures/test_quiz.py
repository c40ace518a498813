"""The figures of the questions: their numbers are core's, and nothing is told before the answer."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go
import pytest

from core import gaussian
from core.figures import quiz as figures
from core.figures.theme import PALETTES, resolve
from pages.shared.catalog import load

QUESTIONS = range(1, figures.COUNT + 1)
OPEN = [""] * figures.COUNT

# Published or worked out elsewhere, to six digits.
KNOWN = {
    1: (1.0, 0.333333, 0.705385),
    2: (0.576117, 0.705385, 0.0441015),
    3: (1.0, 0.979629, 0.450627),
    4: (0.0, 0.192158, -0.183045),
    5: (0.349012, 3.34901, 5.04704),
    6: (-0.740504, 0.0, 0.259496),
    7: (0.349012, 0.685188, 1.68235),
    8: (1.08733, 0.362443, 0.717736),
    9: (1.8867, 1.49958, 0.639032),
    10: (0.0, 1.09861, 0.639032),
    11: (1.2415, 2.16343, 0.921928),
    12: (math.inf, 0.0, 0.693147),
    13: (0.860545, 1.49958, 1.49958),
    15: (3.72152, 3.30259, 0.418939),
    16: (0.083113, 8.3113, 1.0),
    17: (-11.9449, -19.2978, 7.35294),
    18: (-0.00246041, -0.997527, -0.148148),
    19: (60.0, 3.0, 3.0),
    21: (0.349012, -5.0, -1.60944),
    22: (-0.8, 0.223144, 0.223144),
    23: (-0.9, -0.09, -0.000999),
    24: (0.0, 1.09861, 0.551445),
    25: (0.346574, math.inf, 0.0),
    26: (0.653567, math.inf, 0.639032),
    27: (-11.887, -21.0782, 5.0),
    28: (0.693147, 1.0, 1.0),
    29: (0.0, -1.0, -0.880797),
    31: (7.45097, 2.9575, 10.7717),
    32: (0.286848, 0.860545, 0.860545),
    33: (0.982398, 0.948, 0.939998),
    34: (0.0, 0.894, 2.30156),
}


def words(q: int, language: str = "en") -> dict[str, str]:
    said = load("quiz", language)
    return said.group("evidence") | said.group(f"fact.{q}", **figures.facts(q).places)


@pytest.mark.parametrize("q", KNOWN)
def test_amounts_are_the_known_ones(q: int) -> None:
    assert figures.facts(q).bars == pytest.approx(KNOWN[q], rel=6e-6, abs=1e-12)


def test_frequencies_beat_the_truth_and_both_beat_the_uniform_model() -> None:
    truth, own, uniform = figures.facts(14).bars
    assert own < truth < uniform


def test_the_flexible_polynomial_wins_in_training_and_loses_outside() -> None:
    found = figures.facts(20)
    flexible, held, held_flexible = found.bars
    assert flexible < found.more["train"]
    assert held < held_flexible
    assert found.more["decayed"] < 0.5 * held_flexible, "weight decay raises the held-out likelihood here"


def test_one_learned_sigma_moves_no_prediction() -> None:
    beside, wide, mean = figures.facts(30).bars
    tried = [
        -gaussian.log_likelihood(gaussian.summarize(figures.FIVE), mu, sigma) / 5
        for mu in np.linspace(1.0, 9.0, 81)
        for sigma in np.geomspace(0.5, 20.0, 200)
    ]
    assert mean <= min(tried) < mean + 1e-3
    assert mean < beside < wide


def test_where_all_are_right_each_colder_temperature_costs_less() -> None:
    warm, usual, cold = figures.facts(35).bars
    assert warm > usual > cold > 0.0


@pytest.mark.parametrize("q", QUESTIONS)
def test_the_caption_speaks_of_a_tick_only_where_there_is_one(q: int) -> None:
    view = figures.evidence(q, True, words(q))
    ticked = any("✓" in str(name) for name in view["data"][0]["customdata"])
    assert ticked == (figures.facts(q).right != figures.ABSENT)
    assert view["caption"] == words(q)["caption" if ticked else "no_tick"]


def test_what_several_questions_say_of_one_thing_agrees() -> None:
    assert figures.facts(2).bars[1] == pytest.approx(figures.facts(1).bars[2], rel=1e-12)
    assert figures.facts(6).more["tried"] == pytest.approx(figures.facts(6).bars[2], rel=1e-8)
    p, k, inner = (figures.facts(4).more[name] for name in ("p", "k", "inner"))
    assert inner * figures.facts(4).bars[2] == pytest.approx(k, rel=1e-12)
    assert figures.facts(4).bars[2] == pytest.approx(-p * k, rel=1e-12)
    assert figures.facts(8).more["rough"] == pytest.approx(1.07604, rel=6e-6)
    assert figures.facts(17).more["ratio"] == pytest.approx(1560.78, rel=6e-6)


@pytest.mark.parametrize("q", QUESTIONS)
def test_evidence_draws_its_amounts(q: int) -> None:
    view = figures.evidence(q, True, words(q))
    bars = figures.facts(q).bars
    drawn, written = view["data"][0]["x"], view["data"][0]["text"]
    for amount, length, text in zip(bars, drawn, written, strict=True):
        if math.isinf(amount):
            assert (length, text) == (0.0, figures.BLANK)
            assert view["layout"]["annotations"][3]["opacity"] == 1.0
        else:
            assert length == amount
            assert float(text.replace("−", "-").replace("×10", "e")) == pytest.approx(amount, rel=1e-5)
    low, high = view["layout"]["xaxis"]["range"]
    assert low <= min(drawn) <= max(drawn) <= high
    for theme in PALETTES:
        go.Figure(data=resolve(view["data"], theme), layout=resolve(view["layout"], theme))


@pytest.mark.parametrize("q", QUESTIONS)
def test_covered_evidence_tells_nothing(q: int) -> None:
    view, first = (figures.evidence(i, False, words(i)) for i in (q, 1))
    for name in ("x", "text", "customdata"):
        assert view["data"][0][name].tolist() == first["data"][0][name].tolist()
    assert view["layout"] == first["layout"]
    assert (view["title"], view["caption"]) == (first["title"], first["caption"])


@pytest.mark.parametrize("q", QUESTIONS)
def test_evidence_keeps_its_shape_from_question_to_question(q: int) -> None:
    for answered in (False, True):
        view, first = (figures.evidence(i, answered, words(i)) for i in (q, 1))
        assert [trace.keys() for trace in view["data"]] == [trace.keys() for trace in first["data"]]
        assert view["layout"].keys() == first["layout"].keys()
        assert len(view["layout"]["annotations"]) == len(first["layout"]["annotations"])
        assert view["height"] == first["height"]


@pytest.mark.parametrize("q", QUESTIONS)
def test_the_explanation_names_what_is_marked_as_right(q: int) -> None:
    """The explanation holds the right bar's number, in its colour, in both languages."""
    found = figures.facts(q)
    for language in ("en", "ko"):
        right = figures.QUESTIONS[q - 1].right
        view = figures.verdict(
            q, right, "…", load("quiz", language).group("verdict") | {"why": words(q, language)["why"]}
        )
        assert view["lines"][0][0]["role"] == "truth"
        assert figures.MARK not in str(view)
        strong = [piece for piece in view["lines"][1] if isinstance(piece, dict)]
        assert strong, "an explanation without a number"
        if found.right != figures.ABSENT:
            assert "truth" in [piece.get("role") for piece in strong]


def test_verdict_waits_for_the_answer() -> None:
    said = load("quiz", "en").group("verdict") | {"why": "because"}
    assert figures.verdict(1, "", "It stays.", said)["lines"] == [[said["first"]]]
    wrong = figures.verdict(1, "1", "It stays.", said)
    assert wrong["lines"][0][0] == {"text": "✗ " + said["wrong"], "role": "loss", "strong": True}


def test_progress_says_by_mark_and_by_colour() -> None:
    said = load("quiz", "en").group("progress", q=3, n=figures.COUNT, lesson="NLL", right=1, answered=2)
    view = figures.progress(3, ["3", "1", *OPEN[2:]], said)
    squares, marks, ring = view["data"]
    assert marks["text"][:3].tolist() == ["✓", "✗", figures.BLANK]
    assert squares["marker"]["color"][:3].tolist() == ["@truth/0.35", "@loss/0.35", "@rest/0.12"]
    assert squares["text"].tolist() == [str(i) for i in QUESTIONS]
    assert (ring["x"].tolist(), ring["y"].tolist()) == ([2], [0])
    last = figures.progress(figures.COUNT, OPEN, said)["data"][2]
    assert (last["x"].tolist(), last["y"].tolist()) == ([10], [2])


def test_a_spreadsheet_takes_the_table() -> None:
    made = figures.table_of_answers(["번호", "답"], [["1", 'a "b", c\nd']])
    assert made.startswith(b"\xef\xbb\xbf")
    assert made.decode("utf-8-sig") == '번호,답\r\n1,"a ""b"", c\nd"\r\n'
