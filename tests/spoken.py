"""The numbers that a lesson says once the hand has come to rest: computed from ``core`` alone, and read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.calibration import (
    expected_calibration_error,
    fit_temperature,
    mean_confidence,
    temperature_nll,
    tempered_nll,
)
from core.categorical import identity, mean_nll, running_counts, sample_counts, with_pseudo_counts
from core.descent import cross_entropy_descent, gaussian_ascent, softmax_descent
from core.draws import best_with_first, even_counts
from core.exponential import sample_waits
from core.figures.confidence import given
from core.gaussian import Summary, fit, log_likelihood, sample_heights, summarize
from core.information import cross_entropy, distribution, entropy, kl_divergence, mix, nats_to_bits
from core.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy_gradient,
    cross_entropy_loss,
    expected_brier_score,
    gaussian_nll_loss,
    kl_div_loss,
    nll_loss,
)
from core.margins import MARGIN_LOSSES, zero_one_loss
from core.regression import fit_linear, fit_logistic, gaussian_nll, make_regression_data, make_two_classes
from core.residuals import RESIDUAL_LOSSES, fit_constant
from core.sigmoid import sigmoid, sigmoid_cross_entropy_slope, sigmoid_squared_error_slope
from core.softmax import log_softmax, logits_from_probs, softmax
from pages.shared.controls import Values

Numbers: TypeAlias = Iterable[Any]
FIVE = (1.0, 4.0, 5.0, 6.0, 9.0)
WAIT = 10.0  # minutes that people wait on average
FOUND = re.compile(r"[−-]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|∞)")
RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−∞", "-0123456789-" + "i")


def heard(sentence: str) -> list[float]:
    """Return the numbers of a sentence.

    Examples
    --------
    >>> heard("p(cat) 0.705385, loss −1.5×10⁻⁷ nats: 1,000 draws, 80, 20, ∞.")
    [0.705385, -1.5e-07, 1000.0, 80.0, 20.0, inf]
    """
    texts = (text.translate(RAISED).replace(",", "") for text in FOUND.findall(sentence))
    return [float(text.replace("×10", "e").replace("i", "inf")) for text in texts]


def says(sentence: str, numbers: list[float]) -> bool:
    """Tell whether a sentence holds numbers in their order, each to four or to six digits.

    Examples
    --------
    >>> says("p 0.705385, loss 0.349", [0.70538451, 0.34901217]), says("loss 0.35", [0.34901217])
    (True, False)
    """
    there = iter(heard(sentence))
    return all(any(round_(one, digits) == found for found in there for digits in (4, 6)) for one in numbers)


def round_(value: float, digits: int) -> float:
    """Return a number to so many digits."""
    return float(f"{value:.{digits}g}")


def _home(v: Values) -> Mapping[str, Numbers]:
    z = [v.z1, v.z2, v.z3]
    return {"thread": (softmax(z)[v.y], cross_entropy_loss(z, v.y))}


def _softmax(v: Values) -> Mapping[str, Numbers]:
    z = np.array(v.many("z"))
    p = softmax(z, temperature=v.t)
    return {
        "main": p,
        "sampling": (v.n, *sample_counts(p, v.n, seed=v.seed) / v.n, *p),
        "numerics": ((z.max() + v.shift) / v.t, *softmax(z + v.shift, temperature=v.t)),
    }


def _nll(v: Values) -> Mapping[str, Numbers]:
    z = v.many("z")
    rows = np.array([[v[f"b{i}{j}"] for j in "123"] for i in "123"])
    losses = cross_entropy_loss(rows, [v[f"l{i}"] for i in "123"], reduction="none")
    trail = softmax_descent(z, v.y, learning_rate=v.rate, steps=v.step, temperature=v.t, tolerance=0.0)
    made = {
        "main": (softmax(z, temperature=v.t)[v.y], -log_softmax(z, temperature=v.t)[v.y]),
        "batch": (*losses, np.mean(losses)),
        "descent": (trail.steps, trail.values[-1]),
    }
    if v.guess:
        made["gradient"] = (cross_entropy_gradient(z, v.y, temperature=v.t)[v.ask],)
    return made


def _cross_entropy(v: Values) -> Mapping[str, Numbers]:
    p = distribution(v.many("p"))[0]
    scores = v.many("z") if v.mode == "logits" else None
    q = softmax(scores) if scores else distribution(v.many("q"))[0]
    there = mix(p, q, [v.path])[0]
    start = scores or tuple(np.maximum(logits_from_probs(q), -10.0).tolist())
    trail = cross_entropy_descent(p, start, learning_rate=v.lr, steps=v.step)

    def unit(*nats: Any) -> Any:
        return nats_to_bits(nats) if v.unit == "bits" else nats

    return {
        "main": unit(cross_entropy(p, q), entropy(p), kl_divergence(p, q)),
        "path": (v.path, *unit(cross_entropy(p, there), kl_divergence(p, there))),
        "descent": (trail.steps, *unit(trail.values[-1], trail.kl[-1])),
    }


def _losses(v: Values) -> Mapping[str, Numbers]:
    margins = {name: loss.loss for name, loss in MARGIN_LOSSES.items()}
    margins["zero_one"] = lambda m: zero_one_loss(m, tie=v.tie)
    residuals = [loss.loss(v.r, delta=v.delta, tau=v.tau) for n, loss in RESIDUAL_LOSSES.items() if v[n]]
    p, q = np.array([v.p, 1.0 - v.p]), np.array([v.q, 1.0 - v.q])
    five = [*FIVE[:4], v.outlier]
    at = {name: fit_constant(five, name, delta=v.threshold) for name in ("squared", "absolute", "huber")}
    slopes = (sigmoid_cross_entropy_slope(v.z, v.target), sigmoid_squared_error_slope(v.z, v.target))
    return {
        "main": (v.m, *(loss(v.m) for name, loss in margins.items() if v[name])),
        "residual": (v.r, *residuals),
        "probability": (v.q, cross_entropy(p, q), kl_divergence(p, q), expected_brier_score(q, p)),
        "saturation": (sigmoid(v.z), *slopes),
        "outlier": at.values(),
    }


def _output_units(v: Values) -> Mapping[str, Numbers]:
    few = make_two_classes(20, 1.0, seed=1)
    bias, weight = fit_logistic(few, learning_rate=0.5, steps=400).weights[-1]
    logits = bias + weight * few.x_held_out
    made = {
        "temperature": iter((v.t, tempered_nll(logits, few.y_held_out, v.t), mean_confidence(logits, v.t))),
        "five": (v.mu, np.mean((np.array(FIVE) - v.mu) ** 2), gaussian_nll(FIVE, v.mu, v.width)),
    }
    if v.layer == "linear":
        data = make_regression_data(v.n, v.noise, seed=v.seed)
        how: Any = {"degree": v.degree, "sigma": v.sigma, "learn_sigma": bool(v.learn)}
        trail = fit_linear(data, learning_rate=v.rate, steps=v.step, weight_decay=v.decay, **how)
        made["main"] = (trail.steps, trail.nll[-1], trail.held_out_nll[-1])
    return made


def _people(v: Values) -> Summary:
    if v.data == "five":
        return summarize(FIVE)
    if v.data == "waiting":
        return summarize(sample_waits(v.n, WAIT, seed=v.seed))
    return summarize(sample_heights(v.n, v.true_mu, v.true_sigma, seed=v.seed))


def _heights(v: Values) -> Mapping[str, Numbers]:
    crowd = _people(v)
    mu, sigma = (v.mu_b, v.sigma_b) if v.climber == "b" else (v.mu, v.sigma)
    trail = gaussian_ascent(crowd, mu, sigma, method=v.method, learning_rate=v.lr, steps=v.step)
    costs = -log_likelihood(crowd, [v.mu, v.mu_b], [v.sigma, v.sigma_b]) / crowd.n
    made = {
        "main": costs,
        "climb": (v.step, *trail.points[-1], crowd.n * trail.values[-1]),
    }
    return made | ({"truth": fit(crowd)[:2]} if crowd.n > 1 else {})


def _counts(v: Values) -> Mapping[str, Numbers]:
    p, q = (distribution(v.many(stem))[0] for stem in "pq")
    counts = even_counts(p, [v.n])[0] if v.draw == "exact" else running_counts(p, [v.n], seed=v.seed)[0]
    parts, smoothed = identity(counts, q), with_pseudo_counts(counts, v.alpha)
    theirs: NDArray[np.float64] = best_with_first(counts, [v.theta])
    return {
        "main": (*counts, parts.mean_nll, parts.entropy, parts.kl_divergence),
        "order": (v.theta, mean_nll(counts, theirs)[0], parts.entropy),
        "fresh": (v.alpha, mean_nll(counts, smoothed), cross_entropy(p, smoothed)),
    }


def _pytorch(v: Values) -> Mapping[str, Numbers]:
    z = [v.z1, v.z2, v.z3]
    fed: Any = {"logits": z, "softmax": softmax(z), "log_softmax": log_softmax(z)}[v.feed]
    onehot = np.eye(3)[v.y]
    called: dict[str, Callable[[], Any]] = {
        "NLLLoss": lambda: nll_loss(fed, v.y),
        "CrossEntropyLoss": lambda: cross_entropy_loss(fed, v.y),
        "KLDivLoss": lambda: kl_div_loss(fed, onehot, reduction="sum"),
        "BCEWithLogitsLoss": lambda: binary_cross_entropy_with_logits(fed, onehot),
        "GaussianNLLLoss": lambda: gaussian_nll_loss(fed, onehot, 1.0),
    }
    p, q = (distribution([v[f"{stem}{i}"] for i in "123"])[0] for stem in "pq")
    return {
        "main": (called[v.loss](),),
        "kl": (kl_divergence(p, q),),
        "binary": (v.logit, binary_cross_entropy_with_logits(v.logit, float(v.target))),
        "zero": (v.q, cross_entropy([1.0, 0.0], [v.q, 1.0 - v.q])),
        "gauss": (v.mean, gaussian_nll_loss(v.mean, v.observed, v.sigma**2)),
    }


def _quiz(v: Values) -> Mapping[str, Numbers]:
    return {"question": (v.q, sum(key[0] == "a" and v[key] != "" for key in v))}


def _confidence(v: Values) -> Mapping[str, Numbers]:
    rows = given(v.data)
    ours, theirs = (slice(0, None, 2), slice(1, None, 2)) if v.split == "half" else (slice(None), slice(None))
    logits, labels = rows.logits[theirs], rows.labels[theirs]
    probs = softmax(logits / v.t, axis=1)
    steps = fit_temperature(rows.logits[ours], rows.labels[ours]).steps
    row = min(v.step, len(steps) - 1)
    return {
        "main": (
            v.t,
            v.bins,
            temperature_nll(logits, labels, v.t),
            # Of the base rate it is 0 but for the rounding of sums.
            np.round(expected_calibration_error(probs, labels, bins=v.bins, by=v.by), 14),
            probs.max(axis=1).mean(),
            np.mean(logits.argmax(axis=1) == labels),
        ),
        "newton": (row, steps[row], temperature_nll(rows.logits[ours], rows.labels[ours], steps[row])),
    }


# Lesson -> section -> the numbers of its sentence, in their order.
NUMBERS: Mapping[str, Callable[[Values], Mapping[str, Numbers]]] = {
    "home": _home,
    "softmax": _softmax,
    "nll": _nll,
    "cross_entropy": _cross_entropy,
    "losses": _losses,
    "output_units": _output_units,
    "heights": _heights,
    "counts": _counts,
    "pytorch": _pytorch,
    "confidence": _confidence,
    "quiz": _quiz,
}


def expected(name: str, values: Values) -> dict[str, list[float]]:
    """Return the numbers that each section of a lesson says in a state.

    Of a lesson that is not here its own test holds what it says.
    """
    if name not in NUMBERS:
        return {}
    with np.errstate(all="ignore"):
        return {section: [float(n) for n in given] for section, given in NUMBERS[name](values).items()}
