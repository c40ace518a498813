"""The rooms of a class: a teacher, and the people who follow. No Streamlit, no sockets, a clock on loan.

What a browser does with it is ``static/live/class.js``'s; what carries it is ``pages/shared/doors.py``'s.

Routes
------
::

    POST class            a code and its key, as JSON; nothing is kept for them yet
    WS   class/<CODE>     one for each tab; messages are JSON objects with a ``kind``
    GET  pictures/<version>/<source>/<lesson>/<language>?<state>
                          all that a browser draws of a lesson in a state (``supply``)
    GET  pictures/<version>/<source>/<lesson>/<language>/<views>/<others>?<state>
                          what differs in some of it where some of the values are others

A room belongs to the process that has its code, which stands in the address: a balancer can go by it. A code
follows from its key (``code_of``), at a price that keeps others from finding one that fits. So a teacher's
browser can open its room again after the server was started anew, and nobody else can.

What a browser says
-------------------
The first message says who comes; all others are by who may send them::

    {kind: "open", key}                     a teacher: opens the room where it is not open yet
    {kind: "join", me}                      a person: a random name of the tab, 22 of A-Z a-z 0-9 _ -

    {kind: "vote", question, option}        a person's answer, which counts until the vote is closed
    {kind: "stand", lesson, values}         a person's values, while the teacher wants to see them

    {kind: "lead", lesson, values, section, tabs}   the teacher's screen has come to rest
    {kind: "stop", control, stop, path}     under the teacher's hand, in the state that he led to last
        path: up to 7 stops that it has passed since it was told of; may be left out
    {kind: "place", values}                 the same of a ring: the values that are not as in that state
    {kind: "near", control}                 his pointer comes to a slider
    {kind: "let_go"}, {kind: "come_back"}
    {kind: "standing", on}                  whether he wants to see where everybody stands
    {kind: "ask", question}                 a question of Check yourself, by its number
    {kind: "close"}, {kind: "again"}, {kind: "reveal"}, {kind: "done"}
    {kind: "votes"}                         the votes that were revealed, as CSV
    {kind: "end"}

What a browser is told
----------------------
State, not events: the newest of each kind, whoever was there before or comes late::

    {kind: "seat", role, code}              role: "teacher" or "person"
    {kind: "state", leading, standing, turn, lead, moving, near, ask}
        turn: counts what was led to; lead: null or {lesson, values, partly, section, tabs}
        partly: whether other values of the lesson (answers that were given) stay everybody's own
        moving: null, {control, stop} or {values}: where the hand is that moves now; near: "" or a control
        ask: null or {question, phase}; once revealed {question, phase, counts, right}
    {kind: "stop", turn, control, stop, path}   at most 30 a second, with those that follow
    {kind: "place", turn, values}
    {kind: "near", turn, control}
    {kind: "mine", question, option}        to a person: what he has voted
    {kind: "people", people, voted}         to teachers: how many are there, how many have voted
    {kind: "ticks", lesson, values}         to teachers: of each slider everybody's value, or null
    {kind: "votes", csv}                    to the teacher who asked
    {kind: "refused", why}                  then the line is cut; why: "code" (no such class), "key",
                                            "full", "rooms", "later" (too many guesses), "hostile"
    {kind: "ended"}                         the class is over; then the line is cut

Phases of a question: "vote", then closed for "discuss", then "second" if there is another vote, then
"closed", then "reveal". What was voted leaves the room at the reveal and not before, in whatever form.

Limits
------
Messages over 4 KiB, of unknown kinds, with fields that are missing, too many or out of range, and those of
others are dropped; so is what comes faster than 20 a second from a person, 60 from a teacher. Whoever goes on
is cut off. 200 rooms of 500 people; a room ends three hours after its teacher was last there. Nothing is kept
of a person but his random name, his newest vote and his newest values, for as long as the room is open.

From an address from which many codes are tried in a minute everybody waits for his answer. A whole school may
be behind one: so a code counts once, however often and by however many it is tried. A key counts each time,
since it costs this server something.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

LETTERS = "BCDFHJKMNPRSTWXYZ"  # none that is taken for another or for a digit, and no words
LENGTH = 6
ROOMS = 200
PEOPLE = 500
TEACHERS = 8  # windows with the key
LONGEST = 4096  # bytes of a message
LASTS = 3 * 3600.0  # seconds without a teacher
PERSON_RATE = 20  # messages a second
TEACHER_RATE = 60
STRIKES = 60  # messages that were dropped, until who sends them is cut off; one a second is forgiven
STOP_GAP = 1 / 30  # seconds between two stops
PATH = 7  # stops that a hand has passed which are told with that where it is
COUNT_GAP = 0.25  # between two counts of people, votes, ticks
OPTIONS = 3
REVEALED = 500  # questions whose votes are kept; whoever asks more loses the first
NAMED = 64  # letters of a name of a lesson, control, section or tab
TABS = 16
FREE_GUESSES = 10  # codes that were tried from one address and cost no time
FORGET = 60.0  # seconds after which a guess is forgotten
SLOWEST = 5.0  # seconds that an answer to a guess takes at most
ASKERS = 20  # who wait for an answer at one time after many guesses, of one address


class Known(Protocol):
    """What a room asks about lessons and questions."""

    def values(self, lesson: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the values that are shared, or None where one is not right, or the lesson."""

    def stops(self, lesson: str, values: Mapping[str, Any], control: str) -> int:
        """Return how many stops a slider has in a state; none where it is no slider, or not on the screen."""

    def place(
        self, lesson: str, values: Mapping[str, Any], given: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """Return values that a ring has moved in a state, or None where one is not right."""

    def sliders(self, lesson: str, values: Mapping[str, Any]) -> Sequence[str]:
        """Return the controls that have tracks on the screen in a state."""

    def places(self, lesson: str) -> frozenset[str]:
        """Return the names of a lesson's sections and views."""

    def right(self, question: int) -> int:
        """Return the option, from 1, that is right; 0 where there is no such question."""


class RefusedError(Exception):
    """Somebody who does not get in, or is put out."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def code_of(key: str) -> str:
    """Return the code that a key opens. Takes some hundredths of a second on purpose.

    Examples
    --------
    >>> len(code_of("a")), set(code_of("a")) <= set(LETTERS), code_of("a") == code_of("b")
    (6, True, False)
    """
    digest = hashlib.scrypt(key.encode(), salt=b"likelihood lab: class", n=2**14, r=8, p=1, dklen=8)
    number = int.from_bytes(digest, "big")
    letters = []
    for _ in range(LENGTH):
        number, letter = divmod(number, len(LETTERS))
        letters.append(LETTERS[letter])
    return "".join(letters)


def new_key() -> str:
    """Return a key that cannot be guessed."""
    return secrets.token_urlsafe(16)


def typed_code(text: str) -> str:
    """Return a code as it was typed, or an empty text where it is none.

    Examples
    --------
    >>> typed_code(" bcd-fhj "), typed_code("bcdfh0"), typed_code("bcdfhjk")
    ('BCDFHJ', '', '')
    """
    code = re.sub(r"[\s-]", "", text[:NAMED]).upper()
    return code if re.fullmatch(f"[{LETTERS}]{{{LENGTH}}}", code) else ""


def pack(message: Mapping[str, Any]) -> str:
    """Return a message as it is sent."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False)


# The slots of what waits to be sent to one browser, in the order in which they go.
SLOTS = ("seat", "state", "stop", "near", "mine", "people", "ticks", "votes", "ended")


@dataclass(eq=False)
class Seat:
    """One browser's tab in a room."""

    room: Room
    teacher: bool
    me: str
    wake: Callable[[], None]
    tokens: float
    heard: float
    strikes: float = 0.0
    waiting: dict[str, str] = field(default_factory=dict)

    def post(self, kind: str, text: str) -> None:
        """Put a message in its slot, in place of an older one of its kind."""
        self.waiting[kind] = text
        self.wake()

    def take(self) -> list[str]:
        """Return what is to be sent now."""
        waiting, self.waiting = self.waiting, {}
        return [waiting[kind] for kind in SLOTS if kind in waiting]


@dataclass
class Person:
    """What is known of a person: his votes on the question that is asked, and where he stands."""

    seats: int = 0
    votes: dict[int, int] = field(default_factory=dict)  # round to option
    lesson: str = ""
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Question:
    """A question that was put to the class, and what was answered in each round."""

    number: int
    phase: str = "vote"
    counts: list[list[int]] = field(default_factory=list)

    @property
    def round(self) -> int:
        """The vote that is under way, from 0; -1 where none is."""
        return {"vote": 0, "second": 1}.get(self.phase, -1)


class Room:
    """One class: what its teacher shows and asks, and who is there."""

    def __init__(self, code: str, key: str, known: Known, now: float) -> None:
        self.code, self.key, self.known = code, key, known
        self.seats: set[Seat] = set()
        self.people: dict[str, Person] = {}
        self.leading = True
        self.standing = False
        self.turn = 0
        self.lead: dict[str, Any] | None = None
        self.moving: dict[str, Any] | None = None
        self.near = ""
        self.question: Question | None = None
        self.revealed: list[Question] = []
        self.taught = 0  # the teacher's windows
        self.last_taught = now
        self._next: dict[str, float] = {}  # kind to when the next is as often as it may be
        self._due: dict[str, float] = {}  # kind to when it may go out
        self._hand: Seat | None = None  # whose stops those are that wait
        self._path: list[int] = []  # these stops, the newest last
        self.now = now

    # ---- Who is there ----

    @property
    def teachers(self) -> list[Seat]:
        """The teacher's windows."""
        return [seat for seat in self.seats if seat.teacher]

    @property
    def present(self) -> list[Person]:
        """The people who are there."""
        return [person for person in self.people.values() if person.seats]

    def sit(self, seat: Seat) -> None:
        """Let somebody in, and tell him where things stand."""
        self.seats.add(seat)
        self.taught += seat.teacher
        role = "teacher" if seat.teacher else "person"
        seat.post("seat", pack({"kind": "seat", "role": role, "code": self.code}))
        seat.post("state", self.state())
        if seat.teacher:
            if self.standing:
                self._later("ticks")
        else:
            person = self.people.setdefault(seat.me, Person())
            person.seats += 1
            self._tell_own(seat, person)
        self._later("people")

    def rise(self, seat: Seat) -> None:
        """Take somebody out who has left."""
        if seat not in self.seats:
            return
        self.seats.discard(seat)
        if not seat.teacher:
            self._leave(seat)
        elif not self.ended:
            self.taught -= 1
            self.last_taught = self.now
        self._later("people")

    def _leave(self, seat: Seat) -> None:
        person = self.people[seat.me]
        person.seats -= 1
        # A vote stays until the question is done: whoever's line breaks has voted all the same.
        if not person.seats and not person.votes:
            del self.people[seat.me]
        if self.standing:
            self._later("ticks")

    # ---- What is told ----

    def state(self) -> str:
        """Return the message with all that everybody may know."""
        asked: dict[str, Any] | None = None
        if self.question:
            asked = {"question": self.question.number, "phase": self.question.phase}
            if self.question.phase == "reveal":
                asked |= {"counts": self.question.counts, "right": self.known.right(self.question.number)}
        said = {"leading": self.leading, "standing": self.standing, "turn": self.turn, "lead": self.lead}
        return pack({"kind": "state", **said, "moving": self.moving, "near": self.near, "ask": asked})

    def _tell(self, but: Seat | None = None) -> None:
        """Tell everybody how things stand, and nothing more of what they were told of before."""
        text = self.state()
        self._path = []
        for kind in ("stop", "near"):
            self._due.pop(kind, None)
        for seat in self.seats:
            for kind in ("stop", "near"):
                seat.waiting.pop(kind, None)
            if seat is not but:
                seat.post("state", text)

    def _tell_own(self, seat: Seat, person: Person) -> None:
        """Tell a person what he has voted in this round, or in the last."""
        if self.question and person.votes:
            option = person.votes[max(person.votes)]
            message = {"kind": "mine", "question": self.question.number, "option": option}
            seat.post("mine", pack(message))

    def _post(self, kind: str, text: str, seats: Iterable[Seat]) -> None:
        for seat in seats:
            seat.post(kind, text)

    def _later(self, kind: str) -> None:
        """Have a message of a kind go out, as soon as it may."""
        # A stop that comes a little early goes at once: nobody waits for a clock to tell him of it.
        early = STOP_GAP if kind == "stop" else 0.0
        self._due.setdefault(kind, self._next.get(kind, -math.inf) - early)
        self.pulse(self.now)

    def due(self) -> float:
        """Return when something is to be sent next, or the room ends."""
        ends = math.inf if self.taught else self.last_taught + LASTS
        return min([ends, *self._due.values()])

    def pulse(self, now: float) -> None:
        """Send what may be sent now."""
        self.now = now
        for kind in [kind for kind, at in self._due.items() if at <= now]:
            del self._due[kind]
            gap = STOP_GAP if kind == "stop" else COUNT_GAP
            self._next[kind] = max(self._next.get(kind, -math.inf), now) + gap
            getattr(self, f"_send_{kind}")()

    def _send_stop(self) -> None:
        if not self.moving:
            return
        said = {"kind": "place", "turn": self.turn, **self.moving}
        if "stop" in self.moving:
            said |= {"kind": "stop", "path": self._path[:-1]}
            self._path = []
        self._post("stop", pack(said), (seat for seat in self._followers() if seat is not self._hand))

    def _followers(self) -> Iterable[Seat]:
        """Return who follows a hand: the teacher's other windows always, people while they are led."""
        return [seat for seat in self.seats if self.leading or seat.teacher]

    def _send_people(self) -> None:
        message = pack({"kind": "people", "people": len(self.present), "voted": self._voted()})
        self._post("people", message, self.teachers)

    def _voted(self) -> int:
        """Return how many have an answer in this round, or in the last."""
        if not self.question:
            return 0
        rounds = len(self.question.counts) - (self.question.round < 0)
        return sum(max(0, rounds) in person.votes for person in self.people.values())

    def _send_ticks(self) -> None:
        if not (self.standing and self.lead):
            return
        lesson = self.lead["lesson"]
        # By their random names: who came when is not to be seen.
        there = [p for _, p in sorted(self.people.items()) if p.seats and p.lesson == lesson]
        sliders = self.known.sliders(lesson, self.lead["values"])
        values = {key: [p.values.get(key) for p in there] for key in sliders}
        self._post("ticks", pack({"kind": "ticks", "lesson": lesson, "values": values}), self.teachers)

    # ---- What is heard ----

    def hear(self, seat: Seat, message: Mapping[str, Any]) -> bool:
        """Take a message; return whether it was one that this seat may send."""
        kinds = TEACHERS_SAY if seat.teacher else PEOPLE_SAY
        kind = message.get("kind")
        if not isinstance(kind, str) or kind not in kinds:
            return False
        fields = {**LEFT_OUT.get(kind, {}), **message}
        del fields["kind"]
        shape = kinds[kind]
        if fields.keys() != shape.keys() or not all(shape[key](given) for key, given in fields.items()):
            return False
        return bool(getattr(self, f"_hear_{kind}")(seat, **fields))

    def _hear_lead(
        self, seat: Seat, lesson: str, values: Mapping[str, Any], section: str, tabs: Sequence[str]
    ) -> bool:
        kept = self.known.values(lesson, values)
        if kept is None:
            return False
        places = self.known.places(lesson)
        if not {*tabs, *([section] if section else [])} <= places:
            return False
        if self.lead is None or self.lead["lesson"] != lesson:
            self.near = ""
        partly = len(kept) < len(values)
        self.lead = {"lesson": lesson, "values": kept, "partly": partly, "section": section, "tabs": [*tabs]}
        self.moving = None
        self.turn += 1
        self._tell(but=seat)
        if self.standing:
            self._later("ticks")
        return True

    def _stops(self, control: str) -> int:
        return self.known.stops(self.lead["lesson"], self.lead["values"], control) if self.lead else 0

    def _hear_stop(self, seat: Seat, control: str, stop: int, path: Sequence[int]) -> bool:
        passed, count = [*path, stop], self._stops(control)
        if not all(0 <= one < count for one in passed):
            return False
        # What waits is the way to here, if it is of the same hand at the same slider.
        if seat is self._hand and self.moving and self.moving.get("control") == control:
            passed = [*self._path, *passed][-PATH - 1 :]
        self._path = passed
        return self._move(seat, {"control": control, "stop": stop})

    def _hear_place(self, seat: Seat, values: Mapping[str, Any]) -> bool:
        if self.lead is None:
            return False
        kept = self.known.place(self.lead["lesson"], self.lead["values"], values)
        return kept is not None and self._move(seat, {"values": kept})

    def _move(self, seat: Seat, moving: dict[str, Any]) -> bool:
        self.moving = moving
        self._hand = seat
        self._later("stop")
        return True

    def _hear_near(self, seat: Seat, control: str) -> bool:
        if not self._stops(control):
            return False
        if control != self.near:
            self.near = control
            message = pack({"kind": "near", "turn": self.turn, "control": control})
            self._post("near", message, (one for one in self._followers() if one is not seat))
        return True

    def _hear_let_go(self, seat: Seat) -> bool:
        return self._set(seat, "leading", False)

    def _hear_come_back(self, seat: Seat) -> bool:
        return self._set(seat, "leading", True)

    def _hear_standing(self, seat: Seat, on: bool) -> bool:
        if not on:
            for person in self.people.values():
                person.lesson, person.values = "", {}
        self._set(seat, "standing", on)
        self._later("ticks")
        return True

    def _set(self, _: Seat, name: str, value: bool) -> bool:
        if getattr(self, name) != value:
            setattr(self, name, value)
            self._tell()
        return True

    def _hear_ask(self, _: Seat, question: int) -> bool:
        if not self.known.right(question):
            return False
        self._put_away()
        self.question = Question(question)
        return self._turned()

    def _put_away(self) -> None:
        """Take the question from the board, and with it everybody's votes."""
        self.question = None
        for person in self.people.values():
            person.votes = {}
        self.people = {me: person for me, person in self.people.items() if person.seats}

    def _turned(self) -> bool:
        self._tell()
        self._later("people")
        return True

    def _hear_close(self, _: Seat) -> bool:
        if not self.question or self.question.round < 0:
            return False
        asked = self.question
        asked.counts.append(
            [
                sum(person.votes.get(asked.round) == option for person in self.people.values())
                for option in range(1, OPTIONS + 1)
            ]
        )
        asked.phase = {"vote": "discuss", "second": "closed"}[asked.phase]
        return self._turned()

    def _hear_again(self, _: Seat) -> bool:
        if not self.question or self.question.phase != "discuss":
            return False
        self.question.phase = "second"
        return self._turned()

    def _hear_reveal(self, _: Seat) -> bool:
        if not self.question or self.question.phase not in ("discuss", "closed"):
            return False
        self.question.phase = "reveal"
        self.revealed = [*self.revealed, self.question][-REVEALED:]
        return self._turned()

    def _hear_done(self, _: Seat) -> bool:
        if not self.question:
            return False
        self._put_away()
        return self._turned()

    def _hear_votes(self, seat: Seat) -> bool:
        seat.post("votes", pack({"kind": "votes", "csv": self.csv()}))
        return True

    def csv(self) -> str:
        """Return the votes that were revealed, as lines of numbers."""
        rounds = [f"{name}_{option}" for name in ("first", "second") for option in range(1, OPTIONS + 1)]
        lines = [",".join(["question", "right", *rounds])]
        for asked in self.revealed:
            numbers = [number for counts in asked.counts for number in counts]
            cells = [asked.number, self.known.right(asked.number), *numbers]
            lines.append(",".join(map(str, cells)) + "," * (len(rounds) - len(numbers)))
        return "\r\n".join([*lines, ""])

    def _hear_end(self, _: Seat) -> bool:
        self.end()
        return True

    def end(self) -> None:
        """End the class: everybody is told, and keeps what he has on his screen."""
        self.last_taught = -math.inf
        for seat in self.seats:
            seat.post("ended", pack({"kind": "ended"}))

    @property
    def ended(self) -> bool:
        """Whether the class is over."""
        return self.last_taught == -math.inf

    def _hear_vote(self, seat: Seat, question: int, option: int) -> bool:
        asked = self.question
        if not asked or question != asked.number or not 1 <= option <= OPTIONS:
            return False
        # It may have been closed while the answer was under way.
        if asked.round >= 0:
            person = self.people[seat.me]
            person.votes[asked.round] = option
            for other in self.seats:
                if other.me == seat.me and not other.teacher:
                    self._tell_own(other, person)
            self._later("people")
        return True

    def _hear_stand(self, seat: Seat, lesson: str, values: Mapping[str, Any]) -> bool:
        kept = self.known.values(lesson, values)
        if kept is None:
            return False
        # He may not have heard yet that nobody wants to see it any longer.
        if self.standing:
            person = self.people[seat.me]
            person.lesson = lesson
            person.values = {key: kept[key] for key in self.known.sliders(lesson, kept)}
            self._later("ticks")
        return True


def _name(given: object) -> bool:
    return isinstance(given, str) and len(given) <= NAMED


def _whole(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and abs(given) < 10**6


def _path(given: object) -> bool:
    return isinstance(given, list) and len(given) <= PATH and all(map(_whole, given))


def _flag(given: object) -> bool:
    return isinstance(given, bool)


def _values(given: object) -> bool:
    return isinstance(given, dict) and all(
        isinstance(value, (str, int, float)) and not isinstance(value, bool) for value in given.values()
    )


def _names(given: object) -> bool:
    return isinstance(given, list) and len(given) <= TABS and all(map(_name, given))


Shape = Mapping[str, Callable[[object], bool]]
PEOPLE_SAY: Mapping[str, Shape] = {
    "vote": {"question": _whole, "option": _whole},
    "stand": {"lesson": _name, "values": _values},
}
TEACHERS_SAY: Mapping[str, Shape] = {
    "lead": {"lesson": _name, "values": _values, "section": _name, "tabs": _names},
    "stop": {"control": _name, "stop": _whole, "path": _path},
    "place": {"values": _values},
    "near": {"control": _name},
    "standing": {"on": _flag},
    "ask": {"question": _whole},
    **{kind: {} for kind in ("let_go", "come_back", "close", "again", "reveal", "done", "votes", "end")},
}
# What may be left out, as a page does that was opened before the server was brought up to date.
LEFT_OUT: Mapping[str, Mapping[str, Any]] = {"stop": {"path": []}}


def read(raw: str | bytes) -> Mapping[str, Any] | None:
    """Return a message as it came in, or None where it is none."""
    size = len(raw.encode("utf-8", "surrogatepass")) if isinstance(raw, str) else len(raw)
    if size > LONGEST or isinstance(raw, bytes):
        return None
    try:
        message = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


class Rooms:
    """All rooms of a process. Used by one thread: the server's event loop.

    Parameters
    ----------
    known : Known
        What is asked about lessons and questions.
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, known: Known, clock: Callable[[], float] = time.monotonic) -> None:
        self.known, self.clock = known, clock
        self.rooms: dict[str, Room] = {}
        self._guesses: dict[str, dict[object, float]] = {}  # address to what was tried there, and when

    # ---- Doors ----

    def open(self, code: str, key: str, fits: Callable[[], bool], wake: Callable[[], None]) -> Seat:
        """Seat a teacher, in a room that is opened where it is not yet open.

        ``fits`` says whether the code is that of the key (``code_of``); it is only asked of a new room.
        """
        self.pulse()
        room = self.rooms.get(code)
        if room is None:
            if not fits():
                raise RefusedError("key")
            self._make_room()
            room = self.rooms[code] = Room(code, key, self.known, self.clock())
        elif not hmac.compare_digest(room.key.encode(), key.encode("utf-8", "replace")):
            raise RefusedError("key")
        if room.taught >= TEACHERS:
            raise RefusedError("full")
        return self._sit(room, True, "", wake)

    def _make_room(self) -> None:
        """Refuse a room where there are enough; one in which nobody is gives way."""
        if len(self.rooms) < ROOMS:
            return
        empty = [room for room in self.rooms.values() if not room.seats]
        if not empty:
            raise RefusedError("rooms")
        del self.rooms[min(empty, key=lambda room: room.last_taught).code]

    def join(self, code: str, me: str, wake: Callable[[], None]) -> Seat:
        """Seat a person in a room that is open."""
        self.pulse()
        room = self.rooms.get(code)
        if room is None:
            raise RefusedError("code")
        if me not in room.people and len(room.people) >= PEOPLE:
            # A vote without its person gives way to a person.
            gone = next((name for name, person in room.people.items() if not person.seats), None)
            if gone is None:
                raise RefusedError("full")
            del room.people[gone]
        if len(room.seats) >= PEOPLE + TEACHERS:
            raise RefusedError("full")
        return self._sit(room, False, me, wake)

    def _sit(self, room: Room, teacher: bool, me: str, wake: Callable[[], None]) -> Seat:
        now = self.clock()
        seat = Seat(room, teacher, me, wake, TEACHER_RATE if teacher else PERSON_RATE, now)
        room.now = now
        room.sit(seat)
        return seat

    def leave(self, seat: Seat) -> None:
        """Take somebody out who has left."""
        seat.room.now = self.clock()
        seat.room.rise(seat)

    # ---- Guesses ----

    def guess(self, address: str, what: object) -> float:
        """Note what is tried from an address; return how many seconds the answer waits, be it right or wrong.

        Noted before it is answered: of many who come at one moment each finds the others' guesses. What is
        the same counts once: a class that comes back before its teacher tries one code, again and again.
        """
        self._guesses.setdefault(address, {})[what] = self.clock()
        return self.patience(address)

    def was_right(self, address: str, what: object) -> None:
        """Forget what was tried from an address and was right."""
        self._guesses.get(address, {}).pop(what, None)

    def patience(self, address: str) -> float:
        """Return how many seconds an answer to this address waits."""
        now = self.clock()
        for known, tried in list(self._guesses.items()):
            self._guesses[known] = {what: at for what, at in tried.items() if now - at < FORGET}
            if not self._guesses[known]:
                del self._guesses[known]
        return min(SLOWEST, max(0, len(self._guesses.get(address, ())) - FREE_GUESSES) / 4)

    # ---- Messages ----

    def hear(self, seat: Seat, raw: str | bytes) -> None:
        """Take a message of somebody who is seated, or drop it; who goes on with such is put out."""
        if seat.room.ended:
            return
        now = self.clock()
        rate = TEACHER_RATE if seat.teacher else PERSON_RATE
        seat.tokens = min(rate, seat.tokens + (now - seat.heard) * rate)
        seat.strikes = max(0.0, seat.strikes - (now - seat.heard))
        seat.heard = now
        seat.room.now = now
        # An empty bucket drops whatever it is: that is what keeps a flood from costing anything.
        if seat.tokens >= 1:
            seat.tokens -= 1
            message = read(raw)
            if message is not None and seat.room.hear(seat, message):
                if seat.room.ended:
                    self._close(seat.room)
                return
        seat.strikes += 1
        if seat.strikes > STRIKES:
            raise RefusedError("hostile")

    # ---- Time ----

    def pulse(self, *some: Room) -> None:
        """Send what may be sent now, of some rooms or of all, and end those whose teachers are gone."""
        now = self.clock()
        for room in some or list(self.rooms.values()):
            if not room.taught and now - room.last_taught >= LASTS:
                room.end()
                self._close(room)
            else:
                room.pulse(now)

    def _close(self, room: Room) -> None:
        """Forget a room; another may have its code by now."""
        if self.rooms.get(room.code) is room:
            del self.rooms[room.code]
