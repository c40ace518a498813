"""How each beat of the guides is done with the lesson's own controls, and what its sentences claim.

The tests of the pages hold the claims to core; the tests in a browser do what is to be done.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from core import calibration, gaussian, residuals, sigmoid, softmax
from core.categorical import mean_nll, sample_counts
from core.descent import gaussian_ascent
from core.figures import confidence, output_units
from core.information import cross_entropy, entropy, kl_divergence
from core.losses import cross_entropy_gradient, cross_entropy_loss
from pages.shared.catalog import LESSONS
from pages.shared.controls import Values
from pages.shared.lesson import Lesson
from pages.shared.wire import moved

P, Q = np.array([0.8, 0.1, 0.1]), np.array([0.2, 0.2, 0.6])
CAT, HORSE = [5.0, 4.0, 2.0], 2
FIVE = [1.0, 4.0, 5.0, 6.0, 9.0]
PEOPLE = gaussian.summarize(gaussian.sample_heights(500, 172.0, 4.8, seed=4))
TOP = gaussian.fit(PEOPLE)


class Claim(NamedTuple):
    """What does a beat, and what its sentences say.

    ``numbers`` are those that they name, as they name them, with what core says; ``holds`` tells of the state
    that is reached whether what is said of it is so, computed in another way than the page judges it.
    """

    moves: Mapping[str, Any]
    numbers: Mapping[str, float]
    holds: Callable[[Values], Any]


def lesson(name: str) -> Lesson:
    """Return a lesson's data."""
    found: Lesson = importlib.import_module(f"pages.{name}").LESSON
    return found


def begun(name: str, n: int) -> Values:
    """Return the state in which a beat begins for whoever comes first."""
    return lesson(name).beat(n, lesson(name).start)


def solved(name: str, n: int) -> Values:
    """Return the state in which a beat is done, its controls moved one after another as a hand moves them."""
    values = begun(name, n)
    for key, value in CLAIMS[name, n].moves.items():
        values = moved(lesson(name), values, {key: value})
    return values


def probabilities(v: Values) -> Any:
    """Return exp over its sum, straight from the definition."""
    raised = np.exp(np.array(v.many("z")) / v.t)
    return raised / raised.sum()


def shares(v: Values, stem: str) -> Any:
    """Return weights over their sum."""
    weights = np.array(v.many(stem))
    return weights / weights.sum()


def drop(v: Values) -> float:
    """Return how many nats curve A is below the best, for the people of the first visit."""
    return float(gaussian.drop_from_mle(PEOPLE, v.mu, v.sigma))


def fit_at(v: Values) -> tuple[float, float]:
    """Return both NLLs of a fit."""
    trail, row = output_units.at(
        output_units.Setup(**{key: v[key] for key in output_units.Setup._fields}), v.step
    )
    return float(trail.nll[row]), float(trail.held_out_nll[row])


def held(**changes: Any) -> tuple[float, float]:
    """Return both NLLs of the first lesson's fit at its end, with changes."""
    return fit_at(lesson("output_units").defaults.replace(**changes))


def rows(kind: str, which: int) -> tuple[Any, Any]:
    """Return the logits and labels that T is fitted to (0) or judged on (1)."""
    made = confidence.given(kind)
    return made.logits[which::2], made.labels[which::2]


def sure(t: float) -> float:
    """Return the mean confidence of the judged digits."""
    return float(softmax.softmax(rows("digits", 1)[0], temperature=t).max(axis=1).mean())


def right() -> float:
    """Return the share of the judged digits that are right."""
    logits, labels = rows("digits", 1)
    return float(np.mean(logits.argmax(axis=1) == labels))


def best(kind: str) -> float:
    """Return the temperature of the least NLL."""
    return float(calibration.fit_temperature(*rows(kind, 0)).t)


def newton(step: int) -> float:
    """Return where Newton's method stands."""
    found = calibration.fit_temperature(*rows("digits", 0))
    return float(found.steps[min(step, len(found.steps) - 1)])


def descended(v: Values) -> tuple[list[float], float]:
    """Return the scores and the loss after as many steps as the state says."""
    z = np.array(v.many("z"))
    for _ in range(v.step):
        z = z - v.rate * cross_entropy_gradient(z, v.y)
    return z.tolist(), float(cross_entropy_loss(z, v.y))


def costs(theta: float) -> float:
    """Return the mean NLL of the first hundred draws with theta for the first outcome."""
    counts = sample_counts(P, 100, seed=1)
    others = (1 - theta) * counts[1:] / counts[1:].sum()
    return float(mean_nll(counts, [theta, *others]))


def fresh(alpha: float) -> tuple[float, float]:
    """Return what ten draws without yellow cost with imaginary ones: the old draws, and new ones."""
    counts = sample_counts(P, 10, seed=2)
    model = (counts + alpha) / (counts + alpha).sum()
    return float(mean_nll(counts, model)), float(cross_entropy(P, model))


