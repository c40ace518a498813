"""The guide: every beat done with the lesson's own controls, left, taken up again, switched off, linked."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from pages.shared.catalog import load
from tests.beats import CLAIMS, COURSE
from tests.browser.conftest import Visit
from tests.browser.driver import LESSONS, LessonPage, few_lessons

WITHOUT = tuple(name for name in LESSONS if name not in COURSE)
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 380, "height": 780}
# What the line shows: texts, whether what is true is said, and whether somebody can see it.
LINE = """() => {
  const { node, card } = document.querySelector(".ll").__live.guide;
  const part = (name) => node.querySelector(`.ll-guide-${name}`);
  const done = part("done");
  const { top, bottom, left, right } = card.getBoundingClientRect();
  return {
    where: part("count").textContent,
    text: part("text").textContent,
    done: done.checkVisibility({ visibilityProperty: true }) ? done.textContent : "",
    free: node.classList.contains("ll-guide-free"),
    off: node.classList.contains("ll-guide-off"),
    seen: top >= 0 && bottom <= innerHeight && left >= 0 && right <= innerWidth,
    ways: [...node.querySelectorAll("button")].filter((b) => b.checkVisibility()).map((b) => b.textContent),
  };
}"""

# Rows of tabs that can be seen, and of which none is chosen.
UNCHOSEN = """() => [...document.querySelectorAll(".ll-tabs")]
  .map((bar) => [...bar.querySelectorAll("[role=tab]")].filter((tab) => tab.checkVisibility()))
  .filter((tabs) => tabs.length && tabs.filter((tab) => tab.ariaSelected === "true").length !== 1)
  .map((tabs) => tabs.map((tab) => tab.textContent))"""


def line(tab: LessonPage) -> dict[str, Any]:
    """Return what the line of the guide shows."""
    shown: dict[str, Any] = tab.page.evaluate(LINE)
    return shown


def bring(tab: LessonPage, key: str, value: Any) -> None:
    """Bring a control to a value, by the hand: a thumb that is dragged, an option, a button."""
    control = tab.lesson.by_key[key]
    node = tab.page.locator(f".ll [data-key='{key}']")
    if control.kind == "choice":
        node.locator(f"label:has(input[value='{value}'])").click()
    elif control.kind == "button":
        node.get_by_role("button").click()
    else:
        stop = control.stops_in(tab.values()).index(value)
        tab.bring(key).press(key)
        tab.page.mouse.move(*tab.place(key, stop))
        tab.page.mouse.up()
        # A pixel may be more than a stop.
        at = int(tab.slider(key).input_value())
        for _ in range(abs(stop - at)):
            tab.slider(key).press("ArrowRight" if stop > at else "ArrowLeft")
    tab.until("live.seq > 0 && live.dirty === undefined && live.answered === live.seq")
    tab.settled()


def go_on(tab: LessonPage) -> None:
    """Press the way on."""
    turn = tab.live("live.guide.model.turn")
    tab.page.locator(".ll-guide-on").click()
    tab.until(f"live.guide.model.turn === {turn + 1}")
    # What is drawn for the first time may move the place once more.
    tab.page.wait_for_function(f"() => ({LINE})().seen")
    tab.settled()


# All that is said aloud from here on: of a control on its way the next sentence may follow at once.
LISTEN = """
() => {
  const node = document.querySelector(".ll-aloud");
  const said = (globalThis.__said = []);
  new MutationObserver(() => said.push(node.textContent)).observe(node, { childList: true });
}
"""


def walk(tab: LessonPage, name: str, code: str) -> None:
    """Do every beat of a lesson, one after another."""
    tab.page.evaluate(LISTEN)
    words, beats = load(name, code), tab.lesson.beats
    for n in range(1, len(beats) + 1):
        begins = line(tab)
        assert begins["where"] == words("live.beat", n=n, count=len(beats))
        assert begins["text"] == words(f"beat.{n}.text")
        assert (begins["done"], begins["free"], begins["off"]) == ("", False, False), (name, n)
        assert tab.url_values().get("beat") == (str(n) if n > 1 else None)
        assert tab.page.evaluate(UNCHOSEN) == [], (name, n)
        for key, value in CLAIMS[name, n].moves.items():
            bring(tab, key, value)
        ends = line(tab)
        assert (ends["done"], ends["free"]) == (words(f"beat.{n}.done"), False), (name, n)
        assert ends["seen"], f"{name}, {n}: what has come true is out of sight"
        assert any(words(f"beat.{n}.done") in said for said in tab.page.evaluate("__said")), (name, n)
        assert tab.lesson.has_done(n, tab.values())
        if n < len(beats):
            go_on(tab)
    # After the last one the way on is to the question at the lesson's end.
    tab.page.locator(".ll-guide-on").click()
    question = tab.page.locator(".st-key-question")
    expect(question.locator(":focus")).to_have_count(1)
    expect(question).to_be_in_viewport()
    tab.in_step()


@few_lessons(1, WITHOUT, in_turn=True)
def test_every_beat_is_done_with_the_controls_of_its_lesson(name: str, code: str, visit: Visit) -> None:
    walk(visit(name, f"lang={code}", viewport=WIDE), name, code)


@few_lessons(0, WITHOUT, in_turn=True)
def test_and_on_a_phone_in_the_other_language(name: str, code: str, visit: Visit) -> None:
    other = {"en": "ko", "ko": "en"}[code]
    walk(visit(name, f"lang={other}", viewport=PHONE), name, other)


def test_can_be_left_taken_up_again_and_switched_off(visit: Visit) -> None:
    tab = visit("softmax", "lang=en")
    bring(tab, "t", 2.01 if 2.01 in tab.lesson.by_key["t"].stops_in(tab.values()) else 10.0)
    left = line(tab)
    assert left["free"]
    assert left["done"] == ""
    # It keeps its room: nothing below it moves.
    assert left["text"] == tab.words("beat.1.text")
    tab.page.get_by_role("button", name=tab.words("live.guide_up")).click()
    tab.until("!live.guide.model.free")
    tab.settled().expect(tab.lesson.beat(1, tab.lesson.start))
    # By keys: on, and the keys stay at the button.
    tab.page.locator(".ll-guide-on").focus()
    tab.page.keyboard.press("Enter")
    tab.until("live.guide.model.n === 2")
    tab.settled()
    assert tab.page.evaluate("document.activeElement.className") == "ll-guide-on"
    assert "2 of 5" in tab.page.locator(".ll-aloud").inner_text()
    tab.page.get_by_role("button", name=tab.words("live.guide_off")).click()
    tab.until("live.guide.model.off")
    tab.settled()
    assert "beat" not in tab.url_values()
    assert line(tab)["ways"] == [tab.words("live.guide")]
    tab.go("nll")
    assert line(tab)["off"]
    tab.page.get_by_role("button", name=tab.words("live.guide"), exact=True).click()
    tab.until("!live.guide.model.off")
    assert line(tab.settled())["where"] == "1 of 5"


@pytest.mark.exhaustive
def test_a_link_to_a_beat_opens_it_with_what_was_moved(visit: Visit) -> None:
    tab = visit(viewport=PHONE)
    tab.unfolds = False  # what is opened above the line would push it away
    tab.open("losses", "lang=ko&beat=4")
    assert line(tab)["seen"]
    tab.unfold().settled().expect(tab.lesson.beat(4, tab.lesson.start))
    bring(tab, "z", -2.0)
    other = visit(viewport=PHONE)
    other.page.goto(tab.page.url)
    other.arrived("losses").expect(tab.values())
    assert line(other) == {**line(tab), "seen": line(other)["seen"]}


@pytest.mark.exhaustive
def test_what_floats_gives_way_to_the_hand(visit: Visit) -> None:
    tab = visit("heights", "lang=en", viewport=PHONE)
    tab.slider("mu").evaluate("(range) => range.scrollIntoView({ block: 'start', behavior: 'instant' })")
    tab.until("live.guide.isAway()")
    bring(tab, "mu", 172.0)
    assert tab.live("live.guide.afloat")
    assert line(tab)["seen"]
    # What comes to the eye now stops above it.
    tab.slider("mu_b").evaluate("(range) => range.scrollIntoView({ block: 'end', behavior: 'instant' })")
    x, y = tab.place("mu_b")
    assert tab.page.evaluate("([x, y]) => document.elementFromPoint(x, y).className", [x, y]) == "ll-range"
    tab.press("mu_b")
    assert not tab.live("live.guide.afloat")
    tab.page.mouse.up()
    tab.settled()
    assert line(tab)["done"] == tab.words("beat.1.done")
