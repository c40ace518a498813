"""For the tests of pages without a browser."""

from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from pages.shared import page, supply


@pytest.fixture(autouse=True)
def _on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test work alone: nothing is made ahead into the next one, and no picture wants a head start."""
    monkeypatch.setattr(supply.ahead, "add", lambda *_: None)
    monkeypatch.setattr(supply.maker, "start_soon", lambda: None)
    monkeypatch.setattr(page, "HEAD_START", 0)


@pytest.fixture(autouse=True, scope="session")
def _installed_once() -> Iterator[None]:
    """Have Streamlit look once, not in each AppTest, through all that is installed for components."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests)
        )
        yield
