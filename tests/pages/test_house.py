"""The rules of the house: who may import whom, how long a page may be, what belongs where."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from pages.shared import assets
from pages.shared.catalog import LESSONS, load
from pages.shared.lesson import Lesson
from tests import run

ROOT = Path(__file__).resolve().parents[2]
PAGES = [f"pages/{name}.py" for name in LESSONS]
SOURCES = [ROOT / "app.py"] + [
    path for folder in ("core", "pages") for path in sorted((ROOT / folder).rglob("*.py"))
]
LONGEST_PAGE = 180
LIVE = ROOT / "static" / "live"

Complaints: TypeAlias = dict[tuple[str, str], str]


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield the modules that a file imports, and whether it does so as soon as it is imported itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        child for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node not in inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node not in inside) for alias in node.names)


def within(name: str, *allowed: str) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


# What somebody might write, where, and the sentence that ruff has for it.
WRONG = [
    ("app.py", "from core.softmax import softmax", "only starts the frame"),
    ("app.py", "import numpy", "only starts the frame"),
    ("app.py", "import streamlit", "only starts the frame"),
    ("app.py", "import torch", "costs a second"),
    ("core/new.py", "import scipy.special", "the tests' oracle"),
    ("core/new.py", "import streamlit as st", "core must run without Streamlit"),
    ("core/new.py", "import plotly.graph_objects as go", "core knows no pictures"),
    ("core/new.py", "from pages.shared import controls", "core must not know the pages"),
    ("core/new.py", "import app", "core must not know the app"),
    ("core/new.py", "from core.figures import theme", "Numerics do not know their pictures"),
    ("core/new.py", "from core import figures", "Numerics do not know their pictures"),
    ("core/new.py", "from scipy.stats import norm", "the tests' oracle"),
    ("core/new.py", "import torch", "costs a second"),
    ("core/new.py", "def f():\n    import torch", "costs a second"),
    ("core/new.py", "import pandas as pd", "only core/tables.py imports it"),
    ("core/tables.py", "import pandas as pd", "`pandas` is banned at the module level"),
    ("core/new.py", "from .softmax import softmax", "TID252"),
    ("core/torch_reference.py", "import torch", "`torch` is banned at the module level"),
    ("core/figures/new.py", "import plotly.express", "A figure is a plain dict"),
    ("core/figures/new.py", "import streamlit", "A figure is a plain dict"),
    ("core/figures/new.py", "from pages.shared.catalog import Words", "must not know the page"),
    ("core/figures/new.py", "import scipy.special", "A figure draws what core has computed"),
    ("core/figures/new.py", "def f():\n    import torch", "costs a second"),
    ("core/figures/new.py", "from .theme import axis", "TID252"),
    ("pages/new.py", "import numpy as np", "A page does no arithmetic"),
    ("pages/new.py", "import math", "A page does no arithmetic"),
    ("pages/new.py", "from scipy.special import expit", "A page does no arithmetic"),
    ("pages/new.py", "import plotly.graph_objects", "Figures are plain dicts"),
    ("pages/new.py", "import torch", "costs a second"),
    ("pages/new.py", "import app", "must not know app.py"),
    ("pages/new.py", "from .softmax import LESSON", "TID252"),
    ("pages/parts/new.py", "import torch", "costs a second"),
    ("pages/parts/new.py", "import math", "No arithmetic here"),
    ("pages/parts/new.py", "from scipy import special", "No arithmetic here"),
    ("pages/parts/new.py", "import app", "A part must not know app.py"),
    ("pages/shared/new.py", "import torch", "costs a second"),
    ("pages/shared/new.py", "from pages.parts import people", "what belongs to few of them"),
    ("pages/shared/new.py", "import core.torch_reference", "Only the page on PyTorch"),
    ("pages/shared/new.py", "import scipy", "No numerics here"),
    ("pages/shared/new.py", "from plotly import graph_objects", "Figures are plain dicts"),
    ("tests/core/test_new.py", "import torch", "only tests/oracles"),
    ("tests/pages/test_new.py", "import torch", "only tests/oracles"),
    ("tests/oracles/test_new.py", "import streamlit", "core runs without Streamlit"),
]  # fmt: skip
# And what may stand there.
RIGHT = [
    ("app.py", "pages.shared.frame"),
    ("core/new.py", "numpy core.softmax"),
    ("core/figures/new.py", "numpy core.figures.theme core.softmax core.torch_reference"),
    ("pages/new.py", "streamlit core.figures.softmax core.torch_reference pages.shared.frame"),
    ("pages/parts/new.py", "streamlit numpy core.figures.heights pages.shared.controls pages.parts.people"),
    ("pages/shared/new.py", "streamlit numpy core.figures.theme pages.shared.controls"),
    ("tests/pages/test_new.py", "pages.softmax streamlit core scipy.stats hypothesis"),
    ("tests/figures/test_new.py", "plotly.graph_objects core.figures.softmax"),
    ("tests/oracles/test_new.py", "torch scipy.stats mpmath"),
]
SNIPPETS = [
    *((path, source) for path, source, _ in WRONG),
    *((path, "\n".join(f"import {module}" for module in modules.split())) for path, modules in RIGHT),
    ("core/torch_reference.py", "def f():\n    import torch"),
]


@pytest.fixture(scope="session")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> Complaints:
    """Return what ruff says of each snippet, were it in the house: asked once, of all of them."""
    house = tmp_path_factory.mktemp("house")
    for settings in (ROOT / "pyproject.toml", *ROOT.glob("*/ruff.toml"), *ROOT.glob("*/*/ruff.toml")):
        copy = house / settings.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(settings.read_bytes())
    owners: dict[str, list[tuple[str, str]]] = {}
    for path, source in SNIPPETS:
        owners.setdefault(path, []).extend([(path, source)] * len(source.splitlines()))
        (house / path).parent.mkdir(parents=True, exist_ok=True)
        with (house / path).open("a", encoding="utf-8") as opened:
            opened.write(source + "\n")
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--no-cache",
            "--select",
            "TID",
            "--output-format",
            "json",
            ".",
        ],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1, found.stderr
    said = dict.fromkeys(SNIPPETS, "")
    for complaint in json.loads(found.stdout):
        path = Path(complaint["filename"]).relative_to(house.resolve()).as_posix()
        said[owners[path][complaint["location"]["row"] - 1]] += (
            f"{complaint['code']} {complaint['message']}\n"
        )
    return said


class TestTheLinterKnowsWhoMayImportWhom:
    @pytest.mark.parametrize(("path", "source", "reason"), WRONG)
    def test_and_says_why(self, path: str, source: str, reason: str, complaints: Complaints) -> None:
        said = complaints[path, source]
        assert "TID25" in said
        assert reason in said

    @pytest.mark.parametrize(("path", "source"), SNIPPETS[len(WRONG) :])
    def test_and_lets_the_rest_through(self, path: str, source: str, complaints: Complaints) -> None:
        assert complaints[path, source] == ""


class TestImports:
    """What a list of forbidden modules cannot say: nothing but these."""

    @pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
    def test_only_what_its_folder_may_import(self, path: Path) -> None:
        own = path.relative_to(ROOT).as_posix()
        if own == "app.py":
            # "streamlit run" looks in this file for what Starlette's server is given.
            allowed = ("streamlit.starlette", "pages.shared")
        elif own.startswith("core/figures/"):
            allowed = ("numpy", "core")
        elif own.startswith("core/"):
            inside = {"core/torch_reference.py": ("torch",), "core/tables.py": ("pandas",)}
            allowed = ("numpy", "core", *inside.get(own, ()))
        elif own.startswith("pages/parts/"):
            allowed = ("streamlit", "numpy", "core", "pages.shared", "pages.parts")
        elif own.startswith("pages/shared/"):
            allowed = ("streamlit", "numpy", "core", "pages.shared")
            # Streamlit's server is Starlette's: middleware can be given in no other terms.
            inside = dict.fromkeys(("pages/shared/server.py", "pages/shared/doors.py"), ("starlette",))
            allowed += (inside | {"pages/shared/board.py": ("starlette", "segno")}).get(own, ())
        else:
            allowed = ("streamlit", "core", "pages.shared", "pages.parts")
        foreign = {name for name, _ in imports(path) if name.split(".")[0] not in sys.stdlib_module_names}
        wrong = {name for name in foreign if not within(name, *allowed)}
        assert wrong == set(), (
            f"{own} may import {', '.join(allowed)}: nothing but a test imports a page, "
            "and what two pages share belongs in pages/shared or pages/parts"
        )

    @pytest.mark.parametrize(
        ("line", "name"),
        [
            ("import pages.nll", "pages.nll"),
            ("from pages import nll", "pages.nll"),
            ("from pages.nll import LESSON", "pages.nll.LESSON"),
            ("def f():\n    from pages import nll", "pages.nll"),
        ],
    )
    def test_a_page_is_seen_however_it_is_imported(self, line: str, name: str, tmp_path: Path) -> None:
        file = tmp_path / "new.py"
        file.write_text(line, encoding="utf-8")
        assert [found for found, _ in imports(file)] == [name]
        assert not within(name, "pages.shared", "pages.parts")

    @pytest.mark.parametrize("name", [name for name in LESSONS if name != "home"])
    def test_a_lesson_knows_no_figures_but_its_own(self, name: str) -> None:
        """What two lessons draw alike is in marks, text and theme; home has a small picture of each."""
        others = [f"core.figures.{other}" for other in LESSONS if other != name]
        for path in (f"core/figures/{name}.py", f"pages/{name}.py"):
            assert {module for module, _ in imports(ROOT / path) if within(module, *others)} == set(), path

    @pytest.mark.parametrize(
        "path",
        [
            *(
                "shared/catalog",
                "shared/controls",
                "shared/frames",
                "shared/lesson",
                "shared/rooms",
                "shared/store",
            ),
            *(
                "shared/maker",
                "shared/supply",
                "shared/wire",
                "parts/people",
                "parts/scores",
                "parts/switches",
            ),
            "parts/tensors",
        ],
    )
    def test_what_knows_no_streamlit(self, path: str) -> None:
        found = {module for module, _ in imports(ROOT / "pages" / f"{path}.py")}
        known = ("visit", "live", "page", "memory", "way", "frame", "server")
        assert not {
            name for name in found if within(name, "streamlit", *(f"pages.shared.{one}" for one in known))
        }

    def test_no_two_modules_wait_for_one_another(self) -> None:
        """In pages/shared and pages/parts, imports inside functions included."""
        paths = [path for folder in ("shared", "parts") for path in (ROOT / "pages" / folder).glob("*.py")]
        names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in paths}
        asked = {
            name: {other for found, _ in imports(path) for other in names if within(found, other)}
            for name, path in names.items()
        }
        while free := {name for name, others in asked.items() if not others & asked.keys()}:
            for name in free:
                del asked[name]
        assert asked == {}

    def test_nothing_is_imported_by_its_name_as_a_text(self) -> None:
        found = {
            path.relative_to(ROOT).as_posix()
            for path in SOURCES
            if re.search(r"\bimport_module\(|\b__import__\(", path.read_text(encoding="utf-8"))
        }
        # Torch where it is there; by the list of lessons each one's small picture, and each one whose frames
        # are asked for; what answers, as it is after an edit.
        lists = {"core/figures/home.py", "pages/shared/supply.py", "pages/shared/server.py"}
        assert found <= {"core/torch_reference.py", *lists}

    @pytest.mark.parametrize("name", LESSONS)
    def test_a_lesson_opens_without_what_is_slow(self, name: str) -> None:
        """In a process of its own: the page, its picture in both languages, and nothing heavy."""
        code = f"""
