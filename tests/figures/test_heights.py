"""The figures of the heights lesson: their numbers are core's numbers, and they hold at every corner."""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core import gaussian
from core.figures import heights as figures
from core.figures.theme import resolve
from pages.shared.catalog import load

WORDS = load("heights", "en")
SAMPLED = figures.Source("sampled", "cm", None, 500, 172.0, 4.8, 4)
FIVE = figures.Source("five", "none")
WAITING = figures.Source("waiting", "min", None, 500, 10.0, 10.0, 4)
A, B = (172.0, 4.8), (184.0, 4.8)


def said(view: str) -> dict[str, str]:
    return WORDS.group(view, n="500", drawn=60, x="Height", y="Density", s="cm")


def values_of(source: figures.Source) -> np.ndarray:
    return gaussian.sample_heights(source.n, source.mu, source.sigma, seed=source.seed)


def every_figure(
    source: figures.Source, a: tuple[float, float], b: tuple[float, float]
) -> Iterator[dict[str, Any]]:
    yield figures.curves(source, *a, *b, said("curves"))
    yield figures.surface(source, *a, *b, said("surface"))
    yield figures.near_top(source, *a, said("near"))
    yield figures.slices(source, *a, said("slices"))
    yield figures.running_product(source, *a, *b, said("product"))
    yield figures.estimate(source, said("estimate"))
    yield figures.price(source, *a, *b, said("price"))
    for method in ("gradient", "newton"):
        yield figures.trail_map(source, *b, method, 0.1, 7, said("trail"))
        yield figures.rise(source, *b, method, 0.1, 7, said("rise"))


