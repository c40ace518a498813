"""What tests and benchmarks use of this machine: the app on a port of its own, and Chromium.

Playwright and pytest are imported inside a function: most tests run without the one, a benchmark without
the other.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
# Whether this is make test-all, which looks at everything where make test looks at a sample.
EXHAUSTIVE = os.environ.get("LAB_EXHAUSTIVE") == "1"
ARGS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # What Playwright switches off and a local page can meet, since the last list counts; and what Chromium
    # prepares behind its own address bar, a quarter of the work of a new tab.
    "--disable-features=PaintHolding,DestroyProfileOnBrowserClose,HttpsUpgrades,OptimizationHints,AimEnabled,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
]


Item = TypeVar("Item")


def some(items: Iterable[Item], count: int, seed: object) -> list[Item]:
    """Return a sample by a seed, in its order; all of the items where everything is looked at.

    Examples
    --------
    >>> len(some(range(100), 3, "a seed")) in (3, 100)
    True
    """
    whole = list(items)
    if EXHAUSTIVE or len(whole) <= count:
        return whole
    return [whole[i] for i in sorted(random.Random(str(seed)).sample(range(len(whole)), count))]


def chromium() -> str:
    """Return where Chromium is; LAB_CHROMIUM names another one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("LAB_CHROMIUM") or next(
        (path for name in names if (path := shutil.which(name))), None
    )
    if found is None:
        raise RuntimeError("Chromium is not installed; LAB_CHROMIUM can say where it is.")
    return found


def node() -> str:
    """Return where Node is: Playwright brings one along."""
    import playwright

    return str(Path(playwright.__file__).parent / "driver" / ("node.exe" if os.name == "nt" else "node"))


@contextmanager
def running_chromium(*more: str) -> Iterator[Browser]:
    """Yield a running Chromium; without one skip the test, or fail it where LAB_REQUIRE_BROWSER is set."""
    import pytest

    try:
        from playwright.sync_api import sync_playwright

        executable = chromium()
    except (ImportError, RuntimeError) as error:
        if os.environ.get("LAB_REQUIRE_BROWSER") == "1":
            pytest.fail(f"LAB_REQUIRE_BROWSER is set, but: {error}", pytrace=False)
        pytest.skip(str(error))
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=[*ARGS, *more])
        yield running
        running.close()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class App:
    """A Streamlit app in a process of its own, started as ``make run`` does and ended by its id.

    Parameters
    ----------
    script : Path
        The app; its folder is the one in which it runs.
    log : Path
        Where it writes.
    *flags : str
        More of Streamlit's options.
    port : int, optional
        Where it listens; a port that is free by default.
    eager : bool
        Whether it makes frames ahead: half of its work where many lessons are visited once each.
    """

    def __init__(
        self, script: Path, log: Path, *flags: str, port: int | None = None, eager: bool = True
    ) -> None:
        self.port = port or free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "streamlit", "run", script.name),
                    *("--server.address=127.0.0.1", f"--server.port={self.port}"),
                    *flags,
                ],
                cwd=script.parent,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # Compiled files are kept, as by whoever starts the app a second time.
                env={k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
                | {"LAB_AHEAD": str(int(eager))},
            )

    def __enter__(self) -> Self:
        end = time.monotonic() + 90
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.origin}/_stcore/health", timeout=5):
                    return self
            except OSError:
                time.sleep(0.02)
        self.__exit__(None, None, None)
        raise RuntimeError(f"the server did not start:\n{self.said()}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def said(self) -> str:
        """Return what the server wrote."""
        return self.log.read_text(errors="replace")
