"""What a batch of predictions costs: NLL, cross-entropy and their like, with reductions, and their gradients.

Losses of a batch take ``reduction="none"`` (one loss per sample), ``"sum"`` or ``"mean"``, as PyTorch's do.
Everything is in nats. Two rules hold where PyTorch's own answer is nan: a term with weight or probability
zero is zero even where the log-probability is ``-inf``, and a limit that exists is returned.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core._checks import (
    Floats,
    Real,
    broadcasts,
    finite_array,
    finite_positive,
    float_array,
    nonnegative_array,
    times,
    unit_array,
)
from core.softmax import log_softmax, softmax, softmax_jacobian

__all__ = [
    "GradientTerms",
    "binary_cross_entropy_with_logits",
    "brier_score",
    "cross_entropy_gradient",
    "cross_entropy_gradient_terms",
    "cross_entropy_loss",
    "expected_brier_score",
    "finite_difference",
    "gaussian_nll_loss",
    "kl_div_loss",
    "log_factorial",
    "nll_loss",
    "poisson_nll_loss",
    "slope_in_q",
]

Indices: TypeAlias = NDArray[np.intp]

_REDUCTIONS = ("none", "mean", "sum")
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
# scipy.special would do it at once, but takes a fifth of a second to import.
_LOG_GAMMA = np.vectorize(math.lgamma, otypes=[np.float64])


# ---------------------------------------------------------------- helpers shared by the losses of a batch


def _check_reduction(reduction: str, allowed: tuple[str, ...] = _REDUCTIONS) -> None:
    """Raise ``ValueError`` for a reduction that does not exist."""
    if reduction not in allowed:
        raise ValueError(f"reduction must be one of {', '.join(allowed)}, not {reduction!r}.")


def _distributions(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as distributions over a last axis."""
    array = unit_array(name, values)
    if array.ndim == 0:
        raise ValueError(f"{name} must have a class axis, shape (..., C), not ().")
    if (np.abs(array.sum(axis=-1) - 1.0) > 1e-6).any():
        raise ValueError(f"{name} must sum to 1 over the last axis, not to {array.sum(axis=-1)}.")
    return array


def _class_weights(weight: ArrayLike, classes: int) -> Floats:
    """Return class weights as an array of shape (C,)."""
    array = nonnegative_array("weight", weight)
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
        losses = times(chosen_weight, losses)
    if label_smoothing > 0:
        share = label_smoothing / classes
        spread = times(share if weight is None else share * weight, 0.0 - rows)
        with np.errstate(over="ignore"):
            losses = times(1.0 - label_smoothing, losses) + spread.sum(axis=1)
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
    probs = _rows(nonnegative_array("target", target))
    if label_smoothing > 0:
        probs = probs * (1.0 - label_smoothing) + label_smoothing / classes
    terms = times(probs, 0.0 - _rows(log_probs))
    if weight is not None:
        terms = times(weight, terms)
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
        For nan or ``+inf`` in `logits`, a sample that takes part and has ``-inf`` only, an empty input, a
        target of the wrong shape or type, an index out of range, a negative or infinite class probability
        or weight, ``ignore_index >= 0`` with class probabilities, an unknown reduction, or a label smoothing
        outside [0, 1].

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
    given = np.asarray(target)
    if given.shape == _sample_shape(values.shape):
        # A sample that takes no part may have no distribution: all its classes ruled out.
        idle = (given == ignore_index) & (values == -math.inf).all(axis=axis)
        if idle.any():
            values = np.where(np.expand_dims(idle, axis), 0.0, values)
    log_probs = log_softmax(values, axis=axis)
    weights = None if weight is None else _class_weights(weight, values.shape[axis])
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
        soft = nonnegative_array("target", target)
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
    point = finite_array("x", x)
    gradient = np.empty(point.shape)
    for place in np.ndindex(point.shape):
        values = []
        for shifted in (float(point[place]) + step, float(point[place]) - step):
            moved = point.copy()
            moved[place] = shifted
            values.append(float(function(moved)))
        gradient[place] = (values[0] - values[1]) / (2.0 * step)
    return gradient


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
    goal = unit_array("target", target)
    if goal.shape != values.shape:
        raise ValueError(f"target must have the shape of logits, {values.shape}, not {goal.shape}.")
    positive = times(goal, np.logaddexp(0.0, -values))
    if pos_weight is not None:
        positive = times(_broadcastable("pos_weight", pos_weight, values.shape), positive)
    losses = positive + times(1.0 - goal, np.logaddexp(0.0, values))
    if weight is not None:
        losses = times(_broadcastable("weight", weight, values.shape), losses)
    return _reduce(losses, reduction)


