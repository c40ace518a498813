"""The counts lesson: its presets reach the published numbers, and its rings move what they stand for."""

import pytest

from pages.counts import LESSON, notes, on_bar, on_cursor, picture
from pages.shared import live
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
    values = live.apply(LESSON, {"drag": held}, LESSON.start)
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
