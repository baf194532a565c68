"""Desktop integration: opening files, showing them in the file manager, the clipboard."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QProcess
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage

from safelight.ui import dropped_files, wording
from safelight.ui.translation import translate


def open_file(path: str) -> str | None:
    """Open with the default application. Returns an error message or None."""
    if not Path(path).exists():
        return translate(
            "DesktopIntegration", "{name} no longer exists, or its drive is not connected."
        ).format(name=wording.display_name(path))
    if not QDesktopServices.openUrl(dropped_files.file_url(path)):
        return translate("DesktopIntegration", "No application on this computer opens {name}.").format(
            name=wording.display_name(path)
        )
    return None


def show_in_folder(path: str) -> str | None:
    """Show a file or folder in the file manager. Returns an error message or None."""
    folder = path if Path(path).is_dir() else str(Path(path).parent)
    if not Path(folder).is_dir():
        return translate(
            "DesktopIntegration", "The folder {display_path} does not exist, or its drive is not connected."
        ).format(display_path=wording.display_path(folder))
    if sys.platform == "win32":
        shown = QProcess.startDetached("explorer", ["/select,", str(Path(path))])[0]
    elif sys.platform == "darwin":
        shown = QProcess.startDetached("open", ["-R", path])[0]
    else:
        shown = _ask_file_manager(path) or QDesktopServices.openUrl(dropped_files.file_url(folder))
    return (
        None
        if shown
        else translate("DesktopIntegration", "No file manager could be opened for {display_path}.").format(
            display_path=wording.display_path(folder)
        )
    )


def _ask_file_manager(path: str) -> bool:
    """Uses the freedesktop.org file manager interface, which selects the file in its folder."""
    from PySide6.QtDBus import QDBusConnection, QDBusMessage  # missing from Qt on some platforms

    bus = QDBusConnection.sessionBus()
    name = "org.freedesktop.FileManager1"
    registry = bus.interface() if bus.isConnected() else None
    if registry is None:
        return False
    offered = {*registry.registeredServiceNames().value(), *registry.activatableServiceNames().value()}
    if name not in offered:
        return False
    call = QDBusMessage.createMethodCall(name, "/org/freedesktop/FileManager1", name, "ShowItems")
    call.setArguments([[bytes(dropped_files.file_url(path).toEncoded().data()).decode("ascii")], ""])
    return bus.send(call)


def copy_paths(paths: Sequence[str]) -> None:
    """Put paths on the clipboard as text, one per line."""
    QGuiApplication.clipboard().setText("\n".join(wording.path_text(path) for path in paths))


def copy_files(paths: Sequence[str], image: QImage | None = None) -> None:
    """Put files on the clipboard. File managers paste copies; image programs paste the picture."""
    mime = QMimeData()
    mime.setUrls([dropped_files.file_url(path) for path in paths])
    if image is not None:
        mime.setImageData(image)
    QGuiApplication.clipboard().setMimeData(mime)


def holds_files(paths: Sequence[str]) -> bool:
    """Whether the clipboard holds exactly these files."""
    return QGuiApplication.clipboard().mimeData().urls() == [dropped_files.file_url(path) for path in paths]
