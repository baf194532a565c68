"""Lists the installed and offered models, and chooses the one that a library uses."""

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
from safelight.embedding.digest import key_of, verified_key_of
from safelight.embedding.offers import ENGLISH, OFFERS, Offer, find_offer
from safelight.services.models.recommendation import recommend
from safelight.store import photos, settings, vectors
from safelight.store.library import Connection, LibraryStore

_SPEED = "model-speed:"
"""Prefix of a setting, before a model's name: its speed on this machine."""
_METHOD = "model-method:"
"""Prefix of a setting, before a model's name: how it computed pictures when its speed was measured."""


def chosen_model(db: Connection, models_dir: Path) -> ModelSpec:
    """The model that the library uses: the one chosen, or the built-in one if that is no longer installed."""
    name = settings.get(db, settings.MODEL)
    if name is not None:
        try:
            return catalogue.find(name, models_dir)
        except ModelError:
            pass  # deleted outside Safelight; the list of models shows which one is used instead
    return catalogue.default(models_dir)


def choose(store: LibraryStore, name: str, models_dir: Path) -> ModelSpec:
    """Make an installed model the one that the library uses.

    Its vectors are computed in the background. Those of other models stay until they are deleted. Raises
    ModelError.
    """
    spec = catalogue.find(name, models_dir)
    with store.write() as db:
        settings.put(db, settings.MODEL, spec.name)
        settings.put(db, f"model-chosen-at:{spec.name}", f"{time.time():.0f}")
    return spec


def previous_model(db: Connection, target: ModelSpec, models_dir: Path) -> ModelSpec | Bridge | None:
    """The model that answers searches until the vectors of ``target`` are computed; None if no model covers
    more photos than ``target`` itself.

    It is the one that covers most photos, of the other installed models and the predecessor to which
    ``target`` has a bridge.
    """
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
            own_count = covered.get(verified_key_of(spec), 0)
        except ModelError:
            continue  # its weights have changed, so its stored vectors cannot be used
        if own_count > at_least:
            best, at_least = spec, own_count
    return best


def model_rows(db: Connection | None, models_dir: Path, in_use: str | None = None) -> list[ModelRow]:
    """Installed models first, then those that can be downloaded. ``db`` is None if there is no library yet.

    ``in_use`` names the active model if it is not the one that the library uses.
    """
    active = in_use
    if active is None:
        active = chosen_model(db, models_dir).name if db is not None else catalogue.default(models_dir).name
    covered: dict[str, int] = {}
    photo_count = 0
    if db is not None:
        photo_count = photos.counts(db).photos
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
                languages=offer.languages if offer else ENGLISH,
                installed=True,
                active=spec.name == active,
                covered=covered.get(spec.name, 0),
                photos=photo_count,
                imagenet=offer.imagenet if offer else None,
                coco=offer.coco if offer else None,
                page=offer.page if offer else "",
            )
        )
    for partial in begun.values():
        if partial.name not in offers and not any(row.name == partial.name for row in listed):
            offers[partial.name] = find_offer(f"hf-hub:{partial.repo}")
    for offer in offers.values():
        done = begun[offer.name].done if offer.name in begun else 0
        if offer.retired and not done:
            continue
        listed.append(_offered(offer, covered.get(offer.name, 0), photo_count, done))
    rated = [_with_speed(db, row) for row in listed]
    best = recommend(rated, [offer.name for offer in OFFERS if offer.retired])
    return [replace(row, recommended=row.name == best) for row in rated]


def delete_model(store: LibraryStore, name: str, models_dir: Path) -> tuple[int, int]:
    """Delete a model and its vectors in this library. Returns (bytes freed, photos that had a vector).

    Raises ModelError for the built-in model and for the one in use.
    """
    with store.read() as db:
        if chosen_model(db, models_dir).name == name:
            raise ModelError(
                "The model “{name}” is in use. Choose another first: safelight models use starter", name=name
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
    """Images per second that the model encoded on this machine; None if it was not measured."""
    stored = settings.get(db, f"{_SPEED}{name}") if db is not None else None
    try:
        return float(stored) if stored is not None else None
    except ValueError:
        return None


def store_speed(store: LibraryStore, name: str, rate: float, method: str = "") -> None:
    """Store how many images per second a model encoded on this machine, and by which method."""
    with store.write() as db:
        settings.put(db, f"{_SPEED}{name}", f"{rate:.2f}")
        if method:
            settings.put(db, f"{_METHOD}{name}", method)


def _with_speed(db: Connection | None, row: ModelRow) -> ModelRow:
    """The row with its measured speed, or one estimated from a measured model and the relative cost of a
    picture.
    """
    measured, cost = measured_speed(db, row.name), _relative_cost(row.name)
    if measured is not None or cost is None:
        method = settings.get(db, f"{_METHOD}{row.name}") if db is not None else None
        return replace(row, images_per_second=measured, method=method or "")
    for name in _nearest(row.name):
        speed, other_cost = measured_speed(db, name), _relative_cost(name)
        if speed is not None and other_cost is not None:
            return replace(row, images_per_second=speed * other_cost / cost, estimated=True)
    return row


def _nearest(name: str) -> list[str]:
    """Other models of known cost, those of the most similar cost first, which give the best estimates."""
    cost = _relative_cost(name)
    others = [each for each in (catalogue.STARTER, *(offer.name for offer in OFFERS)) if each != name]
    costs = {each: cost for each in others if (cost := _relative_cost(each)) is not None}
    return sorted(costs, key=lambda each: abs(math.log(costs[each] / (cost or 1.0))))


def _relative_cost(name: str) -> float | None:
    """Cost of one picture relative to the starter's."""
    if name == catalogue.STARTER:
        return 1.0
    return next((offer.work for offer in OFFERS if offer.name == name), None)


def _offered(offer: Offer, covered: int, photo_count: int, partial: int) -> ModelRow:
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
        photos=photo_count,
        imagenet=offer.imagenet,
        coco=offer.coco,
        partial=partial,
        page=offer.page,
    )
