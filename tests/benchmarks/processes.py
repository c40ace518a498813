"""Many people behind HAProxy, before one process of the app and before more: what each more brings."""

from __future__ import annotations

import math
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

from deploy.serve import HAPROXY, Served, free_ports
from tests.benchmarks.report import Line, Target, held, percentile, ratio
from tests.benchmarks.servers import cpu

PEOPLE = 200
COMING = 20.0  # seconds within which they come: to open two hundred pages is more than all that follows
TITLE = (
    f"{PEOPLE} people dragging at once behind HAProxy, by the number of processes (ratio: to one on one core)"
)
ALONE = "one on one core"
PAYS = Target(">=", 1.8)
NONE = Target("<=", 0)
SECOND = Target("<=", 1000, "ms")

Crowd: TypeAlias = Callable[..., Awaitable[dict[str, Any]]]


async def measured(crowd: Crowd, seconds: float) -> list[Line]:
    """Return how many commits and first frames a second people got, how late, and what was lost.

    One process has a second one that makes its frames, so it uses two cores already. Beside it stands one
    that has a single core for everything.
    """
    if not Path(HAPROXY).exists():
        return [Line("not measured", ours=0.0, note="HAProxy is not installed")]
    found = {ALONE: await _crowded(crowd, seconds, 1, one_core=True)}
    for count, name in enumerate(("one", "two", "three"), 1):
        found[name] = await _crowded(crowd, seconds, count)
    return [line for name, theirs in found.items() for line in _lines(name, theirs, found, seconds)]


def _lines(name: str, theirs: dict[str, Any], found: dict[str, dict[str, Any]], seconds: float) -> list[Line]:
    """Return the lines on so many processes."""
    made = []
    target = PAYS if name == "two" else None
    for what, part in (("commits", "commits"), ("first frames", "asks")):
        # Half of the time in which they come is as if all were there.
        rate, late = len(theirs[part]) / (COMING / 2 + seconds), 1000 * percentile(theirs[part], 0.95)
        share, more = (ratio(len(theirs[part]), len(found[base][part])) for base in (ALONE, "one"))
        judged = share if target else None
        # What they made of the time they had: what else runs on these cores, the crowd too, takes its own.
        worth = ratio(len(theirs[part]) / theirs["used"], len(found[ALONE][part]) / found[ALONE]["used"])
        note = f"p95 {late:.0f} ms; {more:.2f} of one; by second of their CPU {worth:.2f}"
        made.append(
            Line(
                f"{name}: {what}", ours=rate, ratio=share, unit="/s", target=target, judged=judged, note=note
            )
        )
    lost = PEOPLE - theirs["opened"] + theirs["sent"] - len(theirs["commits"]) + len(theirs["failures"])
    said = "; ".join(sorted(set(theirs["failures"])))[:100]
    whose = {"used": "processes", "balancer": "HAProxy", "cost": "crowd"}
    spent = ", ".join(f"{who} {100 * theirs[key] / theirs['took']:.0f}" for key, who in whose.items())
    note = f"of {theirs['sent']} commits; CPU, % of a core: {spent}; {said}".rstrip("; ")
    made.append(held(f"{name}: lost or failed", lost, NONE, note=note))
    if name == "two":
        late = 1000 * percentile(theirs["commits"], 0.95)
        there = 1000 * percentile(theirs["late"], 0.95) if theirs["late"] else math.nan
        note = f"of those sent when all had come {there:.0f} ms"
        made.append(held(f"{name}: commits, p95", late, SECOND, "ms", note=note))
    return made


async def _crowded(crowd: Crowd, seconds: float, count: int, *, one_core: bool = False) -> dict[str, Any]:
    """Return what many people found, and what the processes used of a core, in percent."""
    cores = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        served = Served(count, "127.0.0.1", free_ports(1)[0], ["127.0.0.1"], Path(folder))
        try:
            if one_core:
                # What is started has what its parent has.
                os.sched_setaffinity(0, {min(cores)})
            served.start()
            os.sched_setaffinity(0, cores)
            assert served.process
            before, begin = [_used(served), cpu(served.process.pid)], time.perf_counter()
            options = ("--count", str(PEOPLE), "--seconds", str(seconds), "--coming", str(COMING))
            found = await crowd("people", served, options=options)
            found["took"] = time.perf_counter() - begin
            found["used"], found["balancer"] = (
                now - was for now, was in zip([_used(served), cpu(served.process.pid)], before, strict=True)
            )
        finally:
            os.sched_setaffinity(0, cores)
            served.stop()
    return found


def _used(served: Served) -> float:
    return sum(cpu(replica.pid) for replica in served.replicas.values())
