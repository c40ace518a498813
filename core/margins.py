"""Losses of a margin m = y f(x), with y = -1 or +1: a row each, with its slope and its noise model.

The margin is positive where the sign is right.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from core._checks import Floats, Real, float_array
from core.sigmoid import sigmoid

__all__ = ["MARGIN_LOSSES", "MarginLoss", "zero_one_loss"]

_BIT = math.log(2.0)


@dataclass(frozen=True)
class MarginLoss:
    """A loss of the margin, with its slope and the noise model whose NLL it is.

    Attributes
    ----------
    formula, derivative : callable
        Loss and slope of a float64 array.
    noise_model : str or None
        A key, not a word to show: ``"bernoulli"`` or ``"gaussian"`` where the loss is, up to a factor and a
        constant, the NLL of a label under that model, and None where it is the NLL of no model.

    References
    ----------
    T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2nd ed., Springer, 2009,
    section 10.6.

    Examples
    --------
    >>> print(MARGIN_LOSSES["log"].loss([-2, 0, 2]), MARGIN_LOSSES["log2"].loss(0.0))
    [2.12692801 0.69314718 0.12692801] 1.0
    >>> print(MARGIN_LOSSES["hinge"].loss([-2, 0, 1, 2]), MARGIN_LOSSES["hinge"].slope([-2, 0, 1, 2]))
    [3. 1. 0. 0.] [-1. -1.  0.  0.]
    """

    formula: Callable[[Floats], Real]
    derivative: Callable[[Floats], Real]
    noise_model: str | None = None

    def loss(self, margin: ArrayLike) -> Real:
        """Return the loss of margins of any shape, infinities allowed; in nats where it is a likelihood's.

        Raises
        ------
        ValueError
            For nan or an empty input.
        """
        return _at(self.formula, margin)

    def slope(self, margin: ArrayLike) -> Real:
        """Return the slope of the loss in the margin; at a kink that of the flat side, at a jump 0.

        Raises
        ------
        ValueError
            For nan or an empty input.
        """
        return _at(self.derivative, margin)


def _at(function: Callable[[Floats], Real], margin: ArrayLike) -> Real:
    """Return a function of checked margins: what is beyond the largest float is infinite."""
    with np.errstate(over="ignore"):
        made: Real = np.asarray(function(float_array("margin", margin)))[()]
    return made


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
    made: Real = np.heaviside(-values, tie)
    return made


def _short(margin: Floats) -> Real:
    """Return how much is missing to a margin of 1."""
    made: Real = np.maximum(0.0, 1.0 - margin)
    return made


# Zero minus, so that a slope of zero is never -0.0.
MARGIN_LOSSES: Mapping[str, MarginLoss] = MappingProxyType(
    {
        "zero_one": MarginLoss(zero_one_loss, np.zeros_like),
        "log": MarginLoss(lambda m: np.logaddexp(0.0, -m), lambda m: 0.0 - sigmoid(-m), "bernoulli"),
        "log2": MarginLoss(
            lambda m: np.logaddexp(0.0, -m) * (1.0 / _BIT), lambda m: 0.0 - sigmoid(-m) / _BIT, "bernoulli"
        ),
        "exponential": MarginLoss(lambda m: np.exp(-m), lambda m: 0.0 - np.exp(-m)),
        "hinge": MarginLoss(_short, lambda m: np.where(m < 1.0, -1.0, 0.0)),
        "squared_hinge": MarginLoss(lambda m: _short(m) ** 2, lambda m: 0.0 - 2.0 * _short(m)),
        "square": MarginLoss(lambda m: (1.0 - m) ** 2, lambda m: 2.0 * (m - 1.0), "gaussian"),
    }
)
"""The margin losses by name.

``log`` is a sigmoid's cross-entropy, log(1 + e^-m), with labels -1 and +1, in nats; ``log2`` is the same in
bits, which is 1 at m = 0 and so bounds the 0/1 loss. ``hinge`` is max(0, 1 - m), ``square`` (1 - m)^2.
"""
