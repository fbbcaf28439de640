"""Whose list a question asks for, and names that nobody has, over an archive whose people are known."""

import pytest

from index.storage.filters import make_filters
from rag.query.understand import understand
from tests.rag import known


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    with known.opened(tmp_path_factory.mktemp("known")) as opened:
        yield opened


SHANNON = {"asked_by": "Jim Shannon"}
SMYTH = {"minister": "Karin Smyth"}


@pytest.mark.parametrize(
    ("text", "lists", "filters"),
    [
        ("What has Jim Shannon asked about?", "asked_by", SHANNON),
        ("what has jim shannon MP been asking about", "asked_by", SHANNON),
        ("What does Jim Shannon ask ministers about?", "asked_by", SHANNON),
        ("What subjects has Jim Shannon raised?", "asked_by", SHANNON),
        ("How many questions has Jim Shannon tabled?", "asked_by", SHANNON),
        ("List all questions asked by Jim Shannon", "asked_by", SHANNON),
        ("Jim Shannon's written questions", "asked_by", SHANNON),
        ("Show me everything Shannon has asked", "asked_by", SHANNON),
        ("What has Jim Shannon asked the Ministry of Defence?", "asked_by",
         SHANNON | {"department": "Ministry of Defence"}),
        ("What did Jim Shannon ask about in 2023?", "asked_by",
         SHANNON | {"since": "2023-01-01", "until": "2023-12-31"}),
        ("What has Jim Shannon asked about since 2024?", "asked_by", SHANNON | {"since": "2024-01-01"}),
        ("What has Karin Smyth answered?", "minister", SMYTH),
        ("what did Karin Smyth say?", "minister", SMYTH),
        ("What has Jim Shannon asked about drones?", None, SHANNON),
        ("What did Karin Smyth say about maternity care?", None, SMYTH),
        ("How many drones were asked about?", None, {}),
        ("What has the Ministry of Defence said about drones?", None, {}),
    ],
)  # fmt: skip
def test_a_question_of_nothing_but_a_person_asks_for_the_list(archive, text, lists, filters):
    understood = understand(text, archive)
    assert (understood.lists, understood.filters.as_dict(), understood.unknown) == (lists, filters, ())


def test_filters_given_with_a_list_stay(archive):
    given = make_filters(house="commons", since="2020-01-01")
    understood = understand("What has Jim Shannon asked about in 2023?", archive, filters=given)
    assert understood.filters.as_dict() == {"house": "Commons", "since": "2020-01-01"} | SHANNON


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("What has Jim Shanon asked about?", ("Nobody in this archive is called “Jim Shanon”. Did you mean Jim Shannon?",)),
        ("what has karin smithe said",
         ("Nobody in this archive is called “karin smithe”. Did you mean Karin Smyth?",)),
        ("what did karen smyth say about maternity care",
         ("Nobody in this archive is called “karen smyth”. Did you mean Karin Smyth?",)),
        ("What did Lord Hunt of Leeds say about wind?",
         ("Nobody in this archive is called “Lord Hunt of Leeds”. Did you mean Lord Hunt of Chesterton or "
          "Lord Hunt of Kings Heath?",)),
        ("What has Zebedee Quux asked about?", ("Nobody in this archive is called “Zebedee Quux”.",)),
        ("questions by Bishop of Erewhon", ("Nobody in this archive is called “Bishop of Erewhon”.",)),
        ("What did Jim Shannon say about drones?",
         ("Jim Shannon answered no question in this archive, but asked 2.",)),
        ("What has Karin Smyth asked about?", ("Karin Smyth asked no question in this archive, but answered 1.",)),
        ("What did Ofcom say about calls?", ()),
        ("What did the Bank of England say about rates?", ()),
        ("What has been said about drones?", ()),
        ("Has the government asked for drones?", ()),
    ],
)  # fmt: skip
def test_a_name_that_nobody_has_is_reported_with_those_like_it(archive, text, told):
    assert understand(text, archive).unknown == told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"minister": "Karin Smith"}, ("Nobody in this archive is called “Karin Smith”. Did you mean Karin Smyth?",)),
        ({"asked_by": "Karin Smyth MP"},
         ("Karin Smyth MP asked no question in this archive, but answered 1.",)),
        ({"minister": "smyth", "asked_by": "MORGAN, Helen"}, ()),
    ],
)  # fmt: skip
def test_filters_are_looked_up_alike(archive, given, told):
    assert understand("drones", archive, filters=make_filters(**given)).unknown == told


def test_a_search_prefers_the_person_whom_the_words_name_and_a_list_holds_to_them(archive):
    understood = understand(
        "what did Karin Smyth say about maternity care", archive, filters=make_filters(house="commons")
    )
    assert understood.from_words == {"minister"}
    softened = understood.softened()
    assert (softened.filters.as_dict(), softened.from_words) == ({"house": "Commons"}, frozenset())
    assert [(one.kind, one.value) for one in softened.preferences] == [("minister", "Karin Smyth")]
    listing = understand("what has Jim Shannon asked about?", archive)
    assert listing.softened() == listing
