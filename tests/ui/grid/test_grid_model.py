"""The model of ids: its contract with views, and that nothing loses its place."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from safelight.ui.grid.model import FAVOURITE_ROLE, PHOTO_ID_ROLE, PhotoGridModel
from safelight.ui.library.grid_content import Section

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def model(qapp: QApplication) -> Iterator[PhotoGridModel]:
    made = PhotoGridModel(lambda photo_id: f"IMG_{photo_id}.jpg" if photo_id % 2 else None)
    # A breach of the contract is a Qt message, and a Qt message fails the test.
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Warning)
    yield made
    tester.deleteLater()


def shown(model: PhotoGridModel) -> list[int]:
    return model.photo_ids(0, model.rowCount())


def assert_sections_fit(model: PhotoGridModel) -> None:
    row = 0
    for section in model.sections:
        assert section.first_row == row
        row += section.count
    assert not model.sections or row == model.rowCount()


def test_rows_ids_and_roles(model: PhotoGridModel) -> None:
    model.set_photos([30, 11, 20])
    assert model.rowCount() == 3
    assert model.photo_id(1) == 11
    assert [model.row_of(photo_id) for photo_id in (30, 11, 20, 99)] == [0, 1, 2, None]
    named, unnamed = model.index(1), model.index(0)
    assert named.data(PHOTO_ID_ROLE) == 11
    assert named.data(Qt.ItemDataRole.ToolTipRole) == "IMG_11.jpg"
    assert named.data(Qt.ItemDataRole.AccessibleTextRole) == "IMG_11.jpg"
    assert unnamed.data(Qt.ItemDataRole.ToolTipRole) is None
    assert unnamed.data(Qt.ItemDataRole.AccessibleTextRole) == "Photo"


def test_row_of_in_an_empty_model(model: PhotoGridModel) -> None:
    assert model.row_of(1) is None
    model.update_photos([])
    model.refresh([1])
    assert model.rowCount() == 0


def test_favourites_show_and_are_heard_of(model: PhotoGridModel) -> None:
    model.set_photos(range(1, 11))
    heard: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last, *_: heard.append((first.row(), last.row())))
    model.set_favourites([3, 99])
    assert heard == [(0, 9)]
    assert model.index(2).data(FAVOURITE_ROLE) is True
    assert model.index(2).data(Qt.ItemDataRole.AccessibleTextRole) == "IMG_3.jpg, favourite"
    heard.clear()
    model.mark_favourites([4, 5, 8], True)
    assert heard == [(3, 4), (7, 7)]
    model.mark_favourites([4], False)
    assert [photo_id for photo_id in range(1, 11) if model.is_favourite(photo_id)] == [3, 5, 8]


def test_insertions_are_announced_as_runs(model: PhotoGridModel) -> None:
    model.set_photos([1, 2, 3])
    runs: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _, first, last: runs.append((first, last)))
    model.update_photos([10, 11, 1, 2, 12, 3, 13])
    assert shown(model) == [10, 11, 1, 2, 12, 3, 13]
    assert runs == [(0, 1), (4, 4), (6, 6)]


def test_removals_are_announced_as_runs_from_the_end(model: PhotoGridModel) -> None:
    model.set_photos(range(10))
    runs: list[tuple[int, int]] = []
    model.rowsRemoved.connect(lambda _, first, last: runs.append((first, last)))
    model.update_photos([0, 1, 5, 6, 7, 9])
    assert shown(model) == [0, 1, 5, 6, 7, 9]
    assert runs == [(8, 8), (2, 4)]


def test_sections_that_stay_fit_the_rows_at_each_step(model: PhotoGridModel) -> None:
    sections = [Section("A", 0, 2), Section("B", 2, 3), Section("C", 5, 1)]
    model.set_photos(range(6), sections)
    steps: list[list[int]] = []

    def check() -> None:
        assert_sections_fit(model)
        steps.append([section.count for section in model.sections])

    model.rowsRemoved.connect(check)
    model.rowsInserted.connect(check)
    model.update_photos([0, 10, 2, 11, 4, 5], sections)
    assert steps == [[2, 2, 1], [1, 2, 1], [1, 3, 1], [1, 4, 1]]
    assert model.sections == tuple(sections)


def test_an_update_may_bring_new_sections(model: PhotoGridModel) -> None:
    model.set_photos([1], [Section("May", 0, 1)])
    model.update_photos([2, 1], [Section("June", 0, 1), Section("May", 1, 1)])
    assert [section.title for section in model.sections] == ["June", "May"]


@pytest.mark.parametrize(
    "sections",
    [
        [Section("A", 1, 2)],
        [Section("A", 0, 2), Section("B", 3, 0)],
        [Section("A", 0, 2)],
        [Section("A", 0, 4)],
    ],
)
def test_sections_must_cover_the_rows(model: PhotoGridModel, sections: Sequence[Section]) -> None:
    with pytest.raises(ValueError, match="ection"):
        model.set_photos([1, 2, 3], sections)
    assert model.rowCount() == 0


def test_folding_changes_no_rows(model: PhotoGridModel) -> None:
    model.set_photos([1, 2], [Section("rest", 0, 2, collapsed=True, foldable=True)])
    changes: list[None] = []
    model.sections_changed.connect(lambda: changes.append(None))
    model.set_section_collapsed(0, False)
    assert not model.sections[0].collapsed
    assert len(changes) == 1
    assert model.rowCount() == 2


ids = st.lists(st.integers(0, 60), unique=True, max_size=40)


@given(ids, ids)
def test_update_reaches_any_state_and_every_photo_that_stays_is_followed(
    before: list[int], after: list[int]
) -> None:
    model = PhotoGridModel()
    model.set_photos(before)
    held = {photo_id: QPersistentModelIndex(model.index(row)) for row, photo_id in enumerate(before)}
    model.update_photos(after, [Section("all", 0, len(after))])
    assert shown(model) == after
    assert_sections_fit(model)
    for photo_id, index in held.items():
        if photo_id in after:
            assert index.row() == after.index(photo_id)
        else:
            assert not index.isValid()


def test_update_of_a_great_many_scattered_photos(model: PhotoGridModel) -> None:
    before = list(range(0, 4000, 2))
    model.set_photos(before, [Section("A", 0, 1000), Section("B", 1000, 1000)])
    selection = QItemSelectionModel(model)
    selection.select(
        QItemSelection(model.index(100), model.index(199)), QItemSelectionModel.SelectionFlag.Select
    )
    kept = [photo_id for photo_id in before if photo_id % 3]
    after = sorted([*kept, *range(1, 4000, 4)])
    steps: list[None] = []
    model.rowsInserted.connect(lambda *_: steps.append(None))
    model.rowsRemoved.connect(lambda *_: steps.append(None))
    model.update_photos(after)
    assert shown(model) == after
    assert len(steps) == 2
    chosen = {model.photo_id(index.row()) for index in selection.selectedIndexes()}
    assert chosen == {photo_id for photo_id in before[100:200] if photo_id % 3}


def test_update_to_another_order(model: PhotoGridModel) -> None:
    model.set_photos(range(50))
    held = QPersistentModelIndex(model.index(7))
    after = list(range(3, 60))
    random.Random(5).shuffle(after)
    model.update_photos(after)
    assert shown(model) == after
    assert model.photo_id(held.row()) == 7


def test_update_to_the_same_is_silent(model: PhotoGridModel) -> None:
    model.set_photos([1, 2, 3], [Section("A", 0, 3)])
    heard: list[None] = []
    for signal in (model.batch_started, model.sections_changed, model.modelReset):
        signal.connect(lambda: heard.append(None))
    model.update_photos([1, 2, 3], [Section("A", 0, 3)])
    assert heard == []
