"""A vocabulary of everyday things, actions and properties, and what each word implies.

"Puppy" implies dog, mammal and animal; "surfer" implies person, surfing, wave and sea. The vocabulary reads
the words of a text as *concepts*, so that two texts can be compared by what they mean: a photo that is
described best by "a boy on a swing" shows a person although the word is missing.

The file format is described at the top of ``resources/descriptions/vocabulary.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*", re.UNICODE)

_THINGS = "things"
_ACTIONS = "actions"
_IGNORED = "ignored"
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the vocabulary understands it."""

    mentions: tuple[frozenset[int], ...]
    """For each word or phrase that is known, the concepts that it can mean."""
    unknown: tuple[str, ...]
    """Words that are not in the vocabulary, without those that say nothing."""


@dataclass(slots=True)
class Vocabulary:
    """Concepts are numbered in the order of the file."""

    names: list[str] = field(default_factory=list)
    things: list[int] = field(default_factory=list)
    """Concepts that are things, not actions or properties."""
    _direct: list[set[str]] = field(default_factory=list)
    _implied: list[frozenset[int]] = field(default_factory=list)
    _forms: dict[tuple[str, ...], set[int]] = field(default_factory=dict)
    _longest: int = 1
    _ignored: set[str] = field(default_factory=set)

    @classmethod
    def parse(cls, text: str) -> Vocabulary:
        """Read the file. Raises ValueError for a line that is out of place or implies an unknown concept."""
        vocabulary = cls()
        path: list[int] = []
        part = ""
        for line in text.splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            if line.startswith("= "):
                part, path = line[2:].strip(), []
                continue
            if part == _IGNORED:
                vocabulary._ignored.update(line.split())
                continue
            depth = (len(line) - len(line.lstrip())) // 2
            if depth > len(path):
                raise ValueError(f"this line is indented too far: {line!r}")
            del path[depth:]
            names, _, implied = line.partition(">")
            path.append(vocabulary._add(_listed(names), path, _listed(implied), is_action=part == _ACTIONS))
            if part == _THINGS:
                vocabulary.things.append(path[-1])
        vocabulary._close()
        return vocabulary

    def __len__(self) -> int:
        return len(self.names)

    def number(self, name: str) -> int:
        """The concept of this name. Raises ValueError where there is none."""
        return self.names.index(name)

    def implied(self, concept: int) -> frozenset[int]:
        """A concept and all that it implies."""
        return self._implied[concept]

    def read(self, text: str) -> Reading:
        """The concepts in a text. The longest phrase wins: "hot dog" is no dog."""
        words = [word.lower() for word in _WORD.findall(text)]
        mentions: list[frozenset[int]] = []
        unknown: list[str] = []
        place = 0
        while place < len(words):
            for length in range(min(self._longest, len(words) - place), 0, -1):
                found = self._forms.get(tuple(words[place : place + length]))
                if found:
                    mentions.append(frozenset(found))
                    break
            else:
                length = 1
                if words[place] not in self._ignored:
                    parts = words[place].split("-")
                    if len(parts) > 1:
                        words[place : place + 1] = parts
                        continue
                    unknown.append(words[place])
            place += length
        return Reading(tuple(mentions), tuple(unknown))

    def implied_by(self, mentions: Iterable[Iterable[int]]) -> frozenset[int]:
        """All that the concepts of a text imply, of every meaning."""
        return frozenset(
            implied for mention in mentions for concept in mention for implied in self._implied[concept]
        )

    def _add(
        self, names: Sequence[str], path: Sequence[int], implied: Sequence[str], *, is_action: bool
    ) -> int:
        number = len(self.names)
        self.names.append(names[0])
        self._direct.append({self.names[path[-1]], *implied} if path else set(implied))
        for name in names:
            for form in _forms(name, is_action=is_action):
                self._forms.setdefault(form, set()).add(number)
                self._longest = max(self._longest, len(form))
        return number

    def _close(self) -> None:
        """Follow what is implied to its end."""
        by_name: dict[str, int] = {}
        for number, name in enumerate(self.names):
            if name in by_name:
                raise ValueError(f"this concept is listed twice: {name!r}")
            by_name[name] = number
        for number, name in enumerate(self.names):
            reached, open_names = {number}, list(self._direct[number])
            while open_names:
                sought = open_names.pop()
                found = by_name.get(sought)
                if found is None:
                    raise ValueError(f"{name!r} implies something that is not listed: {sought!r}")
                if found not in reached:
                    reached.add(found)
                    open_names += self._direct[found]
            self._implied.append(frozenset(reached))


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _forms(name: str, *, is_action: bool) -> Iterator[tuple[str, ...]]:
    words = tuple(_WORD.findall(name.lower()))
    yield words
    if "-" in name:
        yield tuple(part for word in words for part in word.split("-"))
    if is_action:
        if not words[0].endswith(("ing", "s")):
            yield from ((form, *words[1:]) for form in _verb_forms(words[0]))
    else:
        yield (*words[:-1], _plural(words[-1]))


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in _VOWELS:
        return noun[:-1] + "ies"
    return noun + "s"


def _verb_forms(verb: str) -> Iterator[str]:
    yield _plural(verb)
    if verb.endswith("e") and not verb.endswith("ee"):
        yield from (verb[:-1] + "ing", verb + "d")
        return
    short = (
        len(verb) > 2 and verb[-1] not in _VOWELS + "wxy" and verb[-2] in _VOWELS and verb[-3] not in _VOWELS
    )
    stem = verb + verb[-1] if short else verb
    yield from (verb + "ing", stem + "ing", stem + "ed")
