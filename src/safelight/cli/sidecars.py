"""``safelight sidecars``: XMP files beside the pictures, for other programs."""

from __future__ import annotations

import time

from safelight.cli import console
from safelight.cli.declarations.safekeeping import WriteSidecars
from safelight.core.errors import UsageError
from safelight.core.jobs import JobControl
from safelight.core.settings import SIDECARS, Sidecars
from safelight.services import settings
from safelight.services.organising.sidecars import SidecarReport, SidecarWriter
from safelight.store import sidecars
from safelight.store.library import LibraryStore


def run(arguments: WriteSidecars) -> int:
    """Report how many photos wait, or write their sidecars now."""
    LibraryStore.check_exists(arguments.library)
    if arguments.action == "write":
        with LibraryStore.create_or_open(arguments.library) as store:
            return _write(store, arguments)
    if arguments.all:
        raise UsageError("--all belongs to safelight sidecars write.")
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
        mode = settings.read(db)[SIDECARS]
        known, waiting = sidecars.total(db), sidecars.count(db)
    if arguments.json:
        console.emit_json({"mode": mode.value, "known": known, "waiting": waiting})
    else:
        console.emit(f"Sidecars: {mode.value}. {console.count(known, 'sidecar')} known.")
        console.emit(f"{console.count(waiting, 'photo')} changed here since the sidecars were written.")
    return console.DONE


def _write(store: LibraryStore, arguments: WriteSidecars) -> int:
    with store.read() as db:
        if settings.read(db)[SIDECARS] is not Sidecars.READ_WRITE:
            raise UsageError("Sidecars are not written. “safelight settings sidecars=read-write” allows it.")
    if arguments.all:
        with store.write() as db:
            sidecars.queue_all(db, time.time())
    started = time.monotonic()
    written = SidecarWriter(store).run(JobControl())
    with store.read() as db:
        waiting = sidecars.count(db)
    _report(arguments, written, waiting, time.monotonic() - started)
    return console.FAILED if written.failed else console.DONE


def _report(arguments: WriteSidecars, written: SidecarReport, waiting: int, seconds: float) -> None:
    if arguments.json:
        console.emit_json(
            {
                "photos": written.photos,
                "written": written.files,
                "changed_elsewhere": written.reread,
                "waiting": waiting,
                "seconds": round(seconds, 3),
                "failed": [{"path": path, "reason": reason} for path, reason in written.failed],
            }
        )
        return
    for path, reason in written.failed:
        console.error(f"{path} was not written. {reason}")
    console.emit(f"{console.count(written.files, 'sidecar')} written in {seconds:.1f} s.")
    if written.reread:
        console.emit(
            f"{console.count(written.reread, 'sidecar')} changed elsewhere; safelight index reads them."
        )
    if waiting:
        console.emit(f"{console.count(waiting, 'photo')} still to be written.")
