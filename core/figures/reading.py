"""A figure read as a table: where its points are and what it says there, as people read it.

It reads finished figures, whatever they show: what hovering a point would say, its places on the axes, names
where an axis has names. It is asked for a state at rest, never for the frames of a movement.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, TypeAlias

import numpy as np

from core.figures.text import from_log, number
from core.figures.theme import Figure

MOST = 12  # rows of one curve: its points evenly spread
NOW = 8  # of what a figure says of itself in one breath
Row: TypeAlias = tuple[str, str, str]
# What says nothing when it is pointed at is read only where nothing else is.
_POINT, _CURVE, _SILENT = range(3)
_POWER = re.compile("10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_PLACE = re.compile(r"%\{(\w+)(?:\[(\d+)\])?(?::([^}]*))?\}")
_TAG = re.compile(r"<[^>]*>")
_SIGNS = {"&lt;": "<", "&gt;": ">", "&#37;": "%", "&amp;": "&"}
_SIGN = re.compile("|".join(_SIGNS))


def plain(text: str) -> str:
    """Return a text of plotly's as people read it: without tags, with signs for entities.

    Examples
    --------
    >>> plain("<b>p</b><br>q"), plain("&lt;b&gt; &amp;amp;")
    ('p q', '<b> &amp;')
    """
    if "<" not in text and "&" not in text:
        return text.strip()
    text = _TAG.sub(lambda tag: " " if tag[0].startswith("<br") else "", text)
    return _SIGN.sub(lambda found: _SIGNS[found[0]], text).strip()


def numbers(figure: Figure) -> dict[str, Any]:
    """Return the table of a figure: heads, and rows of what is said at a point and its places on the axes.

    What is under a cursor comes first, what is a curve last; ``now`` is as the function of that name has it.

    Examples
    --------
    >>> trace = {"type": "scatter", "x": np.array([0.0, 1.0]), "y": np.array([0.5, 2.0])}
    >>> axes = {"xaxis": {"title": {"text": "n"}}, "yaxis": {"title": {"text": "loss"}}}
    >>> numbers({"data": [trace | {"hovertemplate": "%{y:.2f} nats"}], "layout": axes, "grips": []})["rows"]
    [['0.50 nats', '0', '0.5'], ['2.00 nats', '1', '2']]
    """
    titles, axes = _axes(figure)
    found = dict.fromkeys([*_rows(figure, axes, _POINT), *_rows(figure, axes, _CURVE)])
    return {
        "head": ["", *("".join(given) if len(given) == 1 else "" for given in titles)],
        "rows": [list(row) for row in _or_others(found, figure, axes)],
        "now": now(figure),
    }


def now(figure: Figure) -> list[str]:
    """Return what a figure says of itself: its points, and of each curve the middle.

    Examples
    --------
    >>> curve = {"type": "scatter", "mode": "lines", "x": np.arange(3.0), "y": np.arange(3.0)}
    >>> now({"data": [curve | {"hovertemplate": "p = %{y}"}], "layout": {}, "grips": []})
    ['p = 1']
    """
    _, axes = _axes(figure)
    few: dict[Row, None] = {}
    for row in chain(_rows(figure, axes, _POINT), _rows(figure, axes, _CURVE, middle=True)):
        few[row] = None
        if len(few) == NOW:
            break
    said = [*few] or [*_or_others(few, figure, axes)][:NOW]
    # A word alone is said with its place.
    return [row[0] if re.search(r"\d", row[0]) else " ".join(filter(None, row)) for row in said]


def _axes(figure: Figure) -> tuple[list[list[str]], dict[str, _Axis]]:
    """Return the names of the axes in each direction, and the axes, each of which names its places.

    Where a direction has several axes, each place names its own.
    """
    layout = figure.get("layout", {})
    titles = [_titles(layout, axis) for axis in ("xaxis", "yaxis")]
    axes = {
        key: _Axis(layout[key], named=len(found) > 1)
        for axis, found in zip(("xaxis", "yaxis"), titles, strict=True)
        for key in layout
        if key.startswith(axis)
    }
    return titles, axes


def _kind(trace: Mapping[str, Any]) -> int:
    """Return what a trace is read as."""
    if trace.get("type") == "pie":
        return _POINT
    if not trace.get("hovertemplate") and (trace.get("mode") == "text" or "text" not in trace):
        return _SILENT
    return _CURVE if trace.get("mode") == "lines" else _POINT


def _rows(figure: Figure, axes: Mapping[str, _Axis], kind: int, *, middle: bool = False) -> Iterator[Row]:
    """Yield the rows of all that is read as one kind, of each trace all or the ``middle`` one."""
    traces = figure["data"]
    if kind == _POINT:
        for trace in traces:
            yield from _under_cursor(trace, traces, axes)
    for trace in traces:
        if _kind(trace) == kind:
            yield from _parts(trace) if trace.get("type") == "pie" else _points(trace, axes, middle=middle)


def _or_others(found: dict[Row, None], figure: Figure, axes: Mapping[str, _Axis]) -> dict[Row, None]:
    """Return what was found, or else what is silent; where that has no number, with the figure's notes."""
    found = found or dict.fromkeys(_rows(figure, axes, _SILENT))
    if any(c.isdigit() for row in found for cell in row for c in cell):
        return found
    notes = figure.get("layout", {}).get("annotations", ())
    return found | dict.fromkeys((plain(note["text"]), "", "") for note in notes)


