"""What is installed and started by the unit, the image and make serve."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from deploy.serve import free_ports, healthy
from tests.benchmarks.servers import family
from tests.deploy.farm import program, until
from tests.machine import ROOT

DEPLOY = ROOT / "deploy"


def page(place: str) -> bytes:
    """Return the page of a lesson."""
    with urllib.request.urlopen(f"http://{place}/softmax", timeout=10) as answer:
        return bytes(answer.read())


def test_the_image_has_all_that_the_units_command_needs(tmp_path: Path) -> None:
    image, unit = (
        (DEPLOY / name).read_text(encoding="utf-8") for name in ("Containerfile", "likelihood-lab@.service")
    )
    for source, to in re.findall(r"^COPY (\S+) (\S+)$", image, re.M):
        place = tmp_path / to / (source if to in (".", "./") else "")
        (shutil.copytree if (ROOT / source).is_dir() else shutil.copy)(ROOT / source, place)
    (command,) = re.findall(r"^ExecStart=(.*)$", unit, re.M)
    (port,) = free_ports(1)
    call = command.replace("/opt/likelihood-lab/.venv/bin/python", sys.executable).replace("%i", str(port))
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(call.split(), cwd=tmp_path, stdout=log, stderr=log)
    try:
        until(lambda: healthy(f"127.0.0.1:{port}") or running.poll() is not None, "the app")
        assert b"Streamlit" in page(f"127.0.0.1:{port}"), (tmp_path / "log").read_text()
    finally:
        running.terminate()
        running.wait(15)
    # To print its address Streamlit would ask another host for it, where it listens everywhere.
    assert "URL" not in (tmp_path / "log").read_text()
    # The image says the same, but for where it listens.
    (told,) = re.findall(r"^CMD \[(.*)\]$", image, re.M)
    words = [word.strip(' "') for word in told.split(",")][1:]
    assert words == [*command.replace("127.0.0.1", "0.0.0.0").replace("%i", "8501").split()[1:]]


def test_served_processes_come_back_and_all_of_them_end(tmp_path: Path) -> None:
    """As Ctrl-C ends them: the interrupt comes to make and what it started."""
    program("haproxy")
    (port,) = free_ports(1)
    make = ["make", "--no-print-directory", "serve", "REPLICAS=2", f"PORT={port}"]
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(make, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    said = (tmp_path / "log").read_text
    try:
        until(lambda: "Ctrl-C" in said() or running.poll() is not None, "the processes")
        assert running.poll() is None, said()
        apps = [pid for pid in family(running.pid) if b"app.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert len(apps) == 2
        os.kill(apps[0], signal.SIGKILL)
        until(lambda: "started again" in said(), "the process that was killed")
        assert b"Streamlit" in page(f"127.0.0.1:{port}")
        everything = list(family(running.pid))
        assert len(everything) >= 5
    finally:
        os.killpg(running.pid, signal.SIGINT)
        running.wait(30)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everything), "the end of all of them")


def test_a_name_must_be_said_for_whoever_comes_from_elsewhere() -> None:
    call = [sys.executable, str(DEPLOY / "serve.py"), "--host", "0.0.0.0"]
    ended = subprocess.run(call, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "NAMES=" in ended.stderr
