"""core.calibration against torch, SciPy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
import torch
import torch.nn.functional as F  # noqa: N812
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from core.calibration import (
    best_temperature,
    brier_decomposition,
    expected_calibration_error,
    fit_temperature,
    reliability,
    temperature_nll,
    tempered_nll,
)
from core.softmax import softmax
from tests.close import EXACT


def drawn(seed, n=400, k=5):
    """Scores, and labels drawn from them at a temperature between a half and five."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=3.0, size=(n, k))
    chances = softmax(logits / rng.uniform(0.5, 5.0))
    return logits, (rng.random((n, 1)) > chances.cumsum(axis=-1)[:, :-1]).sum(axis=-1)


@pytest.mark.parametrize("seed", range(8))
def test_the_least_nll_of_two_classes(seed):
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=3.0, size=60)
    labels = (rng.random(60) < 1.0 / (1.0 + np.exp(-0.6 * logits))).astype(float)

    def theirs(temperature):
        value = F.binary_cross_entropy_with_logits(torch.tensor(logits / temperature), torch.tensor(labels))
        return float(value)

    for temperature in (0.3, 1.0, 4.0):
        assert tempered_nll(logits, labels, temperature) == pytest.approx(theirs(temperature), rel=1e-12)
    found = scipy.optimize.minimize_scalar(lambda t: theirs(np.exp(t)), bracket=(-1.0, 1.0), tol=1e-12)
    assert best_temperature(logits, labels) == pytest.approx(float(np.exp(found.x)), rel=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_the_least_nll(seed):
    logits, labels = drawn(seed)
    rows, truth = torch.tensor(logits), torch.tensor(labels)
    temperatures = np.array([0.05, 0.4, 1.0, 3.0, 20.0])
    theirs = [float(F.cross_entropy(rows / t, truth)) for t in temperatures]
    assert temperature_nll(logits, labels, temperatures) == pytest.approx(theirs, rel=EXACT)
    # As those do who fit it with torch.
    inverse = torch.ones(1, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([inverse], lr=0.5, max_iter=500, tolerance_grad=1e-14, tolerance_change=1e-16)

    def loss():
        search.zero_grad()
        value = F.cross_entropy(rows * inverse, truth)
        value.backward()
        return value

    search.step(loss)
    found = fit_temperature(logits, labels)
    assert found.t == pytest.approx(1.0 / float(inverse.detach()), rel=1e-7)
    assert found.nll == pytest.approx(float(loss().detach()), rel=EXACT)
    least = scipy.optimize.minimize_scalar(
        lambda t: float(F.cross_entropy(rows / np.exp(t), truth)), bracket=(-1.0, 1.0), tol=1e-12
    )
    assert found.t == pytest.approx(float(np.exp(least.x)), rel=1e-6)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("bins", [1, 4, 15])
def test_reliability_in_bins_of_one_width(seed, bins):
    logits, labels = drawn(seed)
    probs = softmax(logits)
    confidence, right = probs.max(axis=-1), probs.argmax(axis=-1) == labels
    shares, means = calibration_curve(right, confidence, n_bins=bins)
    found = reliability(probs, labels, bins=bins)
    assert found.accuracy == pytest.approx(shares, rel=EXACT, abs=1e-15)
    assert found.confidence == pytest.approx(means, rel=EXACT)
    for share, count, interval in zip(found.accuracy, found.count, found.interval, strict=True):
        theirs = scipy.stats.binomtest(round(share * count), int(count)).proportion_ci(method="wilson")
        assert interval == pytest.approx([theirs.low, theirs.high], rel=1e-10, abs=1e-15)
    error = np.sum(found.count / labels.size * np.abs(shares - means))
    assert expected_calibration_error(probs, labels, bins=bins) == pytest.approx(error, rel=EXACT)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("bins", [1, 4, 16])
def test_reliability_in_bins_of_one_mass(seed, bins):
    logits, labels = drawn(seed)
    probs = softmax(logits)
    confidence, right = probs.max(axis=-1), probs.argmax(axis=-1) == labels
    parts = np.split(np.argsort(confidence), bins)
    found = reliability(probs, labels, bins=bins, by="mass")
    assert found.accuracy == pytest.approx([right[part].mean() for part in parts], rel=EXACT)
    assert found.confidence == pytest.approx([confidence[part].mean() for part in parts], rel=EXACT)


@pytest.mark.parametrize("seed", range(4))
def test_the_brier_score(seed):
    logits, labels = drawn(seed)
    probs = softmax(logits)
    theirs = brier_score_loss(labels, probs, labels=range(5), scale_by_half=False)
    assert brier_decomposition(probs, labels).score == pytest.approx(theirs, rel=EXACT)
