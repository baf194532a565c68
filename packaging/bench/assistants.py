"""Measures many assistants at once: each is the official MCP client with a server of its own.

    python packaging/bench/assistants.py LIBRARY [--clients 20] [--seconds 30] [--engine] [--json]

LIBRARY has been indexed; with ``--engine`` its folder is called ``library``. Each client starts
``safelight mcp``, lists its tools, searches, and fetches a picture that it found, one call after the other.
A quarter of the clients is killed in the middle of a call.
With ``--engine`` an engine has the library open, as while the window is.

Prints the number, the median and the 95th percentile of each kind of call in milliseconds, the errors, the
memory of each server (proportional, MB), and the servers that outlived their client by ten seconds.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import anyio
from mcp import Client, StdioServerParameters, stdio_client

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.marking import Measured, queries, report, summary
from safelight.engine.events import EngineReady

_FEWEST = 3
"""Searches of each client at least."""

_GRACE = 10.0
"""Seconds after which a server should have ended with its client."""


async def talk(library: str, number: int, seconds: float) -> None:
    """One client. Prints a line of JSON for each call, and one before it begins."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "safelight", "--library", library, "mcp"]
    )
    words = queries()
    for _ in range(number * 1000):
        next(words)  # no two clients ask the same
    started = time.perf_counter()

    def tell(kind: str, error: str = "") -> None:
        taken = 1000 * (time.perf_counter() - started)
        print(json.dumps({"kind": kind, "taken": taken, "error": error}), flush=True)

    async with Client(stdio_client(server)) as client:
        tell("start")
        started = time.perf_counter()
        await client.list_tools()
        tell("list tools")
        until, rounds = time.monotonic() + seconds, 0
        while time.monotonic() < until or rounds < _FEWEST:
            rounds += 1
            print(json.dumps({"kind": "calling"}), flush=True)
            started = time.perf_counter()
            found = await client.call_tool("search_photos", {"query": next(words), "limit": 5})
            tell("search", "refused" if found.is_error else "")
            matches = (found.structured_content or {}).get("matches", [])
            if matches:
                started = time.perf_counter()
                key = matches[number % len(matches)]["key"]
                picture = await client.call_tool("get_photo", {"photo": key, "side": 512})
                tell("picture", "refused" if picture.is_error else "")


class Assistant:
    """A client in a process of its own."""

    def __init__(self, library: Path, number: int, seconds: float) -> None:
        command = [sys.executable, str(Path(__file__)), str(library), "--as-client", str(number)]
        self._process = subprocess.Popen(
            [*command, "--seconds", str(seconds)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()
        self.server = 0
        self.calls = 0
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if said["kind"] == "calling":
                self.calls += 1
                continue
            self.times[said["kind"]].append(said["taken"])
            if said["kind"] == "start":
                self.server = _child(self._process.pid)
            if said["error"]:
                self.errors[f"{said['kind']}: {said['error']}"] += 1

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._reader.join()

    def wait(self) -> None:
        code = self._process.wait()
        self._reader.join()
        assert self._process.stderr is not None
        if code:
            last = self._process.stderr.read().strip().splitlines()[-1:]
            self.errors[f"client: {last[0] if last else code}"] += 1


def _child(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return int(children[0]) if children else 0


def _memory(pid: int) -> float:
    """Proportional memory of a process in MB: pages that several processes share are divided among them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return round(next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024, 1)


def _runs(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return False


@contextmanager
def _engine(library: Path, wanted: bool) -> Iterator[Measured | None]:
    if not wanted:
        yield None
        return
    engine = Measured(library.parent)
    engine.wait(EngineReady)
    try:
        yield engine
    finally:
        engine.client.close()


def measure(library: Path, clients: int, seconds: float, *, with_engine: bool) -> dict[str, dict[str, float]]:
    with _engine(library, with_engine):
        assistants = [Assistant(library, number, seconds) for number in range(clients)]
        doomed, others = assistants[: clients // 4], assistants[clients // 4 :]
        for each in doomed:
            while each.calls < 2 and each.runs:
                time.sleep(0.01)
            each.kill()
        killed = time.monotonic()
        while not all(each.calls or not each.runs for each in others):
            time.sleep(0.1)
        memories = [_memory(each.server) for each in others]
        for each in others:
            each.wait()
        time.sleep(max(0.0, killed + _GRACE - time.monotonic()))
        left = sum(_runs(each.server) for each in doomed)
        ended = time.monotonic()
        while any(_runs(each.server) for each in others) and time.monotonic() < ended + _GRACE:
            time.sleep(0.1)
        left += sum(_runs(each.server) for each in others)
    times: dict[str, list[float]] = defaultdict(list)
    errors: Counter[str] = Counter()
    for each in assistants:
        errors += each.errors
        for kind, taken in each.times.items():
            times[kind] += taken
    return {
        **{kind: summary(taken) for kind, taken in times.items() if len(taken) > 1},
        "errors": {kind: float(count) for kind, count in errors.items()},
        "memory of a server": {"median": median(memories), "most": max(memories)},
        "servers left": {"number": float(left)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--engine", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--as-client", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    library = given.library.absolute()
    if given.as_client is not None:
        anyio.run(talk, str(library), given.as_client, given.seconds)
        return
    report(measure(library, given.clients, given.seconds, with_engine=given.engine), as_json=given.json)


if __name__ == "__main__":
    main()
