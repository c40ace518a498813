"""What a visitor asked his browser to remember: ticks, where he was, his answers, what comes back, no guide.

It is one record in the browser's own storage (``static/live/memory.js``). A session takes it over when the
browser tells it, and says what is to be written as long as he wants it. Nothing of it is kept on the server.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.shared import visit
from pages.shared.catalog import COURSE

QUIZ = "quiz"
BACK_AFTER = 5 * 86_400  # seconds after which a question that was missed comes back
LONGEST = 4000  # letters of an address


def is_on() -> bool:
    """Tell whether this visitor wants to be remembered."""
    return bool(st.session_state.get("memory:on"))


def ask() -> None:
    """Remember from now on."""
    st.session_state["memory:on"] = True


def forget() -> None:
    """Remember no longer, and have the browser delete what it has."""
    st.session_state["memory:on"] = False
    st.session_state["memory:forget"] = st.session_state.get("memory:forget", 0) + 1


def start_again() -> None:
    """Forget the answers and what was missed, as whoever erases his answers asks for; ticks stay."""
    for name in ("answers", "missed"):
        st.session_state[f"memory:{name}"] = {}


def ticks() -> list[str]:
    """Return the lessons whose question had its answer, once it comes back, too."""
    return list(st.session_state.get("memory:ticks", ()))


def was_in(name: str, address: str) -> None:
    """Note the lesson and the state in which the visitor is."""
    if name in COURSE:
        st.session_state["memory:last"] = {"lesson": name, "address": address}


def last_address(name: str) -> str:
    """Return the address of the state in which a lesson was left, or an empty text."""
    last = st.session_state.get("memory:last", {})
    return str(last["address"]) if last.get("lesson") == name else ""


def due() -> list[int]:
    """Return the questions that have come back and are still open."""
    return [q for q in st.session_state.get("memory:due", ()) if f"a{q}" not in visit.answers(QUIZ)]


def said() -> dict[str, Any]:
    """Return what the browser is told: what to write, or how often it was to be deleted."""
    token = st.session_state.setdefault("memory:session", secrets.token_hex(4))
    forgotten = st.session_state.get("memory:forget", 0)
    return {"session": token, "forget": forgotten, "record": _record() if is_on() else None}


def _record() -> dict[str, Any]:
    """Return what is to be remembered, brought up to date."""
    from core.figures.quiz import QUESTIONS, is_right

    answers: dict[str, str] = st.session_state.setdefault("memory:answers", {})
    missed: dict[str, int] = st.session_state.setdefault("memory:missed", {})
    answers |= {key: text for key, text in visit.answers(QUIZ).items() if key not in answers}
    for key, text in answers.items():
        if not is_right(int(key[1:]), text):
            missed.setdefault(key[1:], int(time.time()))
    done = {QUESTIONS[int(key[1:]) - 1].lesson for key in answers if _ends(int(key[1:]))}
    st.session_state["memory:ticks"] = [name for name in COURSE if name in done or name in ticks()]
    last = st.session_state.get("memory:last")
    return {
        "answers": dict(answers),
        "missed": dict(missed),
        "ticks": ticks(),
        **({"last": last} if last else {}),
        **({"guide": "off"} if visit.guide_is_off() else {}),
    }


def _ends(q: int) -> bool:
    """Tell whether a question is the first on its subject, which stands at the lesson's end."""
    from core.figures.quiz import QUESTIONS

    lessons = [question.lesson for question in QUESTIONS]
    return lessons.index(lessons[q - 1]) == q - 1


def take(given: object) -> bool:
    """Take over what the browser remembers, once; tell whether there was anything new.

    It comes from outside: what is not what it should be is left out.
    """
    if given is None or given == st.session_state.get("memory:heard"):
        return False
    st.session_state["memory:heard"] = given
    if isinstance(given, str) and is_on():
        # Another page of this browser was told to forget.
        st.session_state["memory:on"] = False
        return True
    if not isinstance(given, Mapping) or is_on() or st.session_state.get("memory:forget"):
        return False
    ask()
    answers, missed = _answers(given.get("answers")), _times(given.get("missed"))
    now = time.time()
    back = [q for q, when in missed.items() if now - when >= BACK_AFTER and f"a{q}" in answers]
    st.session_state["memory:due"] = [int(q) for q in back]
    st.session_state["memory:answers"] = {k: v for k, v in answers.items() if k[1:] not in back}
    st.session_state["memory:missed"] = {q: when for q, when in missed.items() if q not in back}
    # Whoever comes by a link to a question finds it as it was sent.
    if "q" not in st.query_params:
        for key, text in st.session_state["memory:answers"].items():
            visit.answer(QUIZ, key, text)
    named = given.get("ticks")
    st.session_state["memory:ticks"] = [name for name in COURSE if isinstance(named, list) and name in named]
    # Whoever comes by a link to a beat has taken the guide up again.
    if given.get("guide") == "off" and "guide_off" not in st.session_state:
        visit.switch_guide_off()
    last = given.get("last")
    if isinstance(last, Mapping) and last.get("lesson") in COURSE and "memory:last" not in st.session_state:
        address = last.get("address")
        if isinstance(address, str) and len(address) <= LONGEST:
            was_in(str(last["lesson"]), address)
    return True


def _answers(given: object) -> dict[str, str]:
    """Return the answers of a record that are answers."""
    from core.figures.quiz import QUESTIONS

    known = {f"a{q}": question.order for q, question in enumerate(QUESTIONS, start=1)}
    found = given if isinstance(given, Mapping) else {}
    return {k: t for k, t in found.items() if k in known and isinstance(t, str) and t and t in list(known[k])}


def _times(given: object) -> dict[str, int]:
    """Return when which question was missed."""
    found = given if isinstance(given, Mapping) else {}
    return {
        str(q): int(when)
        for q, when in found.items()
        if str(q).isdigit() and isinstance(when, (int, float)) and 0 <= when <= time.time() + 86_400
    }
