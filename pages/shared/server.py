"""The server's part of a quick start: the page that a browser gets first, its files, answers without delay.

Streamlit's own page asks for the server's health below a lesson's address, is refused, asks again at the
root, and learns from the first run which files the app needs. Ours says all that at once.
"""

from __future__ import annotations

import asyncio
import gzip
import inspect
import json
import os
import re
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from streamlit import config
from streamlit.runtime.pages_manager import PagesManager

from pages.shared import assets, board
from pages.shared.catalog import LANGUAGES, LESSONS, load
from pages.shared.doors import Doors, lesson_named
from pages.shared.store import VISIT, ahead, served

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

KEPT = "public, immutable, max-age=31536000"
NOT_KEPT = {"Cache-Control": "no-store"}
CRUMBS = 500  # pings and small pieces of messages that a line may bring at once
CRUMBS_A_SECOND = 20
CRUMB = 128  # bytes
HEARD = ("handle_ping", "handle_pong", "handle_cont", "keepalive_timeout", "send_receive_event_to_app")
LONGEST_NAME = 255  # bytes of a file's
PACKED = "application/octet-stream"
# Has Chromium compile every function of plotly.js beside the page's own work, rather than each within it when
# it is first called. Before any other line of the file; other browsers see a comment.
COMPILED = b"//# allFunctionsCalledOnLoad\n"
INDEX = Path(streamlit.__file__).parent / "static" / "index.html"

# Where the address does not end in a lesson's name or a slash, Streamlit finds its root itself.
_HEAD = """<head>
    <script>
      {
        const [, root] = /^(.*\\/)(?:%(lessons)s)?$/.exec(location.pathname) ?? [];
        if (root) window.__streamlit = { BACKEND_BASE_URL: location.origin + root, HOST_CONFIG: %(host)s };
      }
    </script>
%(component)s
%(assets)s"""


def component_files() -> list[str]:
    """Return the scripts that Streamlit fetches for its first component, and what they import."""
    scripts, known = INDEX.parent / "static" / "js", INDEX.read_text(encoding="utf-8")
    found = [file.name for file in scripts.glob("BidiComponent.*.js")]
    for name in found:
        text = (scripts / name).read_text(encoding="utf-8")
        imported = re.findall(r"""(?:from|import)\s*["']\./([^"']+\.js)["']""", text)
        found += [other for other in imported if other not in known and other not in found]
    return found


def head() -> str:
    """Return what our page has in its head beside what Streamlit's has."""
    # From the server's answer at /_stcore/host-config; the rest of that answer is what Streamlit assumes.
    host = {"allowedOrigins": config.get_option("client.allowedOrigins"), "useExternalAuthToken": False}
    return _HEAD % {
        "lessons": "|".join(LESSONS),
        "host": json.dumps(host),
        "component": "\n".join(
            f'    <link rel="modulepreload" crossorigin href="./static/js/{name}">'
            for name in component_files()
        ),
        "assets": assets.head(),
    }


@lru_cache(maxsize=1)
def page() -> str:
    """Return the page that a browser gets first."""
    return INDEX.read_text(encoding="utf-8").replace("<head>", head(), 1)


def inside(path: str) -> str:
    """Return a path as it is without the part that all addresses of the server have in common."""
    base = config.get_option("server.baseUrlPath").strip("/")
    return path.removeprefix(f"/{base}") if base else path


class Files:
    """The scripts and style sheets of the page, out of memory, and compressed for whoever comes later.

    A class that opens the app at once fetches each of them thirty times.
    """

    def __init__(self) -> None:
        folders = {"/static/": INDEX.parent / "static", "/app/static/": assets.STATIC}
        self._files = {
            prefix + file.relative_to(folder).as_posix(): file
            for prefix, folder in folders.items()
            for kind in ("js", "css")
            for file in folder.rglob(f"*.{kind}")
        }
        self._plain: dict[str, bytes] = {}
        self._compressed: dict[str, bytes] = {}

    def answer(self, path: str, accepted: str, version: str = "") -> Response | None:
        """Return the answer to a request for a file that is one of these, in a coding that is accepted."""
        if path not in self._files:
            return None
        ahead.busy()
        kind = "text/javascript" if path.endswith("js") else "text/css"
        served.give(path.rpartition(".")[2])
        # Their names or addresses change with their content.
        headers = {"Cache-Control": KEPT, "Vary": "Accept-Encoding"}
        if version not in ("", assets.version()):
            # Of several processes some are of another version while they are updated: nobody keeps that.
            return Response(self._read(path), headers=headers | NOT_KEPT, media_type=kind)
        if path not in self._plain:
            self._plain[path] = self._read(path)
            ahead.add(path, partial(self._compress, path))
        if path in self._compressed and "gzip" in accepted:
            headers["Content-Encoding"] = "gzip"
            return Response(self._compressed[path], headers=headers, media_type=kind)
        if "gzip" in accepted:
            # The next one may have it at a third of its size: what stands between shall not keep this.
            headers["Cache-Control"] = KEPT.replace("public", "private")
        return Response(self._plain[path], headers=headers, media_type=kind)

    def _read(self, path: str) -> bytes:
        content = self._files[path].read_bytes()
        return COMPILED + content if path.endswith(assets.PLOTLY) else content

    def _compress(self, path: str) -> None:
        self._compressed[path] = gzip.compress(self._plain[path], 6, mtime=0)


