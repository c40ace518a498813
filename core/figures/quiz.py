"""Figures of the questions: what each claim would give, who is right, and which questions are answered."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from core import exponential, gaussian, losses, margins, sigmoid
from core.calibration import Scores, expected_calibration_error, temperature_nll
from core.categorical import mean_nll, sample_counts, with_pseudo_counts
from core.digits import held_out_digits
from core.figures.marks import Look, bars, dots, hidden_axis, picture, written
from core.figures.text import lines, number, part, texts
from core.figures.theme import Figure, Sketch, axis, label, pressed
from core.information import cross_entropy, entropy, kl_divergence, nats_to_bits
from core.regression import fit_linear, make_regression_data, make_three_classes
from core.softmax import log_softmax, softmax, softmax_jacobian

OPTIONS = ("1", "2", "3")
ROW = 12  # so many questions stand side by side
ABSENT = -1  # none of the bars is what is right
BLANK = "\u00a0"  # where plotly finds no text at all, it never writes one there again
MARK = "\u2063"  # stands around a number in a sentence, and is not to be seen

CAT, HORSE, DOG = (5.0, 4.0, 2.0), (4.0, 2.0, 8.0), (4.0, 4.0, 1.0)
BATCH, LABELS = (CAT, HORSE, DOG), (0, 2, 1)
TRUTH, MODEL = (0.8, 0.1, 0.1), (0.2, 0.2, 0.6)
FIVE = (1.0, 4.0, 5.0, 6.0, 9.0)
TRAP = (0.1, 0.1, 0.8)


@dataclass(frozen=True)
class Facts:
    """What is computed for a question.

    Attributes
    ----------
    bars : tuple of float
        Three amounts, one or more of which a claim stands for; infinity is drawn as infinity.
    right : int
        Which of them is what really comes out, or ``ABSENT``.
    more : mapping
        Further numbers that the explanation names.
    """

    bars: tuple[float, float, float]
    right: int
    more: Mapping[str, float] = field(default_factory=dict)

    @property
    def places(self) -> dict[str, str]:
        """The numbers as the explanation writes them, each between two marks."""
        named = {f"b{i}": value for i, value in enumerate(self.bars, start=1)} | dict(self.more)
        return {name: f"{MARK}{number(value)}{MARK}" for name, value in named.items()}


def _shift() -> Facts:
    """Return the first class's probability, had all scores become equal or one enormous, and as it is."""
    moved = [z + 100.0 for z in CAT]
    return Facts((1.0, 1.0 / 3.0, float(softmax(moved)[0])), 2, {"before": float(softmax(CAT)[0])})


def _denominator() -> Facts:
    """Return exp of the first score over the sums of one picture, of one class, and of everything."""
    powers = np.exp(np.array(BATCH))
    own = float(powers[0, 0])
    return Facts(
        (own / float(powers[:, 0].sum()), own / float(powers[0].sum()), own / float(powers.sum())),
        1,
        {"exp": own, "sum": float(powers[0].sum())},
    )


def _calibration() -> Facts:
    """Return what the same scores say at three temperatures."""
    cold, usual, warm = (float(softmax(HORSE, temperature=t)[2]) for t in (0.05, 1.0, 10.0))
    return Facts((cold, usual, warm), ABSENT)


def _slope_of_true() -> Facts:
    """Return the slope of the true class's probability in a wrong class's score, and two that it is not."""
    slopes = softmax_jacobian(CAT)
    p = softmax(CAT)
    return Facts(
        (0.0, float(slopes[1, 1]), float(slopes[0, 1])),
        2,
        {"p": float(p[0]), "k": float(p[1]), "inner": -1.0 / float(p[0])},
    )


def _whose_probability() -> Facts:
    """Return −log of the largest output, of the label's, and of all, for a picture with another label."""
    costs = -log_softmax(CAT)
    return Facts((float(costs.min()), float(costs[2]), float(costs.sum())), 1)


