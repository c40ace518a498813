"""Numbers as people read them, and lines of text whose parts carry the colour of their mark."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Segment: TypeAlias = str | dict[str, Any]

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LEVEL = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def number(value: float, digits: int = 6) -> str:
    """Return a number with ``digits`` significant digits, a real minus sign, and ∞ for infinity.

    Examples
    --------
    >>> number(0.34901217), number(-1.5), number(float("inf")), number(3.1e-12, 2)
    ('0.349012', '−1.5', '∞', '3.1×10⁻¹²')
    """
    if value != value:
        return "?"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{digits}g}"
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        text = f"{mantissa}×10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    return "0" if text == "-0" else text.replace("-", "−", 1)


def fixed(value: float, decimals: int = 4) -> str:
    """Return a number with a fixed number of decimals, so that it does not jump while it moves.

    Examples
    --------
    >>> fixed(0.5), fixed(-2.25, 1), fixed(float("inf"))
    ('0.5000', '−2.2', '∞')
    """
    if not math.isfinite(value):
        return number(value)
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text.replace("-", "−", 1)


def power_of_ten(mantissa: float, exponent: int, digits: int = 2) -> str:
    """Return ``mantissa`` times ten to ``exponent``.

    Examples
    --------
    >>> power_of_ten(3.1, -649)
    '3.1×10⁻⁶⁴⁹'
    """
    return f"{number(mantissa, digits)}×10{str(exponent).translate(_SUPERSCRIPTS)}"


def fitted(name: str, room: int = 8) -> str:
    """Return a name for a place of ``room`` letters; Chinese, Japanese and Korean ones take two.

    Examples
    --------
    >>> fitted("horse"), fitted("a very long name"), fitted("파란고리문어")
    ('horse', 'a very…', '파란고…')
    """
    widths = [2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in name]
    if sum(widths) <= room:
        return name
    kept = sum(1 for i in range(len(name)) if sum(widths[: i + 1]) < room)
    return name[:kept].rstrip() + "…"


def signed(value: float) -> str:
    """Return a number as it stands after an operator: negative ones in brackets.

    Examples
    --------
    >>> signed(2.5), signed(-2.5)
    ('2.5', '(−2.5)')
    """
    text = number(value)
    return f"({text})" if text.startswith("−") else text


def row(values: NDArray[np.float64] | Sequence[float], digits: int = 4) -> str:
    """Return numbers as a row in brackets.

    Examples
    --------
    >>> row([0.2, 0.25, 1 / 3])
    '(0.2, 0.25, 0.3333)'
    """
    return f"({', '.join([number(v, digits) for v in np.asarray(values).tolist()])})"


def latex_number(value: float, digits: int = 6) -> str:
    r"""Return a number as LaTeX writes it.

    Examples
    --------
    >>> latex_number(-1.5), latex_number(3.1e-12), latex_number(float("inf"))
    ('-1.5', '3.1\\times 10^{-12}', '\\infty')
    """
    text = number(value, digits).replace("−", "-").replace("∞", r"\infty")
    mantissa, times, power = text.partition("×10")
    return rf"{mantissa}\times 10^{{{power.translate(_LEVEL)}}}" if times else text


def part(text: str, role: str = "", *, strong: bool = False) -> Segment:
    """Return a piece of a line in the colour of ``role``."""
    made: dict[str, Any] = {"text": text}
    if role:
        made["role"] = role
    if strong:
        made["strong"] = True
    return made


def texts(items: Sequence[str]) -> NDArray[Any]:
    """Return texts as one array, so that a frame swaps them as one.

    Examples
    --------
    >>> texts(["a", "b"]).tolist()
    ['a', 'b']
    """
    made = np.empty(len(items), dtype=object)
    made[:] = items
    return made


def lines(*rows: list[Segment], title: str = "") -> dict[str, Any]:
    """Return a view of text: one list of segments a line."""
    return {"type": "lines", "title": title, "lines": [list(row) for row in rows]}


def table(
    head: Sequence[Segment],
    rows: Sequence[Sequence[Segment | list[Segment]]],
    *,
    title: str = "",
    caption: str = "",
) -> dict[str, Any]:
    """Return a view of a table: a head, which may be empty, and rows of cells, each one or more segments."""
    return {
        "type": "table",
        "title": title,
        "caption": caption,
        "head": list(head),
        "rows": [list(row) for row in rows],
    }


def code(**tabs: str) -> dict[str, Any]:
    """Return a view of code: one tab a library, ready to copy."""
    return {"type": "code", "tabs": [{"label": label, "text": text} for label, text in tabs.items()]}
