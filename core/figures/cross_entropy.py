"""Figures of the cross-entropy lesson: what a wrong belief costs, in one picture after another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.descent import SoftmaxTrail, cross_entropy_descent
from core.figures.marks import apart, doubled, hatch, named_axis, roomy, ticks
from core.figures.text import Segment, fixed, lines, number, part, row, table, texts
from core.figures.text import code as libraries
from core.figures.theme import Figure, Sketch, axis, figure, grip, key_sign, label
from core.information import (
    code_lengths,
    cross_entropy,
    cross_entropy_from_log_probs,
    cross_entropy_terms,
    distribution,
    entropy,
    entropy_terms,
    jensen_shannon,
    kl_divergence,
    kl_from_log_probs,
    kl_terms,
    mix,
    nats_to_bits,
    perplexity,
    total_variation,
)
from core.softmax import log_softmax, logits_from_probs, softmax

Floats: TypeAlias = NDArray[np.float64]
Names: TypeAlias = Sequence[str]
Words: TypeAlias = dict[str, str]

LOG = {"nats": "log", "bits": "log₂"}
BASE = {"nats": "e", "bits": "2"}
# Ends of the axes in their first state; beyond them an axis doubles, as often as it must.
COST_LIMIT = {"nats": 5.0, "bits": 7.0}
TERM_LIMIT = {"nats": 2.0, "bits": 3.0}
PATH_LIMIT = {"nats": 2.0, "bits": 3.0}
STEPS = 100
# The first points are for curves that come down from infinity.
PATH = np.concatenate([[0.0], np.geomspace(1e-7, 1e-2, 21), np.linspace(0.02, 1.0, 99)])
CLOSE = 21
# Where a weight of 0 has no finite score, the descent starts from this one.
LOWEST_LOGIT = -10.0
CLEAR = "rgba(0,0,0,0)"
# Where an infinite bar leaves its axis, in lengths of the axis.
BEYOND = 1.1


@dataclass(frozen=True, eq=False)
class Beliefs:
    """Two distributions and what they cost each other, every amount in ``unit``.

    Attributes
    ----------
    p, q : ndarray, shape (K,)
        What happens, and what the model expects; uniform where the weights were all 0.
    p_given, q_given : bool
        Whether the weights were a distribution's.
    unit : {"nats", "bits"}
        The unit of the amounts.
    h_p, h_q, h_pq, h_qp, kl, kl_back : float
        Entropies, cross-entropies, KL(p||q) and KL(q||p).
    entropy_terms, cross_terms, kl_terms, back_terms : ndarray, shape (K,)
        Their contributions for each outcome.
    p_lengths, q_lengths : ndarray, shape (K,)
        Lengths of the code words made for p and for q.
    """

    p: Floats
    q: Floats
    p_given: bool
    q_given: bool
    unit: str
    h_p: float
    h_q: float
    h_pq: float
    h_qp: float
    kl: float
    kl_back: float
    entropy_terms: Floats
    cross_terms: Floats
    kl_terms: Floats
    back_terms: Floats
    p_lengths: Floats
    q_lengths: Floats


@lru_cache(maxsize=2048)
def beliefs(weights: tuple[float, ...], model: tuple[float, ...], mode: str, unit: str) -> Beliefs:
    """Return p from weights, q from weights or logits, and all that follows.

    Parameters
    ----------
    weights : tuple of float, length K
        Weights of p.
    model : tuple of float, length K
        Weights of q, or its logits.
    mode : {"free", "logits"}
        Which of the two ``model`` holds.
    unit : {"nats", "bits"}
        The unit wanted.

    Examples
    --------
    >>> made = beliefs((0.8, 0.1, 0.1), (0.2, 0.2, 0.6), "free", "nats")
    >>> print(f"{made.h_pq:.6f} = {made.h_p:.6f} + {made.kl:.6f}")
    1.499577 = 0.639032 + 0.860545
    """
    p, p_given = distribution(weights)
    q, q_given = (softmax(model), True) if mode == "logits" else distribution(model)
    # Both directions at once: p against q in the first row, q against p in the second.
    ours, theirs = np.array([p, q]), np.array([q, p])
    entropies, crossed, divergences = entropy(ours), cross_entropy(ours, theirs), kl_divergence(ours, theirs)
    own, lengths, signed = entropy_terms(ours), code_lengths(ours), kl_terms(ours, theirs)
    if mode == "logits":
        # From logits no probability passes through log after exp.
        log_q = log_softmax(model)
        crossed[0], divergences[0] = cross_entropy_from_log_probs(p, log_q), kl_from_log_probs(p, log_q)
        lengths[1] = 0.0 - log_q
    amounts = np.concatenate([entropies, crossed, divergences])
    rows = np.array([own[0], cross_entropy_terms(p, q), *signed, *lengths])
    if unit == "bits":
        amounts, rows = nats_to_bits(amounts), nats_to_bits(rows)
    return Beliefs(p, q, p_given, q_given, unit, *amounts.tolist(), *rows)


def largest(values: Floats) -> float:
    """Return the largest finite value, at least 0."""
    return max((v for v in values.tolist() if math.isfinite(v)), default=0.0)


def above(values: Floats, lift: bool = True) -> dict[str, Any]:
    """Return the numbers over bars, lifted clear of the rings at their ends; upright where bars are many."""
    upright = len(values) > 5
    told = [number(v, 3) if len(values) < 5 else fixed(v, 2) for v in values.tolist()]
    made = [("\u2003" + v if upright else v + "<br> ") if lift else v for v in told]
    return {
        "text": texts(made),
        "textposition": "outside",
        "textangle": -90 if upright else 0,
        "constraintext": "none",
        "cliponaxis": False,
    }


def arrowheads(
    x: Floats, y: Floats, on: str, symbol: str, colours: str | list[str], size: int = 18
) -> dict[str, Any]:
    """Return the heads of the arrows that leave an axis; nan where there is none."""
    return {
        "type": "scatter",
        "mode": "markers",
        "connectgaps": False,
        "x": x,
        "y": y,
        "xaxis": f"x{on}",
        "yaxis": f"y{on}",
        "marker": {"symbol": symbol, "size": size, "color": colours},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def pair(b: Beliefs, names: Names, words: Words, q: Floats | None = None) -> list[dict[str, Any]]:
    """Return the bars of p and q, side by side for each outcome."""
    count = len(names)
    places = np.arange(count)
    made = []
    for values, shift, role, pattern in ((b.p, -0.2, "p", ""), (b.q if q is None else q, 0.2, "q", "/")):
        made.append(
            {
                "type": "bar",
                "x": places + shift,
                "y": values,
                "width": 0.36,
                "marker": {
                    "color": f"@{role}",
                    "pattern": hatch(pattern),
                },
                **above(values, lift=q is None),
                "customdata": list(names),
                "hovertemplate": f"{role}(%{{customdata}}) = %{{y:.6f}}<extra></extra>",
            }
        )
    return made


def outcomes(names: Names, **options: Any) -> dict[str, Any]:
    """Return the axis of outcomes: p and q under their bars, the name under both, on two lines if many."""
    low = "<br><br>" if len(names) > 5 else "<br>"
    marks = [
        (i + shift, text)
        for i, name in enumerate(names)
        for shift, text in ((-0.2, "p"), (0.0, (low if i % 2 else "<br>") + name), (0.2, "q"))
    ]
    places = [place for place, _ in marks]
    return named_axis([text for _, text in marks], (-0.55, len(names) - 0.45), tickvals=places, **options)


def cost(b: Beliefs, names: Names, words: Words) -> Figure:
    """Return p and q as bars with grips, and below them H(p) + KL(p||q) = H(p, q) on an axis that stays.

    Parameters
    ----------
    b : Beliefs
        The state.
    names : sequence of str
        Names of the outcomes.
    words : dict
        ``title``, ``alt``, ``caption``, ``y``, ``x`` (with the unit), ``grip``.
    """
    infinite = math.isinf(b.h_pq)
    limit = doubled(b.h_pq, COST_LIMIT[b.unit])
    end = BEYOND * limit if infinite else b.h_pq
    rows = np.array([1.0, 0.0])
    head = end if infinite else math.nan
    sums = [("H(p)", b.h_p, 2, b.h_p), ("KL(p‖q)", b.kl, 1, end), ("H(p, q)", b.h_pq, 0, end)]
    return roomy(
        [
            *pair(b, names, words),
            {
                "type": "bar",
                "orientation": "h",
                "x": np.array([b.h_p, b.h_p]),
                "y": np.array([2.0, 0.0]),
                "xaxis": "x2",
                "yaxis": "y2",
                "width": 0.62,
                "marker": {"color": "@entropy"},
                "hovertemplate": f"H(p) = {number(b.h_p)}<extra></extra>",
            },
            {
                "type": "bar",
                "orientation": "h",
                "x": np.array([end - b.h_p, end - b.h_p]),
                "base": np.array([b.h_p, b.h_p]),
                "y": rows,
                "xaxis": "x2",
                "yaxis": "y2",
                "width": 0.62,
                "marker": {"color": "@kl"},
                "hovertemplate": f"KL(p‖q) = {number(b.kl)}<extra></extra>",
            },
            {
                "type": "bar",
                "orientation": "h",
                "x": np.array([end]),
                "y": np.array([0.0]),
                "xaxis": "x2",
                "yaxis": "y2",
                "width": 0.62,
                "marker": {"color": CLEAR, "line": {"color": "@loss", "width": 3}},
                "hoverinfo": "skip",
            },
            arrowheads(np.array([head, head]), rows, "2", "triangle-right", ["@kl", "@loss"], 28),
        ],
        narrow=300 if len(names) < 6 else 340,
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=outcomes(names, domain=[0.0, 1.0], anchor="y"),
        y=axis(words["y"], (0.0, 1.15), domain=[0.56 if len(names) < 6 else 0.6, 1.0], tickvals=[0, 0.5, 1]),
        xaxis2=axis(
            words["x"],
            (0.0, 1.25 * limit),
            anchor="y2",
            domain=[0.0, 1.0],
            tickvals=ticks(limit, COST_LIMIT[b.unit]),
        ),
        yaxis2=named_axis(
            [name for name, *_ in sums], (-0.55, 2.55), anchor="x2", domain=[0.0, 0.33], tickvals=[2, 1, 0]
        ),
        annotations=[
            label(
                number(value),
                place,
                y,
                xref="x2",
                yref="y2",
                xanchor="left",
                xshift=16 if math.isinf(value) else 6,
            )
            for _, value, y, place in sums
        ],
        barmode="overlay",
        height=390,
        margin=(28, 10, 48, 78),
        grips=[
            grip(f"{stem}{i + 1}", i + shift, value, label=f"{words['grip']} {stem}({names[i]})", axes="y")
            for stem, shift, values in (("p", -0.2, b.p.tolist()), ("q", 0.2, b.q.tolist()))
            for i, value in enumerate(values)
        ],
    )


def formula(b: Beliefs, names: Names, words: Words) -> dict[str, Any]:
    """Return the definitions with their numbers, and a sentence on what is special about the state."""
    log = LOG[b.unit]
    p, q = [number(v, 4) for v in b.p.tolist()], [number(v, 4) for v in b.q.tolist()]
    pairs = list(zip(p, q, strict=True))
    gap = "\u2002\u2002"
    told = [part(f"p = {row(b.p)}", "p", strong=True), part(f"q = {row(b.q)}", "q", strong=True)]
    rows: list[list[Segment]] = [
        *([[*told[:1], gap, *told[1:]]] if len(names) < 5 else [told[:1], told[1:]]),
        [
            part("H(p, q)", "loss", strong=True),
            f" = −({_chain([f'{a}·{log} {c}' for a, c in pairs])}) = ",
            part(number(b.h_pq), "loss", strong=True),
            " = ",
            part(number(b.h_p), "entropy", strong=True),
            " + ",
            part(number(b.kl), "kl", strong=True),
        ],
        [
            part("H(p)", "entropy", strong=True),
            f" = −({_chain([f'{a}·{log} {a}' for a in p])}) = ",
            part(number(b.h_p), "entropy", strong=True),
            f" {words['unit']}",
        ],
        [
            part("KL(p‖q)", "kl", strong=True),
            f" = {_chain([f'{a}·{log}({a}/{c})' for a, c in pairs])} = ",
            part(number(b.kl), "kl", strong=True),
            f" {words['unit']}",
        ],
    ]
    special = _special(b, names, words, log)
    if special:
        rows.append(special)
    return lines(*rows)


def _chain(items: list[str]) -> str:
    """Return terms with plus signs between them, those in the middle left out where there are many."""
    return " + ".join(items if len(items) < 5 else [*items[:3], "…", items[-1]])


def _special(b: Beliefs, names: Names, words: Words, log: str) -> list[Segment]:
    """Return what is to be said of a state that is at an edge, or nothing."""
    p, q = b.p.tolist(), b.q.tolist()
    if math.isinf(b.h_pq):
        i = next(i for i, (a, c) in enumerate(zip(p, q, strict=True)) if c == 0.0 < a)
        return [
            part(f"q({names[i]}) = 0 < p({names[i]}) = {number(p[i], 4)}: ", "loss", strong=True),
            words["impossible"],
        ]
    if b.h_pq == 0.0:
        return [part("p = q: ", "truth", strong=True), words["certain"]]
    if b.kl == 0.0:
        return [part("p = q: ", "truth", strong=True), words["equal"]]
    if max(p) == 1.0:
        i = p.index(1.0)
        return [
            part(f"p({names[i]}) = 1: ", "p", strong=True),
            f"H(p) = 0, H(p, q) = KL(p‖q) = −{log} q({names[i]}) = −{log} {number(q[i])} = ",
            part(number(b.h_pq), "loss", strong=True),
        ]
    if min(p) == 0.0:
        return [words["zero"]]
    return []


def signed_bars(
    b: Beliefs,
    names: Names,
    words: Words,
    series: Sequence[tuple[str, str, str, Floats, float]],
) -> Figure:
    """Return one group of bars for each outcome and one for the sum, with an axis that shows the sign.

    Parameters
    ----------
    b : Beliefs
        The state.
    names : sequence of str
        Names of the outcomes.
    words : dict
        ``title``, ``alt``, ``caption``, ``x``, ``sum``.
    series : sequence of tuple
        Name, colour role, pattern, a value for each outcome, and the sum.
    """
    count, size = len(names), len(series)
    columns = [np.append(values, total) for _, _, _, values, total in series]
    limit = doubled(max(largest(column) for column in columns), TERM_LIMIT[b.unit])
    middle = (size - 1) / 2
    # The sum stands a little apart.
    starts = np.arange(count + 1) * (size + 0.8) + np.append(np.zeros(count), 0.5)
    traces: list[dict[str, Any]] = []
    heads, places, roles = [], [], []
    for i, ((name, role, pattern, _, _), column) in enumerate(zip(series, columns, strict=True)):
        endless = np.isinf(column)
        heads.append(np.where(endless, BEYOND * limit, math.nan))
        places.append(starts + i)
        roles += [f"@{role}"] * (count + 1)
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": np.where(endless, BEYOND * limit, column),
                "y": starts + i,
                "width": 0.86,
                "marker": {
                    "color": f"@{role}",
                    "pattern": hatch(pattern),
                },
                "text": texts([("\u2003" if math.isinf(v) else "") + number(v, 4) for v in column.tolist()]),
                "textposition": "outside",
                "textfont": {"size": 15 if count < 5 else 13},
                "constraintext": "none",
                "cliponaxis": False,
                "customdata": [*names, words["sum"]],
                "hovertemplate": f"%{{customdata}}: {name} = %{{text}}<extra></extra>",
            }
        )
    traces.append(arrowheads(np.concatenate(heads), np.concatenate(places), "", "triangle-right", roles))
    bar = 21 if count < 5 else 15
    last = float(starts[-1])
    return roomy(
        traces,
        narrow=round((18 if count < 5 else 15) * (last + size)) + 84,
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(
            words["x"],
            (-0.5 * limit, 1.36 * limit),
            zeroline=True,
            zerolinecolor="@soft",
            zerolinewidth=2,
            tickmode="linear",
            tick0=0.0,
            dtick=limit / 2,
        ),
        y=named_axis(
            [*names, f"<b>{words['sum']}</b>"],
            (last + size - 0.3, -0.7),
            tickvals=(starts + middle).tolist(),
        ),
        shapes=[
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": last - 0.9,
                "y1": last - 0.9,
                "line": {"color": "@soft", "width": 1},
            }
        ],
        annotations=[
            note
            for i, (name, role, pattern, _, _) in enumerate(series)
            for note in (
                key_sign(
                    "▨" if pattern else "■",
                    0.36 * i,
                    1.0,
                    colour=f"@{role}",
                    xref="paper",
                    yref="paper",
                    xanchor="left",
                    yanchor="bottom",
                    xshift=-60,
                ),
                label(
                    name,
                    0.36 * i,
                    1.0,
                    xref="paper",
                    yref="paper",
                    xanchor="left",
                    yanchor="bottom",
                    xshift=-42,
                ),
            )
        ],
        barmode="overlay",
        height=round(bar * (last + size)) + 84,
        margin=(30, 8, 48, 66),
    )


def terms(b: Beliefs, names: Names, words: Words) -> Figure:
    """Return the terms of H(p), KL(p||q) and H(p, q) for each outcome, with their signs."""
    log = LOG[b.unit]
    return signed_bars(
        b,
        names,
        words,
        [
            (f"−p·{log} p", "entropy", "", b.entropy_terms, b.h_p),
            (f"p·{log}(p/q)", "kl", "/", b.kl_terms, b.kl),
            (f"−p·{log} q", "loss", "", b.cross_terms, b.h_pq),
        ],
    )


def directions(b: Beliefs, names: Names, words: Words) -> Figure:
    """Return KL(p||q) and KL(q||p) side by side, for each outcome and in sum."""
    return signed_bars(
        b,
        names,
        words,
        [("KL(p‖q)", "kl", "", b.kl_terms, b.kl), ("KL(q‖p)", "kl", "/", b.back_terms, b.kl_back)],
    )


def codes(b: Beliefs, names: Names, words: Words) -> Figure:
    """Return code words as rectangles: p wide and -log q high, so that their area is the cross-entropy.

    Over them stand the rectangles of the code made for p, whose area is the entropy.
    """
    used = b.p > 0.0
    q_lengths = np.where(used, b.q_lengths, 0.0)
    endless = np.isinf(q_lengths)
    limit = doubled(max(largest(q_lengths), largest(b.p_lengths)), COST_LIMIT[b.unit])
    heights = np.where(endless, BEYOND * limit, q_lengths)
    ideal = np.where(used, b.p_lengths, 0.0)
    right = np.cumsum(b.p)
    left, middle = right - b.p, right - 0.5 * b.p
    log = LOG[b.unit]

    def rectangles(y: Floats, role: str, fill: str, kind: str, text: list[str]) -> dict[str, Any]:
        return {
            "type": "bar",
            "x": left,
            "offset": 0.0,
            "width": b.p,
            "y": y,
            "marker": {"color": f"@{role}/{fill}", "line": {"color": f"@{role}", "width": 2.5}},
            "customdata": texts(text),
            "hovertemplate": f"{kind}: %{{customdata}}<extra></extra>",
        }

    p, costs, bests = b.p.tolist(), b.cross_terms.tolist(), b.entropy_terms.tolist()
    areas = [_product(a, length, c) for a, length, c in zip(p, b.q_lengths.tolist(), costs, strict=True)]
    least = [_product(a, length, c) for a, length, c in zip(p, b.p_lengths.tolist(), bests, strict=True)]
    tops = np.maximum(heights, ideal).tolist()
    return roomy(
        [
            rectangles(heights, "loss", "0.3", f"p·(−{log} q)", areas),
            rectangles(ideal, "entropy", "0.45", f"p·(−{log} p)", least),
            arrowheads(middle, np.where(endless, BEYOND * limit, math.nan), "", "triangle-up", "@loss", 28),
        ],
        narrow=340,
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (0.0, 1.0), tickvals=[0, 0.25, 0.5, 0.75, 1], showgrid=False),
        y=axis(words["y"], (0.0, 1.4 * limit), tickvals=ticks(limit, COST_LIMIT[b.unit])),
        annotations=[
            label(
                _tag(names[i], costs[i], a, areas[i]),
                float(middle[i]),
                tops[i],
                textangle=0 if a >= 0.2 else -90,
                yanchor="bottom",
                yshift=14 if endless[i] else 2,
                align="center" if a >= 0.2 else "left",
            )
            for i, a in enumerate(p)
        ]
        + [
            label(
                f"{words['area']} H(p, q) = <b>{number(b.h_pq)}</b><br>"
                f"{words['best']} H(p) = <b>{number(b.h_p)}</b>",
                0.99,
                1.0,
                xref="paper",
                yref="paper",
                xanchor="right",
                yanchor="bottom",
                align="right",
            )
        ],
        barmode="overlay",
        height=400,
        margin=(48, 12, 52, 52),
    )


def _product(width: float, height: float, area: float) -> str:
    """Return width times height = area."""
    return f"{number(width, 4)} × {number(height, 4)} = {number(area, 4)}"


def _tag(name: str, area: float, width: float, product: str) -> str:
    """Return the name and the area of a rectangle, in as much room as its width gives."""
    if width < 0.05 and math.isfinite(area):
        return ""
    return (
        f"{name}<br>{product if width >= 0.6 else number(area, 4)}"
        if width >= 0.2
        else f"{name} {number(area, 3)}"
    )


@lru_cache(maxsize=512)
def along(b: Beliefs) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the distributions from q to p, and H(p, .), KL(p||.), KL(.||p) at each, in the unit of ``b``."""
    way = mix(b.p, b.q, PATH)
    p = np.broadcast_to(b.p, way.shape)
    curves = np.array([cross_entropy(p, way), kl_divergence(p, way), kl_divergence(way, p)])
    if b.unit == "bits":
        curves = nats_to_bits(curves)
    return way, curves[0], curves[1], curves[2]


