from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import Image

from safelight.core.encoder import Encoder, ModelInfo, Pixels
from safelight.core.errors import ModelError, OutOfMemoryError
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.config import CONFIG_NAME, preprocessing_of
from safelight.embedding.encoder import ClipModel, OpenClipEncoder, Tokenizer
from safelight.embedding.half import half_tower
from safelight.embedding.weights import open_model

Draw = Callable[[int, int], Pixels]


@pytest.mark.model
def test_vectors_are_unit_and_do_not_depend_on_the_batch(starter: OpenClipEncoder, pictures: Draw) -> None:
    encoder: Encoder = starter
    batch = pictures(11, 224)
    vectors = encoder.encode_images(batch)
    assert vectors.shape == (11, encoder.info.dim)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)
    assert np.allclose(encoder.encode_images(batch[::-1])[::-1], vectors, atol=1e-4)
    assert np.allclose(encoder.encode_images(batch[4:5])[0], vectors[4], atol=1e-4)


@pytest.mark.model
def test_half_precision_gives_the_same_neighbours(
    starter: OpenClipEncoder, exact_starter: OpenClipEncoder, pictures: Draw
) -> None:
    batch = pictures(12, 224)
    fast, exact = starter.encode_images(batch), exact_starter.encode_images(batch)
    # Waves are nothing the classifier knows, and its share in the vector jumps: real photos come to .994 and
    # more, .9993 in the mean.
    assert (fast * exact).sum(1).min() > 0.97
    assert ((fast @ exact.T).argmax(1) == np.arange(12)).all()


@pytest.mark.model
def test_pixels_are_prepared_as_open_clip_does(exact_starter: OpenClipEncoder, pictures: Draw) -> None:
    from open_clip.transform import PreprocessCfg, image_transform_v2

    config = json.loads((_starter_spec().source / CONFIG_NAME).read_text())
    theirs = image_transform_v2(PreprocessCfg(size=224, **config["preprocess_cfg"]), is_train=False)
    model, _ = open_model(_starter_spec())
    # What precedes the tensor: resize and crop of a PIL picture, which is what the encoder is handed.
    resize_and_crop = theirs.transforms[:2]
    for shape in ((300, 500), (640, 320), (224, 224)):
        picture = Image.fromarray(pictures(1, max(shape))[0, : shape[0], : shape[1]])
        with torch.inference_mode():
            expected = model.encode_image(theirs(picture)[None], normalize=True)[0].numpy()
        prepared = picture
        for step in resize_and_crop:
            prepared = step(prepared)
        found = exact_starter.encode_images(np.asarray(prepared)[None])[0]
        assert expected @ found > 0.9999


def _starter_spec() -> ModelSpec:
    from safelight import paths
    from safelight.embedding.catalogue import find

    return find("starter", paths.models_dir())


@pytest.mark.model
@pytest.mark.parametrize(
    "text", ["犬", "🐶", "собака", "a", "!?", "dog " * 200, "naïve café", "\x00\x07", "<b>"]
)
def test_any_text_gives_a_vector(starter: OpenClipEncoder, text: str) -> None:
    (vector,) = starter.encode_texts([text])
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


@pytest.mark.model
def test_texts_past_the_context_are_cut_not_refused(starter: OpenClipEncoder) -> None:
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"] * 4
    long, longer = starter.encode_texts([" ".join(words[:31]), " ".join(words)])
    assert long @ longer == pytest.approx(1, abs=1e-5)


@pytest.mark.model
def test_texts_do_not_depend_on_their_neighbours(starter: OpenClipEncoder) -> None:
    texts = [f"a photo of {number} things" for number in range(70)]
    together = starter.encode_texts(texts)
    assert np.allclose(together[65], starter.encode_texts([texts[65]])[0], atol=1e-5)
    assert starter.encode_texts([]).shape == (0, starter.info.dim)


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_a_blank_text_is_refused(text: str, tiny: ModelSpec) -> None:
    encoder = _encoder(tiny)
    with pytest.raises(ValueError, match="empty"):
        encoder.encode_texts(["dog", text])


