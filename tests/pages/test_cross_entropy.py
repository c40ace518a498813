"""The cross-entropy lesson reaches the published numbers at its presets."""

import math

import numpy as np
import pytest

from core.descent import largest_stable_rate
from core.figures import cross_entropy as figures
from core.information import cross_entropy, entropy, kl_divergence, nats_to_bits, total_variation
from pages.cross_entropy import LESSON, picture, state
from pages.shared.catalog import load
from pages.shared.frames import resolve
from pages.shared.lesson import Drag

WORDS = load("cross_entropy", "en")


def numbers(values, language="en"):
    """Return the texts of H(p), KL and H(p, q) beside the bars."""
    made = resolve(picture(values, load("cross_entropy", language)), ["cost"])["cost"]
    return tuple(note["text"] for note in made["layout"]["annotations"])


@pytest.mark.parametrize(
    ("preset", "h_p", "kl", "h_pq"),
    [
        ("balls", "0.639032", "0.860545", "1.49958"),
        ("equal", "0.639032", "0", "0.639032"),
        ("uniform", "0.639032", "0.45958", "1.09861"),
        ("onehot", "0", "0.349012", "0.349012"),
        ("smooth", "0.29114", "0.191206", "0.482346"),
        ("infinite", "0", "∞", "∞"),
        ("certain", "0", "0", "0"),
        ("swapped", "0.950271", "0.936426", "1.8867"),
        ("bits", "0.921928", "1.2415", "2.16343"),
        ("gap", "0", "10", "10"),
    ],
)
def test_presets(preset, h_p, kl, h_pq):
    values = LESSON.preset(preset, LESSON.start)
    assert numbers(values) == numbers(values, "ko") == (h_p, kl, h_pq)


@pytest.mark.parametrize(
    ("q1", "cost"),
    [
        (0.99, "0.0100503"),
        (0.9, "0.105361"),
        (0.5, "0.693147"),
        (0.1, "2.30259"),
        (0.01, "4.60517"),
        (0.0, "∞"),
    ],
)
def test_a_certain_outcome_against_ever_worse_beliefs(q1, cost):
    values = LESSON.preset("certain", LESSON.start).replace(q1=q1, q2=1.0 - q1)
    assert numbers(values)[2] == cost


def test_the_unit_changes_every_number_and_every_axis_with_an_amount():
    for unit, log in (("nats", "log 0.2"), ("bits", "log₂ 0.2")):
        views = resolve(picture(LESSON.start.replace(unit=unit), WORDS))
        axes = {
            "cost": "xaxis2",
            "terms": "xaxis",
            "codes": "yaxis",
            "directions": "xaxis",
            "path": "yaxis",
            "descent": "yaxis",
        }
        for name, axis in axes.items():
            assert f"({unit})" in views[name]["layout"][axis]["title"]["text"], name
        assert log in str(views["formula"])
        assert str(views["numbers"]["rows"]).count(unit) == 7


def test_a_preset_keeps_the_unit():
    bits = LESSON.start.replace(unit="bits", p1=0.5)
    assert LESSON.preset("equal", bits).unit == "bits"
    assert LESSON.active_preset(LESSON.preset("equal", bits)) == "equal"


def test_the_descent_ends_at_p():
    views = resolve(picture(LESSON.start.replace(step=100, lr=2.0), WORDS))
    np.testing.assert_allclose(views["chase"]["data"][1]["y"], [0.8, 0.1, 0.1], atol=1e-6)
    np.testing.assert_allclose(views["descent"]["data"][4]["y"], [0.639032, 0.0], atol=1e-6)


def test_a_bar_pulled_moves_weights_or_scores():
    drag = LESSON.drags["q2"]
    assert drag(Drag("q2", 0.0, 0.5, 0.0, 0.2, LESSON.start)) == {"q1": 0.125, "q2": 0.5, "q3": 0.375}
    scores = LESSON.start.replace(mode="logits")
    assert drag(Drag("q2", 0.0, 0.5, 0.0, 0.2, scores)) == {"z1": 0.0, "z2": 1.39, "z3": 1.1}
    assert set(LESSON.drags["p1"](Drag("p1", 0.0, 0.5, 0.0, 0.2, scores))) == {"p1", "p2", "p3"}


def test_no_weights_at_all_get_one_sentence_each():
    def said(**changes):
        return LESSON.notes(LESSON.start.replace(**changes), WORDS)

    nothing = {"q1": 0.0, "q2": 0.0, "q3": 0.0}
    assert said() == []
    assert said(p1=0.0, p2=0.0, p3=0.0) == [WORDS("note.p")]
    assert said(p1=0.0, p2=0.0, p3=0.0, **nothing) == [WORDS("note.p"), WORDS("note.q")]
    # Scores always have a softmax.
    assert said(mode="logits", **nothing) == []


