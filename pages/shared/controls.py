"""Controls as data: what a person can set, its range, its default, and its place in the URL.

A lesson lists its controls once. The sliders, the URL, the presets, the frames of the live
component and the tests all read that one list. Nothing here knows Streamlit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal, TypeAlias

Value: TypeAlias = float | int | str
Kind: TypeAlias = Literal["slider", "number", "choice", "text", "player", "button", "toggle"]
Bounds: TypeAlias = tuple[float, float, float]

# What is invisible but part of a word: it joins the people of a family emoji and parts letters of a script.
JOINERS = "\u200d\u200c"


class Values(Mapping[str, Any]):
    """The state of a lesson: an immutable mapping whose keys are attributes too.

    Examples
    --------
    >>> values = Values({"k": 2, "z1": 5.0, "z2": 4.0, "z3": 0.0})
    >>> values.k, values.many("z"), values.replace(z1=1.0).z1
    (2, (5.0, 4.0), 1.0)
    """

    __slots__ = ("_items",)
    _items: dict[str, Any]

    def __init__(self, items: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_items", dict(items))

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __getattr__(self, key: str) -> Any:
        try:
            return self._items[key]
        except KeyError:
            raise AttributeError(key) from None

    def __setattr__(self, key: str, value: object) -> None:
        raise AttributeError("Values do not change; use replace().")

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    # What Mapping has of these asks for one key after another.

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __eq__(self, other: object) -> bool:
        return self._items == (other._items if isinstance(other, Values) else other)

    def items(self) -> ItemsView[str, Any]:
        """Return the keys with their values."""
        return self._items.items()

    def keys(self) -> KeysView[str]:
        """Return the keys."""
        return self._items.keys()

    def __repr__(self) -> str:
        return f"Values({self._items!r})"

    def __reduce__(self) -> tuple[type[Values], tuple[dict[str, Any]]]:
        return Values, (self._items,)

    def __hash__(self) -> int:
        return hash(tuple(self._items.items()))

    def many(self, stem: str, size: str = "k") -> tuple[Any, ...]:
        """Return the values of ``stem1`` to ``stemK``, where K is the value of ``size``."""
        items = self._items
        return tuple(items[f"{stem}{i}"] for i in range(1, items[size] + 1))

    def replace(self, **changes: Any) -> Values:
        """Return a copy with some values changed."""
        return Values({**self._items, **changes})


def log_stops(low: float, high: float, count: int, *, digits: int = 3) -> tuple[float, ...]:
    """Return ``count`` log-spaced values, rounded to ``digits`` significant digits, without repeats.

    Examples
    --------
    >>> log_stops(0.1, 10, 5)
    (0.1, 0.316, 1.0, 3.16, 10.0)
    """
    ratio = math.log(high / low) / (count - 1)
    return tuple(dict.fromkeys(float(f"{low * math.exp(i * ratio):.{digits}g}") for i in range(count)))


@dataclass(frozen=True)
class Onward:
    """A button under a choice, ``onward.<word>`` in the words.

    It sets the control ``key`` to ``value``, or leads to the text box of the page's widget ``box``.
    """

    word: str
    _: KW_ONLY
    key: str = ""
    value: Value = ""
    box: str = ""


@dataclass(frozen=True)
class Control:
    """One thing that a person can set.

    Parameters
    ----------
    key : str
        Its name in ``Values`` and, unless ``in_url`` is false, in the URL.
    minimum, maximum, step : float
        Range and step of a number. The URL and the number box may hold any value in the range.
    default : float, int or str
        The value without a URL; it also fixes the type (an int stays an int).
    kind : {"slider", "number", "choice", "text", "player", "button", "toggle"}
        How it is drawn. A player is a slider whose stops are the steps of a trail. A button draws
        a new number (a seed) when pressed. A toggle is a whole number that is 0 (off) or 1 (on).
    stops : sequence of float, optional
        Stops of the slider where they are not evenly spaced.
    choices : sequence of str, optional
        The values of a choice, in order; without them a choice is between the whole numbers of its
        range. Labels come from the words.
    bounds : callable, optional
        ``Values -> (minimum, maximum, step)`` where the range depends on other values.
    shown : callable, optional
        ``Values -> bool``: whether the control is on the screen.
    live : bool
        Whether frames are sent ahead for it. False where moving it changes which controls exist.
    label : str, optional
        Key of the label in the words; ``key`` without its trailing digits by default.
    index : int
        Which of several controls with one label it is (1 for z1); 0 where there is only one.
    role : str
        Colour role of the control, the same as that of its mark in the figures.
    digits : int, optional
        Decimals shown; by default as many as the step has.
    longest : int
        Longest text accepted.
    in_url : bool
        False for what must not be shared.
    kept : bool
        True for what the URL says even while the control is not on the screen.
    unit : callable, optional
        ``Values -> str``: which of its units in the words it has; by default the value of "unit".
    right : callable, optional
        ``Values -> str``: which of the choices is right, once one has been chosen, which then stays
        (``settled`` in the words says so); an empty text before.
    optional : bool
        True for a choice of which none may be chosen: then its value is an empty text.
    onward : callable, optional
        ``Values -> Onward | None``: where a button under the choice leads.
    """

    key: str
    minimum: float = 0.0
    maximum: float = 1.0
    step: float = 1.0
    default: Value = 0.0
    kind: Kind = "slider"
    stops: Sequence[float] | None = None
    choices: Sequence[str] | None = None
    bounds: Callable[[Values], Bounds] | None = None
    shown: Callable[[Values], bool] | None = None
    live: bool = True
    label: str = ""
    index: int = 0
    role: str = ""
    digits: int | None = None
    longest: int = 24
    in_url: bool = True
    kept: bool = False
    unit: Callable[[Values], str] | None = None
    right: Callable[[Values], str] | None = None
    optional: bool = False
    onward: Callable[[Values], Onward | None] | None = None

    def is_shown(self, values: Values) -> bool:
        """Return whether the control is on the screen in the state ``values``."""
        return self.shown is None or self.shown(values)

    def is_framed(self, values: Values) -> bool:
        """Return whether frames are made for the control in the state ``values``."""
        return self.live and self.kind in ("slider", "player") and self.is_shown(values)

    @property
    def stem(self) -> str:
        """What its words are named by: its label, or its key without the digits at its end."""
        return self.label or self.key.rstrip("0123456789")

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers."""
        return isinstance(self.default, int)

    def range_in(self, values: Values) -> Bounds:
        """Return (minimum, maximum, step) in the state ``values``."""
        return self.bounds(values) if self.bounds else (self.minimum, self.maximum, self.step)

    def count_in(self, values: Values) -> int:
        """Return how many stops the slider has in the state ``values``."""
        if self.stops is not None:
            return len(self.stops)
        low, high, step = self.range_in(values)
        return math.floor((high - low) / step + 1e-9) + 1

    def stops_in(self, values: Values) -> list[float] | list[int]:
        """Return every stop of the slider in the state ``values``."""
        if self.stops is not None:
            return [int(s) for s in self.stops] if self.whole else [float(s) for s in self.stops]
        low, _, step = self.range_in(values)
        count = self.count_in(values)
        if self.whole:
            return [int(low + i * step) for i in range(count)]
        digits = decimals(step)
        return [round(low + i * step, digits) for i in range(count)]


