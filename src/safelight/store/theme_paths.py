"""The paths of themes in SQL, for filters.

A module of its own because :mod:`safelight.store.themes` imports NumPy, which the window loads after its
first paint.
"""

# ruff: noqa: S608 (constants of this module)

from __future__ import annotations

_NAMED = "coalesce(nullif({c}.name, ''), {t}.name)"

THEME_PATHS = (
    f"SELECT t.id AS id, {_NAMED.format(c='pc', t='p')} || '/' || {_NAMED.format(c='c', t='t')} AS path "
    "FROM theme AS t JOIN theme AS p ON p.id = t.parent_id "
    "LEFT JOIN theme_choice AS c ON c.id = t.choice_id LEFT JOIN theme_choice AS pc ON pc.id = p.choice_id"
)
"""SQL: the id of every theme with photos of its own, and its path, ``Animals/Dogs``."""
