"""Checks of arguments that several topics share, each raising one clear sentence; 0 times infinity; locks."""

from __future__ import annotations

import math
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Real: TypeAlias = np.float64 | Floats
AnyArray = TypeVar("AnyArray", bound=NDArray[Any])

FEW = 16  # so many numbers are looked through sooner by Python than by NumPy, which has to be called first


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


def nonnegative(name: str, value: float) -> float:
    """Return ``value`` as a float, or raise ``ValueError`` where it is negative or not finite."""
    number = finite(name, value)
    if number < 0.0:
        raise ValueError(f"{name} must not be negative, not {value!r}.")
    return number


def count(name: str, value: int, *, at_least: int = 0) -> int:
    """Return ``value`` as an int, or raise ``ValueError`` where it is not a whole number in range."""
    if isinstance(value, bool) or int(value) != value or value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, not {value!r}.")
    return int(value)


def all_finite(array: Floats) -> bool:
    """Return whether an array holds neither nan nor infinity."""
    if array.size <= FEW:
        return all(map(math.isfinite, array.tolist() if array.ndim == 1 else array.ravel().tolist()))
    return bool(np.isfinite(array).all())


def float_array(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as a non-empty float64 array without nan, or raise ``ValueError``."""
    array = np.asarray(values, dtype=np.float64)
    if array.size == 0:
        raise ValueError(f"{name} must not be empty.")
    if not all_finite(array) and np.isnan(array).any():
        raise ValueError(f"{name} must not contain nan.")
    return array


def finite_array(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as a non-empty float64 array of finite numbers."""
    array = float_array(name, values)
    if not all_finite(array):
        raise ValueError(f"{name} must be finite, not infinite.")
    return array


def nonnegative_array(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as a non-empty float64 array of finite numbers that are not negative."""
    array = finite_array(name, values)
    if array.min() < 0:
        raise ValueError(f"{name} must not be negative, but holds {array.min()}.")
    return array


def unit_array(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as a non-empty float64 array of numbers from 0 to 1."""
    array = float_array(name, values)
    if array.min() < 0 or array.max() > 1:
        raise ValueError(f"{name} must lie between 0 and 1, but ranges from {array.min()} to {array.max()}.")
    return array


def broadcasts(name: str, values: Floats, other_name: str, other: Floats) -> None:
    """Raise ``ValueError`` where ``values`` does not broadcast with ``other``."""
    try:
        np.broadcast_shapes(values.shape, other.shape)
    except ValueError:
        raise ValueError(
            f"{name} must broadcast with {other_name} of shape {other.shape}, not have shape {values.shape}."
        ) from None


def locked(array: AnyArray) -> AnyArray:
    """Make an array read-only, that it may be kept and handed out more than once."""
    array.flags.writeable = False
    return array


def times(factor: Floats | float, values: Real) -> Real:
    """Multiply, with 0 times infinity equal to 0."""
    with np.errstate(over="ignore", invalid="ignore"):
        product: Real = np.multiply(factor, values)
    if np.isnan(product).any():
        product = np.where(np.isnan(product), 0.0, product)[()]
    return product
