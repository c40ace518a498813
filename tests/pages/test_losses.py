"""The losses lesson: its presets and boxes reach the numbers that they speak of."""

import math
import re

import numpy as np
import pytest

from core.margins import MARGIN_LOSSES
from core.residuals import RESIDUAL_LOSSES, fit_constant, noise_nll
from pages.losses import CONTROLS, LESSON, MARGIN, RESIDUAL, notes, picture
from pages.shared.catalog import LANGUAGES, load
from pages.shared.controls import query, read
from pages.shared.frames import resolve
from pages.shared.wire import spoken
from tests.conftest import frame_block

WORDS = load("losses", "en")


def text(cell):
    """Return the text of a cell or of a line."""
    return "".join(
        s if isinstance(s, str) else s["text"] for s in (cell if isinstance(cell, list) else [cell])
    )


def table(values, view):
    """Return the rows of a table by the name of their loss."""
    rows = resolve(picture(values, WORDS), [view])[view]["rows"]
    return {text(row[0]).replace("\u00a0", " "): [text(cell) for cell in row[1:]] for row in rows}


def told(values, view):
    """Return the texts of a view of lines."""
    return [text(line) for line in resolve(picture(values, WORDS), [view])[view]["lines"]]


def value(cell):
    """Return the number that a formula ends in."""
    return cell.rpartition(" = ")[2]


@pytest.mark.parametrize(
    ("preset", "m", "losses", "slopes"),
    [
        (
            "seven",
            -2.0,
            {"0/1": "1", "log e": "2.12693", "log 2": "3.06851", "exp": "7.38906",
             "hinge": "3", "hinge²": "9", "square": "9"},
            {"0/1": "0", "log e": "−0.880797", "exp": "−7.38906", "hinge": "−1"},
        ),
        (
            "four",
            -1.0,
            {"0/1": "1", "log e": "1.31326", "exp": "2.71828", "hinge": "2"},
            {"log e": "−0.731059", "exp": "−2.71828", "hinge": "−1"},
        ),
        ("bases", 0.0, {"0/1": "1", "log e": "0.693147", "log 2": "1"}, {"log e": "−0.5"}),
        (
            "edge",
            1.0,
            {"log e": "0.313262", "exp": "0.367879", "hinge": "0", "hinge²": "0"},
            {"log e": "−0.268941", "exp": "−0.367879", "hinge": "−1 … 0 (kink)"},
        ),
        ("too_right", 2.0, {"hinge": "0", "hinge²": "0", "square": "1"}, {"hinge": "0", "square": "2"}),
    ],
)  # fmt: skip
def test_presets_reach_the_margin_losses(preset, m, losses, slopes):
    values = LESSON.preset(preset, LESSON.start)
    rows = table(values, "margin_table")
    assert values.m == m
    assert {name: value(row[0]) for name, row in rows.items()} == losses
    assert {name: value(rows[name][1]) for name in slopes} == slopes


def test_the_loss_of_a_tie_is_chosen():
    values = LESSON.preset("bases", LESSON.start)
    assert [value(table(values.replace(tie=tie), "margin_table")["0/1"][0]) for tie in (0, 1)] == ["0", "1"]


@pytest.mark.parametrize(
    ("z", "cross", "squared", "cross_slope", "squared_slope", "ratio"),
    [
        (-6.0, "6.00248", "0.49753", "−0.997527", "−0.00246041", "405.431"),
        (-5.0, "5.00672", "0.49333", "−0.993307", "−0.00660356", "150.42"),
        (-1.0, "1.31326", "0.267223", "−0.731059", "−0.143735", "5.08616"),
        (0.0, "0.693147", "0.125", "−0.5", "−0.125", "4"),
        (3.0, "0.0485874", "0.00112461", "−0.0474259", "−0.00214254", "22.1353"),
        (6.0, "0.00247569", "3.05693×10⁻⁶", "−0.00247262", "−6.09875×10⁻⁶", "405.431"),
        (-0.693147, "1.09861", "0.222222", "−0.666667", "−0.148148", "4.5"),
    ],
)
def test_saturation(z, cross, squared, cross_slope, squared_slope, ratio):
    _, first, second, third = told(LESSON.start.replace(z=z, target=1), "saturation_lines")
    assert [value(part) for part in first.split(";")] == [cross, cross_slope]
    assert [value(part) for part in second.split(";")] == [squared, squared_slope]
    assert value(third) == ratio


def test_the_other_target_is_the_mirror_image():
    lines = told(LESSON.start.replace(z=6.0, target=0), "saturation_lines")
    assert value(lines[1]) == "0.997527"
    assert value(lines[2]) == "0.00246041"


def test_the_lesson_opens_on_the_saturated_sigmoid():
    assert (LESSON.start.z, LESSON.start.target) == (-6.0, 1)


def test_five_points_and_an_outlier():
    together = told(LESSON.start.replace(outlier=9.0, threshold=1.0), "outlier_lines")
    assert value(together[0]) == "5"
    away = told(LESSON.start, "outlier_lines")
    assert value(away[0]) == "7.2"
    assert away[1].endswith("→ 5")
    assert away[2].startswith("Huber c = 5.25:")


