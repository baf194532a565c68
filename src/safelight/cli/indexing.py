"""The command ``index``, which can follow changes until Ctrl+C."""

from __future__ import annotations

import os
import time

from safelight import paths
from safelight.cli import console
from safelight.cli.declarations.library import Index
from safelight.core.changes import RemovalsHeld
from safelight.core.errors import SafelightError, UsageError
from safelight.core.jobs import JobControl, Phase, Progress
from safelight.core.message import Message
from safelight.core.operations import AddFolder
from safelight.core.photo import FolderState
from safelight.core.settings import MACHINE_SHARE
from safelight.core.stages import CostClass
from safelight.engine.index_requests import index_by_engine
from safelight.engine.local_socket import EngineAbsentError
from safelight.services.backup import DailyBackup
from safelight.services.indexing import roots
from safelight.services.indexing.indexer import IndexReport
from safelight.services.indexing.live import Listener, LiveIndexer
from safelight.services.library import Library, lower_priority
from safelight.services.operations.runner import OperationRunner
from safelight.store import folders, text_vectors, vectors


def run(arguments: Index) -> int:
    checked = [roots.checked_root(folder) for folder in arguments.folders]
    line = console.ProgressLine()
    if not arguments.watch and arguments.model is None:
        try:
            return _index_by_engine(arguments, checked, line)
        except EngineAbsentError:
            pass  # no window is open
    with Library.open(arguments.library, paths.models_dir(), model=arguments.model) as library:
        lower_priority(library.settings[MACHINE_SHARE])
        library.model.when_noticed(console.report)
        scope = _folders_to_scan(library, checked)
        if not scope:
            raise UsageError("There is no folder in the library yet. Name one: safelight index FOLDER")
        trouble = DailyBackup(library.store).make_if_due(time.time())
        if trouble is not None:
            console.report(trouble)
        held: list[RemovalsHeld] = []
        indexer = library.indexer(on_progress=line, on_held=held.append)
        indexer.retry_transient(time.time(), at_once=True)
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
        if library.model.is_loaded or _has_unencoded_texts(library):
            _prepare_searches(library, line)
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


def _index_by_engine(arguments: Index, checked: list[bytes], line: console.ProgressLine) -> int:
    """Index by the engine of an open window. Questions to the user appear in the window."""
    is_paused = False

    def show(progress: Progress) -> None:
        nonlocal is_paused
        line(progress)
        if progress.phase is Phase.PAUSED and not is_paused:
            line.finish()
            console.error("Indexing is paused in the window, and continues when you resume it there.")
        is_paused = progress.phase is Phase.PAUSED

    try:
        report = index_by_engine(
            arguments.library,
            [os.fsdecode(root) for root in checked],
            show,
            confirmed=arguments.confirm_removals,
        )
    finally:
        line.finish()
    if arguments.json:
        console.emit_json(report)
    else:
        console.emit(_in_words(report))
    return console.DONE


def _prepare_searches(library: Library, line: console.ProgressLine) -> None:
    """Encode what searches compare with while the model is loaded, so that they need not load it.

    For a large model that is new on this computer this is some thousand descriptions, which take minutes.
    """
    searcher = library.searcher()
    begun = Progress(Phase.PROCESSING, activity=Message("Preparing searches"))
    try:
        line(begun)
        searcher.prepare()
        while searcher.improve():
            line(searcher.preparation or begun)
    finally:
        line.finish()


def _has_unencoded_texts(library: Library) -> bool:
    """Whether tags or other texts of photos were not encoded yet."""
    with library.store.read() as db:
        model_id = vectors.model_id(db, library.answering_key)
        return model_id is not None and bool(text_vectors.missing(db, model_id, 1))


def _folders_to_scan(library: Library, checked: list[bytes]) -> list[int]:
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
    live = live_indexer(library)
    try:
        if live.wait_until_idle():  # for scripts, which may wait for this line
            console.error("Up to date.")
        live.wait_until_stopped()
        raise SafelightError("Nothing is followed any more, because the library is gone.")
    except KeyboardInterrupt:
        console.error("Done.")
    finally:
        live.close()


def live_indexer(library: Library) -> LiveIndexer:
    """Keeps ``library`` up to date and reports changes until it is closed."""
    live = library.live(
        Listener(
            progress=lambda _: None,
            changed=lambda change: console.error(
                f"{len(change.added):,} new, {len(change.removed):,} gone."
                if change.added or change.removed
                else "Looked again."
            ),
            failed=console.report,
            held=lambda question: console.error(str(question)),
            settled=lambda _: console.error("The question about missing files needs no answer any more."),
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
