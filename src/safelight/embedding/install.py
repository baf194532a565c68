"""Installs models: downloads or copies them, verifies them, and only then moves them into place."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from safelight.core.errors import ModelError, NoSpaceError
from safelight.core.jobs import JobControl
from safelight.core.user_paths import expanded, is_file, is_folder
from safelight.embedding import catalogue, hub
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.config import CONFIG_NAME, WEIGHTS_NAME, read_dim
from safelight.embedding.offers import Offer

_PARTIAL = ".partial"
"""Folder for incomplete models, within the models folder so that the last step is a rename."""
_CARD = "README.md"
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
_CHUNK = 1 << 20
_LOCAL = "local-dir:"
_RESERVED_BYTES = 64 << 20
"""Bytes to leave free on the disk."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Progress of a download or a copy."""

    done: int
    """Bytes."""
    total: int


Advanced = Callable[[Transfer], None]
Proof = Callable[[ModelSpec], None]
"""Raises ModelError unless a model loads and works, like :func:`safelight.embedding.load.prove`."""


def download(
    offer: Offer, models_dir: Path, proof: Proof, control: JobControl, advanced: Advanced = lambda _: None
) -> ModelSpec:
    """Download a model, verify it, and install it under its name.

    If it is interrupted, by :meth:`JobControl.cancel` (CancelledError), a kill or the network, the next call
    resumes it. Raises ModelError, NoSpaceError.
    """
    if hub.offline():
        raise ModelError("Downloads are switched off (HF_HUB_OFFLINE). Installed models continue to work.")
    _refuse_starter(offer.name)
    folder = models_dir / _PARTIAL / offer.name
    with _disk(models_dir):
        folder.mkdir(parents=True, exist_ok=True)
        weights = _describe_file(offer, offer.revision, WEIGHTS_NAME)
        revision = weights.commit or offer.revision
        expected = offer.sha256 or weights.sha256
        if expected is None:
            raise ModelError(
                "The hub has no checksum for {title}, so the download cannot be verified.", title=offer.title
            )
        _begin(folder, {"revision": revision, "sha256": expected, "repo": offer.repo})
        _small_files(offer, revision, folder)
        read_dim(folder)
        size = weights.size or offer.size_bytes or 0
        _need_space(models_dir, size - _length(folder / WEIGHTS_NAME))
        for attempt in ("resumed", "fresh"):

            def pieces(length: int) -> None:
                control.checkpoint()
                advanced(Transfer(length, max(size, length)))

            fresh = attempt == "fresh" or _length(folder / WEIGHTS_NAME) == 0
            hub.fetch(weights, folder / WEIGHTS_NAME, pieces)
            found = _digest(folder / WEIGHTS_NAME, control)
            if found == expected:
                break
            # The part from an earlier attempt may be damaged, so try once more from the beginning.
            (folder / WEIGHTS_NAME).unlink()
            if fresh:
                raise ModelError(
                    "The download of {title} is damaged (its checksum differs), so it was deleted. Try "
                    "again, or use another network.",
                    title=offer.title,
                )
        _write_digest(folder, expected)
        return _put_in_place(folder, models_dir, offer.name, proof)


def import_folder(
    source: Path,
    models_dir: Path,
    proof: Proof,
    control: JobControl,
    *,
    name: str | None = None,
    advanced: Advanced = lambda _: None,
) -> ModelSpec:
    """Install a copy of the folder ``source`` with ``open_clip_config.json`` and
    ``open_clip_model.safetensors``; ``source`` may also be one of these files.

    Raises ModelError, NoSpaceError, CancelledError. The source is only read.
    """
    source = _folder_of(source)
    if not is_folder(source):
        raise ModelError(
            "{source} is not a folder. Choose the folder that contains {config_name} and {weights_name}.",
            source=source,
            config_name=CONFIG_NAME,
            weights_name=WEIGHTS_NAME,
        )
    name = name or name_of(source)
    _refuse_starter(name)
    read_dim(source)
    if not is_file(source / WEIGHTS_NAME):
        raise ModelError(
            "{source} contains no {weights_name}. Other formats are not read, because they can contain code.",
            source=source,
            weights_name=WEIGHTS_NAME,
        )
    folder = models_dir / _PARTIAL / name
    with _disk(models_dir):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        size = (source / WEIGHTS_NAME).stat().st_size
        _need_space(models_dir, size)
        for entry in (CONFIG_NAME, _CARD, "model_card.md", *_TOKENIZER, f"{WEIGHTS_NAME}.sha256"):
            if (source / entry).is_file():
                shutil.copyfile(source / entry, folder / entry)
        digest = hashlib.sha256()
        done = 0
        with (source / WEIGHTS_NAME).open("rb") as read, (folder / WEIGHTS_NAME).open("wb") as write:
            while piece := read.read(_CHUNK):
                control.checkpoint()
                write.write(piece)
                digest.update(piece)
                done += len(piece)
                advanced(Transfer(done, max(size, done)))
        if not (folder / f"{WEIGHTS_NAME}.sha256").exists():
            _write_digest(folder, digest.hexdigest())
        return _put_in_place(folder, models_dir, name, proof)


def name_of(source: Path) -> str:
    """The default name of an imported folder (or of the folder of an imported file)."""
    return _folder_of(source).resolve().name.lower()


