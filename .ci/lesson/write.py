"""Write the files of a new lesson and register it: ``make lesson NAME=mixtures``.

The files beside this one are a small lesson that works, with the name ``template``. What has to be filled in
says TODO, and the lesson's own test fails until nothing says so any more.
"""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FILES = {
    "page.py": "pages/{name}.py",
    "figures.py": "core/figures/{name}.py",
    "words.en.toml": "pages/text/{name}.en.toml",
    "words.ko.toml": "pages/text/{name}.ko.toml",
    "test.py": "tests/figures/test_{name}.py",
}
# Where the lesson is named besides, each before the last lesson: the list of lessons, and two tables.
ROWS = {
    "pages/shared/catalog.py": ('    "quiz",\n', '    "{name}",\n'),
    "README.md": ("| Check yourself | `/quiz` |", "| {title} | `/{name}` | TODO: its question |\n"),
    "ADDRESSES.md": ("| Check yourself | `q` ", "| {title} | `p` TODO: its keys |\n"),
}


def problem(name: str) -> str:
    """Return why a lesson cannot have this name, or an empty text."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name):
        return "Say make lesson NAME=mixtures: lower-case letters and digits, words joined by one _."
    taken = [
        place for place in (target.format(name=name) for target in FILES.values()) if (ROOT / place).exists()
    ]
    if taken or name in ("template", "shared", "parts", "text"):
        return f"The name {name} is taken: {', '.join(taken) or 'choose another'}."
    unclear = [
        place
        for place, (mark, _) in ROWS.items()
        if (ROOT / place).read_text(encoding="utf-8").count(mark) != 1
    ]
    return f"The place for a new lesson is not clear in {', '.join(unclear)}." if unclear else ""


def write(name: str) -> list[str]:
    """Write the files of a lesson, put it before the last one, and return what was written or changed."""
    title = name.replace("_", " ").capitalize()
    for source, target in FILES.items():
        text = (HERE / source).read_text(encoding="utf-8")
        text = re.sub(r"\btemplate\b|(?<=test_)template", name, text)
        (ROOT / target.format(name=name)).write_text(text.replace("Template", title), encoding="utf-8")
    for place, (mark, row) in ROWS.items():
        text = (ROOT / place).read_text(encoding="utf-8")
        added = text.replace(mark, row.format(name=name, title=title) + mark)
        (ROOT / place).write_text(added, encoding="utf-8")
    return [*(target.format(name=name) for target in FILES.values()), *ROWS]


def main() -> int:
    """Write the lesson that the command line names; say what to do next."""
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if sentence := problem(name):
        print(sentence, file=sys.stderr)
        return 2
    print("\n".join(write(name)))
    print(f"See it at /{name} (make run EDIT=1). tests/figures/test_{name}.py says what is left to fill in.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
