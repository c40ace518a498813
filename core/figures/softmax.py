"""Figures of the softmax lesson: scores to probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from core._checks import Floats, locked
from core.categorical import sample_counts
from core.figures.marks import (
    CLASSES,
    Look,
    Mark,
    Scale,
    across_zero,
    class_bars,
    class_rows,
    dots,
    line,
    named_axis,
    over_bars,
    picture,
    rule,
    scale,
    score_grips,
    written,
)
from core.figures.text import (
    Segment,
    code,
    fitted,
    fixed,
    lines,
    literal,
    number,
    part,
    power_of_ten,
    table,
    texts,
)
from core.figures.theme import (
    CLASS_ROLES,
    Figure,
    Sketch,
    axis,
    cells,
    class_colour,
    class_colours,
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
_SIDES = simplex_to_plane(np.eye(3)[[0, 1, 2, 0]])
TRIANGLE = line(_SIDES[:, 0], _SIDES[:, 1], Look("soft", ""), width=2)
PATH, HERE = Look("q", "dot"), (Look("q"),)
BARE: dict[str, Any] = {
    "showgrid": False,
    "zeroline": False,
    "showticklabels": False,
    "ticks": "",
    "linecolor": "rgba(0,0,0,0)",
}
TRIANGLE_X = axis(limits=(-0.16, 1.16), **BARE)
TRIANGLE_Y = axis(limits=(-0.18, 1.05), scaleanchor="x", **BARE)
FEW = 4  # so many classes leave room for a number over each bar; more have theirs at the bars' ends
# Of few and of many classes.
EXP_SCALES = [scale(0.0, end, [0, 0.5, 1], domain=(0.34, 0.66)) for end in (1.04, 2.0)]
P_SCALES = [scale(0.0, end, [0, 0.5, 1], domain=(0.71, 1.0)) for end in (1.04, 1.75)]
T_SCALE = scale(0.05, 10.0, [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10], log=True)
FLOAT64 = exp_overflow_threshold("float64")
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


@lru_cache(maxsize=512)
def _probs(logits: tuple[float, ...], temperature: float) -> Floats:
    """Return the probabilities: all views ask for those of the same state."""
    return locked(softmax(logits, temperature=temperature))


def columns(
    logits: Sequence[float],
    shift: float,
    temperature: float,
    names: Sequence[str],
    words: dict[str, str],
) -> Figure:
    """Return three linked columns of bars: z, exp(z/T) and p, one row a class.

    Parameters
    ----------
    logits : sequence of float, length K
        Scores.
    shift : float
        What is added to each of them: the first axis begins there, the exponentials grow by exp(shift/T).
    temperature : float
        Temperature T.
    names : sequence of str
        Names of the classes.
    words : dict
        ``title``, ``alt``, ``caption``, ``x``, ``x2``, ``x3``, ``grip``.
    """
    count = len(logits)
    few = count <= FEW
    probs = _probs(tuple(logits), temperature)
    moved = [z + shift for z in logits]
    scaled = [z / temperature for z in moved]
    said = texts([f"z = {number(z)}" for z in moved])
    # The middle column is drawn against its largest: whatever the hand does, its axis stands still.
    shown = exp_terms(logits, temperature=temperature).shifted

    ends, shares = [exponential_text(s) for s in scaled], [fixed(p, 4) for p in probs.tolist()]
    none = [""] * count
    over = [
        over_bars(logits, [number(z, 5) for z in moved]),
        over_bars(shown, ends, "x2"),
        over_bars(probs, shares, "x3"),
    ]

    return picture(
        words | {"x": f"{words['x']} + {number(shift)}" if shift else words["x"]},
        [
            class_bars(np.array(logits), [""] * count, "%{customdata}: %{hovertext}", names, hovertext=said),
            class_bars(
                shown,
                none if few else ends,
                "%{customdata}: exp(z/T) = %{hovertext}",
                names,
                xaxis="x2",
                hovertext=texts(ends),
            ),
            class_bars(probs, none if few else shares, "%{customdata}: p = %{x:.6f}", names, xaxis="x3"),
            *(over if few else [across_zero(logits, [number(z, 5) for z in moved])]),
            *score_grips(logits, names, words),
        ],
        x=_score_scale(shift),
        y=class_rows(names),
        x2=EXP_SCALES[not few],
        x3=P_SCALES[not few],
        height=110 + (58 if few else 36) * count,
        narrow=60 + (56 if few else 20) * count,
        margin=(8, 12, 52, 72),
        bargap=0.55 if few else 0.35,
    )


@lru_cache(maxsize=64)
def _score_scale(shift: float) -> Scale:
    """Return the scale of the scores, which begins at what is added to them."""
    ticks = {z: number(z + shift) for z in (-10, 0, 10)}
    return scale(-11.0, 11.0, ticks, zeroline=True, domain=(0.0, 0.29))


SCORES = ("z1", "z2", "z3")  # what the point of the triangle moves


def simplex(
    logits: Sequence[float], temperature: float, names: Sequence[str], words: dict[str, str]
) -> Figure:
    """Return the triangle of distributions with the point p and its path as T goes 0.05 to 10.

    Its corners are three classes; where there are more, the first two and all the others together; where
    there are two, an edge is left of it.
    """
    count = len(logits)
    path = simplex_to_plane(_in_three(temperature_path(logits, PATH_TEMPERATURES)))
    x, y = simplex_to_plane(_in_three(_probs(tuple(logits), temperature))).tolist()
    kind = "" if count == 3 else "_two" if count == 2 else "_more"
    third = names[2] if count == 3 else words["others"] if count > 3 else ""
    return picture(
        words | {name: words[name + kind] for name in ("title", "caption")},
        [
            TRIANGLE,
            line(path[:, 0], path[:, 1], PATH),
            dots(x, np.array([y]), HERE, hover=words["point"], size=15),
            *_corners((*names[:2], third), "@soft" if kind else class_colour(2)),
            # From a place of the triangle follow three scores and no more.
            *([grip("simplex", x, y, label=words["grip"], keys=SCORES)] if count == 3 else []),
        ],
        x=TRIANGLE_X,
        y=TRIANGLE_Y,
        height=340,
        margin=(4, 4, 4, 4),
    )


def _in_three(probs: Floats) -> Floats:
    """Return probabilities of the first two classes and of all the others together."""
    if probs.shape[-1] == 3:
        return probs
    return np.stack([probs[..., 0], probs[..., 1], probs[..., 2:].sum(axis=-1)], axis=-1)


@lru_cache(maxsize=64)
def _corners(names: tuple[str, ...], third: str) -> list[Mark]:
    """Return the names at the corners of the triangle, the upper one in a colour of its own."""
    # Further off than a ring on the corner reaches.
    places = ((-0.02, 0.0, "top", -10), (1.02, 0.0, "top", -10), (0.5, 3**0.5 / 2, "bottom", 10))
    return [
        label(
            fitted(name, 16 if i == 2 else 11),
            x,
            y,
            colour=third if i == 2 else class_colour(i),
            yanchor=anchor,
            yshift=shift,
        )
        for i, (name, (x, y, anchor, shift)) in enumerate(zip(names, places, strict=True))
    ]


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
    way = temperature_path(logits, TEMPERATURES)
    looks = CLASSES[: len(logits)]
    largest = sorted(range(len(logits)), key=lambda i: -logits[i])[:4]
    return picture(
        words,
        [
            *(
                line(
                    TEMPERATURES,
                    way[:, i],
                    look,
                    hover=f"{literal(names[i])}: p = %{{y:.4f}}, T = %{{x:.3g}}",
                )
                for i, look in enumerate(looks)
            ),
            dots(temperature, _probs(tuple(logits), temperature), looks, size=12, cliponaxis=False),
            rule(x=temperature, between=(0, 1.02)),
            label(
                f"T = {number(temperature, 3)}",
                temperature,
                1.02,
                yanchor="bottom",
                xanchor="right" if temperature > 5.0 else "center",
            ),
            *(
                label(
                    fitted(names[i], 14),
                    0.052,
                    float(way[0, i]),
                    colour=looks[i].colour,
                    xanchor="left",
                    yanchor="bottom" if way[0, i] < 0.93 else "top",
                    # What begins at about the same height stands in its order, which T never changes.
                    yshift=16 * sum(way[0, i] - way[0, j] < 0.1 for j in largest[rank + 1 :]),
                )
                for rank, i in enumerate(largest)
            ),
        ],
        x=T_SCALE,
        y=scale(0.0, 1.02),
        height=340,
        margin=(28, 12, 52, 60),
    )


def jacobian(
    logits: Sequence[float], temperature: float, names: Sequence[str], words: dict[str, str]
) -> Figure:
    """Return the Jacobian dp_i/dz_j as an annotated heat map, its scale fixed at what is possible."""
    matrix = softmax_jacobian(logits, temperature=temperature)
    count = len(logits)
    many = count > 5
    across, down, pairs = _square(tuple(names), words["x"], words["y"])
    labels = [[_entry(value, 4 if count < 5 else 2) for value in row] for row in matrix.tolist()]
    return picture(
        words,
        [
            cells(
                # Scaled by T, because no entry can be larger than 1/(4T): the colours stay comparable.
                matrix * temperature,
                labels,
                limits=(-0.25, 0.25),
                colours=("@p/0.6", "@ground", "@q/0.55"),
                size=11 if many else 15,
                customdata=pairs,
                hovertemplate=words["hover"] + "<extra></extra>",
            )
        ],
        x=across,
        y=down,
        barmode="overlay",
        height=380 if many else 340,
        narrow=340 if many else 0,
        margin=(8, 12, 84 if many else 56, 88),
    )


@lru_cache(maxsize=64)
def _square(
    names: tuple[str, ...], across: str, down: str
) -> tuple[dict[str, Any], dict[str, Any], list[list[str]]]:
    """Return the axes of a square of classes, and the two classes of each cell."""
    count, many = len(names), len(names) > 5
    room = 8 if many else 30 // count
    return (
        named_axis(
            [fitted(name, room) for name in names],
            (-0.5, count - 0.5),
            across,
            tickangle=-90 if many else 0,
        ),
        named_axis([fitted(name) for name in names], (count - 0.5, -0.5), down),
        [[literal(i), literal(j)] for i in names for j in names],
    )


def _entry(value: float, decimals: int) -> str:
    """Return a slope for its cell, a plain 0 where nothing else would be left of it."""
    return fixed(value, decimals) if abs(value) >= 0.5 * 0.1**decimals else "0"


def formula(
    logits: Sequence[float], shift: float, temperature: float, names: Sequence[str], words: dict[str, str]
) -> dict[str, Any]:
    """Return the formula with its numbers, a line a class, then what its sum is in logs and in float64.

    Parameters
    ----------
    logits, shift, temperature, names : as `columns`
        The state.
    words : dict
        ``logs``, ``sum``, ``fine``, ``broken``.
    """
    probs = _probs(tuple(logits), temperature).tolist()
    logs = log_softmax(logits, temperature=temperature).tolist()
    moved = [z + shift for z in logits]
    scaled = [z / temperature for z in moved]
    # From any class: z/T - log p.
    log_total = scaled[0] - logs[0]
    total = exponential_text(log_total)
    rows: list[list[Segment]] = []
    for i, name in enumerate(names):
        role = role_of(i)
        rows.append(
            [
                part(f"p({name})", role, strong=True),
                f" = exp({number(moved[i], 6 if shift else 4)} / {number(temperature, 3)}) / Σ"
                f" = {exponential_text(scaled[i])} / {total} = ",
                part(number(probs[i]), role, strong=True),
            ]
        )
    broken = log_total > FLOAT64
    rows.append([words["logs"], " ", part(number(log_total), strong=True)])
    rows.append(
        [
            words["sum"],
            " ",
            part("inf" if broken else total, "loss" if broken else ""),
            ", ",
            part(words["broken" if broken else "fine"], "loss" if broken else "truth"),
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
    if math.isfinite(value):
        return number(value, digits)
    return "nan" if value != value else "inf"


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
    count, said = len(logits), [f"{c:,}" for c in counts.tolist()]
    rows, colours = np.arange(count), class_colours(count)
    return picture(
        words,
        [
            {
                "type": "bar",
                "orientation": "h",
                "x": probs,
                "y": rows,
                "marker": {"color": [c + "/0.35" for c in colours], "line": {"color": "@soft", "width": 2}},
                "hovertemplate": "p = %{x:.6f}<extra></extra>",
                "width": 0.8,
            },
            {
                "type": "bar",
                "orientation": "h",
                "x": shares,
                "y": rows,
                "marker": {"color": colours},
                "customdata": texts(said),
                "hovertemplate": words["hover"] + "<extra></extra>",
                "width": 0.4,
            },
            written(
                np.maximum(probs, shares),
                rows,
                [f"\u2002{c}" for c in said],
                "middle right",
                cliponaxis=False,
            ),
        ],
        x=scale(0.0, 1.3, [0, 0.25, 0.5, 0.75, 1]),
        y=class_rows(names),
        barmode="overlay",
        height=110 + (58 if count < 5 else 36) * count,
        narrow=60 + 24 * count,
        margin=(8, 12, 52, 72),
    )


def code_panel(logits: Sequence[float], shift: float, temperature: float) -> dict[str, Any]:
    """Return the same computation as NumPy and as PyTorch, at the present values."""
    z = [round(score + shift, 9) for score in logits]
    return code(
        NumPy=f"""import numpy as np

