"""The Gaussian model of one measured quantity: samples, densities, likelihood, its slope and its regions.

Everything that depends on the data goes through a `Summary` (n, mean, variance), which is all a Gaussian
likelihood ever needs: moving mu or sigma costs the same for five people as for a million.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from core._checks import Floats, all_finite, count, finite, finite_positive, float_array
from core._products import RangeExit, blocks, running_product

__all__ = [
    "MAX_SAMPLES",
    "Fit",
    "RangeExit",
    "Region",
    "Score",
    "StandardErrors",
    "Summary",
    "density",
    "drop_from_mle",
    "expected_log_density",
    "fit",
    "hessian",
    "interval_probability",
    "kl_divergence",
    "likelihood_ratio_drop",
    "likelihood_ratio_region",
    "log10_likelihood_ratio",
    "log_density",
    "log_likelihood",
    "plain_product",
    "sample_heights",
    "score",
    "standard_errors",
    "stem_indices",
    "summarize",
    "unbiased_sigma",
    "underflow_index",
]

MAX_SAMPLES = 1_000_000

_LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)
_LN_10 = math.log(10)
_SQRT_2 = math.sqrt(2)

# Newton's method doubles the right digits with each step, from a start that is good to a factor of 2: seven
# steps reach the last digit of every root that a level below 1 can ask for.
_NEWTON_STEPS = 9

# The widest spread of data whose variance is sure to be a float64.
_WIDEST = 1e150


# Data and its summary --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Summary:
    """What a Gaussian likelihood needs to know about a sample.

    Attributes
    ----------
    n : int
        Number of values.
    mean : float
        Their mean, in the unit of the data.
    variance : float
        Mean squared deviation (divisor n), in that unit squared.
    mean_remainder : float
        What rounding took from ``mean``: the exact mean is ``mean + mean_remainder``. At an offset of 1e15
        the mean of values that differ by 1 does not fit one float64, and without the rest the likelihood
        would be that of other data.

    Raises
    ------
    ValueError
        Where n is not a whole number of at least 1, the mean is not finite, or the variance is negative or
        not finite.
    """

    n: int
    mean: float
    variance: float
    mean_remainder: float = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers that no sample has."""
        count("n", self.n, at_least=1)
        finite("mean", self.mean)
        finite("mean_remainder", self.mean_remainder)
        if finite("variance", self.variance) < 0:
            raise ValueError(f"variance must not be negative, but is {self.variance!r}.")


class Fit(NamedTuple):
    """A pair of parameters: mean and standard deviation, both in the unit of the data."""

    mu: float
    sigma: float


class Score(NamedTuple):
    """The gradient of a log-likelihood: its slopes in mu and in sigma."""

    mu: Floats
    sigma: Floats


class StandardErrors(NamedTuple):
    """How far the estimates of mu and sigma scatter from sample to sample (standard deviations)."""

    mu: float
    sigma: float


class Region(NamedTuple):
    """A likelihood-ratio region: its level, its drop in log-likelihood (nats), and its closed boundary."""

    level: float
    drop: float
    mu: Floats
    sigma: Floats


def sample_heights(n: int, mu: float, sigma: float, *, seed: int) -> Floats:
    """Draw n values from a Gaussian; a larger n adds people and replaces none.

    The standard normal draws behind the values depend on the seed only, so the first m of n values are the
    same for every n, and a change of mu or sigma moves and stretches the same crowd.

    Parameters
    ----------
    n : int
        How many, from 1 to 1,000,000.
    mu, sigma : float
        Mean and standard deviation, in the unit that the values shall have.
    seed : int
        A whole number of at least 0 (for the PCG64 generator).

    Returns
    -------
    ndarray, shape (n,)
        The values, in the order in which they were drawn.

    Raises
    ------
    ValueError
        Where n, mu, sigma or seed is out of range.

    References
    ----------
    O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
    Generation", Harvey Mudd College, 2014. Marsaglia and Tsang, "The Ziggurat Method for Generating Random
    Variables", Journal of Statistical Software 5(8), 2000.

    Examples
    --------
    >>> sample_heights(3, 172, 4.8, seed=1).round(2)
    array([173.66, 175.94, 173.59])
    >>> sample_heights(5, 172, 4.8, seed=1)[:3].round(2)
    array([173.66, 175.94, 173.59])
    """
    if count("n", n, at_least=1) > MAX_SAMPLES:
        raise ValueError(f"n must be at most {MAX_SAMPLES}, not {n!r}.")
    mu = finite("mu", mu)
    sigma = finite_positive("sigma", sigma)
    generator = np.random.Generator(np.random.PCG64(count("seed", seed)))
    values = generator.standard_normal(int(n))
    values *= sigma
    values += mu
    return values


