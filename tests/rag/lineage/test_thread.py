"""Which record a reference means, where referrals end, and families: real records, and made ones for the rules."""

import csv
import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from index import Archive, build
from index.errors import UnknownRecord
from index.records import House, Link, Sibling, WrittenAnswer, to_json
from rag.lineage.thread import (
    How,
    Part,
    ReferenceKind,
    Relation,
    citing,
    reaches_substance,
    references,
    resolve,
    target_of,
    thread,
)
from tests.conftest import DATA, HashEncoder

MARKED = DATA / "referrals"
REFER = "I refer the hon. Member to the answer"
FULL = "The Department funded 1,475 places in 2024, at a cost of £2.3 million, and will fund as many again this year."


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real") / "archive"
    build(MARKED / "records.jsonl", folder, encoder=HashEncoder())
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        yield archive


@pytest.fixture
def shelve(tmp_path):
    """Return a function that puts made records into an archive and opens it."""
    opened = []

    def put(*records):
        source = tmp_path / "records.jsonl"
        source.write_text("\n".join(map(to_json, records)), encoding="utf-8")
        build(source, tmp_path / "archive", encoder=HashEncoder())
        opened.append(Archive.open(tmp_path / "archive", encoder=HashEncoder()))
        return opened[-1]

    yield put
    for archive in opened:
        archive.close()


def made(id, uin, tabled, answer=FULL, *, days=5, question="To ask the Secretary of State for Justice, why.", **facts):
    tabled = date.fromisoformat(tabled) if tabled else None
    given = {
        "id": id, "keys": (id,), "house": House.COMMONS, "uin": uin, "tabled": tabled, "question": question,
        "answered": tabled + timedelta(days) if tabled else None, "answer": answer,
        "department": "Ministry of Justice", "addressed_to": "Secretary of State for Justice", "sources": ("made",),
        "origin": f"jsonl:{id}",
    }  # fmt: skip
    return WrittenAnswer(**(given | facts))


def only(record, archive):
    (reference,) = references(record)
    found = resolve(reference, record, archive)
    return found.how, found.record_ids


