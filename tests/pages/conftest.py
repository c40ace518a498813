"""For the tests of pages without a browser."""

import pytest

from pages.shared import live, page


@pytest.fixture(autouse=True)
def _on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test work alone: nothing is made ahead into the next one, and no picture wants a head start."""
    monkeypatch.setattr(live.ahead, "add", lambda *_: None)
    monkeypatch.setattr(page, "HEAD_START", 0)
