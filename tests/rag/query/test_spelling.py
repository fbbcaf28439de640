"""Slips mended and abbreviations expanded from an archive whose words are known."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.archive_cache import once_per_archive
from rag.query.abbreviations import abbreviations_of
from rag.query.spelling import Mended, english, mend, printed
from tests.rag import known


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    with known.opened(tmp_path_factory.mktemp("known")) as opened:
        yield opened


@pytest.mark.parametrize(
    "typed, meant",
    [
        ("buisness", "business"),  # letters changed places
        ("goverment", "government"),  # one left out
        ("Goverment", "Government"),  # at the beginning
        ("guidence", "guidance"),  # vowels taken for one another
        ("accomodation", "accommodation"),  # a letter not doubled
        ("fruad", "fraud"),
        ("complience", "compliance"),
        ("assesment", "assessment"),
        ("safegaurding", "safeguarding"),
        ("main tenance", "maintenance"),  # a space too many
    ],
)
def test_slips_are_mended_from_the_archives_words(archive, typed, meant):
    assert mend(f"{typed} rules", archive) == Mended(f"{meant} rules", ((typed, meant),))


@pytest.mark.parametrize(
    "text",
    [
        "saftey",  # the archive has no such word, however common it is elsewhere
        "stuff",  # English, a letter from nothing here
        "hearth",  # English, a letter from "health"
        "smyth and pennycook",  # people of the archive
        "appael2 x.appael",  # digits, dots
        "fru",  # too short
        "buisness@example.org",
        "zebrafinches",
        "levetiracetam and Machynlleth",
        "GOVRNMENT cuts",  # capitals may be an abbreviation
    ],
)
def test_doubt_leaves_a_word_alone(archive, text):
    assert mend(text, archive) == Mended(text)


def test_each_slip_is_mended_wherever_it_stands_and_told_once(archive):
    assert mend("buisness, buisness’s and agribuisness", archive).pairs == (("buisness", "business"),)


def test_a_name_that_is_nearly_a_persons_is_asked_about_and_left(archive):
    assert mend("letters of Karin Smythe on tolls", archive) == Mended(
        "letters of Karin Smythe on tolls", asked=(("Karin Smythe", "Karin Smyth"),)
    )


def test_a_right_word_costs_no_look_at_the_archives_words(archive, monkeypatch):
    monkeypatch.setattr("rag.query.spelling.speller_of", None)
    assert mend("guidance on appeal", archive) == Mended("guidance on appeal")


@given(st.text(max_size=60))
def test_what_is_mended_is_what_was_typed_but_for_the_pairs(archive, text):
    done = mend(text, archive)
    assert (done.text == text) == (not done.pairs)
    assert all(typed in text and better in done.text for typed, better in done.pairs)


@pytest.mark.parametrize(
    "text, expansions",
    [
        ("PIP waiting times", ("personal independence payment",)),
        ("pip waiting times", ("personal independence payment",)),
        ("PIPs", ("personal independence payment",)),
        ("personal independence payments", ("PIP",)),
        ("Personal Independence Payment (PIP)", ()),  # both are there
        ("ICBs and APHA", ("integrated care board", "animal and plant health agency")),
        ("the integrated care board", ("ICB",)),
        ("CDC surveys of school buildings", ("condition data collection",)),
        ("CDC diagnostic scans", ("community diagnostic centres",)),  # the long form that shares a word
        ("pips of apples", ()),
        ("nothing here", ()),
    ],
)
def test_abbreviations_are_expanded_both_ways(archive, text, expansions):
    assert abbreviations_of(archive).expansions(text) == expansions


def test_a_short_form_that_is_a_word_counts_only_in_capitals(archive, monkeypatch):
    found = abbreviations_of(archive)
    assert "send" in english()
    send = type(found)({"SEND": ["special educational needs and disabilities"]}, {}, frozenset(), 5)
    assert send.expansions("SEND places") == ("special educational needs and disabilities",)
    assert send.expansions("send places") == ()
    assert send.expansions("SEND PLACES") == ()


def test_what_is_worked_out_for_an_archive_is_worked_out_once_by_all_threads(archive):
    calls = []

    @once_per_archive
    def slow(opened):
        calls.append(opened)
        return object()

    found = []
    threads = [threading.Thread(target=lambda: found.append(slow(archive))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1 and len(set(map(id, found))) == 1


def test_how_often_a_word_is_printed_is_found_without_parsing_the_list():
    words = [*list(english())[::997], "the", "covid", "zzxq", "th", "", "the 23135851162"]
    assert [printed(word) for word in words] == [english().get(word, 0) for word in words]
