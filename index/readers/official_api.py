"""The official API's JSON: list pages, single questions, bare lists and bare values.

List pages give text clipped at 255 characters and without tags; what comes clipped is marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from index.readers import normalise as make
from index.readers.fields import Fields, as_named, notes, remember, unknown_fields
from index.readers.files import SourceFile, nothing_here
from index.readers.json_values import values
from index.records import Attachment, Fault, Member, Sibling, WrittenAnswer
from index.text.cleaning import has_markup

_FIELD = re.compile(rb'(?<!\\)"(?:questionText|answerText|noticeNumber)"\s*:')
_PAGE = re.compile(rb'(?<!\\)"results"\s*:\s*\[')
_STATEMENT = frozenset(["dateMade", "noticeNumber"])  # fields of a written statement that no question has
# The other fields of a record: what a field is called that is none of them is reported.
_KNOWN = frozenset(
    "id askingMemberId askingMember house memberHasInterest dateTabled dateForAnswer uin questionText answeringBodyId "
    "answeringBodyName isWithdrawn isNamedDay groupedQuestions groupedQuestionsDates answerIsHolding "
    "answerIsCorrection answeringMemberId answeringMember correctingMemberId correctingMember dateAnswered answerText "
    "originalAnswerText comparableAnswerText dateAnswerCorrected dateHoldingAnswer attachmentCount heading "
    "attachments person_name twfy_id url".split()
)
_EMPTY = re.compile(rb'\s*(?:\[\s*\]|\{[^{}]*"results"\s*:\s*\[\s*\][^{}]*\})\s*$')


def matches(head: bytes) -> bool:
    """Return whether a file that begins so holds answers of the official API, or an empty page of it."""
    start = head.lstrip()[:1]
    return bool(start in (b"[", b"{") and _FIELD.search(head)) or bool(_EMPTY.match(head))


def read(source: SourceFile, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
    """Yield the records of a file; of a broken one, all up to the break, and a Fault for the break."""
    start = source.head.lstrip()
    listed = start.startswith(b"[") or bool(_PAGE.search(source.head))
    prefix = "item" if start.startswith(b"[") else "results.item" if listed else ""
    done, statements = 0, False
    unknown: dict[str, None] = {}
    for item in _items(source, prefix):
        if isinstance(item, Fault):
            yield item
            continue
        done += 1
        value = item.get("value", item) if isinstance(item, dict) else None
        if isinstance(value, dict) and value.keys() >= _STATEMENT:
            statements = True
        else:
            yield from entry(value, source, f"{source.place}, item {done}", members, unknown, listed=listed)
    yield from unknown_fields(unknown, source.place)
    if statements:
        yield nothing_here(source.place, "written statements")


def _items(source: SourceFile, prefix: str) -> Iterator[Any]:
    """Yield the entries of a document, or of several one after another; those of a page in a list of pages too."""
    for found in values(source, prefix, several=True):
        item = found if isinstance(found, Fault) else found[1]
        page = item.get("results") if isinstance(item, dict) else None
        yield from page if isinstance(page, list) else [item]


def entry(
    value: object, source: SourceFile, place: str, members: Mapping[int, str], unknown: dict[str, None], *, listed: bool
) -> Iterator[WrittenAnswer | Fault]:
    """Yield the record of one value, with what of it could not be read; unknown fields are added to `unknown`."""
    if not isinstance(value, dict):
        yield Fault(place, "not an object")
        return
    facts = Fields(value, as_named)
    try:
        yield make.finished(_draft(facts, source, members, listed=listed))
        yield from notes(facts, place)
        remember(unknown, (name for name in value if name not in _KNOWN))
    except make.Unusable as unusable:
        yield Fault(place, str(unusable))


def _draft(facts: Fields, source: SourceFile, members: Mapping[int, str], *, listed: bool) -> make.RecordDraft:
    question, answer = facts.text("questionText"), facts.text("answerText")
    number, uin, withdrawn = facts.number("id"), facts.uin("uin"), facts.truth("isWithdrawn") is True
    # A withdrawn question may have no page of its own any more: then its entry in a list stands in.
    plain = (listed or withdrawn) and not has_markup(answer or "")
    corrected_on = facts.day("dateAnswerCorrected")
    return make.RecordDraft(
        origin=f"{'api-list' if listed else 'api'}:{number or uin}",
        source=source.name,
        question=question,
        answer=answer,
        more_keys=(f"api:{number}",) if number else (),
        house=facts.house("house"),
        uin=uin,
        heading=facts.text("heading"),
        department=facts.text("answeringBodyName"),
        asked_by=_member(facts, "asking", members),
        answered_by=_member(facts, "answering", members),
        tabled=facts.day("dateTabled"),
        answered=facts.day("dateAnswered"),
        due=facts.day("dateForAnswer"),
        named_day=facts.truth("isNamedDay"),
        interest=facts.truth("memberHasInterest"),
        url=facts.text("url"),
        withdrawn=withdrawn,
        holding=facts.truth("answerIsHolding") is True,
        holding_date=facts.day("dateHoldingAnswer"),
        corrected=facts.truth("answerIsCorrection") is True or bool(corrected_on),
        corrected_on=corrected_on,
        original=facts.text("originalAnswerText"),
        comparison=facts.text("comparableAnswerText"),
        # A list page cuts questions at exactly this length without a sign; a longer one was not cut.
        question_truncated=plain and len(question or "") == make.CLIP,
        truncated=make.clipped(answer or "") or (plain and len(answer or "") >= make.CLIP),
        grouped=_grouped(facts),
        attachments=_attachments(facts.raw("attachments")),
    )


def _member(facts: Fields, part: str, members: Mapping[int, str]) -> Member | None:
    """Return the Member as the record names them, else by the table of names; mySociety adds the asker's name."""
    number = facts.number(f"{part}MemberId")
    told = facts.raw(f"{part}Member")
    told = told if isinstance(told, dict) else {}
    name = told.get("name") or (facts.text("person_name") if part == "asking" else None)
    name = name or (members.get(number) if number else None)
    return make.member(name, id=number, party=told.get("party"), seat=told.get("memberFrom"))


def _grouped(facts: Fields) -> tuple[Sibling, ...]:
    """Return the other questions of the group, with their dates where the record has them."""
    dated = facts.raw("groupedQuestionsDates")
    dated = [row for row in dated if isinstance(row, dict)] if isinstance(dated, list) else []
    found = [(make.words(row.get("questionUin")), make.day(row.get("dateTabled"))) for row in dated]
    named = {uin for uin, _ in found}
    found += [(uin, None) for uin in facts.uins("groupedQuestions") if uin not in named]
    return tuple(Sibling(uin=uin, tabled=tabled) for uin, tabled in found if uin)


def _attachments(rows: object) -> tuple[Attachment, ...]:
    """Return the files of an answer that have an address."""
    found = []
    for row in rows if isinstance(rows, list) else ():
        address = row.get("url") if isinstance(row, dict) else None
        if isinstance(address, str) and address.startswith(("https://", "http://")):
            found.append(Attachment(url=address.strip(), title=make.words(row.get("title"))))
    return tuple(found)
