"""People without browsers: clients that speak Streamlit's messages over its websocket, as its front end does.

As a command it runs in a process of its own and prints what it found as JSON:

    python tests/benchmarks/crowd.py people PORT --count 50 --seconds 30 [--lessons softmax,heights]
    python tests/benchmarks/crowd.py reruns PORT PID --count 1000

A person of ``people`` opens a lesson, sets a few things (a state of their own, so that nobody else's frames
serve), and then goes on at a person's pace: the hand arrives at a random slider (its frames are asked for),
drags for 2 to 3 seconds (nothing is sent), lets go at a random stop (a commit), and looks for half a second
to one and a half. So 50 people are some 13 prefetches and 13 commits a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import struct
import sys
import time
from pathlib import Path
from typing import Any, Self

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pages.shared.controls import Values
from pages.shared.live import group
from tests.benchmarks import lessons
from tests.benchmarks.report import percentile
from tests.benchmarks.servers import memory

PATIENCE = 10.0  # seconds after which an answer is lost
DRAG = (2.0, 3.0)
LOOK = (0.5, 1.5)


def heads(data: bytes) -> dict[str, Any]:
    """Return the JSON of blocks that the app packed; their arrays stay references."""
    whole: dict[str, Any] = {}
    at = 0
    while at < len(data):
        length, count = struct.unpack_from("<II", data, at)
        whole |= json.loads(data[at + 8 : at + 8 + length])
        at += 8 + length + 4 * count
    return whole


class Visitor:
    """One session on a lesson."""

    def __init__(self, port: int, driven: lessons.Driven, chance: random.Random) -> None:
        self.address = f"ws://127.0.0.1:{port}/_stcore/stream"
        self.driven, self.lesson, self.chance = driven, driven.lesson, chance
        self.client = f"{chance.getrandbits(40):x}"
        self.seq = 0
        self.page = ""
        # Of both components of a lesson, its live part and what brings its frames: widget id, fragment id.
        self.parts: dict[str, tuple[str, str]] = {}
        self.asked = 0
        self.held: dict[str, Any] = {}
        self.last: dict[str, Any] | None = None
        first = self.lesson.sections[0]
        # As on a wide screen: the main views, the first of the tabs, what is below.
        self.views = list(dict.fromkeys([*first.main, *[t for t in first.tabs if t not in first.main][:1]]))

    async def __aenter__(self) -> Self:
        self.socket = await websockets.connect(
            self.address,
            subprotocols=[websockets.Subprotocol("streamlit")],
            max_size=None,
            open_timeout=PATIENCE,
        )
        message = BackMsg()
        message.rerun_script.page_name = self.driven.name
        await self._send(message)
        await self._answer(lambda data: "values" in data)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.socket.close()

    @property
    def values(self) -> Values:
        """The values that the server gave last."""
        return lessons.state(self.lesson, self.held)

    async def _send(self, message: BackMsg) -> None:
        await self.socket.send(message.SerializeToString())

    async def _answer(self, wanted: Any) -> int:
        """Read until the run that brought the wanted answer is over; return the answer's size in bytes."""
        size = 0
        async with asyncio.timeout(PATIENCE):
            while True:
                raw = await self.socket.recv()
                message = ForwardMsg.FromString(raw)
                kind = message.WhichOneof("type")
                if kind == "navigation":
                    self.page = message.navigation.page_script_hash
                elif kind == "delta" and message.delta.new_element.bidi_component.bytes:
                    element = message.delta.new_element.bidi_component
                    part = element.id.rpartition("-")[2].removesuffix(f":{self.driven.name}")
                    self.parts[part] = (element.id, message.delta.fragment_id)
                    data = heads(element.bytes)
                    if "values" in data:
                        self.held = data["values"]
                    if wanted(data):
                        size = len(raw)
                elif kind == "script_finished" and size:
                    return size

    def _rerun(self, part: str) -> BackMsg:
        """Return a request to run one fragment, with the live part's state as the browser holds it."""
        message = BackMsg()
        message.rerun_script.page_script_hash = self.page
        message.rerun_script.page_name = self.driven.name
        message.rerun_script.fragment_id = self.parts[part][1]
        if self.last is not None:
            message.rerun_script.widget_states.widgets.add(
                id=self.parts["live"][0], json_value=json.dumps({"commit": self.last})
            )
        return message

    async def commit(self, **changes: Any) -> float:
        """Let go of a slider; return the seconds until the answer was whole. Fails where a value was lost."""
        self.seq += 1
        self.last = {"client": self.client, "seq": self.seq, "values": self.held, "set": changes}
        start = time.perf_counter()
        await self._send(self._rerun("live"))
        await self._answer(lambda data: data.get("ack") == [self.client, self.seq])
        took = time.perf_counter() - start
        for key, value in changes.items():
            if self.held[key] != value:
                raise ValueError(f"{key} is {self.held[key]!r}, not {value!r}")
        return took

    async def ask(self, key: str) -> tuple[float, int]:
        """Arrive at a slider; return the seconds until its frames were there, and their size in bytes."""
        message = self._rerun("frames")
        self.asked += 1
        token = f"{self.client}:{self.asked}"
        wish = {"token": token, "control": key, "views": self.views, "values": self.held}
        message.rerun_script.widget_states.widgets.add(
            id=f"$$STREAMLIT_INTERNAL_KEY_{self.parts['frames'][0]}__events",
            json_trigger_value=json.dumps([{"event": "ask", "value": wish}]),
        )
        start = time.perf_counter()
        await self._send(message)
        size = await self._answer(lambda data: data.get("token") == token)
        return time.perf_counter() - start, size

    def pick(self) -> tuple[str, Any]:
        """Return a random slider of the first section and a random stop of it."""
        values = self.values
        first = self.lesson.sections[0]
        near = [*group(self.lesson, first.controls), *(key for row in first.table for key in row)]
        sliders = [c for key, c in lessons.sliders(self.lesson, values).items() if key in near]
        control = self.chance.choice(sliders)
        return control.key, self.chance.choice([s for s in control.stops_in(values) if s <= 10_000])


