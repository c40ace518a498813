"""A lesson's page: title, question and language, the live part, the watch-out boxes, the way on."""

from __future__ import annotations

import base64
import gc
import time
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.cells import visible
from pages.shared import klass, live, visit, way
from pages.shared.catalog import COURSE, LANGUAGES, LESSONS, Words, load
from pages.shared.controls import Problem, Values
from pages.shared.lesson import Lesson
from pages.shared.store import ahead, served
from pages.shared.turns import Turns

# A browser whose line was cut has the page run when it is back only where something on it runs by itself. The
# process of its session may be gone by then, and the next one knows no fragment before the page has run.
SELDOM = 86_400.0  # seconds
SAID = 4  # things of an address that cannot be used, one by one
# What stands below the picture comes once the browser has asked for the first slider's frames, as it does
# when the picture is painted: seconds that it has for that. Whoever has our files may have the frames too.
HEAD_STARTS = {"new": 1.0, "known": 0.2}
LATELY = 5.0  # seconds within which a new one has fetched our files
TAKEN = 0.1  # seconds that it has for taking in the frames

turns = Turns()


def settle_memory() -> None:
    """Take what has been imported out of the sight of the garbage collector, for good."""
    gc.collect()
    gc.freeze()


def draw(lesson: Lesson) -> None:
    """Draw everything of a lesson."""
    entered, begun = st.session_state.get("page") != lesson.name, served.now()
    with turns.turn():
        words = load(lesson.name, _entry(lesson))
        st.set_page_config(page_title=f"{words('title')} · Likelihood Lab")
        corner = _head(words)
        if lesson.before is not None:
            lesson.before(words)
    _body(lesson, words)
    if entered:
        new = served.wait("js", begun - LATELY, at_most=0)
        if served.wait(lesson.name, begun, HEAD_STARTS["new" if new else "known"]):
            time.sleep(TAKEN)
    # After the picture: the first such switch in a process takes 40 ms, for an icon that it has not.
    with turns.turn():
        beside = corner.container(key="corner", horizontal=True, horizontal_alignment="right", gap="small")
        klass.show(beside, words.language)
        _languages(beside, words)
        way.in_reach(corner, lesson.name, words)
        _tail(lesson, words)
    ahead.add("memory", settle_memory)


def _entry(lesson: Lesson) -> str:
    """Take the address at the entry to a page, and return the language."""
    if st.session_state.get("page") != lesson.name:
        st.session_state["page"] = lesson.name
        wanted, before = st.query_params.get("lang"), visit.language()
        if wanted in LANGUAGES:
            st.session_state["language"] = wanted
        code = visit.language()
        words = load(lesson.name, code)
        problems = visit.enter(lesson)
        if wanted is not None and wanted not in LANGUAGES:
            problems.append(Problem("lang", wanted[:40], code))
        st.session_state[f"problems:{lesson.name}"] = _sentences(problems, words)
        if code != before:
            # Somebody came back to an address in the other language: the navigation stands there already.
            st.rerun()
    return visit.language()


def _sentences(problems: Sequence[Problem], words: Words) -> list[str]:
    """Return what to say of what could not be taken: of many things the first ones, and how many more."""
    said = [_sentence(problem, words) for problem in problems[:SAID]]
    return [*said, words("live.problems", n=len(problems) - SAID)] if len(problems) > SAID else said


def _sentence(problem: Problem, words: Words) -> str:
    """Return what could not be taken from the address, and what is there instead, if anything is."""
    key = "live.problem" if problem.used else "live.left_out"
    return words(key, name=problem.key, given=visible(problem.given), used=problem.used)


def _head(words: Words) -> Any:
    """Draw the title and the question; return the corner beside them."""
    left, right = st.columns([5, 1], vertical_alignment="top")
    left.title(words("title"), anchor=False)
    left.markdown(words("question"))
    return right


def _languages(place: Any, words: Words) -> None:
    """Draw the language switch."""
    # Set rather than given as a default: the language may have come with the address.
    st.session_state["language_switch"] = words.language
    place.segmented_control(
        words("live.language"),
        list(LANGUAGES),
        format_func=lambda code: LANGUAGES[code],
        key="language_switch",
        on_change=_switch,
        label_visibility="collapsed",
    )


