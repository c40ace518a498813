"""The controls of the PyTorch lesson, and the examples of options among them."""

from __future__ import annotations

from typing import Any

from core.figures import pytorch as figures
from pages.shared.controls import Control, Value, Values, vector

IGNORED = {"none": -100, "0": 0, "1": 1, "2": 2}

# What CrossEntropyLoss is told in the section on its options, and states of it worth a look.
PLAIN: dict[str, Value] = {
    **{"goal": "index", "reduction": "mean", "ignore": "none", "smooth": 0.0},
    **{"w1": 1.0, "w2": 1.0, "w3": 1.0, "l1": 0, "l2": 2, "l3": 1},
}
WEIGHTS: dict[str, Value] = {"w1": 1.0, "w2": 0.2, "w3": 0.1}
EXAMPLES: dict[str, dict[str, Value]] = {
    "plain": {},
    "weighted": WEIGHTS,
    "tenth": {"w1": 0.1, "w2": 0.02, "w3": 0.01},
    "weighted_onehot": {**WEIGHTS, "goal": "onehot"},
    "ignored": {"ignore": "2"},
    "nothing": {"ignore": "2", "l1": 2, "l3": 2},
    "smoothed": {"smooth": 0.1},
    "soft": {"goal": "soft"},
    "refused": {"goal": "soft", "ignore": "2"},
}
BALLS = {"p1": 0.8, "p2": 0.1, "p3": 0.1, "q1": 0.2, "q2": 0.2, "q3": 0.6}

CONTROLS: list[Control] = [
    *vector(
        "z",
        3,
        (0.0, 0.0, 2.0794415),
        size="",
        roles=("p", "q", "truth"),
        minimum=-10.0,
        maximum=10.0,
        stops=figures.SCORE_STOPS,
        digits=1,
    ),
    Control("y", 0, 2, 1, default=2, kind="choice"),
    Control("feed", default="softmax", kind="choice", choices=figures.INPUTS),
    Control("loss", default="NLLLoss", kind="choice", choices=figures.LOSSES),
    Control("example", default="plain", kind="choice", choices=tuple(EXAMPLES), optional=True),
    Control("goal", default="index", kind="choice", choices=("index", "onehot", "soft")),
    Control("reduction", default="mean", kind="choice", choices=("mean", "sum", "none")),
    Control("ignore", default="none", kind="choice", choices=tuple(IGNORED)),
    Control("smooth", 0.0, 1.0, 0.01, default=0.0),
    *vector("w", 3, (1.0,), size="", roles=("p", "q", "truth"), minimum=0.0, maximum=1.0, step=0.01),
    *(Control(f"l{i}", 0, 2, 1, default=PLAIN[f"l{i}"], kind="choice", label=f"l{i}") for i in (1, 2, 3)),
    Control("shape", default="channels_last", kind="choice", choices=figures.SHAPES),
    *(
        Control(key, 0.0, 1.0, 0.05, default=start, label=key[0], index=int(key[1]), role=key[0])
        for key, start in BALLS.items()
    ),
    Control("logit", -250.0, 250.0, default=-200.0, stops=figures.LOGIT_STOPS, digits=1),
    Control("target", 0, 1, 1, default=1, kind="choice"),
    Control("pos_weight", 0.1, 10.0, 0.1, default=1.0),
    Control("q", 0.0, 1.0, 0.01, default=0.0, role="q", label="zero"),
    Control("observed", 150.0, 200.0, 1.0, default=180.0, role="p"),
    Control("mean", 150.0, 200.0, 1.0, default=172.0, role="q"),
    Control("sigma", 0.5, 20.0, 0.1, default=4.8, role="q"),
]


def three(stem: str, values: Values) -> tuple[Any, ...]:
    """Return the three values of a stem."""
    return tuple(values[f"{stem}{i}"] for i in (1, 2, 3))


def options(values: Values) -> figures.Options:
    """Return what CrossEntropyLoss is told besides the scores."""
    return figures.Options(
        three("l", values),
        values.goal,
        three("w", values),
        IGNORED[values.ignore],
        values.smooth,
        values.reduction,
    )


def follow(before: Values, after: Values) -> dict[str, Value]:
    """Set the options of an example that was chosen; forget the example when an option is changed."""
    if after.example != before.example:
        return {**PLAIN, **EXAMPLES[after.example]} if after.example else {}
    return {"example": ""} if any(before[key] != after[key] for key in PLAIN) else {}
