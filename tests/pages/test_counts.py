"""The counts lesson: its presets reach the published numbers, and its rings move what they stand for."""

import itertools
import math

import numpy as np
import pytest

from core.categorical import (
    empirical,
    log_likelihood,
    mean_nll,
    sample_counts,
    with_pseudo_counts,
)
from core.information import cross_entropy, entropy, kl_divergence
from pages.counts import LESSON, notes, on_bar, on_cursor, picture
from pages.shared import wire
from pages.shared.catalog import load
from pages.shared.controls import query, read
from pages.shared.frames import resolve
from pages.shared.lesson import Drag

WORDS = load("counts", "en")


def told(view):
    """Return the text of a view of lines."""
    return ["".join(s if isinstance(s, str) else s["text"] for s in line) for line in view["lines"]]


def shown(preset, *views):
    """Return views in the state of a preset."""
    made = resolve(picture(LESSON.preset(preset, LESSON.start), WORDS), views)
    return [made[view] for view in views]


def test_ten_draws_in_proportion_reach_the_published_numbers():
    formula, order, table = shown("exact", "formula", "order_lines", "numbers")
    rows = told(formula)
    assert rows[0].startswith("Nᵢ = (8, 1, 1)")
    assert rows[1].endswith("= −14.9958")
    assert rows[2].endswith("= 0.639032 + 0.860545 = 1.49958")
    assert rows[3].startswith("H(p, q) = 1.49958")
    assert told(order)[0] == "C = N! / (N₁!·N₂!·…) = 10! / (8!·1!·1!) = 90,  log C = 4.49981"
    assert told(order)[1] == "L(p) = 0.00167772,  C·L(p) = 0.150995"
    assert told(order)[2] == "L(q) = 3.072×10⁻⁷,  C·L(q) = 2.7648×10⁻⁵"
    assert told(order)[3].startswith("L(p) / L(q) = 5461.33 = C·L(p) / C·L(q)")
    _, p, q = table["rows"]
    assert [p[1], p[3]["text"], p[6]] == ["0.00167772", "0.639032", "0.150995"]
    assert [q[1], q[3]["text"], q[6]] == ["3.072×10⁻⁷", "1.49958", "2.7648×10⁻⁵"]


@pytest.mark.parametrize(
    ("preset", "target"),
    [
        ("balls", "1.49958"),
        ("thousand", "1.49958"),
        ("million", "1.49958"),
        ("exact", "1.49958"),
        ("equal", "0.639032"),
        ("few", "0.639032"),
        ("coin", "0.780324"),
        ("impossible", "∞"),
    ],
)
def test_presets_go_to_their_cross_entropy(preset, target):
    rows = told(shown(preset, "formula")[0])
    assert any(row.startswith(f"H(p, q) = {target}") for row in rows)


def test_a_million_draws_are_near_the_cross_entropy():
    rows = told(shown("million", "formula")[0])
    assert abs(float(rows[2].split("= ")[-1]) - 1.49958) < 4 * 0.00033


def test_the_plain_product_of_a_thousand_draws_is_zero_under_q_and_not_under_p():
    (table,) = shown("thousand", "numbers")
    best, p, q = table["rows"]
    assert q[1]["text"].startswith("0 (N ≥ ")
    assert "×10⁻" in p[1]
    assert "×10⁻" in best[1]


def test_ten_draws_prefer_their_own_frequencies_to_the_truth():
    (table,) = shown("few", "numbers")
    assert table["rows"][0][5]["text"] == "0"
    assert float(table["rows"][1][5]["text"]) > 0.0


def test_a_ring_moves_its_outcome_and_keeps_the_others_in_proportion():
    moved = on_bar(Drag("q3", 0.5, 2.0, 0.6, 2.0, LESSON.start))
    assert moved == {"q1": 0.25, "q2": 0.25, "q3": 0.5}
    assert set(on_bar(Drag("p1", 2.0, 0.0, 0.8, 0.0, LESSON.start))) == {"p1", "p2", "p3"}


def test_the_ring_at_n_stops_at_the_sliders_stops():
    assert on_cursor(Drag("n", 2.99, 0.6, 2.0, 0.6, LESSON.start)) == {"n": 1000}
    held = {"name": "n", "x": 9.0, "y": 0.6, "from_x": 2.0, "from_y": 0.6, "start": {}}
    values = wire.apply(LESSON, {"drag": held}, LESSON.start)
    assert values.n == 1_000_000
    assert resolve(picture(values, WORDS), ["formula"])["formula"]["lines"]


def test_weights_that_are_no_distribution_are_named():
    nothing = LESSON.start.replace(p1=0.0, p2=0.0, p3=0.0)
    assert notes(nothing, WORDS) == [WORDS("note.p")]
    assert notes(LESSON.start, WORDS) == []
    assert resolve(picture(nothing, WORDS))


def test_the_address_reproduces_the_screen():
    values = LESSON.preset("coin", LESSON.start).replace(n=1234, seed=77, q1=0.123456, theta=0.77)
    assert read(LESSON.controls, query(LESSON.controls, values), LESSON.start).values == values


def test_another_seed_draws_other_balls():
    first, second = (
        resolve(picture(LESSON.start.replace(seed=seed), WORDS), ["formula"])["formula"] for seed in (1, 2)
    )
    assert told(first)[0] != told(second)[0]


P, Q = (0.8, 0.1, 0.1), (0.2, 0.2, 0.6)


