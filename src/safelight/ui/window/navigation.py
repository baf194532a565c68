"""The history of what the window showed, for back and forward."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal

from safelight.ui.view_request import Place, Query, TextQuery, ViewRequest

_MAX_VIEWS = 100


@dataclass(frozen=True, slots=True)
class View:
    """What the window shows: a part of the library, or a search from there, and perhaps a page over it."""

    scope: ViewRequest
    query: Query | None = None
    page: Place | None = None
    """A page that covers the rest until it is closed."""
    title: str = field(default="", compare=False)
    """For a search by a picture: its name."""
    path: str | None = field(default=None, compare=False)
    """And its file, if it is in one."""


class Navigation(QObject):
    """A list of views, and the position in it."""

    wanted = Signal(object)  # View: show this again
    changed = Signal(bool, bool)  # whether there is something to go back to, and forward

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._views: list[View] = []
        self._at = -1

    @property
    def current(self) -> View | None:
        return self._views[self._at] if self._at >= 0 else None

    def visit(self, view: View) -> None:
        """The window shows this now. A search that is being typed counts once."""
        current = self.current
        if view == current:
            return
        if current is not None and _continues(current, view):
            self._views[self._at] = view
        else:
            self._views = [*self._views[: self._at + 1], view][-_MAX_VIEWS:]
            self._at = len(self._views) - 1
        self._emit_history_changed()

    def leave_page(self) -> None:
        """The page over everything was closed: go back to where it was opened."""
        current = self.current
        if current is None or current.page is None:
            return
        under = replace(current, page=None)
        if self._at > 0 and self._views[self._at - 1] == under:
            self._at -= 1
            self._emit_history_changed()
        else:
            self.visit(under)

    def back(self) -> None:
        self._go(-1)

    def forward(self) -> None:
        self._go(1)

    def _go(self, by: int) -> None:
        if 0 <= self._at + by < len(self._views):
            self._at += by
            self._emit_history_changed()
            self.wanted.emit(self._views[self._at])

    def _emit_history_changed(self) -> None:
        self.changed.emit(self._at > 0, self._at < len(self._views) - 1)


def _continues(before: View, now: View) -> bool:
    """Whether both are the same query while it is being typed or deleted."""
    if not isinstance(before.query, TextQuery) or not isinstance(now.query, TextQuery):
        return False
    if before.page is not None or now.page is not None or before.scope != now.scope:
        return False
    one, other = before.query.text, now.query.text
    return one.startswith(other) or other.startswith(one)
