"""The NLL figures: their numbers are core's, plotly accepts them, nothing in them is infinite or nan."""

import math

import numpy as np
import plotly.graph_objects as go
import pytest

from core.descent import softmax_descent
from core.figures import nll as figures
from core.figures.text import number
from core.figures.theme import resolve
from core.losses import cross_entropy_gradient, cross_entropy_loss, finite_difference
from core.softmax import log_softmax, softmax, softmax_jacobian
from pages.nll import LESSON, picture
from pages.shared.catalog import load
from pages.shared.frames import pack
from pages.shared.frames import resolve as drawn

CAT, NAMES = (5.0, 4.0, 2.0), ["cat", "dog", "horse"]
WORDS = load("nll", "en")


def test_curve_carries_the_loss_and_its_tangent():
    made = figures.curve(CAT, 1.0, 0, NAMES, WORDS.group("curve"))
    loss, prob = float(cross_entropy_loss(CAT, 0)), float(softmax(CAT)[0])
    point, tangent = made["data"][3], made["data"][1]
    assert point["x"][0] == pytest.approx(prob)
    assert point["y"][0] == pytest.approx(loss)
    rise = (tangent["y"][1] - tangent["y"][0]) / (tangent["x"][1] - tangent["x"][0])
    assert rise == pytest.approx(-1.0 / prob)
    assert np.interp(prob, tangent["x"], tangent["y"]) == pytest.approx(loss)
    assert made["data"][0]["y"] == pytest.approx(-np.log(made["data"][0]["x"]))
    assert "0.349012" in made["layout"]["annotations"][0]["text"]
    assert "−1.41767" in made["layout"]["annotations"][0]["text"]


def test_infinity_is_an_arrow_and_a_symbol():
    made = figures.curve((-10.0, 10.0), 0.05, 0, ["a", "b"], WORDS.group("curve"))
    notes = made["layout"]["annotations"]
    assert any("∞" in note["text"] for note in notes)
    assert any(note["showarrow"] and note["x"] == 0.0 for note in notes)
    assert made["layout"]["yaxis"]["range"] == [0.0, 500.0]


def test_axis_of_the_loss_moves_in_steps():
    tops = [figures.curve_top(loss) for loss in np.linspace(0.0, 450.0, 4501)]
    assert sorted(set(tops)) == [5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0]
    assert all(top >= 1.1 * loss for top, loss in zip(tops, np.linspace(0.0, 450.0, 4501), strict=True))


def test_losses_of_all_labels_differ_by_score_differences():
    made = figures.labels(CAT, 2.0, 0, NAMES, WORDS.group("labels"))
    costs = made["data"][0]["x"]
    assert costs - costs[0] == pytest.approx([0.0, 0.5, 1.5])
    texts = figures.labels(CAT, 1.0, 0, NAMES, WORDS.group("labels"))["data"][1]["text"]
    said = ["<b>0.349012</b>", "1.34901 = 0.349012 + 1", "3.34901 = 0.349012 + 3"]
    assert [text.strip() for text in texts] == said


@pytest.mark.parametrize("count", [3, 10])
@pytest.mark.parametrize("temperature", [0.05, 1.0])
def test_the_axis_of_the_labels_losses_stands_still(count, temperature):
    logits = (-10.0, *(10.0,) * (count - 1))
    made = figures.labels(logits, temperature, 0, ["x"] * count, WORDS.group("labels"))
    (low, high), (bars, _, heads) = made["layout"]["xaxis"]["range"], made["data"]
    assert (low, high) == (0.0, 22.5)
    assert bars["x"] == pytest.approx(-log_softmax(logits, temperature=temperature))
    np.testing.assert_array_equal(heads["x"], np.where(bars["x"] > high, high, np.nan))
    assert np.isfinite(heads["x"]).any() == (temperature < 1.0)


@pytest.mark.parametrize("temperature", [0.05, 1.0, 10.0])
def test_gradient_is_cores_and_carries_one_over_t(temperature):
    made = figures.gradient(CAT, temperature, 2, 1e-5, 1, True, NAMES, WORDS.group("gradient", name="dog"))
    exact = cross_entropy_gradient(CAT, 2, temperature=temperature)
    assert np.array_equal(made["data"][1]["x"], exact)
    assert exact == pytest.approx((softmax(CAT, temperature=temperature) - np.eye(3)[2]) / temperature)
    loss = lambda z: float(cross_entropy_loss(np.asarray(z) / temperature, 2))  # noqa: E731
    assert made["data"][2]["x"] == pytest.approx(finite_difference(loss, CAT, 1e-5), rel=1e-6, abs=1e-9)


