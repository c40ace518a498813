"""What all tests share: the lessons in their states, and the browser's way of reading what Python sends."""

from __future__ import annotations

import importlib
import json
import logging
import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from pages.shared.catalog import LANGUAGES
from pages.shared.controls import Control, Value, Values, settle
from pages.shared.frame import LESSONS
from pages.shared.lesson import Lesson

# The same cases on every machine, and no clock: several processes may share one core. A lesson is a fixture
# that stays the same from example to example.
settings.register_profile(
    "lab",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("lab")

# A page file that is only imported asks whether it runs in a session; Streamlit warns about the answer.
logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").disabled = True


# ---- Lessons and their states ----


class Case(NamedTuple):
    """A lesson in one state."""

    lesson: Lesson
    values: Values


def load_lesson(name: str) -> Lesson:
    """Return the lesson of a page file; a page without one is a failure."""
    return importlib.import_module(f"pages.{name}").LESSON


def ends(control: Control, values: Values) -> tuple[Value, Value]:
    """Return the least and the greatest value of a control; of a text, the shortest and the longest."""
    if control.kind == "text":
        return "", "W" * control.longest
    if control.choices is not None:
        return control.choices[0], control.choices[-1]
    low, high, _ = control.range_in(values)
    return (int(low), int(high)) if control.whole else (float(low), float(high))


def _showing(lesson: Lesson, control: Control) -> Values:
    """Return a state in which a control is on the screen: the start, or one that another control makes."""
    start = lesson.start
    if control.is_shown(start):
        return start
    for other in lesson.controls:
        for end in (*ends(other, start), *(other.choices or ())):
            values = settle(lesson.controls, start.replace(**{other.key: end}))
            if control.shown(values):
                return values
    return start


def states(lesson: Lesson) -> dict[str, Values]:
    """Return the states in which a lesson is tested: its presets, and its controls at their ends."""
    made = {"start": lesson.start}
    made |= {
        f"preset:{name}": lesson.preset(name, lesson.start)
        for name in [*lesson.presets, *lesson.hidden_presets]
    }
    for control in lesson.controls:
        base = _showing(lesson, control)
        for which, value in zip(("min", "max"), ends(control, base), strict=True):
            made[f"{control.key}:{which}"] = settle(lesson.controls, base.replace(**{control.key: value}))
    for i, which in enumerate(("all:min", "all:max")):
        values = lesson.start
        for control in lesson.controls:
            values = settle(lesson.controls, values.replace(**{control.key: ends(control, values)[i]}))
        made[which] = values
    return made


def _state_names(name: str) -> list[str]:
    """Return the names of a lesson's states; of one that cannot be loaded the first, which then fails."""
    try:
        return list(states(load_lesson(name)))
    except Exception:
        return ["start"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "lesson" in metafunc.fixturenames:
        metafunc.parametrize("lesson", LESSONS, indirect=True)
    if "language" in metafunc.fixturenames:
        metafunc.parametrize("language", LANGUAGES)
    if "case" in metafunc.fixturenames:
        pairs = [(name, state) for name in LESSONS for state in _state_names(name)]
        metafunc.parametrize("case", pairs, indirect=True, ids=["-".join(pair) for pair in pairs])


@pytest.fixture
def lesson(request: pytest.FixtureRequest) -> Lesson:
    """Each lesson in turn."""
    return load_lesson(request.param)


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Case:
    """Each lesson in each of its states in turn."""
    name, state = request.param
    found = load_lesson(name)
    return Case(found, states(found)[state])


@pytest.fixture(scope="session")
def corners() -> Callable[[Lesson], dict[str, Values]]:
    """The function from a lesson to all the states in which it is tested."""
    return states


# ---- The browser's half, in Python ----


def _restore(node: Any, numbers: np.ndarray) -> Any:
    if isinstance(node, list):
        return [_restore(item, numbers) for item in node]
    if isinstance(node, dict):
        if "$f" in node:
            offset, *shape = node["$f"]
            return numbers[offset : offset + int(np.prod(shape))].reshape(shape).copy()
        return {key: _restore(value, numbers) for key, value in node.items()}
    return node


def unpack_blocks(data: bytes) -> dict[str, Any]:
    """Read blocks as static/live/frames.js does."""
    whole: dict[str, Any] = {}
    at = 0
    while at < len(data):
        length, count = struct.unpack_from("<II", data, at)
        start = at + 8 + length
        numbers = np.frombuffer(data, dtype="<f4", count=count, offset=start)
        for key, value in _restore(json.loads(data[at + 8 : start]), numbers).items():
            whole[key] = whole[key] + value if isinstance(whole.get(key), list) else value
        at = start + 4 * count
    return whole


def write_frame(frames: dict[str, Any], stop: int, views: dict[str, Any]) -> None:
    """Lay the frame of a stop over the views as static/live/frames.js does."""
    i = stop - frames.get("first", 0)
    for leaf in frames["leaves"]:
        if "items" in leaf:
            value = leaf["items"][leaf["which"][i] if "which" in leaf else i]
        else:
            value = leaf["numbers"][i]
        *way, last = leaf["path"]
        node = views
        for part in way:
            node = node[part]
        node[last] = value


def leaves_of(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield every leaf of a tree with its path; arrays are leaves."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves_of(value, (*path, key))
    elif isinstance(node, (list, tuple)):
        for i, value in enumerate(node):
            yield from leaves_of(value, (*path, i))
    else:
        yield path, node


def scalars_of(node: Any) -> Iterator[tuple[tuple[Any, ...], float]]:
    """Yield every number of a tree that stands outside an array, with its path."""
    return ((path, float(leaf)) for path, leaf in leaves_of(node) if isinstance(leaf, (float, np.floating)))


def _flat(node: Any) -> Any:
    """Return a tree as the browser may hold it: lists, float32 numbers, null for what is not finite."""
    if isinstance(node, np.ndarray):
        return [_flat(item) for item in node.tolist()]
    if isinstance(node, dict):
        return {key: _flat(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_flat(item) for item in node]
    if isinstance(node, np.generic):
        node = node.item()
    if isinstance(node, (int, float)) and not isinstance(node, bool):
        with np.errstate(over="ignore"):
            number = float(np.float32(node))
        return number if np.isfinite(number) else None
    return node


def same_drawing(one: Any, other: Any) -> bool:
    """Tell whether two trees draw the same, to float32."""
    return _flat(one) == _flat(other)


@pytest.fixture(scope="session")
def unpack() -> Callable[[bytes], dict[str, Any]]:
    return unpack_blocks


@pytest.fixture(scope="session")
def write() -> Callable[[dict[str, Any], int, dict[str, Any]], None]:
    return write_frame


@pytest.fixture(scope="session")
def leaves() -> Callable[[Any], Iterator[tuple[tuple[Any, ...], Any]]]:
    return leaves_of


@pytest.fixture(scope="session")
def scalars() -> Callable[[Any], Iterator[tuple[tuple[Any, ...], float]]]:
    return scalars_of


@pytest.fixture(scope="session")
def same() -> Callable[[Any, Any], bool]:
    return same_drawing
