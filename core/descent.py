"""Gradient and Newton steps that keep the whole trail, so that a picture can replay every one of them.

A trail never holds nan or infinity: a run that leaves the finite numbers is cut at its last finite point and
says so in its ``status``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from core._checks import Floats, count, finite, finite_positive, float_array
from core.gaussian import Summary
from core.information import as_distribution

__all__ = [
    "SoftmaxTrail",
    "Status",
    "Trail",
    "cross_entropy_descent",
    "descend",
    "gaussian_ascent",
    "gradient_descent",
    "newton",
    "softmax_descent",
]

Status: TypeAlias = Literal["running", "converged", "diverged"]

_EPS = float(np.finfo(np.float64).eps)
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)

# A value that has become this many times worse than the first one (or than 1) is not coming back, and drawing
# it would flatten everything else, so the run counts as diverged long before float64 overflows.
_BLOW_UP = 1e12

# Share of the gain promised by the slope that a guarded step must deliver. A step to the top of a quadratic
# delivers one half. Newton's rule knows the curvature and is trusted; a step along the slope alone is not:
# with a small share it may fly far over the top, to where it is just a little better than at the start.
_NEWTON_GAIN = 1e-4
_STEP_GAIN = 0.25

# From a full step, so many halvings end below the spacing of the floats.
_HALVINGS = 64


@dataclass(frozen=True, eq=False)
class Trail:
    """Every point that an optimiser visited, the start included.

    Row 0 is the start and row i the state after i steps. A run that neither converges nor diverges has
    ``steps + 1`` rows for the ``steps`` that were asked for; the others are shorter. Everything is finite and
    the arrays are read-only, so that a cached trail cannot be changed by whoever draws it.

    Attributes
    ----------
    points : numpy.ndarray, shape (S + 1, D)
        Where the run was.
    values : numpy.ndarray, shape (S + 1,)
        The function there.
    gradients : numpy.ndarray, shape (S + 1, D)
        Its gradient there (always of the function itself, never negated or scaled).
    status : {"running", "converged", "diverged"}
        "converged": the last row is an optimum to within the tolerance, and the run stopped there.
        "diverged": the step after the last row left the finite numbers, or made the value worse than at the
        start by more than 1e12 times its size there (or 1e12, for a small one). "running": neither.
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


def gradient_descent(
    value: Callable[[Floats], float],
    gradient: Callable[[Floats], ArrayLike],
    start: ArrayLike,
    *,
    learning_rate: float,
    steps: int,
    maximise: bool = False,
    tolerance: float = 1e-10,
) -> Trail:
    """Follow the gradient downhill (or uphill) with a fixed learning rate, keeping the whole trail.

    The plain rule ``x <- x - learning_rate * gradient(x)``, with a plus when maximising: no line search, no
    momentum, so that a learning rate that is too large is seen to overshoot.

    Parameters
    ----------
    value : callable
        Takes a point of shape (D,), returns a float.
    gradient : callable
        Takes a point of shape (D,), returns D numbers.
    start : array_like, shape (D,)
        First point; a scalar is taken as D = 1.
    learning_rate : float
        Positive. Its unit is that of a point squared over that of the value.
    steps : int
        Most steps to take, at least 0.
    maximise : bool
        Climb instead of descending.
    tolerance : float
        The run has converged once no entry of the gradient is larger than this. At least 0.

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
    >>> trail = gradient_descent(lambda x: x[0] ** 2, lambda x: 2 * x, [8.0], learning_rate=0.25, steps=3)
    >>> trail.points[:, 0].tolist(), trail.status
    ([8.0, 4.0, 2.0, 1.0], 'running')
    >>> trail = gradient_descent(lambda x: x[0] ** 2, lambda x: 2 * x, [8.0], learning_rate=1e3, steps=90)
    >>> trail.status, trail.diverged_at
    ('diverged', 2)
    """
    return descend(
        lambda point: (value(point), gradient(point)),
        start,
        learning_rate=learning_rate,
        steps=steps,
        maximise=maximise,
        tolerance=tolerance,
    )


