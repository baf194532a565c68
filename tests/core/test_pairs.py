from __future__ import annotations

import pytest

from safelight.core.pairs import Pair, PairKind, ShotFile, find_pairs, related_stems

KINDS = {"cr2": "RAW", "jpg": "JPEG", "heic": "HEIC", "mov": "MOV", "mp": "MP4", "png": "PNG", "aae": ""}

UUID = "9CD04458-A18F-4F92-8361-0AE85A72FAFF"


def shots(*names: str, seconds: float = 3.0) -> list[ShotFile]:
    found = []
    for number, name in enumerate(names, 1):
        form = KINDS[name.rpartition(".")[2].lower()]
        found.append(ShotFile(number, name, form, seconds if form in ("MOV", "MP4") else None))
    return found


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (("a.cr2", "a.jpg"), [Pair(2, 1, PairKind.RAW)]),
        (("a.jpg", "a.CR2"), [Pair(1, 2, PairKind.RAW)]),
        (("a.heic", "a.mov"), [Pair(2, 1, PairKind.LIVE)]),
        (("PXL_1.MP.jpg", "PXL_1.MP"), [Pair(2, 1, PairKind.LIVE)]),
        (("IMG_1234.heic", "IMG_E1234.jpg"), [Pair(1, 2, PairKind.EDITED)]),
        (("a.heic", "a.jpg"), [Pair(1, 2, PairKind.EDITED)]),
        # The video of the original belongs to the edited picture, and all of a shot to the RAW.
        (
            ("IMG_1234.heic", "IMG_E1234.jpg", "IMG_1234.mov"),
            [Pair(1, 2, PairKind.EDITED), Pair(3, 2, PairKind.LIVE)],
        ),
        (("a.cr2", "a.jpg", "a.mov"), [Pair(2, 1, PairKind.RAW), Pair(3, 1, PairKind.LIVE)]),
        ((f"{UUID}.heic", f"{UUID}_3.mov"), [Pair(2, 1, PairKind.LIVE)]),
        ((f"{UUID}.heic", f"{UUID}_4.mov"), []),
        ((f"{UUID}.jpg", f"{UUID}_3.cr2"), []),
        ((f"{UUID}.jpg", f"{UUID}_4.cr2"), [Pair(1, 2, PairKind.RAW)]),
        ((f"{UUID}_4.jpg", f"{UUID}.cr2"), [Pair(1, 2, PairKind.RAW)]),
        # Photos keeps the video of a Live Photo beside both.
        (
            (f"{UUID}.heic", f"{UUID}_4.cr2", f"{UUID}_3.mov"),
            [Pair(1, 2, PairKind.RAW), Pair(3, 2, PairKind.LIVE)],
        ),
        ((f"{UUID}.jpg", f"{UUID.replace('9', '8')}_4.cr2"), []),
        (("a.jpg", "a_4.cr2"), []),
        (("a.heic", "a_3.mov"), []),
        (("a.jpg", "b.mov"), []),
        (("a.jpg", "a.png"), []),
        (("a.mov",), []),
        (("a.cr2",), []),
    ],
)
def test_pairs_by_name_and_format(names: tuple[str, ...], pairs: list[Pair]) -> None:
    assert find_pairs(shots(*names)) == pairs


def test_a_long_video_is_not_the_half_of_a_picture() -> None:
    assert find_pairs(shots("a.jpg", "a.mov", seconds=30.0)) == []


def test_related_stems_lead_to_each_other() -> None:
    assert "IMG_E1234" in related_stems("IMG_1234")
    assert "IMG_1234" in related_stems("IMG_E1234")
    assert "PXL_1.MP" in related_stems("PXL_1")
    everything = {UUID, f"{UUID}_3", f"{UUID}_4"}
    assert all(everything <= set(related_stems(each)) for each in everything)
    assert "PXL_1" in related_stems("PXL_1.MP")
