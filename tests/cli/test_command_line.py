"""The command line's contract: what is printed, in which form, with which exit status."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from cli.conftest import Run
from safelight.cli.arguments import parse
from safelight.embedding.vocabulary import vocabulary_of, write_vocabulary
from safelight.services.models.model import ModelService
from safelight.store.library import LibraryStore
from support.pictures import encoded, scene


@pytest.mark.slow
def test_index_reports_what_it_did_and_a_second_run_finds_nothing_new(run: Run, pictures: Path) -> None:
    (pictures / "broken.jpg").write_bytes(b"\xff\xd8 broken")
    report = run("index", str(pictures), "--json").json
    assert set(report) == {
        *("photos", "added", "updated", "moved", "removed", "failed"),
        *("seconds", "images_per_second", "model", "unlisted", "skipped_videos"),
    }
    assert (report["photos"], report["added"], report["failed"]) == (4, 4, 1)
    (pictures / "sub").rename(pictures / "renamed")
    report = run("index", "--json").json
    assert (report["added"], report["moved"], report["photos"], report["failed"]) == (0, 4, 4, 1)


@pytest.mark.slow
def test_search_and_similar_give_paths_scores_and_bands(
    run: Run, indexed_pictures: Path, tmp_path: Path
) -> None:
    rows = run("search", "red", "--json", "-n", "3").json
    assert len(rows) == 3
    assert set(rows[0]) == {"path", "score", "band"}
    original = indexed_pictures / "sub" / "2.jpg"
    assert run("similar", str(original), "--json").json[0]["path"] == str(original)
    outside = tmp_path / "outside.jpg"
    shutil.copyfile(original, outside)
    assert run("similar", str(outside), "--json", "-n", "1").json[0]["path"] == str(original)
    assert run("search", "--like", str(outside), "--json", "-n", "1").json[0]["path"] == str(original)
    assert "2.jpg" in run("similar", str(original), "-n", "1").out


def test_search_says_why(run: Run, indexed_pictures: Path) -> None:
    original = indexed_pictures / "sub" / "2.jpg"
    for row in run("search", "red -blue", "--why", "--json", "--like", str(original)).json:
        assert set(row) == {"path", "score", "band", "why"}
        assert set(row["why"]) == {"parts", "names", "looks_like"}
        parts = {part["text"]: part for part in row["why"]["parts"]}
        assert list(parts) == ["this picture", "red", "-blue"]
        assert parts["-blue"]["excluded"]
        assert parts["red"]["standing"] in {"clearly", "somewhat", "hardly"}
    (row, *_) = run("search", "2", "--why", "--json").json
    assert row["path"] == str(original)
    assert row["why"]["names"] == "file name: 2"
    said = run("search", "2 -blue", "--why").out
    assert "file name: 2" in said
    assert "-blue: " in said
    assert "looks like: " in said


@pytest.mark.slow
def test_status_folders_failures_models_and_doctor(run: Run, pictures: Path) -> None:
    (pictures / "broken.jpg").write_bytes(b"\xff\xd8 broken")
    run("index", str(pictures))
    status = run("status", "--json").json
    assert (status["photos"], status["failed"], status["folders"]) == (4, 1, 1)
    assert status["models"][0]["photos"] == 4
    assert run("folders", "--json").json == [
        {"path": str(pictures), "online": True, "photos": 4, "excluded": []}
    ]
    (failure,) = run("failures", "--json").json
    assert failure["path"] == str(pictures / "broken.jpg")
    assert failure["reason"]
    assert failure["when"]
    (model,) = [m for m in run("models", "--json").json if m["name"] == "starter"]
    assert model["installed"]
    assert model["active"]
    doctor = run("doctor", "--json").json
    assert (doctor["sound"], doctor["problems"]) == (True, [])
    for command in ("status", "folders", "failures", "models", "doctor"):
        assert run(command).status == 0


@pytest.mark.slow
def test_duplicates_name_the_file_that_was_there_first(run: Run, pictures: Path) -> None:
    copy = pictures / "copy.jpg"
    shutil.copyfile(pictures / "sub" / "1.jpg", copy)
    os.utime(copy, (1, 1))
    run("index", str(pictures))
    (group,) = run("duplicates", "--json").json
    assert group["kind"] == "identical"
    assert [(Path(m["path"]).name, m["keep"]) for m in group["members"]] == [
        ("copy.jpg", True),
        ("1.jpg", False),
    ]
    assert "copy.jpg" in run("duplicates").out


@pytest.mark.slow
def test_known_faults_are_one_line_and_lose_nothing(run: Run, pictures: Path, tmp_path: Path) -> None:
    assert run("search", "dog").status == 1  # no library yet
    run("index", str(pictures))
    for words, status in (
        (("index", str(tmp_path / "missing")), 1),
        (("index", str(pictures / "sub" / "0.jpg")), 1),
        (("search", ""), 2),
        (("search", "  "), 2),
        (("similar", str(tmp_path / "missing.jpg")), 1),
        (("similar", str(pictures)), 1),
    ):
        outcome = run(*words)
        assert outcome.status == status, words
        assert outcome.out == ""
        assert outcome.error
    assert run("status", "--json").json["photos"] == 4
    assert run("search", "犬", "--json").status == 0


def test_index_without_a_folder_in_an_empty_library_says_what_to_do(run: Run) -> None:
    outcome = run("index")
    assert outcome.status == 2
    assert "safelight index FOLDER" in outcome.error


def test_a_library_in_use_is_reported_and_can_still_be_searched(
    run: Run, indexed_pictures: Path, tmp_path: Path
) -> None:
    with LibraryStore.create_or_open(tmp_path / "library"):
        assert run("index", str(indexed_pictures)).status == 1
        assert run("search", "red", "--json").status == 0


def test_a_library_of_a_newer_version_is_left_alone(run: Run, indexed_pictures: Path, tmp_path: Path) -> None:
    with LibraryStore.create_or_open(tmp_path / "library") as store, store.write() as db:
        db.pragma("user_version", 99)
    before = (tmp_path / "library" / "library.db").read_bytes()
    for command in (("search", "red"), ("index", str(indexed_pictures)), ("status",)):
        outcome = run(*command)
        assert outcome.status == 1
        assert "newer" in outcome.error
    assert (tmp_path / "library" / "library.db").read_bytes() == before


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="names on Windows are text")
def test_names_that_are_not_text_come_through(run: Run, pictures: Path) -> None:
    odd = os.fsencode(pictures) + b"/caf\xe9 \n\x1b[31m.jpg"
    with open(odd, "wb") as file:
        file.write(encoded(scene(seed=9), "JPEG"))
    assert run("index", str(pictures), "--json").json["added"] == 5
    rows = run("search", "red", "--json").json
    assert odd in {os.fsencode(row["path"]) for row in rows}
    plain = run("search", "red").out
    assert "\x1b" not in plain
    assert len(plain.splitlines()) == 5


@pytest.mark.slow
def test_options_can_be_before_or_after_the_command(run: Run, pictures: Path, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    assert run("--library", other, "index", str(pictures), "--json").json["added"] == 4
    assert run("status", "--library", other, "--json").json["photos"] == 4
    assert run("--library", other, "status", "--json").json["photos"] == 4


@pytest.mark.parametrize(
    "words", [("--nonsense",), ("search", "-n", "0", "x"), ("search", "-n", "many", "x"), ("similar",)]
)
def test_wrong_usage_is_status_2(run: Run, words: tuple[str, ...]) -> None:
    outcome = run(*words)
    assert outcome.status == 2
    assert outcome.out == ""


@pytest.mark.parametrize(
    "words",
    [("--lib", "elsewhere", "status"), ("status", "--lib", "elsewhere"), ("status", "--js"), ("--ver",)],
)
def test_options_are_written_in_full(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse(words)
    assert end.value.code == 2
    assert "unrecognized" in capsys.readouterr().err


def test_help_and_version(run: Run) -> None:
    assert run("--version").out.startswith("safelight ")
    helped = run("--help")
    assert helped.status == 0
    assert "search" in helped.out
    assert "--like" in run("search", "--help").out


def test_without_a_display_the_window_says_which_commands_work(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    outcome = run()
    assert outcome.status == 1
    assert "safelight search" in outcome.error


def test_search_names_words_that_the_model_was_never_taught(
    run: Run, indexed_pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_vocabulary(tmp_path, ["red", "dog"])
    vocabulary = vocabulary_of(tmp_path)
    assert vocabulary is not None
    monkeypatch.setattr(ModelService, "unknown_words", lambda _, text: vocabulary.unknown(text))
    outcome = run("search", "red hund", "--json")
    assert all(row["unknown_words"] == ["hund"] for row in outcome.json)
    assert "not taught “hund”" in outcome.err
    assert "unknown_words" not in run("search", "red dog", "--json").json[0]


@pytest.mark.slow
def test_folders_are_excluded_and_included(run: Run, pictures: Path) -> None:
    assert run("index", str(pictures)).status == 0
    everything = run("status", "--json").json["photos"]
    (pictures / "screens").mkdir()
    (pictures / "screens" / "new.jpg").write_bytes(encoded(scene(seed=99), "JPEG"))
    run("index")
    folder = str(pictures / "screens")
    assert "excluded; 1 photo left" in run("folders", "exclude", folder).out
    assert run("index", "--json").json["photos"] == everything
    (listed,) = run("folders", "--json").json
    assert listed["excluded"] == [folder]
    assert f"{folder}  (excluded)" in run("folders").out
    (again,) = run("folders", "include", folder, "--json").json
    assert again == {"result": "folder_included_again", "path": folder, "photos": 1}
    assert run("undo").out.startswith("Undone: included the folder")
    assert run("folders", "exclude").status == 2
    assert "was added to the library itself" in run("folders", "exclude", str(pictures)).error
