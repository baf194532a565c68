"""The window's colours and measures, and how they are applied."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from safelight.core.settings import ColourScheme
from safelight.paths import resources_dir
from safelight.ui.appearance.style_sheet import style_sheet


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme. Colours are ``#rrggbb``; lengths are device-independent pixels.

    Every text colour reaches a contrast of 4.5:1 (WCAG 2.2, 1.4.3) on ``window``, ``sidebar`` and
    ``surface``.
    """

    name: str
    dark: bool
    window: str
    sidebar: str
    surface: str
    """Background of fields, menus and cards."""
    line: str
    hover: str
    """Background of a control under the pointer, on any of the three backgrounds."""
    pressed: str
    text: str
    secondary: str
    """Secondary text."""
    disabled: str
    accent: str
    """Selection outline and focus ring: at least 3:1 on every background. Not for text."""
    accent_text: str
    """Text in the accent colour."""
    primary: str
    """Background of the primary button. ``on_primary`` is its text colour."""
    primary_hover: str
    on_primary: str
    strong: str
    """Text or icon that signals success or certainty."""
    warning: str
    information: str
    skeleton: str
    """Cells whose picture is not loaded yet."""

    gap: int = 4
    """Space between grid cells."""
    margin: int = 12
    """Space around the grid."""
    radius_thumbnail: int = 4
    radius_control: int = 6
    radius_card: int = 10
    font_body: int = 13
    font_secondary: int = 11
    font_section: int = 15
    font_title: int = 22
    control_height: int = 28

    def selection_fill(self) -> QColor:
        """The accent at 16 % opacity."""
        colour = QColor(self.accent)
        colour.setAlphaF(0.16)
        return colour


DARK = Theme(
    name="dark",
    dark=True,
    window="#1b1c1e",
    sidebar="#222326",
    surface="#2a2b2f",
    line="#35363b",
    hover="#313238",
    pressed="#3a3b42",
    text="#e8e8ea",
    secondary="#a0a2a8",
    disabled="#6b6d74",
    accent="#e5484d",
    accent_text="#ff6b70",
    primary="#cf3339",
    primary_hover="#d13a40",
    on_primary="#ffffff",
    strong="#3dba7e",
    warning="#f5a524",
    information="#4f9fe0",
    skeleton="#26272a",
)

LIGHT = Theme(
    name="light",
    dark=False,
    window="#fafafa",
    sidebar="#f1f1f3",
    surface="#ffffff",
    line="#e2e2e6",
    hover="#e9e9ec",
    pressed="#dcdce1",
    text="#1c1d1f",
    secondary="#5f6167",
    disabled="#9a9ca3",
    accent="#c62a2f",
    accent_text="#b8252a",
    primary="#c62a2f",
    primary_hover="#b8252a",
    on_primary="#ffffff",
    strong="#177548",
    warning="#8f5200",
    information="#1a68a6",
    skeleton="#ececef",
)


def system_theme(app: QApplication) -> Theme:
    """The theme the system asks for; dark if it does not say."""
    return _theme_for(app.styleHints().colorScheme())


def _theme_for(scheme: Qt.ColorScheme) -> Theme:
    return LIGHT if scheme == Qt.ColorScheme.Light else DARK


_FIXED: dict[str, Theme] = {ColourScheme.LIGHT: LIGHT, ColourScheme.DARK: DARK}
"""The looks that do not follow the system."""


def palette(theme: Theme) -> QPalette:
    """The palette for unstyled parts of Fusion."""
    roles = QPalette.ColorRole
    colours = {
        roles.Window: theme.window,
        roles.WindowText: theme.text,
        roles.Base: theme.surface,
        roles.AlternateBase: theme.sidebar,
        roles.Text: theme.text,
        roles.PlaceholderText: theme.secondary,
        roles.Button: theme.surface,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.accent_text,
        roles.ToolTipBase: theme.surface,
        roles.ToolTipText: theme.text,
        roles.Highlight: theme.primary,
        roles.HighlightedText: theme.on_primary,
        roles.Accent: theme.accent,
        roles.Link: theme.information,
        roles.LinkVisited: theme.information,
        roles.Light: theme.hover,
        roles.Midlight: theme.hover,
        roles.Mid: theme.line,
        roles.Dark: theme.line,
        roles.Shadow: "#000000",
    }
    result = QPalette()
    for role, colour in colours.items():
        result.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.disabled))
    return result


def apply(app: QApplication, theme: Theme) -> None:
    """Style the application: Fusion, the palette, the body font size, the style sheet."""
    # Only once: a style sheet hides the style below it, and setting a style styles every widget again.
    if not app.styleSheet():
        app.setStyle("Fusion")
    font = app.font()
    font.setPixelSize(theme.font_body)
    app.setFont(font)
    app.setPalette(palette(theme))
    sheet = style_sheet(asdict(theme), resources_dir() / "icons")
    if app.styleSheet() != sheet:  # setting it styles every widget again, even if it is the same
        app.setStyleSheet(sheet)


class ThemeWatcher(QObject):
    """Applies the theme of the settings or the system, and notifies widgets that paint themselves."""

    theme_changed = Signal(object)
    """Emitted with the new :class:`Theme` after it was applied."""

    def __init__(
        self, app: QApplication, scheme: str = ColourScheme.SYSTEM, parent: QObject | None = None
    ) -> None:
        """``scheme``: a :class:`~safelight.core.settings.ColourScheme`; anything else is the system's."""
        super().__init__(parent)
        self._app = app
        self._scheme = scheme
        self._theme = _FIXED.get(scheme) or system_theme(app)
        apply(app, self._theme)
        app.styleHints().colorSchemeChanged.connect(self._on_system_scheme_changed)

    @property
    def theme(self) -> Theme:
        return self._theme

    def set_scheme(self, scheme: str) -> None:
        """Follow the system, or keep to one theme."""
        self._scheme = scheme
        self._change(_FIXED.get(scheme) or system_theme(self._app))

    @Slot(Qt.ColorScheme)
    def _on_system_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        if self._scheme not in _FIXED:
            self._change(_theme_for(scheme))

    def _change(self, theme: Theme) -> None:
        if theme is not self._theme:
            self._theme = theme
            apply(self._app, theme)
            self.theme_changed.emit(theme)