def _folder_of(source: Path) -> Path:
    """Accepts open_clip's prefix ``local-dir:``, and either of a model's two files for their folder."""
    text = str(source)
    if text.startswith(_LOCAL):
        source = expanded(text.removeprefix(_LOCAL))
    return source.parent if source.name in (CONFIG_NAME, WEIGHTS_NAME) and is_file(source) else source


def delete(name: str, models_dir: Path) -> int:
    """Delete an installed model; returns the number of bytes freed. Raises ModelError."""
    _refuse_starter(name)
    spec = catalogue.find(name, models_dir)
    try:
        size = sum(entry.stat().st_size for entry in spec.source.rglob("*") if entry.is_file())
        shutil.rmtree(spec.source)
    except OSError as error:
        raise ModelError(
            "The model “{name}” cannot be deleted ({reason}): {source}",
            name=name,
            reason=error.strerror,
            source=spec.source,
        ) from error
    return size


def discard_partial(name: str, models_dir: Path) -> None:
    """Delete an unfinished download. Names that could refer to another folder are ignored."""
    if name and Path(name).name == name and name not in (".", ".."):
        shutil.rmtree(models_dir / _PARTIAL / name, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Partial:
    """An interrupted download."""

    name: str
    repo: str
    done: int
    """Bytes of the weights."""


def partials(models_dir: Path) -> list[Partial]:
    """Downloads that can be resumed."""
    found = []
    for note in sorted((models_dir / _PARTIAL).glob("*/download.json")):
        try:
            repo = json.loads(note.read_text("utf-8"))["repo"]
            done = _length(note.parent / WEIGHTS_NAME)
        except (OSError, ValueError, KeyError, TypeError):
            continue  # unusable; the next attempt starts again
        if done and isinstance(repo, str):
            found.append(Partial(note.parent.name, repo, done))
    return found


def _describe_file(offer: Offer, revision: str, name: str) -> hub.RemoteFile:
    remote = hub.describe(offer.repo, revision, name)
    if remote is None:
        raise ModelError(
            "{repo} has no {name} on the hub. Safelight loads models that open_clip exported as "
            "safetensors; choose another.",
            repo=offer.repo,
            name=name,
        )
    return remote


def _begin(folder: Path, wanted: dict[str, str]) -> None:
    """Start again if the partial download is of another version."""
    note = folder / "download.json"
    try:
        known = json.loads(note.read_text("utf-8"))
    except (OSError, ValueError):
        known = None
    if known != wanted:
        for entry in folder.iterdir():
            entry.unlink()
        note.write_text(json.dumps(wanted), "utf-8")


def _small_files(offer: Offer, revision: str, folder: Path) -> None:
    _small_file(_describe_file(offer, revision, CONFIG_NAME), folder / CONFIG_NAME)
    names = [_CARD]
    if "hf_tokenizer_name" in (folder / CONFIG_NAME).read_text("utf-8", errors="replace"):
        names += _TOKENIZER
    for name in names:
        remote = hub.describe(offer.repo, revision, name)
        if remote is not None:
            _small_file(remote, folder / name)


def _small_file(remote: hub.RemoteFile, target: Path) -> None:
    """Always downloaded completely: small files have no checksum that would detect a bad continuation."""
    target.unlink(missing_ok=True)
    hub.fetch(remote, target, lambda _: None)
    if remote.sha256 is not None and hashlib.sha256(target.read_bytes()).hexdigest() != remote.sha256:
        target.unlink()
        raise ModelError("{name} is damaged (its checksum differs); try again.", name=target.name)


def _put_in_place(folder: Path, models_dir: Path, name: str, proof: Proof) -> ModelSpec:
    (folder / "download.json").unlink(missing_ok=True)
    try:
        proof(catalogue.describe(folder))
    except ModelError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    final = models_dir / name
    if final.exists():
        replaced = models_dir / _PARTIAL / f"{name}.replaced"
        shutil.rmtree(replaced, ignore_errors=True)
        final.rename(replaced)
        folder.rename(final)
        shutil.rmtree(replaced, ignore_errors=True)
    else:
        folder.rename(final)
    return catalogue.find(name, models_dir)


def _digest(path: Path, control: JobControl) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            control.checkpoint()
            digest.update(piece)
    return digest.hexdigest()


def _write_digest(folder: Path, digest: str) -> None:
    (folder / f"{WEIGHTS_NAME}.sha256").write_text(f"{digest}  {WEIGHTS_NAME}\n", "ascii")


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _need_space(models_dir: Path, size: int) -> None:
    free = shutil.disk_usage(models_dir).free
    if size + _RESERVED_BYTES > free:
        raise NoSpaceError(
            "The model needs {needed:,.0f} MB and the disk has {free:,.0f} MB free at {folder}.",
            needed=size / 1e6,
            free=free / 1e6,
            folder=models_dir,
        )


def _refuse_starter(name: str) -> None:
    if name == catalogue.STARTER or os.sep in name or name.startswith("."):
        raise ModelError("The name “{name}” cannot be used for a model.", name=name)


@contextmanager
def _disk(models_dir: Path) -> Iterator[None]:
    """Translates errors of the disk into messages that say what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpaceError(
                "The disk is full: {folder}. Free some space and try again.", folder=models_dir
            ) from error
        raise ModelError(
            "The models folder {folder} cannot be written ({reason}).",
            folder=models_dir,
            reason=error.strerror or error,
        ) from error
