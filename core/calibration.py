"""Do probabilities keep their promise? Reliability, and a temperature for logits, which mends it.

The NLL is a strictly proper scoring rule: in the mean no other probabilities cost less than the true ones. So
the temperature of the least NLL, on data that the classifier was not fitted to, makes it as calibrated as one
number can. Which class leads never changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core._checks import Floats, count, finite_array, finite_positive, float_array, nonnegative_array
from core.information import as_distribution
from core.sigmoid import sigmoid, sigmoid_cross_entropy

__all__ = [
    "BrierDecomposition",
    "Reliability",
    "Scores",
    "Temperature",
    "Tempered",
    "accuracy",
    "best_temperature",
    "brier_decomposition",
    "expected_calibration_error",
    "fit_temperature",
    "mean_confidence",
    "reliability",
    "temperature_nll",
    "tempered_nll",
]

Bins = Literal["width", "mass"]
Labels = NDArray[np.intp]

_Z95 = 1.959963984540054  # the 0.975 quantile of the standard normal distribution
_STEPS = 100  # of a safeguarded Newton iteration, which needs about ten
_ROUNDING = 8.0 * float(np.finfo(float).eps)  # of what is summed, so much is lost at most
_BLOCK, _ROWS = 50_000, 256  # so many numbers are worked on at once, and so many rows at least
_NOTHING = -1e4  # exp of this, and of all below, is 0
_SHADES = 4  # counters of one bin; a power of 2


class Temperature(NamedTuple):
    """What `fit_temperature` found.

    Attributes
    ----------
    t : float
        The temperature of the least NLL. 0 or ``inf`` where the NLL only falls towards that end.
    nll : float
        The least mean NLL in nats, or what it falls to.
    steps : tuple of float
        The temperatures that the search came to, from 1 on; the last is ``t`` where there is a minimum.
    """

    t: float
    nll: float
    steps: tuple[float, ...]


@dataclass(frozen=True)
class Reliability:
    """Bins of rows by confidence, without the empty ones, each array of shape (M,), ``interval`` (M, 2).

    Attributes
    ----------
    low, high : array of float
        The bin holds the confidences above ``low`` up to ``high``.
    confidence : array of float
        Mean confidence.
    accuracy : array of float
        Share of right rows.
    count : array of int
        Number of rows.
    interval : array of float
        Wilson's 95 % interval of the share.
    """

    low: Floats
    high: Floats
    confidence: Floats
    accuracy: Floats
    count: NDArray[np.int64]
    interval: Floats

    @property
    def error(self) -> float:
        """The expected calibration error: the mean gap, each bin as heavy as it has rows."""
        gaps = np.abs(self.accuracy - self.confidence)
        return float(np.sum(self.count * gaps) / self.count.sum())


class BrierDecomposition(NamedTuple):
    """``score = reliability - resolution + uncertainty + within``, each summed over the classes.

    Attributes
    ----------
    score : float
        Brier score: mean squared distance of the probabilities to the label, from 0 to 2.
    reliability : float
        Squared distance of each bin's mean probability to its share: 0 where they are equal.
    resolution : float
        Squared distance of each bin's share to the share in all rows.
    uncertainty : float
        What always saying the shares in all rows would score.
    within : float
        What bins hide: 0 where all probabilities in a bin are equal.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float


@dataclass(frozen=True, eq=False)
class Tempered:
    """What a temperature makes of the rows of `Scores`.

    Attributes
    ----------
    weights : tuple of arrays of float
        ``exp((logits - their largest) / T)``, block by block, a row each class.
    confidence : array of float, shape (N,)
        The probability of the class that leads.
    loss : array of float, shape (N,)
        NLL of each label in nats, ``inf`` where its class has no probability.
    entropy : float
        Mean entropy of the distributions in nats: the loss that the classifier expects of itself. Less the
        mean loss it is the derivative of the mean NLL by log T.
    """

    weights: tuple[Floats, ...]
    confidence: Floats
    loss: Floats
    entropy: float

    @property
    def nll(self) -> float:
        """The mean loss."""
        return float(np.mean(self.loss))


