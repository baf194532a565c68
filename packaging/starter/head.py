"""The image head: from EfficientNet's 1,280 features into the space of the text tower.

It has the shape of :class:`safelight.embedding.starter_tower.StarterHead`. Its captions' part is trained by
contrast between pictures and their captions; its classifier's part is computed from the class names.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from safelight.embedding.starter_tower import CLASSES, FEATURES
from starter.settings import HeadSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """Text numbers to draw from."""

    usual: Sequence[int]
    rarer: Sequence[int] = ()
    share: float = 0.0
    """How often one of ``rarer`` is drawn, where there are any."""

    def draw(self, rng: np.random.Generator) -> int:
        texts = self.rarer if self.rarer and rng.random() < self.share else self.usual
        return texts[int(rng.integers(len(texts)))]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the head learns from. Texts are rows of ``texts``."""

    views: Sequence[Tensor]
    """Features (n, 1280) of the same n pictures, one tensor for each view."""
    picture_texts: Sequence[Choice]
    """For each picture, the texts that describe it; single words of its captions come more rarely."""
    drawn: Tensor
    """Features (m, 1280) of drawings."""
    drawn_texts: Sequence[Choice]
    texts: Tensor
    """Unit vectors (t, d) of all texts."""
    class_texts: Sequence[Choice]
    """For each of ImageNet's 1,000 classes its names, the usual one first; broader names come more rarely."""
    classifier: tuple[Tensor, Tensor]
    """ImageNet's classifier: weight (1000, 1280) and bias."""

    def class_vectors(self) -> Tensor:
        """(1000, d): unit vectors of the class names less their mean, which tells nothing apart."""
        names = self.texts[[choice.usual[0] for choice in self.class_texts]]
        return functional.normalize(names - names.mean(0), dim=-1)

    def class_directions(self, ridge: float) -> Tensor:
        """(1000, d): unit vectors along which the class names stand out best.

        These are the weights of a linear discriminant (Fisher 1936) of each name against captions and the
        other names: the texts of captions, which vary along other directions, hardly notice them.
        """
        names = self.texts[[choice.usual[0] for choice in self.class_texts]]
        captions = self.texts[sorted({row for choice in self.picture_texts for row in choice.usual})]
        within = torch.cov(names.T) + torch.cov(captions.T) + ridge * torch.eye(names.shape[1])
        return functional.normalize(torch.linalg.solve(within, (names - names.mean(0)).T).T, dim=-1)


class TrainedHead(nn.Module):
    """The captions' part while it is trained: standardised input, dropout, a learnt temperature."""

    def __init__(self, lesson: Lesson, settings: HeadSettings) -> None:
        super().__init__()
        self.settings = settings
        seen = torch.cat(list(lesson.views))
        self.mean = seen.mean(0)
        self.deviation = seen.std(0) + 1e-3
        dim = lesson.texts.shape[1]
        self.fc1 = nn.Linear(FEATURES, settings.hidden)
        self.fc2 = nn.Linear(settings.hidden, dim)
        weight, bias = lesson.classifier
        self.detectors = nn.Parameter(weight.clone())
        self.threshold = nn.Parameter(bias - settings.threshold)
        self.detected = nn.Parameter(lesson.class_vectors() * settings.detected_scale)
        self.log_scale = nn.Parameter(torch.tensor(-math.log(settings.temperature)))

    def forward(self, features: Tensor) -> Tensor:
        """(n, 1280) to (n, d), of any length."""
        hidden = functional.gelu(self.fc1((features - self.mean) / self.deviation))
        hidden = functional.dropout(hidden, self.settings.dropout, self.training)
        fired = functional.relu(features @ self.detectors.T + self.threshold)
        out: Tensor = self.fc2(hidden) + fired @ self.detected
        return out

    def unit(self, features: Tensor) -> Tensor:
        """Unit vectors (n, d), computed in bfloat16 for speed."""
        with torch.autocast("cpu", torch.bfloat16):
            out = self(features)
        return functional.normalize(out.float(), dim=-1)

    def groups(self) -> list[dict[str, object]]:
        """Parameters by how fast they learn; the detectors begin as something that works."""
        gentle = [self.detectors, self.threshold, self.detected]
        plain = [*self.fc1.parameters(), *self.fc2.parameters()]
        return [
            {"params": plain, "weight_decay": self.settings.weight_decay, "share": 1.0},
            {"params": gentle, "weight_decay": 0.0, "share": self.settings.detector_rate},
            {"params": [self.log_scale], "weight_decay": 0.0, "share": 1.0},
        ]


