"""`pq fetch` and `pq update`: what people type, what they are told, and what scripts can read."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from index import update_from
from index.storage.sizes import Sizes
from tests.archives import jsonl, row, word_model
from tests.index.api_server import Parliament, answered, corrected, serving, tabled, withdrawn
from ui.cli import main

TODAY = date.today()
ASK = "To ask the Secretary of State for Defence, how many {} there are."


@pytest.fixture
def parliament() -> Parliament:
    parliament = Parliament(today=TODAY)
    for number, what in enumerate(("otters", "zebras", "beavers"), 1):
        value = answered(tabled(number, TODAY, ASK.format(what)), TODAY, f"<p>There are {number}00 {what}.</p>")
        parliament.show(value, TODAY)
    return parliament


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return word_model(tmp_path_factory.mktemp("model"))


def pq(capsys, *words: object) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of a command."""
    with pytest.raises(SystemExit) as left:
        main([str(word) for word in words])
    told = capsys.readouterr()
    return int(left.value.code or 0), told.out, told.err


def test_what_was_fetched_is_built_and_what_changed_is_told_in_words_and_as_json(parliament, tmp_path, model, capsys):
    shelf, index = tmp_path / "records", tmp_path / "it.index"
    with serving(parliament) as address:
        server = ("--base-url", f"{address}/api", "--rate", "0")
        code, out, err = pq(capsys, "fetch", "--since", TODAY - timedelta(1), *server, shelf)
        assert (code, out) == (0, "") and "3 files new, 0 changed, 0 as they were" in err
        assert pq(capsys, "build", shelf, "--index", index, "--model", model)[0] == 0
        first = next(parliament.current())
        parliament.show(corrected(first, TODAY, "<p>Ten.</p>"), TODAY)
        parliament.show(withdrawn(list(parliament.current())[1]), TODAY)
        code, out, err = pq(capsys, "update", "--index", index, "--native", shelf, *server, "--json")
    told = json.loads(out)
    assert code == 0 and told["counts"] == {"corrected": 1, "withdrawn": 1}
    assert (told["until"], told["records"], told["fetched"]["changed"]) == (str(TODAY), 3, 2)
    one = next(change for change in told["changes"] if change["change"] == "corrected")
    assert one == {
        "change": "corrected", "record_id": f"commons/{TODAY}/1", "status": "corrected", "uin": "1", "house": "Commons",
        "heading": "Matter 1", "department": "Ministry of Defence", "tabled": str(TODAY), "answered": str(TODAY),
        "corrected": str(TODAY),
        "url": f"https://questions-statements.parliament.uk/written-questions/detail/{TODAY}/1",
    }  # fmt: skip
    assert f"Corrected: commons/{TODAY}/1 (Matter 1)" in err
    assert "Records: 1 corrected, 1 withdrawn. The archive holds 3 records in" in err
    assert json.loads(pq(capsys, "info", "--index", index, "--json")[1])["updated"] == str(TODAY)
    code, out, _ = pq(capsys, "search", "how many zebras", "--index", index, "--json")
    assert [hit["status"] for hit in json.loads(out)["hits"] if hit["record_id"].endswith("/2")] in ([], ["withdrawn"])
    assert "200 zebras" not in out


def test_an_update_from_files_says_what_changed(parliament, tmp_path, model, capsys):
    drop = tmp_path / "drop.json"
    drop.write_text(json.dumps({"results": [{"value": value} for value in parliament.current()]}))
    code, out, err = pq(capsys, "update", "--from", drop, "--index", tmp_path / "it.index", "--model", model, "--json")
    told = json.loads(out)
    assert (code, told["counts"], told["since"], told["fetched"]) == (0, {"new": 3}, None, None)
    assert "Records: 3 new." in err


def test_indexes_that_were_added_to_are_made_again_with_merge(tmp_path, model, capsys):
    index, drop = tmp_path / "it.index", jsonl(tmp_path / "drop.jsonl", *(row(f"r{n}") for n in range(9)))
    assert pq(capsys, "build", drop, "--index", index, "--model", model)[0] == 0
    changed = jsonl(tmp_path / "changed.jsonl", row("r3", "<p>Changed.</p>"))
    update_from([changed], index, sizes=Sizes(whole_below=0, most_replaced=1, most_unused=1))
    for made_again in (True, False):
        code, _, err = pq(capsys, "update", "--from", changed, "--merge", "--index", index)
        assert (code, "The indexes were made again as a whole." in err) == (0, made_again)


