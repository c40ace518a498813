"""What pictures hold of a person's own data: a name and a way to them, never the data themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Data = TypeVar("Data")


@dataclass(frozen=True)
class Own(Generic[Data]):
    """A person's own data: their name, and a way to them while somebody has them.

    Pictures are kept for a while, and whoever brought the data may leave before: so nothing here holds the
    data themselves.

    Attributes
    ----------
    digest : str
        The name; two with the same name are equal.
    find : callable
        Returns the data; an error where nobody has them any more.
    """

    digest: str
    find: Callable[[], Data] = field(compare=False, repr=False)
