"""What the browser tests drive: a server of the app, and a page object for a lesson in a real Chromium.

Playwright is imported by nobody here, so that the tests can be collected where it is not installed.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import itertools
import json
import math
import random
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.figures.theme import resolve as painted
from core.torch_reference import is_available
from pages.shared.catalog import COURSE, LANGUAGES, LESSONS, load
from pages.shared.controls import Control, Values, query, settle
from pages.shared.frames import resolve
from pages.shared.lesson import Lesson
from tests.browser.scripts import BELOW, DRAWN, SCREEN, SETTLED, TEXTS, UNFOLD, WHY
from tests.machine import ROOT, App

if TYPE_CHECKING:
    from playwright.sync_api import (
        BrowserContext,
        CDPSession,
        ConsoleMessage,
        Page,
        WebSocket,
        WebSocketRoute,
    )

# What a page adds to the values of its controls.
SOURCES: dict[str, dict[str, Any]] = {"pytorch": {"torch": is_available()}}
Test = TypeVar("Test", bound=Callable[..., None])
PATIENCE = 30_000  # ms: only a limit for what never comes, never a claim about speed
# Whether a slider has all frames for all that is on the screen.
FRAMED = (
    "!live.framesOf('{key}')?.rough.length"
    " && live.onScreen().every((view) => live.framesOf('{key}')?.views.has(view))"
)
MOVING = {"reduced_motion": "no-preference"}  # presets show their change, pages glide to their places
__all__ = [
    "LESSONS",
    "MOVING",
    "LessonPage",
    "Server",
    "SlowLine",
    "address",
    "few",
    "few_lessons",
    "lesson_named",
    "some_values",
]

# What the browser itself leaves off when the page is left or drawn anew meanwhile: a download button's file,
# for which Streamlit asks, fonts, modules; and frames, when the hand has gone on. What a server cuts off or
# refuses has another name.
LEFT_OFF = re.compile(r"^http://127\.0\.0\.1:\d+/(media/[0-9a-f]+\.csv|(app/)?static/.+|frames/.+)$")


# What comes next in the round of each file of tests: the lessons in an order of its own, in both languages.
_ROUNDS: dict[str, Iterator[tuple[str, str]]] = {}


def few_lessons(
    count: int, without: tuple[str, ...] = (), *, in_turn: bool = False
) -> Callable[[Test], Test]:
    """Parametrise a test by lessons (``name``), and by languages where it takes a ``code``.

    make test runs it for so many lessons, make test-all for the others: each test of a file goes on where the
    one before it stopped, so that every lesson has its turn in one of them, a new one too. Left out are those
    that have nothing of the kind. With ``in_turn`` each lesson comes in one language, every other in Korean.
    """

    def parametrised(test: Test) -> Test:
        where = test.__module__
        order = random.Random(where).sample(LESSONS, len(LESSONS))
        turns = _ROUNDS.setdefault(
            where, zip(itertools.cycle(order), itertools.cycle(LANGUAGES), strict=False)
        )
        lessons = [name for name in LESSONS if name not in without]
        chosen = list(itertools.islice((turn for turn in turns if turn[0] in lessons), count))
        if "code" in inspect.signature(test).parameters:
            pairs = [*zip(order, itertools.cycle(LANGUAGES), strict=False)] if in_turn else None
            cases = [
                pytest.param(*pair, marks=[] if pair in chosen else pytest.mark.exhaustive)
                for pair in itertools.product(lessons, LANGUAGES)
                if pairs is None or pair in pairs
            ]
            return pytest.mark.parametrize(("name", "code"), cases)(test)
        now = {name for name, _ in chosen}
        names = [pytest.param(n, marks=[] if n in now else pytest.mark.exhaustive) for n in lessons]
        return pytest.mark.parametrize("name", names)(test)

    return parametrised


def few(names: str, cases: Iterable[Any], *, daily: int = 1, **options: Any) -> Any:
    """Parametrise a test by cases: make test runs the first of them, make test-all the others."""
    marked = []
    for i, case in enumerate(cases):
        values = case if isinstance(case, tuple) else (case,)
        marked.append(pytest.param(*values, marks=[] if i < daily else pytest.mark.exhaustive))
    return pytest.mark.parametrize(names, marked, **options)


def lesson_named(name: str) -> Lesson:
    """Return a lesson's data, as the app has them."""
    return importlib.import_module(f"pages.{name}").LESSON


