"""The class's doors: a real server, plain clients, and whoever does not come with good intentions."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Self

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect

from pages.shared import doors, rooms, server
from pages.shared.catalog import LESSONS
from pages.shared.doors import Lessons
from pages.shared.lesson import Lesson
from tests.conftest import load_lesson, states

ME = "m" * 22
CODES = ["BCDF" + "".join(pair) for pair in itertools.product(rooms.LETTERS, repeat=2)]
PATIENCE = 30.0  # seconds: only a limit for what never comes


class School:
    """A server with the doors, in a thread of its own."""

    def __init__(self) -> None:
        self.front = server.Front(PlainTextResponse("not ours"))
        bound = socket.socket(family=socket.AF_INET)
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        bound.setblocking(False)
        self.port = bound.getsockname()[1]
        config = uvicorn.Config(self.front, lifespan="off", log_level="error", ws="websockets-sansio")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=lambda: asyncio.run(self.server.serve(sockets=[bound])))

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()

    @property
    def rooms(self) -> rooms.Rooms:
        return self.front.doors.rooms

    def post(self, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        """Ask for a new code."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        line.request("POST", "/class", headers=headers)
        answer = line.getresponse()
        found = answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()}
        line.close()
        return found

    def line(self, code: str, **options: Any) -> Line:
        return Line(connect(f"ws://127.0.0.1:{self.port}/class/{code}", legacy=True, **options))

    def teacher(self) -> tuple[Line, dict[str, str]]:
        """Start a class; return the teacher's line, and code and key."""
        made = json.loads(self.post()[1])
        line = self.line(made["code"]).say("open", key=made["key"])
        assert line.wait("seat")["role"] == "teacher"
        return line, made

    def person(self, code: str, me: str = ME) -> Line:
        line = self.line(code).say("join", me=me)
        assert line.wait("seat")["role"] == "person"
        return line


class Line:
    """One tab's line to the server."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, kind: str, **fields: Any) -> Self:
        self.socket.send(json.dumps({"kind": kind, **fields}))
        return self

    def wait(self, kind: str, holds: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Return the next message of a kind for which something holds."""
        while True:
            message: dict[str, Any] = json.loads(self.socket.recv(timeout=PATIENCE))
            if message["kind"] == kind and holds(message):
                return message

    def repeat(self, text: str) -> None:
        """Send a text as fast as it goes."""
        for _ in range(100_000):
            self.socket.send(text)

    def rest(self) -> list[dict[str, Any]]:
        """Return all that comes until the line is cut."""
        said = []
        try:
            while True:
                said.append(json.loads(self.socket.recv(timeout=PATIENCE)))
        except ConnectionClosed:
            return said


