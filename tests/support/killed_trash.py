"""A program that moves photos to the trash or back, and kills itself in the middle.

Arguments: the place of a :class:`support.trashing.Reviewed`, at which point to die, and what to do as JSON.
Points are all that touches the file system, and both sides of each COMMIT. Prints how many there were if it
comes to the end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import send2trash  # noqa: F401 - loaded before points are counted

from safelight.core.duplicates import GroupAction
from safelight.core.jobs import JobControl
from safelight.services.review.trash_executor import TrashExecutor
from safelight.store.library import Connection, LibraryStore
from support.trashing import recover, undo
from support.unprivileged import become_nobody


class Deadly:
    """Counts points and dies at one."""

    def __init__(self, deadly: int) -> None:
        self._deadly = deadly
        self.passed = 0
        self._counting = False
        sys.addaudithook(self._notice)

    def begin(self, store: LibraryStore) -> None:
        ordinary = store.write

        @contextmanager
        def write(*, durable: bool = False, erase: bool = False) -> Iterator[Connection]:
            with ordinary(durable=durable, erase=erase) as db:
                yield db
                self.point()
            self.point()

        store.write = write  # type: ignore[method-assign]
        self._counting = True

    def end(self) -> None:
        self._counting = False

    def point(self) -> None:
        self.passed += 1
        if self.passed == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def _notice(self, event: str, _: tuple[Any, ...]) -> None:
        if self._counting and (event == "open" or event.startswith(("os.", "shutil."))):
            self.point()


def act(store: LibraryStore, what: dict[str, Any]) -> None:
    match what["do"]:
        case "settle":
            actions = [GroupAction(key, tuple(keep), tuple(trash)) for key, keep, trash in what["actions"]]
            TrashExecutor(store).trash_duplicates(actions, JobControl())
        case "trash":
            TrashExecutor(store).trash_photos(what["photos"], JobControl())
        case "undo":
            undo(store, what["step"])
        case "recover":
            recover(store)


def main() -> None:
    place, point, what = sys.argv[1:]
    become_nobody()
    deadly = Deadly(int(point))
    with LibraryStore.create_or_open(Path(place) / "library") as store:
        deadly.begin(store)
        act(store, json.loads(what))
        deadly.end()
    sys.stdout.write(f"{deadly.passed}\n")


if __name__ == "__main__":
    main()
