"""What the window remembers between sessions: geometry, panels, thumbnail size."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

FILE_NAME = "window.ini"


class WindowState:
    """A small file in the library folder. If it is lost or damaged, only the layout is lost."""

    def __init__(self, library: Path) -> None:
        self._settings = QSettings(str(library / FILE_NAME), QSettings.Format.IniFormat)

    def bytes_of(self, name: str) -> QByteArray | None:
        value = self._settings.value(name)
        return value if isinstance(value, QByteArray) else None

    def integer(self, name: str, default: int) -> int:
        value = self._settings.value(name)
        try:
            return int(value) if isinstance(value, str | int) else default
        except ValueError:
            return default

    def flag(self, name: str, default: bool) -> bool:
        value = self._settings.value(name)
        return value in (True, "true") if value is not None else default

    def text(self, name: str) -> str:
        """Empty if nothing is saved."""
        value = self._settings.value(name)
        return value if isinstance(value, str) else ""

    def keep(self, name: str, value: QByteArray | int | bool | str) -> None:
        self._settings.setValue(name, value)

    def save(self) -> None:
        self._settings.sync()
