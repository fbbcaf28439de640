"""What questions are understood to mean, read by hand, over an archive whose people, bodies and days are known."""

from datetime import date

import pytest

from index import Archive, build
from index.storage.filters import NO_FILTERS, make_filters
from rag.query.understand import understand
from tests.conftest import HashEncoder
from tests.rag import known


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    with known.opened(tmp_path_factory.mktemp("known")) as opened:
        yield opened


def said(understood):
    return {(p.kind, p.value) for p in understood.preferences}


def surely(understood):
    return {(p.kind, p.value) for p in understood.preferences if p.strength >= 0.8}


SMYTH = ("minister", "Karin Smyth")
AUGUST = ("dates", "2024-08-01/2024-08-31")


@pytest.mark.parametrize(
    "text, query, preferences",
    [
        ("what did Karin Smyth say in August 2024 about maternity care", "maternity care", {SMYTH, AUGUST}),
        ("What has Karin Smyth told MPs about maternity care?", "maternity care?", {SMYTH}),
        ("Karin Smyth's August 2024 answer about maternity care", "maternity care", {SMYTH, AUGUST}),
        ("what did Smyth say about maternity care", "maternity care", {SMYTH}),
        ("Ms Smyth's answer on maternity care", "maternity care", {SMYTH}),
        ("answers by Karin Smyth in August 2024 on maternity care", "maternity care", {SMYTH, AUGUST}),
        ("Karin Smyth, August 2024: maternity care", "maternity care", {SMYTH, AUGUST}),
        ("karin smyth august 2024 maternity care", "maternity care", {SMYTH, AUGUST}),
        ("maternity care (Karin Smyth, August 2024)", "maternity care", {SMYTH, AUGUST}),
        (
            "health karin smyth august 2024 maternity care", "maternity care",
            {SMYTH, AUGUST, ("department", "Department of Health and Social Care")},
        ),
        (
            "what did health minister Karin Smyth say about maternity care", "maternity care",
            {SMYTH, ("department", "Department of Health and Social Care")},
        ),
        ("Jim Shannon's questions on maternity care", "maternity care", {("asked_by", "Jim Shannon")}),
        ("questions asked by Jim Shannon about maternity care", "maternity care", {("asked_by", "Jim Shannon")}),
        ("what did James Cartlidge ask about drones", "drones", {("asked_by", "James Cartlidge")}),
        ("what did James Cartlidge say about drones", "drones", {("minister", "James Cartlidge")}),
        ("dan poulter october 2014 sugar", "sugar",
         {("minister", "Daniel Poulter"), ("dates", "2014-10-01/2014-10-31")}),
        ("sarah mccarthy fry october 2009 banks", "banks",
         {("minister", "Sarah McCarthy-Fry"), ("dates", "2009-10-01/2009-10-31")}),
        ("Department for Transport, September 2024 - list of councils", "list of councils",
         {("department", "Department for Transport"), ("dates", "2024-09-01/2024-09-30")}),
        ("defra january 2026 PFAS plan", "PFAS plan",
         {("department", "Department for Environment, Food and Rural Affairs"), ("dates", "2026-01-01/2026-01-31")}),
        ("angel investors unhappy with the wealth test - Treasury reaction",
         "angel investors unhappy with the wealth test",
         {("department", "HM Treasury")}),
        ("In November 2024 did the education department say it counts PRU pupils?", "it counts PRU pupils?",
         {("department", "Department for Education"), ("dates", "2024-11-01/2024-11-30")}),
        ("what did the Treasury say last year about farms", "farms",
         {("department", "HM Treasury"), ("dates", "2025-01-01/2025-12-31")}),
        ("what did ministers say in 2014 about the bedroom tax", "the bedroom tax",
         {("dates", "2014-01-01/2014-12-31")}),
        ("what did the Home Office say about hotels in March 2025", "hotels",
         {("department", "Home Office"), ("dates", "2025-03-01/2025-03-31")}),
        ("James Cartlidge, spring 2025, defence: drones", "drones",
         {("person", "James Cartlidge"), ("dates", "2025-03-01/2025-05-31"), ("department", "Ministry of Defence")}),
    ],
)  # fmt: skip
def test_whose_answer_is_told_from_what_it_is_about(archive, text, query, preferences):
    understood = understand(text, archive)
    filters = set(understood.filters.as_dict().items())
    assert understood.softened().filters == NO_FILTERS
    assert (understood.query, surely(understood) | filters) == (query, preferences)
    assert filters <= {
        SMYTH,
        ("asked_by", "Jim Shannon"),
        ("minister", "James Cartlidge"),
        ("asked_by", "James Cartlidge"),
    }


