"""The box in which a person brings data, pasted or as a file; what it holds stays in the session only.

A lesson makes a ``Box`` under a key of its own and draws it with what it offers of the data. Pictures hold no
data but a way to them (``Own``): a ``Shelf`` finds them as long as a session holds them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

import streamlit as st

from core.figures.own import Own
from pages.parts.table_reader import Reader
from pages.shared.catalog import Words

LONGEST = 20_000_000  # characters of a pasted text
Data = TypeVar("Data")


class Shelf(Generic[Data]):
    """Data by their names. Whoever brought them holds them (a session); when it lets go, they are gone.

    Examples
    --------
    >>> shelf = Shelf[Own[str]]()
    >>> kept = shelf.put("a", Own("a", str))
    >>> shelf.get("a") is kept, shelf.get("b"), shelf.own("b")
    (True, None, None)
    """

    def __init__(self) -> None:
        self._held: WeakValueDictionary[str, Any] = WeakValueDictionary()

    def put(self, name: str, data: Data) -> Data:
        """Return the data of a name: these, or equal ones that somebody has brought before."""
        found: Data = self._held.setdefault(name, data)
        return found

    def get(self, name: str) -> Data | None:
        """Return the data of a name, or None where nobody has them."""
        return self._held.get(name)

    def own(self, name: str) -> Own[Data] | None:
        """Return a way to the data of a name, or None where nobody has them."""
        return Own(name, partial(self._held.__getitem__, name)) if self.get(name) is not None else None


class Box:
    """Text box and file box; what was brought is shown and offered, what is used is kept under a key.

    Parameters
    ----------
    key : str
        Begins the names of all that is kept.
    types : sequence of str
        Endings of the files that are taken.
    lists : bool
        Whether a pasted text is first of all a list of numbers, where a file is a table.
    """

    def __init__(self, key: str, types: Sequence[str], *, lists: bool = True) -> None:
        self.key = key
        self.types = list(types)
        self.reader = Reader(key, lists=lists)

    def kept(self, name: str) -> Any:
        """Return what the session keeps under a name."""
        return st.session_state.get(f"{self.key}:{name}")

    def keep(self, name: str, value: object) -> None:
        """Have the session keep something."""
        st.session_state[f"{self.key}:{name}"] = value

    def digest(self) -> str:
        """Return the name of the session's data, or an empty text where it has none."""
        data = self.kept("data")
        return data.digest if data is not None else ""

    def draw(self, words: Words, show: Callable[[], None], *, expanded: bool) -> None:
        """Draw the boxes, and below them what ``show`` draws."""
        with st.expander(words("own.title"), expanded=expanded):
            st.markdown(words("own.text"))
            left, right = st.columns(2)
            # A form sends text and press as one: of two messages in a turn Streamlit may run only the first.
            form = left.form(f"{self.key}:form", border=False)
            form.text_area(
                words("own.paste"),
                key=f"{self.key}:text",
                placeholder=words("own.example"),
                max_chars=LONGEST,
                height=150,
            )
            form.form_submit_button(words("own.read"), key=f"{self.key}:read", on_click=self._pasted)
            right.file_uploader(
                words("own.file"), type=self.types, key=f"{self.key}:file", on_change=self._uploaded
            )
            show()

    def take(self, brought: str | bytes) -> None:
        """Read a pasted text, or the content of a file."""
        self.reader.give(brought)

    def drop(self) -> None:
        """Forget what was brought, not what is in use."""
        self.reader.drop()

    def _pasted(self) -> None:
        """Read the text of the box."""
        self.keep("refused", "")
        self.take(self.kept("text") or "")

    def _uploaded(self) -> None:
        """Read the file; where it was taken away, forget it."""
        self.keep("refused", "")
        file = self.kept("file")
        if file is None:
            self.drop()
        else:
            self.take(file.getvalue())
