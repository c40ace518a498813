"""What people's own hands do: typing over a slow line, swiping, copying, embedding, forced colours."""

from __future__ import annotations

import io
import itertools
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import Visit
from tests.browser.driver import LessonPage, SlowLine, few, few_lessons
from tests.browser.scripts import SEE_ALL

PHONE = {"viewport": {"width": 380, "height": 700}, "has_touch": True, "is_mobile": True}
FORCED = {"forced_colors": "active"}
LETTER = 150  # ms from letter to letter


# ---- Typing ----


def box(tab: LessonPage, key: str) -> Any:
    """Return the box of a control."""
    return tab.page.locator(f".ll [data-key='{key}'] input[type=text]")


def write(tab: LessonPage, key: str, text: str) -> None:
    """Come to a box by the pointer and type over what stands in it, as a person does."""
    box(tab, key).click()
    tab.page.keyboard.press("Control+A")
    tab.page.keyboard.type(text, delay=LETTER)


@few(
    "typed",
    [
        {"z1": "1.25", "z2": "−3.5", "z3": "7.75", "t": "2.5"},
        {"c1": "bear", "c2": "lynx", "c3": "Öre"},
    ],
    ids=["numbers", "names"],
)
def test_what_is_typed_into_neighbouring_boxes_over_a_slow_line_stands(typed: Any, visit: Visit) -> None:
    tab = visit("softmax", line=SlowLine(0.2))
    for key, text in typed.items():
        write(tab, key, text)
        assert box(tab, key).input_value() == text
    box(tab, key).press("Enter")
    tab.settled()
    values = tab.in_step()["values"]
    for key, text in typed.items():
        assert str(values[key]) == text.replace("−", "-")
        assert tab.url_values()[key] == text.replace("−", "-")


def test_an_answer_leaves_what_is_being_composed(visit: Visit) -> None:
    """An input method holds a syllable that is not yet a letter of the box when the answer comes."""
    tab = visit("softmax", "lang=ko", line=SlowLine(0.2))
    session = tab.devtools
    write(tab, "c1", "곰")
    box(tab, "c2").click()
    tab.page.keyboard.press("Control+A")
    for part in ("ㄱ", "고", "공"):
        session.send("Input.imeSetComposition", {"text": part, "selectionStart": 1, "selectionEnd": 1})
        tab.page.wait_for_timeout(LETTER)
    tab.until("live.answered === live.seq && live.values.c1 === '곰'")
    assert box(tab, "c2").input_value() == "공"
    session.send("Input.insertText", {"text": "공"})
    tab.page.keyboard.type("작", delay=LETTER)
    box(tab, "c2").press("Enter")
    assert tab.settled().in_step()["values"]["c2"] == "공작"


@pytest.mark.exhaustive
def test_a_box_that_is_left_as_it_was_shows_what_came_meanwhile(visit: Visit) -> None:
    """Letters typed and taken back: the answer was put off, and shows when he leaves."""
    tab = visit("softmax")
    write(tab, "z2", "9")
    tab.page.locator(".ll-preset[data-preset=tie]").evaluate("(button) => button.click()")
    tab.until("live.answered === live.seq && live.values.z2 === 3")
    assert box(tab, "z2").input_value() == "9"
    box(tab, "z2").press("Escape")
    assert box(tab, "z2").input_value() == "3.0"
    tab.settled().expect(tab.lesson.preset("tie", tab.lesson.start))


@pytest.mark.exhaustive
def test_text_areas_of_the_page_keep_what_is_typed(visit: Visit) -> None:
    tab = visit("heights", "data=own", line=SlowLine(0.2))
    area = tab.page.locator("[data-testid=stMain] textarea")
    tab.hover("mu").drag("mu", 40)
    area.click()
    tab.page.keyboard.type("170 171 180", delay=LETTER)
    tab.settled()
    assert area.input_value() == "170 171 180"


@pytest.mark.exhaustive
def test_the_choice_that_is_pressed_is_the_one_that_is_taken(visit: Visit) -> None:
    """A class gets its new name, which moves the choices, while the pointer is down on one of them."""
    tab = visit("nll", line=SlowLine(0.2))
    name = "W" * tab.lesson.by_key["c1"].longest
    tab.live(f"(live.values.c1 = '{name}', live.commit({{}}))")
    second = tab.page.locator(".ll [data-key=y] label").nth(1)
    before = second.bounding_box()
    second.hover()
    tab.page.mouse.down()
    tab.until("live.answered === live.seq && live.model.values.c1")
    assert second.bounding_box() == before
    tab.page.mouse.up()
    tab.until("live.values.y === '1' || live.values.y === 1")
    tab.settled().in_step()
    assert second.bounding_box() != before


