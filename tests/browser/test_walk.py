"""A walk at random through the whole app in a real browser: whatever one does, the app stays right.

The walk is a sequence of numbered steps that a seed determines: some in make test, hundreds in make test-all.
Another seed, or another length: ``LAB_WALK_SEED=7 LAB_WALK_STEPS=2000``.
"""

from __future__ import annotations

import os
import random
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from pages.shared.catalog import load
from pages.shared.controls import query, read
from tests.browser.conftest import Visit
from tests.browser.driver import LESSONS, LessonPage, lesson_named, some_values
from tests.machine import EXHAUSTIVE

SEED = int(os.environ.get("LAB_WALK_SEED", "20"))
STEPS = int(os.environ.get("LAB_WALK_STEPS", "150" if EXHAUSTIVE else "15"))

# What a program writes where a number or a word is missing.
STRANGE = re.compile(r"\b[Nn]a[Nn]\b|\bundefined\b|\bInfinity\b|\[object|\bNone\b|@\{|(?<!\w)[-−]?inf\b")
# Views that speak of nan and inf on purpose: naive code beside the careful one, and what torch returns.
SPEAKS_OF_NAN = {
    "softmax": {"numerics"},
    "cross_entropy": {"numbers"},
    "pytorch": {"batch_lines", "batch_table", "shape_lines", "kl", "kl_table", "binary_table", "zero_table"},
    "quiz": {"verdict", "evidence"},
}
# Every piece of text that can be seen, with the view that it is in ("" outside the live part).
PIECES = """
() => {
  const found = [];
  const main = document.querySelector("[data-testid=stMain]");
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: parent, data } = walker.currentNode;
    if (!/nan|undefined|infinity|object|none|inf|@/i.test(data)) continue;
    if (parent.closest("style, script, pre, code, annotation, .katex-mathml")) continue;
    if (parent.checkVisibility({ visibilityProperty: true })) {
      const view = parent.closest("[data-view]")?.dataset.view;
      // What a refusal quotes is what was typed.
      const refused = parent.closest(".ll-notice, .ll-aloud");
      found.push([view ?? "", refused ? data.replace(/“.*”/, "") : data.trim()]);
    }
  }
  return found;
}
"""
# What can be taken in hand now: controls by kind, presets, tabs, grips.
REACH = """
() => {
  const live = document.querySelector(".ll").__live;
  const controls = Object.entries(live.controls).filter(([, { node }]) => node.checkVisibility());
  return {
    controls: controls.map(([key]) => [live.model.controls[key].kind, key]),
    presets: live.model.presets.map(([name]) => name),
    tabs: [...live.root.querySelectorAll(".ll-tabs > [data-tab]")].filter((tab) => tab.checkVisibility())
      .map((tab) => tab.dataset.tab),
    grips: Object.entries(live.views)
      .filter(([, { node, plot }]) => plot?.data && node.checkVisibility())
      .flatMap(([name, { grips }]) => grips.flatMap((grip, i) => (grip.hidden ? [] : [[name, i]]))),
  };
}
"""
GRIP = """
([view, index]) => {
  const grip = document.querySelector(".ll").__live.views[view].grips[index];
  grip.scrollIntoView({ block: "center", behavior: "instant" });
  const { left, top, width, height } = grip.getBoundingClientRect();
  const [x, y] = [left + width / 2, top + height / 2];
  return document.elementFromPoint(x, y) === grip ? [x, y] : null;
}
"""
BAD_NUMBERS = ("abc", "", "nan", "Infinity", "1e999", "--5", "1 2", "1,2,3", "٣", "−", ".")
NAMES = (
    "",
    "wolf & co",
    "<b>ox</b>",
    "$x^2$",
    "%{y}",
    "고양이",
    "@p",
    "@{name}",
    "a\\b",
    "🐈",
    "_*x*_",
    "Q" * 24,
)


