"""Texts encoded without torch: the same tokens and the same vectors as open_clip's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedding.conftest import TINY
from safelight.core.encoder import InputSpec
from safelight.embedding.bpe_tokenizer import BpeTokenizer, clip_vocabulary
from safelight.embedding.catalogue import ModelSpec, default
from safelight.embedding.config import CONFIG_NAME, WEIGHTS_NAME
from safelight.embedding.encoder import OpenClipEncoder
from safelight.embedding.load import load_encoder
from safelight.embedding.text_tower import TextTower, open_text_tower
from safelight.embedding.torchvision_fix import import_torchvision
from support.gemma_tokenizer import write_gemma_tokenizer
from support.scripts import strings

TEXTS = (
    "a dog on a beach",
    "A  DOG\ton a\nbeach",
    "Strandkörbe an der Ostsee, schön",
    "snow ❄️ & ice!!",
    "日本の寺 и собака",
    "it's we're they'll I'd",
    "x" * 400,
    "one two three four " * 40,
    "1234 5/6 7.8 f/2.8",
    "&amp;lt; caf\u00e9 cafe\u0301",
    "<end_of_text> a dog",
    "a <START_OF_TEXT> b",
    "ſ'ſ İstanbul ß",
    "\u200b \ufeff a",
    "don’t “quote”",
    "a",
    "!",
)


@pytest.fixture(scope="session")
def byte_pairs() -> BpeTokenizer:
    vocabulary = clip_vocabulary()
    assert vocabulary is not None
    return BpeTokenizer(vocabulary)


@pytest.mark.parametrize("most", [12, 32, 77])
def test_tokens_are_those_of_open_clip(byte_pairs: BpeTokenizer, starter: OpenClipEncoder, most: int) -> None:
    from open_clip import SimpleTokenizer

    theirs = SimpleTokenizer(context_length=most)
    for text in TEXTS:
        row = theirs([text])[0].tolist()
        ids = byte_pairs.ids(text, most)
        assert ids == row[: len(ids)]
        assert not any(row[len(ids) :])


@pytest.mark.model
def test_the_starters_texts_come_out_the_same(starter: OpenClipEncoder, tmp_path: Path) -> None:
    tower = open_text_tower(default(tmp_path))
    assert tower is not None
    assert tower.dim == starter.info.dim
    np.testing.assert_allclose(tower.encode_texts(TEXTS), starter.encode_texts(TEXTS), atol=2e-6)


@pytest.mark.parametrize("quick_gelu", [False, True])
def test_another_model_of_the_usual_kind(
    tiny: ModelSpec, edit_config: Callable[..., None], quick_gelu: bool
) -> None:
    edit_config("model_cfg", "quick_gelu", value=quick_gelu)
    tower = open_text_tower(tiny)
    assert tower is not None
    whole = load_encoder(tiny, "cpu", threads=1, verify=False)
    np.testing.assert_allclose(tower.encode_texts(TEXTS), whole.encode_texts(TEXTS), atol=2e-6)


SIGLIP_TEXT = {
    "context_length": 16,
    "no_causal_mask": True,
    "proj_bias": True,
    "pool_type": "last",
    "norm_kwargs": {"eps": 1e-6},
    "act_kwargs": {"approximate": "tanh"},
    "mlp_ratio": 3.5,
    "hf_tokenizer_name": "someone/tokenizer",
    "tokenizer_kwargs": {"clean": "canonicalize"},
}


@pytest.fixture
def siglip(tmp_path: Path) -> Callable[..., ModelSpec]:
    """A tiny model with SigLIP's text tower and random weights; arguments replace entries of ``text_cfg``."""

    def make(**changed: Any) -> ModelSpec:
        import_torchvision()
        import open_clip
        import torch
        from safetensors.torch import save_file

        folder = tmp_path / "models" / "siglip"
        folder.mkdir(parents=True, exist_ok=True)
        size = write_gemma_tokenizer(folder)
        config = json.loads(json.dumps(TINY))
        text = {**config["model_cfg"]["text_cfg"], **SIGLIP_TEXT, "vocab_size": size, **changed}
        config["model_cfg"] |= {"custom_text": True, "init_logit_bias": -10.0, "text_cfg": text}
        torch.manual_seed(3)
        architecture = {key: value for key, value in config["model_cfg"].items() if key != "custom_text"}
        state = open_clip.model.CustomTextCLIP(**architecture).state_dict()
        for name, tensor in state.items():
            if name.endswith("bias"):  # open_clip starts with zeros, which would hide a bias left out
                tensor.normal_(std=0.1)
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, folder / WEIGHTS_NAME)
        (folder / CONFIG_NAME).write_text(json.dumps(config))
        return ModelSpec("siglip", "SigLIP", folder, "", 24, 1, InputSpec(32, "longest", "bilinear", 7))

    return make


