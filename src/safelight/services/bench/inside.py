"""Measurements that need a fresh process: the program starts itself and reads the output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from safelight.services.bench.figures import SkippedError

EMPTY, WINDOW, GRID, VIEWER, IMPORTS = "empty", "window", "grid", "viewer", "imports"

_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Order:
    """What the new process measures."""

    what: str
    since: float = 0.0
    """System monotonic clock just before the process started."""
    library: str = ""
    engine: bool = True
    rows: int = 0
    frames: int = 0
    kinds: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Photos of the library by kind."""
    module: str = ""


def carry_out(order: Order) -> dict[str, float]:
    """Start the program with an order and return its results. Raises SkippedError if it cannot run."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "safelight"]
    # Installed modules are compiled. Without stored bytecode this would measure the compiler.
    surroundings = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    text = json.dumps(asdict(replace(order, since=time.monotonic())))
    try:
        done = subprocess.run(
            [*program, "bench", "--inside", text],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            env=surroundings,
        )
    except subprocess.TimeoutExpired as error:
        raise SkippedError(f"it took more than {_SECONDS} seconds") from error
    if done.returncode or not done.stdout:
        lines = done.stderr.strip().splitlines()
        raise SkippedError(lines[-1] if lines else f"the process ended with status {done.returncode}")
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured
