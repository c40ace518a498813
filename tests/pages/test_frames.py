"""Frames: what differs between pictures, how it travels, and that the browser gets the pictures back."""

from __future__ import annotations

import copy
import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pages.shared.frames import difference, frames, pack, resolve
from pages.shared.lesson import Picture

Unpack = Callable[[bytes], dict[str, Any]]
Write = Callable[[dict[str, Any], int, dict[str, Any]], None]
Same = Callable[[Any, Any], bool]

SCALARS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.integers(-(2**24), 2**24),
    st.booleans(),
    st.none(),
    st.text(max_size=6),
    st.floats(-1e6, 1e6).map(np.float64),
    st.integers(-1000, 1000).map(np.int64),
)
SHAPES = hnp.array_shapes(min_dims=1, max_dims=2, min_side=1, max_side=4)
ARRAYS = st.one_of(
    hnp.arrays(np.float64, SHAPES, elements=st.floats(width=32)),
    hnp.arrays(np.int64, SHAPES, elements=st.integers(-(2**20), 2**20)),
    hnp.arrays(np.bool_, SHAPES),
    st.lists(st.text(max_size=3), min_size=1, max_size=4).map(lambda items: np.array(items, dtype=object)),
)
KEYS = st.text("abcxyz.", min_size=1, max_size=3)


def trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.lists(inner, max_size=3).map(tuple),
            st.dictionaries(KEYS, inner, max_size=4),
        ),
        max_leaves=12,
    )


PICTURES = st.dictionaries(st.sampled_from("abc"), trees(st.one_of(SCALARS, ARRAYS)), min_size=1, max_size=3)


