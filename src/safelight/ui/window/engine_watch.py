"""Shows the state of the engine in the status bar."""

from __future__ import annotations

from PySide6.QtCore import QObject

from safelight.core.jobs import Phase, Progress
from safelight.core.message import Message
from safelight.engine import events, requests
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.translation import error_text, translate
from safelight.ui.widgets.status_bar import StatusBar


class EngineWatch(QObject):
    """Shows progress and errors, and handles the buttons of the status bar."""

    def __init__(self, bridge: EngineBridge, status: StatusBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._status = status
        self._phase = Phase.IDLE
        self._failed = False
        """The engine reported why it cannot continue, so its end needs no further message."""
        bridge.engine_ready.connect(self._on_engine_ready)
        bridge.model_ready.connect(status.show_model)
        bridge.progress_changed.connect(self._on_progress)
        bridge.engine_failed.connect(self._on_failed)
        bridge.engine_stopped.connect(self._on_engine_stopped)
        bridge.engine_silent.connect(self._on_engine_silent)
        bridge.work_stalled.connect(self._on_work_stalled)
        status.pause_requested.connect(lambda: bridge.send(requests.PauseIndexing()))
        status.resume_requested.connect(lambda: bridge.send(requests.ResumeIndexing()))
        status.cancel_requested.connect(lambda: bridge.send(requests.CancelIndexing()))
        status.restart_requested.connect(self._restart)

    def toggle_pause(self) -> None:
        paused = self._phase is Phase.PAUSED
        self._bridge.send(requests.ResumeIndexing() if paused else requests.PauseIndexing())

    def _on_engine_ready(self) -> None:
        self._failed = False
        self._status.clear_engine_error()

    def _on_progress(self, progress: Progress) -> None:
        self._phase = progress.phase
        self._status.show_progress(progress)

    def _on_failed(self, message: str) -> None:
        self._failed = True
        self._status.show_engine_error(message, restartable=True)

    def _on_engine_stopped(self, stopped: events.EngineStopped) -> None:
        self._on_progress(Progress(Phase.IDLE))
        if not self._failed:
            self._status.show_engine_error(error_text(stopped.message), restartable=not stopped.will_restart)

    def _on_engine_silent(self, seconds: int) -> None:
        """The engine process is stopped, or waits for the disk or for memory."""
        if not seconds:
            self._status.clear_engine_error()
            return
        self._status.show_engine_error(
            translate(
                "EngineWatch",
                "The engine has not answered for {seconds} s. Wait, or restart it; saved changes are kept.",
            ).format(seconds=seconds),
            restartable=True,
            alive=True,
        )

    def _on_work_stalled(self, message: Message | None) -> None:
        """The engine answers, but a change or a search is blocked."""
        if message is None:
            self._status.clear_engine_error()
        else:
            self._status.show_engine_error(error_text(message), restartable=True, alive=True)

    def _restart(self) -> None:
        self._failed = False
        self._status.show_engine_error(
            translate("EngineWatch", "Starting the engine again …"), restartable=False
        )
        self._bridge.restart()
