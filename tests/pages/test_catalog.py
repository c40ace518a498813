"""The catalog of words: loading, places, groups, and what is an error."""

from __future__ import annotations

import pytest

from pages.shared.catalog import LANGUAGES, LESSONS, Words, flat, load

WORDS = Words(
    {
        "title": "Softmax",
        "plot.title": "T = @{t}",
        "plot.x": "Temperature",
        "plot.legend.p": "the data",
        "plotter": "not in plot",
        "latex": r"\frac{@{top}}{\sum_j e^{z_j}}",
        "two": "@{a} and @{b}",
        "mail": "a@@b @{x}",
    },
    "en",
)


class TestWords:
    def test_a_text(self) -> None:
        assert WORDS("title") == "Softmax"

    def test_an_unknown_key_is_an_error(self) -> None:
        with pytest.raises(KeyError, match="nonsense"):
            WORDS("nonsense")

    def test_places_are_filled(self) -> None:
        assert WORDS("two", a=1, b="x", c="unused") == "1 and x"

    def test_an_unfilled_place_is_an_error(self) -> None:
        with pytest.raises(KeyError, match="b"):
            WORDS("two", a=1)

    def test_braces_of_latex_are_left_alone(self) -> None:
        assert WORDS("latex", top="5") == r"\frac{5}{\sum_j e^{z_j}}"

    def test_without_places_a_text_is_as_written(self) -> None:
        assert WORDS("two") == "@{a} and @{b}"

    def test_what_is_filled_in_is_not_filled_again(self) -> None:
        assert WORDS("two", a="@{b}", b="x") == "@{b} and x"

    def test_a_doubled_sign_is_the_sign(self) -> None:
        assert WORDS("mail", x="!") == "a@b !"

    def test_knows_its_keys(self) -> None:
        assert "plot.x" in WORDS
        assert "plot" not in WORDS
        assert len(list(WORDS)) == 8


class TestGroup:
    def test_holds_what_is_below_and_nothing_else(self) -> None:
        assert WORDS.group("plot", t=2) == {"title": "T = 2", "x": "Temperature", "legend.p": "the data"}

    def test_is_empty_where_there_is_nothing(self) -> None:
        assert WORDS.group("nonsense") == {}

    def test_is_the_callers_own(self) -> None:
        words = Words({"a.x": "1", "a.y": "2"})
        words.group("a").clear()
        assert words.group("a") == {"x": "1", "y": "2"}
        words.group("a", t=1)["x"] = "changed"
        assert words.group("a", t=1) == {"x": "1", "y": "2"}

    def test_places_change_from_call_to_call(self) -> None:
        assert WORDS.group("plot", t=3)["title"] == "T = 3"
        assert WORDS.group("plot", t=4)["title"] == "T = 4"

    def test_a_place_without_a_value_stays(self) -> None:
        assert WORDS.group("plot", other=3)["title"] == "T = @{t}"
        assert WORDS.group("plot")["title"] == "T = @{t}"

    def test_under_lists_the_next_parts_in_order(self) -> None:
        assert WORDS.under("plot") == ("title", "x", "legend")
        assert WORDS.under("nonsense") == ()


def test_flat_joins_the_keys_of_tables() -> None:
    assert flat({"a": {"b": {"c": "x"}, "d": 5}, "e": "y"}) == {"a.b.c": "x", "a.d": "5", "e": "y"}


class TestLoad:
    @pytest.mark.parametrize("name", LESSONS)
    def test_a_lesson_has_its_words_and_the_shared_ones(self, name: str, language: str) -> None:
        words = load(name, language)
        assert words.language == language
        assert "title" in words
        assert "live.reset" in words

    def test_an_unknown_language_is_an_error_that_names_the_known(self) -> None:
        with pytest.raises(ValueError, match=r"language must be one of \['en', 'ko'\], not 'fr'\."):
            load("softmax", "fr")

    def test_an_unknown_lesson_is_an_error(self) -> None:
        with pytest.raises(FileNotFoundError):
            load("nonsense", "en")

    def test_is_read_once(self, language: str) -> None:
        assert load("softmax", language) is load("softmax", language)

    def test_the_languages_name_themselves(self) -> None:
        assert LANGUAGES == {"en": "English", "ko": "한국어"}
