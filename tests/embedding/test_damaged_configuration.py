"""A model whose configuration is damaged is left out and named, and the others continue to work."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from safelight import paths
from safelight.core.errors import ModelError
from safelight.embedding import catalogue
from safelight.embedding.config import CONFIG_NAME, WEIGHTS_NAME


def configuration(**changes: Any) -> str:
    config = json.loads((paths.resources_dir() / "models" / "starter" / CONFIG_NAME).read_text())
    for part, values in changes.items():
        config[part] |= values
    return json.dumps(config)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"model_cfg":' * 50_000,
        configuration(preprocess_cfg={"mean": 10**400}),
        configuration(preprocess_cfg={"mean": [0.5, 10**400, 0.5]}),
        configuration(preprocess_cfg={"std": float("inf")}),
        configuration(model_cfg={"embed_dim": "512"}),
        "",
    ],
    ids=["deep list", "deep object", "huge mean", "one huge mean", "infinite", "text", "empty"],
)
def test_it_costs_only_itself(tmp_path: Path, text: str) -> None:
    """Nesting raised RecursionError, and a number of 400 digits OverflowError, also for other models."""
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copyfile(paths.resources_dir() / "models" / "starter" / WEIGHTS_NAME, folder / WEIGHTS_NAME)
    (folder / CONFIG_NAME).write_text(text)
    assert [spec.name for spec in catalogue.installed(tmp_path)] == ["starter"]
    with pytest.raises(ModelError):
        catalogue.find("mine", tmp_path)
