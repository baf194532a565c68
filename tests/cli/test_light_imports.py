"""What a face of the program must not load before it needs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def loaded_by(statement: str) -> set[str]:
    program = f"import sys\n{statement}\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


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
        ("import safelight.app", {"torch", "PySide6", "apsw", "PIL", "numpy"}),
    ],
)
def test_heavy_libraries_stay_out(statement: str, absent: set[str]) -> None:
    assert not loaded_by(statement) & absent
