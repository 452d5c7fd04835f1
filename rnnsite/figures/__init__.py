"""Arrays → Plotly figures, alternative text and tables: one file for each experiment, under the experiment's name.

Each module has `figure(arrays)`, `alt(arrays)` and `table(arrays)`. Plotly and numpy only: no torch, and no import of
the experiment, so that figures can be redrawn from a stored result anywhere.
"""