class Scores:
    """Logits and labels, checked once, to be seen under many temperatures.

    Which class leads in a row does not depend on the temperature; of several the first one counts.

    Parameters
    ----------
    logits : array_like of float, shape (N, K)
        A row each sample. A score may be ``-inf``: its class is ruled out.
    labels : array_like of int, shape (N,)
        Class indices.

    Attributes
    ----------
    labels, chosen : array of int, shape (N,)
        The classes that are true, and those that lead.
    right : array of bool, shape (N,)
        Where they are the same.

    Raises
    ------
    ValueError
        If an argument is empty, has another shape, or holds what it may not.

    Examples
    --------
    >>> scores = Scores([[2.0, 0.0], [3.0, 0.0]], [0, 1])
    >>> round(scores.at(4.0).nll, 6), scores.right.tolist()
    (0.805474, [True, False])
    >>> round(scores.reliability(scores.at(4.0), bins=1).error, 6)
    0.150819
    """

    def __init__(self, logits: ArrayLike, labels: ArrayLike) -> None:
        checked, self.labels = _checked_rows(logits, labels)
        # To the largest score of its sample, a row each class: rows are added ten times as fast as columns.
        self._gaps = np.ascontiguousarray((checked - checked.max(axis=-1, keepdims=True)).T)
        self._own: Floats = self._gaps[self.labels, np.arange(self.labels.size)]
        self._blocks = _blocks(*checked.shape)
        self.chosen: Labels = checked.argmax(axis=-1)
        self.right: NDArray[np.bool_] = self.chosen == self.labels

    def at(self, temperature: float) -> Tempered:
        """Return what a temperature makes of the rows, from 0, where those that lead share all, to ``inf``.

        Raises
        ------
        ValueError
            If the temperature is negative or not a number.
        """
        if not temperature >= 0.0:
            raise ValueError(f"temperature must not be negative, but is {temperature!r}.")
        total, expected, blocks = np.empty(self.labels.size), 0.0, []
        for part in self._blocks:
            scaled = _divided(self._gaps[:, part], temperature)
            # A class that has no probability adds nothing to the entropy, as long as its score is finite.
            np.maximum(scaled, _NOTHING, out=scaled)
            blocks.append(np.exp(scaled))
            total[part] = blocks[-1].sum(axis=0)
            scaled *= blocks[-1]
            expected += float(np.sum(scaled.sum(axis=0) / total[part]))
        logs = np.log(total)
        loss = logs - _divided(self._own, temperature)
        entropy = (float(logs.sum()) - expected) / total.size
        return Tempered(tuple(blocks), 1.0 / total, loss, entropy)

    def probs(self, tempered: Tempered) -> Floats:
        """Return ``softmax(logits / T)``, shape (N, K)."""
        return np.concatenate(list(self._probs(tempered)), axis=1).T

    def _probs(self, tempered: Tempered) -> Iterator[Floats]:
        """Yield the probabilities of each block of samples, a row each class."""
        for part, weights in zip(self._blocks, tempered.weights, strict=True):
            yield weights * tempered.confidence[part]

    def slope(self, temperature: float) -> tuple[float, float]:
        """Return the first and second derivative of the mean NLL by 1/T, at a positive temperature."""
        return _slope(self._gaps, self._own, 1.0 / finite_positive("temperature", temperature))

    def nll(self, temperature: float) -> float:
        """Return what `temperature_nll` returns, at one temperature from 0 to ``inf``."""
        total = 0.0
        for part in self._blocks:
            scaled, own = (_divided(gaps, temperature) for gaps in (self._gaps[:, part], self._own[part]))
            total += float(np.sum(np.log(np.exp(scaled).sum(axis=0)) - own))
        return total / self.labels.size

    def fit(self) -> Temperature:
        """Return what `fit_temperature` returns for the rows."""
        gaps, own = self._gaps, self._own
        if np.isneginf(own).any():
            row = int(np.flatnonzero(np.isneginf(own))[0])
            raise ValueError(f"logits must not rule out a label's class, but do in row {row}.")
        # In units of the largest gap neither slope nor curvature can leave the range of numbers.
        scale = float(np.max(-gaps, initial=0.0, where=np.isfinite(gaps))) or 1.0
        near, near_own = gaps / scale, own / scale
        if _slope(near, near_own, 0.0)[0] >= 0.0:
            return Temperature(math.inf, self.nll(math.inf), (1.0,))
        if (own == 0.0).all():
            # Classes that lead together share what the others leave.
            return Temperature(0.0, float(np.mean(np.log(np.sum(gaps == 0.0, axis=0)))), (1.0,))
        low, high, inverse = 0.0, math.inf, scale
        steps = [inverse]
        for _ in range(_STEPS):
            slope, curvature = _slope(near, near_own, inverse)
            low, high = (inverse, high) if slope < 0.0 else (low, inverse)
            change = slope / curvature if curvature > 0.0 else -math.inf
            following = inverse - change
            # Newton's error is squared at each step: after one so small no digit is wrong but by rounding.
            last = abs(change) <= 1e-9 * inverse
            if not (last or low < following < high):
                # At 1 no softmax is at its end, and from there Newton's steps lead on.
                middle = 2.0 * inverse if math.isinf(high) else 0.5 * (low + high)
                following = 1.0 if low < 1.0 < high else middle
            inverse = following
            steps.append(inverse)
            if last:
                break
        ts = tuple(scale / step for step in steps)
        return Temperature(ts[-1], self.nll(ts[-1]), ts)

    def reliability(self, tempered: Tempered, *, bins: int = 15, by: Bins = "width") -> Reliability:
        """Return what `reliability` returns for the rows under a temperature."""
        return _reliability(tempered.confidence, self.right, count("bins", bins, at_least=1), by)

    def spread(self, tempered: Tempered, *, bins: int) -> NDArray[np.intp]:
        """Return how many right rows each bin of the confidence holds, and how many wrong ones: (2, bins)."""
        places = _even_places(tempered.confidence, count("bins", bins, at_least=1))
        return np.bincount(places + bins * ~self.right, minlength=2 * bins).reshape(2, bins)

    def brier(self, tempered: Tempered, *, bins: int = 15) -> BrierDecomposition:
        """Return what `brier_decomposition` returns for the rows under a temperature."""
        return _brier(self._probs(tempered), self._blocks, self.labels, bins, len(self._gaps))


