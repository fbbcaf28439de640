"""What the command line writes: results to stdout, progress and messages to stderr."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from textwrap import indent, shorten
from time import monotonic
from typing import TYPE_CHECKING, Any
from unicodedata import category

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

if TYPE_CHECKING:
    from index import Fault
    from rag import Citation, Hit, Reply, ReplyCheck, Sentence, Series, Thread

_PASSAGE = 400  # characters of a hit's passage, cut between words
_LINE = 60  # characters of a sentence, where a line is about it
out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


class _Rate(ProgressColumn):
    """Items a second."""

    def render(self, task: Task) -> Text:
        """Return the rate of a task, or nothing before it is known."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


@contextmanager
def progress_bar(silence: float = 60.0) -> Iterator[Callable[[str, int, int | None], None]]:
    """Yield a callback that shows the stages of a long job: on a terminal with rate and time left.

    Elsewhere a line is written at the start of each stage and after every `silence` seconds of it.
    """
    if not err.is_terminal:
        written: dict[str, float] = {}

        def plain(stage: str, done: int, total: int | None) -> None:
            if monotonic() - written.get(stage, -inf) >= silence:
                err.print(
                    f"{stage}: {done:,}{f' of {total:,}' if total else ''}" if stage in written else f"{stage} ..."
                )
                written[stage] = monotonic()

        yield plain
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=err) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int | None) -> None:
            task = tasks.setdefault(stage, bars.add_task(stage, total=total)) if stage not in tasks else tasks[stage]
            bars.update(task, completed=done, total=total)

        yield show


def print_faults(faults: Sequence[Fault], total: int) -> None:
    """Say what could not be used: the first twenty of them with their places, and how many more there are."""
    for fault in faults[:20]:
        err.print(f"Skipped: {_safe(fault.place)}: {_safe(fault.reason)}")
    if total > min(len(faults), 20):
        err.print(f"... and {total - min(len(faults), 20):,} more.")


def print_notes(notes: Sequence[Fault], total: int) -> None:
    """Say what is worth knowing about files of which nothing was skipped: the first twenty, and how many more."""
    for note in notes[:20]:
        err.print(f"Note: {_safe(note.place)}: {_safe(note.reason)}")
    if total > min(len(notes), 20):
        err.print(f"... and {total - min(len(notes), 20):,} more notes.")


def print_json(data: Any) -> None:
    """Write one JSON value to stdout; never coloured, never wrapped."""
    plain = (getattr(out.file, "encoding", None) or "utf-8").lower().replace("-", "") != "utf8"
    out.file.write(json.dumps(data, ensure_ascii=plain) + "\n")


@contextmanager
def draft_shown() -> Iterator[Callable[[str], None] | None]:
    """Yield a callback that writes a language model's draft as it comes, on a terminal only; None elsewhere."""
    if not err.is_terminal:
        yield None
        return
    begun = False

    def show(piece: str) -> None:
        nonlocal begun
        if not begun:
            err.print("Draft, not yet checked:", style="dim")
        begun = True
        err.print(Text(_safe(piece)), style="dim", end="")

    yield show
    if begun:
        err.print("\n")


def _safe(text: str) -> str:
    """Return text that comes from elsewhere without characters that control a terminal."""
    return "".join(sign for sign in text if sign == "\n" or category(sign)[0] != "C")


def print_reply(reply: Reply, style: str = "hansard") -> None:
    """Write an answer with its numbered sources in a reference style, or why there is none, for people."""
    from rag import marks_after

    reply = reply.by_record
    if reply.abstained:
        out.print(f"No answer: {reply.explanation or reply.reason}")
        if reply.nearest:
            out.print("\nNearest records (not an answer):")
    else:
        part: int | None = None
        for sentence, marks in zip(reply.spoken, marks_after(reply.spoken), strict=True):
            if sentence.part != part and sentence.part is not None:
                out.print(Text(f"({sentence.part + 1}) {_safe(reply.understood.parts[sentence.part])}", style="bold"))
            part = sentence.part
            print_sentence(sentence, marks)
        _print_links(reply)
        _print_struck(reply)
        out.print("\nSources")
    for source in _by_record(reply.citations or reply.nearest):
        print_source(source, style)
    if reply.series:
        print_series(reply.series)
    if reply.newer:
        out.print("\nNewer answers that may bear on this, not quoted here")
    for newer in reply.newer:
        print_source([newer], style, numbered=False)
    if reply.related:
        out.print("\nRelated questions")
    for one in reply.related:
        out.print(f"- {_safe(one.shown)}{f' ({one.answered:%B %Y})' if one.answered else ''}")
    for note in reply.notes:
        out.print(f"\nNote: {note}")
    cover = reply.coverage
    reach = f" ({cover.houses_held}; {cover.years_held or f'{cover.first} to {cover.last}'})" if cover.records else ""
    out.print(
        f"\nFrom {cover.records:,} written answers{reach}, archive {reply.build_id}. "
        "Contains Parliamentary information licensed under the Open Parliament Licence v3.0."
    )


def print_sentence(sentence: Sentence, citations: Sequence[int]) -> None:
    """Write one sentence with numbers after it: a minister's words set in, ours at the margin and in another type."""
    marks = "".join(f"[{n}]" for n in citations)
    if sentence.verbatim:
        out.print(indent(f"{_safe(sentence.text)} {marks}".rstrip(), "  "))
    else:
        out.print(Text.assemble((_safe(sentence.text), "italic"), f" {marks}" if marks else ""))
    if basis := sentence.reworded:
        quote = " ".join(_safe(basis.quote).split())
        out.print(Text(f"  [{basis.citation}] “{quote}”", style="dim"))


