"""The text corpus: what the text tower learns to understand."""

from __future__ import annotations

import lzma
import random
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from timm.data.imagenet_info import ImageNetInfo

from starter.words import ACTIONS, COLOURS, PEOPLE, PLACES, QUALITIES, SCENES, THINGS

TEMPLATES = (
    "{}", "a photo of {}", "a photo of a {}", "a {}", "the {}", "two {}s", "a close-up of a {}",
    "a picture of a {}", "{} on a table", "a person with a {}", "a {} in the background", "many {}s", "my {}",
)  # fmt: skip
_LONG_SPAN = 6
_LETTERS = re.compile(r"[^\W\d_]+")
_GARMENTS = ("shirt", "dress", "jacket", "hat", "coat")


def normalise(text: str) -> str:
    """Lower case, single spaces, no closing full stop: the form in which texts are compared."""
    return re.sub(r"\s+", " ", text.lower()).strip(" .\n")


def read_corpus(path: Path) -> list[str]:
    """The lines of an xz-compressed text file."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [line.strip() for line in lines if line.strip()]


def without_captions(texts: Iterable[str], captions: Iterable[str]) -> list[str]:
    """``texts`` less every caption given, and less every span of six words or more out of one.

    The pictures by which the model is judged must not have taught it their captions. Shorter spans
    stay: "a dog runs" belongs to nobody.
    """
    forbidden: set[str] = set()
    for caption in captions:
        words = normalise(caption).split()
        forbidden.add(" ".join(words))
        for length in range(_LONG_SPAN, len(words)):
            forbidden.update(" ".join(words[i : i + length]) for i in range(len(words) - length + 1))
    return [text for text in texts if normalise(text) not in forbidden]


def wordnet_texts(rng: random.Random) -> list[str]:
    """Names and definitions of the 21,841 kinds of things of the full ImageNet, which timm ships."""
    info = ImageNetInfo("imagenet-22k")
    texts: list[str] = []
    for synset in info.label_names():  # type: ignore[no-untyped-call]
        names = [name.strip() for name in info.label_name_to_description(synset, detailed=False).split(",")]
        texts += names[:3]
        texts.append(rng.choice(TEMPLATES[1:]).format(names[0]))
        definition = info.label_name_to_description(synset, detailed=True).partition(": ")[2]
        if definition and rng.random() < 0.4:
            texts.append(" ".join(definition.split()[:14]))
    return texts


def everyday_texts(rng: random.Random, count: int) -> list[str]:
    """Short queries of the kind people type, put together at random from everyday words."""

    def place() -> str:
        return rng.choice(("in the {}", "at the {}", "on the {}", "near the {}", "in a {}")).format(
            rng.choice(PLACES)
        )

    def thing() -> str:
        noun = rng.choice(THINGS)
        shape = rng.random()
        if shape < 0.35:
            return f"{rng.choice(COLOURS)} {noun}"
        return f"{rng.choice(QUALITIES)} {noun}" if shape < 0.5 else noun

    makers = (
        lambda: f"{rng.choice(COLOURS)} {rng.choice(THINGS)}",
        lambda: f"{rng.choice(QUALITIES)} {rng.choice(THINGS + PEOPLE)}",
        lambda: f"{rng.choice(PEOPLE)} {rng.choice(ACTIONS)}",
        lambda: f"{rng.choice(PEOPLE)} {rng.choice(ACTIONS)} {place()}",
        lambda: f"{rng.choice(ACTIONS)} {place()}",
        lambda: f"{thing()} {place()}",
        lambda: f"{thing()} and {thing()}",
        lambda: f"{rng.choice(PEOPLE)} with a {thing()}",
        lambda: f"{rng.choice(PEOPLE)} in a {rng.choice(COLOURS)} {rng.choice(_GARMENTS)}",
        lambda: f"{rng.choice(SCENES)} {place()}",
        lambda: f"{rng.choice(SCENES)} {rng.choice(SCENES)}",
        lambda: f"a photo of {rng.choice(SCENES)}",
        lambda: f"a photo of a {thing()}",
    )
    texts = [*THINGS, *SCENES, *PLACES, *ACTIONS, *PEOPLE, *COLOURS, *QUALITIES]
    texts += [f"a {noun}" for noun in THINGS] + [f"{noun}s" for noun in THINGS]
    texts += [rng.choice(makers)() for _ in range(count)]
    return texts


def build(
    corpora: Iterable[str], held_out: Iterable[str], seed: int, *, count: int, everyday: int
) -> list[str]:
    """The training corpus, each text once, in a fixed order: ``count`` texts at most.

    ``held_out`` are the captions of the pictures by which the model is judged. Names, definitions and short
    texts all stay; where there are too many, whole captions are dropped at random.
    """
    rng = random.Random(seed)
    # The given corpus pasted "name: definition" into templates, which nobody types.
    plain = [text for text in corpora if ": " not in text]
    texts = without_captions(plain, held_out) + wordnet_texts(rng) + everyday_texts(rng, everyday)
    unique = list(dict.fromkeys(normalise(text) for text in texts))
    rng.shuffle(unique)
    unique.sort(key=lambda text: len(text.split()) >= _LONG_SPAN)  # stable: short texts first
    return unique[:count]


def known_words(corpus: Iterable[str], least: int = 3) -> list[str]:
    """The words that occur in at least ``least`` texts: what the model can be said to know."""
    counts = Counter(word for text in corpus for word in set(_LETTERS.findall(text.lower())))
    return sorted(word for word, count in counts.items() if count >= least)
