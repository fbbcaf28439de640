"""Passages of answers, made up so that their parts are known, and real."""

import json
import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Passage
from index.text.passages import cut, embedded_text
from index.text.sentences import sentence_spans

LONG = Path(__file__).parents[2] / "data" / "long-answers.jsonl"

SENTENCES = [
    "I refer my hon. Friend to No. 10.",
    "It cost £1.2 million, i.e. 3.5 per cent. of the total.",
    "The Rt Hon. Member met Mr. J. R. Smith of Widgets Ltd. on 1 Jan. 2009.",
    "We will publish the 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 figures 😀 in due course.",
    "Yes, it has been.",
    "The measures include a great number of things, among them guidance, training, money, advice, inspection, "
    "reporting, research, and a review that will be published in the spring.",
]
RULERS = {
    "words": lambda text: len(text.split()),
    "words and special": lambda text: len(re.findall(r"\w+|[^\w\s]", text)) + 2,
    "characters": len,
    "bytes": lambda text: len(text.encode()) + 2,
}


def words(text):
    return len(text.split())


@st.composite
def answers(draw):
    """Draw a text with the ranges in it that are never broken."""
    text, units = "", []

    def add(piece):
        nonlocal text
        units.append((len(text), len(text) + len(piece)))
        text += piece

    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["paragraph", "list", "table", "intro"]))
        gap = "\n\n" if kind == "table" else draw(st.sampled_from(["\n", "\n\n"]))
        text += gap if text else ""
        if kind == "table":
            width = draw(st.integers(1, 3))
            header = f"| {' | '.join(['Year', 'Number', 'Cost'][:width])} |"
            add(f"{header}\n|{' --- |' * width}")
            rows = draw(st.lists(st.lists(st.sampled_from(["2020", "£1.2 m", "", "a b c"]), min_size=width,
                                           max_size=width), min_size=1, max_size=9))  # fmt: skip
            for row in rows:
                text += "\n"
                add(f"| {' | '.join(row)} |")
        elif kind == "list":
            for n, item in enumerate(draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6))):
                text += "\n" if n else ""
                add(f"- {item}")
        elif kind == "intro":
            add("The table below shows the numbers:")
        else:
            for n, sentence in enumerate(draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=8))):
                text += " " if n else ""
                add(sentence)
    return text, units


def check(text, passages, units, tokens, limit):
    """Assert what holds of the passages of every answer."""
    position = 0
    for passage in passages:
        piece = text[passage.start : passage.end]
        assert piece and piece == piece.strip()
        assert not text[position : passage.start].strip(), "every character is in a passage"
        position = passage.end
        parts = [unit for unit in units if unit[0] < passage.end and passage.start < unit[1]]
        if tokens(embedded_text(text, passage)) > limit:
            assert len(parts) == 1 and not passage.lead, "only what cannot be broken is above the limit"
    assert not text[position:].strip()
    for start, end in units:
        if tokens(text[start:end]) <= 4 * limit:
            assert sum(p.start <= start and end <= p.end for p in passages) == 1, text[start:end]


@settings(max_examples=400, deadline=None)
@given(answers(), st.sampled_from(sorted(RULERS)), st.integers(12, 120))
def test_passages_keep_within_the_limit_and_break_nothing(answer, ruler, limit):
    text, units = answer
    tokens = RULERS[ruler]
    passages = cut(text, tokens=tokens, limit=limit)
    check(text, passages, units, tokens, limit)
    if tokens(text) <= limit:
        assert passages == [Passage(0, len(text))]
    assert cut(text, tokens=tokens, limit=limit) == passages


@settings(deadline=None)
@given(answers(), st.integers(12, 60))
def test_a_passage_that_is_cut_again_stays_whole(answer, limit):
    text, _ = answer
    for passage in cut(text, tokens=words, limit=limit):
        piece = text[passage.start : passage.end]
        if words(piece) <= limit:
            assert cut(piece, tokens=words, limit=limit) == [Passage(0, len(piece))]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="aB1 .?!\n\t|-:“”£。é日😀\u200b\u00a0\u0301\ud800", max_size=200), st.integers(-1, 9))
def test_any_text_is_covered(text, limit):
    passages = cut(text, tokens=len, limit=limit)
    assert "".join(text.split()) == "".join("".join(text[p.start : p.end].split()) for p in passages)
    assert all(text[p.start : p.end] == text[p.start : p.end].strip() != "" for p in passages)
    assert all(before.end <= after.start for before, after in pairwise(passages))


def price(sizes, borders, target, limit):
    """The documented price of paragraphs of these sizes when cut at these borders."""
    pieces = [sum(sizes[a:b]) for a, b in pairwise([0, *borders, len(sizes)])]
    return len(pieces) + sum(((piece - target) / limit) ** 2 for piece in pieces), max(pieces)


@settings(deadline=None)
@given(st.lists(st.integers(1, 20), min_size=2, max_size=9))
def test_paragraphs_are_shared_out_as_well_as_any_cut_could(sizes):
    limit = 20
    text = "\n\n".join(" ".join(["Yes"] * (size - 1) + ["indeed."]) for size in sizes)
    passages = cut(text, tokens=words, limit=limit)
    if len(passages) == 1:
        assert sum(sizes) <= limit
        return
    ways = [c for n in range(len(sizes)) for c in combinations(range(1, len(sizes)), n)]
    fewest = min(len(way) + 1 for way in ways if price(sizes, way, 0, limit)[1] <= limit)
    target = sum(sizes) / fewest
    best = min(cost for cost, largest in (price(sizes, way, target, limit) for way in ways) if largest <= limit)
    starts = [text.count("\n\n", 0, passage.start) for passage in passages]
    assert price(sizes, starts[1:], target, limit)[0] == pytest.approx(best)


