"""The template lesson is filled in, and its figures show core's numbers."""

from pathlib import Path

import pytest

from core.figures import template as figures
from core.information import entropy
from pages.shared.catalog import load

ROOT = Path(__file__).resolve().parents[2]
MARK = "TODO" + ":"
FILES = (
    "core/figures/template.py",
    "pages/template.py",
    "pages/text/template.en.toml",
    "pages/text/template.ko.toml",
    "tests/figures/test_template.py",
    "README.md",
    "ADDRESSES.md",
)
WORDS = load("template", "en")


def test_nothing_is_left_to_fill_in():
    left = [
        f"{name}:{number}: {line.strip()}"
        for name in FILES
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), start=1)
        if MARK in line
    ]
    assert left == [], "\n".join(["still to fill in:", *left])


# TODO: say in tests/beats.py how each beat is done, and what its sentences claim.


# TODO: hold each figure to core's numbers, where it can go wrong too: at the ends, at ties, at infinity.
@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 1.0])
def test_the_point_is_on_the_curve(p):
    made = figures.curve(p, WORDS.group("curve"))
    assert made["data"][1]["y"].tolist() == [float(entropy([p, 1.0 - p]))]


@pytest.mark.parametrize("p", [0.0, 0.25, 0.5])
def test_what_is_said_at_rest_are_the_numbers_of_core(p):
    said = figures.said(p)["main"]
    assert [float(said["p"]), float(said["h"])] == pytest.approx([p, float(entropy([p, 1.0 - p]))], rel=1e-5)
