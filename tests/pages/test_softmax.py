"""The softmax lesson reaches the published numbers at its presets."""

import numpy as np
import pytest

from pages.shared.catalog import load
from pages.shared.frames import resolve
from pages.shared.lesson import Drag
from pages.softmax import LESSON, picture

WORDS = load("softmax", "en")


def drawn(**changes):
    return resolve(picture(LESSON.start.replace(**changes), WORDS))


@pytest.mark.parametrize(
    ("preset", "probs"),
    [
        ("cat", [0.705385, 0.259496, 0.035119]),
        ("horse", [0.0179425, 0.00242826, 0.979629]),
        ("dog", [0.487856, 0.487856, 0.0242889]),
        ("tie", [1 / 3, 1 / 3, 1 / 3]),
        ("huge", [1.0, 0.0, 0.0]),
    ],
)
def test_presets(preset, probs):
    views = resolve(picture(LESSON.preset(preset, LESSON.start), WORDS))
    np.testing.assert_allclose(views["columns"]["data"][2]["x"], probs, rtol=2e-6, atol=1e-12)


@pytest.mark.parametrize(
    ("temperature", "probs"),
    [
        (0.5, [0.878878, 0.118943, 0.00217852]),
        (2.0, [0.546549, 0.331499, 0.121952]),
        (5.0, [0.422379, 0.345815, 0.231806]),
        (10.0, [0.377978, 0.342009, 0.280013]),
    ],
)
def test_temperatures_of_the_cat_row(temperature, probs):
    np.testing.assert_allclose(drawn(t=temperature)["columns"]["data"][2]["x"], probs, rtol=3e-6)


def test_adding_100_to_all_moves_the_formula_and_no_probability():
    views = resolve(picture(LESSON.preset("add", LESSON.start), WORDS))
    np.testing.assert_array_equal(views["columns"]["data"][2]["x"], drawn()["columns"]["data"][2]["x"])
    assert [row[-1]["text"] for row in views["numerics"]["rows"]].count("broken") == 2
    line = "".join(s if isinstance(s, str) else s["text"] for s in views["formula"]["lines"][0])
    assert line == "p(cat) = exp(105 / 1) / Σ = 3.99×10⁴⁵ / 5.66×10⁴⁵ = 0.705385"


def test_the_point_of_the_triangle_moves_the_scores():
    changes = LESSON.drags["simplex"](Drag("simplex", 0.5, 0.3, 0.4, 0.2, LESSON.start))
    assert set(changes) == {"z1", "z2", "z3"}


def test_names_of_ones_own_stand_in_the_figure():
    assert drawn(c1="ox")["columns"]["layout"]["yaxis"]["ticktext"] == ["ox", "dog", "horse"]


@pytest.mark.parametrize(
    ("preset", "texts"),
    [
        (
            "cat",
            ["0.2078", "−0.1830", "−0.0248", "−0.1830", "0.1922", "−0.0091", "−0.0248", "−0.0091", "0.0339"],
        ),
        (
            "tie",
            ["0.2222", "−0.1111", "−0.1111", "−0.1111", "0.2222", "−0.1111", "−0.1111", "−0.1111", "0.2222"],
        ),
    ],
)
def test_presets_reach_their_slopes(preset, texts):
    views = resolve(picture(LESSON.preset(preset, LESSON.start), WORDS), ["jacobian"])
    assert list(views["jacobian"]["data"][0]["text"]) == texts


@pytest.mark.parametrize(
    ("preset", "sums"),
    [
        ("cat", ["148.4 / 210.4 = 0.705385", "54.6 / 210.4 = 0.259496", "7.389 / 210.4 = 0.035119"]),
        ("horse", ["54.6 / 3043 = 0.0179425", "7.389 / 3043 = 0.00242826", "2981 / 3043 = 0.979629"]),
        ("dog", ["54.6 / 111.9 = 0.487856", "54.6 / 111.9 = 0.487856", "2.718 / 111.9 = 0.0242889"]),
    ],
)
def test_presets_reach_their_exponentials(preset, sums):
    lines = resolve(picture(LESSON.preset(preset, LESSON.start), WORDS), ["formula"])["formula"]["lines"]
    said = ["".join(s if isinstance(s, str) else s["text"] for s in line) for line in lines]
    assert [line.partition("Σ = ")[2] for line in said[:3]] == sums


def test_the_boxes_show_where_exp_overflows():
    rows = resolve(picture(LESSON.preset("overflow", LESSON.start), WORDS), ["numerics"])["numerics"]["rows"]
    limits = ["11.0899", "88.7228", "709.783"]
    assert [row[2] if isinstance(row[2], str) else row[2]["text"] for row in rows[::2]] == limits
    assert [row[-1]["text"] for row in rows] == ["broken", "fine"] * 3


def test_1000_and_1001_are_two_scores_one_apart():
    rows = drawn(k=2, z1=0.0, z2=1.0, shift=1000)["numerics"]["rows"]
    assert [row[5] if isinstance(row[5], str) else row[5]["text"] for row in rows[-2:]] == [
        "nan, nan",
        "0.2689, 0.7311",
    ]


def test_the_warm_horse_is_less_sure():
    views = resolve(picture(LESSON.preset("warm_horse", LESSON.start), WORDS), ["columns"])
    assert max(views["columns"]["data"][2]["x"]) < 0.5