def tempered_nll(logits: ArrayLike, labels: ArrayLike, temperature: float = 1.0) -> float:
    """Mean NLL of labels under ``sigmoid(logits / temperature)``.

    Parameters
    ----------
    logits : array_like of float, shape (N,)
        Log-odds of the label 1, finite.
    labels : array_like of int, shape (N,)
        0 or 1.
    temperature : float, optional
        Positive and finite; above 1 it draws all probabilities towards one half.

    Returns
    -------
    float
        In nats.

    Raises
    ------
    ValueError
        If an argument is empty, not finite or out of its range, or the shapes differ.

    References
    ----------
    T. Gneiting, A. E. Raftery, "Strictly proper scoring rules, prediction, and estimation", Journal of the
    American Statistical Association 102 (2007), section 3.

    Examples
    --------
    >>> round(tempered_nll([4.0, -2.0, 3.0], [1, 0, 0]), 6)
    1.064555
    """
    scores, truth = _checked(logits, labels)
    return float(np.mean(sigmoid_cross_entropy(scores / finite_positive("temperature", temperature), truth)))


def best_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """Find the temperature of the least NLL of a binary classifier.

    Parameters
    ----------
    logits, labels
        As in `tempered_nll`.

    Returns
    -------
    float
        T as `fit_temperature` finds it for the scores (0, logit): ``inf`` where logits point the wrong way,
        or nowhere, in the mean, and 0 where no label contradicts its logit.

    Raises
    ------
    ValueError
        If an argument is empty, not finite or out of its range, or the shapes differ.

    Examples
    --------
    >>> round(best_temperature([4.0, -2.0, 3.0, 1.0], [1, 0, 0, 1]), 4)
    3.4758
    """
    scores, truth = _checked(logits, labels)
    return fit_temperature(np.stack([np.zeros_like(scores), scores], axis=-1), truth.astype(np.intp)).t


