"""The PyTorch figures: torch's numbers beside core's, and nothing in them that cannot be drawn."""

import contextlib
import io
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core import torch_reference
from core.figures import pytorch as figures
from core.figures.theme import resolve
from core.losses import cross_entropy_gradient, cross_entropy_loss, finite_difference, nll_loss
from core.softmax import log_softmax, softmax
from pages.parts.tensors import EXAMPLES, IGNORED, options
from pages.pytorch import LESSON, picture
from pages.shared.catalog import load
from pages.shared.controls import Values, settle
from pages.shared.frames import pack
from pages.shared.frames import resolve as drawn

WORDS = load("pytorch", "en")
SAID = WORDS.group("said")
NAMES = ("cat", "dog", "horse")
EIGHT = (0.0, 0.0, 2.0794415)
CAT = (5.0, 4.0, 2.0)
pytestmark = pytest.mark.skipif(not torch_reference.is_available(), reason="no torch")


def words(view: str) -> dict[str, str]:
    return {**SAID, **WORDS.group(view)}


def told(view: dict[str, Any]) -> list[str]:
    return ["".join(s if isinstance(s, str) else s["text"] for s in line) for line in view["lines"]]


def cell(item: Any) -> str:
    if isinstance(item, list):
        return "".join(cell(part) for part in item)
    return item if isinstance(item, str) else item["text"]


def rows(view: dict[str, Any]) -> list[list[str]]:
    return [[cell(item) for item in row] for row in view["rows"]]


class TestTheTable:
    @pytest.mark.parametrize("target", [0, 1, 2])
    @pytest.mark.parametrize("logits", [EIGHT, CAT, (-8.0, 0.0, 0.0), (10.0, -10.0, 3.0), (0.0, 0.0, 0.0)])
    def test_core_and_torch_agree(self, logits: tuple[float, ...], target: int) -> None:
        ours, theirs = figures.core_table(logits, target), figures.torch_table(logits, target)
        assert ours.values == pytest.approx(theirs.values, rel=1e-12, abs=1e-14)
        assert ours.gradients == pytest.approx(theirs.gradients, rel=1e-10, abs=1e-15)

    def test_cores_gradients_are_slopes(self) -> None:
        made = figures.core_table(CAT, 1).gradients
        for i in range(5):
            for j in range(3):
                slope = finite_difference(
                    lambda z, i=i, j=j: float(figures.core_table(tuple(z), 1).values[i, j]), CAT
                )
                assert made[i, j] == pytest.approx(slope, abs=1e-8)

    def test_no_softmax_twice_below_the_floor(self) -> None:
        floor = -math.log(math.e / (math.e + 2.0))
        for logits in ((10.0, -10.0, -10.0), CAT, (1.0, 0.0, 0.0)):
            assert figures.core_table(logits, 0).values[1, 1] >= floor - 1e-12
        assert floor == pytest.approx(0.551445, abs=5e-7)


