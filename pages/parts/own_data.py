"""A person's own numbers: pasted or from a file, shown as they are read, and kept in the session only."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.cells import WAYS, BadCell
from core.tables import Column, Table, likeliest
from pages.parts.own_box import Box
from pages.parts.people import LARGEST, brought, remember
from pages.parts.table_reader import named, sentence
from pages.shared.catalog import Words
from pages.shared.controls import Values

KEY = "own"
BOX = Box(KEY, ["csv", "tsv", "txt"])


def widgets(words: Words, taken: Callable[[str], None], values: Values) -> None:
    """Draw the boxes and what was brought; numbers that are used go to ``taken``.

    What cannot be used is said in one sentence, and the last good numbers stay.
    """

    def show() -> None:
        table = BOX.reader.show(words)
        if table is not None:
            _offer(table, words, taken)
        _said(words, values)

    BOX.draw(words, show, expanded=values.data == "own")


def _offer(table: Table, words: Words, taken: Callable[[str], None]) -> None:
    """Draw the choice of a column, what is missing in it, and the button that uses it."""
    columns = table.columns
    if not columns:
        st.warning(words("own.no_column"))
        return
    place = 0
    if len(columns) > 1:
        key = f"{KEY}:column"
        # A column that another table had is no choice of this one.
        if BOX.kept("of") is not table:
            BOX.keep("of", table)
            st.session_state[key] = likeliest(columns)
        place = st.selectbox(
            words("own.column"),
            range(len(columns)),
            format_func=lambda i: named(columns[i], words),
            key=key,
        )
    column = columns[place]
    if column.problem is not None:
        _refuse(column, column.problem, words)
        return
    assert column.values is not None
    if column.missing:
        st.info(
            words("own.missing", missing=f"{column.missing:,}", n=f"{column.missing + column.values.size:,}")
        )
    st.button(
        words("own.use", n=f"{column.values.size:,}"),
        key=f"{KEY}:use",
        type="primary",
        on_click=_use,
        args=(column, taken),
    )


def _refuse(column: Column, problem: BadCell, words: Words) -> None:
    """Say why a column cannot be used, and what would help where it can be read in several ways."""
    help_ = f" {words('own.written')}" if len(column.marks) > 1 or problem.reason in WAYS else ""
    st.warning(sentence(problem, words) + help_)


def _use(column: Column, taken: Callable[[str], None]) -> None:
    """Keep the numbers of a column in the session and hand them on, if they can be drawn."""
    assert column.values is not None
    BOX.keep("refused", "")
    try:
        own = remember(column.values)
    except OverflowError:
        BOX.keep("refused", "too_far")
    except ValueError:
        BOX.keep("refused", "too_close")
    else:
        BOX.keep("data", own)
        taken(own.digest)


def _said(words: Words, values: Values) -> None:
    """Say what was refused, and which numbers are on the screen: said anew each time, in today's language."""
    if refused := BOX.kept("refused"):
        st.warning(words(f"own.reason.{refused}", largest=f"{LARGEST:,.0f}"))
    own = brought(values.own) if values.data == "own" else None
    if own is not None:
        st.success(words("own.done", n=f"{own.values.size:,}"))
