"""The live part without a browser: messages, addresses, frames, and what the session keeps."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.nll import LESSON as NLL
from pages.shared import live
from pages.shared.catalog import Words, load
from pages.shared.controls import Control, Values, read, vector
from pages.shared.frame import LESSONS
from pages.shared.frames import resolve
from pages.shared.lesson import Drag, Lesson, Section
from pages.shared.store import Ahead, Store
from pages.softmax import LESSON as SOFTMAX

Unpack = Callable[[bytes], dict[str, Any]]
Write = Callable[[dict[str, Any], int, dict[str, Any]], None]
Same = Callable[[Any, Any], bool]


def picture(values: Values, words: Words) -> dict[str, Any]:
    scores = np.array(values.many("z"))
    return {
        "bars": {"type": "figure", "data": [{"y": scores * values.t}], "layout": {"width": values.k}},
        "number": lambda: {"type": "lines", "title": "", "lines": [[f"{words('sum')} {scores.sum():.1f}"]]},
    }


def pulled(drag: Drag) -> Mapping[str, float]:
    return {"t": drag.start.t + drag.x - drag.from_x, "z1": drag.y}


LESSON = Lesson(
    name="toy",
    picture=picture,
    controls=[
        Control("k", 2, 4, 1, default=3, live=False),
        *vector("z", 4, (5.0, 4.0, 2.0, 1.0), minimum=-10.0, maximum=10.0, step=0.1),
        Control("t", 0.1, 10.0, 0.1, default=1.0),
        Control("y", default=0, kind="choice", bounds=lambda values: (0, values.k - 1, 1)),
        Control("unit", default="nats", kind="choice", choices=("nats", "bits")),
        *vector("c", 4, ("",), kind="text"),
        Control("secret", 0.0, 1.0, 0.5, default=0.5, in_url=False),
        Control("step", 0, 20, 1, default=0, kind="player"),
        Control("seed", 0, 99, 1, default=1, kind="button"),
    ],
    sections=[
        Section("main", controls=["k", "z", "t"], main=["bars"], tabs=["number"]),
        Section("more", controls=["y", "step"], table=[["c1", "c2"]]),
    ],
    presets={"tie": {"z1": 3.0, "z2": 3.0, "z3": 3.0}, "cold": {"t": 0.1}},
    hidden_presets={"last": {"k": 4, "y": 3}},
    keeps=("seed",),
    drags={"pull": pulled},
)
WORDS = Words(
    {
        **{f"control.{name}.label": name for name in ("k", "t", "unit", "secret", "step", "seed")},
        "control.z.label": "Score @{index} of @{name}",
        "control.c.label": "Name of @{index}",
        "control.y.label": "True class",
        "control.t.unit.nats": "natural",
        "control.t.help": "How flat",
        "control.unit.choice.nats": "Nats",
        "control.unit.choice.bits": "Bits",
        **{f"class.{i}": name for i, name in enumerate(("cat", "dog", "horse", "bird"), start=1)},
        **{"preset.tie": "A tie", "preset.cold": "Cold", "tab.bars": "Bars", "tab.number": "Number"},
        **{"section.more.title": "More", "section.more.text": "", "live.reset": "Reset", "sum": "Sum"},
    }
)
START = LESSON.start


def is_a_state(lesson: Lesson, values: Values) -> bool:
    """Tell whether values are what a lesson's controls allow: every key, its type, its range."""
    assert set(values) == set(lesson.by_key)
    for control in lesson.controls:
        value = values[control.key]
        assert type(value) is type(control.default), control.key
        if control.kind == "text":
            assert len(value) <= control.longest
        elif control.choices is not None:
            assert value in control.choices or value == control.default
        else:
            low, high, _ = control.range_in(values)
            assert low <= value <= high, control.key
    return True


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A session of a visitor."""
    made: dict[str, Any] = {}
    monkeypatch.setattr(live.st, "session_state", made)
    return made


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, session: dict[str, Any]) -> Callable[..., list[Any]]:
    """A function that enters the lesson from an address and returns the problems."""

    class Query(dict[str, str]):
        to_dict = dict.copy

    def enter(**given: str) -> list[Any]:
        monkeypatch.setattr(live.st, "query_params", Query(given))
        return live.enter(LESSON)

    return enter


class TestApply:
    def test_set(self) -> None:
        assert live.apply(LESSON, {"set": {"t": 2.5}}, START) == START.replace(t=2.5)

    def test_a_value_out_of_range_is_not_taken(self) -> None:
        assert live.apply(LESSON, {"set": {"t": 99}}, START.replace(z1=1.0)) == START.replace(z1=1.0)

    def test_setting_the_size_settles_what_depends_on_it(self) -> None:
        assert live.apply(LESSON, {"set": {"k": 2}}, START.replace(y=2)).y == 1

    def test_the_browsers_values_count_where_the_session_does_not_know_them(self) -> None:
        message = {"values": {**START, "z2": -1.0, "k": 4}, "set": {"t": 2.0}}
        assert live.apply(LESSON, message, START) == START.replace(z2=-1.0, k=4, t=2.0)

    def test_preset(self) -> None:
        moved = START.replace(z1=-9.0, t=5.0, seed=7)
        assert live.apply(LESSON, {"preset": "tie"}, moved) == START.replace(z1=3.0, z2=3.0, z3=3.0, seed=7)

    def test_hidden_preset(self) -> None:
        assert live.apply(LESSON, {"preset": "last"}, START) == START.replace(k=4, y=3)

    def test_an_unknown_preset_changes_nothing(self) -> None:
        assert live.apply(LESSON, {"preset": "nonsense"}, START.replace(t=3.0)) == START.replace(t=3.0)

    def test_drag_is_relative_to_where_it_began_and_stays_in_range(self) -> None:
        held = {
            "name": "pull",
            "x": 3.0,
            "y": 99.0,
            "from_x": 1.0,
            "from_y": 0.0,
            "start": {**START, "t": 4.0},
        }
        assert live.apply(LESSON, {"drag": held}, START.replace(t=9.0)) == START.replace(t=6.0, z1=10.0)

    def test_an_unknown_drag_changes_nothing(self) -> None:
        assert live.apply(LESSON, {"drag": {"name": "nonsense"}}, START) == START

    def test_an_empty_message_changes_nothing(self) -> None:
        assert live.apply(LESSON, {}, START) == START


JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([10**400, -(10**400), float("nan"), float("inf")]),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["pull", "tie", "t", "z1", "k", "y"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["t", "z1", "k", "y", "c1", "unit", "name", "x", "start", "a"]), inner, max_size=4
        ),
    ),
    max_leaves=6,
)
MESSAGES = st.one_of(
    st.fixed_dictionaries({}, optional=dict.fromkeys(("values", "set", "preset", "reset", "drag"), JUNK)),
    st.fixed_dictionaries(
        {
            "drag": st.fixed_dictionaries(
                {"name": st.just("pull")}, optional=dict.fromkeys(("x", "y", "from_x", "start"), JUNK)
            )
        }
    ),
    st.fixed_dictionaries(
        {"values": st.dictionaries(st.sampled_from(list(LESSON.by_key)), JUNK)},
        optional={"set": st.dictionaries(st.sampled_from(list(LESSON.by_key)), JUNK)},
    ),
)


class TestJunkFromTheBrowser:
    @given(MESSAGES)
    def test_gives_a_state_of_the_lesson(self, message: dict[str, Any]) -> None:
        assert is_a_state(LESSON, live.apply(LESSON, message, START))


@given(st.data())
def test_junk_gives_a_state_of_every_lesson(lesson: Lesson, data: st.DataObject) -> None:
    keys = st.sampled_from(list(lesson.by_key))
    names = st.sampled_from([*lesson.drags, *lesson.presets, *lesson.hidden_presets, "nonsense"])
    place = st.one_of(st.floats(), JUNK)
    message = data.draw(
        st.fixed_dictionaries(
            {},
            optional={
                "values": st.dictionaries(keys, JUNK, max_size=6),
                "set": st.dictionaries(keys, JUNK, max_size=3),
                "preset": names,
                "reset": st.lists(keys, max_size=3),
                "drag": st.fixed_dictionaries(
                    {
                        "name": names,
                        "x": place,
                        "y": place,
                        "from_x": place,
                        "from_y": place,
                        "start": JUNK,
                    }
                ),
            },
        )
    )
    assert is_a_state(lesson, live.apply(lesson, message, lesson.start))


class TestAddress:
    def test_reproduces_the_state(self) -> None:
        values = START.replace(k=4, t=0.3, c1="고양이 & co", unit="bits", y=3)
        given_ = dict(parse_qsl(live.address(LESSON, values, "ko"), keep_blank_values=True))
        assert given_.pop("lang") == "ko"
        assert read(LESSON.controls, given_, START).values == values

    def test_every_state_of_every_lesson_survives(self, case: Any) -> None:
        lesson, values = case
        given_ = dict(parse_qsl(live.address(lesson, values, "en"), keep_blank_values=True))
        del given_["lang"]
        reading = read(lesson.controls, given_, lesson.start)
        assert reading.problems == []
        seen = [c.key for c in lesson.controls if c.in_url and c.is_shown(values)]
        assert {key: reading.values[key] for key in seen} == {key: values[key] for key in seen}

    def test_shared_addresses_keep_working(self) -> None:
        wanted = "lang=en&k=3&z1=5&z2=4&z3=2&t=1&y=0&unit=nats&step=0&seed=1"
        assert live.address(LESSON, START, "en") == wanted


class TestTheSession:
    def test_a_first_visit_opens_at_the_start(self, visit: Callable[..., Any]) -> None:
        assert visit() == []
        assert live.session_values(LESSON) == START

    def test_an_address_is_taken(self, visit: Callable[..., Any]) -> None:
        assert visit(t="2", k="4", y="3") == []
        assert live.session_values(LESSON) == START.replace(t=2.0, k=4, y=3)

    def test_bad_values_are_reported_and_fall_back(self, visit: Callable[..., Any]) -> None:
        assert [(p.key, p.given, p.used) for p in visit(t="hot", z1="3")] == [("t", "hot", "1")]
        assert live.session_values(LESSON) == START.replace(z1=3.0)

    def test_an_address_that_names_anything_names_everything(self, visit: Callable[..., Any]) -> None:
        live.keep(LESSON, START.replace(z1=-3.0, t=9.0))
        visit(z2="0")
        assert live.session_values(LESSON) == START.replace(z2=0.0)

    def test_coming_back_without_an_address_finds_the_old_values(self, visit: Callable[..., Any]) -> None:
        live.keep(LESSON, START.replace(z1=-3.0))
        assert visit(lang="ko") == []
        assert live.session_values(LESSON) == START.replace(z1=-3.0)

    def test_lessons_of_one_scope_share_their_values(self, session: dict[str, Any]) -> None:
        one = Lesson("one", picture, LESSON.controls, LESSON.sections, scope="shared")
        other = Lesson("other", picture, LESSON.controls[:6], LESSON.sections, scope="shared")
        live.keep(one, START.replace(z1=-3.0, unit="bits"))
        found = live.session_values(other)
        assert found is not None
        assert (found.z1, "unit" in found) == (-3.0, False)
        live.keep(other, found.replace(t=2.0))
        assert live.session_values(one) == START.replace(z1=-3.0, unit="bits", t=2.0)

    def test_softmax_and_nll_share_scores_and_keep_their_own(self, session: dict[str, Any]) -> None:
        live.keep(SOFTMAX, SOFTMAX.start.replace(z1=-3.0, t=2.0, k=4, y=3, shift=50))
        found = live.session_values(NLL)
        assert found is not None
        assert (found.z1, found.t, found.k, found.y) == (-3.0, 2.0, 4, 3)
        live.keep(NLL, found.replace(k=2, y=1))
        back = live.session_values(SOFTMAX)
        assert back is not None
        assert (back.k, back.y, back.shift) == (2, 1, 50)

    def test_a_jump_sets_a_preset_and_asks_for_its_section(self, session: dict[str, Any]) -> None:
        live.jump(LESSON, "last", "more")
        assert live.session_values(LESSON) == START.replace(k=4, y=3)
        assert session["focus:toy"] == {"section": "more", "tab": "", "turn": 1}
        live.jump(LESSON, "tie")
        assert session["focus:toy"] == {"section": "main", "tab": "", "turn": 2}

    @pytest.mark.parametrize(("at", "section", "tab"), [("more", "more", ""), ("number", "main", "number")])
    def test_an_address_may_name_a_place_on_the_page(
        self, visit: Callable[..., Any], session: dict[str, Any], at: str, section: str, tab: str
    ) -> None:
        assert visit(at=at) == []
        assert session["focus:toy"] == {"section": section, "tab": tab, "turn": 1}
        assert "at=" not in live.address(LESSON, START, "en")
        # Coming back by the menu opens the page at its top.
        assert visit() == []
        assert "focus:toy" not in session

    def test_a_place_that_is_not_there_is_reported(
        self, visit: Callable[..., Any], session: dict[str, Any]
    ) -> None:
        assert [(p.key, p.given, p.used) for p in visit(at="cellar")] == [("at", "cellar", "main")]
        assert "focus:toy" not in session


class TestDescribe:
    def described(self, key: str, values: Values = START) -> dict[str, Any]:
        return live.describe(LESSON, LESSON.by_key[key], values, WORDS)

    def test_a_slider(self) -> None:
        made = self.described("t")
        assert (made["kind"], made["label"], made["min"], made["max"], made["start"]) == (
            "slider",
            "t",
            0.1,
            10.0,
            1.0,
        )
        assert (made["digits"], made["live"], made["shown"]) == (1, True, True)
        assert (made["unit"], made["help"]) == ("natural", "How flat")
        # Its stops are evenly spaced: their count says it all.
        assert (made["step"], made["count"]) == (0.1, 100)
        assert "stops" not in made

    def test_stops_that_are_not_evenly_spaced_are_listed(self) -> None:
        control = Control("rate", 0.1, 10.0, default=1.0, stops=(0.1, 1.0, 10.0), label="t")
        lesson = Lesson("x", picture, [*LESSON.controls, control], LESSON.sections)
        made = live.describe(lesson, control, lesson.start, WORDS)
        assert made["stops"] == [0.1, 1.0, 10.0]
        assert "count" not in made

    def test_a_unit_may_depend_on_the_state(self) -> None:
        assert "unit" not in self.described("t", START.replace(unit="bits"))

    def test_a_label_names_the_class(self) -> None:
        assert self.described("z2")["label"] == "Score 2 of dog"
        assert self.described("z2", START.replace(c2="Rex"))["label"] == "Score 2 of Rex"

    def test_a_choice_between_classes(self) -> None:
        made = self.described("y", START.replace(k=2, c1="Tom"))
        assert made["choices"] == [["0", "Tom"], ["1", "dog"]]

    def test_a_choice_between_words(self) -> None:
        assert self.described("unit")["choices"] == [["nats", "Nats"], ["bits", "Bits"]]

    def test_what_is_beyond_the_size_is_hidden(self) -> None:
        assert [self.described(f"z{i}")["shown"] for i in (1, 2, 3, 4)] == [True, True, True, False]

    def test_a_button_and_a_text_have_no_stops(self) -> None:
        assert "stops" not in self.described("seed")
        assert "stops" not in self.described("c1")
        assert self.described("c1")["longest"] == 24

    def test_the_stops_of_a_player(self) -> None:
        assert self.described("step")["count"] == 21


class TestWhole:
    def test_holds_what_the_browser_draws(self, unpack: Unpack) -> None:
        made = live.whole(LESSON, START.replace(z1=3.0, z2=3.0, z3=3.0), WORDS, notes=["a note"])
        assert made["preset"] == "tie"
        assert made["notes"] == ["a note"]
        assert made["presets"] == [["tie", "A tie"], ["cold", "Cold"]]
        assert [section["key"] for section in made["sections"]] == ["main", "more"]
        assert made["sections"][0]["controls"] == ["k", "z1", "z2", "z3", "z4", "t"]
        assert made["sections"][0]["tabs"] == [["bars", "Bars"], ["number", "Number"]]
        assert made["sections"][1]["table"] == [["c1", "c2"]]
        assert list(made["views"]) == ["bars", "number"]
        assert set(made["controls"]) == set(made["values"]) == set(LESSON.by_key)
        assert unpack(live.pack(made))["values"]["z1"] == 3.0

    def test_only_the_views_that_were_asked_for(self) -> None:
        assert list(live.whole(LESSON, START, WORDS, notes=(), views=["number"])["views"]) == ["number"]


@pytest.fixture
def own_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what this test makes, and makes ahead, apart from what earlier ones have made."""
    monkeypatch.setattr(live, "store", Store())
    monkeypatch.setattr(live, "ahead", Ahead(quiet=0.0))


