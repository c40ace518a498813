"""The look: colours that can be told apart and read, roles resolved, figures and axes as asked for."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.theme import (
    CLASS_DASHES,
    CLASS_ROLES,
    FONT_SIZE,
    PALETTES,
    axis,
    class_colour,
    figure,
    grip,
    label,
    resolve,
)
from pages.shared import frames
from pages.shared.catalog import load
from tests.conftest import Case
from tests.machine import ROOT

MEANINGS = {
    "p": "#0072B2",
    "q": "#E69F00",
    "loss": "#D55E00",
    "kl": "#CC79A7",
    "entropy": "#56B4E9",
    "truth": "#009E73",
}
MARKS = (*MEANINGS, "rest")


def luminance(colour: str) -> float:
    """Return WCAG's relative luminance of a colour."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    """Return WCAG's contrast ratio of two colours."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def rim_of(trace: dict[str, Any]) -> list[str]:
    """Return the rims of the bars of a trace whose fill lets the ground through; an empty text for none."""
    marker = trace["marker"]
    fills, rims = (
        [given] * len(trace["y"]) if given is None or isinstance(given, str) else list(given)
        for given in (marker["color"], marker.get("line", {}).get("color"))
    )
    pale = [isinstance(fill, str) and "/" in fill for fill in fills]
    return [rim or "" for rim, dim in zip(rims, pale, strict=True) if dim]


class TestPalettes:
    def test_one_colour_one_meaning(self) -> None:
        assert {role: PALETTES["light"][role] for role in MEANINGS} == MEANINGS

    def test_both_themes_know_the_same_roles(self) -> None:
        assert set(PALETTES) == {"light", "dark"}
        assert PALETTES["light"].keys() == PALETTES["dark"].keys()

    @pytest.mark.parametrize("theme", PALETTES)
    def test_letters_can_be_read(self, theme: str) -> None:
        palette = PALETTES[theme]
        assert contrast(palette["ink"], palette["ground"]) >= 12
        assert contrast(palette["soft"], palette["ground"]) >= 4.5

    @pytest.mark.parametrize("role", MARKS)
    def test_marks_stand_out_from_the_dark(self, role: str) -> None:
        assert contrast(PALETTES["dark"][role], PALETTES["dark"]["ground"]) >= 3

    @pytest.mark.parametrize("theme", PALETTES)
    def test_marks_differ(self, theme: str) -> None:
        palette = PALETTES[theme]
        for one, other in combinations(MARKS, 2):
            distance = sum(
                abs(int(palette[one][i : i + 2], 16) - int(palette[other][i : i + 2], 16)) for i in (1, 3, 5)
            )
            assert distance > 50, (one, other)

    @pytest.mark.parametrize("theme", PALETTES)
    def test_the_grid_is_lighter_than_any_mark(self, theme: str) -> None:
        palette = PALETTES[theme]
        assert contrast(palette["grid"], palette["ground"]) < min(
            contrast(palette[m], palette["ground"]) for m in MARKS
        )


class TestClasses:
    def test_there_are_ten_with_roles_that_exist(self) -> None:
        assert len(CLASS_ROLES) == len(CLASS_DASHES) == 10
        assert set(CLASS_ROLES) <= PALETTES["light"].keys()

    def test_no_two_lines_look_the_same(self) -> None:
        assert len(set(zip(CLASS_ROLES, CLASS_DASHES, strict=True))) == 10

    def test_neighbours_have_other_colours(self) -> None:
        assert all(class_colour(i) != class_colour(i + 1) for i in range(9))

    def test_the_order_is_fixed(self) -> None:
        assert [class_colour(i) for i in range(4)] == ["@p", "@q", "@truth", "@kl"]
        assert class_colour(10) == class_colour(0)


class TestResolve:
    def test_every_role_in_both_palettes(self) -> None:
        for theme, palette in PALETTES.items():
            assert {role: resolve(f"@{role}", theme) for role in palette} == palette

    def test_opacity(self) -> None:
        assert resolve("@loss/0.2") == "rgba(213,94,0,0.2)"
        assert resolve("@loss/0.2", "dark") == "rgba(240,132,68,0.2)"

    def test_reaches_every_corner(self) -> None:
        texts = np.array(["@p", "plain"], dtype=object)
        node = {"a": [{"b": ("@q", "@p")}], "c": texts, "d": [[0.0, "@p/0.5"]]}
        assert resolve(node) == {
            "a": [{"b": ["#E69F00", "#0072B2"]}],
            "c": ["#0072B2", "plain"],
            "d": [[0.0, "rgba(0,114,178,0.5)"]],
        }

    def test_leaves_everything_else_alone(self) -> None:
        numbers = np.arange(3.0)
        assert resolve(numbers) is numbers
        assert resolve({"x": None, "y": 1.5, "z": True, "t": "text"}) == {
            "x": None,
            "y": 1.5,
            "z": True,
            "t": "text",
        }

    def test_a_name_that_looks_like_a_role_is_no_colour(self) -> None:
        node = {"text": ["@p"], "ticktext": ["@p"], "customdata": ["@p"], "marker": {"color": "@p"}}
        assert resolve(node) == {**node, "marker": {"color": "#0072B2"}}

    def test_an_unknown_role_stays_and_plotly_refuses_it(self) -> None:
        assert resolve("@nonsense") == "@nonsense"
        with pytest.raises(ValueError, match="@nonsense"):
            go.Scatter(line={"color": resolve("@nonsense")})

    def test_does_not_change_what_it_is_given(self) -> None:
        node = {"line": {"color": "@q"}}
        resolve(node)
        assert node == {"line": {"color": "@q"}}


