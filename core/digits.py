"""What two small networks say of 1,000 handwritten digits that they were not trained on.

Both learned the same 200 digits by heart, one of them with label smoothing. ``.ci/digits/make.py`` made the
file, and says where the pictures are from, and under which licence.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core._checks import Floats

__all__ = ["Digits", "held_out_digits"]


class Digits(NamedTuple):
    """Logits and labels of held-out digits; not to be written to.

    Attributes
    ----------
    logits : array of float, shape (1000, 10)
        Of the network that was trained with plain cross-entropy, until it was too sure.
    smoothed : array of float, shape (1000, 10)
        Of the one that was trained with label smoothing of 0.1.
    labels : array of int, shape (1000,)
        The digits.
    """

    logits: Floats
    smoothed: Floats
    labels: NDArray[np.intp]


@lru_cache(maxsize=1)
def held_out_digits() -> Digits:
    """Read the bundled logits.

    Returns
    -------
    Digits
        Logits as the file has them, in half precision: what is computed from them is exact.

    References
    ----------
    E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository,
    1998, https://doi.org/10.24432/C50P49 (CC BY 4.0), in scikit-learn's copy.

    Examples
    --------
    >>> digits = held_out_digits()
    >>> digits.logits.shape, digits.labels[:5].tolist()
    ((1000, 10), [4, 7, 3, 5, 5])
    """
    with np.load(Path(__file__).with_name("digits.npz"), allow_pickle=False) as file:
        made = Digits(
            file["logits"].astype(np.float64),
            file["smoothed"].astype(np.float64),
            file["labels"].astype(np.intp),
        )
    for array in made:
        array.setflags(write=False)
    return made
