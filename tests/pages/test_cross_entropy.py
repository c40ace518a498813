"""The cross-entropy lesson reaches the published numbers at its presets."""

import numpy as np
import pytest

from pages.cross_entropy import LESSON, picture
from pages.shared.catalog import load
from pages.shared.frames import resolve
from pages.shared.lesson import Drag

WORDS = load("cross_entropy", "en")


def numbers(values, language="en"):
    """Return the texts of H(p), KL and H(p, q) beside the bars."""
    made = picture(values, load("cross_entropy", language))["cost"]()
    return tuple(note["text"] for note in made["layout"]["annotations"])


@pytest.mark.parametrize(
    ("preset", "h_p", "kl", "h_pq"),
    [
        ("balls", "0.639032", "0.860545", "1.49958"),
        ("equal", "0.639032", "0", "0.639032"),
        ("uniform", "0.639032", "0.45958", "1.09861"),
        ("onehot", "0", "0.349012", "0.349012"),
        ("smooth", "0.29114", "0.191206", "0.482346"),
        ("infinite", "0", "∞", "∞"),
        ("certain", "0", "0", "0"),
        ("swapped", "0.950271", "0.936426", "1.8867"),
        ("bits", "0.921928", "1.2415", "2.16343"),
        ("gap", "0", "10", "10"),
    ],
)
def test_presets(preset, h_p, kl, h_pq):
    values = LESSON.preset(preset, LESSON.start)
    assert numbers(values) == numbers(values, "ko") == (h_p, kl, h_pq)


@pytest.mark.parametrize(
    ("q1", "cost"),
    [
        (0.99, "0.0100503"),
        (0.9, "0.105361"),
        (0.5, "0.693147"),
        (0.1, "2.30259"),
        (0.01, "4.60517"),
        (0.0, "∞"),
    ],
)
def test_a_certain_outcome_against_ever_worse_beliefs(q1, cost):
    values = LESSON.preset("certain", LESSON.start).replace(q1=q1, q2=1.0 - q1)
    assert numbers(values)[2] == cost


def test_the_unit_changes_every_number_and_every_axis_with_an_amount():
    for unit, log in (("nats", "log 0.2"), ("bits", "log₂ 0.2")):
        views = resolve(picture(LESSON.start.replace(unit=unit), WORDS))
        axes = {
            "cost": "xaxis2",
            "terms": "xaxis",
            "codes": "yaxis",
            "directions": "xaxis",
            "path": "yaxis",
            "descent": "yaxis",
        }
        for name, axis in axes.items():
            assert f"({unit})" in views[name]["layout"][axis]["title"]["text"], name
        assert log in str(views["formula"])
        assert str(views["numbers"]["rows"]).count(unit) == 7


def test_a_preset_keeps_the_unit():
    bits = LESSON.start.replace(unit="bits", p1=0.5)
    assert LESSON.preset("equal", bits).unit == "bits"
    assert LESSON.active_preset(LESSON.preset("equal", bits)) == "equal"


def test_the_descent_ends_at_p():
    views = resolve(picture(LESSON.start.replace(step=100, lr=2.0), WORDS))
    np.testing.assert_allclose(views["chase"]["data"][1]["y"], [0.8, 0.1, 0.1], atol=1e-6)
    np.testing.assert_allclose(views["descent"]["data"][4]["y"], [0.639032, 0.0], atol=1e-6)


def test_a_bar_pulled_moves_weights_or_scores():
    drag = LESSON.drags["q2"]
    assert drag(Drag("q2", 0.0, 0.5, 0.0, 0.2, LESSON.start)) == {"q1": 0.125, "q2": 0.5, "q3": 0.375}
    scores = LESSON.start.replace(mode="logits")
    assert drag(Drag("q2", 0.0, 0.5, 0.0, 0.2, scores)) == {"z1": 0.0, "z2": 1.39, "z3": 1.1}
    assert set(LESSON.drags["p1"](Drag("p1", 0.0, 0.5, 0.0, 0.2, scores))) == {"p1", "p2", "p3"}


def test_no_weights_at_all_get_one_sentence_each():
    def said(**changes):
        return LESSON.notes(LESSON.start.replace(**changes), WORDS)

    nothing = {"q1": 0.0, "q2": 0.0, "q3": 0.0}
    assert said() == []
    assert said(p1=0.0, p2=0.0, p3=0.0) == [WORDS("note.p")]
    assert said(p1=0.0, p2=0.0, p3=0.0, **nothing) == [WORDS("note.p"), WORDS("note.q")]
    # Scores always have a softmax.
    assert said(mode="logits", **nothing) == []


def test_only_the_weights_or_the_scores_of_q_are_on_the_screen():
    def shown(**changes):
        values = LESSON.start.replace(**changes)
        return {c.key for c in LESSON.controls if c.shown and c.shown(values)}

    assert shown() == {f"{stem}{i}" for stem in "pq" for i in (1, 2, 3)}
    assert shown(mode="logits", k=2) == {f"{stem}{i}" for stem in "pz" for i in (1, 2)}
