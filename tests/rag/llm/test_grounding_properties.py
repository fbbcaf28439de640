"""Whatever is written, the gate gives a verdict, and what it keeps stands in the cited passages."""

import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Status
from rag.citations import cite
from rag.llm.grounding import Strike
from tests.rag.llm.given import CITATIONS, FUEL, KEPT, gate, gated

SIGNS = """
[1] [2] 【3】 [9] . “ ” " ' ’s £ % - – 1 1.2 million seven 2023 February The NCA Lord of Ignore cyber crime not http://a.b
<b> ** > # | <think> </think> \u200b ٣ ½ Ⅻ 🙂 th -5 1,200,000
"""
PIECES = st.lists(st.sampled_from([*SIGNS.split(), " ", "\n", "\ud800", "26 September"]), max_size=40)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=200), PIECES.map(" ".join), PIECES.map("".join)))
def test_any_text_is_judged_without_an_error_and_struck_sentences_have_reasons(text):
    for sentence in gate(text):
        assert sentence.kept == (sentence.reason is None)
        assert sentence.text == sentence.text.strip() != ""
        if sentence.kept:
            assert sentence.citations
            assert set(sentence.citations) <= {1, 2, 3, 4}
            assert sentence.text.encode("utf-8")


def spellings(n):
    """Return ways to write a number of pounds, made without the code under test."""
    ways = [f"£{n}", f"£{n:,}", f"{n} pounds", f"£{n}.00", f"£ {n}"]
    if n % 1_000_000 == 0:
        ways += [
            f"£{n // 1_000_000}m",
            f"£{n // 1_000_000} million",
            f"£{n // 1_000_000}mn",
            f"£{n // 1000:,} thousand",
        ]
    elif n % 100_000 == 0:
        ways += [f"£{n // 100_000 / 10}m", f"£{n // 100_000 / 10} million", f"£{n // 1000}k"]
    return ways


AMOUNTS = st.one_of(
    st.integers(1, 999), st.integers(1, 99).map(lambda n: 1_000_000 * n), st.integers(1, 99).map(lambda n: 100_000 * n)
)


@settings(max_examples=100, deadline=None)
@given(st.data(), st.lists(AMOUNTS, min_size=1, max_size=3, unique=True), AMOUNTS)
def test_a_sentence_is_kept_exactly_when_its_amount_stands_in_the_passage(data, spent, claimed):
    written = [data.draw(st.sampled_from(spellings(n))) for n in spent]
    answer = "".join(f"The grant to councils for repairs was {amount}. " for amount in written)
    record = replace(FUEL, answer=answer)
    citation = cite(1, record, Status.CURRENT, 0, len(answer))
    said = f"The grant to councils for repairs was {data.draw(st.sampled_from(spellings(claimed)))} [1]."
    (sentence,) = gated(said, [citation], {record.id: record})
    assert sentence.kept == (claimed in spent)
    assert sentence.reason is (None if claimed in spent else Strike.FIGURE)


WORDS = [word for text in KEPT for word in text.split()]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*WORDS, "999", "£3bn", "1987", "Interpol"]), max_size=25))
def test_digits_of_kept_sentences_stand_in_the_cited_passages(words):
    for sentence in gate(" ".join(words) + "."):
        if sentence.kept:
            cited = " ".join(f"{CITATIONS[n - 1].quote} 2023-09-26 1200000 1500 million" for n in sentence.citations)
            # The second year of a financial year may be written out.
            written = re.sub(r"\b(20\d\d[/-])20(\d\d)\b", r"\1\2", sentence.text)
            for digits in re.findall(r"\d+", written):
                assert digits in cited or digits in ("1", "2", "7", "200", "000", "500")
