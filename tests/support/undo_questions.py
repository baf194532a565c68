"""Answers the question whether Undo may take a folder out of the library."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMessageBox, QWidget


def answer_undo_question(
    window: QWidget, text: str, until: Callable[[Callable[[], bool]], object]
) -> tuple[str, str]:
    """Press a button of the question once it is there, and wait until it is gone.

    Returns what it asked, and the text of its default button.
    """

    def question() -> QMessageBox | None:
        found = window.findChildren(QMessageBox)
        return next((box for box in found if box.isVisible()), None)

    until(lambda: question() is not None)
    box = question()
    assert box is not None
    asked, default = box.text(), box.defaultButton().text()
    next(button for button in box.buttons() if button.text() == text).click()
    until(lambda: question() is None)
    return asked, default
