"""The steps of training in their order. Each keeps its result in a work folder and is not done twice."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from safelight.core.encoder import Vectors
from safelight.embedding.starter_tower import StarterHead
from safelight.embedding.vocabulary import write_vocabulary
from starter import (
    bridge,
    export,
    features,
    head,
    installed,
    text_tower,
    text_vectors,
    texts,
    tuning,
    word_classifiers,
)
from starter.drawn import drawings
from starter.head import Choice
from starter.labels import broader_names, caption_words, class_names
from starter.pictures import Part, Picture, read_pictures
from starter.settings import Settings
from starter.teacher import Teacher
from starter.text_tower import TextTower
from starter.views import view

log = logging.getLogger(__name__)


_JUDGES_ONLY = "imagenet"
"""The set that measures zero-shot classification. Taught to the head, its few photos were learned by heart:
they were then named far better than others of the same classes."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What training starts from."""

    photos: tuple[Path, ...]
    """Folders with ``captions.json`` and the pictures that it lists."""
    texts: tuple[Path, ...]
    """Text corpora, one text a line, compressed with xz."""
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
        return read_pictures(*self.sources.photos)

    @cached_property
    def taught(self) -> list[int]:
        """Rows of the pictures that the head learns from."""
        return [row for row, picture in enumerate(self.pictures) if self.teaches(picture)]

    @staticmethod
    def teaches(picture: Picture) -> bool:
        """Whether the head learns from this picture."""
        told = bool(picture.captions or picture.label)
        return told and picture.part is Part.TRAIN and picture.source != _JUDGES_ONLY

    @cached_property
    def backbone(self) -> nn.Module:
        return features.load_backbone(self.sources.backbone)

    @cached_property
    def teacher(self) -> Teacher:
        return Teacher(self.sources.teacher)

    @cached_property
    def corpus(self) -> list[str]:
        lines = [line for path in self.sources.texts for line in texts.read_corpus(path)]
        parts = [(picture.part is Part.TRAIN, picture.captions) for picture in self.pictures]
        lines += [caption for taught, captions in parts if taught for caption in captions]
        held_out = [caption for taught, captions in parts if not taught for caption in captions]
        settings = self.settings
        return texts.build(lines, held_out, settings.seed, count=settings.corpus, everyday=settings.everyday)

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
    def untuned_tower(self) -> TextTower:
        """The text tower as the teacher alone made it."""

        def train() -> TextTower:
            with _Timed("first vectors of the tokens"):
                start = text_tower.first_token_vectors(self.teacher, self.settings.text.width)
            targets = self.targets
            with _Timed("text tower"):
                return text_tower.train_text_tower(
                    self.corpus, targets, start, self.settings.text, self.settings.seed
                )

        return self._kept_tower("text_tower.pt", train)

    @cached_property
    def text_tower(self) -> TextTower:
        """The finished one, tuned with pictures."""

        def train() -> TextTower:
            lesson = self.lesson(self.untuned_tower)
            with _Timed("a first image head"):
                first = head.train_head(lesson, self.settings.head, self.settings.seed)
            with _Timed("text tower and head together"):
                return tuning.tune(
                    self.untuned_tower, first, lesson, self.bank, self.corpus, self.targets,
                    self.settings.tuning, self.settings.seed,
                )  # fmt: skip

        return self._kept_tower("tuned_tower.pt", train)

    @cached_property
    def bank(self) -> list[str]:
        """All texts of pictures, drawings and classes, each once."""
        return list(dict.fromkeys(texts.normalise(text) for text in self._all_texts()))

    @cached_property
    def views(self) -> list[Tensor]:
        """Features (n, 1280) of all pictures, one tensor for each view; the first is of the whole picture."""
        extractor = None
        found = []
        for number in range(self.settings.views):
            path = self.work / f"view-{number}.npy"
            if not path.exists():
                extractor = extractor or self._extractor()
                with _Timed(f"features of view {number + 1} of {self.settings.views}"):
                    size = self.settings.image_size
                    np.save(path, extractor.features(view(each, number, size) for each in self.pictures))
            found.append(torch.from_numpy(np.load(path)).float())
        return found

    @cached_property
    def drawn(self) -> Tensor:
        """Features of the drawings."""
        path = self.work / "drawn.npy"
        if not path.exists():
            settings = self.settings
            shapes = drawings(settings.image_size, settings.drawings, settings.seed)
            np.save(path, self._extractor().features(pixels for pixels, _ in shapes))
        return torch.from_numpy(np.load(path)).float()

    def encoder(self, tower: TextTower) -> Callable[[Sequence[str]], Vectors]:
        """A text tower in the precision that it ships with: the head learns to meet *these* vectors."""
        module = tower.module()
        module.load_state_dict(
            {name: tensor.float() for name, tensor in export.stored(tower.state).items()}, strict=False
        )
        return lambda asked: text_tower.encode(module, list(asked), self.settings.text.context)

    def lesson(self, tower: TextTower) -> head.Lesson:
        """What a head learns from, with the texts as ``tower`` understands them."""
        numbers = {text: row for row, text in enumerate(self.bank)}

        def rows(fitting: Sequence[str]) -> list[int]:
            return [numbers[texts.normalise(text)] for text in fitting]

        settings = self.settings
        shapes = drawings(32, settings.drawings, settings.seed)
        return head.Lesson(
            views=[features[self.taught] for features in self.views],
            picture_texts=[self._choice(self.pictures[row], rows) for row in self.taught],
            drawn=self.drawn,
            drawn_texts=[Choice(rows(fitting)) for _, fitting in shapes],
            texts=torch.from_numpy(self.encoder(tower)(self.bank)),
            class_texts=[
                Choice(rows(_named(names)), rows(broader), settings.head.broader_share)
                for names, broader in zip(class_names(), broader_names(), strict=True)
            ],
            classifier=features.classifier(self.backbone),
        )

    @cached_property
    def head(self) -> dict[str, Tensor]:
        """The finished head: several, merged."""
        path = self.work / "head.pt"
        if not path.exists():
            lesson = self.lesson(self.text_tower)
            heads = []
            for number in range(self.settings.heads):
                with _Timed(f"image head {number + 1} of {self.settings.heads}"):
                    heads.append(head.train_head(lesson, self.settings.head, self.settings.seed + number))
            torch.save(head.merged(heads, lesson), path)
        state: dict[str, Tensor] = torch.load(path, weights_only=True)
        return state

    def write(self, folder: Path, former: Path | None) -> None:
        """Train and write the model into ``folder``, with a bridge to the version in ``former``."""
        export.write(folder, self.settings, self.backbone, self.head, self.text_tower)
        write_vocabulary(folder, texts.known_words(self.corpus))
        with _Timed("vectors of the program's texts"):
            text_vectors.write(folder, self.settings.threads)
        with _Timed("classifiers of words"):
            encoder = installed.load(folder, self.settings.threads)
            every = self.vectors(range(len(self.pictures)))
            word_classifiers.write(folder, encoder, self.pictures, every, self.settings.classifiers)
        if former is not None:
            sample = self.corpus[:: max(1, len(self.corpus) // bridge.SAMPLE)]
            bridge.write(
                folder, bridge.Former(former), sample, self.encoder(self.text_tower),
                self.views[0], self.vectors(range(len(self.pictures))),
            )  # fmt: skip
        (self.work / "settings.json").write_text(
            json.dumps(asdict(self.settings), indent=2), encoding="utf-8"
        )

    def vectors(self, rows: Sequence[int]) -> Vectors:
        """Unit vectors of whole pictures by the finished head, in the precision that it ships with."""
        module = StarterHead(self.settings.dim)
        module.load_state_dict({name: tensor.float() for name, tensor in export.stored(self.head).items()})
        with torch.inference_mode():
            found: Vectors = functional.normalize(module(self.views[0][list(rows)]), dim=-1).numpy()
        return found

    def _extractor(self) -> features.Extractor:
        return features.Extractor(self.sources.backbone, self.settings.image_size)

    def _choice(self, picture: Picture, rows: Callable[[Sequence[str]], list[int]]) -> Choice:
        """The texts that the head is taught for a picture."""
        settings = self.settings.head
        words = rows(caption_words(picture.captions))
        return Choice(rows(picture.captions or (picture.label,)), words, settings.word_share)

    def _all_texts(self) -> list[str]:
        found = [text for names in class_names() for text in _named(names)]
        found += [word for words in broader_names() for word in words]
        for row in self.taught:
            picture = self.pictures[row]
            found += [*picture.captions, *caption_words(picture.captions), picture.label]
        settings = self.settings
        for _, fitting in drawings(32, settings.drawings, settings.seed):
            found += fitting
        return [text for text in found if text]

    def _kept_tower(self, name: str, train: Callable[[], TextTower]) -> TextTower:
        path = self.work / name
        if not path.exists():
            tower = train()
            torch.save({"state": tower.state, "seen": tower.seen}, path)
        kept = torch.load(path, weights_only=True)
        return TextTower(self.settings.text, kept["state"], kept["seen"])


def _named(names: Sequence[str]) -> list[str]:
    """Texts that name a class, its usual name first."""
    return [names[0], f"a photo of a {names[0]}", f"a {names[0]}", *names[1:2]]


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
