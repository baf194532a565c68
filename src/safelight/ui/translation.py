"""Strings of the window in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def translate(context: str, text: str, *, n: int = -1) -> str:
    """The translation of ``text``, or ``text`` itself where there is none.

    Pass literals, so that ``pyside6-lupdate`` finds them, and fill in values afterwards with ``str.format``:
    ``translate("Sidebar", "Show {name}").format(name=name)``. ``context`` is usually the class. With ``n``,
    ``%n`` in the text becomes that number and the translation has the plural forms of its language.
    """
    return QCoreApplication.translate(context, text, None, n)