def mean_confidence(logits: ArrayLike, temperature: float = 1.0) -> float:
    """Mean probability of the class that leads, under ``sigmoid(logits / temperature)``.

    Of a calibrated classifier it is the share of right answers.

    Parameters
    ----------
    logits : array_like of float, shape (N,)
        Log-odds, finite.
    temperature : float, optional
        Positive and finite.

    Returns
    -------
    float
        From one half to 1.

    Raises
    ------
    ValueError
        If an argument is empty, not finite or out of its range.

    Examples
    --------
    >>> round(mean_confidence([4.0, -2.0, 3.0]), 6), mean_confidence([0.0])
    (0.938462, 0.5)
    """
    scores = finite_array("logits", logits)
    return float(np.mean(sigmoid(np.abs(scores) / finite_positive("temperature", temperature))))


def accuracy(logits: ArrayLike, labels: ArrayLike) -> float:
    """Share of labels whose class leads; where none leads, one half of them.

    Parameters
    ----------
    logits, labels
        As in `tempered_nll`.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If an argument is empty, not finite or out of its range, or the shapes differ.

    Examples
    --------
    >>> accuracy([4.0, -2.0, 3.0, 0.0], [1, 0, 0, 1])
    0.625
    """
    scores, truth = _checked(logits, labels)
    return float(np.mean(np.heaviside(scores * (2.0 * truth - 1.0), 0.5)))


def temperature_nll(logits: ArrayLike, labels: ArrayLike, temperatures: ArrayLike = 1.0) -> Floats:
    """Mean NLL of labels under ``softmax(logits / T)``, at one temperature or many.

    Parameters
    ----------
    logits : array_like of float, shape (N, K)
        A row each sample. A score may be ``-inf``: its class is ruled out.
    labels : array_like of int, shape (N,)
        Class indices.
    temperatures : array_like of float, any shape
        Positive and finite.

    Returns
    -------
    ndarray of float, shape of ``temperatures``
        In nats; ``inf`` where a label's class is ruled out.

    Raises
    ------
    ValueError
        If an argument is empty, has another shape, or holds what it may not.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks", International
    Conference on Machine Learning, 2017, section 4.2.

    Examples
    --------
    >>> temperature_nll([[2.0, 0.0], [3.0, 0.0]], [0, 1], [1.0, 4.0]).round(6)
    array([1.587758, 0.805474])
    """
    ts = finite_array("temperatures", temperatures)
    if ts.min() <= 0.0:
        raise ValueError(f"temperatures must be positive, but hold {ts.min()}.")
    scores = Scores(logits, labels)
    return np.array([scores.nll(t) for t in ts.reshape(-1).tolist()]).reshape(ts.shape)


def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> Temperature:
    """Find the temperature of the least NLL, by Newton's method in 1/T.

    The NLL is convex in 1/T: its slope there is the mean, over the rows, of the expected score less the
    label's, its curvature the mean variance of the score. A step that leaves the bracket of the slope's sign
    is replaced by one to its middle.

    Parameters
    ----------
    logits : array_like of float, shape (N, K)
        A row each sample. A score may be ``-inf``, but not a label's own.
    labels : array_like of int, shape (N,)
        Class indices.

    Returns
    -------
    Temperature
        ``t`` is 0 where no label's class is behind another, so that every colder softmax is better; ``inf``
        where scores point the wrong way, or nowhere, in the mean, so that every warmer one is.

    Raises
    ------
    ValueError
        If an argument is empty, has another shape, or holds what it may not, or a label's class is ruled out
        by a score of ``-inf``: then the NLL is infinite at every temperature.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks", International
    Conference on Machine Learning, 2017, section 4.2.

    Examples
    --------
    >>> found = fit_temperature([[4.0, 0.0], [0.0, 2.0], [3.0, 0.0], [1.0, 0.0]], [0, 1, 1, 0])
    >>> round(found.t, 4), round(found.nll, 6)
    (3.4758, 0.623958)
    >>> fit_temperature([[2.0, 0.0], [0.0, 1.0]], [0, 1])[:2]
    (0.0, 0.0)
    """
    return Scores(logits, labels).fit()