@pytest.mark.model
def test_threads_share_one_model(starter: OpenClipEncoder, pictures: Draw) -> None:
    batch = pictures(6, 224)
    texts = ["a dog", "two boats"]
    alone = starter.encode_images(batch), starter.encode_texts(texts)
    with ThreadPoolExecutor(4) as pool:
        images = [pool.submit(starter.encode_images, batch) for _ in range(2)]
        words = [pool.submit(starter.encode_texts, texts) for _ in range(2)]
        assert all(np.allclose(future.result(), alone[0], atol=1e-4) for future in images)
        assert all(np.allclose(future.result(), alone[1], atol=1e-5) for future in words)


def _encoder(
    spec: ModelSpec,
    wrap: Callable[[ClipModel], ClipModel] = lambda model: model,
    *,
    half: bool = False,
    batch_size: int | None = None,
) -> OpenClipEncoder:
    """The tiny model, with ``wrap`` between it and the encoder."""
    model, tokenizer = open_model(spec)
    preprocessing = preprocessing_of(model.visual.preprocess_cfg, "tiny")
    info = ModelInfo("tiny@0", "tiny", 24, "cpu")
    wrapped = wrap(model)
    tower = half_tower(wrapped, "cpu", torch.bfloat16) if half else None
    return OpenClipEncoder(wrapped, tokenizer, info, preprocessing, half=tower, batch_size=batch_size)


@pytest.mark.parametrize(
    "batch",
    [
        np.zeros((1, 32, 32, 3), np.float32),
        np.zeros((32, 32, 3), np.uint8),
        np.zeros((1, 31, 32, 3), np.uint8),
        np.zeros((1, 3, 32, 32), np.uint8),
        np.zeros((1, 32, 32, 4), np.uint8),
    ],
)
def test_other_pixels_than_asked_for_are_refused(tiny: ModelSpec, batch: Pixels) -> None:
    with pytest.raises(ValueError, match="uint8"):
        _encoder(tiny).encode_images(batch)


def test_read_only_strided_and_empty_batches_are_fine(tiny: ModelSpec, pictures: Draw) -> None:
    encoder, batch = _encoder(tiny), pictures(4, 32)
    expected = encoder.encode_images(batch)
    batch.flags.writeable = False
    assert np.allclose(encoder.encode_images(batch), expected, atol=1e-6)
    assert np.allclose(encoder.encode_images(batch[::-2]), expected[::-2], atol=1e-6)
    assert encoder.encode_images(batch[:0]).shape == (0, 24)


def test_the_batch_size_is_found_once_by_trial(tiny: ModelSpec, pictures: Draw) -> None:
    encoder = _encoder(tiny)
    assert encoder.batch_size in (4, 8, 16, 32)
    assert encoder.batch_size == encoder.batch_size
    assert encoder.encode_images(pictures(40, 32)).shape == (40, 24)


class _Around:
    """The real model behind one changed answer of its picture tower."""

    def __init__(self, model: ClipModel) -> None:
        self.model = model
        self.visual = getattr(model, "visual")  # noqa: B009 - no part of the protocol
        self.batches: list[int] = []

    def encode_image(self, image: torch.Tensor) -> torch.Tensor:
        self.batches.append(len(image))
        return self.model.encode_image(image)

    def encode_text(self, text: torch.Tensor) -> torch.Tensor:
        return self.model.encode_text(text)

    def to(self, device: str) -> ClipModel:
        self.model.to(device)
        return self


def _oom(kind: str) -> Exception:
    return {
        "cuda": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        "mps": RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"),
        "cpu": RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"),
        "python": MemoryError(),
    }[kind]


class _Cramped(_Around):
    """Has memory for ``room`` pictures at a time."""

    def __init__(self, model: ClipModel, room: int, error: Exception) -> None:
        super().__init__(model)
        self._room, self._error = room, error

    def encode_image(self, image: torch.Tensor) -> torch.Tensor:
        if len(image) > self._room:
            raise self._error
        return super().encode_image(image)


@pytest.mark.parametrize("kind", ["cuda", "mps", "cpu", "python"])
def test_out_of_memory_halves_the_batch_and_loses_none(tiny: ModelSpec, pictures: Draw, kind: str) -> None:
    batch = pictures(13, 32)
    expected = _encoder(tiny, batch_size=16).encode_images(batch)
    around: list[_Cramped] = []

    def cramp(model: ClipModel) -> ClipModel:
        around.append(_Cramped(model, 3, _oom(kind)))
        return around[0]

    encoder = _encoder(tiny, cramp, batch_size=16)
    assert np.allclose(encoder.encode_images(batch), expected, atol=1e-5)
    assert sum(around[0].batches) == 13
    assert encoder.batch_size == 3  # 13 → 6 → 3: what fitted is kept


