"""The live part of a lesson: its controls and figures, in step with the hand.

The browser half (static/live/) draws the controls and the figures. When the hand comes to a slider it
asks for that slider's frames: the lesson's ``picture`` at each of its stops, of which only what differs
is sent. While the slider moves the browser swaps frames and sends nothing; on release it sends the
values, this fragment runs again, and the address follows. So there is one truth, in ``core``.

Messages from the browser, in the component's state under the lesson's key:

``commit``  ``{client, seq, values, set | preset | drag | reset, views, moving}``: the values after a release,
            numbered, so that an answer to an older one can be told from the newest.
``ask``     ``{client, seq, control, first, count, views}``: frames wanted, or, without a control, everything.

Answers, packed by ``frames.pack``: ``ack`` names the newest commit that the answer knows.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlencode

import streamlit as st

from core.figures.theme import PALETTES
from pages.shared import assets
from pages.shared.catalog import Words
from pages.shared.controls import Control, Problem, Values, decimals, parse, query, read, settle, written
from pages.shared.frames import frames, pack, resolve
from pages.shared.lesson import Drag, Lesson

CACHE_BYTES = 64 * 2**20

_cache: OrderedDict[Any, bytes] = OrderedDict()
_cache_lock = threading.Lock()
_cache_size = 0


def cached(key: Any, make: Callable[[], bytes]) -> bytes:
    """Return the block made for ``key``, from the process's store where it has been made before.

    A class that opens one link hovers over the same sliders in the same state: the first visitor's
    frames serve all. The oldest blocks go when the store is full.
    """
    global _cache_size
    with _cache_lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    block = make()
    with _cache_lock:
        if key not in _cache:
            _cache[key] = block
            _cache_size += len(block)
        while _cache_size > CACHE_BYTES and len(_cache) > 1:
            _cache_size -= len(_cache.popitem(last=False)[1])
    return block


def session_values(lesson: Lesson) -> Values | None:
    """Return the values that this session last had in the lesson's scope, if it was there."""
    kept = st.session_state.get(f"values:{lesson.scope or lesson.name}")
    if not kept:
        return None
    # Another lesson of the scope may have changed what a range of this one depends on.
    known = {key: value for key, value in kept.items() if key in lesson.by_key}
    return settle(lesson.controls, Values({**lesson.start, **known}))


def keep(lesson: Lesson, values: Values) -> None:
    """Remember the values for the rest of the session, and for the lessons of the same scope."""
    key = f"values:{lesson.scope or lesson.name}"
    st.session_state[key] = {**st.session_state.get(key, {}), **values}


def jump(lesson: Lesson, preset: str, section: str = "") -> None:
    """Set a preset from outside the live part, and let the browser bring its section to the eye."""
    keep(lesson, lesson.preset(preset, session_values(lesson) or lesson.start))
    st.session_state[f"focus:{lesson.name}"] = {
        "section": section or lesson.sections[0].key,
        "turn": st.session_state.get(f"turn:{lesson.name}", 0) + 1,
    }
    st.session_state[f"turn:{lesson.name}"] = st.session_state[f"focus:{lesson.name}"]["turn"]


def enter(lesson: Lesson) -> list[Problem]:
    """Take the address's values at the entry to a lesson; return what could not be taken."""
    given = st.query_params.to_dict()
    known = {key: text for key, text in given.items() if key in lesson.by_key}
    kept = session_values(lesson)
    if not known and kept is not None:
        return []
    # An address that names anything names everything: the rest is at its default, as for whoever shared it.
    reading = read(lesson.controls, known, lesson.start)
    values = reading.values
    if lesson.follow:
        named = known.keys() - {problem.key for problem in reading.problems}
        changes = lesson.follow(lesson.start, values)
        values = settle(
            lesson.controls, values.replace(**{k: v for k, v in changes.items() if k not in named})
        )
    keep(lesson, values)
    return [Problem(p.key, p.given, written(values[p.key])) for p in reading.problems]


def apply(lesson: Lesson, message: Mapping[str, Any], values: Values) -> Values:
    """Return the values after a commit of the browser; what is not a value is left out."""
    base = values
    for key, given in dict(message.get("values") or {}).items():
        # The browser's whole state counts where this session does not know it (after a reconnection).
        if key in lesson.by_key and (value := parse(lesson.by_key[key], given, base)) is not None:
            base = base.replace(**{key: value})
    if preset := message.get("preset"):
        return lesson.preset(preset, base) if preset in {*lesson.presets, *lesson.hidden_presets} else base
    if keys := message.get("reset"):
        return settle(
            lesson.controls, base.replace(**{k: lesson.start[k] for k in keys if k in lesson.by_key})
        )
    if held := message.get("drag"):
        return _dragged(lesson, held, base)
    made = read(lesson.controls, dict(message.get("set") or {}), base).values
    return made.replace(**lesson.follow(values, made)) if lesson.follow else made