def summarize(x: ArrayLike) -> Summary:
    """Give n, mean and variance (divisor n) of a sample, also where the values are large and close together.

    Two passes: an exact sum for the mean, then the squared deviations from it, corrected for what the
    rounding of the mean took away.

    Parameters
    ----------
    x : array_like, any shape
        The values, all finite.

    Returns
    -------
    Summary
        Mean in the unit of x, variance in that unit squared.

    Raises
    ------
    ValueError
        Where x is empty, has a value that is not finite, or spreads over more than 1e150, so that its
        variance might not be a float64.

    References
    ----------
    Chan, Golub and LeVeque, "Algorithms for Computing the Sample Variance", The American Statistician 37(3),
    1983 (the corrected two-pass algorithm). Rump, Ogita and Oishi, "Accurate Floating-Point Summation
    Part I", SIAM Journal on Scientific Computing 31(1), 2008 (the sum).

    Examples
    --------
    >>> summarize([1, 4, 5, 6, 9])
    Summary(n=5, mean=5.0, variance=6.8, mean_remainder=0.0)
    >>> summarize([1e15, 1e15 + 1, 1e15 + 2]).variance
    0.6666666666666666
    """
    values = float_array("x", x).ravel()
    low, high = float(values.min()), float(values.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("x must be finite, but has an infinite value.")
    # Every value alike: no rounding may pretend that there is a spread.
    if low == high:
        return Summary(values.size, low, 0.0)
    if high - low > _WIDEST:
        raise ValueError(f"x must spread over at most {_WIDEST}, but runs from {low!r} to {high!r}.")
    n = values.size
    exact = _exact_sum(values) / n
    mean = float(exact)
    remainder = float(exact - Fraction(mean))
    deviations = values - mean
    np.multiply(deviations, deviations, out=deviations)
    return Summary(n, mean, float(deviations.sum()) / n - remainder * remainder, remainder)


def fit(x: ArrayLike | Summary) -> Fit:
    """Give the maximum-likelihood estimate of (mu, sigma): mean and standard deviation with divisor n.

    Parameters
    ----------
    x : array_like or Summary
        At least two values that are not all equal.

    Returns
    -------
    Fit
        ``mu`` and ``sigma`` in the unit of x.

    Raises
    ------
    ValueError
        For one value, and for values that are all equal (or too close for float64 to hold their variance):
        the likelihood then grows without bound as sigma shrinks to 0, and has no maximum.

    References
    ----------
    Bishop, "Pattern Recognition and Machine Learning", 2006, eqs. 1.55 and 1.56.

    Examples
    --------
    >>> mu, sigma = fit([1, 4, 5, 6, 9])
    >>> mu, round(sigma, 5)
    (5.0, 2.60768)
    """
    summary = x if isinstance(x, Summary) else summarize(x)
    return Fit(summary.mean, _mle_sigma(summary))


def unbiased_sigma(summary: Summary) -> float:
    """Give the standard deviation with divisor n - 1 (its square is an unbiased estimate of the variance).

    Parameters
    ----------
    summary : Summary
        Of at least two values.

    Returns
    -------
    float
        In the unit of the data; larger than the maximum-likelihood estimate by sqrt(n / (n - 1)).

    Raises
    ------
    ValueError
        For one value.

    References
    ----------
    Casella and Berger, "Statistical Inference", 2nd ed., theorem 5.2.6.

    Examples
    --------
    >>> round(unbiased_sigma(summarize([1, 4, 5, 6, 9])), 5)
    2.91548
    """
    if summary.n < 2:
        raise ValueError("summary must be of at least 2 values to divide by n - 1, but is of 1.")
    return math.sqrt(summary.variance * (summary.n / (summary.n - 1)))


def standard_errors(sigma: float, n: int) -> StandardErrors:
    """Give how far the estimates scatter: sigma / sqrt(n) for the mean, sigma / sqrt(2 n) for sigma.

    Parameters
    ----------
    sigma : float
        The true (or estimated) standard deviation.
    n : int
        Number of values, at least 1.

    Returns
    -------
    StandardErrors
        ``mu`` (exact) and ``sigma`` (for large n), in the unit of sigma.

    Raises
    ------
    ValueError
        Where sigma is not positive and finite or n is below 1.

    References
    ----------
    Casella and Berger, "Statistical Inference", 2nd ed., section 10.1.3 (inverse Fisher information).

    Examples
    --------
    >>> errors = standard_errors(4.8, 500)
    >>> round(errors.mu, 6), round(errors.sigma, 6)
    (0.214663, 0.151789)
    """
    error = finite_positive("sigma", sigma) / math.sqrt(count("n", n, at_least=1))
    return StandardErrors(error, error / _SQRT_2)


# Density ---------------------------------------------------------------------------------------------------


def log_density(x: ArrayLike, mu: ArrayLike, sigma: ArrayLike) -> Floats:
    """Give the log of the Gaussian density, ``-(x - mu)^2 / (2 sigma^2) - log(sigma) - log(2 pi) / 2``.

    Parameters
    ----------
    x : array_like
        Where; an infinite x has density 0.
    mu, sigma : array_like
        Mean and standard deviation, in the unit of x. The three broadcast against each other.

    Returns
    -------
    ndarray
        Log-density in nats (of 1 / unit of x); -inf where even the logarithm is beyond float64.

    Raises
    ------
    ValueError
        Where x is empty or has a nan, mu is not finite, or sigma is not positive and finite.

    References
    ----------
    Bishop, "Pattern Recognition and Machine Learning", 2006, eq. 1.46.

    Examples
    --------
    >>> print(log_density(190, 172, 4.8).round(4))
    -9.5188
    >>> log_density([1, 5, 9], 5, [[1.0], [2.0]]).round(4)
    array([[-8.9189, -0.9189, -8.9189],
           [-3.6121, -1.6121, -3.6121]])
    """
    values = float_array("x", x)
    return _log_density(values, _finite_array("mu", mu), _positive_array("sigma", sigma))


def density(x: ArrayLike, mu: ArrayLike, sigma: ArrayLike) -> Floats:
    """Give the Gaussian density: a height per unit of x, which may exceed 1, and no probability.

    Parameters
    ----------
    x : array_like
        Where; an infinite x has density 0.
    mu, sigma : array_like
        Mean and standard deviation, in the unit of x. The three broadcast against each other.

    Returns
    -------
    ndarray
        Density in 1 / unit of x; 0 where it is below the smallest float64 (take `log_density` to compare).

    Raises
    ------
    ValueError
        As `log_density`.

    References
    ----------
    Bishop, "Pattern Recognition and Machine Learning", 2006, eq. 1.46.

    Examples
    --------
    >>> print(density(172, 172, 4.8).round(6))
    0.083113
    >>> print(density(1.72, 1.72, 0.048).round(4))  # the same people in metres
    8.3113
    """
    with np.errstate(over="ignore", under="ignore"):
        heights: Floats = np.exp(log_density(x, mu, sigma))
    return heights


def interval_probability(low: float, high: float, mu: float, sigma: float) -> float:
    """Give the probability that one value falls between low and high: an area under the density.

    Parameters
    ----------
    low, high : float
        The ends, low <= high; infinite ends are allowed.
    mu, sigma : float
        Mean and standard deviation, in the unit of the ends.

    Returns
    -------
    float
        A probability from 0 to 1, with full relative accuracy in the tails and for narrow intervals.

    Raises
    ------
    ValueError
        Where an end is nan, low > high, mu is not finite, or sigma is not positive and finite.

    References
    ----------
    NIST Digital Library of Mathematical Functions, section 7.2 (erf and erfc) and section 3.5(v)
    (Gauss-Legendre quadrature).

    Examples
    --------
    >>> round(interval_probability(160, 190, 172, 4.8), 6)
    0.993702
    >>> round(interval_probability(160, 190, 172, 4.8) ** 500, 6)  # all of 500 people inside
    0.042468
    """
    if not low <= high:
        raise ValueError(f"low must not be greater than high, but they are {low!r} and {high!r}.")
    mu = finite("mu", mu)
    sigma = finite_positive("sigma", sigma)
    near, far = (low - mu) / sigma, (high - mu) / sigma
    if near + far < 0:
        near, far = -far, -near
    width = (high - low) / sigma
    if near < 0:
        return 0.5 * (math.erf(far / _SQRT_2) + math.erf(-near / _SQRT_2))
    if width * max(far, 1.0) < 1:
        # Here the two tails agree in their leading digits: integrate the density instead of subtracting.
        nodes, weights = np.polynomial.legendre.leggauss(10)
        z = near + 0.5 * width * (nodes + 1)
        return float(0.5 * width * (weights @ np.exp(-0.5 * z * z))) / math.sqrt(2 * math.pi)
    return 0.5 * (math.erfc(near / _SQRT_2) - math.erfc(far / _SQRT_2))


# Likelihood ------------------------------------------------------------------------------------------------


def log_likelihood(summary: Summary, mu: ArrayLike, sigma: ArrayLike) -> Floats:
    """Give the log-likelihood of candidates (mu, sigma), at a cost that does not grow with n.

    ``-n [ log(sigma) + log(2 pi) / 2 + (variance + (mean - mu)^2) / (2 sigma^2) ]``, which is the sum of
    the log-densities of all n values.

    Parameters
    ----------
    summary : Summary
        Of the sample.
    mu, sigma : array_like
        Candidates, broadcast against each other, in the unit of the data.

    Returns
    -------
    ndarray
        Nats, in the broadcast shape; -inf where the number is beyond float64, never nan.

    Raises
    ------
    ValueError
        Where mu is not finite or sigma is not positive and finite.

    References
    ----------
    Bishop, "Pattern Recognition and Machine Learning", 2006, eq. 1.54.

    Examples
    --------
    >>> log_likelihood(summarize([1, 4, 5, 6, 9]), [5, 10], 2.60768).round(4)
    array([-11.887 , -21.0782])
    >>> print(log_likelihood(Summary(500, 172.0, 4.8**2), 172, 4.8).round(2))
    -1493.78
    """
    centre, width = _finite_array("mu", mu), _positive_array("sigma", sigma)
    with np.errstate(over="ignore", under="ignore"):
        _, squares = _standardized(summary, centre, width)
        total: Floats = -summary.n * (0.5 * squares + (np.log(width) + _LOG_SQRT_2PI))
    return total


def score(summary: Summary, mu: ArrayLike, sigma: ArrayLike) -> Score:
    """Give the gradient of the log-likelihood in (mu, sigma).

    ``n (mean - mu) / sigma^2`` and ``(n / sigma) [ (variance + (mean - mu)^2) / sigma^2 - 1 ]``.

    Parameters
    ----------
    summary : Summary
        Of the sample.
    mu, sigma : array_like
        Where, broadcast against each other, in the unit of the data.

    Returns
    -------
    Score
        ``mu`` and ``sigma``: slopes in nats per unit, each in the broadcast shape. Beyond float64 they are
        infinite, never nan. Next to the maximum, where the slope in sigma passes through 0, it is exact to
        about ``1e-16 n / sigma``.

    Raises
    ------
    ValueError
        As `log_likelihood`.

    References
    ----------
    Casella and Berger, "Statistical Inference", 2nd ed., example 7.2.11.

    Examples
    --------
    >>> slope_mu, slope_sigma = score(summarize([1, 4, 5, 6, 9]), 3, 2)
    >>> print(slope_mu, slope_sigma)
    2.5 4.25
    """
    centre, width = _finite_array("mu", mu), _positive_array("sigma", sigma)
    n = summary.n
    with np.errstate(over="ignore", under="ignore"):
        z, squares = _standardized(summary, centre, width)
        slope_mu, slope_sigma = np.broadcast_arrays(n * z / width, n * (squares - 1) / width)
    return Score(slope_mu[()], slope_sigma[()])


def hessian(summary: Summary, mu: ArrayLike, sigma: ArrayLike) -> Floats:
    """Give the matrix of second derivatives of the log-likelihood in (mu, sigma).

    Parameters
    ----------
    summary : Summary
        Of the sample.
    mu, sigma : array_like
        Where, broadcast against each other, in the unit of the data.

    Returns
    -------
    ndarray, shape (..., 2, 2)
        Nats per unit squared, rows and columns in the order (mu, sigma). At the maximum it is
        ``diag(-n, -2 n) / sigma^2``; far from it, it need not be negative definite.

    Raises
    ------
    ValueError
        As `log_likelihood`.

    References
    ----------
    Casella and Berger, "Statistical Inference", 2nd ed., example 7.2.12 (in sigma in place of its square).

    Examples
    --------
    >>> hessian(summarize([1, 4, 5, 6, 9]), 3, 2)
    array([[-1.25 , -2.5  ],
           [-2.5  , -8.875]])
    """
    centre, width = _finite_array("mu", mu), _positive_array("sigma", sigma)
    n = summary.n
    with np.errstate(over="ignore", under="ignore"):
        z, squares = _standardized(summary, centre, width)
        matrix = np.empty((*squares.shape, 2, 2))
        # Division by sigma twice, at the end: sigma^2 would underflow, and 0 * inf is nan.
        matrix[..., 0, 0] = -n / width / width
        matrix[..., 0, 1] = matrix[..., 1, 0] = -2 * n * z / width / width
        matrix[..., 1, 1] = n * (1 - 3 * squares) / width / width
    return matrix


def drop_from_mle(summary: Summary, mu: ArrayLike, sigma: ArrayLike) -> Floats:
    """Give how far the log-likelihood of a candidate lies below its maximum.

    It is n times the KL divergence from the fitted Gaussian to the candidate: what counts for categories
    holds for heights too. Computed as such, it keeps its digits next to the maximum, where the difference of
    two log-likelihoods would lose them.

    Parameters
    ----------
    summary : Summary
        Of at least two values that are not all equal.
    mu, sigma : array_like
        Candidates, broadcast against each other, in the unit of the data.

    Returns
    -------
    ndarray
        Nats, at least 0, in the broadcast shape; inf where the number is beyond float64.

    Raises
    ------
    ValueError
        As `log_likelihood` and `fit`.

    References
    ----------
    Cover and Thomas, "Elements of Information Theory", 2nd ed., section 11.1 (likelihood and divergence).

    Examples
    --------
    >>> print(drop_from_mle(summarize([1, 4, 5, 6, 9]), 5, 2.91548).round(5))
    0.05786
    """
    spread = _mle_sigma(summary)
    centre, width = _finite_array("mu", mu), _positive_array("sigma", sigma)
    with np.errstate(over="ignore", under="ignore"):
        z = ((summary.mean - centre) + summary.mean_remainder) / width
        drop: Floats = summary.n * (_spread_gap(spread, width) + 0.5 * z * z)
    return drop


def log10_likelihood_ratio(summary: Summary, a: tuple[float, float], b: tuple[float, float]) -> float:
    """Give the base-10 logarithm of how many times more likely candidate a makes the data than candidate b.

    Parameters
    ----------
    summary : Summary
        Of the sample.
    a, b : tuple of float
        Candidates as (mu, sigma), in the unit of the data.

    Returns
    -------
    float
        ``log10(L(a) / L(b))``: 3 says a thousand times; the sign changes when a and b change places.
        Infinite where beyond float64, never nan.

    Raises
    ------
    ValueError
        Where a mu is not finite or a sigma is not positive and finite.

    References
    ----------
    Royall, "Statistical Evidence: A Likelihood Paradigm", 1997, section 1.2.

    Examples
    --------
    >>> ratio = log10_likelihood_ratio(summarize([1, 4, 5, 6, 9]), (5, 2.91548), (10, 2.91548))
    >>> round(ratio, 4)
    3.1933
    """
    mu_a, sigma_a = Fraction(finite("mu of a", a[0])), Fraction(finite_positive("sigma of a", a[1]))
    mu_b, sigma_b = Fraction(finite("mu of b", b[0])), Fraction(finite_positive("sigma of b", b[1]))
    # The quadratic part is exact in fractions. So is the leading term of the logarithm, which nearly cancels
    # it for neighbouring candidates; only the small rest of the logarithm is rounded.
    exact = _exact_squares(summary, mu_b, sigma_b) - _exact_squares(summary, mu_a, sigma_a)
    exact = exact * summary.n / 2
    step = (sigma_b - sigma_a) / sigma_a
    if abs(step) < Fraction(1, 2):
        exact += summary.n * step
        rest = -summary.n * float(_log1p_gap(np.asarray(float(step))))
    else:
        rest = summary.n * (math.log(b[1]) - math.log(a[1]))
    try:
        return (float(exact) + rest) / _LN_10
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def expected_log_density(
    true_mu: ArrayLike, true_sigma: ArrayLike, mu: ArrayLike, sigma: ArrayLike
) -> Floats:
    """Give the mean log-density of a candidate under the truth: the log-likelihood to expect per sample.

    With the truth as its own candidate it is minus the differential entropy.

    Parameters
    ----------
    true_mu, true_sigma : array_like
        Mean and standard deviation that the data come from.
    mu, sigma : array_like
        Candidates. All four broadcast against each other, in one unit.

    Returns
    -------
    ndarray
        Nats per sample, in the broadcast shape.

    Raises
    ------
    ValueError
        Where a mean is not finite or a standard deviation is not positive and finite.

    References
    ----------
    Cover and Thomas, "Elements of Information Theory", 2nd ed., section 8.1.

    Examples
    --------
    >>> expected_log_density(172, 4.8, [172, 184, 190], [4.8, 4.8, 1]).round(3)
    array([  -2.988,   -6.113, -174.439])
    """
    truth, spread = _finite_array("true_mu", true_mu), _positive_array("true_sigma", true_sigma)
    centre, width = _finite_array("mu", mu), _positive_array("sigma", sigma)
    with np.errstate(over="ignore", under="ignore"):
        z, ratio = (truth - centre) / width, spread / width
        expected: Floats = -(0.5 * (ratio * ratio + z * z) + (np.log(width) + _LOG_SQRT_2PI))
    return expected


def kl_divergence(true_mu: ArrayLike, true_sigma: ArrayLike, mu: ArrayLike, sigma: ArrayLike) -> Floats:
    """Give the KL divergence from a true Gaussian to a candidate: the log-likelihood lost per sample.

    Parameters
    ----------
    true_mu, true_sigma : array_like
        Mean and standard deviation that the data come from.
    mu, sigma : array_like
        Candidates. All four broadcast against each other, in one unit.

    Returns
    -------
    ndarray
        Nats, at least 0 and 0 only for the truth itself, in the broadcast shape.

    Raises
    ------
    ValueError
        As `expected_log_density`.

    References
    ----------
    Bishop, "Pattern Recognition and Machine Learning", 2006, exercise 1.30.

    Examples
    --------
    >>> kl_divergence(172, 4.8, [172, 184, 172], [4.8, 4.8, 9.6]).round(6)
    array([0.      , 3.125   , 0.318147])
    """
    truth, spread = _finite_array("true_mu", true_mu), _positive_array("true_sigma", true_sigma)
    centre, width = _finite_array("mu", mu), _positive_array("sigma", sigma)
    with np.errstate(over="ignore", under="ignore"):
        z = (truth - centre) / width
        divergence: Floats = _spread_gap(spread, width) + 0.5 * z * z
    return divergence


# Likelihood-ratio regions ----------------------------------------------------------------------------------


def likelihood_ratio_drop(levels: ArrayLike) -> Floats:
    """Give how far below its maximum the log-likelihood may fall inside the region of a confidence level.

    Half the chi-square quantile for the two parameters, which is ``-log(1 - level)`` in closed form.

    Parameters
    ----------
    levels : array_like
        Confidence levels, above 0 and below 1.

    Returns
    -------
    ndarray
        Drops in nats, in the shape of levels.

    Raises
    ------
    ValueError
        Where a level is not strictly between 0 and 1.

    References
    ----------
    Casella and Berger, "Statistical Inference", 2nd ed., theorem 10.3.3 (Wilks).

    Examples
    --------
    >>> likelihood_ratio_drop([0.5, 0.9, 0.95]).round(5)
    array([0.69315, 2.30259, 2.99573])
    """
    level = np.asarray(levels, dtype=np.float64)
    if not ((level > 0) & (level < 1)).all():
        raise ValueError(f"levels must lie strictly between 0 and 1, not {levels!r}.")
    drop: Floats = -np.log1p(-level)
    return drop


def likelihood_ratio_region(summary: Summary, level: float, *, points: int = 181) -> Region:
    """Give the closed curve of all (mu, sigma) whose likelihood-ratio test just passes at a level.

    The boundary is where the drop from the maximum equals `likelihood_ratio_drop`. It is walked by an angle:
    the cosine of it is the part of the drop that mu causes, the sine the part that sigma causes, and the
    curve is smooth everywhere and closed (its last point is its first).

    Parameters
    ----------
    summary : Summary
        Of at least two values that are not all equal.
    level : float
        Confidence level, above 0 and below 1.
    points : int
        How many points to give, at least 5.

    Returns
    -------
    Region
        ``mu`` and ``sigma`` of shape (points,) in the unit of the data, anticlockwise from the largest mu
        at the fitted sigma, with the level and its drop in nats.

    Raises
    ------
    ValueError
        Where the level is not strictly between 0 and 1, points is below 5, or the sample has no fit.

    References
    ----------
    Casella and Berger, "Statistical Inference", 2nd ed., sections 9.2.1 and 10.3.1.

    Examples
    --------
    >>> region = likelihood_ratio_region(summarize([1, 4, 5, 6, 9]), 0.95)
    >>> print(region.sigma.min().round(4), region.sigma.max().round(4))
    1.4078 7.3498
    """
    spread = _mle_sigma(summary)
    drop = float(likelihood_ratio_drop(finite("level", level)))
    angle = np.linspace(0, 2 * np.pi, count("points", points, at_least=5))
    reach = drop / summary.n
    height = np.sin(angle)
    # The upper half of the curve has sigma above the fit, so its log ratio of variances is negative.
    log_ratio = _solve_log_ratio(2 * reach * height * height, -np.sign(height))
    sigma = spread * np.exp(-0.5 * log_ratio)
    mu = summary.mean + (summary.mean_remainder + sigma * math.sqrt(2 * reach) * np.cos(angle))
    # sin(2 pi) is not exactly 0: close the curve.
    mu[-1], sigma[-1] = mu[0], sigma[0]
    return Region(level, drop, mu, sigma)


# The plain product -----------------------------------------------------------------------------------------


def plain_product(x: ArrayLike, mu: float, sigma: float, *, dtype: DTypeLike = np.float64) -> float:
    """Multiply the densities of all values one after the other, in the arithmetic of a chosen dtype.

    This is the likelihood as its definition writes it, and for more than some hundred values it shows why
    nobody computes it so. The densities are rounded to the dtype, then multiplied in it in order.

    Parameters
    ----------
    x : array_like
        The values.
    mu, sigma : float
        The candidate, in the unit of x.
    dtype : dtype_like
        float16, float32 or float64.

    Returns
    -------
    float
        The product; exactly 0 after underflow and inf after overflow, where the multiplication stops.

    Raises
    ------
    ValueError
        Where x is empty or has a nan before the multiplication stops, mu is not finite, sigma is not positive
        and finite, or the dtype is another one.

    References
    ----------
    IEEE 754-2019, sections 7.4 and 7.5 (overflow and underflow).

    Examples
    --------
    >>> f"{plain_product([1, 4, 5, 6, 9], 5, 2.60768):.6g}"
    '6.87926e-06'
    >>> plain_product([172] * 500, 172, 4.8)
    0.0
    """
    return running_product(_density_blocks(x, mu, sigma), dtype)[0]


def underflow_index(x: ArrayLike, mu: float, sigma: float, *, dtype: DTypeLike = np.float64) -> RangeExit:
    """Say after how many values the plain product of densities becomes subnormal, 0 or infinite.

    Parameters
    ----------
    x : array_like
        The values, in the order in which they are multiplied.
    mu, sigma : float
        The candidate, in the unit of x.
    dtype : dtype_like
        float16, float32 or float64.

    Returns
    -------
    RangeExit
        ``subnormal``, ``zero`` and ``overflow``: the first n at which the product of n densities is below
        the smallest normal number, exactly 0, or inf; None where that never happens. The count stops at the
        first 0 or inf.

    Raises
    ------
    ValueError
        As `plain_product`.

    References
    ----------
    IEEE 754-2019, section 3.3 (subnormal numbers) and sections 7.4 and 7.5.

    Examples
    --------
    >>> underflow_index([172] * 500, 172, 4.8)
    RangeExit(subnormal=285, zero=300, overflow=None)
    >>> underflow_index([1.72] * 500, 1.72, 0.048)
    RangeExit(subnormal=None, zero=None, overflow=336)
    """
    return running_product(_density_blocks(x, mu, sigma), dtype)[1]


# For drawing -----------------------------------------------------------------------------------------------


def stem_indices(n: int, at_most: int) -> NDArray[np.intp]:
    """Choose which of n sorted samples get a stem: all of them, or an even spread with both ends.

    Parameters
    ----------
    n : int
        Number of samples, at least 1.
    at_most : int
        How many stems there is room for, at least 1.

    Returns
    -------
    ndarray of int, shape (min(n, at_most),)
        Increasing indices into the sorted samples, the same for the same arguments. The one of a single stem
        is the middle one.

    Raises
    ------
    ValueError
        Where an argument is not a whole number of at least 1.

    References
    ----------
    Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50(4), 1996
    (evenly spread quantiles, their definition 7).

    Examples
    --------
    >>> stem_indices(1_000_000, 5)
    array([     0, 250000, 500000, 749999, 999999])
    >>> stem_indices(3, 100)
    array([0, 1, 2])
    """
    n, room = count("n", n, at_least=1), count("at_most", at_most, at_least=1)
    if n <= room:
        return np.arange(n, dtype=np.intp)
    if room == 1:
        return np.array([(n - 1) // 2], dtype=np.intp)
    # In whole numbers, so that no rounding of a float decides who is drawn.
    return (np.arange(room, dtype=np.intp) * (n - 1) + (room - 1) // 2) // (room - 1)


def _finite_array(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as float64, or raise where one of them is nan or infinite."""
    array = np.asarray(values, dtype=np.float64)
    if not all_finite(array):
        raise ValueError(f"{name} must be finite, not {values!r}.")
    return array


def _positive_array(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as float64, or raise where one of them is not positive and finite."""
    array = np.asarray(values, dtype=np.float64)
    positive = array.item() > 0 if array.size == 1 else (array > 0).all()
    if not (positive and all_finite(array)):
        raise ValueError(f"{name} must be positive and finite, not {values!r}.")
    return array


def _exact_sum(values: Floats) -> Fraction:
    """Return the exact sum, at a tenth of the time that `math.fsum` takes for a million values."""
    rest = values.copy()
    total = Fraction(0)
    while rest.any():
        # Adding and taking away this power of two cuts every value at one and the same bit. The heads have so
        # few bits that their floating-point sum is exact; the tails go into the next round.
        exponent = math.frexp(float(np.abs(rest).max()))[1]
        cutter = math.ldexp(1.0, exponent + (values.size + 1).bit_length())
        heads = (rest + cutter) - cutter
        total += Fraction(float(heads.sum()))
        rest -= heads
    return total


def _mle_sigma(summary: Summary) -> float:
    """Return the standard deviation with divisor n, or raise where the likelihood has no maximum."""
    if summary.variance == 0:
        raise ValueError(
            "x must hold at least two different values: without spread the likelihood grows for ever "
            "as sigma shrinks to 0, and has no maximum."
        )
    return math.sqrt(summary.variance)


def _log_density(x: Floats, mu: Floats, sigma: Floats) -> Floats:
    """Return the log-density of checked arguments."""
    with np.errstate(over="ignore", under="ignore"):
        z = (x - mu) / sigma
        # Halved before it is squared: the largest logarithm that float64 holds is then not lost.
        result: Floats = -(0.5 * z * z + (np.log(sigma) + _LOG_SQRT_2PI))
    return result


def _standardized(summary: Summary, mu: Floats, sigma: Floats) -> tuple[Floats, Floats]:
    """Return (mean - mu) / sigma and the mean square of (x - mu) / sigma."""
    z = ((summary.mean - mu) + summary.mean_remainder) / sigma
    # Not variance / sigma^2, whose divisor underflows to 0 for a tiny sigma.
    return z, summary.variance / sigma / sigma + z * z


@lru_cache(maxsize=64)
def _exact_squares(summary: Summary, mu: Fraction, sigma: Fraction) -> Fraction:
    """Return the mean square of (x - mu) / sigma; of two candidates one often stands still."""
    mean = Fraction(summary.mean) + Fraction(summary.mean_remainder)
    return (Fraction(summary.variance) + (mean - mu) ** 2) / sigma**2


def _log1p_gap(t: Floats) -> Floats:
    """Return t - log(1 + t) for |t| <= 1/2, to full relative accuracy also where t is tiny."""
    # log(1 + t) = 2 artanh(w) with w = t / (2 + t), and t - 2 w = t w. One number is no array on its way.
    step: Any = t[()]
    w = step / (2 + step)
    square = w * w
    series = 0.0 * square
    for k in range(33, 1, -2):
        series = (series + 1 / k) * square
    gap: Floats = w * (step - 2 * series)
    return gap


def _spread_gap(true_sigma: Floats | float, sigma: Floats) -> Floats:
    """Return the KL divergence between two Gaussians of one mean: (u^2 - 1) / 2 - log(u), u their ratio."""
    ratio = true_sigma / sigma
    step = (true_sigma - sigma) / sigma
    near = np.abs(step) < 0.5
    inside = np.where(near, step, 0.0)
    close = 0.5 * inside * inside + _log1p_gap(inside)
    far = 0.5 * (ratio * ratio - 1) - (np.log(true_sigma) - np.log(sigma))
    result: Floats = np.where(near, close, far)[()]
    return result


def _solve_log_ratio(target: Floats, sign: Floats) -> Floats:
    """Return the root r of exp(r) - 1 - r = target that has the given sign (Newton's method)."""
    root = sign * np.sqrt(2 * target)
    # The function is convex with its minimum at 0: from either side the first step lands beyond the root or
    # on it, and the steps after that come back to it without passing it. For a large positive root the square
    # root alone is far too large a start, and log(1 + target + start) is an upper bound that is near.
    root = np.where(sign > 0, np.minimum(root, np.log1p(target + np.abs(root))), root)
    for _ in range(_NEWTON_STEPS):
        slope = np.expm1(root)
        root = root - np.divide(slope - root - target, slope, out=np.zeros_like(root), where=slope != 0)
    return root


def _density_blocks(x: ArrayLike, mu: float, sigma: float) -> Iterator[Floats]:
    """Yield the densities of the values in blocks, so that nobody computes those after the product is 0."""
    values = np.asarray(x, dtype=np.float64).ravel()
    centre, width = np.asarray(finite("mu", mu)), np.asarray(finite_positive("sigma", sigma))
    if values.size == 0:
        raise ValueError("x must not be empty.")
    for block in blocks(values.size):
        # Checked here: to look through a million values for a nan costs more than the product itself.
        yield np.exp(_log_density(float_array("x", values[block]), centre, width))
