"""The categorical model of repeated draws: samples, counts, likelihood, and how it becomes cross-entropy.

p is the distribution that the draws come from, q the model that is judged by them. A likelihood here is that
of the ordered sample, so it has no multinomial coefficient; the coefficient is the same for every model and
has its own functions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from core._checks import Floats, count, locked
from core._products import RangeExit, blocks, running_product
from core.information import as_distribution, entropy, kl_divergence, one_distribution

__all__ = [
    "MAX_DRAWS",
    "Identity",
    "RangeExit",
    "empirical",
    "identity",
    "log_likelihood",
    "log_multinomial_coefficient",
    "log_spaced",
    "mean_nll",
    "mean_nll_standard_error",
    "multinomial_coefficient",
    "plain_product",
    "running_counts",
    "sample_classes",
    "sample_counts",
    "underflow_index",
    "with_pseudo_counts",
]

MAX_DRAWS = 1_000_000
_MANY = 65_536  # of so many uniform numbers some are kept

_LARGEST_EXACT_TOTAL = 10_000

# log(n!) - (n + 1/2) log(n) + n - log(2 pi) / 2 for n = 0 (taken as 0) to 15, made with mpmath at 50 digits.
_STIRLING_REST = np.array(
    [
        0.0,
        0.08106146679532726,
        0.0413406959554093,
        0.02767792568499834,
        0.020790672103765093,
        0.016644691189821193,
        0.013876128823070748,
        0.01189670994589177,
        0.010411265261972096,
        0.009255462182712733,
        0.00833056343336287,
        0.007573675487951841,
        0.00694284010720953,
        0.006408994188004207,
        0.0059513701127588475,
        0.005554733551962801,
    ]
)


class Identity(NamedTuple):
    """The mean NLL and its two parts: ``mean_nll = entropy + kl_divergence``, all in nats."""

    mean_nll: Floats
    entropy: Floats
    kl_divergence: Floats


# Draws -----------------------------------------------------------------------------------------------------


def sample_classes(probs: ArrayLike, n: int, *, seed: int) -> NDArray[np.intp]:
    """Draw n classes in order; a larger n adds draws and replaces none.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Probabilities of the classes.
    n : int
        How many draws, from 1 to 1,000,000.
    seed : int
        A whole number of at least 0 (for the PCG64 generator).

    Returns
    -------
    ndarray of int, shape (n,)
        Class indices from 0. A class of probability 0 is never drawn, and a change of the probabilities
        changes only as many draws as it must, because the random numbers behind them stay.

    Raises
    ------
    ValueError
        Where probs is not one distribution, or n or seed is out of range.

    References
    ----------
    Devroye, "Non-Uniform Random Variate Generation", 1986, section III.2 (inversion).

    Examples
    --------
    >>> sample_classes([0.8, 0.1, 0.1], 10, seed=1)
    array([0, 2, 0, 2, 0, 0, 1, 0, 0, 0])
    >>> sample_classes([0.8, 0.1, 0.1], 4, seed=1)
    array([0, 2, 0, 2])
    """
    bounds, uniform = _draw(probs, n, seed)
    classes = np.zeros(uniform.size, dtype=np.intp)
    for bound in bounds:
        classes += uniform >= bound
    return classes


def sample_counts(probs: ArrayLike, n: int, *, seed: int) -> NDArray[np.int64]:
    """Draw n times and count the classes: one draw of the multinomial distribution.

    The counts are those of `sample_classes` with the same arguments, so a larger n adds to them.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Probabilities of the classes.
    n : int
        How many draws, from 1 to 1,000,000.
    seed : int
        A whole number of at least 0.

    Returns
    -------
    ndarray of int, shape (K,)
        Counts with sum n.

    Raises
    ------
    ValueError
        As `sample_classes`.

    References
    ----------
    Casella and Berger, "Statistical Inference", 2nd ed., definition 4.6.2.

    Examples
    --------
    >>> sample_counts([0.8, 0.1, 0.1], 10, seed=1)
    array([7, 1, 2])
    >>> sample_counts([0.8, 0.1, 0.1], 1_000_000, seed=1)
    array([799886, 100238,  99876])
    """
    bounds, uniform = _draw(probs, n, seed)
    # How many draws lie below each bound; the differences are the counts.
    below = [0, *(np.count_nonzero(uniform < bound) for bound in bounds), uniform.size]
    ends = np.array(below, dtype=np.int64)
    return ends[1:] - ends[:-1]


def log_spaced(n: int, *, points: int = 60) -> NDArray[np.int64]:
    """Give whole numbers from 1 to n that are about evenly spaced on a logarithmic axis.

    Parameters
    ----------
    n : int
        The last number, at least 1.
    points : int
        How many numbers at most, at least 2; small ones that coincide appear once.

    Returns
    -------
    ndarray of int
        Increasing, from 1 to n.

    Raises
    ------
    ValueError
        Where n is below 1 or points below 2.

    References
    ----------
    Cleveland, "The Elements of Graphing Data", 1994, section 2.5 (logarithmic scales).

    Examples
    --------
    >>> log_spaced(1000, points=7)
    array([   1,    3,   10,   32,  100,  316, 1000])
    """
    last, room = count("n", n, at_least=1), count("points", points, at_least=2)
    return np.unique(np.rint(np.geomspace(1, last, room)).astype(np.int64))


def running_counts(probs: ArrayLike, ns: ArrayLike, *, seed: int) -> NDArray[np.int64]:
    """Count the classes of one long ordered draw at several lengths of it.

    With `mean_nll` this gives the running mean NLL of any model on one and the same sequence of draws.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Probabilities of the classes.
    ns : array_like of int, shape (m,)
        Increasing lengths, from 1 to 1,000,000 (`log_spaced` makes them).
    seed : int
        A whole number of at least 0.

    Returns
    -------
    ndarray of int, shape (m, K)
        Row i holds the counts of the first ``ns[i]`` draws, the same as ``sample_counts(probs, ns[i])``.

    Raises
    ------
    ValueError
        Where ns is empty or not increasing, and as `sample_classes`.

    References
    ----------
    Cover and Thomas, "Elements of Information Theory", 2nd ed., section 3.1 (the mean NLL converges).

    Examples
    --------
    >>> counts = running_counts([0.8, 0.1, 0.1], [1, 10, 100, 100_000], seed=1)
    >>> counts[:3]
    array([[ 1,  0,  0],
           [ 7,  1,  2],
           [77, 15,  8]])
    >>> mean_nll(counts, [0.2, 0.2, 0.6]).round(3)
    array([1.609, 1.39 , 1.522, 1.499])
    """
    lengths = np.asarray(ns)
    if lengths.ndim != 1 or lengths.size == 0 or not (np.diff(lengths) > 0).all():
        raise ValueError(f"ns must be increasing whole numbers, not {ns!r}.")
    ends = [count("ns", length, at_least=1) for length in lengths.tolist()]
    classes = sample_classes(probs, ends[-1], seed=seed)
    kinds = np.asarray(probs).size
    pieces = [
        np.bincount(classes[start:end], minlength=kinds)
        for start, end in zip([0, *ends[:-1]], ends, strict=True)
    ]
    return np.cumsum(pieces, axis=0, dtype=np.int64)


def empirical(counts: ArrayLike) -> Floats:
    """Give the relative frequencies, which are the maximum-likelihood estimate of the probabilities.

    Parameters
    ----------
    counts : array_like of int, shape (..., K)
        Whole numbers of at least 0, not all 0 in a row.

    Returns
    -------
    ndarray, shape (..., K)
        Frequencies that sum to 1 along the last axis.

    Raises
    ------
    ValueError
        Where counts are no whole numbers of at least 0, or a row has sum 0.

    References
    ----------
    Bishop, "Pattern Recognition and Machine Learning", 2006, eq. 2.33.

    Examples
    --------
    >>> empirical([8, 1, 1])
    array([0.8, 0.1, 0.1])
    """
    numbers = _counts(counts)
    return numbers / _totals(numbers)[..., np.newaxis]


def with_pseudo_counts(counts: ArrayLike, alpha: ArrayLike) -> Floats:
    """Give the frequencies after adding alpha imaginary draws of each class.

    That is ``(N_i + alpha) / (N + alpha K)``, the mode of the posterior (MAP) under a Dirichlet prior whose
    parameters are all ``alpha + 1``; with alpha = 0 that prior is flat, and the estimate is that of maximum
    likelihood, `empirical`.

    Parameters
    ----------
    counts : array_like of int, shape (..., K)
        How often each class was drawn.
    alpha : array_like, shape (...)
        Pseudo-counts of each class, finite and at least 0; broadcasts with the leading axes of ``counts``.

    Returns
    -------
    ndarray, shape (..., K)
        Distributions along the last axis.

    Raises
    ------
    ValueError
        Where counts are no whole numbers of at least 0, alpha is negative or not finite, or there is neither
        a draw nor a pseudo-count.

    References
    ----------
    Gelman et al., "Bayesian Data Analysis", 3rd ed., section 3.4 (the multinomial model).

    Examples
    --------
    >>> with_pseudo_counts([9, 1, 0], [0.0, 1.0]).round(4)
    array([[0.9   , 0.1   , 0.    ],
           [0.7692, 0.1538, 0.0769]])
    """
    numbers, added = _counts(counts), np.asarray(alpha, dtype=np.float64)
    if not ((added >= 0.0) & (added < np.inf)).all():
        raise ValueError(f"alpha must be finite and at least 0, not {alpha!r}.")
    seen = numbers + added[..., np.newaxis]
    return seen / _totals(seen)[..., np.newaxis]


# Likelihood ------------------------------------------------------------------------------------------------


def log_likelihood(counts: ArrayLike, probs: ArrayLike) -> Floats:
    """Give the log-likelihood of an ordered sample with these counts: ``sum_i counts_i log(probs_i)``.

    Parameters
    ----------
    counts : array_like of int, shape (..., K)
        How often each class was drawn.
    probs : array_like, shape (..., K)
        The model; the leading axes of both broadcast.

    Returns
    -------
    ndarray, shape (...)
        Nats, at most 0. A class that was never drawn adds nothing, whatever its probability; a class that was
        drawn although its probability is 0 makes it -inf.

    Raises
    ------
    ValueError
        Where counts are no whole numbers of at least 0, probs is not a distribution, or K differs.

    References
    ----------
    Bishop, "Pattern Recognition and Machine Learning", 2006, eq. 2.29.

    Examples
    --------
    >>> log_likelihood([8, 1, 1], [[0.8, 0.1, 0.1], [0.2, 0.2, 0.6]]).round(4)
    array([ -6.3903, -14.9958])
    >>> print(log_likelihood([8, 1, 1], [0.9, 0.1, 0.0]))
    -inf
    """
    total: Floats = 0.0 - _nll(*_pair(counts, probs))
    return total


def mean_nll(counts: ArrayLike, probs: ArrayLike) -> Floats:
    """Give the mean negative log-likelihood per draw, which is the cross-entropy H(p_hat, probs).

    Parameters
    ----------
    counts : array_like of int, shape (..., K)
        How often each class was drawn; at least one draw in each row.
    probs : array_like, shape (..., K)
        The model; the leading axes of both broadcast.

    Returns
    -------
    ndarray, shape (...)
        Nats per draw, at least 0; inf where a class of probability 0 was drawn.

    Raises
    ------
    ValueError
        As `log_likelihood`, and where a row of counts has sum 0.

    References
    ----------
    Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 5.5.

    Examples
    --------
    >>> mean_nll([8, 1, 1], [[0.8, 0.1, 0.1], [0.2, 0.2, 0.6]]).round(6)
    array([0.639032, 1.499577])
    """
    numbers, model = _pair(counts, probs)
    mean: Floats = _nll(numbers, model) / _totals(numbers)
    return mean


def identity(counts: ArrayLike, probs: ArrayLike) -> Identity:
    """Split the mean NLL into what no model can save and what this model wastes.

    ``-log L(q) / N = H(p_hat, q) = H(p_hat) + KL(p_hat || q)``, with p_hat the relative frequencies.

    Parameters
    ----------
    counts : array_like of int, shape (..., K)
        How often each class was drawn; at least one draw in each row.
    probs : array_like, shape (..., K)
        The model; the leading axes of both broadcast.

    Returns
    -------
    Identity
        ``mean_nll``, ``entropy`` and ``kl_divergence`` in nats, the parts computed on their own. Where a
        class of probability 0 was drawn, the first and the last are inf.

    Raises
    ------
    ValueError
        As `mean_nll`.

    References
    ----------
    Cover and Thomas, "Elements of Information Theory", 2nd ed., theorem 11.1.2.

    Examples
    --------
    >>> parts = identity([8, 1, 1], [0.2, 0.2, 0.6])
    >>> print(parts.mean_nll.round(6), parts.entropy.round(6), parts.kl_divergence.round(6))
    1.499577 0.639032 0.860545
    """
    numbers, model = _pair(counts, probs)
    totals = _totals(numbers)
    frequencies, expanded = np.broadcast_arrays(numbers / totals[..., np.newaxis], model)
    return Identity(_nll(numbers, model) / totals, entropy(frequencies), kl_divergence(frequencies, expanded))


def mean_nll_standard_error(p: ArrayLike, q: ArrayLike, n: ArrayLike) -> Floats:
    """Give how far the mean NLL of n draws scatters around the cross-entropy H(p, q).

    The standard deviation of -log q under p, divided by sqrt(n).

    Parameters
    ----------
    p, q : array_like, shape (K,)
        The truth and the model.
    n : array_like
        Numbers of draws, each at least 1.

    Returns
    -------
    ndarray, in the shape of n
        Nats. 0 where -log q is the same for every class that p can draw. Where q is 0 for a class that p can
        draw, the cross-entropy itself is infinite and no finite band describes the scatter: inf.

    Raises
    ------
    ValueError
        Where p or q is not one distribution, K differs, or an n is below 1 or not finite.

    References
    ----------
    Casella and Berger, "Statistical Inference", 2nd ed., theorem 5.2.6.

    Examples
    --------
    >>> mean_nll_standard_error([0.8, 0.1, 0.1], [0.2, 0.2, 0.6], [1, 100, 10_000]).round(6)
    array([0.329584, 0.032958, 0.003296])
    """
    truth, model = as_distribution(p, name="p"), as_distribution(q, name="q")
    if truth.ndim != 1 or truth.shape != model.shape:
        raise ValueError(
            f"p and q must have one and the same shape (K,), not {truth.shape} and {model.shape}."
        )
    draws = np.asarray(n, dtype=np.float64)
    if not ((draws >= 1) & (draws < np.inf)).all():
        raise ValueError(f"n must be at least 1, not {n!r}.")
    possible = truth > 0
    truth, model = truth[possible], model[possible]
    if not model.all():
        return np.full(draws.shape, np.inf)[()]
    # Measured from the most probable class: equal probabilities then differ by exactly 0, and the logarithm
    # of a ratio near 1 keeps its digits.
    reference = model[truth.argmax()]
    excess = _log_ratio(model, reference)
    share = truth / truth.sum()
    variance = share @ (excess - share @ excess) ** 2
    error: Floats = math.sqrt(variance) / np.sqrt(draws)
    return error


# The multinomial coefficient -------------------------------------------------------------------------------


def multinomial_coefficient(counts: ArrayLike) -> int:
    """Give in how many orders a sample with these counts can come: ``N! / (N_1! N_2! ...)``, exactly.

    Parameters
    ----------
    counts : array_like of int, shape (K,)
        Whole numbers of at least 0 with a sum of at most 10,000 (beyond, take the logarithm).

    Returns
    -------
    int
        The coefficient; 1 for no draws.

    Raises
    ------
    ValueError
        Where counts are not one row of whole numbers of at least 0, or their sum is above 10,000.

    References
    ----------
    Casella and Berger, "Statistical Inference", 2nd ed., definition 4.6.3.

    Examples
    --------
    >>> multinomial_coefficient([8, 1, 1])
    90
    """
    numbers = _counts(counts)
    if numbers.ndim != 1:
        raise ValueError(f"counts must be one row of shape (K,), not of shape {numbers.shape}.")
    if numbers.sum() > _LARGEST_EXACT_TOTAL:
        raise ValueError(
            f"counts must sum to at most {_LARGEST_EXACT_TOTAL} for the exact coefficient, "
            f"not to {numbers.sum():.0f}."
        )
    total, ways = 0, 1
    for number in numbers.tolist():
        total += int(number)
        ways *= math.comb(total, int(number))
    return ways


def log_multinomial_coefficient(counts: ArrayLike) -> Floats:
    """Give the logarithm of the multinomial coefficient, which is the same for every model.

    The difference of log-factorials would lose all digits that they share. Taken apart by Stirling's formula
    the large parts cancel on paper: N times the entropy of the frequencies remains, and small corrections.

    Parameters
    ----------
    counts : array_like of int, shape (..., K)
        Whole numbers of at least 0.

    Returns
    -------
    ndarray, shape (...)
        Nats, at least 0.

    Raises
    ------
    ValueError
        Where counts are no whole numbers of at least 0.

    References
    ----------
    Loader, "Fast and Accurate Computation of Binomial Probabilities", Bell Laboratories, 2000. NIST Digital
    Library of Mathematical Functions, eq. 5.11.1.

    Examples
    --------
    >>> print(log_multinomial_coefficient([8, 1, 1]).round(5))  # log(90)
    4.49981
    >>> print(log_multinomial_coefficient([999_999, 1]).round(5))  # log(1e6)
    13.81551
    """
    numbers = _counts(counts)
    totals = numbers.sum(axis=-1)
    whole = np.maximum(totals, 1.0)[..., np.newaxis]
    drawn = np.maximum(numbers, 1.0)
    # -N_i log(N_i / N), where a frequency near 1 is taken from its small distance to 1.
    surprise = -numbers * _log_ratio(drawn, whole)
    # For a class without draws the logarithm of 2 pi N_i and its correction have to vanish.
    seen = numbers > 0
    corrections = np.where(seen, 0.5 * np.log(2 * np.pi * drawn) + _stirling_rest(drawn), 0.0)
    of_total = np.where(
        totals > 0, 0.5 * np.log(2 * np.pi * whole[..., 0]) + _stirling_rest(whole[..., 0]), 0.0
    )
    result: Floats = surprise.sum(axis=-1) + (of_total - corrections.sum(axis=-1))
    return result


# The plain product -----------------------------------------------------------------------------------------


def plain_product(classes: ArrayLike, probs: ArrayLike, *, dtype: DTypeLike = np.float64) -> float:
    """Multiply the probabilities of all draws one after the other, in the arithmetic of a chosen dtype.

    Parameters
    ----------
    classes : array_like of int, shape (n,)
        Class indices in the order of the draws (`sample_classes`).
    probs : array_like, shape (K,)
        The model.
    dtype : dtype_like
        float16, float32 or float64; the probabilities are rounded to it first.

    Returns
    -------
    float
        The product; exactly 0 from the draw on at which it underflows.

    Raises
    ------
    ValueError
        Where classes is empty or no row of indices below K, probs is not one distribution, or the dtype is
        another one.

    References
    ----------
    IEEE 754-2019, section 7.5 (underflow).

    Examples
    --------
    >>> draws = [0] * 8 + [1, 2]
    >>> f"{plain_product(draws, [0.8, 0.1, 0.1]):.6g} {plain_product(draws, [0.2, 0.2, 0.6]):.6g}"
    '0.00167772 3.072e-07'
    """
    return running_product(_prob_blocks(classes, probs), dtype)[0]


def underflow_index(classes: ArrayLike, probs: ArrayLike, *, dtype: DTypeLike = np.float64) -> RangeExit:
    """Say after how many draws the plain product of probabilities becomes subnormal and 0.

    Parameters
    ----------
    classes : array_like of int, shape (n,)
        Class indices in the order of the draws (`sample_classes`).
    probs : array_like, shape (K,)
        The model.
    dtype : dtype_like
        float16, float32 or float64.

    Returns
    -------
    RangeExit
        ``subnormal`` and ``zero``: the first n at which the product of n probabilities is below the smallest
        normal number, and exactly 0; None where that never happens. ``overflow`` is always None.

    Raises
    ------
    ValueError
        As `plain_product`.

    References
    ----------
    IEEE 754-2019, section 3.3 (subnormal numbers) and section 7.5.

    Examples
    --------
    >>> underflow_index([0] * 2000, [0.5, 0.5])
    RangeExit(subnormal=1023, zero=1075, overflow=None)
    """
    return running_product(_prob_blocks(classes, probs), dtype)[1]


# Private helpers -------------------------------------------------------------------------------------------


def _counts(counts: ArrayLike) -> Floats:
    """Return counts as float64 of at least one axis, or raise where they are no counts."""
    numbers = np.asarray(counts, dtype=np.float64)
    if numbers.ndim == 0 or numbers.size == 0:
        raise ValueError(f"counts must have shape (..., K) with K at least 1, not {numbers.shape}.")
    # An infinite count fails the first comparison, a nan all of them.
    if not ((numbers < np.inf) & (numbers >= 0) & (numbers == np.floor(numbers))).all():
        raise ValueError(f"counts must be whole numbers of at least 0, not {counts!r}.")
    return numbers


def _pair(counts: ArrayLike, probs: ArrayLike) -> tuple[Floats, Floats]:
    """Return counts and model, checked, or raise where their numbers of classes differ."""
    numbers, model = _counts(counts), as_distribution(probs)
    if numbers.shape[-1] != model.shape[-1]:
        raise ValueError(
            f"probs must have as many classes as counts, {numbers.shape[-1]}, not {model.shape[-1]}."
        )
    return numbers, model


def _totals(numbers: Floats) -> Floats:
    """Return the number of draws in each row, or raise where there is none."""
    totals: Floats = numbers.sum(axis=-1)
    if not totals.all():
        raise ValueError("counts must have at least one draw in each row, but a row has sum 0.")
    return totals


def _nll(numbers: Floats, model: Floats) -> Floats:
    """Return -sum N_i log(q_i) with 0 log 0 = 0, never -0.0."""
    # A class without draws counts as certain, and its logarithm as 0.
    with np.errstate(divide="ignore"):
        total: Floats = 0.0 - (numbers * np.log(np.where(numbers > 0, model, 1.0))).sum(axis=-1)
    return total


def _log_ratio(a: Floats, b: Floats) -> Floats:
    """Return log(a / b) of positive numbers with all its digits, also where a and b are neighbours."""
    # Beside a b that is next to nothing the step may overflow; there it is not needed.
    with np.errstate(over="ignore"):
        step = (a - b) / b
    near = np.abs(step) < 0.5
    return np.where(near, np.log1p(np.where(near, step, 0.0)), np.log(a) - np.log(b))


def _stirling_rest(n: Floats) -> Floats:
    """Return what Stirling's formula lacks of log(n!), for whole n of at least 1."""
    large = np.maximum(n, _STIRLING_REST.size)
    square = 1 / (large * large)
    series = (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - square / 1188) * square) * square) * square) / large
    small = _STIRLING_REST[np.minimum(n, _STIRLING_REST.size - 1).astype(np.intp)]
    return np.where(n < _STIRLING_REST.size, small, series)


