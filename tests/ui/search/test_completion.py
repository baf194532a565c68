"""What the search box offers while one types, and that nothing is put there unasked."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.query import Filter, Phrase, Term, parse
from safelight.store.vocabulary import ValueCount, Vocabulary
from safelight.ui.appearance.theme import DARK, LIGHT
from safelight.ui.search.bar import SearchBar
from safelight.ui.search.completion import Candidate, Completer, Completion, replacement_text
from safelight.ui.search.completion_popup import spoken
from safelight.ui.view_request import Query, TextQuery

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

VOCABULARY = Vocabulary(
    {
        "in": (ValueCount("Pictures", 900), ValueCount("Summer in Italy", 120), ValueCount("2019/Italy", 40)),
        "camera": (
            ValueCount("Canon EOS R5", 300),
            ValueCount("Pixel 7", 90),
            ValueCount("Canon PowerShot", 20),
        ),
        "lens": (ValueCount("RF 50mm", 80),),
        "tag": (ValueCount("holiday", 50), ValueCount('hol"e', 2), ValueCount("beach", 10)),
        "album": (ValueCount("Best of 2019", 12), ValueCount("Summer 2019", 3)),
        "type": (ValueCount("jpeg", 800), ValueCount("raw", 100)),
        "is": (ValueCount("favourite", 9), ValueCount("landscape", 600)),
        "has": (ValueCount("gps", 70),),
    },
    numbers={"rating": ((5, 2), (4, 3), (3, 5), (0, 900)), "iso": ((1600, 4), (100, 60))},
    months=(ValueCount("2020-01", 7), ValueCount("2019-12", 30), ValueCount("2019-05", 12)),
)


def labels(text: str, cursor: int | None = None) -> list[tuple[str, int | None]]:
    found = Completer(VOCABULARY).complete(text, len(text) if cursor is None else cursor)
    return [(each.label, each.photos) for each in found.candidates] if found is not None else []


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("added:", ["added:2026-05-03", "added:2026-05", "added:2026"]),
        ("added:>=2026-05", ["added:>=2026-05-03", "added:>=2026-05"]),
        ("added:2019", []),
    ],
)
def test_the_present_dates_are_offered_for_the_time_of_adding(text: str, offered: list[str]) -> None:
    found = Completer(VOCABULARY, lambda: date(2026, 5, 3)).complete(text, len(text))
    assert [each.insert for each in (found.candidates if found is not None else ())] == offered


def taken(text: str, number: int = 0, cursor: int | None = None) -> str:
    """The text after one of the candidates was accepted."""
    found = Completer(VOCABULARY).complete(text, len(text) if cursor is None else cursor)
    assert found is not None
    put = replacement_text(text, found, found.candidates[number])
    return text[: found.span[0]] + put + text[found.span[1] :]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("in:", [("Pictures", 900), ("Summer in Italy", 120), ("2019/Italy", 40)]),
        ("dog in:it", [("Summer in Italy", 120), ("2019/Italy", 40)]),
        ("camera:can", [("Canon EOS R5", 300), ("Canon PowerShot", 20)]),
        ("CAMERA:r5", [("Canon EOS R5", 300)]),
        ('camera:"canon e', [("Canon EOS R5", 300)]),
        ("lens:", [("RF 50mm", 80)]),
        ("tag:hol", [("holiday", 50), ('hol"e', 2)]),
        ("album:best", [("Best of 2019", 12)]),
        ("type:", [("jpeg", 800), ("raw", 100)]),
        ("is:f", [("Favourites", 9)]),
        ("date:", [("2020", 7), ("2019", 42)]),
        ("date:2019", [("December 2019", 30), ("May 2019", 12)]),
        ("before:20", [("2020", None), ("2019", None)]),
        ("date:2019..20", [("2020", None), ("2019", None)]),
        ("-camera:pix", [("Pixel 7", None)]),
        ("beach holiday", [("Tagged holiday", 50)]),
        ("a dog, summer in italy", [("In Summer in Italy", 120)]),
        ("sunset canon", [("Taken with Canon", 320)]),
        ("da", [("date:", None), ("day:", None)]),
        ("iso:", [("ISO 1600", 4), ("ISO 100", 60)]),
        ("iso:16", [("ISO 1600", 4)]),
        ("has:", [("With a position", 70)]),
        ("tag:beach,hol", [("holiday", None), ('hol"e', None)]),
        ("(dog OR tag:hol", [("holiday", 50), ('hol"e', 2)]),
        ("date:2018,20", [("2020", None), ("2019", None)]),
        # A name that is a date too: both are offered.
        ("dog in summer 2019", [("Album Summer 2019", 3), ("Taken June 2019 to August 2019", None)]),
        ("expo", [("exposure:", None)]),
        ("dog cam", [("camera:", None)]),
    ],
)
def test_what_is_offered_with_its_number_of_photos(text: str, offered: list[tuple[str, int | None]]) -> None:
    assert labels(text) == offered


def test_stars_are_offered_best_first() -> None:
    found = dict(labels("rating:"))
    assert next(iter(found)) == "★★★★★ or more"
    assert found["★★★ or more"] == 10
    assert found["Not rated"] == 900


@pytest.mark.parametrize(
    "text",
    ["", "dog", "d", "+in:Pic", "in:nowhere", "tag:beach", '"in:pic"', "-people", "http://x", "dog in"],
)
def test_nothing_is_offered_where_nothing_would_help(text: str) -> None:
    assert labels(text) == []


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("dog in:summ", 'dog in:"Summer in Italy" '),
        ('dog in:"summ', 'dog in:"Summer in Italy" '),
        ("-camera:pixel", '-camera:"Pixel 7" '),
        ('tag:hol"', 'tag:hol"e '),
        ("beach holiday", "beach tag:holiday "),
        ("cam", "camera:"),
        ("after:20", "after:2020 "),
        ("tag:beach,hol", "tag:beach,holiday "),
        ("-camera:canon,pix", '-camera:canon,"Pixel 7" '),
        ("summer 2019", 'album:"Summer 2019" '),
    ],
)
def test_what_accepting_puts_into_the_text(text: str, after: str) -> None:
    assert taken(text) == after


def test_a_date_replaces_all_its_words() -> None:
    assert taken("dog in summer 2019", 1) == "dog date:2019-06..2019-08 "
    assert taken("dog in summer 2019", 0) == 'dog in album:"Summer 2019" '


def test_completing_in_the_middle_leaves_what_follows() -> None:
    text = "dog in:summ is:favourite"
    assert taken(text, cursor=text.index(" is")) == 'dog in:"Summer in Italy" is:favourite'


@given(st.text(st.sampled_from('in:camerdtyps-+"0129. ùß😀ho'), max_size=24), st.integers(0, 24))
def test_any_text_can_be_completed_and_an_accepted_filter_is_understood(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    found = Completer(VOCABULARY).complete(text, cursor)
    if found is None:
        return
    first, last = found.span
    assert 0 <= first < cursor <= last <= len(text)
    others = parse(text[:first]).parts
    for candidate in found.candidates:
        put = text[:first] + replacement_text(text, found, candidate) + text[last:]
        if not candidate.goes_on:
            (own,) = parse(candidate.insert).parts
            assert isinstance(own, Filter)
            if not any(isinstance(part, Phrase | Term) for part in others):
                assert own in parse(put).parts


# --- at the field -----------------------------------------------------------------------------------


@pytest.fixture
def bar(qtbot: QtBot) -> SearchBar:
    made = SearchBar(DARK, (96, 320))
    qtbot.addWidget(made)
    made.set_vocabulary(VOCABULARY)
    made.resize(700, 400)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.field.setFocus()
    return made


@pytest.fixture
def queries(bar: SearchBar) -> list[Query | None]:
    heard: list[Query | None] = []
    bar.query_changed.connect(heard.append)
    return heard


def offered(bar: SearchBar) -> list[str]:
    popup = bar.help.popup
    return [each.label for each in popup.model.candidates] if popup.isVisible() else []


def press(*keys: Qt.Key) -> None:
    for key in keys:
        widget = QApplication.focusWidget()
        assert widget is not None
        QTest.keyClick(widget, key)


def test_arrows_choose_and_enter_takes(bar: SearchBar, queries: list[Query | None], qtbot: QtBot) -> None:
    QTest.keyClicks(bar.field, "dog in:")
    assert offered(bar) == ["Pictures", "Summer in Italy", "2019/Italy"]
    press(Qt.Key.Key_Down, Qt.Key.Key_Down)
    chosen = bar.help.popup.chosen
    assert chosen is not None
    assert chosen.label == "Summer in Italy"
    press(Qt.Key.Key_Return)
    assert bar.field.text() == 'dog in:"Summer in Italy" '
    assert offered(bar) == []
    qtbot.waitUntil(lambda: queries[-1:] == [TextQuery('dog in:"Summer in Italy"')])
    assert bar.field.hasFocus()


def test_enter_without_a_choice_searches_for_the_text_as_typed(
    bar: SearchBar, queries: list[Query | None]
) -> None:
    QTest.keyClicks(bar.field, "holiday")
    assert offered(bar) == ["Tagged holiday"]
    press(Qt.Key.Key_Return)
    assert bar.field.text() == "holiday"
    assert queries[-1] == TextQuery("holiday")
    assert offered(bar) == []


def test_tab_takes_a_choice_and_otherwise_moves_on(bar: SearchBar) -> None:
    QTest.keyClicks(bar.field, "cam")
    press(Qt.Key.Key_Down, Qt.Key.Key_Tab)
    assert bar.field.text() == "camera:"
    assert offered(bar) == ["Canon EOS R5", "Pixel 7", "Canon PowerShot"], "its values follow at once"
    press(Qt.Key.Key_Tab)
    assert bar.field.text() == "camera:"
    assert not bar.field.hasFocus()


def test_up_before_the_first_chooses_none(bar: SearchBar) -> None:
    QTest.keyClicks(bar.field, "in:")
    press(Qt.Key.Key_Down, Qt.Key.Key_Up)
    assert bar.help.popup.chosen is None
    assert len(offered(bar)) == 3


def test_escape_closes_the_list_before_it_clears(bar: SearchBar) -> None:
    QTest.keyClicks(bar.field, "dog in:")
    press(Qt.Key.Key_Escape)
    assert (offered(bar), bar.field.text()) == ([], "dog in:")
    press(Qt.Key.Key_Escape)
    assert bar.field.text() == ""


def test_a_click_takes_without_taking_the_keyboard(bar: SearchBar) -> None:
    QTest.keyClicks(bar.field, "is:")
    listed = bar.help.popup.list
    place = listed.visualRect(bar.help.popup.model.index(1)).center()
    QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert bar.field.text() == "is:landscape "
    assert bar.field.hasFocus()


def test_the_list_goes_with_the_keyboard_and_with_what_is_set(bar: SearchBar) -> None:
    QTest.keyClicks(bar.field, "in:")
    bar.slider.setFocus()
    assert offered(bar) == []
    bar.field.setFocus()
    QTest.keyClicks(bar.field, " in:")
    bar.set_text("dog")
    assert offered(bar) == []


def test_accepting_is_one_step_to_undo(bar: SearchBar) -> None:
    QTest.keyClicks(bar.field, "dog in:summ")
    press(Qt.Key.Key_Down, Qt.Key.Key_Return)
    bar.field.undo()
    assert bar.field.text() == "dog in:summ"


def test_names_that_arrive_while_one_types_are_offered(bar: SearchBar) -> None:
    bar.set_vocabulary(Vocabulary())
    QTest.keyClicks(bar.field, "cam")
    assert offered(bar) == ["camera:"]
    bar.set_vocabulary(Vocabulary({"tag": (ValueCount("cam", 3),)}))
    assert offered(bar) == ["Tagged cam"]


def test_the_list_is_under_the_field_and_is_drawn_in_both_themes(bar: SearchBar) -> None:
    QTest.keyClicks(bar.field, "in:")
    popup = bar.help.popup
    below = bar.field.mapTo(bar.window(), QPoint(0, bar.field.height()))
    assert popup.geometry().top() >= below.y()
    assert popup.geometry().left() == below.x()
    dark = popup.grab().toImage()
    bar.apply_theme(LIGHT)
    assert popup.grab().toImage() != dark
    first = popup.model.candidates[0]
    assert spoken(first) == "Pictures, 900 photos"


def test_a_completion_says_what_it_replaces() -> None:
    found = Completer(VOCABULARY).complete("beach  summer in italy", 22)
    assert isinstance(found, Completion)
    assert found.span == (7, 22)


def test_a_filter_without_a_value_is_not_searched_for(
    bar: SearchBar, queries: list[Query | None], qtbot: QtBot
) -> None:
    QTest.keyClicks(bar.field, "dog")
    qtbot.waitUntil(lambda: queries[-1:] == [TextQuery("dog")])
    QTest.keyClicks(bar.field, " -tag:")
    QTest.keyClicks(bar.field, "animals")
    qtbot.waitUntil(lambda: queries[-1] == TextQuery("dog -tag:animals"))
    assert TextQuery("dog -tag:") not in queries


def test_a_filter_without_a_value_is_no_earlier_search(
    bar: SearchBar, queries: list[Query | None], qtbot: QtBot
) -> None:
    QTest.keyClicks(bar.field, "tag:")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert queries == []
    assert bar.history.queries == ()


def test_the_emptied_field_shows_what_can_be_typed_again(bar: SearchBar) -> None:
    QTest.keyClicks(bar.field, "d")
    assert offered(bar) == []
    press(Qt.Key.Key_Backspace)
    assert "dog on a beach" in offered(bar)


def test_a_screen_reader_hears_one_photo_in_the_singular() -> None:
    assert spoken(Candidate("camera:X100", "X100", photos=1)) == "X100, 1 photo"
