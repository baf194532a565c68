"""An import from another program that a command passes on to a running engine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from safelight.core.migration import ImportedAlbum, ImportFromProgram
from safelight.core.photo import FaceRegion
from safelight.engine.import_request import import_json, read_import

OPERATION = ImportFromProgram(
    "Apple Photos",
    values=(("rating", ((1, 4), (2, -1))), ("title", ((1, "Wien"),))),
    tags=(("places/Wien", (1, 2)),),
    albums=(ImportedAlbum(("Trips", "Italy"), (2, 1), 2), ImportedAlbum(("Best",), ())),
    dates=((1, "2019-05-12T10:15:00"),),
    places=((2, 48.2, 16),),
    stacks=((1, 2),),
    faces=((1, (FaceRegion("Anna", "Face", 0.1, 0.2, 0.3, 0.4), FaceRegion("", "Pet", 0, 0, 1, 1))),),
)


def test_everything_of_an_import_arrives() -> None:
    assert read_import(json.loads(json.dumps(import_json(OPERATION)))) == OPERATION


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("program", 7),
        ("values", [["nonsense", [[1, 2]]]]),
        ("values", [["rating", [["1", 2]]]]),
        ("values", [["rating", [[1, None]]]]),
        ("values", [["rating", [[2**63, 1]]]]),
        ("tags", [["dog", [True]]]),
        ("tags", [[None, [1]]]),
        ("albums", [[["Best"], [1]]]),
        ("albums", [[[1], [1], None]]),
        ("albums", [[["Best"], [1], "x"]]),
        ("dates", [[1, 2]]),
        ("places", [[1, "48", 16]]),
        ("stacks", [1]),
        ("stacks", None),
        ("faces", [[1, [["Anna", "Face", 0.1, 0.2, 0.3]]]]),
        ("faces", [[1, [["Anna", "Face", 0.1, 0.2, 0.3, "1"]]]]),
        ("faces", [[1, [[None, "Face", 0.1, 0.2, 0.3, 0.4]]]]),
        ("faces", [["1", []]]),
    ],
)
def test_what_no_command_writes_is_refused(field: str, value: Any) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        read_import({**json.loads(json.dumps(import_json(OPERATION))), field: value})
