"""The way through the lessons: which one follows, the question at a lesson's end, and what is done."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from pages.shared import memory, visit
from pages.shared.catalog import COURSE, LESSONS, Words, load

QUIZ = "quiz"


def questions() -> dict[str, int]:
    """Return the number of the question at the end of each lesson: the first one on its subject."""
    # Imported here: what stands below a lesson's figures has time.
    from core.figures.quiz import QUESTIONS

    first: dict[str, int] = {}
    for number, question in enumerate(QUESTIONS, start=1):
        first.setdefault(question.lesson, number)
    return first


def answers() -> dict[str, str]:
    """Return the answers that this visitor has given in Check yourself, or at the end of a lesson."""
    return visit.answers(QUIZ)


def done(name: str) -> bool:
    """Tell whether the question at a lesson's end has its answer, or had it before it came back."""
    return f"a{questions().get(name)}" in answers() or name in memory.ticks()


def onwards() -> str:
    """Return the lesson to start or to go on with: the last one, or the first whose question is open."""
    last = st.session_state.get("memory:last", {}).get("lesson", "")
    if last and not done(last):
        return str(last)
    return next((name for name in COURSE if not done(name)), QUIZ)


def begun() -> bool:
    """Tell whether the visitor has been in a lesson, or has answered a question."""
    return "memory:last" in st.session_state or bool(answers())


def name_of(name: str, words: Words) -> str:
    """Return a lesson's number and title."""
    number = f"{COURSE.index(name) + 1} " if name in COURSE else ""
    return number + load(name, words.language)("title")


def following(name: str) -> str:
    """Return the lesson that comes after one, or an empty text."""
    return "".join(LESSONS[LESSONS.index(name) + 1 :][:1])


def in_reach(place: Any, name: str, words: Words) -> None:
    """Draw, in the bar at the top, which of the lessons this is and the link to the next one."""
    if name not in COURSE:
        return
    i, n = COURSE.index(name) + 1, len(COURSE)
    row = place.container(key="onward", horizontal=True, vertical_alignment="center", gap="small")
    row.html(
        f'<span class="onward-whole">{html.escape(words("live.place", i=i, n=n))}</span>'
        f'<span class="onward-short" aria-hidden="true">{i}/{n}</span>'
    )
    to = following(name)
    row.page_link(
        f"pages/{to}.py",
        label=words("live.next", title=load(to, words.language)("nav")),
        icon=":material/arrow_forward:",
        icon_position="right",
    )


def last_link(name: str, words: Words) -> None:
    """Draw the link to the next lesson, at the end of the page."""
    if to := following(name):
        st.page_link(
            f"pages/{to}.py",
            label=words("live.next", title=load(to, words.language)("title")),
            icon=":material/arrow_forward:",
        )


def start(words: Words) -> None:
    """Draw for whom the lessons are, how long they take, and the link to start or to go on with."""
    to, key = onwards(), "go_on" if begun() else "first"
    with st.container(key="start", horizontal=True, vertical_alignment="center"):
        st.page_link(
            f"pages/{to}.py",
            label=words(f"start.{key}", title=name_of(to, words)),
            query_params=_left(to, words),
            width="content",
        )
        st.markdown(words("start.whom", n=len(COURSE)))


def _left(name: str, words: Words) -> dict[str, str] | None:
    """Return what the address says of the state in which a lesson was left in an earlier visit, if it was."""
    said = dict(parse_qsl(memory.last_address(name)))
    # Where this visit has been it knows the way back itself.
    return {**said, "lang": words.language} if said and f"given:{name}" not in st.session_state else None


def remember(words: Words) -> None:
    """Draw whether this browser remembers the visitor, the button that changes it, and what comes back."""
    on = memory.is_on()
    with st.container(key="memory", horizontal=True, vertical_alignment="center"):
        st.button(
            words("memory.forget" if on else "memory.ask"), on_click=memory.forget if on else memory.ask
        )
        st.markdown(words("memory.on" if on else "memory.off"))
    if back := memory.due():
        st.page_link(
            f"pages/{QUIZ}.py",
            label=words("memory.back", n=len(back)),
            icon=":material/replay:",
            query_params={"lang": words.language, "q": str(back[0]), **answers()},
        )


def question(name: str, words: Words) -> None:
    """Draw one question of Check yourself on the subject of a lesson; the first answer counts."""
    q = questions().get(name, 0)
    if not q:
        return
    theirs = load(QUIZ, words.language)
    st.header(theirs("title"), anchor=False)
    with st.container(key="question"):
        _ask(q, theirs)


def _ask(q: int, words: Words) -> None:
    """Draw a question with its options; once it has its answer, which one is right, and why."""
    from core.figures.quiz import QUESTIONS

    given, order = answers().get(f"a{q}", ""), QUESTIONS[q - 1].order
    if given:
        st.html(_answered(q, given, words))
    else:
        key = f"question:{q}"
        st.radio(
            words(f"control.a{q}.label"),
            list(order),
            # A word in brackets would be a link.
            format_func=lambda option: words(f"control.a{q}.choice.{option}").replace("[", r"\["),
            index=None,
            key=key,
            on_change=_take,
            args=(q, key),
        )
    st.page_link(
        f"pages/{QUIZ}.py",
        label=words("at_end.same", q=q),
        query_params={"lang": words.language, "q": str(q), **answers()},
    )


def _answered(q: int, given: str, words: Words) -> str:
    """Return a question with signs at its options, and the numbers that show what is right."""
    from core.figures.quiz import QUESTIONS, facts, verdict

    wanted = QUESTIONS[q - 1]
    texts = {option: words(f"control.a{q}.choice.{option}") for option in wanted.order}
    signs = {given: "<span>✗ </span>", wanted.right: "<span>✓ </span>"}
    said = words.group("verdict", q=q) | words.group(f"fact.{q}", **facts(q).places)
    told = verdict(q, given, texts[wanted.right], said)["lines"]
    rows = ["".join(part if isinstance(part, str) else part["text"] for part in line) for line in told]
    options = "".join(f"<li>{signs.get(o, '')}{html.escape(text)}</li>" for o, text in texts.items())
    asked = html.escape(words(f"control.a{q}.label"))
    return f"<p>{asked}</p><ul>{options}</ul>" + "".join(f"<p>{html.escape(row)}</p>" for row in rows)


def _take(q: int, key: str) -> None:
    """Take the answer to a question: the first one counts."""
    if chosen := st.session_state.get(key):
        visit.answer(QUIZ, f"a{q}", chosen)
