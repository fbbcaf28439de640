"""An answer with the targets of its links written into it: "as HCWS317 (https://...) sets out".

So archives before format 3 held their texts. Citations made of such a text give its hash, and offsets that count in
it; with this they are checked against the record as it is now. Rules that ask whether a sentence points to a page
read it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from index.records import Link, WrittenAnswer
from index.text.cleaning import readable
from index.text.web_addresses import states


@dataclass(frozen=True, slots=True)
class WithTargets:
    """The text, and what was written into it: (place in the record's answer, characters), in order."""

    text: str
    written: tuple[tuple[int, int], ...] = ()

    def in_answer(self, start: int, end: int) -> tuple[int, int]:
        """Return where a range of this text is in the record's answer; counted, as all here, in code points."""
        return self._in_answer(start), self._in_answer(end)

    def of_answer(self, start: int, end: int) -> tuple[int, int]:
        """Return where a range of the record's answer is in this text, without targets that are at its ends."""
        before = sum(length for place, length in self.written if place <= start)
        return start + before, end + sum(length for place, length in self.written if place < end)

    def _in_answer(self, place: int) -> int:
        gone = 0
        for at, length in self.written:
            if place <= at + gone:
                break
            gone += min(length, place - at - gone)
        return place - gone


def with_targets(record: WrittenAnswer) -> WithTargets:
    """Return the record's answer with its links' targets written into it.

    It is, character for character, the text of archives before format 3, wherever no more than this has changed
    in how the answer is cleaned.
    """
    answer = record.answer
    parts, written, last = [], [], 0
    for place, url in _targets(answer, record.links):
        target = f" ({readable(url)})"
        parts += [answer[last:place], target]
        written.append((place, len(target)))
        last = place
    return WithTargets("".join([*parts, answer[last:]]), tuple(written))


def _targets(answer: str, links: Sequence[Link]) -> Iterator[tuple[int, str]]:
    """Yield the targets to be written, and before which character; none where the words are the address."""
    for link, following in zip_longest(links, links[1:]):
        words = answer[link.start : link.end]
        goes_on = following is not None and (following.start, following.url) == (link.end, link.url)
        bare = words.rstrip(".,;:")
        if bare and not goes_on and not states(words, link.url):
            yield link.start + len(bare), link.url
