"""The same search with two models, side by side, over a sample of the library."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QIcon, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from safelight.core.models import ModelRow
from safelight.engine import events, requests
from safelight.ui import wording
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.translation import error_text, translate

_SIDE = 112
_TYPING_PAUSE = 250
"""Milliseconds after the last key until the query is sent."""
_PHOTO_ROLE = int(Qt.ItemDataRole.UserRole)


class CompareModelsDialog(QDialog):
    """Queries both models, also while they still read the sample. ``accepted`` means: use the candidate."""

    def __init__(
        self,
        bridge: EngineBridge,
        cache: ThumbnailCache,
        current: ModelRow,
        candidate: ModelRow,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._cache = cache
        self._generation = next(bridge.generations)
        self._asked = 0
        self.setWindowTitle(translate("CompareModelsDialog", "Compare models"))
        self.resize(900, 620)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = QLineEdit()
        self.field.setPlaceholderText(translate("CompareModelsDialog", "Describe a photo: dog on a beach"))
        self.field.setAccessibleName(translate("CompareModelsDialog", "Query for both models"))
        self._state = QLabel(translate("CompareModelsDialog", "Loading both models …"))
        self._state.setProperty("kind", "secondary")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(160)
        self._bar.setRange(0, 0)
        self.left, self.right = _Results(current.title), _Results(candidate.title)
        self.use = QPushButton(translate("CompareModelsDialog", "Use {title}").format(title=candidate.title))
        self.use.setProperty("kind", "primary")
        self.use.setAutoDefault(False)
        self.use.clicked.connect(self.accept)
        keep = QPushButton(translate("CompareModelsDialog", "Close"))
        keep.setAutoDefault(False)
        keep.clicked.connect(self.reject)

        reading = QHBoxLayout()
        reading.setSpacing(8)
        reading.addWidget(self._bar)
        reading.addWidget(self._state, 1)
        columns = QGridLayout()
        columns.setHorizontalSpacing(16)
        columns.setVerticalSpacing(4)
        for number, (side, row, role) in enumerate(
            (
                (self.left, current, translate("CompareModelsDialog", "in use")),
                (self.right, candidate, "candidate"),
            )
        ):
            title = QLabel(f"{row.title} ({role})", textFormat=Qt.TextFormat.PlainText)
            title.setProperty("kind", "section")
            columns.addWidget(title, 0, number)
            columns.addWidget(side, 1, number)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addLayout(reading, 1)
        buttons.addWidget(keep)
        buttons.addWidget(self.use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.field)
        layout.addLayout(columns, 1)
        layout.addLayout(buttons)

        self._typing = QTimer(self, singleShot=True, interval=_TYPING_PAUSE)
        self._typing.timeout.connect(self._ask)
        self.field.textChanged.connect(lambda _: self._typing.start())
        self.field.returnPressed.connect(self._ask)
        cache.thumbnail_ready.connect(self._show_thumbnail)
        bridge.comparison_advanced.connect(self._on_progress)
        bridge.comparison_answered.connect(self._on_answer)
        bridge.request_failed.connect(self._on_failed)
        # A restarted engine has no comparison under way.
        bridge.engine_ready.connect(self._begin)
        self.finished.connect(self._end)
        self._name = candidate.name
        self._begin()

    @property
    def state(self) -> str:
        return self._state.text()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.reject()
        super().closeEvent(event)

    def _begin(self) -> None:
        self._bridge.send(requests.CompareModels(self._generation, self._name))
        self._ask()

    def _end(self) -> None:
        self._typing.stop()
        self._bridge.send(requests.StopComparing())

    def _ask(self) -> None:
        self._typing.stop()
        text = self.field.text().strip()
        if not text:
            self.left.show_photos((), self._cache)
            self.right.show_photos((), self._cache)
            return
        self._asked = next(self._bridge.generations)
        self._bridge.send(requests.SearchWithBothModels(self._asked, text))

    def _on_progress(self, progress: events.ComparisonProgress) -> None:
        if progress.generation != self._generation:
            return
        complete = progress.done >= progress.total
        self._bar.setVisible(not complete)
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)
        amount = wording.count_of(progress.total, "photo")
        self._state.setText(
            translate(
                "CompareModelsDialog", "Comparing {amount}, chosen at random from the whole library"
            ).format(amount=amount)
            if complete
            else translate("CompareModelsDialog", "Read {done:,} of {amount}; searches cover these").format(
                done=progress.done, amount=amount
            )
        )
        self._ask()  # more photos are read now

    def _on_answer(self, answer: events.ComparisonAnswered) -> None:
        if answer.generation == self._asked:
            self.left.show_photos(answer.current, self._cache)
            self.right.show_photos(answer.candidate, self._cache)

    def _on_failed(self, failure: events.RequestFailed) -> None:
        if failure.generation in (self._generation, self._asked):
            self._bar.hide()
            self._state.setText(error_text(failure.message))

    def _show_thumbnail(self, photo_id: int) -> None:
        for side in (self.left, self.right):
            side.show_thumbnail(photo_id, self._cache)


class _Results(QListWidget):
    """Photos by descending similarity. Display only."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(translate("_Results", "Found by {name}").format(name=name))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(_SIDE, _SIDE))
        self.setGridSize(QSize(_SIDE + 12, _SIDE + 12))

    @property
    def photo_ids(self) -> list[int]:
        return [self.item(row).data(_PHOTO_ROLE) for row in range(self.count())]

    def show_photos(self, ids: Sequence[int], cache: ThumbnailCache) -> None:
        if list(ids) == self.photo_ids:
            return
        self.clear()
        for place, photo_id in enumerate(ids, 1):
            item = QListWidgetItem()
            item.setData(_PHOTO_ROLE, photo_id)
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                translate("_Results", "Number {place}").format(place=place),
            )
            item.setSizeHint(QSize(_SIDE + 12, _SIDE + 12))
            self.addItem(item)
            self.show_thumbnail(photo_id, cache)

    def show_thumbnail(self, photo_id: int, cache: ThumbnailCache) -> None:
        for row in range(self.count()):
            if self.item(row).data(_PHOTO_ROLE) == photo_id:
                pixmap = cache.get(photo_id)
                if pixmap is not None:
                    self.item(row).setIcon(QIcon(_square(pixmap, self.devicePixelRatioF())))


def _square(pixmap: QPixmap, ratio: float) -> QPixmap:
    """The centre square, as in the grid."""
    side = round(_SIDE * ratio)
    scaled = pixmap.scaled(
        side,
        side,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    cut = scaled.copy((scaled.width() - side) // 2, (scaled.height() - side) // 2, side, side)
    cut.setDevicePixelRatio(ratio)
    return cut