def zeros(preset):
    """Return the numbers of draws at which the products of p and of q become 0, as the figure says."""
    (view,) = shown(preset, "product")
    said = [note["text"] for note in view["layout"]["annotations"]]
    found = [text.partition("N ≥ ")[2].rstrip(")").replace(",", "") for text in said if "L = 0" in text]
    return sorted(map(int, found))


def test_the_product_is_gone_after_some_hundred_to_a_thousand_draws():
    # The takeaway's "some hundred to a thousand", in float64.
    assert zeros("balls") == [497, 1112]
    assert zeros("coin") == [961, 1075]
    # A model that is certain of what comes never gets there.
    certain = LESSON.start.replace(k=2, p1=1.0, p2=0.0, q1=1.0, q2=0.0)
    notes_ = resolve(picture(certain, WORDS), ["product"])["product"]["layout"]["annotations"]
    assert [note["text"] for note in notes_ if "L > 0" in note["text"]] == [
        "q: L > 0 (N ≤ 1,000,000)",
        "p: L > 0 (N ≤ 1,000,000)",
    ]


def test_the_log_of_the_ratio_grows_by_kl_on_average():
    kl = float(kl_divergence(P, Q))
    # Exactly, where the counts are in proportion to p ...
    exact = log_likelihood([8, 1, 1], [P, Q])
    assert math.exp(exact[0] - exact[1]) == pytest.approx(5461.33, abs=0.005)
    assert exact[0] - exact[1] == pytest.approx(10 * kl, rel=1e-12)
    # ... and on average over all samples of three draws, weighted by how often p draws them.
    growth = [
        math.prod(P[i] for i in draws) * sum(math.log(P[i] / Q[i]) for i in draws)
        for draws in itertools.product(range(3), repeat=3)
    ]
    assert sum(growth) == pytest.approx(3 * kl, rel=1e-12)
    random = log_likelihood(sample_counts(P, 10, seed=1), [P, Q])
    assert random[0] - random[1] != pytest.approx(10 * kl, rel=1e-3)


def test_a_model_with_memory_beats_the_frequencies():
    # The text speaks of models with one probability per colour: others can do better on the same draws.
    draws = [0, 1] * 5
    assert log_likelihood([5, 5], empirical([5, 5])) == pytest.approx(10 * math.log(0.5))
    assert draws[1:] == [1 - before for before in draws[:-1]]
    alternating = math.log(0.5)
    assert alternating > float(log_likelihood([5, 5], [0.5, 0.5]))


def test_new_draws_cost_more_than_the_box_of_ten_cost_itself():
    frequencies = empirical(sample_counts(P, 10, seed=1))
    assert cross_entropy(P, frequencies) == pytest.approx(0.6765, abs=5e-5)
    assert entropy(P) == pytest.approx(0.6390, abs=5e-5)


def test_the_box_on_the_best_model_names_its_numbers():
    box = WORDS("watch.best.right")
    values = LESSON.preset("unseen", LESSON.start)
    lines_ = told(resolve(picture(values, WORDS), ["fresh_lines"])["fresh_lines"])
    assert lines_[2].endswith("= ∞")
    assert lines_[3].startswith("yellow: ")
    counts = sample_counts(P, 10, seed=2)
    assert counts.tolist() == [9, 1, 0]
    said = [
        cross_entropy(P, with_pseudo_counts(counts, 1.0)),
        cross_entropy(P, with_pseudo_counts([7, 1, 2], 0.0)),
        cross_entropy(P, with_pseudo_counts([7, 1, 2], 1.0)),
    ]
    assert [f"${float(value):.4f}$" in box for value in said] == [True] * 3
    assert sample_counts(P, 10, seed=1).tolist() == [7, 1, 2]


def test_a_mini_batch_scatters_around_all_the_data_like_one_over_its_root():
    # All data are 1,000 draws; batches are drawn from them, with replacement.
    data = empirical(sample_counts(P, 1000, seed=1))
    whole = float(cross_entropy(data, Q))
    spread = []
    for size in (10, 1000):
        batches = np.array([float(mean_nll(sample_counts(data, size, seed=s), Q)) for s in range(400)])
        assert abs(batches.mean() - whole) < 4.0 * batches.std() / 20.0
        spread.append(batches.std())
    assert spread[0] / spread[1] == pytest.approx(10.0, rel=0.15)


def test_the_mean_over_pairs_is_the_mean_over_counts():
    # One kind of draw: (1/n) sum_i log q(y_i) = sum_y (N_y / N) log q(y).
    draws = [0, 0, 2, 1, 0, 2]
    pairs = sum(math.log(Q[y]) for y in draws) / len(draws)
    assert pairs == pytest.approx(-float(mean_nll(np.bincount(draws), Q)), rel=1e-14)


def test_alpha_is_in_the_address_and_leaves_other_sections_alone():
    values = LESSON.start.replace(alpha=1.25)
    assert query(LESSON.controls, values)["alpha"] == "1.25"
    before, after = (resolve(picture(v, WORDS)) for v in (LESSON.start, values))
    assert {name for name in before if str(before[name]) != str(after[name])} == {"fresh", "fresh_lines"}


def test_after_many_draws_alpha_hardly_matters():
    def gap(n):
        counts = sample_counts(P, n, seed=1)
        none, five = (float(cross_entropy(P, with_pseudo_counts(counts, a))) for a in (0.0, 5.0))
        return abs(five - none)

    assert gap(10) > 0.08
    assert gap(1000) < 0.001
