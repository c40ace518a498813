"""The server's part of a quick start: what a browser is given first, and how soon it leaves."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import json
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from streamlit.runtime.pages_manager import PagesManager

from pages.heights import LESSON as HEIGHTS
from pages.shared import assets, server, supply, wire
from pages.shared.catalog import LANGUAGES, LESSONS, load
from pages.shared.controls import settle, written
from pages.shared.frames import pack, resolve
from pages.shared.lesson import Lesson
from pages.shared.store import Ahead, Store
from pages.softmax import LESSON as SOFTMAX
from tests.conftest import first_slider, frame_block, source_of
from tests.machine import ROOT, App

# An address of a page, and what comes before the page's name in it, where that is plain.
ROOTS = {
    "/": "/",
    "/softmax": "/",
    "/lab/softmax": "/lab/",
    "/lab/": "/lab/",
    "/lab": None,
    "/nowhere": None,
}


class Client:
    """One connection to a server, kept open."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers in small letters, and body."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, headers=named)
        answer = self.connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with App(ROOT / "app.py", tmp_path_factory.mktemp("server") / "log") as app:
        client = Client(app.port)
        yield client
        client.connection.close()


@pytest.fixture(autouse=True)
def _ahead(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let what a test has done ahead end with it."""
    monkeypatch.setattr(server, "ahead", Ahead(quiet=0.0))
    yield
    server.ahead.stop()


class Peer:
    """What uvicorn has of a line whose peer has gone and has not read what was sent."""

    def __init__(self) -> None:
        self.loop = SimpleNamespace(time=lambda: 0.0)
        self.transport = SimpleNamespace(abort=lambda: self.acts.append("abort"))
        self.writable, self.conn = asyncio.Event(), None
        self.acts: list[str] = []

    def handle_ping(self) -> None:
        self.acts.append("answer")

    def handle_pong(self, _: object) -> None:
        self.acts.append("pong")

    def handle_cont(self, event: SimpleNamespace) -> None:
        self.acts.append(f"piece of {len(event.data)}")

    def keepalive_timeout(self) -> None:
        self.acts.append("close")

    def send_receive_event_to_app(self) -> None:
        self.acts.append("message")

    async def receive(self) -> Any:
        raise NotImplementedError


class TestTheGuard:
    def test_cuts_off_who_is_gone_and_who_reads_no_answers(self) -> None:
        peer = Peer()
        server.guard(peer.receive)
        peer.keepalive_timeout()
        assert peer.acts == ["close", "abort"]
        peer.handle_ping()
        assert peer.acts == ["close", "abort", "abort"]
        peer.writable.set()
        peer.handle_ping()
        assert peer.acts[3:] == ["answer"]

    def test_bears_a_slow_line_that_answers_while_it_reads(self) -> None:
        """A browser answers the server's ping while a large message is still on its way to it."""
        peer = Peer()
        server.guard(peer.receive)
        assert not peer.writable.is_set()
        peer.handle_pong(SimpleNamespace(data=b""))
        assert peer.acts == ["pong"]

    def test_lets_large_pieces_of_a_message_through(self) -> None:
        """Browsers send a text of megabytes in many."""
        peer = Peer()
        server.guard(peer.receive)
        for _ in range(10 * server.CRUMBS):
            peer.handle_cont(SimpleNamespace(data=bytes(4096)))
        assert set(peer.acts) == {"piece of 4096"}


class TestThePage:
    @pytest.mark.parametrize("path", ["/", *(f"/{name}" for name in LESSONS[1:]), "/nowhere", "/softmax?t=2"])
    def test_is_the_same_at_every_address(self, client: Client, path: str) -> None:
        status, headers, body = client.get(path)
        assert (status, body.decode()) == (200, server.page())
        assert headers["cache-control"] == "no-cache"

    @pytest.mark.parametrize("path", ["/app/static/{}", "/app/static/live/{}.js", "/{}", "/media/{}"])
    def test_a_name_that_no_file_can_have_is_nowhere(self, client: Client, path: str) -> None:
        assert client.get(path.format("x" * 300))[0] == 404

    def test_is_streamlits_with_a_longer_head(self) -> None:
        plain = server.INDEX.read_text(encoding="utf-8")
        assert server.page().replace(server.head(), "<head>", 1) == plain
        assert server.page().count("<head>") == server.page().count("</head>") == 1

    def test_names_files_that_are_there(self, client: Client) -> None:
        named = re.findall(r'(?:href|src)="\./((?:app/)?static/[^"]+)"', server.head())
        for name in [assets.PLOTLY, "frame.css", "live/live.css", *(f"live/{m}.js" for m in assets.MODULES)]:
            assert any(name in address for address in named), name
        assert len([name for name in named if "BidiComponent" in name]) == 1
        for name in named:
            status, headers, _ = client.get(f"/{name}")
            assert status == 200, name
            assert headers["content-type"].startswith("text/css" if "css" in name else "text/javascript")

    def test_fetches_what_the_component_imports(self) -> None:
        """Nothing that the component's script imports is left to be found later."""
        scripts = server.INDEX.parent / "static" / "js"
        ours = server.component_files()
        for name in ours:
            text = (scripts / name).read_text(encoding="utf-8")
            for other in re.findall(r'from\s*"\./([\w.-]+\.js)"', text):
                assert other in ours or other in server.INDEX.read_text(encoding="utf-8"), other

    def test_says_what_the_server_says_of_its_hosts(self, client: Client) -> None:
        told = json.loads(client.get("/_stcore/host-config")[2])
        said = json.loads(re.findall(r"HOST_CONFIG: (\{.*?\}) \}", server.head())[0])
        assert {"allowedOrigins", "useExternalAuthToken"} == said.keys()
        assert said == {key: told[key] for key in said}

    def test_knows_the_root_from_a_lessons_address_only(self) -> None:
        """The expression that finds it in the browser, tried here: the two dialects agree on it."""
        (pattern,) = re.findall(r"= /(\^.*?\$)/\.exec", server.head())
        found = {path: re.search(pattern.replace("\\/", "/"), path) for path in ROOTS}
        assert {path: match and match[1] for path, match in found.items()} == ROOTS


class TestFiles:
    def test_come_plain_at_first_and_compressed_later(self, client: Client) -> None:
        path = f"/app/static/{assets.PLOTLY}"
        plain = server.COMPILED + (assets.STATIC / assets.PLOTLY).read_bytes()
        assert client.get(path)[2] == plain
        end = time.monotonic() + 30
        while "content-encoding" not in (answer := client.get(path, Accept_Encoding="br, gzip"))[1]:
            assert time.monotonic() < end, "never compressed"
            time.sleep(0.4)  # it waits for a quiet moment
        assert answer[1]["content-encoding"] == "gzip"
        assert len(answer[2]) < len(plain) / 2
        assert gzip.decompress(answer[2]) == plain
        status, headers, body = client.get(path)
        assert (status, body) == (200, plain)
        assert "content-encoding" not in headers

    def test_are_kept_by_the_browser(self, client: Client) -> None:
        headers = client.get(f"/app/static/live/live.js?v={assets.version()}")[1]
        assert headers["cache-control"] == server.KEPT
        assert headers["vary"] == "Accept-Encoding"

    def test_of_another_version_are_kept_by_nobody(self, client: Client) -> None:
        """A page of a process that is updated already, or not yet, may ask this one."""
        status, headers, body = client.get("/app/static/live/live.js?v=another")
        assert (status, headers["cache-control"]) == (200, "no-store")
        assert body == (assets.STATIC / "live" / "live.js").read_bytes()

    def test_that_are_not_yet_compressed_are_kept_by_the_browser_alone(self) -> None:
        files = server.Files()
        path = f"/app/static/{assets.PLOTLY}"
        kept = {
            accepted: answer.headers["cache-control"]
            for accepted in ("gzip", "")
            if (answer := files.answer(path, accepted))
        }
        assert kept == {"gzip": "private, immutable, max-age=31536000", "": server.KEPT}

    @pytest.mark.parametrize("path", ["/favicon.png", "/_stcore/health", "/app/static/icon.svg"])
    def test_of_other_kinds_are_streamlits(self, client: Client, path: str) -> None:
        status, headers, body = client.get(path)
        assert status == 200
        assert body
        assert "etag" in headers or "health" in path  # as Streamlit answers; ours have none

    @pytest.mark.parametrize(
        "path", ["/app/static/../../app.py", "/app/static/%2e%2e/app.py", "/static/js/nothing.js", "/app.py"]
    )
    def test_that_are_none_are_not_given(self, client: Client, path: str) -> None:
        status, _, body = client.get(path)
        assert b"streamlit.starlette" not in body
        assert status >= 400 or body.lstrip().startswith(b"<!")

    def test_are_not_sent_to_who_asks_for_their_head(self, client: Client) -> None:
        assert client.get(f"/app/static/{assets.PLOTLY}", "HEAD")[2] == b""

    def test_know_the_part_that_all_addresses_have_in_common(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server.config, "get_option", lambda _: "/lab/")
        found = [server.inside(path) for path in ("/lab/softmax", "/lab/", "/lab", "/labour")]
        assert found == ["/softmax", "/", "", "our"]


def frames(lesson: Lesson, key: str, part: str = "all", **changed: object) -> str:
    """Return the address of a slider's frames beside the first figure."""
    values = lesson.start.replace(**changed)
    origin = source_of(lesson)
    others = {name: written(values[name]) for name in lesson.by_key if name not in (key, *origin.added)}
    begin = supply.address(lesson, "en", origin)
    return f"/{begin}/{key}/{lesson.sections[0].main[0]}/{part}?{urlencode(others)}"


class TestFrames:
    @pytest.mark.parametrize("part", ["0", "3", "all"])
    def test_are_those_of_the_address(self, client: Client, lesson: Lesson, part: str) -> None:
        if lesson.sources is not None:
            return
        for key in first_slider(lesson):
            status, headers, body = client.get(frames(lesson, key, part))
            assert (status, headers["content-type"]) == (200, "application/octet-stream")
            assert headers["cache-control"] == "public, immutable, max-age=31536000"
            views = lesson.sections[0].main[:1]
            words = load(lesson.name, "en")
            # Where all are there already, they are no worse than every eighth.
            parts = {int(part), None} if part != "all" else {None}
            assert body in [frame_block(lesson, lesson.start, words, key, views, one) for one in parts]

    def test_come_compressed_to_who_can_read_that(self, client: Client) -> None:
        plain = client.get(frames(SOFTMAX, "z1"))[2]
        status, headers, body = client.get(frames(SOFTMAX, "z1"), Accept_Encoding="br, gzip")
        assert (status, headers["content-encoding"], headers["vary"]) == (200, "gzip", "Accept-Encoding")
        assert len(body) < 0.7 * len(plain)
        assert gzip.decompress(body) == plain

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("/z1/", "/q1/", 400),
            ("z2=4", "z2=high", 400),
            ("/-/", "/../", 404),
            ("/-/", "/guess/", 404),
            (supply.version(), "before", 410),
        ],
    )
    def test_that_are_none_are_refused_in_a_word(
        self, client: Client, old: str, new: str, expected: int
    ) -> None:
        status, headers, body = client.get(frames(SOFTMAX, "z1").replace(old, new))
        assert (status, body, headers["cache-control"]) == (expected, b"", "no-store")

    def test_of_a_source_that_no_session_has_are_not_found(self, client: Client) -> None:
        path = frames(HEIGHTS, "mu").replace(source_of(HEIGHTS).name, "own.0123456789abcdef")
        assert client.get(path)[0] == 404

    def test_are_dropped_when_their_browser_has_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        left: list[bool] = []
        begun = asyncio.Event()

        async def never(*_: Any) -> bytes:
            begun.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                left.append(True)
                raise
            return b""

        async def visit() -> None:
            messages: list[Any] = [{"type": "http.request", "body": b"", "more_body": False}]

            async def receive() -> Any:
                if messages:
                    return messages.pop()
                await begun.wait()
                return {"type": "http.disconnect"}

            async def send(_: Any) -> None:
                raise AssertionError("nobody is there")

            path, _, query = frames(SOFTMAX, "z1").partition("?")
            scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
            rest = {"headers": [(b"host", b"x")], "scheme": "http", "server": ("x", 80), "root_path": ""}
            await server.Front(PlainTextResponse("x"))(scope | rest, receive, send)
            await asyncio.sleep(0)

        monkeypatch.setattr(supply, "made", never)
        monkeypatch.setattr(supply, "kept", lambda _: None)
        asyncio.run(visit())
        assert left == [True]

    def test_that_cannot_be_made_are_answered_in_a_word(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def wrong(*_: Any) -> bytes:
            raise RuntimeError("a secret")

        async def never() -> Any:
            await asyncio.sleep(60)

        monkeypatch.setattr(supply, "made", wrong)
        monkeypatch.setattr(supply, "kept", lambda _: None)
        path, _, query = frames(SOFTMAX, "z1").partition("?")
        scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
        scope |= {"headers": [(b"host", b"x")], "scheme": "http", "server": ("x", 80), "root_path": ""}
        answer = asyncio.run(server.frames(Request(scope, never)))
        assert answer is not None
        assert (answer.status_code, answer.body) == (500, b"")


def scene(lesson: Lesson, language: str = "en", **changed: object) -> str:
    """Return the address of all that is drawn of a lesson in a state."""
    values = lesson.start.replace(**changed)
    origin = source_of(lesson)
    given = {name: written(values[name]) for name in lesson.by_key if name not in origin.added}
    begin = supply.address(lesson, language, origin).replace("frames/", "pictures/", 1)
    return f"/{begin}?{urlencode(given)}"


class TestPictures:
    def test_are_those_of_the_address(self, client: Client, lesson: Lesson, unpack: Any) -> None:
        if lesson.sources is not None:
            return
        status, headers, body = client.get(scene(lesson, "ko"))
        assert (status, headers["content-type"]) == (200, "application/octet-stream")
        assert headers["cache-control"] == "public, immutable, max-age=31536000"
        words = load(lesson.name, "ko")
        notes = lesson.notes(lesson.start, words) if lesson.notes else []
        assert body == pack(wire.whole(lesson, lesson.start, words, notes=notes, reads=lesson.views))
        assert client.get(scene(lesson, "ko"))[2] == body

    def test_of_a_source_need_its_session(self) -> None:
        path, _, query = scene(HEIGHTS, mu=180.0).partition("?")
        found, origin = supply.read_scene(path, query)
        assert (found.lesson, found.values) == ("heights", HEIGHTS.start.replace(mu=180.0))
        assert not origin.private

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("z2=4", "z2=high", 400),
            ("z2=4", "z2=4&z2=4", 400),
            ("&z2=4", "", 400),
            ("/softmax/", "/softmax/more/", 400),
            ("/softmax/", "/heights/", 400),
            ("/-/", "/guess/", 404),
            (supply.version(), "before", 410),
        ],
    )
    def test_that_are_none_are_refused_in_a_word(
        self, client: Client, old: str, new: str, expected: int
    ) -> None:
        status, headers, body = client.get(scene(SOFTMAX).replace(old, new))
        assert (status, body, headers["cache-control"]) == (expected, b"", "no-store")

    def test_of_another_state_are_what_differs_in_some_views(
        self, client: Client, lesson: Lesson, unpack: Any, write: Any, same: Any
    ) -> None:
        moved = {
            c.key: c.stops_in(lesson.start)[-1]
            for c in lesson.controls
            if c.kind == "slider" and c.in_url and c.is_shown(lesson.start)
        }
        if lesson.sources is not None or not moved:
            return
        words = load(lesson.name, "ko")
        views = supply.first_views(lesson)
        others = ",".join(f"{key}:{written(value)}" for key, value in moved.items())
        status, headers, body = client.get(scene(lesson, "ko").replace("?", f"/{','.join(views)}/{others}?"))
        assert (status, headers["content-type"]) == (200, "application/octet-stream")
        film = unpack(body)
        assert (film["frames"]["count"], set(film["frames"]["views"])) == (1, set(views))
        other = settle(lesson.controls, lesson.start.replace(**moved))
        shown, wanted = (
            unpack(pack(resolve(lesson.picture(values, words), views))) for values in (lesson.start, other)
        )
        write({"leaves": [], **film}, 0, shown)
        assert same(shown, wanted)

    @pytest.mark.parametrize(
        "rest",
        ["columns/z1:high", "columns/z1:1e9", "columns/no:1", "columns/z1", "columns/", "nothing/z1:1",
         "columns,columns/z1:1", "/z1:1", "columns/z1:1/more", "columns/c1:1", "columns"],
    )  # fmt: skip
    def test_of_another_state_that_is_none_are_refused(self, client: Client, rest: str) -> None:
        assert client.get(scene(SOFTMAX).replace("?", f"/{rest}?"))[0] == 400

    def test_are_drawn_once_for_all_who_wait(self, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn: list[supply.Scene] = []

        def paint(found: supply.Scene) -> bytes:
            drawn.append(found)
            return b"x"

        async def visits() -> list[bytes]:
            path, _, query = scene(SOFTMAX, z1=-3.5).partition("?")
            return await asyncio.gather(*(supply.painted(*supply.read_scene(path, query)) for _ in range(30)))

        monkeypatch.setattr(supply, "_paint", paint)
        monkeypatch.setattr(supply, "store", Store())
        assert asyncio.run(visits()) == [b"x"] * 30
        assert asyncio.run(visits()) == [b"x"] * 30
        assert len(drawn) == 1

    def test_that_cannot_be_drawn_are_answered_in_a_word(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def wrong(_: supply.Scene) -> bytes:
            raise RuntimeError("a secret")

        async def never() -> Any:
            await asyncio.sleep(60)

        monkeypatch.setattr(supply, "_paint", wrong)
        path, _, query = scene(SOFTMAX, z1=-4.5).partition("?")
        scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
        scope |= {"headers": [(b"host", b"x")], "scheme": "http", "server": ("x", 80), "root_path": ""}
        answer = asyncio.run(server.pictures(Request(scope, never)))
        assert (answer.status_code, answer.body) == (500, b"")


class Connection:
    """As much of uvicorn's connection as is looked at."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    @property
    def transport(self) -> Connection:
        return self

    def get_extra_info(self, name: str) -> socket.socket:
        assert name == "socket"
        return self.sock

    async def receive(self) -> Any:
        raise AssertionError("nobody asks")


class TestAnswersAtOnce:
    def test_small_pieces_are_not_gathered(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            assert not sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            server.send_at_once(Connection(sock).receive)
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    def test_on_a_server_of_uvicorns_and_a_socket_made_as_streamlit_makes_its_own(self) -> None:
        gathering: list[bool] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            sock = receive.__self__.transport.get_extra_info("socket")
            gathering.append(not sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            await PlainTextResponse("x")(scope, receive, send)

        bound = socket.socket(family=socket.AF_INET)
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        bound.setblocking(False)
        running = uvicorn.Server(uvicorn.Config(server.Front(app), lifespan="off", log_level="error"))
        thread = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[bound])), daemon=True)
        thread.start()
        client = Client(bound.getsockname()[1])
        for _ in range(2):
            assert client.get("/x/y")[2] == b"x"
        running.should_exit = True
        client.connection.close()
        thread.join(10)
        assert not thread.is_alive()
        assert gathering == [False, False]

    def test_a_server_that_tells_nothing_of_its_connection_is_left_alone(self) -> None:
        async def receive() -> Any:
            raise AssertionError("nobody asks")

        server.send_at_once(receive)


class TestBeforeTheFirstVisitor:
    def test_the_process_is_prepared(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[float] = []
        warmed = threading.Event()
        monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
        monkeypatch.setattr(server.sys, "setswitchinterval", asked.append)
        monkeypatch.setattr(server, "_warm_up", warmed.set)

        async def live() -> None:
            async with server.lifespan(None):
                assert PagesManager.uses_pages_directory is False
                assert asked == [0.001]
                assert await asyncio.to_thread(warmed.wait, 10)

        asyncio.run(live())

    def test_what_every_lesson_needs_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        load.cache_clear()
        imported: list[str] = []
        monkeypatch.setattr(server, "lesson_named", imported.append)
        server._warm_up()
        assert "pages.shared.page" in sys.modules
        server.ahead.wait()
        assert imported == list(LESSONS)
        assert load.cache_info().currsize >= len(LESSONS) * len(LANGUAGES)


def test_the_app_is_found_by_streamlit() -> None:
    from streamlit.web.server.app_discovery import discover_asgi_app

    found = discover_asgi_app(Path(ROOT / "app.py"))
    assert found.import_string == "app:app"
