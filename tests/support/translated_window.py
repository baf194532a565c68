"""A window in a made-up language: each text is the English one in brackets.

``python -m support.translated_window TRANSLATIONS LIBRARY [PICTURES]`` shows the pages of a window over a
library and prints, as JSON, the texts that have letters outside the brackets, by page. With ``PICTURES`` it
also saves what each page looks like. A process of its own is needed, because some texts are constants that
are made when modules are imported.
"""

from __future__ import annotations

import json
import re
import sys
import time
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QLocale, QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from safelight.ui.translation import install_translation, message_text

OPEN, CLOSE = "⟦", "⟧"
FACTS = re.compile(
    r"[\w./ -]*\.(jpg|png)|/[\w./-]*|kB|MB|GB|px|MP|JPEG|ISO|XMP|Safelight|MIT|photos\b(?=/)|Drawn"
    r"|PNG|Abbrechen|\{\w+\}|day:today|is:[\w,]+( OR document OR receipt)?"
    r"|Apple Photos|CSV|Google Photos|Lightroom Classic|PhotoPrism|Picasa|Shotwell|XMP|sidecars|darktable"
    r"|digiKam|immich|Starter \(built in\)"
    r"|(SigLIP|CLIP|MobileCLIP2|Perception Encoder Core)[\w -]*(/\d+)?( \d+)?( \(DataComp\))?"
    r"|library|Pictures|Qt|Ctrl|Shift|Alt|Enter|Del|Space|Return|Esc|Home|End|F\d+"
)
"""What is shown and no text of the program: names of files, keys, models and other programs, units, formats,
searches, and Qt's own German."""


def translate_all(path: Path) -> None:
    """Translate every text of a .ts file by itself in brackets."""
    tree = ET.parse(path)
    for message in tree.iter("message"):
        translation = message.find("translation")
        assert translation is not None
        translation.attrib.pop("type", None)
        # Texts of menus have a key behind a tab.
        text = "\t".join(f"{OPEN}{part}{CLOSE}" for part in message.findtext("source", "").split("\t"))
        forms = translation.findall("numerusform")
        for form in forms:
            form.text = text
        if not forms:
            translation.text = text
    tree.write(path, encoding="utf-8", xml_declaration=True)


def untranslated(text: str) -> str:
    """The part of a text that is in no brackets and no fact, if it has letters."""
    # A name for screen readers may be the beginning of a tooltip, without its key.
    text, before = re.sub(rf"<[^>]*>|^{OPEN}[^{OPEN}{CLOSE}]*$", "", text), ""
    while text != before:
        before, text = text, re.sub(rf"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}", "", text)
    left = FACTS.sub("", text)
    return text if re.search(r"[A-Za-z]{2}", left) else ""


def texts_of(widget: QWidget) -> Iterator[str]:
    """Everything that a widget shows or tells a screen reader."""
    yield from (widget.accessibleName(), widget.accessibleDescription(), widget.toolTip())
    match widget:
        case QLabel() | QAbstractButton():
            yield widget.text()
        case QLineEdit():
            yield widget.placeholderText()
        case QSpinBox():
            yield widget.suffix()
            yield widget.specialValueText()
        case QComboBox():
            yield from (widget.itemText(row) for row in range(widget.count()))
        case QAbstractItemView() if widget.model() is not None:
            yield from items_of(widget.model(), QModelIndex())
    yield from (action.text() for action in widget.actions())


def items_of(model: QAbstractItemModel, parent: QModelIndex) -> Iterator[str]:
    for row in range(min(model.rowCount(parent), 50)):
        columns = range(model.columnCount(parent)) if isinstance(model, QAbstractTableModel) else range(1)
        for column in columns:
            index = model.index(row, column, parent)
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                yield str(model.data(index, role) or "")
        yield from items_of(model, model.index(row, 0, parent))


