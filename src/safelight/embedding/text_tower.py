"""The text tower of the usual CLIP models in numpy: words become vectors before torch is imported."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from safelight.core.encoder import Vectors
from safelight.embedding.bpe_tokenizer import BpeTokenizer, clip_vocabulary
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.config import CONFIG_NAME
from safelight.embedding.token_table import TokenTable

# What a configuration may say besides what this tower does. Anything else asks for another one.
_OF_MODEL = frozenset(("embed_dim", "vision_cfg", "text_cfg", "quick_gelu", "custom_text"))
_OF_SCALE = frozenset(("init_logit_scale", "init_logit_bias"))
_OF_TEXT = frozenset(("context_length", "vocab_size", "width", "heads", "layers"))

_EPSILON = np.float32(1e-5)

Floats = npt.NDArray[np.float32]


class TextTower:
    """A transformer with causal attention whose answer is read at the end of the text (Radford et al.,
    "Learning Transferable Visual Models From Natural Language Supervision", 2021, section 2.4). Thread-safe.

    A token sees those before it only, so what follows the end is not computed at all.
    """

    def __init__(
        self, weights: Path, text: Mapping[str, Any], *, quick_gelu: bool, tokens: BpeTokenizer
    ) -> None:
        """``text`` is the ``text_cfg`` of open_clip. Raises SafetensorError, OSError, KeyError, TypeError or
        ValueError where the file does not hold such a tower."""
        # Kept open: rows of the table of tokens are read from this very file as they are needed.
        file: Any = safe_open(weights, "np")
        self._file = file
        names = set(self._file.keys())
        self._prefix = "text." if "text.token_embedding.weight" in names else ""
        self._layers = [_Layer(self._tensors(f"transformer.resblocks.{n}.")) for n in range(text["layers"])]
        self._rest = self._tensors("", ("positional_embedding", "ln_final.weight", "ln_final.bias"))
        self._projection = np.ascontiguousarray(self._tensors("", ("text_projection",))["text_projection"].T)
        self._heads = int(text["heads"])
        self._quick_gelu = quick_gelu
        self._context = int(text["context_length"])
        self._tokens = tokens
        self._lock = threading.Lock()
        size, width = text["vocab_size"], text["width"]
        self._table = TokenTable(weights, file, f"{self._prefix}token_embedding.weight")
        shape = self._table.shape
        fits = shape == (size, width) and size == tokens.vocabulary_size and width % self._heads == 0
        if not fits or len(self._rest["positional_embedding"]) != self._context:
            raise ValueError("the weights are not of this configuration")

    @property
    def dim(self) -> int:
        return len(self._projection)

    @property
    def memory(self) -> int:
        """Bytes that its weights take, but for the table of tokens, which stays in the file."""
        parts = [*self._rest.values(), self._projection]
        return sum(part.nbytes for part in parts) + sum(layer.memory for layer in self._layers)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """n texts to unit float32 (n, dim). A blank one raises ValueError: it describes nothing."""
        if any(not text.strip() for text in texts):
            raise ValueError("an empty text describes nothing")
        with self._lock:
            rows = [self._encode(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dim), np.float32)

    def _encode(self, text: str) -> Floats:
        ids = self._tokens.ids(text, self._context)
        ids = ids[: ids.index(max(ids)) + 1]  # a text may itself name the token of the end, the highest
        state = self._table.rows(ids)
        state += self._rest["positional_embedding"][: len(ids)]
        for layer in self._layers:
            state = layer(state, self._heads, quick_gelu=self._quick_gelu)
        end = _normalised(state[-1:], self._rest["ln_final.weight"], self._rest["ln_final.bias"])
        found = _product(end, self._projection)[0]
        return np.asarray(found / np.linalg.norm(found), np.float32)

    def _tensors(self, group: str, names: Sequence[str] = ()) -> dict[str, Floats]:
        """Those of a group in float32, by their names within it."""
        start = self._prefix + group
        held: list[str] = self._file.keys()
        wanted = names or [key.removeprefix(start) for key in held if key.startswith(start)]
        tensors = {name: self._file.get_tensor(start + name) for name in wanted}
        return {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}


class _Layer:
    def __init__(self, tensors: Mapping[str, Floats]) -> None:
        if tensors.keys() != _LAYER:
            raise ValueError("layers of another kind")
        self._tensors = tensors
        self.memory = sum(tensor.nbytes for tensor in tensors.values())

    def __call__(self, state: Floats, heads: int, *, quick_gelu: bool) -> Floats:
        state = state + self._attended(self._normal("ln_1", state), heads)
        inner = self._linear("mlp.c_fc.", self._normal("ln_2", state))
        inner = inner * _sigmoid(np.float32(1.702) * inner) if quick_gelu else _gelu(inner)
        return np.asarray(state + self._linear("mlp.c_proj.", inner), np.float32)

    def _attended(self, state: Floats, heads: int) -> Floats:
        length, width = state.shape
        parts = self._linear("attn.in_proj_", state).reshape(length, 3, heads, width // heads)
        query, key, value = parts.transpose(1, 2, 0, 3)
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(width // heads))
        scores += np.triu(np.full((length, length), -np.inf, np.float32), 1)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return self._linear("attn.out_proj.", (shares @ value).transpose(1, 0, 2).reshape(length, width))

    def _normal(self, name: str, state: Floats) -> Floats:
        return _normalised(state, self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"])

    def _linear(self, name: str, state: Floats) -> Floats:
        return _product(state, self._tensors[f"{name}weight"]) + self._tensors[f"{name}bias"]


_LAYER = {
    f"{part}{kind}"
    for part in ("ln_1.", "ln_2.", "attn.in_proj_", "attn.out_proj.", "mlp.c_fc.", "mlp.c_proj.")
    for kind in ("weight", "bias")
}


def open_text_tower(spec: ModelSpec) -> TextTower | None:
    """The text tower of a model, if it is one of the usual kind; None for any other, whose texts only the
    whole model can encode. A model that is found to be damaged here is reported when that is loaded."""
    vocabulary = clip_vocabulary()
    try:
        config = json.loads((spec.source / CONFIG_NAME).read_text(encoding="utf-8"))["model_cfg"]
        text = config["text_cfg"]
        if vocabulary is None or config.keys() - _OF_MODEL - _OF_SCALE or text.keys() != _OF_TEXT:
            return None
        quick_gelu = bool(config.get("quick_gelu", False))
        tower = TextTower(spec.weights, text, quick_gelu=quick_gelu, tokens=BpeTokenizer(vocabulary))
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return tower if tower.dim == spec.dim else None


def _product(rows: Floats, weight: Floats) -> Floats:
    """(n, i) and (o, i) to (n, o). Dot by dot, since for a product of matrices BLAS starts threads and waits
    for them: a text took 6 ms with one, and 44 to 160 ms with two on a busy machine."""
    return np.asarray(np.vecdot(rows[:, np.newaxis], weight[np.newaxis]), np.float32)


def _normalised(state: Floats, weight: Floats, bias: Floats) -> Floats:
    """Ba et al., "Layer Normalization", 2016."""
    centred = state - state.mean(axis=-1, keepdims=True)
    variance = np.mean(centred * centred, axis=-1, keepdims=True)
    return np.asarray(centred / np.sqrt(variance + _EPSILON) * weight + bias, np.float32)


def _sigmoid(values: Floats) -> Floats:
    with np.errstate(over="ignore"):  # the exponential of a very negative one; the share is then 0, as it is
        return np.asarray(1 / (1 + np.exp(-values)), np.float32)


def _gelu(values: Floats) -> Floats:
    """Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016, with the error function of Abramowitz and
    Stegun, "Handbook of Mathematical Functions", 7.1.26 (off by 1.5e-7 at most)."""
    x = np.abs(values) * np.float32(np.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * x)
    series = np.zeros_like(t)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = (series + np.float32(factor)) * t
    error = np.copysign(1 - series * np.exp(-x * x), values)
    return np.asarray(0.5 * values * (1 + error), np.float32)
