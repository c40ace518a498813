"""Waiting times: exponential draws, and what a Gaussian costs that is believed in their place.

An exponential distribution has one parameter, its mean, which is its standard deviation too. No Gaussian is
like it, so it shows what maximum likelihood does with the wrong family: it finds the nearest Gaussian.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from core._checks import Floats, count, finite, finite_positive
from core.gaussian import MAX_SAMPLES, StandardErrors

__all__ = ["density", "entropy", "kl_to_gaussian", "sample_waits", "standard_errors"]

_LOG_SQRT_2PI = 0.5 * math.log(2.0 * math.pi)


def sample_waits(n: int, mean: float, *, seed: int) -> Floats:
    """Draw n waiting times; a larger n adds some and replaces none, and another mean stretches all alike.

    Parameters
    ----------
    n : int
        How many, from 1 to 1,000,000.
    mean : float
        Their mean, positive, in the unit that the times shall have.
    seed : int
        A whole number of at least 0 (for the PCG64 generator).

    Returns
    -------
    ndarray, shape (n,)
        Times of at least 0, in the order in which they were drawn.

    Raises
    ------
    ValueError
        Where n, mean or seed is out of range.

    References
    ----------
    Marsaglia and Tsang, "The Ziggurat Method for Generating Random Variables", Journal of Statistical
    Software 5(8), 2000.

    Examples
    --------
    >>> sample_waits(3, 10, seed=4).round(2)
    array([37.99,  4.31, 32.4 ])
    """
    if count("n", n, at_least=1) > MAX_SAMPLES:
        raise ValueError(f"n must be at most {MAX_SAMPLES}, not {n!r}.")
    scale = finite_positive("mean", mean)
    generator = np.random.Generator(np.random.PCG64(count("seed", seed)))
    values: Floats = scale * generator.standard_exponential(int(n))
    return values


def density(x: ArrayLike, mean: float) -> Floats:
    """Give the density of an exponential distribution: ``exp(-x / mean) / mean`` from 0 on, 0 below.

    Parameters
    ----------
    x : array_like
        Where; any shape.
    mean : float
        Mean of the distribution, positive, in the unit of x.

    Returns
    -------
    ndarray
        Probability per unit, in the shape of x.

    Raises
    ------
    ValueError
        Where the mean is not positive and finite.

    References
    ----------
    Casella and Berger, "Statistical Inference", 2nd ed., section 3.3.

    Examples
    --------
    >>> density([-1, 0, 10], 10).round(4)
    array([0.    , 0.1   , 0.0368])
    """
    scale = finite_positive("mean", mean)
    times = np.asarray(x, dtype=np.float64)
    made: Floats = np.where(times < 0.0, 0.0, np.exp(-np.maximum(times, 0.0) / scale) / scale)
    return made


def entropy(mean: float) -> float:
    """Give the differential entropy of an exponential distribution: ``1 + log(mean)``.

    Parameters
    ----------
    mean : float
        Mean of the distribution, positive.

    Returns
    -------
    float
        Nats; it depends on the unit, and is negative for a mean below 1/e.

    Raises
    ------
    ValueError
        Where the mean is not positive and finite.

    References
    ----------
    Cover and Thomas, "Elements of Information Theory", 2nd ed., table 17.1.

    Examples
    --------
    >>> round(entropy(10), 6)
    3.302585
    """
    return 1.0 + math.log(finite_positive("mean", mean))


def kl_to_gaussian(mean: float, mu: float, sigma: float) -> float:
    """Give what a Gaussian costs more than the truth for each waiting time: KL(exponential || Gaussian).

    It is smallest for the Gaussian with the mean and the standard deviation of the truth, ``mu = sigma =
    mean``, where it is ``(log(2 pi) - 1) / 2`` = 0.418939 nats whatever the mean: no Gaussian comes nearer.

    Parameters
    ----------
    mean : float
        Mean of the waiting times, positive.
    mu, sigma : float
        The Gaussian, in the unit of the mean.

    Returns
    -------
    float
        Nats, positive: ``log(sigma / mean) + log(2 pi) / 2 - 1 + (mean^2 + (mean - mu)^2) / (2 sigma^2)``.

    Raises
    ------
    ValueError
        Where mean or sigma is not positive and finite, or mu is not finite.

    References
    ----------
    Cover and Thomas, "Elements of Information Theory", 2nd ed., theorem 8.6.5 (of all distributions with one
    mean and variance the Gaussian has the largest entropy).

    Examples
    --------
    >>> round(kl_to_gaussian(10, 10, 10), 6), round(kl_to_gaussian(10, 20, 5), 6)
    (0.418939, 3.225791)
    """
    scale, centre, width = finite_positive("mean", mean), finite("mu", mu), finite_positive("sigma", sigma)
    ratio, z = scale / width, (scale - centre) / width
    return 0.5 * (ratio * ratio + z * z) - math.log(ratio) + _LOG_SQRT_2PI - 1.0


def standard_errors(mean: float, n: int) -> StandardErrors:
    """Give how far mean and standard deviation of n waiting times scatter from sample to sample.

    A standard deviation scatters twice as much as in a Gaussian sample of the same spread: the fourth moment
    decides, and large times have much of it.

    Parameters
    ----------
    mean : float
        Mean of the waiting times, positive.
    n : int
        How many, at least 1.

    Returns
    -------
    StandardErrors
        ``mean / sqrt(n)``, and ``mean sqrt(2 / n)``, which holds for large n.

    Raises
    ------
    ValueError
        Where an argument is out of range.

    References
    ----------
    Casella and Berger, "Statistical Inference", 2nd ed., theorem 5.5.24 (delta method), with the
    exponential's fourth central moment, 9 mean^4.

    Examples
    --------
    >>> standard_errors(10, 100).mu, standard_errors(10, 200).sigma
    (1.0, 1.0)
    """
    scale, size = finite_positive("mean", mean), count("n", n, at_least=1)
    return StandardErrors(scale / math.sqrt(size), scale * math.sqrt(2.0 / size))