def test_no_room_for_a_single_picture_is_reported(tiny: ModelSpec, pictures: Draw) -> None:
    encoder = _encoder(tiny, lambda model: _Cramped(model, 0, MemoryError()), batch_size=4)
    with pytest.raises(OutOfMemoryError, match="too little free memory"):
        encoder.encode_images(pictures(5, 32))


class _Failing(_Around):
    """Raises at its ``at``-th batch, once."""

    def __init__(self, model: ClipModel, at: int) -> None:
        super().__init__(model)
        self._at = at

    def encode_image(self, image: torch.Tensor) -> torch.Tensor:
        found = super().encode_image(image)
        if len(self.batches) == self._at:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return found


@pytest.mark.parametrize("at", range(1, 8))
def test_memory_that_runs_out_at_any_batch_loses_none(tiny: ModelSpec, pictures: Draw, at: int) -> None:
    batch = pictures(25, 32)
    expected = _encoder(tiny, batch_size=4).encode_images(batch)
    encoder = _encoder(tiny, lambda model: _Failing(model, at), batch_size=4)
    assert np.allclose(encoder.encode_images(batch), expected, atol=1e-5)


class _OnlyOnCpu(_Around):
    """An accelerator (torch's ``meta`` device represents it) that fails; on the CPU the model works."""

    error: Exception

    def encode_image(self, image: torch.Tensor) -> torch.Tensor:
        if image.device.type != "cpu":
            raise self.error
        return super().encode_image(image)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (_oom("cuda"), "too little free memory"),
        (RuntimeError("CUDA error: unspecified launch failure"), "failed"),
    ],
)
def test_an_accelerator_that_fails_is_given_up_for_the_cpu(
    tiny: ModelSpec, pictures: Draw, error: Exception, said: str
) -> None:
    batch = pictures(5, 32)
    expected = _encoder(tiny).encode_images(batch)
    model, tokenizer = open_model(tiny)
    around = _OnlyOnCpu(model)
    around.error = error
    received: list[str] = []
    encoder = OpenClipEncoder(
        around,
        tokenizer,
        ModelInfo("tiny@0", "tiny", 24, "meta"),
        preprocessing_of(model.visual.preprocess_cfg, "tiny"),
        batch_size=4,
        on_notice=lambda message: received.append(str(message)),
    )
    assert np.allclose(encoder.encode_images(batch), expected, atol=1e-5)
    assert encoder.info.device == "cpu"
    assert len(received) == 1
    assert said in received[0]


def test_no_room_during_the_trial_is_no_error(tiny: ModelSpec, pictures: Draw) -> None:
    encoder = _encoder(tiny, lambda model: _Cramped(model, 2, MemoryError()))
    assert encoder.encode_images(pictures(20, 32)).shape == (20, 24)
    assert encoder.batch_size == 2


class _Broken(_Around):
    def encode_image(self, image: torch.Tensor) -> torch.Tensor:
        raise RuntimeError(f"expected scalar type Half but found {image.dtype}")


def test_any_other_error_of_the_model_is_not_hidden(tiny: ModelSpec, pictures: Draw) -> None:
    with pytest.raises(RuntimeError, match="scalar type"):
        _encoder(tiny, _Broken, batch_size=4).encode_images(pictures(2, 32))


class _Overflowing(_Around):
    """Leaves the range of half precision, as some large towers do."""

    def encode_image(self, image: torch.Tensor) -> torch.Tensor:
        features = super().encode_image(image)
        return features * float("inf") if torch.is_autocast_enabled("cpu") else features


def test_half_precision_that_overflows_is_given_up(tiny: ModelSpec, pictures: Draw) -> None:
    batch = pictures(5, 32)
    encoder = _encoder(tiny, _Overflowing, half=True, batch_size=4)
    assert np.allclose(encoder.encode_images(batch), _encoder(tiny).encode_images(batch), atol=1e-5)


