"""The frame around the lessons: the way between them, and what a page file does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shared import assets
from pages.shared.catalog import COURSE, LESSONS, load
from pages.shared.visit import language

if TYPE_CHECKING:
    from pages.shared.lesson import Lesson


def set_up() -> None:
    """Prepare the page: width, title, icon."""
    # An icon of our own: Streamlit takes its named icons for the tab from another host.
    st.set_page_config(page_title="Likelihood Lab", page_icon=str(assets.STATIC / "icon.svg"), layout="wide")


def navigate() -> Any:
    """Return Streamlit's navigation over all lessons, in the visitor's language."""
    code = language()
    return st.navigation(
        [
            st.Page(
                f"pages/{name}.py",
                title=_numbered(name, code),
                url_path="" if name == "home" else name,
                default=name == "home",
            )
            for name in LESSONS
        ],
        position="top",
    )


def _numbered(name: str, code: str) -> str:
    """Return what the navigation calls a lesson: its number, where it has one, and its short name."""
    number = f"{COURSE.index(name) + 1} " if name in COURSE else ""
    return number + load(name, code)("nav")


def show(lesson: Lesson) -> None:
    """Draw a lesson; does nothing where its file is only imported (as by the tests)."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return
    # Imported here, because app.py waits for this module, and NumPy takes its time.
    from pages.shared import page

    page.draw(lesson)
