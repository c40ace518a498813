"""Losses of a residual r = observed - predicted: a row each, with its slope and the noise whose NLL it is.

Residuals are in the unit of the data. Each loss is, up to a constant, the negative log of a density.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core._checks import Floats, Real, finite_array, finite_positive, float_array

__all__ = [
    "RESIDUAL_LOSSES",
    "ResidualLoss",
    "fit_constant",
    "log_normalizer",
    "noise_nll",
]

_LN2 = math.log(2.0)
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


@dataclass(frozen=True)
class ResidualLoss:
    """A loss of the residual, with its slope and the noise model whose NLL it is.

    Attributes
    ----------
    formula, derivative : callable
        Loss and slope of a float64 array and of the loss's parameter.
    noise_model : str
        A key for the distribution of the noise, at scale 1.
    log_area : callable
        The log of the integral of exp(-loss), of the loss's parameter.
    parameter : str or None
        Which of ``delta`` and ``tau`` the loss looks at.

    References
    ----------
    P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35 (1964),
    73-101; R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46 (1978), 33-50; E. W. Weisstein,
    *CRC Concise Encyclopedia of Mathematics*, 2nd ed., CRC Press, 2002, "Hyperbolic Secant"; C. M. Bishop,
    *Pattern Recognition and Machine Learning*, Springer, 2006, section 3.1.1.

    Examples
    --------
    >>> print(RESIDUAL_LOSSES["huber"].loss([-3, 0, 0.5]), RESIDUAL_LOSSES["huber"].slope([-3, 0, 0.5]))
    [2.5 0. 0.125] [-1. 0. 0.5]
    >>> print(RESIDUAL_LOSSES["quantile"].loss([-1, 0, 1], tau=0.9))
    [0.1 0. 0.9]
    """

    formula: Callable[[Floats, float], Real]
    derivative: Callable[[Floats, float], Real]
    noise_model: str
    log_area: Callable[[float], float]
    parameter: str | None = None

    def parameter_of(self, delta: float, tau: float) -> float:
        """Return the checked parameter that the loss looks at; nan where it has none."""
        if self.parameter == "delta":
            return finite_positive("delta", delta)
        if self.parameter == "tau" and not 0.0 < float(tau) < 1.0:
            raise ValueError(f"tau must be between 0 and 1, not {tau!r}.")
        return float(tau) if self.parameter == "tau" else math.nan

    def loss(self, residual: ArrayLike, *, delta: float = 1.0, tau: float = 0.5) -> Real:
        """Return the loss of residuals of any shape, infinities allowed.

        Parameters
        ----------
        residual : array_like of float
            Observed minus predicted.
        delta : float, optional
            Where Huber's parabola turns into a line, in the unit of the data, positive and finite; other
            losses do not look at it.
        tau : float, optional
            The quantile that the quantile loss aims at, between 0 and 1 (both excluded); other losses do not
            look at it.

        Returns
        -------
        float or ndarray of float
            Shape of `residual`.

        Raises
        ------
        ValueError
            For nan, an empty input, or a parameter of the loss that is out of its range.
        """
        return self._at(self.formula, residual, delta, tau)

    def slope(self, residual: ArrayLike, *, delta: float = 1.0, tau: float = 0.5) -> Real:
        """Return the slope of the loss in the residual; at a kink 0, by convention. As `loss` else."""
        return self._at(self.derivative, residual, delta, tau)

    def _at(self, function: Callable[..., Any], residual: ArrayLike, delta: float, tau: float) -> Real:
        """Return a function of checked residuals: what is beyond the largest float is infinite."""
        with np.errstate(over="ignore"):
            made = function(float_array("residual", residual), self.parameter_of(delta, tau))
        result: Real = np.asarray(made)[()]
        return result


def _huber(residual: Floats, delta: float) -> Real:
    """Compute both pieces by one formula: inner is |r| on the parabola and delta on the line."""
    size = np.abs(residual)
    inner = np.minimum(size, delta)
    made: Real = inner * (size - 0.5 * inner)
    return made


def _log_cosh(residual: Floats, _: float) -> Real:
    """Compute log cosh r, whose large terms would cancel for small r: cosh r = 1 + 2 sinh(r/2)^2."""
    size = np.abs(residual)
    near = np.log1p(2.0 * np.sinh(0.5 * np.minimum(size, 1.0)) ** 2)
    far = size + np.log1p(np.exp(-2.0 * np.minimum(size, 400.0))) - _LN2
    return np.where(size < 1.0, near, far)


def _huber_area(delta: float) -> float:
    """Return the log of the area of the bell between -delta and delta, and of two exponential tails."""
    bell = math.sqrt(2.0 * math.pi) * math.erf(delta / math.sqrt(2.0))
    return math.log(bell + 2.0 * math.exp(-0.5 * delta * delta) / delta)


RESIDUAL_LOSSES: Mapping[str, ResidualLoss] = MappingProxyType(
    {
        "squared": ResidualLoss(
            lambda r, _: 0.5 * r * r, lambda r, _: r.copy(), "gaussian", lambda _: _HALF_LOG_2PI
        ),
        "absolute": ResidualLoss(lambda r, _: np.abs(r), lambda r, _: np.sign(r), "laplace", lambda _: _LN2),
        "huber": ResidualLoss(
            _huber, lambda r, delta: np.clip(r, -delta, delta), "huber", _huber_area, "delta"
        ),
        "log_cosh": ResidualLoss(
            _log_cosh, lambda r, _: np.tanh(r), "hyperbolic_secant", lambda _: math.log(math.pi)
        ),
        "quantile": ResidualLoss(
            lambda r, tau: np.where(r > 0, tau, 1.0 - tau) * np.abs(r),
            lambda r, tau: np.where(r > 0, tau, np.where(r < 0, tau - 1.0, 0.0)),
            "asymmetric_laplace",
            lambda tau: -math.log(tau * (1.0 - tau)),
            "tau",
        ),
    }
)
"""The residual losses by name.

