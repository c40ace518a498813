"""The order in which a page comes: the picture first, and what stands below it when the browser is ready."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import page
from tests.machine import ROOT

HEAD_STARTS = {"new": 20.0, "known": 5.0}


class Waiting:
    """What ``served`` is to a page: says what was waited for, and gives what the test has ready."""

    def __init__(self, *given: str) -> None:
        self.given = given
        self.waited: list[tuple[str, float]] = []

    def now(self) -> float:
        return 0.0

    def wait(self, name: str, since: float, at_most: float) -> bool:
        self.waited.append((name, at_most))
        assert since <= 0.0
        return name in self.given


@pytest.mark.parametrize(
    ("given", "waits", "naps"),
    [
        pytest.param((), 5.0, 0, id="has all files, and perhaps the frames"),
        pytest.param(("softmax",), 5.0, 1, id="has all files but not the frames"),
        pytest.param(("js", "softmax"), 20.0, 1, id="has nothing yet"),
    ],
)
def test_what_stands_below_waits_for_the_first_frames(
    given: tuple[str, ...], waits: float, naps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, slept = Waiting(*given), list[float]()
    monkeypatch.setattr(page, "served", waiting)
    monkeypatch.setattr(page, "HEAD_STARTS", HEAD_STARTS)
    monkeypatch.setattr(page, "time", SimpleNamespace(sleep=slept.append))
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    waiting.waited.clear()
    slept.clear()
    at.switch_page("pages/softmax.py").run()
    assert waiting.waited == [("js", 0), ("softmax", waits)]
    assert slept.count(page.TAKEN) == naps
    # It waits once, at the entry.
    at.run()
    assert len(waiting.waited) == 2
    assert not at.exception
