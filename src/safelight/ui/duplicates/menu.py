"""The context menu of one file of a group."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from safelight.core.duplicates import DuplicateMember
from safelight.ui import wording
from safelight.ui.duplicates.session import DuplicatesSession


def member_menu(
    member: DuplicateMember,
    session: DuplicatesSession,
    show_in_folder: Callable[[str], object],
    parent: QWidget,
) -> QMenu:
    """Where the file lies, and whether it or its folder may ever be proposed for the trash."""
    folder = str(Path(member.path).parent)
    name = wording.display_name(folder).replace("&", "&&")
    menu = QMenu(parent)
    menu.addAction("Show in folder").triggered.connect(lambda: show_in_folder(member.path))
    menu.addAction("Copy path").triggered.connect(
        lambda: QGuiApplication.clipboard().setText(wording.display_path(member.path))
    )
    menu.addSeparator()
    if member.protected:
        # Which of the two locks holds it is the engine's to know; lifting one that is not there does no harm.
        file_text, folder_text = (
            "Allow this file to be trashed again",
            f"Allow it for the folder “{name}” again",
        )
    else:
        file_text, folder_text = "Never touch this file", f"Never touch the folder “{name}”"
    lock = not member.protected
    menu.addAction(file_text).triggered.connect(lambda: session.protect(member.path, lock))
    menu.addAction(folder_text).triggered.connect(lambda: session.protect(folder, lock))
    return menu
