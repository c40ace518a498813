"""The PyTorch lesson: its presets reach the known numbers, torch comes when asked, and it works without."""

import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from core import torch_reference
from pages.parts.tensors import EXAMPLES, PLAIN, follow
from pages.pytorch import LESSON, notes, picture
from pages.shared import wire
from pages.shared.catalog import load
from pages.shared.controls import query, read, settle
from pages.shared.frames import difference, resolve
from tests.conftest import frame_block

WORDS = load("pytorch", "en")
LIVE = LESSON.start.replace(torch=True)


def told(view):
    """Return the text of a view of lines."""
    return ["".join(s if isinstance(s, str) else s["text"] for s in line) for line in view["lines"]]


def verdict(values):
    return told(resolve(picture(values, WORDS), ["verdict"])["verdict"])


@pytest.mark.parametrize("torch", [True, False])
@pytest.mark.parametrize(
    ("preset", "loss"),
    [
        ("trap", "−0.8"),
        ("trap_cat", "−0.1"),
        ("right", "0.349012"),
        ("raw", "−5"),
        ("cross", "0.349012"),
        ("twice", "0.551445"),
        ("blind", "−0.000167703"),
    ],
)
def test_presets_reach_their_losses(preset, loss, torch):
    said = verdict(LESSON.preset(preset, LESSON.start).replace(torch=torch))[1]
    assert said.startswith(f"torch {loss if torch else '–'} · core {loss} · difference")


def test_it_opens_on_the_sources_probabilities():
    assert "x = softmax(z) = (0.1, 0.1, 0.8)" in verdict(LESSON.start)


@pytest.mark.parametrize(
    ("y", "right", "twice"),
    [(0, "2.30259", "1.38973"), (1, "2.30259", "1.38973"), (2, "0.223144", "0.689727")],
)
def test_the_trap_beside_the_truth(y, right, twice):
    grid = resolve(picture(LIVE.replace(y=y), WORDS), ["grid"])["grid"]["data"][0]["text"]
    assert [text.partition("<br>")[2] for text in grid[1:6]] == [
        f"<b>{'−0.8' if y == 2 else '−0.1'}</b>",
        *(f"<b>{number}</b>" for number in (right, right, twice, right)),
    ]


@pytest.mark.parametrize(("y", "loss"), [(0, "−5"), (1, "−4"), (2, "−2")])
def test_raw_scores_fall_without_end(y, loss):
    values = LESSON.preset("raw", LESSON.start).replace(y=y, torch=True)
    assert f"torch {loss} " in verdict(values)[1]


@pytest.mark.parametrize(
    ("example", "result"),
    [
        ("plain", "0.362443"),
        ("weighted", "0.380475"),
        ("tenth", "0.380475"),
        ("weighted_onehot", "0.164873"),
        ("ignored", "0.533374"),
        ("nothing", "nan"),
        ("smoothed", "0.551332"),
        ("soft", "1.86244"),
    ],
)
def test_examples_reach_their_means(example, result):
    values = wire.moved(LESSON, LIVE.replace(example=""), {"example": example})
    lines = told(resolve(picture(values, WORDS), ["batch_lines"])["batch_lines"])
    assert lines[0].endswith(f"= {result}")
    assert lines[1].startswith(f"torch {result} · core {result} · difference")


def test_more_smoothing_costs_more():
    lines = told(resolve(picture(LIVE.replace(smooth=0.2), WORDS), ["batch_lines"])["batch_lines"])
    assert lines[0].endswith("= 0.740221")


def test_an_example_sets_its_options_and_goes_when_one_is_changed():
    weighted = wire.moved(LESSON, LIVE, {"example": "weighted"})
    assert (weighted.w1, weighted.w2, weighted.w3, weighted.example) == (1.0, 0.2, 0.1, "weighted")
    assert wire.moved(LESSON, weighted, {"w2": 0.5}).example == ""
    assert wire.moved(LESSON, weighted, {"z1": 0.5}).example == "weighted"
    back = wire.moved(LESSON, weighted, {"example": "plain"})
    assert {key: back[key] for key in PLAIN} == PLAIN
    assert follow(weighted, weighted) == {}


