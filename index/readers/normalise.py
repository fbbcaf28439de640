"""What every format comes down to: the facts of one entry, made into a record the same way.

A reader maps its format's fields to a `Draft`; identity, cleaning, and what may be inferred are
decided here, once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from index import parliament
from index.readers import addressee
from index.readers.days import day as day
from index.records import Attachment, House, Link, Member, Sibling, Speaker, WrittenAnswer, impossible
from index.text import cleaning
from index.text.links import shifted
from index.text.uin_patterns import gid_of, normal_uin
from index.urls import record_page

CLIP = 255  # characters at which the official API's list pages cut a question or an answer
LONGEST = 1_000_000  # characters of a question or an answer; the longest real one has some 60,000
LONGEST_FACT = 5_000  # of a heading, a name, an address: far beyond any real one
_MOST_LISTED = 1_000  # questions of a group, attachments, other identities: far beyond any real record
_SITE_OPENED = date(2014, 9, 1)  # from this day tabled on, records have a page on the official site
_NOT_PAGES = ("data.parliament.uk", "questions-statements-api", "writtenquestions-api", "members-api")
_RESOURCE = re.compile(r"^https?://(?:lda\.)?data\.parliament\.uk/resources/(\d+)(?:/answer)?$")
_API_ADDRESS = re.compile(
    r"https?://(?:questions-statements|writtenquestions)-api\.parliament\.uk/api/writtenquestions/questions/(\d{1,11})/?"
)
_cleaned = lru_cache(maxsize=2)(cleaning.cleaned)  # the questions of a group share their answer
_CHANGED = re.compile(r"<(?:ins|del)[\s>]", re.IGNORECASE)


class Unusable(Exception):
    """An entry cannot be made into a record; the message is the reason to report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDraft:
    """The facts of one entry as its source gives them, texts not yet cleaned."""

    origin: str
    source: str  # file name
    question: str | None
    answer: str | None
    further_replies: tuple[tuple[Member, str], ...] = ()  # of other ministers, with their texts
    given_id: str | None = None  # the id to keep exactly
    more_keys: tuple[str, ...] = ()  # the first is the id where nothing better is known
    house: House | None = None
    house_guess: House | None = None  # where neither the question nor the UIN tells
    uin: str | None = None
    heading: str | None = None
    department: str | None = None
    department_guess: str | None = None  # inferred by the source
    addressed_to: str | None = None
    asked_by: Member | None = None
    answered_by: Member | None = None
    role: str | None = None
    tabled: date | None = None
    answered: date | None = None
    month: str | None = None
    due: date | None = None
    named_day: bool | None = None
    interest: bool | None = None
    url: str | None = None
    withdrawn: bool = False
    holding: bool = False
    holding_date: date | None = None
    corrected: bool = False
    corrected_on: date | None = None
    original: str | None = None
    comparison: str | None = None
    question_truncated: bool = False
    truncated: bool = False
    grouped: tuple[Sibling, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    edition: str | None = None
    replaced: bool = False


# The facts that a record has as its draft has them.
_TAKEN_OVER = (
    *("asked_by", "answered_by", "tabled", "answered", "due", "named_day", "interest", "withdrawn", "holding"),
    *("holding_date", "corrected_on", "question_truncated", "truncated", "attachments", "origin", "replaced"),
)


def finished(draft: RecordDraft) -> WrittenAnswer:
    """Return the record of a draft; raise Unusable where it says nothing or nothing identifies it."""
    check_length(draft.question, draft.original, draft.comparison)
    check_length("".join([draft.answer or "", *(text for _, text in draft.further_replies)]))
    check_facts(draft, draft.given_id, draft.department_guess, *draft.more_keys)
    question = cleaning.one_line(draft.question or "")
    answer, links, speakers = _answer(draft)
    if not question and not answer:
        raise Unusable("neither question nor answer")
    if not answer and draft.answered and not draft.withdrawn:
        raise Unusable("answered, but the answer is empty")
    addressed = _line(draft.addressed_to) or addressee.addressee(question)
    uin = normal_uin(draft.uin)
    house, inferred = _house(draft, question, uin)
    body, guess = _department(draft, addressed)
    keys = _keys(draft, house, uin)
    corrected, original, comparison = _correction(draft, answer)
    same = {name: getattr(draft, name) for name in _TAKEN_OVER}
    record = WrittenAnswer(
        **same,
        id=keys[0],
        keys=keys,
        house=house,
        house_inferred=inferred,
        question=question,
        answer=answer,
        uin=uin,
        heading=_line(draft.heading),
        department=body,
        department_inferred=guess,
        addressed_to=addressed,
        role=_line(draft.role),
        month=draft.month or (draft.tabled.isoformat()[:7] if draft.tabled else None),
        url=page(draft.url, draft.tabled, uin),
        corrected=corrected,
        original_answer=original,
        correction=comparison,
        grouped=_others(draft.grouped, uin),
        links=links,
        speakers=speakers,
        edition=draft.edition or edition(draft.given_id or ""),
        sources=(draft.source,),
    )
    check_possible(record)
    return record


def check_possible(record: WrittenAnswer) -> None:
    """Raise Unusable where a record says what none can: stored, it would trip whatever reckons with its days."""
    if wrong := impossible(record):
        raise Unusable(wrong)


def check_facts(record: RecordDraft | WrittenAnswer, *more: str | None) -> None:
    """Raise Unusable where a fact that is not a text, or one of `more`, is far longer than any real one."""
    members = [member.name for member in (record.asked_by, record.answered_by) if member]
    facts = [record.uin, record.heading, record.department, record.addressed_to, record.role, record.url, record.origin]
    if any(len(fact or "") > LONGEST_FACT for fact in (*facts, *members, *more)):
        raise Unusable(f"its heading, a name or another fact is longer than {LONGEST_FACT:,} characters")
    if max(len(record.grouped), len(record.attachments), len(more)) > _MOST_LISTED:
        raise Unusable(f"it lists more than {_MOST_LISTED:,} questions of its group, attachments or identities")


def check_length(*texts: str | None) -> None:
    """Raise Unusable where a text is longer than any that was ever printed: it would hold up everything behind it."""
    if any(len(text or "") > LONGEST for text in texts):
        raise Unusable(f"the question or the answer is longer than {LONGEST:,} characters")


def gid_key(gid: str) -> str | None:
    """Return a TheyWorkForYou id without the letter of its version, None if it is not such an id."""
    found = gid_of(gid)
    return found.key if found else None


def edition(gid: str) -> str | None:
    """Return the version of the daily file from which a TheyWorkForYou id with a letter came: "2009-10-26f"."""
    found = gid_of(gid)
    return f"{found.day}{found.letter}" if found and found.letter else None


def resource_key(address: str) -> str | None:
    """Return the key of a linked-data resource or of its answer: "lda:63528"."""
    found = _RESOURCE.match(address)
    return f"lda:{found[1]}" if found else None


def api_key(address: str | None) -> str | None:
    """Return the key of a record by its address at the official API: "api:1725947"."""
    found = _API_ADDRESS.fullmatch((address or "").strip())
    return f"api:{found[1]}" if found else None


def page(address: str | None, tabled: date | None, uin: str | None) -> str | None:
    """Return a page on which people can read the record, None rather than a guess.

    An API's address is not such a page; the official site's is known from date tabled and UIN.
    """
    found = record_page(((address or "").split() or [""])[0])
    if found and not any(part in found.lower().split("/")[2] for part in _NOT_PAGES):
        return found
    return parliament.official_url(tabled, uin) if uin and tabled and tabled >= _SITE_OPENED else None


def clipped(answer: str) -> bool:
    """Return whether an answer without markup ends as the official API's list pages cut it."""
    return len(answer) >= CLIP and answer.rstrip().endswith("...") and not cleaning.has_markup(answer)


def member(name: object, *, id: int | None = None, party: object = None, seat: object = None) -> Member | None:
    """Return a Member, None where nothing is known of them."""
    told = Member(name=_line(name), id=id, party=_line(party), seat=_line(seat))
    return told if told.name or told.id is not None else None


def house(value: object) -> House | None:
    """Return the House that is named, in capitals or not, None for anything else."""
    name = value.strip().lower().removeprefix("house of ") if isinstance(value, str) else None
    return {"commons": House.COMMONS, "hc": House.COMMONS, "lords": House.LORDS, "hl": House.LORDS}.get(name or "")


def number(value: object) -> int | None:
    """Return a positive whole number given as such or in digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def words(value: object) -> str | None:
    """Return a text or whole number as text as it stands, None for anything else and for no text."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1:
        return f"{value:.0f}" if isinstance(value, float) else str(value)
    return value if isinstance(value, str) and value.strip() else None


def _line(value: object) -> str | None:
    """Return a text on one line; of one that is too long, enough for it to be found so."""
    return (cleaning.one_line(value[: LONGEST_FACT + 1]) or None) if isinstance(value, str) else None


def _house(draft: RecordDraft, question: str, uin: str | None) -> tuple[House, bool]:
    """Return the House, and whether it was inferred: from the opener, else from the form of the UIN."""
    if draft.house:
        return draft.house, False
    told = addressee.house(question)
    if not told and uin:
        told = House.LORDS if uin.startswith("HL") else House.COMMONS
    if not told and addressee.addressee(question):
        told = House.COMMONS  # both Houses ask the Leader of the House; the Lords hardly ever do
    told = told or draft.house_guess
    if not told:
        raise Unusable("no telling which House it is from")
    return told, True


def _department(draft: RecordDraft, addressed: str | None) -> tuple[str | None, bool]:
    """Return the answering body, and whether it was inferred."""
    if stated := _line(draft.department):
        return stated, False
    inferred = _line(draft.department_guess) or addressee.department(addressed)
    return inferred, inferred is not None


def _answer(draft: RecordDraft) -> tuple[str, tuple[Link, ...], tuple[Speaker, ...]]:
    """Return the text of all replies with its links and its speakers after the first, each introduced by name."""
    first = _cleaned(draft.answer or "")
    text, links, speakers = first.text, list(first.links), []
    for member, markup in draft.further_replies:
        reply = cleaning.cleaned(markup)
        if not reply.text:
            continue
        speakers.append(Speaker(start=len(text) + 2, member=member))
        text += f"\n\n{member.name}\n\n"
        links += shifted(reply.links, len(text))
        text += reply.text
    return text, tuple(links), tuple(speakers)


def _keys(draft: RecordDraft, house: House, uin: str | None) -> tuple[str, ...]:
    """Return all that identifies the record, the id first; raise Unusable where nothing does."""
    keys: list[str | None] = [draft.given_id]
    if uin and draft.tabled:
        keys.append(parliament.record_key(house, draft.tabled, uin))
    elif uin and draft.answered and not draft.given_id:
        # Only without a date tabled or an id: 2009's Lords prints two different answers under one number.
        keys.append(parliament.session_key(house, draft.answered, uin))
    given = draft.given_id or ""
    keys += [*draft.more_keys, gid_key(given), resource_key(given), api_key(draft.url)]
    known = tuple(dict.fromkeys(key for key in keys if key))
    if not known:
        raise Unusable("nothing identifies it: no id, no UIN with a date")
    return known


def _correction(draft: RecordDraft, answer: str) -> tuple[bool, str | None, str | None]:
    """Return whether the answer was corrected, what it said before, and the marked comparison.

    The linked data's answer texts are themselves comparisons, with <ins> and <del>.
    """
    original = cleaning.readable(draft.original or "") or None
    comparison = cleaning.comparison(draft.comparison) if draft.comparison else None
    if _CHANGED.search(draft.answer or ""):
        before = cleaning.before_correction(draft.answer or "")
        if before and before != answer:
            original, comparison = original or before, comparison or cleaning.comparison(draft.answer or "")
    corrected = draft.corrected or original is not None
    return corrected, original if original != answer else None, comparison or None


def _others(grouped: tuple[Sibling, ...], uin: str | None) -> tuple[Sibling, ...]:
    """Return the other questions of a group, each once, under their official spelling."""
    found: dict[tuple[str, date | None], Sibling] = {}
    for sibling in grouped:
        name = normal_uin(sibling.uin)
        if name and name != uin:
            found.setdefault((name, sibling.tabled), Sibling(uin=name, tabled=sibling.tabled))
    return tuple(found.values())
