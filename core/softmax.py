"""Softmax: how K scores (logits) become K probabilities, what temperature does, and where floats break it."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from core._checks import Floats, all_finite, finite_positive, float_array
from core.information import as_distribution

__all__ = [
    "ExpTerms",
    "SoftmaxSteps",
    "exp_overflow_threshold",
    "exp_terms",
    "log_softmax",
    "logits_from_probs",
    "plane_to_simplex",
    "simplex_to_plane",
    "softmax",
    "softmax_jacobian",
    "softmax_steps",
    "temperature_path",
]

_PRECISIONS: dict[str, type[np.floating[Any]]] = {
    "float16": np.float16,
    "float32": np.float32,
    "float64": np.float64,
}
_ROOT3 = math.sqrt(3.0)


class ExpTerms(NamedTuple):
    """What softmax adds up, before the division."""

    plain: Floats
    """exp(z/T); ``inf`` where it overflows."""
    shifted: Floats
    """exp((z - max z)/T): the same proportions, between 0 and 1."""


class SoftmaxSteps(NamedTuple):
    """Every step of a softmax carried out in one floating-point precision."""

    exps: NDArray[np.floating[Any]]
    """The exponentials, shape (..., K)."""
    total: NDArray[np.floating[Any]]
    """Their sum over the classes, shape (...)."""
    probs: NDArray[np.floating[Any]]
    """Exponentials over their sum, shape (..., K); nan where that is inf/inf or 0/0."""
    log_of_probs: NDArray[np.floating[Any]]
    """The logarithm of those rounded probabilities, shape (..., K); -inf where one has become 0."""


def softmax(logits: ArrayLike, *, temperature: float = 1.0, axis: int = -1) -> Floats:
    r"""
    Probabilities proportional to exp(logit / temperature).

    Parameters
    ----------
    logits : array_like, shape (..., K)
        Scores. -inf is a class that cannot happen.
    temperature : float
        Positive: towards 0 the largest logit takes all, towards infinity all classes become equal.
    axis : int
        The axis that runs over the classes.

    Returns
    -------
    ndarray, shape (..., K)
        Probabilities that sum to 1 along ``axis``.

    Raises
    ------
    ValueError
        If ``logits`` is empty or a single number, contains nan or +inf, or has a row of -inf only; if
        ``temperature`` is not positive and finite.

    Notes
    -----
    .. math:: p_i = \frac{\exp(z_i/T)}{\sum_j \exp(z_j/T)}

    The largest logit is subtracted before the division by T, so neither exp nor z/T can overflow.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (2016), equations 4.1 and 6.29; Hinton, Vinyals and
    Dean, "Distilling the Knowledge in a Neural Network" (2015), equation 1, for the temperature.

    Examples
    --------
    >>> softmax([5.0, 4.0, 2.0]).round(6)
    array([0.705385, 0.259496, 0.035119])
    >>> softmax([1000.0, 1001.0]).round(6)
    array([0.268941, 0.731059])
    """
    with np.errstate(all="ignore"):
        exps = np.exp(_scaled_gaps(logits, temperature, axis))
        probs: Floats = exps / np.add.reduce(exps, axis=axis, keepdims=True)
    return probs


def log_softmax(logits: ArrayLike, *, temperature: float = 1.0, axis: int = -1) -> Floats:
    r"""
    Log-probabilities: the logarithm of `softmax`, found without ever forming a probability.

    Parameters
    ----------
    logits : array_like, shape (..., K)
        Scores. -inf is a class that cannot happen.
    temperature : float
        Positive and finite.
    axis : int
        The axis that runs over the classes.

    Returns
    -------
    ndarray, shape (..., K)
        Nats, none above 0. A finite logit gives -inf only where the true value is below -1.8e308.

    Raises
    ------
    ValueError
        If ``logits`` is empty or a single number, contains nan or +inf, or has a row of -inf only; if
        ``temperature`` is not positive and finite.

    Notes
    -----
    .. math:: \log p_i = g_i - \log \sum_j e^{g_j}, \qquad g_i = (z_i - \max z)/T

    One of the exponentials is exactly 1. Keeping it out of the sum and taking log1p of the rest leaves the
    logarithm of a probability near 1 all its digits: log(softmax) would round it to 0.

    References
    ----------
    Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax functions" (2021).

    Examples
    --------
    >>> log_softmax([5.0, 4.0, 2.0]).round(6)
    array([-0.349012, -1.349012, -3.349012])
    >>> print(log_softmax([0.0, 50.0]))
    [-5.00000000e+01 -1.92874985e-22]
    """
    with np.errstate(all="ignore"):
        gaps = _scaled_gaps(logits, temperature, axis)
        log_probs: Floats = gaps - np.log1p(_sum_of_others(gaps, axis))
    return log_probs


def softmax_jacobian(logits: ArrayLike, *, temperature: float = 1.0) -> Floats:
    r"""
    How each probability moves with each logit.

    Parameters
    ----------
    logits : array_like, shape (..., K)
        Scores, the classes along the last axis. -inf is a class that cannot happen.
    temperature : float
        Positive and finite.

    Returns
    -------
    ndarray, shape (..., K, K)
        Entry (i, j) is dp_i/dz_j, per unit of logit. Symmetric; each row and each column sums to 0.

    Raises
    ------
    ValueError
        If ``logits`` is empty or a single number, contains nan or +inf, or has a row of -inf only; if
        ``temperature`` is not positive and finite.

    Notes
    -----
    .. math:: \frac{\partial p_i}{\partial z_j} = \frac{p_i (\delta_{ij} - p_j)}{T}

    The diagonal is added up from the other entries of its row, since 1 - p_i has no digits left near p_i = 1.

    References
    ----------
    Bishop, *Pattern Recognition and Machine Learning* (2006), equation 4.106.

    Examples
    --------
    >>> softmax_jacobian([5.0, 4.0, 2.0]).round(6)
    array([[ 0.207817, -0.183045, -0.024772],
           [-0.183045,  0.192158, -0.009113],
           [-0.024772, -0.009113,  0.033886]])
    """
    log_probs = log_softmax(logits, temperature=temperature)
    classes = np.arange(log_probs.shape[-1])
    with np.errstate(all="ignore"):
        # Half of 1/T goes to each factor, inside exp: a tiny T must not meet a p that has underflowed.
        roots = np.exp(log_probs - 0.5 * math.log(temperature))
        products = roots[..., :, np.newaxis] * roots[..., np.newaxis, :]
        products[..., classes, classes] = 0.0
        jacobian: Floats = 0.0 - products
        jacobian[..., classes, classes] = np.add.reduce(products, axis=-1)
    return jacobian


def softmax_steps(
    logits: ArrayLike, *, temperature: float = 1.0, dtype: DTypeLike = "float64", shifted: bool = False
) -> SoftmaxSteps:
    """
    Every step of a softmax in a chosen precision, for showing where it breaks.

    Parameters
    ----------
    logits : array_like, shape (..., K)
        Scores, the classes along the last axis. -inf is a class that cannot happen.
    temperature : float
        Positive and finite.
    dtype : {"float16", "float32", "float64"}
        Precision of every step.
    shifted : bool
        Whether the largest logit is subtracted first.

    Returns
    -------
    SoftmaxSteps
        Exponentials, their sum, the probabilities and the logarithm of these, all of ``dtype``, with inf and
        nan where they happen.

    Raises
    ------
    ValueError
        As `softmax`, and if ``dtype`` is none of the three. Overflow does not raise.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 4.1; IEEE 754-2019, table 3.5, for
    the three formats.

    Examples
    --------
    >>> steps = softmax_steps([0.0, 100.0], dtype="float32")
    >>> print(steps.exps, steps.total, steps.probs)
    [ 1. inf] inf [ 0. nan]
    >>> print(softmax_steps([0.0, 200.0], dtype="float32", shifted=True).log_of_probs)
    [-inf   0.]
    """
    number = _precision(dtype)
    array, _ = _checked_logits(logits, -1)
    finite_positive("temperature", temperature)
    with np.errstate(all="ignore"):
        scores = array.astype(number)
        if shifted:
            scores = scores - np.maximum.reduce(scores, axis=-1, keepdims=True)
        exps = np.exp(scores / number(temperature))
        total = np.add.reduce(exps, axis=-1, keepdims=True)
        probs = exps / total
        return SoftmaxSteps(exps, total[..., 0], probs, np.log(probs))


def exp_overflow_threshold(dtype: DTypeLike = "float64") -> float:
    """
    Largest z whose exp is finite: the logarithm of the largest number of a precision.

    Parameters
    ----------
    dtype : {"float16", "float32", "float64"}
        The precision.

    Returns
    -------
    float
        In units of logit over temperature.

    Raises
    ------
    ValueError
        If ``dtype`` is none of the three.

    References
    ----------
    IEEE 754-2019, table 3.5.

    Examples
    --------
    >>> for name in ("float16", "float32", "float64"):
    ...     print(f"{exp_overflow_threshold(name):.4f}")
    11.0899
    88.7228
    709.7827
    """
    return math.log(float(np.finfo(_precision(dtype)).max))


def exp_terms(logits: ArrayLike, *, temperature: float = 1.0, axis: int = -1) -> ExpTerms:
    """
    Exponentials between the scores and the probabilities, as they are and relative to the largest.

    Parameters
    ----------
    logits : array_like, shape (..., K)
        Scores. -inf is a class that cannot happen.
    temperature : float
        Positive and finite.
    axis : int
        The axis that runs over the classes.

    Returns
    -------
    ExpTerms
        ``plain``, exp(z/T), which may overflow to inf, and ``shifted``, exp((z - max z)/T), which cannot and
        so can be drawn. Both have the shape of ``logits``.

    Raises
    ------
    ValueError
        As `softmax`.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 4.1.

    Examples
    --------
    >>> plain, shifted = exp_terms([5.0, 4.0, 2.0])
    >>> print(plain.round(4), shifted.round(6))
    [148.4132  54.5982   7.3891] [1.       0.367879 0.049787]
    """
    with np.errstate(all="ignore"):
        shifted = np.exp(_scaled_gaps(logits, temperature, axis))
        return ExpTerms(np.exp(np.asarray(logits, dtype=np.float64) / float(temperature)), shifted)


def temperature_path(logits: ArrayLike, temperatures: ArrayLike) -> Floats:
    """
    Probabilities of one row of logits at many temperatures.

    Parameters
    ----------
    logits : array_like, shape (K,)
        Scores of one sample. -inf is a class that cannot happen.
    temperatures : array_like, shape (M,)
        Each positive and finite.

    Returns
    -------
    ndarray, shape (M, K)
        Row m is ``softmax(logits, temperature=temperatures[m])``.

    Raises
    ------
    ValueError
        As `softmax`, if ``logits`` or ``temperatures`` is not one-dimensional, or if a temperature is not
        positive and finite.

    References
    ----------
    Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015), equation 1.

    Examples
    --------
    >>> temperature_path([5.0, 4.0, 2.0], [0.5, 1.0, 10.0]).round(6)
    array([[0.878878, 0.118943, 0.002179],
           [0.705385, 0.259496, 0.035119],
           [0.377978, 0.342009, 0.280013]])
    """
    array, peak = _checked_logits(logits, -1)
    scales = float_array("temperatures", temperatures)
    for name, values in (("logits", array), ("temperatures", scales)):
        if values.ndim != 1:
            raise ValueError(f"{name} must be one row of numbers, not an array of shape {values.shape}.")
    wrong = ~((scales > 0.0) & (scales < np.inf))
    if wrong.any():
        raise ValueError(f"temperatures must be positive and finite, not {float(scales[wrong][0])!r}.")
    with np.errstate(all="ignore"):
        exps = np.exp(_gaps(array, peak, scales[:, np.newaxis]))
        probs: Floats = exps / np.add.reduce(exps, axis=-1, keepdims=True)
    return probs


def logits_from_probs(probs: ArrayLike, *, axis: int = -1) -> Floats:
    """
    Logits that `softmax` turns into given probabilities: log p, centred.

    Parameters
    ----------
    probs : array_like, shape (..., K)
        Distributions along ``axis``.
    axis : int
        The axis that runs over the classes.

    Returns
    -------
    ndarray, shape (..., K)
        Softmax has forgotten a constant, so the finite logits are made to sum to 0; -inf where p = 0.

    Raises
    ------
    ValueError
        If ``probs`` is not a distribution along ``axis``.

    References
    ----------
    Aitchison, *The Statistical Analysis of Compositional Data* (1986), section 4.6: the centred log-ratio.

    Examples
    --------
    >>> logits_from_probs([0.705385, 0.259496, 0.035119]).round(4)
    array([ 1.3333,  0.3333, -1.6667])
    >>> logits_from_probs([0.5, 0.5, 0.0])
    array([  0.,   0., -inf])
    """
    array = as_distribution(probs, axis=axis)
    possible = array > 0.0
    peak = np.maximum.reduce(array, axis=axis, keepdims=True)
    with np.errstate(all="ignore"):
        # log(p/peak): log1p keeps the digits of a ratio near 1, the difference of logs those of a tiny one.
        close = array > 0.5 * peak
        gaps = np.where(close, np.log1p((array - peak) / peak), np.log(array) - np.log(peak))
        total = np.add.reduce(np.where(possible, gaps, 0.0), axis=axis, keepdims=True)
        logits: Floats = gaps - total / np.add.reduce(possible, axis=axis, keepdims=True, dtype=np.float64)
    return logits


def simplex_to_plane(probs: ArrayLike) -> Floats:
    """
    Point of a triangle that stands for probabilities of three classes.

    Parameters
    ----------
    probs : array_like, shape (..., 3)
        Distributions along the last axis.

    Returns
    -------
    ndarray, shape (..., 2)
        x and y in units of a side. Class 0 is certain at (0, 0), class 1 at (1, 0), class 2 at
        (1/2, sqrt(3)/2).

    Raises
    ------
    ValueError
        If ``probs`` is not a distribution along the last axis, or has not three classes.

    References
    ----------
    Aitchison, *The Statistical Analysis of Compositional Data* (1986): the ternary diagram.

    Examples
    --------
    >>> simplex_to_plane([[1, 0, 0], [0, 0, 1], [0.2, 0.2, 0.6]]).round(6)
    array([[0.      , 0.      ],
           [0.5     , 0.866025],
           [0.5     , 0.519615]])
    """
    array = as_distribution(probs)
    if array.shape[-1] != 3:
        raise ValueError(f"probs must have three classes along its last axis, not {array.shape[-1]}.")
    plane = np.empty((*array.shape[:-1], 2))
    plane[..., 0] = array[..., 1] + 0.5 * array[..., 2]
    plane[..., 1] = 0.5 * _ROOT3 * array[..., 2]
    return plane


def plane_to_simplex(xy: ArrayLike) -> Floats:
    """
    Probabilities of three classes at a point of the triangle, or at the point of it that is closest.

    Parameters
    ----------
    xy : array_like, shape (..., 2)
        Points in the coordinates of `simplex_to_plane`, inside the triangle or anywhere else.

    Returns
    -------
    ndarray, shape (..., 3)
        Distributions along the last axis.

    Raises
    ------
    ValueError
        If ``xy`` is empty, is not finite, or its last axis is not two long.

    References
    ----------
    Ericson, *Real-Time Collision Detection* (2005), section 5.1.5.

    Examples
    --------
    >>> plane_to_simplex([[0.5, 0.519615], [0.25, -3.0], [9.0, -1.0]]).round(6)
    array([[0.2 , 0.2 , 0.6 ],
           [0.75, 0.25, 0.  ],
           [0.  , 1.  , 0.  ]])
    """
    points = float_array("xy", xy)
    if points.ndim == 0 or points.shape[-1] != 2:
        raise ValueError(f"xy must have two numbers along its last axis, not the shape {points.shape}.")
    if not np.isfinite(points).all():
        raise ValueError("xy must be finite, not contain infinity.")
    x, y = points[..., 0], points[..., 1]
    with np.errstate(all="ignore"):
        lean = y / _ROOT3
        weights = np.stack([1.0 - (x + lean), x - lean, 2.0 * lean], axis=-1)
        # How far along each side, from class k + 1 to class k + 2, the point's foot lies, for k = 0, 1, 2.
        rise = _ROOT3 * y
        feet = np.stack([0.5 * (1.0 + rise - x), 1.0 - 0.5 * (x + rise), x], axis=-1)
    # Outside, the closest point lies on the side across which the point is furthest out.
    side = np.argmin(weights, axis=-1)[..., np.newaxis]
    foot = np.clip(np.take_along_axis(feet, side, axis=-1), 0.0, 1.0)
    classes = np.arange(3)
    on_side = np.where(classes == (side + 1) % 3, 1.0 - foot, np.where(classes == (side + 2) % 3, foot, 0.0))
    outside = np.take_along_axis(weights, side, axis=-1) < 0.0
    # Adding 0.0 turns a -0.0 into 0.0.
    return np.where(outside, on_side, weights) + 0.0


def _precision(dtype: DTypeLike) -> type[np.floating[Any]]:
    """Return the NumPy type of one of the three precisions."""
    try:
        # None would quietly mean float64. NumPy's own way to a name costs more than some of these softmaxes.
        known = isinstance(dtype, str) and dtype in _PRECISIONS
        name = str(dtype) if known or dtype is None else np.dtype(dtype).name
    except TypeError:
        name = repr(dtype)
    if name not in _PRECISIONS:
        raise ValueError(f"dtype must be one of {', '.join(_PRECISIONS)}, not {name}.")
    return _PRECISIONS[name]


def _checked_logits(logits: ArrayLike, axis: int) -> tuple[Floats, Floats]:
    """Return the logits and their maximum along ``axis``, kept as an axis of length 1."""
    array = np.asarray(logits, dtype=np.float64)
    if array.size == 0:
        raise ValueError("logits must not be empty.")
    if array.ndim == 0:
        raise ValueError(f"logits must have an axis of classes, not be the single number {float(array)!r}.")
    peak: Floats = np.maximum.reduce(array, axis=axis, keepdims=True)
    # One look at the maxima finds nan, +inf and rows of -inf alike.
    if not all_finite(peak):
        float_array("logits", array)
        if np.isposinf(peak).any():
            raise ValueError("logits must not contain +inf: infinity has no share that can be computed.")
        raise ValueError("logits must have a finite one in each row, not only -inf.")
    return array, peak


def _scaled_gaps(logits: ArrayLike, temperature: float, axis: int) -> Floats:
    """Check the arguments and return (z - max z)/T, none positive; the caller ignores overflow."""
    scale = finite_positive("temperature", temperature)
    array, peak = _checked_logits(logits, axis)
    return _gaps(array, peak, scale)


def _gaps(array: Floats, peak: Floats, scale: float | Floats) -> Floats:
    """Return (array - peak)/scale, right also where the difference alone overflows."""
    gaps: Floats = array - peak
    if not all_finite(gaps):
        # Halves cannot overflow. They are not used throughout: halving a subnormal may lose its last bit.
        return np.where(np.isneginf(gaps), 2.0 * ((0.5 * array - 0.5 * peak) / scale), gaps / scale)
    return gaps / scale


def _sum_of_others(gaps: Floats, axis: int) -> Floats:
    """Return the sum of exp(gaps) over all classes but one of the largest, kept as an axis of length 1."""
    exps = np.exp(gaps)
    largest = gaps == 0.0
    exps[largest] = 0.0
    ties = np.add.reduce(largest, axis=axis, keepdims=True, dtype=np.float64)
    others: Floats = np.add.reduce(exps, axis=axis, keepdims=True) + (ties - 1.0)
    return others
