"""The servers that the benchmark starts, each on a port of its own, and what they use (on Linux)."""

from __future__ import annotations

import functools
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class App:
    """A Streamlit app in a process of its own, started as ``make run`` does and ended by its id."""

    def __init__(self, script: Path, log: Path) -> None:
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.started = time.time()
        # Nobody edits an app while it is measured; the same for all apps.
        options = {"address": "127.0.0.1", "port": self.port, "headless": "true", "fileWatcherType": "none"}
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "streamlit", "run", script.name),
                    *(f"--server.{option}={value}" for option, value in options.items()),
                    "--browser.gatherUsageStats=false",
                ],
                cwd=script.parent,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            )

    def __enter__(self) -> Self:
        end = time.monotonic() + 90
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.origin}/_stcore/health", timeout=5):
                    return self
            except OSError:
                time.sleep(0.02)
        self.__exit__(None, None, None)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text(errors='replace')}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def cpu(self) -> float:
        """Return the seconds of CPU that the process has used, all its threads together."""
        # The clock of clock_getcpuclockid(): nanoseconds; /proc/<pid>/stat counts hundredths of a second.
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def memory(self) -> float:
        """Return the resident memory of the process in MiB."""
        return memory(self.process.pid)


def memory(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


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
