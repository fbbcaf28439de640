"""Saved questions, and new answers to them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.commands.options import (
    AsJson,
    AskedBy,
    DepartmentFilter,
    HouseFilter,
    Ignore,
    Index,
    Minister,
    WordsFilter,
    archive_folder,
    open_assistant,
)

if TYPE_CHECKING:
    from index import SearchMatch, Watch

watch = typer.Typer(no_args_is_help=True, help="Save questions and report new answers to them.")


@watch.command()
def add(
    question: str,
    index: Index = None,
    house: HouseFilter = None,
    department: DepartmentFilter = None,
    minister: Minister = None,
    asked_by: AskedBy = None,
    words: WordsFilter = None,
    ignore: Ignore = None,
    as_json: AsJson = False,
) -> None:
    """Save a question.

    pq watch run reports the answers to it that are added to the archive from now on.

    Example: pq watch add "heat pump grants" --department DESNZ
    """
    from index import Watches, make_filters
    from rag import save_watch
    from ui.console import err, print_json
    from ui.exports.mail import name_of

    filters = make_filters(house=house, department=department, minister=minister, asked_by=asked_by, words=words)
    with open_assistant(index) as assistant, Watches(assistant.archive.path) as watches:
        saved = save_watch(assistant, watches, question, filters, ignore or ())
    if as_json:
        print_json(_as_dict(saved))
    else:
        err.print(f"Watch {name_of(saved)} saved. After each update: pq watch run")


@watch.command("list")
def list_watches(index: Index = None, as_json: AsJson = False) -> None:
    """List the saved questions.

    Example: pq watch list --index my.index
    """
    from index import Watches
    from ui.console import err, out, print_json
    from ui.exports.mail import name_of

    with Watches(archive_folder(index)) as watches:
        saved = watches.all()
    if as_json:
        print_json([_as_dict(one) for one in saved])
        return
    for one in saved:
        out.print(f"{name_of(one)}  added {one.added[:10]}, last run {one.looked[:10]}")
    if not saved:
        err.print('There are no saved questions. Add one with: pq watch add "your question"')


@watch.command()
def remove(number: int, index: Index = None) -> None:
    """Forget a saved question and what it found.

    Example: pq watch remove 2 --index my.index
    """
    from index import Watches
    from ui.console import err
    from ui.exports.mail import name_of

    with Watches(archive_folder(index)) as watches:
        err.print(f"Watch {name_of(watches.remove(number))} removed.")


@watch.command("try")
def try_watch(
    question: str,
    index: Index = None,
    house: HouseFilter = None,
    department: DepartmentFilter = None,
    minister: Minister = None,
    asked_by: AskedBy = None,
    words: WordsFilter = None,
    ignore: Ignore = None,
    since: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="First day (default: the last year).")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a watch would have reported, without saving it.

    Example: pq watch try "heat pump grants" --department DESNZ
    """
    from index import make_filters
    from rag import LICENCE, trial
    from ui.console import err, out, print_json
    from ui.exports.mail import lines_of

    filters = make_filters(house=house, department=department, minister=minister, asked_by=asked_by, words=words)
    with open_assistant(index) as assistant:
        tried = trial(assistant, question.strip(), filters, make_filters(since=since).since, ignore or ())
    if as_json:
        print_json({"question": question.strip(), "filters": filters.as_dict(), **tried.as_dict(), "licence": LICENCE})
        return
    count = len(tried.news)
    period = f"from {tried.first} to {tried.last}"
    out.print(f"“{question.strip()}” would have reported {count or 'nothing'} {period}{':' if count else '.'}")
    for one in tried.news:
        for line in lines_of(one.citation.as_dict()):
            out.print(line)
    if count:
        out.print(f"\n{LICENCE}")
        err.print("Save it with: pq watch add, and the same words and filters.")


@watch.command()
def run(
    index: Index = None,
    feed: Annotated[Path | None, typer.Option("--feed", help="Atom file to write, with all recent answers.")] = None,
    mail_to: Annotated[
        list[str] | None, typer.Option("--mail-to", metavar="ADDRESS", help="Send new answers there; may be repeated.")
    ] = None,
    mail_from: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Sender (default: PQ_MAIL_FROM, else the first recipient).")
    ] = None,
    smtp: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Mail server, or smtps://HOST (default: PQ_SMTP; port 587)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Report new answers to the saved questions.

    Only substantive answers are reported, each of them once. With --mail-to they are also sent by mail, if there are
    any; PQ_SMTP_USER and PQ_SMTP_PASSWORD hold what the server asks for.

    Example: pq watch run --index my.index --feed answers.atom
    """
    from index import Watches
    from rag import look
    from ui.console import err, out
    from ui.exports.mail import MailServer, message_of

    if not mail_to and (mail_from or smtp):
        raise typer.BadParameter("Say where to send new answers.", param_hint="--mail-to")
    server = MailServer.of(smtp) if mail_to else None
    with open_assistant(index) as assistant, Watches(assistant.archive.path) as watches:
        look(assistant, watches)
        saved = watches.all()
        with watches.telling() as found:
            if feed:
                from ui.exports.atom import feed_of, write_feed

                write_feed(feed, feed_of(watches))
            _print_all(saved, found, as_json)
            out.file.flush()
            if server and mail_to and found:
                server.send(message_of(saved, found, mail_to, mail_from))
                err.print(f"Sent to {', '.join(mail_to)}.")


def _print_all(saved: list[Watch], found: list[SearchMatch], as_json: bool) -> None:
    from rag import LICENCE
    from ui.console import out, print_json
    from ui.exports.mail import lines_of, name_of

    new = {one.number: [each.finding for each in found if each.watch == one.number] for one in saved}
    if as_json:
        print_json({"watches": [_as_dict(one) | {"new": new[one.number]} for one in saved], "licence": LICENCE})
        return
    for one in saved:
        out.print(f"{name_of(one)}: {len(new[one.number]) or 'nothing'} new")
        for finding in new[one.number]:
            for line in lines_of(finding["citation"]):
                out.print(line)
    if found:
        out.print(f"\n{LICENCE}")


def _as_dict(one: Watch) -> dict[str, Any]:
    return {
        "number": one.number, "question": one.question, "filters": dict(one.filters), "added": one.added,
        "looked": one.looked, "ignore": list(one.ignore),
    }  # fmt: skip
