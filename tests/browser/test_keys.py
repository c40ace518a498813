"""A lesson from end to end by keys alone: Tab goes through all of it, and whatever it comes to is used."""

from __future__ import annotations

from collections import Counter
from typing import Any

from core.figures.reading import numbers
from pages.shared.catalog import LESSONS, load
from pages.shared.controls import Values, query
from pages.shared.frames import resolve
from tests.browser.conftest import Visit
from tests.browser.driver import SOURCES, LessonPage, few_lessons
from tests.machine import EXHAUSTIVE

# What has the focus: its kind, what it belongs to, its name, and whether it can be seen.
STOP = """
() => {
  const at = document.activeElement;
  const kinds = {
    preset: ".ll-preset", box: ".ll-number", range: ".ll-range", choice: ".ll [type=radio]", text: ".ll-text",
    toggle: "[type=checkbox]", player: ".ll-player-bar > button", draw: ".ll-button > button, .ll-onward",
    ring: ".ll-grip", tab: "[role=tab]", numbers: "[aria-controls^=ll-numbers]", details: "summary",
    watch: "[class*=st-key-watch-] button", link: "[data-testid=stPageLink-NavLink]:not(.st-key-onward *)",
  };
  const box = at.getBoundingClientRect();
  const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const view = at.closest("[data-view]");
  return {
    kind: Object.keys(kinds).find((kind) => at.matches(kinds[kind])) ?? at.localName,
    key: at.closest("[data-key]")?.dataset.key ?? at.dataset.preset ?? at.dataset.tab ?? "",
    view: view?.dataset.view ?? "",
    index: view ? [...view.querySelectorAll(".ll-grip")].indexOf(at) : -1,
    section: at.closest(".ll-section")?.dataset.section ?? "",
    name: at.ariaLabel || at.labels?.[0]?.textContent || at.textContent.trim(),
    style: at.className,
    seen: over !== null && (at.contains(over) || (at.closest("label") ?? at.parentNode).contains(over)),
  };
}
"""


