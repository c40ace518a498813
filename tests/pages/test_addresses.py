"""Links that were shared keep their meaning: each opens the state that it opened before there were guides.

``addresses.json`` was written by the app as it was then: for every address of ADDRESSES.md of that day the
values that it opened, as far as they differ from the defaults of that day.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from pages.shared import visit
from pages.shared.controls import Values, query
from pages.shared.lesson import Lesson

BEFORE = json.loads((Path(__file__).parent / "addresses.json").read_text(encoding="utf-8"))
# An address that names nothing opens on something to find; what has changed there since.
ANEW = {"/output_units": {"step": 0}}


class Address(dict[str, str]):
    """What an address says, as Streamlit has it."""

    def to_dict(self) -> dict[str, str]:
        return dict(self)


def opened(
    monkeypatch: pytest.MonkeyPatch, address: str, session: dict[str, Any] | None = None
) -> tuple[Lesson, Mapping[str, Any]]:
    """Return a lesson and the values that somebody sees who comes by an address."""
    parts = urlsplit(address)
    lesson = importlib.import_module(f"pages.{parts.path[1:]}").LESSON
    given = SimpleNamespace(
        session_state={} if session is None else session, query_params=Address(parse_qsl(parts.query))
    )
    monkeypatch.setattr(visit, "st", given)
    assert visit.enter(lesson) == []
    values = visit.session_values(lesson)
    assert values is not None
    return lesson, values


@pytest.mark.parametrize("address", BEFORE["opened"])
def test_opens_what_it_opened(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lesson, values = opened(monkeypatch, address)
    wanted = {**BEFORE["defaults"][lesson.name], **BEFORE["opened"][address], **ANEW.get(address, {})}
    assert {key: values[key] for key in wanted} == wanted


@pytest.mark.parametrize("address", BEFORE["opened"])
def test_opens_it_for_whoever_has_been_on_a_beat(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if {key for key, _ in parse_qsl(urlsplit(address).query)} - {"at"}:
        lesson, values = opened(monkeypatch, address)
        session: dict[str, Any] = {"guide_off": False}
        if lesson.beats:
            opened(monkeypatch, f"/{lesson.name}?beat=3", session)
        _, again = opened(monkeypatch, address, session)
        assert {key: again[key] for key in lesson.by_key} == {key: values[key] for key in lesson.by_key}


class TestABeat:
    @pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
    def test_has_an_address(self, lesson: Lesson, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
        if n <= len(lesson.beats):
            _, values = opened(monkeypatch, f"/{lesson.name}?beat={n}")
            assert values == lesson.beat(n, lesson.start)
            assert visit.guide(lesson)[:2] == (n, 1)

    def test_keeps_what_was_moved_in_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lesson, values = opened(monkeypatch, "/heights?beat=2&mu=172&sigma=6.1&mu_b=172")
        assert values == lesson.beat(2, lesson.start).replace(sigma=6.1)
        assert lesson.keeps_to(2, Values(values))

    @pytest.mark.parametrize("n", [2, 3, 4, 5])
    def test_is_the_same_by_the_address_that_the_page_writes(
        self, lesson: Lesson, n: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if n <= len(lesson.beats):
            begun = lesson.beat(n, lesson.start)
            said = "&".join(f"{key}={text}" for key, text in query(lesson.controls, begun).items())
            _, values = opened(monkeypatch, f"/{lesson.name}?beat={n}&{said}")
            assert values == begun

    def test_switches_the_guide_on_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        session: dict[str, Any] = {"guide_off": True}
        lesson, _ = opened(monkeypatch, "/heights?mu=180", session)
        assert visit.guide(lesson).off
        opened(monkeypatch, "/heights?beat=4", session)
        assert visit.guide(lesson) == (4, 1, False)

    def test_stays_where_it_is_for_whoever_comes_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        session: dict[str, Any] = {}
        opened(monkeypatch, "/heights?beat=4", session)
        lesson, values = opened(monkeypatch, "/heights", session)
        assert visit.guide(lesson) == (4, 0, False)
        assert values == lesson.beat(4, lesson.start)

    @pytest.mark.parametrize("given", ["0", "6", "two", "1.0", "-1"])
    def test_that_is_none_is_said_and_left_out(self, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
        lesson = importlib.import_module("pages.heights").LESSON
        monkeypatch.setattr(
            visit, "st", SimpleNamespace(session_state={}, query_params=Address({"beat": given}))
        )
        (problem,) = visit.enter(lesson)
        assert (problem.key, problem.given, problem.used) == ("beat", given, "")
        assert visit.session_values(lesson) == lesson.start
