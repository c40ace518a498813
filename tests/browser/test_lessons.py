"""Every lesson in a real browser: links, words, keys, colours, the way between lessons."""

from __future__ import annotations

import json
import random
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from core.figures.pytorch import answers, shape_answer
from core.torch_reference import is_available
from pages.parts.tensors import options
from pages.shared.catalog import Words, load
from pages.shared.controls import query
from tests.browser.conftest import Visit
from tests.browser.driver import LESSONS, MOVING, LessonPage, few, few_lessons, lesson_named, some_values
from tests.browser.scripts import CONTRAST, SEE_ALL
from tests.machine import EXHAUSTIVE, some


def link(name: str, seed: int, language: str) -> tuple[Any, str]:
    """Return a state of a lesson, and the query of the address that somebody shared of it."""
    values = some_values(lesson_named(name), seed)
    return values, urlencode({**query(lesson_named(name).controls, values), "lang": language})


# ---- The address ----


@few(("name", "code"), [("output_units", "en"), ("pytorch", "ko"), ("heights", "en"), ("quiz", "ko")])
def test_cold_deep_link(name: str, code: str, cold_visit: Visit) -> None:
    """The first request that a server ever gets is a link: the screen shows what the link says.

    Of lessons that do much ahead, of the one that loads torch, and of one that does next to nothing.
    """
    values, shared = link(name, 1, code)
    cold_visit(name, shared).expect(values, language=code)


# A link of every lesson is opened by the test of the language switch; here is what becomes of its address.
@few("name", ["heights", "pytorch", "softmax", "quiz"])
def test_warm_deep_links_and_url_round_trip(name: str, visit: Visit) -> None:
    values, shared = link(name, 2, "ko")
    first = visit(name, shared)
    first.expect(values, language="ko")
    # The address bar of the first browser, opened by another browser, whose own language is English.
    second = visit()
    second.page.goto(first.page.url)
    second.arrived(name).expect(values, language="ko")
    assert second.page.url == first.page.url
    # Another link in the same tab, with a few values only: the rest is at its default.
    lesson = lesson_named(name)
    key = next(c.key for c in lesson.controls if c.in_url and c.kind == "slider" and c.live)
    given = {key: values[key]}
    second.open(name, f"{key}={values[key]}").expect(lesson.defaults.replace(**given), language="en")


# Every control's bad values are test_controls.py's; here is what a page says of them.
@few("name", ["home", "output_units"], daily=0)
def test_bad_value_in_the_address_gives_one_line_and_the_default(name: str, visit: Visit) -> None:
    lesson = lesson_named(name)
    control = next(c for c in lesson.controls if c.in_url and c.kind == "slider" and c.live)
    tab = visit()
    beyond = control.range_in(lesson.start)[1] * 2 + 1
    for bad in ("nan", "abc", f"{beyond:g}"):
        tab.open(name, urlencode({control.key: bad}))
        seen = tab.expect(lesson.defaults, language="en")
        assert len(seen["notes"]) == 1, seen["notes"]
        assert control.key in seen["notes"][0]
        assert bad in seen["notes"][0]
    tab.open(name, f"lang=xx&{control.key}=inf&unknown=1")
    seen = tab.expect(lesson.defaults, language="en")
    assert len(seen["notes"]) == 2, seen["notes"]
    assert tab.url_values()["unknown"] == "1"
    # Once somebody moves something, the lines have been read.
    tab.slider(control.key).focus()
    tab.page.keyboard.press("ArrowRight")
    tab.until("live.seq > 0")
    assert tab.settled().in_step()["notes"] == []


@pytest.mark.exhaustive
def test_first_visit_with_a_korean_browser_opens_korean(visit: Visit) -> None:
    assert visit("home", locale="ko-KR").screen()["language"] == "ko"
    assert visit("softmax", locale="ko").screen()["language"] == "ko"
    # An address that names a language is heard, and other languages get English.
    assert visit("softmax", "lang=en", locale="ko-KR").screen()["language"] == "en"
    assert visit("home", locale="fr-FR").screen()["language"] == "en"


