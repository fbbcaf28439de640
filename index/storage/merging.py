"""Several sources' accounts of one record -> the record.

A pure function of what was contributed, whatever the order in which files were read: a later correction
wins over what it corrected, the later version of a daily file over the version that it replaced, the answer over
a holding answer, the fuller text over a clipped one, and a whole text from the record's own page at the official
API over any other. Of a withdrawn question nothing is
an answer but what the account that says so still gives. Other facts come from the most trusted source that
states them, and every source is kept as provenance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from index.records import Link, Member, WrittenAnswer
from index.text.links import unplaced

T = TypeVar("T")

# Most trusted first. The API's own records know most about procedure; page text knows least.
_TRUST = (
    "api",
    "jsonl",
    "api-list",
    "linked-data",
    "theyworkforyou",
    "parallelparliament",
    "linked-data-csv",
    "longform",
)
# What a made-up id looks like tells how well it identifies: a source's own id, else House/date/UIN, else the API's.
_FACTS = (
    "uin", "heading", "addressed_to", "role", "tabled", "answered", "month", "due",
    "named_day", "interest", "url", "holding_date", "corrected_on",
)  # fmt: skip


def merge(accounts: Sequence[WrittenAnswer]) -> WrittenAnswer:
    """Return the one record that `accounts`, at least one, tell together."""
    everyone = sorted(accounts, key=lambda a: (_trust(a), a.origin))
    ranked = [a for a in everyone if not any(_same_file(a, b) and supersedes(b, a) for b in everyone)]
    saying = [a for a in ranked if a.withdrawn] or ranked
    text = max(_current(saying), key=lambda a: (_standing(a), -_trust(a), a.answer))
    asked = max(ranked, key=lambda a: (not a.question_truncated, bool(a.question), len(a.question)))
    named = _first(ranked, lambda a: a.department if not a.department_inferred else None)
    stated_house = next((a for a in ranked if not a.house_inferred), ranked[0])
    return replace(
        ranked[0],
        id=_id(everyone),
        house=stated_house.house,
        house_inferred=stated_house.house_inferred,
        department=named or _first(ranked, lambda a: a.department),
        department_inferred=named is None and any(a.department for a in ranked),
        question=asked.question,
        question_truncated=asked.question_truncated,
        answer=text.answer,
        truncated=text.truncated,
        links=_links(text, saying),
        speakers=text.speakers,
        original_answer=_first(saying, lambda a: a.original_answer),
        correction=_first(saying, lambda a: a.correction),
        keys=tuple(sorted({key for a in everyone for key in (a.id, *a.keys)})),
        withdrawn=any(a.withdrawn for a in ranked),
        # The mark belongs to a text: a full text that says nothing of it is held to it by its beginning.
        holding=text.holding or any(a.holding and _begins_like(text.answer, a.answer) for a in saying),
        corrected=any(a.corrected for a in ranked),
        replaced=ranked[0].replaced,
        grouped=_first(ranked, lambda a: a.grouped) or (),
        attachments=_first(saying, lambda a: a.attachments) or (),
        origin="+".join(a.origin for a in ranked),
        sources=tuple(sorted({name for a in ranked for name in a.sources})),
        asked_by=_member(a.asked_by for a in ranked),
        answered_by=_member(a.answered_by for a in ranked),
        **{name: _first(ranked, lambda a, name=name: getattr(a, name)) for name in _FACTS},  # type: ignore[misc]
    )


def _member(stated: Iterable[Member | None]) -> Member | None:
    """Return the first Member with a name, else the first: some sources know their numbers only."""
    known = [member for member in stated if member]
    return next((member for member in known if member.name), known[0] if known else None)


def _links(text: WrittenAnswer, accounts: Sequence[WrittenAnswer]) -> tuple[Link, ...]:
    """Return the links of the account whose text is taken, else those of another: in a different text without place."""
    told = text if text.links else next((a for a in accounts if a.links and a.answer == text.answer), None)
    if told:
        return told.links
    return unplaced((link.url for link in _first(accounts, lambda a: a.links) or ()), text.answer)


def completed(accounts: Sequence[WrittenAnswer]) -> bool:
    """Return whether a clipped account was made whole by another."""
    return any(a.truncated or a.question_truncated for a in accounts) and not (
        (whole := merge(accounts)).truncated or whole.question_truncated
    )


def supersedes(one: WrittenAnswer, other: WrittenAnswer) -> bool:
    """Return whether an account is of a later version of a daily file, or of a later day's, and not without an answer.

    How much either says does not matter: what a version left out or put right is not valid any more.
    """
    if not one.edition or not other.edition or (other.answer and not one.answer):
        return False
    return _edition(one) > _edition(other)


def _edition(account: WrittenAnswer) -> tuple[str, int, str, bool]:
    """Return what orders the versions of daily files: day, letters ("z" before "aa"), whether it was replaced."""
    day, letters = (account.edition or "")[:10], (account.edition or "")[10:]
    return day, len(letters), letters, not account.replaced


def _same_file(one: WrittenAnswer, other: WrittenAnswer) -> bool:
    """Tell whether two accounts are of versions of one daily file; the files of two days do not replace each other."""
    return one.edition is not None and one.edition[:10] == (other.edition or "")[:10]


def fuller(one: WrittenAnswer, other: WrittenAnswer) -> WrittenAnswer:
    """Return the account that is further on, or has the fuller text; the same, whatever their order.

    A question is tabled, answered, corrected, perhaps withdrawn, and never the other way.
    """
    return max(
        one, other, key=lambda a: (a.withdrawn, bool(a.answer), _corrected(a), _fullness(a), a.answer, a.question)
    )


def is_clip_of(clip: WrittenAnswer, whole: WrittenAnswer) -> bool:
    """Return whether one account is another with texts that its source clipped."""
    answers = clip.answer == whole.answer or (clip.truncated and _begins_like(whole.answer, clip.answer))
    questions = clip.question == whole.question or (
        clip.question_truncated and _begins_like(whole.question, clip.question)
    )
    shorter = clip.truncated > whole.truncated or clip.question_truncated > whole.question_truncated
    fuller_elsewhere = clip.truncated < whole.truncated or clip.question_truncated < whole.question_truncated
    return answers and questions and shorter and not fuller_elsewhere and clip.withdrawn == whole.withdrawn


def _current(accounts: Sequence[WrittenAnswer]) -> list[WrittenAnswer]:
    """Return the accounts of the answer as it was last corrected, of those that have one.

    A full text says nothing of corrections; it is that of the corrected answer if it begins like it.
    """
    answered = [a for a in accounts if a.answer] or list(accounts)
    latest = max(map(_corrected, answered))
    newest = [a for a in answered if _corrected(a) == latest]
    return newest + [a for a in answered if a not in newest and any(_begins_like(a.answer, b.answer) for b in newest)]


def _corrected(account: WrittenAnswer) -> date:
    return account.corrected_on or date.min


def _begins_like(text: str, beginning: str) -> bool:
    """Return whether a text begins with a clipped one, spacing and punctuation aside; nothing begins with nothing."""
    letters = _letters(beginning)
    return bool(letters) and _letters(text).startswith(letters)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _standing(account: WrittenAnswer) -> tuple[bool, bool, bool, int]:
    """Order the texts of different sources: as `_fullness`, but the official page's before the longer."""
    real, whole, length = _fullness(account)
    return real, whole, bool(account.answer) and account.origin.startswith("api:"), length


def _fullness(account: WrittenAnswer) -> tuple[bool, bool, int]:
    """Order texts: the real answer before a holding one, whole before clipped, longer first."""
    return not account.holding, not account.truncated, len(account.answer)


def _id(ranked: Sequence[WrittenAnswer]) -> str:
    """Return the id that citations use: a source's own, else one from House, date tabled and UIN, else the API's."""
    own = [a.id for a in ranked if a.origin.startswith("jsonl:")]
    made = sorted((a.id for a in ranked), key=lambda i: (i.startswith("api:"), i))
    return min(own) if own else made[0]


def _first(ranked: Sequence[WrittenAnswer], fact: Callable[[WrittenAnswer], T | None]) -> T | None:
    return next((value for a in ranked if (value := fact(a)) not in (None, ())), None)


def _trust(account: WrittenAnswer) -> int:
    source = account.origin.partition(":")[0]
    return _TRUST.index(source) if source in _TRUST else len(_TRUST)
