"""The supply of frames: addresses, what is refused, who shares what, and that every part is the picture's."""

from __future__ import annotations

import asyncio
import gc
import gzip
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.heights import LESSON as HEIGHTS
from pages.parts.people import remember
from pages.shared import supply
from pages.shared.catalog import load
from pages.shared.controls import Values, written
from pages.shared.frames import pack, resolve
from pages.shared.lesson import Lesson
from pages.shared.maker import AHEAD, Maker, Pause
from pages.shared.store import Ahead, Store
from pages.shared.wire import moved
from pages.softmax import LESSON as SOFTMAX
from tests.conftest import ends, frame_block, source_of, states
from tests.machine import EXHAUSTIVE


def split(
    lesson: Lesson, values: Values, key: str, views: str = "", part: object = "all", **other: str
) -> tuple[str, str]:
    """Return path and query of the frames of a control, as the browser has them."""
    origin = source_of(lesson)
    aside = (key, *origin.added)
    others = {name: written(values[name]) for name in lesson.by_key if name not in aside} | other
    begin = supply.address(lesson, "en", origin)
    return f"/{begin}/{key}/{views or min(lesson.views)}/{part}", urlencode(others)


def status(path: str, query: str) -> int:
    """Return the status with which an address is answered."""
    try:
        supply.read(path, query)
    except supply.RefusedError as refused:
        return refused.status
    return 200


class TestAddresses:
    def test_every_state_has_one(self, case: Any) -> None:
        lesson, values = case
        for key, control in lesson.by_key.items():
            if control.is_framed(values):
                wish, _ = supply.read(*split(lesson, values, key))
                # A name for own numbers that nobody has given is no part of it.
                ours = [name for name in lesson.by_key if name not in (key, *source_of(lesson).added)]
                assert {name: wish.values[name] for name in ours} == {name: values[name] for name in ours}

    def test_every_state_that_a_hand_comes_to_has_one(self, case: Any) -> None:
        """What follows a control may be in a state of its own."""
        lesson, values = case
        key = next((key for key, control in lesson.by_key.items() if control.is_framed(values)), None)
        for other, control in lesson.by_key.items():
            for value in ends(control, values) if key and other != key and control.is_shown(values) else ():
                after = moved(lesson, values, {other: value})
                if lesson.by_key[key].is_framed(after):
                    assert status(*split(lesson, after, key)) == 200, (key, other, value)

    def test_the_same_frames_have_the_same_name_wherever_the_slider_is(self) -> None:
        wish, _ = supply.read(*split(SOFTMAX, SOFTMAX.start, "z1"))
        there = wish._replace(values=wish.values.replace(z1=-3.0))
        assert wish.named("columns", None) == there.named("columns", None)
        assert wish.named("columns", 1) != wish.named("columns", None) != wish.named("formula", None)
        other, _ = supply.read(*split(SOFTMAX, SOFTMAX.start.replace(z2=0.0), "z1"))
        assert other.named("columns", None) != wish.named("columns", None)

    def test_of_another_version_are_gone(self) -> None:
        path, query = split(SOFTMAX, SOFTMAX.start, "z1")
        assert status(path.replace(supply.version(), "0" * 12), query) == 410

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("/-/", "/somebody-elses/", 404),
            ("/softmax/", "/heights/", 400),
            ("/softmax/", "/nowhere/", 404),
            ("/softmax/", "/shared/", 404),
            ("/softmax/", "/../", 404),
            ("/en/", "/xx/", 404),
            ("/z1/", "/z11/", 400),
            ("/z1/", "/y/", 400),
            ("/z1/", "/k/", 400),
            ("/z1/", "/z4/", 400),
            ("/columns/", "/columns,columns/", 400),
            ("/columns/", "/columns,nothing/", 400),
            ("/columns/", "//", 400),
            ("/all", "/8", 400),
            ("/all", "/-1", 400),
            ("/all", "", 400),
            ("/all", "/all/all", 400),
        ],
    )
    def test_that_are_none_are_refused(self, old: str, new: str, expected: int) -> None:
        path, query = split(SOFTMAX, SOFTMAX.start, "z1", "columns")
        key = new.strip("/")
        if key in SOFTMAX.by_key:
            query = split(SOFTMAX, SOFTMAX.start, key)[1]
        assert status(path, split(SOFTMAX, SOFTMAX.start, "z1")[1]) == 200
        assert status(path.replace(old, new, 1), query) == expected

    @pytest.mark.parametrize(
        "change",
        [
            "",
            "k=3",
            "&more=1",
            "&z2=4",
            "&",
            *(f"&z2={value}" for value in ("11", "nan", "1e999", "", "x", "1_0", "%ff", "4%00")),
            "&c1=" + "W" * 25,
            "&k=2.5",
            "&y=3",
            "&c1=" + "x" * supply.LONGEST,
        ],
        ids=lambda change: change[:12],
    )
    def test_whose_state_is_none_are_refused(self, change: str) -> None:
        path, query = split(SOFTMAX, SOFTMAX.start, "z1")
        name, _, _ = change.strip("&").partition("=")
        kept = [pair for pair in query.split("&") if change[-3:] != pair and pair.partition("=")[0] != name]
        if change == "&z2=4":
            kept = query.split("&")  # twice
        wrong = "&".join(kept) + change if change.startswith("&") else change
        assert status(path, wrong) == 400

    @given(st.text(max_size=60), st.text(max_size=60))
    def test_of_any_letters_are_answered(self, path: str, query: str) -> None:
        assert status(path, query) in (400, 404, 410)
        begin, state = split(SOFTMAX, SOFTMAX.start, "z1")
        assert status(begin + path, state + query) in (200, 400)


