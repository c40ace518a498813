"""Numbers as people read them, and the views of text."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.figures.text import as_power_of_ten, code, fixed, from_log, lines, number, part, power_of_ten, table

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def value_of(text: str) -> float:
    """Read a number as a person does."""
    mantissa, _, exponent = text.replace("−", "-").partition("×10")
    return float(f"{mantissa}e{exponent.translate(SUPERSCRIPTS)}") if exponent else float(mantissa)


class TestNumber:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (0.34901217, "0.349012"),
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.5, "−1.5"),
            (123456.7, "123457"),
            (1234567.8, "1.23457×10⁶"),
            (1e-5, "1×10⁻⁵"),
            (-3.1e-12, "−3.1×10⁻¹²"),
            (1e100, "1×10¹⁰⁰"),
            (math.inf, "∞"),
            (-math.inf, "−∞"),
            (math.nan, "?"),
            (1_000_000, "1×10⁶"),
        ],
    )
    def test_is_written(self, value: float, text: str) -> None:
        assert number(value) == text

    def test_digits(self) -> None:
        assert [number(math.pi, digits) for digits in (1, 3, 6)] == ["3", "3.14", "3.14159"]

    @given(FLOATS, st.integers(1, 12))
    def test_reads_back_to_its_digits(self, value: float, digits: int) -> None:
        assert value_of(number(value, digits)) == float(f"{value:.{digits}g}")

    @given(st.floats())
    def test_never_shows_what_a_machine_writes(self, value: float) -> None:
        assert not re.search(r"[a-zA-Z+-]", number(value))


class TestFixed:
    @pytest.mark.parametrize(
        ("value", "decimals", "text"),
        [
            (0.5, 4, "0.5000"),
            (-2.5, 1, "−2.5"),
            (-0.04, 1, "0.0"),
            (-0.0, 0, "0"),
            (0.0, 2, "0.00"),
            (-10.0, 0, "−10"),
            (-100.0, 1, "−100.0"),
            (1e6, 1, "1000000.0"),
            (math.inf, 2, "∞"),
            (-math.inf, 2, "−∞"),
            (math.nan, 2, "?"),
        ],
    )
    def test_is_written(self, value: float, decimals: int, text: str) -> None:
        assert fixed(value, decimals) == text

    @given(st.floats(-1e6, 1e6), st.integers(0, 8))
    def test_always_has_its_decimals_and_its_value(self, value: float, decimals: int) -> None:
        text = fixed(value, decimals)
        assert len(text.partition(".")[2]) == decimals
        assert value_of(text) == round(value, decimals)

    @given(st.floats(-1e-3, 1e-3))
    def test_nothing_is_not_negative(self, value: float) -> None:
        assert fixed(value, 2) == "0.00"


class TestPowerOfTen:
    @pytest.mark.parametrize(
        ("mantissa", "exponent", "text"),
        [(3.1, -649, "3.1×10⁻⁶⁴⁹"), (1, 0, "1×10⁰"), (-2.55, 12, "−2.5×10¹²")],
    )
    def test_is_written(self, mantissa: float, exponent: int, text: str) -> None:
        assert power_of_ten(mantissa, exponent) == text

    def test_goes_where_no_float_goes(self) -> None:
        assert power_of_ten(9.87654, -123456, 4) == "9.877×10⁻¹²³⁴⁵⁶"


class TestViews:
    def test_a_part_says_only_what_it_is_given(self) -> None:
        assert part("x") == {"text": "x"}
        assert part("x", "p") == {"text": "x", "role": "p"}
        assert part("x", "p", strong=True) == {"text": "x", "role": "p", "strong": True}

    def test_lines_do_not_share_what_they_are_given(self) -> None:
        row = ["a", part("b", "q")]
        made = lines(row, ["c"], title="T")
        row.append("later")
        assert made == {"type": "lines", "title": "T", "lines": [["a", {"text": "b", "role": "q"}], ["c"]]}

    def test_a_table(self) -> None:
        made = table(["x", "y"], [["1", "2"]], title="T", caption="C")
        assert made == {
            "type": "table",
            "title": "T",
            "caption": "C",
            "head": ["x", "y"],
            "rows": [["1", "2"]],
        }

    def test_code_has_a_tab_for_each_library(self) -> None:
        assert code(NumPy="a = 1", PyTorch="b = 2") == {
            "type": "code",
            "tabs": [{"label": "NumPy", "text": "a = 1"}, {"label": "PyTorch", "text": "b = 2"}],
        }


class TestFromLog:
    @given(st.floats(-600, 600))
    def test_reads_back(self, log_value):
        assert value_of(from_log(log_value)) == pytest.approx(math.exp(log_value), rel=1e-5)

    @pytest.mark.parametrize(
        ("log_value", "text"),
        [
            (0.0, "1"),
            (-math.inf, "0"),
            (math.inf, "∞"),
            (-1493.78, "1.81798×10⁻⁶⁴⁹"),
            (1e6, "3.03322×10⁴³⁴²⁹⁴"),
        ],
    )
    def test_cases(self, log_value, text):
        assert from_log(log_value) == text


class TestAsPowerOfTen:
    @pytest.mark.parametrize(
        ("log_value", "digits", "expected"),
        [
            (0.0, 6, (1.0, 0)),
            (math.log(9.99996), 5, (1.0, 1)),
            (math.log(9.99996), 6, (9.99996, 0)),
            (math.log(0.00167772), 6, (1.67772, -3)),
            (-1e-300, 3, (1.0, 0)),
            (5e-324, 17, (1.0, 0)),
            (-1e-18, 17, (1.0, 0)),
            (-math.inf, 6, (0.0, 0)),
            (math.inf, 6, (math.inf, 0)),
            (-745.1332191019411, 3, (2.47, -324)),
        ],
    )
    def test_cases(self, log_value, digits, expected):
        assert as_power_of_ten(log_value, digits=digits) == expected

    @given(st.floats(-600, 600), st.integers(1, 17))
    def test_python_writes_the_same(self, log_value, digits):
        mantissa, exponent = as_power_of_ten(log_value, digits=digits)
        assert 1 <= mantissa < 10
        assert float(f"{mantissa!r}e{exponent}") == pytest.approx(
            math.exp(log_value), rel=max(0.51 * 10 ** (1 - digits), 1e-12)
        )

    def test_exponents_far_outside_float64(self):
        mantissa, exponent = as_power_of_ten(-1e308)
        assert 1 <= mantissa < 10
        assert exponent == pytest.approx(-1e308 / math.log(10), rel=1e-15)

    @pytest.mark.parametrize(
        ("log_value", "digits", "name"), [(math.nan, 6, "log_value"), (1.0, 0, "digits"), (1.0, 18, "digits")]
    )
    def test_bad_input(self, log_value, digits, name):
        with pytest.raises(ValueError, match=f"^{name} must"):
            as_power_of_ten(log_value, digits=digits)
