"""The text towers of CLIP and SigLIP models in NumPy: texts become vectors before torch is imported."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from safelight.core.encoder import Vectors
from safelight.core.errors import ModelError
from safelight.embedding.bpe_tokenizer import BpeTokenizer, clip_vocabulary
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.config import CONFIG_NAME
from safelight.embedding.digest import verify
from safelight.embedding.token_table import TokenTable

# The entries of a configuration that this module implements. Any other entry means another architecture.
_MODEL_KEYS = frozenset(("embed_dim", "vision_cfg", "text_cfg", "quick_gelu", "custom_text"))
_SCALE_KEYS = frozenset(("init_logit_scale", "init_logit_bias"))
_TEXT_KEYS = frozenset(("context_length", "vocab_size", "width", "heads", "layers"))
_SIGLIP_KEYS = {"no_causal_mask": True, "proj_bias": True, "pool_type": "last"}
_SIGLIP_OPTIONS = frozenset(
    ("hf_tokenizer_name", "tokenizer_kwargs", "norm_kwargs", "act_kwargs", "mlp_ratio", *_SIGLIP_KEYS)
)

_MATMUL_ROWS = 16
"""From this number of rows on, a matrix product with BLAS is faster than single dot products."""

Floats = npt.NDArray[np.float32]
Activation = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Architecture:
    """The properties in which the text towers of CLIP and SigLIP differ."""

    ids: Callable[[str], list[int]]
    """Token ids of a text; every position that the tower attends to."""
    layers: int
    heads: int
    context_length: int
    vocabulary_size: int
    width: int
    causal: bool
    """Whether a token attends only to itself and to those before it."""
    epsilon: float
    """The epsilon of layer normalisation."""
    activation: Activation


class TextTower:
    """A transformer that reads its answer at the last position. Thread-safe.

    CLIP (Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021,
    section 2.4) attends causally and ends at the end token, so padding is never computed. SigLIP (Zhai et
    al., "Sigmoid Loss for Language Image Pre-Training", 2023) attends in both directions, padding included.
    """

    def __init__(self, weights: Path, architecture: Architecture) -> None:
        """Raises SafetensorError, OSError, KeyError, TypeError or ValueError if ``weights`` does not contain
        such a tower."""
        # The file stays open: rows of the token table are read when they are needed.
        file: Any = safe_open(weights, "np")
        self._file = file
        self._architecture = architecture
        names = set(self._file.keys())
        self._prefix = "text." if "text.token_embedding.weight" in names else ""
        self._layers = [
            _Layer(self._tensors(f"transformer.resblocks.{number}."), architecture)
            for number in range(architecture.layers)
        ]
        self._rest = self._tensors("", ("positional_embedding", "ln_final.weight", "ln_final.bias"))
        self._projection, self._bias = self._read_projection(names)
        self._lock = threading.Lock()
        size, width = architecture.vocabulary_size, architecture.width
        self._table = TokenTable(weights, file, f"{self._prefix}token_embedding.weight")
        fits = self._table.shape == (size, width) and width % architecture.heads == 0
        if not fits or len(self._rest["positional_embedding"]) != architecture.context_length:
            raise ValueError("the weights do not fit the configuration")

    @property
    def dim(self) -> int:
        return len(self._projection)

    @property
    def memory(self) -> int:
        """Bytes of the weights in memory. The token table stays in the file."""
        parts = [*self._rest.values(), self._projection, *([] if self._bias is None else [self._bias])]
        return sum(part.nbytes for part in parts) + sum(layer.memory for layer in self._layers)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """n texts to unit float32 (n, dim). Raises ValueError for a blank text, which describes nothing."""
        if any(not text.strip() for text in texts):
            raise ValueError("an empty text describes nothing")
        with self._lock:
            rows = [self._encode(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dim), np.float32)

    def _encode(self, text: str) -> Floats:
        ids = self._architecture.ids(text)
        state = self._table.rows(ids)
        state += self._rest["positional_embedding"][: len(ids)]
        for layer in self._layers:
            state = layer(state)
        epsilon = self._architecture.epsilon
        end = _normalised(state[-1:], self._rest["ln_final.weight"], self._rest["ln_final.bias"], epsilon)
        found = _product(end, self._projection)[0]
        if self._bias is not None:
            found = found + self._bias
        return np.asarray(found / np.linalg.norm(found), np.float32)

    def _read_projection(self, names: set[str]) -> tuple[Floats, Floats | None]:
        """The projection (dim, width), and its bias if the model has one."""
        if f"{self._prefix}text_projection" in names:
            stored = self._tensors("", ("text_projection",))["text_projection"]
            return np.ascontiguousarray(stored.T), None
        linear = self._tensors("text_projection.", ("weight", "bias"))
        return linear["weight"], linear["bias"]

    def _tensors(self, group: str, names: Sequence[str] = ()) -> dict[str, Floats]:
        """The tensors of a group (or those named) in float32, by their names within it."""
        start = self._prefix + group
        held: list[str] = self._file.keys()
        wanted = names or [key.removeprefix(start) for key in held if key.startswith(start)]
        tensors = {name: self._file.get_tensor(start + name) for name in wanted}
        return {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}


class _Layer:
    def __init__(self, tensors: Mapping[str, Floats], architecture: Architecture) -> None:
        if tensors.keys() != _LAYER_TENSORS:
            raise ValueError("layers of another kind")
        self._tensors = tensors
        self._architecture = architecture
        self.memory = sum(tensor.nbytes for tensor in tensors.values())

    def __call__(self, state: Floats) -> Floats:
        state = state + self._attention(self._normal("ln_1", state))
        inner = self._architecture.activation(self._linear("mlp.c_fc.", self._normal("ln_2", state)))
        return np.asarray(state + self._linear("mlp.c_proj.", inner), np.float32)

    def _attention(self, state: Floats) -> Floats:
        length, width = state.shape
        heads = self._architecture.heads
        parts = self._linear("attn.in_proj_", state).reshape(length, 3, heads, width // heads)
        query, key, value = parts.transpose(1, 2, 0, 3)
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(width // heads))
        if self._architecture.causal:
            scores += np.triu(np.full((length, length), -np.inf, np.float32), 1)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return self._linear("attn.out_proj.", (shares @ value).transpose(1, 0, 2).reshape(length, width))

    def _normal(self, name: str, state: Floats) -> Floats:
        weight, bias = self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"]
        return _normalised(state, weight, bias, self._architecture.epsilon)

    def _linear(self, name: str, state: Floats) -> Floats:
        return _product(state, self._tensors[f"{name}weight"]) + self._tensors[f"{name}bias"]


_LAYER_TENSORS = {
    f"{part}{kind}"
    for part in ("ln_1.", "ln_2.", "attn.in_proj_", "attn.out_proj.", "mlp.c_fc.", "mlp.c_proj.")
    for kind in ("weight", "bias")
}


def open_text_tower(spec: ModelSpec) -> TextTower | None:
    """The text tower of a CLIP or SigLIP model; None for any other, whose texts need the whole model.

    None also for a damaged model: loading it reports the fault.
    """
    try:
        config = json.loads((spec.source / CONFIG_NAME).read_text(encoding="utf-8"))["model_cfg"]
        if config.keys() - _MODEL_KEYS - _SCALE_KEYS:
            return None
        architecture = _architecture(config, spec.source)
        if architecture is None:
            return None
        verify(spec)
        tower = TextTower(spec.weights, architecture)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError, ModelError):
        return None
    return tower if tower.dim == spec.dim else None


def _architecture(config: Mapping[str, Any], folder: Path) -> Architecture | None:
    """What ``model_cfg`` describes, where it is a CLIP or SigLIP text tower. Raises ModelError where a
    tokenizer in ``folder`` cannot be used."""
    text: Mapping[str, Any] = config["text_cfg"]
    context, size = int(text["context_length"]), int(text["vocab_size"])
    tokens: BpeTokenizer | JsonTokenizer
    if text.keys() == _TEXT_KEYS:
        vocabulary = clip_vocabulary()
        if vocabulary is None:
            return None
        tokens = bpe = BpeTokenizer(vocabulary)
        ids: Callable[[str], list[int]] = lambda text: _up_to_end(bpe.ids(text, context))  # noqa: E731
        activation: Activation = _quick_gelu if config.get("quick_gelu") else _gelu
        epsilon = 1e-5
    elif _is_siglip(text) and not config.get("quick_gelu"):
        from safelight.embedding.json_tokenizer import (
            JsonTokenizer,
        )  # takes a second, and only SigLIP needs it

        tokens = own = JsonTokenizer(folder, text)
        ids = own.ids
        approximate = (text.get("act_kwargs") or {}).get("approximate") == "tanh"
        activation = _gelu_tanh if approximate else _gelu
        epsilon = float((text.get("norm_kwargs") or {}).get("eps", 1e-5))
    else:
        return None
    if tokens.vocabulary_size > size:
        return None
    return Architecture(
        ids=ids,
        layers=int(text["layers"]),
        heads=int(text["heads"]),
        context_length=context,
        vocabulary_size=size,
        width=int(text["width"]),
        causal=text.keys() == _TEXT_KEYS,
        epsilon=epsilon,
        activation=activation,
    )


def _is_siglip(text: Mapping[str, Any]) -> bool:
    """Whether ``text_cfg`` describes SigLIP's text tower and nothing else."""
    return (
        not text.keys() - _TEXT_KEYS - _SIGLIP_OPTIONS
        and all(text.get(name) == value for name, value in _SIGLIP_KEYS.items())
        and bool(text.get("hf_tokenizer_name"))
        and (text.get("act_kwargs") or {}) in ({}, {"approximate": "tanh"})
        and not (text.get("norm_kwargs") or {}).keys() - {"eps"}
    )


