"""Likelihood Lab: how scores become probabilities, and losses turn out to be likelihoods.

Start it with ``make run``. This file only sets the page up; the lessons are in ``pages/``.
"""

from pages.shared import frame

frame.set_up()
frame.navigate().run()
