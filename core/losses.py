"""What a prediction costs: the losses of the lessons and their slopes, on logits, margins and residuals.

Losses of a batch take ``reduction="none"`` (one loss per sample), ``"sum"`` or ``"mean"``, as PyTorch's do.
Everything is in nats. Two rules hold where PyTorch's own answer is nan: a term with weight or probability
zero is zero even where the log-probability is ``-inf``, and a limit that exists is returned.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core._checks import Floats, finite_positive, float_array
from core.softmax import log_softmax, softmax, softmax_jacobian

__all__ = [
    "MARGIN_LOSSES",
    "RESIDUAL_LOSSES",
    "GradientTerms",
    "MarginLoss",
    "ResidualLoss",
    "absolute_loss",
    "absolute_slope",
    "binary_cross_entropy_with_logits",
    "brier_score",
    "cross_entropy_gradient",
    "cross_entropy_gradient_terms",
    "cross_entropy_loss",
    "exponential_loss",
    "exponential_slope",
    "finite_difference",
    "fit_constant",
    "gaussian_nll_loss",
    "hinge_loss",
    "hinge_slope",
    "huber_loss",
    "huber_slope",
    "kl_div_loss",
    "log2_loss",
    "log2_slope",
    "log_cosh_loss",
    "log_cosh_slope",
    "log_loss",
    "log_normalizer",
    "log_sigmoid",
    "log_slope",
    "nll_loss",
    "noise_nll",
    "quantile_loss",
    "quantile_slope",
    "residual_options",
    "sigmoid",
    "sigmoid_cross_entropy",
    "sigmoid_cross_entropy_slope",
    "sigmoid_squared_error",
    "sigmoid_squared_error_slope",
    "slope_in_q",
    "square_loss",
    "square_slope",
    "squared_hinge_loss",
    "squared_hinge_slope",
    "squared_loss",
    "squared_slope",
    "zero_one_loss",
    "zero_one_slope",
]

Real: TypeAlias = np.float64 | Floats
Indices: TypeAlias = NDArray[np.intp]

_REDUCTIONS = ("none", "mean", "sum")
_LN2 = math.log(2.0)
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


# ---------------------------------------------------------------- helpers shared by the losses of a batch


def _check_reduction(reduction: str, allowed: tuple[str, ...] = _REDUCTIONS) -> None:
    """Raise ``ValueError`` for a reduction that does not exist."""
    if reduction not in allowed:
        raise ValueError(f"reduction must be one of {', '.join(allowed)}, not {reduction!r}.")


def _finite_array(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as a non-empty float64 array of finite numbers."""
    array = float_array(name, values)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, not infinite.")
    return array