def test_gradient_stays_hidden_until_answered():
    words = WORDS.group("gradient", name="dog")
    made = figures.gradient(CAT, 1.0, 0, 1e-5, 1, False, NAMES, words)
    assert not made["data"][1]["x"].any()
    assert np.isnan(made["data"][2]["x"]).all()
    assert not any(text.strip() for text in made["data"][4]["text"])
    table = figures.compare(CAT, 1.0, 0, 1e-5, False, NAMES, WORDS.group("compare"))
    assert [row[3]["text"] for row in table["rows"][:3]] == ["?"] * 3


@pytest.mark.parametrize(
    ("asked", "guess", "right"), [(0, "up", True), (0, "down", False), (1, "down", True), (2, "up", False)]
)
def test_verdict(asked, guess, right):
    words = WORDS.group("verdict", name=NAMES[asked])
    made = figures.verdict(CAT, 1.0, 0, asked, guess, NAMES, words)
    assert made["lines"][0][0]["text"] == words["right" if right else "wrong"]
    assert made["lines"][0][2] == words["up" if asked == 0 else "down"]
    assert (
        "".join(s if isinstance(s, str) else s["text"] for s in made["lines"][1])
        == [
            "∂L/∂z(cat) = 0.705385 − 1 = −0.294615 < 0",
            "∂L/∂z(dog) = 0.259496 − 0 = 0.259496 > 0",
            "∂L/∂z(horse) = 0.035119 − 0 = 0.035119 > 0",
        ][asked]
    )


def test_batch_gives_exact_and_printed_losses():
    made = figures.batch_losses(((5.0, 4.0, 2.0), (4.0, 2.0, 8.0), (4.0, 4.0, 1.0)), (0, 2, 1))
    assert [f"{loss:.6g}" for loss in made["losses"]] == ["0.349012", "0.0205811", "0.717736"]
    assert f"{made['sum']:.6g} {made['mean']:.6g}" == "1.08733 0.362443"
    assert [f"{loss:.6g}" for loss in made["rough"]] == ["0.34249", "0.0202027", "0.71335"]
    assert made["printed"] == [0.34, 0.02, 0.71]


def test_the_likelihood_of_the_labels_is_the_product_and_its_log_the_sum():
    rows, labels = ((5.0, 4.0, 2.0), (4.0, 2.0, 8.0), (4.0, 4.0, 1.0)), (0, 2, 1)
    made = figures.batch_losses(rows, labels)
    product = math.prod(float(softmax(row)[label]) for row, label in zip(rows, labels, strict=True))
    assert made["likelihood"] == pytest.approx(product, rel=1e-12)
    assert -math.log(made["likelihood"]) == pytest.approx(made["sum"], rel=1e-12)
    first, second = figures.batch_lines(rows, labels, WORDS.group("batch_lines"))["lines"][:2]
    assert first[1] + first[2]["text"] == " P(y | x) = 0.705385 · 0.979629 · 0.487856 = 0.337116"
    assert second[1] + second[2]["text"] == " −log 0.337116 = 1.08733"


@pytest.mark.parametrize("h", [0.5, 0.1, 0.02])
def test_a_large_step_is_wrong_because_the_bend_changes(h):
    """The error of the central difference is h²/6 times the third derivative; a parabola has none."""
    p = softmax(CAT)
    third = p * (1.0 - p) * (1.0 - 2.0 * p)
    loss = lambda z: float(cross_entropy_loss(z, 0))  # noqa: E731
    error = finite_difference(loss, CAT, h) - cross_entropy_gradient(CAT, 0)
    assert error == pytest.approx(third * h**2 / 6.0, rel=0.1)
    parabola = lambda z: float(3.0 * z[0] ** 2 - z[0])  # noqa: E731
    assert finite_difference(parabola, [2.0], h) == pytest.approx([11.0], rel=1e-12)


def test_a_probability_that_rounds_to_zero_costs_infinity():
    rows, labels = ((5.0, 4.0, 2.0), (4.0, 2.0, 8.0), (4.0, 4.0, 1.0)), (0, 1, 2)
    table = figures.batch_table(rows, labels, NAMES, NAMES, WORDS.group("batch_table"))
    assert table["rows"][1][5] == "∞"
    assert table["rows"][1][3]["text"] == "6.02058"
    pack(figures.batch_lines(rows, labels, WORDS.group("batch_lines")))


