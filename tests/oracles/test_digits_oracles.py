"""The bundled digits against scikit-learn's: their labels are those of the held-out pictures."""

import numpy as np
from sklearn.datasets import load_digits

from core.digits import held_out_digits


def test_the_labels_are_those_of_the_last_thousand_of_the_shuffled_pictures():
    digits = load_digits().target
    held_out = np.random.default_rng(0).permutation(digits.size)[-1000:]
    assert held_out_digits().labels.tolist() == digits[held_out].tolist()


def test_they_are_held_out_and_both_networks_know_digits():
    found = held_out_digits()
    assert (found.logits.shape, found.smoothed.shape, found.labels.shape) == ((1000, 10), (1000, 10), (1000,))
    for logits in (found.logits, found.smoothed):
        assert 0.9 < np.mean(logits.argmax(axis=1) == found.labels) < 0.95
