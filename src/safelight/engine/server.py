"""The engine process: handles requests until it is shut down or its parent ends."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.encoder import Encoder
from safelight.core.errors import SafelightError
from safelight.core.jobs import Phase, Progress
from safelight.core.message import Message
from safelight.core.settings import KEEPER_RULES, MACHINE_SHARE, SIDECARS, Settings
from safelight.engine.commands import Commands
from safelight.engine.compare_worker import CompareWorker
from safelight.engine.duplicate_worker import DuplicateWorker
from safelight.engine.events import (
    EngineFailed,
    EngineReady,
    Event,
    ModelNotice,
    ModelReady,
    Pong,
    RequestFailed,
)
from safelight.engine.export_worker import ExportWorker
from safelight.engine.index_requests import IndexRequests
from safelight.engine.local_socket import LocalSocket
from safelight.engine.maintenance import Maintenance
from safelight.engine.migration_worker import MigrationWorker
from safelight.engine.model_worker import ModelWorker
from safelight.engine.options import EngineOptions as EngineOptions
from safelight.engine.program_searches import ProgramSearches
from safelight.engine.progress_board import ProgressBoard
from safelight.engine.requests import (
    ApplyMigration,
    CancelExport,
    CancelIndexing,
    CancelThemes,
    CancelTransfer,
    ChangeSetting,
    CompareModels,
    ConfirmRemovals,
    DeleteModel,
    DownloadModel,
    ExplainHit,
    ExportPhotos,
    FindDuplicates,
    FindSimilar,
    FindThemes,
    ForgetDeleted,
    ImportModel,
    KeepMissing,
    ListMigration,
    ListModels,
    PauseIndexing,
    PhotoViewed,
    Ping,
    PreviewMigration,
    ProposeExamples,
    ReadSettings,
    Request,
    Rescan,
    ResumeIndexing,
    RetryFailures,
    RunOperation,
    Search,
    SearchWithBothModels,
    Shutdown,
    StopComparing,
    StopMigration,
    SuggestTags,
    UseModel,
)
from safelight.engine.search_worker import SearchWorker
from safelight.engine.sidecar_worker import SidecarWorker
from safelight.engine.stalled_work import StalledWork, WatchedWorker, stalled_change, stalled_search
from safelight.engine.theme_worker import ThemeWorker
from safelight.engine.writer import Writer
from safelight.process_exit import end_with_parent, is_loading_model, leave_if_loading
from safelight.services.indexing.indexer import IndexReport
from safelight.services.indexing.live import Listener
from safelight.services.library import Library, lower_priority
from safelight.services.operations.runner import OperationRunner
from safelight.services.program_access import Access
from safelight.services.searching.program_view import ProgramView
from safelight.store import view_counts

log = logging.getLogger(__name__)

T = TypeVar("T")


Opener = Callable[[EngineOptions], Library]


def open_library(options: EngineOptions) -> Library:
    return Library.open(options.library, options.models, model=options.model)


def main(connection: Connection, options: EngineOptions, opener: Opener = open_library) -> None:
    """The process's entry point."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the window too, which shuts us down
    logging.basicConfig(level=options.log_level, format="%(levelname)s engine %(name)s: %(message)s")
    # A window that is killed sends no Shutdown.
    threading.Thread(target=end_with_parent, name="parent-watch", daemon=True).start()
    send = _Sender(connection)
    try:
        library = opener(options)
    except SafelightError as error:
        send(EngineFailed(error.message))
        return
    with library:
        server = EngineServer(library, options.models, send)
        # A person waits for a search, but not for the other work. A thread inherits the priority of the one
        # that starts it.
        server.start_searches()
        lower_priority(library.settings[MACHINE_SHARE])
        server.serve(connection)
    leave_if_loading(0)


