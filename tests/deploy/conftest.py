"""Three processes of the app for all tests here, and each balancer before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.deploy.farm", "tests.browser.driver")
from tests.deploy.farm import Balancer, Farm, HAProxy, Nginx, program  # noqa: E402, its asserts explain themselves

HERE = Path(__file__).parent
# A process killed while the one that makes its frames starts: that one finds nothing to read, as Python says.
CUT_OFF = re.compile(r"Traceback .*\n(?: .*\n)* .*in spawn_main\n(?: .*\n)*EOFError: Ran out of input\n")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here: it needs minutes, and programs that few machines have."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.exhaustive)


@pytest.fixture(scope="session")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """Three processes."""
    program("haproxy")
    program("nginx")
    with Farm(tmp_path_factory.mktemp("farm")) as running:
        yield running
    said = CUT_OFF.sub("", running.said())
    assert "Traceback" not in said, said


@pytest.fixture(scope="session")
def haproxy(farm: Farm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HAProxy]:
    """HAProxy before them."""
    with HAProxy(farm, tmp_path_factory.mktemp("haproxy") / "run") as running:
        yield running


@pytest.fixture(scope="session")
def nginx(farm: Farm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """Nginx before them."""
    with Nginx(farm, tmp_path_factory.mktemp("nginx") / "run") as running:
        yield running


@pytest.fixture(params=["haproxy", "nginx"])
def balancer(request: pytest.FixtureRequest) -> Balancer:
    """Each of both in turn; all processes are there."""
    found: Balancer = request.getfixturevalue(request.param)
    found.farm.mend()
    return found
