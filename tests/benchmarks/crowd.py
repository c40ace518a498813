"""People without browsers: clients that speak Streamlit's messages over its websocket, as its front end does.

As a command it runs in a process of its own and prints what it found as JSON:

    python tests/benchmarks/crowd.py people PORT:PID --count 50 --seconds 30 [--lessons softmax,heights]
    python tests/benchmarks/crowd.py people PORT:PID --count 32 --seconds 12 --hurry --watch PID,PID
    python tests/benchmarks/crowd.py reruns PORT:PID --count 1000
    python tests/benchmarks/crowd.py arrivals PORT:PID PORT:PID

A person of ``people`` opens a lesson, sets a few things (a state of their own, so that nobody else's frames
serve), and then goes on at a person's pace: the hand arrives at a random slider (its frames are asked for),
drags for 2 to 3 seconds (nothing is sent), lets go at a random stop (a commit), and looks for half a second
to one and a half. So 50 people are some 13 prefetches and 13 commits a second: that much is wanted, and how
late it comes is measured. Who is in a hurry (``--hurry``) neither drags nor looks: he lets go as soon as the
first frames are there, and arrives at the next slider as soon as the answer is. So there is always somebody
who waits, and how much comes is all that the servers can give.

``arrivals`` comes to the first sliders of every lesson, on one server after the other, in a state in which
nobody has been, and then once more.

Where an answer names an address for frames they are fetched from there: of many stops every eighth first, and
all while the hand drags. A revision before that answers to a message.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import random
import re
import struct
import sys
import time
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pages.shared.catalog import LESSONS
from pages.shared.controls import Values
from tests.benchmarks import lessons
from tests.benchmarks.servers import at_rest, cpu, memory

PATIENCE = 10.0  # seconds after which an answer is lost
FEW, EVERY = 12, 8  # of more stops one in so many comes first, as the browser half has it
SLIDERS = 4  # of each lesson
PAUSE = 0.2
COMING = 5.0
DRAG = (2.0, 3.0)
LOOK = (0.5, 1.5)
COUNTED = ("asks", "commits")


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

    patience = PATIENCE

    def __init__(self, port: int, driven: lessons.Driven, chance: random.Random) -> None:
        self.port = port
        self.line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None  # for what is fetched
        self.cookie = ""  # a balancer's, which names a process
        self.session = ""
        # What the addresses of frames begin with, once an answer says it, and the values that they leave out.
        self.frames = ""
        self.aside: list[str] = []
        self.driven, self.lesson, self.chance = driven, driven.lesson, chance
        self.client = f"{chance.getrandbits(40):x}"
        self.seq = 0
        self.page = ""
        # Of both components of a lesson, its live part and what brings its frames: widget id, fragment id.
        self.parts: dict[str, tuple[str, str]] = {}
        self.asked = 0
        self.held: dict[str, Any] = {}
        self.address = ""  # the query of the address that Python gave with them
        self.last: dict[str, Any] | None = None
        first = self.lesson.sections[0]
        # As on a wide screen: the main views, the first of the tabs, what is below.
        self.views = list(dict.fromkeys([*first.main, *[t for t in first.tabs if t not in first.main][:1]]))

    async def __aenter__(self) -> Self:
        await self._connect()
        message = BackMsg()
        message.rerun_script.page_name = self.driven.name
        await self._send(message)
        await self._answer(lambda data: "values" in data)
        return self

    async def _connect(self) -> None:
        """Ask for the server's health, as Streamlit's front end does, and take up the line."""
        await self._get("/_stcore/health")
        # The third names the session that was, if there was one.
        spoken = ["streamlit", "no-token", *([self.session] if self.session else [])]
        self.socket = await websockets.connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            subprotocols=[websockets.Subprotocol(name) for name in spoken],
            additional_headers={"Cookie": self.cookie} if self.cookie else {},
            max_size=None,
            max_queue=None,
            open_timeout=self.patience,
        )
        assert self.socket.response
        self._take(self.socket.response.headers.get_all("Set-Cookie"))

    async def __aexit__(self, *error: object) -> None:
        self._hang_up()
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
        async with asyncio.timeout(self.patience):
            while True:
                raw = await self.socket.recv()
                message = ForwardMsg.FromString(raw)
                kind = message.WhichOneof("type")
                if kind == "new_session":
                    self.session = message.new_session.initialize.session_id
                elif kind == "navigation":
                    self.page = message.navigation.page_script_hash
                elif kind == "delta" and message.delta.new_element.bidi_component.bytes:
                    element = message.delta.new_element.bidi_component
                    part = element.id.rpartition("-")[2].removesuffix(f":{self.driven.name}")
                    self.parts[part] = (element.id, message.delta.fragment_id)
                    data = heads(element.bytes)
                    if "values" in data:
                        self.held, self.address = data["values"], data.get("address", "")
                        self.frames = data.get("frames", self.frames)
                        self.aside = data.get("aside", self.aside)
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
        """Arrive at a slider; return the seconds until first frames were there, and their size in bytes."""
        start = time.perf_counter()
        size = await (self._fetch(key) if self.frames else self._message(key))
        return time.perf_counter() - start, size

    async def rest(self, key: str) -> None:
        """Fetch what the first frames of a slider left out; where they were all, nothing."""
        if self.frames and len(self._stops(key)) > FEW:
            await self._fetch(key, whole=True)

    def _stops(self, key: str) -> list[Any]:
        return list(self.lesson.by_key[key].stops_in(self.values))

    def path_of(self, key: str, *, whole: bool = False) -> str:
        """Return the address of frames."""
        stops = self._stops(key)
        whole |= len(stops) <= FEW
        part = "all" if whole else lessons.nearest(stops, self.values[key]) % EVERY
        others = {name: value for name, value in self.held.items() if name not in (key, *self.aside)}
        state = urlencode({name: written(value) for name, value in others.items()})
        return f"/{self.frames}/{key}/{','.join(self.views)}/{part}?{state}"

    async def _fetch(self, key: str, *, whole: bool = False) -> int:
        """Fetch frames from their address, and return their size in bytes."""
        return len(await self._get(self.path_of(key, whole=whole)))

    async def _get(self, path: str) -> bytes:
        """Fetch something with the cookie, take a new one where one comes, and return what came."""
        lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: gzip"]
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        request = "\r\n".join([*lines, "", ""]).encode()
        async with asyncio.timeout(self.patience):
            old = self.line is not None
            try:
                head, body = await self._exchange(request)
            except ConnectionError:
                # A line that was long silent its other end has closed: as browsers do, again on a new one.
                if not old:
                    raise
                head, body = await self._exchange(request)
        status, *headers = head.decode(errors="replace").splitlines()
        if int(status.split()[1]) != HTTPStatus.OK or not body:
            raise ValueError(f"{path.partition('?')[0]}: {status}")
        named = [header.partition(": ") for header in headers]
        self._take(text for name, _, text in named if name.lower() == "set-cookie")
        return body

    async def _exchange(self, request: bytes) -> tuple[bytes, bytes]:
        """Say something over the line, which stays for the next; return the head and the body that come.

        Whoever is cancelled hangs up, as a browser that waits no longer.
        """
        reader, writer = self.line or await asyncio.open_connection("127.0.0.1", self.port)
        self.line = None
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            found = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
            body = await reader.readexactly(int(found[1])) if found else await reader.read()
            if found and b"\r\nconnection: close" not in head.lower():
                self.line = reader, writer
        except asyncio.IncompleteReadError as cut:
            raise ConnectionResetError from cut
        finally:
            if self.line is None:
                writer.close()
        return head, body

    def _hang_up(self) -> None:
        if self.line:
            self.line[1].close()
            self.line = None

    def _take(self, cookies: Iterable[str]) -> None:
        """Take a balancer's cookie where one comes."""
        for cookie in cookies:
            if cookie.startswith("SRV="):
                self.cookie = cookie.partition(";")[0]

    async def _message(self, key: str) -> int:
        """Ask for frames by a message, as revisions did before frames had addresses."""
        message = self._rerun("frames")
        self.asked += 1
        token = f"{self.client}:{self.asked}"
        wish = {"token": token, "control": key, "views": self.views, "values": self.held}
        message.rerun_script.widget_states.widgets.add(
            id=f"$$STREAMLIT_INTERNAL_KEY_{self.parts['frames'][0]}__events",
            json_trigger_value=json.dumps([{"event": "ask", "value": wish}]),
        )
        await self._send(message)
        return await self._answer(lambda data: data.get("token") == token)

    def pick(self) -> tuple[str, Any]:
        """Return a random slider of the first section and a random stop of it."""
        values = self.values
        control = self.chance.choice(lessons.near(self.lesson, values))
        return control.key, self.chance.choice([s for s in control.stops_in(values) if s <= 10_000])


