"""The image head: two layers from EfficientNet's 1,280 features into the text tower's space.

Three kinds of examples teach it:

- photographs with captions or a class name, through many crops (contrastive loss, several right texts each);
- *imagined* features of all thousand ImageNet classes: the classifier's weights w, seen as a linear
  discriminant, say that class c lies in the direction S·w_c from the mean (S the covariance of features),
  so that a photograph moved in that direction until the classifier says c stands for a picture of c;
- drawn shapes, for plain colours.

Besides, every output is drawn towards the convex combination of class-name vectors weighted by the
classifier's probabilities (ConSE, Norouzi et al. 2013), also between pictures (mixup in feature space), which
carries what ImageNet knows over to pictures that no caption describes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from starter.settings import HeadSettings

INPUT = 1280
_SLOTS = 32


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the head learns from. Texts are rows of ``texts``."""

    views: Tensor
    """(n, v, 1280) features of n pictures, seen v ways."""
    picture_texts: Sequence[Mapping[int, float]]
    """For each picture, the texts that fit it and how often each is asked."""
    class_texts: Sequence[Mapping[int, float]]
    """The same for each of ImageNet's thousand classes."""
    class_vectors: Tensor
    """(1000, d) unit vectors that stand for the classes in the convex combination."""
    drawn: Tensor
    """(m, 1280) features of drawings."""
    drawn_texts: Sequence[Mapping[int, float]]
    texts: Tensor
    """(t, d) unit vectors of all texts."""
    classifier: tuple[Tensor, Tensor]
    """ImageNet's classifier: weight (1000, 1280) and bias."""


class Head(nn.Module):
    """timm's ``Mlp`` as open_clip builds it, with standardised input while it is trained."""

    def __init__(self, mean: Tensor, deviation: Tensor, dim: int, dropout: float) -> None:
        super().__init__()
        self.mean = mean
        self.deviation = deviation
        self.fc1 = nn.Linear(INPUT, 2 * dim)
        self.fc2 = nn.Linear(2 * dim, dim)
        self.dropout = dropout

    def forward(self, features: Tensor) -> Tensor:
        hidden = functional.gelu(self.fc1((features - self.mean) / self.deviation))
        out: Tensor = self.fc2(functional.dropout(hidden, self.dropout, self.training))
        return out

    def folded(self) -> dict[str, Tensor]:
        """The tensors with the standardisation folded into the first layer, under open_clip's names."""
        weight = self.fc1.weight.detach() / self.deviation
        return {
            "fc1.weight": weight,
            "fc1.bias": self.fc1.bias.detach() - weight @ self.mean,
            "fc2.weight": self.fc2.weight.detach().clone(),
            "fc2.bias": self.fc2.bias.detach().clone(),
        }