class TestFrames:
    def test_are_the_pictures_of_the_stops(self, unpack: Unpack, write: Write, same: Same) -> None:
        values = START.replace(z2=-7.0)
        shown = unpack(live.pack({"views": resolve(picture(values, WORDS))}))["views"]
        made = unpack(live.frame_block(LESSON, values, WORDS, "z1", ("bars", "number")))
        assert made["frames"] == {"control": "z1", "count": 201, "views": ["bars", "number"]}
        for stop in (200, 0, 77, 78):
            write(made, stop, shown)
            moved = values.replace(z1=LESSON.by_key["z1"].stops_in(values)[stop])
            assert same(shown, resolve(picture(moved, WORDS)))

    def test_only_the_views_that_were_asked_for(self, unpack: Unpack) -> None:
        made = unpack(live.frame_block(LESSON, START, WORDS, "t", ("number",)))
        assert made["leaves"] == []

    @pytest.mark.usefixtures("own_store")
    def test_what_was_drawn_once_serves_everybody_in_the_same_state(self) -> None:
        drawn: list[str] = []

        def watched(values: Values, words: Words) -> dict[str, Any]:
            made = picture(values, words)
            return {
                name: lambda name=name: drawn.append(name) or resolve(made, [name])[name] for name in made
            }

        lesson = replace(LESSON, picture=watched)

        def views_drawn(values: Values, *views: str) -> set[str]:
            drawn.clear()
            live.frame_block(lesson, values, WORDS, "t", views)
            return set(drawn)

        assert views_drawn(START, "bars") == {"bars"}
        assert views_drawn(Values(dict(START)), "bars") == set()
        assert views_drawn(START.replace(t=9.0), "bars") == set()
        assert views_drawn(START, "bars", "number") == {"number"}
        assert views_drawn(START.replace(z1=0.0), "bars") == {"bars"}

    @pytest.mark.usefixtures("own_store")
    def test_a_class_that_asks_at_once_has_them_drawn_once_one_after_another(self) -> None:
        drawing: list[float] = []
        at_once: list[int] = []

        def slow(values: Values, words: Words) -> dict[str, Any]:
            drawing.append(values.z1)
            at_once.append(len(drawing))
            time.sleep(0.001)  # time for the others to come in, if they can
            drawing.remove(values.z1)
            return {"number": {"z1": values.z1}}

        lesson = replace(LESSON, picture=slow)
        states = [START, START, START.replace(z2=-0.5), START.replace(z2=-0.5)]
        with ThreadPoolExecutor(len(states)) as people:
            made = list(people.map(lambda v: live.frame_block(lesson, v, WORDS, "z1", ("number",)), states))
        assert made[0] == made[1]
        assert made[2] == made[3]
        # Two states, drawn at each stop once, never two pictures at a time.
        assert at_once == [1] * 2 * LESSON.by_key["z1"].count_in(START)

    @pytest.mark.usefixtures("own_store")
    def test_an_opening_state_is_drawn_ahead_for_all_its_sliders(self) -> None:
        live.prepare(LESSON, START.replace(z1=-0.7), WORDS, ("bars",))
        live.ahead.wait()
        assert len(live.store) == 0
        live.prepare(LESSON, START, WORDS, ("bars",))
        live.ahead.wait()
        sliders = [
            c for c in LESSON.controls if c.kind in ("slider", "player") and c.live and c.is_shown(START)
        ]
        assert len(live.store) == len(sliders) > 1

    def test_what_follows_a_control_is_in_its_frames(self, unpack: Unpack, write: Write, same: Same) -> None:
        lesson = Lesson(
            "follows", picture, LESSON.controls, LESSON.sections, follow=lambda before, after: {"z1": after.t}
        )
        shown = unpack(live.pack({"views": resolve(picture(START, WORDS))}))["views"]
        made = unpack(live.frame_block(lesson, START, WORDS, "t", ("bars",)))
        write(made, 19, shown)
        assert same(shown["bars"], picture(START.replace(t=2.0, z1=2.0), WORDS)["bars"])