class Keys:
    """Somebody who has no pointer."""

    def __init__(self, tab: LessonPage) -> None:
        self.tab = tab
        self.page = tab.page
        self.used: Counter[str] = Counter()
        self.stop: dict[str, Any] = {}
        self.trail: list[dict[str, Any]] = []

    def press(self, *names: str) -> None:
        """Press keys, one after another."""
        for name in names:
            self.page.keyboard.press(name)

    def go(self, key: str = "Tab") -> dict[str, Any]:
        """Go to the next stop."""
        self.press(key)
        self.stop = self.page.evaluate(STOP)
        return self.stop

    def to(self, kind: str, key: str = "Tab", *, name: str = "") -> None:
        """Go on to a stop of a kind."""
        for _ in range(250):
            if self.go(key)["kind"] == kind and self.stop["name"].endswith(name):
                return
        raise AssertionError(f"Tab never comes to {kind}")

    def does(self, *names: str, times: int = 1) -> Values:
        """Press keys that change the state; wait until all of the page says the same, and keys go on here."""
        seq = self.tab.live("live.seq")
        self.press(*names)
        self.tab.until(f"live.seq >= {seq + times} && live.answered === live.seq")
        self.tab.settled()
        values = self.tab.values()
        written = {"lang": self.tab.words.language, **query(self.tab.lesson.controls, values)}
        assert {key: text for key, text in self.tab.url_values().items() if key != "at"} == written
        # All that is on the page is compared for the first of each kind.
        if self.once(f"{self.stop['kind']} compared"):
            self.tab.in_step()
        now = self.page.evaluate(STOP)
        assert (now["kind"], now["key"], now["view"]) == tuple(self.stop[k] for k in ("kind", "key", "view"))
        return values

    # ---- What is done with what has the focus ----

    def use(self) -> None:
        """Use what has the focus, if it is something to use."""
        stop = self.stop
        assert stop["name"].strip(), f"{stop} has no name"
        assert stop["seen"], f"{stop} is covered"
        self.trail.append(stop)
        if act := getattr(self, f"use_{stop['kind']}", None):
            act()

    def once(self, what: str, most: int = 1) -> bool:
        """Count that something is used; tell whether that is the first time."""
        self.used[what] += 1
        return self.used[what] <= most

    def use_preset(self) -> None:
        lesson, before, name = self.tab.lesson, self.tab.values(), self.stop["key"]
        wanted = lesson.preset(name, before)
        if not lesson.presets[name].shows and wanted != before and self.once("preset"):
            assert self.does("Enter") == wanted

    def stops(self) -> list[Any]:
        return self.tab.lesson.by_key[self.stop["key"]].stops_in(self.tab.values())

    def use_box(self) -> None:
        key = self.stop["key"]
        low, high, step = self.tab.lesson.by_key[key].range_in(self.tab.values())
        value = low + step if self.tab.lesson.by_key[key].whole else round((low + 2 * high) / 3, 4)
        if value != self.tab.value(key) and self.once("box"):
            self.press("ControlOrMeta+a")
            self.page.keyboard.type(str(value))
            assert self.does("Enter")[key] == value

    def use_range(self) -> None:
        key, control = self.stop["key"], self.tab.lesson.by_key[self.stop["key"]]
        stops = self.stops()
        # All keys on one slider; in make test-all an arrow on some others.
        if not self.once("range"):
            if not EXHAUSTIVE or self.used["range"] > 4:
                return
            value, last = self.tab.value(key), stops[-1]
            moved = self.does("ArrowLeft" if value >= last else "ArrowRight")[key]
            assert (moved < value) if value >= last else (moved > value)
            return
        # What follows within a moment is settled with the last of it.
        for names, value in ((("Home", "ArrowRight"), stops[1]), (("End", "ArrowLeft"), stops[-2])):
            self.press(*names)
            assert self.tab.value(key) == value
        self.press("PageDown")
        far = self.tab.value(key)
        assert far < stops[-2]
        assert self.does("PageUp")[key] > far
        start = self.tab.live(f"live.model.controls['{key}'].start")
        assert self.does("Delete")[key] == start or control.stops is not None

    def use_choice(self) -> None:
        key = self.stop["key"]
        spec = self.tab.live(f"live.model.controls['{key}']")
        values = [choice[0] for choice in spec["choices"]]
        before = self.tab.live(f"live.values['{key}']")
        if before == "":
            # A question: arrows look at its answers, Space gives one.
            self.press("ArrowDown")
            assert self.tab.value(key) == ""
            assert self.does(" ")[key] == values[1]
        elif "right" not in spec and self.once(f"choice in {self.stop['section']}"):
            at = [str(value) for value in values].index(str(before))
            there = values[(at + 1) % len(values)]
            assert str(self.does("ArrowRight")[key]) == str(there)
            if self.once("choice and back"):
                assert str(self.does("ArrowLeft")[key]) == str(before)
        self.once("choice")

    def use_toggle(self) -> None:
        key = self.stop["key"]
        if self.once("toggle"):
            before = self.tab.value(key)
            assert self.does(" ")[key] == 1 - before
            assert self.does(" ")[key] == before

    def use_text(self) -> None:
        if self.once("text"):
            self.press("ControlOrMeta+a")
            self.page.keyboard.type("wolf")
            assert self.does("Enter")[self.stop["key"]] == "wolf"

    def use_draw(self) -> None:
        # A new sample may be the old one, once in ten thousand.
        if "ll-onward" not in self.stop["style"] and self.once("draw"):
            self.does("Enter")

    def use_player(self) -> None:
        key, stops = self.stop["key"], self.stops()
        self.once("player")
        if "ll-play" in self.stop["style"]:
            self.press("Enter")
            self.tab.until(f"live.values['{key}'] > {stops[1]}")
            self.does("Enter")
            assert not self.tab.live(f"live.controls['{key}'].timer")
        elif "ll-reset" in self.stop["style"]:
            assert self.does("Enter")[key] == stops[0]
        elif "ll-step" in self.stop["style"]:
            before = self.tab.value(key)
            assert self.does("Enter")[key] == stops[min(stops.index(before) + 1, len(stops) - 1)]

    def use_ring(self) -> None:
        where = f"live.model.views['{self.stop['view']}'].grips[{self.stop['index']}]"
        ring = self.page.locator(f"[data-view={self.stop['view']}] .ll-grip").nth(self.stop["index"])
        assert ring.get_attribute("role") == "slider"
        keys = [
            self.tab.live(f"'{keys}'.split('|').find((key) => live.controls[key].spec.shown)")
            for keys in self.tab.live(f"{where}.keys")
        ]
        axes = self.tab.live(f"{where}.axes")
        self.once("ring")
        # In make test-all those of each figure, of which rings of one kind differ in what they are called.
        if not self.once(f"ring along {axes} {self.stop['view'] if EXHAUSTIVE else ''}"):
            return
        for more, less, axis, key in (
            ("ArrowRight", "ArrowLeft", "x", keys[0]),
            ("ArrowUp", "ArrowDown", "y", keys[-1]),
        ):
            if axis not in axes:
                continue
            before, said = self.tab.values(), ring.get_attribute("aria-valuetext")
            stops = self.tab.lesson.by_key[key].stops_in(before)
            up = before[key] < stops[-1]
            after = self.does(more if up else less)
            assert ring.get_attribute("aria-valuetext") != said
            if len(keys) < 3:
                others = {k: v for k, v in after.items() if k != key}
                assert others == {k: before[k] for k in others}, "an arrow moves one thing"
                nearest = min(range(len(stops)), key=lambda i: abs(stops[i] - before[key]))
                assert after[key] == stops[nearest + (1 if up else -1)]
            else:
                assert after != before

    def use_tab(self) -> None:
        bar = self.page.locator("[role=tablist]:has(:focus)")
        assert bar.get_attribute("aria-label")
        count = bar.locator("[role=tab]:visible").count()
        for key in [*["ArrowRight"] * (count - 1), "ArrowLeft", "End", "Home"]:
            self.press(key)
            chosen = bar.locator("[role=tab]:focus")
            assert chosen.get_attribute("aria-selected") == "true"
            assert bar.locator("[aria-selected=true]").count() == 1
            panel = self.page.locator(f"#{chosen.get_attribute('aria-controls')}[role=tabpanel]")
            assert panel.is_visible()
            label = panel.get_attribute("aria-label") or chosen.get_attribute("id")
            assert label in (chosen.inner_text(), panel.get_attribute("aria-labelledby"))
        self.tab.settled().in_step()
        self.once("tab")

    def use_numbers(self) -> None:
        view = self.stop["view"]
        if not self.once(f"numbers in {self.stop['section']}"):
            return
        words = self.tab.words
        values = self.tab.values().replace(**SOURCES.get(self.tab.name, {}))
        made = numbers(resolve(self.tab.lesson.picture(values, words), [view])[view])
        self.press("Enter")
        figure = self.page.locator(f"[data-view={view}]")
        assert figure.locator(".ll-numbers").is_visible()
        assert self.tab.rows(view) == made["rows"]
        described = figure.locator("[role=img]").get_attribute("aria-describedby")
        now = self.page.locator(f"#{described}").text_content() or ""
        assert now.endswith("; ".join(made["now"]))
        self.press("Enter")
        assert not figure.locator(".ll-numbers").is_visible()
        self.once("numbers")

    def use_details(self) -> None:
        self.press("Enter")
        self.page.locator("details[open]:has(summary:focus)").wait_for()
        self.page.wait_for_function("document.getAnimations().every((a) => a.playState !== 'running')")
        self.once("details")

    # ---- All in all ----

    def expect_order(self) -> None:
        """Fail unless keys come to things in the order of use: presets, controls, figures."""
        words, order = self.tab.words, list(enumerate(self.trail))
        presets = [i for i, stop in order if stop["kind"] == "preset"]
        # A preset may have the name of a control.
        named = [(i, stop) for i, stop in order if stop["kind"] != "preset"]
        controls = {i: stop["section"] for i, stop in named if stop["key"] in self.tab.lesson.by_key}
        assert max(presets) < min(controls)
        for section in {*controls.values()}:
            figures = [
                i
                for i, stop in order
                if stop["section"] == section
                and (stop["kind"] in ("ring", "numbers") or stop["name"].startswith(words("live.download")))
            ]
            ours = [i for i, where in controls.items() if where == section]
            assert not figures or max(ours) < min(figures), f"{section}: a figure's buttons before a control"
        assert self.page.get_by_role("group", name=words("live.presets")).locator(".ll-preset").count()
        assert not [stop["name"] for stop in self.trail if "ullscreen" in stop["name"]]

    # ---- Back up, and on to the next lesson ----

    def see_it(self) -> None:
        """Go back to a watch-out box, and from it to what it shows, with the focus."""
        tab, words = self.tab, self.tab.words
        self.to("watch", "Shift+Tab")
        name = words.under("watch")[-1]
        wanted = tab.lesson.preset(words(f"watch.{name}.preset"), tab.values())
        at = f"watch.{name}.section"
        place = words(at) if at in words else tab.lesson.sections[0].key
        turn = tab.live("live.turned ?? 0")
        self.press("Enter")
        tab.until(f"live.turned > {turn}")
        tab.settled().expect(wanted)
        section = next(s.key for s in tab.lesson.sections if place in (s.key, *s.tabs))
        self.page.locator(f".ll-section[data-section={section}]:focus").wait_for()
        # From there keys go on; what they come to on their way back down they have been at.
        assert self.go()["section"] == section
        self.page.locator("[class*=st-key-watch-] button").last.focus()


