"""Things that are made when they are first needed, so that nobody waits for them before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

_T_co = TypeVar("_T_co", covariant=True)


class LazyPage(Generic[_T_co]):
    """Made once, by the first :meth:`get`. Whoever only wants to tell it something looks at :attr:`made`."""

    def __init__(self, make: Callable[[], _T_co]) -> None:
        """``make`` is the place for importing what only this needs."""
        self._make = make
        self._made: _T_co | None = None
        self._waiting: list[Callable[[_T_co], object]] = []

    @property
    def made(self) -> _T_co | None:
        """None as long as nobody has needed it."""
        return self._made

    def get(self) -> _T_co:
        if self._made is None:
            self._made = made = self._make()
            waiting, self._waiting = self._waiting, []
            for act in waiting:
                act(made)
        return self._made

    def when_made(self, act: Callable[[_T_co], object]) -> None:
        """Call ``act`` with it as soon as it is there, for instance to connect its signals."""
        if self._made is None:
            self._waiting.append(act)
        else:
            act(self._made)
