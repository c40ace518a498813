"""One Chromium and one server for the browser tests; a context of its own for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.register_assert_rewrite("tests.browser.driver")
from tests.browser.driver import LessonPage, Server, SlowLine  # noqa: E402, its asserts shall explain themselves
from tests.machine import running_chromium  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent

Visit = Callable[..., LessonPage]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here, and run it last: it is slow, and Playwright leaves an event loop running."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.path.is_relative_to(HERE))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a running Chromium; without one skip, or fail where LAB_REQUIRE_BROWSER is set."""
    with running_chromium() as running:
        yield running


def _calm(server: Server) -> None:
    """Fail if the server wrote about an error of ours."""
    assert "Traceback" not in server.said(), server.said()


@pytest.fixture(scope="session")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return the server that most tests share."""
    with Server(tmp_path_factory.mktemp("server") / "server.log") as running:
        yield running
        _calm(running)


@pytest.fixture
def cold_server(browser: Browser, tmp_path: Path) -> Iterator[Server]:
    """Return a server that nobody has visited."""
    with Server(tmp_path / "server.log") as running:
        yield running
        _calm(running)


def _visits(browser: Browser, server: Server) -> Iterator[Visit]:
    """Yield a function that opens tabs in contexts of their own, and checks each at the end."""
    pages: list[LessonPage] = []

    def visit(
        name: str | None = None, query: str = "", *, line: SlowLine | None = None, **options: Any
    ) -> LessonPage:
        options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-US", **options}
        tab = LessonPage(browser.new_context(**options), server, line)
        pages.append(tab)
        return tab.open(name, query) if name else tab

    yield visit
    try:
        for tab in pages:
            tab.check()
    finally:
        for tab in pages:
            tab.context.close()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Return a function that opens a lesson on the shared server in a fresh context."""
    yield from _visits(browser, server)


@pytest.fixture
def cold_visit(browser: Browser, cold_server: Server) -> Iterator[Visit]:
    """Return a function that opens a lesson on a server that nobody has visited, in a fresh context."""
    yield from _visits(browser, cold_server)
