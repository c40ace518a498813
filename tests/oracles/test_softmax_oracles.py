"""core.softmax against mpmath, SciPy and PyTorch."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
import scipy.special
import torch

from core.softmax import log_softmax, logits_from_probs, softmax, softmax_jacobian, temperature_path

RTOL = 1e-12
# Below the smallest normal float the spacing is absolute: a result there may be one spacing off.
TINY = 5e-324

GENERATOR = np.random.default_rng(20240917)
RANDOM = [
    (GENERATOR.normal(scale=scale, size=size) + offset, temperature)
    for scale, size, offset, temperature in [
        (1.0, 3, 0.0, 1.0),
        (3.0, 10, 0.0, 0.7),
        (3.0, 10, 1e6, 3.0),
        (100.0, 5, -1e4, 0.33),
        (300.0, 50, 0.0, 1.7),
        (1e-9, 4, 1.0, 1.0),
        (1e-9, 4, 0.0, 1e-10),
        (1.0, 500, 5.0, 0.05),
    ]
]
EXTREME = [
    (np.array([0.0, 40.0]), 1.0),
    (np.array([0.0, 700.0, 699.0]), 1.0),
    (np.array([1.0, 1.0, 1.0, -30.0]), 1.0),
    (np.array([1.0, 1.0 + 2**-52]), 2**-52),
    (np.array([1e308, -1e308]), 1e308),
    (np.array([1.7e308, -1.7e308, 0.0, 1.0]), 1e307),
    (np.array([1e308, 0.9999999e308]), 1e301),
    (np.array([5e-324, 0.0, -5e-324]), 5e-324),
    (np.array([1e-300, 2e-300, -3e-300]), 1e-300),
    (np.array([0.0, -7.5e-298, -1e-299]), 1e-300),
    (np.array([0.0, -1e-310]), 1.3e-312),
    (np.array([3.0, 2.0, -1000.0]), 1e308),
    (np.array([-math.inf, 2.0, 2.5]), 0.9),
    (np.array([2.0]), 1e-308),
]
CASES = RANDOM + EXTREME


def mp_log_probs(logits, temperature):
    """Log-probabilities by the definition in 60 digits; log1p keeps those of a probability near 1."""
    scores = [mp.mpf(float(z)) / mp.mpf(float(temperature)) for z in logits]
    top = max(range(len(scores)), key=lambda i: scores[i])
    gaps = [score - scores[top] for score in scores]
    rest = mp.fsum(mp.exp(gap) for i, gap in enumerate(gaps) if i != top)
    return [gap - mp.log1p(rest) for gap in gaps]


@pytest.fixture(autouse=True)
def sixty_digits():
    with mp.workdps(60):
        yield


@pytest.mark.parametrize(("logits", "temperature"), CASES)
class TestAgainstMpmath:
    def test_softmax(self, logits, temperature):
        expected = [float(mp.exp(value)) for value in mp_log_probs(logits, temperature)]
        np.testing.assert_allclose(softmax(logits, temperature=temperature), expected, rtol=RTOL, atol=TINY)

    def test_log_softmax(self, logits, temperature):
        expected = [float(value) for value in mp_log_probs(logits, temperature)]
        np.testing.assert_allclose(log_softmax(logits, temperature=temperature), expected, rtol=RTOL, atol=0)

    def test_temperature_path(self, logits, temperature):
        expected = [float(mp.exp(value)) for value in mp_log_probs(logits, temperature)]
        path = temperature_path(logits, [temperature, 1.0])
        np.testing.assert_allclose(path[0], expected, rtol=RTOL, atol=TINY)

    def test_softmax_jacobian(self, logits, temperature):
        if logits.size > 50:
            logits = logits[:50]
        probs = [mp.exp(value) for value in mp_log_probs(logits, temperature)]
        expected = np.array(
            [
                [
                    float(
                        (p * (mp.fsum(probs[:i]) + mp.fsum(probs[i + 1 :])) if i == j else -p * r)
                        / mp.mpf(temperature)
                    )
                    for j, r in enumerate(probs)
                ]
                for i, p in enumerate(probs)
            ]
        )
        np.testing.assert_allclose(
            softmax_jacobian(logits, temperature=temperature), expected, rtol=RTOL, atol=2 * TINY
        )


class TestLogitsFromProbsAgainstMpmath:
    @pytest.mark.parametrize(
        "probs",
        [
            [0.8, 0.1, 0.1],
            [1.0 - 1e-15, 1e-15],
            [1e-300, 0.25, 0.75],
            [5e-324, 3e-320, 1.0],
            [0.5 + 1e-9, 0.5 - 1e-9],
            [0.0, 0.3, 0.7],
            list(softmax(GENERATOR.normal(scale=5.0, size=20))),
        ],
    )
    def test_centred_logs(self, probs):
        logs = [mp.log(mp.mpf(float(p))) for p in probs if p > 0]
        centre = mp.fsum(logs) / len(logs)
        expected = [float(mp.log(mp.mpf(float(p))) - centre) if p > 0 else -math.inf for p in probs]
        np.testing.assert_allclose(logits_from_probs(probs), expected, rtol=RTOL)


class TestAgainstSciPy:
    @pytest.mark.parametrize("axis", [0, 1, 2, -1])
    def test_softmax_and_log_softmax(self, axis):
        logits = GENERATOR.normal(scale=20.0, size=(3, 4, 5))
        np.testing.assert_allclose(
            softmax(logits, axis=axis), scipy.special.softmax(logits, axis=axis), rtol=RTOL
        )
        # SciPy's logarithm of a probability near 1 has an absolute error of one rounding of 1.
        np.testing.assert_allclose(
            log_softmax(logits, axis=axis),
            scipy.special.log_softmax(logits, axis=axis),
            rtol=RTOL,
            atol=1e-15,
        )

    def test_two_classes_are_the_logistic_function(self):
        z = np.linspace(-700.0, 700.0, 141)
        pairs = np.stack([z, np.zeros_like(z)], axis=-1)
        np.testing.assert_allclose(softmax(pairs)[:, 0], scipy.special.expit(z), rtol=RTOL)
        np.testing.assert_allclose(log_softmax(pairs)[:, 0], scipy.special.log_expit(z), rtol=RTOL)


class TestAgainstTorch:
    @pytest.mark.parametrize("temperature", [0.05, 1.0, 7.3])
    @pytest.mark.parametrize("axis", [0, 1, -1])
    def test_softmax_and_log_softmax(self, axis, temperature):
        logits = GENERATOR.normal(scale=4.0, size=(6, 5))
        tensor = torch.tensor(logits) / temperature
        np.testing.assert_allclose(
            softmax(logits, temperature=temperature, axis=axis), tensor.softmax(axis).numpy(), rtol=RTOL
        )
        # PyTorch's logarithm of a probability near 1 has an absolute error of one rounding of 1.
        np.testing.assert_allclose(
            log_softmax(logits, temperature=temperature, axis=axis),
            tensor.log_softmax(axis).numpy(),
            rtol=RTOL,
            atol=1e-15,
        )

    @pytest.mark.parametrize("temperature", [0.3, 1.0, 7.3])
    def test_jacobian_by_autograd(self, temperature):
        logits = GENERATOR.normal(scale=2.0, size=7)
        expected = torch.autograd.functional.jacobian(
            lambda z: (z / temperature).softmax(-1), torch.tensor(logits)
        )
        # Autograd forms the diagonal as p - p^2, which is off by a rounding of p.
        np.testing.assert_allclose(
            softmax_jacobian(logits, temperature=temperature), expected.numpy(), rtol=RTOL, atol=1e-15
        )

    def test_minus_infinity(self):
        logits = [-math.inf, 0.5, 2.0]
        np.testing.assert_allclose(
            softmax(logits), torch.tensor(logits, dtype=torch.float64).softmax(-1).numpy(), rtol=RTOL
        )