@pytest.mark.parametrize(
    "text, weak",
    [
        ("Ministry of Justice spending on TVs in 2008-09",
         {("department", "Ministry of Justice"), ("dates", "2008-04-01/2010-08-31")}),
        ("which inmates qualified for the autumn 2023 move to open jails", {("dates", "2023-09-01/2024-03-29")}),
        ("hotels since October 2023", {("dates", "2023-10-01/2026-07-20")}),
        ("asylum hotels since the election", {("dates", "2024-07-04/2026-07-20")}),
        ("has Wes Streeting talked to the Treasury about clinics", {("department", "HM Treasury")}),
        ("does DWP meet the Home Office", {("department", "Department for Work and Pensions")}),
        ("the health secretary's grants", {("department", "Department of Health and Social Care")}),
    ],
)  # fmt: skip
def test_what_is_asked_about_counts_less_and_stays_in_the_query(archive, text, weak):
    understood = understand(text, archive)
    assert said(understood) == weak and surely(understood) == set()
    assert (understood.query, understood.filters) == (text, NO_FILTERS)


@pytest.mark.parametrize(
    "text",
    [
        "justice for Hillsborough families",
        "education spending in Wales",
        "transport for London funding",
        "mental health support in schools",
        "the payout from 2027",
        "duties under the Equality Act 2010",
        "the MacAlister care review",
        "will stone walls be protected",
        "meetings of officials with Karin Smyth",
        "Karin Smyth's constituency office",
        "pell grants of the US Department of Education",
        "do pupils learn vaping from their peers",
        "how many hereditary peers sit in the House of Lords",
        "House of Lords reform",
        "House of Commons catering prices",
        "the prime minister's flights",
        "EPR small firms exemption",
    ],
)
def test_what_says_nothing_of_the_answer(archive, text):
    understood = understand(text, archive)
    assert (said(understood), understood.filters, understood.query) == (set(), NO_FILTERS, text)


@pytest.mark.parametrize(
    "text, house, query",
    [
        ("House of Lords, October 2009: why was the BBC left out", "Lords", "why was the BBC left out"),
        ("what was said in the Lords about ransomware", "Lords", "ransomware"),
        ("questions in the Lords on swift bricks", "Lords", "swift bricks"),
        ("what were peers told about the Chagos deal", "Lords", "the Chagos deal"),
        ("Lords written questions about sanctions", "Lords", "sanctions"),
        ("Baroness Kinnock House of Lords October 2009 Turkmenistan", "Lords", "Turkmenistan"),
        ("in the House of Commons, what did the Home Office say about hotels", "Commons", "hotels"),
    ],
)
def test_a_house_named_beyond_doubt_is_a_filter(archive, text, house, query):
    understood = understand(text, archive)
    assert (understood.filters.as_dict(), understood.query) == ({"house": house}, query)


def test_a_house_at_the_end_only_counts_softly(archive):
    understood = understand("ransomware gangs in the Lords", archive)
    assert (said(understood), understood.filters) == ({("house", "Lords")}, NO_FILTERS)


def test_a_house_without_records_filters_nothing_and_is_told(tmp_path):
    source = tmp_path / "records.jsonl"
    known.write(source)
    commons = [line for line in source.read_text().splitlines() if '"Lords"' not in line]
    source.write_text("\n".join(commons))
    build(source, tmp_path / "archive", encoder=HashEncoder())
    with Archive.open(tmp_path / "archive", encoder=HashEncoder()) as archive:
        understood = understand("what was said in the Lords about ransomware", archive)
    assert understood.filters == NO_FILTERS
    assert understood.notes == ("This archive holds no answers given in the Lords; the other House is searched.",)


def test_filters_given_beside_the_question_win_over_its_words(archive):
    given = make_filters(house="commons", department="Treasury", since="2024-01-01")
    understood = understand("Lords, Home Office, Karin Smyth, August 2024: hotels", archive, filters=given)
    assert understood.filters == given
    assert said(understood) == {SMYTH}


@pytest.mark.parametrize(
    "text, filters",
    [
        ("what did Karin Smyth say about maternity care", {"minister": "Karin Smyth"}),
        ("Karin Smyth MP's answer on maternity care", {"minister": "Karin Smyth"}),
        ("what did Lord Hunt of King’s Heath say about wind", {"minister": "Lord Hunt of Kings Heath"}),
        ("what did Lord Hunt say about wind", {"minister": "Lord Hunt"}),  # two peers
        ("what did sarah mccarthy fry answer on banks", {"minister": "Sarah McCarthy-Fry"}),
        ("Jim Shannon’s questions on maternity care", {"asked_by": "Jim Shannon"}),
        ("questions from Shannon about maternity care", {"asked_by": "Jim Shannon"}),
        ("karin smyth august 2024 maternity care", {}),  # not said to be hers
        ("meetings of officials with Karin Smyth", {}),
    ],
)
def test_a_person_whose_own_words_are_asked_for_is_a_filter(archive, text, filters):
    assert understand(text, archive).filters.as_dict() == filters