@pytest.mark.exhaustive
def test_a_refusal_stays_until_something_else_is_entered(visit: Visit) -> None:
    tab = visit("softmax", line=SlowLine(0.2))
    tab.type("z1", "1.5")
    tab.type("z2", "ten")
    tab.until("live.answered === live.seq && live.seq > 0")
    notes = tab.settled().screen()["notes"]
    assert len(notes) == 1
    assert "“ten”" in notes[0]
    tab.type("z2", "3").settled()
    assert tab.in_step()["notes"] == []


@few("code", ["ko", "en"], daily=0)
def test_numbers_are_read_as_the_app_prints_them_or_the_reading_is_told(code: str, visit: Visit) -> None:
    tab = visit("heights", f"lang={code}")
    tab.type("n", "1,000").settled()
    assert tab.in_step()["values"]["n"] == 1000
    tab.type("mu", "171,5").settled()
    assert tab.in_step()["values"]["mu"] == 171.5
    for key, given, read in (("mu", "1,72", "1.72"), ("mu", "171,500", "171,500"), ("n", "2,5", "2.5")):
        tab.type(key, given)
        (note,) = tab.screen()["notes"]
        assert f"“{given}”" in note
        assert tab.words("live.read_as").replace("%read", read) in note or given == read
        assert "%" not in note
    tab.settled().in_step()


# ---- A finger ----


class Finger:
    """A finger on the screen."""

    def __init__(self, tab: LessonPage) -> None:
        self.tab = tab
        self.session = tab.devtools

    def __call__(self, kind: str, *place: float) -> None:
        """Put it down, move it, lift it, or have it taken away."""
        points = [{"x": place[0], "y": place[1], "id": 1}] if place else []
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def swipe(self, x: float, y: float) -> None:
        """Swipe upwards, a little askew as fingers do."""
        self("touchStart", x, y)
        for i in range(1, 13):
            self("touchMove", x + i / 2, y - 15 * i)
            self.tab.page.wait_for_timeout(16)
        self("touchEnd")


def scrolled(tab: LessonPage) -> float:
    return float(tab.page.get_by_test_id("stMain").evaluate("(main) => main.scrollTop"))


def top(tab: LessonPage, view: str) -> float:
    """Return where a figure begins on the screen."""
    return float(tab.page.locator(f"[data-view={view}]").evaluate("(n) => n.getBoundingClientRect().top"))