@pytest.mark.parametrize(
    "changed", [{}, {"act_kwargs": None}, {"norm_kwargs": None}, {"context_length": 40, "mlp_ratio": 4.0}]
)
def test_a_model_of_siglips_kind(siglip: Callable[..., ModelSpec], changed: dict[str, Any]) -> None:
    spec = siglip(**changed)
    tower = open_text_tower(spec)
    assert tower is not None
    whole = load_encoder(spec, "cpu", threads=1, verify=False)
    texts = [*TEXTS, *strings(64, seed=2)]
    texts = [text for text in texts if text.strip()]
    np.testing.assert_allclose(tower.encode_texts(texts), whole.encode_texts(texts), atol=2e-6)


@pytest.mark.parametrize(
    "changed",
    [
        {"pool_type": "first"},
        {"no_causal_mask": False},
        {"proj_bias": False},
        {"act_kwargs": {"approximate": "none"}},
        {"norm_kwargs": {"eps": 1e-6, "other": 1}},
        {"embed_cls": True},
    ],
)
def test_variants_of_siglips_tower_are_left_to_the_whole_model(
    siglip: Callable[..., ModelSpec], changed: dict[str, Any]
) -> None:
    spec = siglip()
    config = json.loads((spec.source / CONFIG_NAME).read_text())
    config["model_cfg"]["text_cfg"] |= changed
    (spec.source / CONFIG_NAME).write_text(json.dumps(config))
    assert open_text_tower(spec) is None


def test_siglips_tower_without_its_tokenizer_is_left_to_the_whole_model(
    siglip: Callable[..., ModelSpec],
) -> None:
    spec = siglip()
    (spec.source / "tokenizer.json").unlink()
    assert open_text_tower(spec) is None


def test_the_two_activations_differ(tiny: ModelSpec, edit_config: Callable[..., None]) -> None:
    found = []
    for quick_gelu in (False, True):
        edit_config("model_cfg", "quick_gelu", value=quick_gelu)
        tower = open_text_tower(tiny)
        assert tower is not None
        found.append(tower.encode_texts(["a dog"]))
    assert np.abs(found[0] - found[1]).max() > 1e-6


def test_no_texts_are_no_rows_and_a_blank_one_is_refused(tiny: ModelSpec) -> None:
    tower = open_text_tower(tiny)
    assert tower is not None
    assert tower.encode_texts([]).shape == (0, 24)
    with pytest.raises(ValueError, match="empty"):
        tower.encode_texts(["a dog", "  "])


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("model_cfg", "text_cfg", "no_causal_mask"), True),
        (("model_cfg", "text_cfg", "pool_type"), "last"),
        (("model_cfg", "text_cfg", "hf_tokenizer_name"), "tokenizer"),
        (("model_cfg", "text_cfg", "norm_kwargs"), {"eps": 1e-6}),
        (("model_cfg", "multimodal_cfg"), {"width": 16}),
        (("model_cfg", "text_cfg", "layers"), None),
        (("model_cfg", "text_cfg", "layers"), 2),
        (("model_cfg", "text_cfg", "context_length"), 13),
        (("model_cfg", "text_cfg", "vocab_size"), 32000),
        (("model_cfg", "text_cfg", "heads"), 3),
    ],
)
def test_what_is_not_of_the_usual_kind_is_left_to_the_whole_model(
    tiny: ModelSpec, edit_config: Callable[..., None], keys: tuple[str, ...], value: object
) -> None:
    edit_config(*keys, value=value)
    assert open_text_tower(tiny) is None


def test_weights_that_are_no_weights_are_left_to_the_whole_model_to_report(tiny: ModelSpec) -> None:
    (tiny.source / WEIGHTS_NAME).write_bytes(b"not safetensors")
    assert open_text_tower(tiny) is None


@pytest.mark.slow
def test_torch_is_not_imported() -> None:
    program = (
        "import sys; from pathlib import Path; from safelight.embedding.catalogue import default; "
        "from safelight.embedding.text_tower import open_text_tower; "
        "tower = open_text_tower(default(Path('nowhere'))); tower.encode_texts(['a dog']); "
        "sys.exit(any(name in sys.modules for name in ('torch', 'open_clip', 'torchvision')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_memory_is_that_of_the_weights_held(tiny: ModelSpec) -> None:
    tower = open_text_tower(tiny)
    assert isinstance(tower, TextTower)
    layer = 4 * (3 * 16 * 17 + 16 * 17 + 64 * 17 + 16 * 65 + 4 * 16)
    assert tower.memory == layer + 4 * (12 * 16 + 2 * 16 + 16 * 24)
