"""Entropy, cross-entropy, divergences and code lengths of distributions over K outcomes.

One notation throughout: ``p`` is the data or target, ``q`` the model. Amounts are in nats; `nats_to_bits`
converts. ``0 log 0`` counts as 0, and an outcome that happens although the model gave it probability 0 costs
infinity, which is returned as ``inf`` and never replaced by a large number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from core._checks import FEW, Floats, float_array

__all__ = [
    "SUM_TOLERANCE",
    "as_distribution",
    "code_lengths",
    "cross_entropy",
    "cross_entropy_from_log_probs",
    "cross_entropy_terms",
    "distribution",
    "entropy",
    "entropy_terms",
    "jensen_shannon",
    "kl_divergence",
    "kl_from_log_probs",
    "kl_terms",
    "mix",
    "nats_to_bits",
    "normalize_weights",
    "one_distribution",
    "perplexity",
    "total_variation",
]

SUM_TOLERANCE = 1e-9
"""How far from 1 the sum of a distribution may be: far above rounding, far below a typing mistake."""

_LN2 = math.log(2.0)


def as_distribution(probs: ArrayLike, *, axis: int = -1, name: str = "probs") -> Floats:
    """
    Check that an array holds probability distributions along one axis.

    Parameters
    ----------
    probs : array_like, shape (..., K)
        Probabilities of K outcomes, in any number of rows.
    axis : int
        The axis that runs over the outcomes.
    name : str
        What the caller's argument is called; it appears in the error.

    Returns
    -------
    ndarray, shape (..., K), float64
        The probabilities, not renormalised, and the array itself where it was float64 already. A number above
        1 by rounding comes back as 1.

    Raises
    ------
    ValueError
        If ``probs`` is empty, a single number or contains nan, if a probability is outside 0 to 1, or if a
        row's sum is further than ``SUM_TOLERANCE`` from 1.

    References
    ----------
    Kolmogorov, *Foundations of the Theory of Probability* (1933), chapter 1: non-negative, total 1.

    Examples
    --------
    >>> as_distribution([0.8, 0.1, 0.1])
    array([0.8, 0.1, 0.1])
    >>> as_distribution([0.8, 0.1], name="p")
    Traceback (most recent call last):
    ValueError: p must sum to 1 (within 1e-09), not to 0.9.
    """
    array = _rows(name, probs)
    if array.size <= FEW and array.ndim <= 2 and axis == -1:
        rows = array.tolist()
        if all(map(_sums_to_one, rows if array.ndim == 2 else [rows])):
            return array
    lowest, highest = np.minimum.reduce(array, axis=None), np.maximum.reduce(array, axis=None)
    # Stated so that nan fails too. The upper bound also keeps the sum from overflowing.
    if not (lowest >= 0.0 and highest <= 1.0 + SUM_TOLERANCE):
        float_array(name, array)
        culprit = float(lowest if lowest < 0.0 else highest)
        raise ValueError(f"{name} must hold probabilities between 0 and 1, not {culprit!r}.")
    total = np.add.reduce(array, axis=axis)
    _check_sum(name, total)
    return np.minimum(array, 1.0) if highest > 1.0 else array


def one_distribution(probs: ArrayLike, *, name: str = "probs") -> Floats:
    """
    Check that an array holds one probability distribution, and not several in rows.

    Parameters
    ----------
    probs : array_like, shape (K,)
        Probabilities of K outcomes.
    name : str
        What the caller's argument is called; it appears in the error.

    Returns
    -------
    ndarray, shape (K,), float64
        As from `as_distribution`.

    Raises
    ------
    ValueError
        As `as_distribution` does, and where ``probs`` has more than one axis.

    References
    ----------
    Kolmogorov, *Foundations of the Theory of Probability* (1933), chapter 1: non-negative, total 1.

    Examples
    --------
    >>> one_distribution([[0.8, 0.2], [0.5, 0.5]])
    Traceback (most recent call last):
    ValueError: probs must be one distribution of shape (K,), not of shape (2, 2).
    """
    array = as_distribution(probs, name=name)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one distribution of shape (K,), not of shape {array.shape}.")
    return array


def entropy(p: ArrayLike, *, axis: int = -1) -> Floats:
    """
    Entropy H(p) = -sum p log p: the least average cost of telling which outcome happened.

    Parameters
    ----------
    p : array_like, shape (..., K)
        Distributions along ``axis``.
    axis : int
        The axis that runs over the outcomes.

    Returns
    -------
    float or ndarray, shape of ``p`` without ``axis``
        Nats; 0 for a certain outcome, at most log K.

    Raises
    ------
    ValueError
        If ``p`` is not a distribution along ``axis``.

    References
    ----------
    Shannon, "A Mathematical Theory of Communication" (1948), section 6; Cover and Thomas, *Elements of
    Information Theory*, 2nd ed., equation 2.1.

    Examples
    --------
    >>> print(f"{entropy([0.8, 0.1, 0.1]):.6f}")
    0.639032
    >>> print(entropy([1, 0]))
    0.0
    """
    return _sum(_surprise(as_distribution(p, axis=axis, name="p")), axis)


def entropy_terms(p: ArrayLike, *, axis: int = -1) -> Floats:
    """
    Contribution -p log p of each outcome to the entropy.

    Parameters
    ----------
    p : array_like, shape (..., K)
        Distributions along ``axis``.
    axis : int
        The axis that runs over the outcomes.

    Returns
    -------
    ndarray, shape (..., K)
        Nats, none negative; 0 where p = 0.

    Raises
    ------
    ValueError
        If ``p`` is not a distribution along ``axis``.

    References
    ----------
    Cover and Thomas, *Elements of Information Theory*, 2nd ed., equation 2.1.

    Examples
    --------
    >>> entropy_terms([0.5, 0.5, 0.0]).round(6)
    array([0.346574, 0.346574, 0.      ])
    """
    return _surprise(as_distribution(p, axis=axis, name="p"))


def cross_entropy(p: ArrayLike, q: ArrayLike, *, axis: int = -1) -> Floats:
    """
    Cross-entropy H(p, q) = -sum p log q: the average cost of outcomes of p in the code made for q.

    Parameters
    ----------
    p : array_like, shape (..., K)
        Data or target distributions.
    q : array_like, shape (..., K)
        Model distributions.
    axis : int
        The axis that runs over the outcomes.

    Returns
    -------
    float or ndarray, shape of ``p`` without ``axis``
        Nats; at least H(p), and ``inf`` where q = 0 < p.

    Raises
    ------
    ValueError
        If ``p`` or ``q`` is not a distribution along ``axis``, or their shapes differ.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (2016), equation 3.51.

    Examples
    --------
    >>> print(f"{cross_entropy([0.8, 0.1, 0.1], [0.2, 0.2, 0.6]):.6f}")
    1.499577
    >>> print(cross_entropy([1, 0], [0, 1]), cross_entropy([1, 0], [1, 0]))
    inf 0.0
    """
    return _sum(cross_entropy_terms(p, q, axis=axis), axis)


def cross_entropy_terms(p: ArrayLike, q: ArrayLike, *, axis: int = -1) -> Floats:
    """
    Contribution -p log q of each outcome to the cross-entropy: a rectangle p wide and -log q high.

    Parameters
    ----------
    p : array_like, shape (..., K)
        Data or target distributions.
    q : array_like, shape (..., K)
        Model distributions.
    axis : int
        The axis that runs over the outcomes.

    Returns
    -------
    ndarray, shape (..., K)
        Nats, none negative; 0 where p = 0, ``inf`` where q = 0 < p.

    Raises
    ------
    ValueError
        If ``p`` or ``q`` is not a distribution along ``axis``, or their shapes differ.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (2016), equation 3.51.

    Examples
    --------
    >>> cross_entropy_terms([0.8, 0.2, 0.0], [0.5, 0.5, 0.0]).round(6)
    array([0.554518, 0.138629, 0.      ])
    """
    p, q = _pair(p, q, axis)
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        log_q = np.log(np.where(p > 0.0, q, 1.0))
        # Taken from 0.0, not negated, so that a free outcome costs 0.0 and not -0.0.
        return 0.0 - p * log_q


def kl_divergence(p: ArrayLike, q: ArrayLike, *, axis: int = -1) -> Floats:
    r"""
    Kullback-Leibler divergence KL(p || q): what using q's code for p costs beyond H(p).

    Parameters
    ----------
    p : array_like, shape (..., K)
        Data or target distributions.
    q : array_like, shape (..., K)
        Model distributions.
    axis : int
        The axis that runs over the outcomes.

    Returns
    -------
    float or ndarray, shape of ``p`` without ``axis``
        Nats; never negative, exactly 0 where p equals q, ``inf`` where q = 0 < p.

    Raises
    ------
    ValueError
        If ``p`` or ``q`` is not a distribution along ``axis``, or their shapes differ.

    Notes
    -----
    The terms p log(p/q) have both signs and nearly cancel when p is close to q. Adding q - p to each, which
    adds nothing to the sum over a distribution, makes every term non-negative:

    .. math:: KL(p \| q) = \sum_i \left( p_i \log \frac{p_i}{q_i} - p_i + q_i \right).

    So the relative accuracy holds however close p is to q. Where the sums of p and q differ, by rounding or
    within ``SUM_TOLERANCE``, this is the divergence of Csiszár for measures that need not sum to 1: it is off
    the plain sum by exactly that difference.

    References
    ----------
    Kullback and Leibler, "On Information and Sufficiency" (1951); Csiszár, "Why least squares and maximum
    entropy?" (1991).

    Examples
    --------
    >>> p, q = [0.8, 0.1, 0.1], [0.2, 0.2, 0.6]
    >>> print(f"{kl_divergence(p, q):.6f} {kl_divergence(q, p):.6f} {kl_divergence(p, p)}")
    0.860545 0.936426 0.0

    The plain sum loses every digit here, this one none:

    >>> near = [0.8 + 1e-12, 0.1 - 1e-12, 0.1]
    >>> print(f"{kl_divergence(p, near):.3g}")
    5.63e-24
    """
    p, q = _pair(p, q, axis)
    difference = p - q
    with np.errstate(all="ignore"):
        terms = _p_log_ratio(p, q, difference) - difference
        both = p + q
        # v = (p - q)/(p + q); log(p/q) = 2 artanh(v), whose series gives the term without cancellation.
        v = difference / both
        near = np.abs(difference) < 0.01 * both
        if near.any():
            square = v * v
            series = 1.0 + v * (1.0 + v) * (1.0 / 3.0 + square * (0.2 + square / 7.0))
            terms = np.where(near, difference * v * series, terms)
    return _sum(terms, axis)


def kl_terms(p: ArrayLike, q: ArrayLike, *, axis: int = -1) -> Floats:
    """
    Signed contribution p log(p/q) of each outcome to the Kullback-Leibler divergence.

    Parameters
    ----------
    p : array_like, shape (..., K)
        Data or target distributions.
    q : array_like, shape (..., K)
        Model distributions.
    axis : int
        The axis that runs over the outcomes.

    Returns
    -------
    ndarray, shape (..., K)
        Nats; negative where q > p > 0, 0 where p = 0, ``inf`` where q = 0 < p. Their sum is not negative.

    Raises
    ------
    ValueError
        If ``p`` or ``q`` is not a distribution along ``axis``, or their shapes differ.

    References
    ----------
    Cover and Thomas, *Elements of Information Theory*, 2nd ed., equation 2.26.

    Examples
    --------
    >>> kl_terms([0.8, 0.1, 0.1], [0.2, 0.2, 0.6]).round(6)
    array([ 1.109035, -0.069315, -0.179176])
    """
    p, q = _pair(p, q, axis)
    with np.errstate(all="ignore"):
        return _p_log_ratio(p, q, p - q)


def jensen_shannon(p: ArrayLike, q: ArrayLike, *, axis: int = -1) -> Floats:
    """
    Jensen-Shannon divergence: the mean of KL(p || m) and KL(q || m) to the midpoint m = (p + q)/2.

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Distributions; which is which does not matter.
    axis : int
        The axis that runs over the outcomes.

    Returns
    -------
    float or ndarray, shape of ``p`` without ``axis``
        Nats, from 0 (p equals q) to log 2 (nothing in common); always finite.

    Raises
    ------
    ValueError
        If ``p`` or ``q`` is not a distribution along ``axis``, or their shapes differ.

    References
    ----------
    Lin, "Divergence measures based on the Shannon entropy" (1991), section IV, with equal weights.

    Examples
    --------
    >>> print(f"{jensen_shannon([0.8, 0.1, 0.1], [0.2, 0.2, 0.6]):.6f}")
    0.203928
    >>> print(f"{jensen_shannon([1, 0], [0, 1]):.6f}")
    0.693147
    """
    p, q = _pair(p, q, axis)
    low, high, both = np.minimum(p, q), np.maximum(p, q), p + q
    with np.errstate(all="ignore"):
        # With w = (high - low)/(high + low), high = m (1 + w) and low = m (1 - w).
        w = (high - low) / both
        # Few digits cancel in either form: the first where w is small, the second where it is large.
        near = 0.5 * both * (w * np.arctanh(w) + 0.5 * np.log1p(-w * w))
        share = np.where(low > 0.0, 2.0 * (low / both), 1.0)
        far = 0.5 * (high * np.log1p(w) + low * np.log(share))
    # Two zeros make w nan, so neither comparison takes them.
    return _sum(np.where(w < 0.5, near, np.where(w >= 0.5, far, 0.0)), axis)


def cross_entropy_from_log_probs(p: ArrayLike, log_q: ArrayLike, *, axis: int = -1) -> Floats:
    """
    Cross-entropy -sum p log q from log-probabilities, so that no probability can underflow on the way.

    Parameters
    ----------
    p : array_like, shape (..., K)
        Data or target distributions.
    log_q : array_like, shape (..., K)
        Log-probabilities of the model, such as `core.softmax.log_softmax` of its logits.
    axis : int
        The axis that runs over the outcomes.

    Returns
    -------
    float or ndarray, shape of ``p`` without ``axis``
        Nats; ``inf`` where log q = -inf and p > 0.

    Raises
    ------
    ValueError
        If ``p`` is not a distribution, exp(log_q) does not sum to 1 within ``SUM_TOLERANCE`` (logits are not
        log-probabilities), or the shapes differ.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (2016), equation 3.51 and section 6.2.2.3.

    Examples
    --------
    A probability of e^-1000 is 0 in floating point; its logarithm is not.

    >>> print(cross_entropy_from_log_probs([1.0, 0.0], [-1000.0, 0.0]))
    1000.0
    """
    p, log_q, _ = _log_pair(p, log_q, axis)
    with np.errstate(under="ignore"):
        return _sum(0.0 - p * np.where(p > 0.0, log_q, 0.0), axis)


def kl_from_log_probs(p: ArrayLike, log_q: ArrayLike, *, axis: int = -1) -> Floats:
    """
    Kullback-Leibler divergence KL(p || q) from the model's log-probabilities.

    Parameters
    ----------
    p : array_like, shape (..., K)
        Data or target distributions, as probabilities.
    log_q : array_like, shape (..., K)
        Log-probabilities of the model, such as `core.softmax.log_softmax` of its logits.
    axis : int
        The axis that runs over the outcomes.

    Returns
    -------
    float or ndarray, shape of ``p`` without ``axis``
        Nats; never negative, ``inf`` where log q = -inf and p > 0.

    Raises
    ------
    ValueError
        If ``p`` is not a distribution, exp(log_q) does not sum to 1 within ``SUM_TOLERANCE`` (logits are not
        log-probabilities), or the shapes differ.

    Notes
    -----
    Summed as in `kl_divergence`. Log-probabilities are rounded where the probabilities are not, which leaves
    log p - log q uncertain by about 2e-16 |log q|: that, over the size of log p - log q, is the accuracy that
    a divergence near 0 can have.

    References
    ----------
    Kullback and Leibler, "On Information and Sufficiency" (1951); Csiszár, "Why least squares and maximum
    entropy?" (1991).

    Examples
    --------
    >>> print(kl_from_log_probs([1.0, 0.0], [-1000.0, 0.0]))
    1000.0
    """
    p, log_q, q = _log_pair(p, log_q, axis)
    with np.errstate(all="ignore"):
        log_ratio = np.log(p) - log_q
        # p L - p + q with q = p e^-L: the second form is exact where L is small, the first cannot overflow.
        terms = np.where(np.abs(log_ratio) < 0.5, p * _exp_remainder(-log_ratio), p * log_ratio - (p - q))
    return _sum(np.where(p > 0.0, terms, q), axis)


def total_variation(p: ArrayLike, q: ArrayLike, *, axis: int = -1) -> Floats:
    """
    Total variation distance: half of sum |p - q|, the most that p and q can disagree about any event.

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Distributions; which is which does not matter.
    axis : int
        The axis that runs over the outcomes.

    Returns
    -------
    float or ndarray, shape of ``p`` without ``axis``
        A probability, from 0 to 1.

    Raises
    ------
    ValueError
        If ``p`` or ``q`` is not a distribution along ``axis``, or their shapes differ.

    References
    ----------
    Levin, Peres and Wilmer, *Markov Chains and Mixing Times* (2009), proposition 4.2.

    Examples
    --------
    >>> print(f"{total_variation([0.8, 0.1, 0.1], [0.2, 0.2, 0.6]):.6f}")
    0.600000
    """
    p, q = _pair(p, q, axis)
    return 0.5 * _sum(np.abs(p - q), axis)


def code_lengths(q: ArrayLike, *, axis: int = -1) -> Floats:
    """
    Ideal length -log q of the code word of each outcome.

    Parameters
    ----------
    q : array_like, shape (..., K)
        Distributions that the code is made for.
    axis : int
        The axis that runs over the outcomes.

    Returns
    -------
    ndarray, shape (..., K)
        Nats; ``inf`` where q = 0.

    Raises
    ------
    ValueError
        If ``q`` is not a distribution along ``axis``.

    References
    ----------
    Cover and Thomas, *Elements of Information Theory*, 2nd ed., section 5.3.

    Examples
    --------
    >>> nats_to_bits(code_lengths([0.5, 0.25, 0.25, 0.0]))
    array([ 1.,  2.,  2., inf])
    """
    with np.errstate(divide="ignore"):
        return 0.0 - np.log(as_distribution(q, axis=axis, name="q"))


def perplexity(p: ArrayLike, q: ArrayLike | None = None, *, axis: int = -1) -> Floats:
    """
    Perplexity: how many equally likely outcomes would cost as much.

    Parameters
    ----------
    p : array_like, shape (..., K)
        Data or target distributions.
    q : array_like, shape (..., K), optional
        Model distributions. With them it is e^H(p,q), without them e^H(p).
    axis : int
        The axis that runs over the outcomes.

    Returns
    -------
    float or ndarray, shape of ``p`` without ``axis``
        A number of outcomes, from 1; ``inf`` where q = 0 < p.

    Raises
    ------
    ValueError
        If ``p`` or ``q`` is not a distribution along ``axis``, or their shapes differ.

    References
    ----------
    Jelinek, Mercer, Bahl and Baker, "Perplexity: a measure of the difficulty of speech recognition tasks"
    (1977).

    Examples
    --------
    >>> print(f"{perplexity([0.8, 0.1, 0.1]):.5f}")
    1.89465
    >>> print(f"{perplexity([0.8, 0.1, 0.1], [0.2, 0.2, 0.6]):.5f}")
    4.47979
    """
    nats = entropy(p, axis=axis) if q is None else cross_entropy(p, q, axis=axis)
    with np.errstate(over="ignore"):
        result: Floats = np.exp(nats)
    return result


def nats_to_bits(nats: ArrayLike) -> Floats:
    """
    Amount of information in bits.

    Parameters
    ----------
    nats : array_like, any shape
        Amounts in nats; they may be negative or infinite.

    Returns
    -------
    float or ndarray, same shape
        The amounts divided by log 2.

    Raises
    ------
    ValueError
        If ``nats`` is empty or contains nan.

    References
    ----------
    IEC 80000-13:2008: one shannon, or bit, is log 2 natural units.

    Examples
    --------
    >>> print(f"{nats_to_bits(0.639032):.6f}")
    0.921928
    """
    with np.errstate(over="ignore"):
        result: Floats = float_array("nats", nats) / _LN2
    return result


def normalize_weights(weights: ArrayLike, *, axis: int = -1) -> Floats:
    """
    Distribution in proportion to weights.

    Parameters
    ----------
    weights : array_like, shape (..., K)
        Finite, none negative, and in each row one at least positive.
    axis : int
        The axis that runs over the outcomes.

    Returns
    -------
    ndarray, shape (..., K)
        Weights divided by their sum.

    Raises
    ------
    ValueError
        If ``weights`` is empty or a single number, contains nan, an infinite or a negative weight, or a row
        of zeros.

    References
    ----------
    Bishop, *Pattern Recognition and Machine Learning* (2006), section 8.3.2: division by the partition
    function.

    Examples
    --------
    >>> normalize_weights([8, 1, 1])
    array([0.8, 0.1, 0.1])
    """
    array = _rows("weights", weights)
    if not (np.minimum.reduce(array, axis=None) >= 0.0 and np.maximum.reduce(array, axis=None) < np.inf):
        float_array("weights", array)
        wrong = float(array[~((array >= 0.0) & (array < np.inf))].flat[0])
        raise ValueError(f"weights must be finite and not negative, not {wrong!r}.")
    with np.errstate(over="ignore", under="ignore"):
        total = np.add.reduce(array, axis=axis, keepdims=True)
        if not (total > 0.0).all():
            raise ValueError("weights must have a positive one in each row, not only zeros.")
        if np.isinf(total).any():
            array = array / np.maximum.reduce(array, axis=axis, keepdims=True)
            total = np.add.reduce(array, axis=axis, keepdims=True)
        # Adding 0.0 turns the -0.0 of a weight of -0.0 into 0.0.
        result: Floats = array / total + 0.0
    return result


def distribution(weights: Sequence[float]) -> tuple[Floats, bool]:
    """
    Distribution in proportion to weights that may all be zero, and whether they were not.

    Parameters
    ----------
    weights : sequence of float, length K
        Finite, none negative.

    Returns
    -------
    probs : ndarray, shape (K,)
        Weights divided by their sum; the uniform distribution where all of them are zero.
    given : bool
        Whether one at least was positive.

    Raises
    ------
    ValueError
        If ``weights`` is empty, or contains nan, an infinite or a negative weight.

    References
    ----------
    Jaynes, *Probability Theory: The Logic of Science* (2003), section 2.4: the principle of indifference.

    Examples
    --------
    >>> distribution((0.8, 0.1, 0.1))[0], distribution((0.0, 0.0))
    (array([0.8, 0.1, 0.1]), (array([0.5, 0.5]), False))
    """
    given = any(weights)
    return normalize_weights(weights if given else [1.0] * len(weights)), given


def mix(p: ArrayLike, q: ArrayLike, fractions: ArrayLike) -> Floats:
    """
    Distributions on the straight path from q to p.

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Distributions along the last axis.
    fractions : array_like, shape (M,) or any other
        How far along, from 0 (gives q) to 1 (gives p).

    Returns
    -------
    ndarray, shape of ``fractions`` followed by shape of ``p``
        fraction * p + (1 - fraction) * q; exact at both ends and wherever p equals q.

    Raises
    ------
    ValueError
        If ``p`` or ``q`` is not a distribution, their shapes differ, or a fraction is outside 0 to 1.

    References
    ----------
    Cover and Thomas, *Elements of Information Theory*, 2nd ed., theorem 2.7.2: KL is convex along the path.

    Examples
    --------
    >>> mix([1, 0], [0.2, 0.8], [0, 0.5, 1])
    array([[0.2, 0.8],
           [0.6, 0.4],
           [1. , 0. ]])
    """
    p, q = _pair(p, q, -1)
    share = float_array("fractions", fractions)
    outside = (share < 0.0) | (share > 1.0)
    if outside.any():
        raise ValueError(f"fractions must lie between 0 and 1, not {float(share[outside].flat[0])!r}.")
    share = share.reshape(share.shape + (1,) * p.ndim)
    with np.errstate(under="ignore"):
        # Where p equals q the sum can miss by a rounding, and KL would no longer be exactly 0.
        return np.where(p == q, p, share * p + (1.0 - share) * q)


def _rows(name: str, values: ArrayLike) -> Floats:
    """Return a float64 array with at least one axis and one element; nan is the caller's to find."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 0:
        raise ValueError(f"{name} must have an axis of outcomes, not be the single number {float(array)!r}.")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty.")
    return array


