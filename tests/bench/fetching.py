"""How fast records are fetched: `python -m tests.bench fetching --records 2000`.

From a local server in another process, which answers like the official API: without a limit (what the client
can do), at the polite limit (what it allows itself), and once more with nothing changed (entity tags).
The records are real texts under made numbers.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from index import Manners, fetch
from index.fetching.client import RATE
from tests.index.api_server import Parliament, answered, real_texts, serving, tabled

FIRST = date(2024, 1, 8)
A_DAY = 300


@contextmanager
def serving_elsewhere(parliament: Parliament) -> Iterator[str]:
    """Yield the address of a server in a process of its own."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(parliament, there), daemon=True)
    server.start()
    try:
        yield here.recv()
    finally:
        server.terminate()
        server.join()


def _serve(parliament: Parliament, parent) -> None:
    with serving(parliament) as address:
        parent.send(address)
        while os.getppid() != 1:
            time.sleep(1)


def questions(count: int) -> Parliament:
    """Return a server's records, a sitting day's number each day."""
    parliament, texts = Parliament(today=FIRST + timedelta(365)), real_texts()
    for place in range(count):
        day = FIRST + timedelta(place // A_DAY)
        question, answer = texts[place % len(texts)]
        parliament.show(answered(tabled(1_700_000 + place, day, question), day, answer), day)
    return parliament


def main() -> None:
    """Print records and requests a second for each way of fetching."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--polite", type=int, default=200, help="records fetched at the polite limit")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, count, manners in (
            ("without a limit", arguments.records, Manners(rate=0)),
            (f"at {RATE:.0f} requests/s", arguments.polite, Manners()),
        ):
            with serving_elsewhere(questions(count)) as address:
                for turn in ("first", "again"):
                    start = time.perf_counter()
                    done = fetch(
                        Path(folder) / name, since=FIRST, until=FIRST + timedelta(count // A_DAY + 1),
                        base_url=f"{address}/api", manners=manners, again=turn == "again",
                    )  # fmt: skip
                    took = time.perf_counter() - start
                    print(
                        f"{name:20} {turn:5} {count / took:8.1f} records/s  {done.requests / took:8.1f} requests/s  "
                        f"({count:,} records in {took:.1f} s: {done})"
                    )


if __name__ == "__main__":
    main()