def test_probabilities():
    rows = table(LESSON.start.replace(p=1.0, q=0.1), "probability_table")
    assert value(rows["cross-entropy H(p, q)"][0]) == "2.30259"
    assert value(rows["KL(p‖q)"][0]) == "2.30259"
    assert value(table(LESSON.start.replace(p=1.0, q=0.0), "probability_table")["KL(p‖q)"][0]) == "∞"


def sums(values):
    """Return what the shares of the two labels add up to."""
    return tuple(resolve(picture(values, WORDS), ["margin_models"])["margin_models"]["data"][2]["text"])


BOXES = {
    "same": lambda v: (
        value(table(v, "margin_table")["log e"][0]),
        value(told(v, "saturation_lines")[1].split(";")[0]),
    ),
    "no_model": sums,
    "spread": lambda v: (value(table(v, "residual_table")["squared"][3]),),
    "right": lambda v: (value(told(v, "saturation_lines")[1]),),
}


@pytest.mark.parametrize(
    ("preset", "shown"),
    [
        ("same", ("1.31326", "1.31326")),
        ("no_model", ("1 = Bernoulli", "0.829661")),
        ("spread", ("2.51755",)),
        ("right", ("−4.53979×10⁻⁵",)),
    ],
)
def test_a_box_shows_the_number_it_names(preset, shown):
    assert BOXES[preset](LESSON.preset(preset, LESSON.start)) == shown


def test_the_boxes_name_the_same_numbers(language):
    said = " ".join(load("losses", language)(f"watch.{box}.right") for box in WORDS.under("watch"))
    for number in ("1.31326", "7.38906", "0.829661", "5.41894", "2.51755", "4/27"):
        assert number in said


def test_the_noise_is_not_there_for_the_taking():
    narrow = table(LESSON.start, "residual_table")["squared"]
    assert [value(narrow[0]), narrow[2], value(narrow[3])] == ["4.5", "Gaussian", "5.41894"]


def test_a_preset_of_margins_leaves_the_other_sections_alone():
    moved = LESSON.start.replace(z=3.0, outlier=-5.0, squared=0)
    values = LESSON.preset("seven", moved)
    assert (values.z, values.outlier, values.squared, values.m) == (3.0, -5.0, 0, -2.0)


def test_nothing_switched_on_is_said():
    off = {control.key: 0 for control in (*MARGIN, *RESIDUAL)}
    values = LESSON.start.replace(**off)
    assert len(notes(values, WORDS)) == 2
    assert notes(LESSON.start, WORDS) == []
    views = resolve(picture(values, WORDS))
    assert views["margin_table"]["rows"] == []
    assert [trace["type"] for trace in views["margin"]["data"]] == ["scatter"]
    for code in LANGUAGES:
        words = load("losses", code)
        for section, place in (("main", "m = −1"), ("residual", "r = 3")):
            assert spoken(LESSON, values, words)[section] == f"{place}: {words('note.none')}."


def test_the_address_holds_every_switch():
    values = LESSON.preset("seven", LESSON.start).replace(r=-2.0, tau=0.25)
    address = query(CONTROLS, values)
    assert {"m", "tie", "r", "z", "target", "q", "p", "outlier"} <= set(address)
    reading = read(CONTROLS, address, LESSON.start)
    assert (dict(reading.values), reading.problems) == (dict(values), [])
    assert read(CONTROLS, {"hinge": "2"}, LESSON.start).problems[0].key == "hinge"


def test_frames_of_the_cursor_stay_small():
    for key, views in {"m": ("margin", "margin_slopes"), "outlier": ("outlier_fits", "totals")}.items():
        assert len(frame_block(LESSON, LESSON.start, WORDS, key, views)) < 400_000


def test_no_place_is_left_open():
    for view in resolve(picture(LESSON.start, WORDS)).values():
        assert not re.search(r"@\{", str(view))


SEVEN = {
    "0/1": ["1", "1", "1", "0", "0"],
    "log e": ["2.12693", "1.31326", "0.693147", "0.313262", "0.126928"],
    "log 2": ["3.06851", "1.89464", "1", "0.451941", "0.183118"],
    "exp": ["7.38906", "2.71828", "1", "0.367879", "0.135335"],
    "hinge": ["3", "2", "1", "0", "0"],
    "hinge²": ["9", "4", "1", "0", "0"],
    "square": ["9", "4", "1", "0", "1"],
}
SEVEN_SLOPES = {
    "log e": ["−0.880797", "−0.731059", "−0.5", "−0.268941", "−0.119203"],
    "exp": ["−7.38906", "−2.71828", "−1", "−0.367879", "−0.135335"],
    "hinge": ["−1", "−1", "−1", "−1 … 0 (kink)", "0"],
}


