"""What an update costs: `python -m tests.bench updating ARCHIVE --copy COPY.index`.

A day of the official API, on a local server in another process, is taken into a copy of an archive: 300 questions
tabled and answered that day, and 20 records of the archive corrected that day. Told are seconds, bytes written by
the process that updates (as the kernel counts them), and how long queries took in a third process before and
meanwhile. Fetching is not held to the polite limit, which would only add waiting.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from index import Manners, WrittenAnswer
from index.storage.archive import CATALOGUE
from index.storage.catalogue import Catalogue
from tests.bench.fetching import serving_elsewhere
from tests.index.api_server import Parliament, answered, corrected, tabled

TODAY = date(2026, 8, 20)
NEW, CORRECTED = 300, 20
QUERIES = """
import json, sys, time
from index.storage.archive import Archive
from rag.retrieval.retriever import Retriever
questions = json.loads(sys.stdin.readline())
with Archive.open(sys.argv[1]) as archive:
    retriever = Retriever(archive)
    for question in questions[:20]:
        retriever.search(question, 10)
    print("ready", flush=True)
    while True:
        for question in questions:
            start = time.perf_counter()
            hits = retriever.search(question, 10).hits
            print(json.dumps([time.time(), 1000 * (time.perf_counter() - start), len(hits)]), flush=True)
            time.sleep(0.05)
"""


@dataclass(frozen=True)
class Sample:
    """What the day is made of."""

    parliament: Parliament
    questions: list[str]
    corrected: list[str]  # ids of the archive's records


def sample(archive: Path) -> Sample:
    """Return a day of the API for a copy of an archive: its own texts, a little otherwise, under new numbers."""
    parliament, corrected_ids = Parliament(today=TODAY), []
    with Catalogue(archive / CATALOGUE, writable=True) as catalogue:  # brings an older format forward
        records = [record for number, record in catalogue.records() if number % 97 == 0 and record.answer]
    for place, record in enumerate(records[:NEW]):
        value = tabled(9_000_000 + place, TODAY, f"{record.question} (case {place})")
        parliament.show(answered(value, TODAY, f"{_html(record)}<p>That was case {place}.</p>"), TODAY)
    for record in [one for one in records if one.id.startswith("api:") and one.tabled and one.uin][:CORRECTED]:
        assert record.tabled and record.uin
        value = tabled(int(record.id[4:]), record.tabled, record.question, uin=record.uin, house=str(record.house))
        value = answered(value, record.answered or record.tabled, _html(record))
        parliament.show(corrected(value, TODAY, f"<p>Corrected. {record.answer[:200]}</p>"), TODAY)
        corrected_ids.append(record.id)
    questions = [record.heading or record.question[:120] for record in records[NEW : NEW + 200]]
    return Sample(parliament, questions, corrected_ids)


def _html(record: WrittenAnswer) -> str:
    return "".join(f"<p>{part}</p>" for part in record.answer.split("\n\n"))


def written() -> int:
    """Return the bytes that this process has caused to be written."""
    facts = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(facts["write_bytes"])


def updating(copy: Path, made: Sample, address: str) -> tuple[float, float, float]:
    """Update, print what it cost, and return when it began, when it began to apply, and when it ended."""
    from index import update

    reached: dict[str, float] = {}

    def progress(stage: str, done: int, total: int | None) -> None:
        reached.setdefault(stage, time.time())

    start, before = time.time(), written()
    done = update(copy, since=TODAY, today=TODAY, base_url=f"{address}/api", manners=Manners(rate=0), progress=progress)
    end = time.time()
    applying = reached.get("Looking at files", end)
    print(f"{dict(done.counts)}; {done.built}")
    assert {one.record_id for one in done.changed if one.change == "corrected"} == set(made.corrected)
    assert done.counts["new"] == NEW
    print(f"seconds: {end - start:.1f} in all, {applying - start:.1f} fetching {done.fetched and done.fetched.requests}"
          f" pages, {end - applying:.1f} applying; {(written() - before) / 1e6:.0f} MB written")  # fmt: skip
    for stage, moment in sorted(reached.items(), key=lambda pair: pair[1]):
        print(f"   {moment - start:6.1f} s {stage}")
    return start, applying, end


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--copy", type=Path, required=True, help="made anew; the archive itself is not written to")
    parser.add_argument("--quiet-seconds", type=float, default=30, help="of queries before the update")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.copy, ignore_errors=True)
    shutil.copytree(arguments.archive, arguments.copy)
    made = sample(arguments.copy)
    asking = subprocess.Popen(
        [sys.executable, "-c", QUERIES, str(arguments.copy)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with serving_elsewhere(made.parliament) as address, asking:
        assert asking.stdin and asking.stdout
        asking.stdin.write(json.dumps(made.questions) + "\n")
        asking.stdin.close()
        while asking.stdout.readline() != "ready\n":
            pass
        lines: list[str] = []
        stdout = asking.stdout
        reading = threading.Thread(target=lambda: lines.extend(stdout), daemon=True)  # a full pipe would stop it
        reading.start()
        quiet = time.time()
        time.sleep(arguments.quiet_seconds)
        start, applying, end = updating(arguments.copy, made, address)
        asking.terminate()
        reading.join()
    took = [json.loads(line) for line in lines if line.endswith("]\n")]
    for name, first, last in (("before", quiet, start), ("fetching", start, applying), ("applying", applying, end)):
        times = [ms for moment, ms, _ in took if first <= moment < last]
        spread = "p50 {:.0f} ms, p95 {:.0f} ms, longest {:.0f} ms".format(*np.percentile(times, [50, 95, 100]))
        print(f"queries {name:9} {len(times):5}  {spread}" if times else f"queries {name:9}     0")
    assert all(hits for _, _, hits in took)


if __name__ == "__main__":
    main()
