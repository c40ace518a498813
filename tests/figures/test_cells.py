"""What is pressed in a figure sets controls of its lesson to values that they can have, where the mark is."""

from __future__ import annotations

import importlib

import pytest

from pages.shared.catalog import LANGUAGES, LESSONS, load
from pages.shared.controls import parse
from pages.shared.frames import resolve


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", LESSONS)
def test_what_is_pressed_sets_what_can_be_set(name: str, code: str) -> None:
    lesson = importlib.import_module(f"pages.{name}").LESSON
    views = resolve(lesson.picture(lesson.start, load(name, code)))
    for view in views.values():
        for cell in view.get("cells", []):
            assert cell["label"]
            assert cell["x0"] < cell["x1"]
            assert cell["y0"] < cell["y1"]
            for key, value in cell["sets"].items():
                assert parse(lesson.by_key[key], value, lesson.start) in (value, str(value))


@pytest.mark.parametrize(("name", "view", "count"), [("pytorch", "grid", 15), ("quiz", "progress", 35)])
def test_each_has_its_cell(name: str, view: str, count: int) -> None:
    lesson = importlib.import_module(f"pages.{name}").LESSON
    cells = resolve(lesson.picture(lesson.start, load(name, "en")), [view])[view]["cells"]
    assert len({tuple(cell["sets"].items()) for cell in cells}) == count
