"""The questions: first answers count, addresses carry them, and the evidence is where the link leads."""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from core.figures import quiz as figures
from pages.parts import evidence
from pages.quiz import ANSWERS, LESSON, file, follow, picture, said
from pages.shared import wire
from pages.shared.catalog import COURSE, LESSONS, load
from pages.shared.controls import query, read
from pages.shared.frames import resolve
from pages.shared.way import questions

WORDS = load("quiz", "en")
QUESTIONS = range(1, figures.COUNT + 1)

# Which of the explanation's numbers stand on the screen to which the link leads.
REACHED = {
    1: ("b3", "before"),
    2: ("b2", "sum"),
    3: ("b3",),
    4: ("p", "k"),
    5: ("b1", "b2"),
    6: ("b3", "tried"),
    7: ("b1",),
    8: ("b2", "b3"),
    9: ("b1", "b2", "b3"),
    10: ("b3",),
    11: ("b1", "b2", "b3"),
    12: ("b1",),
    13: ("b1", "b2", "b3"),
    14: ("b1", "b2", "n1", "n2", "n3"),
    15: ("b1", "b2", "b3"),
    16: ("b2",),
    17: ("b1", "b2", "a", "b", "ratio"),
    18: ("b1", "b2", "p"),
    19: ("b1", "b2"),
    20: ("b1", "b3"),
    21: ("b1", "b2"),
    22: ("b1", "b2", "b3"),
    23: ("b1", "b2"),
    24: ("b3",),
    25: ("b1", "b2"),
    26: ("b1", "b2"),
    27: ("b1", "b2", "b3"),
    28: ("b1", "b2", "b3"),
    29: ("b1", "b2", "b3"),
    30: ("b3", "s"),
    31: ("b1", "b2", "var"),
    32: ("b1", "b2", "b3"),
    33: ("b1", "b2", "b3", "before", "after"),
    34: ("b1", "b3", "p"),
    35: ("b2", "b3"),
}


def strings(node: Any) -> Iterator[str]:
    """Yield every text of a picture."""
    if isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from strings(value)
    elif isinstance(node, np.ndarray) and node.dtype == object:
        yield from strings(node.tolist())
    elif isinstance(node, str):
        yield node


def shown(q: int, language: str) -> tuple[Any, Any]:
    """Return the lesson to which a question's link leads, and its state there."""
    lesson = importlib.import_module(f"pages.{evidence.SEEN[q][0]}").LESSON
    address = evidence.address(q, language)
    reading = read(lesson.controls, address, lesson.defaults)
    assert reading.problems == []
    assert address.keys() - {"lang", "at"} <= lesson.by_key.keys()
    places = {name for section in lesson.sections for name in (section.key, *section.tabs)}
    assert address.get("at", lesson.sections[0].key) in places
    values = reading.values
    if lesson.follow:
        changes = lesson.follow(lesson.defaults, values)
        values = values.replace(**{key: value for key, value in changes.items() if key not in address})
    return lesson, values


