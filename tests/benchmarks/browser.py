"""What is done in Chromium: the pages opened, pulled at, and looked at, all through one instrument."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from pages.shared.controls import query
from tests.benchmarks import lessons
from tests.benchmarks.servers import HERE, App, Static
from tests.browser.scripts import DRAWN

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, CDPSession, Locator, Page, WebSocket

SCREEN = {"width": 1440, "height": 900}
RATE = 125  # movements a second, as an ordinary mouse sends them
SPEED = 0.9  # of a slider's length in a second
ENDS = (0.1, 0.9)  # where the hand turns round
THUMB = 20
LIVE = "document.querySelector('.ll').__live"


def triangle(start: float, seconds: float) -> float:
    """Return where on a slider the hand is, from 0 to 1: to and fro between the ends at one speed.

    Examples
    --------
    >>> [round(triangle(0.5, t), 3) for t in (0.0, 0.2, 1.0)]
    [0.5, 0.68, 0.4]
    """
    low, high = ENDS
    way = (min(max(start, low), high) - low + SPEED * seconds) % (2 * (high - low))
    return low + (way if way <= high - low else 2 * (high - low) - way)


class Tab:
    """One page in a context of its own, with what went over its wire."""

    def __init__(self, driven: lessons.Driven) -> None:
        self.driven = driven
        self.sent: list[int] = []
        self.received: list[int] = []
        self.loaded = 0
        self.frames: dict[str, int] = {}  # of each request for frames, what has come

    context: BrowserContext
    page: Page
    cdp: CDPSession

    async def start(self, browser: Browser) -> None:
        """Open an empty page with the instrument in it."""
        self.context = await browser.new_context(viewport=SCREEN, locale="en-US", color_scheme="light")
        self.page = await self.context.new_page()
        self.cdp = await self.context.new_cdp_session(self.page)
        await self.cdp.send("Network.enable")
        await self.cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.cdp.on("Network.responseReceived", self._answered)
        self.cdp.on("Network.loadingFinished", self._loaded)
        self.page.on("websocket", self._socket)
        await self.page.add_init_script(path=HERE / "static" / "instrument.js")

    async def close(self) -> None:
        """Close the page."""
        await self.context.close()

    @property
    def weight(self) -> int:
        """The bytes that have come: files and messages."""
        return self.loaded + sum(self.received)

    def _answered(self, event: dict[str, Any]) -> None:
        if "/frames/" in event["response"]["url"]:
            self.frames[event["requestId"]] = 0

    def _loaded(self, event: dict[str, Any]) -> None:
        self.loaded += int(event["encodedDataLength"])
        if event["requestId"] in self.frames:
            self.frames[event["requestId"]] = int(event["encodedDataLength"])

    def _socket(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda payload: self.sent.append(len(payload)))
        socket.on("framereceived", lambda payload: self.received.append(len(payload)))

    async def main_thread(self) -> dict[str, float]:
        """Return the ms of CPU that the page's main thread has used: other programs do not count.

        In all (``Task``), and of it for ``Script``, ``Layout`` and ``RecalcStyle``.
        """
        metrics = (await self.cdp.send("Performance.getMetrics"))["metrics"]
        used = {metric["name"].removesuffix("Duration"): 1000 * metric["value"] for metric in metrics}
        return {name: used[name] for name in ("Task", "Script", "Layout", "RecalcStyle")}

    async def slow(self, times: int) -> None:
        """Slow the page's processor down, as the browser's own tools do; by 1 it is as it was."""
        await self.cdp.send("Emulation.setCPUThrottlingRate", {"rate": times})

    # ---- What differs between the pages ----

    def slider(self, key: str) -> Locator:
        """Return the slider of a control."""
        raise NotImplementedError

    async def place(self, key: str) -> tuple[float, float, float]:
        """Return where a slider's thumb can go: the left end, the width, and the height on the screen."""
        box = await self.slider(key).bounding_box()
        assert box is not None
        return box["x"] + THUMB / 2, box["width"] - THUMB, box["y"] + box["height"] / 2

    async def ready(self, key: str) -> None:
        """Wait until a drag of the slider can begin."""

    async def settled(self) -> None:
        """Wait until nothing is under way."""

    async def back(self, key: str) -> None:
        """Put a slider back to its default."""
        raise NotImplementedError

    # ---- Driving ----

    async def drag(self, key: str, seconds: float, start: float) -> dict[str, Any]:
        """Pull a slider to and fro, and return what the instrument counted while the button was down."""
        left, width, y = await self.place(key)

        def x(elapsed: float) -> float:
            return left + width * triangle(start, elapsed)

        await self.page.mouse.move(x(0), y)
        await self.ready(key)
        await self.page.mouse.down()
        sent = len(self.sent)
        await self.page.evaluate("__bench.start()")
        used = await self.main_thread()
        begin = time.perf_counter()
        under_way = []
        tick = 0
        while (elapsed := time.perf_counter() - begin) < seconds:
            event = {"type": "mouseMoved", "x": x(elapsed), "y": y, "button": "left", "buttons": 1}
            # Not waited for: a hand does not wait for the page either.
            under_way.append(asyncio.ensure_future(self.cdp.send("Input.dispatchMouseEvent", event)))
            tick = max(tick + 1, int(RATE * elapsed))
            await asyncio.sleep(max(0.0, begin + tick / RATE - time.perf_counter()))
        await asyncio.gather(*under_way)
        received = len(self.received)
        found: dict[str, Any] = await self.page.evaluate("__bench.finish()")
        found["sent"] = len(self.sent) - sent
        found["cpu"] = {name: ms - used[name] for name, ms in (await self.main_thread()).items()}
        await self.page.mouse.up()
        await self.settled()
        found["answer"] = sum(self.received[received:])
        return found

    async def press(self, key: str, times: int, pause: float = 0.12) -> list[float]:
        """Press an arrow key again and again; return how long each press waited for its picture, in ms."""
        await self.slider(key).focus()
        await self.ready(key)
        await self.page.evaluate("__bench.start()")
        for i in range(times):
            await self.page.keyboard.press("ArrowLeft" if i % 2 else "ArrowRight")
            await asyncio.sleep(pause)
        found = await self.page.evaluate("__bench.finish()")
        await self.settled()
        waits: list[float] = found["waits"]
        return waits

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()


