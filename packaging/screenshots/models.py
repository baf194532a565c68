"""Makes the screenshot of docs/models.md, from landscapes drawn for the purpose.

    python packaging/screenshots/models.py [OUT]

The real window, without a screen, with the real engine and the built-in model; see ``library.py``.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtWidgets import QApplication

from library import SIZE, amount, draw, settle, shoot, wait
from safelight.engine.client import EngineClient
from safelight.engine.server import EngineOptions
from safelight.services.indexing.decoding import DecodePool
from safelight.ui import theme
from safelight.ui.gui_gc import GuiGarbageCollector
from safelight.ui.window import build_window


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parents[2] / "docs" / "images")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as ending:
        pictures = Path(scratch) / "Pictures" / "Landscapes"
        draw(pictures)
        app = QApplication(["safelight"])
        ending.enter_context(GuiGarbageCollector())
        theme.apply(app, theme.DARK)
        options = EngineOptions(Path(scratch) / "library", Path(scratch) / "models")
        window = build_window(app, options.library, lambda: EngineClient(options), DecodePool())
        window.resize(*SIZE)
        window.show()
        window.start()
        page = window.models.page
        try:
            window.open_paths([str(pictures)])
            read = f"In use · has read 100 % of {amount()} photos"
            wait(app, lambda: page.has("starter") and page.card("starter").said == read)
            settle(app, 6)  # until the message about the folder is gone
            window.commands["models"].trigger()
            shoot(app, window, out / "models.png")
        finally:
            window.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
