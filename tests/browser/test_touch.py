"""What looks as if it did something does it: cells, squares, cards; terms and marks that belong together."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from pages.shared.catalog import load
from tests.browser.conftest import Visit
from tests.browser.driver import LessonPage

PHONE = {"width": 380, "height": 760}


def press(tab: LessonPage, view: str, title: str) -> LessonPage:
    """Press a part of a figure by what it is called."""
    tab.page.locator(f".ll-figure[data-view={view}] .ll-cell[title='{title}']").first.click()
    return tab.settled()


@pytest.mark.exhaustive
def test_a_cell_of_pytorch_chooses_its_pair(visit: Visit) -> None:
    tab = visit("pytorch", "lang=en")
    press(tab, "grid", "CrossEntropyLoss(z)")
    assert (tab.value("feed"), tab.value("loss")) == ("logits", "CrossEntropyLoss")
    tab.in_step()
    press(tab, "graph", "y = dog")
    assert tab.value("y") == 1
    tab.in_step()


@pytest.mark.exhaustive
def test_a_square_leads_to_its_question_on_a_phone(visit: Visit) -> None:
    tab = visit("quiz", "lang=ko", viewport=PHONE, has_touch=True)
    tab.page.locator(".ll-cell[title^='12:']").tap()
    tab.settled()
    assert tab.value("q") == 12
    tab.in_step()


@pytest.mark.exhaustive
def test_a_cell_of_the_batch_is_its_rows_label(visit: Visit) -> None:
    tab = visit("nll", "lang=en&at=batch")
    cell = tab.page.locator(".ll-figure[data-view=batch] .ll-cell").nth(5)
    cell.click()
    tab.settled()
    assert tab.value("l2") == 2
    tab.in_step()


@pytest.mark.exhaustive
def test_a_card_of_home_is_its_link(visit: Visit) -> None:
    tab = visit("home", "lang=ko")
    tab.page.locator(".st-key-card-counts img").click(force=True)  # over it lies the link
    tab.arrived("counts")


def test_a_term_lights_its_marks_and_a_mark_its_terms(visit: Visit) -> None:
    tab = visit("cross_entropy", "lang=en")
    dimmed = tab.page.locator(".ll-figure[data-view=cost] .ll-dim")
    term = tab.page.locator(".ll-lines .ll-role-kl").first
    term.hover()
    expect(term).to_have_class("ll-role-kl ll-strong ll-lit")
    bright = tab.page.locator(".ll-figure[data-view=cost] .barlayer .point:not(.ll-dim)")
    expect(dimmed.first).to_be_attached()
    # KL itself, and its part of the sum.
    expect(bright).to_have_count(2)
    tab.page.mouse.move(1, 1)
    expect(dimmed).to_have_count(0)
    box = bright.first.bounding_box()
    assert box
    tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(tab.page.locator(".ll-lines .ll-lit").first).to_be_visible()


@pytest.mark.exhaustive
def test_a_figure_without_such_marks_stays_as_it_is(visit: Visit) -> None:
    tab = visit("pytorch", "lang=en")
    tab.page.locator(".ll-terms .ll-role-loss").locator("visible=true").first.hover()
    expect(tab.page.locator(".ll-figure[data-view=graph] .ll-dim").first).to_be_attached()
    expect(tab.page.locator(".ll-figure[data-view=grid] .ll-dim")).to_have_count(0)


@pytest.mark.exhaustive
def test_terms_light_up_by_keys_and_by_a_finger(visit: Visit) -> None:
    tab = visit("cross_entropy", "lang=en", viewport=PHONE, has_touch=True)
    lines = tab.page.locator(".ll-terms").first
    expect(lines).to_have_attribute("aria-label", load("cross_entropy", "en")("live.terms"))
    tab.page.locator(".ll-terms .ll-role-kl").locator("visible=true").first.tap()
    expect(tab.page.locator(".ll-lines .ll-lit")).to_have_class("ll-role-kl ll-strong ll-lit")
    tab.page.locator(".ll-section h3").first.tap()
    expect(tab.page.locator(".ll-dim")).to_have_count(0)
    tab.page.keyboard.press("Tab")
    lines.focus()
    first = tab.page.locator(".ll-lines .ll-lit")
    expect(first).to_have_count(1)
    before = first.text_content()
    tab.page.keyboard.press("ArrowRight")
    expect(first).not_to_have_text(before or "")


def test_a_finger_finds_choices_tabs_and_sliders(visit: Visit) -> None:
    """What makes room for a finger's tip lies over nothing else."""
    tab = visit("confidence", "lang=ko", viewport=PHONE, has_touch=True, is_mobile=True)
    assert tab.page.evaluate("matchMedia('(pointer: coarse)').matches")
    tab.page.locator("[data-key=data] label").nth(1).tap()
    tab.until("live.values.data === 'smoothed'")
    tab.settled().in_step()
    for button in tab.page.locator(".ll-tabs").first.get_by_role("tab").all():
        button.tap()
        expect(button).to_have_attribute("aria-selected", "true")
    x, y = tab.bring("t").place("t", 40)
    tab.page.touchscreen.tap(x, y + 8)
    tab.until("live.seq > 1")
    assert tab.settled().value("t") == tab.lesson.by_key["t"].stops_in(tab.values())[40]
    tab.in_step()
