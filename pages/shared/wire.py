"""The wire: what a message of the browser says of the values, and what it is answered. No Streamlit.

A commit is ``{client, seq, values, has, intact, reads, set | preset | beat | drag, guide, moving, views}``;
``live`` says when it is sent. It comes from outside: whatever is not what it should be is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlencode

from core.figures.reading import now, numbers
from core.figures.text import number
from core.figures.theme import INKS, PALETTES, WORDS, WRITTEN
from pages.shared.catalog import Words
from pages.shared.controls import Control, Values, decimals, parse, query, read, settle
from pages.shared.frames import resolve, same
from pages.shared.lesson import UNGUIDED, Drag, Guide, Lesson, Picture, class_name

FAR = 1e300  # nothing on an axis is that far out


def mapping(given: object) -> dict[str, Any]:
    """Return a part of a message that should be a mapping; an empty one where it is something else."""
    return dict(given) if isinstance(given, Mapping) else {}


def names(given: object) -> tuple[str, ...]:
    """Return a part of a message that should be a list of names."""
    return tuple(name for name in given if isinstance(name, str)) if isinstance(given, (list, tuple)) else ()


def told(lesson: Lesson, message: Mapping[str, Any], values: Values) -> Values:
    """Return ``values`` as a message of the browser tells them: it may know what this session does not.

    After a reconnection the session may be new while the browser still shows what it showed.
    """
    for key, given in mapping(message.get("values")).items():
        if key in lesson.by_key and (value := parse(lesson.by_key[key], given, values)) is not None:
            values = values.replace(**{key: value})
    return values


def moved(lesson: Lesson, values: Values, changes: Mapping[str, object]) -> Values:
    """Return the values after controls were moved, with whatever follows them."""
    made = read(lesson.controls, changes, values).values
    # What follows may leave less room for the others.
    return settle(lesson.controls, made.replace(**lesson.follow(values, made))) if lesson.follow else made


def apply(lesson: Lesson, message: Mapping[str, Any], values: Values) -> Values:
    """Return the values after a commit of the browser; what is not a value is left out."""
    base = told(lesson, message, values)
    if preset := message.get("preset"):
        return lesson.preset(preset, base) if lesson.presets.keys() & {*names([preset])} else base
    if message.get("beat") is not None:
        n = lesson.beat_named(message["beat"])
        return lesson.beat(n, base) if n else base
    if held := mapping(message.get("drag")):
        return _dragged(lesson, held, base)
    wanted = mapping(message.get("set"))
    # The browser's state has the new value already; what follows must see it change.
    before = base.replace(**{key: values[key] for key in wanted if key in lesson.by_key})
    return moved(lesson, before, wanted)


def _dragged(lesson: Lesson, held: Mapping[str, Any], values: Values) -> Values:
    """Return the values after a grip was moved."""
    (name,) = names([held.get("name")]) or ("",)
    places = [held.get(key) for key in ("x", "y", "from_x", "from_y")]
    if name not in lesson.drags or not all(isinstance(p, (int, float)) and abs(p) < FAR for p in places):
        return values
    start = read(lesson.controls, mapping(held.get("start")), values).values
    x, y, from_x, from_y = (float(cast("float", p)) for p in places)
    drag = Drag(name, x, y, from_x, from_y, start)
    for key, place in lesson.drags[name](drag).items():
        low, high, _ = lesson.by_key[key].range_in(values)
        kept = min(max(float(place), low), high)
        values = values.replace(**{key: round(kept) if lesson.by_key[key].whole else kept})
    return values


def started(lesson: Lesson, values: Values) -> Mapping[str, Any]:
    """Return what the values go back to: their defaults, in the unit and for the data now in use."""
    return {**lesson.start, **lesson.follow(lesson.start, values)} if lesson.follow else lesson.start


def describe(control: Control, values: Values, words: Words) -> dict[str, Any]:
    """Return a control as the browser draws it, but for what it goes back to."""
    name = control.stem
    low, high, step = control.range_in(values)
    digits = control.digits if control.digits is not None else decimals(step)
    made: dict[str, Any] = {
        "kind": control.kind,
        "label": _label(control, name, values, words),
        "role": control.role,
        "digits": 0 if control.whole else digits,
        "live": control.is_framed(values),
        "whole": control.whole,
        "shown": control.is_shown(values),
    }
    unit = control.unit(values) if control.unit else values.get("unit", "")
    for key in (f"control.{name}.unit", f"control.{name}.unit.{unit}"):
        if key in words:
            made["unit"] = words(key)
    if (key := f"control.{name}.help") in words:
        made["help"] = words(key)
    if control.kind == "choice":
        choices = control.choices or [str(number) for number in range(int(low), int(high) + 1)]
        made["choices"] = [[choice, _choice(name, choice, values, words)] for choice in choices]
        if control.right and (right := control.right(values)):
            made |= {"right": right, "settled": words("settled")}
        if control.onward and (to := control.onward(values)):
            made["onward"] = {
                "word": words(f"onward.{to.word}"),
                "key": to.key,
                "value": to.value,
                "box": to.box,
            }
    elif control.kind == "text":
        made["longest"] = control.longest
        if control.index:
            made["placeholder"] = words(f"class.{control.index}")
    else:
        made |= {"min": low, "max": high, "step": step}
        # Evenly spaced stops travel as a count; the browser rounds them as stops_in does.
        if control.stops is not None or decimals(low) > decimals(step):
            made["stops"] = control.stops_in(values)
        else:
            made["count"] = control.count_in(values)
    return made


def _label(control: Control, name: str, values: Values, words: Words) -> str:
    """Return a control's label, in which @{index} and @{class} may stand."""
    key = f"control.{name}.label"
    if not control.index:
        return words(key)
    return words(key, index=control.index, name=class_name(control.index, values, words))