def _switch() -> None:
    """Take the language switch's choice; pressing the chosen one again keeps it."""
    st.session_state["language"] = st.session_state["language_switch"] or st.session_state["language"]


@st.fragment(run_every=SELDOM)
def _body(lesson: Lesson, words: Words) -> None:
    """Draw the live part and what depends on its values."""
    with turns.turn():
        values = live.show(lesson, words, problems=st.session_state.get(f"problems:{lesson.name}", ()))
        if lesson.derivation is not None:
            _derivation(lesson.derivation(values, words), words)
        if lesson.after is not None:
            lesson.after(values, words)


def _derivation(places: Mapping[str, str], words: Words) -> None:
    """Draw the derivation, step by step, with the numbers of the state."""
    with st.container(key="derivation"), st.expander(words("derivation.title")):
        for step in words.under("derivation.step"):
            st.markdown(words(f"derivation.step.{step}.text", **places))
            st.latex(words(f"derivation.step.{step}.formula", **places))


def _tail(lesson: Lesson, words: Words) -> None:
    """Draw the watch-out boxes, what a person can now say, a question on it, and the way on."""
    boxes = words.under("watch")
    # By these names a link leaves them out, and a projector (static/live/cut.js).
    with st.container(key="watch"):
        if boxes:
            st.header(words("live.watch"), anchor=False)
        for row in range(0, len(boxes), 2):
            for column, name in zip(st.columns(2), boxes[row : row + 2], strict=False):
                _box(lesson, words, name, column)
    with st.container(key="onwards"):
        if "takeaway" in words:
            st.header(words("live.takeaway"), anchor=False)
            st.markdown(words("takeaway"))
        way.question(lesson.name, words)
        way.last_link(lesson.name, words)


def _box(lesson: Lesson, words: Words, name: str, column: Any) -> None:
    """Draw one watch-out box: the wrong statement, why it looks right, what is right, a button to see it."""
    with column.container(border=True, height="stretch", key=f"box-{name}"):
        # On a phone the claim is a line that opens; which of the two is shown the sheet says (frame.css).
        wrong, why, right = [words(f"watch.{name}.{part}") for part in ("wrong", "why", "right")]
        claim = f"**{wrong}**"
        st.markdown(
            "\n\n".join([claim, "<details><summary>", claim, "</summary>", why, right, "</details>"]),
            unsafe_allow_html=True,
        )
        st.button(
            words(f"watch.{name}.see"),
            key=f"watch:{lesson.name}:{name}",
            icon=":material/visibility:",
            on_click=visit.jump,
            args=(
                lesson,
                words(f"watch.{name}.preset"),
                words(f"watch.{name}.section") if f"watch.{name}.section" in words else "",
            ),
        )


def _coded(svg: str) -> str:
    """Return a picture as an address holds it."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def lesson_map(values: Values, words: Words) -> None:
    """Draw the way to every lesson: a small picture, its number and name, a tick, its question."""
    # Imported here: only the home page needs the figures of every lesson.
    from core.figures.home import sketches

    st.header(words("map"), anchor=False)
    way.remember(words)
    if any(way.done(name) for name in COURSE):
        st.caption(words("start.tick"))
    others = [name for name in LESSONS if name != "home"]
    pictures = sketches(others)
    for row in range(0, len(others), 3):
        for column, name in zip(st.columns(3), others[row : row + 3], strict=False):
            theirs = load(name, words.language)
            tick = f"{words('start.done')} " if way.done(name) else ""
            with column.container(border=True, height="stretch", key=f"card-{name}"):
                # The name below it says it: a picture of Streamlit's own is a stop of the keyboard instead.
                st.html(f'<img alt="" width="100%" src="{_coded(pictures[name])}">')
                st.page_link(f"pages/{name}.py", label=f"{tick}**{way.name_of(name, words)}**")
                st.markdown(theirs("question"))