class Ours(Tab):
    """The app."""

    async def open(self, browser: Browser, app: App, query_text: str = "") -> Self:
        """Open a lesson and wait until it is drawn."""
        await self.start(browser)
        await self.page.goto(f"{app.origin}/{self.driven.name}?{query_text}")
        await self.page.wait_for_function(
            f"() => {{ const live = document.querySelector('.ll')?.__live;"
            f" return live?.views.{self.driven.main}?.plot?.querySelector('.main-svg'); }}",
            timeout=60_000,
        )
        await self.page.wait_for_timeout(500)
        await self.page.evaluate(f"__bench.watchFigure({LIVE}.views.{self.driven.main}.plot)")
        await self.page.evaluate("__bench.watchPlotly()")
        await self.page.evaluate(f"__bench.watchFrames({LIVE}.frames)")
        return self

    def slider(self, key: str) -> Locator:
        return self.page.locator(f"[data-key={key}] .ll-range")

    async def ready(self, key: str) -> None:
        # Of many stops every eighth comes first.
        whole = (
            f"() => {{ const frames = {LIVE}.framesOf('{key}'); return frames && !frames.rough?.length; }}"
        )
        await self.page.wait_for_function(whole, timeout=10_000)

    async def settled(self) -> None:
        await self.page.wait_for_function(
            f"() => {{ const live = {LIVE}; return !live.held && live.dirty === undefined && !live.late"
            " && (live.seq === 0 || live.answered === live.seq); }",
            timeout=15_000,
        )
        await self.page.wait_for_timeout(150)

    async def back(self, key: str) -> None:
        await self.page.mouse.move(5, 500)
        await self.slider(key).focus()
        await self.page.keyboard.press("Delete")
        await self.page.evaluate("document.activeElement.blur()")
        await self.page.wait_for_timeout(50)
        await self.settled()

    async def places(self) -> tuple[dict[str, list[float]], str]:
        """Return where figures, numbers and sliders are, and the figures' font."""
        found: list[Any] = await self.page.evaluate(
            """([figures, sliders]) => {
              const live = document.querySelector(".ll").__live;
              const box = (node) => {
                const { x, y, width, height } = node.getBoundingClientRect();
                return [x, y, width, height];
              };
              const places = {};
              for (const name of figures) places[name] = box(live.views[name].box);
              for (const name of ["formula", "code"]) places[name] = box(live.views[name].node);
              for (const key of sliders) places[key] = box(live.controls[key].range);
              return [places, live.font];
            }""",
            [list(self.driven.figures), list(self.driven.drags)],
        )
        return found[0], found[1]

    async def state(self) -> dict[str, Any]:
        """Return what slider, server and address say."""
        found: dict[str, Any] = await self.page.evaluate(
            f"""() => {{
              const live = {LIVE};
              const thumbs = {{}};
              for (const [key, control] of Object.entries(live.controls)) {{
                if (control.range?.isConnected) thumbs[key] = Number(control.range.value);
              }}
              return {{ values: live.values, server: live.model.values, thumbs,
                query: Object.fromEntries(new URLSearchParams(location.search)) }};
            }}"""
        )
        return found

    async def seen(self, names: list[str] | None = None) -> dict[str, Any]:
        """Return what the screen shows: figures as Plotly holds them, anything else as its text."""
        return json.loads(await self.page.evaluate(SEEN, names))

    async def arrive(self, key: str) -> dict[str, float]:
        """Bring the pointer to a slider; return how long its frames took and what they weighed.

        Those that came with the page take no time and weigh nothing any more.
        """
        await self.page.mouse.move(5, 500)
        await self.slider(key).scroll_into_view_if_needed()
        await self.page.wait_for_timeout(350)
        left, width, y = await self.place(key)
        before = sum(self.received) + sum(self.frames.values())
        await self.page.evaluate("__bench.ready = {}")
        await self.page.mouse.move(left + width / 2, y)
        await self.page.wait_for_function(
            f"() => {{ const live = {LIVE}; const frames = live.framesOf('{key}');"
            " return frames && live.onScreen().every((name) => frames.views.has(name)); }",
            polling=20,
            timeout=10_000,
        )
        await self.page.wait_for_timeout(100)
        took = await self.page.evaluate(f"Math.max(0, (__bench.ready['{key}'] ?? 0) - __bench.over)")
        return {"ms": took, "bytes": sum(self.received) + sum(self.frames.values()) - before}


