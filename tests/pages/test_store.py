"""The store of frames, and the work that is done ahead."""

from __future__ import annotations

import itertools
import threading
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.store import Ahead, Served, Store


class TestStore:
    @given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 60)), max_size=30))
    def test_knows_its_size_and_keeps_to_its_limit(self, puts: list[tuple[str, int]]) -> None:
        kept = Store(limit=100)
        for name, size in puts:
            kept.put(name, bytes(size))
            assert kept.get(name) == bytes(size)
            assert kept.size == sum(len(kept.get(key) or b"") for key in "abcdef") <= 100

    def test_what_was_asked_for_longest_ago_goes_first(self) -> None:
        kept = Store(limit=100)
        for name in "ab":
            kept.put(name, bytes(40))
        assert kept.get("a") is not None
        kept.put("c", bytes(40))
        assert [name for name in "abc" if kept.get(name) is None] == ["b"]

    def test_one_block_larger_than_the_store_is_kept_alone(self) -> None:
        kept = Store(limit=100)
        kept.put("a", bytes(10))
        kept.put("b", bytes(200))
        assert (kept.get("a"), kept.get("b")) == (None, bytes(200))


class TestAhead:
    def test_does_each_piece_once_and_in_order(self) -> None:
        ahead = Ahead(quiet=0.0)
        done: list[str] = []
        for name in "abcab":
            ahead.add(name, lambda name=name: done.append(name))  # type: ignore[misc]
        ahead.wait()
        assert done == ["a", "b", "c"]

    def test_begins_again_after_a_rest(self) -> None:
        ahead = Ahead(quiet=0.0)
        done = threading.Event()
        ahead.add("a", int)
        ahead.wait()
        ahead.add("b", done.set)
        assert done.wait(5)

    def test_waits_while_somebody_is_served(self) -> None:
        done: list[float] = []

        class Clock:
            """A clock that moves only while somebody sleeps; three times somebody else is served then."""

            now = 100.0
            served = 3

            def monotonic(self) -> float:
                return self.now

            def sleep(self, seconds: float) -> None:
                self.now += seconds
                if self.served:
                    self.served -= 1
                    ahead.busy()

        clock = Clock()
        ahead = Ahead(quiet=1.0, now=clock.monotonic, sleep=clock.sleep)
        ahead.busy()
        ahead.add("a", lambda: done.append(clock.now))
        ahead.wait()
        # A quiet moment of its own, and one after each of the three.
        assert done == [104.0]

    def test_waits_as_long_as_a_visit_was_said_to_take(self) -> None:
        done: list[float] = []
        clock = SimpleNamespace(now=100.0)

        def sleep(seconds: float) -> None:
            clock.now += seconds

        ahead = Ahead(quiet=1.0, now=lambda: clock.now, sleep=sleep)
        ahead.busy(5.0)
        ahead.busy()  # of a shorter one
        ahead.add("a", lambda: done.append(clock.now))
        ahead.wait()
        assert done == [106.0]

    def test_goes_on_after_a_fault(self, caplog: pytest.LogCaptureFixture) -> None:
        ahead = Ahead(quiet=0.0)
        done: list[str] = []
        ahead.add("a", lambda: 1 / 0)
        ahead.add("b", lambda: done.append("b"))
        ahead.wait()
        assert done == ["b"]
        assert "ZeroDivisionError" in caplog.text

    def test_at_the_end_what_is_begun_is_done_and_the_rest_is_left(self) -> None:
        ahead = Ahead(quiet=0.0)
        begun, go = threading.Event(), threading.Event()
        done: list[str] = []

        def slow() -> None:
            begun.set()
            assert go.wait(30)
            done.append("a")

        ahead.add("a", slow)
        ahead.add("b", lambda: done.append("b"))
        assert begun.wait(30)
        stopping = threading.Thread(target=ahead.stop)
        stopping.start()
        while ahead._work:
            stopping.join(0.01)
        assert stopping.is_alive()  # it waits for what is begun
        go.set()
        stopping.join(30)
        assert done == ["a"]


class TestServed:
    def test_what_was_given_before_does_not_count(self) -> None:
        served = Served()
        clock = itertools.count()
        served.now = lambda: float(next(clock))
        served.give("a")
        begun = served.now()
        assert not served.wait("a", begun, at_most=0.0)
        served.give("b")
        assert not served.wait("a", begun, at_most=0.0)
        served.give("a")
        assert served.wait("a", begun, at_most=0.0)

    def test_all_who_wait_go_on_when_it_is_given(self) -> None:
        served = Served()
        begun, waited = served.now(), []
        waiting = [
            threading.Thread(target=lambda: waited.append(served.wait("a", begun, at_most=30)))
            for _ in range(3)
        ]
        for thread in waiting:
            thread.start()
        served.give("a")
        for thread in waiting:
            thread.join(30)
        assert waited == [True] * 3