class Front:
    """Answers with our page, files out of memory, and frames; lets no answer wait in the system's buffers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.files = Files()
        self.doors = Doors()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on to Streamlit."""
        if scope["type"] in ("http", "websocket"):
            send_at_once(receive)
            if scope["type"] == "websocket":
                guard(receive)
            path = inside(HTTPConnection(scope).url.path)
            if scope["type"] == "websocket" and path.startswith("/class/"):
                await self.doors.line(path, scope, receive, send)
                return
        answer: Response | None = None
        if scope["type"] == "http" and scope["method"] == "POST" and path == "/class":
            answer = await self.doors.start(Request(scope, receive))
        elif scope["type"] == "http" and path.startswith("/board/"):
            answer = await board.answer(path, Request(scope, receive))
        elif scope["type"] == "http" and scope["method"] == "GET":
            request = Request(scope, receive)
            if path.startswith("/frames/"):
                answer = await frames(request)
                if answer is None:
                    return
            elif path.startswith("/pictures/"):
                answer = await pictures(request)
            else:
                answer = self.answer(request)
        await (answer or self.app)(scope, receive, send)

    def answer(self, request: Request) -> Response | None:
        """Return the answer to a request for the page or one of its files."""
        path = inside(request.url.path)
        if any(len(name.encode()) > LONGEST_NAME for name in path.split("/")):
            # Streamlit would ask the disk, which fails at such a name.
            return Response(status_code=404, headers=NOT_KEPT)
        if not path:
            return RedirectResponse(request.url.replace(path=f"{request.url.path}/"))
        if re.fullmatch(r"/[^/.]*", path):
            ahead.busy(VISIT)
            return HTMLResponse(page(), headers={"Cache-Control": "no-cache"})
        accepted = request.headers.get("Accept-Encoding", "")
        return self.files.answer(path, accepted, request.query_params.get("v", ""))


async def frames(request: Request) -> Response | None:
    """Return the answer to a request for frames, as ``supply`` has it; none where nobody waits any longer."""
    # By its name each time: whoever edits has his modules imported anew.
    supply = import_module("pages.shared.supply")
    ahead.busy()
    try:
        wish, source = supply.read(inside(request.url.path), request.url.query)
    except supply.RefusedError as refused:
        return _no_block(refused.status)
    block = None if source.private else supply.kept(wish)
    if block is None:
        made = asyncio.ensure_future(supply.made(wish, source))
        left = asyncio.ensure_future(_left(request))
        await asyncio.wait({made, left}, return_when=asyncio.FIRST_COMPLETED)
        left.cancel()
        if not made.done():
            made.cancel()
            return None
        if made.exception():
            return _no_block(500)
        block = made.result()
    served.give(wish.lesson)
    return await _block(request, block, source.private)


async def pictures(request: Request) -> Response:
    """Return the answer to a request for all that is drawn of a lesson in a state, as ``supply`` has it."""
    supply = import_module("pages.shared.supply")
    ahead.busy()
    try:
        scene, source = supply.read_scene(inside(request.url.path), request.url.query)
    except supply.RefusedError as refused:
        return _no_block(refused.status)
    painting = asyncio.ensure_future(supply.painted(scene, source))
    await asyncio.wait({painting})
    if painting.exception():
        return _no_block(500)
    return await _block(request, painting.result(), source.private)


def _no_block(status: int) -> Response:
    return Response(status_code=status, headers=NOT_KEPT, media_type=PACKED)


