"""A class in real browsers: people follow the teacher's hand, and go their own way once they touch it."""

from __future__ import annotations

from typing import Any

import pytest

from core.figures.reading import numbers
from pages.shared.frames import resolve
from tests.browser.conftest import Visit
from tests.browser.driver import LessonPage, address

PHONE: dict[str, Any] = {"viewport": {"width": 380, "height": 800}, "locale": "ko-KR", "color_scheme": "dark"}
# What takes a place on the screen after a movement of the class: nothing is to be drawn, fetched or told.
STILL = "live.room.fits() && !live.room.painting && !live.scheduled && !live.due.size"


def start(teacher: LessonPage) -> str:
    """Start a class, and return its code."""
    teacher.live("live.room.start()")
    teacher.until("live.room.status === 'in' && live.room.state?.lead")
    code: str = teacher.live("live.room.code")
    return code


def come(person: LessonPage, to: str, name: str, code: str) -> LessonPage:
    """Join a class by a link to one lesson, and wait until the class has brought the page to its own."""
    person.page.goto(f"{person.server.origin}{address(name, f'class={code}')}")
    return joined(person, to)


def joined(person: LessonPage, name: str) -> LessonPage:
    """Wait until somebody is in the class, at its lesson and in its state."""
    person.until(f"live.room.status === 'in' && live.lesson === '{name}' && {STILL}")
    return person.arrived(name)


def follows(person: LessonPage, key: str, value: float) -> None:
    """Wait until a slider of a person's is where the teacher's is, and its picture is Python's."""
    person.until(f"live.values['{key}'] === {value} && !live.due.size && live.pendingStop === undefined")
    person.expect_views(person.drawn().screen())


def reads(person: LessonPage, view: str) -> None:
    """Fail unless a table says what a person's figure shows."""
    picture = person.lesson.picture(person.values(), person.words)
    assert person.rows(view) == numbers(resolve(picture, [view])[view])["rows"]


def test_people_follow_the_hand_and_go_their_own_way(visit: Visit) -> None:
    teacher = visit("softmax")
    code = start(teacher)
    person = come(visit(**PHONE), "softmax", "counts", code)
    assert person.screen()["language"] == "ko"
    teacher.hover("z1")
    person.framed("z1")
    x, y = teacher.place("z1")
    teacher.press("z1")
    for by in (20, 40, 60):
        teacher.page.mouse.move(x + by, y)
        follows(person, "z1", teacher.drawn().value("z1"))
    # Whoever opens a table stays with the class, and reads what he is led to.
    view = person.live("live.onScreen().find((name) => live.views[name].numbers)")
    sent = person.live("live.stats.sent")
    person.page.locator(f"[data-view={view}] .ll-tools button").first.press("Enter")
    reads(person, view)
    assert person.live("live.isLed && !live.room.alone")
    assert person.live("live.stats.sent") == sent
    teacher.page.mouse.up()
    teacher.settled()
    person.until(STILL)
    person.in_step()
    reads(person, view)
    # A number that lies between two stops, and what presets set.
    teacher.type("z2", "1.2345").settled()
    person.until("live.values.z2 === 1.2345")
    # Streamlit is told once all is at rest.
    person.until("!live.isLed && live.seq > 0")
    person.settled().in_step()
    reads(person, view)
    # Whoever touches a control keeps it.
    person.bring("z3").slider("z3").press("ArrowRight")
    person.until("live.room.alone")
    own = person.settled().value("z3")
    teacher.hover("z1").drag("z1", -50).settled()
    person.until(f"live.room.state.lead.values.z1 === {teacher.value('z1')}")
    assert person.in_step()["values"]["z3"] == own
    assert person.value("z1") != teacher.value("z1")
    person.live("live.room.back()")
    person.until(STILL)
    assert dict(person.drawn().values()) == dict(teacher.values())