PATH_SERIES = (("H(p, q)", "loss", "solid"), ("KL(p‖q)", "kl", "solid"), ("KL(q‖p)", "kl", "dot"))


def path(b: Beliefs, fraction: float, words: Words) -> Figure:
    """Return H(p, q), KL(p||q) and KL(q||p) while q goes straight to p, with a cursor.

    Parameters
    ----------
    b : Beliefs
        The state; its q is where the path begins.
    fraction : float
        How far q has gone, from 0 to 1.
    words : dict
        ``title``, ``alt``, ``caption``, ``x``, ``y``.
    """
    _, *curves = along(b)
    here = at(b, fraction)
    # A curve that begins at infinity runs off the axis; it does not stretch it.
    tallest = max(largest(c if math.isfinite(c[0]) else c[CLOSE:]) for c in curves)
    limit = doubled(tallest, PATH_LIMIT[b.unit])
    starts = [float(curve[0]) for curve in curves]
    return figure(
        [
            {
                "type": "scatter",
                "mode": "lines",
                "connectgaps": False,
                "x": PATH,
                "y": np.where(np.isfinite(curve), curve, math.nan),
                "line": {"color": f"@{role}", "width": 3, "dash": dash},
                "hovertemplate": f"{name} = %{{y:.5g}}<extra></extra>",
            }
            for curve, (name, role, dash) in zip(curves, PATH_SERIES, strict=True)
        ]
        + [
            {
                "type": "scatter",
                "mode": "markers",
                "connectgaps": False,
                "x": np.full(3, fraction),
                "y": np.array([v if math.isfinite(v) else math.nan for v in here]),
                "marker": {
                    "color": [f"@{role}" for _, role, _ in PATH_SERIES],
                    "symbol": ["circle", "circle", "diamond"],
                    "size": 13,
                    "line": {"color": "@ground", "width": 2},
                },
                "hoverinfo": "skip",
            },
            arrowheads(
                np.zeros(3),
                np.array([limit if math.isinf(v) else math.nan for v in starts]),
                "",
                "triangle-up",
                [f"@{role}" for _, role, _ in PATH_SERIES],
            ),
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(
            words["x"],
            (-0.015, 1.015),
            tickvals=[0, 0.25, 0.5, 0.75, 1],
            ticktext=["0 (q)", "0.25", "0.5", "0.75", "1 (p)"],
        ),
        y=axis(words["y"], (0.0, 1.06 * limit), side="right", tickmode="linear", tick0=0.0, dtick=limit / 4),
        shapes=[
            _line(0.0, 1.0, b.h_p, b.h_p, "@entropy", "dash"),
            _line(fraction, fraction, 0.0, 1.06 * limit, "@soft", "solid"),
        ],
        annotations=[
            label(text, 0.0, y, xref="paper", xanchor="right", xshift=-4)
            for text, y in zip(
                _start_names(starts, b.h_p), apart([*starts, b.h_p], limit, 0.11 * limit), strict=True
            )
        ],
        height=360,
        margin=(14, 66, 52, 84),
    )


def _start_names(starts: list[float], floor: float) -> list[str]:
    """Return the names of the curves at the left edge, with ∞ where they begin there."""
    names = [
        f"{name} ∞" if math.isinf(v) else name for v, (name, _, _) in zip(starts, PATH_SERIES, strict=True)
    ]
    return [*names, "H(p)"]


def _line(x0: float, x1: float, y0: float, y1: float, colour: str, dash: str) -> dict[str, Any]:
    """Return a straight line across a figure."""
    return {
        "type": "line",
        "x0": x0,
        "x1": x1,
        "y0": y0,
        "y1": y1,
        "line": {"color": colour, "width": 2, "dash": dash},
    }


def at(b: Beliefs, fraction: float) -> list[float]:
    """Return H(p, q_t), KL(p||q_t) and KL(q_t||p) where q has gone a fraction of the way to p."""
    q = mix(b.p, b.q, [fraction])[0]
    values = np.array([cross_entropy(b.p, q), kl_divergence(b.p, q), kl_divergence(q, b.p)])
    made: list[float] = (nats_to_bits(values) if b.unit == "bits" else values).tolist()
    return made


def path_numbers(b: Beliefs, fraction: float, words: Words) -> dict[str, Any]:
    """Return the numbers under the cursor of the path."""
    cross, forward, backward = at(b, fraction)
    q = mix(b.p, b.q, [fraction])[0]
    t = number(fraction, 4)
    return lines(
        [part(f"qₜ = (1 − {t})·q + {t}·p = {row(q)}", "q", strong=True)],
        [
            part(f"H(p, qₜ) = {number(cross)}", "loss", strong=True),
            " = ",
            part(f"H(p) {number(b.h_p)}", "entropy", strong=True),
            " + ",
            part(f"KL(p‖qₜ) {number(forward)}", "kl", strong=True),
            f" {words['unit']}",
        ],
        [part(f"KL(qₜ‖p) = {number(backward)}", "kl", strong=True)],
    )


@lru_cache(maxsize=256)
def _trail(p: tuple[float, ...], logits: tuple[float, ...], rate: float) -> SoftmaxTrail:
    """Return the descent of H(p, softmax(z)) in z from ``logits``."""
    return cross_entropy_descent(p, logits, learning_rate=rate, steps=STEPS)


def start_logits(b: Beliefs, model: Sequence[float], mode: str) -> tuple[float, ...]:
    """Return where the descent starts: the logits themselves, or those whose softmax is q.

    A weight of 0 has no finite score; it starts from ``LOWEST_LOGIT``.
    """
    if mode == "logits":
        return tuple(float(z) for z in model)
    return tuple(z if math.isfinite(z) else LOWEST_LOGIT for z in logits_from_probs(b.q).tolist())


@dataclass(frozen=True, eq=False)
class Run:
    """A descent from the present q to p, and the step of it that is shown.

    Attributes
    ----------
    b : Beliefs
        The state.
    model : sequence of float, length K
        Weights of q, or its logits, where the descent starts.
    mode : {"free", "logits"}
        Which of the two ``model`` holds.
    rate : float
        Learning rate.
    step : int
        The step shown; a run that has arrived stays where it is.
    """

    b: Beliefs
    model: Sequence[float]
    mode: str
    rate: float
    step: int

    @property
    def trail(self) -> SoftmaxTrail:
        """All steps."""
        return _trail(tuple(self.b.p.tolist()), start_logits(self.b, self.model, self.mode), self.rate)

    @property
    def clipped(self) -> bool:
        """Whether a probability of 0 had to be raised to have a score."""
        return self.mode == "free" and not self.b.q.all()


def _in_unit(values: Any, unit: str) -> Any:
    """Return amounts in nats in the unit wanted."""
    return nats_to_bits(values) if unit == "bits" else values


def descent(b: Beliefs, run: Run, words: Words) -> Figure:
    """Return H(p, q) and KL(p||q) over the steps, falling to the floors H(p) and 0.

    Parameters
    ----------
    b : Beliefs
        The state.
    run : Run
        The descent and the step shown.
    words : dict
        ``title``, ``alt``, ``caption``, ``x``, ``y``.
    """
    trail = run.trail
    shown = min(run.step, trail.steps)
    rest = STEPS - trail.steps
    curves = [
        np.append(_in_unit(c, b.unit), np.full(rest, _in_unit(c[-1:], b.unit)[0]))
        for c in (trail.values, trail.kl)
    ]
    limit = doubled(float(curves[0].max()), PATH_LIMIT[b.unit])
    steps = np.arange(STEPS + 1.0)
    walked = steps <= run.step
    roles = ("loss", "kl")
    names = ("H(p, q)", "KL(p‖q)")
    traces: list[dict[str, Any]] = []
    for curve, role, name in zip(curves, roles, names, strict=True):
        plain = {"type": "scatter", "mode": "lines", "connectgaps": False, "x": steps}
        traces.append(
            {**plain, "y": curve, "line": {"color": f"@{role}/0.35", "width": 2}, "hoverinfo": "skip"}
        )
        traces.append(
            {
                **plain,
                "y": np.where(walked, curve, math.nan),
                "line": {"color": f"@{role}", "width": 4},
                "hovertemplate": f"{words['x']} %{{x}}: {name} = %{{y:.5g}}<extra></extra>",
            }
        )
    now = [float(curve[shown]) for curve in curves]
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": np.full(2, float(run.step)),
            "y": np.array(now),
            "marker": {
                "color": [f"@{r}" for r in roles],
                "size": 13,
                "line": {"color": "@ground", "width": 2},
            },
            "hoverinfo": "skip",
        }
    )
    ends = [float(curve[-1]) for curve in curves]
    return figure(
        traces,
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=axis(words["x"], (-3.0, STEPS + 3.0)),
        y=axis(words["y"], (-0.02 * limit, 1.06 * limit), tickmode="linear", tick0=0.0, dtick=limit / 4),
        shapes=[_line(0.0, STEPS, b.h_p, b.h_p, "@entropy", "dash")],
        annotations=[
            label(text, 1.0, y, xref="paper", xanchor="left", xshift=4)
            for text, y in zip(
                ["H(p, q)", "KL(p‖q)", "H(p)"], apart([*ends, b.h_p], limit, 0.11 * limit), strict=True
            )
        ],
        height=340,
        margin=(14, 74, 52, 56),
    )