class _Sender:
    """Sends events from any thread; ignores that the window is gone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        with self._lock:
            try:
                self._connection.send(event)
            except OSError:
                log.debug("the window is gone; an event was dropped")


_NO_GENERATION = 0
"""The generation of work that no window requested."""

_POLL_INTERVAL = 0.02
"""Seconds between two checks for short operations while a folder waits to be added or removed."""

_SIDECAR_CHANGES = ChangeKind.MARKS | ChangeKind.TAGS
"""The kinds of change that are written to sidecars."""

_DUPLICATE_CHANGES = (
    ChangeKind.PHOTOS
    | ChangeKind.FILES
    | ChangeKind.DECISIONS
    | ChangeKind.MARKS
    | ChangeKind.TAGS
    | ChangeKind.ALBUMS
)
"""The kinds of change that affect groups of duplicates: marked photos are not proposed for the trash."""


class EngineServer:
    """Owns the library and the workers, and hands each request to the one that answers it."""

    def __init__(self, library: Library, models_dir: Path, send: Callable[[Event], None]) -> None:
        self._library = library
        self._send = send
        self._board = ProgressBoard(send)
        self._duplicates = DuplicateWorker(
            library.store, library.comparer(), send, on_comparison=self._board.report_comparison
        )
        self._live = library.live(
            Listener(self._on_progress, self._on_change, self._on_failure, send, send, self._on_report)
        )
        self._search_worker = SearchWorker(library.searcher(), send, self._board.report_preparation)
        self._models = ModelWorker(library.store, models_dir, send, library.model.name)
        self._maintenance = Maintenance(library, self._live, send)
        self._compare = CompareWorker(library, models_dir, send)
        self._sidecars = SidecarWorker(library.store, self._live, send)
        self._exports = ExportWorker(library.store, library.pool, send)
        self._themes = ThemeWorker(library.themes(), send, send)
        self._writer = Writer(
            OperationRunner(library.store, on_change=self._on_operation, between_runs=self._between_runs),
            send,
        )
        self._migration = MigrationWorker(library.store, self._writer.ask, send)
        self._programs = ProgramSearches(library, send, self._search_worker.let_window_go_first)
        self._stalled = StalledWork(
            (
                WatchedWorker(self._writer, stalled_change),
                WatchedWorker(self._search_worker, stalled_search, is_loading_model),
            ),
            send,
        )
        self._index_requests = IndexRequests(library.store, self._live, self._writer.ask)
        self._socket = LocalSocket(
            library.store.directory,
            Commands(
                self._search_for_program,
                self._writer.ask,
                self._change_setting_for_command,
                self._index_requests,
            ),
        )

    def start_searches(self) -> None:
        """Start the threads that search, which :meth:`serve` needs."""
        self._search_worker.start()
        self._programs.start()

    def serve(self, connection: Connection) -> None:
        """Answer requests until the connection closes or :class:`Shutdown` comes."""
        self._socket.start()  # requests wait until the workers run
        self._send(EngineReady())
        self._library.model.when_ready(self._on_model_ready)
        self._library.model.when_failed(self._on_failure)
        self._library.model.when_noticed(self._on_model_notice)
        self._library.answering.start(lambda: self._search_worker.prepare(self._library.answering.load))
        self._live.start()
        self._models.start()
        self._writer.start()
        self._duplicates.start()
        self._maintenance.start()
        self._compare.start()
        self._sidecars.start()
        self._exports.start()
        self._themes.start()
        self._migration.start()
        self._stalled.start()
        try:
            while True:
                try:
                    request: Request = connection.recv()
                except (EOFError, OSError):
                    return
                if isinstance(request, Shutdown):
                    return
                self._handle(request)
        finally:
            self._socket.close()
            self._stalled.close()
            self._migration.close()
            self._exports.close()
            self._themes.close()
            self._sidecars.close()
            self._compare.close()
            self._maintenance.close()
            self._duplicates.close()
            self._writer.close()
            self._models.close()
            self._programs.close()
            self._search_worker.close()
            self._live.close()

    def _handle(self, request: Request) -> None:
        try:
            self._dispatch(request)
        except SafelightError as error:
            self._send(RequestFailed(error.message))

    def _dispatch(self, request: Request) -> None:
        match request:
            case Search() | FindSimilar() | ExplainHit() | ProposeExamples() | SuggestTags():
                self._live.note_activity()
                self._search_worker.submit(request)
            case Rescan(folder_ids, below):
                self._live.scan(folder_ids, below)
            case ForgetDeleted():
                self._live.forget_deleted()
            case RetryFailures(file_ids):
                self._live.retry(file_ids)
            case PauseIndexing():
                self._live.activity.pause()
            case ResumeIndexing():
                self._live.activity.resume()
            case CancelIndexing():
                self._live.activity.cancel()
            case RunOperation():
                self._writer.run(request)
            case PhotoViewed(photo_id):
                self._writer.write(lambda: self._count_view(photo_id))
            case ListModels() | DownloadModel() | ImportModel() | CancelTransfer():
                self._models.submit(request)
            case UseModel() | DeleteModel():
                self._writer.write(lambda: self._models.submit(request))
            case FindDuplicates():
                self._duplicates.submit(request)
            case FindThemes():
                self._themes.submit(request)
            case CancelThemes():
                self._themes.cancel()
            case CompareModels() | SearchWithBothModels() | StopComparing():
                self._compare.submit(request)
            case ReadSettings(generation):
                self._maintenance.send_settings(generation)
            case ChangeSetting():
                self._writer.write(lambda: self._change_setting(request), request.generation)
            case ConfirmRemovals(folder_id):
                self._live.confirm_removals(folder_id)
            case KeepMissing(folder_id):
                self._live.keep_missing(folder_id)
            case PreviewMigration() | ApplyMigration() | ListMigration() | StopMigration():
                self._migration.submit(request)
            case ExportPhotos() | CancelExport():
                self._exports.submit(request)
            case Ping():
                self._send(Pong())
            case Shutdown():
                pass

    def _search_for_program(self, access: Access, work: Callable[[ProgramView], T]) -> Future[T]:
        """Search as a program that may see only a part of the library, or everything.

        A program that sees everything shares the searcher of the window, with what that has measured."""
        if not access.sees_all:
            return self._programs.ask(access, work)
        store = self._library.store
        return self._search_worker.ask(lambda searcher: work(ProgramView(access, searcher, store)))

    def _count_view(self, photo_id: int) -> None:
        with self._library.store.write() as db:
            view_counts.count(db, photo_id)

    def _change_setting_for_command(self, name: str, text: str) -> Future[Settings]:
        def changed() -> Settings:
            self._change_setting(ChangeSetting(_NO_GENERATION, name, text))
            return self._maintenance.settings

        return self._writer.submit_write(changed)

    def _change_setting(self, request: ChangeSetting) -> None:
        self._maintenance.change_setting(request.generation, request.name, request.text)
        if request.name == KEEPER_RULES.name:
            self._duplicates.note_change()
        if request.name == SIDECARS.name:
            self._sidecars.note_change()
            self._live.scan()  # sidecars that were ignored before

    def _on_report(self, report: IndexReport) -> None:
        self._index_requests.note_report(report)

    def _on_progress(self, progress: Progress) -> None:
        self._index_requests.note_progress(progress)
        self._library.vectors.note_change()
        self._board.report_indexing(progress)
        self._duplicates.set_paused(progress.phase is Phase.PAUSED)
        if progress.phase is Phase.IDLE:
            self._duplicates.note_change()  # vectors added meanwhile, which no change reports
            self._themes.note_change()

    def _on_change(self, change: LibraryChanged) -> None:
        self._send(change)
        self._duplicates.note_change()
        if change.any_of(_SIDECAR_CHANGES):
            self._sidecars.note_change()

    def _between_runs(self, work: Callable[[], None]) -> None:
        called = self._live.between_runs(work)
        while not called.wait(_POLL_INTERVAL):
            self._writer.run_short()  # short operations need not wait until the indexer stops

    def _on_operation(self, change: LibraryChanged) -> None:
        if change.any_of(_DUPLICATE_CHANGES):
            self._duplicates.note_change()
        self._send(change)
        if change.any_of(_SIDECAR_CHANGES):
            self._sidecars.note_change()
        if change.any_of(ChangeKind.FILES):
            self._live.embed()  # a restored file may have been forgotten meanwhile, and is read again

    def _on_failure(self, message: Message) -> None:
        self._send(RequestFailed(message))

    def _on_model_notice(self, notice: Message) -> None:
        encoder = self._library.model.get()
        if encoder is not None:
            self._send(ModelReady(encoder.info))  # it may run elsewhere now
        self._send(ModelNotice(notice))

    def _on_model_ready(self, encoder: Encoder) -> None:
        self._send(ModelReady(encoder.info))
        self._live.embed()
        self._search_worker.prepare()
