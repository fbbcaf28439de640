"""The lexical store: a tantivy index of headings, questions and answers, derived from the catalogue."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from index.records import WrittenAnswer
from index.storage import states
from index.storage.checksums import seal
from index.storage.sizes import SIZES, Sizes
from index.storage.states import MARK
from index.text.abbreviations import abbreviations
from index.text.word_query import AllOf, AnyOf, Condition, Term, Without, condition_of

FIELDS = ("heading", "question", "answer")
_WORD = re.compile(r"[^\W_]+")
# tantivy's default writer memory is for servers; this is enough for some 10^5 records between commits.
_HEAP = 128_000_000
# Too long to be indexed, it only leaves a place empty, so that no phrase reaches from one text into the next.
_BETWEEN = f"\n{'x' * 50}\n"
_HIGHEST = (1 << 63) - 1
Numbered = Iterable[tuple[int, WrittenAnswer]]
_COUNTS = 10_000  # words whose counts are remembered


class LexicalIndex:
    """An open lexical index, one document per record.

    It is made as a whole, or by deleting from and adding to that of an earlier state. tantivy goes on counting what was
    deleted in the statistics of BM25 until the segment that held it is merged: `replaced` says how much that is.
    """

    def __init__(self, index: tantivy.Index, place: Path) -> None:
        self._index = index
        self._searcher = index.searcher()
        self.place = place
        self._frequency = lru_cache(_COUNTS)(partial(_frequency, index, self._searcher))  # asked for many times

    @classmethod
    def open(cls, store: Path, stamp: str) -> LexicalIndex | None:
        """Return the index if it is whole and reflects the state `stamp`, else None: then build it again."""
        place = store / stamp
        try:
            before = (place / MARK).read_bytes()
            if not states.is_sealed(store, stamp):  # first of all: tantivy trusts its files
                return None
            index = tantivy.Index.open(str(place if os.access(place, os.W_OK) else _writable_twin(place)))
            if index.schema != _schema():
                return None
            opened = cls(index, place)
            return opened if (place / MARK).read_bytes() == before else None  # a removal begins with the seal
        except (ValueError, OSError):
            return None

    @classmethod
    def build(cls, store: Path, stamp: str, records: Numbered) -> LexicalIndex:
        """Write the index of numbered records for the state `stamp` next to those of other states; return it opened."""
        place = states.fresh(store, stamp)
        return cls._written(tantivy.Index(_schema(), path=str(place)), place, stamp, [], records)

    @classmethod
    def extend(
        cls,
        store: Path,
        stamp: str,
        former: str,
        changed: Sequence[int],
        records: Numbered,
        *,
        sizes: Sizes = SIZES,
    ) -> LexicalIndex | None:
        """Write the index for the state `stamp` from that of the state `former`, with which it shares its segments.

        The records numbered `changed` are removed, and then `records` added. Returns None where there is no such state,
        or too much would be deleted in it: then build the index as a whole.
        """
        old = cls.open(store, former)
        if old is None or old.replaced + len(changed) > sizes.most_replaced * len(old):
            return None
        place = states.fresh(store, stamp)
        states.carry(old.place, place)
        return cls._written(tantivy.Index.open(str(place)), place, stamp, changed, records, old.place / MARK)

    @classmethod
    def _written(
        cls,
        index: tantivy.Index,
        place: Path,
        stamp: str,
        gone: Sequence[int],
        records: Numbered,
        former: Path | None = None,
    ) -> LexicalIndex:
        """Delete some documents, add others, seal the index, and return it opened."""
        writer = index.writer(heap_size=_HEAP, num_threads=1)
        for number in gone:
            writer.delete_documents_by_term("number", number)
        for number, record in records:
            writer.add_document(
                tantivy.Document(
                    number=number, heading=record.heading or "", question=record.question, answer=record.answer,
                    **_vocabulary_of(record),
                )
            )  # fmt: skip
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        files = [file for file in place.iterdir() if file.suffix != ".lock" and file.name != MARK]
        seal(place / MARK, files, stamp, former=former)
        return cls(index, place)

    @property
    def replaced(self) -> int:
        """How many deleted documents still count in the scores."""
        segments = json.loads((self.place / "meta.json").read_text())["segments"]
        return sum(segment["deletes"]["num_deleted_docs"] for segment in segments if segment["deletes"])

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def numbers(self, first: int = 0, last: int = _HIGHEST) -> NDArray[np.int64]:
        """Return the numbers of all records in the index, from `first` to `last`, ascending."""
        query = tantivy.Query.range_query(_schema(), "number", tantivy.FieldType.Integer, first, last)
        return np.sort(self._top(query, max(1, min(len(self), last - first + 1)))[0])

    def search(
        self, text: str, k: int, *, boosts: Mapping[str, float], allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return record numbers and BM25 scores, best first, of the `k` best for the words of `text`.

        `boosts` weighs the fields searched. `allowed`, ascending record numbers, restricts before the top k.
        Ties break by number.
        """
        words = " ".join(_WORD.findall(text.lower()))
        limit = min(k, len(self) if allowed is None else len(allowed))
        if not words or limit <= 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        query = self._index.parse_query(words, list(boosts), field_boosts=dict(boosts))
        reach = max(2 * limit, 200)
        if allowed is not None:
            reach = reach * len(self) // len(allowed)  # so many hold as many that are allowed, if chance has its way
        while True:
            if allowed is not None and reach > len(allowed):  # then it is quicker to look among those alone
                query, reach, allowed = _among(query, allowed), max(2 * limit, 200), None
            numbers, scores = self._top(query, reach)
            ended, lowest = len(numbers) < reach, scores[-1:]
            if allowed is not None:
                keep = _are_in(numbers, allowed)
                numbers, scores = numbers[keep], scores[keep]
            if ended or (len(numbers) >= limit and scores[limit - 1] > lowest):
                order = np.lexsort((numbers, -scores))[:limit]
                return numbers[order], scores[order]
            reach *= 8  # the filter left too few, or more may score like the last: look further

    def fulfilling(self, words: str) -> NDArray[np.int64]:
        """Return the numbers of the records, ascending, whose heading, question and answer fulfil a condition.

        Raises ValueError where `words` are none (index.text.word_query).
        """
        return np.sort(self._top(self._query(condition_of(words)), max(1, len(self)))[0])

    def _query(self, condition: Condition) -> tantivy.Query:
        if isinstance(condition, AllOf):
            return tantivy.Query.boolean_query([(tantivy.Occur.Must, self._query(part)) for part in condition.parts])
        if isinstance(condition, AnyOf):
            return tantivy.Query.boolean_query([(tantivy.Occur.Should, self._query(part)) for part in condition.parts])
        if isinstance(condition, Without):
            everything = (tantivy.Occur.Must, tantivy.Query.all_query())
            return tantivy.Query.boolean_query([everything, (tantivy.Occur.MustNot, self._query(condition.part))])
        fields = list(FIELDS) if isinstance(condition, Term) else ["spelling"]
        return self._index.parse_query(f'"{condition.text}"', fields)  # whose words are cut as those of records were

    def document_frequency(self, word: str) -> int:
        """Return in how many records' answers or questions a word (unstemmed spelling) occurs."""
        return self._frequency(" ".join(_WORD.findall(word.lower())))

    def spellings(self) -> list[tuple[str, int]]:
        """Return each word as it is spelt, in lower case, with the number of records it occurs in, most first."""
        return [(str(word), int(count)) for word, count in self._searcher.terms_with_prefix("spelling", "")]

    def spelling_frequency(self, *words: str) -> int:
        """Return in how many records some words all occur in this very spelling, case aside."""
        if len(words) == 1:
            return int(self._searcher.doc_freq("spelling", words[0].lower()))
        terms = [tantivy.Query.term_query(_schema(), "spelling", word.lower(), "basic") for word in words]
        return _count(self._searcher, tantivy.Query.boolean_query([(tantivy.Occur.Must, term) for term in terms]))

    def phrase_frequency(self, phrase: str) -> int:
        """Return in how many records some words stand next to each other, inflected as they may be."""
        words = " ".join(_WORD.findall(phrase.lower()))
        return _count(self._searcher, self._index.parse_query(f'"{words}"', list(FIELDS))) if words else 0

    def abbreviations(self) -> list[tuple[str, str, int]]:
        """Return each short form with a long form, in lower case, and how many records explain it so, most first."""
        terms = self._searcher.terms_with_prefix("abbreviation", "")
        pairs = ((*str(term).partition("\t"), int(count)) for term, count in terms)
        return [(short, long, count) for short, _, long, count in pairs]

    def _top(self, query: tantivy.Query, limit: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        hits = self._searcher.search(query, limit=limit, count=False).hits
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        return np.array(numbers, dtype=np.int64), np.array([score for score, _ in hits], dtype=np.float32)


def _count(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    # The stubs leave `count` out.
    return int(searcher.search(query, limit=1, count=True).count or 0)  # type: ignore[attr-defined]


def _frequency(index: tantivy.Index, searcher: tantivy.Searcher, words: str) -> int:
    """Return in how many records' answers or questions all of some words occur."""
    if not words:
        return 0
    return _count(searcher, index.parse_query(words, ["question", "answer"], conjunction_by_default=True))


def _among(query: tantivy.Query, allowed: NDArray[np.int64]) -> tantivy.Query:
    """Return a query for those of its hits that have an allowed number, with the same scores."""
    numbers = tantivy.Query.const_score_query(tantivy.Query.term_set_query(_schema(), "number", allowed.tolist()), 0.0)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, numbers)])


