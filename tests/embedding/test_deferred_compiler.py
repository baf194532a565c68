"""Each case in a process of its own, since a module is imported once."""

from __future__ import annotations

import subprocess
import sys

import pytest

_LOAD = """
import sys
from pathlib import Path
from safelight.embedding.catalogue import default
from safelight.embedding.load import load_encoder
encoder = load_encoder(default(Path("nowhere")), "cpu", threads=1)
"""
_INSIDE = """
import sys
from safelight.embedding.deferred_compiler import deferred_compiler
with deferred_compiler():
    import torch
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.model
def test_a_model_is_loaded_without_the_compiler_which_can_be_had_afterwards() -> None:
    done = run(
        _LOAD + "assert not [name for name in sys.modules if name.startswith('torch._dynamo')]\n"
        "assert 'sympy' not in sys.modules\n"
        "import torch._dynamo.utils\n"
        "assert torch._dynamo.utils.is_compile_supported.__module__ == 'torch._dynamo.utils'\n"
        "assert torch._dynamo.__file__\n"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "use",
    [
        "    assert torch._dynamo.config.verbose in (True, False)\n",
        "    from torch._dynamo.utils import counters\n",
        "    import torch._dynamo\n    torch._dynamo.reset()\n",
        "    from torch._dynamo.utils import is_compile_supported\n    is_compile_supported('cpu')\n",
    ],
)
def test_what_is_used_of_it_is_the_real_thing(use: str) -> None:
    done = run(
        _INSIDE + use + "assert sys.modules['torch._dynamo'].__file__\nassert torch._dynamo.__file__\n"
    )
    assert done.returncode == 0, done.stderr


def test_a_mark_that_nothing_is_compiled_loads_nothing() -> None:
    done = run(
        _INSIDE + "    @torch.compiler.disable\n    def plain(): return 3\n"
        "    @torch.compiler.disable(recursive=False)\n    def other(): return 4\n"
        "assert (plain(), other()) == (3, 4)\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    assert done.returncode == 0, done.stderr


def test_a_compiler_that_is_there_already_is_left_alone() -> None:
    done = run("import torch._dynamo\nreal = torch._dynamo\n" + _INSIDE + "assert torch._dynamo is real\n")
    assert done.returncode == 0, done.stderr
