"""Marks, scales and words: every kind of mark through plotly's validation, each laid in its place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures import marks
from core.figures.marks import Look, picture, scale
from core.figures.theme import grip, label, resolve

WORDS = {"title": "t", "alt": "a", "caption": "c", "x": "n", "y": "p", "x2": "m", "y2": "q"}
Q, KL = Look("q", "dash", "q"), Look("kl", name="KL", symbol="diamond", pattern="/")
TWO = np.array([1.0, 2.0])


def taken(figure: dict[str, Any]) -> go.Figure:
    """Return a figure as plotly understands it; an unknown or misspelt property is an error."""
    return go.Figure(data=resolve(figure["data"]), layout=resolve(figure["layout"]))


@pytest.mark.parametrize(
    "mark",
    [
        marks.line(TWO, TWO, Q, hover="%{y}"),
        marks.line(TWO, np.array([1.0, math.nan]), Q, gaps=True, yaxis="y2"),
        marks.area(TWO, TWO, "@q/0.2"),
        marks.dots(1.0, TWO, [Q, KL]),
        marks.bars(TWO, TWO, KL, said=["one", "two"], hover="%{x}", width=0.8),
        marks.off_axis(0.0, TWO, [Q, KL], "up"),
        marks.written(TWO, TWO, ["one", "two"]),
        marks.rule(x=1.0),
        marks.rule(y=1.0, between=(0.0, 2.0), dash="dash"),
        marks.straight((0.0, 0.0), (1.0, 1.0), colour="@ink"),
        marks.box((0.0, 1.0), (0.0, 1.0), fill="@q/0.1"),
        label("here", 1.0, 1.0),
    ],
)
def test_plotly_takes_every_mark(mark: dict[str, Any]) -> None:
    made = picture(WORDS, [mark], x=scale(0.0, 2.0), y=scale(0.0, 2.0))
    laid = [made["data"], made["layout"].get("shapes", []), made["layout"].get("annotations", [])]
    assert [entry for place in laid for entry in place] == [mark]
    taken(made)


def test_marks_are_laid_in_their_order_and_each_in_its_place() -> None:
    ring = grip("point", 1.0, 1.0, label="p")
    parts = [marks.line(TWO, TWO, Q), label("one", 1.0, 1.0), marks.rule(x=1.0), ring]
    parts += [marks.dots(1.0, TWO, [Q, KL]), marks.rule(y=1.0), label("two", 1.0, 1.0)]
    made = picture(WORDS, parts, x=scale(0.0, 2.0), y=scale(0.0, 2.0), narrow=300, height=333)
    assert made["data"] == [parts[0], parts[4]]
    assert made["layout"]["shapes"] == [parts[2], parts[5]]
    assert made["layout"]["annotations"] == [parts[1], parts[6]]
    assert made["grips"] == [ring]
    assert (made["title"], made["alt"], made["caption"]) == ("t", "a", "c")
    assert (made["height"], made["narrow"]) == (333, 300)
    assert [made["layout"][axis]["title"]["text"] for axis in ("xaxis", "yaxis")] == ["n", "p"]


def test_places_on_a_logarithmic_scale_are_those_of_the_data() -> None:
    notes = [
        label("data", 100.0, 3.0),
        label("paper", 0.5, 1.0, xref="paper"),
        label("other", 7.0, 10.0, yref="y2"),
    ]
    made = picture(
        WORDS, [*notes, marks.rule(x=100.0)], x=scale(1.0, 1000.0, [1, 10], log=True), y=scale(0.0, 4.0),
        y2=scale(1.0, 100.0, log=True, overlaying="y", side="right"),
    )  # fmt: skip
    placed = [(note["x"], note["y"]) for note in made["layout"]["annotations"]]
    assert placed == [(2.0, 3.0), (0.5, 1.0), (pytest.approx(math.log10(7.0)), 1.0)]
    assert notes[0]["x"] == 100.0, "a label that is kept for the next stop stays as it was"
    assert made["layout"]["shapes"][0]["x0"] == 100.0, "plotly takes shapes in units of the data"
    assert made["layout"]["xaxis"]["range"] == [0.0, 3.0]
    assert made["layout"]["yaxis2"]["title"]["text"] == "q"
    taken(made)


def test_a_scale_says_where_its_ticks_are_and_what_stands_there() -> None:
    made = picture(
        WORDS, [], x=scale(0.0, 1.0, {0: "none", 1: "all"}), y=scale(-2.0, 2.0, every=0.5, zero=True)
    )["layout"]
    assert (made["xaxis"]["tickvals"], made["xaxis"]["ticktext"]) == ([0, 1], ["none", "all"])
    assert (made["yaxis"]["dtick"], made["yaxis"]["zeroline"]) == (0.5, True)
    assert not {"shapes", "annotations"} & made.keys()


def test_what_stays_from_stop_to_stop_is_one_object() -> None:
    """Frames are compared by identity first; what is made anew costs time at each stop."""

    def at(stop: float) -> dict[str, Any]:
        parts = [
            marks.line(TWO, TWO * stop, Q),
            marks.dots(stop, TWO, [Q, KL]),
            *marks.keys((Q, KL), 0.3, -60),
        ]
        return picture(WORDS, parts, x=scale(0.0, 2.0, [0, 1]), y=scale(0.0, 2.0))

    one, other = at(0.0), at(1.0)
    for axis in ("xaxis", "yaxis"):
        assert one["layout"][axis] is other["layout"][axis]
    assert one["data"][0]["line"] is other["data"][0]["line"]
    assert one["data"][1]["marker"] is other["data"][1]["marker"]
    assert one["layout"]["annotations"][0] is other["layout"]["annotations"][0]
