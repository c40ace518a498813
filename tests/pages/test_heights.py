"""The heights page: its presets reach the known numbers, and its state follows unit and data."""

from __future__ import annotations

import gc
import math
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core import exponential, gaussian
from core.figures import heights as figures
from pages.heights import LESSON, notes, on_peak, on_peak_b, on_surface, picture
from pages.parts import people
from pages.shared import visit
from pages.shared.catalog import load
from pages.shared.controls import Values, settle
from pages.shared.frames import frames, pack, resolve
from pages.shared.lesson import Drag

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
        figures, "_standard", lambda kind, n, seed: (gaussian.summarize(draws), draws, np.sort(draws))
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
    moved = people.follow(before, after)
    assert moved["mu"] == 1.755
    assert moved["sigma_b"] == 0.09
    assert moved["true_mu"] == 1.72
    assert people.follow(after.replace(**moved), after.replace(**moved, unit="cm"))["mu"] == 175.5
    assert people.follow(before, before.replace(mu=180.0)) == {}


def test_a_change_of_data_puts_the_candidates_where_the_data_are():
    after = settle(LESSON.controls, LESSON.start.replace(data="five"))
    moved = after.replace(**people.follow(LESSON.start, after))
    assert (moved.mu, moved.mu_b, people.unit(moved)) == (5.0, 10.0, "none")
    back = people.follow(moved, settle(LESSON.controls, moved.replace(data="sampled")))
    assert (back["mu"], back["mu_b"]) == (184.0, 172.0)
    waiting = settle(LESSON.controls, LESSON.start.replace(data="waiting"))
    moved = waiting.replace(**people.follow(LESSON.start, waiting))
    assert (moved.mu, moved.mu_b, people.unit(moved)) == (20.0, 10.0, "min")


def test_own_data_that_are_not_there_are_said_and_replaced_by_sampled_ones():
    values = LESSON.start.replace(data="own")
    assert notes(values, WORDS) == [WORDS("note.no_data")]
    assert resolve(picture(values, WORDS), ["formula"]) == resolve(picture(LESSON.start, WORDS), ["formula"])


def test_own_data_take_the_page():
    own = people.remember(np.array([165.5, 169.0, 172.0, 177.0, 180.0]))
    values = LESSON.start.replace(data="own", own=own.digest)
    values = values.replace(**people.follow(LESSON.start, values))
    assert notes(values, WORDS) == []
    assert cells(values)[WORDS("numbers.mle")][0] == "172.7"


def test_own_data_are_found_while_somebody_holds_them():
    own = people.remember(np.array([1.0, 2.0, 4.0]))
    assert people.remember(np.array([1.0, 2.0, 4.0])) is own
    values = LESSON.start.replace(data="own", own=own.digest)
    assert people.source(values).own.find() is own
    resolve(picture(values, WORDS))
    del own
    gc.collect()
    assert people.kind(values) == "sampled"
    assert people.source(values).own is None


@pytest.mark.parametrize(
    ("numbers", "error"),
    [
        ([1e9, 1e9 + 1], ValueError),
        ([0.0, 1e-9], ValueError),
        ([1e25, 5e25], OverflowError),
        ([0.0, -1.001e15], OverflowError),
    ],
)
def test_numbers_that_cannot_be_drawn_are_refused(numbers, error):
    with pytest.raises(error, match="values must"):
        people.remember(np.array(numbers))


def test_the_largest_numbers_that_are_taken_can_be_drawn():
    for numbers in ([-1e15, 1e15, 0.0], [0.0, 2e-6, 1e-6]):
        own = people.remember(np.array(numbers))
        values = LESSON.start.replace(data="own", own=own.digest)
        values = settle(LESSON.controls, values.replace(**people.start(values)))
        assert len(LESSON.by_key["mu"].stops_in(values)) > 20
        pack({"views": resolve(picture(values, WORDS))})


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


