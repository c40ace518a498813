"""The benchmark's pieces: the hand-written page computes what core computes, and the report can count."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from pages.shared.controls import Values
from tests.benchmarks import crowd, lessons, processes
from tests.benchmarks.browser import plotly_file, triangle
from tests.benchmarks.report import Line, Target, compared, held, percentile, ratio, table
from tests.benchmarks.servers import App, Static
from tests.machine import ROOT, running_chromium


def test_ours_is_held_against_the_mean_of_the_two_passes_and_the_median_of_the_drags():
    assert ratio(30.0, 20.0, 40.0) == 1.0
    pages = {"before": [10, 20, 40], "ours": [9, 40, 20], "after": [10, 20, 40], "plotly": [5, 5, 5]}
    line = compared("x", pages, target=Target(">=", 0.9))
    assert (line.before, line.ours, line.after) == (20, 20, 20)
    assert line.ratio == 0.9
    assert line.met
    assert compared("x", pages, to=["plotly"]).ratio == 4


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
    from pages.shared.frames import pack

    data = pack({"a": 1, "x": np.arange(3.0)}) + pack({"b": [2]})
    assert crowd.heads(data) == {"a": 1, "x": {"$f": [0, 3]}, "b": [2]}
    assert unpack(data)["b"] == [2]


@pytest.mark.exhaustive
def test_people_without_browsers_get_frames_and_answers(tmp_path):
    with App(ROOT / "app.py", tmp_path / "log") as app:
        arrived = asyncio.run(crowd.arrived(app.port, app.process.pid, lessons.DRIVEN["heights"]))
        names, watched = ["softmax", "cross_entropy"], [app.process.pid]
        found = asyncio.run(crowd.people(app.port, names, 2, 1.0))
        hasty = asyncio.run(crowd.people(app.port, names, 2, 1.0, 1.0, hurry=True, watched=watched))
    assert [len(times) for times in arrived.values()] == [crowd.SLIDERS] * 2
    assert found["opened"] == 2
    assert found["failures"] == []
    assert len(found["asks"]) == len(found["commits"]) == found["sent"] >= 2
    assert found["used"][:-1] == []
    assert hasty["failures"] == []
    # He whose hand rests for two to three seconds sets a thing at a time; who does not rest sets many.
    for what in crowd.COUNTED:
        assert 2 * found["steady"][what] < hasty["steady"][what] <= len(hasty[what])
    assert hasty["whole"] == 0
    assert all(0 < used < 2 for used in hasty["used"])
    assert len(hasty["used"]) == 2


def given(commits: int, *, people: int = processes.HASTY, lost: int = 0) -> dict[str, Any]:
    """Return what a crowd finds that gets so many commits and frames, and loses some commits more."""
    return {
        "people": people,
        "opened": people,
        "sent": commits + lost,
        "commits": [0.1] * commits,
        "late": [0.1],
        "asks": [0.1] * commits,
        "failures": [],
        "whole": commits // 2,
        "steady": {"commits": commits, "asks": commits},
        "used": {"processes": 9.0, "HAProxy": 0.5, "people": 1.5},
    }


@pytest.mark.parametrize(("two", "lost", "met"), [(180, 0, True), (179, 0, False), (180, 1, False)])
def test_two_processes_are_held_against_one_before_and_after(
    monkeypatch: pytest.MonkeyPatch, two: int, lost: int, met: bool
):
    order = iter([given(90), given(two, lost=lost), given(110), given(120), given(150)])
    machines = []

    async def crowded(crowd: Any, machine: Any, people: int, *_: float, hurry: bool) -> dict[str, Any]:
        assert (people, hurry) == (processes.HASTY, True)
        machines.append(str(machine))
        return next(order)

    monkeypatch.setattr(processes, "_crowded", crowded)
    lines = asyncio.run(processes.hurried(None, 10.0))  # type: ignore[arg-type]
    assert machines[:3] == ["one on one core", "two on two cores", "one on one core"]
    judged = {line.what: line.met for line in lines if line.met is not None}
    assert all(judged.values()) == met
    assert set(judged) == {
        *(f"two on two cores: {what}" for what in processes.WHAT.values()),
        *(f"{machine}: lost or failed" for machine in machines[:2]),
    }
    (line,) = [line for line in lines if line.what == "two on two cores: commits"]
    assert (line.ours, line.ratio) == (two / 10, two / 100)
    assert "processes 90, HAProxy 5, people 15" in line.note


def test_people_at_their_pace_lose_nothing_and_wait_for_a_second_at_most(monkeypatch: pytest.MonkeyPatch):
    found = given(300, people=processes.PEOPLE)
    late = found | {"commits": [0.1] * 280 + [1.1] * 20}
    for theirs, met in ((found, True), (late, False)):
        monkeypatch.setattr(processes, "_crowded", _always(theirs))
        lines = asyncio.run(processes.measured(None, 10.0))  # type: ignore[arg-type]
        judged = {line.what: line.met for line in lines if line.met is not None}
        assert judged.pop("two on two cores: commits, p95") == met
        assert len(judged) == 3
        assert all(judged.values())


def _always(found: dict[str, Any]) -> Any:
    """Return a measurement that always finds this."""

    async def crowded(*_: Any) -> dict[str, Any]:
        return found

    return crowded


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


def opened(driven: lessons.Driven, static: Static, page: Any, plotly: str = "") -> None:
    """Open a hand-written page whose figures stand below each other."""
    names = [*driven.figures, "formula", "code", *driven.drags]
    places = {name: [20.0, 20.0 + 400 * i, 560.0, 340.0] for i, name in enumerate(names)}
    static.json[f"{driven.name}.json"] = lessons.exported(driven, places, "sans-serif")
    page.goto(f"{static.origin}/index.html?lesson={driven.name}{plotly}")
    page.wait_for_selector("body[data-ready]", state="attached")


# What a figure holds, by the nodes of plotly.js and by those of the SVG page.
MARKS = {
    "bar": (".bars .point > path", ".bar"),
    "line": (".js-line", ".line"),
    "fill": (".js-fill", ".fill"),
    "marker": (".scatterlayer .points > path", ".marker:not([display=none])"),
    "rule": (".shapelayer path", ".rule"),
    "text": ("text", "text"),
}
# The marks of a figure, each with its text and its edges; what stands beyond the figure ends at its edge.
FOUND = """
([name, selector]) => {
  const figure = document.getElementById(`figure-${name}`);
  const room = figure.getBoundingClientRect();
  const within = (value, low, high) => Math.min(Math.max(value, low), high);
  return [...figure.querySelectorAll(selector)].map((node) => {
    const { left, right, top, bottom } = node.getBoundingClientRect();
    const across = [left, right].map((x) => within(x, room.left, room.right));
    const down = [top, bottom].map((y) => within(y, room.top, room.bottom));
    return [node.textContent.trim(), ...across, ...down];
  });
}
"""


@pytest.mark.browser
@pytest.mark.exhaustive
def test_the_svg_page_shows_what_the_page_with_plotly_shows(browser):
    with Static() as static:
        pages = [browser.new_page(viewport={"width": 1440, "height": 900}) for _ in range(2)]
        errors: list[str] = []
        for driven in lessons.DRIVEN.values():
            for page, plotly in zip(pages, (f"&plotly=/{plotly_file()}", ""), strict=True):
                page.on("pageerror", lambda error: errors.append(str(error)))
                opened(driven, static, page, plotly)
            for values in states(driven)[:4]:
                for page in pages:
                    page.evaluate("(state) => showState(state)", dict(values))
                for name in driven.figures:
                    assert pages[1].locator(f"#figure-{name} .words").count() > 2
                    for kind, selectors in MARKS.items():
                        made = [
                            page.evaluate(FOUND, [name, selector])
                            for page, selector in zip(pages, selectors, strict=True)
                        ]
                        same_marks(kind, *made)
        assert not errors


def same_marks(kind: str, theirs: list[Any], ours: list[Any]) -> None:
    """Compare as many marks, each to a pixel; texts, whose boxes are of letters and lines, to two."""
    if kind == "text":
        theirs, ours = (sorted(row[:-1] for row in rows if row[0]) for rows in (theirs, ours))
    assert [text for text, *_ in ours] == [text for text, *_ in theirs]
    for (_, *ours_at), (_, *theirs_at) in zip(ours, theirs, strict=True):
        assert ours_at == pytest.approx(theirs_at, abs=2 if kind == "text" else 1)


NUMBER = re.compile(r"\d+(?:\.\d+)?")


@pytest.mark.browser
@pytest.mark.exhaustive
def test_the_hand_written_page_computes_what_core_computes(browser):
    with Static() as static:
        page = browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        for driven in lessons.DRIVEN.values():
            opened(driven, static, page)
            for values in states(driven):
                made = page.evaluate("(state) => picturesOf(state)", dict(values))
                wanted = lessons.expected(driven, values, [*driven.figures, "formula", "code"])
                written = "".join(text for line in made["formula"] for text, *_ in line)
                assert NUMBER.split(written) == NUMBER.split(wanted["formula"]["text"])
                # A five at the end is rounded up there and to even here.
                theirs = [float(found) for found in NUMBER.findall(written)]
                numbers = [float(found) for found in NUMBER.findall(wanted["formula"]["text"])]
                assert theirs == pytest.approx(numbers, rel=1e-3)
                assert made["code"] == wanted["code"]["text"]
                pictures = lessons.pictures(driven, values)
                for name in driven.figures:
                    at = [[grip["x"], grip["y"]] for grip in pictures[name]["grips"]]
                    assert made[name]["rings"] == pytest.approx(np.array(at), rel=1e-6, abs=1e-9)
                    theirs = leaves(made[name])
                    drawn = {part: wanted[name][part] for part in ("data", "layout")}
                    for path, value in leaves(drawn).items():
                        # Where labels stand is a matter of looks, and settled by people.
                        if path not in lessons.BROWSERS_OWN and "annotations" not in path:
                            text = isinstance(value, str)
                            same = value if text else pytest.approx(value, rel=1e-6, abs=1e-9)
                            assert theirs.get(path) == same, (name, path)
    assert not errors