z = np.array({z})
T = {temperature}

shifted = (z - z.max()) / T        # @largest
p = np.exp(shifted) / np.exp(shifted).sum()
print(p)
""",
        PyTorch=f"""import torch

z = torch.tensor({z}, dtype=torch.float64)
T = {temperature}

p = torch.softmax(z / T, dim=-1)
log_p = torch.log_softmax(z / T, dim=-1)   # @finite
print(p, log_p)
""",
    )


# What is said at rest ---------------------------------------------------------------------------------------


def said(
    logits: Sequence[float], temperature: float, shift: float, n: int, seed: int, names: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest: the probabilities, the shares drawn, the scores as fed."""
    probs = softmax(logits, temperature=temperature)
    drawn = sample_counts(probs, n, seed=seed) / n
    each, shares = (
        ", ".join(f"{name} {number(float(v), 4)}" for name, v in zip(names, values, strict=True))
        for values in (probs, drawn)
    )
    top = (max(logits) + shift) / temperature
    return {
        "main": {"each": each, "top": number(float(probs.max()), 4)},
        "sampling": {"n": f"{n:,}", "shares": shares, "each": each},
        "numerics": {"top": number(top), "each": each},
    }


def sketch() -> Sketch:
    """Return the curves of the lesson's small picture, and the limits of y."""
    path = temperature_path([2.0, 1.0, 0.2], np.geomspace(0.15, 6.0, 60))
    x = np.linspace(0.0, 1.0, 60)
    return [(x, path[:, i], CLASS_ROLES[i]) for i in range(3)], (0.0, 1.0)
