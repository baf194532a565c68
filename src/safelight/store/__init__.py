"""One SQLite library through apsw and sqlite-vec. The only room that knows SQL.

:mod:`~safelight.store.library` opens it; the other modules are functions whose first argument is the
connection that ``LibraryStore.read()`` or ``LibraryStore.write()`` hands out.
"""