def written(value: Any) -> str:
    """Return a value as a browser writes it into an address.

    Examples
    --------
    >>> written(5.0), written(0.25), written(True), written("a b")
    ('5', '0.25', 'true', 'a b')
    """
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


async def person(
    port: int,
    driven: lessons.Driven,
    number: int,
    coming: float,
    until: float,
    found: dict[str, Any],
    *,
    hurry: bool = False,
) -> None:
    """Be one of the people, who come within some seconds, until the time is over."""
    chance, all_there = random.Random(number), time.monotonic() + coming

    def took(what: str, seconds: float) -> None:
        found[what].append(seconds)
        found["steady"][what] += all_there <= time.monotonic() <= until

    await asyncio.sleep(chance.uniform(0, coming))
    try:
        async with Visitor(port, driven, chance) as visitor:
            found["opened"] += 1
            for _ in range(2):
                key, stop = visitor.pick()
                await visitor.commit(**{key: stop})
            while time.monotonic() < until:
                key, stop = visitor.pick()
                try:
                    try:
                        took("asks", (await visitor.ask(key))[0])
                    except TimeoutError:
                        found["asks"].append(PATIENCE)
                        found["failures"].append("frames never came")
                    if not hurry:
                        # What is not there when the hand lets go is given up.
                        rest = asyncio.create_task(visitor.rest(key))
                        await asyncio.sleep(chance.uniform(*DRAG))
                        found["whole"] += rest.done()
                        if rest.done():
                            rest.result()
                        rest.cancel()
                    found["sent"] += 1
                    late = await visitor.commit(**{key: stop})
                    took("commits", late)
                    if time.monotonic() - late > all_there:
                        found["late"].append(late)
                except (TimeoutError, ValueError) as error:
                    found["failures"].append(f"{type(error).__name__}: {error}"[:200])
                if not hurry:
                    await asyncio.sleep(chance.uniform(*LOOK))
    except Exception as error:
        found["failures"].append(f"{type(error).__name__}: {error}"[:200])