def varied(draw: st.DrawFn, node: Any) -> Any:
    """Return a tree that is ``node`` but for some leaves, as a lesson's pictures of two stops are."""
    if isinstance(node, dict):
        return {key: varied(draw, value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return type(node)(varied(draw, value) for value in node)
    change = draw(st.integers(0, 9))
    if change > 4:
        return node
    if change == 0:
        return draw(trees(st.one_of(SCALARS, ARRAYS)))
    if isinstance(node, np.ndarray) and node.dtype == np.float64:
        return draw(hnp.arrays(np.float64, node.shape, elements=st.floats(width=32)))
    if isinstance(node, float):
        return draw(st.floats(-1e6, 1e6, width=32))
    if isinstance(node, str):
        return draw(st.sampled_from(["one", "two", node]))
    return draw(SCALARS)


def as_calls(views: dict[str, Any]) -> Picture:
    """Return views as a picture whose functions are new at every stop, so that each is drawn."""
    return {name: (lambda view=view: view,) for name, view in views.items()}


@st.composite
def films(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Pictures of a few stops with the same views."""
    first = draw(PICTURES)
    return [first, *({k: varied(draw, v) for k, v in first.items()} for _ in range(draw(st.integers(0, 6))))]


class TestTheWayThroughTheBrowser:
    """In the browser's own frames.js; what tests read messages with, in Python, does the same."""

    @given(films(), st.data())
    def test_every_frame_laid_over_any_picture_gives_the_frames_picture(
        self,
        in_node: Any,
        unpack: Unpack,
        write: Write,
        same: Same,
        film: list[dict[str, Any]],
        data: st.DataObject,
    ) -> None:
        made = frames(lambda stop: as_calls(film[int(stop)]), range(len(film)), list(film[0]))
        assert list(made) == list(film[0])
        picture = pack({"views": film[0]})
        block = b"".join(pack({"leaves": leaves}) for leaves in made.values())
        order = data.draw(st.lists(st.integers(0, len(film) - 1), min_size=1, max_size=8))
        assert same(in_node.ask("unpack", picture)["views"], film[0])
        shown = unpack(picture)["views"]
        arrived = unpack(block)
        for stop, drawn in zip(order, in_node.ask("film", picture, block, order), strict=True):
            assert same(drawn, film[stop])
            write(arrived, stop, shown)
            assert same(shown, film[stop])

    @given(PICTURES)
    def test_equal_pictures_leave_nothing_to_send(self, film: dict[str, Any]) -> None:
        assert difference([film, copy.deepcopy(film), film]) == []

    @given(PICTURES, PICTURES)
    def test_blocks_follow_one_another(
        self, in_node: Any, unpack: Unpack, same: Same, one: Any, other: Any
    ) -> None:
        blocks = pack({"one": one}) + pack({"other": other})
        assert same(in_node.ask("unpack", blocks), {"one": one, "other": other})
        assert same(unpack(blocks), {"one": one, "other": other})

    @given(PICTURES, PICTURES)
    def test_lists_of_one_name_are_joined(
        self, in_node: Any, unpack: Unpack, same: Same, one: Any, other: Any
    ) -> None:
        blocks = pack({"all": [one]}) + pack({"all": [other]})
        assert same(in_node.ask("unpack", blocks), {"all": [one, other]})
        assert same(unpack(blocks), {"all": [one, other]})


class TestDifference:
    def test_a_number_is_one_array_for_all_stops(self) -> None:
        ((path, values),) = difference([{"a": {"x": 1.5}}, {"a": {"x": 2.5}}, {"a": {"x": 1.5}}])
        assert path == ["a", "x"]
        assert values.dtype == np.float32
        assert values.tolist() == [1.5, 2.5, 1.5]

    def test_whole_and_broken_numbers_mix(self) -> None:
        ((_, values),) = difference([1, 2.5])
        assert values.tolist() == [1.0, 2.5]

    def test_arrays_are_rows(self) -> None:
        ((path, values),) = difference([{"x": np.zeros(3)}, {"x": np.ones(3)}])
        assert (path, values.shape, values.dtype) == (["x"], (2, 3), np.float32)

    def test_gaps_at_the_same_places_are_equal(self) -> None:
        assert difference([np.array([1.0, np.nan]), np.array([1.0, np.nan])]) == []

    def test_only_what_differs_comes(self) -> None:
        found = difference([{"a": [1, 2, 3], "b": "x"}, {"a": [1, 9, 3], "b": "y"}])
        assert [path for path, _ in found] == [["a", 1], ["b"]]

    def test_lists_of_other_lengths_come_whole(self) -> None:
        ((path, values),) = difference([{"a": [1]}, {"a": [1, 2]}])
        assert (path, values) == (["a"], [[1], [1, 2]])

    def test_dicts_with_other_keys_come_whole(self) -> None:
        ((path, values),) = difference([{"a": {"x": 1}}, {"a": {"y": 1}}])
        assert (path, values) == (["a"], [{"x": 1}, {"y": 1}])

    def test_truth_is_not_a_number(self) -> None:
        assert difference([{"a": True}, {"a": 1}]) == [(["a"], [True, 1])]

    def test_arrays_of_other_shapes_come_as_lists_without_what_json_cannot_hold(self) -> None:
        ((_, values),) = difference([np.array([1.0, np.nan]), np.array([np.inf])])
        assert values == [[1.0, None], [None]]

    def test_a_change_at_the_last_stop_only_is_found(self) -> None:
        same = {"x": "a", "y": 0.0, "z": np.zeros(2)}
        last = {"x": "b", "y": 1.0, "z": np.array([0.0, 1e-9])}
        assert {path[0] for path, _ in difference([same] * 20 + [last])} == {"x", "y", "z"}


class TestFrames:
    def test_draws_only_the_views_asked_for(self) -> None:
        drawn = []

        def heavy(stop: float) -> dict[str, float]:
            drawn.append(stop)
            return {"x": stop}

        def draw(stop: float) -> Picture:
            return {"light": (lambda: {"x": stop},), "heavy": (heavy, stop)}

        made = frames(draw, [0.0, 1.0], ["light"])
        assert {name: [leaf["path"] for leaf in leaves] for name, leaves in made.items()} == {
            "light": [["light", "x"]]
        }
        assert drawn == []
        frames(draw, [0.0, 1.0], ["light", "heavy"])
        assert drawn == [0.0, 1.0]

    def test_texts_that_repeat_are_sent_once(self) -> None:
        made = frames(lambda stop: {"v": (lambda: {"t": "ab"[int(stop) // 10]},)}, range(20), ["v"])
        (leaf,) = made["v"]
        assert leaf["items"] == ["a", "b"]
        assert leaf["which"] == [0] * 10 + [1] * 10

    def test_resolve_keeps_the_order_of_the_picture(self) -> None:
        picture: Picture = {"a": (list,), "b": (dict, [("x", 1)]), "c": (max, 2, 3)}
        assert resolve(picture, ["c", "a"]) == {"a": [], "c": 3}
        assert list(resolve(picture, ["c", "a"])) == ["a", "c"]
        assert resolve(picture) == {"a": [], "b": {"x": 1}, "c": 3}


class TestDrawingAgain:
    """A view is drawn again only where what goes into it has changed."""

    @pytest.mark.parametrize(
        ("argument", "times"),
        [
            (lambda stop: (1.0, (2.0,)), 1),
            (lambda stop: (stop,), 5),
            (lambda stop: (np.array([1.0, 2.0]),), 5),
        ],
    )
    def test_counts(self, argument: Callable[[float], Any], times: int) -> None:
        drawn: list[Any] = []

        def view(*args: Any) -> dict[str, Any]:
            drawn.append(args)
            return {"x": np.array([float(np.sum(args[0]))])}

        made = frames(lambda stop: {"a": (view, *argument(stop))}, [0.0, 1.0, 2.0, 3.0, 4.0], ["a"])
        assert len(drawn) == times
        assert list(made) == ["a"]


class TestPack:
    @given(PICTURES)
    def test_numbers_begin_and_end_on_whole_words(self, film: dict[str, Any]) -> None:
        block = pack(film)
        length, count = struct.unpack_from("<II", block)
        assert length % 4 == 0
        assert len(block) == 8 + length + 4 * count

    def test_letters_of_every_script(self, in_node: Any, unpack: Unpack) -> None:
        block = pack({"말": "고양이 − ∞", "x": np.ones(1)})
        assert in_node.ask("unpack", block) == {"말": "고양이 − ∞", "x": [1.0]}
        assert unpack(block) == {"말": "고양이 − ∞", "x": np.ones(1)}

    @pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
    def test_a_single_number_that_is_not_finite_is_refused(self, number: float) -> None:
        with pytest.raises(ValueError, match="not JSON compliant"):
            pack({"x": number})

    def test_an_array_may_have_gaps(self, unpack: Unpack) -> None:
        found = unpack(pack({"x": np.array([1.0, np.nan, np.inf])}))["x"]
        np.testing.assert_array_equal(found, [1.0, np.nan, np.inf])

    def test_a_number_beyond_float32_becomes_infinite_without_a_warning(self, unpack: Unpack) -> None:
        assert unpack(pack({"x": np.array([1e300])}))["x"].tolist() == [math.inf]

    @pytest.mark.parametrize("thing", [object(), {1, 2}, b"bytes", 1j])
    def test_what_a_picture_may_not_hold_is_named(self, thing: object) -> None:
        with pytest.raises(TypeError, match=f"a picture may not hold {type(thing).__name__}"):
            pack({"x": thing})
