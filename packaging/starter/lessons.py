"""Puts together what the head learns from: texts for pictures, classes and drawings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from safelight.core.encoder import Vectors
from starter.head import Lesson
from starter.labels import broader_names, caption_words, class_names
from starter.pictures import Picture
from starter.settings import HeadSettings
from starter.texts import normalise

_NAME_TEMPLATES = ("{}", "a photo of a {}", "a {}")


class TextBank:
    """Numbers texts, so that each is encoded once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._rows: dict[str, int] = {}

    def row(self, text: str) -> int:
        key = normalise(text)
        if key not in self._rows:
            self._rows[key] = len(self.texts)
            self.texts.append(key)
        return self._rows[key]


class Curriculum:
    """Texts of all pictures, classes and drawings, encoded once; lessons for any subset of the pictures."""

    def __init__(
        self,
        pictures: Sequence[Picture],
        drawing_texts: Sequence[tuple[str, ...]],
        settings: HeadSettings,
        encode: Callable[[Sequence[str]], Vectors],
    ) -> None:
        self.settings = settings
        bank = TextBank()
        self.names = [bank.row(names[0]) for names in class_names()]
        self.broader = [[bank.row(word) for word in words] for words in broader_names()]
        self.class_texts = [self._class_texts(bank, number) for number in range(len(self.names))]
        self.picture_texts = [self._picture_texts(bank, picture) for picture in pictures]
        self.drawing_texts = [_evenly([bank.row(text) for text in texts]) for texts in drawing_texts]
        self.texts = torch.from_numpy(encode(bank.texts))

    def lesson(
        self, views: Tensor, members: Sequence[int], drawn: Tensor, classifier: tuple[Tensor, Tensor]
    ) -> Lesson:
        """What the pictures ``members`` teach; ``views`` has a row for every picture, member or not."""
        told = [i for i in members if self.picture_texts[i]]  # some have neither captions nor label
        return Lesson(
            views=views[told],
            picture_texts=[self.picture_texts[i] for i in told],
            class_texts=self.class_texts,
            class_vectors=self._class_vectors(),
            drawn=drawn,
            drawn_texts=self.drawing_texts,
            texts=self.texts,
            classifier=classifier,
        )

    def _class_vectors(self) -> Tensor:
        vectors = self.texts[self.names].clone()
        if self.settings.class_broader_weight:
            for number, rows in enumerate(self.broader):
                if rows:
                    vectors[number] += self.settings.class_broader_weight * self.texts[rows].mean(0)
        return functional.normalize(vectors, dim=-1)

    def _class_texts(self, bank: TextBank, number: int) -> Mapping[int, float]:
        rows = [bank.row(form.format(name)) for name in class_names()[number][:2] for form in _NAME_TEMPLATES]
        return _blend(rows, self.broader[number], self.settings.broader_share)

    def _picture_texts(self, bank: TextBank, picture: Picture) -> Mapping[int, float]:
        if picture.class_number >= 0:
            return self.class_texts[picture.class_number]
        rows = [bank.row(caption) for caption in picture.captions]
        words = [bank.row(word) for word in caption_words(picture.captions)]
        return _blend(rows, words, self.settings.word_share)


def _evenly(rows: Sequence[int]) -> dict[int, float]:
    return dict.fromkeys(rows, 1 / max(1, len(rows)))


def _blend(usual: Sequence[int], rarer: Sequence[int], share: float) -> dict[int, float]:
    if not rarer or not share:
        return _evenly(usual)
    blend = {row: weight * (1 - share) for row, weight in _evenly(usual).items()}
    for row, weight in _evenly(rarer).items():
        blend[row] = blend.get(row, 0.0) + weight * share
    return blend
