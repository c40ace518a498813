"""A class's room, without a line to it: who may say what, what leaves it and when, and its limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared import rooms
from pages.shared.rooms import RefusedError, Rooms, Seat

CODE, KEY = "BCDFHJ", "the teacher's key"
ME = [f"{i:022d}" for i in range(rooms.PEOPLE + 10)]
LEAD = {"kind": "lead", "lesson": "one", "values": {"z": 1.0}, "section": "", "tabs": []}


class Facts:
    """Two lessons with a slider each, and three questions."""

    def values(self, lesson: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
        right = lesson in ("one", "two") and given.keys() == {"z"}
        return dict(given) if right and isinstance(given["z"], float) and 0 <= given["z"] <= 9 else None

    def stops(self, lesson: str, values: Mapping[str, Any], control: str) -> int:
        return 10 if control == "z" else 0

    def place(
        self, lesson: str, values: Mapping[str, Any], given: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        return self.values(lesson, {**values, **given})

    def sliders(self, lesson: str, values: Mapping[str, Any]) -> list[str]:
        return ["z"]

    def places(self, lesson: str) -> frozenset[str]:
        return frozenset({"main", "curve"})

    def right(self, question: int) -> int:
        return 2 if 1 <= question <= 3 else 0


class Clock:
    """Seconds that go on when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class House:
    """Rooms, and what was sent to whom."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.rooms = Rooms(Facts(), self.clock)
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1

    def teacher(self, key: str = KEY, code: str = CODE) -> Seat:
        return self.rooms.open(code, key, lambda: True, self.wake)

    def person(self, i: int = 0, code: str = CODE) -> Seat:
        return self.rooms.join(code, ME[i], self.wake)

    def say(self, seat: Seat, kind: str, **fields: Any) -> None:
        self.rooms.hear(seat, json.dumps({"kind": kind, **fields}))

    def later(self, seconds: float = 1.0) -> None:
        self.clock.now += seconds
        self.rooms.pulse()


@pytest.fixture
def house() -> House:
    return House()


def told(seat: Seat) -> dict[str, dict[str, Any]]:
    """Return what is sent to somebody now, by kind."""
    return {message["kind"]: message for message in map(json.loads, seat.take())}


def why(act: Any, *given: Any) -> str:
    """Return why somebody is refused."""
    with pytest.raises(RefusedError) as refused:
        act(*given)
    return refused.value.why


class TestCodes:
    def test_follow_from_the_key(self) -> None:
        keys = [rooms.new_key() for _ in range(3)]
        codes = [rooms.code_of(key) for key in keys]
        assert codes == [rooms.code_of(key) for key in keys]
        assert len(set(codes)) == 3
        assert all(rooms.typed_code(code) == code for code in codes)

    def test_have_no_letter_that_is_taken_for_another(self) -> None:
        for alike in ("IL1", "OQ0D", "UV", "CG", "EF"):
            assert len(set(alike) & set(rooms.LETTERS)) <= 1

    @pytest.mark.parametrize("text", ["", "BCDFH", "BCDFHJK", "BCDFH0", "BCDFHA", "../../", "ＢＣＤＦＨＪ"])
    def test_that_are_none(self, text: str) -> None:
        assert rooms.typed_code(text) == ""

    @given(st.text())
    def test_are_none_or_six_of_the_letters(self, text: str) -> None:
        code = rooms.typed_code(text)
        assert code == "" or (len(code) == 6 and set(code) <= set(rooms.LETTERS))


class TestDoors:
    def test_a_room_is_there_once_its_teacher_is(self, house: House) -> None:
        assert why(house.person) == "code"
        teacher = house.teacher()
        person = house.person()
        assert told(teacher)["seat"] == {"kind": "seat", "role": "teacher", "code": CODE}
        assert told(person)["seat"] == {"kind": "seat", "role": "person", "code": CODE}
        house.later()
        assert told(teacher)["people"] == {"kind": "people", "people": 1, "voted": 0}
        assert "people" not in told(person)

    def test_a_key_must_be_that_of_the_code(self, house: House) -> None:
        assert why(house.rooms.open, CODE, "x", lambda: False, house.wake) == "key"
        assert house.rooms.rooms == {}

    @pytest.mark.parametrize("key", ["", "the teacher's kez", "\udcff", "é"])
    def test_another_key_opens_no_room_that_is_open(self, house: House, key: str) -> None:
        house.teacher()
        assert why(house.teacher, key) == "key"

    def test_a_second_window_is_the_teacher_too(self, house: House) -> None:
        first, second = house.teacher(), house.teacher()
        person = house.person()
        for seat in (first, second, person):
            seat.take()
        house.rooms.hear(second, json.dumps(LEAD))
        assert told(first)["state"]["lead"]["values"] == {"z": 1.0}
        assert told(person)["state"]["lead"]["values"] == {"z": 1.0}
        # What he has moved himself comes back to nobody.
        assert "state" not in told(second)

    def test_two_hundred_rooms_and_no_more(self, house: House) -> None:
        codes = [f"BCDF{a}{b}" for a in rooms.LETTERS for b in rooms.LETTERS]
        seats = [house.teacher(code=code) for code in codes[: rooms.ROOMS]]
        assert why(house.teacher, KEY, codes[rooms.ROOMS]) == "rooms"
        house.rooms.leave(seats[7])
        house.teacher(code=codes[rooms.ROOMS])
        assert codes[7] not in house.rooms.rooms
        assert len(house.rooms.rooms) == rooms.ROOMS

    def test_five_hundred_people_and_no_more(self, house: House) -> None:
        house.teacher()
        seats = [house.person(i) for i in range(rooms.PEOPLE)]
        assert why(house.person, rooms.PEOPLE) == "full"
        house.rooms.leave(seats[0])
        house.person(rooms.PEOPLE)

    def test_who_has_voted_and_gone_makes_room(self, house: House) -> None:
        teacher = house.teacher()
        house.say(teacher, "ask", question=1)
        seats = [house.person(i) for i in range(rooms.PEOPLE)]
        house.say(seats[0], "vote", question=1, option=1)
        house.rooms.leave(seats[0])
        house.person(rooms.PEOPLE)
        assert len(house.rooms.rooms[CODE].people) == rooms.PEOPLE

    def test_a_teacher_has_a_few_windows(self, house: House) -> None:
        for _ in range(rooms.TEACHERS):
            house.teacher()
        assert why(house.teacher) == "full"

    def test_a_room_ends_three_hours_after_its_teacher_was_there(self, house: House) -> None:
        teacher, person = house.teacher(), house.person()
        house.later(10 * rooms.LASTS)
        assert "ended" not in told(person)
        house.rooms.leave(teacher)
        house.later(rooms.LASTS - 1)
        assert "ended" not in told(person)
        assert house.rooms.rooms[CODE].due() == house.clock.now + 1
        house.later(1)
        assert told(person)["ended"] == {"kind": "ended"}
        assert why(house.person) == "code"

    def test_guessing_becomes_slow_and_is_forgotten(self, house: House) -> None:
        waits = [house.rooms.guess("a", i) for i in range(100)]
        assert set(waits[: rooms.FREE_GUESSES]) == {0}
        assert waits == sorted(waits)
        assert waits[-1] == rooms.SLOWEST
        assert house.rooms.patience("b") == 0
        house.later(rooms.FORGET)
        assert house.rooms.patience("a") == 0
        assert house.rooms._guesses == {}

    def test_a_class_that_comes_back_before_its_teacher_waits_for_nobody(self, house: House) -> None:
        for _ in range(60):
            for i in range(30):
                assert house.rooms.guess("school", CODE) == 0
                assert why(house.person, i) == "code"
            house.later(5)
        house.teacher()
        assert house.rooms.guess("school", CODE) == 0
        assert house.person().me == ME[0]

    def test_what_was_right_makes_nobody_wait_and_hides_no_guesses(self, house: House) -> None:
        for i in range(200):
            assert house.rooms.guess("a", i) == 0
            house.rooms.was_right("a", i)
        assert house.rooms.patience("a") == 0
        for i in range(50):
            house.rooms.guess("a", i)
            house.rooms.guess("a", CODE)
            house.rooms.was_right("a", CODE)
        assert house.rooms.patience("a") == rooms.SLOWEST


class TestLead:
    def test_a_late_comer_gets_the_newest_of_all(self, house: House) -> None:
        teacher = house.teacher()
        house.rooms.hear(teacher, json.dumps({**LEAD, "section": "main", "tabs": ["curve"]}))
        house.say(teacher, "near", control="z")
        for stop in (3, 4, 5):
            house.say(teacher, "stop", control="z", stop=stop)
        assert told(house.person())["state"] == {
            "kind": "state",
            "leading": True,
            "standing": False,
            "turn": 1,
            "lead": {
                "lesson": "one",
                "values": {"z": 1.0},
                "partly": False,
                "section": "main",
                "tabs": ["curve"],
            },
            "moving": {"control": "z", "stop": 5},
            "near": "z",
            "ask": None,
        }

    def test_at_most_thirty_stops_a_second_and_the_last_of_them_always(self, house: House) -> None:
        teacher, person = house.teacher(), house.person()
        house.rooms.hear(teacher, json.dumps(LEAD))
        person.take()
        stops = []
        for i in range(120):
            house.say(teacher, "stop", control="z", stop=i % 10)
            stops += [message["stop"] for message in told(person).values()]
            house.later(1 / 60)
            stops += [message["stop"] for message in told(person).values()]
        assert 58 <= len(stops) <= 62
        house.later()
        assert [*stops, *(m["stop"] for m in told(person).values())][-1] == 9

    def test_what_a_hand_has_passed_goes_with_where_it_is(self, house: House) -> None:
        teacher, person = house.teacher(), house.person()
        house.rooms.hear(teacher, json.dumps(LEAD))
        passed, stops = [], []
        for i in range(0, 120, 2):
            house.say(teacher, "stop", control="z", stop=(i + 1) % 10, path=[i % 10])
            passed += [i % 10, (i + 1) % 10]
            house.later(1 / 60)
            for message in told(person).values():
                stops += [*message.get("path", []), message["stop"]] if "stop" in message else []
        house.later()
        stops += [s for m in told(person).values() for s in ([*m["path"], m["stop"]] if "stop" in m else [])]
        assert stops == passed

    def test_a_path_is_short_and_of_one_hand_at_one_slider(self, house: House) -> None:
        teacher, other, person = house.teacher(), house.teacher(), house.person()
        house.rooms.hear(teacher, json.dumps(LEAD))

        def heard() -> tuple[Any, ...]:
            house.later()
            message = told(person)["stop"]
            return tuple(message[key] for key in ("control", "stop", "path"))

        for stop in range(10):
            house.say(teacher, "stop", control="z", stop=stop)
            if stop == 1:
                person.take()
        assert heard() == ("z", 9, [2, 3, 4, 5, 6, 7, 8])
        for seat, control in [(teacher, "z")] * 3 + [(teacher, "y")] + [(other, "z")] * 2:
            house.say(seat, "stop", control=control, stop=2)
        assert heard() == ("z", 2, [2])
        # What was passed in a state that is gone is nobody's way any more.
        for _ in range(3):
            house.say(teacher, "stop", control="z", stop=5)
        house.say(teacher, "let_go")
        house.say(teacher, "come_back")
        house.later()
        house.say(teacher, "stop", control="z", stop=6)
        assert heard() == ("z", 6, [])

    @pytest.mark.parametrize("path", [[1, 10], [-1], ["2"], [True], [[]], 3, None, "12", {"1": 2}, [1] * 8])
    def test_a_path_over_what_is_no_stop_is_dropped(self, house: House, path: Any) -> None:
        teacher, person = house.teacher(), house.person()
        house.rooms.hear(teacher, json.dumps(LEAD))
        person.take()
        house.say(teacher, "stop", control="z", stop=1, path=path)
        house.later()
        assert teacher.strikes == 1
        assert "stop" not in told(person)
        assert house.rooms.rooms[CODE].moving is None

    def test_of_what_waits_only_the_newest_goes(self, house: House) -> None:
        teacher, person = house.teacher(), house.person()
        house.rooms.hear(teacher, json.dumps(LEAD))
        for i in range(8):
            house.say(teacher, "stop", control="z", stop=i)
            house.later(0.1)
        assert [message["kind"] for message in map(json.loads, person.take())][-1] == "stop"
        house.say(teacher, "stop", control="z", stop=9)
        house.rooms.hear(teacher, json.dumps({**LEAD, "values": {"z": 9.0}}))
        house.later()
        # A stop of what was led to before would be one of something else.
        assert "stop" not in told(person)

    def test_a_ring_is_led_by_its_values_as_often_as_a_slider(self, house: House) -> None:
        teacher, person = house.teacher(), house.person()
        house.rooms.hear(teacher, json.dumps(LEAD))
        told(person)
        heard = []
        for i in range(50):
            house.say(teacher, "place", values={"z": i / 10})
            house.later(0.02)
            heard += [message for kind, message in told(person).items() if kind in ("place", "stop")]
        house.later()
        heard += told(person).values()
        assert all(message["kind"] == "place" and message["turn"] == 1 for message in heard)
        assert heard[-1]["values"] == {"z": 4.9}
        assert 25 <= len(heard) <= 32
        # Whoever comes late is where the hand is; a stop after it is newer, and the other way round.
        assert told(house.person(1))["state"]["moving"] == {"values": {"z": 4.9}}
        house.say(teacher, "place", values={"z": 5.0})
        house.say(teacher, "stop", control="z", stop=3)
        house.later()
        assert {k: m for k, m in told(person).items() if k != "people"} == {
            "stop": {"kind": "stop", "turn": 1, "control": "z", "stop": 3, "path": []}
        }

    @pytest.mark.parametrize("values", [{"z": 10.0}, {"z": "x"}, {"y": 1.0}, [], None, {"z": True}])
    def test_a_place_that_is_none_is_dropped(self, house: House, values: Any) -> None:
        teacher = house.teacher()
        house.say(teacher, "place", values={"z": 1.0})  # nothing is led to yet
        house.rooms.hear(teacher, json.dumps(LEAD))
        house.say(teacher, "place", values=values)
        assert house.rooms.rooms[CODE].moving is None
        assert teacher.strikes == 2

    def test_a_hand_does_not_get_its_own_movements(self, house: House) -> None:
        first, second = house.teacher(), house.teacher()
        house.rooms.hear(first, json.dumps(LEAD))
        for seat in (first, second):
            seat.take()
        house.say(first, "near", control="z")
        house.say(first, "stop", control="z", stop=3)
        house.later()
        assert told(first).keys() <= {"people"}
        assert told(second).keys() >= {"near", "stop"}

    def test_who_is_let_go_is_told_no_movements_until_all_come_back(self, house: House) -> None:
        teacher, person = house.teacher(), house.person()
        house.rooms.hear(teacher, json.dumps(LEAD))
        house.say(teacher, "let_go")
        assert told(person)["state"]["leading"] is False
        house.say(teacher, "stop", control="z", stop=3)
        house.later()
        assert told(person) == {}
        house.say(teacher, "come_back")
        assert told(person)["state"]["leading"] is True
        assert house.rooms.rooms[CODE].moving == {"control": "z", "stop": 3}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"lesson": "three"},
            {"lesson": 1},
            {"lesson": "x" * 65},
            {"values": {"z": 10.0}},
            {"values": {"z": True}},
            {"values": {"z": [1.0]}},
            {"values": []},
            {"values": {}},
            {"section": "nowhere"},
            {"section": None},
            {"tabs": ["nowhere"]},
            {"tabs": "curve"},
            {"tabs": ["curve"] * 17},
            {"more": 1},
        ],
    )
    def test_what_is_not_right_is_dropped_whole(self, house: House, wrong: dict[str, Any]) -> None:
        teacher = house.teacher()
        house.rooms.hear(teacher, json.dumps({**LEAD, **wrong}))
        assert house.rooms.rooms[CODE].lead is None
        assert teacher.strikes == 1

    @pytest.mark.parametrize("stop", [-1, 10, 2.0, True, "2", None, 10**9, 10**30])
    def test_stops_that_are_none_are_dropped(self, house: House, stop: Any) -> None:
        teacher = house.teacher()
        house.say(teacher, "stop", control="z", stop=1)
        assert house.rooms.rooms[CODE].moving is None  # nothing is led to yet
        house.rooms.hear(teacher, json.dumps(LEAD))
        house.say(teacher, "stop", control="z", stop=stop)
        house.say(teacher, "stop", control="no", stop=1)
        assert house.rooms.rooms[CODE].moving is None


class TestVotes:
    def test_first_and_second_and_the_reveal(self, house: House) -> None:
        teacher = house.teacher()
        people = [house.person(i) for i in range(4)]
        house.say(teacher, "ask", question=2)
        for person, option in zip(people, (1, 1, 2, 3), strict=True):
            house.say(person, "vote", question=2, option=option)
        house.say(people[0], "vote", question=2, option=3)
        assert told(people[0])["mine"] == {"kind": "mine", "question": 2, "option": 3}
        house.later()
        assert told(teacher)["people"] == {"kind": "people", "people": 4, "voted": 4}
        house.say(teacher, "close")
        house.say(people[1], "vote", question=2, option=2)
        assert told(teacher)["state"]["ask"] == {"question": 2, "phase": "discuss"}
        house.say(teacher, "again")
        assert told(people[0])["state"]["ask"] == {"question": 2, "phase": "second"}
        house.later()
        assert told(teacher)["people"]["voted"] == 0
        for person in people[:3]:
            house.say(person, "vote", question=2, option=2)
        house.say(teacher, "close")
        assert told(teacher)["state"]["ask"] == {"question": 2, "phase": "closed"}
        house.say(teacher, "reveal")
        revealed = {"question": 2, "phase": "reveal", "counts": [[1, 1, 2], [0, 3, 0]], "right": 2}
        assert told(teacher)["state"]["ask"] == told(people[3])["state"]["ask"] == revealed
        house.say(teacher, "done")
        assert told(people[3])["state"]["ask"] is None
        house.say(teacher, "votes")
        lines = told(teacher)["votes"]["csv"].splitlines()
        assert lines == [
            "question,right,first_1,first_2,first_3,second_1,second_2,second_3",
            "2,2,1,1,2,0,3,0",
        ]

    def test_of_one_vote_the_second_is_empty(self, house: House) -> None:
        teacher, person = house.teacher(), house.person()
        house.say(teacher, "ask", question=1)
        house.say(person, "vote", question=1, option=3)
        house.say(teacher, "close")
        house.say(teacher, "reveal")
        assert house.rooms.rooms[CODE].csv().splitlines()[1] == "1,2,0,0,1,,,"

    def test_of_very_many_the_newest_are_kept(self, house: House) -> None:
        teacher = house.teacher()
        for _ in range(rooms.REVEALED + 3):
            for kind, fields in (("ask", {"question": 1}), ("close", {}), ("reveal", {})):
                house.clock.now += 1
                house.say(teacher, kind, **fields)
        assert len(house.rooms.rooms[CODE].csv().splitlines()) == rooms.REVEALED + 1

    def test_a_vote_outlives_a_broken_line(self, house: House) -> None:
        teacher, person = house.teacher(), house.person()
        house.say(teacher, "ask", question=1)
        house.say(person, "vote", question=1, option=3)
        house.rooms.leave(person)
        house.say(house.person(1), "vote", question=1, option=1)
        again = house.person()
        assert told(again)["mine"]["option"] == 3
        house.say(again, "vote", question=1, option=2)
        house.say(teacher, "close")
        house.say(teacher, "reveal")
        assert told(teacher)["state"]["ask"]["counts"] == [[1, 1, 0]]

    @pytest.mark.parametrize("option", [0, 4, 1.0, "1", True, None])
    def test_what_is_no_vote_counts_nothing(self, house: House, option: Any) -> None:
        teacher, person = house.teacher(), house.person()
        house.say(teacher, "ask", question=1)
        house.say(person, "vote", question=1, option=option)
        house.say(person, "vote", question=2, option=1)
        assert person.strikes == 2
        house.say(teacher, "close")
        assert house.rooms.rooms[CODE].question.counts == [[0, 0, 0]]  # type: ignore[union-attr]

    @pytest.mark.parametrize("kind", ["close", "again", "reveal", "done"])
    def test_without_a_question_there_is_nothing_to_do(self, house: House, kind: str) -> None:
        teacher = house.teacher()
        house.say(teacher, kind)
        assert teacher.strikes == 1

    def test_no_question_no_ask(self, house: House) -> None:
        teacher = house.teacher()
        house.say(teacher, "ask", question=4)
        assert house.rooms.rooms[CODE].question is None


class TestWhereEverybodyStands:
    def test_is_told_to_the_teacher_while_he_wants_it(self, house: House) -> None:
        teacher = house.teacher()
        people = [house.person(i) for i in range(3)]
        house.rooms.hear(teacher, json.dumps(LEAD))
        stand = {"lesson": "one", "values": {"z": 2.0}}
        house.say(people[0], "stand", **stand)
        house.later()
        assert house.rooms.rooms[CODE].people[ME[0]].values == {}  # nobody wanted it
        house.say(teacher, "standing", on=True)
        assert told(people[0])["state"]["standing"] is True
        house.say(people[0], "stand", **stand)
        house.say(people[1], "stand", lesson="one", values={"z": 3.0})
        house.say(people[2], "stand", lesson="two", values={"z": 4.0})
        house.later()
        ticks = {"kind": "ticks", "lesson": "one", "values": {"z": [2.0, 3.0]}}
        assert told(teacher)["ticks"] == ticks
        assert all("ticks" not in told(person) for person in people)
        house.rooms.leave(people[0])
        house.later()
        assert told(teacher)["ticks"]["values"] == {"z": [3.0]}
        house.say(teacher, "standing", on=False)
        assert all(not person.values for person in house.rooms.rooms[CODE].people.values())


class TestHostile:
    @pytest.mark.parametrize(
        "raw",
        [
            "",
            "x",
            "[]",
            "null",
            "1",
            "[" * 4000,
            '{"kind":"open","key":"x"}',
            '{"kind":["lead"]}',
            '{"kind":"_tell"}',
            '{"kind":"vote","question":NaN,"option":1}',
            '{"kind":"vote","question":1,"option":' + "9" * 4000 + "}",
            '{"kind":"stand","lesson":"\\ud800","values":{}}',
            json.dumps({"kind": "vote", "question": 1, "option": 1, "x": "y" * 5000}),
            b"\x00\xff",
        ],
    )
    def test_is_dropped(self, house: House, raw: Any) -> None:
        teacher, person = house.teacher(), house.person()
        before = house.rooms.rooms[CODE].state()
        house.rooms.hear(person, raw)
        house.rooms.hear(teacher, raw)
        assert (person.strikes, teacher.strikes) == (1, 1)
        assert house.rooms.rooms[CODE].state() == before

    @pytest.mark.parametrize("kind", rooms.TEACHERS_SAY)
    def test_a_person_cannot_say_what_a_teacher_says(self, house: House, kind: str) -> None:
        teacher, person = house.teacher(), house.person()
        house.rooms.hear(teacher, json.dumps(LEAD))
        house.say(teacher, "ask", question=1)
        before = house.rooms.rooms[CODE].state()
        right = {**LEAD, "control": "z", "stop": 1, "path": [], "on": True, "question": 2}
        house.say(person, kind, **{key: right[key] for key in rooms.TEACHERS_SAY[kind]})
        assert person.strikes == 1
        assert house.rooms.rooms[CODE].state() == before

    def test_who_goes_on_is_put_out(self, house: House) -> None:
        house.teacher()
        person = house.person()
        for _ in range(rooms.STRIKES):
            house.rooms.hear(person, "x")
        assert why(house.rooms.hear, person, "x") == "hostile"

    def test_a_message_that_is_dropped_now_and_then_is_forgiven(self, house: House) -> None:
        house.teacher()
        person = house.person()
        for _ in range(10 * rooms.STRIKES):
            house.rooms.hear(person, "x")
            house.later(1)
        assert person.strikes <= 1

    @pytest.mark.parametrize(("role", "rate"), [("person", 20), ("teacher", 60)])
    def test_too_many_a_second_are_dropped(self, house: House, role: str, rate: int) -> None:
        teacher = house.teacher()
        seat = teacher if role == "teacher" else house.person()
        house.rooms.hear(teacher, json.dumps(LEAD))
        house.later(1)
        said = {"kind": "near", "control": "z"}
        if role == "person":
            said = {"kind": "stand", "lesson": "one", "values": {"z": 1.0}}  # type: ignore[dict-item]
        for _ in range(rate + 5):
            house.rooms.hear(seat, json.dumps(said))
        assert seat.strikes == 5
        house.later(1)
        house.rooms.hear(seat, json.dumps(said))
        assert seat.strikes == 4

    def test_of_an_ended_class_nothing_is_heard(self, house: House) -> None:
        teacher, person = house.teacher(), house.person()
        house.say(teacher, "end")
        assert "ended" in told(person)
        assert "ended" in told(teacher)
        anew = house.teacher()
        house.say(teacher, "end")
        house.rooms.leave(teacher)
        house.rooms.leave(person)
        assert house.rooms.rooms[CODE] is anew.room
        assert "ended" not in told(anew)


PLAIN = ["let_go", "come_back", "close", "again", "reveal", "done", "votes"]
SAID = st.one_of(
    st.sampled_from(PLAIN).map(lambda kind: {"kind": kind}),
    st.builds(lambda q: {"kind": "ask", "question": q}, st.integers(0, 4)),
    st.builds(lambda o: {"kind": "vote", "question": 1, "option": o}, st.integers(0, 4)),
    st.builds(lambda v: {"kind": "stand", "lesson": "one", "values": {"z": v}}, st.floats(-1, 10)),
    st.builds(lambda v: {**LEAD, "values": {"z": v}}, st.floats(-1, 10)),
    st.builds(lambda s: {"kind": "stop", "control": "z", "stop": s}, st.integers(-1, 10)),
    st.builds(
        lambda p: {"kind": "stop", "control": "z", "stop": 3, "path": p},
        st.lists(st.integers(-1, 10), max_size=9),
    ),
    st.builds(lambda v: {"kind": "place", "values": {"z": v}}, st.floats(-1, 10)),
    st.builds(lambda on: {"kind": "standing", "on": on}, st.booleans()),
    st.dictionaries(st.sampled_from(["kind", "question", "values"]), st.text() | st.integers() | st.none()),
)
ACTS = st.lists(
    st.tuples(st.integers(0, 5), st.one_of(SAID, st.just("leave"), st.floats(0, 2))), min_size=1, max_size=40
)


class TestWhateverIsSaid:
    @given(ACTS)
    def test_nothing_breaks_and_nothing_private_leaves(self, acts: list[tuple[int, Any]]) -> None:
        """Seats 0 and 1 are teachers. No count of a vote before the reveal; no ticks to people."""
        house = House()
        seats: dict[int, Seat] = {0: house.teacher()}
        for who, act in acts:
            if who not in seats:
                seats[who] = house.teacher() if who < 2 else house.person(who)
            if isinstance(act, float):
                house.later(act)
            elif act == "leave":
                house.rooms.leave(seats.pop(who))
            else:
                house.rooms.hear(seats[who], json.dumps(act))
            room = house.rooms.rooms[CODE]
            asked = room.question
            for seat in seats.values():
                for kind, message in told(seat).items():
                    assert kind not in ({"mine"} if seat.teacher else {"people", "ticks", "votes"})
                    if kind == "state" and asked and asked.phase != "reveal":
                        assert message["ask"] == {"question": asked.number, "phase": asked.phase}
                    if kind == "mine" and asked:
                        assert message["option"] in room.people[seat.me].votes.values()
                    assert not any(name in json.dumps(message) for name in ME[:6])

    @given(st.permutations([1, 1, 2, 3, 3]), st.permutations([1, 2, 2, 2, 3]))
    def test_the_messages_before_the_reveal_are_the_same_whatever_was_voted(
        self, one: list[int], other: list[int]
    ) -> None:
        """All that the teacher's windows, and people who have not voted, are sent until then."""

        def heard(options: list[int]) -> list[str]:
            house = House()
            teacher, watcher = house.teacher(), house.person(9)
            people = [house.person(i) for i in range(len(options))]
            house.say(teacher, "ask", question=1)
            said = []
            for step in ("close", "again", "close"):
                for person, option in zip(people, options, strict=True):
                    house.say(person, "vote", question=1, option=option)
                    house.later(0.1)
                    said += teacher.take() + watcher.take()
                house.say(teacher, step)
                house.say(teacher, "votes")
                said += teacher.take() + watcher.take()
            return said

        assert heard(one) == heard(other)
