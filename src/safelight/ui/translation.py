"""Strings of the window in the user's language."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator
from PySide6.QtGui import QGuiApplication

from safelight.core.errors import SafelightError
from safelight.core.message import Message
from safelight.paths import resources_dir

TRANSLATIONS = "translations"
"""The folder of the resources with the files ``safelight_LANGUAGE.qm``."""


def translate(context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
    """The translation of ``text``, or ``text`` itself if there is none.

    Pass literals, so that ``pyside6-lupdate`` finds them, and fill in values afterwards:
    ``translate("Sidebar", "Show {name}").format(name=name)``. ``context`` is usually the class. With ``n``,
    ``%n`` in the text becomes that number, and a translation has the plural forms of its language.
    """
    return QCoreApplication.translate(context, text, disambiguation, n)


def translate_count(context: str, one: str, many: str, number: int) -> str:
    """The translation of ``many`` in the plural form for a number, with the number as ``{count}``. ``one`` is
    the English singular.

    A translation of ``many`` has all plural forms of its language. Pass literals: lupdate does not recognise
    plurals in Python, so ``packaging/translations/extract.py`` collects them.
    """
    text = QCoreApplication.translate(context, many, None, number)
    if text == many and number == 1:
        text = one
    return text.format(count=f"{number:,}")


def error_text(error: SafelightError | Message) -> str:
    """The text of an error, or of a message of the engine, in the user's language. Their templates are the
    keys of the context ``Errors``."""
    return message_text(error.message if isinstance(error, SafelightError) else error)


def constant_text(text: str) -> str:
    """A constant of ``core`` or of a model's declaration in the user's language: see
    :func:`safelight.core.message.translatable`."""
    return QCoreApplication.translate("Errors", text)


def message_text(message: Message | str | None) -> str:
    """The text of a message in the user's language; empty for None. A text that needs no translation stays
    as it is."""
    if message is None or isinstance(message, str):
        return message or ""
    return message.text(lambda template: QCoreApplication.translate("Errors", template))


def install_translation(
    app: QCoreApplication, locale: QLocale | None = None, folder: Path | None = None
) -> bool:
    """Show the window in the first of the user's languages for which there is a translation. Returns whether
    there is one.

    The window gets the direction of that language. Call it before modules with texts are imported: some of
    their texts are constants. ``locale`` is the system's by default, and ``folder`` that of the resources.
    """
    locale = QLocale() if locale is None else locale
    own = QTranslator(app)
    if not own.load(locale, "safelight", "_", str(folder or resources_dir() / TRANSLATIONS)):
        return False
    app.installTranslator(own)
    # Only together with our own, so that no window has two languages.
    of_qt = QTranslator(app)
    if of_qt.load(locale, "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(of_qt)
    # Qt sets it only for the languages that it has a translation for itself.
    if isinstance(app, QGuiApplication):
        language = QLocale(own.language()) if own.language() else locale
        app.setLayoutDirection(language.textDirection())
    return True
