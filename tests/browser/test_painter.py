"""What the painter leaves against what plotly.js draws for the same stop: the same picture, to the pixel.

Mostly even the nodes are the same, and then nothing is photographed.
"""

from __future__ import annotations

import base64
import io
import random
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.browser.conftest import Visit
from tests.browser.driver import LESSONS, LessonPage, few_lessons
from tests.browser.scripts import FRESH, PLOT_AGAIN, WALK
from tests.machine import EXHAUSTIVE, some

LEVELS = 16  # of a channel, that antialiasing may take
TALL = 2400  # px of the window: all of a section's figures and sliders
LOOKS = [("light", 1440), ("dark", 380)]

# What plotly.js draws at many stops, and why. Of the others it draws a few: steps of an axis, above all.
PLOTTED = {
    "softmax.columns:shift": "the constant stands in the names of an axis, and its letters come and go",
    "softmax.jacobian:": "the colours of its cells are plotly.js's, by a scale",
    "nll.gradient:t": "an axis goes with the gradient",
    "nll.descent:rate": "an axis goes with the steps",
    "heights.surface:": "level lines may end farther away than plotly.js draws them",
    "heights.estimate:n": "a curve is there for some stops only",
    "heights.price:true_sigma": "the axis goes with sigma",
    "output_units.point:": "the colours of the bars change",
    "output_units.descent:degree": "an axis goes with the errors",
}


def walk(last: int, seed: str) -> list[int]:
    """Return stops to go to: from two places on to their neighbours."""
    chance = random.Random(seed)
    return [
        min(last, start + i) for start in (chance.randint(0, last), chance.randint(0, last)) for i in range(3)
    ]


def pixels(tab: LessonPage, clip: dict[str, float]) -> NDArray[np.int16]:
    """Return what a part of the window shows, all drawn at once: pieces that were kept have other edges."""
    tab.page.evaluate(FRESH)
    # Without what Playwright does around it, and packed loosely: half of the work.
    how = {"optimizeForSpeed": True, "clip": {**clip, "scale": 1}}
    shot = base64.b64decode(tab.devtools.send("Page.captureScreenshot", how)["data"])
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), dtype=np.int16)


def bring_frames(tab: LessonPage, key: str) -> None:
    """Bring a slider to sight and have its frames for all that is on the screen, without a pointer at it."""
    tab.bring(key).drawn()
    tab.until(
        f"(live.prepare('{key}'), !live.framesOf('{key}')?.rough.length)"
        f" && live.onScreen().every((view) => live.framesOf('{key}')?.views.has(view))"
    )


def put_back(tab: LessonPage, key: str) -> None:
    """Have a slider where it stands when nothing is held, and all drawn by plotly.js."""
    tab.page.evaluate(WALK, [key, [int(tab.slider(key).input_value())]])
    tab.live("(live.hand.letGo(), Object.values(live.views).forEach((view) => view.rest?.()))")


def expect_same(tab: LessonPage, key: str, seed: str) -> dict[str, list[int]]:
    """Walk over stops of a slider, and compare; return how often each figure was painted and plotted."""
    stops = walk(int(tab.slider(key).evaluate("(range) => Number(range.max)")), seed)
    found: dict[str, Any] = tab.page.evaluate(WALK, [key, stops])
    # The same nodes with the same attributes are the same picture; of others one is taken.
    differ = tab.page.evaluate(PLOT_AGAIN, found["painted"])
    put_back(tab, key)
    if differ:
        assert {*differ} <= {*tab.page.evaluate(WALK, [key, stops])["painted"]}
        left = pixels(tab, found["clip"])
        tab.page.evaluate(PLOT_AGAIN, differ)
        wrong = np.abs(left - pixels(tab, found["clip"])).max(axis=2)
        put_back(tab, key)
        for view in differ:
            top, bottom, start, end = found["boxes"][found["painted"].index(view)]
            there = wrong[top:bottom, start:end]
            # What stands just beyond the window's edge is drawn, too, and is not on the picture.
            if not there.size:
                continue
            assert there.max() <= LEVELS, (
                f"{key} at {stops}: {(there > LEVELS).sum()} pixels of {view} differ by up to {there.max()}, "
                f"first at {np.argwhere(there > LEVELS)[0]}"
            )
    return {view: [painted, plotted] for view, painted, plotted in found["counts"]}


def framed(tab: LessonPage, name: str) -> list[tuple[str, str]]:
    """Return sliders, and the tab to open for each: all sliders with the first tab, a few with the others."""
    found = []
    for i in range(len(tab.lesson.sections)):
        sliders = tab.sliders(i)
        views = tab.live(f"live.model.sections[{i}].tabs.map(([view]) => view)")
        for view in views or [""]:
            few = random.Random(f"{name} {view}").sample(sliders, min(2, len(sliders)))
            found += [(view, key) for key in (few if view in views[1:] else sliders)]
    return found