class TestFigure:
    def made(self, **options: Any) -> dict[str, Any]:
        trace = {"type": "scatter", "x": np.arange(3.0), "y": np.arange(3.0), "line": {"color": "@p"}}
        return figure([trace], title="What to see", alt="A line", **options)

    def test_plotly_takes_it(self) -> None:
        made = self.made(
            x=axis("x", (0, 2)), y=axis("y"), annotations=[label("here", 1, 1)], barmode="overlay"
        )
        for theme in PALETTES:
            found = go.Figure(resolve(made["data"], theme), resolve(made["layout"], theme))
            assert found.layout.xaxis.title.text == "x"
            assert found.layout.annotations[0].text == "here"

    def test_plotly_refuses_what_is_misspelt(self) -> None:
        made = self.made(bargapp=0.2)
        with pytest.raises(ValueError, match="bargapp"):
            go.Figure(resolve(made["data"]), resolve(made["layout"]))

    def test_margins_are_fixed(self) -> None:
        assert self.made(margin=(1, 2, 3, 4))["layout"]["margin"] == {
            "t": 1,
            "r": 2,
            "b": 3,
            "l": 4,
            "pad": 0,
        }

    def test_height_is_that_of_the_layout(self) -> None:
        made = self.made(height=500)
        assert made["height"] == made["layout"]["height"] == 500

    def test_nothing_is_shared_between_two_figures(self) -> None:
        one, other = self.made(), self.made()
        one["layout"]["xaxis"]["range"] = [0, 1]
        one["grips"].append("x")
        assert "range" not in other["layout"]["xaxis"]
        assert other["grips"] == []

    def test_letters_are_large_enough_for_a_projector(self) -> None:
        assert FONT_SIZE >= 14
        assert self.made()["layout"]["font"]["size"] == FONT_SIZE


class TestParts:
    def test_an_axis_with_limits_does_not_move(self) -> None:
        made = axis("p", (0.0, 1.0))
        assert (made["range"], made["autorange"], made["fixedrange"]) == ([0.0, 1.0], False, True)

    def test_an_axis_takes_options(self) -> None:
        made = axis("p", type="log", gridcolor="@soft")
        assert (made["type"], made["gridcolor"]) == ("log", "@soft")
        assert "range" not in made

    def test_a_grip(self) -> None:
        assert grip("z1", 1.0, 2.0, label="Score", axes="x", control="z1") == {
            "name": "z1",
            "x": 1.0,
            "y": 2.0,
            "label": "Score",
            "axes": "x",
            "control": "z1",
            "on": "xy",
            "keys": ["z1"],
        }

    def test_a_label_has_no_arrow_and_takes_options(self) -> None:
        made = label("p", 0.5, 1.0, colour="@p", xanchor="left", showarrow=True)
        assert (made["text"], made["font"]["color"], made["xanchor"], made["showarrow"]) == (
            "p",
            "@p",
            "left",
            True,
        )
        assert label("p", 0, 0)["showarrow"] is False


class TestWhatIsPale:
    def test_a_pale_bar_has_a_rim_that_stands_out(self, case: Case) -> None:
        lesson, values = case
        for name, view in frames.resolve(lesson.picture(values, load(lesson.name, "en"))).items():
            for trace in view.get("data", ()):
                if trace["type"] != "bar":
                    continue
                assert trace.get("opacity", 1.0) == trace["marker"].get("opacity", 1.0) == 1.0, name
                for rim in rim_of(trace):
                    for palette in PALETTES.values():
                        assert contrast(palette[rim.removeprefix("@")], palette["ground"]) >= 3.0, (name, rim)

    def test_rings_are_opaque_and_stand_out(self) -> None:
        sheet = (ROOT / "static" / "live" / "live.css").read_text(encoding="utf-8")
        rules = re.findall(r"^\.ll-grip[^{]*\{([^}]*)\}", sheet, flags=re.MULTILINE)
        assert re.search(r"background: var\(--ll-ground\);\s+border: 3px solid var\(--ll-ink\)", rules[0])
        assert not any("opacity" in rule for rule in rules)
        for palette in PALETTES.values():
            assert contrast(palette["ink"], palette["ground"]) >= 3.0
