"""From the source to a translated window."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import PySide6
import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from safelight.core.errors import FolderError
from safelight.ui.translation import error_text, install_translation, translate, translate_count
from support.translated_window import translate_all, untranslated

ROOT = Path(__file__).resolve().parents[2]
GERMAN = {
    ("Sidebar", "Show {name}"): "{name} zeigen",
    ("Errors", "{path} is not a folder."): "{path} ist kein Ordner.",
    ("Errors", "Taken with {camera}"): "Aufgenommen mit {camera}",
    ("Errors", "“{name}”\nis too long ({kind})."): "„{name}“\nist zu lang ({kind}).",
}


def tool() -> ModuleType:
    place = ROOT / "packaging" / "translations" / "extract.py"
    spec = importlib.util.spec_from_file_location("extract", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def texts(path: Path) -> dict[tuple[str, str], str]:
    return {
        (context.findtext("name", ""), message.findtext("source", "")): message.findtext("translation", "")
        for context in ET.parse(path).iter("context")
        for message in context.iter("message")
    }


def fill_in(path: Path) -> None:
    """Translate what :data:`GERMAN` has."""
    tree = ET.parse(path)
    for context in tree.iter("context"):
        for message in context.iter("message"):
            known = GERMAN.get((context.findtext("name", ""), message.findtext("source", "")))
            if known is not None:
                translation = message.find("translation")
                assert translation is not None
                translation.text = known
                translation.attrib.pop("type", None)
    tree.write(path, encoding="utf-8", xml_declaration=True)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A small program with both kinds of texts."""
    ui = tmp_path / "sources" / "ui"
    ui.mkdir(parents=True)
    (ui / "sidebar.py").write_text(
        'translate("Sidebar", "Show {name}").format(name=name)\n', encoding="utf-8"
    )
    (ui.parent / "folders.py").write_text(
        "class TooLong(FolderError): ...\n"
        "class FolderError(errors.SafelightError): ...\n"
        'raise FolderError("{path} is not a folder.", path=path)\n'
        'raise TooLong("“{name}”\\nis too long ({kind}).", name=name, kind=kind)\n'
        'raise ValueError("{path} is no text for people.", path=path)\n'
        'says = Template("Taken with {camera}")\n',
        encoding="utf-8",
    )
    return ui.parent


@pytest.fixture
def restored(qapp: QApplication) -> Iterator[QApplication]:
    yield qapp
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
    QCoreApplication.processEvents()


def test_a_translated_file_translates_the_window_and_its_errors(
    sources: Path, tmp_path: Path, restored: QApplication
) -> None:
    extract = tool().extract
    file = tmp_path / "safelight_de.ts"
    extract(file, sources)
    assert texts(file) == dict.fromkeys(GERMAN, "")
    fill_in(file)
    extract(file, sources)
    assert texts(file) == GERMAN, "a second run keeps translations"
    release = next(path for path in Path(PySide6.__file__).parent.glob("lrelease*") if path.is_file())
    subprocess.run([release, "-silent", file, "-qm", file.with_suffix(".qm")], check=True)

    assert not install_translation(restored, QLocale("fr_FR"), tmp_path)
    assert translate("Sidebar", "Show {name}") == "Show {name}"
    assert install_translation(restored, QLocale("de_AT"), tmp_path)
    assert translate("Sidebar", "Show {name}").format(name="Rom") == "Rom zeigen"
    assert error_text(FolderError("{path} is not a folder.", path="/a")) == "/a ist kein Ordner."
    assert error_text(FolderError("Another text.")) == "Another text."


def test_counts_are_collected_with_plural_forms(tmp_path: Path, restored: QApplication) -> None:
    ui = tmp_path / "sources" / "ui"
    ui.mkdir(parents=True)
    call = 'translate_count("Count", "{count} photo", "{count} photos", number)\n'
    (ui / "wording.py").write_text(call, encoding="utf-8")
    file = tmp_path / "safelight_de.ts"
    tool().extract(file, ui.parent)
    tree = ET.parse(file)
    (translation,) = tree.iter("translation")
    for form, text in zip(translation.findall("numerusform"), ("{count} Foto", "{count} Fotos"), strict=True):
        form.text = text
    translation.attrib.pop("type", None)
    tree.write(file, encoding="utf-8", xml_declaration=True)
    release = next(path for path in Path(PySide6.__file__).parent.glob("lrelease*") if path.is_file())
    subprocess.run([release, "-silent", file, "-qm", file.with_suffix(".qm")], check=True)
    photos = "Count", "{count} photo", "{count} photos"
    assert [translate_count(*photos, number) for number in (1, 2)] == ["1 photo", "2 photos"]
    assert install_translation(restored, QLocale("de_DE"), tmp_path)
    assert [translate_count(*photos, number) for number in (1, 1200)] == ["1 Foto", "1,200 Fotos"]


@pytest.mark.slow
def test_texts_of_both_kinds_are_found_in_the_program(tmp_path: Path) -> None:
    tool().extract(tmp_path / "safelight_de.ts")
    found = texts(tmp_path / "safelight_de.ts")
    assert ("PhotoGridModel", "{name}, favourite") in found
    assert ("Errors", ("This command needs the extra “{extra}” ({module} is missing): pip install "
            "'safelight[{extra}]'")) in found  # fmt: skip


@pytest.mark.slow
def test_a_translated_window_shows_no_english(tmp_path: Path) -> None:
    """With every text translated, what is left in English is not passed through a translation."""
    file = tmp_path / "translations" / "safelight_de.ts"
    file.parent.mkdir()
    tool().extract(file)
    translate_all(file)
    release = next(path for path in Path(PySide6.__file__).parent.glob("lrelease*") if path.is_file())
    subprocess.run([release, "-silent", file, "-qm", file.with_suffix(".qm")], check=True)
    program = [sys.executable, "-m", "support.translated_window", str(file.parent), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests"), "QT_QPA_PLATFORM": "offscreen"}
    found = subprocess.run(program, env=environment, check=True, capture_output=True, text=True).stdout
    pages = json.loads(found)
    assert {
        "search",
        "why",
        "duplicates",
        "problems",
        "settings-0",
        "models",
        "explore",
        "albums",
        "trashed",
        "migration",
        "details of several",
        "export",
        "teach",
        "palette",
        "shortcuts",
        "menus",
        "viewer",
        "compare",
        "chips",
        "keys",
        "steps",
        "status",
        "dates",
    } <= set(pages)
    assert {page: left for page, left in pages.items() if left} == {}


def test_the_check_of_a_translated_window_finds_english() -> None:
    assert untranslated("⟦Keep ⟦photo⟧⟧ · a1.jpg · 12 MB") == ""
    assert untranslated("⟦Keep⟧: more pixels") == "⟦Keep⟧: more pixels".replace("⟦Keep⟧", "")


def test_no_constant_is_made_before_the_translation_is_installed() -> None:
    """``run_window`` installs it before it imports the rest of the window."""
    program = "import sys, safelight.ui.window.run; print(*(m.__file__ for n, m in sys.modules.items() "
    program += "if n.startswith('safelight') and m.__file__))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout
    assert "translation.py" in loaded
    for path in loaded.split():
        assert not list(constants(ast.parse(Path(path).read_text(encoding="utf-8")))), path


def constants(node: ast.AST) -> Iterator[int]:
    """The lines of calls of ``translate`` that run when the module is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id == "translate":
            yield child.lineno
        yield from constants(child)
