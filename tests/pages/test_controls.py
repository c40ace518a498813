"""Controls as data: parsing, reading an address, settling, and from values to the address and back."""

from __future__ import annotations

import math
from itertools import pairwise
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.controls import (
    Control,
    Problem,
    Values,
    decimals,
    defaults,
    log_stops,
    parse,
    query,
    read,
    settle,
    vector,
    written,
)

NUMBER = Control("t", 0.1, 10.0, 0.1, default=1.0)
WHOLE = Control("n", 1, 1_000_000, 1, default=500)
CHOICE = Control("unit", default="nats", kind="choice", choices=("nats", "bits"))
NAME = Control("c1", default="", kind="text", longest=8)
INDEX = Control("y", default=0, kind="choice", bounds=lambda values: (0, values.k - 1, 1))
CONTROLS = [
    Control("k", 2, 10, 1, default=3),
    *vector("z", 10, (5.0, 4.0, 2.0), minimum=-10.0, maximum=10.0, step=0.1),
    INDEX,
    NUMBER,
    WHOLE,
    CHOICE,
    NAME,
    Control("secret", default=2.0, maximum=3.0, in_url=False),
]
START = defaults(CONTROLS)
NOT_NUMBERS = [
    "", " ", "abc", "nan", "NaN", "inf", "-inf", "Infinity", "1e999", "-1e999", "0x2", "1_0", " 2", "2 ",
    "2\n", "2,5", "--2", "1e", ".", "+", "e5", "２", "٢", "½", "−2", "2;3", "[2]", "None", "true", "\x00",
]  # fmt: skip


def words(longest: int) -> st.SearchStrategy[str]:
    """Texts that a text box keeps as they are."""
    return st.text(max_size=longest).filter(
        lambda t: t.isprintable() and t == t.strip() and "\ufffd" not in t
    )


@st.composite
def states(draw: st.DrawFn) -> Values:
    """Any state of CONTROLS."""
    k = draw(st.integers(2, 10))
    drawn = {
        "k": k,
        **{f"z{i}": draw(st.floats(-10, 10)) if i <= k else START[f"z{i}"] for i in range(1, 11)},
        "y": draw(st.integers(0, k - 1)),
        "t": draw(st.floats(0.1, 10)),
        "n": draw(st.integers(1, 1_000_000)),
        "unit": draw(st.sampled_from(["nats", "bits"])),
        "c1": draw(words(8)),
        "secret": START.secret,
    }
    return Values(drawn)


class TestValues:
    def test_attributes_and_keys_are_the_same(self) -> None:
        assert START.k == START["k"] == 3
        assert START.many("z") == (5.0, 4.0, 2.0)

    def test_replace_leaves_the_original_alone(self) -> None:
        assert START.replace(k=2).k == 2
        assert START.k == 3

    def test_does_not_change(self) -> None:
        with pytest.raises(AttributeError):
            START.k = 5

    def test_an_unknown_name_is_an_attribute_error(self) -> None:
        with pytest.raises(AttributeError, match="nonsense"):
            _ = START.nonsense

    @given(states(), states())
    def test_equal_values_have_equal_hashes(self, one: Values, other: Values) -> None:
        assert Values(dict(one)) == one
        assert hash(Values(dict(one))) == hash(one)
        assert (one == other) == (dict(one) == dict(other))


class TestLogStops:
    def test_ends_and_spacing(self) -> None:
        stops = log_stops(0.05, 10.0, 106, digits=2)
        assert (stops[0], stops[-1]) == (0.05, 10.0)
        assert 1.0 in stops

    @given(st.floats(1e-6, 1e3), st.floats(1.5, 1e6), st.integers(2, 200), st.integers(1, 6))
    def test_rise_and_stay_in_range(self, low: float, ratio: float, count: int, digits: int) -> None:
        stops = log_stops(low, low * ratio, count, digits=digits)
        assert len(stops) <= count
        assert all(a < b for a, b in pairwise(stops))
        assert all(float(f"{stop:.{digits}g}") == stop for stop in stops)
        assert stops[0] == pytest.approx(low, rel=0.5 * 10 ** (1 - digits))
        assert stops[-1] == pytest.approx(low * ratio, rel=0.5 * 10 ** (1 - digits))


