"""The live part without a browser: messages, addresses, frames, and what the session keeps."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.figures.reading import numbers
from pages.nll import LESSON as NLL
from pages.shared import store, supply, visit, wire
from pages.shared.catalog import LESSONS, Words, load
from pages.shared.controls import Control, Values, read, vector
from pages.shared.frames import pack, resolve
from pages.shared.lesson import Drag, Lesson, Picture, Preset, Section
from pages.softmax import LESSON as SOFTMAX
from tests.conftest import frame_block
from tests.machine import EXHAUSTIVE

Unpack = Callable[[bytes], dict[str, Any]]
Write = Callable[[dict[str, Any], int, dict[str, Any]], None]
Same = Callable[[Any, Any], bool]


def bars(scores: tuple[float, ...], t: float) -> dict[str, Any]:
    return {"type": "figure", "data": [{"y": np.array(scores) * t}], "layout": {"width": len(scores)}}


def number(scores: tuple[float, ...], word: str) -> dict[str, Any]:
    return {"type": "lines", "title": "", "lines": [[f"{word} {sum(scores):.1f}"]]}


def picture(values: Values, words: Words) -> Picture:
    scores = values.many("z")
    return {"bars": (bars, scores, values.t), "number": (number, scores, words("sum"))}


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
    presets={
        "tie": Preset({"z1": 3.0, "z2": 3.0, "z3": 3.0}),
        "cold": Preset({"t": 0.1}),
        "last": Preset({"k": 4, "y": 3}, hidden=True),
    },
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
    monkeypatch.setattr(visit.st, "session_state", made)
    return made


@pytest.fixture
def enters(monkeypatch: pytest.MonkeyPatch, session: dict[str, Any]) -> Callable[..., list[Any]]:
    """A function that enters the lesson from an address and returns the problems."""

    class Query(dict[str, str]):
        to_dict = dict.copy

    def enter(**given: str) -> list[Any]:
        monkeypatch.setattr(visit.st, "query_params", Query(given))
        return visit.enter(LESSON)

    return enter


class TestApply:
    def test_set(self) -> None:
        assert wire.apply(LESSON, {"set": {"t": 2.5}}, START) == START.replace(t=2.5)

    def test_a_value_out_of_range_is_not_taken(self) -> None:
        assert wire.apply(LESSON, {"set": {"t": 99}}, START.replace(z1=1.0)) == START.replace(z1=1.0)

    def test_setting_the_size_settles_what_depends_on_it(self) -> None:
        assert wire.apply(LESSON, {"set": {"k": 2}}, START.replace(y=2)).y == 1

    def test_the_browsers_values_count_where_the_session_does_not_know_them(self) -> None:
        message = {"values": {**START, "z2": -1.0, "k": 4}, "set": {"t": 2.0}}
        assert wire.apply(LESSON, message, START) == START.replace(z2=-1.0, k=4, t=2.0)

    def test_preset(self) -> None:
        moved = START.replace(z1=-9.0, t=5.0, seed=7)
        assert wire.apply(LESSON, {"preset": "tie"}, moved) == START.replace(z1=3.0, z2=3.0, z3=3.0, seed=7)

    def test_hidden_preset(self) -> None:
        assert wire.apply(LESSON, {"preset": "last"}, START) == START.replace(k=4, y=3)

    def test_an_unknown_preset_changes_nothing(self) -> None:
        assert wire.apply(LESSON, {"preset": "nonsense"}, START.replace(t=3.0)) == START.replace(t=3.0)

    def test_drag_is_relative_to_where_it_began_and_stays_in_range(self) -> None:
        held = {
            "name": "pull",
            "x": 3.0,
            "y": 99.0,
            "from_x": 1.0,
            "from_y": 0.0,
            "start": {**START, "t": 4.0},
        }
        assert wire.apply(LESSON, {"drag": held}, START.replace(t=9.0)) == START.replace(t=6.0, z1=10.0)

    def test_an_unknown_drag_changes_nothing(self) -> None:
        assert wire.apply(LESSON, {"drag": {"name": "nonsense"}}, START) == START

    def test_an_empty_message_changes_nothing(self) -> None:
        assert wire.apply(LESSON, {}, START) == START


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
        assert is_a_state(LESSON, wire.apply(LESSON, message, START))


@settings(max_examples=1000 if EXHAUSTIVE else 50)
@given(st.data())
def test_junk_gives_a_state_of_every_lesson(lesson: Lesson, data: st.DataObject) -> None:
    keys = st.sampled_from(list(lesson.by_key))
    names = st.sampled_from([*lesson.drags, *lesson.presets, "nonsense"])
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
    assert is_a_state(lesson, wire.apply(lesson, message, lesson.start))


class TestAddress:
    def test_reproduces_the_state(self) -> None:
        values = START.replace(k=4, t=0.3, c1="고양이 & co", unit="bits", y=3)
        given_ = dict(parse_qsl(wire.address(LESSON, values, "ko"), keep_blank_values=True))
        assert given_.pop("lang") == "ko"
        assert read(LESSON.controls, given_, START).values == values

    def test_every_state_of_every_lesson_survives(self, case: Any) -> None:
        lesson, values = case
        given_ = dict(parse_qsl(wire.address(lesson, values, "en"), keep_blank_values=True))
        del given_["lang"]
        reading = read(lesson.controls, given_, lesson.defaults)
        assert reading.problems == []
        seen = [c.key for c in lesson.controls if c.in_url and c.is_shown(values)]
        assert {key: reading.values[key] for key in seen} == {key: values[key] for key in seen}

    def test_shared_addresses_keep_working(self) -> None:
        wanted = "lang=en&k=3&z1=5&z2=4&z3=2&t=1&y=0&unit=nats&step=0&seed=1"
        assert wire.address(LESSON, START, "en") == wanted


class TestTheSession:
    def test_a_first_visit_opens_at_the_start(self, enters: Callable[..., Any]) -> None:
        assert enters() == []
        assert visit.session_values(LESSON) == START

    def test_an_address_is_taken(self, enters: Callable[..., Any]) -> None:
        assert enters(t="2", k="4", y="3") == []
        assert visit.session_values(LESSON) == START.replace(t=2.0, k=4, y=3)

    def test_bad_values_are_reported_and_fall_back(self, enters: Callable[..., Any]) -> None:
        assert [(p.key, p.given, p.used) for p in enters(t="hot", z1="3")] == [("t", "hot", "1")]
        assert visit.session_values(LESSON) == START.replace(z1=3.0)

    def test_an_address_that_names_anything_names_everything(self, enters: Callable[..., Any]) -> None:
        visit.keep(LESSON, START.replace(z1=-3.0, t=9.0))
        enters(z2="0")
        assert visit.session_values(LESSON) == START.replace(z2=0.0)

    def test_coming_back_without_an_address_finds_the_old_values(self, enters: Callable[..., Any]) -> None:
        visit.keep(LESSON, START.replace(z1=-3.0))
        assert enters(lang="ko") == []
        assert visit.session_values(LESSON) == START.replace(z1=-3.0)

    def test_lessons_of_one_scope_share_their_values(self, session: dict[str, Any]) -> None:
        one = Lesson("one", picture, LESSON.controls, LESSON.sections, scope="shared")
        other = Lesson("other", picture, LESSON.controls[:6], LESSON.sections, scope="shared")
        visit.keep(one, START.replace(z1=-3.0, unit="bits"))
        found = visit.session_values(other)
        assert found is not None
        assert (found.z1, "unit" in found) == (-3.0, False)
        visit.keep(other, found.replace(t=2.0))
        assert visit.session_values(one) == START.replace(z1=-3.0, unit="bits", t=2.0)

    def test_softmax_and_nll_share_scores_and_keep_their_own(self, session: dict[str, Any]) -> None:
        visit.keep(SOFTMAX, SOFTMAX.start.replace(z1=-3.0, t=2.0, k=4, y=3, shift=50))
        found = visit.session_values(NLL)
        assert found is not None
        assert (found.z1, found.t, found.k, found.y) == (-3.0, 2.0, 4, 3)
        visit.keep(NLL, found.replace(k=2, y=1))
        back = visit.session_values(SOFTMAX)
        assert back is not None
        assert (back.k, back.y, back.shift) == (2, 1, 50)

    def test_a_jump_sets_a_preset_and_asks_for_its_section(self, session: dict[str, Any]) -> None:
        visit.jump(LESSON, "last", "more")
        assert visit.session_values(LESSON) == START.replace(k=4, y=3)
        assert session["focus:toy"] == {"section": "more", "tab": "", "turn": 1}
        visit.jump(LESSON, "tie")
        assert session["focus:toy"] == {"section": "main", "tab": "", "turn": 2}

    @pytest.mark.parametrize(("at", "section", "tab"), [("more", "more", ""), ("number", "main", "number")])
    def test_an_address_may_name_a_place_on_the_page(
        self, enters: Callable[..., Any], session: dict[str, Any], at: str, section: str, tab: str
    ) -> None:
        assert enters(at=at) == []
        assert session["focus:toy"] == {"section": section, "tab": tab, "turn": 1}
        assert "at=" not in wire.address(LESSON, START, "en")
        # Coming back by the menu opens the page at its top.
        assert enters() == []
        assert "focus:toy" not in session

    def test_a_place_that_is_not_there_is_reported(
        self, enters: Callable[..., Any], session: dict[str, Any]
    ) -> None:
        assert [(p.key, p.given, p.used) for p in enters(at="cellar")] == [("at", "cellar", "main")]
        assert "focus:toy" not in session


class TestDescribe:
    def described(self, key: str, values: Values = START) -> dict[str, Any]:
        made: dict[str, Any] = wire.whole(LESSON, values, WORDS, notes=())["controls"][key]
        return made

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
        made = wire.describe(control, lesson.start, WORDS)
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
        made = wire.whole(LESSON, START.replace(z1=3.0, z2=3.0, z3=3.0), WORDS, notes=["a note"])
        assert made["preset"] == "tie"
        assert made["notes"] == ["a note"]
        assert made["presets"] == [["tie", "A tie"], ["cold", "Cold"]]
        assert [section["key"] for section in made["sections"]] == ["main", "more"]
        assert made["sections"][0]["controls"] == ["k", "z1", "z2", "z3", "z4", "t"]
        assert made["sections"][0]["tabs"] == [["bars", "Bars"], ["number", "Number"]]
        assert made["sections"][1]["table"] == [["c1", "c2"]]
        assert list(made["views"]) == ["bars", "number"]
        assert set(made["controls"]) == set(made["values"]) == set(LESSON.by_key)
        assert unpack(pack(made))["values"]["z1"] == 3.0

    def test_only_the_views_that_were_asked_for(self) -> None:
        assert list(wire.whole(LESSON, START, WORDS, notes=(), views=["number"])["views"]) == ["number"]

    def test_tables_of_the_figures_that_are_read_though_they_are_not_drawn_anew(self) -> None:
        whole = partial(wire.whole, LESSON, START, WORDS, notes=())
        assert [set(made) for made in whole()["numbers"].values()] == [{"now"}]
        reads = ["bars", "number", "nonsense", "bars"]
        made = whole(reads=reads, had=picture(START, WORDS))
        assert made["views"] == {}
        assert made["numbers"] == {"bars": numbers(resolve(picture(START, WORDS))["bars"])}
        assert whole(reads=reads, views=["bars"])["numbers"] == {}


class TestFrames:
    def test_are_the_pictures_of_the_stops(self, unpack: Unpack, write: Write, same: Same) -> None:
        values = START.replace(z2=-7.0)
        shown = unpack(pack({"views": resolve(picture(values, WORDS))}))["views"]
        made = unpack(frame_block(LESSON, values, WORDS, "z1", ("bars", "number")))
        assert made["frames"] == {
            "control": "z1",
            "count": 201,
            "views": ["bars", "number"],
            "first": 0,
            "every": 1,
        }
        for stop in (200, 0, 77, 78):
            write(made, stop, shown)
            moved = values.replace(z1=LESSON.by_key["z1"].stops_in(values)[stop])
            assert same(shown, resolve(picture(moved, WORDS)))

    def test_only_the_views_that_were_asked_for(self, unpack: Unpack) -> None:
        made = unpack(frame_block(LESSON, START, WORDS, "t", ("number",)))
        assert made["leaves"] == []

    def test_what_follows_a_control_is_in_its_frames(self, unpack: Unpack, write: Write, same: Same) -> None:
        lesson = Lesson(
            "follows", picture, LESSON.controls, LESSON.sections, follow=lambda before, after: {"z1": after.t}
        )
        shown = unpack(pack({"views": resolve(picture(START, WORDS))}))["views"]
        made = unpack(frame_block(lesson, START, WORDS, "t", ("bars",)))
        write(made, 19, shown)
        assert same(shown["bars"], resolve(picture(START.replace(t=2.0, z1=2.0), WORDS))["bars"])


class Page:
    """The softmax page in a visitor's session, without a browser."""

    def __init__(self, app: str, unpack: Unpack, **address: str) -> None:
        self.unpack = unpack
        self.at = AppTest.from_file(app, default_timeout=30).run()
        for key, text in address.items():
            self.at.query_params[key] = text
        self.at.switch_page("pages/softmax.py").run()

    def says(self, state: Any) -> None:
        """Let the browser's component say something."""
        self.at.session_state["live:softmax"] = state
        self.at.run()

    def told(self) -> dict[str, Any]:
        """Return what the browser's component was told last."""
        assert not self.at.exception
        (found,) = (part for part in self.at.get("bidi_component") if part.proto.id.endswith("-live:softmax"))
        return self.unpack(found.proto.bytes)

    def commit(self, seq: int, **change: Any) -> dict[str, Any]:
        """Commit a change, and return the answer."""
        self.says({"commit": {"client": "hand", "seq": seq, **change}})
        return self.told()


