"""What a class has on the screen: its button, code, bar and questions, for its teacher and its people."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator

from core.figures import quiz
from pages.shared.catalog import load
from tests.browser.conftest import Visit
from tests.browser.driver import LessonPage

PHONE: dict[str, Any] = {"viewport": {"width": 380, "height": 800}, "locale": "ko-KR", "color_scheme": "dark"}
ENGLISH, KOREAN = load("class", "en"), load("class", "ko")
Q = 17  # has its evidence in Heights
RIGHT, WRONG = int(quiz.QUESTIONS[Q - 1].right), int(quiz.QUESTIONS[Q - 1].right) % 3 + 1


class Member:
    """Somebody in a class, with a tab."""

    def __init__(self, tab: LessonPage, language: str = "en") -> None:
        self.tab, self.page = tab, tab.page
        self.words = load("class", language)

    def button(self, name: str) -> Any:
        """Return one of the class's buttons by its name."""
        parts = self.page.locator(".ll-class, .ll-class-corner")
        return parts.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        """Press one of the class's buttons."""
        self.button(name).click()

    def has_keys(self, name: str) -> None:
        """Wait until the keys are at a button."""
        self.page.wait_for_function("(name) => document.activeElement.textContent === name", arg=name)

    def sees(self, text: str) -> None:
        """Wait until the bar or the panel says something."""
        self.page.locator(".ll-class").get_by_text(text).first.wait_for()

    def is_told(self, text: str) -> None:
        """Wait until the bar says what the class is doing."""
        self.page.locator(".ll-class-status").get_by_text(text, exact=True).wait_for()

    def has(self, key: str, value: Any) -> None:
        """Wait until a control has a value."""
        self.tab.until(f"live.values.{key} === {json.dumps(value)}")

    def is_in(self, lesson: str) -> None:
        """Wait until a lesson is on the screen."""
        self.tab.name = lesson
        self.tab.until(f"live.lesson === '{lesson}' && live.model")

    def option(self, option: int) -> Any:
        """Return an option of the question."""
        return self.page.locator(f".ll-class-option[data-option='{option}']")

    def votes(self, option: int) -> None:
        """Vote."""
        self.option(option).click()
        self.page.locator(f".ll-class-option[data-option='{option}'][aria-pressed=true]").wait_for()

    def heard(self, kind: str) -> list[dict[str, Any]]:
        """Return what the room has told this tab, of one kind."""
        said = [json.loads(text) for text in self.tab.received if text.startswith(b'{"kind":')]
        return [one for one in said if one["kind"] == kind]

    def marks(self) -> list[str]:
        """Return the numbers of both votes as the panel shows them, option by option."""
        found: list[str] = self.page.locator(".ll-class-vote").all_inner_texts()
        return found


def started(tab: LessonPage, language: str = "en") -> tuple[Member, str]:
    """Start a class, and return its teacher and its code."""
    teacher = Member(tab, language)
    teacher.press(teacher.words("bar.class"))
    teacher.press(teacher.words("bar.start"))
    code = tab.page.locator("[data-class-code]").and_(tab.page.locator(".ll-class-large"))
    code.wait_for()
    return teacher, code.inner_text()


def by_link(tab: LessonPage, link: str, language: str = "en") -> Member:
    """Join by a link to a lesson, at which nobody stays."""
    tab.page.goto(f"{tab.server.origin}/{link}")
    return Member(tab, language)


def by_code(tab: LessonPage, code: str, language: str = "en") -> Member:
    """Join by typing a code."""
    person = Member(tab, language)
    person.press(person.words("bar.class"))
    tab.page.get_by_label(person.words("bar.code")).fill(code)
    tab.page.keyboard.press("Enter")
    return person


def asked(teacher: Member, question: int) -> None:
    """Put a question to the class."""
    teacher.press(teacher.words("bar.ask"))
    choice = teacher.page.locator(".ll-class-picker select")
    choice.locator(f"option[value='{question}']").wait_for(state="attached")
    choice.select_option(str(question))
    teacher.press(teacher.words("ask.put"))


