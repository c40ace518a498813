"""What people get wrong about likelihoods and losses: each mistake has a place where one can see why."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from core.figures.quiz import COUNT
from pages.parts import evidence
from pages.shared.catalog import LESSONS, load
from pages.shared.controls import read

ADDRESSES = Path(__file__).parents[2] / "ADDRESSES.md"
Place = tuple[str, str | int]  # a lesson and the name of its watch-out box, or "quiz" and a question's number

# Statements that are wrong. Each must have a place.
WRONG: dict[str, list[Place]] = {
    "a continuous quantity is in general normally distributed": [("heights", "normal"), ("quiz", 15)],
    "a softmax output goes into NLLLoss, and −0.1, −0.1, −0.8 are losses": [
        ("pytorch", "trap"),
        ("quiz", 22),
    ],
    "the NLL is minus the product of prediction and truth": [("pytorch", "blind"), ("quiz", 23)],
    "NLLLoss needs a softmax layer before it": [("pytorch", "trap"), ("quiz", 22)],
    "p and q may change places halfway": [("cross_entropy", "letters"), ("quiz", 9)],
    "cross-entropy is the difference of two distributions": [("cross_entropy", "difference"), ("quiz", 10)],
    "cross-entropy is something else than a log-likelihood": [("pytorch", "same"), ("quiz", 13)],
    "the largest softmax output enters the log": [("nll", "largest"), ("quiz", 5)],
    "the gradient is p − 1 for every class": [("nll", "pushes"), ("quiz", 6)],
    "the chain rule goes through each class's own p": [("quiz", 4)],
    "PyTorch adds −log(1 − p) of the wrong classes": [("pytorch", "method"), ("quiz", 7)],
    "softmax sums over the inputs": [("softmax", "inputs"), ("quiz", 2)],
    "the inputs have to be discrete": [("output_units", "one_loss"), ("quiz", 19)],
    "cross-entropy counts the bits that tell p from q": [
        ("cross_entropy", "bits"),
        ("counts", "code"),
        ("quiz", 11),
    ],
    "cross-entropy is an intersection": [("cross_entropy", "overlap"), ("quiz", 12)],
    "NLLLoss applies log-softmax itself": [("pytorch", "raw"), ("quiz", 21)],
}

# Statements that mislead, or leave something out.
HALF_RIGHT: dict[str, list[Place]] = {
    "the likelihood is a probability of the parameters": [("heights", "parameter"), ("quiz", 17)],
    "the data have a range, and the model covers it": [("heights", "range")],
    "the parameters of the least loss have the greatest likelihood, whatever the loss": [
        ("losses", "likelihood")
    ],
    "a regression curve has a likelihood without noise": [("output_units", "noise")],
    "over-fitted parameters have the higher likelihood": [("output_units", "over_fit"), ("quiz", 20)],
    "regularisation disturbs the learning": [("output_units", "decay")],
    "a likelihood is one number between 0 and 1": [("heights", "density"), ("quiz", 16)],
    "a density is a probability": [("heights", "density"), ("quiz", 16)],
    "the softmax layer before CrossEntropyLoss may be left out": [("pytorch", "twice"), ("quiz", 24)],
    "PyTorch's NLL has no logarithm": [("pytorch", "trap"), ("quiz", 22)],
    "we know the true distribution": [("counts", "truth"), ("quiz", 14)],
    "a one-hot label is the true distribution": [("cross_entropy", "label")],
    "KL is a distance, and always greater than 0": [("cross_entropy", "metric"), ("quiz", 25)],
    "regression, margin and probabilistic losses are three kinds": [("losses", "boxes")],
    "0/1 is a loss to train on": [("losses", "zero_one"), ("quiz", 29)],
    "the wrong classes drop out": [("nll", "others"), ("quiz", 6)],
    "the log is there to make sums, and for nothing else": [("counts", "underflow")],
    "heights are multiplied and compared as a product": [("heights", "product")],
    "the best standard deviation divides by n − 1": [("heights", "divisor")],
    "log-likelihoods of different data can be compared": [("heights", "data")],
    "what can be differentiated can be a loss": [("losses", "differentiable")],
    "a softmax output is a calibrated confidence": [
        ("softmax", "confidence"),
        ("output_units", "sure"),
        ("quiz", 3),
    ],
    "the labels stand on the diagonal of the table": [("nll", "diagonal")],
    "losses of rounded probabilities are the losses": [("nll", "published"), ("quiz", 8)],
    "the class axis is the last one": [("pytorch", "axis")],
    "log and mean are one step": [("counts", "steps")],
    "raising the right score is all of maximum likelihood": [("softmax", "raise"), ("quiz", 1)],
    "a confident mistake costs infinity": [("nll", "infinite"), ("cross_entropy", "infinite")],
    "least NLL is always least squared error": [
        ("losses", "gaussian"),
        ("output_units", "mse"),
        ("quiz", 30),
    ],
    "the estimate is the greatest value of the likelihood": [("quiz", 27)],
    "the log loss bounds the 0/1 loss in every base": [("quiz", 28)],
    "GaussianNLLLoss takes the standard deviation": [("quiz", 31)],
    "batchmean is the divergence, whatever the shape": [("quiz", 32)],
    "0.99 is right 99 times in 100": [("confidence", "promise")],
    "a temperature makes the model better": [("confidence", "better"), ("quiz", 33)],
    "a calibration error of 0 is a good model": [("confidence", "zero"), ("quiz", 34)],
    "a lower calibration error is a lower NLL": [("confidence", "lower")],
    "a temperature is fitted to the training data": [("confidence", "training"), ("quiz", 35)],
    "label smoothing calibrates": [("confidence", "smoothing")],
    "one loss serves every output layer unchanged": [("output_units", "one_loss")],
    "cross-entropy ends vanishing gradients": [("losses", "vanishing"), ("quiz", 18)],
    "the gradient of cross-entropy is seldom 0": [("losses", "never_zero")],
    "the model of greatest likelihood is the best one": [("counts", "best"), ("quiz", 26)],
    "counts have the likelihood of one order of draws": [("counts", "order")],
    "KL itself is computed and minimised": [("counts", "kl")],
    "the NLL is the cross-entropy, not its multiple": [("counts", "mean"), ("quiz", 8)],
    "0 · log 0 takes care of itself": [("cross_entropy", "nan")],
}

ALL = {**WRONG, **HALF_RIGHT}


def has_place(place: Place, language: str) -> bool:
    """Tell whether a place is on its page in a language, complete."""
    lesson, where = place
    words = load(lesson, language)
    if lesson == "quiz":
        needed = [f"control.a{where}.label", f"fact.{where}.why"]
        return where in evidence.SEEN and all(key in words for key in needed)
    return all(f"watch.{where}.{part}" in words for part in ("wrong", "why", "right", "see", "preset"))


def test_there_are_sixteen_wrong_statements() -> None:
    assert len(WRONG) == 16


@pytest.mark.parametrize("mistake", ALL)
def test_every_mistake_can_be_seen(mistake: str, language: str) -> None:
    assert ALL[mistake]
    assert [place for place in ALL[mistake] if not has_place(place, language)] == []


@pytest.mark.parametrize("mistake", ALL)
def test_a_box_shows_a_state_of_its_lesson(mistake: str) -> None:
    for lesson, where in ALL[mistake]:
        if lesson != "quiz":
            found = importlib.import_module(f"pages.{lesson}").LESSON
            name = load(lesson, "en")(f"watch.{where}.preset")
            assert name in found.presets


def test_every_question_belongs_to_a_mistake() -> None:
    asked = {where for places in ALL.values() for lesson, where in places if lesson == "quiz"}
    assert asked == set(range(1, COUNT + 1))


def test_a_place_that_is_gone_is_missed() -> None:
    assert not has_place(("nll", "nowhere"), "en")
    assert not has_place(("quiz", COUNT + 1), "ko")


def test_addresses_that_are_written_down_are_understood() -> None:
    table = ADDRESSES.read_text(encoding="utf-8").partition("## What the app answers")[2]
    rows = [row for row in table.splitlines() if row.startswith("| ")][1:]
    assert len(rows) >= 25
    for row in rows:
        found = re.findall(r"`/(\w+)\??([^`]*)`", row)
        assert found, row
        for name, query in found:
            assert name in LESSONS, row
            lesson = importlib.import_module(f"pages.{name}").LESSON
            given = dict(parse_qsl(query))
            at = given.pop("at", lesson.sections[0].key)
            assert any(at in (section.key, *section.tabs) for section in lesson.sections), row
            assert given.keys() <= lesson.by_key.keys(), row
            assert read(lesson.controls, given, lesson.start).problems == [], row
