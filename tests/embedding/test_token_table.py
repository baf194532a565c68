"""8-bit token vectors are read as torch reads them, without torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from safelight.embedding.token_table import TokenTable


def table(path: Path, values: torch.Tensor) -> TokenTable:
    save_file({"first": torch.ones(3), "table": values, "last": torch.ones(5, dtype=torch.float16)}, path)
    return TokenTable(path, safe_open(path, "np"), "table")


def test_every_8_bit_number_comes_out_as_torch_has_it(tmp_path: Path) -> None:
    codes = torch.arange(256, dtype=torch.uint8).reshape(32, 8).view(torch.float8_e4m3fn)
    found = table(tmp_path / "w.safetensors", codes)
    assert found.shape == (32, 8)
    rows = [31, 0, 7, 7]
    np.testing.assert_array_equal(found.rows(rows), codes.float().numpy()[rows])


@pytest.mark.parametrize("kind", [torch.float16, torch.float32])
def test_other_numbers_are_read_as_they_are(tmp_path: Path, kind: torch.dtype) -> None:
    values = torch.randn(10, 4, generator=torch.Generator().manual_seed(1)).to(kind)
    found = table(tmp_path / "w.safetensors", values).rows([9, 2])
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, values.float().numpy()[[9, 2]])
