"""What Python and the browser say to each other is what static/live/messages.d.ts says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import rooms, supply, wire
from pages.shared.catalog import load
from pages.shared.frames import pack
from pages.shared.rooms import Seat
from tests.conftest import Node, first_slider, frame_block, load_lesson, states
from tests.machine import ROOT
from tests.pages.test_rooms import LEAD, House

FRAMES = supply.address(load_lesson("softmax"), "en", supply.NOTHING)
# What live puts around the picture.
AROUND = {"name": "one", "ack": ["", 0], "moving": False, "focus": None, "frames": FRAMES, "aside": []}
LIVE = ROOT / "static" / "live"
SOURCE = re.sub(r"//.*", "", (LIVE / "messages.d.ts").read_text(encoding="utf-8"))
INTERFACES = {
    name: {
        key: (mark == "?", kind)
        for key, mark, kind in re.findall(r"^  (\w+)(\??): (.+);", body, flags=re.MULTILINE)
    }
    for name, body in re.findall(r"export interface (\w+) \{\n(.*?)\n\}", SOURCE, flags=re.DOTALL)
}
NAMED = dict(re.findall(r"export type (\w+) = (.+);", SOURCE))


def parts(kind: str, sign: str) -> list[str]:
    """Return a type's parts between signs that stand outside all brackets."""
    found, depth = [""], 0
    for letter in kind:
        depth += (letter in "[<(") - (letter in "]>)")
        if letter == sign and not depth:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found]


def faults(value: Any, kind: str, path: str) -> Iterator[str]:
    """Yield what keeps a value from being of a type."""
    kind = NAMED.get(kind, kind)
    if len(union := parts(kind, "|")) > 1:
        tries = [list(faults(value, one, path)) for one in union]
        if all(tries):
            # Of several, what speaks against the one that it is nearest to.
            yield from min(tries, key=lambda found: (any("is no" in fault for fault in found), len(found)))
    elif kind in INTERFACES:
        yield from misfits(value, INTERFACES[kind], path)
    elif kind.endswith("[]"):
        inner = kind[:-2].removeprefix("(").removesuffix(")") if kind.endswith(")[]") else kind[:-2]
        if not isinstance(value, (list, np.ndarray)):
            yield f"{path} is no list"
        elif inner not in ("unknown", "number") or isinstance(value, list):
            for i, item in enumerate(value):
                yield from faults(item, inner, f"{path}[{i}]")
    elif kind.startswith("["):
        kinds = parts(kind[1:-1], ",")
        if not isinstance(value, list) or len(value) != len(kinds):
            yield f"{path} is no {kind}"
            return
        for i, (item, one) in enumerate(zip(value, kinds, strict=True)):
            yield from faults(item, one, f"{path}[{i}]")
    elif kind.startswith("Record<string, "):
        if not isinstance(value, Mapping):
            yield f"{path} is no object"
            return
        for key, item in value.items():
            yield from faults(item, kind.removeprefix("Record<string, ").removesuffix(">"), f"{path}.{key}")
    elif not plain(value, kind):
        yield f"{path} is no {kind}: {value!r:.60}"


def plain(value: Any, kind: str) -> bool:
    """Return whether a value is of a type without parts."""
    if kind in ("unknown", "null"):
        return kind == "unknown" or value is None
    if kind.startswith('"'):
        return bool(value == kind.strip('"'))
    types = {"string": str, "number": (int, float), "boolean": bool}[kind]
    return isinstance(value, types) and isinstance(value, bool) == (kind == "boolean")


def misfits(value: Any, fields: dict[str, tuple[bool, str]], path: str) -> Iterator[str]:
    """Yield what keeps a value from being an object of these fields."""
    if not isinstance(value, Mapping):
        yield f"{path} is no object"
        return
    for key in value.keys() - fields.keys():
        yield f"{path}.{key} is not known"
    for key, (optional, kind) in fields.items():
        if key in value:
            yield from faults(value[key], kind, f"{path}.{key}")
        elif not optional:
            yield f"{path}.{key} is missing"


def hold(value: Any, kind: str) -> None:
    """Fail unless a value is of a type."""
    assert list(faults(value, kind, kind))[:10] == []


