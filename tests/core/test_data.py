"""Unit cases, properties and bad input for what reads people's own numbers."""

import pickle
import re
import time
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from core import cells, lists
from core.cells import COMMA, POINT, Kind, Marks, kind_of, visible
from core.data import BadCell, Reason, csv_columns, parse_numbers
from core.tables import ANY, ENCODINGS, ONE, Reading, decoded, likeliest, read, understand
from tests.close import repeatable

many = settings(repeatable, max_examples=300)
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
            ("1, 4,\n5, 6,\n", [1, 4, 5, 6]),
            ("1;4;\n5;6", [1, 4, 5, 6]),
            ("172.5\r\n168\r\n", [172.5, 168]),
            ("172.5\r168", [172.5, 168]),
            ("\ufeff172.5 168", [172.5, 168]),
            ("\ufeff\ufeff172.5 168", [172.5, 168]),
            ("\u22123.5, +2", [-3.5, 2]),
            ("１７２．５，１６８", [172.5, 168]),
            ("172\u3000168", [172, 168]),
            (".5 5.\n1e3 -1E-2", [0.5, 5, 1000, -0.01]),
            ("height\n172\n168", [172, 168]),
            ("키 (cm)\n172\n168", [172, 168]),
            ("x1\n172\n168", [172, 168]),
            ("\n\nheight, cm\n\n172\n168", [172, 168]),
            ("heights of my class:\n172, 168, 175", [172, 168, 175]),
            # Where semicolons or tabs separate, commas are decimal marks; and no number begins with 05.
            ("172,5; 168", [172.5, 168]),
            ("172,5;168,25;170\n1,5", [172.5, 168.25, 170, 1.5]),
            ("172,5\t168,2", [172.5, 168.2]),
            ("172,05\n168,5", [172.05, 168.5]),
            # No number has two commas, or a comma and a point so.
            ("1.5,2.5\n3.5,4", [1.5, 2.5, 3.5, 4]),
            ("1,2;3,4,5", [1, 2, 3, 4, 5]),
            ("1,5;2.5;3,5,5", [1, 5, 2.5, 3, 5, 5]),
            ("1, 2\n3, 4", [1, 2, 3, 4]),
            ("172,168,175", [172, 168, 175]),
            ("12,15,100", [12, 15, 100]),
            ("sep=;\n172,5;168", [172.5, 168]),
            ("172 168 175", [172, 168, 175]),
            ("0 5e-324 1", [0, 5e-324, 1]),
            ("1.172\n2.168", [1.172, 2.168]),
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
            ("\n \nheight\n\n172\nx", ("title", 6, 1, "x")),
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
            ("1, 2\n,3", ("empty", 2, 1, "")),
            ("1.5;2\n ;3", ("empty", 2, 1, "")),
            ("1,5;;2,5", ("empty", 1, 2, "")),
            ("172,5;168,5\n170;x", ("not_a_number", 2, 2, "x")),
            ("172 m\n168 m", ("not_a_number", 1, 1, "172 m")),
            ("1,72 m\n1,68 m", ("not_a_number", 1, 1, "1,72 m")),
            ("", ("too_few", None, None, "")),
            (" \n\t\n", ("too_few", None, None, "")),
            ("172", ("too_few", None, None, "")),
            ("height\n172", ("too_few", None, None, "")),
            ("5 5.0 5e0", ("no_spread", None, None, "")),
            ("0 1e-200", ("no_spread", None, None, "")),
        ],
    )
    def test_the_first_bad_cell_is_named(self, text, expected):
        if expected[0] == "title":  # one number only: the word below it is no second header
            expected = ("not_a_number", *expected[1:])
        assert problem(parse_numbers, text) == expected

    @pytest.mark.parametrize(
        "first",
        [
            "_172", "<l72", "=O5", "*x5", "5²",
            "~172", ">172", "≈172", "(5)", "'172", "`172`", "$172", "€172", "€", "172kg", "172 kg",
            "5'11\"", "1/2", "0x1F", "½", "2²", "Ⅳ", "١٧٢", "১৭২", "백칠십이", "一百", "–172", "—172", "‐172",
            "﹣172", "172–180", "170-180", "2024-01-05", "12:30", "5%", "5 %", "1)", "1) 172", "#172",
            "# 172", "no. 172", "ca. 172", "ca172", "약 172", "키172", "EUR172", "US$172", "172€",
            "172,-", "172.-", "l72", "I72", "O5", "17O", "x172", "x 172", "h=172", "TRUE", "FALSE",
            "#REF!", "#VALUE!", "NaN", "-", ".", "[172", "{172}", "<172>", "\u200b172", "172\u200b",
            "\u2060172", "\u00ad172", "\u202a172", "\ufe0f172", "172\ufeff", "1\u200d72", "\x00172",
            "172\x1f", "1_72", "1e", "1e5.5", "--172", "+-172", "172.5.1", "1..2", "172''", "°", "~",
            "---", "| 172 |", "<td>172</td>", "- 172", "* 172", "> 172", "± 5", "172 ± 5", "√2", "2·3",
            "10^5", "∞",
        ],
    )  # fmt: skip
    def test_what_hides_a_number_is_no_header(self, first):
        assert attempt(f"{first}\n168\n170")[1] is None
        assert attempt(f"168\n{first}\n170")[1] is None
        columns = self.columns(f"{first}\n168\n170")
        assert columns in ([], [None]) or columns == [[168.0, 170.0]] * (first in ("-", ".", "NaN"))
        below = self.columns(f"name,{first}\nKim,168\nLee,170")
        assert below in ([], [None]) or first in ("°", "~", "---", "€", "-", ".", "NaN", "x172"), below

    @staticmethod
    def columns(text):
        """Give the numbers of each column; an empty list where the whole is refused."""
        try:
            return [None if c.values is None else c.values.tolist() for c in csv_columns(text)]
        except BadCell:
            return []

    @pytest.mark.parametrize(
        ("text", "reason", "cell"),
        [
            ("172,5\n168,25", "marks", "172,5"),
            ("Größe\n172,5\n168", "marks", "172,5"),
            ("172,5", "marks", "172,5"),
            ("172,5 168,2", "marks", "172,5"),
            ("1,2\n3;4", "marks", "1,2"),
            ("1,000;2,000", "marks", "1,000"),
            ("5 000\n6 000", "marks", "5 000"),
            ("172,5, 168,2", "marks", "172,5"),
            ("172, 168,5", "marks", "168,5"),
            ("1,234.5", "marks", "1,234.5"),
            ("1,234.5\n2,345.6", "marks", "1,234.5"),
            ("1.234,5\n2.345,6", "marks", "1.234,5"),
            ("1.234.567\n2.345.678", "marks", "1.234.567"),
            ("1,234,567", "marks", "1,234,567"),
            ("1,172; 2,168", "marks", "1,172"),
            ("172,168,175\n180,171,169", "marks", "172,168,175"),
            ("172.5\n168,2", "marks", "168,2"),
            ("1 172", "marks", "1 172"),
            ("95 172\n88 168", "marks", "95 172"),
            ("1\u00a0172", "marks", "1\u00a0172"),
            ("12\u202f172\n13\u2009168", "marks", "12\u00a0172"),
            ("1'172\n2'168", "marks", "1'172"),
            ("12,34,567.50\n1,00,000.25", "marks", "12,34,567.50"),
            ("1. 172\n2. 168", "numbered", "1. 172"),
            ("172. 5", "numbered", "172. 5"),
            ("1,172\n2,168", "marks", "1,172"),
            ("1 70\n2 65\n3 80", "numbered", "1 70"),
            ("id, height\n1,172\n2,168", "table", "id, height"),
            ("height weight\n172 70\n168 65", "table", "height weight"),
            ("height (cm) weight (kg)\n172 70\n168 65", "table", "height (cm) weight (kg)"),
            ("Heights of my class\nheight\n172\n168", "title", "height"),
            ("height\n(cm)\n172\n168", "title", "(cm)"),
        ],
    )
    def test_what_can_be_read_in_two_ways_is_refused(self, text, reason, cell):
        found = problem(parse_numbers, text)
        assert (found[0], found[3]) == (reason, cell)

    def test_a_header_alone_is_no_header(self):
        assert problem(parse_numbers, "height") == ("not_a_number", 1, 1, "height")

    def test_too_many(self):
        assert problem(parse_numbers, "1 2\n3 4\n5", limit=4) == ("too_many", 3, 1, "5")
        assert parse_numbers("1 2\n3 4", limit=4).size == 4

    def test_a_bad_cell_before_the_limit_comes_first(self):
        assert problem(parse_numbers, "1 x\n3 4\n5", limit=4) == ("not_a_number", 1, 1, "1 x")

    @repeatable
    @given(samples, st.sampled_from([", ", ";", "; ", "\t", "\n", "\r\n", " ,\t", "\n\n"]))
    def test_what_is_written_is_read(self, numbers, separator):
        assert parse_numbers("x\n" + separator.join(map(repr, numbers))).tolist() == numbers

    @repeatable
    @given(samples, st.sampled_from([",", " "]))
    def test_what_is_written_tightly_is_read_or_in_doubt(self, numbers, separator):
        bad, found = attempt("x\n" + separator.join(f"{x:.3f}" for x in numbers))
        if bad is None:
            assert found.tolist() == [round(x, 3) for x in numbers]
        else:
            assert bad.reason in (Reason.MARKS, Reason.TOO_FEW, Reason.NO_SPREAD)

    @repeatable
    @given(samples, st.sampled_from(["; ", ";", ";\n", "\t"]))
    def test_decimal_commas_are_read(self, numbers, separator):
        numbers = [round(x, 3) + 0.0001 for x in numbers]
        assume(len(set(numbers)) > 1)
        text = separator.join(f"{x:.4f}" for x in numbers).replace(".", ",")
        assert parse_numbers(text).tolist() == [float(f"{x:.4f}") for x in numbers]

    @many
    @given(st.text(alphabet="0123456789.,;-+eE_nainf \t\n\r\u2212\u00a0xé", max_size=60))
    @example("x\n1,5\n2")
    def test_whatever_is_accepted_stands_there_number_for_number(self, text):
        bad, found = attempt(text)
        if bad is not None and bad.row is not None:
            lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2212", "-").split("\n")
            assert bad.cell in lines[bad.row - 1].strip() or bad.reason == Reason.TABLE
        if found is not None:
            assert found.size >= 2
            self.stands_there(text, found)

    @staticmethod
    def stands_there(text, found):
        """Check numbers against a text by a way of its own: Decimal, and a split at all that can separate."""
        text = text.removeprefix("\ufeff").replace("\u2212", "-").strip()
        first, _, rest = text.replace("\r", "\n").partition("\n")
        if not any(map(str.isdigit, first)):
            text = rest
        in_commas = re.split(r"[;\s]+", re.sub(r",(?!\d)|(?<!\d),", " ", text).strip(" ;\n\t"))
        in_points = re.split(r"[,;\s]+", text.strip(" ,;\n\t"))
        numbers = [float(Decimal(token)) for token in in_points] if len(in_points) == found.size else None
        if numbers != found.tolist():
            assert [float(Decimal(token.replace(",", "."))) for token in in_commas] == found.tolist()

    @many
    @given(
        samples,
        st.sampled_from([", ", "; ", "\n", "\t"]),
        st.integers(0, 10_000),
        st.sampled_from(
            [*"~><≈(){}[]'\"$€%°#/:_x–—‐oOlI|!?*&@^=`\u200b\u2060\u00ad\u200e\x00\x1f½٣²元원", "e", "-", "E"]
        ),
        st.booleans(),
    )
    def test_a_mark_that_does_not_belong_gives_no_other_number(
        self, numbers, separator, place, mark, instead
    ):
        text = separator.join(f"{number:.2f}" for number in numbers)
        place %= len(text)
        changed = text[:place] + mark + text[place + instead :]
        _, found = attempt(changed)
        if found is not None:
            assert "�" not in cells.clean(changed)
            self.stands_there(changed, found)

    def test_a_list_of_a_million_lines(self):
        numbers = np.random.default_rng(0).normal(172, 4.8, 1_000_000)
        text = "\n".join(map(repr, numbers.tolist()))
        assert np.array_equal(parse_numbers(text), numbers)

    @pytest.mark.parametrize("limit", [1, 0, 2.5])
    def test_bad_limit(self, limit):
        for function in (parse_numbers, csv_columns):
            with pytest.raises(ValueError, match=r"^limit must"):
                function("1 2", limit=limit)


