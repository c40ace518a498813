"""The plain product of many small factors as a computer forms it, and where it leaves the number range."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from core._checks import Floats

_FIRST_BLOCK = 512
_LARGEST_BLOCK = 65_536


class RangeExit(NamedTuple):
    """Where a running product leaves the normal number range, counted in factors from 1.

    Attributes
    ----------
    subnormal : int or None
        First number of factors whose product is below the smallest normal number (0 included).
    zero : int or None
        First number of factors whose product is exactly 0.
    overflow : int or None
        First number of factors whose product is infinite.
    """

    subnormal: int | None
    zero: int | None
    overflow: int | None


def blocks(length: int) -> Iterator[slice]:
    """Cut ``range(length)`` into slices that grow, since most products leave the range early."""
    start, size = 0, _FIRST_BLOCK
    while start < length:
        yield slice(start, min(start + size, length))
        start += size
        size = min(2 * size, _LARGEST_BLOCK)


def running_product(factors: Iterable[Floats], dtype: DTypeLike) -> tuple[float, RangeExit]:
    """Multiply the factors one after the other in ``dtype`` until the end, a 0 or an infinity."""
    kind = np.dtype(dtype)
    if kind not in (np.float16, np.float32, np.float64):
        raise ValueError(f"dtype must be float16, float32 or float64, not {kind.name}.")
    smallest_normal = np.finfo(kind).smallest_normal
    product = np.ones((), kind)[()]
    done = 0
    subnormal: int | None = None
    with np.errstate(all="ignore"):
        for block in factors:
            steps = block.astype(kind)
            steps[0] *= product
            np.multiply.accumulate(steps, out=steps)
            left = np.flatnonzero((steps == 0) | np.isinf(steps))
            if left.size:
                steps = steps[: left[0] + 1]
            if subnormal is None:
                small = np.flatnonzero(steps < smallest_normal)
                subnormal = done + int(small[0]) + 1 if small.size else None
            product = steps[-1]
            done += steps.size
            if left.size:
                zero = bool(product == 0)
                return float(product), RangeExit(subnormal, done if zero else None, None if zero else done)
    return float(product), RangeExit(subnormal, None, None)
