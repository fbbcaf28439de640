"""Lists of what a person asked or answered, against counts made by hand, through the assistant."""

import json
from collections import Counter

import pytest

from index import build
from index.storage.subjects import Subject, subjects
from rag import Assistant
from rag.verification import verify_reply
from tests.archives import jsonl, row
from tests.conftest import HashEncoder, WordReader

DEFENCE, WALES = "Ministry of Defence", "Wales Office"
ROWS = [
    row(f"b:{n}", asked_by="Ben Oakes-Jarvis", answered_by="Mia Dawes", department=DEFENCE, heading=f"Boats: {n % 12}",
        date_asked="2024-01-01", date_answered=f"2024-02-{n + 1:02}")
    for n in range(24)
] + [
    row("n:1", asked_by="Ned O'Brady", answered_by="Oscar Smith", department=WALES, heading=None,
        date_answered="2024-05-01"),
    row("n:2", asked_by="Ned O’Brady", answered_by="Oscar Smith", department=WALES, heading=None,
        date_answered="2024-05-03"),
    row("n:3", asked_by="Ned O'Brady MP", answered_by="Oscar Smith", department=DEFENCE, heading="Kayaks",
        date_answered="2024-05-02"),
    row("n:4", asked_by="Ned O'Brady", answered_by=None, department=DEFENCE, heading="kayaks", answer="",
        date_asked="2024-06-02", date_answered=None),
    row("c:1", asked_by="Clara Smith", answered_by="Clara Smith", department=DEFENCE, heading="Rafts",
        date_answered="2024-07-01"),
    row("l:1", asked_by="The Earl of Ambrey", answered_by="Mia Dawes", department=DEFENCE, heading="Rafts",
        date_answered="2024-07-02"),
]  # fmt: skip


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    build(jsonl(folder / "records.jsonl", *ROWS), folder / "archive", encoder=HashEncoder())
    with Assistant.open(folder / "archive", encoder=HashEncoder(), reader=WordReader()) as opened:
        yield opened


def lines(reply):
    """Return each sentence with the ids of the records it cites."""
    ids = {citation.n: citation.record_id for citation in reply.citations}
    assert not any(sentence.verbatim for sentence in reply.sentences)
    return [(sentence.text, [ids[n] for n in sentence.citations]) for sentence in reply.sentences]


def test_the_questions_of_a_member_are_listed_by_subject(assistant):
    assert lines(assistant.ask("What has Ned O'Brady MP asked about?")) == [
        ("Ned O'Brady asked 4 questions in this archive, dated between 1 May 2024 and 2 June 2024.", ["n:4", "n:1"]),
        ("“kayaks”: 2 questions, dated between 2 May 2024 and 2 June 2024.", ["n:4"]),
        ("Without a heading, to the Wales Office: 2 questions, answered between 1 May 2024 and 3 May 2024.", ["n:2"]),
    ]


def test_ten_subjects_are_named_at_most_and_the_others_counted(assistant):
    opening, *subjects_named, rest = lines(assistant.ask("what has ben oakes jarvis asked about"))
    asked = Counter(one["heading"] for one in ROWS if one["asked_by"] == "Ben Oakes-Jarvis")
    assert opening == (
        "Ben Oakes-Jarvis asked 24 questions in this archive, answered between 1 February 2024 and 24 February 2024.",
        ["b:23", "b:0"],
    )
    assert [text.split("”")[0][1:] for text, _ in subjects_named] == [f"Boats: {n}" for n in range(11, 2, -1)]
    assert subjects_named[0] == (
        "“Boats: 11”: 2 questions, answered between 12 February 2024 and 24 February 2024.", ["b:23"]
    )  # fmt: skip
    left = sum(count for heading, count in asked.items() if heading in ("Boats: 0", "Boats: 1", "Boats: 2"))
    assert rest == (f"And 3 more subjects, with {left} questions.", ["b:14"])


def test_what_the_question_names_besides_narrows_the_list(assistant):
    assert lines(assistant.ask("What has Ned O’Brady asked the Wales Office about since 2 May 2024?")) == [
        ("Ned O'Brady asked 1 question in this archive (department Wales Office and since 2024-05-02), answered on "
         "3 May 2024.", ["n:2"]),
        ("Without a heading, to the Wales Office: 1 question, answered on 3 May 2024.", ["n:2"]),
    ]  # fmt: skip


