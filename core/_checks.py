"""Checks of arguments that several topics share, each raising one clear sentence."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]


def finite_positive(name: str, value: float) -> float:
    """Return ``value`` as a float, or raise ``ValueError`` naming ``name``."""
    number = float(value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name} must be positive and finite, not {value!r}.")
    return number


def finite(name: str, value: float) -> float:
    """Return ``value`` as a float, or raise ``ValueError`` where it is nan or infinite."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, not {value!r}.")
    return number


def count(name: str, value: int, *, at_least: int = 0) -> int:
    """Return ``value`` as an int, or raise ``ValueError`` where it is not a whole number in range."""
    if isinstance(value, bool) or int(value) != value or value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, not {value!r}.")
    return int(value)


def float_array(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as a non-empty float64 array without nan, or raise ``ValueError``."""
    array = np.asarray(values, dtype=np.float64)
    if array.size == 0:
        raise ValueError(f"{name} must not be empty.")
    if np.isnan(array).any():
        raise ValueError(f"{name} must not contain nan.")
    return array
