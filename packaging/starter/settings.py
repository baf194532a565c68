"""Every number of the recipe in one place."""

from __future__ import annotations

from dataclasses import dataclass, field

from safelight.core.encoder import Resize


@dataclass(frozen=True, slots=True)
class TextSettings:
    """The text tower: its size and its training."""

    width: int = 256
    heads: int = 4
    layers: int = 4
    context: int = 32
    passes: float = 4.0
    batch: int = 512
    learning_rate: float = 1.5e-3
    warmup_steps: int = 200
    weight_decay: float = 0.02
    contrastive_weight: float = 0.3
    contrastive_temperature: float = 0.05
    average_decay: float = 0.998
    """Per-step decay of the averaged weights, which are the ones kept."""


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """The image head's training."""

    steps: int = 600
    photographs: int = 352
    """Views of photographs in each batch."""
    imagined: int = 192
    """Imagined class features in each batch."""
    imagined_margin: float = 4.0
    shrinkage: float = 1.0
    """Of the covariance by which classes are imagined, towards the identity."""
    drawings: int = 16
    mixed: float = 0.25
    """Mixtures of two features, as a share of the batch."""
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    dropout: float = 0.5
    temperature: float = 0.1
    softness: float = 0.0
    soft_temperature: float = 0.07
    conse_weight: float = 2.0
    conse_temperature: float = 1.0
    conse_classes: int = 10
    cosine_weight: float = 0.0
    average_decay: float = 0.99
    word_share: float = 0.2
    """How often a captioned picture is asked for by a single everyday word."""
    broader_share: float = 0.3
    """How often a class is asked for by a broader name."""
    class_broader_weight: float = 0.0
    """Weight of the mean of its broader names in the vector that stands for a class."""


@dataclass(frozen=True, slots=True)
class Settings:
    seed: int = 20261121
    threads: int = 2
    dim: int = 384
    image_size: int = 224
    resize: Resize = "shortest"
    logit_scale: float = 20.0
    views: int = 12
    """Random crops of each training picture, whose features are computed once."""
    drawings: int = 264
    """How many coloured shapes are drawn."""
    text: TextSettings = field(default_factory=TextSettings)
    head: HeadSettings = field(default_factory=HeadSettings)