SEEN = """
(names) => {
  const live = document.querySelector(".ll").__live;
  const plain = (node) => JSON.parse(JSON.stringify(node, (key, value) =>
    ArrayBuffer.isView(value) ? Array.from(value) : value));
  const views = {};
  for (const [name, view] of Object.entries(live.views)) {
    if (view.stale || !view.node.checkVisibility() || (names && !names.includes(name))) continue;
    const box = view.node.getBoundingClientRect();
    if (box.bottom < 0 || box.top > innerHeight) continue;
    if (view.plot) {
      views[name] = {
        ...plain({ data: view.plot.data, layout: view.plot.layout }),
        title: view.title.textContent,
        caption: view.caption.textContent,
        alt: view.plot.getAttribute("aria-label"),
      };
    } else views[name] = { text: (view.pre ?? view.body).textContent };
  }
  return JSON.stringify(views);
}
"""


class Hand(Tab):
    """The hand-written page, whose figures plotly.js draws, or else the page itself as SVG."""

    async def open(self, browser: Browser, static: Static, plotly: str = "") -> Self:
        """Open the page and wait until it is drawn."""
        await self.start(browser)
        query_text = urlencode({"lesson": self.driven.name} | ({"plotly": f"/{plotly}"} if plotly else {}))
        await self.page.goto(f"{static.origin}/index.html?{query_text}")
        await self.page.wait_for_selector("body[data-ready]", state="attached", timeout=30_000)
        await self.page.wait_for_timeout(300)
        main = f"document.getElementById('figure-{self.driven.main}')"
        await self.page.evaluate(f"__bench.watchFigure({main})")
        if plotly:
            await self.page.evaluate("__bench.watchPlotly()")
        return self

    def slider(self, key: str) -> Locator:
        return self.page.locator(f"#{key}")

    async def settled(self) -> None:
        await self.page.wait_for_timeout(150)

    async def back(self, key: str) -> None:
        await self.page.mouse.move(5, 500)
        await self.page.evaluate(
            """(key) => {
              const range = document.getElementById(key);
              range.value = range.getAttribute("value") ?? range.defaultValue;
              range.dispatchEvent(new Event("input", { bubbles: true }));
            }""",
            key,
        )
        await self.settled()


class Plain(Tab):
    """The plain Streamlit way."""

    async def open(self, browser: Browser, app: App) -> Self:
        """Open the lesson and wait until it is drawn."""
        await self.start(browser)
        await self.page.goto(f"{app.origin}/?lesson={self.driven.name}")
        container = f".st-key-chart-{self.driven.main}"
        await self.page.wait_for_selector(f"{container} .main-svg", timeout=60_000)
        await self.page.wait_for_timeout(1000)
        await self.page.evaluate(f"__bench.watchChanges('{container}')")
        return self

    def slider(self, key: str) -> Locator:
        return self.page.locator(f".st-key-{key} input[type=range]").first

    async def place(self, key: str) -> tuple[float, float, float]:
        track = self.page.locator(f".st-key-{key} [role=group] > [data-rac]").first
        box = await track.bounding_box()
        assert box is not None
        return box["x"], box["width"], box["y"] + box["height"] / 2

    async def settled(self) -> None:
        """Wait until every release and key press has its picture, then until the script is at rest."""
        await self.page.wait_for_function("__bench.read().open === 0", timeout=10_000)
        await self.page.wait_for_function(
            "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
        )
        await self.page.wait_for_timeout(300)

    async def back(self, key: str) -> None:
        """Leave the slider where it is: the next drag is another slider's."""

    async def drag(self, key: str, seconds: float, start: float) -> dict[str, Any]:
        """Drag as on the other pages; add how long the picture took after the release, in ms."""
        found = await super().drag(key, seconds, start)
        after = await self.page.evaluate("__bench.read()")
        found["release"] = after["waits"][-1:]
        return found