``squared`` is half the square: so it is the NLL of a Gaussian with sigma = 1, and Huber's loss meets it in
the middle; PyTorch's ``MSELoss`` is the mean of twice this. ``huber`` is half the square up to delta and
delta (|r| - delta / 2) beyond. ``log_cosh`` is a smooth |r|. ``quantile`` is tau r above 0 and (tau - 1) r
below; the constant of least total loss is the tau-quantile of the data.
"""


def log_normalizer(name: str, delta: float = 1.0, tau: float = 0.5) -> float:
    r"""Log of the integral :math:`\int e^{-\ell(r)}\,dr`: what makes a loss the negative log of a density.

    Parameters
    ----------
    name : str
        Which of `RESIDUAL_LOSSES`.
    delta : float, optional
        Huber's delta, in the unit of the residual, positive and finite; other losses do not look at it.
    tau : float, optional
        The quantile, between 0 and 1; other losses do not look at it.

    Returns
    -------
    float
        In nats; the residual is counted in units of the scale.

    Raises
    ------
    ValueError
        For an unknown name, or a parameter of the loss that is out of its range.

    References
    ----------
    P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35
    (1964), 73-101; R. Koenker, J. A. F. Machado, "Goodness of fit and related inference processes for
    quantile regression", Journal of the American Statistical Association 94 (1999), 1296-1310; N. L.
    Johnson, S. Kotz, N. Balakrishnan, *Continuous Univariate Distributions*, vol. 2, 2nd ed., Wiley, 1995,
    chapters 23 (hyperbolic secant) and 24 (Laplace).

    Examples
    --------
    >>> print(round(log_normalizer("squared"), 6), round(log_normalizer("absolute"), 6))
    0.918939 0.693147
    """
    if name not in RESIDUAL_LOSSES:
        raise ValueError(f"name must be one of {', '.join(RESIDUAL_LOSSES)}, not {name!r}.")
    loss = RESIDUAL_LOSSES[name]
    return loss.log_area(loss.parameter_of(delta, tau))


def noise_nll(
    name: str, residual: ArrayLike, scale: float = 1.0, delta: float = 1.0, tau: float = 0.5
) -> Real:
    r"""Negative log-density of a residual under a loss's noise model, :math:`\ell(r/s) + \log s + \log Z`.

    Parameters
    ----------
    name : str
        Which of `RESIDUAL_LOSSES`.
    residual : array_like of float
        Residual r = observed - predicted, in the unit of the data; infinities allowed.
    scale : float, optional
        The scale s of the noise, in the unit of the data, positive and finite.
    delta, tau : float, optional
        The loss's parameter, in units of the scale (`delta`) or between 0 and 1 (`tau`).

    Returns
    -------
    float or ndarray of float
        Shape of `residual`, in nats; may be negative, because a density may exceed 1.

    Raises
    ------
    ValueError
        For an unknown name, nan, an empty input, or a scale or a parameter that is out of its range.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, section 3.1.1; the constants
    are those of `log_normalizer`.

    Examples
    --------
    >>> print(round(noise_nll("squared", 3.0), 6))
    5.418939
    """
    constant = log_normalizer(name, delta, tau)
    width = finite_positive("scale", scale)
    loss = RESIDUAL_LOSSES[name].loss(float_array("residual", residual) / width, delta=delta, tau=tau)
    return loss + (math.log(width) + constant)


# ----------------------------------------------------------------------------------------- fitting a constant


def fit_constant(values: ArrayLike, loss: str = "squared", *, delta: float = 1.0) -> float:
    r"""Find the constant c that minimises the total loss of the residuals ``values - c``.

    The mean for the squared loss, the median for the absolute one, and between them Huber's estimate of
    location. Where a whole interval is best (an even number of values under the absolute loss, two far
    clusters under Huber's), its middle is returned.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        The data, finite.
    loss : {"squared", "absolute", "huber"}, optional
        Which loss.
    delta : float, optional
        Huber's delta, in the unit of the data, positive and finite; other losses do not look at it.

    Returns
    -------
    float
        The best constant, in the unit of the data.

    Raises
    ------
    ValueError
        For values that are not finite, an empty or not one-dimensional input, an unknown loss, or a delta
        that is not positive and finite.

    References
    ----------
    P. J. Huber, E. M. Ronchetti, *Robust Statistics*, 2nd ed., Wiley, 2009, section 3.2.

    Examples
    --------
    >>> points = [1, 4, 5, 6, 90]
    >>> [fit_constant(points, loss) for loss in ("squared", "absolute", "huber")]
    [21.2, 5.0, 5.0]
    >>> fit_constant(points, "huber", delta=30)
    11.5
    """
    data = finite_array("values", values)
    if data.ndim != 1:
        raise ValueError(f"values must have one axis, not shape {data.shape}.")
    if loss == "squared":
        return _exact_mean(data)
    data = np.sort(data)
    if loss == "absolute":
        return _midpoint(float(data[(data.size - 1) // 2]), float(data[data.size // 2]))
    if loss == "huber":
        return _huber_location(data, finite_positive("delta", delta))
    raise ValueError(f"loss must be one of squared, absolute, huber, not {loss!r}.")


def _exact_mean(data: Floats) -> float:
    """Mean from a sum without rounding, also where the sum is beyond the largest float."""
    try:
        return math.fsum(data) / data.size
    except OverflowError:
        return math.ldexp(math.fsum(np.ldexp(data, -64)) / data.size, 64)


def _midpoint(low: float, high: float) -> float:
    """Middle of two numbers, also where their sum is beyond the largest float."""
    total = low + high
    return 0.5 * low + 0.5 * high if math.isinf(total) else 0.5 * total


def _huber_location(data: Floats, delta: float) -> float:
    """Solve ``sum clip(x - c, -delta, delta) = 0`` exactly for sorted x.

    The sum is monotone in c, and a straight line between neighbours among the points x - delta and x + delta:
    a binary search over these finds the line that crosses zero, and the crossing is one Newton step away.
    """
    # Scaled to at most 1 by a power of two, which is exact: no sum can overflow.
    exponent = int(np.frexp(np.abs(data).max())[1])
    with np.errstate(over="ignore"):
        scaled = np.ldexp(data, -exponent)
        limit = min(float(np.ldexp(delta, -exponent)), float(scaled[-1] - scaled[0]))
    if limit == 0.0:
        # All values are equal, or delta is too small to tell the loss from the absolute one.
        return _midpoint(float(data[(data.size - 1) // 2]), float(data[data.size // 2]))
    ends = np.clip(np.concatenate([scaled - limit, scaled + limit]), scaled[0], scaled[-1])
    knots = sorted(set(ends.tolist()))

    def push(c: float) -> float:
        return math.fsum(np.clip(c - scaled, -limit, limit))

    # The knots are rounded, so a sum that should be 0 may be off by the spacing of the floats.
    slack = min(4.0 * data.size * float(np.spacing(np.abs(scaled).max())), 0.5 * limit)
    first = bisect.bisect_left(knots, -slack, key=push)
    last = bisect.bisect_right(knots, slack, key=push) - 1
    centre = _midpoint(knots[first], knots[last])
    # Only points within delta move the sum. Where there are none it is 0 all along, and the middle is meant.
    near = int((np.abs(centre - scaled) < limit).sum())
    return math.ldexp(centre - push(centre) / max(1, near), exponent)
