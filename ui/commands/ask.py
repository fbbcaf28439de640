"""Asking an archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ui.commands.options import (
    AsJson,
    AskedBy,
    Cite,
    DepartmentFilter,
    HouseFilter,
    Ignore,
    Index,
    Llm,
    LlmModel,
    Minister,
    ReaderFolder,
    SessionFilter,
    Since,
    StatusFilter,
    Until,
    WordsFilter,
    YearFilter,
    open_assistant,
    writer_of,
)

if TYPE_CHECKING:
    from rag import Results, Understood


def ask(
    question: str,
    index: Index = None,
    house: HouseFilter = None,
    department: DepartmentFilter = None,
    since: Since = None,
    until: Until = None,
    minister: Minister = None,
    asked_by: AskedBy = None,
    status: StatusFilter = None,
    words: WordsFilter = None,
    session: SessionFilter = None,
    year: YearFilter = None,
    ignore: Ignore = None,
    llm: Llm = None,
    llm_model: LlmModel = None,
    cite: Cite = "hansard",
    reader: ReaderFolder = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question in the ministers' own words, with citations.

    Example: pq ask "What is being done about ransomware gangs?" --house lords
    """
    from rag import STYLES, Drafted, Reply
    from ui.console import draft_shown, print_json, print_reply

    if cite not in STYLES:
        raise typer.BadParameter(f"There is no reference style {cite!r}; use one of: {', '.join(STYLES)}.")
    with open_assistant(index, writer=writer_of(llm, llm_model), reader=reader) as assistant, draft_shown() as show:
        for step in assistant.stream(
            question, house=house, department=department, since=since, until=until, minister=minister,
            asked_by=asked_by, status=status, words=words, session=session, year=year, ignore=ignore or (),
        ):  # fmt: skip
            if isinstance(step, Drafted) and show:
                show(step.text)
    assert isinstance(step, Reply)
    if as_json:
        print_json(step.as_dict())
    else:
        print_reply(step, cite)


def search(
    question: Annotated[str, typer.Argument()] = "",
    index: Index = None,
    k: Annotated[int, typer.Option("-k", min=1, help="Number of results.")] = 10,
    house: HouseFilter = None,
    department: DepartmentFilter = None,
    since: Since = None,
    until: Until = None,
    minister: Minister = None,
    asked_by: AskedBy = None,
    status: StatusFilter = None,
    words: WordsFilter = None,
    session: SessionFilter = None,
    year: YearFilter = None,
    ignore: Ignore = None,
    sort: Annotated[Literal["relevance", "newest"], typer.Option(help="Order of the results.")] = "relevance",
    reader: ReaderFolder = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show how each stage scored each hit.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the best passages, without composing an answer.

    Words in quotation marks must be there as they are written; AND, OR, NOT in capitals, a leading minus and
    parentheses combine words. Without a question all that matches the filters is listed, the newest first.

    Example: pq search "rough sleeping" --department MHCLG --since 2024-07-05 -k 5

    Example: pq search '"smart motorways" NOT Wales' --session 2023-24 --sort newest

    Example: pq search --status unanswered --department "Home Office" --since 2024-07-05
    """
    from ui.console import print_json
    from ui.serialise import search_json

    filters = (house, department, since, until, minister, asked_by, status, words, session, year)
    if not question.strip() and not any(filters):
        raise typer.BadParameter("Say what to search for, or give a filter to list all that matches it.")
    with open_assistant(index, reader=reader) as assistant:
        understood, results = assistant.search(
            question, k, sort=sort, house=house, department=department, since=since, until=until, minister=minister,
            asked_by=asked_by, status=status, words=words, session=session, year=year, ignore=ignore or (),
        )  # fmt: skip
    if as_json:
        print_json(search_json(understood, results, explain=explain))
    else:
        _print_results(understood, results, explain)


def _print_results(understood: Understood, results: Results, explain: bool) -> None:
    """Print the hits of a search, and what there is to say of the question or of finding nothing."""
    from rag import none_passes
    from ui.console import err, print_hit

    for hit in results.hits:
        print_hit(hit, explain)
    for sentence in (*understood.notes, *understood.unknown):
        err.print(sentence, markup=False)
    if not results.hits:
        err.print(none_passes(understood, results) or "Nothing was found.")


def export(
    subject: str,
    out: Annotated[Path, typer.Option("--out", help="File to write, .csv or .xlsx.")],
    index: Index = None,
    most: Annotated[int, typer.Option(min=1, help="Answers at most.")] = 2000,
    house: HouseFilter = None,
    department: DepartmentFilter = None,
    since: Since = None,
    until: Until = None,
    minister: Minister = None,
    asked_by: AskedBy = None,
    status: StatusFilter = None,
    words: WordsFilter = None,
    session: SessionFilter = None,
    year: YearFilter = None,
    ignore: Ignore = None,
) -> None:
    """Write all that the archive holds on a subject, over time, with whole answers.

    Example: pq export "heat pump grants" --department DESNZ --out heat-pumps.xlsx
    """
    from ui.console import err
    from ui.exports.subject import FORMATS, as_bytes, subject_table
    from ui.jsonl import write_bytes

    if out.suffix.lower() not in FORMATS:
        raise typer.BadParameter(f"{out.name} should end in {' or '.join(FORMATS)}.", param_hint="--out")
    filters = {
        "house": house, "department": department, "since": since, "until": until, "minister": minister,
        "asked_by": asked_by, "status": status, "words": words, "session": session, "year": year,
    }  # fmt: skip
    with open_assistant(index, reader="none") as assistant:
        table = subject_table(
            assistant, subject, most=most, advice="raise --most", filters=filters, ignore=ignore or ()
        )
    write_bytes(out, as_bytes(table, out.suffix.lower()))
    err.print(f"{table.reach} Written to {out}.")


def thread(record_id: str, index: Index = None, as_json: AsJson = False) -> None:
    """List a record's references and related questions by date.

    Example: pq thread commons/2025-03-04/35566 --index my.index
    """
    from rag import thread as family
    from ui.console import print_json, print_thread

    with open_assistant(index) as assistant:
        found = family(record_id, assistant.archive)
    if as_json:
        print_json(found.as_dict())
    else:
        print_thread(found)
