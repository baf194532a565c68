"""The commands: the same services as in the window's engine, in this process."""

from __future__ import annotations

import os
import time
from dataclasses import asdict

from safelight import __version__, paths
from safelight.cli import (
    backups,
    concepts,
    console,
    copying,
    duplicates,
    maintenance,
    migrating,
    models,
    organising,
    searching,
    settings,
    sidecars,
    themes,
    undo,
)
from safelight.cli import folders as folders_command
from safelight.cli.invocations import (
    Albums,
    BackUp,
    Bench,
    ChangeSettings,
    Concepts,
    CopyPhotos,
    Doctor,
    Duplicates,
    Export,
    Failures,
    FindFor,
    Folders,
    Forget,
    Import,
    Index,
    Invocation,
    Migrate,
    Models,
    Protect,
    Rate,
    Restore,
    Search,
    Similar,
    Status,
    Tags,
    Themes,
    UndoStep,
    Unprotect,
    Verify,
    WriteSidecars,
)
from safelight.cli.reporting import reported
from safelight.core.changes import RemovalsHeld
from safelight.core.errors import SafelightError, UsageError
from safelight.core.jobs import JobControl
from safelight.core.operations import AddFolder
from safelight.core.photo import FolderState
from safelight.core.settings import MACHINE_SHARE
from safelight.core.stages import CostClass
from safelight.services.backup import DailyBackup
from safelight.services.indexing import roots
from safelight.services.indexing.indexer import IndexReport
from safelight.services.indexing.live import Listener, LiveIndexer
from safelight.services.library import Library, lower_priority
from safelight.services.operations.runner import OperationRunner
from safelight.services.stages.registry import coverage
from safelight.store import files, folders, photos, unlisted, vectors
from safelight.store.library import LibraryStore


def run_command(arguments: Invocation) -> int:
    """Run one command. Known errors become one line and an exit status."""
    return reported(arguments, lambda: _run(arguments))


def _run(arguments: Invocation) -> int:
    match arguments:
        case Index():
            return _index(arguments)
        case Search() | Similar() | FindFor():
            return searching.run(arguments)
        case Duplicates():
            return duplicates.run(arguments)
        case Status():
            return _status(arguments)
        case Failures():
            return _failures(arguments)
        case Folders():
            return folders_command.run(arguments)
        case Models():
            return models.run(arguments)
        case ChangeSettings():
            return settings.run(arguments)
        case Tags():
            return organising.tag(arguments)
        case Rate():
            return organising.rate(arguments)
        case Albums():
            return organising.album(arguments)
        case Concepts():
            return concepts.run(arguments)
        case CopyPhotos():
            return copying.run(arguments)
        case Themes():
            return themes.run(arguments)
        case UndoStep():
            return undo.undo(arguments)
        case Protect():
            return undo.protect(arguments)
        case Unprotect():
            return undo.unprotect(arguments)
        case BackUp():
            return backups.back_up(arguments)
        case Restore():
            return backups.restore(arguments)
        case Export():
            return backups.export(arguments)
        case Import():
            return backups.import_(arguments)
        case Doctor():
            return backups.doctor(arguments)
        case Verify():
            return maintenance.verify(arguments)
        case Forget():
            return maintenance.forget(arguments)
        case Migrate():
            return migrating.run(arguments)
        case WriteSidecars():
            return sidecars.run(arguments)
        case Bench():
            return _bench(arguments)
        case _:
            raise TypeError(f"{type(arguments).__name__} is no command")


# --- index ------------------------------------------------------------------------------------------


def _index(arguments: Index) -> int:
    checked = [roots.checked_root(folder) for folder in arguments.folders]
    line = console.ProgressLine()
    with Library.open(arguments.library, paths.models_dir(), model=arguments.model) as library:
        lower_priority(library.settings[MACHINE_SHARE])
        library.model.when_noticed(console.error)
        scope = _scope(library, checked)
        if not scope:
            raise UsageError("There is no folder in the library yet. Name one: safelight index FOLDER")
        trouble = DailyBackup(library.store).make_if_due(time.time())
        if trouble:
            console.error(trouble)
        held: list[RemovalsHeld] = []
        indexer = library.indexer(on_progress=line, on_held=held.append)
        indexer.retry_passing(time.time(), at_once=True)
        try:
            report = indexer.run(
                dict.fromkeys(scope),
                JobControl(),
                wait_for_model=True,
                confirmed=scope if arguments.confirm_removals else (),
            )
            # The window does this beside other work. Here it would otherwise never be done.
            library.stages.run(JobControl(), {CostClass.BACKGROUND}, report=line)
        finally:
            line.finish()
        if library.model.is_loaded:
            # while the model is loaded, so that later text queries do not need it
            searcher = library.searcher()
            searcher.prepare()
            while searcher.improve():
                pass
        library.themes().join(JobControl())
        if arguments.json:
            console.emit_json(report)
        else:
            console.emit(_in_words(report))
        for question in held:
            console.error(f"{question} safelight index --confirm-removals forgets them.")
        _warn_of_offline(library, scope)
        if arguments.watch:
            _watch(library)
    return console.DONE


