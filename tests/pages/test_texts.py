"""The words: complete in both languages, each with its places, none missing, none left over."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from core.figures.text import commented
from pages.shared import wire
from pages.shared.catalog import FOLDER, LANGUAGES, LESSONS, Phrase, Words, flat, load
from pages.shared.controls import Values
from pages.shared.frames import resolve
from pages.shared.lesson import Lesson
from tests.conftest import Case

ROOT = FOLDER.parent.parent
STEMS = ("shared", "class", *LESSONS)
# Part of a name, of code or of mathematics in both languages.
SAME_IN_BOTH = {
    "Softmax",
    "NumPy",
    "PyTorch",
    "float16",
    "float32",
    "float64",
    "softmax",
    "logits",
    "nats",
    "bits",
}


def texts(stem: str, language: str) -> dict[str, str]:
    with (FOLDER / f"{stem}.{language}.toml").open("rb") as file:
        return flat(tomllib.load(file))


def places(text: str) -> set[str]:
    """Return what a text has to be filled with: @{name}, plotly's %{...} and the browser's %name."""
    return set(Phrase(text).get_identifiers()) | set(re.findall(r"%\{[^}]*\}|(?<![\w\\])%[a-z]+", text))


def prose(text: str) -> str:
    """Return what a person reads as language: no mathematics, no code, no places, no markup."""
    for pattern in (
        r"\$\$.*?\$\$",
        r"\$.*?\$",
        r"`[^`]*`",
        r"[@%]\{[^}]*\}",
        r"@\w+",
        r"<[^>]*>",
        r"\\[a-zA-Z]+",
    ):
        text = re.sub(pattern, " ", text, flags=re.DOTALL)
    return text


# What ends in a consonant when it is read aloud in Korean: 1 is "il", N is "en", σ² is "sigma jegop".
CLOSED = set("013678LMNRlmnr²³")
LIQUID = set("178LRlr")  # those in l, after which "toward" is 로 as after a vowel
AFTER_CONSONANT = {"은": True, "는": False, "이": True, "가": False, "을": True, "를": False}
AFTER_CONSONANT |= {"과": True, "와": False, "으로": True, "로": False}
# A number, a letter or an abbreviation, and the particle at it. Words (log) and fractions are left out.
SPOKEN = re.compile(
    r"(?<!/)(?:(?<![A-Za-z])[A-Z]*[A-Za-z]|[0-9α-ω²³])(은|는|이|가|을|를|과|와|으로|로)(?![가-힣])"
)


def misread(text: str) -> list[str]:
    """Return the particles of a Korean text that do not go with the sound before them.

    Examples
    --------
    >>> misread("N은 3을, T는 7로, σ²을 NLL로"), misread("N는 3를 7으로 q은")
    ([], ['N는', '3를', '7으로', 'q은'])
    """
    found = []
    for match in SPOKEN.finditer(text):
        sign, particle = match[0][-len(match[1]) - 1], match[1]
        closed = sign in CLOSED and not (particle.endswith("로") and sign in LIQUID)
        if AFTER_CONSONANT[particle] != closed:
            found.append(match[0])
    return found


def names_a_thing(key: str) -> bool:
    """Tell whether a key's text names a preset or a section and is not read by anybody."""
    return key.startswith("watch.") and key.endswith((".preset", ".section"))


