"""PyTorch's own answers, for showing beside this project's: values, gradients by autograd, error messages.

torch is imported inside functions only, so that this module costs nothing until it is used and can be
imported where torch is not installed. Every input becomes float64, every result a plain number or a NumPy
array.
"""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, ParamSpec, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from core._checks import Floats

__all__ = [
    "GRID_INPUTS",
    "GRID_LOSSES",
    "Outcome",
    "ValueAndGradient",
    "attempt",
    "binary_cross_entropy_with_logits",
    "cross_entropy_loss",
    "gaussian_log_likelihood",
    "gaussian_nll_loss",
    "is_available",
    "kl_div_loss",
    "log_softmax",
    "loss_grid",
    "nll_loss",
    "softmax",
]

Number: TypeAlias = float | Floats
P = ParamSpec("P")
T = TypeVar("T")

GRID_INPUTS = ("logits", "softmax", "log_softmax")
"""What `loss_grid` feeds into each loss."""

GRID_LOSSES = ("NLLLoss", "CrossEntropyLoss", "KLDivLoss", "BCEWithLogitsLoss", "GaussianNLLLoss")
"""The losses of `loss_grid`, under PyTorch's names."""


class ValueAndGradient(NamedTuple):
    """A loss and what autograd gives for its first argument."""

    value: Number
    """The loss: a number, or one per sample with ``reduction="none"``."""
    gradient: Floats
    """Gradient of the loss (of its sum, with ``reduction="none"``), shape of the first argument."""


class Outcome(NamedTuple):
    """Either what a function returned or the message of the error that it raised."""

    value: Any
    """The result, or None after an error."""
    error: str | None
    """The message as torch words it, or None."""


def is_available() -> bool:
    """Tell whether torch is installed, without importing it.

    Returns
    -------
    bool
        True where the other functions of this module can run.

    References
    ----------
    Python library reference, ``importlib.util.find_spec``.

    Examples
    --------
    >>> is_available() in (True, False)
    True
    """
    return importlib.util.find_spec("torch") is not None