def chase(b: Beliefs, names: Names, run: Run, words: Words) -> Figure:
    """Return the bars of p and of the q that the descent has reached."""
    trail = run.trail
    return figure(
        pair(b, names, words, q=trail.probs[min(run.step, trail.steps)]),
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=outcomes(names),
        y=axis(words["y"], (0.0, 1.12), tickvals=[0, 0.5, 1]),
        barmode="overlay",
        height=320,
        margin=(20, 10, 52 if len(names) < 6 else 70, 56),
    )


def push(b: Beliefs, names: Names, run: Run, words: Words) -> Figure:
    """Return the gradient q - p of H(p, softmax(z)) in z, one bar for each score."""
    count = len(names)
    trail = run.trail
    gradient = trail.gradients[min(run.step, trail.steps)]
    return figure(
        [
            {
                "type": "bar",
                "x": np.arange(count),
                "y": gradient,
                "width": 0.55,
                "marker": {"color": "@loss"},
                **above(gradient, lift=False),
                "customdata": list(names),
                "hovertemplate": "%{customdata}: q − p = %{y:.6f}<extra></extra>",
            }
        ],
        title=words["title"],
        alt=words["alt"],
        caption=words["caption"],
        x=named_axis(names, (-0.55, count - 0.45)),
        y=axis(
            words["y"],
            (-1.15, 1.15),
            tickvals=[-1, -0.5, 0, 0.5, 1],
            zeroline=True,
            zerolinecolor="@soft",
            zerolinewidth=2,
        ),
        height=320,
        margin=(20, 10, 40, 62),
    )


