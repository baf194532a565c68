from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.duplicates import FileFacts
from safelight.core.file_names import collecting_folders, named_as_copy, named_by_sender
from safelight.core.keeper import DEFAULT_RULES, Candidate, KeeperRule, choose, rules_in_order

FACTS = FileFacts(2_000_000, 4000, 3000, "JPEG", "2020-05-06T07:08:09", True, "Canon EOS R6", 95, 400.0)


def candidate(path: str = "/p/IMG_1234.jpg", *, mtime_ns: int = 5, **facts: object) -> Candidate:
    return Candidate(path, replace(FACTS, **facts), mtime_ns, details=6)  # type: ignore[arg-type]


GOOD = candidate("/p/good.jpg")


@pytest.mark.parametrize(
    ("worse", "merit", "lack"),
    [
        (candidate(width=2000, height=1500), "more pixels (4000 × 3000)", "fewer pixels (2000 × 1500"),
        (candidate(camera=None), "closest to the camera original (JPEG)", "re-saved as JPEG"),
        (
            candidate("/p/a.webp", format="WEBP"),
            "closest to the camera original (JPEG)",
            "re-saved as WEBP",
        ),
        (candidate(jpeg_quality=60), "less compressed", "more compressed (JPEG quality about 60, not 95)"),
        (replace(GOOD, path="/p/x.jpg", details=2), "has more camera", "has less camera"),
        (candidate(sharpness=100.0), "sharper", "less sharp"),
        (candidate("/p/Downloads/IMG_1234.jpg"), "in a better folder", "in “Downloads”"),
        (candidate("/p/IMG_1234 (1).jpg"), "original file name", "named like a copy"),
        (candidate("/p/IMG-20200506-WA0004.jpg"), "original file name", "named by a program"),
        (candidate(size=1_999_000), "larger file", "smaller file"),
        (candidate(mtime_ns=6), "oldest file", "newer file"),
    ],
)
def test_each_rule_chooses_and_says_why(worse: Candidate, merit: str, lack: str) -> None:
    for pair in ((GOOD, worse), (worse, GOOD)):
        choices = dict(zip((each.path for each in pair), choose(pair), strict=True))
        assert choices[GOOD.path].keep
        assert choices[GOOD.path].best
        assert merit in str(choices[GOOD.path].why)
        assert not choices[worse.path].keep
        assert lack in str(choices[worse.path].why)


def test_the_heic_original_is_kept_before_the_bigger_jpeg_that_was_made_of_it() -> None:
    heic = candidate("/p/IMG_1.heic", format="HEIC", size=900_000, jpeg_quality=None)
    jpeg = candidate("/p/IMG_1.jpg", size=4_000_000, jpeg_quality=98)
    raw = candidate("/p/IMG_1.nef", format="RAW", jpeg_quality=None)
    assert [choice.keep for choice in choose([jpeg, heic])] == [False, True]
    assert [choice.keep for choice in choose([jpeg, heic, raw])] == [False, False, True]


def test_a_favourite_and_a_rating_come_first() -> None:
    small = candidate("/p/Downloads/x (1).jpg", width=400, height=300, favourite=True)
    rated = candidate("/p/r.jpg", width=400, height=300, rating=4)
    assert [choice.best for choice in choose([GOOD, small, rated])] == [False, True, False]
    assert str(choose([GOOD, small])[0].why) == "the other is a favourite"
    assert str(choose([rated, GOOD])[0].why) == "rated 4"
    assert str(choose([rated, GOOD])[1].why) == "the other has a higher rating"


def test_what_is_protected_is_kept_and_measures_the_others() -> None:
    locked = replace(candidate("/p/locked.jpg", width=400, height=300), protected=True)
    also = replace(candidate("/p/also.jpg", width=300, height=300), protected=True)
    choices = choose([GOOD, also, locked])
    assert [choice.keep for choice in choices] == [False, True, True]
    assert str(choices[0].why) == "another is protected"
    assert str(choices[1].why) == "protected by you"
    assert str(choices[2].why).startswith("protected by you")
    assert choices[2].best


