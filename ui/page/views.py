"""What the page shows, as pure functions from replies and records to HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from index import Info, WrittenAnswer
from rag import (
    LICENCE,
    LICENCE_URL,
    Citation,
    Coverage,
    GatedSentence,
    Hit,
    Reason,
    RelatedQuestion,
    Reply,
    Sentence,
    ShortAnswer,
    day,
    did_you_mean,
    links_in,
    marks_after,
    number_search_url,
)
from ui import exports
from ui.filter_form import address as asked_address
from ui.labels import REASON, Words, come_first, coverage, likelihood, only, suggestions
from ui.page.charts import Chart, chart
from ui.page.conversation_address import asked_turn, conversation_address, without
from ui.page.results_view import citation_of
from ui.page.source_cards import NONE, Source, sources_of
from ui.page.watches import watch_of
from ui.rendering.rich_text import Block, blocks, emphasised, joined, referenced
from ui.rendering.templates import render
from ui.server.feedback import about

# Questions with the same answer that are listed by name on a card; the others are counted.
TWINS_SHOWN = 5
# Records shown while an answer is being written.
FOUND_SHOWN = 4
_UNKNOWN = Words("No answer found", "This archive does not answer the question.")


@dataclass(frozen=True, slots=True)
class Extract:
    """Consecutive sentences of one record, or of our own."""

    blocks: tuple[Block, ...]
    source: Source | None  # None: the words are ours
    part: str | None = None  # the part of the question that begins to be answered here
    introduced: bool = False  # the words before it, ours, say who is quoted
    short: ShortAnswer | None = None  # the words are this


@dataclass(frozen=True, slots=True)
class ReadingChip:
    """What a phrase of the question was read as, and the address that asks the question without that."""

    said: str
    name: str  # the same in short
    address: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its reply, ready to be shown."""

    number: int
    reply: Reply
    extracts: tuple[Extract, ...]
    sources: tuple[Source, ...]
    newer: tuple[Source, ...]  # answers given after all that are quoted
    cited: Mapping[int, tuple[Citation, Source]]  # by the citation's number
    chart: Chart | None  # a figure over time that goes with the answer
    meant: tuple[tuple[str, str], ...]  # what may have been meant by a word, each with the address that asks so
    related: tuple[tuple[RelatedQuestion, str], ...]  # each with the address that asks it
    notes: tuple[str, ...]  # the other sentences that go with the reply
    unanswered: tuple[str, ...]  # parts of the question that no sentence answers
    why: Words
    look_up: tuple[tuple[str, str], ...]  # numbers that are not held, each with a search on Parliament's site
    tips: tuple[str, ...]
    address: str  # of the conversation
    about: str  # what an opinion on this answer is sent with
    copied: str  # the answer with its references as plain text
    struck: tuple[GatedSentence, ...]  # what a language model wrote and the check did not let through
    writing: bool  # whether more is to come

    def references(self, numbers: Sequence[int]) -> list[list[int]]:
        """Return the citations of some numbers by their records: each record is referred to once."""
        by_source: dict[int, list[int]] = {}
        for n in numbers:
            if n in self.cited:
                by_source.setdefault(self.cited[n][1].number, []).append(n)
        return list(by_source.values())

    @property
    def two_times(self) -> bool:
        """Whether its two parts are about two times, to be read next to each other."""
        return "two_times" in self.reply.understood.asks and len(self.reply.understood.parts) == 2

    @property
    def quoted(self) -> bool:
        """Whether the answer holds a minister's own words."""
        return any(extract.source for extract in self.extracts)

    @property
    def marked(self) -> bool:
        """Whether some of the minister's words are in bold, as those that answer."""
        return any(block.marked for extract in self.extracts for block in extract.blocks)

    @property
    def shortened(self) -> str:
        """Where the short answers come from, in words; "" where there are none."""
        told = {
            True: "The short answer is taken from the sentence in bold.",
            False: "“No” is our reading of the sentence in bold.",
        }
        return " ".join(told[verbatim] for verbatim in dict.fromkeys(one.verbatim for one in self.reply.short))

    @property
    def likelihood(self) -> str:
        """How sure the answer is, in words."""
        return likelihood(self.reply.confidence)


def conversation(
    turns: Sequence[Reply],
    records: Mapping[str, WrittenAnswer],
    targets: Mapping[str, WrittenAnswer] = NONE,
    *,
    opinions: bool = False,
    watches: bool = False,
    writing: bool = False,
) -> str:
    """Return the last reply in full and the earlier ones folded up. No replies: an empty page's words.

    `records` holds what is shown by id, `targets` the answer that each referral among them points to. With
    `opinions` people are asked whether the answer helped; with `watches` the question can be watched; with `writing`
    the last reply is not whole yet.
    """
    address = conversation_address(turns)
    shown = [
        _turn(number, reply, records, targets, address=address, writing=writing and number == len(turns))
        for number, reply in enumerate(turns, 1)
    ]
    if not shown:
        return ""
    *earlier, last = shown
    return render(
        "conversation", last=last, earlier=earlier[::-1], formats=exports.FORMATS, opinions=opinions,
        readings=tuple(_readings(turns)), plain=sorted(last.reply.understood.ignore),
        watch=watch_of(last.reply) if watches else "",
    )  # fmt: skip


