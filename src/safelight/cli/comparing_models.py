"""``safelight models compare``: the same queries with two models, side by side."""

from __future__ import annotations

from safelight import paths
from safelight.cli import console
from safelight.cli.declarations.models import Models
from safelight.core.errors import UsageError
from safelight.core.jobs import JobControl, Phase, Progress
from safelight.embedding import catalogue
from safelight.services.indexing.decoding import DecodePool
from safelight.services.library import available_cores, shared_cores
from safelight.services.model_comparison import ModelComparison
from safelight.services.models.model import ModelService
from safelight.store import photos
from safelight.store.library import LibraryStore


def run(arguments: Models) -> int:
    """``safelight models compare A B QUERY…``"""
    other, *queries = arguments.more or ("",)
    if not (arguments.target and other and queries):
        raise UsageError('Name two models and a query: safelight models compare A B "dog on a beach"')
    specs = [catalogue.find(name, paths.models_dir()) for name in (arguments.target, other)]
    if specs[0].name == specs[1].name:
        raise UsageError("Name two different models.")
    decoders, threads = shared_cores(available_cores())
    services = (ModelService.of(specs[0], threads), ModelService.of(specs[1], threads))
    line = console.ProgressLine()
    with LibraryStore.create_or_open(arguments.library) as store, DecodePool(decoders) as pool:
        comparison = ModelComparison(store, pool, services)
        try:
            for prepared in comparison.prepare(JobControl()):
                line(Progress(Phase.INDEXING, prepared.done, prepared.total))
        finally:
            line.finish()
        answers = [(query, comparison.search(query, arguments.limit)) for query in queries]
        with store.read() as db:
            found = {photo for _, sides in answers for side in sides for photo in side}
            places = {photo.id: photo.files[0].path for photo in photos.get_many(db, found) if photo.files}
    rows = [
        {
            "query": query,
            specs[0].name: [places[photo] for photo in left if photo in places],
            specs[1].name: [places[photo] for photo in right if photo in places],
        }
        for query, (left, right) in answers
    ]
    if arguments.json:
        console.emit_json(rows)
        return console.DONE
    for row in rows:
        for spec in specs:
            console.emit(f"{row['query']} · {spec.name}")
            for number, path in enumerate(row[spec.name], 1):
                console.emit(f"  {number:2}  {path}")
    return console.DONE