def test_what_is_away_is_left_alone_and_not_relied_on() -> None:
    away = replace(GOOD, online=False)
    smaller = candidate("/p/small.jpg", width=400, height=300)
    choices = choose([away, smaller])
    assert [choice.keep for choice in choices] == [True, True]
    assert str(choices[0].why) == "its drive is not connected"
    assert choices[1].best


def test_equals_are_distinguished_by_their_paths() -> None:
    first, second = candidate("/p/a.jpg"), candidate("/p/b.jpg")
    assert [(c.keep, str(c.why)) for c in choose([second, first])] == [
        (False, "the same in every way"),
        (True, "first of equals"),
    ]


def test_a_rule_put_first_decides_first() -> None:
    larger = candidate("/p/Downloads/big.jpg", width=8000, height=6000)
    rules = rules_in_order(["folder"])
    assert rules[0] is KeeperRule.FOLDER
    assert [choice.keep for choice in choose([GOOD, larger])] == [False, True]
    assert [choice.keep for choice in choose([GOOD, larger], rules)] == [True, False]


def test_an_order_of_rules_from_another_version_still_works() -> None:
    rules = rules_in_order(["age", "moon phase", "size", "age"])
    assert rules[:2] == (KeeperRule.AGE, KeeperRule.SIZE)
    assert sorted(rules) == sorted(DEFAULT_RULES)


def test_no_candidates_no_choice() -> None:
    assert choose([]) == ()


FACTS_OF_ANY_KIND = st.builds(
    FileFacts,
    size=st.integers(0, 3),
    width=st.integers(1, 2),
    height=st.integers(1, 2),
    format=st.sampled_from(["JPEG", "HEIC", "RAW", "PNG", "WEBP"]),
    date=st.just("2020-01-01T00:00:00"),
    date_is_taken=st.booleans(),
    camera=st.sampled_from([None, "Nikon"]),
    jpeg_quality=st.sampled_from([None, 1, 60, 75, 100]),
    sharpness=st.sampled_from([None, 0.0, 10.0, 11.0, 300.0, float("nan"), float("inf")]),
    favourite=st.booleans(),
    rating=st.integers(0, 5),
)
GROUPS = st.lists(
    st.builds(
        Candidate,
        path=st.sampled_from([f"/{folder}/{name}" for folder in "ab" for name in ("x", "x (1)", "unnamed")]),
        facts=FACTS_OF_ANY_KIND,
        mtime_ns=st.integers(0, 2),
        details=st.integers(0, 2),
        protected=st.booleans(),
        online=st.booleans(),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda each: each.path,
)


@given(GROUPS, st.permutations(DEFAULT_RULES))
def test_the_choice_is_total_and_does_not_depend_on_the_order(
    group: list[Candidate], rules: list[KeeperRule]
) -> None:
    expected = dict(zip((each.path for each in group), choose(group, rules), strict=True))
    assert sum(choice.best for choice in expected.values()) == 1
    assert all(choice.keep for choice in expected.values() if choice.best)
    assert all(choice.why for choice in expected.values())
    for each in group:
        assert expected[each.path].keep or (each.online and not each.protected)
    for order in itertools.islice(itertools.permutations(group), 12):
        assert dict(zip((each.path for each in order), choose(order, rules), strict=True)) == expected


@given(GROUPS)
def test_leaving_out_one_that_is_not_kept_changes_nothing_for_the_best(group: list[Candidate]) -> None:
    choices = choose(group)
    best = next(each for each, choice in zip(group, choices, strict=True) if choice.best)
    for left_out in group:
        if left_out is not best:
            rest = [each for each in group if each is not left_out]
            again = choose(rest)
            assert next(each for each, choice in zip(rest, again, strict=True) if choice.best) is best


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/home/a/Downloads/x.jpg", ("Downloads",)),
        ("/home/a/downloads (2)/x.jpg", ("downloads (2)",)),
        ("/home/a/WhatsApp Images/Sent/x.jpg", ("WhatsApp Images",)),
        ("/home/a/Téléchargements/x.jpg", ("Téléchargements",)),
        ("/home/a/Te\u0301le\u0301chargements/x.jpg", ("Te\u0301le\u0301chargements",)),
        ("/home/a/Загрузки/x.jpg", ("Загрузки",)),
        ("/home/a/ダウンロード/x.jpg", ("ダウンロード",)),
        ("/mnt/Backup 2019/Kopie von Urlaub/x.jpg", ("Backup 2019", "Kopie von Urlaub")),
        ("/home/a/backup-old/x.jpg", ("backup-old",)),
        ("/home/a/Pictures/2019/x.jpg", ()),
        ("/home/a/Tempelhof/x.jpg", ()),
        ("/home/a/Backups.txt/x.jpg", ("Backups.txt",)),
        ("/home/a/Watercolours/download.jpg", ()),
        ("/home/a/Kopiasz/x.jpg", ()),
    ],
)
def test_folders_that_collect_are_known_by_name(path: str, found: tuple[str, ...]) -> None:
    assert collecting_folders(path) == found


