"""The servers that the benchmark starts, each on a port of its own, and what they use (on Linux)."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pages.shared.store import QUIET, VISIT
from tests import machine
from tests.machine import ROOT

HERE = Path(__file__).resolve().parent


class App(machine.App):
    """An app that is measured: the same options for all, and what its process uses."""

    def __init__(self, script: Path, log: Path) -> None:
        self.started = time.time()
        super().__init__(
            script,
            log,
            # As the app's own settings have it.
            "--server.headless=true",
            "--server.fileWatcherType=none",
            "--browser.gatherUsageStats=false",
        )

    def cpu(self) -> float:
        """Return the seconds of CPU that the app has used."""
        return cpu(self.process.pid)

    def memory(self) -> float:
        """Return the resident memory of the app in MiB."""
        return memory(self.process.pid)


def family(pid: int) -> Iterator[int]:
    """Yield a process and those that it and its threads have started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from family(int(child))


def cpu(pid: int) -> float:
    """Return the seconds of CPU that a process has used, all its threads and helpers together."""
    # The clock of clock_getcpuclockid(): nanoseconds; /proc/<pid>/stat counts hundredths of a second.
    return sum(time.clock_gettime((~one << 3) | 2) for one in family(pid))


def memory(pid: int) -> float:
    """Return the resident memory of a process and its helpers in MiB."""
    pages = (int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in family(pid))
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


async def at_rest(pid: int) -> None:
    """Wait until a server has nothing to do: what is made ahead, once a visit is over, is made."""
    before, quiet = cpu(pid), 0.0
    for _ in range(120):
        await asyncio.sleep(0.5)
        quiet = quiet + 0.5 if cpu(pid) - before < 0.01 else 0.0
        if quiet > VISIT + QUIET:
            return
        before = cpu(pid)
    raise RuntimeError("the server never comes to rest")


class Static:
    """Serves the hand-written pages: the files beside this one, the app's plotly.js, pictures as JSON."""

    def __init__(self) -> None:
        self.json: dict[str, Any] = {}
        owner = self

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.partition("?")[0].strip("/")
                if name in owner.json:
                    body = json.dumps(owner.json[name], allow_nan=False).encode()
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                else:
                    super().do_GET()

            def translate_path(self, path: str) -> str:
                name = path.partition("?")[0].strip("/")
                if name.startswith("plotly"):
                    return str(ROOT / "static" / Path(name).name)
                return super().translate_path(path)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Handler, directory=str(HERE / "static"))
        )
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
