"""Figures under the finger: what moves while a slider is held, what is sent, and what is true afterwards."""

from __future__ import annotations

import json
import math
import random

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.driver import LessonPage, SlowLine, few, few_lessons
from tests.browser.scripts import PICTURES, WATCH
from tests.conftest import first_slider
from tests.machine import EXHAUSTIVE, some


def swing(tab: LessonPage, key: str, *, width: float = 60, moves: int = 45) -> None:
    """Move the held thumb to and fro, a picture at a time."""
    x, y = tab.place(key)
    for i in range(1, moves + 1):
        tab.page.mouse.move(x + width * math.sin(i / 6), y)


def let_go(tab: LessonPage) -> None:
    """Fail unless what is shown under the hand is right, and once it has let go."""
    tab.drawn()
    tab.expect_views(tab.screen())
    tab.page.mouse.up()
    tab.until("live.dirty === undefined")
    tab.settled().in_step()


def elsewhere(tab: LessonPage, visit: Visit) -> None:
    """Fail unless a browser that opens the address sees what this one shows."""
    seen = tab.in_step()
    other = visit(viewport=tab.page.viewport_size)
    other.page.goto(tab.page.url)
    other.arrived(tab.name).expect(tab.values(seen), language=seen["language"])


# ---- A drag ----

# Listens as Streamlit's page does: to all that comes by on its way down to a slider and back up.
LISTEN = """
() => {
  globalThis.heard = [];
  const note = ({ type, currentTarget }) => heard.push(`${type} at ${currentTarget.nodeName}`);
  const above = [document.documentElement, document.querySelector("[data-testid=stMain]")];
  for (const type of ["pointermove", "mousemove", "input"]) {
    document.addEventListener(type, note);
    for (const node of above) for (const down of [true, false]) node.addEventListener(type, note, down);
  }
}
"""


@pytest.mark.sampled
@few("name", ["softmax", "cross_entropy", "heights"])
def test_figure_moves_while_the_button_is_down_and_nothing_is_sent(name: str, visit: Visit) -> None:
    """Neither to the server nor to what listens in Streamlit's page."""
    tab = visit(name)
    tab.page.evaluate(LISTEN)
    for key in some(tab.sliders()[:3], 1, name):
        tab.hover(key)
        before, stats, shown = tab.screen(), tab.live("({...live.stats})"), tab.page.evaluate(PICTURES)
        sent = len(tab.sent)
        tab.press(key)
        tab.page.evaluate("heard.length = 0")
        pictures = []
        for share in (0.25, 0.5, 0.75):
            last = tab.slider(key).evaluate("(r) => Number(r.max)")
            tab.page.mouse.move(*tab.place(key, round(share * last)))
            tab.drawn()
            seen = tab.screen()
            tab.expect_views(seen)
            tab.expect_controls(seen)
            assert seen["url"] == before["url"]
            pictures.append(seen["views"])
        assert pictures[0] != pictures[1] != pictures[2]
        swing(tab, key)
        tab.drawn()
        assert len(tab.sent) == sent, "messages were sent while the button was down"
        now = tab.live("({...live.stats})")
        events, drawn = now["events"] - stats["events"], now["drawn"] - stats["drawn"]
        assert events >= 20
        assert drawn >= 0.98 * events, f"{drawn} pictures for {events} events"
        most = max(count - shown[view] for view, count in tab.page.evaluate(PICTURES).items())
        assert most >= 0.98 * events, f"{most} pictures of a figure for {events} events"
        assert tab.page.evaluate("heard") == []
        tab.page.mouse.up()
        # An open hand is heard as before.
        tab.page.mouse.move(*tab.place(key))
        assert {"pointermove at HTML", "mousemove at HTML"} <= {*tab.page.evaluate("heard")}
        tab.until("live.seq > 0 && live.dirty === undefined")
        tab.settled()
        assert len(tab.sent) > sent
    elsewhere(tab, visit)


# Frames are compared with Python's pictures without a browser, too, and what is painted by test_painter.py.
STOPS = {"softmax": 40, "cross_entropy": 40, "heights": 40} if EXHAUSTIVE else {}


