"""The rules of the house: who may import whom, how long a page may be, what belongs where."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages.shared import assets
from pages.shared.catalog import load
from pages.shared.frame import LESSONS
from pages.shared.lesson import Lesson

ROOT = Path(__file__).resolve().parents[2]
PAGES = [f"pages/{name}.py" for name in LESSONS]
SOURCES = [path for folder in ("core", "pages") for path in sorted((ROOT / folder).rglob("*.py"))]
LONGEST_PAGE = 120
LIVE = ROOT / "static" / "live"


def complaints(path: str, source: str) -> str:
    """Return what ruff says of the imports of ``source``, were it the file ``path``."""
    options = ["--select", "TID", "--output-format", "concise", "--stdin-filename", path]
    found = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *options, "-"],
        input=source,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode in (0, 1), found.stderr
    return found.stdout


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


class TestTheLinterKnowsWhoMayImportWhom:
    @pytest.mark.parametrize(
        ("path", "line", "reason"),
        [
            ("app.py", "from core.softmax import softmax", "only starts the frame"),
            ("app.py", "import numpy", "only starts the frame"),
            ("app.py", "import streamlit", "only starts the frame"),
            ("app.py", "import torch", "costs a second"),
            ("app.py", "from pages import softmax", "nothing but a test imports a page"),
            ("core/new.py", "import streamlit as st", "core must run without Streamlit"),
            ("core/new.py", "import plotly.graph_objects as go", "core knows no pictures"),
            ("core/new.py", "from pages.shared import controls", "core must not know the pages"),
            ("core/new.py", "import app", "core must not know the app"),
            ("core/new.py", "from core.figures import theme", "Numerics do not know their pictures"),
            ("core/new.py", "from core import figures", "Numerics do not know their pictures"),
            ("core/new.py", "from scipy import stats", "it belongs in the tests"),
            ("core/new.py", "from scipy.stats import norm", "it belongs in the tests"),
            ("core/new.py", "import torch", "costs a second"),
            ("core/new.py", "def f():\n    import torch", "costs a second"),
            ("core/new.py", "import pandas as pd", "imports numpy, scipy and its own modules only"),
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
            ("pages/shared/new.py", "import torch", "costs a second"),
            ("pages/shared/new.py", "import core.torch_reference", "Only the page on PyTorch"),
            ("pages/shared/new.py", "import scipy", "No numerics here"),
            ("pages/shared/new.py", "from plotly import graph_objects", "Figures are plain dicts"),
            ("tests/core/test_new.py", "import torch", "only tests/oracles"),
            ("tests/pages/test_new.py", "import torch", "only tests/oracles"),
            ("tests/oracles/test_new.py", "import streamlit", "core runs without Streamlit"),
        ],
    )  # fmt: skip
    def test_and_says_why(self, path: str, line: str, reason: str) -> None:
        said = complaints(path, line + "\n")
        assert "TID25" in said
        assert reason in said

    @pytest.mark.parametrize("page", LESSONS)
    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            ("app.py", "nothing but a test imports a page"),
            ("pages/new.py", "A page never imports a page"),
            ("pages/shared/new.py", "must not know one of them"),
            ("core/new.py", "core must not know the pages"),
            ("core/figures/new.py", "must not know the page"),
        ],
    )  # fmt: skip
    def test_and_knows_every_page(self, page: str, path: str, reason: str) -> None:
        source = f"import pages.{page}\nfrom pages import {page}\nfrom pages.{page} import LESSON\n"
        assert complaints(path, source).count(reason) == 3

    @pytest.mark.parametrize(
        ("path", "modules"),
        [
            ("app.py", "pages.shared.frame"),
            ("core/new.py", "numpy scipy.special core.softmax"),
            ("core/figures/new.py", "numpy core.figures.theme core.softmax core.torch_reference"),
            ("pages/new.py", "streamlit core.figures.softmax core.torch_reference pages.shared.frame"),
            ("pages/shared/new.py", "streamlit numpy core.figures.theme pages.shared.controls"),
            ("tests/pages/test_new.py", "pages.softmax streamlit core scipy.stats hypothesis"),
            ("tests/figures/test_new.py", "plotly.graph_objects core.figures.softmax"),
            ("tests/oracles/test_new.py", "torch scipy.stats mpmath"),
        ],
    )
    def test_and_lets_the_rest_through(self, path: str, modules: str) -> None:
        source = "".join(f"import {module}\n" for module in modules.split())
        assert complaints(path, source) == "All checks passed!\n"

    def test_and_lets_torch_into_a_function_of_its_own_file(self) -> None:
        source = "def f():\n    import torch\n"
        assert complaints("core/torch_reference.py", source) == "All checks passed!\n"


class TestImports:
    """What a list of forbidden modules cannot say: nothing but these."""

    @pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
    def test_only_what_its_folder_may_import(self, path: Path) -> None:
        own = path.relative_to(ROOT).as_posix()
        if own.startswith("core/figures/"):
            allowed = ("numpy", "core")
        elif own.startswith("core/"):
            allowed = ("numpy", "scipy", "core", *(["torch"] if own == "core/torch_reference.py" else []))
        elif own.startswith("pages/shared/"):
            allowed = ("streamlit", "numpy", "core", "pages.shared")
            # Streamlit's server is Starlette's: middleware can be given in no other terms.
            allowed += ("starlette",) if own == "pages/shared/server.py" else ()
        else:
            allowed = ("streamlit", "core", "pages.shared")
        foreign = {name for name, _ in imports(path) if name.split(".")[0] not in sys.stdlib_module_names}
        assert {name for name in foreign if not within(name, *allowed)} == set()

    @pytest.mark.parametrize("name", [name for name in LESSONS if name != "home"])
    def test_a_lesson_knows_no_figures_but_its_own(self, name: str) -> None:
        """What two lessons draw alike is in marks, text and theme; home has a small picture of each."""
        others = [f"core.figures.{other}" for other in LESSONS if other != name]
        for path in (f"core/figures/{name}.py", f"pages/{name}.py"):
            assert {module for module, _ in imports(ROOT / path) if within(module, *others)} == set(), path

    @pytest.mark.parametrize("name", ["catalog", "controls", "frames", "lesson", "scores"])
    def test_what_knows_no_streamlit(self, name: str) -> None:
        found = {module for module, _ in imports(ROOT / "pages" / "shared" / f"{name}.py")}
        assert not {
            module
            for module in found
            if within(module, "streamlit", "pages.shared.live", "pages.shared.frame")
        }

    def test_nothing_is_imported_by_its_name_as_a_text(self) -> None:
        found = {
            path.relative_to(ROOT).as_posix()
            for path in SOURCES
            if re.search(r"\bimport_module\(|\b__import__\(", path.read_text(encoding="utf-8"))
        }
        assert found <= {"core/torch_reference.py"}

    @pytest.mark.parametrize("name", LESSONS)
    def test_a_lesson_opens_without_what_is_slow(self, name: str) -> None:
        """In a process of its own: the page, its picture in both languages, and nothing heavy."""
        code = f"""
