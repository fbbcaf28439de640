"""What a correction changed in an answer."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from index.records import WrittenAnswer
from rag.answering.attribution import day_text

_INSERTED = re.compile(r"<ins>.*?</ins>", re.DOTALL)
_DELETED = re.compile(r"<del>.*?</del>", re.DOTALL)
_TAGS = re.compile(r"</?(?:ins|del)>")
# Changes with no more words than this between them are told as one.
_GAP = 3
_TOLD = 3  # changes told; the citation's record shows all
_LONGEST = 30  # words quoted of one


@dataclass(frozen=True, slots=True)
class Correction:
    """Words of an answer before and after its correction; either may be empty."""

    before: str
    after: str


def correction_note(record: WrittenAnswer, number: int) -> str | None:
    """Return what a correction changed in the answer cited as `number`, or None for one never corrected."""
    if not record.corrected:
        return None
    told = f"The answer cited as [{number}] was corrected"
    if record.corrected_on:
        told += f" on {day_text(record.corrected_on)}"
    found = corrections(record)
    if not found:
        return f"{told}; what it said before is not recorded."
    more = f" and {len(found) - _TOLD} more changes" if len(found) > _TOLD else ""
    return f"{told}: {'; '.join(map(_phrase, found[:_TOLD]))}{more}."


def corrections(record: WrittenAnswer) -> list[Correction]:
    """Return the changes that a correction made, in order; none where the old text is not known."""
    before, after = record.original_answer, record.answer
    if not before and record.correction:
        before = _plain(_INSERTED.sub("", record.correction))
        after = _plain(_DELETED.sub("", record.correction))
    return _differences(before.split(), after.split()) if before else []


def _plain(marked: str) -> str:
    return html.unescape(_TAGS.sub("", marked))


def _differences(before: Sequence[str], after: Sequence[str]) -> list[Correction]:
    """Return the runs of words that differ, those close to each other as one."""
    spans: list[tuple[int, int, int, int]] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if spans and a - spans[-1][1] <= _GAP:
            spans[-1] = (spans[-1][0], b, spans[-1][2], d)
        else:
            spans.append((a, b, c, d))
    return [Correction(" ".join(before[a:b]), " ".join(after[c:d])) for a, b, c, d in spans]


def _phrase(change: Correction) -> str:
    if not change.before:
        return f"“{_clipped(change.after)}” was added"
    if not change.after:
        return f"“{_clipped(change.before)}” was taken out"
    return f"“{_clipped(change.before)}” became “{_clipped(change.after)}”"


def _clipped(text: str) -> str:
    words = text.split()
    return " ".join(words[:_LONGEST]) + (" …" if len(words) > _LONGEST else "")