@pytest.mark.sampled
@few_lessons(1)
def test_no_wrong_frame(name: str, visit: Visit) -> None:
    """At random stops of random sliders the figures on the screen are Python's, to float32."""
    chance = random.Random(f"stops of {name}")
    tab = visit(name)
    sliders = [key for section in range(len(tab.lesson.sections)) for key in tab.sliders(section)]
    left = STOPS.get(name, 16)
    while left > 0:
        key = chance.choice(sliders)
        tab.hover(key).press(key)
        last = tab.slider(key).evaluate("(r) => Number(r.max)")
        for _ in range(min(left, 8 if name in STOPS else 4)):
            stop = chance.randint(0, last)
            tab.page.mouse.move(*tab.place(key, stop))
            tab.drawn()
            seen = tab.screen()
            assert abs(seen["controls"][key]["thumb"] - stop) <= max(1, last / 100)
            tab.expect_views(seen)
            left -= 1
        tab.page.mouse.up()
        tab.until("live.dirty === undefined")
        tab.settled().in_step()


@pytest.mark.exhaustive
def test_drawn_letters_follow_too(visit: Visit) -> None:
    """What Plotly has drawn, read from the SVG itself: the labels of the bars, and their lengths."""
    tab = visit("softmax")
    tab.hover("z3").press("z3")
    lengths = []
    for stop in (30, 100, 170):
        tab.page.mouse.move(*tab.place("z3", stop))
        tab.drawn()
        bars = tab.screen()["views"]["columns"]["data"]
        drawn = tab.page.locator("[data-view=columns] :is(.bartext, .textpoint)").all_text_contents()
        wanted = [text.strip() for trace in bars for text in trace.get("text") or ()]
        assert sorted(filter(None, map(str.strip, drawn))) == sorted(filter(None, wanted))
        boxes = tab.page.locator("[data-view=columns] .bars .point path").evaluate_all(
            "(paths) => paths.map((path) => path.getBBox().width)"
        )
        lengths.append(boxes)
    assert len({len(widths) for widths in lengths}) == 1
    assert lengths[0] != lengths[1] != lengths[2]
    tab.page.mouse.up()


@pytest.mark.exhaustive
def test_two_live_figures_both_move(visit: Visit) -> None:
    tab = visit("softmax")
    tab.hover("t").press("t")
    before = tab.screen()["views"]
    tab.page.mouse.move(*tab.place("t", 80))
    tab.drawn()
    after = tab.screen()["views"]
    for view in ("columns", "simplex", "formula"):
        assert before[view] != after[view], f"{view} stood still"
    tab.page.mouse.up()
    tab.page.get_by_role("tab", name="p against T").click()
    tab.settled()
    tab.hover("t").press("t")
    tab.page.mouse.move(*tab.place("t", 20))
    tab.drawn()
    seen = tab.screen()
    assert "temperature" in seen["views"]
    assert "simplex" not in seen["views"]
    tab.expect_views(seen)
    tab.page.mouse.up()
    tab.until("live.dirty === undefined")
    tab.settled().in_step()


# Moves a held slider in each frame, takes so many ms more over each picture of a figure, and says how often
# each view was written.
MOVES = """
async ([key, name, ms]) => {
  const live = document.querySelector(".ll").__live;
  const busy = () => { for (const end = performance.now() + ms; performance.now() < end;); };
  const observer = new MutationObserver(busy);
  observer.observe(live.views[name].plot, { attributes: true, subtree: true });
  const written = {};
  for (const [view, drawn] of Object.entries(live.views)) {
    const { update } = drawn;
    drawn.update = function (changes) {
      if (changes) written[view] = (written[view] ?? 0) + 1;
      return update.call(this, changes);
    };
  }
  const { range } = live.controls[key];
  for (let i = 0; i < 60; i++) {
    range.value = Number(range.value) + (i % 20 < 10 ? 1 : -1);
    range.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((done) => requestAnimationFrame(done));
  }
  observer.disconnect();
  for (const drawn of Object.values(live.views)) delete drawn.update;
  return written;
}
"""


@pytest.mark.exhaustive
def test_on_a_slow_machine_the_figure_beside_waits(visit: Visit) -> None:
    """The first follows each movement, as the formula does; in the end all are right."""
    tab = visit("softmax")
    tab.hover("z1").press("z1")
    written = tab.page.evaluate(MOVES, ["z1", "columns", 25])
    assert written["columns"] >= 40
    assert written["formula"] >= 0.95 * written["columns"]
    share = written["simplex"] / written["columns"]
    assert 0.25 <= share <= 0.6, f"{share} of the pictures beside"
    let_go(tab)


