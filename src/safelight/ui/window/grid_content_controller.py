"""Shows the photos of a view or a search in the grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject

from safelight.ui.grid.model import PhotoGridModel
from safelight.ui.grid.view import PhotoGridView
from safelight.ui.library.grid_content import GridContent, sections_by
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadBlocker
from safelight.ui.library.results_controller import ResultsController
from safelight.ui.library.timeline import Days, Grouping, grouping_for
from safelight.ui.pages.content import ContentArea
from safelight.ui.view_request import SimilarQuery
from safelight.ui.window.open_stacks import OpenStacks


class GridContentController(QObject):
    """Fills the grid with the photos of each answer, and explains an empty one."""

    def __init__(
        self,
        results: ResultsController,
        model: PhotoGridModel,
        grid: PhotoGridView,
        content: ContentArea,
        background_reader: LibraryReader,
        stacks: OpenStacks,
        parent: QObject,
    ) -> None:
        """``background_reader`` finds out which filter of a query leaves nothing, which may take long."""
        super().__init__(parent)
        self._stacks = stacks
        self._shown_content = GridContent(())
        """What is shown, without what open stacks add."""
        self._results = results
        self._model = model
        self._grid = grid
        self._content = content
        self._background_reader = background_reader
        self._similar_to: int | None = None
        """The photo whose similar photos are shown."""
        self._days: Days = ()
        self._grouping = Grouping.BY_SIZE
        self._grouped_by = grouping_for(grid.cell_size)
        grid.cell_size_changed.connect(lambda _: self._regroup())
        grid.show_stacks(stacks.place_of)
        grid.stack_toggled.connect(lambda photo_id: stacks.toggle((photo_id,)))
        stacks.changed.connect(self._show_stacks)
        results.content_changed.connect(self._show)
        results.content_changed.connect(self._explain_emptiness)

    def shown_ids(self) -> Sequence[int]:
        """The photos that are not folded away, in the order of the grid."""
        return self._model.ids_of(self._grid.shown_runs())

    @property
    def days(self) -> Days:
        """The days of what is shown, if it is sorted by date."""
        return self._days

    def set_grouping(self, grouping: Grouping) -> None:
        """Choose what a section holds where photos are sorted by date."""
        self._grouping = grouping
        self._regroup()

    def _regroup(self) -> None:
        wanted = self._grouping
        if wanted is Grouping.BY_SIZE:
            wanted = grouping_for(self._grid.cell_size)
        if wanted is self._grouped_by:
            return
        self._grouped_by = wanted
        # Photos that arrived since the days were counted are followed by new content soon.
        counted = sum(amount for _, amount in self._days)
        if self._days and counted + self._stacks.added == self._model.rowCount():
            self._model.set_sections(self._stacks.enlarge_sections(sections_by(self._days, wanted)))

    def row_of_day(self, row: int) -> int:
        """Where a row counted in :attr:`days` is shown."""
        return self._stacks.shown_row(row)

    def toggle_folds(self) -> None:
        for number, section in enumerate(self._model.sections):
            if section.foldable:
                self._model.set_section_collapsed(number, not section.collapsed)

    def _explain_emptiness(self, content: GridContent) -> None:
        """Find out which filter leaves nothing."""
        query = self._results.query
        if query is not None and not content.ids and not content.failed:
            self._background_reader.read(ReadBlocker(query.whole), self._content.show_blocker)

    def _show(self, content: GridContent, refreshed: bool) -> None:
        self._days = content.days
        if self._days:
            content = replace(content, sections=sections_by(self._days, self._grouped_by))
        self._shown_content = content
        if refreshed:
            self._update()
        else:
            self._stacks.close_all()
            self._show_new(content)
        self._grid.set_loading(False)
        self._content.show_answer(empty=not content.ids, failed=content.failed)

    def _update(self) -> None:
        """Show an updated version of the same list."""
        content = self._shown_content
        unfolded = any(section.foldable and not section.collapsed for section in self._model.sections)
        ids = self._stacks.expand(content.ids)
        sections = self._stacks.enlarge_sections(content.unfolded() if unfolded else content.sections)
        self._model.update_photos(ids, sections)
        self._grid.viewport().update()  # the places of photos in their stacks may differ

    def _show_stacks(self, closed: Sequence[int]) -> None:
        """Show the photos of the stacks that are open now. If only photos were selected that are not shown
        any more, the top of their stack is selected, so that keys go on from there.
        """
        selected = bool(self._grid.selected_ids())
        self._update()
        if selected and closed and not self._grid.selected_ids():
            self._grid.select_photo(closed[0])

    def _show_new(self, content: GridContent) -> None:
        """Show other photos. Find similar selects its source once; refining it keeps the user's selection."""
        query = self._results.query
        source = query.photo_id if isinstance(query, SimilarQuery) else None
        refined = source is not None and source == self._similar_to
        selected = self._grid.selected_ids() if refined else ()
        self._similar_to = source
        self._model.set_photos(self._stacks.expand(content.ids), content.sections)
        if refined:
            self._grid.select_photos(selected)
        elif source is not None:
            self._grid.select_photo(source)