def attempt(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Outcome:
    """Call a function of this module, and keep torch's error message where it raises.

    Parameters
    ----------
    function : callable
        What to call.
    *args, **kwargs
        Its arguments.

    Returns
    -------
    Outcome
        ``(value, None)`` or ``(None, message)``.

    References
    ----------
    PyTorch reference, ``torch.nn``, for the shapes and types that each loss accepts.

    Examples
    --------
    >>> attempt(float, "1.5")
    Outcome(value=1.5, error=None)
    >>> attempt(float, "one").error
    "could not convert string to float: 'one'"
    """
    try:
        return Outcome(function(*args, **kwargs), None)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        return Outcome(None, str(error) or type(error).__name__)


def _torch() -> Any:
    """Import torch on first use, by name: type checkers and linters need not read the whole of it."""
    return importlib.import_module("torch")


def _tensor(values: ArrayLike, *, keep_integers: bool = False) -> Any:
    """Copy an array into a float64 tensor, or into an int64 one where integers mean class indices."""
    array = np.asarray(values)
    integers = keep_integers and array.dtype.kind in "iu"
    return _torch().tensor(array.astype(np.int64 if integers else np.float64))


def _optional(values: ArrayLike | None) -> Any:
    """Copy an optional array into a float64 tensor."""
    return None if values is None else _tensor(values)


def _plain(tensor: Any) -> Number:
    """Turn a tensor into a float, or into an array if it has axes."""
    array: Floats = tensor.detach().numpy()
    return array if array.ndim else float(array)


def _with_gradient(loss: Callable[[Any], Any], values: ArrayLike) -> ValueAndGradient:
    """Evaluate a loss of one tensor and let autograd differentiate it."""
    leaf = _tensor(values).requires_grad_()
    result = loss(leaf)
    result.sum().backward()
    return ValueAndGradient(_plain(result), leaf.grad.numpy())


def softmax(logits: ArrayLike, *, temperature: float = 1.0, axis: int = -1) -> Floats:
    """Probabilities of logits by ``torch.softmax``.

    Parameters
    ----------
    logits : array_like of float, any shape
        Scores.
    temperature : float, optional
        Divides the logits.
    axis : int, optional
        The class axis.

    Returns
    -------
    ndarray of float
        Shape of `logits`.

    References
    ----------
    PyTorch reference, ``torch.softmax``.

    Examples
    --------
    >>> print(softmax([5, 4, 2]))
    [0.70538451 0.25949646 0.03511903]
    """
    result: Floats = _torch().softmax(_tensor(logits) / temperature, dim=axis).numpy()
    return result


def log_softmax(logits: ArrayLike, *, temperature: float = 1.0, axis: int = -1) -> Floats:
    """Log-probabilities of logits by ``torch.log_softmax``, in nats.

    Parameters
    ----------
    logits : array_like of float, any shape
        Scores.
    temperature : float, optional
        Divides the logits.
    axis : int, optional
        The class axis.

    Returns
    -------
    ndarray of float
        Shape of `logits`.

    References
    ----------
    PyTorch reference, ``torch.log_softmax``.

    Examples
    --------
    >>> print(log_softmax([5, 4, 2]))
    [-0.34901222 -1.34901222 -3.34901222]
    """
    result: Floats = _torch().log_softmax(_tensor(logits) / temperature, dim=axis).numpy()
    return result


def nll_loss(
    log_probs: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> ValueAndGradient:
    """Evaluate ``torch.nn.NLLLoss`` and its gradient in the log-probabilities.

    Parameters
    ----------
    log_probs : array_like of float, shape (C), (N, C) or (N, C, d1, ...)
        What NLLLoss is given, meant to be log-probabilities in nats.
    target : array_like of int, shape (), (N) or (N, d1, ...)
        Class indices.
    weight : array_like of float, shape (C), optional
        Class weights.
    ignore_index : int, optional
        A target that takes no part.
    reduction : {"mean", "sum", "none"}, optional
        How losses are combined.

    Returns
    -------
    ValueAndGradient
        Loss and gradient.

    Raises
    ------
    RuntimeError, IndexError, ValueError
        torch's own, for shapes, types and indices that it does not take.

    References
    ----------
    PyTorch reference, ``torch.nn.NLLLoss``.

    Examples
    --------
    >>> value, gradient = nll_loss([0.1, 0.1, 0.8], 2)  # probabilities: a mistake that raises nothing
    >>> print(value, gradient)
    -0.8 [ 0.  0. -1.]
    """
    goal, weights = _tensor(target, keep_integers=True), _optional(weight)
    return _with_gradient(
        lambda z: _torch().nn.functional.nll_loss(
            z, goal, weight=weights, ignore_index=ignore_index, reduction=reduction
        ),
        log_probs,
    )


def cross_entropy_loss(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> ValueAndGradient:
    """Evaluate ``torch.nn.CrossEntropyLoss`` and its gradient in the logits.

    Parameters
    ----------
    logits : array_like of float, shape (C), (N, C) or (N, C, d1, ...)
        Scores.
    target : array_like of int, shape (), (N) or (N, d1, ...), or of float, shape of `logits`
        Class indices or class probabilities.
    weight : array_like of float, shape (C), optional
        Class weights.
    ignore_index : int, optional
        A target index that takes no part.
    reduction : {"mean", "sum", "none"}, optional
        How losses are combined.
    label_smoothing : float, optional
        Share of the target that is spread evenly, from 0 to 1.

    Returns
    -------
    ValueAndGradient
        Loss and gradient.

    Raises
    ------
    RuntimeError, IndexError, ValueError
        torch's own, for shapes, types and indices that it does not take.

    References
    ----------
    PyTorch reference, ``torch.nn.CrossEntropyLoss``.

    Examples
    --------
    >>> value, gradient = cross_entropy_loss([5, 4, 2], 0)
    >>> print(round(value, 6), gradient)
    0.349012 [-0.29461549  0.25949646  0.03511903]
    """
    goal, weights = _tensor(target, keep_integers=True), _optional(weight)
    return _with_gradient(
        lambda z: _torch().nn.functional.cross_entropy(
            z,
            goal,
            weight=weights,
            ignore_index=ignore_index,
            reduction=reduction,
            label_smoothing=label_smoothing,
        ),
        logits,
    )


def kl_div_loss(
    log_probs: ArrayLike, target: ArrayLike, *, reduction: str = "mean", log_target: bool = False
) -> ValueAndGradient:
    """Evaluate ``torch.nn.KLDivLoss`` and its gradient in the log-probabilities.

    Parameters
    ----------
    log_probs : array_like of float, any shape
        The model, meant to be log-probabilities in nats.
    target : array_like of float, shape of `log_probs`
        Probabilities, or their logs if `log_target`.
    reduction : {"mean", "sum", "none", "batchmean"}, optional
        How terms are combined. torch's warning that ``"mean"`` is not the divergence is not passed on.
    log_target : bool, optional
        Whether the target holds log-probabilities.

    Returns
    -------
    ValueAndGradient
        Loss and gradient.

    Raises
    ------
    RuntimeError, ValueError
        torch's own, for shapes that it does not take.

    References
    ----------
    PyTorch reference, ``torch.nn.KLDivLoss``.

    Examples
    --------
    >>> value, _ = kl_div_loss(np.log([[0.2, 0.2, 0.6]]), [[0.8, 0.1, 0.1]], reduction="batchmean")
    >>> print(round(value, 6))
    0.860545
    """
    goal = _tensor(target)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="reduction: 'mean' divides", category=UserWarning)
        return _with_gradient(
            lambda z: _torch().nn.functional.kl_div(z, goal, reduction=reduction, log_target=log_target),
            log_probs,
        )


def binary_cross_entropy_with_logits(
    logits: ArrayLike,
    target: ArrayLike,
    *,
    pos_weight: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    reduction: str = "mean",
) -> ValueAndGradient:
    """Evaluate ``torch.nn.BCEWithLogitsLoss`` and its gradient in the logits.

    Parameters
    ----------
    logits : array_like of float, any shape
        Log-odds.
    target : array_like of float, shape of `logits`
        From 0 to 1.
    pos_weight, weight : array_like of float, optional
        Weight of the positive part, and of each element.
    reduction : {"mean", "sum", "none"}, optional
        How losses are combined.

    Returns
    -------
    ValueAndGradient
        Loss and gradient.

    Raises
    ------
    RuntimeError, ValueError
        torch's own, for shapes that it does not take.

    References
    ----------
    PyTorch reference, ``torch.nn.BCEWithLogitsLoss``.

    Examples
    --------
    >>> value, gradient = binary_cross_entropy_with_logits(1.5, 1)
    >>> print(round(value, 6), gradient.round(6))
    0.201413 -0.182426
    """
    goal, positive, weights = _tensor(target), _optional(pos_weight), _optional(weight)
    return _with_gradient(
        lambda z: _torch().nn.functional.binary_cross_entropy_with_logits(
            z, goal, weight=weights, pos_weight=positive, reduction=reduction
        ),
        logits,
    )


def gaussian_nll_loss(
    mean: ArrayLike,
    target: ArrayLike,
    variance: ArrayLike,
    *,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> ValueAndGradient:
    """Evaluate ``torch.nn.GaussianNLLLoss`` and its gradient in the means.

    Parameters
    ----------
    mean : array_like of float, any shape
        Predicted means.
    target : array_like of float, shape of `mean`
        Observed numbers.
    variance : array_like of float
        Variances (not standard deviations), in a shape that torch takes.
    full : bool, optional
        Whether the constant is added.
    eps : float, optional
        The least variance.
    reduction : {"mean", "sum", "none"}, optional
        How losses are combined.

    Returns
    -------
    ValueAndGradient
        Loss and gradient.

    Raises
    ------
    RuntimeError, ValueError
        torch's own, for shapes that it does not take and negative variances.

    References
    ----------
    PyTorch reference, ``torch.nn.GaussianNLLLoss``.

    Examples
    --------
    >>> value, gradient = gaussian_nll_loss(172, 180, 4.8**2)
    >>> print(round(value, 6), gradient.round(6))
    2.957505 -0.347222
    """
    # torch takes a single variance as a number only, not as a tensor without axes.
    goal, spread = _tensor(target), _plain(_tensor(variance))
    variances = spread if isinstance(spread, float) else _tensor(spread)
    return _with_gradient(
        lambda z: _torch().nn.functional.gaussian_nll_loss(
            z, goal, variances, full=full, eps=eps, reduction=reduction
        ),
        mean,
    )


def gaussian_log_likelihood(x: ArrayLike, mu: float, sigma: float) -> ValueAndGradient:
    """Log-likelihood of a Gaussian by ``torch.distributions.Normal``, and its gradient in (mu, sigma).

    Parameters
    ----------
    x : array_like of float, any shape
        The data.
    mu : float
        Mean, in the unit of the data.
    sigma : float
        Standard deviation, in the unit of the data.

    Returns
    -------
    ValueAndGradient
        The sum of the log-densities in nats, and an array of its two derivatives.

    Raises
    ------
    ValueError
        torch's own, for a sigma that is not positive.

    References
    ----------
    PyTorch reference, ``torch.distributions.normal.Normal``.

    Examples
    --------
    >>> value, gradient = gaussian_log_likelihood([1, 4, 5, 6, 9], 3, 2)
    >>> print(round(value, 5), gradient)
    -14.81043 [2.5  4.25]
    """
    data = _tensor(x)
    return _with_gradient(
        lambda theta: _torch().distributions.Normal(theta[0], theta[1]).log_prob(data).sum(), [mu, sigma]
    )


def loss_grid(logits: ArrayLike, target: ArrayLike) -> Mapping[tuple[str, str], Outcome]:
    """Feed logits, their softmax and their log-softmax into every loss, right or wrong.

    Parameters
    ----------
    logits : array_like of float, shape (C) or (N, C)
        Scores.
    target : array_like of int, shape () or (N)
        Class indices. NLLLoss and CrossEntropyLoss take them as they are; the other losses, which compare
        element by element, take them one-hot.

    Returns
    -------
    mapping
        From (input, loss), one of `GRID_INPUTS` and one of `GRID_LOSSES`, to the `Outcome`: a
        `ValueAndGradient` whose gradient is in the logits, through softmax where there is one, or torch's
        error message. KLDivLoss reduces by ``"batchmean"`` over N (1 for a single sample), the others by
        ``"mean"``; GaussianNLLLoss has variance 1.

    References
    ----------
    PyTorch reference, ``torch.nn``, section "Loss Functions".

    Examples
    --------
    >>> grid = loss_grid(np.log([0.1, 0.1, 0.8]), 0)
    >>> for kind in GRID_INPUTS:
    ...     print(kind, round(grid[kind, "NLLLoss"].value.value, 6))
    logits 2.302585
    softmax -0.1
    log_softmax 2.302585
    """
    torch = _torch()
    functional = torch.nn.functional
    classes = np.shape(logits)[-1]
    goal = _tensor(target, keep_integers=True)
    onehot = _tensor(np.arange(classes) == np.asarray(target)[..., np.newaxis])
    feeds: dict[str, Callable[[Any], Any]] = {
        "logits": lambda z: z,
        "softmax": lambda z: torch.softmax(z, dim=-1),
        "log_softmax": lambda z: torch.log_softmax(z, dim=-1),
    }
    losses: dict[str, Callable[[Any], Any]] = {
        "NLLLoss": lambda x: functional.nll_loss(x, goal),
        "CrossEntropyLoss": lambda x: functional.cross_entropy(x, goal),
        "KLDivLoss": lambda x: functional.kl_div(
            x.reshape(-1, classes), onehot.reshape(-1, classes), reduction="batchmean"
        ),
        "BCEWithLogitsLoss": lambda x: functional.binary_cross_entropy_with_logits(x, onehot),
        "GaussianNLLLoss": lambda x: functional.gaussian_nll_loss(x, onehot, 1.0),
    }

    def cell(kind: str, name: str) -> Outcome:
        return attempt(_with_gradient, lambda z: losses[name](feeds[kind](z)), logits)

    return {(kind, name): cell(kind, name) for kind in GRID_INPUTS for name in GRID_LOSSES}
