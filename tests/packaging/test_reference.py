"""The generated parts of the documentation are what the declarations say now."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    path = ROOT / "packaging" / "reference" / "make_reference.py"
    spec = importlib.util.spec_from_file_location("make_reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_generated_part_is_current(reference: ModuleType) -> None:
    assert reference.PARTS
    for name, (page, write) in reference.PARTS.items():
        text = (ROOT / page).read_text("utf-8")
        assert reference.renewed(text, name, write()) == text, (
            f"{page} is out of date: run python packaging/reference/make_reference.py"
        )


def test_a_page_without_the_part_is_an_error(reference: ModuleType) -> None:
    with pytest.raises(ValueError, match="no part"):
        reference.renewed("# A page\n", "fields", "")