def log_l(mu: float, sigma: float) -> float:
    """Return the log-likelihood of the five points."""
    return float(gaussian.log_density(FIVE, mu, sigma).sum())


def climbed(v: Values) -> Values:
    """Return the state with curve A where its climb has come to."""
    trail = gaussian_ascent(PEOPLE, v.mu, v.sigma, method=v.method, learning_rate=v.lr, steps=60)
    mu, sigma = trail.points[min(v.step, trail.steps)].tolist()
    return v.replace(mu=mu, sigma=sigma)


def cell(feed: str, loss: str, logits: Any, y: int) -> float:
    """Return what a loss gives for what goes in."""
    fed = {"logits": np.array, "softmax": softmax.softmax, "log_softmax": softmax.log_softmax}[feed](logits)
    return float(-fed[y] if loss == "NLLLoss" else cross_entropy_loss(fed, y))


def weighted(share: float) -> float:
    """Return the mean loss of the three pictures, with a share of the weights 1, 0.2, 0.1."""
    scores = [(5.0, 4.0, 2.0), (4.0, 2.0, 8.0), (4.0, 4.0, 1.0)]
    return float(cross_entropy_loss(scores, [0, 2, 1], weight=[share, 0.2 * share, 0.1 * share]))


BATCH = [softmax.softmax(row)[y] for row, y in (((5, 4, 2), 0), ((4, 2, 8), 2), ((4, 4, 1), 1))]
TEN = sample_counts(P, 10, seed=1)
CATS = softmax.softmax(CAT)
TRAP = (0.0, 0.0, 2.0794415)