def _readings(turns: Sequence[Reply]) -> Iterator[ReadingChip]:
    """Yield what the last question was understood to say, each with the address that asks it without."""
    understood = turns[-1].understood
    named = understood.from_words | ({"dates"} if {"since", "until"} & understood.from_words else set())
    for one in understood.preferences:
        name = only(one.kind, one.value) if one.kind in named else come_first(one.kind, one.value, one.named)
        yield ReadingChip(f"“{one.phrase}”: {name}", name, without(turns, one.phrase))
    for typed, meant in understood.mended:
        said = f"“{typed}” was read as “{meant}”"
        yield ReadingChip(said, said, without(turns, typed))
    for form in understood.expansions:
        yield ReadingChip(f"Also searched for: {form}", f"also searched for: {form}", without(turns, form))


def found(hits: Sequence[Hit]) -> str:
    """Return the records that were found, to be looked at while the answer is being put together."""
    citations = [citation_of(hit) for hit in hits[:FOUND_SHOWN]]
    known = {hit.record.id: hit.record for hit in hits}
    return render("found", sources=sources_of(citations, known, prefix="found", opened=0))


def message(title: str, text: str) -> str:
    """Return the box for an error, ours or the user's."""
    return render("message", title=title, text=text)


def fault(field: str | None, text: str) -> str:
    """Return what is wrong with a filter, to be shown at its field; "" where it is none's."""
    return render("fault", field=field, text=text) if field else ""


def status(text: str, *, busy: bool = False) -> str:
    """Return the line that says what is being done; screen readers read it out."""
    return render("status", text=text, busy=busy)


def header(*, worded: bool = False, watches: bool = False) -> str:
    """Return the top of the page; `worded` where a language model puts answers in its own words."""
    return render("header", worded=worded, watches=watches)


def footer(info: Info, cover: Coverage) -> str:
    """Return the bottom of the page: licence, what the archive holds, its build."""
    built = day(datetime.fromisoformat(info.built).date()) if info.built else None
    return render(
        "footer", licence=LICENCE, licence_url=LICENCE_URL, coverage=coverage(cover), build_id=info.build_id,
        model=info.model, built=built,
    )  # fmt: skip


def summary(reply: Reply) -> str:
    """Return in one line what came back, for people who cannot see the page."""
    if reply.abstained:
        return _why(reply).name + "."
    records = len({citation.record_id for citation in reply.citations})
    return f"Answer ready, from {records} written answer{'s' if records != 1 else ''}."


def needed(turns: Sequence[Reply]) -> tuple[str, ...]:
    """Return the ids of the records that `conversation` shows for these replies."""
    cited = [c for reply in turns for c in (*reply.citations, *reply.nearest, *reply.newer)]
    return tuple(dict.fromkeys(i for c in cited for i in (c.record_id, *c.also_given_to[:TWINS_SHOWN])))


def _turn(
    number: int,
    reply: Reply,
    records: Mapping[str, WrittenAnswer],
    targets: Mapping[str, WrittenAnswer],
    *,
    address: str,
    writing: bool,
) -> Turn:
    sources = sources_of(
        reply.citations or reply.nearest,
        records,
        prefix=f"source-{number}",
        opened=0 if reply.abstained else 1,
        targets=targets,
    )
    by_record = {source.citation.record_id: source for source in sources}
    cited = {c.n: (c, by_record[c.record_id]) for c in reply.citations}
    answered = {sentence.part for sentence in reply.sentences}
    unheld = reply.reason is Reason.NO_SUCH_QUESTION
    parts = reply.understood.parts if answered - {None} else ()
    meant = tuple(_meant(reply))
    return Turn(
        number=number,
        reply=reply,
        extracts=tuple(_extracts(reply, cited, records)),
        sources=sources,
        newer=sources_of(reply.newer, records, prefix=f"newer-{number}", opened=0, targets=targets),
        cited=cited,
        chart=chart(reply.series) if reply.series else None,
        meant=meant,
        related=tuple((one, asked_address(one.question, {})) for one in reply.related),
        notes=tuple(note for note in reply.notes if note not in {did_you_mean(word) for word, _ in meant}),
        unanswered=tuple(part for place, part in enumerate(parts) if place not in answered),
        why=_why(reply),
        look_up=tuple((uin, number_search_url(uin)) for uin in reply.understood.uins) if unheld else (),
        tips=suggestions(
            reply.reason,
            filtered=bool(reply.understood.filters),
            cover=None if reply.explanation else reply.coverage,
        ),
        address=address,
        about=about(reply).as_json(),
        copied=exports.copied(reply),
        struck=tuple(one for one in reply.written.sentences if not one.kept) if reply.written else (),
        writing=writing,
    )


