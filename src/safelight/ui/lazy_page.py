"""Objects that are created when they are first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

_T_co = TypeVar("_T_co", covariant=True)


class LazyPage(Generic[_T_co]):
    """Created once, by the first :meth:`get`. Use :attr:`made` to update it only if it exists."""

    def __init__(self, make: Callable[[], _T_co]) -> None:
        """``make`` creates the object; import inside it what only this object needs."""
        self._make = make
        self._made: _T_co | None = None
        self._waiting: list[Callable[[_T_co], object]] = []

    @property
    def made(self) -> _T_co | None:
        """The object, or None if it has not been needed yet."""
        return self._made

    def get(self) -> _T_co:
        if self._made is None:
            self._made = made = self._make()
            waiting, self._waiting = self._waiting, []
            for act in waiting:
                act(made)
        return self._made

    def when_made(self, act: Callable[[_T_co], object]) -> None:
        """Call ``act`` with the object once it exists, for example to connect its signals."""
        if self._made is None:
            self._waiting.append(act)
        else:
            act(self._made)
