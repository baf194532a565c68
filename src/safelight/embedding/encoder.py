"""Encodes pictures and texts as unit vectors, with a model that open_clip built."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import torch

from safelight.core.encoder import InputSpec, ModelInfo, Pixels, Vectors
from safelight.core.errors import ModelError, OutOfMemoryError
from safelight.core.message import Message
from safelight.embedding.config import Preprocessing
from safelight.embedding.half import HalfTower

Tokenizer = Callable[[list[str]], torch.Tensor]
"""Texts to token ids (n, context length); longer texts are cut to the model's context."""


Notice = Callable[[Message], None]
"""Receives one line for the user."""


class ClipModel(Protocol):
    """The part of open_clip's models (``nn.Module``) that is used here."""

    def encode_image(self, image: torch.Tensor) -> torch.Tensor: ...

    def encode_text(self, text: torch.Tensor) -> torch.Tensor: ...

    def to(self, device: str) -> ClipModel: ...


_TRIALS = (4, 8, 16, 32)
_TRIAL_SECONDS = 0.6
_ACCELERATOR_BATCH = {"cuda": 128, "mps": 32}
_PRECISION_TRIAL_SIZE = 8
_TEXT_BATCH = 64
_MIN_NORM = 1e-6
_MIN_COSINE = 0.995
"""Between half precision and float32 of the same pictures; below it half precision is not used."""

_log = logging.getLogger(__name__)