def test_a_minister_is_listed_with_the_offices_held(assistant):
    assert lines(assistant.ask("What has Oscar Smith answered?"))[0] == (
        "Oscar Smith answered 3 questions in this archive, 2 for the Wales Office, between 1 May 2024 and 3 May 2024; "
        "1 for the Ministry of Defence, on 2 May 2024.", ["n:2", "n:1"],
    )  # fmt: skip


def test_several_people_of_one_name_are_told_apart(assistant):
    assert lines(assistant.ask("what did Smith say?")) == [
        ("“Smith” may be any of 2 people, who answered 4 questions in this archive, answered between 1 May 2024 and "
         "1 July 2024.", ["c:1", "n:1"]),
        ("Clara Smith: 1 question, answered on 1 July 2024.", ["c:1"]),
        ("Oscar Smith: 3 questions, answered between 1 May 2024 and 3 May 2024.", ["n:2"]),
    ]  # fmt: skip


def test_a_peer_is_spoken_of_with_the_article(assistant):
    ((opening, _), _) = lines(assistant.ask("What did the Earl of Ambrey ask?"))
    assert opening == "The Earl of Ambrey asked 1 question in this archive, answered on 2 July 2024."


@pytest.mark.parametrize(
    ("question", "filters", "reason", "explanation"),
    [
        ("What has Ben Oaks-Jarvis asked about?", {}, "no_match",
         "Nobody in this archive is called “Ben Oaks-Jarvis”. Did you mean Ben Oakes-Jarvis?"),
        ("boats", {"asked_by": "Ben Oaks-Jarvis"}, "filtered_out",
         "Nobody in this archive is called “Ben Oaks-Jarvis”. Did you mean Ben Oakes-Jarvis?"),
        ("What did Ben Oakes-Jarvis say about boats?", {}, "filtered_out",
         "Ben Oakes-Jarvis answered no question in this archive, but asked 24."),
        ("What did Oscar Smith say about zebras?", {}, "no_match",
         "Oscar Smith answered 3 questions in this archive, 2 for the Wales Office, between 1 May 2024 and 3 May 2024; "
         "1 for the Ministry of Defence, on 2 May 2024. Nothing there seems to answer this: try other words."),
    ],
)  # fmt: skip
def test_where_there_is_no_answer_it_is_said_who_answered_what_and_when(
    assistant, question, filters, reason, explanation
):
    reply = assistant.ask(question, **filters)
    assert (reply.abstained, reply.reason, reply.explanation) == (True, reason, explanation)


def test_only_the_minister_named_is_quoted(assistant):
    reply = assistant.ask("What did Clara Smith say about rafts?")
    assert {citation.minister for citation in (*reply.citations, *reply.nearest)} == {"Clara Smith"}


def test_a_list_after_another_question_stands_alone(assistant):
    first = assistant.ask("What did Clara Smith say about rafts?")
    assert lines(assistant.ask("What has Ned O'Brady asked about?", after=first))[0][0].startswith(
        "Ned O'Brady asked 4"
    )


def test_a_saved_list_is_certified_line_by_line(assistant):
    saved = json.loads(json.dumps(assistant.ask("What has Ned O'Brady asked about?").as_dict()))
    assert verify_reply(saved, assistant.archive).ok
    saved["sentences"][1]["text"] = saved["sentences"][1]["text"].replace("2 questions", "3 questions")
    found = verify_reply(saved, assistant.archive)
    assert [sentence.ok for sentence in found.sentences] == [True, False, True]


def test_subjects_are_read_by_number(assistant):
    columns = assistant.archive.columns
    numbers = dict(zip(columns.id, columns.number.tolist(), strict=True))
    found = subjects(assistant.archive.catalogue, [numbers["n:1"], numbers["n:4"], 10**9])
    assert found == {numbers["n:1"]: Subject(None, answered=True), numbers["n:4"]: Subject("kayaks", answered=False)}


def test_a_follow_up_about_another_minister_is_not_held_to_the_first(assistant):
    first = assistant.ask("What did Clara Smith say about rafts?")
    assert assistant.ask("and what did Mia Dawes say?", after=first).understood.filters.as_dict() == {
        "minister": "Mia Dawes"
    }
