"""The home page: its five names lead to where each is explained, at the same number."""

from __future__ import annotations

import importlib
from urllib.parse import parse_qsl, urlsplit

import pytest

from pages.home import EXPLAINED, LESSON, links, picture
from pages.shared.catalog import LANGUAGES, LESSONS, load
from pages.shared.controls import read
from pages.shared.frames import resolve


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("name", EXPLAINED)
def test_a_name_leads_to_the_same_number(name, spoken):
    words = load("home", spoken)
    row = next(
        row
        for row in resolve(picture(LESSON.start, words))["five"]["rows"]
        if row[0]["text"] == words(f"five.{name}")
    )
    number = row[1][-1]["text"]
    address = urlsplit(row[0]["link"])
    assert not address.netloc
    assert not address.path.startswith("/"), "the app may live below another address"
    assert address.path in LESSONS
    said = dict(parse_qsl(address.query))
    assert said.pop("lang") == spoken
    lesson = importlib.import_module(f"pages.{address.path}").LESSON
    place = said.pop("at", "")
    assert not place or place in lesson.views or place in {section.key for section in lesson.sections}
    reading = read(lesson.controls, said, lesson.start)
    assert not reading.problems
    assert set(said) <= {control.key for control in lesson.controls}
    views = resolve(lesson.picture(reading.values, load(address.path, spoken)))
    shown = {view for view, drawn in views.items() if number in str(drawn)}
    assert shown, f"{number} is not on {row[0]['link']}"


def test_every_name_has_a_link():
    assert set(links("en")) == set(load("home", "en").under("five"))
