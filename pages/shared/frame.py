"""The frame around the lessons: their list, the way between them, the language, the first visit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shared import assets
from pages.shared.catalog import LANGUAGES, load

if TYPE_CHECKING:
    from pages.shared.lesson import Lesson

# In the order in which they are told. The stem is the address, the page, its texts and its figures.
LESSONS = (
    "home",
    "softmax",
    "nll",
    "cross_entropy",
    "counts",
    "heights",
    "losses",
    "output_units",
    "pytorch",
    "quiz",
)


def set_up() -> None:
    """Prepare the page: width, title, icon."""
    # An icon of our own: Streamlit takes its named icons for the tab from another host.
    st.set_page_config(page_title="Likelihood Lab", page_icon=str(assets.STATIC / "icon.svg"), layout="wide")


def language() -> str:
    """Return the visitor's language: chosen, from the address, or the browser's."""
    chosen = st.session_state.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = st.query_params.get("lang")
    if wanted not in LANGUAGES:
        wanted = "ko" if (st.context.locale or "").lower().startswith("ko") else "en"
    st.session_state["language"] = wanted
    return str(wanted)


def navigate() -> Any:
    """Return Streamlit's navigation over all lessons, in the visitor's language."""
    code = language()
    return st.navigation(
        [
            st.Page(
                f"pages/{name}.py",
                title=load(name, code)("nav"),
                url_path="" if name == "home" else name,
                default=name == "home",
            )
            for name in LESSONS
        ],
        position="top",
    )


def show(lesson: Lesson) -> None:
    """Draw a lesson; does nothing where its file is only imported (as by the tests)."""
    if get_script_run_ctx() is None:
        return
    # Imported here, because app.py waits for this module, and NumPy takes its time.
    from pages.shared import page

    page.draw(lesson)
