"""Every size of screen: controls can be reached, hand and figure are seen together, nothing overlaps."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from pages.shared.catalog import LANGUAGES, LESSONS, load
from tests.browser.conftest import Visit
from tests.browser.driver import LessonPage, few, few_lessons
from tests.browser.scripts import COVERED, OVERLAPS, SEE_ALL, SMALLEST, TOGETHER
from tests.machine import some

# From the projector of a hall to a page at 400 %: one tab becomes all of them, as a window that is turned.
PROJECTOR, PHONE = (1440, 900), (380, 700)
SIZES = [(1920, 1080), PROJECTOR, (1024, 768), (820, 1180), (740, 360), PHONE, (320, 256)]


def resize(tab: LessonPage, size: tuple[int, int]) -> None:
    """Give the window another size, and let the page come to rest in it."""
    tab.page.set_viewport_size({"width": size[0], "height": size[1]})
    tab.drawn().settled()


def turn_to(tab: LessonPage, turn: int) -> bool:
    """Choose one of the figures that take turns, in every section that has as many; tell whether one has."""
    pressed: bool = tab.page.evaluate(
        """(turn) => {
          const bars = [...document.querySelectorAll(".ll-side > .ll-tabs")];
          const tabs = bars.map((bar) => [...bar.children].filter((one) => one.checkVisibility())[turn]);
          for (const tab of tabs) tab?.click();
          return tabs.some(Boolean);
        }""",
        turn,
    )
    return pressed


def turns(tab: LessonPage) -> Iterator[int]:
    """Have each of the figures that take turns drawn, one by one: with little room the main ones do, too."""
    for turn in itertools.count():
        if not turn_to(tab, turn) and turn:
            return
        tab.page.evaluate(SEE_ALL)
        yield turn


def overlaps(tab: LessonPage) -> list[str]:
    """Return what lies on what, in each of the figures that take turns."""
    found: list[str] = []
    for turn in turns(tab):
        found += [line for line in tab.page.evaluate(OVERLAPS, turn) if line not in found]
    return found


def apart(tab: LessonPage, size: tuple[int, int]) -> list[Any]:
    """Return the sliders that are not seen whole with their section's figure, where the window holds both.

    A projector and a phone hold both, whatever their sizes come to.
    """
    found = []
    for section in range(len(tab.lesson.sections)):
        for key in tab.sliders(section):
            seen = tab.page.evaluate(TOGETHER, key)
            if seen and not seen["ok"] and (seen["fits"] or size in (PROJECTOR, PHONE)):
                found.append((key, seen))
    return found


def below_the_fold(tab: LessonPage) -> list[Any]:
    """Return where the first figure ends, if that is not seen without scrolling."""
    bottom = tab.page.evaluate(
        """() => {
          const plot = [...document.querySelectorAll(".ll-plotbox")].find((node) => node.checkVisibility());
          return plot.getBoundingClientRect().bottom
            + document.querySelector("[data-testid=stMain]").scrollTop;
        }"""
    )
    return [bottom] if bottom > PROJECTOR[1] else []


WIDE = """
(width) => ["html", "body", "[data-testid=stMain]", ".stMainBlockContainer", ".ll"]
  .map((selector) => [selector, document.querySelector(selector).scrollWidth])
  .filter(([, wide]) => wide > width)