class TestTheTypes:
    def test_are_all_read(self) -> None:
        assert len(INTERFACES) + len(NAMED) == len(re.findall(r"^export ", SOURCE, flags=re.MULTILINE))
        for fields in INTERFACES.values():
            for _, kind in fields.values():
                for name in re.findall(r"(?<!\")\b[A-Z]\w+", kind):
                    assert name in {*INTERFACES, *NAMED, "Record"}, name

    @pytest.mark.parametrize(
        ("value", "kind", "fault"),
        [
            ({"label": "a"}, "Tab", "Tab.text is missing"),
            ({"label": "a", "text": "b", "more": 1}, "Tab", "Tab.more is not known"),
            ({"label": "a", "text": 1}, "Tab", "Tab.text is no string: 1"),
            ({"path": ["a"], "which": [1, "2"]}, "Leaf", "Leaf.which[1] is no number: '2'"),
            ({"text": "a", "strong": 1}, "Part", "Part.strong is no boolean: 1"),
            ({"type": "lines", "title": "", "lines": [[3]]}, "Lines", "Lines.lines[0][0] is no string: 3"),
            ({"type": "code", "title": "", "tabs": {}}, "View", "View.tabs is no list"),
        ],
    )
    def test_find_what_is_wrong(self, value: Any, kind: str, fault: str) -> None:
        assert fault in list(faults(value, kind, kind))

    @pytest.mark.parametrize(
        ("names", "files", "kinds"),
        [
            ("answer|model|late", "hand|layout|live", "Answer"),
            ("model", "figures|text", "Figure|Lines|Table|Code"),
            ("beat", "layout", "Guide"),
            ("model", "guide", "Guide"),
            ("spec", ".*", "Spec"),
            ("section", ".*", "Section"),
            ("grip", ".*", "Grip"),
            ("wish", ".*", "Focus|Wish"),
            ("leaf", ".*", "Leaf"),
            ("tab", ".*", "Tab"),
            ("segment", ".*", "Part"),
        ],
    )
    def test_have_all_that_is_read(self, names: str, files: str, kinds: str) -> None:
        """A property that the browser reads and nobody sends would be undefined, in silence."""
        read = set()
        for file in LIVE.glob("*.js"):
            if re.fullmatch(files, file.stem):
                script = re.sub(r"//.*|/\*[\s\S]*?\*/", "", file.read_text(encoding="utf-8"))
                read |= set(re.findall(rf"\b(?:{names})\??\.(\w+)", script))
                for taken in re.findall(rf"const {{ ([^}}]+) }} = (?:\w+\.)*(?:{names});", script):
                    read |= {part.partition(":")[0].strip() for part in taken.split(",")}
        assert read
        assert read <= {key for kind in kinds.split("|") for key in INTERFACES[kind]}


class TestMessages:
    def test_what_is_shown(self, lesson: Any, language: str, unpack: Any) -> None:
        for name, values in states(lesson).items():
            # One control more or less at its end has no other fields.
            if name.startswith(("start", "preset:", "all:")):
                for reads in ((), lesson.views):
                    words = load(lesson.name, language)
                    made = wire.whole(lesson, values, words, notes=["a note"], reads=reads)
                    hold(unpack(pack({**AROUND, **made})), "Answer")

    def test_what_a_page_sends(self, unpack: Any) -> None:
        """With what Python puts around the picture: the place to go to, where frames are."""
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
        del at.session_state["page"]  # home was entered on the way
        at.query_params["at"] = "numerics"
        at.switch_page("pages/softmax.py").run()
        sent = {part.proto.id.rpartition("-")[2]: part.proto.bytes for part in at.get("bidi_component")}
        answer = unpack(sent["live:softmax"])
        hold(answer, "Answer")
        assert answer["focus"]["section"] == "numerics"
        assert answer["frames"] == FRAMES

    def test_frames(self, lesson: Any, unpack: Any) -> None:
        for key in first_slider(lesson):
            words = load(lesson.name, "en")
            block = frame_block(lesson, lesson.start, words, key, supply.first_views(lesson))
            hold(unpack(block), "Film")

    def test_what_the_browser_says_is_understood(self, in_node: Node) -> None:
        lesson = load_lesson("softmax")
        made = wire.whole(lesson, lesson.start, load("softmax", "en"), notes=[])
        said = in_node.ask("say", pack({**AROUND, **made}), "z1", 2.5)
        path, _, query = said["address"].partition("?")
        wish, _ = supply.read(f"/{path}", query)
        assert (wish.key, wish.part, set(wish.views)) == ("z1", 0, set(made["views"]))
        assert wish.values == lesson.start
        hold(said["moving"], "Commit")
        hold(said["commit"], "Commit")
        wanted = lesson.start.replace(z1=2.5)
        assert wire.apply(lesson, said["moving"], lesson.start) == wanted
        assert wire.apply(lesson, said["commit"], lesson.start) == wanted
        assert said["commit"]["seq"] == said["moving"]["seq"] + 1


class TestAClass:
    def test_what_a_room_says(self) -> None:
        house = House()
        teacher, person = house.teacher(), house.person()
        seats, kinds = [teacher, person], set()
        steps: list[tuple[Seat, str, dict[str, Any]]] = [
            (teacher, "lead", {key: given for key, given in LEAD.items() if key != "kind"}),
            (teacher, "near", {"control": "z"}),
            (teacher, "standing", {"on": True}),
            (person, "stand", {"lesson": "one", "values": {"z": 2.0}}),
            (teacher, "stop", {"control": "z", "stop": 2}),
            (teacher, "place", {"values": {"z": 2.5}}),
            (teacher, "ask", {"question": 1}),
            (person, "vote", {"question": 1, "option": 2}),
            *((teacher, kind, {}) for kind in ("close", "again", "close", "reveal", "votes", "done", "end")),
        ]
        for seat, kind, fields in steps:
            house.say(seat, kind, **fields)
            house.later()
            for message in (json.loads(text) for one in seats for text in one.take()):
                hold(message, "RoomSays")
                kinds.add(message["kind"])
        assert kinds == {*rooms.SLOTS, "place"}

    def test_what_a_room_hears(self) -> None:
        known = {
            kind: fields.keys() - {"kind"}
            for said in ("PersonSays", "TeacherSays")
            for fields in (INTERFACES[name] for name in NAMED[said].split(" | "))
            for kind in re.findall(r'"(\w+)"', fields["kind"][1])
        }
        assert known == {
            kind: shape.keys() for kind, shape in (rooms.PEOPLE_SAY | rooms.TEACHERS_SAY).items()
        }
