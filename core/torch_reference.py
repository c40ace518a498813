"""PyTorch's own answers, for showing beside this project's: values, gradients by autograd, error messages.

torch is imported inside functions only, so that this module costs nothing until it is used and can be
imported where torch is not installed. Every input becomes float64, every result a plain number or a NumPy
array.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, ParamSpec, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from core._checks import Floats

__all__ = [
    "GRID_INPUTS",
    "GRID_LOSSES",
    "Graph",
    "Outcome",
    "ValueAndGradient",
    "attempt",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "binary_in_float32",
    "cross_entropy_graph",
    "cross_entropy_loss",
    "gaussian_nll_loss",
    "is_available",
    "is_loaded",
    "kl_div_loss",
    "load",
    "loss_as_given",
    "loss_table",
    "nll_loss",
]

Number: TypeAlias = float | Floats
P = ParamSpec("P")
T = TypeVar("T")

GRID_INPUTS = ("logits", "softmax", "log_softmax")
"""What `loss_table` feeds into each loss."""

GRID_LOSSES = ("NLLLoss", "CrossEntropyLoss", "KLDivLoss", "BCEWithLogitsLoss", "GaussianNLLLoss")
"""The losses of `loss_table`, under PyTorch's names."""


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


class Graph(NamedTuple):
    """The cross-entropy of one sample as autograd sees it: values forwards, gradients backwards."""

    log_probs: Floats
    """Log-softmax of the logits, in nats."""
    picked: float
    """The log-probability of the true class."""
    loss: float
    """Minus that."""
    logits_gradient: Floats
    """Gradient of the loss in the logits."""
    log_probs_gradient: Floats
    """Gradient of the loss in the log-probabilities."""
    picked_gradient: float
    """Gradient of the loss in the one that was picked."""
    loss_gradient: float
    """Gradient of the loss in itself."""


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


def is_loaded() -> bool:
    """Tell whether torch has been imported in this process.

    Returns
    -------
    bool
        True after `load` or any other function of this module that needed torch.

    References
    ----------
    Python library reference, ``sys.modules``.

    Examples
    --------
    >>> is_loaded() in (True, False)
    True
    """
    return "torch" in sys.modules


def load() -> bool:
    """Import torch and let autograd run once, so that nobody waits for its start later.

    torch is kept to one thread: for a handful of numbers two threads take the same time and twice the work.

    Returns
    -------
    bool
        Whether torch can be used: False where it is missing or cannot be imported.

    References
    ----------
    PyTorch reference, ``torch.autograd``.

    Examples
    --------
    >>> load() == is_loaded()
    True
    """
    if not is_available():
        return False
    try:
        torch = _torch()
    except (ImportError, OSError):
        return False
    torch.set_num_threads(1)
    loss_table([0.0, 0.0], 0)
    return True


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


def loss_table(logits: ArrayLike, target: int) -> ValueAndGradient:
    """Feed logits, their softmax and their log-softmax into every loss, right or wrong, all at once.

    Every cell is one row of a batch, with ``reduction="none"``: a tenth of the time that fifteen calls take.
    NLLLoss and CrossEntropyLoss take the class index; the other losses, which compare element by element,
    take it one-hot. KLDivLoss adds up its elements, the last two average theirs; GaussianNLLLoss has
    variance 1.

    Parameters
    ----------
    logits : array_like of float, shape (C)
        Scores.
    target : int
        Class index.

    Returns
    -------
    ValueAndGradient
        Losses, shape (5, 3), and gradients, shape (5, 3, C): a row for each of `GRID_LOSSES`, in it a column
        for each of `GRID_INPUTS`.

    References
    ----------
    PyTorch reference, ``torch.nn``, section "Loss Functions".

    Examples
    --------
    >>> value, gradient = loss_table(np.log([0.1, 0.1, 0.8]), 0)
    >>> print(value[0].round(6), gradient[0, 1].round(6))
    [ 2.302585 -0.1       2.302585] [-0.09  0.01  0.08]
    """
    torch = _torch()
    functional = torch.nn.functional
    leaf = _tensor(np.tile(np.asarray(logits, dtype=np.float64), (5, 3, 1))).requires_grad_()
    feeds = torch.stack(
        [leaf[:, 0], torch.softmax(leaf[:, 1], dim=-1), torch.log_softmax(leaf[:, 2], dim=-1)], dim=1
    )
    goal = torch.full((3,), int(target))
    onehot = torch.zeros_like(feeds[0].detach())
    onehot[:, int(target)] = 1.0
    values = torch.stack(
        [
            functional.nll_loss(feeds[0], goal, reduction="none"),
            functional.cross_entropy(feeds[1], goal, reduction="none"),
            functional.kl_div(feeds[2], onehot, reduction="none").sum(dim=-1),
            functional.binary_cross_entropy_with_logits(feeds[3], onehot, reduction="none").mean(dim=-1),
            functional.gaussian_nll_loss(feeds[4], onehot, 1.0, reduction="none").mean(dim=-1),
        ]
    )
    values.sum().backward()
    return ValueAndGradient(values.detach().numpy(), leaf.grad.numpy())


