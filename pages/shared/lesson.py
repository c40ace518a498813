"""What a lesson is: controls, a pure picture, presets and where things stand, all as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from pages.shared.catalog import Words
from pages.shared.controls import Control, Values, defaults, settle

Picture: TypeAlias = dict[str, Any]
Draw: TypeAlias = Callable[[Values, Words], Picture]


def class_names(values: Values, words: Words) -> list[str]:
    """Return the names of the K classes: a person's own, or the language's."""
    return [values[f"c{i}"] or words(f"class.{i}") for i in range(1, values.k + 1)]


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
    below : sequence of str
        Views under the figures: numbers, tables, code.
    table : tuple, optional
        Rows of control keys that stand in a grid, for a table of numbers.
    """

    key: str
    controls: Sequence[str] = ()
    main: Sequence[str] = ()
    tabs: Sequence[str] = ()
    below: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Parameters
    ----------
    name : str
        Its stem: address, text files, figure file.
    picture : callable
        ``(values, words) -> {view: content}``: pure; a view may be given as a function that draws it,
        so that what nobody looks at is not drawn.
    controls : sequence of Control
        Everything that can be set.
    sections : sequence of Section
        Where it stands.
    presets : mapping
        Name to the values that it sets; what it does not name goes to its default, except ``keeps``.
    hidden_presets : mapping
        States that a watch-out box shows, without a button in the row of presets.
    shows : mapping
        Preset to the section that it is about, where that is not the first one: the browser goes there.
    keeps : sequence of str
        Controls that a preset leaves alone unless it names them.
    scope : str
        Lessons of one scope share their values: going from one to the other keeps them.
    drags : mapping
        Name of a grip to ``Drag -> changes``.
    notes : callable, optional
        ``(values, words) -> sentences`` on what is wrong with the state, shown above the picture.
    after : callable, optional
        ``(values, words) -> None``: draws what follows the live part (derivations, own data).
    sources : callable, optional
        Run before the picture, with the words: returns changes of the values that come from other
        widgets (data that a person pasted).
    follow : callable, optional
        ``(before, after) -> changes``: what else changes when a person has set something (an answer that
        belongs to an older question goes).
    """

    name: str
    picture: Draw
    controls: Sequence[Control]
    sections: Sequence[Section]
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    hidden_presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    shows: Mapping[str, str] = field(default_factory=dict)
    keeps: Sequence[str] = ()
    scope: str = ""
    drags: Mapping[str, Callable[[Drag], Mapping[str, Any]]] = field(default_factory=dict)
    notes: Callable[[Values, Words], list[str]] | None = None
    after: Callable[[Values, Words], None] | None = None
    sources: Callable[[Words], Mapping[str, Any]] | None = None
    follow: Callable[[Values, Values], Mapping[str, Any]] | None = None

    @cached_property
    def by_key(self) -> dict[str, Control]:
        """The controls by their keys."""
        return {control.key: control for control in self.controls}

    @cached_property
    def views(self) -> frozenset[str]:
        """The names of the views that stand somewhere on the page."""
        return frozenset(
            name for section in self.sections for name in (*section.main, *section.tabs, *section.below)
        )

    @cached_property
    def start(self) -> Values:
        """The state in which the lesson opens."""
        return settle(self.controls, defaults(self.controls))

    def preset(self, name: str, values: Values) -> Values:
        """Return the state that a preset sets, from ``values``."""
        kept = {key: values[key] for key in self.keeps if key in values}
        changes = self.presets[name] if name in self.presets else self.hidden_presets[name]
        return settle(self.controls, Values({**self.start, **kept, **changes}))

    def active_preset(self, values: Values) -> str:
        """Return the name of the preset whose state ``values`` is, or an empty text."""
        return next((name for name in self.presets if self.preset(name, values) == values), "")