class TestStops:
    @pytest.mark.parametrize(
        ("control", "first", "last", "count"),
        [
            (NUMBER, 0.1, 10.0, 100),
            (Control("z", -10.0, 10.0, 0.1), -10.0, 10.0, 201),
            (CONTROLS[0], 2, 10, 9),
        ],
    )
    def test_reach_both_ends(self, control: Control, first: float, last: float, count: int) -> None:
        stops = control.stops_in(START)
        assert (stops[0], stops[-1], len(stops)) == (first, last, count)
        assert len(set(stops)) == count

    def test_are_the_numbers_that_a_person_reads(self) -> None:
        assert Control("z", -10.0, 10.0, 0.1).stops_in(START)[103] == 0.3

    def test_of_whole_numbers_are_ints(self) -> None:
        stops = Control("n", default=5, stops=(1.0, 10.0)).stops_in(START)
        assert stops == [1, 10]
        assert all(type(stop) is int for stop in stops)

    def test_follow_the_bounds(self) -> None:
        assert INDEX.stops_in(START.replace(k=5)) == [0, 1, 2, 3, 4]

    @pytest.mark.parametrize(("step", "count"), [(1, 0), (0.1, 1), (0.25, 2), (0.005, 3), (1e-4, 4), (10, 0)])
    def test_decimals(self, step: float, count: int) -> None:
        assert decimals(step) == count


class TestParse:
    @pytest.mark.parametrize("text", NOT_NUMBERS)
    @pytest.mark.parametrize("control", [NUMBER, WHOLE, INDEX], ids=lambda control: control.key)
    def test_refuses_what_is_not_a_plain_number(self, control: Control, text: str) -> None:
        assert parse(control, text, START) is None

    @pytest.mark.parametrize(
        "given",
        [None, [], {}, (), b"2", object(), math.nan, math.inf, -math.inf, 10**400],
        ids=lambda given: str(given)[:9],
    )
    def test_refuses_other_things(self, given: object) -> None:
        assert parse(NUMBER, given, START) is None
        assert parse(WHOLE, given, START) is None

    @pytest.mark.parametrize(
        ("control", "text", "value"),
        [
            (NUMBER, "2.5", 2.5),
            (NUMBER, "0.1", 0.1),
            (NUMBER, "1e1", 10.0),
            (NUMBER, "+2", 2.0),
            (NUMBER, ".5", 0.5),
            (NUMBER, 3, 3.0),
            (WHOLE, "7", 7),
            (WHOLE, "7.0", 7),
            (WHOLE, "1e6", 1_000_000),
            (CHOICE, "bits", "bits"),
            (NAME, "  고양이 ", "고양이"),
            (NAME, "a\x00b\nc", "abc"),
            (NAME, "", ""),
        ],
    )
    def test_takes(self, control: Control, text: object, value: object) -> None:
        found = parse(control, text, START)
        assert found == value
        assert type(found) is type(value)

    @pytest.mark.parametrize(
        ("control", "text"),
        [
            (NAME, "\ufffd\ufffd"),
            (NUMBER, "0.0999"),
            (NUMBER, "10.001"),
            (NUMBER, "-1"),
            (WHOLE, "0"),
            (WHOLE, "1000001"),
            (WHOLE, "2.5"),
            (CHOICE, "Bits"),
            (CHOICE, ""),
            (NAME, "a" * 9),
        ],
    )
    def test_refuses_what_is_out_of_range(self, control: Control, text: str) -> None:
        assert parse(control, text, START) is None

    def test_takes_any_value_between_the_stops(self) -> None:
        assert parse(NUMBER, "1.23456789", START) == 1.23456789

    def test_range_depends_on_the_state(self) -> None:
        assert parse(INDEX, "4", START.replace(k=5)) == 4
        assert parse(INDEX, "4", START.replace(k=4)) is None

    @given(st.text())
    def test_any_text_is_a_value_in_range_or_nothing(self, text: str) -> None:
        for control in CONTROLS:
            value = parse(control, text, START)
            if value is not None and not isinstance(value, str):
                low, high, _ = control.range_in(START)
                assert low <= value <= high


