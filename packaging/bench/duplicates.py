"""How well duplicates are found, by rung and by what was done to the pictures.

    python packaging/bench/duplicates.py --photos DIR --work DIR [--count N] [--skip N] [--rivals PYTHON]

Takes ``--count`` of the pictures in a folder, makes a test set of variants with its truth in ``--work`` (see
:mod:`bench.duplicate_set`), indexes it with the starter, finds the groups, and prints Markdown tables.
``--rivals`` is the interpreter of an environment with other finders (see ``duplicate_rivals.py``), which are
given the same folder. A set that is there already is used again.

A variant counts as found on a rung where it hangs together with its original by groups of that rung and those
above. A pair of a group is right where both show one picture: on the rungs down to *resaved* the whole of it.
Of crops the pairs with the picture to keep count.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.duplicate_set import Entry, make, read_truth
from bench.hard_negatives import make_hard
from safelight import paths
from safelight.core.duplicates import DuplicateGroup, DuplicateKind
from safelight.core.jobs import JobControl
from safelight.services.duplicates.comparing import Comparer, model_for_comparing
from safelight.services.duplicates.grouping import find_groups
from safelight.services.duplicates.qualities import Qualities
from safelight.services.indexing import roots
from safelight.services.library import Library
from safelight.store import folders

KINDS = tuple(DuplicateKind)
Pair = tuple[str, str]


class Together:
    """Union and find: which names hang together."""

    def __init__(self) -> None:
        self._over: dict[str, str] = {}

    def root(self, name: str) -> str:
        while (over := self._over.get(name, name)) != name:
            name = over
        return name

    def join(self, names: Iterable[str]) -> None:
        first, *others = [self.root(name) for name in names]
        for other in others:
            self._over[self.root(other)] = first


class Truth:
    """What is right, by file name."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.of = {entry.name: entry for entry in entries}
        self.originals = {entry.source: entry.name for entry in entries if entry.rung == "original"}

    def right(self, pair: Pair, kind: DuplicateKind | None) -> bool:
        """Whether a pair may stand on a rung; None for tools that know no rungs."""
        one, two = (self.of[name] for name in pair)
        if one.source.split("-")[0] != two.source.split("-")[0]:
            return False
        if {one.transform, two.transform} <= {"many", "many-tagged"}:
            return True
        rungs = {one.rung, two.rung}
        if kind in (DuplicateKind.BURST, DuplicateKind.LOOKALIKE):
            return True
        if {one.transform, two.transform} == {"next-frame", "next-frame-bare"}:
            return True
        if "burst" in rungs or {"half-left", "half-right"} <= {one.transform, two.transform}:
            return False
        if "bare" in one.transform + two.transform:
            return False
        marked = {"watermark"} & {one.transform, two.transform}  # a light edit, or more
        return kind in (None, DuplicateKind.CROP) or bool(marked) or not rungs & {"crop", "negative"}

    def variants(self) -> Iterator[tuple[Entry, str]]:
        """Each with its original."""
        for entry in self.of.values():
            if entry.rung not in ("original", "negative", "tagged"):
                yield entry, self.originals[entry.source]


# --- Safelight ----------------------------------------------------------------------------------------


def groups_of(folder: Path, library_dir: Path) -> tuple[list[DuplicateGroup], dict[str, float]]:
    """Index a folder and find its groups; and the seconds that each part took."""
    seconds: dict[str, float] = {}
    with Library.open(library_dir, paths.models_dir()) as library:
        started = time.monotonic()
        root = roots.checked_root(str(folder))
        with library.store.write() as db:
            folder_id = folders.add(db, root, roots.volume(root), time.time()).folder.id
        library.indexer().run({folder_id: None}, JobControl(), wait_for_model=True)
        seconds["index"], started = time.monotonic() - started, time.monotonic()
        with library.store.read() as db:
            model_id = model_for_comparing(db)
        for _ in Comparer(library.store).run(model_id, JobControl()):
            pass
        seconds["compare"], started = time.monotonic() - started, time.monotonic()
        with library.store.read() as db:
            groups = find_groups(db, Qualities())
        seconds["group"] = time.monotonic() - started
    return groups, seconds