def _choice(name: str, choice: str, values: Values, words: Words) -> str:
    """Return the label of one choice: a word, or the class of that number."""
    if (key := f"control.{name}.choice.{choice}") in words:
        return words(key)
    return class_name(int(choice) + 1, values, words)


def group(lesson: Lesson, names: Sequence[str]) -> list[str]:
    """Return the keys of the controls that a section names by key or by label."""
    return [key for name in names for key in lesson.named.get(name, ())]


def address(lesson: Lesson, values: Values, language: str, guide: Guide = UNGUIDED) -> str:
    """Return the query of the address that reproduces the screen; the first beat is where a guide begins."""
    beat = {"beat": str(guide.n)} if lesson.beats and guide.n > 1 and not guide.off else {}
    return urlencode({"lang": language, **beat, **query(lesson.controls, values)})


def guided(lesson: Lesson, values: Values, words: Words, guide: Guide) -> dict[str, Any] | None:
    """Return the line of the guide as the browser draws it; None where the lesson has no beats."""
    if not lesson.beats:
        return None
    shows = lesson.beats[guide.n - 1].shows
    # It stands at the top until somebody goes to a beat: under the question it is seen.
    asked = guide.turn and not guide.off
    places = [s.key for s in lesson.sections if asked and shows in (s.key, *s.above, *s.main, *s.tabs)]
    return {
        "n": guide.n,
        "count": len(lesson.beats),
        "turn": guide.turn,
        "off": guide.off,
        "free": not lesson.keeps_to(guide.n, values),
        "where": words("live.beat", n=guide.n, count=len(lesson.beats)),
        "text": words(f"beat.{guide.n}.text"),
        "done": words(f"beat.{guide.n}.done"),
        "reached": lesson.has_done(guide.n, values),
        "section": places[0] if places else lesson.sections[0].key,
        "hand": group(lesson, lesson.beats[guide.n - 1].hand),
        "tab": shows if any(shows in (*s.main, *s.tabs) for s in lesson.sections) else "",
    }


def known(lesson: Lesson, values: Values) -> dict[str, Any]:
    """Return the values of the controls, which the browser knows."""
    return {key: values[key] for key in lesson.by_key}


def spoken(lesson: Lesson, values: Values, words: Words) -> dict[str, str]:
    """Return what came of a movement in each section that has a sentence for it."""
    said = lesson.said(values, words) if lesson.said else {}
    return {section: words(f"spoken.{section}", **places) for section, places in said.items()}


TOLD = 3  # controls that are named of those that a preset changed


def led(lesson: Lesson, message: Mapping[str, Any]) -> str:
    """Return the section or view to which a message's preset or beat leads; of the first one nothing."""
    (preset,) = names([message.get("preset")]) or ("",)
    if preset in lesson.presets:
        return lesson.presets[preset].shows
    n = lesson.beat_named(message.get("beat"))
    return lesson.beats[n - 1].shows if n else ""