def test_two_peers_of_one_title_are_both_meant(archive):
    (peer,) = understand("Lord Hunt, October 2009: wind", archive).preferences[:1]
    assert peer.names == {"Lord Hunt of Kings Heath", "Lord Hunt of Chesterton"}
    (one, _) = understand("Lord Hunt of Chesterton, October 2009: wind", archive).preferences
    assert one.names == {"Lord Hunt of Chesterton"}


def test_a_minister_comes_with_posts_and_days(archive):
    vara, _ = understand("Shailesh Vara, July 2014: courts", archive).preferences
    assert (vara.value, vara.names) == ("Shailesh Vara", {"Mr Shailesh Vara"})
    assert (vara.bodies, vara.first.isoformat(), vara.last.isoformat()) == (
        {"Ministry of Justice"}, "2014-07-14", "2014-07-14"
    )  # fmt: skip


@pytest.mark.parametrize("text", ["Home Office", "what did Karin Smyth say?", "August 2024", "health", "?", "", "  "])
def test_a_question_of_nothing_but_frame_is_searched_for_whole(archive, text):
    assert understand(text, archive).query == " ".join(text.split())


@pytest.mark.parametrize(
    "text, uins, ids",
    [
        ("HL3811", ("HL3811",), ("api:1674500",)),
        ("what about hl 3811?", ("HL3811",), ("api:1674500",)),
        ("uin 4784", ("4784",), ("api:1728216", "api:1674556")),  # both sessions', the newer first
        ("PQ4784", ("4784",), ("api:1728216", "api:1674556")),
        ("the answer to question 4784 on hotels", ("4784",), ("api:1728216", "api:1674556")),
        ("questions 4784 and 35566", ("4784", "35566"), ("api:1728216", "api:1674556", "api:1760000")),
        ("35566", ("35566",), ("api:1760000",)),
        ("https://questions-statements.parliament.uk/written-questions/detail/2023-12-01/4784",
         ("4784",), ("api:1674556",)),
        ("see questions-statements.parliament.uk/written-questions/detail/2025-03-04/35566/ please",
         ("35566",), ("api:1760000",)),
        ("https://www.theyworkforyou.com/wrans/?id=2025-03-04.35566.h&s=bus#g35566.q0", ("35566",), ("api:1760000",)),
        ("theyworkforyou.com/wrans/?id=2009-10-26e.289172.q0", ("289172",), ("wrans",)),
        ("theyworkforyou.com/wrans/?id=2009-10-26e.289172.r0", ("289172",), ("wrans",)),
        ("https://questions-statements-api.parliament.uk/api/writtenquestions/questions/1728216", (), ("api:1728216",)),
        ("api:1728216", (), ("api:1728216",)),
        ("in 2024, 4784 people", (), ()),
        ("question 7 of the census", (), ()),
        ("spent £4784 on question 4", (), ()),
        ("2024", (), ()),
    ],
)  # fmt: skip
def test_records_named_by_number_or_link(archive, text, uins, ids):
    understood = understand(text, archive)
    assert (understood.uins, understood.record_ids) == (uins, ids)


@pytest.mark.parametrize(
    "text, query, days",
    [
        ("maternity care answered between 1 and 5 August 2024", "maternity care", "2024-08-01/2024-08-05"),
        ("questions on maternity care tabled on 5 August 2024", "questions on maternity care", "2024-08-05/2024-08-05"),
        ("answers given in August 2024 on maternity care", "maternity care", "2024-08-01/2024-08-31"),
        ("what did ministers say about maternity care in August 2024",
         "what did ministers say about maternity care", "2024-08-01/2024-08-31"),
        ("what did ministers say about maternity care before 2015",
         "what did ministers say about maternity care", "1900-01-01/2014-12-31"),
        ("what did the last government say about maternity care", "maternity care", "2010-05-11/2024-07-04"),
    ],
)  # fmt: skip
def test_a_time_that_is_said_to_be_the_answers_is_taken_out_of_the_query(archive, text, query, days):
    understood = understand(text, archive)
    assert (understood.query, said(understood)) == (query, {("dates", days)})
    (preference,) = understood.preferences
    assert preference.strength >= 0.8 and preference.exact is not None


