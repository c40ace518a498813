"""A figure read as a table: each figure of each lesson at rest has its numbers, as the figure holds them."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.figures.reading import MOST, NOW, now, numbers
from pages.shared import frames
from pages.shared.catalog import LANGUAGES, load
from pages.shared.lesson import Lesson
from pages.shared.wire import spoken
from tests.conftest import Case, states
from tests.spoken import expected, says

AXES = {"xaxis": {"title": {"text": "n"}}, "yaxis": {"tickvals": [0, 1], "ticktext": ["cat", "<b>dog</b>"]}}


def table(*traces: dict[str, Any], **layout: Any) -> dict[str, Any]:
    return numbers({"data": list(traces), "layout": AXES | layout})


def test_every_figure_has_a_number_at_rest(case: Case) -> None:
    lesson, values = case
    for language in LANGUAGES:
        views = frames.resolve(lesson.picture(values, load(lesson.name, language)))
        for name, view in views.items():
            if view["type"] != "figure":
                continue
            made = numbers(view)
            assert bool(made["now"]) == bool(made["rows"]), name
            assert {*made["now"]} <= {
                text for row in made["rows"] for text in (row[0], " ".join(filter(None, row)))
            }
            assert {len(row) for row in made["rows"]} <= {len(made["head"])}, name
            if any(trace.get("hovertemplate") for trace in view["data"]):
                # Where everything is switched off the lesson says so.
                told = any(c.isdigit() for row in made["rows"] for cell in row for c in cell)
                assert told or (lesson.notes and lesson.notes(values, load(lesson.name, language))), name
            assert not any("%{" in cell or "<extra" in cell for row in made["rows"] for cell in row), name


def test_rows_are_the_points_with_what_hovering_says() -> None:
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": np.array([0.25, 1.5e-7]),
        "y": np.arange(2),
        "customdata": ["a", "&lt;b&gt;"],
        "hovertemplate": "%{customdata}: %{x:.3~g}<extra></extra>",
    }
    assert table(bars) == {
        "head": ["", "n", ""],
        "rows": [["a: 0.25", "0.25", "cat"], ["<b>: 1.5×10⁻⁷", "1.5×10⁻⁷", "dog"]],
        "now": ["a: 0.25", "<b>: 1.5×10⁻⁷"],
    }


def test_of_several_axes_each_place_names_its_own() -> None:
    point = {
        "type": "scatter",
        "mode": "markers",
        "x": np.array([0.5]),
        "y": np.array([0]),
        "hovertemplate": "cat",
    }
    made = table(point, point | {"xaxis": "x2"}, xaxis2={"title": {"text": "p"}})
    assert made["head"] == ["", "", ""]
    assert made["rows"] == [["cat", "n: 0.5", "cat"], ["cat", "p: 0.5", "cat"]]


def test_a_curve_is_thinned_and_comes_after_points() -> None:
    curve = {"type": "scatter", "mode": "lines", "x": np.arange(500.0), "y": np.full(500, 7.0)}
    point = {"type": "scatter", "mode": "markers", "x": np.array([3.0]), "y": np.array([9.0])}
    rows = table(curve | {"hovertemplate": "L %{x}"}, point | {"hovertemplate": "P"})["rows"]
    assert rows[0] == ["P", "3", "9"]
    assert len(rows) == 1 + MOST
    assert (rows[1][1], rows[-1][1]) == ("0", "499")


def test_what_is_under_a_cursor_comes_first_in_the_words_of_its_curve() -> None:
    curve = {"type": "scatter", "mode": "lines", "x": np.arange(9.0), "y": np.full(9, 7.0)}
    curve |= {"line": {"color": "@q"}, "hovertemplate": "L %{y} at %{x}"}
    other = curve | {"line": {"color": "@p"}, "y": np.full(9, 3.0)}
    cursor = {"type": "scatter", "mode": "markers", "hoverinfo": "skip", "x": np.array([2.5, 2.5])}
    cursor |= {
        "y": np.array([3.0, 9.0]),
        "marker": {"color": ["@p", "@q"], "symbol": ["circle", "triangle-up"]},
    }
    made = table(curve, other, cursor)
    assert made["rows"][0] == ["L 3 at 2.5", "2.5", "3"]
    assert made["now"] == ["L 3 at 2.5", "L 7 at 4", "L 3 at 4"]


def test_a_figure_says_its_points_and_of_each_curve_the_middle_of_what_is_drawn() -> None:
    curve = {"type": "scatter", "mode": "lines", "x": np.arange(5.0), "hovertemplate": "L %{x}"}
    curve |= {"y": np.array([np.nan, np.nan, 0.0, 0.0, 0.0])}
    long = curve | {"x": np.arange(500.0), "y": np.zeros(500)}
    points = {"type": "scatter", "mode": "markers", "x": np.array([1.0, 1.0, 2.0]), "y": np.zeros(3)}
    points |= {"hovertemplate": "P %{x}"}
    said = ["P 1", "P 2", "L 3", "L 272"]
    assert now({"data": [curve, points, long], "layout": AXES}) == said
    many = points | {"x": np.arange(50.0), "y": np.zeros(50)}
    assert now({"data": [curve, many], "layout": AXES}) == [f"P {i}" for i in range(NOW)]
    silent = {"type": "scatter", "mode": "text", "x": np.array([5.0]), "y": np.array([0]), "text": ["at"]}
    assert now({"data": [silent], "layout": AXES}) == ["at 5 cat"]


def test_gaps_are_left_out_and_what_is_silent_is_read_where_nothing_else_is() -> None:
    gaps = {"type": "scatter", "mode": "markers", "x": np.array([1.0, np.nan]), "y": np.array([2.0, 2.0])}
    silent = {"type": "scatter", "mode": "text", "x": np.array([5.0]), "y": np.array([6.0]), "text": ["six"]}
    assert table(gaps | {"hovertemplate": "g"}, silent)["rows"] == [["g", "1", "2"]]
    assert table(silent)["rows"] == [["six", "5", "6"]]
    assert table(annotations=[{"text": "p = 1"}])["rows"] == [["p = 1", "", ""]]


def test_every_lesson_says_what_came_of_a_movement(case: Case, language: str) -> None:
    lesson, values = case
    said = spoken(lesson, values, load(lesson.name, language))
    assert lesson.sections[0].key in said
    assert said.keys() <= {section.key for section in lesson.sections}
    for sentence in said.values():
        assert "@{" not in sentence
        assert ".." not in sentence
        assert not any(word in sentence.split() for word in ("nan", "None", "inf"))
    for section, wanted in expected(lesson.name, values).items():
        assert says(said[section], wanted), (section, said[section], wanted)


def test_what_a_figure_says_of_itself_changes_with_the_state(lesson: Lesson) -> None:
    words = load(lesson.name, "en")
    said: dict[str, set[str]] = {}
    for values in states(lesson).values():
        for name, view in frames.resolve(lesson.picture(values, words)).items():
            if view["type"] == "figure":
                said.setdefault(name, set()).add("; ".join(numbers(view)["now"]))
    assert [name for name, ways in said.items() if len(ways) == 1] == []
