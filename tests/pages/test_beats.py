"""The beats: each begins undone, can be done by its own controls, and what it says then is so."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pages.shared import wire
from pages.shared.catalog import LANGUAGES, load
from pages.shared.controls import Values, parse
from pages.shared.lesson import Beat, Guide, Lesson
from tests.beats import CLAIMS, COURSE, begun, solved
from tests.beats import lesson as named

EACH = pytest.mark.parametrize(("name", "n"), CLAIMS)


def sentences(name: str, n: int, language: str) -> str:
    words = load(name, language)
    return f"{words(f'beat.{n}.text')} {words(f'beat.{n}.done')}"


def numbers(text: str) -> set[str]:
    """Return the numbers that a text names; those in a name (float64) are none."""
    text = text.replace("10만", "100,000")
    return set(re.findall(r"(?<![\w.,])−?\d+(?:,\d{3})*(?:\.\d+)?", text))


class TestTheCourse:
    def test_every_lesson_but_home_and_quiz_has_four_or_five(self, lesson: Lesson) -> None:
        assert len(lesson.beats) in ((0,) if lesson.name in ("home", "quiz") else (4, 5))

    def test_each_is_claimed_of(self) -> None:
        assert list(CLAIMS) == [(name, n) for name in COURSE for n in range(1, len(named(name).beats) + 1)]

    def test_most_have_a_goal(self) -> None:
        beats = [beat for name in COURSE for beat in named(name).beats]
        assert sum(beat.reached is None for beat in beats) <= 1

    def test_words_are_there_for_each_and_for_no_other(self, lesson: Lesson, language: str) -> None:
        wanted = [f"beat.{n}.{part}" for n in range(1, len(lesson.beats) + 1) for part in ("text", "done")]
        assert [key for key in load(lesson.name, language) if re.match(r"beat\.", key)] == wanted

    def test_a_lesson_opens_where_its_first_begins(self, lesson: Lesson) -> None:
        if lesson.beats:
            assert lesson.start == lesson.beat(1, lesson.start) == lesson.beat(1, lesson.defaults)

    def test_lessons_open_on_something_to_find(self) -> None:
        heights, units, pytorch = (named(name).start for name in ("heights", "output_units", "pytorch"))
        assert (heights.mu, heights.mu_b) == (184.0, 172.0)
        assert units.step == 0
        assert (pytorch.feed, pytorch.loss, pytorch.y) == ("softmax", "NLLLoss", 2)


class TestABeat:
    @EACH
    def test_sets_good_values(self, name: str, n: int) -> None:
        values, own = begun(name, n), named(name)
        for key, value in own.beats[n - 1].values.items():
            assert parse(own.by_key[key], value, values) == value, key
            assert values[key] == value, key

    @EACH
    def test_names_controls_that_are_on_the_screen_and_a_place_that_is_there(self, name: str, n: int) -> None:
        values, own = begun(name, n), named(name)
        beat = own.beats[n - 1]
        for hand in beat.hand:
            keys = wire.group(own, [hand])
            assert keys, hand
            assert any(own.by_key[key].is_shown(values) for key in keys), hand
        places = {place for s in own.sections for place in (s.key, *s.main, *s.tabs)}
        assert beat.shows == "" or beat.shows in places

    @EACH
    def test_is_not_done_where_it_begins(self, name: str, n: int) -> None:
        values = begun(name, n)
        assert named(name).keeps_to(n, values)
        assert named(name).has_done(n, values) is False

    @EACH
    def test_is_done_by_its_own_controls(self, name: str, n: int) -> None:
        own, beat = named(name), named(name).beats[n - 1]
        for key in CLAIMS[name, n].moves:
            assert {key, own.by_key[key].stem} & set(beat.hand), key
            # A hand can bring it there: a stop of its slider, or a choice.
            control, value = own.by_key[key], CLAIMS[name, n].moves[key]
            assert control.kind not in ("slider", "player") or value in control.stops_in(begun(name, n)), key
        assert own.has_done(n, solved(name, n)) is True

    @EACH
    def test_says_what_is_so_once_it_is_done(self, name: str, n: int) -> None:
        assert CLAIMS[name, n].holds(solved(name, n))

    @EACH
    def test_names_the_numbers_of_core(self, name: str, n: int, language: str) -> None:
        claimed = CLAIMS[name, n].numbers
        assert numbers(sentences(name, n, language)) <= claimed.keys()
        for text, value in claimed.items():
            digits = len(text.partition(".")[2])
            assert float(text.replace("−", "-").replace(",", "")) == pytest.approx(
                value, abs=0.5001 * 10**-digits
            ), text

    @pytest.mark.parametrize("name", COURSE)
    def test_is_left_by_whoever_moves_something_else(self, name: str) -> None:
        own = named(name)
        for n, beat in enumerate(own.beats, start=1):
            others = [c for c in own.controls if not {c.key, c.stem} & {*beat.hand, *own.keeps}]
            for control in others:
                value = other_value(control, begun(name, n))
                if value is not None:
                    left = begun(name, n).replace(**{control.key: value})
                    assert not own.keeps_to(n, left), (n, control.key)
                    assert not own.has_done(n, left), (n, control.key)


def other_value(control: Any, values: Values) -> Any:
    """Return another value that a control may take, if there is one."""
    low, high, _ = control.range_in(values)
    options = control.choices or (
        [] if control.kind == "text" else [type(control.default)(x) for x in (low, high)]
    )
    return next((value for value in options if value != values[control.key]), None)


class TestTheLine:
    OWN = named("heights")
    WORDS = load("heights", "en")

    def line(self, values: Values, guide: Guide) -> dict[str, Any]:
        made = wire.guided(self.OWN, values, self.WORDS, guide)
        assert made is not None
        return made

    def test_says_where_what_and_whether_it_is_done(self) -> None:
        begins = self.line(self.OWN.start, Guide())
        assert begins["where"] == "1 of 5"
        assert begins["text"] == self.WORDS("beat.1.text")
        assert (begins["reached"], begins["free"], begins["off"]) == (False, False, False)
        ends = self.line(solved("heights", 1), Guide())
        assert ends["done"] == self.WORDS("beat.1.done")
        assert (ends["reached"], ends["free"]) == (True, False)

    def test_steps_back_once_something_else_is_moved(self) -> None:
        left = self.line(solved("heights", 1).replace(n=50), Guide())
        assert (left["free"], left["reached"]) == (True, False)

    def test_stands_at_the_top_until_a_beat_is_asked_for(self) -> None:
        values = begun("heights", 5)
        assert self.line(values, Guide(5, 0))["section"] == "main"
        assert self.line(values, Guide(5, 1))["section"] == "climb"
        assert self.line(values, Guide(5, 1, True))["section"] == "main"

    def test_names_the_figure_that_it_is_about(self) -> None:
        made = self.line(begun("heights", 4), Guide(4, 1))
        assert (made["section"], made["tab"]) == ("main", "near")

    def test_is_in_the_address_from_the_second_beat_on_unless_it_is_off(self) -> None:
        said = [
            wire.address(self.OWN, self.OWN.start, "en", guide)
            for guide in (Guide(1), Guide(2), Guide(2, 0, True))
        ]
        assert ["beat=" in text for text in said] == [False, True, False]
        assert "beat=2" in said[1]

    def test_is_not_there_where_there_are_no_beats(self) -> None:
        quiz = named("quiz")
        assert wire.guided(quiz, quiz.start, load("quiz", "en"), Guide()) is None

    @pytest.mark.parametrize("given", [0, 6, -1, 1.5, "2.0", "", None, "x", [2], {"n": 2}, True])
    def test_no_other_text_names_a_beat(self, given: Any) -> None:
        assert self.OWN.beat_named(given) == 0

    def test_a_message_may_ask_for_one_and_nothing_else_moves(self) -> None:
        assert wire.apply(self.OWN, {"beat": 2, "values": {}}, self.OWN.start) == begun("heights", 2)
        assert wire.apply(self.OWN, {"beat": 9, "values": {}}, self.OWN.start) == self.OWN.start

    def test_one_without_a_goal_is_done_once_its_control_was_moved(self) -> None:
        beat = Beat(["seed"])
        assert beat.reached is None
        assert self.OWN.has_done(4, begun("heights", 4).replace(seed=9))
        assert not self.OWN.has_done(4, begun("heights", 4).replace(seed=9, n=5))


def test_every_language_has_its_own_words_for_the_line() -> None:
    said = {language: load("shared", language)("live.beat", n=2, count=5) for language in LANGUAGES}
    assert len(set(said.values())) == len(LANGUAGES)
    assert all("2" in text and "5" in text for text in said.values())
