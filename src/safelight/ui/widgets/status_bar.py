"""The status bar: what the engine is doing, its state, and one button that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QToolButton, QWidget

from safelight.core.jobs import Phase, Progress
from safelight.core.photo import LibraryCounts
from safelight.ui import wording
from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.translation import translate

if TYPE_CHECKING:
    from safelight.core.encoder import ModelInfo

_DEVICES = {"cpu": "CPU", "cuda": "CUDA", "mps": "Metal"}


class StatusBar(QWidget):
    """Shows progress while indexing and a summary when idle. Errors come first."""

    pause_requested = Signal()
    resume_requested = Signal()
    cancel_requested = Signal()
    restart_requested = Signal()
    models_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress = Progress(Phase.IDLE)
        self._counts: LibraryCounts | None = None
        self._engine_error = ""
        self._model_name = ""
        self._coverage: int | None = None
        self._play_icon = QIcon()
        self._pause_icon = QIcon()

        self.setProperty("surface", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(32)
        self.setAccessibleName(translate("StatusBar", "Status"))
        self._text = _secondary_label(translate("StatusBar", "Progress"))
        self._bar = QProgressBar()
        self._bar.setFixedWidth(120)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(translate("StatusBar", "Indexing progress"))
        self._pause = _icon_button()
        self._pause.clicked.connect(self._toggle_pause)
        self._cancel = _icon_button()
        self._cancel.setToolTip(
            translate("StatusBar", "Stop indexing. Finished photos stay; the rest waits for the next scan.")
        )
        self._cancel.setAccessibleName(translate("StatusBar", "Stop indexing"))
        self._cancel.clicked.connect(self.cancel_requested)
        self._restart = QPushButton(translate("StatusBar", "Try again"))
        self._restart.setProperty("kind", "quiet")
        self._restart.clicked.connect(self.restart_requested)
        self._model = QPushButton()
        self._model.setProperty("kind", "quiet")
        self._model.setToolTip(translate("StatusBar", "The model used for search. Click to change it"))
        self._model.setAccessibleName(translate("StatusBar", "Model"))
        self._model.clicked.connect(self.models_requested)
        self._model.hide()

        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(8)
        for widget in (self._bar, self._text, self._pause, self._cancel, self._restart):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self._model)
        self.apply_theme(theme)

    @property
    def text(self) -> str:
        return self._text.text()

    @property
    def model(self) -> str:
        return self._model.text()

    def apply_theme(self, theme: Theme) -> None:
        self._cancel.setIcon(icon("close", theme.secondary))
        self._model.setStyleSheet(f"font-size: {theme.font_secondary}px; color: {theme.secondary};")
        self._play_icon, self._pause_icon = icon("play", theme.secondary), icon("pause", theme.secondary)
        self._show_state()

    def show_progress(self, progress: Progress) -> None:
        self._progress = progress
        self._show_state()

    def show_counts(self, counts: LibraryCounts) -> None:
        self._counts = counts
        self._show_state()

    def show_model(self, model: ModelInfo) -> None:
        self._model_name = f"{model.title or model.name} · {_DEVICES.get(model.device, model.device)}"
        holds = (
            translate("StatusBar", " It uses {file_size} of memory.").format(
                file_size=wording.file_size(model.memory)
            )
            if model.memory
            else ""
        )
        self._model.setToolTip(
            translate("StatusBar", "The model used for search. Click to change it.{holds}").format(
                holds=holds
            )
        )
        self._show_model()

    def show_unloaded(self, model: ModelInfo) -> None:
        """The model was unloaded after a period without use."""
        self._model_name = translate("StatusBar", "{value} · unloaded").format(
            value=model.title or model.name
        )
        freed = (
            translate("StatusBar", ", which frees {file_size}").format(
                file_size=wording.file_size(model.memory)
            )
            if model.memory
            else ""
        )
        self._model.setToolTip(
            translate(
                "StatusBar", "Unloaded after a while without use{freed}. It loads again when needed."
            ).format(freed=freed)
        )
        self._show_model()

    def show_coverage(self, share: int | None) -> None:
        """Percentage of photos embedded with the model, or None if practically all are."""
        self._coverage = share
        self._show_model()

    def _show_model(self) -> None:
        read = (
            ""
            if self._coverage is None
            else translate("StatusBar", " · {share} % read").format(share=self._coverage)
        )
        self._model.setText(self._model_name + read)
        self._model.setAccessibleName(
            translate("StatusBar", "Model: {name}{read}").format(name=self._model_name, read=read)
        )
        self._model.setVisible(bool(self._model_name))

    def show_engine_error(self, message: str, *, restartable: bool, alive: bool = False) -> None:
        """The engine does not run or answer. ``restartable`` offers to restart it; ``alive`` says that its
        process still runs.
        """
        self._engine_error = message
        self._restart.setText(
            translate("StatusBar", "Restart") if alive else translate("StatusBar", "Try again")
        )
        self._restart.setVisible(restartable)
        self._show_state()

    def clear_engine_error(self) -> None:
        self._engine_error = ""
        self._show_state()

    def _show_state(self) -> None:
        phase = self._progress.phase
        working = phase is not Phase.IDLE and not self._engine_error
        self._text.setText(self._engine_error or wording.progress_text(self._progress) or self._idle_text())
        self._text.setProperty("kind", "warning" if self._engine_error else "secondary")
        self._text.style().polish(self._text)
        counted = phase in (Phase.INDEXING, Phase.PROCESSING, Phase.PAUSED) and self._progress.total > 0
        self._bar.setVisible(working and (counted or phase is Phase.SCANNING))
        # An empty range makes the bar indeterminate.
        self._bar.setRange(0, self._progress.total if counted else 0)
        self._bar.setValue(self._progress.done if counted else -1)
        self._pause.setVisible(working)
        self._cancel.setVisible(working and self._progress.activity is None)
        if not self._engine_error:
            self._restart.hide()
        paused = phase is Phase.PAUSED
        self._pause.setIcon(self._play_icon if paused else self._pause_icon)
        verb = translate("StatusBar", "Resume") if paused else translate("StatusBar", "Pause")
        self._pause.setToolTip(translate("StatusBar", "{verb} indexing").format(verb=verb))
        self._pause.setAccessibleName(translate("StatusBar", "{verb} indexing").format(verb=verb))

    def _idle_text(self) -> str:
        counts = self._counts
        if counts is None:
            return translate("StatusBar", "Opening the library …")
        if not counts.files:
            return translate("StatusBar", "No photos yet")
        parts = [wording.count_of(counts.photos, "photo")]
        waiting = counts.pending + max(0, counts.photos - counts.embedded)
        parts.append(
            translate("StatusBar", "{waiting:,} waiting to be indexed").format(waiting=waiting)
            if waiting
            else translate("StatusBar", "Everything is indexed")
        )
        if counts.failures:
            parts.append(
                translate("StatusBar", "{failures:,} could not be read").format(failures=counts.failures)
            )
        return " · ".join(parts)

    def _toggle_pause(self) -> None:
        paused = self._progress.phase is Phase.PAUSED
        (self.resume_requested if paused else self.pause_requested).emit()


def _secondary_label(name: str) -> QLabel:
    label = QLabel()
    label.setProperty("kind", "secondary")
    label.setAccessibleName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _icon_button() -> QToolButton:
    button = QToolButton()
    button.setIconSize(QSize(16, 16))
    return button