def test_examples_change_options_only():
    for name, changes in EXAMPLES.items():
        assert set(changes) <= set(PLAIN), name
        assert settle(LESSON.controls, LESSON.start.replace(**changes)) == LESSON.start.replace(**changes)


def test_presets_leave_the_other_sections_alone():
    values = LESSON.start.replace(logit=1.5, shape="column", w2=0.3, torch=True)
    after = LESSON.preset("raw", values)
    assert (after.logit, after["shape"], after.w2, after.torch) == (1.5, "column", 0.3, True)


def test_the_address_reproduces_the_screen():
    values = LESSON.preset("twice", LESSON.start).replace(
        example="weighted", **EXAMPLES["weighted"], shape="int32", q=0.25, logit=-20.0, sigma=2.5
    )
    assert read(LESSON.controls, query(LESSON.controls, values), LESSON.start).values == values


@pytest.mark.parametrize("key", ["z1", "w2", "smooth", "p1", "q1", "logit", "q", "mean", "sigma"])
def test_a_slider_moves_numbers_only(key):
    stops = LESSON.by_key[key].stops_in(LIVE)
    trees = [
        resolve(picture(wire.moved(LESSON, LIVE, {key: stop}), WORDS))
        for stop in (stops[0], stops[-1], LIVE[key])
    ]
    for path, _ in difference(trees):
        assert path[-1] not in ("data", "layout", "annotations", "shapes", "grips"), path


def test_the_frames_of_a_score_are_small():
    views = ("grid", "verdict", "graph", "pull", "graph_table")
    assert len(frame_block(LESSON, LIVE, WORDS, "z1", views)) < 300_000


