"""A pool of processes that decode files."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

from safelight.core.encoder import InputSpec, Pixels
from safelight.core.photo import DecodedPhoto, ImageMetadata
from safelight.core.region import Region
from safelight.services.indexing import decode_worker
from safelight.services.indexing.decode_worker import DecodeTask, LoadTask, PrepareTask
from safelight.services.indexing.process_pool import ProcessPool, Serve
from safelight.services.indexing.worker_process import Limits


class DecodePool(ProcessPool):
    """Decodes untrusted files in processes of their own, so that a crash costs one file."""

    def __init__(
        self, workers: int = 1, limits: Limits | None = None, *, serve: Serve = decode_worker.run
    ) -> None:
        super().__init__(workers, limits, serve, "decode")

    def decode(self, path: str, spec: InputSpec | None) -> Future[DecodedPhoto]:
        """Everything that indexing needs of a file. The future raises ImageError."""
        return self.submit(DecodeTask(path, spec))

    def load(self, source: str | bytes, max_side: int | None = None) -> Future[tuple[Pixels, ImageMetadata]]:
        """Upright sRGB pixels (h, w, 3), the long side at most ``max_side``. Goes before all that wait."""
        return self.submit(LoadTask(source, max_side), first=True, bulky=isinstance(source, bytes))

    def prepare(self, source: str | bytes, spec: InputSpec) -> Future[Pixels]:
        """A model's input (size, size, 3). Goes before all that wait."""
        return self.submit(PrepareTask(source, spec), first=True, bulky=isinstance(source, bytes))

    def prepare_regions(
        self, source: str | bytes, spec: InputSpec, regions: Sequence[Region], *, urgent: bool = True
    ) -> Future[Pixels]:
        """A model's input for each region of a picture (n, size, size, 3). If ``urgent``, this precedes all
        tasks that wait.
        """
        task = PrepareTask(source, spec, tuple(regions))
        return self.submit(task, first=urgent, bulky=isinstance(source, bytes))
