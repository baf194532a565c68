"""The parts of the starter's recipe that decide what its figures mean."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from safelight.embedding.torchvision_fix import import_torchvision

import_torchvision()
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging"))

from safelight.core.errors import UsageError
from safelight.embedding.starter_tower import StarterHead
from starter.classes import IMAGENET, NamedClass, class_of, read_classes, zero_shot
from starter.head import Choice, Lesson, TrainedHead, merged
from starter.pictures import Part, Picture, part_of
from starter.settings import HeadSettings


def test_copies_of_a_picture_fall_into_the_same_part_and_a_tenth_into_each_of_dev_and_test() -> None:
    assert part_of("1000268201.jpg") is part_of("1000268201.webp")
    parts = [part_of(f"{number}.jpg") for number in range(2000)]
    for part in (Part.DEV, Part.TEST):
        assert 0.08 < parts.count(part) / len(parts) < 0.12


def test_a_list_of_classes_gives_names_and_synsets(tmp_path: Path) -> None:
    file = tmp_path / "classes.txt"
    file.write_text("n01443537 Goldfish, Carassius auratus\n\ngreat white shark, white shark\n")
    assert read_classes(str(file)) == [
        NamedClass(("goldfish", "carassius auratus"), "n01443537"),
        NamedClass(("great white shark", "white shark")),
    ]
    assert len(read_classes(IMAGENET)) == 1000
    file.write_text("\n")
    for source in (str(file), str(tmp_path / "absent.txt")):
        with pytest.raises(UsageError, match=r"names, one|one class a line"):
            read_classes(source)


@pytest.mark.parametrize(
    ("picture", "row"),
    [
        (Picture(Path("x/a.jpg"), "x", label="White shark"), 2),
        (Picture(Path("x/n02012849_1.jpg"), "x", label="crane"), 1),
        (Picture(Path("x/n03126707_1.jpg"), "x", label="crane"), 0),
        (Picture(Path("x/n03126707_1.jpg"), "x"), 0),
        (Picture(Path("n02012849/1.jpg"), "n02012849"), 1),
        (Picture(Path("white_shark/1.jpg"), "white_shark"), 2),
        (Picture(Path("x/1.jpg"), "x", label="dog"), -1),
    ],
)
def test_a_picture_s_class_is_found_by_label_synset_or_folder(picture: Picture, row: int) -> None:
    classes = [
        NamedClass(("crane",), "n03126707"),
        NamedClass(("crane",), "n02012849"),
        NamedClass(("great white shark", "white shark")),
    ]
    assert class_of(picture, classes) == row


def test_zero_shot_counts_right_names_and_right_pictures() -> None:
    classes = [NamedClass((name,)) for name in ("a", "b", "c")]
    pictures = [Picture(Path(f"{label}.jpg"), "x", label=label) for label in ("a", "a", "b", "other")]
    texts = np.eye(3, dtype=np.float32)
    vectors = np.array([[1, 0, 0], [0.1, 0.9, 0], [0, 0.8, 0], [0, 1, 0]], np.float32)
    rows = zero_shot(pictures, vectors, classes, lambda asked: texts[: len(asked)])
    assert rows["pictures of 2 of 3 classes"] == 3
    assert rows["zero-shot accuracy, top 1"] == pytest.approx(2 / 3)
    assert rows["name → picture of its class, R@1"] == 0.5  # "b" finds the second picture of "a" first
    assert rows["name → picture of its class, R@5"] == 1
    with pytest.raises(UsageError, match="No picture"):
        zero_shot(pictures[3:], vectors[3:], classes, lambda asked: texts[: len(asked)])


def test_merged_heads_answer_with_the_mean_of_what_they_answered() -> None:
    torch.manual_seed(0)
    texts = torch.nn.functional.normalize(torch.randn(1200, 384), dim=-1)
    lesson = Lesson(
        views=[torch.rand(20, 1280)],
        picture_texts=[Choice([1000 + row]) for row in range(20)],
        drawn=torch.rand(2, 1280),
        drawn_texts=[Choice([0]), Choice([1])],
        texts=texts,
        class_texts=[Choice([row]) for row in range(1000)],
        classifier=(torch.randn(1000, 1280) * 0.05, torch.zeros(1000)),
    )
    settings = HeadSettings(pull=0.0, detected_gain=1.0)
    heads = [TrainedHead(lesson, settings).eval() for _ in range(3)]
    finished = StarterHead(384)
    finished.load_state_dict(merged(heads, lesson))
    features = torch.rand(5, 1280)
    with torch.inference_mode():
        mean = torch.stack([head(features) for head in heads]).mean(0)
        expected = torch.nn.functional.normalize(mean, dim=-1)
        torch.testing.assert_close(finished(features), expected, rtol=1e-3, atol=1e-4)