# ---- What the hand does ----


# That each slider of each lesson moves a figure and a number is tests/pages/test_lessons.py's.
@few("name", ["cross_entropy"])
def test_changed_slider_changes_plot_and_formula(name: str, visit: Visit) -> None:
    tab = visit(name)
    sliders = tab.sliders()
    for key in random.Random(name).sample(sliders, min(3, len(sliders))):
        before = tab.in_step()
        tab.slider(key).focus()
        at_its_end = before["controls"][key]["thumb"] == before["controls"][key]["last"]
        tab.page.keyboard.press("PageDown" if at_its_end else "PageUp")
        tab.until(f"live.values['{key}'] !== {before['values'][key]}")
        after = tab.settled().in_step()
        views = before["views"]
        changed = {views[view]["type"] for view in views if views[view] != after["views"].get(view)}
        assert "figure" in changed, f"{key} moves no figure"
        assert changed & {"lines", "table"}, f"{key} moves no number"


# Every lesson from end to end is test_keys.py's; here are a slider of whole numbers and one of others.
@pytest.mark.exhaustive
@pytest.mark.parametrize("name", ["output_units", "softmax"])
def test_keyboard_alone(name: str, visit: Visit) -> None:
    tab = visit(name)
    keyboard = tab.page.keyboard
    key = tab.sliders()[0]
    control = tab.lesson.by_key[key]
    stops = control.stops_in(tab.values())

    def tab_to(selector: str) -> None:
        for _ in range(60):
            keyboard.press("Tab")
            if tab.page.evaluate("(s) => document.activeElement?.matches(s) ?? false", selector):
                return
        pytest.fail(f"60 times Tab never reach {selector}")

    def settles_at(value: Any) -> None:
        tab.page.wait_for_function(
            "([key, text]) => new URLSearchParams(location.search).get(key) === text",
            arg=[key, query([control], tab.values().replace(**{key: value}))[key]],
        )
        tab.settled()
        assert tab.value(key) == value
        tab.in_step()

    tab_to(f"[data-key='{key}'] .ll-range")
    focused = tab.slider(key).screenshot()
    tab.page.evaluate("document.activeElement.blur()")
    assert tab.slider(key).screenshot() != focused, "nothing shows where the focus is"
    tab.slider(key).focus()
    keyboard.press("Home")
    settles_at(stops[0])
    keyboard.press("ArrowRight")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowLeft")
    settles_at(stops[1])
    keyboard.press("End")
    settles_at(stops[-1])
    keyboard.press("ArrowDown")
    settles_at(stops[-2])
    keyboard.press("PageDown")
    tab.until(f"live.values['{key}'] !== {stops[-2]}")
    tab.settled()
    down = tab.value(key)
    assert down < stops[-3], "PageDown moves more than an arrow"
    keyboard.press("PageUp")
    settles_at(stops[min(len(stops) - 1, stops.index(down) + len(stops) - 2 - stops.index(down))])
    keyboard.press("Delete")
    settles_at(tab.lesson.start[key])

    # The number box is the stop before the slider, and takes an exact value that the slider has no stop for.
    keyboard.press("Shift+Tab")
    assert tab.page.evaluate("document.activeElement.className") == "ll-number"
    exact = stops[1] if control.whole else round((stops[3] + stops[4]) / 2 + 0.00013, 5)
    keyboard.type(str(exact))
    keyboard.press("Enter")
    settles_at(exact)
    # What is not a number is refused with one sentence, and the old value comes back.
    tab.number(key).fill("abc")
    keyboard.press("Enter")
    tab.page.locator(".ll-notice p").wait_for()
    seen = tab.screen()
    assert len(seen["notes"]) == 1
    assert "abc" in seen["notes"][0]
    settles_at(exact)
    # A double click on the slider resets.
    tab.slider(key).dblclick()
    settles_at(tab.lesson.start[key])


