"""Every number of the recipe in one place."""

from __future__ import annotations

from dataclasses import dataclass, field

from safelight.core.encoder import Resize


@dataclass(frozen=True, slots=True)
class TextSettings:
    """The text tower: its size and its training towards the teacher."""

    width: int = 256
    heads: int = 4
    layers: int = 4
    context: int = 32
    steps: int = 1150
    batch: int = 512
    learning_rate: float = 1.5e-3
    warmup_steps: int = 200
    weight_decay: float = 0.02
    contrastive_weight: float = 0.3
    contrastive_temperature: float = 0.05
    average_decay: float = 0.996
    """Per-step decay of the averaged weights, which are the ones kept."""


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """The image head's training."""

    steps: int = 900
    batch: int = 512
    drawings: int = 12
    """Drawings of coloured shapes in each batch."""
    word_share: float = 0.15
    """How often a captioned picture is asked for by a single everyday word of its captions."""
    broader_share: float = 0.3
    """How often a class is asked for by a broader name ("dog", "food")."""
    hidden: int = 1024
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    dropout: float = 0.5
    temperature: float = 0.05
    """Where the learnt temperature starts."""
    soft_temperature: float = 0.05
    """Of the likeness between captions that softens the answers."""
    threshold: float = 4.0
    """By how much a classifier's score must exceed zero for its detector to fire."""
    detected_scale: float = 0.2
    detector_rate: float = 0.1
    """How fast the detectors learn, against the rest."""
    detected_gain: float = 1.5
    """By how much the detectors count for more in the finished head than in training."""
    pull: float = 0.5
    """Length of the classifier's part at full confidence, against 1 for the captions' part."""
    classifier_temperature: float = 0.4
    """Below 1, the classifier is surer of itself in the finished head than it was trained to be."""
    ridge: float = 1e-3
    """Of the covariance that the class directions are computed with."""
    average_decay: float = 0.995


@dataclass(frozen=True, slots=True)
class TuningSettings:
    """Training the text tower and a head together."""

    steps: int = 300
    batch: int = 320
    names: int = 64
    """Class names in each batch, beside the pictures."""
    corpus_batch: int = 128
    """Texts of the corpus in each batch that must keep the teacher's meaning."""
    corpus_weight: float = 4.0
    learning_rate: float = 3e-4
    head_rate: float = 2.0
    """How fast the head learns, against the text tower."""
    average_decay: float = 0.99


@dataclass(frozen=True, slots=True)
class ClassifierSettings:
    """Training the classifiers of single words."""

    least_pictures: int = 8
    """Training pictures that must show a word."""
    passes: int = 20
    batch: int = 512
    learning_rate: float = 2e-3
    weight_decay: float = 0.3
    level: float = 0.6
    """What is added of the level, the similarity to the word above that of neutral texts in standard
    deviations. The few pictures that a classifier learns from do not show all that a library may hold; the
    text knows more."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    seed: int = 20261121
    threads: int = 2
    dim: int = 384
    image_size: int = 224
    resize: Resize = "shortest"
    logit_scale: float = 20.0
    views: int = 5
    """Of each picture, the first of them whole; their features are computed once."""
    drawings: int = 264
    """How many coloured shapes are drawn."""
    corpus: int = 327_680
    """Texts of the corpus that the text tower learns from."""
    everyday: int = 60_000
    """Of which queries put together from everyday words."""
    heads: int = 3
    """Heads that are merged into one."""
    text: TextSettings = field(default_factory=TextSettings)
    head: HeadSettings = field(default_factory=HeadSettings)
    tuning: TuningSettings = field(default_factory=TuningSettings)
    classifiers: ClassifierSettings = field(default_factory=ClassifierSettings)
