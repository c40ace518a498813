"""Every figure of every lesson, in every state: plotly takes it, its numbers are numbers, it has words."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.figures.theme import PALETTES, resolve
from pages.shared import frames
from pages.shared.catalog import load
from pages.shared.controls import Control, Value, Values, settle
from pages.shared.lesson import Lesson

Leaves = Callable[[Any], Iterator[tuple[tuple[Any, ...], Any]]]
# What the basic bundle of plotly.js draws.
DRAWN = {"scatter", "bar", "pie"}
TEXT_VIEWS = ("lines", "table", "code")


def draw(lesson: Lesson, values: Values, language: str) -> dict[str, Any]:
    """Return every view of a lesson."""
    return frames.resolve(lesson.picture(values, load(lesson.name, language)))


def figures(views: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(name, view) for name, view in views.items() if view["type"] == "figure"]


def plotted(view: dict[str, Any], theme: str) -> go.Figure:
    """Return a figure as plotly understands it; an unknown or misspelt property is an error."""
    return go.Figure(data=resolve(view["data"], theme), layout=resolve(view["layout"], theme))


def check_numbers(name: str, view: dict[str, Any], leaves: Leaves) -> None:
    """Fail where a figure holds what cannot be drawn."""
    for path, leaf in leaves({"data": view["data"], "layout": view["layout"], "grips": view["grips"]}):
        where = (name, *path)
        if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fiub":
            with np.errstate(over="ignore"):
                drawn = leaf.astype(np.float32)
            # A line may have gaps, and points may be missing, where the trace says that this is meant.
            gaps = path[0] == "data" and "connectgaps" in view["data"][path[1]] and path[2] in ("x", "y", "z")
            good = np.isfinite(drawn) | (np.isnan(drawn) & gaps)
            assert good.all(), f"{where} holds nan or inf; a trace with gaps has connectgaps=False"
        elif isinstance(leaf, (int, float, np.number)):
            assert abs(leaf) < 3e38, where
        elif isinstance(leaf, str):
            assert not re.search(r"\b(nan|inf|None|NaN|Infinity)\b", leaf), (where, leaf)


def check_words(name: str, view: dict[str, Any]) -> None:
    """Fail where a figure does not say what it shows."""
    assert view["title"], name
    assert view["alt"], name
    assert view["alt"] != view["title"], name
    assert view["caption"] or not view["data"], name
    for trace in view["data"]:
        assert trace.get("hovertemplate") or trace.get("hoverinfo") in ("skip", "none"), (name, trace["type"])
    for key, axis in view["layout"].items():
        if re.fullmatch(r"[xy]axis\d*", key):
            named = axis["title"]["text"] or axis.get("ticktext") or axis.get("showticklabels") is False
            assert named or axis.get("visible") is False, (name, key)
            if view["data"]:
                assert len(axis["range"]) == 2, (name, key)  # without limits it would jump under the hand


class TestEveryState:
    def test_plotly_takes_every_figure(self, case: Any) -> None:
        lesson, values = case
        for name, view in figures(draw(lesson, values, "en")):
            for theme in PALETTES:
                found = plotted(view, theme)
                assert len(found.data) == len(view["data"]), name
                assert {trace.type for trace in found.data} <= DRAWN, name

    def test_figures_hold_numbers_and_words(self, case: Any, language: str, leaves: Leaves) -> None:
        lesson, values = case
        for name, view in figures(draw(lesson, values, language)):
            check_numbers(name, view, leaves)
            check_words(name, view)

    def test_everything_can_be_sent(self, case: Any, unpack: Any, same: Any) -> None:
        lesson, values = case
        views = draw(lesson, values, "ko")
        assert same(unpack(frames.pack({"views": views}))["views"], views)

    def test_colours_are_roles_of_the_palette(self, case: Any, leaves: Leaves) -> None:
        lesson, values = case
        for name, view in draw(lesson, values, "en").items():
            if view["type"] == "figure":
                drawn = resolve({"data": view["data"], "layout": view["layout"]})
                left = [leaf for _, leaf in leaves(drawn) if isinstance(leaf, str) and leaf.startswith("@")]
                assert left == [], name
                fixed = [
                    leaf
                    for path, leaf in leaves([view["data"], view["layout"]])
                    if isinstance(leaf, str) and "olor" in str(path) and re.match(r"#|rgb\(|hsl", leaf)
                ]
                assert fixed == [], name
            else:
                roles = {leaf for path, leaf in leaves(view) if path[-1] == "role"}
                assert roles <= {*PALETTES["light"], ""}, name

    def test_views_are_of_a_kind_that_the_browser_draws(self, case: Any) -> None:
        lesson, values = case
        for name, view in draw(lesson, values, "en").items():
            assert view["type"] in ("figure", *TEXT_VIEWS), name
            if view["type"] == "lines":
                assert view["lines"], name
                assert all(row for row in view["lines"]), name
            if view["type"] == "table":
                widths = {len(row) for row in view["rows"]} | ({len(view["head"])} if view["head"] else set())
                assert len(widths) == 1, name

    def test_the_code_is_python(self, case: Any) -> None:
        lesson, values = case
        for view in draw(lesson, values, "en").values():
            if view["type"] == "code":
                assert [tab["label"] for tab in view["tabs"]] == ["NumPy", "PyTorch"]
                for tab in view["tabs"]:
                    ast.parse(tab["text"])


class TestPurity:
    def test_the_same_values_give_the_same_picture(self, case: Any, same: Any) -> None:
        lesson, values = case
        before = dict(values)
        assert same(draw(lesson, values, "en"), draw(lesson, Values(before), "en"))
        assert dict(values) == before

    def test_only_words_depend_on_the_language(self, lesson: Lesson, leaves: Leaves) -> None:
        def numbers(language: str) -> dict[Any, Any]:
            views = dict(figures(draw(lesson, lesson.start, language)))
            data = {name: view["data"] for name, view in views.items()}
            return {
                path: leaf
                for path, leaf in leaves(data)
                if isinstance(leaf, np.ndarray) and leaf.dtype != object
            }

        english, korean = numbers("en"), numbers("ko")
        assert english.keys() == korean.keys()
        for path, array in english.items():
            np.testing.assert_array_equal(array, korean[path], err_msg=str(path))


@st.composite
def anywhere(draw_: st.DrawFn, lesson: Lesson) -> Values:
    """Any state of a lesson that its sliders, boxes and buttons can make."""

    def any_value(control: Control, values: Values) -> st.SearchStrategy[Value]:
        if control.kind == "text":
            return st.sampled_from(["", "고양이", "<b>&amp;", "W" * control.longest])
        if control.choices is not None:
            return st.sampled_from(list(control.choices))
        low, high, _ = control.range_in(values)
        between = st.integers(int(low), int(high)) if control.whole else st.floats(low, high)
        return st.one_of(st.sampled_from(control.stops_in(values)), between)

    values = lesson.start
    for control in lesson.controls:
        if draw_(st.booleans()):
            values = values.replace(**{control.key: draw_(any_value(control, values))})
            values = settle(lesson.controls, values)
    return values


@settings(max_examples=25)
@given(st.data())
def test_any_state_draws(lesson: Lesson, leaves: Leaves, data: st.DataObject) -> None:
    values = data.draw(anywhere(lesson))
    views = draw(lesson, values, "en")
    frames.pack(views)
    for name, view in figures(views):
        check_numbers(name, view, leaves)
        plotted(view, "light")


def test_the_checks_see_what_is_wrong(leaves: Leaves) -> None:
    gaps = {"type": "scatter", "connectgaps": False, "x": np.array([1.0, np.nan])}
    good = {
        "data": [gaps, {"type": "bar", "x": np.zeros(2)}],
        "layout": {"xaxis": {"range": [0, 1]}},
        "grips": [],
    }
    check_numbers("good", good, leaves)
    for wrong in (
        float("nan"),
        float("inf"),
        np.array([np.nan]),
        np.array([1e39]),
        1e39,
        "p = nan",
        np.float64("inf"),
    ):
        with pytest.raises(AssertionError):
            check_numbers("bad", {**good, "layout": {"wrong": wrong}}, leaves)
        if isinstance(wrong, np.ndarray):
            with pytest.raises(AssertionError):
                check_numbers("bad", {**good, "data": [{"type": "bar", "x": wrong}]}, leaves)
    with pytest.raises(AssertionError):
        check_numbers("bad", {**good, "data": [{**gaps, "x": np.array([1.0, np.inf])}]}, leaves)