class TestRead:
    @given(states())
    def test_values_to_address_and_back(self, values: Values) -> None:
        text = urlencode(query(CONTROLS, values))
        reading = read(CONTROLS, dict(parse_qsl(text, keep_blank_values=True)), START)
        assert reading.values == values
        assert reading.problems == []

    @pytest.mark.parametrize("text", NOT_NUMBERS)
    def test_a_bad_value_falls_back_and_is_reported(self, text: str) -> None:
        reading = read(CONTROLS, {"t": text, "z1": "3"}, START.replace(t=7.0))
        assert (reading.values.t, reading.values.z1) == (1.0, 3.0)
        assert reading.problems == [Problem("t", text, "1")]

    def test_every_bad_value_is_reported(self) -> None:
        reading = read(CONTROLS, {"t": "x", "n": "0", "unit": "hats", "y": "3"}, START)
        assert {problem.key for problem in reading.problems} == {"t", "n", "unit", "y"}
        assert reading.values == START

    def test_a_report_is_short(self) -> None:
        (problem,) = read(CONTROLS, {"t": "9" * 5000}, START).problems
        assert len(problem.given) == 40

    def test_a_range_may_depend_on_a_value_before_it(self) -> None:
        assert read(CONTROLS, {"y": "7", "k": "9"}, START).values.y == 7

    def test_unknown_keys_are_left_alone(self) -> None:
        reading = read(CONTROLS, {"utm_source": "x", "__class__": "y"}, START)
        assert (reading.values, reading.problems) == (START, [])

    @given(st.dictionaries(st.sampled_from([c.key for c in CONTROLS]), st.text(max_size=12)))
    def test_whatever_is_read_can_be_written_and_read_again(self, given_: dict[str, str]) -> None:
        values = read(CONTROLS, given_, START).values
        again = read(CONTROLS, query(CONTROLS, values), START)
        assert again.problems == []
        assert query(CONTROLS, again.values) == query(CONTROLS, values)


class TestSettle:
    def test_puts_a_number_into_its_range(self) -> None:
        settled = settle(CONTROLS, START.replace(k=2, y=9))
        assert settled.y == 1
        assert type(settled.y) is int

    @given(states())
    def test_leaves_a_good_state_alone(self, values: Values) -> None:
        assert settle(CONTROLS, values) == values


class TestQuery:
    def test_holds_what_is_on_the_screen(self) -> None:
        assert list(query(CONTROLS, START)) == ["k", "z1", "z2", "z3", "y", "t", "n", "unit"]

    def test_hides_what_must_not_be_shared(self) -> None:
        assert "secret" not in query(CONTROLS, START.replace(secret=3.0))

    def test_is_plain(self) -> None:
        assert query(CONTROLS, START.replace(t=0.3, n=1_000_000))["t"] == "0.3"
        assert query(CONTROLS, START.replace(n=1_000_000))["n"] == "1000000"

    @given(st.floats(allow_nan=False, allow_infinity=False))
    def test_a_number_is_written_so_that_it_reads_back(self, number: float) -> None:
        assert float(written(number)) == number


def test_vector_shares_the_options_and_numbers_the_keys() -> None:
    made = vector("z", 4, (1.0, 2.0), minimum=-1.0, roles=("p", "q"))
    assert [c.key for c in made] == ["z1", "z2", "z3", "z4"]
    assert [c.default for c in made] == [1.0, 2.0, 1.0, 2.0]
    assert [c.role for c in made] == ["p", "q", "p", "q"]
    assert {(c.minimum, c.label) for c in made} == {(-1.0, "z")}
    assert [c.shown is not None and c.shown(START) for c in made] == [True, True, True, False]
