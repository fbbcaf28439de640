"""Phrases that are to be taken as plain words: what is then understood of a question."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.query.ignored import key, phrases_of
from rag.query.understand import understand
from tests.rag import known

SMYTH = "what did Karin Smyth say in August 2024 about the guidence on PIP"


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    with known.opened(tmp_path_factory.mktemp("known")) as opened:
        yield opened


def said(understood):
    return {(p.kind, p.value) for p in understood.preferences}


PERSON, TIME = ("minister", "Karin Smyth"), ("dates", "2024-08-01/2024-08-31")
ABOUT = ("dates", "2024-08-01/2024-11-29")
LONG = ("personal independence payment",)
MENDED = (("guidence", "guidance"),)


@pytest.mark.parametrize(
    ("ignore", "preferences", "filters", "mended", "expansions"),
    [
        ([], {PERSON, TIME}, {"minister": "Karin Smyth"}, MENDED, LONG),
        (["in August 2024"], {PERSON}, {"minister": "Karin Smyth"}, MENDED, LONG),
        (["AUGUST  2024"], {PERSON}, {"minister": "Karin Smyth"}, MENDED, LONG),
        (["Karin Smyth"], {ABOUT}, {}, MENDED, LONG),  # what nobody is said to have said is asked about a time
        (["guidence"], {PERSON, TIME}, {"minister": "Karin Smyth"}, (), LONG),
        (["PIP"], {PERSON, TIME}, {"minister": "Karin Smyth"}, MENDED, ()),
        (["personal independence payment"], {PERSON, TIME}, {"minister": "Karin Smyth"}, MENDED, ()),
        (["Karin Smyth", "in August 2024", "guidence", "pip"], set(), {}, (), ()),
        (["August", "Smyth", "about"], {PERSON, TIME}, {"minister": "Karin Smyth"}, MENDED, LONG),
    ],
)
def test_a_reading_is_dropped_and_the_others_stay(archive, ignore, preferences, filters, mended, expansions):
    understood = understand(SMYTH, archive, ignore=ignore)
    assert said(understood) == preferences
    assert understood.filters.as_dict() == filters
    assert (understood.mended, understood.expansions, understood.unknown) == (mended, expansions, ())


@pytest.mark.parametrize(
    ("text", "ignore", "query"),
    [
        ("defra january 2026 PFAS plan", ["defra", "january 2026"], "defra january 2026 PFAS plan"),
        ("what did the Home Office say about hotels in March 2025", ["home office"],
         "what did the Home Office say about hotels in March 2025"),
        ("what was said in the Lords about hotels", ["in the Lords"], "what was said in the Lords about hotels"),
    ],
)  # fmt: skip
def test_what_is_ignored_is_searched_for_as_words(archive, text, ignore, query):
    understood = understand(text, archive, ignore=ignore)
    assert understood.query == query
    assert understood.filters.as_dict() == {}
    assert not {"department", "house"} & {p.kind for p in understood.preferences}
    assert understood.ignore == set(ignore)


def test_a_house_said_beyond_doubt_is_a_filter_with_its_words(archive):
    understood = understand("what did the Lords say about hotels", archive)
    assert understood.filters.as_dict() == {"house": "Lords"}
    assert understood.phrases == (("house", "the Lords"),)
    again = understand(understood.text, archive, ignore=[phrase for _, phrase in understood.phrases])
    assert (again.filters.as_dict(), again.phrases) == ({}, ())


def test_a_list_of_one_person_is_none_without_them(archive):
    understood = understand("What has Jim Shannon asked the MoD?", archive)
    assert understood.lists == "asked_by"
    assert dict(understood.phrases) == {"asked_by": "Jim Shannon", "department": "MoD"}
    free = understand("What has Jim Shannon asked the MoD?", archive, ignore=["Jim Shannon"])
    assert (free.lists, free.unknown, "asked_by" in free.filters.as_dict()) == (None, (), False)


def test_a_name_that_nobody_has_can_be_plain_words(archive):
    text = "what did Ms Plinge say about tolls"
    assert understand(text, archive).unknown
    assert understand(text, archive, ignore=["Ms Plinge"]).unknown == ()


def test_the_addressee_of_a_pasted_question_can_be_plain_words(archive):
    text = "To ask His Majesty’s Government what steps they are taking to counter ransomware."
    (lords,) = understand(text, archive).preferences
    assert (lords.kind, lords.value) == ("house", "Lords")
    assert understand(text, archive, ignore=[lords.phrase]).preferences == ()


def test_what_was_ignored_is_shown(archive):
    shown = understand("PIP in 2024", archive, ignore=["PIP", "", "  ", "in  2024", "x" * 999]).as_dict()
    assert shown["ignore"] == ["PIP", "in 2024", "x" * 200]


def test_one_phrase_may_be_given_as_a_text():
    assert phrases_of("PIP") == {"PIP"}


@pytest.mark.parametrize(
    ("one", "other"), [("in the Lords", "lords"), ("MoD’s", "mod's"), (" in  May 2024", "May 2024"), ("in", "in")]
)
def test_phrases_are_compared_without_what_leads_them(one, other):
    assert key(one) == key(other)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=40), max_size=5), st.text(max_size=60))
def test_any_text_can_be_ignored(archive, ignore, text):
    understood = understand(text, archive, ignore=ignore)
    assert understood.ignore == phrases_of(ignore)
    assert understand(text, archive, ignore=understood.ignore) == understood


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(SMYTH.split()), min_size=1, max_size=6).map(" ".join))
def test_no_phrase_that_is_ignored_is_read_as_anything(archive, text):
    read = understand(text, archive)
    phrases = [p.phrase for p in read.preferences] + [typed for typed, _ in read.mended] + [*read.expansions]
    again = understand(text, archive, ignore=phrases)
    left = {key(p.phrase) for p in again.preferences} | {key(typed) for typed, _ in again.mended}
    assert left.isdisjoint(map(key, phrases))
    assert set(again.expansions).isdisjoint(read.expansions)
