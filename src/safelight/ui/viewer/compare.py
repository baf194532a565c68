"""Two to four photos of the library beside each other, zoomed and panned together."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from safelight.core.photo import Photo
from safelight.ui import wording
from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.key_bindings import act_on, claim
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadPhotos
from safelight.ui.library.turning import turned_image
from safelight.ui.translation import translate
from safelight.ui.viewer.compare_pane import PhotoPane
from safelight.ui.viewer.pictures import is_online
from safelight.ui.widgets.compare_panes import MAX_PANES, PaneArea, compare_button
from safelight.ui.widgets.compared_pictures import MAX_FULL_SIDE, ComparedPictures, PictureRequest
from safelight.ui.widgets.elided_label import ElidedLabel

MIN_COMPARED = 2
"""Fewer photos are not a comparison."""
_SHARPEN_DELAY = 120
"""Milliseconds after the last zoom or resize before sharper versions are requested."""
_MAX_NAME_WIDTH = 260
"""Maximum width in pixels of a file name in a button."""


class PhotoCompare(QWidget):
    """Commands for photos apply to the current pane only. Closes when fewer than two photos are left."""

    closed = Signal(object)  # ids of the photos that were still shown
    photo_chosen = Signal(int)
    """Another photo is the one that commands apply to."""
    trash_requested = Signal(object)  # ids
    context_menu_requested = Signal(QPoint, int)

    def __init__(
        self,
        loader: PictureLoader,
        reader: LibraryReader,
        thumbnail: Callable[[int], QPixmap | None],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        """``thumbnail`` returns a cached thumbnail or None, without blocking."""
        super().__init__(parent)
        self._reader = reader
        self._thumbnail = thumbnail
        self._ids = array("q")
        self._at = 0
        self._photos: dict[int, Photo] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(translate("PhotoCompare", "Comparison"))
        self._pictures = ComparedPictures(loader, "compare-photos", self)
        self._pictures.picture_changed.connect(self._show_picture)
        self._pictures.picture_failed.connect(lambda *_: self._show_messages())
        self.area: PaneArea[PhotoPane] = PaneArea(partial(PhotoPane, theme))
        self.area.view_changed.connect(self._show_zoom)
        self.area.chosen.connect(self.choose)
        self._title = ElidedLabel()
        self._back = compare_button(translate("PhotoCompare", "Back to the grid (Esc)"), self.close_compare)
        self._fit = compare_button(translate("PhotoCompare", "Fit (Z)"), self.area.fit)
        self._actual = compare_button(translate("PhotoCompare", "Actual size (Z)"), self.area.actual_size)
        self._actual.setText("1:1")
        self._zoom = QLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._zoom.setProperty("kind", "secondary")
        self._zoom.setFixedWidth(self._zoom.fontMetrics().horizontalAdvance("1,000 %"))
        self.trash = QPushButton()
        self.trash.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.trash.setToolTip(translate("PhotoCompare", "Move only this photo to the trash (Del)"))
        self.trash.clicked.connect(lambda: self.trash_requested.emit([self.current]))
        self._sharpen = QTimer(self, singleShot=True, interval=_SHARPEN_DELAY)
        self._sharpen.timeout.connect(self._ask_for_pictures)
        self.area.view_changed.connect(self._sharpen.start)
        self._lay_out()
        self.apply_theme(theme)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 6, 12, 6)
        head.setSpacing(6)
        head.addWidget(self._back)
        head.addWidget(self._title, 1)
        for widget in (self._fit, self._actual, self._zoom):
            head.addWidget(widget)
        keys = ElidedLabel(
            translate(
                "PhotoCompare",
                "← → choose a photo · 0–5 rate · F favourite · X reject · Del trash · + − Z zoom · Esc back",
            )
        )
        keys.setProperty("kind", "secondary")
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 6, 12, 6)
        foot.setSpacing(12)
        foot.addWidget(keys, 1)
        foot.addWidget(self.trash)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.area, 1)
        layout.addLayout(foot)

    def apply_theme(self, theme: Theme) -> None:
        self.area.apply_theme(theme)
        self._back.setIcon(icon("close", theme.secondary))
        self._fit.setIcon(icon("fit", theme.secondary))
        self.trash.setIcon(icon("trash", theme.secondary))

    # --- opening and closing ------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return bool(self._ids)

    @property
    def ids(self) -> tuple[int, ...]:
        """The compared photos; empty while closed."""
        return tuple(self._ids)

    @property
    def current(self) -> int | None:
        """The photo that commands apply to; None while closed."""
        return self._ids[self._at] if self._ids else None

    @property
    def title(self) -> str:
        return self._title.text()

    def open(self, ids: Sequence[int]) -> None:
        """Compare these photos, two to four. Does nothing for another number."""
        if not MIN_COMPARED <= len(ids) <= MAX_PANES:
            return
        self._ids = array("q", ids)
        self._at = 0
        self._photos.clear()
        self.area.show_panes(len(ids))
        self._read()
        self.setFocus()
        self.photo_chosen.emit(self._ids[0])

    def close_compare(self) -> None:
        """Release everything and emit ``closed``. Idempotent."""
        if not self._ids:
            return
        ids, self._ids = self.ids, array("q")
        self._sharpen.stop()
        self._photos.clear()
        self._pictures.request([])
        self.area.clear()
        self.closed.emit(ids)

    def refresh(self, ids: Sequence[int]) -> None:
        """Reload the compared photos if one of these is among them: its row changed, or is gone."""
        if not set(self._ids).isdisjoint(ids):
            self._read()

    # --- what is shown ------------------------------------------------------------------------

    def choose(self, at: int) -> None:
        """Make the photo in this pane the one that commands apply to."""
        if self._ids and 0 <= at < len(self._ids) and at != self._at:
            self._at = at
            self._show_current()
            self.photo_chosen.emit(self._ids[at])

    def step(self, by: int) -> None:
        """Go to the next photo, or the previous one, and from the last one to the first."""
        if self._ids:
            self.choose((self._at + by) % len(self._ids))

    def _read(self) -> None:
        self._reader.read(ReadPhotos(tuple(self._ids)), self._on_photos_read, key="compare-photos")

    def _on_photos_read(self, photos: list[Photo]) -> None:
        if not self._ids:
            return
        self._photos = {photo.id: photo for photo in photos if photo.id in self._ids and photo.files}
        left = [photo_id for photo_id in self._ids if photo_id in self._photos]
        if len(left) < MIN_COMPARED:
            self._ids = array("q", left) or self._ids
            self.close_compare()
            return
        before = self.current
        self._at = min(self._at, len(left) - 1) if before not in left else left.index(before)
        self._ids = array("q", left)
        self.area.show_panes(len(left))
        self._show_photos()
        if self.current != before:
            self.photo_chosen.emit(self._ids[self._at])

    def _show_photos(self) -> None:
        viewpoint = self.area.panes[0].view.viewpoint
        changed = False
        for pane, photo_id in zip(self.area.shown, self._ids, strict=True):
            photo = self._photos[photo_id]
            if pane.show_photo(photo):
                changed = True
                # thumbnails are turned
                pane.show_placeholder(self._thumbnail(photo_id), QSize(*photo.shown_size))
                self._show_picture(photo_id)
        if changed:
            self.area.panes[0].view.show_viewpoint(*viewpoint)  # the remaining photos keep their zoom
        amount = wording.count_of(len(self._ids), "photo")
        self._title.setText(translate("PhotoCompare", "Comparing {photos}").format(photos=amount))
        self._show_current()
        self._ask_for_pictures()
        self._show_messages()

    def _show_current(self) -> None:
        for at, pane in enumerate(self.area.shown):
            pane.show_current(at == self._at)
        photo = None if self.current is None else self._photos.get(self.current)
        self.trash.setEnabled(photo is not None)
        if photo is not None:
            name = wording.name_of(photo)
            shown = self.trash.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _MAX_NAME_WIDTH)
            text = translate("PhotoCompare", "Move “{name}” to trash").format(name=shown)
            self.trash.setText("\u2002" + text.replace("&", "&&"))  # the style sets the icon too close
            self.trash.setAccessibleName(text)
            self.setAccessibleDescription(name)

    def _show_zoom(self) -> None:
        if self.area.shown:
            zoom = self.area.shown[min(self._at, len(self.area.shown) - 1)].view.zoom
            self._zoom.setText(f"{round(zoom * 100):,} %")

    def _ask_for_pictures(self) -> None:
        """Request versions of the size of a pane, and full size where zoomed in."""
        screen = round(max(self.width(), self.height()) * self.devicePixelRatioF())
        wanted = []
        for pane in self.area.shown:
            photo = pane.photo
            path = None if photo is None else wording.path_of(photo)
            if photo is None or path is None or not is_online(photo):
                continue
            wanted.append(
                PictureRequest(photo.id, path, screen if pane.view.wanted_side <= screen else MAX_FULL_SIDE)
            )
        self._pictures.request(wanted)

    def refresh_thumbnail(self, photo_id: int) -> None:
        """Show an arriving thumbnail until the picture is loaded."""
        pixmap = self._thumbnail(photo_id) if photo_id in self._ids else None
        for pane in self.area.shown:
            if pixmap is None or pane.photo is None or pane.photo.id != photo_id:
                continue
            if self._pictures.best(photo_id) is None:
                pane.view.set_image(pixmap.toImage())

    def _show_picture(self, photo_id: int) -> None:
        image = self._pictures.best(photo_id)
        for pane in self.area.shown:
            if pane.photo is not None and pane.photo.id == photo_id and image is not None:
                pane.view.set_image(turned_image(image, pane.photo.turns))

    def _show_messages(self) -> None:
        """Show why pictures are not loaded."""
        offline = translate("PhotoCompare", "The folder is offline. Showing the stored thumbnail.")
        for pane in self.area.shown:
            if pane.photo is not None:
                failure = self._pictures.failure(pane.photo.id)
                pane.show_message(failure if is_online(pane.photo) else offline)

    def _toggle_actual_size(self) -> None:
        if all(pane.view.fitting for pane in self.area.shown):
            self.area.actual_size()
        else:
            self.area.fit()

    # --- events -------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._sharpen.start()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.current is not None:
            self.context_menu_requested.emit(event.globalPos(), self.current)

    def event(self, event: QEvent) -> bool:
        return claim(event, (Qt.Key.Key_Z,)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Escape: self.close_compare,
            Qt.Key.Key_Space: self.close_compare,
            Qt.Key.Key_Return: self.close_compare,
            Qt.Key.Key_Enter: self.close_compare,
            Qt.Key.Key_Left: lambda: self.step(-1),
            Qt.Key.Key_Right: lambda: self.step(1),
            Qt.Key.Key_Z: self._toggle_actual_size,
            Qt.Key.Key_Plus: self.area.zoom_in,
            Qt.Key.Key_Equal: self.area.zoom_in,
            Qt.Key.Key_Minus: self.area.zoom_out,
        }
        if not act_on(event, acts):
            super().keyPressEvent(event)
