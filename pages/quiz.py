"""Check yourself: who is right?"""

from functools import partial

import streamlit as st

from core.figures import quiz as figures
from pages.shared import evidence, frame, live
from pages.shared.catalog import Words
from pages.shared.controls import Control, Value, Values
from pages.shared.lesson import Lesson, Picture, Section

NUMBERS = range(1, figures.COUNT + 1)
CONTROLS = [
    Control("q", 1, figures.COUNT, 1, default=1, stops=tuple(NUMBERS)),
    *(
        Control(
            f"a{i}",
            default="",
            kind="choice",
            choices=figures.OPTIONS,
            label=f"a{i}",
            shown=lambda values, i=i: values.q == i,
            kept=True,
        )
        for i in NUMBERS
    ),
]
ANSWERS = tuple(control.key for control in CONTROLS[1:])

# The row of presets leads to the first question on each lesson.
PRESETS: dict[str, dict[str, Value]] = {}
for number, question in enumerate(figures.QUESTIONS, start=1):
    PRESETS.setdefault(question.lesson, {"q": number})

SECTIONS = [Section("question", controls=["q", *ANSWERS], main=["progress", "verdict"], below=["evidence"])]


def given(values: Values) -> list[str]:
    """Return the answer to each question, an empty text where there is none."""
    return [values[key] for key in ANSWERS]


def picture(values: Values, words: Words) -> Picture:
    """Return every view of the page in the state ``values``."""
    q, answers = values.q, given(values)
    answer, right = answers[q - 1], figures.QUESTIONS[q - 1].right
    answered, good = figures.score(answers)
    said: dict[str, str] = {}
    if answer:
        said = words.group(f"fact.{q}", **figures.facts(q).places)
    lesson = evidence.nav(figures.QUESTIONS[q - 1].lesson, words)
    places = {"q": q, "n": figures.COUNT, "lesson": lesson, "right": good, "answered": answered}
    return {
        "progress": partial(figures.progress, q, answers, words.group("progress", **places)),
        "verdict": partial(
            figures.verdict,
            q,
            answer,
            words(f"control.a{q}.choice.{right}"),
            words.group("verdict", q=q) | said,
        ),
        "evidence": partial(figures.evidence, q, bool(answer), words.group("evidence") | said),
    }


def follow(before: Values, after: Values) -> dict[str, str]:
    """Keep the first answer to each question."""
    return {key: before[key] for key in ANSWERS if before[key] and after[key] != before[key]}


def file(values: Values, words: Words) -> bytes:
    """Return the answers as a file; what is right stands only where there is an answer."""
    rows = []
    for i, answer in enumerate(given(values), start=1):
        right = figures.QUESTIONS[i - 1].right if answer else ""
        chosen = [words(f"control.a{i}.choice.{option}") if option else "" for option in (answer, right)]
        result = figures.result(i, answer)
        lesson = evidence.nav(figures.QUESTIONS[i - 1].lesson, words)
        rows.append([str(i), lesson, words(f"control.a{i}.label"), *chosen, words(f"progress.{result}")])
    return figures.table_of_answers([words(f"csv.{name}") for name in words.under("csv")], rows)


def go(values: Values) -> None:
    """Show another state of the page."""
    live.keep(LESSON, values)


def after(values: Values, words: Words) -> None:
    """Draw the way to the evidence and to the next question, the answers' file, and a new start."""
    row = st.container(horizontal=True, vertical_alignment="center")
    if values[ANSWERS[values.q - 1]]:
        evidence.link(row, values.q, words)
    if following := figures.next_open(values.q, given(values)):
        changed = values.replace(q=following)
        row.button(words("after.next"), on_click=go, args=(changed,), disabled=following == values.q)
    else:
        row.markdown(words("after.done"))
    row.download_button(
        words("after.download"),
        file(values, words),
        f"{words('after.file')}.csv",
        "text/csv",
        on_click="ignore",
    )
    with row.popover(words("after.again")):
        st.markdown(words("after.sure"))
        st.button(words("after.erase"), on_click=go, args=(LESSON.start,))
    with row.popover(words("after.teacher")):
        st.markdown(words("after.link"))
        st.code(f"{st.context.url or ''}?lang={words.language}&q={values.q}", language=None)


LESSON = Lesson(
    name="quiz",
    picture=picture,
    controls=CONTROLS,
    sections=SECTIONS,
    presets=PRESETS,
    keeps=ANSWERS,
    follow=follow,
    after=after,
)

frame.show(LESSON)
