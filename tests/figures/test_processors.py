"""Every processor shows the same: what the pages show under other kernels of OpenBLAS and of NumPy.

Which kernel sums, and in which order, decides the last digits. What a page shows must not hang on them: in
the states of the tests and in others at random, each kernel in a process of its own.
"""

from __future__ import annotations

import json
import os
import pickle
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.figures.compare import differences
from tests.machine import ROOT

pytestmark = pytest.mark.exhaustive

Views = dict[tuple[str, str, str, str], Any]

INTEL = platform.machine() in ("x86_64", "AMD64")
KERNELS = ("Nehalem", "Sandybridge", "Haswell") if INTEL else ("ARMV8", "NEOVERSEN1")
STATES_MORE = 40  # states at random of each lesson
CLOSE = 1e-9
# What this processor's rounding does is what these show: the finite difference with its step, down to 1e-12.
SHOWS_ROUNDING = {("nll", "gradient"), ("nll", "compare")}


def extensions() -> str:
    """Return the extensions of this processor for which NumPy has code of its own."""
    umath = np._core._multiarray_umath
    return " ".join(name for name in umath.__cpu_dispatch__ if umath.__cpu_features__.get(name))


# Descents at bold rates, of which many become chaotic.
BOLD = """
import json, random
from core.descent import cross_entropy_descent
from core.figures.output_units import Setup, trail_of
chance, trails = random.Random(8), []
for number in range(320):
    layer = ("linear", "sigmoid", "softmax", "poisson")[number % 4]
    rate = chance.choice((0.05, 0.15, 0.3, 1.0, 3.0) if layer == "linear" else (7.0, 20.0, 30.0, 50.0, 70.0))
    trails.append(trail_of(Setup(layer, rate, 0.0, chance.randint(0, 12), 1, 1.0, chance.randint(1, 20) * 5,
                                 chance.randint(2, 20) / 10, chance.randint(0, 9999))))
for number in range(200):
    weights = [chance.randint(1, 9) for _ in range(chance.randint(2, 8))]
    start = [chance.uniform(-5, 5) for _ in weights]
    share = [weight / sum(weights) for weight in weights]
    rate = chance.choice((6.3, 7.9, 10.0))
    trails.append(cross_entropy_descent(share, start, learning_rate=rate, steps=100))
print(json.dumps([[trail.status, trail.points.tolist(), trail.values.tolist()] for trail in trails]))
"""


def bold(**environment: str) -> Any:
    """Return where such descents go in a process with other settings."""
    call = [sys.executable, "-c", BOLD]
    said = subprocess.run(call, cwd=ROOT, env={**os.environ, **environment}, check=True, capture_output=True)
    return json.loads(said.stdout)


@pytest.fixture(scope="module")
def our_descents() -> Any:
    """Return where they go here."""
    return bold()


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_bold_descent_is_the_same_and_ends_alike(kernel: str, our_descents: Any) -> None:
    theirs = bold(OPENBLAS_CORETYPE=kernel, NPY_DISABLE_CPU_FEATURES=extensions())
    assert [trail[0] for trail in our_descents].count("chaotic") > 30
    for number, (one, other) in enumerate(zip(our_descents, theirs, strict=True)):
        assert one[0] == other[0], number
        for part in (1, 2):
            np.testing.assert_allclose(
                one[part], other[part], rtol=0.0, atol=CLOSE * (1.0 + np.abs(one[part]).max()), err_msg=number
            )


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Views]:
    """Return a function that draws all lessons in a process with other settings."""
    folder = tmp_path_factory.mktemp("views")

    def draw(**environment: str) -> Views:
        out = folder / "-".join(["views", *environment.values()]).replace(" ", "-")
        call = [
            sys.executable,
            "tests/figures/compare.py",
            "--into",
            str(out),
            "--more",
            str(STATES_MORE),
            "here",
        ]
        subprocess.run(
            call, cwd=ROOT, env={**os.environ, **environment}, check=True, stderr=subprocess.DEVNULL
        )
        found: Views = pickle.loads(Path(out).read_bytes())
        return found

    return draw


@pytest.fixture(scope="module")
def ours(views: Callable[..., Views]) -> Views:
    """Return what this processor draws."""
    return views()


def apart(one: Any, other: Any) -> bool:
    """Tell whether two leaves show different numbers or words."""
    numbers = (float, np.floating, np.ndarray)
    if not (isinstance(one, numbers) and isinstance(other, numbers)):
        return True
    one, other = np.asarray(one), np.asarray(other)
    if one.dtype == object or one.shape != other.shape:
        return True
    largest = float(np.abs(one[np.isfinite(one)]).max(initial=0.0))
    return not np.allclose(one, other, rtol=0.0, atol=CLOSE * largest, equal_nan=True)


def found(ours: Views, theirs: Views, left_out: set[tuple[str, str]]) -> list[str]:
    """Return what is shown otherwise."""
    assert ours.keys() == theirs.keys()
    return [
        f"{lesson} {state} {language} {view} {path}: {str(one)[:60]} {str(other)[:60]}"
        for (lesson, state, language, view), picture in ours.items()
        if (lesson, view) not in left_out
        for path, one, other in differences(picture, theirs[lesson, state, language, view])
        if apart(one, other)
    ]


@pytest.mark.parametrize("kernel", KERNELS)
def test_another_kernel_of_openblas_shows_the_same(
    kernel: str, ours: Views, views: Callable[..., Views]
) -> None:
    assert found(ours, views(OPENBLAS_CORETYPE=kernel), set()) == []


def test_the_processor_of_an_older_laptop_shows_the_same(ours: Views, views: Callable[..., Views]) -> None:
    wide = " ".join(name for name in extensions().split() if "512" in name or name == "X86_V4")
    theirs = views(
        OPENBLAS_CORETYPE=KERNELS[-1], NPY_DISABLE_CPU_FEATURES=wide, ATEN_CPU_CAPABILITY="default"
    )
    assert found(ours, theirs, SHOWS_ROUNDING) == []


def test_numpy_without_the_extensions_of_this_processor_shows_the_same(
    ours: Views, views: Callable[..., Views]
) -> None:
    theirs = views(OPENBLAS_CORETYPE=KERNELS[0], NPY_DISABLE_CPU_FEATURES=extensions())
    assert found(ours, theirs, SHOWS_ROUNDING) == []


def test_the_comparison_sees_what_differs() -> None:
    here = {("a", "start", "en", "v"): {"x": np.array([1.0, 2.0]), "text": ["1.5"], "y": 3.0}}
    for change in ({"x": np.array([1.0, 2.0 + 1e-8])}, {"text": ["1.6"]}, {"y": 3.0001}, {"y": None}):
        there = {key: {**view, **change} for key, view in here.items()}
        assert len(found(here, there, set())) == 1
        assert found(here, there, {("a", "v")}) == []
    close = {key: {**view, "x": np.array([1.0 + 1e-12, 2.0])} for key, view in here.items()}
    assert found(here, close, set()) == []
