"""Which everyday words are right for a picture: by its ImageNet class, or by the words of its captions."""

from __future__ import annotations

import re
from functools import cache

from timm.data.imagenet_info import ImageNetInfo

from starter.pictures import Picture
from starter.words import ACTIONS, BROADER_RANGES, BROADER_WORDS, COLOURS, PLACES, SCENES, THINGS

VOCABULARY = tuple(sorted({*THINGS, *SCENES, *PLACES, *ACTIONS, *COLOURS}))


@cache
def class_names() -> tuple[tuple[str, ...], ...]:
    """The names of each of ImageNet's thousand classes, the usual one first, in lower case."""
    info = ImageNetInfo("imagenet-1k")
    return tuple(
        tuple(
            name.strip().lower() for name in info.label_name_to_description(synset, detailed=False).split(",")
        )
        for synset in info.label_names()  # type: ignore[no-untyped-call]
    )


@cache
def class_synsets() -> tuple[str, ...]:
    """WordNet's numbers of the thousand classes, in the same order."""
    return tuple(ImageNetInfo("imagenet-1k").label_names())  # type: ignore[no-untyped-call]


@cache
def broader_names() -> tuple[tuple[str, ...], ...]:
    """The broader names of each class; none for a few."""
    broader: list[set[str]] = [set() for _ in class_names()]
    for first, last, words in BROADER_RANGES:
        for number in range(first, last + 1):
            broader[number].update(words)
    numbers: dict[str, list[int]] = {}
    for number, names in enumerate(class_names()):
        for name in names:
            numbers.setdefault(name, []).append(number)
    for word, classes in BROADER_WORDS.items():
        for name in classes:
            if name not in numbers:
                raise ValueError(f"No ImageNet class is called “{name}” (under “{word}”).")
            # "crane" and "maillot" name two classes each; the words above mean either.
            for number in numbers[name]:
                broader[number].add(word)
    return tuple(tuple(sorted(words)) for words in broader)


def caption_words(captions: tuple[str, ...]) -> list[str]:
    """Those of the everyday words that stand in a picture's captions, in the singular or with an s."""
    text = " " + re.sub(r"[^a-z]+", " ", " ".join(captions).lower()) + " "
    return [word for word in VOCABULARY if f" {word} " in text or f" {word}s " in text]


def everyday_words(picture: Picture) -> list[str]:
    """The everyday words that are right for ``picture``; noisy, since captions leave things out."""
    if picture.class_number >= 0:
        return list(broader_names()[picture.class_number])
    return caption_words(picture.captions)
