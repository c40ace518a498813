"""What the server's process does while lessons are opened."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.conftest import Visit
from tests.browser.driver import LESSONS, Server
from tests.machine import ROOT


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc, which Linux has")
def test_only_the_lesson_on_pytorch_imports_torch(cold_server: Server, cold_visit: Visit) -> None:
    tab = cold_visit()
    for name in LESSONS:
        if name != "pytorch":
            tab.open(name).hover(tab.sliders()[0])
    files = cold_server.maps()
    assert "numpy" in files, "the maps do not show what the process has loaded"
    assert "torch" not in files
    tab.open("pytorch")
    assert "torch" in cold_server.maps()


def test_nothing_is_reported_to_anybody() -> None:
    """Without a flag on the command line: the app's own settings say so."""
    said = subprocess.run(
        [sys.executable, "-m", "streamlit", "config", "show"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "gatherUsageStats = false" in said
