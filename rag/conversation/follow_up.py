"""Follow-ups: what a question means after the one before it, without an LLM.

"and in Wales?"             a fragment     fills a place of the earlier question anew (rag.conversation.ellipsis)
"how much will that cost?"  leans on it    is asked together with the subject of the conversation
"no, the Home Office one"   a correction   as a fragment; what was shown is not preferred
"who answered that?"        a particular   is told from the record shown (rag.conversation.record_facts)
anything else               a new subject  drops what went before (rag.conversation.topic_shift)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from index import Archive
from index.departments import find
from index.errors import UnknownRecord
from index.parliament import record_key
from index.storage.filters import make_filters, mask
from index.text.uin_patterns import number_phrases
from rag.citations import Citation
from rag.conversation import slots
from rag.conversation.ellipsis import ADVERB, FROM_THEN, Fragment, filled, placed, read_fragment
from rag.conversation.record_facts import Particular, meant, particulars, tell
from rag.conversation.slots import SlotKind
from rag.conversation.topic_shift import evidence
from rag.reply import Reply
from rag.text.terms import content_stems, content_words

# Records preferred because they belong to those just cited: more would drown what is new in the question.
_NEIGHBOURS = 12
_SISTERS_SEEN = 20
_SISTERS_ALIKE = 0.5  # share of the words of two questions that both have
_CONTEXT = 3  # records shown whose words count as spoken of
_ANSWER = 4000  # characters of each of their answers


class TurnKind(StrEnum):
    """How a question stands to the one before it."""

    NEW = "new"
    FOLLOW_UP = "follow_up"
    ABOUT_RECORD = "about_record"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A question as it is meant after the one before it."""

    kind: TurnKind
    query: str  # self-contained; what is searched for and shown as understood
    subject: str  # what the conversation is about, as a question; hand it to the next turn
    filters: dict[str, str] = field(default_factory=dict)  # fields of Filters: carried over, changed or added
    # Ids of records to be preferred softly: those just cited with their group, or sisters of the one just cited.
    boost_records: tuple[str, ...] = ()
    about: str | None = None  # id of the record that the question asks about
    answer_from_metadata: str | None = None  # our sentence, not verbatim, to be cited to the record `about`
    follow_up_of: str | None = None  # the earlier question, as it was understood


