"""However an archive came to its state, it finds the same with the same scores as one built from the end."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.ingest.build import build
from index.ingest.update import update_from
from index.maintenance.check import faults_of
from index.storage.archive import Archive
from tests.archives import contents, nearest, scored
from tests.conftest import HashEncoder
from tests.index.api_server import answered, tabled, withdrawn, wrapped

DAY = date(2024, 3, 4)
WORDS = "roads prisons hospitals schools farming defence pensions housing energy trade money people policy".split()
QUERIES = ("roads", "prison policy money", "case", "money spent", "schools and farming", *WORDS[2:6])


def said(number: int, chance: random.Random) -> dict[str, Any]:
    """Return a question answered with some words on some subjects, as the official API gives it."""
    subjects = [chance.choice(WORDS) for _ in range(chance.randrange(3, 40))]
    value = tabled(number, DAY, f"To ask what is done about {subjects[0]} in case {number}.")
    value = answered(value, DAY, f"<p>We spent money on {' '.join(subjects)}.</p>")
    return value | {"heading": " ".join(subjects[:3])}


def page(path: Path, values: Iterable[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(wrapped(value)) for value in values))
    return path


def hits(folder: Path) -> tuple[Any, ...]:
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        assert faults_of(archive) == []
        found = {text: scored(archive, text) for text in QUERIES}
        words = {word: (archive.document_frequency(word), archive.spelling_frequency(word)) for word in WORDS}
        near = [nearest(archive, text, 1000) for text in QUERIES]
        return archive.build_id, contents(archive), found, words, sorted(archive.spellings()), near


@pytest.mark.parametrize("seed", [1, 2])
def test_builds_updates_and_withdrawals_end_in_the_hits_of_an_archive_built_from_the_end(tmp_path, seed):
    chance, folder, encoder = random.Random(seed), tmp_path / "it.index", HashEncoder()
    now: dict[int, dict[str, Any]] = {}
    for step in range(6):
        changed = {number: said(number, chance) for number in chance.sample(range(1, 121), 40)}
        changed |= {n: withdrawn(now[n]) for n in chance.sample(sorted(now), len(now) // 8)}
        now |= changed
        update_from([page(tmp_path / f"{step}.json", changed.values())], folder, encoder=encoder)
    fresh = {number: said(number, chance) for number in range(200, 210)}
    now |= fresh
    build([page(tmp_path / "more.json", fresh.values())], folder, encoder=encoder)
    build([page(tmp_path / "end.json", now.values())], tmp_path / "end.index", encoder=HashEncoder())
    came, built = hits(folder), hits(tmp_path / "end.index")
    assert len(came[1]) == len(now) > 100
    assert all(came[2].values())
    for text in QUERIES:
        (names, scores), (their_names, their_scores) = (zip(*each[2][text], strict=True) for each in (came, built))
        assert names == their_names
        assert scores == pytest.approx(their_scores, abs=1e-6)
    assert came[3:] == built[3:]
