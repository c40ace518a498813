"""What the browser loads: plotly.js from the installed package, and the live component's own files.

Streamlit sends a component's inline code again with every update, so the component carries only a
loader of a few lines; the rest comes once, from the app's static folder.
"""

from __future__ import annotations

import hashlib
import shutil
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"

_LOADER = """
let loading;
export default function (component) {
  loading ??= import(new URL("app/static/live/live.js?v=%(code)s&plotly=%(plotly)s", document.baseURI));
  let cleanup;
  let gone = false;
  loading.then((live) => { if (!gone) cleanup = live.default(component); });
  return () => { gone = true; cleanup?.(); };
}
"""


@lru_cache(maxsize=1)
def plotly_file() -> str:
    """Return the name of plotly.js in the static folder, put there from the package when it is not."""
    name = f"plotly-{version('plotly')}.min.js"
    target = STATIC / name
    if not target.exists():
        # find_spec, because importing plotly costs start-up time and the app draws with plain dicts.
        spec = find_spec("plotly")
        if spec is None or spec.origin is None:
            raise RuntimeError("plotly is not installed: pip install -r requirements.txt")
        STATIC.mkdir(exist_ok=True)
        part = target.with_suffix(".part")
        shutil.copyfile(Path(spec.origin).parent / "package_data" / "plotly.min.js", part)
        part.replace(target)
    return name


@lru_cache(maxsize=1)
def loader() -> str:
    """Return the component's inline code: it loads the files, named by their content, once."""
    digest = hashlib.sha256()
    for file in sorted((STATIC / "live").iterdir()):
        digest.update(file.read_bytes())
    return _LOADER % {"code": digest.hexdigest()[:12], "plotly": plotly_file()}
