"""Vector stores in parts, added to, thinned out, and large enough to be searched by an inverted file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.storage import states
from index.storage.sizes import Sizes
from index.storage.vectors import Vectors

DIM = 24
SMALL = Sizes(part=64, most_unused=0.5)
LARGE = Sizes(part=64, most_unused=0.5, ivf_from=300, ivf_tail=128, ivf_probes=20)


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


class Embedded:
    """Vectors as a catalogue gives them: by ascending numbers, in half precision, some at a time."""

    def __init__(self, count: int) -> None:
        made = unit(np.random.default_rng(9).normal(size=(count, DIM)))
        self.all = made.astype(np.float16).astype(np.float32)

    def of(self, numbers: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for start in range(0, len(numbers), 50):
            part = numbers[start : start + 50]
            yield part, self.all[part]


@pytest.fixture(scope="module")
def embedded() -> Embedded:
    return Embedded(1000)


def best(embedded: Embedded, query: np.ndarray, among: np.ndarray, k: int) -> list[int]:
    return sorted(among.tolist(), key=lambda number: (-float(embedded.all[number] @ query), number))[:k]


def found(store: Vectors, query: np.ndarray, k: int, among: np.ndarray | None = None) -> list[int]:
    allowed = None if among is None else np.isin(store.numbers, among)
    rows, scores = store.search(query, k, allowed)
    np.testing.assert_allclose(scores, store.vectors(rows) @ query, atol=1e-5)
    return store.numbers[rows].tolist()


@given(st.integers(0, 2**32 - 1), st.integers(1, 120), st.floats(0.05, 1))
@settings(max_examples=25, deadline=None)
def test_a_store_that_changed_many_times_finds_what_brute_force_finds(tmp_path_factory, embedded, seed, k, share):
    chance, folder = np.random.default_rng(seed), tmp_path_factory.mktemp("vectors")
    used = np.arange(chance.integers(1, 300))
    store, top = Vectors.build(folder, "s0", DIM, embedded.of(used), sizes=SMALL), len(used)
    for step in range(1, 4):
        more = np.arange(top, top := top + int(chance.integers(0, 150)))
        used = np.concatenate([used[chance.random(len(used)) < 0.95], more])
        extended = Vectors.extend(folder, f"s{step}", f"s{step - 1}", used, embedded.of, sizes=SMALL)
        store = extended or Vectors.build(folder, f"s{step}", DIM, embedded.of(used), sizes=SMALL)
        assert np.setdiff1d(store.numbers, store.unused).tolist() == used.tolist()
    reopened = Vectors.open(folder, "s3")
    some = used[chance.random(len(used)) < share]
    query = unit(chance.normal(size=(1, DIM)))[0]
    for one in (store, reopened):
        assert found(one, query, k) == best(embedded, query, used, k)
        assert found(one, query, k, some) == best(embedded, query, some, k)


def test_the_files_of_full_parts_are_shared_and_outlive_the_state_they_came_from(tmp_path, embedded):
    Vectors.build(tmp_path, "s1", DIM, embedded.of(np.arange(150)), sizes=SMALL)
    before = {path.name: path.stat().st_ino for path in (tmp_path / "s1").iterdir()}
    used = np.delete(np.arange(200), [3, 70])
    assert Vectors.extend(tmp_path, "s2", "s1", used, embedded.of, sizes=SMALL) is not None
    after = {path.name: path.stat().st_ino for path in (tmp_path / "s2").iterdir()}
    assert {name for name in after if after[name] == before.get(name)} == {
        "00000.faiss", "00000.npy", "00001.faiss", "00001.npy"
    }  # fmt: skip
    states.forget_others(tmp_path, "s2")
    assert states.is_sealed(tmp_path, "s2", thorough=True)
    query = embedded.all[70]
    assert found(Vectors.open(tmp_path, "s2"), query, 9) == best(embedded, query, used, 9)


def test_a_file_of_a_shared_part_that_was_damaged_is_noticed_in_both_states(tmp_path, embedded):
    Vectors.build(tmp_path, "s1", DIM, embedded.of(np.arange(150)), sizes=SMALL)
    Vectors.extend(tmp_path, "s2", "s1", np.arange(151), embedded.of, sizes=SMALL)
    path = tmp_path / "s1" / "00000.faiss"
    data = bytearray(path.read_bytes())
    data[200] ^= 255
    path.write_bytes(data)
    assert Vectors.open(tmp_path, "s1") is Vectors.open(tmp_path, "s2") is None


def test_what_should_be_built_again_is_not_added_to(tmp_path, embedded):
    Vectors.build(tmp_path, "s1", DIM, embedded.of(np.arange(0, 200, 2)), sizes=SMALL)

    def extended(used: np.ndarray, former: str = "s1") -> Vectors | None:
        return Vectors.extend(tmp_path, "s9", former, used, embedded.of, sizes=SMALL)

    assert extended(np.arange(0, 202, 2), former="s0") is None  # there is no such state
    assert extended(np.arange(0, 90, 2)) is None  # more than half is not used any more
    assert extended(np.arange(0, 200, 1)) is None  # numbers between those there are
    thinned = Vectors.extend(tmp_path, "s2", "s1", np.arange(0, 150, 2), embedded.of, sizes=SMALL)
    assert thinned is not None
    assert extended(np.arange(0, 160, 2), former="s2") is None  # a number that was given up may be another's now


def test_a_state_takes_its_files_over_where_the_disk_has_no_links(tmp_path, embedded, monkeypatch):
    Vectors.build(tmp_path, "s1", DIM, embedded.of(np.arange(150)), sizes=SMALL)

    def refused(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refused)
    store = Vectors.extend(tmp_path, "s2", "s1", np.arange(160), embedded.of, sizes=SMALL)
    assert store is not None and len(store) == 160
    assert states.is_sealed(tmp_path, "s2", thorough=True)
    assert (tmp_path / "s1" / "00000.npy").stat().st_ino != (tmp_path / "s2" / "00000.npy").stat().st_ino


def recall(store: Vectors, embedded: Embedded, used: np.ndarray, among: np.ndarray | None = None) -> float:
    chance, hits = np.random.default_rng(4), 0
    for query in unit(chance.normal(size=(40, DIM))):
        wanted = best(embedded, query, used if among is None else among, 10)
        hits += len(set(wanted) & set(found(store, query, 10, among)))
    return hits / 400


def test_a_large_store_finds_nearly_all_that_brute_force_finds(tmp_path, embedded):
    used = np.arange(700)
    store = Vectors.build(tmp_path, "s1", DIM, embedded.of(used), sizes=LARGE)
    assert (tmp_path / "s1" / "ivf.faiss").exists()
    assert store.recall == Vectors.open(tmp_path, "s1").recall >= 0.95
    assert recall(store, embedded, used) >= 0.99
    assert recall(store, embedded, used, used[::3]) >= 0.99
    few = used[::180]  # less than one in a hundred: compared one by one
    for query in embedded.all[:20]:
        assert found(store, query, 10, few) == best(embedded, query, few, 10)


def test_a_large_store_is_added_to_without_training_it_again(tmp_path, embedded):
    store = Vectors.build(tmp_path, "s1", DIM, embedded.of(np.arange(400)), sizes=LARGE)
    former = (tmp_path / "s1" / "ivf.faiss").stat()
    used = np.arange(5, 500)
    store = Vectors.extend(tmp_path, "s2", "s1", used, embedded.of, sizes=LARGE)
    assert (tmp_path / "s2" / "ivf.faiss").stat().st_ino == former.st_ino  # what came is compared one by one
    assert recall(store, embedded, used) >= 0.99
    used = np.arange(5, 640)
    store = Vectors.extend(tmp_path, "s3", "s2", used, embedded.of, sizes=LARGE)
    assert (tmp_path / "s3" / "ivf.faiss").stat().st_size > former.st_size
    assert (tmp_path / "s2" / "ivf.faiss").stat().st_size == former.st_size
    assert recall(store, embedded, used) >= 0.99
    assert recall(store, embedded, used, used[used % 2 == 0]) >= 0.99
    assert Vectors.open(tmp_path, "s3").recall == store.recall >= 0.95


def test_a_store_comes_to_be_large_by_an_update(tmp_path, embedded):
    small = Vectors.build(tmp_path, "s1", DIM, embedded.of(np.arange(250)), sizes=LARGE)
    assert small.recall is None
    store = Vectors.extend(tmp_path, "s2", "s1", np.arange(390), embedded.of, sizes=LARGE)
    assert store.recall >= 0.95
    assert recall(store, embedded, np.arange(390)) >= 0.99
