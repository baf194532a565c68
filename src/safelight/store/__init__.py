"""The SQLite library, through apsw and sqlite-vec. The only package that contains SQL.

:mod:`~safelight.store.library` opens it. The other modules are functions whose first argument is the
connection from ``LibraryStore.read()`` or ``LibraryStore.write()``.
"""
