"""The supply of frames: what has which address, what is kept for everybody, what is made ahead. No Streamlit.

The frames of a slider are a resource::

    GET frames/<version>/<source>/<lesson>/<language>/<control>/<views>/<part>?<state>

``version``   names the code and the words (``version``); another is gone (410).
``source``    names what a session's other widgets add to the values (``Source``); an unknown one is a 404.
``views``     names of views, with commas between them.
``part``      "all" stops, or 0 to 7: every eighth from that one on will do, so that a hand waits less.
``state``     the values of all other controls but what the source gives; what is not right is refused (400).

What comes before the control an answer to a commit names as ``frames``. What comes is a head and a block for
each view (``frames.pack``). The head says of which stops there are rows: ``count``, each ``every``-th from
``first``. What has one address stays true for ever, though another time more of the stops may come: it may be
kept anywhere, unless it is a person's own (``private, no-store``).

So is all that a browser draws of a lesson in a state, for a class that is led there::

    GET pictures/<version>/<source>/<lesson>/<language>?<state>

with the values of all controls but what the source gives. What comes is what ``wire.whole`` has, with all
tables, packed. And for a hand that moves several controls at once, by a ring, what differs in some views when
those are others::

    GET pictures/<version>/<source>/<lesson>/<language>/<views>/<others>?<state>

``others``    as ``mu:172.5,sigma:4.9``.

What comes is a frame: of a slider with one stop, which has no name.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import secrets
from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qsl
from weakref import WeakValueDictionary

import numpy as np

from pages.shared.catalog import LANGUAGES, LESSONS, Words, load
from pages.shared.controls import Values, parse, settle
from pages.shared.frames import frames, pack
from pages.shared.lesson import Lesson, Picture
from pages.shared.maker import AHEAD, COARSE, FINE, Maker, Pause
from pages.shared.store import Store, ahead
from pages.shared.wire import known, moved, whole

# A process that few will visit, as one in a test, need not have ready what nobody asks for.
EAGER = os.environ.get("LAB_AHEAD") != "0"
EVERY = 8  # of the stops of a slider one in so many comes first
LONGEST = 8000  # characters of an address: 24 letters of any script in each text, and all numbers

# A class that opens one link hovers over the same sliders in the same state: one visitor's frames serve all.
store = Store()


@lru_cache(maxsize=1)
def version() -> str:
    """Return the name of all that frames depend on beside their address."""
    digest = hashlib.sha256(np.__version__.encode())
    root = Path(__file__).resolve().parents[2]
    for folder in ("core", "pages"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in (".py", ".toml"):
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@dataclass(frozen=True)
class Source:
    """What the other widgets of a page add to the values, under a name for addresses.

    A session holds it; when it lets go, the name is forgotten. A text is a person's own: its name cannot be
    guessed.
    """

    added: Mapping[str, Any]
    name: str

    @property
    def private(self) -> bool:
        """Whether it is a person's own."""
        return any(isinstance(value, str) and value for value in self.added.values())

    @property
    def here(self) -> bool:
        """Whether pictures need what only the process of the session has: the data, PyTorch."""
        return any(self.added.values())


_sources: WeakValueDictionary[str, Source] = WeakValueDictionary()
NOTHING = _sources.setdefault("-", Source({}, "-"))


def source(added: Mapping[str, Any], before: Source | None = None) -> Source:
    """Return the source of what a session adds, the one that it had ``before`` where that is the same."""
    if before is not None and before.added == added:
        return before
    made = Source(dict(added), secrets.token_urlsafe(16))
    if not made.private:
        made = Source(made.added, "-".join(f"{key}.{value}" for key, value in added.items()) or "-")
    return _sources.setdefault(made.name, made)


def address(lesson: Lesson, language: str, origin: Source) -> str:
    """Return what the addresses of all frames begin with."""
    return f"frames/{version()}/{origin.name}/{lesson.name}/{language}"


