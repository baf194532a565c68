"""Compose the reference descriptions from the vocabulary.

    python packaging/descriptions/compose.py > resources/descriptions/descriptions.txt

Each line describes a picture that could be in any library. What a line implies is not written beside it: the
vocabulary reads it from the words. The choices are pseudo-random with a fixed seed, so the output changes
only with the vocabulary and the phrases.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from safelight.core.vocabulary import Vocabulary

PHRASES = Path(__file__).with_name("phrases.txt")
VOCABULARY = Path(__file__).resolve().parents[2] / "resources" / "descriptions" / "vocabulary.txt"


def _phrases() -> dict[str, list[str]]:
    """The lines or phrases under each heading."""
    lines: dict[str, list[str]] = {}
    for line in PHRASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            lines[line[2:]] = []
        elif line and not line.startswith("#"):
            list(lines.values())[-1].append(line)
    return {
        heading: under if heading == "sports" else _split(" ".join(under)) for heading, under in lines.items()
    }


def _split(text: str) -> list[str]:
    return [each.strip() for each in text.split("|")]


P = _phrases()
SPORTS = {doing.strip(): _split(places) for doing, _, places in (line.partition(">") for line in P["sports"])}
CITY, OUTDOORS, INDOORS = P["city"], P["outdoors"], P["indoors"]
PEOPLE, CHILDREN, GROUPS, COLOURS = P["people"], P["children"], P["groups"], P["colours"]

ACTIONS_FROM = "sport"
_SAMPLED = 3
_KEPT = 3
"""Every third description is kept: all of them were no better (docs/relevance-evaluation.md)."""


def compose(vocabulary: Vocabulary, seed: int = 7) -> list[str]:
    """All descriptions, each once, in a fixed order."""
    rng = random.Random(seed)
    found: dict[str, None] = {}

    def add(*texts: str) -> None:
        found.update(dict.fromkeys(" ".join(text.split()) for text in texts))

    def some(choices: Sequence[str], count: int) -> list[str]:
        return rng.sample(list(choices), min(count, len(choices)))

    add(*P["descriptions"], *P["events"])
    for doing in P["what people do"]:
        for who in some(PEOPLE, 8):
            add(f"{who} {doing}", f"{who} {doing} {rng.choice(CITY + OUTDOORS + INDOORS)}")
    for who in (*PEOPLE, *GROUPS):
        add(who, f"a portrait of {who}")
        for where in some(CITY, 4) + some(OUTDOORS, 6) + some(INDOORS, 5):
            add(f"{who} {where}")
        for colour in some(COLOURS, 2):
            add(f"{who} in {colour} {rng.choice(('clothes', 'shirts', 'jackets', 'dresses'))}")
    for doing, places in SPORTS.items():
        add(doing)
        for where in places:
            for who in some((*PEOPLE, *GROUPS), 5):
                add(f"{who} {doing} {where}")
    for doing in P["child play"]:
        for who in some(CHILDREN, 4):
            add(f"{who} {doing}")
    for number, name in enumerate(vocabulary.names):
        _describe(vocabulary, number, name, add, some, rng)
    return list(found)[::_KEPT]


def _describe(
    vocabulary: Vocabulary,
    number: int,
    name: str,
    add: Callable[..., None],
    some: Callable[[Sequence[str], int], list[str]],
    rng: random.Random,
) -> None:
    """Descriptions of one thing; actions and attributes are in the phrases."""
    names = vocabulary.names
    if number >= names.index(ACTIONS_FROM):
        return
    if name in P["without a picture of their own"]:
        return
    above = {names[each] for each in vocabulary.implied(number)} - {name}
    one = _with_article(name)
    add(one, f"a close-up of {one}")
    if "person" in above:
        for where in some(CITY + OUTDOORS + INDOORS, 3):
            add(f"{one} {where}")
        add(f"two {_many(name)}", f"{one} at work" if "worker" in above else f"a portrait of {one}")
    elif "animal" in above:
        kinds = {
            "dog": "dogs", "cat": "cats", "horse": "horses", "bird": "birds", "fish": "fishes",
            "insect": "insects", "reptile": "reptiles", "amphibian": "reptiles",
        }  # fmt: skip
        places = next((P[heading] for kind, heading in kinds.items() if kind in above or name == kind), None)
        if places is None:
            farm = {"cattle", "sheep", "goat", "pig", "donkey"} & (above | {name})
            places = P["farm"] if farm else P["wild"] if "mammal" in above else P["sea"]
        for where in places if name in ("dog", "cat", "bird", "horse") else some(places, 4):
            add(f"{one} {where}")
        add(f"two {_many(name)}")
        if name in ("dog", "cat", "horse", "bird"):
            for colour in ("black", "white", "brown", "spotted", "small", "big"):
                for where in some(places, 2):
                    add(f"a {colour} {name} {where}")
            for where in some(places, 6):
                add(f"two {_many(name)} {where}")
    elif "food" in above or name == "food":
        for where in some(P["foods"], 4):
            add(f"{one} {where}")
        add(f"a person eating {name}")
    elif "drink" in above or name == "drink":
        for where in some(P["drinks"], 3):
            add(f"{name} {where}")
        add(f"a person drinking {name}")
    elif "vehicle" in above or name == "vehicle":
        places = P["vehicles"]
        for vehicles, heading in (
            (("boat", "ship"), "afloat"),
            (("aircraft", "spacecraft"), "aloft"),
            (("train",), "on rails"),
        ):
            if set(vehicles) & (above | {name}):
                places = P[heading]
        for where in some(places, 4):
            add(f"{one} {where}")
        add(f"{_many(name)}", f"people in {one}", f"{_with_article(rng.choice(COLOURS) + ' ' + name)}")
        if name in ("car", "bus", "truck", "boat", "bicycle", "motorcycle", "train"):
            for colour in COLOURS[:6]:
                add(f"a {colour} {name} {rng.choice(places)}")
    elif "clothing" in above or name == "clothing":
        for who in some(PEOPLE, 2):
            add(f"{who} wearing {one}", f"{who} wearing {_with_article(rng.choice(COLOURS) + ' ' + name)}")
        add(f"{one} {rng.choice(P['clothes'])}")
    elif "musical instrument" in above or name == "musical instrument":
        for who in some(PEOPLE, 3):
            add(
                f"{who} playing {one}",
                f"{who} playing {one} {rng.choice(('on a stage', 'on a street', 'in a band'))}",
            )
    elif "furniture" in above or name == "furniture":
        for where in some(P["furniture"], 3):
            add(f"{one} {where}")
    elif "building" in above or name == "building":
        for where in some(P["buildings"], 4):
            add(f"{one} {where}")
    elif "landscape" in above or name == "landscape" or name in ("sky", "clouds", "blue sky", "water"):
        for where in some(P["views"], 5):
            add(f"{one} {where}")
    elif "room" in above or name == "room":
        for where in some(P["rooms"], 3):
            add(f"{one} {where}")
    elif "plant" in above or name == "plant":
        for where in some(P["plants"], 4):
            add(f"{one} {where}")
        if name in ("flower", "rose", "tulip"):
            for colour in COLOURS[:7]:
                add(f"a {colour} {name} in a garden")
    elif "street scene" in above or "place" in above:
        add(f"{one} with people", f"{one} at night", f"{one} from above", f"children at {one}")
    elif "tool" in above or "weapon" in above:
        for where in some(P["tools"], 3):
            add(f"{one} {where}")
        add(f"a man with {one}")
    elif "toy" in above or "sports equipment" in above:
        for where in some(P["objects"], 2):
            add(f"{one} {where}")
        add(f"a child with {one}", f"a man with {one}")
    elif "sky" in above:
        add(f"{name} over the sea", f"{name} over a city", f"{name} over a mountain", f"{name} and trees")
    elif {"event", "weather", "season", "body part"} & above:
        add(f"{name} in a city", f"people and {name}", f"{name} with children")
    else:
        for where in some(P["objects"], _SAMPLED):
            add(f"{one} {where}")
        add(f"a person with {one}", f"two {_many(name)}")


def _with_article(name: str) -> str:
    last = name.split()[-1]
    if last in P["uncounted"] or (
        last.endswith("s") and not last.endswith("ss") and last not in ("bus", "iris", "octopus", "cactus")
    ):
        return name
    return ("an " if name[0] in "aeiou" and not name.startswith(("uni", "euro", "one")) else "a ") + name


def _many(name: str) -> str:
    words = name.split()
    last = words[-1]
    irregular = {
        "man": "men", "woman": "women", "child": "children", "person": "people", "policeman": "policemen",
        "fisherman": "fishermen", "businessman": "businessmen", "mouse": "mice", "goose": "geese",
        "sheep": "sheep",
        "deer": "deer", "fish": "fish", "wolf": "wolves", "knife": "knives", "shelf": "shelves",
        "scarf": "scarves",
    }  # fmt: skip
    if last in irregular:
        words[-1] = irregular[last]
    elif last in P["uncounted"] or (last.endswith("s") and not last.endswith("ss") and last != "bus"):
        pass
    elif last.endswith(("s", "x", "ch", "sh")):
        words[-1] = last + "es"
    elif last.endswith("y") and last[-2] not in "aeiou":
        words[-1] = last[:-1] + "ies"
    else:
        words[-1] = last + "s"
    return " ".join(words)


if __name__ == "__main__":
    print("\n".join(compose(Vocabulary.parse(VOCABULARY.read_text(encoding="utf-8")))))
