"""How fast the app answers the hand, beside a hand-written page and beside the plain Streamlit way.

    make bench                                              everything, about ten minutes
    make bench BASE=main~3                                  beside another revision than the one that it names
    .venv/bin/python tests/benchmarks/bench.py --quick      a first impression, in less than 90 seconds
    .venv/bin/python tests/benchmarks/bench.py --only softmax --check

Every lesson is driven four ways in one run: a hand-written page with plotly.js, one that moves SVG nodes
itself, the app, the SVG page again, and st.slider with st.plotly_chart. Ours is held against the mean of the
two passes around it; of three drags the median counts. One more drag has the browser's processor slowed to a
quarter. The hand-written pages have figures, formula and code of the first screen; what begins to show below
them, Heights' table and Softmax' next figure, only the app has. What the server does is held against a
revision before, served from a work tree of its own. It ends with 0 unless something broke or, with
``--check``, a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from deploy.serve import Served
from pages.shared.controls import query
from tests.benchmarks import browser as web
from tests.benchmarks import led, lessons, processes
from tests.benchmarks.bench_frames import tree_of
from tests.benchmarks.report import Line, Target, compared, held, median, percentile, ratio, table
from tests.benchmarks.servers import HERE, App, Static, at_rest
from tests.machine import ARGS, ROOT, chromium

if TYPE_CHECKING:
    from playwright.async_api import Browser

SECOND = Target("<=", 1000, "ms")
NONE = Target("<=", 0)
START = Target("<=", 1.2)
SLOWED = 4  # how much slower the processor is made: a phone
PARTS_OF_CPU = ("Script", "Layout", "RecalcStyle")
Passes = dict[str, list[dict[str, Any]]]  # of each page what was counted in each drag
PARTS = (*lessons.DRIVEN, "arrivals", "start", "memory", "people", "led", "processes")
BEFORE = "5606906"  # the last revision whose frames came by messages and were drawn by plotly.js alone


class Bench:
    """One run: how much of everything, and where its servers write."""

    def __init__(self, browser: Browser, logs: Path, base: Path | None, *, quick: bool) -> None:
        self.browser, self.logs, self.base, self.quick = browser, logs, base, quick
        self.drags = 1 if quick else 3
        # Not so long that a hand ends where it began: the plain page would have nothing to draw.
        self.seconds = 1.5 if quick else 3.0
        self.keys = 6 if quick else 12
        self.sliders = 2 if quick else 4
        self.stops = 100
        self.starts = 1 if quick else 5
        self.reruns = 100 if quick else 1000
        self.people, self.crowd_seconds = (15, 5.0) if quick else (50, 15.0)
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
            await at_rest(app.process.pid)
            ahead = 1000 * (app.cpu() - begin)
            opened = await self.arrivals(first, app)
        # In another state nothing is made ahead: its first visitor finds nothing, its second all.
        aside = query(lesson.controls, lessons.aside(lesson))
        arrived = []
        for _ in range(0 if self.quick else 2):
            async with await web.Ours(driven).open(self.browser, app, urlencode(aside)) as visitor:
                await at_rest(app.process.pid)
                arrived.append(await self.arrivals(visitor, app))
        static.json[f"{driven.name}.json"] = lessons.exported(driven, places, font)
        async with (
            await web.Hand(driven).open(self.browser, static, web.plotly_file()) as plotly,
            await web.Hand(driven).open(self.browser, static) as svg,
            await web.Ours(driven).open(self.browser, app) as ours,
            await web.Plain(driven).open(self.browser, plain_app) as plain,
        ):
            tabs = {"plotly": plotly, "before": svg, "ours": ours, "after": svg, "plain": plain}
            weights = {name: tabs[name].weight / 1000 for name in ("before", "plotly", "plain")}
            lines = await self.drives(driven, tabs, {"ours": app, "plain": plain_app})
            lines.append(Line("first load", ours=load / 1000, **weights, unit="kB"))
        lines += arrival_lines(opened, *arrived, ahead=ahead)
        if self.quick:
            self.show(f"{lesson.name}: {driven.drags[0]}", lines)
            return
        async with await web.Ours(driven).open(self.browser, app) as second:
            looked, views, found = await web.wrong_frames(second, self.stops, random.Random(driven.name))
        note = f"{looked} stops, {views} views{'; ' + found[0] if found else ''}"
        lines.append(held("wrong frames", len(found), NONE, note=note))
        self.show(f"{lesson.name}: {', '.join(driven.drags)}", lines)

    async def arrivals(self, tab: web.Ours, app: App) -> list[dict[str, Any]]:
        """Bring the pointer to every slider; return what each took, with the server's CPU for it in ms."""
        lesson = tab.driven.lesson
        found = []
        for key in [control.key for control in lessons.near(lesson, lesson.start)][: self.sliders]:
            before = app.cpu()
            arrival = await tab.arrive(key)
            used = 1000 * (app.cpu() - before)
            found.append({"key": key, "ms": arrival["ms"], "kB": arrival["bytes"] / 1000, "cpu": used})
        return found

    async def drives(
        self, driven: lessons.Driven, tabs: dict[str, web.Tab], servers: dict[str, App]
    ) -> list[Line]:
        """Drag and press on all pages, one right after the other, and return the lines of the report."""
        passes: Passes = {name: [] for name in tabs}
        slowed: Passes = {name: [] for name in tabs if name != "plain"}
        keys: dict[str, list[list[float]]] = {name: [] for name in tabs}
        apart: list[str] = []
        lesson = driven.lesson
        for key in driven.drags[: self.drags]:
            stops = lesson.by_key[key].stops_in(lesson.start)
            start = lessons.nearest(stops, lesson.start[key]) / (len(stops) - 1)
            first = key == driven.drags[0]
            for name, tab in tabs.items():
                server = servers.get(name)
                used = server.cpu() if server else 0.0
                drag = await tab.drag(key, self.seconds, start)
                drag["server"] = 1000 * (server.cpu() - used) if server else 0.0
                passes[name].append(drag)
                if isinstance(tab, web.Ours):
                    apart += await web.in_step(tab)
                await tab.back(key)
                if name != "plain" or first:
                    times, pause = (self.keys, 0.12) if name != "plain" else (4, 0.9)
                    keys[name].append(await tab.press(key, times, pause))
                    await tab.back(key)
            for name in slowed if first else ():
                await tabs[name].slow(SLOWED)
                slowed[name].append(await tabs[name].drag(key, self.seconds, start))
                await tabs[name].slow(1)
                await tabs[name].back(key)
        return [*picture_lines(passes), *picture_lines(slowed, " slowed"), *drag_lines(passes, keys, apart)]

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
                Line(
                    "main figure painted",
                    ours=median(painted),
                    plain=whole,
                    ratio=median(painted) / whole,
                    unit="s",
                ),
                Line(
                    "the first slider moves it",
                    ours=median(usable),
                    plain=whole,
                    ratio=share,
                    unit="s",
                    target=START,
                    judged=share,
                ),
            ],
        )

    async def memory(self) -> None:
        """Commit again and again over a websocket, and look at the process's memory."""
        with self.app(ROOT / "app.py") as app:
            found = await crowd("reruns", app, options=("--count", str(self.reruns)))
        early, late = found["memory"][str(self.reruns // 10)], found["memory"][str(self.reruns)]
        note = f"{early:.1f} MiB after {self.reruns // 10} commits, {late:.1f} after {self.reruns}"
        line = Line("memory gained by reruns", ours=late - early, ratio=late / early, unit="MiB", note=note)
        self.show("Memory", [line])

    async def class_(self) -> None:
        """Let a class drag at once on one server, then on that of the revision before, and both once more."""
        found: dict[str, list[dict[str, Any]]] = {"base": [], "ours": []}
        for name in ("base", "ours") * 2 if self.base else ("ours",):
            with self.app((self.base if name == "base" and self.base else ROOT) / "app.py") as app:
                used = app.cpu()
                begin = time.perf_counter()
                options = ("--count", str(self.people), "--seconds", str(self.crowd_seconds))
                one = await crowd("people", app, options=options)
                one["cpu"] = 100 * (app.cpu() - used) / (time.perf_counter() - begin)
                one["memory"] = app.memory()
                found[name].append(one)

        def all_of(name: str, part: str) -> list[Any]:
            return [item for one in found[name] for item in one[part]]

        def lost(name: str) -> int:
            missing = sum(
                one["sent"] - len(one["commits"]) + self.people - one["opened"] for one in found[name]
            )
            return missing + len(all_of(name, "failures"))

        def beside(what: str, part: str, share: float, target: Target | None = None) -> Line:
            ours, base = (
                1000 * percentile(all_of(name, part), share) if found[name] else None
                for name in ("ours", "base")
            )
            return against(f"{what}, p{100 * share:.0f}", ours or 0.0, base, unit="ms", target=target)

        def middle(part: str) -> dict[str, float]:
            return {name: median([one[part] for one in found[name]]) for name in found if found[name]}

        failures = "; ".join(sorted(set(all_of("ours", "failures"))))[:120]
        note = f"{len(all_of('ours', 'commits'))} commits{'; ' + failures if failures else ''}"
        if self.base:
            note += f"; of the revision's {len(all_of('base', 'commits'))} lost {lost('base')}"
        self.show(
            f"{self.people} people dragging at once on one server, each in a state of his own",
            [
                beside("first frames", "asks", 0.5),
                beside("first frames", "asks", 0.95, Target("<=", 0.1)),
                beside("commits", "commits", 0.5),
                beside("commits", "commits", 0.95, Target("<=", 1)),
                held("commits, p95 alone", 1000 * percentile(all_of("ours", "commits"), 0.95), SECOND, "ms"),
                held("lost or failed", lost("ours"), NONE, note=note),
                Line("server CPU of one core", **middle("cpu"), unit="%"),
                Line("server memory", **middle("memory"), unit="MiB"),
            ],
        )

    async def arrived(self) -> None:
        """Come to sliders of every lesson, on our server and on that of the revision before."""
        with contextlib.ExitStack() as stack:
            trees = [ROOT, self.base] if self.base else [ROOT]
            apps = [stack.enter_context(self.app(tree / "app.py")) for tree in trees]
            found = await crowd("arrivals", *apps)

        def worst(text: str, kind: str, part: int, target: Target) -> Line:
            """Return the line of the lesson that is furthest from the target."""
            each = {
                name: [1000 * median([times[part] for times in server[kind]]) for server in servers]
                for name, servers in found.items()
            }
            lines = {
                name: against(text, *times, unit="ms", target=target, absolute=kind == "stored")
                for name, times in each.items()
            }
            judged = {name: line.judged or 0.0 for name, line in lines.items()}
            order = sorted(judged, key=lambda name: -judged[name])
            note = ", ".join(f"{name} {judged[name]:.2g}" for name in order)
            return replace(lines[order[0]], note=note)

        self.show(
            f"Pointer on a slider to first frames, without a browser: the worst of {len(found)} lessons",
            [
                worst("stored, waiting", "stored", 0, Target("<=", 20, "ms")),
                worst("stored, server CPU", "stored", 1, Target("<=", 2, "ms")),
                worst("nobody's before, waiting", "new", 0, Target("<=", 0.333)),
                worst("nobody's before, server CPU", "new", 1, Target("<=", 0.333)),
            ],
        )

    async def led(self) -> None:
        """Lead a class through a drag, and on to another lesson."""
        with self.app(ROOT / "app.py") as app:
            for count in led.COUNTS[:1] if self.quick else led.COUNTS:
                lines = await led.measured(self.browser, app, count, self.seconds)
                self.show(f"A teacher leads three browsers and {count} more", lines)
            self.show("The class goes on to another lesson", await led.changed(app, led.COUNTS[0]))

    async def processes(self) -> None:
        """Let people be in a hurry behind HAProxy, before one process and before more; then many drag."""
        if not processes.there():
            self.show(processes.TITLE, [Line("not measured", ours=0.0, note="HAProxy is not installed")])
            return
        self.show(processes.HASTY_TITLE, await processes.hurried(crowd, 5.0 if self.quick else 12.0))
        self.show(processes.TITLE, await processes.measured(crowd, 5.0 if self.quick else 20.0))


def against(
    what: str,
    ours: float,
    base: float | None = None,
    *,
    unit: str = "",
    target: Target | None = None,
    absolute: bool = False,
) -> Line:
    """Return a line of ours beside the revision before: judged by the ratio, or by ours alone.

    Examples
    --------
    >>> against("frames", 10.0, 100.0, target=Target("<=", 0.333)).met
    True
    >>> against("frames", 10.0, target=Target("<=", 0.333)).met  # not known without a revision
    """
    share = None if base is None else ratio(ours, base)
    judged = ours if absolute else share
    known = None if judged is None else target  # without a revision there is nothing to judge
    return Line(what, ours=ours, base=base, ratio=share, unit=unit, target=known, judged=judged)


def picture_lines(passes: Passes, speed: str = "") -> list[Line]:
    """Return the lines on the pictures of drags: how many, when, and what they cost the browser."""

    def each(measure: Any, *names: str) -> dict[str, list[float]]:
        return {name: [measure(drag) for drag in passes[name]] for name in names or passes if name in passes}

    def cost(drag: dict[str, Any], part: str = "Task") -> float:
        return float(drag["cpu"][part]) / max(1, drag["pictures"])

    parts = {part: median(each(lambda d, part=part: cost(d, part), "ours")["ours"]) for part in PARTS_OF_CPU}
    note = "of ours " + ", ".join(f"{part.lower()} {ms:.1f}" for part, ms in parts.items())
    pages = ("before", "ours", "after", "plotly")
    return [
        compared(
            f"pictures while dragging{speed}",
            each(lambda d: d["pictures"] / d["seconds"]),
            unit="/s",
            target=Target(">=", 0.9),
        ),
        compared(
            f"movement to painted{speed}, p50",
            each(lambda d: percentile(d["waits"], 0.5), *pages),
            unit="ms",
            target=None if speed else Target("<=", 1.3),
        ),
        compared(
            f"movement to painted{speed}, p95",
            each(lambda d: percentile(d["waits"], 0.95), *pages),
            unit="ms",
            target=None if speed else Target("<=", 2),
        ),
        compared(
            f"CPU for a picture{speed}",
            each(cost, "before", "ours", "after"),
            unit="ms",
            target=Target("<=", 1.5),
            note=note,
        ),
        compared(
            f"CPU for a picture{speed}",
            each(cost, "ours", "plotly"),
            to=["plotly"],
            unit="ms",
            target=Target("<=", 0.35),
        ),
    ]


def drag_lines(passes: Passes, keys: dict[str, list[list[float]]], apart: list[str]) -> list[Line]:
    """Return the lines on what else dragging costs, what must not happen in it, and on the keys."""

    def pressed(share: float) -> dict[str, list[float]]:
        return {name: [percentile(waits, share) for waits in keys[name]] for name in keys}

    def middle(part: str) -> dict[str, float]:
        return {name: median([drag[part] for drag in passes[name]]) for name in ("ours", "plain")}

    ours = passes["ours"]
    # A frame of the display holds one picture, however many movements the browser hands over in it.
    painted = min(drag["pictures"] / max(1, drag["frames"]) for drag in ours)
    bare = [
        median([drag["pictures"] / max(1, drag["events"]) for drag in passes[name]])
        for name in ("ours", "after")
    ]
    note = "events of one frame count once; else {:.2f}, SVG {:.2f}".format(*bare)
    calls = {
        name: [drag["calls"] / max(1, drag["pictures"]) for drag in passes[name]]
        for name in ("ours", "plotly")
    }
    return [
        compared("Plotly's calls for a picture", calls, to=["plotly"]),
        Line(
            "release to painted", plain=median([w for d in passes["plain"] for w in d["release"]]), unit="ms"
        ),
        compared("key press to painted, p50", pressed(0.5), unit="ms"),
        compared("key press to painted, p95", pressed(0.95), unit="ms"),
        held("pictures over input events", painted, Target(">=", 0.98), note=note),
        held("messages while dragging", sum(drag["sent"] for drag in ours), NONE),
        held("slider, picture, URL, server apart", len(apart), NONE, note="; ".join(apart)[:120]),
        Line(
            "answer to a release", **{name: size / 1000 for name, size in middle("answer").items()}, unit="kB"
        ),
        Line("server CPU for a drag", **middle("server"), unit="ms"),
    ]


def arrival_lines(
    opened: list[dict[str, Any]],
    cold: Sequence[dict[str, Any]] = (),
    warm: Sequence[dict[str, Any]] = (),
    *,
    ahead: float,
) -> list[Line]:
    """Return the lines on the pointer's arrival: time, bytes and the server's CPU, over the first sliders.

    ``opened`` at the lesson's defaults, whose frames were made ahead; ``cold`` and ``warm`` in a state that
    nobody, and that one person had been in before, where they were measured.
    """

    def each(
        text: str,
        found: Sequence[dict[str, Any]],
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

    lines = [
        each("pointer to frames, defaults", opened, "ms", "ms", Target("<=", 120, "ms")),
        each("server CPU for frames, defaults", opened, "cpu", "ms", Target("<=", 20, "ms")),
        Line("server CPU to open and to make ahead", ours=ahead, unit="ms", note="once for a process"),
    ]
    if cold:
        lines += [
            each("pointer to frames, nobody's before", cold, "ms", "ms", Target("<=", 120, "ms")),
            each("pointer to frames, somebody's before", warm, "ms", "ms", Target("<=", 120, "ms")),
            each("frames of a slider, heaviest", cold, "kB", "kB", Target("<=", 300, "kB"), most=True),
            each("server CPU for frames, nobody's before", cold, "cpu", "ms", None),
            each("server CPU for frames, somebody's before", warm, "cpu", "ms", None),
        ]
    return lines


async def crowd(what: str, *apps: App | Served, options: Sequence[str] = ()) -> dict[str, Any]:
    """Run the websocket clients in a process of their own."""
    servers = [f"{app.port}:{app.process.pid if app.process else 0}" for app in apps]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(HERE / "crowd.py"), what, *servers, *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode:
        raise RuntimeError(err.decode())
    found: dict[str, Any] = json.loads(out)
    return found


async def run(parts: list[str], base: Path | None, *, quick: bool) -> list[Line]:
    """Run the parts asked for and return all lines."""
    from playwright.async_api import async_playwright

    with tempfile.TemporaryDirectory(prefix="bench-") as logs:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGS)
            bench = Bench(browser, Path(logs), base, quick=quick)
            if names := [part for part in parts if part in lessons.DRIVEN]:
                await bench.lessons(names)
            others = (bench.arrived, bench.start, bench.memory, bench.class_, bench.led, bench.processes)
            for part, measure in zip(PARTS[len(lessons.DRIVEN) :], others, strict=True):
                if part in parts:
                    await measure()
            await browser.close()
    return bench.lines


def main() -> int:
    """Read the command line, run, and say how many targets are met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter drags, fewer people")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part; may be given again")
    parser.add_argument("--base", default=BEFORE, help="the revision to compare with; none where it is empty")
    parser.add_argument("--check", action="store_true", help="end with 1 where a target is missed")
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # Streamlit's, about pages that are imported and not run
    begin = time.perf_counter()
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} at the start; 1440 x 900, {web.RATE} movements a second")
    parts = given.only or list(PARTS)
    if given.quick:
        parts = given.only or ["softmax", "heights", "start", "people"]
        left = "a revision beside, states in which nobody has been, every frame against Python's"
        print(f"quick: {', '.join(parts)}, one drag of a lesson; left out: {left}")
    with contextlib.ExitStack() as stack:
        compares = given.base and not given.quick and {"arrivals", "people"}.intersection(parts)
        base = stack.enter_context(tree_of(given.base)) if compares else None
        lines = asyncio.run(run(parts, base, quick=given.quick))
    judged = [line for line in lines if line.met is not None]
    missed = [line for line in judged if not line.met]
    print(
        f"\n{len(judged) - len(missed)} of {len(judged)} targets met, in {time.perf_counter() - begin:.0f} s;"
        f" load {os.getloadavg()[0]:.1f} at the end"
    )
    return 1 if given.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
