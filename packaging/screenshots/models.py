"""Makes the screenshot of docs/models.md, from landscapes drawn for the purpose.

    python packaging/screenshots/models.py [OUT]

The real window, without a screen, with the real engine and the built-in model; see ``library.py``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"


from library import SIZE, amount, draw, settle, shoot, wait
from opened import opened_window


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parents[2] / "docs" / "images")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        pictures = Path(scratch) / "Pictures" / "Landscapes"
        draw(pictures)
        with opened_window(Path(scratch), SIZE) as (app, window):
            page = window.controllers.models.page
            window.open_paths([str(pictures)])
            read = f"In use · has read 100 % of {amount()} photos"
            wait(app, lambda: page.has("starter") and page.card("starter").said == read)
            settle(app, 6)  # until the message about the folder is gone
            window.commands["models"].trigger()
            shoot(app, window, out / "models.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