def _sums_to_one(probs: list[float]) -> bool:
    """Return whether a few numbers are plainly a distribution; what is close to the edge is not for here."""
    return min(probs) >= 0.0 and max(probs) <= 1.0 and abs(sum(probs) - 1.0) <= 0.5 * SUM_TOLERANCE


def _check_sum(name: str, total: Floats) -> None:
    """Raise ``ValueError`` where a row's sum is not 1."""
    right = np.abs(total - 1.0) <= SUM_TOLERANCE
    if not right.all():
        wrong = float(np.atleast_1d(total)[~np.atleast_1d(right)][0])
        raise ValueError(f"{name} must sum to 1 (within {SUM_TOLERANCE:g}), not to {wrong!r}.")


def _same_shape(p: Floats, other: Floats, name: str) -> None:
    """Raise ``ValueError`` where p and the model are not of one shape."""
    if p.shape != other.shape:
        raise ValueError(f"{name} must have the shape of p, {p.shape}, not {other.shape}.")


def _pair(p: ArrayLike, q: ArrayLike, axis: int) -> tuple[Floats, Floats]:
    """Check two distributions of one shape."""
    p_array = as_distribution(p, axis=axis, name="p")
    q_array = as_distribution(q, axis=axis, name="q")
    _same_shape(p_array, q_array, "q")
    return p_array, q_array


