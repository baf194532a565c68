"""Which models there are, which one a library uses, and what changing it means."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path

from safelight.core.errors import ModelError
from safelight.core.models import ModelRow
from safelight.embedding import catalogue, install
from safelight.embedding.bridge import Bridge, bridge_of
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.digest import key_of
from safelight.embedding.offers import OFFERS, Offer, find_offer
from safelight.store import photos, settings, vectors
from safelight.store.library import Connection, LibraryStore

_SPEED = "model-speed:"
"""Before a model's name: how fast it was seen to be on this machine."""


def chosen(db: Connection, models_dir: Path) -> ModelSpec:
    """The model that the library is to use: the person's choice, or the built-in one where it is gone."""
    name = settings.get(db, settings.MODEL)
    if name is not None:
        try:
            return catalogue.find(name, models_dir)
        except ModelError:
            pass  # deleted by hand; the list of models shows what is used instead
    return catalogue.default(models_dir)


def choose(store: LibraryStore, name: str, models_dir: Path) -> ModelSpec:
    """Make an installed model the library's own. Its vectors are made in the background; those of other
    models stay until they are deleted. Raises ModelError."""
    spec = catalogue.find(name, models_dir)
    with store.write() as db:
        settings.put(db, settings.MODEL, spec.name)
        settings.put(db, f"model-chosen-at:{spec.name}", f"{time.time():.0f}")
    return spec


def former(db: Connection, target: ModelSpec, models_dir: Path) -> ModelSpec | Bridge | None:
    """What answers searches while the target's vectors are being made: of the other installed models, and
    the predecessor that ``target`` has a bridge to, the one that covers most photos, if it covers more than
    ``target``."""
    covered = {model.key: photos.counts(db, model.id).embedded for model in vectors.models(db)}
    at_least = covered.get(key_of(target), 0)
    best: ModelSpec | Bridge | None = None
    bridge = bridge_of(target.source)
    if bridge is not None and covered.get(bridge.key, 0) > at_least:
        best, at_least = bridge, covered[bridge.key]
    for spec in catalogue.installed(models_dir):
        if spec.name == target.name or not any(key.startswith(f"{spec.name}@") for key in covered):
            continue
        try:
            mine = covered.get(key_of(spec), 0)
        except ModelError:
            continue  # altered since: its vectors cannot be searched with what it has become
        if mine > at_least:
            best, at_least = spec, mine
    return best


def rows(db: Connection | None, models_dir: Path, in_use: str | None = None) -> list[ModelRow]:
    """Installed models first, then what can be downloaded. ``db`` is None where there is no library yet.
    ``in_use`` names the active model where it is another than the library's own."""
    active = in_use
    if active is None:
        active = chosen(db, models_dir).name if db is not None else catalogue.default(models_dir).name
    covered: dict[str, int] = {}
    amount = 0
    if db is not None:
        amount = photos.counts(db).photos
        for model in vectors.models(db):
            covered[model.name] = max(covered.get(model.name, 0), photos.counts(db, model.id).embedded)
    offers = {offer.name: offer for offer in OFFERS}
    begun = {partial.name: partial for partial in install.partials(models_dir)}
    listed = []
    for spec in catalogue.installed(models_dir):
        offer = offers.pop(spec.name, None)
        listed.append(
            ModelRow(
                name=spec.name,
                title=offer.title if offer else spec.title,
                note=offer.role if offer else spec.note,
                licence=spec.licence or (offer.licence if offer else ""),
                research_only=offer.research_only if offer else False,
                size_bytes=spec.size_bytes,
                dim=spec.dim,
                languages=offer.languages if offer else "English works best",
                installed=True,
                active=spec.name == active,
                covered=covered.get(spec.name, 0),
                photos=amount,
                imagenet=offer.imagenet if offer else None,
                coco=offer.coco if offer else None,
                page=offer.page if offer else "",
                missing_extra=offer.missing_extra if offer else "",
            )
        )
    for partial in begun.values():
        if partial.name not in offers and not any(row.name == partial.name for row in listed):
            offers[partial.name] = find_offer(f"hf-hub:{partial.repo}")
    for offer in offers.values():
        done = begun[offer.name].done if offer.name in begun else 0
        listed.append(_offered(offer, covered.get(offer.name, 0), amount, done))
    return [_with_speed(db, row) for row in listed]


def forget(store: LibraryStore, name: str, models_dir: Path) -> tuple[int, int]:
    """Delete a model and its vectors in this library; (bytes of the model, photos that had a vector).

    Raises ModelError for the built-in model and for the one in use.
    """
    with store.read() as db:
        if chosen(db, models_dir).name == name:
            raise ModelError(
                f"The model “{name}” is in use. Choose another first: safelight models use starter"
            )
    freed = install.delete(name, models_dir)
    lost = 0
    with store.write() as db:
        for model in vectors.models(db):
            if model.name == name:
                lost += model.photos
                vectors.delete_model(db, model.id)
    return freed, lost


def measured_speed(db: Connection | None, name: str) -> float | None:
    """Images per second that the model was seen to encode on this machine."""
    stored = settings.get(db, f"{_SPEED}{name}") if db is not None else None
    try:
        return float(stored) if stored is not None else None
    except ValueError:
        return None


def keep_speed(store: LibraryStore, name: str, rate: float) -> None:
    """Remember how many images a second a model was seen to encode on this machine."""
    with store.write() as db:
        settings.put(db, f"{_SPEED}{name}", f"{rate:.2f}")


def _with_speed(db: Connection | None, row: ModelRow) -> ModelRow:
    """With its speed here, or else one reckoned from a model that was measured, by what a picture costs
    each."""
    measured, work = measured_speed(db, row.name), _work(row.name)
    if measured is not None or work is None:
        return replace(row, images_per_second=measured)
    for name in _nearest(row.name):
        speed, its_work = measured_speed(db, name), _work(name)
        if speed is not None and its_work is not None:
            return replace(row, images_per_second=speed * its_work / work, estimated=True)
    return row


def _nearest(name: str) -> list[str]:
    """Other models with a known cost, the one nearest in cost first: it misleads least."""
    work = _work(name)
    others = [each for each in (catalogue.STARTER, *(offer.name for offer in OFFERS)) if each != name]
    costs = {each: cost for each in others if (cost := _work(each)) is not None}
    return sorted(costs, key=lambda each: abs(math.log(costs[each] / (work or 1.0))))


def _work(name: str) -> float | None:
    """What a picture costs a model, against the starter."""
    if name == catalogue.STARTER:
        return 1.0
    return next((offer.work for offer in OFFERS if offer.name == name), None)


def _offered(offer: Offer, covered: int, amount: int, partial: int) -> ModelRow:
    return ModelRow(
        name=offer.name,
        title=offer.title,
        note=offer.role,
        licence=offer.licence,
        research_only=offer.research_only,
        size_bytes=offer.size_bytes or 0,
        dim=offer.dim or 0,
        languages=offer.languages,
        installed=False,
        active=False,
        covered=covered,
        photos=amount,
        imagenet=offer.imagenet,
        coco=offer.coco,
        partial=partial,
        page=offer.page,
        missing_extra=offer.missing_extra,
    )
