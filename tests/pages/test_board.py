"""The board of a class: the way in as a QR code, the questions and their evidence, what guesses are worth."""

from __future__ import annotations

import asyncio
import json
import math
import re
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from starlette.requests import Request
from starlette.responses import Response

from core.figures import quiz as figures
from core.gaussian import log_likelihood
from pages.shared import board
from pages.shared.catalog import load
from tests.conftest import load_lesson

WAY = "http://192.168.0.2:8501/?class=BCDFHJ"


def ask(path: str, query: str = "", body: bytes | None = None) -> Response:
    """Send a request to the board, in pieces where it has a body."""
    pieces = [body[:10], body[10:]] if body else [b""]

    async def receive() -> dict[str, Any]:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    scope = {
        "type": "http",
        "method": "GET" if body is None else "POST",
        "path": path,
        "query_string": query.encode(),
        "headers": [],
    }
    return asyncio.run(board.answer(path, Request(scope, receive)))


def said(response: Response) -> Any:
    assert response.status_code == 200
    return json.loads(bytes(response.body))


class TestTheWayIn:
    def test_is_a_picture_that_stands_alone(self) -> None:
        answer = ask("/board/code", quote(WAY, safe=""))
        assert answer.media_type == "image/svg+xml"
        text = bytes(answer.body).decode()
        assert text.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
        assert 'fill="#fff"' in text
        assert 'stroke="#000"' in text

    def test_is_black_where_the_code_is(self) -> None:
        """What is drawn, module by module, is what segno says of the address."""
        import segno

        text = board.qr(WAY)
        wanted = [list(row) for row in segno.make(WAY, error="m", micro=False).matrix_iter(border=4)]
        size = int(re.search(r'viewBox="0 0 (\d+)', text)[1])  # type: ignore[index]
        drawn = [[0] * size for _ in range(size)]
        x = y = 0.0
        path = re.search(r'stroke="#000" d="([^"]+)"', text)[1]  # type: ignore[index]
        for kind, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
            at = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
            if kind == "M":
                x, y = at
            elif kind == "m":
                x, y = x + at[0], y + at[1]
            else:
                for i in range(int(at[0])):
                    drawn[int(y)][int(x) + i] = 1
                x += at[0]
        assert drawn == [[int(bool(cell)) for cell in row] for row in wanted]

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "http://example.org/",
            "http://192.168.0.2/?class=AAAAAA",
            "http://192.168.0.2/?class=BCDFHJ#x",
            "javascript:alert(1)?class=BCDFHJ",
            "http://h/" + "x" * 500 + "?class=BCDFHJ",
        ],
    )
    def test_is_the_only_thing_that_it_makes_codes_of(self, address: str) -> None:
        assert ask("/board/code", quote(address, safe="")).status_code == 400

    def test_from_outside_is_only_there_where_the_server_listens_there(self) -> None:
        assert board.outside("127.0.0.1") == ""
        assert board.outside("192.168.0.2") == ""
        assert not board.outside("0.0.0.0").startswith("127.")


class TestTheQuestions:
    def test_are_those_of_check_yourself(self, language: str) -> None:
        found = said(ask(f"/board/questions/{language}"))
        words = load("quiz", language)
        assert [one["q"] for one in found] == list(range(1, figures.COUNT + 1))
        for one in found:
            assert one["text"] == words(f"control.a{one['q']}.label")
            assert {str(o): text for o, text in one["options"]} == {
                option: words(f"control.a{one['q']}.choice.{option}") for option in figures.OPTIONS
            }

    def test_do_not_say_what_is_right(self, language: str) -> None:
        found = said(ask(f"/board/questions/{language}"))
        assert all(one.keys() == {"q", "about", "text", "options"} for one in found)

    @pytest.mark.parametrize("q", [1, 17, figures.COUNT])
    def test_have_evidence_at_a_state_of_a_lesson(self, q: int, language: str, unpack: Any) -> None:
        answer = ask(f"/board/evidence/{language}/{q}")
        assert answer.media_type == "application/octet-stream"
        found = unpack(bytes(answer.body))
        assert found["view"]["type"] == "figure"
        assert found["why"]
        assert figures.MARK not in found["why"]
        assert "@" not in found["why"]
        # The state is the one that the link opens.
        lesson = load_lesson(found["lesson"])
        for key, text in parse_qsl(found["query"]):
            if key in lesson.by_key:
                assert str(found["values"][key]) == text or found["values"][key] == float(text)
        assert found["values"].keys() == {c.key for c in lesson.controls if c.in_url}