import sys
from pages.{name} import LESSON
from pages.shared import wire
from pages.shared.frames import pack
from pages.shared.catalog import load
for language in ("en", "ko"):
    pack(wire.whole(LESSON, LESSON.start, load("{name}", language), notes=()))
print(*sorted({{"torch", "scipy.stats", "pandas"}} & set(sys.modules)))
"""
        found = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert found.returncode == 0, found.stderr
        assert found.stdout == "\n"


class TestPages:
    @pytest.mark.parametrize("path", PAGES)
    def test_is_short(self, path: str) -> None:
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        # Lines that say something: blank ones and closing brackets come from the formatter.
        assert len([line for line in lines if line.strip(" )]},")]) <= LONGEST_PAGE

    @pytest.mark.parametrize("path", PAGES)
    def test_does_no_arithmetic(self, path: str) -> None:
        operators = (ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.Sub, ast.MatMult)
        found = [
            ast.unparse(node)
            for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
            if isinstance(node, ast.BinOp)
            and isinstance(node.op, operators)
            # A tuple or a text said several times, and the place of the last one, are not arithmetic.
            and not isinstance(node.left, (ast.Tuple, ast.List, ast.Constant, ast.JoinedStr))
            and not (isinstance(node.op, ast.Sub) and ast.unparse(node.right) == "1")
        ]
        assert found == []

    @pytest.mark.parametrize("path", PAGES)
    def test_holds_no_words(self, path: str) -> None:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        documented = (ast.Module, ast.FunctionDef, ast.ClassDef)
        docstrings = {
            node.body[0].value
            for node in ast.walk(tree)
            if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
        }
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings
        ]
        sentence = re.compile(r"[가-힣]|^[A-Z][a-z]+ [a-z]|(?:[A-Za-z]{2,} ){2}[A-Za-z]{2,}")
        assert [text for text in texts if sentence.search(text)] == []

    @pytest.mark.parametrize("path", PAGES)
    def test_ends_by_showing_its_lesson(self, path: str) -> None:
        assert (ROOT / path).read_text(encoding="utf-8").endswith("\nframe.show(LESSON)\n")

    def test_every_file_in_pages_is_a_lesson(self) -> None:
        assert {path.stem for path in (ROOT / "pages").glob("*.py")} == set(LESSONS)

    @pytest.mark.parametrize("name", LESSONS)
    def test_page_figures_and_texts_share_one_stem(self, name: str) -> None:
        for path in (f"core/figures/{name}.py", f"pages/text/{name}.en.toml", f"pages/text/{name}.ko.toml"):
            assert (ROOT / path).is_file(), path
        assert within(
            f"core.figures.{name}", *(module for module, _ in imports(ROOT / "pages" / f"{name}.py"))
        )


class TestTheRoom:
    def test_every_test_is_in_a_part_of_make_test(self) -> None:
        told = [argument for part in (*run.DAILY, *run.EXHAUSTIVE) for argument in part.arguments]
        files = [
            file.relative_to(ROOT).as_posix()
            for file in (*(ROOT / "tests").rglob("test_*.py"), ROOT / "tests" / "run.py", *SOURCES)
            if file.name.startswith("test_") or ">>> " in file.read_text(encoding="utf-8")
        ]
        assert [file for file in files if not any(Path(file).is_relative_to(path) for path in told)] == []

    def test_no_source_folder_but_these(self) -> None:
        known = subprocess.run(
            ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.split()  # fmt: skip
        if not known:
            pytest.skip("not a git repository")
        assert {path.split("/")[0] for path in known if "/" in path} <= {
            ".ci", ".streamlit", "core", "deploy", "pages", "static", "tests",
        }  # fmt: skip

    @pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
    def test_every_version_is_exact_and_from_the_usual_place(self, name: str) -> None:
        lines = [
            line
            for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
            if not line.startswith("#")
        ]
        assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+", line)] == []

    def test_every_lesson_and_every_public_key_is_written_down(self, lesson: Lesson) -> None:
        readme, addresses = (
            (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "ADDRESSES.md")
        )
        assert f"| `/{'' if lesson.name == 'home' else lesson.name}` |" in readme
        keys = addresses.partition("| Where | Keys |")[2].partition("\n\n")[0].splitlines()
        title = load(lesson.name, "en")("nav")
        own = " ".join(row for row in keys[1:] if title in row.split("|")[1])
        numbered = {
            key for first, last in re.findall(r"`(\w+)` to `(\w+)`", own) for key in through(first, last)
        }
        named = set(re.findall(r"`(\w+)`", own)) | numbered
        assert {control.key for control in lesson.controls if control.in_url} - named == set()

    def test_settings_say_why(self) -> None:
        text = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
        settings = tomllib.loads(text)
        assert settings["server"]["enableStaticServing"] is True
        assert settings["server"]["fileWatcherType"] == "none"
        assert settings["runner"]["postScriptGC"] is False
        assert settings["browser"]["gatherUsageStats"] is False
        above = ""
        for line in text.splitlines():
            if re.match(r"\w+ = ", line) and not above.startswith("#") and "Color" not in line:
                pytest.fail(f"{line} has no comment that says why")
            above = line if line.startswith("#") else ""


class TestTheBrowserHalf:
    def test_plotly_is_the_one_that_the_python_package_carries(self) -> None:
        import plotly

        def version(file: Path) -> str:
            with file.open(encoding="utf-8") as opened:
                return (
                    opened.read(200).partition(") v" if "basic" in file.name else "plotly.js v")[2].split()[0]
                )

        ours = ROOT / "static" / assets.PLOTLY
        assert version(ours) == version(Path(plotly.__file__).parent / "package_data" / "plotly.min.js")
        assert version(ours) in assets.PLOTLY
        assert [file.name for file in (ROOT / "static").glob("plotly*")] == [assets.PLOTLY]

    css = "".join((LIVE / f"{name}.css").read_text(encoding="utf-8") for name in ("live", "class"))
    script = "".join(file.read_text(encoding="utf-8") for file in sorted(LIVE.glob("*.js")))
    shared = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "pages").rglob("*.py"))

    def selectors(self) -> list[str]:
        plain = re.sub(r"/\*.*?\*/", "", self.css, flags=re.DOTALL)
        heads = [head.strip() for head in re.findall(r"(?:^|[{};])([^{};]+)(?=\{)", plain)]
        steps = re.compile(r"^(from|to|[\d.]+%)$")
        return [
            one.strip()
            for head in heads
            if head[0] != "@"
            for one in split(head)
            if not steps.match(one.strip())
        ]

    def test_every_rule_stays_within_its_own_part(self) -> None:
        assert len(self.selectors()) > 50
        assert [one for one in self.selectors() if not re.match(r"\.ll(?![a-z])", one)] == []

    def test_every_variable_that_is_used_is_set(self) -> None:
        used = set(re.findall(r"var\((--ll-[\w-]+)", self.css))
        set_here = set(re.findall(r"(--ll-[\w-]+)\s*:", self.css)) | set(
            re.findall(r"--ll-[\w-]+", self.script)
        )
        made = {f"--ll-{role}" for role in palette()} if "--ll-$" in self.script else set()
        assert used - set_here - made == set()

    def test_every_class_is_used(self) -> None:
        classes = {name for selector in self.selectors() for name in re.findall(r"\.(ll-[\w-]+)", selector)}
        text = self.script + self.shared
        made = re.findall(r"(ll-[\w-]*)\$\{", text)
        left = [
            name
            for name in sorted(classes)
            if not re.search(rf"{name}(?![\w-])", text) and not any(name.startswith(start) for start in made)
        ]
        assert left == []

    def test_nothing_is_loaded_from_elsewhere(self) -> None:
        static = "".join(
            file.read_text(encoding="utf-8")
            for file in (ROOT / "static").rglob("*")
            if file.suffix in (".js", ".css", ".svg") and "plotly" not in file.name
        )
        links = set(re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z0-9.]+", re.sub(r"(?m)^\s*//.*$", "", static)))
        assert links <= {"http://www.w3.org"}

    def test_no_mathematics_of_a_lesson(self) -> None:
        assert (
            re.findall(r"Math\.(?:exp|log\w*|pow|sqrt)\b|softmax|entropy|likelihood\w*\(", self.script) == []
        )


def through(first: str, last: str) -> list[str]:
    """Return the keys from one to another: z1 to z3, and b11 to b33 row by row."""
    stem = first.rstrip("0123456789")
    low, high = first[len(stem) :], last[len(stem) :]
    return [
        f"{stem}{number}"
        for number in range(int(low), int(high) + 1)
        if len(low) == 1 or all(a <= c <= b for a, c, b in zip(low, str(number), high, strict=True))
    ]


def split(head: str) -> list[str]:
    """Split a rule's head at the commas between selectors, not at those inside brackets."""
    return re.split(r",(?![^(]*\))", head)


def palette() -> set[str]:
    from core.figures.theme import PALETTES

    return set(PALETTES["light"])
