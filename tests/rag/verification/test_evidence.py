"""What a line of ours may give: the words and names of its record, those with figures in them too."""

from __future__ import annotations

from datetime import date

import pytest

from index.records import House, Member, WrittenAnswer
from rag.verification.evidence import RecordEvidence, stray, unsaid

QUESTION = "what estimate he has made of the jobs at the {name} site near Washwood Heath"


def evidence(name: str) -> RecordEvidence:
    return RecordEvidence(
        WrittenAnswer(
            id="api:1",
            house=House.COMMONS,
            question=f"To ask the Secretary of State for Transport, {QUESTION.format(name=name)}.",
            answer="Around 1,000.",
            answered_by=Member(name="Alex Minister"),
            answered=date(2026, 7, 7),
        )
    )


def line(name: str) -> str:
    return f"On 7 July 2026 Alex Minister, asked “{QUESTION.format(name=name)}”, said:"


@pytest.mark.parametrize("name", ["HS2", "A303", "COP26", "H5N1", "5G", "F-35B", "Covid-19", "T2DM", "M25", "Sizewell"])
def test_a_name_with_figures_is_one_word_of_the_record(name: str) -> None:
    one = [evidence(name)]
    assert (stray(line(name), one), unsaid(line(name), one)) == (None, None)


@pytest.mark.parametrize(
    ("name", "forged"),
    [("HS2", "HS3"), ("A303", "A304"), ("COP26", "COP27"), ("H5N1", "H7N9"), ("Sizewell", "Moorside")],
)
def test_another_name_with_figures_is_found(name: str, forged: str) -> None:
    one = [evidence(name)]
    assert stray(line(forged), one) or unsaid(line(forged), one)
