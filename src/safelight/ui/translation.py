"""Strings of the window in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def translate(context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
    """The translation of ``text``, or ``text`` itself if there is none.

    Pass literals, so that ``pyside6-lupdate`` finds them, and fill in values afterwards:
    ``translate("Sidebar", "Show {name}").format(name=name)``. ``context`` is usually the class. With ``n``,
    ``%n`` in the text becomes that number, and a translation has the plural forms of its language.
    """
    return QCoreApplication.translate(context, text, disambiguation, n)