def samples(n: int, count: int) -> list[gaussian.Summary]:
    """Return the summaries of many samples of n people around N(172, 4.8)."""
    crowd = gaussian.sample_heights(n * count, 172.0, 4.8, seed=8).reshape(count, n)
    return [gaussian.summarize(people) for people in crowd]


@pytest.mark.parametrize(("n", "inside"), [(5, 0.91), (500, 0.95)])
def test_how_often_the_region_holds_the_truth(n, inside):
    drops = [float(gaussian.drop_from_mle(sample, 172.0, 4.8)) for sample in samples(n, 2000)]
    share = np.mean(drops < gaussian.likelihood_ratio_drop(0.95))
    assert share == pytest.approx(inside, abs=0.015)
    assert f"about {round(100 * inside)}" in WORDS("watch.region.right")


def test_the_drops_of_the_regions_are_those_of_the_caption():
    drops = gaussian.likelihood_ratio_drop([0.5, 0.9, 0.95])
    for drop, digits in zip(drops, (2, 1, 1), strict=True):
        assert f"{drop:.{digits}f}" in WORDS("near.caption")


def test_an_estimate_is_usually_within_two_standard_errors():
    fits = np.array([gaussian.fit(sample) for sample in samples(500, 2000)])
    errors = gaussian.standard_errors(4.8, 500)
    within = np.abs(fits - [172.0, 4.8]) < 2 * np.array(errors)
    assert within.mean(axis=0) == pytest.approx([0.954, 0.954], abs=0.015)


@pytest.mark.parametrize(
    ("mu", "sigma", "method", "rate", "halved"),
    [
        (184.0, 4.8, "gradient", 0.1, False),
        (184.0, 4.8, "gradient", 2.0, True),
        (184.0, 4.8, "newton", 0.1, True),
        (174.0, 5.0, "newton", 0.1, False),
    ],
)
def test_the_step_on_the_screen_leads_to_the_next_place(mu, sigma, method, rate, halved):
    start = LESSON.start.replace(climber="a", mu=mu, sigma=sigma, method=method, lr=rate)
    first, second = (
        text(resolve(picture(start.replace(step=step), WORDS), ["climb_lines"])["climb_lines"])
        for step in (0, 1)
    )
    here, there = (read(lines, r"μ = (.+?),  σ = (.+?),") for lines in (first, second))
    change = read(first, r"\(Δμ, Δσ\) = \((.+?), (.+?)\)")
    assert (WORDS("climb_lines.halved") in first) == halved
    share = read(first, WORDS("climb_lines.halved") + " (.+)") if halved else 1.0
    assert there - here == pytest.approx(share * change, rel=1e-3, abs=2e-3)
    slope = read(first, r"∂μ = (.+?),.*∂σ = (.+)")
    if method == "gradient":
        factors = read(first, r"= ([\d.]+)·([\d.]+)·∇")
        assert change == pytest.approx(factors.prod() * slope, rel=2e-3)
    else:
        a, b, _, c = read(first, r"H = \((.+?), (.+?); (.+?), (.+?)\)")
        assert change == pytest.approx(-np.linalg.solve([[a, b], [b, c]], slope), rel=2e-3)
        assert (WORDS("climb_lines.bends") in first) == (mu == 184.0)


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ({}, {"mu": 184.0, "mu_b": 172.0}),
        ({"lang": "ko"}, {"mu": 184.0, "mu_b": 172.0}),
        # What links said before the lesson opened on a shifted curve.
        ({"mu": "184"}, {"mu": 184.0, "mu_b": 184.0}),
        ({"sigma": "9.6"}, {"mu": 172.0, "sigma": 9.6, "mu_b": 184.0}),
        ({"n": "1000"}, {"mu": 172.0, "n": 1000, "mu_b": 184.0}),
        ({"data": "five", "mu": "5", "sigma": "2.915476"}, {"mu": 5.0, "sigma": 2.915476, "mu_b": 10.0}),
        ({"data": "waiting"}, {"mu": 20.0, "sigma": 5.0, "mu_b": 10.0}),
        ({"unit": "m"}, {"mu": 1.72, "true_mu": 1.72, "mu_b": 1.84}),
    ],
)
def test_the_lesson_opens_on_something_to_find_and_addresses_keep_their_meaning(monkeypatch, address, state):
    query = SimpleNamespace(get=address.get, to_dict=lambda: address)
    monkeypatch.setattr(visit, "st", SimpleNamespace(session_state={}, query_params=query))
    assert visit.enter(LESSON) == []
    opened = visit.session_values(LESSON)
    assert opened is not None
    assert {key: opened[key] for key in state} == state


