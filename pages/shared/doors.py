"""The doors of the class: the server's routes to its rooms, and what rooms ask about lessons.

``rooms`` says what is said through them.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from streamlit import config

from pages.shared import rooms
from pages.shared.catalog import LESSONS
from pages.shared.controls import Values, settle
from pages.shared.rooms import RefusedError, Room, Rooms, Seat

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from pages.shared.lesson import Lesson

HELLO = 10.0  # seconds within which a tab says who comes
CUT = 16 * 1024  # bytes of a message with which the line itself is cut; what is over 4 KiB is dropped
OVER = 4000  # the code with which a line is closed after its reason was told
PATH = re.compile(r"/class/([^/]{1,20})")
ME = re.compile(r"[\w-]{22}", re.ASCII)


def lesson_named(name: str) -> Lesson:
    """Return a lesson by its name."""
    # Imported here: the server waits for this module, and NumPy takes its time.
    from pages.shared import supply

    return supply.lesson_named(name)


def import_lessons() -> None:
    """Import all lessons."""
    from pages.shared import supply

    supply.import_lessons()


class Lessons:
    """What rooms ask, answered by the lessons themselves."""

    def values(self, lesson: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the values that are shared, or None where one is not right, or the lesson."""
        from pages.shared.supply import parsed

        if lesson not in LESSONS:
            return None
        found = lesson_named(lesson)
        private = {control.key for control in found.controls if not control.in_url}
        if given.keys() != found.by_key.keys() - private:
            return None
        values = parsed(found, given, found.start, private)
        if values is None:
            return None
        settled = settle(found.controls, values)
        # The answers that a person has given to questions stay his own.
        return {key: settled[key] for key in given if found.by_key[key].right is None}

    def _in_state(self, lesson: str, values: Mapping[str, Any]) -> Values:
        return lesson_named(lesson).start.replace(**values)

    def stops(self, lesson: str, values: Mapping[str, Any], control: str) -> int:
        """Return how many stops a slider has in a state; none where it is no slider, or not on the screen."""
        found = lesson_named(lesson).by_key.get(control)
        state = self._in_state(lesson, values)
        if found is None or found.kind not in ("slider", "player") or not found.is_shown(state):
            return 0
        return found.count_in(state)

    def place(
        self, lesson: str, values: Mapping[str, Any], given: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """Return values that a ring has moved in a state, or None where one is not right."""
        found, state = lesson_named(lesson), self._in_state(lesson, values)
        if not given.keys() <= values.keys():
            return None
        # Imported here, as all that needs NumPy.
        from pages.shared.supply import placed

        target = placed(found, state, given)
        return None if target is None else {key: target[key] for key in given}

    def sliders(self, lesson: str, values: Mapping[str, Any]) -> list[str]:
        """Return the controls that have tracks on the screen in a state."""
        state = self._in_state(lesson, values)
        return [
            control.key
            for control in lesson_named(lesson).controls
            if control.kind in ("slider", "player") and control.in_url and control.is_shown(state)
        ]

    def places(self, lesson: str) -> frozenset[str]:
        """Return the names of a lesson's sections and views."""
        found = lesson_named(lesson)
        return found.views.union(section.key for section in found.sections)

    def right(self, question: int) -> int:
        """Return the option, from 1, that is right; 0 where there is no such question."""
        quiz = lesson_named("quiz")
        control = quiz.by_key.get(f"a{question}")
        if control is None or control.right is None or not control.choices:
            return 0
        return int(control.right(quiz.start.replace(**{control.key: control.choices[0]})))


def ours(headers: Mapping[str, str]) -> bool:
    """Return whether a request comes from a page of this server, or from none.

    As Streamlit's own line has it, but for other servers on this machine. A proxy may name the host that the
    browser has asked for.
    """
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    named = (headers.get("host"), headers.get("x-forwarded-host"))
    return bool(host) and (host in named or origin in config.get_option("server.corsAllowedOrigins"))


def whence(client: Sequence[Any] | None) -> str:
    """Return from where somebody comes, as guesses are counted: of IPv6 a network, which is what one has.

    Examples
    --------
    >>> whence(("192.0.2.7", 50000)), whence(("2001:db8:1:2:3:4:5:6", 50000)), whence(("::1", 50000))
    ('192.0.2.7', '2001:db8:1:2::/64', '::/64')
    """
    name = str(client[0]) if client else ""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name
    if address.version == 4 or address.ipv4_mapped:
        return name
    return str(ipaddress.IPv6Network((int(address), 64), strict=False))


class Doors:
    """The routes to the rooms of this process."""

    def __init__(self, found: Rooms | None = None) -> None:
        self.rooms = found or Rooms(Lessons())
        self._asking: Counter[str] = Counter()  # address to how many wait there for an answer
        self._timers: dict[Room, asyncio.TimerHandle] = {}
        self._one = asyncio.Semaphore(1)  # codes are dear: one core at most works on them

    # ---- A code ----

    async def start(self, request: Request) -> Response:
        """Answer with a new code and its key."""
        if not ours(request.headers):
            return Response(status_code=403)
        address = whence(request.client)
        if not self._comes(address):
            return Response(status_code=503)
        try:
            key, code = "", ""
            while not code or code in self.rooms.rooms:
                key = rooms.new_key()
                code = await self._code_of(key)
            # Whoever asks for a code opens its room next, and then all lessons must be there.
            await asyncio.to_thread(import_lessons)
        finally:
            self._goes(address)
        return JSONResponse({"code": code, "key": key}, headers={"Cache-Control": "no-store"})

    async def _code_of(self, key: str) -> str:
        async with self._one:
            return await asyncio.to_thread(rooms.code_of, key)

    def _comes(self, address: str) -> bool:
        """Note who waits for an answer; whether there are not too many of one address."""
        if self._asking[address] >= rooms.ASKERS and self.rooms.patience(address):
            return False
        self._asking[address] += 1
        return True

    def _goes(self, address: str) -> None:
        self._asking[address] -= 1
        if not self._asking[address]:
            del self._asking[address]

    # ---- A line ----

    async def line(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one tab: let it in, hand on what it says, and send what it is told."""
        headers = {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in scope["headers"]}
        if not ours(headers):
            await send({"type": "websocket.close", "code": 1008})
            return
        _short(receive)
        await receive()  # that it wants to connect
        await send({"type": "websocket.accept"})
        code = rooms.typed_code(found[1]) if (found := PATH.fullmatch(path)) else ""
        address = whence(scope.get("client"))
        wake = asyncio.Event()
        try:
            seat = await self._seat(code, address, receive, wake)
        except RefusedError as refused:
            await _refuse(send, refused)
            return
        if seat is None:
            return
        self._plan(seat.room)
        speaking = asyncio.ensure_future(self._speak(seat, wake, send))
        try:
            await self._listen(seat, receive)
        except RefusedError as refused:
            speaking.cancel()
            await _refuse(send, refused)
        finally:
            speaking.cancel()
            self.rooms.leave(seat)
            self._plan(seat.room)

    async def _seat(self, code: str, address: str, receive: Receive, wake: asyncio.Event) -> Seat | None:
        """Return the seat of a tab that says who comes; none where it leaves."""
        if not self._comes(address):
            raise RefusedError("later")
        try:
            async with asyncio.timeout(HELLO):
                raw = await _next(receive)
            if raw is None:
                return None
            return await self._guess(code, address, rooms.read(raw) or {}, wake)
        except TimeoutError:
            raise RefusedError("hostile") from None
        finally:
            self._goes(address)

    async def _guess(self, code: str, address: str, said: Mapping[str, Any], wake: asyncio.Event) -> Seat:
        """Return the seat of a tab that says who comes; guesses that are wrong stay noted."""
        wrong = True
        tried = code if code and said.get("kind") == "join" else object()
        wait = self.rooms.guess(address, tried)
        if wait and self._asking[address] > rooms.ASKERS:
            raise RefusedError("later")
        # The right and the wrong wait alike.
        await asyncio.sleep(wait)
        try:
            seat = await self._who(code, said, wake)
            wrong = False
        except RefusedError as refused:
            wrong = refused.why in ("code", "key")
            raise
        finally:
            if not wrong:
                self.rooms.was_right(address, tried)
        return seat

    async def _who(self, code: str, said: Mapping[str, Any], wake: asyncio.Event) -> Seat:
        kind, key, me = said.get("kind"), said.get("key"), said.get("me")
        if kind == "join" and isinstance(me, str) and ME.fullmatch(me):
            return self.rooms.join(code, me, wake.set)
        if kind != "open" or not isinstance(key, str) or not 0 < len(key) <= rooms.NAMED:
            raise RefusedError("hostile")
        fits = code in self.rooms.rooms
        if not fits:
            await asyncio.to_thread(import_lessons)
            fits = code != "" and await self._code_of(key) == code
        return self.rooms.open(code, key, lambda: fits, wake.set)

    async def _listen(self, seat: Seat, receive: Receive) -> None:
        while (raw := await _next(receive)) is not None:
            self.rooms.hear(seat, raw)
            self._plan(seat.room)

    async def _speak(self, seat: Seat, wake: asyncio.Event, send: Send) -> None:
        # Whoever reads slowly gets the newest of each kind, never a queue.
        with suppress(OSError):
            while True:
                await wake.wait()
                wake.clear()
                for text in seat.take():
                    await send({"type": "websocket.send", "text": text})
                if seat.room.ended:
                    await send({"type": "websocket.close", "code": OVER})
                    return

    # ---- Time ----

    def _plan(self, room: Room) -> None:
        """Have a room send what it may send later, and end in time."""
        if timer := self._timers.pop(room, None):
            timer.cancel()
        due = room.due()
        if not room.ended and due < float("inf"):
            wait = max(0.0, due - self.rooms.clock())
            self._timers[room] = asyncio.get_running_loop().call_later(wait, self._pulse, room)

    def _pulse(self, room: Room) -> None:
        self._timers.pop(room, None)
        self.rooms.pulse(room)
        self._plan(room)


def _short(receive: Receive) -> None:
    """Have a message that is far too long cut the line, before all of it is there."""
    # Of uvicorn: ASGI itself tells nothing of the connection. Streamlit lets through 200 MB.
    line: Any = getattr(getattr(receive, "__self__", None), "conn", None)
    if line is not None:
        line.max_message_size = CUT


async def _next(receive: Receive) -> str | bytes | None:
    """Return the next message of a tab; none where it has left."""
    message: Message = await receive()
    if message["type"] != "websocket.receive":
        return None
    text = message.get("text")
    return text if text is not None else bytes(message["bytes"])


async def _refuse(send: Send, refused: RefusedError) -> None:
    """Say why somebody is refused, and close his line."""
    # He may have left already.
    with suppress(OSError):
        text = json.dumps({"kind": "refused", "why": refused.why})
        await send({"type": "websocket.send", "text": text})
        await send({"type": "websocket.close", "code": OVER})
