"""Unit cases, properties and bad input for core.data."""

import pickle
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import data
from core.data import BadCell, Reason, csv_columns, decimal_mark, parse_numbers

quick = settings(deadline=None, max_examples=60, derandomize=True)
samples = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40).filter(lambda x: max(x) - min(x) > 1e-9)


def problem(function, *arguments, **options):
    """Give what a call reports: reason, row, column and cell."""
    with pytest.raises(BadCell) as caught:
        function(*arguments, **options)
    return caught.value.reason, caught.value.row, caught.value.column, caught.value.cell


def attempt(text):
    """Give the bad cell of a text, or its numbers."""
    try:
        return None, parse_numbers(text)
    except BadCell as bad:
        return bad, None


class TestParseNumbers:
    @pytest.mark.parametrize(
        ("text", "numbers"),
        [
            ("1,4,5,6,9", [1, 4, 5, 6, 9]),
            ("1, 4; 5\t6\n9", [1, 4, 5, 6, 9]),
            ("1 4 5  6   9", [1, 4, 5, 6, 9]),
            ("1\n\n4\n  \n5\n", [1, 4, 5]),
            ("1,4,\n5,6,\n", [1, 4, 5, 6]),
            ("1;4;\n5;6", [1, 4, 5, 6]),
            ("172.5\r\n168\r\n", [172.5, 168]),
            ("172.5\r168", [172.5, 168]),
            ("\ufeff172.5 168", [172.5, 168]),
            ("\u22123.5, +2", [-3.5, 2]),
            ("１７２．５，１６８", [172.5, 168]),
            ("172\u00a0168\u3000170", [172, 168, 170]),
            (".5 5. 1e3 -1E-2", [0.5, 5, 1000, -0.01]),
            ("height\n172\n168", [172, 168]),
            ("키 (cm)\n172\n168", [172, 168]),
            ("\n\nheight, cm\n\n172\n168", [172, 168]),
            ("172,5\n168,25", [172.5, 168.25]),
            ("172,5; 168", [172.5, 168]),
            ("172,5;168,25;170\n1,5", [172.5, 168.25, 170, 1.5]),
            ("Größe\n172,5\n168", [172.5, 168]),
            ("172,5", [172, 5]),
            ("172,5 168,2", [172, 5, 168, 2]),
            ("1.5,2.5\n3.5,4", [1.5, 2.5, 3.5, 4]),
            ("1,2;3,4,5", [1, 2, 3, 4, 5]),
            ("1,5;2.5;3,5,5", [1, 5, 2.5, 3, 5, 5]),
            ("1, 2\n3, 4", [1, 2, 3, 4]),
            ("1,234.5", [1, 234.5]),
            ("0 5e-324 1", [0, 5e-324, 1]),
        ],
    )
    def test_texts(self, text, numbers):
        found = parse_numbers(text)
        assert found.tolist() == numbers
        assert found.dtype == np.float64

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("172\n17O\n168", ("not_a_number", 2, 1, "17O")),
            ("172, 168\n170, abc", ("not_a_number", 2, 2, "abc")),
            ("height\n172\n\nx 168", ("not_a_number", 4, 1, "x")),
            ("\n \nheight\n\n172\nx", ("not_a_number", 6, 1, "x")),
            ("172cm\n168cm", ("not_a_number", 1, 1, "172cm")),
            ("1_000 2", ("not_a_number", 1, 1, "1_000")),
            ("1 2 1–3", ("not_a_number", 1, 3, "1–3")),
            ("1 2\0 3", ("not_a_number", 1, 2, "2\ufffd")),
            ("172 n/a", ("not_a_number", 1, 2, "n/a")),
            ("NA\n172\n168", ("not_a_number", 1, 1, "NA")),
            ("nan\n172\n168", ("not_finite", 1, 1, "nan")),
            ("172 inf 168", ("not_finite", 1, 2, "inf")),
            ("172 1e999", ("not_finite", 1, 2, "1e999")),
            ("1 -1e101", ("too_large", 1, 2, "-1e101")),
            ("1,,2", ("empty", 1, 2, "")),
            ("1\n2, ,3", ("empty", 2, 2, "")),
            ("1,2\n,3", ("empty", 2, 1, "")),
            ("1.5;2\n ;3", ("empty", 2, 1, "")),
            ("1,5;;2,5", ("empty", 1, 2, "")),
            ("172,5;168,5\n170;x", ("not_a_number", 2, 2, "x")),
            ("", ("too_few", None, None, "")),
            (" \n\t\n", ("too_few", None, None, "")),
            ("172", ("too_few", None, None, "")),
            ("height\n172", ("too_few", None, None, "")),
            ("5 5.0 5e0", ("no_spread", None, None, "")),
            ("0 1e-200", ("no_spread", None, None, "")),
        ],
    )
    def test_the_first_bad_cell_is_named(self, text, expected):
        assert problem(parse_numbers, text) == expected

    def test_a_header_alone_is_no_header(self):
        assert problem(parse_numbers, "height") == ("not_a_number", 1, 1, "height")

    def test_too_many(self):
        assert problem(parse_numbers, "1 2\n3 4\n5", limit=4) == ("too_many", 3, 1, "5")
        assert parse_numbers("1 2\n3 4", limit=4).size == 4

    def test_a_bad_cell_before_the_limit_comes_first(self):
        assert problem(parse_numbers, "1 x\n3 4\n5", limit=4) == ("not_a_number", 1, 2, "x")

    @quick
    @given(samples, st.sampled_from([",", ", ", ";", "; ", "\t", " ", "\n", "\r\n", " ,\t", "\n\n"]))
    def test_what_is_written_is_read(self, numbers, separator):
        assert parse_numbers("x\n" + separator.join(map(repr, numbers))).tolist() == numbers

    @quick
    @given(samples, st.sampled_from(["; ", ";", "\n", ";\n"]))
    def test_decimal_commas_are_read(self, numbers, separator):
        numbers = [round(x, 3) + 0.0001 for x in numbers]
        text = separator.join(f"{x:.4f}" for x in numbers).replace(".", ",")
        assert parse_numbers(text) == pytest.approx(numbers, rel=1e-12)

    @quick
    @given(st.text(alphabet="0123456789.,;-+eE_nainf \t\n\r\u2212xé", max_size=60))
    def test_any_text_gives_numbers_or_a_bad_cell(self, text):
        bad, found = attempt(text)
        if bad is not None and bad.row is not None:
            lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2212", "-").split("\n")
            assert bad.cell in lines[bad.row - 1]
        if found is not None:
            assert found.size >= 2
            assert np.isfinite(found).all()
            # Cell by cell the same text gives the same numbers.
            header, body = data._split_header(data._clean(text))
            comma = data._comma_is_decimal(header, body)
            slowly = data._read_cells(data._cells(body, comma, 1), comma, data.MAX_NUMBERS)
            assert slowly.tolist() == found.tolist()

    def test_a_million_numbers_in_less_than_two_seconds(self):
        numbers = np.random.default_rng(0).normal(172, 4.8, 1_000_000)
        text = "\n".join(map(repr, numbers.tolist()))
        start = time.process_time()
        found = parse_numbers(text)
        assert time.process_time() - start < 2
        assert np.array_equal(found, numbers)

    @pytest.mark.parametrize("limit", [1, 0, 2.5])
    def test_bad_limit(self, limit):
        for function in (parse_numbers, csv_columns):
            with pytest.raises(ValueError, match=r"^limit must"):
                function("1 2", limit=limit)


