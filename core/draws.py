"""One long sequence of draws, looked at after any number of them: its counts, and its plain product.

A picture that shows how something settles with N needs the counts at many N, for every p that a slider can
set. Drawing a million times for each would take too long: here the random numbers are drawn and sorted once,
and the counts for any p are looked up in them. They are those of `core.categorical`, draw for draw.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core._checks import Floats, count
from core.categorical import MAX_DRAWS, log_likelihood, plain_product, underflow_index
from core.information import normalize_weights, one_distribution

__all__ = [
    "LongDraw",
    "Underflow",
    "best_with_first",
    "counts_along",
    "even_classes",
    "even_counts",
    "long_draw",
    "share_standard_error",
    "underflow_along",
]

# A product below 2^-1075, e to this power, rounds to 0 in float64; one below 2^-1022 has lost digits.
_LOG_ZERO = -1075 * math.log(2.0)
_LOG_SUBNORMAL = -1022 * math.log(2.0)

# The generator makes multiples of 2^-53, so a number times this is whole.
_UNIT = 2.0**53


class LongDraw(NamedTuple):
    """Random numbers of one long sequence, sorted within the stretches between some lengths of it.

    Attributes
    ----------
    lengths : ndarray of int, shape (m,)
        Increasing lengths at which the sequence can be looked at.
    keys : ndarray of int, shape (lengths[-1],)
        The number of the stretch and, in its 53 lower bits, the random number; increasing.
    """

    lengths: NDArray[np.int64]
    keys: NDArray[np.int64]


class Underflow(NamedTuple):
    """Where the plain product of a long sequence leaves the number range, counted in draws from 1.

    Attributes
    ----------
    subnormal : int or None
        First number of draws whose product is below the smallest normal number (0 included).
    zero : int or None
        First number of draws whose product is exactly 0.
    impossible : bool
        Whether it is 0 because an outcome of probability 0 was drawn, which is no rounding.
    last : int
        From so many draws on the product stays as it is, where it has left the range.
    """

    subnormal: int | None
    zero: int | None
    impossible: bool
    last: int


def long_draw(lengths: ArrayLike, *, seed: int) -> LongDraw:
    """Draw one long sequence of random numbers, ready to be counted for any probabilities.

    Parameters
    ----------
    lengths : array_like of int, shape (m,)
        Increasing numbers of draws, from 1 to 1,000,000; at most 1,000 of them.
    seed : int
        A whole number of at least 0, as for `core.categorical.sample_classes`.

    Returns
    -------
    LongDraw

    Raises
    ------
    ValueError
        Where lengths are not increasing, or out of range, or more than 1,000; or where seed is below 0.

    References
    ----------
    Devroye, "Non-Uniform Random Variate Generation", 1986, section III.2 (inversion).

    Examples
    --------
    >>> counts_along(long_draw([1, 10, 100], seed=1), [0.8, 0.1, 0.1])
    array([[ 1,  0,  0],
           [ 7,  1,  2],
           [77, 15,  8]])
    """
    ends = _lengths(lengths)
    if ends.size > 1000:
        raise ValueError(f"lengths must be at most 1000 numbers, not {ends.size}.")
    generator = np.random.Generator(np.random.PCG64(count("seed", seed)))
    keys = (generator.random(int(ends[-1])) * _UNIT).astype(np.int64)
    stretches = np.repeat(np.arange(ends.size), np.diff(ends, prepend=0))
    keys += stretches << 53
    keys.sort()
    return LongDraw(ends, keys)


def counts_along(draw: LongDraw, probs: ArrayLike) -> NDArray[np.int64]:
    """Count the classes at every length of a long draw, without drawing again.

    Parameters
    ----------
    draw : LongDraw
        Made by `long_draw`.
    probs : array_like, shape (K,)
        Probabilities of the classes.

    Returns
    -------
    ndarray of int, shape (m, K)
        The same as ``running_counts(probs, draw.lengths)`` of `core.categorical` with the same seed.

    Raises
    ------
    ValueError
        Where probs is not one distribution.

    References
    ----------
    Devroye, "Non-Uniform Random Variate Generation", 1986, section III.2 (inversion).

    Examples
    --------
    >>> counts_along(long_draw([4, 8], seed=1), [0.5, 0.5])
    array([[1, 3],
           [4, 4]])
    """
    p = one_distribution(probs)
    cumulative = np.cumsum(p)
    # A number is below a bound where its whole multiple is below the bound's, rounded up: exact both ways.
    bounds = np.ceil(cumulative[:-1] / cumulative[-1] * _UNIT).astype(np.int64)
    size = draw.lengths.size
    places = draw.keys.searchsorted((np.arange(size) << 53)[:, np.newaxis] + bounds)
    below = np.empty((size, p.size + 1), dtype=np.int64)
    below[:, 0] = 0
    below[:, -1] = draw.lengths
    starts = np.concatenate([[0], draw.lengths[:-1]])
    np.cumsum(places - starts[:, np.newaxis], axis=0, out=below[:, 1:-1])
    return below[:, 1:] - below[:, :-1]


def even_counts(probs: ArrayLike, ns: ArrayLike) -> NDArray[np.int64]:
    """Give the whole counts that lie in proportion to probabilities: exactly n p where that is whole.

    They belong to one sequence, `even_classes`: a larger n adds counts and takes none away.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Probabilities of the classes.
    ns : array_like of int, shape (m,)
        Increasing numbers of draws, from 1 to 1,000,000.

    Returns
    -------
    ndarray of int, shape (m, K)
        Row i has sum ``ns[i]``.

    Raises
    ------
    ValueError
        Where probs is not one distribution, or ns are not increasing or out of range.

    References
    ----------
    Balinski and Young, "Fair Representation", 2nd ed., 2001 (Webster's method).

    Examples
    --------
    >>> even_counts([0.8, 0.1, 0.1], [1, 7, 10, 1000])
    array([[  1,   0,   0],
           [  5,   1,   1],
           [  8,   1,   1],
           [800, 100, 100]])
    """
    p = one_distribution(probs)
    wanted = _lengths(ns)
    # Class i comes at the times 1/2, 3/2, 5/2, ... over p_i: at time n about n p_i times, and all classes
    # together n times, give or take a few, which are then added or taken away in the order of the times.
    # Where n is such a time itself, rounding may have let in the later of two classes: they are exchanged.
    counts = np.floor(wanted[:, np.newaxis] * p + 0.5).astype(np.int64)
    rows = np.arange(wanted.size)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        while True:
            missing = wanted - counts.sum(axis=1)
            following = np.where(p > 0.0, (counts + 0.5) / p, np.inf)
            newest = np.where(counts > 0, (counts - 0.5) / p, -np.inf)
            # Of classes that come at the same time, the first comes first and the last leaves first.
            first = following.argmin(axis=1)
            last = p.size - 1 - newest[:, ::-1].argmax(axis=1)
            early, late = following[rows, first], newest[rows, last]
            swapped = (missing == 0) & ((early < late) | ((early == late) & (first < last)))
            if not (missing.any() or swapped.any()):
                return counts
            counts[rows, first] += (missing > 0) | swapped
            counts[rows, last] -= (missing < 0) | swapped


def even_classes(probs: ArrayLike, n: int) -> NDArray[np.intp]:
    """Give n classes in order, each as evenly spread as its probability allows; nothing is random.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Probabilities of the classes.
    n : int
        How many, from 1 to 1,000,000.

    Returns
    -------
    ndarray of int, shape (n,)
        Class indices from 0. The first m of them have the counts ``even_counts(probs, [m])``.

    Raises
    ------
    ValueError
        As `even_counts`.

    References
    ----------
    Balinski and Young, "Fair Representation", 2nd ed., 2001 (Webster's method).

    Examples
    --------
    >>> even_classes([0.8, 0.1, 0.1], 10)
    array([0, 0, 0, 0, 1, 2, 0, 0, 0, 0])
    """
    counts = even_counts(probs, [n])[0]
    classes = np.repeat(np.arange(counts.size), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    times = (np.arange(classes.size) - first + 0.5) / one_distribution(probs)[classes]
    ordered: NDArray[np.intp] = classes[times.argsort(kind="stable")]
    return ordered


def underflow_along(
    draw: Callable[[int], NDArray[np.integer]],
    lengths: ArrayLike,
    counts: ArrayLike,
    probs: ArrayLike,
    *,
    logs: Floats | None = None,
) -> Underflow:
    """Say after how many draws the plain float64 product of a long sequence underflows.

    The log-likelihood tells roughly where; only so many draws are then multiplied one after the other.

    Parameters
    ----------
    draw : callable
        A number of draws to the classes of so many, in order; a larger number adds to them.
    lengths : array_like of int, shape (m,)
        Increasing lengths of the sequence.
    counts : array_like of int, shape (m, K)
        Its counts at these lengths.
    probs : array_like, shape (K,)
        The model.
    logs : ndarray, shape (m,), optional
        ``log_likelihood(counts, probs)``, where it is known already.

    Returns
    -------
    Underflow
        What ``underflow_index(draw(lengths[-1]), probs)`` of `core.categorical` would say.

    Raises
    ------
    ValueError
        Where probs is not one distribution or does not fit the counts.

    References
    ----------
    IEEE 754-2019, section 7.5 (underflow).

    Examples
    --------
    >>> underflow_along(
    ...     lambda n: np.zeros(n, int), [1000, 2000, 4000], [[1000, 0], [2000, 0], [4000, 0]], [0.5, 0.5]
    ... )
    Underflow(subnormal=1023, zero=1075, impossible=False, last=1075)
    """
    ends, numbers, model = _lengths(lengths), np.asarray(counts), one_distribution(probs)
    if logs is None:
        logs = log_likelihood(numbers, model)
    if logs[-1] > _LOG_SUBNORMAL + 1.0:
        return Underflow(None, None, False, int(ends[-1]))
    # A little further than where it must have happened; on a product that stays at a subnormal number below.
    i = min(int(np.count_nonzero(logs > _LOG_ZERO - 1.0)) + 1, ends.size - 1)
    while True:
        classes = draw(int(ends[i]))
        left = underflow_index(classes, model)
        if left.zero is not None:
            impossible = bool(model[classes[left.zero - 1]] == 0.0)
            return Underflow(left.subnormal, left.zero, impossible, left.zero)
        still = model[numbers[-1] > numbers[i]]
        if i == ends.size - 1 or _stays(plain_product(classes, model), still):
            return Underflow(left.subnormal, None, False, int(ends[i]))
        i = ends.size - 1


def share_standard_error(probs: ArrayLike, n: ArrayLike) -> Floats:
    """Give how far the share of each class in n draws scatters around its probability.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Probabilities of the classes.
    n : int
        The number of draws, at least 1.

    Returns
    -------
    ndarray, shape (K,)
        ``sqrt(p (1 - p) / n)``.

    Raises
    ------
    ValueError
        Where probs is not one distribution or n is below 1.

    References
    ----------
    Casella and Berger, "Statistical Inference", 2nd ed., section 3.2 (the binomial's variance).

    Examples
    --------
    >>> share_standard_error([0.8, 0.1, 0.1], 100).round(3)
    array([0.04, 0.03, 0.03])
    """
    p = one_distribution(probs)
    draws = np.asarray(n, dtype=np.float64)
    if not (draws >= 1.0).all():
        raise ValueError(f"n must be at least 1, not {n!r}.")
    error: Floats = np.sqrt(p * (1.0 - p) / draws)
    return error


def best_with_first(counts: ArrayLike, firsts: ArrayLike) -> Floats:
    """Give, of all models that give the first class a probability, those that make the counts most likely.

    The other classes share the rest in proportion to their counts (evenly, where they were never drawn).

    Parameters
    ----------
    counts : array_like of int, shape (K,)
        How often each class was drawn, at least two classes.
    firsts : array_like, shape (m,)
        Probabilities of the first class.

    Returns
    -------
    ndarray, shape (m, K)
        A distribution for each of ``firsts``.

    Raises
    ------
    ValueError
        Where there is no second class, or a probability is outside 0 to 1.

    References
    ----------
    Pawitan, "In All Likelihood", 2001, section 3.4 (profile likelihood).

    Examples
    --------
    >>> best_with_first([8, 1, 1], [0.5, 0.8])
    array([[0.5 , 0.25, 0.25],
           [0.8 , 0.1 , 0.1 ]])
    """
    numbers, theta = np.asarray(counts, dtype=np.float64), np.asarray(firsts, dtype=np.float64)
    if numbers.ndim != 1 or numbers.size < 2:
        raise ValueError(f"counts must be one row of at least two classes, not of shape {numbers.shape}.")
    if not ((theta >= 0.0) & (theta <= 1.0)).all():
        raise ValueError(f"firsts must lie between 0 and 1, not {firsts!r}.")
    others = numbers[1:]
    shares = normalize_weights(others if others.any() else np.ones(others.size))
    return np.concatenate([theta[:, np.newaxis], (1.0 - theta)[:, np.newaxis] * shares], axis=1)


# Private helpers -------------------------------------------------------------------------------------------


def _lengths(lengths: ArrayLike) -> NDArray[np.int64]:
    """Return increasing whole numbers from 1 to the most draws, or raise where they are none."""
    ends = np.asarray(lengths)
    whole = ends.ndim == 1 and ends.size > 0 and ends.dtype.kind in "iu"
    if not (whole and ends[0] >= 1 and ends[-1] <= MAX_DRAWS and (np.diff(ends) > 0).all()):
        raise ValueError(f"lengths must be increasing whole numbers from 1 to {MAX_DRAWS}, not {lengths!r}.")
    return ends.astype(np.int64)


def _stays(product: float, probs: Floats) -> bool:
    """Tell whether rounding brings a product back to itself, whichever of the probabilities comes next."""
    with np.errstate(under="ignore"):
        return bool((product * probs == product).all())