def _nonnegative_array(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as a non-empty float64 array of finite numbers that are not negative."""
    array = _finite_array(name, values)
    if array.min() < 0:
        raise ValueError(f"{name} must not be negative, but holds {array.min()}.")
    return array


def _unit_array(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as a non-empty float64 array of numbers from 0 to 1."""
    array = float_array(name, values)
    if array.min() < 0 or array.max() > 1:
        raise ValueError(f"{name} must lie between 0 and 1, but ranges from {array.min()} to {array.max()}.")
    return array


def _class_weights(weight: ArrayLike, classes: int) -> Floats:
    """Return class weights as an array of shape (C,)."""
    array = _nonnegative_array("weight", weight)
    if array.shape != (classes,):
        raise ValueError(f"weight must have one entry per class, shape ({classes},), not {array.shape}.")
    return array


def _indices(target: NDArray[Any], shape: tuple[int, ...], classes: int) -> Indices:
    """Return class indices as an array of the given shape, each from 0 to C - 1."""
    if target.dtype.kind not in "iu":
        raise ValueError(f"target must hold integer class indices here, not {target.dtype}.")
    if target.shape != shape:
        raise ValueError(f"target must have shape {shape}, one class index per sample, not {target.shape}.")
    if target.size and not (target.min() >= 0 and target.max() < classes):
        raise ValueError(
            f"target must hold class indices from 0 to {classes - 1}, "
            f"but ranges from {target.min()} to {target.max()}."
        )
    return target.astype(np.intp, copy=False)


def _kept_indices(
    target: NDArray[Any], shape: tuple[int, ...], classes: int, ignore_index: int
) -> tuple[Indices, NDArray[np.bool_]]:
    """Return the indices that are not ignored, flat, and the flat mask that says which were kept."""
    kept = target != ignore_index
    if target.dtype.kind in "iu" and target.shape == shape and not kept.all():
        kept = kept.reshape(-1)
        chosen = target.reshape(-1)[kept]
        return _indices(chosen, chosen.shape, classes), kept
    return _indices(target, shape, classes).reshape(-1), np.ones(target.size, dtype=np.bool_)


def _rows(values: Floats) -> Floats:
    """View (C), (N, C) or (N, C, d1, ...) as one row of C classes per sample."""
    if values.ndim > 2:
        values = np.moveaxis(values, 1, -1)
    return values.reshape(-1, values.shape[-1])


def _sample_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Drop the class axis, which is axis 0 of (C) and axis 1 of everything longer."""
    return shape[:1] + shape[2:] if len(shape) > 1 else ()


def _times(factor: Floats | float, values: Real) -> Real:
    """Multiply, with 0 times infinity equal to 0."""
    with np.errstate(over="ignore", invalid="ignore"):
        product: Real = np.multiply(factor, values)
    if np.isnan(product).any():
        product = np.where(np.isnan(product), 0.0, product)[()]
    return product


def _mean(losses: Real, total: np.float64, divisor: float) -> np.float64:
    """Divide a total by ``divisor``: nan for 0, and no overflow where only the total overflows."""
    if divisor == 0:
        return np.float64(np.nan)
    with np.errstate(over="ignore"):
        mean: np.float64 = total / divisor
        if math.isinf(mean) and not np.isinf(losses).any():
            mean = np.sum(losses / divisor)
    return mean


def _reduce(losses: Real, reduction: str) -> Real:
    """Apply a reduction whose mean is the plain one over all elements."""
    if reduction == "none":
        return losses
    with np.errstate(over="ignore"):
        total: np.float64 = np.sum(losses)
    return _mean(losses, total, losses.size) if reduction == "mean" else total


def _index_loss(
    log_probs: Floats,
    target: NDArray[Any],
    weight: Floats | None,
    ignore_index: int,
    reduction: str,
    label_smoothing: float = 0.0,
) -> Real:
    """Compute the loss of class indices from log-probabilities in PyTorch's layout."""
    shape = _sample_shape(log_probs.shape)
    rows = _rows(log_probs)
    classes = rows.shape[1]
    index, kept = _kept_indices(target, shape, classes, ignore_index)
    if index.size < kept.size:
        rows = rows[kept]
    exponent = 0
    if weight is not None and reduction == "mean" and index.size:
        # The mean does not change when all weights are scaled, so scale by a power of two, which is exact:
        # neither the products nor the sum of the weights can then overflow or lose digits.
        exponent = int(np.frexp(weight[index].max())[1])
        with np.errstate(over="ignore"):
            weight = np.ldexp(weight, -exponent)
    chosen_weight = None if weight is None else weight[index]
    # Zero minus, so that a loss of zero is never -0.0.
    losses: Real = 0.0 - rows[np.arange(index.size), index]
    if chosen_weight is not None:
        losses = _times(chosen_weight, losses)
    if label_smoothing > 0:
        share = label_smoothing / classes
        spread = _times(share if weight is None else share * weight, 0.0 - rows)
        with np.errstate(over="ignore"):
            losses = _times(1.0 - label_smoothing, losses) + spread.sum(axis=1)
    if reduction == "none":
        scattered = np.zeros(kept.size)
        scattered[kept] = losses
        return scattered.reshape(shape)[()]
    with np.errstate(over="ignore"):
        total: np.float64 = np.sum(losses)
    if reduction == "sum":
        return total
    return _mean(losses, total, float(index.size if chosen_weight is None else chosen_weight.sum()))


def _probability_loss(
    log_probs: Floats, target: Floats, weight: Floats | None, reduction: str, label_smoothing: float
) -> Real:
    """Compute the loss of class probabilities from log-probabilities in PyTorch's layout."""
    shape = _sample_shape(log_probs.shape)
    classes = log_probs.shape[1] if log_probs.ndim > 1 else log_probs.shape[0]
    probs = _rows(_nonnegative_array("target", target))
    if label_smoothing > 0:
        probs = probs * (1.0 - label_smoothing) + label_smoothing / classes
    terms = _times(probs, 0.0 - _rows(log_probs))
    if weight is not None:
        terms = _times(weight, terms)
    with np.errstate(over="ignore"):
        losses: Floats = terms.sum(axis=1)
    return _reduce(losses.reshape(shape)[()], reduction)


# ------------------------------------------------------------------------------- classes: NLL, cross-entropy


def nll_loss(
    log_probs: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Real:
    r"""Negative log-likelihood of class indices, from log-probabilities.

    The loss of a sample is :math:`-w_y \log p_y`. No logarithm is taken: the input must already hold
    log-probabilities. It is not checked that they are, so that one can see what probabilities or raw logits
    give. The twin of ``torch.nn.NLLLoss`` in float64.

    Parameters
    ----------
    log_probs : array_like of float, shape (C), (N, C) or (N, C, d1, ...)
        Log-probabilities in nats, ``-inf`` allowed; the class axis is axis 1, or axis 0 of a single sample.
    target : array_like of int, shape (), (N) or (N, d1, ...)
        Index of the true class of each sample, from 0 to C - 1, or `ignore_index`.
    weight : array_like of float, shape (C), optional
        Weight of each class, finite and not negative; all 1 by default.
    ignore_index : int, optional
        A target with this value takes no part; with ``"none"`` its loss is 0.
    reduction : {"mean", "sum", "none"}, optional
        ``"mean"`` divides by the sum of the weights of the targets that take part, not by their number.

    Returns
    -------
    float or ndarray of float
        A number, or with ``"none"`` an array of the shape of `target`. Infinite where a true class has
        log-probability ``-inf`` and a positive weight. The mean is nan, as PyTorch's is, where the weights
        that take part sum to 0: every target ignored, or every true class of weight 0.

    Raises
    ------
    ValueError
        For nan or ``+inf`` in `log_probs`, an empty input, a target of the wrong shape, not of integers or
        out of range, a weight that is negative, infinite or of the wrong shape, or an unknown reduction.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, eq. (4.108).
    PyTorch reference, ``torch.nn.NLLLoss``, for weights, ignored targets and reductions.

    Examples
    --------
    >>> import numpy as np
    >>> log_probs = np.log([[0.1, 0.1, 0.8], [0.5, 0.25, 0.25]])
    >>> print(nll_loss(log_probs, [2, 0], reduction="none"))
    [0.22314355 0.69314718]
    >>> print(round(nll_loss(log_probs, [2, 0]), 6))
    0.458145
    """
    _check_reduction(reduction)
    values = float_array("log_probs", log_probs)
    if values.ndim == 0:
        raise ValueError("log_probs must have a class axis, shape (C), (N, C) or (N, C, d1, ...), not ().")
    if values.max() == math.inf:
        raise ValueError("log_probs must not contain +inf: no log-probability is.")
    weights = None if weight is None else _class_weights(weight, values.shape[min(1, values.ndim - 1)])
    return _index_loss(values, np.asarray(target), weights, ignore_index, reduction)


def cross_entropy_loss(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Real:
    r"""Cross-entropy between a target and the softmax of logits.

    With class probabilities :math:`t` the loss of a sample is
    :math:`-\sum_c w_c t_c \log \mathrm{softmax}(z)_c`; a class index :math:`y` stands for the one-hot
    :math:`t`. Label smoothing :math:`\epsilon` replaces :math:`t_c` by
    :math:`(1-\epsilon) t_c + \epsilon / C`, so the weight of every
    class takes part. The twin of ``torch.nn.CrossEntropyLoss`` in float64.

    Parameters
    ----------
    logits : array_like of float, shape (C), (N, C) or (N, C, d1, ...)
        Scores; the class axis is axis 1, or axis 0 of a single sample. ``-inf`` is a class of probability 0.
    target : array_like of int, shape (), (N) or (N, d1, ...), or of float, shape of `logits`
        Class indices (integers) or class probabilities (floats, finite and not negative; as in PyTorch they
        need not sum to 1).
    weight : array_like of float, shape (C), optional
        Weight of each class, finite and not negative; all 1 by default.
    ignore_index : int, optional
        A target index with this value takes no part; must be negative with class probabilities.
    reduction : {"mean", "sum", "none"}, optional
        ``"mean"`` divides by the sum of the weights of the true classes for class indices, but by the number
        of samples for class probabilities: the same target written in two ways has two means once there
        are weights.
    label_smoothing : float, optional
        Share of the target that is spread evenly over the classes, from 0 to 1.

    Returns
    -------
    float or ndarray of float
        A number, or with ``"none"`` an array of one loss per sample. Infinite where a class of probability 0
        has a positive weight in the target; a class of weight or target 0 costs 0 even there (PyTorch gives
        nan). The mean over class indices is nan, as PyTorch's is, where the weights that take part sum to 0.

    Raises
    ------
    ValueError
        For nan or ``+inf`` in `logits`, an empty input, a target of the wrong shape or type, an index out of
        range, a negative or infinite class probability or weight, ``ignore_index >= 0`` with class
        probabilities, an unknown reduction, or a label smoothing outside [0, 1].

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press, 2016, sections 3.13 and 7.5.1.
    PyTorch reference, ``torch.nn.CrossEntropyLoss``, for weights, ignored targets and reductions.

    Examples
    --------
    >>> scores = [[5, 4, 2], [4, 2, 8], [4, 4, 1]]
    >>> print(cross_entropy_loss(scores, [0, 2, 1], reduction="none"))
    [0.34901222 0.02058114 0.71773592]
    >>> print(round(cross_entropy_loss(scores, [0, 2, 1]), 6))
    0.362443
    >>> print(round(cross_entropy_loss([5.0, 4.0, 2.0], [0.8, 0.1, 0.1]), 6))
    0.749012
    """
    _check_reduction(reduction)
    values = np.asarray(logits, dtype=np.float64)
    if values.ndim == 0:
        raise ValueError("logits must have a class axis, shape (C), (N, C) or (N, C, d1, ...), not ().")
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing must be from 0 to 1, not {label_smoothing!r}.")
    axis = min(1, values.ndim - 1)
    log_probs = log_softmax(values, axis=axis)
    weights = None if weight is None else _class_weights(weight, values.shape[axis])
    given = np.asarray(target)
    if given.shape != values.shape:
        return _index_loss(log_probs, given, weights, ignore_index, reduction, label_smoothing)
    if given.dtype.kind != "f":
        raise ValueError(f"target of the shape of logits must hold float probabilities, not {given.dtype}.")
    if ignore_index >= 0:
        raise ValueError(f"ignore_index must be negative with class probabilities, not {ignore_index!r}.")
    return _probability_loss(log_probs, given, weights, reduction, label_smoothing)


def _sum_of_others(values: Floats) -> Floats:
    """For each entry of the last axis, the sum of all the others, without subtracting."""
    sums = np.zeros_like(values)
    sums[..., 1:] = np.cumsum(values[..., :-1], axis=-1)
    sums[..., :-1] += np.cumsum(values[..., :0:-1], axis=-1)[..., ::-1]
    return sums


def _probs_minus_target(probs: Floats, target: NDArray[Any]) -> Floats:
    """Compute ``sum(t) p - sum(p) t``, that is ``p - t``, never as a difference of two numbers near 1."""
    shape = probs.shape
    if target.shape == shape and target.dtype.kind == "f":
        soft = _nonnegative_array("target", target)
        return probs * _sum_of_others(soft) - soft * _sum_of_others(probs) + 0.0
    index = _indices(target, shape[:-1], shape[-1]).reshape(-1)
    rows = probs.reshape(-1, shape[-1]).copy()
    sample = np.arange(index.size)
    rows[sample, index] = 0.0
    rows[sample, index] = 0.0 - rows.sum(axis=1)
    return rows.reshape(shape)


def cross_entropy_gradient(logits: ArrayLike, target: ArrayLike, *, temperature: float = 1.0) -> Floats:
    r"""Gradient of each sample's cross-entropy with respect to its logits: ``p - onehot``.

    Every class has its part, not only the true one: :math:`\partial L / \partial z_k = (p_k - [k = y]) / T`
    with :math:`p = \mathrm{softmax}(z / T)`. The true class's :math:`p_y - 1` is summed from the other
    probabilities, so that it keeps its digits where :math:`p_y` rounds to 1. For the mean of N samples
    divide by N.

    Parameters
    ----------
    logits : array_like of float, shape (..., C)
        Scores; the class axis is the last. ``-inf`` is a class of probability 0.
    target : array_like of int, shape (...), or of float, shape (..., C)
        Class indices (integers) or class probabilities (floats), for which the gradient is
        :math:`p \sum_j t_j - t`, that is, ``p - t`` when they sum to 1.
    temperature : float, optional
        The T that divides the logits, positive and finite.

    Returns
    -------
    ndarray of float, shape (..., C)
        One gradient per sample; each sums to 0.

    Raises
    ------
    ValueError
        For nan in `logits`, an empty input, a target of the wrong shape or type, an index out of range, a
        negative probability, or a temperature that is not positive and finite.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, eq. (4.109).

    Examples
    --------
    >>> import numpy as np
    >>> print(cross_entropy_gradient([5, 4, 2], 0))
    [-0.29461549  0.25949646  0.03511903]
    >>> print(f"{cross_entropy_gradient([60, 0, 0], 0)[0]:.6g}")  # p - 1 would be 0
    -1.7513e-26
    """
    if temperature == 1.0:
        probs = softmax(logits)
    else:
        # 1 / T inside the exponential: a tiny T must not meet a probability that has underflowed.
        log_probs = log_softmax(logits, temperature=temperature)
        with np.errstate(over="ignore"):
            probs = np.exp(log_probs - math.log(temperature))
    return _probs_minus_target(probs, np.asarray(target))


class GradientTerms(NamedTuple):
    """The pieces of the chain rule from the loss through the true class's probability to the logits."""

    prob: Real
    """Probability of the true class, p_y, shape (...)."""
    loss_slope: Real
    """dL/dp_y = -1 / p_y, shape (...); -inf where p_y is 0."""
    prob_slopes: Floats
    """dp_y/dz_k = p_y ([k = y] - p_k) / T, shape (..., C)."""
    gradient: Floats
    """dL/dz_k = (p_k - [k = y]) / T, shape (..., C): the product of the two."""


def cross_entropy_gradient_terms(
    logits: ArrayLike, target: ArrayLike, *, temperature: float = 1.0
) -> GradientTerms:
    r"""Give the steps by which ``p - onehot`` is derived.

    The loss depends on the logits through :math:`p_y` only: :math:`dL/dp_y = -1/p_y`, and
    :math:`dp_y/dz_k = p_y ([k = y] - p_k) / T` for the true class and for every other.

    Parameters
    ----------
    logits : array_like of float, shape (..., C)
        Scores; the class axis is the last.
    target : array_like of int, shape (...)
        Class indices.
    temperature : float, optional
        The T that divides the logits, positive and finite.

    Returns
    -------
    GradientTerms
        ``prob``, ``loss_slope``, ``prob_slopes`` and ``gradient``. The gradient is computed directly, so it
        is right also where p_y underflows and the product of the pieces would be infinity times 0.

    Raises
    ------
    ValueError
        As `cross_entropy_gradient`, and for class probabilities.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, eq. (4.106).

    Examples
    --------
    >>> terms = cross_entropy_gradient_terms([5, 4, 2], 0)
    >>> print(round(terms.prob, 6), round(terms.loss_slope, 6))
    0.705385 -1.417667
    >>> print(terms.prob_slopes)
    [ 0.2078172  -0.18304478 -0.02477242]
    >>> print(terms.loss_slope * terms.prob_slopes)
    [-0.29461549  0.25949646  0.03511903]
    """
    gradient = cross_entropy_gradient(logits, target, temperature=temperature)
    index = _indices(np.asarray(target), gradient.shape[:-1], gradient.shape[-1])[..., np.newaxis]
    probs = softmax(logits, temperature=temperature)
    prob = np.take_along_axis(probs, index, axis=-1)[..., 0][()]
    jacobian = softmax_jacobian(logits, temperature=temperature)
    prob_slopes = np.take_along_axis(jacobian, index[..., np.newaxis], axis=-2)[..., 0, :]
    with np.errstate(over="ignore", divide="ignore"):
        loss_slope = -1.0 / prob
    return GradientTerms(prob, loss_slope, prob_slopes, gradient)


def finite_difference(function: Callable[[Floats], float], x: ArrayLike, h: float = 1e-5) -> Floats:
    r"""Gradient of a function by central differences, :math:`(f(x + h e_k) - f(x - h e_k)) / 2h`.

    The error has two parts: one grows like :math:`h^2` (the curve bends), the other like :math:`1/h` (the
    two values agree in their leading digits). The best step is near :math:`10^{-5}` for numbers near 1.

    Parameters
    ----------
    function : callable
        Takes an array of the shape of `x` and returns one number. It may keep or change its argument.
    x : array_like of float, any shape
        The point, finite.
    h : float, optional
        The step, positive and finite. Below the spacing of the floats at `x` the quotient is 0.

    Returns
    -------
    ndarray of float, shape of `x`
        The difference quotient for each entry; nan where both values are the same infinity.

    Raises
    ------
    ValueError
        For an empty or not finite `x`, or a step that is not positive and finite.

    References
    ----------
    W. H. Press et al., *Numerical Recipes*, 3rd ed., Cambridge University Press, 2007, section 5.7.

    Examples
    --------
    >>> print(finite_difference(lambda z: cross_entropy_loss(z, 0), [5, 4, 2]).round(6))
    [-0.294615  0.259496  0.035119]
    """
    step = finite_positive("h", h)
    point = _finite_array("x", x)
    gradient = np.empty(point.shape)
    for place in np.ndindex(point.shape):
        values = []
        for shifted in (float(point[place]) + step, float(point[place]) - step):
            moved = point.copy()
            moved[place] = shifted
            values.append(float(function(moved)))
        gradient[place] = (values[0] - values[1]) / (2.0 * step)
    return gradient


# ----------------------------------------------------------------------------------- binary: sigmoid losses


def sigmoid(logits: ArrayLike) -> Real:
    r"""Probability :math:`\sigma(z) = 1 / (1 + e^{-z})` of the positive class.

    Parameters
    ----------
    logits : array_like of float, any shape
        Log-odds, infinities allowed.

    Returns
    -------
    float or ndarray of float
        From 0 to 1, shape of `logits`; small ones keep their relative accuracy.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, eq. (4.59).

    Examples
    --------
    >>> print(sigmoid([-6, 0, 1.5]))
    [0.00247262 0.5        0.81757448]
    """
    values = float_array("logits", logits)
    return _sigmoid(values)


def _sigmoid(values: Floats) -> Real:
    """Stable sigmoid of a checked array: the exponential never overflows."""
    small = np.exp(-np.abs(values))
    result: Real = np.where(values >= 0, 1.0, small) / (1.0 + small)
    return result


def log_sigmoid(logits: ArrayLike) -> Real:
    r"""Log-probability :math:`\log \sigma(z)` of the positive class, in nats.

    Parameters
    ----------
    logits : array_like of float, any shape
        Log-odds, infinities allowed.

    Returns
    -------
    float or ndarray of float
        At most 0, shape of `logits`; ``-inf`` where the logit is.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    M. Mächler, "Accurately computing log(1 - exp(-|a|))", R package Rmpfr, 2012, eq. (10).

    Examples
    --------
    >>> print(log_sigmoid([-1000, 0, 50]))
    [-1.00000000e+03 -6.93147181e-01 -1.92874985e-22]
    """
    values = float_array("logits", logits)
    result: Real = 0.0 - np.logaddexp(0.0, -values)
    return result


def _logit_and_target(logits: ArrayLike, target: ArrayLike) -> tuple[Floats, Floats]:
    """Check a logit and a target from 0 to 1 that broadcast together."""
    values = float_array("logits", logits)
    goal = _unit_array("target", target)
    if goal.ndim and goal.shape != values.shape:
        try:
            np.broadcast_shapes(values.shape, goal.shape)
        except ValueError:
            raise ValueError(
                f"target must broadcast with logits of shape {values.shape}, not have shape {goal.shape}."
            ) from None
    return values, goal


def _sigmoid_residual(logits: Floats, target: Floats) -> Real:
    """Compute ``sigma(z) - t`` without cancellation at either end."""
    residual: Real = (1.0 - target) * _sigmoid(logits) - target * _sigmoid(-logits)
    return residual


def sigmoid_cross_entropy(logits: ArrayLike, target: ArrayLike) -> Real:
    r"""Cross-entropy of a sigmoid, :math:`-t \log \sigma(z) - (1 - t) \log \sigma(-z)`, one loss per logit.

    Parameters
    ----------
    logits : array_like of float
        Log-odds, infinities allowed.
    target : array_like of float
        From 0 to 1 (usually 0 or 1); broadcasts with `logits`.

    Returns
    -------
    float or ndarray of float
        In nats; infinite where the target has a part that the logit rules out.

    Raises
    ------
    ValueError
        For nan, an empty input, a target outside [0, 1] or shapes that do not broadcast.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, eq. (4.90).

    Examples
    --------
    >>> print(sigmoid_cross_entropy([-6, 0, 6], 1))
    [6.00247569e+00 6.93147181e-01 2.47568514e-03]
    """
    values, goal = _logit_and_target(logits, target)
    return _times(goal, np.logaddexp(0.0, -values)) + _times(1.0 - goal, np.logaddexp(0.0, values))


def sigmoid_cross_entropy_slope(logits: ArrayLike, target: ArrayLike) -> Real:
    r"""Slope of `sigmoid_cross_entropy` in the logit: :math:`\sigma(z) - t`, as large as the error.

    Parameters
    ----------
    logits : array_like of float
        Log-odds, infinities allowed.
    target : array_like of float
        From 0 to 1; broadcasts with `logits`.

    Returns
    -------
    float or ndarray of float
        From -1 to 1.

    Raises
    ------
    ValueError
        For nan, an empty input, a target outside [0, 1] or shapes that do not broadcast.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, eq. (4.91).

    Examples
    --------
    >>> print(sigmoid_cross_entropy_slope([-6, 0, 6], 1))
    [-0.99752738 -0.5        -0.00247262]
    """
    return _sigmoid_residual(*_logit_and_target(logits, target))


def sigmoid_squared_error(logits: ArrayLike, target: ArrayLike) -> Real:
    r"""Half the squared error of a sigmoid, :math:`\tfrac12 (\sigma(z) - t)^2`, one loss per logit.

    PyTorch's ``MSELoss`` has no one half: it is twice this.

    Parameters
    ----------
    logits : array_like of float
        Log-odds, infinities allowed.
    target : array_like of float
        From 0 to 1; broadcasts with `logits`.

    Returns
    -------
    float or ndarray of float
        From 0 to 0.5.

    Raises
    ------
    ValueError
        For nan, an empty input, a target outside [0, 1] or shapes that do not broadcast.

    References
    ----------
    M. A. Nielsen, *Neural Networks and Deep Learning*, Determination Press, 2015, chapter 3, eq. (54).

    Examples
    --------
    >>> print(sigmoid_squared_error([-6, 0, 6], 1))
    [4.97530434e-01 1.25000000e-01 3.05693264e-06]
    """
    residual = _sigmoid_residual(*_logit_and_target(logits, target))
    return 0.5 * residual * residual


def sigmoid_squared_error_slope(logits: ArrayLike, target: ArrayLike) -> Real:
    r"""Slope of `sigmoid_squared_error` in the logit: :math:`(\sigma(z) - t)\,\sigma(z)\,\sigma(-z)`.

    It vanishes where the sigmoid saturates, also on the wrong side; for a target of 0 or 1 its size is at
    most 4/27, at a logit of -ln 2 or ln 2 away from the target.

    Parameters
    ----------
    logits : array_like of float
        Log-odds, infinities allowed.
    target : array_like of float
        From 0 to 1; broadcasts with `logits`.

    Returns
    -------
    float or ndarray of float
        The slope.

    Raises
    ------
    ValueError
        For nan, an empty input, a target outside [0, 1] or shapes that do not broadcast.

    References
    ----------
    M. A. Nielsen, *Neural Networks and Deep Learning*, Determination Press, 2015, chapter 3, eq. (55).

    Examples
    --------
    >>> print(sigmoid_squared_error_slope([-6, 0, 6], 1))
    [-2.46041054e-03 -1.25000000e-01 -6.09874799e-06]
    """
    values, goal = _logit_and_target(logits, target)
    return _sigmoid_residual(values, goal) * _sigmoid(values) * _sigmoid(-values)


def binary_cross_entropy_with_logits(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    pos_weight: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    reduction: str = "mean",
) -> Real:
    r"""Binary cross-entropy of logits, :math:`-w\,[c\,t \log \sigma(z) + (1 - t) \log \sigma(-z)]`.

    The twin of ``torch.nn.BCEWithLogitsLoss`` in float64.

    Parameters
    ----------
    logits : array_like of float, any shape
        Log-odds, infinities allowed.
    target : array_like of float, shape of `logits`
        From 0 to 1.
    pos_weight : array_like of float, optional
        The c that multiplies the positive part, finite and not negative; broadcasts to `logits`.
    weight : array_like of float, optional
        The w of each element, finite and not negative; broadcasts to `logits`.
    reduction : {"mean", "sum", "none"}, optional
        ``"mean"`` divides by the number of elements, weights or not.

    Returns
    -------
    float or ndarray of float
        In nats: a number, or with ``"none"`` an array of the shape of `logits`.

    Raises
    ------
    ValueError
        For nan, an empty input, a target outside [0, 1] or of another shape, a weight that is negative,
        infinite or does not broadcast to the shape of `logits`, or an unknown reduction.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, eq. (4.90).
    PyTorch reference, ``torch.nn.BCEWithLogitsLoss``, for the weights.

    Examples
    --------
    >>> print(round(binary_cross_entropy_with_logits(1.5, 1), 6))
    0.201413
    >>> print(binary_cross_entropy_with_logits([1.5, 1.5], [1, 0], pos_weight=3, reduction="none"))
    [0.60423983 1.70141328]
    """
    _check_reduction(reduction)
    values = float_array("logits", logits)
    goal = _unit_array("target", target)
    if goal.shape != values.shape:
        raise ValueError(f"target must have the shape of logits, {values.shape}, not {goal.shape}.")
    positive = _times(goal, np.logaddexp(0.0, -values))
    if pos_weight is not None:
        positive = _times(_broadcastable("pos_weight", pos_weight, values.shape), positive)
    losses = positive + _times(1.0 - goal, np.logaddexp(0.0, values))
    if weight is not None:
        losses = _times(_broadcastable("weight", weight, values.shape), losses)
    return _reduce(losses, reduction)


def _broadcastable(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """Return non-negative ``values`` that broadcast to ``shape``."""
    array = _nonnegative_array(name, values)
    try:
        fits = np.broadcast_shapes(array.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{name} must broadcast to shape {shape}, not have shape {array.shape}.")
    return array


# --------------------------------------------------------------- other twins of PyTorch's losses, Brier score


def gaussian_nll_loss(
    mean: ArrayLike,
    target: ArrayLike,
    variance: ArrayLike,
    *,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Real:
    r"""Negative log-likelihood of numbers under Gaussians, :math:`\tfrac12 [\log v + (y - \mu)^2 / v]`.

    The twin of ``torch.nn.GaussianNLLLoss`` in float64. It takes the variance, not the standard deviation.

    Parameters
    ----------
    mean : array_like of float, any shape
        Predicted means, finite.
    target : array_like of float
        Observed numbers, finite; shape of `mean`, or one that broadcasts with it.
    variance : array_like of float
        Variances in the square of the target's unit, finite and not negative: a single number, shape of
        `mean`, the same with one axis of length 1, or without its last axis.
    full : bool, optional
        Whether to add the constant :math:`\tfrac12 \log 2\pi`.
    eps : float, optional
        Smaller variances are raised to this, positive and finite.
    reduction : {"mean", "sum", "none"}, optional
        ``"mean"`` divides by the number of elements.

    Returns
    -------
    float or ndarray of float
        In nats; may be negative, because a density may exceed 1.

    Raises
    ------
    ValueError
        For values that are not finite, an empty input, a negative variance, shapes that do not fit, an
        `eps` that is not positive and finite, or an unknown reduction.

    References
    ----------
    D. A. Nix, A. S. Weigend, "Estimating the mean and variance of the target probability distribution",
    IEEE International Conference on Neural Networks, 1994, vol. 1, pp. 55-60.

    Examples
    --------
    >>> print(round(gaussian_nll_loss(172, 180, 4.8**2), 6))
    2.957505
    >>> print(round(gaussian_nll_loss(172, 180, 4.8**2, full=True), 6))
    3.876443
    """
    _check_reduction(reduction)
    floor = finite_positive("eps", eps)
    centre = _finite_array("mean", mean)
    observed = _finite_array("target", target)
    if observed.shape != centre.shape:
        try:
            np.broadcast_shapes(observed.shape, centre.shape)
        except ValueError:
            raise ValueError(
                f"target must broadcast with mean of shape {centre.shape}, not have shape {observed.shape}."
            ) from None
    spread = np.maximum(_gaussian_variance(variance, centre.shape), floor)
    with np.errstate(over="ignore"):
        # The square is taken last: a large residual over a large variance must not overflow on the way.
        scaled = (observed - centre) / np.sqrt(spread)
        losses: Real = 0.5 * (np.log(spread) + scaled * scaled)
    if full:
        losses = losses + _HALF_LOG_2PI
    return _reduce(losses, reduction)


def _gaussian_variance(variance: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """Check a variance against the shape of the mean, by PyTorch's rule."""
    array = _nonnegative_array("variance", variance)
    if array.ndim == 0 or array.shape == shape:
        return array
    if array.shape == shape[:-1]:
        return array[..., np.newaxis]
    differing = [own for own, other in zip(array.shape, shape, strict=False) if own != other]
    if array.ndim != len(shape) or differing != [1]:
        raise ValueError(
            f"variance must be one number or have the shape {shape} of mean, the same with one axis of "
            f"length 1 or without the last axis, not shape {array.shape}."
        )
    return array


def kl_div_loss(
    log_probs: ArrayLike, target: ArrayLike, *, reduction: str = "mean", log_target: bool = False
) -> Real:
    r"""Pointwise Kullback-Leibler terms :math:`t (\log t - \log q)` of a target t and a model q.

    The twin of ``torch.nn.KLDivLoss`` in float64: the model comes first and as log-probabilities. Only
    ``"sum"``, and ``"batchmean"`` of an input whose first axis is the batch, give the divergence.

    Parameters
    ----------
    log_probs : array_like of float, any shape
        Log-probabilities of the model in nats; ``-inf`` is allowed.
    target : array_like of float, shape of `log_probs`
        Probabilities of the target, finite and not negative, or their logs if `log_target`. As in PyTorch it
        is not checked that they sum to 1.
    reduction : {"mean", "sum", "none", "batchmean"}, optional
        ``"mean"`` divides by the number of ALL elements, classes included, and is not the divergence;
        ``"batchmean"`` divides by the length of the first axis (of a single sample without a batch axis
        that is the number of classes).
    log_target : bool, optional
        Whether the target holds log-probabilities.

    Returns
    -------
    float or ndarray of float
        In nats. A single term may be negative. 0 where the target is 0, infinite where only the model is.

    Raises
    ------
    ValueError
        For nan or ``+inf``, an empty input, different shapes, a negative target, or an unknown reduction.

    References
    ----------
    T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd ed., Wiley, 2006, eq. (2.26).
    PyTorch reference, ``torch.nn.KLDivLoss``, for the reductions.

    Examples
    --------
    >>> import numpy as np
    >>> log_q, p = np.log([[0.2, 0.2, 0.6]]), [[0.8, 0.1, 0.1]]
    >>> print(kl_div_loss(log_q, p, reduction="none"))
    [[ 1.10903549 -0.06931472 -0.17917595]]
    >>> print(round(kl_div_loss(log_q, p, reduction="batchmean"), 6), round(kl_div_loss(log_q, p), 6))
    0.860545 0.286848
    """
    _check_reduction(reduction, ("none", "mean", "sum", "batchmean"))
    model = float_array("log_probs", log_probs)
    goal = float_array("target", target) if log_target else _nonnegative_array("target", target)
    if goal.shape != model.shape:
        raise ValueError(f"target must have the shape of log_probs, {model.shape}, not {goal.shape}.")
    if model.max() == math.inf or goal.max() == math.inf:
        raise ValueError("log_probs and target must not contain +inf: no log-probability is.")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        probs, log_goal = (np.exp(goal), goal) if log_target else (goal, np.log(goal))
        # A target of 0 costs nothing, whatever the model says; the logs alone would give nan there.
        losses: Real = np.where(probs > 0, probs * (log_goal - model), 0.0)[()]
    if reduction == "batchmean":
        with np.errstate(over="ignore"):
            return _mean(losses, np.sum(losses), model.shape[0] if model.ndim else 1)
    return _reduce(losses, reduction)


def brier_score(probs: ArrayLike, target: ArrayLike, *, reduction: str = "mean") -> Real:
    r"""Squared distance of a forecast from what happened, :math:`\sum_k (p_k - [k = y])^2`.

    Brier's own form, over all classes: from 0 to 2. The form for two classes that counts the positive class
    only is half of it.

    Parameters
    ----------
    probs : array_like of float, shape (..., C)
        Forecast probabilities, each row summing to 1 within 1e-6.
    target : array_like of int, shape (...), or of float, shape (..., C)
        Class indices, or class probabilities.
    reduction : {"mean", "sum", "none"}, optional
        ``"mean"`` divides by the number of samples.

    Returns
    -------
    float or ndarray of float
        A number, or with ``"none"`` one score per sample.

    Raises
    ------
    ValueError
        For nan, an empty input, probabilities outside [0, 1] or that do not sum to 1, a target of the wrong
        shape or type or out of range, or an unknown reduction.

    References
    ----------
    G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78
    (1950), eq. (2).

    Examples
    --------
    >>> print(brier_score([[0.1, 0.1, 0.8], [0.5, 0.25, 0.25]], [2, 0], reduction="none"))
    [0.06  0.375]
    """
    _check_reduction(reduction)
    values = _unit_array("probs", probs)
    if values.ndim == 0:
        raise ValueError("probs must have a class axis, shape (..., C), not ().")
    if (np.abs(values.sum(axis=-1) - 1.0) > 1e-6).any():
        raise ValueError(f"probs must sum to 1 over the last axis, not to {values.sum(axis=-1)}.")
    given = np.asarray(target)
    if given.shape == values.shape and given.dtype.kind == "f":
        difference = values - _unit_array("target", given)
    else:
        index = _indices(given, values.shape[:-1], values.shape[-1])
        difference = values - (np.arange(values.shape[-1]) == index[..., np.newaxis])
    return _reduce(np.sum(difference * difference, axis=-1), reduction)


def slope_in_q(p: float, q: float) -> float:
    r"""Slope of the cross-entropy of two outcomes, and of KL, in q: :math:`(1-p)/(1-q) - p/q`.

    Parameters
    ----------
    p : float
        Probability of the first outcome, from 0 to 1.
    q : float
        The model's probability of it, from 0 to 1.

    Returns
    -------
    float
        In nats; infinite where q rules out what happens. An outcome of probability zero counts nothing.

    Raises
    ------
    ValueError
        For a probability that does not lie between 0 and 1.

    References
    ----------
    T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd ed., Wiley, 2006, section 2.3.

    Examples
    --------
    >>> slope_in_q(1.0, 0.5), slope_in_q(0.5, 0.5), slope_in_q(1.0, 0.0)
    (-2.0, 0.0, -inf)
    """
    for name, value in (("p", p), ("q", q)):
        if not 0.0 <= value <= 1.0:
            raise ValueError(f"{name} must lie between 0 and 1, not {value!r}.")
    for_one = 0.0 if p == 0.0 else math.inf if q == 0.0 else p / q
    for_other = 0.0 if p == 1.0 else math.inf if q == 1.0 else (1.0 - p) / (1.0 - q)
    return for_other - for_one


# ------------------------------------------------------------------------------------------- margin losses


def zero_one_loss(margin: ArrayLike, *, tie: float = 1.0) -> Real:
    """0/1 loss: 1 for a wrong sign, 0 for a right one.

    Parameters
    ----------
    margin : array_like of float
        m = y f(x) with y = -1 or +1: positive where the sign is right.
    tie : float, optional
        The loss at m = 0, a convention: 1 (the default; a tie is not a right answer) or 0.

    Returns
    -------
    float or ndarray of float
        0 or 1 (or `tie`), shape of `margin`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 10.6.

    Examples
    --------
    >>> print(zero_one_loss([-1, 0, 1]))
    [1. 1. 0.]
    >>> print(zero_one_loss([-1, 0, 1], tie=0))
    [1. 0. 0.]
    """
    values = float_array("margin", margin)
    if not 0 <= tie <= 1:
        raise ValueError(f"tie must be from 0 to 1, not {tie!r}.")
    result: Real = np.heaviside(-values, tie)
    return result


def zero_one_slope(margin: ArrayLike) -> Real:
    """Slope of the 0/1 loss: 0 everywhere (at the jump, where there is none, 0 by convention).

    Parameters
    ----------
    margin : array_like of float
        m = y f(x).

    Returns
    -------
    float or ndarray of float
        Zeros, shape of `margin`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 10.6.

    Examples
    --------
    >>> print(zero_one_slope([-1, 0, 1]))
    [0. 0. 0.]
    """
    return np.zeros_like(float_array("margin", margin))[()]


def log_loss(margin: ArrayLike) -> Real:
    r"""Logistic loss :math:`\log(1 + e^{-m})` in nats: a sigmoid's cross-entropy, with labels -1 and +1.

    Parameters
    ----------
    margin : array_like of float
        m = y f(x) with y = -1 or +1, infinities allowed.

    Returns
    -------
    float or ndarray of float
        Positive, shape of `margin`. ln 2 < 1 at m = 0, so it is no bound of the 0/1 loss: `log2_loss` is.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 10.6.

    Examples
    --------
    >>> print(log_loss([-2, 0, 2]))
    [2.12692801 0.69314718 0.12692801]
    """
    values = float_array("margin", margin)
    result: Real = np.logaddexp(0.0, -values)
    return result


def log_slope(margin: ArrayLike) -> Real:
    r"""Slope of `log_loss`: :math:`-\sigma(-m)`.

    Parameters
    ----------
    margin : array_like of float
        m = y f(x) with y = -1 or +1, infinities allowed.

    Returns
    -------
    float or ndarray of float
        From -1 to 0, shape of `margin`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 10.6.

    Examples
    --------
    >>> print(log_slope([-2, 0, 2]))
    [-0.88079708 -0.5 -0.11920292]
    """
    values = float_array("margin", margin)
    return 0.0 - _sigmoid(-values)


def log2_loss(margin: ArrayLike) -> Real:
    r"""Logistic loss in bits, :math:`\log_2(1 + e^{-m})`: 1 at m = 0, an upper bound of the 0/1 loss.

    Parameters
    ----------
    margin : array_like of float
        m = y f(x) with y = -1 or +1, infinities allowed.

    Returns
    -------
    float or ndarray of float
        Positive, shape of `margin`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    K. P. Murphy, *Machine Learning: A Probabilistic Perspective*, MIT Press, 2012, section 6.5.5.

    Examples
    --------
    >>> print(log2_loss([-2, 0, 2]))
    [3.06850849 1.         0.18311841]
    """
    values = float_array("margin", margin)
    return _times(1.0 / _LN2, np.logaddexp(0.0, -values))


def log2_slope(margin: ArrayLike) -> Real:
    r"""Slope of `log2_loss`: :math:`-\sigma(-m) / \ln 2`.

    Parameters
    ----------
    margin : array_like of float
        m = y f(x) with y = -1 or +1, infinities allowed.

    Returns
    -------
    float or ndarray of float
        From -1 / ln 2 to 0, shape of `margin`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    K. P. Murphy, *Machine Learning: A Probabilistic Perspective*, MIT Press, 2012, section 6.5.5.

    Examples
    --------
    >>> print(log2_slope([-2, 0, 2]))
    [-1.27072158 -0.72134752 -0.17197346]
    """
    values = float_array("margin", margin)
    return 0.0 - _sigmoid(-values) / _LN2


def exponential_loss(margin: ArrayLike) -> Real:
    r"""Exponential loss :math:`e^{-m}`, the one of AdaBoost.

    Parameters
    ----------
    margin : array_like of float
        m = y f(x) with y = -1 or +1, infinities allowed.

    Returns
    -------
    float or ndarray of float
        Shape of `margin`; infinite below about -709.78.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 10.4.

    Examples
    --------
    >>> print(exponential_loss([-2, 0, 2]))
    [7.3890561 1. 0.13533528]
    """
    values = float_array("margin", margin)
    with np.errstate(over="ignore"):
        result: Real = np.exp(-values)
    return result


def exponential_slope(margin: ArrayLike) -> Real:
    r"""Slope of `exponential_loss`: :math:`-e^{-m}`.

    Parameters
    ----------
    margin : array_like of float
        m = y f(x) with y = -1 or +1, infinities allowed.

    Returns
    -------
    float or ndarray of float
        Shape of `margin`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 10.4.

    Examples
    --------
    >>> print(exponential_slope([-2, 0, 2]))
    [-7.3890561 -1. -0.13533528]
    """
    values = float_array("margin", margin)
    with np.errstate(over="ignore"):
        result: Real = 0.0 - np.exp(-values)
    return result


def hinge_loss(margin: ArrayLike) -> Real:
    r"""Hinge loss :math:`\max(0, 1 - m)`, the one of support vector machines.

    Parameters
    ----------
    margin : array_like of float
        m = y f(x) with y = -1 or +1, infinities allowed.

    Returns
    -------
    float or ndarray of float
        Shape of `margin`; exactly 0 for m >= 1.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 12.3.2.

    Examples
    --------
    >>> print(hinge_loss([-2, 0, 1, 2]))
    [3. 1. 0. 0.]
    """
    values = float_array("margin", margin)
    result: Real = np.maximum(0.0, 1.0 - values)
    return result


def hinge_slope(margin: ArrayLike) -> Real:
    r"""Slope of `hinge_loss`: -1 below m = 1 and 0 above; at the kink 0, by convention.

    Parameters
    ----------
    margin : array_like of float
        m = y f(x) with y = -1 or +1, infinities allowed.

    Returns
    -------
    float or ndarray of float
        -1 or 0, shape of `margin`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 12.3.2.

    Examples
    --------
    >>> print(hinge_slope([-2, 0, 1, 2]))
    [-1. -1. 0. 0.]
    """
    values = float_array("margin", margin)
    return np.where(values < 1.0, -1.0, 0.0)[()]


def squared_hinge_loss(margin: ArrayLike) -> Real:
    r"""Squared hinge loss :math:`\max(0, 1 - m)^2`.

    Parameters
    ----------
    margin : array_like of float
        m = y f(x) with y = -1 or +1, infinities allowed.

    Returns
    -------
    float or ndarray of float
        Shape of `margin`; exactly 0 for m >= 1, without a kink there.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 12.3.2.

    Examples
    --------
    >>> print(squared_hinge_loss([-2, 0, 1, 2]))
    [9. 1. 0. 0.]
    """
    values = float_array("margin", margin)
    short = np.maximum(0.0, 1.0 - values)
    return _times(short, short)


def squared_hinge_slope(margin: ArrayLike) -> Real:
    r"""Slope of `squared_hinge_loss`: :math:`-2 \max(0, 1 - m)`.

    Parameters
    ----------
    margin : array_like of float
        m = y f(x) with y = -1 or +1, infinities allowed.

    Returns
    -------
    float or ndarray of float
        At most 0, shape of `margin`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 12.3.2.

    Examples
    --------
    >>> print(squared_hinge_slope([-2, 0, 1, 2]))
    [-6. -2. 0. 0.]
    """
    values = float_array("margin", margin)
    return 0.0 - _times(2.0, np.maximum(0.0, 1.0 - values))


def square_loss(margin: ArrayLike) -> Real:
    r"""Square loss :math:`(1 - m)^2 = (y - f)^2` of a label y = -1 or +1: it also punishes m > 1.

    Parameters
    ----------
    margin : array_like of float
        m = y f(x) with y = -1 or +1, infinities allowed.

    Returns
    -------
    float or ndarray of float
        Shape of `margin`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 10.6.

    Examples
    --------
    >>> print(square_loss([-2, 0, 1, 2]))
    [9. 1. 0. 1.]
    """
    values = float_array("margin", margin)
    short = 1.0 - values
    return _times(short, short)


def square_slope(margin: ArrayLike) -> Real:
    r"""Slope of `square_loss`: :math:`-2 (1 - m)`.

    Parameters
    ----------
    margin : array_like of float
        m = y f(x) with y = -1 or +1, infinities allowed.

    Returns
    -------
    float or ndarray of float
        Negative below m = 1, positive above, shape of `margin`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 10.6.

    Examples
    --------
    >>> print(square_slope([-2, 0, 1, 2]))
    [-6. -2. 0. 2.]
    """
    values = float_array("margin", margin)
    return _times(2.0, values - 1.0)


# ----------------------------------------------------------------------------------------- residual losses


def _quantile(tau: float) -> float:
    """Check the level of a quantile."""
    share = float(tau)
    if not 0.0 < share < 1.0:
        raise ValueError(f"tau must be between 0 and 1, not {tau!r}.")
    return share


def squared_loss(residual: ArrayLike) -> Real:
    r"""Half the squared residual, :math:`\tfrac12 r^2`.

    With the one half it is, up to the constant ``0.5 ln 2 pi``, the NLL of a Gaussian with sigma = 1, its
    slope is r, and `huber_loss` meets it in the middle. PyTorch's ``MSELoss`` is the mean of twice this.

    Parameters
    ----------
    residual : array_like of float
        Residual r = observed - predicted, in the unit of the data; infinities allowed.

    Returns
    -------
    float or ndarray of float
        Shape of `residual`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, section 3.1.1.

    Examples
    --------
    >>> print(squared_loss([-2, 0, 1]))
    [2. 0. 0.5]
    """
    values = float_array("residual", residual)
    return _times(0.5 * values, values)


def squared_slope(residual: ArrayLike) -> Real:
    r"""Slope of `squared_loss` in the residual: r itself.

    Parameters
    ----------
    residual : array_like of float
        Residual r = observed - predicted, in the unit of the data; infinities allowed.

    Returns
    -------
    float or ndarray of float
        Shape of `residual`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, section 3.1.1.

    Examples
    --------
    >>> print(squared_slope([-2, 0, 1]))
    [-2. 0. 1.]
    """
    values = float_array("residual", residual)
    return values.copy()[()]


def absolute_loss(residual: ArrayLike) -> Real:
    r"""Absolute residual :math:`|r|`: up to a constant the NLL of a Laplace distribution of scale 1.

    Parameters
    ----------
    residual : array_like of float
        Residual r = observed - predicted, in the unit of the data; infinities allowed.

    Returns
    -------
    float or ndarray of float
        Shape of `residual`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 10.6.

    Examples
    --------
    >>> print(absolute_loss([-2, 0, 1]))
    [2. 0. 1.]
    """
    values = float_array("residual", residual)
    result: Real = np.abs(values)
    return result


def absolute_slope(residual: ArrayLike) -> Real:
    r"""Slope of `absolute_loss`: the sign of r; at the kink 0, by convention.

    Parameters
    ----------
    residual : array_like of float
        Residual r = observed - predicted, in the unit of the data; infinities allowed.

    Returns
    -------
    float or ndarray of float
        -1, 0 or 1, shape of `residual`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 10.6.

    Examples
    --------
    >>> print(absolute_slope([-2, 0, 1]))
    [-1. 0. 1.]
    """
    values = float_array("residual", residual)
    result: Real = np.sign(values)
    return result


def huber_loss(residual: ArrayLike, *, delta: float = 1.0) -> Real:
    r"""Huber's loss: :math:`\tfrac12 r^2` up to delta, :math:`\delta (|r| - \tfrac12 \delta)` beyond.

    Up to a constant the NLL of Huber's least favourable distribution: Gaussian in the middle, Laplace tails.

    Parameters
    ----------
    residual : array_like of float
        Residual r = observed - predicted, in the unit of the data; infinities allowed.
    delta : float, optional
        Where the parabola turns into a line, in the unit of the data, positive and finite.

    Returns
    -------
    float or ndarray of float
        Shape of `residual`.

    Raises
    ------
    ValueError
        For nan, an empty input, or a delta that is not positive and finite.

    References
    ----------
    P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35
    (1964), 73-101.

    Examples
    --------
    >>> print(huber_loss([-3, 0, 0.5]))
    [2.5 0. 0.125]
    """
    values = float_array("residual", residual)
    limit = finite_positive("delta", delta)
    size = np.abs(values)
    inner = np.minimum(size, limit)
    # One formula for both pieces: inner is |r| on the parabola and delta on the line.
    return _times(inner, size - 0.5 * inner)


def huber_slope(residual: ArrayLike, *, delta: float = 1.0) -> Real:
    r"""Slope of `huber_loss`: r, held between -delta and delta.

    Parameters
    ----------
    residual : array_like of float
        Residual r = observed - predicted, in the unit of the data; infinities allowed.
    delta : float, optional
        Where the parabola turns into a line, in the unit of the data, positive and finite.

    Returns
    -------
    float or ndarray of float
        Shape of `residual`.

    Raises
    ------
    ValueError
        For nan, an empty input, or a delta that is not positive and finite.

    References
    ----------
    P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35
    (1964), 73-101.

    Examples
    --------
    >>> print(huber_slope([-3, 0, 0.5]))
    [-1. 0. 0.5]
    """
    values = float_array("residual", residual)
    limit = finite_positive("delta", delta)
    result: Real = np.clip(values, -limit, limit)
    return result


def log_cosh_loss(residual: ArrayLike) -> Real:
    r"""Logarithm of the hyperbolic cosine of the residual: a smooth :math:`|r|`.

    Near 0 it is :math:`\tfrac12 r^2`, far out :math:`|r| - \ln 2`. Up to the constant ``ln pi`` the NLL of
    the density ``sech(r) / pi``.

    Parameters
    ----------
    residual : array_like of float
        Residual r = observed - predicted, in the unit of the data; infinities allowed.

    Returns
    -------
    float or ndarray of float
        Shape of `residual`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    E. W. Weisstein, *CRC Concise Encyclopedia of Mathematics*, 2nd ed., CRC Press, 2002, "Hyperbolic Secant".

    Examples
    --------
    >>> print(log_cosh_loss([-1000, 0, 1e-5]))
    [9.99306853e+02 0.00000000e+00 5.00000000e-11]
    """
    values = float_array("residual", residual)
    size = np.abs(values)
    # For small r the large terms of the second form would cancel; cosh r = 1 + 2 sinh(r/2)^2 has none.
    near = np.log1p(2.0 * np.sinh(0.5 * np.minimum(size, 1.0)) ** 2)
    far = size + np.log1p(np.exp(-2.0 * np.minimum(size, 400.0))) - _LN2
    return np.where(size < 1.0, near, far)[()]


def log_cosh_slope(residual: ArrayLike) -> Real:
    r"""Slope of `log_cosh_loss`: :math:`\tanh r`.

    Parameters
    ----------
    residual : array_like of float
        Residual r = observed - predicted, in the unit of the data; infinities allowed.

    Returns
    -------
    float or ndarray of float
        From -1 to 1, shape of `residual`.

    Raises
    ------
    ValueError
        For nan or an empty input.

    References
    ----------
    E. W. Weisstein, *CRC Concise Encyclopedia of Mathematics*, 2nd ed., CRC Press, 2002, "Hyperbolic Secant".

    Examples
    --------
    >>> print(log_cosh_slope([-1000, 0, 1]))
    [-1. 0. 0.76159416]
    """
    values = float_array("residual", residual)
    result: Real = np.tanh(values)
    return result


def quantile_loss(residual: ArrayLike, *, tau: float = 0.5) -> Real:
    r"""Quantile (pinball) loss: :math:`\tau r` for r > 0, :math:`(\tau - 1) r` for r < 0.

    The constant with the least total loss is the tau-quantile of the data; tau = 0.5 is half the absolute
    loss. Up to a constant the NLL of an asymmetric Laplace distribution.

    Parameters
    ----------
    residual : array_like of float
        Residual r = observed - predicted, in the unit of the data; infinities allowed.
    tau : float, optional
        The quantile that the loss aims at, between 0 and 1 (both excluded).

    Returns
    -------
    float or ndarray of float
        Shape of `residual`.

    Raises
    ------
    ValueError
        For nan, an empty input, or a tau that is not between 0 and 1.

    References
    ----------
    R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46 (1978), 33-50.

    Examples
    --------
    >>> print(quantile_loss([-1, 0, 1], tau=0.9))
    [0.1 0. 0.9]
    """
    values = float_array("residual", residual)
    share = _quantile(tau)
    return _times(np.where(values > 0, share, 1.0 - share), np.abs(values))


def quantile_slope(residual: ArrayLike, *, tau: float = 0.5) -> Real:
    r"""Slope of `quantile_loss`: tau - 1 for r < 0, tau for r > 0; at the kink 0, by convention.

    Parameters
    ----------
    residual : array_like of float
        Residual r = observed - predicted, in the unit of the data; infinities allowed.
    tau : float, optional
        The quantile that the loss aims at, between 0 and 1 (both excluded).

    Returns
    -------
    float or ndarray of float
        Shape of `residual`.

    Raises
    ------
    ValueError
        For nan, an empty input, or a tau that is not between 0 and 1.

    References
    ----------
    R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46 (1978), 33-50.

    Examples
    --------
    >>> print(quantile_slope([-1, 0, 1], tau=0.9))
    [-0.1 0. 0.9]
    """
    values = float_array("residual", residual)
    share = _quantile(tau)
    return np.where(values > 0, share, np.where(values < 0, share - 1.0, 0.0))[()]


# ------------------------------------------------------------------------------------------------ the tables


@dataclass(frozen=True)
class MarginLoss:
    """A loss of the margin m = y f(x), with its slope and the noise model whose NLL it is.

    ``noise_model`` is a key, not a word to show: ``"bernoulli"`` or ``"gaussian"`` where the loss is, up to a
    factor and a constant, the NLL of a label under that model, and None where it is the NLL of no model.
    """

    loss: Callable[[ArrayLike], Real]
    slope: Callable[[ArrayLike], Real]
    noise_model: str | None


@dataclass(frozen=True)
class ResidualLoss:
    """A loss of the residual r = observed - predicted, with its slope and the noise model whose NLL it is.

    ``parameter`` is the keyword that `loss` and `slope` take besides the residual, or None. ``noise_model``
    is a key for the distribution of the noise, at scale 1.
    """

    loss: Callable[..., Real]
    slope: Callable[..., Real]
    noise_model: str
    parameter: str | None = None


MARGIN_LOSSES: Mapping[str, MarginLoss] = MappingProxyType(
    {
        "zero_one": MarginLoss(zero_one_loss, zero_one_slope, None),
        "log": MarginLoss(log_loss, log_slope, "bernoulli"),
        "log2": MarginLoss(log2_loss, log2_slope, "bernoulli"),
        "exponential": MarginLoss(exponential_loss, exponential_slope, None),
        "hinge": MarginLoss(hinge_loss, hinge_slope, None),
        "squared_hinge": MarginLoss(squared_hinge_loss, squared_hinge_slope, None),
        "square": MarginLoss(square_loss, square_slope, "gaussian"),
    }
)
"""The margin losses by name."""

RESIDUAL_LOSSES: Mapping[str, ResidualLoss] = MappingProxyType(
    {
        "squared": ResidualLoss(squared_loss, squared_slope, "gaussian"),
        "absolute": ResidualLoss(absolute_loss, absolute_slope, "laplace"),
        "huber": ResidualLoss(huber_loss, huber_slope, "huber", "delta"),
        "log_cosh": ResidualLoss(log_cosh_loss, log_cosh_slope, "hyperbolic_secant"),
        "quantile": ResidualLoss(quantile_loss, quantile_slope, "asymmetric_laplace", "tau"),
    }
)
"""The residual losses by name."""


# ---------------------------------------------------------------------- the noise models of residual losses


def residual_options(name: str, delta: float = 1.0, tau: float = 0.5) -> dict[str, float]:
    """Pick the parameter that a residual loss takes besides the residual.

    Parameters
    ----------
    name : str
        Which of `RESIDUAL_LOSSES`.
    delta : float, optional
        Huber's delta, in the unit of the residual.
    tau : float, optional
        The quantile, between 0 and 1.

    Returns
    -------
    dict
        Keywords for the loss and its slope: one of the two, or none.

    Raises
    ------
    ValueError
        For an unknown name.

    Examples
    --------
    >>> residual_options("huber", 1.0, 0.5), residual_options("squared", 1.0, 0.5)
    ({'delta': 1.0}, {})
    """
    if name not in RESIDUAL_LOSSES:
        raise ValueError(f"name must be one of {', '.join(RESIDUAL_LOSSES)}, not {name!r}.")
    parameter = RESIDUAL_LOSSES[name].parameter
    return {parameter: {"delta": delta, "tau": tau}[parameter]} if parameter else {}


def log_normalizer(name: str, delta: float = 1.0, tau: float = 0.5) -> float:
    r"""Log of the integral :math:`\int e^{-\ell(r)}\,dr`: what makes a loss the negative log of a density.

    Parameters
    ----------
    name : str
        Which of `RESIDUAL_LOSSES`.
    delta : float, optional
        Huber's delta, in the unit of the residual, positive and finite; other losses do not look at it.
    tau : float, optional
        The quantile, between 0 and 1; other losses do not look at it.

    Returns
    -------
    float
        In nats; the residual is counted in units of the scale.

    Raises
    ------
    ValueError
        For an unknown name, or a parameter of the loss that is out of its range.

    References
    ----------
    P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35
    (1964), 73-101; R. Koenker, J. A. F. Machado, "Goodness of fit and related inference processes for
    quantile regression", Journal of the American Statistical Association 94 (1999), 1296-1310; N. L.
    Johnson, S. Kotz, N. Balakrishnan, *Continuous Univariate Distributions*, vol. 2, 2nd ed., Wiley, 1995,
    chapters 23 (hyperbolic secant) and 24 (Laplace).

    Examples
    --------
    >>> print(round(log_normalizer("squared"), 6), round(log_normalizer("absolute"), 6))
    0.918939 0.693147
    """
    options = residual_options(name, delta, tau)
    if name == "squared":
        return _HALF_LOG_2PI
    if name == "absolute":
        return _LN2
    if name == "log_cosh":
        return math.log(math.pi)
    if name == "quantile":
        share = _quantile(options["tau"])
        return -math.log(share * (1.0 - share))
    # Huber: the bell between -delta and delta, and two exponential tails that fit on.
    limit = finite_positive("delta", options["delta"])
    bell = math.sqrt(2.0 * math.pi) * math.erf(limit / math.sqrt(2.0))
    return math.log(bell + 2.0 * math.exp(-0.5 * limit * limit) / limit)


def noise_nll(
    name: str, residual: ArrayLike, scale: float = 1.0, delta: float = 1.0, tau: float = 0.5
) -> Real:
    r"""Negative log-density of a residual under a loss's noise model, :math:`\ell(r/s) + \log s + \log Z`.

    Parameters
    ----------
    name : str
        Which of `RESIDUAL_LOSSES`.
    residual : array_like of float
        Residual r = observed - predicted, in the unit of the data; infinities allowed.
    scale : float, optional
        The scale s of the noise, in the unit of the data, positive and finite.
    delta, tau : float, optional
        The loss's parameter, in units of the scale (`delta`) or between 0 and 1 (`tau`).

    Returns
    -------
    float or ndarray of float
        Shape of `residual`, in nats; may be negative, because a density may exceed 1.

    Raises
    ------
    ValueError
        For an unknown name, nan, an empty input, or a scale or a parameter that is out of its range.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, section 3.1.1; the constants
    are those of `log_normalizer`.

    Examples
    --------
    >>> print(round(noise_nll("squared", 3.0), 6))
    5.418939
    """
    options = residual_options(name, delta, tau)
    width = finite_positive("scale", scale)
    loss = RESIDUAL_LOSSES[name].loss(float_array("residual", residual) / width, **options)
    return loss + (math.log(width) + log_normalizer(name, delta, tau))


# ----------------------------------------------------------------------------------------- fitting a constant


def fit_constant(values: ArrayLike, loss: str = "squared", *, delta: float = 1.0) -> float:
    r"""Find the constant c that minimises the total loss of the residuals ``values - c``.

    The mean for the squared loss, the median for the absolute one, and between them Huber's estimate of
    location. Where a whole interval is best (an even number of values under the absolute loss, two far
    clusters under Huber's), its middle is returned.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        The data, finite.
    loss : {"squared", "absolute", "huber"}, optional
        Which loss.
    delta : float, optional
        Huber's delta, in the unit of the data, positive and finite; other losses do not look at it.

    Returns
    -------
    float
        The best constant, in the unit of the data.

    Raises
    ------
    ValueError
        For values that are not finite, an empty or not one-dimensional input, an unknown loss, or a delta
        that is not positive and finite.

    References
    ----------
    P. J. Huber, E. M. Ronchetti, *Robust Statistics*, 2nd ed., Wiley, 2009, section 3.2.

    Examples
    --------
    >>> points = [1, 4, 5, 6, 90]
    >>> [fit_constant(points, loss) for loss in ("squared", "absolute", "huber")]
    [21.2, 5.0, 5.0]
    >>> fit_constant(points, "huber", delta=30)
    11.5
    """
    data = _finite_array("values", values)
    if data.ndim != 1:
        raise ValueError(f"values must have one axis, not shape {data.shape}.")
    if loss == "squared":
        return _exact_mean(data)
    data = np.sort(data)
    if loss == "absolute":
        return _midpoint(float(data[(data.size - 1) // 2]), float(data[data.size // 2]))
    if loss == "huber":
        return _huber_location(data, finite_positive("delta", delta))
    raise ValueError(f"loss must be one of squared, absolute, huber, not {loss!r}.")


def _exact_mean(data: Floats) -> float:
    """Mean from a sum without rounding, also where the sum is beyond the largest float."""
    try:
        return math.fsum(data) / data.size
    except OverflowError:
        return math.ldexp(math.fsum(np.ldexp(data, -64)) / data.size, 64)


def _midpoint(low: float, high: float) -> float:
    """Middle of two numbers, also where their sum is beyond the largest float."""
    total = low + high
    return 0.5 * low + 0.5 * high if math.isinf(total) else 0.5 * total


def _huber_location(data: Floats, delta: float) -> float:
    """Solve ``sum clip(x - c, -delta, delta) = 0`` exactly for sorted x.

    The sum is monotone in c, and a straight line between neighbours among the points x - delta and x + delta:
    a binary search over these finds the line that crosses zero, and the crossing is one Newton step away.
    """
    # Scaled to at most 1 by a power of two, which is exact: no sum can overflow.
    exponent = int(np.frexp(np.abs(data).max())[1])
    with np.errstate(over="ignore"):
        scaled = np.ldexp(data, -exponent)
        limit = min(float(np.ldexp(delta, -exponent)), float(scaled[-1] - scaled[0]))
    if limit == 0.0:
        # All values are equal, or delta is too small to tell the loss from the absolute one.
        return _midpoint(float(data[(data.size - 1) // 2]), float(data[data.size // 2]))
    knots = np.unique(np.clip(np.concatenate([scaled - limit, scaled + limit]), scaled[0], scaled[-1]))

    def push(c: float) -> float:
        return math.fsum(np.clip(c - scaled, -limit, limit))

    # The knots are rounded, so a sum that should be 0 may be off by the spacing of the floats.
    slack = min(4.0 * data.size * float(np.spacing(np.abs(scaled).max())), 0.5 * limit)
    first = bisect.bisect_left(knots, -slack, key=push)
    last = bisect.bisect_right(knots, slack, key=push) - 1
    centre = _midpoint(float(knots[first]), float(knots[last]))
    # Only points within delta move the sum. Where there are none it is 0 all along, and the middle is meant.
    near = int((np.abs(centre - scaled) < limit).sum())
    return math.ldexp(centre - push(centre) / max(1, near), exponent)