class TestDecimalMark:
    @pytest.mark.parametrize(
        ("text", "mark"),
        [
            ("1 2", "."),
            ("1,2", "."),
            ("1,2\n3,4", ","),
            ("a,b\n1,2\n3,4", "."),
            ("height, cm\n1,2\n3,4", ","),
            ("1,2\n,5", "."),
            ("x,5;1,2", "."),
            ("1,2;3", ","),
            ("1,2;3.5", "."),
            ("1,2,3;4", "."),
            ("1,2 3,4\n5,6", "."),
            ("no. 1,x\n1;2", "."),
            ("height no.\n1,5\n2,5", ","),
        ],
    )
    def test_texts(self, text, mark):
        assert decimal_mark(text) == mark


class TestBadCell:
    def test_it_is_a_value_error_with_a_plain_sentence(self):
        bad = BadCell(Reason.NOT_A_NUMBER, 17, 2, "17O")
        assert isinstance(bad, ValueError)
        assert str(bad) == "Row 17, column 2 holds '17O': not_a_number."
        assert str(BadCell(Reason.TOO_FEW)) == "The data cannot be used: too_few."

    def test_a_long_cell_is_cut(self):
        assert BadCell(Reason.NOT_A_NUMBER, 1, 1, "x" * 60).cell == "x" * 60
        assert BadCell(Reason.NOT_A_NUMBER, 1, 1, "x" * 61).cell == "x" * 59 + "…"

    def test_it_survives_a_pickle(self):
        bad = pickle.loads(pickle.dumps(BadCell(Reason.EMPTY, 3, 4, "")))
        assert (bad.reason, bad.row, bad.column, bad.cell) == (Reason.EMPTY, 3, 4, "")


def table(text, **options):
    """Give index, name and numbers (or the problem) of every column that was found."""
    found = []
    for column in csv_columns(text, **options):
        assert (column.values is None) != (column.problem is None)
        bad = column.problem
        content = column.values.tolist() if bad is None else (bad.reason, bad.row, bad.column, bad.cell)
        found.append((column.index, column.name, content))
    return found