CLAIMS: dict[tuple[str, int], Claim] = {
    ("softmax", 1): Claim(
        {"z1": 4.0}, {"0": 0.0}, lambda v: probabilities(v)[0] == probabilities(v)[1] and v.z1 == v.z2
    ),
    ("softmax", 2): Claim(
        {"t": 10.0},
        {"0.4": 0.4},
        lambda v: probabilities(v)[0] < 0.4 and list(np.argsort(probabilities(v))) == [2, 1, 0],
    ),
    ("softmax", 3): Claim(
        {"t": 0.2}, {"0.99": 0.99, "0": 0.0}, lambda v: probabilities(v)[0] > 0.99 and v.z1 == max(CAT)
    ),
    ("softmax", 4): Claim(
        {"shift": 100},
        {"100": 100},
        lambda v: np.allclose(softmax.softmax(np.array(CAT) + v.shift), CATS, rtol=1e-12),
    ),
    ("softmax", 5): Claim(
        {"z1": 2.0, "z2": 2.0},
        {"0.36": 0.36},
        lambda v: max(probabilities(v)) <= 0.36 and max(v.many("z")) - min(v.many("z")) < 0.3,
    ),
    ("nll", 1): Claim(
        {"z1": 7.0},
        {"0.1": 0.1, "0.9": 0.9, "−1": -1},
        # Of the slopes −1/p that is the flattest, and it is near.
        lambda v: -math.log(probabilities(v)[0]) < 0.1 and -1.12 < -1 / probabilities(v)[0] < -1,
    ),
    ("nll", 2): Claim(
        {"y": HORSE},
        {
            "3": float(cross_entropy_loss(CAT, HORSE)) - float(cross_entropy_loss(CAT, 0)),
            "5": CAT[0],
            "2": CAT[2],
        },
        lambda v: v.many("z") == tuple(CAT),
    ),
    ("nll", 3): Claim(
        {"guess": "down"},
        {"0.259": float(cross_entropy_gradient(CAT, 0)[1])},
        lambda v: cross_entropy_gradient(v.many("z"), v.y)[v.ask] == probabilities(v)[v.ask] > 0,
    ),
    ("nll", 4): Claim(
        {"l2": 2, "l3": 1},
        {"0.337116": float(np.prod(BATCH)), "1.08733": -float(np.sum(np.log(BATCH)))},
        lambda v: (v.l1, v.l2, v.l3) == (0, 2, 1),
    ),
    ("nll", 5): Claim(
        {"step": 100},
        {"3.35": float(cross_entropy_loss(CAT, HORSE)), "0.01": 0.01},
        lambda v: (
            descended(v)[1] < 0.01
            and [z > s for z, s in zip(descended(v)[0], CAT, strict=True)] == [False, False, True]
        ),
    ),
    ("cross_entropy", 1): Claim(
        {"q1": 1.0, "q3": 0.2},
        {"0.1": 0.1, "0.639": float(entropy(P))},
        lambda v: kl_divergence(P, shares(v, "q")) < 0.1 and np.allclose(shares(v, "p"), P),
    ),
    ("cross_entropy", 2): Claim(
        {"q1": 0.8, "q2": 0.1, "q3": 0.1},
        {"0": 0.0},
        lambda v: 0 <= kl_divergence(shares(v, "p"), shares(v, "q")) < 0.005,
    ),
    ("cross_entropy", 3): Claim(
        {"q3": 0.0},
        {"0": 0.0},
        lambda v: kl_divergence(P, shares(v, "q")) == math.inf > kl_divergence(shares(v, "q"), P),
    ),
    ("cross_entropy", 4): Claim(
        {"path": 1.0},
        {"0": float(kl_divergence(P, P)), "0.639": float(cross_entropy(P, P))},
        lambda v: np.allclose(shares(v, "p"), P) and v.path == 1,
    ),
    ("cross_entropy", 5): Claim(
        {"p2": 0.0, "p3": 0.0},
        {"0": float(entropy([1.0, 0.0, 0.0])), "1.609": -math.log(Q[0])},
        lambda v: shares(v, "p").tolist() == [1, 0, 0] and np.allclose(shares(v, "q"), Q),
    ),
    ("counts", 1): Claim(
        {"n": 100_000},
        {"100,000": 100_000, "1.4996": float(cross_entropy(P, Q)), "1": 1},
        lambda v: abs(mean_nll(sample_counts(P, v.n, seed=v.seed), Q) - cross_entropy(P, Q)) < 0.01,
    ),
    ("counts", 2): Claim(
        {"n": 1000},
        {"0": 0.0, "1": 1},
        lambda v: float(np.prod(np.repeat(Q, sample_counts(P, v.n, seed=v.seed)))) == 0,
    ),
    ("counts", 3): Claim(
        {"q1": 0.7, "q2": 0.1, "q3": 0.2},
        {"0.7": TEN[0] / 10, "0.1": TEN[1] / 10, "0.2": TEN[2] / 10, "0": 0.0},
        lambda v: kl_divergence(TEN / 10, shares(v, "q")) < 0.005 and not np.allclose(TEN / 10, P),
    ),
    ("counts", 4): Claim(
        {"theta": 0.77},
        {"0.77": float(sample_counts(P, 100, seed=1)[0]) / 100},
        lambda v: np.argmin([costs(t / 100) for t in range(1, 100)]) + 1 == round(100 * v.theta),
    ),
    ("counts", 5): Claim(
        {"alpha": 1.0},
        {"0.66": 0.66},
        lambda v: (
            fresh(v.alpha)[1] < 0.66 < fresh(0.0)[1] == math.inf
            and fresh(v.alpha)[0] > fresh(0.0)[0]
            and 0.5 < v.alpha < 1.5
        ),
    ),
    ("heights", 1): Claim(
        {"mu": 172.0},
        {"12": 184.0 - TOP.mu, "1": 1, "172.0": TOP.mu, "4.84": TOP.sigma},
        lambda v: drop(v) <= 1,
    ),
    ("heights", 2): Claim(
        {"sigma": 4.8},
        {"1": 1, "4.84": TOP.sigma},
        lambda v: drop(v) <= 1 and begun("heights", 2).sigma == 9.6,
    ),
    ("heights", 3): Claim(
        {"sigma": 2.6},
        {
            "1": 1,
            "2.915": float(np.std(FIVE, ddof=1)),
            "2.608": float(np.std(FIVE)),
        },
        lambda v: log_l(v.mu, v.sigma) > log_l(v.mu_b, v.sigma_b) and v.sigma < v.sigma_b,
    ),
    ("heights", 4): Claim(
        {"seed": 7},
        {},
        lambda v: (
            gaussian.fit(gaussian.sample_heights(v.n, v.true_mu, v.true_sigma, seed=v.seed))
            != (v.true_mu, v.true_sigma)
        ),
    ),
    ("heights", 5): Claim({"step": 60}, {"1": 1}, lambda v: drop(climbed(v)) <= 1 < drop(v)),
    ("losses", 1): Claim(
        {"m": 1.0}, {"1": 1, "0": 0.0}, lambda v: max(0, 1 - v.m) == 0 < math.log1p(math.exp(-v.m))
    ),
    ("losses", 2): Claim(
        {"m": 2.0}, {"2": 2, "1": (1.0 - 2.0) ** 2, "0": 0.0}, lambda v: (1 - v.m) ** 2 >= (1 - 0.0) ** 2
    ),
    ("losses", 3): Claim(
        {"delta": 5.0}, {"3": 3, "4.5": 3.0**2 / 2}, lambda v: abs(v.r) <= v.delta and v.r == 3
    ),
    ("losses", 4): Claim(
        {"z": -0.7},
        {"−6": -6, "1": 1, "3": 3},
        lambda v: (
            abs(sigmoid.sigmoid(v.z) - 1 / 3) < 0.1
            and sigmoid.sigmoid_squared_error_slope(-6.0, 1)
            > 0.05 * sigmoid.sigmoid_squared_error_slope(v.z, 1)
        ),
    ),
    ("losses", 5): Claim(
        {"threshold": 5.0},
        {
            "20": 20,
            "5.5": 5.5,
            "5": float(np.median([1, 4, 6, 9, 5])),
            "7.2": residuals.fit_constant([1.0, 4.0, 5.0, 6.0, 20.0], "squared"),
        },
        lambda v: v.threshold < 20 and v.outlier == 20,
    ),
    ("output_units", 1): Claim(
        {"step": 400},
        {"400": 400, "0.180": held()[0], "0.438": held()[1]},
        lambda v: fit_at(v) == held() and fit_at(v) < fit_at(v.replace(step=0)),
    ),
    ("output_units", 2): Claim(
        {"degree": 12},
        {"15": lesson("output_units").defaults.n},
        lambda v: fit_at(v)[0] < held()[0] and fit_at(v)[1] > held()[1],
    ),
    ("output_units", 3): Claim(
        {"decay": 2.0},
        {"12": 12, "1.441": held(degree=12)[1], "0.6": 0.6},
        # A little here, much there, and too much of it is worse in both.
        lambda v: (
            0 < fit_at(v)[0] - held(degree=12)[0] < held(degree=12)[1] - fit_at(v)[1]
            and all(more > less for more, less in zip(fit_at(v.replace(decay=10.0)), fit_at(v), strict=True))
        ),
    ),
    ("output_units", 4): Claim(
        {"layer": "sigmoid"}, {"1": 1}, lambda v: v.layer == "sigmoid" and v.n == 40 and v.rate == 0.5
    ),
    ("output_units", 5): Claim(
        {"mu": 5.0},
        {"5": float(np.mean(FIVE))},
        lambda v: all(
            output_units.constant(v.mu, v.width)[i] < output_units.constant(mu, v.width)[i]
            for i in (0, 1)
            for mu in (v.mu - 0.1, v.mu + 0.1)
        ),
    ),
    ("pytorch", 1): Claim(
        {"feed": "log_softmax"},
        {"−0.8": cell("softmax", "NLLLoss", TRAP, 2), "0": 0.0, "0.8": 0.8, "0.223": -math.log(0.8)},
        lambda v: math.isclose(cell(v.feed, v.loss, (v.z1, v.z2, v.z3), v.y), -math.log(0.8), rel_tol=1e-6),
    ),
    ("pytorch", 2): Claim(
        {"feed": "logits"},
        {"0.766": cell("softmax", "CrossEntropyLoss", CAT, 0), "0.349": -math.log(CATS[0])},
        lambda v: math.isclose(cell(v.feed, v.loss, CAT, 0), cell("log_softmax", v.loss, CAT, 0)),
    ),
    ("pytorch", 3): Claim(
        {"z1": 10.0},
        {"0.5": 0.5, "0": 0.0, "1": 1, "0.551": math.log(1 + 2 / math.e)},
        lambda v: cell(v.feed, v.loss, (v.z1, v.z2, v.z3), v.y) > math.log(1 + 2 / math.e) > 0.5,
    ),
    ("pytorch", 4): Claim(
        {"example": "tenth"},
        {"1": 1, "0.2": 0.2, "0.1": 0.1, "10": 10, "0.380": weighted(1.0)},
        lambda v: (v.w1, v.w2, v.w3) == (0.1, 0.02, 0.01) and math.isclose(weighted(0.1), weighted(1.0)),
    ),
    ("pytorch", 5): Claim({"q": 0.0}, {"0": 0.0, "100": 100}, lambda v: v.q == 0),
    ("confidence", 1): Claim(
        {"t": 2.01},
        {
            "0.982": sure(1.0),
            "0.948": right(),
        },
        lambda v: abs(sure(v.t) - right()) < 0.01,
    ),
    ("confidence", 2): Claim(
        {"t": 2.22},
        {"2.23": best("digits")},
        lambda v: abs(v.t - best("digits")) < 0.15,
    ),
    ("confidence", 3): Claim(
        {"t": 0.523},
        {"1": 1, "0.53": best("smoothed")},
        lambda v: abs(v.t - best("smoothed")) < 0.05,
    ),
    ("confidence", 4): Claim(
        {"t": 0.05},
        {},
        lambda v: (
            calibration.temperature_nll(*rows("right", 0), v.t)
            < calibration.temperature_nll(*rows("right", 0), 2 * v.t)
        ),
    ),
    ("confidence", 5): Claim(
        {"step": 14},
        {"2.23": newton(14)},
        lambda v: [round(newton(step), 2) == 2.23 for step in range(9)] == 7 * [False] + 2 * [True],
    ),
}
COURSE = [name for name in LESSONS if lesson(name).beats]
