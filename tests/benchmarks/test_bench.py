"""The benchmark's pieces: the hand-written page computes what core computes, and the report can count."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from typing import Any

import pytest

from pages.shared.controls import Values
from tests.benchmarks import crowd, lessons
from tests.benchmarks.browser import plotly_file, triangle
from tests.benchmarks.report import Line, Target, compared, held, percentile, ratio, table
from tests.benchmarks.servers import Static
from tests.machine import running_chromium


def test_ours_is_held_against_the_mean_of_the_two_passes_and_the_median_of_the_drags():
    assert ratio(30.0, 20.0, 40.0) == 1.0
    line = compared("x", [10, 20, 40], [9, 40, 20], [10, 20, 40], target=Target(">=", 0.9))
    assert (line.before, line.ours, line.after) == (20, 20, 20)
    assert line.ratio == 0.9
    assert line.met


def test_what_was_not_measured_meets_no_target():
    assert math.isnan(ratio(1.0, 0.0, 0.0))
    assert math.isnan(percentile([], 0.5))
    assert not held("x", math.nan, Target("<=", 1.0)).met
    assert Line("x", ours=1.0).met is None


def test_the_table_names_targets_and_says_which_are_met():
    made = table("T", [held("a", 2.0, Target("<=", 3.0, "ms"), "ms"), held("b", 5.0, Target("<=", 3.0))])
    assert "≤ 3 ms" in made
    assert made.splitlines()[3].endswith("met")
    assert made.splitlines()[4].endswith("NOT MET")


def test_the_hand_goes_to_and_fro_between_its_ends():
    places = [triangle(0.5, t / 100) for t in range(500)]
    assert min(places) >= 0.1
    assert max(places) <= 0.9
    steps = [abs(b - a) for a, b in itertools.pairwise(places)]
    assert max(steps) < 0.01


def test_a_view_on_the_screen_is_compared_to_float32():
    assert not list(lessons.wrong({"x": [0.10000000149011612, None]}, {"x": [0.1, None]}))
    assert [path for path, _, _ in lessons.wrong({"x": [0.1001]}, {"x": [0.1]})] == [("x", 0)]
    assert [path for path, _, _ in lessons.wrong({"x": [1]}, {"x": [1, 2]})] == [("x",)]
    assert [path for path, _, _ in lessons.wrong({}, {"y": "text"})] == [("y",)]


def test_blocks_are_read_as_the_app_packs_them(unpack):
    import numpy as np

    from pages.shared.frames import pack

    data = pack({"a": 1, "x": np.arange(3.0)}) + pack({"b": [2]})
    assert crowd.heads(data) == {"a": 1, "x": {"$f": [0, 3]}, "b": [2]}
    assert unpack(data)["b"] == [2]


def states(driven: lessons.Driven) -> list[Values]:
    """Return the default state and some more in which the dragged sliders stand elsewhere."""
    chance = random.Random(driven.name)
    lesson = driven.lesson
    made = [lesson.start]
    for _ in range(8):
        values = lesson.start
        for key in driven.drags:
            # Not the very ends: the drags turn round before them, where a cross-entropy is infinite.
            stops = lesson.by_key[key].stops_in(values)[3:-3]
            values = values.replace(**{key: chance.choice(stops)})
        made.append(values)
    return made


def leaves(node: Any, path: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    """Return all numbers and texts of a tree by their paths."""
    if isinstance(node, dict):
        return {p: v for key, value in node.items() for p, v in leaves(value, (*path, key)).items()}
    if isinstance(node, list):
        return {p: v for i, value in enumerate(node) for p, v in leaves(value, (*path, i)).items()}
    return {path: node} if isinstance(node, (int, float, str)) and not isinstance(node, bool) else {}


@pytest.fixture
def browser() -> Iterator[Any]:
    """Return a running Chromium; without one skip, or fail where LAB_REQUIRE_BROWSER is set."""
    with running_chromium() as running:
        yield running


@pytest.mark.browser
def test_the_hand_written_page_computes_what_core_computes(browser):
    with Static() as static:
        page = browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        for driven in lessons.DRIVEN.values():
            names = (*driven.figures, "formula", "code", *driven.drags)
            places = {name: [0.0, 0.0, 400.0, 300.0] for name in names}
            static.json[f"{driven.name}.json"] = lessons.exported(driven, places, "sans-serif")
            page.goto(f"{static.origin}/index.html?lesson={driven.name}&plotly=/{plotly_file()}")
            page.wait_for_selector("body[data-ready]", state="attached")
            for values in states(driven):
                made = page.evaluate("(state) => picturesOf(state)", dict(values))
                wanted = lessons.expected(driven, values, list(driven.figures))
                for name in driven.figures:
                    theirs = leaves(made[name])
                    drawn = {part: wanted[name][part] for part in ("data", "layout")}
                    for path, value in leaves(drawn).items():
                        # Where labels stand is a matter of looks, and settled by people.
                        if path not in lessons.BROWSERS_OWN and "annotations" not in path:
                            text = isinstance(value, str)
                            same = value if text else pytest.approx(value, rel=1e-6, abs=1e-9)
                            assert theirs.get(path) == same, (name, path)
    assert not errors
