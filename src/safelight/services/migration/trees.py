"""Trees of tags and albums, as rows of (id, parent, name)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Tree:
    """Finds the names from the top to an entry. Circles and missing parents do no harm."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._parents: dict[Any, Any] = {}
        self._names: dict[Any, str] = {}
        for entry, parent, name in rows:
            self._parents[entry] = parent
            self._names[entry] = name.strip() if isinstance(name, str) else ""
        self._paths: dict[Any, tuple[str, ...]] = {}

    def path(self, entry: object) -> tuple[str, ...]:
        """Empty for an unknown entry, and for one in a circle. Entries without a name are left out."""
        if entry not in self._paths:
            names: list[str] = []
            passed: set[Any] = set()
            above: Any = entry
            while above in self._names and above not in passed:
                passed.add(above)
                if self._names[above]:
                    names.insert(0, self._names[above])
                above = self._parents.get(above)
            self._paths[entry] = () if above in passed else tuple(names)
        return self._paths[entry]
