"""Every lesson, in each language: its parts fit together, it opens, and its frames are its pictures."""

from __future__ import annotations

import html
import importlib
import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.figures.quiz import QUESTIONS
from pages.shared import wire
from pages.shared.catalog import LESSONS, Words, load
from pages.shared.controls import Values, parse, query, settle
from pages.shared.frames import difference, pack, resolve
from pages.shared.lesson import Lesson, Section
from pages.shared.way import questions
from tests.conftest import frame_block, load_lesson, same_drawing
from tests.machine import some

# Keys of addresses that people have shared: they must keep working.
SCORES = {"k", "t", "y", *(f"z{i}" for i in range(1, 11))}
PUBLIC = {
    "softmax": SCORES,
    "nll": SCORES,
    "cross_entropy": {"k", "unit", *(f"{stem}{i}" for stem in "pq" for i in range(1, 9))},
    "counts": {"k", "n", "seed", *(f"{stem}{i}" for stem in "pq" for i in range(1, 9))},
    "heights": {"mu", "sigma", "mu_b", "sigma_b", "n", "true_mu", "true_sigma", "seed", "unit"},
}


STEPS = 6  # how many scales an axis may have while one slider moves


class TestWhatItIsMadeOf:
    def test_its_name_is_its_address(self, lesson: Lesson) -> None:
        assert lesson.name in LESSONS

    def test_each_control_has_a_key_of_its_own(self, lesson: Lesson) -> None:
        keys = [control.key for control in lesson.controls]
        assert len(keys) == len(set(keys))
        assert "lang" not in keys

    @pytest.mark.parametrize("name", PUBLIC)
    def test_public_keys_stay(self, name: str) -> None:
        controls = importlib.import_module(f"pages.{name}").LESSON.controls
        assert PUBLIC[name] - {control.key for control in controls if control.in_url} == set()

    def test_it_opens_on_good_values(self, lesson: Lesson) -> None:
        for control in lesson.controls:
            value = lesson.start[control.key]
            # A choice that nobody has made yet is an empty text.
            assert value == "" or parse(control, value, lesson.start) == value, control.key

    def test_a_slider_can_stand_where_the_lesson_opens(self, lesson: Lesson) -> None:
        for control in lesson.controls:
            if control.kind in ("slider", "player"):
                assert lesson.start[control.key] in control.stops_in(lesson.start), control.key

    def test_stops_rise_within_the_range(self, lesson: Lesson) -> None:
        for control in lesson.controls:
            if control.kind in ("slider", "player"):
                stops = control.stops_in(lesson.start)
                low, high, _ = control.range_in(lesson.start)
                assert stops == sorted(set(stops)), control.key
                assert (stops[0], stops[-1]) == (low, high), control.key

    def test_a_range_depends_on_controls_before_it(self, lesson: Lesson) -> None:
        """An address is read in the controls' order: what a range depends on must have been read by then."""
        before: dict[str, Any] = {}
        for control in lesson.controls:
            if control.bounds is not None:
                control.bounds(Values(before))
            before[control.key] = control.default

    def test_presets_set_good_values(self, lesson: Lesson) -> None:
        for name, preset in lesson.presets.items():
            values = lesson.preset(name, lesson.start)
            for key, value in preset.values.items():
                assert parse(lesson.by_key[key], value, values) == value, (name, key)
                assert values[key] == value, (name, key)

    def test_presets_differ(self, lesson: Lesson) -> None:
        states = [lesson.preset(name, lesson.start) for name in lesson.buttons]
        assert len(set(states)) == len(states)
        assert [lesson.active_preset(values) for values in states] == list(lesson.buttons)

    def test_a_state_of_a_preset_or_a_beat_is_known_whatever_is_kept(self, lesson: Lesson) -> None:
        kept = {c.key: c.choices[-1] for c in lesson.controls if c.key in lesson.keeps and c.choices}
        beats = range(1, len(lesson.beats) + 1)
        for base in (lesson.start, settle(lesson.controls, lesson.start.replace(**kept))):
            states = [*(lesson.preset(name, base) for name in lesson.presets), base]
            states += [lesson.beat(n, base) for n in beats]
            states += [values.replace(**{lesson.controls[0].key: "else"}) for values in states]
            for values in states:
                pressed = [name for name in lesson.buttons if lesson.preset(name, values) == values]
                assert lesson.active_preset(values) == "".join(pressed[:1])
                assert lesson.begins_beat(values) == any(lesson.beat(n, values) == values for n in beats)

    def test_sections_hold_controls_that_exist(self, lesson: Lesson) -> None:
        for section in lesson.sections:
            for name in section.controls:
                assert wire.group(lesson, [name]), (section.key, name)
            assert {key for row in section.table for key in row} <= set(lesson.by_key)

    def test_no_control_stands_twice(self, lesson: Lesson) -> None:
        placed = [
            key
            for s in lesson.sections
            for key in (*wire.group(lesson, s.controls), *(k for r in s.table for k in r))
        ]
        assert len(placed) == len(set(placed))

    def test_every_view_stands_somewhere_and_every_place_has_its_view(self, case: Any, language: str) -> None:
        lesson, values = case
        assert set(lesson.picture(values, load(lesson.name, language))) == lesson.views

    def test_no_view_stands_twice(self, lesson: Lesson) -> None:
        placed = [name for s in lesson.sections for name in (*s.above, *s.main, *s.tabs, *s.below)]
        assert len(placed) == len(set(placed))

    def test_every_grip_moves_something(self, case: Any) -> None:
        lesson, values = case
        for view in resolve(lesson.picture(values, load(lesson.name, "en"))).values():
            for grip in view.get("grips", ()):
                assert grip["label"]
                assert math.isfinite(grip["x"])
                assert math.isfinite(grip["y"])
                if grip["control"]:
                    assert grip["control"] in lesson.by_key
                    assert grip["axes"] in ("x", "y")
                else:
                    assert grip["name"] in lesson.drags