def test_a_class_lives_from_its_start_to_its_end(visit: Visit) -> None:
    teacher, code = started(visit("softmax"))
    assert re.fullmatch("[BCDFHJKMNPRSTWXYZ]{6}", code)
    way = teacher.page.locator(".ll-class-qr")
    assert way.evaluate("(one) => one.decode().then(() => one.naturalWidth > 0)")
    teacher.press("Close")
    assert teacher.page.locator("[data-class-code]").inner_text() == code

    # By a link, on a phone, in the other language, from another lesson; then by the code as it is typed.
    mina = by_link(visit(**PHONE), f"nll?class={code}", "ko")
    mina.is_in("softmax")
    mina.is_told(KOREAN("bar.follows"))
    jon = by_code(visit("home"), f" {code[:3].lower()}-{code[3:]} ")
    jon.is_in("softmax")
    teacher.sees("2 here")
    assert f"class={code}" in urlsplit(mina.page.url).query
    assert f"class={code}" in urlsplit(jon.page.url).query

    # While the teacher drags, everybody's slider and picture follow.
    hand = teacher.page.mouse
    hand.move(*teacher.tab.place("z1"))
    for one in (mina, jon):
        one.tab.until("live.framesOf('z1')")
    hand.down()
    for stop in (90, 60, 30):
        hand.move(*teacher.tab.place("z1", stop), steps=3)
        value = teacher.tab.live("live.values.z1")
        for one in (mina, jon):
            one.has("z1", value)
            one.tab.until(f"Number(live.controls.z1.box.value.replace('−', '-')) === {value}")
    assert teacher.tab.live("live.held") == "z1"
    hand.up()
    teacher.tab.settled()
    for one in (mina, jon):
        one.tab.until("live.hand.dirty === undefined && !live.due.size")
        one.tab.expect_views(one.tab.screen())

    # A person who takes a control keeps it, and comes back in one step.
    jon.tab.slider("z2").focus()
    jon.page.keyboard.press("Home")
    jon.is_told(ENGLISH("bar.own"))
    lowest = jon.tab.live("live.values.z2")
    teacher.tab.slider("z3").focus()
    teacher.page.keyboard.press("End")
    mina.has("z3", teacher.tab.live("live.values.z3"))
    assert jon.tab.live("live.values.z2") == lowest
    jon.press("Back to the class")
    jon.has("z3", teacher.tab.live("live.values.z3"))
    jon.has("z2", teacher.tab.live("live.values.z2"))

    # Let go: everybody for himself, and the teacher sees where they stand.
    teacher.press("Let go")
    mina.is_told(KOREAN("bar.explores"))
    teacher.press("Where everybody stands")
    jon.tab.slider("z1").focus()
    jon.page.keyboard.press("End")
    ticks = teacher.page.locator("[data-key=z1] .ll-class-track > span")
    teacher.page.wait_for_function(
        "() => [...document.querySelectorAll('[data-key=z1] .ll-class-track > span')]"
        ".some((tick) => tick.style.getPropertyValue('--ll-place') === '1')"
    )
    assert ticks.count() == 2
    teacher.press("Come back")
    jon.has("z1", teacher.tab.live("live.values.z1"))

    # Ask: the first vote is nobody's to see before the reveal.
    asked(teacher, Q)
    mina.votes(WRONG)
    jon.votes(WRONG)
    jon.votes(RIGHT)
    teacher.sees("2 of 2 have voted")
    assert teacher.marks() == []
    teacher.press("Close the vote")
    jon.sees(ENGLISH("ask.discuss"))
    teacher.press("Vote again")
    mina.votes(RIGHT)
    teacher.press("Close the vote")
    for one in (teacher, mina, jon):
        assert not [state for state in one.heard("state") if state["ask"] and "counts" in state["ask"]]
        assert one.page.locator(".ll-class-vote, .ll-class-option[data-mark=right]").count() == 0
    teacher.press("Reveal")
    for one in (teacher, mina, jon):
        one.option(RIGHT).locator(".ll-class-vote").nth(1).wait_for()
        assert one.option(RIGHT).get_attribute("data-mark") == "right"
        counts = [[int(text.split()[0]) for text in one.option(o).locator(".ll-class-vote").all_inner_texts()]
                  for o in (RIGHT, WRONG)]  # fmt: skip
        assert counts == [[1, 1], [1, 0]]
        one.page.locator(".ll-class-plot .main-svg").first.wait_for()

    # The evidence is a state of a lesson, to which the class follows. Whoever comes late is there as well.
    teacher.page.locator(".ll-class-evidence a").click()
    for one in (teacher, mina, jon):
        one.is_in("heights")
        one.has("data", "five")
        one.has("mu", 5)
        one.page.wait_for_function(f"() => location.search.includes('class={code}')")
        one.page.locator(".ll-class-panel").wait_for(state="hidden")
    late = by_link(visit(), f"nll?class={code}")
    late.is_in("heights")
    late.has("mu", 5)

    teacher.press("End the class")
    for one in (mina, jon, late):
        one.is_told(one.words("bar.ended"))
        assert one.tab.live("live.values.mu") == 5
        assert "class=" not in one.page.url