_MEANT = r"i (?:meant|mean|was asking about)\b[ ,:]*(?:to (?:ask|say)\b ?)?(?:for |about )?"
_CORRECTING = re.compile(
    r"^(?:(?:no|nope|sorry|wait|oops|actually|rather|er|hm+|not quite)"
    r"(?:[,.!–]+ *| (?=i\b|the\b|not\b|in\b|for\b|that\b|it\b|sorry\b|actually\b|make\b)))+"
    rf"(?:but )?(?:{_MEANT}|make (?:that|it) |it'?s )?|^{_MEANT}|^make (?:that|it) |^(?=not .+, )",
    re.IGNORECASE,
)
_CONTINUING = re.compile(
    r"^(?:(?:and|but|or|so|also|then)\b[ ,]*|(?:ok(?:ay)?|right|thanks|thank you|yes|yeah)[,.!]+ *)*"
    r"(?:(?:what|how) about\b|what of\b|(?:the )?same (?:question |thing )?(?:for|to|with|about|in|but)\b)?[ ,]*",
    re.IGNORECASE,
)
_MARK = re.compile(r"(?:and|but|or|so|also|then|(?:what|how) about|what of|(?:the )?same)\b", re.IGNORECASE)
_SWITCHING = re.compile(
    r"^(?:(?:ok(?:ay)?|right|now|thanks|thank you)[ ,.!]*)*(?:(?:a )?(?:new|different|another|next|separate) "
    r"(?:question|topic|subject|matter)|(?:on|to) (?:a different|another) (?:topic|subject|matter|note)|"
    r"chang(?:e|ing) (?:of |the )?(?:subject|topic)|something (?:else|different)|forget (?:that|it))\b[ ,.:;!–-]*",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"[ ,]*\b(?:(?:to|on|about) )?(?:the )?same (?:question|thing|one)\b|\b(?:as well|too|please|instead)\b",
    re.IGNORECASE,
)
_SAYING = re.compile(
    r"\b(?:say|said|reply|replied|answer(?:ed)?|response|respond(?:ed)?|told|tell|put)\b", re.IGNORECASE
)
# "What else has she said?" asks for other answers of the minister just cited.
_ELSE = re.compile(
    r"\b(?:what|anything|something) else\b.*\b(?:he|she|the minister)\b.*\b(?:sa(?:y|id)|told)\b", re.IGNORECASE
)
_WHY = re.compile(r"\b(?:why|how|when|where|who)\b", re.IGNORECASE)
_BACK = re.compile(
    r"\b(?:the|my) (?:very )?(?:first|original|earlier) "
    r"(?:one|lot|question|answer|time|batch|group|round|figure)s?\b",
    re.IGNORECASE,
)
_BEFORE_SLOT = re.compile(r"\b(?:in|for|during|between|from|since|on|by)? ?(?:the )?$", re.IGNORECASE)
_AFTER_PERIOD = re.compile(r"^ (?:season|(?:financial |academic )?year)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Before:
    """The conversation so far, as far as a follow-up needs it."""

    query: str
    subject: str
    earlier: str | None  # the query before `query`
    filters: dict[str, str]
    citations: tuple[Citation, ...]
    shown: tuple[Citation, ...]  # those, or the nearest records where there was no answer
    of_minister: bool  # the question asked what one minister said
    of_record: bool  # the last reply told about a record


def in_context(question: str, previous: Reply, archive: Archive, *, subject: str | None = None) -> FollowUp:
    """Return what `question` means after `previous`, the reply to the question before it.

    `subject` is the `Followed.subject` of the turn before; without it the conversation is taken to be about the
    last question alone. A question after a blank one is new.
    """
    text = " ".join(question.split())
    before = _before(previous, subject)
    switched = _SWITCHING.match(text)
    if switched or not before.query or _names_question(text):
        return _new(text[switched.end() :] or text if switched else text)
    if asked := particulars(text, speaking_of_record=before.of_record):
        return _about(text, asked, before, archive)
    corrected = _without(text, _CORRECTING)
    correcting = _CORRECTING.match(text) is not None
    rest = _without(corrected, _CONTINUING)
    marked = correcting or _MARK.match(corrected) is not None
    fragment = read_fragment(_same_question(rest), before.query)
    if fragment and (marked or fragment.sure):
        return _filled(fragment, before, archive, correcting=correcting)
    if evidence(rest, _spoken_of(before, archive), archive, marked=marked).score > 0:
        return _new(rest)
    return _leaning(rest, before, archive, correcting=correcting)


def _names_question(text: str) -> bool:
    """Return whether a text names a question by its number, which needs no context."""
    return bool(number_phrases(text, lambda phrase: phrase.likely and not phrase.statement))


def _before(previous: Reply, subject: str | None) -> _Before:
    understood = previous.understood
    told = not previous.worded and not any(sentence.verbatim for sentence in previous.sentences)
    whole = understood.whole or understood.query  # the query alone may lack the department, the minister, the time
    return _Before(
        query=whole,
        subject=(subject if understood.follow_up_of else None) or whole,
        earlier=understood.follow_up_of,
        filters={k: v for k, v in understood.filters.as_dict().items() if k not in understood.from_words},
        citations=previous.citations,
        shown=previous.citations or previous.nearest,
        of_minister="minister" in understood.from_words,
        of_record=told and bool(previous.sentences and previous.citations),
    )


def _without(text: str, opening: re.Pattern[str]) -> str:
    """Return `text` without the words that only tie it to what went before; never nothing."""
    match = opening.match(text)
    return (text[match.end() :].strip(" ,;:–-") or text) if match else text


def _same_question(text: str) -> str:
    """Return the body alone of "what did the Treasury say to the same question?", else `text` without "too"."""
    told = _SAME.sub("", text)
    named = slots.bodies(text)
    alone = named and told != text and not content_stems(_SAYING.sub(" ", told)) - content_stems(named[-1].text)
    return named[-1].text if alone else told


def _spoken_of(before: _Before, archive: Archive) -> frozenset[str]:
    """Return the stems of all that was spoken of: the questions, and what the records shown ask and say."""
    told = [before.query, before.subject]
    for record_id in list(dict.fromkeys(citation.record_id for citation in before.shown))[:_CONTEXT]:
        with suppress(UnknownRecord):
            record = archive.get(record_id)
            told += [record.heading or "", record.question, record.answer[:_ANSWER]]
    return content_stems(" ".join(told))


def _new(text: str) -> FollowUp:
    return FollowUp(kind=TurnKind.NEW, query=text, subject=text)


def _about(text: str, asked: Sequence[Particular], before: _Before, archive: Archive) -> FollowUp:
    """Tell about the record shown; where none was, say so."""
    citation = meant(text, before.citations)
    if citation:
        told = tell(asked, citation, archive)
    elif before.citations:
        told = f"The last answer cites {len(before.citations)} passages; there is none of that number."
    else:
        told = "The last answer cites no record that could say this."
    return FollowUp(
        kind=TurnKind.ABOUT_RECORD,
        query=before.query,
        subject=before.subject,
        filters=before.filters,
        about=citation.record_id if citation else None,
        answer_from_metadata=told,
        follow_up_of=before.query,
    )


def _filled(fragment: Fragment, before: _Before, archive: Archive, *, correcting: bool) -> FollowUp:
    """Fill the earlier question's places again. What was cited answers the old one: its sisters are preferred."""
    fragment = _dated(fragment, before)
    query, subject = filled(before.query, fragment), filled(before.subject, fragment)
    if fragment.left:
        whole = placed(query, fragment, archive.encoder)
        subject = (placed(subject, fragment, archive.encoder) or subject) if whole else subject
        query = whole or joined(fragment.text, subject)
    filters = _refiltered(before, fragment)
    return FollowUp(
        kind=TurnKind.CORRECTION if correcting else TurnKind.FOLLOW_UP,
        query=query,
        subject=subject,
        filters=filters,
        boost_records=_sisters(fragment, before, filters, archive),
        follow_up_of=before.query,
    )


def _refiltered(before: _Before, fragment: Fragment) -> dict[str, str]:
    """Return the filters with those that the fragment contradicts dropped and those that it names set."""
    changed = dict(before.filters)
    if SlotKind.PERIOD in fragment.slots:
        changed.pop("since", None)
        changed.pop("until", None)
    if fragment.since:
        changed["since"] = fragment.since.isoformat()
    if fragment.house:
        changed["house"] = fragment.house
    if name := fragment.slots.get(SlotKind.DEPARTMENT):
        body = find(name)
        changed["department"] = body.name if body else name
        changed.pop("minister", None)  # a minister answers for one department
    if ("minister" in changed or before.of_minister) and (person := fragment.slots.get(SlotKind.PERSON)):
        changed["minister"] = person
    return changed


def _dated(fragment: Fragment, before: _Before) -> Fragment:
    """Count "the year before" and "since then" from the period spoken of, else from the record shown."""
    spoken = slots.periods(before.query) or slots.periods(before.subject)
    shown = _told(before.citations[0]) if before.citations else None
    if fragment.relative:
        unit, count = fragment.relative
        base = spoken[-1].text if spoken else str(shown.year) if shown else ""
        moved = slots.shifted(base, unit, count)
        return replace(fragment, slots={**fragment.slots, SlotKind.PERIOD: moved}) if moved else fragment
    if fragment.from_then:
        start = slots.ends(spoken[-1].text) if spoken and not _open_ended(before.query, spoken[-1].start) else shown
        if start := start or shown:
            named = f"since {start:%B %Y}"
            return replace(fragment, slots={**fragment.slots, SlotKind.PERIOD: named}, since=start)
    return fragment


def _open_ended(text: str, start: int) -> bool:
    """Return whether the period at `start` runs up to the answer: "since July 2024"."""
    return re.search(r"\b(?:since|after|from) $", text[:start], re.IGNORECASE) is not None


def _told(citation: Citation) -> date | None:
    """Return the earliest day on which the answer cited may have been given."""
    month = date.fromisoformat(f"{citation.month}-01") if citation.month else None
    return citation.answered or citation.tabled or month


def _leaning(text: str, before: _Before, archive: Archive, *, correcting: bool) -> FollowUp:
    """Ask a sentence together with the subject that it leans on."""
    text, filters = _dated_sentence(text, before)
    back = before.earlier if _BACK.search(text) else None
    return FollowUp(
        kind=TurnKind.CORRECTION if correcting else TurnKind.FOLLOW_UP,
        query=joined(text, back or before.subject),
        subject=before.subject,
        filters={} if back else filters,
        boost_records=() if correcting or back else _neighbours(before.citations, archive),
        follow_up_of=before.query,
    )


def _dated_sentence(text: str, before: _Before) -> tuple[str, dict[str, str]]:
    """Return a sentence with the period that it counts from another named, and the filters that still fit it."""
    relative = slots.relative(text)
    pointing = relative[0] if relative else FROM_THEN.search(text)
    since: dict[str, str] = {}
    if pointing:
        counted = Fragment(text=text, relative=relative[1:] if relative else None, from_then=not relative)
        dated = _dated(counted, before)
        if period := dated.slots.get(SlotKind.PERIOD):
            bare = ADVERB.match(period) or re.search(r"\b(?:in|for|by|of) $", text[: pointing.start()])
            text = text[: pointing.start()] + ("" if bare else "in ") + period + text[pointing.end() :]
        if dated.since:
            since = {"since": dated.since.isoformat()}
    dropped = {"since", "until"} if slots.periods(text) else set()
    kept = {key: value for key, value in before.filters.items() if key not in dropped}
    minister = before.citations[0].minister if before.citations and _ELSE.search(text) else None
    return text, kept | since | ({"minister": minister} if minister else {})


def joined(text: str, subject: str) -> str:
    """Return a question with the subject it leans on: "how much will that cost? (flood scheme at Croston)".

    A period or place that the question states takes the place of the subject's. A question without words of its
    own, "can you tell me more?", is the subject again.
    """
    for finder in (slots.periods, slots.places):
        if finder(text):
            for slot in reversed(finder(subject)):
                subject = _BEFORE_SLOT.sub("", subject[: slot.start]) + _AFTER_PERIOD.sub("", subject[slot.end :])
    subject = " ".join(subject.split()).strip(" ?.!")
    if not content_words(text):
        asked = _WHY.search(text)
        return f"{subject}: {asked[0].lower()}?" if asked else f"{subject}?"
    return f"{text.rstrip(' ?.!')}? ({subject})"


def _sisters(fragment: Fragment, before: _Before, filters: dict[str, str], archive: Archive) -> tuple[str, ...]:
    """Return the ids of records that ask what the cited one asks, of what the fragment names.

    Members put one question to every department, or for one place after another: the texts differ in little else.
    """
    if not before.citations:
        return ()
    cited = before.citations[0]
    asked = content_stems(cited.question)
    named = [value for kind, value in fragment.slots.items() if kind in (SlotKind.PLACE, SlotKind.PERSON)]
    new = content_stems(" ".join([*named, fragment.left]))
    allowed = mask(make_filters(**filters), archive.columns) if filters else None
    rows, _ = archive.matching(cited.question, _SISTERS_SEEN, boosts={"question": 1.0}, allowed=allowed)
    found = []
    for row in rows.tolist():
        record = archive.record(row)
        words = content_stems(record.question)
        alike = len(words & asked) / max(len(words | asked), 1)
        named_there = new <= words | content_stems(record.heading or "")
        if record.id != cited.record_id and alike >= _SISTERS_ALIKE and named_there:
            found.append(record.id)
    return tuple(found[:_NEIGHBOURS])


def _neighbours(citations: Sequence[Citation], archive: Archive) -> tuple[str, ...]:
    """Return the ids of the records cited, then of those grouped with them."""
    cited = list(dict.fromkeys(citation.record_id for citation in citations))
    grouped: list[str] = []
    for record_id in cited[:_CONTEXT]:
        with suppress(UnknownRecord):
            record = archive.get(record_id)
            keys = [record_key(record.house, one.tabled, one.uin) for one in record.grouped if one.tabled]
            grouped += [archive.columns.id[row] for key in keys for row in archive.rows_of(key)]
    return tuple(dict.fromkeys([*cited, *grouped]))[:_NEIGHBOURS]