def main(translations: Path, place: Path, pictures: Path | None) -> None:
    app = QApplication([])
    assert install_translation(app, QLocale("de_DE"), translations)
    from safelight.core.duplicates import DuplicateKind
    from safelight.core.explanation import Explanation, PartScore, Standing
    from safelight.core.fields import FIELDS
    from safelight.core.flags import FLAGS
    from safelight.core.jobs import Phase, Progress
    from safelight.core.message import Message
    from safelight.core.name_evidence import match_message
    from safelight.core.operations import OPERATIONS_BY_CODE, describe
    from safelight.core.search import Band, SearchHit
    from safelight.engine import events, requests
    from safelight.services.models import installed as models
    from safelight.services.stages.declarations import COMPARISON
    from safelight.store import file_checks, files
    from safelight.ui import wording
    from safelight.ui.appearance.theme import LIGHT
    from safelight.ui.explanation.why_view import WhyView
    from safelight.ui.pages.declarations import (
        ALBUMS,
        DUPLICATES,
        EXPLORE,
        MIGRATION,
        MODELS,
        PROBLEMS,
        SETTINGS,
        TRASH,
    )
    from safelight.ui.query_chips import part_chips
    from safelight.ui.search.completion import KEYS
    from safelight.ui.view_request import TextQuery, ViewRequest
    from safelight.ui.window.build import build_window
    from support.filled_library import SIZE, FilledLibrary
    from support.played_duplicates import PlayedDuplicates
    from support.scripted_client import ScriptedClient
    from support.some_duplicates import group, of_photos
    from support.threaded_decoder import ThreadedDecoder

    def until(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, condition
            app.processEvents()
            time.sleep(0.005)

    faults: dict[str, list[str]] = {}

    def look(page: str, widget: QWidget) -> None:
        app.processEvents()
        shown = [each for each in (widget, *widget.findChildren(QWidget)) if each.isVisibleTo(widget)]
        found = {text for each in shown for text in texts_of(each)}
        faults[page] = sorted({untranslated(text) for text in found} - {""})
        if pictures is not None:
            widget.grab().save(str(pictures / f"{page}.png"))

    library = FilledLibrary(place)
    names = [f"a{number}.jpg" for number in range(4)]
    photos = library.add(*((name, "2021-06-03T10:00:00") for name in names))
    paths = [str(library.folder / name) for name in names]
    copies = of_photos(group(1, 4, DuplicateKind.RESAVED), photos, paths, SIZE)
    why_kept, why_not = Message("less compressed"), Message("smaller file")
    copies = replace(
        copies,
        reason=Message("{count} files with the same bytes", count=4),
        members=tuple(replace(each, why=why_kept if each.keep else why_not) for each in copies.members),
    )
    library.fail(
        "broken.jpg", "The {name} picture is cut short: the file ends before the picture does.", name="JPEG"
    )
    with library.store.write() as db:
        fault = Message(
            "The picture was damaged before it was indexed: {damage}.",
            damage=Message("the end of the picture is missing"),
        )
        file_checks.note_verified(db, files.of_photo(db, photos[3])[0].id, 1.0, fault)
    client = ScriptedClient()
    PlayedDuplicates(client, [copies])
    window = build_window(app, library.directory, lambda: client, ThreadedDecoder())
    window.resize(1200, 800)
    window.show()
    window.start()
    until(lambda: window.model.rowCount() == 4)
    client.say(events.EngineReady())
    look("library", window)

    query = "red rating:>=3 date:2019-05..2020 -is:favourite size:>5mb"
    window.search_bar.field.setText(query)
    window.results.search(TextQuery(query))
    until(lambda: any(isinstance(each, requests.Search) for each in client.requests))
    asked = max(each.generation for each in client.requests if isinstance(each, requests.Search))
    hits = [
        SearchHit(photos[0], 0.3, Band.STRONG, match_message("name", "…")),
        SearchHit(photos[1], 0.2, Band.REST),
    ]
    client.say(events.SearchResults(asked, tuple(hits)))
    until(lambda: window.model.rowCount() < 4)
    until(lambda: window.info_cache.title_of(photos[0]) is not None)
    look("search", window)
    faults["search"] += [untranslated(window.info_cache.title_of(photos[0]) or "")]
    sections = (text for each in window.model.sections for text in (each.title, each.detail))
    faults["search"] += [untranslated(text) for text in sections]

    why = WhyView(LIGHT)
    parts = (
        PartScore("date:2019-05", 0.3, 4.0, Standing.CLEARLY),
        PartScore("-is:video", 0.1, 0.0, Standing.HARDLY, True),
    )
    why.show_explanation(Explanation(photos[0], parts, names=match_message("folders", "…")), True)
    why.resize(320, 240)
    look("why", why)

    window.views.show_page(DUPLICATES)
    panel = window.controllers.duplicates
    until(lambda: len(panel.session.groups) == 1)
    panel.review.show_kind(DuplicateKind.RESAVED)
    until(panel.page.isVisible)
    look("duplicates", window)

    window.views.show_page(PROBLEMS)
    problems = window.content.problems_page.get()
    until(lambda: len(problems.model.rows) == 2)
    look("problems", problems)

    window.views.show_page(SETTINGS)
    page = window.controllers.settings.page.get()
    for row in range(page.sections.count()):
        page.sections.setCurrentRow(row)
        look(f"settings-{row}", page)

    def look_at_dialog(name: str) -> None:
        """At the dialog that is open, which is then closed."""
        until(lambda: any(each.isVisible() for each in window.findChildren(QDialog)))
        dialog = next(each for each in window.findChildren(QDialog) if each.isVisible())
        look(name, dialog)
        dialog.reject()
        until(lambda: not any(each.isVisible() for each in window.findChildren(QDialog)))

    client.answers = lambda request: (
        [events.ModelsListed(request.generation, tuple(model_rows))]
        if isinstance(request, requests.ListModels)
        else []
    )
    model_rows = [replace(row, photos=4, covered=2) for row in models.model_rows(None, place / "models")]
    window.views.show_page(MODELS)
    until(lambda: len(window.controllers.models.page.rows) == len(model_rows))
    look("models", window.controllers.models.page)
    window.controllers.models.page.card(model_rows[0].name).toggle.click()
    look("model details", window.controllers.models.page)
    for each in (EXPLORE, ALBUMS, TRASH, MIGRATION):
        window.views.show_page(each)
        until(lambda: window.content.page is not None and window.content.page.isVisible())
        look(str(each), window)

    window.views.show_scope(ViewRequest())
    until(lambda: window.model.rowCount() == 4)
    window.grid.select_photos(photos[:2])
    until(lambda: len(window.details.photos) == 2)
    look("details of several", window.details)
    for command in (
        "go_to_date",
        "tag",
        "to_album",
        "teach",
        "export",
        "palette",
    ):
        window.commands[command].trigger()
        look_at_dialog(command)
    window.controllers.settings.show_shortcuts()
    look_at_dialog("shortcuts")
    faults["menus"] = [
        untranslated(action.text())
        for menu in (window.commands.main_menu(), window.commands.context_menu())
        for action in menu.actions()
    ]
    window.views.open_viewer(photos[0])
    viewer = window.controllers.viewer
    until(lambda: viewer.photo is not None)
    viewer.toggle_info()
    viewer.show_film(True)
    look("viewer", viewer)
    viewer.choose_part()
    look("viewer, part", viewer)
    viewer.close_viewer()
    window.grid.select_photos(photos[:2])
    until(lambda: len(window.controllers.selection.ids) == 2)
    window.commands["compare"].trigger()
    until(lambda: window.controllers.compare.current is not None)
    look("compare", window)

    examples = [example for field in FIELDS for example in field.examples] + [flag.name for flag in FLAGS]
    written = (example.partition(":")[2].strip('"') for example in examples)
    values = re.compile("|".join(map(re.escape, written)), re.IGNORECASE)
    chips = [chip.label for example in examples for chip in part_chips(example)]
    faults["chips"] = [untranslated(values.sub("", text)) for text in chips]
    faults["keys"] = [untranslated(text) for text, _ in KEYS.values()]
    steps = [describe(code, defaultdict(int)) for code in OPERATIONS_BY_CODE]
    faults["steps"] = [untranslated(message_text(each)) for each in steps]
    paused = Progress(Phase.PAUSED, reason=Message("on battery"))
    comparing = Progress(Phase.PROCESSING, 1, 2, activity=COMPARISON.activity)
    faults["status"] = [untranslated(wording.progress_text(each)) for each in (paused, comparing)]
    dates = (wording.day("2019-05-12"), wording.month("2019-05"), wording.date("2019-05-12T10:30:00"))
    faults["dates"] = [untranslated(text) for text in (*dates, wording.short_moment(0))]

    assert window.shutdown()
    library.close()
    sys.stdout.write(
        json.dumps({page: sorted(set(found) - {""}) for page, found in faults.items()}, ensure_ascii=False)
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
