"""The counts figures: their numbers are core's, plotly accepts them, nothing in them is infinite or nan."""

import math

import numpy as np
import plotly.graph_objects as go
import pytest

from core.categorical import (
    identity,
    log_multinomial_coefficient,
    mean_nll,
    mean_nll_standard_error,
    multinomial_coefficient,
    plain_product,
    running_counts,
    sample_classes,
    sample_counts,
    underflow_index,
    with_pseudo_counts,
)
from core.figures import counts as figures
from core.figures.theme import resolve
from core.information import cross_entropy, entropy
from pages.counts import LESSON, picture
from pages.shared.catalog import load
from pages.shared.frames import pack
from pages.shared.frames import resolve as drawn

P, Q, NAMES = (0.8, 0.1, 0.1), (0.2, 0.2, 0.6), ["red", "green", "yellow"]
IMPOSSIBLE = (0.5, 0.5, 0.0)
WORDS = load("counts", "en")


def told(view):
    """Return the text of a view of lines."""
    return ["".join(s if isinstance(s, str) else s["text"] for s in line) for line in view["lines"]]


def numbers_of(node, place=""):
    """Yield every number of a tree, with its place."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from numbers_of(value, f"{place}.{key}")
    elif isinstance(node, (list, tuple)):
        for i, value in enumerate(node):
            yield from numbers_of(value, f"{place}[{i}]")
    elif isinstance(node, np.ndarray) and node.dtype != object:
        yield from ((place, float(value)) for value in node.ravel())
    elif isinstance(node, (int, float)):
        yield place, float(node)


@pytest.mark.parametrize("n", [1, 7, 100, 1234, 1_000_000])
def test_a_bag_holds_cores_draws(n):
    b = figures.bag(P, Q, n, "random", 5)
    assert b.counts.tolist() == sample_counts(P, n, seed=5).tolist()
    assert b.logs[2] == pytest.approx(-n * float(mean_nll(b.counts, Q)))
    assert tuple(b.parts) == pytest.approx(tuple(identity(b.counts, Q)))
    assert b.expected == pytest.approx(1.499577, abs=1e-6)


def test_the_stops_are_whole_and_rise_over_six_decades():
    assert figures.STOPS[0] == 1
    assert figures.STOPS[-1] == 1_000_000
    assert all(isinstance(stop, int) for stop in figures.STOPS)
    assert list(figures.STOPS) == sorted(set(figures.STOPS))
    assert [figures.nearest_stop(math.log10(stop)) for stop in figures.STOPS] == list(figures.STOPS)


def test_bars_are_frequencies_beside_expectations():
    b = figures.bag(P, Q, 100, "random", 1)
    made = figures.counts(b, NAMES, WORDS.group("counts"))
    seen, p, q, column = made["data"]
    assert seen["x"] == pytest.approx([0.77, 0.15, 0.08])
    assert np.array_equal(p["x"], P)
    assert np.array_equal(q["x"], Q)
    assert p["error_x"]["array"] == pytest.approx(2.0 * np.sqrt(np.array(P) * (1.0 - np.array(P)) / 100))
    assert list(column["text"]) == ["77", "15", "8", "80", "10", "10", "20", "20", "60"]
    assert [(g["name"], g["x"]) for g in made["grips"]] == [
        *((f"p{i}", v) for i, v in enumerate(P, start=1)),
        *((f"q{i}", v) for i, v in enumerate(Q, start=1)),
    ]


def test_exact_draws_do_not_scatter():
    b = figures.bag(P, Q, 1000, "exact", 1)
    made = figures.counts(b, NAMES, WORDS.group("counts"))
    assert not made["data"][1]["error_x"]["array"].any()
    band = figures.converge(b, WORDS.group("converge"))["data"][0]["y"]
    assert (band == figures.AWAY).all()


def test_many_outcomes_get_one_number_each():
    eight = (0.8, *(0.1,) * 7)
    made = figures.counts(
        figures.bag(eight, eight, 100, "random", 1), list("abcdefgh"), WORDS.group("counts")
    )
    assert len(made["data"][3]["text"]) == 8
    assert made["height"] < 480


def test_formula_carries_the_identity():
    rows = told(figures.formula(figures.bag(P, Q, 100, "random", 1), NAMES, WORDS.group("formula")))
    assert rows[1] == "log L(q) = Σ Nᵢ·log qᵢ = 77·log 0.2 + 15·log 0.2 + 8·log 0.6 = −152.155"
    assert rows[2].endswith("= 0.687877 + 0.833672 = 1.52155")
    assert rows[3].startswith("H(p, q) = 1.49958 ± 0.03296")


def test_convergence_is_the_running_mean_inside_its_band():
    b = figures.bag(P, Q, 1000, "random", 1)
    band, floors, means, walked_floor, walked, gap, here, _ = figures.converge(b, WORDS.group("converge"))[
        "data"
    ]
    wanted = running_counts(P, figures.GRID, seed=1)
    assert means["y"] == pytest.approx(mean_nll(wanted, Q))
    assert floors["y"] == pytest.approx(entropy(wanted / figures.GRID[:, None]))
    size = figures.GRID.size
    error = mean_nll_standard_error(P, Q, figures.GRID)
    assert band["y"][:size] == pytest.approx(cross_entropy(P, Q) - 2.0 * error)
    assert band["y"][size:] == pytest.approx((cross_entropy(P, Q) + 2.0 * error)[::-1])
    assert gap["y"] == pytest.approx([b.parts.entropy, b.parts.mean_nll])
    assert here["y"] == pytest.approx([b.parts.entropy, b.parts.mean_nll])
    for curve, last in ((walked, b.parts.mean_nll), (walked_floor, b.parts.entropy)):
        assert curve["x"].max() == 1000
        assert curve["x"].size == size + 1
        assert curve["y"][curve["x"] == 1000] == pytest.approx(last)


def test_a_number_of_draws_between_the_stops_is_on_the_curve():
    b = figures.bag(P, Q, 1234, "random", 1)
    walked = figures.converge(b, WORDS.group("converge"))["data"][4]
    assert walked["x"][-1] == 1234
    assert walked["y"][-1] == pytest.approx(float(mean_nll(sample_counts(P, 1234, seed=1), Q)))


def test_the_axis_of_the_mean_does_not_move_with_n():
    ranges = {
        tuple(
            figures.converge(figures.bag(P, Q, n, "random", 1), WORDS.group("converge"))["layout"]["yaxis"][
                "range"
            ]
        )
        for n in figures.STOPS
    }
    assert len(ranges) == 1


def test_infinity_is_an_arrow_and_a_symbol():
    b = figures.bag(P, IMPOSSIBLE, 100, "random", 1)
    made = figures.converge(b, WORDS.group("converge"))
    arrows = made["data"][7]
    low, high = made["layout"]["yaxis"]["range"]
    assert ((arrows["y"] > low) & (arrows["y"] < high)).all()
    assert sum("∞" in note["text"] for note in made["layout"]["annotations"]) == 2
    rows = told(figures.formula(b, NAMES, WORDS.group("formula")))
    assert rows[1].endswith("8·log 0 = −∞")
    assert rows[-1].startswith("q(yellow) = 0, N(yellow) = 8: ")
    lower = figures.product(b, WORDS.group("product"))["data"][-1]
    assert lower["y"][0] > 0.0
    assert list(lower["text"]) == ["∞"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_product_ends_at_the_draw_where_it_underflows(seed):
    b = figures.bag(P, Q, 1000, "random", seed)
    made = figures.product(b, WORDS.group("product"))
    notes = [note["text"] for note in made["layout"]["annotations"]]
    for name, model, trace in (("p", P, 0), ("q", Q, 5)):
        zero = underflow_index(sample_classes(P, 5000, seed=seed), model).zero
        assert f"{name}: L = 0 (N ≥ {zero:,})" in notes
        fall, cross = made["data"][trace], made["data"][trace + 4]
        assert cross["x"][0] == zero
        assert (fall["y"][fall["x"] > zero] == figures.ZERO).all()
        assert (fall["y"][fall["x"] < zero] > -324.0).all()
        sums = made["data"][trace + 2]
        assert 10.0 ** sums["y"] == pytest.approx(
            figures.GRID * mean_nll(running_counts(P, figures.GRID, seed=seed), model)
        )


def test_a_certain_model_never_underflows():
    b = figures.bag((1.0, 0.0), (1.0, 0.0), 1_000_000, "random", 1)
    made = figures.product(b, WORDS.group("product"))
    assert "q: L > 0 (N ≤ 1,000,000)" in [note["text"] for note in made["layout"]["annotations"]]
    assert figures.numbers(b, WORDS.group("numbers"))["rows"][2][1] == "1"


def test_the_coefficient_moves_every_model_alike():
    b = figures.bag(P, Q, 100, "random", 1)
    ordered, counted, stars, here = figures.order(b, 0.3, WORDS.group("order", name="red"))["data"]
    lift = float(log_multinomial_coefficient(b.counts)) / 100
    assert ordered["y"] - counted["y"] == pytest.approx(np.full(ordered["y"].size, lift))
    assert ordered["y"].argmin() == counted["y"].argmin()
    assert stars["x"] == pytest.approx([0.77, 0.77])
    assert stars["y"][0] <= ordered["y"].min()
    assert np.interp(0.3, ordered["x"], ordered["y"]) == pytest.approx(here["y"][0])


@pytest.mark.parametrize("n", [10, 20, 1000, 100_000])
def test_order_lines_give_the_coefficient(n):
    b = figures.bag(P, Q, n, "random", 1)
    row = told(figures.order_lines(b, WORDS.group("order_lines")))[0]
    if n <= 20:
        assert f"= {multinomial_coefficient(b.counts):,}, " in row
    assert row.endswith(f"log C = {figures.number(float(log_multinomial_coefficient(b.counts)))}")


@pytest.mark.parametrize("n", [10, 400, 600, 5001])
def test_the_table_multiplies_one_after_the_other(n):
    b = figures.bag(P, Q, n, "random", 1)
    shown = figures.numbers(b, WORDS.group("numbers"))["rows"][2][1]
    product = plain_product(sample_classes(P, n, seed=1), Q)
    if product:
        assert shown == figures.number(product)
    else:
        assert shown["text"] == "0 (N ≥ 497)"


def test_the_frequencies_are_the_best_model():
    for n in (1, 10, 100, 10_000):
        b = figures.bag(P, Q, n, "random", 3)
        assert b.logs[0] >= b.logs[1]
        assert b.logs[0] >= b.logs[2]


@pytest.mark.parametrize("seed", [1, 2])
def test_new_draws_cost_what_core_says(seed):
    b = figures.bag(P, Q, 10, "random", seed)
    made = figures.fresh(b, 1.0, WORDS.group("fresh"))
    old, new, star, here, head = made["data"]
    models = with_pseudo_counts(b.counts, figures.ALPHAS)
    assert old["y"] == pytest.approx(mean_nll(b.counts, models))
    wanted = np.array([float(cross_entropy(P, model)) for model in models])
    # An infinite start is an arrow, and the curve begins behind it.
    first = int(math.isinf(wanted[0]))
    assert first == int(b.counts.min() == 0)
    assert new["x"][first:].tolist() == figures.ALPHAS[first:].tolist()
    assert new["y"][first:] == pytest.approx(wanted[first:])
    assert (new["x"][0], new["y"][0]) == (new["x"][first], new["y"][first])
    assert (head["y"][0] > 0.0) == bool(first)
    assert star["y"][0] == wanted.min()
    one = with_pseudo_counts(b.counts, 1.0)
    assert here["y"] == pytest.approx([float(mean_nll(b.counts, one)), float(cross_entropy(P, one))])
    # On these draws none beats p-hat, on new ones none beats p.
    assert old["y"].argmin() == 0
    assert (wanted >= entropy(P)).all()
    assert made["grips"][0]["x"] == 1.0


def test_the_axis_of_new_draws_stays_while_alpha_moves():
    b = figures.bag(P, Q, 10, "random", 2)
    views = [figures.fresh(b, alpha, WORDS.group("fresh")) for alpha in (0.0, 0.5, 5.0)]
    assert len({id(view["layout"]["yaxis"]) for view in views}) == 1
    assert all(view["layout"]["yaxis"]["range"][1] >= view["data"][0]["y"].max() for view in views)


def test_lines_of_new_draws_say_what_is_infinite_and_what_the_prior_is():
    b = figures.bag(P, Q, 10, "random", 2)
    plain, prior = (
        told(figures.fresh_lines(b, alpha, NAMES, WORDS.group("fresh_lines"))) for alpha in (0.0, 1.0)
    )
    assert plain[2].endswith("H(p) + KL(p‖p̂(α)) = 0.639032 + ∞ = ∞")
    assert plain[3].startswith("yellow: ")
    assert plain[-1] == WORDS("fresh_lines.plain")
    assert "p̂(α) = (Nᵢ + 1)/(N + 3·1) = (0.7692, 0.1538, 0.07692)" in prior[0]
    assert prior[2].endswith(
        f"= {figures.number(float(cross_entropy(P, with_pseudo_counts(b.counts, 1.0))))}"
    )
    assert len(prior) == 4
    assert prior[-1].startswith("α = 1: ")


def test_the_table_judges_each_model_on_new_draws():
    b = figures.bag(P, Q, 10, "random", 1)
    rows = figures.numbers(b, WORDS.group("numbers"))["rows"]
    wanted = [float(cross_entropy(P, model)) for model in (b.p_hat, P, Q)]
    assert [row[7]["text"] for row in rows] == [figures.number(value) for value in wanted]


def test_the_small_picture_settles():
    ((_, level, _), (x, means, role)), (low, high) = figures.sketch()
    assert role == "loss"
    assert x[0] == 0.0
    assert x[-1] == 1.0
    assert low < means.min() < means.max() < high
    assert abs(means[-1] - level[-1]) < 0.02


def test_the_code_prints_these_numbers(capsys):
    b = figures.bag(P, Q, 100, "random", 1)
    exec(figures.code_panel(b, Q)["tabs"][0]["text"], {})
    log_l, mean, parts = map(float, capsys.readouterr().out.split())
    assert log_l == pytest.approx(b.logs[2])
    assert mean == pytest.approx(parts) == pytest.approx(float(b.parts.mean_nll))


def corners():
    start = LESSON.start
    for name in LESSON.presets:
        yield LESSON.preset(name, start)
    for draw in ("random", "exact"):
        for n in (1, 17, 1_000_000):
            for k in (2, 8):
                for p, q in (((1.0, 0.0), (0.0, 1.0)), ((0.0, 0.0), (0.0, 0.0)), ((0.0, 1.0), (0.01, 1.0))):
                    ends = {
                        f"{stem}{i}": v[min(i, 2) - 1]
                        for stem, v in (("p", p), ("q", q))
                        for i in range(1, 9)
                    }
                    yield start.replace(draw=draw, n=n, k=k, theta=float(n > 1), **ends)


@pytest.mark.parametrize("spoken", ["en", "ko"])
def test_every_view_is_drawn_at_the_corners(spoken):
    words = load("counts", spoken)
    for values in corners():
        views = drawn(picture(values, words))
        pack(views)
        assert [(place, x) for place, x in numbers_of(views) if not math.isfinite(x)] == []


def test_plotly_accepts_every_figure():
    for values in list(corners())[:9]:
        for view in drawn(picture(values, WORDS)).values():
            if view["type"] == "figure":
                go.Figure(resolve({"data": view["data"], "layout": view["layout"]}))