WAITING = preset("waiting")


def test_waiting_times_are_cores_draws():
    crowd = figures.people(people.source(WAITING.replace(n=2000)))
    draws = exponential.sample_waits(2000, 10.0, seed=WAITING.seed)
    assert crowd.summary.mean == pytest.approx(draws.mean(), rel=1e-12)
    assert crowd.summary.variance == pytest.approx(draws.var(), rel=1e-12)
    assert crowd.first == pytest.approx(draws, rel=1e-14)
    counts = np.histogram(draws, crowd.edges)[0]
    assert crowd.heights == pytest.approx(counts / (draws.size * np.diff(crowd.edges)))


def test_the_mean_nll_is_the_cross_entropy_of_the_empirical_distribution_and_the_curve():
    for values in (LESSON.start, WAITING):
        source, at = people.source(values), (values.mu, values.sigma)
        x = figures.people(source).first
        weights = np.full(x.size, 1.0 / x.size)
        made = figures.cost(source, *at)
        assert made.here == pytest.approx(-weights @ gaussian.log_density(x, *at), rel=1e-12)
        assert made.new == pytest.approx(figures.least_cost(source) + made.excess, rel=1e-12)
        table = resolve(picture(values, WORDS), ["prices"])["prices"]["rows"][0]
        shown = [cell if isinstance(cell, str) else cell["text"] for cell in table[1:]]
        assert [float(cell) for cell in shown] == pytest.approx(
            [made.here, figures.least_cost(source), made.excess, made.new], rel=1e-5
        )


def test_what_the_page_says_of_the_wrong_family():
    best = figures.cost(people.source(WAITING), 10.0, 10.0)
    assert f"{best.excess:.4f}" in WORDS("watch.normal.right")
    assert f"{best.excess:.4f}" in WORDS("prices.waiting")
    below = float(gaussian.interval_probability(-math.inf, 0.0, 10.0, 10.0))
    assert f"{100 * below:.0f} %" in WORDS("watch.normal.right")
    crowds = exponential.sample_waits(500 * 2000, 10.0, seed=6).reshape(2000, 500)
    drops = [float(gaussian.drop_from_mle(gaussian.summarize(x), 10.0, 10.0)) for x in crowds]
    share = np.mean(drops < gaussian.likelihood_ratio_drop(0.95))
    assert share == pytest.approx(0.73, abs=0.02)
    assert "about 73 of 100" in WORDS("near.waiting")
    errors = exponential.standard_errors(10.0, 500).sigma / gaussian.standard_errors(10.0, 500).sigma
    assert errors == pytest.approx(2.0)


def test_a_fitted_curve_costs_less_here_than_on_new_people_on_average():
    fits = [(gaussian.fit(sample), sample) for sample in samples(20, 2000)]
    here = [-float(gaussian.log_likelihood(sample, *top)) / 20 for top, sample in fits]
    new = [-float(gaussian.expected_log_density(172.0, 4.8, *top)) for top, _ in fits]
    assert np.mean(here) < np.mean(new) - 3 * np.std(np.subtract(new, here)) / math.sqrt(2000)


def read(line: str, pattern: str) -> Any:
    """Return the numbers in the groups of a pattern, in a text."""
    found = re.search(pattern, line)
    assert found, line
    return np.array([float(group.replace("−", "-")) for group in found.groups()])
