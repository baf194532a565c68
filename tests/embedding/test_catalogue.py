from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from safelight.core.encoder import InputSpec
from safelight.core.errors import ModelError
from safelight.embedding import catalogue
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.config import CONFIG_NAME, WEIGHTS_NAME
from safelight.embedding.load import load_encoder

EditConfig = Callable[..., None]


def test_the_starter_is_there_without_any_models_folder(tmp_path: Path) -> None:
    (spec,) = catalogue.installed(tmp_path / "nowhere")
    assert spec == catalogue.default(tmp_path) == catalogue.find("starter", tmp_path)
    assert (spec.name, spec.dim, spec.licence) == ("starter", 384, "apache-2.0")
    assert spec.size_bytes == spec.weights.stat().st_size


def test_model_folders_are_listed_by_name(tiny: ModelSpec) -> None:
    (tiny.source / "README.md").write_text("---\ntags: [a]\nlicense: 'mit' # the weights\n---\nlicense: no\n")
    found = catalogue.installed(tiny.source.parent)
    assert [spec.name for spec in found] == ["starter", "tiny"]
    assert (found[1].dim, found[1].licence, found[1].source) == (24, "mit", tiny.source)


@pytest.mark.parametrize(
    ("keys", "value", "expected"),
    [
        (("preprocess_cfg", "resize_mode"), None, InputSpec(32, "shortest", "bilinear", 7)),
        (("preprocess_cfg", "size"), 64, InputSpec(32, "longest", "bilinear", 7)),
        (("model_cfg", "vision_cfg", "image_size"), [32, 32], InputSpec(32, "longest", "bilinear", 7)),
    ],
)
def test_the_input_is_known_before_loading_and_is_the_one_loaded(
    tiny: ModelSpec, edit_config: EditConfig, keys: tuple[str, ...], value: object, expected: InputSpec
) -> None:
    edit_config(*keys, value=value)
    spec = catalogue.find("tiny", tiny.source.parent)
    assert spec.input_spec == expected
    assert load_encoder(spec, "cpu", verify=False).input_spec == expected


def test_a_card_without_front_matter_gives_no_licence(tiny: ModelSpec) -> None:
    (tiny.source / "README.md").write_text("license: mit\n")
    assert catalogue.find("tiny", tiny.source.parent).licence == ""


def test_an_unknown_name_is_answered_with_what_is_installed(tiny: ModelSpec) -> None:
    with pytest.raises(ModelError, match=r"“huge” is installed\. Installed: starter, tiny\.$"):
        catalogue.find("huge", tiny.source.parent)


def test_a_pickle_is_not_a_model(tiny: ModelSpec) -> None:
    tiny.weights.rename(tiny.source / "open_clip_pytorch_model.bin")
    assert [spec.name for spec in catalogue.installed(tiny.source.parent)] == ["starter"]
    with pytest.raises(ModelError, match="can contain code"):
        catalogue.find("tiny", tiny.source.parent)


def test_the_name_of_the_starter_cannot_be_taken(tiny: ModelSpec) -> None:
    tiny.source.rename(tiny.source.with_name("starter"))
    (spec,) = catalogue.installed(tiny.source.parent)
    assert spec.dim == 384


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("model_cfg",), None, "no model_cfg"),
        (("model_cfg", "text_cfg"), None, "no text_cfg"),
        (("model_cfg", "embed_dim"), "many", "embed_dim"),
        (("model_cfg", "embed_dim"), 0, "embed_dim"),
        (("preprocess_cfg",), None, "no preprocess_cfg"),
        (("preprocess_cfg", "mean"), None, "how pictures are prepared"),
        (("preprocess_cfg", "resize_mode"), "seam-carve", "unknown way to resize"),
        (("preprocess_cfg", "interpolation"), "random", "unknown interpolation"),
        (("preprocess_cfg", "fill_color"), 300, "unknown fill"),
        (("preprocess_cfg", "mean"), [0.5, 0.5], "unusable mean"),
        (("preprocess_cfg", "mean"), [0.5, 0.5, "x"], "unusable mean"),
        (("preprocess_cfg", "std"), [0.5, 0.0, 0.5], "zero"),
        (("model_cfg", "vision_cfg", "image_size"), [32, 48], "only squares"),
        (("model_cfg", "vision_cfg", "image_size"), "big", "only squares"),
        (("model_cfg", "vision_cfg", "image_size"), 1_000_000, "at most 4096 px"),
        (("model_cfg", "text_cfg", "hf_model_name"), "someone/bert", "network"),
        (("model_cfg", "vision_cfg", "timm_model_name"), "hf-hub:someone/net", "network"),
    ],
)
def test_an_unusable_configuration_is_left_out_and_explained(
    tiny: ModelSpec, edit_config: EditConfig, keys: tuple[str, ...], value: object, message: str
) -> None:
    edit_config(*keys, value=value)
    assert [spec.name for spec in catalogue.installed(tiny.source.parent)] == ["starter"]
    with pytest.raises(ModelError, match=message):
        catalogue.find("tiny", tiny.source.parent)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]", b"null"])
def test_a_damaged_configuration_is_explained(tiny: ModelSpec, content: bytes) -> None:
    (tiny.source / CONFIG_NAME).write_bytes(content)
    with pytest.raises(ModelError, match=r"damaged|does not describe"):
        catalogue.find("tiny", tiny.source.parent)


def test_only_a_folder_with_both_files_counts(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("not a model")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / WEIGHTS_NAME).write_bytes(b"")
    assert [spec.name for spec in catalogue.installed(tmp_path)] == ["starter"]


def test_asking_what_is_installed_imports_no_torch() -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from safelight.embedding import catalogue, load, prompts, selfcheck\n"
        "catalogue.installed(Path('nowhere'))\n"
        "print(sorted({'torch', 'torchvision', 'open_clip', 'timm'} & set(sys.modules)))"
    )
    source = Path(catalogue.__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(source)},
    )
    assert run.stdout.strip() == "[]"
