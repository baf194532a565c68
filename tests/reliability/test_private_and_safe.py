"""What stays private, and what a stranger's file cannot do."""

from __future__ import annotations

import ast
import contextlib
import json
import logging
import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.changes import LibraryChanged
from safelight.core.errors import SafelightError
from safelight.core.jobs import Phase
from safelight.core.operations import AddFolder
from safelight.engine.client import EngineClient
from safelight.engine.events import IndexProgress, SearchResults
from safelight.engine.requests import FindSimilar, RunOperation, Search
from safelight.engine.server import EngineOptions
from safelight.services import doctor
from safelight.services.backup import DailyBackup, back_up, export, import_from
from safelight.services.indexing.live import Listener
from safelight.services.indexing.roots import checked_root
from safelight.services.operations.runner import OperationRunner
from safelight.store import decisions, files, folders, marks, photos, saved_searches
from safelight.store.library import FILE_NAME, LibraryStore
from support.engine_talk import EngineTalk
from support.fake_engine import open_with_fake_model
from support.originals import differences, taken_stock
from support.pictures import encoded, scene
from support.reliable import add_root, draw, index, opened
from support.waiting import wait_until

SOURCES = sorted((Path(__file__).resolve().parents[2] / "src").rglob("*.py"))

SECRETS = ("Zanzibar", "zanzibar")
"""In the name of every folder and file, every tag and every query."""


# --- logs ---------------------------------------------------------------------------------------------


def private_folder(place: Path) -> Path:
    root = (place / "Zanzibar holiday").resolve()
    draw(root / "zanzibar beach", range(6))
    (root / "zanzibar broken.jpg").write_bytes(b"no picture")
    (root / "zanzibar empty.png").touch()
    return root


def test_no_path_and_no_query_is_logged_at_info(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = private_folder(tmp_path)
    caplog.set_level(logging.INFO)
    with opened(tmp_path / "library") as library:
        add_root(library, root)
        index(library)
        with library.store.write() as db:
            marks.add_tag(db, photos.ids(db), "zanzibar")
            saved_searches.save(db, "zanzibar", "zanzibar -red", time.time())
        searcher = library.searcher()
        for query in ("zanzibar", 'red -zanzibar tag:zanzibar "zanzibar"', "folder:zanzibar"):
            searcher.search(query, 10)
        searcher.similar_to_picture(str(next((root / "zanzibar beach").iterdir())), 10)
        with pytest.raises(SafelightError):
            searcher.similar_to_picture(str(root / "zanzibar missing.jpg"), 10)
        DailyBackup(library.store).make_if_due(time.time())
        back_up(library.store, tmp_path / "zanzibar.db")
        export(library.store, tmp_path / "zanzibar export")
        import_from(library.store, tmp_path / "zanzibar export")
        live = library.live(Listener(lambda _: None, lambda _: None, lambda _: None))
        live.start()
        try:
            draw(root / "zanzibar beach", [77])
            added = AddFolder(str(checked_root(str(tmp_path)), "utf-8"))
            live.between_runs(lambda: OperationRunner(library.store).run(added))
            root.rename(tmp_path / "away")
            assert live.wait_until_idle(60)
        finally:
            live.close()
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.INFO]
    assert [line for line in said if any(secret in line for secret in (*SECRETS, str(tmp_path)))] == []