class TestTorch:
    def test_importing_the_page_and_drawing_it_does_not_import_torch(self):
        code = (
            "import sys; from pages.pytorch import LESSON, picture; from pages.shared.catalog import load; "
            "from pages.shared.frames import resolve; "
            "resolve(picture(LESSON.start, load('pytorch', 'en'))); print('torch' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "False\n"

    @pytest.fixture
    def page(self, request):
        at = AppTest.from_file(str(request.config.rootpath / "app.py"), default_timeout=60).run()
        del at.session_state["page"]
        return at

    def live_message(self, at, unpack):
        (found,) = (part for part in at.get("bidi_component") if part.proto.id.endswith("-live:pytorch"))
        return unpack(found.proto.bytes)

    def test_the_page_asks_torch(self, page, unpack):
        page.switch_page("pages/pytorch.py").run()
        assert not page.exception
        message = self.live_message(page, unpack)
        assert torch_reference.is_loaded()
        assert told(message["views"]["verdict"])[1].startswith("torch −0.8 · core −0.8")
        assert message["preset"] == "trap"
        assert message["notes"] == []

    def test_without_torch_the_page_says_so_and_shows_core(self, page, unpack, monkeypatch):
        monkeypatch.setattr(torch_reference, "is_available", lambda: False)
        monkeypatch.setattr(torch_reference, "is_loaded", lambda: False)
        monkeypatch.setattr("core.torch_reference.is_loaded", lambda: False)
        page.query_params["lang"] = "en"
        del page.session_state["language"]
        page.switch_page("pages/pytorch.py").run()
        assert not page.exception
        message = self.live_message(page, unpack)
        assert message["notes"] == [WORDS("note.absent")]
        assert told(message["views"]["verdict"])[1] == "torch – · core −0.8 · difference –"
        assert message["preset"] == "trap"
        for view in ("pull", "graph_table", "batch_table", "kl_table", "gauss_table"):
            head = message["views"][view]["head"]
            for row in message["views"][view]["rows"]:
                assert row[head.index("torch")]["text"] == "–", view

    def test_notes(self):
        assert notes(LESSON.start, WORDS) == []
        assert notes(LIVE, WORDS) == []
        assert notes(LESSON.start.replace(torch=False), WORDS) == [WORDS("note.absent")]
        assert notes(LIVE.replace(q1=0.0, q2=0.0, q3=0.0), WORDS) == [WORDS("note.empty")]


def cells(view, column, **changes):
    """Return a column of a table."""
    made = resolve(picture(LIVE.replace(**changes), WORDS), [view])[view]
    at = made["head"].index(column)
    return [row[at] if isinstance(row[at], str) else row[at]["text"] for row in made["rows"]]


PULLS = {
    # the trap, the loss itself, softmax twice
    0: ("−0.09 0.01 0.08", "−0.9 0.1 0.8", "−0.110206 −0.0102056 0.120411"),
    1: ("0.01 −0.09 0.08", "0.1 −0.9 0.8", "−0.0102056 −0.110206 0.120411"),
    2: ("0.08 0.08 −0.16", "0.1 0.1 −0.2", "0.0597944 0.0597944 −0.119589"),
}


@pytest.mark.parametrize("y", PULLS)
def test_the_trap_pulls_less_than_it_should(y):
    trap, right, twice = (pull.split(" ") for pull in PULLS[y])
    assert cells("pull", "torch", y=y) == trap
    assert cells("pull", "torch", y=y, feed="log_softmax") == right
    assert cells("pull", "p − onehot", y=y) == right
    assert cells("pull", "torch", y=y, loss="CrossEntropyLoss") == twice
    assert cells("graph_table", "torch", y=y)[1:] == right


@pytest.mark.parametrize(
    ("k", "trap", "right"),
    [
        (0, "−0.222222", "−0.666667"),
        (2, "−0.059362", "−0.936621"),
        (4, "−0.00899236", "−0.990925"),
        (6, "−0.00123631", "−0.998762"),
        (8, "−0.000167675", "−0.999832"),
        (10, "−2.26989×10⁻⁵", "−0.999977"),
    ],
)
def test_the_trap_is_blind_where_the_model_is_most_wrong(k, trap, right):
    blind = LESSON.preset("blind", LIVE).replace(z1=-float(k))
    assert cells("pull", "torch", **blind)[0] == trap
    assert cells("pull", "p − onehot", **blind)[0] == right


def test_softmax_twice_stays_between_two_numbers():
    assert "x = softmax(z) = (0.1, 0.1, 0.8)" in verdict(LIVE)
    twice = "\n".join(verdict(LIVE.replace(loss="CrossEntropyLoss", y=0)))
    for number in ("0.249143", "0.551445", "1.55144"):
        assert number in twice
    assert "0.501713" in "\n".join(verdict(LIVE.replace(loss="CrossEntropyLoss", y=2)))


def test_what_software_returns_for_a_certain_answer():
    assert cells("zero_table", "torch", q=0.0) == ["∞", "∞", "100", "∞"]
    assert cells("zero_table", "torch", q=1.0) == ["0", "nan", "0", "nan"]


def test_divergences_of_the_balls():
    assert (
        cells("kl_table", "torch")
        == cells("kl_table", "core")
        == [*("0.860545", "0.860545", "0.860545", "0.286848", "0.286848", "0.936426", "−0.879032")]
    )


@pytest.mark.parametrize(
    ("changes", "losses"),
    [
        ({"logit": -200.0}, ["200", "200", "100", "200"]),
        ({"logit": -50.0}, ["50", "50", "50", "50"]),
        ({"logit": 1.5}, ["0.201413"] * 4),
        ({"logit": 1.5, "pos_weight": 3.0}, ["0.60424"]),
        ({"logit": 1.5, "pos_weight": 3.0, "target": 0}, ["1.70141"]),
        ({"logit": -1.0}, ["1.31326"] * 4),
    ],
)
def test_one_score_of_a_yes_or_no(changes, losses):
    assert cells("binary_table", "torch", **changes)[: len(losses)] == losses


def test_gaussian_nll_loss_wants_a_variance():
    assert cells("gauss_table", "torch") == ["2.9575", "3.87644", "7.45097", "8.36991"]
