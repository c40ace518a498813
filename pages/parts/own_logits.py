"""A person's own logits and labels: from a text, a table or NumPy's files, kept in the session only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import streamlit as st

from core.cells import WAYS, BadCell, visible
from core.figures.confidence import Origin, OwnLogits
from core.logits import (
    Choice,
    Rows,
    Sheet,
    choose,
    first_word,
    sheet_of_file,
    sheet_of_text,
    take,
    with_names,
)
from core.tables import Table
from pages.parts.own_box import Box, Shelf
from pages.parts.table_reader import code, sentence
from pages.shared.catalog import Words
from pages.shared.controls import Values

SHOWN_ROWS, SHOWN_COLUMNS = 6, 12
BEGINNINGS = (b"\x93NUMPY", b"PK\x03\x04", b"PK\x05\x06")  # of NPY and NPZ files
SHELF: Shelf[OwnLogits] = Shelf()


class LogitsBox(Box):
    """A box that takes NumPy's files too."""

    def take(self, brought: str | bytes) -> None:
        """Read a text, or a file: NumPy's are told by their beginning."""
        self.drop()
        if isinstance(brought, bytes) and brought.startswith(BEGINNINGS):
            try:
                self.keep("arrays", sheet_of_file(brought))
            except BadCell as problem:
                self.keep("arrays", problem)
        else:
            super().take(brought)
            self.reader.improve(with_names)

    def drop(self) -> None:
        """Forget what was brought, not what is in use."""
        super().drop()
        self.keep("arrays", None)
        self.keep("cut", None)

    def sheet(self, words: Words) -> Sheet | None:
        """Draw what was brought, and return its columns; None where they cannot be used."""
        found: Sheet | BadCell | None = self.kept("arrays")
        if isinstance(found, Sheet):
            _preview(found, words)
        elif found is None:
            table = self.reader.show(words)
            if table is None:
                return None
            found = self._cut(table)
        if isinstance(found, BadCell):
            # Why it is no table was said above.
            if found.row is not None or not self.reader.doubted:
                st.warning(_why(found, words))
            return None
        return found

    def _cut(self, table: Table) -> Sheet | BadCell:
        """Return the columns of a table; cut once, since a large one takes a while."""
        doubt = next((c.problem for c in table.columns if c.problem and c.problem.reason in WAYS), None)
        if doubt is not None:
            return doubt
        kept: tuple[Table, Sheet | BadCell] | None = self.kept("cut")
        if kept is None or kept[0] is not table:
            try:
                kept = table, sheet_of_text(self.reader.text, table.reading)
            except BadCell as problem:
                kept = table, problem
            self.keep("cut", kept)
        return kept[1]

    def origin(self, sheet: Sheet, choice: Choice, rows: Rows) -> Origin:
        """Return how the rows came to be, for the code."""
        table: Table | None = None if self.kept("arrays") is not None else self.kept("table")
        made = Origin(choice.label, choice.classes, rows.names, rows.probabilities, rows.named)
        if table is None:
            return made._replace(arrays=sheet.arrays, fields=tuple(name for name in sheet.names if name))
        above = table.lines[0] - 1 if table.lines else 0
        comma = any(mark.decimal == "," for column in table.columns for mark in column.marks)
        return made._replace(delimiter=table.reading.delimiter, above=above, comma=comma)


BOX = LogitsBox("logits", ["csv", "tsv", "txt", "npy", "npz"], lists=False)


def widgets(words: Words, taken: Callable[[str], None], values: Values) -> None:
    """Draw the boxes and what was brought; rows that are used go to ``taken``.

    What cannot be used is said in one sentence, and the last good rows stay.
    """

    def show() -> None:
        sheet = BOX.sheet(words)
        if sheet is not None:
            _offer(sheet, words, taken)
        _said(words, values)

    BOX.draw(words, show, expanded=values.data == "own")


def _why(problem: BadCell, words: Words) -> str:
    """Return why what was brought cannot be used, and what may help."""
    if problem.reason in WAYS:
        return f"{sentence(problem, words)} {words('own.written')}"
    found = words("own.holds", found=code(problem.cell)) if problem.row is None and problem.cell else ""
    return f"{sentence(problem, words)} {found}".strip()