@pytest.mark.parametrize(("place", "m"), [*enumerate((-2.0, -1.0, 0.0, 1.0, 2.0))])
def test_all_seven_margin_losses(place, m):
    rows = table(LESSON.preset("seven", LESSON.start).replace(m=m), "margin_table")
    assert {name: value(row[0]) for name, row in rows.items()} == {
        name: at[place] for name, at in SEVEN.items()
    }
    for name, slopes in SEVEN_SLOPES.items():
        assert value(rows[name][1]) == slopes[place], name


@pytest.mark.parametrize(
    ("z", "share", "cross", "squared", "cross_slope", "squared_slope", "ratio"),
    [
        (-6.0, 0.00247262, 6.00248, 0.49753, -0.997527, -0.00246041, 405.431),
        (-5.0, 0.00669285, 5.00672, 0.49333, -0.993307, -0.00660356, 150.42),
        (-4.0, 0.0179862, 4.01815, 0.482176, -0.982014, -0.017345, 56.6165),
        (-3.0, 0.0474259, 3.04859, 0.453699, -0.952574, -0.0430341, 22.1353),
        (-2.0, 0.119203, 2.12693, 0.387902, -0.880797, -0.092478, 9.52439),
        (-1.0, 0.268941, 1.31326, 0.267223, -0.731059, -0.143735, 5.08616),
        (0.0, 0.5, 0.693147, 0.125, -0.5, -0.125, 4.0),
        (1.0, 0.731059, 0.313262, 0.0361647, -0.268941, -0.0528771, 5.08616),
        (2.0, 0.880797, 0.126928, 0.00710467, -0.119203, -0.0125155, 9.52439),
        (3.0, 0.952574, 0.0485874, 0.00112461, -0.0474259, -0.00214254, 22.1353),
        (4.0, 0.982014, 0.0181499, 0.000161752, -0.0179862, -0.000317685, 56.6165),
        (5.0, 0.993307, 0.00671535, 2.23971e-05, -0.00669285, -4.44945e-05, 150.42),
        (6.0, 0.997527, 0.00247569, 3.05693e-06, -0.00247262, -6.09875e-06, 405.431),
    ],
)
def test_the_whole_table_of_saturation(z, share, cross, squared, cross_slope, squared_slope, ratio):
    values = LESSON.preset("saturated", LESSON.start).replace(z=z)
    views = resolve(picture(values, WORDS), ["saturation", "gradients"])
    assert list(views["saturation"]["data"][2]["y"]) == pytest.approx([cross, squared], rel=5e-6)
    assert list(views["gradients"]["data"][3]["y"]) == pytest.approx([cross_slope, squared_slope], rel=5e-6)
    first, *_, last = told(values, "saturation_lines")
    assert first.endswith(f"= {share:.6g},  t = 1")
    assert value(last) == f"{ratio:.6g}"


class TestWhatTheTextsClaim:
    def test_base_2_is_the_largest_that_bounds_the_0_1_loss(self):
        at_0 = {base: float(MARGIN_LOSSES["log"].loss(0.0)) / math.log(base) for base in (1.5, 2.0, math.e)}
        assert at_0[1.5] > at_0[2.0] == 1.0 > at_0[math.e]

    def test_who_pushes_without_limit(self, language):
        far = {name: -float(loss.slope(-500.0)) for name, loss in MARGIN_LOSSES.items()}
        assert min(far[name] for name in ("exponential", "square", "squared_hinge")) > 1000.0
        assert (far["log"], far["hinge"]) == (1.0, 1.0)
        assert f"{far['log2']:.3f}" in load("losses", language)("margin_slopes.caption")
        assert float(MARGIN_LOSSES["square"].slope(1.01)) > 0.0

    @pytest.mark.parametrize("name", RESIDUAL_LOSSES)
    def test_a_fixed_scale_leaves_the_minimum_of_some(self, name):
        data, places = np.array([1.0, 4.0, 5.0, 6.0, 20.0]), np.linspace(0.0, 25.0, 2501)

        def best(scale: float, delta: float = 1.0) -> float:
            costs = noise_nll(name, data[:, np.newaxis] - places, scale, delta, 0.9)
            return float(places[np.argmin(np.sum(costs, axis=0))])

        if name in ("huber", "log_cosh"):
            assert abs(best(5.0) - best(1.0)) > 0.1
        else:
            assert best(5.0) == best(1.0)
        if name == "huber":
            assert best(5.0) == pytest.approx(fit_constant(data, "huber", delta=5.0), abs=0.005)

    def test_only_a_sigma_that_depends_on_x_moves_the_best_prediction(self):
        data, places = np.array([1.0, 4.0, 5.0, 6.0, 9.0]), np.linspace(0.0, 10.0, 1001)

        def best(sigmas: list[float]) -> float:
            costs = [noise_nll("squared", x - places, s) for x, s in zip(data, sigmas, strict=True)]
            return float(places[np.argmin(np.sum(costs, axis=0))])

        assert best([1.0] * 5) == best([3.0] * 5) == pytest.approx(5.0)
        uneven = [0.5, 1.0, 1.0, 1.0, 2.0]
        weights = 1.0 / np.square(uneven)
        assert best(uneven) == pytest.approx(float(weights @ data / weights.sum()), abs=0.006)
        assert best(uneven) < 4.0
