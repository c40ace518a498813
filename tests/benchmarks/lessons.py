"""The lessons that are driven: what moves, what is compared, what the hand-written page opens with."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.figures.theme import PALETTES
from core.figures.theme import resolve as painted
from pages.shared.catalog import Words, load
from pages.shared.controls import Control, Values, read
from pages.shared.frames import resolve
from pages.shared.lesson import Lesson
from pages.shared.wire import group, moved


@dataclass(frozen=True)
class Driven:
    """One lesson as the benchmark drives it.

    ``figures`` are on the screen in the lesson's first state, the main one first; ``drags`` are the
    sliders that are pulled, one in each drag, by their keys.
    """

    name: str
    figures: tuple[str, ...]
    drags: tuple[str, ...]

    @property
    def main(self) -> str:
        """The figure whose painted pictures are counted."""
        return self.figures[0]

    @property
    def lesson(self) -> Lesson:
        """The lesson's data, as the app has them."""
        found: Lesson = importlib.import_module(f"pages.{self.name}").LESSON
        return found

    @property
    def words(self) -> Words:
        """Its words in English."""
        return load(self.name, "en")


DRIVEN = {
    driven.name: driven
    for driven in (
        Driven("softmax", ("columns", "simplex"), ("z1", "t", "z3")),
        Driven("cross_entropy", ("cost", "terms"), ("q1", "p1", "q3")),
        Driven("heights", ("curves", "surface"), ("mu", "sigma", "mu_b")),
    )
}


def plain(node: Any) -> Any:
    """Return a tree as JSON holds it: lists for arrays and tuples, None for what is not finite."""
    if isinstance(node, np.ndarray):
        return plain(node.tolist())
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [plain(value) for value in node]
    if isinstance(node, np.generic):
        node = node.item()
    if isinstance(node, float) and not math.isfinite(node):
        return None
    return node


def pictures(driven: Driven, values: Values) -> dict[str, Any]:
    """Return the views that the hand-written page has too, in the light theme's colours."""
    views = resolve(driven.lesson.picture(values, driven.words), [*driven.figures, "formula", "code"])
    made: dict[str, Any] = plain(painted(views, "light"))
    return made


def sliders(lesson: Lesson, values: Values) -> dict[str, Control]:
    """Return the sliders with frames that are on the screen in a state, by their keys."""
    return {c.key: c for c in lesson.controls if c.is_framed(values)}


def near(lesson: Lesson, values: Values) -> list[Control]:
    """Return the sliders of the first section that stand open, in the order of the page."""
    first = lesson.sections[0]
    keys = [*group(lesson, first.controls), *(key for row in first.table for key in row)]
    framed = sliders(lesson, values)
    folded = group(lesson, first.more)
    return [framed[key] for key in keys if key in framed and key not in folded]


def aside(lesson: Lesson) -> Values:
    """Return a state next to the defaults in which nobody has been: each slider is one stop from its place.

    Examples
    --------
    >>> lesson = DRIVEN["softmax"].lesson
    >>> [(key, lesson.start[key], aside(lesson)[key]) for key in ("t", "z1")]
    [('t', 1.0, 0.98), ('z1', 5.0, 4.9)]
    """
    values = lesson.start
    for key, control in sliders(lesson, values).items():
        stops = control.stops_in(values)
        stop = nearest(stops, values[key])
        values = moved(lesson, values, {key: stops[stop - 1 if stop else 1]})
    assert not lesson.active_preset(values)
    return values


def nearest(stops: list[float] | list[int], value: float) -> int:
    """Return the index of the stop next to a value."""
    return min(range(len(stops)), key=lambda i: abs(stops[i] - value))


