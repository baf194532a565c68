"""A small tokenizer of the kind that SigLIP 2 uses (Gemma's): byte pairs with byte fallback."""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, models, normalizers, processors, trainers

from support.scripts import strings

_SPECIAL = ("<pad>", "<eos>", "<bos>", "<unk>", "<mask>")
_VOCABULARY = 1500


def write_gemma_tokenizer(folder: Path, *, padding_side: str | None = "right") -> int:
    """Train the tokenizer on generated texts and write it as the hub's exports have it: in the files
    ``tokenizer.json`` and ``tokenizer_config.json``. Returns the size of its vocabulary."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    # Fewer characters than the texts have, so that the others are encoded as bytes.
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        limit_alphabet=700,
        show_progress=False,
        special_tokens=[*_SPECIAL, *(f"<0x{number:02X}>" for number in range(256))],
    )
    tokenizer.train_from_iterator(strings(2000, seed=1), trainer)
    stored = json.loads(tokenizer.to_str())
    # The bytes are ordinary entries of the vocabulary; only the first five are special.
    stored["added_tokens"] = [each for each in stored["added_tokens"] if each["content"] in _SPECIAL[:4]]
    made = Tokenizer.from_str(json.dumps(stored))
    made.add_special_tokens([AddedToken(each, special=True) for each in _SPECIAL[:4]])
    made.post_processor = processors.TemplateProcessing(single="$A:0 <eos>:0", special_tokens=[("<eos>", 1)])
    made.save(str(folder / "tokenizer.json"))
    config: dict[str, object] = {
        "tokenizer_class": "GemmaTokenizer",
        "add_bos_token": False,
        "add_eos_token": True,
        "pad_token": "<pad>",
        "eos_token": "<eos>",
        "bos_token": "<bos>",
        "unk_token": "<unk>",
    }
    if padding_side is not None:
        config["padding_side"] = padding_side
    (folder / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
    return int(made.get_vocab_size(with_added_tokens=True))