class TestGuesses:
    def test_stand_where_their_values_are(self, language: str) -> None:
        given = {"mu": [172, None, 184.5, 170], "sigma": [4.8, 5, 9.6, None], "n": [1, 2, 3, 4]}
        body = json.dumps(given).encode()
        found = said(ask(f"/board/guesses/heights/{language}", "data=five&mu=5", body))
        assert found["view"] == "surface"
        assert [dot[:2] for dot in found["dots"]] == [
            [172.0, pytest.approx(math.log10(4.8))],
            [184.5, pytest.approx(math.log10(9.6))],
        ]

    def test_are_worth_what_core_says(self) -> None:
        heights = load_lesson("heights")
        body = json.dumps({"mu": [5, 4], "sigma": [2.5, 3]}).encode()
        found = said(ask("/board/guesses/heights/en", "data=five&mu=5&sigma=3", body))
        values = heights.defaults.replace(data="five")
        from core.figures.heights import people as crowd
        from core.figures.text import number
        from pages.parts import people

        summary = crowd(people.source(values)).summary
        worth = log_likelihood(summary, [5.0, 4.0], [2.5, 3.0])
        assert [dot[2].rpartition("log L = ")[2] for dot in found["dots"]] == [number(w) for w in worth]
        assert number(max(worth)) in found["said"]

    def test_of_a_class_that_is_elsewhere_are_none(self) -> None:
        found = said(ask("/board/guesses/heights/en", "", b'{"mu": [null], "sigma": [null]}'))
        assert found["dots"] == []
        assert found["said"] == ""

    @pytest.mark.parametrize("query", ["data=own", "data=own&n=5"])
    def test_over_a_persons_own_numbers_are_none(self, query: str) -> None:
        assert said(ask("/board/guesses/heights/en", query, b'{"mu": [5], "sigma": [2]}')) == {}

    def test_of_a_lesson_without_such_a_figure_are_none(self) -> None:
        assert said(ask("/board/guesses/softmax/en", "", b'{"z1": [5]}')) == {}

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"1",
            b'{"mu": 1}',
            b'{"mu": ["x"], "sigma": [1]}',
            b'{"mu": [true], "sigma": [1]}',
            b'{"mu": [NaN], "sigma": [1]}',
            b'{"mu": [Infinity], "sigma": [1]}',
            b'{"mu": [1, 2], "sigma": [1]}',
            b'{"mu": [1], "sigma": [-1]}',
            b'{"mu": [1], "sigma": [0]}',
            b'{"mu": [' + b"1," * 500 + b"1]}",
            b"[" * 50_000,
            b'{"mu": [1e999], "sigma": [1]}',
            b'{"mu": [1' + b"0" * 400 + b'], "sigma": [1]}',
            b"\xff\xfe",
        ],
    )
    def test_that_are_none_are_refused(self, body: bytes) -> None:
        assert ask("/board/guesses/heights/en", "", body).status_code == 400

    def test_that_are_too_many_are_refused(self) -> None:
        body = b'{"mu": [' + b" " * board.LARGEST + b"]}"
        assert ask("/board/guesses/heights/en", "", body).status_code == 413


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/board/", None),
        ("/board/code/x", None),
        ("/board/questions/fr", None),
        ("/board/questions", None),
        ("/board/questions/en/1", None),
        ("/board/evidence/en", None),
        ("/board/guesses/nowhere/en", b"{}"),
        ("/board/guesses/heights/fr", b"{}"),
        ("/board/guesses/heights/en", None),
        ("/board/questions/en", b"{}"),
        ("/board/../x", None),
    ],
)
def test_elsewhere_there_is_nothing(path: str, body: bytes | None) -> None:
    assert ask(path, "", body).status_code == 404


@pytest.mark.parametrize("q", ["0", "36", "-1", "x", "1.5", "", "١"])
def test_of_questions_that_are_none_there_is_no_evidence(q: str) -> None:
    assert ask(f"/board/evidence/en/{q}").status_code in (400, 404)