def step_numbers(b: Beliefs, run: Run, words: Words) -> dict[str, Any]:
    """Return the step shown in numbers: the scores, the gradient, and what the loss is made of."""
    trail = run.trail
    i = min(run.step, trail.steps)
    cross, kl = (float(_in_unit(c[i], b.unit)) for c in (trail.values, trail.kl))
    z, push_ = trail.points[i], trail.gradients[i]
    rows: list[list[Segment]] = [
        [
            part(f"H(p, q) = {number(cross)}", "loss", strong=True),
            " = ",
            part(f"H(p) {number(b.h_p)}", "entropy", strong=True),
            " + ",
            part(f"KL(p‖q) {number(kl)}", "kl", strong=True),
            f" {words['unit']}",
        ],
        [part(f"q = softmax(z) = {row(trail.probs[i])}", "q", strong=True)],
    ]
    if i < trail.steps:
        rows.append(
            [
                f"z ← z − {number(run.rate, 4)}·(q − p) = {row(z)} − {number(run.rate, 4)}·",
                part(row(push_), "loss", strong=True),
                f" = {row(trail.points[i + 1])}",
            ]
        )
    elif trail.status == "converged":
        rows.append([part(words["arrived"], "truth", strong=True)])
    if run.clipped:
        rows.append([words["clipped"]])
    return lines(*rows)


