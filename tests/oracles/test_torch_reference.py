"""core.torch_reference: what torch says, beside what core says, and life without torch."""

from __future__ import annotations

import importlib
import math
import subprocess
import sys

import numpy as np
import pytest
import torch

from core import losses, sigmoid, softmax, torch_reference
from core.torch_reference import GRID_INPUTS, GRID_LOSSES, Outcome, ValueAndGradient, attempt
from tests.close import EXACT, approx

SCORES = np.array([[5.0, 4.0, 2.0], [4.0, 2.0, 8.0], [4.0, 4.0, 1.0]])
LABELS = np.array([0, 2, 1])


def loss_grid(logits, target):
    """Return an outcome for each (input, loss): call after call what `loss_table` does at once.

    Gradients are in the logits. Logits may have a batch axis; NLLLoss and CrossEntropyLoss take ``target`` as
    it is, the others one-hot.
    """
    functional = torch.nn.functional
    classes = np.shape(logits)[-1]
    goal = torch.tensor(target)
    onehot = torch.tensor((np.arange(classes) == np.asarray(target)[..., np.newaxis]).astype(float))
    feeds = {
        "logits": lambda z: z,
        "softmax": lambda z: torch.softmax(z, dim=-1),
        "log_softmax": lambda z: torch.log_softmax(z, dim=-1),
    }
    functions = {
        "NLLLoss": lambda x: functional.nll_loss(x, goal),
        "CrossEntropyLoss": lambda x: functional.cross_entropy(x, goal),
        "KLDivLoss": lambda x: functional.kl_div(
            x.reshape(-1, classes), onehot.reshape(-1, classes), reduction="batchmean"
        ),
        "BCEWithLogitsLoss": lambda x: functional.binary_cross_entropy_with_logits(x, onehot),
        "GaussianNLLLoss": lambda x: functional.gaussian_nll_loss(x, onehot, 1.0),
    }

    def cell(kind: str, name: str) -> ValueAndGradient:
        leaf = torch.tensor(np.asarray(logits, dtype=np.float64)).requires_grad_()
        loss = functions[name](feeds[kind](leaf))
        loss.backward()
        return ValueAndGradient(loss.item(), leaf.grad.numpy())

    found: dict[tuple[str, str], Outcome] = {
        (kind, name): attempt(cell, kind, name) for kind in GRID_INPUTS for name in GRID_LOSSES
    }
    return found


class TestImport:
    def test_the_module_does_not_import_torch(self):
        code = (
            "import sys, core.torch_reference as t; found = t.is_available(); "
            "assert 'torch' not in sys.modules; print(found)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "True"

    def test_without_torch(self, monkeypatch):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else 1 / 0)
        assert torch_reference.is_available() is False