@pytest.mark.sampled
@few_lessons(1, without=("quiz",))
def test_painted_is_plotted(name: str, visit: Visit) -> None:
    """At stops of each framed slider the painter's picture is plotly.js's, and most are the painter's."""
    tab = visit(name)
    counts: dict[str, list[int]] = {}
    presets = tab.page.locator(".ll-preset").evaluate_all("(all) => all.map(({ dataset }) => dataset.preset)")
    # Of every other lesson a preset, too, in the other look.
    more = min(LESSONS.index(name) % 2, len(presets))
    states = ["", *random.Random(name).sample(presets, more)]
    looks = random.Random(name).sample(LOOKS, 2)
    for state, (scheme, width) in zip(states if EXHAUSTIVE else states[:1], looks, strict=False):
        tab.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        tab.page.set_viewport_size({"width": width, "height": TALL})
        tab.until(f"live.root.dataset.theme === '{scheme}'")
        if state:
            tab.page.locator(f".ll-preset[data-preset={state}]").click()
            tab.until("live.seq > 0")
        tab.settled()
        # In a preset every other of them.
        for view, key in some(framed(tab, name)[:: 2 if state else 1], 3, name):
            if view:
                tab.page.locator(f"#ll-tab-{view}").evaluate("(tab) => tab.click()")
            bring_frames(tab, key)
            for seen, both in expect_same(tab, key, f"{name} {state} {key}").items():
                total = counts.setdefault(f"{name}.{seen}:{key}", [0, 0])
                counts[f"{name}.{seen}:{key}"] = [total[0] + both[0], total[1] + both[1]]
    assert sum(painted for painted, _ in counts.values()) > 0
    lazy = {
        view: f"painted {painted}, plotted {plotted}"
        for view, (painted, plotted) in counts.items()
        if plotted > max(2, painted) and not view.startswith(tuple(PLOTTED))
    }
    assert not lazy, lazy


def test_plotly_knows_what_was_painted_once_the_hand_rests(visit: Visit) -> None:
    """What hovering shows is plotly.js's own: after a drag, and after one that ends where it began."""
    tab = visit("cross_entropy")
    held = "[...live.views.terms.plot.data[0].x]"
    drawn = "live.views.terms.plot.calcdata[0].map(({ s }) => s)"
    tab.hover("p1")
    start = int(tab.slider("p1").input_value())
    for end in (start + 4, start + 4):
        tab.press("p1")
        tab.page.mouse.move(*tab.place("p1", start + 2))
        tab.drawn()
        assert tab.live("live.views.terms.painted")
        assert tab.live(held) != tab.live(drawn)
        tab.page.mouse.move(*tab.place("p1", end))
        tab.page.mouse.up()
        tab.until("live.dirty === undefined")
        tab.settled()
        assert not tab.live("Object.values(live.views).some((view) => view.painted)")
        assert tab.live(held) == tab.live(drawn)


def test_nothing_that_hovering_showed_stays_while_marks_move(visit: Visit) -> None:
    """Keys move a slider under a pointer that rests on a figure."""
    tab = visit("cross_entropy")
    labels = "live.views.terms.plot.querySelectorAll('.hoverlayer .hovertext').length"
    tab.slider("p1").focus()
    tab.framed("p1")
    bar = tab.page.locator("[data-view=terms] .bars .point path").first.bounding_box()
    assert bar is not None
    tab.page.mouse.move(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    tab.until(labels)
    tab.page.keyboard.press("ArrowRight")
    tab.until("live.views.terms.drawn.painted > 0")
    assert not tab.live(labels)
    tab.settled()


# Measures more texts for the bars of a figure than sizes are kept.
MANY = """
(name) => {
  const { model, painter } = document.querySelector(".ll").__live.views[name];
  const trace = model.data.findIndex((_, i) => painter.mark("data", i)?.measured?.length);
  painter.foresee([name, "data", trace, "text"], [Array.from({ length: 20_001 }, (_, i) => `${i}`)]);
}
"""


@pytest.mark.exhaustive
def test_what_was_measured_may_be_forgotten_between_two_pictures(visit: Visit) -> None:
    """Also the sizes of those texts that the next picture leaves as they are."""
    tab = visit("cross_entropy")
    tab.hover("q1").press("q1")
    for stop in range(60, 68):
        painted = tab.live("live.views.cost.drawn.painted")
        tab.page.mouse.move(*tab.place("q1", stop))
        tab.drawn()
        assert tab.live("live.views.cost.drawn.painted") > painted
        tab.expect_views(tab.screen())
        tab.page.evaluate(MANY, "cost")
    tab.page.mouse.up()
    tab.until("live.dirty === undefined")
    tab.settled().in_step()
