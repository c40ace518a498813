"""What a lesson is: controls, a pure picture, presets and where things stand, all as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeAlias

from pages.shared.catalog import Words
from pages.shared.controls import Control, Value, Values, defaults, settle

# The views of a lesson in one state, not yet drawn: each a function and its arguments.
Picture: TypeAlias = dict[str, tuple[Any, ...]]
Draw: TypeAlias = Callable[[Values, Words], Picture]


def class_name(number: int, values: Values, words: Words) -> str:
    """Return the name of the class of a number: a person's own, or the language's."""
    return str(values.get(f"c{number}") or words(f"class.{number}"))


def class_names(values: Values, words: Words) -> list[str]:
    """Return the names of the K classes."""
    return [class_name(i, values, words) for i in range(1, values.k + 1)]


def with_words(views: Picture, words: Words, **places: object) -> Picture:
    """Return views whose functions get, as their last argument, the group of words of their name."""
    return {view: (*call, words.group(view, **places)) for view, call in views.items()}


@dataclass(frozen=True)
class Drag:
    """A point of a figure held and moved: its name, where it was taken, where it is now.

    ``start`` are the values at the moment it was taken.
    """

    name: str
    x: float
    y: float
    from_x: float
    from_y: float
    start: Values


@dataclass(frozen=True)
class Preset:
    """A state worth a look.

    Parameters
    ----------
    values : mapping
        What it sets; what it does not name goes to its default, except what the lesson ``keeps``.
    hidden : bool
        True where a watch-out box shows it and no button stands in the row of presets.
    shows : str
        Key of the section that it is about, where that is not the first one: the browser goes there.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    _: KW_ONLY
    hidden: bool = False
    shows: str = ""


@dataclass(frozen=True)
class Beat:
    """A step of the guide through a lesson: a state, something to do in it, and whether it has been done.

    Its words are ``beat.<n>.text``, what to do and to watch, and ``beat.<n>.done``, what is true once it is
    done; beats are numbered from 1.

    Parameters
    ----------
    hand : sequence of str
        Labels' stems or keys of the controls that it has one move: whoever moves another has left it.
    values : mapping
        What it sets, as in a preset.
    reached : callable, optional
        ``Values -> bool``: the goal, pure, judged by what core returns. Without one a beat is done as soon as
        something has been moved.
    shows : str
        Key of the section, or of the tab, that it is about, where that is not the first section.
    """

    hand: Sequence[str]
    values: Mapping[str, Value] = field(default_factory=dict)
    _: KW_ONLY
    reached: Callable[[Values], Any] | None = None
    shows: str = ""


class Guide(NamedTuple):
    """Where somebody is on the guide through a lesson.

    At which beat; how often a beat was asked for by its button or its address, for the browser to bring it to
    the eye; and whether the guide is switched off.
    """

    n: int = 1
    turn: int = 0
    off: bool = False


UNGUIDED = Guide()


