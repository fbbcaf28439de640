"""Kill every job that writes to an archive, hundreds of times, and compare what comes of it.

    python -m tests.bench kills --kills 600

Each kill is followed by the next command; the archive must then equal one that was never disturbed, record for
record and hit for hit. A difference ends the run with a trace that names the job and the kill.
"""

import argparse
import logging
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.index.kills import Moment, plan, writes_of
from tests.index.test_kills import NAMES, Scene, scenes


def kills_of(scene: Scene, kills: int, seed: int, folder: Path) -> Counter[Moment]:
    """Kill one job `kills` times; return how many kills of each kind landed before its end."""
    writes = writes_of(scene.job, *scene.arguments, scene.placed(folder / "whole.index"))
    landed: Counter[Moment] = Counter()
    for n, kill in enumerate(plan(writes, kills, seed)):
        place = folder / f"{n}.index"
        try:
            landed[kill.moment] += scene.survives(kill, place)
        except BaseException as error:
            error.add_note(f"{scene.name}: {kill}, {writes[kill.write]}, in {place}")
            raise
        for made in folder.glob(f"{n}.index*"):
            shutil.rmtree(made)
    return landed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=600)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    table = Table(
        title=f"Kills survived (seed {arguments.seed})", caption="after each: equal, record for record and hit for hit"
    )
    for column in ("job", *Moment, "all", "seconds"):
        table.add_column(column, justify="left" if column == "job" else "right")
    logging.disable()  # that an archive was brought forward, again and again
    total: Counter[Moment] = Counter()
    began = time.perf_counter()
    folder = Path(tempfile.mkdtemp())
    (folder / "made").mkdir()
    for scene in scenes(folder / "made"):
        start = time.perf_counter()
        (folder / scene.name).mkdir()
        landed = kills_of(scene, arguments.kills // len(NAMES), arguments.seed, folder / scene.name)
        total += landed
        table.add_row(
            scene.name,
            *(str(landed[moment]) for moment in Moment),
            str(landed.total()),
            f"{time.perf_counter() - start:.0f}",
        )
    table.add_row(
        "all", *(str(total[moment]) for moment in Moment), str(total.total()), f"{time.perf_counter() - began:.0f}"
    )
    shutil.rmtree(folder)
    Console().print(table)


if __name__ == "__main__":
    main()
