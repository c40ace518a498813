"""Who makes frames: a process of its own, until it is ready a thread. No Streamlit.

Where there is one core too: the system lets whoever lets go of a slider work before a process, as it could
not before a thread. Both do what they are asked over a line, the most urgent first: between two stops of a
slider they look for what is more urgent, and leave what nobody waits for any longer.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

LOG = logging.getLogger(__name__)
COARSE, FINE, AHEAD = range(3)  # the hand waits for the first; nobody waits for the last
LOOK = 0.002  # seconds of work after which it looks for something more urgent
SOON = 2.0  # seconds for whoever came first, before a process starts
READY = -1  # the number under which a new process says that it has imported everything

Pause: TypeAlias = Callable[[], None]
Make: TypeAlias = Callable[[Any, Pause], Any]


class DroppedError(Exception):
    """Nobody waits for this any longer."""


def order(asked: tuple[int, int]) -> tuple[int, int]:
    """Return the place in line of what has a rank and a number: of all stops, the newest are the first.

    Those who wait for them drag meanwhile. Where time is too short for all, whoever came last drags longest.
    """
    rank, number = asked
    return rank, -number if rank == FINE else number


def work(line: Connection, make: Make) -> None:
    """Do what is asked for over a line until its other end is closed."""
    waiting: dict[int, tuple[int, Any]] = {}

    def look(*, rest: bool) -> None:
        while line.poll(None if rest and not waiting else 0):
            number, rank, wish = line.recv()
            if wish is None:
                waiting.pop(number, None)
            else:
                waiting[number] = rank, wish

    def serve(below: int) -> None:
        """Do what is more urgent than a rank."""
        while urgent := [(rank, number) for number, (rank, _) in waiting.items() if rank < below]:
            rank, number = min(urgent, key=order)
            try:
                answer = make(waiting[number][1], pause(rank, number))
            except DroppedError:
                continue
            except (EOFError, ConnectionError):
                raise
            except Exception as error:
                LOG.exception("frames could not be made")
                answer = RuntimeError(repr(error))
            if waiting.pop(number, None):
                line.send((number, answer))

    def pause(rank: int, number: int) -> Pause:
        begun = time.monotonic()

        def turn() -> None:
            nonlocal begun
            if time.monotonic() - begun > LOOK:
                look(rest=False)
                serve(rank)
                begun = time.monotonic()
            if number not in waiting:
                raise DroppedError

        return turn

    with contextlib.suppress(EOFError, OSError):
        while True:
            look(rest=True)
            serve(AHEAD + 1)


def _apart(line: Connection, make: Make, prepare: Callable[[], None]) -> None:
    """Be the process: whoever ends the server ends it by its line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare()
    if hasattr(os, "nice"):
        # Where the cores are not enough, whoever lets go of a slider comes first. With 200 people before two
        # processes on two cores the 95th percentile of commits was 515 ms with 5, and 305 with this; first
        # frames came no later. Only now: where a server is busy from its start this one would not get ready.
        os.nice(19)
    # The server may have been killed meanwhile.
    with contextlib.suppress(OSError):
        line.send((READY, None))
        work(line, make)


class Maker:
    """Has frames made.

    Parameters
    ----------
    make : callable
        ``(wish, pause) -> answer``, which calls ``pause`` between two steps. With the wish it goes to another
        process, so each must be known there by its name.
    prepare : callable
        What the process does before it is used.
    """

    def __init__(self, make: Make, prepare: Callable[[], None]) -> None:
        self._make, self._prepare = make, prepare
        self._asked: dict[int, tuple[Connection, int, Any, Future[Any]]] = {}
        self._numbers = itertools.count()
        self._lock = threading.RLock()
        self._here: Connection | None = None
        self._apart: Connection | None = None
        self.process: multiprocessing.process.BaseProcess | None = None
        self._started = False

    def ask(self, rank: int, wish: Any, *, here: bool = False) -> Future[Any]:
        """Have something made, ``here`` in this process; whoever cancels it waits no longer."""
        future: Future[Any] = Future()
        with self._lock:
            line = (None if here else self._apart) or self._in_a_thread()
            number = next(self._numbers)
            self._asked[number] = line, rank, wish, future
            self._say(line, (number, rank, wish))
        future.add_done_callback(lambda made: self._drop(number) if made.cancelled() else None)
        return future

    def start_soon(self) -> None:
        """Start the process, unless it is: soon, as now somebody waits."""
        with self._lock:
            if not self._started:
                self._started = True
                threading.Thread(target=self._start, name="maker's start", daemon=True).start()

    def _start(self) -> None:
        time.sleep(SOON)
        ours, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("spawn").Process(
            target=_apart, args=(theirs, self._make, self._prepare), name="maker", daemon=True
        )
        self.process.start()
        theirs.close()
        with contextlib.suppress(EOFError, OSError):
            if ours.recv()[0] == READY:
                self._apart = ours
                self._listen(ours)

    def _in_a_thread(self) -> Connection:
        if self._here is None:
            self._here, theirs = multiprocessing.Pipe()
            threading.Thread(target=work, args=(theirs, self._make), name="maker", daemon=True).start()
            self._listen(self._here)
        return self._here

    def _listen(self, line: Connection) -> None:
        threading.Thread(target=self._hear, args=(line,), name="maker's answers", daemon=True).start()

    def _hear(self, line: Connection) -> None:
        """Hand on what was made; where the process ends, have the rest made here."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                number, answer = line.recv()
                with self._lock:
                    asked = self._asked.pop(number, None)
                if asked and asked[-1].set_running_or_notify_cancel():
                    failed = isinstance(answer, Exception)
                    (asked[-1].set_exception if failed else asked[-1].set_result)(answer)
        with self._lock:
            self._apart, self._started = None, False
            for number, (where, rank, wish, future) in list(self._asked.items()):
                if where is line:
                    self._asked[number] = here, *_ = self._in_a_thread(), rank, wish, future
                    self._say(here, (number, rank, wish))

    def _drop(self, number: int) -> None:
        with self._lock:
            asked = self._asked.pop(number, None)
            if asked:
                self._say(asked[0], (number, asked[1], None))

    def _say(self, line: Connection, message: Any) -> None:
        # A process that has ended is found by whoever hears nothing of it.
        with contextlib.suppress(OSError):
            line.send(message)