class TestTheGrid:
    @pytest.mark.parametrize("live", [False, True])
    def test_shows_every_number_with_a_mark(self, live: bool) -> None:
        made = figures.grid(EIGHT, 2, "softmax", "NLLLoss", live, words("grid"))
        written = [text.split("<br>") for text in made["data"][0]["text"]]
        assert [number for _, number in written[:6]] == [
            f"<b>{number}</b>"
            for number in ("−2.07944", "−0.8", "0.223144", "0.223144", "0.689727", "0.223144")
        ]
        assert "".join(mark for mark, _ in written) == "✗✗✓✓✗=✗✗✓○✗✗○○✗"

    def test_frames_the_chosen_cell(self) -> None:
        for loss in figures.LOSSES:
            for feed in figures.INPUTS:
                (frame,) = figures.grid(CAT, 0, feed, loss, False, words("grid"))["layout"]["shapes"]
                i, j = figures.place(feed, loss)
                assert (frame["x0"], frame["y0"]) == (j - 0.48, i - 0.48)

    def test_what_is_marked_right_is_the_cross_entropy(self) -> None:
        for logits in (CAT, EIGHT, (-3.0, 0.5, 9.0)):
            values = figures.core_table(logits, 1).values
            good = [
                values[i, j]
                for i in range(5)
                for j in range(3)
                if figures.VERDICTS[i][j] in ("right", "same")
            ]
            assert good == pytest.approx([float(cross_entropy_loss(logits, 1))] * 4)

    @pytest.mark.parametrize("loss", figures.LOSSES)
    @pytest.mark.parametrize("feed", figures.INPUTS)
    def test_the_verdict_carries_both_numbers_and_the_formula(self, feed: str, loss: str) -> None:
        lines = told(figures.verdict(CAT, 0, feed, loss, True, NAMES, words("verdict")))
        value = figures.number(float(figures.core_table(CAT, 0).values[figures.place(feed, loss)]))
        assert f"torch {value} · core {value} · difference" in lines[1]
        assert lines[3].endswith(f"= {value}")
        absent = told(figures.verdict(CAT, 0, feed, loss, False, NAMES, words("verdict")))
        assert absent[1] == f"torch – · core {value} · difference –"

    def test_the_trap_pulls_too_little(self) -> None:
        made = rows(figures.pull((-8.0, 0.0, 0.0), 0, "softmax", "NLLLoss", True, NAMES, words("pull")))
        assert (made[0][2], made[0][3], made[0][5]) == ("−0.000167675", "−0.000167675", "−0.999832")


class TestTheGraph:
    def test_is_autograds(self) -> None:
        made = figures.graph(CAT, 0, True, NAMES, words("graph"))
        values, back = made["data"][-2], made["data"][-1]
        assert list(values["text"]) == [
            "5", "4", "2", "−0.349", "−1.349", "−3.349", "−0.349", "<b>0.349</b>",
        ]  # fmt: skip
        assert list(back["text"]) == ["−0.2946", "0.2595", "0.03512", "−1", "0", "0", "−1", "1"]
        assert back["customdata"][0] == "∂L/∂z(cat) = −0.294615"

    def test_core_and_torch_agree(self) -> None:
        for target in range(3):
            ours, theirs = (figures._graph(CAT, target, live) for live in (False, True))
            for a, b in zip(ours, theirs, strict=True):
                assert a == pytest.approx(b, rel=1e-12, abs=1e-15)
            assert ours.logits_gradient == pytest.approx(softmax(CAT) - np.eye(3)[target])

    def test_its_table_has_a_dash_without_torch(self) -> None:
        table = rows(figures.graph_table(CAT, 0, False, NAMES, words("graph_table")))
        assert table[0] == ["L", "–", "0.349012", "–"]
        table = rows(figures.graph_table(CAT, 0, True, NAMES, words("graph_table")))
        assert [row[1] for row in table] == ["0.349012", "−0.294615", "0.259496", "0.035119"]
        assert table[1][2] == figures.number(float(cross_entropy_gradient(CAT, 0)[0]))


