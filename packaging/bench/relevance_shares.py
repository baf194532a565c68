"""How well the probabilities hold for things of every share of a library, and the fit of their coefficients.

    python packaging/bench/relevance_shares.py --pictures DIR [--pictures DIR ...] --cache FILE
        [--model DIR] [--held-out] [--skip DIR] [--vectors DIR] [--fit]

``--pictures`` is a folder with ``captions.json``: each picture's captions, or its label. ``--held-out`` keeps
only pictures that the starter was not trained on, its dev and test parts. ``--skip``
leaves out those whose name is also in the ``captions.json`` of another folder. ``--vectors`` is a folder
with CLIP vectors of single words as for ``relevance.py``. There, the words that are not asked are the
descriptions.

The queries are in ``relevance_shares.json``. A photo matches a query if its captions imply all that the query
names, by the vocabulary; a colour must stand directly before its noun. Captions leave much out, so precision
is understated. Half of the queries, by the hash of their text, fit the coefficients. The other half tests
them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.libraries import in_tuning, installed, unit
from safelight.core import bands, relevance
from safelight.core.encoder import Vectors
from safelight.core.vocabulary import Vocabulary
from safelight.embedding.load import load_encoder
from safelight.embedding.prompts import templates_for
from safelight.embedding.word_classifiers import load_word_classifiers
from safelight.imaging.read import decode_photo
from safelight.services.models.neutral import neutral_prompts
from safelight.services.models.references import Descriptions, References, WordEvidence

HERE = Path(__file__).resolve().parent
SHARES = ((0.3, 1.0), (0.1, 0.3), (0.03, 0.1), (0.01, 0.03), (0.003, 0.01), (0.001, 0.003))
COLOURS = frozenset(("red", "blue", "white", "black", "brown", "yellow", "pink", "green", "orange", "purple"))
SAMPLE = 1024

Truth = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float32]


@dataclass
class Pictures:
    """A library to measure on."""

    name: str
    photos: Vectors
    neutral: Vectors
    references: References
    captions: list[list[str]]
    encode: Callable[[Sequence[str]], Vectors]
    templates: Callable[[str], tuple[str, ...]] = lambda _: ("{}",)
    """In which templates a query is encoded."""

    def __post_init__(self) -> None:
        self.mean, self.spread = bands.photo_background(self.photos, self.neutral)
        self.near = relevance.nearest_descriptions(self.photos, self.references.vectors, self.spread)
        rng = np.random.default_rng(0)
        self.sample = rng.permutation(len(self.photos))[:SAMPLE]

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As the program encodes what is typed, unit rows (n, dim)."""
        made = [[each.replace("{}", text) for each in self.templates(text)] for text in texts]
        rows = iter(self.encode([text for group in made for text in group]))
        return unit(np.stack([sum(next(rows) for _ in group) for group in made]))

    def scores(self, evidence: WordEvidence, vector: Vectors) -> Numbers:
        """The levels of the photos for a text with this vector, or the log odds of its classifier."""
        direction = vector if evidence.classifier is None else evidence.classifier.weights
        return evidence.score(self.photos @ direction, self.mean, self.spread)


@dataclass
class Query:
    text: str
    vector: Vectors
    evidence: WordEvidence
    right: Truth
    score: Numbers
    agreement: Numbers

    @property
    def share(self) -> float:
        return float(self.right.mean())


def captions_of(entry: dict[str, Any]) -> list[str]:
    return [*entry.get("captions", ()), *([entry["label"]] if "label" in entry else [])]


class Answers:
    """Which pictures a query is right for."""

    def __init__(self, vocabulary: Vocabulary, captions: Sequence[Sequence[str]]) -> None:
        self.vocabulary = vocabulary
        self.words = [[re.findall("[a-z]+", text.lower()) for text in texts] for texts in captions]
        self.implied = [
            frozenset().union(*(vocabulary.implied_by(vocabulary.read(text).mentions) for text in texts))
            if texts
            else frozenset()
            for texts in captions
        ]

    def to(self, query: str) -> Truth:
        reading = self.vocabulary.read(query)
        right = np.array([all(each & known for each in reading.mentions) for known in self.implied])
        tokens = query.lower().split()
        for row in np.flatnonzero(right):
            texts = self.words[row]
            if reading.unknown and not any(set(reading.unknown) <= set(text) for text in texts):
                right[row] = False
            elif len(tokens) == 2 and tokens[0] in COLOURS:
                right[row] = any(self._coloured(text, tokens[0], reading.mentions[-1]) for text in texts)
        return right

    def _coloured(self, text: Sequence[str], colour: str, noun: frozenset[int]) -> bool:
        for place, word in enumerate(text):
            if word == colour:
                after = self.vocabulary.read(" ".join(text[place + 1 : place + 3])).mentions
                if any(self.vocabulary.implied_by([each]) & noun for each in after):
                    return True
        return False


