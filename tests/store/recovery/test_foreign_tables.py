"""Every table and column of the schema has a decision for databases from elsewhere."""

from __future__ import annotations

import pytest

from safelight.store.connect import blank
from safelight.store.recovery import foreign_tables
from safelight.store.schema import migrations


def test_every_table_is_copied_or_left_out_on_purpose() -> None:
    """If this fails for a new table: give its columns rules in foreign_tables.py, or name it in LEFT_OUT.

    Tables that say where files may be moved belong into OWN_ONLY.
    """
    decided = {*foreign_tables.COPIED, *foreign_tables.OWN_ONLY, *foreign_tables.LEFT_OUT}
    tables = {
        name
        for name in migrations.tables_of(len(migrations.STEPS))
        if not name.startswith(("sqlite_", "photo_text_", "caption_text_"))
    }
    assert tables == decided
    parts = (foreign_tables.COPIED.keys(), foreign_tables.OWN_ONLY.keys(), foreign_tables.LEFT_OUT)
    assert sum(len(part) for part in parts) == len(decided)


@pytest.mark.parametrize("table", [*foreign_tables.COPIED, *foreign_tables.OWN_ONLY])
def test_every_column_has_a_rule(table: str) -> None:
    db = blank()
    migrations.apply(db, 0, len(migrations.STEPS))
    columns = {name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))}
    rules = {**foreign_tables.COPIED, **foreign_tables.OWN_ONLY}[table]
    assert set(rules) == columns
    db.close()