"""


def hidden_from_keys(tab: LessonPage) -> list[str]:
    """Return the sliders that something covers while they have the focus, for whoever goes backwards."""
    found = []
    for key in reversed(tab.sliders()):
        tab.slider(key).focus()
        tab.drawn()
        box = "const b = range.getBoundingClientRect();"
        at = "document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2)"
        if not tab.slider(key).evaluate(f"(range) => {{ {box} return {at} === range; }}"):
            found.append(key)
    return found


# Under each figure that stays: how much of the window it covers, and what lies where its caption was.
STUCK = """
async () => {
  const main = document.querySelector("[data-testid=stMain]");
  const header = document.querySelector("[data-testid=stHeader]").getBoundingClientRect().bottom;
  const before = main.scrollTop;
  const found = [];
  for (const grid of document.querySelectorAll(".ll-grid:not(.ll-no-board)")) {
    const figure = [...grid.querySelectorAll(".ll-figure")].find((node) => node.offsetHeight);
    if (!figure) continue;
    main.scrollTop += figure.getBoundingClientRect().top;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const { left, top, width, height } = figure.querySelector("figcaption").getBoundingClientRect();
    found.push({
      view: figure.dataset.view,
      stays: grid.classList.contains("ll-stays"),
      covered: figure.querySelector(".ll-plotbox").getBoundingClientRect().bottom - header,
      caption: figure.contains(document.elementFromPoint(left + width / 3, top + height / 2)),
    });
  }
  main.scrollTop = before;
  return found;
}
"""


def too_large_to_stay(tab: LessonPage) -> list[Any]:
    """Return what is seen of figures that stay and leave less than half of a phone; the first one stays."""
    # Its caption would lie over the controls.
    return [
        seen
        for i, seen in enumerate(tab.page.evaluate(STUCK))
        if (seen["covered"] > 0.46 * PHONE[1] or seen["caption"] if seen["stays"] else i == 0)
    ]


def expect_tables(tab: LessonPage) -> None:
    """Fail where a table goes on beside a phone's screen, or is another one than Python's."""
    tables = "Object.entries(live.views).filter(([, view]) => view.table?.checkVisibility())"
    tab.until(f"{tables}.every(([, view]) => view.beyond() <= 0)")
    seen = tab.screen()
    for view in tab.live(f"{tables}.map(([name]) => name)"):
        tab.expect_views(seen, view)


@few_lessons(1)
def test_every_size(name: str, code: str, visit: Visit) -> None:
    """In one language, by turns, everything; in the other what depends on its words at two widths."""
    tab = visit(name, f"lang={code}")
    whole = (LESSONS.index(name) + [*LANGUAGES].index(code)) % 2 == 0
    wrong: dict[str, Any] = {}

    def note(what: str, size: tuple[int, int], found: list[Any]) -> None:
        if found:
            wrong[f"{what} {size[0]}x{size[1]}"] = found

    for size in SIZES if whole else (PROJECTOR, PHONE):
        resize(tab, size)
        if whole:
            note("covered", size, tab.page.evaluate(COVERED))
        note("apart", size, apart(tab, size))
        stays: list[Any] = []
        lies: list[str] = []
        for turn in turns(tab):
            lies += [line for line in tab.page.evaluate(OVERLAPS, turn) if line not in lies]
            stays += too_large_to_stay(tab) if size == PHONE and name != "quiz" else []
        note("start", size, lies)
        note("stays", size, stays)
        if size == PROJECTOR:
            note("below the fold", size, below_the_fold(tab))
            note("smaller than 14 px", size, tab.page.evaluate(SMALLEST))
        if size == PHONE:
            note("scrolls sideways", size, tab.page.evaluate(WIDE, size[0]))
            note("covered under the focus", size, hidden_from_keys(tab))
        if size == PHONE and name != "quiz":
            turn_to(tab, 0)
            tab.drawn().settled()
            expect_tables(tab)
    # Of the presets one language has the even ones, the other the odd ones: a phone, and each of the others
    # in turn. A window is not turned back and forth for it.
    presets = some([*tab.lesson.presets][whole::2], 1, name)
    at = {preset: PHONE if i % 2 else SIZES[1 + i // 2 % 4] for i, preset in enumerate(presets)}
    for preset in sorted(presets, key=lambda preset: at[preset]):
        resize(tab, at[preset])
        wanted = tab.lesson.preset(preset, tab.values())
        tab.live(f"live.commit({{ preset: '{preset}' }})")
        # What it brings to the eye is there once the page has made room.
        tab.settled().drawn().settled().expect(wanted)
        # Nor does the page go there once more: somebody has gone on.
        tab.live("live.touched = true")
        note(preset, at[preset], overlaps(tab))
    assert not wrong, "\n".join(f"{key}: {line}" for key, lines in wrong.items() for line in lines)


# Pulls a held slider over its way and back to where it was; says what moved, and at which share of the way.
PULLED = """
async (key) => {
  const live = document.querySelector(".ll").__live;
  const main = document.querySelector("[data-testid=stMain]");
  const { range } = live.controls[key];
  const parts = live.root.querySelectorAll(".ll-lines, .ll-table, .ll-control, .ll-plotbox, .ll-section");
  const top = (node) => Math.round(node.getBoundingClientRect().top + main.scrollTop);
  const before = [...parts].filter((node) => node.checkVisibility()).map((node) => [node, top(node)]);
  const pull = (stop) => {
    range.value = stop;
    range.dispatchEvent(new Event("input", { bubbles: true }));
    live.drawFrame();
    live.drawDue(true);
  };
  const start = range.value;
  const { drawn } = live.stats;
  const shares = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];
  const moved = [];
  for (const share of shares) {
    pull(Math.round(range.max * share));
    // At the ends also what follows from another size is there.
    for (let i = 0; i < 2 && share % 1 === 0; i++) await new Promise((done) => requestAnimationFrame(done));
    for (const [node, was] of before) {
      const { view, key: control, section } = node.dataset;
      const by = top(node) - was;
      if (Math.abs(by) > 1) moved.push([key, share, view ?? control ?? section ?? node.className, by]);
    }
  }
  if (live.stats.drawn < drawn + shares.length) moved.push([key, "is not drawn"]);
  pull(start);
  return moved;
}
"""


@few_lessons(0)
def test_nothing_below_the_lines_moves_in_a_drag(name: str, visit: Visit) -> None:
    """A formula wraps anew with its numbers: there is room for the longest before the hand moves."""
    tab = visit(name, viewport={"width": 380, "height": 700})
    moved = []
    for section in range(len(tab.lesson.sections)):
        for key in some(tab.sliders(section), 2, name):
            tab.hover(key).press(key)
            moved += tab.drawn().page.evaluate(PULLED, key)
            # It is let go where it was taken: the next one starts from the same state, whose frames are kept.
            tab.drawn().page.mouse.up()
    assert not moved


# Where the guide, the examples, the controls and the figure of the first section are on the screen.
IN_SIGHT = """
() => [...document.querySelectorAll(
  ".ll-guide, .ll-presets, .ll-changed, .ll-section:first-of-type :is(.ll-control, .ll-mains > .ll-figure)"
)].filter((node) => node.checkVisibility()).map((node) => Math.round(node.getBoundingClientRect().top))
"""


@pytest.mark.parametrize("size", [(1440, 900), pytest.param((380, 700), marks=pytest.mark.exhaustive)])
def test_a_note_moves_nothing_that_is_under_the_hand(size: tuple[int, int], visit: Visit) -> None:
    """It comes and goes under the controls by which it came about, and is seen where it fits."""
    tab = visit("output_units", "lang=ko&step=400", viewport={"width": size[0], "height": size[1]})
    note = tab.page.locator(".ll-section[data-section=main] .ll-board .ll-notice p")
    tab.hover("rate")
    before = tab.page.evaluate(IN_SIGHT)
    stops = tab.lesson.by_key["rate"].stops_in(tab.values())
    for stop, said in ((0.15, 1), (0.02, 0), (stops[-1], 1), (0.01, 0)):
        tab.press("rate")
        tab.page.mouse.move(*tab.place("rate", stops.index(stop)))
        tab.page.mouse.up()
        tab.settled().drawn()
        assert tab.values()["rate"] == stop
        assert note.count() == len(tab.live("live.model.notes")) == said
        assert tab.page.evaluate(IN_SIGHT) == before, stop


@pytest.mark.exhaustive
def test_what_the_bar_at_the_top_has_no_room_for_is_told_in_the_pages_language(visit: Visit) -> None:
    tab = visit("losses", "lang=ko", viewport={"width": 1024, "height": 768})
    told = tab.words("live.others").replace("%n", "")
    bar = tab.page.get_by_test_id("stHeader")
    expect(bar.get_by_text(told)).to_be_visible()
    assert " more" not in bar.inner_text()
    # It stays so where another number of lessons has room.
    tab.page.set_viewport_size({"width": 960, "height": 768})
    tab.until(f"!/ more/.test(document.querySelector('[data-testid=stHeader]').innerText) && {told!r}")
    expect(bar.get_by_text(told)).to_be_visible()


def test_a_refusal_stands_under_the_control_that_it_is_about(visit: Visit) -> None:
    tab = visit("softmax", "lang=en")
    tab.bring("shift").type("shift", "ten")
    note = tab.page.locator(".ll-notice p")
    expect(note).to_contain_text("“ten”")
    assert note.evaluate("(node) => node.closest('.ll-section').dataset.section") == "numerics"
    expect(note).to_be_in_viewport()


@pytest.mark.exhaustive
def test_what_a_long_sentence_took_a_hand_does_not_take_away(visit: Visit) -> None:
    """On a phone what an example changes may take three lines, where there are two."""
    tab = visit("heights", "lang=en", viewport={"width": 380, "height": 700})
    line = tab.page.locator(".ll-changed")
    short = line.evaluate("(node) => node.offsetHeight")
    tab.page.locator(".ll-preset[data-preset=waiting]").click()
    expect(line).to_contain_text("→")
    tab.settled()
    long = line.evaluate("(node) => node.offsetHeight")
    assert long > short
    tab.type("mu", "12")
    expect(line).not_to_contain_text("→")
    tab.settled()
    assert line.evaluate("(node) => node.offsetHeight") == long


LARGE = """
() => {
  const size = (selector) => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize);
  const view = Object.values(document.querySelector(".ll").__live.views).find(({ plot }) => plot?.data);
  const tick = view.plot.querySelector(".xtick text, .ytick text");
  return {
    page: size(".stMainBlockContainer p"), button: size(".ll-preset"), control: size(".ll-label"),
    box: document.querySelector(".ll-number").getBoundingClientRect().height,
    figure: parseFloat(getComputedStyle(tick).fontSize) * view.scale,
  };
}
"""


@pytest.mark.exhaustive
def test_letters_figures_and_controls_grow_with_the_readers_own_size(visit: Visit) -> None:
    """A browser whose letters are set to 32 px in place of 16 shows the page twice as large, and whole."""
    tab = visit("softmax")
    before = tab.page.evaluate(LARGE)
    session = tab.devtools
    session.send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
    tab.page.reload()
    tab.arrived("softmax")
    after = tab.page.evaluate(LARGE)
    # A figure grows as far as its column lets it.
    assert {
        key: after[key] / before[key] >= (1.1 if key == "figure" else 1.9) for key in after
    } == dict.fromkeys(after, True), (before, after)
    assert tab.page.evaluate(COVERED) == []
    assert overlaps(tab) == []
    # The tab serves again.
    session.send("Page.setFontSizes", {"fontSizes": {"standard": 16}})


@pytest.mark.exhaustive
def test_a_projector_is_used_whole_and_the_way_stands_in_line(visit: Visit) -> None:
    tab = visit("softmax", viewport={"width": 1920, "height": 1080})
    left, right, way = tab.page.evaluate(
        """() => {
          const box = (selector) => document.querySelector(selector).getBoundingClientRect();
          const { left } = box("h1");
          return [left, box(".ll").right, box("[data-testid=stTopNavLink] span").left];
        }"""
    )
    assert left < 110
    assert right > 1810
    assert abs(left - way) < 4


CHOSEN = """
() => {
  const root = document.querySelector("[data-testid=stApp]");
  const groups = {
    presets: [".ll-preset", (n) => n.ariaPressed === "true"],
    tabs: [".ll-tabs > button", (n) => n.ariaSelected === "true"],
    choices: [".ll-choice > span", (n) => n.previousSibling.checked],
    languages: [".st-key-language_switch button", (n) => n.ariaChecked === "true"],
    lessons: ["[data-testid=stTopNavLink], [data-testid=stSidebarNavLink]",
      (n) => n.hasAttribute("aria-current")],
  };
  return Object.entries(groups).map(([name, [selector, chosen]]) => {
    const nodes = [...root.querySelectorAll(selector)].filter((node) => node.checkVisibility());
    const ground = (node) => getComputedStyle(node).backgroundColor;
    const sides = [true, false].map((is) => [...new Set(nodes.filter((n) => chosen(n) === is).map(ground))]);
    return [name, ...sides];
  });
}
"""


# All lessons share these groups; the quiz has none of some.
@few("name", ["home", "heights", "confidence", "quiz"], daily=0)
def test_every_choice_can_be_told_in_forced_colours(name: str, visit: Visit) -> None:
    """What is chosen has another ground than what is not, in every group and in the drawer."""
    tab = visit(name, forced_colors="active")
    if name == "quiz":
        tab.page.locator(".ll-choice").first.click()
        tab.until("live.seq > 0")
        tab.settled()
    elif not tab.live("live.model.preset"):
        # A lesson may open in a state that is none of its presets.
        tab.page.locator(".ll-preset").first.click()
        tab.until("live.model.preset")
        tab.settled()
    seen = set()
    for size in ((1440, 900), (380, 700)):
        resize(tab, size)
        if size[0] < 640:
            tab.page.get_by_test_id("stExpandSidebarButton").click()
            tab.page.get_by_test_id("stSidebarNavLink").first.wait_for()
        for group, chosen, others in tab.page.evaluate(CHOSEN):
            assert not set(chosen) & set(others), (size, group, chosen, others)
            if chosen and others:
                seen.add((size[0], group))
    assert {(1440, "lessons"), (380, "lessons"), (1440, "languages")} <= seen
    assert (1440, "presets") in seen or name in ("quiz",)


@pytest.mark.exhaustive
def test_the_drawer_of_a_phone_is_closed_once_a_lesson_was_chosen_and_speaks_the_language(
    visit: Visit,
) -> None:
    tab = visit("softmax", "lang=ko", viewport={"width": 380, "height": 700})
    assert tab.page.evaluate("document.documentElement.lang") == "ko"
    button = tab.page.get_by_test_id("stExpandSidebarButton")
    assert not re.search("[A-Za-z]", button.get_attribute("aria-label") or "A")
    button.click()
    link = tab.page.get_by_test_id("stSidebarNavLink").filter(has_text=load("nll", "ko")("nav"))
    link.click()
    tab.arrived("nll")
    # It glides away.
    tab.page.wait_for_function(
        "document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right <= 1", polling=50
    )
    tab.page.reload()
    tab.arrived("nll")
    assert button.is_visible()
    tab.in_step()


@pytest.mark.exhaustive
def test_a_figure_that_is_hidden_and_back_within_a_moment_is_still_seen(visit: Visit) -> None:
    tab = visit("losses")
    # The browser's watchers look once a frame: of this they notice nothing.
    seen = tab.page.evaluate(
        """async () => {
          const live = document.querySelector(".ll").__live;
          const view = live.views.margin;
          const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          await frame();
          view.node.style.display = "none";
          live.look();
          view.node.style.display = "";
          await frame();
          await frame();
          return [view.seen, view.visible];
        }"""
    )
    assert seen == [True, True]
