"""Switches for the curves of a family: which of them are drawn."""

from __future__ import annotations

from collections.abc import Mapping

from core.figures.marks import Look
from pages.shared.controls import Control


def toggles(looks: Mapping[str, Look], on: tuple[str, ...]) -> list[Control]:
    """Return a switch for each loss, in its colour."""
    return [
        Control(name, 0, 1, 1, default=int(name in on), kind="toggle", label=name, role=look.role)
        for name, look in looks.items()
    ]


def in_pairs(controls: list[Control]) -> list[list[str]]:
    """Return the keys of controls, two to a line."""
    keys = [control.key for control in controls]
    return [keys[i : i + 2] for i in range(0, len(keys), 2)]


def only(looks: Mapping[str, Look], *on: str) -> dict[str, int]:
    """Return the switches of a family with only some of them on."""
    return {name: int(name in on) for name in looks}