def _dragged(lesson: Lesson, held: Mapping[str, Any], values: Values) -> Values:
    """Return the values after a grip was moved."""
    if held.get("name") not in lesson.drags:
        return values
    start = read(lesson.controls, dict(held["start"]), values).values
    drag = Drag(
        held["name"], float(held["x"]), float(held["y"]), float(held["from_x"]), float(held["from_y"]), start
    )
    for key, number in lesson.drags[drag.name](drag).items():
        low, high, _ = lesson.by_key[key].range_in(values)
        values = values.replace(**{key: min(max(float(number), low), high)})
    return values


def started(lesson: Lesson, values: Values) -> Mapping[str, Any]:
    """Return what the values go back to: their defaults, in the unit and for the data now in use."""
    return {**lesson.start, **lesson.follow(lesson.start, values)} if lesson.follow else lesson.start


def describe(lesson: Lesson, control: Control, values: Values, words: Words) -> dict[str, Any]:
    """Return a control as the browser draws it."""
    name = control.label or control.key.rstrip("0123456789")
    low, high, step = control.range_in(values)
    digits = control.digits if control.digits is not None else decimals(step)
    made: dict[str, Any] = {
        "kind": control.kind,
        "label": _label(control, name, values, words),
        "role": control.role,
        "digits": 0 if control.whole else digits,
        "start": started(lesson, values)[control.key],
        "live": control.live,
        "whole": control.whole,
        "shown": control.shown is None or control.shown(values),
    }
    for key in (f"control.{name}.unit", f"control.{name}.unit.{values.get('unit', '')}"):
        if key in words:
            made["unit"] = words(key)
    if (key := f"control.{name}.help") in words:
        made["help"] = words(key)
    if control.kind == "choice":
        choices = control.choices or [str(number) for number in range(int(low), int(high) + 1)]
        made["choices"] = [[choice, _choice(name, choice, values, words)] for choice in choices]
    elif control.kind == "text":
        made["longest"] = control.longest
        if control.index:
            made["placeholder"] = words(f"class.{control.index}")
    else:
        made |= {"min": low, "max": high, "step": step}
        if control.kind != "button":
            made["stops"] = control.stops_in(values)
    return made


def _label(control: Control, name: str, values: Values, words: Words) -> str:
    """Return a control's label, in which @{index} and @{class} may stand."""
    key = f"control.{name}.label"
    if not control.index:
        return words(key)
    return words(key, index=control.index, name=class_name(control.index, values, words))


def _choice(name: str, choice: str, values: Values, words: Words) -> str:
    """Return the label of one choice: a word, or the class of that number."""
    if (key := f"control.{name}.choice.{choice}") in words:
        return words(key)
    return class_name(int(choice) + 1, values, words)


def class_name(number: int, values: Values, words: Words) -> str:
    """Return the name of the class of a number: a person's own, or the language's."""
    return str(values.get(f"c{number}") or words(f"class.{number}"))


def group(lesson: Lesson, names: Sequence[str]) -> list[str]:
    """Return the keys of the controls that a section names by key or by label."""
    return [
        control.key
        for name in names
        for control in lesson.controls
        if name in (control.key, control.label or control.key.rstrip("0123456789"))
    ]


def address(lesson: Lesson, values: Values, language: str) -> str:
    """Return the query of the address that reproduces the screen."""
    return urlencode({"lang": language, **query(lesson.controls, values)})


