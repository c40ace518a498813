"""Several processes of the app and HAProxy on this machine, to try it: ``make serve REPLICAS=3``.

HAProxy runs ``haproxy.cfg``, fitted to the processes started here. One that ends is started again. With
Ctrl-C everything ends.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Where Debian puts it, which is on the way of root alone.
HAPROXY = shutil.which("haproxy") or "/usr/sbin/haproxy"
STARTS = 90.0  # seconds that a process may take
ENDS = 10.0
ANYWHERE = ("0.0.0.0", "*")
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 that nobody uses."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def fitted(text: str, ports: Sequence[int], *, listen: str, names: Sequence[str], folder: Path) -> str:
    """Return HAProxy's configuration for processes on these ports.

    Parameters
    ----------
    text : str
        What ``haproxy.cfg`` says of three.
    ports : sequence of int
        The ports of the processes.
    listen : str
        Address and port where people come.
    names : sequence of str
        The names of this machine that people may use.
    folder : Path
        Where its socket goes.
    """
    changes = {
        "    user haproxy\n    group haproxy\n": "",
        "/run/haproxy/admin.sock": str(folder / "admin.sock"),
        "127.0.0.1:10308": f"127.0.0.1:{free_ports(1)[0]}",
        "bind :80\n": f"bind {listen}\n",
        "lab.example.org localhost 127.0.0.1": " ".join(names),
    }
    for old, new in changes.items():
        if text.count(old) != 1:
            raise ValueError(f"haproxy.cfg has {old!r} {text.count(old)} times")
        text = text.replace(old, new)
    return "".join(_each(line, ports) for line in text.splitlines(keepends=True))


def _each(line: str, ports: Sequence[int]) -> str:
    """Return a line; a backend's first server once for each port, the others not at all.

    Examples
    --------
    >>> _each("    server r1 127.0.0.1:8501 cookie r1 track sessions/r1", [9001])
    '    server r1 127.0.0.1:9001 cookie r1 track sessions/r1'
    >>> _each("    server r2 127.0.0.1:8502 cookie r2", [9001])
    ''
    """
    if not re.match(r"    server r\d", line):
        return line
    return "".join(
        re.sub(r"\br1\b", f"r{i}", line).replace("127.0.0.1:8501", f"127.0.0.1:{port}")
        for i, port in enumerate(ports, 1)
        if line.startswith("    server r1 ")
    )


class Served:
    """The processes and HAProxy before them."""

    def __init__(self, count: int, host: str, port: int, names: Sequence[str], folder: Path) -> None:
        self.ports = free_ports(count)
        self.port = port
        self.here = f"{'127.0.0.1' if host in ANYWHERE else host}:{port}"
        self.config = folder / "haproxy.cfg"
        text = (HERE / "haproxy.cfg").read_text(encoding="utf-8")
        self.config.write_text(
            fitted(text, self.ports, listen=f"{host}:{port}", names=names, folder=folder), encoding="utf-8"
        )
        # What one of them has signed the others must believe.
        self.environment = {**os.environ, "STREAMLIT_SERVER_COOKIE_SECRET": secrets.token_hex(32)}
        self.replicas: dict[int, subprocess.Popen[bytes]] = {}
        self.process: subprocess.Popen[bytes] | None = None  # HAProxy

    def start(self) -> None:
        """Start everything, and wait until all of it answers."""
        for port in self.ports:
            self._start(port)
        end = time.monotonic() + STARTS
        for port in self.ports:
            self._wait(self.replicas[port], f"127.0.0.1:{port}", end)
        call = [HAPROXY, "-db", "-f", str(self.config)]
        self.process = subprocess.Popen(call, start_new_session=True)
        self._wait(self.process, self.here, end)

    def _wait(self, process: subprocess.Popen[bytes], place: str, end: float) -> None:
        while not healthy(place):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"What should answer at {place} did not start.")
            time.sleep(0.1)

    def _start(self, port: int) -> None:
        call = [sys.executable, "-m", "streamlit", "run", "app.py"]
        call += ["--server.address=127.0.0.1", f"--server.port={port}"]
        # Whoever ends all of it while one starts shall not leave that one behind.
        asked: list[int] = []
        before = {n: signal.signal(n, lambda number, _: asked.append(number)) for n in ENDINGS}
        try:
            # In a group of its own: Ctrl-C is for this process, which ends the others.
            self.replicas[port] = subprocess.Popen(
                call,
                cwd=HERE.parent,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        if asked:
            raise KeyboardInterrupt

    def watch(self) -> int:
        """Start again what ends, for as long as HAProxy runs; return how that ended."""
        assert self.process
        while self.process.poll() is None:
            for port, replica in list(self.replicas.items()):
                if replica.poll() is not None:
                    self._start(port)
                    print(f"The process on port {port} has ended ({replica.returncode}): started again.")
            time.sleep(0.2)
        return self.process.returncode

    def stop(self) -> None:
        """End everything, HAProxy first."""
        running = [*([self.process] if self.process else []), *self.replicas.values()]
        for process in running:
            process.terminate()
        end = time.monotonic() + ENDS
        for process in running:
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def healthy(place: str) -> bool:
    """Return whether a process answers."""
    try:
        with urllib.request.urlopen(f"http://{place}/_stcore/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Serve until somebody ends it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--host", default="127.0.0.1", help="where it listens")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--names", default="", help="under which people may come, with spaces between them")
    given = parser.parse_args()
    if not 1 <= given.replicas <= 64:
        parser.error("replicas are 1 to 64.")
    if given.host in ANYWHERE and not given.names:
        parser.error('say what people type to reach it: make serve HOST=0.0.0.0 NAMES="192.168.1.5"')
    if shutil.which(HAPROXY) is None:
        parser.error("HAProxy is not installed; on Debian: apt install haproxy")
    names = [*given.names.split(), "localhost", "127.0.0.1"]
    if given.host not in (*ANYWHERE, *names):
        names.append(given.host)
    for number in ENDINGS:
        signal.signal(number, _stop)
    with tempfile.TemporaryDirectory(prefix="likelihood-lab-") as folder:
        served = Served(given.replicas, given.host, given.port, names, Path(folder))
        try:
            served.start()
            print(f"Likelihood Lab, {given.replicas} processes: http://{served.here} (Ctrl-C stops it)")
            return served.watch()
        except KeyboardInterrupt:
            return 0
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            # A second Ctrl-C shall not leave half of them behind.
            for number in ENDINGS:
                signal.signal(number, signal.SIG_IGN)
            served.stop()


if __name__ == "__main__":
    sys.exit(main())