def checked():
    with (MARKED / "checked.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if not row[0].startswith("#")]
    held = {json.loads(line)["id"] for line in (MARKED / "records.jsonl").read_text(encoding="utf-8").splitlines()}
    return [
        pytest.param(*row[:3], id=f"{row[0]}-{row[1]}")
        for row in rows
        if row[0] in held and row[2] in held | {"NONE"} and row[3] == "right" and "by its words" not in row[4]
    ]


@pytest.mark.parametrize(("source", "number", "target"), checked())
def test_references_marked_by_reading_resolve_as_marked(real, source, number, target):
    record = real.get(source)
    found = [resolve(one, record, real) for one in references(record) if one.uin == number]
    assert {one.record_id for one in found} <= {target, None}
    assert any(one.record_id == target for one in found) or target == "NONE"


def test_enough_references_are_marked_to_mean_something():
    assert len(checked()) >= 40


@pytest.mark.parametrize(
    ("source", "number"),
    [("api:1728084", "2052"), ("api:1681074", "748")],  # the number is there, in other sessions only
)
def test_no_reference_goes_to_another_session(real, source, number):
    record = real.get(source)
    assert [one for one in real.rows_of(number) if real.columns.id[one] != source]
    found = [resolve(one, record, real) for one in references(record) if one.uin == number]
    assert found and all(one.record_id is None for one in found)


def test_an_answer_that_the_archive_does_not_number_is_found_by_place_and_words(real):
    record = real.get("api:1865486")
    assert real.get("api:1865036").uin is None
    assert only(record, real) == (How.TEXT, ("api:1865036",))


@pytest.fixture(scope="module")
def sessions(tmp_path_factory):
    """One number in three sessions and both Houses."""
    folder = tmp_path_factory.mktemp("sessions")
    records = [
        made("old", "3029", "2023-11-20"),
        made("now", "3029", "2024-09-02"),
        made("new", "3029", "2026-05-20"),
        made("peer", "HL3029", "2024-09-03", house=House.LORDS),
        made("elsewhere", "4100", "2024-09-10", department="Home Office", question="To ask the Secretary of State x?"),
    ]
    (folder / "records.jsonl").write_text("\n".join(map(to_json, records)), encoding="utf-8")
    build(folder / "records.jsonl", folder / "archive", encoder=HashEncoder())
    with Archive.open(folder / "archive", encoder=HashEncoder()) as archive:
        yield archive


@pytest.mark.parametrize(
    ("words", "facts", "expected"),
    [
        pytest.param("to Question 3029.", {}, "now", id="own session"),
        pytest.param("of 25 November 2023 to Question 3029.", {}, "old", id="session of the day cited"),
        pytest.param("of 2 September to Question 3029.", {}, "now", id="day of tabling, no year"),
        pytest.param("of 7 September 2023 to Question 3029.", {}, "now", id="slip in the year, day and subject agree"),
        pytest.param("of 8 September 2023 to Question 3029.", {}, None, id="no slip: the day disagrees too"),
        pytest.param("of 20 September 2024 to Question 3029.", {}, "now", id="another day of that session"),
        pytest.param("of 25 May 2026 to Question 3029.", {}, None, id="a day to come"),
        pytest.param("to Question HL3029.", {}, "peer", id="the other House"),
        pytest.param("to Question HL 3029.", {"house": House.LORDS}, "peer", id="own House"),
        pytest.param("to Question 4100.", {}, None, id="no day, another department and subject"),
        pytest.param("of 15 September 2024 to Question 4100.", {}, "elsewhere", id="another department on that day"),
        pytest.param("to Question 3028.", {}, None, id="not here"),
    ],
)
def test_a_number_is_looked_up_in_its_house_and_session(sessions, words, facts, expected):
    record = made("x", "9000", "2024-10-10", f"{REFER} {words}", **facts)
    how, ids = only(record, sessions)
    assert (how, ids) == ((How.UIN, (expected,)) if expected else (How.UNRESOLVED, ()))


def test_a_number_too_high_for_a_young_session_is_of_the_one_before(shelve):
    archive = shelve(made("spring", "84492", "2026-04-01"), made("autumn", "631", "2024-07-18"))
    young = made("x", "700", "2026-05-15", "Please refer to the previous answer to UIN 84492.")
    assert only(young, archive) == (How.UIN, ("spring",))
    assert only(replace(young, answer="Please refer to the previous answer to UIN 631."), archive)[0] is How.UNRESOLVED


def test_without_any_date_all_candidates_are_listed_and_none_is_chosen(sessions):
    record = made("x", "9000", None, f"{REFER} to Question 3029.")
    (reference,) = references(record)
    found = resolve(reference, record, sessions)
    assert (found.how, found.record_id) == (How.AMBIGUOUS, None)
    assert set(found.record_ids) == {"old", "now", "new"}


def test_a_peers_bare_number_may_be_of_either_house(sessions):
    record = made("x", "HL9000", "2024-10-10", f"{REFER} to Question 3029.", house=House.LORDS)
    (reference,) = references(record)
    assert set(resolve(reference, record, sessions).record_ids) == {"now", "peer"}
    dated = replace(record, answer=f"{REFER} of 8 September 2024 to Question 3029.")
    assert only(dated, sessions) == (How.UIN, ("peer",))


def test_two_accounts_of_one_question_are_one(shelve):
    longer = FULL + " More was said."
    archive = shelve(made("a", "3029", "2024-09-02"), made("b", "3029", "2024-09-03", longer))
    assert only(made("x", "9000", "2024-10-10", f"{REFER} to PQ 3029."), archive) == (How.UIN, ("b", "a"))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://questions-statements.parliament.uk/written-questions/detail/2026-05-20/3029", "new"),
        ("https://www.theyworkforyou.com/wrans/?id=2023-11-20.3029.h", "old"),
        ("https://questions-statements.parliament.uk/written-questions/detail/2026-05-21/3029", None),
    ],
)
def test_a_link_says_which_day(sessions, address, expected):
    record = made("x", "9000", "2026-06-10", "It is set out here.", links=(Link(start=18, end=18, url=address),))
    how, ids = only(record, sessions)
    assert (how, ids) == ((How.LINK, (expected,)) if expected else (How.UNRESOLVED, ()))