class TestBothLanguages:
    def test_no_file_is_without_its_twin(self) -> None:
        found = {file.name for file in FOLDER.iterdir()}
        assert found == {f"{stem}.{language}.toml" for stem in STEMS for language in LANGUAGES}

    @pytest.mark.parametrize("stem", STEMS)
    def test_have_the_same_keys_in_the_same_order(self, stem: str) -> None:
        assert list(texts(stem, "en")) == list(texts(stem, "ko"))

    @pytest.mark.parametrize("stem", STEMS)
    def test_have_the_same_places(self, stem: str) -> None:
        english, korean = texts(stem, "en"), texts(stem, "ko")
        other = {key: (places(english[key]), places(korean[key])) for key in english.keys() & korean.keys()}
        assert {key: pair for key, pair in other.items() if pair[0] != pair[1]} == {}

    @pytest.mark.parametrize("stem", STEMS)
    def test_show_the_same_states(self, stem: str) -> None:
        english, korean = texts(stem, "en"), texts(stem, "ko")
        named = [key for key in english if names_a_thing(key)]
        assert {key: english[key] for key in named} == {key: korean[key] for key in named}

    @pytest.mark.parametrize("stem", STEMS)
    def test_korean_is_korean(self, stem: str) -> None:
        def translated(text: str) -> bool:
            rest = {word for word in re.findall(r"[A-Za-z]{3,}", prose(text)) if word not in SAME_IN_BOTH}
            return bool(re.search("[가-힣]", text)) or len(rest) < 2

        english, korean = texts(stem, "en"), texts(stem, "ko")
        read = [key for key in korean if not names_a_thing(key)]
        assert [key for key in read if not translated(korean[key])] == []
        # One word may be the same in both (a name, a function); three or more words that are were left.
        left = [
            key
            for key in read
            if english[key] == korean[key] and len(re.findall("[a-z]{3,}", prose(english[key]))) > 2
        ]
        assert left == []

    @pytest.mark.parametrize("stem", STEMS)
    def test_korean_is_written_for_the_ear(self, stem: str) -> None:
        korean = texts(stem, "ko")
        assert {key: found for key, text in korean.items() if (found := misread(prose(text)))} == {}
        # Where what is put in may end in any sound, the sentence takes a particle that goes with all.
        either = re.compile(r"은\(는\)|는\(은\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로|\(이\)")
        assert [key for key, text in korean.items() if either.search(text)] == []
        # One level of speech: 합니다 and 하십시오, never 해요.
        assert [
            key for key, text in korean.items() if re.search(r"[가-힣](?:세요|[어아해예]요)\b", text)
        ] == []

    @pytest.mark.parametrize("stem", STEMS)
    def test_english_is_english(self, stem: str) -> None:
        assert [key for key, text in texts(stem, "en").items() if re.search("[가-힣]", text)] == []

    @pytest.mark.parametrize("stem", STEMS)
    def test_what_is_written_of_a_figure_holds_in_both_themes(self, stem: str, language: str) -> None:
        # What is black in the one is white in the other.
        turned = re.compile(r"\b(black|white)\b|검은|검정|까만|흰|하얀|하양", re.IGNORECASE)
        said = {
            key: text for key, text in texts(stem, language).items() if re.search(r"\.(caption|alt)$", key)
        }
        assert {key: text for key, text in said.items() if turned.search(text)} == {}

    @pytest.mark.parametrize("stem", STEMS)
    def test_what_a_caption_quotes_is_a_name_on_the_page(self, stem: str, language: str) -> None:
        own = texts(stem, language)
        names = {text.casefold() for text in own.values()}
        quoted = {key: re.findall("“(.+?)”", text) for key, text in own.items() if key.endswith(".caption")}
        assert {key: said for key, said in quoted.items() if {one.casefold() for one in said} - names} == {}

    @pytest.mark.parametrize("stem", STEMS)
    def test_are_finished(self, stem: str, language: str) -> None:
        pattern = re.compile(
            r"TODO|FIXME|XXX|TBD|lorem|\?\?\?|\s$|^\s*$|  (?! *[-*\n])", re.MULTILINE | re.IGNORECASE
        )
        empty_is_meant = re.compile(r"\.text$|unit")
        unfinished = {
            key: text
            for key, text in texts(stem, language).items()
            if (text == "" and not empty_is_meant.search(key)) or (text and pattern.search(text.strip("\n")))
        }
        assert unfinished == {}

    @pytest.mark.parametrize("stem", STEMS)
    def test_a_place_is_written_so_that_nothing_sticks_to_it(self, stem: str, language: str) -> None:
        bare = {
            key: text for key, text in texts(stem, language).items() if re.search(r"(?<!@)@(?![{@])", text)
        }
        assert bare == {}

    @pytest.mark.parametrize("stem", STEMS)
    def test_mathematics_is_closed(self, stem: str, language: str) -> None:
        def odd(text: str) -> bool:
            text = re.sub(r"\\\$", "", text)
            return text.count("$") % 2 == 1 or text.count("**") % 2 == 1 or text.count("`") % 2 == 1

        assert [key for key, text in texts(stem, language).items() if odd(text)] == []


