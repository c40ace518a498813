"""Which views changed since a revision: every lesson in every state of the tests, drawn by both and compared.

    python tests/figures/compare.py main~3             # all lessons
    python tests/figures/compare.py main~3 nll heights # some

A change that is meant to leave the pictures alone leaves all of them equal: dict for dict, number for number.
One that is meant to change some shows here which, and what else.
"""

from __future__ import annotations

import argparse
import importlib.util
import pickle
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]


def drawn(lessons: list[str], more: int = 0) -> dict[tuple[str, str, str, str], Any]:
    """Return every view of the tree in the working folder, by lesson, state, language and name.

    With ``more`` also so many states of each lesson, in English, in which every control may stand anywhere.
    """
    spec = importlib.util.spec_from_file_location("shared_by_tests", "tests/conftest.py")
    assert spec is not None
    assert spec.loader is not None
    tests = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tests)
    from pages.shared import frames
    from pages.shared.catalog import LANGUAGES, load
    from pages.shared.controls import settle

    made = {}
    for name in lessons or tests.LESSONS:
        lesson = tests.load_lesson(name)
        for state, values in tests.states(lesson).items():
            for language in LANGUAGES:
                for view, picture in frames.resolve(lesson.picture(values, load(name, language))).items():
                    made[name, state, language, view] = picture
        for number in range(more):
            chance, values = random.Random(f"{name} {number}"), lesson.start
            for control in lesson.controls:
                if chance.random() < 0.6 and control.kind != "text":
                    value = chance.choice(control.choices or control.stops_in(values))
                    values = settle(lesson.controls, values.replace(**{control.key: value}))
            said = str({key: value for key, value in values.items() if value != lesson.start[key]})
            for view, picture in frames.resolve(lesson.picture(values, load(name, "en"))).items():
                made[name, said, "en", view] = picture
    return made


def differences(
    one: Any, other: Any, path: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """Yield where two trees differ: the path, and what each has there."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            yield from differences(one.get(key, "(none)"), other.get(key, "(none)"), (*path, key))
    elif isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)) and len(one) == len(other):
        for i, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, (*path, i))
    elif isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        alike = one.shape == other.shape and one.dtype == other.dtype
        if not (alike and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")):
            yield path, one, other
    elif type(one) is not type(other) or not (one == other or one != one):
        yield path, one, other


def by_revision(revision: str, lessons: list[str]) -> dict[tuple[str, str, str, str], Any]:
    """Return the same of a revision, drawn by a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        tree, out = Path(folder) / "tree", Path(folder) / "views"
        subprocess.run(["git", "worktree", "add", "-q", "--detach", tree, revision], cwd=ROOT, check=True)
        try:
            told = [sys.executable, str(Path(__file__).resolve()), "--into", str(out), revision, *lessons]
            subprocess.run(told, cwd=tree, check=True)
            with out.open("rb") as opened:
                return dict(pickle.load(opened))
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)


def main() -> int:
    """Compare, and say what differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("revision")
    parser.add_argument("lessons", nargs="*")
    parser.add_argument("--into", help=argparse.SUPPRESS)
    parser.add_argument("--more", type=int, default=0, help=argparse.SUPPRESS)
    told = parser.parse_args()
    sys.path.insert(0, str(Path.cwd()))
    if told.into:
        Path(told.into).write_bytes(pickle.dumps(drawn(told.lessons, told.more)))
        return 0
    before, now = by_revision(told.revision, told.lessons), drawn(told.lessons)
    changed, shown = Counter[tuple[str, str]](), set()
    for key in [*before, *(key for key in now if key not in before)]:
        found = list(differences(before.get(key, "(none)"), now.get(key, "(none)")))
        if found:
            lesson, state, language, view = key
            changed[lesson, view] += 1
            for path, old, new in found[:4]:
                line = (lesson, view, tuple(part for part in path if not isinstance(part, int)))
                if line not in shown:
                    shown.add(line)
                    place = ".".join(map(str, path))
                    print(f"{lesson} {state} {language} {view} {place}: {str(old)[:70]} -> {str(new)[:70]}")
    for (lesson, view), count in changed.items():
        print(f"{lesson}.{view} differs {count} times")
    print(f"{len(before)} views before, {len(now)} now, {changed.total()} differ")
    return int(bool(changed))


if __name__ == "__main__":
    sys.exit(main())
