"""Many people behind HAProxy, before one process of the app and before more: what each more brings.

How much processes can give is seen where somebody always waits for it: people in a hurry. A machine of one
core is one core of this one, and everything is on it, HAProxy and the people too. Whether all who come get
what they want, and how soon, is seen at a person's pace.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from deploy.serve import HAPROXY, Served, free_ports
from tests.benchmarks.report import Line, Target, held, percentile, ratio

PEOPLE = 200
COMING = 20.0  # seconds within which they come: to open two hundred pages is more than all that follows
HASTY = 32  # in a hurry: enough to keep three processes busy, and none waits ten seconds for one
HASTY_COMING = 8.0  # by then the process that makes frames is there
TITLE = f"{PEOPLE} people dragging at once behind HAProxy, by the number of processes (ratio: to one)"
HASTY_TITLE = f"{HASTY} people in a hurry behind HAProxy, by processes and cores (ratio: to one on one core)"
PAYS = Target(">=", 1.8)
NONE = Target("<=", 0)
SECOND = Target("<=", 1000, "ms")
WHAT = {"commits": "commits", "asks": "first frames"}

Crowd: TypeAlias = Callable[..., Awaitable[dict[str, Any]]]
Found: TypeAlias = dict[str, Any]


class Machine(NamedTuple):
    """So many processes, and HAProxy, on so many cores; the people too, unless they have cores beside."""

    processes: int
    cores: int
    beside: bool = False

    def __str__(self) -> str:
        """Return what the report calls it."""
        words = ("no", "one", "two", "three")
        name = f"{words[self.processes]} on {words[self.cores]} core{'s' if self.cores > 1 else ''}"
        return name + (", people beside" if self.beside else "")


def there() -> bool:
    """Tell whether HAProxy is installed."""
    return Path(HAPROXY).exists()


async def measured(crowd: Crowd, seconds: float) -> list[Line]:
    """Return how many commits and first frames people get at their own pace, how late, and what is lost."""
    lines: list[Line] = []
    first: Found | None = None
    for machine in (Machine(1, 2), Machine(2, 2), Machine(3, 2)):
        found = await _crowded(crowd, machine, PEOPLE, COMING, seconds)
        first = first or found
        lines += [_given(str(machine), what, found, seconds, [first]) for what in WHAT]
        whole = ratio(found["whole"], found["sent"])
        note = "before the hand let go; the rest of them are given up"
        lines.append(Line(f"{machine}: hands that had all frames", ours=100 * whole, unit="%", note=note))
        lines.append(_lost(str(machine), found))
        if machine.processes == 2:
            last = 1000 * percentile(found["late"], 0.95)
            note = f"of those sent when all had come {last:.0f} ms"
            late = 1000 * percentile(found["commits"], 0.95)
            lines.append(held(f"{machine}: commits, p95", late, SECOND, "ms", note=note))
    return lines


async def hurried(crowd: Crowd, seconds: float) -> list[Line]:
    """Return what two processes on two cores give, beside one on one core before and after them."""

    async def give(machine: Machine) -> Found:
        return await _crowded(crowd, machine, HASTY, HASTY_COMING, seconds, hurry=True)

    one, two = Machine(1, 1), Machine(2, 2)
    before, found, after = [await give(machine) for machine in (one, two, one)]
    lines = []
    for what in WHAT:
        lines.append(_given(f"{one}", what, before, seconds, [before, after]))
        lines.append(_given(f"{two}", what, found, seconds, [before, after], PAYS))
    for machine in (one._replace(beside=True), Machine(3, 2)):
        other = await give(machine)
        lines += [_given(f"{machine}", what, other, seconds, [before, after]) for what in WHAT]
    lines += [_lost(name, theirs) for name, theirs in ((str(one), before), (str(two), found))]
    return lines


def _given(
    name: str, what: str, found: Found, seconds: float, ones: list[Found], target: Target | None = None
) -> Line:
    """Return how many of something came a second once all people were there, over what one process gives."""
    count, those = found["steady"][what], [one["steady"][what] for one in ones]
    share, late = ratio(count, *those), 1000 * percentile(found[what], 0.95)
    used = ", ".join(f"{who} {100 * spent / seconds:.0f}" for who, spent in found["used"].items())
    note = f"p95 {late:.0f} ms; CPU, % of a core: {used}"
    if len(set(those)) > 1:
        note += f"; ones {', '.join(f'{one / seconds:.1f}' for one in those)}"
    return Line(
        f"{name}: {WHAT[what]}",
        ours=count / seconds,
        ratio=share,
        unit="/s",
        target=target,
        judged=share if target else None,
        note=note,
    )


def _lost(name: str, found: Found) -> Line:
    """Return how many people and commits were lost."""
    failures = found["failures"]
    lost = found["people"] - found["opened"] + found["sent"] - len(found["commits"]) + len(failures)
    note = f"of {found['sent']} commits; {'; '.join(sorted(set(failures)))[:100]}".rstrip("; ")
    return held(f"{name}: lost or failed", lost, NONE, note=note)


async def _crowded(
    crowd: Crowd, machine: Machine, people: int, coming: float, seconds: float, *, hurry: bool = False
) -> Found:
    """Return what people found, and what each party used of the CPU once all were there."""
    cores = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        served = Served(machine.processes, "127.0.0.1", free_ports(1)[0], ["127.0.0.1"], Path(folder))
        try:
            # What is started has what its parent has.
            os.sched_setaffinity(0, sorted(cores)[: machine.cores])
            served.start()
            assert served.process
            if machine.beside:
                os.sched_setaffinity(0, cores)
            watched = [replica.pid for replica in served.replicas.values()] + [served.process.pid]
            options = ["--count", str(people), "--seconds", str(seconds), "--coming", str(coming)]
            options += ["--watch", ",".join(map(str, watched)), *(["--hurry"] if hurry else [])]
            found = await crowd("people", served, options=options)
        finally:
            os.sched_setaffinity(0, cores)
            served.stop()
    *replicas, balancer, theirs = found["used"]
    found["used"] = {"processes": sum(replicas), "HAProxy": balancer, "people": theirs}
    return found
