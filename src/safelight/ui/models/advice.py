"""A line that suggests a larger model while the built-in one is in use, until the user dismisses it or opens
the models page."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from safelight.core.models import ModelRow
from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.models import words as model_words
from safelight.ui.translation import translate
from safelight.ui.widgets.wrapping_label import WrappingLabel
from safelight.ui.window_state import WindowState

_DISMISSED_KEY = "model_advice_dismissed"


class ModelAdvice(QWidget):
    """Shown while the starter is in use and the library has photos."""

    models_requested = Signal()

    def __init__(self, theme: Theme, state: WindowState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        text = WrappingLabel(
            translate("ModelAdvice", "You're using the small built-in model. A larger one finds much more.")
        )
        text.setProperty("kind", "secondary")
        self.choose = QPushButton(translate("ModelAdvice", "Choose a model"))
        self.choose.setProperty("kind", "quiet")
        self.choose.clicked.connect(self.models_requested)
        self.dismiss = QToolButton()
        self.dismiss.setIconSize(QSize(16, 16))
        self.dismiss.setToolTip(translate("ModelAdvice", "Dismiss"))
        self.dismiss.setAccessibleName(translate("ModelAdvice", "Dismiss the advice on models"))
        self.dismiss.clicked.connect(self.remove)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 4, 8, 0)
        layout.setSpacing(8)
        layout.addWidget(text, 100)
        layout.addWidget(self.choose)
        layout.addStretch(1)
        layout.addWidget(self.dismiss)
        self.setAccessibleName(translate("ModelAdvice", "Advice"))
        self.hide()
        self.apply_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        self.dismiss.setIcon(icon("close", theme.secondary))

    def show_active(self, row: ModelRow) -> None:
        """Show or hide the advice for the model in use."""
        wanted = row.name == model_words.STARTER and row.photos > 0
        self.setVisible(wanted and not self._state.flag(_DISMISSED_KEY, False))

    def remove(self) -> None:
        """Hide the advice for good: the user dismissed it, or saw the models."""
        self._state.keep(_DISMISSED_KEY, True)
        self.hide()
