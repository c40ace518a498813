"""Gradient and Newton steps that keep the whole trail, so that a picture can replay every one of them.

A trail never holds nan or infinity: a run that leaves the finite numbers is cut at its last finite point and
says so in its ``status``. Nor does it hold what only the rounding of one processor decides: a run whose rate
is so large that it shakes is cut where changes in the eleventh digit begin to be seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from core._checks import Floats, count, finite, finite_positive, float_array, nonnegative
from core.gaussian import Summary
from core.information import as_distribution, one_distribution
from core.softmax import logits_from_probs, softmax_jacobian

__all__ = [
    "GaussianStep",
    "GaussianTrail",
    "SoftmaxTrail",
    "Status",
    "Trail",
    "cross_entropy_descent",
    "descend",
    "gaussian_ascent",
    "gaussian_step",
    "largest_stable_rate",
    "softmax_descent",
    "without_chaos",
]

Status: TypeAlias = Literal["running", "converged", "diverged", "chaotic"]

_EPS = float(np.finfo(np.float64).eps)
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)

# A value that has become this many times worse than the first one (or than 1) is not coming back, and drawing
# it would flatten everything else, so the run counts as diverged long before float64 overflows.
_BLOW_UP = 1e12
# Steps that are looked through at once: looking at one costs as much as taking it.
_LOOK = 32

# Share of the gain promised by the slope that a guarded step must deliver. A step to the top of a quadratic
# delivers one half. Newton's rule knows the curvature and is trusted; a step along the slope alone is not:
# with a small share it may fly far over the top, to where it is just a little better than at the start.
_NEWTON_GAIN = 1e-4
_STEP_GAIN = 0.25

# A twin of a run is pushed aside by so much at each step, in units of its point's size or 1: as rounding
# does, but so far that rounding, some 1e-16, plays no part in where it goes.
_PUSH = 1e-11
# So far apart the two no longer do the same. Rounding has grown by the same factor, 1e4, and is not yet seen.
_APART = 1e-7
# A descent on the right side of its largest rate never rises, but for rounding: then no twin is needed.
_RISE = 1e-9


@dataclass(frozen=True, eq=False)
class Trail:
    """Every point that an optimiser visited, the start included.

    Row 0 is the start and row i the state after i steps. A run that neither converges, diverges nor becomes
    chaotic has ``steps + 1`` rows for the ``steps`` that were asked for; the others are shorter. Everything
    is finite and the arrays are read-only, so that a cached trail cannot be changed by whoever draws it.

    Attributes
    ----------
    points : numpy.ndarray, shape (S + 1, D)
        Where the run was.
    values : numpy.ndarray, shape (S + 1,)
        The function there.
    gradients : numpy.ndarray, shape (S + 1, D)
        Its gradient there (always of the function itself, never negated or scaled).
    status : {"running", "converged", "diverged", "chaotic"}
        "converged": the last row is an optimum to within the tolerance, and the run stopped there.
        "diverged": the step after the last row left the finite numbers, or made the value worse than at the
        start by more than 1e12 times its size there (or 1e12, for a small one). "chaotic": after the last row
        the run shakes so that the digits lost by rounding decide where it goes, and another computer would
        show something else; only runs that pass through `without_chaos` end so. "running": none of them.
    diverged_at : int or None
        Number of the step that could not be taken (1 is the first); equal to ``len(values)``. None otherwise.
    """

    points: Floats
    values: Floats
    gradients: Floats
    status: Status
    diverged_at: int | None

    @property
    def steps(self) -> int:
        """Number of steps taken, one less than the number of rows."""
        return len(self.values) - 1

    @property
    def chaotic_at(self) -> int | None:
        """Number of the step that rounding would decide, equal to ``len(values)``; None otherwise."""
        return len(self.values) if self.status == "chaotic" else None


AnyTrail = TypeVar("AnyTrail", bound=Trail)


@dataclass(frozen=True, eq=False)
class SoftmaxTrail(Trail):
    """A trail in the logits of a softmax, with what the probabilities did on the way.

    Attributes
    ----------
    probs : numpy.ndarray, shape (S + 1, K)
        The model q = softmax(logits / temperature) at each row.
    kl : numpy.ndarray, shape (S + 1,)
        KL(p || q) in nats, ``values`` minus ``entropy`` without the cancellation.
    entropy : float
        H(p) in nats: the floor that ``values`` cannot pass.
    """

    probs: Floats
    kl: Floats
    entropy: float


@dataclass(frozen=True, eq=False)
class GaussianTrail(Trail):
    """A climb of a Gaussian log-likelihood, with how often each of its steps was halved.

    Attributes
    ----------
    shares : numpy.ndarray, shape (S + 1,)
        Which part of the whole step (`gaussian_step`) led to each row: 1, or a power of 1/2 where the step
        had to be halved; 1 at the start.
    """

    shares: Floats


class GaussianStep(NamedTuple):
    """The whole step of a climb: what it adds to mu and sigma, and whether the Hessian was of use.

    ``concave`` tells whether the Hessian is negative definite there. Where it is not, Newton's method takes
    the expected Hessian, ``-n / sigma^2`` times diag(1, 2).
    """

    mu: float
    sigma: float
    concave: bool


def descend(
    value_and_gradient: Callable[[Floats], tuple[float, ArrayLike]],
    start: ArrayLike,
    *,
    learning_rate: float,
    steps: int,
    tolerance: float = 1e-10,
    push: float = 0.0,
) -> Trail:
    """Follow the gradient downhill with a fixed learning rate, keeping the whole trail.

    The plain rule ``x <- x - learning_rate * gradient(x)``: no line search, no momentum, so that a learning
    rate that is too large is seen to overshoot.

    Parameters
    ----------
    value_and_gradient : callable
        Takes a point of shape (D,), returns the pair (float, D numbers).
    start : array_like, shape (D,)
        First point; a scalar is taken as D = 1.
    learning_rate : float
        Positive. Its unit is that of a point squared over that of the value.
    steps : int
        Most steps to take, at least 0.
    tolerance : float
        The run has converged once no entry of the gradient is larger than this. At least 0.
    push : float
        Error to make at each step, relative to the size of the point or to 1: for `without_chaos`.

    Returns
    -------
    Trail

    Raises
    ------
    ValueError
        If an argument is out of its range, or the value or the gradient is not finite at the start.

    References
    ----------
    Nocedal and Wright, Numerical Optimization (2nd ed., 2006), section 2.2.

    Examples
    --------
    >>> trail = descend(lambda x: (x[0] ** 2, 2 * x), [8.0], learning_rate=0.25, steps=3)
    >>> trail.points[:, 0].tolist(), trail.status
    ([8.0, 4.0, 2.0, 1.0], 'running')
    >>> trail = descend(lambda x: (x[0] ** 2, 2 * x), [8.0], learning_rate=1e3, steps=90)
    >>> trail.status, trail.diverged_at
    ('diverged', 2)
    """
    rate = finite_positive("learning_rate", learning_rate)
    first = np.atleast_1d(float_array("start", start))
    if first.ndim != 1 or not np.isfinite(first).all():
        raise ValueError(f"start must be one row of finite numbers, not {start!r}.")
    limit, least = count("steps", steps), nonnegative("tolerance", tolerance)
    points, gradients = np.empty((2, limit + 1, first.size))
    values = np.empty(limit + 1)
    status: Status = "running"
    worst, looked, rows = math.inf, 0, limit + 1
    # Overflow is an answer here (the run diverged), not a mistake to warn about.
    with np.errstate(all="ignore"):
        for row in range(limit + 1):
            # The rows, not what came in: the function may write its next answer into the same array.
            point = points[row - 1] - rate * gradients[row - 1] if row else first
            points[row] = point + push * _aside(point, row) if push and row else point
            value, gradients[row] = _evaluated(value_and_gradient, points[row])
            values[row] = value
            if 0 < row < limit and row < looked + _LOOK and value <= worst:
                continue
            new = slice(looked, row + 1)
            whole = np.isfinite(values[new]) & (values[new] <= worst)
            whole &= (np.isfinite(points[new]) & np.isfinite(gradients[new])).all(axis=1)
            over = ~whole | (np.abs(gradients[new]).max(axis=1) <= least)
            if over.any():
                rows = looked + int(over.argmax())
                status = "converged" if whole[rows - looked] else "diverged"
                rows += status == "converged"
                break
            looked = row + 1
            if not row:
                worst = value + _BLOW_UP * (1.0 + abs(value))
    if not rows:
        raise ValueError(f"start must leave value and gradient finite, not be {first.tolist()!r}.")
    return Trail(
        points=_frozen(points[:rows]),
        values=_frozen(values[:rows]),
        gradients=_frozen(gradients[:rows]),
        status=status,
        diverged_at=rows if status == "diverged" else None,
    )


def _evaluated(
    value_and_gradient: Callable[[Floats], tuple[float, ArrayLike]], point: Floats
) -> tuple[float, Floats]:
    """Value and gradient as float64; an arithmetic error counts as leaving the finite numbers."""
    try:
        value, gradient = value_and_gradient(point)
    except ArithmeticError:
        return math.nan, np.full(point.size, math.nan)
    slope = np.asarray(gradient, dtype=np.float64)
    if slope.shape != point.shape:
        raise ValueError(f"gradient must return shape {point.shape}, not shape {slope.shape}.")
    return float(value), slope


def without_chaos(run: Callable[[float], AnyTrail]) -> AnyTrail:
    """Run a descent, and cut its trail where rounding begins to decide where it goes.

    Above the largest stable rate a descent on a curve that is no parabola may shake for ever without coming
    to rest or running away, and two runs that are almost alike then part exponentially. So the last bit of a
    sum, which depends on the processor, becomes the first digit of the result within a hundred steps. Here a
    twin of such a run is pushed aside a little at each step, and the trail ends where the two part.

    Parameters
    ----------
    run : callable
        Takes the size of the push, 0 or a little more, as `descend` does, and returns the trail.

    Returns
    -------
    Trail
        ``run(0.0)`` itself where its values never rise, or where the twin stays beside it; else its first
        rows, with the status "chaotic".

    References
    ----------
    Strogatz, Nonlinear Dynamics and Chaos (2nd ed., 2015), section 10.5, for the exponent with which two runs
    part.

    Examples
    --------
    At the rates 2 and 3.9 the descent on this cubic is the logistic map, once calm and once chaotic.

    >>> def at(rate):
    ...     def cubic(z):
    ...         return z[0] ** 3 / 3 - (1 - 1 / rate) * z[0] ** 2 / 2, z**2 - (1 - 1 / rate) * z
    ...
    ...     return lambda push: descend(cubic, [0.3], learning_rate=rate, steps=200, push=push)
    >>> without_chaos(at(2.0)).status, without_chaos(at(3.9)).status
    ('converged', 'chaotic')
    """
    trail = run(0.0)
    values = trail.values
    if not (np.diff(values) > _RISE * (1.0 + np.abs(values[:-1]))).any():
        return trail
    twin = run(_PUSH)
    rows = min(len(values), len(twin.values))
    parted = np.zeros(rows, dtype=bool)
    for ours, theirs in (
        (trail.points[:rows], twin.points[:rows]),
        (values[:rows, None], twin.values[:rows, None]),
    ):
        largest = np.maximum.accumulate(np.abs(ours).max(axis=1))
        parted |= np.abs(ours - theirs).max(axis=1) > _APART * (1.0 + largest)
    if not parted.any():
        return trail
    first = int(parted.argmax())
    shorter = {
        field.name: _frozen(array[:first])
        for field in fields(trail)
        if isinstance(array := getattr(trail, field.name), np.ndarray)
    }
    return replace(trail, **shorter, status="chaotic", diverged_at=None)


def softmax_descent(
    logits: Sequence[float] | Floats,
    target: int,
    *,
    learning_rate: float,
    steps: int,
    temperature: float = 1.0,
    tolerance: float = 1e-12,
) -> SoftmaxTrail:
    """Lower ``-log softmax(logits / T)[target]`` by gradient descent on the logits.

    With q = softmax(z / T), the gradient in z (not in z / T) is ``(q - onehot) / T``: each wrong class is
    pushed down by its probability, the true class pulled up by what it lacks, and the pushes sum to zero.

    Parameters
    ----------
    logits : sequence of float, length K
        Where the descent starts; finite. A tuple will do, so that calls can be cached.
    target : int
        Index of the true class, 0 to K - 1.
    learning_rate : float
        Positive.
    steps : int
        Most steps to take, at least 0.
    temperature : float
        T, positive and finite.
    tolerance : float
        The run has converged once no entry of the gradient is larger than this.

    Returns
    -------
    SoftmaxTrail
        ``points`` are the logits, ``values`` the losses in nats; ``kl`` equals ``values``, since a one-hot
        target has no entropy.

    Raises
    ------
    ValueError
        If an argument is out of its range, or the temperature is so small that the loss overflows.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), equation 4.109, with z / T for the activations.

    Examples
    --------
    >>> trail = softmax_descent((5.0, 4.0, 2.0), 0, learning_rate=1.0, steps=1)
    >>> trail.gradients[0].round(6).tolist()
    [-0.294615, 0.259496, 0.035119]
    >>> trail.points[1].round(6).tolist()
    [5.294615, 3.740504, 1.964881]
    """
    scores = _finite_vector("logits", logits)
    label = count("target", target)
    if label >= len(scores):
        raise ValueError(f"target must be a class index from 0 to {len(scores) - 1}, not {target!r}.")
    onehot = [0.0] * len(scores)
    onehot[label] = 1.0
    return _softmax_trail(onehot, scores, learning_rate, steps, temperature, tolerance)


def cross_entropy_descent(
    p: Sequence[float] | Floats,
    logits: Sequence[float] | Floats,
    *,
    learning_rate: float,
    steps: int,
    temperature: float = 1.0,
    tolerance: float = 1e-12,
) -> SoftmaxTrail:
    """Lower the cross-entropy H(p, softmax(logits / T)) by gradient descent on the logits.

    The gradient is ``(q - p) / T`` with q = softmax(logits / T). KL(p || q) falls by exactly what the
    cross-entropy falls by, since H(p) does not depend on the logits. Up to a rate of 4 T^2 every step goes
    down, since no eigenvalue of the softmax's covariance is larger than 1/2; far above it a run with more
    than two outcomes may be chaotic, and ends there.

    Parameters
    ----------
    p : sequence of float, length K
        The target distribution: non-negative, summing to 1 (what it misses by rounding is divided out).
    logits : sequence of float, length K
        Where the descent starts; finite. Tuples will do, so that calls can be cached.
    learning_rate : float
        Positive.
    steps : int
        Most steps to take, at least 0.
    temperature : float
        T, positive and finite.
    tolerance : float
        The run has converged once no entry of the gradient is larger than this.

    Returns
    -------
    SoftmaxTrail
        ``points`` are the logits, ``values`` the cross-entropies in nats.

    Raises
    ------
    ValueError
        If p is not a distribution over as many outcomes as there are logits, or another argument is out of
        its range.

    References
    ----------
    Cover and Thomas, Elements of Information Theory (2nd ed., 2006), section 2.3.

    Examples
    --------
    >>> trail = cross_entropy_descent((0.8, 0.1, 0.1), (0.0, 0.0, 0.0), learning_rate=1.0, steps=200)
    >>> trail.status, trail.probs[-1].round(6).tolist()
    ('converged', [0.8, 0.1, 0.1])
    >>> abs(float(trail.values[-1]) - trail.entropy) < 1e-12
    True
    """
    scores = _finite_vector("logits", logits)
    weights = _finite_vector("p", as_distribution(p, name="p"))
    if len(weights) != len(scores):
        raise ValueError(f"p must have one entry per logit: {len(scores)}, not {len(weights)}.")
    total = math.fsum(weights)
    target = [weight / total for weight in weights]
    return without_chaos(
        lambda push: _softmax_trail(target, scores, learning_rate, steps, temperature, tolerance, push)
    )


def largest_stable_rate(p: ArrayLike, *, temperature: float = 1.0) -> float:
    r"""Give the learning rate from which on gradient descent on H(p, softmax(logits / T)) cannot settle at p.

    Near q = p a step multiplies what is missing in each direction by 1 minus the learning rate times the
    curvature there, so it shrinks in all of them only for a rate below 2 over the largest curvature.

    Parameters
    ----------
    p : array_like, shape (K,)
        The target distribution: non-negative, summing to 1.
    temperature : float
        T, positive and finite.

    Returns
    -------
    float
        :math:`2 / \lambda`, with :math:`\lambda` the largest eigenvalue of the Hessian
        :math:`(\mathrm{diag}(p) - p p^\top) / T^2`. At least :math:`4 T^2`; inf where one outcome is certain.

    Raises
    ------
    ValueError
        If p is not one distribution, or the temperature is not positive and finite.

    References
    ----------
    Goodfellow, Bengio and Courville, Deep Learning (2016), section 4.3.1.

    Examples
    --------
    >>> print(f"{largest_stable_rate([0.8, 0.1, 0.1]):.6f} {largest_stable_rate([0.5, 0.5]):.6f}")
    8.333333 4.000000
    """
    target = one_distribution(p, name="p")
    scale = finite_positive("temperature", temperature)
    # The Jacobian of softmax at T = 1 keeps the digits of 1 - p where an outcome is nearly certain.
    curvature = float(np.linalg.eigvalsh(softmax_jacobian(logits_from_probs(target)))[-1])
    return 2.0 * scale * scale / curvature if curvature > 0.0 else math.inf


def gaussian_ascent(
    summary: Summary,
    mu: float,
    sigma: float,
    *,
    method: Literal["gradient", "newton"] = "gradient",
    learning_rate: float = 0.1,
    steps: int,
    tolerance: float = 1e-12,
) -> GaussianTrail:
    r"""Climb the mean log-likelihood of a Gaussian over (mu, sigma).

    With d = mean - mu and r = variance + d^2, the mean log-likelihood of the sample is
    ``-log sigma - r / (2 sigma^2) - log(2 pi) / 2``.

    "gradient" steps straight along the gradient in (mu, sigma), and measures the learning rate in units of
    the candidate's own variance: ``(mu, sigma) += learning_rate * sigma^2 * gradient``, which is
    ``mu += learning_rate * d`` and ``sigma += learning_rate * (r / sigma - sigma)``. So a trail looks the
    same in centimetres and in metres, and a wide candidate is no slower than a narrow one.

    "newton" uses the Hessian, which is negative definite exactly inside the disc
    ``d^2 + sigma^2 < 3 variance``; outside it the expected Hessian (Fisher scoring) stands in:
    ``mu += d`` and ``sigma += (r / sigma - sigma) / 2``.

    Any step is halved until sigma stays positive and the likelihood rises by a share of what the slope
    promises, so a trail never goes downhill, whatever the learning rate.

    Parameters
    ----------
    summary : core.gaussian.Summary
        The sample, as `core.gaussian.summarize` gives it.
    mu, sigma : float
        Where the climb starts; sigma is a standard deviation, positive.
    method : {"gradient", "newton"}
        Which step to take.
    learning_rate : float
        Positive; up to 0.5 no step near the top needs halving. Newton's method does not use it.
    steps : int
        Most steps to take, at least 0.
    tolerance : float
        The run has converged once neither ``d / sigma`` nor ``r / sigma^2 - 1`` is larger than this in size:
        the gradient times sigma, which has no unit.

    Returns
    -------
    GaussianTrail
        ``points`` are (mu, sigma), ``values`` the mean log-likelihood in nats, ``gradients`` its derivatives
        in (mu, sigma). A sample of equal values has no maximum (the likelihood grows without bound as sigma
        goes to 0): its trail never converges, and has diverged once the gradient overflows.

    Raises
    ------
    ValueError
        If an argument is out of its range, or the log-likelihood is not finite at the start.

    References
    ----------
    McCullagh and Nelder, Generalized Linear Models (2nd ed., 1989), section 2.5, for Fisher scoring; Nocedal
    and Wright, Numerical Optimization (2nd ed., 2006), section 3.1, for the halving.

    Examples
    --------
    >>> five = Summary(n=5, mean=5.0, variance=6.8)
    >>> trail = gaussian_ascent(five, 10.0, 2.91548, method="newton", steps=50)
    >>> trail.status, trail.points[-1].round(5).tolist(), round(5 * float(trail.values[-1]), 3)
    ('converged', [5.0, 2.60768], -11.887)
    """
    if method not in ("gradient", "newton"):
        raise ValueError(f"method must be 'gradient' or 'newton', not {method!r}.")
    rate = finite_positive("learning_rate", learning_rate)
    limit = count("steps", steps)
    close = nonnegative("tolerance", tolerance)
    first_mu = finite("mu", mu)
    s = finite_positive("sigma", sigma)
    spread = math.sqrt(summary.variance)
    # The distance from the mean is stepped, not mu: it keeps its digits however far from 0 the data lie.
    d = (summary.mean - first_mu) + summary.mean_remainder

    points: list[tuple[float, float]] = []
    values: list[float] = []
    gradients: list[tuple[float, float]] = []
    shares: list[float] = []
    share = 1.0
    status: Status = "running"
    while True:
        u, w, excess = _in_sigmas(d, spread, s)
        value = -_HALF_LOG_2PI - math.log(s) - 0.5 * (u * u + w * w)
        gradient = (u / s, excess / s)
        if not (math.isfinite(value) and math.isfinite(gradient[0]) and math.isfinite(gradient[1])):
            if not values:
                raise ValueError(
                    f"sigma must leave the log-likelihood finite at the start; at mu = {first_mu!r}, "
                    f"{sigma!r} is too small."
                )
            status = "diverged"
            break
        points.append((summary.mean - (d - summary.mean_remainder) if values else first_mu, s))
        values.append(value)
        gradients.append(gradient)
        shares.append(share)
        if abs(u) <= close and abs(excess) <= close:
            status = "converged"
            break
        if len(values) > limit:
            break
        x, y, concave = _whole_step(u, w, excess, method, rate)
        demand = _NEWTON_GAIN if concave and method == "newton" else _STEP_GAIN
        promise = demand * (u * x + excess * y)
        share = 1.0
        if not (math.isfinite(x) and math.isfinite(y)):
            status = "diverged"
            break
        # "not at least" instead of "less": a step so long that its gain is nan is one to shorten as well.
        while not (
            s * (1.0 + share * y) > 0.0 and _gaussian_gain(u, excess, share * x, share * y) >= share * promise
        ):
            share *= 0.5
            if share * max(abs(x), abs(y)) < _EPS:
                break
        d -= share * x * s
        s += share * y * s
    return GaussianTrail(
        points=_frozen(points),
        values=_frozen(values),
        gradients=_frozen(gradients),
        status=status,
        diverged_at=len(values) if status == "diverged" else None,
        shares=_frozen(shares),
    )


def gaussian_step(
    summary: Summary,
    mu: float,
    sigma: float,
    *,
    method: Literal["gradient", "newton"] = "gradient",
    learning_rate: float = 0.1,
) -> GaussianStep:
    """Give the step that `gaussian_ascent` takes from a candidate where it need not be halved.

    Parameters
    ----------
    summary : core.gaussian.Summary
        The sample.
    mu, sigma : float
        The candidate; sigma is a standard deviation, positive.
    method : {"gradient", "newton"}
        Which step.
    learning_rate : float
        Positive; Newton's method does not use it.

    Returns
    -------
    GaussianStep
        What is added to mu and sigma, in the unit of the data.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    As `gaussian_ascent`.

    Examples
    --------
    >>> gaussian_step(Summary(n=5, mean=5.0, variance=6.8), 10.0, 2.0, learning_rate=0.5)
    GaussianStep(mu=-2.5, sigma=6.95, concave=False)
    """
    if method not in ("gradient", "newton"):
        raise ValueError(f"method must be 'gradient' or 'newton', not {method!r}.")
    rate = finite_positive("learning_rate", learning_rate)
    s = finite_positive("sigma", sigma)
    d = (summary.mean - finite("mu", mu)) + summary.mean_remainder
    x, y, concave = _whole_step(*_in_sigmas(d, math.sqrt(summary.variance), s), method, rate)
    return GaussianStep(x * s, y * s, concave)


def _in_sigmas(d: float, spread: float, s: float) -> tuple[float, float, float]:
    """Return distance and spread in units of sigma, and the slope in sigma times sigma."""
    u, w = d / s, spread / s
    return u, w, (spread - s) / s * (w + 1.0) + u * u


def _whole_step(u: float, w: float, excess: float, method: str, rate: float) -> tuple[float, float, bool]:
    """Return the step in units of sigma, and whether the Hessian is negative definite there."""
    determinant = 3.0 * w * w - u * u - 1.0
    if method == "gradient":
        return rate * u, rate * excess, determinant > 0.0
    if determinant > 0.0:
        x = ((3.0 * excess + 2.0) * u - 2.0 * u * excess) / determinant
        return x, (excess - 2.0 * u * u) / determinant, True
    return u, 0.5 * excess, False


def _gaussian_gain(u: float, excess: float, x: float, y: float) -> float:
    """Rise of the mean log-likelihood for a step (x, y) sigma, without the difference of two near values."""
    growth = y * (2.0 + y)
    return 0.5 * (x * (2.0 * u - x) + (1.0 + excess) * growth) / (1.0 + growth) - math.log1p(y)


def _aside(point: Floats, row: int) -> Floats:
    """Give a direction for a push: another at each step, and no two entries alike."""
    table = _directions(point.size)
    size: Floats = (1.0 + np.abs(point)) * table[row % len(table)]
    return size


@lru_cache(maxsize=16)
def _directions(size: int) -> Floats:
    """Give directions for thousands of pushes: at random, since pushes in a rhythm may cancel for a while.

    Where a direction slowly becomes unstable, a run that is pushed smoothly stays calm long after one that is
    pushed by rounding has left it.
    """
    return _frozen(np.random.default_rng(size).uniform(-1.0, 1.0, (4096, size)))


def _softmax_trail(
    p: list[float],
    z: list[float],
    learning_rate: float,
    steps: int,
    temperature: float,
    tolerance: float,
    push: float = 0.0,
) -> SoftmaxTrail:
    """Descend H(p, softmax(z / T)) in z."""
    rate = finite_positive("learning_rate", learning_rate)
    limit = count("steps", steps)
    t = finite_positive("temperature", temperature)
    close = nonnegative("tolerance", tolerance)
    classes = range(len(z))
    log_p = [math.log(weight) if weight > 0.0 else 0.0 for weight in p]
    entropy = math.fsum(-weight * log for weight, log in zip(p, log_p, strict=True)) + 0.0
    onehot = p.index(1.0) if 1.0 in p else None

    points: list[list[float]] = []
    values: list[float] = []
    gradients: list[list[float]] = []
    probs: list[list[float]] = []
    kl: list[float] = []
    worst = math.inf
    status: Status = "running"
    # Plain floats: for the few classes that fit on a screen, a dozen numpy calls cost more than this body.
    while True:
        top = max(z)
        scaled = [(score - top) / t for score in z]
        weights = [math.exp(score) for score in scaled]
        first = z.index(top)
        weights[first] = 0.0
        rest = sum(weights)
        weights[first] = 1.0
        total = 1.0 + rest
        # log1p of the others, not log of the total, keeps the digits of a loss that is nearly 0.
        log_total = math.log1p(rest)
        q = [weight / total for weight in weights]
        costs = [log_total - score for score in scaled]
        value = sum([p[k] * costs[k] for k in classes if p[k] > 0.0])
        if onehot is None:
            gradient = [(q[k] - p[k]) / t for k in classes]
            excess = sum([_kl_term(p[k], q[k], log_p[k] + costs[k]) for k in classes])
        else:
            # q - 1 would round away what the true class lacks: that is the sum of the others.
            gradient = [probability / t for probability in q]
            q_true, q[onehot] = q[onehot], 0.0
            gradient[onehot] = -sum(q) / t
            q[onehot] = q_true
            excess = value
        steepest = max(map(abs, gradient))
        if not (math.isfinite(value) and value <= worst and math.isfinite(steepest)):
            if not values:
                raise ValueError(
                    f"temperature must leave the loss finite at the start; {temperature!r} is too small for "
                    f"logits {tuple(z)!r}."
                )
            status = "diverged"
            break
        if not values:
            worst = value + _BLOW_UP * (1.0 + value)
        points.append(z)
        values.append(value)
        gradients.append(gradient)
        probs.append(q)
        kl.append(excess)
        if steepest <= close:
            status = "converged"
            break
        if len(values) > limit:
            break
        z = [score - rate * slope for score, slope in zip(z, gradient, strict=True)]
        if push:
            z = (np.array(z) + push * _aside(np.array(z), len(values))).tolist()
        if not all(map(math.isfinite, z)):
            status = "diverged"
            break
    return SoftmaxTrail(
        points=_frozen(points),
        values=_frozen(values),
        gradients=_frozen(gradients),
        status=status,
        diverged_at=len(values) if status == "diverged" else None,
        probs=_frozen(probs),
        kl=_frozen(kl),
        entropy=entropy,
    )


def _kl_term(p: float, q: float, log_ratio: float) -> float:
    """``p log(p / q) - p + q``: never negative, and what it adds to ``p log(p / q)`` sums to 0."""
    if p == 0.0:
        return q
    if abs(log_ratio) < 0.5:
        return max(p * (log_ratio + math.expm1(-log_ratio)), 0.0)
    return p * log_ratio + (q - p)


def _finite_vector(name: str, values: ArrayLike) -> list[float]:
    """Return ``values`` as a list of finite floats, or raise ``ValueError``."""
    array = float_array(name, values)
    if array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError(f"{name} must be one row of finite numbers, not {values!r}.")
    numbers: list[float] = array.tolist()
    return numbers


def _frozen(rows: ArrayLike) -> Floats:
    """Return a float64 array that nobody can write to."""
    array = np.array(rows, dtype=np.float64)
    array.flags.writeable = False
    return array
