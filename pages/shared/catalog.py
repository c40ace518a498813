"""The lessons, and their words from the text files. Imports no Streamlit."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

# In the order in which they are told. The stem is the address, the page, its texts and its figures.
LESSONS = (
    "home",
    "softmax",
    "nll",
    "cross_entropy",
    "counts",
    "heights",
    "losses",
    "output_units",
    "pytorch",
    "confidence",
    "quiz",
)

# Those that are numbered, to be taken one after another.
COURSE = tuple(name for name in LESSONS if name not in ("home", "quiz"))

LANGUAGES = {"en": "English", "ko": "한국어"}
FOLDER = Path(__file__).parent.parent / "text"
_HELD = re.compile(r"(?<=[)’”-])(?=[가-힣])")


class Phrase(string.Template):
    """A text with places to fill, written ``@{name}`` so that LaTeX's braces stay free."""

    delimiter = "@"
    idpattern = r"(?a:[a-z_][a-z0-9_]*)"


class Words:
    """The words of one lesson in one language; keys of tables are joined by dots.

    Examples
    --------
    >>> words = Words({"title": "Softmax", "note.sum": "The sum is @{total}."})
    >>> words("title"), words("note.sum", total="1")
    ('Softmax', 'The sum is 1.')
    """

    __slots__ = ("_groups", "_parts", "_texts", "language")

    def __init__(self, texts: dict[str, str], language: str = "en") -> None:
        self._texts = texts
        # Pictures ask for their words at every stop of a slider.
        self._groups: dict[str, tuple[dict[str, str], dict[str, Phrase]]] = {}
        self._parts: dict[str, tuple[str, ...]] = {}
        self.language = language

    def __call__(self, key: str, **places: object) -> str:
        """Return the text of ``key`` with its places filled; an unknown key or place is an error."""
        text = self._texts[key]
        return Phrase(text).substitute(places) if places else text

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def group(self, prefix: str, **places: object) -> dict[str, str]:
        """Return the texts below ``prefix``, their places filled where they have any.

        Examples
        --------
        >>> Words({"plot.x": "T", "plot.title": "T = @{t}"}).group("plot", t=2)
        {'x': 'T', 'title': 'T = 2'}
        """
        plain, patterns = self._groups.get(prefix) or self._grouped(prefix)
        if not places:
            return plain | {key: pattern.template for key, pattern in patterns.items()}
        return plain | {key: pattern.safe_substitute(places) for key, pattern in patterns.items()}

    def _grouped(self, prefix: str) -> tuple[dict[str, str], dict[str, Phrase]]:
        """Sort the texts below ``prefix`` into those without places and those with, once."""
        start = prefix + "."
        texts = {key[len(start) :]: text for key, text in self._texts.items() if key.startswith(start)}
        made = (
            {key: text for key, text in texts.items() if "@" not in text},
            {key: Phrase(text) for key, text in texts.items() if "@" in text},
        )
        self._groups[prefix] = made
        return made

    def under(self, prefix: str) -> tuple[str, ...]:
        """Return the distinct next parts of the keys below ``prefix``, in the file's order."""
        if prefix not in self._parts:
            start = prefix + "."
            below = (key[len(start) :].split(".")[0] for key in self._texts if key.startswith(start))
            self._parts[prefix] = tuple(dict.fromkeys(below))
        return self._parts[prefix]


def flat(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Return the texts of nested tables under keys joined by dots.

    Examples
    --------
    >>> flat({"a": {"b": "x"}, "c": "y"})
    {'a.b': 'x', 'c': 'y'}
    """
    texts: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            texts |= flat(value, f"{prefix}{key}.")
        else:
            texts[prefix + key] = str(value)
    return texts


def bound(text: str) -> str:
    r"""Return a Korean text in which what follows a bracket, a quotation mark or a hyphen stays at it.

    Korean lines break between words only (``word-break: keep-all``), but browsers break behind these signs
    too. A word joiner, which nobody sees, keeps a particle off the next line's beginning.

    Examples
    --------
    >>> ascii(bound("확률(p)은")) == ascii("확률(p)\u2060은"), bound("(p) 확률")
    (True, '(p) 확률')
    """
    return _HELD.sub("\u2060", text)


@cache
def _file(stem: str, language: str) -> dict[str, str]:
    with (FOLDER / f"{stem}.{language}.toml").open("rb") as file:
        return flat(tomllib.load(file))


@cache
def load(lesson: str, language: str) -> Words:
    """Return the words of a lesson, with the words that all lessons share beneath them.

    Parameters
    ----------
    lesson : str
        Stem of the lesson's text files.
    language : str
        A key of ``LANGUAGES``.

    Returns
    -------
    Words

    Raises
    ------
    ValueError
        If the language is not one of ``LANGUAGES``.

    Examples
    --------
    >>> load("softmax", "en")("title")
    'Softmax'
    """
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {list(LANGUAGES)}, not {language!r}.")
    texts = _file("shared", language) | _file(lesson, language)
    if language == "ko":
        # Comments of code are copied with it.
        texts = {key: text if key.startswith("comment.") else bound(text) for key, text in texts.items()}
    return Words(texts, language)