def _wrong_class() -> Facts:
    """Return p − 1, 0 and p for a wrong class, and what a finite difference finds."""
    slopes = losses.cross_entropy_gradient(CAT, 0)
    tried = losses.finite_difference(lambda z: -float(log_softmax(z)[0]), CAT, 1e-5)
    p = float(softmax(CAT)[1])
    return Facts((p - 1.0, 0.0, float(slopes[1])), 2, {"tried": float(tried[1])})


def _one_term() -> Facts:
    """Return the loss of the true class alone, with the others' −log(1 − p), and the mean over classes."""
    costs, p = -log_softmax(CAT), softmax(CAT)
    others = -np.log1p(-p[1:]).sum()
    return Facts((float(costs[0]), float(costs[0] + others), float(costs.mean())), 0)


def _batch() -> Facts:
    """Return the sum, the mean and the largest of three losses."""
    each = np.asarray(losses.cross_entropy_loss(BATCH, LABELS, reduction="none"))
    rough = -np.log(np.round([softmax(row)[y] for row, y in zip(BATCH, LABELS, strict=True)], 2))
    return Facts(
        (
            float(each.sum()),
            float(losses.cross_entropy_loss(BATCH, LABELS)),
            float(each.max()),
        ),
        1,
        {"rough": float(rough.sum())},
    )


def _letters() -> Facts:
    """Return the cross-entropy with the letters swapped, as it is, and with the truth in both places."""
    return Facts(
        (float(cross_entropy(MODEL, TRUTH)), float(cross_entropy(TRUTH, MODEL)), float(entropy(TRUTH))), 1
    )


def _floor() -> Facts:
    """Return KL, the log of the number of outcomes, and the cross-entropy, where the model is the truth."""
    return Facts(
        (float(kl_divergence(TRUTH, TRUTH)), math.log(len(TRUTH)), float(cross_entropy(TRUTH, TRUTH))), 2
    )


def _bits() -> Facts:
    """Return in bits what tells two distributions apart, the length of a message, and its least length."""
    amounts = (kl_divergence(TRUTH, MODEL), cross_entropy(TRUTH, MODEL), entropy(TRUTH))
    apart, length, least = (float(nats_to_bits(amount)) for amount in amounts)
    return Facts((apart, length, least), 1)


def _overlap() -> Facts:
    """Return the cross-entropy of a certainty with its opposite, with itself, and with indifference."""
    sure = (1.0, 0.0)
    opposite, same, half = (float(cross_entropy(sure, q)) for q in ((0.0, 1.0), sure, (0.5, 0.5)))
    return Facts((opposite, same, half), 0)


def _likelihood() -> Facts:
    """Return KL, the mean NLL and the cross-entropy for ten draws and a model."""
    counts = (8, 1, 1)
    return Facts(
        (
            float(kl_divergence(TRUTH, MODEL)),
            float(mean_nll(counts, MODEL)),
            float(cross_entropy(TRUTH, MODEL)),
        ),
        1,
    )


def _best_model() -> Facts:
    """Return the mean NLL of ten draws under the truth, their own frequencies, and the uniform model."""
    drawn = sample_counts(TRUTH, 10, seed=1)
    models = (np.array(TRUTH), drawn / 10, np.full(3, 1.0 / 3.0))
    truth, own, uniform = (float(mean_nll(drawn, model)) for model in models)
    return Facts((truth, own, uniform), 1, {f"n{i}": float(n) for i, n in enumerate(drawn.tolist(), start=1)})


def _normal() -> Facts:
    """Return what waiting times cost under the best normal curve and under the truth, and the difference."""
    mean = 10.0
    floor, price = exponential.entropy(mean), exponential.kl_to_gaussian(mean, mean, mean)
    return Facts((floor + price, floor, price), ABSENT)


def _density() -> Facts:
    """Return the height of one curve per centimetre and per metre, and its area."""
    per_cm, per_m = (float(gaussian.density(mu, mu, s)) for mu, s in ((172.0, 4.8), (1.72, 0.048)))
    area = float(gaussian.interval_probability(-math.inf, math.inf, 172.0, 4.8))
    return Facts((per_cm, per_m, area), ABSENT)