def _broadcastable(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """Return non-negative ``values`` that broadcast to ``shape``."""
    array = nonnegative_array(name, values)
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
    centre = finite_array("mean", mean)
    observed = finite_array("target", target)
    if observed.shape != centre.shape:
        broadcasts("target", observed, "mean", centre)
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
    array = nonnegative_array("variance", variance)
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


def log_factorial(counts: ArrayLike) -> Real:
    """Logarithm of y! for whole numbers y.

    Parameters
    ----------
    counts : array_like of float or int, any shape
        Whole numbers from 0.

    Returns
    -------
    float or ndarray of float
        Shape of `counts`.

    Raises
    ------
    ValueError
        For an empty input, or anything but finite whole numbers from 0.

    References
    ----------
    M. Abramowitz, I. A. Stegun, *Handbook of Mathematical Functions*, 1964, eq. (6.1.5).

    Examples
    --------
    >>> print(log_factorial([0, 1, 4]).round(6))
    [0. 0. 3.178054]
    """
    values = nonnegative_array("counts", counts)
    if (values != np.floor(values)).any():
        raise ValueError("counts must be whole numbers.")
    made: Real = np.asarray(_LOG_GAMMA(values + 1.0), dtype=np.float64)[()]
    return made


def poisson_nll_loss(
    log_means: ArrayLike, target: ArrayLike, *, full: bool = False, reduction: str = "mean"
) -> Real:
    r"""Negative log-likelihood of counts under Poisson distributions, :math:`e^z - y z + \log y!`.

    The twin of ``torch.nn.PoissonNLLLoss`` with ``log_input=True``, which takes the logarithm of the mean, in
    float64. The slope in :math:`z` is :math:`e^z - y`: prediction minus truth.

    Parameters
    ----------
    log_means : array_like of float, any shape
        z, the logarithm of the predicted mean, finite.
    target : array_like of float or int
        Observed counts, whole numbers from 0; broadcast against `log_means`.
    full : bool, optional
        Whether to add :math:`\log y!`, exactly (PyTorch's ``full=True`` takes Stirling's approximation).
    reduction : {"mean", "sum", "none"}, optional
        ``"mean"`` divides by the number of elements.

    Returns
    -------
    float or ndarray of float
        In nats; without the last term it may be negative.

    Raises
    ------
    ValueError
        For values that are not finite, an empty input, counts that are none, or an unknown reduction.

    References
    ----------
    P. McCullagh, J. A. Nelder, *Generalized Linear Models*, 2nd ed., Chapman and Hall, 1989, section 6.2.

    Examples
    --------
    >>> print(round(poisson_nll_loss(1.0, 3), 6), round(poisson_nll_loss(1.0, 3, full=True), 6))
    -0.281718 1.510041
    """
    _check_reduction(reduction)
    outputs, counts = finite_array("log_means", log_means), nonnegative_array("target", target)
    constant = log_factorial(counts)
    with np.errstate(over="ignore"):
        losses: Real = np.exp(outputs) - counts * outputs
    return _reduce(losses + constant if full else losses, reduction)


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
    goal = float_array("target", target) if log_target else nonnegative_array("target", target)
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
    values = _distributions("probs", probs)
    given = np.asarray(target)
    if given.shape == values.shape and given.dtype.kind == "f":
        difference = values - unit_array("target", given)
    else:
        index = _indices(given, values.shape[:-1], values.shape[-1])
        difference = values - (np.arange(values.shape[-1]) == index[..., np.newaxis])
    return _reduce(np.sum(difference * difference, axis=-1), reduction)


def expected_brier_score(probs: ArrayLike, target: ArrayLike) -> Real:
    r"""Mean Brier score of a forecast whose classes come with given probabilities.

    With :math:`p` the probabilities with which classes come, the mean of :math:`\sum_k (q_k - [k = y])^2` is
    :math:`\sum_k (q_k - p_k)^2 + 1 - \sum_k p_k^2`: least at :math:`q = p`, but 0 there only for a label. The
    last two terms are to it what entropy is to cross-entropy.

    Parameters
    ----------
    probs : array_like of float, shape (..., C)
        Forecast probabilities, each row summing to 1 within 1e-6.
    target : array_like of float, shape (..., C)
        The probability with which each class comes; broadcast against `probs`.

    Returns
    -------
    float or ndarray of float
        One score per row, from 0 to 2.

    Raises
    ------
    ValueError
        For nan, an empty input, or probabilities outside [0, 1] or that do not sum to 1.

    References
    ----------
    T. Gneiting, A. E. Raftery, "Strictly proper scoring rules, prediction, and estimation", Journal of the
    American Statistical Association 102 (2007), section 3.1.

    Examples
    --------
    >>> print(round(expected_brier_score([0.3, 0.7], [0.8, 0.2]), 6))
    0.82
    """
    forecast, truth = _distributions("probs", probs), _distributions("target", target)
    made: Real = np.sum((forecast - truth) ** 2 + truth * (1.0 - truth), axis=-1)
    return made


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