class Wish(NamedTuple):
    """Frames of a control in a state: of which views, of all stops (``part`` None) or of every eighth."""

    lesson: str
    language: str
    values: Values
    key: str
    views: tuple[str, ...]
    part: int | None

    def named(self, view: str, part: int | None) -> tuple[Any, ...]:
        """Return the name of the frames of a view in the store: its own value does not count."""
        others = tuple(item for item in self.values.items() if item[0] != self.key)
        return self.lesson, self.language, others, self.key, view, part


class RefusedError(Exception):
    """An address that has no frames: the status with which it is answered."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def lesson_named(name: str) -> Lesson:
    """Return a lesson by its name."""
    return cast("Lesson", import_module(f"pages.{name}").LESSON)


def read(path: str, query: str) -> tuple[Wish, Source]:
    """Return the wish that an address is, or raise ``RefusedError``. It comes from outside."""
    lesson, language, found, (key, views, part) = _addressed(path, query, 3)
    wanted = tuple(views.split(","))
    fits = key in lesson.by_key and len(set(wanted)) == len(wanted) and lesson.views.issuperset(wanted)
    if not fits or part not in ("all", *map(str, range(EVERY))):
        raise RefusedError(400)
    values = _state(lesson, key, query, found.added)
    if not lesson.by_key[key].is_framed(values) or (lesson.sources is None) != (found is NOTHING):
        raise RefusedError(400)
    return Wish(lesson.name, language, values, key, wanted, None if part == "all" else int(part)), found


def _addressed(path: str, query: str, more: int) -> tuple[Lesson, str, Source, list[str]]:
    """Return what each address begins with, and the parts after that, of which there are so many."""
    parts = path.strip("/").split("/")
    if len(parts) != 5 + more or len(path) + len(query) > LONGEST:
        raise RefusedError(400)
    _, code, origin, name, language, *rest = parts
    if code != version():
        raise RefusedError(410)
    found = _sources.get(origin)
    if found is None or name not in LESSONS or language not in LANGUAGES:
        raise RefusedError(404)
    return lesson_named(name), language, found, rest


class Scene(NamedTuple):
    """A lesson in a state: all that a browser draws of it. Or what differs in some views in another state."""

    lesson: str
    language: str
    values: Values
    views: tuple[str, ...] = ()
    other: Values | None = None


def read_scene(path: str, query: str) -> tuple[Scene, Source]:
    """Return the scene that an address is, or raise ``RefusedError``. It comes from outside."""
    more = 2 if path.strip("/").count("/") > 4 else 0
    lesson, language, found, rest = _addressed(path, query, more)
    if (lesson.sources is None) != (found is NOTHING):
        raise RefusedError(400)
    given = _given(lesson, found.added.keys(), query)
    values = parsed(lesson, given, lesson.start.replace(**found.added), found.added.keys())
    if values is None:
        raise RefusedError(400)
    scene = Scene(lesson.name, language, settle(lesson.controls, values))
    if not rest:
        return scene, found
    views, pairs = rest[0].split(","), [pair.partition(":") for pair in rest[1].split(",")]
    other = placed(lesson, scene.values, {key: text for key, _, text in pairs})
    if other is None or len(set(views)) < len(views) or not lesson.views.issuperset(views):
        raise RefusedError(400)
    return scene._replace(views=tuple(views), other=other), found


def placed(lesson: Lesson, values: Values, given: Mapping[str, Any]) -> Values | None:
    """Return a state in which a ring has moved some controls, or None where it cannot have."""
    for key, text in given.items():
        control = lesson.by_key.get(key)
        if control is None or control.kind not in ("slider", "player", "number") or not control.in_url:
            return None
        value = parse(control, text, values)
        if value is None:
            return None
        values = values.replace(**{key: value})
    return settle(lesson.controls, values)


async def painted(scene: Scene, origin: Source) -> bytes:
    """Return a scene, packed: drawn once for all who are led there."""
    return await _once(scene, origin.private, _paint, scene)


_at_work: dict[Hashable, asyncio.Future[bytes]] = {}


async def _once(name: Hashable, private: bool, work: Callable[[Any], bytes], given: Any) -> bytes:
    """Return what a thread makes, once for all who ask for what has this name; a person's own is not kept."""
    found = store.get(name)
    if found is None:
        if name not in _at_work:
            _at_work[name] = asyncio.ensure_future(asyncio.to_thread(work, given))
            _at_work[name].add_done_callback(lambda _: _at_work.pop(name, None))
        found = await asyncio.shield(_at_work[name])
        if not private:
            store.put(name, found)
    return found