class TestALessonsWords:
    def test_name_everything_that_it_shows(self, lesson: Lesson, language: str) -> None:
        words = load(lesson.name, language)
        wanted = ["nav", "title", "question"]
        wanted += [f"preset.{name}" for name in lesson.buttons]
        wanted += [
            f"section.{section.key}.{part}" for section in lesson.sections[1:] for part in ("title", "text")
        ]
        wanted += [f"tab.{name}" for section in lesson.sections for name in section.tabs]
        wanted += [f"control.{stem_of(control)}.label" for control in lesson.controls]
        wanted += [
            f"watch.{box}.{part}"
            for box in words.under("watch")
            for part in ("wrong", "why", "right", "see", "preset")
        ]
        assert [key for key in wanted if key not in words] == []

    def test_are_enough_in_every_state(self, case: Any, language: str, leaves: Any) -> None:
        lesson, values = case
        words = load(lesson.name, language)
        made = wire.whole(lesson, values, words, notes=lesson.notes(values, words) if lesson.notes else ())
        assert all(label for _, label in made["presets"])
        for control in made["controls"].values():
            assert control["label"]
            assert all(label for _, label in control.get("choices", ()))
        del made["words"], made["palettes"]  # the browser fills these itself
        unfilled = [(path, leaf) for path, leaf in leaves(made) if isinstance(leaf, str) and "@{" in leaf]
        assert unfilled == []

    def test_examples_and_boxes_have_names_that_a_link_can_hold(self, lesson: Lesson) -> None:
        names = [*lesson.buttons, *load(lesson.name, "en").under("watch")]
        assert [name for name in names if not re.fullmatch("[a-z0-9_]+", name)] == []

    def test_watch_boxes_show_states_that_exist(self, lesson: Lesson, language: str) -> None:
        words = load(lesson.name, language)
        known = set(lesson.presets)
        places = {place for section in lesson.sections for place in (section.key, *section.tabs)}
        for box in words.under("watch"):
            assert words(f"watch.{box}.preset") in known
            if f"watch.{box}.section" in words:
                assert words(f"watch.{box}.section") in places

    def test_every_hidden_state_is_shown_by_a_box(self, lesson: Lesson) -> None:
        words = load(lesson.name, "en")
        shown = {words(f"watch.{box}.preset") for box in words.under("watch")}
        assert lesson.presets.keys() - set(lesson.buttons) - shown == set()

    def test_hold_nothing_that_names_no_part_of_it(self, lesson: Lesson) -> None:
        own = texts(lesson.name, "en")
        parts = {
            "preset": set(lesson.buttons),
            "section": {section.key for section in lesson.sections},
            "control": {stem_of(control) for control in lesson.controls},
            "tab": {view for section in lesson.sections for view in (*section.main, *section.tabs)},
        }
        left = [
            key
            for key in own
            if key.count(".")
            and key.split(".")[0] in parts
            and key.split(".")[1] not in parts[key.split(".")[0]]
        ]
        assert left == []

    def test_hold_no_choice_that_cannot_be_made(self, lesson: Lesson) -> None:
        choices = {
            stem_of(control): {str(c) for c in control.choices or control.stops_in(lesson.start)}
            for control in lesson.controls
            if control.kind == "choice"
        }
        named = [
            key.split(".") for key in texts(lesson.name, "en") if re.match(r"control\.\w+\.choice\.", key)
        ]
        assert [parts for parts in named if parts[3] not in choices.get(parts[1], ())] == []

    def test_are_all_used(self, lesson: Lesson) -> None:
        own = texts(lesson.name, "en")
        structure = {
            "preset",
            "section",
            "control",
            "tab",
            "watch",
            "class",
            "nav",
            "title",
            "question",
            "takeaway",
        }
        rest = {key for key in own if key.split(".")[0] not in structure}
        used = Recorder(load(lesson.name, "en"))
        for name in ("", *lesson.presets):
            values = lesson.preset(name, lesson.start) if name else lesson.start
            resolve(lesson.picture(values, used))
            if lesson.notes:
                lesson.notes(values, used)
        sources = "".join(file.read_text(encoding="utf-8") for file in sources_of(lesson.name))
        written = set(re.findall(r"""["']([\w.{}]+)["']""", sources)) | set(re.findall(r"[\w.]+", sources))
        patterns = [
            re.compile(re.sub(r"\\{.*?\\}", r"[\\w.]+", re.escape(text))) for text in written if "{" in text
        ]

        def mentioned(key: str) -> bool:
            head, _, tail = key.partition(".")
            whole = key in written or any(pattern.fullmatch(key) for pattern in patterns)
            return whole or (
                head in written and (tail in written or tail.isdigit() or tail.split(".")[0].isdigit())
            )

        assert sorted(key for key in rest - used.asked if not mentioned(key)) == []


