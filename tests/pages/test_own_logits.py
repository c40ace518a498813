"""A person's own logits: what the page says of them, and that its numbers are torch's and scikit-learn's."""

from __future__ import annotations

import contextlib
import gc
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.calibration import fit_temperature
from core.figures import confidence as figures
from core.figures.own import Own
from core.logits import choose, sheet_of_file, sheet_of_text, take
from core.tables import understand
from pages.confidence import LESSON, notes, source
from pages.parts.own_logits import BOX, SHELF
from pages.shared.catalog import load
from tests.pages.conftest import Paste, said

WORDS = load("confidence", "en")
FEW = WORDS("own.few")
GOOD = "cat,dog,label\n2,0,cat\n1,3,dog\n0.5,0,dog\n2,1,cat\n"


def reason(name: str) -> str:
    return WORDS(f"table.reason.{name}")


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def used(at: AppTest) -> Any:
    return next((at.session_state[key] for key in ("logits:data",) if key in at.session_state), None)


class TestThePage:
    def test_shows_before_it_uses(self, paste: Paste) -> None:
        at = paste(GOOD)
        assert used(at) is None
        assert at.selectbox(key="logits:label").value == 2
        assert at.button(key="logits:use").label == WORDS("own.use", n="4", k=2)
        at = at.button(key="logits:use").click().run()
        assert used(at).logits.tolist() == [[2.0, 0.0], [1.0, 3.0], [0.5, 0.0], [2.0, 1.0]]
        assert (used(at).labels.tolist(), used(at).names) == ([0, 1, 1, 0], ("cat", "dog"))
        assert WORDS("own.done", n="4", k=2) in said(at)

    @pytest.mark.parametrize(
        ("text", "classes"),
        [("2 0 0\n1 3 1", 2), ("2.5,0.5,1\n1,3,0", 2), ("a,b,label\n-inf,2,b\n1,-inf,a", 2)],
    )
    def test_a_pasted_text_is_a_table_and_no_list(self, paste: Paste, text: str, classes: int) -> None:
        at = paste(text)
        assert at.button(key="logits:use").label == WORDS("own.use", n="2", k=classes)
        assert said(at) == []

    def test_probabilities_are_said(self, paste: Paste) -> None:
        at = paste("a,b,label\n0.25,0.75,0\n0.5,0.5,1\n").button(key="logits:use").click().run()
        assert WORDS("own.probabilities") in said(at)
        np.testing.assert_allclose(np.exp(used(at).logits), [[0.25, 0.75], [0.5, 0.5]])

    def test_a_bad_cell_is_named_and_the_last_good_rows_stay(self, paste: Paste) -> None:
        at = paste(GOOD).button(key="logits:use").click().run()
        before = used(at)
        at = paste("cat,dog,label\n2,0,cat\n1,3,bird\n").button(key="logits:use").click().run()
        sentence = f"Line 3, cell 3, `bird`: {WORDS('table.reason.label')} {WORDS('own.kept')}"
        assert sentence in said(at)
        assert used(at) is before
        at = paste("cat,dog,label\n2,0,cat\n1,x3,dog\n1,3,dog\n")
        at = at.button(key="logits:use").click().run()
        assert any(text.startswith("Line 3, cell 2, `x3`") for text in said(at))
        assert used(at) is before

    def test_one_class_is_too_few(self, paste: Paste) -> None:
        at = paste("a,label\n1.5,0\n2,0\n")
        assert said(at) == [WORDS("own.few")]
        assert not [button for button in at.button if button.key == "logits:use"]

    @pytest.mark.parametrize(
        ("content", "sentences"),
        [
            (b"a,b,label\n1,2,0\n3,1\n", [f"Line 3, cell 1, `3,1`: {reason('ragged')}"]),
            (b'a,b,label\n"1,2,0\n3,1,1\n', [f'Line 2, cell 1, `"`: {reason("unreadable")}']),
            (b"a,b,label\n10%,1,0\n20%,2,1\n", [f"Line 2, cell 1, `10%`: {reason('not_a_number')} {FEW}"]),
            (b"", [reason("arrays")]),
            (b"PK\x05\x06" + bytes(18), [reason("arrays")]),
            (b"\x93NUMPY\x01\x00", [reason("arrays")]),
            (
                npz(logits=np.eye(3), labels=np.zeros(2, int)),
                [f"{reason('arrays')} {WORDS('own.holds', found='`logits (3, 3), labels (2,)`')}"],
            ),
        ],
    )
    def test_what_is_wrong_is_one_sentence(self, paste: Paste, content: bytes, sentences: list[str]) -> None:
        at = paste(GOOD).button(key="logits:use").click().run()
        before = used(at)
        at = at.file_uploader(key="logits:file").set_value(("logits.npz", content, "")).run()
        done = WORDS("own.done", n="4", k=2)
        assert said(at) == [*sentences, done]
        assert used(at) is before

    def test_columns_may_be_called_by_numbers(self, page: AppTest) -> None:
        content = b",0,1,2,label\n0,2.5,1.5,0,1\n1,0.5,3.5,1,0\n2,0,1,2,2\n"
        at = page.file_uploader(key="logits:file").set_value(("logits.csv", content, "text/csv")).run()
        at = at.button(key="logits:use").click().run()
        assert (used(at).names, used(at).labels.tolist()) == (("0", "1", "2"), [1, 0, 2])
        assert used(at).logits[0].tolist() == [2.5, 1.5, 0.0]

    def test_a_column_can_be_left_out(self, paste: Paste) -> None:
        at = paste("a,b,extra,label\n1,2,9,0\n3,1,8,1\n")
        at = at.multiselect(key="logits:left").set_value([2]).run()
        at = at.button(key="logits:use").click().run()
        assert used(at).logits.tolist() == [[1.0, 2.0], [3.0, 1.0]]

    def test_without_rows_of_ones_own_it_is_said(self, page: AppTest) -> None:
        assert source(LESSON.start.replace(data="own")).kind == "digits"
        assert notes(LESSON.start.replace(data="own"), WORDS) == [WORDS("note.no_data")]

    def test_rows_are_gone_with_the_session_that_held_them(self, paste: Paste) -> None:
        at = paste(GOOD).button(key="logits:use").click().run()
        name = used(at).digest
        assert SHELF.get(name) is not None
        del at.session_state["logits:data"]
        gc.collect()
        assert SHELF.get(name) is None


