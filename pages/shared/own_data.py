"""A person's own numbers: pasted or from a file, and kept in the session only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.data import BadCell, Column, csv_columns, parse_numbers
from core.figures.heights import OwnData, remember
from pages.shared.catalog import Words

KEY = "own"


def digest() -> str:
    """Return the name of the session's numbers, or an empty text where it has none."""
    own: OwnData | None = st.session_state.get(f"{KEY}:data")
    return own.digest if own is not None else ""


def widgets(words: Words, taken: Callable[[str], None], *, expanded: bool) -> None:
    """Draw the text box and the file box; numbers that can be used go to ``taken``, by their name.

    What cannot be used is said in one sentence, and the last good numbers stay.
    """
    with st.expander(words("own.title"), expanded=expanded):
        st.markdown(words("own.text"))
        left, right = st.columns(2)
        # A form sends text and press as one: of two messages in one turn Streamlit may run only the first.
        form = left.form(f"{KEY}:form", border=False)
        form.text_area(
            words("own.paste"),
            key=f"{KEY}:text",
            placeholder=words("own.example"),
            max_chars=20_000_000,
            height=150,
        )
        form.form_submit_button(words("own.use"), key=f"{KEY}:use", on_click=_pasted, args=(words, taken))
        right.file_uploader(
            words("own.file"),
            type=["csv", "tsv", "txt"],
            key=f"{KEY}:file",
            on_change=_uploaded,
            args=(words, taken),
        )
        columns: Sequence[Column] = st.session_state.get(f"{KEY}:columns") or ()
        if columns:
            right.selectbox(
                words("own.column"),
                range(len(columns)),
                format_func=lambda i: columns[i].name or words("own.unnamed", index=columns[i].index),
                key=f"{KEY}:column",
                on_change=_chosen,
                args=(words, taken),
            )
        if sentence := st.session_state.get(f"{KEY}:problem"):
            st.warning(sentence)
        elif sentence := st.session_state.get(f"{KEY}:done"):
            st.success(sentence)


def _pasted(words: Words, taken: Callable[[str], None]) -> None:
    """Take the numbers of the text box."""
    try:
        _take(Column(1, "", parse_numbers(st.session_state.get(f"{KEY}:text") or ""), None), words, taken)
    except BadCell as problem:
        _refuse(problem, words)


def _uploaded(words: Words, taken: Callable[[str], None]) -> None:
    """Take the first column of numbers of the file that can be used."""
    file = st.session_state.get(f"{KEY}:file")
    st.session_state[f"{KEY}:columns"] = []
    st.session_state.pop(f"{KEY}:column", None)
    if file is None:
        return
    try:
        columns = csv_columns(_decoded(file.getvalue()))
    except BadCell as problem:
        _refuse(problem, words)
        return
    if not columns:
        _say("problem", words("own.no_column"))
        return
    st.session_state[f"{KEY}:columns"] = columns
    st.session_state[f"{KEY}:column"] = next((i for i, c in enumerate(columns) if c.problem is None), 0)
    _chosen(words, taken)


def _decoded(content: bytes) -> str:
    """Return a file's text: UTF-8, or what Korean spreadsheets write, or at worst every byte as a letter."""
    for encoding in ("utf-8-sig", "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp949"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _chosen(words: Words, taken: Callable[[str], None]) -> None:
    """Take the chosen column of the file."""
    columns: Sequence[Column] = st.session_state.get(f"{KEY}:columns") or ()
    index: int | None = st.session_state.get(f"{KEY}:column")
    if index is None or index >= len(columns):
        # A new file has taken the old one's columns away, which counts as a choice, too.
        return
    column = columns[index]
    if column.problem is not None:
        _refuse(column.problem, words)
    else:
        _take(column, words, taken)


def _take(column: Column, words: Words, taken: Callable[[str], None]) -> None:
    """Keep the numbers in the session and hand them on."""
    assert column.values is not None
    try:
        own = remember(column.values)
    except ValueError:
        _say("problem", words("own.reason.too_close"))
        return
    st.session_state[f"{KEY}:data"] = own
    _say("done", words("own.done", n=f"{own.values.size:,}"))
    taken(own.digest)


def _refuse(problem: BadCell, words: Words) -> None:
    """Say in one sentence which cell cannot be used, and why."""
    sentence = words(f"own.reason.{problem.reason}")
    if problem.row is not None:
        sentence = words(
            "own.at", row=f"{problem.row:,}", column=problem.column, cell=problem.cell, reason=sentence
        )
    _say("problem", sentence)


def _say(kind: str, sentence: str) -> None:
    """Put one sentence under the boxes in place of any other."""
    for name in ("problem", "done"):
        st.session_state[f"{KEY}:{name}"] = sentence if name == kind else ""
