"""The sigmoid, and what it costs under cross-entropy and under squared error, one loss a logit.

Everything is in nats. Errors near 0 and near 1 keep their digits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core._checks import Floats, Real, broadcasts, float_array, times, unit_array

__all__ = [
    "sigmoid",
    "sigmoid_cross_entropy",
    "sigmoid_cross_entropy_slope",
    "sigmoid_squared_error",
    "sigmoid_squared_error_slope",
]


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


def _logit_and_target(logits: ArrayLike, target: ArrayLike) -> tuple[Floats, Floats]:
    """Check a logit and a target from 0 to 1 that broadcast together."""
    values = float_array("logits", logits)
    goal = unit_array("target", target)
    if goal.ndim and goal.shape != values.shape:
        broadcasts("target", goal, "logits", values)
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
    return times(goal, np.logaddexp(0.0, -values)) + times(1.0 - goal, np.logaddexp(0.0, values))


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