@few_lessons(1)
def test_a_vertical_swipe_that_begins_on_a_slider_leaves_its_value(name: str, visit: Visit) -> None:
    tab = visit(name, **PHONE)
    finger = Finger(tab)
    start = tab.values()
    # A player may stand among them; else sliders of a lesson differ in where they are.
    keys = tab.sliders()
    players = [key for key in keys if tab.lesson.by_key[key].kind == "player"]
    for key in dict.fromkeys((keys[0], keys[len(keys) // 2], keys[-1], *players)):
        tab.bring(key)
        left, y = tab.place(key, 0)
        last = tab.slider(key).evaluate("(range) => Number(range.max)")
        right, _ = tab.place(key, last)
        before = scrolled(tab)
        # Far from the thumb: where a press alone would move it.
        finger.swipe(right if tab.place(key)[0] - left < (right - left) / 2 else left, y)
        assert abs(scrolled(tab) - before) > 50
        assert tab.live("live.held") is None
        assert tab.value(key) == start[key], key
    assert tab.live("live.seq") == 0
    tab.settled().expect(start)


def test_a_tap_on_the_track_takes_its_place(visit: Visit) -> None:
    tab = visit("softmax", **PHONE)
    tab.bring("z1")
    x, y = tab.place("z1", 40)
    finger = Finger(tab)
    finger("touchStart", x, y)
    finger("touchEnd")
    tab.until("live.seq > 0")
    seen = tab.settled().in_step()
    assert abs(seen["controls"]["z1"]["thumb"] - 40) <= 1


@few("place", ["slider", "grip"])
def test_a_drag_that_is_taken_away_leaves_what_the_finger_found(place: str, visit: Visit) -> None:
    """The value lies between two stops, and stands again exactly."""
    tab = visit("softmax", "z1=1.234", **PHONE)
    start = tab.values()
    if place == "slider":
        x, y = tab.bring("z1").place("z1")
    else:
        x, y = tab.grip("columns")
    finger = Finger(tab)
    finger("touchStart", x, y)
    for i in range(1, 12):
        finger("touchMove", x - 5 * i, y)
    tab.drawn()
    assert tab.value("z1") < 0
    finger("touchCancel")
    tab.until("live.held === null")
    tab.settled().expect(start)


RINGS = """
() => {
  const { views } = document.querySelector(".ll").__live;
  return Object.entries(views).flatMap(([name, { grips }]) => (grips ?? []).flatMap((ring, i) =>
    (ring.checkVisibility() ? [[name, i, ring.dataset.axes]] : [])));
}
"""


# Whether a place is in reach of a ring, and of no other one.
NEAR = """
([view, i, x, y]) => {
  const ring = document.querySelector(".ll").__live.views[view].grips[i];
  return document.elementFromPoint(x, y)?.closest(".ll-grip") === ring;
}
"""


@few_lessons(0, without=("quiz",))
def test_a_finger_scrolls_beside_a_ring_and_drags_along_it(name: str, visit: Visit) -> None:
    """Up or down within reach of a ring the page scrolls, and nothing moves; along its way it moves alone."""
    tab = visit(name, **PHONE)
    finger = Finger(tab)
    # A figure has its rings once it was drawn, and it is drawn when it comes to sight.
    tab.page.evaluate(SEE_ALL)
    rings = tab.page.evaluate(RINGS)
    assert rings
    # One of each kind: what a finger does depends on the ways of a ring, not on its figure.
    for view, i, axes in {axes: (view, i, axes) for view, i, axes in rings}.values():
        start = tab.values()
        for beside in (20, 0) if axes == "x" else (20,):
            tab.page.locator(f"[data-view={view}]").evaluate("(n) => n.scrollIntoView({ block: 'center' })")
            tab.drawn().settled()
            x, y = tab.grip(view, i)
            before = scrolled(tab)
            # On the side on which no other ring is nearer.
            if not tab.page.evaluate(NEAR, [view, i, x + beside, y]):
                beside = -beside
            if not tab.page.evaluate(NEAR, [view, i, x + beside, y]):
                continue
            finger.swipe(x + beside, y)
            assert abs(scrolled(tab) - before) > 50, (view, i, beside)
            tab.until("live.held === null")
            tab.settled().expect(start)
        tab.page.locator(f"[data-view={view}]").evaluate("(n) => n.scrollIntoView({ block: 'center' })")
        tab.drawn().settled()
        x, y = tab.grip(view, i)
        before = top(tab, view)
        finger("touchStart", x, y)
        for step in range(1, 9):
            finger("touchMove", x - 5 * step * (axes != "y"), y - 5 * step * (axes != "x"))
            tab.drawn()
        back = tab.values() == start
        if back:  # it stands at its end
            for step in range(1, 9):
                finger("touchMove", x + 5 * step * (axes != "y"), y + 5 * step * (axes != "x"))
                tab.drawn()
        assert tab.values() != start, (view, i)
        # The page may scroll by what lines above have grown or shrunk, so that the figure stays where it is.
        assert abs(top(tab, view) - before) < 10
        finger("touchEnd")
        tab.until("live.held === null")
        tab.settled().in_step()


# ---- Copying ----


@few("way, code", itertools.product(("by hand", "refused", "clipboard"), ("en", "ko")), daily=0)
def test_copy(way: str, code: str, visit: Visit) -> None:
    """Over plain http and in iframes there is no clipboard; where the old way is barred too, it is said."""
    tab = visit("softmax", f"lang={code}")
    if way == "clipboard":
        tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    else:
        tab.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    if way == "refused":
        tab.page.evaluate("document.execCommand = () => false")
    button = tab.page.locator(".ll-copy")
    shown = tab.page.locator(".ll-code pre").text_content()
    assert shown
    button.click()
    told = tab.words("live.not_copied" if way == "refused" else "live.copied")
    tab.page.locator(".ll-copy", has_text=told).wait_for()
    if way == "refused":
        assert tab.page.evaluate("getSelection().toString()").strip() == shown.strip()
        return
    tab.page.evaluate("document.querySelector('.ll').append(document.createElement('textarea'))")
    tab.page.locator(".ll > textarea").focus()
    tab.page.keyboard.press("Control+V")
    assert tab.page.locator(".ll > textarea").input_value().strip() == shown.strip()


# ---- The address ----


@pytest.mark.exhaustive
def test_keys_of_others_in_the_address_stay(visit: Visit) -> None:
    others = "embed=true&embed_options=dark_theme&embed_options=disable_scrolling&utm_source=a%20b"
    tab = visit("softmax", f"z1=1.5&{others}&at=numerics")
    assert tab.screen()["theme"] == "dark"

    def keys() -> list[tuple[str, str]]:
        return [pair for pair in parse_qsl(urlsplit(tab.page.url).query) if pair[0] not in tab.values()]

    wanted = [("lang", "en"), *parse_qsl(others)]
    assert keys() == wanted
    tab.type("z2", "-3").until("live.seq > 0")
    tab.settled()
    assert keys() == wanted
    tab.page.reload()
    tab.arrived("softmax")
    assert keys() == wanted
    assert tab.screen()["theme"] == "dark"
    assert (tab.value("z1"), tab.value("z2")) == (1.5, -3.0)


# ---- Forced colours ----


def picture(tab: LessonPage, place: Any) -> np.ndarray[Any, Any]:
    """Return the pixels of a part of the page."""
    tab.page.mouse.move(1, 1)
    shot = place.screenshot(animations="disabled")
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)


def differ(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> float:
    """Return the share of pixels that plainly differ."""
    height, width = (min(a, b) for a, b in zip(one.shape[:2], other.shape[:2], strict=True))
    return float(np.mean(np.abs(one[:height, :width] - other[:height, :width]).max(axis=2) > 60))


@few(
    "name, thing, another",
    [
        ("softmax", ".ll-preset >> nth=1", ".ll-preset >> nth=2"),
        ("softmax", ".ll-tabs [data-tab=simplex]", ".ll-tabs [data-tab=temperature]"),
        ("nll", "[data-key=y] label >> nth=1", "[data-key=y] label >> nth=2"),
        ("quiz", "[data-key=a1] label >> nth=1", "h1"),
        ("losses", "[data-key=huber] label", "[data-key=huber] label"),
    ],
    daily=0,
)
def test_what_is_chosen_can_be_told_in_forced_colours(
    name: str, thing: str, another: str, visit: Visit
) -> None:
    tab = visit(name, **FORCED)
    place = tab.page.locator(thing)
    pictures = []
    for press in (another, thing):
        tab.page.locator(press).click()
        tab.settled()
        tab.page.evaluate("document.activeElement.blur()")
        pictures.append(picture(tab, place))
    assert differ(*pictures) > 0.2


@pytest.mark.exhaustive
def test_the_language_and_the_lesson_can_be_told_in_forced_colours(visit: Visit) -> None:
    tab = visit("softmax", **FORCED)
    switch = tab.page.locator(".st-key-language_switch button").first
    links = tab.page.get_by_test_id("stTopNavLink")
    chosen, here = picture(tab, switch), picture(tab, links.nth(1))
    tab.speak("ko")
    assert differ(chosen, picture(tab, switch)) > 0.2
    tab.speak("en").go("nll")
    assert differ(here, picture(tab, links.nth(1))) > 0.2


@few("scheme", ["dark", "light"], daily=0)
def test_sliders_and_figures_can_be_seen_in_forced_colours(scheme: str, visit: Visit) -> None:
    tab = visit("softmax", color_scheme=scheme, **FORCED)
    seen = picture(tab, tab.slider("z1"))
    height, width, _ = seen.shape
    ground = seen[1, width // 2]
    middle = seen[height // 2]
    # Left of the thumb, right of it, and the thumb itself.
    assert np.abs(middle[6] - ground).max() > 60
    assert np.abs(middle[width - 6] - ground).max() > 60
    assert np.abs(middle[6] - middle[width - 6]).max() > 40
    # A figure keeps its own ground, on which its letters can be read.
    figure = picture(tab, tab.page.locator("[data-view=columns] .ll-plotbox"))
    assert (figure[2, 2] > 200).all() == (scheme == "light")
