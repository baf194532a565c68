"""Cross-validation: every picture judged by a head that never saw it, beside the first version's recipe."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch.nn import functional

from safelight.core.encoder import Vectors
from starter import features
from starter.evaluate import measure
from starter.head import Head, convex_combination
from starter.pictures import FOLDS
from starter.settings import HeadSettings
from starter.stages import Stages

TrainHead = Callable[[Sequence[int], int], Head]


def out_of_fold(stages: Stages, train: TrainHead) -> Vectors:
    """Unit vectors (n, d) of all pictures, each from the head of the fold that it was kept out of."""
    folds = np.array([picture.fold for picture in stages.pictures])
    whole = torch.from_numpy(stages.features.whole)
    out = np.empty((len(folds), stages.settings.dim), dtype=np.float32)
    for fold in range(FOLDS):
        trained = train(np.flatnonzero(folds != fold).tolist(), fold)
        held_out = np.flatnonzero(folds == fold)
        with torch.inference_mode():
            out[held_out] = functional.normalize(trained(whole[held_out]), dim=-1).numpy()
    return out


def compare(
    stages: Stages, first_version: Callable[[Sequence[str]], Vectors] | None = None
) -> dict[str, dict[str, float]]:
    """The table: this recipe with its text tower, and beside it the first version's with its own.

    ``first_version`` encodes texts with the first version's text tower, which saw the captions of these
    pictures; this one's did not. Its head is trained anew on each fold by its recipe, since the head that
    it shipped with saw every picture.
    """
    ours = measure(stages.pictures, out_of_fold(stages, stages.train_head), stages.encode_texts)
    if first_version is None:
        return {row: {"this version": value} for row, value in ours.items()}
    baseline = measure(stages.pictures, out_of_fold(stages, first_recipe(stages)), first_version)
    return {
        row: {"first version's recipe": baseline[row], "this version": value} for row, value in ours.items()
    }


def first_recipe(stages: Stages) -> TrainHead:
    """The first version's head: captions and class names only, in MiniLM's own space, no averaging."""
    curriculum = stages.first_curriculum
    views = stages.views
    classes = features.classifier(stages.backbone)
    names = curriculum.texts[curriculum.names]
    settings = HeadSettings(conse_temperature=1.0, conse_classes=10)

    def train(members: Sequence[int], seed: int) -> Head:
        lesson = curriculum.lesson(views, members, torch.zeros(0, 1280), classes)
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        flat = lesson.views.reshape(-1, lesson.views.shape[-1])
        head = Head(flat.mean(0), flat.std(0) + 1e-3, names.shape[1], 0.5).train()
        optimiser = torch.optim.AdamW(head.parameters(), 1e-3)
        slots = [list(fitting) for fitting in lesson.picture_texts]
        for step in range(400):
            optimiser.param_groups[0]["lr"] = 1e-3 * (0.5 + 0.5 * math.cos(math.pi * step / 400))
            rows = rng.integers(0, len(slots), 512)
            seen = lesson.views[rows, rng.integers(0, lesson.views.shape[1], 512)]
            answers = curriculum.texts[[int(rng.choice(slots[row])) for row in rows]]
            with torch.autocast("cpu", torch.bfloat16):
                out = head(seen)
                logits = seen @ classes[0].T + classes[1]
            out = functional.normalize(out.float(), dim=-1)
            same = torch.from_numpy(rows[:, None] == rows[None]).float()
            scores = out @ answers.T / 0.05
            right = same / same.sum(1, keepdim=True)
            contrast = 0.5 * (
                functional.cross_entropy(scores, right) + functional.cross_entropy(scores.T, right)
            )
            conse = 1 - (out * convex_combination(logits.float(), names, settings)).sum(-1).mean()
            optimiser.zero_grad()
            (contrast + conse).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        return head.eval()

    return train
