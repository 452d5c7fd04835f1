"""A page for each experiment, written by the build: its claims, configurations and whole source."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from rnnsite import sources

if TYPE_CHECKING:
    from rnnsite.web.site import Shown, Site


def pages(site: Site) -> dict[str, str]:
    """Markdown by path under docs/."""
    return {f"experiments/{stem}.md": _page(shown) for stem, shown in site.shown.items()}


def _page(shown: Shown) -> str:
    experiment = shown.experiment
    fields = dataclasses.fields(experiment.configs["quick"])
    rows = "\n".join(
        f"| `{field.name}` | `{getattr(experiment.configs['quick'], field.name)}` "
        f"| `{getattr(experiment.configs['paper'], field.name)}` |"
        for field in fields
    )
    modules = "\n".join(f"- `{name}`" for name in sources.dependencies(experiment.module))
    return f"""---
title: "{experiment.stem}"
description: "{experiment.title}: the experiment, its claims, its configurations and its source."
search: {{exclude: true}}
---

# {experiment.title}

{experiment.summary.split("Page:")[0].strip()} It stands on [this page](../{experiment.page}.md#fig-{experiment.stem}).

/// experiment | {experiment.stem}
///

## Configurations

| field | `quick` | `paper` |
|---|---|---|
{rows}

## Source

/// source | {experiment.module}
///

## What a change would retrain

A change to any of these modules, other than to comments, docstrings and claims, trains this experiment again.

{modules}
"""