class TestSources:
    def test_a_persons_own_have_a_name_that_nobody_guesses(self) -> None:
        one, other = supply.source({"own": "0a1b"}), supply.source({"own": "0a1b"})
        assert one.private
        assert one.here
        assert one.name != other.name
        assert len(one.name) > 20
        assert "0a1b" not in one.name
        assert supply.source({"own": "0a1b"}, one) is one
        assert supply.source({"own": "0a1c"}, one) is not one

    def test_what_is_nobodys_is_shared(self) -> None:
        one, other = supply.source({"torch": True}), supply.source({"torch": True})
        assert one is other
        assert not one.private
        assert one.here  # where PyTorch is
        assert not supply.source({"own": ""}).here
        assert supply.source({"torch": False}).name != one.name

    def test_is_forgotten_with_its_session(self) -> None:
        own = supply.source({"own": remember_own()})
        path, query = split(HEIGHTS, HEIGHTS.start, "mu")
        path = path.replace(source_of(HEIGHTS).name, own.name)
        assert status(path, query) == 200
        del own
        gc.collect()
        assert status(path, query) == 404

    def test_a_name_in_the_state_opens_nothing(self) -> None:
        name = remember_own()
        assert status(*split(HEIGHTS, HEIGHTS.start.replace(data="own"), "mu", own=name)) == 400
        wish, origin = supply.read(*split(HEIGHTS, HEIGHTS.start.replace(own=name), "mu"))
        assert (wish.values.own, origin.private) == ("", False)

    def test_the_state_is_read_with_what_the_session_adds(self) -> None:
        name = remember_own()
        own = supply.source({"own": name})
        path, query = split(
            HEIGHTS, HEIGHTS.start.replace(data="own", mu_b=1e6, sigma=1e6, sigma_b=1e6, own=name), "mu"
        )
        wish, origin = supply.read(path.replace(source_of(HEIGHTS).name, own.name), query)
        assert (wish.values.own, wish.values.mu_b, origin) == (name, 1e6, own)


def remember_own() -> str:
    """Return the name of numbers of somebody's own, which stay as long as the tests run."""
    import numpy as np

    KEPT.append(remember(np.array([1e5, 9e6, 5e6])))
    return KEPT[-1].digest