class TestCsvColumns:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("height\n172\n168\n", [(1, "height", [172, 168])]),
            ("172\n168\n", [(1, "", [172, 168])]),
            ("my height\n172\n168\n", [(1, "my height", [172, 168])]),
            ("name,height\nKim,172\nLee,168\n", [(2, "height", [172, 168])]),
            ("Kim,172\nLee,168\n", [(2, "", [172, 168])]),
            ("a,b\n1,2\n3,4\n", [(1, "a", [1, 3]), (2, "b", [2, 4])]),
            ("a;b\n1,5;2\n3;4,5\n", [(1, "a", [1.5, 3]), (2, "b", [2, 4.5])]),
            ("a\tb\n1,5\t2\n3\t4,5\n", [(1, "a", [1.5, 3]), (2, "b", [2, 4.5])]),
            ("a b\n1 2\n3   4\n", [(1, "a", [1, 3]), (2, "b", [2, 4])]),
            ("a , b\n 1 , 2\n 3 , 4\n", [(1, "a", [1, 3]), (2, "b", [2, 4])]),
            ("172,5\n168,5\n", [(1, "", [172.5, 168.5])]),
            ('name,height\n"Kim, Minji",172\n"Lee",168\n', [(2, "height", [172, 168])]),
            ('"name, first";"h"\n"Kim";"172,5"\n"Lee";"168"\n', [(2, "h", [172.5, 168])]),
            ('note,h\n"two\nlines",172\nx,168\n', [(2, "h", [172, 168])]),
            ("\ufeffa,b\r\n1,2\r\n\r\n3,4\r\n,\r\n", [(1, "a", [1, 3]), (2, "b", [2, 4])]),
            ("a,b\n1,x\n3,y\n", [(1, "a", [1, 3])]),
            ("a,b,c\n1,,2\n3,,4\n", [(1, "a", [1, 3]), (3, "c", [2, 4])]),
            ("a,b\n1,2,7\n3,4,8\n", [(1, "a", [1, 3]), (2, "b", [2, 4]), (3, "", [7, 8])]),
            ("", []),
            ("\n \n", []),
            (",\n,\n", []),
            ("name\nKim\nLee\n", []),
        ],
    )
    def test_tables(self, text, expected):
        assert table(text) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a,b\n1,2\nx,4\n5,6\n", [(1, "a", ("not_a_number", 3, 1, "x")), (2, "b", [2, 4, 6])]),
            ("a,b\n\n1,2\n3\n5,6\n", [(1, "a", [1, 3, 5]), (2, "b", ("empty", 4, 2, ""))]),
            ("a,b\n1,nan\n2,3\n3,4\n", [(1, "a", [1, 2, 3]), (2, "b", ("not_finite", 2, 2, "nan"))]),
            ("a,b\n1,1_0\n2,3\n", [(1, "a", [1, 2]), (2, "b", ("not_a_number", 2, 2, "1_0"))]),
            ("a;b\n1,5;2\n1.5;3\n", [(1, "a", ("not_a_number", 3, 1, "1.5")), (2, "b", [2, 3])]),
            ('a,b\n"1,234",2\n5,3\n', [(1, "a", ("not_a_number", 2, 1, "1,234")), (2, "b", [2, 3])]),
            # Below a header of two columns the comma separates, although 1,5 might be one number.
            ("a,b\n1,5\n2,5\n", [(1, "a", [1, 2]), (2, "b", ("no_spread", None, None, ""))]),
            ("a,b\n1,2\n", [(1, "a", ("too_few", None, None, "")), (2, "b", ("too_few", None, None, ""))]),
            ("a,b\n1,1e200\n2,3\n", [(1, "a", [1, 2]), (2, "b", ("too_large", 2, 2, "1e200"))]),
            ('note,h\n"two\nlines",172\nx,y\nz,168\n', [(2, "h", ("not_a_number", 4, 2, "y"))]),
            ('note,h\n"two\nlines",172\n\nx,y\n', [(2, "h", ("not_a_number", 5, 2, "y"))]),
        ],
    )
    def test_one_bad_column_does_not_spoil_the_others(self, text, expected):
        assert table(text) == expected

    def test_too_many_lines(self):
        assert len(csv_columns("a\n1\n2\n3", limit=3)[0].values) == 3
        assert problem(csv_columns, "a\n1\n2\n\n3\n4", limit=3) == ("too_many", 6, 1, "4")
        assert problem(csv_columns, "1\n2\n3\n4", limit=3) == ("too_many", 4, 1, "4")

    def test_a_quotation_mark_that_is_never_closed(self):
        text = "a,b\n1,2\n" + '"3,4\n' + "5,6\n" * 50_000
        assert problem(csv_columns, text) == ("unreadable", 3, 1, '"')

    @quick
    @given(samples, st.sampled_from([",", ";", "\t", " "]))
    def test_what_is_written_is_read(self, numbers, delimiter):
        text = "".join(f"x{delimiter}{number!r}\n" for number in numbers)
        assert table(text) == [(2, "", numbers)]

    def test_a_table_of_a_million_lines(self):
        numbers = np.random.default_rng(0).normal(172, 4.8, 1_000_000).round(2)
        text = "name,height\n" + "".join(f"Kim,{number}\n" for number in numbers.tolist())
        start = time.process_time()
        (found,) = csv_columns(text)
        assert time.process_time() - start < 4
        assert np.array_equal(found.values, numbers)
