"""Real answers that a language model was given, with the gate that checks what it wrote by rules."""

import json
from datetime import date
from pathlib import Path

from index.records import House, Member, Status, WrittenAnswer
from rag.citations import cite
from rag.llm.grounding import Gate

DATA = Path(__file__).parents[2] / "data" / "llm"
PASSAGES = json.loads((DATA / "passages.json").read_text(encoding="utf-8"))

CYBER, WELFARE, FUEL, BAN = (
    WrittenAnswer(
        id=row["id"],
        house=House(row["house"]),
        question=row["question"],
        answer=row["answer"],
        heading=row.get("heading"),
        uin=row.get("uin"),
        department=row.get("department"),
        role=row.get("role"),
        answered_by=Member(name=row["minister"]) if row.get("minister") else None,
        answered=date.fromisoformat(row["answered"]) if row.get("answered") else None,
    )
    for row in PASSAGES
)
RECORDS = {record.id: record for record in (CYBER, WELFARE, FUEL, BAN)}
CITATIONS = tuple(
    cite(n, record, Status.CURRENT, 0, len(record.answer)) for n, record in enumerate(RECORDS.values(), 1)
)


def gated(text, citations, records, **options):
    """Return the verdicts on a text that is checked once."""
    return Gate(citations, records).verdicts(text, **options)


def gate(text, **options):
    return gated(text, CITATIONS, RECORDS, **options)


def one(text):
    (sentence,) = gate(text)
    return sentence


def verdict(text):
    sentence = one(text)
    return sentence.reason, sentence.detail


KEPT = (
    "The UK announced sanctions against seven Russian cyber criminals in February 2023 [1].",
    "In February 2023, sanctions were announced against 7 Russian cyber criminals [1].",
    "Lord Sharpe of Epsom said on 26 September 2023 that cyber-crime is a global threat [1].",
    "Lord Sharpe told the House of Lords that criminals often operate in uncooperative jurisdictions [1].",
    "The NCA works with Europol and the FBI to share intelligence [1].",
    "The National Crime Agency works with partners such as the US Secret Service [1].",
    "The Budapest Convention was agreed in 2001 [1].",
    "International collaboration is described as “essential” in tackling cyber crime [1].",
    'The answer says that "Cyber-crime is a global threat" to be met by international collaboration [1].',
    "The deductions cap fell from 25 per cent to 15 percent of the standard allowance [2].",
    "About 1,200,000 of the poorest households retain more of their benefit award [2].",
    "About 1.2m of the poorest households keep an average of £420 a year of their benefit award [2].",
    "The Fair Repayment Rate was introduced on 30th April 2025 [2].",
    "The Fair Repayment Rate was introduced in April 2025 [2].",
    "No assessment has been made [2].",
    "Linking entitlement to Pension Credit will reduce expenditure by about £1.4bn in 2024-25 [3].",
    "Expenditure will be reduced by around £1,500 million in 2025/2026, assuming five per cent more take-up [3].",
    "It is £420 [2].",
    "DWP does not hold this information on passported benefits [3].",
    "The Department for Work and Pensions does not hold information on associated passported benefits [3].",
    "The Government has no plans to ban greyhound racing [4].",
)