class OpenClipEncoder:
    """Implements :class:`safelight.core.encoder.Encoder`. Thread-safe.

    Each tower has its own lock, so that a query never waits for a batch of pictures.
    """

    def __init__(
        self,
        model: ClipModel,
        tokenizer: Tokenizer,
        info: ModelInfo,
        preprocessing: Preprocessing,
        *,
        half: HalfTower | None = None,
        batch_size: int | None = None,
        on_notice: Notice = lambda _: None,
    ) -> None:
        """``model`` is in evaluation mode on ``info.device``.

        ``half`` encodes pictures in half precision: always on an accelerator, and on a CPU if a trial finds
        it faster and its vectors agree with those of float32. If ``batch_size`` is None, a fitting one is
        used on an accelerator; on a CPU a trial on first use finds the fastest. ``on_notice`` is called when
        the CPU takes over from an accelerator.
        """
        self._model = model
        self._tokenizer = tokenizer
        self._info = info
        self._input_spec = preprocessing.input_spec
        self._device = torch.device(info.device)
        self._preprocessing = preprocessing
        self._mean, self._std = self._statistics()
        self._half = half
        self._set_method()
        self._on_notice = on_notice
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
        """The fastest number of pictures at a time; found by a trial of under a second on first use."""
        with self._image_lock:
            return self._measured_batch_size()

    def encode_images(self, batch: Pixels) -> Vectors:
        """Uint8 (n, size, size, 3) to unit float32 (n, dim), for any n.

        When memory runs out, the batch is halved and encoding continues. If not even one picture fits, or an
        accelerator fails, the CPU takes over. Raises ValueError for another shape or type, OutOfMemoryError
        if one picture does not fit on the CPU either, and ModelError if the model returns no usable vector.
        """
        size = self._input_spec.size
        if batch.dtype != np.uint8 or batch.ndim != 4 or batch.shape[1:] != (size, size, 3):
            raise ValueError(f"expected uint8 (n, {size}, {size}, 3), got {batch.dtype} {batch.shape}")
        # Results are read back at the end, so that an accelerator computes one part while the next is copied.
        running: list[tuple[Pixels, torch.Tensor, bool]] = []
        start = failures = 0
        while start < len(batch):
            with self._image_lock:
                # A handful of pictures (a query, a check) is encoded faster than a trial would take.
                limit = len(batch) if len(batch) <= _PRECISION_TRIAL_SIZE else self._measured_batch_size()
                limit = min(limit, self._batch_size or limit)
                part = batch[start : start + limit]
                try:
                    halved = self._half is not None
                    running.append((part, self._image_features(part), halved))
                except (MemoryError, RuntimeError) as error:
                    failures += 1
                    self._recover(error, len(part), failures)
                else:
                    start += len(part)
                    failures = 0
        rows = [self._read_back(*each) for each in running]
        return np.concatenate(rows) if rows else self._no_rows()

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """n texts to unit float32 (n, dim). Raises ValueError for a blank text, which describes nothing."""
        if any(not text.strip() for text in texts):
            raise ValueError("an empty text describes nothing")
        rows = []
        for start in range(0, len(texts), _TEXT_BATCH):
            with self._text_lock, torch.inference_mode():
                tokens = self._tokenizer(list(texts[start : start + _TEXT_BATCH])).to(self._device)
                rows.append(self._unit(self._model.encode_text(tokens)))
        return np.concatenate(rows) if rows else self._no_rows()

    def _statistics(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and standard deviation of the 8-bit channels, on the device."""
        mean, std = (
            torch.tensor(values, device=self._device).view(1, 3, 1, 1) * 255
            for values in (self._preprocessing.mean, self._preprocessing.std)
        )
        return mean, std

    def _image_features(self, part: Pixels) -> torch.Tensor:
        """Raw features (n, dim) of one batch; an accelerator may still be computing them."""
        with torch.inference_mode():
            # Copied because torch refuses read-only and reversed arrays. NHWC permuted is channels-last.
            copied = torch.from_numpy(np.array(part, order="C"))
            if self._device.type == "cuda":
                copied = copied.pin_memory()  # so that the copy to the card is asynchronous
            pixels = copied.to(self._device, non_blocking=True).permute(0, 3, 1, 2).float()
            pixels.sub_(self._mean).div_(self._std)
            return self._model.encode_image(pixels) if self._half is None else self._half(pixels)

    def _read_back(self, part: Pixels, features: torch.Tensor, halved: bool) -> Vectors:
        """Unit vectors of a batch; if half precision overflowed, it is computed again in float32."""
        if halved and not bool(features.isfinite().all()):
            _log.info("half precision overflows in this model; using float32")
            with self._image_lock:
                self._half = None
                self._set_method()
            return self.encode_images(part)
        return self._unit(features)

    def _unit(self, features: torch.Tensor) -> Vectors:
        values = features.float().cpu().numpy()
        norms = np.linalg.norm(values, axis=1, keepdims=True)
        if values.shape[1:] != (self._info.dim,):
            raise ModelError(
                "The model “{name}” returns vectors of another length than its configuration.",
                name=self._info.name,
            )
        if not (np.isfinite(norms).all() and (norms > _MIN_NORM).all()):
            raise ModelError(
                "The model “{name}” returned an empty vector; install it again.", name=self._info.name
            )
        return np.asarray(values / norms, np.float32)

    def _no_rows(self) -> Vectors:
        return np.zeros((0, self._info.dim), np.float32)

    def _set_method(self) -> None:
        self._info = replace(self._info, method="float32" if self._half is None else self._half.method)

    def _recover(self, error: BaseException, tried: int, failures: int) -> None:
        """Handle the failure of a batch of ``tried`` pictures, the ``failures``-th in a row: use smaller
        batches, else the CPU. Raises if neither helps. The image lock is held."""
        short = _is_out_of_memory(error)
        accelerated = self._device.type != "cpu"
        if short and tried > 1:
            if self._device.type == "cuda":
                torch.cuda.empty_cache()
            elif self._device.type == "mps":
                torch.mps.empty_cache()
            _log.info("out of memory with %d pictures at a time; trying %d", tried, tried // 2)
            self._batch_size = tried // 2
        elif accelerated and (short or _is_of_device(error)):
            self._fall_back(short_of_memory=short)
        elif short and failures == 1:
            gc.collect()  # a single picture: retry once, since memory may have been freed
        elif short:
            raise OutOfMemoryError(
                "There is too little free memory for the model “{name}”. Close other programs, or use a "
                "smaller model.",
                name=self._info.name,
            ) from error
        else:
            raise error

    def _fall_back(self, *, short_of_memory: bool) -> None:
        """Continue on the CPU. The image lock is held."""
        with self._text_lock:
            try:
                self._model.to("cpu")
            except RuntimeError as error:  # after some failures the device cannot be read any more
                raise ModelError(
                    "The graphics processor failed while running “{name}”; restart Safelight.",
                    name=self._info.name,
                ) from error
            self._device = torch.device("cpu")
            self._mean, self._std = self._statistics()
            self._half = self._batch_size = None
            self._info = replace(self._info, device="cpu", method="float32")
        if short_of_memory:
            notice = Message(
                "The graphics processor has too little free memory; {name} now runs on the main processor.",
                name=self._info.name,
            )
        else:
            notice = Message(
                "The graphics processor failed; {name} now runs on the main processor.", name=self._info.name
            )
        self._on_notice(notice)

    def _measured_batch_size(self) -> int:
        """The image lock is held. On a CPU, small batches that fit its cache can be many times faster."""
        if self._batch_size is None:
            self._batch_size = self._fastest_batch()
        return self._batch_size

    def _choose_precision(self, pictures: Pixels) -> None:
        """Keep half precision only if it is faster here (it may be many times slower) and agrees with
        float32. The image lock is held."""
        half = self._half
        if half is None:
            return
        seconds: dict[str, float] = {}
        features: dict[str, torch.Tensor] = {}
        for tower in (None, half):
            self._half = tower
            self._set_method()
            timed = []
            for _ in range(2):  # the first run also allocates memory
                start = time.perf_counter()
                try:
                    features[self._info.method] = self._image_features(pictures).float()
                except (MemoryError, RuntimeError) as error:
                    if not _is_out_of_memory(error):
                        raise
                    return
                timed.append(time.perf_counter() - start)
            seconds[self._info.method] = min(timed)
        full, name = "float32", half.method
        cosine = float(torch.cosine_similarity(features[full], features[name]).min())
        _log.debug(
            "%d pictures: %.3f s in float32, %.3f s in %s, least cosine %.5f",
            *(len(pictures), seconds[full], seconds[name], name, cosine),
        )
        if seconds[name] < seconds[full] and cosine >= _MIN_COSINE:
            half.keep()
        else:
            self._half = None
            self._set_method()

    def _fastest_batch(self) -> int:
        """Grow the batch until the rate falls clearly, memory runs out, or the time is up."""
        size = self._input_spec.size
        pictures = _trial_pictures(max(_TRIALS), size)
        self._choose_precision(pictures[: _TRIALS[0]])
        began = time.perf_counter()
        best, best_rate = _TRIALS[0], 0.0
        for count in _TRIALS:
            seconds = []
            for _ in range(3):  # the first run also allocates; the fastest was disturbed least
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


def _trial_pictures(count: int, size: int) -> Pixels:
    """Pictures to measure with (n, size, size, 3): patches of colour with noise on them, no two alike."""
    source = np.random.default_rng(0)
    patches = source.integers(0, 224, (count, 4, 4, 3), np.uint8)
    places = np.arange(size) * 4 // size
    enlarged: Pixels = patches[:, places][:, :, places]
    enlarged += source.integers(0, 32, enlarged.shape, np.uint8)
    return enlarged


def _is_of_device(error: BaseException) -> bool:
    """Whether the accelerator failed rather than the model."""
    text = str(error).lower()
    return any(name in text for name in ("cuda error", "cublas", "cudnn", "hip error", "mps backend"))


def _is_out_of_memory(error: BaseException) -> bool:
    """torch raises a type of its own on CUDA, and a RuntimeError with a message on MPS and the CPU."""
    text = str(error).lower()
    return (
        isinstance(error, MemoryError | torch.OutOfMemoryError)
        or "out of memory" in text
        or "can't allocate memory" in text
    )
