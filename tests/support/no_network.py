"""Nothing that the tests run may speak to another machine: what tries is refused and written down.

Python tells audit hooks of every connection, whatever library makes it. Works without the project or its
packages, since it is loaded by every Python that a test starts.
"""

import ipaddress
import os
import socket
import sys

RECORD = "SAFELIGHT_TEST_NETWORK_RECORD"
"""Environment variable: the file that attempts are written to, across processes."""

_ADDRESSED = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.bind": 1}
_NAMED = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0}


def install() -> None:
    """From here on, until the process ends."""
    sys.addaudithook(_look)


def _look(event: str, arguments: tuple[object, ...]) -> None:
    if event in _ADDRESSED:
        connection, address = arguments[0], arguments[_ADDRESSED[event]]
        inet = getattr(connection, "family", None) in (socket.AF_INET, socket.AF_INET6)
        host = address[0] if inet and isinstance(address, tuple) else None
    elif event in _NAMED:
        host = arguments[_NAMED[event]]
    else:
        return
    if host is not None and not _is_local(host):
        _refuse(f"{event} {host!r}")


def _is_local(host: object) -> bool:
    name = os.fsdecode(host) if isinstance(host, bytes | str) else str(host)
    if name in ("localhost", socket.gethostname()):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _refuse(what: str) -> None:
    record = os.environ.get(RECORD)
    if record:
        with open(record, "a", encoding="utf-8") as file:
            file.write(f"{what} in {os.environ.get('PYTEST_CURRENT_TEST', 'no test')}\n")
    raise PermissionError(f"a test used the network: {what}")
