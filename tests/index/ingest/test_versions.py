"""Versions of one daily file: the later one counts, in builds and updates, in any order, whatever its length."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.ingest.build import Report, build
from index.ingest.update import update_from
from index.maintenance.check import faults_of
from index.records import House, WrittenAnswer
from index.storage.archive import Archive
from index.storage.merging import merge, supersedes
from tests.archives import jsonl, row
from tests.conftest import HashEncoder
from tests.index.readers.test_theyworkforyou import file

LONG = "Exports were worth £71 million in 2008, and imports £216 million in the same year, as far as is known."
SHORT = "Exports were worth £17 million."


def answer_of(folder: Path) -> tuple[str, tuple[str, ...]]:
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        assert faults_of(archive) == [] and len(archive) == 1
        (record,) = (record for _, record in archive.catalogue.records())
        return record.answer, record.sources


def built(sources: list[Path], folder: Path) -> Report:
    return build(sources, folder, encoder=HashEncoder())


def versions(folder: Path, *, latest: bool, ids: bool, kind: str = "wrans", letters: str = "efz") -> list[Path]:
    """Write versions of a file, the earlier ones longer; the last is the one that counts."""
    name, uin = ("lordswrans", "HL5") if kind == "lordswrans" else ("answers", "990001")
    return [
        file(
            folder / f"{name}2009-10-26{letter}.xml", LONG if letter != letters[-1] else SHORT,
            letter=letter if ids else "", kind=kind, uin=uin,
            root=f'scrapeversion="{letter}" latest="{"yes" if letter == letters[-1] else "no"}"' if latest else "",
        )
        for letter in letters
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["wrans", "lordswrans"])
@pytest.mark.parametrize(("latest", "ids"), [(True, True), (False, True), (False, False)])
def test_the_later_version_counts_in_one_build_and_in_several_and_in_updates_in_any_order(tmp_path, latest, ids, kind):
    files = versions(tmp_path / "in", latest=latest, ids=ids, kind=kind)
    for number, order in enumerate((files, files[::-1], [files[1], files[2], files[0]])):
        folder = tmp_path / f"{number}.index"
        report = built(order, folder)
        assert (answer_of(folder), report.skipped) == ((SHORT, (files[-1].name,)), {})
        if number == 1:
            one_by_one, updated = tmp_path / f"{number}b.index", tmp_path / f"{number}u.index"
            for path in order:
                built([path], one_by_one)
                update_from([path], updated, encoder=HashEncoder())
            assert answer_of(one_by_one) == answer_of(updated) == (SHORT, (files[-1].name,))


def test_letters_run_on_after_z(tmp_path):
    files = versions(tmp_path / "in", latest=False, ids=True, letters="zb")
    files.append(file(tmp_path / "in" / "answers2009-10-26aa.xml", "The last.", letter="aa"))
    built(files, tmp_path / "it.index")
    assert answer_of(tmp_path / "it.index")[0] == "The last."


def test_of_one_day_s_files_without_letters_the_one_that_was_replaced_gives_way(tmp_path):
    old = file(tmp_path / "a" / "answers2016-05-09.xml", LONG, day="2016-05-03", root='latest="no"')
    new = file(tmp_path / "b" / "answers2016-05-09.xml", SHORT, day="2016-05-03", root='latest="yes"')
    for number, order in enumerate(([old, new], [new, old])):
        built(order, tmp_path / f"{number}.index")
        assert answer_of(tmp_path / f"{number}.index")[0] == SHORT


def test_an_answer_that_only_a_replaced_version_has_is_kept(tmp_path):
    old = file(tmp_path / "answers2009-10-26e.xml", LONG, letter="e", root='latest="no"')
    new = file(tmp_path / "answers2009-10-26f.xml", SHORT, letter="f", uin="990002")
    new.write_text(new.read_text("latin-1").replace("<reply", "<nothing").replace("</reply", "</nothing"), "latin-1")
    report = built([old, new], tmp_path / "it.index")
    with Archive.open(tmp_path / "it.index", encoder=HashEncoder()) as archive:
        assert archive.get("commons/2008-09/990001").answer == LONG
    assert [note.place for note in report.notes] == ["answers2009-10-26e.xml"]
    empty = file(tmp_path / "answers2009-10-26g.xml", letter="g")
    empty.write_text(
        empty.read_text("latin-1").replace("<reply", "<nothing").replace("</reply", "</nothing"), "latin-1"
    )
    built([old, empty], tmp_path / "two.index")
    assert answer_of(tmp_path / "two.index")[0] == LONG


def test_a_question_with_another_number_in_the_later_version_takes_the_later_answer(tmp_path):
    ids = [f"uk.org.publicwhip/wrans/2009-10-26{version}.q0" for version in ("e.990001", "f.990007")]
    redirect = f'<gidredirect oldgid="{ids[0]}" newgid="{ids[1]}" matchtype="changes"/>'
    old = file(tmp_path / "answers2009-10-26e.xml", LONG, letter="e", more=redirect)
    new = file(tmp_path / "answers2009-10-26f.xml", SHORT, letter="f", uin="990007")
    built([old, new], tmp_path / "it.index")
    assert answer_of(tmp_path / "it.index") == (SHORT, (new.name,))


def test_lines_that_keep_the_ids_of_versions_are_versions_too(tmp_path):
    ids = [f"uk.org.publicwhip/wrans/2009-10-26{letter}.990001.q0" for letter in "ef"]
    for number, pair in enumerate([((ids[0], LONG), (ids[1], SHORT)), ((ids[1], SHORT), (ids[0], LONG))]):
        path = jsonl(tmp_path / f"{number}.jsonl", *(row(gid, f"<p>{text}</p>") for gid, text in pair))
        built([path], tmp_path / f"{number}.index")
        assert answer_of(tmp_path / f"{number}.index")[0] == SHORT


def test_files_of_two_days_do_not_replace_each_other_between_sources():
    """A holding answer of one day and the answer of another are told apart by what they say, not by letters."""
    one, other = (
        WrittenAnswer(id=f"x{day}", house=House.COMMONS, question="", answer=text, edition=f"2009-10-{day}", origin=f"t:{day}")
        for day, text in (("26f", LONG), ("27a", SHORT))
    )  # fmt: skip
    assert merge([one, other]).answer == LONG and supersedes(other, one)


def test_notes_are_kept_with_a_file_and_do_not_count_as_skipped(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "debates2009-10-26a.xml").write_text(
        '<publicwhip><speech id="uk.org.publicwhip/debate/1"/></publicwhip>'
    )
    lines = [json.dumps(row("x", date_answered="some day", score=5))]
    (tmp_path / "in" / "x.jsonl").write_text("\n".join(lines))
    for again in (False, True):
        report = built([tmp_path / "in"], tmp_path / "it.index")
        assert (report.files_unchanged == 2) is again
        assert (report.skipped, report.faults, report.noted) == ({}, (), 3)
        assert [(note.place, note.reason) for note in report.notes] == [
            ("debates2009-10-26a.xml", "no written questions in it (debates)"),
            ("x.jsonl, line 1", 'date_answered cannot be read as a date: "some day"'),
            ("x.jsonl", 'fields not used: "score"'),
        ]
