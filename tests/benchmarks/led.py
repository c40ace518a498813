"""A class in real browsers: from the teacher's movement to the picture on each person's screen.

    python tests/benchmarks/led.py [--count 30] [--seconds 5]

One teacher and three people in browsers, and plain clients beside them (``classroom``): the teacher pulls a
slider to and fro at an ordinary mouse's rate. Of each picture on each screen, the teacher's own among them,
it is told how long before its movement was; both from the same clock, in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.browser import RATE, triangle
from tests.benchmarks.report import Line, Target, held, percentile, table
from tests.benchmarks.servers import HERE, App, at_rest
from tests.machine import ARGS, ROOT, chromium

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

LIVE = "document.querySelector('.ll').__live"
KEY, LESSON = "z1", "softmax"
COUNTS = [30, 100]  # people beside the three with browsers
SCREENS = [
    (1440, "en-US", "light"),
    (1440, "ko-KR", "dark"),
    (1024, "en-US", "dark"),
    (380, "ko-KR", "light"),
]
# Movements by their stop and time; of each picture its stop, and when the frame after it began.
WATCH = """(key) => {
  const live = document.querySelector(".ll").__live;
  const log = (globalThis.__log = { moved: [], painted: [], said: 0 });
  const clock = (time) => performance.timeOrigin + time;
  const range = live.controls[key].range;
  let newest = 0;
  for (const type of ["pointerdown", "pointermove"])
    addEventListener(type, (event) => (newest = event.timeStamp), { capture: true, passive: true });
  addEventListener("input", () => log.moved.push([Number(range.value), clock(newest)]), true);
  const { say } = live.room;
  live.room.say = function (kind, fields) {
    log.said += kind === "stop";
    return say.call(this, kind, fields);
  };
  const { drawDue } = live;
  let drawn;
  live.drawDue = function (...given) {
    const some = this.due.size > 0;
    drawDue.apply(this, given);
    if (!some) return;
    if (drawn === undefined) requestAnimationFrame(() => {
      log.painted.push([drawn, clock(performance.now())]);
      drawn = undefined;
    });
    drawn = Number(range.value);
  };
}"""


async def opened(browser: Browser, app: App, screen: tuple[int, str, Any], query: str = "") -> Page:
    """Return a page with the lesson in it."""
    width, locale, theme = screen
    options: dict[str, Any] = {"locale": locale, "color_scheme": theme}
    context = await browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = await context.new_page()
    await page.goto(f"{app.origin}/{LESSON}?{query}")
    await page.wait_for_function(
        f"() => document.querySelector('.ll')?.__live?.model && {LIVE}.views.columns"
    )
    return page


async def drag(page: Page, seconds: float, begin: float) -> None:
    """Pull the slider to and fro, at its place on the screen."""
    box = await page.locator(f"[data-key={KEY}] .ll-range").bounding_box()
    assert box is not None
    left, width, y = box["x"] + 10, box["width"] - 20, box["y"] + box["height"] / 2
    session = await page.context.new_cdp_session(page)
    loop, under_way, tick = asyncio.get_running_loop(), [], 0
    start = loop.time()
    while (elapsed := loop.time() - start) < seconds:
        x = left + width * triangle(begin, elapsed)
        event = {"type": "mouseMoved", "x": x, "y": y, "button": "left", "buttons": 1}
        under_way.append(asyncio.ensure_future(session.send("Input.dispatchMouseEvent", event)))
        tick = max(tick + 1, int(RATE * elapsed))
        await asyncio.sleep(max(0.0, start + tick / RATE - loop.time()))
    await asyncio.gather(*under_way)


def waits(painted: list[list[float]], moved: list[list[float]]) -> list[float]:
    """Return how long before each picture its movement was, in ms: the last one to that stop, or past it.

    Examples
    --------
    >>> waits([[3, 130.0], [5, 190.0]], [[3, 100.0], [4, 120.0], [6, 150.0], [3, 200.0]])
    [30.0, 40.0]
    """
    found = []
    for stop, time in painted:
        before = [entry for entry in moved if entry[1] <= time]
        for i in range(len(before) - 1, -1, -1):
            now, at = before[i]
            last = before[i - 1][0] if i else now
            if now == stop or min(last, now) < stop < max(last, now):
                found.append(time - at)
                break
    return found


async def measured(browser: Browser, app: App, count: int, seconds: float) -> list[Line]:
    """Return what a drag before so many further people was like."""
    teacher, *people = [await opened(browser, app, SCREENS[0])]
    room = f"{LIVE}.room"
    await teacher.evaluate(f"{room}.start()")
    await teacher.wait_for_function(f"() => {room}.status === 'in' && {room}.state")
    code = await teacher.evaluate(f"{room}.code")
    for screen in SCREENS[1:]:
        people.append(await opened(browser, app, screen, f"class={code}"))
    plain = await asyncio.create_subprocess_exec(
        *(sys.executable, str(HERE / "classroom.py"), "follow", f"{app.port}:{app.process.pid}", code),
        *("--count", str(count), "--seconds", str(seconds + 6)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert plain.stdout
    assert (await plain.stdout.readline()).strip() == b"there"
    box = await teacher.locator(f"[data-key={KEY}] .ll-range").bounding_box()
    assert box is not None
    await teacher.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    for page in people:
        await page.wait_for_function(f"() => {LIVE}.lesson === '{LESSON}' && {LIVE}.framesOf('{KEY}')")
    await at_rest(app.process.pid)
    for page in (teacher, *people):
        await page.evaluate(WATCH, KEY)
    await teacher.mouse.down()
    used = app.cpu()
    await drag(teacher, seconds, 0.75)
    used = app.cpu() - used
    last = await teacher.evaluate(f"Number({LIVE}.controls.{KEY}.range.value)")
    for page in people:
        await page.wait_for_function(
            f"(stop) => Number({LIVE}.controls.{KEY}.range.value) === stop", arg=last
        )
    logs = [await page.evaluate("__log") for page in (teacher, *people)]
    out = json.loads((await plain.communicate())[0])
    await teacher.mouse.up()
    for page in (teacher, *people):
        await page.context.close()
    moved = logs[0]["moved"]
    own = waits(logs[0]["painted"], moved)
    others = [waits(log["painted"], moved) for log in logs[1:]]
    above = [percentile(found, 0.95) - percentile(own, 0.95) for found in others]
    shares = [len(log["painted"]) / len(logs[0]["painted"]) for log in logs[1:]]
    lost = sum(state["moving"] != {"control": KEY, "stop": last} for state in out["knew"])
    told = [stops / seconds for stops in out["stops"]] or [0.0]
    ms = Target("<=", 100, "ms")
    spread = ", ".join(f"{percentile(found, 0.5):.0f}/{percentile(found, 0.95):.0f}" for found in others)
    note = (
        f"p50/p95 of the teacher {percentile(own, 0.5):.0f}/{percentile(own, 0.95):.0f}, people {spread} ms"
    )
    pictures = f"of the teacher's {len(logs[0]['painted']) / seconds:.0f} a second"
    return [
        held("movement to a person's picture above the teacher's own, p95", max(above), ms, note=note),
        held("pictures over the teacher's", min(shares), Target(">=", 0.9), note=pictures),
        held("people who lost the last movement", lost, Target("<=", 0)),
        Line(
            "how often people are told of the hand, a second",
            ours=min(told),
            note=f"most {max(told):.0f}; said {logs[0]['said'] / seconds:.0f}",
        ),
        held("server CPU while the teacher drags", 100 * used / seconds, Target("<=", 15, "%")),
    ]


async def changed(app: App, count: int) -> list[Line]:
    """Return how long a class takes to come along to another lesson."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(HERE / "classroom.py"), "change", f"{app.port}:{app.process.pid}"),
        *("--count", str(count)),
        stdout=asyncio.subprocess.PIPE,
    )
    took = json.loads((await process.communicate())[0])["took"]
    note = f"half of them after {percentile(took, 0.5):.1f} s"
    return [held(f"all {count} at another lesson", max(took), Target("<=", 3, "s"), note=note)]


async def run(counts: list[int], seconds: float) -> None:
    """Measure with each number of further people, and print a table for each."""
    from playwright.async_api import async_playwright

    with tempfile.TemporaryDirectory(prefix="led-") as logs, App(ROOT / "app.py", Path(logs) / "log") as app:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGS)
            for count in counts:
                print(
                    table(
                        f"A class of {count} and three browsers", await measured(browser, app, count, seconds)
                    )
                )
            await browser.close()
        print(table("Another lesson", await changed(app, COUNTS[0])))


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, action="append", help="further people; may be given again")
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # Streamlit's, about pages that are imported and not run
    asyncio.run(run(given.count or COUNTS, given.seconds))


if __name__ == "__main__":
    main()