@pytest.mark.exhaustive
class TestComing:
    def test_codes_that_are_none_get_one_sentence(self, visit: Visit, language: str) -> None:
        words = load("class", language)
        tab = visit("softmax", f"lang={language}")
        by_code(tab, "AAAA", language)
        alert = tab.page.get_by_role("alert")
        alert.get_by_text("AAAA").wait_for()
        tab.page.get_by_label(words("bar.code")).fill("BCDFHJ")
        tab.page.keyboard.press("Enter")
        alert.get_by_text(words("refused.code"), exact=True).wait_for()
        assert "class=" not in tab.page.url
        assert tab.page.locator(".ll-class-bar").is_hidden()

    def test_a_link_to_no_class_says_so_and_leaves_the_page(self, visit: Visit) -> None:
        tab = visit("softmax", "z1=3&class=BCDFHJ")
        tab.page.get_by_role("alert").get_by_text(ENGLISH("refused.code"), exact=True).wait_for()
        # What is none at all in an address is not passed over.
        tab.open("softmax", "z1=3&class=nonsense")
        tab.page.get_by_role("alert").get_by_text(ENGLISH("refused.code"), exact=True).wait_for()
        assert "class=" not in tab.page.url
        assert tab.live("live.values.z1") == 3

    def test_what_is_no_code_is_said_where_the_way_in_came_before_the_board(self, visit: Visit) -> None:
        tab = visit("softmax")
        tab.page.get_by_role("button", name=ENGLISH("bar.class"), exact=True).wait_for()
        # As the board does that finds an address with no class in it.
        tab.live("live.room.out('code')")
        tab.page.get_by_role("alert").get_by_text(ENGLISH("refused.code"), exact=True).wait_for()

    def test_a_teacher_who_loads_his_page_anew_goes_on(self, visit: Visit) -> None:
        teacher, code = started(visit("softmax"))
        person = Member(visit("softmax", f"class={code}"))
        person.is_told(ENGLISH("bar.follows"))
        teacher.page.reload()
        teacher.tab.arrived("softmax")
        teacher.is_told(ENGLISH("bar.leads"))
        # The code is on the screen, not the dialogue: the class has seen it.
        assert teacher.page.locator("[data-class-code]").inner_text() == code
        assert teacher.page.locator(".ll-class-sheet").is_hidden()
        teacher.tab.slider("z1").focus()
        teacher.page.keyboard.press("End")
        person.has("z1", teacher.tab.live("live.values.z1"))
        teacher.press("End the class")
        person.is_told(ENGLISH("bar.ended"))

    def test_all_of_it_can_be_done_by_keys(self, visit: Visit) -> None:
        tab = visit("softmax")
        teacher, press = Member(tab), tab.page.keyboard.press
        teacher.button("Class").focus()
        press("Enter")
        teacher.has_keys("Start a class")
        press("Enter")
        tab.page.locator(".ll-class-large").wait_for()
        teacher.has_keys("Close")
        press("Escape")
        assert tab.page.locator(".ll-class-sheet").is_hidden()
        teacher.has_keys("Code")
        teacher.button("Ask the class").focus()
        press("Enter")
        tab.page.locator(".ll-class-picker option").first.wait_for(state="attached")
        press("ArrowDown")
        press("Enter")
        teacher.button("Close the vote").wait_for()
        teacher.button("End the class").focus()
        press("Enter")
        teacher.is_told(ENGLISH("bar.ended"))


def guess(teacher: Member, person: Member, key: str, press: str, titled: str) -> tuple[float, Locator]:
    """Have a person move a slider by a key; return its value, and his dot on the teacher's landscape."""
    person.is_told(ENGLISH("bar.explores"))
    person.tab.slider(key).focus()
    person.page.keyboard.press(press)
    value = person.tab.live(f"live.values.{key}")
    dot = teacher.page.locator(f".ll-class-dots > span[title{titled} = {value:g},']")
    dot.wait_for()
    return value, dot


