"""A person's own numbers on Heights, and logits on Confidence: typed into the box, or in a file."""

from __future__ import annotations

import io

import numpy as np
import pytest
from playwright.sync_api import expect

from core.figures.confidence import Origin
from core.logits import choose, sheet_of_file, take
from pages.parts import own_logits
from pages.parts.people import remember
from tests.browser.conftest import Visit
from tests.browser.driver import LessonPage, few

PASTED = [171.2, 168.0, 175.5, 180.25, 166.0, 173.5]
UPLOADED = [1.61, 1.75, 1.82, 1.7, 1.68]
ASKED = [172.5, 168.2, 175.1]


def paste(tab: LessonPage, text: str) -> None:
    """Enter text into the box and have it read."""
    main = tab.page.get_by_test_id("stMain")
    if not main.get_by_role("textbox", name=tab.words("own.paste"), exact=True).is_visible():
        main.locator("summary").filter(has_text=tab.words("own.title")).click()
    main.get_by_role("textbox", name=tab.words("own.paste"), exact=True).fill(text)
    main.get_by_role("button", name=tab.words("own.read"), exact=True).click()


def use(tab: LessonPage, n: str) -> None:
    """Use the numbers that are shown."""
    tab.page.get_by_role("button", name=tab.words("own.use", n=n), exact=True).click()


def upload(tab: LessonPage, name: str, content: bytes) -> None:
    """Choose a file."""
    tab.page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )


@few("code", ["en", "ko"], daily=0)
def test_own_data_good_and_bad(code: str, visit: Visit) -> None:
    # The pictures find own numbers by their content: this process must hold the same ones.
    ours = [remember(np.array(numbers)) for numbers in (PASTED, UPLOADED, ASKED)]
    tab = visit("heights", f"lang={code}")
    said = tab.page.get_by_test_id("stAlert")

    # Who chooses numbers of his own is led to their box, which is far below.
    data = tab.page.locator("[data-key=data]")
    data.get_by_role("radio", name=tab.words("control.data.choice.own"), exact=True).check()
    data.get_by_role("button", name=tab.words("onward.own"), exact=True).press("Enter")
    reached = tab.page.locator("textarea:focus")
    assert reached.get_attribute("aria-label") == tab.words("own.paste")

    paste(tab, "171.2, 168 175.5;180.25\n166\t173.5")
    use(tab, "6")
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
    for text, row, cell in (("170\n172\nabc\n175", "3", "abc"), ("170\n171\n172\n\n173,x", "5", "x")):
        paste(tab, text)
        said.locator("code").get_by_text(cell, exact=True).wait_for()
        assert row in said.first.inner_text()
        tab.settled().expect(values)
    paste(tab, "170")
    said.get_by_text(tab.words("table.reason.too_few")).wait_for()
    paste(tab, "5 5 5")
    said.get_by_text(tab.words("table.reason.no_spread")).wait_for()
    paste(tab, "1 2 inf")
    said.filter(has_text=tab.words("table.reason.not_finite")).wait_for()
    tab.settled().expect(values)

    # A file: a bad cell is named by its row.
    upload(tab, "people.csv", b"name,height\nA,1.61\nB,tall\nC,1.82\n")
    said.filter(has_text="tall").wait_for()
    assert "3" in said.first.inner_text()
    tab.settled().expect(values)
    upload(tab, "people.csv", "이름,키\n가,1.61\n나,1.75\n다,1.82\n라,1.7\n마,1.68\n".encode("cp949"))
    use(tab, "5")
    said.get_by_text(tab.words("own.done", n="5")).wait_for()
    tab.until(f"live.values.own === '{ours[1].digest}'")
    values = tab.settled().values()
    tab.expect(values, language=code)
    upload(tab, "words.csv", b"a,b\nc,d\n")
    said.get_by_text(tab.words("own.no_column")).wait_for()
    tab.settled().expect(values)

    # A text that can be read in two ways is asked about, and nothing is used before the answer.
    paste(tab, "172,5\n168,2\n175,1")
    said.filter(has_text=tab.words("table.reason.marks")).wait_for()
    tab.settled().expect(values)
    tab.page.get_by_test_id("stRadio").locator("[role=radiogroup] label").first.click()
    use(tab, "3")
    tab.until(f"live.values.own === '{ours[2].digest}'")
    values = tab.settled().values()
    tab.expect(values, language=code)

    # Another lesson and back: they are still there. Another browser: not, and the page says so.
    tab.go("softmax").go("heights").expect(values, language=code)
    other = visit()
    other.page.goto(tab.page.url)
    other.arrived("heights")
    assert tab.words("note.no_data") in other.screen()["notes"]


@pytest.mark.exhaustive
def test_a_large_file_of_own_data(visit: Visit) -> None:
    tab = visit("heights")
    many = np.round(np.random.default_rng(1).normal(172, 5, 200_000), 2)
    ours = remember(many)
    tab.page.locator("summary").filter(has_text=tab.words("own.title")).click()
    upload(tab, "many.csv", "\n".join(map(str, many.tolist())).encode())
    use(tab, "200,000")
    tab.until(f"live.values.own === '{ours.digest}'")
    tab.settled().in_step()


@few("code", ["en", "ko"], daily=0)
def test_own_logits(code: str, visit: Visit) -> None:
    rng = np.random.default_rng(2)
    logits = rng.normal(scale=3.0, size=(300, 4))
    file = io.BytesIO()
    np.savez(file, logits=logits, labels=np.where(rng.random(300) < 0.6, logits.argmax(axis=1), 0))
    sheet = sheet_of_file(file.getvalue())
    rows = take(sheet, choose(sheet))
    ours = own_logits.remember(rows, Origin(4, (0, 1, 2, 3), arrays=sheet.arrays, fields=("labels",)))

    tab = visit("confidence", f"lang={code}&data=own")
    assert tab.words("note.no_data") in tab.screen()["notes"]
    upload(tab, "logits.npz", file.getvalue())
    tab.page.get_by_role("button", name=tab.words("own.use", n="300", k=4), exact=True).click()
    tab.until(f"live.values.own === '{ours.digest}'")
    seen = tab.settled().expect(tab.values(), language=code)
    assert seen["notes"] == []
    # What has come of them is before the eyes.
    expect(tab.page.locator(".ll-figure[data-view=reliability]")).to_be_in_viewport()
    tab.slider("t").focus()
    tab.page.keyboard.press("ArrowRight")
    tab.settled().expect(tab.values(), language=code)
    assert tab.values().t > 1.0

    # A bad file is refused, and the last good rows stay.
    upload(tab, "bad.csv", b"cat,dog,label\n2,0,cat\n1,3,bird\n")
    tab.page.get_by_role("button", name=tab.words("own.use", n="2", k=2), exact=True).click()
    tab.page.get_by_test_id("stAlert").get_by_text(tab.words("own.kept")).wait_for()
    assert tab.settled().values().own == ours.digest
