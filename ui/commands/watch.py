"""Saved questions, and new answers to them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.commands.options import (
    AsJson,
    AskedBy,
    DepartmentFilter,
    HouseFilter,
    Index,
    Minister,
    archive_folder,
    open_assistant,
)

if TYPE_CHECKING:
    from index import SearchMatch, Watch

watch = typer.Typer(no_args_is_help=True, help="Save questions and report new answers to them.")
# Answers that a feed holds: readers that look once a month still see all of them.
_KEPT_IN_FEED = 200


@watch.command()
def add(
    question: str,
    index: Index = None,
    house: HouseFilter = None,
    department: DepartmentFilter = None,
    minister: Minister = None,
    asked_by: AskedBy = None,
    as_json: AsJson = False,
) -> None:
    """Save a question.

    pq watch run reports the answers to it that are added to the archive from now on.

    Example: pq watch add "heat pump grants" --department DESNZ
    """
    from index import BadFilter, Watches, check_department, make_filters
    from ui.console import err, print_json

    if not question.strip():
        raise BadFilter("A watch needs a question or a subject: say what to look for.")
    filters = make_filters(house=house, department=department, minister=minister, asked_by=asked_by)
    with open_assistant(index) as assistant, Watches(assistant.archive.path) as watches:
        if filters.department:
            check_department(filters.department, assistant.archive.columns)
        saved = watches.add(question.strip(), filters.as_dict(), assistant.archive.catalogue.stamp)
    if as_json:
        print_json(_as_dict(saved))
    else:
        err.print(f"Watch {_name(saved)} saved. After each update: pq watch run")


@watch.command("list")
def list_watches(index: Index = None, as_json: AsJson = False) -> None:
    """List the saved questions.

    Example: pq watch list --index my.index
    """
    from index import Watches
    from ui.console import err, out, print_json

    with Watches(archive_folder(index)) as watches:
        saved = watches.all()
    if as_json:
        print_json([_as_dict(one) for one in saved])
        return
    for one in saved:
        out.print(f"{_name(one)}  added {one.added[:10]}, last run {one.looked[:10]}")
    if not saved:
        err.print('There are no saved questions. Add one with: pq watch add "your question"')


@watch.command()
def remove(number: int, index: Index = None) -> None:
    """Forget a saved question and what it found.

    Example: pq watch remove 2 --index my.index
    """
    from index import Watches
    from ui.console import err

    with Watches(archive_folder(index)) as watches:
        err.print(f"Watch {_name(watches.remove(number))} removed.")


@watch.command()
def run(
    index: Index = None,
    feed: Annotated[Path | None, typer.Option("--feed", help="Atom file to write, with all recent answers.")] = None,
    as_json: AsJson = False,
) -> None:
    """Report new answers to the saved questions.

    Only substantive answers are reported, each of them once.

    Example: pq watch run --index my.index --feed answers.atom
    """
    from index import Watches
    from rag import look
    from ui.console import out

    with open_assistant(index) as assistant, Watches(assistant.archive.path) as watches:
        look(assistant, watches)
        saved = watches.all()
        with watches.telling() as found:
            if feed:
                from ui.exports.atom import feed as atom
                from ui.exports.atom import write_feed

                now = datetime.now(UTC).isoformat(timespec="seconds")
                write_feed(feed, atom(watches.latest(_KEPT_IN_FEED), saved, watches.id, now))
            _print_all(saved, found, as_json)
            out.file.flush()


def _print_all(saved: list[Watch], found: list[SearchMatch], as_json: bool) -> None:
    from rag import LICENCE
    from ui.console import out, print_json

    new = {one.number: [each.finding for each in found if each.watch == one.number] for one in saved}
    if as_json:
        print_json({"watches": [_as_dict(one) | {"new": new[one.number]} for one in saved], "licence": LICENCE})
        return
    for one in saved:
        out.print(f"{_name(one)}: {len(new[one.number]) or 'nothing'} new")
        for finding in new[one.number]:
            _print_finding(finding["citation"])
    if found:
        out.print(f"\n{LICENCE}")


def _print_finding(citation: dict[str, Any]) -> None:
    from rag import links_of, title_of
    from ui.console import out

    who = ", ".join(filter(None, (citation["minister"], citation["department"])))
    day = citation["answered"] or citation["tabled"] or citation["month"] or "no date"
    out.print(f"\n  {_line(title_of(citation['heading'], citation['question']))}")
    out.print(f"  {citation['house']}, {day}, {who or 'minister not recorded'}  {citation['record_id']}")
    out.print(f"    {shorten(_line(citation['quote']), 300, placeholder=' …')}")
    for address, name in links_of(citation):
        out.print(f"    {address}" if citation["url"] else f"    {name}: {address}")


def _name(one: Watch) -> str:
    filters = "".join(f" [{name.replace('_', ' ')}: {value}]" for name, value in sorted(one.filters.items()))
    return f"{one.number} “{one.question}”{filters}"


def _as_dict(one: Watch) -> dict[str, Any]:
    return {
        "number": one.number, "question": one.question, "filters": dict(one.filters), "added": one.added,
        "looked": one.looked,
    }  # fmt: skip


def _line(text: str) -> str:
    """Return a text in one line, without what a terminal would obey."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