class TestTheOptions:
    @pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
    @pytest.mark.parametrize("goal", ["index", "onehot", "soft"])
    @pytest.mark.parametrize("smoothing", [0.0, 0.2, 1.0])
    @pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0), (1.0, 0.2, 0.1), (0.0, 0.5, 0.0)])
    def test_core_and_torch_agree(self, reduction: Any, goal: Any, smoothing: Any, weights: Any) -> None:
        options = figures.Options((0, 2, 1), goal, weights, -100, smoothing, reduction)
        ours, theirs = figures.answers(options, False), figures.answers(options, True)
        assert ours.error is theirs.error is None
        assert ours.losses == pytest.approx(theirs.losses, rel=1e-12, abs=1e-15)
        assert ours.result == pytest.approx(theirs.result, rel=1e-12, abs=1e-15, nan_ok=True)

    def test_the_mean_is_the_sum_over_the_divisor(self) -> None:
        for ignore in (-100, 0, 1, 2):
            options = figures.Options(weights=(1.0, 0.2, 0.1), ignore=ignore)
            made = figures.answers(options, False)
            assert isinstance(made.result, float)
            assert made.result == pytest.approx(sum(made.losses or []) / figures.divisor(options))

    def test_the_bars_are_cores_and_the_diamonds_torchs(self) -> None:
        options = figures.Options()
        bars, diamonds = figures.batch(options, True, ["a", "b", "c"], words("batch"))["data"]
        assert bars["x"] == pytest.approx([0.349012, 0.0205811, 0.717736], abs=5e-7)
        assert diamonds["x"] == pytest.approx(bars["x"])
        _, diamonds = figures.batch(options, False, ["a", "b", "c"], words("batch"))["data"]
        assert np.isnan(diamonds["x"]).all()

    def test_nothing_left_is_said_and_not_drawn(self) -> None:
        options = figures.Options(labels=(2, 2, 2), ignore=2)
        lines = told(figures.batch_lines(options, True, words("batch_lines")))
        assert "nan" in lines[0]
        assert lines[2].startswith("Nothing is left to average")
        made = figures.batch(options, True, ["a", "b", "c"], words("batch"))
        assert made["layout"]["shapes"][0]["opacity"] == 0.0

    def test_torchs_refusal_is_quoted(self) -> None:
        options = figures.Options(goal="soft", ignore=2)
        lines = told(figures.batch_lines(options, True, words("batch_lines")))
        assert lines[0] == "torch refuses: ignore_index is not supported for floating point target"


MESSAGES = {
    "channels_last": "size mismatch",
    "column": "0D or 1D target tensor expected, multi-target not supported",
    "onehot": "0D or 1D target tensor expected, multi-target not supported",
    "floats": "expected target dtype to be Long or Byte",
    "int32": "expected target dtype to be Long or Byte",
    "short": "Expected input batch_size (3) to match target batch_size (2)",
    "outside": "Target 3 is out of bounds",
}


class TestTheShapes:
    @pytest.mark.parametrize("shape", figures.SHAPES)
    def test_torchs_own_answer_is_shown(self, shape: str) -> None:
        line = told(figures.shape_lines(shape, True, words("shape_lines")))[1]
        assert line.startswith("torch: ")
        assert MESSAGES.get(shape, "") in line
        answer = figures.shape_answer(shape, True)
        assert (answer.error is not None) == (shape in MESSAGES)

    def test_what_core_refuses_is_said_in_both_languages(self) -> None:
        errors = [figures.shape_answer(case, False).error for case in figures.SHAPES]
        soft = LESSON.start.replace(goal="soft", ignore=next(k for k, i in IGNORED.items() if i >= 0))
        errors.append(figures.answers(options(soft), False).error)
        found = [error for error in errors if error is not None]
        assert len(found) >= 7
        for error in found:
            # The words in English are core's own: what does not match would come out in English in Korean.
            assert figures.refused(error, load("pytorch", "en").group("said")) == error
            korean = figures.refused(error, load("pytorch", "ko").group("said"))
            assert korean.endswith("니다.")
            assert re.findall(r"\d+|float64", korean) == re.findall(r"\d+|float64", error)

    def test_where_both_give_a_number_it_is_one(self) -> None:
        for case in figures.SHAPES:
            ours, theirs = (figures.shape_answer(case, live) for live in (False, True))
            if theirs.error is None:
                assert float(ours.value) == pytest.approx(float(theirs.value), rel=1e-12, nan_ok=True), case

    def test_swapped_axes_raise_nothing(self) -> None:
        assert figures.shape_answer("transposed", True).error is None
        assert figures.shape_answer("transposed", True).value != pytest.approx(0.362443, abs=1e-3)
        assert figures.shape_answer("batch", True).value == pytest.approx(0.362443, abs=5e-7)
        assert math.isnan(figures.shape_answer("ignored", True).value)

    def test_a_cross_where_an_axis_differs(self) -> None:
        def crosses(case: str) -> int:
            notes = figures.shapes(case, words("shapes"))["layout"]["annotations"]
            return sum("✗" in note["text"] for note in notes)

        assert [crosses(case) for case in ("batch", "single", "pixels")] == [0, 0, 0]
        assert [crosses(case) for case in ("channels_last", "column", "int32", "short")] == [2, 1, 1, 1]
        assert crosses("onehot") == 2  # the axis too many, and the type