@pytest.mark.parametrize(
    "name",
    [
        "IMG_1234 (1).jpg",
        "IMG_1234(1).jpg",
        "IMG_1234 - Copy.jpg",
        "IMG_1234 - Copy (2).jpg",
        "IMG_1234 copy 3.jpg",
        "IMG_1234_copy.jpg",
        "Copy of IMG_1234.jpg",
        "Kopie von IMG_1234.jpg",
        "IMG_1234 – Kopie.jpg",
        "IMG_1234 (copie).jpg",
        "IMG_1234 - コピー.jpg",
        "IMG_1234のコピー.jpg",
        "IMG_1234~2.jpg",
    ],
)
def test_copies_are_known_by_name(name: str) -> None:
    assert named_as_copy(f"/p/{name}")


@pytest.mark.parametrize(
    "name",
    ["IMG_1234.jpg", "DSC_0001.NEF", "Photocopy.jpg", "Hardcopy shop.jpg", "20200506_070809.jpg", "(1).jpg"],
)
def test_other_names_are_no_copies(name: str) -> None:
    assert not named_as_copy(f"/Copy of x/{name}")


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("IMG-20200506-WA0004.jpg", True),
        ("FB_IMG_1588741689.jpg", True),
        ("photo_2020-05-06_07-08-09.jpg", True),
        ("unnamed.jpg", True),
        ("3f2b8c1e-1111-2222-3333-444455556666.jpg", True),
        ("IMG_20200506_070809.jpg", False),
        ("Anna on the beach.jpg", False),
        ("photograph.jpg", False),
    ],
)
def test_names_that_programs_make_up(name: str, sent: bool) -> None:
    assert named_by_sender(f"/p/{name}") is sent


@pytest.mark.parametrize(
    "folder", ["@Recycle", "#recycle", ".Trash-1000", "$RECYCLE.BIN", "A Previews.lrdata"]
)
def test_a_file_in_a_recycle_bin_is_not_the_best(folder: str) -> None:
    binned = replace(
        candidate(f"/p/{folder}/big.jpg", width=9000, height=6000), discarded=folder, protected=True
    )
    best, other = choose([GOOD, binned])
    assert (best.best, other.best) == (True, False)
    assert choose([replace(GOOD, online=False), replace(binned, protected=False)])[1].why
    unlocked = choose([GOOD, replace(binned, protected=False)])[1]
    assert (unlocked.keep, str(unlocked.why)) == (False, f"in the recycle bin or cache “{folder}”")


def test_a_preferred_candidate_is_the_best_whatever_the_rules_say() -> None:
    small = candidate("/p/small.jpg", width=40, height=30)
    assert [each.best for each in choose([GOOD, small], preferred=[small])] == [False, True]