class Page:
    """The softmax page in a visitor's session, without a browser."""

    def __init__(self, app: str, unpack: Unpack, **address: str) -> None:
        self.unpack = unpack
        self.at = AppTest.from_file(app, default_timeout=30).run()
        for key, text in address.items():
            self.at.query_params[key] = text
        self.at.switch_page("pages/softmax.py").run()

    def says(self, part: str, state: Any) -> None:
        """Let one of the browser's components say something."""
        self.at.session_state[f"{part}:softmax"] = state
        self.at.run()

    def told(self, part: str) -> dict[str, Any]:
        """Return what one of the browser's components was told last."""
        assert not self.at.exception
        (found,) = (c for c in self.at.get("bidi_component") if c.proto.id.endswith(f"-{part}:softmax"))
        return self.unpack(found.proto.bytes)

    def commit(self, seq: int, **change: Any) -> dict[str, Any]:
        """Commit a change, and return the answer."""
        self.says("live", {"commit": {"client": "hand", "seq": seq, **change}})
        return self.told("live")

    def ask(self, **wish: Any) -> dict[str, Any]:
        """Ask for frames, and return the answer."""
        self.says(
            "frames", {"ask": {"token": "a", "control": "z2", "views": ["columns"], "values": {}, **wish}}
        )
        return self.told("frames")


