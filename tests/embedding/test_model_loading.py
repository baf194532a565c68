from __future__ import annotations

import hashlib
import logging
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import safelight
from safelight.core.encoder import InputSpec, Pixels
from safelight.core.errors import ModelError
from safelight.embedding.catalogue import ModelSpec, default
from safelight.embedding.config import CONFIG_NAME
from safelight.embedding.digest import key_of, verified_key_of
from safelight.embedding.encoder import OpenClipEncoder
from safelight.embedding.load import load_encoder
from safelight.embedding.quiet import quiet_open_clip
from safelight.embedding.text_tower import open_text_tower

EditConfig = Callable[..., None]
Tensors = dict[str, torch.Tensor]


def load(spec: ModelSpec) -> OpenClipEncoder:
    return load_encoder(spec, "cpu", verify=False)


def test_the_information_of_a_loaded_model(tiny: ModelSpec, pictures: Callable[[int, int], Pixels]) -> None:
    encoder = load(tiny)
    digest = hashlib.sha256(tiny.weights.read_bytes()).hexdigest()
    assert encoder.info.key == f"tiny@{digest[:8]}"
    assert (encoder.info.dim, encoder.info.device, encoder.info.title) == (24, "cpu", "Tiny")
    assert 0.9 * tiny.size_bytes < encoder.info.memory <= tiny.size_bytes
    assert encoder.input_spec == InputSpec(32, "longest", "bilinear", 7)
    assert encoder.encode_images(pictures(3, 32)).shape == (3, 24)


def _rename(tensors: Tensors) -> Tensors:
    tensors["visual.other"] = tensors.pop("visual.proj")
    return tensors


def _transpose(tensors: Tensors) -> Tensors:
    tensors["text_projection"] = tensors["text_projection"].T.contiguous()
    return tensors


def _poison(tensors: Tensors) -> Tensors:
    tensors["ln_final.weight"][0] = float("nan")
    return tensors


def _drop(tensors: Tensors) -> Tensors:
    return {name: tensor for name, tensor in tensors.items() if "ln_pre" not in name}


def _nothing(_: Tensors) -> Tensors:
    return {}


@pytest.mark.parametrize("change", [_rename, _transpose, _poison, _drop, _nothing])
def test_other_weights_than_the_configuration_says_are_refused(
    tiny: ModelSpec, change: Callable[[Tensors], Tensors]
) -> None:
    save_file(change(load_file(tiny.weights)), tiny.weights)
    with pytest.raises(ModelError) as caught:
        load(tiny)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("model_cfg", "embed_dim"), 32),
        (("model_cfg", "vision_cfg", "layers"), 2),
        # open_clip would stretch the position embeddings to fit these two, and say nothing.
        (("model_cfg", "vision_cfg", "image_size"), 64),
        (("model_cfg", "text_cfg", "context_length"), 20),
        (("model_cfg", "vision_cfg", "unheard_of"), 1),
        (("model_cfg", "vision_cfg", "timm_model_name"), "no_such_tower"),
        (("preprocess_cfg", "resize_mode"), "seam-carve"),
        (("preprocess_cfg", "interpolation"), "random"),
        (("preprocess_cfg", "fill_color"), 300),
        (("preprocess_cfg", "mean"), [0.5, 0.5]),
        (("preprocess_cfg", "mean"), [0.5, 0.5, "x"]),
        (("preprocess_cfg", "std"), [0.5, 0.0, 0.5]),
    ],
)
def test_another_configuration_than_the_weights_have_is_refused(
    tiny: ModelSpec, edit_config: EditConfig, keys: tuple[str, ...], value: object
) -> None:
    edit_config(*keys, value=value)
    with pytest.raises(ModelError) as caught:
        load(tiny)
    assert "\n" not in str(caught.value)


