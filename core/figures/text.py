"""Numbers as people read them, and lines of text whose parts carry the colour of their mark."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core._checks import count

Segment: TypeAlias = str | dict[str, Any]

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LEVEL = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_FLAGS = ("\U0001f1e6", "\U0001f1ff")  # the signs of which two make a flag
_SKINS = ("\U0001f3fb", "\U0001f3ff")
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "%": "&#37;"})


def number(value: float, digits: int = 6) -> str:
    """Return a number with ``digits`` significant digits, a real minus sign, and ∞ for infinity.

    Examples
    --------
    >>> number(0.34901217), number(-1.5), number(float("inf")), number(3.1e-12, 2)
    ('0.349012', '−1.5', '∞', '3.1×10⁻¹²')
    """
    text = f"{value:.{digits}g}"
    if "n" in text:  # "nan", "inf", "-inf"
        return "?" if value != value else "∞" if value > 0 else "−∞"
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        text = f"{mantissa}×10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    if text[0] != "-":
        return text
    return "0" if text == "-0" else "−" + text[1:]


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


def from_log(log_value: float, digits: int = 6) -> str:
    """Return exp(log_value) as a text, however far outside float64 it lies.

    Examples
    --------
    >>> from_log(math.log(0.00167772)), from_log(-1499.58), from_log(-math.inf)
    ('0.00167772', '5.50403×10⁻⁶⁵²', '0')
    """
    if log_value == math.inf:
        return "∞"
    mantissa, exponent = as_power_of_ten(log_value, digits=digits)
    if mantissa == 0.0 or -4 <= exponent <= 5:
        return number(math.exp(log_value), digits)
    return power_of_ten(mantissa, exponent, digits)


def literal(name: str) -> str:
    """Return a text of people's own so that plotly draws it as it is, in labels, ticks and hover texts.

    Plotly reads tags, entities and places such as %{x} in all that it writes; it turns entities back into
    signs last of all.

    Examples
    --------
    >>> literal("cat"), literal("<b>"), literal("%{x} &amp; y")
    ('cat', '&lt;b&gt;', '&#37;{x} &amp;amp; y')
    """
    return name.translate(_MARKUP)


def as_power_of_ten(log_value: float, *, digits: int = 6) -> tuple[float, int]:
    """Write exp(log_value) as mantissa and power of ten, however far outside float64 it lies.

    Parameters
    ----------
    log_value : float
        Natural logarithm of the number, such as a log-likelihood.
    digits : int
        Significant digits to round the mantissa to, from 1 to 17.

    Returns
    -------
    mantissa : float
        From 1 to below 10, rounded; a round up to 10 is carried into the exponent. For -inf it is 0, for
        inf it is inf, both with exponent 0.
    exponent : int
        The power of ten.

    Raises
    ------
    ValueError
        Where log_value is nan or digits is out of range.

    References
    ----------
    Cody and Waite, "Software Manual for the Elementary Functions", 1980, chapter 6 (argument reduction).

    Examples
    --------
    >>> as_power_of_ten(-1493.78, digits=2)
    (1.8, -649)
    >>> as_power_of_ten(math.log(9.99996), digits=5)
    (1.0, 1)
    """
    if count("digits", digits, at_least=1) > 17:
        raise ValueError(f"digits must be at most 17, not {digits!r}.")
    value = float(log_value)
    if math.isnan(value):
        raise ValueError("log_value must not be nan.")
    if math.isinf(value):
        return (math.inf if value > 0 else 0.0), 0
    exact = Decimal(value)
    # Enough digits that those in front of the decimal point leave the mantissa exact.
    wide = Context(prec=max(exact.adjusted(), 0) + digits + 15)
    logarithm = wide.divide(exact, wide.ln(Decimal(10)))
    exponent = math.floor(logarithm)
    mantissa = Context(prec=digits).plus(wide.power(Decimal(10), wide.subtract(logarithm, Decimal(exponent))))
    if mantissa >= 10:
        return float(mantissa / 10), exponent + 1
    return float(mantissa), exponent


@lru_cache(maxsize=4096)
def fitted(name: str, room: int = 8) -> str:
    """Return a name, `literal`, for a place of ``room`` letters; Chinese, Japanese, Korean ones take two.

    Examples
    --------
    >>> fitted("horse"), fitted("a very long name"), fitted("파란고리문어"), fitted("<b>")
    ('horse', 'a very…', '파란고…', '&lt;b&gt;')
    """
    letters = _letters(unicodedata.normalize("NFC", name))
    widths = [1 + any(map(_is_wide, letter)) for letter in letters]
    if sum(widths) <= room:
        return literal(name)
    kept = sum(1 for i in range(len(letters)) if sum(widths[: i + 1]) < room)
    return literal("".join(letters[:kept]).rstrip()) + "…"


def _is_wide(c: str) -> bool:
    """Return whether a letter takes two places: Chinese, Japanese, Korean, an emoji, a flag."""
    return unicodedata.east_asian_width(c) in "WF" or _FLAGS[0] <= c <= _FLAGS[1]


def _letters(name: str) -> list[str]:
    """Return what people see as one letter each: with its accents, and the parts of an emoji together.

    Examples
    --------
    >>> [len(letter) for letter in _letters("né👩‍👩‍👧🇰🇷👍🏽")]
    [1, 1, 5, 2, 2]
    """
    letters: list[str] = []
    for c in name:
        before = letters[-1] if letters else ""
        half_a_flag = len(before) == 1 and _FLAGS[0] <= before <= _FLAGS[1] and _FLAGS[0] <= c <= _FLAGS[1]
        follows = unicodedata.category(c) in ("Mn", "Me", "Mc", "Cf") or _SKINS[0] <= c <= _SKINS[1]
        if before and (follows or half_a_flag or before.endswith("\u200d")):
            letters[-1] += c
        else:
            letters.append(c)
    return letters


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


def part(text: str, role: str = "", *, strong: bool = False, link: str = "") -> Segment:
    """Return a piece of a line in the colour of ``role``, or one that leads to an address."""
    made: dict[str, Any] = {"text": text}
    if role:
        made["role"] = role
    if strong:
        made["strong"] = True
    if link:
        made["link"] = link
    return made


def bold(value: float | str, role: str = "", digits: int = 6) -> Segment:
    """Return a number, or a word, that a line is about: strong, in the colour of ``role``.

    Examples
    --------
    >>> bold(0.25, "q")
    {'text': '0.25', 'role': 'q', 'strong': True}
    """
    return part(value if isinstance(value, str) else number(value, digits), role, strong=True)


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


def commented(words: Mapping[str, str], build: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
    """Return the code that ``build`` makes of what is given, each comment ``# @name`` in words.

    Examples
    --------
    >>> commented({"one": "the first"}, lambda n: code(NumPy=f"x = {n}  # @one"), 1)["tabs"][0]["text"]
    'x = 1  # the first'
    """

    def said(text: str) -> str:
        return re.sub(r"(?<=# )@(\w+)", lambda found: words[found[1]], text)

    made = build(*given)
    return made | {"tabs": [tab | {"text": said(tab["text"])} for tab in made["tabs"]]}