class TestLosses:
    def test_cross_entropy(self):
        value, gradient = torch_reference.cross_entropy_loss(SCORES, LABELS)
        assert isinstance(value, float)
        assert value == approx(0.362443)
        assert gradient == approx(losses.cross_entropy_gradient(SCORES, LABELS) / 3, EXACT)

    def test_cross_entropy_options_reach_torch(self):
        options = {"weight": [1.0, 0.2, 0.1], "label_smoothing": 0.1}
        for target in ([0, -100, 1], np.eye(3)[LABELS]):
            for reduction in ("none", "sum", "mean"):
                value, _ = torch_reference.cross_entropy_loss(SCORES, target, reduction=reduction, **options)
                assert value == approx(
                    losses.cross_entropy_loss(SCORES, target, reduction=reduction, **options), EXACT
                )
        assert torch_reference.cross_entropy_loss(SCORES, LABELS, ignore_index=2).value == approx(0.533374)

    def test_a_gradient_of_none_is_that_of_the_sum(self):
        value, gradient = torch_reference.cross_entropy_loss(SCORES, LABELS, reduction="none")
        assert value == approx([0.349012, 0.0205811, 0.717736])
        assert gradient == approx(losses.cross_entropy_gradient(SCORES, LABELS), EXACT)

    def test_nll(self):
        value, gradient = torch_reference.nll_loss([0.1, 0.1, 0.8], 2)
        assert value == -0.8
        assert gradient.tolist() == [0, 0, -1]
        options = {"weight": [1.0, 0.2, 0.1], "ignore_index": 1, "reduction": "sum"}
        log_probs = softmax.log_softmax(SCORES)
        theirs = torch_reference.nll_loss(log_probs, LABELS, **options).value
        assert theirs == approx(losses.nll_loss(log_probs, LABELS, **options), EXACT)

    @pytest.mark.parametrize(
        ("reduction", "expected"), [("mean", 0.286848), ("sum", 0.860545), ("batchmean", 0.860545)]
    )
    def test_kl_div(self, reduction, expected):
        log_q, p = np.log([[0.2, 0.2, 0.6]]), np.array([[0.8, 0.1, 0.1]])
        assert torch_reference.kl_div_loss(log_q, p, reduction=reduction).value == approx(expected)
        logs = torch_reference.kl_div_loss(log_q, np.log(p), reduction=reduction, log_target=True)
        assert logs.value == approx(expected)
        assert torch_reference.kl_div_loss(log_q, p, reduction="sum").gradient == approx(-p, EXACT)

    def test_binary_cross_entropy(self):
        value, gradient = torch_reference.binary_cross_entropy_with_logits(1.5, 1)
        assert value == approx(0.201413)
        assert gradient == approx(sigmoid.sigmoid_cross_entropy_slope(1.5, 1), EXACT)
        options = {"pos_weight": 3.0, "weight": [2.0, 0.5], "reduction": "none"}
        theirs = torch_reference.binary_cross_entropy_with_logits([1.5, 1.5], [1, 0], **options).value
        assert theirs == approx([2 * 0.60424, 0.5 * 1.70141])

    @pytest.mark.parametrize("variance", [23.04, [23.04, 9.0]])
    @pytest.mark.parametrize("full", [False, True])
    def test_gaussian_nll(self, variance, full):
        mean, target = [172.0, 171.0], [180.0, 160.0]
        options = {"full": full, "reduction": "sum"}
        value, gradient = torch_reference.gaussian_nll_loss(mean, target, variance, **options)
        assert value == approx(losses.gaussian_nll_loss(mean, target, variance, **options), EXACT)
        assert gradient == approx(np.subtract(mean, target) / variance, EXACT)

    def test_gaussian_nll_eps_reaches_torch(self):
        assert torch_reference.gaussian_nll_loss(1.0, 2.0, 0.5, eps=4.0).value == approx(
            0.5 * (math.log(4) + 0.25)
        )

    def test_inputs_are_left_alone(self):
        scores, labels = SCORES.copy(), LABELS.copy()
        torch_reference.cross_entropy_loss(scores, labels)
        loss_grid(scores, labels)
        assert (scores == SCORES).all()
        assert (labels == LABELS).all()


class TestAttempt:
    def test_a_result(self):
        value, error = attempt(torch_reference.cross_entropy_loss, SCORES, LABELS)
        assert value.value == approx(0.362443)
        assert error is None

    @pytest.mark.parametrize(
        ("name", "arguments", "message"),
        [
            ("cross_entropy_loss", (SCORES, [0, 2, 3]), "Target 3 is out of bounds."),
            ("cross_entropy_loss", (SCORES, [0.0, 2.0, 1.0]), "expected target dtype to be Long or Byte"),
            ("cross_entropy_loss", (SCORES, LABELS[:, np.newaxis]), "multi-target not supported"),
            (
                "cross_entropy_loss",
                (SCORES, [0, 1]),
                "Expected input batch_size (3) to match target batch_size (2)",
            ),
            ("nll_loss", (SCORES, np.eye(3)), "multi-target not supported"),
            ("gaussian_nll_loss", (1.0, 1.0, -1.0), "var has negative entry/entries"),
        ],
    )
    def test_torchs_own_words(self, name, arguments, message):
        value, error = attempt(getattr(torch_reference, name), *arguments)
        assert value is None
        assert message in error

    def test_channels_last(self):
        _, error = attempt(
            torch_reference.cross_entropy_loss, np.zeros((2, 4, 5, 3)), np.zeros((2, 4, 5), dtype=int)
        )
        assert "size" in error

    def test_an_error_without_words_gives_its_name(self):
        def wordless() -> None:
            raise RuntimeError

        assert attempt(wordless) == (None, "RuntimeError")

    def test_a_mistake_of_ours_is_not_hidden(self):
        with pytest.raises(ZeroDivisionError):
            attempt(lambda: 1 / 0)


