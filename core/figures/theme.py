"""The look of every figure: colour roles, fonts, axes, margins.

A figure names colours by role ("@q", "@loss/0.2" with an opacity), never by value: the browser
puts in the palette of the light or the dark theme, so one picture serves both. ``resolve`` does the
same in Python, for exports and for tests that hand a figure to plotly.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core._checks import locked

Figure: TypeAlias = dict[str, Any]
# A lesson's small picture: curves (x from 0 to 1, y, role), and the limits of y.
Sketch: TypeAlias = tuple[list[tuple[Any, Any, str]], tuple[float, float]]

# Okabe and Ito's colours, safe for colour blindness; lighter ones where the ground is dark.
PALETTES: dict[str, dict[str, str]] = {
    "light": {
        "p": "#0072B2",
        "q": "#E69F00",
        "loss": "#D55E00",
        "kl": "#CC79A7",
        "entropy": "#56B4E9",
        "truth": "#009E73",
        "rest": "#7A7F87",
        "ink": "#22262B",
        "soft": "#5C636B",
        "grid": "#E4E7EB",
        "ground": "#FFFFFF",
    },
    "dark": {
        "p": "#56A9DE",
        "q": "#F2B33D",
        "loss": "#F08444",
        "kl": "#E3A3C6",
        "entropy": "#8CCBF2",
        "truth": "#3CC79C",
        "rest": "#A0A6AE",
        "ink": "#F1F3F5",
        "soft": "#B4BAC2",
        "grid": "#343A42",
        "ground": "#0E1117",
    },
}

# What is written in a role's colour, on a light ground, is darker than what is drawn in it: letters are thin.
INKS: dict[str, dict[str, str]] = {
    "light": {
        "q": "#8F6200",
        "loss": "#B34E00",
        "kl": "#A3467A",
        "entropy": "#1B6FA0",
        "truth": "#007857",
        "rest": "#5F656D",
    },
    "dark": {},
}
# The parts of a figure that are written.
WRITTEN = ("font", "textfont", "insidetextfont", "outsidetextfont", "tickfont")
# What people read: a name that they typed may begin with "@" and is no colour.
WORDS = ("text", "ticktext", "customdata", "hovertext")

# Classes take the roles' colours in one fixed order; a dash and a symbol say the same without colour.
CLASS_ROLES = ("p", "q", "truth", "kl", "loss", "entropy", "rest", "ink", "soft", "p")
CLASS_DASHES = (
    "solid",
    "dash",
    "dot",
    "dashdot",
    "longdash",
    "longdashdot",
    "solid",
    "dash",
    "dot",
    "dashdot",
)
FONT_SIZE = 15
# Fonts that have all of the signs ■ □ ▨ ━ ╍, so that the keys of one figure are of one size.
KEY_FONTS = "DejaVu Sans, Segoe UI Symbol, Apple Symbols, Noto Sans Symbols 2, sans-serif"


def class_colour(index: int) -> str:
    """Return the colour role of class ``index``.

    Examples
    --------
    >>> class_colour(0), class_colour(1)
    ('@p', '@q')
    """
    return "@" + CLASS_ROLES[index % len(CLASS_ROLES)]


def role_of(index: int) -> str:
    """Return the role of class ``index``, for words in its colour."""
    return CLASS_ROLES[index % len(CLASS_ROLES)]


def class_colours(count: int) -> list[str]:
    """Return the colours of ``count`` classes."""
    return [class_colour(i) for i in range(count)]


def axis(title: str = "", limits: tuple[float, float] | None = None, **options: Any) -> dict[str, Any]:
    """Return an axis: thin line, light grid, fixed limits where they are given."""
    made: dict[str, Any] = {
        "title": {"text": title, "standoff": 8},
        "gridcolor": "@grid",
        "linecolor": "@soft",
        "zeroline": False,
        "zerolinecolor": "@soft",
        "tickcolor": "@soft",
        "ticks": "outside",
        "ticklen": 4,
        "fixedrange": True,
        # Plotly need not measure tick labels, at every redraw, to find whether they fit.
        "ticklabeloverflow": "allow",
        "tickangle": 0,
    }
    if limits is not None:
        made["range"] = list(limits)
        made["autorange"] = False
    return made | options


def figure(
    traces: list[dict[str, Any]],
    *,
    title: str,
    alt: str,
    caption: str = "",
    x: dict[str, Any] | None = None,
    y: dict[str, Any] | None = None,
    height: int = 320,
    margin: tuple[int, int, int, int] = (16, 16, 48, 60),
    grips: list[dict[str, Any]] | None = None,
    cells: list[dict[str, Any]] | None = None,
    **layout: Any,
) -> Figure:
    """Return a figure as the live component draws it.

    Parameters
    ----------
    traces : list of dict
        Plotly traces. Numbers that move with a slider are NumPy arrays.
    title, alt, caption : str
        What to see; the text alternative; one sentence for below the figure.
    x, y : dict, optional
        Axes, as ``axis`` returns them.
    height : int
        Height in CSS pixels.
    margin : tuple of int
        Top, right, bottom and left margin in CSS pixels, fixed so that nothing jumps.
    grips : list of dict, optional
        Points that a person can drag: ``grip`` makes them.
    cells : list of dict, optional
        Parts of the figure that act like buttons: ``pressed`` makes them.
    **layout
        More of plotly's layout (shapes, annotations, barmode, further axes).

    Returns
    -------
    dict
        ``type``, ``data``, ``layout``, ``title``, ``alt``, ``caption``, ``height``, ``grips``, and ``cells``
        where there are any.
    """
    return {
        "type": "figure",
        "title": title,
        "alt": alt,
        "caption": caption,
        "height": height,
        "data": traces,
        "layout": {
            "height": height,
            "margin": _margin(margin),
            "font": _font("@ink"),
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": False,
            "hoverlabel": _HOVER,
            "xaxis": x if x is not None else axis(),
            "yaxis": y if y is not None else axis(),
            **layout,
        },
        "grips": grips or [],
        **({"cells": cells} if cells else {}),
    }


@lru_cache(maxsize=64)
def _font(colour: str) -> dict[str, Any]:
    return {"size": FONT_SIZE, "color": colour}


@lru_cache(maxsize=256)
def _margin(sides: tuple[int, int, int, int]) -> dict[str, int]:
    return {**dict(zip("trbl", sides, strict=True)), "pad": 0}


_HOVER = {"font": {"size": FONT_SIZE}}


def cells(
    values: NDArray[Any],
    labels: Sequence[Sequence[str]],
    *,
    limits: tuple[float, float],
    colours: Sequence[str],
    size: int = FONT_SIZE,
    **options: Any,
) -> dict[str, Any]:
    """Return a table of coloured, labelled cells as one trace of bars: row i at y = i, column j at x = j.

    Parameters
    ----------
    values : ndarray, shape (R, C)
        What the colours stand for.
    labels : sequence of sequences of str
        What is written in each cell.
    limits : (float, float)
        The values of the first and the last colour.
    colours : sequence of str
        Colours, evenly spaced between the limits.
    size : int
        Font size of the labels.
    **options
        More of the trace (hover texts).

    Examples
    --------
    >>> made = cells(np.eye(2), [["1", "0"], ["0", "1"]], limits=(0, 1), colours=["@ground", "@q"])
    >>> made["x"].tolist(), made["base"].tolist()
    ([0, 1, 0, 1], [-0.48, -0.48, 0.52, 0.52])
    """
    columns, below, heights = _cell_places(*values.shape)
    text = np.empty(values.size, dtype=object)
    text[:] = [word for row in labels for word in row]
    return {
        "type": "bar",
        "x": columns,
        "base": below,
        "y": heights,
        "width": 0.96,
        "marker": {
            "color": values.ravel(),
            "cmin": limits[0],
            "cmax": limits[1],
            "colorscale": [[i / (len(colours) - 1), colour] for i, colour in enumerate(colours)],
            "showscale": False,
        },
        "text": text,
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "insidetextfont": {"size": size, "color": "@ink"},
    } | options


@lru_cache(maxsize=64)
def _cell_places(rows: int, columns: int) -> tuple[NDArray[Any], ...]:
    """Return the columns of the cells of a table, where they begin and how high they are, all read-only."""
    row, column = np.indices((rows, columns))
    return tuple(map(locked, (column.ravel(), row.ravel() - 0.48, np.full(row.size, 0.96))))


def grip(
    name: str,
    x: float,
    y: float,
    *,
    label: str,
    axes: str = "xy",
    control: str = "",
    on: str = "xy",
    keys: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return a point of a figure that a person can take hold of.

    Parameters
    ----------
    name : str
        Which of the lesson's drags it is.
    x, y : float
        Where it is, as the axes measure: on a logarithmic one the power of ten.
    label : str
        What it moves, for the pointer and for a screen reader.
    axes : {"x", "y", "xy"}
        The directions in which it moves.
    control : str
        The control whose stops it follows, where it moves in one direction only.
    on : str
        Plotly's names of its axes ("xy", "x2y2").
    keys : tuple of str
        The controls that it moves, by default ``control``. Arrows move the first sideways and the second up,
        by their stops; where there are more the arrows move the place, and these are what it is called.
        Of "q1|z1" the one that is on the screen.
    """
    made = {"name": name, "x": x, "y": y, "label": label, "axes": axes, "control": control, "on": on}
    return made | {"keys": list(keys or ((control,) if control else ()))}