@pytest.mark.exhaustive
class TestGuesses:
    def test_stand_on_the_landscape_with_what_they_are_worth(self, visit: Visit) -> None:
        teacher, code = started(visit("heights"))
        teacher.press("Close")
        person = Member(visit("heights", f"class={code}"))
        person.is_told(ENGLISH("bar.follows"))
        teacher.press("Where everybody stands")
        teacher.press("Let go")
        value, dot = guess(teacher, person, "mu", "PageDown", "^='μ")
        # The dot lies where the figure has the value.
        x, want = dot.evaluate(
            "(dot, value) => { const { x, width } = dot.getBoundingClientRect();"
            " const { views } = document.querySelector('.ll').__live;"
            " const { plot, scale } = views.surface; const axis = plot._fullLayout.xaxis;"
            " const left = plot.getBoundingClientRect().x;"
            " return [x + width / 2, left + scale * (axis._offset + axis.l2p(value))]; }",
            value,
        )
        assert abs(x - want) < 1
        # The ring and the dots are walked by arrows, in both directions, and say where they are.
        press = teacher.page.keyboard.press
        ring = teacher.page.locator("[data-view=surface] .ll-grip")
        ring.focus()
        for key, moved in (("ArrowLeft", "mu"), ("ArrowUp", "sigma")):
            before, said = teacher.tab.value(moved), ring.get_attribute("aria-valuetext")
            press(key)
            after = teacher.tab.settled().value(moved)
            assert (after < before) == (moved == "mu")
            assert f"{after:g}" in ring.get_attribute("aria-valuetext").replace(said, "")
        other = Member(visit("heights", f"class={code}"))
        _, wide = guess(teacher, other, "sigma", "PageUp", "*='σ")
        teacher.page.get_by_role("listbox").focus()
        chosen = teacher.page.locator(".ll-class-dots > [aria-selected=true]")
        for key, one in (("Home", dot), ("ArrowRight", wide), ("ArrowLeft", dot), ("ArrowUp", wide)):
            press(key)
            assert chosen.get_attribute("title") == one.get_attribute("title")
            named = teacher.page.get_by_role("listbox").get_attribute("aria-activedescendant")
            assert chosen.get_attribute("id") == named
        teacher.press("Where everybody stands")
        dot.wait_for(state="detached")
        assert teacher.page.locator(".ll-class-track").count() == 0
        teacher.press("End the class")


@pytest.mark.exhaustive
def test_votes_are_a_file_of_numbers(visit: Visit) -> None:
    teacher, code = started(visit("softmax"))
    person = Member(visit("softmax", f"class={code}"))
    person.is_told(ENGLISH("bar.follows"))
    asked(teacher, Q)
    person.votes(WRONG)
    # What one has folded is one press away.
    person.press(ENGLISH("ask.hide"))
    person.press(ENGLISH("ask.show").replace("%q", str(Q)))
    teacher.sees("1 of 1 have voted")
    teacher.press("Close the vote")
    teacher.press("Reveal")
    person.option(RIGHT).locator(".ll-class-vote").wait_for()
    teacher.press("Done")
    person.page.locator(".ll-class-panel").wait_for(state="hidden")
    teacher.press("Code")
    with teacher.page.expect_download() as coming:
        teacher.press(ENGLISH("bar.votes"))
    lines = coming.value.path().read_text().splitlines()
    first = [str(int(option == WRONG)) for option in (1, 2, 3)]
    assert lines[1].split(",") == [str(Q), str(RIGHT), *first, "", "", ""]
    teacher.press("End the class")


