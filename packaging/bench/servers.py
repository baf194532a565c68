"""Measures many clients of the HTTP server at once, beside a window that indexes.

    python packaging/bench/servers.py PHOTOS [--clients 20] [--seconds 60] [--json]

Starts the real window (on the display there is, else without a screen) with its engine and the built-in model
over an empty library in a temporary folder, and ``safelight serve`` beside it. A third of the files in PHOTOS
is indexed first. Searches are then typed into the window, one after the other: with nothing else going on,
beside the clients, beside the clients as the second third is indexed, and as the last third is indexed
without clients. The clients search, compare, look up and fetch photos, each one request after the other.

Prints the number, the median and the 95th percentile of each kind of request in milliseconds, the errors by
status, the stalls of the window (gaps between two beats of a 5 ms timer of its event loop), how many photos
were indexed a second beside the clients and without them, and the memory of the engine and of the server
(resident, MB).
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.driven_window import DrivenWindow
from bench.marking import queries, report, summary
from safelight.store import photos
from safelight.store.library import LibraryStore

_TIMEOUT = 60.0
"""Seconds after which a client gives up, as an error."""

_INDEXING_LIMIT = 1800.0
"""Seconds after which indexing is not waited for any longer."""


@dataclass
class Tally:
    """How long requests took, in milliseconds, and what failed."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def figures(self) -> dict[str, dict[str, float]]:
        found = {name: summary(times) for name, times in sorted(self.times.items()) if len(times) > 1}
        return {**found, "errors": {name: float(count) for name, count in self.errors.items()}}


@dataclass(frozen=True)
class Server:
    """A running ``safelight serve``."""

    pid: int
    address: str
    token: str

    def get(self, path: str, **parameters: str) -> bytes:
        request = urllib.request.Request(f"{self.address}{path}?{urllib.parse.urlencode(parameters)}")
        request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
            content: bytes = answer.read()
        return content


@contextmanager
def serving(library: Path) -> Iterator[Server]:
    command = [sys.executable, "-m", "safelight", "--library", str(library), "serve"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            line = process.stderr.readline()
            token = (library / "http-token").read_text().strip()
            address = line.partition("Serving ")[2].partition(";")[0]
            yield Server(process.pid, address, token)
        finally:
            process.terminate()


def client(server: Server, number: int, until: float, tally: Tally) -> None:
    """One client: searches, and looks at what it found, at least once."""
    words = queries()
    for _ in range(number * 1000):
        next(words)  # no two clients ask the same

    def timed(kind: str, path: str, **parameters: str) -> bytes | None:
        started = time.perf_counter()
        try:
            answer = server.get(path, **parameters)
        except urllib.error.HTTPError as error:
            with tally.lock:
                tally.errors[f"{kind} {error.code}"] += 1
            time.sleep(1)
            return None
        except OSError as error:
            with tally.lock:
                tally.errors[f"{kind} {type(error).__name__}"] += 1
            return None
        with tally.lock:
            tally.times[kind].append(1000 * (time.perf_counter() - started))
        return answer

    while True:
        found = timed("search", "/v1/search", query=next(words), limit="10")
        if found is None:
            if time.monotonic() >= until:
                return
            continue
        key = json.loads(found)["matches"][number % 10]["key"]
        timed("similar", "/v1/similar", photo=key)
        timed("photo", "/v1/photo", photo=key)
        timed("picture", "/v1/picture", photo=key, side="512")
        if time.monotonic() >= until:
            return


def beside_clients(server: Server, clients: int, seconds: float) -> Tally:
    """Run the clients for a while."""
    tally, until = Tally(), time.monotonic() + seconds
    threads = [
        threading.Thread(target=client, args=(server, number, until, tally)) for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


def window_figures(window: DrivenWindow, name: str) -> dict[str, dict[str, float]]:
    """What the window measured since its last report."""
    window.look()
    searches, stalls = window.searches, sorted(window.stalls)
    window.forget()
    return {
        f"window's search, {name}": summary(searches),
        f"window's stalls, {name}": {
            "longest": round(stalls[-1], 1),
            "p99": round(stalls[int(len(stalls) * 0.99)], 1),
            "over 100 ms": float(sum(gap > 100 for gap in stalls)),
        },
    }


def memory(pid: int) -> float:
    """Resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return round(int(kilobytes) / 1024, 1)


def indexed(library: Path) -> int:
    """Photos with a vector."""
    with LibraryStore.open_read_only(library) as store, store.read() as db:
        model = int(db.execute("SELECT max(id) FROM model").get or 0)
        return photos.counts(db, model).embedded


def measure(source: Path, clients: int, seconds: float) -> dict[str, dict[str, float]]:
    files = sorted(path for path in source.rglob("*") if path.is_file() and path.suffix != ".json")
    with tempfile.TemporaryDirectory() as place:
        thirds = [Path(place) / name for name in ("first", "second", "last")]
        for number, path in enumerate(files):
            target = thirds[number % 3] / f"{number}{path.suffix}"
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, target)
        library = Path(place) / "library"
        window = DrivenWindow(library)
        window.order(f"index {thirds[0]}")
        if not window.wait_until_idle(_INDEXING_LIMIT):
            raise TimeoutError("Indexing does not end.")
        pid = window.engine_pid
        found: dict[str, dict[str, float]] = {}
        memories = {"engine alone": memory(pid)}
        rates: dict[str, float] = {}
        window.forget()
        window.order("search")
        time.sleep(min(seconds, 20))
        found |= window_figures(window, "alone")
        with serving(library) as server:
            first = Tally()
            client(server, 0, time.monotonic(), first)
            found["the first of each, together"] = {
                kind: round(times[0]) for kind, times in first.times.items()
            }
            window.look()
            window.forget()
            for name in ("beside clients", "beside clients and indexing"):
                if name != "beside clients":
                    window.order(f"index {thirds[1]}")
                before, started = indexed(library), time.monotonic()
                tally = beside_clients(server, clients, seconds)
                rates[name] = (indexed(library) - before) / (time.monotonic() - started)
                found |= {f"{kind}, {name}": figures for kind, figures in tally.figures().items()}
                found |= window_figures(window, name)
                memories |= {f"engine {name}": memory(pid), f"server {name}": memory(server.pid)}
        window.wait_until_idle(_INDEXING_LIMIT)
        window.forget()
        before, started = indexed(library), time.monotonic()
        window.order(f"index {thirds[2]}")
        window.wait_until_idle(seconds)
        after = (indexed(library) - before) / (time.monotonic() - started)
        found |= window_figures(window, "beside indexing")
        window.close()
    found["memory"] = memories
    found["indexed a second"] = {
        "beside clients": round(rates["beside clients and indexing"], 2),
        "without": round(after, 2),
    }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report(measure(arguments.photos, arguments.clients, arguments.seconds), as_json=arguments.json)


if __name__ == "__main__":
    main()
