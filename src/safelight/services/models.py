"""Which models there are, which one a library uses, and what changing it means."""

from __future__ import annotations

import time
from pathlib import Path

from safelight.core.errors import ModelError
from safelight.core.models import ModelRow
from safelight.embedding import catalogue, install
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.digest import key_of
from safelight.embedding.offers import OFFERS, Offer
from safelight.store import photos, settings, vectors
from safelight.store.library import Connection, LibraryStore


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


def former(db: Connection, target: ModelSpec, models_dir: Path) -> ModelSpec | None:
    """Of the other installed models the one that covers most photos, if it covers more than ``target``.

    It answers searches while the target's vectors are being made.
    """
    covered = {model.key: photos.counts(db, model.id).embedded for model in vectors.models(db)}
    at_least = covered.get(key_of(target), 0)
    best: ModelSpec | None = None
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


def rows(db: Connection | None, models_dir: Path) -> list[ModelRow]:
    """Installed models first, then what can be downloaded. ``db`` is None where there is no library yet."""
    active = chosen(db, models_dir).name if db is not None else catalogue.default(models_dir).name
    covered: dict[str, int] = {}
    amount = 0
    if db is not None:
        amount = photos.counts(db).photos
        for model in vectors.models(db):
            covered[model.name] = max(covered.get(model.name, 0), photos.counts(db, model.id).embedded)
    offers = {offer.name: offer for offer in OFFERS}
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
                images_per_second=measured_speed(db, spec.name),
            )
        )
    return listed + [_offered(offer, covered.get(offer.name, 0), amount) for offer in offers.values()]


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
    stored = settings.get(db, f"model-speed:{name}") if db is not None else None
    try:
        return float(stored) if stored is not None else None
    except ValueError:
        return None


def _offered(offer: Offer, covered: int, amount: int) -> ModelRow:
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
    )