def descend(
    value_and_gradient: Callable[[Floats], tuple[float, ArrayLike]],
    start: ArrayLike,
    *,
    learning_rate: float,
    steps: int,
    maximise: bool = False,
    tolerance: float = 1e-10,
) -> Trail:
    """Gradient descent for a function that gives its value and its gradient in one call.

    The same as `gradient_descent`, without computing twice what the two share.

    Parameters
    ----------
    value_and_gradient : callable
        Takes a point of shape (D,), returns the pair (float, D numbers).
    start, learning_rate, steps, maximise, tolerance
        As in `gradient_descent`.

    Returns
    -------
    Trail

    Raises
    ------
    ValueError
        As in `gradient_descent`.

    References
    ----------
    Nocedal and Wright, Numerical Optimization (2nd ed., 2006), section 2.2.

    Examples
    --------
    >>> descend(lambda x: (x[0] ** 2, 2 * x), [1.0], learning_rate=0.5, steps=9).status
    'converged'
    """
    rate = finite_positive("learning_rate", learning_rate)
    recorder = _Recorder(value_and_gradient, start, steps, maximise, tolerance)
    signed_rate = rate if maximise else -rate
    # Overflow is an answer here (the run diverged), not a mistake to warn about.
    with np.errstate(all="ignore"):
        recorder.begin()
        while recorder.going:
            recorder.add(recorder.point + signed_rate * recorder.gradient)
    return recorder.trail()


def newton(
    value: Callable[[Floats], float],
    gradient: Callable[[Floats], ArrayLike],
    hessian: Callable[[Floats], ArrayLike],
    start: ArrayLike,
    *,
    steps: int,
    maximise: bool = False,
    damped: bool = True,
    tolerance: float = 1e-10,
) -> Trail:
    """Take Newton steps, ``x <- x - H^-1 g``, keeping the whole trail.

    Damped (the default), the Hessian's eigenvalues are replaced by their sizes, so that the step leads
    downhill (uphill when maximising) even where the function curves the wrong way, and the step is halved
    until the value improves by a share of what the slope predicts. With ``damped=False`` every step is the
    textbook's: it may run to a saddle or diverge, which is worth seeing too.

    Parameters
    ----------
    value, gradient : callable
        As in `gradient_descent`.
    hessian : callable
        Takes a point of shape (D,), returns the symmetric second derivatives, shape (D, D).
    start : array_like, shape (D,)
        First point; a scalar is taken as D = 1.
    steps : int
        Most steps to take, at least 0.
    maximise : bool
        Look for a maximum instead of a minimum.
    damped : bool
        Guard the steps as said above.
    tolerance : float
        The run has converged once no entry of the gradient is larger than this, or once the Newton step,
        where the curvature is the right way, has become smaller than the spacing of the floats.

    Returns
    -------
    Trail
        "diverged" also where an undamped step meets a singular Hessian, or where the Hessian is not finite.

    Raises
    ------
    ValueError
        If an argument is out of its range, the gradient or the Hessian does not have the shape it must have,
        or the value or the gradient is not finite at the start.

    References
    ----------
    Nocedal and Wright, Numerical Optimization (2nd ed., 2006), sections 3.1 and 3.4.

    Examples
    --------
    >>> trail = newton(lambda x: x[0] ** 2, lambda x: 2 * x, lambda x: [[2.0]], [8.0], steps=5)
    >>> trail.points[:, 0].tolist(), trail.status
    ([8.0, 0.0], 'converged')
    """
    recorder = _Recorder(lambda point: (value(point), gradient(point)), start, steps, maximise, tolerance)
    size = recorder.point.size
    sign = -1.0 if maximise else 1.0
    with np.errstate(all="ignore"):
        recorder.begin()
        while recorder.going:
            curvature = sign * np.asarray(hessian(recorder.point), dtype=np.float64)
            if curvature.shape != (size, size):
                raise ValueError(f"hessian must return shape {(size, size)}, not shape {curvature.shape}.")
            if not np.isfinite(curvature).all():
                recorder.status = "diverged"
                break
            slope = sign * recorder.gradient
            if damped:
                step, convex = _descending_newton_step(curvature, slope)
            else:
                try:
                    step = np.asarray(np.linalg.solve(curvature, -slope), dtype=np.float64)
                except np.linalg.LinAlgError:
                    recorder.status = "diverged"
                    break
                convex = bool(np.linalg.eigvalsh(curvature)[0] > 0.0)
            resolution = 4.0 * float(np.spacing(np.abs(recorder.point).max()))
            if convex and float(np.abs(step).max()) <= resolution:
                recorder.status = "converged"
                break
            if damped:
                step = _shortened(recorder, step, predicted=float(slope @ step), sign=sign)
            recorder.add(recorder.point + step)
    return recorder.trail()


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
    cross-entropy falls by, since H(p) does not depend on the logits.

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
    return _softmax_trail(
        [weight / total for weight in weights], scores, learning_rate, steps, temperature, tolerance
    )


