"""Frames made once are kept for everybody; others are made ahead while nobody waits. No Streamlit."""

from __future__ import annotations

import atexit
import logging
import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable

LOG = logging.getLogger(__name__)
BYTES = 128 * 2**20  # all lessons at their openings, in both languages, are half of it
REMEMBERED = 1000  # pieces of work whose names are kept, so that none is done twice
QUIET = 0.25  # seconds without a request after which somebody's next wish may be prepared
VISIT = 2.0  # seconds from the page's first line until its first slider answers, on a slow machine


class Store:
    """Blocks by name; the oldest go when it is full. May be used by many threads.

    Examples
    --------
    >>> store = Store(limit=4)
    >>> for name in "abc":
    ...     store.put(name, b"..")
    >>> store.get("a"), store.get("c"), store.size
    (None, b'..', 4)
    """

    def __init__(self, limit: int = BYTES) -> None:
        self.limit = limit
        self.size = 0
        self._blocks: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: Hashable) -> bytes | None:
        """Return a block, or None where it was never made or had to go."""
        with self._lock:
            if name in self._blocks:
                self._blocks.move_to_end(name)
            return self._blocks.get(name)

    def put(self, name: Hashable, block: bytes) -> None:
        """Keep a block; what nobody has asked for longest goes where there is no room."""
        with self._lock:
            self.size += len(block) - len(self._blocks.pop(name, b""))
            self._blocks[name] = block
            while self.size > self.limit and len(self._blocks) > 1:
                self.size -= len(self._blocks.popitem(last=False)[1])

    def __len__(self) -> int:
        return len(self._blocks)


class Ahead:
    """Does work that nobody waits for, one piece after another, each after a quiet moment."""

    def __init__(
        self,
        quiet: float = QUIET,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.quiet = quiet
        self._now = now
        self._sleep = sleep
        self._work: deque[Callable[[], object]] = deque()
        self._known: set[Hashable] = set()
        self._busy = self._now()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        # A thread that is cut off in PyTorch's code takes the process down with a complaint.
        atexit.register(self.stop)

    def busy(self, seconds: float = 0.0) -> None:
        """Say that somebody is being served now, and for so long."""
        self._busy = max(self._busy, self._now() + seconds)

    def add(self, name: Hashable, work: Callable[[], object]) -> None:
        """Put a piece of work at the end, unless one of this name was there before."""
        with self._lock:
            if name in self._known:
                return
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known.add(name)
            self._work.append(work)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ahead", daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Wait until all is done."""
        if (thread := self._thread) is not None:
            thread.join()

    def stop(self) -> None:
        """Leave what is not begun, and wait for the end of what is."""
        with self._lock:
            self._work.clear()
        self.wait()

    def _run(self) -> None:
        while True:
            while (left := self._busy + self.quiet - self._now()) > 0:
                self._sleep(left)
            with self._lock:
                if not self._work:
                    self._thread = None
                    return
                work = self._work.popleft()
            try:
                work()
            except Exception:
                # Whoever asks for it himself will see the fault; the rest is still worth doing.
                LOG.exception("work done ahead failed")


class Served:
    """What was given to whom, so that what has to come after it can wait for it. May be used by many threads.

    Examples
    --------
    >>> served = Served()
    >>> begun = served.now()
    >>> served.wait("softmax", begun, at_most=0.0)
    False
    >>> served.give("softmax")
    >>> served.wait("softmax", begun, at_most=0.0)
    True
    """

    def __init__(self) -> None:
        self.now = time.monotonic
        self._given: dict[Hashable, float] = {}
        self._changed = threading.Condition()

    def give(self, name: Hashable) -> None:
        """Say that what has this name was given now."""
        with self._changed:
            self._given[name] = self.now()
            self._changed.notify_all()

    def wait(self, name: Hashable, since: float, at_most: float) -> bool:
        """Wait until what has this name was given at ``since`` or later; tell whether it was."""
        with self._changed:
            return self._changed.wait_for(lambda: self._given.get(name, -math.inf) >= since, at_most)


# One for the process: its work waits while any visitor is being served.
ahead = Ahead()
served = Served()  # the page's files, by their kind, and frames, by lesson