def _scope(library: Library, checked: list[bytes]) -> list[int]:
    """The folders to scan: the named ones, added if new, or all known ones."""
    if not checked:
        with library.store.read() as db:
            return [folder.id for folder in folders.all_folders(db)]
    runner = OperationRunner(library.store)
    for root in checked:
        runner.run(AddFolder(os.fsdecode(root)))
    with library.store.read() as db:
        return [folders.covering(db, root) for root in checked]


def _warn_of_offline(library: Library, scope: list[int]) -> None:
    with library.store.read() as db:
        away = [f for f in folders.all_folders(db) if f.id in scope and f.state is FolderState.OFFLINE]
    for folder in away:
        console.error(f"{folder.path} is not there now; its photos are kept until it is back.")


def _watch(library: Library) -> None:
    console.flush()  # the report goes to standard output
    console.error("Following changes; Ctrl+C ends it.")
    live = following(library)
    try:
        live.wait_until_stopped()
        raise SafelightError("Nothing is followed any more, because the library is gone.")
    except KeyboardInterrupt:
        console.error("Done.")
    finally:
        live.close()


def following(library: Library) -> LiveIndexer:
    """Keeps ``library`` up to date and reports changes until it is closed."""
    live = library.live(
        Listener(
            progress=lambda _: None,
            changed=lambda change: console.error(
                f"{len(change.added):,} new, {len(change.removed):,} gone."
                if change.added or change.removed
                else "Looked again."
            ),
            failed=console.error,
            held=lambda question: console.error(str(question)),
        )
    )
    # If there was nothing to do at the start, no model is loaded; the first new photo loads it. The photo is
    # then processed again, for its vector or to report why there is none.
    library.model.when_ready(lambda _: live.embed())
    library.model.when_failed(lambda _: live.embed())
    live.start()
    return live


def _in_words(report: IndexReport) -> str:
    parts = [f"{report.photos:,} photos"]
    for number, what in (
        (report.added, "added"),
        (report.updated, "updated"),
        (report.moved, "moved"),
        (report.removed, "removed"),
        (report.failed, "could not be read (see: safelight failures)"),
        (report.unlisted, "folders could not be listed (see: safelight failures)"),
        (report.skipped_videos, "videos skipped (to add them, install the extra “video”)"),
    ):
        if number:
            parts.append(f"{number:,} {what}")
    return ", ".join(parts) + f" in {report.seconds:.1f} s ({report.images_per_second:.0f}/s, {report.model})"


def _bench(arguments: Bench) -> int:
    from safelight.cli import bench  # no other command needs it

    return bench.run(arguments)


# --- what the library holds -------------------------------------------------------------------------


def _status(arguments: Status) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
        known = vectors.models(db)
        counts = photos.counts(db, None)
        models = [
            {"name": model.name, "key": model.key, "photos": photos.counts(db, model.id).embedded}
            for model in known
        ]
        stages = [asdict(each) for each in coverage(db)]
        roots_known = folders.all_folders(db)
        not_listed = unlisted.count(db)
    status = {
        "version": __version__,
        "library": str(arguments.library),
        "photos": counts.photos,
        "files": counts.files,
        "pending": counts.pending,
        "failed": counts.failures - not_listed,
        "unlisted_folders": not_listed,
        "skipped_videos": counts.skipped_videos,
        "favourites": counts.favourites,
        "folders": len(roots_known),
        "offline": sum(folder.state is FolderState.OFFLINE for folder in roots_known),
        "models": models,
        "stages": stages,
    }
    if arguments.json:
        console.emit_json(status)
        return console.DONE
    console.emit(f"Safelight {__version__}, library at {arguments.library}")
    console.emit(
        f"{counts.photos:,} photos in {counts.files:,} files and {len(roots_known)} folders; "
        f"{counts.pending:,} waiting, {counts.failures - not_listed:,} could not be read"
    )
    if not_listed:
        console.emit(f"{not_listed:,} folders could not be listed (see: safelight failures)")
    if counts.skipped_videos:
        console.emit(f"{counts.skipped_videos:,} videos skipped (to add them, install the extra “video”)")
    for model in models:
        console.emit(f"{model['name']}: {model['photos']:,} photos can be found by words")
    for stage in stages:
        failed = f", {stage['failed']:,} failed" if stage["failed"] else ""
        console.emit(f"{stage['name']}: {stage['done']:,} of {stage['photos']:,} photos{failed}")
    return console.DONE


def _failures(arguments: Failures) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
        failed = files.failures(db)
    if arguments.json:
        console.emit_json(
            [{"path": f.path, "reason": f.reason, "when": _iso(f.when), "kind": str(f.kind)} for f in failed]
        )
        return console.DONE
    for failure in failed:
        console.emit(f"{failure.path}: {failure.reason}")
    return console.DONE


def _iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(seconds))
