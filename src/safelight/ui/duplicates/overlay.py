"""Two pictures of the comparison in one place: alternating, or their difference."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from safelight.core.duplicates import DuplicateMember
from safelight.ui import wording
from safelight.ui.duplicates.pictures import AlignedPair, OverlayMaker
from safelight.ui.translation import translate
from safelight.ui.widgets.compared_pictures import ComparedPictures
from safelight.ui.widgets.zoom_view import ZoomView

_BLINK_INTERVAL = 600
"""Milliseconds that each is shown: slow enough not to count as flashing (WCAG 2.2, 2.3.1)."""


class Mode(Enum):
    SIDE_BY_SIDE = translate("Mode", "Side by side")
    BLINK = translate("Mode", "Blink")
    DIFFERENCE = translate("Mode", "Difference")


class OverlayView(QWidget):
    """Shows a pair once it is aligned, and describes it in words."""

    def __init__(self, pictures: ComparedPictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._maker = OverlayMaker(self)
        self._maker.aligned.connect(self._on_overlay_ready)
        self._mode = Mode.SIDE_BY_SIDE
        self._pair: tuple[DuplicateMember, DuplicateMember] | None = None
        self._aligned: AlignedPair | None = None
        self._second = False
        self._viewpoint = (1.0, QPointF(0.5, 0.5))
        self.view = ZoomView(max_fit_zoom=64.0)
        self.caption = QLabel(wordWrap=True)
        self.caption.setContentsMargins(12, 6, 12, 6)
        self.caption.setAccessibleName(translate("OverlayView", "What is shown"))
        self._blink = QTimer(self, interval=_BLINK_INTERVAL)
        self._blink.timeout.connect(self.blink_once)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.caption)
        pictures.picture_changed.connect(lambda _: self._ask())
        pictures.picture_failed.connect(lambda *_: self._show())

    @property
    def aligned(self) -> AlignedPair | None:
        """The aligned pair, once it is known."""
        return self._aligned

    def show_pair(
        self,
        mode: Mode,
        pair: tuple[DuplicateMember, DuplicateMember] | None,
        viewpoint: tuple[float, QPointF],
    ) -> None:
        """``viewpoint``: the part of a new pair to show, as :attr:`ZoomView.viewpoint`."""
        ids = tuple(member.file_id for member in pair) if pair is not None else ()
        before = tuple(member.file_id for member in self._pair) if self._pair is not None else ()
        self._mode, self._pair = mode, pair
        if ids != before:
            self._aligned = None
            self._viewpoint = viewpoint
            self._second = False
            self._maker.forget()
            self._show_first()
        if mode is Mode.BLINK:
            self._blink.start()
        else:
            self._blink.stop()
        self._ask()
        self._show()

    def _show_first(self) -> None:
        """Show the first picture of the pair while the two are aligned."""
        first = None if self._pair is None else self._pictures.best(self._pair[0].file_id)
        if first is None:
            self.view.show_picture(QImage(), self.view.size())
        else:
            self.view.show_picture(first, first.size())
            self.view.show_viewpoint(*self._viewpoint)

    def stop(self) -> None:
        """Show nothing, and stop alternating."""
        self._blink.stop()
        self._maker.forget()
        self._pair = self._aligned = None
        self.view.show_picture(QImage(), self.view.size())

    def close_maker(self) -> None:
        self._blink.stop()
        self._maker.close()

    def blink_once(self) -> None:
        """Show the other of the two pictures."""
        self._second = not self._second
        self._show()

    def _ask(self) -> None:
        if self._mode is Mode.SIDE_BY_SIDE or self._pair is None or self._aligned is not None:
            return
        one, two = (self._pictures.best(member.file_id) for member in self._pair)
        if one is not None and two is not None:
            self._maker.ask((self._pair[0].file_id, self._pair[1].file_id), one, two)

    def _on_overlay_ready(self, pair: tuple[int, int], aligned: AlignedPair) -> None:
        if self._pair is None or pair != (self._pair[0].file_id, self._pair[1].file_id):
            return
        self._aligned = aligned
        self.view.show_picture(self._image(aligned), aligned.first.size())
        self.view.show_viewpoint(*self._viewpoint)
        self._show()

    def _image(self, aligned: AlignedPair) -> QImage:
        if self._mode is Mode.DIFFERENCE:
            return aligned.difference
        return aligned.second if self._second else aligned.first

    def _show(self) -> None:
        if self._pair is None:
            return
        names = [wording.display_name(member.path) for member in self._pair]
        failed = next((text for m in self._pair if (text := self._pictures.failure(m.file_id))), "")
        if self._aligned is None:
            self.caption.setText(
                failed
                or translate("OverlayView", "Aligning {names} with {names2} …").format(
                    names=names[1], names2=names[0]
                )
            )
            return
        self.view.set_image(self._image(self._aligned))
        if self._mode is Mode.DIFFERENCE:
            self.caption.setText(
                translate("OverlayView", "{names} and {names2}: {description}").format(
                    names=names[0], names2=names[1], description=self._aligned.description
                )
            )
        else:
            self.caption.setText(
                translate("OverlayView", "{value} of 2: {names}").format(
                    value=self._second + 1, names=names[self._second]
                )
            )
