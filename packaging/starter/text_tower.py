"""The text tower: open_clip's text transformer, taught to give MiniLM's sentence vectors.

Training works on the tokens that occur in the corpus only (a quarter of the vocabulary), which saves most
of the time an optimiser step takes. The other tokens keep the vectors they start from: MiniLM's vector of
the token's own string, so that an unseen word still points roughly the right way.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from open_clip.tokenizer import SimpleTokenizer
from open_clip.transformer import TextTransformer
from torch import Tensor, nn
from torch.nn import functional

from safelight.core.encoder import Vectors
from starter.settings import TextSettings
from starter.teacher import Teacher

log = logging.getLogger(__name__)

START, END = 49406, 49407
VOCABULARY = 49408


@dataclass(frozen=True, slots=True)
class TextTower:
    """A trained tower as a state dictionary with open_clip's names, all rows of the vocabulary in it."""

    settings: TextSettings
    state: dict[str, Tensor]
    seen: int
    """How many tokens of the vocabulary training saw."""

    def module(self) -> TextTransformer:
        tower = transformer(self.settings, VOCABULARY, self.state["text_projection"].shape[1])
        tower.load_state_dict(self.state, strict=False)
        return tower.eval()


def tokenise(texts: Sequence[str], context: int) -> list[list[int]]:
    """Token numbers of each text with start and end, cut to ``context`` as open_clip does."""
    tokenizer = SimpleTokenizer(context_length=context)
    return [[START, *tokenizer.encode(text)[: context - 2], END] for text in texts]