class TestItsPage:
    """Through app.py, as a visitor comes to it."""

    @pytest.fixture
    def told(self, unpack: Callable[[bytes], Any]) -> Callable[[AppTest], Any]:
        """What the lesson's live part was told last."""

        def message(at: AppTest) -> Any:
            (found,) = (
                part
                for part in at.get("bidi_component")
                if part.proto.id.endswith("-live:" + at.session_state["page"])
            )
            return unpack(found.proto.bytes)

        return message

    @pytest.fixture
    def visit(self, request: pytest.FixtureRequest, told: Callable[[AppTest], Any]) -> Callable[..., Any]:
        app = str(request.config.rootpath / "app.py")

        def open_page(
            lesson: Lesson, language: str, address: dict[str, str]
        ) -> tuple[AppTest, dict[str, Any]]:
            at = AppTest.from_file(app, default_timeout=60).run()
            del at.session_state["page"]  # home was entered on the way
            del at.session_state["language"]
            for key, text in {"lang": language, **address}.items():
                at.query_params[key] = text
            at.switch_page(f"pages/{lesson.name}.py").run()
            assert not at.exception
            assert not at.error
            return at, told(at)

        return open_page

    @pytest.fixture(params=["start", "all:min", "all:max"])
    def state(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    def test_opens_in_its_language(self, lesson: Lesson, language: str, visit: Callable[..., Any]) -> None:
        at, message = visit(lesson, language, {})
        words = load(lesson.name, language)
        assert [title.value for title in at.title] == [words("title")]
        assert words("question") in [markdown.value for markdown in at.markdown]
        assert (message["lesson"], message["language"], message["notes"]) == (lesson.name, language, [])
        assert message["address"].startswith(f"lang={language}")
        assert message["preset"] == lesson.pressed(lesson.start)
        assert set(message["views"]) == lesson.views
        texts = [markdown.value.split("\n\n") for markdown in at.markdown]
        for box in words.under("watch"):
            wrong, why, right = [words(f"watch.{box}.{part}") for part in ("wrong", "why", "right")]
            # The claim stands over what is said of it, and on the line that opens it on a phone.
            claim = f"**{wrong}**"
            assert [claim, "<details><summary>", claim, "</summary>", why, right, "</details>"] in texts

    def test_opens_at_the_state_of_an_address(
        self,
        lesson: Lesson,
        language: str,
        state: str,
        corners: Callable[..., Any],
        visit: Callable[..., Any],
    ) -> None:
        address = query(lesson.controls, corners(lesson)[state])
        at, message = visit(lesson, language, address)
        assert {key: message["values"][key] for key in address} == {
            key: parse(lesson.by_key[key], text, Values(message["values"])) for key, text in address.items()
        }
        assert at.session_state[f"problems:{lesson.name}"] == []

    @pytest.mark.sampled
    def test_opens_at_every_end_of_every_control(
        self, lesson: Lesson, corners: Callable[..., Any], visit: Callable[..., Any]
    ) -> None:
        at, _ = visit(lesson, "en", {})
        for name, values in some(corners(lesson).items(), 8, lesson.name):
            del at.session_state["page"]
            at.query_params.clear()
            for key, text in query(lesson.controls, values).items():
                at.query_params[key] = text
            at.run()
            assert not at.exception, name
            assert not at.error, name
            assert at.session_state[f"problems:{lesson.name}"] == [], name

    def test_says_in_one_line_what_it_could_not_read(
        self, lesson: Lesson, language: str, visit: Callable[..., Any]
    ) -> None:
        control = next(c for c in lesson.controls if c.kind == "slider" and c.in_url)
        _, message = visit(lesson, language, {control.key: "nan"})
        assert message["values"][control.key] == control.default
        (note,) = message["notes"]
        assert control.key in note
        assert "nan" in note

    def test_says_of_many_things_how_many_more(self, visit: Callable[..., Any]) -> None:
        keys = [control.key for control in load_lesson("quiz").controls if control.key.startswith("a")]
        _, message = visit(load_lesson("quiz"), "en", dict.fromkeys(keys, "\u202e9"))
        *first, last = message["notes"]
        assert [f"{key} = “⟨U+202E⟩9”" in note for key, note in zip(keys, first, strict=False)] == [True] * 4
        assert last == load("shared", "en")("live.problems", n=len(keys) - 4)

    @pytest.mark.sampled
    def test_a_watch_out_button_shows_its_state(
        self, lesson: Lesson, language: str, visit: Callable[..., Any], told: Callable[[AppTest], Any]
    ) -> None:
        words = load(lesson.name, language)
        for box in some(words.under("watch"), 2, lesson.name + language):
            at, _ = visit(lesson, language, {})
            at.button(key=f"watch:{lesson.name}:{box}").click().run()
            assert not at.exception
            message = told(at)
            wanted = lesson.preset(words(f"watch.{box}.preset"), lesson.start)
            assert message["values"] == dict(wanted), box
            assert message["focus"]["section"] in {section.key for section in lesson.sections}

    def test_ends_with_a_question_of_its_own(
        self, lesson: Lesson, language: str, visit: Callable[..., Any]
    ) -> None:
        """If there is one on its subject; the first answer to it is marked, and the one that is right."""
        at, _ = visit(lesson, language, {})
        q, words = questions().get(lesson.name), load("quiz", language)
        asked = [radio for radio in at.radio if radio.key.startswith("question:")]
        assert [(radio.key, radio.label) for radio in asked] == (
            [(f"question:{q}", words(f"control.a{q}.label"))] if q else []
        )
        if not q:
            return
        order, right = QUESTIONS[q - 1].order, QUESTIONS[q - 1].right
        asked[0].set_value(order[0]).run()
        assert not at.exception
        assert [radio for radio in at.radio if radio.key.startswith("question:")] == []
        texts = {option: html.escape(words(f"control.a{q}.choice.{option}")) for option in order}
        marks = {order[0]: "✗", right: "✓"}
        rows = "".join(
            f"<li>{f'<span>{marks[option]} </span>' if option in marks else ''}{text}</li>"
            for option, text in texts.items()
        )
        assert [rows in found.proto.body for found in at.get("html")].count(True) == 1

    def test_keeps_its_values_when_the_language_changes(
        self, lesson: Lesson, visit: Callable[..., Any], told: Callable[[AppTest], Any]
    ) -> None:
        control = next(c for c in lesson.controls if c.kind == "slider" and c.in_url)
        high = control.range_in(lesson.start)[1]
        at, before = visit(lesson, "en", {control.key: str(high)})
        at.segmented_control(key="language_switch").set_value("ko").run()
        assert at.title[0].value == load(lesson.name, "ko")("title")
        after = told(at)
        assert (before["language"], after["language"]) == ("en", "ko")
        assert after["values"] == before["values"]
        assert after["values"][control.key] == high


class TestItsFrames:
    def test_are_the_pictures_of_its_stops(
        self, lesson: Lesson, unpack: Callable[..., Any], write: Callable[..., Any], same: Callable[..., bool]
    ) -> None:
        words = load(lesson.name, "en")
        dice = random.Random(lesson.name)
        for key, values, section in moves(lesson, lesson.start):
            views = (*section.above, *section.main, *section.tabs, *section.below)
            made = unpack(frame_block(lesson, values, words, key, views))
            shown = unpack(pack({"v": resolve(lesson.picture(values, words), views)}))["v"]
            stops = lesson.by_key[key].stops_in(values)
            assert made["frames"]["count"] == len(stops)
            for stop in {0, len(stops) - 1, *(dice.randrange(len(stops)) for _ in range(4))}:
                write(made, stop, shown)
                moved = wire.moved(lesson, values, {key: stops[stop]})
                wanted = resolve(lesson.picture(moved, words), views)
                for name in wanted:
                    assert same(shown[name], wanted[name]), (key, stops[stop], name)

    def test_move_a_figure_and_a_number(self, lesson: Lesson) -> None:
        """Those of the first section, on their way to the farther end."""
        words = load(lesson.name, "en")

        def page(values: Values, **change: Any) -> dict[str, Any]:
            moved = settle(lesson.controls, values.replace(**change))
            return resolve(lesson.picture(moved, words), tuple(lesson.views))

        for key, values, section in moves(lesson, lesson.defaults):
            if section is not lesson.sections[0]:
                continue
            stops = lesson.by_key[key].stops_in(values)
            before = page(values)
            after = page(values, **{key: max(stops, key=lambda stop: abs(stop - values[key]))})
            changed = {before[name]["type"] for name in before if not same_drawing(before[name], after[name])}
            assert "figure" in changed, f"{key} moves no figure"
            assert changed & {"lines", "table"}, f"{key} moves no number"

    def test_change_numbers_and_texts_and_never_the_shape_of_a_figure(self, lesson: Lesson) -> None:
        words = load(lesson.name, "en")
        for key, values, section in moves(lesson, lesson.start):
            stops = lesson.by_key[key].stops_in(values)
            for path, found in difference(
                [drawing(lesson, values, {key: stop}, words, section) for stop in stops]
            ):
                # Of a trace or of the layout a property, never all of it: that would draw the figure anew.
                assert path[1:2] != ["data"] or len(path) > 3, (key, path)
                assert path[1:2] != ["layout"] or len(path) > 2, (key, path)
                counts = lesson.by_key[key].whole and lesson.by_key[key].stops is not None
                if "range" in path and not counts:
                    # An axis that rescales with the hand hides the change: it may do so in a few steps, or
                    # where the hand goes from one to a million.
                    assert len(set(map(str, found))) <= STEPS, (key, path)


def drawing(
    lesson: Lesson, values: Values, change: dict[str, Any], words: Words, section: Section
) -> dict[str, Any]:
    """Return a section's figures in the state ``values`` with a change."""
    moved = settle(lesson.controls, values.replace(**change))
    return resolve(lesson.picture(moved, words), (*section.main, *section.tabs))


def moves(lesson: Lesson, values: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the sliders on the screen that follow the hand, with the state and the section they stand in."""
    for section in lesson.sections:
        for key in (*wire.group(lesson, section.controls), *(k for row in section.table for k in row)):
            control = lesson.by_key[key]
            if control.is_framed(values):
                yield key, values, section
