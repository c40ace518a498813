"""What it costs to move mu on Heights: a million people against five hundred, as a ratio in one run.

    python -m tests.benchmarks.bench_heights

The ratio must stay below 2: a candidate's picture may touch the summary of the people and the few that get a
stem, never the people themselves.
"""

from __future__ import annotations

import time

from pages.heights import LESSON, picture
from pages.shared.catalog import load
from pages.shared.frames import resolve

VIEWS = ("curves", "formula", "surface", "near", "slices", "product", "numbers")


def seconds(n: int, shift: float) -> float:
    """Return the time of every view of the first section, drawn once for each stop of mu."""
    words = load("heights", "en")
    state = LESSON.start.replace(n=n)
    resolve(picture(state, words), VIEWS)  # the people are drawn by lot before the hand comes
    stops = [mu + shift for mu in LESSON.by_key["mu"].stops_in(state)[:-1]]
    began = time.process_time()  # of this process: a busy machine does not count
    for mu in stops:
        resolve(picture(state.replace(mu=mu), words), VIEWS)
    return (time.process_time() - began) / len(stops)


def ratio(rounds: int = 5) -> tuple[float, float, float]:
    """Return the cost of one picture at 500 and at 1,000,000 people, and the ratio of the two."""
    # Turn by turn, and a new shift in every round, so that no cache has seen the candidate before.
    pairs = [[seconds(n, 0.01 * i + 0.003) for n in (500, 1_000_000)] for i in range(rounds)]
    few, many = (min(column) for column in zip(*pairs, strict=True))
    return few, many, many / few


def main() -> None:
    """Print the ratio."""
    few, many, times = ratio()
    print(f"mu moved, n = 500: {1e6 * few:.0f} µs a picture; n = 1,000,000: {1e6 * many:.0f} µs")
    print(f"ratio {times:.2f}")


if __name__ == "__main__":
    main()