def test_a_group_is_found_by_number_and_day_or_session(sessions):
    dated = made("x", "9000", "2024-10-10", grouped=(Sibling(uin="3029", tabled=date(2023, 11, 20)),))
    undated = replace(dated, grouped=(Sibling(uin="3029"),))
    assert only(dated, sessions) == (How.GROUPED, ("old",))
    assert only(undated, sessions) == (How.GROUPED, ("now",))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            f"{REFER} to Question 1 (https://questions-statements.parliament.uk/written-questions/detail/2024-09-05/51).",
            "/written-questions/detail/2024-09-05/51",
        ),
        (
            f"{REFER} of 20 September 2024 to Question 77.",
            "/written-questions?SearchTerm=77&DateFrom=21%2F09%2F2023&DateTo=20%2F09%2F2024",
        ),
        (
            "See the Written Statement of 20 September 2024 (HCWS948).",
            "/written-statements?SearchTerm=HCWS948&DateFrom=21%2F09%2F2023&DateTo=20%2F09%2F2024",
        ),
        (
            "See https://questions-statements.parliament.uk/written-statements/detail/2024-10-01/hcws948.",
            "/written-statements/detail/2024-10-01/hcws948",
        ),
    ],
)
def test_what_is_not_here_has_an_address(sessions, answer, expected):
    record = made("x", "9000", "2024-10-10", answer)
    found = resolve(references(record)[-1], record, sessions)
    assert (found.how, found.url) == (How.UNRESOLVED, f"https://questions-statements.parliament.uk{expected}")


ASK = "To ask the Secretary of State for Justice, "
LASER = ASK + "whether contracts for additional laser weapons complementing DragonFire were placed since July 2024."


def numbered(count=16):
    """Records with API ids and numbers in step, ten numbers and fourteen ids apart, from 5000 and api:700000 on."""
    return [
        made(f"api:{700_000 + 14 * n}", str(5000 + 10 * n), "2024-09-20", question=f"{ASK}what subject {n} costs.")
        for n in range(count)
    ]


def unnumbered(id, question, **facts):
    return made(id, None, None, **({"question": question, "month": "2024-09"} | facts))


CITING = made(
    "api:710000", "8000", "2024-10-20", f"{REFER} of 27 September 2024 to Question 5055.",
    question=LASER.replace("whether", "if he will say whether"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param([unnumbered("api:700078", LASER)], (How.TEXT, ("api:700078",)), id="the one meant"),
        pytest.param(
            [unnumbered("api:700078", LASER), unnumbered("api:700075", ASK + "how many prisons in Wales have gyms.")],
            (How.TEXT, ("api:700078",)),
            id="and another subject",
        ),
        pytest.param(
            [unnumbered("api:700078", LASER), unnumbered("api:700079", LASER, answer="No other contracts exist.")],
            (How.AMBIGUOUS, ("api:700078", "api:700079")),
            id="two that fit",
        ),
        pytest.param(
            [unnumbered("api:700078", LASER), unnumbered("api:700079", LASER)],
            (How.TEXT, ("api:700078", "api:700079")),
            id="two with one answer",
        ),
        pytest.param([unnumbered("api:705000", LASER)], (How.UNRESOLVED, ()), id="far from its place"),
        pytest.param([unnumbered("api:700078", LASER, month="2024-12")], (How.UNRESOLVED, ()), id="later month"),
        pytest.param([unnumbered("api:700078", LASER, month="2023-12")], (How.UNRESOLVED, ()), id="other session"),
        pytest.param(
            [unnumbered("api:700078", LASER, department="Home Office")], (How.UNRESOLVED, ()), id="other department"
        ),
        pytest.param(
            [unnumbered("api:700078", LASER, answer=CITING.answer)], (How.UNRESOLVED, ()), id="a sibling naming it too"
        ),
        pytest.param(
            [unnumbered("api:700078", ASK + "how many prisons have gyms.")], (How.UNRESOLVED, ()), id="subject"
        ),
        pytest.param([], (How.UNRESOLVED, ()), id="nothing there"),
    ],
)
def test_an_unnumbered_record_needs_place_and_words(shelve, others, expected):
    assert only(CITING, shelve(*numbered(), *others)) == expected


def test_a_referral_leads_to_the_answer_of_substance(real):
    record = real.get("api:1902570")
    chain = target_of(record, real)
    assert (chain[0].reference.uin, chain[0].record_id) == ("117954", "api:1887694")
    assert target_of(real.get("api:1722050"), real) == ()  # an answer of substance leads nowhere


def test_chains_are_followed_and_circles_end(shelve):
    archive = shelve(
        made("a", "3010", "2024-09-02", f"{REFER} to Question 3011."),
        made("b", "3011", "2024-09-02", f"{REFER} to Question 3012."),
        made("c", "3012", "2024-09-02"),
        made("p", "3020", "2024-09-02", f"{REFER} to Question 3021."),
        made("q", "3021", "2024-09-02", f"{REFER} to Question 3020."),
        made("r", "3022", "2024-09-02", f"{REFER}s to Questions 3021 and 3012."),
        made("s", "3023", "2024-09-02", f"{REFER} to Question 3999."),
    )
    chains = {key: target_of(archive.get(key), archive) for key in "abcpqrs"}
    assert {key: [step.record_id for step in chain] for key, chain in chains.items()} == {
        "a": ["b", "c"], "b": ["c"], "c": [], "p": ["q", "p"], "q": ["p", "q"], "r": ["c"], "s": [None],
    }  # fmt: skip
    assert {key for key, chain in chains.items() if reaches_substance(chain, archive)} == {"a", "b", "r"}


