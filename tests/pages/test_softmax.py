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


def test_adding_100_to_all_moves_no_probability():
    views = resolve(picture(LESSON.preset("add", LESSON.start), WORDS))
    np.testing.assert_array_equal(views["columns"]["data"][2]["x"], drawn()["columns"]["data"][2]["x"])
    assert [row[-1]["text"] for row in views["numerics"]["rows"]].count("broken") == 2


def test_the_point_of_the_triangle_moves_the_scores():
    changes = LESSON.drags["simplex"](Drag("simplex", 0.5, 0.3, 0.4, 0.2, LESSON.start))
    assert set(changes) == {"z1", "z2", "z3"}


def test_names_of_ones_own_stand_in_the_figure():
    assert drawn(c1="ox")["columns"]["layout"]["yaxis"]["ticktext"] == ["ox", "dog", "horse"]