def numbers(b: Beliefs, words: Words) -> dict[str, Any]:
    """Return every quantity of the lesson in a table."""
    log, base = LOG[b.unit], BASE[b.unit]
    shared = float(_in_unit(jensen_shannon(b.p, b.q), b.unit))
    unit = words["unit"]
    rows: list[tuple[str, str, str, str]] = [
        ("H(p)", "entropy", f" = −Σ p·{log} p", f"{number(b.h_p)} {unit}"),
        ("H(q)", "entropy", f" = −Σ q·{log} q", f"{number(b.h_q)} {unit}"),
        ("H(p, q)", "loss", f" = −Σ p·{log} q", f"{number(b.h_pq)} {unit}"),
        ("H(q, p)", "loss", f" = −Σ q·{log} p", f"{number(b.h_qp)} {unit}"),
        ("KL(p‖q)", "kl", " = H(p, q) − H(p)", f"{number(b.kl)} {unit}"),
        ("KL(q‖p)", "kl", " = H(q, p) − H(q)", f"{number(b.kl_back)} {unit}"),
        (words["js"], "", "", f"{number(shared)} {unit}"),
        (words["tv"], "", " ½ Σ |p − q|", number(float(total_variation(b.p, b.q)))),
        (words["perplexity_p"], "", f" {base}^H(p)", number(float(perplexity(b.p)))),
        (words["perplexity_q"], "", f" {base}^H(p, q)", number(float(perplexity(b.p, b.q)))),
    ]
    return table(
        [words["quantity"], words["value"]],
        [[[part(name, role, strong=True), how], value] for name, role, how, value in rows],
        caption=words["caption"],
    )