class Walker:
    """Somebody who does one thing after another in a tab, without a plan."""

    def __init__(self, tab: LessonPage, seed: int) -> None:
        self.tab = tab
        self.page = tab.page
        self.chance = random.Random(seed)
        self.trail = ["home"]  # the tab's history, as the lessons' names
        self.at = 0
        self.theme = "light"
        self.reach: dict[str, Any] = {}
        self.deeds: list[tuple[int, Callable[[], str]]] = [
            (34, self.control),
            (7, self.preset),
            (5, self.tab_of_figures),
            (8, self.grip),
            (3, self.watch_out),
            (3, self.expander),
            (2, self.own_button),
            (4, self.lesson),
            (2, self.back),
            (1, self.forward),
            (1, self.reload),
            (1, self.link),
            (2, self.language),
            (2, self.colours),
        ]

    def step(self) -> str:
        """Do one thing, wait until the app has answered, and say what it was."""
        self.reach = self.page.evaluate(REACH)
        weights = [weight for weight, _ in self.deeds]
        for _ in range(50):
            (_, deed) = self.chance.choices(self.deeds, weights)[0]
            if said := deed():
                return said
        raise AssertionError("nothing can be done here any more.")

    # ---- Controls ----

    def control(self) -> str:
        """Move one of the controls, each kind as often as the others."""
        found = self.reach["controls"]
        kind = self.chance.choice(sorted({kind for kind, _ in found} | {"slider"}))
        keys = [key for one, key in found if one == kind]
        if not keys:
            return ""
        key = self.chance.choice(keys)
        ways: dict[str, list[Callable[[str], str]]] = {
            "slider": [self.drag, self.keys, self.number, self.bad_number],
            "number": [self.number, self.bad_number],
            "player": [self.drag, self.keys, self.number, self.player, self.player],
            "choice": [self.choice],
            "toggle": [self.choice],
            "text": [self.text],
            "button": [self.press],
        }
        return f"{key}: {self.chance.choice(ways[kind])(key)}"

    def drag(self, key: str) -> str:
        last = self.tab.slider(key).evaluate("(range) => Number(range.max)")
        if not last:
            return "cannot be dragged"
        stops = [self.chance.choice((0, last, self.chance.randint(0, last))) for _ in range(3)]
        # What comes into sight with the slider is drawn first, and may push it down.
        self.tab.bring(key).drawn().hover_without_waiting(key)
        self.page.mouse.down()
        for stop in stops:
            self.page.mouse.move(*self.tab.place(key, stop), steps=3)
        self.page.mouse.up()
        reached = self.tab.slider(key).evaluate("(range) => Number(range.value)")
        assert abs(reached - stops[-1]) <= 1 + last / 50, (
            f"dragged {key} over {stops}, and it is at {reached}"
        )
        return f"dragged over {stops}"

    def keys(self, key: str) -> str:
        names = ("Home", "End", "ArrowLeft", "ArrowRight", "ArrowUp", "PageUp", "PageDown", "Delete")
        pressed = self.chance.choices(names, k=self.chance.randint(1, 5))
        self.tab.slider(key).focus()
        for name in pressed:
            self.page.keyboard.press(name)
        return f"keys {pressed}"

    def number(self, key: str) -> str:
        control = self.tab.lesson.by_key[key]
        values = self.tab.values()
        low, high, _ = control.range_in(values)
        between = self.chance.uniform(low, high)
        inside = self.chance.choice(control.stops_in(values)) if control.whole else round(between, 4)
        text = f"{self.chance.choice((low, high, inside, inside)):.12g}"
        self.tab.type(key, text)
        return f"typed {text}"

    def bad_number(self, key: str) -> str:
        control = self.tab.lesson.by_key[key]
        low, high, _ = control.range_in(self.tab.values())
        text = self.chance.choice((*BAD_NUMBERS, f"{2 * high + 1:g}", f"{low - 1:g}"))
        before = self.tab.values()
        self.tab.type(key, text)
        assert self.tab.values() == before, f"{text!r} was taken for a number"
        return f"typed {text!r}, which is refused"

    def choice(self, key: str) -> str:
        options = self.page.locator(f".ll [data-key='{key}'] .ll-choice")
        which = self.chance.randrange(options.count())
        options.nth(which).click()
        return f"option {which}"

    def text(self, key: str) -> str:
        name = self.chance.choice(NAMES)
        box = self.page.locator(f".ll [data-key='{key}'] input")
        box.fill(name)
        box.press("Enter")
        return f"typed {name!r}"

    def press(self, key: str) -> str:
        self.page.locator(f".ll [data-key='{key}'] button").click()
        return f"pressed, now {self.tab.live(f'live.values.{key}')}"

    def player(self, key: str) -> str:
        bar = self.page.locator(f".ll [data-key='{key}']")
        name = self.chance.choice(("reset", "back", "play", "play", "step"))
        if name != "play":
            bar.locator(f".ll-{name}").click()
            # Its frames are fetched first; the step comes when they are there.
            self.page.wait_for_timeout(100)
            return name
        bar.locator(".ll-speed").select_option(self.chance.choice(("2", "10", "60")))
        bar.locator(".ll-play").click()
        self.page.wait_for_timeout(self.chance.choice((0, 60, 400)))
        if self.chance.random() < 0.5 and self.reach["presets"]:
            return f"play, and while it plays {self.preset()}"
        if self.tab.live(f"live.controls['{key}'].timer"):
            bar.locator(".ll-play").click()
        return "play and pause"

    # ---- The rest of a page ----

    def preset(self) -> str:
        if not self.reach["presets"]:
            return ""
        name = self.chance.choice(self.reach["presets"])
        self.page.locator(f".ll-preset[data-preset='{name}']").click()
        return f"preset {name}"

    def tab_of_figures(self) -> str:
        if not self.reach["tabs"]:
            return ""
        name = self.chance.choice(self.reach["tabs"])
        self.page.locator(f".ll-tabs > button[data-tab='{name}']").click()
        return f"tab {name}"

    def grip(self) -> str:
        if not self.reach["grips"]:
            return ""
        view, index = self.chance.choice(self.reach["grips"])
        place = self.page.evaluate(GRIP, [view, index])
        if place is None:
            return ""
        self.page.mouse.move(*place)
        self.page.mouse.down()
        moves = [(self.chance.randint(-400, 400), self.chance.randint(-300, 300)) for _ in range(3)]
        for across, down in moves:
            self.page.mouse.move(place[0] + across, place[1] + down, steps=3)
        self.page.mouse.up()
        return f"grip {index} of {view} by {moves[-1]}"

    def watch_out(self) -> str:
        buttons = self.page.locator("[class*=st-key-watch-] button")
        if not (count := buttons.count()):
            return ""
        which = self.chance.randrange(count)
        turn = self.tab.live("live.turned ?? 0")
        buttons.nth(which).click()
        self.tab.until(f"live.turned > {turn}")
        return f"watch-out button {which}"

    def expander(self) -> str:
        heads = self.page.get_by_test_id("stExpander").locator("summary")
        if not heads.count():
            return ""
        heads.first.click()
        return "derivation opened or closed"

    def own_button(self) -> str:
        """Press a button of the page's own, below the live part."""
        if self.tab.name not in ("nll", "quiz"):
            return ""
        button = self.page.get_by_test_id("stMain").locator("[data-testid=stButton] button:enabled")
        if not button.count():
            return ""
        button.first.click()
        self.page.wait_for_timeout(300)
        return "the first button below"

    # ---- Ways ----

    def went(self, name: str) -> None:
        """Write down that another lesson was opened."""
        self.at += 1
        self.trail[self.at :] = [name]

    def lesson(self) -> str:
        onwards = self.page.get_by_test_id("stMain").get_by_test_id("stPageLink-NavLink")
        following = LESSONS[LESSONS.index(self.tab.name) + 1 :][:1]
        if following and self.tab.name != "home" and self.chance.random() < 0.3:
            onwards.last.click()
            self.tab.arrived(following[0])
            name = following[0]
        else:
            name = self.chance.choice([name for name in LESSONS if name != self.tab.name])
            self.tab.go(name)
        self.went(name)
        return f"to {name}"

    def back(self) -> str:
        if self.at == 0:
            return ""
        self.at -= 1
        self.page.go_back()
        self.tab.arrived(self.trail[self.at])
        return f"back to {self.tab.name}"

    def forward(self) -> str:
        if self.at == len(self.trail) - 1:
            return ""
        self.at += 1
        self.page.go_forward()
        self.tab.arrived(self.trail[self.at])
        return f"forward to {self.tab.name}"

    def reload(self) -> str:
        values, language = self.tab.values(), self.tab.screen()["language"]
        self.page.reload()
        self.tab.arrived(self.tab.name).expect(shared(self.tab.name, values), language=language)
        return "reload"

    def link(self) -> str:
        name = self.chance.choice(LESSONS)
        values = some_values(lesson_named(name), self.chance.randint(0, 999))
        language = self.chance.choice(("en", "ko"))
        self.tab.open(name, urlencode({**query(lesson_named(name).controls, values), "lang": language}))
        self.tab.expect(values, language=language)
        self.went(name)
        return f"link to {name}"

    def language(self) -> str:
        code = self.chance.choice(("en", "ko"))
        self.tab.speak(code)
        return f"language {code}"

    def colours(self) -> str:
        self.theme = {"light": "dark", "dark": "light"}[self.theme]
        self.page.emulate_media(color_scheme=self.theme)
        self.tab.until(f"live.root.dataset.theme === '{self.theme}'")
        return f"theme {self.theme}"


