"""Models whose tokenizer is stored beside their weights, as SigLIP 2's is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from safelight.core.errors import ModelError
from safelight.core.jobs import JobControl
from safelight.embedding import install
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.encoder import OpenClipEncoder
from safelight.embedding.json_tokenizer import JsonTokenizer
from safelight.embedding.load import load_encoder
from safelight.embedding.text_cleaning import CLEANERS
from safelight.embedding.torchvision_fix import import_torchvision
from support.gemma_tokenizer import write_gemma_tokenizer
from support.scripts import SCRIPTS, strings

EditConfig = Callable[..., None]
TEXTS = ["ein roter Hund", "un chien rouge", "赤い犬", "собака"]
SIGLIP2 = {"context_length": 64, "tokenizer_kwargs": {"clean": "canonicalize"}}


def load(spec: ModelSpec) -> OpenClipEncoder:
    return load_encoder(spec, "cpu", verify=False)  # random weights


@pytest.fixture
def gemma(tmp_path: Path) -> Path:
    folder = tmp_path / "gemma"
    folder.mkdir()
    write_gemma_tokenizer(folder)
    return folder


def reference(folder: Path, **options: Any) -> Callable[[list[str]], list[list[int]]]:
    """open_clip's own tokenizer for such a folder, which uses transformers."""
    pytest.importorskip("transformers", reason="the reference needs transformers (extra: test)")
    import_torchvision()
    from open_clip.tokenizer import HFTokenizer

    theirs = HFTokenizer(str(folder), **options)
    return lambda texts: theirs(texts).tolist()


def test_the_scripts_are_thirty_and_their_characters_are_theirs() -> None:
    names = [name for name in SCRIPTS if name != "Symbols"]
    assert len(names) >= 30
    for name in names:
        first = SCRIPTS[name][0][0]
        assert name.upper().removesuffix("A") in unicodedata.name(chr(first)) or name in ("Han", "Oriya")


@pytest.fixture
def count(nightly: bool) -> int:
    """Texts that are compared with the reference."""
    return 10_000 if nightly else 2_000


def agree_on_ids(folder: Path, count: int) -> None:
    texts = strings(count, seed=5)
    ours = JsonTokenizer(folder, SIGLIP2)
    theirs = reference(folder, context_length=64, clean="canonicalize")
    found = [ours.ids(text) for text in texts]
    wanted = [row for start in range(0, len(texts), 500) for row in theirs(texts[start : start + 500])]
    differing = [text for text, mine, its in zip(texts, found, wanted, strict=True) if mine != its]
    assert not differing
    assert all(len(row) == 64 for row in found)
    assert sum(row[-1] != 0 for row in found) > count // 20  # truncated
    assert sum(any(5 <= each < 261 for each in row) for row in found) > count // 100  # encoded as bytes


def test_texts_get_the_ids_of_the_reference(gemma: Path, count: int) -> None:
    agree_on_ids(gemma, count)


@pytest.mark.skipif(
    "SAFELIGHT_SIGLIP2_FOLDER" not in os.environ,
    reason="SAFELIGHT_SIGLIP2_FOLDER does not name a folder with SigLIP 2's own tokenizer.json",
)
def test_texts_get_the_ids_of_the_reference_with_siglip2s_own_tokenizer(count: int) -> None:
    agree_on_ids(Path(os.environ["SAFELIGHT_SIGLIP2_FOLDER"]), count)


@pytest.mark.slow
@pytest.mark.parametrize("clean", sorted(CLEANERS))
def test_texts_are_cleaned_as_open_clip_cleans_them(clean: str, count: int) -> None:
    import_torchvision()
    from open_clip.tokenizer import get_clean_fn

    theirs = get_clean_fn(clean)
    for text in strings(count, seed=7):
        assert CLEANERS[clean](text) == theirs(text)