@pytest.fixture
def open_page(unpack: Unpack, request: pytest.FixtureRequest) -> Callable[..., Page]:
    return partial(Page, str(request.config.rootpath / "app.py"), unpack)


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


class TestTheTalk:
    def test_a_first_message_holds_everything(self, page: Page) -> None:
        message = page.told()
        assert message["ack"] == ["", 0]
        assert message["lesson"] == "softmax"
        assert message["views"]["columns"]["type"] == "figure"

    def test_what_others_will_want_is_put_down_to_be_made_ahead(
        self, open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put_down: list[tuple[str, tuple[str, ...]]] = []

        def add(name: Any, _: Any) -> None:
            if isinstance(name, supply.Wish) and name.lesson == "softmax":
                put_down.append((name.key, name.views))

        monkeypatch.setattr(store.ahead, "add", add)
        page = open_page()
        sliders = [key for key, control in SOFTMAX.by_key.items() if control.is_framed(SOFTMAX.start)]
        first, every = supply.first_views(SOFTMAX), tuple(sorted(SOFTMAX.views))
        assert put_down == [(key, views) for views in (first, every) for key in sliders]
        put_down.clear()
        # In a state of a person's own nobody else will stand.
        page.commit(1, set={"z1": -0.7})
        assert put_down == []

    def test_what_the_browser_has_is_not_sent_again(self, page: Page) -> None:
        whole = page.told()
        views = [*whole["views"]]
        message = page.commit(1, set={"n": 2000}, has=whole["name"], intact=views)
        assert message["name"] != whole["name"]
        assert set(message["views"]) < set(views)
        assert "sampling" in message["views"]
        assert message["numbers"].keys() <= message["views"].keys()
        # What it has written into comes again, though it is as it was.
        message = page.commit(2, set={"n": 2000}, has=message["name"], intact=["columns"])
        assert set(message["views"]) == set(views) - {"columns"}

    @pytest.mark.parametrize("has", ["", "another", None, 5, ["one"]])
    def test_who_has_not_the_last_answer_is_sent_everything(self, page: Page, has: Any) -> None:
        views = [*page.told()["views"]]
        assert list(page.commit(1, set={"n": 2000}, has=has, intact=views)["views"]) == views

    def test_an_answer_that_was_lost_leaves_nothing_out_later(self, page: Page) -> None:
        first = page.told()
        page.commit(1, set={"z1": 1.0}, has=first["name"], intact=[*first["views"]])
        message = page.commit(2, set={"z1": 1.0}, has=first["name"], intact=[*first["views"]])
        assert message["views"].keys() == first["views"].keys()

    def test_what_a_moving_hand_was_shown_comes_again_with_all_that_is_said_at_rest(self, page: Page) -> None:
        first = page.told()
        seen = {"has": first["name"], "intact": [*first["views"]]}
        moving = page.commit(1, set={"n": 2000}, moving=True, views=["sampling"], **seen)
        assert list(moving["views"]) == ["sampling"]
        rest = page.commit(2, set={"n": 2000}, has=moving["name"], intact=[*first["views"]])
        assert "sampling" in rest["numbers"]
        assert "columns" not in rest["views"]

    def test_a_rerun_of_the_page_brings_everything(self, page: Page) -> None:
        first = page.told()
        page.commit(1, set={"n": 2000}, has=first["name"], intact=[*first["views"]])
        page.at.run()
        assert page.told()["views"].keys() == first["views"].keys()

    def test_it_is_said_where_frames_are(self, page: Page) -> None:
        assert page.told()["frames"] == supply.address(SOFTMAX, "en", supply.NOTHING)

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

    def test_sentences_on_the_address_go_with_the_first_commit(self, open_page: Callable[..., Page]) -> None:
        page = open_page(z1="99", lang="xx")
        first, second = page.told()["notes"]
        assert "99" in first
        assert "xx" in second
        assert page.commit(1, set={"z2": 1.0})["notes"] == []

    def test_who_asks_for_a_table_moves_nothing_and_has_read_nothing(
        self, open_page: Callable[..., Page]
    ) -> None:
        page = open_page(z1="99")
        for seq, change in ((1, {}), (3, {"preset": "tie"})):
            before = page.commit(seq, **change) if change else page.told()
            seen = {"has": before["name"], "intact": [*before["views"]], "values": before["values"]}
            after = page.commit(seq + 1, reads=["columns"], **seen)
            assert after["numbers"]["columns"]["rows"]
            assert after["views"] == {}
            other = {"name", "ack", "numbers", "views"}
            assert [key for key in after.keys() - other if after[key] != before[key]] == []
            assert bool(after["notes"]) == (not change)
        assert after["changed"]["text"]
        # With values that the session did not know something was moved.
        assert page.commit(5, values={**before["values"], "z1": 2.5})["changed"]["text"] == ""

    def test_where_nothing_stands_in_its_place_the_sentence_names_nothing(
        self, open_page: Callable[..., Page], language: str
    ) -> None:
        given_ = "W" * 25  # a name that is too long
        (note,) = open_page(c1=given_, lang=language).told()["notes"]
        assert note == load("softmax", language)("live.left_out", name="c1", given=given_)
        assert {"en": "; is used", "ko": "대신"}[language] not in note


class TestWhatStandsFirst:
    def test_views_beside_it(self) -> None:
        section = Section("main", main=["bars"], tabs=["bars", "number", "more"], below=["code"])
        assert supply.first_views(replace(LESSON, sections=[section])) == ("bars", "number", "code")

    @pytest.mark.parametrize("name", LESSONS)
    def test_views_are_on_the_page(self, name: str) -> None:
        lesson = importlib.import_module(f"pages.{name}").LESSON
        views = supply.first_views(lesson)
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
            {"reads": 7},
            {"reads": [5, "nonsense", "formula"]},
        ],
        ids=str,
    )
    def test_in_a_commit_does_not_stop_it(self, page: Page, commit: Any) -> None:
        usual = {"client": "a", "seq": 1}
        page.says({"commit": commit if commit in ("x", {"client": "a"}) else {**usual, **commit}})
        assert page.told()["values"]["t"] == 1.0


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
