"""Makes the fingerprints by which photos are proposed as duplicates of each other."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.core.message import Message
from safelight.core.stages import CostClass, Input, StageDeclaration, StageFailure, Subset
from safelight.imaging.fingerprint import Fingerprint, fingerprint
from safelight.imaging.thumbnail import read_thumbnail
from safelight.services.stages.stage import Stage, StageItem
from safelight.store import likeness
from safelight.store.library import Connection

BLANK = Fingerprint(0, 0.0)
"""The fingerprint of a thumbnail that cannot be read. It is similar to no other."""


class FingerprintStage(Stage[Fingerprint]):
    """A hash and the amount of texture, from the thumbnail."""

    declaration = StageDeclaration(
        name="fingerprint",
        title=Message("Fingerprints for duplicates"),
        activity=Message("Making fingerprints"),
        version=2,  # 2: pairs are also compared tile by tile
        inputs=frozenset({Input.THUMBNAIL}),
        cost=CostClass.BACKGROUND,
        after=("thumbnail",),
        subset=Subset.PICTURES,  # one frame does not tell whether two videos are the same
    )

    def process(self, batch: Sequence[StageItem]) -> Sequence[Fingerprint | StageFailure]:
        return [fingerprint_of(item.thumbnail or b"") for item in batch]

    def store(self, db: Connection, results: Sequence[tuple[int, Fingerprint]]) -> None:
        found = [(photo_id, made.hash, made.texture) for photo_id, made in results]
        likeness.put_fingerprints(db, self.declaration.version, found)


def fingerprint_of(thumbnail: bytes) -> Fingerprint:
    """The fingerprint of an encoded thumbnail; :data:`BLANK` if it is damaged."""
    return read_thumbnail(thumbnail, fingerprint) or BLANK
