"""What the frames of each slider cost the server: this tree against a revision, in turn, as ratios.

    python tests/benchmarks/bench_frames.py main~3             # all lessons
    python tests/benchmarks/bench_frames.py main~3 nll heights # some

For each framed slider of each lesson, in the state in which the lesson opens: the processor time that its
frames take, of the views that both trees have. Both make all of them in processes of their own, in turn and
several times; what is compared are the medians. A ratio above 1 is what the change costs.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Views = dict[str, list[str]]


# ---- In either tree ----


def sliders(names: list[str]) -> Iterator[tuple[str, Any, str, tuple[str, ...]]]:
    """Yield each framed slider: a name for it, its lesson, its key, and the views of its section."""
    for name in names:
        try:
            lesson = importlib.import_module(f"pages.{name}").LESSON
        except ImportError:
            continue  # a lesson that only the other tree has
        for section in lesson.sections:
            names_here = (*section.controls, *(key for row in section.table for key in row))
            for key, control in lesson.by_key.items():
                if (key in names_here or control.label in names_here) and control.is_framed(lesson.start):
                    yield f"{name}.{key}", lesson, key, (*section.main, *section.tabs, *section.below)


def made(names: list[str], wanted: Views) -> dict[str, float]:
    """Return the processor time in seconds that the frames of each slider take, of the views wanted."""
    from pages.shared import catalog

    try:
        supply = importlib.import_module("pages.shared.supply")
    except ImportError:
        supply = importlib.import_module("pages.shared.live")  # where it stood before
    make = supply.blocks if hasattr(supply, "blocks") else supply.frame_block  # its name before
    costs = {}
    for told, lesson, key, _ in sliders(names):
        if views := wanted.get(told):
            words = catalog.load(lesson.name, "en")
            gc.collect()
            began = time.process_time()
            make(lesson, lesson.start, words, key, tuple(views))
            costs[told] = time.process_time() - began
    return costs


# ---- Beside each other ----


@contextlib.contextmanager
def tree_of(revision: str) -> Iterator[Path]:
    """Yield a folder with the tree of a revision."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "-q", "--detach", tree, revision], cwd=ROOT, check=True)
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)


def asked(tree: Path, names: list[str], wanted: Views | None) -> Any:
    """Return what a process in a tree answers: the views of each slider, or the time of those wanted."""
    call = [sys.executable, str(Path(__file__).resolve()), "--in-a-tree", json.dumps(wanted), "here", *names]
    said = subprocess.run(call, cwd=tree, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(said.splitlines()[-1])


def lessons() -> list[str]:
    """Return the lessons of the working folder."""
    return sorted(path.stem for path in Path("pages").glob("*.py"))


def compared(before: dict[str, float], now: dict[str, float]) -> str:
    """Return the table: each slider, each lesson, and all of them.

    Examples
    --------
    >>> print(compared({"nll.t": 0.1, "nll.z1": 0.3}, {"nll.t": 0.11, "nll.z1": 0.27}))
    slider    before ms   now ms   ratio
    nll.t           100      110    1.10
    nll.z1          300      270    0.90
    nll             400      380    0.95
    all             400      380    0.95
    """
    rows = []
    for name in dict.fromkeys(slider.partition(".")[0] for slider in before):
        own = [slider for slider in before if slider.startswith(f"{name}.")]
        rows += [(slider, before[slider], now[slider]) for slider in own]
        rows.append((name, sum(before[slider] for slider in own), sum(now[slider] for slider in own)))
    rows.append(("all", sum(before.values()), sum(now.values())))
    width = max(len(slider) for slider, _, _ in rows) + 2
    lines = [f"{'slider':<{width}}  before ms   now ms   ratio"]
    lines += [
        f"{slider:<{width}}{1e3 * old:>11.0f}{1e3 * new:>9.0f}{new / old:>8.2f}" for slider, old, new in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("revision")
    parser.add_argument("lessons", nargs="*")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--in-a-tree", help=argparse.SUPPRESS)
    told = parser.parse_args()
    names = told.lessons or lessons()
    if told.in_a_tree:
        sys.path.insert(0, str(Path.cwd()))
        # A page file asks whether it runs in a session; Streamlit warns about the answer.
        logging.disable(logging.WARNING)
        wanted = json.loads(told.in_a_tree)
        found: Any = (
            {slider: views for slider, _, _, views in sliders(names)}
            if wanted is None
            else made(names, wanted)
        )
        print(json.dumps(found))
        return
    with tree_of(told.revision) as base:
        theirs, ours = asked(base, names, None), asked(ROOT, names, None)
        wanted = {
            slider: both
            for slider, views in ours.items()
            if (both := [view for view in views if view in theirs.get(slider, ())])
        }
        times: dict[Path, list[dict[str, float]]] = {base: [], ROOT: []}
        for i in range(told.rounds):
            for tree in (base, ROOT) if i % 2 == 0 else (ROOT, base):
                times[tree].append(asked(tree, names, wanted))
    before, now = (
        {slider: median(turn[slider] for turn in times[tree]) for slider in wanted} for tree in (base, ROOT)
    )
    print(compared(before, now))


if __name__ == "__main__":
    main()
