"""The page of models as a person uses it: a real window, a scripted engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QInputDialog,
    QLabel,
    QMessageBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from safelight.core.encoder import ModelInfo
from safelight.core.jobs import Phase, Progress
from safelight.core.message import Message
from safelight.core.models import ModelRow
from safelight.core.settings import MachineShare, Settings
from safelight.engine import events, requests
from safelight.services.models import installed as models
from safelight.ui.models import words as model_words
from safelight.ui.models.card import ModelCard
from safelight.ui.models.compare_models import CompareModelsDialog
from safelight.ui.models.page import ModelsPage
from safelight.ui.view_request import ViewRequest
from safelight.ui.widgets.inputs import ChoiceBox, NumberBox
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.scripted_client import ScriptedClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class WindowDriver:
    """A window over a library with one photo, and an engine that knows the models."""

    def __init__(self, place: Path, qapp: QApplication, qtbot: QtBot) -> None:
        self.bot = qtbot
        self.library = FilledLibrary(place)
        self.library.add(("a.jpg", "2021-06-03T10:00:00"))
        self.rows = {row.name: replace(row, photos=100) for row in models.model_rows(None, place / "models")}
        self.change("starter", covered=100)
        self.client = ScriptedClient()
        self.client.answers = self.answer
        self.choices: list[str] = []
        self.clients = 0
        self.window: MainWindow = build_window(
            qapp, self.library.directory, self.connect, ThreadedDecoder(), on_choice=self.choices.append
        )
        qtbot.addWidget(self.window)
        self.window.resize(1100, 700)
        self.window.show()
        self.window.start()
        self.client.say(events.EngineReady())
        self.until(lambda: len(self.page.rows) == len(self.rows))

    def connect(self) -> ScriptedClient:
        self.clients += 1
        return self.client

    def answer(self, request: requests.Request) -> list[events.Event]:
        if isinstance(request, requests.ListModels):
            return [events.ModelsListed(request.generation, tuple(self.rows.values()))]
        return []

    def change(self, name: str, **fields: object) -> None:
        self.rows[name] = replace(self.rows[name], **fields)  # type: ignore[arg-type]

    def list_again(self) -> None:
        listed = sum(isinstance(request, requests.ListModels) for request in self.client.requests)
        self.client.say(events.IndexProgress(Progress(Phase.IDLE)))
        self.until(
            lambda: (
                sum(isinstance(r, requests.ListModels) for r in self.client.requests) > listed
                and [card.row for card in self.cards] == list(self.rows.values())
            )
        )

    @property
    def page(self) -> ModelsPage:
        return self.window.controllers.models.page

    @property
    def shown(self) -> str:
        page = self.window.content.page
        return page.accessibleName() if page is not None else ""

    @property
    def cards(self) -> list[ModelCard]:
        return [self.page.card(name) for name in self.rows]

    def until(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition)

    def asked(self, request: requests.Request) -> None:
        self.until(lambda: request in self.client.requests)

    def box(self) -> QMessageBox:
        boxes = [box for box in self.window.findChildren(QMessageBox) if box.isVisible()]
        assert len(boxes) == 1
        return boxes[0]

    def press(self, label: str) -> None:
        """A button of the question on the screen."""
        button(self.box(), label).click()

    def offers(self, name: str) -> set[str]:
        """What can be done with a model, as its card says."""
        card = self.page.card(name)
        buttons = (card.download, card.pause, card.discard, card.use, card.delete)
        return {each.text() for each in buttons if each.isVisibleTo(card)}


def button(box: QMessageBox, label: str) -> QAbstractButton:
    return next(each for each in box.buttons() if each.text().replace("&", "") == label)


@pytest.fixture
def session(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[WindowDriver]:
    made = WindowDriver(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()


def test_every_model_is_listed_with_what_one_chooses_by(session: WindowDriver) -> None:
    session.window.commands["models"].trigger()
    assert session.shown == "Models"
    assert session.offers("starter") == set()
    assert session.page.card("starter").said == "In use · has read 100 % of 100 photos"
    assert session.offers("vit-b-32-256") == {"Download …"}
    said = session.page.card("vit-b-32-256").details
    for part in (
        "MIT",
        "605 MB",
        "English works best",
        "ImageNet 72.8 %",
        "COCO text to image 39.9 %",
        "512",
    ):
        assert part in said
    assert "research only" in session.page.card("mobileclip2-s2").details
    card = session.page.card("vit-b-32-256")
    shown = []
    for _ in range(3):
        visible = [label.text() for label in card.findChildren(QLabel) if label.isVisibleTo(card)]
        shown.append((any("ImageNet" in text for text in visible), card.toggle.text()))
        card.toggle.click()
    assert shown == [(False, "Details"), (True, "Hide details"), (False, "Details")]
    session.page.back.click()
    assert session.shown == "Photos"
    session.window.commands["models"].trigger()
    focused = session.window.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, Qt.Key.Key_Escape)
    assert session.shown == "Photos"
    session.window.commands["models"].trigger()
    session.window.views.show_scope(ViewRequest())
    assert session.shown == "Photos"


def test_a_licence_is_shown_before_a_download(session: WindowDriver) -> None:
    session.page.card("vit-b-32-256").download.click()
    assert "MIT" in session.box().informativeText()
    assert "laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K" in session.box().informativeText()
    session.press("Cancel")
    session.until(lambda: not session.window.findChildren(QMessageBox))
    assert not any(isinstance(each, requests.DownloadModel) for each in session.client.requests)
    session.page.card("vit-b-32-256").download.click()
    session.press("Download")
    session.asked(requests.DownloadModel("vit-b-32-256"))


def test_a_licence_for_research_must_be_agreed_to(session: WindowDriver) -> None:
    session.page.card("mobileclip2-s2").download.click()
    box = session.box()
    assert "research only" in box.informativeText()
    assert not button(box, "Download").isEnabled()
    agreed = box.checkBox()
    assert isinstance(agreed, QCheckBox)
    agreed.click()
    session.press("Download")
    session.asked(requests.DownloadModel("mobileclip2-s2"))


def test_a_download_shows_how_far_it_is_and_can_be_paused_and_continued(session: WindowDriver) -> None:
    name, card = "pe-core-s", session.page.card("pe-core-s")
    card.download.click()
    session.press("Download")
    assert card.said == "Waiting …"
    session.client.say(events.ModelTransfer(name, 100_000_000, 349_000_000))
    session.until(lambda: card.said == "100 MB of 349 MB")
    assert session.offers(name) == {"Pause", "Cancel"}
    card.pause.click()
    session.asked(requests.CancelTransfer(name))
    session.change(name, partial=100_000_000)
    session.client.say(events.ModelTransfer(name, 0, 0))
    session.until(lambda: session.offers(name) == {"Resume", "Cancel"})
    assert card.said == "28 % downloaded"
    card.download.click()  # the licence was agreed to
    session.until(lambda: session.client.requests.count(requests.DownloadModel(name)) == 2)
    session.client.say(events.ModelTransfer(name, 349_000_000, 349_000_000))
    session.until(lambda: card.said.startswith("Checking"))
    session.change(name, partial=0, installed=True)
    session.client.say(events.ModelTransfer(name, 0, 0, installed=True))
    session.until(lambda: session.page.card(name).said == "Installed")
    assert session.offers(name) == {"Use", "Delete …"}
    session.until(lambda: "is installed" in session.window.toasts.text)


def test_an_error_is_shown_on_the_card_that_failed_until_the_next_attempt(session: WindowDriver) -> None:
    session.window.commands["models"].trigger()
    card = session.page.card("pe-core-s")
    card.download.setFocus()
    card.download.click()
    session.press("Download")
    session.until(lambda: session.offers("pe-core-s") == {"Pause", "Cancel"})
    session.client.say(events.ModelTransfer("pe-core-s", 0, 0, error=Message("The disk is full.")))
    session.until(lambda: card.error == "The disk is full.")
    assert [each.row.name for each in session.cards if each.error] == ["pe-core-s"]
    assert session.window.toasts.text == ""
    assert session.window.focusWidget() is card.download
    session.list_again()
    assert session.page.card("pe-core-s").error == "The disk is full."
    card.download.click()
    session.press("Download")
    session.until(lambda: card.error == "")


def test_an_error_is_reported_elsewhere_while_the_page_is_closed(session: WindowDriver) -> None:
    session.client.say(events.ModelTransfer("pe-core-s", 0, 0, error=Message("The disk is full.")))
    session.until(lambda: session.window.toasts.text == "pe-core-s could not be installed. The disk is full.")
    assert session.page.card("pe-core-s").error == "The disk is full."


def test_the_recommended_model_says_why_and_has_the_only_badge(session: WindowDriver) -> None:
    assert [row.name for row in session.page.rows if row.recommended] == ["siglip2-b-32-256"]
    session.change("siglip2-b-32-256", images_per_second=4.0, estimated=True, photos=48_000)
    session.list_again()
    badges = [each.row.name for each in session.cards if each.reason]
    assert badges == ["siglip2-b-32-256"]
    assert session.page.card("siglip2-b-32-256").reason.endswith("48,000 photos in about 3 h 20 min.")


def test_stars_follow_the_published_figures(session: WindowDriver) -> None:
    counts = {row.name: model_words.stars(row) for row in session.page.rows}
    assert counts["starter"] == 1
    assert counts["pe-core-t"] == 2
    assert counts["vit-b-32-256"] == 3
    assert counts["siglip2-b-32-256"] == 4
    assert counts["pe-core-l"] == 5
    assert model_words.star_text(session.page.card("pe-core-t").row) == "★★☆☆☆"
    assert model_words.stars(ModelRow("x", "X", "", "", False, 0, 0, "", True, False, 0, 0)) is None


def test_a_download_can_be_thrown_away(session: WindowDriver) -> None:
    session.change("pe-core-s", partial=10)
    session.list_again()
    session.page.card("pe-core-s").discard.click()
    session.asked(requests.CancelTransfer("pe-core-s", discard=True))


def test_choosing_starts_the_engine_again_and_can_be_taken_back(session: WindowDriver) -> None:
    session.change("vit-b-32-256", installed=True, images_per_second=10.0)
    session.client.say(events.ModelTransfer("vit-b-32-256", 0, 0, installed=True))
    session.until(lambda: session.offers("vit-b-32-256") == {"Use", "Delete …"})
    session.window.toasts.clear()
    session.page.card("pe-core-s").download.click()
    session.press("Download")
    session.page.card("vit-b-32-256").use.click()
    session.asked(requests.UseModel("vit-b-32-256"))
    before = session.clients
    session.client.say(events.ModelChosen("vit-b-32-256"))
    session.until(lambda: session.clients == before + 1)
    assert session.choices == ["vit-b-32-256"]
    session.until(lambda: "until then Starter (built in) answers" in session.window.toasts.text)
    assert "It reads 100 photos (about 10 s)" in session.window.toasts.text

    session.change("starter", active=False)
    session.change("vit-b-32-256", active=True, covered=34)
    fetched = session.client.requests.count(requests.DownloadModel("pe-core-s"))
    session.client.say(events.EngineReady())
    session.client.say(events.ModelReady(ModelInfo("vit-b-32-256@1", "vit-b-32-256", 512, "cpu", "ViT")))
    # What was being fetched goes on with the new engine.
    session.until(lambda: session.client.requests.count(requests.DownloadModel("pe-core-s")) == fetched + 1)
    session.until(lambda: session.window.status.model == "ViT · CPU · 34 % read")
    session.change("vit-b-32-256", covered=97)
    session.list_again()
    assert session.window.status.model == "ViT · CPU"

    session.window.toasts.findChildren(QAbstractButton)[0].click()  # Go back
    session.asked(requests.UseModel("starter"))


def test_the_loss_is_shown_before_deleting(session: WindowDriver) -> None:
    session.change("vit-b-32-256", installed=True, covered=100)
    session.client.say(events.ModelTransfer("vit-b-32-256", 0, 0, installed=True))
    session.until(lambda: "Delete …" in session.offers("vit-b-32-256"))
    session.page.card("vit-b-32-256").delete.click()
    assert "This frees 605 MB" in session.box().informativeText()
    assert "100 photos would have to be read again" in session.box().informativeText()
    session.press("Delete")
    session.asked(requests.DeleteModel("vit-b-32-256"))


def test_importing_a_folder_and_naming_another_model(session: WindowDriver) -> None:
    session.window.controllers.models.commands.import_from("/some where/My Model")
    session.asked(requests.ImportModel("/some where/My Model"))
    session.page.other.click()
    (dialog,) = session.window.findChildren(QInputDialog)
    dialog.setTextValue(" hf-hub:someone/thing ")
    dialog.accept()
    session.asked(requests.DownloadModel("hf-hub:someone/thing"))
    # It was not listed; as soon as something of it came, it is.
    row = ModelRow("thing", "someone/thing", "", "", False, 0, 0, "", False, False, 0, 100)
    session.rows["thing"] = replace(row, partial=5, page="https://huggingface.co/someone/thing")
    session.client.say(events.ModelTransfer("thing", 5, 10))
    session.until(
        lambda: session.page.has("thing") and session.page.card("thing").said == "5 bytes of 10 bytes"
    )
    session.client.say(events.ModelTransfer("thing", 0, 0))
    session.until(lambda: session.offers("thing") == {"Resume", "Cancel"})
    session.page.card("thing").download.click()
    session.until(lambda: session.client.requests.count(requests.DownloadModel("hf-hub:someone/thing")) == 2)


def test_two_models_are_asked_side_by_side_before_one_is_chosen(session: WindowDriver) -> None:
    session.change("vit-b-32-256", installed=True)
    session.client.say(events.ModelTransfer("vit-b-32-256", 0, 0, installed=True))
    session.until(lambda: "Use" in session.offers("vit-b-32-256"))
    session.page.card("vit-b-32-256").compare.click()
    (dialog,) = session.window.findChildren(CompareModelsDialog)
    session.until(lambda: any(isinstance(each, requests.CompareModels) for each in session.client.requests))
    begun = next(each for each in session.client.requests if isinstance(each, requests.CompareModels))
    assert begun.name == "vit-b-32-256"
    session.client.say(events.ComparisonProgress(begun.generation, 32, 100))
    session.until(lambda: dialog.state.startswith("Read 32 of 100 photos"))
    dialog.field.setText("red dog")
    session.until(
        lambda: any(isinstance(each, requests.SearchWithBothModels) for each in session.client.requests)
    )
    asked = [each for each in session.client.requests if isinstance(each, requests.SearchWithBothModels)][-1]
    assert asked.text == "red dog"
    session.client.say(events.ComparisonAnswered(asked.generation - 1, (7,), (8,)))  # of an older question
    session.client.say(events.ComparisonAnswered(asked.generation, (1, 2), (2, 1, 3)))
    session.until(lambda: dialog.left.photo_ids == [1, 2] and dialog.right.photo_ids == [2, 1, 3])
    session.client.say(events.ComparisonProgress(begun.generation, 100, 100))
    session.until(lambda: dialog.state.startswith("Comparing 100 photos"))
    session.client.say(events.RequestFailed(Message("No."), begun.generation))
    session.until(lambda: dialog.state == "No.")
    dialog.use.click()
    session.asked(requests.StopComparing())
    session.asked(requests.UseModel("vit-b-32-256"))


@pytest.mark.parametrize("width", [400, 580, 1000])
def test_nothing_is_cut_off_however_wide_the_page(tmp_path: Path, qtbot: QtBot, width: int) -> None:
    rows = models.model_rows(None, tmp_path)
    page = ModelsPage()
    qtbot.addWidget(page)
    page.show_models([replace(row, installed=True, photos=100_000, covered=40_000) for row in rows[:2]])
    page.resize(width, 600)
    page.show()

    def reaches() -> list[int]:
        shown = [child for child in page.findChildren(QWidget) if child.isVisible()]
        assert sum(isinstance(child, ModelCard) for child in shown) == 2
        received = [
            each for each in shown if isinstance(each, QAbstractButton | QLabel | QComboBox | ModelCard)
        ]
        return [each.mapTo(page, QPoint(each.width(), 0)).x() for each in received]

    qtbot.waitUntil(lambda: page.isVisible() and max(reaches()) <= width)


def test_advice_is_given_once(session: WindowDriver, qapp: QApplication, qtbot: QtBot) -> None:
    advice = session.window.controllers.models.advice
    session.until(advice.isVisible)
    advice.choose.click()
    assert session.shown == "Models"
    assert not advice.isVisible()
    session.window.content.close_page()
    session.list_again()
    assert not advice.isVisible()


def test_the_status_bar_opens_the_page(session: WindowDriver) -> None:
    session.client.say(events.ModelReady(ModelInfo("starter@1", "starter", 384, "cpu", "Starter")))
    session.until(lambda: session.window.status.model == "Starter · CPU")
    session.window.status.models_requested.emit()
    assert session.shown == "Models"


def test_an_unloaded_model_and_one_on_another_device_are_shown(session: WindowDriver) -> None:
    info = ModelInfo("starter@1", "starter", 384, "cuda", "Starter", 41_000_000)
    session.client.say(events.ModelReady(info))
    session.until(lambda: session.window.status.model == "Starter · CUDA")
    session.client.say(events.ModelUnloaded(info))
    session.until(lambda: session.window.status.model == "Starter · unloaded")
    session.client.say(events.ModelNotice(Message("The graphics processor failed.")))
    session.until(lambda: session.window.toasts.text == "The graphics processor failed.")


def test_how_much_of_the_machine_is_used_can_be_set(session: WindowDriver) -> None:
    machine, client = session.page.machine, session.client
    session.until(lambda: any(isinstance(each, requests.ReadSettings) for each in client.requests))
    client.say(events.SettingsRead(1, Settings({"idle-minutes": 7})))
    rest, battery, share = machine.rest.input, machine.battery.input, machine.share.input
    assert isinstance(rest, NumberBox)
    assert isinstance(battery, QCheckBox)
    assert isinstance(share, ChoiceBox)
    session.until(lambda: rest.value() == 7)
    before = session.clients
    battery.click()
    share.setCurrentIndex(0)
    share.activated.emit(0)
    session.until(lambda: sum(isinstance(r, requests.ChangeSetting) for r in client.requests) == 2)
    changes = [(r.name, r.text) for r in client.requests if isinstance(r, requests.ChangeSetting)]
    assert changes == [("pause-on-battery", "on"), ("machine-share", "gentle")]
    client.say(events.SettingsRead(2, Settings({"pause-on-battery": True, "idle-minutes": 7})))
    gentle = {"machine-share": MachineShare.GENTLE, "pause-on-battery": True, "idle-minutes": 7}
    client.say(events.SettingsRead(3, Settings(gentle)))
    session.until(lambda: session.clients == before + 1)  # priorities are settled as the engine starts
    assert battery.isChecked()


def value_of(widget: QWidget) -> object:
    if isinstance(widget, ChoiceBox):
        return widget.currentIndex()
    if isinstance(widget, NumberBox):
        return widget.value()
    assert isinstance(widget, QCheckBox)
    return widget.isChecked()


def test_scrolling_the_page_changes_no_setting(session: WindowDriver) -> None:
    machine = session.page.machine
    session.window.commands["models"].trigger()
    session.until(machine.isVisible)
    for row in machine.rows:
        choice, before = row.input, value_of(row.input)
        centre = QPointF(choice.rect().center())
        down = QWheelEvent(
            *(centre, choice.mapToGlobal(centre), QPoint(), QPoint(0, -120)),
            *(Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False),
        )
        QApplication.sendEvent(choice, down)
        assert value_of(choice) == before
        assert not choice.hasFocus()
    assert not any(isinstance(each, requests.ChangeSetting) for each in session.client.requests)


def test_how_large_a_picture_may_be_can_be_set(session: WindowDriver) -> None:
    machine, client = session.page.machine, session.client
    session.until(lambda: any(isinstance(each, requests.ReadSettings) for each in client.requests))
    client.say(events.SettingsRead(1, Settings({"max-megapixels": 450})))
    pixels = machine.pixels.input
    assert isinstance(pixels, NumberBox)
    session.until(lambda: pixels.value() == 450)
    before = session.clients
    pixels.setValue(1200)
    session.until(lambda: any(isinstance(each, requests.ChangeSetting) for each in client.requests))
    changes = [(r.name, r.text) for r in client.requests if isinstance(r, requests.ChangeSetting)]
    assert changes == [("max-megapixels", "1200")]
    client.say(events.SettingsRead(2, Settings({"max-megapixels": 1200})))
    session.until(lambda: session.clients == before + 1)  # decoders are made as the engine starts


def test_the_keyboard_stays_on_its_button_while_the_list_is_read_again(session: WindowDriver) -> None:
    session.window.commands["models"].trigger()
    focused = session.page.card("pe-core-s").download
    focused.setFocus()
    session.change("pe-core-s", images_per_second=4.0)
    session.list_again()
    assert session.page.card("pe-core-s").download is focused
    assert "4/s" not in session.page.card("pe-core-s").details
    assert "4 photos/s here" in session.page.card("pe-core-s").details


def test_what_is_looked_at_is_remembered_for_the_next_model(session: WindowDriver) -> None:
    session.until(lambda: session.window.model.rowCount() == 1)
    photo = session.window.model.photo_id(0)
    session.window.views.open_viewer(photo)
    session.asked(requests.PhotoViewed(photo))
