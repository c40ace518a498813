"""All parts of the tests, one after another, whatever happens to one of them; at the end a table.

    python tests/run.py               # what make test runs
    python tests/run.py --exhaustive  # what make test-all runs: what that leaves out
    python tests/run.py core figures  # some parts of it

A part is a call of its own, so that a file that cannot even be collected stops nothing but its own part. One
that leaves cores idle runs beside those before it; what it writes comes after what they wrote.

What drives a browser beside three others, or kills processes, hangs on more than what it tests. Where very
few of such tests fail they are tried once more, by themselves. One that passes then is not a failure, and is
no secret either: the end names it, for whoever wants to find out.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
CHECKS = ("lint", "format", "types", "web")
# Of the kernels that OpenBLAS brings along the plainest: no processor of today chooses it by itself.
PLAIN_KERNEL = {"x86_64": "Nehalem", "AMD64": "Nehalem"}.get(platform.machine(), "ARMV8")

# There is a worker for each core already: the threads of their libraries would only wait for each other.
ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

NUMERICS = ("core", "--ignore=core/figures", "tests/core")
FIGURES = ("core/figures", "tests/figures", "tests/spoken.py")
PAGES = ("pages/shared", "pages/parts", "tests/pages", "tests/node", "tests/benchmarks", "tests/run.py")
BROWSER = ("tests/browser", "tests/benchmarks")


class Part(NamedTuple):
    """A part of the tests: what pytest is told, and what else it needs."""

    name: str
    arguments: tuple[str, ...]
    marks: str = ""
    workers: str = "auto"
    environment: tuple[tuple[str, str], ...] = ()
    again: bool = False  # whether what fails may be tried once more
    beside: bool = False  # whether it runs while those before it do


class Result(NamedTuple):
    """What became of a part; of what passed, the names of what did only when it was tried once more."""

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: float
    again: tuple[str, ...] = ()


MOST = 3  # tests of a part that are tried once more; where more fail, it is no accident


DAILY = (
    Part("core", (*NUMERICS, "--cov"), "not exhaustive"),
    # No call of pytest: the checks of the Makefile, of which the longest has one core.
    Part("checks", (), beside=True),
    Part("oracles", ("tests/oracles",), "not exhaustive"),
    Part("figures", FIGURES, "not exhaustive"),
    Part("pages", PAGES, "not browser and not exhaustive"),
    # Browsers, each with a server of its own. They wait more than they work: two for each of two cores.
    Part("browser", BROWSER, "browser and not exhaustive", "4", again=True),
)
REST = "exhaustive or sampled"
EXHAUSTIVE = (
    Part(
        f"the same on {PLAIN_KERNEL}",
        (*NUMERICS, "tests/oracles"),
        "not exhaustive",
        environment=(("OPENBLAS_CORETYPE", PLAIN_KERNEL),),
    ),
    Part("figures", FIGURES, REST),
    Part("pages", PAGES, f"not browser and ({REST})"),
    Part("browser", BROWSER, f"browser and ({REST})", "4", again=True),
    # Three processes of the app for all of it, which have seconds to be back.
    Part("deploy", ("deploy", "tests/deploy"), "", "1", again=True),
)


def check(out: IO[bytes] | None) -> Result:
    """Run the checks of the Makefile, each whatever the others say."""
    start = time.monotonic()
    calls = [["make", "--no-print-directory", f"check-{name}"] for name in CHECKS]
    ended = [subprocess.run(call, cwd=ROOT, stdout=out, stderr=out, check=False) for call in calls]
    failed = sum(one.returncode != 0 for one in ended)
    return Result("checks", len(calls) - failed, failed, 0, time.monotonic() - start)


def attempt(part: Part, folder: Path, *more: str, out: IO[bytes] | None = None) -> tuple[Result, list[str]]:
    """Run a part, or some of it; return what became of it, and the names of what failed.

    One that pytest could not run is a failure, however many of its tests passed. What it writes goes to
    ``out``, where that is given.
    """
    if not part.arguments:
        return check(out), []
    start = time.monotonic()
    report = folder / "report.xml"
    report.unlink(missing_ok=True)
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", *part.arguments, "-q", f"--junitxml={report}"),
            *("-n", part.workers, "--dist", "worksteal", "-o", f"cache_dir={folder / 'cache'}"),
            *(["-m", part.marks] if part.marks else []),
            *more,
        ],
        cwd=ROOT,
        env={**os.environ, **ALONE, **dict(part.environment)},
        stdout=out,
        stderr=out,
        check=False,
    )
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    names = []
    if report.exists():
        root = ET.parse(report).getroot()
        for suite in root.iter("testsuite"):
            for key in counts:
                counts[key] += int(suite.get(key, 0))
        names = [
            f"{case.get('classname')}.{case.get('name')}"
            for case in root.iter("testcase")
            if not {"failure", "error"}.isdisjoint(child.tag for child in case)
        ]
    bad = counts["failures"] + counts["errors"]
    passed = max(0, counts["tests"] - bad - counts["skipped"])
    failed = bad or int(ended.returncode != 0)
    return Result(part.name, passed, failed, counts["skipped"], time.monotonic() - start), names


def once_more(part: Part, folder: Path, result: Result, names: list[str]) -> Result:
    """Return what became of a part once what failed of it was tried again, where that may be an accident."""
    if not (part.again and 0 < len(names) <= MOST):
        return result
    print(f"\n==== {part.name}: {len(names)} once more", flush=True)
    second, _ = attempt(part._replace(workers="1"), folder, "--last-failed")
    seconds = result.seconds + second.seconds
    if second.failed or second.passed != len(names):
        return result._replace(seconds=seconds)
    return result._replace(
        passed=result.passed + second.passed, failed=0, seconds=seconds, again=tuple(names)
    )


def told(parts: list[Part], folder: Path) -> Iterator[Result]:
    """Run parts, and yield what became of each.

    What is beside others begins with the first of them, and writes into a file meanwhile. What failed of it
    is tried once more when they have ended.
    """
    if not parts:
        return
    # The first parts, up to those that run beside them.
    many = next((i for i, part in enumerate(parts) if part.beside), len(parts))
    end = next((i for i in range(many, len(parts)) if not parts[i].beside), len(parts))
    places = [folder / part.name for part in parts[:end]]
    for place in places:
        place.mkdir()
    with ThreadPoolExecutor(max(1, end - many)) as others:
        logs = [(place / "log").open("w+b") for place in places[many:]]
        beside = [
            others.submit(attempt, part, place, out=log)
            for part, place, log in zip(parts[many:end], places[many:], logs, strict=True)
        ]
        for part, place in zip(parts[:many], places[:many], strict=True):
            print(f"\n==== {part.name}", flush=True)
            yield once_more(part, place, *attempt(part, place))
        for part, place, log, running in zip(parts[many:end], places[many:], logs, beside, strict=True):
            found = running.result()
            log.seek(0)
            print(f"\n==== {part.name}\n{log.read().decode(errors='replace')}", end="", flush=True)
            log.close()
            yield once_more(part, place, *found)
    yield from told(parts[end:], folder)


def table(results: list[Result], seconds: float) -> str:
    """Return what was run, part by part, and all of it in one line with the seconds that it took.

    Examples
    --------
    >>> print(table([Result("core", 12, 0, 0, 3.2), Result("browser", 4, 1, 2, 61.0)], 64.2))
    part      passed  failed  skipped  seconds
    core          12       0        0        3
    browser        4       1        2       61
    <BLANKLINE>
    16 passed, 1 failed, 2 skipped in 1 min 4 s
    >>> print(table([Result("browser", 4, 0, 0, 61.0, ("tests.browser.test_live.test_nodes_stay",))], 61.0))
    part      passed  failed  skipped  seconds
    browser        4       0        0       61
    <BLANKLINE>
    4 passed, 0 failed, 0 skipped in 1 min 1 s
    Failed at first, and passed when tried once more, alone:
      tests.browser.test_live.test_nodes_stay
    """
    width = max(len("part"), *(len(result.name) for result in results)) + 2
    lines = [f"{'part':<{width}}passed  failed  skipped  seconds"]
    lines += [
        f"{name:<{width}}{passed:>6}  {failed:>6}  {skipped:>7}  {took:>7.0f}"
        for name, passed, failed, skipped, took, _ in results
    ]
    passed, failed, skipped = (sum(result[i] for result in results) for i in (1, 2, 3))
    minutes, rest = divmod(round(seconds), 60)
    said = f"{passed} passed, {failed} failed, {skipped} skipped in {minutes} min {rest} s"
    again = [f"  {name}" for result in results for name in result.again]
    if again:
        again.insert(0, "Failed at first, and passed when tried once more, alone:")
    return "\n".join([*lines, "", said, *again])


def main() -> int:
    """Run the parts and say what became of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help="names of parts; all of them where none is given")
    parser.add_argument("--exhaustive", action="store_true")
    given = parser.parse_args()
    parts = EXHAUSTIVE if given.exhaustive else DAILY
    names = [part.name for part in parts]
    if unknown := set(given.parts) - set(names):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    wanted = given.parts or names
    if given.exhaustive:
        os.environ["LAB_EXHAUSTIVE"] = "1"
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        results = list(told([part for part in parts if part.name in wanted], Path(temporary)))
    print(f"\n{table(results, time.monotonic() - begin)}", flush=True)
    return int(any(result.failed for result in results))


if __name__ == "__main__":
    sys.exit(main())
