"""Slips mended and abbreviations expanded from an archive whose words are known."""

import threading

import pytest

from index import Archive, build
from rag.archive_cache import once_per_archive
from rag.query.abbreviations import abbreviations_of
from rag.query.spelling import english, mend, speller_of
from tests.conftest import HashEncoder
from tests.rag import known


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("known")
    build(known.write(folder / "records.jsonl"), folder / "archive", encoder=HashEncoder())
    with Archive.open(folder / "archive", encoder=HashEncoder()) as opened:
        yield opened


@pytest.mark.parametrize(
    "typed, mended",
    [
        ("buisness", "business"),  # letters changed places
        ("goverment", "government"),  # one left out
        ("guidence", "guidance"),  # vowels taken for one another
        ("accomodation", "accommodation"),  # a letter not doubled
        ("fruad", "fraud"),  # five letters, in a word of many records
        ("maintainance", "maintenance"),  # two slips, the same sound
        ("complience", "compliance"),
        ("assesment", "assessment"),
        ("saftey", None),  # the archive has no such word, however common it is elsewhere
    ],
)
def test_slips_are_mended_from_the_archives_words(archive, typed, mended):
    assert mend(f"the {typed} rules", archive) == (
        (f"the {mended} rules", ((typed, mended),)) if mended else (f"the {typed} rules", ())
    )


@pytest.mark.parametrize(
    "text",
    [
        "stuff",  # English, a letter from nothing here
        "hearth",  # English, a letter from "health"
        "Goverment",  # a capital may be a name
        "smyth and pennycook",  # people of the archive
        "appael2 x.appael",  # digits, dots
        "healy",  # a consonant from "health": too unlike
        "frud",  # too short
        "buisness@example.org",
        "zebrafinches",
    ],
)
def test_doubt_leaves_a_word_alone(archive, text):
    assert mend(text, archive) == (text, ())


def test_each_slip_is_mended_wherever_it_stands_and_told_once(archive):
    assert mend("buisness, buisness’s and agribuisness", archive) == (
        "business, buisness’s and agribuisness", (("buisness", "business"),)
    )  # fmt: skip


def test_a_word_of_a_few_records_is_a_slip_only_beside_one_a_hundred_times_commoner(archive):
    speller = speller_of(archive)
    assert speller.mended("guidence", 1) == "guidance"
    assert speller.mended("guidence", 2) is None  # "guidance" stands in 120 records


def test_two_words_that_fit_as_well_leave_doubt(archive):
    from rag.query.spelling import Speller

    real = speller_of(archive)
    real.near.create_dictionary_entry("stares", 150)
    real.near.create_dictionary_entry("states", 140)
    speller = Speller({"stares": 150, "states": 140}, real.near, {})
    assert speller.mended("staes", 0) is None
    assert Speller({"stares": 150, "states": 40}, real.near, {}).mended("staes", 0) == "stares"


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
