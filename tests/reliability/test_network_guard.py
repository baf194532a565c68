"""The guard that watches the whole suite for the network: it must be able to fail."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support import no_network

# A reserved address (RFC 5737), in case the guard fails.
TRY = """
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
    try:
        probe.connect(("192.0.2.1", 9))
    except PermissionError as error:
        print(error)
"""


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Attempts made on purpose are not held against the suite."""
    place = tmp_path / "attempts"
    monkeypatch.setenv(no_network.RECORD, str(place))
    return place


def test_connections_and_names_are_refused_and_written_down(record: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        with pytest.raises(PermissionError, match="used the network"):
            probe.connect(("192.0.2.1", 9))
        with pytest.raises(PermissionError, match="used the network"):
            probe.sendto(b"x", ("192.0.2.1", 9))
        with pytest.raises(PermissionError, match="used the network"):
            probe.bind(("0.0.0.0", 0))
    with pytest.raises(PermissionError, match="used the network"):
        socket.getaddrinfo("example.org", 443)
    said = record.read_text().splitlines()
    assert len(said) == 4
    assert all("test_connections_and_names" in line for line in said)


def test_processes_that_a_test_starts_are_watched_too(record: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", TRY], capture_output=True, text=True, check=True)
    assert "used the network" in ended.stdout
    assert "192.0.2.1" in record.read_text()


def test_this_machine_may_speak_to_itself(record: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        assert not record.exists()
    if os.name == "posix":
        left, right = socket.socketpair()
        with left, right:
            left.sendall(b"x")
            assert right.recv(1) == b"x"
