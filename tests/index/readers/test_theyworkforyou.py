"""TheyWorkForYou's files by age and kind: versions, ids without letters, and files that hold no written questions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from index.readers import read
from index.records import Fault, House, WrittenAnswer


def file(
    path: Path,
    answer: str = "Forty.",
    *,
    letter: str = "",
    root: str = "",
    day: str = "2009-10-26",
    kind: str = "wrans",
    uin: str = "990001",
    more: str = "",
) -> Path:
    """Write a daily file with one question; `letter` is that of its ids, `root` the root's attributes."""
    gid = f"uk.org.publicwhip/{kind}/{day}{letter}.{uin}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"""<?xml version="1.0" encoding="ISO-8859-1"?>
<publicwhip {root}>{more}
<minor-heading id="{gid}.h" nospeaker="True">Yo-yos</minor-heading>
<ques id="{gid}.q0" speakerid="uk.org.publicwhip/{"lord" if kind.startswith("lords") else "member"}/1" speakername="Sam"
><p qnum="{uin}">To ask what yo-yos are worth.</p></ques>
<reply id="{gid}.r0" speakername="Alex"><p>{answer}</p></reply>
</publicwhip>""",
        encoding="latin-1",
    )
    return path


def told(path: Path) -> tuple[list[WrittenAnswer], list[Fault]]:
    found = list(read(path))
    return [one for one in found if isinstance(one, WrittenAnswer)], [one for one in found if isinstance(one, Fault)]


@pytest.mark.parametrize(
    ("name", "letter", "root", "edition"),
    [
        ("answers2009-10-26f.xml", "f", 'scrapeversion="f" latest="yes"', "2009-10-26f"),
        ("answers2009-10-26f.xml", "", "", "2009-10-26f"),
        ("answers.xml", "", 'scrapeversion="f"', "2009-10-26f"),
        ("answers.xml", "aa", "", "2009-10-26aa"),
        ("answers2009-10-26.xml", "", 'scrapeversion="/data/old.xml" latest="no"', "2009-10-26"),
        ("answers2009-10-26f.xml.gz.xml", "", "", "2009-10-26f"),
    ],
)
def test_the_version_of_a_file_is_told_by_ids_name_or_root(tmp_path, name, letter, root, edition):
    (record,), faults = told(file(tmp_path / name, letter=letter, root=root))
    replaced = 'latest="no"' in root
    assert (record.edition, record.replaced) == (edition, replaced)
    assert record.keys == ("commons/2008-09/990001", "uk.org.publicwhip/wrans/2009-10-26.990001.q0")
    reason = "a later version has replaced this one; answers in the later version take precedence"
    assert faults == ([Fault(name, reason, entry=False, note=True)] if replaced else [])


def test_a_file_of_the_lords_has_versions_too(tmp_path):
    path = file(tmp_path / "lordswrans2009-10-26b.xml", letter="b", kind="lordswrans", uin="HL5")
    (record,), _ = told(path)
    assert (record.edition, record.house) == ("2009-10-26b", House.LORDS)
    assert record.origin == "theyworkforyou:uk.org.publicwhip/lordswrans/2009-10-26.HL5.q0"


@pytest.mark.parametrize("day", ["2001-06-27", "2005-06-29", "2008-11-03", "2013-12-18"])
def test_ids_of_old_files_name_the_day_answered_also_without_a_letter(tmp_path, day):
    (record,), _ = told(file(tmp_path / f"answers{day}a.xml", day=day))
    assert (record.answered, record.tabled, record.month) == (date.fromisoformat(day), None, None)


def test_ids_of_new_files_name_the_day_tabled(tmp_path):
    (record,), _ = told(file(tmp_path / "answers2016-05-09.xml", day="2016-05-03"))
    assert (record.answered, record.tabled) == (date(2016, 5, 9), date(2016, 5, 3))
    assert (record.id, record.edition) == ("commons/2016-05-03/990001", "2016-05-09")


def test_a_question_that_a_later_version_numbers_otherwise_is_known_by_both(tmp_path):
    ids = [f"uk.org.publicwhip/wrans/2009-10-26{version}" for version in ("e.990001", "f.990007")]
    more = f'<gidredirect oldgid="{ids[0]}.q0" newgid="{ids[1]}.q0" matchtype="changes"/>'
    gone = f'<gidredirect oldgid="{ids[0]}.q0" newgid="{ids[1]}.mh" matchtype="removed"/>'
    (moved,), _ = told(file(tmp_path / "answers2009-10-26e.xml", letter="e", more=more))
    assert "uk.org.publicwhip/wrans/2009-10-26.990007.q0" in moved.keys
    (record,), _ = told(file(tmp_path / "answers2009-10-26e.xml", letter="e", more=gone))
    assert len(record.keys) == 2


@pytest.mark.parametrize(
    ("element", "what"),
    [
        ('<speech id="uk.org.publicwhip/debate/2009-10-26a.1.1"><p>Forty.</p></speech>', " (debates)"),
        ('<speech id="uk.org.publicwhip/westminhall/2009-10-26a.1.1"/>', " (Westminster Hall debates)"),
        ('<speech id="uk.org.publicwhip/lords/2009-10-26a.1.1"/>', " (Lords debates)"),
        ('<speech id="uk.org.publicwhip/wms/2009-10-26a.1.1"/>', " (written statements)"),
        ('<division id="uk.org.publicwhip/debate/2009-10-26a.1.1"/>', " (divisions)"),
        ('<regmem personid="uk.org.publicwhip/person/1"><category type="1"/></regmem>', " (register of Members' interests)"),
        ('<ques id="uk.org.publicwhip/spwa/2009-10-26.S3W-1.q0"><p qnum="1">x</p></ques>'
         '<reply id="uk.org.publicwhip/spwa/2009-10-26.S3W-1.r0"><p>y</p></reply>',
         " (written answers of the Scottish Parliament)"),
        ('<question gid="uk.org.publicwhip/spq/S3O-1"><mention/></question>', " (questions of the Scottish Parliament)"),
        ("<unheard/>", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_file_without_written_questions_is_named_in_one_line_with_what_it_holds(tmp_path, element, what):
    heading = '<major-heading id="uk.org.publicwhip/debate/2009-10-26a.1.0">Oral Answers</major-heading>'
    text = f"<publicwhip>{heading if 'debate/' in element and 'speech' in element else ''}{element}</publicwhip>"
    (tmp_path / "x.xml").write_text(text)
    note = Fault("x.xml", f"no written questions in it{what}", entry=False, note=True)
    assert told(tmp_path / "x.xml") == ([], [note])


@pytest.mark.parametrize("text", ["[]", '{"results": [], "totalResults": 0}'])
def test_an_empty_page_of_the_api_is_named_too(tmp_path, text):
    (tmp_path / "2024-06.json").write_text(text)
    assert told(tmp_path / "2024-06.json")[1] == [
        Fault("2024-06.json", "no written questions in it", entry=False, note=True)
    ]


def test_written_statements_of_the_api_are_one_line(tmp_path):
    statement = '{"value": {"id": 1, "dateMade": "2024-01-01", "noticeNumber": 5, "answeringBodyName": "Home Office", "text": ""}}'
    (tmp_path / "x.json").write_text(f'{{"results": [{statement}, {statement}]}}')
    note = Fault("x.json", "no written questions in it (written statements)", entry=False, note=True)
    assert told(tmp_path / "x.json") == ([], [note])
