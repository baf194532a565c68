"""Importing from another program on the command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import Run


@pytest.fixture
def table(index_here: Callable[[Path], None], pictures: Path, tmp_path: Path) -> Path:
    """A table about the four pictures, and one that the library does not have."""
    index_here(pictures)
    path = tmp_path / "old.csv"
    lines = [f"D:\\Fotos\\sub\\{number}.jpg,{number + 1},sea;a/b,Trips/Italy" for number in range(4)]
    path.write_text("\n".join(["path,rating,tags,albums", *lines, "D:\\lost.jpg,5,,"]), "utf-8")
    return path


def found(run: Run, query: str) -> int:
    return len(run("search", query, "-n", "100", "--json").json)


def test_a_dry_run_reports_what_the_real_run_does(run: Run, table: Path, tmp_path: Path) -> None:
    mapping = f"D:\\Fotos={tmp_path / 'Pictures'}"
    dry = run("migrate", str(table), "--map", mapping, "--dry-run", "--json")
    assert dry.status == 0
    assert (dry.json["records"], dry.json["recognised"], dry.json["missing"]) == (5, 4, 1)
    assert (dry.json["photos"], dry.json["changed"], dry.json["step"]) == (4, 0, None)
    assert found(run, "tag:sea") == 0
    real = run("migrate", str(table), "--map", mapping, "--json").json
    assert real["changed"] == dry.json["photos"]
    assert {key: real[key] for key in ("counts", "matched", "not_found")} == {
        key: dry.json[key] for key in ("counts", "matched", "not_found")
    }
    assert (found(run, "tag:a"), found(run, "rating:>=3"), found(run, "album:italy")) == (4, 2, 4)
    undone = run("undo")
    assert undone.status == 0
    assert "CSV" in undone.out
    assert (found(run, "tag:a"), found(run, "rating:>=3")) == (0, 0)
    assert run("album", "--json").json == []


def test_what_cannot_be_read_is_reported_and_the_rest_goes_on(run: Run, table: Path) -> None:
    with table.open("a", encoding="utf-8") as file:
        file.write("\n,5,,\n")
    report = run("migrate", str(table), "--dry-run", "--json").json
    assert (report["records"], report["problems"]) == (5, ["old.csv: row 7 names no file."])
    assert run("migrate", str(table), "--dry-run").error == "old.csv: row 7 names no file."


def test_values_that_are_invalid_are_counted_and_named(run: Run, table: Path) -> None:
    with table.open("a", encoding="utf-8") as file:
        file.write("\nD:\\bad.jpg,7,,\n")
    line = "D:\\bad.jpg: the rating “7” is left out; ratings are 1 to 5."
    report = run("migrate", str(table), "--dry-run", "--json").json
    assert (report["left_out"], report["problems"]) == ({"values": 1}, [line])
    said = run("migrate", str(table))
    assert said.error == line
    assert "Not taken over: 1 invalid value." in said.out


def test_folders_that_moved_are_found_without_help(run: Run, table: Path) -> None:
    said = run("migrate", str(table))
    assert said.status == 0
    assert "5 photos, 4 recognised (4 by path)" in said.out
    assert "D:\\Fotos is now " in said.out
    assert "Not in the library: 1 photo." in said.out
    assert "4 photos changed; to undo: safelight undo" in said.out
    assert "Nothing changed." in run("migrate", str(table)).out


def test_conflicts_are_listed_and_theirs_can_be_chosen(
    run: Run, table: Path, pictures: Path, tmp_path: Path
) -> None:
    first = pictures / "sub" / "0.jpg"
    assert run("rate", "4", str(first)).status == 0
    listing = tmp_path / "left.csv"
    said = run("migrate", str(table), "--dry-run", "--list", str(listing))
    assert "those of the library stay" in said.out
    with listing.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["state", "path", "photo", "field", "ours", "theirs", "original name"],
            ["conflict", "", str(first), "rating", "4", "1", ""],
            ["not found", "D:\\lost.jpg", "", "", "", "", ""],
        ]
    assert listing.stat().st_mode & 0o077 == 0
    assert "exists already" in run("migrate", str(table), "--dry-run", "--list", str(listing)).error
    as_json = tmp_path / "left.json"
    assert run("migrate", str(table), "--theirs", "--list", str(as_json)).status == 0
    assert [row["state"] for row in json.loads(as_json.read_text())] == ["conflict", "not found"]
    assert found(run, "rating:1") == 1


def test_without_a_source_it_says_what_can_be_imported(run: Run) -> None:
    said = run("migrate")
    assert said.status == 0
    assert "google-takeout" in said.out
    assert {"csv", "google-takeout"} <= {each["name"] for each in run("migrate", "--json").json}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("missing.db",), "There is no file or folder"),
        (("TABLE", "--map", "x"), "FROM=TO"),
        (("TABLE", "--from", "nothing"), "There is no source “nothing”"),
        (("TABLE", "--list", "x.txt"), "must end in .csv or .json"),
    ],
)
def test_mistakes_are_one_line(run: Run, table: Path, words: tuple[str, ...], message: str) -> None:
    said = run("migrate", *(str(table) if word == "TABLE" else word for word in words))
    assert said.status == 2
    assert message in said.error


def test_there_must_be_a_library(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("path\na.jpg\n")
    said = run("migrate", str(tmp_path / "a.csv"))
    assert said.status == 1
    assert "index a folder first" in said.error
