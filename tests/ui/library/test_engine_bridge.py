"""The bridge: requests out, events in as signals on the GUI thread, clean ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from safelight.core.changes import LibraryChanged
from safelight.core.encoder import ModelInfo
from safelight.core.errors import LibraryTooNewError
from safelight.core.jobs import Phase, Progress
from safelight.core.message import Message
from safelight.engine import events, requests
from safelight.ui.library.engine_bridge import EngineBridge
from support.scripted_client import ScriptedClient
from support.waiting import PATIENCE


@pytest.fixture
def bridge(client: ScriptedClient, qtbot: QtBot) -> Iterator[EngineBridge]:
    made = EngineBridge(lambda: client)
    yield made
    assert made.stop(PATIENCE)


def _threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def test_each_event_becomes_its_signal(bridge: EngineBridge, client: ScriptedClient, qtbot: QtBot) -> None:
    heard: list[object] = []
    bridge.engine_ready.connect(lambda: heard.append("ready"))
    bridge.model_ready.connect(heard.append)
    bridge.library_changed.connect(heard.append)
    bridge.progress_changed.connect(heard.append)
    bridge.results_arrived.connect(heard.append)
    bridge.request_failed.connect(heard.append)
    bridge.engine_failed.connect(heard.append)
    bridge.engine_stopped.connect(heard.append)
    model = ModelInfo("starter@1", "starter", 512, "cpu")
    change = LibraryChanged(added=(1,))
    progress = Progress(Phase.INDEXING, 1, 2)
    results = events.SearchResults(3, ())
    failed = events.RequestFailed(Message("no"))
    stopped = events.EngineStopped(True, Message("again"))
    bridge.start()
    for event in (
        events.EngineReady(),
        events.ModelReady(model),
        change,
        events.IndexProgress(progress),
        results,
        failed,
        events.EngineFailed(Message("broken")),
        stopped,
    ):
        client.say(event)
    qtbot.waitUntil(lambda: len(heard) == 8)
    assert heard == ["ready", model, change, progress, results, failed, "broken", stopped]


def test_lambdas_run_on_the_gui_thread(bridge: EngineBridge, client: ScriptedClient, qtbot: QtBot) -> None:
    threads: list[QThread] = []
    bridge.engine_ready.connect(lambda: threads.append(QThread.currentThread()))
    bridge.start()
    client.say(events.EngineReady())
    qtbot.waitUntil(lambda: bool(threads))
    assert threads == [bridge.thread()]


def test_requests_arrive_in_order_even_when_sent_before_the_start(
    bridge: EngineBridge, client: ScriptedClient, qtbot: QtBot
) -> None:
    bridge.send(requests.Rescan((1,)))
    bridge.start()
    bridge.send(requests.Search(1, "dog"))
    qtbot.waitUntil(lambda: len(client.requests) == 2)
    assert client.requests == [requests.Rescan((1,)), requests.Search(1, "dog")]


@pytest.mark.expected_log("A request was lost")
def test_a_request_that_cannot_be_sent_does_not_end_the_sending(
    bridge: EngineBridge, client: ScriptedClient, qtbot: QtBot
) -> None:
    def answers(request: requests.Request) -> list[events.Event]:
        if isinstance(request, requests.PauseIndexing):
            raise MemoryError("a picture too large to be sent")
        return []

    client.answers = answers
    bridge.start()
    bridge.send(requests.PauseIndexing())
    bridge.send(requests.Search(1, "dog"))
    qtbot.waitUntil(lambda: len(client.requests) == 2)


def test_a_client_that_cannot_start_is_reported(qtbot: QtBot) -> None:
    error = LibraryTooNewError("This library was made by a newer Safelight.")
    bridge = EngineBridge(lambda: ScriptedClient(fails_with=error))
    with qtbot.waitSignal(bridge.engine_failed) as failed:
        bridge.start()
    assert failed.args == [str(error)]
    bridge.send(requests.PauseIndexing())
    assert bridge.stop(PATIENCE)


def test_a_restart_closes_the_old_engine_and_starts_another(qtbot: QtBot) -> None:
    clients: list[ScriptedClient] = []

    def connect() -> ScriptedClient:
        clients.append(ScriptedClient())
        return clients[-1]

    bridge = EngineBridge(connect)
    bridge.start()
    qtbot.waitUntil(lambda: bool(clients) and clients[0].started.is_set())
    bridge.restart()
    qtbot.waitUntil(lambda: len(clients) == 2 and clients[1].started.is_set())
    assert clients[0].closed.is_set()
    bridge.send(requests.PauseIndexing())
    qtbot.waitUntil(lambda: clients[1].requests == [requests.PauseIndexing()])
    assert bridge.stop(PATIENCE)


def test_the_end_leaves_no_thread_and_no_late_signal(
    bridge: EngineBridge, client: ScriptedClient, qtbot: QtBot
) -> None:
    heard: list[object] = []
    bridge.library_changed.connect(heard.append)
    bridge.start()
    qtbot.waitUntil(client.started.is_set)
    client.say(LibraryChanged(added=(1,)))
    assert bridge.stop(PATIENCE)
    assert bridge.stop(PATIENCE), "stopping twice is harmless"
    bridge.send(requests.PauseIndexing())
    qtbot.wait(0)
    assert client.closed.is_set()
    assert not {"engine-receive", "engine-send"} & _threads()
    assert heard == []
    assert client.requests == []