@pytest.mark.sampled
@few_lessons(1)
def test_presets_set_the_whole_state(name: str, visit: Visit) -> None:
    """And the marks that went there end in the picture of it, of four; test_every_size goes to all."""
    tab = visit(name, **MOVING)
    lesson = tab.lesson
    chosen = random.Random(name).sample(lesson.buttons, min(4, len(lesson.buttons)))
    for preset in some(chosen, 2, name):
        wanted = lesson.preset(preset, tab.values())
        before = tab.live("live.seq")
        tab.page.locator(f".ll-preset[data-preset='{preset}']").click()
        tab.until(f"live.seq > {before}")
        # What comes to sight as the page makes room for a note is drawn after that.
        seen = tab.settled().drawn().settled().expect(wanted)
        assert seen["preset"] == [lesson.pressed(wanted)]
        assert seen["notes"] == [] or lesson.notes is not None


@pytest.mark.sampled
@few_lessons(1, without=("home", "quiz"))
def test_watch_out_buttons_set_the_state_and_bring_it_to_the_eye(name: str, visit: Visit) -> None:
    """A box for each place that some lead to: where the page glides to hangs on nothing else."""
    tab = visit(name, **MOVING)
    lesson, words = tab.lesson, load(name, "en")
    boxes = words.under("watch")
    assert boxes, "a lesson without a watch-out box"
    buttons = tab.page.locator("[class*=st-key-watch-] button")
    assert buttons.count() == len(boxes)

    def leads_to(box: str) -> str:
        key = f"watch.{box}.section"
        place = words(key) if key in words else lesson.sections[0].key
        return next(section.key for section in lesson.sections if place in (section.key, *section.tabs))

    for target, box in some({leads_to(box): box for box in boxes}.items(), 2, name):
        i = boxes.index(box)
        wanted = lesson.preset(words(f"watch.{box}.preset"), tab.values())
        assert buttons.nth(i).inner_text().strip().endswith(words(f"watch.{box}.see"))
        turn = tab.live("live.turned ?? 0")
        buttons.nth(i).click()
        tab.until(f"live.turned > {turn}")
        tab.page.wait_for_function(
            """(key) => {
              const section = document.querySelector(`.ll-section[data-section="${key}"]`);
              const { top } = section.getBoundingClientRect();
              return top > -20 && top < innerHeight / 2;
            }""",
            arg=target,
            polling=50,
        )
        tab.settled().expect(wanted)


# ---- Words ----

HANGUL = re.compile(r"[가-힣]")
ENGLISH = re.compile(r"[A-Za-z]{2,}(?:,? [A-Za-z]{2,}){2,}")


def quoted(name: str, values: Any) -> set[str]:
    """Return what a lesson quotes as a program says it, in every language: the messages of errors."""
    if name != "pytorch":
        return set()
    said = [shape_answer(values["shape"], live).error for live in (False, is_available())]
    said += [answers(options(values), live).error for live in (False, is_available())]
    return {message for message in said if message}


def plain_texts(words: Words) -> dict[str, str]:
    """Return the texts that stand on the page as they are in the file: no places to fill, no marks."""
    return {
        key: " ".join(words(key).split())
        for key in words
        # Where a box leads to is a name in the code, not a word on the page.
        if not re.search(r"[@%*$`\\\n]", words(key)) and not re.search(r"\.(section|preset)$", key)
    }


def all_texts(tab: LessonPage) -> set[str]:
    """Return all words of the page, also those of figures that are drawn only when they come into sight."""
    tab.page.evaluate(SEE_ALL)
    return tab.settled().texts()