class TestTheQuestions:
    @pytest.mark.parametrize("numbers", [range(1, 25), range(25, figures.COUNT + 1)])
    def test_go_through_the_lessons_in_their_order_twice(self, numbers: range) -> None:
        places = [LESSONS.index(figures.QUESTIONS[q - 1].lesson) for q in numbers]
        assert places == sorted(places)

    @pytest.mark.parametrize("q", QUESTIONS)
    def test_mix_their_options_and_leave_addresses_their_meaning(self, q: int) -> None:
        question, key = figures.QUESTIONS[q - 1], f"a{q}"
        assert sorted(question.order) == list(figures.OPTIONS)
        told = wire.describe(LESSON.by_key[key], LESSON.start, WORDS)["choices"]
        assert [option for option, _ in told] == list(question.order)
        assert dict(told) == {option: WORDS(f"control.a{q}.choice.{option}") for option in figures.OPTIONS}

    def test_stand_right_in_every_place_equally_often(self, language: str) -> None:
        places = [question.order.index(question.right) for question in figures.QUESTIONS]
        assert {places.count(place) for place in range(3)} <= {11, 12}
        # Nor does its length give the right one away.
        words = load("quiz", language)
        lengths = [
            {option: len(words(f"control.a{q}.choice.{option}")) for option in figures.OPTIONS}
            for q in QUESTIONS
        ]
        for extreme in (min, max):
            told = [
                extreme(options, key=options.__getitem__) == question.right
                for options, question in zip(lengths, figures.QUESTIONS, strict=True)
            ]
            assert sum(told) <= 0.47 * figures.COUNT, extreme

    def test_are_reached_by_the_names_of_their_lessons(self, language: str) -> None:
        words = load("quiz", language)
        for name in LESSON.presets:
            assert words(f"preset.{name}") == load(name, language)("nav")

    @pytest.mark.parametrize("q", QUESTIONS)
    def test_have_different_options_in_both_languages(self, q: int, language: str) -> None:
        words = load("quiz", language)
        options = [words(f"control.a{q}.choice.{option}") for option in figures.OPTIONS]
        assert len(set(options)) == len(figures.OPTIONS)
        assert figures.QUESTIONS[q - 1].right in figures.OPTIONS

    @pytest.mark.parametrize("q", QUESTIONS)
    def test_tell_nothing_before_the_answer(self, q: int, language: str) -> None:
        words = load("quiz", language)
        views = resolve(picture(LESSON.start.replace(q=q), words))
        said = "\n".join(strings(views))
        assert words("verdict.first", q=q) in said
        for name in ("title", "why", "x"):
            assert words(f"fact.{q}.{name}").split("@")[0] not in said

    @pytest.mark.parametrize("q", QUESTIONS)
    def test_name_the_right_answer_after_a_wrong_one(self, q: int, language: str) -> None:
        words = load("quiz", language)
        right = figures.QUESTIONS[q - 1].right
        wrong = next(option for option in figures.OPTIONS if option != right)
        for answer, verdict in ((right, "right"), (wrong, "wrong")):
            views = resolve(picture(LESSON.start.replace(q=q, **{f"a{q}": answer}), words), ["verdict"])
            first = "".join(strings(views["verdict"]["lines"][0]))
            assert words(f"verdict.{verdict}") in first
            assert words(f"control.a{q}.choice.{right}") in first

    def test_only_the_present_one_is_on_the_screen(self) -> None:
        for q in (1, 7, figures.COUNT):
            values = LESSON.start.replace(q=q)
            on = [key for key in ANSWERS if LESSON.by_key[key].shown(values)]
            assert on == [f"a{q}"]