@pytest.mark.exhaustive
def test_a_table_is_written_at_every_second_picture(visit: Visit) -> None:
    tab = visit("heights")
    tab.hover("mu").press("mu")
    written = tab.page.evaluate(MOVES, ["mu", "curves", 0])
    assert written["curves"] >= 40
    assert 0.4 <= written["numbers"] / written["curves"] <= 0.6
    let_go(tab)


@pytest.mark.exhaustive
def test_figure_without_frames_joins_the_drag_when_they_come(visit: Visit) -> None:
    """A tab is opened and the slider taken before the new figure's frames can be there."""
    tab = visit("softmax")
    tab.hover("t")
    tab.page.get_by_role("tab", name="p against T").evaluate("(button) => button.click()")
    tab.press("t")
    tab.page.mouse.move(*tab.place("t", 30))
    tab.until("live.framesOf('t')?.views.has('temperature')")
    tab.drawn()
    seen = tab.screen()
    assert "temperature" in tab.expect_views(seen)
    tab.page.mouse.move(*tab.place("t", 90))
    tab.drawn()
    assert "temperature" in tab.expect_views(tab.screen())
    tab.page.mouse.up()
    tab.until("live.dirty === undefined")
    tab.settled().in_step()


def laid_out(tab: LessonPage, key: str, stops: range) -> list[bool]:
    """Go to stops; return of each time that the browser laid something out whether it was only parts."""
    browser = tab.page.context.browser
    assert browser is not None
    browser.start_tracing(page=tab.page, categories=["devtools.timeline"])
    for stop in stops:
        tab.page.mouse.move(*tab.place(key, stop))
        tab.drawn()
    events = json.loads(browser.stop_tracing())["traceEvents"]
    found = [event["args"]["beginData"] for event in events if "beginData" in event.get("args", ())]
    return [begin["partialLayout"] for begin in found if "partialLayout" in begin]


@few("name, key, first", [("softmax", "z1", 140), ("cross_entropy", "q1", 60), ("heights", "mu", 60)])
def test_in_a_drag_the_page_around_is_not_laid_out_again(
    name: str, key: str, first: int, visit: Visit
) -> None:
    """Texts have the heights that they had when the hand began, until it is open."""
    tab = visit(name)
    tab.hover(key).press(key)
    tab.page.mouse.move(*tab.place(key, first))
    tab.drawn()
    held = tab.page.locator(".ll-held")
    assert held.count()
    places = tab.page.evaluate(PLACES)
    partial = laid_out(tab, key, range(first + 1, first + 9))
    assert len(partial) >= 8
    assert all(partial)
    assert tab.page.evaluate(PLACES) == places
    tab.page.mouse.up()
    expect(held).to_have_count(0)
    tab.settled().in_step()


@pytest.mark.exhaustive
def test_a_program_has_room_for_another_line_under_the_hand(visit: Visit) -> None:
    tab = visit("cross_entropy", viewport={"width": 1440, "height": 4000})
    code = tab.page.locator(".ll-code")
    code.get_by_role("tab").last.click()
    # Without a logarithm of 0 the program has a line less.
    tab.type("q1", "0").settled()
    tab.hover("q1").press("q1")
    counts = set()
    for stop in (60, 0, 1):
        tab.page.mouse.move(*tab.place("q1", stop))
        tab.drawn()
        pre, body = code.locator("pre"), code.locator("> div")
        counts.add((pre.text_content() or "").count("\n"))
        bottoms = [node.evaluate("(n) => n.getBoundingClientRect().bottom") for node in (pre, body)]
        assert bottoms[0] <= bottoms[1] + 0.5, stop
    assert len(counts) == 2
    let_go(tab)


# What is left out, by its upper edge.
SPARED = """() => [...document.querySelectorAll("*")].filter((node) => node.style.contentVisibility)
  .map((node) => node.getBoundingClientRect().top)"""
