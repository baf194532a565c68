"""How large a picture may be is the person's to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from safelight.core.errors import FailureKind, UsageError
from safelight.core.settings import MAX_MEGAPIXELS
from safelight.services import settings
from safelight.services.indexing.decode_worker import Limits
from safelight.services.indexing.decoding import DecodePool
from safelight.services.library import Library
from safelight.store import files
from safelight.store.library import LibraryStore
from support.pictures import encoded, scene
from support.reliable import add_root, index, opened


@pytest.mark.slow
def test_a_larger_limit_has_what_was_refused_read_again(tmp_path: Path) -> None:
    root = tmp_path / "Pictures"
    root.mkdir()
    (root / "large.png").write_bytes(encoded(scene(1200, 1000), "PNG"))
    (root / "broken.png").write_bytes(b"\x89PNG")
    with (
        DecodePool(1, Limits(pixels=1_000_000)) as pool,
        opened(tmp_path / "library", pool=pool) as library,
    ):
        add_root(library, root)
        assert index(library).failed == 2
    with LibraryStore.create_or_open(tmp_path / "library") as store:
        assert settings.change(store, "max-megapixels", "2")[MAX_MEGAPIXELS] == 2
        with store.read() as db:
            assert [failure.kind for failure in files.failures(db)] == [FailureKind.BROKEN]
            assert len(files.pending_ids(db)) == 1
        for nonsense in ("0", "-1", "many", "99999", ""):
            with pytest.raises(UsageError, match="from 1 to 4000"):
                settings.change(store, "max-megapixels", nonsense)
    with opened(tmp_path / "library") as library:
        assert index(library).failed == 1


@pytest.mark.slow
def test_the_limit_is_what_files_are_decoded_under(tmp_path: Path) -> None:
    """Refused before a pixel is unpacked; the message gives the size."""
    with LibraryStore.create_or_open(tmp_path / "library") as store:
        settings.change(store, "max-megapixels", "1")
    picture = encoded(scene(1200, 1000), "PNG")
    with Library.open(tmp_path / "library", tmp_path / "models") as library:
        with pytest.raises(Exception, match="1200 × 1000"):
            library.pool.load(picture).result(60)
        assert library.pool.load(encoded(scene(), "PNG")).result(60)[0].shape == (240, 320, 3)