def address(name: str, query_text: str = "") -> str:
    """Return a lesson's address relative to the server."""
    return f"/{'' if name == 'home' else name}{'?' + query_text if query_text else ''}"


def some_values(lesson: Lesson, seed: int) -> Values:
    """Return a state in which every control of the address has another value than its default, by a seed."""
    chance = random.Random(f"{lesson.name}{seed}")
    values = lesson.start
    for control in lesson.controls:
        if control.in_url:
            others = [value for value in _options(control, values, chance) if value != control.default]
            if others:
                values = settle(lesson.controls, values.replace(**{control.key: chance.choice(others)}))
    # A link names what is on the screen; the rest is at its default for whoever opens it.
    hidden = {c.key: lesson.defaults[c.key] for c in lesson.controls if c.shown and not c.shown(values)}
    return settle(lesson.controls, values.replace(**hidden))


def _options(control: Control, values: Values, chance: random.Random) -> list[Any]:
    """Return values that a control may take."""
    low, high, _ = control.range_in(values)
    if control.kind in ("choice", "toggle"):
        return list(control.choices or range(int(low), int(high) + 1))
    if control.kind == "text":
        return [f"{word} {control.index}" for word in ("새", "wolf & co", "Öre+")]
    if control.kind == "button":
        return [chance.randint(int(low), int(high))]
    # A million draws are right, but slow; the tests want many states, not large ones.
    return [stop for stop in control.stops_in(values) if stop <= 10_000] or [low]


class Server(App):
    """The app on a free port of this machine."""

    def __init__(self, log: Path, *, eager: bool = True) -> None:
        super().__init__(ROOT / "app.py", log, eager=eager)

    def maps(self) -> str:
        """Return the files that the server's process has mapped into memory (Linux)."""
        return Path(f"/proc/{self.process.pid}/maps").read_text()


