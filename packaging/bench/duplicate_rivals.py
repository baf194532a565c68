"""Pairs of files that other duplicate finders report in a folder, as JSON.

    python packaging/bench/duplicate_rivals.py FOLDER OUT.json

For an environment of its own with ``imagededup`` or ``czkawka`` (the Python bindings of czkawka's engine) or
both; imports nothing of Safelight's. What is not there, or wants weights that cannot be fetched, is left out.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

Pairs = list[tuple[str, str]]


def _imagededup(method: str, **options: Any) -> Callable[[Path], Pairs]:
    def run(folder: Path) -> Pairs:
        finder = getattr(importlib.import_module("imagededup.methods"), method)()
        found = finder.find_duplicates(image_dir=str(folder), **options)
        return sorted({(min(a, b), max(a, b)) for a, others in found.items() for b in others})

    return run


def _czkawka(level: int) -> Callable[[Path], Pairs]:
    def run(folder: Path) -> Pairs:
        finder = importlib.import_module("czkawka").ImageSimilarity()
        finder.set_directories([folder])
        finder.set_similarity(level)
        groups = [sorted(path.name for path in group) for group in finder.find_similar()]
        return [pair for group in groups for pair in combinations(group, 2)]

    return run


TOOLS: dict[str, Callable[[Path], Pairs]] = {
    "imagededup PHash (10)": _imagededup("PHash"),
    "imagededup PHash (4)": _imagededup("PHash", max_distance_threshold=4),
    "imagededup CNN (0.9)": _imagededup("CNN"),
    "czkawka (5)": _czkawka(5),
    "czkawka (15)": _czkawka(15),
}


def _runs(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, tool in TOOLS.items():
        started = time.monotonic()
        try:
            pairs = tool(folder)
        except Exception as error:  # noqa: BLE001 - whatever a rival cannot do is said, not passed on
            yield name, {"missing": f"{type(error).__name__}: {error}"[:200]}
            continue
        yield name, {"pairs": pairs, "seconds": time.monotonic() - started}


def main() -> None:
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.write_text(json.dumps(dict(_runs(folder))), encoding="utf-8")


if __name__ == "__main__":
    main()
