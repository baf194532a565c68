"""Options of an engine process."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EngineOptions:
    library: Path
    models: Path
    model: str | None = None
    log_level: int = logging.WARNING
