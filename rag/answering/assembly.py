"""Chosen pieces -> numbered sentences: quotations exactly as they stand, our lines between them marked as ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import groupby, pairwise

from index.records import WrittenAnswer
from rag.answering.attribution import introduction
from rag.answering.excerpts import Excerpt
from rag.answering.reading import Sheet
from rag.answering.selection import alike
from rag.answering.shares import shares
from rag.citations import Citation, Sentence, cite
from rag.retrieval.retriever import Hit
from rag.text.segments import SegmentKind
from rag.text.terms import numbers

# Citations of other answers that say the same as a quoted sentence.
_FURTHER = 3
# A sentence this short, "No.", is in many answers and says something else in each.
_TELLING = 6


class AnswerAssembly:
    """Puts an answer together; numbers its citations from 1 in order of appearance."""

    def __init__(self, hits: Sequence[Hit], pages: Sequence[Sheet]) -> None:
        """`hits` with their `pages` may be cited; hits without a page come after and are not looked into."""
        self.sentences: list[Sentence] = []
        self.citations: list[Citation] = []
        self._hits, self._pages = hits, pages
        self._numbers: dict[tuple[str, int, int], int] = {}
        self._last: WrittenAnswer | None = None  # whose words were quoted last
        self._quoting = False  # whether they are what was added last

    def say(self, text: str, numbers: Iterable[int] = (), *, part: int | None = None) -> None:
        """Add a sentence of ours that rests on the citations `numbers`."""
        self.sentences.append(Sentence(text=text, citations=tuple(numbers), verbatim=False, part=part))
        self._quoting = False

    def tell(self, excerpts: Sequence[Excerpt], *, part: int | None = None) -> None:
        """Add excerpts, each under a line that says who spoke and when.

        In the first, the sentences that answer are marked: of many marks none would mean anything.
        """
        for place, one in enumerate(excerpts):
            self.quote(one.hit, one.units, keys=frozenset(one.keys if place == 0 else ()), part=part)

    def quote(
        self,
        hit: int,
        places: Sequence[int],
        *,
        opening: str | None = None,
        keys: Set[int] = frozenset(),
        part: int | None = None,
    ) -> None:
        """Add units of one answer, in their order, under `opening` or the usual introduction.

        `keys` are the places of those that answer.
        """
        record = self._hits[hit].record
        units = self._pages[hit].units
        for credited, spoken in groupby(places, key=lambda place: record.credited_at(units[place].start)):
            self._quote(hit, list(spoken), credited, opening=opening, keys=keys, part=part)
            opening = None

    def _quote(
        self,
        hit: int,
        places: Sequence[int],
        record: WrittenAnswer,
        *,
        opening: str | None,
        keys: Set[int],
        part: int | None,
    ) -> None:
        """Add units of one answer that one minister spoke, to whom `record` is credited."""
        page = self._pages[hit]
        sentences = {(u.start, u.end) for u in page.units if u.kind is SegmentKind.SENTENCE}
        answering = [page.units[place].start for place in keys]
        lines = shares(page.units, places)
        quotes = []
        for start, end in self._runs(hit, places):
            first = self.number(hit, start, end)
            if first is not None:
                also = self._elsewhere(hit, start, end) if (start, end) in sentences else []
                key = any(start <= at < end for at in answering)
                quotes.append(
                    Sentence(text=record.answer[start:end], citations=(first, *also), verbatim=True, part=part, key=key)
                )
                if end in lines:
                    quotes.append(Sentence(text=lines[end], citations=(first,), verbatim=False, part=part))
        if not quotes:
            return
        last = self._last
        turned = last is not None and last.id == record.id and last.answered_by != record.answered_by
        if opening or not self._quoting or last is None or last.id != record.id or turned:
            leaning = page.units[min(places)].on_question
            resting = dict.fromkeys(number for quote in quotes for number in quote.citations[:1])
            self.say(opening or introduction(record, asked=leaning, after=None if turned else last), resting, part=part)
        self.sentences.extend(quotes)
        self._last, self._quoting = record, True

    def numbers_of(self, hit: int) -> list[int]:
        """Return the numbers of the citations of an answer so far."""
        return [citation.n for citation in self.citations if citation.record_id == self._hits[hit].record.id]

    def number(self, hit: int, start: int, end: int) -> int | None:
        """Return the number of the citation of a range, a new one where it was not cited before.

        None where the range is not in the text: what cannot be cited is not shown.
        """
        found = self._hits[hit]
        if not (0 <= start < end <= len(found.record.answer)):
            return None
        key = (found.record.id, start, end)
        if key not in self._numbers:
            self._numbers[key] = len(self.citations) + 1
            self.citations.append(
                cite(
                    self._numbers[key], found.record, found.status, start, end,
                    also_given_to=found.also_given_to, score=found.score,
                )
            )  # fmt: skip
        return self._numbers[key]

    def _runs(self, hit: int, places: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield ranges to quote: each sentence alone, neighbouring rows of a table or entries of a list as one."""
        units = self._pages[hit].units
        start, end = units[places[0]].start, units[places[0]].end
        for before, place in pairwise(places):
            together = place == before + 1 and units[place].kind is units[before].kind in (
                SegmentKind.ROW,
                SegmentKind.ITEM,
            )
            if not together:
                yield start, end
                start = units[place].start
            end = units[place].end
        yield start, end

    def _elsewhere(self, hit: int, start: int, end: int) -> list[int]:
        """Return the numbers of citations of other answers that say the same as a range."""
        own = self._hits[hit].record
        text = own.answer[start:end]
        if len(text.split()) < _TELLING:
            return []
        found: list[int] = []
        for other, page in enumerate(self._pages):
            if self._hits[other].record.id == own.id or len(found) == _FURTHER:
                continue
            for unit, words in zip(page.units, page.stems, strict=True):
                same = unit.text == text or (
                    numbers(unit.text) == numbers(text) and alike(words, self._stems(hit, start))
                )
                if same and (number := self.number(other, unit.start, unit.end)) is not None:
                    found.append(number)
                    break
        return found

    def _stems(self, hit: int, start: int) -> frozenset[str]:
        page = self._pages[hit]
        return next(
            (words for unit, words in zip(page.units, page.stems, strict=True) if unit.start == start), frozenset()
        )
