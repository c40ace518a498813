"""The live part of a lesson: its controls and figures, in step with the hand.

The browser half (static/live/) draws the controls and the figures. When the hand comes to a slider it
asks for that slider's frames: the lesson's ``picture`` at each of its stops, of which only what differs
is sent. While the slider moves the browser swaps frames and sends nothing; on release it sends the
values, the page's fragment runs again, and the address follows. So there is one truth, in ``core``.

Two components, each in a fragment of its own, so that an answer with frames redraws nothing else:

``live:<lesson>``    state ``commit`` = ``{client, seq, values, set | preset | drag, moving, views}``.
                     The values after a release, numbered, so that an answer to an older commit can be told
                     from the newest (``ack``). The answer is everything that the browser draws.
``frames:<lesson>``  trigger ``ask`` = ``{token, control, views, values}``. The answer is the frames of that
                     control around those values, under the asker's token. To whoever enters the lesson
                     come those of the first slider, unasked: in place of a token they name the state
                     ``around`` which they are.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode

import streamlit as st

from core.figures.theme import INKS, PALETTES
from pages.shared import assets
from pages.shared.catalog import Words
from pages.shared.controls import Control, Problem, Values, decimals, parse, query, read, settle, written
from pages.shared.frames import frames, pack, resolve
from pages.shared.lesson import Drag, Lesson, Section
from pages.shared.store import Ahead, Store

FAR = 1e300  # nothing on an axis is that far out

# A class that opens one link hovers over the same sliders in the same state: one visitor's frames serve all.
store = Store()
making = threading.Lock()
ahead = Ahead()


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
    bring(lesson, section or lesson.sections[0].key)


def bring(lesson: Lesson, place: str) -> None:
    """Have the browser bring a section to the eye, or the figure of one of its tabs."""
    section = _section_of(lesson, place)
    turn = st.session_state.get(f"turn:{lesson.name}", 0) + 1
    tab = place if section and place in section.tabs else ""
    st.session_state[f"turn:{lesson.name}"] = turn
    st.session_state[f"focus:{lesson.name}"] = {
        "section": section.key if section else "",
        "tab": tab,
        "turn": turn,
    }


def _section_of(lesson: Lesson, place: str) -> Section | None:
    """Return the section of a name, or the one that has a tab of that name."""
    return next((section for section in lesson.sections if place in (section.key, *section.tabs)), None)


def enter(lesson: Lesson) -> list[Problem]:
    """Take the address's values at the entry to a lesson; return what could not be taken."""
    given = st.query_params.to_dict()
    known = {key: text for key, text in given.items() if key in lesson.by_key}
    problems = _place(lesson, given.get("at"))
    kept = session_values(lesson)
    if not known and kept is not None:
        return problems
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
    return [*(Problem(p.key, p.given, written(values[p.key])) for p in reading.problems), *problems]


def _place(lesson: Lesson, place: str | None) -> list[Problem]:
    """Take the place on the page that an address may name; return what could not be taken."""
    # What was brought to the eye at an earlier visit is no longer meant.
    st.session_state.pop(f"focus:{lesson.name}", None)
    if place is None:
        return []
    if _section_of(lesson, place) is None:
        return [Problem("at", place[:40], lesson.sections[0].key)]
    bring(lesson, place)
    return []


def _mapping(given: object) -> dict[str, Any]:
    """Return a part of a message that should be a mapping; an empty one where it is something else."""
    return dict(given) if isinstance(given, Mapping) else {}


def _names(given: object) -> tuple[str, ...]:
    """Return a part of a message that should be a list of names."""
    return tuple(name for name in given if isinstance(name, str)) if isinstance(given, (list, tuple)) else ()


def told(lesson: Lesson, message: Mapping[str, Any], values: Values) -> Values:
    """Return ``values`` as a message of the browser tells them: it may know what this session does not.

    After a reconnection the session may be new while the browser still shows what it showed.
    """
    for key, given in _mapping(message.get("values")).items():
        if key in lesson.by_key and (value := parse(lesson.by_key[key], given, values)) is not None:
            values = values.replace(**{key: value})
    return values


def moved(lesson: Lesson, values: Values, changes: Mapping[str, object]) -> Values:
    """Return the values after controls were moved, with whatever follows them."""
    made = read(lesson.controls, changes, values).values
    return made.replace(**lesson.follow(values, made)) if lesson.follow else made


