"""The context menu of one file of a group."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from safelight.core.duplicates import DuplicateMember
from safelight.ui import wording
from safelight.ui.duplicates.session import DuplicatesSession
from safelight.ui.translation import translate


def member_menu(
    member: DuplicateMember,
    session: DuplicatesSession,
    show_in_folder: Callable[[str], object],
    play: Callable[[str], object],
    parent: QWidget,
) -> QMenu:
    """Where the file is, and whether it or its folder is protected."""
    folder = str(Path(member.path).parent)
    name = wording.display_name(folder).replace("&", "&&")
    menu = QMenu(parent)
    if member.facts.duration is not None:
        menu.addAction(translate("Menu", "Play")).triggered.connect(lambda: play(member.path))
    menu.addAction(translate("Menu", "Show in file manager")).triggered.connect(
        lambda: show_in_folder(member.path)
    )
    menu.addAction(translate("Menu", "Copy path")).triggered.connect(
        lambda: QGuiApplication.clipboard().setText(wording.path_text(member.path))
    )
    menu.addSeparator()
    if member.protected:
        # Only the engine knows which of the two is protected. Ending protection that does not exist has no
        # effect.
        file_text, folder_text = (
            translate("Menu", "Stop protecting this file"),
            translate("Menu", "Stop protecting the folder “{name}”").format(name=name),
        )
    else:
        file_text, folder_text = (
            translate("Menu", "Protect this file"),
            translate("Menu", "Protect the folder “{name}”").format(name=name),
        )
    lock = not member.protected
    menu.addAction(file_text).triggered.connect(lambda: session.protect(member.path, lock))
    menu.addAction(folder_text).triggered.connect(lambda: session.protect(folder, lock))
    return menu
