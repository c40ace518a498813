"""One principle, four output layers: linear, logistic, softmax, Poisson regression, each fitted by its NLL.

A model turns its inputs into the parameter of a distribution over y; the loss is minus the mean
log-probability (or log-density) that this distribution gives to the observed targets. Every fit returns its
whole trail, with the NLL of points that it never saw beside that of the points it was fitted to.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core._checks import Floats, count, finite_array, finite_positive, locked, nonnegative
from core.descent import Trail, descend, without_chaos
from core.losses import log_factorial
from core.sigmoid import sigmoid
from core.softmax import log_softmax

__all__ = [
    "COUNT_INTERCEPT",
    "COUNT_SLOPE",
    "MAX_DEGREE",
    "Dataset",
    "FitTrail",
    "LinearFit",
    "LogisticFit",
    "PoissonFit",
    "SoftmaxFit",
    "constant_nlls",
    "decision_regions",
    "fit_linear",
    "fit_logistic",
    "fit_poisson",
    "fit_softmax",
    "gaussian_nll",
    "make_counts",
    "make_regression_data",
    "make_three_classes",
    "make_two_classes",
    "polynomial_features",
    "predict_linear",
    "predict_logistic",
    "predict_poisson",
    "profile_gaussian_nll",
]

MAX_DEGREE = 12
COUNT_INTERCEPT, COUNT_SLOPE = 1.5, 1.0  # of the log of the mean count

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)

# Enough points that the held-out NLL is nearly the expected one, and few enough to draw.
_HELD_OUT = 200

# Distance of the class centres from 0, in the unit of the noise slider.
_TWO_CENTRES = 1.0
_THREE_CENTRES = 1.5

# Numbers in one block of the table steps x samples, so that a long trail of a large sample fits in memory.
_BLOCK = 1_000_000


@dataclass(frozen=True, eq=False)
class Dataset:
    """Points to fit, and points from the same source that the fit never sees.

    The arrays are copied and read-only.

    Attributes
    ----------
    x : numpy.ndarray, shape (N,) or (N, D)
        Inputs.
    y : numpy.ndarray, shape (N,)
        Targets: real numbers, or class indices counted from 0.
    x_held_out, y_held_out : numpy.ndarray, shape (M,) or (M, D), and (M,)
        The same for the points held out.

    Raises
    ------
    ValueError
        If an array is empty or holds a number that is not finite, or the shapes do not fit together.

    Examples
    --------
    >>> Dataset(x=[0.0, 1.0], y=[1.0, 3.0], x_held_out=[2.0], y_held_out=[5.0]).x
    array([0., 1.])
    """

    x: Floats
    y: Floats
    x_held_out: Floats
    y_held_out: Floats

    def __post_init__(self) -> None:
        """Copy, check and lock the arrays."""
        for name in ("x", "y", "x_held_out", "y_held_out"):
            array = finite_array(name, getattr(self, name)).copy()
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        for x_name, y_name in (("x", "y"), ("x_held_out", "y_held_out")):
            x, y = getattr(self, x_name), getattr(self, y_name)
            if x.ndim not in (1, 2):
                raise ValueError(f"{x_name} must have shape (N,) or (N, D), not {x.shape}.")
            if y.shape != x.shape[:1]:
                raise ValueError(f"{y_name} must have shape {x.shape[:1]}, like {x_name}, not {y.shape}.")
        if self.x.shape[1:] != self.x_held_out.shape[1:]:
            raise ValueError(
                f"x_held_out must have rows of shape {self.x.shape[1:]}, like x, "
                f"not {self.x_held_out.shape[1:]}."
            )


@dataclass(frozen=True, eq=False)
class FitTrail(Trail):
    """The trail of a fit.

    ``points`` holds all parameters of each step in one row and ``gradients`` the derivatives of the objective
    in them; ``values`` is the objective, the training NLL plus the penalty ``weight_decay / 2`` times the sum
    of squares of the weights that are not intercepts.

    Attributes
    ----------
    nll : numpy.ndarray, shape (S + 1,)
        Mean NLL of the training points in nats, without the penalty.
    held_out_nll : numpy.ndarray, shape (S + 1,)
        Mean NLL of the held-out points in nats.
    """

    nll: Floats
    held_out_nll: Floats


@dataclass(frozen=True, eq=False)
class LinearFit(FitTrail):
    """The trail of `fit_linear`; its parameters are the weights, then log sigma where sigma is learned.

    Attributes
    ----------
    weights : numpy.ndarray, shape (S + 1, degree + 1)
        Coefficients of `polynomial_features`.
    sigmas : numpy.ndarray, shape (S + 1,)
        Standard deviation of the noise model at each step.
    mse, held_out_mse : numpy.ndarray, shape (S + 1,)
        Mean squared error of the training and of the held-out points.
    """

    weights: Floats
    sigmas: Floats
    mse: Floats
    held_out_mse: Floats


@dataclass(frozen=True, eq=False)
class LogisticFit(FitTrail):
    """The trail of `fit_logistic`.

    Attributes
    ----------
    weights : numpy.ndarray, shape (S + 1, 2)
        Intercept and slope of the logit of class 1.
    """

    weights: Floats


@dataclass(frozen=True, eq=False)
class PoissonFit(FitTrail):
    """The trail of `fit_poisson`.

    Attributes
    ----------
    weights : numpy.ndarray, shape (S + 1, 2)
        Intercept and slope of the logarithm of the mean.
    """

    weights: Floats


@dataclass(frozen=True, eq=False)
class SoftmaxFit(FitTrail):
    """The trail of `fit_softmax`.

    Attributes
    ----------
    weights : numpy.ndarray, shape (S + 1, K, D + 1)
        For each class the intercept and the D slopes of its logit.
    """

    weights: Floats


def make_regression_data(n: int, noise: float, *, seed: int, held_out: int = _HELD_OUT) -> Dataset:
    """Draw points around one period of a sine.

    The rule is ``y = sin(pi x) + noise * e``, with x uniform on [-1, 1] and e standard normal.

    A larger n adds points and keeps those that were there; a larger noise moves each point further from the
    curve. So a slider changes the picture smoothly.

    Parameters
    ----------
    n : int
        Number of training points, at least 1.
    noise : float
        Standard deviation of the Gaussian noise, at least 0.
    seed : int
        At least 0; the same seed gives the same points.
    held_out : int
        Number of further points that are held out, at least 1.

    Returns
    -------
    Dataset
        With x of shape (n,).

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), section 1.1, fits such a sine by polynomials.

    Examples
    --------
    >>> data = make_regression_data(20, 0.3, seed=0)
    >>> data.x.shape, data.x_held_out.shape
    ((20,), (200,))
    """
    scale = nonnegative("noise", noise)

    def draw(size: int, key: int) -> tuple[Floats, Floats]:
        x = 2.0 * _stream(seed, key).random(size) - 1.0
        y: Floats = np.sin(np.pi * x) + scale * _stream(seed, key + 1).standard_normal(size)
        return x, y

    return _two_parts(draw, n, held_out, at_least=1)


def make_two_classes(n: int, noise: float, *, seed: int, held_out: int = _HELD_OUT) -> Dataset:
    """Draw points of two classes on a line, in turn: class 0 around -1, class 1 around +1.

    Parameters
    ----------
    n : int
        Number of training points, at least 2, so that there is one of each class.
    noise : float
        Standard deviation of the Gaussian around each centre, at least 0.
    seed : int
        At least 0; the same seed gives the same points.
    held_out : int
        Number of further points that are held out, at least 1.

    Returns
    -------
    Dataset
        With x of shape (n,) and y the class, 0 or 1.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), section 4.2.1: for such classes the logit really
    is linear, with slope ``2 / noise^2``.

    Examples
    --------
    >>> make_two_classes(4, 0.5, seed=0).y
    array([0., 1., 0., 1.])
    """
    scale = nonnegative("noise", noise)

    def draw(size: int, key: int) -> tuple[Floats, Floats]:
        y: Floats = np.arange(size, dtype=np.float64) % 2.0
        x: Floats = _TWO_CENTRES * (2.0 * y - 1.0) + scale * _stream(seed, key).standard_normal(size)
        return x, y

    return _two_parts(draw, n, held_out, at_least=2)


def make_three_classes(n: int, noise: float, *, seed: int, held_out: int = _HELD_OUT) -> Dataset:
    """Draw points of three classes in the plane, in turn, around the corners of a triangle.

    Parameters
    ----------
    n : int
        Number of training points, at least 3, so that there is one of each class.
    noise : float
        Standard deviation, in each direction, of the Gaussian around each corner, at least 0. The corners are
        1.5 from the origin.
    seed : int
        At least 0; the same seed gives the same points.
    held_out : int
        Number of further points that are held out, at least 1.

    Returns
    -------
    Dataset
        With x of shape (n, 2) and y the class, 0, 1 or 2.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), section 4.2.1: for such classes the logits really
    are linear.

    Examples
    --------
    >>> data = make_three_classes(6, 0.0, seed=0)
    >>> data.y
    array([0., 1., 2., 0., 1., 2.])
    >>> data.x[0].round(6).tolist()
    [0.0, 1.5]
    """
    scale = nonnegative("noise", noise)

    def draw(size: int, key: int) -> tuple[Floats, Floats]:
        y: Floats = np.arange(size, dtype=np.float64) % 3.0
        angle = np.pi * (0.5 + 2.0 * y / 3.0)
        centres = _THREE_CENTRES * np.column_stack((np.cos(angle), np.sin(angle)))
        x: Floats = centres + scale * _stream(seed, key).standard_normal((size, 2))
        return x, y

    return _two_parts(draw, n, held_out, at_least=3)


def make_counts(n: int, *, seed: int, held_out: int = _HELD_OUT) -> Dataset:
    """Draw counts whose mean grows exponentially: visitors of a cinema, say, over how good a film is.

    The rule is y ~ Poisson(exp(1.5 + x)), with x uniform on [-1, 1]: about 1.6 visitors at the left end and
    12 at the right. A larger n adds points and keeps those that were there.

    Parameters
    ----------
    n : int
        Number of training points, at least 1.
    seed : int
        At least 0; the same seed gives the same points.
    held_out : int
        Number of further points that are held out, at least 1.

    Returns
    -------
    Dataset
        With x of shape (n,) and y whole numbers from 0.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    P. McCullagh, J. A. Nelder, *Generalized Linear Models*, 2nd ed., Chapman and Hall, 1989, chapter 6.

    Examples
    --------
    >>> data = make_counts(40, seed=0)
    >>> data.x.shape, bool((data.y == data.y.round()).all())
    ((40,), True)
    """

    def draw(size: int, key: int) -> tuple[Floats, Floats]:
        x = 2.0 * _stream(seed, key).random(size) - 1.0
        chances = _stream(seed, key + 1).random(size)
        # A count is where a uniform number falls among the cumulative probabilities.
        counts = np.arange(100)
        log_rate = (COUNT_INTERCEPT + COUNT_SLOPE * x)[:, None]
        log_probs = counts * log_rate - np.exp(log_rate) - log_factorial(counts)
        y = (np.cumsum(np.exp(log_probs), axis=1) < chances[:, None]).sum(axis=1).astype(np.float64)
        return x, y

    return _two_parts(draw, n, held_out, at_least=1)


def polynomial_features(x: ArrayLike, degree: int) -> Floats:
    """Give the Legendre polynomials of x up to a degree, each with mean square 1 over [-1, 1].

    They span the same curves as 1, x, x^2, ..., but for x spread over [-1, 1] they are nearly uncorrelated,
    so that gradient descent moves all of them at a like rate, where powers of x would take millions of steps.

    Parameters
    ----------
    x : array_like, shape (N,)
        Inputs, meant to lie in [-1, 1].
    degree : int
        Highest degree, 0 to 12.

    Returns
    -------
    numpy.ndarray, shape (N, degree + 1)
        Column k is ``sqrt(2 k + 1) P_k(x)``; column 0 is all ones, the intercept.

    Raises
    ------
    ValueError
        If x is not one row of finite numbers or the degree is out of its range.

    References
    ----------
    Abramowitz and Stegun, Handbook of Mathematical Functions (1964), chapter 22.

    Examples
    --------
    >>> polynomial_features([-1.0, 0.0, 1.0], 1).round(6)
    array([[ 1.      , -1.732051],
           [ 1.      ,  0.      ],
           [ 1.      ,  1.732051]])
    """
    points = finite_array("x", x)
    if points.ndim != 1:
        raise ValueError(f"x must have shape (N,), not {points.shape}.")
    if count("degree", degree) > MAX_DEGREE:
        raise ValueError(f"degree must be at most {MAX_DEGREE}, not {degree!r}.")
    orders = np.arange(int(degree) + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        features: Floats = np.polynomial.legendre.legvander(points, int(degree)) * np.sqrt(2.0 * orders + 1.0)
    if not np.isfinite(features).all():
        raise ValueError(f"x must lie near [-1, 1]; at degree {degree} its features overflow.")
    return features


def gaussian_nll(targets: ArrayLike, predictions: ArrayLike, sigma: float) -> float:
    """Mean NLL of targets under Gaussians around the predictions.

    That is ``MSE / (2 sigma^2) + log(2 pi sigma^2) / 2``: at a fixed sigma the squared error in other units.

    Parameters
    ----------
    targets, predictions : array_like
        Broadcast against each other.
    sigma : float
        Standard deviation, positive.

    Returns
    -------
    float
        In nats. It may be negative, since a density may exceed 1; infinite where it overflows.

    Raises
    ------
    ValueError
        If an argument is empty, not finite, or sigma is not positive.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), equation 1.62.

    Examples
    --------
    >>> round(gaussian_nll([1, 4, 5, 6, 9], 3, 1.0), 5)
    6.31894
    """
    scale = finite_positive("sigma", sigma)
    residuals = _residuals(targets, predictions)
    with np.errstate(all="ignore"):
        standardised = residuals / scale
        return 0.5 * float(np.mean(standardised * standardised)) + math.log(scale) + _HALF_LOG_2PI


def constant_nlls(targets: ArrayLike, constants: ArrayLike, sigma: float) -> Floats:
    """Mean NLL of targets under Gaussians of one sigma, for many constant predictions at once.

    Parameters
    ----------
    targets : array_like, shape (N,)
    constants : array_like, shape (M,)
    sigma : float
        Standard deviation, positive.

    Returns
    -------
    numpy.ndarray, shape (M,)
        Each is what `gaussian_nll` says of that prediction.

    Raises
    ------
    ValueError
        As `gaussian_nll`, and if targets or constants are not one row.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), equation 1.62.

    Examples
    --------
    >>> constant_nlls([1, 4, 5, 6, 9], [3, 5], 1.0).round(5)
    array([6.31894, 4.31894])
    """
    scale = finite_positive("sigma", sigma)
    rows, row = finite_array("constants", constants), finite_array("targets", targets)
    if rows.ndim != 1 or row.ndim != 1:
        raise ValueError(f"targets and constants must be one row each, not {row.shape} and {rows.shape}.")
    with np.errstate(all="ignore"):
        standardised = (row - rows[:, np.newaxis]) / scale
        means: Floats = 0.5 * _row_means(standardised * standardised) + math.log(scale) + _HALF_LOG_2PI
    return means


def profile_gaussian_nll(targets: ArrayLike, predictions: ArrayLike) -> float:
    """Mean Gaussian NLL with the best sigma for these predictions: ``log(2 pi MSE) / 2 + 1 / 2``.

    The best sigma is the root of the mean squared error. Unlike the NLL at a fixed sigma this is not
    proportional to the MSE: halving a small error is worth as much as halving a large one.

    Parameters
    ----------
    targets, predictions : array_like
        Broadcast against each other.

    Returns
    -------
    float
        In nats; ``-inf`` where every prediction is exact.

    Raises
    ------
    ValueError
        If an argument is empty or not finite.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), equation 1.63 put into 1.62.

    Examples
    --------
    >>> round(profile_gaussian_nll([1, 4, 5, 6, 9], 5), 4)
    2.3774
    """
    residuals = np.abs(_residuals(targets, predictions))
    largest = float(residuals.max())
    if largest == 0.0:
        return -math.inf
    # Squares of the residuals themselves could overflow, or underflow to 0.
    relative = residuals / largest
    return math.log(largest) + 0.5 * math.log(float(np.mean(relative * relative))) + _HALF_LOG_2PI + 0.5


def fit_linear(
    data: Dataset,
    *,
    degree: int = 3,
    sigma: float = 1.0,
    learn_sigma: bool = False,
    learning_rate: float,
    steps: int,
    weight_decay: float = 0.0,
    tolerance: float = 1e-10,
) -> LinearFit:
    """Fit a polynomial by gradient descent on the Gaussian NLL, with sigma fixed or learned.

    The weights start at 0. With a fixed sigma the objective is ``MSE / (2 sigma^2)`` and constants, so the
    descent is that of the MSE at the rate ``learning_rate / (2 sigma^2)``; it is stable while the learning
    rate stays below ``2 sigma^2`` over the largest eigenvalue of the features' mean outer product (1 to 6 for
    20 inputs spread over [-1, 1]). A learned sigma is descended in its logarithm, which keeps it positive,
    together with the weights; as the fit improves sigma shrinks and the same rate becomes a bolder one, until
    the weights start to shake and sigma with them; where rounding would decide how, the trail ends.

    Parameters
    ----------
    data : Dataset
        With x of shape (N,), meant to lie in [-1, 1], and real y.
    degree : int
        Degree of the polynomial, 0 to 12.
    sigma : float
        Standard deviation of the noise model, positive: the fixed one, or where learning starts.
    learn_sigma : bool
        Learn sigma too.
    learning_rate : float
        Positive.
    steps : int
        Most steps to take, at least 0.
    weight_decay : float
        At least 0. Adds ``weight_decay / 2`` times the sum of the squared weights, the intercept left out, to
        the mean NLL: as much as a Gaussian prior of precision ``N * weight_decay`` on each of them, and what
        PyTorch's SGD calls weight_decay.
    tolerance : float
        The run has converged once no entry of the gradient is larger than this.

    Returns
    -------
    LinearFit

    Raises
    ------
    ValueError
        If an argument is out of its range, or the objective overflows at the start.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), sections 1.2.5, 3.1.1 and 3.1.4.

    Examples
    --------
    >>> data = make_regression_data(20, 0.3, seed=0)
    >>> fit = fit_linear(data, degree=3, sigma=0.3, learning_rate=0.02, steps=300)
    >>> fit.status, round(float(fit.nll[0]), 3), round(float(fit.nll[-1]), 3)
    ('converged', 3.623, 0.273)
    """
    features = polynomial_features(data.x, degree)
    held_features = polynomial_features(data.x_held_out, degree)
    y, size = data.y, features.shape[1]
    decay = _decay(weight_decay, features.shape[1])
    first_sigma = finite_positive("sigma", sigma)
    first_log = math.log(first_sigma)
    n = len(y)
    gradient = np.empty(size + 1)

    def objective(point: Floats) -> tuple[float, Floats]:
        weights = point[:size]
        log_scale = float(point[size]) if learn_sigma else first_log
        scale = math.exp(log_scale) if learn_sigma else first_sigma
        standardised = (features @ weights - y) / scale
        mean_square = float(standardised @ standardised) / n
        value = 0.5 * mean_square + log_scale + _HALF_LOG_2PI
        gradient[:size] = standardised @ features / (n * scale)
        gradient[size] = 1.0 - mean_square
        if weight_decay:
            shrink = decay * weights
            gradient[:size] += shrink
            value += 0.5 * float(shrink @ weights)
        return value, gradient[: len(point)]

    start = np.append(np.zeros(size), first_log) if learn_sigma else np.zeros(size)

    def run(push: float) -> Trail:
        return descend(
            objective, start, learning_rate=learning_rate, steps=steps, tolerance=tolerance, push=push
        )

    # With a fixed sigma each step is linear in the weights: it may run away, but nothing in it is chaotic.
    trail = without_chaos(run) if learn_sigma else run(0.0)
    weights = trail.points[:, :size]
    sigmas = np.exp(trail.points[:, size]) if learn_sigma else np.full(len(weights), first_sigma)

    def mean_nll(block: slice, inputs: Floats, targets: Floats) -> Floats:
        residuals = weights[block] @ inputs.T - targets
        return (
            _row_means((residuals / sigmas[block, None]) ** 2) * 0.5 + np.log(sigmas[block]) + _HALF_LOG_2PI
        )

    def mean_square(block: slice, inputs: Floats, targets: Floats) -> Floats:
        return _row_means((weights[block] @ inputs.T - targets) ** 2)

    rows = len(weights)
    return LinearFit(
        **vars(trail),
        nll=_in_blocks(mean_nll, rows, features, y),
        held_out_nll=_in_blocks(mean_nll, rows, held_features, data.y_held_out),
        weights=weights,
        sigmas=locked(sigmas),
        mse=_in_blocks(mean_square, rows, features, y),
        held_out_mse=_in_blocks(mean_square, rows, held_features, data.y_held_out),
    )


def fit_logistic(
    data: Dataset,
    *,
    learning_rate: float,
    steps: int,
    weight_decay: float = 0.0,
    tolerance: float = 1e-10,
) -> LogisticFit:
    """Fit P(y = 1 | x) = sigmoid(w_0 + w_1 x) by gradient descent on the Bernoulli NLL.

    That NLL is also called binary cross-entropy. The weights start at 0. On classes that a point on the line
    separates there is no best slope without weight decay: the fit keeps growing steeper.

    Parameters
    ----------
    data : Dataset
        With x of shape (N,) and y 0 or 1.
    learning_rate, steps, weight_decay, tolerance
        As in `fit_linear`.

    Returns
    -------
    LogisticFit

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), equations 4.90 and 4.91.

    Examples
    --------
    >>> data = make_two_classes(40, 1.0, seed=0)
    >>> fit = fit_logistic(data, learning_rate=1.0, steps=500, weight_decay=0.05)
    >>> fit.status, fit.weights.shape[1], bool(fit.nll[-1] < fit.nll[0])
    ('converged', 2, True)
    """
    if data.x.ndim != 1:
        raise ValueError(f"data.x must have shape (N,), not {data.x.shape}.")
    features, held_features = _with_intercept(data.x), _with_intercept(data.x_held_out)
    # +1 for class 0 and -1 for class 1: the NLL is then softplus(sign * logit) for both.
    signs = 1.0 - 2.0 * _labels("data.y", data.y, 2)
    held_signs = 1.0 - 2.0 * _labels("data.y_held_out", data.y_held_out, 2)
    decay = _decay(weight_decay, 2)
    n = len(signs)

    def objective(weights: Floats) -> tuple[float, Floats]:
        margins = signs * (features @ weights)
        shrink = decay * weights
        # sigmoid(m) = exp(-softplus(-m)) neither overflows nor loses the digits of a small residual.
        residuals = signs * np.exp(-np.logaddexp(0.0, -margins))
        value = float(np.logaddexp(0.0, margins).sum()) / n + 0.5 * float(shrink @ weights)
        return value, residuals @ features / n + shrink

    start = np.zeros(2)

    def run(push: float) -> Trail:
        return descend(
            objective, start, learning_rate=learning_rate, steps=steps, tolerance=tolerance, push=push
        )

    trail = without_chaos(run)
    weights = trail.points

    def mean_nll(block: slice, inputs: Floats, targets: Floats) -> Floats:
        return _row_means(np.logaddexp(0.0, targets * (weights[block] @ inputs.T)))

    rows = len(weights)
    return LogisticFit(
        **vars(trail),
        nll=_in_blocks(mean_nll, rows, features, signs),
        held_out_nll=_in_blocks(mean_nll, rows, held_features, held_signs),
        weights=weights,
    )


def fit_softmax(
    data: Dataset,
    *,
    classes: int = 3,
    learning_rate: float,
    steps: int,
    weight_decay: float = 0.0,
    tolerance: float = 1e-10,
) -> SoftmaxFit:
    """Fit P(y = k | x) = softmax(W [1, x])_k by gradient descent on the categorical NLL.

    That NLL is also called cross-entropy. The weights start at 0. Every class has its own row of weights, as
    in PyTorch; adding one row to all of them changes nothing, and the descent keeps their sum at 0.

    Parameters
    ----------
    data : Dataset
        With x of shape (N,) or (N, D) and y a class index from 0 to ``classes - 1``.
    classes : int
        K, at least 2.
    learning_rate, steps, weight_decay, tolerance
        As in `fit_linear`; the K intercepts are left out of the penalty.

    Returns
    -------
    SoftmaxFit

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), equations 4.108 and 4.109.

    Examples
    --------
    >>> fit = fit_softmax(make_three_classes(60, 0.8, seed=0), learning_rate=0.5, steps=50)
    >>> fit.weights.shape, round(float(fit.nll[0]), 6)
    ((51, 3, 3), 1.098612)
    """
    k = count("classes", classes, at_least=2)
    features, held_features = _with_intercept(data.x), _with_intercept(data.x_held_out)
    labels = _labels("data.y", data.y, k).astype(np.intp)
    held_labels = _labels("data.y_held_out", data.y_held_out, k).astype(np.intp)
    n, width = features.shape
    decay = _decay(weight_decay, width)
    # Classes down, samples across: numpy reduces over the short axis several times faster that way.
    columns = np.ascontiguousarray(features.T)
    onehot = (np.arange(k)[:, None] == labels).astype(np.float64)

    def objective(point: Floats) -> tuple[float, Floats]:
        weights = point.reshape(k, width)
        gaps = weights @ columns
        gaps -= gaps.max(axis=0)
        weighted = np.exp(gaps)
        totals = weighted.sum(axis=0)
        nll = (float(np.log(totals).sum()) - float(np.vdot(gaps, onehot))) / n
        shrink = decay * weights
        slope = (weighted / totals - onehot) @ features / n + shrink
        return nll + 0.5 * float(np.vdot(shrink, weights)), slope.ravel()

    start = np.zeros(k * width)

    def run(push: float) -> Trail:
        return descend(
            objective, start, learning_rate=learning_rate, steps=steps, tolerance=tolerance, push=push
        )

    trail = without_chaos(run)
    weights = trail.points.reshape(-1, k, width)

    def mean_nll(block: slice, inputs: Floats, targets: NDArray[Any]) -> Floats:
        log_probs = log_softmax(weights[block] @ inputs.T, axis=1)
        return -_row_means(log_probs[:, targets, np.arange(len(targets))])

    rows = len(weights)
    return SoftmaxFit(
        **vars(trail),
        nll=_in_blocks(mean_nll, rows, features, labels),
        held_out_nll=_in_blocks(mean_nll, rows, held_features, held_labels),
        weights=weights,
    )


def fit_poisson(
    data: Dataset,
    *,
    learning_rate: float,
    steps: int,
    weight_decay: float = 0.0,
    tolerance: float = 1e-10,
) -> PoissonFit:
    """Fit y ~ Poisson(exp(w_0 + w_1 x)) by gradient descent on its NLL.

    The weights start at 0, that is, at a mean of 1 everywhere. The slope of one sample's NLL in the output
    ``z = w_0 + w_1 x`` is ``exp(z) - y``: prediction minus truth.

    Parameters
    ----------
    data : Dataset
        With x of shape (N,) and y whole numbers from 0.
    learning_rate, steps, weight_decay, tolerance
        As in `fit_linear`.

    Returns
    -------
    PoissonFit

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    P. McCullagh, J. A. Nelder, *Generalized Linear Models*, 2nd ed., Chapman and Hall, 1989, section 6.2.

    Examples
    --------
    >>> fit = fit_poisson(make_counts(40, seed=0), learning_rate=0.05, steps=400)
    >>> fit.weights[-1].round(2).tolist()
    [1.45, 0.83]
    """
    if data.x.ndim != 1:
        raise ValueError(f"data.x must have shape (N,), not {data.x.shape}.")
    features, held_features = _with_intercept(data.x), _with_intercept(data.x_held_out)
    y, held_y = _counts("data.y", data.y), _counts("data.y_held_out", data.y_held_out)
    rest, held_rest = log_factorial(y), log_factorial(held_y)
    decay, n = _decay(weight_decay, 2), len(y)

    def objective(weights: Floats) -> tuple[float, Floats]:
        outputs, shrink = features @ weights, decay * weights
        means = np.exp(outputs)
        value = float((means - y * outputs + rest).sum()) / n + 0.5 * float(shrink @ weights)
        return value, (means - y) @ features / n + shrink

    def run(push: float) -> Trail:
        return descend(
            objective, np.zeros(2), learning_rate=learning_rate, steps=steps, tolerance=tolerance, push=push
        )

    trail = without_chaos(run)
    weights = trail.points

    def mean_nll(block: slice, inputs: Floats, targets: NDArray[Any]) -> Floats:
        outputs = weights[block] @ inputs.T
        # Of a descent that diverges the points held out may overflow a step before the training points do.
        return _row_means(np.exp(np.minimum(outputs, 690.0)) - targets[0] * outputs + targets[1])

    rows = len(weights)
    return PoissonFit(
        **vars(trail),
        nll=_in_blocks(mean_nll, rows, features, np.stack((y, rest))),
        held_out_nll=_in_blocks(mean_nll, rows, held_features, np.stack((held_y, held_rest))),
        weights=weights,
    )


def predict_linear(weights: ArrayLike, x: ArrayLike) -> Floats:
    """Give the mean of y at each x.

    Parameters
    ----------
    weights : array_like, shape (..., degree + 1)
        Coefficients of `polynomial_features`, of one step or of a whole trail.
    x : array_like, shape (N,)
        Inputs.

    Returns
    -------
    numpy.ndarray, shape (..., N)

    Raises
    ------
    ValueError
        If an argument is empty, not finite, or has a shape that does not fit.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), equation 3.3.

    Examples
    --------
    >>> predict_linear([2.0, 0.0], [-1.0, 0.5])
    array([2., 2.])
    """
    coefficients = np.atleast_1d(finite_array("weights", weights))
    return _linear(coefficients, polynomial_features(x, coefficients.shape[-1] - 1).T)


def predict_logistic(weights: ArrayLike, x: ArrayLike) -> Floats:
    """Give the probability of class 1 at each x.

    Parameters
    ----------
    weights : array_like, shape (..., 2)
        Intercept and slope of the logit.
    x : array_like, shape (N,)
        Inputs.

    Returns
    -------
    numpy.ndarray, shape (..., N)
        Probabilities.

    Raises
    ------
    ValueError
        If an argument is empty, not finite, or has a shape that does not fit.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), equation 4.87.

    Examples
    --------
    >>> predict_logistic([0.0, 1.5], [0.0, 1.0]).round(6)
    array([0.5     , 0.817574])
    """
    coefficients = finite_array("weights", weights)
    inputs = _with_intercept(finite_array("x", x))
    if coefficients.shape[-1:] != (2,) or inputs.shape[-1] != 2:
        raise ValueError(
            f"weights and x must have shapes (..., 2) and (N,), not {np.shape(weights)} and {np.shape(x)}."
        )
    return np.asarray(sigmoid(_linear(coefficients, inputs.T)), dtype=np.float64)


def predict_poisson(weights: ArrayLike, x: ArrayLike) -> Floats:
    """Give the mean count at each x.

    Parameters
    ----------
    weights : array_like, shape (2,)
        Intercept and slope of the logarithm of the mean.
    x : array_like, shape (N,)
        Inputs.

    Returns
    -------
    numpy.ndarray, shape (N,)
        Infinite where it is beyond the largest float.

    Raises
    ------
    ValueError
        If an argument is empty, not finite, or has a shape that does not fit.

    References
    ----------
    P. McCullagh, J. A. Nelder, *Generalized Linear Models*, 2nd ed., Chapman and Hall, 1989, section 6.2.

    Examples
    --------
    >>> predict_poisson([0.0, 1.0], [0.0, 1.0]).round(6)
    array([1.      , 2.718282])
    """
    coefficients, inputs = finite_array("weights", weights), finite_array("x", x)
    if coefficients.shape != (2,) or inputs.ndim != 1:
        raise ValueError(
            f"weights and x must have shapes (2,) and (N,), not {coefficients.shape} and {inputs.shape}."
        )
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(_linear(_with_intercept(inputs), coefficients)), dtype=np.float64)


def decision_regions(weights: ArrayLike, limit: float) -> Floats:
    """Give for each class the part of a square in which it is the most probable, as a polygon.

    Where logits are linear in two inputs, the border between two classes is a straight line. So every region
    is the square cut by K - 1 lines, and convex.

    Parameters
    ----------
    weights : array_like, shape (K, 3)
        For each class the intercept and the two slopes of its logit.
    limit : float
        The square is [-limit, limit] in both directions; positive.

    Returns
    -------
    numpy.ndarray, shape (K, K + 3, 2)
        Corners in order; the last one is repeated where there are fewer. All nan for a class that leads
        nowhere, and for classes between which there is nothing to choose.

    Raises
    ------
    ValueError
        If an argument is not finite or has a shape that does not fit.

    References
    ----------
    Sutherland and Hodgman, Reentrant polygon clipping (Communications of the ACM 17, 1974).

    Examples
    --------
    >>> decision_regions([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]], 2.0)[0].tolist()
    [[0.0, -2.0], [2.0, -2.0], [2.0, 2.0], [0.0, 2.0], [0.0, 2.0]]
    """
    rows = finite_array("weights", weights)
    edge = finite_positive("limit", limit)
    if rows.ndim != 2 or rows.shape[1] != 3:
        raise ValueError(f"weights must have shape (K, 3), not {rows.shape}.")
    k = len(rows)
    regions = np.full((k, k + 3, 2), np.nan)
    table = rows.tolist()
    for i, own in enumerate(table):
        polygon = [(-edge, -edge), (edge, -edge), (edge, edge), (-edge, edge)]
        for j, other in enumerate(table):
            if i != j:
                polygon = _clip(polygon, [a - b for a, b in zip(own, other, strict=True)])
        if polygon:
            regions[i, : len(polygon)] = polygon
            regions[i, len(polygon) :] = polygon[-1]
    return regions


def _clip(polygon: list[tuple[float, float]], line: list[float]) -> list[tuple[float, float]]:
    """Cut off the part of a polygon where ``line[0] + line[1] x + line[2] y`` is not positive."""
    heights = [line[0] + line[1] * x + line[2] * y for x, y in polygon]
    if not any(h > 0.0 for h in heights):
        return []
    kept: list[tuple[float, float]] = []
    for i, (here, height) in enumerate(zip(polygon, heights, strict=True)):
        before, last = polygon[i - 1], heights[i - 1]
        if (height > 0.0 > last) or (height < 0.0 < last):
            share = last / (last - height)
            kept.append(
                (before[0] + share * (here[0] - before[0]), before[1] + share * (here[1] - before[1]))
            )
        if height >= 0.0:
            kept.append(here)
    return kept


def _stream(seed: int, key: int) -> np.random.Generator:
    """Make a generator for one quantity alone, so that more of one does not shift another."""
    return np.random.default_rng([count("seed", seed), key])


def _two_parts(
    draw: Callable[[int, int], tuple[Floats, Floats]], n: int, held_out: int, *, at_least: int
) -> Dataset:
    """Draw training points and held-out points from streams that share nothing."""
    x, y = draw(count("n", n, at_least=at_least), 0)
    x_held_out, y_held_out = draw(count("held_out", held_out, at_least=1), 2)
    return Dataset(x=x, y=y, x_held_out=x_held_out, y_held_out=y_held_out)


def _residuals(targets: ArrayLike, predictions: ArrayLike) -> Floats:
    """Subtract the predictions from the targets."""
    residuals = finite_array("targets", targets) - finite_array("predictions", predictions)
    return np.asarray(residuals, dtype=np.float64)


def _decay(weight_decay: float, size: int) -> Floats:
    """Give each feature its weight decay: none for the intercept."""
    factors = np.full(size, nonnegative("weight_decay", weight_decay))
    factors[0] = 0.0
    return factors


def _with_intercept(x: Floats) -> Floats:
    """Put a 1 before each row."""
    if x.ndim not in (1, 2):
        raise ValueError(f"x must have shape (N,) or (N, D), not {x.shape}.")
    return np.column_stack((np.ones(len(x)), x))


def _linear(left: Floats, right: Floats) -> Floats:
    """Multiply two matrices, one of which holds weights."""
    with np.errstate(over="ignore", invalid="ignore"):
        product: Floats = left @ right
    if not np.isfinite(product).all():
        raise ValueError("weights must be small enough for the predictions not to overflow.")
    return product


def _labels(name: str, y: Floats, classes: int) -> Floats:
    """Return ``y`` where all of it is class indices, or raise ``ValueError``."""
    if not np.isin(y, np.arange(classes)).all():
        raise ValueError(f"{name} must hold class indices from 0 to {classes - 1}.")
    return y


def _counts(name: str, y: Floats) -> Floats:
    """Return ``y`` where all of it is whole numbers from 0, or raise ``ValueError``."""
    if y.min() < 0.0 or (y != np.round(y)).any():
        raise ValueError(f"{name} must hold whole numbers from 0.")
    return y


def _row_means(table: Floats) -> Floats:
    """Average over the samples, for each step."""
    means: Floats = table.mean(axis=1)
    return means


def _in_blocks(
    function: Callable[[slice, Floats, NDArray[Any]], Floats],
    rows: int,
    inputs: Floats,
    targets: NDArray[Any],
) -> Floats:
    """Evaluate ``function`` for all steps, as many at a time as fit."""
    size = max(1, _BLOCK // len(inputs))
    with np.errstate(all="ignore"):
        parts = [function(slice(first, first + size), inputs, targets) for first in range(0, rows, size)]
    table = np.concatenate(parts)
    if not np.isfinite(table).all():
        raise ValueError("data must lie near enough to the model for its NLL not to overflow.")
    return locked(table)