def _titles(layout: Mapping[str, Any], axis: str) -> list[str]:
    """Return the names of the axes in one direction."""
    given = (layout[key].get("title", {}).get("text", "") for key in layout if key.startswith(axis))
    return list(dict.fromkeys(plain(title) for title in given if title))


class _Axis:
    """How an axis names the places on it: by the name at the nearest tick, or the number."""

    def __init__(self, axis: Mapping[str, Any], *, named: bool = False) -> None:
        self.title = plain(axis.get("title", {}).get("text", "")) if named else ""
        texts, ticks = axis.get("ticktext"), axis.get("tickvals")
        self.has_names = bool(texts)
        self.log = axis.get("type") == "log"
        self.ticks: list[float] = []
        if texts is not None and ticks is not None:
            self.ticks = [float(tick) for tick in ticks]
            self.names = [plain(str(text)) for text in texts]
            self.room = abs(self.ticks[1] - self.ticks[0]) / 2 if len(self.ticks) > 1 else 0.5
            self.of_powers = not self.log and any(_POWER.fullmatch(str(text)) for text in texts)

    def says(self, place: Any) -> str:
        """Return a place as a row has it."""
        said = self._named(place)
        return f"{self.title}: {said}" if self.title else said

    def _named(self, place: Any) -> str:
        if not isinstance(place, float):
            return plain(str(place))
        if self.ticks:
            offs = [abs(tick - place) for tick in self.ticks]
            off = min(offs)
            text = self.names[offs.index(off)]
            # A name stands for all of its row, a number for its place alone.
            if text and off <= (self.room if text[0].isalpha() and not self.log else 1e-9):
                return text
            if self.of_powers:
                return from_log(place * math.log(10.0))
        return number(place)


_NO_AXIS = _Axis({})