def changed(lesson: Lesson, before: Values, after: Values, words: Words, section: str = "") -> str:
    """Return in one line what differs between two states: the controls, and the number of a section.

    A section that has none of its own has the lesson's, which is told where it is another one.
    """
    moved = [c for c in lesson.controls if c.in_url and before[c.key] != after[c.key] and c.is_shown(after)]
    told = [_turned(c, before, after, words) for c in moved[:TOLD]]
    if len(moved) > TOLD:
        told.append(words("changed.more", n=len(moved) - TOLD))
    own = lesson.numbers.get(section, "")
    if lesson.said and (own or (told and lesson.headline)):
        name = words(f"number.{section}" if own else "headline")
        section, place = (section, own) if own else lesson.headline.split(".")
        old, new = (lesson.said(values, words).get(section, {}).get(place) for values in (before, after))
        if old is not None and new is not None and old != new:
            told.append(f"{name} {old} → {new}")
        elif own and new is not None:
            told.append(f"{name} {new}")
    return " · ".join(told)


def _turned(control: Control, before: Values, after: Values, words: Words) -> str:
    """Return how a control was changed: its label, what it was and what it is."""
    name = control.label or control.key.rstrip("0123456789")
    label = _label(control, name, after, words)
    if control.kind == "button":
        return words("changed.pressed", label=label)
    if control.kind == "toggle":
        return words(f"changed.{'on' if after[control.key] else 'off'}", label=label)
    old, new = before[control.key], after[control.key]
    if control.kind == "choice":
        old, new = (
            _choice(name, str(v), s, words) if v != "" else "–" for v, s in ((old, before), (new, after))
        )
    elif control.kind != "text":
        old, new = number(float(old)), number(float(new))
    return f"{label} {old} → {new}"


def whole(
    lesson: Lesson,
    values: Values,
    words: Words,
    *,
    notes: Sequence[str],
    views: Sequence[str] | None = None,
    had: Picture | None = None,
    reads: Collection[str] = (),
    guide: Guide = UNGUIDED,
    picture: Picture | None = None,
) -> dict[str, Any]:
    """Return everything that the browser needs to draw the lesson in the state ``values``.

    With ``views`` a hand is under way: what is said at rest, and read in tables, has time. What the browser
    ``had`` is drawn only where it has changed. The figures that it ``reads`` have their tables, the others
    what they say of themselves. ``picture`` is the lesson's, where somebody has it.
    """
    had = had or {}
    picture = picture or lesson.picture(values, words)
    drawn = resolve({name: c for name, c in picture.items() if not same(had.get(name, ()), c)}, views)
    rest = views is None
    start = started(lesson, values)
    read = drawn | resolve(picture, {*reads} - drawn.keys()) if rest else {}
    return {
        "lesson": lesson.name,
        "language": words.language,
        "address": address(lesson, values, words.language, guide),
        "values": known(lesson, values),
        "follows": lesson.follow is not None,
        "controls": {c.key: describe(c, values, words) | {"start": start[c.key]} for c in lesson.controls},
        "presets": [[name, words(f"preset.{name}")] for name in lesson.buttons],
        "preset": lesson.pressed(values),
        "boxes": list(words.under("watch")),
        "guide": guided(lesson, values, words, guide),
        "sections": [
            {
                "key": section.key,
                "title": words(f"section.{section.key}.title") if i else "",
                "text": words(f"section.{section.key}.text") if i else "",
                "controls": group(lesson, section.controls),
                "main": list(section.main),
                "tabs": [
                    [name, words(f"tab.{name}")]
                    for name in [*section.main, *section.tabs]
                    if section.tabs and f"tab.{name}" in words
                ],
                "above": list(section.above),
                "below": list(section.below),
                "table": [list(row) for row in section.table],
                "more": group(lesson, section.more),
                "about": words(about) if (about := f"section.{section.key}.about") in words else "",
                "folded": section.folded,
            }
            for i, section in enumerate(lesson.sections)
        ],
        "notes": list(notes),
        "spoken": spoken(lesson, values, words) if rest else {},
        "numbers": {
            name: numbers(v) if name in reads else {"now": now(v)}
            for name, v in read.items()
            if v["type"] == "figure"
        },
        "views": drawn,
        "words": {key: words(f"live.{key}") for key in words.under("live")},
        "palettes": PALETTES,
        "inks": INKS,
        "written": WRITTEN,
        "verbatim": WORDS,
    }
