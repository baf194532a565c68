"""Proves that a file to keep contains all of a duplicate, before the duplicate may go to the trash."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.core.duplicates import DuplicateKind
from safelight.core.errors import ImageError
from safelight.imaging.formats import RAW, extension_of
from safelight.imaging.full_comparison import full_pixel_hash
from safelight.imaging.further_frames import FurtherFrames, further_frames
from safelight.imaging.resaved import difference_of_files
from safelight.imaging.source import read_file
from safelight.services.review.verifying import CannotTrashError, VerifiedFile


def _is_raw(file: VerifiedFile) -> bool:
    return extension_of(file.path) in RAW.extensions


class PixelProof:
    """Compares the files of one group at full size. Decodes each file to keep once."""

    def __init__(self, kind: DuplicateKind) -> None:
        self._kind = kind
        self._hashes: dict[bytes, bytes] = {}
        self._further: dict[bytes, FurtherFrames] = {}

    def sufficient_keepers(self, file: VerifiedFile, keepers: Sequence[VerifiedFile]) -> list[VerifiedFile]:
        """The keepers that contain all of ``file``. Raises CannotTrashError if none does.

        What is compared depends on the kind of the group: bytes, pixels, or pixels with a tolerance. Bursts,
        crops and similar photos are not compared, because the user has compared the pictures.
        """
        if self._kind is DuplicateKind.IDENTICAL:
            found = [keeper for keeper in keepers if keeper.content_hash == file.content_hash]
            if not found:
                raise CannotTrashError("the file to keep is not identical")
            return found
        if self._kind is DuplicateKind.SAME_PICTURE:
            pixels = self._hash(file)
            found = [keeper for keeper in keepers if self._hash(keeper) == pixels]
            if not found:
                raise CannotTrashError("at full size its pixels differ from those of the file to keep")
            return found
        if self._kind is DuplicateKind.RESAVED:
            return self._resaved(file, keepers)
        return list(keepers)

    def _resaved(self, file: VerifiedFile, keepers: Sequence[VerifiedFile]) -> list[VerifiedFile]:
        frames = self._frames(file)
        found, refusal = [], CannotTrashError("no file to keep was named")
        for keeper in keepers:
            if _is_raw(file) and not _is_raw(keeper):
                refusal = CannotTrashError("a RAW holds more than a picture made from it")
                continue
            if frames.count and self._frames(keeper).digest != frames.digest:
                refusal = CannotTrashError(
                    "it has further frames, pages or layers that the file to keep lacks"
                )
                continue
            try:
                difference = difference_of_files(keeper.path, file.path)
            except ImageError as error:
                raise CannotTrashError("it cannot be compared at full size: {error}", error=error) from error
            if difference is None or self._hash(keeper) == self._hash(file):
                found.append(keeper)
            else:
                refusal = CannotTrashError(
                    "it differs from the file to keep ({place})", place=difference.place
                )
        if not found:
            raise refusal
        return found

    def _frames(self, file: VerifiedFile) -> FurtherFrames:
        if file.path not in self._further:
            try:
                self._further[file.path] = further_frames(read_file(file.path), extension_of(file.path))
            except ImageError as error:
                raise CannotTrashError("it cannot be compared at full size: {error}", error=error) from error
        return self._further[file.path]

    def _hash(self, file: VerifiedFile) -> bytes:
        if file.path not in self._hashes:
            try:
                self._hashes[file.path] = full_pixel_hash(file.path)
            except ImageError as error:
                raise CannotTrashError("it cannot be compared at full size: {error}", error=error) from error
        return self._hashes[file.path]
