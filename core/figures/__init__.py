"""Figures as plain dicts: arrays and label strings in, a plotly figure out."""