def train_head(lesson: Lesson, settings: HeadSettings, seed: int) -> Head:
    """Train a head; the weights kept are their moving average."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    flat = lesson.views.reshape(-1, INPUT)
    head = Head(flat.mean(0), flat.std(0) + 1e-3, lesson.texts.shape[1], settings.dropout)
    batches = _Batches(lesson, settings, rng)
    optimiser = torch.optim.AdamW(
        head.parameters(), settings.learning_rate, weight_decay=settings.weight_decay, fused=True
    )
    average = [p.detach().clone() for p in head.parameters()]
    head.train()
    for step in range(settings.steps):
        progress = step / settings.steps
        for group in optimiser.param_groups:
            group["lr"] = (
                settings.learning_rate * min(1, (step + 1) / 30) * (0.5 + 0.5 * math.cos(math.pi * progress))
            )
        loss = _loss(head, batches, lesson, settings)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        decay = min(settings.average_decay, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(average, [p.detach() for p in head.parameters()], 1 - decay)
    with torch.no_grad():
        for parameter, mean in zip(head.parameters(), average, strict=True):
            parameter.copy_(mean)
    return head.eval()


def convex_combination(logits: Tensor, class_vectors: Tensor, settings: HeadSettings) -> Tensor:
    """ConSE: unit vectors (n, d) from the probabilities of the few likeliest classes."""
    chances, classes = (logits / settings.conse_temperature).softmax(-1).topk(settings.conse_classes, -1)
    return functional.normalize((chances[..., None] * class_vectors[classes]).sum(1), dim=-1)


def _loss(head: Head, batches: _Batches, lesson: Lesson, settings: HeadSettings) -> Tensor:
    features, texts, groups = batches.draw()
    weight, bias = lesson.classifier
    count = int(settings.mixed * len(features))
    first, second = torch.randperm(len(features))[:count], torch.randperm(len(features))[:count]
    share = torch.rand(count, 1)
    mixed = share * features[first] + (1 - share) * features[second]
    every = torch.cat([features, mixed])
    with torch.autocast("cpu", torch.bfloat16):
        out = head(every)
        logits = every @ weight.T + bias
    out = functional.normalize(out.float(), dim=-1)
    conse = 1 - (out * convex_combination(logits.float(), lesson.class_vectors, settings)).sum(-1).mean()
    answers = lesson.texts[texts]
    out = out[: len(features)]
    right = ((groups[:, None] == groups[None]) | (texts[:, None] == texts[None])).float()
    right = right / right.sum(1, keepdim=True)
    if settings.softness:
        # Texts that mean nearly the same are no opposites.
        alike = functional.softmax(answers @ answers.T / settings.soft_temperature, dim=-1)
        right = (1 - settings.softness) * right + settings.softness * alike
    scores = out @ answers.T / settings.temperature
    contrast = 0.5 * (
        functional.cross_entropy(scores, right)
        + functional.cross_entropy(scores.T, right.T / right.T.sum(1, keepdim=True))
    )
    cosine = 1 - (out * answers).sum(-1).mean()
    return contrast + settings.conse_weight * conse + settings.cosine_weight * cosine


class _Batches:
    """Draws features, a right text for each, and the number of what each shows."""

    def __init__(self, lesson: Lesson, settings: HeadSettings, rng: np.random.Generator) -> None:
        self.lesson = lesson
        self.settings = settings
        self.rng = rng
        self.picture_slots = _slots(lesson.picture_texts, rng)
        self.class_slots = _slots(lesson.class_texts, rng)
        self.drawn_slots = _slots(lesson.drawn_texts, rng)
        weight, _ = lesson.classifier
        means = lesson.views.mean(1)
        self.mean = means.mean(0)
        centred = means - self.mean
        covariance = centred.T @ centred / len(centred)
        # Fewer pictures than features: shrink towards the identity, so that no direction is lost.
        covariance += settings.shrinkage * covariance.diagonal().mean() * torch.eye(INPUT)
        towards = weight @ covariance
        self.directions = towards / (towards * weight).sum(1, keepdim=True)
        """Moving a feature by one of these raises the class's score by one."""

    def draw(self) -> tuple[Tensor, Tensor, Tensor]:
        settings, rng = self.settings, self.rng
        pictures, features = self._views(settings.photographs)
        texts = [self._pick(self.picture_slots, pictures)]
        groups = [pictures]
        parts = [features]
        if settings.imagined:
            classes = rng.integers(0, len(self.directions), settings.imagined)
            parts.append(self._imagine(classes))
            texts.append(self._pick(self.class_slots, classes))
            groups.append(100_000 + classes)
        if settings.drawings and len(self.lesson.drawn):
            rows = rng.integers(0, len(self.lesson.drawn), settings.drawings)
            parts.append(self.lesson.drawn[rows])
            texts.append(self._pick(self.drawn_slots, rows))
            groups.append(200_000 + rows)
        return (
            torch.cat(parts),
            torch.from_numpy(np.concatenate(texts)),
            torch.from_numpy(np.concatenate(groups)),
        )

    def _views(self, count: int) -> tuple[npt.NDArray[np.int64], Tensor]:
        views = self.lesson.views
        pictures = self.rng.integers(0, len(views), count)
        return pictures, views[pictures, self.rng.integers(0, views.shape[1], count)]

    def _imagine(self, classes: npt.NDArray[np.int64]) -> Tensor:
        weight, bias = self.lesson.classifier
        _, features = self._views(len(classes))
        # Between the average photograph and this one: what else is in the picture matters more or less.
        nearness = torch.from_numpy(self.rng.uniform(0, 1, (len(classes), 1))).float()
        features = self.mean + nearness * (features - self.mean)
        logits = features @ weight.T + bias
        margin = torch.from_numpy(self.rng.uniform(0, self.settings.imagined_margin, len(classes))).float()
        gain = logits.max(1).values - logits[torch.arange(len(classes)), torch.from_numpy(classes)] + margin
        # Features are averages of ReLUs, so never negative.
        return (features + gain.clamp_min(0)[:, None] * self.directions[classes]).clamp_min(0)

    def _pick(self, slots: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        picked: npt.NDArray[np.int64] = slots[rows, self.rng.integers(0, _SLOTS, len(rows))]
        return picked


def _slots(choices: Sequence[Mapping[int, float]], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """(n, slots) text numbers, each as often as its weight says, for fast drawing."""
    out = np.zeros((len(choices), _SLOTS), dtype=np.int64)
    for row, weights in enumerate(choices):
        numbers, shares = list(weights), np.array(list(weights.values()), dtype=float)
        places = (rng.random() + np.arange(_SLOTS)) / _SLOTS
        out[row] = np.array(numbers)[np.searchsorted(np.cumsum(shares / shares.sum())[:-1], places)]
    return out
