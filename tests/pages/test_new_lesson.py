"""A new lesson: what ``make lesson`` writes works at once, and its test fails until it is filled in."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from core.figures import marks, theme
from core.information import entropy

ROOT = Path(__file__).resolve().parents[2]
WRITER = ".ci/lesson/write.py"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "node_modules")
# A name that no lesson takes: the one in CONTRIBUTING is free to become a lesson.
OWN = ("tests/figures/test_untried.py", "tests/pages/test_texts.py")
GENERAL = ("tests/figures", "tests/pages")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False)


def outcome(folder: Path, *paths: str) -> tuple[set[str], str]:
    """Return the names of the tests of ``untried`` that fail in a tree, and all that was said."""
    found = run(
        folder,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "untried",
        *paths,
    )
    assert found.returncode in (0, 1), found.stdout + found.stderr
    return set(re.findall(r"^FAILED \S*::(\w+)", found.stdout, re.MULTILINE)), found.stdout


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree, with a new lesson as it was written."""
    folder = tmp_path_factory.mktemp("new") / "tree"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    found = run(folder, WRITER, "untried")
    assert found.returncode == 0, found.stderr
    assert "tests/figures/test_untried.py" in found.stdout
    return folder


@pytest.fixture(scope="module")
def filled_in(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which somebody has written what was left to write."""
    folder = tmp_path_factory.mktemp("filled") / "tree"
    shutil.copytree(written, folder, ignore=LEFT_OUT)
    names = [path for path in folder.rglob("*untried*") if path.suffix in (".py", ".toml")]
    assert len(names) == 5
    for path in (*names, folder / "README.md", folder / "ADDRESSES.md"):
        path.write_text(path.read_text(encoding="utf-8").replace("TODO: ", ""), encoding="utf-8")
    return folder


def test_is_put_before_the_last_lesson(written: Path) -> None:
    names = re.findall(r'^    "(\w+)",$', (written / "pages/shared/catalog.py").read_text(), re.MULTILINE)
    assert names[-2:] == ["untried", "quiz"]


def test_what_is_written_passes_the_linter(written: Path) -> None:
    for command in (["check"], ["format", "--check"]):
        found = run(written, "-m", "ruff", *command, "--no-cache", ".")
        assert found.returncode == 0, found.stdout


@pytest.mark.exhaustive
def test_its_types_are_right(written: Path) -> None:
    if (ROOT / ".mypy_cache").is_dir():
        # It knows the other files already: their times came with the copies.
        shutil.copytree(ROOT / ".mypy_cache", written / ".mypy_cache")
    found = run(written, "-m", "mypy")
    assert found.returncode == 0, found.stdout


def test_its_test_fails_until_it_is_filled_in_and_names_what_is_left(written: Path) -> None:
    failed, said = outcome(written, *OWN)
    assert failed == {"test_nothing_is_left_to_fill_in", "test_are_finished"}
    left = said.partition("still to fill in:")[2]
    for name in ("core/figures/untried.py", "pages/untried.py", "pages/text/untried.ko.toml", "README.md"):
        assert re.search(rf"{re.escape(name)}:\d+: .*TODO:", left), name


def test_filled_in_it_passes(filled_in: Path) -> None:
    failed, said = outcome(filled_in, *OWN)
    assert failed == set(), said


@pytest.mark.exhaustive
def test_filled_in_it_passes_with_all_that_every_lesson_must_pass(filled_in: Path) -> None:
    failed, said = outcome(filled_in, *GENERAL, "--ignore=tests/pages/test_new_lesson.py")
    assert failed == set(), said
    assert int(re.findall(r"(\d+) passed", said)[0]) > 50


@pytest.fixture
def writer() -> ModuleType:
    """The script itself."""
    spec = importlib.util.spec_from_file_location("write_lesson", ROOT / WRITER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestNames:
    @pytest.mark.parametrize("name", ["untried", "bayes_rule", "lesson2"])
    def test_that_can_be(self, writer: ModuleType, name: str) -> None:
        assert writer.problem(name) == ""

    @pytest.mark.parametrize(
        "name", ["", "Mixtures", "two words", "a-b", "_a", "a__b", "2nd", "class", "../x", "a.b", "혼합"]
    )
    def test_that_no_module_can_have(self, writer: ModuleType, name: str) -> None:
        assert writer.problem(name).startswith("Say make lesson NAME=")

    @pytest.mark.parametrize("name", ["softmax", "quiz", "marks", "template", "shared", "parts", "text"])
    def test_that_are_taken(self, writer: ModuleType, name: str) -> None:
        assert writer.problem(name).startswith(f"The name {name} is taken")

    def test_a_name_that_cannot_be_writes_nothing(self) -> None:
        found = run(ROOT, WRITER, "softmax")
        assert found.returncode == 2
        assert found.stdout == ""
        assert "is taken" in found.stderr


def test_the_figure_in_contributing_is_drawn() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    known = {**vars(marks), **vars(theme), "np": np, "entropy": entropy}
    exec("from __future__ import annotations\n" + source, known)
    words = dict.fromkeys(("title", "alt", "caption", "x", "y", "grip"), "said")
    made = known["curve"](0.25, words)
    assert made["data"][1]["y"].tolist() == [float(entropy([0.25, 0.75]))]
    assert known["curve"](0.5, words)["data"][0] is made["data"][0]
