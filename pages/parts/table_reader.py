"""A text or file of numbers, shown as it is read before anybody uses it: what it is, and how to change that.

A lesson makes a ``Reader`` under a key of its own, gives it what a person brought (``give``), and draws it
(``show``), which returns the table as it is read now, or None while that is not certain. Everything is kept
in the session and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core.cells import GROUPED, BadCell, Marks, Reason, to_float, visible
from core.tables import (
    ANY,
    DELIMITERS,
    ENCODINGS,
    MISSING,
    Column,
    Reading,
    Table,
    Understood,
    decoded,
    read,
    understand,
)
from pages.shared.catalog import Words

NAMES = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma", " ": "blank", "\n": "line", ANY: "any"}
WRITTEN = (Marks(".", ""), Marks(",", ""), *GROUPED)
SEVERAL = 4  # so many numbers stand for the rest, where a reading is offered
OFFERED = 5
ABOVE = 6


@dataclass(frozen=True)
class _Brought:
    """What somebody brought: the text, and of a file its bytes and how they were taken."""

    text: str
    pasted: bool
    content: bytes = b""
    encoding: str = ""


def code(text: str) -> str:
    """Return a person's text so that it is shown as it is: no markup, and what cannot be seen as its code."""
    plain = visible(" ".join(text.split("\n")))
    longest = max((len(run) for run in "".join(c if c == "`" else " " for c in plain).split()), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {plain} {fence}" if longest or plain != plain.strip() or not plain else f"`{plain}`"


def sentence(problem: BadCell, words: Words) -> str:
    """Return in one sentence which cell cannot be used, and why."""
    reason = words(f"table.reason.{problem.reason}")
    if problem.row is None:
        return reason
    return words(
        "table.at", row=f"{problem.row:,}", column=problem.column, cell=code(problem.cell), reason=reason
    )


def named(column: Column, words: Words) -> str:
    """Return a column's name, or its number where it has none."""
    return visible(column.name) or words("table.unnamed", index=column.index)


class Reader:
    """The reading of one text: what is kept of it in the session under a key, and the boxes that change it.

    Parameters
    ----------
    key : str
        Begins the names of all that is kept.
    lists : bool
        Whether a pasted text is first of all a list of numbers, where a file is a table.
    """

    def __init__(self, key: str, *, lists: bool = True) -> None:
        self.key = key
        self.lists = lists

    def _kept(self, name: str) -> Any:
        return st.session_state.get(f"{self.key}:{name}")

    def _keep(self, name: str, value: object) -> None:
        st.session_state[f"{self.key}:{name}"] = value

    @property
    def text(self) -> str:
        """The text that was brought; an empty one where there is none."""
        brought: _Brought | None = self._kept("brought")
        return brought.text if brought is not None else ""

    def give(self, brought: str | bytes) -> None:
        """Take a pasted text, or the content of a file, in place of what was there."""
        if isinstance(brought, str):
            self._understand(_Brought(brought, pasted=self.lists))
        else:
            text, encoding = decoded(brought)
            self._understand(_Brought(text, pasted=False, content=brought, encoding=encoding))

    def improve(self, better: Callable[[str, Reading], Reading]) -> None:
        """Read the text as a lesson knows better, where its reading is certain."""
        reading: Reading | None = self._kept("reading")
        if reading is not None and (found := better(self.text, reading)) != reading:
            self._take(found)

    @property
    def doubted(self) -> bool:
        """Whether it was said that the text is in doubt."""
        understood: Understood | None = self._kept("understood")
        return understood is not None and understood.doubt is not None

    def drop(self) -> None:
        """Forget what was brought."""
        for name in ("brought", "understood", "reading", "table"):
            self._keep(name, None)

    def _understand(self, brought: _Brought) -> None:
        """Find out how a text may be meant; where that is certain, read it so."""
        understood = understand(brought.text, pasted=brought.pasted)
        self._keep("brought", brought)
        self._keep("understood", understood)
        self._keep("meant", None)
        self._take(None if self._asks(understood) else understood.readings[0])

    @staticmethod
    def _asks(understood: Understood) -> bool:
        """Tell whether the person has to choose: nobody else takes a cut that may go through numbers."""
        doubt = understood.doubt
        return doubt is not None and (len(understood.readings) > 1 or doubt.reason == Reason.MARKS)

    def _take(self, reading: Reading | None) -> None:
        """Read the text in one way; a problem is kept in the table's place."""
        table: Table | BadCell | None = None
        if reading is not None:
            try:
                table = read(self._kept("brought").text, reading)
            except BadCell as problem:
                table = problem
        self._keep("reading", reading)
        self._keep("table", table)

    def show(self, words: Words) -> Table | None:
        """Draw what was brought, as it is read, and return it; None where nothing can be used."""
        brought: _Brought | None = self._kept("brought")
        if brought is None:
            return None
        understood: Understood = self._kept("understood")
        if understood.doubt is not None:
            st.warning(sentence(understood.doubt, words))
        if self._asks(understood):
            self._ask(brought, understood, words)
        reading: Reading | None = self._kept("reading")
        if reading is None:
            return None
        table: Table | BadCell = self._kept("table")
        self._settings(brought, reading, table, words)
        if isinstance(table, BadCell):
            # What is in doubt and what is wrong may be one; of several ways each has its own.
            doubt = None if self._asks(understood) else understood.doubt
            if doubt is None or doubt.reason != table.reason:
                st.warning(sentence(table, words))
            return None
        if table.rows:
            self._preview(table, words)
        return table

    def _ask(self, brought: _Brought, understood: Understood, words: Words) -> None:
        """Ask which reading is meant."""
        offered = understood.readings[:OFFERED]
        head = "\n".join(brought.text.splitlines()[:100])
        labels = [_described(head, reading, words) for reading in offered]
        st.session_state[f"{self.key}:meant"] = self._kept("meant")
        st.radio(
            words("table.ask"),
            range(len(offered)),
            format_func=lambda place: labels[place],
            key=f"{self.key}:meant",
            index=None,
            on_change=self._chosen,
        )

    def _chosen(self) -> None:
        """Take the reading that the person means."""
        place = self._kept("meant")
        if place is not None:
            self._take(self._kept("understood").readings[place])

    def _settings(self, brought: _Brought, reading: Reading, table: Table | BadCell, words: Words) -> None:
        """Draw the boxes that say how the text is read, and change it."""
        written = reading.marks or _found(table)
        row = st.container(horizontal=True)
        self._box(
            row,
            "delimiter",
            DELIMITERS,
            reading.delimiter,
            words,
            lambda d: words(f"table.delimiter.choice.{NAMES[d]}"),
        )
        self._box(row, "marks", WRITTEN, written, words, _example)
        self._box(
            row, "header", (0, 1, 2), reading.header, words, lambda n: words(f"table.header.choice.{n}")
        )
        self._box(
            row,
            "skip",
            range(ABOVE),
            reading.skip,
            words,
            lambda n: words(f"table.skip.choice.{min(n, 1)}", n=n),
        )
        if brought.encoding:
            self._box(
                row,
                "encoding",
                ENCODINGS,
                brought.encoding,
                words,
                lambda e: words(f"table.encoding.choice.{e}"),
            )

    def _box(self, row: Any, name: str, choices: Any, chosen: object, words: Words, label: Any) -> None:
        """Draw one of the boxes; it shows what holds now, whatever it showed before."""
        key = f"{self.key}:set:{name}"
        st.session_state[key] = chosen
        row.selectbox(
            words(f"table.{name}.label"),
            list(choices),
            format_func=label,
            key=key,
            on_change=self._set,
            args=(name, key),
            width=148,
        )

    def _set(self, name: str, key: str) -> None:
        """Take the choice of a box."""
        chosen = st.session_state[key]
        if name == "encoding":
            brought: _Brought = self._kept("brought")
            text, encoding = decoded(brought.content, chosen)
            self._understand(replace(brought, text=text, encoding=encoding))
            return
        reading: Reading = replace(self._kept("reading"), **{name: chosen})
        if name == "delimiter":
            # How numbers were found to be written goes with how they were found to be separated.
            reading = replace(reading, marks=None)
        if name in ("delimiter", "header"):
            reading = replace(reading, row_names=False)
        self._keep("meant", None)
        self._take(reading)

    def _preview(self, table: Table, words: Words) -> None:
        """Draw the first rows as they are understood."""
        columns = {column.index: column for column in table.columns}
        shown: dict[str, list[str]] = {words("table.row"): [f"{line:,}" for line in table.lines]}
        for index, name in enumerate(table.names, 1):
            column = columns.get(index)
            title = visible(name) or words("table.unnamed", index=index)
            while title in shown:
                title += f" ({index})"
            cells = [row[index - 1] for row in table.rows]
            shown[title] = [_understood(cell, column, words) for cell in cells]
        narrow = {words("table.row"): st.column_config.TextColumn(width="small")}
        st.dataframe(shown, hide_index=True, width="stretch", column_config=narrow)
        if table.length:
            st.caption(words("table.rows", shown=f"{len(table.rows):,}", n=f"{table.length:,}"))


def _understood(cell: str, column: Column | None, words: Words) -> str:
    """Return a cell as it is understood: the number, that it is missing, or the text."""
    if cell.lower() in MISSING:
        return words("table.missing")
    if column is None or len(column.marks) > 1:
        return visible(cell)
    number = to_float(cell, column.marks[0])
    return f"{number:.15g}" if number == number else visible(cell)


def _found(table: Table | BadCell) -> Marks:
    """Return how the numbers of a table were found to be written."""
    columns = table.columns if isinstance(table, Table) else ()
    found = {column.marks[0] for column in columns if len(column.marks) == 1} - {WRITTEN[0]}
    return found.pop() if found else WRITTEN[0]


def _example(marks: Marks) -> str:
    """Return a number as these marks write it."""
    return f"{'1' + marks.thousands + '234' if marks.thousands else '172'}{marks.decimal}5"


def _described(head: str, reading: Reading, words: Words) -> str:
    """Return what a reading makes of a text: its columns with their first numbers."""
    try:
        columns = read(head, reading, few=True).columns
    except BadCell as problem:
        return sentence(problem, words)
    parts = []
    for column in columns[:3]:
        if column.values is None:
            continue
        numbers = "  ·  ".join(f"{number:.10g}" for number in column.values[:SEVERAL])
        rest = " …" if column.values.size > SEVERAL else ""
        name = code(named(column, words)) + ": " if len(columns) > 1 or column.name else ""
        parts.append(f"{name}{numbers}{rest}")
    kind = words(f"table.delimiter.choice.{NAMES[reading.delimiter]}")
    return f"{'  |  '.join(parts)}  ({kind})"