def code(
    b: Beliefs, weights: Sequence[float], model: Sequence[float], mode: str, words: Words
) -> dict[str, Any]:
    """Return the same computation as NumPy and as PyTorch, at the present values."""
    p = list(weights) if b.p_given else [1.0] * len(weights)
    q = list(model) if b.q_given else [1.0] * len(model)
    scores = mode == "logits"
    unit, torch_unit = (" / np.log(2)", " / math.log(2)") if b.unit == "bits" else ("", "")
    if scores:
        numpy_q = f"z = np.array({q})\nlog_q = z - z.max() - np.log(np.exp(z - z.max()).sum())"
        torch_q = f"z = torch.tensor([{q}], dtype=torch.float64)\nlog_q = torch.log_softmax(z, dim=1)"
    else:
        numpy_q = f"""q = np.array({q})
with np.errstate(divide="ignore"):
    log_q = np.log(q / q.sum())    # log 0 is -inf, and stays it"""
        torch_q = f"q = torch.tensor([{q}], dtype=torch.float64)\nlog_q = torch.log(q / q.sum())"
    if scores or b.q.all():
        torch_costs = f"""# CrossEntropyLoss takes scores, then class indices or, as here, probabilities.
h_pq = torch.nn.CrossEntropyLoss()({"z" if scores else "log_q"}, p)
# KL(p || q), but KLDivLoss takes q first, and as logarithms.
kl = torch.nn.KLDivLoss(reduction="batchmean")(log_q, p)"""
    else:
        torch_costs = """# CrossEntropyLoss()(log_q, p) meets 0 * log 0 here and gives nan.
h_pq = torch.where(p > 0, -p * log_q, 0.0).sum()
kl = torch.where(p > 0, p * (torch.log(p) - log_q), 0.0).sum()"""
    first = "import math\n\nimport torch" if torch_unit else "import torch"
    return libraries(
        NumPy=f"""import numpy as np

p = np.array({p})
p = p / p.sum()
{numpy_q}

happens = p > 0                    # 0 * log 0 counts as 0: only what happens may count
log_p = np.log(np.where(happens, p, 1.0))

h_p = 0.0 - (p * log_p).sum()
h_pq = 0.0 - (p[happens] * log_q[happens]).sum()
kl = (p[happens] * (log_p - log_q)[happens]).sum()
print(h_pq{unit}, h_p{unit}, kl{unit})
""",
        PyTorch=f"""{first}

# Shape (1, {len(p)}): "batchmean" divides by the length of the first axis.
p = torch.tensor([{p}], dtype=torch.float64)
p = p / p.sum()
{torch_q}

{torch_costs}
h_p = torch.special.entr(p).sum()
print(h_pq.item(){torch_unit}, h_p.item(){torch_unit}, kl.item(){torch_unit})
""",
    )