async def _block(request: Request, block: bytes, private: bool) -> Response:
    headers = {"Cache-Control": "private, no-store" if private else KEPT, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        block = await import_module("pages.shared.supply").compressed(block, private)
    return Response(block, headers=headers, media_type=PACKED)


async def _left(request: Request) -> None:
    """Wait until the browser waits no longer."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def send_at_once(receive: Receive) -> None:
    """Switch off the delay with which a connection gathers small pieces (Nagle's algorithm).

    asyncio does so itself, but not for connections of a socket that was made without naming its protocol, as
    Streamlit's is: each answer of two pieces then waited up to 40 ms for the browser to confirm the first.
    """
    # Of uvicorn: ASGI itself tells nothing of the connection.
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Guard:
    """Has a line's peer cost little who sends no messages but their crumbs, or who reads nothing.

    Of uvicorn, which answers each ping whether the answers are read or not, takes any number of empty pieces
    of a message, leaves a line open whose peer has gone but whose buffer is full, and writes to the log where
    a text is no UTF-8. Browsers send neither pings nor small pieces.
    """

    def __init__(self, line: Any) -> None:
        self.line = line
        self.left = float(CRUMBS)
        self.heard = line.loop.time()
        self.was = {name: getattr(line, name) for name in HEARD}
        line.handle_ping = self.ping
        line.handle_pong = self.pong
        line.handle_cont = self.piece
        line.keepalive_timeout = self.gone
        line.send_receive_event_to_app = self.message

    def bears(self) -> bool:
        """Count a crumb; tell whether it is one of few, and cut the line where it is not."""
        now = self.line.loop.time()
        self.left = min(CRUMBS, self.left + (now - self.heard) * CRUMBS_A_SECOND) - 1
        self.heard = now
        if self.left < 0:
            self.line.transport.abort()
        return self.left >= 0

    def ping(self) -> None:
        """Answer a ping, unless there are many, or what was sent before is not read yet."""
        if not self.line.writable.is_set():
            self.line.transport.abort()
        elif self.bears():
            self.was["handle_ping"]()

    def pong(self, event: Any) -> None:
        """Take the answer to a ping."""
        if self.bears():
            self.was["handle_pong"](event)

    def piece(self, event: Any) -> None:
        """Take a piece of a message."""
        if len(event.data) >= CRUMB or self.bears():
            self.was["handle_cont"](event)

    def gone(self) -> None:
        """Close the line of a peer who answers no longer; at once where he has not read what was sent."""
        self.was["keepalive_timeout"]()
        self.line.transport.abort()

    def message(self) -> None:
        """Hand on a message; close the line where it is a text that is none."""
        if self.line.curr_msg_data_type == "text":
            try:
                b"".join(self.line.frames).decode()
            except UnicodeDecodeError:
                self.line.frames = []
                self.line.conn.send_close(1007)
                self.line.handle_parser_exception()
                return
        self.was["send_receive_event_to_app"]()


def guard(receive: Receive) -> None:
    """Have a guard stand at a line, where it is of the kind that needs one."""
    line = getattr(receive, "__self__", None)
    if all(hasattr(line, name) for name in (*HEARD, "writable", "conn")):
        Guard(line)


def _warm_up() -> None:
    """Import and read what every lesson needs, before somebody waits for it."""
    import streamlit.emojis  # noqa: F401 (what Streamlit's buttons look through)

    import pages.shared.page  # noqa: F401 (what the frame imports for the first visitor)

    for name in LESSONS:
        for code in LANGUAGES:
            load(name, code)
        # A first visitor imports his own: he shall not wait for ten others.
        ahead.add(name, partial(lesson_named, name))
    # With each error that could be shown Streamlit looks through the stack, the first time for 90 ms.
    inspect.stack()


@asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    """Prepare the process for its first visitor."""
    # The files in pages/ are registered by st.navigation. Without this the first visitor, if he comes by a
    # lesson's address, would have that file run alone, and then everything again.
    PagesManager.uses_pages_directory = False
    # An answer goes through several threads, and each may wait this long for the frames that another makes.
    # With the usual 5 ms fifty people's commits took 270 ms at the 95th percentile, with 1 ms 170.
    sys.setswitchinterval(0.001)
    # Matrices as small as ours cost twice the time where NumPy and PyTorch, imported later, share them out.
    os.environ |= {name: os.environ.get(name, "1") for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")}
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    yield


MIDDLEWARE = [Middleware(Front)]
