"""A thin animated line shown while waiting for an answer."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar


class BusyLine(QProgressBar):
    """Hidden at first. Keeps its space, so that nothing moves when it appears."""

    def __init__(self, name: str) -> None:
        """``name`` is the accessible name."""
        super().__init__()
        self.setRange(0, 0)
        self.setTextVisible(False)
        self.setFixedHeight(2)
        self.setAccessibleName(name)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()
