"""Figures of the cross-entropy lesson: what a wrong belief costs, in one picture after another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core._checks import locked
from core.descent import SoftmaxTrail, cross_entropy_descent, largest_stable_rate
from core.figures.marks import (
    Look,
    Mark,
    bars,
    columns,
    dots,
    doubled,
    keys,
    line,
    named_axis,
    names_beside,
    off_axis,
    picture,
    rule,
    scale,
    ticks,
    written,
)
from core.figures.text import Segment, bold, fixed, latex_number, lines, number, row, table, texts
from core.figures.text import code as libraries
from core.figures.theme import Figure, Sketch, grip, label
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
SLOPE = {"nats": "q − p", "bits": "(q − p)/ln 2"}
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
P, Q = Look("p"), Look("q", pattern="/")
FLOOR, EXCESS, CROSS = Look("entropy", name="H(p)"), Look("kl", name="KL(p‖q)"), Look("loss", name="H(p, q)")
BACK = Look("kl", "dot", "KL(q‖p)", "diamond")
# A frame around H(p) and KL together, and the two codes, one over the other.
OUTLINE = {"color": "rgba(0,0,0,0)", "line": {"color": "@loss", "width": 3}}
CODES = [
    {"color": fill, "line": {"color": rim, "width": 2.5}}
    for fill, rim in (("@loss/0.3", "@loss"), ("@entropy/0.45", "@soft"))
]
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
    # Two bars that stand side by side have room for three decimals each.
    told = [number(v, 2 if abs(v) < 0.1 else 3) if len(values) < 5 else fixed(v, 2) for v in values.tolist()]
    made = [("\u2003" + v if upright else v + "<br> ") if lift else v for v in told]
    return {
        "text": texts(made),
        "textposition": "outside",
        "textangle": -90 if upright else 0,
        "constraintext": "none",
        "cliponaxis": False,
    }


def pair(b: Beliefs, names: Names, q: Floats | None = None) -> list[Mark]:
    """Return the bars of p and q, or of a q of a descent, side by side for each outcome."""
    places = np.arange(len(names))
    return [
        columns(
            places + shift,
            values,
            look,
            hover=f"{look.role}(%{{customdata}}) = %{{y:.6f}}",
            width=0.36,
            customdata=list(names),
            **above(values, lift=q is None),
        )
        for look, shift, values in ((P, -0.2, b.p), (Q, 0.2, b.q if q is None else q))
    ]


def outcomes(names: Names, **options: Any) -> dict[str, Any]:
    """Return the axis of outcomes: p and q under their bars, the name under both, on two lines if many."""
    return _outcomes(tuple(names)) | options


@lru_cache(maxsize=64)
def _outcomes(names: tuple[str, ...]) -> dict[str, Any]:
    low = "<br><br>" if len(names) > 5 else "<br>"
    marks = [
        (i + shift, text)
        for i, name in enumerate(names)
        for shift, text in ((-0.2, "p"), (0.0, (low if i % 2 else "<br>") + name), (0.2, "q"))
    ]
    places = [place for place, _ in marks]
    return named_axis([text for _, text in marks], (-0.55, len(names) - 0.45), tickvals=places)


def cost(b: Beliefs, names: Names, words: Words) -> Figure:
    """Return p and q as bars with grips, and below them H(p) + KL(p||q) = H(p, q) on an axis that stays."""
    infinite, few = math.isinf(b.h_pq), len(names) < 6
    limit = doubled(b.h_pq, COST_LIMIT[b.unit])
    end = BEYOND * limit if infinite else b.h_pq
    floors, rows = np.array([b.h_p, b.h_p]), np.array([1.0, 0.0])
    below: dict[str, Any] = {"xaxis": "x2", "yaxis": "y2", "width": 0.62}
    sums = [(FLOOR, b.h_p, 2, b.h_p), (EXCESS, b.kl, 1, end), (CROSS, b.h_pq, 0, end)]
    return picture(
        words,
        [
            *pair(b, names),
            bars(floors, np.array([2.0, 0.0]), FLOOR, hover=f"H(p) = {number(b.h_p)}", **below),
            bars(end - floors, rows, EXCESS, hover=f"KL(p‖q) = {number(b.kl)}", base=floors, **below),
            bars(np.array([end]), np.array([0.0]), CROSS, marker=OUTLINE, **below),
            off_axis(
                np.full(2, end if infinite else math.nan), rows, (EXCESS, CROSS), "right", size=28, on="x2y2"
            ),
            *(
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
            ),
            *(
                grip(
                    f"{stem}{i + 1}",
                    i + shift,
                    value,
                    label=f"{words['grip']} {stem}({names[i]})",
                    axes="y",
                    keys=(f"{stem}{i + 1}" if stem == "p" else f"q{i + 1}|z{i + 1}",),
                )
                for stem, shift, values in (("p", -0.2, b.p.tolist()), ("q", 0.2, b.q.tolist()))
                for i, value in enumerate(values)
            ),
        ],
        x=outcomes(names, domain=[0.0, 1.0], anchor="y", ticklabelstandoff=5),  # below a ring at 0
        y=scale(0.0, 1.15, [0, 0.5, 1], domain=(0.56 if few else 0.6, 1.0)),
        x2=scale(0.0, 1.25 * limit, ticks(limit, COST_LIMIT[b.unit]), anchor="y2", domain=(0.0, 1.0)),
        y2=named_axis(
            [look.name for look, *_ in sums],
            (-0.55, 2.55),
            anchor="x2",
            domain=[0.0, 0.33],
            tickvals=[2, 1, 0],
        ),
        barmode="overlay",
        height=390,
        narrow=286 if few else 340,
        margin=(28, 10, 48, 78),
    )


def formula(b: Beliefs, names: Names, words: Words) -> dict[str, Any]:
    """Return the definitions with their numbers, and a sentence on what is special about the state."""
    log = LOG[b.unit]
    p, q = [number(v, 4) for v in b.p.tolist()], [number(v, 4) for v in b.q.tolist()]
    pairs = list(zip(p, q, strict=True))
    gap = "\u2002\u2002"
    told = [bold(f"p = {row(b.p)}", "p"), bold(f"q = {row(b.q)}", "q")]
    rows: list[list[Segment]] = [
        *([[*told[:1], gap, *told[1:]]] if len(names) < 5 else [told[:1], told[1:]]),
        [
            bold("H(p, q)", "loss"),
            f" = −({_chain([f'{a}·{log} {c}' for a, c in pairs])}) = ",
            bold(b.h_pq, "loss"),
            " = ",
            bold(b.h_p, "entropy"),
            " + ",
            bold(b.kl, "kl"),
        ],
        [
            bold("H(p)", "entropy"),
            f" = −({_chain([f'{a}·{log} {a}' for a in p])}) = ",
            bold(b.h_p, "entropy"),
            f" {words['unit']}",
        ],
        [
            bold("KL(p‖q)", "kl"),
            f" = {_chain([f'{a}·{log}({a}/{c})' for a, c in pairs])} = ",
            bold(b.kl, "kl"),
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
            bold(f"q({names[i]}) = 0 < p({names[i]}) = {number(p[i], 4)}: ", "loss"),
            words["impossible"],
        ]
    if b.h_pq == 0.0:
        return [bold("p = q: ", "truth"), words["certain"]]
    if b.kl == 0.0:
        return [bold("p = q: ", "truth"), words["equal"]]
    if max(p) == 1.0:
        i = p.index(1.0)
        return [
            bold(f"p({names[i]}) = 1: ", "p"),
            f"H(p) = 0, H(p, q) = KL(p‖q) = −{log} q({names[i]}) = −{log} {number(q[i])} = ",
            bold(b.h_pq, "loss"),
        ]
    if min(p) == 0.0:
        return [words["zero"]]
    return []


@lru_cache(maxsize=32)
def _starts(count: int, size: int) -> Floats:
    """Return where the bars of each of ``size`` series stand: the sum a little apart."""
    starts = np.arange(count + 1) * (size + 0.8) + np.append(np.zeros(count), 0.5)
    return locked(starts + np.arange(size)[:, np.newaxis])


@lru_cache(maxsize=32)
def _summed_rows(names: tuple[str, ...], size: int) -> dict[str, Any]:
    """Return the axis of outcomes and of their sum."""
    starts = _starts(len(names) - 1, size)[0]
    ends, middles = (float(starts[-1]) + size - 0.3, -0.7), starts + (size - 1) / 2
    return named_axis(names, ends, tickvals=middles.tolist())


@lru_cache(maxsize=32)
def _keys_below(looks: tuple[Look, ...]) -> list[Mark]:
    """Return the keys of the series, one below the other."""
    return [
        key | {"yshift": 20 * (len(looks) - 1 - i)}
        for i, look in enumerate(looks)
        for key in keys((look,), step=0.0, left=-60)
    ]


def signed_bars(
    b: Beliefs, names: Names, words: Words, series: Sequence[tuple[Look, Floats, float]]
) -> Figure:
    """Return one group of bars for each outcome and one for the sum, with an axis that shows the sign.

    Each of ``series`` is a look, a value for each outcome, and their sum.
    """
    count, size, few = len(names), len(series), len(names) < 5
    looks = [look for look, *_ in series]
    filled = [np.array([*values.tolist(), total]) for _, values, total in series]
    told = [[number(v, 4) for v in column.tolist()] for column in filled]
    limit = doubled(max(largest(column) for column in filled), TERM_LIMIT[b.unit])
    starts = _starts(count, size)
    last = float(starts[0][-1])
    endless = [np.isinf(column) for column in filled]
    return picture(
        words,
        [
            *(
                bars(
                    np.where(gone, BEYOND * limit, column),
                    places,
                    look,
                    hover=f"%{{customdata}}: {look.name} = %{{hovertext}}",
                    width=0.86,
                    customdata=[*names, words["sum"]],
                    hovertext=texts(said),
                )
                for look, column, gone, places, said in zip(looks, filled, endless, starts, told, strict=True)
            ),
            # A number of a bar that goes left stands right of zero: on its own side the names are.
            *(
                written(
                    np.where(gone, BEYOND * limit, np.maximum(column, 0.0)),
                    places,
                    [("\u2003" if off else "\u2005") + v for v, off in zip(said, gone.tolist(), strict=True)],
                    "middle right",
                    textfont={"size": 15 if few else 13},
                    cliponaxis=False,
                )
                for column, gone, places, said in zip(filled, endless, starts, told, strict=True)
            ),
            off_axis(
                np.where(np.concatenate(endless), BEYOND * limit, math.nan),
                starts.ravel(),
                [look for look in looks for _ in range(count + 1)],
                "right",
            ),
            rule(y=last - 0.9, width=1),
            *_keys_below(tuple(looks)),
        ],
        x=scale(-0.5 * limit, 1.36 * limit, every=limit / 2, zero=True),
        y=_summed_rows((*names, f"<b>{words['sum']}</b>"), size),
        barmode="overlay",
        height=round((21 if few else 15) * (last + size)) + 64 + 20 * size,
        narrow=round((13.2 if few else 15) * (last + size)) + 64 + 20 * size,
        margin=(10 + 20 * size, 8, 48, 66),
    )


def terms(b: Beliefs, names: Names, words: Words) -> Figure:
    """Return the terms of H(p), KL(p||q) and H(p, q) for each outcome, with their signs."""
    log = LOG[b.unit]
    series = [
        (Look("entropy", name=f"−p·{log} p"), b.entropy_terms, b.h_p),
        (Look("kl", name=f"p·{log}(p/q)", pattern="/"), b.kl_terms, b.kl),
        (Look("loss", name=f"−p·{log} q"), b.cross_terms, b.h_pq),
    ]
    return signed_bars(b, names, words, series)


def directions(b: Beliefs, names: Names, words: Words) -> Figure:
    """Return KL(p||q) and KL(q||p) side by side, for each outcome and in sum."""
    back = Look("kl", name="KL(q‖p)", pattern="/")
    return signed_bars(b, names, words, [(EXCESS, b.kl_terms, b.kl), (back, b.back_terms, b.kl_back)])


def codes(b: Beliefs, names: Names, words: Words) -> Figure:
    """Return code words as rectangles: p wide and -log q high, so that their area is the cross-entropy.

    Over them stand the rectangles of the code made for p, whose area is the entropy.
    """
    used = b.p > 0.0
    lengths, ideal = np.where(used, b.q_lengths, 0.0), np.where(used, b.p_lengths, 0.0)
    endless = np.isinf(lengths)
    limit = doubled(max(largest(lengths), largest(b.p_lengths)), COST_LIMIT[b.unit])
    heights = np.where(endless, BEYOND * limit, lengths)
    right = np.cumsum(b.p)
    middle, log = right - 0.5 * b.p, LOG[b.unit]
    p, costs = b.p.tolist(), b.cross_terms.tolist()
    areas, least = (
        [_product(*sides) for sides in zip(p, each.tolist(), shares.tolist(), strict=True)]
        for each, shares in ((b.q_lengths, b.cross_terms), (b.p_lengths, b.entropy_terms))
    )
    tops = np.maximum(heights, ideal).tolist()
    return picture(
        words,
        [
            *(
                columns(
                    right - b.p,
                    y,
                    look,
                    hover=f"p·(−{log} {name}): %{{customdata}}",
                    marker=drawn,
                    offset=0.0,
                    width=b.p,
                    customdata=texts(said),
                )
                for y, look, name, drawn, said in (
                    (heights, CROSS, "q", CODES[0], areas),
                    (ideal, FLOOR, "p", CODES[1], least),
                )
            ),
            off_axis(
                middle, np.where(endless, BEYOND * limit, math.nan), [CROSS] * len(names), "up", size=28
            ),
            *(
                label(
                    _tag(names[i], costs[i], width, areas[i]),
                    float(middle[i]),
                    tops[i],
                    textangle=0 if width >= 0.2 else -90,
                    yanchor="bottom",
                    yshift=14 if endless[i] else 2,
                    align="center" if width >= 0.2 else "left",
                )
                for i, width in enumerate(p)
            ),
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
            ),
        ],
        x=scale(0.0, 1.0, [0, 0.25, 0.5, 0.75, 1], showgrid=False),
        y=scale(0.0, 1.4 * limit, ticks(limit, COST_LIMIT[b.unit])),
        barmode="overlay",
        height=400,
        narrow=320,
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


WAY = (CROSS, EXCESS, BACK)


def finite(values: Any) -> Floats:
    """Return values with nan where they are infinite: a curve that begins at infinity runs off the axis."""
    made = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(made), made, math.nan)


def path(b: Beliefs, fraction: float, words: Words) -> Figure:
    """Return H(p, q), KL(p||q) and KL(q||p) while q goes straight to p, with a cursor at ``fraction``."""
    _, *curves = along(b)
    # A curve that begins at infinity runs off the axis; it does not stretch it.
    tallest = max(largest(c if math.isfinite(c[0]) else c[CLOSE:]) for c in curves)
    limit = doubled(tallest, PATH_LIMIT[b.unit])
    starts = [float(curve[0]) for curve in curves]
    names = [look.name + " ∞" * math.isinf(v) for look, v in zip(WAY, starts, strict=True)]
    # Whole at the edges of the plot: the way begins at one, a divergence ends at 0. Above it none is drawn.
    here = finite(at(b, fraction)[1])
    here = np.where(here <= 1.06 * limit, here, math.nan)
    return picture(
        words,
        [
            *(
                line(PATH, finite(curve), look, hover=f"{look.name} = %{{y:.5g}}", gaps=True)
                for curve, look in zip(curves, WAY, strict=True)
            ),
            dots(fraction, here, WAY, gaps=True, cliponaxis=False),
            off_axis(0.0, np.array([limit if math.isinf(v) else math.nan for v in starts]), WAY, "up"),
            rule(y=b.h_p, between=(0.0, 1.0), colour="@entropy", dash="dash"),
            rule(x=fraction, between=(0.0, 1.06 * limit), dash="solid"),
            *names_beside("left", [*names, "H(p)"], [*starts, b.h_p], limit, 0.11 * limit),
        ],
        x=scale(-0.015, 1.015, {0: "0 (q)", 0.25: "0.25", 0.5: "0.5", 0.75: "0.75", 1: "1 (p)"}),
        y=scale(0.0, 1.06 * limit, every=limit / 4, side="right"),
        height=360,
        margin=(14, 66, 52, 84),
    )


@lru_cache(maxsize=512)
def at(b: Beliefs, fraction: float) -> tuple[Floats, list[float]]:
    """Return q_t a fraction of the way from q to p, and H(p, q_t), KL(p||q_t), KL(q_t||p)."""
    q = mix(b.p, b.q, [fraction])[0]
    values = np.array([cross_entropy(b.p, q), kl_divergence(b.p, q), kl_divergence(q, b.p)])
    return q, _in_unit(values, b.unit).tolist()


def _sum(q: str, cross: float, b: Beliefs, kl: float, words: Words) -> list[Segment]:
    """Return the line that says the cross-entropy from p to a q as what p costs anyway and the rest."""
    return [
        bold(f"H(p, {q}) = {number(cross)}", "loss"),
        " = ",
        bold(f"H(p) {number(b.h_p)}", "entropy"),
        " + ",
        bold(f"KL(p‖{q}) {number(kl)}", "kl"),
        f" {words['unit']}",
    ]


def path_numbers(b: Beliefs, fraction: float, words: Words) -> dict[str, Any]:
    """Return the numbers under the cursor of the path."""
    q, (cross, forward, backward) = at(b, fraction)
    t = number(fraction, 4)
    return lines(
        [bold(f"qₜ = (1 − {t})·q + {t}·p = {row(q)}", "q")],
        _sum("qₜ", cross, b, forward, words),
        [bold(f"KL(qₜ‖p) = {number(backward)}", "kl")],
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


STEP_AXIS = np.arange(STEPS + 1.0)


def descent(b: Beliefs, run: Run, words: Words) -> Figure:
    """Return H(p, q) and KL(p||q) over the steps: the same curve twice, H(p) apart."""
    trail = run.trail
    shown = min(run.step, trail.steps)
    rest = STEPS - trail.steps
    cross, excess = (
        np.append(c, np.full(rest, c[-1]))
        for c in (_in_unit(trail.values, b.unit), _in_unit(trail.kl, b.unit))
    )
    limit = doubled(float(cross.max()), PATH_LIMIT[b.unit])
    walked = run.step >= STEP_AXIS
    pairs = ((cross, CROSS), (excess, EXCESS))
    return picture(
        words,
        [
            *(
                mark
                for curve, look in pairs
                for mark in (
                    line(STEP_AXIS, curve, Look(f"{look.role}/0.35", ""), width=2, gaps=True),
                    line(
                        STEP_AXIS,
                        np.where(walked, curve, math.nan),
                        Look(look.role, ""),
                        hover=f"{words['x']} %{{x}}: {look.name} = %{{y:.5g}}",
                        width=4,
                        gaps=True,
                    ),
                )
            ),
            dots(float(run.step), np.array([float(curve[shown]) for curve, _ in pairs]), (CROSS, EXCESS)),
            rule(y=b.h_p, between=(0.0, STEPS), colour="@entropy", dash="dash"),
            *names_beside(
                "right",
                ["H(p, q)", "KL(p‖q)", "H(p)"],
                [float(cross[-1]), float(excess[-1]), b.h_p],
                limit,
                0.11 * limit,
            ),
        ],
        x=scale(-3.0, STEPS + 3.0),
        y=scale(-0.02 * limit, 1.06 * limit, every=limit / 4),
        height=340,
        margin=(14, 74, 52, 56),
    )


def chase(b: Beliefs, names: Names, run: Run, words: Words) -> Figure:
    """Return the bars of p and of the q that the descent has reached."""
    trail = run.trail
    return picture(
        words,
        pair(b, names, q=trail.probs[min(run.step, trail.steps)]),
        x=outcomes(names),
        y=scale(0.0, 1.12, [0, 0.5, 1]),
        barmode="overlay",
        height=320,
        margin=(20, 10, 52 if len(names) < 6 else 70, 56),
    )


def push(b: Beliefs, names: Names, run: Run, words: Words) -> Figure:
    """Return the gradient of H(p, softmax(z)) in z, one bar for each score: q - p, in bits over ln 2."""
    trail, bits = run.trail, b.unit == "bits"
    gradient = _in_unit(trail.gradients[min(run.step, trail.steps)], b.unit)
    end, marked = (1.65, [-1.5, -1, -0.5, 0, 0.5, 1, 1.5]) if bits else (1.15, [-1, -0.5, 0, 0.5, 1])
    return picture(
        {**words, "title": words["title_bits"]} if bits else words,
        [
            columns(
                np.arange(len(names)),
                gradient,
                CROSS,
                hover=f"%{{customdata}}: {SLOPE[b.unit]} = %{{y:.6f}}",
                width=0.55,
                customdata=list(names),
                **above(gradient, lift=False),
            )
        ],
        x=named_axis(names, (-0.55, len(names) - 0.45)),
        y=scale(-end, end, marked, zero=True),
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
        _sum("q", cross, b, kl, words),
        [bold(f"q = softmax(z) = {row(trail.probs[i])}", "q")],
    ]
    if i < trail.steps:
        rows.append(
            [
                f"z ← z − {number(run.rate, 4)}·(q − p) = {row(z)} − {number(run.rate, 4)}·",
                bold(row(push_), "loss"),
                f" = {row(trail.points[i + 1])}",
            ]
        )
    elif trail.status == "converged":
        rows.append([bold(words["arrived"], "truth")])
    elif trail.status == "chaotic":
        rows.append([bold(words["chaotic"], "loss")])
    rows.append(_stability(run, words))
    if b.unit == "bits":
        rows.append([words["bits"]])
    if run.clipped:
        rows.append([words["clipped"]])
    return lines(*rows)


def _stability(run: Run, words: Words) -> list[Segment]:
    """Return the learning rate below which the descent settles at p, and whether the present one is below."""
    limit = _stable_rate(tuple(run.b.p.tolist()))
    if math.isinf(limit):
        return [words["endless"]]
    told: list[Segment] = [
        f"{words['stable']} 2/{number(2.0 / limit, 4)} = ",
        bold(number(limit, 4), "loss"),
        f" ({words['largest']}).",
    ]
    return [*told, " ", bold(words["above"], "loss")] if run.rate >= limit else told


@lru_cache(maxsize=256)
def _stable_rate(p: tuple[float, ...]) -> float:
    """Return the learning rate from which on the descent cannot settle at p."""
    return largest_stable_rate(p)


def numbers(b: Beliefs, words: Words) -> dict[str, Any]:
    """Return every quantity of the lesson in a table."""
    log, base = LOG[b.unit], BASE[b.unit]
    shared = float(_in_unit(jensen_shannon(b.p, b.q), b.unit))
    unit = words["unit"]
    rows: list[tuple[str, str, str, str]] = [
        ("H(p)", "entropy", f" = −Σ p·{log} p", f"{number(b.h_p)} {unit}"),
        ("H(q)", "entropy", f" = −Σ q·{log} q", f"{number(b.h_q)} {unit}"),
        ("H(p, q)", "loss", f" = −Σ p·{log} q = −Eₚ[{log} q]", f"{number(b.h_pq)} {unit}"),
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
        [[[bold(name, role), how], value] for name, role, how, value in rows],
        caption=words["caption"],
    )


def code(b: Beliefs, weights: Sequence[float], model: Sequence[float], mode: str) -> dict[str, Any]:
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
    log_q = np.log(q / q.sum())    # @log0"""
        torch_q = f"q = torch.tensor([{q}], dtype=torch.float64)\nlog_q = torch.log(q / q.sum())"
    if scores or b.q.all():
        torch_costs = f"""# @takes
h_pq = torch.nn.CrossEntropyLoss()({"z" if scores else "log_q"}, p)
# @kl
kl = torch.nn.KLDivLoss(reduction="batchmean")(log_q, p)"""
    else:
        torch_costs = """# @nan
h_pq = torch.where(p > 0, -p * log_q, 0.0).sum()
kl = torch.where(p > 0, p * (torch.log(p) - log_q), 0.0).sum()"""
    first = "import math\n\nimport torch" if torch_unit else "import torch"
    return libraries(
        NumPy=f"""import numpy as np

p = np.array({p})
p = p / p.sum()
{numpy_q}

happens = p > 0                    # @happens
log_p = np.log(np.where(happens, p, 1.0))

h_p = 0.0 - (p * log_p).sum()
h_pq = 0.0 - (p[happens] * log_q[happens]).sum()
kl = (p[happens] * (log_p - log_q)[happens]).sum()
print(h_pq{unit}, h_p{unit}, kl{unit})
""",
        PyTorch=f"""{first}

# @shape
p = torch.tensor([{p}], dtype=torch.float64)
p = p / p.sum()
{torch_q}

{torch_costs}
h_p = torch.special.entr(p).sum()
print(h_pq.item(){torch_unit}, h_p.item(){torch_unit}, kl.item(){torch_unit})
""",
    )


