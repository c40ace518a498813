"""People's own names of classes are drawn as they are, whatever they are: no markup, no place to fill."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest

from core.figures.text import fitted, literal
from pages.shared.catalog import LESSONS, load
from pages.shared.controls import parse
from pages.shared.frames import resolve

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
# Each as wide as its plain double, so that both are cut alike.
NAMES = ["<b>", "%{x}", "&amp;", FAMILY, "a<br>", "&#60;", "@q", "1>0&2"]
PLAIN = ["Q0Q", "Q1_Q", "Q2__Q", "Q3", "Q4__Q", "Q5__Q", "Q6", "Q7__Q"]
ENTITIES = {
    "mu": "μ",
    "amp": "&",
    "lt": "<",
    "gt": ">",
    "nbsp": "\u00a0",
    "times": "×",
    "plusmn": "±",
    "deg": "°",
}


def written(text: str) -> str:
    """Return what plotly writes for a text: tags go, then entities become signs."""

    def sign(match: re.Match[str]) -> str:
        code = match[1]
        if code.startswith("#"):
            return chr(int(code[2:], 16) if code[1] == "x" else int(code[1:]))
        return ENTITIES.get(code, match[0])

    pieces = re.split(r"<[^<>]*>", text)
    return "|".join(re.sub(r"&(#\d+|#x[\da-fA-F]+|[a-z]+);", sign, piece) for piece in pieces)


def hovers(trace: dict[str, Any]) -> list[str]:
    """Return what plotly writes beside each point of a trace: its template, with the places filled."""
    template = trace.get("hovertemplate", "")

    def at(i: int) -> str:
        def fill(match: re.Match[str]) -> str:
            key, _, column = match[1].partition("[")
            values = trace.get(key)
            if key not in ("customdata", "text", "hovertext") or values is None:
                return "number"
            return str(values[i][int(column[:-1])] if column else values[i])

        return written(re.sub(r"%\{([^\s%{}:]*)([:|][^}]*)?\}", fill, template))

    return [at(i) for i in range(len(trace["x"]))] if template else []


def seen(view: dict[str, Any]) -> Any:
    """Return all words of a view as people see them."""
    if view["type"] != "figure":
        return view
    layout = view["layout"]
    axes = [axis for key, axis in layout.items() if key.startswith(("xaxis", "yaxis"))]
    return (
        [written(text) for axis in axes for text in axis.get("ticktext", ())],
        [written(axis["title"]["text"]) for axis in axes if "title" in axis],
        [written(note["text"]) for note in layout.get("annotations", ())],
        [written(str(text)) for trace in view["data"] for text in trace.get("text", ())],
        [text for trace in view["data"] for text in hovers(trace)],
        [view["title"], view["alt"], view["caption"]],
        [grip["label"] for grip in view["grips"]],
    )


def named(seen: Any) -> Any:
    """Return what is seen with people's names in place of the plain ones."""
    if isinstance(seen, dict):
        return {key: named(value) for key, value in seen.items()}
    if isinstance(seen, (list, tuple)):
        return [named(item) for item in seen]
    if isinstance(seen, str):
        for plain, name in zip(PLAIN, NAMES, strict=True):
            seen = seen.replace(plain, name)
    return seen


LESSONS_WITH_NAMES = [
    name
    for name in LESSONS
    if any(c.kind == "text" and c.in_url for c in importlib.import_module(f"pages.{name}").LESSON.controls)
]


@pytest.mark.parametrize("name", LESSONS_WITH_NAMES)
@pytest.mark.parametrize("count", [3, 4, 8])
def test_a_name_is_seen_as_it_was_typed(name, count):
    lesson, words = importlib.import_module(f"pages.{name}").LESSON, load(name, "en")
    values = lesson.start.replace(k=count, **({"guess": "down"} if "guess" in lesson.start else {}))

    def views(names: list[str]) -> dict[str, Any]:
        own = {f"c{i}": given for i, given in enumerate(names[:count], start=1)}
        return resolve(lesson.picture(values.replace(**own), words))

    ours, plain = views(NAMES), views(PLAIN)
    assert any(NAMES[0] in str(seen(view)) for view in ours.values())
    for view, drawn in ours.items():
        assert named(seen(drawn)) == named(seen(plain[view])), view


def test_lessons_with_names_are_found():
    assert {"softmax", "nll"} <= set(LESSONS_WITH_NAMES)


@pytest.mark.parametrize("name", [*NAMES, "&lt;", "<a href='x'>y</a>", "&amp;lt;"])
def test_what_plotly_writes_for_a_literal_is_the_name(name):
    assert written(literal(name)) == name
    assert "%{" not in literal(name)


@pytest.mark.parametrize(
    ("name", "room", "expected"),
    [
        (FAMILY * 3, 6, FAMILY * 3),
        (FAMILY * 5, 6, FAMILY * 2 + "…"),
        ("🇰🇷🇩🇪🇫🇷🇯🇵", 5, "🇰🇷🇩🇪…"),
        ("e\u0301" * 6, 5, "é" * 4 + "…"),
        ("<b>bold</b>", 6, "<b>bo…"),
        ("\u1100\u1161\u1102\u1161\u1103\u1161", 4, "가…"),
    ],
)
def test_a_name_is_cut_between_letters(name, room, expected):
    assert written(fitted(name, room)) == expected


@pytest.mark.parametrize("name", ["softmax", "nll"])
def test_what_joins_the_parts_of_a_letter_stays(name):
    control = importlib.import_module(f"pages.{name}").LESSON.by_key["c1"]
    assert parse(control, FAMILY, {}) == FAMILY
    assert parse(control, "می\u200cخواهم", {}) == "می\u200cخواهم"
    assert parse(control, " \u200d\u0007ca\nt\u200c ", {}) == "cat"
    assert parse(control, "\u200d\u200c", {}) == ""
