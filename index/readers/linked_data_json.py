"""The older Linked Data API's JSON, in which each fact is {"_value": ...} or an "_about" address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from index.readers import normalise as make
from index.readers.fields import Fields, as_named, notes
from index.readers.files import SourceFile
from index.readers.json_values import values
from index.records import Attachment, Fault, House, Member, Sibling, WrittenAnswer

_PAGE = re.compile(rb'(?<!\\)"format"\s*:\s*"linked-data-api"')
# An address alone is no sign: attachments in other formats have such too.
_ADDRESS = re.compile(rb'(?<!\\)"_about"\s*:\s*"https?://(?:lda\.)?data\.parliament\.uk/')
_FIELD = re.compile(rb'(?<!\\)"(?:questionText|answerText)"\s*:')
_SINGLE = re.compile(rb'"primaryTopic"\s*:\s*\{')
_HOUSES = {"1": House.COMMONS, "2": House.LORDS}
_MEMBER = re.compile(r"/members/(\d+)$")


def matches(head: bytes) -> bool:
    """Return whether a file that begins so is of the Linked Data API: a page, a list of items, or one of them."""
    is_json = head.lstrip()[:1] in (b"{", b"[")
    return is_json and (_PAGE.search(head) is not None or bool(_ADDRESS.search(head) and _FIELD.search(head)))


def read(source: SourceFile, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
    """Yield the records of a page; of a broken one, all up to the break, and a Fault for the break."""
    for found in values(source, _where(source.head)):
        if isinstance(found, Fault):
            yield found
        else:
            yield from _entry(found[1], source, f"{source.place}, item {found[0]}")


def _where(head: bytes) -> str:
    """Return where the items are in a file that begins so."""
    if head.lstrip().startswith(b"["):
        return "item"
    return "result.primaryTopic" if _SINGLE.search(head) and b'"items"' not in head else "result.items.item"


def _entry(item: Any, source: SourceFile, place: str) -> Iterator[WrittenAnswer | Fault]:
    if not isinstance(item, dict):
        yield Fault(place, "not an object")
        return
    answer = item.get("answer")
    answer = answer if isinstance(answer, dict) else {}
    facts, said = (Fields({name: _value(field) for name, field in part.items()}, as_named) for part in (item, answer))
    try:
        yield make.finished(_draft(item, answer, facts, said, source))
        yield from (note for part in (facts, said) for note in notes(part, place))
    except make.Unusable as unusable:
        yield Fault(place, str(unusable))


def _draft(
    item: dict[str, Any], answer: dict[str, Any], facts: Fields, said: Fields, source: SourceFile
) -> make.RecordDraft:
    """Return the draft of an item and its answer: as they stand, and as fields without their wrapping."""
    key = make.resource_key(str(item.get("_about") or ""))
    return make.RecordDraft(
        origin=f"linked-data:{(key or 'lda:?')[4:]}",
        source=source.name,
        question=facts.text("questionText"),
        answer=said.text("answerText"),
        more_keys=(key,) if key else (),
        house=_HOUSES.get(str(facts.raw("houseId"))),
        uin=facts.uin("uin"),
        heading=facts.text("hansardHeading"),
        department=facts.text("AnsweringBody"),
        asked_by=_member(item, "tabling"),
        answered_by=_member(answer, "answering"),
        tabled=facts.day("date"),
        answered=said.day("dateOfAnswer"),
        interest=facts.truth("registeredInterest"),
        corrected=said.truth("isMinisterialCorrection") is True,
        corrected_on=said.day("questionFirstMinisteriallyCorrected"),
        grouped=tuple(Sibling(uin=str(uin)) for uin in _rows(said.raw("groupedQuestionUIN")) if uin),
        attachments=_attachments(answer.get("attachment")),
    )


def _value(field: object) -> object:
    """Return a fact that may be wrapped in {"_value": ...}."""
    return field.get("_value") if isinstance(field, dict) else field


def _rows(field: object) -> list[object]:
    """Return a field that holds one thing or a list of them as a list."""
    return field if isinstance(field, list) else [] if field is None else [field]


def _member(part: dict[str, Any], role: str) -> Member | None:
    """Return the Member with the name as printed with the question."""
    person = part.get(f"{role}Member")
    about = str(person.get("_about") or "") if isinstance(person, dict) else ""
    found = _MEMBER.search(about)
    return make.member(
        _value(part.get(f"{role}MemberPrinted")),
        id=make.number(found[1]) if found else None,
        seat=_value(part.get(f"{role}MemberConstituency")),
    )


def _attachments(field: object) -> tuple[Attachment, ...]:
    """Return the files of an answer; the resource's address is where the file stands."""
    found = []
    for row in _rows(field):
        address = row.get("_about") if isinstance(row, dict) else None
        if isinstance(row, dict) and isinstance(address, str) and address.startswith(("https://", "http://")):
            title = make.words(_value(row.get("title"))) or make.words(_value(row.get("fileName")))
            found.append(Attachment(url=address, title=title))
    return tuple(found)
