"""What the server's process does while lessons are opened."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.shared.assets import PLOTLY
from tests.browser.conftest import Visit
from tests.browser.driver import LESSONS, Server, few
from tests.machine import ROOT


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc, which Linux has")
@pytest.mark.exhaustive
def test_only_the_lesson_on_pytorch_imports_torch(cold_server: Server, cold_visit: Visit) -> None:
    tab = cold_visit()
    for name in (name for name in LESSONS if name != "pytorch"):
        tab.open(name).hover(tab.sliders()[0])
    files = cold_server.maps()
    assert "numpy" in files, "the maps do not show what the process has loaded"
    assert "torch" not in files
    tab.open("pytorch")
    assert "torch" in cold_server.maps()


@few("name", ["softmax", "home"])
def test_a_first_visitor_has_the_page_run_once(name: str, cold_server: Server, cold_visit: Visit) -> None:
    """Also by a lesson's address: nothing is asked below it, and the files are under way before."""
    tab = cold_visit()
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    tab.page.on("websocket", lambda _: asked.append("spoken to"))
    tab.open(name)
    started = [ForwardMsg.FromString(message).WhichOneof("type") for message in tab.received]
    assert started.count("new_session") == 1
    assert not [path for path in asked if re.fullmatch(r"/.+/_stcore/.+", path)]
    before = asked[: asked.index("spoken to")]
    assert f"/app/static/{PLOTLY}" in before
    assert "/app/static/live/live.js" in before
    if Path("/proc/self/maps").exists():
        # Half a second of the first visit, for data that nobody has brought yet.
        files = cold_server.maps()
        assert "numpy" in files
        assert "pandas" not in files


@pytest.mark.exhaustive
def test_an_address_without_a_page_leads_home(visit: Visit) -> None:
    tab = visit()
    tab.page.goto(f"{tab.server.origin}/nowhere")
    tab.arrived("home").in_step()
    # Streamlit says so itself, and asks for its root below the unknown address first.
    assert any("does not seem to exist" in complaint for complaint in tab.complaints)
    assert all("exist" in complaint or "404" in complaint for complaint in tab.complaints)
    tab.complaints.clear()


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