def apply(lesson: Lesson, message: Mapping[str, Any], values: Values) -> Values:
    """Return the values after a commit of the browser; what is not a value is left out."""
    base = told(lesson, message, values)
    if preset := message.get("preset"):
        known = {*lesson.presets, *lesson.hidden_presets} & {*_names([preset])}
        return lesson.preset(preset, base) if known else base
    if held := _mapping(message.get("drag")):
        return _dragged(lesson, held, base)
    wanted = _mapping(message.get("set"))
    # The browser's state has the new value already; what follows must see it change.
    before = base.replace(**{key: values[key] for key in wanted if key in lesson.by_key})
    return moved(lesson, before, wanted)


def _dragged(lesson: Lesson, held: Mapping[str, Any], values: Values) -> Values:
    """Return the values after a grip was moved."""
    (name,) = _names([held.get("name")]) or ("",)
    place = [held.get(key) for key in ("x", "y", "from_x", "from_y")]
    if name not in lesson.drags or not all(isinstance(p, (int, float)) and abs(p) < FAR for p in place):
        return values
    start = read(lesson.controls, _mapping(held.get("start")), values).values
    x, y, from_x, from_y = (float(cast("float", p)) for p in place)
    drag = Drag(name, x, y, from_x, from_y, start)
    for key, number in lesson.drags[name](drag).items():
        low, high, _ = lesson.by_key[key].range_in(values)
        kept = min(max(float(number), low), high)
        values = values.replace(**{key: round(kept) if lesson.by_key[key].whole else kept})
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
        "shown": control.is_shown(values),
    }
    unit = control.unit(values) if control.unit else values.get("unit", "")
    for key in (f"control.{name}.unit", f"control.{name}.unit.{unit}"):
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
        # Evenly spaced stops travel as a count; the browser rounds them as stops_in does.
        if control.stops is not None or decimals(low) > decimals(step):
            made["stops"] = control.stops_in(values)
        else:
            made["count"] = control.count_in(values)
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


def known(lesson: Lesson, values: Values) -> dict[str, Any]:
    """Return the values of the controls, which the browser knows."""
    return {key: values[key] for key in lesson.by_key}


def stamp(lesson: Lesson, values: Values) -> int:
    """Return a name for what else the picture depends on: frames hold only while it stays."""
    return hash(tuple(item for item in values.items() if item[0] not in lesson.by_key)) & 0xFFFFFFFF


