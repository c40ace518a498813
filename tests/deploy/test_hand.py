"""The hand in a real Chromium, while the process under it is killed.

The last file here: Playwright leaves an event loop running.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.browser.driver import LessonPage
from tests.browser.test_class import STILL, come, follows, start
from tests.deploy.farm import NAME, Balancer, Farm, until
from tests.deploy.people import held_by
from tests.machine import running_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CUT = re.compile("WebSocket onclose|when disconnected from server")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a running Chromium."""
    with running_chromium(f"--host-resolver-rules=MAP {NAME} 127.0.0.1") as running:
        yield running


def process_of(tab: LessonPage) -> str:
    """Return the process that the browser's cookie names."""
    (name,) = [cookie["value"] for cookie in tab.context.cookies() if cookie["name"] == "SRV"]
    return str(name)


def test_the_hand_goes_on_when_the_process_under_it_is_killed(balancer: Balancer, browser: Browser) -> None:
    """Three kills: while it drags, right after it let go, and when all was at rest."""
    chance = random.Random(balancer.kind)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    tab = LessonPage(context, balancer)
    begin = time.monotonic()
    tab.open("softmax")
    opened = time.monotonic() - begin
    waited = []
    for when in ("dragging", "let go", "at rest"):
        key = chance.choice(tab.sliders())
        gone = process_of(tab)
        balancer.farm.whole(gone)
        x, y = tab.hover(key).place(key)
        tab.press(key)
        tab.page.mouse.move(x + 20, y)
        if when == "dragging":
            balancer.farm.kill(gone)
        begin = time.monotonic()
        by = chance.choice([-60, 60])
        for i in range(1, 9):
            tab.page.mouse.move(x + by * i / 8, y)
        tab.page.mouse.up()
        if when == "let go":
            balancer.farm.kill(gone)
            begin = time.monotonic()
        elif when == "at rest":
            tab.settled()
            balancer.farm.kill(gone)
            begin = time.monotonic()
        held = tab.values()
        # At rest again, and on another process: only then its cookie is there.
        until(lambda gone=gone: process_of(tab) != gone, "another process")  # type: ignore[misc]
        tab.settled()
        waited.append(time.monotonic() - begin)
        balancer.farm.revive(gone)
        assert dict(tab.in_step() and tab.values()) == dict(held)
        # And the hand finds frames.
        before = tab.value(key)
        tab.hover(key).drag(key, 40 if by < 0 else -40).settled()
        assert tab.in_step()["values"][key] != before
    print(f"{balancer.kind}: away {[round(t, 2) for t in waited]} s, opened in {opened:.2f} s")
    # Of the line that was cut Streamlit speaks itself, and of nothing else.
    said = [complaint for complaint in tab.complaints if "another host" not in complaint]
    assert [complaint for complaint in said if not CUT.search(complaint)] == []
    context.close()


def rooms_of(farm: Farm, code: str) -> list[str]:
    """Return the processes that have the room of a code."""
    # Playwright's own loop runs in this thread.
    with ThreadPoolExecutor(1) as other:
        return other.submit(asyncio.run, held_by(farm, code)).result()


@pytest.mark.parametrize("when", ["at rest", "dragging"])
def test_a_class_goes_on_when_its_process_is_killed(balancer: Balancer, browser: Browser, when: str) -> None:
    """The teacher's browser opens the room again under the same code, and its people come back to it."""
    contexts = [
        browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US") for _ in range(2)
    ]
    teacher, person = (LessonPage(context, balancer) for context in contexts)
    code = start(teacher.open("softmax"))
    come(person, "softmax", "home", code)
    (gone,) = rooms_of(balancer.farm, code)
    balancer.farm.whole(gone)
    x, y = teacher.hover("z1").place("z1")
    if when == "dragging":
        person.framed("z1")
        teacher.press("z1")
        teacher.page.mouse.move(x + 40, y)
        follows(person, "z1", teacher.drawn().value("z1"))
    balancer.farm.kill(gone)
    for tab in (teacher, person):
        tab.until("live.room.status === 'lost'")
    if when == "dragging":
        teacher.page.mouse.move(x + 20, y)
        teacher.page.mouse.up()
    for tab in (teacher, person):
        tab.until("live.room.status === 'in'")
    balancer.farm.revive(gone)
    (there,) = rooms_of(balancer.farm, code)
    assert there != gone
    value = teacher.settled().value("z1")
    person.until(f"live.values.z1 === {value} && {STILL}")
    # Streamlit's side of both pages is there again, wherever it was.
    person.until("!live.isLed && live.dirty === undefined")
    person.settled().in_step()
    teacher.hover("z1").drag("z1", 60).settled()
    follows(person, "z1", teacher.value("z1"))
    person.until("!live.isLed && live.dirty === undefined")
    person.settled().in_step()
    for context in contexts:
        context.close()
