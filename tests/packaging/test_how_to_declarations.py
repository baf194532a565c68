"""The examples of the pages on fields, settings and pages run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from safelight.core import fields, flags, quantities, settings
from safelight.core.field_types import Field, FieldKind, Flag
from safelight.core.fields import FIELDS, FIELDS_BY_KEY
from safelight.core.flags import FLAGS
from safelight.core.message import Message, Template
from safelight.core.photo import ImageMetadata
from safelight.core.query import parse
from safelight.core.settings import SETTINGS_BY_NAME, Settings
from safelight.store import filter_ids, vocabulary
from safelight.store.library import LibraryStore
from support.stored import add_folder, add_photo

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"


def blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (HOW_TO / page).read_text("utf-8"), re.DOTALL)


def test_the_declarations_of_fields_are_those_of_the_program(tmp_path: Path) -> None:
    names = {**vars(fields), **vars(flags), "quantities": quantities}
    field, flag = (eval(block, names) for block in blocks("add-a-field.md"))
    assert isinstance(field, Field)
    assert isinstance(flag, Flag)
    known = FIELDS_BY_KEY[field.key]
    assert field.meaning == known.meaning
    assert field.column == known.column
    assert flag in FLAGS
    # One declaration and nothing else: it filters, completes and shows.
    with LibraryStore.create_or_open(tmp_path / "library") as store, store.write() as db:
        root = add_folder(db)
        wide = add_photo(db, root, "wide.jpg", metadata=ImageMetadata(aperture=1.8, latitude=1, longitude=2))
        add_photo(db, root, "narrow.jpg", metadata=ImageMetadata(aperture=11.0))
        for query in ("aperture:<=2.8", "has:gps", "aperture:1.8,2.8"):
            assert filter_ids.matching_ids(db, parse(query).restrictions).tolist() == [wide]
        assert vocabulary.read(db).numbers["aperture"] == ((11.0, 1), (1.8, 1))


def test_a_field_that_is_only_declared_works_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The acceptance of a numeric filter: one file is touched, which this test does in memory."""
    colour = Field(
        *("colour", FieldKind.NUMBER, "image", Template("Colour {value}"), Message("of a mean colour")),
        examples=("colour:>100",),
        meaning="of this mean colour",
        column="colour",
        completes=True,
    )
    monkeypatch.setitem(FIELDS_BY_KEY, "colour", colour)
    monkeypatch.setattr("safelight.core.query.parser.KEYS", frozenset({*FIELDS_BY_KEY, "like", "is", "has"}))
    monkeypatch.setattr("safelight.store.vocabulary.FIELDS", (*FIELDS, colour))
    with LibraryStore.create_or_open(tmp_path / "library") as store, store.write() as db:
        photo = add_photo(db, add_folder(db), "a.jpg")
        db.execute("UPDATE photo SET colour = 200")
        assert filter_ids.matching_ids(db, parse("colour:>100").restrictions).tolist() == [photo]
        assert filter_ids.matching_ids(db, parse("-colour:>100").restrictions).tolist() == []
        assert vocabulary.read(db).numbers["colour"] == ((200, 1),)


def test_the_setting_of_the_page_is_one_of_the_program() -> None:
    names = {**vars(settings), "settings": Settings()}
    for block in blocks("add-a-setting.md"):
        exec(block, names)
    assert names["IDLE_MINUTES"] == SETTINGS_BY_NAME["idle-minutes"]
    assert (names["minutes"], names["later"]) == (20, 5)
