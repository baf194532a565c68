"""Each case in a process of its own, with a small package that fails as the real one does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import safelight

# Registers a shape function for an operator that compiled code would have declared, as torchvision does.
NEEDS_OPERATORS = """
import torch
torch.library.register_fake("torchvision::nms")(lambda dets, scores, threshold: dets)
from torchvision import part
"""


def _import(tmp_path: Path, package: str, then: str = "") -> subprocess.CompletedProcess[str]:
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text(package)
    (tmp_path / "torchvision" / "part.py").write_text("")
    source = Path(safelight.__file__).parents[1]
    program = (
        "import sys\n"
        "from safelight.embedding.torchvision_fix import import_torchvision\n"
        "import_torchvision(); import_torchvision()\n" + then
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(source)])},
    )


@pytest.mark.slow
def test_missing_operators_are_declared(tmp_path: Path) -> None:
    run = _import(
        tmp_path,
        NEEDS_OPERATORS,
        "import gc, torch; gc.collect()\n"
        "print(torch.ops.torchvision.nms.default._schema, torch.ops.torchvision.qnms.default._schema)\n"
        "print('torchvision.part' in sys.modules)",
    )
    assert run.returncode == 0, run.stderr
    assert "torchvision::nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor" in run.stdout
    assert "torchvision::qnms(" in run.stdout
    assert run.stdout.endswith("True\n")


def test_a_torchvision_that_works_is_left_alone(tmp_path: Path) -> None:
    run = _import(tmp_path, "", "print('torch' in sys.modules)")
    assert (run.returncode, run.stdout) == (0, "False\n"), run.stderr


@pytest.mark.parametrize("error", ["RuntimeError('no disk')", "ImportError('no such file')"])
def test_any_other_failure_is_reported_as_it_is(tmp_path: Path, error: str) -> None:
    # A second attempt would succeed: only the known failure is to be tried again.
    once = f"import sys\nif not hasattr(sys, 'tried'):\n    sys.tried = True\n    raise {error}"
    run = _import(tmp_path, once)
    assert run.returncode == 1
    assert run.stderr.strip().endswith(error.replace("('", ": ").replace("')", ""))