async def wrong_frames(tab: Ours, count: int, chance: random.Random) -> tuple[int, int, list[str]]:
    """Go to random stops of random sliders; return how many stops and views were seen, and what was wrong.

    After a few stops of one slider its last one is committed, so that the other values wander too.
    """
    driven, lesson = tab.driven, tab.driven.lesson
    looked, views, found = 0, 0, []
    each = 10
    while looked < count:
        values = lessons.state(lesson, (await tab.state())["values"])
        near = [key for key in lessons.sliders(lesson, values) if await tab.slider(key).is_visible()]
        key = chance.choice(near)
        await tab.slider(key).scroll_into_view_if_needed()
        await tab.page.wait_for_timeout(250)
        stops = lesson.by_key[key].stops_in(values)
        await tab.slider(key).hover()
        await tab.ready(key)
        for _ in range(min(each, count - looked)):
            stop = chance.randrange(len(stops))
            await tab.page.evaluate(TO_STOP, [key, stop])
            await tab.page.evaluate(DRAWN)
            seen = await tab.seen()
            wanted = lessons.expected(driven, lessons.at_stop(lesson, values, key, stop), list(seen))
            looked += 1
            views += len(seen)
            wrong = [
                f"{key} at stop {stop}: {'.'.join(map(str, path))} is {str(a)[:40]}, not {str(b)[:40]}"
                for path, a, b in lessons.wrong_views(seen, wanted)
            ]
            found += wrong[:1]
        await tab.page.evaluate(f"{LIVE}.controls['{key}'].range.dispatchEvent(new Event('change'))")
        await tab.page.wait_for_timeout(350)
        await tab.settled()
    return looked, views, found


TO_STOP = """
([key, stop]) => {
  const { range } = document.querySelector(".ll").__live.controls[key];
  range.value = stop;
  range.dispatchEvent(new Event("input", { bubbles: true }));
}
"""


async def in_step(tab: Ours) -> list[str]:
    """Return where slider, picture, address and server do not say the same after a drag."""
    driven, lesson = tab.driven, tab.driven.lesson
    said = await tab.state()
    values = lessons.state(lesson, said["values"])
    found = []
    if lessons.state(lesson, said["server"]) != values:
        found.append("server")
    if any(said["query"].get(key) != text for key, text in query(lesson.controls, values).items()):
        found.append("address")
    for key, control in lessons.sliders(lesson, values).items():
        if said["thumbs"].get(key) != lessons.nearest(control.stops_in(values), values[key]):
            found.append(f"slider {key}")
    seen = await tab.seen()
    wanted = lessons.expected(driven, values, list(seen))
    found += [f"picture {path}" for path, _, _ in lessons.wrong_views(seen, wanted)][:1]
    return found


async def first_use(browser: Browser, app: App, path: str, usable: Callable[[Tab], Any]) -> list[float]:
    """Return the seconds from the server's start to each stage that ``usable`` reports."""
    tab = Tab(next(iter(lessons.DRIVEN.values())))
    await tab.start(browser)
    try:
        await tab.page.goto(f"{app.origin}/{path}")
        return [time.time() - app.started async for _ in usable(tab)]
    finally:
        await tab.close()


async def empty_usable(tab: Tab) -> Any:
    """Report when an empty app shows its title."""
    await tab.page.wait_for_selector("h1", timeout=60_000)
    yield


async def ours_usable(tab: Tab) -> Any:
    """Report when the main figure is painted, and when the first slider moves it."""
    main, lesson = tab.driven.main, tab.driven.lesson
    key = lessons.near(lesson, lesson.start)[0].key
    node = f"document.querySelector('.ll')?.__live?.views.{main}?.plot"
    await tab.page.wait_for_function(f"{node}?.querySelector('.main-svg')", polling="raf", timeout=60_000)
    yield
    await tab.page.evaluate(
        """async ([main, key]) => {
          const live = document.querySelector(".ll").__live;
          const shown = () => JSON.stringify(live.views[main].plot.data);
          const before = shown();
          const { range } = live.controls[key];
          range.focus();
          range.value = Number(range.value) - 3;
          range.dispatchEvent(new Event("input", { bubbles: true }));
          while (shown() === before) await new Promise((done) => requestAnimationFrame(done));
          await new Promise((done) => requestAnimationFrame(done));
        }""",
        [main, key],
    )
    yield


def plotly_file() -> str:
    """Return the name of the app's plotly.js."""
    from pages.shared.assets import PLOTLY, STATIC

    assert (Path(STATIC) / PLOTLY).is_file()
    return PLOTLY
