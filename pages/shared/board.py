"""The board of a class: what stands beside the lesson. The way in, the questions, and what guesses are worth.

Routes
------
::

    GET  board/code?<address>             the address as a QR code, for the last row's cameras: SVG
    GET  board/questions/<language>       the questions of Check yourself and their options, as JSON
    GET  board/evidence/<language>/<q>    what shows who is right, and where: packed as frames are
    POST board/guesses/<lesson>/<language>?<state>
                                          of each control everybody's value, or null, as JSON: where these
                                          stand in one of the lesson's figures, and what each is worth there
"""

from __future__ import annotations

import asyncio
import io
import json
import re
import socket
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from pages.shared.catalog import LANGUAGES, LESSONS, load
from pages.shared.controls import read
from pages.shared.rooms import LENGTH, LETTERS, PEOPLE

if TYPE_CHECKING:
    from pages.shared.lesson import Lesson

LONGEST = 400  # characters of an address that becomes a QR code
FARTHEST = 1e300  # of what counts as a number; nan is not below it
LARGEST = 64 * 1024  # bytes of a class's values
KEPT = {"Cache-Control": "no-cache"}
WAY_IN = re.compile(rf"https?://[^\s?#]+\?(?:[^\s#]*&)?class=[{LETTERS}]{{{LENGTH}}}")


@lru_cache(maxsize=64)
def qr(address: str) -> str:
    """Return an address as a QR code in SVG, black on white in every theme, with the margin cameras need.

    Examples
    --------
    >>> qr("http://192.168.0.2:8501/?class=BCDFHJ")[:4]
    '<svg'
    """
    # Imported here: only whoever starts a class needs it.
    import segno

    code = segno.make(address, error="m", micro=False)
    out = io.BytesIO()
    code.save(out, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, xmldecl=False, nl=False)
    return out.getvalue().decode()


@lru_cache(maxsize=1)
def outside(bound: str | None) -> str:
    """Return this machine's address in its network, or an empty text where the server is not bound to it.

    A teacher who opens the app on the machine that serves it has an address that leads nobody else there.
    """
    if bound not in (None, "", "0.0.0.0", "::"):
        return ""
    # Sends nothing: the system only says from which of its addresses it would.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            found = str(probe.getsockname()[0])
        except OSError:
            return ""
    return "" if found.startswith(("127.", "0.")) else found


def _quiz() -> Lesson:
    from pages.shared.supply import lesson_named

    return lesson_named("quiz")


def questions(language: str) -> list[Mapping[str, Any]]:
    """Return what each question of Check yourself asks, with its options in the order in which they stand."""
    quiz, words = _quiz(), load("quiz", language)
    count = sum(control.choices is not None for control in quiz.controls)
    return [quiz.asks(q, words) for q in range(1, count + 1)] if quiz.asks else []


def evidence(language: str, q: int) -> bytes:
    """Return what a class sees of a question once it is revealed."""
    from pages.shared.frames import pack, resolve
    from pages.shared.supply import lesson_named

    quiz = _quiz()
    if quiz.shows is None or f"a{q}" not in quiz.by_key:
        raise ValueError(f"There is no question {q}.")
    said, picture = quiz.shows(q, load("quiz", language))
    found = lesson_named(said["lesson"])
    values = read(found.controls, dict(parse_qsl(said["query"])), found.defaults).values
    shared = {control.key: values[control.key] for control in found.controls if control.in_url}
    return pack({**said, "values": shared, **resolve(picture)})


def guesses(lesson: str, language: str, query: str, given: object) -> Mapping[str, Any]:
    """Return where everybody's values stand in a figure, and what each is worth; {} where in none."""
    from pages.shared.supply import lesson_named

    found = lesson_named(lesson)
    if found.guesses is None:
        return {}
    if not isinstance(given, dict) or not all(_column(column) for column in given.values()):
        raise ValueError("Expected of each control a list of numbers.")
    known = {key: text for key, text in parse_qsl(query, keep_blank_values=True) if key in found.by_key}
    values = read(found.controls, known, found.defaults).values
    return found.guesses(values, given, load(lesson, language))


def _column(given: object) -> bool:
    return (
        isinstance(given, list)
        and len(given) <= PEOPLE
        and all(one is None or (type(one) in (int, float) and abs(one) < FARTHEST) for one in given)
    )


async def answer(path: str, request: Request) -> Response:
    """Return the answer to a request below ``board/``. It comes from outside."""
    what, *rest = path.removeprefix("/board/").split("/")
    post = request.method == "POST"
    try:
        if what == "code" and not rest and not post:
            return _code(unquote(request.url.query))
        if what == "questions" and not post and _spoken(rest, 1):
            return JSONResponse(await asyncio.to_thread(questions, rest[0]), headers=KEPT)
        if what == "evidence" and not post and _spoken(rest, 2) and re.fullmatch("[0-9]{1,3}", rest[1]):
            block = await asyncio.to_thread(evidence, rest[0], int(rest[1]))
            return Response(block, media_type="application/octet-stream", headers=KEPT)
        if what == "guesses" and post and len(rest) == 2 and rest[0] in LESSONS and rest[1] in LANGUAGES:
            return await _guesses(rest[0], rest[1], request)
    except (ValueError, RecursionError):
        return Response(status_code=400)
    return Response(status_code=404)


def _spoken(rest: Sequence[str], count: int) -> bool:
    return len(rest) == count and rest[0] in LANGUAGES


def _code(address: str) -> Response:
    # Only of the way into a class: nobody has this server make codes for other places.
    if len(address) > LONGEST or not WAY_IN.fullmatch(address):
        return Response(status_code=400)
    return Response(qr(address), media_type="image/svg+xml", headers=KEPT)


async def _guesses(lesson: str, language: str, request: Request) -> Response:
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > LARGEST:
                return Response(status_code=413)
    except ClientDisconnect:
        return Response(status_code=400)
    found = await asyncio.to_thread(guesses, lesson, language, request.url.query, json.loads(body))
    return JSONResponse(found, headers={"Cache-Control": "no-store"})