def stem_of(control: Any) -> str:
    """Return the part of the words' keys that names a control."""
    return str(control.stem)


def sources_of(name: str) -> list[Path]:
    """Return the files that may ask for a lesson's words."""
    own = [ROOT / "pages" / f"{name}.py", ROOT / "core" / "figures" / f"{name}.py"]
    return [*own, *(path for part in ("shared", "parts") for path in (ROOT / "pages" / part).glob("*.py"))]


class Asked(dict[str, str]):
    """A group of words that notes which of them are asked for."""

    def __init__(self, items: dict[str, str], prefix: str, asked: set[str]) -> None:
        super().__init__(items)
        self.prefix, self.asked = prefix, asked

    def __getitem__(self, key: str) -> str:
        self.asked.add(f"{self.prefix}.{key}")
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(f"{self.prefix}.{key}")
        return super().get(key, default)


class Recorder(Words):
    """Words that note which of them are asked for."""

    __slots__ = ("asked",)

    def __init__(self, words: Words) -> None:
        super().__init__({key: words(key) for key in words}, words.language)
        self.asked: set[str] = set()

    def __call__(self, key: str, **given: object) -> str:
        self.asked.add(key)
        return super().__call__(key, **given)

    def group(self, prefix: str, **given: object) -> dict[str, str]:
        return Asked(super().group(prefix, **given), prefix, self.asked)


def code_of(lesson: Lesson, values: Values, language: str) -> list[str]:
    """Return the code that a lesson shows."""
    drawn = lesson.picture(values, load(lesson.name, language))
    views = resolve(drawn, [name for name, call in drawn.items() if call[0] is commented])
    assert all(view["type"] == "code" for view in views.values())
    return [tab["text"] for view in views.values() for tab in view["tabs"]]


def test_code_differs_between_the_languages_in_its_comments_only(case: Case) -> None:
    lesson, values = case
    for shown in zip(*(code_of(lesson, values, language) for language in LANGUAGES), strict=True):
        assert len({ast.dump(ast.parse(text)) for text in shown}) == 1
        assert not any("# @" in text for text in shown), "a comment without words"


def test_code_with_korean_comments_runs(lesson: Lesson, capsys: pytest.CaptureFixture[str]) -> None:
    for text in code_of(lesson, lesson.start, "ko")[:1]:
        assert re.search("# .*[가-힣]", text)
        exec(compile(text, "panel", "exec"), {})
        assert re.search(r"\d", capsys.readouterr().out)
