"""Pictures and texts to unit vectors, with a model that open_clip built."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import torch

from safelight.core.encoder import InputSpec, ModelInfo, Pixels, Vectors
from safelight.core.errors import ModelError
from safelight.embedding.config import Preprocessing

Tokenizer = Callable[[list[str]], torch.Tensor]
"""Texts to token ids (n, context length); longer texts are cut to the model's context."""


class ClipModel(Protocol):
    """What is used of open_clip's models."""

    def encode_image(self, image: torch.Tensor) -> torch.Tensor: ...

    def encode_text(self, text: torch.Tensor) -> torch.Tensor: ...


_TRIALS = (4, 8, 16, 32)
_TRIAL_SECONDS = 0.6
_ACCELERATOR_BATCH = {"cuda": 128, "mps": 32}
_HANDFUL = 8
_TEXT_BATCH = 64
_SMALLEST_NORM = 1e-6

_log = logging.getLogger(__name__)


class OpenClipEncoder:
    """Implements :class:`safelight.core.encoder.Encoder`. Thread-safe.

    The towers have a lock each, so that a query never waits for a batch of pictures.
    """

    def __init__(
        self,
        model: ClipModel,
        tokenizer: Tokenizer,
        info: ModelInfo,
        preprocessing: Preprocessing,
        *,
        autocast: torch.dtype | None = None,
        batch_size: int | None = None,
    ) -> None:
        """``model`` is in evaluation mode on ``info.device``.

        ``autocast`` is the half precision that pictures are encoded in. A ``batch_size`` of None means
        one fit for an accelerator, and on a CPU the fastest found by trial when it is first needed.
        """
        self._model = model
        self._tokenizer = tokenizer
        self._info = info
        self._input_spec = preprocessing.input_spec
        self._device = torch.device(info.device)
        self._mean = torch.tensor(preprocessing.mean, device=self._device).view(1, 3, 1, 1) * 255
        self._std = torch.tensor(preprocessing.std, device=self._device).view(1, 3, 1, 1) * 255
        self._autocast = autocast
        self._batch_size = batch_size or _ACCELERATOR_BATCH.get(info.device)
        self._image_lock = threading.Lock()
        self._text_lock = threading.Lock()

    @property
    def info(self) -> ModelInfo:
        return self._info

    @property
    def input_spec(self) -> InputSpec:
        return self._input_spec

    @property
    def batch_size(self) -> int:
        """How many pictures at a time run fastest; found by a trial of under a second on first use."""
        with self._image_lock:
            return self._measured_batch_size()

    def encode_images(self, batch: Pixels) -> Vectors:
        """Uint8 (n, size, size, 3) to unit float32 (n, dim), for any n.

        Out of memory halves the batch and goes on where it was. Raises ValueError for another shape or
        type, and ModelError where not even one picture fits or the model gives no usable vector.
        """
        size = self._input_spec.size
        if batch.dtype != np.uint8 or batch.ndim != 4 or batch.shape[1:] != (size, size, 3):
            raise ValueError(f"expected uint8 (n, {size}, {size}, 3), got {batch.dtype} {batch.shape}")
        rows: list[Vectors] = []
        start = 0
        while start < len(batch):
            with self._image_lock:
                # A handful (a query by picture, a check) is done before a trial would be.
                limit = len(batch) if len(batch) <= _HANDFUL else self._measured_batch_size()
                limit = min(limit, self._batch_size or limit)
                part = batch[start : start + limit]
                try:
                    rows.append(self._unit(self._image_features(part)))
                except (MemoryError, RuntimeError) as error:
                    if not _is_out_of_memory(error):
                        raise
                    self._batch_size = self._smaller(len(part))
                else:
                    start += len(part)
        return np.concatenate(rows) if rows else self._no_rows()

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """n texts to unit float32 (n, dim). A blank one raises ValueError: it describes nothing."""
        if any(not text.strip() for text in texts):
            raise ValueError("an empty text describes nothing")
        rows = []
        for start in range(0, len(texts), _TEXT_BATCH):
            with self._text_lock, torch.inference_mode():
                tokens = self._tokenizer(list(texts[start : start + _TEXT_BATCH])).to(self._device)
                rows.append(self._unit(self._model.encode_text(tokens)))
        return np.concatenate(rows) if rows else self._no_rows()

    def _image_features(self, part: Pixels) -> torch.Tensor:
        """Raw features (n, dim) of a batch that is run as one."""
        with torch.inference_mode():
            # Copied, since torch takes no read-only or reversed array. NHWC permuted is channels-last.
            copied = torch.from_numpy(np.array(part, order="C"))
            pixels = copied.to(self._device).permute(0, 3, 1, 2).float()
            pixels.sub_(self._mean).div_(self._std)
            features = self._run_tower(pixels)
            if self._autocast is not None and not bool(features.isfinite().all()):
                _log.info("half precision overflows in this model; going on in float32")
                self._autocast = None
                features = self._run_tower(pixels)
        return features

    def _run_tower(self, pixels: torch.Tensor) -> torch.Tensor:
        with torch.autocast(self._info.device, self._autocast, enabled=self._autocast is not None):
            features: torch.Tensor = self._model.encode_image(pixels)
        return features

    def _unit(self, features: torch.Tensor) -> Vectors:
        values = features.float().cpu().numpy()
        norms = np.linalg.norm(values, axis=1, keepdims=True)
        if values.shape[1:] != (self._info.dim,):
            raise ModelError(f"The model “{self._info.name}” gives vectors of another length than it says.")
        if not (np.isfinite(norms).all() and (norms > _SMALLEST_NORM).all()):
            raise ModelError(f"The model “{self._info.name}” gave an empty vector; install it again.")
        return np.asarray(values / norms, np.float32)

    def _no_rows(self) -> Vectors:
        return np.zeros((0, self._info.dim), np.float32)

    def _smaller(self, tried: int) -> int:
        """The batch size after ``tried`` pictures did not fit into memory."""
        if tried == 1:
            raise ModelError(
                f"The model “{self._info.name}” needs more memory than is free; use a smaller one."
            )
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        elif self._device.type == "mps":
            torch.mps.empty_cache()
        _log.info("out of memory with %d pictures at a time; going on with %d", tried, tried // 2)
        return tried // 2

    def _measured_batch_size(self) -> int:
        """Under the image lock. On a CPU, small batches that stay in its cache can be many times faster."""
        if self._batch_size is None:
            self._batch_size = self._fastest_batch()
        return self._batch_size

    def _fastest_batch(self) -> int:
        """By growing the batch until its best rate falls clearly, memory ends, or time is up."""
        size = self._input_spec.size
        pictures = np.random.default_rng(0).integers(0, 256, (max(_TRIALS), size, size, 3), np.uint8)
        began = time.perf_counter()
        best, best_rate = _TRIALS[0], 0.0
        for count in _TRIALS:
            seconds = []
            for _ in range(3):  # the first also allocates; the best is the one least disturbed
                start = time.perf_counter()
                try:
                    self._image_features(pictures[:count])
                except (MemoryError, RuntimeError) as error:
                    if not _is_out_of_memory(error):
                        raise
                    return best
                seconds.append(time.perf_counter() - start)
                if start + seconds[-1] - began > _TRIAL_SECONDS:
                    break
            rate = count / min(seconds)
            if rate > best_rate:
                best, best_rate = count, rate
            if rate < 0.8 * best_rate or time.perf_counter() - began > _TRIAL_SECONDS:
                break
        _log.debug("fastest batch: %d (%.0f pictures/s)", best, best_rate)
        return best


def _is_out_of_memory(error: BaseException) -> bool:
    """torch raises its own error on CUDA, and a plain RuntimeError in words on MPS and the CPU."""
    text = str(error).lower()
    return (
        isinstance(error, MemoryError | torch.OutOfMemoryError)
        or "out of memory" in text
        or "can't allocate memory" in text
    )
