"""What the figures of several lessons share: axes, bars, labels, cursors."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.figures.marks import (
    Look,
    apart,
    class_bars,
    class_rows,
    cursor,
    doubled,
    markers,
    named_axis,
    names_at_right,
    nice_edges,
    pulled,
    roomy,
    step_up,
    ticks,
)
from core.figures.theme import class_colour
from core.softmax import softmax


@pytest.mark.parametrize("value", [0.3, 1.0, 4.99, 5.0, 5.01, 1234.5])
def test_axes_end_at_a_round_number_that_is_no_smaller(value):
    assert value <= step_up(value) <= 2.5 * value
    assert value <= doubled(value, 2.0) <= max(2.0, 2.0 * value)
    assert ticks(doubled(value, 2.0), 2.0)[-1] == doubled(value, 2.0)


def test_every_class_has_its_row_its_colour_and_its_name():
    names = ["cat", "horse", "dog"]
    bars, rows = class_bars(np.array([1.0, 2.0, 3.0]), ["a", "b", "c"], "%{x}", names), class_rows(names)
    assert bars["y"].tolist() == rows["tickvals"] == [0, 1, 2]
    assert bars["customdata"] == rows["ticktext"] == names
    assert bars["marker"]["color"] == [class_colour(i) for i in range(3)]
    assert rows["range"][0] > rows["range"][1], "the first row is on top"
    assert class_rows(["a very long name"], 6)["ticktext"] == ["a ver…"]
    assert named_axis(names, (0.0, 9.0), tickvals=[1, 4, 7])["tickvals"] == [1, 4, 7]


def test_a_point_off_the_axis_is_a_triangle_at_its_end():
    looks = [Look("p", "solid"), Look("q", "dash"), Look("kl", "dot")]
    made = markers(1.5, [-1.0, 2.0, math.inf], looks, (0.0, 5.0))
    assert made["marker"]["symbol"].tolist() == ["triangle-down", "circle", "triangle-up"]
    assert made["y"].tolist() == [0.0, 2.0, 5.0]
    assert made["x"].tolist() == [1.5] * 3
    assert [cursor(1.5, 0.0, 5.0)[key] for key in ("x0", "x1", "y0", "y1")] == [1.5, 1.5, 0.0, 5.0]


def test_labels_stand_apart():
    for heights in ([1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.1, 4.0], [math.inf] * 3 + [0.0]):
        made = sorted(apart(heights, 4.0, 0.4))
        assert min(np.diff(made)) > 0.35
        assert 0.0 <= made[0] <= made[-1] <= 4.0


def test_names_of_curves_keep_their_order_on_an_axis_that_starts_below_zero():
    looks = [Look("p", "solid"), Look("q", "dash")]
    upper, lower = names_at_right([1.0, 0.9], looks, ["a", "b"], (-2.0, 2.0), 0.4)
    assert upper["y"] - lower["y"] == pytest.approx(0.4)
    assert upper["y"] + lower["y"] == pytest.approx(1.9)
    assert (upper["font"]["color"], lower["font"]["color"]) == ("@p", "@q")
    assert names_at_right([], [], [], (0.0, 1.0), 0.1) == []


def test_a_figure_with_names_beside_it_is_not_low_on_a_phone():
    assert roomy([], title="t", alt="a")["narrow"] >= 270
    assert roomy([], title="t", alt="a", narrow=330)["narrow"] == 330


def test_pulling_a_bar_gives_it_the_height_of_the_hand():
    for share in (0.0, 0.37, 1.0):
        made = pulled((0.8, 0.1, 0.1), 1, share)
        assert made[1] == share
        assert sum(made) == pytest.approx(1.0, abs=2e-4)
    assert pulled((1.0, 0.0, 0.0), 0, 0.5) == [0.5, 0.25, 0.25]
    made = pulled((1.0, 2.0, -3.0), 2, 0.6, scores=True)
    assert made[:2] == [1.0, 2.0]
    assert softmax(made)[2] == pytest.approx(0.6, abs=0.01)


class TestNiceEdges:
    @given(
        st.floats(-1e6, 1e6),
        st.floats(0, 1e6) | st.floats(0, 1e-3) | st.just(0.0),
        st.integers(2, 60),
        st.sampled_from([0.0, 1e9, -1e15]),
    )
    def test_properties(self, low, span, room, offset):
        low, high = low + offset, low + offset + span
        edges = nice_edges(low, high, at_most=room)
        assert edges[0] <= low <= high <= edges[-1]
        assert 2 <= edges.size <= room + 1
        assert (np.diff(edges) > 0).all()

    def test_edges_stay_on_one_lattice(self):
        wide, narrow = nice_edges(150.0, 195.0), nice_edges(153.1, 194.0)
        assert set(narrow) <= set(wide)

    def test_round_numbers_are_round(self):
        assert nice_edges(0, 1, at_most=10).tolist() == [k / 10 for k in range(11)]
        assert nice_edges(1.5, 1.95, at_most=5).tolist() == [1.5, 1.6, 1.7, 1.8, 1.9, 2.0]

    def test_no_more_bins_than_needed(self):
        for span in np.geomspace(1e-6, 1e6, 200):
            assert nice_edges(-span / 3, 2 * span / 3, at_most=40).size > 40 / 2.6

    @pytest.mark.parametrize("ends", [(-1e308, 1e308), (0.0, 5e-324), (1e308, 1e308), (0.0, 0.0)])
    def test_extremes(self, ends):
        edges = nice_edges(*ends)
        assert edges[0] <= ends[0] <= ends[1] <= edges[-1]
        assert (np.diff(edges / 2) > 0).all()

    @pytest.mark.parametrize(
        ("low", "high", "room", "name"),
        [(math.nan, 1, 5, "low"), (0, math.inf, 5, "high"), (2, 1, 5, "low"), (0, 1, 1, "at_most")],
    )
    def test_bad_input(self, low, high, room, name):
        with pytest.raises(ValueError, match=f"^{name} must"):
            nice_edges(low, high, at_most=room)
