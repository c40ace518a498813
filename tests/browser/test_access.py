"""What a keyboard reaches and a screen reader hears: axe-core, rings by keys, the sentence at rest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest

from core.figures.quiz import COUNT
from pages.shared.catalog import LESSONS, load
from tests.browser.conftest import Visit
from tests.browser.driver import LessonPage, few_lessons
from tests.machine import some
from tests.spoken import expected, heard, says

# Of each lesson two that have nothing in common, every other lesson in Korean.
CORNERS: list[tuple[Literal["light", "dark"], int]] = [
    ("light", 1440),
    ("light", 380),
    ("dark", 380),
    ("dark", 1440),
]
# What Streamlit itself draws, and why it is not ours to mend.
STREAMLIT = {
    "[data-testid=stHeader]": "its bar with the way between pages",
    "[data-testid=stSidebar]": "its drawer",
    "[data-testid=stFileUploader]": "a button inside a button of its own",
    "[data-testid=stIFrame]": "its frame",
}

AXE = """
async (skipped) => {
  const options = { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } };
  const found = await axe.run({ exclude: skipped.map((s) => [s]) }, options);
  const where = (nodes) => nodes.map((n) => n.html.slice(0, 160)).join(" | ");
  return found.violations.map(({ id, nodes }) => `${id}: ${where(nodes)}`);
}
"""
OPEN = """
() => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  const closed = document.querySelectorAll(".ll-tools [aria-expanded=false]:not([hidden])");
  for (const button of closed) button.click();
}
"""


def violations(tab: LessonPage) -> list[str]:
    """Return what axe-core finds on the page with all figures drawn and everything opened."""
    import axe_playwright_python

    tab.page.evaluate(
        "() => { const { views } = document.querySelector('.ll').__live;"
        " for (const name in views) { views[name].node.scrollIntoView(); } scrollTo(0, 0); }"
    )
    tab.settled()
    tab.page.evaluate(OPEN)
    tab.until("!live.tables('waits').length")
    # What has just been opened learns its size in the next picture.
    tab.drawn().settled()
    tab.page.evaluate(
        (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    )
    found: list[str] = tab.page.evaluate(AXE, list(STREAMLIT))
    # What axe takes for granted: a page has one title, a head says of what it is one.
    assert tab.page.locator("h1").count() == 1
    assert tab.page.locator(".ll th:not([scope])").count() == 0
    assert tab.page.locator(".ll th[scope=row]").count() > 0
    return found


@pytest.mark.sampled
@few_lessons(1, in_turn=True)
def test_axe_finds_nothing_of_ours(name: str, code: str, visit: Visit) -> None:
    tab = visit(name, f"lang={code}")
    found = {}
    for scheme, width in some(CORNERS[LESSONS.index(name) % 2 :: 2], 1, name):
        tab.page.emulate_media(color_scheme=scheme)
        tab.until(f"live.root.dataset.theme === '{scheme}'")
        tab.page.set_viewport_size({"width": width, "height": 900})
        found[scheme, width] = violations(tab)
    assert not any(found.values()), found


# A state of each lesson, and in each section that says numbers a slider.
MOVED: dict[str, tuple[str, list[str]]] = {
    "home": ("z1=1.5&y=2", ["z1"]),
    "softmax": ("k=4&t=2&c2=wolf", ["z1", "n", "shift"]),
    "nll": ("y=1&t=2&ask=1&guess=down", ["z1", "h", "step"]),
    "cross_entropy": ("unit=bits&path=0.3", ["p1", "path", "step"]),
    "losses": ("m=0.5&square=1", ["m", "r", "q", "z", "outlier"]),
    "output_units": ("step=100", ["step", "t", "mu"]),
    "heights": ("n=200", ["mu", "true_mu", "step"]),
    "counts": ("draw=exact", ["n", "theta", "alpha"]),
    "pytorch": ("y=1", ["z1", "p1", "logit", "q", "mean"]),
    "confidence": ("split=all", ["t", "bins", "step"]),
    "quiz": ("a1=3&a3=1", ["q"]),
}
LISTEN = """
() => {
  globalThis.said = [];
  const aloud = document.querySelector(".ll-aloud");
  new MutationObserver(() => said.push(aloud.textContent)).observe(aloud, { childList: true });
}
"""


@few_lessons(1, in_turn=True)
def test_what_came_of_a_movement_is_said_at_rest(name: str, code: str, visit: Visit) -> None:
    state, keys = MOVED[name]
    tab = visit(name, f"{state}&lang={code}")
    aloud = tab.page.locator(".ll-aloud[role=status]")
    assert aloud.count() == 1
    assert aloud.text_content() == "", "whoever has just come is not talked to"
    tab.page.evaluate(LISTEN)
    before = tab.values()
    tab.hover(keys[0]).press(keys[0])
    x, y = tab.place(keys[0])
    for i in (1, 2, 3):
        tab.page.mouse.move(x + 20 * i, y)
        tab.drawn()
    assert tab.values() != before
    assert tab.page.evaluate("said") == [], "a movement is not talked over"
    tab.page.mouse.up()
    for i, key in enumerate(keys):
        if i:
            tab.slider(key).focus()
            tab.page.keyboard.press("ArrowLeft" if at_its_end(tab, key) else "ArrowRight")
        tab.until(f"live.seq > {i} && live.answered === live.seq")
        tab.settled()
        section = tab.page.locator(f".ll-section:has([data-key={key}])").get_attribute("data-section")
        said = aloud.text_content() or ""
        assert says(said, expected(name, tab.values())[section or ""]), (section, said)
        assert re.fullmatch(spoken_words(name, code, section or ""), said), (section, said)
        assert len(tab.page.evaluate("said")) == i + 1


def spoken_words(name: str, code: str, section: str) -> str:
    """Return a pattern of a section's sentence: its words, whatever stands in its places."""
    words = re.split(r"@\{\w+\}", load(name, code)(f"spoken.{section}"))
    return ".*".join(map(re.escape, words))