def test_only_the_weights_or_the_scores_of_q_are_on_the_screen():
    def shown(**changes):
        values = LESSON.start.replace(**changes)
        return {c.key for c in LESSON.controls if c.shown and c.shown(values)}

    assert shown() == {f"{stem}{i}" for stem in "pq" for i in (1, 2, 3)}
    assert shown(mode="logits", k=2) == {f"{stem}{i}" for stem in "pz" for i in (1, 2)}


def quantities(values):
    """Return the table of numbers, without its units."""
    rows = resolve(picture(values, WORDS), ["numbers"])["numbers"]["rows"]
    cells = [row[1] if isinstance(row[1], str) else row[1]["text"] for row in rows]
    return [cell.split(" ")[0] for cell in cells]


@pytest.mark.parametrize(
    ("preset", "found"),
    [
        ("both", "0.639032 0.950271 1.49958 1.8867 0.860545 0.936426 0.203928 0.6 1.89465 4.47979"),
        ("bits", "0.921928 1.37095 2.16343 2.72193 1.2415 1.35098 0.294206 0.6 1.89465 4.47979"),
        ("swapped", "0.950271 0.639032 1.8867 1.49958 0.936426 0.860545 0.203928 0.6 2.58641 6.59754"),
    ],
)
def test_the_balls_in_both_units_and_both_directions(preset, found):
    assert quantities(LESSON.preset(preset, LESSON.start)) == found.split(" ")


TERMS = {
    # −p·log p, p·log(p/q), −p·log q of each colour
    "both": (
        [0.178515, 0.230259, 0.230259],
        [1.10904, -0.0693147, -0.179176],
        [1.28755, 0.160944, 0.0510826],
    ),
    "bits": ([0.257542, 0.332193, 0.332193], [1.6, -0.1, -0.258496], [1.85754, 0.232193, 0.0736966]),
    "swapped": (
        [0.321888, 0.321888, 0.306495],
        [-0.277259, 0.138629, 1.07506],
        [0.0446287, 0.460517, 1.38155],
    ),
}


@pytest.mark.parametrize("preset", TERMS)
def test_the_balls_colour_by_colour(preset):
    views = resolve(picture(LESSON.preset(preset, LESSON.start), WORDS), ["terms", "directions"])
    for bars, terms in zip(views["terms"]["data"], TERMS[preset], strict=False):
        np.testing.assert_allclose(bars["x"][:3], terms, rtol=5e-6)
    np.testing.assert_allclose(views["directions"]["data"][0]["x"][:3], TERMS[preset][1], rtol=5e-6)


@pytest.mark.parametrize(
    ("unit", "swapped", "terms"),
    [
        ("nats", False, [-0.277259, 0.138629, 1.07506]),
        ("bits", False, [-0.4, 0.2, 1.55098]),
        ("bits", True, [0.464386, 0.464386, 0.442179]),
    ],
)
def test_the_other_direction_colour_by_colour(unit, swapped, terms):
    values = LESSON.preset("swapped" if swapped else "balls", LESSON.start).replace(unit=unit)
    views = resolve(picture(values, WORDS), ["terms", "directions"])
    found = views["terms"]["data"][0] if swapped else views["directions"]["data"][1]
    np.testing.assert_allclose(found["x"][:3], terms, rtol=5e-6)


def test_code_lengths_of_the_balls():
    views = resolve(picture(LESSON.preset("bits", LESSON.start), WORDS), ["codes"])
    q, p = views["codes"]["data"][:2]
    np.testing.assert_allclose(q["y"], [2.32193, 2.32193, 0.736966], rtol=5e-6)
    np.testing.assert_allclose(p["y"], [0.321928, 3.32193, 3.32193], rtol=5e-6)


def test_the_push_on_the_scores_is_q_minus_p():
    views = resolve(picture(LESSON.start, WORDS), ["push"])
    assert list(views["push"]["data"][0]["text"]) == ["−0.6", "0.1", "0.5"]


@pytest.mark.parametrize(
    ("p1", "nats", "bits"),
    [
        (0.5, "0.693147", "1"),
        (0.4, "0.673012", "0.970951"),
        (0.2, "0.500402", "0.721928"),
        (0.99, "0.0560015", "0.0807931"),
        (1.0, "0", "0"),
    ],
)
def test_entropy_of_a_bag_of_two_colours(p1, nats, bits):
    values = LESSON.start.replace(k=2, p1=p1, p2=1.0 - p1)
    assert [quantities(values.replace(unit=unit))[0] for unit in ("nats", "bits")] == [nats, bits]


def test_three_outcomes_know_no_more_than_the_uniform():
    values = LESSON.start.replace(p1=1.0, p2=1.0, p3=1.0)
    assert [quantities(values.replace(unit=unit))[0] for unit in ("nats", "bits")] == ["1.09861", "1.58496"]


