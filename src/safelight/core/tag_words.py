"""The words that Safelight suggests as tags, and the format of the file that lists them.

The format is described at the top of ``resources/tags/words.txt``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from safelight.core.errors import UsageError
from safelight.core.organising_rules import clean_tag

FILE_NAME = "tag-words.txt"
"""The user's list in the folder of the library, which replaces the built-in one."""

_TRAITS = frozenset(
    (
        *("man", "men", "woman", "women", "male", "female", "boy", "boys", "girl", "girls", "guy", "lady"),
        *("gentleman", "baby", "babies", "infant", "toddler", "child", "children", "kid", "kids", "teenager"),
        *("adult", "elderly", "old", "young", "senior", "pensioner", "mother", "father", "mom", "mum", "dad"),
        *("grandmother", "grandfather", "wife", "husband", "bride", "groom", "widow", "black", "white"),
        *("asian", "african", "european", "hispanic", "latino", "arab", "indian", "chinese", "foreigner"),
        *("immigrant", "refugee", "gypsy", "ethnicity", "muslim", "christian", "jewish", "jew"),
        *("hindu", "buddhist", "atheist", "religious", "gay", "lesbian", "transgender", "homosexual", "sexy"),
        *("naked", "nude", "pregnant", "disabled", "blind", "deaf", "ill", "sick", "drunk", "fat", "thin"),
        *("obese", "skinny", "ugly", "beautiful", "pretty", "handsome", "bald", "blond", "blonde", "bearded"),
        *("happy", "sad", "angry", "smiling", "crying", "scared", "tired", "stupid", "crazy", "homeless"),
        *("poor", "rich", "criminal", "thief", "terrorist", "face", "skin", "body"),
    )
)
"""Words that say what kind of person somebody is. They are never suggested."""

_PICTURES = frozenset(("photo", "picture", "image", "film", "photograph"))
"""Beside these words, a word of the list above describes something else: "black and white photo"."""


@dataclass(frozen=True, slots=True)
class TagWord:
    """A word that may be suggested."""

    name: str
    """What the model compares photos with."""
    tag: str
    """The tag that it suggests: ``animal/dog``."""
    names: tuple[str, ...]
    """Its name and synonyms in lower case."""
    above: tuple[str, ...] = ()
    """The tags above it that are words too. Where it is suggested, they are not."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A tag that suits a photo."""

    tag: str
    probability: float
    is_concept: bool = False
    """It comes from a taught concept."""


@dataclass(frozen=True, slots=True)
class SharedSuggestion:
    """A tag that suits some of several photos."""

    tag: str
    probability: float
    """The mean over these photos."""
    photo_ids: tuple[int, ...]
    """The photos that it suits."""


MAX_SHARED_SUGGESTIONS = 8
"""Suggestions for several photos, those that suit the most photos."""
_LEAST_SHARE = 0.2
"""The share of several photos that a suggestion must suit. Others are noise in a list for all of them."""


class SharedTally:
    """Counts the suggestions for several photos, a few photos at a time."""

    def __init__(self) -> None:
        self.asked = 0
        """Photos that were asked about so far."""
        self._found: dict[str, tuple[list[int], list[float]]] = {}
        """The photos that each tag suits, and the probabilities."""

    def add(self, by_photo: Mapping[int, Sequence[Suggestion]], asked: int) -> None:
        """Count the suggestions for ``asked`` more photos."""
        self.asked += asked
        for photo_id, suggestions in by_photo.items():
            for each in suggestions:
                photos, likely = self._found.setdefault(each.tag, ([], []))
                photos.append(photo_id)
                likely.append(each.probability)

    def shared(self) -> tuple[SharedSuggestion, ...]:
        """The suggestions for these photos together, those for the most photos first."""
        least = min(self.asked, max(2, _LEAST_SHARE * self.asked))
        shared = [
            SharedSuggestion(tag, sum(likely) / len(likely), tuple(photos))
            for tag, (photos, likely) in self._found.items()
            if len(photos) >= least
        ]
        shared.sort(key=lambda each: (-len(each.photo_ids), -each.probability, each.tag))
        return tuple(shared[:MAX_SHARED_SUGGESTIONS])


def is_about_a_person(name: str) -> bool:
    """Whether a word says what kind of person somebody is."""
    words = set(name.lower().replace("-", " ").replace("/", " ").split())
    return bool(words & _TRAITS) and not words & _PICTURES


@lru_cache(maxsize=2)  # suggestions for each photo that is selected need the same list
def parse_tag_words(text: str) -> tuple[TagWord, ...]:
    """The words of a list, each once. Words about persons are left out.

    Raises UsageError, naming the line, where the list is not in the format.
    """
    found: dict[str, TagWord] = {}
    above: list[tuple[str, bool]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        depth, odd = divmod(len(line) - len(line.lstrip(" ")), 2)
        if odd or depth > len(above):
            raise UsageError(
                "Line {number} of the list of tags is not indented by two spaces: {line}",
                number=number,
                line=line.strip(),
            )
        del above[depth:]
        names = [" ".join(each.split()) for each in line.strip().split(",") if each.strip()]
        is_group = line.strip().startswith("[") and line.strip().endswith("]")
        if is_group:
            names = [line.strip()[1:-1].strip()]
        if not names or not names[0]:
            raise UsageError(
                "Line {number} of the list of tags has no word: {line}", number=number, line=line.strip()
            )
        above.append((names[0], is_group))
        if is_group or is_about_a_person(names[0]):
            continue
        levels = [name for name, grouping in above if not grouping]
        tag = clean_tag("/".join(levels))
        parents = tuple("/".join(levels[:end]) for end in range(1, len(levels)))
        found.setdefault(
            tag.lower(),
            TagWord(
                names[0],
                tag,
                tuple(name.lower() for name in names if not is_about_a_person(name)),
                parents,
            ),
        )
    return tuple(found.values())


def with_own_tags(words: Iterable[TagWord], tags: Iterable[str]) -> tuple[TagWord, ...]:
    """The words and the user's tags. A word that the user has a tag for suggests that tag."""
    own: dict[str, str] = {}
    for tag in tags:
        own.setdefault(tag.rpartition("/")[2].lower(), tag)
    merged = []
    used: set[str] = set()
    for word in words:
        mine = next((own[name] for name in word.names if name in own), None)
        used.update(word.names)
        merged.append(word if mine is None else TagWord(word.name, mine, word.names, word.above))
    for name, tag in own.items():
        if name not in used and not is_about_a_person(name):
            merged.append(TagWord(tag.rpartition("/")[2], tag, (name,)))
    return tuple(merged)


def word_named(words: Iterable[TagWord], name: str) -> TagWord | None:
    """The word with a name, synonym or tag. Case does not matter."""
    wanted = " ".join(name.split()).lower()
    found = [word for word in words if wanted in word.names or wanted == word.tag.lower()]
    return found[0] if found else None
