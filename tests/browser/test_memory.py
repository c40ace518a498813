"""Remember me: nothing before it is asked for, all of it in this browser, gone with one press."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from core.figures.quiz import QUESTIONS, is_right
from pages.shared.catalog import load
from pages.shared.way import questions
from tests.browser.conftest import Visit
from tests.browser.driver import LessonPage

KEY = "likelihood-lab"
DAY = 86_400


def kept(tab: LessonPage) -> Any:
    """Return what the browser keeps."""
    return json.loads(tab.page.evaluate(f"localStorage.getItem('{KEY}')") or "null")


def press(tab: LessonPage, word: str) -> None:
    """Press the button on Home that asks to be remembered, or forgotten."""
    words = load("home", "en")
    tab.page.get_by_role("button", name=words(f"memory.{word}")).click()
    other = {"ask": "forget", "forget": "ask"}[word]
    tab.page.get_by_role("button", name=words(f"memory.{other}")).wait_for()
    tab.settled()


def test_nothing_is_kept_until_it_is_asked_for_and_nothing_after(visit: Visit) -> None:
    tab = visit("heights", "lang=en&mu=180")
    assert tab.page.evaluate("localStorage.getItem('likelihood-lab')") is None
    tab.go("home")
    assert kept(tab) is None
    press(tab, "ask")
    assert kept(tab)["last"]["lesson"] == "heights"
    assert "mu=180" in kept(tab)["last"]["address"]
    press(tab, "forget")
    assert kept(tab) is None
    tab.go("nll")
    assert kept(tab) is None


def test_another_visit_goes_on_where_the_last_one_was(visit: Visit) -> None:
    q = questions()["softmax"]
    tab = visit("quiz", f"lang=en&q={q}&a{q}={QUESTIONS[q - 1].right}")
    tab.go("heights").type("mu", "181")
    tab.settled().go("home")
    press(tab, "ask")
    tab.open("home", "lang=en")  # a new session
    start = tab.page.locator(".st-key-start a")
    expect(start).to_have_text(f"Go on with 5 {load('heights', 'en')('title')}")
    cards = tab.page.locator("[class*=st-key-card-] a").filter(has_text="✓")
    expect(cards).to_have_text("✓ 1 Softmax")
    start.click()
    tab.arrived("heights")
    assert tab.value("mu") == 181
    tab.go("quiz")
    assert tab.value(f"a{q}") == QUESTIONS[q - 1].right


@pytest.mark.exhaustive
def test_a_guide_that_was_turned_off_stays_off_until_that_is_forgotten(visit: Visit) -> None:
    tab = visit("counts", "lang=en")
    tab.page.get_by_role("button", name=tab.words("live.guide_off")).click()
    tab.until("live.model.guide.off")
    tab.go("home")
    press(tab, "ask")
    tab.open("softmax", "lang=en")  # a new session
    tab.until("live.model.guide.off")
    tab.settled()
    assert kept(tab)["guide"] == "off"
    # Whoever comes by a link to a beat gets its guide, and so does who has all of it forgotten.
    tab.open("softmax", "lang=en&beat=2").until("!live.model.guide.off && live.model.guide.n === 2")
    tab.page.get_by_role("button", name=tab.words("live.guide_off")).click()
    tab.until("live.model.guide.off")
    tab.go("home")
    press(tab, "forget")
    tab.open("softmax", "lang=en").until("live.model.guide && !live.model.guide.off")


def test_what_was_missed_comes_back_after_five_days(visit: Visit) -> None:
    q = questions()["nll"]
    wrong = next(option for option in QUESTIONS[q - 1].order if not is_right(q, option))
    tab = visit("home", "lang=en")
    for days, back in ((4, False), (6, True)):
        record = {"answers": {f"a{q}": wrong}, "missed": {str(q): time.time() - days * DAY}, "ticks": ["nll"]}
        tab.page.evaluate("(text) => localStorage.setItem('likelihood-lab', text)", json.dumps(record))
        tab.open("home", "lang=en")
        tab.page.get_by_role("button", name=load("home", "en")("memory.forget")).wait_for()
        expect(tab.page.locator("[class*=st-key-card-] a").filter(has_text="✓")).to_have_count(1)
        link = tab.page.get_by_test_id("stPageLink-NavLink").filter(has_text="come back")
        expect(link).to_have_count(int(back))
    link.click()
    tab.arrived("quiz")
    assert (tab.value("q"), tab.value(f"a{q}")) == (q, "")


@pytest.mark.exhaustive
def test_what_is_no_record_does_no_harm(visit: Visit) -> None:
    tab = visit("home", "lang=en")
    for text in (
        "{",
        "[]",
        '"x"',
        '{"answers": {"a1": 7, "a99": "1"}, "missed": {"x": "y"}, "last": {"lesson": "no"}}',
    ):
        tab.page.evaluate("(text) => localStorage.setItem('likelihood-lab', text)", text)
        tab.open("home", "lang=en").in_step()
        expect(tab.page.locator(".st-key-start a")).to_have_text("Start here: 1 Softmax")


@pytest.mark.exhaustive
def test_what_another_page_had_forgotten_stays_forgotten(visit: Visit) -> None:
    tab = visit("home", "lang=en")
    press(tab, "ask")
    tab.page.evaluate("localStorage.clear()")
    tab.go("softmax")
    tab.go("home")
    tab.page.get_by_role("button", name=load("home", "en")("memory.ask")).wait_for()
    assert kept(tab) is None
