"""Models whose tokenizer lies beside their weights, as SigLIP 2's does: the extra ``multilingual``."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from safelight.core.errors import ModelError
from safelight.core.jobs import JobControl
from safelight.embedding import install
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.encoder import OpenClipEncoder
from safelight.embedding.load import load_encoder

EditConfig = Callable[..., None]
TEXTS = ["ein roter Hund", "un chien rouge", "赤い犬", "собака"]


def load(spec: ModelSpec) -> OpenClipEncoder:
    return load_encoder(spec, "cpu", verify=False)  # random weights


def make_tokenizer(folder: Path) -> None:
    """A tokenizer of bytes, in the files that the hub's exports have."""
    tokenizers = pytest.importorskip("tokenizers", reason="the extra multilingual is not installed")
    pytest.importorskip("transformers", reason="the extra multilingual is not installed")
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    vocabulary = {piece: number for number, piece in enumerate(["<pad>", *sorted(alphabet)])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>"})
    )


def test_texts_of_any_script_are_told_apart(tiny: ModelSpec, edit_config: EditConfig) -> None:
    make_tokenizer(tiny.source)
    edit_config("model_cfg", "text_cfg", "hf_tokenizer_name", value="someone/tokenizer")
    vectors = load(tiny).encode_texts(TEXTS)
    assert vectors.shape == (4, 24)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    likeness = vectors @ vectors.T
    assert (likeness[~np.eye(4, dtype=bool)] < 0.99999).all()


def test_an_import_brings_the_tokenizer_along(
    tiny: ModelSpec, edit_config: EditConfig, tmp_path: Path
) -> None:
    make_tokenizer(tiny.source)
    edit_config("model_cfg", "text_cfg", "hf_tokenizer_name", value="someone/tokenizer")
    spec = install.import_folder(
        tiny.source, tmp_path / "elsewhere", lambda _: None, JobControl(), name="mine"
    )
    assert load(spec).encode_texts(TEXTS).shape == (4, 24)


def test_without_the_extra_one_line_says_which(
    tiny: ModelSpec, edit_config: EditConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_config("model_cfg", "text_cfg", "hf_tokenizer_name", value="someone/tokenizer")
    there = importlib.util.find_spec
    monkeypatch.setattr(
        "safelight.embedding.weights.find_spec", lambda name: None if name == "transformers" else there(name)
    )
    with pytest.raises(ModelError, match=r"safelight\[multilingual\]"):
        load(tiny)
