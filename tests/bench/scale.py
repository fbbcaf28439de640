"""What more records cost: `python -m tests.bench scale --index DIR --records 214164 --records 588951 --into FOLDER`.

Makes archives of these sizes from a real one (`tests.bench.enlarge`; they stay in FOLDER for other benches and the next
run) and prints, for the real one and each of them:

- opening and a first search in a fresh process: CPU seconds, and memory that is not mapped from files;
- `pq ask` in a fresh process, and `pq serve` to its first answer: CPU seconds and wall;
- one warm process: a search without the reader, one with a department and a month, and an answer with the reader.

CPU seconds and their ratios say more than wall times on a machine that does other things. `--only open` leaves out all
but what can be measured in some seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from index.storage.archive import CATALOGUE
from index.storage.catalogue import Catalogue
from tests.bench.crowd import ask, questions
from tests.bench.enlarge import enlarge

TICKS = os.sysconf("SC_CLK_TCK")
ROWS = {
    "open CPU": "open + first search, CPU s", "open wall": "  the same, wall s",
    "open anonymous": "  anonymous memory, MB", "open peak": "  peak with mapped files, MB",
    "ask CPU": "cold pq ask, CPU s", "ask wall": "  the same, wall s",
    "serve CPU": "pq serve to first answer, CPU s", "serve wall": "  the same, wall s",
    "serve anonymous": "  anonymous memory, MB",
    "search p50": "search p50, CPU ms", "search p95": "search p95, CPU ms",
    "narrow p50": "department + month p50, CPU ms", "narrow p95": "department + month p95, CPU ms",
    "answer p50": "ask p50, CPU ms", "answer p95": "ask p95, CPU ms", "answer wall p95": "  the same, wall ms",
}  # fmt: skip


def memory(pid: int | str = "self") -> tuple[float, float]:
    """Return the anonymous memory of a process, and the most that it ever had with mapped files, in MB."""
    facts = dict(line.split(":") for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return int(facts["RssAnon"].split()[0]) / 1e3, int(facts["VmHWM"].split()[0]) / 1e3


def elsewhere(part: str, folder: Path, asked: list[str]) -> dict[str, float]:
    """Return what a measurement in a fresh process printed."""
    command = [sys.executable, "-m", "tests.bench.scale", "--index", str(folder), "--part", part]
    done = subprocess.run(command, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def opening(folder: Path, asked: list[str]) -> dict[str, float]:
    """Measure opening and one search in this process, imports and the encoder's model left out."""
    from index import Archive
    from index.encoders.load import load_encoder
    from rag.retrieval.retriever import Retriever

    with Catalogue(folder / CATALOGUE, writable=False) as catalogue:
        encoder = load_encoder(catalogue.meta("model"))
    encoder.queries(["ready"])
    before, wall, cpu = memory()[0], time.perf_counter(), time.process_time()
    with Archive.open(folder, encoder=encoder) as archive:
        hits = Retriever(archive).search(asked[0], 10).hits
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        assert hits
        anonymous, peak = memory()
    return {"open CPU": cpu, "open wall": wall, "open anonymous": anonymous - before, "open peak": peak}


def asking(folder: Path, asked: list[str]) -> dict[str, float]:
    """Measure `pq ask` as a person runs it."""
    wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "ui.cli", "ask", asked[0], "--index", str(folder)],
        stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"ask CPU": cpu, "ask wall": time.perf_counter() - wall}


