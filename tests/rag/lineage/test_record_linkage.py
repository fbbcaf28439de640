"""Likelihoods against values worked out by hand from the published weights."""

import math

import pytest

from index.records import House, WrittenAnswer
from rag.lineage.cross_references import Part, Reference, ReferenceKind
from rag.lineage.record_linkage import Candidate, coverage, probability

ASKED = (
    "To ask the Secretary of State for Justice, pursuant to the Answer to Question 12345, why ferries and tunnels leak."
)


class Frequencies:
    """An archive of 99 records that tells in how many of them a word occurs."""

    held = {"ferries": 9, "tunnels": 0, "leak": 49}  # noqa: RUF012

    def __len__(self):
        return 99

    def document_frequency(self, word):
        return self.held.get(word, 98)


def record(question, answer="", **facts):
    return WrittenAnswer(**({"id": "x", "house": House.COMMONS, "question": question, "answer": answer} | facts))


CITING = record(ASKED, addressed_to="Secretary of State for Justice")
NAMED = Reference(
    kind=ReferenceKind.PURSUANT, part=Part.QUESTION, house=House.COMMONS, uin="12345",
    start=ASKED.index("Question"), end=ASKED.index(", why"),
)  # fmt: skip
WEIGHTS = {"ferries": 1 - math.log(10) / math.log(100), "tunnels": 1.0, "leak": 1 - math.log(50) / math.log(100)}


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (record("Which TUNNELS are safe?"), ["tunnels"]),
        (record("Any?", "The ferry-like ferries leaked."), ["ferries", "leak"]),
        (record("Any?", heading="Tunnels and leaks"), ["tunnels", "leak"]),
        (record("To ask the Secretary of State for Justice, nothing."), []),
        (record(ASKED), ["ferries", "tunnels", "leak"]),
    ],
)
def test_coverage_is_the_share_of_rare_words(other, shared):
    expected = sum(WEIGHTS[word] for word in shared) / sum(WEIGHTS.values())
    assert coverage(NAMED, CITING, other, Frequencies()) == pytest.approx(expected)


def candidate(strength, answer):
    return Candidate(record("", answer), strength)


def test_a_rival_lowers_and_a_twin_does_not_lower_the_likelihood():
    best, twin, rival = candidate(2.0, "yes"), candidate(1.5, "yes"), candidate(1.0, "no")
    alone = 1 / (1 + math.exp(-(0.79 * 2.0 + 0.26 * 6.0 - 1.10)))
    beside = 1 / (1 + math.exp(-(0.79 * 2.0 + 0.26 * 1.0 - 1.10)))
    assert probability(best, [best, twin]) == pytest.approx(alone)
    assert probability(best, [best, twin, rival]) == pytest.approx(beside)
    assert probability(rival, [best, twin, rival]) < probability(twin, [best, twin, rival]) < beside