@pytest.mark.parametrize(
    ("q1", "nats", "bits"),
    [
        (1.0, "0", "0"),
        (0.99, "0.0100503", "0.0144996"),
        (0.98, "0.0202027", "0.0291463"),
        (0.9, "0.105361", "0.152003"),
        (0.8, "0.223144", "0.321928"),
        (0.71, "0.34249", "0.494109"),
        (0.6, "0.510826", "0.736966"),
        (0.5, "0.693147", "1"),
        (0.49, "0.71335", "1.02915"),
        (0.2, "1.60944", "2.32193"),
        (0.1, "2.30259", "3.32193"),
        (0.05, "2.99573", "4.32193"),
        (0.01, "4.60517", "6.64386"),
        (0.001, "6.90776", "9.96578"),
        (1e-6, "13.8155", "19.9316"),
    ],
)
def test_minus_log_p(q1, nats, bits):
    values = LESSON.preset("certain", LESSON.start).replace(q1=q1, q2=1.0 - q1)
    assert [numbers(values.replace(unit=unit))[2] for unit in ("nats", "bits")] == [nats, bits]


@pytest.mark.parametrize(
    ("scores", "label", "bits", "entropy"),
    [
        ((5.0, 4.0, 2.0), 1, "0.503518", "0.713866"),
        ((4.0, 2.0, 8.0), 3, "0.0296923", "0.106921"),
        ((4.0, 4.0, 1.0), 2, "1.03547", "0.790603"),
    ],
)
def test_a_row_of_scores_costs_bits(scores, label, bits, entropy):
    hot = {f"p{i}": float(i == label) for i in (1, 2, 3)}
    given = {f"z{i}": z for i, z in enumerate(scores, start=1)}
    values = LESSON.preset("onehot", LESSON.start).replace(**hot, **given)
    assert numbers(values.replace(unit="bits"))[2] == bits
    assert quantities(values)[1] == entropy


@pytest.mark.parametrize(
    ("z1", "z2", "cost"),
    [
        (0.0, 0.0, "0.693147"),
        (-1.0, 0.0, "1.31326"),
        (-5.0, 0.0, "5.00672"),
        (-10.0, 0.0, "10"),
        (1.0, 0.0, "0.313262"),
        (5.0, 0.0, "0.00671535"),
        (10.0, 0.0, "4.53989×10⁻⁵"),
    ],
)
def test_finite_scores_cost_finite_amounts(z1, z2, cost):
    assert numbers(LESSON.preset("gap", LESSON.start).replace(z1=z1, z2=z2))[2] == cost


def told(values, view):
    """Return the text of a view of lines."""
    made = resolve(picture(values, WORDS), [view])[view]["lines"]
    return ["".join(s if isinstance(s, str) else s["text"] for s in line) for line in made]


@pytest.mark.parametrize(
    ("unit", "title", "slope"), [("nats", "q − p", [-0.6, 0.1, 0.5]), ("bits", "(q − p)/ln 2", None)]
)
def test_the_gradient_is_that_of_the_unit_shown(unit, title, slope):
    values = LESSON.start.replace(unit=unit)
    made = resolve(picture(values, WORDS), ["push"])["push"]
    assert made["title"].endswith(f"is {title}")
    assert f"({unit})" in made["layout"]["yaxis"]["title"]["text"]
    # The slope of the cost that the axis shows, by central differences in each score.
    b, _ = state(values)
    z = np.array(figures.start_logits(b, values.many("q"), "free"))
    h = 1e-5

    def cost(scores):
        return figures.beliefs(tuple(b.p), tuple(scores), "logits", unit).h_pq

    found = [(cost(z + h * e) - cost(z - h * e)) / (2 * h) for e in np.eye(3)]
    np.testing.assert_allclose(made["data"][0]["y"], found, atol=1e-9)
    if slope:
        np.testing.assert_allclose(found, slope, atol=1e-9)
    low, high = made["layout"]["yaxis"]["range"]
    assert low < -1.0 / math.log(2.0) < 1.0 / math.log(2.0) < high or unit == "nats"
    places = LESSON.derivation(values, WORDS)
    assert places["gradient"] == r",\ ".join(f"{v:.4g}" for v in found)
    assert (r"\ln 2" in places["slope"]) is (unit == "bits")


