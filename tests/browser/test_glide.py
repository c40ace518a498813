"""A preset shows its change: marks go to their new places, a line says what changed, a hand wins at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from pages.shared.catalog import load
from tests.browser.conftest import Visit
from tests.browser.driver import MOVING

# Press something, and look at marks in each animation frame until the figures have come to rest. The clock
# goes on by 16 ms a frame, however long one takes on a machine that is busy.
FOLLOW = """
async ([button, mark]) => {
  const live = document.querySelector(".ll").__live;
  let clock = performance.now();
  const frame = requestAnimationFrame;
  performance.now = () => clock;
  globalThis.requestAnimationFrame = (act) => frame(() => act(clock));
  const next = () => new Promise((done) => frame(() => done((clock += 16))));
  const turn = live.model.changed.turn;
  const look = () => [...document.querySelectorAll(mark)].map((node) => node.getAttribute("d")).join();
  document.querySelector(button).click();
  const found = [];
  let glides = false;
  while (live.model.changed.turn === turn || live.glide) {
    glides ||= Boolean(live.glide);
    if (live.glide) found.push(look());
    await next();
  }
  found.push(look());
  delete performance.now;
  globalThis.requestAnimationFrame = frame;
  return { glides, found };
}
"""
# Press a preset, and take a slider while the marks are under way.
GRAB = """
async ([button, key]) => {
  const live = document.querySelector(".ll").__live;
  document.querySelector(button).click();
  while (!live.glide) await new Promise(requestAnimationFrame);
  const range = live.controls[key].range;
  range.dispatchEvent(new PointerEvent("pointerdown", { button: 0, pointerType: "mouse", bubbles: true }));
  const there = !live.glide && Object.values(live.views).every((view) => !view.painted);
  range.dispatchEvent(new PointerEvent("pointerup", { button: 0, pointerType: "mouse", bubbles: true }));
  return there;
}
"""
LINE = ".ll-figure[data-view=curves] .scatterlayer .js-line"


def test_a_preset_moves_the_marks_there_and_says_what_changed(visit: Visit) -> None:
    tab = visit("heights", "lang=en&mu=184&mu_b=172", **MOVING)
    line = tab.page.locator(".ll-changed")
    expect(line).to_have_text(load("heights", "en")("live.hint"))
    seen = tab.page.evaluate(FOLLOW, [".ll-preset[data-preset=best]", LINE])
    assert seen["glides"]
    assert len({*seen["found"]}) > 9, "the curve jumps"
    expect(line).to_have_text(
        "Mean μ of curve A 184 → 172 · Mean μ of curve B 172 → 184 · log L(A) −3056.01 → −1498.13"
    )
    tab.settled().in_step()
    # At rest it is what plotly.js draws.
    drawn = tab.page.evaluate(
        """(mark) => {
          const live = document.querySelector(".ll").__live;
          const marks = [...document.querySelectorAll(mark)];
          const look = () => marks.map((node) => node.getAttribute("d")).join();
          const before = look();
          live.views.curves.draw();
          return [before, look()];
        }""",
        LINE,
    )
    assert drawn[0] == drawn[1] == seen["found"][-1]
    tab.type("mu", "180")
    expect(line).to_have_text(load("heights", "en")("live.hint"))


@pytest.mark.exhaustive
def test_a_watch_out_box_shows_its_change(visit: Visit) -> None:
    tab = visit("cross_entropy", "lang=ko", **MOVING)
    tab.page.locator("[class*=st-key-watch-] button").last.click()
    expect(tab.page.locator(".ll-changed")).to_contain_text("→")
    tab.settled().in_step()


def test_a_hand_wins_at_once(visit: Visit) -> None:
    tab = visit("heights", "lang=en&mu=184&mu_b=172", **MOVING)
    assert tab.page.evaluate(GRAB, [".ll-preset[data-preset=best]", "mu"])
    tab.settled().in_step()


@pytest.mark.exhaustive
def test_nothing_moves_for_whom_movement_is_too_much(visit: Visit) -> None:
    tab = visit("heights", "lang=en&mu=184&mu_b=172", **MOVING)
    tab.page.emulate_media(reduced_motion="reduce")
    assert not tab.page.evaluate(FOLLOW, [".ll-preset[data-preset=best]", LINE])["glides"]
    tab.settled().in_step()
