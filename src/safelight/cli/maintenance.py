"""``safelight verify``: files whose bytes changed silently. ``safelight forget``: photos that are gone."""

from __future__ import annotations

import os

from safelight.cli import console
from safelight.cli.declarations.safekeeping import Forget, Verify
from safelight.core.errors import SafelightError, UsageError
from safelight.core.jobs import JobControl
from safelight.core.operations import RepairFiles
from safelight.services import forgetting
from safelight.services.operations.runner import OperationRunner
from safelight.services.repairing import FOLDER, Repairer
from safelight.services.verification import Verifier
from safelight.store import repairs
from safelight.store.library import LibraryStore


def verify(arguments: Verify) -> int:
    """Read photos again and report what changed; with options, repair from copies or take a repair back."""
    with LibraryStore.open_existing(arguments.library) as store:
        if arguments.undo:
            return _undo_repair(store, arguments)
        if arguments.repair:
            return _repair(store, arguments)
        report = Verifier(store).run(JobControl(), most_bytes=_max_bytes(store, arguments.percent))
    if arguments.json:
        console.emit_json(
            {
                "verified": report.verified,
                "bytes": report.bytes,
                "seconds": round(report.seconds, 3),
                "faults": [{"path": path, "problem": str(problem)} for path, problem in report.faults],
                "skipped": [{"path": path, "reason": str(reason)} for path, reason in report.skipped],
            }
        )
    else:
        for path, problem in report.faults:
            console.emit(f"{path}: {problem}")
        for path, reason in report.skipped:
            console.error(f"{path} was not compared: {reason}")
        console.emit(
            f"{console.count(report.verified, 'file')} verified, {report.bytes / 1e6:,.0f} MB in "
            f"{report.seconds:.1f} s; {len(report.faults):,} damaged."
        )
        if report.faults:
            console.error("safelight verify --repair replaces damaged files by intact copies.")
    return console.FAILED if report.faults else console.DONE


def _max_bytes(store: LibraryStore, percent: float | None) -> int | None:
    if percent is None:
        return None
    if not 0 < percent <= 100:
        raise UsageError("--percent is a number above 0 and up to 100.")
    return max(1, Verifier(store).daily_share(percent, 86_400))


def _repair(store: LibraryStore, arguments: Verify) -> int:
    repairer = Repairer(store)
    if not arguments.yes:
        waiting = repairer.candidates()
        for file in waiting:
            console.emit(f"{os.fsdecode(file.path)}: {file.fault or 'it can no longer be read'}")
        console.emit(f"{console.count(len(waiting), 'file')} damaged. --yes replaces them by intact copies.")
        return console.DONE
    result = OperationRunner(store).run(RepairFiles())
    if arguments.json:
        console.emit_json(
            {
                "repaired": [{"repair": n, "path": path, "copy": copy} for n, path, copy in result.repaired],
                "failed": [{"path": path, "reason": reason} for path, reason in result.left],
            }
        )
        return console.FAILED if result.left else console.DONE
    for number, path, copy in result.repaired:
        console.emit(f"{path} was replaced by the bytes of {copy} (repair {number}).")
    for path, reason in result.left:
        console.error(f"{path} was left as it is: {reason}.")
    if result.repaired:
        kept = store.directory / FOLDER
        console.emit(f"The damaged bytes are kept in {kept}; safelight undo {result.step} puts them back.")
    return console.FAILED if result.left else console.DONE


def _undo_repair(store: LibraryStore, arguments: Verify) -> int:
    with store.read() as db:
        latest = repairs.latest(db)
    if latest is None:
        raise SafelightError("There is no repair to take back.")
    path = Repairer(store).take_back(latest.id)
    if arguments.json:
        console.emit_json({"repair": latest.id, "path": path})
    else:
        console.emit(f"{path} has its damaged bytes again (repair {latest.id}).")
    return console.DONE


def forget(arguments: Forget) -> int:
    """Remove what the library holds of photos that are gone."""
    with LibraryStore.open_existing(arguments.library) as store:
        done = forgetting.forget_now(store, marked=arguments.marked)
    if arguments.json:
        console.emit_json(done)
        return console.DONE
    console.emit(f"{console.count(done.photos, 'photo')} without a file forgotten.")
    if done.kept:
        console.emit(f"{done.kept:,} are kept for their marks, tags or albums; --marked forgets these too.")
    return console.DONE