def test_no_tiny_last_passage():
    text = " ".join(["This sentence has just six words."] * 17)
    sizes = [words(text[p.start : p.end]) for p in cut(text, tokens=words, limit=96)]
    assert sizes == [54, 48] or sizes == [48, 54]


def test_paragraphs_are_preferred_to_sentences_and_what_introduces_stays_with_what_follows():
    paragraph = " ".join(["This sentence has just six words."] * 3)
    text = f"{paragraph} {paragraph}\n\n{paragraph}\n\nThe points are as follows:\n\n- {paragraph}\n- {paragraph}"
    pieces = [text[p.start : p.end] for p in cut(text, tokens=words, limit=60)]
    assert pieces == [f"{paragraph} {paragraph}\n\n{paragraph}", text[text.index("The points") :]]


TABLE = "The numbers are as follows:\n\n| Year | No. |\n| --- | --- |\n" + "\n".join(
    f"| {year} | {year - 1900} |" for year in range(2000, 2030)
)


def test_a_table_is_cut_between_rows_and_its_header_leads_every_later_passage():
    text = f"I thank the hon. Member for this.\n\n{TABLE}\n\nSource: the Department."
    passages = cut(text, tokens=words, limit=40)
    assert len(passages) > 2
    assert passages[0].lead == "" and "| Year | No. |\n| --- | --- |\n| 2000 |" in text[: passages[0].end]
    for passage in passages[1:]:
        assert passage.lead == "The numbers are as follows:\n| Year | No. |"
        assert text[passage.start : passage.end].startswith("| 20")
        assert "Year" not in text[passage.start : passage.end]
        assert words(embedded_text(text, passage)) <= 40
        assert embedded_text(text, passage).startswith("The numbers are as follows:\nYear, No.\n20")


def test_a_lead_without_room_is_left_out():
    header = "| " + " ".join(["Year"] * 30) + " | No. |"
    text = f"{header}\n| --- | --- |\n" + "\n".join(f"| {year} | 1 |" for year in range(2000, 2060))
    passages = cut(text, tokens=words, limit=40)
    assert len(passages) > 2 and all(passage.lead == "" for passage in passages)


def test_a_blank_header_row_is_not_the_lead():
    text = "|  |  |\n| --- | --- |\n| Year | No. |\n" + "\n".join(f"| {year} | 1 |" for year in range(2000, 2030))
    leads = {passage.lead for passage in cut(text, tokens=words, limit=20)[1:]}
    assert leads == {"| Year | No. |"}


def test_what_is_embedded_has_no_pipes_and_no_rules():
    text = "See:\n\n| Year |  | No. |\n| --- | :-: | --- |\n| 2020 | | 5 |\n\nA | B is kept."
    assert embedded_text(text, Passage(0, len(text))) == "See:\n\nYear, No.\n2020, 5\n\nA | B is kept."
    assert embedded_text("plain", Passage(0, 5)) == "plain"


def test_a_long_sentence_stays_whole_and_a_monstrous_one_is_cut_at_white_space():
    sentence = "This one has " + "very " * 60 + "many words."
    assert cut(sentence, tokens=words, limit=20) == [Passage(0, len(sentence))]
    monster = "word " * 5000
    passages = cut(monster, tokens=words, limit=20)
    assert all(set(monster[p.start : p.end].split()) == {"word"} for p in passages)
    assert all(words(monster[p.start : p.end]) <= 20 for p in passages) and len(passages) < 400


@pytest.mark.parametrize(
    "text", ["word " * 60_000, "字" * 100_000, "This is it. " * 15_000, "| a | b |\n" * 10_000], ids=lambda t: t[:11]
)
def test_work_grows_with_the_text_and_not_faster(text):
    read = 0

    def tokens(part):
        nonlocal read
        read += len(part)
        return len(re.findall(r"[a-z]+|[^a-z\s]", part)) + 2

    passages = cut(text, tokens=tokens, limit=200)
    assert "".join(text.split()) == "".join("".join(text[p.start : p.end].split()) for p in passages)
    assert read < 10 * len(text)


@pytest.mark.parametrize("text", ["", " ", "\n\t\n"])
def test_blank_text_has_no_passages(text):
    assert cut(text, tokens=len, limit=10) == []


def test_an_answer_that_fits_is_one_trimmed_passage_and_measured_once():
    calls = []
    text = "  Yes. No.\n\n| a | b |\n"

    def tokens(part):
        calls.append(part)
        return words(part)

    assert cut(text, tokens=tokens, limit=7) == [Passage(2, len(text) - 1)]
    assert len([part for part in calls if part]) == 1


REAL = [json.loads(line) for line in LONG.read_text(encoding="utf-8").splitlines()]
# What no passage of a real answer may end with, and how none may go on.
BROKEN = re.compile(r"(?i:\b(?:hon|rt|mr|mrs|dr|no|nos|col|e\.g|i\.e))\.$|\d[.,]$(?=\d)")


@pytest.mark.parametrize("limit", [64, 216])
@pytest.mark.parametrize("record", REAL, ids=lambda record: record["id"][-24:])
def test_real_answers(record, limit):
    text, tokens = record["text"], RULERS["words and special"]
    passages = cut(text, tokens=tokens, limit=limit)
    # A header and the rule below it are one unit.
    units = [span for span in sentence_spans(text) if not re.fullmatch(r"[|\s-]+", text[slice(*span)])]
    check(text, passages, units, tokens, limit)
    assert len(passages) > 1
    for before, after in pairwise(passages):
        assert not BROKEN.search(text[before.start : before.end])
        gap = text[before.end : after.start]
        if "\n" not in gap:
            assert re.search(r"[.?!…][”’\"')\]\d]*$", text[: before.end])
