"""People named in questions, by hand, over an archive of known names."""

import pytest

from index import Archive, build
from rag.query.entities.people import people_of
from tests.archives import jsonl, row
from tests.conftest import HashEncoder

NAMES = (  # who asked, who answered
    ("Siân Barry-Jones", "Lord Mallory-Brook"), ("Ned O'Brady", "Mia Dawes"), ("Priya Kaur Gray", "Dr Daniel Moor"),
    ("The Lord Bishop of Wexham", "Oscar Smith"), ("The Marquess of Wexham", "Clara Smith"), ("Will Stone", "Dan Moor"),
    ("Sir Edmund Lorne", "Lord Hart of Kings Holt"), ("Matt Bishop", "The Prime Minister"),
    ("Grahame M. Lacey", None), ("Ann Other; Bob Neill", None), ("Grahame Lacey", None),
)  # fmt: skip


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    rows = [row(f"x:{n}", asked_by=asker, answered_by=minister) for n, (asker, minister) in enumerate(NAMES)]
    build(jsonl(folder / "records.jsonl", *rows), folder / "archive", encoder=HashEncoder())
    with Archive.open(folder / "archive", encoder=HashEncoder()) as archive:
        yield people_of(archive)


@pytest.mark.parametrize(
    ("text", "phrase", "names"),
    [
        ("What has Siân Barry-Jones MP asked about?", "Siân Barry-Jones MP", {"Siân Barry-Jones"}),
        ("what has sian barry jones asked about", "sian barry jones", {"Siân Barry-Jones"}),
        ("Ned O Brady on boats", "Ned O Brady", {"Ned O'Brady"}),
        ("Ned O’Brady’s questions", "Ned O’Brady", {"Ned O'Brady"}),
        ("questions from O'Brady", "O'Brady", {"Ned O'Brady"}),
        ("the Rt Hon Sir Edmund Lorne KC MP's view", "Rt Hon Sir Edmund Lorne KC MP", {"Sir Edmund Lorne"}),
        ("did Sir Edmund ask", "Sir Edmund", {"Sir Edmund Lorne"}),
        ("the Bishop of Wexham asked", "Bishop of Wexham", {"Lord Bishop of Wexham"}),
        ("the Marquess of Wexham asked", "Marquess of Wexham", {"Marquess of Wexham"}),
        ("did Matt Bishop ask", "Matt Bishop", {"Matt Bishop"}),
        ("what did Smith say", "Smith", {"Oscar Smith", "Clara Smith"}),
        ("Mr Smith's answer", "Mr Smith", {"Oscar Smith", "Clara Smith"}),
        ("what did Lord Hart of King's Holt say", "Lord Hart of King's Holt", {"Lord Hart of Kings Holt"}),
        ("what did Lord Mallory Brook say", "Lord Mallory Brook", {"Lord Mallory-Brook"}),
        ("Daniel Moor on peat", "Daniel Moor", {"Daniel Moor"}),
        ("Bob Neill’s questions", "Bob Neill", {"Bob Neill"}),
        ("Priya Gray on canoes", "Priya Gray", {"Priya Kaur Gray"}),
        ("P Gray on canoes", "P Gray", {"Priya Kaur Gray"}),
    ],
)
def test_a_name_is_found_with_its_title_and_letters(people, text, phrase, names):
    (mention,) = people.find(text)
    assert (text[mention.start : mention.end], {one.name for one in mention.people}) == (phrase, names)


@pytest.mark.parametrize(
    "text",
    ["A Smith of iron", "Bishop Auckland hospital", "the prime minister's flights", "moor fires", "Stone, Will",
     "smith said", "Brook farms", "Jones and Barry", "the Bishop of Leeds asked", "Lord Brook said", ""],
)  # fmt: skip
def test_other_words_are_nobody(people, text):
    assert people.find(text) == []


def test_a_name_like_ordinary_words_is_doubtful_in_small_letters(people):
    assert [one.doubtful for text in ("will stone walls", "Will Stone asked") for one in people.find(text)] == [
        True,
        False,
    ]


def test_spellings_of_one_name_are_one_person(people):
    (moor,), (lacey,) = (people.find(text)[0].people for text in ("Dan Moor", "Grahame Lacey"))
    assert (moor.names, moor.answers, moor.questions) == ({"Dr Daniel Moor", "Dan Moor"}, 2, 0)
    assert (lacey.names, lacey.answers, lacey.questions) == ({"Grahame M. Lacey", "Grahame Lacey"}, 0, 2)


def test_who_is_meant_among_some_records(people):
    assert [one.name for one in people.called("Smith", {"Oscar Smith", "Ned O'Brady"})] == ["Oscar Smith"]
    assert people.near("Ned O'Bradey", least=0.8) == ("Ned O'Brady",)