def scalars(node: Any) -> Iterator[float]:
    if isinstance(node, dict):
        for value in node.values():
            yield from scalars(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from scalars(value)
    elif isinstance(node, float):
        yield node


CORNERS = [
    (SAMPLED, A, B),
    (SAMPLED, (130.0, 0.5), (210.0, 20.0)),
    (SAMPLED._replace(n=1), (210.0, 20.0), (130.0, 0.5)),
    (SAMPLED._replace(n=2), (172.0, 0.5), (172.0, 20.0)),
    (SAMPLED._replace(n=1_000_000), (190.0, 1.0), A),
    (SAMPLED._replace(unit="m", mu=1.72, sigma=0.048), (1.3, 0.005), (2.1, 0.2)),
    (FIVE, (-5.0, 0.1), (15.0, 10.0)),
    (WAITING, (-30.0, 0.2), (70.0, 40.0)),
    (WAITING._replace(n=1), (10.0, 10.0), (20.0, 5.0)),
    (WAITING._replace(n=1_000_000), (10.0, 10.0), (20.0, 5.0)),
]


@pytest.mark.parametrize(("source", "a", "b"), CORNERS)
def test_plotly_takes_every_figure_and_no_scalar_is_nan(source, a, b):
    for figure in every_figure(source, a, b):
        go.Figure(data=resolve(figure["data"]), layout=resolve(figure["layout"]))
        assert all(math.isfinite(number) for number in scalars(figure))


@pytest.mark.parametrize("source", [SAMPLED, SAMPLED._replace(n=20_000, mu=165.0, sigma=7.0, seed=9)])
def test_people_are_what_core_draws_and_summarises(source):
    crowd, values = figures.people(source), values_of(source)
    summary = gaussian.summarize(values)
    assert crowd.summary.n == summary.n
    assert crowd.summary.mean == pytest.approx(summary.mean, rel=1e-14)
    assert crowd.summary.variance == pytest.approx(summary.variance, rel=1e-12)
    counts = np.histogram(values, crowd.edges)[0]
    assert crowd.heights == pytest.approx(counts / (values.size * np.diff(crowd.edges)))
    drawn = np.sort(values)[gaussian.stem_indices(source.n, figures.STEMS)]
    assert crowd.stems[0::3] == pytest.approx(drawn, rel=1e-14)
    assert crowd.first == pytest.approx(values[: figures.FIRST], rel=1e-14)


def test_a_stem_reaches_up_to_the_curve():
    made = figures.curves(SAMPLED, *A, *B, said("curves"))
    stems, curve_b, curve_a = made["data"][1:4]
    assert stems["y"][0::3].tolist() == [0.0] * figures.STEMS
    assert np.isnan(stems["y"][2::3]).all()
    assert stems["y"][1::3] == pytest.approx(gaussian.density(stems["x"][0::3], *A))
    assert curve_a["y"][1:-1] == pytest.approx(gaussian.density(curve_a["x"][1:-1], *A))
    assert curve_b["y"][1:-1] == pytest.approx(gaussian.density(curve_b["x"][1:-1], *B))


def test_few_people_are_dots_with_a_stem_each():
    made = figures.curves(FIVE, 5.0, 2.915476, 10.0, 2.915476, said("curves"))
    assert not made["data"][0]["y"].any()
    assert made["data"][4]["x"][:5].tolist() == [1.0, 4.0, 5.0, 6.0, 9.0]
    stems = made["data"][1]["y"][1::3]
    assert stems[:5] == pytest.approx([0.0533891, 0.129019, 0.136836, 0.129019, 0.0533891], rel=1e-5)
    assert np.isnan(stems[5:]).all()


def test_a_narrow_curve_keeps_its_peak():
    narrow = figures.curves(SAMPLED, 190.0, 0.5, *B, said("curves"))["data"][3]
    assert narrow["y"].max() == pytest.approx(gaussian.density(190.0, 190.0, 0.5))


def test_only_what_moves_is_new_when_mu_moves():
    one = figures.curves(SAMPLED, *A, *B, said("curves"))
    other = figures.curves(SAMPLED, 175.0, 4.8, *B, said("curves"))
    assert one["data"][0] is other["data"][0]
    assert one["data"][1]["x"] is other["data"][1]["x"]
    assert one["data"][3]["y"] is other["data"][3]["y"]
    assert one["layout"]["yaxis"] == other["layout"]["yaxis"]
    land, moved = (figures.surface(SAMPLED, mu, 4.8, *B, said("surface")) for mu in (172.0, 175.0))
    assert all(a is b for a, b in zip(land["data"][:10], moved["data"][:10], strict=True))


def test_contours_lie_where_core_puts_their_likelihood():
    crowd = figures.people(SAMPLED)
    rings = figures.surface(SAMPLED, *A, *B, said("surface"))["data"][: len(figures.RINGS)]
    for ring, each in zip(rings, reversed(figures.RINGS), strict=True):
        drops = gaussian.drop_from_mle(crowd.summary, ring["x"], ring["y"])
        assert drops == pytest.approx(np.full(drops.shape, each * crowd.summary.n), rel=2e-3)


def test_regions_are_cores():
    crowd = figures.people(SAMPLED)
    regions = figures.near_top(SAMPLED, *A, said("near"))["data"][:3]
    for region, level in zip(regions, (0.95, 0.9, 0.5), strict=True):
        drops = gaussian.drop_from_mle(crowd.summary, region["x"], region["y"])
        assert drops == pytest.approx(np.full(drops.shape, gaussian.likelihood_ratio_drop(level)))


def test_slices_pass_through_the_candidate_with_cores_slope():
    crowd = figures.people(SAMPLED)
    made = figures.slices(SAMPLED, 175.0, 6.0, said("slices"))
    slope = [rise / 500 for rise in gaussian.score(crowd.summary, 175.0, 6.0)]
    total = pytest.approx(float(gaussian.log_likelihood(crowd.summary, 175.0, 6.0)) / 500)
    for i, (at, rise) in enumerate(zip((175.0, 6.0), slope, strict=True)):
        tangent, mark = made["data"][4 * i + 1], made["data"][4 * i + 3]
        assert (mark["x"][0], mark["y"][0]) == (at, total)
        assert np.diff(tangent["y"]) / np.diff(tangent["x"]) == pytest.approx([float(rise)])


def test_a_candidate_below_the_slices_is_named_instead_of_drawn():
    made = figures.slices(SAMPLED, 190.0, 1.0, said("slices"))
    assert np.isnan(made["data"][3]["x"][0])
    assert "A ↓" in made["layout"]["annotations"][1]["text"]


def test_the_running_product_is_the_sum_of_logarithms():
    made = figures.running_product(SAMPLED, *A, *B, said("product"))
    sums = np.cumsum(gaussian.log_density(values_of(SAMPLED), *A)) / math.log(10)
    line = made["data"][1]
    assert line["y"][0] == 0.0
    shown = ~np.isnan(line["y"])
    places = line["x"][shown][1:].astype(int)
    assert line["y"][shown][1:] == pytest.approx(sums[places - 1])
    assert made["data"][3]["x"][0] == gaussian.underflow_index(values_of(SAMPLED), *A).zero


def test_the_climb_is_cores_trail_and_ends_at_the_top():
    crowd = figures.people(SAMPLED)
    trail = figures.climb(crowd.summary, *B, "newton", 0.1)
    made = figures.trail_map(SAMPLED, *B, "newton", 0.1, figures.STEPS, said("trail"))
    walked = made["data"][-2]
    assert walked["x"][: trail.steps + 1] == pytest.approx(trail.points[:, 0])
    assert (walked["x"][-1], walked["y"][-1]) == pytest.approx(gaussian.fit(crowd.summary))
    lines = figures.climb_lines(SAMPLED, *B, "newton", 0.1, figures.STEPS, said("climb_lines"))["lines"]
    assert lines[-1][0]["text"] == WORDS("climb_lines.arrived")


def test_a_step_not_taken_is_not_drawn():
    made = figures.rise(SAMPLED, *B, "gradient", 0.1, 3, said("rise"))
    assert np.isnan(made["data"][1]["y"][4:]).all()
    assert not np.isnan(made["data"][1]["y"][:4]).any()


def test_own_numbers_are_drawn_and_nothing_here_holds_them():
    brought = figures.OwnData("1234", np.array([1000.0, 1010.0, 1020.0, 1030.0, 1005.0]))
    seen = weakref.ref(brought)
    own = figures.Own("1234", seen)
    source = figures.Source("own", "none", own)
    assert figures.people(source).summary == gaussian.summarize(brought.values)
    low, high, step = figures.candidate_range("mu", "own", "none", own)
    assert low < 1000.0 < 1030.0 < high
    assert (high - low) / step <= 200
    begun = figures.start("own", "none", own)
    assert begun["mu"] == pytest.approx(1013.0, abs=step)
    for figure in every_figure(source, (begun["mu"], begun["sigma"]), (begun["mu_b"], begun["sigma_b"])):
        go.Figure(data=resolve(figure["data"]), layout=resolve(figure["layout"]))
    del brought
    assert seen() is None


def test_sliders_of_candidates_have_at_most_two_hundred_stops():
    for kind, unit in (("sampled", "cm"), ("sampled", "m"), ("five", "none"), ("waiting", "min")):
        for parameter in ("mu", "sigma"):
            low, high, step = figures.candidate_range(parameter, kind, unit, None)
            assert round((high - low) / step) <= 200
