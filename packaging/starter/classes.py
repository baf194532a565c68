"""Zero-shot classification: how well a list of names tells pictures apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Vectors
from safelight.core.errors import UsageError
from starter.evaluate import TextEncoder
from starter.labels import class_names, class_synsets
from starter.metrics import RECALL_AT
from starter.pictures import Picture

IMAGENET = "imagenet-1k"
_SYNSET = re.compile(r"n\d{8}")
_TOP = (1, 5)


@dataclass(frozen=True, slots=True)
class NamedClass:
    """One class of the list."""

    names: tuple[str, ...]
    """Lower case, the usual name first; it is the one that the model is asked with."""
    synset: str = ""
    """WordNet's number, such as ``n01443537``, where the list gives it."""


def read_classes(source: str) -> list[NamedClass]:
    """The classes of a text file, one a line, or of ImageNet for ``imagenet-1k``.

    A line is ``name, other name, …``, and may begin with a synset number and white space. Raises
    UsageError where the file cannot be read or holds no names.
    """
    if source == IMAGENET:
        pairs = zip(class_names(), class_synsets(), strict=True)
        return [NamedClass(names, synset) for names, synset in pairs]
    try:
        lines = Path(source).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{source} is not a readable text file; give a list of names, one a line."
        ) from error
    classes = []
    for line in filter(str.strip, lines):
        first, _, rest = line.strip().partition(" " if " " in line.strip() else "\t")
        synset, text = (first, rest) if _SYNSET.fullmatch(first.strip()) and rest.strip() else ("", line)
        names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
        if names:
            classes.append(NamedClass(names, synset))
    if not classes:
        raise UsageError(f"{source} holds no names; write one class a line.")
    return classes


def class_of(picture: Picture, classes: Sequence[NamedClass]) -> int:
    """Row of the picture's class: by its label, else by the synset or the name that its file name or folder
    begins with; -1 where none fits."""
    label = picture.label.strip().lower()
    if label:
        for row, each in enumerate(classes):
            if label in each.names and _synset_fits(picture, each):
                return row
        for row, each in enumerate(classes):
            if label in each.names:
                return row
    for part in (picture.path.name, picture.path.parent.name):
        found = _SYNSET.match(part)
        for row, each in enumerate(classes):
            if found and each.synset == found.group():
                return row
    folder = picture.path.parent.name.lower().replace("_", " ")
    return next((row for row, each in enumerate(classes) if folder in each.names), -1)


def zero_shot(
    pictures: Sequence[Picture], vectors: Vectors, classes: Sequence[NamedClass], encode: TextEncoder
) -> dict[str, float]:
    """Accuracy of the nearest name, and how often a name finds a picture of its class.

    ``vectors`` are the unit vectors of ``pictures``, row by row. Pictures of no class of the list are left
    out; a name is searched for among all others where at least one picture is of its class.
    """
    truth = np.array([class_of(picture, classes) for picture in pictures])
    kept = truth >= 0
    if not kept.any():
        raise UsageError("No picture is of a class of this list; check its names against the labels.")
    scores = vectors[kept] @ encode([each.names[0] for each in classes]).T
    wanted = truth[kept]
    rows = {f"pictures of {len(np.unique(wanted)):,} of {len(classes):,} classes": float(kept.sum())}
    order = np.argsort(-scores, axis=1, kind="stable")
    for k in _TOP:
        rows[f"zero-shot accuracy, top {k}"] = float((order[:, :k] == wanted[:, None]).any(1).mean())
    ranks = _best_ranks(scores, wanted)
    for k in RECALL_AT:
        rows[f"name → picture of its class, R@{k}"] = float((ranks < k).mean())
    return rows


def _best_ranks(scores: Vectors, wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each class that has pictures, how many pictures of other classes score higher than its best."""
    ranks = []
    for row in np.unique(wanted):
        column, mine = scores[:, row], wanted == row
        ranks.append(int((column[~mine] > column[mine].max()).sum()))
    return np.array(ranks)


def _synset_fits(picture: Picture, each: NamedClass) -> bool:
    """Two of ImageNet's classes are called "crane" and two "maillot"; the file name tells them apart."""
    found = _SYNSET.match(picture.path.name)
    return not (found and each.synset) or found.group() == each.synset
