"""The home page's figures show core's numbers."""

import importlib
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from core.figures import home as figures
from core.figures.theme import PALETTES
from core.losses import cross_entropy_loss
from core.softmax import log_softmax, softmax
from pages.home import LESSON, picture
from pages.shared.catalog import LESSONS, load
from pages.shared.frames import resolve

WORDS = load("home", "en")


@pytest.mark.parametrize(
    ("preset", "loss"),
    [("cat", "0.349012"), ("horse", "0.0205811"), ("dog", "0.717736"), ("wrong", "3.34901")],
)
def test_five_ways_give_one_number(preset, loss):
    views = resolve(picture(LESSON.preset(preset, LESSON.start), WORDS))
    ends = [row[1][-1]["text"] for row in views["five"]["rows"]]
    assert ends == [loss] * 5


@pytest.mark.parametrize("logits", [(10.0, -10.0, 10.0), (-10.0, 10.0, 10.0), (0.0, 0.0, 0.0)])
@pytest.mark.parametrize("target", [0, 1, 2])
def test_the_columns_are_core_s_and_fit_their_axes(logits, target):
    made = figures.thread(logits, target, ["a", "b", "c"], WORDS.group("thread"))
    z, p, loss = (trace["x"] for trace in made["data"][:3])
    np.testing.assert_array_equal(z, logits)
    np.testing.assert_allclose(p, softmax(logits))
    np.testing.assert_allclose(loss, -log_softmax(logits))
    assert loss[target] == pytest.approx(float(cross_entropy_loss(logits, target)), rel=1e-12)
    # The axis stands still; what goes on beyond it has a head there.
    end = figures.LOSSES.high
    assert made["layout"]["xaxis3"]["range"] == [0.0, end]
    np.testing.assert_array_equal(made["data"][-1]["x"], np.where(loss > end, end, np.nan))


def test_every_lesson_but_home_has_a_small_picture():
    names = [name for name in LESSONS if name != "home"]
    sketches = figures.sketches(names)
    assert list(sketches) == names
    for svg in sketches.values():
        assert ElementTree.fromstring(svg).tag.endswith("svg")


@pytest.mark.parametrize("name", [name for name in LESSONS if name != "home"])
def test_a_small_picture_fits_its_limits(name):
    drawn, (low, high) = importlib.import_module(f"core.figures.{name}").sketch()
    assert low < high
    for x, y, role in drawn:
        assert role in PALETTES["light"]
        assert 0.0 <= x.min() < x.max() <= 1.0
        assert low <= y.min() <= high, "what goes beyond the upper end is cut there"