def _are_in(numbers: NDArray[np.int64], allowed: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of some numbers are among those allowed, which ascend and are some."""
    places = np.minimum(np.searchsorted(allowed, numbers), len(allowed) - 1)
    return np.asarray(allowed[places] == numbers, np.bool_)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("number", stored=False, indexed=True, fast=True)
    for field in FIELDS:
        builder.add_text_field(field, stored=False, tokenizer_name="en_stem")
    # Words as they are spelt: for mending what people type, and for phrases in quotation marks.
    builder.add_text_field("spelling", stored=False, tokenizer_name="default", index_option="position")
    builder.add_text_field("abbreviation", stored=False, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _vocabulary_of(record: WrittenAnswer) -> dict[str, str | list[str]]:
    texts = (record.heading or "", record.question, record.answer)
    pairs = {pair for text in texts for pair in abbreviations(text)}
    return {"spelling": _BETWEEN.join(texts), "abbreviation": ["\t".join(pair) for pair in sorted(pairs)]}


def _writable_twin(place: Path) -> Path:
    """Return a folder with links to an index's files: tantivy writes a lock next to them, if only to read."""
    twin = Path(tempfile.mkdtemp(prefix="ministerial-answers-"))
    atexit.register(shutil.rmtree, twin, ignore_errors=True)
    for file in place.iterdir():
        if file.suffix != ".lock":
            (twin / file.name).symlink_to(file.resolve())
    return twin