async def person(port: int, driven: lessons.Driven, number: int, until: float, found: dict[str, Any]) -> None:
    """Be one of the people until the time is over."""
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0, 5))
    try:
        async with Visitor(port, driven, chance) as visitor:
            found["opened"] += 1
            for _ in range(2):
                key, stop = visitor.pick()
                await visitor.commit(**{key: stop})
            while time.monotonic() < until:
                key, stop = visitor.pick()
                try:
                    took, size = await visitor.ask(key)
                    found["asks"].append(took)
                    found["bytes"].append(size)
                    await asyncio.sleep(chance.uniform(*DRAG))
                    found["sent"] += 1
                    found["commits"].append(await visitor.commit(**{key: stop}))
                except (TimeoutError, ValueError) as error:
                    found["failures"].append(f"{type(error).__name__}: {error}"[:200])
                await asyncio.sleep(chance.uniform(*LOOK))
    except Exception as error:
        found["failures"].append(f"{type(error).__name__}: {error}"[:200])


async def people(port: int, names: list[str], count: int, seconds: float) -> dict[str, Any]:
    """Let people drag at once; return how long their commits and their frames took."""
    found: dict[str, Any] = {"opened": 0, "sent": 0, "asks": [], "bytes": [], "commits": [], "failures": []}
    until = time.monotonic() + 5 + seconds
    await asyncio.gather(
        *(person(port, lessons.DRIVEN[names[i % len(names)]], i, until, found) for i in range(count))
    )
    commits, asks = found["commits"], found["asks"]
    return {
        "people": count,
        "opened": found["opened"],
        "sent": found["sent"],
        "answered": len(commits),
        "p50": percentile(commits, 0.5),
        "p95": percentile(commits, 0.95),
        "worst": max(commits, default=float("nan")),
        "asks_p50": percentile(asks, 0.5),
        "asks_p95": percentile(asks, 0.95),
        "failures": found["failures"],
    }


async def reruns(port: int, pid: int, name: str, count: int) -> dict[str, Any]:
    """Commit again and again, and return the server's memory on the way: {commits: MiB}."""
    marks = sorted({1, count // 10, count // 2, count})
    made: dict[str, Any] = {"memory": {}, "commits": count}
    async with Visitor(port, lessons.DRIVEN[name], random.Random(1)) as visitor:
        for i in range(1, count + 1):
            key, stop = visitor.pick()
            await visitor.commit(**{key: stop})
            if i in marks:
                made["memory"][i] = memory(pid)
    return made


def main() -> None:
    """Read the command line, do it, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("people", "reruns"))
    parser.add_argument("port", type=int)
    parser.add_argument("pid", type=int, nargs="?", default=0)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--lessons", default=",".join(lessons.DRIVEN))
    given = parser.parse_args()
    names = given.lessons.split(",")
    if given.what == "people":
        result = asyncio.run(people(given.port, names, given.count, given.seconds))
    else:
        result = asyncio.run(reruns(given.port, given.pid, names[0], given.count))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
