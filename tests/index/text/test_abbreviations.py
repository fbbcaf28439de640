"""Abbreviations explained in brackets, read off real answers."""

import time

import pytest

from index import Archive, build
from index.storage.lexical import LexicalIndex
from index.text.abbreviations import abbreviations
from tests.conftest import HashEncoder
from tests.rag import known


@pytest.mark.parametrize(
    "text, pairs",
    [
        ("a claim for Personal Independence Payment (PIP).", [("PIP", "personal independence payment")]),
        ("reinforced autoclaved aerated concrete (RAAC)", [("RAAC", "reinforced autoclaved aerated concrete")]),
        ("integrated care boards (ICBs) plan", [("ICB", "integrated care boards")]),
        ("the Department for Transport’s (DfT) and DfT’s", [("DfT", "department for transport")]),
        ("UK Research and Innovation (UKRI)", [("UKRI", "uk research and innovation")]),
        ("the Animal and Plant Health Agency (APHA)", [("APHA", "animal and plant health agency")]),
        ("a Memorandum of Understanding (MoU)", [("MoU", "memorandum of understanding")]),
        ("His Majesty’s Prison and Probation Service (HMPPS)",
         [("HMPPS", "his majesty's prison and probation service")]),
        ("Ministry of Housing, Communities and Local Government (MHCLG)",
         [("MHCLG", "ministry of housing, communities and local government")]),
        ("Medicines and Healthcare products Regulatory Agency (MHRA)",
         [("MHRA", "medicines and healthcare products regulatory agency")]),
        ("special educational needs and disabilities (“SEND”)",
         [("SEND", "special educational needs and disabilities")]),
        ("The cost rose. Universal Credit (UC) and carbon capture, usage and storage (CCUS)",
         [("UC", "universal credit"), ("CCUS", "carbon capture, usage and storage")]),
    ],
)  # fmt: skip
def test_short_forms_with_what_they_stand_for(text, pairs):
    assert list(abbreviations(text)) == pairs


@pytest.mark.parametrize(
    "text",
    [
        "the Member for Leeds (Con)",
        "paragraph 4 (a) and (ii)",
        "the sum (GBP) was paid",
        "he left early. (PIP)",
        "published in Table 1 (XLS)",
        "(PIP) is paid",
        "costs of travel (2024)",
        "of and the (OAT)",
    ],
)
def test_brackets_that_explain_nothing(text):
    assert list(abbreviations(text)) == []


def test_a_hostile_text_costs_no_time():
    start = time.process_time()
    assert list(abbreviations(("a " * 45 + "(BAAAAAAAAA) ") * 200)) == []
    assert time.process_time() - start < 2.0


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    build(known.write(folder / "records.jsonl"), folder / "archive", encoder=HashEncoder())
    with Archive.open(folder / "archive", encoder=HashEncoder()) as opened:
        yield opened


def test_the_archive_counts_records_by_spelling(archive):
    counts = dict(archive.spellings())
    assert (counts["compliance"], counts["assessed"], counts["boards"]) == (120, 2, 2)
    assert archive.spelling_frequency("Compliance") == 120
    assert archive.spelling_frequency("complies") == 0  # no stems here
    assert list(counts.values()) == sorted(counts.values(), reverse=True)


def test_the_archive_counts_records_by_abbreviation(archive):
    assert set(archive.abbreviations()) == {
        ("PIP", "personal independence payment", 2), ("ICB", "integrated care boards", 2),
        ("ICB", "integrated care board", 2), ("APHA", "animal and plant health agency", 2),
        ("CDC", "condition data collection", 4), ("CDC", "community diagnostic centres", 2),
    }  # fmt: skip


def test_words_of_a_record_that_is_replaced_are_forgotten(tmp_path):
    first, second = list(known.known_records())[120:122]
    words = LexicalIndex.build(tmp_path, "s1", [(1, first)])
    assert words.abbreviations() == [("PIP", "personal independence payment", 1)]
    words = LexicalIndex.build(tmp_path, "s2", [(1, second)])
    assert [short for short, _, _ in words.abbreviations()] == ["APHA", "ICB"]
    assert words.spelling_frequency("personal") == 0
