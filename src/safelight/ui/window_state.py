"""The state of the window between sessions: geometry, panels, thumbnail size, recent searches."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from safelight.core.private_files import create_file, restrict_to_owner

FILE_NAME = "window.ini"

_LARGEST = 2**31 - 1


class WindowState:
    """A small file in the library's folder. If it is lost or damaged, only the layout is lost."""

    def __init__(self, library: Path) -> None:
        self._path = library / FILE_NAME
        self._settings = QSettings(str(self._path), QSettings.Format.IniFormat)
        restrict_to_owner(self._path)  # older versions left it readable for others

    def bytes_of(self, name: str) -> QByteArray | None:
        value = self._settings.value(name)
        return value if isinstance(value, QByteArray) else None

    def integer(self, name: str, default: int) -> int:
        """``default`` where no number is saved, or one that does not fit into 32 bits, as Qt needs."""
        value = self._settings.value(name)
        try:
            number = int(value) if isinstance(value, str | int) else default
        except ValueError:
            return default
        return number if abs(number) <= _LARGEST else default

    def flag(self, name: str, default: bool) -> bool:
        value = self._settings.value(name)
        return value in (True, "true") if value is not None else default

    def text(self, name: str) -> str:
        """Empty if nothing is saved."""
        value = self._settings.value(name)
        return value if isinstance(value, str) else ""

    def keep(self, name: str, value: QByteArray | int | bool | str) -> None:
        # QSettings writes whenever the event loop is idle. It keeps the mode of an existing file
        # but creates a new one by the umask.
        if not self._path.exists() and self._path.parent.is_dir():
            with contextlib.suppress(OSError):
                os.close(create_file(self._path))
        self._settings.setValue(name, value)

    def save(self) -> None:
        """Write what was kept. The file holds recent searches, so only its owner may read it."""
        self._settings.sync()