def whole(
    lesson: Lesson, values: Values, words: Words, *, notes: Sequence[str], views: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return everything that the browser needs to draw the lesson in the state ``values``."""
    return {
        "lesson": lesson.name,
        "language": words.language,
        "address": address(lesson, values, words.language),
        "values": {key: values[key] for key in lesson.by_key},
        "controls": {c.key: describe(lesson, c, values, words) for c in lesson.controls},
        "presets": [[name, words(f"preset.{name}")] for name in lesson.presets],
        "preset": lesson.active_preset(values),
        "sections": [
            {
                "key": section.key,
                "title": words(f"section.{section.key}.title") if i else "",
                "text": words(f"section.{section.key}.text") if i else "",
                "controls": group(lesson, section.controls),
                "main": list(section.main),
                "tabs": [
                    [name, words(f"tab.{name}")]
                    for name in [*section.main, *section.tabs]
                    if section.tabs and f"tab.{name}" in words
                ],
                "below": list(section.below),
                "table": [list(row) for row in section.table],
            }
            for i, section in enumerate(lesson.sections)
        ],
        "notes": list(notes),
        "views": resolve(lesson.picture(values, words), views),
        "words": {key: words(f"live.{key}") for key in words.under("live")},
        "palettes": PALETTES,
    }


def frame_block(
    lesson: Lesson, values: Values, words: Words, key: str, first: int, count: int, views: tuple[str, ...]
) -> bytes:
    """Return the packed frames of ``count`` stops of one control, from the stop ``first``."""

    def make() -> bytes:
        stops = lesson.by_key[key].stops_in(values)
        wanted = stops[first : first + count] if count else stops
        made = frames(
            lambda stop: lesson.picture(settle(lesson.controls, values.replace(**{key: stop})), words),
            wanted,
            views,
        )
        return pack({"frames": {"control": key, "first": first, "total": len(stops), "views": views, **made}})

    state = tuple(item for item in values.items() if item[0] != key)
    return cached((lesson.name, words.language, state, key, first, count, views), make)


def show(lesson: Lesson, words: Words, *, problems: Sequence[str] = ()) -> Values:
    """Draw the live part of a lesson and return its values.

    Parameters
    ----------
    lesson : Lesson
        The lesson.
    words : Words
        Its words.
    problems : sequence of str
        What could not be read from the address, one sentence each.

    Returns
    -------
    Values
        The values now on the screen, for what the page draws below.
    """
    key = f"live:{lesson.name}"
    state = cast("dict[str, Any]", st.session_state.get(key) or {})
    commit, ask = state.get("commit"), state.get("ask")
    values = session_values(lesson) or lesson.start
    seen = st.session_state.get(f"seen:{lesson.name}", ["", 0])
    moving = False
    fresh = bool(commit) and [commit["client"], commit["seq"]] != seen
    if commit and fresh:
        values = apply(lesson, commit, values)
        seen = [commit["client"], commit["seq"]]
        st.session_state[f"seen:{lesson.name}"] = seen
        moving = bool(commit.get("moving"))
        # A sentence on the address has been read once somebody moves something.
        st.session_state.pop(f"problems:{lesson.name}", None)
        problems = ()
    if lesson.sources is not None:
        values = settle(lesson.controls, values.replace(**lesson.sources(words)))
    keep(lesson, values)

    head: dict[str, Any] = {"ack": seen, "version": _version(lesson, values, words)}
    # Frames belong to the newest commit's state; an ask from before it is out of date.
    framed = (
        ask
        and ask.get("control") in lesson.by_key
        and [ask["client"], ask["seq"]] in (seen, [ask["client"], 0])
    )
    if fresh or not framed:
        notes = [*problems, *(lesson.notes(values, words) if lesson.notes else [])]
        views = commit["views"] if commit and moving else None
        head |= whole(lesson, values, words, notes=notes, views=views)
        head |= {"moving": moving, "focus": st.session_state.get(f"focus:{lesson.name}")}
    data = pack(head)
    if framed:
        data += frame_block(
            lesson, values, words, ask["control"], int(ask["first"]), int(ask["count"]), tuple(ask["views"])
        )
    _mount(key, data)
    return values


def _version(lesson: Lesson, values: Values, words: Words) -> str:
    """Return a short name of a state, so that frames are laid only over the picture they belong to."""
    return f"{words.language}:{hash(values) & 0xFFFFFFFF:x}"


def _mount(key: str, data: bytes) -> None:
    """Mount the component, or hand it new data."""
    mount = st.components.v2.component(
        "likelihood_lab_live", html='<div class="ll"></div>\n', js=assets.loader(), isolate_styles=False
    )
    mount(key=key, data=data, height="content", on_commit_change=_nothing, on_ask_change=_nothing)


def _nothing() -> None:
    """Take the place of a callback: the state is read in the run itself."""


__all__ = [
    "Problem",
    "address",
    "apply",
    "enter",
    "frame_block",
    "jump",
    "keep",
    "session_values",
    "show",
    "whole",
]
