"""Photos for the paragraphs of a document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import pytest

from api.conftest import Shelf
from safelight import app
from safelight.api import Library
from safelight.api.document import find_for, paragraphs
from safelight.api.values import Match, Results
from safelight.core.search import Band

TEXT = """# A red door

The door was red. like:/etc/passwd "Behind it (blue) OR -green"
continues here.

```python
red = "not a paragraph"
```

> A [quoted blue thing](https://example.org/red.png) it was.

Xylophones.
"""


def test_paragraphs_have_their_lines_and_no_markup() -> None:
    assert paragraphs(TEXT) == [
        (1, "A red door"),
        (3, 'The door was red. like:/etc/passwd "Behind it (blue) OR -green" continues here.'),
        (10, "A quoted blue thing it was."),
        (12, "Xylophones."),
    ]
    assert paragraphs("") == paragraphs("\n \n") == []


def test_photos_that_match_strongly_are_proposed_with_their_sentence(colours: Shelf) -> None:
    with colours.open() as library:
        found = {paragraph.line: paragraph for paragraph in find_for(library, TEXT, 2)}
    best = {
        line: [Path(proposal.match.path).name for proposal in paragraph.proposals]
        for line, paragraph in found.items()
    }
    assert best[1][0] == "red.png"
    assert best[3][0] == "red.png"
    assert found[3].proposals[0].sentence == "The door was red."
    assert best[10][0] == "blue.png"
    assert best[12] == []
    assert all(len(names) <= 2 for names in best.values())


class Answers:
    """Plays the part of a library: every query is answered with photos of these bands."""

    def __init__(self, **bands: str) -> None:
        self._bands = bands

    def search(self, words: str, limit: int) -> Results:
        del limit
        asked = words.split()[0].lower()
        return Results((Match(asked, f"/{asked}.jpg", 0.3, Band(self._bands[asked]), 0.5),))


def test_photos_that_may_match_are_proposed_only_where_none_is_strong() -> None:
    library = Answers(dog="maybe", cat="strong", cow="maybe", sheep="rest")
    document = "Dog over there. Cat there. Cow over there.\n\nCow is over there. Dog is over there. Dog.\n\n"
    document += "Cow here.\n\nSheep is over there."
    found = find_for(cast(Library, library), document)
    proposed = [[proposal.match.key for proposal in paragraph.proposals] for paragraph in found]
    assert proposed == [["cat"], ["cow", "dog"], [], []]


def test_the_command_prints_proposals(
    colours: Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "text.md"
    document.write_text(TEXT, encoding="utf-8")
    library = ("--library", str(colours.directory))
    assert app.run(["find-for", str(document), "--json", *library]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [paragraph["line"] for paragraph in said] == [1, 3, 10, 12]
    assert said[0]["photos"][0]["path"].endswith("red.png")
    assert app.run(["find-for", str(document), *library]) == 0
    assert "no matches" in capsys.readouterr().out
    assert app.run(["find-for", str(tmp_path / "none.md"), *library]) == 1
    assert "Check the name" in capsys.readouterr().err
    document.write_bytes(b"\xff\xfe\x00")
    assert app.run(["find-for", str(document), *library]) == 1
    assert "UTF-8" in capsys.readouterr().err