def _parts(trace: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the parts of a pie."""
    for label, value in zip(trace.get("labels", ()), trace.get("values", ()), strict=False):
        yield plain(str(label)), number(float(value)), ""


def _points(trace: Mapping[str, Any], axes: Mapping[str, _Axis], *, middle: bool = False) -> Iterator[Row]:
    """Yield the points of a trace, at most ``MOST`` of a curve, or the ``middle`` one of these."""
    template, words = trace.get("hovertemplate", ""), trace.get("text")
    x, y = (_array(trace.get(axis, ())) for axis in "xy")
    base = trace.get("base")
    size = max(len(x), len(y)) if len(x) and len(y) else 0
    picked = _spread(size) if trace.get("mode") == "lines" and size > MOST else range(size)
    across, up = (axes.get(f"{a}axis{trace.get(f'{a}axis', a)[1:]}", _NO_AXIS) for a in "xy")
    if base is not None:
        # A cell or a bar that begins elsewhere: its middle is its place on the axis of names.
        starts, along = _array(base), 0 if trace.get("orientation") == "h" else 1
    texts = None if words is None else np.atleast_1d(np.asarray(words, dtype=object))
    says = _says(template, trace) if template else None
    places = ((i, [_at(x, i), _at(y, i)]) for i in picked)
    found: Iterator[tuple[int, list[Any]]] = (
        one for one in places if all(math.isfinite(p) for p in one[1] if isinstance(p, float))
    )
    if middle:
        drawn = [*found]
        found = iter(drawn[len(drawn) // 2 :][:1])
    for i, place in found:
        if base is not None and (across, up)[along].has_names:
            start = _at(starts, i)
            if isinstance(start, float) and isinstance(place[along], float):
                place[along] = start + place[along] / 2
        word = "" if texts is None else plain(str(_at(texts, i)))
        yield says(i, word) if says else word, across.says(place[0]), up.says(place[1])


@lru_cache(maxsize=64)
def _spread(size: int) -> list[int]:
    """Return which of so many points are read of a curve."""
    picked: list[int] = np.linspace(0, size - 1, MOST).round().astype(int).tolist()
    return picked


def _under_cursor(
    trace: Mapping[str, Any], others: Sequence[Any], axes: Mapping[str, _Axis]
) -> Iterator[Row]:
    """Yield the points of a cursor, which are silent, in the words of the curves of their colours."""
    if trace.get("hoverinfo") != "skip" or trace.get("mode") != "markers":
        return
    drawn = trace["marker"]
    for i, colour in enumerate(drawn["color"] if isinstance(drawn["color"], list) else ()):
        # What is off the axis is drawn at its end.
        if "triangle" in str(_at(_array(drawn.get("symbol", "")), i)):
            continue
        for other in others:
            template = other.get("hovertemplate", "")
            same = all(other.get(axis) == trace.get(axis) for axis in ("xaxis", "yaxis"))
            if not same or other.get("line", {}).get("color") != colour or not template:
                continue
            if "customdata" in template or "%{text" in template:
                continue
            point = {axis: _array(trace[axis])[i : i + 1] for axis in "xy"}
            yield from _points({**other, **point, "mode": "markers"}, axes)
            break


def _at(values: Any, i: int) -> Any:
    """Return what a property of a trace is at a point: its own, or the one that all share."""
    one = values[i if len(values) > 1 else 0]
    return float(one) if isinstance(one, (int, float, np.number)) else one


def _array(given: Any) -> Any:
    """Return a property of a trace as an array, though it be one for all points."""
    return np.atleast_1d(np.asarray(given))


def _says(template: str, trace: Mapping[str, Any]) -> Callable[[int, str], str]:
    """Return what tells what hovering says at a point: its index and its own word in, a text out."""
    template = template.replace("<extra></extra>", "")
    given = {found[1]: trace.get(found[1]) for found in _PLACE.finditer(template)}
    arrays = {name: _array(g) for name, g in given.items() if g is not None and name != "customdata"}

    def says(i: int, word: str) -> str:
        def value(found: re.Match[str]) -> str:
            name, index, form = found.groups()
            if name == "text":
                return word
            if (whole := given[name]) is None:
                return ""
            one = whole[i] if name == "customdata" else _at(arrays[name], i)
            if index is not None:
                one = one[int(index)]
            if isinstance(one, (int, float, np.number)):
                return _formed(float(one), form or "")
            return str(one)

        return plain(_PLACE.sub(value, template))

    return says


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