def gaussian_ascent(
    summary: Summary,
    mu: float,
    sigma: float,
    *,
    method: Literal["gradient", "newton"] = "gradient",
    learning_rate: float = 0.1,
    steps: int,
    tolerance: float = 1e-12,
) -> Trail:
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
    Trail
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
    close = _tolerance(tolerance)
    first_mu = finite("mu", mu)
    s = finite_positive("sigma", sigma)
    spread = math.sqrt(summary.variance)
    # The distance from the mean is stepped, not mu: it keeps its digits however far from 0 the data lie.
    d = (summary.mean - first_mu) + summary.mean_remainder

    points: list[tuple[float, float]] = []
    values: list[float] = []
    gradients: list[tuple[float, float]] = []
    status: Status = "running"
    while True:
        # Everything in units of sigma: u and w are distance and spread, (u, excess) the gradient times sigma.
        u, w = d / s, spread / s
        excess = (spread - s) / s * (w + 1.0) + u * u
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
        if abs(u) <= close and abs(excess) <= close:
            status = "converged"
            break
        if len(values) > limit:
            break
        determinant = 3.0 * w * w - u * u - 1.0
        demand = _STEP_GAIN
        if method == "gradient":
            x, y = rate * u, rate * excess
        elif determinant > 0.0:
            x = ((3.0 * excess + 2.0) * u - 2.0 * u * excess) / determinant
            y = (excess - 2.0 * u * u) / determinant
            demand = _NEWTON_GAIN
        else:
            x, y = u, 0.5 * excess
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
    return Trail(
        points=_frozen(points),
        values=_frozen(values),
        gradients=_frozen(gradients),
        status=status,
        diverged_at=len(values) if status == "diverged" else None,
    )


def _gaussian_gain(u: float, excess: float, x: float, y: float) -> float:
    """Rise of the mean log-likelihood for a step (x, y) sigma, without the difference of two near values."""
    growth = y * (2.0 + y)
    return 0.5 * (x * (2.0 * u - x) + (1.0 + excess) * growth) / (1.0 + growth) - math.log1p(y)


def _softmax_trail(
    p: list[float],
    z: list[float],
    learning_rate: float,
    steps: int,
    temperature: float,
    tolerance: float,
) -> SoftmaxTrail:
    """Descend H(p, softmax(z / T)) in z."""
    rate = finite_positive("learning_rate", learning_rate)
    limit = count("steps", steps)
    t = finite_positive("temperature", temperature)
    close = _tolerance(tolerance)
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
        z = [score - rate * push for score, push in zip(z, gradient, strict=True)]
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


def _descending_newton_step(curvature: Floats, slope: Floats) -> tuple[Floats, bool]:
    """Newton's step with each eigenvalue replaced by its size, and whether all of them were positive."""
    eigenvalues, axes = np.linalg.eigh(curvature)
    sizes = np.abs(eigenvalues)
    largest = float(sizes.max())
    # Directions without curvature get a long step, not an infinite one; the halving shortens it.
    floor = 1e-8 * largest if largest > 0.0 else 1.0
    step: Floats = -(axes @ ((axes.T @ slope) / np.maximum(sizes, floor)))
    return step, bool(eigenvalues[0] > 0.0)


