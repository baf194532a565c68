"""Pictures that another program or the command line opens: shown at once, with the others of their folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from safelight.core.order import name_key
from safelight.ui.lazy_page import LazyPage

if TYPE_CHECKING:
    from safelight.core.photo import Folder
    from safelight.ui.library.window_services import WindowServices
    from safelight.ui.viewer.file_viewer import FileViewer
    from safelight.ui.window.layout import WindowLayout


class OpenedFiles(QObject):
    """Owns the viewer of files, lists their folder on a thread, and offers to add that to the library."""

    similar_requested = Signal(str)  # path
    visibility_changed = Signal()

    _listed = Signal(str, object)  # folder, paths

    def __init__(
        self,
        layout: WindowLayout,
        services: WindowServices,
        add_folders: Callable[[Sequence[str]], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._layout = layout
        self._loader = services.loader
        self._add_folders = add_folders
        self._folders: tuple[Folder, ...] = ()
        self._lister: ThreadPoolExecutor | None = None
        self._listed.connect(self._on_listed, Qt.ConnectionType.QueuedConnection)
        self.viewer = LazyPage(self._make_viewer)

    @property
    def shown(self) -> bool:
        """Whether a file covers the window."""
        return self.viewer.made is not None and self.viewer.made.current is not None

    def open(self, path: str) -> None:
        """Show a picture file; the others of its folder follow."""
        viewer = self.viewer.get()
        viewer.open(path)
        self._layout.pages.setCurrentWidget(viewer)
        viewer.setFocus()
        self._offer()
        self.visibility_changed.emit()
        if self._lister is None:
            self._lister = ThreadPoolExecutor(1, "list-folder")
        self._lister.submit(self._list, str(Path(path).parent))

    def show_folders(self, folders: Sequence[Folder]) -> None:
        """The folders of the library."""
        self._folders = tuple(folders)
        if self.shown:
            self._offer()

    def close(self) -> None:
        """Close the viewer, if it is open."""
        if self.viewer.made is not None:
            self.viewer.made.close_viewer()

    def stop(self) -> None:
        """End the thread. Idempotent."""
        self.close()
        if self._lister is not None:
            self._lister.shutdown(cancel_futures=True)

    def _make_viewer(self) -> FileViewer:
        from safelight.ui.viewer.file_viewer import FileViewer

        viewer = FileViewer(self._loader)
        viewer.closed.connect(self._leave)
        viewer.similar_requested.connect(self.similar_requested)
        viewer.offer.accepted.connect(self._add)
        self._layout.pages.addWidget(viewer)
        return viewer

    def _list(self, folder: str) -> None:
        """List the pictures of a folder by name, on the thread. A folder that cannot be read has none."""
        from safelight.imaging.formats import is_photo_name

        try:
            with os.scandir(folder) as entries:
                names = [entry.name for entry in entries if is_photo_name(entry.name) and entry.is_file()]
        except OSError:
            names = []
        paths = [str(Path(folder, name)) for name in sorted(names, key=name_key)]
        self._listed.emit(folder, paths)

    @Slot(str, object)
    def _on_listed(self, folder: str, paths: list[str]) -> None:
        viewer = self.viewer.made
        if viewer is not None and viewer.current is not None and str(Path(viewer.current).parent) == folder:
            viewer.set_paths(paths)

    def _offer(self) -> None:
        viewer = self.viewer.get()
        folder = Path(viewer.current or "").parent
        known = any(folder.is_relative_to(each.path) for each in self._folders)
        viewer.offer.offer("" if known else str(folder))
        viewer.place_offer()

    def _add(self) -> None:
        viewer = self.viewer.get()
        if viewer.current is not None:
            self._add_folders([str(Path(viewer.current).parent)])
            viewer.offer.offer("")
            viewer.setFocus()

    def _leave(self) -> None:
        self._layout.pages.setCurrentWidget(self._layout.browser)
        self._layout.content.take_focus()
        self.visibility_changed.emit()
