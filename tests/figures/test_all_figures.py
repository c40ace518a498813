"""Every figure of every lesson, in every state: plotly takes it, its numbers are numbers, it has words."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.figures.theme import PALETTES, grip, resolve
from pages.shared import frames
from pages.shared.catalog import LANGUAGES, load
from pages.shared.controls import Control, Value, Values, settle
from pages.shared.lesson import Lesson
from tests.machine import some

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


def check_grips(name: str, view: dict[str, Any], lesson: Lesson) -> None:
    """Fail where a grip is drawn beside its point, or where nothing follows the hand that moves it."""
    for held in view["grips"]:
        said = f"{name}: the grip {held['name']!r}"
        named = held["control"] in lesson.by_key if held["control"] else held["name"] in lesson.drags
        assert named, f"{said} moves nothing: name a control, or put its drag into Lesson(drags=...)"
        parts = re.fullmatch(r"(x\d*)(y\d*)", held["on"])
        assert parts, f"{said} is on {held['on']!r}"
        for which, on in zip("xy", parts.groups(), strict=True):
            axis, place = view["layout"][f"{which}axis{on[1:]}"], held[which]
            log = axis.get("type") == "log"
            assert not (log and held["control"] and which in held["axes"]), (
                f"{said} cannot follow {held['control']!r} on a logarithmic axis, where its place is "
                "a power of ten: leave out control= and put its drag into Lesson(drags=...)"
            )
            low, high = sorted(axis["range"])
            room = 1e-9 * (high - low)
            unit = ", in powers of ten" if log else ""
            assert low - room <= place <= high + room, (
                f"{said} is off the axis: {which} = {place:.4g}, the axis from {low:.4g} to {high:.4g}{unit}"
            )


@pytest.fixture(scope="module")
def drawn(case: Any) -> dict[str, dict[str, Any]]:
    """Return every view of a case in each language: drawn once for all the tests that look at it."""
    return {language: draw(*case, language) for language in LANGUAGES}


class TestEveryState:
    @pytest.mark.sampled
    @pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.exhaustive)])
    def test_plotly_takes_every_figure(self, theme: str, drawn: Any, case: Any) -> None:
        for name, view in some(figures(drawn["en"]), 2, (case[0].name, case[1])):
            found = plotted(view, theme)
            assert len(found.data) == len(view["data"]), name
            assert {trace.type for trace in found.data} <= DRAWN, name

    def test_figures_hold_numbers_and_words(self, drawn: Any, leaves: Leaves) -> None:
        for views in drawn.values():
            for name, view in figures(views):
                check_numbers(name, view, leaves)
                check_words(name, view)

    def test_a_grip_is_on_its_axes_and_moves_something(self, drawn: Any, case: Any) -> None:
        for name, view in figures(drawn["en"]):
            check_grips(name, view, case[0])

    def test_everything_can_be_sent(self, drawn: Any, unpack: Any, same: Any) -> None:
        assert same(unpack(frames.pack({"views": drawn["ko"]}))["views"], drawn["ko"])

    def test_colours_are_roles_of_the_palette(self, drawn: Any, leaves: Leaves) -> None:
        for name, view in drawn["en"].items():
            if view["type"] == "figure":
                painted = resolve({"data": view["data"], "layout": view["layout"]})
                left = [leaf for _, leaf in leaves(painted) if isinstance(leaf, str) and leaf.startswith("@")]
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

    def test_views_are_of_a_kind_that_the_browser_draws(self, drawn: Any) -> None:
        for name, view in drawn["en"].items():
            assert view["type"] in ("figure", *TEXT_VIEWS), name
            if view["type"] == "lines":
                assert view["lines"], name
                assert all(row for row in view["lines"]), name
            if view["type"] == "table":
                widths = {len(row) for row in view["rows"]} | ({len(view["head"])} if view["head"] else set())
                assert len(widths) == 1, name

    def test_the_code_is_python(self, drawn: Any) -> None:
        for view in drawn["en"].values():
            if view["type"] == "code":
                assert [tab["label"] for tab in view["tabs"]] == ["NumPy", "PyTorch"]
                for tab in view["tabs"]:
                    ast.parse(tab["text"])


class TestPurity:
    def test_the_same_values_give_the_same_picture(self, case: Any, drawn: Any, same: Any) -> None:
        lesson, values = case
        before = dict(values)
        assert same(drawn["en"], draw(lesson, Values(before), "en"))
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


def draws(lesson: Lesson, leaves: Leaves, values: Values) -> None:
    """Fail where a state cannot be drawn, sent and shown."""
    views = draw(lesson, values, "en")
    frames.pack(views)
    for name, view in figures(views):
        check_numbers(name, view, leaves)
    # plotly takes ten times as long as all the rest: of many states it need not see each whole.
    held = figures(views)
    for _, view in random.Random(str(values)).sample(held, min(2, len(held))):
        plotted(view, "light")


@settings(max_examples=25)
@given(st.data())
def test_any_state_draws(lesson: Lesson, leaves: Leaves, data: st.DataObject) -> None:
    draws(lesson, leaves, data.draw(anywhere(lesson)))


@pytest.mark.exhaustive
@settings(max_examples=500)
@given(st.data())
def test_many_states_draw(lesson: Lesson, leaves: Leaves, data: st.DataObject) -> None:
    draws(lesson, leaves, data.draw(anywhere(lesson)))


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


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"control": "temperature"}, "moves nothing"),
        ({"name": "nobody", "control": ""}, "moves nothing"),
        ({"x": 2.0}, "off the axis"),
        ({"axes": "xy"}, "on a logarithmic axis"),
        ({"y": 20.0}, "in powers of ten"),
    ],
)
def test_the_check_of_grips_says_what_is_wrong(wrong: dict[str, Any], reason: str) -> None:
    def view(**changed: Any) -> dict[str, Any]:
        held = grip("t", 0.5, 1.0, label="T", axes="x", control="t") | changed
        layout = {"xaxis": {"range": [1, 0]}, "yaxis": {"type": "log", "range": [-1.0, 1.0]}}
        return {"layout": layout, "grips": [held]}

    lesson = Lesson("any", lambda *_: {}, [Control("t")], [], drags={"free": lambda _: {}})
    check_grips("good", view(), lesson)
    check_grips("good", view(name="free", control="", axes="xy"), lesson)
    with pytest.raises(AssertionError, match=reason):
        check_grips("bad", view(**wrong), lesson)