def test_rates_below_two_over_the_curvature_settle_and_the_greatest_does_not():
    # The section proposes the learning rate 10, and says where the limit is.
    assert largest_stable_rate([0.8, 0.1, 0.1]) == pytest.approx(8.333, abs=5e-4)
    below, above = (told(LESSON.start.replace(lr=rate), "step_numbers") for rate in (8.0, 10.0))
    assert any("2/0.24 = 8.333" in row for row in below)
    assert not any(WORDS("step_numbers.above") in row for row in below)
    assert any(WORDS("step_numbers.above") in row for row in above)
    kl = resolve(picture(LESSON.start.replace(lr=10.0), WORDS), ["descent"])["descent"]["data"][2]["y"]
    assert np.count_nonzero(np.diff(kl) > 0.0) == 49
    # It ends in a cycle of two.
    np.testing.assert_allclose(kl[-4:], [*kl[-2:], *kl[-2:]], rtol=1e-6)
    np.testing.assert_allclose(sorted(kl[-2:]), [0.049, 0.116], atol=5e-4)
    settled = resolve(picture(LESSON.start.replace(lr=8.0), WORDS), ["descent"])["descent"]["data"][2]["y"]
    assert settled[-1] < 0.05 * settled[0]


def test_a_one_hot_p_is_never_reached():
    values = LESSON.preset("onehot", LESSON.start)
    assert WORDS("step_numbers.endless") in told(values, "step_numbers")
    kl = resolve(picture(values.replace(lr=10.0), WORDS), ["descent"])["descent"]["data"][2]["y"]
    assert (np.diff(kl) < 0.0).all()
    assert kl[-1] > 0.0


def test_where_q_is_below_p_the_next_step_raises_its_score():
    for rate in (0.01, 0.5, 10.0):
        b, model = state(LESSON.start)
        trail = figures.Run(b, model, "free", rate, 0).trail
        moved = np.diff(trail.points, axis=0)
        assert (np.sign(moved) == np.sign(b.p - trail.probs[:-1])).all()


def test_the_two_directions_differ_in_general_and_not_always():
    assert kl_divergence([0.8, 0.1, 0.1], [0.2, 0.2, 0.6]) != kl_divergence([0.2, 0.2, 0.6], [0.8, 0.1, 0.1])
    assert (
        kl_divergence([0.8, 0.2], [0.2, 0.8])
        == kl_divergence([0.2, 0.8], [0.8, 0.2])
        == pytest.approx(0.832, abs=5e-4)
    )


def test_the_triangle_inequality_fails():
    p, r, q = [0.8, 0.1, 0.1], [0.5, 0.15, 0.35], [0.2, 0.2, 0.6]
    assert kl_divergence(p, r) + kl_divergence(r, q) < kl_divergence(p, q)


def test_with_a_certain_outcome_less_overlap_costs_more_and_in_general_not():
    q1 = np.linspace(0.01, 1.0, 100)
    p, q = np.tile([1.0, 0.0], (100, 1)), np.stack([q1, 1.0 - q1], axis=1)
    np.testing.assert_allclose(cross_entropy(p, q), -np.log(q1), rtol=1e-12, atol=1e-15)
    overlap = 1.0 - total_variation(p, q)
    assert (np.diff(overlap) > 0.0).all()
    assert (np.diff(cross_entropy(p, q)) < 0.0).all()
    # The box says "with this p": elsewhere more overlap can cost more.
    p, near, far = [0.8, 0.1, 0.1], [0.8, 0.2, 0.0], [0.3, 0.35, 0.35]
    assert total_variation(p, near) < total_variation(p, far)
    assert cross_entropy(p, near) > cross_entropy(p, far)


def test_a_label_is_a_draw_and_the_mean_over_labels_is_least_at_p():
    p = np.array([0.8, 0.1, 0.1])
    onehots = np.eye(3)
    for q in ([0.2, 0.2, 0.6], [0.5, 0.3, 0.2]):
        mean = p @ cross_entropy(onehots, np.tile(q, (3, 1)))
        assert mean == pytest.approx(cross_entropy(p, q), rel=1e-14)
        assert mean > cross_entropy(p, p)
    assert cross_entropy(p, onehots[0]) == math.inf


def test_the_numbers_of_the_code():
    assert nats_to_bits(1.0) == pytest.approx(1.44, abs=5e-3)
    assert nats_to_bits(-math.log(0.8)) == pytest.approx(0.32, abs=5e-3)


def optimal_code(probs):
    """Return the mean length of the best code with whole bits (Huffman): each merging adds its sum."""
    heap = sorted(probs)
    total = 0.0
    while len(heap) > 1:
        merged = heap.pop(0) + heap.pop(0)
        total += merged
        heap = sorted([*heap, merged])
    return total


def test_over_longer_messages_whole_bits_come_ever_nearer_to_the_entropy():
    p = np.array([0.8, 0.1, 0.1])
    h = float(nats_to_bits(entropy(p)))
    blocks, mean = p, []
    for length in range(1, 6):
        mean.append(optimal_code(blocks.tolist()) / length)
        assert h <= mean[-1] < h + 1.0 / length
        blocks = np.outer(blocks, p).ravel()
    assert mean[0] == pytest.approx(1.2)
    assert mean[-1] < h + 0.03
