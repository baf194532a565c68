"""Why a photo matched, in words and bars."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from safelight.core.explanation import Explanation, PartScore, Standing
from safelight.core.photo_units import PhotoUnit, WindowPosition
from safelight.core.quantities import clock
from safelight.ui.appearance.theme import Theme
from safelight.ui.query_chips import part_chips
from safelight.ui.translation import error_text, message_text, translate
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.layouts import clear_layout

_WAITING = translate("WhyView", "Analysing the photo …")
_NO_PARTS = translate("WhyView", "It passes the filters. The search has no description.")

_OF_EXCLUDED = {
    Standing.CLEARLY: translate("WhyView", "clearly there"),
    Standing.SOMEWHAT: translate("WhyView", "somewhat there"),
    Standing.HARDLY: translate("WhyView", "hardly there"),
}

_STANDINGS = {
    Standing.CLEARLY: translate("WhyView", "clearly"),
    Standing.SOMEWHAT: translate("WhyView", "somewhat"),
    Standing.HARDLY: translate("WhyView", "hardly"),
}

_FILLED = {Standing.CLEARLY: 3, Standing.SOMEWHAT: 2, Standing.HARDLY: 1}
_MAX_LOOKS = 6


def said(part: PartScore) -> str:
    """A part of the query, worded as on its chip."""
    chips = part_chips(part.text)
    return chips[0].said if chips else part.text


def judged(part: PartScore) -> str:
    """How well the photo matches a part. For excluded parts, "hardly" alone would be ambiguous."""
    return _OF_EXCLUDED[part.standing] if part.excluded else _STANDINGS[part.standing]


def matching_part(unit: PhotoUnit | None) -> str:
    """Which part of the photo matches best; empty where it is the picture as a whole."""
    if unit is not None and unit.seconds is not None:
        return translate("WhyView", "Matches best at {time}").format(time=clock(unit.seconds))
    spots = {
        WindowPosition.LEFT_END: translate("WhyView", "Matches best at the left end"),
        WindowPosition.LEFT: translate("WhyView", "Matches best in the left half"),
        WindowPosition.MIDDLE: translate("WhyView", "Matches best in the middle"),
        WindowPosition.RIGHT: translate("WhyView", "Matches best in the right half"),
        WindowPosition.RIGHT_END: translate("WhyView", "Matches best at the right end"),
        WindowPosition.TOP_END: translate("WhyView", "Matches best at the top"),
        WindowPosition.TOP: translate("WhyView", "Matches best in the upper half"),
        WindowPosition.BOTTOM: translate("WhyView", "Matches best in the lower half"),
        WindowPosition.BOTTOM_END: translate("WhyView", "Matches best at the bottom"),
    }
    spot = None if unit is None else unit.spot
    return "" if spot is None else spots[spot]


def in_words(explanation: Explanation) -> str:
    """The whole explanation as text, for screen readers."""
    lines = [f"{said(part)}: {judged(part)}" for part in explanation.parts]
    if part := matching_part(explanation.unit):
        lines.append(part)
    if explanation.looks_like:
        lines.append(translate("WhyView", "Looks like: ") + ", ".join(explanation.looks_like[:_MAX_LOOKS]))
    if explanation.names is not None:
        lines.append(message_text(explanation.names))
    return ". ".join(lines)


class Meter(QWidget):
    """Three short bars that show how well a part matches."""

    def __init__(self, part: PartScore, theme: Theme) -> None:
        super().__init__()
        self._lit = _FILLED[part.standing]
        hardly = part.standing is Standing.HARDLY
        if part.excluded:
            self._colour = QColor(theme.strong if hardly else theme.warning)
        else:
            self._colour = QColor(theme.secondary if hardly else theme.strong)
        self._ground = QColor(theme.line)
        self.setFixedSize(QSize(44, 16))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for number in range(3):
            painter.setBrush(self._colour if number < self._lit else self._ground)
            painter.drawRoundedRect(QRectF(number * 15, 6, 13, 4), 2, 2)
        painter.end()


class WhyView(QWidget):
    """Lists each part of the query with how well the photo matches it, and other reasons."""

    heat_toggled = Signal(bool)
    """Emitted to show or hide the heat map."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._explanation: Explanation | None = None
        self._complete = False
        self._parts = QGridLayout()
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.setHorizontalSpacing(8)
        self._parts.setVerticalSpacing(6)
        self._parts.setColumnStretch(0, 1)
        self._where = plain_label(narrow=True)
        self._looks = plain_label(narrow=True)
        self._names = plain_label(narrow=True)
        self._message = plain_label("", "secondary", narrow=True)
        self.heat = QPushButton(translate("WhyView", "Show where"))
        self.heat.setCheckable(True)
        self.heat.setToolTip(
            translate("WhyView", "Highlight the parts of the picture that match the search (H)")
        )
        self.heat.toggled.connect(self.heat_toggled)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._parts)
        for widget in (self._where, self._looks, self._names, self._message, self.heat):
            layout.addWidget(widget)
        self.setAccessibleName(translate("WhyView", "Why this matched"))
        self.show_waiting()

    @property
    def explanation(self) -> Explanation | None:
        """The explanation shown."""
        return self._explanation

    @property
    def text(self) -> str:
        """Show a one-line message."""
        if self._explanation is None:
            return self._message.text()
        return in_words(self._explanation) or self._message.text()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._show()

    def show_waiting(self) -> None:
        """Show that the explanation is loading."""
        self._explanation, self._complete = None, False
        self._show()
        self._message.setText(_WAITING)

    def show_failure(self, message: str) -> None:
        self._explanation, self._complete = None, False
        self._show()
        self._message.setText(message)

    def show_explanation(self, explanation: Explanation, complete: bool) -> None:
        """Show an explanation. ``complete`` is False while the heat map is being computed."""
        self._explanation, self._complete = explanation, complete
        self._show()

    def _show(self) -> None:
        why = self._explanation
        clear_layout(self._parts)
        for row, part in enumerate(why.parts if why is not None else ()):
            self._add(row, part)
        self._set_text(self._where, matching_part(why.unit) if why is not None else "")
        looks = why.looks_like[:_MAX_LOOKS] if why is not None else ()
        self._set_text(
            self._looks,
            translate("WhyView", "Looks like: {names}").format(names=", ".join(looks)) if looks else "",
        )
        names = message_text(None if why is None else why.names)
        self._set_text(self._names, names[:1].upper() + names[1:])
        message = self._message.text()
        if why is not None:
            nothing = not why.parts and why.names is None
            notice = "" if why.notice is None else error_text(why.notice)
            message = _NO_PARTS if nothing else notice if self._complete else ""
        self._set_text(self._message, message)
        has_heat = why is not None and bool(why.heat)
        if not has_heat and self.heat.isChecked() and (why is None or self._complete):
            self.heat.setChecked(False)
        waits = why is not None and bool(why.parts) and not self._complete
        self.heat.setVisible(has_heat or waits)
        self.heat.setEnabled(has_heat)
        self.heat.setText(
            translate("WhyView", "Show where")
            if has_heat or not waits
            else translate("WhyView", "Finding where …")
        )
        self.setAccessibleDescription(in_words(why) if why is not None else "")

    def _set_text(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _add(self, row: int, part: PartScore) -> None:
        words, standing = plain_label(narrow=True), plain_label("", "secondary", narrow=True)
        words.setText(said(part))
        standing.setText(judged(part))
        standing.setMinimumWidth(84)
        meter = Meter(part, self._theme)
        if part.score is not None and part.deviation is not None:
            tip = translate(
                "WhyView", "Similarity {score:.2f}, {deviation:+.1f} deviations from the library's"
            )
            meter.setToolTip(tip.format(score=part.score, deviation=part.deviation))
        elif part.probability is not None:
            meter.setToolTip(translate("WhyView", "{likely:.0%} likely").format(likely=part.probability))
        for column, widget in enumerate((words, meter, standing)):
            self._parts.addWidget(widget, row, column)
            widget.show()  # immediately, because the container needs the height now
