"""People without browsers who come back when their line is cut, as Streamlit's front end and our half do."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.benchmarks.crowd import Visitor
from tests.deploy.farm import PATIENCE, Farm

AGAIN = (0.25, 0.5)  # seconds after which the front end tries again for the first time, by chance
TRIES = 20
Found = TypeVar("Found")


class Person(Visitor):
    """One who has let go of sliders, and wants to go on from there."""

    patience = PATIENCE
    unanswered: dict[str, Any] | None = None  # what was said last, while no answer has come

    @property
    def process(self) -> str:
        """The name of the process where his session is."""
        return self.cookie.partition("=")[2]

    async def let_go(self, **changes: Any) -> None:
        """Let go of a slider, and wait for no answer."""
        self.seq += 1
        self.last = {"client": self.client, "seq": self.seq, "values": self.held, "set": changes}
        self.unanswered = changes
        await self._send(self._rerun("live"))

    async def cut(self) -> None:
        """Wait until the line is cut."""
        with contextlib.suppress(websockets.ConnectionClosed):
            async with asyncio.timeout(PATIENCE):
                while True:
                    await self.socket.recv()

    async def back(self) -> float:
        """Take up the line again and have the page run at its address; return when all was answered."""
        before = self.held
        for left in reversed(range(TRIES)):
            await asyncio.sleep(self.chance.uniform(*AGAIN))
            try:
                await self._connect()
                break
            except (ValueError, OSError, websockets.WebSocketException, TimeoutError):
                if not left:
                    raise
        message = BackMsg()
        message.rerun_script.page_script_hash = self.page
        message.rerun_script.page_name = self.driven.name
        message.rerun_script.query_string = self.address
        await self._send(message)
        await self._answer(lambda data: "values" in data)
        if self.unanswered:
            changes, self.unanswered, self.held = self.unanswered, None, before
            await self.commit(**changes)
        return time.monotonic()

    async def told(self, wanted: Callable[[ForwardMsg], Found]) -> Found:
        """Read until a message has what is wanted."""
        async with asyncio.timeout(PATIENCE):
            while not (found := wanted(ForwardMsg.FromString(await self.socket.recv()))):
                pass
        return found

    async def upload(self, content: bytes) -> int:
        """Have a place named for a file, and put it there; return the status of the answer."""
        message = BackMsg()
        message.file_urls_request.request_id = f"{self.chance.getrandbits(40)}"
        message.file_urls_request.file_names.append("people.csv")
        message.file_urls_request.session_id = self.session
        await self._send(message)
        (place,) = await self.told(lambda said: said.file_urls_response.file_urls)
        return await asyncio.to_thread(self._put, place.upload_url, content)

    def _put(self, path: str, content: bytes) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", "/_stcore/health", headers={"Cookie": self.cookie})
        answer = connection.getresponse()
        answer.read()
        (signed,) = [
            text.partition(";")[0]
            for name, text in answer.getheaders()
            if name.lower() == "set-cookie" and text.startswith("_streamlit_xsrf=")
        ]
        begin = b'--x\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n'
        headers = {"Cookie": f"{self.cookie}; {signed}", "X-Xsrftoken": signed.partition("=")[2]}
        headers["Content-Type"] = "multipart/form-data; boundary=x"
        connection.request("PUT", path, begin + content + b"\r\n--x--\r\n", headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    async def download(self) -> bytes:
        """Have the page run, and fetch the file of its button."""
        message = BackMsg()
        message.rerun_script.page_script_hash = self.page
        message.rerun_script.page_name = self.driven.name
        await self._send(message)
        path = await self.told(lambda said: said.delta.new_element.download_button.url)
        return await self._get(path)


class Tab:
    """A tab's line to its class."""

    def __init__(self, port: int, code: str) -> None:
        self.address = f"ws://127.0.0.1:{port}/class/{code}"

    async def says(self, **message: Any) -> dict[str, Any]:
        """Take up the line, say who comes, and return what is told first: a seat, or why there is none."""
        self.socket = await websockets.connect(self.address)
        await self.socket.send(json.dumps(message))
        return await self.told()

    async def told(self, kind: str = "") -> dict[str, Any]:
        """Return the next message, of a kind where one is named."""
        async with asyncio.timeout(PATIENCE):
            while True:
                message: dict[str, Any] = json.loads(await self.socket.recv())
                if kind in ("", message["kind"]):
                    return message


async def held_by(farm: Farm, code: str) -> list[str]:
    """Return the processes that have the room of a code."""
    found = []
    for name, port in farm.names.items():
        with contextlib.suppress(OSError):
            tab = Tab(port, code)
            if (await tab.says(kind="join", me="0" * 22))["kind"] == "seat":
                found.append(name)
            await tab.socket.close()
    return found
