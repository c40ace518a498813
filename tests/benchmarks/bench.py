"""How fast the app answers the hand, beside a hand-written page and beside the plain Streamlit way.

    make bench                                              everything, about seven minutes
    .venv/bin/python tests/benchmarks/bench.py --quick      a first impression, in less than 90 seconds
    .venv/bin/python tests/benchmarks/bench.py --only softmax --check

Every lesson is driven three ways in one run: the hand-written page, the app, the hand-written page again,
then st.slider with st.plotly_chart. Ours is held against the mean of the two passes around it; of three drags
the median counts. It ends with 0 unless something broke or, with ``--check``, a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pages.shared.controls import query
from tests.benchmarks import browser as web
from tests.benchmarks import lessons
from tests.benchmarks.report import Line, Target, compared, held, median, percentile, table
from tests.benchmarks.servers import HERE, App, Static
from tests.machine import ARGS, ROOT, chromium

if TYPE_CHECKING:
    from playwright.async_api import Browser

PASSES = ("before", "ours", "after")
NONE = Target("<=", 0)
START = Target("<=", 1.3)
PARTS = (*lessons.DRIVEN, "start", "memory", "people")


class Bench:
    """One run: how much of everything, and where its servers write."""

    def __init__(self, browser: Browser, logs: Path, *, quick: bool) -> None:
        self.browser, self.logs = browser, logs
        self.drags = 1 if quick else 3
        self.seconds = 1.5 if quick else 3.0
        self.keys = 6 if quick else 20
        self.sliders = 2 if quick else None
        self.stops = 10 if quick else 200
        self.starts = 1 if quick else 5
        self.reruns = 100 if quick else 1000
        self.people, self.crowd_seconds = (15, 5.0) if quick else (50, 30.0)
        self.lines: list[Line] = []
        self.servers = 0

    def app(self, script: Path) -> App:
        """Start a Streamlit app."""
        self.servers += 1
        return App(script, self.logs / f"{self.servers}.log")

    def show(self, title: str, lines: list[Line]) -> None:
        """Print a table as soon as it is known."""
        self.lines += lines
        print(f"\n{table(title, lines)}", flush=True)

    # ---- One lesson on three pages ----

    async def lessons(self, names: list[str]) -> None:
        """Drive lessons on servers that they share."""
        plain_script = HERE / "plain" / "app.py"
        with self.app(ROOT / "app.py") as app, self.app(plain_script) as plain_app, Static() as static:
            for name in names:
                await self.lesson(lessons.DRIVEN[name], app, plain_app, static)

    async def lesson(self, driven: lessons.Driven, app: App, plain_app: App, static: Static) -> None:
        """Drive one lesson and print its table."""
        lesson, begin = driven.lesson, app.cpu()
        async with await web.Ours(driven).open(self.browser, app) as first:
            load = first.weight
            places, font = await first.places()
            await at_rest(app)
            ahead = 1000 * (app.cpu() - begin)
            opened = await self.arrivals(first, app)
        # In another state nothing is made ahead: its first visitor finds nothing, its second all.
        aside = query(lesson.controls, lessons.aside(lesson))
        arrived = []
        for _ in range(2):
            async with await web.Ours(driven).open(self.browser, app, urlencode(aside)) as visitor:
                await at_rest(app)
                arrived.append(await self.arrivals(visitor, app))
        static.json[f"{driven.name}.json"] = lessons.exported(driven, places, font)
        async with (
            await web.Ours(driven).open(self.browser, app) as ours,
            await web.Hand(driven).open(self.browser, static, web.plotly_file()) as hand,
            await web.Plain(driven).open(self.browser, plain_app) as plain,
        ):
            weights = [tab.weight / 1000 for tab in (hand, plain)]
            lines = await self.drives(driven, ours, hand, plain, app, plain_app)
            lines.append(Line("first load", weights[0], load / 1000, None, weights[1], unit="kB"))
        lines += arrival_lines(opened, *arrived, ahead=ahead)
        async with await web.Ours(driven).open(self.browser, app) as second:
            looked, views, found = await web.wrong_frames(second, self.stops, random.Random(driven.name))
        note = f"{looked} stops, {views} views{'; ' + found[0] if found else ''}"
        lines.append(held("wrong frames", len(found), NONE, note=note))
        self.show(f"{lesson.name}: {', '.join(driven.drags[: self.drags])}", lines)

    async def arrivals(self, tab: web.Ours, app: App) -> list[dict[str, Any]]:
        """Bring the pointer to every slider; return what each took, with the server's CPU for it in ms."""
        lesson = tab.driven.lesson
        found = []
        for key in list(lessons.sliders(lesson, lesson.start))[: self.sliders]:
            before = app.cpu()
            arrival = await tab.arrive(key)
            used = 1000 * (app.cpu() - before)
            found.append({"key": key, "ms": arrival["ms"], "kB": arrival["bytes"] / 1000, "cpu": used})
        return found

    async def drives(
        self,
        driven: lessons.Driven,
        ours: web.Ours,
        hand: web.Hand,
        plain: web.Plain,
        app: App,
        plain_app: App,
    ) -> list[Line]:
        """Drag and press on all pages, one right after the other, and return the lines of the report."""
        passes: dict[str, list[dict[str, Any]]] = {"before": [], "ours": [], "after": [], "plain": []}
        keys: dict[str, list[list[float]]] = {name: [] for name in passes}
        apart: list[str] = []
        cpu: dict[str, list[float]] = {"ours": [], "plain": []}
        sizes: dict[str, list[float]] = {"ours": [], "plain": []}
        lesson = driven.lesson
        for key in driven.drags[: self.drags]:
            stops = lesson.by_key[key].stops_in(lesson.start)
            start = lessons.nearest(stops, lesson.start[key]) / (len(stops) - 1)
            for name, tab, server in (
                ("before", hand, None),
                ("ours", ours, app),
                ("after", hand, None),
                ("plain", plain, plain_app),
            ):
                used = server.cpu() if server else 0.0
                if name == "plain":
                    passes[name].append(await plain.release(key, self.seconds, start))
                else:
                    passes[name].append(await tab.drag(key, self.seconds, start))
                if server:
                    cpu[name].append(1000 * (server.cpu() - used))
                    sizes[name].append(passes[name][-1]["answer"] / 1000)
                if name == "ours":
                    apart += await web.in_step(ours)
                await tab.back(key)
                if name != "plain" or key == driven.drags[0]:
                    times = self.keys if name != "plain" else 4
                    pause = 0.12 if name != "plain" else 0.9
                    keys[name].append(await tab.press(key, times, pause))
                    await tab.back(key)
        return drag_lines(passes, keys, apart, cpu, sizes)

    # ---- The whole app ----

    async def start(self) -> None:
        """Start an empty app and ours in turn, each with a fresh browser's first visit."""
        empty: list[float] = []
        painted: list[float] = []
        usable: list[float] = []
        name = next(iter(lessons.DRIVEN))
        for _ in range(self.starts):
            with self.app(HERE / "empty/app.py") as app:
                empty += await web.first_use(self.browser, app, "", web.empty_usable)
            with self.app(ROOT / "app.py") as app:
                times = await web.first_use(self.browser, app, name, web.ours_usable)
            painted.append(times[0])
            usable.append(times[1])
        whole = median(empty)
        share = median(usable) / whole
        self.show(
            "Server start to first usable page (plain: an empty Streamlit app)",
            [
                Line("main figure painted", None, median(painted), None, whole, median(painted) / whole, "s"),
                Line(
                    "the first slider moves it",
                    None,
                    median(usable),
                    None,
                    whole,
                    share,
                    "s",
                    Target("<=", 1.3),
                    share,
                ),
            ],
        )

    async def memory(self) -> None:
        """Commit again and again over a websocket, and look at the process's memory."""
        with self.app(ROOT / "app.py") as app:
            found = await crowd("reruns", app, "--count", str(self.reruns))
        early, late = found["memory"][str(self.reruns // 10)], found["memory"][str(self.reruns)]
        note = f"{early:.1f} MiB after {self.reruns // 10} commits, {late:.1f} after {self.reruns}"
        line = Line("memory gained by reruns", ours=late - early, ratio=late / early, unit="MiB", note=note)
        self.show("Memory", [line])

    async def class_(self) -> None:
        """Let a class drag at once on one process."""
        with self.app(ROOT / "app.py") as app:
            used = app.cpu()
            begin = time.perf_counter()
            options = ("--count", str(self.people), "--seconds", str(self.crowd_seconds))
            found = await crowd("people", app, *options)
            share = 100 * (app.cpu() - used) / (time.perf_counter() - begin)
            memory = app.memory()
        lost = found["sent"] - found["answered"] + len(found["failures"]) + self.people - found["opened"]
        note = f"{found['sent']} commits; {'; '.join(sorted(set(found['failures'])))[:120]}"
        self.show(
            f"{self.people} people dragging at once on one process",
            [
                Line("commits, p50", ours=1000 * found["p50"], unit="ms"),
                held("commits, p95", 1000 * found["p95"], Target("<=", 1000, "ms"), "ms"),
                Line("frames, p50", ours=1000 * found["asks_p50"], unit="ms"),
                Line("frames, p95", ours=1000 * found["asks_p95"], unit="ms"),
                held("lost or failed", lost, NONE, note=note.rstrip("; ")),
                Line("server CPU of one core", ours=share, unit="%"),
                Line("server memory", ours=memory, unit="MiB"),
            ],
        )


def drag_lines(
    passes: dict[str, list[dict[str, Any]]],
    keys: dict[str, list[list[float]]],
    apart: list[str],
    cpu: dict[str, list[float]],
    sizes: dict[str, list[float]],
) -> list[Line]:
    """Return the lines on dragging and pressing."""

    def each(measure: Any, *names: str) -> list[list[float]]:
        return [[measure(drag) for drag in passes[name]] for name in names or PASSES]

    def pressed(share: float, *names: str) -> list[list[float]]:
        return [[percentile(waits, share) for waits in keys[name]] for name in names]

    ours = passes["ours"]
    # A frame of the display holds one picture, however many movements the browser hands over in it.
    painted = min(drag["pictures"] / max(1, drag["frames"]) for drag in ours)
    bare = [
        [drag["pictures"] / max(1, drag["events"]) for drag in passes[name]] for name in ("ours", "after")
    ]
    note = "events of one frame count once; else {:.2f}, static {:.2f}".format(*map(median, bare))
    released = [wait for drag in passes["plain"] for wait in drag["release"]]
    return [
        compared(
            "pictures while dragging",
            *each(lambda d: d["pictures"] / d["seconds"]),
            each(lambda d: d["pictures"] / d["seconds"], "plain")[0],
            unit="/s",
            target=Target(">=", 0.9),
        ),
        compared(
            "movement to painted, p50",
            *each(lambda d: percentile(d["waits"], 0.5)),
            unit="ms",
            target=Target("<=", 1.3),
        ),
        compared(
            "movement to painted, p95",
            *each(lambda d: percentile(d["waits"], 0.95)),
            unit="ms",
            target=Target("<=", 2),
        ),
        compared(
            "main thread's CPU for a picture", *each(lambda d: d["cpu"] / max(1, d["pictures"])), unit="ms"
        ),
        compared("Plotly's calls for a picture", *each(lambda d: d["calls"] / max(1, d["pictures"]))),
        Line("release to painted", plain=median(released), unit="ms"),
        compared("key press to painted, p50", *pressed(0.5, *PASSES), pressed(0.5, "plain")[0], unit="ms"),
        compared("key press to painted, p95", *pressed(0.95, *PASSES), pressed(0.95, "plain")[0], unit="ms"),
        held("pictures over input events", painted, Target(">=", 0.98), note=note),
        held("messages while dragging", sum(drag["sent"] for drag in ours), NONE),
        held("slider, picture, URL, server apart", len(apart), NONE, note="; ".join(apart)[:120]),
        Line("answer to a release", ours=median(sizes["ours"]), plain=median(sizes["plain"]), unit="kB"),
        Line("server CPU for a drag", ours=median(cpu["ours"]), plain=median(cpu["plain"]), unit="ms"),
    ]


def arrival_lines(
    opened: list[dict[str, Any]], cold: list[dict[str, Any]], warm: list[dict[str, Any]], *, ahead: float
) -> list[Line]:
    """Return the lines on the pointer's arrival: time, bytes and the server's CPU, over all sliders.

    ``opened`` at the lesson's defaults, whose frames were made ahead; ``cold`` and ``warm`` in a state that
    nobody, and that one person had been in before.
    """

    def each(
        text: str,
        found: list[dict[str, Any]],
        part: str,
        unit: str,
        target: Target | None,
        *,
        most: bool = False,
    ) -> Line:
        values = [arrival[part] for arrival in found]
        judged = max(values) if most else median(values)
        note = f"{len(values)} sliders, {min(values):.0f} to {max(values):.0f}"
        note += f", most {found[values.index(max(values))]['key']}; median {median(values):.0f}"
        return Line(text, ours=judged, unit=unit, target=target, judged=judged if target else None, note=note)

    return [
        each("pointer to frames, defaults", opened, "ms", "ms", Target("<=", 120, "ms")),
        each("pointer to frames, nobody's before", cold, "ms", "ms", Target("<=", 120, "ms")),
        each("pointer to frames, somebody's before", warm, "ms", "ms", Target("<=", 120, "ms")),
        each("frames of a slider, heaviest", cold, "kB", "kB", Target("<=", 300, "kB"), most=True),
        each("server CPU for frames, defaults", opened, "cpu", "ms", Target("<=", 20, "ms")),
        each("server CPU for frames, nobody's before", cold, "cpu", "ms", None),
        each("server CPU for frames, somebody's before", warm, "cpu", "ms", None),
        Line("server CPU to open and to make ahead", ours=ahead, unit="ms", note="once for a process"),
    ]


async def at_rest(app: App) -> None:
    """Wait until the server has nothing to do: what is made ahead is made."""
    before = app.cpu()
    for _ in range(60):
        await asyncio.sleep(0.5)
        if app.cpu() - before < 0.01:
            return
        before = app.cpu()
    raise RuntimeError("the server never comes to rest")


async def crowd(what: str, app: App, *options: str) -> dict[str, Any]:
    """Run the websocket clients in a process of their own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(HERE / "crowd.py"), what, str(app.port), str(app.process.pid), *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode:
        raise RuntimeError(err.decode())
    found: dict[str, Any] = json.loads(out)
    return found


async def run(parts: list[str], *, quick: bool) -> list[Line]:
    """Run the parts asked for and return all lines."""
    from playwright.async_api import async_playwright

    with tempfile.TemporaryDirectory(prefix="bench-") as logs:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGS)
            bench = Bench(browser, Path(logs), quick=quick)
            if names := [part for part in parts if part in lessons.DRIVEN]:
                await bench.lessons(names)
            for part, measure in (("start", bench.start), ("memory", bench.memory), ("people", bench.class_)):
                if part in parts:
                    await measure()
            await browser.close()
    return bench.lines


def main() -> int:
    """Read the command line, run, and say how many targets are met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter drags, fewer people")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part; may be given again")
    parser.add_argument("--check", action="store_true", help="end with 1 where a target is missed")
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # Streamlit's, about pages that are imported and not run
    begin = time.perf_counter()
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} at the start; 1440 x 900, {web.RATE} movements a second")
    lines = asyncio.run(run(given.only or list(PARTS), quick=given.quick))
    judged = [line for line in lines if line.met is not None]
    missed = [line for line in judged if not line.met]
    print(
        f"\n{len(judged) - len(missed)} of {len(judged)} targets met, in {time.perf_counter() - begin:.0f} s;"
        f" load {os.getloadavg()[0]:.1f} at the end"
    )
    return 1 if given.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
