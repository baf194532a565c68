"""Training the text tower together with an image head, so that texts move towards what pictures show."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from open_clip.transformer import TextTransformer
from torch import Tensor
from torch.nn import functional

from starter.head import Lesson, TrainedHead, contrast, draw, learning_rate
from starter.settings import TuningSettings
from starter.text_tower import TextTower, padded, tokenise, transformer

log = logging.getLogger(__name__)

_GROUPS = 5


def tune(
    tower: TextTower,
    head: TrainedHead,
    lesson: Lesson,
    bank: Sequence[str],
    corpus: Sequence[str],
    targets: npt.NDArray[np.float16],
    settings: TuningSettings,
    seed: int,
) -> TextTower:
    """A tower tuned on the pictures of ``lesson``; ``head`` is trained along, and is of no use afterwards.

    ``bank`` are the texts that the numbers of the lesson represent. Class names learn to stand out along the
    directions that the finished head uses for them. Texts of the ``corpus`` are held to their ``targets``
    meanwhile, so that the tower does not forget what no caption mentions.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(corpus), min(len(corpus), settings.steps * settings.corpus_batch), replace=False)
    context = tower.settings.context
    bank_ids = tokenise(bank, context)
    corpus_ids = tokenise([corpus[i] for i in chosen], context)
    used = sorted({token for row in (*bank_ids, *corpus_ids) for token in row})
    compact = {token: i for i, token in enumerate(used)}
    bank_rows = [[compact[token] for token in row] for row in bank_ids]
    corpus_rows = [[compact[token] for token in row] for row in corpus_ids]
    wanted = torch.from_numpy(targets[chosen].astype(np.float32))
    table = tower.state["token_embedding.weight"]
    module = transformer(tower.settings, len(used), tower.state["text_projection"].shape[1])
    module.load_state_dict({**tower.state, "token_embedding.weight": table[used]}, strict=False)
    module.train()
    head.train()
    pull, directions = head.settings.pull, lesson.class_directions(head.settings.ridge)
    groups: list[dict[str, Any]] = [{"params": list(module.parameters()), "weight_decay": 0.0, "share": 1.0}]
    groups += [{**group, "share": settings.head_rate * group["share"]} for group in head.groups()]  # type: ignore[operator]
    optimiser = torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(0.9, 0.98), fused=True)
    average = {name: p.detach().clone() for name, p in module.named_parameters()}
    full_mask = module.attn_mask
    began = time.monotonic()
    for step in range(settings.steps):
        rate = learning_rate(step, settings.steps, settings.learning_rate, warm=30)
        for group in optimiser.param_groups:
            group["lr"] = rate * group["share"]
        features, captions = draw(lesson, replace(head.settings, batch=settings.batch), rng)
        classes = rng.choice(len(directions), settings.names, replace=False)
        rows = np.concatenate([captions, [lesson.class_texts[number].draw(rng) for number in classes]])
        held = np.arange(step * settings.corpus_batch, (step + 1) * settings.corpus_batch) % len(chosen)
        out = _encoded(
            module, [bank_rows[row] for row in rows] + [corpus_rows[row] for row in held], full_mask
        )
        pictures = head.unit(features)
        # A class as the finished head shows it: its direction added to whatever captions see in a picture.
        seen = pictures[rng.choice(len(pictures), settings.names, replace=False)].detach()
        named = functional.normalize(seen + pull * directions[classes], dim=-1)
        seen_as = torch.cat([pictures, named])
        loss = contrast(seen_as, out[: len(rows)], lesson.texts[rows], head)
        kept = (out[len(rows) :] * wanted[held]).sum(-1).mean()
        optimiser.zero_grad(set_to_none=True)
        (loss + settings.corpus_weight * (1 - kept)).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        decay = min(settings.average_decay, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(list(average.values()), [p.detach() for p in module.parameters()], 1 - decay)
        if step % 50 == 49:
            log.info(
                "tuning, step %d: loss %.3f, cosine %.3f, %.0f s",
                step + 1, loss.item(), kept.item(), time.monotonic() - began,
            )  # fmt: skip
    whole = table.clone()
    whole[used] = average.pop("token_embedding.weight")
    return TextTower(tower.settings, {**average, "token_embedding.weight": whole}, len(used))


def _encoded(module: TextTransformer, rows: Sequence[Sequence[int]], mask: Tensor) -> Tensor:
    """Unit vectors (n, d) of token rows, in groups of like length: padding all to the longest takes twice as
    long."""
    order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
    size = -(-len(order) // _GROUPS)
    parts = []
    for start in range(0, len(order), size):
        tokens = padded([rows[row] for row in order[start : start + size]])
        module.attn_mask = mask[: tokens.shape[1], : tokens.shape[1]]
        with torch.autocast("cpu", torch.bfloat16):
            parts.append(module(tokens).float())
    back = torch.tensor(order).argsort()
    return functional.normalize(torch.cat(parts)[back], dim=-1)
