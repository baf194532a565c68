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
from safelight.services.models.text_first import TextFirstEncoder, open_text_first_encoder
from safelight.store import photos, vectors
from safelight.store.library import LibraryStore


@dataclass(slots=True)
class _TextFirstState:
    """The separate text encoder of the model that answers. Hold ``lock`` while using it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    opened: tuple[ModelService, TextFirstEncoder | None] | None = None
    """The model and its text encoder, or None instead of the encoder if it has none."""
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
        previous: ModelService | None = None,
        *,
        texts: _TextFirstState | None = None,
    ) -> None:
        """``texts`` is the state of another instance with the same models; see :meth:`for_store`."""
        self._store = store
        self._chosen = chosen
        self._previous = previous
        self._texts = texts or _TextFirstState()

    def for_store(self, store: LibraryStore) -> AnsweringModel:
        """The same models for a view of the same library that sees other photos. The coverage of these photos
        decides which model answers there. Both instances share the weights."""
        return AnsweringModel(store, self._chosen, self._previous, texts=self._texts)

    def start(self, texts_ready: Callable[[], None]) -> None:
        """Open the fast text path and call ``texts_ready``, whose caller then calls :meth:`load` when the
        processor is idle. If texts need the whole model, load it at once."""
        threading.Thread(target=self._begin, args=(texts_ready,), name="words-first", daemon=True).start()

    def load(self) -> None:
        """Begin loading the models."""
        previous = self._previous
        if previous is not None:
            previous.start()
        self._chosen.start()

    def wait(self) -> Encoder:
        """The encoder that answers now. Blocks while it loads. Raises ModelError."""
        with self._texts.lock:
            self._texts.last_asked = time.monotonic()
            previous = self._previous
            if previous is not None and self._covers_enough(previous.key):
                # Without the last reference to it, its memory is freed.
                self._previous = previous = None
                self._texts.opened = None
            service = previous or self._chosen
            loaded = service.get()
            text_encoder = self._text_encoder_of(service, loaded)
        return text_encoder or loaded or service.wait()

    def upcoming(self) -> Encoder | None:
        """The chosen model while the previous one answers, if it is loaded."""
        with self._texts.lock:
            if self._previous is None:
                return None
        try:
            return self._chosen.get()
        except ModelError:
            return None  # the thread that loads it reports the error

    @property
    def key(self) -> str:
        """The key of the model that answers now, which is not loaded for this."""
        with self._texts.lock:
            previous = self._previous
        return self._chosen.key if previous is None or self._covers_enough(previous.key) else previous.key

    def unload_if_idle(self, seconds: float) -> list[ModelInfo]:
        """Unload each model that was not used for ``seconds``. Returns the unloaded models."""
        with self._texts.lock:
            text_encoder = self._texts.opened[1] if self._texts.opened is not None else None
            unused = time.monotonic() - self._texts.last_asked
            if text_encoder is not None and not text_encoder.is_small and unused >= seconds:
                self._texts.opened = None
        services = [self._chosen] if self._previous is None else [self._chosen, self._previous]
        return [info for service in services if (info := service.unload_if_idle(seconds)) is not None]

    @property
    def notice(self) -> Message | None:
        """A sentence for the user while the previous model answers."""
        previous = self._previous
        if previous is None:
            return None
        done, wanted = self._coverage(previous.key)
        return Message(
            "Answered by {former} while {chosen} reads the photos ({share} % of {photos:,}).",
            former=previous.name,
            chosen=self._chosen.name,
            share=100 * done // max(1, wanted),
            photos=wanted,
        )

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Words of ``text`` that the model that answers now was not trained on."""
        return (self._previous or self._chosen).unknown_words(text)

    def _begin(self, texts_ready: Callable[[], None]) -> None:
        text_encoder = None
        try:
            with self._texts.lock:
                text_encoder = self._text_encoder_of(self._previous or self._chosen, None)
        finally:
            if text_encoder is None:
                self.load()
        if text_encoder is not None:
            texts_ready()

    def _text_encoder_of(self, service: ModelService, loaded: Encoder | None) -> TextFirstEncoder | None:
        """The fast text path of a model, if it has one. The lock is held."""
        texts = self._texts
        if texts.opened is None or texts.opened[0] is not service:
            if loaded is not None:
                return None  # the model is loaded already
            texts.opened = service, open_text_first_encoder(service, self._store.directory)
        text_encoder = texts.opened[1]
        if text_encoder is not None and loaded is not None and not text_encoder.is_small:
            texts.opened = None  # the model is loaded, and the same weights twice take much memory
            return None
        return text_encoder

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