class TestBadCell:
    def test_it_is_a_value_error_with_a_plain_sentence(self):
        bad = BadCell(Reason.NOT_A_NUMBER, 17, 2, "17O")
        assert isinstance(bad, ValueError)
        assert str(bad) == "Row 17, column 2 holds '17O': not_a_number."
        assert str(BadCell(Reason.TOO_FEW)) == "The data cannot be used: too_few."

    def test_what_cannot_be_seen_is_written_out(self):
        assert "⟨U+200B⟩172" in str(BadCell(Reason.NOT_A_NUMBER, 1, 1, "\u200b172"))
        assert visible("a b 키 é") == "a b 키 é"
        assert visible("\u00a0\t\u202e") == "⟨U+00A0⟩⟨U+0009⟩⟨U+202E⟩"

    def test_a_long_cell_is_cut(self):
        assert BadCell(Reason.NOT_A_NUMBER, 1, 1, "x" * 60).cell == "x" * 60
        assert BadCell(Reason.NOT_A_NUMBER, 1, 1, "x" * 61).cell == "x" * 59 + "…"

    def test_it_survives_a_pickle(self):
        bad = pickle.loads(pickle.dumps(BadCell(Reason.EMPTY, 3, 4, "")))
        assert (bad.reason, bad.row, bad.column, bad.cell) == (Reason.EMPTY, 3, 4, "")


