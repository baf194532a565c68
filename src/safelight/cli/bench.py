"""``safelight bench``: measures the program on this machine, in temporary libraries."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safelight import __version__
from safelight.cli import console
from safelight.cli.declarations.bench import Bench
from safelight.core.errors import SafelightError, UsageError
from safelight.core.user_paths import exists
from safelight.services.bench import duplicates, figures, indexing, search, viewer, window
from safelight.services.bench.figures import Effort, Figure, Setting, Sheet, SkippedError
from safelight.services.library import available_cores

STANDARD_OUTPUT = "-"
"""An output file: JSON replaces the table."""

_Measure = Callable[[Setting], Sheet]


def run(arguments: Bench) -> int:
    """Measure the named parts, or all, and print the results."""
    measures = _measures()
    unknown = [part for part in arguments.parts if part not in measures]
    if unknown:
        raise UsageError(
            "There is no part {name}. The parts are: {names}.",
            name=unknown[0],
            names=", ".join(measures),
        )
    effort = figures.QUICK if arguments.quick else figures.FULL
    found, skipped = _run_measures(
        {part: measures[part] for part in arguments.parts or measures}, arguments, effort
    )
    machine = figures.machine(available_cores())
    report = {
        "version": __version__,
        "measured": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "machine": machine,
        "figures": [asdict(figure) for figure in found],
        "skipped": skipped,
    }
    if arguments.file == STANDARD_OUTPUT:
        console.emit_json(report)
        return console.DONE
    if arguments.file:
        _write(Path(arguments.file), report)
    _print_table(machine, found, skipped)
    return console.DONE


def _measures() -> dict[str, _Measure]:
    return {
        search.SECTION: search.measure,
        indexing.SECTION: indexing.measure,
        window.START: window.measure_start,
        window.GRID: window.measure_grid,
        viewer.SECTION: viewer.measure,
        duplicates.SECTION: duplicates.measure,
    }


def _run_measures(
    measures: Mapping[str, _Measure], arguments: Bench, effort: Effort
) -> tuple[list[Figure], dict[str, str]]:
    """The figures, and the reason for each part that was skipped."""
    found: list[Figure] = []
    skipped: dict[str, str] = {}
    for part, measure in measures.items():
        with tempfile.TemporaryDirectory(prefix="safelight-bench-") as scratch:
            setting = Setting(
                Path(scratch),
                effort,
                available_cores(),
                console.error,
                photos=_existing_path(arguments.photos),
                vectors=_existing_path(arguments.vectors),
            )
            _check_space(setting.scratch, effort)
            try:
                found += measure(setting).figures
            except SkippedError as reason:
                skipped[part] = str(reason)
                console.error(f"{part}: skipped: {reason}")
    return found, skipped


def _existing_path(path: str) -> Path | None:
    if not path:
        return None
    if not exists(path):
        raise UsageError("There is no {path}. Check the name.", path=path)
    return Path(path)


def _check_space(scratch: Path, effort: Effort) -> None:
    needed = search.bytes_needed(effort)
    if shutil.disk_usage(scratch).free < needed:
        raise SafelightError(
            "The measured libraries need {needed:.0f} GB of space in {folder} for a while. Choose "
            "another place with the TMPDIR variable, or add --quick.",
            needed=needed / 1e9,
            folder=scratch.parent,
        )


def _write(file: Path, report: Mapping[str, Any]) -> None:
    try:
        file.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise SafelightError(
            "{path} could not be written ({reason}).", path=file, reason=error.strerror
        ) from error


def _print_table(machine: Mapping[str, str | int], found: list[Figure], skipped: Mapping[str, str]) -> None:
    where = ", ".join(f"{name} {value}" for name, value in machine.items())
    console.emit(f"Safelight {__version__} on {where}")
    section = ""
    for figure in found:
        if figure.section != section:
            section = figure.section
            console.emit("")
            console.emit(section)
        note = f"  ({figure.note})" if figure.note else ""
        console.emit(f"  {figure.name:<62} {figure.value:>10,g} {figure.unit}{note}")
    for part, reason in skipped.items():
        console.emit(f"{part}: skipped: {reason}")