import sys
from pages.{name} import LESSON
from pages.shared import live
from pages.shared.catalog import load
for language in ("en", "ko"):
    live.pack(live.whole(LESSON, LESSON.start, load("{name}", language), notes=()))
print(*sorted({{"torch", "scipy.stats"}} & set(sys.modules)))
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
    def test_no_source_folder_but_these(self) -> None:
        known = subprocess.run(
            ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.split()  # fmt: skip
        if not known:
            pytest.skip("not a git repository")
        assert {path.split("/")[0] for path in known if "/" in path} <= {
            ".ci", ".streamlit", "core", "pages", "static", "tests",
        }  # fmt: skip

    @pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
    def test_every_version_is_exact_and_from_the_usual_place(self, name: str) -> None:
        lines = [
            line
            for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
            if not line.startswith("#")
        ]
        assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+", line)] == []

    def test_the_readme_names_every_lesson_and_key(self, lesson: Lesson) -> None:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        assert f"| `/{'' if lesson.name == 'home' else lesson.name}` |" in readme
        keys = readme.partition("| Where | Keys |")[2].partition("\n\n")[0].splitlines()
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

    def test_the_browser_is_told_to_fetch_every_module(self) -> None:
        assert {f"{name}.js" for name in assets.MODULES} == {file.name for file in LIVE.glob("*.js")}

    css = (LIVE / "live.css").read_text(encoding="utf-8")
    script = "".join(file.read_text(encoding="utf-8") for file in sorted(LIVE.glob("*.js")))
    shared = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "pages" / "shared").glob("*.py"))

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
