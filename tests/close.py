"""How close core must come to what its tests expect, and how many examples they try."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.machine import EXHAUSTIVE

SIX = 1e-5  # expected values that are written down carry six significant digits
EXACT = 1e-12

# Which examples these are depends on the constants in the modules that are loaded: an edit changes them.
repeatable = settings(deadline=None, max_examples=300 if EXHAUSTIVE else 60, derandomize=True)


def approx(expected: object, rel: float = SIX) -> object:
    """Compare relatively, however small the number is."""
    return pytest.approx(expected, rel=rel, abs=0)