def _curve() -> Facts:
    """Return two log-likelihoods of five points, and their difference."""
    data = gaussian.summarize(FIVE)
    sigma = gaussian.unbiased_sigma(data)
    a, b = (float(gaussian.log_likelihood(data, mu, sigma)) for mu in (5.0, 10.0))
    return Facts((a, b, a - b), 2, {"a": math.exp(a), "b": math.exp(b), "ratio": math.exp(a - b)})


def _saturation() -> Facts:
    """Return the slopes of two losses of a sigmoid that is badly wrong, and the most that one ever has."""
    z, steepest = -6.0, -math.log(2.0)
    return Facts(
        (
            float(sigmoid.sigmoid_squared_error_slope(z, 1)),
            float(sigmoid.sigmoid_cross_entropy_slope(z, 1)),
            float(sigmoid.sigmoid_squared_error_slope(steepest, 1)),
        ),
        1,
        {"p": float(sigmoid.sigmoid(z))},
    )


def _discrete() -> Facts:
    """Return how many different inputs and labels there are, and over how many outcomes the sum runs."""
    data = make_three_classes(60, 1.0, seed=3)
    inputs, labels = (float(len(np.unique(each, axis=0))) for each in (data.x, data.y))
    return Facts((inputs, labels, float(data.y.max() + 1)), 1, {"first": float(data.x[0, 0])})


def _overfit() -> Facts:
    """Return the held-out NLL of a stiff and of a flexible polynomial, and the training NLL of the latter."""
    data = make_regression_data(15, 0.3, seed=2)
    trails = [fit_linear(data, degree=degree, sigma=0.3, learning_rate=0.01, steps=400) for degree in (3, 12)]
    (stiff, flexible), (held, held_12) = (
        [float(getattr(trail, name)[-1]) for trail in trails] for name in ("nll", "held_out_nll")
    )
    decayed = fit_linear(data, degree=12, sigma=0.3, learning_rate=0.01, steps=400, weight_decay=2.0)
    more = {"train": stiff, "decayed": float(decayed.held_out_nll[-1])}
    return Facts((flexible, held, held_12), ABSENT, more)


def _picks() -> Facts:
    """Return what CrossEntropyLoss gives for scores, and what NLLLoss does."""
    return Facts(
        (float(losses.cross_entropy_loss(CAT, 0)), float(losses.nll_loss(CAT, 0)), -math.log(CAT[0])), 1
    )


def _negative() -> Facts:
    """Return NLLLoss of probabilities and of their logarithms, and CrossEntropyLoss of the logarithms."""
    logs = np.log(TRAP)
    return Facts(
        (
            float(losses.nll_loss(TRAP, 2)),
            float(losses.nll_loss(logs, 2)),
            float(losses.cross_entropy_loss(logs, 2)),
        ),
        1,
    )


def _without_log() -> Facts:
    """Return how hard −log p and −p pull the true class's score, where p is 0.1, and −p where p is 0.001."""
    p, tiny = TRAP[0], 0.001
    full = float(losses.cross_entropy_gradient(np.log(TRAP), 0)[0])
    return Facts((full, p * full, tiny * (tiny - 1.0)), 1)


def _twice() -> Facts:
    """Return 0, the loss of guessing, and the least that softmax twice can reach, for three classes."""
    certain = (1.0, 0.0, 0.0)
    return Facts((0.0, math.log(3.0), float(losses.cross_entropy_loss(certain, 0))), 2)


def _direction() -> Facts:
    """Return KL(q||p), KL(p||q) and KL(p||p) for a model that rules out a thing that happens."""
    p, q = (0.5, 0.25, 0.25), (0.5, 0.5, 0.0)
    return Facts((float(kl_divergence(q, p)), float(kl_divergence(p, q)), float(kl_divergence(p, p))), 1)


def _unseen() -> Facts:
    """Return what new draws cost under frequencies with a pseudo-count each, without, and under the truth."""
    drawn = sample_counts(TRUTH, 10, seed=2)  # 9, 1 and 0 balls
    smoothed, plain = (with_pseudo_counts(drawn, alpha) for alpha in (1.0, 0.0))
    costs = (cross_entropy(TRUTH, smoothed), cross_entropy(TRUTH, plain), entropy(TRUTH))
    return Facts((float(costs[0]), float(costs[1]), float(costs[2])), 0, {"p3": float(smoothed[2])})


