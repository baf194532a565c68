"""Hashes found by near values in a band, and hashes of turned pictures."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from safelight.core.hamming import RADIUS, Codes, HashIndex, HashScan, codes_of, hash_search_for, orientations
from safelight.imaging.fingerprint import fingerprint
from support.likenesses import photograph


def random_codes(seed: int, count: int) -> Codes:
    return np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64)


def flipped(code: np.uint64, bits: list[int]) -> np.uint64:
    for bit in bits:
        code ^= np.uint64(1 << bit)
    return code


def test_all_within_the_radius_are_found_and_none_beyond() -> None:
    rng = np.random.default_rng(1)
    codes = random_codes(0, 3000)
    for place in range(200):  # neighbours at every distance, their bits anywhere
        bits = rng.permutation(64)[: place % 12].tolist()
        codes[1000 + place] = flipped(codes[place], bits)
    queries, found, bits = HashIndex(codes).near(codes[:500], most=100)
    truth = np.bitwise_count(codes[:500, np.newaxis] ^ codes[np.newaxis, :])
    assert set(zip(queries.tolist(), found.tolist(), strict=True)) == set(
        zip(*(each.tolist() for each in np.nonzero(truth <= RADIUS)), strict=True)
    )
    assert (bits == truth[queries, found]).all()


def test_of_many_the_nearest_are_kept() -> None:
    code = np.uint64(0x0123456789ABCDEF)
    codes = np.array([flipped(code, list(range(count))) for count in range(8)], np.uint64)
    _, found, bits = HashIndex(codes).near(codes[:1], most=3)
    assert found.tolist() == [0, 1, 2]
    assert bits.tolist() == [0, 1, 2]


def test_comparing_with_all_finds_what_the_index_does() -> None:
    codes = random_codes(0, 3000)
    for place in range(300):
        codes[1000 + place] = flipped(codes[place % 40], list(range(place % 9)))
    assert isinstance(hash_search_for(codes, 40), HashScan)
    assert isinstance(hash_search_for(codes, 3000), HashIndex)
    scanned = HashScan(codes).near(codes[:40], most=5)
    looked_up = HashIndex(codes).near(codes[:40], most=5)
    assert len(scanned[0]) > 100
    for place in range(3):
        assert scanned[place].tolist() == looked_up[place].tolist()
    assert all(len(each) == 0 for each in HashScan(codes[:0]).near(codes[:3], 5))


def test_nothing_is_found_among_nothing() -> None:
    empty = np.empty(0, np.uint64)
    assert all(len(each) == 0 for each in HashIndex(empty).near(random_codes(0, 5), 10))
    assert all(len(each) == 0 for each in HashIndex(random_codes(0, 5)).near(empty, 10))


def jpeg(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


@pytest.mark.parametrize("orientation", range(8))
def test_the_hash_of_a_turned_picture_follows_from_the_picture_s_own(orientation: int) -> None:
    image = photograph(3, (384, 384))
    pixels = np.asarray(image)
    if orientation & 4:
        pixels = pixels.transpose(1, 0, 2)
    if orientation & 2:
        pixels = pixels[::-1]
    if orientation & 1:
        pixels = pixels[:, ::-1]
    turned = codes_of([fingerprint(jpeg(Image.fromarray(np.ascontiguousarray(pixels)))).hash])
    own = orientations(codes_of([fingerprint(jpeg(image)).hash]))[0]
    bits = np.bitwise_count(own ^ turned[0])
    assert bits[orientation] <= 3
    assert int(bits.argmin()) == orientation