def decimals(step: float) -> int:
    """Return how many decimals a step has.

    Examples
    --------
    >>> decimals(0.1), decimals(1), decimals(0.005)
    (1, 0, 3)
    """
    text = f"{step:.10f}".rstrip("0")
    return len(text.partition(".")[2])


def vector(
    stem: str,
    count: int,
    defaults: Sequence[Value],
    *,
    size: str = "k",
    roles: Sequence[str] = (),
    **options: Any,
) -> list[Control]:
    """Return controls ``stem1`` to ``stemN``; those beyond the value of the control ``size`` are hidden.

    Examples
    --------
    >>> [control.key for control in vector("z", 2, (5.0, 4.0), minimum=-10.0, maximum=10.0)]
    ['z1', 'z2']
    """
    return [
        Control(
            f"{stem}{i}",
            default=defaults[(i - 1) % len(defaults)],
            label=stem,
            index=i,
            shown=_at_least(size, i) if size else None,
            role=roles[(i - 1) % len(roles)] if roles else "",
            **options,
        )
        for i in range(1, count + 1)
    ]


def _at_least(size: str, i: int) -> Callable[[Values], bool]:
    """Return a test of whether the value of ``size`` reaches ``i``."""
    return lambda values: bool(values[size] >= i)


@dataclass(frozen=True)
class Problem:
    """A value that could not be used: which control, what was given, what is used instead."""

    key: str
    given: str
    used: str