def test_a_family_is_told_in_the_order_of_time(shelve):
    late = date(2024, 11, 1)
    archive = shelve(
        made("first", "10", "2024-09-02", corrected=True, corrected_on=late, holding_date=date(2024, 9, 5)),
        made("twin", "11", "2024-09-02"),
        made("centre", "12", "2024-09-12", f"{FULL}\n\n{REFER} to Question 10.", grouped=(Sibling(uin="11"),)),
        made(
            "next",
            "13",
            "2024-09-22",
            question="To ask him, pursuant to the Answer of 17 September 2024 to PQ 12, why.",
        ),
        made("after", "14", "2024-10-02", question="To ask him, pursuant to the Answer to Question 13, how."),
        made("stranger", "15", "2024-10-02", f"{FULL} There were 12 of them, and 10 more."),
    )
    family = thread("centre", archive)
    told = [(one.day.isoformat(), one.relation, one.of, one.record_id) for one in family.relatives]
    assert told == [
        ("2024-09-05", Relation.HELD_OVER, "first", "first"),
        ("2024-09-07", Relation.REFERS_TO, "centre", "first"),
        ("2024-09-07", Relation.GROUPED_WITH, "centre", "twin"),
        ("2024-09-17", Relation.ITSELF, "centre", "centre"),
        ("2024-09-27", Relation.FOLLOWED_UP_BY, "centre", "next"),
        ("2024-10-07", Relation.FOLLOWED_UP_BY, "next", "after"),
        ("2024-11-01", Relation.CORRECTED, "first", "first"),
    ]
    assert not family.cut
    as_dict = json.loads(json.dumps(family.as_dict()))
    assert as_dict["record_id"] == "centre"
    assert as_dict["relatives"][1] | {"url": None} == {
        "relation": "refers to", "of": "centre", "record_id": "first", "how": "uin", "day": "2024-09-07",
        "month_only": False, "uin": "10", "heading": None, "department": "Ministry of Justice", "status": "corrected",
        "url": None, "may_be": [],
    }  # fmt: skip


def test_a_family_holds_what_is_missing_and_what_names_an_unnumbered_record(shelve):
    target = unnumbered("api:700078", LASER)
    archive = shelve(*numbered(), target, CITING, made("y", "8100", "2024-10-20", f"{REFER} of 9 May to PQ 77."))
    (itself, citing) = thread("api:700078", archive).relatives
    assert (itself.relation, itself.day, itself.month_only) == (Relation.ITSELF, date(2024, 9, 1), True)
    assert (citing.relation, citing.record_id, citing.how) == (Relation.REFERRED_TO_BY, "api:710000", How.TEXT)
    missing, _ = thread("y", archive).relatives
    assert (missing.record_id, missing.uin, missing.day) == (None, "77", date(2024, 5, 9))
    assert missing.url and "SearchTerm=77" in missing.url


def test_a_real_family(real):
    relatives = {one.record_id: one.relation for one in thread("api:1675989", real).relatives}
    assert relatives["api:1675990"] is Relation.GROUPED_WITH
    assert relatives["api:1676869"] is Relation.REFERRED_TO_BY


def test_what_names_a_number_is_found_though_no_record_has_it(shelve):
    archive = shelve(
        made("refers", "10", "2024-09-02", "I refer the hon. Member to the answer to Question 3028."),
        made("follows", "11", "2024-09-03", question="To ask, pursuant to the Answer to Question 3028, why."),
        made("peer", "HL12", "2024-09-04", "I refer the noble Lord to the answer to HL3028.", house=House.LORDS),
        made("counts", "13", "2024-09-05", "There were 3028 cases."),
    )
    found = {archive.columns.id[row]: one.part for row, one in citing("3028", archive)}
    assert found == {"refers": Part.ANSWER, "follows": Part.QUESTION}
    assert [archive.columns.id[row] for row, _ in citing("HL3028", archive)] == ["peer"]


def test_a_family_of_nobody_is_an_error(real):
    with pytest.raises(UnknownRecord, match="nobody"):
        thread("nobody", real)


def test_kinds_read_as_words():
    assert f"{ReferenceKind.REFERRAL} {How.UIN} {Relation.REFERS_TO}" == "referral uin refers to"