def _place_of_top() -> Facts:
    """Return the greatest log-likelihood of five points, a lower one, and the mean where it is greatest."""
    data = gaussian.summarize(FIVE)
    mu, sigma = gaussian.fit(data)
    top, lower = (float(gaussian.log_likelihood(data, m, sigma)) for m in (mu, 10.0))
    return Facts((top, lower, float(mu)), 2)


def _bound() -> Facts:
    """Return the log loss in base e, in base 2 and the 0/1 loss where the margin is 0."""
    natural, binary, mistakes = (
        float(margins.MARGIN_LOSSES[name].loss(0.0)) for name in ("log", "log2", "zero_one")
    )
    return Facts((natural, binary, mistakes), 1)


def _flat() -> Facts:
    """Return the slopes of the 0/1 loss, the hinge and the log loss for a sample on the wrong side."""
    flat, hinge, log = (
        float(margins.MARGIN_LOSSES[name].slope(-2.0)) for name in ("zero_one", "hinge", "log")
    )
    return Facts((flat, hinge, log), 0)


def _learned_sigma() -> Facts:
    """Return the mean NLL of five points for a prediction beside their mean, each with its best sigma."""
    data = gaussian.summarize(FIVE)

    def cost(mu: float, sigma: float) -> float:
        return -float(gaussian.log_likelihood(data, mu, sigma)) / data.n

    mu, sigma = (float(value) for value in gaussian.fit(data))
    beside = math.sqrt(sigma * sigma + 1.0)  # the best sigma for a prediction that is 1 off
    return Facts(
        (cost(mu + 1.0, beside), cost(mu + 1.0, 10.0), cost(mu, sigma)), 2, {"s": sigma, "s6": beside}
    )


def _variance() -> Facts:
    """Return GaussianNLLLoss of one height with the deviation, the variance, and the log of the variance."""
    third = (4.8, 4.8**2, math.log(4.8**2))
    deviation, variance, log = (float(losses.gaussian_nll_loss(172.0, 180.0, var)) for var in third)
    return Facts((deviation, variance, log), 1, {"var": third[1]})


def _batch_axis() -> Facts:
    """Return batchmean of one distribution without a batch axis, with one, and the sum."""
    log_q = np.log(MODEL)
    bare, batched = (
        float(losses.kl_div_loss(log_q.reshape(shape), np.reshape(TRUTH, shape), reduction="batchmean"))
        for shape in ((3,), (1, 3))
    )
    return Facts((bare, batched, float(losses.kl_div_loss(log_q, TRUTH, reduction="sum"))), 0)


def _order_stays() -> Facts:
    """Return mean confidence and share right of held-out digits, before and after one T for all logits."""
    digits = held_out_digits()
    scores = Scores(digits.logits[1::2], digits.labels[1::2])
    before, after = scores.at(1.0), scores.at(2.23)
    sure, calm = float(before.confidence.mean()), float(after.confidence.mean())
    return Facts((sure, float(scores.right.mean()), calm), 1, {"before": before.nll, "after": after.nll})


def _base_rate() -> Facts:
    """Return calibration error, share wrong and NLL of whoever answers with the base rate of the digits."""
    labels = held_out_digits().labels
    base = np.tile(np.bincount(labels) / labels.size, (labels.size, 1))
    # Its sums are exact but for rounding.
    error = round(expected_calibration_error(base, labels), 12)
    wrong = 1.0 - float(base[0].max())
    return Facts((error, wrong, float(entropy(base[0]))), 0, {"p": 1.0 - wrong})


def _nothing_to_fit() -> Facts:
    """Return the NLL of digits that are all right, at three temperatures, the coldest last."""
    digits = held_out_digits()
    right = digits.logits.argmax(axis=1) == digits.labels
    warm, usual, cold = temperature_nll(digits.logits[right], digits.labels[right], [2.0, 1.0, 0.5]).tolist()
    return Facts((warm, usual, cold), ABSENT)


