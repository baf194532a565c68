"""Tokenisers stored beside a model as ``tokenizer.json`` (SigLIP 2's, for example), without transformers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from safelight.core.errors import ModelError
from safelight.embedding.text_cleaning import CLEANERS

TOKENIZER_NAME = "tokenizer.json"
_CONFIG_NAME = "tokenizer_config.json"
_KNOWN_OPTIONS = frozenset(("clean", "strip_sep_token"))
_LEFT_PADDED = ("Gemma", "Siglip2")
"""Tokenizer classes of transformers that pad on the left unless their configuration says otherwise."""


class JsonTokenizer:
    """Gives the ids that open_clip's ``HFTokenizer`` gives for the same folder. Thread-safe.

    Ids have the model's full context length: longer texts are truncated, shorter ones padded. Special
    tokens are added as ``tokenizer.json`` says; transformers, too, ignores ``tokenizer_config.json`` in this.
    """

    def __init__(self, folder: Path, text_config: Mapping[str, Any]) -> None:
        """``text_config`` is the ``text_cfg`` of ``open_clip_config.json``.

        Raises ModelError where ``folder`` has no usable tokenizer, or one with unsupported options.
        """
        options: Mapping[str, Any] = text_config.get("tokenizer_kwargs") or {}
        clean = options.get("clean", "whitespace")
        unknown = sorted(set(options) - _KNOWN_OPTIONS)
        if text_config.get("tokenizer_mode") or unknown or clean not in CLEANERS:
            raise ModelError(
                "The model in {folder} needs tokenizer options that Safelight does not support; choose "
                "another model.",
                folder=folder,
            )
        self._clean = CLEANERS[clean]
        config = _read_config(folder / _CONFIG_NAME)
        path = folder / TOKENIZER_NAME
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises plain Exception for every fault
            raise ModelError(
                "{path} is missing or damaged; install the model again together with its {tokenizer_name}.",
                path=path,
                tokenizer_name=TOKENIZER_NAME,
            ) from error
        pad = _token(config, "pad_token")
        pad_id = tokenizer.token_to_id(pad) if pad is not None else None
        if pad is None or pad_id is None:
            raise ModelError(
                "{path} names no usable padding token; use another export.", path=folder / _CONFIG_NAME
            )
        context = int(text_config.get("context_length", 77))
        tokenizer.enable_truncation(max_length=context)
        tokenizer.enable_padding(
            direction=_padding_side(config), pad_id=pad_id, pad_token=pad, length=context
        )
        separator = _token(config, "sep_token") if options.get("strip_sep_token") else None
        self._separator: int | None = tokenizer.token_to_id(separator) if separator is not None else None
        self._tokenizer = tokenizer

    @property
    def vocabulary_size(self) -> int:
        return int(self._tokenizer.get_vocab_size(with_added_tokens=True))

    def ids(self, text: str) -> list[int]:
        """The token ids of ``text``, as many as the model's context length."""
        # One text at a time: batches start a thread pool, which warns when the process forks later.
        ids: list[int] = self._tokenizer.encode(self._clean(text)).ids
        return ids if self._separator is None else [0 if each == self._separator else each for each in ids]


def _read_config(path: Path) -> Mapping[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(
            "{path} cannot be read ({reason}); install the model again.", path=path, reason=error.strerror
        ) from error
    except ValueError as error:
        raise ModelError("{path} is damaged (not JSON); install the model again.", path=path) from error
    if not isinstance(config, dict):
        raise ModelError("{path} does not describe a tokenizer; install the model again.", path=path)
    return config


def _token(config: Mapping[str, Any], name: str) -> str | None:
    """A special token: written as a string, or as an object with its content."""
    value = config.get(name)
    if isinstance(value, dict):
        value = value.get("content")
    return value if isinstance(value, str) else None


def _padding_side(config: Mapping[str, Any]) -> str:
    default = "left" if str(config.get("tokenizer_class", "")).startswith(_LEFT_PADDED) else "right"
    side = config.get("padding_side", default)
    return "left" if side == "left" else "right"
