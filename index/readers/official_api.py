"""The official API's JSON: list pages, single questions, bare lists and bare values.

List pages give text clipped at 255 characters and without tags; what comes clipped is marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import ijson

from index.readers import normalise as make
from index.readers.files import UNREADABLE, Source
from index.records import Attachment, Fault, Member, Sibling, WrittenAnswer
from index.text.cleaning import has_markup

_FIELD = re.compile(rb'(?<!\\)"(?:questionText|answerText|answeringBodyName|dateTabled)"\s*:')
_PAGE = re.compile(rb'(?<!\\)"results"\s*:\s*\[')
_EMPTY = re.compile(rb'\s*(?:\[\s*\]|\{[^{}]*"results"\s*:\s*\[\s*\][^{}]*\})\s*$')


def matches(head: bytes) -> bool:
    """Return whether a file that begins so holds answers of the official API, or an empty page of it."""
    start = head.lstrip()[:1]
    return bool(start in (b"[", b"{") and _FIELD.search(head)) or bool(_EMPTY.match(head))


def read(source: Source, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
    """Yield the records of a file; of a broken one, all up to the break, and a Fault for the break."""
    start = source.head.lstrip()
    listed = start.startswith(b"[") or bool(_PAGE.search(source.head))
    prefix = "item" if start.startswith(b"[") else "results.item" if listed else ""
    done = 0
    with source.utf8() as stream:
        try:
            for done, item in enumerate(_items(stream, prefix), start=1):
                yield _entry(item, source, f"{source.place}, item {done}", members, listed=listed)
        except (ijson.JSONError, ValueError, *UNREADABLE):
            yield Fault(f"{source.place}, after item {done}", "the JSON breaks off or is broken", entry=False)


def _items(stream: Any, prefix: str) -> Iterator[Any]:
    """Yield the entries of a document, or of several one after another; those of a page in a list of pages too."""
    for item in ijson.items(stream, prefix, multiple_values=True, use_float=True):
        page = item.get("results") if isinstance(item, dict) else None
        yield from page if isinstance(page, list) else [item]


def _entry(item: Any, source: Source, place: str, members: Mapping[int, str], *, listed: bool) -> WrittenAnswer | Fault:
    """Return the record of one entry, which may be wrapped as {"value": ...}."""
    value = item.get("value", item) if isinstance(item, dict) else None
    if not isinstance(value, dict):
        return Fault(place, "not an object")
    try:
        return make.finished(_draft(value, source, members, listed=listed))
    except make.Unusable as unusable:
        return Fault(place, str(unusable))


def _draft(value: dict[str, Any], source: Source, members: Mapping[int, str], *, listed: bool) -> make.Draft:
    question, answer = make.words(value.get("questionText")), make.words(value.get("answerText"))
    number = make.number(value.get("id"))
    withdrawn = value.get("isWithdrawn") is True
    # A withdrawn question may have no page of its own any more: then its entry in a list stands in.
    plain = (listed or withdrawn) and not has_markup(answer or "")
    key = (f"api:{number}",) if number else ()
    return make.Draft(
        origin=f"{'api-list' if listed else 'api'}:{number or value.get('uin')}",
        source=source.name,
        question=question,
        answer=answer,
        more_keys=key,
        house=make.house(value.get("house")),
        uin=make.words(value.get("uin")),
        heading=make.words(value.get("heading")),
        department=make.words(value.get("answeringBodyName")),
        asked_by=_member(value, "asking", members),
        answered_by=_member(value, "answering", members),
        tabled=make.day(value.get("dateTabled")),
        answered=make.day(value.get("dateAnswered")),
        due=make.day(value.get("dateForAnswer")),
        named_day=_truth(value.get("isNamedDay")),
        interest=_truth(value.get("memberHasInterest")),
        withdrawn=withdrawn,
        holding=value.get("answerIsHolding") is True,
        holding_date=make.day(value.get("dateHoldingAnswer")),
        corrected=value.get("answerIsCorrection") is True or bool(make.day(value.get("dateAnswerCorrected"))),
        corrected_on=make.day(value.get("dateAnswerCorrected")),
        original=make.words(value.get("originalAnswerText")),
        comparison=make.words(value.get("comparableAnswerText")),
        # A list page cuts questions at exactly this length without a sign; a longer one was not cut.
        question_truncated=plain and len(question or "") == make.CLIP,
        truncated=make.clipped(answer or "") or (plain and len(answer or "") >= make.CLIP),
        grouped=_grouped(value),
        attachments=_attachments(value.get("attachments")),
    )


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _member(value: dict[str, Any], part: str, members: Mapping[int, str]) -> Member | None:
    """Return the Member as the record names them, else by the table of names."""
    number = make.number(value.get(f"{part}MemberId"))
    told = value.get(f"{part}Member")
    told = told if isinstance(told, dict) else {}
    name = told.get("name") or (members.get(number) if number else None)
    return make.member(name, id=number, party=told.get("party"), seat=told.get("memberFrom"))


def _grouped(value: dict[str, Any]) -> tuple[Sibling, ...]:
    """Return the other questions of the group, with their dates where the record has them."""
    dated, bare = (
        rows if isinstance(rows, list) else []
        for rows in (value.get("groupedQuestionsDates"), value.get("groupedQuestions"))
    )
    dated = [row for row in dated if isinstance(row, dict)]
    found = [(make.words(row.get("questionUin")), make.day(row.get("dateTabled"))) for row in dated]
    named = {uin for uin, _ in found}
    found += [(make.words(uin), None) for uin in bare if make.words(uin) not in named]
    return tuple(Sibling(uin=uin, tabled=tabled) for uin, tabled in found if uin)


def _attachments(rows: object) -> tuple[Attachment, ...]:
    """Return the files of an answer that have an address."""
    found = []
    for row in rows if isinstance(rows, list) else ():
        address = row.get("url") if isinstance(row, dict) else None
        if isinstance(address, str) and address.startswith(("https://", "http://")):
            found.append(Attachment(url=address.strip(), title=make.words(row.get("title"))))
    return tuple(found)