def at_its_end(tab: LessonPage, key: str) -> bool:
    """Tell whether a slider is at its last stop."""
    at: bool = tab.slider(key).evaluate("(range) => range.value === range.max")
    return at


def test_a_figure_opens_as_its_table_and_says_what_it_shows_now(visit: Visit) -> None:
    tab = visit("softmax", "z1=5&z2=4&z3=2&t=99")
    figure = tab.page.locator("[data-view=columns]")
    note, sent = tab.page.locator(".ll-notice p"), tab.live("live.stats.sent")
    assert "99" in (note.text_content() or "")
    figure.get_by_role("button", name="Numbers").press("Enter")
    assert "cat: p = 0.705385" in [row[0] for row in tab.rows("columns")]
    # Whoever reads has moved nothing; what is there is not asked for again.
    for _ in range(2):
        figure.get_by_role("button", name="Numbers").press("Enter")
    assert tab.live("live.stats.sent") == sent + 1
    assert note.count() == 1
    described = figure.locator("[role=img]").get_attribute("aria-describedby")
    assert "cat: z = 5" in (tab.page.locator(f"#{described}").text_content() or "")
    tab.slider("z1").focus()
    tab.page.keyboard.press("End")
    tab.until("live.values.z1 === 10 && live.answered === live.seq && live.seq > 0")
    tab.settled()
    assert "cat: z = 10" in [row[0] for row in tab.rows("columns")]
    # What was closed meanwhile is asked for, and shows nothing of before; the line on the preset stays.
    figure.get_by_role("button", name="Numbers").press("Enter")
    tab.page.locator(".ll-preset[data-preset=tie]").click()
    told = tab.page.locator(".ll-changed", has_text="→")
    told.wait_for()
    tab.settled()
    rows, opened = "[data-view=columns] tbody tr", figure.get_by_role("button", name="Numbers")
    assert opened.evaluate(f"(node) => (node.click(), document.querySelectorAll('{rows}').length)") == 0
    assert "cat: p = 0.333333" in [row[0] for row in tab.rows("columns")]
    assert told.count() == 1


def test_an_answer_is_marked_and_stays_and_keys_go_on_to_the_next_question(visit: Visit) -> None:
    tab = visit("quiz", "q=1")
    first, second = (tab.page.locator(f"[data-key=a{q}]") for q in (1, 2))
    aloud = tab.page.locator(".ll-aloud")
    options = first.locator("label")
    # The options of the first question stand in the order 3, 1, 2; the third is right.
    assert aloud.text_content() == ""
    options.nth(1).click()
    tab.until("live.values.a1 === '1' && live.answered === live.seq")
    assert heard(aloud.text_content() or "")[:2] == [1, COUNT]
    assert heard(aloud.text_content() or "")[-2:] == [0, 1], "right of those that are answered"
    assert f"{tab.words('spoken.wrong')} {tab.words('control.a1.choice.3')}" in (aloud.text_content() or "")
    assert [text[0] for text in options.all_text_contents()] == ["✓", "✗", "I"]
    options.nth(2).click()
    assert first.get_by_text(tab.words("settled")).is_visible()
    assert aloud.text_content() == tab.words("settled")
    assert options.nth(1).locator("input").is_checked()
    assert tab.values()["a1"] == "1"
    first.get_by_role("button", name=tab.words("onward.next")).press("Enter")
    second.locator("fieldset:focus").wait_for()
    tab.page.keyboard.press("Tab")
    assert second.locator("input").first.evaluate("(input) => input === document.activeElement")
    assert second.get_by_text(tab.words("settled")).count() == 0
    # A right answer in the other language.
    tab.open("quiz", "q=1&lang=ko")
    tab.page.locator("[data-key=a1] input[value='3']").check()
    tab.until("live.values.a1 === '3' && live.answered === live.seq")
    assert tab.words("spoken.right") in (aloud.text_content() or "")
    assert heard(aloud.text_content() or "")[-2:] == [1, 1]
