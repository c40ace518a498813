"""Frames: the pictures of one slider's stops, and how they travel to the browser.

A picture is a tree of dicts, lists, texts, numbers and arrays. ``difference`` finds the leaves that
differ between the stops; ``pack`` writes a tree as JSON with its arrays as float32 behind it. Nothing
here knows what a picture shows, and nothing here knows Streamlit.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from operator import eq, is_, itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pages.shared.lesson import Picture

Path: TypeAlias = list[str | int]
Leaf: TypeAlias = tuple[Path, Any]


def resolve(picture: Picture, views: Iterable[str] | None = None) -> dict[str, Any]:
    """Return the picture's views, drawn.

    Parameters
    ----------
    picture : dict
        Name of a view to the function that draws it and its arguments.
    views : iterable of str, optional
        The names wanted; all by default.

    Examples
    --------
    >>> resolve({"a": (dict, [("x", 1)]), "b": (max, 2, 3)}, ["b"])
    {'b': 3}
    """
    chosen = picture.items() if views is None else _only(picture, views)
    return {name: function(*arguments) for name, (function, *arguments) in chosen}


def difference(nodes: Sequence[Any]) -> list[Leaf]:
    """Return the leaves in which the trees differ: the path, and the value in each tree.

    Numbers and numeric arrays come as one float32 array with a row a tree, anything else as a list.

    Examples
    --------
    >>> [
    ...     (path, list(map(float, values)))
    ...     for path, values in difference([{"a": 1, "b": 2}, {"a": 1, "b": 3}])
    ... ]
    [(['b'], [2.0, 3.0])]
    """
    leaves: list[Leaf] = []
    _compare(list(nodes), [], leaves)
    return leaves


def _compare(nodes: list[Any], path: Path, leaves: list[Leaf]) -> None:
    """Add to ``leaves`` where ``nodes`` differ at and below ``path``."""
    # Two hundred pictures of a thousand leaves each: the loops are C's.
    first = nodes[0]
    if all(map(is_, nodes, repeat(first))):
        return
    kinds = set(map(type, nodes))
    if len(kinds) > 1:
        numbers = all(issubclass(kind, (int, float)) and kind is not bool for kind in kinds)
        leaves.append((path, np.array(nodes, dtype=np.float32) if numbers else nodes))
        return
    (kind,) = kinds
    if kind is dict:
        keys = first.keys()
        if all(map(eq, map(dict.keys, nodes), repeat(keys))):
            for key in keys:
                _compare(list(map(itemgetter(key), nodes)), [*path, key], leaves)
            return
    elif kind is list or kind is tuple:
        if set(map(len, nodes)) == {len(first)}:
            for i in range(len(first)):
                _compare(list(map(itemgetter(i), nodes)), [*path, i], leaves)
            return
    elif kind is np.ndarray:
        if first.dtype != object and all(node.shape == first.shape for node in nodes):
            rows = np.array(nodes)
            if not ((rows == rows[0]) | ((rows != rows) & (rows[0] != rows[0]))).all():
                leaves.append((path, rows.astype(np.float32)))
            return
        nodes = [node.tolist() if node.dtype == object else _json_rows(node) for node in nodes]
        if nodes.count(nodes[0]) == len(nodes):
            return
    elif nodes.count(first) == len(nodes):
        return
    elif kind in (float, int):
        leaves.append((path, np.array(nodes, dtype=np.float32)))
        return
    leaves.append((path, nodes))


def _json_rows(array: NDArray[Any]) -> Any:
    """Return an array as nested lists in which what JSON cannot hold is null."""
    if array.ndim > 1:
        return [_json_rows(row) for row in array]
    return [value if np.isfinite(value) else None for value in array.tolist()]


def frames(
    draw: Callable[[float], Picture], stops: Sequence[float], views: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return what differs between the pictures of the stops, for each view, ready to ``pack``.

    Parameters
    ----------
    draw : callable
        A stop to its picture, whose views are drawn here.
    stops : sequence of float
        The stops, in order.
    views : sequence of str
        The views on the screen.

    Returns
    -------
    dict
        For each view its leaves that differ: a ``path``, and the values as ``numbers`` (an array with a row a
        stop) or as ``items`` (a list with an entry a stop).
    """
    last: dict[str, tuple[tuple[Any, ...], Any]] = {}
    nodes = [{name: _again(last, name, call) for name, call in _only(draw(stop), views)} for stop in stops]
    made: dict[str, list[dict[str, Any]]] = {name: [] for name in views}
    for path, values in difference(nodes):
        kept = {"numbers": values} if isinstance(values, np.ndarray) else _distinct(values)
        made[str(path[0])].append({"path": path, **kept})
    return made


def _only(picture: Picture, views: Iterable[str]) -> list[tuple[str, tuple[Any, ...]]]:
    """Return the wanted views of a picture, not yet drawn."""
    wanted = set(views)
    return [(name, call) for name, call in picture.items() if name in wanted]


def _again(last: dict[str, tuple[tuple[Any, ...], Any]], name: str, call: tuple[Any, ...]) -> Any:
    """Return a view, drawn; as it was drawn for the stop before, if what goes into it is the same."""
    if name in last and same(last[name][0], call):
        return last[name][1]
    function, *arguments = call
    last[name] = (call, function(*arguments))
    return last[name][1]


def same(before: tuple[Any, ...], now: tuple[Any, ...]) -> bool:
    """Return whether two views are one function with equal arguments."""
    try:
        return before == now
    except ValueError:
        # Arrays are not compared; they are drawn.
        return False


def _distinct(values: list[Any]) -> dict[str, Any]:
    """Return values as they are, or as a list of the different ones and an index, where that is shorter."""
    if all(isinstance(value, str) for value in values):
        items = list(dict.fromkeys(values))
        if len(items) * 3 < len(values):
            places = {item: i for i, item in enumerate(items)}
            return {"items": items, "which": [places[value] for value in values]}
    return {"items": values}


def pack(message: Mapping[str, Any]) -> bytes:
    """Return a message as one block: two lengths, the JSON, and its arrays as float32.

    In the JSON an array is ``{"$f": [offset, *shape]}``, the offset counted in numbers. One copy of
    everything, no text for numbers: a browser reads it without parsing a single digit. Blocks may
    follow one another.

    Examples
    --------
    >>> block = pack({"x": np.array([1.0, 2.0])})
    >>> len(block) % 4, block[8:28]
    (0, b'{"x":{"$f":[0,2]}}  ')
    """
    arrays: list[NDArray[np.float32]] = []
    used = 0

    def reference(node: Any) -> Any:
        nonlocal used
        if isinstance(node, np.ndarray):
            if node.dtype == object or node.dtype.kind in "US":
                return node.tolist()
            numbers = np.ascontiguousarray(node, dtype=np.float32)
            arrays.append(numbers.reshape(-1))
            used += numbers.size
            return {"$f": [used - numbers.size, *numbers.shape]}
        if isinstance(node, np.generic):
            return node.item()
        raise TypeError(f"a picture may not hold {type(node).__name__}.")

    with np.errstate(over="ignore"):
        text = json.dumps(
            message, default=reference, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
    body = text.encode()
    body += b" " * (-len(body) % 4)
    return b"".join([struct.pack("<II", len(body), used), body, *(array.tobytes() for array in arrays)])