@pytest.fixture
def open_page(unpack: Unpack, request: pytest.FixtureRequest) -> Callable[..., Page]:
    return partial(Page, str(request.config.rootpath / "app.py"), unpack)


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


class TestTheTalk:
    def test_a_first_message_holds_everything(self, page: Page) -> None:
        message = page.told("live")
        assert message["ack"] == ["", 0]
        assert message["lesson"] == "softmax"
        assert message["views"]["columns"]["type"] == "figure"

    def test_who_enters_is_given_the_first_sliders_frames(self, page: Page, write: Write, same: Same) -> None:
        message = page.told("frames")
        assert message["around"] == {
            "language": "en",
            "stamp": page.told("live")["stamp"],
            "values": {key: SOFTMAX.start[key] for key in SOFTMAX.by_key},
        }
        key, views = message["frames"]["control"], message["frames"]["views"]
        assert [key] == live.first_slider(SOFTMAX, SOFTMAX.start)
        shown = page.told("live")["views"]
        write(message, 0, shown)
        values = SOFTMAX.start.replace(**{key: SOFTMAX.by_key[key].stops_in(SOFTMAX.start)[0]})
        for name, view in resolve(SOFTMAX.picture(values, load("softmax", "en")), views).items():
            assert same(shown[name], view), name

    def test_what_others_will_want_is_put_down_to_be_made_ahead(
        self, open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put_down: list[tuple[str, tuple[str, ...]]] = []
        monkeypatch.setattr(
            live.ahead, "add", lambda name, _: put_down.append(name[-2:]) if name[0] == "softmax" else None
        )
        page = open_page()
        sliders = [key for key, control in SOFTMAX.by_key.items() if control.is_framed(SOFTMAX.start)]
        first, every = live.first_views(SOFTMAX), tuple(sorted(SOFTMAX.views))
        assert put_down == [(key, views) for views in (first, every) for key in sliders]
        put_down.clear()
        page.ask(views=["numerics"])
        assert put_down == [(key, ("numerics",)) for key in sliders]

    def test_who_stays_is_not_given_them_again(self, page: Page) -> None:
        page.at.run()
        assert page.told("frames") == {"lesson": "softmax"}

    def test_a_commit_is_taken_and_acknowledged(self, page: Page) -> None:
        message = page.commit(1, set={"z1": 2.5})
        assert message["ack"] == ["hand", 1]
        assert message["values"]["z1"] == 2.5
        assert "z1=2.5" in message["address"].split("&")

    def test_a_commit_counts_once(self, page: Page) -> None:
        page.commit(1, set={"z1": 2.5})
        page.at.session_state["values:scores"] = {**page.at.session_state["values:scores"], "z1": 7.0}
        assert page.commit(1, set={"z1": 2.5})["values"]["z1"] == 7.0

    def test_while_a_grip_moves_only_the_views_on_the_screen_are_drawn(self, page: Page) -> None:
        message = page.commit(1, set={"z1": 2.5}, moving=True, views=["columns"])
        assert message["moving"] is True
        assert list(message["views"]) == ["columns"]

    def test_frames_come_under_the_askers_token(self, page: Page, write: Write, same: Same) -> None:
        shown = page.commit(1, set={"z1": 2.5})["views"]
        answer = page.ask(token="hand:7", views=["columns", "formula"])
        assert (answer["token"], answer["frames"]["control"]) == ("hand:7", "z2")
        write(answer, 0, shown)
        wanted = SOFTMAX.picture(SOFTMAX.start.replace(z1=2.5, z2=-10.0), load("softmax", "en"))
        for name, view in resolve(wanted, ["columns", "formula"]).items():
            assert same(shown[name], view), name

    def test_frames_are_around_the_values_that_the_asker_shows(
        self, page: Page, write: Write, same: Same
    ) -> None:
        shown = page.commit(1, set={"z1": -1.0})["views"]
        page.commit(2, set={"z1": 2.5})
        answer = page.ask(values={"z1": -1.0})
        write(answer, 0, shown)
        wanted = SOFTMAX.picture(SOFTMAX.start.replace(z1=-1.0, z2=-10.0), load("softmax", "en"))
        assert same(shown["columns"], resolve(wanted, ["columns"])["columns"])
        assert page.told("live")["values"]["z1"] == 2.5

    def test_sentences_on_the_address_go_with_the_first_commit(self, open_page: Callable[..., Page]) -> None:
        page = open_page(z1="99", lang="xx")
        first, second = page.told("live")["notes"]
        assert "99" in first
        assert "xx" in second
        assert page.commit(1, set={"z2": 1.0})["notes"] == []


class TestWhatStandsFirst:
    def test_slider_of_the_board(self) -> None:
        assert live.first_slider(LESSON, LESSON.start) == ["z1"]

    def test_slider_in_a_table_counts(self) -> None:
        section = Section("main", controls=["k"], main=["bars"], table=[["c1", "t"], ["z1"]])
        assert live.first_slider(replace(LESSON, sections=[section]), LESSON.start) == ["t"]

    def test_slider_that_is_not_shown_does_not(self) -> None:
        controls = [replace(c, shown=lambda _: False) if c.key == "z1" else c for c in LESSON.controls]
        assert live.first_slider(replace(LESSON, controls=controls), LESSON.start) == ["z2"]

    def test_lesson_without_one(self) -> None:
        assert (
            live.first_slider(replace(LESSON, sections=[Section("main", main=["bars"])]), LESSON.start) == []
        )

    def test_views_beside_it(self) -> None:
        section = Section("main", main=["bars"], tabs=["bars", "number", "more"], below=["code"])
        assert live.first_views(replace(LESSON, sections=[section])) == ("bars", "number", "code")

    @pytest.mark.parametrize("name", LESSONS)
    def test_views_are_on_the_page(self, name: str) -> None:
        lesson = importlib.import_module(f"pages.{name}").LESSON
        views = live.first_views(lesson)
        assert len(set(views)) == len(views)
        assert views[0] == lesson.sections[0].main[0]
        assert set(views) <= lesson.views


class TestJunkOnThePage:
    @pytest.mark.parametrize(
        "commit",
        [
            "x",
            {"client": "a"},
            {"set": 5},
            {"client": ["a"], "seq": None},
            {"moving": True},
            {"moving": True, "views": 7},
            {"moving": True, "views": [5, "nonsense"]},
        ],
        ids=str,
    )
    def test_in_a_commit_does_not_stop_it(self, page: Page, commit: Any) -> None:
        usual = {"client": "a", "seq": 1}
        page.says("live", {"commit": commit if commit in ("x", {"client": "a"}) else {**usual, **commit}})
        assert page.told("live")["values"]["t"] == 1.0

    @pytest.mark.parametrize(
        "wish",
        [
            {"control": ["t"]},
            {"control": "nonsense"},
            {"control": None},
            {"control": "t", "views": 7},
            {"control": "t", "views": [["columns"]]},
            {"control": "t", "views": ["nonsense"]},
            {"control": "t", "values": "x"},
            {"control": "t", "values": {"z1": 10**400, "k": [3]}},
            {"control": "t", "token": {"a": [1]}},
            {"control": "c1"},
            {"control": "seed"},
            {"control": "y"},
        ],
        ids=str,
    )
    def test_in_a_wish_for_frames_does_not_stop_it(self, page: Page, wish: dict[str, Any]) -> None:
        assert page.ask(**wish)["lesson"] == "softmax"

    @pytest.mark.parametrize("ask", ["x", 5, {}, {"control": "t"}, {"token": "a", "control": "t"}], ids=str)
    def test_in_place_of_a_wish_does_not_stop_it(self, page: Page, ask: Any) -> None:
        page.says("frames", {"ask": ask})
        assert page.told("frames")["lesson"] == "softmax"


class TestTheBrowsersLanguage:
    @pytest.mark.parametrize(
        ("locale", "expected"), [("ko", "ko"), ("ko-KR", "ko"), ("en-GB", "en"), ("fr", "en"), (None, "en")]
    )
    def test_decides_on_the_first_visit(
        self, request: pytest.FixtureRequest, locale: str | None, expected: str
    ) -> None:
        at = AppTest.from_file(str(request.config.rootpath / "app.py"), default_timeout=30)
        if locale is not None:
            at.context["locale"] = locale
        at.run()
        assert at.title[0].value == load("home", expected)("title")

    def test_an_address_that_names_one_wins(self, request: pytest.FixtureRequest) -> None:
        at = AppTest.from_file(str(request.config.rootpath / "app.py"), default_timeout=30)
        at.context["locale"] = "ko-KR"
        at.query_params["lang"] = "en"
        assert at.run().title[0].value == load("home", "en")("title")
