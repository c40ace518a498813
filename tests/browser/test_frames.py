"""Frames on their way: fetched when the hand comes, coarse first, left when it goes; where there are none."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Request, Response, Route

from pages.parts.people import remember
from pages.shared.supply import EVERY
from tests.browser.conftest import Visit
from tests.browser.driver import PATIENCE, LessonPage, few
from tests.browser.test_own_data import paste, use

FRAMES = re.compile(r".*/frames/.*")
REST = re.compile(r".*/frames/.*/all\?.*")


class Line:
    """The requests for frames of a page: each is noted, and goes on when it is let."""

    def __init__(self, tab: LessonPage, which: re.Pattern[str] = FRAMES) -> None:
        self.held: list[Route] = []
        self.asked: list[str] = []
        self.page = tab.page
        self.page.route(which, self._hold)

    def _hold(self, route: Route) -> None:
        self.asked.append(urlsplit(route.request.url).path)
        self.held.append(route)

    def comes(self, key: str) -> None:
        """Wait for the request for the frames of a control: the page has made it before it is told here."""
        end = time.monotonic() + PATIENCE / 1000
        while not any(f"/{key}/" in path for path in self.asked):
            assert time.monotonic() < end, f"nobody asks for {key}: {self.asked}"
            self.page.wait_for_timeout(20)

    def let(self) -> None:
        """Let go on what is held."""
        while self.held:
            self.held.pop().continue_()


def forgive(tab: LessonPage) -> None:
    """Take back what the browser has complained of where frames were not to be had."""
    tab.complaints[:] = [said for said in tab.complaints if "/frames/" not in said]


def test_hand_moves_by_every_eighth_stop_until_the_rest_is_there(visit: Visit) -> None:
    tab = visit("softmax", "z2=1.5")  # a state that nobody has been in
    line = Line(tab, REST)
    tab.bring("z1").page.mouse.move(*tab.place("z1"))
    tab.until("live.framesOf('z1')")
    assert tab.live("live.framesOf('z1').rough")
    present = tab.slider("z1").evaluate("(r) => Number(r.value)")
    tab.press("z1")
    stops = tab.lesson.by_key["z1"].stops_in(tab.values())
    for stop in (present - 3 * EVERY, present - 2 * EVERY + 1):
        tab.page.mouse.move(*tab.place("z1", stop))
        tab.drawn()
        seen = tab.screen()
        at = seen["controls"]["z1"]["thumb"]
        near = present + round((at - present) / EVERY) * EVERY
        # The thumb is where the hand is, the picture at the nearest stop that is there.
        tab.expect_views({**seen, "values": {**seen["values"], "z1": stops[near]}}, only="columns")
    assert line.held
    line.let()
    tab.page.unroute(REST)
    tab.until("!live.framesOf('z1').rough.length")
    tab.drawn()
    tab.expect_views(tab.screen())
    tab.page.mouse.up()
    tab.until("live.dirty === undefined")
    tab.settled().in_step()


def test_wish_of_a_hand_that_has_left_is_dropped(visit: Visit) -> None:
    tab = visit("softmax", "z1=1.5")
    tab.framed("t")
    line = Line(tab)
    gone: list[Request] = []
    tab.page.on("requestfailed", lambda request: gone.append(request))
    tab.page.mouse.move(*tab.place("z1"))
    tab.until("live.hand.asked.token?.includes('/z1?')")
    line.comes("z1")
    # On to the next: only the newest wish counts.
    tab.page.mouse.move(*tab.place("z2"))
    tab.until("live.hand.asked.token?.includes('/z2?')")
    line.comes("z2")
    # And away from all of them.
    tab.page.mouse.move(5, 5)
    tab.until("!live.hand.asked.token")
    assert [re.findall(r"/en/(\w+)/", path)[0] for path in line.asked] == ["z1", "z2"]
    line.held.clear()
    tab.page.unroute(FRAMES)
    tab.hover("z1")
    assert [re.findall(r"/en/(\w+)/", request.url)[0] for request in gone] == ["z1", "z2"]


def no_answer(route: Route) -> None:
    """There is nobody."""
    route.abort("connectionrefused")


def not_found(route: Route) -> None:
    """Somebody who knows nothing of frames."""
    route.fulfill(status=404, body="Not Found")


def a_page(route: Route) -> None:
    """Somebody who answers everything with a page."""
    route.fulfill(status=200, content_type="text/html", body="<!doctype html>")


@few("answer", [no_answer, not_found, a_page])
def test_where_there_are_no_frames_movements_are_sent(answer: Callable[[Route], None], visit: Visit) -> None:
    tab = visit()
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        answer(route)

    tab.page.route(FRAMES, refuse)
    tab.open("softmax")
    tab.until("live.hand.refused.until")
    assert len(asked) == 1
    for key in ("z1", "z2"):
        tab.page.mouse.move(*tab.place(key))
        tab.press(key)
        before = tab.live("live.model.values")[key]
        x, y = tab.place(key)
        tab.follow_until(
            lambda i, x=x, y=y: (x - 40 + 20 * math.sin(i / 5), y), f"live.model.values.{key} !== {before}"
        )
        assert tab.live("live.held") == key
        assert tab.live("live.model.moving") is True
        tab.page.mouse.up()
        tab.until("live.dirty === undefined")
        tab.settled().in_step()
    tab.page.unroute(FRAMES)
    # Who has none is not asked again; where it may have been the line, once for each state.
    forgive(tab)
    assert len(asked) == (3 if answer is no_answer else 1)


def test_own_data_stay_private(visit: Visit) -> None:
    """Their frames have a name that only this session knows, and no cache keeps them."""
    ours = remember(np.array([171.2, 168, 175.5, 180.25, 166, 173.5]))
    tab = visit("heights")
    paste(tab, "171.2, 168 175.5;180.25\n166\t173.5")
    # Some may come before the hand does: what is used may bring a slider to where the pointer is.
    answers: list[Response] = []
    tab.page.on("response", lambda answer: answers.append(answer))
    use(tab, "6")
    tab.until(f"live.values.own === '{ours.digest}'")
    tab.settled().hover("mu").press("mu")
    theirs = [answer for answer in answers if tab.live("live.model.frames") in answer.url]
    assert any("/mu/" in answer.url for answer in theirs)
    for answer in theirs:
        assert answer.headers["cache-control"] == "private, no-store"
        assert ours.digest not in answer.url
        assert "own" not in dict(parse_qsl(urlsplit(answer.url).query))
    tab.page.mouse.move(*tab.place("mu", 30))
    tab.drawn()
    tab.expect_views(tab.screen())
    tab.page.mouse.up()
    tab.until("live.dirty === undefined")
    tab.settled().in_step()
    # Another visitor's name for the same numbers is another.
    other = visit("heights")
    assert other.live("live.model.frames") != tab.live("live.model.frames")


@pytest.mark.exhaustive
def test_two_tabs_of_one_browser_have_their_own(visit: Visit) -> None:
    one, other = visit("softmax", "z2=-3"), visit("softmax", "z2=7")
    for tab in (one, other):
        tab.hover("z1").press("z1")
    for stop in (20, 180):
        for tab in (one, other):
            tab.page.mouse.move(*tab.place("z1", stop))
            tab.drawn()
            tab.expect_views(tab.screen())
    for tab in (one, other):
        tab.page.mouse.up()
        tab.until("live.dirty === undefined")
        tab.settled().in_step()


@pytest.mark.exhaustive
def test_frames_are_there_at_the_second_arrival_without_being_asked_for(visit: Visit) -> None:
    """They stay while the state does; in another language they are others."""
    tab = visit("softmax", "z1=1.5")
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url) if "/frames/" in request.url else None)
    tab.hover("z2").hover("t").hover("z2")
    before = len(asked)
    tab.hover("t").hover("z2")
    assert len(asked) == before
    tab.speak("ko")
    tab.hover("z2")
    assert "/ko/z2/" in asked[-1]