# Where everything stands on the page, in which a lesson is a part: each part and each section with its room.
PLACES = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  const nodes = [main.firstElementChild, ...document.querySelectorAll(".ll-section")];
  for (let node = document.querySelector(".ll"); node !== main; node = node.parentNode)
    nodes.push(...node.parentNode.children);
  return [main.scrollHeight, ...nodes.filter((node) => node.getClientRects().length).map((node) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    return [left, top + main.scrollTop, width, height];
  })];
}"""


@few("viewport", [{"width": 1440, "height": 900}, {"width": 380, "height": 700}])
def test_what_is_out_of_sight_is_left_out_of_a_drag(viewport: dict[str, int], visit: Visit) -> None:
    """The browser does not paint it then, and nothing moves; whoever scrolls or lets go finds all of it."""
    tab = visit("softmax", viewport=viewport)
    tab.hover("z1").settled()
    places = tab.page.evaluate(PLACES)
    tab.press("z1")
    spared = tab.page.evaluate(SPARED)
    assert len(spared) >= 3
    assert all(top > viewport["height"] or top < 0 for top in spared)
    assert tab.page.evaluate(PLACES) == places
    # The slider is back where it was: nothing is sent, and no answer brings back what is left out.
    tab.page.mouse.up()
    assert tab.page.evaluate(SPARED) == []
    tab.press("z1")
    assert tab.page.evaluate(SPARED) == spared
    tab.page.mouse.wheel(0, 40)
    tab.page.wait_for_function(f"!({SPARED})().length")
    assert tab.live("live.held") == "z1"
    assert tab.page.evaluate(PLACES) == places
    tab.page.mouse.move(*tab.place("z1", 30))
    tab.drawn()
    tab.page.mouse.up()
    tab.until("live.seq > 0")
    tab.settled().in_step()
    assert tab.page.evaluate(SPARED) == []


@pytest.mark.exhaustive
def test_nodes_stay(visit: Visit) -> None:
    """A drag and its answer draw on the same nodes; nothing is built anew."""
    tab = visit("softmax")
    nodes = "[...document.querySelectorAll('.ll-plot, .ll-range')]"
    tab.page.evaluate(f"() => {{ for (const node of {nodes}) node.mine = true; }}")
    tab.hover("z1").drag("z1", -60)
    tab.until("live.seq > 0")
    tab.settled()
    assert tab.page.evaluate(f"{nodes}.every((node) => node.mine)")


# ---- Mistakes already made ----


@pytest.mark.exhaustive
def test_drag_that_ends_where_it_began_holds_nothing(visit: Visit) -> None:
    """No change event comes then; a later answer must still move the thumb."""
    tab = visit("softmax")
    tab.hover("z1")
    x, y = tab.place("z1")
    for _ in range(2):
        tab.press("z1")
        for by in (5, 25, 40, 20, 0):
            tab.page.mouse.move(x + by, y)
        tab.page.mouse.up()
        tab.drawn()
    # Not moved at all.
    tab.press("z1").page.mouse.up()
    tab.settled().expect(tab.lesson.start)
    tab.page.locator(".ll-preset[data-preset=tie]").click()
    tab.until("live.values.z1 === 3")
    tab.settled().expect(tab.lesson.preset("tie", tab.lesson.start))


@pytest.mark.exhaustive
def test_stale_echo_does_not_put_the_slider_back(visit: Visit) -> None:
    """Two commits before the answer to the first: it must not undo the second."""
    tab = visit("softmax", line=SlowLine(0.3))
    tab.hover("z1")
    tab.drag("z1", -60)
    assert tab.live("live.answered !== live.seq"), "the answer was too quick for this test"
    tab.drag("z1", 90)
    wanted = tab.value("z1")
    tab.page.evaluate(WATCH, "z1")
    tab.settled()
    # The pictures after the last answer count too.
    tab.page.wait_for_timeout(700)
    assert len(tab.page.evaluate("watched")) == 1, "the slider went back"
    assert tab.value("z1") == wanted
    tab.in_step()


@pytest.mark.exhaustive
def test_stale_echo_while_the_newer_commit_waits(visit: Visit) -> None:
    """The same with messages under way: a drag of two dimensions, then a slider, then the old answers."""
    tab = visit("softmax", line=SlowLine(0.3))
    x, y = tab.grip("simplex")
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    for i in range(6):
        tab.page.mouse.move(x + 4 * i, y - 6 * i)
    tab.page.mouse.up()
    tab.hover_without_waiting("t").drag("t", 40)
    wanted = tab.value("t")
    tab.page.evaluate(WATCH, "t")
    tab.settled()
    tab.page.wait_for_timeout(700)
    assert len(tab.page.evaluate("watched")) == 1, "the slider went back"
    assert tab.value("t") == wanted
    tab.in_step()


@pytest.mark.exhaustive
def test_lost_message_does_not_block(visit: Visit) -> None:
    """An answer that never comes: of a picture in a drag, of a commit."""
    line = SlowLine(0)
    tab = visit("softmax", line=line)
    # The answer to a picture of a drag in two dimensions.
    x, y = tab.grip("simplex")
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    line.lose = 1
    tab.page.mouse.move(x + 3, y - 3)
    tab.page.wait_for_timeout(100)
    assert line.lost == 1
    before = tab.live("live.stats.sent")
    tab.follow_until(lambda i: (x + 20 * math.sin(i / 5), y - 20), f"live.stats.sent >= {before + 3}")
    tab.page.mouse.up()
    tab.settled().in_step()
    # A commit.
    tab.hover("z2")
    line.lose = 1
    tab.drag("z2", -50)
    tab.page.wait_for_timeout(200)
    assert line.lost == 2
    tab.settled().in_step()


@pytest.mark.exhaustive
def test_rerun_of_the_page_does_not_move_the_thumb(visit: Visit) -> None:
    tab = visit("softmax")
    tab.hover("z1").press("z1")
    tab.page.mouse.move(*tab.place("z1", 60))
    tab.drawn()
    held = tab.value("z1")
    tab.page.evaluate(WATCH, "z1")
    # The language switch, pressed by another hand while this one holds the thumb.
    korean = tab.page.get_by_test_id("stMain").get_by_text("한국어", exact=True)
    korean.evaluate("(b) => (b.closest('button, label') ?? b).click()")
    tab.until("live.late?.language === 'ko'")
    tab.page.wait_for_timeout(300)
    assert tab.value("z1") == held
    assert len(tab.page.evaluate("watched")) == 1, "the thumb moved under the finger"
    # The hand goes on where it is, and what it lets go of is what holds.
    tab.page.mouse.move(*tab.place("z1", 90))
    tab.drawn()
    assert tab.screen()["controls"]["z1"]["thumb"] == 90
    held = tab.value("z1")
    tab.page.mouse.up()
    tab.until("live.model.language === 'ko'")
    seen = tab.settled().in_step()
    assert seen["values"]["z1"] == held


def test_state_chosen_elsewhere_takes_the_hand_off(visit: Visit) -> None:
    """A watch-out button pressed while a thumb is held: the state it names comes on the screen and stays."""
    tab = visit("softmax")
    wanted = tab.lesson.preset(tab.words("watch.inputs.preset"), tab.values())
    tab.hover("z1").press("z1")
    tab.page.mouse.move(*tab.place("z1", 60))
    tab.drawn()
    tab.page.locator("[class*=st-key-watch-softmax-inputs] button").evaluate("(b) => b.click()")
    tab.until(f"live.values.z3 === {wanted.z3}")
    tab.page.mouse.up()
    tab.page.wait_for_timeout(300)
    tab.settled().expect(wanted)


@pytest.mark.exhaustive
def test_release_over_a_neighbour_loses_nothing(visit: Visit) -> None:
    """The commit of one slider and the wish for the frames of the next fall into one turn of the browser."""
    tab = visit("softmax")
    for key, neighbour in (("t", "z1"), ("z1", "z2"), ("z3", "z2")):
        tab.hover(key).press(key)
        tab.page.mouse.move(*tab.place(key, 50))
        tab.drawn()
        seq = tab.live("live.seq")
        # The pointer drifts on to the next slider, and lets go there.
        tab.page.mouse.move(*tab.place(neighbour))
        tab.page.mouse.up()
        tab.until(f"live.seq > {seq}")
        tab.until(f"live.framesOf('{neighbour}')")
        tab.settled().in_step()
        assert tab.url_values()[key] != str(tab.lesson.start[key])


# ---- Other hands ----


@pytest.mark.exhaustive
def test_rapid_change_from_one_slider_to_the_other(visit: Visit) -> None:
    tab = visit("softmax")
    wanted = {}
    for turn in range(4):
        for key, by in (("z1", -30), ("t", 25), ("z3", 35)):
            tab.drag(key, by if turn % 2 else -by, steps=4)
            wanted[key] = tab.value(key)
    seen = tab.settled().in_step()
    assert {key: seen["values"][key] for key in wanted} == wanted
    elsewhere(tab, visit)


@pytest.mark.exhaustive
def test_hand_that_is_back_at_once_is_not_disturbed(visit: Visit) -> None:
    """A drag right after a drag: what the browser says late of the first sends nothing during the second."""
    tab = visit("softmax")
    tab.hover("t").drag("t", 40, steps=3)
    tab.press("t")
    seq = tab.live("live.seq")
    for stop in (20, 60, 90):
        tab.page.mouse.move(*tab.place("t", stop))
        tab.page.wait_for_timeout(200)  # all three are longer than what is said late waits
        tab.drawn()
        tab.expect_views(tab.screen())
        assert tab.live("live.held") == "t"
        assert tab.live("live.seq") == seq
    tab.page.mouse.up()
    tab.settled().in_step()


@pytest.mark.exhaustive
def test_keys_are_settled_before_the_hand_takes_another_slider(visit: Visit) -> None:
    tab = visit("softmax")
    tab.hover("z1")
    tab.slider("t").focus()
    tab.framed("t")
    tab.page.keyboard.press("ArrowRight")
    tab.press("z1")
    tab.page.mouse.move(*tab.place("z1", 120))
    wanted = tab.values()
    assert tab.live("live.held") == "z1"
    tab.page.wait_for_timeout(500)
    assert tab.live("live.held") == "z1"
    tab.page.mouse.up()
    tab.until("live.dirty === undefined")
    seen = tab.settled().in_step()
    assert seen["values"] == dict(wanted)
    assert wanted.t != tab.lesson.start.t


@pytest.mark.exhaustive
def test_wheel_of_keys_held_down(visit: Visit) -> None:
    """Keys repeat faster than answers come: the figure follows each, and one commit follows the last."""
    tab = visit("softmax")
    tab.slider("t").focus()
    tab.framed("t")
    before, seq = tab.live("live.stats.drawn"), tab.live("live.seq")
    for _ in range(15):
        tab.page.keyboard.press("ArrowRight", delay=5)
        tab.drawn()
    tab.until(f"live.seq > {seq}")
    seen = tab.settled().in_step()
    assert tab.live("live.stats.drawn") - before == 15
    stops = tab.lesson.by_key["t"].stops_in(tab.values())
    assert seen["values"]["t"] == stops[stops.index(1.0) + 15]


@pytest.mark.exhaustive
def test_player_starts_in_an_animation_frame_that_began_before(visit: Visit) -> None:
    """On a busy machine the first frame after the press bears an earlier time: it must not play backwards."""
    tab = visit("nll")
    tab.page.evaluate(
        """() => {
          const real = requestAnimationFrame;
          globalThis.requestAnimationFrame = (draw) => real((now) => draw(now - 500));
        }"""
    )
    tab.page.locator(".ll [data-key='step'] .ll-play").click()
    tab.until("live.values.step >= 3")
    tab.page.locator(".ll [data-key='step'] .ll-play").click()
    assert tab.settled().in_step()["values"]["step"] >= 3


@pytest.mark.exhaustive
def test_player_that_is_stopped_before_its_frames_are_there_stays_stopped(visit: Visit) -> None:
    tab = visit("output_units", line=SlowLine(0.2))
    tab.page.locator(".ll [data-key='step'] .ll-play").click()
    tab.page.locator(".ll-preset[data-preset='over_fit']").click()
    tab.until("live.framesOf('step') || live.values.degree === 12")
    tab.page.wait_for_timeout(700)
    tab.settled().expect(tab.lesson.preset("over_fit", tab.lesson.start))


def test_touch(visit: Visit) -> None:
    tab = visit("softmax", viewport={"width": 380, "height": 700}, has_touch=True, is_mobile=True)
    tab.bring("z1")
    session = tab.devtools

    def touch(kind: str, x: float = 0, y: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y, "id": 1}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = tab.place("z1")
    before = tab.value("z1")
    touch("touchStart", x, y)
    tab.until("live.framesOf('z1')")
    sent = len(tab.sent)
    for i in range(1, 16):
        touch("touchMove", x - 6 * i, y)
        tab.drawn()
    seen = tab.screen()
    assert seen["values"]["z1"] < before
    tab.expect_views(seen)
    tab.expect_controls(seen)
    assert len(tab.sent) == sent
    touch("touchEnd")
    tab.until("live.seq > 0")
    tab.settled().in_step()
    # A finger on a grip moves the grip, not the page.
    tab.page.get_by_role("tab", name="z → exp → p").click()
    tab.settled()
    x, y = tab.grip("columns", 1)
    before = tab.value("z2")
    seq = tab.live("live.seq")
    touch("touchStart", x, y)
    for i in range(1, 9):
        touch("touchMove", x - 3 * i, y)
        tab.page.wait_for_timeout(20)
    touch("touchEnd")
    tab.until(f"live.seq > {seq}")
    seen = tab.settled().in_step()
    assert seen["values"]["z2"] < before


@pytest.mark.exhaustive
def test_theme_and_language_switched_while_open(visit: Visit) -> None:
    tab = visit("softmax", "z1=1.5&z2=-3&t=2.5")
    values = tab.values()
    assert tab.in_step()["theme"] == "light"
    tab.page.emulate_media(color_scheme="dark")
    tab.until("live.root.dataset.theme === 'dark'")
    assert tab.settled().expect(values, language="en")["theme"] == "dark"
    tab.speak("ko")
    assert tab.expect(values, language="ko")["theme"] == "dark"
    # Frames asked for in one language and theme are not drawn in another.
    tab.hover("z1")
    tab.page.emulate_media(color_scheme="light")
    tab.until("live.root.dataset.theme === 'light'")
    tab.hover("z1").press("z1")
    tab.page.mouse.move(*tab.place("z1", 40))
    tab.drawn()
    seen = tab.screen()
    assert (seen["theme"], seen["language"]) == ("light", "ko")
    tab.expect_views(seen)
    tab.page.mouse.up()
    tab.until("live.seq > 0")
    tab.settled().in_step()


@pytest.mark.exhaustive
def test_a_name_that_looks_like_a_role_is_no_colour(visit: Visit) -> None:
    seen = visit("softmax", "c1=%40p").in_step()
    assert seen["views"]["columns"]["layout"]["yaxis"]["ticktext"][0] == "@p"


# Writes down, of a page that opens, when frames are asked for and when they come, and when figures are drawn.
# No frames take so long that a figure does without them.
OPENING = """
globalThis.opening = [];
const ask = globalThis.fetch;
globalThis.fetch = async (...given) => {
  const [, what] = /\\/frames\\/.*\\/(\\w+)\\?/.exec(given[0]) ?? [];
  if (!what) return ask(...given);
  opening.push(`${what} asked for`);
  const answer = await ask(...given);
  // Late: a figure that did not wait would be drawn before.
  for (let i = 0; i < 10; i += Math.min(1, drawn.size)) await new Promise(requestAnimationFrame);
  opening.push(`${what} came`);
  return answer;
};
const later = globalThis.setTimeout;
globalThis.setTimeout = (act, wait, ...more) => later(act, wait === 200 ? 1e6 : wait, ...more);
const drawn = new Set();
new MutationObserver(() => {
  for (const svg of document.querySelectorAll(".ll-figure .main-svg")) {
    const { view } = svg.closest(".ll-figure").dataset;
    if (!drawn.has(view)) opening.push(`${drawn.size ? "another" : "a"} figure`);
    drawn.add(view);
  }
}).observe(document, { childList: true, subtree: true });
"""


@few_lessons(1)
def test_frames_of_the_first_slider_come_with_the_page(name: str, visit: Visit) -> None:
    """Whoever grabs it right after opening the page waits for nothing, for a second figure neither."""
    tab = visit()
    tab.devtools.send("Page.enable")
    script = tab.devtools.send("Page.addScriptToEvaluateOnNewDocument", {"source": OPENING})
    tab.open(name)
    tab.devtools.send("Page.removeScriptToEvaluateOnNewDocument", script)
    (key,) = first_slider(tab.lesson, tab.values())
    tab.framed(key)
    opening = tab.page.evaluate("opening")
    assert opening[:3] == ["all asked for", "a figure", "all came"], opening
    assert tab.live("live.stats.sent") == 0
    tab.press(key)
    last = tab.slider(key).evaluate("(r) => Number(r.max)")
    tab.page.mouse.move(*tab.place(key, last))
    tab.drawn()
    tab.expect_views(tab.screen(), only=tab.lesson.sections[0].main[0])
    tab.page.mouse.up()
    tab.until("live.dirty === undefined")
    tab.settled().in_step()


@pytest.mark.exhaustive
def test_frames_of_the_first_slider_come_at_a_return_too(visit: Visit) -> None:
    tab = visit("softmax", "z1=1.5")
    tab.go("heights").go("softmax")
    tab.until("live.framesOf('t')")
    assert tab.value("z1") == 1.5
    tab.press("t")
    tab.page.mouse.move(*tab.place("t", 0))
    tab.drawn()
    tab.expect_views(tab.screen(), only="columns")
    tab.page.mouse.up()
    tab.until("live.dirty === undefined")
    tab.settled().in_step()


@pytest.mark.exhaustive
def test_deep_link_is_live_at_once(visit: Visit) -> None:
    tab = visit("softmax", "k=5&z1=-4.35&z5=7.25&t=0.33&lang=ko")
    tab.hover("z5").press("z5")
    tab.page.mouse.move(*tab.place("z5", 10))
    tab.drawn()
    tab.expect_views(tab.screen())
    tab.page.mouse.up()
    tab.until("live.seq > 0")
    seen = tab.settled().in_step()
    # A value between two stops, typed or from a link, stays exact while others move.
    assert seen["values"]["z1"] == -4.35
    assert seen["values"]["t"] == 0.33


# ---- A slow line ----


@pytest.mark.exhaustive
def test_slow_connection(visit: Visit) -> None:
    """200 ms each way: the figure follows the hand all the same, and everything is in step in the end."""
    tab = visit("softmax", line=SlowLine(0.2))
    tab.hover("z1").press("z1")
    for stop in (140, 120, 100):
        tab.page.mouse.move(*tab.place("z1", stop))
        tab.drawn()
        seen = tab.screen()
        assert seen["controls"]["z1"]["thumb"] == stop
        tab.expect_views(seen)
    tab.page.mouse.up()
    tab.until("live.seq > 0")
    # Straight to the next slider, before the answer and before its frames.
    tab.drag("z2", -40)
    tab.drag("t", 30)
    tab.settled()
    elsewhere(tab, visit)


# ---- Grips ----


def test_bar_grip_follows_by_frames(visit: Visit) -> None:
    tab = visit("softmax")
    x, y = tab.grip("columns")
    before = tab.value("z1")
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    tab.framed("z1")
    sent = len(tab.sent)
    for i in range(1, 21):
        tab.page.mouse.move(x - 3 * i, y)
    tab.drawn()
    seen = tab.screen()
    assert seen["values"]["z1"] < before
    tab.expect_views(seen)
    tab.expect_controls(seen)
    assert len(tab.sent) == sent, "messages were sent while the grip was held"
    # The grip is under the pointer, to half a stop.
    gx, gy = tab.grip("columns")
    assert abs(gx - (x - 60)) < 3
    assert abs(gy - y) < 1
    tab.page.mouse.up()
    tab.until("live.seq > 0")
    assert tab.settled().in_step()["values"]["z1"] == seen["values"]["z1"]


@pytest.mark.exhaustive
def test_simplex_grip_has_one_message_in_flight(visit: Visit) -> None:
    line = SlowLine(0.1)
    tab = visit("softmax", line=line)
    x, y = tab.grip("simplex")
    start = len(line.log)
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    before = tab.screen()["views"]["simplex"]
    for i in range(1, 90):
        tab.page.mouse.move(x + 40 * math.sin(i / 12), y - 25 * (1 - math.cos(i / 12)))
        tab.page.wait_for_timeout(15)
    assert tab.screen()["views"]["simplex"] != before, "the point does not follow while it is held"
    held = line.exchanges(start)
    assert held["sent"] >= 3
    assert held["most unanswered"] <= 1, "a queue of messages"
    end = (x - 30, y - 30)
    tab.page.mouse.move(*end)
    tab.page.mouse.up()
    tab.settled().in_step()
    gx, gy = tab.grip("simplex")
    # The newest wins: the point is where the hand let go (scores are rounded, the triangle has an edge).
    assert math.hypot(gx - end[0], gy - end[1]) < 3
