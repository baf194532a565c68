"""What a face of the program must not load before it needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from safelight.engine.local_socket import LocalSocket

pytestmark = pytest.mark.slow

_HEAVY = {"PySide6", "torch", "open_clip", "timm", "numpy", "apsw", "PIL", "simsimd"}


def after(program: str, *arguments: str) -> tuple[str, set[str]]:
    """What a program prints, and the modules that it has loaded at its end."""
    command = [
        sys.executable,
        "-c",
        f"{program}\nimport sys\nprint('\\n' + ' '.join(sys.modules))",
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *output, modules = done.stdout.splitlines()
    return "\n".join(output), set(modules.split())


def libraries(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import safelight.cli.indexing", {"torch", "open_clip", "PySide6", "timm"}),
        ("import safelight.engine.server", {"torch", "open_clip", "PySide6", "timm"}),
        (
            "import safelight.services.indexing.decode_worker, safelight.imaging.read",
            {"torch", "PySide6", "apsw"},
        ),
        ("import safelight.engine.client", {"torch", "PySide6", "apsw", "PIL", "simsimd"}),
        ("import safelight.engine.editor", {"torch", "PySide6", "PIL", "simsimd"}),
        ("import safelight.app", _HEAVY),
    ],
)
def test_heavy_libraries_stay_out(statement: str, absent: set[str]) -> None:
    _, modules = after(statement)
    assert not libraries(modules) & absent


@pytest.mark.parametrize(
    ("query", "answer", "printed"),
    [
        (["dog"], {"photos": [{"path": "/dog.jpg", "score": 0.3, "band": "strong"}]}, "/dog.jpg"),
        (["dog", "--json"], {"photos": [{"path": "/dog.jpg", "score": 0.3, "band": "strong"}]}, "/dog.jpg"),
        (["dog", "--count"], {"count": 3.0, "low": 2.0, "high": 5.0, "photos": 70}, "about 3 of 70"),
    ],
)
def test_a_search_that_an_engine_answers_loads_nothing_heavy(
    tmp_path: Path, query: list[str], answer: dict[str, object], printed: str
) -> None:
    asked = []

    def answered(request: dict[str, object]) -> dict[str, object]:
        asked.append(request)
        return answer if request["ask"] == "count" else {"notice": "", "unknown_words": [], **answer}

    listening = LocalSocket(tmp_path, answered)
    listening.start()
    try:
        arguments = ["--library", str(tmp_path), "search", *query]
        output, loaded = after(
            "import sys\nfrom safelight.app import run\nassert run(sys.argv[1:]) == 0", *arguments
        )
    finally:
        listening.close()
    assert printed in output
    assert len(asked) == 1
    assert not libraries(loaded) & _HEAVY
    # Modules of many dataclasses, which take milliseconds each.
    own = {name for name in loaded if name.startswith("safelight.")}
    assert not {name for name in own if name.startswith(("safelight.store", "safelight.services"))}
    assert not own & {"safelight.core.operations", "safelight.core.query", "safelight.api"}
    assert {name for name in own if name.startswith("safelight.cli.declarations.")} == {
        f"safelight.cli.declarations.{name}" for name in ("command", "search", "window")
    }