@pytest.mark.parametrize("step", [0, 1, 7, figures.STEPS])
def test_descent_shows_cores_trail(step):
    words = WORDS.group("descent", step=step)
    made = figures.descent(CAT, 2.0, 2, 0.5, step, NAMES, words)
    trail = softmax_descent(CAT, 2, learning_rate=0.5, steps=figures.STEPS, temperature=2.0, tolerance=0.0)
    assert np.array_equal(made["data"][0]["x"], trail.points[step])
    assert np.array_equal(made["data"][1]["x"], trail.probs[step])
    assert np.array_equal(made["data"][2]["x"], trail.gradients[step])
    if step < figures.STEPS:
        assert trail.points[step + 1] == pytest.approx(trail.points[step] - 0.5 * trail.gradients[step])
    told = figures.descent_lines(CAT, 2.0, 2, 0.5, step, NAMES, WORDS.group("descent_lines"))["lines"][1:]
    after = trail.points[step] - 0.5 * trail.gradients[step]
    assert [line[-1]["text"] for line in told] == [number(z) for z in after.tolist()]
    curve = figures.losses(CAT, 2.0, 2, 0.5, step, WORDS.group("losses"))["data"][0]["y"]
    assert np.array_equal(curve[: step + 1], trail.values[: step + 1])
    assert np.isnan(curve[step + 1 :]).all()
    assert (np.diff(trail.values) < 0.0).all()


def test_dragging_the_point_finds_the_score():
    for score in (-4.0, 0.0, 3.3, 9.0):
        logits = (score, 4.0, 2.0)
        loss = float(cross_entropy_loss(np.array(logits) / 2.0, 0))
        found = figures.score_at(math.exp(-loss), loss, (5.0, 4.0, 2.0), 2.0, 0)
        assert found == pytest.approx(score, abs=0.011)


def test_derivation_multiplies_out():
    places = figures.derivation(CAT, 1.0, 0, NAMES)
    assert places["loss_slope"] == "-1.41767"
    assert places["own"].endswith("0.207817")
    assert "-0.183045" in places["others"]
    assert "-0.0247724" in places["others"]
    assert "=0.259496" in places["products"]
    assert places["classes"] == "1 = cat, 2 = dog, 3 = horse"
    assert r"\tfrac{1}{2}" in figures.derivation(CAT, 2.0, 0, NAMES)["gradient"]


@pytest.mark.parametrize("temperature", [1.0, 2.0])
@pytest.mark.parametrize("target", [0, 2])
def test_the_quotient_rule_gives_the_slopes(target, temperature):
    """(u/v)' = (u'v - uv')/v² with u the true class's exponential and v the sum."""
    u, v = np.exp(CAT[target] / temperature), np.exp(np.array(CAT) / temperature)
    own = np.eye(3)[target] * u / temperature
    slopes = (own * v.sum() - u * v / temperature) / v.sum() ** 2
    assert softmax_jacobian(CAT, temperature=temperature)[target] == pytest.approx(slopes, rel=1e-12)
    places = figures.derivation(CAT, temperature, target, NAMES)
    numbers = [number(x) for x in (u, v.sum())]
    assert places["quotient"] == rf"\frac{{{numbers[0]}}}{{{numbers[1]}}}"
    assert rf"{numbers[0]}\cdot {numbers[1]}-{numbers[0]}\cdot {numbers[0]}" in places["rule"]
    assert places["own"].endswith(number(slopes[target]))


def test_autograd_agrees():
    pytest.importorskip("torch")
    for temperature in (0.5, 1.0, 3.0):
        rows = figures.autograd_rows(CAT, temperature, 1, NAMES)
        assert [row[1] for row in rows] == [row[2] for row in rows]


def corners():
    start = LESSON.start.replace(guess="up")
    for name in LESSON.presets:
        yield LESSON.preset(name, start)
    for t in (0.05, 10.0):
        for sign in (-1.0, 1.0):
            for count in (2, 10):
                ends = {f"z{i}": sign * (10.0 if i == 1 else -10.0) for i in range(1, 11)}
                for h, rate, step in ((1e-12, 100.0, 100), (1.0, 0.01, 0)):
                    yield start.replace(k=count, t=t, h=h, rate=rate, step=step, ask=count - 1, **ends)


@pytest.mark.parametrize("spoken", ["en", "ko"])
def test_every_view_is_drawn_at_the_corners(spoken, scalars):
    words = load("nll", spoken)
    for values in corners():
        views = drawn(picture(values, words))
        pack(views)
        bad = [(place, x) for place, x in scalars(views) if not math.isfinite(x)]
        assert not bad
        for view in views.values():
            assert "@{" not in str(view.get("title", "")) + str(view.get("caption", ""))


def test_plotly_accepts_every_figure():
    for values in list(corners())[:3]:
        for view in drawn(picture(values, WORDS)).values():
            if view["type"] == "figure":
                go.Figure(resolve({"data": view["data"], "layout": view["layout"]}))