def _shortened(recorder: _Recorder, step: Floats, *, predicted: float, sign: float) -> Floats:
    """Halve ``step`` until the value improves by a share of what the slope predicts; if none does, stay."""
    here = sign * recorder.value
    rounding = 4.0 * _EPS * (abs(here) + abs(predicted))
    share = 1.0
    for _ in range(_HALVINGS):
        point = recorder.point + share * step
        value, gradient = recorder.evaluate(point)
        better = sign * value <= here + _NEWTON_GAIN * share * predicted + rounding
        if better and bool(np.isfinite(gradient).all()):
            return share * step
        share *= 0.5
    return np.zeros_like(step)


class _Recorder:
    """Fills a trail row by row and decides when it ends."""

    def __init__(
        self,
        value_and_gradient: Callable[[Floats], tuple[float, ArrayLike]],
        start: ArrayLike,
        steps: int,
        maximise: bool,
        tolerance: float,
    ) -> None:
        point = np.atleast_1d(float_array("start", start)).copy()
        if point.ndim != 1 or not np.isfinite(point).all():
            raise ValueError(f"start must be one row of finite numbers, not {start!r}.")
        self._function = value_and_gradient
        self._limit = count("steps", steps)
        self._sign = -1.0 if maximise else 1.0
        self._tolerance = _tolerance(tolerance)
        self._points = np.empty((self._limit + 1, point.size))
        self._values = np.empty(self._limit + 1)
        self._gradients = np.empty_like(self._points)
        self._rows = 0
        self._worst = math.inf
        self.point: Floats = point
        self.value = math.nan
        self.gradient: Floats = point
        self.status: Status = "running"

    @property
    def going(self) -> bool:
        """Whether another step is wanted."""
        return self.status == "running" and self._rows <= self._limit

    def evaluate(self, point: Floats) -> tuple[float, Floats]:
        """Value and gradient as float64; an arithmetic error counts as leaving the finite numbers."""
        try:
            value, gradient = self._function(point)
        except ArithmeticError:
            return math.nan, np.full(point.size, math.nan)
        slope = np.asarray(gradient, dtype=np.float64)
        if slope.shape != point.shape:
            raise ValueError(f"gradient must return shape {point.shape}, not shape {slope.shape}.")
        return float(value), slope

    def begin(self) -> None:
        """Record the start, which must be finite."""
        self.add(self.point)
        if self.status == "diverged":
            raise ValueError(f"start must leave value and gradient finite, not be {self.point.tolist()!r}.")
        self._worst = self._sign * self.value + _BLOW_UP * (1.0 + abs(self.value))

    def add(self, point: Floats) -> None:
        """Record ``point``, or end the run where it is not finite or hopelessly worse than the start."""
        value, gradient = self.evaluate(point)
        steepest = float(np.abs(gradient).max())
        if not (
            math.isfinite(value)
            and self._sign * value <= self._worst
            and math.isfinite(steepest)
            and bool(np.isfinite(point).all())
        ):
            self.status = "diverged"
            return
        self._points[self._rows] = point
        self._values[self._rows] = value
        self._gradients[self._rows] = gradient
        # The rows, not what came in: the function may write its next answer into the same array.
        self.point, self.value = self._points[self._rows], value
        self.gradient = self._gradients[self._rows]
        self._rows += 1
        if steepest <= self._tolerance:
            self.status = "converged"

    def trail(self) -> Trail:
        """Everything recorded so far."""
        rows = self._rows
        return Trail(
            points=_frozen(self._points[:rows]),
            values=_frozen(self._values[:rows]),
            gradients=_frozen(self._gradients[:rows]),
            status=self.status,
            diverged_at=rows if self.status == "diverged" else None,
        )


def _finite_vector(name: str, values: ArrayLike) -> list[float]:
    """Return ``values`` as a list of finite floats, or raise ``ValueError``."""
    array = float_array(name, values)
    if array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError(f"{name} must be one row of finite numbers, not {values!r}.")
    numbers: list[float] = array.tolist()
    return numbers


def _tolerance(value: float) -> float:
    """Return ``value`` as a float, or raise ``ValueError`` where it is negative or not finite."""
    number = finite("tolerance", value)
    if number < 0.0:
        raise ValueError(f"tolerance must not be negative, not {value!r}.")
    return number


def _frozen(rows: ArrayLike) -> Floats:
    """Return a float64 array that nobody can write to."""
    array = np.array(rows, dtype=np.float64)
    array.flags.writeable = False
    return array
