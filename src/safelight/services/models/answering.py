"""Chooses the model that answers searches while another one's vectors are being computed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from safelight.core.encoder import Encoder, ModelInfo
from safelight.core.errors import ModelError
from safelight.core.message import Message
from safelight.core.models import TAKEOVER_SHARE
from safelight.services.models.model import ModelService
from safelight.services.models.words_first import WordsFirst, words_first
from safelight.store import photos, vectors
from safelight.store.library import LibraryStore


@dataclass(slots=True)
class _TextPath:
    """The fast text path of the model that answers. ``lock`` is held while it is used."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    opened: tuple[ModelService, WordsFirst | None] | None = None
    """The model, and None in place of its path if it has none."""
    last_asked: float = field(default_factory=time.monotonic)


class AnsweringModel:
    """The chosen model once it covers enough of the library; until then the previous one.

    A search calls :meth:`wait` once and uses that encoder for everything, so that texts, pictures and stored
    vectors of two models are never mixed. Without a previous model, the chosen one answers at once. Texts are
    encoded before the model is loaded if the model allows it. Thread-safe.
    """

    def __init__(
        self,
        store: LibraryStore,
        chosen: ModelService,
        former: ModelService | None = None,
        *,
        texts: _TextPath | None = None,
    ) -> None:
        """``texts`` is that of another instance with the same models; see :meth:`for_store`."""
        self._store = store
        self._chosen = chosen
        self._former = former
        self._texts = texts or _TextPath()

    def for_store(self, store: LibraryStore) -> AnsweringModel:
        """The same models for a view of the same library that sees other photos, which decides by those
        photos whether the chosen model answers. No weights are in memory twice."""
        return AnsweringModel(store, self._chosen, self._former, texts=self._texts)

    def start(self, words_ready: Callable[[], None]) -> None:
        """Open the fast text path and call ``words_ready``, whose caller then calls :meth:`load` when the
        processor is idle. If texts need the whole model, load it at once."""
        threading.Thread(target=self._begin, args=(words_ready,), name="words-first", daemon=True).start()

    def load(self) -> None:
        """Begin loading the models."""
        former = self._former
        if former is not None:
            former.start()
        self._chosen.start()

    def wait(self) -> Encoder:
        """The encoder that answers now. Blocks while it loads. Raises ModelError."""
        with self._texts.lock:
            self._texts.last_asked = time.monotonic()
            former = self._former
            if former is not None and self._covers_enough(former.key):
                # Without the last reference to it, its memory is freed.
                self._former = former = None
                self._texts.opened = None
            service = former or self._chosen
            loaded = service.get()
            words = self._words_of(service, loaded)
        return words or loaded or service.wait()

    def upcoming(self) -> Encoder | None:
        """The chosen model while the previous one answers, if it is loaded."""
        with self._texts.lock:
            if self._former is None:
                return None
        try:
            return self._chosen.get()
        except ModelError:
            return None  # reported by whoever loads it

    @property
    def key(self) -> str:
        """The key of the model that answers now, which is not loaded for this."""
        with self._texts.lock:
            former = self._former
        return self._chosen.key if former is None or self._covers_enough(former.key) else former.key

    def unload_if_idle(self, seconds: float) -> list[ModelInfo]:
        """Unload what was not used for ``seconds``; returns the models unloaded."""
        with self._texts.lock:
            words = self._texts.opened[1] if self._texts.opened is not None else None
            unused = time.monotonic() - self._texts.last_asked
            if words is not None and not words.is_small and unused >= seconds:
                self._texts.opened = None
        services = [self._chosen] if self._former is None else [self._chosen, self._former]
        return [info for service in services if (info := service.unload_if_idle(seconds)) is not None]

    @property
    def notice(self) -> Message | None:
        """A sentence for the user while the previous model answers."""
        former = self._former
        if former is None:
            return None
        done, wanted = self._coverage(former.key)
        return Message(
            "Answered by {former} while {chosen} reads the photos ({share} % of {photos:,}).",
            former=former.name,
            chosen=self._chosen.name,
            share=100 * done // max(1, wanted),
            photos=wanted,
        )

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Words of ``text`` outside what the model that answers now was taught."""
        return (self._former or self._chosen).unknown_words(text)

    def _begin(self, words_ready: Callable[[], None]) -> None:
        words = None
        try:
            with self._texts.lock:
                words = self._words_of(self._former or self._chosen, None)
        finally:
            if words is None:
                self.load()
        if words is not None:
            words_ready()

    def _words_of(self, service: ModelService, loaded: Encoder | None) -> WordsFirst | None:
        """The fast text path of a model, if it has one. The lock is held."""
        texts = self._texts
        if texts.opened is None or texts.opened[0] is not service:
            if loaded is not None:
                return None  # the model is loaded already
            texts.opened = service, words_first(service, self._store.directory)
        words = texts.opened[1]
        if words is not None and loaded is not None and not words.is_small:
            texts.opened = None  # the model is loaded, and the same weights twice take much memory
            return None
        return words

    def _covers_enough(self, former_key: str) -> bool:
        done, wanted = self._coverage(former_key)
        return done >= TAKEOVER_SHARE * wanted

    def _coverage(self, former_key: str) -> tuple[int, int]:
        """Numbers of visible photos with vectors of the chosen and the previous model."""
        with self._store.read() as db:
            known = {key: vectors.model_id(db, key) for key in (self._chosen.key, former_key)}
            counts = {
                key: 0 if model_id is None else photos.counts(db, model_id).embedded
                for key, model_id in known.items()
            }
        return counts[self._chosen.key], counts[former_key]
