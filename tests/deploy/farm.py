"""What is tested in ``deploy``: three processes of the app, and HAProxy or nginx before them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from deploy.serve import fitted, free_ports, healthy
from tests.machine import ROOT, App

NAME = "lab.example.org"
PATIENCE = 60.0  # seconds: only a limit for what never comes


def until(true: Callable[[], object], what: str) -> None:
    """Wait until something is true."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.02)


def program(name: str) -> str:
    """Return where a program is; without it skip the test, or fail it where LAB_REQUIRE_BROWSER is set."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        missing = f"{name} is not installed"
        if os.environ.get("LAB_REQUIRE_BROWSER") == "1":
            pytest.fail(f"LAB_REQUIRE_BROWSER is set, but {missing}", pytrace=False)
        pytest.skip(missing)
    return found


class Farm:
    """Three processes, each of which can be killed and comes back on its port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = free_ports(3)
        self.names = {f"r{i}": port for i, port in enumerate(self.ports, 1)}
        self.started = 0
        self.running = {port: self._app(port) for port in self.ports}

    def _app(self, port: int) -> App:
        self.started += 1
        # One that ended is started again by whoever runs it, on the port that it had.
        return App(ROOT / "app.py", self.folder / f"{self.started}.log", port=port)

    def __enter__(self) -> Self:
        self.whole()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for app in self.running.values():
            app.__exit__(kind, error, trace)

    def whole(self, without: str = "") -> None:
        """Wait until all answer, but one."""
        for name, port in self.names.items():
            if name != without:
                until(lambda port=port: healthy(f"127.0.0.1:{port}"), f"process {name}")  # type: ignore[misc]

    def kill(self, name: str) -> None:
        """Kill a process as a crash does: it says good-bye to nobody."""
        app = self.running[self.names[name]]
        os.kill(app.process.pid, signal.SIGKILL)
        app.process.wait()

    def revive(self, name: str) -> None:
        """Start a process again that was killed."""
        port = self.names[name]
        self.running[port] = self._app(port)

    def mend(self) -> None:
        """Start again what a test that failed left dead, and wait until all answer."""
        for name, port in self.names.items():
            if self.running[port].process.poll() is not None:
                self.revive(name)
        self.whole()

    def said(self) -> str:
        """Return what all processes wrote."""
        return "".join(file.read_text(errors="replace") for file in self.folder.glob("*.log"))


class Balancer:
    """HAProxy or nginx, with our configuration, before a farm."""

    kind = ""

    def __init__(self, farm: Farm, folder: Path) -> None:
        folder.mkdir()
        self.farm, self.folder = farm, folder
        (self.port,) = free_ports(1)
        # A name as on a real server: where it is not handed on, Streamlit refuses the line.
        self.host = f"{NAME}:{self.port}"
        self.origin = f"http://{self.host}"
        self.log = folder / "log"
        self.call = self.prepare(program(self.kind))

    def prepare(self, executable: str) -> list[str]:
        """Write the configuration, and return how it is started."""
        raise NotImplementedError

    def reached(self, kept: bool) -> int:
        """Return how many requests came to a process, for what may be kept or for all else."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.call, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        until(lambda: healthy(f"127.0.0.1:{self.port}"), f"{self.kind}: {self.said()}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(15)

    def said(self) -> str:
        """Return what it wrote."""
        return self.log.read_text(errors="replace")


class HAProxy(Balancer):
    """As ``make serve`` runs it."""

    kind = "haproxy"

    def prepare(self, executable: str) -> list[str]:
        text = (ROOT / "deploy/haproxy.cfg").read_text(encoding="utf-8")
        config = self.folder / "haproxy.cfg"
        names = [NAME, "127.0.0.1"]
        listen = f"127.0.0.1:{self.port}"
        config.write_text(fitted(text, self.farm.ports, listen=listen, names=names, folder=self.folder))
        return [executable, "-db", "-f", str(config)]

    def ask(self, command: str) -> str:
        """Return what it answers over its socket."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.folder / "admin.sock"))
            line.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: line.recv(65536), b"")).decode()

    def state(self, backend: str, server: str, what: str) -> str:
        """Return one number or word of what it counts."""
        (found,) = [
            each["value"]["value"]
            for row in json.loads(self.ask("show stat json"))
            if {("pxname", backend), ("svname", server)}
            <= {(each["field"]["name"], each["value"]["value"]) for each in row}
            for each in row
            if each["field"]["name"] == what
        ]
        return str(found)

    def reached(self, kept: bool) -> int:
        backend = "kept" if kept else "sessions"
        return sum(int(self.state(backend, name, "stot")) for name in self.farm.names)


class Nginx(Balancer):
    """In a main part of our own, as Debian has one."""

    kind = "nginx"

    def prepare(self, executable: str) -> list[str]:
        text = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
        changes = {f":{8500 + i}": f":{port}" for i, port in enumerate(self.farm.ports, 1)}
        changes |= {"listen 80": f"listen 127.0.0.1:{self.port}"}
        changes |= {"/var/cache/nginx/lab": str(self.folder / "cache")}
        changes |= {"/var/log/nginx/lab.log": str(self.folder / "access.log")}
        for old, new in changes.items():
            assert old in text, f"nginx.conf has no {old}"
            text = re.sub(rf"{re.escape(old)}\b", new, text)
        (self.folder / "site.conf").write_text(text)
        config = self.folder / "nginx.conf"
        own = "".join(
            f"{part}_temp_path {self.folder}/{part};"
            for part in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        # Only root may say whose its workers are; theirs is this folder then.
        user = "user root;" if os.geteuid() == 0 else ""
        config.write_text(
            f"{user} daemon off; pid {self.folder}/pid; worker_processes 2; worker_rlimit_nofile 8192;"
            f"events {{ worker_connections 4096; }} http {{ {own} include {self.folder}/site.conf; }}"
        )
        return [executable, "-e", "stderr", "-p", str(self.folder), "-c", str(config)]

    def reached(self, kept: bool) -> int:
        lines = (self.folder / "access.log").read_text().splitlines()
        paths = [line.split()[-1] for line in lines]
        return sum(bool(re.match(r"/(frames|pictures|static|app/static)/", path)) == kept for path in paths)