def rows_of(logits: Any, labels: Any, **kind: Any) -> figures.OwnLogits:
    """Return rows as the page keeps them."""
    names = kind.pop("names", ())
    origin = figures.Origin(logits.shape[1], tuple(range(logits.shape[1])), names, **kind)
    return figures.OwnLogits("test", logits, labels, names, origin)


def drawn(n: int, k: int, seed: int) -> tuple[Any, Any]:
    """Return scores, and labels drawn from them at a temperature of 2."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=4.0, size=(n, k))
    chances = np.exp(logits / 2.0 - (logits / 2.0).max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    return logits, (rng.random((n, 1)) > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)


@pytest.mark.parametrize(
    ("logits", "labels"),
    [
        (np.array([[1.0, 0.0]]), np.array([0])),  # one row
        (np.array([[1.0, 1.0], [0.0, 0.0], [2.0, 2.0]]), np.array([0, 1, 1])),  # ties
        (np.array([[1.0, -np.inf, 0.0], [0.0, 1.0, -np.inf]]), np.array([0, 1])),  # classes ruled out
        (np.array([[1.0, -np.inf], [0.0, 1.0], [0.0, 2.0]]), np.array([1, 1, 0])),  # a label's own
        (np.array([[1.0, 0.0], [2.0, 1.0], [3.0, 0.5]]), np.array([0, 0, 0])),  # one class
        (np.array([[1e30, 0.0], [0.0, 1e-30], [3.0, 0.5]]), np.array([1, 0, 1])),  # far apart
        (np.zeros((4, 3)), np.array([0, 1, 2, 0])),
    ],
)
@pytest.mark.parametrize("split", ["half", "all"])
@pytest.mark.parametrize("t", [0.05, 1.0, 20.0])
def test_odd_rows_are_drawn_without_nan(logits: Any, labels: Any, split: str, t: float) -> None:
    own = rows_of(logits, labels)
    rows = figures.Source("own", split, Own("test", lambda: own))
    for view in ("reliability", "formula", "numbers"):
        check(getattr(figures, view)(rows, t, 15, "mass", WORDS.group(view)))
    for view in ("curve", "histogram", "worst"):
        check(getattr(figures, view)(rows, t, WORDS.group(view)))
    for step in (0, 3):
        for view in ("newton", "newton_lines"):
            check(getattr(figures, view)(rows, step, WORDS.group(view)))
    assert all(
        "nan" not in text and "?" not in text
        for text in figures.said(rows, t, 15, "width", 3)["main"].values()
    )
    for name, places in figures.notes(rows):
        assert WORDS(f"note.{name}", **places)


def check(node: Any, gaps: bool = False) -> None:
    """Fail where a view holds what cannot be drawn or said."""
    if isinstance(node, dict):
        for key, part in node.items():
            check(part, gaps or "connectgaps" in node)
            assert key != "text" or part != "?"
    elif isinstance(node, (list, tuple)):
        for part in node:
            check(part, gaps)
    elif isinstance(node, np.ndarray):
        if node.dtype.kind == "f":
            with np.errstate(over="ignore"):
                assert (np.isfinite(node.astype(np.float32)) | (np.isnan(node) & gaps)).all()
    elif isinstance(node, float):
        assert np.isfinite(node)
    elif isinstance(node, str):
        assert node != "?"


@pytest.mark.parametrize("by", ["width", "mass"])
@pytest.mark.parametrize("way", ["indices", "names", "semicolons", "probabilities", "npz", "npy", "fields"])
@pytest.mark.parametrize("tab", [0, 1])
def test_the_code_runs_on_the_persons_file(
    way: str, by: str, tab: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logits, labels = drawn(200, 3, 1)
    names = ["cat", "dog", "wild, boar"]
    if way == "probabilities":
        logits = np.exp(logits - logits.max(axis=1, keepdims=True))
        logits = (logits / logits.sum(axis=1, keepdims=True)).round(6)
    monkeypatch.chdir(tmp_path)
    if way == "npz":
        np.savez("my_logits.npz", logits=logits, labels=labels)
        sheet, table = sheet_of_file(Path("my_logits.npz").read_bytes()), None
    elif way == "npy":
        np.save("my_logits.npy", np.column_stack([logits, labels]))
        sheet, table = sheet_of_file(Path("my_logits.npy").read_bytes()), None
    elif way == "fields":
        made = np.zeros(200, dtype=[("a", float), ("b", float), ("c", float), ("label", int)])
        for name, column in zip("abc", logits.T, strict=True):
            made[name] = column
        made["label"] = labels
        np.save("my_logits.npy", made)
        sheet, table = sheet_of_file(Path("my_logits.npy").read_bytes()), None
    else:
        said = [names[i] if way == "names" else str(i) for i in labels]
        lines = ['cat,dog,"wild, boar",label']
        lines += [
            ",".join([*(f"{value:.6f}" for value in row), f'"{name}"' if "," in name else name])
            for row, name in zip(logits, said, strict=True)
        ]
        text = "\n".join(lines)
        if way == "semicolons":
            text = text.replace('"wild, boar"', "wild").replace(",", ";").replace(".", ",")
        Path("my_logits.csv").write_text(text + "\n", encoding="utf-8")
        table = understand(text).readings[0]
        sheet = sheet_of_text(text, table)
    choice = choose(sheet)
    rows = take(sheet, choice)
    origin = figures.Origin(choice.label, choice.classes, rows.names, rows.probabilities, rows.named)
    if table is None:
        origin = origin._replace(arrays=sheet.arrays, fields=tuple(name for name in sheet.names if name))
    else:
        origin = origin._replace(delimiter=table.delimiter, above=1, comma=way == "semicolons")
    own = figures.OwnLogits("test", rows.logits, rows.labels, rows.names, origin)
    there = figures.Source("own", "half", Own("test", lambda: own))
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(figures.code_panel(there, 1.5, 10, by)["tabs"][tab]["text"], "panel", "exec"), {})
    study = figures.study(there)
    now, after = (study.measures(t, 10, by) for t in (1.5, study.best))
    expected = [study.best, now.nll, after.nll, now.accuracy, now.confidence, now.error]
    assert [float(part) for part in out.getvalue().split()] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("size", [1e-5, 1e5])
@pytest.mark.parametrize("tab", [0, 1])
def test_the_code_finds_temperatures_of_any_size(
    size: float, tab: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logits, labels = drawn(200, 3, 1)
    logits[0, (labels[0] + 1) % 3] = -np.inf
    monkeypatch.chdir(tmp_path)
    np.savez("my_logits.npz", logits=size * logits, labels=labels)
    own = rows_of(size * logits, labels, arrays=("logits", "labels"))
    there = figures.Source("own", "half", Own("test", lambda: own))
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(figures.code_panel(there, size, 10, "width")["tabs"][tab]["text"], "panel", "exec"), {})
    best = figures.study(there).best
    assert best == pytest.approx(size * fit_temperature(logits[::2], labels[::2]).t, rel=1e-9)
    assert float(out.getvalue().split()[0]) == pytest.approx(best, rel=1e-6)


def test_many_rows_work(capsys: pytest.CaptureFixture[str]) -> None:
    logits, labels = drawn(200_000, 10, 3)
    own = rows_of(logits, labels)
    rows = figures.Source("own", "half", Own("test", lambda: own))
    assert figures.study(rows).best == fit_temperature(logits[::2], labels[::2]).t
    assert [name for name, _ in figures.notes(rows)] == ["sample"]
    shown = figures.numbers(rows, 2.0, 15, "width", WORDS.group("numbers"))
    check(shown)
    assert BOX.types == ["csv", "tsv", "txt", "npy", "npz"]