def report_safelight(groups: Sequence[DuplicateGroup], truth: Truth) -> dict[str, float]:
    """Print the tables; return the recall by transform."""
    together = Together()
    found: dict[str, set[str]] = defaultdict(set)
    rows = []
    recall: dict[str, float] = {}
    wrong: list[str] = []
    for kind in KINDS:
        mine = [
            [Path(member.path).name for member in group.members] for group in groups if group.kind is kind
        ]
        pairs = [
            pair
            for names in mine
            for pair in (
                [(names[0], n) for n in names[1:]] if kind is DuplicateKind.CROP else combinations(names, 2)
            )
        ]
        right = sum(truth.right(pair, kind) for pair in pairs)
        wrong += [f"{kind}: {pair[0]} / {pair[1]}" for pair in pairs if not truth.right(pair, kind)]
        for names in mine:
            together.join(names)
        wanted = [(entry, original) for entry, original in truth.variants() if entry.rung == kind]
        hits = 0
        for entry, original in wanted:
            if together.root(entry.name) == together.root(original):
                found[entry.transform].add(entry.name)
                hits += 1
        share = hits / len(wanted) if wanted else float("nan")
        precision = right / len(pairs) if pairs else float("nan")
        score = 2 * precision * share / (precision + share) if pairs and wanted else float("nan")
        rows.append((str(kind), len(mine), len(pairs), precision, share, score))
    print("\n| rung | groups | pairs | precision | recall | F1 |\n|---|---:|---:|---:|---:|---:|")
    for name, number, amount, precision, share, score in rows:
        print(f"| {name} | {number:,} | {amount:,} | {precision:.4f} | {share:.4f} | {score:.4f} |")
    amounts = Counter(entry.transform for entry, _ in truth.variants())
    for transform, amount in amounts.items():
        recall[transform] = len(found[transform]) / amount
    print(f"\nWrong pairs: {len(wrong)}")
    for line in wrong[:40]:
        print(f"- {line}")
    return recall


# --- others -----------------------------------------------------------------------------------------------


def rivals(python: str, folder: Path, out: Path) -> dict[str, dict[str, object]]:
    program = Path(__file__).with_name("duplicate_rivals.py")
    subprocess.run([python, str(program), str(folder), str(out)], check=True, stdout=subprocess.DEVNULL)
    read: dict[str, dict[str, object]] = json.loads(out.read_text(encoding="utf-8"))
    return read


def report_side_by_side(
    own: dict[str, float], own_pairs: set[Pair], found: dict[str, set[Pair]], truth: Truth
) -> None:
    columns = {"Safelight": own}
    for name, pairs in found.items():
        hits: Counter[str] = Counter()
        amounts: Counter[str] = Counter()
        for entry, original in truth.variants():
            amounts[entry.transform] += 1
            hits[entry.transform] += tuple(sorted((entry.name, original))) in pairs
        columns[name] = {transform: hits[transform] / amounts[transform] for transform in amounts}
    print("\nRecall by transform:\n\n| | " + " | ".join(columns) + " |\n|---|" + "---:|" * len(columns))
    for transform in own:
        print(
            f"| {transform} | " + " | ".join(f"{column[transform]:.3f}" for column in columns.values()) + " |"
        )
    everything = {"Safelight": own_pairs, **found}
    shares = []
    for pairs in everything.values():
        right = sum(truth.right(pair, None) for pair in pairs)
        shares.append(f"{right / len(pairs):.4f}" if pairs else "–")
    print("| *precision of all pairs* | " + " | ".join(shares) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--hard", type=int, metavar="SEED", help="hard negatives instead of variants")
    parser.add_argument("--rivals", help="a Python interpreter")
    arguments = parser.parse_args()
    folder = arguments.work / "set"
    if not folder.exists():
        sources = sorted(
            p for p in arguments.photos.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png")
        )
        random.Random(7).shuffle(sources)
        chosen = sources[arguments.skip : arguments.skip + arguments.count]
        if arguments.hard is None:
            make(chosen, folder)
        else:
            make_hard(chosen, folder, arguments.hard)
    truth = Truth(read_truth(folder))
    groups, seconds = groups_of(folder, arguments.work / "library")
    print(
        f"{len(truth.originals)} pictures, {len(truth.of):,} files; seconds: "
        + ", ".join(f"{part} {spent:.0f}" for part, spent in seconds.items())
    )
    own = report_safelight(groups, truth)
    if arguments.rivals:
        answers = rivals(arguments.rivals, folder, arguments.work / "rivals.json")
        found: dict[str, set[Pair]] = {}
        for name, answer in answers.items():
            pairs = answer.get("pairs")
            if isinstance(pairs, list):
                found[name] = {(a, b) if a < b else (b, a) for a, b in pairs}
                print(f"\n{name}: {len(found[name]):,} pairs in {answer['seconds']:.0f} s")
            else:
                print(f"\n{name}: not measured ({answer['missing']})")
        sure = [g for g in groups if KINDS.index(g.kind) <= KINDS.index(DuplicateKind.CROP)]
        own_pairs: set[Pair] = set()
        for group in sure:
            names = [Path(member.path).name for member in group.members]
            star = group.kind is DuplicateKind.CROP
            pairs_ = [(names[0], name) for name in names[1:]] if star else list(combinations(names, 2))
            own_pairs |= {(a, b) if a < b else (b, a) for a, b in pairs_}
        report_side_by_side(own, own_pairs, found, truth)


if __name__ == "__main__":
    main()
