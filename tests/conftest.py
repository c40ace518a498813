"""What all tests share: the lessons in their states, and the browser's way of reading what Python sends."""

from __future__ import annotations

import base64
import importlib
import json
import math
import struct
import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from pages.shared import supply
from pages.shared.catalog import LANGUAGES, LESSONS, Words
from pages.shared.controls import Control, Value, Values, settle
from pages.shared.lesson import Lesson
from pages.shared.wire import group
from tests.machine import EXHAUSTIVE, ROOT, node

# The same cases on every machine, and no clock: several processes may share one core. A lesson is a fixture
# that stays the same from example to example.
settings.register_profile(
    "lab",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# make test-all asks more of the same questions.
settings.register_profile("exhaustive", settings.get_profile("lab"), max_examples=1000)
settings.load_profile("exhaustive" if EXHAUSTIVE else "lab")


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
    made |= {f"preset:{name}": lesson.preset(name, lesson.start) for name in lesson.presets}
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


@cache
def states_of(name: str) -> dict[str, Values]:
    """Return the same for a lesson's name."""
    return states(load_lesson(name))


def _state_names(name: str) -> list[str]:
    """Return the names of a lesson's states; of one that cannot be loaded the first, which then fails."""
    try:
        return list(states_of(name))
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


@pytest.fixture(scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    """Each lesson in each of its states in turn; the tests of a file in one state follow each other."""
    name, state = request.param
    return Case(load_lesson(name), states_of(name)[state])


@pytest.fixture(scope="session")
def corners() -> Callable[[Lesson], dict[str, Values]]:
    """The function from a lesson to all the states in which it is tested."""
    return states


def first_slider(lesson: Lesson, values: Values | None = None) -> list[str]:
    """Return the key of the slider that stands first on the page, if there is one."""
    section = lesson.sections[0]
    keys = [*group(lesson, section.controls), *(key for row in section.table for key in row)]
    return [key for key in keys if lesson.by_key[key].is_framed(values or lesson.start)][:1]


def source_of(lesson: Lesson) -> supply.Source:
    """Return what a session adds to a lesson's values where nobody brought anything and PyTorch is there."""
    if lesson.sources is None:
        return supply.NOTHING
    return SOURCES.setdefault(
        lesson.name, supply.source({"torch": True} if lesson.name == "pytorch" else {"own": ""})
    )


SOURCES: dict[str, supply.Source] = {}


def frame_block(
    lesson: Lesson, values: Values, words: Words, key: str, views: Sequence[str], part: int | None = None
) -> bytes:
    """Return what a browser is sent of a control's frames."""
    wish = supply.Wish(lesson.name, words.language, values, key, tuple(views), part)
    return supply.answer(lesson, wish, part, supply.blocks(lesson, values, words, key, views, part))


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
    head = frames.get("frames", {"first": 0, "every": 1})
    row = (stop - head["first"]) // head["every"]
    for leaf in frames["leaves"]:
        if "items" in leaf:
            value = leaf["items"][leaf["which"][row] if "which" in leaf else row]
        else:
            value = leaf["numbers"][row]
        *way, last = leaf["path"]
        node = views
        for part in way:
            node = node[part]
        node[last] = value


class Node:
    """The browser's own modules in a Node that goes on running (tests/node/bridge.js)."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [node(), str(ROOT / "tests" / "node" / "bridge.js")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def ask(self, name: str, *given: Any) -> Any:
        """Return the answer to a request; bytes in it are blocks."""
        assert self.process.stdin
        assert self.process.stdout
        request = [name, *(base64.b64encode(g).decode() if isinstance(g, bytes) else g for g in given)]
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"Node could not answer: {name}"
        return json.loads(answer)

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


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


FAR = 3e38  # beyond this a number may be none of float32's


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
        if abs(node) < FAR:
            return float(np.float32(node))
        with np.errstate(over="ignore"):
            number = float(np.float32(node))
        return number if math.isfinite(number) else None
    return node


def same_drawing(one: Any, other: Any) -> bool:
    """Tell whether two trees draw the same, to float32."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_drawing(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same_drawing, one, other))
    if all(isinstance(array, np.ndarray) and array.dtype.kind in "fiu" for array in (one, other)):
        if one.shape != other.shape:
            return False
        with np.errstate(over="ignore"):
            ours, theirs = one.astype(np.float32), other.astype(np.float32)
        return bool(np.all((ours == theirs) | ~(np.isfinite(ours) | np.isfinite(theirs))))
    return bool(_flat(one) == _flat(other))


@pytest.fixture(scope="session")
def in_node() -> Iterator[Node]:
    """The browser's modules, to be asked."""
    running = Node()
    yield running
    running.close()


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