class SlowLine:
    """A connection on which every message waits, and on which messages can be lost.

    Install it before the page is opened: ``visit(..., line=SlowLine(0.2))``.
    """

    def __init__(self, delay: float) -> None:
        self.delay = delay  # seconds, each way
        self.lose = 0  # so many of the next messages to the server are lost
        self.lost = 0
        self.log: list[tuple[float, str, bytes]] = []

    def install(self, page: Page) -> None:
        """Put this line between the page and the server."""
        page.route_web_socket(re.compile(r"/_stcore/stream"), self._connect)
        # What is fetched takes as long, there and back.
        line = {"latency": 2000 * self.delay, "downloadThroughput": -1, "uploadThroughput": -1}
        session = page.context.new_cdp_session(page)
        session.send("Network.emulateNetworkConditions", {"offline": False, **line})

    def _connect(self, route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        to_server, to_page = self._pipe(server), self._pipe(route)

        def up(message: str | bytes) -> None:
            self.log.append((time.monotonic(), "sent", _as_bytes(message)))
            if self.lose:
                self.lose -= 1
                self.lost += 1
            else:
                to_server(message)

        def down(message: str | bytes) -> None:
            self.log.append((time.monotonic(), "answer", _as_bytes(message)))
            to_page(message)

        route.on_message(up)
        server.on_message(down)

    def exchanges(self, start: int = 0) -> dict[str, int]:
        """Count the runs asked for since an entry of the log, and how many were ever unanswered at once."""
        sent = waiting = most = 0
        for _, way, message in self.log[start:]:
            if way == "sent" and BackMsg.FromString(message).HasField("rerun_script"):
                sent += 1
                waiting += 1
                most = max(most, waiting)
            elif way == "answer" and ForwardMsg.FromString(message).WhichOneof("type") == "script_finished":
                waiting = max(0, waiting - 1)
        return {"sent": sent, "most unanswered": most}

    def _pipe(self, end: WebSocketRoute) -> Any:
        """Return a function that hands messages on after the delay, in their order."""
        waiting: deque[str | bytes] = deque()

        def put(message: str | bytes) -> None:
            waiting.append(message)
            asyncio.get_running_loop().call_later(self.delay, lambda: end.send(waiting.popleft()))

        return put


def _as_bytes(message: str | bytes) -> bytes:
    return message.encode() if isinstance(message, str) else message


class LessonPage:
    """One tab of a browser with a lesson in it."""

    def __init__(self, context: BrowserContext, server: Server, line: SlowLine | None = None) -> None:
        self.server = server
        self.context = context
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.name = ""
        self.unfolds = True  # whether what is folded away is opened at each arrival
        self.complaints: list[str] = []
        self.sent: list[bytes] = []
        self.received: list[bytes] = []
        self._watch()
        if line is not None:
            line.install(self.page)

    # ---- What went wrong, and what went over the wire ----

    def _watch(self) -> None:
        page, complaints = self.page, self.complaints
        page.on("console", self._console)
        page.on("pageerror", lambda error: complaints.append(f"error in the page: {error}"))
        page.on("request", lambda request: self._host(request.url))
        page.on("requestfailed", lambda request: self._failed(request.url, request.failure))
        page.on("websocket", self._socket)

    def _console(self, message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        if message.type not in ("error", "warning"):
            return
        self.complaints.append(f"console {message.type}: {message.text} ({where})")

    def _failed(self, url: str, failure: str | None) -> None:
        if not (failure == "net::ERR_ABORTED" and LEFT_OFF.match(url)):
            self.complaints.append(f"failed: {url} ({failure})")

    def _host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != f"127.0.0.1:{self.server.port}":
            self.complaints.append(f"a request to another host: {url}")

    def _socket(self, socket_: WebSocket) -> None:
        self._host(socket_.url)
        socket_.on("framesent", lambda payload: self.sent.append(_as_bytes(payload)))
        socket_.on("framereceived", lambda payload: self.received.append(_as_bytes(payload)))

    def check(self) -> None:
        """Fail on anything that the console, the network or the page complained about."""
        if self.page.locator("[data-testid=stException]").count():
            self.complaints.append("the page shows an exception")
        assert not self.complaints, "\n".join(self.complaints)

    # ---- Getting there ----

    def wipe(self) -> None:
        """Leave the tab as a new one is: nothing open, stored or allowed, no pointer."""
        self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        self.page.mouse.move(0, 0)
        self.page.goto("about:blank")
        self.context.clear_permissions()
        self.context.clear_cookies()

    def begin(self, options: dict[str, Any]) -> Self:
        """Forget what was said in the tab so far; take the size and the looks that one may change."""
        self.page.set_viewport_size(options["viewport"])
        self.page.emulate_media(
            color_scheme=options.get("color_scheme", "light"),
            reduced_motion=options["reduced_motion"],
            forced_colors=options.get("forced_colors", "none"),
        )
        self.name = ""
        self.unfolds = True
        for said in (self.complaints, self.sent, self.received):
            said.clear()
        return self

    @cached_property
    def devtools(self) -> CDPSession:
        """The line on which the browser is asked for what Playwright has no word for."""
        return self.context.new_cdp_session(self.page)

    @property
    def lesson(self) -> Lesson:
        """The data of the lesson that is open."""
        return lesson_named(self.name)

    @property
    def words(self) -> Any:
        """The words of the lesson that is open, in the language that it is open in."""
        return load(self.name, self.screen()["language"])

    def open(self, name: str, query_text: str = "") -> Self:
        """Open a lesson's address and wait until it is drawn."""
        self.page.goto(self.server.origin + address(name, query_text))
        return self.arrived(name)

    def arrived(self, name: str) -> Self:
        """Wait until a lesson is drawn."""
        self.name = name
        self.page.wait_for_function(
            "(name) => document.querySelector('.ll')?.__live?.lesson === name", arg=name, polling=50
        )
        # What stands below the figures comes after them, its last piece a link to the next lesson.
        below = {"boxes": len(load(name, "en").under("watch")), "onwards": name != LESSONS[-1]}
        self.page.wait_for_function(BELOW, arg=below, polling=50)
        if self.unfolds:
            self.unfold()
        return self.settled()

    def unfold(self) -> Self:
        """Open all that is folded away in the live part."""
        self.page.evaluate(UNFOLD)
        return self

    def settled(self) -> Self:
        """Wait until nothing moves any more and nothing is under way."""
        try:
            self.page.wait_for_function(SETTLED, polling=50)
        except Exception as error:
            error.add_note(f"never settled: {self.page.evaluate(WHY)}")
            raise
        return self

    def go(self, name: str) -> Self:
        """Go to another lesson by its link in the navigation."""
        number = f"{COURSE.index(name) + 1} " if name in COURSE else ""
        title = number + load(name, self.screen()["language"])("nav")
        self.page.get_by_test_id("stTopNavLink").get_by_text(title, exact=True).click()
        return self.arrived(name)

    def speak(self, language: str) -> Self:
        """Press the language switch."""
        name = {"en": "English", "ko": "한국어"}[language]
        self.page.get_by_test_id("stMain").get_by_text(name, exact=True).click()
        self.page.wait_for_function(
            "(l) => document.querySelector('.ll').__live.model.language === l", arg=language
        )
        return self.settled()

    # ---- Looking ----

    def screen(self) -> dict[str, Any]:
        """Return all that the screen shows: values, controls, views, address."""
        seen: dict[str, Any] = json.loads(self.page.evaluate(SCREEN))
        return seen

    def values(self, seen: dict[str, Any] | None = None) -> Values:
        """Return the state that the browser holds, with the controls' types."""
        given = (seen or self.screen())["values"]
        return Values({c.key: type(c.default)(given[c.key]) for c in self.lesson.controls})

    def value(self, key: str) -> Any:
        """Return one value that the browser holds."""
        return self.values()[key]

    def url_values(self) -> dict[str, str]:
        """Return what the address says."""
        return dict(parse_qsl(urlsplit(self.page.url).query, keep_blank_values=True))

    def figure_data(self, view: str) -> list[dict[str, Any]]:
        """Return the traces of a figure as Plotly holds them."""
        data: list[dict[str, Any]] = self.screen()["views"][view]["data"]
        return data

    def live(self, expression: str) -> Any:
        """Return the value of a JavaScript expression of ``live``, the component's instance."""
        return self.page.evaluate(
            f"() => {{ const live = document.querySelector('.ll').__live; return {expression}; }}"
        )

    def until(self, expression: str) -> None:
        """Wait until a JavaScript expression of ``live`` is true."""
        self.page.wait_for_function(
            f"() => {{ const live = document.querySelector('.ll')?.__live; return live && ({expression}); }}",
            polling=20,
        )

    # ---- Comparing ----

    def expect(self, values: Values, *, language: str | None = None) -> dict[str, Any]:
        """Fail unless the values, controls, views and address on the screen are those of ``values``."""
        seen = self.screen()
        language = language or seen["language"]
        assert seen["language"] == language
        assert dict(self.values(seen)) == dict(values)
        given = {"lang": language, **query(self.lesson.controls, values)}
        said = dict(parse_qsl(urlsplit(seen["url"]).query))
        # Keys that are not the lesson's stay.
        assert {k: said[k] for k in said if k in (*self.lesson.by_key, "lang", "at")} == given
        self.expect_controls(seen)
        self.expect_views(seen)
        return seen

    def texts(self) -> set[str]:
        """Return all words on the screen, once none have come for a while: boxes follow the live part."""
        found: list[str] = self.page.evaluate(TEXTS)
        for _ in range(50):
            self.page.wait_for_timeout(300)
            before, found = found, self.page.evaluate(TEXTS)
            if found == before:
                break
        return set(found)

    def in_step(self) -> dict[str, Any]:
        """Fail unless sliders, pictures and address say the same; return the screen."""
        return self.expect(self.values())

    def expect_controls(self, seen: dict[str, Any]) -> None:
        """Fail unless every control shows the value that the browser holds."""
        values = self.values(seen)
        for key, found in seen["controls"].items():
            control = self.lesson.by_key[key]
            shown = control.is_shown(values)
            assert found["shown"] == shown, f"{key}: shown is {found['shown']}"
            if not shown or control.kind == "button":
                continue
            if control.kind in ("choice", "text", "toggle"):
                assert (found["text"] or "") == str(values[key]), key
                continue
            text = found["text"].replace("−", "-").replace(",", "")
            number = float(text)
            assert math.isclose(number, values[key], rel_tol=1e-6), f"{key}: box {number}, is {values[key]}"
            if found["thumb"] is not None:
                stops = control.stops_in(values)
                assert found["last"] == len(stops) - 1, key
                nearest = min(abs(stop - values[key]) for stop in stops)
                assert abs(stops[found["thumb"]] - values[key]) <= nearest + 1e-12, key
                assert found["says"].startswith(text), key

    def expect_views(self, seen: dict[str, Any], only: str = "") -> list[str]:
        """Fail unless every view that is drawn is Python's picture of the values; return their names."""
        words = load(self.name, seen["language"])
        names = [name for name in seen["views"] if not only or name == only]
        assert names, "no view is drawn"
        values = self.values(seen).replace(**SOURCES.get(self.name, {}))
        wanted = resolve(self.lesson.picture(values, words), names)
        for name in names:
            expect_view(wanted[name], seen["views"][name], seen["theme"], name)
        return names

    # ---- The hand ----

    def slider(self, key: str) -> Any:
        """Return the range input of a control."""
        return self.page.locator(f".ll [data-key='{key}'] .ll-range")

    def number(self, key: str) -> Any:
        """Return the number box of a control."""
        return self.page.locator(f".ll [data-key='{key}'] .ll-number")

    def sliders(self, section: int = 0) -> list[str]:
        """Return the live sliders that a section shows, in its order."""
        keys: list[str] = self.live(
            f"[...live.model.sections[{section}].controls, ...live.model.sections[{section}].table.flat()]"
            ".filter((key) => { const { live: follows, shown, kind } = live.model.controls[key];"
            " return follows && shown && (kind === 'slider' || kind === 'player'); })"
        )
        return keys

    def place(self, key: str, stop: int | None = None) -> tuple[float, float]:
        """Return where the thumb is, or would be at a stop."""
        x, y, width, at, last = self.slider(key).evaluate(
            "(r) => { const b = r.getBoundingClientRect();"
            " return [b.left, b.top + b.height / 2, b.width, Number(r.value), Number(r.max)]; }"
        )
        # The thumb is 20 px wide, and its middle is where the value is.
        return x + 10 + (width - 20) * (at if stop is None else stop) / last, y

    def hover(self, key: str) -> Self:
        """Bring the pointer to the thumb, and wait for the frames of all that is on the screen."""
        self.bring(key).page.mouse.move(1, 1)
        self.drawn()
        # Room for the longest of what they say may push it away from a pointer, which goes after it.
        self.hover_without_waiting(key)
        self.follow_until(lambda _: self.bring(key).place(key), FRAMED.format(key=key))
        return self.hover_without_waiting(key)

    def framed(self, key: str) -> Self:
        """Wait until a slider has frames for all that is on the screen: some may have come with the page."""
        self.until(FRAMED.format(key=key))
        return self

    def hover_without_waiting(self, key: str) -> Self:
        """Bring the pointer to the thumb."""
        self.bring(key).page.mouse.move(*self.place(key))
        return self

    def bring(self, key: str) -> Self:
        """Scroll until a slider can be touched: below the figure that stays, if it is out of reach now."""
        self.slider(key).evaluate(
            """(range) => {
              const { left, top, width, height } = range.getBoundingClientRect();
              if (document.elementFromPoint(left + width / 2, top + height / 2) !== range) {
                range.scrollIntoView({ block: "end", behavior: "instant" });
              }
            }"""
        )
        return self

    def follow_until(self, way: Callable[[int], tuple[float, float]], expression: str) -> Self:
        """Go on moving the pointer along a way until an expression of ``live`` is true."""
        end = time.monotonic() + PATIENCE / 1000
        for i in itertools.count():
            if self.live(expression):
                return self
            assert time.monotonic() < end, f"never true while the hand moved: {expression}"
            self.page.mouse.move(*way(i))
            self.page.wait_for_timeout(20)
        raise AssertionError

    def press(self, key: str) -> Self:
        """Take the thumb."""
        self.page.mouse.move(*self.place(key))
        self.page.mouse.down()
        return self

    def drag(self, key: str, by: float, *, steps: int = 12) -> Self:
        """Take the thumb, move it by so many pixels, and let go."""
        x, y = self.place(key)
        self.press(key)
        for i in range(1, steps + 1):
            self.page.mouse.move(x + by * i / steps, y)
        self.page.mouse.up()
        return self

    def type(self, key: str, text: str) -> Self:
        """Enter a number into the box of a control."""
        self.number(key).fill(text)
        self.number(key).press("Enter")
        return self

    def drawn(self) -> Self:
        """Wait until what the hand did is drawn."""
        self.page.evaluate(DRAWN)
        return self

    def rows(self, view: str) -> list[list[str]]:
        """Return the rows of a figure's table, which is open, once they are those of its state."""
        panel = self.page.locator(f"[data-view={view}] .ll-numbers")
        panel.locator("[aria-busy=false]").wait_for()
        found: list[list[str]] = panel.locator("tbody tr").evaluate_all(
            "(rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent))"
        )
        return found

    def grip(self, view: str, index: int = 0) -> tuple[float, float]:
        """Return the middle of a grip of a figure."""
        x, y = self.live(
            f"(() => {{ const b = live.views['{view}'].grips[{index}].getBoundingClientRect();"
            " return [b.left + b.width / 2, b.top + b.height / 2]; })()"
        )
        return x, y


def expect_view(wanted: dict[str, Any], found: dict[str, Any], theme: str, name: str) -> None:
    """Fail unless a view on the screen is the one that Python drew, in the colours of the theme."""
    assert found["type"] == wanted["type"], name
    if wanted["type"] == "figure":
        for part in ("title", "caption", "alt"):
            assert found[part] == wanted[part], f"{name}.{part}"
        same(painted(wanted["data"], theme), found["data"], f"{name}.data")
        layout = _axes_apart(painted(wanted["layout"], theme), found["layout"])
        if found["layout"]["width"] < 480:
            del layout["height"]  # a phone's is lower
        same(layout, found["layout"], f"{name}.layout")
        assert found["grips"] == [grip["label"] for grip in wanted["grips"]], name
    elif wanted["type"] == "lines":
        assert found["lines"] == [_text(row) for row in wanted["lines"]], name
    elif wanted["type"] == "table":
        assert found["head"] == [_text([cell]) for cell in wanted["head"]], name
        rows = [[_text(c if isinstance(c, list) else [c]) for c in row] for row in wanted["rows"]]
        assert found["rows"] == rows, name
    else:
        assert found["text"] in [tab["text"] for tab in wanted["tabs"]], name


def _text(segments: list[Any]) -> str:
    """Return the text of a line."""
    return "".join(part if isinstance(part, str) else part["text"] for part in segments)


def _axes_apart(layout: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return a layout without the ranges that Plotly widens to keep two axes to one scale."""
    if not any("scaleanchor" in part for part in layout.values() if isinstance(part, dict)):
        return layout
    made = {}
    for key, part in layout.items():
        if re.fullmatch(r"[xy]axis\d*", key) and "range" in part:
            low, high = part["range"]
            assert found[key]["range"][0] <= low + 1e-6 or found[key]["range"][1] >= high - 1e-6, key
            part = {name: value for name, value in part.items() if name != "range"}
        made[key] = part
    return made


def same(wanted: Any, found: Any, path: str) -> None:
    """Fail unless ``found`` holds all of ``wanted``: numbers to float32, all else exactly."""
    if isinstance(wanted, np.ndarray):
        wanted = wanted.tolist()
    if isinstance(wanted, dict):
        assert isinstance(found, dict), f"{path}: {found!r} is no object"
        for key, value in wanted.items():
            assert key in found, f"{path}.{key} is missing"
            same(value, found[key], f"{path}.{key}")
    elif isinstance(wanted, (list, tuple)):
        assert isinstance(found, list), f"{path}: {found!r} is no list"
        assert len(found) == len(wanted), f"{path}: {len(found)} items, not {len(wanted)}"
        if wanted and all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in wanted):
            _same_numbers(wanted, found, path)
            return
        for i, (one, other) in enumerate(zip(wanted, found, strict=True)):
            same(one, other, f"{path}[{i}]")
    elif isinstance(wanted, (bool, str)) or wanted is None:
        assert found == wanted, f"{path}: {found!r}, not {wanted!r}"
    else:
        _same_numbers([wanted], [found], path)


def _same_numbers(wanted: Any, found: Any, path: str) -> None:
    """Fail unless two lists of numbers are the same to float32."""
    ours = np.array([float(item) for item in wanted])
    theirs = np.array([math.nan if item is None else float(item) for item in found])
    with np.errstate(over="ignore"):
        ours32 = ours.astype(np.float32).astype(float)
    # What JSON cannot hold arrives as null where it does not come as float32.
    equal = np.isclose(theirs, ours32, rtol=1.2e-7, atol=1e-37, equal_nan=True) | (
        ~np.isfinite(ours) & np.isnan(theirs)
    )
    wrong = np.flatnonzero(~equal)
    assert not wrong.size, (
        f"{path}[{wrong[0]}]: {theirs[wrong[0]]!r}, not {ours[wrong[0]]!r} ({wrong.size} differ)"
    )
