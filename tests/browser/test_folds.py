"""What is folded away: by whom it is opened, and what is not on the screen before."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.driver import LessonPage, few

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 380, "height": 760}


def folded(visit: Visit, name: str, query: str = "", **options: object) -> LessonPage:
    """Open a lesson as a person finds it."""
    tab = visit(**options)
    tab.unfolds = False
    return tab.open(name, query)


def more(tab: LessonPage) -> Locator:
    """Return the button of the first section's further controls."""
    return tab.page.locator(".ll-more > .ll-fold").first


def title(tab: LessonPage, section: str) -> Locator:
    """Return the button in a section's title."""
    return tab.page.locator(f".ll-section[data-section={section}] h2 > .ll-fold")


def test_more_opens_by_a_key_and_closes(visit: Visit) -> None:
    """A beginner sees what he needs; the rest is one press away."""
    tab = folded(visit, "heights", "lang=en")
    n = tab.page.locator(".ll [data-key=n]")
    expect(tab.page.locator(".ll [data-key=mu]")).to_be_visible()
    expect(n).to_be_hidden()
    expect(more(tab)).to_have_attribute("aria-expanded", "false")
    more(tab).press("Enter")
    expect(n).to_be_visible()
    expect(more(tab)).to_have_attribute("aria-expanded", "true")
    more(tab).click()
    expect(n).to_be_hidden()


@few(("query", "open_"), [("n=100", "true"), ("mu=180", "false")])
def test_more_is_open_where_a_link_sets_what_is_in_it(visit: Visit, query: str, open_: str) -> None:
    """A state that somebody is sent shows all that makes it."""
    tab = folded(visit, "heights", f"lang=en&{query}")
    expect(more(tab)).to_have_attribute("aria-expanded", open_)


@pytest.mark.exhaustive
def test_a_preset_opens_what_it_sets(visit: Visit) -> None:
    """What a preset changed is to be seen."""
    tab = folded(visit, "heights", "lang=en")
    tab.page.locator(".ll-preset[data-preset=metres]").click()
    expect(more(tab)).to_have_attribute("aria-expanded", "true")


def test_a_section_opens_by_its_title_and_is_drawn(visit: Visit) -> None:
    """What is looked up is drawn when it is looked up."""
    tab = folded(visit, "pytorch", "lang=en", viewport=PHONE)
    options = title(tab, "options")
    expect(options).to_have_attribute("aria-expanded", "false")
    figure = tab.page.locator(".ll-figure[data-view=batch]")
    expect(figure).to_be_hidden()
    options.press("Enter")
    expect(figure.locator(".main-svg").first).to_be_visible()
    tab.settled().expect_views(tab.screen(), "batch")


@few("query", ["shape=pixels", "at=shapes", "at=code"])
def test_a_link_opens_its_section(visit: Visit, query: str) -> None:
    """By the place that it names, or by a control there that it sets."""
    tab = folded(visit, "pytorch", f"lang=ko&{query}")
    section = "code" if query == "at=code" else "shapes"
    expect(title(tab, section)).to_have_attribute("aria-expanded", "true")
    expect(title(tab, "gauss")).to_have_attribute("aria-expanded", "false")


@pytest.mark.exhaustive
def test_a_watch_out_box_opens_the_section_that_it_shows(visit: Visit) -> None:
    """Its button leads to what can be seen there."""
    tab = folded(visit, "pytorch", "lang=en")
    tab.page.locator("[class*=st-key-watch-] button").last.click()
    expect(title(tab, "shapes")).to_have_attribute("aria-expanded", "true")


@few("viewport, most", [(PHONE, 6500), (WIDE, 4000)])
def test_the_longest_lesson_is_short(visit: Visit, viewport: dict[str, int], most: int) -> None:
    """PyTorch was 8,400 px long, and 12,600 on a phone."""
    tab = folded(visit, "pytorch", "lang=en", viewport=viewport)
    assert tab.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") < most


def test_on_a_phone_what_follows_the_first_section_is_a_list_that_opens(visit: Visit) -> None:
    """Heights was 8,600 px long."""
    tab = folded(visit, "heights", "lang=ko", viewport=PHONE, has_touch=True)
    assert tab.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") < 4500
    figure = tab.page.locator(".ll-figure[data-view=estimate]")
    expect(figure).to_be_hidden()
    title(tab, "truth").tap()
    expect(figure.locator(".main-svg").first).to_be_visible()
    tab.settled().expect_views(tab.screen(), "estimate")


@few("viewport, opens", [(PHONE, True), (WIDE, False)])
def test_a_claim_opens_on_a_phone_and_is_open_where_there_is_room(
    visit: Visit, viewport: dict[str, int], opens: bool
) -> None:
    """A wall of boxes is a list of claims first."""
    tab = folded(visit, "losses", "lang=en", viewport=viewport, has_touch=opens)
    box = tab.page.locator(".st-key-watch .stVerticalBlock:has(> .stElementContainer details)").first
    why, button, claim = box.locator("details > p").first, box.locator("button"), box.locator("summary")
    if opens:
        expect(why).to_be_hidden()
        expect(button).to_be_hidden()
        claim.tap()
    else:
        expect(claim).to_be_hidden()
    expect(why).to_be_visible()
    expect(button).to_be_visible()


@pytest.mark.exhaustive
def test_a_table_without_room_stands_the_other_way_round(visit: Visit) -> None:
    """What does not fit is seen all the same, as Python has it, and stays so when its numbers change."""
    tab = visit("nll", "lang=en&guess=up", viewport=PHONE)
    table = tab.page.locator(".ll-table[data-view=compare]")
    expect(table).to_have_attribute("data-turned", "true")
    assert table.evaluate("(node) => node.children[1].scrollWidth <= node.children[1].clientWidth")
    table.scroll_into_view_if_needed()
    tab.settled().expect_views(tab.screen(), "compare")
    tab.type("z1", "3")
    tab.settled()
    table.scroll_into_view_if_needed()
    tab.settled().expect_views(tab.screen(), "compare")
    tab.page.set_viewport_size(WIDE)
    expect(table).to_have_attribute("data-turned", "false")
    tab.settled().in_step()


@pytest.mark.exhaustive
def test_what_was_chosen_in_a_row_is_in_sight(visit: Visit) -> None:
    """On a phone a row of tabs or examples goes on beside the screen."""
    tab = folded(visit, "cross_entropy", "lang=en&beat=3", viewport=PHONE, has_touch=True)
    chosen = tab.page.locator(".ll-tabs > [aria-selected=true]").first
    expect(chosen).to_be_in_viewport(ratio=1)
    last = tab.page.locator(".ll-preset").last
    expect(last).not_to_be_in_viewport(ratio=1)
    last.evaluate("(button) => button.click()")
    tab.settled()
    expect(last).to_be_in_viewport(ratio=1)
