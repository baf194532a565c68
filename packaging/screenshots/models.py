"""Makes the screenshot of docs/models.md.

    python packaging/screenshots/models.py [OUT]

The real window, without a screen, with the real engine and the built-in model; see ``library.py``.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"


from library import SIZE, draw, settle, shoot, wait
from opened import home, opened_window
from photographs import photographs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parents[2] / "docs" / "images")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with home() as scratch:
        pictures = scratch / "Pictures" / "Travels"
        draw(pictures)
        with opened_window(scratch, SIZE) as (app, window):
            page = window.controllers.models.page
            window.open_paths([str(pictures)])
            read = f"In use · has read 100 % of {len(photographs())} photos"
            wait(app, lambda: page.has("starter") and page.card("starter").said == read)
            settle(app, 6)  # until the message about the folder is gone
            window.commands["models"].trigger()
            shoot(app, window, out / "models.webp")
    return 0


if __name__ == "__main__":
    sys.exit(main())