def pressed(
    label: str, x: tuple[float, float], y: tuple[float, float], sets: dict[str, Any]
) -> dict[str, Any]:
    """Return a part of a figure that sets controls when it is pressed, as its look promises.

    Parameters
    ----------
    label : str
        What it is, for the pointer.
    x, y : tuple of float
        From where to where, as the axes "x" and "y" measure.
    sets : dict
        Control keys and their values; the same can be set by these controls.
    """
    return {"label": label, "x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1], "sets": sets}


def label(text: str, x: float, y: float, *, colour: str = "@ink", **options: Any) -> dict[str, Any]:
    """Return a direct label: an annotation without an arrow."""
    return {
        "text": text,
        "x": x,
        "y": y,
        "showarrow": False,
        "font": _font(colour),
        **options,
    }


# A label that a line may come to: the line ends beside it.
CLEAR: dict[str, Any] = {"bgcolor": "@ground"}


def key_sign(sign: str, x: float, y: float, *, colour: str, **options: Any) -> dict[str, Any]:
    """Return the sign of a direct label: a square, plain or hatched, or a line."""
    return label(sign, x, y, font={"size": FONT_SIZE, "color": colour, "family": KEY_FONTS}, **options)


def _is_written(key: str, value: Any) -> bool:
    """Tell whether a part of a figure is written; the sign of a key, with a font of its own, is drawn."""
    return key in WRITTEN and not (isinstance(value, dict) and "family" in value)


def resolve(node: Any, palette: str = "light", *, written: bool = False) -> Any:
    """Return ``node`` with every colour role replaced by its colour.

    Examples
    --------
    >>> resolve({"line": {"color": "@q"}, "fill": "@q/0.5", "font": {"color": "@q"}})
    {'line': {'color': '#E69F00'}, 'fill': 'rgba(230,159,0,0.5)', 'font': {'color': '#8F6200'}}
    """
    if isinstance(node, dict):
        return {
            key: value
            if key in WORDS
            else resolve(value, palette, written=written or _is_written(key, value))
            for key, value in node.items()
        }
    if isinstance(node, (list, tuple)):
        return [resolve(value, palette, written=written) for value in node]
    if isinstance(node, np.ndarray) and node.dtype == object:
        return [resolve(value, palette, written=written) for value in node.tolist()]
    if isinstance(node, str) and node.startswith("@"):
        role, _, opacity = node[1:].partition("/")
        colours = PALETTES[palette] | (INKS[palette] if written else {})
        if role not in colours:
            return node
        if not opacity:
            return colours[role]
        red, green, blue = (int(colours[role][i : i + 2], 16) for i in (1, 3, 5))
        return f"rgba({red},{green},{blue},{opacity})"
    return node
