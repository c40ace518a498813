"""A person's own numbers on Heights, as a person gives them: typed into the box, or in a file."""

from __future__ import annotations

import numpy as np
import pytest

from core.figures.heights import remember
from tests.browser.conftest import Visit
from tests.browser.driver import LessonPage

PASTED = [171.2, 168.0, 175.5, 180.25, 166.0, 173.5]
UPLOADED = [1.61, 1.75, 1.82, 1.7, 1.68]


def paste(tab: LessonPage, text: str) -> None:
    """Enter text into the box and press the button."""
    main = tab.page.get_by_test_id("stMain")
    if not main.get_by_role("textbox", name=tab.words("own.paste"), exact=True).is_visible():
        main.locator("summary").filter(has_text=tab.words("own.title")).click()
    main.get_by_role("textbox", name=tab.words("own.paste"), exact=True).fill(text)
    main.get_by_role("button", name=tab.words("own.use")).click()


def upload(tab: LessonPage, name: str, content: bytes) -> None:
    """Choose a file."""
    tab.page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )


@pytest.mark.parametrize("code", ["en", "ko"])
def test_own_data_good_and_bad(code: str, visit: Visit) -> None:
    # The pictures find own numbers by their content: this process must hold the same ones.
    ours = [remember(np.array(numbers)) for numbers in (PASTED, UPLOADED)]
    tab = visit("heights", f"lang={code}")
    said = tab.page.get_by_test_id("stAlert")

    paste(tab, "171.2, 168 175.5;180.25\n166\t173.5")
    said.get_by_text(tab.words("own.done", n="6")).wait_for()
    tab.until(f"live.values.own === '{ours[0].digest}'")
    values = tab.settled().values()
    assert (values.data, values.own) == ("own", ours[0].digest)
    seen = tab.expect(values, language=code)
    assert seen["notes"] == []
    # The address tells nobody of them.
    told = " ".join(tab.url_values().values())
    assert [secret for secret in (ours[0].digest, *map(str, PASTED)) if secret in told] == []
    # The candidates start on the screen, and move like any others.
    key = tab.sliders()[0]
    tab.hover(key).press(key)
    tab.page.mouse.move(*tab.place(key, 10))
    tab.drawn()
    tab.expect_views(tab.screen())
    tab.page.mouse.up()
    tab.until("live.seq > 0")
    values = tab.settled().values()
    tab.expect(values)

    # What is not a number is named by its row, and the last good numbers stay.
    for text, row in (("170\n172\nabc\n175", "3"), ("170\n171\n172\n\n173,x", "5")):
        paste(tab, text)
        said.get_by_text(text.replace(",", "\n").split("\n")[-1 if row == "5" else 2]).wait_for()
        assert row in said.inner_text()
        tab.settled().expect(values)
    paste(tab, "170")
    said.get_by_text(tab.words("own.reason.too_few")).wait_for()
    paste(tab, "5 5 5")
    said.get_by_text(tab.words("own.reason.no_spread")).wait_for()
    paste(tab, "1 2 nan")
    said.get_by_text("nan").wait_for()
    tab.settled().expect(values)

    # A file: its first column of numbers; a bad cell is named by row.
    upload(tab, "people.csv", b"name,height\nA,1.61\nB,tall\nC,1.82\n")
    said.get_by_text("tall").wait_for()
    assert "3" in said.inner_text()
    tab.settled().expect(values)
    upload(tab, "people.csv", "이름,키\n가,1.61\n나,1.75\n다,1.82\n라,1.7\n마,1.68\n".encode("cp949"))
    said.get_by_text(tab.words("own.done", n="5")).wait_for()
    tab.until(f"live.values.own === '{ours[1].digest}'")
    values = tab.settled().values()
    tab.expect(values, language=code)
    upload(tab, "words.csv", b"a,b\nc,d\n")
    said.get_by_text(tab.words("own.no_column")).wait_for()
    tab.settled().expect(values)

    # Another lesson and back: they are still there. Another browser: not, and the page says so.
    tab.go("softmax").go("heights").expect(values, language=code)
    other = visit()
    other.page.goto(tab.page.url)
    other.arrived("heights")
    assert tab.words("note.no_data") in other.screen()["notes"]


def test_a_large_file_of_own_data(visit: Visit) -> None:
    tab = visit("heights")
    many = np.round(np.random.default_rng(1).normal(172, 5, 200_000), 2)
    ours = remember(many)
    tab.page.locator("summary").filter(has_text=tab.words("own.title")).click()
    upload(tab, "many.csv", "\n".join(map(str, many.tolist())).encode())
    tab.until(f"live.values.own === '{ours.digest}'")
    tab.settled().in_step()