def _meant(reply: Reply) -> Iterator[tuple[str, str]]:
    """Yield what may have been meant by a word, with the address of the question that has it in that word's place."""
    asked = asked_turn(reply, first=True)
    for typed, meant in reply.understood.asked:
        question = re.sub(rf"(?<!\w){re.escape(typed)}(?!\w)", meant.replace("\\", r"\\"), asked.question)
        if question != asked.question:
            yield meant, f"?{replace(asked, question=question).query}"


def _why(reply: Reply) -> Words:
    """Return why there is no answer; the assistant's own explanation goes before ours."""
    words = REASON.get(reply.reason or "", _UNKNOWN)
    return Words(words.name, reply.explanation or words.meaning)


@dataclass(slots=True)
class _Run:
    """Sentences that follow each other and come from one record, or one sentence of our own."""

    source: Source | None
    part: int | None
    sentences: list[Sentence]
    rests_on: set[str]  # ids of the records cited


def _runs(reply: Reply, cited: Mapping[int, tuple[Citation, Source]]) -> list[_Run]:
    runs: list[_Run] = []
    for sentence in reply.sentences:
        known = [cited[n] for n in sentence.citations if n in cited]
        source = known[0][1] if sentence.verbatim and known else None
        last = runs[-1] if runs else None
        if last and source and last.source is source and last.part == sentence.part:
            last.sentences.append(sentence)
        else:
            runs.append(_Run(source, sentence.part, [sentence], {citation.record_id for citation, _ in known}))
    return runs


def _extracts(
    reply: Reply, cited: Mapping[int, tuple[Citation, Source]], records: Mapping[str, WrittenAnswer]
) -> Iterator[Extract]:
    """Yield what an answer is made of. Ours that says who speaks next needs no reference: what follows has it."""
    if reply.worded:
        yield Extract(_flowing(reply.sentences), None)
        return
    short = {one.part: one for one in reply.short if one.citation in cited}
    runs: list[_Run | None] = [None, *_runs(reply, cited), None]
    for before, run, after in zip(runs, runs[1:], runs[2:], strict=False):
        if run is None:
            continue
        begins = before is None or before.part != run.part
        part = _part(reply, run.part) if begins else None
        if begins and (one := short.get(run.part)):
            yield Extract(referenced(blocks(one.text), (one.citation,)), None, part, short=one)
            part = None
        if run.source:
            yield Extract(_quoted(run, cited, records), run.source, part, introduced=_leads(before, run))
        else:
            said = blocks(run.sentences[0].text)
            yield Extract(said if _leads(run, after) else referenced(said, run.sentences[0].citations), None, part)


def _flowing(sentences: Sequence[Sentence]) -> tuple[Block, ...]:
    """Return the sentences of a language model as running text."""
    said: tuple[Block, ...] = ()
    for sentence in sentences:
        said = joined(said, referenced(blocks(sentence.text), sentence.citations, sentence.reworded), "")
    return said


def _leads(one: _Run | None, other: _Run | None) -> bool:
    """Return whether a sentence of our own introduces the record that is quoted next."""
    if one is None or other is None or one.source or not other.source:
        return False
    return other.source.citation.record_id in one.rests_on


def _quoted(
    run: _Run, cited: Mapping[int, tuple[Citation, Source]], records: Mapping[str, WrittenAnswer]
) -> tuple[Block, ...]:
    """Return the sentences of a run as in their record, with gap marks where words between are left out."""
    said: tuple[Block, ...] = ()
    before: Citation | None = None
    waiting: tuple[int, ...] = ()  # citations of sentences whose number comes after the next
    for sentence, marks in zip(run.sentences, marks_after(_numbered(run.sentences, cited)), strict=True):
        waiting += sentence.citations
        citation = next(cited[n][0] for n in sentence.citations if n in cited)
        words = blocks(sentence.text, links=links_in(sentence, [citation]))
        # A sentence that stands alone needs no emphasis.
        words = emphasised(words) if sentence.key and len(run.sentences) > 1 else words
        text = referenced(words, waiting) if marks else words
        waiting = () if marks else waiting
        said = joined(said, text, _between(before, citation, records)) if before else text
        before = citation
    return said


def _numbered(
    sentences: Sequence[Sentence], cited: Mapping[int, tuple[Citation, Source]]
) -> list[Sentence]:  # fmt: skip
    """Return sentences with the numbers of records in place of those of citations."""
    return [replace(one, citations=tuple(cited[n][1].number for n in one.citations if n in cited)) for one in sentences]


def _between(one: Citation, other: Citation, records: Mapping[str, WrittenAnswer]) -> str | None:
    """Return the text between two quotes in their record; None where it is not known."""
    record = records.get(one.record_id)
    if not record or other.start < one.end:
        return None
    return record.answer[one.end : other.start]


def _part(reply: Reply, part: int | None) -> str | None:
    parts = reply.understood.parts
    return parts[part] if part is not None and 0 <= part < len(parts) and len(parts) > 1 else None
