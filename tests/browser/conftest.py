"""One Chromium and one server for the browser tests; a page and a session of its own for each test."""

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
    """Mark what is here, and run it last: it is slow, and Playwright leaves an event loop running.

    The walk is first of it: with two workers its hundreds of steps are beside all the rest, not after it.
    """
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: (item.path.is_relative_to(HERE), item.path.name != "test_walk.py"))


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
    """Return the server that most tests share; those that nobody has visited make frames ahead."""
    with Server(tmp_path_factory.mktemp("server") / "server.log", eager=False) as running:
        yield running
        _calm(running)


@pytest.fixture
def cold_server(browser: Browser, tmp_path: Path) -> Iterator[Server]:
    """Return a server that nobody has visited."""
    with Server(tmp_path / "server.log") as running:
        yield running
        _calm(running)


class Tabs:
    """Tabs in contexts of their own, of which those that were left in order serve again.

    A page in one has its own document and session; only the browser's cache is warm, which more than halves
    the time that it takes to open. Size and looks of a tab change, as with people.
    """

    KEPT = 4  # each is a process
    CHANGE = frozenset({"viewport", "color_scheme", "reduced_motion", "forced_colors"})

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server = browser, server
        self.idle: list[tuple[dict[str, Any], LessonPage]] = []

    def take(self, options: dict[str, Any], line: SlowLine | None) -> LessonPage:
        """Return a tab with nothing in it; one whose connection is slow is always new."""
        for found in self.idle:
            if found[0] == self._fixed(options) and line is None:
                self.idle.remove(found)
                return found[1].begin(options)
        return LessonPage(self.browser.new_context(**options), self.server, line)

    def give(self, options: dict[str, Any], tab: LessonPage) -> None:
        """Take a tab back that is in order."""
        tab.wipe()
        self.idle.append((self._fixed(options), tab))
        if len(self.idle) > self.KEPT:
            self.idle.pop(0)[1].context.close()

    def _fixed(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return what a tab stays with."""
        return {key: value for key, value in options.items() if key not in self.CHANGE}


def _visits(tabs: Tabs, session: pytest.Session) -> Iterator[Visit]:
    """Yield a function that opens tabs, and check each at the end."""
    taken: list[tuple[dict[str, Any], LessonPage, bool]] = []
    failed = session.testsfailed

    def visit(
        name: str | None = None, query: str = "", *, line: SlowLine | None = None, **options: Any
    ) -> LessonPage:
        # A page that glides to its place is not at rest: whoever tests the way there asks for it (MOVING).
        still = {"reduced_motion": "reduce"}
        options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-US", **still, **options}
        tab = tabs.take(options, line)
        taken.append((options, tab, line is None))
        return tab.open(name, query) if name else tab

    yield visit
    try:
        for _, tab, _ in taken:
            tab.check()
    except BaseException:
        failed = -1
        raise
    finally:
        for options, tab, again in taken:
            if again and failed == session.testsfailed and tab.name:
                tabs.give(options, tab)
            else:
                tab.context.close()


@pytest.fixture(scope="session")
def tabs(browser: Browser, server: Server) -> Tabs:
    """Return the tabs on the shared server."""
    return Tabs(browser, server)


@pytest.fixture
def visit(tabs: Tabs, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Return a function that opens a lesson on the shared server, in a context of the test's own."""
    yield from _visits(tabs, request.session)


@pytest.fixture
def cold_visit(browser: Browser, cold_server: Server, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Return a function that opens a lesson on a server that nobody has visited, in a fresh context."""
    tabs = Tabs(browser, cold_server)
    yield from _visits(tabs, request.session)
    for _, tab in tabs.idle:
        tab.context.close()