def test_a_download_cut_short_is_refused(tiny: ModelSpec) -> None:
    whole = tiny.weights.read_bytes()
    for length in (0, 5, len(whole) // 2, len(whole) - 1):
        tiny.weights.write_bytes(whole[:length])
        with pytest.raises(ModelError, match="damaged or incomplete"):
            load(tiny)


def test_weights_altered_since_their_checksum_was_taken_are_refused(tiny: ModelSpec) -> None:
    content = bytearray(tiny.weights.read_bytes())
    sums = tiny.weights.with_name(tiny.weights.name + ".sha256")
    sums.write_text(f"{hashlib.sha256(content).hexdigest()}  {tiny.weights.name}\n")
    load(tiny)
    assert open_text_tower(tiny) is not None
    key = key_of(tiny)
    assert key == verified_key_of(tiny)
    content[-100] ^= 1
    tiny.weights.write_bytes(content)
    with pytest.raises(ModelError, match="was changed since"):
        load(tiny)
    assert open_text_tower(tiny) is None
    with pytest.raises(ModelError, match="was changed since"):
        verified_key_of(tiny)
    assert key_of(tiny) == key, "opening a library does not read the weights"
    sums.write_text("no checksum")
    with pytest.raises(ModelError, match="was changed since"):
        key_of(tiny)
    sums.unlink()
    assert key_of(tiny) == f"{tiny.name}@{hashlib.sha256(content).hexdigest()[:8]}"


class _Bomb:
    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return pytest.fail, ("a pickle was opened",)


def test_a_pickle_is_never_opened(tiny: ModelSpec) -> None:
    bomb = pickle.dumps(_Bomb())
    for name in ("open_clip_pytorch_model.bin", "model.pth"):
        (tiny.source / name).write_bytes(bomb)
    load(tiny)
    tiny.weights.write_bytes(bomb)
    with pytest.raises(ModelError, match="damaged"):
        load(tiny)
    tiny.weights.unlink()
    with pytest.raises(ModelError, match=r"safetensors (cannot be read|is missing)"):
        load(tiny)


def test_a_missing_configuration_is_named(tiny: ModelSpec) -> None:
    (tiny.source / CONFIG_NAME).unlink()
    with pytest.raises(ModelError, match=CONFIG_NAME):
        load(tiny)


def test_a_device_that_is_not_there_is_named(tiny: ModelSpec) -> None:
    with pytest.raises(ModelError, match=r"“abacus” is not available\. This computer has: .*cpu"):
        load_encoder(tiny, "abacus")


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="this machine has what is to be missing")
@pytest.mark.model
@pytest.mark.slow
def test_an_accelerator_that_cannot_take_the_model_gives_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is said to be there, as after an update of its driver; that it is not, torch finds out by itself.
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    received: list[str] = []
    encoder = load_encoder(default(tmp_path), "auto", on_notice=lambda message: received.append(str(message)))
    if torch.cuda.is_available():
        assert encoder.info.device == "cuda"
        return
    assert encoder.info.device == "cpu"
    assert ["graphics processor" in line for line in received] == [True]
    with pytest.raises(ModelError, match="memory of “mps”"):
        load_encoder(default(tmp_path), "mps")


@pytest.mark.parametrize(("own", "expected"), [({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE")])
@pytest.mark.slow
def test_waiting_threads_sleep_unless_set_otherwise(own: dict[str, str], expected: str) -> None:
    program = (
        "import os, sys; from pathlib import Path\n"
        "from safelight.core.errors import ModelError\n"
        "from safelight.embedding import catalogue, load\n"
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'torch': print(os.environ.get('OMP_WAIT_POLICY'), flush=True)\n"
        "sys.meta_path.insert(0, Watch())\n"
        "try: load.load_encoder(catalogue.default(Path('nowhere')), 'abacus')\n"
        "except ModelError: pass\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    source = str(Path(safelight.__file__).parents[1])
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**environment, **own, "PYTHONPATH": source},
    )
    assert run.stdout == f"{expected}\n"


def test_random_weights_do_not_pass_the_check(tiny: ModelSpec) -> None:
    with pytest.raises(ModelError, match="red square"):
        load_encoder(tiny, "cpu")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        pytest.fail("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def root_records() -> Iterator[list[logging.LogRecord]]:
    """All that reaches the root logger's handlers, at any level."""
    records: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    root, handler = logging.getLogger(), Keep()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield records
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.mark.usefixtures("offline")
def test_loading_is_private(tiny: ModelSpec, root_records: list[logging.LogRecord]) -> None:
    before = list(logging.getLogger().handlers)
    load(tiny)
    assert logging.getLogger().handlers == before
    assert [record for record in root_records if "open_clip" in record.pathname] == []
    assert [record for record in root_records if str(tiny.source) in record.getMessage()] == []
    logging.getLogger().info("after")
    assert root_records[-1].getMessage() == "after"


def test_no_handler_is_left_on_a_bare_root_logger(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a program that set up no logging: ``logging.info`` would install one by itself."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    with quiet_open_clip():
        logging.info("as open_clip does")  # noqa: LOG015
    assert logging.getLogger().handlers == []


@pytest.mark.model
def test_the_starter_loads_whole_and_sees(tmp_path: Path, starter: OpenClipEncoder) -> None:
    spec = default(tmp_path)
    digest = hashlib.sha256(spec.weights.read_bytes()).hexdigest()
    assert starter.info.key == f"starter@{digest[:8]}"
    assert starter.info.dim == spec.dim
    assert torch.get_num_threads() == 1


@pytest.mark.model
def test_folding_the_normalisation_changes_nothing(tmp_path: Path, exact_starter: OpenClipEncoder) -> None:
    """The vectors are those of open_clip's unchanged model."""
    from safelight.embedding.weights import open_model

    model, _ = open_model(default(tmp_path))
    noise = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), np.uint8)
    pixels = (torch.from_numpy(noise).permute(0, 3, 1, 2) / 255 - 0.5) / 0.5
    with torch.inference_mode():
        expected = model.encode_image(pixels, normalize=True).numpy()
    assert (expected * exact_starter.encode_images(noise)).sum(1) == pytest.approx(1, abs=1e-5)
