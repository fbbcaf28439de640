"""A server under many people: `python -m tests.bench crowd --index DIR`.

Starts `pq serve`, times how long it takes until the page comes and how long the first answer takes then, and lets
people ask different questions all at the same moment, several times over.
"""

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import numpy as np

from index.storage.catalogue import Catalogue

PATIENCE = 300  # seconds


def questions(folder: Path, count: int) -> list[str]:
    """Return questions on subjects from all over the archive, each about another record."""
    with Catalogue(folder / "catalogue.sqlite", writable=False) as catalogue:
        numbers = catalogue.columns().number
        chosen = numbers[np.linspace(0, len(numbers) - 1, 8 * count).astype(int)]
        headings = [record.heading for _, record in catalogue.records(chosen.tolist()) if record.heading]
    return [f"What is being done about {heading}?" for heading in dict.fromkeys(headings)][:count]


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield the address of a fresh server and the seconds from its start until it served the page."""
    command = [sys.executable, "-m", "ui.cli", "serve", "--index", str(folder), "--port", "0"]
    start = time.perf_counter()
    server = subprocess.Popen([*command, "--rate", "0", "--no-feedback", "--quiet"], stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr
        address = next(found[0] for line in server.stderr if (found := re.search(r"http://[\d.]+:\d+", line)))
        httpx2.get(f"{address}/", timeout=PATIENCE).raise_for_status()
        yield address, time.perf_counter() - start
    finally:
        server.terminate()
        server.communicate(timeout=30)


def ask(address: str, question: str) -> tuple[float, int]:
    """Return the seconds that an answer took and the status of the response."""
    start = time.perf_counter()
    answer = httpx2.post(f"{address}/api/ask", json={"question": question}, timeout=PATIENCE)
    return time.perf_counter() - start, answer.status_code


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    asked = questions(options.index, options.people * options.rounds + 6)
    with served(options.index) as (address, started):
        print(f"from the start to the page   {started:6.2f} s")
        print(f"first answer                 {ask(address, asked.pop())[0]:6.2f} s")
        alone = [ask(address, asked.pop())[0] for _ in range(5)]
        print(f"one person, median           {np.median(alone):6.2f} s")
        took: list[tuple[float, int]] = []
        with ThreadPoolExecutor(options.people) as pool:
            for place in range(options.rounds):
                crowd = asked[place * options.people : (place + 1) * options.people]
                took += pool.map(lambda question: ask(address, question), crowd)
    seconds = [one for one, _ in took]
    errors = sum(status != 200 for _, status in took)
    print(f"{options.people} people at once, p50       {np.percentile(seconds, 50):6.2f} s")
    print(f"{options.people} people at once, p95       {np.percentile(seconds, 95):6.2f} s")
    print(f"errors                       {errors:6} of {len(took)}")


if __name__ == "__main__":
    main()