class TestLossGrid:
    PROBS = np.array([0.1, 0.1, 0.8])

    def test_every_cell_is_there(self):
        grid = loss_grid(SCORES, LABELS)
        assert set(grid) == {(kind, name) for kind in GRID_INPUTS for name in GRID_LOSSES}
        assert all(cell.error is None for cell in grid.values())
        assert all(cell.value.gradient.shape == (3, 3) for cell in grid.values())

    @pytest.mark.parametrize(
        ("label", "trap", "right", "double"), [(0, -0.1, 2.30259, 1.38973), (2, -0.8, 0.223144, 0.689727)]
    )
    def test_the_trap(self, label, trap, right, double):
        grid = loss_grid(np.log(self.PROBS), label)
        assert grid["softmax", "NLLLoss"].value.value == approx(trap)
        assert grid["log_softmax", "NLLLoss"].value.value == approx(right)
        assert grid["logits", "CrossEntropyLoss"].value.value == approx(right)
        assert grid["log_softmax", "CrossEntropyLoss"].value.value == approx(right)
        assert grid["softmax", "CrossEntropyLoss"].value.value == approx(double)
        assert grid["log_softmax", "KLDivLoss"].value.value == approx(right)

    def test_raw_logits_into_nll(self):
        assert [loss_grid(SCORES[0], y)["logits", "NLLLoss"].value.value for y in range(3)] == [-5, -4, -2]

    def test_gradients_go_through_softmax_to_the_logits(self):
        grid = loss_grid(np.log(self.PROBS), 2)
        assert grid["softmax", "NLLLoss"].value.gradient == approx([0.08, 0.08, -0.16])
        assert grid["log_softmax", "NLLLoss"].value.gradient == approx([0.1, 0.1, -0.2])
        assert grid["softmax", "CrossEntropyLoss"].value.gradient == approx([0.0597944, 0.0597944, -0.119589])

    def test_the_other_losses_against_core(self):
        grid = loss_grid(SCORES, LABELS)
        hot = np.eye(3)[LABELS]
        for kind, feed in (
            ("logits", SCORES),
            ("softmax", softmax.softmax(SCORES)),
            ("log_softmax", softmax.log_softmax(SCORES)),
        ):
            expected = {
                "NLLLoss": losses.nll_loss(feed, LABELS),
                "CrossEntropyLoss": losses.cross_entropy_loss(feed, LABELS),
                "KLDivLoss": losses.kl_div_loss(feed, hot, reduction="batchmean"),
                "BCEWithLogitsLoss": losses.binary_cross_entropy_with_logits(feed, hot),
                "GaussianNLLLoss": losses.gaussian_nll_loss(feed, hot, 1.0),
            }
            assert {name: grid[kind, name].value.value for name in GRID_LOSSES} == approx(expected, EXACT)

    def test_a_wrong_label_gives_torchs_message(self):
        assert loss_grid(SCORES[0], 7)["logits", "CrossEntropyLoss"].error == "Target 7 is out of bounds."