class TestTheAnswers:
    @pytest.mark.parametrize("q", QUESTIONS)
    def test_what_is_right_is_told_with_the_answer(self, q: int, language: str) -> None:
        words, control = load("quiz", language), LESSON.by_key[f"a{q}"]
        start = LESSON.start.replace(q=q)
        before = wire.describe(control, start, words)
        assert not before.keys() & {"right", "settled"}
        answered = start.replace(**{control.key: "1"})
        after = wire.describe(control, answered, words)
        assert after["right"] == figures.QUESTIONS[q - 1].right
        assert after["settled"] == words("settled")

    @pytest.mark.parametrize("q", QUESTIONS)
    def test_what_is_said_of_one_ends_before_the_count_begins(self, q: int, language: str) -> None:
        words = load("quiz", language)
        for answers in ({}, {f"a{q}": "1"}, {f"a{q}": "2"}):
            verdict = said(LESSON.start.replace(q=q, **answers), words)["question"]["verdict"]
            assert verdict.endswith(".")
            assert not verdict.endswith("..")

    def test_lead_to_the_next_open_question_while_there_is_one(self) -> None:
        def leads(**changes: str) -> object:
            values = LESSON.start.replace(**changes)
            made = wire.describe(LESSON.by_key["a1"], values, WORDS)
            return made.get("onward", {}).get("value")

        assert leads() == 2
        assert leads(a1="1", a2="3") == 3
        assert leads(**{key: "1" for key in ANSWERS if key != "a1"}) is None
        assert leads(**dict.fromkeys(ANSWERS, "1")) is None

    def test_the_first_one_counts_and_stays(self) -> None:
        first = wire.apply(LESSON, {"set": {"a1": "1"}}, LESSON.start)
        assert first.a1 == "1"
        again = wire.apply(LESSON, {"values": {**first, "a1": "3"}, "set": {"a1": "3"}}, first)
        assert again.a1 == "1"
        assert follow(first, first.replace(q=2)) == {}

    def test_a_link_to_a_question_opens_it_unanswered(self) -> None:
        values = read(LESSON.controls, {"q": "7"}, LESSON.start).values
        assert values.q == 7
        assert not any(values[key] for key in ANSWERS)

    def test_the_address_keeps_the_answers_to_all_questions(self) -> None:
        values = LESSON.start.replace(q=9, a1="3", a7="2", a24="1")
        asked = query(LESSON.controls, values)
        assert asked == {"q": "9", "a1": "3", "a7": "2", "a24": "1"}
        assert read(LESSON.controls, asked, LESSON.start).values == values

    def test_an_answer_that_is_none_is_refused(self) -> None:
        reading = read(LESSON.controls, {"q": "1", "a1": "4", "a2": "x"}, LESSON.start)
        assert [problem.key for problem in reading.problems] == ["a1", "a2"]
        assert (reading.values.a1, reading.values.a2) == ("", "")

    def test_going_to_another_lessons_questions_keeps_them(self) -> None:
        values = LESSON.preset("heights", LESSON.start.replace(a1="3"))
        assert (values.a1, figures.QUESTIONS[values.q - 1].lesson) == ("3", "heights")

    def test_the_score_stands_on_the_page(self) -> None:
        values = LESSON.start.replace(a1="3", a2="1", a3="3")
        caption = resolve(picture(values, WORDS), ["progress"])["progress"]["caption"]
        assert caption.startswith("2 right of 3 answered.")

    def test_the_file_holds_questions_answers_and_results(self, language: str) -> None:
        words = load("quiz", language)
        values = LESSON.start.replace(a1="3", a2="1")

        def plain(key: str) -> str:
            return words(key).replace("\u2060", "")

        rows = list(csv.reader(io.StringIO(file(values, words).decode("utf-8-sig"))))
        assert len(rows) == 1 + figures.COUNT
        assert rows[0] == [words(f"csv.{name}") for name in words.under("csv")]
        right, wrong, left = rows[1:4]
        option = "control.a{}.choice.{}".format
        assert right[2:] == [
            plain("control.a1.label"),
            plain(option(1, 3)),
            plain(option(1, 3)),
            words("progress.right"),
        ]
        assert wrong[3:] == [plain(option(2, 1)), plain(option(2, 2)), words("progress.wrong")]
        # What is right is not told before there is an answer.
        assert left[3:] == ["", "", words("progress.open")]


class TestTheEvidence:
    def test_is_there_for_every_question(self) -> None:
        assert list(evidence.SEEN) == list(QUESTIONS) == list(REACHED)

    @pytest.mark.parametrize("q", QUESTIONS)
    def test_the_link_says_what_the_lesson_understands(self, q: int, language: str) -> None:
        lesson, values = shown(q, language)
        for key, value in evidence.SEEN[q][2].items():
            assert values[key] == value, key
        # The state has an address, and it is the same state.
        again = read(lesson.controls, query(lesson.controls, values), lesson.start).values
        visible = [c.key for c in lesson.controls if c.in_url and c.is_shown(values)]
        assert {key: again[key] for key in visible} == {key: values[key] for key in visible}

    @pytest.mark.parametrize("q", QUESTIONS)
    def test_the_place_it_names_is_on_that_page(self, q: int, language: str) -> None:
        name, where, _ = evidence.SEEN[q]
        assert not where or where in load(name, language)

    @pytest.mark.parametrize("q", QUESTIONS)
    def test_the_numbers_are_reached_there(self, q: int, language: str) -> None:
        lesson, values = shown(q, language)
        said = "\n".join(strings(resolve(lesson.picture(values, load(lesson.name, language)))))
        places = {name: text.strip(figures.MARK) for name, text in figures.facts(q).places.items()}
        assert [name for name in REACHED[q] if places[name] not in said] == []

    def test_the_slope_of_the_true_class_is_reached_in_fewer_digits(self) -> None:
        lesson, values = shown(4, "en")
        drawn = resolve(lesson.picture(values, load("softmax", "en")), ["jacobian"])["jacobian"]
        assert "−0.183" in "\n".join(strings(drawn))


def test_every_question_lights_its_subject():
    lit = [LESSON.pressed(LESSON.start.replace(q=q, a2="2")) for q in QUESTIONS]
    assert lit == [question.lesson for question in figures.QUESTIONS]


def test_there_is_a_question_for_the_end_of_each_numbered_lesson() -> None:
    assert {*questions()} >= {*COURSE}
