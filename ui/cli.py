"""The command `pq`. Heavy imports are made inside the commands, so that `pq --help` is instant."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from io import TextIOWrapper

import typer

from ui.commands import ask, build, evaluate, maintain, serve, update, verify, watch
from ui.commands.options import with_encodable

app = typer.Typer(
    help="What did ministers tell Parliament? Answers with citations that can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    update.fetch,
    build.build,
    update.update,
    ask.ask,
    ask.search,
    ask.export,
    ask.thread,
    verify.verify,
    build.info,
    maintain.check,
    maintain.repair,
    maintain.backup,
    maintain.restore,
    serve.serve,
    serve.feedback,
    evaluate.run,
    evaluate.answers,
    evaluate.chat,
    evaluate.evaluate,
    evaluate.train,
):
    app.command()(command)
app.add_typer(watch.watch, name="watch")
for registered in (*app.registered_commands, *watch.watch.registered_commands):
    registered.callback = with_encodable(registered.callback)

_STOPPED = 130  # as shells report a command that was interrupted


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command; our own errors become one sentence on stderr and exit code 1."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a character that the terminal or pipe lacks must not stop a command
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app(args=list(argv) if argv is not None else None, prog_name="pq")
    except (KeyboardInterrupt, SystemExit) as leaving:  # typer turns the one into the other
        if isinstance(leaving, SystemExit) and leaving.code != _STOPPED:
            raise
        sys.stderr.write("Stopped. What was stored is kept: run the same command again to continue.\n")
        raise SystemExit(_STOPPED) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: nothing to report to
    except Exception as error:
        from index import AnswersError

        if not isinstance(error, AnswersError):
            raise
        sys.stderr.write(f"pq: {error}\n")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
