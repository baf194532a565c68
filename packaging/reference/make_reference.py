"""Write the parts of the documentation that follow from declarations.

``python packaging/reference/make_reference.py`` after a change of a declared field or setting; a test fails
until that is done. A generated part of a page is between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from safelight.core.fields import FIELDS
from safelight.core.flags import FLAGS
from safelight.core.settings import SETTINGS, setting_text

ROOT = Path(__file__).resolve().parents[2]


def fields() -> str:
    """The table of filters in docs/search-language.md."""
    rows = [
        *((", ".join(f"`{example}`" for example in field.examples), field.meaning) for field in FIELDS),
        *((f"`{flag.name}`", flag.meaning) for flag in FLAGS),
    ]
    return table(("filter", "matches photos"), rows)


def settings() -> str:
    """The table of settings in docs/settings.md."""
    rows = [
        (
            f"`{each.name}`",
            f"**{each.title}.** {each.help}",
            _capitalised(str(each.form.expected)),
            f"`{setting_text(each.default)}`",
            str(each.effect.value),
        )
        for each in SETTINGS
    ]
    return table(("setting", "meaning", "values", "default", "takes effect"), rows)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "fields": ("docs/search-language.md", fields),
    "settings": ("docs/settings.md", settings),
}
"""The page of each generated part, and what writes it."""


def renewed(page: str, name: str, content: str) -> str:
    """The page with ``content`` as its generated part. Raises ValueError where the page has no such part."""
    part = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    if not part.search(page):
        raise ValueError(f"the page has no part called {name}")
    return part.sub(lambda match: f"{match[1]}{content}\n{match[2]}", page)


def main() -> int:
    for name, (page, write) in PARTS.items():
        path = ROOT / page
        path.write_text(renewed(path.read_text("utf-8"), name, write()), "utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
