"""Serve an archive with the tests' encoder: python -m tests.browser.server FOLDER [LANGUAGE_MODEL] [--port PORT].

A question that begins with "Slowly" is answered once its records are found and nobody has stopped it for minutes.
"""

import time
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path

from rag import Assistant, HitsFound, Writer
from tests.conftest import HashEncoder, WordReader
from ui.page.app import launch
from ui.server import logs, middleware
from ui.server.mounting import Options

_PAUSE = 300  # seconds: longer than the slowest machine needs to see what is found and to stop


class Unhurried(Assistant):
    """The assistant itself, but for a pause in which it says again and again what it found."""

    def stream(self, question, **rest):
        for step in super().stream(question, **rest):
            yield step
            until = time.monotonic() + _PAUSE
            while isinstance(step, HitsFound) and question.startswith("Slowly") and time.monotonic() < until:
                time.sleep(0.1)
                yield step


if __name__ == "__main__":
    parser = ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("model", nargs="?")
    parser.add_argument("--port", type=int, default=0)
    args = parser.parse_args()
    writer = Writer(base_url=args.model, model="scribe") if args.model else None
    logs.set_up(questions=True)
    with Unhurried.open(args.folder, encoder=HashEncoder(dim=512), reader=WordReader(), writer=writer) as assistant:
        options = Options(
            feedback=Path(args.folder) / "feedback.sqlite", hosts=middleware.hosts_of("127.0.0.1", ()), watches=True
        )
        with suppress(KeyboardInterrupt):
            launch(assistant, host="127.0.0.1", port=args.port, options=options)
