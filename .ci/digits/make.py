"""Make core/digits.npz: what two small networks say of handwritten digits that they were not trained on.

Run in the project's folder: ``.venv/bin/python .ci/digits/make.py``. It needs torch and scikit-learn, takes a
few seconds, and gives the same numbers again on one kind of processor.

The pictures are "Optical Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak, UCI Machine Learning
Repository, 1998, https://doi.org/10.24432/C50P49), licensed CC BY 4.0: the 1,797 of the test set, as
scikit-learn (BSD 3-Clause) brings them along. The file holds no picture: of the held-out ones the logits,
made here, and their labels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits

FILE = Path(__file__).resolve().parents[2] / "core" / "digits.npz"
SEED = 0
TRAINING = 200  # so few that the network learns them by heart, and grows too sure
HELD_OUT = 1000
STEPS = 2000
SMOOTHING = 0.1


def logits(x: Any, y: Any, new: Any, smoothing: float) -> Any:
    """Return the logits for new pictures of a network that was trained on some.

    Parameters
    ----------
    x : ndarray of float32, shape (n, 64)
        Pictures, from 0 to 1.
    y : ndarray of int, shape (n,)
        Their digits.
    new : ndarray of float32, shape (m, 64)
        Pictures that it has not seen.
    smoothing : float
        Share of the label that is spread evenly over all classes.
    """
    torch.manual_seed(SEED)
    net = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    loss = torch.nn.CrossEntropyLoss(label_smoothing=smoothing)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    pictures, labels = torch.tensor(x), torch.tensor(y)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss(net(pictures), labels).backward()
        optimizer.step()
    with torch.no_grad():
        return net(torch.tensor(new)).numpy().astype(np.float16)


def main() -> None:
    """Train both networks and write the file."""
    torch.set_num_threads(1)  # sums in one order
    pictures, digits = load_digits(return_X_y=True)
    x = (pictures / 16.0).astype(np.float32)
    order = np.random.default_rng(SEED).permutation(digits.size)
    seen, held_out = order[:TRAINING], order[-HELD_OUT:]
    np.savez_compressed(
        FILE,
        logits=logits(x[seen], digits[seen], x[held_out], 0.0),
        smoothed=logits(x[seen], digits[seen], x[held_out], SMOOTHING),
        labels=digits[held_out].astype(np.uint8),
    )
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
