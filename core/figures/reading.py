"""A figure read as a table: where its points are and what it says there, as people read it.

It reads finished figures, whatever they show: what hovering a point would say, its places on the axes, names
where an axis has names. It is asked for a state at rest, never for the frames of a movement.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from core.figures.text import from_log, number
from core.figures.theme import Figure

MOST = 12  # rows of one curve: its points evenly spread
NOW = 8  # of what a figure says of itself in one breath
Row: TypeAlias = tuple[str, str, str]
_POWER = re.compile("10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_PLACE = re.compile(r"%\{(\w+)(?:\[(\d+)\])?(?::([^}]*))?\}")
_TAG = re.compile(r"<[^>]*>")
_SIGNS = {"&lt;": "<", "&gt;": ">", "&#37;": "%", "&amp;": "&"}


def plain(text: str) -> str:
    """Return a text of plotly's as people read it: without tags, with signs for entities.

    Examples
    --------
    >>> plain("<b>p</b><br>q"), plain("&lt;b&gt; &amp;amp;")
    ('p q', '<b> &amp;')
    """
    text = _TAG.sub(lambda tag: " " if tag[0].startswith("<br") else "", text)
    return re.sub("|".join(_SIGNS), lambda found: _SIGNS[found[0]], text).strip()


def numbers(figure: Figure) -> dict[str, Any]:
    """Return the table of a figure: heads, and rows of what is said at a point and its places on the axes.

    What is under a cursor comes first, what is a curve last. ``now`` is what the figure says of itself: its
    points, and of each curve the middle.

    Examples
    --------
    >>> trace = {"type": "scatter", "x": np.array([0.0, 1.0]), "y": np.array([0.5, 2.0])}
    >>> axes = {"xaxis": {"title": {"text": "n"}}, "yaxis": {"title": {"text": "loss"}}}
    >>> numbers({"data": [trace | {"hovertemplate": "%{y:.2f} nats"}], "layout": axes, "grips": []})["rows"]
    [['0.50 nats', '0', '0.5'], ['2.00 nats', '1', '2']]
    """
    layout = figure.get("layout", {})
    # What says nothing when it is pointed at is read only where nothing else is.
    kinds: list[dict[tuple[str, ...], None]] = [{}, {}, {}]
    for trace in figure["data"]:
        kinds[0] |= dict.fromkeys(_under_cursor(trace, figure["data"], layout))
    middles = []
    for trace in figure["data"]:
        silent = not trace.get("hovertemplate") and (trace.get("mode") == "text" or "text" not in trace)
        kind = 2 if silent and trace.get("type") != "pie" else int(trace.get("mode") == "lines")
        rows = [*(_parts(trace) if trace.get("type") == "pie" else _points(trace, layout))]
        kinds[kind] |= dict.fromkeys(rows)
        if kind == 1:
            middles += rows[len(rows) // 2 :][:1]
    found = kinds[0] | kinds[1] or kinds[2]
    if not any(c.isdigit() for row in found for cell in row for c in cell):
        found |= dict.fromkeys((plain(note["text"]), "", "") for note in layout.get("annotations", ()))
    few = [*dict.fromkeys([*kinds[0], *middles])] or [*found]
    titles = [_titles(layout, axis) for axis in ("xaxis", "yaxis")]
    return {
        # Where a direction has several axes, each place names its own.
        "head": ["", *("".join(given) if len(given) == 1 else "" for given in titles)],
        "rows": [list(row) for row in found],
        # A word alone is said with its place.
        "now": [row[0] if re.search(r"\d", row[0]) else " ".join(filter(None, row)) for row in few[:NOW]],
    }


def _titles(layout: Mapping[str, Any], axis: str) -> list[str]:
    """Return the names of the axes in one direction."""
    given = (layout[key].get("title", {}).get("text", "") for key in layout if key.startswith(axis))
    return list(dict.fromkeys(plain(title) for title in given if title))


def _parts(trace: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the parts of a pie."""
    for label, value in zip(trace.get("labels", ()), trace.get("values", ()), strict=False):
        yield plain(str(label)), number(float(value)), ""