@dataclass(frozen=True)
class Question:
    """A question: its lesson, the right option, how its facts are computed, the order of its options.

    An address names an option ("2"), never a place: the order may mix what is right, and links stay right.
    """

    lesson: str
    right: str
    compute: Callable[[], Facts]
    order: str


# Their numbers stand in addresses: none is ever given to another question. Two rounds, each in the order of
# the lessons.
QUESTIONS: tuple[Question, ...] = (
    Question("softmax", "3", _shift, "312"),
    Question("softmax", "2", _denominator, "312"),
    Question("softmax", "3", _calibration, "231"),
    Question("softmax", "3", _slope_of_true, "213"),
    Question("nll", "2", _whose_probability, "132"),
    Question("nll", "3", _wrong_class, "312"),
    Question("nll", "1", _one_term, "123"),
    Question("nll", "2", _batch, "312"),
    Question("cross_entropy", "2", _letters, "213"),
    Question("cross_entropy", "3", _floor, "123"),
    Question("cross_entropy", "2", _bits, "123"),
    Question("cross_entropy", "1", _overlap, "231"),
    Question("counts", "2", _likelihood, "213"),
    Question("counts", "2", _best_model, "123"),
    Question("heights", "3", _normal, "321"),
    Question("heights", "2", _density, "231"),
    Question("heights", "3", _curve, "231"),
    Question("losses", "2", _saturation, "213"),
    Question("output_units", "2", _discrete, "321"),
    Question("output_units", "2", _overfit, "132"),
    Question("pytorch", "2", _picks, "123"),
    Question("pytorch", "2", _negative, "132"),
    Question("pytorch", "1", _without_log, "123"),
    Question("pytorch", "3", _twice, "312"),
    Question("cross_entropy", "2", _direction, "132"),
    Question("counts", "1", _unseen, "321"),
    Question("heights", "3", _place_of_top, "231"),
    Question("losses", "2", _bound, "123"),
    Question("losses", "1", _flat, "231"),
    Question("output_units", "3", _learned_sigma, "231"),
    Question("pytorch", "2", _variance, "321"),
    Question("pytorch", "1", _batch_axis, "132"),
    Question("confidence", "2", _order_stays, "213"),
    Question("confidence", "1", _base_rate, "312"),
    Question("confidence", "3", _nothing_to_fit, "123"),
)
COUNT = len(QUESTIONS)
Answers: TypeAlias = Sequence[str]


@lru_cache(maxsize=COUNT)
def facts(q: int) -> Facts:
    """Return what is computed for question ``q``, counted from 1."""
    return QUESTIONS[q - 1].compute()


def is_right(q: int, answer: str) -> bool:
    """Return whether ``answer`` is the right option of question ``q``.

    Examples
    --------
    >>> is_right(1, "3"), is_right(1, "1"), is_right(1, "")
    (True, False, False)
    """
    return answer == QUESTIONS[q - 1].right


def result(q: int, answer: str) -> str:
    """Return "open", "right" or "wrong".

    Examples
    --------
    >>> result(1, ""), result(1, "3"), result(1, "1")
    ('open', 'right', 'wrong')
    """
    return "open" if not answer else "right" if is_right(q, answer) else "wrong"


def score(answers: Answers) -> tuple[int, int]:
    """Return how many questions are answered, and how many of them rightly.

    Examples
    --------
    >>> score(["3", "1", *[""] * 30])
    (2, 1)
    """
    right = sum(is_right(q, answer) for q, answer in enumerate(answers, start=1))
    return sum(bool(answer) for answer in answers), right


def next_open(q: int, answers: Answers) -> int:
    """Return the next question without an answer, beginning again at the front, or 0 where none is left.

    Examples
    --------
    >>> next_open(1, ["3", "1", *[""] * 33]), next_open(35, ["", *["1"] * 34]), next_open(1, ["1"] * 35)
    (3, 1, 0)
    """
    order = [*range(q + 1, COUNT + 1), *range(1, q + 1)]
    return next((i for i in order if not answers[i - 1]), 0)


# ----------------------------------------------------------------------------------------------- progress