def derivation(b: Beliefs, model: Sequence[float], mode: str) -> dict[str, str]:
    """Return the numbers of the state, and what depends on the unit, for the formulas of the derivation."""
    start = _trail(tuple(b.p.tolist()), start_logits(b, model, mode), 1.0)
    bits = b.unit == "bits"
    return {
        "log": r"\log_2" if bits else r"\log",
        "scale": r"\frac{1}{\ln 2}" if bits else "",
        "total": f"= {latex_number(b.h_pq)} = {latex_number(b.h_p)} + {latex_number(b.kl)}",
        "gain": latex_number(-b.kl),
        "possible": latex_number(float(b.q[b.p > 0.0].sum())),
        "slope": r"\frac{q_k - p_k}{\ln 2}" if bits else "q_k - p_k",
        "gradient": r",\ ".join(latex_number(v, 4) for v in _in_unit(start.gradients[0], b.unit).tolist()),
    }


# What is said at rest ---------------------------------------------------------------------------------------


def said(b: Beliefs, fraction: float, run: Run) -> dict[str, dict[str, str]]:
    """Return the numbers of what is said at rest: the cost and its parts, here, on the path, at the step."""
    _, (cross, forward, _) = at(b, fraction)
    trail = run.trail
    i = min(run.step, trail.steps)
    now, kl = (float(_in_unit(c[i], b.unit)) for c in (trail.values, trail.kl))
    return {
        "main": {"cross": number(b.h_pq), "floor": number(b.h_p), "kl": number(b.kl)},
        "path": {"t": number(fraction, 4), "cross": number(cross), "kl": number(forward)},
        "descent": {"step": str(i), "cross": number(now), "kl": number(kl)},
    }


def sketch() -> Sketch:
    """Return the curves of the lesson's small picture, and the limits of y."""
    x = np.linspace(0.02, 0.98, 60)
    p = np.broadcast_to((0.3, 0.7), (60, 2))
    q = np.stack([x, 1.0 - x], axis=-1)
    return [(x, cross_entropy(p, q), "loss"), (x, entropy(p), "entropy")], (0.0, 3.0)
