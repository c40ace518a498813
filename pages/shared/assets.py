"""What the browser loads: plotly.js and the live component's own files, once, from the static folder.

The page's head starts all downloads at once. Streamlit sends a component's inline code again with every
update, so the components carry only a loader of a few lines.

plotly.js is the basic bundle of the version that the installed plotly package carries (a test
compares the two). Bars, lines and pies are all that the lessons need, a table of cells being bars as
well; it is a quarter of the whole bundle's size and starts in a seventh of its time, which on a phone
or in a full class is the difference between one second and three.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
PLOTLY = "plotly-basic-4.1.1.min.js"
# All of the browser half, first what asks for the others.
MODULES = sorted({path.stem for path in (STATIC / "live").glob("*.js")}, key=lambda s: (s != "live", s))

# plotly.js first: it starts while the browser still waits for the other files.
_HEAD = """\
    <script>
      let plotlyHasCome;
      globalThis.__likelihoodLab = new Promise((resolve) => (plotlyHasCome = resolve));
    </script>
    <script async fetchpriority="high" src="./app/static/%(plotly)s" onload="plotlyHasCome()"></script>
    <link rel="stylesheet" href="./app/static/frame.css?v=%(version)s">
    <link rel="stylesheet" href="./app/static/live/live.css?v=%(version)s">
    <link rel="stylesheet" href="./app/static/live/class.css?v=%(version)s">
%(modules)s"""

_LOAD = """
const loading = import(new URL("app/static/live/%(module)s.js?v=%(version)s", document.baseURI).href);
export default function (component) {
  let cleanup;
  let gone = false;
  loading.then((module) => { if (!gone) cleanup = module.%(export)s(component); });
  return () => { gone = true; cleanup?.(); };
}
"""


@lru_cache(maxsize=1)
def _names() -> dict[str, object]:
    """Return the names of the files, those with a version by their content."""
    digest = hashlib.sha256()
    for file in [STATIC / "frame.css", *sorted((STATIC / "live").iterdir())]:
        digest.update(file.read_bytes())
    return {"version": digest.hexdigest()[:12], "plotly": PLOTLY}


def version() -> str:
    """Return what the addresses of the files that change have as ``v``."""
    return str(_names()["version"])


def loader(export: str, module: str = "live") -> str:
    """Return the inline code of a component whose browser half is an export of a module."""
    return _LOAD % {**_names(), "export": export, "module": module}


def head() -> str:
    """Return the part of the page's head that has the browser fetch everything at once."""
    names = _names()
    modules = [
        f'    <link rel="modulepreload" href="./app/static/live/{name}.js?v=%(version)s">' for name in MODULES
    ]
    return _HEAD % {**names, "modules": "\n".join(modules) % names}
