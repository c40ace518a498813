"""Likelihood Lab: how scores become probabilities, and losses turn out to be likelihoods.

Start it with ``make run``. This file only starts the frame; the lessons are in ``pages/``.
"""

from streamlit.starlette import App  # noqa: TID251 ("streamlit run" looks for it in this file)

from pages.shared import frame, server

if __name__ == "__main__":
    # Run by Streamlit for every visitor; the server itself imports this file once.
    frame.set_up()
    frame.navigate().run()
else:
    app = App(__file__, lifespan=server.lifespan, middleware=server.MIDDLEWARE)