@dataclass(frozen=True)
class Section:
    """A part of a lesson: controls beside the views that they move.

    Parameters
    ----------
    key : str
        Its words are ``section.<key>.title`` and ``section.<key>.text``; the first section needs none.
    controls : sequence of str
        Labels' stems or keys of the controls, in order ("z" stands for z1, z2, ...).
    main : sequence of str
        Views that are always on the screen; on a narrow one they share their place with ``tabs``.
    tabs : sequence of str
        Figures that take turns beside the main ones; ``tab.<name>`` is the word on the tab.
    above : sequence of str
        Views over everything else of the section, as wide as the page: what is chosen from.
    below : sequence of str
        Views under the figures: numbers, tables, code.
    table : tuple, optional
        Rows of control keys that stand in a grid, for a table of numbers; over it stands what they are,
        where the words have ``section.<key>.about``.
    more : sequence of str
        Those of ``controls`` that whoever comes for the first time does not need: they are folded away under
        "More", until a state sets one of them.
    folded : bool
        True for a section to look things up in: it opens by its title, by a link to it, and in a state that
        sets one of its controls. On a phone all sections after the first do (layout.js).
    """

    key: str
    _: KW_ONLY
    controls: Sequence[str] = ()
    main: Sequence[str] = ()
    tabs: Sequence[str] = ()
    above: Sequence[str] = ()
    below: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()
    more: Sequence[str] = ()
    folded: bool = False


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Parameters
    ----------
    name : str
        Its stem: address, text files, figure file.
    picture : callable
        ``(values, words) -> {view: (function, *arguments)}``: pure; each view is drawn by calling its
        function, so that what nobody looks at is not drawn, and what has not changed not again.
    controls : sequence of Control
        Everything that can be set.
    sections : sequence of Section
        Where it stands.
    presets : mapping
        The presets by their names.
    belongs : callable, optional
        ``values -> name``: the preset whose button is shown as pressed, where that is not only the one that
        leads to just this state.
    beats : sequence of Beat
        The guide through the lesson, step by step. The lesson opens where the first begins; an address that
        names any of the controls leaves the others at their defaults all the same.
    keeps : sequence of str
        Controls that a preset leaves alone unless it names them.
    scope : str
        Lessons of one scope share their values: going from one to the other keeps them.
    drags : mapping
        Name of a grip to ``Drag -> changes``.
    notes : callable, optional
        ``(values, words) -> sentences`` on what is wrong with the state, shown under the controls.
    said : callable, optional
        ``(values, words) -> {section: places}``: the numbers of the one sentence (``spoken.<section>``) that
        says what came of a movement in that section, once it is at rest.
    headline : str
        Of the places of ``said`` the one number that a lesson is about, as ``section.place``; ``headline``
        in the words names it. What a preset changes is told with it.
    numbers : mapping
        Of other sections the place of their own number, which is told where a preset or a beat leads there;
        ``number.<section>`` in the words names it.
    derivation : callable, optional
        ``(values, words) -> places``: the numbers of the state, as LaTeX, for the places in the steps of
        the derivation (``derivation.step.<n>.text`` and ``.formula``), which is drawn below the live part.
    before : callable, optional
        ``words -> None``: draws what stands between the question and the live part.
    after : callable, optional
        ``(values, words) -> None``: draws what else follows (own data, the way on).
    sources : callable, optional
        Run before the picture, with the words: returns changes of the values that come from other
        widgets (data that a person pasted).
    asks : callable, optional
        ``(number, words) -> {q, about, text, options}``: a question that can be put to a class.
    shows : callable, optional
        ``(number, words) -> (said, picture)``: its evidence: ``why``, and the address of a state of a lesson,
        ``lesson``, ``query`` and the ``way`` there in words; and the figure.
    guesses : callable, optional
        ``(values, given, words) -> {view, dots}``: where everybody's values (of each control a list, in which
        None stands where somebody has none) stand in a figure, each dot (x, y, what it is worth).
    follow : callable, optional
        ``(before, after) -> changes``: what else changes when a person has set something (an answer that
        belongs to an older question goes).
    """

    name: str
    picture: Draw
    controls: Sequence[Control]
    sections: Sequence[Section]
    presets: Mapping[str, Preset] = field(default_factory=dict)
    belongs: Callable[[Values], str] | None = None
    beats: Sequence[Beat] = ()
    keeps: Sequence[str] = ()
    scope: str = ""
    drags: Mapping[str, Callable[[Drag], Mapping[str, Any]]] = field(default_factory=dict)
    notes: Callable[[Values, Words], list[str]] | None = None
    said: Callable[[Values, Words], Mapping[str, Mapping[str, str]]] | None = None
    headline: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    derivation: Callable[[Values, Words], Mapping[str, str]] | None = None
    before: Callable[[Words], None] | None = None
    after: Callable[[Values, Words], None] | None = None
    sources: Callable[[Words], Mapping[str, Any]] | None = None
    asks: Callable[[int, Words], Mapping[str, Any]] | None = None
    shows: Callable[[int, Words], tuple[Mapping[str, str], Picture]] | None = None
    guesses: Callable[[Values, Mapping[str, Sequence[float | None]], Words], Mapping[str, Any]] | None = None
    follow: Callable[[Values, Values], Mapping[str, Any]] | None = None

    @cached_property
    def by_key(self) -> dict[str, Control]:
        """The controls by their keys."""
        return {control.key: control for control in self.controls}

    @cached_property
    def named(self) -> dict[str, list[str]]:
        """The keys of the controls by what names them: each by its own, several by their stem."""
        made: dict[str, list[str]] = {}
        for control in self.controls:
            for name in {control.key, control.stem}:
                made.setdefault(name, []).append(control.key)
        return made

    @cached_property
    def views(self) -> frozenset[str]:
        """The names of the views that stand somewhere on the page."""
        return frozenset(
            name
            for section in self.sections
            for name in (*section.above, *section.main, *section.tabs, *section.below)
        )

    @cached_property
    def defaults(self) -> Values:
        """Every control at its default: what an address does not name."""
        return settle(self.controls, defaults(self.controls))

    @cached_property
    def start(self) -> Values:
        """The state in which the lesson opens."""
        return self.beat(1, self.defaults) if self.beats else self.defaults

    @cached_property
    def buttons(self) -> tuple[str, ...]:
        """The names of the presets that have a button."""
        return tuple(name for name, preset in self.presets.items() if not preset.hidden)

    def preset(self, name: str, values: Values) -> Values:
        """Return the state that a preset sets, from ``values``."""
        return self._set(self.presets[name].values, values)

    def beat_named(self, given: object) -> int:
        """Return the number of a beat, as a message or an address has it; 0 where there is no such beat."""
        known = [str(n) for n in range(1, len(self.beats) + 1)]
        return known.index(str(given)) + 1 if str(given) in known else 0

    def beat(self, n: int, values: Values) -> Values:
        """Return the state in which the beat of a number begins, from ``values``."""
        return self._set(self.beats[n - 1].values, values)

    def keeps_to(self, n: int, values: Values) -> bool:
        """Return whether nothing but what the beat of a number is about differs from its beginning."""
        begun, hand = self.beat(n, values), self.beats[n - 1].hand
        moved = (control for control in self.controls if values[control.key] != begun[control.key])
        return all(control.key in hand or control.stem in hand for control in moved)

    def has_done(self, n: int, values: Values) -> bool:
        """Return whether what the beat of a number asks for is done in the state ``values``."""
        if not self.keeps_to(n, values):
            return False
        reached = self.beats[n - 1].reached
        return bool(reached(values) if reached else values != self.beat(n, values))

    def _set(self, named: Mapping[str, Value], values: Values) -> Values:
        """Return the state that sets what is named, from ``values``."""
        kept = {key: values[key] for key in self.keeps if key in values}
        return settle(self.controls, Values({**self.defaults, **kept, **named}))

    def active_preset(self, values: Values) -> str:
        """Return the name of the button whose state ``values`` is, or an empty text."""
        return next((name for name in self.buttons if self._is_set(self.presets[name].values, values)), "")

    def begins_beat(self, values: Values) -> bool:
        """Return whether a beat begins in the state ``values``."""
        return any(self._is_set(beat.values, values) for beat in self.beats)

    def _is_set(self, named: Mapping[str, Value], values: Values) -> bool:
        """Return whether ``values`` is the state that sets what is named, from there."""
        kept = tuple((key, values[key]) for key in self.keeps if key in values)
        return self._compared(tuple(named.items()), kept) == values

    @cached_property
    def _compared(self) -> Callable[[tuple[Any, ...], tuple[Any, ...]], Values]:
        """States to compare with, by what is named and what is kept: each is asked for at every release."""
        # To compare with only: what is kept may be 1, and have been 1.0 when the state was made.
        return lru_cache(maxsize=256)(lambda named, kept: self._set(dict(named), Values(dict(kept))))

    def pressed(self, values: Values) -> str:
        """Return the name of the button that is shown as pressed, or an empty text."""
        return self.belongs(values) if self.belongs else self.active_preset(values)