def _up_to_end(ids: list[int]) -> list[int]:
    """The ids up to the first end token, which is the highest id and may also occur within a text. CLIP takes
    the text's vector from its position."""
    return ids[: ids.index(max(ids)) + 1]


def _product(rows: Floats, weight: Floats) -> Floats:
    """(n, i) and (o, i) to (n, o).

    Few rows are multiplied by single dot products: a matrix product starts BLAS threads and waits for them. A
    short text took 6 ms this way, and 44 to 160 ms with two BLAS threads on a busy machine.
    """
    if len(rows) >= _MATMUL_ROWS:
        return np.asarray(rows @ weight.T, np.float32)
    return np.asarray(np.vecdot(rows[:, np.newaxis], weight[np.newaxis]), np.float32)


def _normalised(state: Floats, weight: Floats, bias: Floats, epsilon: float) -> Floats:
    """Ba et al., "Layer Normalization", 2016."""
    centred = state - state.mean(axis=-1, keepdims=True)
    variance = np.mean(centred * centred, axis=-1, keepdims=True)
    return np.asarray(centred / np.sqrt(variance + np.float32(epsilon)) * weight + bias, np.float32)


def _quick_gelu(values: Floats) -> Floats:
    return np.asarray(values * _sigmoid(np.float32(1.702) * values), np.float32)


def _gelu_tanh(values: Floats) -> Floats:
    """The tanh approximation of GELU (Hendrycks and Gimpel, 2016, section 2)."""
    inner = np.float32(np.sqrt(2 / np.pi)) * (values + np.float32(0.044715) * values**3)
    return np.asarray(np.float32(0.5) * values * (1 + np.tanh(inner)), np.float32)


def _sigmoid(values: Floats) -> Floats:
    with np.errstate(over="ignore"):  # exp overflows for very negative values, where the result is 0
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