def _draw(probs: ArrayLike, n: int, seed: int) -> tuple[Floats, Floats]:
    """Return the inner bounds of the classes on the unit interval, and n uniform numbers."""
    p = one_distribution(probs)
    if count("n", n, at_least=1) > MAX_DRAWS:
        raise ValueError(f"n must be at most {MAX_DRAWS}, not {n!r}.")
    count("seed", seed)
    cumulative = np.cumsum(p)
    # Divided by its end, the sum reaches exactly 1 at the last class that can be drawn: a uniform number is
    # below 1, so none of the classes of probability 0 behind it is ever hit.
    uniform = _few_uniform if n <= _MANY else _uniform
    return cumulative[:-1] / cumulative[-1], uniform(int(seed), int(n))


def _uniform(seed: int, n: int) -> Floats:
    """Return n uniform numbers."""
    return np.random.Generator(np.random.PCG64(seed)).random(n)


@lru_cache(maxsize=8)
def _few_uniform(seed: int, n: int) -> Floats:
    """Return n uniform numbers that are kept: models are drawn from one after another with the same ones."""
    return locked(_uniform(seed, n))


def _prob_blocks(classes: ArrayLike, probs: ArrayLike) -> Iterator[Floats]:
    """Yield the probabilities of the draws in blocks."""
    model = one_distribution(probs)
    indices = np.asarray(classes)
    if indices.ndim != 1 or indices.size == 0 or indices.dtype.kind not in "iu":
        raise ValueError("classes must be a row of at least one class index (an integer).")
    for block in blocks(indices.size):
        chosen = indices[block]
        if chosen.min() < 0 or chosen.max() >= model.size:
            raise ValueError(f"classes must be indices from 0 to {model.size - 1}.")
        yield model[chosen]