def test_days_count_most_where_they_are_named_and_a_time_to_come_not_at_all(archive):
    (preference,) = understand("maternity care on 5 August 2024", archive).preferences
    assert (preference.strength, preference.value) == (1.0, "2024-08-05/2024-08-05")
    assert understand("maternity care by 2031", archive).preferences == ()
    assert understand("maternity care next year", archive).preferences == ()
    assert understand("maternity care, better than ten years ago?", archive).preferences == ()


def test_days_that_are_preferred_for_looking_back_are_kept_apart_from_those_named(archive):
    (preference,) = understand("how much maternity care was there in 2024?", archive).preferences
    assert preference.last and preference.last > date(2024, 12, 31) == preference.named
    (since,) = understand("maternity care since 2024", archive).preferences
    assert since.named is None


def test_a_number_of_several_sessions_or_of_none_is_told(archive):
    assert understand("question 4784", archive).notes == (
        "2 questions have the number 4784, in different sessions; all are shown.",
    )
    dated = "questions-statements.parliament.uk/written-questions/detail/2020-01-01/4784"
    understood = understand(dated, archive)
    assert (understood.record_ids, understood.notes) == (
        (), ("No question 4784 tabled on 1 January 2020 is in this archive.",)
    )  # fmt: skip


def test_a_pasted_question_is_unpacked(archive):
    understood = understand(
        "To ask the Secretary of State for Health and Social Care, pursuant to the Answer of 18 November 2024 to "
        "Question 4784 on Hospitals: Standards, what assessment he has made of the adequacy of corridor care; and if "
        "he will make a statement.",
        archive,
    )
    assert understood.query == "Hospitals: Standards: adequacy of corridor care."
    assert said(understood) == {("department", "Department of Health and Social Care")}
    assert (understood.uins, understood.record_ids) == ((), ())  # the earlier question is not the one asked for


def test_a_pasted_lords_question_prefers_the_lords_and_keeps_its_parts(archive):
    understood = understand(
        "To ask His Majesty’s Government what steps they are taking (1) to identify, and (2) to counter, ransomware.",
        archive,
    )
    assert understood.parts == (
        "what steps they are taking to identify", "what steps they are taking to counter, ransomware",
    )  # fmt: skip
    assert said(understood) == {("house", "Lords")}


def test_slips_are_mended_before_anything_is_read(archive):
    understood = understand("home offcie guidence on accomodation", archive)
    assert understood.mended == (("guidence", "guidance"), ("accomodation", "accommodation"))
    assert understood.query == "home offcie guidance on accommodation"


def test_abbreviations_go_to_the_search_by_words_alone(archive):
    understood = understand("PIP waiting times", archive)
    assert (understood.query, understood.expansions) == ("PIP waiting times", ("personal independence payment",))
    assert understood.lexical == "PIP waiting times personal independence payment"


def test_parts_come_from_what_is_searched_for(archive):
    understood = understand(
        "DSIT, November 2025: who wrote the rules and how long did three drafts take officials", archive
    )
    assert understood.parts == ("who wrote the rules", "how long did three drafts take officials")
    assert understood.whole == "DSIT, November 2025: who wrote the rules and how long did three drafts take officials"


def test_all_that_was_understood_is_shown(archive):
    shown = understand("what did Karin Smyth say in August 2024 about the guidence on PIP", archive).as_dict()
    assert shown["preferences"] == [
        {"kind": "minister", "value": "Karin Smyth", "phrase": "Karin Smyth", "strength": 1.0},
        {"kind": "dates", "value": "2024-08-01/2024-08-31", "phrase": "in August 2024", "strength": 1.0},
    ]
    assert (shown["query"], shown["parts"], shown["uins"]) == ("the guidance on PIP", [], [])
    assert (shown["filters"], shown["lists"], shown["unknown"]) == ({"minister": "Karin Smyth"}, None, [])
    assert (shown["mended"], shown["expansions"]) == ([["guidence", "guidance"]], ["personal independence payment"])


def test_a_very_long_text_is_cut_and_that_is_told(archive):
    understood = understand("hotels " * 2000, archive)
    assert len(understood.query) <= 4000
    assert understood.notes == ("Only the first 4,000 characters were looked at.",)


@pytest.mark.parametrize(
    "piece", ["to ask the ", "(a) ", "in 2024 and ", "House of Lords ", "Karin Smyth's ", "0", "' "]
)
def test_hostile_texts_cost_no_time(archive, piece):
    import time

    understand("warm", archive)
    start = time.process_time()
    understand(piece * (6000 // len(piece)), archive)
    assert time.process_time() - start < 2.0