def shared(name: str, values: Any) -> Any:
    """Return the state in which the address of a state opens: what it does not say is at its default."""
    lesson = lesson_named(name)
    reading = read(lesson.controls, query(lesson.controls, values), lesson.defaults)
    assert reading.problems == []
    changes = {}
    if lesson.follow:
        changes = lesson.follow(lesson.defaults, reading.values)
    said = query(lesson.controls, values)
    return reading.values.replace(**{key: value for key, value in changes.items() if key not in said})


def not_numbers(node: Any, path: str) -> Iterator[str]:
    """Yield the places of a trace where a number should be and none is."""
    if isinstance(node, dict):
        for key, part in node.items():
            yield from not_numbers(part, f"{path}.{key}")
    elif isinstance(node, list):
        for i, part in enumerate(node):
            yield from not_numbers(part, f"{path}[{i}]")
    elif node in ("NaN", "Infinity", "-Infinity"):
        yield f"{path} is {node}"


def all_well(tab: LessonPage) -> None:
    """Fail unless the page is whole: controls, figures, words and address agree, nothing is odd."""
    tab.check()
    seen = tab.in_step()
    name, language = tab.name, seen["language"]
    # The address opens what is on the screen.
    values = tab.values(seen)
    again = shared(name, values)
    hidden = {c.key for c in tab.lesson.controls if not (c.kept or c.is_shown(values))}
    assert {k: v for k, v in again.items() if k not in hidden} == {
        k: v for k, v in values.items() if k not in hidden
    }
    for view, found in seen["views"].items():
        for i, trace in enumerate(found.get("data", ())):
            if trace.get("connectgaps") is not False:
                assert not [*not_numbers(trace, f"{view}.data[{i}]")]
    words = load(name, language)
    written = "\n".join(words(key) for key in words if "@{" not in words(key))
    own = [values[c.key] for c in tab.lesson.controls if c.kind == "text" and values[c.key]]
    for view, text in tab.page.evaluate(PIECES):
        for word in own:
            text = text.replace(word, "")
        if STRANGE.search(text) and view not in SPEAKS_OF_NAN.get(name, ()):
            # Sentences of ours may say the word; a number that is computed may not.
            assert len(text) > 8, f"{view or 'the page'} says {text!r}"
            assert text in written, f"{view or 'the page'} says {text!r}"


@pytest.mark.sampled
def test_a_walk_at_random(visit: Visit) -> None:
    tab = visit("home")
    walker = Walker(tab, SEED)
    last: deque[str] = deque(maxlen=10)
    for number in range(1, STEPS + 1):
        name = tab.name
        try:
            said = walker.step()
            last.append(f"{number}: {name}: {said}")
            tab.settled()
            last[-1] += f"  ->  {tab.page.url.partition(tab.server.origin)[2]}"
            all_well(tab)
        except Exception as error:
            steps = "\n".join(last)
            where = tab.page.url.partition(tab.server.origin)[2]
            raise AssertionError(
                f"The last steps:\n{steps}\nLAB_WALK_SEED={SEED}, at step {number}, {where}\n{error}"
            ) from error