class TestTheOtherLosses:
    @pytest.mark.parametrize("p", [(0.8, 0.1, 0.1), (1.0, 0.0, 0.0), (0.2, 0.2, 0.6)])
    @pytest.mark.parametrize("q", [(0.2, 0.2, 0.6), (0.0, 0.5, 0.5), (1.0, 1.0, 1.0)])
    def test_kl(self, p: Any, q: Any) -> None:
        ours, theirs = figures.kl_answers(p, q, False), figures.kl_answers(p, q, True)
        for call in figures.KL_CALLS:
            # torch has no convention for 0 * log 0 where the target comes as logs.
            if not math.isnan(theirs[call]):
                assert ours[call] == pytest.approx(theirs[call], rel=1e-12, abs=1e-15), call
        right = [ours[call] for call, good in figures.KL_CALLS.items() if good]
        assert right == pytest.approx([right[0]] * 3)

    def test_infinity_is_an_arrow_and_a_symbol(self) -> None:
        made = figures.kl((0.8, 0.1, 0.1), (0.0, 0.5, 0.5), True, words("kl"))
        assert made["layout"]["annotations"][0]["text"] == "→ ∞"
        assert made["data"][0]["x"][0] == 0.0

    @pytest.mark.parametrize("target", [0, 1])
    def test_binary(self, target: int) -> None:
        for logit in (-250.0, -20.0, 0.0, 1.5, 20.0, 250.0):
            table = rows(figures.binary_table(logit, target, 3.0, True, words("binary_table")))
            exact = np.logaddexp(0.0, -logit if target else logit)
            assert table[1][2] == figures.number(float(exact))
            stable = figures._binary_ways(logit, target)  # in float32, so to seven digits of 1
            assert [stable[way][0] for way in ("with_logits", "log_softmax")] == pytest.approx(
                [exact] * 2, abs=2e-7
            )
        table = rows(figures.binary_table(-200.0, 1, 1.0, True, words("binary_table")))
        assert [row[1] for row in table] == ["200", "200", "100", "200", "∞"]
        assert [row[4] for row in table[:4]] == ["−1", "−1", "0", "−1"]

    def test_the_curve_by_way_of_a_sigmoid_breaks_off(self) -> None:
        first, second, _ = figures.binary(-200.0, 1, True, words("binary"))["data"]
        z, stable, through = first["x"], first["y"], second["y"]
        assert stable == pytest.approx(np.logaddexp(0.0, -z), rel=1e-6)
        assert through.max() == 100.0

    def test_zero(self) -> None:
        certain = rows(figures.zero_table(1.0, True, words("zero_table")))
        assert [row[1] for row in certain] == ["0", "nan", "0", "nan"]
        never = rows(figures.zero_table(0.0, True, words("zero_table")))
        assert [row[1] for row in never] == ["∞", "∞", "100", "∞"]
        assert [row[2] for row in never] == ["∞", "∞", "∞", "∞"]

    def test_gauss(self) -> None:
        made = rows(figures.gauss_table(180.0, 172.0, 4.8, True, words("gauss_table")))
        assert [row[1] for row in made] == ["2.9575", "3.87644", "7.45097", "8.36991"]
        assert [row[1] for row in made] == [row[2] for row in made]

    @pytest.mark.parametrize("sigma", [0.5, 0.9, 1.0, 1.1, 4.8, 20.0])
    def test_with_the_deviation_an_error_costs_too_much_above_1_and_too_little_below(
        self, sigma: float
    ) -> None:
        """What the caption says: the price of an error of 8 cm, which is the loss less that of no error."""
        off, none = (figures.gauss_values(mean, 180.0, sigma) for mean in (172.0, 180.0))
        right, _, wrong, _ = (float(a) - float(b) for a, b in zip(off, none, strict=True))
        assert right == pytest.approx(32.0 / sigma**2, rel=1e-12)
        assert (wrong > right, wrong < right) == (sigma > 1.0, sigma < 1.0)


