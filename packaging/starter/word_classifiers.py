"""``python -m starter.word_classifiers MODEL_DIR --photos DIR…``: trains the classifiers of single words.

Each is a logistic regression on the finished model's vectors of the training pictures. A picture shows a word
if the vocabulary says that one of its captions implies it. Part of the similarity to the word is added. The
vectors of photos do not change, so that libraries need not be read again.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from safelight.core.bands import photo_background
from safelight.core.encoder import Encoder, Vectors
from safelight.core.vocabulary import Vocabulary
from safelight.embedding.prompts import encode_queries
from safelight.embedding.word_classifiers import save_word_classifiers
from safelight.services.models.neutral import neutral_prompts
from safelight.services.models.references import Descriptions
from starter import installed
from starter.pictures import Part, Picture, read_pictures
from starter.settings import ClassifierSettings


def teaches(picture: Picture) -> bool:
    """Whether the classifiers learn from a picture. A label does not tell what else a picture shows."""
    return picture.part is Part.TRAIN and bool(picture.captions)


def shown_concepts(vocabulary: Vocabulary, pictures: Sequence[Picture]) -> npt.NDArray[np.bool_]:
    """Which concepts each picture shows by its captions, (pictures, concepts)."""
    found = np.zeros((len(pictures), len(vocabulary)), np.bool_)
    for row, picture in enumerate(pictures):
        for caption in picture.captions:
            found[row, list(vocabulary.implied_by(vocabulary.read(caption).mentions))] = True
    return found


def train(
    vectors: Vectors, shown: npt.NDArray[np.bool_], settings: ClassifierSettings
) -> tuple[Vectors, npt.NDArray[np.float32]]:
    """Classifiers of concepts: weights (concepts, dim) and biases (concepts,), for vectors as they are.

    ``vectors`` (n, dim) are of pictures, and ``shown`` (n, concepts) tells what they show.
    """
    torch.manual_seed(settings.seed)
    centre, spread = vectors.mean(0), vectors.std(0) + 1e-6
    pictures = torch.from_numpy((vectors - centre) / spread)
    answers = torch.from_numpy(shown.astype(np.float32))
    layer = nn.Linear(pictures.shape[1], answers.shape[1])
    shares = answers.mean(0).clamp(1e-6, 1 - 1e-6)
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.copy_(torch.log(shares / (1 - shares)))
    optimiser = torch.optim.AdamW(
        layer.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    for _ in range(settings.passes):
        for rows in torch.split(torch.randperm(len(pictures)), settings.batch):
            losses = functional.binary_cross_entropy_with_logits(
                layer(pictures[rows]), answers[rows], reduction="none"
            )
            optimiser.zero_grad()
            # Each concept has the same weight, however many there are.
            losses.sum(1).mean().backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    weights = layer.weight.detach().numpy() / spread
    return weights, layer.bias.detach().numpy() - weights @ centre


def add_level(
    encoder: Encoder,
    words: Sequence[str],
    classifiers: tuple[Vectors, npt.NDArray[np.float32]],
    vectors: Vectors,
    share: float,
) -> tuple[Vectors, npt.NDArray[np.float32]]:
    """Weights and biases with a share of the level of each word added, on average over pictures with these
    vectors."""
    neutral = encoder.encode_texts(neutral_prompts())
    _, spread = photo_background(vectors, neutral)
    levels = share * (encode_queries(encoder, words) - neutral.mean(0)) / spread.mean()
    weights, biases = classifiers
    return weights + levels, biases - levels @ vectors.mean(0)


def write(
    folder: Path,
    encoder: Encoder,
    pictures: Sequence[Picture],
    vectors: Vectors,
    settings: ClassifierSettings,
) -> Path:
    """Train on the training part of ``pictures`` with these unit vectors by the model of ``encoder``, and
    write the classifiers into its ``folder``. Returns the path of the file."""
    vocabulary = Descriptions.load().vocabulary
    taught = [row for row, picture in enumerate(pictures) if teaches(picture)]
    shown = shown_concepts(vocabulary, [pictures[row] for row in taught])
    counts = shown.sum(0)
    concepts = np.flatnonzero((counts >= settings.least_pictures) & (counts < len(taught)))
    words = [vocabulary.names[concept] for concept in concepts]
    trained = train(vectors[taught], shown[:, concepts], settings)
    weights, biases = add_level(encoder, words, trained, vectors[taught], settings.level)
    return save_word_classifiers(folder, encoder.info.key, words, weights, biases)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="starter.word_classifiers", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("folder", type=Path, help="the folder of the model")
    parser.add_argument("--photos", type=Path, required=True, nargs="+", help="as for training the model")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    encoder = installed.load(options.folder, options.threads)
    taught = [picture for picture in read_pictures(*options.photos) if teaches(picture)]
    readable, vectors = installed.encoded(encoder, taught)
    made = write(options.folder, encoder, readable, vectors, ClassifierSettings())
    print(f"{made}: {made.stat().st_size:,} bytes")
