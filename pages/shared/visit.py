"""The visit: what a session keeps of a lesson, what its address said, where it looks, its language."""

from __future__ import annotations

import streamlit as st

from pages.shared.catalog import LANGUAGES
from pages.shared.controls import Problem, Values, read, settle, written
from pages.shared.lesson import Guide, Lesson, Section


def language() -> str:
    """Return the visitor's language: chosen, from the address, or the browser's."""
    chosen = st.session_state.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = st.query_params.get("lang")
    if wanted not in LANGUAGES:
        wanted = "ko" if (st.context.locale or "").lower().startswith("ko") else "en"
    st.session_state["language"] = wanted
    return str(wanted)


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


def guide(lesson: Lesson) -> Guide:
    """Return where this session is on the lesson's guide."""
    n, turn = st.session_state.get(f"guide:{lesson.name}", (1, 0))
    return Guide(n, turn, guide_is_off())


def guide_is_off() -> bool:
    """Tell whether this visitor has left the guides of all lessons."""
    return bool(st.session_state.get("guide_off"))


def begin_beat(lesson: Lesson, n: int) -> None:
    """Go to a beat of the lesson's guide, which whoever asks for it has switched on."""
    st.session_state[f"guide:{lesson.name}"] = (n, guide(lesson).turn + 1)
    st.session_state["guide_off"] = False


def switch_guide_off() -> None:
    """Leave the guides of all lessons until somebody takes one up again."""
    st.session_state["guide_off"] = True


def answers(scope: str) -> dict[str, str]:
    """Return the answers to questions (``a1``, ...) that this session has in a scope."""
    kept = st.session_state.get(f"values:{scope}", {})
    return {key: text for key, text in kept.items() if key[0] == "a" and key[1:].isdigit() and text}


def answer(scope: str, key: str, text: str) -> None:
    """Take an answer; the first one to a question counts."""
    if key not in answers(scope):
        st.session_state[f"values:{scope}"] = {**st.session_state.get(f"values:{scope}", {}), key: text}


def leave(lesson: Lesson, values: Values | None, place: str = "") -> None:
    """Remember the state that a preset or a jump leaves, to tell its change; None where a hand has moved.

    ``place`` is the section that it leads to, or a view there.
    """
    turn = left(lesson)[1] + (values is not None)
    section = _section_of(lesson, place)
    st.session_state[f"left:{lesson.name}"] = (values, turn, section.key if section else "")


def left(lesson: Lesson) -> tuple[Values | None, int, str]:
    """Return the state that was left last, if nothing has moved since, how often one was, and for where."""
    found: tuple[Values | None, int, str] = st.session_state.get(f"left:{lesson.name}", (None, 0, ""))
    return found


def jump(lesson: Lesson, preset: str, section: str = "") -> None:
    """Set a preset from outside the live part, and let the browser bring its section to the eye."""
    before = session_values(lesson) or lesson.start
    leave(lesson, before, section)
    keep(lesson, lesson.preset(preset, before))
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
    """Return the section of a name, or the one that has a tab, or a view over its figures, of that name."""
    for section in lesson.sections:
        if place in (section.key, *section.above, *section.tabs):
            return section
    return None


def enter(lesson: Lesson) -> list[Problem]:
    """Take the address's values at the entry to a lesson; return what could not be taken."""
    given = st.query_params.to_dict()
    known = {key: text for key, text in given.items() if key in lesson.by_key}
    problems = _place(lesson, given.get("at"))
    kept = session_values(lesson)
    beat, wrong = _beat(lesson, given.get("beat"))
    problems += wrong
    if not known and not beat and kept is not None:
        return problems
    # An address that names anything names everything: the rest is at its default, as for whoever shared it,
    # or as the beat that it names has it.
    base = lesson.defaults if known else kept or lesson.start
    base = lesson.beat(beat, base) if beat else base
    reading = read(lesson.controls, known, base)
    values = reading.values
    if lesson.follow:
        named = known.keys() - {problem.key for problem in reading.problems}
        changes = lesson.follow(base, values)
        values = settle(
            lesson.controls, values.replace(**{k: v for k, v in changes.items() if k not in named})
        )
    keep(lesson, values)
    return [*(Problem(p.key, p.given, written(values[p.key])) for p in reading.problems), *problems]


def _beat(lesson: Lesson, given: str | None) -> tuple[int, list[Problem]]:
    """Take the beat that an address may name, 0 where it names none; return what could not be taken."""
    # What was brought to the eye at an earlier visit is no longer meant.
    st.session_state[f"guide:{lesson.name}"] = (guide(lesson).n, 0)
    if given is None or not lesson.beats:
        return 0, []
    if n := lesson.beat_named(given):
        begin_beat(lesson, n)
        return n, []
    return 0, [Problem("beat", given[:40], "")]


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
