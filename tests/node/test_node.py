"""The browser half's modules without a page: their own tests in Node, and what Python's messages become."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from core.figures.theme import resolve as painted
from pages.shared import frames, wire
from pages.shared.catalog import load
from tests.conftest import Node, same_drawing
from tests.machine import node

HERE = Path(__file__).parent


@pytest.mark.parametrize("file", sorted(HERE.glob("*.test.js")), ids=lambda file: file.name)
def test_in_node(file: Path) -> None:
    ran = subprocess.run(
        [node(), "--test", "--test-reporter=tap", str(file)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "# fail 0" in ran.stdout
    assert "# pass 0" not in ran.stdout


def test_sliders_have_the_stops_that_python_draws(lesson, in_node: Node) -> None:
    for values in (lesson.start, *(lesson.preset(name, lesson.start) for name in lesson.presets)):
        made = wire.whole(lesson, values, load(lesson.name, "en"), notes=[], views=[])
        found = in_node.ask("stops", frames.pack(made))
        assert found
        for key, stops in found.items():
            assert stops == [float(stop) for stop in lesson.by_key[key].stops_in(values)], key


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_are_those_of_the_theme(lesson, theme: str, in_node: Node) -> None:
    """Python says which parts of a figure are written and which are read, and the browser goes by it."""
    made = wire.whole(lesson, lesson.start, load(lesson.name, "en"), notes=[])
    figures = {name: view for name, view in made["views"].items() if view["type"] == "figure"}
    if lesson.name == "softmax":
        figures["columns"]["data"][0]["customdata"] = ["@p"]
    found = in_node.ask("coloured", frames.pack(made | {"views": figures}), theme)
    assert same_drawing(found, painted(figures, theme))
