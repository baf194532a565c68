"""The identity of a model's weights. No torch here, because importing it takes two seconds."""

from __future__ import annotations

import hashlib

from safelight.core.errors import ModelError
from safelight.core.message import Message
from safelight.embedding.catalogue import ModelSpec


def key_of(spec: ModelSpec) -> str:
    """The key of this model's vectors: its name and the first digits of its weights' digest. Raises
    ModelError.
    """
    return f"{spec.name}@{digest_of(spec)[:8]}"


def digest_of(spec: ModelSpec) -> str:
    """SHA-256 of the weights file, in hex.

    If there is a checksum beside the weights (``….safetensors.sha256``, in the format of sha256sum), it must
    agree: nothing else detects flipped bytes in a safetensors file.
    """
    recorded = spec.weights.with_name(spec.weights.name + ".sha256")
    try:
        with spec.weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        expected = recorded.read_text(encoding="ascii").split()[:1] if recorded.exists() else [found]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or Message("not text")
        raise ModelError(
            "{path} cannot be read ({reason}); install the model again.",
            path=spec.weights,
            reason=reason,
        ) from error
    if expected != [found]:
        raise ModelError(
            "{path} was changed since it was installed; install the model again.", path=spec.weights
        )
    return found