def test_the_engine_logs_no_path_and_no_query(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    root = private_folder(tmp_path)
    options = EngineOptions(tmp_path / "library", tmp_path / "models", log_level=logging.INFO)
    with EngineTalk(tmp_path, EngineClient(options, open_with_fake_model)) as talk:
        talk.client.send(RunOperation(901, AddFolder(str(root))))
        talk.hear(LibraryChanged, lambda change: bool(change.added))
        talk.hear(IndexProgress, lambda received: received.progress.phase is Phase.IDLE)
        talk.client.send(Search(1, "zanzibar -red"))
        talk.hear(SearchResults)
        talk.client.send(FindSimilar(2, path=str(root / "zanzibar beach" / "00001.jpg")))
        talk.hear(SearchResults)
    out, err = capfd.readouterr()
    assert out == ""
    assert not any(secret in err for secret in SECRETS), err


# --- rights -------------------------------------------------------------------------------------------


@pytest.fixture
def open_to_all() -> Iterator[None]:
    """A person whose files are everybody's by default."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
@pytest.mark.usefixtures("open_to_all")
def test_what_is_written_is_its_owners_alone(tmp_path: Path) -> None:
    draw(tmp_path / "Pictures", range(4))
    with opened(tmp_path / "library") as library:
        add_root(library, tmp_path / "Pictures")
        index(library)
        library.searcher().search("red", 5)
        with library.store.write() as db:
            marks.set_favourite(db, photos.ids(db), True)
        DailyBackup(library.store).make_if_due(time.time())
        back_up(library.store, tmp_path / "copy.db")
        export(library.store, tmp_path / "export")
        made = [*(tmp_path / "library").rglob("*"), tmp_path / "copy.db", *(tmp_path / "export").iterdir()]
        assert {path.name for path in made} >= {FILE_NAME, f"{FILE_NAME}-wal", "thumbs.db", "backups"}
        for path in (tmp_path / "library", *made):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


# --- programs in disguise -----------------------------------------------------------------------------

FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "shelve", "marshal", "joblib", "cloudpickle", "xml", "lxml"}
"""Reading them can run what is in a file, or fetch what it names."""

XML = {"xmp.py", "xml_tree.py"}
"""These parse with defusedxml; from ``xml`` they take classes of elements."""
XML_CLASSES = {"xml.etree.ElementTree", "xml.dom", "xml.dom.minidom"}

SERVERS = {"http.py", "http_guard.py", "http_protocol.py"}
"""What ``safelight serve`` starts. tests/servers checks that it listens on loopback only."""


def imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def modules(tree: ast.AST, package: str) -> set[str]:
    """The modules of a package that names are imported from."""
    return {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == package
    }


def calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def test_no_source_reads_pickles_or_xml_or_runs_what_it_reads() -> None:
    assert len(SOURCES) > 100
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if path.parent.name == "metadata" and path.name in XML:
            assert not any(ast.unparse(call.func).startswith("minidom.parse") for call in calls(tree))
            assert modules(tree, "xml") <= XML_CLASSES
            assert "defusedxml" in imports(tree)
        else:
            assert not imports(tree) & FORBIDDEN_MODULES, path.name
        for call in calls(tree):
            said = ast.unparse(call.func)
            named = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
            assert said not in ("eval", "exec", "os.system", "os.popen"), path.name
            assert named.get("shell") != "True", path.name
            if said in ("np.load", "numpy.load"):
                assert named.get("allow_pickle") == "False", path.name
            if said == "torch.load":
                assert named.get("weights_only") == "True", path.name


def test_no_source_listens_beyond_this_machine() -> None:
    """Sockets come from two places: the window's own, for its user alone, and multiprocessing's pipes."""
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        if path.name == "desktop_search.py":  # speaks to the session bus, with asyncio's event loop
            assert not imports(tree) & {"socket", "socketserver"}
            for name in ("start_server", "create_server", "start_unix_server", "open_connection"):
                assert name not in text
        elif path.parent.name != "servers" or path.name not in SERVERS:
            assert not imports(tree) & {"socket", "socketserver", "asyncio", "xmlrpc", "ftplib"}, path.name
        for name in (
            "QTcpServer",
            "QTcpSocket",
            "QUdpSocket",
            "QNetworkAccessManager",
            "QWebSocket",
            "http.server",
        ):
            assert name not in text, path.name
        if "QLocalServer(" in text:
            assert "UserAccessOption" in text, path.name


# --- what strangers send --------------------------------------------------------------------------------


def test_metadata_is_words_and_nothing_more(tmp_path: Path) -> None:
    """Format strings, mark-up, links and statements in a picture's metadata are stored as they stand."""
    hostile = "{0.__class__} %s %n ${HOME} <img src='file:///etc/passwd'> '); DROP TABLE photo;--"
    image = scene()
    exif = image.getexif()
    exif[0x010F], exif[0x0110] = "file:///etc/passwd", hostile
    root = tmp_path / "Pictures"
    root.mkdir()
    (root / "a.jpg").write_bytes(encoded(image, "JPEG", exif=exif.tobytes()))
    with opened(tmp_path / "library") as library:
        add_root(library, root)
        index(library)
        for query in (
            "passwd",
            'camera:"passwd"',
            "{0}",
            "%s",
            "DROP TABLE photo",
            "'); --",
            '"unclosed',
            "a:b:c",
        ):
            library.searcher().search(query, 5)
        with library.store.read() as db:
            (photo,) = photos.get_many(db, photos.ids(db))
        assert photo.metadata.camera is not None
        assert "DROP TABLE photo" in photo.metadata.camera


EXPORT = {"format": "safelight-export", "version": 1}


@pytest.mark.parametrize(
    "document",
    [
        {**EXPORT, "photos": [{"content_hash": "../../../etc", "tags": ["x"]}]},
        {**EXPORT, "photos": [{"content_hash": "00" * 20, "paths": ["/etc/x"]}]},
        {**EXPORT, "albums": [{"name": "../../../tmp/x", "photos": ["00"]}]},
        {**EXPORT, "saved_searches": [{"name": "\0", "query": "%n" * 9999}]},
        {**EXPORT, "version": 99},
        {"photos": 5},
        [],
        "text",
        None,
    ],
)
def test_an_export_from_a_stranger_stays_in_the_library(tmp_path: Path, document: object) -> None:
    draw(tmp_path / "Pictures", range(3))
    (tmp_path / "strange.json").write_text(json.dumps(document))
    with opened(tmp_path / "library") as library:
        add_root(library, tmp_path / "Pictures")
        index(library)
        before = taken_stock(tmp_path)
        with contextlib.suppress(SafelightError):
            import_from(library.store, tmp_path / "strange.json")
        after = taken_stock(tmp_path)
    changed = [line for line in differences(before, after) if "/library/library.db" not in line]
    assert changed == []


def test_a_library_from_a_stranger_runs_nothing_and_writes_nowhere_else(tmp_path: Path) -> None:
    """It is opened only without its triggers and views; roots that it names are only ever read."""
    victim = tmp_path / "victim"
    draw(victim, range(3))
    directory = tmp_path / "library"
    with opened(directory) as library:
        add_root(library, victim)
        index(library)
        with library.store.write() as db:
            db.execute(
                "CREATE TRIGGER evil AFTER INSERT ON mark BEGIN "
                f"SELECT load_extension('{tmp_path / 'evil.so'}'); END"
            )
            db.execute("UPDATE folder SET volume = '../../../etc'")
    before = taken_stock(victim)
    with pytest.raises(SafelightError, match="holds a trigger that Safelight did not write"):
        LibraryStore.create_or_open(directory)
    doctor.mend(directory, tmp_path / "models")  # copies what is valid
    with opened(directory) as library:
        index(library)
        with library.store.write() as db:
            marks.set_favourite(db, photos.ids(db), True)
        with library.store.read() as db:
            assert len(photos.ids(db, favourites=True)) == 3
    assert differences(before, taken_stock(victim)) == []
    assert {path.name for path in tmp_path.iterdir()} == {"library", "victim"}


def test_sidecars_beside_photos_are_left_alone(tmp_path: Path) -> None:
    """Entities that fetch or grow ("billion laughs") are in files that are never parsed."""
    draw(tmp_path / "Pictures", range(2))
    for name in ("00000.xmp", "00000.jpg.xmp", "00001.aae"):
        (tmp_path / "Pictures" / name).write_text(
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x:xmpmeta>&a;</x:xmpmeta>'
        )
    before = taken_stock(tmp_path / "Pictures")
    with opened(tmp_path / "library") as library:
        add_root(library, tmp_path / "Pictures")
        assert index(library).added == 2
        with library.store.read() as db:
            assert files.failures(db) == []
            assert b"passwd" not in (tmp_path / "library" / FILE_NAME).read_bytes()
            assert len(folders.all_folders(db)) == 1
            assert decisions.protected_paths(db) is not None
    assert differences(before, taken_stock(tmp_path / "Pictures")) == []


def test_a_library_is_not_opened_through_a_name_that_is_another_file(tmp_path: Path) -> None:
    target = tmp_path / "important.txt"
    target.write_text("not a library, and not to be changed")
    directory = tmp_path / "library"
    directory.mkdir()
    (directory / FILE_NAME).symlink_to(target)
    with pytest.raises(SafelightError):
        LibraryStore.create_or_open(directory)
    assert target.read_text() == "not a library, and not to be changed"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_engine_listens_nowhere(tmp_path: Path) -> None:
    with EngineTalk(tmp_path) as talk:
        wait_until(lambda: bool(talk.pid), "the engine")
        inodes = {
            os.readlink(entry).split("[")[1].rstrip("]")
            for entry in Path(f"/proc/{talk.pid}/fd").iterdir()
            if os.path.islink(entry) and os.readlink(entry).startswith("socket:[")
        }
        for table in ("tcp", "tcp6", "udp", "udp6"):
            rows = Path(f"/proc/{talk.pid}/net/{table}").read_text().splitlines()[1:]
            assert not inodes & {row.split()[9] for row in rows}
