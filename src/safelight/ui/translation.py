"""Strings of the window in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from safelight.core.errors import SafelightError
from safelight.core.message import Message


def translate(context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
    """The translation of ``text``, or ``text`` itself if there is none.

    Pass literals, so that ``pyside6-lupdate`` finds them, and fill in values afterwards:
    ``translate("Sidebar", "Show {name}").format(name=name)``. ``context`` is usually the class. With ``n``,
    ``%n`` in the text becomes that number, and a translation has the plural forms of its language.
    """
    return QCoreApplication.translate(context, text, disambiguation, n)


def error_text(error: SafelightError | Message) -> str:
    """The text of an error, or of a message of the engine, in the user's language. Their templates are the
    keys of the context ``Errors``."""
    message = error.message if isinstance(error, SafelightError) else error
    return message.text(lambda template: QCoreApplication.translate("Errors", template))