def serving(folder: Path, asked: list[str]) -> dict[str, float]:
    """Measure a server until it has given its first answer."""
    wall = time.perf_counter()
    command = [sys.executable, "-m", "ui.cli", "serve", "--index", str(folder), "--port", "0", "--rate", "0"]
    with subprocess.Popen([*command, "--no-feedback", "--quiet"], stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr
            address = next(found[0] for line in server.stderr if (found := re.search(r"http://[\d.]+:\d+", line)))
            status = ask(address, asked[0])[1]
            assert status == 200
            wall = time.perf_counter() - wall
            spent = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
            anonymous = memory(server.pid)[0]
        finally:
            server.terminate()
    return {"serve CPU": sum(map(int, spent)) / TICKS, "serve wall": wall, "serve anonymous": anonymous}


def timed(function: Callable[[str], Any], asked: list[str]) -> tuple[list[float], list[float]]:
    """Return CPU and wall times of a function, in ms."""
    cpu, wall = [], []
    for question in asked:
        start, began = time.process_time(), time.perf_counter()
        function(question)
        cpu.append(1000 * (time.process_time() - start))
        wall.append(1000 * (time.perf_counter() - began))
    return cpu, wall


def warm(folder: Path, asked: list[str]) -> dict[str, float]:
    """Measure searches and answers in a process that has answered before."""
    from rag import Assistant

    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    found: dict[str, float] = {}
    with Assistant.open(folder, reader=False) as assistant:
        department, day = _crowded(assistant)
        narrow = {"department": department, "since": f"{day}-01", "until": f"{day}-28"}
        for name, filters in (("search", {}), ("narrow", narrow)):
            timed(lambda question: assistant.search(question, 10, **filters), asked[:4])  # noqa: B023
            cpu, _ = timed(lambda question: assistant.search(question, 10, **filters), asked)  # noqa: B023
            found |= {f"{name} p50": float(np.median(cpu)), f"{name} p95": float(np.percentile(cpu, 95))}
    with Assistant.open(folder) as assistant:
        timed(assistant.ask, asked[:2])
        cpu, wall = timed(assistant.ask, asked[:30])
    found |= {"answer p50": float(np.median(cpu)), "answer p95": float(np.percentile(cpu, 95))}
    return found | {"answer wall p95": float(np.percentile(wall, 95))}


def _crowded(assistant: Any) -> tuple[str, str]:
    """Return the department with the most records, and a month in the middle of the archive."""
    info, days = assistant.archive.info(), np.sort(assistant.archive.columns.first_day)
    from datetime import date

    return next(iter(info.departments)), date.fromordinal(int(days[len(days) // 2])).isoformat()[:7]


PARTS: dict[str, Callable[[Path, list[str]], dict[str, float]]] = {
    "open": opening, "ask": asking, "serve": serving, "warm": warm,
}  # fmt: skip


def measured(folder: Path, parts: list[str], asked: list[str]) -> dict[str, float]:
    """Return all figures of one archive, and how many records it has."""
    with Catalogue(folder / CATALOGUE, writable=False) as catalogue:
        found: dict[str, float] = {"records": catalogue.counts()["records"]}
    for part in parts:
        found |= elsewhere(part, folder, asked)
    return found


def table(columns: list[dict[str, float]]) -> str:
    """Return the figures of archives next to each other, and the ratio of the last to the first."""
    lines = [f"{'records':34}" + "".join(f"{int(one['records']):>12,}" for one in columns) + f"{'ratio':>8}"]
    for row, title in ROWS.items():
        if row in columns[0]:
            first, last = columns[0][row], columns[-1][row]
            cells = "".join(f"{one[row]:12,.2f}" for one in columns)
            lines.append(f"{title:34}{cells}{last / first if first else 0:8.1f}")
    return "\n".join(lines)


def main() -> None:
    """Make the archives and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True, help="a real archive, which is only read")
    parser.add_argument("--records", type=int, action="append", default=[], help="how many; may be repeated")
    parser.add_argument("--into", type=Path, help="folder for the archives that are made: N.index each")
    parser.add_argument("--topics", type=Path, help="JSONL of queries; default: headings of the archive's records")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this alone; may be repeated")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(PARTS[options.part](options.index, json.loads(sys.stdin.read()))))
        return
    if options.records and not options.into:
        parser.error("--records needs --into FOLDER")
    folders = [options.index]
    for records in options.records:
        folders.append(options.into / f"{records}.index")
        if not folders[-1].exists():
            enlarge(options.index, folders[-1], records, say=lambda line: print(line, file=sys.stderr, flush=True))
    lines = options.topics.read_text(encoding="utf-8").splitlines() if options.topics else []
    asked = [json.loads(line)["query"] for line in lines if line.strip()] or questions(options.index, 40)
    print(table([measured(folder, options.only or list(PARTS), asked) for folder in folders]))


if __name__ == "__main__":
    main()
