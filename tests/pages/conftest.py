"""For the tests of pages without a browser."""

import pytest

from pages.shared import page


@pytest.fixture(autouse=True)
def _no_head_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody draws a picture that would want a head start."""
    monkeypatch.setattr(page, "HEAD_START", 0)
