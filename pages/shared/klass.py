"""The class's button beside the language, which brings the words of all that a class has on the screen."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.shared import assets
from pages.shared.board import outside
from pages.shared.catalog import load
from pages.shared.frames import pack


def show(place: Any, language: str) -> None:
    """Draw the button; the rest the browser keeps beside the page, whatever lesson is open (class_bar.js)."""
    words = load("class", language)
    message = {
        "language": language,
        "outside": outside(st.get_option("server.address")),
        "words": {part: words.group(part) for part in ("bar", "refused", "ask", "cut")},
    }
    mount = st.components.v2.component(
        "likelihood_lab_class",
        html='<div class="ll-class-corner"></div>\n',
        js=assets.loader("show", "class_bar"),
        isolate_styles=False,
    )
    with place:
        # Packed: for a mapping Streamlit would import pandas, half a second of a process's first visit.
        mount(key="class", data=pack(message), width="content", height="content")
