"""What one build was asked for. The command line sets it; a bare `mkdocs build` takes the defaults."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    """The options of `rnnsite build` and `rnnsite serve`."""

    profile: str = field(default_factory=lambda: os.environ.get("RNNSITE_PROFILE", "auto"))
    device: str = "auto"
    only: tuple[str, ...] = ()
    jobs: int | None = None
    force: bool = False
    strict: bool = False


current = Settings()


def use(settings: Settings) -> None:
    """Make these the settings of the builds that follow in this process."""
    global current
    current = settings