HERE = Look("ink")
_GROUND = {"open": "@rest/0.12", "right": "@truth/0.35", "wrong": "@loss/0.35"}
_TICKS = {"open": BLANK, "right": "✓", "wrong": "✗"}


def progress(q: int, answers: Answers, words: dict[str, str]) -> Figure:
    """Return a square for each question: open, right or wrong, and a ring around the present one.

    Parameters
    ----------
    q : int
        The present question, from 1.
    answers : sequence of str
        What was answered; an empty text where nothing was.
    words : dict
        ``title``, ``alt``, ``caption``, ``open``, ``right``, ``wrong``.
    """
    x = np.arange(COUNT) % ROW
    y = np.arange(COUNT) // ROW
    states = [result(i, answer) for i, answer in enumerate(answers, start=1)]
    numbers = [str(i) for i in range(1, COUNT + 1)]
    said = [f"{i}: {words[state]}" for i, state in zip(numbers, states, strict=True)]
    squares = {
        "mode": "markers+text",
        "marker": {
            "symbol": "square",
            "size": 25,
            "color": texts([_GROUND[state] for state in states]),
            "line": {"color": "@rest", "width": 1},
        },
        "textfont": {"size": 14, "color": "@ink"},
        "customdata": texts(said),
        "cliponaxis": False,
    }
    ring = {"symbol": "square-open", "size": 29, "color": "@ink", "line": {"color": "@ink", "width": 3}}
    return picture(
        words,
        [
            written(x, y, numbers, hover="%{customdata}", **squares),
            written(
                x,
                y + 0.48,
                [_TICKS[state] for state in states],
                textfont={"size": 15, "color": "@ink"},
                cliponaxis=False,
            ),
            dots(x[q - 1 : q], y[q - 1 : q], [HERE], marker=ring, cliponaxis=False),
            # Cell beside cell: on a phone a square alone is narrower than a finger's tip.
            *(
                pressed(text, (column - 0.49, column + 0.49), (row - 0.42, row + 0.42), {"q": i})
                for i, (text, column, row) in enumerate(zip(said, x.tolist(), y.tolist(), strict=True), 1)
            ),
        ],
        x=hidden_axis(-0.6, ROW - 0.4),
        y=hidden_axis(math.ceil(COUNT / ROW) - 0.3, -0.5),
        height=16 + 52 * math.ceil(COUNT / ROW),
        margin=(2, 2, 2, 2),
    )


# ------------------------------------------------------------------------------------- verdict and evidence


def verdict(q: int, answer: str, right: str, words: dict[str, str]) -> dict[str, Any]:
    """Return whether the answer is right, and why; before the answer, that it comes first.

    Parameters
    ----------
    q : int
        The question, from 1.
    answer : str
        The option chosen, or an empty text.
    right : str
        The right option in words.
    words : dict
        ``first``, ``right``, ``wrong``, ``why``.
    """
    if not answer:
        return lines([words["first"]])
    good = is_right(q, answer)
    said = part(f"✓ {words['right']}", "truth", strong=True)
    if not good:
        said = part(f"✗ {words['wrong']}", "loss", strong=True)
    found = facts(q)
    marked = number(found.bars[found.right]) if found.right != ABSENT else ""
    pieces = [
        part(piece, "truth" if piece == marked else "", strong=True) if i % 2 else piece
        for i, piece in enumerate(words["why"].split(MARK))
    ]
    return lines([said, " ", right], [piece for piece in pieces if piece])


def plain(why: str) -> str:
    """Return a sentence without the marks around its numbers.

    Examples
    --------
    >>> plain(f"It is {MARK}0.5{MARK}.")
    'It is 0.5.'
    """
    return why.replace(MARK, "")