class TestLoad:
    def test_it_imports_torch_once_and_for_good(self):
        code = (
            "import sys, core.torch_reference as t; assert not t.is_loaded(); assert t.load(); "
            "assert t.is_loaded(); assert t.load(); print('torch' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "True"

    def test_without_torch(self, monkeypatch):
        monkeypatch.setattr(torch_reference, "is_available", lambda: False)
        assert torch_reference.load() is False

    @pytest.mark.parametrize("error", [ImportError, OSError])
    def test_a_torch_that_cannot_be_imported_is_none(self, monkeypatch, error):
        def broken():
            raise error

        monkeypatch.setattr(torch_reference, "_torch", broken)
        assert torch_reference.load() is False


class TestLossTable:
    @pytest.mark.parametrize("target", [0, 1, 2])
    @pytest.mark.parametrize("logits", [(5.0, 4.0, 2.0), (-8.0, 0.0, 0.0), (10.0, -10.0, 0.5)])
    def test_is_the_grid_cell_by_cell(self, logits, target):
        made, grid = torch_reference.loss_table(logits, target), loss_grid(logits, target)
        for i, name in enumerate(GRID_LOSSES):
            for j, kind in enumerate(GRID_INPUTS):
                value, gradient = grid[kind, name].value
                assert made.value[i, j] == approx(value, EXACT)
                np.testing.assert_allclose(made.gradient[i, j], gradient, rtol=1e-12, atol=1e-16)


class TestGraph:
    def test_values_and_gradients(self):
        for target in range(3):
            graph = torch_reference.cross_entropy_graph(SCORES[0], target)
            assert graph.log_probs == approx(softmax.log_softmax(SCORES[0]), EXACT)
            assert graph.picked == graph.log_probs[target] == -graph.loss
            assert graph.logits_gradient == approx(losses.cross_entropy_gradient(SCORES[0], target), EXACT)
            assert graph.log_probs_gradient.tolist() == (-np.eye(3)[target]).tolist()
            assert (graph.picked_gradient, graph.loss_gradient) == (-1.0, 1.0)


class TestAsGiven:
    def test_types_and_shapes_reach_torch(self):
        value = torch_reference.loss_as_given("CrossEntropyLoss", SCORES, LABELS.astype(np.int64))
        assert value == approx(0.362443)
        for target, message in (
            (LABELS.astype(np.int32), "expected target dtype to be Long or Byte, but got Int"),
            (LABELS.astype(np.float64), "expected target dtype to be Long or Byte, but got Double"),
            (np.array([0, 2, 3]), "Target 3 is out of bounds."),
            (LABELS[:, np.newaxis], "0D or 1D target tensor expected, multi-target not supported"),
        ):
            outcome = attempt(torch_reference.loss_as_given, "CrossEntropyLoss", SCORES, target)
            assert message in outcome.error

    def test_nothing_left_is_nan(self):
        target = np.full(3, -100)
        assert math.isnan(torch_reference.loss_as_given("NLLLoss", softmax.log_softmax(SCORES), target))


class TestBinary:
    def test_bce_of_probabilities_is_cut_off(self):
        assert torch_reference.binary_cross_entropy(0.0, 1.0) == 100.0
        assert torch_reference.binary_cross_entropy(1.0, 1.0) == 0.0
        assert torch_reference.binary_cross_entropy(0.25, 1.0) == approx(math.log(4.0), EXACT)

    def test_the_four_ways_agree_near_zero(self):
        z = np.linspace(-5.0, 5.0, 21)
        for target in (0, 1):
            exact = sigmoid.sigmoid_cross_entropy(z, target)
            slope = sigmoid.sigmoid_cross_entropy_slope(z, target)
            for way in torch_reference.binary_in_float32(z, target).values():
                assert way.value == pytest.approx(exact, rel=1e-3, abs=1e-6)
                assert way.gradient == pytest.approx(slope, rel=1e-3, abs=1e-6)

    def test_far_out_only_two_hold(self):
        ways = torch_reference.binary_in_float32([-200.0, 200.0], 1)
        assert ways["with_logits"].value.tolist() == [200.0, 0.0]
        assert ways["log_softmax"].value.tolist() == [200.0, 0.0]
        assert ways["sigmoid"].value.tolist() == [100.0, 0.0]
        assert ways["log_of_softmax"].value[0] == math.inf
        assert ways["with_logits"].gradient.tolist() == [-1.0, 0.0]
        assert ways["sigmoid"].gradient[0] == 0.0
        assert torch_reference.binary_in_float32(20.0, 0)["sigmoid"].value == 100.0


@pytest.mark.parametrize("kind", ["indices", "pixels", "smoothed", "nll"])
def test_a_batch_that_is_ignored_whole_gives_nan_and_teaches_nothing(kind: str) -> None:
    """What the lesson says of it: the loss is nan, the gradient 0 everywhere, and the weights stay finite."""
    functional = torch.nn.functional
    shape = (3, 3, 2, 2) if kind == "pixels" else (3, 3)
    x = torch.randn(
        shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True
    )
    target = torch.full((3, *shape[2:]), -100)
    loss = (
        functional.nll_loss(functional.log_softmax(x, dim=1), target)
        if kind == "nll"
        else functional.cross_entropy(x, target, label_smoothing=0.1 if kind == "smoothed" else 0.0)
    )
    optimizer = torch.optim.Adam([x])
    loss.backward()
    assert math.isnan(loss.item())
    assert not x.grad.any()
    before = x.detach().clone()
    optimizer.step()
    assert torch.equal(x.detach(), before)