@pytest.mark.exhaustive
def test_hostile_messages_disturb_nothing(visit: Visit) -> None:
    teacher, code = started(visit("softmax"))
    person = Member(visit("softmax", f"class={code}"))
    person.is_told(ENGLISH("bar.follows"))
    asked(teacher, Q)
    person.votes(RIGHT)
    teacher.sees("1 of 1 have voted")
    rogue = visit("home")
    # What a teacher says, what is too large, of wrong kinds and out of range, and too much of it.
    ended = rogue.page.evaluate(
        """([code, q]) => new Promise((done) => {
          const line = new WebSocket(new URL(`class/${code}`, location.href).href.replace("http", "ws"));
          const values = { z1: 10 };
          const said = [
            { kind: "end" }, { kind: "reveal" }, { kind: "close" }, { kind: "let_go" }, { kind: "done" },
            { kind: "lead", lesson: "home", values, section: "", tabs: [] },
            { kind: "stop", control: "z1", stop: 0 }, { kind: "standing", on: true },
            { kind: "vote", question: q, option: 9 }, { kind: "vote", question: -1, option: 1 },
            { kind: "stand", lesson: "softmax", values: { z1: 1e308 } }, { kind: "x".repeat(5000) }, [], 5,
          ];
          line.onopen = () => {
            line.send(JSON.stringify({ kind: "join", me: "rogue_rogue_rogue_rogu" }));
            for (let i = 0; i < 20; i++) for (const one of said) line.send(JSON.stringify(one));
            line.send("{");
          };
          const heard = [];
          line.onmessage = ({ data }) => heard.push(JSON.parse(data));
          line.onclose = () => done(heard);
        })""",
        [code, Q],
    )
    assert ended[-1] == {"kind": "refused", "why": "hostile"}
    assert not [one for one in ended if one["kind"] in ("people", "ticks", "votes")]
    assert person.tab.live("live.lesson") == "softmax"
    teacher.sees("1 of 1 have voted")
    teacher.press("Close the vote")
    teacher.press("Reveal")
    person.option(RIGHT).locator(".ll-class-vote").wait_for()
    assert person.option(RIGHT).locator(".ll-class-vote").inner_text().startswith("1 ")
    teacher.press("End the class")
    person.is_told(ENGLISH("bar.ended"))