def _log_pair(p: ArrayLike, log_q: ArrayLike, axis: int) -> tuple[Floats, Floats, Floats]:
    """Check a distribution and log-probabilities of one shape; return both and exp of the second."""
    p_array = as_distribution(p, axis=axis, name="p")
    log_array = _rows("log_q", log_q)
    _same_shape(p_array, log_array, "log_q")
    # The bound keeps exp from overflowing, and being stated so that nan fails it, finds nan.
    if not np.maximum.reduce(log_array, axis=None) <= SUM_TOLERANCE:
        float_array("log_q", log_array)
        highest = float(np.maximum.reduce(log_array, axis=None))
        raise ValueError(f"log_q must hold log-probabilities, none above 0, not {highest!r}.")
    with np.errstate(under="ignore"):
        q_array = np.exp(log_array)
    _check_sum("exp(log_q)", np.add.reduce(q_array, axis=axis))
    return p_array, log_array, q_array


def _sum(terms: Floats, axis: int) -> Floats:
    """Sum over the outcomes."""
    total: Floats = np.add.reduce(terms, axis=axis)
    return total


def _surprise(p: Floats) -> Floats:
    """Return -p log p with 0 log 0 = 0; taken from 0.0, so that a certain outcome gives 0.0, not -0.0."""
    with np.errstate(under="ignore"):
        return 0.0 - p * np.log(np.where(p > 0.0, p, 1.0))


def _p_log_ratio(p: Floats, q: Floats, difference: Floats) -> Floats:
    """Return p log(p/q) to full relative accuracy; the caller ignores floating-point flags."""
    # Rounding p/q loses what log would need near 1, where p - q loses nothing; far from 1, p/q may overflow.
    near = (p < 4.0 * q) & (q < 4.0 * p)
    log_ratio = np.where(near, np.log1p(difference / q), np.log(p) - np.log(q))
    return np.where(p > 0.0, p * log_ratio, 0.0)


def _exp_remainder(x: Floats) -> Floats:
    """Return exp(x) - 1 - x, which is x^2/2 near 0, for |x| < 0.5."""
    near = np.abs(x) < 0.01
    series = 1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0))))
    return np.where(near, 0.5 * x * x * series, np.expm1(x) - x)