class TestKinds:
    @pytest.mark.parametrize(
        "cell",
        ["height", "height (cm)", "키", "Größe", "x1", "z10", "height_2", "log10(x)", "σ²", "% fat", "h2o"],
    )
    def test_names(self, cell):
        assert kind_of(cell) == Kind.NAME

    @pytest.mark.parametrize(("cell", "kind"), [("172,5", "number"), ("1'172", "number"), ("–", "missing")])
    def test_others(self, cell, kind):
        assert kind_of(cell) == kind


def table(text, **options):
    """Give index, name and numbers (or the problem) of every column that was found."""
    found = []
    for column in csv_columns(text, **options):
        assert (column.values is None) != (column.problem is None)
        bad = column.problem
        content = column.values.tolist() if bad is None else (bad.reason, bad.row, bad.column, bad.cell)
        found.append((column.index, column.name, content))
    return found


CELL = st.sampled_from(["172", "168.5", "1,5", "NA", "x", "", "1 172", '"a"', "~3"])


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
            ("a|b\n1|2\n3|4\n", [(1, "a", [1, 3]), (2, "b", [2, 4])]),
            ("a b\n1 2\n3   4\n", [(1, "a", [1, 3]), (2, "b", [2, 4])]),
            ("# a b\n1 2\n3 4\n", [(1, "a", [1, 3]), (2, "b", [2, 4])]),
            ("a , b\n 1 , 2\n 3 , 4\n", [(1, "a", [1, 3]), (2, "b", [2, 4])]),
            ("id,height\n1,172\n2,168\n", [(1, "id", [1, 2]), (2, "height", [172, 168])]),
            # Quotation marks: what stands in them separates nothing.
            ('name,height\n"Kim, Minji",172\n"Lee",168\n', [(2, "height", [172, 168])]),
            ('"name, first";"h"\n"Kim";"172,5"\n"Lee";"168"\n', [(2, "h", [172.5, 168])]),
            ('note,h\n"two\nlines",172\nx,168\n', [(2, "h", [172, 168])]),
            ('"height"\n"172"\n"168"', [(1, "height", [172, 168])]),
            ('"height\tcm"\n172\n168', [(1, "height\tcm", [172, 168])]),
            ('"a\nb",c\n1,2\n3,4', [(1, "a\nb", [1, 3]), (2, "c", [2, 4])]),
            ('"a;b",c\n1,2\n3,4', [(1, "a;b", [1, 3]), (2, "c", [2, 4])]),
            ("\ufeffa,b\r\n1,2\r\n\r\n3,4\r\n,\r\n", [(1, "a", [1, 3]), (2, "b", [2, 4])]),
            ("a,b\n1,x\n3,y\n", [(1, "a", [1, 3])]),
            ("a,b,c\n1,,2\n3,,4\n", [(1, "a", [1, 3]), (3, "c", [2, 4])]),
            # Names, dates and times before a comma, and one cell with a unit among many, are torn by none.
            ("x1,172\nx2,168", [(2, "", [172, 168])]),
            ("1-5,172\n2-6,168", [(1, "", ("not_a_number", 1, 1, "1-5")), (2, "", [172, 168])]),
            ("Kim 25 172\nLee 30 168", [(2, "", [25, 30]), (3, "", [172, 168])]),
            ("#1 172\n#2 168", [(1, "", ("not_a_number", 1, 1, "#1")), (2, "", [172, 168])]),
            ("171 cm\n172 cm", [(1, "", [171, 172])]),
            ("12:30,172\n13:00,168", [(1, "", ("not_a_number", 1, 1, "12:30")), (2, "", [172, 168])]),
            ("Kim,1,5\nLee,2,5cm\nPark,3,6", [(2, "", [1, 2, 3]), (3, "", ("not_a_number", 2, 3, "5cm"))]),
            ("a,b\n1,5cm\n2,6cm", [(1, "a", [1, 2]), (2, "b", ("not_a_number", 2, 2, "5cm"))]),
            ("sep=;\na;b\n1,5;2\n3;4,5\n", [(1, "a", [1.5, 3]), (2, "b", [2, 4.5])]),
            ('"sep=,"\na,b\n1,2\n3,x\n5,6', [(1, "a", [1, 3, 5]), (2, "b", ("not_a_number", 4, 2, "x"))]),
            # An index without a name, and row names below a header that is one shorter.
            (",height\n0,172\n1,168\n", [(1, "", [0, 1]), (2, "height", [172, 168])]),
            ('"a" "b"\n"1" 172 70\n"2" 168 65', [(1, "", [1, 2]), (2, "a", [172, 168]), (3, "b", [70, 65])]),
            ("height weight\nKim 172 70\nLee 168 65", [(2, "height", [172, 168]), (3, "weight", [70, 65])]),
            ("", []),
            ("\n \n", []),
            (",\n,\n", []),
            ("name\nKim\nLee\n", []),
        ],
    )  # fmt: skip
    def test_tables(self, text, expected):
        assert table(text) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a,b\n1,2\nx,4\n5,6\n", [(1, "a", ("not_a_number", 3, 1, "x")), (2, "b", [2, 4, 6])]),
            ("a,b\n1,inf\n2,3\n3,4\n", [(1, "a", [1, 2, 3]), (2, "b", ("not_finite", 2, 2, "inf"))]),
            ("a,b\n1,1_0\n2,3\n", [(1, "a", [1, 2]), (2, "b", ("not_a_number", 2, 2, "1_0"))]),
            ("a;b\n1,5;2\n1.5;3\n", [(1, "a", ("marks", 2, 1, "1,5")), (2, "b", [2, 3])]),
            ('a,b\n"1,234",2\n5,3\n', [(1, "a", ("marks", 2, 1, "1,234")), (2, "b", [2, 3])]),
            ("a;b\n1,172;3\n2,168;4", [(1, "a", ("marks", 2, 1, "1,172")), (2, "b", [3, 4])]),
            ("a\tn\nA\t1 172\nB\t2 168", [(2, "n", ("marks", 2, 2, "1 172"))]),
            ("a\tn\nA\t1'172\nB\t2'168", [(2, "n", ("marks", 2, 2, "1'172"))]),
            ("a;b\n172,5;1.172\n168,2;2.168", [(1, "a", [172.5, 168.2]), (2, "b", ("marks", 2, 2, "1.172"))]),
            # Below a header of two columns the comma separates, although 1,5 might be one number.
            ("a,b\n1,5\n2,5\n", [(1, "a", [1, 2]), (2, "b", ("no_spread", None, None, ""))]),
            ("a,b\n1,2\n", [(1, "a", ("too_few", None, None, "")), (2, "b", ("too_few", None, None, ""))]),
            ("a,b\n1,1e200\n2,3\n", [(1, "a", [1, 2]), (2, "b", ("too_large", 2, 2, "1e200"))]),
            ('note,h\n"two\nlines",172\nx,y\nz,168\n', [(2, "h", ("not_a_number", 4, 2, "y"))]),
            ("| h |\n|---|\n| 172 |\n| 168 |", [(2, "h", ("not_a_number", 2, 2, "---"))]),
        ],
    )
    def test_one_bad_column_does_not_spoil_the_others(self, text, expected):
        assert table(text) == expected

    @pytest.mark.parametrize(
        ("text", "reason", "row"),
        [
            ("name height weight\nKim Minji 172 70\nLee 168 65", "ragged", 2),
            ("a b c\n1 2 3\n4 5\n6 7 8", "ragged", 3),
            ("a,b\n\n1,2\n3\n5,6\n", "ragged", 4),
            ("a,b\n1,2,7\n3,4,8\n", "ragged", 1),
            ("a,b,c\n1,2\n3,4\n", "ragged", 1),
            ("Heights of my class\nname,height\nKim,172\nLee,168", "title", 1),
            ("Heights of my class\nheight\n172\n168", "title", 1),
            ("name,height\n,cm\nKim,172\nLee,168\n", "title", 2),
            ("172,5\n168,5\n", "marks", 1),
            ("height, cm\n172,5\n168,2", "marks", 2),
            ("id, height\n1,172\n2,168", "marks", 2),
            ("172.5\n168,2", "marks", 2),
            ("salary\n1,000\n2,050", "marks", 2),
            ("name salary\nKim 1,050\nLee 2,000", "marks", 2),
            ("12,34,567.50\n1,00,000.25", "marks", 1),
            # A comma that separates would tear these, and nothing else says that it does.
            ("171,5cm\n168,2cm", "marks", 1),
            ("£1,234\n£2,345", "marks", 1),
            ("EUR1,234\nEUR2,345", "marks", 1),
            ("–172,5\n–168,2", "marks", 1),
            ("3,234원\n2,345원", "marks", 1),
            ("salary\n$1,234\n$2,345", "marks", 2),
            ("salary\n1,234 GBP\n2,345 GBP", "marks", 2),
            ("name,height\nKim,171,5\nLee,168,2", "marks", 2),
            ('"name",height\n"Kim",$1,234\n"Lee",$2,345', "marks", 2),
            ("1\u202f937,6\n1\u202f727,0\n861,1", "marks", 1),
            ("EUR 615,54\nEUR 1 272,18", "marks", 2),
            ("Kim,16'694,75\nLee,17'050,91", "marks", 1),
            ("Lee,1,1 kg\nPark,2,5 kg", "marks", 1),
            ("name,salary\nKim,EUR 0,4\nLee,EUR 0,2", "marks", 2),
            # The same of blanks; and a sign that is left before a unit.
            ("45 794.4%\n2 183.1%", "marks", 1),
            ("€36 896.5\n€44 091.1", "marks", 1),
            ("height\n$21 802\n$25 635", "marks", 2),
            ("Kim 32 006\nLee 33 118", "marks", 1),
            ("EUR 78\n-EUR 140", "marks", 2),
            ("Kim,EUR 1,05\nLee,-EUR 2,91", "marks", 1),
            ("Kim 172,5\nLee 168,2", "marks", 1),
            ("1 172\n2 168", "marks", 1),
            ("- 172\n- 168", "marks", 1),
            ("Kim $ 172\nLee $ 168", "marks", 1),
            ('a,b\n"17"2,3\n4,5', "unreadable", 2),
            ('a,b\n1,2\n"3,4\n5,6', "unreadable", 3),
        ],
    )
    def test_what_is_no_certain_table_is_refused(self, text, reason, row):
        assert problem(csv_columns, text)[:2] == (reason, row)

    def test_missing_values_are_counted_and_left_out(self):
        (_, height) = csv_columns("id,height\n1,172\n2,NA\n3,\n4,-\n5,.\n6,nan\n7,N/A\n8,null\n9,–\n10,168\n")
        assert (height.values.tolist(), height.missing, height.problem) == ([172.0, 168.0], 8, None)
        assert csv_columns("a,b\n,NA\n,NA\n") == []

    def test_too_many_lines(self):
        assert len(csv_columns("a\n1\n2\n3", limit=3)[0].values) == 3
        assert problem(csv_columns, "a\n1\n2\n\n3\n4", limit=3) == ("too_many", 6, 1, "4")
        assert problem(csv_columns, "1\n2\n3\n4", limit=3) == ("too_many", 4, 1, "4")

    def test_a_header_of_open_brackets_takes_no_time(self):
        """A search that begins anew at each bracket takes a minute here, and everybody waits."""
        begun = time.process_time()
        assert parse_numbers(f"a{'(' * 100_000}\n5 2\n2 3").tolist() == [5, 2, 2, 3]
        assert time.process_time() - begun < 10

    def test_too_many_columns(self):
        line = ",".join(["1.5"] * 3000)
        assert problem(csv_columns, f"{line}\n{line}")[:3] == ("too_many", 1, 2001)

    @repeatable
    @given(samples, st.sampled_from([",", ";", "\t", " ", "|"]))
    def test_what_is_written_is_read(self, numbers, delimiter):
        text = "".join(f"x{delimiter}{number!r}\n" for number in numbers)
        assert table(text) == [(2, "", numbers)]

    @repeatable
    @given(
        st.lists(st.tuples(st.text(max_size=8), st.floats(-1e6, 1e6)), min_size=2, max_size=20),
        st.sampled_from([",", ";", "\t"]),
    )
    def test_whatever_stands_in_quotes_beside_them_numbers_are_read(self, rows, delimiter):
        numbers = [number for _, number in rows]
        assume(max(numbers) - min(numbers) > 1e-9)
        quoted = [cells.clean(name).replace('"', '""') for name, _ in rows]
        text = f'"who"{delimiter}"much"\n' + "".join(
            f'"{name}"{delimiter}{number!r}\n' for name, number in zip(quoted, numbers, strict=True)
        )
        assert table(text)[-1] == (2, "much", numbers)

    @many
    @given(
        st.lists(st.lists(CELL, min_size=1, max_size=3), min_size=1, max_size=5),
        st.sampled_from([",", ";", "\t", " ", "|", ", "]),
    )  # fmt: skip
    def test_a_number_of_a_column_is_a_cell_of_it(self, rows, delimiter):
        """Whatever is accepted: as many numbers as the column has cells that are numbers, and these."""
        text = "\n".join(delimiter.join(row) for row in rows)
        for numbers in TestParseNumbers.columns(text):
            allowed = {172.0, 168.5, 1.5, 1.0, 5.0}
            assert numbers is None or set(numbers) <= allowed

    def test_a_table_of_a_million_lines(self):
        numbers = np.random.default_rng(0).normal(172, 4.8, 1_000_000).round(2)
        written = "\n".join(map(str, numbers.tolist()))
        text = "name,height\nKim," + written.replace("\n", "\nKim,")
        assert np.array_equal(csv_columns(text)[0].values, numbers)