class TestTheTeachersCut:
    @pytest.mark.exhaustive
    def test_leaves_out_what_the_link_names(self, visit: Visit) -> None:
        tab = visit("nll", "hide=presets,batch,watch,code,derivation,nothing&big")
        page = tab.page
        shown = {name: page.locator(one).is_visible() for name, one in {
            "presets": ".ll-presets", "batch": "[data-section=batch]", "gradient": "[data-section=gradient]",
            "watch": ".st-key-watch", "derivation": ".st-key-derivation", "onwards": ".st-key-onwards",
        }.items()}  # fmt: skip
        assert shown == {**dict.fromkeys(shown, False), "gradient": True}
        assert page.locator(".ll-code").count()
        assert not any(
            page.locator(".ll-code").nth(i).is_visible() for i in range(page.locator(".ll-code").count())
        )
        said = page.locator(".ll-notice p").all_inner_texts()
        assert said == [load("shared", "en")("live.cut").replace("%given", "nothing")]
        # Of many names that are none the first are said, and each once.
        tab.open("nll", "hide=" + ",".join(f"x{i % 20}" for i in range(200)))
        said = page.locator(".ll-notice p").all_inner_texts()
        cut = load("shared", "en")("live.cut")
        assert said == [cut.replace("%given", name) for name in ("x0", "x1", "x2", "x3, …")]
        tab.open("nll", "hide=presets,batch,watch,code,derivation,nothing&big")
        # The projector's letters are larger.
        assert page.evaluate("() => parseFloat(getComputedStyle(document.documentElement).fontSize)") > 20
        tab.expect_views(tab.screen())
        # Both keys stay, and what another lesson has not is no mistake there.
        tab.go("softmax")
        assert {"hide=presets,batch,watch,code,derivation,nothing", "big"} <= set(
            urlsplit(page.url).query.split("&")
        )
        assert page.locator(".ll-presets").is_hidden()
        assert page.locator(".ll-notice p").count() == 0

    def test_leaves_out_single_examples_and_boxes(self, visit: Visit) -> None:
        left = "presets.horse,watch.pushes,watch.largest,presets.wolf,watch.x{}"
        tab = visit("nll", f"hide={left}")
        page = tab.page
        page.locator(".st-key-box-diagonal").wait_for()
        seen = {
            name: page.locator(f".ll-preset[data-preset={name}]").is_visible() for name in ("cat", "horse")
        }
        assert seen == {"cat": True, "horse": False}
        boxes = load("nll", "en").under("watch")
        shown = {name: page.locator(f".st-key-box-{name}").bounding_box() for name in boxes}
        assert [name for name in boxes if not shown[name]] == ["largest", "pushes"]
        # The others move up, two side by side.
        first, second, third, _ = [place for place in shown.values() if place]
        assert (first["y"], first["x"]) == (second["y"], third["x"])
        assert abs(first["width"] - second["width"]) < 1
        cut = load("shared", "en")("live.cut")
        said = page.locator(".ll-notice p").all_inner_texts()
        assert said == [cut.replace("%given", name) for name in ("presets.wolf", "watch.x{}")]
        # Of what has nothing left its title goes as well, whichever lesson is open.
        tab.open("nll", "hide=" + ",".join(f"watch.{name}" for name in boxes))
        page.locator(".st-key-onwards").wait_for()
        assert page.locator(".st-key-watch").is_hidden()
        tab.go("softmax")
        assert page.locator(".st-key-watch h2").is_visible()
        assert page.locator(".ll-notice p").count() == 0

    @pytest.mark.exhaustive
    def test_is_made_in_the_dialogue(self, visit: Visit, language: str) -> None:
        words = load("class", language)
        tab = visit("nll", f"lang={language}&z1=3")
        Member(tab, language).press(words("bar.class"))
        tab.page.get_by_text(words("cut.title")).click()
        tab.page.get_by_label(words("cut.watch"), exact=True).uncheck()
        tab.page.get_by_label(load("nll", language)("section.batch.title"), exact=True).uncheck()
        link = tab.page.locator("[data-made=link] pre").inner_text()
        frame = tab.page.locator("[data-made=frame] pre").inner_text()
        other = visit()
        other.page.goto(link)
        other.arrived("nll")
        assert other.live("live.values.z1") == 3
        assert other.page.locator("[data-section=batch]").is_hidden()
        assert other.page.locator(".st-key-watch").is_hidden()
        assert other.page.locator(".ll-presets").is_visible()
        # What another page embeds is the same, without the class.
        other.page.route("**/course", lambda route: route.fulfill(body=frame, content_type="text/html"))
        other.page.goto(f"{other.server.origin}/course")
        inside = other.page.frame_locator("iframe")
        inside.locator("[data-key=z1] .ll-range").wait_for()
        assert inside.locator("[data-section=batch]").is_hidden()
        assert inside.locator(".ll-class-button").is_hidden()

    @pytest.mark.exhaustive
    def test_names_single_ones_by_keys(self, visit: Visit, language: str) -> None:
        words, lesson = load("class", language), load("counts", language)
        tab = visit("counts", f"lang={language}&hide=watch.order", viewport={"width": 380, "height": 800})
        press = tab.page.keyboard.press
        tab.page.locator(".st-key-box-code").wait_for()
        Member(tab, language).press(words("bar.class"))
        tab.page.get_by_text(words("cut.title")).click()
        box = tab.page.get_by_label(words("cut.watch"), exact=True)
        assert box.evaluate("(box) => box.indeterminate")
        ticks = tab.page.get_by_role("group", name=f"{words('cut.presets')}: {words('cut.each')}")
        assert ticks.is_hidden()
        tab.page.get_by_role("checkbox", name=words("cut.presets"), exact=True).focus()
        for key in ("Tab", "Enter", "Tab", "Tab", "Space"):
            press(key)
        assert tab.page.get_by_label(lesson("preset.exact"), exact=True).is_checked() is False
        link = tab.page.locator("[data-made=link] pre")
        assert link.inner_text().endswith("&hide=presets.exact,watch.order")
        # The tick of a group goes for each of it; one that comes back leaves the others out.
        box.check()
        assert link.inner_text().endswith("&hide=presets.exact")
        box.uncheck()
        assert link.inner_text().endswith("&hide=presets.exact,watch")
        press("Tab")
        press("Enter")
        tab.page.get_by_label(lesson("watch.kl.wrong"), exact=True).check()
        others = ",".join(f"watch.{name}" for name in lesson.under("watch") if name != "kl")
        assert link.inner_text().endswith(f"&hide=presets.exact,{others}")
        # What was chosen stays while the dialogue is folded.
        press("Escape")
        Member(tab, language).press(words("bar.class"))
        assert link.inner_text().endswith(f"&hide=presets.exact,{others}")
        tab.page.goto(link.inner_text())
        tab.arrived("counts")
        tab.page.locator(".st-key-box-kl").wait_for()
        assert tab.page.locator(".st-key-watch .stColumn").filter(visible=True).count() == 1