def _points(trace: Mapping[str, Any], layout: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the points of a trace, at most ``MOST`` of a curve."""
    template, words = trace.get("hovertemplate", ""), trace.get("text")
    x, y = (np.atleast_1d(np.asarray(trace.get(axis, ()))) for axis in "xy")
    base = trace.get("base")
    size = max(len(x), len(y)) if len(x) and len(y) else 0
    if trace.get("mode") == "lines" and size > MOST:
        picked = np.unique(np.linspace(0, size - 1, MOST).round().astype(int)).tolist()
    else:
        picked = list(range(size))
    axes = [layout.get(f"{a}axis{trace.get(f'{a}axis', a)[1:]}", {}) for a in "xy"]
    mine = [
        plain(axis.get("title", {}).get("text", "")) if len(_titles(layout, f"{a}axis")) > 1 else ""
        for a, axis in zip("xy", axes, strict=True)
    ]
    for i in picked:
        place = [_at(x, i), _at(y, i)]
        if any(isinstance(p, float) and not np.isfinite(p) for p in place):
            continue
        if base is not None:
            # A cell or a bar that begins elsewhere: its middle is its place on the axis of names.
            along = 0 if trace.get("orientation") == "h" else 1
            start = _at(np.atleast_1d(np.asarray(base)), i)
            if isinstance(start, float) and isinstance(place[along], float) and axes[along].get("ticktext"):
                place[along] = start + place[along] / 2
        word = plain(str(_at(np.atleast_1d(np.asarray(words, dtype=object)), i))) if words is not None else ""
        said = _filled(template, trace, i, word) if template else word
        there = [f"{name}: " if name else "" for name in mine]
        yield said, there[0] + _named(place[0], axes[0]), there[1] + _named(place[1], axes[1])


def _under_cursor(
    trace: Mapping[str, Any], others: Sequence[Any], layout: Mapping[str, Any]
) -> Iterator[Row]:
    """Yield the points of a cursor, which are silent, in the words of the curves of their colours."""
    if trace.get("hoverinfo") != "skip" or trace.get("mode") != "markers":
        return
    drawn = trace["marker"]
    for i, colour in enumerate(drawn["color"] if isinstance(drawn["color"], list) else ()):
        # What is off the axis is drawn at its end.
        if "triangle" in str(_at(np.atleast_1d(np.asarray(drawn.get("symbol", ""), dtype=object)), i)):
            continue
        for other in others:
            template = other.get("hovertemplate", "")
            same = all(other.get(axis) == trace.get(axis) for axis in ("xaxis", "yaxis"))
            if not same or other.get("line", {}).get("color") != colour or not template:
                continue
            if "customdata" in template or "%{text" in template:
                continue
            point = {axis: np.atleast_1d(np.asarray(trace[axis]))[i : i + 1] for axis in "xy"}
            yield from _points({**other, **point, "mode": "markers"}, layout)
            break


def _at(values: Any, i: int) -> Any:
    """Return what a property of a trace is at a point: its own, or the one that all share."""
    one = values[i if len(values) > 1 else 0]
    return float(one) if isinstance(one, (int, float, np.number)) else one


def _named(place: Any, axis: Mapping[str, Any]) -> str:
    """Return a place as its axis names it: by the name at the nearest tick, or the number."""
    if not isinstance(place, float):
        return plain(str(place))
    names, ticks = axis.get("ticktext"), axis.get("tickvals")
    if names is not None and ticks is not None and len(ticks):
        nearest = min(range(len(ticks)), key=lambda i: abs(float(ticks[i]) - place))
        text, off = plain(str(names[nearest])), abs(float(ticks[nearest]) - place)
        room = abs(float(ticks[1]) - float(ticks[0])) / 2 if len(ticks) > 1 else 0.5
        # A name stands for all of its row, a number for its place alone.
        if text and off <= (room if text[0].isalpha() and axis.get("type") != "log" else 1e-9):
            return text
        if axis.get("type") != "log" and any(_POWER.fullmatch(str(name)) for name in names):
            return from_log(place * math.log(10.0))
    return number(place)


def _filled(template: str, trace: Mapping[str, Any], i: int, word: str) -> str:
    """Return what hovering says at a point."""

    def value(found: re.Match[str]) -> str:
        name, index, form = found.groups()
        if name == "text":
            return word
        given = trace.get(name)
        if given is None:
            return ""
        one = given[i] if name == "customdata" else _at(np.atleast_1d(np.asarray(given)), i)
        if index is not None:
            one = one[int(index)]
        if isinstance(one, (int, float, np.number)):
            return _formed(float(one), form or "")
        return str(one)

    return plain(_PLACE.sub(value, template.replace("<extra></extra>", "")))


def _formed(value: float, form: str) -> str:
    """Return a number in a format of d3's, as plotly.js writes it.

    Examples
    --------
    >>> _formed(1e6, ","), _formed(0.25, ".4f"), _formed(8.1e-7, ".3~g"), _formed(0.5, ".0%")
    ('1,000,000', '0.2500', '8.1×10⁻⁷', '50%')
    """
    form = form.replace("~", "")
    if form in ("", ",", "d", ",d") and value == int(value):
        text = format(int(value), form)
    else:
        text = format(value, form)
    if "e" in text:
        return number(float(text.replace(",", "")))
    return text.replace("-", "−")