def cross_entropy_graph(logits: ArrayLike, target: int) -> Graph:
    """Compute a cross-entropy step by step, and keep what autograd passes back along every edge.

    Parameters
    ----------
    logits : array_like of float, shape (C)
        Scores.
    target : int
        Class index.

    Returns
    -------
    Graph
        Values and gradients.

    References
    ----------
    PyTorch reference, ``torch.Tensor.retain_grad``.

    Examples
    --------
    >>> graph = cross_entropy_graph([5, 4, 2], 0)
    >>> print(round(graph.loss, 6), graph.log_probs_gradient, graph.logits_gradient.round(6))
    0.349012 [-1.  0.  0.] [-0.294615  0.259496  0.035119]
    """
    leaf = _tensor(logits).requires_grad_()
    log_probs = _torch().log_softmax(leaf, dim=-1)
    picked = log_probs[int(target)]
    loss = -picked
    for node in (log_probs, picked, loss):
        node.retain_grad()
    loss.backward()
    return Graph(
        log_probs.detach().numpy(),
        picked.item(),
        loss.item(),
        leaf.grad.numpy(),
        log_probs.grad.numpy(),
        picked.grad.item(),
        loss.grad.item(),
    )


def loss_as_given(loss: str, values: ArrayLike, target: ArrayLike) -> Number:
    """Evaluate NLLLoss or CrossEntropyLoss on arrays of exactly the shapes and types that they have.

    Parameters
    ----------
    loss : {"NLLLoss", "CrossEntropyLoss"}
        Which loss.
    values : ndarray
        Its input.
    target : ndarray
        Its target; an array of int32 stays one.

    Returns
    -------
    float
        The loss with ``reduction="mean"``.

    Raises
    ------
    RuntimeError, IndexError, ValueError
        torch's own, for shapes, types and indices that it does not take.

    References
    ----------
    PyTorch reference, ``torch.nn.NLLLoss``, ``torch.nn.CrossEntropyLoss``, section "Shape".

    Examples
    --------
    >>> attempt(loss_as_given, "CrossEntropyLoss", np.zeros((1, 3)), np.array([3])).error
    'Target 3 is out of bounds.'
    """
    torch = _torch()
    functional = torch.nn.functional
    function = {"NLLLoss": functional.nll_loss, "CrossEntropyLoss": functional.cross_entropy}[loss]
    return _plain(function(torch.tensor(np.asarray(values)), torch.tensor(np.asarray(target))))


def binary_cross_entropy(probs: ArrayLike, target: ArrayLike) -> Number:
    """Evaluate ``torch.nn.BCELoss``, which takes probabilities and cuts their logs off at -100.

    Parameters
    ----------
    probs : array_like of float, any shape
        Probabilities.
    target : array_like of float, shape of `probs`
        From 0 to 1.

    Returns
    -------
    float
        The mean loss.

    Raises
    ------
    RuntimeError, ValueError
        torch's own, for shapes and numbers that it does not take.

    References
    ----------
    PyTorch reference, ``torch.nn.BCELoss``.

    Examples
    --------
    >>> binary_cross_entropy(0.0, 1.0)
    100.0
    """
    return _plain(_torch().nn.functional.binary_cross_entropy(_tensor(probs), _tensor(target)))


def binary_in_float32(logits: ArrayLike, target: int) -> Mapping[str, ValueAndGradient]:
    """Evaluate one binary cross-entropy in four ways, in float32, as a network would.

    Parameters
    ----------
    logits : array_like of float, any shape
        Log-odds.
    target : {0, 1}
        The label of all of them.

    Returns
    -------
    mapping
        From the way to its losses and their gradients: ``"with_logits"`` (BCEWithLogitsLoss), ``"sigmoid"``
        (BCELoss of a sigmoid), ``"log_softmax"`` and ``"log_of_softmax"`` (of the logits and 0, picked).
        A gradient may be nan.

    References
    ----------
    PyTorch reference, ``torch.nn.BCEWithLogitsLoss``, on the log-sum-exp trick.

    Examples
    --------
    >>> ways = binary_in_float32(-200.0, 1)
    >>> {name: way.value for name, way in ways.items()}
    {'with_logits': 200.0, 'sigmoid': 100.0, 'log_softmax': 200.0, 'log_of_softmax': inf}
    """
    torch = _torch()
    functional = torch.nn.functional
    start = torch.tensor(np.asarray(logits, dtype=np.float32))
    goal = torch.full_like(start, float(target))

    def pair(z: Any) -> Any:
        return torch.stack([torch.zeros_like(z), z], dim=-1)

    def way(loss: Callable[[Any], Any]) -> ValueAndGradient:
        leaf = start.clone().requires_grad_()
        result = loss(leaf)
        result.sum().backward()
        return ValueAndGradient(_plain(result.double()), leaf.grad.double().numpy())

    return {
        "with_logits": way(lambda z: functional.binary_cross_entropy_with_logits(z, goal, reduction="none")),
        "sigmoid": way(lambda z: functional.binary_cross_entropy(torch.sigmoid(z), goal, reduction="none")),
        "log_softmax": way(lambda z: -torch.log_softmax(pair(z), dim=-1)[..., int(target)]),
        "log_of_softmax": way(lambda z: -torch.log(torch.softmax(pair(z), dim=-1)[..., int(target)])),
    }
