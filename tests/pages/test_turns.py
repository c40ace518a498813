"""One after another, in the order in which they came; nobody is kept by one who works for long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import page
from pages.shared.turns import Turns
from tests.machine import ROOT

PATIENCE = 60


class Worker(threading.Thread):
    """Works as soon as it may, until a test lets it end."""

    def __init__(self, turns: Turns) -> None:
        super().__init__(daemon=True)
        self.turns = turns
        self.works, self.ends = threading.Event(), threading.Event()
        self.start()

    def run(self) -> None:
        with self.turns.turn():
            self.works.set()
            assert self.ends.wait(PATIENCE)

    def end(self) -> None:
        """Let it end, and wait until it has."""
        self.ends.set()
        self.join(PATIENCE)
        assert not self.is_alive()


def in_line(turns: Turns, count: int) -> list[Worker]:
    """Return workers that came one after another."""
    made = []
    for _ in range(count):
        made.append(Worker(turns))
        while len(turns._line) + sum(worker.works.is_set() for worker in made) < len(made):
            made[-1].join(0.001)
    return made


def test_one_works_and_the_next_is_who_came_first() -> None:
    turns = Turns(lease=PATIENCE)
    workers = in_line(turns, 4)
    for i, worker in enumerate(workers):
        assert worker.works.wait(PATIENCE)
        assert [other.works.is_set() for other in workers] == [j <= i for j in range(4)]
        worker.end()


def test_a_fault_gives_the_turn_on() -> None:
    turns = Turns(lease=PATIENCE)
    try:
        with turns.turn():
            raise ValueError
    except ValueError:
        pass
    with turns.turn():
        assert not turns._line


def test_who_works_for_long_does_not_keep_the_rest() -> None:
    time = [0.0]
    turns = Turns(lease=0.001, now=lambda: time[0])
    first, second, third = in_line(turns, 3)
    assert first.works.wait(PATIENCE)
    time[0] = 0.001
    assert second.works.wait(PATIENCE)
    assert not third.works.is_set()
    # The first one's end is nobody's turn: the second has one still.
    first.end()
    assert not third.works.wait(0.01)
    second.end()
    assert third.works.wait(PATIENCE)
    third.end()


class Counted(Turns):
    """Tells how many are at work."""

    works = 0

    @contextmanager
    def turn(self) -> Iterator[None]:
        with super().turn():
            self.works += 1
            yield
            self.works -= 1


def test_a_page_is_drawn_in_turn_and_nobody_waits_while_it_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, seen = Counted(), []

    def note(name: str, place: object, was: Callable[..., Any]) -> None:
        def noted(*given: Any, **named: Any) -> Any:
            seen.append((name, turns.works))
            return was(*given, **named)

        monkeypatch.setattr(place, name, noted)

    monkeypatch.setattr(page, "turns", turns)

    def rest(*_: object, **__: object) -> bool:
        seen.append(("rest", turns.works))
        return True

    monkeypatch.setattr(page, "served", SimpleNamespace(now=float, wait=rest))
    monkeypatch.setattr(page, "time", SimpleNamespace(sleep=rest))
    for name in ("_head", "_tail"):
        note(name, page, getattr(page, name))
    note("show", page.live, page.live.show)
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.switch_page("pages/softmax.py").run()
    assert not at.exception
    assert seen == [("_head", 1), ("show", 1), *3 * [("rest", 0)], ("_tail", 1)]
    assert turns.works == 0
