"""Check yourself: who is right?"""

from functools import partial

import streamlit as st

from core.figures import quiz as figures
from pages.parts import evidence
from pages.shared import frame, memory, visit
from pages.shared.catalog import Words
from pages.shared.controls import Control, Onward, Values
from pages.shared.lesson import Lesson, Picture, Preset, Section

NUMBERS = range(1, figures.COUNT + 1)


def asks(question: int, values: Values) -> bool:
    """Tell whether a question is on the screen."""
    return bool(values.q == question)


def right(question: int, values: Values) -> str:
    """Return the right option of a question that has its answer, or an empty text."""
    return figures.QUESTIONS[question - 1].right if values[f"a{question}"] else ""


def onward(values: Values) -> Onward | None:
    """Return the way to the next question without an answer."""
    following = figures.next_open(values.q, given(values))
    return Onward("next", key="q", value=following) if following not in (0, values.q) else None


CONTROLS = [
    Control("q", 1, figures.COUNT, 1, default=1, stops=tuple(NUMBERS)),
    *(
        Control(
            f"a{i}",
            default="",
            kind="choice",
            choices=tuple(figures.QUESTIONS[i - 1].order),
            label=f"a{i}",
            shown=partial(asks, i),
            right=partial(right, i),
            onward=onward,
            kept=True,
        )
        for i in NUMBERS
    ),
]
ANSWERS = tuple(control.key for control in CONTROLS[1:])

# The row of presets leads to the first question on each lesson.
PRESETS: dict[str, Preset] = {}
for number, question in enumerate(figures.QUESTIONS, start=1):
    PRESETS.setdefault(question.lesson, Preset({"q": number}))

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
        "progress": (figures.progress, q, answers, words.group("progress", **places)),
        "verdict": (
            figures.verdict,
            q,
            answer,
            words(f"control.a{q}.choice.{right}"),
            words.group("verdict", q=q) | said,
        ),
        "evidence": (figures.evidence, q, bool(answer), words.group("evidence") | said),
    }


def said(values: Values, words: Words) -> dict[str, dict[str, str]]:
    """Return the verdict as it is said, or that the question waits for its answer."""
    q, answers = values.q, given(values)
    result = figures.result(q, answers[q - 1])
    option = words(f"control.a{q}.choice.{figures.QUESTIONS[q - 1].right}") if answers[q - 1] else ""
    verdict = " ".join(filter(None, [words(f"spoken.{result}"), option]))
    # An option may be a word or two without a stop; another sentence follows.
    verdict = f"{verdict.removesuffix('.')}."
    return {"question": {**figures.said(q, answers), "verdict": verdict}}


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
    memory.start_again()
    visit.keep(LESSON, values)
    visit.bring(LESSON, SECTIONS[0].key)


def after(values: Values, words: Words) -> None:
    """Draw the way to the evidence, the answers' file, and a new start."""
    row = st.container(horizontal=True, vertical_alignment="center")
    if not figures.next_open(values.q, given(values)):
        row.markdown(words("after.done"))
    if values[ANSWERS[values.q - 1]]:
        evidence.link(row, values.q, words)
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
    belongs=lambda values: figures.QUESTIONS[values.q - 1].lesson,
    said=said,
    keeps=ANSWERS,
    follow=follow,
    after=after,
    asks=evidence.asks,
    shows=evidence.shows,
)

frame.show(LESSON)
