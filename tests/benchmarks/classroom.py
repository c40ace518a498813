"""A class without browsers: tabs that say and hear what static/live/class.js does, over real lines.

As a command it runs in a process of its own and prints what it found as JSON:

    python tests/benchmarks/classroom.py follow PORT:PID CODE --count 30 --seconds 5
    python tests/benchmarks/classroom.py change PORT:PID --count 30

``follow`` joins a class, and says what each of the people knew last and how many movements they were told.
``change`` has sessions of Streamlit come along when a teacher goes on to another lesson, as browsers do.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pages.shared.lesson import Lesson
from tests.benchmarks import crowd, lessons

PATIENCE = 30.0  # seconds after which what is waited for is lost


def shared(lesson: Lesson, **changed: Any) -> dict[str, Any]:
    """Return what a teacher's browser says of a lesson's opening state, changed."""
    values = {c.key: lesson.start[c.key] for c in lesson.controls if c.in_url} | changed
    return {"lesson": lesson.name, "values": values, "section": "", "tabs": []}


class Tab:
    """A tab in a class, and the newest that it was told of each kind."""

    def __init__(self, port: int, code: str, **knock: str) -> None:
        self.port, self.code, self.knock = port, code, knock
        self.told: dict[str, Any] = {}
        self.counts: dict[str, int] = {}
        self.news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self.socket = await websockets.connect(
            f"ws://127.0.0.1:{self.port}/class/{self.code}", open_timeout=PATIENCE
        )
        await self.socket.send(json.dumps(self.knock))
        self.hearing = asyncio.ensure_future(self._hear())
        await self.until(lambda: "state" in self.told)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.socket.close()
        await self.hearing

    async def _hear(self) -> None:
        try:
            async for raw in self.socket:
                message = json.loads(raw)
                kind = message["kind"]
                self.counts[kind] = self.counts.get(kind, 0) + 1
                self.told[kind] = message
                if kind == "stop":
                    # As the browser does: what the hand does is part of the state.
                    self.told["state"]["moving"] = {name: message[name] for name in ("control", "stop")}
                async with self.news:
                    self.news.notify_all()
        except websockets.ConnectionClosed:
            pass

    @property
    def state(self) -> dict[str, Any]:
        """What everybody may know, as this tab knows it."""
        state: dict[str, Any] = self.told["state"]
        return state

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what was told."""
        async with asyncio.timeout(PATIENCE), self.news:
            await self.news.wait_for(holds)

    async def say(self, kind: str, **fields: Any) -> None:
        """Say something to the room."""
        await self.socket.send(json.dumps({"kind": kind, **fields}))


def person(port: int, code: str, number: int) -> Tab:
    """Return the tab of one of the people."""
    return Tab(port, code, kind="join", me=f"{number:022d}")


async def start(port: int) -> dict[str, str]:
    """Return a new code and its key."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /class HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    body = (await reader.read()).partition(b"\r\n\r\n")[2]
    writer.close()
    made: dict[str, str] = json.loads(body)
    return made


def teacher(port: int, made: dict[str, str]) -> Tab:
    """Return the tab of a teacher."""
    return Tab(port, made["code"], kind="open", key=made["key"])


async def follow(port: int, code: str, count: int, seconds: float) -> dict[str, Any]:
    """Be so many people in a class for a while; return what they knew at the end."""
    people = await asyncio.gather(*(person(port, code, i).__aenter__() for i in range(count)))
    print("there", flush=True)
    await asyncio.sleep(seconds)
    knew = [one.state for one in people]
    stops = [one.counts.get("stop", 0) for one in people]
    await asyncio.gather(*(one.__aexit__() for one in people))
    return {"knew": knew, "stops": stops}


async def change(port: int, count: int, names: tuple[str, str]) -> dict[str, Any]:
    """Have a teacher go from a lesson to another; return after how long each session had its answer there."""
    first, second = (lessons.Driven(name, (), ()) for name in names)
    made = await start(port)
    async with teacher(port, made) as leads:
        await leads.say("lead", **shared(first.lesson))
        visitors = [crowd.Visitor(port, first, random.Random(i)) for i in range(count)]
        for visitor in visitors:
            await visitor.__aenter__()
        people = await asyncio.gather(*(person(port, made["code"], i).__aenter__() for i in range(count)))
        begin = time.perf_counter()
        wanted = shared(second.lesson)
        took = await asyncio.gather(
            *(_come(*pair, wanted, begin) for pair in zip(people, visitors, strict=True)),
            leads.say("lead", **wanted),
        )
        await asyncio.gather(*(one.__aexit__() for one in [*people, *visitors]))
    return {"took": took[:-1]}


async def _come(person: Tab, visitor: crowd.Visitor, wanted: dict[str, Any], begin: float) -> float:
    """Go to the lesson that is led to, once it is; return how long after it was."""
    await person.until(lambda: (person.state["lead"] or {}).get("lesson") == wanted["lesson"])
    message = BackMsg()
    message.rerun_script.page_name = wanted["lesson"]
    message.rerun_script.query_string = urlencode(person.state["lead"]["values"])
    visitor.driven = lessons.Driven(wanted["lesson"], (), ())
    await visitor._send(message)
    await visitor._answer(lambda data: data.get("lesson") == wanted["lesson"])
    return time.perf_counter() - begin


def main() -> None:
    """Read the command line, do it, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("follow", "change"))
    parser.add_argument("server", help="PORT:PID")
    parser.add_argument("code", nargs="?", default="")
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # Streamlit's, about pages that are imported and not run
    port = int(given.server.partition(":")[0])
    if given.what == "follow":
        result = asyncio.run(follow(port, given.code, given.count, given.seconds))
    else:
        result = asyncio.run(change(port, given.count, ("softmax", "heights")))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
