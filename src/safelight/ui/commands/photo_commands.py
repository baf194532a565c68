"""Commands on photos that need their paths: open, show, copy, mark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from safelight.core.operations import SetFavourite
from safelight.core.photo import Photo
from safelight.engine import requests
from safelight.ui import wording
from safelight.ui.commands import desktop_integration
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadFiles, ReadPhotos
from safelight.ui.translation import translate

_LOADER_OWNER = "commands"
_COPY = "copy"
_COPIED_SIDE = 4096
"""Maximum long side in pixels of a picture on the clipboard; the complete file is added as well."""


class PhotoCommands(QObject):
    """Loads the rows of the photos, then acts. A newer command replaces one that still waits."""

    notified = Signal(str)
    """One line for the user: what was done, or why it could not be."""

    def __init__(
        self,
        bridge: EngineBridge,
        reader: LibraryReader,
        loader: PictureLoader,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._reader = reader
        self._loader = loader
        self._then: Callable[[list[Photo]], None] | None = None
        self._copied: tuple[str, int] | None = None
        self._copied_paths: list[str] = []
        loader.picture_loaded.connect(self._add_picture)

    def open_externally(self, photo_id: int | None) -> None:
        self._with_one(photo_id, desktop_integration.open_file)

    def show_in_folder(self, photo_id: int | None) -> None:
        self._with_one(photo_id, desktop_integration.show_in_folder)

    def copy(self, photo_ids: Sequence[int]) -> None:
        """Put the files of photos on the clipboard, with the picture if it is one photo."""
        if photo_ids:
            self._reader.read(ReadFiles(photo_ids), partial(self._copy, tuple(photo_ids)), key=_COPY)

    def copy_path(self, photo_ids: Sequence[int]) -> None:
        self._with(photo_ids, self._copy_path)

    def count_view(self, photo_id: int) -> None:
        """Count a view of a photo: background work takes the most viewed photos first."""
        self._bridge.send(requests.PhotoViewed(photo_id))

    def set_favourite(self, photo_ids: Sequence[int], favourite: bool) -> None:
        if photo_ids:
            self._bridge.run(SetFavourite(tuple(photo_ids), favourite))

    def _with(self, photo_ids: Sequence[int], then: Callable[[list[Photo]], None]) -> None:
        if photo_ids:
            self._then = then
            self._reader.read(ReadPhotos(photo_ids), self._go_on)

    def _with_one(self, photo_id: int | None, act: Callable[[str], str | None]) -> None:
        def on_path(photos: list[Photo]) -> None:
            path = wording.path_of(photos[0])
            message = (
                act(path)
                if path is not None
                else translate("PhotoCommands", "No file of this photo exists any more.")
            )
            if message:
                self.notified.emit(message)

        if photo_id is not None:
            self._with([photo_id], on_path)

    def _go_on(self, photos: list[Photo]) -> None:
        if self._then is None:
            return
        then, self._then = self._then, None
        if photos:
            then(photos)
        else:
            self.notified.emit(translate("PhotoCommands", "That photo is no longer in the library."))

    def _copy(self, photo_ids: Sequence[int], shots: list[list[str]]) -> None:
        paths = [path for shot in shots for path in shot]
        if not paths:
            self.notified.emit(
                translate("PhotoCommands", "Nothing was copied: the drive with the files is not connected.")
            )
            return
        desktop_integration.copy_files(paths)
        if self._copied is not None:
            self._loader.forget(self._copied)
            self._copied = None
        if len(photo_ids) == 1:
            self._copied, self._copied_paths = (_LOADER_OWNER, photo_ids[0]), paths
            self._loader.load(self._copied, paths[0], _COPIED_SIDE)
        said = translate("PhotoCommands", "Copied {name}").format(
            name=wording.display_name(paths[0]) if len(paths) == 1 else wording.count_of(len(paths), "file")
        )
        missing = len(photo_ids) - len(shots)
        if missing:
            said = translate(
                "PhotoCommands", "{said}. The files of {photos} are on a drive that is not connected."
            ).format(said=said, photos=wording.count_of(missing, "photo"))
        self.notified.emit(said)

    def _add_picture(self, key: object, image: QImage) -> None:
        """The pixels arrived after the file: add them, unless something else was copied since."""
        if key != self._copied:
            return
        self._copied = None
        if desktop_integration.holds_files(self._copied_paths):
            desktop_integration.copy_files(self._copied_paths, image)

    def _copy_path(self, photos: list[Photo]) -> None:
        paths = [path for photo in photos if (path := wording.path_of(photo)) is not None]
        desktop_integration.copy_paths(paths)
        self.notified.emit(
            translate("PhotoCommands", "Copied the path")
            if len(paths) == 1
            else translate("PhotoCommands", "Copied {count:,} paths").format(count=len(paths))
        )
