"""What the browser loads: plotly.js and the live component's own files, once, from the static folder.

Streamlit sends a component's inline code again with every update, so the component carries only a
loader of a few lines, which starts all downloads at once.

plotly.js is the basic bundle of the version that the installed plotly package carries (a test
compares the two). Bars, lines and pies are all that the lessons need, a table of cells being bars as
well; it is a quarter of the whole bundle's size and starts in a seventh of its time, which on a phone
or in a full class is the difference between one second and three.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import streamlit as st

STATIC = Path(__file__).resolve().parents[2] / "static"
PLOTLY = "plotly-basic-4.1.1.min.js"
MODULES = ("live", "frames", "figures", "text", "controls")

_FETCH = """
const version = "?v=%(version)s";
const address = (name) => new URL(`app/static/${name}`, document.baseURI).href;
function add(tag, attributes) {
  const node = Object.assign(document.createElement(tag), attributes);
  const done = new Promise((resolve) => { node.onload = node.onerror = resolve; });
  document.head.append(node);
  return done;
}
const modules = %(modules)s;
globalThis.__likelihoodLab ??= Promise.all([
  add("script", { src: address("%(plotly)s") }),
  add("link", { rel: "stylesheet", href: address("live/live.css") + version }),
  ...modules.map((name) => add("link", { rel: "modulepreload", href: address(`live/${name}.js`) + version })),
]);
export default function () {}
"""

_LOAD = """
const loading = import(new URL("app/static/live/live.js?v=%(version)s", document.baseURI).href);
export default function (component) {
  let cleanup;
  let gone = false;
  loading.then((live) => { if (!gone) cleanup = live.%(export)s(component); });
  return () => { gone = true; cleanup?.(); };
}
"""


@lru_cache(maxsize=1)
def _names() -> dict[str, object]:
    """Return the names of the files, the live component's by their content."""
    digest = hashlib.sha256()
    for file in sorted((STATIC / "live").iterdir()):
        digest.update(file.read_bytes())
    return {"version": digest.hexdigest()[:12], "plotly": PLOTLY, "modules": list(MODULES)}


def loader(export: str) -> str:
    """Return the inline code of a component whose browser half is an export of live.js."""
    return _LOAD % {**_names(), "export": export}


def fetch() -> None:
    """Let the browser fetch everything while Python still prepares the lesson."""
    mount = st.components.v2.component("likelihood_lab_fetch", js=_FETCH % _names(), isolate_styles=False)
    mount(key="fetch", height=1)