def exported(driven: Driven, places: Mapping[str, list[float]], font: str) -> dict[str, Any]:
    """Return what the hand-written page opens with: the picture at the defaults, put where the app has it.

    Parameters
    ----------
    driven : Driven
        The lesson.
    places : mapping
        For each figure, for ``formula`` and ``code``, and for each slider: left, top, width, height.
    font : str
        The figures' font family.
    """
    lesson, values = driven.lesson, driven.lesson.start
    views = pictures(driven, values)
    ground, soft, ink = (PALETTES["light"][role] for role in ("ground", "soft", "ink"))
    for name in driven.figures:
        layout = views[name]["layout"]
        # As figures.js completes a layout before it draws.
        layout["width"], layout["height"] = places[name][2:]
        layout["font"]["family"] = font
        layout["hoverlabel"] |= {"bgcolor": ground, "bordercolor": soft}
        layout["hoverlabel"]["font"]["color"] = ink
        views[name] = {"data": views[name]["data"], "layout": layout}
    made: dict[str, Any] = {
        "values": {key: values[key] for key in lesson.by_key},
        "views": views,
        "palette": PALETTES["light"],
        "places": dict(places),
        "controls": {
            key: {
                "label": key,
                "stops": (stops := lesson.by_key[key].stops_in(values)),
                "stop": nearest(stops, values[key]),
            }
            for key in driven.drags
        },
    }
    if driven.name == "heights":
        from core.figures import heights
        from pages.parts import people

        summary = heights.people(people.source(values)).summary
        made["people"] = {"n": summary.n, "mean": summary.mean, "variance": summary.variance}
    return made


def state(lesson: Lesson, held: Mapping[str, Any]) -> Values:
    """Return the values that the browser holds, with the controls' types."""
    return read(lesson.controls, {k: v for k, v in held.items() if k in lesson.by_key}, lesson.start).values


def at_stop(lesson: Lesson, values: Values, key: str, stop: int) -> Values:
    """Return the values after one slider went to one of its stops."""
    return moved(lesson, values, {key: lesson.by_key[key].stops_in(values)[stop]})


# What the browser decides itself, from the room that there is.
BROWSERS_OWN = {("layout", "height"), ("layout", "width")}


def expected(driven: Driven, values: Values, names: list[str]) -> dict[str, Any]:
    """Return what a person must see of views: figures as data and layout, anything else as its text."""
    views = resolve(driven.lesson.picture(values, driven.words), names)
    made: dict[str, Any] = {}
    for name, view in views.items():
        if view["type"] == "figure":
            drawn = plain(painted({"data": view["data"], "layout": view["layout"]}, "light"))
            axes = [axis for key, axis in drawn["layout"].items() if key[1:5] == "axis"]
            if any("scaleanchor" in axis for axis in axes):
                for axis in axes:  # Plotly widens a range to keep the scale.
                    axis.pop("range", None)
            made[name] = {**drawn, "title": view["title"], "caption": view["caption"], "alt": view["alt"]}
        else:
            made[name] = {"text": "".join(texts(view))}
    return made


def texts(view: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of a view in the order in which they stand on the screen, without the title."""
    if view["type"] == "code":
        yield view["tabs"][0]["text"]
    elif view["type"] == "lines":
        yield from segments(view["lines"])
    else:
        yield view.get("caption") or ""
        yield from segments(view["head"])
        yield from segments(view["rows"])


def segments(node: Any) -> Iterator[str]:
    """Yield the texts of segments, however deep they are in lists."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        yield node["text"]
    else:
        for item in node:
            yield from segments(item)


def wrong(seen: Any, wanted: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """Yield where the screen is not what is wanted, to float32: the path, what is seen, what is wanted.

    The screen may hold more keys than are wanted (Plotly and the browser half add some), never fewer.

    Examples
    --------
    >>> list(wrong({"x": [0.1, 2.0], "more": 1}, {"x": [0.1000000001, 3.0]}))
    [(('x', 1), 2.0, 3.0)]
    """
    if path in BROWSERS_OWN:
        return
    if isinstance(wanted, dict):
        for key, value in wanted.items():
            yield from wrong(seen.get(key) if isinstance(seen, dict) else None, value, (*path, key))
    elif isinstance(wanted, list):
        if not isinstance(seen, list) or len(seen) != len(wanted):
            yield path, seen, wanted
            return
        for i, value in enumerate(wanted):
            yield from wrong(seen[i], value, (*path, i))
    elif isinstance(wanted, (int, float)) and not isinstance(wanted, bool) and isinstance(seen, (int, float)):
        if np.float32(seen) != np.float32(wanted):
            yield path, seen, wanted
    elif seen != wanted:
        yield path, seen, wanted


def wrong_views(
    seen: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """Yield where views on the screen are not what is wanted: the path, what is seen, what is wanted."""
    for name, view in wanted.items():
        for path, a, b in wrong(seen[name], view):
            yield (name, *path), a, b
