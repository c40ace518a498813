"""What the oracles of the losses share: torch's tensors, and how close core must come."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.close import EXACT


def approx(expected: object, rel: float = EXACT, absolute: float = 0.0) -> object:
    """Compare relatively, however small the number is; nan must be nan."""
    return pytest.approx(expected, rel=rel, abs=absolute, nan_ok=True)


def tensor(values: object) -> torch.Tensor:
    """Return numbers as a tensor of the same type."""
    return torch.tensor(np.asarray(values))


def same(ours: object, theirs: torch.Tensor, absolute: float = 0.0) -> None:
    """Compare shape, infinities, nan and values."""
    expected = theirs.numpy()
    assert np.shape(ours) == expected.shape, (np.shape(ours), expected.shape)
    np.testing.assert_allclose(ours, expected, rtol=EXACT, atol=absolute)  # nan and inf must match too