def reliability(probs: ArrayLike, labels: ArrayLike, *, bins: int = 15, by: Bins = "width") -> Reliability:
    """Mean confidence against the share of right rows, in bins of the top label's probability.

    Parameters
    ----------
    probs : array_like of float, shape (N, K)
        A distribution each row.
    labels : array_like of int, shape (N,)
        Class indices.
    bins : int, optional
        How many; fewer are returned where some are empty.
    by : {"width", "mass"}, optional
        Bins of one width from 0 to 1, or of one number of rows, as far as those of one confidence allow.

    Returns
    -------
    Reliability
        The bins that hold rows. Of classes that lead together the first is the answer.

    Raises
    ------
    ValueError
        If an argument is empty, has another shape, or holds what it may not.

    References
    ----------
    M. H. DeGroot, S. E. Fienberg, "The comparison and evaluation of forecasters", The Statistician 32 (1983).
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (1927).

    Examples
    --------
    >>> found = reliability([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1], bins=2)
    >>> found.confidence.round(3), found.accuracy.round(3), found.count
    (array([0.8]), array([0.667]), array([3]))
    """
    rows, truth = _checked_probs(probs, labels)
    confidence = rows.max(axis=-1)
    right = rows.argmax(axis=-1) == truth
    return _reliability(confidence, right, count("bins", bins, at_least=1), by)


def expected_calibration_error(
    probs: ArrayLike, labels: ArrayLike, *, bins: int = 15, by: Bins = "width"
) -> float:
    """Mean gap between confidence and the share of right rows, over the bins of `reliability`.

    It depends on the bins, and is too large in the mean: a calibrated model's is not 0 either.

    Parameters
    ----------
    probs, labels, bins, by
        As in `reliability`.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If an argument is empty, has another shape, or holds what it may not.

    References
    ----------
    M. P. Naeini, G. F. Cooper, M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
    binning", AAAI Conference on Artificial Intelligence, 2015.

    Examples
    --------
    >>> round(expected_calibration_error([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1], bins=2), 6)
    0.133333
    """
    return reliability(probs, labels, bins=bins, by=by).error


def brier_decomposition(probs: ArrayLike, labels: ArrayLike, *, bins: int = 15) -> BrierDecomposition:
    """Brier score, split by bins of each class's probability.

    Parameters
    ----------
    probs : array_like of float, shape (N, K)
        A distribution each row.
    labels : array_like of int, shape (N,)
        Class indices.
    bins : int, optional
        How many, of one width from 0 to 1, for each class.

    Returns
    -------
    BrierDecomposition
        The score and its parts.

    Raises
    ------
    ValueError
        If an argument is empty, has another shape, or holds what it may not.

    References
    ----------
    A. H. Murphy, "A new vector partition of the probability score", Journal of Applied Meteorology 12 (1973).
    D. B. Stephenson, C. A. S. Coelho, I. T. Jolliffe, "Two extra components in the Brier score
    decomposition", Weather and Forecasting 23 (2008).

    Examples
    --------
    >>> parts = brier_decomposition([[0.8, 0.2], [0.8, 0.2], [0.2, 0.8]], [0, 1, 1], bins=5)
    >>> [round(part, 6) for part in parts]
    [0.48, 0.146667, 0.111111, 0.444444, 0.0]
    """
    rows, truth = _checked_probs(probs, labels)
    blocks = _blocks(*rows.shape)
    parts = (np.array(rows[part].T, order="C") for part in blocks)
    return _brier(parts, blocks, truth, bins, rows.shape[1])