@few_lessons(1, in_turn=True)
def test_a_lesson_from_end_to_end_by_keys(name: str, code: str, visit: Visit) -> None:
    tab = visit(name, f"lang={code}")
    assert tab.page.title() == f"{tab.words('title')} · Likelihood Lab"
    keys = Keys(tab)
    following = LESSONS[LESSONS.index(name) + 1 :][:1]
    onwards = "".join(tab.words("live.next", title=load(one, code)("title")) for one in following)
    while keys.go()["kind"] != "body":
        keys.use()
        if onwards and keys.stop["kind"] == "link" and keys.stop["name"].endswith(onwards):
            break
    keys.expect_order()
    lesson = tab.lesson
    wanted = {"preset", "box", "numbers", *(["details"] if lesson.derivation else [])}
    wanted |= {"ring"} if lesson.drags else set()
    wanted |= {"tab"} if any(section.tabs for section in lesson.sections) else set()
    named = {"choice": "choice", "toggle": "toggle", "text": "text", "button": "draw", "player": "player"}
    kinds = tab.live("Object.values(live.controls).filter((c) => c.spec.shown).map((c) => c.spec.kind)")
    wanted |= {named[kind] for kind in kinds if kind in named}
    assert wanted - {*keys.used} == set(), f"never reached; {keys.used}"
    if not onwards:
        return
    assert keys.stop["kind"] == "link", "keys never come to the next lesson"
    if tab.words.under("watch"):
        keys.see_it()
        keys.to("link", name=onwards)
    keys.press("Enter")
    tab.arrived(following[0])
    stop = tab.page.evaluate(STOP)
    assert (stop["kind"], stop["name"], stop["seen"]) == ("h1", tab.words("title"), True)
    assert tab.page.title().startswith(tab.words("title"))