def train_head(lesson: Lesson, settings: HeadSettings, seed: int) -> TrainedHead:
    """Train a head; the weights kept are their moving average."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    head = TrainedHead(lesson, settings).train()
    optimiser = torch.optim.AdamW(head.groups(), lr=settings.learning_rate, fused=True)
    average = [p.detach().clone() for p in head.parameters()]
    began = time.monotonic()
    for step in range(settings.steps):
        rate = learning_rate(step, settings.steps, settings.learning_rate, warm=50)
        for group in optimiser.param_groups:
            group["lr"] = rate * group["share"]
        features, rows = draw(lesson, settings, rng)
        texts = lesson.texts[rows]
        loss = contrast(head.unit(features), texts, texts, head)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        decay = min(settings.average_decay, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(average, [p.detach() for p in head.parameters()], 1 - decay)
        if step % 500 == 499:
            log.info("head, step %d: loss %.3f, %.0f s", step + 1, loss.item(), time.monotonic() - began)
    with torch.no_grad():
        for parameter, mean in zip(head.parameters(), average, strict=True):
            parameter.copy_(mean)
    return head.eval()


def contrast(pictures: Tensor, texts: Tensor, meanings: Tensor, head: TrainedHead) -> Tensor:
    """Symmetric InfoNCE between unit vectors (n, d) of pictures and their texts.

    The answer is soft: another picture's caption counts as right as far as it says the same, by the fixed
    unit vectors ``meanings`` of the texts. Were it judged by texts that are being trained, words that are
    near would be taken for the same and fall together ("dog" and "bird" did).
    """
    answer = functional.softmax(meanings @ meanings.T / head.settings.soft_temperature, dim=-1)
    scores = pictures @ texts.T * head.log_scale.exp().clamp(max=100)
    found: Tensor = 0.5 * (
        functional.cross_entropy(scores, answer) + functional.cross_entropy(scores.T, answer)
    )
    return found


def draw(
    lesson: Lesson, settings: HeadSettings, rng: np.random.Generator
) -> tuple[Tensor, npt.NDArray[np.int64]]:
    """Features (batch, 1280) of different pictures, each in one view, and a text number for each."""
    count = settings.batch - settings.drawings
    rows = rng.choice(len(lesson.picture_texts), count, replace=False)
    views = rng.integers(0, len(lesson.views), count)
    features = torch.empty(settings.batch, FEATURES)
    for number, view in enumerate(lesson.views):
        here = np.flatnonzero(views == number)
        features[here] = view[rows[here]]
    drawn = rng.integers(0, len(lesson.drawn), settings.drawings)
    features[count:] = lesson.drawn[drawn]
    fitting = [lesson.picture_texts[row] for row in rows] + [lesson.drawn_texts[row] for row in drawn]
    return features, np.array([choice.draw(rng) for choice in fitting])


def learning_rate(step: int, steps: int, peak: float, *, warm: int) -> float:
    """Linear warm-up, then a half cosine."""
    return peak * min(1.0, (step + 1) / warm) * (0.5 + 0.5 * math.cos(math.pi * step / steps)) + 1e-6


def merged(heads: Sequence[TrainedHead], lesson: Lesson) -> dict[str, Tensor]:
    """One head that answers with the mean of several, under the names of ``StarterHead``.

    The hidden layers are put side by side. The detectors all began as the same classifier and moved little,
    so their weights are averaged.
    """
    settings = heads[0].settings
    classifier = lesson.classifier
    names = settings.pull * lesson.class_directions(settings.ridge)
    count = len(heads)
    hidden = [head.fc1.weight / head.deviation for head in heads]
    biases = [head.fc1.bias - weight @ head.mean for head, weight in zip(heads, hidden, strict=True)]
    state = {
        "hidden.weight": torch.cat(hidden),
        "hidden.bias": torch.cat(biases),
        "out.weight": torch.cat([head.fc2.weight for head in heads], dim=1) / count,
        "out.bias": torch.stack([head.fc2.bias for head in heads]).mean(0),
        "detectors.weight": torch.stack([head.detectors for head in heads]).mean(0),
        "detectors.bias": torch.stack([head.threshold for head in heads]).mean(0),
        "detected.weight": settings.detected_gain * torch.stack([head.detected for head in heads]).mean(0).T,
        "classifier.weight": classifier[0] / settings.classifier_temperature,
        "classifier.bias": classifier[1] / settings.classifier_temperature,
        "names.weight": names.T,
    }
    assert state["detectors.weight"].shape == (CLASSES, FEATURES)
    return {name: tensor.detach().clone().contiguous() for name, tensor in state.items()}
