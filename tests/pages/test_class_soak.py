"""A long class: drags and votes, joins and drops at random. Nothing is lost, and nothing is left over."""

from __future__ import annotations

import asyncio
import json
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from pages.shared import rooms
from pages.shared.rooms import Seat
from tests.benchmarks.classroom import Tab, person, shared, start, teacher
from tests.benchmarks.servers import App
from tests.conftest import load_lesson
from tests.machine import ROOT
from tests.pages.test_rooms import CODE, LEAD, House

PEOPLE = 100
TICK = 1 / 30  # seconds between two movements of the hand


class Hand:
    """A teacher who drags, asks and lets the class go, by a seed: what he does next, and what he has done."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.left = 0  # movements of the drag that is under way
        self.phase = ""

    def next(self) -> dict[str, Any]:
        """Return the next message."""
        if self.left:
            self.left -= 1
            return {"kind": "stop", "control": "z", "stop": self.chance.randrange(10)}
        if self.chance.random() < 0.6:
            self.left = self.chance.randrange(10, 90)
            return {**LEAD, "values": {"z": float(self.chance.randrange(10))}}
        steps = {"": "ask", "ask": "close", "close": "again", "again": "close again", "close again": "reveal"}
        self.phase = steps.get(self.phase, "")
        if not self.phase:
            return {"kind": "done"}
        said: dict[str, Any] = {"kind": self.phase.split()[0]}
        return said | ({"question": self.chance.randrange(1, 4)} if self.phase == "ask" else {})


def read(seat: Seat, knows: dict[str, Any]) -> None:
    """Take what a seat is sent, as a browser does: the newest of each kind."""
    for message in map(json.loads, seat.take()):
        knows[message["kind"]] = message
        if message["kind"] == "stop":
            knows["state"]["moving"] = {key: message[key] for key in ("control", "stop")}


@pytest.mark.exhaustive
def test_ten_minutes_of_a_hundred_people_on_a_clock_that_runs_ahead() -> None:
    chance, hand, house = random.Random(1), Hand(1), House()
    leads = house.teacher()
    seats: dict[int, Seat] = {}
    knows: dict[int, dict[str, Any]] = {}
    votes: dict[int, int] = {}  # as it should be: in this round, of whoever is there or was
    voting: tuple[rooms.Question, int] | None = None
    tracemalloc.start()
    early = 0
    for tick in range(int(600 / TICK)):
        house.say(leads, **hand.next())
        house.later(TICK)
        leads.take()
        room = house.rooms.rooms[CODE]
        asked = room.question
        if asked and asked.round >= 0 and voting != (asked, asked.round):
            voting, votes = (asked, asked.round), {}
        for who in chance.sample(range(PEOPLE), 5):
            if who not in seats:
                seats[who], knows[who] = house.person(who), {}
            elif chance.random() < 0.02:
                house.rooms.leave(seats.pop(who))
                continue
            if asked and asked.round >= 0 and chance.random() < 0.3:
                votes[who] = chance.randint(1, 3)
                house.say(seats[who], "vote", question=asked.number, option=votes[who])
            # Some read often, some seldom.
            read(seats[who], knows[who])
        if asked and asked.round >= 0:
            counted = sorted(p.votes[asked.round] for p in room.people.values() if asked.round in p.votes)
            assert counted == sorted(votes.values())
        if tick == 3000:
            early = tracemalloc.get_traced_memory()[0]
    late = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    house.later(1)
    state = json.loads(room.state())
    for who, seat in seats.items():
        read(seat, knows[who])
        assert knows[who]["state"] == state
    assert leads.strikes == 0
    assert not any(seat.strikes for seat in seats.values())
    assert len(room.revealed) > 10
    # What is revealed is kept, a few hundred bytes each time.
    assert late - early < 200_000


@pytest.mark.exhaustive
def test_a_hundred_real_lines(tmp_path: Path) -> None:
    """As many movements as a teacher may make, on a server of its own; half of the people come and go."""

    async def life(app: App, made: dict[str, str], number: int, until: float) -> Tab:
        chance, clock = random.Random(number), asyncio.get_running_loop().time
        tab = await person(app.port, made["code"], number).__aenter__()
        while number % 2 and clock() < until:
            await asyncio.sleep(chance.uniform(1, 4))
            await tab.__aexit__()
            tab = await person(app.port, made["code"], number).__aenter__()
        return tab

    async def vote(tab: Tab, option: int) -> None:
        await tab.say("vote", question=5, option=option)
        await tab.until(lambda: tab.told.get("mine", {}).get("option") == option)

    async def soak(app: App) -> None:
        made, lesson = await start(app.port), load_lesson("softmax")
        clock = asyncio.get_running_loop().time
        async with teacher(app.port, made) as leads:
            begin = clock()
            people = asyncio.gather(*(life(app, made, number, begin + 15) for number in range(PEOPLE)))
            used, stop = [], 0
            for i in range(int(20 / TICK)):
                if i % 90 == 0:
                    await leads.say("lead", **shared(lesson, z1=float(i % 10)))
                    used.append(app.memory())
                stop = (7 * i) % 200
                await leads.say("stop", control="z1", stop=stop)
                await asyncio.sleep(max(0.0, begin + i * TICK - clock()))
            tabs = await people
            wanted = {"control": "z1", "stop": stop}
            for tab in tabs:
                await tab.until(lambda tab=tab: tab.state["moving"] == wanted)  # type: ignore[misc]
            await leads.until(lambda: leads.told["people"]["people"] == PEOPLE)
            await leads.say("ask", question=5)
            for tab in tabs:
                await tab.until(lambda tab=tab: tab.state["ask"] is not None)  # type: ignore[misc]
            await asyncio.gather(*(vote(tab, 1 + number % 3) for number, tab in enumerate(tabs)))
            await leads.say("close")
            await leads.say("reveal")
            await leads.until(lambda: "counts" in (leads.state["ask"] or {}))
            assert leads.state["ask"]["counts"] == [[34, 33, 33]]
            await leads.say("end")
            await asyncio.gather(*(tab.until(lambda tab=tab: "ended" in tab.told) for tab in tabs))  # type: ignore[misc]
            await asyncio.gather(*(tab.__aexit__() for tab in tabs))
            # It has grown with the first that came, and grows no more.
            assert max(used[4:]) - used[3] < 8

    with App(ROOT / "app.py", tmp_path / "log") as app:
        asyncio.run(soak(app))
        assert "Traceback" not in app.said()