def meant(text, pasted):
    """Give the reason of the doubt, and delimiter, marks and columns of each reading."""
    found = understand(text, pasted=pasted)
    made = []
    for reading in found.readings:
        columns = read(text, reading).columns
        made.append((reading.delimiter, [c.values.tolist() for c in columns if c.values is not None]))
    return found.doubt and str(found.doubt.reason), made


DECIMALS, FOUR, PAIRS = [172.5, 168.2], [172, 5, 168, 2], [[172, 168], [5, 2]]


class TestUnderstand:
    @pytest.mark.parametrize(
        ("text", "pasted", "doubt", "readings"),
        [
            ("172, 168", True, None, [(ANY, [[172, 168]])]),
            ("172, NA, 168", True, None, [(ANY, [[172, 168]])]),
            ("172 168 inf", True, None, [(ANY, [])]),
            ("172 168 170", False, None, [(ANY, [[172, 168, 170]])]),
            ("172,168,170", False, None, [(ANY, [[172, 168, 170]])]),
            ("172,5\n168,2", True, "marks", [(ANY, [DECIMALS]), (ANY, [FOUR]), (",", PAIRS)]),
            ("172,5\n168,2", False, "marks", [(ONE, [DECIMALS]), (",", PAIRS), (ANY, [FOUR])]),
            ("1. 172\n2. 168", True, "numbered", [(" ", [[1, 2], [172, 168]]), (ANY, [[1, 172, 2, 168]])]),
            ("a,b\n1,172\n2,168", True, None, [(",", [[1, 2], [172, 168]])]),
            ("of mine\na,b\n1,172\n2,168", False, "title", [(",", [[1, 2], [172, 168]])]),
            ("name,h\n,cm\nKim,172\nLee,168", False, "title", [(",", [[172, 168]])]),
            ("week 1,week 2\n3,4\n5,6", False, "header", [(",", [[3, 5], [4, 6]])]),
            ("1\u00a0172\n3\u00a0168", True, "marks", [(ANY, [[1172, 3168]]), (ANY, [[1, 172, 3, 168]])]),
            ("", True, None, [(ANY, [])]),
            ("name\nKim", False, None, [(ONE, []), (ANY, [])]),
        ],
    )  # fmt: skip
    def test_texts(self, text, pasted, doubt, readings):
        found = meant(text, pasted)
        assert found[0] == doubt
        assert found[1] == readings

    def test_the_likeliest_comes_first(self):
        assert understand("172,5\n168,2", pasted=True).readings[0].marks == COMMA
        assert understand("id, height\n1,172\n2,168").readings[0].delimiter == ","

    @repeatable
    @given(st.text(alphabet="0123456789.,;|-\" \t\n'ax\u00a0", max_size=50), st.booleans())
    def test_any_text_is_understood_and_every_reading_reads_or_says_what_is_wrong(self, text, pasted):
        for reading in understand(text, pasted=pasted).readings:
            try:
                found = read(text, reading)
            except BadCell:
                continue
            assert all((column.values is None) != (column.problem is None) for column in found.columns)


