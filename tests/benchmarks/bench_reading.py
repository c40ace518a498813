"""What it costs to read a million numbers of a person's own, beside splitting the text and converting it.

    python -m tests.benchmarks.bench_reading

A pasted list should stay below 12 and a table of a million lines below 30: a few seconds on any machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from core.data import csv_columns, parse_numbers


def seconds(work: Callable[[], object]) -> float:
    """Return the time of a piece of work, of this process: a busy machine does not count."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Print the ratios."""
    numbers = np.random.default_rng(0).normal(172, 4.8, 1_000_000).round(2)
    text = "\n".join(map(str, numbers.tolist()))
    table = "name,height\nKim," + text.replace("\n", "\nKim,")
    plain = seconds(lambda: np.array(list(map(float, text.split()))))
    for name, work in (("list", lambda: parse_numbers(text)), ("table", lambda: csv_columns(table))):
        print(f"{name} of 1,000,000: {seconds(work) / plain:.1f} times plain reading")


if __name__ == "__main__":
    main()