async def people(
    port: int,
    names: list[str],
    count: int,
    seconds: float,
    coming: float = COMING,
    *,
    hurry: bool = False,
    watched: Sequence[int] = (),
) -> dict[str, Any]:
    """Let people drag at once, once all have come; return how long their commits and their frames took.

    ``late`` are the commits of those that were sent when all had come; ``whole`` counts the hands that had
    the frames of all stops before they let go. From when all had come until the time is over ``steady``
    counts what came, and ``used`` is the CPU of each process watched, the crowd's own last.
    """
    found: dict[str, Any] = {"opened": 0, "sent": 0, "asks": [], "commits": [], "late": [], "failures": []}
    found |= {"whole": 0, "steady": dict.fromkeys(COUNTED, 0)}
    until = time.monotonic() + coming + seconds

    def used() -> list[float]:
        return [*map(cpu, watched), time.process_time()]

    async def watch() -> None:
        await asyncio.sleep(coming)
        before = used()
        await asyncio.sleep(until - time.monotonic())
        found["used"] = [now - was for now, was in zip(used(), before, strict=True)]

    crowd = (
        person(port, lessons.DRIVEN[names[i % len(names)]], i, coming, until, found, hurry=hurry)
        for i in range(count)
    )
    await asyncio.gather(watch(), *crowd)
    return {"people": count, **found}


async def arrivals(servers: list[tuple[int, int]]) -> dict[str, list[dict[str, Any]]]:
    """Arrive at the first sliders of every lesson that all have; return what each took, for each server.

    Of a server: ``{"new": [[seconds, CPU's seconds], ...], "stored": [...]}``.
    """
    made: dict[str, list[dict[str, Any]]] = {}
    for name in LESSONS:
        driven = lessons.Driven(name, (), ())
        found = [await arrived(port, pid, driven) for port, pid in servers]
        if all(one["new"] for one in found):
            made[name] = found
    return made


async def arrived(port: int, pid: int, driven: lessons.Driven) -> dict[str, list[list[float]]]:
    """Arrive at the first sliders of a lesson twice, in a state aside."""
    made: dict[str, list[list[float]]] = {"new": [], "stored": []}
    lesson = driven.lesson
    async with Visitor(port, driven, random.Random(driven.name)) as visitor:
        there = lessons.aside(lesson)
        changes = {key: there[key] for key in lesson.by_key if there[key] != lesson.start[key]}
        if "live" not in visitor.parts:
            return made  # a revision before without this lesson: it shows another page
        # It may not take each value either, but it is aside all the same.
        with contextlib.suppress(KeyError, ValueError):
            await visitor.commit(**changes)
        await at_rest(pid)
        for times in made.values():
            for control in lessons.near(lesson, visitor.values)[:SLIDERS]:
                if changes.keys() == {control.key}:
                    continue  # the frames of the only slider were made ahead, wherever it stands
                used = cpu(pid)
                took, _ = await visitor.ask(control.key)
                times.append([took, cpu(pid) - used])
                await asyncio.sleep(PAUSE)
    return made


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
    parser.add_argument("what", choices=("people", "reruns", "arrivals"))
    parser.add_argument("servers", nargs="+", help="PORT:PID")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--coming", type=float, default=COMING, help="seconds within which people come")
    parser.add_argument("--hurry", action="store_true", help="they neither drag nor look")
    parser.add_argument("--watch", default="", help="processes whose CPU is told, with commas between them")
    parser.add_argument("--lessons", default=",".join(lessons.DRIVEN))
    given = parser.parse_args()
    names = given.lessons.split(",")
    logging.disable(logging.WARNING)  # Streamlit's, about pages that are imported and not run
    servers = [tuple(map(int, server.split(":"))) for server in given.servers]
    port, pid = servers[0]
    result: Any
    if given.what == "people":
        watched = [int(one) for one in given.watch.split(",") if one]
        crowd = people(
            port, names, given.count, given.seconds, given.coming, hurry=given.hurry, watched=watched
        )
        result = asyncio.run(crowd)
    elif given.what == "reruns":
        result = asyncio.run(reruns(port, pid, names[0], given.count))
    else:
        result = asyncio.run(arrivals(servers))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