KEPT: list[Any] = []


@pytest.fixture
def own_supply(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[supply.Wish]]:
    """A store and a maker of the test's own; yields what is made."""
    made: list[supply.Wish] = []

    def make(wish: supply.Wish, pause: Pause) -> dict[str, bytes]:
        made.append(wish)
        return supply.make(wish, pause)

    monkeypatch.setattr(supply, "store", Store())
    monkeypatch.setattr(supply, "ahead", Ahead(quiet=0.0))
    monkeypatch.setattr(supply, "maker", Maker(make, lambda: None))
    monkeypatch.setattr(supply.maker, "start_soon", lambda: None)
    yield made
    supply.ahead.stop()


MINE = SOFTMAX.start.replace(z2=-0.7)  # no state of many
VIEWS = ("columns", "formula")
Z1 = supply.Wish("softmax", "en", MINE, "z1", VIEWS, None)


class TestWhoSharesWhat:
    def test_what_was_made_once_serves_everybody(self, own_supply: list[supply.Wish]) -> None:
        assert supply.kept(Z1) is None
        first = asyncio.run(supply.made(Z1, supply.NOTHING))
        assert first == frame_block(SOFTMAX, MINE, load("softmax", "en"), "z1", VIEWS)
        assert supply.kept(Z1._replace(values=MINE.replace(z1=-9.0))) == first
        # All stops are more than every eighth; one view more is made alone.
        assert supply.kept(Z1._replace(part=2)) == first
        more = Z1._replace(views=("columns", "simplex"))
        assert supply.kept(more) is None
        asyncio.run(supply.made(more, supply.NOTHING))
        assert [wish.views for wish in own_supply] == [VIEWS, ("simplex",)]

    def test_a_class_that_asks_at_once_has_them_made_once(self, own_supply: list[supply.Wish]) -> None:
        async def people() -> list[bytes]:
            return list(await asyncio.gather(*(supply.made(Z1, supply.NOTHING) for _ in range(30))))

        assert len(set(asyncio.run(people()))) == 1
        assert own_supply == [Z1]

    def test_who_leaves_takes_nothing_from_who_stays(self, own_supply: list[supply.Wish]) -> None:
        async def two() -> bytes:
            leaves = asyncio.ensure_future(supply.made(Z1, supply.NOTHING))
            stays = asyncio.ensure_future(supply.made(Z1, supply.NOTHING))
            await asyncio.sleep(0)
            leaves.cancel()
            return await stays

        assert asyncio.run(two())
        assert own_supply == [Z1]

    def test_for_nobody_nothing_is_made(self, monkeypatch: pytest.MonkeyPatch) -> None:
        dropped = threading.Event()
        go = threading.Event()

        def make(_: Any, pause: Pause) -> None:
            go.set()
            try:
                while True:
                    pause()
            except Exception:
                dropped.set()
                raise

        monkeypatch.setattr(supply, "maker", Maker(make, lambda: None))

        async def leave() -> None:
            one = asyncio.ensure_future(supply.made(Z1, supply.NOTHING))
            assert await asyncio.to_thread(go.wait, 30)
            one.cancel()
            await asyncio.wait([one])

        asyncio.run(leave())
        assert dropped.wait(30)
        assert not supply._under_way

    def test_a_persons_own_are_kept_nowhere(self, own_supply: list[supply.Wish]) -> None:
        name = remember_own()
        own = supply.source({"own": name})
        values = HEIGHTS.start.replace(data="own", own=name, mu=5e6, sigma=3e6, mu_b=5e6, sigma_b=3e6)
        wish = supply.Wish("heights", "en", values, "mu", ("curves",), 0)
        asyncio.run(supply.made(wish, own))
        asyncio.run(supply.made(wish, own))
        assert own_supply == [wish, wish]
        assert len(supply.store) == 0

    def test_a_block_is_compressed_once_for_all(
        self, own_supply: list[supply.Wish], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done: list[bytes] = []
        was = supply._compress
        monkeypatch.setattr(supply, "_compress", lambda block: done.append(block) or was(block))

        async def people(private: bool) -> list[bytes]:
            blocks = (b"a" * 99, b"b" * 99) * 10
            return await asyncio.gather(*(supply.compressed(block, private) for block in blocks))

        found = asyncio.run(people(private=True))
        assert set(map(gzip.decompress, found)) == {b"a" * 99, b"b" * 99}
        assert len(supply.store) == 0
        for _ in range(2):
            assert asyncio.run(people(private=False)) == found
        # A person's own once more, whoever had the same.
        assert sorted(done) == [b"a" * 99] * 2 + [b"b" * 99] * 2

    def test_an_opening_state_is_made_ahead_for_all_its_sliders(
        self, own_supply: list[supply.Wish], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(supply, "ahead", Ahead(quiet=0.0))
        ranks: list[int] = []
        ask = supply.maker.ask

        def watched(rank: int, wish: Any, **more: bool) -> Any:
            ranks.append(rank)
            return ask(rank, wish, **more)

        monkeypatch.setattr(supply.maker, "ask", watched)
        supply.prepare(SOFTMAX, MINE, "en", VIEWS, supply.NOTHING)
        supply.ahead.wait()
        assert len(supply.store) == 0
        for _ in range(2):
            supply.prepare(SOFTMAX, SOFTMAX.start, "en", VIEWS, supply.NOTHING)
            supply.ahead.wait()
        sliders = [c for c in SOFTMAX.controls if c.is_framed(SOFTMAX.start)]
        assert len(supply.store) == len(sliders) * len(VIEWS)
        assert ranks == [AHEAD] * len(sliders)

    def test_where_it_is_switched_off_nothing_is_made_ahead(
        self, own_supply: list[supply.Wish], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(supply, "EAGER", False)
        monkeypatch.setattr(supply, "ahead", Ahead(quiet=0.0))
        supply.prepare(SOFTMAX, SOFTMAX.start, "en", VIEWS, supply.NOTHING)
        supply.ahead.wait()
        assert (own_supply, len(supply.store)) == ([], 0)


@settings(max_examples=100 if EXHAUSTIVE else 4)
@given(st.data())
def test_every_part_is_the_pictures_of_its_stops(
    lesson: Lesson,
    unpack: Callable[..., Any],
    write: Callable[..., Any],
    same: Callable[..., bool],
    data: st.DataObject,
) -> None:
    """Every eighth stop, and all of them, in whatever order they are laid over what is shown."""
    values = data.draw(st.sampled_from(list(states(lesson).values())), label="state")
    sliders = [key for key, control in lesson.by_key.items() if control.is_framed(values)]
    if not sliders:
        return
    words = load(lesson.name, "en")
    key = data.draw(st.sampled_from(sliders), label="slider")
    views = (data.draw(st.sampled_from(sorted(lesson.views)), label="view"),)
    stops = lesson.by_key[key].stops_in(values)
    present = data.draw(st.integers(0, len(stops) - 1), label="present stop")

    def picture(stop: int) -> Any:
        return resolve(lesson.picture(moved(lesson, values, {key: stops[stop]}), words), views)

    part = present % supply.EVERY
    blocks = [unpack(frame_block(lesson, values, words, key, views, part)) for part in (part, None)]
    coarse = range(len(stops))[part :: supply.EVERY]
    assert (blocks[0]["frames"]["count"], blocks[1]["frames"]["count"]) == (len(coarse), len(stops))
    shown = unpack(pack({"views": picture(present)}))["views"]
    # The hand moves before the rest is there, and goes on afterwards.
    for block, some in ((blocks[0], coarse), (blocks[1], range(len(stops)))):
        for stop in data.draw(st.lists(st.sampled_from(some), min_size=1, max_size=3), label="stops"):
            write(block, stop, shown)
            assert same(shown, picture(stop))
