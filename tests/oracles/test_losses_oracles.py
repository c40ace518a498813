"""core.losses against torch (float64), scipy and mpmath, to 1e-12 relative.

The mpmath values are computed while the tests run, from the float64 inputs as they are and with as many
digits as the exponents in play need.
"""

from __future__ import annotations

import itertools
import math
import warnings

import mpmath
import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core import losses
from core.losses import cross_entropy_gradient, cross_entropy_loss, nll_loss
from tests.close import EXACT, repeatable
from tests.oracles.against import approx, same, tensor

INF = math.inf
SHAPES = [(4,), (1,), (5, 3), (1, 1), (2, 3, 4), (2, 3, 2, 5)]
REDUCTIONS = ["none", "mean", "sum"]


def optional(values: object) -> torch.Tensor | None:
    return None if values is None else tensor(values)


def axes(shape: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """Return the number of classes and the shape of an index target."""
    return (shape[0], ()) if len(shape) == 1 else (shape[1], (shape[0], *shape[2:]))


def class_weights(kind: str, classes: int, rng: np.random.Generator) -> np.ndarray | None:
    if kind == "none":
        return None
    weight = rng.uniform(0.1, 3.0, classes)
    if kind == "with zero":
        weight[-1] = 0.0
    return weight


def index_target(
    shape: tuple[int, ...], classes: int, ignore_index: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw indices of which about a third are ignored."""
    target = rng.integers(0, classes, size=shape)
    return np.where(rng.random(shape) < 0.3, ignore_index, target)


def logits_of_scale(scale: float, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw logits whose classes are never further apart than torch's log_softmax keeps digits for."""
    return rng.uniform(-1.0, 1.0, shape) * min(scale, 4.0) + rng.choice([-scale, 0.0, scale])


class TestNllLoss:
    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize("weights", ["none", "plain", "with zero"])
    def test_every_option_together(self, shape, weights):
        classes, target_shape = axes(shape)
        for seed, (reduction, ignore_index) in enumerate(itertools.product(REDUCTIONS, [-100, 0, 77])):
            rng = np.random.default_rng(seed)
            log_probs = scipy.special.log_softmax(
                rng.normal(size=shape) * 10.0 ** rng.integers(-3, 3), axis=min(1, len(shape) - 1)
            )
            target = index_target(target_shape, classes, ignore_index, rng)
            weight = class_weights(weights, classes, rng)
            options = {"ignore_index": ignore_index, "reduction": reduction}
            theirs = F.nll_loss(tensor(log_probs), tensor(target), weight=optional(weight), **options)
            same(nll_loss(log_probs, target, weight=weight, **options), theirs)

    @pytest.mark.parametrize("reduction", REDUCTIONS)
    def test_impossible_classes_cost_infinity(self, reduction):
        log_probs, target = np.array([[0.0, -INF], [-INF, 0.0]]), np.array([1, 1])
        theirs = F.nll_loss(tensor(log_probs), tensor(target), reduction=reduction)
        same(nll_loss(log_probs, target, reduction=reduction), theirs)

    @pytest.mark.parametrize("weight", [None, [2.0, 3.0]])
    @pytest.mark.parametrize("reduction", REDUCTIONS)
    def test_everything_ignored(self, weight, reduction):
        log_probs, target = np.array([[-1.0, -2.0]] * 2), np.array([-100, -100])
        theirs = F.nll_loss(tensor(log_probs), tensor(target), weight=optional(weight), reduction=reduction)
        same(nll_loss(log_probs, target, weight=weight, reduction=reduction), theirs)


class TestCrossEntropyLoss:
    @pytest.mark.parametrize("smoothing", [0.0, 0.1])
    @pytest.mark.parametrize("reduction", REDUCTIONS)
    def test_an_ignored_sample_of_ruled_out_classes(self, reduction, smoothing):
        logits, target = np.array([[1.0, 2.0, 3.0], [-INF] * 3]), np.array([2, -100])
        options = {"reduction": reduction, "label_smoothing": smoothing}
        same(
            cross_entropy_loss(logits, target, **options),
            F.cross_entropy(tensor(logits), tensor(target), **options),
        )
        pixels, target = np.moveaxis(logits, 0, 1)[np.newaxis], target[np.newaxis]
        same(
            cross_entropy_loss(pixels, target, **options),
            F.cross_entropy(tensor(pixels), tensor(target), **options),
        )

    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize("weights", ["none", "plain", "with zero"])
    @pytest.mark.parametrize("label_smoothing", [0.0, 0.1, 1.0])
    def test_every_option_together(self, shape, weights, label_smoothing):
        classes, target_shape = axes(shape)
        cases = itertools.product(REDUCTIONS, [-100, 0, 77, None], [1e-9, 1.0, 4.0, 1e6])
        for seed, (reduction, ignore_index, scale) in enumerate(cases):
            rng = np.random.default_rng(seed)
            logits = logits_of_scale(scale, shape, rng)
            weight = class_weights(weights, classes, rng)
            options = {"reduction": reduction, "label_smoothing": label_smoothing}
            if ignore_index is None:
                target = np.moveaxis(
                    rng.dirichlet(np.ones(classes), size=target_shape), -1, min(1, len(shape) - 1)
                )
            else:
                target = index_target(target_shape, classes, ignore_index, rng)
                options["ignore_index"] = ignore_index
            theirs = F.cross_entropy(tensor(logits), tensor(target), weight=optional(weight), **options)
            # torch's log_softmax is off by a rounding of log K, which shows where a loss is near 0.
            same(
                cross_entropy_loss(logits, target, weight=weight, **options),
                theirs,
                absolute=1e-15 * np.size(logits),
            )

    @pytest.mark.parametrize("reduction", REDUCTIONS)
    @pytest.mark.parametrize("label_smoothing", [0.0, 0.2])
    def test_impossible_classes(self, reduction, label_smoothing):
        logits, target = np.array([[-INF, 0.0, 1.0], [2.0, 0.0, 1.0]]), np.array([1, 2])
        options = {"reduction": reduction, "label_smoothing": label_smoothing}
        same(
            cross_entropy_loss(logits, target, **options),
            F.cross_entropy(tensor(logits), tensor(target), **options),
        )

    @repeatable
    @given(
        arrays(float, 4, elements=st.floats(-1e300, 1e300)),
        st.integers(0, 3),
        # A quarter of it must keep its digits: below the normal numbers there are few.
        st.just(0.0) | st.floats(1e-307, 1),
    )
    def test_huge_logits_against_mpmath(self, logits, label, smoothing):
        with mpmath.workdps(700):
            z = [mpmath.mpf(v) for v in logits]
            peak = max(z)
            log_total = peak + mpmath.log(mpmath.fsum(mpmath.exp(v - peak) for v in z))
            smooth = mpmath.mpf(smoothing)
            shares = [smooth / 4 + (1 - smooth) * (k == label) for k in range(4)]
            expected = mpmath.fsum(share * (log_total - v) for share, v in zip(shares, z, strict=True))
        assert float(cross_entropy_loss(logits, label, label_smoothing=smoothing)) == approx(float(expected))

    @pytest.mark.parametrize("gap", [1e-300, 1e-9, 1.0, 20.0, 37.0, 100.0, 700.0])
    def test_nearly_certain_against_mpmath(self, gap):
        with mpmath.workdps(400):
            expected = float(mpmath.log1p(mpmath.exp(-mpmath.mpf(gap))))
        assert cross_entropy_loss([gap, 0.0], 0) == approx(expected)


def exact_gradient(logits: np.ndarray, target: np.ndarray) -> list[float]:
    """Compute sum(t) p - t in mpmath."""
    with mpmath.workdps(400):
        exps = [mpmath.exp(mpmath.mpf(v) - mpmath.mpf(max(logits))) for v in logits]
        total, mass = mpmath.fsum(exps), mpmath.fsum(mpmath.mpf(t) for t in target)
        return [float(mass * e / total - mpmath.mpf(t)) for e, t in zip(exps, target, strict=True)]


class TestCrossEntropyGradient:
    @repeatable
    @given(arrays(float, 4, elements=st.floats(-300, 300)), st.integers(0, 3))
    def test_against_mpmath(self, logits, label):
        hot = np.eye(4)[label]
        expected = exact_gradient(logits, hot)
        assert cross_entropy_gradient(logits, label) == approx(expected)
        assert cross_entropy_gradient(logits, hot) == approx(expected)

    @pytest.mark.parametrize(
        ("logits", "target"),
        [
            ([30.0, 0.0, -5.0], [1.0 - 2.0**-30, 2.0**-30, 0.0]),
            ([300.0, 0.0, 1.0], [1.0, 1e-140, 1e-120]),
            ([1.0, 2.0, 3.0], [0.3, 0.3, 0.9]),
            ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
            ([-700.0, 0.0, 0.0], [0.2, 0.2, 0.6]),
        ],
    )
    def test_soft_targets_against_mpmath(self, logits, target):
        assert cross_entropy_gradient(logits, target) == approx(
            exact_gradient(np.array(logits), np.array(target))
        )

    @pytest.mark.parametrize("temperature", [1e-3, 0.5, 20.0])
    def test_against_autograd(self, temperature):
        rng = np.random.default_rng(5)
        logits, labels = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
        leaf = tensor(logits).requires_grad_()
        F.cross_entropy(leaf / temperature, tensor(labels), reduction="sum").backward()
        ours = cross_entropy_gradient(logits, labels, temperature=temperature)
        assert ours == approx(leaf.grad.numpy(), absolute=1e-15 / temperature)

    def test_terms_against_autograd(self):
        logits = np.array([[5.0, 4.0, 2.0], [4.0, 2.0, 8.0]])
        terms = losses.cross_entropy_gradient_terms(logits, [0, 1])
        leaf = tensor(logits).requires_grad_()
        prob = torch.softmax(leaf, dim=1)[torch.arange(2), torch.tensor([0, 1])]
        prob.sum().backward()
        assert terms.prob == approx(prob.detach().numpy())
        assert terms.prob_slopes == approx(leaf.grad.numpy())
        assert terms.loss_slope == approx(-1.0 / prob.detach().numpy())


class TestBinaryCrossEntropyWithLogits:
    @pytest.mark.parametrize("reduction", REDUCTIONS)
    @pytest.mark.parametrize("pos_weight", [None, 3.0, [1.0, 0.0, 2.5]])
    @pytest.mark.parametrize("weight", [None, [[0.5], [2.0]]])
    @pytest.mark.parametrize("scale", [1e-6, 1.0, 30.0, 1e5])
    def test_against_torch(self, reduction, pos_weight, weight, scale):
        rng = np.random.default_rng(11)
        z, y = rng.normal(size=(2, 3)) * scale, rng.choice([0.0, 1.0, 0.3], size=(2, 3))
        theirs = F.binary_cross_entropy_with_logits(
            tensor(z),
            tensor(y),
            weight=optional(weight),
            pos_weight=optional(pos_weight),
            reduction=reduction,
        )
        ours = losses.binary_cross_entropy_with_logits(
            z, y, pos_weight=pos_weight, weight=weight, reduction=reduction
        )
        # torch adds (1 - y) z to a multiple of softplus(-z), which cancels where the loss is small against z.
        same(ours, theirs, absolute=1e-15 * scale)


class TestGaussianNllLoss:
    @pytest.mark.parametrize("reduction", REDUCTIONS)
    @pytest.mark.parametrize("full", [False, True])
    @pytest.mark.parametrize("variance_shape", [(2, 3), (2, 1), (2,), (1, 3)])
    def test_against_torch(self, reduction, full, variance_shape):
        rng = np.random.default_rng(3)
        mean, target = 170 + rng.normal(size=(2, 3)), 175 + 5 * rng.normal(size=(2, 3))
        variance = rng.uniform(2.0, 30.0, variance_shape)
        options = {"full": full, "reduction": reduction}
        theirs = F.gaussian_nll_loss(tensor(mean), tensor(target), tensor(variance), **options)
        same(losses.gaussian_nll_loss(mean, target, variance, **options), theirs)

    @pytest.mark.parametrize(("variance", "eps"), [(0.0, 1e-6), (1e-9, 1e-6), (2.5, 1e-6), (0.5, 0.7)])
    def test_the_floor_of_the_variance(self, variance, eps):
        theirs = F.gaussian_nll_loss(
            tensor([1.0, 2.0]), tensor([1.5, -2.0]), variance, eps=eps, reduction="none"
        )
        same(losses.gaussian_nll_loss([1.0, 2.0], [1.5, -2.0], variance, eps=eps, reduction="none"), theirs)

    def test_full_is_minus_the_log_density(self):
        ours = losses.gaussian_nll_loss(172.0, 180.0, 4.8**2, full=True)
        assert ours == approx(-scipy.stats.norm.logpdf(180.0, 172.0, 4.8))


class TestPoissonNllLoss:
    Z, COUNTS = np.linspace(-8.0, 8.0, 33), np.arange(33)

    @pytest.mark.parametrize("reduction", REDUCTIONS)
    def test_against_torch(self, reduction):
        theirs = F.poisson_nll_loss(tensor(self.Z), tensor(self.COUNTS * 1.0), reduction=reduction)
        same(losses.poisson_nll_loss(self.Z, self.COUNTS, reduction=reduction), theirs)

    def test_against_torch_the_slope(self):
        leaf = tensor(self.Z).requires_grad_()
        F.poisson_nll_loss(leaf, tensor(self.COUNTS * 1.0), reduction="sum").backward()
        np.testing.assert_allclose(np.exp(self.Z) - self.COUNTS, leaf.grad.numpy(), rtol=EXACT)

    def test_full_against_scipy(self):
        ours = losses.poisson_nll_loss(self.Z, self.COUNTS, full=True, reduction="none")
        assert ours == approx(-scipy.stats.poisson(np.exp(self.Z)).logpmf(self.COUNTS), 1e-11)
        assert losses.log_factorial(self.COUNTS) == approx(scipy.special.gammaln(self.COUNTS + 1.0))


class TestKlDivLoss:
    @pytest.mark.parametrize("reduction", ["none", "mean", "sum", "batchmean"])
    @pytest.mark.parametrize("log_target", [False, True])
    @pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 3, 5)])
    def test_against_torch(self, reduction, log_target, shape):
        rng = np.random.default_rng(8)
        log_q = scipy.special.log_softmax(3 * rng.normal(size=shape), axis=-1)
        target = rng.dirichlet(np.ones(shape[-1]), size=shape[:-1])
        target = np.log(target) if log_target else target
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = F.kl_div(tensor(log_q), tensor(target), reduction=reduction, log_target=log_target)
        # t log t and t log q nearly cancel in some terms; both sides then carry their rounding.
        same(losses.kl_div_loss(log_q, target, reduction=reduction, log_target=log_target), theirs, 1e-15)

    def test_against_scipy(self):
        p, q = np.array([0.8, 0.1, 0.1, 0.0]), np.array([0.2, 0.2, 0.3, 0.3])
        ours = losses.kl_div_loss(np.log(q), p, reduction="none")
        assert ours == approx(scipy.special.rel_entr(p, q))