def _edges(values: Floats, bins: int, by: Bins) -> Floats:
    """Return the edges of bins from 0 to 1, those of one place once."""
    if by not in ("width", "mass"):
        raise ValueError(f"by must be 'width' or 'mass', not {by!r}.")
    if by == "width":
        return _even_edges(bins)[0]
    # Values themselves, so that no rounding decides to which side of an edge one belongs.
    last = -(-values.size * np.arange(1, bins) // bins) - 1
    return np.unique(np.concatenate([[0.0], np.sort(values)[last], [1.0]]))


@lru_cache(maxsize=64)
def _even_edges(bins: int) -> tuple[Floats, Floats]:
    """Return the edges of bins of one width, and of each the limit that a number in it is above."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    limits = edges.copy()
    limits[0], limits[-1] = -1.0, math.inf
    return edges, limits


def _brier(
    parts: Iterable[Floats], blocks: list[slice], truth: Labels, bins: int, classes: int
) -> BrierDecomposition:
    """Return the Brier score and its parts; probabilities come block by block, and are used up."""
    total, size = count("bins", bins, at_least=1) * classes, truth.size
    # The bins of all classes in one row, a class after the other.
    counts, hits, said = np.zeros(total, np.intp), np.zeros(total, np.intp), np.zeros(total)
    score = spread = 0.0
    for rows, part in zip(parts, blocks, strict=True):
        labels = truth[part]
        true = rows[labels, np.arange(labels.size)]
        squares = np.einsum("ij,ij->j", rows, rows) - 2.0 * true
        score += float(np.sum(squares + 1.0))
        spread += float(np.sum(squares))
        hits += np.bincount(_even_places(true, bins) + bins * labels, minlength=total)
        held, sums = _class_bins(rows, bins)
        counts += held
        said += sums
    full = counts > 0
    counts, said, hits = counts[full], said[full], hits[full]
    means, shares = said / counts, hits / counts
    base = np.bincount(truth, minlength=classes) / size
    bases = np.repeat(base, bins)[full]
    within = spread - float(np.sum(counts * means * (means - 2.0 * shares)))
    return BrierDecomposition(
        score / size,
        float(np.sum(counts * (means - shares) ** 2) / size),
        float(np.sum(counts * (shares - bases) ** 2) / size),
        float(np.sum(base * (1.0 - base))),
        within / size,
    )


def _class_bins(rows: Floats, bins: int) -> tuple[Labels, Floats]:
    """Return how many numbers of each row are in each bin from 0 to 1, and their sums, a row after the other.

    It uses up the rows.
    """
    total, (classes, size) = bins * len(rows), rows.shape
    above = rows > 1.0 / bins
    each = np.count_nonzero(above, axis=1)
    # Of many classes, or where it is cold, most are in the first bin: those are what the others leave.
    few = 2 * each.sum() < rows.size
    places = np.flatnonzero(above) if few else slice(None)
    numbers = rows.ravel()[places]
    where = np.repeat(np.arange(0, total, bins), each if few else size)
    where += _even_places(numbers, bins)
    # A counter that has just been raised is not at hand for the next number: so there are several of each.
    where += total * (np.arange(where.size) & (_SHADES - 1))
    counts = np.bincount(where, minlength=_SHADES * total).reshape(_SHADES, total).sum(axis=0)
    sums = np.bincount(where, numbers, minlength=_SHADES * total).reshape(_SHADES, total).sum(axis=0)
    if few:
        counts[::bins] += size - counts.reshape(classes, bins).sum(axis=1)
        rows.ravel()[places] = 0.0
        sums = sums.astype(np.float64)  # where there are no numbers, NumPy counts them
        sums[::bins] += rows.sum(axis=1)
    return counts, sums


def _even_places(values: Floats, bins: int) -> Labels:
    """Return the bins of one width that hold values from 0 to 1, as `_places` finds them, faster."""
    # Rounded up, so that no value is taken for one of a lower bin, and one bin too high at most.
    where = (values * (bins * (1.0 + _ROUNDING))).astype(np.intp)
    where -= _even_edges(bins)[1].take(where) >= values
    return where


def _places(values: Floats, edges: Floats) -> Labels:
    """Return the bins that hold values: each its upper edge, the first one 0 besides."""
    return np.clip(np.searchsorted(edges, values, side="left") - 1, 0, edges.size - 2)


def _reliability(confidence: Floats, right: NDArray[np.bool_], bins: int, by: Bins) -> Reliability:
    """Return the bins of confidences that hold rows."""
    edges = _edges(confidence, bins, by)
    where = _even_places(confidence, bins) if by == "width" else _places(confidence, edges)
    counts = np.bincount(where, minlength=edges.size - 1)
    full = np.flatnonzero(counts)
    counts = counts[full]
    means, shares = (np.bincount(where, values)[full] / counts for values in (confidence, right))
    return Reliability(edges[full], edges[full + 1], means, shares, counts, _wilson(shares, counts))


def _wilson(shares: Floats, counts: NDArray[np.int64]) -> Floats:
    """Return Wilson's 95 % intervals of shares, shape (M, 2)."""
    z2 = _Z95**2
    middle = shares + z2 / (2.0 * counts)
    half = _Z95 * np.sqrt(shares * (1.0 - shares) / counts + z2 / (4.0 * counts**2))
    ends = np.stack([middle - half, middle + half], axis=-1) / (1.0 + z2 / counts)[:, None]
    # Where all or none are right, one end is the share itself, but for rounding.
    ends[shares == 0.0, 0] = 0.0
    ends[shares == 1.0, 1] = 1.0
    return ends


def _checked_rows(logits: ArrayLike, labels: ArrayLike) -> tuple[Floats, Labels]:
    """Return scores of shape (N, K) and class indices of shape (N,)."""
    scores = float_array("logits", logits)
    if scores.ndim != 2 or scores.shape[1] < 2:
        raise ValueError(f"logits must have shape (N, K) with at least 2 classes, not {scores.shape}.")
    if np.isposinf(scores).any():
        raise ValueError("logits must not be infinite.")
    if np.isneginf(scores).all(axis=-1).any():
        raise ValueError("logits must leave a class in each row.")
    return scores, _indices(labels, scores.shape)


def _checked_probs(probs: ArrayLike, labels: ArrayLike) -> tuple[Floats, Labels]:
    """Return distributions of shape (N, K) and class indices of shape (N,)."""
    rows = as_distribution(probs)
    if rows.ndim != 2 or rows.shape[1] < 2:
        raise ValueError(f"probs must have shape (N, K) with at least 2 classes, not {rows.shape}.")
    return rows, _indices(labels, rows.shape)


def _indices(labels: ArrayLike, shape: tuple[int, ...]) -> Labels:
    """Return labels as class indices for rows of a shape."""
    truth = np.asarray(labels)
    if truth.shape != shape[:1]:
        raise ValueError(f"labels must have shape {shape[:1]}, not {truth.shape}.")
    if truth.dtype.kind not in "iu":
        raise ValueError(f"labels must be whole numbers, not {truth.dtype}.")
    if truth.min() < 0 or truth.max() >= shape[1]:
        raise ValueError(
            f"labels must lie between 0 and {shape[1] - 1}, but range from {truth.min()} to {truth.max()}."
        )
    return truth.astype(np.intp)


def _blocks(size: int, classes: int) -> list[slice]:
    """Return slices of samples that are worked on at once."""
    step = max(_ROWS, _BLOCK // classes)
    return [slice(i, i + step) for i in range(0, size, step)]


def _divided(gaps: Floats, temperature: float) -> Floats:
    """Return gaps over a temperature from 0 to ``inf``; 0 stays 0, and ``-inf`` itself."""
    if temperature == 0.0:
        return np.where(gaps < 0.0, -np.inf, 0.0)
    if math.isinf(temperature):
        return np.where(np.isneginf(gaps), -np.inf, 0.0)
    with np.errstate(over="ignore"):
        return gaps / temperature


def _slope(gaps: Floats, own: Floats, inverse: float) -> tuple[float, float]:
    """Return the first and second derivative of the mean NLL by 1/T.

    A first derivative that is no more than what rounding leaves of its terms is 0, on every processor.
    """
    slope = curvature = size = 0.0
    for part in _blocks(own.size, len(gaps)):
        ruled_out = np.isneginf(gaps[:, part])
        kept = np.where(ruled_out, 0.0, gaps[:, part])
        weights = np.where(ruled_out, 0.0, np.exp(kept * inverse))
        weights /= weights.sum(axis=0)
        mean = np.sum(weights * kept, axis=0)
        slope += float(np.sum(mean - own[part]))
        size += float(np.sum(np.abs(mean)) + np.sum(np.abs(own[part])))
        curvature += float(np.sum(weights * (kept - mean) ** 2))
    if abs(slope) <= _ROUNDING * size < math.inf:
        slope = 0.0
    return slope / own.size, curvature / own.size


def _checked(logits: ArrayLike, labels: ArrayLike) -> tuple[Floats, Floats]:
    """Return logits and labels as arrays of one shape."""
    scores, truth = finite_array("logits", logits), nonnegative_array("labels", labels)
    if scores.ndim != 1 or truth.shape != scores.shape:
        raise ValueError(f"logits and labels must have one shape (N,), not {scores.shape} and {truth.shape}.")
    if not np.isin(truth, (0.0, 1.0)).all():
        raise ValueError("labels must be 0 or 1.")
    return scores, truth
