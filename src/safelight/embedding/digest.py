"""The identity of a model's weights. No torch here, because importing it takes two seconds."""

from __future__ import annotations

import hashlib
import re

from safelight.core.errors import ModelError
from safelight.core.message import Message
from safelight.embedding.catalogue import ModelSpec

_SHA256 = re.compile("[0-9a-f]{64}")


def key_of(spec: ModelSpec) -> str:
    """The key of this model's vectors: its name and the first digits of its weights' digest. Raises
    ModelError.

    The digest is the one recorded beside the weights, if there is one: reading all weights takes 40 ms for
    the built-in model and a second for a large one, and many commands that open a library use no model.
    What loads the weights calls :func:`verified_key_of` or :func:`verify`.
    """
    recorded = _recorded_digest(spec)
    if recorded is None or not _SHA256.fullmatch(recorded):
        return verified_key_of(spec)
    return _key(spec, recorded)


def verified_key_of(spec: ModelSpec) -> str:
    """The same key, after reading the weights. Raises ModelError, also where they are not those recorded."""
    return _key(spec, digest_of(spec))


def verify(spec: ModelSpec) -> None:
    """Raise ModelError if the weights are not those of the digest recorded beside them, if there is one."""
    if _recorded_digest(spec) is not None:
        digest_of(spec)


def digest_of(spec: ModelSpec) -> str:
    """SHA-256 of the weights file, in hex.

    If there is a checksum beside the weights (``….safetensors.sha256``, in the format of sha256sum), it must
    agree: nothing else detects flipped bytes in a safetensors file.
    """
    try:
        with spec.weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(spec, error) from error
    if _recorded_digest(spec) not in (None, found):
        raise ModelError(
            "{path} was changed since it was installed; install the model again.", path=spec.weights
        )
    return found


def _key(spec: ModelSpec, digest: str) -> str:
    return f"{spec.name}@{digest[:8]}"


def _recorded_digest(spec: ModelSpec) -> str | None:
    """The digest beside the weights, as it is written there; None without one. Raises ModelError."""
    recorded = spec.weights.with_name(spec.weights.name + ".sha256")
    try:
        return "".join(recorded.read_text(encoding="ascii").split()[:1]) if recorded.exists() else None
    except (OSError, ValueError) as error:
        raise _unreadable(spec, error) from error


def _unreadable(spec: ModelSpec, error: Exception) -> ModelError:
    return ModelError(
        "{path} cannot be read ({reason}); install the model again.",
        path=spec.weights,
        reason=getattr(error, "strerror", None) or Message("not text"),
    )
