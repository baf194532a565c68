"""One photo of a comparison, with its name and marks."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel

from safelight.core.photo import Photo
from safelight.ui import wording
from safelight.ui.appearance import icons
from safelight.ui.appearance.label_colours import LABEL_COLOURS
from safelight.ui.appearance.theme import Theme
from safelight.ui.translation import translate
from safelight.ui.widgets.compare_panes import ComparePane
from safelight.ui.widgets.elided_label import ElidedLabel

_ICON_SIZE = 16


class PhotoPane(ComparePane):
    """Shows a photo. Its marks are those that the commands for photos set."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._photo: Photo | None = None
        self._name = ElidedLabel(elide=Qt.TextElideMode.ElideMiddle)
        self._details = ElidedLabel()
        self._details.setProperty("kind", "secondary")
        self._label = QLabel()
        self._label.setFixedSize(10, 10)
        self._stars = QLabel()
        self._heart = QLabel()
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addStrut(_ICON_SIZE + 4)  # equally high with and without marks
        line.addWidget(self._name, 1)
        line.addWidget(self._label)
        line.addWidget(self._stars)
        line.addWidget(self._heart)
        self._head.addLayout(line)
        self._head.addWidget(self._details)

    @property
    def photo(self) -> Photo | None:
        return self._photo

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self._show_words()

    def show_photo(self, photo: Photo) -> bool:
        """Show a photo. Returns True if it is another one than before, or was turned: then its picture must
        be set.
        """
        before = self._photo
        other = before is None or (before.id, before.turns) != (photo.id, photo.turns)
        self._photo = photo
        self._show_words()
        if other:
            self.show_message("")
        return other

    def clear(self) -> None:
        self._photo = None
        super().clear()

    def _show_words(self) -> None:
        photo = self._photo
        if photo is None:
            return
        theme = self._theme
        name = wording.name_of(photo)
        self._name.setText(name)
        rejected = photo.rating < 0
        self._stars.setText(translate("PhotoPane", "Rejected") if rejected else "★" * photo.rating)
        self._stars.setVisible(photo.rating != 0)
        colour = theme.warning if rejected else theme.text
        self._stars.setStyleSheet(f"color:{colour};")
        self._heart.setPixmap(
            icons.pixmap("heart-filled", theme.accent, _ICON_SIZE, self.devicePixelRatioF())
        )
        self._heart.setVisible(photo.favourite)
        self._label.setVisible(bool(photo.label))
        if photo.label:
            self._label.setStyleSheet(f"background: {LABEL_COLOURS[photo.label]}; border-radius: 5px;")
        width, height = photo.shown_size
        size = f"{width:,} × {height:,}"
        date = wording.date_of(photo)
        self._details.setText(" · ".join(text for text in (date, size, photo.format) if text))
        stars = wording.count_of(photo.rating, "star") if photo.rating > 0 else self._stars.text()
        spoken = [name, stars, photo.label]
        if photo.favourite:
            spoken.append(translate("PhotoPane", "favourite"))
        self.setAccessibleName(", ".join(text for text in spoken if text))
        path = wording.path_of(photo)
        self.setToolTip(wording.tip(wording.display_path(path)) if path is not None else "")
        self.view.setAccessibleName(name)