def until(holds: Callable[[], bool]) -> None:
    """Wait for a state of the server's."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def school() -> Iterator[School]:
    with School() as school:
        yield school


def lead(name: str = "softmax", **changed: Any) -> dict[str, Any]:
    """Return what a teacher's browser says of a lesson's opening state."""
    lesson = load_lesson(name)
    values = {c.key: lesson.start[c.key] for c in lesson.controls if c.in_url} | changed
    return {"lesson": name, "values": values, "section": "", "tabs": []}


class TestAClass:
    def test_starts_leads_and_ends(self, school: School) -> None:
        status, body, headers = school.post()
        made = json.loads(body)
        assert (status, headers["cache-control"]) == (200, "no-store")
        assert rooms.code_of(made["key"]) == made["code"]
        assert school.rooms.rooms == {}  # nothing is kept for it yet
        teacher = school.line(made["code"]).say("open", key=made["key"])
        teacher.wait("seat")
        teacher.say("lead", **lead(z1=2.5)).say("near", control="z1").say("stop", control="z1", stop=7)
        person = school.person(made["code"].lower())
        state = person.wait("state", lambda m: m["moving"] is not None)
        assert (state["lead"]["values"]["z1"], state["moving"]["stop"], state["near"]) == (2.5, 7, "z1")
        teacher.say("stop", control="z1", stop=8)
        assert person.wait("stop") == {"kind": "stop", "turn": 1, "control": "z1", "stop": 8, "path": []}
        teacher.say("end")
        assert person.rest()[-1] == teacher.rest()[-1] == {"kind": "ended"}
        assert school.rooms.rooms == {}

    def test_the_last_stop_comes_though_nothing_follows_it(self, school: School) -> None:
        teacher, made = school.teacher()
        person = school.person(made["code"])
        teacher.say("lead", **lead())
        for stop in range(40):
            teacher.say("stop", control="z1", stop=stop)
        assert person.wait("stop", lambda m: m["stop"] == 39)

    def test_is_opened_again_by_its_key_after_a_restart_and_by_no_other(self, school: School) -> None:
        teacher, made = school.teacher()
        teacher.socket.close()
        with School() as anew:
            thief = anew.line(made["code"]).say("open", key=rooms.new_key())
            assert thief.rest() == [{"kind": "refused", "why": "key"}]
            assert anew.line(made["code"]).say("join", me=ME).rest() == [{"kind": "refused", "why": "code"}]
            line = anew.line(made["code"]).say("open", key=made["key"])
            assert line.wait("seat")["code"] == made["code"]
            anew.person(made["code"])

    def test_leaves_nothing_behind(self, school: School) -> None:
        teacher, made = school.teacher()
        lines = [school.person(made["code"], f"{i:022d}") for i in range(10)]
        teacher.wait("people", lambda m: m["people"] == 10)
        for line in lines:
            line.socket.close()
        teacher.wait("people", lambda m: m["people"] == 0)
        teacher.socket.close()
        until(lambda: not school.rooms.rooms[made["code"]].seats)
        assert school.rooms.rooms[made["code"]].people == {}
        assert not school.front.doors._asking


class TestHostile:
    @pytest.mark.parametrize(
        "origin", ["http://127.0.0.1:1", "https://example.org", "null", "http://", "http://["]
    )
    def test_another_origin_is_refused(self, school: School, origin: str) -> None:
        _, made = school.teacher()
        with pytest.raises(InvalidStatus):
            school.line(made["code"], origin=origin)
        assert school.post(Origin=origin)[0] == 403

    def test_the_same_origin_is_let_in_behind_a_proxy_too(self, school: School) -> None:
        _, made = school.teacher()
        school.line(made["code"], origin=f"http://127.0.0.1:{school.port}").say("join", me=ME).wait("seat")
        named = {"X-Forwarded-Host": "lab.example.org"}
        line = school.line(made["code"], origin="https://lab.example.org", additional_headers=named)
        line.say("join", me="n" * 22).wait("seat")

    @pytest.mark.parametrize(
        "first",
        [
            "x",
            "[]",
            json.dumps({"kind": "join", "me": "short"}),
            json.dumps({"kind": "join", "me": 1}),
            json.dumps({"kind": "open", "key": ""}),
            json.dumps({"kind": "open", "key": "k" * 65}),
            json.dumps({"kind": "lead"}),
            b"\x00",
            "y" * 5000,
        ],
    )
    def test_who_does_not_say_who_he_is(self, school: School, first: str | bytes) -> None:
        _, made = school.teacher()
        line = school.line(made["code"])
        line.socket.send(first)
        assert line.rest() == [{"kind": "refused", "why": "hostile"}]

    def test_who_says_nothing(self, school: School, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(doors, "HELLO", 0.05)
        assert school.line("BCDFHJ").rest() == [{"kind": "refused", "why": "hostile"}]

    @pytest.mark.parametrize("code", ["BCDFHJ", "nothing", "..", "%00", "BCDFHJBCDFHJ"])
    def test_a_code_that_is_none(self, school: School, code: str) -> None:
        assert school.line(code).say("join", me=ME).rest() == [{"kind": "refused", "why": "code"}]

    @pytest.mark.parametrize(
        ("frame", "first"),
        [(Frame(Opcode.PING, b"x" * 125), b""), (Frame(Opcode.PONG, b"x"), b""),
         (Frame(Opcode.CONT, b"", fin=False), Frame(Opcode.TEXT, b"", fin=False).serialize(mask=True))],
        ids=["pings", "pongs", "empty pieces"],
    )  # fmt: skip
    def test_who_sends_what_is_no_message_is_cut_off(
        self, school: School, frame: Frame, first: bytes
    ) -> None:
        """Whoever reads no answers could fill the memory with them; empty pieces cost as much as messages."""
        _, made = school.teacher()
        line = school.person(made["code"]).socket.socket
        line.sendall(first)
        with suppress(OSError):  # 100,000 frames, or 13 MB
            for _ in range(5000):
                line.sendall(frame.serialize(mask=True) * 20)
        until(lambda: len(school.rooms.rooms[made["code"]].seats) == 1)

    def test_a_text_that_is_no_utf_8_closes_the_line_and_fills_no_log(
        self, school: School, caplog: pytest.LogCaptureFixture
    ) -> None:
        _, made = school.teacher()
        line = school.person(made["code"])
        line.socket.socket.sendall(Frame(Opcode.TEXT, b"\xff").serialize(mask=True))
        line.rest()
        assert line.socket.close_code == 1007
        until(lambda: len(school.rooms.rooms[made["code"]].seats) == 1)
        assert [record for record in caplog.records if record.exc_info] == []

    def test_a_class_goes_on_beside_all_of_it(self, school: School) -> None:
        teacher, made = school.teacher()
        person = school.person(made["code"])
        teacher.say("lead", **lead())
        flood = school.person(made["code"], "f" * 22)
        with pytest.raises(ConnectionClosed):
            flood.repeat(json.dumps({"kind": "stop", "control": "z1", "stop": 1}))
        large = school.person(made["code"], "l" * 22)
        large.socket.send("x" * 5000)
        with pytest.raises(ConnectionClosed):
            large.repeat("x" * 20_000)
        teacher.say("stop", control="z1", stop=9)
        assert person.wait("stop")["stop"] == 9
        teacher.wait("people", lambda m: m["people"] == 1)

    def test_guesses_wait_and_too_many_at_once_are_sent_away(
        self, school: School, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rooms, "FREE_GUESSES", 2)
        monkeypatch.setattr(rooms, "ASKERS", 1)
        for code in CODES[:3]:
            assert school.line(code).say("join", me=ME).rest() == [{"kind": "refused", "why": "code"}]
        begin = time.monotonic()
        waits = school.line(CODES[3]).say("join", me=ME)
        until(lambda: school.front.doors._asking["127.0.0.1"] == 1)
        assert school.line(CODES[4]).rest() == [{"kind": "refused", "why": "later"}]
        assert waits.rest() == [{"kind": "refused", "why": "code"}]
        assert time.monotonic() - begin >= 0.25

    def test_who_guesses_many_at_one_moment_hears_of_few(
        self, school: School, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rooms, "FREE_GUESSES", 2)
        monkeypatch.setattr(rooms, "ASKERS", 3)
        # The lines are there before the first guess, when nobody waits.
        lines = [school.line(code) for code in CODES[:30]]
        for line in lines:
            line.say("join", me=ME)
        heard = [line.rest()[0]["why"] for line in lines]
        assert heard[0] == "code"
        assert heard.count("later") >= 30 - 2 - 3

    def test_a_school_behind_one_address_comes_back_and_beside_it_one_who_guesses(
        self, school: School, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rooms, "FREE_GUESSES", 2)
        key = rooms.new_key()
        code = rooms.code_of(key)
        for _ in range(3):
            lines = [school.line(code).say("join", me=f"{i:022d}") for i in range(10)]
            assert [line.rest() for line in lines] == [[{"kind": "refused", "why": "code"}]] * 10
        assert school.rooms.patience("127.0.0.1") == 0
        # Keys are counted each, the same one too: looking at one is dear.
        for _ in range(3):
            assert school.line(code).say("open", key="k").rest() == [{"kind": "refused", "why": "key"}]
        assert school.rooms.patience("127.0.0.1") > 0
        school.line(code).say("open", key=key).wait("seat")
        assert school.person(code).wait("state")["leading"]


class TestWhatLessonsSay:
    def test_every_state_can_be_led_to(self, lesson: Lesson) -> None:
        for name, values in states(lesson).items():
            given = {c.key: values[c.key] for c in lesson.controls if c.in_url}
            # As the browser has it: what travelled as JSON.
            shared = {key: value for key, value in given.items() if not lesson.by_key[key].right}
            assert Lessons().values(lesson.name, json.loads(json.dumps(given))) == shared, name

    def test_answers_stay_everybodys_own(self) -> None:
        assert Lessons().values("quiz", lead("quiz", q=3, a3="2")["values"]) == {"q": 3}

    def test_every_state_fits_into_a_message(self, lesson: Lesson) -> None:
        for values in states(lesson).values():
            given = {c.key: values[c.key] for c in lesson.controls if c.in_url}
            texts = {c.key: "\U0001f468\u200d\U0001f469" * 8 for c in lesson.controls if c.kind == "text"}
            fields = {"values": {**given, **{k: v for k, v in texts.items() if k in given}}}
            said = {"kind": "lead", "lesson": lesson.name, "section": "x" * 20, "tabs": ["x" * 20] * 10}
            assert len(json.dumps({**said, **fields}, ensure_ascii=False).encode()) < rooms.LONGEST

    def test_what_is_a_persons_own_is_not_taken(self) -> None:
        given = lead("heights")["values"]
        assert Lessons().values("heights", given) is not None
        assert Lessons().values("heights", {**given, "own": ""}) is None

    @pytest.mark.parametrize("wrong", [{"z1": 1e9}, {"z1": "x"}, {"z1": float("nan")}, {"k": 2.5}, {"zz": 1}])
    def test_a_value_that_is_none(self, wrong: dict[str, Any]) -> None:
        assert Lessons().values("softmax", {**lead()["values"], **wrong}) is None

    def test_a_lesson_that_is_none(self) -> None:
        assert Lessons().values("../app", {}) is None
        assert Lessons().values("quiz", {}) is None

    def test_stops_are_those_of_the_sliders_on_the_screen(self, lesson: Lesson) -> None:
        said, values = Lessons(), {c.key: lesson.start[c.key] for c in lesson.controls if c.in_url}
        shown = said.sliders(lesson.name, values)
        for control in lesson.controls:
            expected = control.count_in(lesson.start) if control.key in shown else 0
            assert said.stops(lesson.name, values, control.key) == expected
        assert said.stops(lesson.name, values, "nothing") == 0

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ({"mu": 170.25, "sigma": 5}, {"mu": 170.25, "sigma": 5.0}),
            ({}, {}),
            ({"mu": 1e9}, None),
            ({"mu": "x"}, None),
            ({"mu": float("nan")}, None),
            ({"unit": "m"}, None),
            ({"own": "1 2 3"}, None),
            ({"no": 1}, None),
        ],
    )
    def test_a_ring_moves_sliders_within_their_ends(self, given: Any, kept: Any) -> None:
        state = Lessons().values("heights", lead("heights")["values"])
        assert state is not None
        assert Lessons().place("heights", state, given) == kept

    def test_every_question_has_one_right_option(self) -> None:
        said = Lessons()
        count = sum(control.right is not None for control in load_lesson("quiz").controls)
        assert [said.right(0), said.right(count + 1), said.right(-1)] == [0, 0, 0]
        assert {said.right(number) for number in range(1, count + 1)} == {1, 2, 3}

    def test_places_are_sections_and_views(self) -> None:
        assert {"numerics", "jacobian"} <= Lessons().places("softmax")
        assert all(Lessons().places(name) for name in LESSONS)