def _paint(scene: Scene) -> bytes:
    lesson, words = lesson_named(scene.lesson), load(scene.lesson, scene.language)
    if scene.other is not None:
        states = scene.values, scene.other
        made = frames(lambda i: lesson.picture(states[int(i)], words), (0, 1), scene.views)
        head = {"control": "", "views": list(scene.views), "count": 1, "first": 0, "every": 1}
        return pack({"frames": head, "leaves": [_last(leaf) for view in scene.views for leaf in made[view]]})
    notes = lesson.notes(scene.values, words) if lesson.notes else []
    return pack(whole(lesson, scene.values, words, notes=notes, reads=lesson.views))


def _last(leaf: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a leaf of two pictures is in the second."""
    (kind,) = leaf.keys() & {"numbers", "items"}
    return {"path": leaf["path"], kind: leaf[kind][1:]}


def _state(lesson: Lesson, key: str, query: str, added: Mapping[str, Any]) -> Values:
    """Return the state that a query names."""
    given = _given(lesson, {key, *added}, query)
    # What another control may be can depend on this one, which is somewhere between its ends.
    control = lesson.by_key[key]
    for end in (lesson.start[key], control.minimum, control.maximum):
        values = parsed(lesson, given, lesson.start.replace(**{**added, key: end}), {key, *added})
        if values is not None:
            return settle(lesson.controls, values)
    raise RefusedError(400)


def _given(lesson: Lesson, known: Set[str], query: str) -> dict[str, str]:
    """Return what a query has for all controls but the known."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        raise RefusedError(400) from None
    given = dict(pairs)
    if len(given) != len(pairs) or given.keys() != lesson.by_key.keys() - known:
        raise RefusedError(400)
    return given


def parsed(lesson: Lesson, given: Mapping[str, Any], values: Values, known: Set[str]) -> Values | None:
    """Return values with those given for all controls but the known, or None where one is not right."""
    for control in lesson.controls:
        if control.key not in known:
            text = given[control.key]
            # Of what is not chosen the value is none of the choices.
            free = text == control.default or (control.optional and not text)
            value = text if free else parse(control, text, values)
            if value is None:
                return None
            values = values.replace(**{control.key: value})
    return values


def blocks(
    lesson: Lesson,
    values: Values,
    words: Words,
    key: str,
    views: Sequence[str],
    part: int | None = None,
    pause: Pause = lambda: None,
) -> dict[str, bytes]:
    """Return the packed frames of a control, by view: its pictures, the others as they are."""

    def draw(stop: float) -> Picture:
        pause()
        return lesson.picture(moved(lesson, values, {key: stop}), words)

    made = frames(draw, lesson.by_key[key].stops_in(values)[_rows(part)], views)
    return {view: pack({"leaves": made[view]}) for view in views}


def _rows(part: int | None) -> slice:
    """Return which stops a part has."""
    return slice(None) if part is None else slice(part, None, EVERY)


def make(wish: Wish, pause: Pause) -> dict[str, bytes]:
    """Make what was wished for: what runs in the maker's process or thread."""
    return blocks(
        lesson_named(wish.lesson), wish.values, load(wish.lesson, wish.language), *wish[3:], pause=pause
    )


def import_lessons() -> None:
    """Import all lessons."""
    for name in LESSONS:
        lesson_named(name)


maker = Maker(make, import_lessons)
_under_way: dict[Wish, list[Any]] = {}  # what people wait for: the future, and how many wait


def answer(lesson: Lesson, wish: Wish, part: int | None, found: Mapping[str, bytes]) -> bytes:
    """Return the answer to a wish: a head, and the blocks of its views."""
    rows = range(lesson.by_key[wish.key].count_in(wish.values))[_rows(part)]
    head = {"control": wish.key, "views": list(wish.views), "count": len(rows)}
    head |= {"first": rows.start, "every": rows.step}
    return b"".join([pack({"frames": head}), *(found[view] for view in wish.views)])


def kept(wish: Wish) -> bytes | None:
    """Return the answer to a wish out of the store, of all stops where they are there."""
    for part in dict.fromkeys((None, wish.part)):
        if len(found := _stored(wish, part)) == len(wish.views):
            return answer(lesson_named(wish.lesson), wish, part, found)
    return None


async def made(wish: Wish, origin: Source) -> bytes:
    """Return the answer to a wish once it is made: once for all who wait, for nobody not at all."""
    # What is a person's own is made for him alone, and kept nowhere.
    had = {} if origin.private else _stored(wish, wish.part)
    job = wish._replace(views=tuple(view for view in wish.views if view not in had))
    if job not in _under_way:
        rank = FINE if wish.part is None else COARSE
        _under_way[job] = [maker.ask(rank, job, here=origin.here), 0]
    shared = _under_way[job]
    shared[1] += 1
    try:
        found = await asyncio.shield(asyncio.wrap_future(shared[0]))
    finally:
        shared[1] -= 1
        if not shared[1]:
            del _under_way[job]
            shared[0].cancel()
    lesson = lesson_named(wish.lesson)
    if not origin.private:
        _keep(job, found)
        prepare(lesson, wish.values, wish.language, wish.views, origin)
    return answer(lesson, wish, wish.part, had | found)


async def compressed(block: bytes, private: bool) -> bytes:
    """Return a block compressed: once for all who ask for the same, and while others are answered."""
    return await _once(hashlib.sha256(block).digest(), private, _compress, block)


def _compress(block: bytes) -> bytes:
    # Two fifths of the bytes: at level 1 most cost half a millisecond, but a megabyte 20.
    return gzip.compress(block, 1, mtime=0)


def _stored(wish: Wish, part: int | None) -> dict[str, bytes]:
    """Return the frames wished for that are in the store, by view."""
    return {v: block for v in wish.views if (block := store.get(wish.named(v, part))) is not None}


def _keep(wish: Wish, found: Mapping[str, bytes]) -> None:
    for view, block in found.items():
        store.put(wish.named(view, wish.part), block)


def prepare(lesson: Lesson, values: Values, language: str, views: Sequence[str], origin: Source) -> None:
    """Make all sliders' frames ahead, in a state in which many will stand: a start, a preset, a beat."""
    # The hands that wait are better served by a process of its own.
    maker.start_soon()
    if not EAGER:
        return
    opens = known(lesson, values) == dict(lesson.start)
    if not opens and not lesson.active_preset(values) and not lesson.begins_beat(values):
        return
    for key, control in lesson.by_key.items():
        if control.is_framed(values):
            wish = Wish(lesson.name, language, values, key, tuple(views), None)
            ahead.add(wish, lambda wish=wish: _make_ahead(wish, origin))  # type: ignore[misc]


def _make_ahead(wish: Wish, origin: Source) -> None:
    had = _stored(wish, None)
    if len(had) < len(wish.views):
        wish = wish._replace(views=tuple(view for view in wish.views if view not in had))
        _keep(wish, maker.ask(AHEAD, wish, here=origin.here).result())


def first_views(lesson: Lesson) -> tuple[str, ...]:
    """Return the views that stand beside the first sliders on a wide screen."""
    section = lesson.sections[0]
    others = [view for view in section.tabs if view not in section.main]
    return (*section.main, *others[:1], *section.above, *section.below)