@few_lessons(1)
def test_language_switch_changes_every_word_and_keeps_the_values(name: str, visit: Visit) -> None:
    values, shared = link(name, 3, "en")
    tab = visit(name, shared)
    tab.expect(values, language="en")
    english = all_texts(tab)
    tab.speak("ko").expect(values, language="ko")
    korean = all_texts(tab)
    # And back, all that Python draws; make test looks at every other word, too.
    tab.speak("en").expect(values, language="en")
    assert EXHAUSTIVE or all_texts(tab) == english

    theirs, ours = plain_texts(load(name, "en")), plain_texts(load(name, "ko"))
    pairs: dict[str, set[str]] = {}
    for key in theirs.keys() & ours.keys():
        if theirs[key] in english:
            pairs.setdefault(theirs[key], set()).add(ours[key])
    assert len(pairs) >= 5
    kept = set(ours.values())
    assert not [text for text in pairs if text in korean and text not in kept], "still English"
    gone = [text for text, them in pairs.items() if not them & korean and text not in korean]
    assert not gone, "not there in Korean"
    own = {str(values[c.key]) for c in tab.lesson.controls if c.kind == "text" and values[c.key]}
    own |= quoted(name, values)

    def strange(texts: set[str], pattern: re.Pattern[str]) -> list[str]:
        found = []
        for text in texts:
            for word in own:
                text = text.replace(word, "")
            # A term's English name stands behind it in brackets.
            text = re.sub(r"(?<=[가-힣])\([^()]*\)", "", text.replace("nan, ", ""))
            if pattern.search(text) and text not in ("한국어", "Skip to main content"):  # Streamlit's own
                found.append(text)
        return found

    assert strange(english, HANGUL) == [], "Korean on the English page"
    assert strange(korean, ENGLISH) == [], "English on the Korean page"


# ---- Colours ----


@pytest.mark.sampled
@few_lessons(1)
def test_light_and_dark_are_readable(name: str, visit: Visit) -> None:
    tab = visit(name, color_scheme="dark")
    poor: dict[str, Any] = {}
    for theme in some(("dark", "light"), 1, name):
        tab.page.emulate_media(color_scheme=theme)
        tab.page.wait_for_function("(t) => document.querySelector('.ll').dataset.theme === t", arg=theme)
        tab.settled().in_step()
        ground = tab.page.get_by_test_id("stApp").evaluate("(app) => getComputedStyle(app).backgroundColor")
        assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(14, 17, 23)"}[theme]
        # What is out of sight is drawn when it comes into sight.
        for view in tab.live(
            "Object.keys(live.views).filter((name) => live.views[name].node.checkVisibility())"
        ):
            tab.page.locator(f"[data-view='{view}']").evaluate("(n) => n.scrollIntoView({ block: 'center' })")
            tab.until(f"!live.views['{view}'].stale")
        # Streamlit lets the colours of its own text fade over.
        tab.page.wait_for_function("document.getAnimations().every((a) => a.playState !== 'running')")
        found = tab.page.evaluate(CONTRAST)
        assert found["count"] > 30
        if found["poor"]:
            poor[theme] = found["poor"]
    assert not poor, f"too little contrast: {poor}"


# ---- From lesson to lesson ----


# The way between pages is the same for all; these are Home, a long lesson, and the quiz.
@few("name", ["home", "heights", "quiz"], daily=0)
def test_page_switch_and_back(name: str, visit: Visit) -> None:
    other = "softmax" if name in ("home", "cross_entropy", "heights") else "home"
    values, shared = link(name, 4, "ko")
    tab = visit(name, shared)
    tab.expect(values, language="ko")
    theirs = tab.go(other).values()
    tab.expect(theirs, language="ko")
    tab.go(name).expect(values, language="ko")
    tab.page.go_back()
    tab.arrived(other).expect(theirs, language="ko")
    tab.page.go_back()
    tab.arrived(name).expect(values, language="ko")
    tab.page.go_forward()
    tab.arrived(other).expect(theirs, language="ko")
    tab.page.go_forward()
    tab.arrived(name).expect(values, language="ko")
    # What was changed by hand, not by a link, stays too.
    key = tab.sliders()[0]
    tab.slider(key).focus()
    tab.page.keyboard.press("Home")
    tab.until("live.seq > 0")
    changed = tab.settled().values()
    tab.expect(changed, language="ko")
    tab.go(other).go(name).expect(changed, language="ko")
    # An address that somebody comes back to has its language, and the navigation follows.
    tab.speak("en")
    tab.page.go_back()
    tab.arrived(other).expect(tab.values(), language="ko")
    tab.go(name)


