"""For the tests of pages without a browser."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from pages.shared import page as drawing
from pages.shared import store, supply
from tests.machine import ROOT


@pytest.fixture(autouse=True)
def _on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test work alone: nothing is made ahead into the next one, and no picture wants a head start."""
    monkeypatch.setattr(store.ahead, "add", lambda *_: None)
    monkeypatch.setattr(supply.maker, "start_soon", lambda: None)
    monkeypatch.setattr(drawing, "HEAD_STARTS", {"new": 0, "known": 0})


@pytest.fixture(autouse=True, scope="session")
def _installed_once() -> Iterator[None]:
    """Have Streamlit look once, not in each AppTest, through all that is installed for components."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests)
        )
        yield


Paste = Callable[[str], AppTest]


@pytest.fixture
def page(request: pytest.FixtureRequest) -> AppTest:
    """Open the lesson of the test's module on numbers of somebody's own."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.query_params["lang"] = "en"
    at.query_params["data"] = "own"
    del at.session_state["page"]
    del at.session_state["language"]
    return at.switch_page(f"pages/{request.module.LESSON.name}.py").run()


@pytest.fixture
def paste(page: AppTest, request: pytest.FixtureRequest) -> Paste:
    """Return a function that has a text read by the box, whose keys begin with the module's BOX."""
    box = request.module.BOX.key

    def put(text: str) -> AppTest:
        page.text_area(key=f"{box}:text").set_value(text)
        return page.button(key=f"{box}:read").click().run()

    return put


def said(at: AppTest) -> list[str]:
    """Return what the page says in boxes of its own."""
    assert not at.exception
    return [alert.value for alert in (*at.warning, *at.info, *at.success)]
