"""A person's own numbers before they are used: what the page says of them, asks, and lets one change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.cells import BadCell, Marks, Reason
from core.tables import MISSING, Reading, read
from pages.heights import LESSON
from pages.parts import table_reader
from pages.parts.own_data import BOX
from pages.parts.people import remember
from pages.shared.catalog import load
from tests.pages.conftest import Paste, said

WORDS = load(LESSON.name, "en")


def chosen(at: AppTest) -> list[Any]:
    return [at.selectbox(key=f"own:set:{name}").value for name in ("delimiter", "marks", "header", "skip")]


def own(at: AppTest) -> list[float] | None:
    key = f"{BOX.key}:data"
    return at.session_state[key].values.tolist() if key in at.session_state else None


class TestThePage:
    def test_shows_before_it_uses(self, paste: Paste) -> None:
        at = paste("name,height\nKim,172.5\nLee,NA\nPark,168")
        assert own(at) is None
        assert chosen(at) == [",", Marks(), 1, 0]
        frame = at.dataframe[0].value
        assert list(frame) == [WORDS("table.row"), "name", "height"]
        assert frame["height"].tolist() == ["172.5", WORDS("table.missing"), "168"]
        assert said(at) == [WORDS("own.missing", missing=1, n=3)]
        at.button(key="own:use").click().run()
        assert own(at) == [172.5, 168.0]
        assert WORDS("own.done", n=2) in said(at)

    def test_asks_where_a_text_can_be_read_in_two_ways(self, paste: Paste) -> None:
        at = paste("172,5\n168,2")
        assert [WORDS("table.reason.marks") in sentence for sentence in said(at)] == [True]
        ask = at.radio(key="own:meant")
        assert ask.value is None
        assert [option.split("  (")[0] for option in ask.options] == [
            "172.5  ·  168.2",
            "172  ·  5  ·  168  ·  2",
            "`Column 1`: 172  ·  168  |  `Column 2`: 5  ·  2",
        ]
        assert not at.dataframe
        ask.set_value(0).run()
        assert chosen(at)[:2] == ["any", Marks(",")]
        at.button(key="own:use").click().run()
        assert own(at) == [172.5, 168.2]

    def test_asks_even_where_one_way_is_left_if_it_may_cut_through_numbers(self, paste: Paste) -> None:
        at = paste("$1,234\n$2,345\n$3,456")
        assert at.radio(key="own:meant").value is None
        assert not [button for button in at.button if button.key == "own:use"]
        at = at.radio(key="own:meant").set_value(0).run()
        assert at.button(key="own:use").label == WORDS("own.use", n="3")

    def test_what_was_understood_can_be_changed(self, paste: Paste) -> None:
        at = paste("week 1\nheight;n\n1.172;3\n2.168;4")
        at.selectbox(key="own:set:marks").set_value(Marks(",", ".")).run()
        at.selectbox(key="own:set:skip").set_value(1).run()
        at.selectbox(key="own:set:header").set_value(1).run()
        at.selectbox(key="own:set:delimiter").set_value(";").run()
        at.selectbox(key="own:set:marks").set_value(Marks(",", ".")).run()
        assert chosen(at) == [";", Marks(",", "."), 1, 1]
        assert at.selectbox(key="own:column").options == ["height", "n"]
        at.button(key="own:use").click().run()
        assert own(at) == [1172.0, 2168.0]

    def test_a_column_that_only_counts_is_not_the_first_choice(self, paste: Paste) -> None:
        at = paste("id,height,weight\n1,172,70\n2,168,65\n3,170,66")
        assert at.selectbox(key="own:column").value == 1
        at.selectbox(key="own:column").set_value(2).run()
        at.button(key="own:use").click().run()
        assert own(at) == [70.0, 65.0, 66.0]
        # Another table has a choice of its own.
        at = paste("height,id\n172,1\n168,2")
        assert at.selectbox(key="own:column").value == 0

    def test_thousands_in_a_column_are_asked_about(self, paste: Paste) -> None:
        at = paste("city;people\nA;1,172\nB;2,168")
        assert "own:use" not in [button.key for button in at.button]
        assert WORDS("own.written") in said(at)[0]
        at.selectbox(key="own:set:marks").set_value(Marks(".", ",")).run()
        at.button(key="own:use").click().run()
        assert own(at) == [1172.0, 2168.0]

    @pytest.mark.parametrize(
        ("text", "reason", "cell"),
        [
            ("172\n~168", "not_a_number", "`~168`"),
            ("172\n\u200b168", "not_a_number", "`⟨U+200B⟩168`"),
            ("172\n`168", "not_a_number", "`` `168 ``"),
            ("name height weight\nKim Minji 172 70\nLee 168 65", "ragged", "`Kim Minji 172 70`"),
            ('a,b\n"17"2,3\n4,5', "unreadable", '`"`'),
            ("172", "too_few", ""),
        ],
    )
    def test_what_cannot_be_used_is_said_and_the_last_good_numbers_stay(
        self, paste: Paste, text: str, reason: str, cell: str
    ) -> None:
        at = paste("1 2 4").button(key="own:use").click().run()
        at = paste(text)
        sentence = said(at)[0]
        assert WORDS(f"table.reason.{reason}") in sentence
        assert cell in sentence
        assert own(at) == [1.0, 2.0, 4.0]
        assert "own:use" not in [button.key for button in at.button]

    @pytest.mark.parametrize(("text", "reason"), [("1e25 5e25", "too_far"), ("1e9 1000000001", "too_close")])
    def test_what_cannot_be_drawn_is_not_announced(self, paste: Paste, text: str, reason: str) -> None:
        at = paste(text).button(key="own:use").click().run()
        assert own(at) is None
        expected = WORDS(f"own.reason.{reason}", largest="1,000,000,000,000,000")
        assert said(at) == [expected]

    def test_all_that_is_said_follows_the_language(self, paste: Paste) -> None:
        at = paste("1 2 NA").button(key="own:use").click().run()
        at.session_state["language"] = "ko"
        at.run()
        korean = load("heights", "ko")
        assert set(said(at)) == {korean("own.done", n=2), korean("own.missing", missing=1, n=3)}

    def test_a_title_above_the_table_is_left_out_with_a_word(self, paste: Paste) -> None:
        at = paste("Heights of my class\nname,height\nKim,172\nLee,168")
        assert WORDS("table.reason.title") in said(at)[0]
        assert chosen(at) == [",", Marks(), 1, 1]
        assert at.button(key="own:use").label == WORDS("own.use", n=2)


class TestWords:
    @pytest.mark.parametrize("reason", Reason)
    def test_every_reason_has_its_sentence(self, reason: Reason, language: str) -> None:
        words = load("heights", language)
        assert words(f"table.reason.{reason}") in table_reader.sentence(BadCell(reason, 3, 1, "x"), words)
        assert table_reader.sentence(BadCell(reason), words) == words(f"table.reason.{reason}")

    def test_a_persons_text_is_no_markup(self) -> None:
        assert table_reader.code("![x](http://a)") == "`![x](http://a)`"
        assert table_reader.code("a``b") == "``` a``b ```"
        assert table_reader.code("") == "`  `"
        assert table_reader.code("a\nb") == "`a b`"

    def test_missing_cells_are_shown_as_missing(self) -> None:
        table = read("a,b\n1,NA\n2,3\n5,4", Reading(",", header=1))
        assert "na" in MISSING
        assert table.columns[1].missing == 1


def test_numbers_that_nobody_holds_are_not_announced(page: AppTest) -> None:
    assert said(page) == []
    held = remember(np.array([1.0, 2.0]))
    del held
    assert said(page.run()) == []
