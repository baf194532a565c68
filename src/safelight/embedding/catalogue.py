"""The models installed on this machine. Cheap: no model is opened and torch is not imported."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from safelight import paths
from safelight.core.encoder import InputSpec
from safelight.core.errors import ModelError
from safelight.core.message import Message, translatable
from safelight.core.user_paths import is_file
from safelight.embedding.config import CONFIG_NAME, WEIGHTS_NAME, declared_input_spec, read_dim

STARTER = "starter"
_CARDS = ("model_card.md", "README.md")
_LICENCE = re.compile(r"^license:[ \t]*['\"]?([^'\"\r\n#]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model that can be loaded."""

    name: str
    """Used in commands and in the key of its vectors; unique among the installed models."""
    title: str
    """The name that is displayed."""
    source: Path
    """The folder with its configuration and weights."""
    licence: str
    """SPDX identifier from its card, or empty."""
    dim: int
    """Length of its vectors."""
    size_bytes: int
    """The size of the weights file."""
    input_spec: InputSpec
    """How pictures are prepared for it."""
    note: str = ""
    """One line that says what it is for."""

    @property
    def weights(self) -> Path:
        return self.source / WEIGHTS_NAME


def installed(models_dir: Path) -> list[ModelSpec]:
    """The built-in starter, then every usable model folder in ``models_dir``, sorted by name.

    Folders that cannot be used are omitted; :func:`find` gives the reason. A folder called ``starter`` is
    omitted too, since that name belongs to the built-in model.
    """
    specs = []
    for folder in (_starter_folder(), *_folders(models_dir)):
        try:
            specs.append(describe(folder))
        except ModelError:
            continue
    return specs


def find(name: str, models_dir: Path) -> ModelSpec:
    """The installed model called ``name``. Raises ModelError if there is none, or it cannot be used."""
    if name == STARTER:
        return describe(_starter_folder())
    for folder in _folders(models_dir):
        if folder.name == name:
            return describe(folder)
    names = ", ".join(spec.name for spec in installed(models_dir)) or Message("none")
    raise ModelError("No model called “{name}” is installed. Installed: {names}.", name=name, names=names)


def default(models_dir: Path) -> ModelSpec:
    """The built-in model, which is used if no other is named."""
    return find(STARTER, models_dir)


def _starter_folder() -> Path:
    try:
        return paths.resources_dir() / "models" / STARTER
    except FileNotFoundError as error:
        raise ModelError("{reason}", reason=error) from error


def _folders(models_dir: Path) -> list[Path]:
    try:
        entries = sorted(models_dir.iterdir())
    except FileNotFoundError:
        return []  # nothing has been installed
    except OSError as error:
        raise ModelError(
            "The models folder {folder} cannot be read ({reason}).",
            folder=models_dir,
            reason=error.strerror,
        ) from error
    return [entry for entry in entries if entry.name != STARTER and is_file(entry / CONFIG_NAME)]


def describe(folder: Path) -> ModelSpec:
    """The model in ``folder``, which has the folder's name. Raises ModelError if it cannot be used."""
    dim = read_dim(folder)
    weights = folder / WEIGHTS_NAME
    try:
        size = weights.stat().st_size
    except OSError as error:
        raise ModelError(
            "The model “{name}” has no {weights_name} in {folder}. Other formats are not loaded, because "
            "they can contain code. Install it again.",
            name=folder.name,
            weights_name=WEIGHTS_NAME,
            folder=folder,
        ) from error
    built_in = folder == _starter_folder()
    return ModelSpec(
        name=folder.name,
        title="Starter (built in)" if built_in else folder.name,
        source=folder,
        licence=_licence(folder),
        dim=dim,
        size_bytes=size,
        input_spec=declared_input_spec(folder),
        note=translatable("Small and fast on any machine; a larger model understands more.")
        if built_in
        else "",
    )


def _licence(folder: Path) -> str:
    """The ``license:`` field in the front matter of the model's card."""
    for card in _CARDS:
        try:
            text = (folder / card).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        front = text.split("\n---", 1)[0] if text.startswith("---") else ""
        if match := _LICENCE.search(front):
            return match.group(1).strip()
    return ""
