"""What T's frames on Confidence cost for a person's own 10,000 rows of 10 classes, beside Heights' sliders.

    python -m tests.benchmarks.bench_confidence

Processor time of the server, of every eighth stop (what a hand waits for) and of all stops, as a ratio to the
dearest of Heights' sliders in the same run. Each round has rows that no cache has seen, as they are after
their first picture. Where T is judged on one half, the ratio of all stops must stay below 1.
"""

from __future__ import annotations

import gc
import logging
import time
from collections import defaultdict
from statistics import median
from typing import Any

import numpy as np

from core.figures.confidence import Origin
from core.logits import Rows
from pages.confidence import LESSON
from pages.parts.own_logits import remember
from pages.shared.catalog import load
from pages.shared.frames import resolve
from pages.shared.supply import EVERY, blocks
from tests.benchmarks.bench_frames import sliders

PARTS = {f"every {EVERY}th stop": 0, "all stops": None}
Costs = dict[tuple[str, str], list[float]]


def rows(size: int, classes: int, seed: int) -> Rows:
    """Return logits that are twice too large, and labels drawn from them."""
    chance = np.random.default_rng(seed)
    logits = chance.normal(scale=4.0, size=(size, classes))
    noise = chance.gumbel(size=logits.shape)
    return Rows(logits, (logits / 2.0 + noise).argmax(axis=1), (), False, False)


def seconds(lesson: Any, values: Any, key: str, views: tuple[str, ...], part: int | None) -> float:
    """Return the processor time of the frames of a slider."""
    words = load(lesson.name, "en")
    gc.collect()
    began = time.process_time()
    blocks(lesson, values, words, key, views, part)
    return time.process_time() - began


def measured(size: int, classes: int, rounds: int) -> Costs:
    """Return the times of T's frames by split, and of Heights' sliders, for both parts."""
    costs: Costs = defaultdict(list)
    sections = LESSON.sections[0]
    views = (*sections.main, *sections.tabs, *sections.below)
    for i in range(rounds):
        own = remember(rows(size, classes, i), Origin(classes, tuple(range(classes))))
        for split in ("half", "all"):
            values = LESSON.start.replace(data="own", own=own.digest, split=split)
            resolve(LESSON.picture(values, load(LESSON.name, "en")), views)
            for told, part in PARTS.items():
                costs[f"T, judged on {split}", told].append(seconds(LESSON, values, "t", views, part))
        for slider, heights, key, theirs in sliders(["heights"]):
            for told, part in PARTS.items():
                costs[slider, told].append(seconds(heights, heights.start, key, theirs, part))
    return costs


def main() -> None:
    """Print the table."""
    # A page file asks whether it runs in a session; Streamlit warns about the answer.
    logging.disable(logging.WARNING)
    costs = measured(10_000, 10, rounds=7)
    for told in PARTS:
        theirs = {name: times for (name, part), times in costs.items() if part == told and "heights" in name}
        dearest = max(theirs, key=lambda name: median(theirs[name]))
        ours = {f"T, judged on {split}": costs[f"T, judged on {split}", told] for split in ("half", "all")}
        print(f"{told}, least and median:")
        for name, times in {dearest: theirs[dearest], **ours}.items():
            beside = min(times) / min(theirs[dearest]), median(times) / median(theirs[dearest])
            print(f"  {name:<18}{1e3 * min(times):>5.0f} ms {1e3 * median(times):>5.0f} ms", end="")
            print(f"   ratios {beside[0]:.2f} {beside[1]:.2f}")


if __name__ == "__main__":
    main()