class TestRead:
    def test_marks_that_were_chosen(self):
        grouped = Reading(";", Marks(".", ","), header=1)
        (column, _) = read("a;b\n1,172;3\n22,168.5;4", grouped).columns
        assert column.values.tolist() == [1172, 22168.5]
        for text, marks in (("1'172\n2’168", Marks(".", "'")), ("1 172\n2\u202f168", Marks(",", " "))):
            assert read(text, Reading(ONE, marks)).columns[0].values.tolist() == [1172, 2168]

    def test_lines_that_were_chosen(self):
        text = "of my class\nname,height\n,cm\nKim,172\nLee,168"
        made = read(text, Reading(",", skip=1, header=2))
        assert (made.names, made.lines, made.length) == (("name", "height cm"), (4, 5), 2)
        assert made.rows == (("Kim", "172"), ("Lee", "168"))
        listed = read("of\nmine\n172\n168", Reading(ANY, skip=1, header=1))
        assert (listed.names, listed.rows, listed.lines) == (("mine",), (("172",), ("168",)), (3, 4))

    def test_a_reading_that_does_not_fit_says_so(self):
        assert problem(read, "a b\n1,2\n3,4", Reading(",", header=1))[:2] == ("ragged", 1)
        assert problem(read, 'a,b\n"1', Reading(","))[0] == "unreadable"
        assert read("a\nb", Reading(",", skip=5)).columns == ()

    def test_a_byte_order_mark_inside_is_seen(self):
        """pandas would take it away, and a line with it."""
        made = read("\n\ufeff\n", Reading(ONE))
        assert (made.length, made.rows) == (1, (("\ufeff",),))
        made = read("\n\ufeff172,5\n168,2", Reading(","))
        assert made.rows == (("\ufeff172", "5"), ("168", "2"))
        assert str(made.columns[0].problem) == "Row 2, column 1 holds '⟨U+FEFF⟩172': not_a_number."

    def test_a_table_shows_its_first_rows_only(self):
        made = read("\n".join(f"{n},{n * n}" for n in range(100)), Reading(","))
        assert (made.length, len(made.rows), made.rows[2]) == (100, 6, ("2", "4"))

    @pytest.mark.parametrize(
        ("text", "chosen"),
        [
            ("id,height\n1,172\n2,168\n3,170", "height"),
            (",height\n0,172\n1,168\n2,170", "height"),
            ("id,height\n7,172\n9,NA\n8,170", "height"),
            ("no,age,height\n1,x3,172\n2,5,168", "height"),
            ("id,height\n1,17x\n2,168", "height"),
            ("height,id\n172,1\n168,2", "height"),
            ("id,n\n1,2", "n"),
        ],
    )
    def test_the_likeliest_column_is_no_index(self, text, chosen):
        columns = read(text, Reading(",", header=1)).columns
        assert columns[likeliest(columns)].name == chosen


