"""A hairline that moves while an answer is waited for."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar


class BusyLine(QProgressBar):
    """Hidden at first; keeps its room, so that nothing moves when it comes and goes."""

    def __init__(self, name: str) -> None:
        """``name``: what a screen reader says."""
        super().__init__()
        self.setRange(0, 0)
        self.setTextVisible(False)
        self.setFixedHeight(2)
        self.setAccessibleName(name)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()