def _preview(sheet: Sheet, words: Words) -> None:
    """Draw the first rows of arrays."""
    shown: dict[str, list[str]] = {words("table.row"): [f"{line:,}" for line in sheet.lines[:SHOWN_ROWS]]}
    for place in (*range(len(sheet.columns))[: SHOWN_COLUMNS - 1], len(sheet.columns) - 1):
        shown[_named(sheet, place, words)] = [str(cell) for cell in sheet.columns[place][:SHOWN_ROWS]]
    st.dataframe(shown, hide_index=True, width="stretch")
    st.caption(words("table.rows", shown=f"{min(SHOWN_ROWS, len(sheet.lines))}", n=f"{len(sheet.lines):,}"))


def _named(sheet: Sheet, place: int, words: Words) -> str:
    """Return a column's name, or its number where it has none."""
    return visible(sheet.names[place]) or words("table.unnamed", index=place + 1)


def _offer(sheet: Sheet, words: Words, taken: Callable[[str], None]) -> None:
    """Draw the choice of the columns, and the button that uses them."""
    label_key, left_key = f"{BOX.key}:label", f"{BOX.key}:left"
    # A column that another table had is no choice of this one.
    if BOX.kept("of") is not sheet:
        BOX.keep("of", sheet)
        guess = choose(sheet)
        st.session_state[label_key] = guess.label
        st.session_state[left_key] = [
            place for place in range(len(sheet.columns)) if place not in (guess.label, *guess.classes)
        ]
    places = range(len(sheet.columns))
    columns = st.columns(2)
    label = columns[0].selectbox(
        words("own.label"), places, format_func=lambda place: _named(sheet, place, words), key=label_key
    )
    left = columns[1].multiselect(
        words("own.left"),
        places,
        format_func=lambda place: _named(sheet, place, words),
        key=left_key,
        placeholder=words("own.none"),
    )
    classes = tuple(place for place in places if place != label and place not in left)
    if len(classes) < 2:
        word = first_word(sheet, Choice(label, classes))
        st.warning(f"{sentence(word, words)} {words('own.few')}" if word else words("own.few"))
        return
    st.button(
        words("own.use", n=f"{len(sheet.lines):,}", k=len(classes)),
        key=f"{BOX.key}:use",
        type="primary",
        on_click=_use,
        args=(sheet, Choice(label, classes), taken),
    )


def _use(sheet: Sheet, choice: Choice, taken: Callable[[str], None]) -> None:
    """Keep the rows of the chosen columns in the session and hand them on, if they can be used."""
    try:
        rows = take(sheet, choice)
    except BadCell as problem:
        BOX.keep("refused", problem)
        return
    BOX.keep("refused", "")
    own = remember(rows, BOX.origin(sheet, choice, rows))
    BOX.keep("data", own)
    taken(own.digest)


def remember(rows: Rows, origin: Origin) -> OwnLogits:
    """Return rows under a name by which the pictures find them, as long as somebody holds them."""
    name = hashlib.blake2b(rows.logits.tobytes(), digest_size=8)
    # Equal numbers that came in another way have other code.
    for part in (rows.labels.tobytes(), repr((rows.names, origin)).encode()):
        name.update(part)
    digest = name.hexdigest()
    return SHELF.put(digest, OwnLogits(digest, rows.logits, rows.labels, rows.names, origin))


def _said(words: Words, values: Values) -> None:
    """Say what was refused, and which rows are on the screen: said anew each time, in today's language."""
    refused: BadCell | str | None = BOX.kept("refused")
    if isinstance(refused, BadCell):
        st.warning(f"{sentence(refused, words)} {words('own.kept')}")
    own = SHELF.get(values.own) if values.data == "own" else None
    if own is not None:
        if own.origin.probabilities:
            st.info(words("own.probabilities"))
        size, classes = own.logits.shape
        st.success(words("own.done", n=f"{size:,}", k=classes))