@pytest.mark.exhaustive
def test_a_ring_that_moves_two_controls_leads_while_it_is_held(visit: Visit) -> None:
    teacher = visit("heights", "mu=180&sigma=9")
    code = start(teacher)
    person = come(visit(locale="ko-KR", color_scheme="dark"), "heights", "home", code)
    x, y = teacher.grip("surface")
    teacher.page.mouse.move(x, y)
    teacher.page.mouse.down()
    turn = 0
    for by in (-15, -40, 25):
        before = teacher.value("mu")
        teacher.page.mouse.move(x + by, y + by / 2)
        teacher.until(f"live.values.mu !== {before} && live.answered === live.seq")
        mu, sigma = teacher.value("mu"), teacher.value("sigma")
        person.until(f"live.values.mu === {mu} && live.values.sigma === {sigma} && !live.due.size")
        seen = person.drawn().screen()
        person.expect_views(seen)
        person.expect_controls(seen)
        turn = turn or person.live("live.room.state.turn")
    assert teacher.live("live.held") == "grip:surface"
    assert person.live("live.room.state.turn") == turn
    # Whoever takes a control meanwhile goes on from where the ring was.
    person.bring("sigma_b").slider("sigma_b").press("ArrowRight")
    person.until("live.room.alone")
    person.settled().in_step()
    assert person.value("mu") == teacher.value("mu")
    person.live("live.room.back()")
    teacher.page.mouse.up()
    teacher.settled()
    person.until(f"live.room.state.turn > {turn} && {STILL}")
    assert dict(person.drawn().values()) == dict(teacher.values())


def test_all_come_along_to_another_lesson_and_keep_it_at_the_end(visit: Visit) -> None:
    teacher = visit("nll")
    code = start(teacher)
    second = come(visit(), "nll", "home", f"{code}#teacher={teacher.live('live.room.key')}")
    person = come(visit(**PHONE), "nll", "nll", code)
    assert second.live("live.room.role") == "teacher"
    teacher.go("heights")
    for tab in (second, person):
        joined(tab, "heights").in_step()
    teacher.page.locator(".ll-preset[data-preset=metres]").click()
    teacher.settled()
    for tab in (second, person):
        tab.until(f"live.values.unit === 'm' && {STILL}")
        tab.in_step()
    # Let go, everybody goes where he likes; called back, all are there again.
    second.live("live.room.say('let_go')")
    person.until("!live.room.state.leading")
    person.open("counts")
    person.until("live.room.status === 'in' && live.lesson === 'counts'")
    teacher.live("live.room.say('come_back')")
    joined(person, "heights").in_step()
    teacher.live("live.room.say('end')")
    for tab in (teacher, second, person):
        tab.until("live.room.status === 'out' && live.room.why === 'ended'")
        assert "class=" not in tab.page.url
        assert "#teacher" not in tab.page.url
    person.settled().in_step()


@pytest.mark.exhaustive
def test_a_broken_line_comes_back_and_a_grip_leads_too(visit: Visit) -> None:
    teacher = visit("heights", "mu=180")
    code = start(teacher)
    person = come(visit(viewport={"width": 1024, "height": 800}), "heights", "home", code)
    person.live("live.room.socket.close()")
    person.until("live.room.status === 'lost'")
    teacher.page.mouse.move(*teacher.grip("curves"))
    x, y = teacher.grip("curves")
    teacher.page.mouse.down()
    teacher.follow_until(lambda i: (x + min(4 * i, 60), y - min(i, 10)), "live.values.mu !== 180")
    teacher.page.mouse.up()
    teacher.settled()
    mu, sigma = teacher.value("mu"), teacher.value("sigma")
    person.until(f"live.room.state.lead.values.mu === {mu} && live.room.state.lead.values.sigma === {sigma}")
    person.until(f"live.room.status === 'in' && {STILL}")
    assert dict(person.drawn().values()) == dict(teacher.values())
    # The teacher's own reload: his key is in the tab, and the class goes on.
    teacher.page.reload()
    teacher.arrived("heights").until("live.room.status === 'in' && live.room.role === 'teacher'")
    teacher.hover("sigma").drag("sigma", 30).settled()
    person.until(f"live.values.sigma === {teacher.value('sigma')} && {STILL}")


@pytest.mark.exhaustive
def test_a_teachers_hand_that_is_ahead_of_the_class_stays_there(visit: Visit) -> None:
    teacher = visit("softmax")
    start(teacher)
    # States are told at most three times a second: of two that follow each other the second one waits.
    for value in (1.25, 2.25, 3.25):
        teacher.live(f"[live.room.gesture = performance.now(), live.enter('z2', {value})].length")
        teacher.settled()
        assert teacher.value("z2") == value
    teacher.until("live.room.led.values.z2 === 3.25")
    teacher.in_step()