def test_shared_keys_travel_from_softmax_to_nll(visit: Visit) -> None:
    tab = visit("softmax", "k=4&z1=1.5&z2=-2&z3=0.25&z4=9&t=2&y=3&c2=wolf")
    values = tab.values()
    tab.go("nll")
    nll = tab.in_step()["values"]
    shared = ["k", "t", "y", "c2", *(f"z{i}" for i in range(1, 11))]
    assert {key: nll[key] for key in shared} == {key: values[key] for key in shared}
    tab.type("z1", "-3.25").until("live.seq > 0")
    tab.settled().go("softmax").expect(values.replace(z1=-3.25))


@few("name", ["softmax", "nll"], daily=0)
def test_names_are_drawn_letter_by_letter(name: str, visit: Visit) -> None:
    """Tags, entities and places to fill in people's names are no markup: at axes, in hovers, in lines."""
    names = ["<b>", "%{x}", "&#38;lt;", "\U0001f468\u200d\U0001f469\u200d\U0001f467"]
    own = {f"c{i}": given for i, given in enumerate(names, start=1)}
    tab = visit(name, urlencode({"k": 4, "y": 1, "guess": "down", "lang": "en", **own}))
    view, trace, on = {"softmax": ("columns", 2, "x3y"), "nll": ("gradient", 1, "x2y")}[name]
    tab.page.evaluate(f"() => document.querySelector('.ll').__live.views.{view}.node.scrollIntoView()")
    tab.drawn()
    plot = f"live.views.{view}.plot"
    assert tab.live(f"[...{plot}.querySelectorAll('.ytick text')].map((node) => node.textContent)") == names
    for i, given in enumerate(names):
        # Whatever is drawn takes a label away: it is asked for until it stays.
        hover = f"globalThis.Plotly.Fx.hover({plot}, [{{ curveNumber: {trace}, pointNumber: {i} }}], '{on}')"
        said = f"{plot}.querySelector('.hoverlayer')?.textContent"
        tab.until(f"({hover}, {said}?.startsWith({json.dumps(given)} + ': '))")
    lines = tab.screen()["views"]["formula"]["lines"]
    if name == "softmax":
        assert [line.partition(" = ")[0] for line in lines[:4]] == [f"p({given})" for given in names]
    else:
        assert "p(%{x})" in lines[0]


@pytest.mark.exhaustive
def test_the_five_names_lead_to_the_same_number(visit: Visit) -> None:
    """Each of Home's five names is a link to a lesson that shows its number, and goes on in the language."""
    tab = visit("home", "lang=ko")
    links = tab.live("[...live.views.five.node.querySelectorAll('a')].map((node) => node.href)")
    assert len(links) == 5
    for i, href in enumerate(links):
        tab.page.locator(".ll-table a").nth(i).click()
        tab.arrived(urlsplit(href).path.strip("/"))
        assert tab.page.url.startswith(tab.server.origin)
        tab.page.wait_for_function("() => document.body.innerText.includes('0.349012')")
        assert tab.screen()["language"] == "ko"
        tab.page.go_back()
        tab.arrived("home")


@pytest.mark.exhaustive
def test_every_lesson_is_reached_from_home_and_by_the_link_onwards(visit: Visit) -> None:
    tab = visit("home")
    main = tab.page.get_by_test_id("stMain")
    for name in LESSONS[1:]:
        main.get_by_test_id("stPageLink-NavLink").filter(has_text=load(name, "en")("title")).first.click()
        tab.arrived(name)
        tab.page.go_back()
        tab.arrived("home")
    tab.go("softmax")
    for name in LESSONS[2:]:
        main.get_by_test_id("stPageLink-NavLink").last.click()
        tab.arrived(name).in_step()