def evidence(q: int, answered: bool, words: dict[str, str]) -> Figure:
    """Return a bar for each amount that the question is about; covered until there is an answer.

    Parameters
    ----------
    q : int
        The question, from 1.
    answered : bool
        Whether the bars may be seen.
    words : dict
        ``alt``, ``caption``, ``no_tick``, ``covered``, ``cover``, ``hover``; with an answer also ``title``,
        ``x``, ``b1`` to ``b3``, what the bars are.
    """
    rows = np.arange(3)
    right = facts(q).right if answered else ABSENT
    if answered:
        found = facts(q)
        finite = np.array([0.0 if math.isinf(b) else b for b in found.bars])
        low, high = min(float(finite.min()), 0.0), max(float(finite.max()), 0.0)
        ends = [number(b) for b in found.bars]
        names = [f"<b>✓ {words[f'b{i + 1}']}</b>" if i == right else words[f"b{i + 1}"] for i in range(3)]
        tones = ["@truth" if i == right else "@rest" for i in range(3)]
        endless = next((i for i, b in enumerate(found.bars) if math.isinf(b)), ABSENT)
    else:
        finite, low, high = np.ones(3), 0.0, 1.0
        ends, names, tones, endless = ["?"] * 3, [""] * 3, ["@rest/0.15"] * 3, ABSENT
    # Room for the number beside the longest bar, on the side to which it goes.
    room = 0.34 * (high - low)
    limits = (low - (room if low < 0.0 else 0.0), high + (room if high > 0.0 else 0.06 * room))
    return picture(
        words
        | {"title": words["title"] if answered else words["covered"]}
        | {"caption": words["caption" if right != ABSENT else "no_tick"] if answered else words["cover"]},
        [
            bars(
                finite,
                rows,
                HERE,
                said=[BLANK if i == endless else end for i, end in enumerate(ends)],
                hover=words["hover"] if answered else "?",
                width=0.36,
                marker={"color": texts(tones), "line": {"color": "@rest", "width": 1}},
                customdata=texts(names),
            ),
            *(
                label(name, 0.0, i - 0.2, xref="paper", xanchor="left", yanchor="bottom", xshift=3)
                for i, name in enumerate(names)
            ),
            {
                # Infinity leaves the axis as an arrow.
                "text": "∞",
                "x": 1.0,
                "xref": "paper",
                "y": max(endless, 0),
                "ax": -90,
                "ay": 0,
                "showarrow": True,
                "arrowhead": 2,
                "arrowwidth": 4,
                "arrowcolor": tones[endless] if endless >= 0 else "@rest",
                "font": {"size": 24, "color": "@ink"},
                "opacity": 1.0 if endless >= 0 else 0.0,
            },
        ],
        x=axis(words["x"] if answered else "", limits, zeroline=True, nticks=6, visible=answered),
        y=hidden_axis(2.45, -0.75),
        height=256,
        margin=(4, 12, 54, 12),
    )


# ------------------------------------------------------------------------------------------ the answers' file


def table_of_answers(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    r"""Return a table as a CSV file that spreadsheets open with the right letters.

    Examples
    --------
    >>> table_of_answers(["a", "b"], [["1", "x,\u2060 y"]]).decode("utf-8-sig")
    'a,b\r\n1,"x, y"\r\n'
    """
    out = io.StringIO(newline="")
    csv.writer(out).writerows([head, *rows])
    # What keeps lines of a page together would be a strange sign in a spreadsheet.
    return out.getvalue().replace("\u2060", "").encode("utf-8-sig")


# What is said at rest ---------------------------------------------------------------------------------------


def said(q: int, answers: Answers) -> dict[str, str]:
    """Return the numbers of what is said at rest: how many are right of those that are answered."""
    answered, good = score(answers)
    return {"q": str(q), "n": str(COUNT), "answered": str(answered), "right": str(good)}


def sketch() -> Sketch:
    """Return the small picture for the map of lessons: a question mark's curve and its dot, then a tick."""
    turn = np.linspace(math.pi, -0.35 * math.pi, 40)
    hook = (0.25 + 0.11 * np.cos(turn), 0.72 + 0.2 * np.sin(turn), "q")
    stem = (np.array([0.30, 0.25, 0.25]), np.array([0.545, 0.42, 0.3]), "q")
    dot = (np.array([0.248, 0.252]), np.array([0.1, 0.1]), "q")
    tick = (np.array([0.56, 0.68, 0.9]), np.array([0.45, 0.15, 0.85]), "truth")
    return [hook, stem, dot, tick], (0.0, 1.0)
