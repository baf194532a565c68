"""``python -m starter.text_vectors MODEL_DIR``: packs the vectors of the texts that every library needs.

Without them, a new library costs 20 seconds of processor time for encoding the reference descriptions and
the words of tags and themes. They are computed by the complete model, and depend on it and on the texts only.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from safelight.core.encoder import Encoder, Vectors
from safelight.embedding.packed_vectors import BASIS, PACKED_NAME
from safelight.embedding.prompts import encode_queries
from safelight.services.models.neutral import PROMPTS, neutral_prompts
from safelight.services.models.references import Descriptions, parts_of
from safelight.services.models.stored_text_vectors import set_name
from safelight.services.searching.tag_word_matching import TAG_WORDS
from safelight.services.understanding.theme_names import WORDS, WordList
from safelight.store.tag_words import built_in_names
from starter import installed

_NO_RANK = 1e-5
"""A direction with less than this share of the strongest one's singular value is rounding."""


def sets(encoder: Encoder) -> Iterator[tuple[str, tuple[str, ...], Vectors]]:
    """Kind, texts and vectors (n, dim) of every set."""
    descriptions = Descriptions.load()
    for kind, texts in ((PROMPTS, neutral_prompts()), *parts_of(descriptions.texts)):
        yield kind, texts, encoder.encode_texts(texts)
    for kind, names in ((WORDS, WordList(descriptions).names), (TAG_WORDS, built_in_names())):
        yield kind, names, encode_queries(encoder, names)


def packed(rows: Mapping[str, Vectors]) -> dict[str, np.ndarray]:
    """The tensors of the file, from sets of vectors by name."""
    _, strength, directions = np.linalg.svd(np.concatenate(list(rows.values())), full_matrices=False)
    basis = directions[strength > _NO_RANK * strength[0]].astype(np.float32)
    coordinates = {name: (vectors @ basis.T).astype(np.float16) for name, vectors in rows.items()}
    return {BASIS: basis, **coordinates}


def write(folder: Path, threads: int) -> Path:
    """Pack the vectors by the model in ``folder``. Returns the path of the file."""
    encoder = installed.load(folder, threads)
    rows = {set_name(kind, encoder.info.key, texts): found for kind, texts, found in sets(encoder)}
    path = folder / PACKED_NAME
    save_file(packed(rows), path)
    path.chmod(0o644)  # safetensors makes it readable to its owner only
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="starter.text_vectors", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="the folder of the model")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    made = write(options.folder, options.threads)
    print(f"{made}: {made.stat().st_size:,} bytes")