@pytest.mark.parametrize(
    "changed",
    [
        {"padding_side": None},
        {"padding_side": "left"},
        {"add_bos_token": True},
        {"add_eos_token": False},
        {"pad_token": {"__type": "AddedToken", "content": "<pad>", "lstrip": False, "rstrip": False}},
        {"add_bos_token": None, "add_eos_token": None},
    ],
)
def test_its_configuration_counts_as_it_does_for_the_reference(gemma: Path, changed: dict[str, Any]) -> None:
    path = gemma / "tokenizer_config.json"
    config = {**json.loads(path.read_text("utf-8")), **changed}
    path.write_text(json.dumps({name: value for name, value in config.items() if value is not None}), "utf-8")
    texts = strings(200, seed=3)
    ours = JsonTokenizer(gemma, {"context_length": 24})
    assert [ours.ids(text) for text in texts] == reference(gemma, context_length=24)(texts)


def test_the_separator_is_stripped_where_the_model_wants_it(gemma: Path) -> None:
    path = gemma / "tokenizer_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "sep_token": "<eos>"}), "utf-8")
    ours = JsonTokenizer(gemma, {"context_length": 16, "tokenizer_kwargs": {"strip_sep_token": True}})
    assert [ours.ids(text) for text in TEXTS] == reference(gemma, context_length=16, strip_sep_token=True)(
        TEXTS
    )
    assert 1 not in ours.ids("a dog")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("tokenizer.json", None, "tokenizer.json is missing or damaged"),
        ("tokenizer.json", "{}", "tokenizer.json is missing or damaged"),
        ("tokenizer_config.json", None, "cannot be read"),
        ("tokenizer_config.json", "nothing", "not JSON"),
        ("tokenizer_config.json", "[]", "does not describe"),
        ("tokenizer_config.json", "{}", "padding token"),
    ],
)
def test_a_damaged_one_is_named(gemma: Path, name: str, content: str | None, said: str) -> None:
    (gemma / name).unlink()
    if content is not None:
        (gemma / name).write_text(content)
    with pytest.raises(ModelError, match=said):
        JsonTokenizer(gemma, SIGLIP2)


@pytest.mark.parametrize(
    "text_config",
    [
        {"tokenizer_mode": "clips"},
        {"tokenizer_kwargs": {"clean": "otherwise"}},
        {"tokenizer_kwargs": {"language": "fra_Latn"}},
    ],
)
def test_options_that_are_not_supported_are_refused(gemma: Path, text_config: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="options"):
        JsonTokenizer(gemma, text_config)


def test_texts_of_any_script_are_distinguished(tiny: ModelSpec, edit_config: EditConfig) -> None:
    write_gemma_tokenizer(tiny.source)
    edit_config("model_cfg", "text_cfg", "hf_tokenizer_name", value="someone/tokenizer")
    vectors = load(tiny).encode_texts(TEXTS)
    assert vectors.shape == (4, 24)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    likeness = vectors @ vectors.T
    assert (likeness[~np.eye(4, dtype=bool)] < 0.99999).all()


def test_an_import_brings_the_tokenizer_along(
    tiny: ModelSpec, edit_config: EditConfig, tmp_path: Path
) -> None:
    write_gemma_tokenizer(tiny.source)
    edit_config("model_cfg", "text_cfg", "hf_tokenizer_name", value="someone/tokenizer")
    spec = install.import_folder(
        tiny.source, tmp_path / "elsewhere", lambda _: None, JobControl(), name="mine"
    )
    assert load(spec).encode_texts(TEXTS).shape == (4, 24)


def test_a_model_without_its_tokenizer_is_refused(tiny: ModelSpec, edit_config: EditConfig) -> None:
    edit_config("model_cfg", "text_cfg", "hf_tokenizer_name", value="someone/tokenizer")
    with pytest.raises(ModelError, match=r"tokenizer_config\.json"):
        load(tiny)


def test_it_needs_neither_torch_nor_transformers(gemma: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from safelight.embedding.json_tokenizer import JsonTokenizer; "
        f"JsonTokenizer(Path({str(gemma)!r}), {SIGLIP2!r}).ids('a dog'); "
        "sys.exit(any(name in sys.modules for name in ('torch', 'open_clip', 'transformers')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
