"""What a preset has changed, in one line."""

from __future__ import annotations

import importlib

import pytest

from pages.shared.catalog import LESSONS, load
from pages.shared.wire import changed, led


@pytest.mark.parametrize("name", LESSONS)
def test_every_preset_says_what_it_changes(name: str, language: str) -> None:
    lesson, words = importlib.import_module(f"pages.{name}").LESSON, load(name, language)
    for preset in lesson.presets:
        after = lesson.preset(preset, lesson.start)
        line = changed(lesson, lesson.start, after, words)
        shown = [c for c in lesson.controls if lesson.start[c.key] != after[c.key] and c.is_shown(after)]
        assert bool(line) == bool(shown), preset
        assert "@" not in line
        assert "nan" not in line
        assert len(line.split(" · ")) <= 5


def test_a_headline_is_a_number_that_is_said() -> None:
    for name in LESSONS:
        lesson, words = importlib.import_module(f"pages.{name}").LESSON, load(name, "en")
        if not lesson.presets or name == "quiz":
            continue
        section, place = lesson.headline.split(".")
        assert lesson.said(lesson.start, words)[section][place]
        assert words("headline")


def test_softmax_and_the_losses_tell_their_number() -> None:
    for name, preset, number in (
        ("softmax", "horse", "0.7054 → 0.9796"),
        ("losses", "seven", "1.31326 → 2.12693"),
    ):
        lesson, words = importlib.import_module(f"pages.{name}").LESSON, load(name, "en")
        line = changed(lesson, lesson.start, lesson.preset(preset, lesson.start), words)
        assert line.endswith(f" · {words('headline')} {number}")


@pytest.mark.parametrize(
    ("n", "number"),
    [(3, "Huber loss 2.5"), (4, "slope of squared error −0.00246041"), (5, "Huber’s fit")],
)
def test_each_step_of_the_losses_tells_the_number_of_its_own_section(n: int, number: str) -> None:
    """As core has it: Huber's loss of 3 at δ = 1 is 1·(3 − ½), the slope is (σ − t)σ(1 − σ)."""
    lesson, words = importlib.import_module("pages.losses").LESSON, load("losses", "en")
    before = lesson.beat(n - 1, lesson.start).replace(r=1.0, z=0.0, outlier=6.0, threshold=1.0)
    after = lesson.beat(n, before)
    shows = led(lesson, {"beat": n})
    section = next(s.key for s in lesson.sections if shows in (s.key, *s.tabs))
    told = changed(lesson, before, after, words, section).split(" · ")[-1]
    assert told.startswith(words(f"number.{section}") + " ")
    assert told.endswith(" → " + lesson.said(after, words)[section][lesson.numbers[section]])
    assert f" · {number}" in changed(lesson, after.replace(m=0.5), after, words, section)
    # It is told where the step begins with nothing moved, too.
    assert changed(lesson, after, after, words, section).startswith(number)


def test_numbers_of_sections_are_said_and_named(language: str) -> None:
    for name in LESSONS:
        lesson, words = importlib.import_module(f"pages.{name}").LESSON, load(name, language)
        for section, place in lesson.numbers.items():
            assert lesson.said(lesson.start, words)[section][place]
            assert words(f"number.{section}")


def test_a_button_is_told_as_pressed_and_asks_for_nothing() -> None:
    lesson = importlib.import_module("pages.counts").LESSON
    line = changed(lesson, lesson.start, lesson.start.replace(seed=2), load("counts", "en"))
    assert line.startswith("“Draw again” pressed · ")


def test_many_controls_are_counted() -> None:
    lesson = importlib.import_module("pages.losses").LESSON
    after = lesson.preset("seven", lesson.start)
    line = changed(lesson, lesson.start, after, load("losses", "en"))
    assert " more · " in line