def test_half_precision_stays_near(tiny: ModelSpec, pictures: Draw) -> None:
    batch = pictures(5, 32)
    half = _encoder(tiny, half=True).encode_images(batch)
    assert np.linalg.norm(half, axis=1) == pytest.approx(1, abs=1e-6)
    assert (half * _encoder(tiny).encode_images(batch)).sum(1).min() > 0.99


def test_a_large_tower_in_half_precision_stays_near_and_takes_half_the_room(
    tiny: ModelSpec, pictures: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safelight.embedding.half._MAX_AUTOCAST_WEIGHTS", 0)
    batch = pictures(5, 32)
    model, _ = open_model(tiny)
    whole = sum(weights.nbytes for weights in model.visual.parameters())
    tower = half_tower(model, "cpu", torch.bfloat16)
    full = _encoder(tiny)
    preprocessing = preprocessing_of(model.visual.preprocess_cfg, "tiny")
    half = OpenClipEncoder(model, full._tokenizer, full.info, preprocessing, half=tower, batch_size=4)
    vectors = half.encode_images(batch)
    assert (vectors * full.encode_images(batch)).sum(1).min() > 0.99
    tower.keep()
    assert np.array_equal(half.encode_images(batch), vectors)
    assert sum(weights.nbytes for weights in model.visual.parameters()) * 2 == whole
    assert np.allclose(half.encode_texts(["a dog"]), full.encode_texts(["a dog"]), atol=1e-6)


class _Slow(_Around):
    """Counts what is asked of it in half precision, and is much slower there."""

    halved = 0

    def encode_image(self, image: torch.Tensor) -> torch.Tensor:
        if torch.is_autocast_enabled("cpu"):
            self.halved += 1
            for _ in range(200):
                super().encode_image(image)
        return super().encode_image(image)


class _Wrong(_Around):
    """Gives other vectors in half precision, and is much slower in float32."""

    def encode_image(self, image: torch.Tensor) -> torch.Tensor:
        if torch.is_autocast_enabled("cpu"):
            return super().encode_image(image).flip(1)
        for _ in range(200):
            super().encode_image(image)
        return super().encode_image(image)


@pytest.mark.slow
def test_half_precision_that_disagrees_is_not_used(tiny: ModelSpec, pictures: Draw) -> None:
    encoder = _encoder(tiny, _Wrong, half=True)
    assert encoder.info.method == "bfloat16"
    assert encoder.batch_size > 0
    assert encoder.info.method == "float32"
    batch = pictures(4, 32)
    np.testing.assert_allclose(encoder.encode_images(batch), _encoder(tiny).encode_images(batch), atol=1e-6)


def test_half_precision_that_is_slower_is_not_used(tiny: ModelSpec, pictures: Draw) -> None:
    around: list[_Slow] = []

    def slow(model: ClipModel) -> ClipModel:
        around.append(_Slow(model))
        return around[0]

    encoder = _encoder(tiny, slow, half=True)
    assert encoder.batch_size > 0
    tried = around[0].halved
    assert tried > 0
    encoder.encode_images(pictures(12, 32))
    assert around[0].halved == tried


class _Scaled(_Around):
    factor = 1.0

    def encode_image(self, image: torch.Tensor) -> torch.Tensor:
        return super().encode_image(image) * self.factor


@pytest.mark.parametrize("factor", [0.0, float("nan"), float("inf")])
def test_a_vector_without_direction_is_refused(tiny: ModelSpec, pictures: Draw, factor: float) -> None:
    def scale(model: ClipModel) -> ClipModel:
        scaled = _Scaled(model)
        scaled.factor = factor
        return scaled

    with pytest.raises(ModelError, match="empty vector"):
        _encoder(tiny, scale).encode_images(pictures(2, 32))


def test_vectors_of_another_length_are_refused(tiny: ModelSpec, pictures: Draw) -> None:
    model, tokenizer = open_model(tiny)
    encoder = OpenClipEncoder(
        model, tokenizer, ModelInfo("t@0", "t", 25, "cpu"), preprocessing_of(model.visual.preprocess_cfg, "t")
    )
    with pytest.raises(ModelError, match="another length"):
        encoder.encode_images(pictures(1, 32))


def test_the_tokenizer_is_the_configurations(tiny: ModelSpec) -> None:
    tokenizer: Tokenizer = open_model(tiny)[1]
    assert tokenizer(["a dog"]).shape == (1, 12)
