"""Loads the model in use in the background, for everything that needs it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from safelight.core.encoder import Encoder, InputSpec, ModelInfo
from safelight.core.errors import ModelError
from safelight.core.message import Message
from safelight.embedding.bridge import Bridge, BridgedEncoder, BridgedTexts, TextEncoder
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.digest import key_of
from safelight.embedding.vocabulary import Vocabulary, vocabulary_of
from safelight.process_exit import LOADER

log = logging.getLogger(__name__)

Loader = Callable[[], Encoder]


TextOpener = Callable[[], TextEncoder | None]
"""Returns None if only the whole model can encode texts."""


class SearchModel(Protocol):
    """The part of a model that a search needs."""

    def wait(self) -> Encoder:
        """The loaded model. Blocks while it loads. Raises ModelError."""
        ...

    def unknown_words(self, text: str, /) -> tuple[str, ...]:
        """Words of ``text`` that the model was not trained on; empty if its vocabulary is not known."""
        ...

    def upcoming(self) -> Encoder | None:
        """The model that will answer later, if it is another one and is loaded."""
        ...

    @property
    def notice(self) -> Message | None:
        """A notice for the user about the model that answers."""
        ...


class ModelService:
    """Loads a model on its own thread, since importing torch alone takes seconds, and unloads it when idle.

    ``input_spec``, ``key`` and ``name`` are known before the weights are loaded, so that decoding can begin
    at once and nothing is loaded while there is nothing to do. Thread-safe.
    """

    def __init__(
        self,
        load: Loader,
        input_spec: InputSpec,
        key: str,
        name: str,
        *,
        info: ModelInfo | None = None,
        open_texts: TextOpener = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``open_texts`` opens the fast text path, which needs ``info``: the facts known before loading."""
        self._load = load
        self.key = key
        self.name = name
        self.info = info
        self.open_texts = open_texts
        self.vocabulary: Vocabulary | None = None
        """The words that the model was trained on, if they are known."""
        self._input_spec = input_spec
        self._clock = clock
        self._last_used = clock()
        self._encoder: Encoder | None = None
        self._error: ModelError | None = None
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._listeners: list[Callable[[Encoder], None]] = []
        self._on_failure: list[Callable[[Message], None]] = []
        self._on_notice: list[Callable[[Message], None]] = []

    @classmethod
    def of(cls, spec: ModelSpec, threads: int, *, exact: bool = False) -> ModelService:
        """The service for an installed model, on the best device available. ``threads`` limits the CPU
        threads; ``exact`` keeps pictures in float32.
        """

        def load() -> Encoder:
            from safelight.embedding.load import load_encoder  # imports torch, which takes seconds

            return load_encoder(spec, threads=threads, exact=exact, on_notice=service.notify)

        def open_texts() -> TextEncoder | None:
            from safelight.embedding.text_tower import open_text_tower  # only searches need it

            return open_text_tower(spec)

        key = key_of(spec)
        info = ModelInfo(key, spec.name, spec.dim, "cpu", spec.title, folder=spec.source)
        service = cls(load, spec.input_spec, key, spec.name, info=info, open_texts=open_texts)
        service.vocabulary = vocabulary_of(spec.source)
        return service

    def bridged(self, bridge: Bridge) -> ModelService:
        """A service for the vectors of this model's predecessor, by way of this one."""

        def open_texts() -> TextEncoder | None:
            texts = self.open_texts()
            return None if texts is None else BridgedTexts(texts, bridge)

        service = ModelService(
            lambda: BridgedEncoder(self.wait(), bridge),
            self.input_spec,
            bridge.key,
            f"the former {bridge.name}",
            open_texts=open_texts,
        )
        service.vocabulary = self.vocabulary
        return service

    @property
    def input_spec(self) -> InputSpec:
        return self._input_spec

    @property
    def notice(self) -> Message | None:
        return None

    def upcoming(self) -> Encoder | None:
        return None

    def unknown_words(self, text: str) -> tuple[str, ...]:
        return () if self.vocabulary is None else self.vocabulary.unknown(text)

    def start(self) -> None:
        """Begin loading, unless it is loaded or loading."""
        with self._lock:
            if self._thread is None:
                # A daemon, because an import cannot be interrupted when the program ends.
                self._thread = threading.Thread(target=self._run, name=LOADER, daemon=True)
                self._thread.start()

    def when_ready(self, listener: Callable[[Encoder], None]) -> None:
        """Call ``listener`` whenever the model has been loaded; at once if it is."""
        with self._lock:
            encoder = self._encoder
            self._listeners.append(listener)
        if encoder is not None:
            listener(encoder)

    def when_failed(self, listener: Callable[[Message], None]) -> None:
        """Call ``listener`` with one line for the user if loading fails. Set before :meth:`start`."""
        self._on_failure.append(listener)

    def when_noticed(self, listener: Callable[[Message], None]) -> None:
        """Call ``listener`` with one line if the model does not run as requested, for example on another
        device. Set before :meth:`start`."""
        self._on_notice.append(listener)

    def notify(self, notice: Message) -> None:
        for listener in self._on_notice:
            listener(notice)

    def get(self) -> Encoder | None:
        """The model if it is loaded, else None. Raises ModelError if loading failed."""
        if self._error is not None:
            raise self._error
        with self._lock:
            if self._encoder is not None:
                self._last_used = self._clock()
            return self._encoder

    @property
    def is_loaded(self) -> bool:
        with self._lock:
            return self._encoder is not None

    def wait(self) -> Encoder:
        """The loaded model. Blocks while it loads. Raises ModelError."""
        while True:
            self.start()
            self._done.wait()
            encoder = self.get()
            if encoder is not None:  # otherwise it was unloaded in between
                return encoder

    def unload_if_idle(self, seconds: float) -> ModelInfo | None:
        """Unload the model if it was not used for ``seconds``; the next use loads it again.

        Returns the model unloaded. Callers that still hold the encoder keep it alive until they are done.
        """
        with self._lock:
            encoder = self._encoder
            if encoder is None or self._clock() - self._last_used < seconds:
                return None
            self._encoder = self._thread = None
            self._done.clear()
        return encoder.info

    def join(self, timeout: float) -> bool:
        """Wait at most ``timeout`` seconds; True once loading has succeeded or failed."""
        return self._done.wait(timeout)

    def _run(self) -> None:
        try:
            encoder = self._load()
        except ModelError as error:
            self._fail(error)
            return
        except Exception:
            log.exception("a model could not be loaded because of a bug in Safelight")
            self._fail(ModelError("The model could not be loaded because of a bug in Safelight."))
            return
        with self._lock:
            self._encoder = encoder
            self._last_used = self._clock()
            listeners = list(self._listeners)
            self._done.set()
        for listener in listeners:
            listener(encoder)

    def _fail(self, error: ModelError) -> None:
        self._error = error
        self._done.set()
        for listener in self._on_failure:
            listener(error.message)