class TestDecoded:
    @pytest.mark.parametrize("encoding", ENCODINGS[:4])
    @pytest.mark.parametrize("text", ["height\n172", "키 (cm)\n172", "Größe\n172", "Größenmaß, Höhe\n172"])
    def test_what_a_program_wrote_is_read(self, text, encoding):
        try:
            content = text.encode(encoding)
        except UnicodeEncodeError:
            return
        assert decoded(content)[0] == text

    @pytest.mark.parametrize("text", ["height\n172", "키\n172.5\n168.2"])
    def test_utf_16_without_a_mark(self, text):
        for name in ("utf-16-le", "utf-16-be"):
            assert decoded(text.encode(name)) == (text, "utf-16")

    def test_an_encoding_that_was_chosen(self):
        assert decoded("身長".encode("cp932"), "cp932") == ("身長", "cp932")
        assert "\ufffd" in decoded(b"\xff\xfe\xfa", "utf-8-sig")[0]

    @repeatable
    @given(st.binary(max_size=40), st.sampled_from(["", *ENCODINGS]))
    def test_any_bytes_are_some_text(self, content, encoding):
        assert isinstance(decoded(content, encoding)[0], str)


def test_the_quick_way_and_the_slow_way_agree():
    rng = np.random.default_rng(1)
    for marks, joined in ((POINT, "{:.3f}"), (COMMA, "{:.2f}")):
        for separator in ("\n", "; ", "\t"):
            numbers = rng.normal(172, 30, 50)
            body = separator.join(joined.format(x) for x in numbers).replace(".", marks.decimal)
            fast = lists.numbers(body, marks, 1, 1000)[0]
            slow = [cells.to_float(cell, marks) for _, _, cell in lists.cells(body, marks, 1)]
            assert fast.tolist() == slow
