"""The NLL lesson: its presets reach the published numbers, its answers go with their question."""

import re

import pytest

from core.losses import cross_entropy_loss
from pages.nll import LESSON, follow, on_curve, picture
from pages.shared import wire
from pages.shared.catalog import load
from pages.shared.controls import query, read
from pages.shared.frames import difference, resolve
from pages.shared.lesson import Drag
from tests.conftest import frame_block

WORDS = load("nll", "en")


def told(view):
    """Return the text of a view of lines."""
    return ["".join(s if isinstance(s, str) else s["text"] for s in line) for line in view["lines"]]


@pytest.mark.parametrize(
    ("preset", "loss"),
    [
        ("cat", "0.349012"),
        ("horse", "0.0205811"),
        ("dog", "0.717736"),
        ("relabelled", "3.34901"),
        ("wrong", "15"),
        ("tie", "1.09861"),
        ("certain", "6.11804×10⁻⁷"),
        ("even", "0.693147"),
    ],
)
def test_presets_reach_their_losses(preset, loss):
    views = resolve(picture(LESSON.preset(preset, LESSON.start), WORDS), ["formula"])
    assert told(views["formula"])[0].endswith(f"= {loss}")


def test_the_label_decides_not_the_largest_output():
    values = LESSON.preset("relabelled", LESSON.start)
    losses = resolve(picture(values, WORDS), ["labels"])["labels"]["data"][0]["x"]
    assert losses[values.y] == pytest.approx(3.34901, abs=5e-6)
    assert losses.min() == pytest.approx(0.349012, abs=5e-7)


def test_the_batch_says_why_the_printed_numbers_differ():
    views = resolve(picture(LESSON.start, WORDS), ["batch_lines", "batch_table"])
    _, _, first, second, third = told(views["batch_lines"])
    assert first == "Sum = 0.349012 + 0.0205811 + 0.717736 = 1.08733"
    assert second == "Mean = 1.08733 / 3 = 0.362443"
    assert third == "Rounded too early: −log(0.71) = 0.34249 → 0.34; exact: −log(0.705385) = 0.349012"
    assert [row[6] for row in views["batch_table"]["rows"]] == ["0.34", "0.02", "0.71", "1.07", ""]


def test_the_diagonal_is_not_the_truth():
    values = LESSON.preset("diagonal", LESSON.start)
    expected = cross_entropy_loss([[5, 4, 2], [4, 2, 8], [4, 4, 1]], [0, 1, 2])
    assert f"{expected:.6g}" in told(resolve(picture(values, WORDS), ["batch_lines"])["batch_lines"])[3]


def test_an_answer_goes_with_its_question():
    answered = LESSON.start.replace(guess="down")
    assert follow(answered, answered.replace(ask=0)) == {"guess": ""}
    assert follow(answered, answered.replace(y=2)) == {"guess": ""}
    assert follow(answered, answered.replace(z1=1.0)) == {}
    assert follow(LESSON.start, answered) == {}
    message = {"values": {**answered, "ask": 0}, "set": {"ask": "0"}}
    assert wire.apply(LESSON, message, answered).guess == ""


def test_an_answer_opens_the_gradient():
    hidden = resolve(picture(LESSON.start, WORDS), ["compare", "verdict"])
    assert told(hidden["verdict"]) == ["Up or down? Answer first."]
    shown = resolve(picture(LESSON.start.replace(guess="down"), WORDS), ["compare", "verdict"])
    assert told(shown["verdict"])[0].startswith("Right.")
    assert [row[3]["text"] for row in shown["compare"]["rows"][:3]] == ["−0.294615", "0.259496", "0.035119"]
    assert shown["compare"]["rows"][3][3] == "0"


def test_the_address_reproduces_the_screen():
    values = LESSON.preset("others", LESSON.start).replace(
        guess="up", b23=-4.25, l2=1, h=1e-7, rate=0.1, step=42
    )
    assert read(LESSON.controls, query(LESSON.controls, values), LESSON.start).values == values


@pytest.mark.parametrize("key", ["z1", "t", "h", "rate", "step"])
def test_a_slider_moves_numbers_only(key):
    """Traces, shapes and annotations stay the same in number, so that the browser only swaps values."""
    values = LESSON.preset("pushes", LESSON.start)
    stops = LESSON.by_key[key].stops_in(values)
    trees = [
        resolve(picture(values.replace(**{key: stop}), WORDS)) for stop in (stops[0], stops[-1], values[key])
    ]
    for path, _ in difference(trees):
        assert path[1] in ("data", "layout", "grips", "lines", "rows", "tabs", "title"), path
        assert path[-1] not in ("data", "layout", "annotations", "shapes", "grips"), path


def test_dragging_the_point_moves_the_true_class():
    start = LESSON.preset("horse", LESSON.start)
    assert set(on_curve(Drag("curve", 0.5, 0.693, 0.97, 0.02, start))) == {"z3"}


def test_both_languages_say_the_same():
    assert set(load("nll", "en")) == set(load("nll", "ko"))


def test_the_frames_of_a_score_are_small():
    values = LESSON.preset("pushes", LESSON.start)
    views = ("curve", "formula", "labels", "gradient", "verdict")
    block = frame_block(LESSON, values, WORDS, "z1", views)
    assert len(block) < 150_000


ROWS = {
    "cat": (["0.349012", "1.34901", "3.34901"], ["−0.294615", "0.259496", "0.035119"]),
    "horse": (["4.02058", "6.02058", "0.0205811"], ["0.0179425", "0.00242826", "−0.0203708"]),
    "dog": (["0.717736", "0.717736", "3.71774"], ["0.487856", "−0.512144", "0.0242889"]),
}


@pytest.mark.parametrize("preset", ROWS)
def test_presets_reach_the_loss_of_every_label_and_the_gradient(preset):
    values = LESSON.preset(preset, LESSON.start).replace(guess="down")
    views = resolve(picture(values, WORDS), ["labels", "compare"])
    losses, gradient = ROWS[preset]
    said = [re.sub("<[^>]*>", "", text).strip() for text in views["labels"]["data"][1]["text"]]
    assert [text.partition(" = ")[0] for text in said] == losses
    assert [row[3]["text"] for row in views["compare"]["rows"][:3]] == gradient
    assert views["compare"]["rows"][3][3] == "0"


@pytest.mark.parametrize(
    ("y", "gradient"),
    [
        (0, ["−0.294615", "0.259496", "0.035119"]),
        (1, ["0.705385", "−0.740504", "0.035119"]),
        (2, ["0.705385", "0.259496", "−0.964881"]),
    ],
)
def test_only_the_true_class_has_minus_1(y, gradient):
    values = LESSON.preset("cat", LESSON.start).replace(y=y, guess="down")
    rows = resolve(picture(values, WORDS), ["compare"])["compare"]["rows"]
    assert [row[3]["text"] for row in rows[:3]] == gradient


def test_the_batch_of_two_decimals():
    rows = resolve(picture(LESSON.preset("published", LESSON.start), WORDS), ["batch_table"])["batch_table"][
        "rows"
    ]
    assert [told({"lines": [[row[3]]]})[0] for row in rows] == [
        "0.349012",
        "0.0205811",
        "0.717736",
        "1.08733",
        "0.362443",
    ]
    assert [told({"lines": [[row[5]]]})[0] for row in rows[:4]] == [
        "0.34249",
        "0.0202027",
        "0.71335",
        "1.07604",
    ]
