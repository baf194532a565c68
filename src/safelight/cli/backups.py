"""``safelight backup``, ``restore``, ``export``, ``import`` and ``doctor``."""

from __future__ import annotations

import sys
from pathlib import Path

from safelight import paths
from safelight.cli import console, words
from safelight.cli.declarations.safekeeping import BackUp, Doctor, Export, Import, Restore
from safelight.core.errors import SafelightError, UsageError
from safelight.services import backup
from safelight.services import doctor as hospital
from safelight.store.library import LibraryStore
from safelight.store.recovery import restoring
from safelight.store.recovery.backup_notes import Backup
from safelight.store.recovery.restoring import RestorePlan


def _file(name: str) -> Path:
    return Path(words.required(name, UsageError("The name of the file is empty; name one.")))


def _folder(name: str) -> Path:
    return Path(words.required(name, UsageError("The name of the folder is empty; name one.")))


def back_up(arguments: BackUp) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store:
        target = _file(arguments.file)
        older = backup.replaced_by(store, target)
        replace = older is not None and (arguments.yes or _agreed_to_replace(older))
        report = backup.back_up(store, target, replace=replace)
    if arguments.json:
        console.emit_json(report)
    else:
        console.emit(f"{report.file}: {report.photos:,} photos, {report.bytes / 1e6:.1f} MB, checked.")
    return console.DONE


def restore(arguments: Restore) -> int:
    source = Path(arguments.file) if arguments.file else None
    with restoring.prepare_restore(arguments.library, source) as (plan, replacement):
        _announce(plan)
        if (plan.lost or plan.library_is_newer) and not arguments.yes and not _agreed():
            raise SafelightError(
                "Nothing was restored. To go on in spite of the loss: safelight restore --yes"
            )
        aside = replacement.carry_out()
    if plan.left_out:
        console.error(
            f"{console.count(plan.left_out, 'row')} of the backup had values that no library holds; left out."
        )
    done = {
        "restored": str(plan.source),
        "made": console.local_time(plan.made_at),
        "holds": plan.holds,
        "lost": plan.lost,
        "left_out": plan.left_out,
        "replaced": str(aside) if aside else None,
    }
    if arguments.json:
        console.emit_json(done)
        return console.DONE
    console.emit(f"Restored {plan.source}: {plan.holds}.")
    if aside:
        console.emit(f"The library that it replaced is kept in {aside}.")
    return console.DONE


def _announce(plan: RestorePlan) -> None:
    made = console.local_time(plan.made_at)
    if not plan.library_exists:
        console.error(f"The backup of {made} holds {plan.holds}.")
    elif plan.library_is_newer:
        console.error(
            f"The backup of {made} holds {plan.holds}. A newer Safelight wrote the library itself, so what "
            "would be lost is unknown."
        )
    elif plan.lost is None:
        console.error(f"The backup of {made} holds {plan.holds}; the library itself cannot be read.")
    elif plan.lost:
        console.error(f"Going back to {made} would lose {plan.lost}.")
    else:
        console.error(f"Going back to {made} would lose nothing.")


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _agreed(question: str = "Go on?") -> bool:
    if not _is_terminal():
        return False
    console.write_message(f"{question} [y/N] ", end="")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _agreed_to_replace(older: Backup) -> bool:
    if _is_terminal():
        console.write_message(f"{older.path} is a backup of {console.local_time(older.made_at)}. ", end="")
    return _agreed("Replace it?")


def export(arguments: Export) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store:
        report = backup.export(store, _folder(arguments.file))
    if arguments.json:
        console.emit_json(report)
    else:
        console.emit(
            f"{report.file}: {report.photos:,} photos with marks, {report.albums:,} albums, "
            f"{report.saved_searches:,} saved searches, {report.decisions:,} decisions."
        )
    return console.DONE


def import_(arguments: Import) -> int:
    with LibraryStore.create_or_open(arguments.library) as store:
        report = backup.import_from(store, _file(arguments.file))
    if arguments.json:
        console.emit_json(report)
        return console.DONE
    console.emit(f"{report.photos:,} photos have their marks and tags again.")
    if report.unknown:
        console.emit(f"{report.unknown:,} are not in this library; index them and import once more.")
    return console.DONE


def doctor(arguments: Doctor) -> int:
    models = paths.models_dir()
    LibraryStore.check_exists(arguments.library)
    mended = hospital.mend(arguments.library, models) if arguments.mend else []
    diagnosis = hospital.examine(arguments.library, models)
    if arguments.json:
        console.emit_json(
            {
                "sound": diagnosis.sound,
                "problems": [finding.problem for finding in diagnosis.findings],
                "checks": [{"part": part, "problems": found} for part, found in diagnosis.parts()],
                "notes": diagnosis.notes,
                "mended": mended,
            }
        )
        return console.DONE if diagnosis.sound else console.FAILED
    for line in (*mended, *(finding.problem for finding in diagnosis.findings), *diagnosis.notes):
        console.emit(line)
    if diagnosis.sound:
        console.emit("The library is sound.")
    elif not arguments.mend and any(finding.mendable for finding in diagnosis.findings):
        console.error("safelight doctor --mend repairs what can be derived again, after a backup.")
    return console.DONE if diagnosis.sound else console.FAILED
