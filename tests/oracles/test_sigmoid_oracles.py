"""core.sigmoid against torch, scipy and mpmath, to 1e-12 relative."""

from __future__ import annotations

import mpmath
import numpy as np
import scipy.special
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given
from hypothesis import strategies as st

from core import sigmoid
from tests.close import repeatable
from tests.oracles.against import approx, tensor


class TestSigmoid:
    Z = np.concatenate([np.linspace(-40, 40, 161), [-700.0, -1e-300, 5e-324, 700.0, -1e308, 1e308]])

    def test_against_scipy(self):
        assert sigmoid.sigmoid(self.Z) == approx(scipy.special.expit(self.Z))

    def test_losses_and_slopes_against_autograd(self):
        z = np.linspace(-15, 15, 61)
        for target in (0.0, 1.0):
            goal = torch.full((z.size,), target, dtype=torch.float64)
            for name, loss in (
                (
                    "cross_entropy",
                    lambda v, t=goal: F.binary_cross_entropy_with_logits(v, t, reduction="none"),
                ),
                ("squared_error", lambda v, t=goal: 0.5 * (torch.sigmoid(v) - t) ** 2),
            ):
                leaf = tensor(z).requires_grad_()
                value = loss(leaf)
                value.sum().backward()
                # torch subtracts a sigmoid near 1 from 1, hence the absolute part.
                ours = getattr(sigmoid, f"sigmoid_{name}")(z, target)
                assert ours == approx(value.detach().numpy(), absolute=1e-15)
                slope = getattr(sigmoid, f"sigmoid_{name}_slope")(z, target)
                assert slope == approx(leaf.grad.numpy(), absolute=1e-15)

    @repeatable
    @given(st.floats(-170, 170), st.sampled_from([0, 1]))
    def test_losses_and_slopes_against_mpmath(self, z, target):
        with mpmath.workdps(250):
            p = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
            residual = p - target
            expected = [
                -mpmath.log(p if target else 1 - p),
                residual,
                residual**2 / 2,
                residual * p * (1 - p),
            ]
        ours = [
            sigmoid.sigmoid_cross_entropy(z, target),
            sigmoid.sigmoid_cross_entropy_slope(z, target),
            sigmoid.sigmoid_squared_error(z, target),
            sigmoid.sigmoid_squared_error_slope(z, target),
        ]
        assert ours == approx([float(value) for value in expected])