@dataclass
class Reading:
    """Values read from outside, and what was wrong with them."""

    values: Values
    problems: list[Problem] = field(default_factory=list)


def defaults(controls: Sequence[Control]) -> Values:
    """Return the state in which a lesson opens."""
    return Values({control.key: control.default for control in controls})


def parse(control: Control, text: object, values: Values) -> Value | None:
    """Return ``text`` as a value of ``control``, or None where it is not one.

    Examples
    --------
    >>> parse(Control("t", 0.1, 10.0, default=1.0), "2.5", Values({}))
    2.5
    >>> parse(Control("t", 0.1, 10.0, default=1.0), "nan", Values({})) is None
    True
    """
    if control.kind == "choice" and control.choices is not None:
        return str(text) if str(text) in control.choices else None
    if control.kind == "text":
        cleaned = "".join(c for c in str(text) if c.isprintable() or c in JOINERS).strip(JOINERS + " ")
        # What was no UTF-8 in an address has come as U+FFFD: nobody's name.
        return cleaned if len(cleaned) <= control.longest and "\ufffd" not in cleaned else None
    try:
        # float() would also take "1_000", " 7 " and digits of other scripts; an address holds plain numbers.
        number = float(text) if isinstance(text, (int, float)) else float(_plain(str(text)))
    except (ValueError, OverflowError):
        return None
    low, high, _ = control.range_in(values)
    if not math.isfinite(number) or not low <= number <= high:
        return None
    if control.whole:
        return int(number) if number == int(number) else None
    return number


def _plain(text: str) -> str:
    """Return ``text`` if it is spelt as a plain number, else raise ``ValueError``."""
    if not text or any(c not in "0123456789+-.eE" for c in text):
        raise ValueError(text)
    return text


def read(controls: Sequence[Control], given: Mapping[str, object], start: Values) -> Reading:
    """Return ``start`` changed by what ``given`` holds for the controls; bad values are reported.

    A value that cannot be used becomes the default, and a ``Problem`` says so. The controls are read
    in their order, so that a range may depend on the values before it.
    """
    values, problems = start, []
    for control in controls:
        if control.key in given:
            value = parse(control, given[control.key], values)
            if value is None:
                value = control.default
                problems.append(Problem(control.key, str(given[control.key])[:40], written(value)))
            values = values.replace(**{control.key: value})
    return Reading(settle(controls, values), problems)


def settle(controls: Sequence[Control], values: Values) -> Values:
    """Return ``values`` with every number inside its range, where a range depends on other values."""
    for control in controls:
        if control.bounds is not None:
            low, high, _ = control.bounds(values)
            number = values[control.key]
            if not low <= number <= high:
                kept = min(max(number, low), high)
                values = values.replace(**{control.key: int(kept) if control.whole else kept})
    return values


def written(value: Value) -> str:
    """Return a value as the URL spells it: the shortest text that reads back as the same number.

    Examples
    --------
    >>> written(5.0), written(0.1), written(1000000), written("ko")
    ('5', '0.1', '1000000', 'ko')
    """
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    return str(value)


def query(controls: Sequence[Control], values: Values) -> dict[str, str]:
    """Return what the URL says of ``values``: every control on the screen or shared, in order."""
    return {
        control.key: written(values[control.key])
        for control in controls
        if control.in_url and (control.kept or control.is_shown(values)) and values[control.key] != ""
    }