def first_token_vectors(teacher: Teacher, width: int) -> Tensor:
    """A starting vector for every token: the teacher's vector of its string, reduced to ``width`` by PCA."""
    decoder = SimpleTokenizer().decoder
    strings = [decoder[i].replace("</w>", "").strip() or "." for i in range(VOCABULARY)]
    vectors = teacher.encode(strings)
    centred = vectors - vectors.mean(0)
    _, _, axes = np.linalg.svd(centred[:: max(1, len(centred) // 8000)], full_matrices=False)
    reduced = centred @ axes[:width].T
    return torch.from_numpy((reduced * (0.02 / reduced.std())).astype(np.float32))


def train_text_tower(
    texts: Sequence[str],
    targets: Vectors | npt.NDArray[np.float16],
    start: Tensor,
    settings: TextSettings,
    seed: int,
) -> TextTower:
    """Teach a new tower to turn ``texts`` into ``targets`` (unit rows)."""
    torch.manual_seed(seed)
    ids = tokenise(texts, settings.context)
    used = sorted({token for row in ids for token in row})
    compact = {
        token: i for i, token in enumerate(used)
    }  # the order is kept, so the end token stays the largest
    rows = [[compact[token] for token in row] for row in ids]
    tower = transformer(settings, len(used), targets.shape[1])
    with torch.no_grad():
        tower.token_embedding.weight.copy_(start[used])
    batches = _Batches(rows, settings.batch, len(used) - 1, seed)
    steps = settings.steps
    decayed = [p for p in tower.parameters() if p.ndim == 2]
    plain = [p for p in tower.parameters() if p.ndim != 2]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=settings.learning_rate, betas=(0.9, 0.98), fused=True,
    )  # fmt: skip
    average = {name: p.detach().clone() for name, p in tower.named_parameters()}
    full_mask = tower.attn_mask
    began = time.monotonic()
    running = 0.0
    for step, (members, tokens) in zip(range(steps), batches, strict=False):
        rate = _rate(step, steps, settings)
        for group in optimiser.param_groups:
            group["lr"] = rate
        length = tokens.shape[1]
        tower.attn_mask = full_mask[:length, :length]
        with torch.autocast("cpu", torch.bfloat16):
            out = tower(tokens)
        out = functional.normalize(out.float(), dim=-1)
        wanted = torch.from_numpy(targets[members].astype(np.float32))
        loss = _loss(out, wanted, settings)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
        optimiser.step()
        decay = min(settings.average_decay, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(list(average.values()), [p.detach() for p in tower.parameters()], 1 - decay)
            running += (out * wanted).sum(-1).mean().item()
        if step % 100 == 99:
            log.info(
                "step %d of %d, cosine %.4f, %.0f s", step + 1, steps, running / 100, time.monotonic() - began
            )
            running = 0.0
    return TextTower(settings, _expand(average, used, start), len(used))


def encode(tower: TextTransformer, texts: Sequence[str], context: int, batch: int = 256) -> Vectors:
    """Unit vectors of ``texts`` from a tower with the full vocabulary; texts of like length go together."""
    ids = tokenise(texts, context)
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    out = np.empty((len(ids), tower.text_projection.shape[1]), dtype=np.float32)
    full_mask = tower.attn_mask
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            tokens = padded([ids[row] for row in rows])
            tower.attn_mask = full_mask[: tokens.shape[1], : tokens.shape[1]]
            out[rows] = functional.normalize(tower(tokens).float(), dim=-1).numpy()
    tower.attn_mask = full_mask
    return out


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """Token numbers (n, longest) of several texts, with zeros at their ends."""
    tokens = torch.zeros(len(rows), max(len(row) for row in rows), dtype=torch.long)
    for number, row in enumerate(rows):
        tokens[number, : len(row)] = torch.tensor(row)
    return tokens


def transformer(settings: TextSettings, vocabulary: int, dim: int) -> TextTransformer:
    """A new text tower as open_clip builds it."""
    return TextTransformer(
        context_length=settings.context, vocab_size=vocabulary, width=settings.width, heads=settings.heads,
        layers=settings.layers, output_dim=dim,
    )  # fmt: skip


def _rate(step: int, steps: int, settings: TextSettings) -> float:
    warm = min(1.0, (step + 1) / settings.warmup_steps)
    return settings.learning_rate * warm * (0.5 + 0.5 * math.cos(math.pi * step / steps)) + 1e-6


def _loss(out: Tensor, wanted: Tensor, settings: TextSettings) -> Tensor:
    cosine = 1 - (out * wanted).sum(-1).mean()
    logits = out @ wanted.T / settings.contrastive_temperature
    # The teacher's own similarities are the soft answer: two captions of one scene are no opposites.
    answer = functional.softmax(wanted @ wanted.T / settings.contrastive_temperature, dim=-1)
    contrast = functional.cross_entropy(logits, answer) - (-(answer * (answer + 1e-9).log()).sum(-1).mean())
    return 4 * cosine + settings.contrastive_weight * contrast


def _expand(average: dict[str, Tensor], used: Sequence[int], start: Tensor) -> dict[str, Tensor]:
    state = dict(average)
    trained = state.pop("token_embedding.weight")
    whole = start.clone()
    whole[list(used)] = trained
    # Unseen tokens start on the scale of seen ones before training; bring them to the scale after it.
    unseen = torch.ones(len(start), dtype=torch.bool)
    unseen[list(used)] = False
    whole[unseen] *= trained.std() / start[list(used)].std()
    return {**state, "token_embedding.weight": whole}


class _Batches:
    """Endless shuffled batches of texts of like length, padded to the longest of each."""

    def __init__(self, rows: Sequence[Sequence[int]], size: int, end: int, seed: int) -> None:
        self.rows = rows
        self.size = size
        self.end = end
        self.lengths = np.array([len(row) for row in rows])
        self.rng = np.random.default_rng(seed)
        self.per_pass = len(rows) // size

    def __iter__(self) -> Iterator[tuple[npt.NDArray[np.int64], Tensor]]:
        while True:
            # Sorting by length with noise keeps batches alike in length but never the same.
            noisy = self.lengths + self.rng.uniform(-1.5, 1.5, len(self.rows))
            order = np.argsort(noisy)
            starts = np.arange(self.per_pass) * self.size
            self.rng.shuffle(starts)
            for start in starts:
                members = order[start : start + self.size]
                yield members, padded([self.rows[member] for member in members])
