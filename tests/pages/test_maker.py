"""Who makes frames: the most urgent first, nothing for nobody, in another process where there is a core."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError

import pytest

from pages.shared import maker as module
from pages.shared.maker import AHEAD, COARSE, FINE, Maker, Pause

PATIENCE = 60


def nothing() -> None:
    """Prepare nothing."""


def whose(wish: object, pause: Pause) -> tuple[object, int]:
    """Return a wish, and by which process it was fulfilled."""
    pause()
    return wish, os.getpid()


urgencies: list[int] = []


def remember_urgency() -> None:
    """Prepare, and remember with what priority."""
    urgencies.append(os.getpriority(os.PRIO_PROCESS, 0))


def urgency(_: object, pause: Pause) -> tuple[list[int], int]:
    """Return the priorities then and now, and whose they are."""
    return [*urgencies, os.getpriority(os.PRIO_PROCESS, 0)], os.getpid()


class Film:
    """Work in steps that a test sets free."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def make(self, wish: str, pause: Pause) -> str:
        if wish == "wrong":
            raise ValueError(wish)
        for step in range(3):
            self.begun.set()
            assert self.go.wait(PATIENCE)
            pause()
            self.log.append(f"{wish}{step}")
        return wish.upper()


@pytest.fixture
def film(monkeypatch: pytest.MonkeyPatch) -> Film:
    """Work that looks around at each step."""
    monkeypatch.setattr(module, "LOOK", 0.0)
    return Film()


def test_the_most_urgent_comes_first(film: Film) -> None:
    maker = Maker(film.make, nothing)
    ahead = maker.ask(AHEAD, "a")
    assert film.begun.wait(PATIENCE)
    others = [maker.ask(rank, wish) for rank, wish in ((FINE, "f"), (COARSE, "c"), (COARSE, "d"))]
    film.go.set()
    assert [future.result(PATIENCE) for future in (ahead, *others)] == ["A", "F", "C", "D"]
    # What was begun makes way for what is more urgent, and for nothing else.
    assert film.log == [f"{wish}{step}" for wish in "cdfa" for step in range(3)]


def test_of_all_stops_the_newest_come_first_and_of_a_few_the_oldest(film: Film) -> None:
    maker = Maker(film.make, nothing)
    first = maker.ask(COARSE, "a")
    assert film.begun.wait(PATIENCE)
    asked = [maker.ask(rank, wish) for rank, wish in ((FINE, "f"), (FINE, "g"), (COARSE, "c"), (COARSE, "d"))]
    film.go.set()
    assert [future.result(PATIENCE) for future in (first, *asked)] == ["A", "F", "G", "C", "D"]
    assert film.log[::3] == [f"{wish}0" for wish in "acdgf"]


def test_what_nobody_waits_for_is_left(film: Film) -> None:
    maker = Maker(film.make, nothing)
    first, second, third = (maker.ask(COARSE, wish) for wish in "abc")
    assert film.begun.wait(PATIENCE)
    first.cancel()
    second.cancel()
    film.go.set()
    assert third.result(PATIENCE) == "C"
    assert film.log == ["c0", "c1", "c2"]
    with pytest.raises(CancelledError):
        first.result()


def test_a_fault_is_the_askers_alone(film: Film, caplog: pytest.LogCaptureFixture) -> None:
    maker = Maker(film.make, nothing)
    film.go.set()
    wrong, right = maker.ask(COARSE, "wrong"), maker.ask(COARSE, "a")
    with pytest.raises(RuntimeError, match="ValueError"):
        wrong.result(PATIENCE)
    assert right.result(PATIENCE) == "A"
    assert "ValueError" in caplog.text


class TestAProcess:
    @pytest.fixture
    def maker(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
        monkeypatch.setattr(module, "SOON", 0.0)
        made = Maker(whose, nothing)
        yield made
        if made.process:
            made.process.terminate()
            made.process.join(PATIENCE)

    def started(self, maker: Maker) -> int:
        """Have the process started, and return its id once it is at work."""
        maker.start_soon()
        end = time.monotonic() + PATIENCE
        while (by := maker.ask(COARSE, "a").result(PATIENCE)[1]) == os.getpid():
            assert time.monotonic() < end, "no process ever came"
        assert maker.process
        assert by == maker.process.pid
        return int(by)

    def test_makes_what_it_can_and_this_one_the_rest(self, maker: Maker) -> None:
        # Until it is ready a thread does.
        assert maker.ask(COARSE, "a").result(PATIENCE) == ("a", os.getpid())
        other = self.started(maker)
        assert maker.ask(COARSE, "b").result(PATIENCE) == ("b", other)
        assert maker.ask(COARSE, "c", here=True).result(PATIENCE) == ("c", os.getpid())

    def test_that_ends_loses_nothing_and_is_started_anew(self, maker: Maker) -> None:
        first = self.started(maker)
        os.kill(first, signal.SIGKILL)
        asked = [maker.ask(COARSE, wish) for wish in range(5)]
        assert [future.result(PATIENCE)[0] for future in asked] == list(range(5))
        assert self.started(maker) != first

    @pytest.mark.skipif(not hasattr(os, "nice"), reason="no priorities here")
    def test_makes_way_for_whoever_lets_go_of_a_slider_once_it_is_ready(self, maker: Maker) -> None:
        maker._make, maker._prepare = urgency, remember_urgency
        self.started(maker)
        before, now = maker.ask(COARSE, "a").result(PATIENCE)[0]
        assert before == os.getpriority(os.PRIO_PROCESS, 0)
        assert now == 19

    @pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be chosen here")
    def test_is_started_where_there_is_one_core_too(self, maker: Maker) -> None:
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(cores)})
        try:
            self.started(maker)
        finally:
            os.sched_setaffinity(0, cores)