def _tex(value: float, digits: int = 6) -> str:
    """Return a number as LaTeX."""
    return number(value, digits).replace("−", "-").replace("∞", r"\infty")


def derivation(b: Beliefs, model: Sequence[float], mode: str) -> list[str]:
    """Return the derivations in LaTeX, line by line, with the numbers of the state."""
    log = r"\log" if b.unit == "nats" else r"\log_2"
    possible = float(b.q[b.p > 0.0].sum())
    start = _trail(tuple(b.p.tolist()), start_logits(b, model, mode), 1.0)
    gradient = r",\ ".join(_tex(v, 4) for v in start.gradients[0].tolist())
    total = f"{_tex(b.h_pq)} = {_tex(b.h_p)} + {_tex(b.kl)}"
    return [
        rf"-{log} q_i = -{log} p_i + {log}\frac{{p_i}}{{q_i}}",
        r"\begin{aligned} H(p, q) &= -\sum_i p_i "
        + log
        + r" q_i \\ &= \underbrace{-\sum_i p_i "
        + log
        + r" p_i}_{H(p)} + \underbrace{\sum_i p_i "
        + log
        + r"\frac{p_i}{q_i}}_{\mathrm{KL}(p\,\|\,q)} \\ & "
        + total
        + r" \end{aligned}",
        r"-\mathrm{KL}(p\,\|\,q) = \sum_{p_i > 0} p_i "
        + log
        + r"\frac{q_i}{p_i} \le "
        + ("" if b.unit == "nats" else r"\frac{1}{\ln 2}")
        + r"\sum_{p_i > 0} p_i\left(\frac{q_i}{p_i} - 1\right) = "
        + ("" if b.unit == "nats" else r"\frac{1}{\ln 2}\Big(")
        + r"\sum_{p_i > 0} q_i - 1"
        + ("" if b.unit == "nats" else r"\Big)")
        + r" \le 0",
        rf"{_tex(-b.kl)} \le "
        + (r"\frac{1}{\ln 2}(" if b.unit == "bits" else "")
        + f"{_tex(possible)} - 1"
        + (")" if b.unit == "bits" else "")
        + r" \le 0",
        r"\frac{\partial}{\partial z_k} H(p, \mathrm{softmax}(z)) = q_k - p_k:\qquad (" + gradient + ")",
    ]


def sketch() -> Sketch:
    """Return the curves of the lesson's small picture, and the limits of y."""
    x = np.linspace(0.02, 0.98, 60)
    p = np.broadcast_to((0.3, 0.7), (60, 2))
    q = np.stack([x, 1.0 - x], axis=-1)
    return [(x, cross_entropy(p, q), "loss"), (x, entropy(p), "entropy")], (0.0, 3.0)