def queries_of(pictures: Pictures, texts: Sequence[str], answers: Answers) -> list[Query]:
    made = []
    for text, vector in zip(texts, pictures.encode_queries(texts), strict=True):
        evidence = pictures.references.evidence_for(text, vector)
        made.append(
            Query(
                text,
                vector,
                evidence,
                answers.to(text),
                pictures.scores(evidence, vector),
                evidence.agreement(*pictures.near),
            )
        )
    return made


def probabilities(pictures: Pictures, query: Query) -> Numbers:
    if query.evidence.is_sentence:
        cosines = pictures.photos @ query.vector
        typical = pictures.mean[pictures.sample].mean(), pictures.spread[pictures.sample].mean()
        return relevance.probability(relevance.sentence_log_odds((cosines - typical[0]) / typical[1]))
    return relevance.probability(query.evidence.log_odds(query.score, *pictures.near))


# --- fitting -----------------------------------------------------------------------------------------


def logistic(
    features: npt.NDArray[np.float64], right: Truth, weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Coefficients and a constant, by Newton's method."""
    rows = np.column_stack([features, np.ones(len(features))])
    found = np.zeros(rows.shape[1])
    for _ in range(15):
        guess = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (weights * (guess - right))
        curve = (rows * (weights * guess * (1 - guess))[:, None]).T @ rows + 1e-2 * np.eye(rows.shape[1])
        found -= np.linalg.solve(curve, slope)
    return found


def without_classifiers(pictures: Pictures, queries: Sequence[Query]) -> tuple[Pictures, list[Query]]:
    """The same queries judged by level and agreement alone."""
    made = []
    for query in queries:
        evidence = replace(query.evidence, classifier=None)
        made.append(replace(query, evidence=evidence, score=pictures.scores(evidence, query.vector)))
    return pictures, made


def fit(libraries: Sequence[tuple[Pictures, Sequence[Query]]]) -> relevance.Coefficients:
    """The logistic function on the tuning halves, every library with the same weight."""
    rows, right, weights = [], [], []
    for _, queries in libraries:
        chosen = [query for query in queries if in_tuning(query.text) and not query.evidence.is_sentence]
        for query in chosen:
            general = relevance.generality(query.evidence.known)
            agreement = np.log(query.agreement + relevance.AGREEMENT_OFFSET)
            rows.append(
                np.column_stack(
                    [
                        query.score,
                        general * query.score,
                        agreement,
                        general * agreement,
                        np.full(len(agreement), general),
                    ]
                )
            )
            right.append(query.right)
            weights.append(np.full(len(agreement), 1e6 / (len(agreement) * len(chosen))))
    found = logistic(np.concatenate(rows).astype(np.float64), np.concatenate(right), np.concatenate(weights))
    return relevance.Coefficients(*(round(float(each), 2) for each in found))


# --- measuring ---------------------------------------------------------------------------------------


def table(pictures: Pictures, queries: Sequence[Query], absent: Sequence[Query], built_in: bool) -> str:
    """Over the test half. ``built_in`` is False for what was built in before, for comparison."""
    heading = (
        "| share | queries | strong: precision | recall | shown: precision | recall | best possible "
        "| expected / found | nothing, wrongly |"
    )
    lines = [
        f"**{pictures.name}**, {'probabilities' if built_in else 'before'}\n",
        heading,
        "|---|---|---|---|---|---|---|---|---|",
    ]
    judge = judged if built_in else judged_before
    every: list[tuple[Numbers, Truth]] = []
    wrongly, sure_ones = 0, 0
    for least, most in SHARES:
        rows, counts = [], [0.0, 0.0]
        silent = sure = 0
        hits = np.zeros(4)
        for query in queries:
            if in_tuning(query.text) or not least <= query.share < most:
                continue
            found, strong, shown = judge(pictures, query)
            first = np.argsort(-found, kind="stable")
            if query.right[first[:25]].sum() >= 20:
                sure += 1
                silent += not strong.any()
            right = query.right
            hits += (strong & right).sum(), strong.sum(), (shown & right).sum(), shown.sum()
            ranked = right[first]
            precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
            good = np.flatnonzero(precision >= relevance.STRONG_PROBABILITY)
            best = ranked[: good[-1] + 1].sum() / right.sum() if len(good) else 0.0
            rows.append(((strong & right).sum() / right.sum(), (shown & right).sum() / right.sum(), best))
            counts[0] += float(found.sum())
            counts[1] += float(right.sum())
            every.append((found, right))
        if not rows:
            continue
        recall_strong, recall_shown, best = np.mean(rows, axis=0)
        expected = f"{counts[0] / counts[1]:.2f}" if built_in else ""
        lines.append(
            f"| {least:g}–{most:g} | {len(rows)} | {hits[0] / max(hits[1], 1):.2f} | {recall_strong:.2f} "
            f"| {hits[2] / max(hits[3], 1):.2f} | {recall_shown:.2f} | {best:.2f} | {expected} "
            f"| {silent} of {sure} |"
        )
        wrongly, sure_ones = wrongly + silent, sure_ones + sure
    told = [not judge(pictures, query)[1].any() for query in absent if not in_tuning(query.text)]
    lines.append(
        f"\nNothing, told of absent: {np.mean(told):.2f} of {len(told)}; wrongly: {wrongly} of {sure_ones}."
    )
    if built_in:
        lines[-1] += f" Expected calibration error: {calibration_error(every):.3f}."
    return "\n".join(lines)


def judged(pictures: Pictures, query: Query) -> tuple[Numbers, Truth, Truth]:
    found = probabilities(pictures, query)
    return found, found >= relevance.STRONG_PROBABILITY, found >= relevance.MAYBE_PROBABILITY


def judged_before(pictures: Pictures, query: Query) -> tuple[Numbers, Truth, Truth]:
    """Cut at shares of the peak above the library's own background."""
    levels = bands.levels(pictures.photos @ query.vector, pictures.mean, pictures.spread)
    found = bands.QueryBackground.of(levels[pictures.sample]).deviations(levels)
    cuts = bands.Cuts.for_words(bands.peak(found), len(found))
    return found, found >= cuts.strong, found >= cuts.maybe


def calibration_error(every: Sequence[tuple[Numbers, Truth]]) -> float:
    """Expected against observed in ten bins, over pairs with a probability above .05."""
    found, right = (np.concatenate(each) for each in zip(*every, strict=True))
    found, right = found[found > 0.05], right[found > 0.05]
    bins = np.minimum((found * 10).astype(int), 9)
    return sum(
        float(abs(found[bins == each].mean() - right[bins == each].mean()) * (bins == each).mean())
        for each in range(10)
        if (bins == each).any()
    )


def cut_table(pictures: Pictures, queries: Sequence[Query]) -> str:
    """The same queries in libraries where the share of what they name is set by leaving photos out."""
    shares = (0.0, 0.003, 0.03, 0.1, 0.3, 0.6, 0.9)
    lines = [
        "| share, by leaving photos out | strong: precision | recall | shown: precision | recall | nothing |",
        "|---|---|---|---|---|---|",
    ]
    chosen = [each for each in queries if not in_tuning(each.text) and 300 <= each.right.sum() <= 3000]
    rng = np.random.default_rng(0)
    for share in shares:
        rows = []
        for query in chosen:
            right, wrong = np.flatnonzero(query.right), np.flatnonzero(~query.right)
            size = min(2000, int(len(right) / max(share, 0.05)), int(len(wrong) / max(1 - share, 0.05)))
            kept = np.concatenate(
                [
                    rng.permutation(right)[: round(size * share)],
                    rng.permutation(wrong)[: round(size * (1 - share))],
                ]
            )
            found = probabilities(pictures, query)[kept]
            truth = query.right[kept]
            strong, shown = found >= relevance.STRONG_PROBABILITY, found >= relevance.MAYBE_PROBABILITY
            rows.append(
                [
                    (strong & truth).sum(), strong.sum(), (strong & truth).sum() / max(truth.sum(), 1),
                    (shown & truth).sum(), shown.sum(), (shown & truth).sum() / max(truth.sum(), 1),
                    not strong.any(),
                ]
            )  # fmt: skip
        total, mean = np.sum(rows, axis=0), np.mean(rows, axis=0)
        lines.append(
            f"| {share:g} | {total[0] / max(total[1], 1):.2f} | {mean[2]:.2f} "
            f"| {total[3] / max(total[4], 1):.2f} "
            f"| {mean[5]:.2f} | {mean[6]:.2f} |"
        )
    return "\n".join([f"{len(chosen)} queries with 300 to 3,000 right photos.\n", *lines])


def captions_table(pictures: Pictures, count: int = 1000) -> str:
    """Whole captions, each the query for its own photo."""
    pairs = [(row, text) for row, texts in enumerate(pictures.captions) for text in texts]
    pairs = [pair for pair in pairs if pictures.references.descriptions.count_descriptive_words(pair[1]) >= 3]
    pairs = [pairs[each] for each in np.random.default_rng(2).permutation(len(pairs))[:count]]
    vectors = pictures.encode([text for _, text in pairs])
    plain, built_in = [], []
    for (row, text), vector in zip(pairs, vectors, strict=True):
        cosines = pictures.photos @ vector
        evidence = pictures.references.evidence_for(text, vector)
        score = pictures.scores(evidence, vector)
        query = Query(text, vector, evidence, np.zeros(0, bool), score, evidence.agreement(*pictures.near))
        found = probabilities(pictures, query)
        plain.append((cosines > cosines[row]).sum())
        built_in.append((found > found[row]).sum())
    cells = [f"{(np.array(each) < at).mean():.3f}" for each in (plain, built_in) for at in (1, 10)]
    return (
        "| captions | own photo first, cosine | in ten | first, built in | in ten |\n|---|---|---|---|---|\n"
        f"| {len(pairs)} | {' | '.join(cells)} |"
    )


# --- libraries ---------------------------------------------------------------------------------------


def held_out(name: str) -> bool:
    """Whether the starter was not trained on a picture: ``part_of`` in packaging/starter/pictures.py."""
    digest = hashlib.sha256(Path(name).stem.encode()).digest()
    return int.from_bytes(digest[:8], "big") % 10 < 2


def photographs(
    folders: Sequence[Path], skip: Path | None, only_held_out: bool, model: Path | None, cache: Path
) -> Pictures:
    encoder = load_encoder(installed(model), threads=2)
    skipped: set[str] = set()
    if skip is not None:
        listing = json.loads((skip / "captions.json").read_text(encoding="utf-8"))
        skipped = {Path(name).stem for name in listing}
    captions: dict[tuple[str, str], list[str]] = {}
    for folder in folders:
        listing = json.loads((folder / "captions.json").read_text(encoding="utf-8"))
        for name in sorted(listing):
            own = skip is not None and folder.resolve() == skip.resolve()
            if (own or Path(name).stem not in skipped) and (not only_held_out or held_out(name)):
                captions[str(folder), name] = captions_of(listing[name])
    known: dict[tuple[str, str], Vectors] = {}
    if cache.exists():
        with np.load(cache) as data:
            for root, name, row in zip(data["roots"], data["names"], data["vectors"], strict=True):
                known[str(root), str(name)] = row
    missing = [key for key in captions if (Path(key[0]).name, key[1]) not in known]
    for start in range(0, len(missing), 32):
        batch = missing[start : start + 32]
        inputs = [
            decode_photo(str(Path(root) / name), encoder.input_spec).model_input for root, name in batch
        ]
        rows = encoder.encode_images(np.stack([each for each in inputs if each is not None]))
        known |= {(Path(root).name, name): row for (root, name), row in zip(batch, rows, strict=True)}
    if missing:
        np.savez(
            cache,
            roots=np.array([root for root, _ in known]),
            names=np.array([name for _, name in known]),
            vectors=np.stack(list(known.values())),
        )
    descriptions = Descriptions.load()
    texts: dict[str, Vectors] = {}
    kept = cache.with_suffix(".texts.npz")
    if kept.exists():
        with np.load(kept) as data:
            texts = dict(zip(data["texts"].tolist(), data["vectors"], strict=True))

    def encode(wanted: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(wanted) if text not in texts]
        for start in range(0, len(new), 256):
            batch = new[start : start + 256]
            texts.update(zip(batch, encoder.encode_texts(batch), strict=True))
        if new:
            np.savez(kept, texts=np.array(list(texts)), vectors=np.stack(list(texts.values())))
        return np.stack([texts[text] for text in wanted])

    photos = np.stack([known[Path(root).name, name] for root, name in captions])
    return Pictures(
        f"{encoder.info.title or encoder.info.name}, {len(photos):,} photos",
        photos,
        encode(neutral_prompts()),
        References(descriptions, encode(descriptions.texts), load_word_classifiers(encoder.info)),
        list(captions.values()),
        encode,
        partial(templates_for, encoder),
    )


def single_words(folder: Path, asked: Sequence[str]) -> tuple[Pictures, list[str]]:
    """CLIP's vectors of pictures and of single words; the words that are not asked are the descriptions. Also
    returns the words that are asked and known."""
    captions = json.loads((folder / "captions.json").read_text(encoding="utf-8"))
    with np.load(folder / "clip_vitb32.npz") as data:
        photos, texts = unit(data["image"]), unit(data["text"])
        names, words = data["image_name"].tolist(), data["text_word"].tolist()
    row = {word: number for number, word in reversed(list(enumerate(words)))}
    known = [word for word in asked if word in row]
    others = [number for word, number in row.items() if word not in set(known)]
    vocabulary = Descriptions.load().vocabulary
    return (
        Pictures(
            f"CLIP ViT-B/32, {len(names):,} photos",
            photos,
            texts[others],
            References(Descriptions(vocabulary, [f"a {words[each]}" for each in others]), texts[others]),
            [captions[name] for name in names],
            lambda wanted: texts[[row[word] for word in wanted]],
        ),
        known,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=Path, action="append", default=[])
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--skip", type=Path)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--fit", action="store_true", help="fit on the tuning halves and measure with that")
    arguments = parser.parse_args()
    asked = json.loads((HERE / "relevance_shares.json").read_text(encoding="utf-8"))
    present = [text for texts in asked["present"].values() for text in texts]
    libraries: list[tuple[Pictures, list[Query], list[Query]]] = []
    if arguments.pictures:
        pictures = photographs(
            arguments.pictures, arguments.skip, arguments.held_out, arguments.model, arguments.cache
        )
        answers = Answers(pictures.references.descriptions.vocabulary, pictures.captions)
        found = queries_of(pictures, present, answers)
        absent = queries_of(pictures, asked["absent"], answers)
        libraries.append((pictures, found, [each for each in absent if not each.right.any()]))
    if arguments.vectors:
        old = json.loads((HERE / "relevance_queries.json").read_text(encoding="utf-8"))["vectors"]
        words = dict.fromkeys([*(each["query"] for each in old["present"]), *old["absent"]])
        pictures, known = single_words(arguments.vectors, list(words))
        answers = Answers(pictures.references.descriptions.vocabulary, pictures.captions)
        every = queries_of(pictures, known, answers)
        wanted = [each for each in every if each.share >= 0.001]
        libraries.append((pictures, wanted, [each for each in every if not each.right.any()]))
    if arguments.fit:
        asked_of = [(each, [*found, *absent]) for each, found, absent in libraries]
        relevance.WORD_COEFFICIENTS = fit([without_classifiers(*each) for each in asked_of])
        print("words:", relevance.WORD_COEFFICIENTS)
        classified = [(each, [q for q in queries if q.evidence.classifier]) for each, queries in asked_of]
        if any(queries for _, queries in classified):
            relevance.CLASSIFIER_COEFFICIENTS = fit(classified)
            print("classifiers:", relevance.CLASSIFIER_COEFFICIENTS, "\n")
    for pictures, found, absent in libraries:
        print(table(pictures, found, absent, built_in=False), "\n")
        print(table(pictures, found, absent, built_in=True), "\n")
        if len(pictures.photos) > 1500:
            print(cut_table(pictures, found), "\n")
            print(captions_table(pictures), "\n")


if __name__ == "__main__":
    main()
