"""The way through the lessons: where to start, what is done, the next in reach, a question at each end."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from core.figures.quiz import QUESTIONS, is_right
from pages.shared.catalog import load
from pages.shared.way import questions
from tests.browser.conftest import Visit
from tests.browser.driver import LessonPage, few

WIDE, PHONE, SIDEWAYS = ({"width": w, "height": h} for w, h in ((1440, 900), (380, 760), (740, 360)))


def onward(tab: LessonPage) -> Locator:
    """Return the link to the next lesson that is always in reach."""
    return tab.page.locator(".st-key-onward a")


def options(tab: LessonPage) -> Locator:
    """Return the options of the question at the end."""
    return tab.page.locator(".st-key-question [role=radiogroup] label")


def told(tab: LessonPage) -> Locator:
    """Return the options of the question at the end, once it has its answer."""
    return tab.page.locator(".st-key-question .stHtml li")


def answer(tab: LessonPage, number: int) -> None:
    """Choose an option by its place, and wait for what comes of it."""
    options(tab).nth(number).click()
    tab.page.locator(".st-key-question .stHtml").wait_for()
    tab.settled()


@few("viewport", [PHONE, SIDEWAYS, WIDE])
@pytest.mark.parametrize("code", ["ko"])
def test_next_is_in_reach_wherever_one_is(viewport: dict[str, int], code: str, visit: Visit) -> None:
    tab = visit("nll", f"lang={code}", viewport=viewport)
    tab.page.locator(".st-key-question").scroll_into_view_if_needed()
    next_one = load("cross_entropy", code)("nav")  # the longest of the names
    expect(onward(tab)).to_have_text(f"다음: {next_one}arrow_forward")
    over = onward(tab).evaluate(
        """(link) => {
          const { left, right, top, bottom } = link.getBoundingClientRect();
          const language = document.querySelector(".st-key-language_switch").getBoundingClientRect();
          const apart = right <= language.left || language.bottom <= top || left >= language.right;
          return [left >= 0 && right <= innerWidth, top >= 0 && bottom <= 64, apart || language.bottom < 0,
            link.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2))];
        }"""
    )
    assert over == [True] * 4
    onward(tab).click()
    tab.arrived("cross_entropy")


def test_home_starts_and_goes_on(visit: Visit) -> None:
    tab = visit("home", "lang=en")
    start = tab.page.locator(".st-key-start a")
    expect(start).to_have_text("Start here: 1 Softmax")
    start.click()
    tab.arrived("softmax")
    onward(tab).click()
    tab.arrived("nll")
    assert tab.page.locator(".onward-whole").text_content() == "Lesson 2 of 9"
    tab.go("home")
    expect(start).to_have_text(f"Go on with 2 {load('nll', 'en')('title')}")
    cards = tab.page.get_by_test_id("stMain").get_by_test_id("stPageLink-NavLink")
    expect(cards.filter(has_text="✓")).to_have_count(0)


def test_a_question_at_the_end_is_the_one_in_check_yourself(visit: Visit) -> None:
    """The first answer counts, gives the lesson its tick, and is known there."""
    tab = visit("nll", "lang=en")
    q = questions()["nll"]
    wrong = next(i for i, option in enumerate(QUESTIONS[q - 1].order) if not is_right(q, option))
    answer(tab, wrong)
    words = load("quiz", "en")
    expect(tab.page.locator(".st-key-question .stHtml")).to_contain_text(words("verdict.wrong"))
    expect(told(tab).filter(has_text="✓")).to_have_count(1)
    expect(told(tab).filter(has_text="✗")).to_have_count(1)
    expect(options(tab)).to_have_count(0)
    tab.page.locator(".st-key-question a").click()
    tab.arrived("quiz")
    said = dict(parse_qsl(urlsplit(tab.page.url).query))
    assert (said["q"], said[f"a{q}"]) == (str(q), QUESTIONS[q - 1].order[wrong])
    tab.go("home")
    cards = tab.page.get_by_test_id("stMain").get_by_test_id("stPageLink-NavLink").filter(has_text="✓")
    expect(cards).to_have_text(f"✓ 2 {load('nll', 'en')('title')}")


@pytest.mark.exhaustive
def test_what_was_answered_in_check_yourself_is_answered_in_the_lesson(visit: Visit) -> None:
    q = questions()["heights"]
    tab = visit("quiz", f"lang=ko&q={q}&a{q}={QUESTIONS[q - 1].right}")
    tab.go("heights")
    right = load("quiz", "ko")("verdict.right")
    expect(tab.page.locator(".st-key-question .stHtml")).to_contain_text(right)
