"""However an archive came to its state, it finds the same with the same scores as one built from the end."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.ingest.build import build
from index.ingest.update import update_from
from index.maintenance.check import faults_of
from index.maintenance.compact import compact
from index.storage.archive import Archive
from index.storage.sizes import SIZES, Sizes
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


def history(folder: Path, end: Path, seed: int, sizes: Sizes) -> int:
    """Make an archive by updates that add, change and withdraw, and another of how that ended; return their size."""
    chance, encoder = random.Random(seed), HashEncoder()
    now: dict[int, dict[str, Any]] = {}
    for step in range(6):
        changed = {number: said(number, chance) for number in chance.sample(range(1, 121), 40)}
        changed |= {n: withdrawn(now[n]) for n in chance.sample(sorted(now), len(now) // 8)}
        now |= changed
        update_from([page(folder.parent / f"{step}.json", changed.values())], folder, encoder=encoder, sizes=sizes)
    fresh = {number: said(number, chance) for number in range(200, 210)}
    now |= fresh
    build([page(folder.parent / "more.json", fresh.values())], folder, encoder=encoder, sizes=sizes)
    build([page(folder.parent / "end.json", now.values())], end, encoder=HashEncoder())
    return len(now)


def files(folder: Path) -> dict[int, str]:
    """Return the files of the derived stores by what tells one from another."""
    return {path.stat().st_ino: path.name for store in ("words", "vectors") for path in folder.glob(f"{store}/*/*")}


@pytest.mark.parametrize("seed", [1, 2])
def test_builds_updates_and_withdrawals_end_in_the_hits_of_an_archive_built_from_the_end(tmp_path, seed):
    folder = tmp_path / "it.index"
    size = history(folder, tmp_path / "end.index", seed, SIZES)
    came, built = hits(folder), hits(tmp_path / "end.index")
    assert len(came[1]) == size > 100
    assert all(came[2].values())
    same_scores(came, built, 1e-6)


def same_scores(came: tuple[Any, ...], built: tuple[Any, ...], bound: float) -> None:
    """Compare all facts and hits, and the scores of words up to a bound."""
    for text in QUERIES:
        (names, scores), (their_names, their_scores) = (zip(*each[2][text], strict=True) for each in (came, built))
        assert names == their_names
        assert scores == pytest.approx(their_scores, abs=bound)
    assert came[3:] == built[3:]


@pytest.mark.parametrize("seed", [3, 4])
def test_stores_that_were_added_to_find_the_same_and_score_the_same_once_they_are_merged(tmp_path, seed):
    folder, sizes = tmp_path / "it.index", Sizes(whole_below=0, most_replaced=9, most_unused=9, part=32)
    history(folder, tmp_path / "end.index", seed, sizes)
    came, built = hits(folder), hits(tmp_path / "end.index")
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        replaced, unused = archive.words.replaced, len(archive.store.unused)
    assert unused > 0
    for text in QUERIES:
        theirs = dict(built[2][text])
        assert set(dict(came[2][text])) == set(theirs)
        # A word in n records scores by log(N/n): neither count is off by more than the documents that were replaced.
        bound = len(text.split()) * 2.2 * 2 * math.log(1 + replaced)
        assert all(abs(score - theirs[name]) <= bound for name, score in came[2][text])
    assert came[5] == built[5]
    assert compact(folder, sizes=sizes) is True
    merged = hits(folder)
    same_scores(merged, built, 1e-6)
    assert compact(folder, sizes=sizes) is False


def test_an_update_shares_the_files_that_it_does_not_change(tmp_path):
    folder, sizes, chance = tmp_path / "it.index", Sizes(whole_below=0, part=32), random.Random(5)
    first = {number: said(number, chance) for number in range(1, 301)}
    build([page(tmp_path / "1.json", first.values())], folder, encoder=HashEncoder(), sizes=sizes)
    before = files(folder)
    some = {number: said(number, chance) for number in (7, 301, 302)}
    update_from([page(tmp_path / "2.json", some.values())], folder, encoder=HashEncoder(), sizes=sizes)
    after = files(folder)
    fresh = {name for inode, name in after.items() if inode not in before}
    kept = {name for inode, name in after.items() if inode in before}
    assert {"00000.faiss", "00000.npy", "00008.faiss"} <= kept and "00009.faiss" in fresh
    assert {path.rpartition(".")[2] for path in kept} >= {"idx", "term", "pos", "store", "fast", "fieldnorm"}
    assert not {name for name in fresh if name.endswith(".faiss")} - {"00009.faiss"}
    rest = {number: said(number, chance) for number in range(1, 31)}
    update_from([page(tmp_path / "3.json", rest.values())], folder, encoder=HashEncoder(), sizes=sizes)
    with Archive.open(folder, encoder=HashEncoder()) as archive:  # too much to be added: made as a whole
        assert archive.words.replaced == 0
        assert faults_of(archive) == []