def print_series(series: Series) -> None:
    """Write a figure over time, one line for each."""
    out.print(f"\nA figure over time\n{_safe(series.name)}")
    width = max(len(point.period) for point in series.points)
    for point in series.points:
        source = "" if series.of_one_answer else f"  {point.url or point.record_id}"
        out.print(f"  {_safe(point.period):{width}}  {_safe(point.written)}{_safe(source)}")


def _print_links(reply: Reply) -> None:
    """Write where the words quoted lead."""
    if reply.links:
        out.print("\nLinks in this answer:")
    for link in reply.links:
        out.print(f"  [{link.n}] {_safe(link.words)}: {_safe(link.url)}")


def _print_struck(reply: Reply) -> None:
    """Write the sentences of a language model that were struck out, as struck, each with why."""
    struck = [sentence for sentence in reply.written.sentences if not sentence.kept] if reply.written else []
    if struck:
        out.print("\nStruck out of the language model's draft (not part of the answer):")
    for sentence in struck:
        out.print(Text.assemble("  ", (_safe(sentence.text), "strike dim"), f"  [{_safe(sentence.why)}]"))


def _by_record(citations: Sequence[Citation]) -> list[list[Citation]]:
    """Return the citations of each record, and of each minister who replied in it, together, by first appearance."""
    sources: dict[tuple[str, str | None], list[Citation]] = {}
    for citation in citations:
        sources.setdefault((citation.record_id, citation.minister), []).append(citation)
    return list(sources.values())


def print_source(citations: Sequence[Citation], style: str = "hansard", *, numbered: bool = True) -> None:
    """Write one record: its reference, with the number it is cited by, its twins, and where to read it."""
    from rag import links_of

    first = citations[0]
    out.print(f"{f'[{first.n}]' if numbered else '-'} {first.reference(style)}")
    if first.also_given_to:
        others = len(first.also_given_to)
        out.print(f"    also given to {others} other question{'s' if others > 1 else ''}")
    if style == "hansard":
        for address, name in links_of(first):
            out.print(f"    {address}" if first.url else f"    {name}: {address}")


def print_reply_check(found: ReplyCheck, title: str | None = None) -> None:
    """Write what checking a saved reply found, one line a sentence, citation or fault."""
    if title:
        out.print(f"\n{_safe(title)}")
    for sentence in found.sentences:
        words = sentence.text if len(sentence.text) <= _LINE else f"{sentence.text[:_LINE]} …"
        out.print(f"{sentence.place}. “{_safe(words)}”: {sentence.verdict}. {_safe(sentence.detail)}".rstrip())
    for check in found.citations:
        detail = "" if check.ok else f" {_safe(check.detail)}"
        out.print(f"[{check.n}] {_safe(check.record_id)}: {check.verdict}.{detail}")
    for fault in found.faults:
        out.print(f"Differs: {_safe(fault)}")
    for remark in found.remarks:
        out.print(_safe(remark))


def print_thread(thread: Thread) -> None:
    """Write the family of a record, one line a member."""
    for one in thread.relatives:
        when = f"{one.day:%B %Y}" if one.day and one.month_only else str(one.day or "no date")
        what = one.heading or one.url or ""
        name = one.record_id or (f"question {one.uin}" if one.uin else "not in this archive")
        status = f" [{one.status}]" if one.status else ""
        of = "" if one.of in (one.record_id, thread.record_id) else f" {one.of}"
        out.print(f"{when:15} {one.relation}{of}: {name}{status} {what}".rstrip())
        if one.may_be:
            out.print(f"{'':15} may be: {', '.join(one.may_be)}")
    if thread.cut:
        out.print("Not all are shown.")


def print_hit(hit: Hit, explain: bool) -> None:
    """Write one hit of a search."""
    from index import joined_links, links_within, record_page
    from rag import cite, leading, links_of, title_of

    record = hit.record.credited_at(hit.start)
    minister = record.answered_by.name if record.answered_by else None
    who = ", ".join(filter(None, (minister, record.department)))
    day = record.answered or record.tabled or record.month or "no date"
    title = _safe(title_of(record.heading, record.question))
    number = f"UIN {record.uin}, " if record.uin else ""
    out.print(f"\n{hit.rank}. {title}")
    out.print(f"   {record.house}, {number}{day}, {who or 'minister not recorded'}  [{hit.status}]  {record.id}")
    for address, name in links_of(cite(hit.rank, hit.record, hit.status, hit.start, hit.end)):
        out.print(f"   {address}" if record_page(record.url) else f"   {name}: {address}")
    out.print(f"   {shorten(_safe(hit.passage or record.question), _PASSAGE, placeholder=' …')}")
    for words, url in leading(record.answer, joined_links(links_within(record.links, hit.start, hit.end))):
        out.print(f"   {_safe(words)}: {_safe(url)}")
    if hit.also_given_to:
        count = len(hit.also_given_to)
        out.print(f"   also given to {count} other question{'s' if count > 1 else ''}")
    if explain:
        out.print("   " + "  ".join(f"{name}={value:.3f}" for name, value in hit.features.items()))
