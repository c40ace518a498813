"""core.margins against torch and scipy, to 1e-12 relative."""

from __future__ import annotations

import math

import numpy as np
import scipy.special
import torch
import torch.nn.functional as F  # noqa: N812

from core.margins import MARGIN_LOSSES
from tests.oracles.against import approx, same, tensor


class TestMarginLosses:
    M = np.concatenate([np.linspace(-30, 30, 121), [-700.0, 700.0, 1e-12]])

    def test_log_loss_against_torch_and_scipy(self):
        theirs = F.binary_cross_entropy_with_logits(
            tensor(self.M), torch.ones(self.M.size, dtype=torch.float64), reduction="none"
        )
        same(MARGIN_LOSSES["log"].loss(self.M), theirs)
        assert MARGIN_LOSSES["log2"].loss(self.M) == approx(-scipy.special.log_expit(self.M) / math.log(2))
        assert MARGIN_LOSSES["log"].slope(self.M) == approx(-scipy.special.expit(-self.M))

    def test_slopes_against_autograd(self):
        margin = np.array([-3.0, -1.0, 0.0, 0.5, 2.0, 4.0])
        for name, loss in (
            ("log", lambda m: F.softplus(-m)),
            ("log2", lambda m: torch.logaddexp2(torch.zeros_like(m), -m / math.log(2))),
            ("exponential", lambda m: torch.exp(-m)),
            ("hinge", lambda m: torch.relu(1 - m)),
            ("squared_hinge", lambda m: torch.relu(1 - m) ** 2),
            ("square", lambda m: (1 - m) ** 2),
        ):
            leaf = tensor(margin).requires_grad_()
            value = loss(leaf)
            value.sum().backward()
            assert MARGIN_LOSSES[name].loss(margin) == approx(value.detach().numpy())
            assert MARGIN_LOSSES[name].slope(margin) == approx(leaf.grad.numpy())
