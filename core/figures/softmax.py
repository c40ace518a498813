"""Figures of the softmax lesson: scores to probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.categorical import sample_counts
from core.figures.marks import across_zero, class_bars, class_rows, named_axis
from core.figures.text import Segment, code, fitted, fixed, lines, number, part, power_of_ten, table, texts
from core.figures.theme import (
    CLASS_DASHES,
    CLASS_ROLES,
    Figure,
    Sketch,
    axis,
    cells,
    class_colour,
    class_colours,
    figure,
    grip,
    label,
    role_of,
)
from core.softmax import (
    exp_overflow_threshold,
    exp_terms,
    log_softmax,
    logits_from_probs,
    plane_to_simplex,
    simplex_to_plane,
    softmax,
    softmax_jacobian,
    softmax_steps,
    temperature_path,
)

TEMPERATURES = np.geomspace(0.05, 10.0, 49)
PATH_TEMPERATURES = np.geomspace(0.05, 10.0, 33)
LN10 = math.log(10.0)
TRIANGLE = simplex_to_plane(np.eye(3)[[0, 1, 2, 0]])
# Each with the largest z whose exp is finite in it, as it is written.
PRECISIONS = {name: number(exp_overflow_threshold(name)) for name in ("float16", "float32", "float64")}


def exponential_text(exponent: float) -> str:
    """Return exp(exponent) as a text, also where it is beyond float64.

    Examples
    --------
    >>> exponential_text(2.0), exponential_text(2000.0)
    ('7.389', '3.88×10⁸⁶⁸')
    """
    if -20.0 < exponent < 15.0:
        return number(math.exp(exponent), 4)
    power = math.floor(exponent / LN10)
    return power_of_ten(math.exp(exponent - power * LN10), power, 3)


def columns(
    logits: Sequence[float],
    temperature: float,
    names: Sequence[str],
    words: dict[str, str],
    probs_role: str = "",
) -> Figure:
    """Return three linked columns of bars: z, exp(z/T) and p, one row a class.

    Parameters
    ----------
    logits : sequence of float, length K
        Scores.
    temperature : float
        Temperature T.
    names : sequence of str
        Names of the classes.
    words : dict
        ``title``, ``alt``, ``caption``, ``z``, ``exp``, ``p``, ``grip``.
    """
    count = len(logits)
    probs = softmax(logits, temperature=temperature)
    scaled = [z / temperature for z in logits]
    # The middle column is drawn in units of a power of ten, so that its axis never moves.
    power = math.floor(max(scaled) / LN10)
    shown = exp_terms(logits, temperature=temperature).shifted * math.exp(max(scaled) - power * LN10)

    return figure(
        [
            *(
                class_bars(x, text, f"%{{customdata}}: {hover}", names, xaxis=on)
                for x, text, on, hover in (
                    (np.array(logits), [""] * count, "x", "z = %{x:.4g}"),
                    (shown, [exponential_text(s) for s in scaled], "x2", "exp(z/T) = %{text}"),
                    (probs, [fixed(p, 4) for p in probs.tolist()], "x3", "p = %{x:.6f}"),
                )
            ),
            across_zero(logits, [number(z, 4) for z in logits]),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(
            words["z"],
            (-13.0, 13.0),
            domain=[0.0, 0.29],
            tickvals=[-10, 0, 10],
            zeroline=True,
        ),
        y=class_rows(names),
        xaxis2=axis(
            f"{words['exp']}, ×{power_of_ten(1, power)[2:]}",
            (0.0, 20.0),
            domain=[0.34, 0.66],
            tickvals=[0, 5, 10],
        ),
        xaxis3=axis(words["p"], (0.0, 1.75), domain=[0.71, 1.0], tickvals=[0, 0.5, 1]),
        height=110 + 58 * count if count < 5 else 110 + 36 * count,
        margin=(8, 12, 52, 72),
        bargap=0.35,
        grips=[
            grip(
                f"z{i + 1}", z, i, label=f"{words['grip']} {names[i]}", axes="x", control=f"z{i + 1}", on="xy"
            )
            for i, z in enumerate(logits)
        ],
    ) | {"narrow": 60 + 20 * count}


def simplex(
    logits: Sequence[float], temperature: float, names: Sequence[str], words: dict[str, str]
) -> Figure:
    """Return the triangle of three-class distributions with the point p and its path as T goes 0.05 to 10."""
    side: dict[str, Any] = {
        "showgrid": False,
        "zeroline": False,
        "showticklabels": False,
        "ticks": "",
        "linecolor": "rgba(0,0,0,0)",
    }
    plain: dict[str, Any] = {
        "title": words["title"],
        "alt": words["alt"],
        "x": axis(limits=(-0.16, 1.16), **side),
        "y": axis(limits=(-0.14, 1.0), scaleanchor="x", **side),
        "height": 340,
        "margin": (4, 4, 4, 4),
    }
    if len(logits) != 3:
        return figure([], caption="", annotations=[label(words["only_three"], 0.5, 0.45)], **plain)
    path = simplex_to_plane(temperature_path(logits, PATH_TEMPERATURES))
    x, y = simplex_to_plane(softmax(logits, temperature=temperature)).tolist()
    spots = [(-0.02, -0.07), (1.02, -0.07), (0.5, 0.93)]
    return figure(
        [
            {
                "type": "scatter",
                "mode": "lines",
                "x": TRIANGLE[:, 0],
                "y": TRIANGLE[:, 1],
                "line": {"color": "@soft", "width": 2},
                "hoverinfo": "skip",
            },
            {
                "type": "scatter",
                "mode": "lines",
                "x": path[:, 0],
                "y": path[:, 1],
                "line": {"color": "@q", "width": 3, "dash": "dot"},
                "hoverinfo": "skip",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "x": np.array([x]),
                "y": np.array([y]),
                "marker": {"color": "@q", "size": 15, "line": {"color": "@ground", "width": 2}},
                "hovertemplate": words["point"] + "<extra></extra>",
            },
        ],
        caption=words["caption"],
        annotations=[label(fitted(names[i], 11), *spots[i], colour=class_colour(i)) for i in range(3)],
        grips=[grip("simplex", x, y, label=words["grip"])],
        **plain,
    )


def logits_at(x: float, y: float, temperature: float, limit: float = 10.0) -> list[float]:
    """Return logits, within ±limit, whose softmax at a temperature is at a place of the triangle.

    Only differences of logits count, so the largest is free: it is put where the smallest just fits.

    Examples
    --------
    >>> logits_at(0.5, 0.288675, 1.0)
    [0.0, 0.0, 0.0]
    """
    logs = logits_from_probs(plane_to_simplex((x, y))) * temperature
    gaps = np.maximum(logs - logs.max(), -2.0 * limit)
    top = max(0.0, float(-gaps.min()) - limit) if gaps.min() < -limit else -0.5 * float(gaps.min())
    return [round(float(top + gap), 3) + 0.0 for gap in gaps]


def over_temperature(
    logits: Sequence[float], temperature: float, names: Sequence[str], words: dict[str, str]
) -> Figure:
    """Return p of every class against T, with a cursor at the present T."""
    path = temperature_path(logits, TEMPERATURES)
    probs = softmax(logits, temperature=temperature)
    count = len(logits)
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": TEMPERATURES,
            "y": path[:, i],
            "line": {"color": class_colour(i), "width": 3, "dash": CLASS_DASHES[i]},
            "hovertemplate": f"{names[i]}: p = %{{y:.4f}}, T = %{{x:.3g}}<extra></extra>",
        }
        for i in range(count)
    ]
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": np.full(count, temperature),
            "y": probs,
            "marker": {"color": class_colours(count), "size": 12, "line": {"color": "@ground", "width": 2}},
            "hoverinfo": "skip",
        }
    )
    position = math.log10(temperature)
    largest = sorted(range(count), key=lambda i: -logits[i])[:4]
    return figure(
        traces,
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (math.log10(0.05), 1.0), type="log", tickvals=[0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]),
        y=axis(words["y"], (0.0, 1.02)),
        height=340,
        shapes=[
            {
                "type": "line",
                "x0": temperature,
                "x1": temperature,
                "y0": 0,
                "y1": 1.02,
                "line": {"color": "@soft", "width": 2},
            }
        ],
        annotations=[label(f"T = {number(temperature, 3)}", position, 1.02, yanchor="bottom")]
        + [
            label(
                fitted(names[i], 14),
                math.log10(0.052),
                float(path[0, i]),
                colour=class_colour(i),
                xanchor="left",
                yanchor="bottom" if path[0, i] < 0.93 else "top",
                # What begins at about the same height stands in its order, which T never changes.
                yshift=16 * sum(path[0, i] - path[0, j] < 0.1 for j in largest[rank + 1 :]),
            )
            for rank, i in enumerate(largest)
        ],
        margin=(28, 12, 52, 60),
    )


def jacobian(
    logits: Sequence[float], temperature: float, names: Sequence[str], words: dict[str, str]
) -> Figure:
    """Return the Jacobian dp_i/dz_j as an annotated heat map, its scale fixed at what is possible."""
    matrix = softmax_jacobian(logits, temperature=temperature)
    count = len(logits)
    many = count > 5
    labels = [[_entry(value, 4 if count < 5 else 2) for value in row] for row in matrix.tolist()]
    return figure(
        [
            cells(
                # Scaled by T, because no entry can be larger than 1/(4T): the colours stay comparable.
                matrix * temperature,
                labels,
                limits=(-0.25, 0.25),
                colours=("@p/0.6", "@ground", "@q/0.55"),
                size=11 if many else 15,
                customdata=[[i, j] for i in names for j in names],
                hovertemplate=words["hover"] + "<extra></extra>",
            )
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=named_axis(
            [fitted(name, 8 if many else 30 // count) for name in names],
            (-0.5, count - 0.5),
            words["x"],
            tickangle=-90 if many else 0,
        ),
        y=named_axis([fitted(name) for name in names], (count - 0.5, -0.5), words["y"]),
        barmode="overlay",
        height=380 if many else 340,
        margin=(8, 12, 84 if many else 56, 88),
    ) | ({"narrow": 340} if many else {})


def _entry(value: float, decimals: int) -> str:
    """Return a slope for its cell, a plain 0 where nothing else would be left of it."""
    return fixed(value, decimals) if abs(value) >= 0.5 * 0.1**decimals else "0"


def formula(logits: Sequence[float], temperature: float, names: Sequence[str]) -> dict[str, Any]:
    """Return the formula with its numbers: one line a class, p = exp(z/T) / sum = value."""
    probs = softmax(logits, temperature=temperature).tolist()
    logs = log_softmax(logits, temperature=temperature).tolist()
    scaled = [z / temperature for z in logits]
    # log of the sum, from any class: z/T - log p.
    total = exponential_text(scaled[0] - logs[0])
    rows: list[list[Segment]] = []
    for i, name in enumerate(names):
        role = role_of(i)
        rows.append(
            [
                part(f"p({name})", role, strong=True),
                f" = exp({number(logits[i], 4)} / {number(temperature, 3)}) / Σ"
                f" = {exponential_text(scaled[i])} / {total} = ",
                part(number(probs[i]), role, strong=True),
            ]
        )
    return lines(*rows)


def numerics(
    logits: Sequence[float], shift: float, temperature: float, words: dict[str, str]
) -> dict[str, Any]:
    """Return a table of the same logits through the naive and the shifted formula in three precisions."""
    moved = [z + shift for z in logits]
    rows: list[list[Segment]] = []
    for name, limit in PRECISIONS.items():
        for shifted, method in ((False, words["naive"]), (True, words["shifted"])):
            steps = softmax_steps(moved, temperature=temperature, dtype=name, shifted=shifted)
            probs, largest, total = steps.probs.tolist(), float(steps.exps.max()), float(steps.total)
            broken = any(map(math.isnan, probs))
            verdict = words["broken"] if broken else words["fine"]
            rows.append(
                [
                    name,
                    method,
                    limit,
                    part(_plain(largest), "loss" if math.isinf(largest) else ""),
                    part(_plain(total), "loss" if math.isinf(total) else ""),
                    part(
                        ", ".join(_plain(p, 4) for p in probs[:4]) + (", …" if len(probs) > 4 else ""),
                        "loss" if broken else "truth",
                    ),
                    part(verdict, "loss" if broken else "truth", strong=True),
                ]
            )
    return table(
        [
            words["type"],
            words["method"],
            words["limit"],
            words["largest"],
            words["sum"],
            "p",
            words["verdict"],
        ],
        rows,
        caption=words["caption"],
    )


def _plain(value: float, digits: int = 4) -> str:
    """Return a number of a broken computation as the machine names it: inf, nan."""
    if value != value:
        return "nan"
    return "inf" if math.isinf(value) else number(value, digits)


def sampling(
    logits: Sequence[float],
    temperature: float,
    draws: int,
    seed: int,
    names: Sequence[str],
    words: dict[str, str],
) -> Figure:
    """Return the shares of N draws laid over p."""
    probs = softmax(logits, temperature=temperature)
    counts = sample_counts(probs, draws, seed=seed)
    shares = counts / draws
    count = len(logits)
    rows = np.arange(count)
    return figure(
        [
            {
                "type": "bar",
                "orientation": "h",
                "x": probs,
                "y": rows,
                "marker": {
                    "color": [c + "/0.35" for c in class_colours(count)],
                    "line": {"color": class_colours(count), "width": 2},
                },
                "hovertemplate": "p = %{x:.6f}<extra></extra>",
                "width": 0.8,
            },
            {
                "type": "bar",
                "orientation": "h",
                "x": shares,
                "y": rows,
                "marker": {"color": class_colours(count)},
                "customdata": texts([f"{c:,}" for c in counts.tolist()]),
                "hovertemplate": words["hover"] + "<extra></extra>",
                "width": 0.4,
            },
            {
                "type": "scatter",
                "mode": "text",
                "x": np.maximum(probs, shares),
                "y": rows,
                "text": texts([f"\u2002{c:,}" for c in counts.tolist()]),
                "textposition": "middle right",
                "hoverinfo": "skip",
                "cliponaxis": False,
            },
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (0.0, 1.3), tickvals=[0, 0.25, 0.5, 0.75, 1]),
        y=class_rows(names),
        barmode="overlay",
        height=110 + (58 if count < 5 else 36) * count,
        margin=(8, 12, 52, 72),
    ) | {"narrow": 60 + 24 * count}


def code_panel(logits: Sequence[float], temperature: float) -> dict[str, Any]:
    """Return the same computation as NumPy and as PyTorch, at the present values."""
    z = list(logits)
    return code(
        NumPy=f"""import numpy as np

z = np.array({z})
T = {temperature}

shifted = (z - z.max()) / T        # the largest exponent is 0: nothing overflows
p = np.exp(shifted) / np.exp(shifted).sum()
print(p)
""",
        PyTorch=f"""import torch

z = torch.tensor({z}, dtype=torch.float64)
T = {temperature}

p = torch.softmax(z / T, dim=-1)
log_p = torch.log_softmax(z / T, dim=-1)   # not torch.log(p): stays finite
print(p, log_p)
""",
    )


def sketch() -> Sketch:
    """Return the curves of the lesson's small picture, and the limits of y."""
    path = temperature_path([2.0, 1.0, 0.2], np.geomspace(0.15, 6.0, 60))
    x = np.linspace(0.0, 1.0, 60)
    return [(x, path[:, i], CLASS_ROLES[i]) for i in range(3)], (0.0, 1.0)