class TestEveryStateWithTorch:
    """The general tests draw without torch; these draw the same states with it."""

    @pytest.fixture
    def every(self, corners: Callable[..., dict[str, Values]]) -> dict[str, Values]:
        states = corners(LESSON)
        for name, changes in EXAMPLES.items():
            states[f"example:{name}"] = settle(LESSON.controls, LESSON.start.replace(**changes))
        for case in figures.SHAPES:
            states[f"shape:{case}"] = LESSON.start.replace(shape=case)
        return {name: values.replace(torch=True) for name, values in states.items()}

    def test_plotly_takes_it_and_no_number_is_infinite(
        self, every: dict[str, Values], leaves: Any, scalars: Any
    ) -> None:
        for name, values in every.items():
            views = drawn(picture(values, WORDS))
            pack({"views": views})
            for view, made in views.items():
                if made["type"] != "figure":
                    continue
                for place, number in scalars({"data": made["data"], "layout": made["layout"]}):
                    assert math.isfinite(number), (name, view, place)
                for path, leaf in leaves(made["data"]):
                    if isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f":
                        gaps = "connectgaps" in made["data"][path[0]]
                        assert (np.isfinite(leaf) | (np.isnan(leaf) & gaps)).all(), (name, view, path)
                go.Figure(resolve(made["data"]), resolve(made["layout"]))

    def test_only_torchs_part_differs_from_the_picture_without(self, every: dict[str, Values]) -> None:
        for values in every.values():
            with_torch = drawn(picture(values, WORDS))
            without = drawn(picture(values.replace(torch=False), WORDS))
            assert with_torch.keys() == without.keys()
            for view in with_torch:
                assert with_torch[view]["type"] == without[view]["type"]
                if with_torch[view]["type"] == "figure":
                    assert len(with_torch[view]["data"]) == len(without[view]["data"]), view


class TestTheCode:
    @pytest.mark.parametrize("name", EXAMPLES)
    def test_runs_and_says_what_the_lesson_says(self, name: str) -> None:
        values = settle(LESSON.controls, LESSON.start.replace(**EXAMPLES[name]))
        tabs = drawn(picture(values, WORDS), ["code"])["code"]["tabs"]
        said: list[str] = []
        for tab in tabs:
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                if name == "refused" and tab["label"] == "PyTorch":
                    assert "ignore_index" not in tab["text"]
                exec(compile(tab["text"], tab["label"], "exec"), {})
            said.append(out.getvalue())
        options = figures.Options(
            tuple(values[f"l{i}"] for i in "123"),
            values.goal,
            tuple(values[f"w{i}"] for i in "123"),
            -100 if name == "refused" or values.ignore == "none" else int(values.ignore),
            values.smooth,
        )
        wanted = figures.answers(options, False).result
        assert isinstance(wanted, float)
        for text in said:
            assert ("nan" if math.isnan(wanted) else f"{wanted:.4f}"[:-1]) in text
            assert "0.8605" in text
            assert "2.957" in text


def test_numbers_in_the_shapes_are_the_batchs() -> None:
    made = figures.shape_of("onehot")
    assert made.values == pytest.approx(log_softmax(figures.SCORES))
    assert float(nll_loss(made.values, figures.LABELS)) == pytest.approx(0.362443, abs=5e-7)


def test_the_small_picture_is_small() -> None:
    curves, (low, high) = figures.sketch()
    assert len(curves) == 2
    assert all(low <= float(np.min(y)) for _, y, _ in curves)
    assert high > low