def whole(
    lesson: Lesson, values: Values, words: Words, *, notes: Sequence[str], views: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return everything that the browser needs to draw the lesson in the state ``values``."""
    return {
        "lesson": lesson.name,
        "language": words.language,
        "address": address(lesson, values, words.language),
        "values": known(lesson, values),
        "stamp": stamp(lesson, values),
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
        "inks": INKS,
    }


def frame_block(lesson: Lesson, values: Values, words: Words, key: str, views: Sequence[str]) -> bytes:
    """Return the packed frames of one control: its picture at each stop, the other values as they are.

    A head, and a block for each view: what is in the store already is not drawn again.
    """
    state = (lesson.name, words.language, tuple(item for item in values.items() if item[0] != key), key)
    blocks = _kept(state, views)
    if len(blocks) < len(views):
        # One after another: side by side they would be no sooner done, whoever lets go of a slider would wait
        # for all of them, and a class in one state would have the same frames made for each.
        with making:
            blocks = _kept(state, views)
            if missing := [view for view in views if view not in blocks]:
                blocks |= _made(lesson, values, words, key, missing)
                for view in missing:
                    store.put((*state, view), blocks[view])
    head = {"control": key, "views": list(views), "count": lesson.by_key[key].count_in(values)}
    return b"".join([pack({"frames": head}), *blocks.values()])


def _made(lesson: Lesson, values: Values, words: Words, key: str, views: Sequence[str]) -> dict[str, bytes]:
    """Return new frames of one control, by view."""

    def draw(stop: float) -> Mapping[str, Any]:
        return lesson.picture(moved(lesson, values, {key: stop}), words)

    made = frames(draw, lesson.by_key[key].stops_in(values), views)
    return {view: pack({"leaves": made[view]}) for view in views}


def _kept(state: tuple[Any, ...], views: Sequence[str]) -> dict[str, bytes]:
    """Return the frames of a state that are in the store already, by view."""
    return {view: block for view in views if (block := store.get((*state, view))) is not None}


def prepare(lesson: Lesson, values: Values, words: Words, views: tuple[str, ...]) -> None:
    """Make all sliders' frames ahead, in a state in which many will stand: the opening one, or a preset's."""
    if known(lesson, values) != dict(lesson.start) and not lesson.active_preset(values):
        return
    for key, control in lesson.by_key.items():
        if control.is_framed(values):
            wish = (lesson, values, words, key, views)
            ahead.add((lesson.name, words.language, values, key, views), partial(frame_block, *wish))


def serve(lesson: Lesson, words: Words, *, entered: bool = False) -> None:
    """Answer the browser's wish for frames, in a fragment of its own.

    To whoever has just ``entered`` the lesson it brings those of the first slider, unasked.
    """
    state = cast("dict[str, Any]", st.session_state.get(f"frames:{lesson.name}") or {})
    ask = _mapping(state.get("ask"))
    data = pack({"lesson": lesson.name})
    values = _sourced(lesson, told(lesson, ask, session_values(lesson) or lesson.start), words)
    for control in _names([ask.get("control")]):
        if control not in lesson.by_key or "token" not in ask:
            continue
        views = tuple(view for view in _names(ask.get("views")) if view in lesson.views)
        data = pack({"lesson": lesson.name, "token": ask["token"]})
        data += frame_block(lesson, values, words, control, views)
        prepare(lesson, values, words, views)
    if entered and not ask:
        views = first_views(lesson)
        for control in first_slider(lesson, values):
            around = {
                "language": words.language,
                "stamp": stamp(lesson, values),
                "values": known(lesson, values),
            }
            data = pack({"lesson": lesson.name, "around": around})
            data += frame_block(lesson, values, words, control, views)
        # What is further down the page comes after all that is at its top.
        for wish in (views, tuple(sorted(lesson.views))):
            prepare(lesson, values, words, wish)
    ahead.busy()
    mount = st.components.v2.component(
        "likelihood_lab_frames", js=assets.loader("serve"), isolate_styles=False
    )
    mount(key=f"frames:{lesson.name}", data=data, height=1, on_ask_change=_nothing)


def first_slider(lesson: Lesson, values: Values) -> list[str]:
    """Return the key of the slider that stands first on the page, if there is one."""
    section = lesson.sections[0]
    keys = [*group(lesson, section.controls), *(key for row in section.table for key in row)]
    return [key for key in keys if lesson.by_key[key].is_framed(values)][:1]


def first_views(lesson: Lesson) -> tuple[str, ...]:
    """Return the views that stand beside it on a wide screen."""
    section = lesson.sections[0]
    others = [view for view in section.tabs if view not in section.main]
    return (*section.main, *others[:1], *section.below)


def _sourced(lesson: Lesson, values: Values, words: Words) -> Values:
    """Return the values with what comes from other widgets of the page."""
    if lesson.sources is None:
        return values
    return settle(lesson.controls, values.replace(**lesson.sources(words)))


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
    commit = _mapping(state.get("commit"))
    values = session_values(lesson) or lesson.start
    seen = st.session_state.get(f"seen:{lesson.name}", ["", 0])
    fresh = {"client", "seq"} <= commit.keys() and [commit["client"], commit["seq"]] != seen
    moving = fresh and bool(commit.get("moving"))
    if fresh:
        values = apply(lesson, commit, values)
        seen = [commit["client"], commit["seq"]]
        st.session_state[f"seen:{lesson.name}"] = seen
        for preset in _names([commit.get("preset")]):
            if preset in lesson.shows:
                bring(lesson, lesson.shows[preset])
        # A sentence on the address has been read once somebody moves something.
        st.session_state.pop(f"problems:{lesson.name}", None)
        problems = ()
    values = _sourced(lesson, values, words)
    keep(lesson, values)
    ahead.busy()
    notes = [*problems, *(lesson.notes(values, words) if lesson.notes else [])]
    message = {
        "ack": seen,
        "moving": moving,
        "focus": st.session_state.get(f"focus:{lesson.name}"),
        **whole(lesson, values, words, notes=notes, views=_names(commit.get("views")) if moving else None),
    }
    mount = st.components.v2.component(
        "likelihood_lab_live", html='<div class="ll"></div>\n', js=assets.loader("show"), isolate_styles=False
    )
    mount(key=key, data=pack(message), height="content", on_commit_change=_nothing)
    return values


def _nothing() -> None:
    """Take the place of a callback: the state is read in the run itself."""
