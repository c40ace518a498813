"""The plain Streamlit way: st.slider and st.plotly_chart, the same figures, a rerun for every value."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.benchmarks import lessons


def page() -> None:
    """Draw one lesson; ``?lesson=`` names it."""
    st.set_page_config(layout="wide")
    driven = lessons.DRIVEN[st.query_params.get("lesson", "softmax")]
    lesson = lesson_of(driven)
    values = lesson.start
    left, right = st.columns([1, 3])
    for key in driven.drags:
        control = lesson.by_key[key]
        if control.stops is not None:
            stops = control.stops_in(values)
            set_to = left.select_slider(key, stops, value=stops[lessons.nearest(stops, values[key])], key=key)
        else:
            low, high, step = control.range_in(values)
            set_to = left.slider(key, low, high, values[key], step, key=key)
        values = values.replace(**{key: set_to})
    views = lessons.pictures(driven, values)
    for column, name in zip(right.columns(2), driven.figures, strict=True):
        column.plotly_chart({key: views[name][key] for key in ("data", "layout")}, key=f"chart-{name}")
    right.text("\n".join("".join(lessons.segments(line)) for line in views["formula"]["lines"]))
    right.code(views["code"]["tabs"][0]["text"])


@st.cache_resource
def lesson_of(driven: lessons.Driven) -> Any:
    """Import the lesson as the tests do, where no page is being drawn."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(lambda: driven.lesson).result()


if __name__ == "__main__":
    page()
