"""The live part of a lesson: its controls and figures, in step with the hand.

The browser half (static/live/) draws the controls and the figures. When the hand comes to a slider it
fetches that slider's frames (``supply``): the lesson's ``picture`` at each of its stops, of which only what
differs is sent. While the slider moves the browser swaps frames and sends nothing; on release it sends the
values, the page's fragment runs again, and the address follows. So there is one truth, in ``core``.

The component ``live:<lesson>`` has a state ``commit`` = ``{client, seq, values, has, intact, reads, set |
preset | beat | drag, guide, moving, views}``: the values after a release, numbered, so that an answer to an
older commit can be told from the newest (``ack``); the ``name`` of the answer that the browser ``has``, which
views of it are ``intact``, and of which figures somebody ``reads`` the table. The answer is everything that
the browser draws and has not. A commit that sets nothing asks for the table of one that was opened.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, cast

import streamlit as st

from pages.shared import assets, memory
from pages.shared.catalog import Words
from pages.shared.controls import Values, settle
from pages.shared.frames import pack
from pages.shared.lesson import Lesson
from pages.shared.store import ahead
from pages.shared.supply import NOTHING, Source, address, first_views, prepare, source
from pages.shared.visit import begin_beat, bring, guide, keep, leave, left, session_values, switch_guide_off
from pages.shared.wire import apply, changed, led, mapping, names, whole

SETS = {"set", "preset", "beat", "drag", "guide"}  # what a commit can do


def _sourced(lesson: Lesson, values: Values, words: Words) -> tuple[Values, Source]:
    """Return the values with what comes from other widgets of the page, and its name for addresses."""
    if lesson.sources is None:
        return values, NOTHING
    key = f"source:{lesson.name}"
    found = source(lesson.sources(words), st.session_state.get(key))
    # The session holds it; when it lets go, the name is forgotten.
    st.session_state[key] = found
    return settle(lesson.controls, values.replace(**found.added)), found


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
    commit = mapping(state.get("commit"))
    values = session_values(lesson) or lesson.start
    seen = st.session_state.get(f"seen:{lesson.name}", ["", 0])
    fresh = {"client", "seq"} <= commit.keys() and [commit["client"], commit["seq"]] != seen
    moving = fresh and bool(commit.get("moving"))
    if memory.take(state.get("remembered")):
        st.rerun(scope="app")
    if fresh:
        came = values
        values = apply(lesson, commit, came)
        # Whoever only asks for a table has read nothing and moved nothing.
        if values != came or commit.keys() & SETS:
            leave(lesson, came if commit.get("preset") or commit.get("beat") else None, led(lesson, commit))
            # A sentence on the address has been read once somebody moves something.
            st.session_state.pop(f"problems:{lesson.name}", None)
            problems = ()
        seen = [commit["client"], commit["seq"]]
        st.session_state[f"seen:{lesson.name}"] = seen
        for preset in names([commit.get("preset")]):
            if preset in lesson.presets and (section := lesson.presets[preset].shows):
                bring(lesson, section)
        if n := lesson.beat_named(commit.get("beat")):
            begin_beat(lesson, n)
        if commit.get("guide") == "off":
            switch_guide_off()
    values, origin = _sourced(lesson, values, words)
    keep(lesson, values)
    ahead.busy()
    notes = [*problems, *(lesson.notes(values, words) if lesson.notes else [])]
    # What the browser says to have is so only if it has taken the last answer.
    name, had = st.session_state.get(f"given:{lesson.name}", ("", {}))
    intact = names(commit.get("intact")) if fresh and commit.get("has") == name else ()
    had = {view: had[view] for view in intact if view in had}
    views = names(commit.get("views")) if moving else None
    before, turn, place = left(lesson)
    picture = lesson.picture(values, words)
    wired = whole(
        lesson,
        values,
        words,
        notes=notes,
        views=views,
        had=had,
        reads=names(commit.get("reads")),
        guide=guide(lesson),
        picture=picture,
    )
    memory.was_in(lesson.name, wired["address"])
    message = {
        "name": secrets.token_hex(4),
        "ack": seen,
        "moving": moving,
        "focus": st.session_state.get(f"focus:{lesson.name}"),
        "frames": address(lesson, words.language, origin),
        "aside": list(origin.added),
        "changed": {"text": changed(lesson, before, values, words, place) if before else "", "turn": turn},
        **({} if moving else {"memory": memory.said()}),
        **wired,
    }
    # What was drawn under the hand has not all that is said at rest.
    given = {k: had.get(k) for k in had.keys() - message["views"]} if moving else picture
    st.session_state[f"given:{lesson.name}"] = message["name"], given
    mount = st.components.v2.component(
        "likelihood_lab_live", html='<div class="ll"></div>\n', js=assets.loader("show"), isolate_styles=False
    )
    mount(
        key=key,
        data=pack(message),
        height="content",
        on_commit_change=_nothing,
        on_remembered_change=_nothing,
    )
    # What is further down the page comes after all that is at its top.
    for wish in (first_views(lesson), sorted(lesson.views)):
        prepare(lesson, values, words.language, wish, origin)
    return values


def _nothing() -> None:
    """Take the place of a callback: the state is read in the run itself."""
