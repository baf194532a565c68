"""The steps of training in their order. Each keeps its result in a work folder and is not done twice."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from safelight.core.encoder import Vectors
from starter import export, features, head, text_tower, texts
from starter.drawn import drawings
from starter.lessons import Curriculum
from starter.pictures import Picture, read_pictures
from starter.settings import Settings
from starter.teacher import Teacher
from starter.text_tower import TextTower

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """What training starts from."""

    photos: Path
    """Folder with ``captions.json`` and the pictures that it lists."""
    texts: Path
    """The text corpus, one a line, compressed with xz."""
    backbone: Path
    """EfficientNet-lite0's ``.pth``."""
    teacher: Path
    """MiniLM's ``model.zip``."""


class Stages:
    """Training, step by step; what a step needs is made on first use and kept in ``work``."""

    def __init__(self, sources: Sources, work: Path, settings: Settings) -> None:
        self.sources = sources
        self.work = work
        self.settings = settings
        work.mkdir(parents=True, exist_ok=True)

    @cached_property
    def pictures(self) -> list[Picture]:
        return read_pictures(self.sources.photos)

    @cached_property
    def backbone(self) -> nn.Module:
        return features.load_backbone(self.sources.backbone)

    @cached_property
    def teacher(self) -> Teacher:
        return Teacher(self.sources.teacher)

    @cached_property
    def corpus(self) -> list[str]:
        captions = [caption for picture in self.pictures for caption in picture.captions]
        return texts.build(texts.read_corpus(self.sources.texts), captions, self.settings.seed)

    @cached_property
    def targets(self) -> np.ndarray[Any, np.dtype[np.float16]]:
        """The teacher's vectors of the corpus."""
        path = self.work / "targets.npy"
        if not path.exists():
            with _Timed("teacher's vectors of the corpus"):
                np.save(path, self.teacher.encode(self.corpus).astype(np.float16))
        loaded: np.ndarray[Any, np.dtype[np.float16]] = np.load(path)
        return loaded

    @cached_property
    def text_tower(self) -> TextTower:
        path = self.work / "text_tower.pt"
        if not path.exists():
            with _Timed("first vectors of the tokens"):
                start = text_tower.first_token_vectors(self.teacher, self.settings.text.width)
            targets = self.targets
            with _Timed("text tower"):
                tower = text_tower.train_text_tower(
                    self.corpus, targets, start, self.settings.text, self.settings.seed
                )
            torch.save({"state": tower.state, "seen": tower.seen}, path)
        kept = torch.load(path, weights_only=True)
        return TextTower(self.settings.text, kept["state"], kept["seen"])

    @cached_property
    def features(self) -> features.Features:
        path = self.work / "features.npz"
        if not path.exists():
            with _Timed("features of pictures"):
                found = features.compute(self.backbone, self.pictures, self.settings)
            np.savez(path, whole=found.whole, crops=found.crops, drawn=found.drawn)
        kept = np.load(path)
        return features.Features(kept["whole"], kept["crops"], kept["drawn"])

    @cached_property
    def encode_texts(self) -> Callable[[Sequence[str]], Vectors]:
        """The finished text tower in half precision, as it ships: the head learns to meet *its* vectors."""
        module = self.text_tower.module()
        for parameter in module.parameters():
            parameter.data = parameter.data.half().float()
        return lambda asked: text_tower.encode(module, list(asked), self.settings.text.context)

    @cached_property
    def curriculum(self) -> Curriculum:
        settings = self.settings
        drawing_texts = [fitting for _, fitting in drawings(32, settings.drawings, settings.seed)]
        return Curriculum(self.pictures, drawing_texts, settings.head, self.encode_texts)

    @cached_property
    def first_curriculum(self) -> Curriculum:
        """What the first version learnt from: captions and class names, as MiniLM itself understands them."""
        plain = replace(self.settings.head, word_share=0.0, broader_share=0.0, class_broader_weight=0.0)
        return Curriculum(self.pictures, [], plain, self.teacher.encode)

    @property
    def views(self) -> Tensor:
        found = self.features
        return torch.from_numpy(np.concatenate([found.whole[:, None], found.crops], axis=1))

    def train_head(self, members: Sequence[int], seed: int = 0) -> head.Head:
        """A head that knows the pictures ``members`` only."""
        lesson = self.curriculum.lesson(
            self.views, members, torch.from_numpy(self.features.drawn), features.classifier(self.backbone)
        )
        return head.train_head(lesson, self.settings.head, self.settings.seed + seed)

    def write(self, folder: Path) -> None:
        """Train on all pictures and write the model into ``folder``."""
        with _Timed("image head"):
            trained = self.train_head(range(len(self.pictures)))
        export.write(folder, self.settings, self.backbone, trained.folded(), self.text_tower)
        (self.work / "settings.json").write_text(
            json.dumps(asdict(self.settings), indent=2), encoding="utf-8"
        )


class _Timed:
    """Logs how long a step took."""

    def __init__(self, step: str) -> None:
        self.step = step
        self.began = 0.0

    def __enter__(self) -> None:
        self.began = time.monotonic()
        log.info("%s: begins", self.step)

    def __exit__(self, *_: object) -> None:
        log.info("%s: %.0f s", self.step, time.monotonic() - self.began)
