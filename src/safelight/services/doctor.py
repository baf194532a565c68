"""Checks a library part by part, and repairs it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from safelight.core.errors import LibraryDamagedError, ModelError
from safelight.core.photo import FolderState
from safelight.embedding import catalogue
from safelight.embedding.digest import digest_of
from safelight.services.indexing import roots
from safelight.store import folders, thumbs
from safelight.store.library import LibraryStore
from safelight.store.recovery import backup_notes, backups, health, mending, salvage
from safelight.store.recovery.health import Finding


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The problems of a library. ``notes`` are not problems but worth knowing."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        return not self.findings

    def parts(self) -> list[tuple[str, list[str]]]:
        """Each part that is checked, with its problems."""
        return [
            (part, [f.problem for f in self.findings if f.part == part]) for part in (*health.PARTS, "models")
        ]


def examine(directory: Path, models_dir: Path) -> Diagnosis:
    """Check everything without changing anything. Raises LibraryUnavailableError, LibraryTooNewError."""
    try:
        with LibraryStore.open_up_to_date_read_only(directory) as store, store.read() as db:
            found = health.examine(db)
            if _is_damaged(found):
                return Diagnosis(tuple(found))
            known = folders.all_folders(db)
    except LibraryDamagedError as error:
        return Diagnosis((Finding("database", str(error)),))
    notes = [
        f"{folder.path} is not there now. Its photos are kept until it is back."
        for folder in known
        if folder.state is FolderState.OFFLINE or roots.volume(os.fsencode(folder.path)) is None
    ]
    return Diagnosis((*found, *_models(models_dir)), tuple(notes))


def mend(directory: Path, models_dir: Path) -> list[str]:
    """Repair derived data, and rebuild a damaged library. Returns what was done, one line each.

    Raises LibraryInUseError while another process has the library open for writing.
    """
    done: list[str] = []
    found = examine(directory, models_dir).findings
    if _is_damaged(found):
        done += _rebuild(directory)
        # Derived data may still be missing, thumbnails for example.
        found = examine(directory, models_dir).findings
    if any(finding.part == "thumbnails" and "damaged" in finding.problem for finding in found):
        LibraryStore.create_or_open(directory).close()  # fails while another process has it open
        thumbs.discard(directory)
        done.append("Deleted the damaged thumbnails; indexing makes them again.")
    with LibraryStore.create_or_open(directory) as store:
        with store.read() as db:
            found = tuple(health.examine(db))
            if any(finding.mendable for finding in found):
                backups.make(db, directory, time.time())
                done.append("Made a backup of the library as it was.")
        with store.write() as db:
            done += mending.mend(db, list(found))
    return done


def _is_damaged(found: Sequence[Finding]) -> bool:
    return any(finding.part == "database" for finding in found)


def _rebuild(directory: Path) -> list[str]:
    rebuilt = salvage.rebuild(directory)
    done = [f"Rebuilt the library: it holds {rebuilt.holds}."]
    if rebuilt.incomplete:
        done.append("Could not be read to the end: " + ", ".join(rebuilt.incomplete) + ".")
    if rebuilt.backup is not None:
        when = time.strftime(
            "%Y-%m-%dT%H:%M:%S", time.localtime(backup_notes.describe(rebuilt.backup).made_at)
        )
        done.append(f"Completed from the backup of {when}.")
    elif rebuilt.incomplete:
        done.append("There was no backup to complete it from; add your folders again if they are missing.")
    if rebuilt.aside is not None:
        done.append(f"The damaged library is kept in {rebuilt.aside}.")
    return done


def _models(models_dir: Path) -> list[Finding]:
    """Models whose weights do not match their checksum."""
    found = []
    for spec in catalogue.installed(models_dir):
        try:
            digest_of(spec)
        except ModelError as error:
            found.append(Finding("models", str(error), mendable=False))
    return found
