"""Makes the screenshots of the review of duplicates, from photographs and versions of them.

    python packaging/screenshots/duplicates.py [OUT] [--size 1280x800]

As in library.py: the real window and engine over a new library; WebP files go to OUT (docs/images).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image, ImageEnhance
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from library import save_shot, settle, shoot, wait
from opened import home, opened_window
from photographs import photographs
from safelight.core.duplicates import DuplicateKind
from safelight.core.jobs import Phase
from safelight.ui.duplicates.batch import BatchDialog
from safelight.ui.window.main_window import MainWindow

_LARGE = 1200
"""Pixels along the long side of photographs that get versions."""
_REWORKED = ("Boats at sunset", "Dahlia")


def exif(moment: str) -> Image.Exif:
    made = Image.Exif()
    made[0x0110] = "Camera"
    made.get_ifd(0x8769)[0x9003] = moment
    return made


def draw(place: Path) -> None:
    """Originals, and of some copies, messenger versions, turned and brighter ones, crops; and a burst."""
    folders = {name: place / name for name in ("2024", "Backup", "Messenger", "Edited")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    found = photographs()
    large = {name: image for name, image in found.items() if max(image.size) >= _LARGE}
    for number, (name, image) in enumerate(large.items()):
        path = folders["2024"] / f"{name}.jpg"
        image.save(path, quality=93, exif=exif(f"2024:0{6 + number % 3}:{1 + number:02} 10:{number:02}:00"))
        if number % 6 == 0:
            shutil.copy2(path, folders["Backup"] / path.name)
        if number % 4 == 1 or name in _REWORKED:
            small = image.resize((image.width * 2 // 5, image.height * 2 // 5))
            small.save(folders["Messenger"] / f"IMG-2024070{number // 4}-WA00{number:02}.jpg", quality=55)
        if name in _REWORKED:
            turned = image.transpose(Image.Transpose.ROTATE_90)
            turned.save(folders["Edited"] / f"{name} turned.jpg", quality=85)
            brighter = ImageEnhance.Brightness(image).enhance(1.06)
            brighter.save(folders["Edited"] / f"{name} brighter.webp", quality=85)
        if number % 8 == 3:
            part = image.crop((200, 120, image.width - 260, image.height - 160))
            part.save(folders["Edited"] / f"{name} crop.jpg", quality=90)
        if number % 8 == 2:
            _with_other_date(path, folders["Edited"] / f"{name} dated.jpg")
    scene = next(iter(found.values()))
    for shot in range(6):
        moved = scene.crop((6 * shot, 4 * shot, scene.width - 40 + 6 * shot, scene.height - 30 + 4 * shot))
        moved.save(
            folders["2024"] / f"DSC_{100 + shot:04}.jpg", quality=92, exif=exif(f"2024:08:20 18:00:0{shot}")
        )


def _with_other_date(path: Path, target: Path) -> None:
    """The same compressed pixels, said to be taken at another time."""
    content = path.read_bytes()
    at = content.index(b"2024:")
    target.write_bytes(content[:at] + b"2019:12:31 23:59:59" + content[at + 19 :])


def counts_of(window: MainWindow, kind: DuplicateKind) -> int:
    count = window.controllers.duplicates.review.counts.get(kind)
    return count.groups if count is not None else 0


def keys(window: MainWindow, *pressed: Qt.Key) -> None:
    for key in pressed:
        QTest.keyClick(QApplication.focusWidget() or window, key)


def shoot_dialog(app: QApplication, dialog: QWidget, path: Path) -> None:
    settle(app, 0.5)
    save_shot(dialog.grab().toImage(), path)


def shoot_review(app: QApplication, window: MainWindow, out: Path) -> None:
    panel = window.controllers.duplicates
    window.commands["duplicates"].trigger()
    panel.review.show_kind(DuplicateKind.RESAVED)
    panel.page.list.setFocus()
    shoot(app, window, out / "duplicates-list.webp")
    largest = max(
        range(len(panel.review.model.groups)), key=lambda row: len(panel.review.model.groups[row].members)
    )
    panel.review.go_to_group(largest)
    keys(window, Qt.Key.Key_Return)
    wait(app, lambda: all(pane.view.image_side > 600 for pane in panel.compare.area.shown))
    shoot(app, window, out / "duplicates-compare.webp")
    keys(window, Qt.Key.Key_Right, Qt.Key.Key_D)
    wait(app, lambda: panel.compare.overlay.aligned is not None)
    shoot(app, window, out / "duplicates-difference.webp")
    keys(window, Qt.Key.Key_Escape, Qt.Key.Key_Delete)
    wait(app, lambda: window.toasts.text.startswith("Moved"))
    shoot(app, window, out / "duplicates-undo.webp")
    panel.session.undo()
    wait(app, lambda: "restored" in window.toasts.text)
    panel.page.ask_for_batch()
    dialog = window.findChild(BatchDialog)
    assert dialog is not None
    shoot_dialog(app, dialog, out / "duplicates-batch.webp")
    dialog.reject()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parents[2] / "docs" / "images")
    parser.add_argument("--size", default="1280x800")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with home() as scratch:
        os.environ["XDG_DATA_HOME"] = str(scratch)  # whose trash is used
        pictures = scratch / "Pictures"
        draw(pictures)
        width, height = (int(side) for side in given.size.split("x"))
        with opened_window(scratch, (width, height)) as (app, window):
            phases: list[Phase] = []
            window.services.bridge.progress_changed.connect(lambda progress: phases.append(progress.phase))
            window.open_paths([str(pictures)])
            wait(app, lambda: Phase.INDEXING in phases and phases[-1] is Phase.IDLE)
            session = window.controllers.duplicates.session
            # Crops are found by the model's vectors, which come last.
            wait(app, lambda: session.complete and counts_of(window, DuplicateKind.CROP) > 0)
            settle(app, 3)
            for kind, count in window.controllers.duplicates.review.counts.items():
                print(f"{kind}: {count.groups} groups, {count.files} files")
            shoot_review(app, window, given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