def test_what_records_lack_is_fetched_and_told(parliament, tmp_path, model, capsys):
    index, lines = tmp_path / "it.index", tmp_path / "in.jsonl"
    bare = {
        "id": "api:2",
        "house": "Commons",
        "question": ASK.format("zebras"),
        "answer": "<p>There are 200 zebras.</p>",
    }
    lines.write_text(json.dumps(bare))
    assert pq(capsys, "build", lines, "--index", index, "--model", model)[0] == 0
    code, out, _ = pq(capsys, "search", "zebras", "--index", index, "--json")
    (hit,) = json.loads(out)["hits"]
    assert (code, hit["url"]) == (0, None) and hit["data_url"].endswith("/writtenquestions/questions/2")
    with serving(parliament) as address:
        server = ("--base-url", f"{address}/api", "--rate", "0")
        code, out, err = pq(capsys, "update", "--complete", "--index", index, *server, "--json")
    assert (code, json.loads(out)["counts"]) == (0, {"changed": 1})
    assert "Completed records: 1 files new" in err and "Records: 1 changed." in err
    _, out, _ = pq(capsys, "search", "zebras", "--index", index, "--json")
    assert json.loads(out)["hits"][0]["url"].endswith(f"/detail/{TODAY}/2")


def test_whole_files_are_fetched_in_bulk_and_the_rest_from_the_api(parliament, tmp_path, capsys):
    parliament.monthly = parliament.houses_apart = True
    parliament.daily_files = {f"{kind}{TODAY}.xml": b"<publicwhip></publicwhip>" for kind in ("answers", "lordswrans")}
    with serving(parliament) as address:
        places = (
            "--monthly-url",
            f"{address}/monthly",
            "--daily-url",
            f"{address}/pwdata/",
            "--base-url",
            f"{address}/api",
        )
        since = ("--since", TODAY.replace(day=1), "--rate", "0")
        code, out, err = pq(capsys, "fetch", "--bulk", *since, *places, tmp_path / "records")
    assert (code, out) == (0, "") and "4 files new, 0 changed, 0 as they were" in err
    found = {path.relative_to(tmp_path / "records").parts[:2] for path in (tmp_path / "records").rglob("*.*")}
    assert {("mysociety", "commons"), ("mysociety", "longform")} <= found


def test_daily_files_are_fetched_from_a_listing(tmp_path, capsys):
    files = {f"answers{TODAY}.xml": b"<publicwhip></publicwhip>"}
    with serving(Parliament(daily_files=files)) as address:
        code, _, err = pq(capsys, "fetch", "--theyworkforyou", f"{address}/pwdata/", tmp_path / "records")
    assert code == 0 and "1 files new" in err
    assert [path.name for path in (tmp_path / "records" / "theyworkforyou").iterdir()] == list(files)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fetch", "x"], "first day"),
        (["fetch", "x", "--since", "yesterday"], "does not match"),
        (["fetch", "x", "--theyworkforyou", "http://a/", "--department", "DHSC"], "all departments"),
        (["fetch", "x", "--bulk", "--department", "DHSC"], "all departments"),
        (["fetch", "x", "--since", "2024-01-01", "--daily-url", "http://a/"], "for --bulk"),
        (["update", "--index", "x", "--from", "y", "--since", "2024-01-01"], "fetches nothing"),
        (["update", "--index", "x", "--from", "y", "--complete"], "fetches nothing"),
        (["update", "--index", "x", "--since", "2024-01-01", "--complete"], "omit --since"),
    ],
    ids=[
        "no day",
        "no date",
        "daily files of a department",
        "files in bulk of a department",
        "an address without files in bulk",
        "files and days",
        "files and known ones",
        "days of known ones",
    ],
)
def test_what_makes_no_sense_is_refused(words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = pq(capsys, *words)
    assert code == 2 and said in " ".join(err.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_what_goes_wrong_is_one_sentence(parliament, tmp_path, capsys):
    with serving(parliament) as address:
        code, out, err = pq(capsys, "fetch", "--since", TODAY, "--base-url", f"{address}/nowhere", tmp_path / "records")
    assert (code, out) == (1, "") and "pq: " in err and "Traceback" not in err
    code, _, err = pq(capsys, "update", "--index", tmp_path / "it.index")
    assert code == 1 and "--since YYYY-MM-DD" in err
