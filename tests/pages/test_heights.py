"""The heights page: its presets reach the known numbers, and its state follows unit and data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from core import gaussian
from core.figures import heights as figures
from pages.heights import LESSON, notes, on_peak, on_peak_b, on_surface, picture
from pages.shared.catalog import load
from pages.shared.controls import Values, settle
from pages.shared.frames import frames, pack, resolve
from pages.shared.lesson import Drag
from pages.shared.people import follow, unit

WORDS = load("heights", "en")


def text(view: dict[str, Any]) -> str:
    """Return all words and numbers of a view of lines or of a table."""
    rows = view["lines"] if view["type"] == "lines" else view["rows"]
    return "\n".join("".join(s if isinstance(s, str) else s["text"] for s in row) for row in rows)


def cells(values: Values) -> dict[str, list[str]]:
    """Return the table of numbers: the name of a curve to its numbers."""
    rows = resolve(picture(values, WORDS), ["numbers"])["numbers"]["rows"]
    plain = [[cell if isinstance(cell, str) else cell["text"] for cell in row] for row in rows]
    return {row[0]: row[1:] for row in plain}


def preset(name: str) -> Values:
    return LESSON.preset(name, LESSON.start)


@pytest.fixture
def standardised(monkeypatch):
    """Make the 500 people exactly 172 and 4.8 in mean and spread, as the worked example assumes."""
    draws = gaussian.sample_heights(500, 0.0, 1.0, seed=1)
    draws = (draws - draws.mean()) / draws.std()
    real = figures._standard
    figures.people.cache_clear()
    figures._number_row.cache_clear()
    monkeypatch.setattr(
        figures, "_standard", lambda n, seed: (gaussian.summarize(draws), draws, np.sort(draws))
    )
    yield
    monkeypatch.setattr(figures, "_standard", real)
    for cached in vars(figures).values():
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()


@pytest.mark.parametrize(
    ("name", "total", "mean", "below"),
    [
        ("best", "−1493.78", "2.98755", None),
        ("shifted", "−3056.28", "6.11255", "1562.5"),
        ("far", "−4228.36", "8.45672", "2734.58"),
        ("narrow", "−87219.5", "174.439", "85725.7"),
        ("wide", "−1652.85", "3.3057", "159.074"),
    ],
)
def test_presets_reach_the_numbers_of_the_worked_example(standardised, name, total, mean, below):
    row = cells(preset(name))["A"]
    assert row[5] == total
    assert row[6] == mean
    if below:
        assert row[7] == below


def test_the_five_points_with_divisor_n_minus_1():
    row = cells(preset("five_unbiased"))
    assert row["A"][2:4] == ["0.136836", "6.49253×10⁻⁶"]
    assert row["A"][5:7] == ["−11.9449", "2.38897"]
    assert row["B"][5:7] == ["−19.2978", "3.85956"]
    assert "1560.78" in text(resolve(picture(preset("five_unbiased"), WORDS))["formula"])


def test_the_five_points_with_divisor_n():
    row = cells(preset("five_mle"))
    assert row["A"][2:4] == ["0.152987", "6.87926×10⁻⁶"]
    assert row["A"][5:7] == ["−11.887", "2.3774"]
    assert row[WORDS("numbers.mle")][:2] == ["5", "2.60768"]
    assert row[WORDS("numbers.unbiased")][:2] == ["5", "2.91548"]


def test_metres_lift_the_density_above_1_and_let_the_product_overflow():
    row = cells(preset("metres"))["A"]
    assert row[2] == "8.3113"
    assert row[4].startswith("∞")
    centimetres = cells(preset("best"))["A"]
    shift = 500 * math.log(100)
    assert float(row[5]) - float(centimetres[5].replace("−", "-")) == pytest.approx(shift, abs=0.01)
    assert row[7] == centimetres[7]


def test_the_plain_products_are_0_at_500_people():
    rows = cells(preset("shifted"))
    assert rows["A"][4] == "0 (from n = 122)"
    assert rows["B"][4] == "0 (from n = 250)"


def test_the_page_says_how_many_stems_are_drawn():
    caption = resolve(picture(preset("crowd"), WORDS), ["curves"])["curves"]["caption"]
    assert f"{figures.STEMS} of 1,000,000" in caption


def test_a_change_of_unit_takes_the_candidates_along():
    before = LESSON.start.replace(mu=175.5, sigma_b=9.0)
    after = settle(LESSON.controls, before.replace(unit="m"))
    moved = follow(before, after)
    assert moved["mu"] == 1.755
    assert moved["sigma_b"] == 0.09
    assert moved["true_mu"] == 1.72
    assert follow(after.replace(**moved), after.replace(**moved, unit="cm"))["mu"] == 175.5
    assert follow(before, before.replace(mu=180.0)) == {}


def test_a_change_of_data_puts_the_candidates_where_the_data_are():
    after = settle(LESSON.controls, LESSON.start.replace(data="five"))
    moved = after.replace(**follow(LESSON.start, after))
    assert (moved.mu, moved.mu_b, unit(moved)) == (5.0, 10.0, "none")
    back = follow(moved, settle(LESSON.controls, moved.replace(data="sampled")))
    assert back["mu"] == 172.0


def test_own_data_that_are_not_there_are_said_and_replaced_by_sampled_ones():
    values = LESSON.start.replace(data="own")
    assert notes(values, WORDS) == [WORDS("note.no_data")]
    assert resolve(picture(values, WORDS), ["formula"]) == resolve(picture(LESSON.start, WORDS), ["formula"])


def test_own_data_take_the_page():
    own = figures.remember(np.array([165.5, 169.0, 172.0, 177.0, 180.0]))
    values = LESSON.start.replace(data="own", own=own.digest)
    values = values.replace(**follow(LESSON.start, values))
    assert notes(values, WORDS) == []
    assert cells(values)[WORDS("numbers.mle")][0] == "172.7"


def test_one_person_has_no_top_and_the_page_says_so():
    values = LESSON.start.replace(n=1)
    assert notes(values, WORDS) == [WORDS("note.one")]
    assert WORDS("formula.no_top") in text(resolve(picture(values, WORDS))["formula"])


def test_grips_move_the_candidate_under_the_hand():
    start = LESSON.start
    peak = float(gaussian.density(175.0, 175.0, 6.0))
    assert on_peak(Drag("curve", 175.0, peak, 172.0, 0.083, start)) == {"mu": 175.0, "sigma": 6.0}
    assert on_peak_b(Drag("curve_b", 175.0, peak, 184.0, 0.083, start)) == {"mu_b": 175.0, "sigma_b": 6.0}
    place = Drag("surface", 180.0, math.log10(3.0), 172.0, math.log10(4.8), start)
    assert on_surface(place) == {"mu": 180.0, "sigma": 3.0}


def test_the_frames_of_mu_stay_small():
    views = ("curves", "formula", "surface", "numbers")
    stops = LESSON.by_key["mu"].stops_in(LESSON.start)
    made = frames(lambda mu: picture(LESSON.start.replace(mu=mu), WORDS), stops, views)
    assert len(pack(made)) < 300_000
    # Whole traces or lists of marks among the differences would make the browser draw everything anew.
    assert all(
        len(leaf["path"]) > 3 for leaves in made.values() for leaf in leaves if leaf["path"][1] == "data"
    )


def test_people_are_not_touched_while_a_candidate_moves(monkeypatch):
    values = LESSON.start.replace(n=100_000)
    resolve(picture(values, WORDS))

    def touched(*_: object, **__: object) -> None:
        raise AssertionError("the people were drawn again.")

    monkeypatch.setattr(figures, "_standard", touched)
    resolve(picture(values.replace(mu=180.5, sigma=3.3), WORDS))


@pytest.mark.parametrize(
    ("mu", "sigma", "peak", "total", "mean", "below"),
    [
        (172.0, 4.8, "0.083113", "−1493.78", "2.98755", "0"),
        (184.0, 4.8, "0.083113", "−3056.28", "6.11255", "1562.5"),
        (140.0, 10.0, "0.0398942", "−4228.36", "8.45672", "2734.58"),
        (190.0, 1.0, "0.398942", "−87219.5", "174.439", "85725.7"),
        (172.0, 9.6, "0.0415565", "−1652.85", "3.3057", "159.074"),
        (172.0, 6.0, "0.0664904", "−1515.35", "3.0307", "21.5718"),
        (175.0, 4.8, "0.083113", "−1591.43", "3.18287", "97.6562"),
        (172.0, 2.4, "0.166226", "−1897.2", "3.79441", "403.426"),
    ],
)
def test_candidates_of_the_worked_example(standardised, mu, sigma, peak, total, mean, below):
    row = cells(LESSON.start.replace(mu=mu, sigma=sigma))["A"]
    assert [row[2], row[5], row[6]] == [peak, total, mean]
    # A difference of two large numbers: 0 to their rounding.
    if below == "0":
        assert float(row[7].replace("×10⁻", "e-").translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))) < 1e-9
    else:
        assert row[7] == below


def test_standard_errors_of_500_people():
    assert "± 0.214663" in text(resolve(picture(preset("best"), WORDS), ["estimates"])["estimates"])
    assert "± 0.151789" in text(resolve(picture(preset("best"), WORDS), ["estimates"])["estimates"])


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("best", 235, 260), ("shifted", 106, 134), ("far", 84, 94), ("narrow", 2, 8), ("wide", 223, 228)],
)
def test_the_plain_product_becomes_0_where_simulations_say(name, least, most):
    product = cells(preset(name))["A"][4]
    assert least <= int(product.removeprefix("0 (from n = ").removesuffix(")")) <= most


def test_metres_in_the_worked_example(standardised):
    row = cells(preset("metres"))["A"]
    assert [row[2], row[6]] == ["8.3113", "−1.61762"]
    assert row[4].startswith("∞ (from n = ")


FIVE_CURVES = [
    (
        5.0,
        2.915476,
        [0.0533891, 0.129019, 0.136836, 0.129019, 0.0533891],
        "6.49253×10⁻⁶",
        "−11.9449",
        "2.38897",
    ),
    (
        10.0,
        2.915476,
        [0.00116658, 0.0164633, 0.0314436, 0.0533891, 0.129019],
        "4.1598×10⁻⁹",
        "−19.2978",
        "3.85956",
    ),
    (5.0, 2.607681, [0.047176, 0.142142, 0.152987, 0.142142, 0.047176], "6.87926×10⁻⁶", "−11.887", "2.3774"),
    (
        10.0,
        2.607681,
        [0.000396323, 0.0108406, 0.02434, 0.047176, 0.142142],
        "7.01237×10⁻¹⁰",
        "−21.0782",
        "4.21564",
    ),
]


@pytest.mark.parametrize(("mu", "sigma", "heights", "product", "log", "mean"), FIVE_CURVES)
def test_the_five_points_under_four_curves(mu, sigma, heights, product, log, mean):
    values = preset("five_unbiased").replace(mu=mu, sigma=sigma)
    stems = resolve(picture(values, WORDS), ["curves"])["curves"]["data"][1]["y"]
    np.testing.assert_allclose(stems[1:15:3], heights, rtol=5e-6)
    row = cells(values)["A"]
    assert [row[3], row[5], row[6]] == [product, log, mean]


@pytest.mark.parametrize(
    ("mu", "total"),
    [
        (0.0, "−19.2978"),
        (2.0, "−14.5919"),
        (3.0, "−13.1213"),
        (4.0, "−12.239"),
        (5.0, "−11.9449"),
        (6.0, "−12.239"),
        (7.0, "−13.1213"),
        (8.0, "−14.5919"),
        (10.0, "−19.2978"),
    ],
)
def test_the_five_points_along_mu(mu, total):
    assert cells(preset("five_unbiased").replace(mu=mu))["A"][5] == total
