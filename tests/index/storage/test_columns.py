"""Columns against plain lists, in memory and on the disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.ingest.build import build
from index.maintenance.check import Of, examine
from index.maintenance.repair import repair
from index.records import House, Status, WrittenAnswer
from index.storage import states
from index.storage.archive import Archive
from index.storage.catalogue import Catalogue, CatalogueEntry
from index.storage.column_merge import merged
from index.storage.column_store import open_columns, write_columns
from index.storage.columns import NAMED, Columns, NameColumn, TextColumn, tally
from index.storage.derived import derive_columns
from index.storage.sizes import Sizes
from tests.archives import jsonl, row, summary, unprivileged
from tests.conftest import HashEncoder

NAMES = st.lists(st.sampled_from(["Home Office", "Treasury", "é", "", None]), max_size=30)
IDS = st.text(max_size=5) | st.from_regex(r"\A(api:)?[0-9]{0,20}x?\Z")
ARRAYS = sorted(set(Columns.__dataclass_fields__) - {"id", *NAMED})


@given(NAMES, st.randoms())
def test_a_column_of_names_reads_like_the_list_it_was_made_of(values, chance):
    column = NameColumn.of(values)
    assert list(column) == column[:] == values == [column[row] for row in range(len(values))]
    assert column.counts == {name: values.count(name) for name in set(values) - {None}}
    assert list(tally(column)) == sorted(column.counts, key=lambda name: (-values.count(name), name))
    rows = np.array([chance.randrange(len(values)) for _ in values], np.int64)
    assert column.equal("Treasury", rows).tolist() == [values[row] == "Treasury" for row in rows]
    assert column.where(lambda name: name > "T").tolist() == [bool(value and value > "T") for value in values]
    assert column.of_each(lambda name: len(name or "xx"), np.int8).tolist() == [len(v or "xx") for v in values]


@given(st.lists(IDS))
def test_a_column_of_texts_reads_like_the_list_it_was_made_of(values):
    column = TextColumn.of(values)
    assert list(column) == column[:] == values == [column[row] for row in range(len(values))]
    assert column[-3:] == values[-3:]
    with pytest.raises(IndexError):
        column[len(values)]
    known = [value[4:] if value.startswith("api:") else "" for value in values]
    fits = [number.isascii() and number.isdecimal() and len(number) <= 18 for number in known]
    wanted = [int(number) if fit else -1 for number, fit in zip(known, fits, strict=True)]
    assert column.numbers_after("api:").tolist() == wanted


@st.composite
def columns(draw) -> Columns:
    numbers = draw(st.lists(st.integers(0, 2**40), unique=True, max_size=12).map(sorted))
    count = len(numbers)
    owners = sorted(draw(st.lists(st.integers(0, count - 1), max_size=20))) if count else []
    spread = st.integers(0, 5)
    twin = draw(st.lists(st.sampled_from([3, 2**62, 7]), min_size=count, max_size=count))
    ordinals = draw(st.lists(st.integers(-1, 800_000), min_size=count, max_size=count))
    named = {name: draw(st.lists(st.sampled_from(["a", "b"]), min_size=count, max_size=count)) for name in NAMED}
    return Columns.of(
        number=np.array(numbers, np.int64), id=map(str, numbers), twin=np.array(twin, np.int64), **named,
        first_day=np.array(ordinals, np.int64), last_day=np.array(ordinals, np.int64),
        passage_record=np.array(owners, np.int32), passage_start=np.zeros(len(owners), np.int32),
        passage_end=np.ones(len(owners), np.int32),
        passage_embedding=np.array([draw(spread) for _ in owners], np.int32),
    )  # fmt: skip


@given(columns())
def test_lookups_agree_with_looking_at_every_row(made):
    twin, numbers = made.twin.tolist(), made.number.tolist()
    for place, key in enumerate(twin):
        assert made.twins(place) == [row for row, other in enumerate(twin) if other == key and row != place]
    assert made.rows_of(numbers).tolist() == list(range(len(made)))
    embeddings, owners = made.passage_embedding.tolist(), made.passage_record.tolist()
    found = made.passages_of(np.arange(7))
    assert [part.tolist() for part in found] == [[p for p, e in enumerate(embeddings) if e == n] for n in range(7)]
    rows = np.arange(len(made))[::2]
    assert made.passages_in(rows).tolist() == [passage for row in rows for passage, o in enumerate(owners) if o == row]
    days = [day for day in made.first_day.tolist() if day >= 0]
    assert made.span() == ((min(days), max(days)) if days else (None, None))


def same(one: Columns, other: Columns) -> bool:
    named = [*NAMED, "id"]
    return all(list(getattr(one, name)) == list(getattr(other, name)) for name in named) and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS
    )


@given(columns())
@settings(max_examples=30, deadline=None)
def test_what_is_written_is_what_is_opened(tmp_path_factory, made):
    folder = tmp_path_factory.mktemp("made") / "columns"
    write_columns(folder, "s1", made)
    opened = open_columns(folder, "s1")
    assert opened is not None
    assert same(opened, made)
    assert open_columns(folder, "s2") is None


@pytest.fixture
def archive(tmp_path):
    folder = tmp_path / "it.index"
    build([jsonl(tmp_path / "in.jsonl", *(row(f"r{n}", department="Home Office") for n in range(9)))], folder,
          encoder=HashEncoder())  # fmt: skip
    return folder


@pytest.mark.parametrize("fault", ["cut", "changed", "gone", "unsealed", "names", "file in its place"])
def test_broken_columns_are_written_again_by_whoever_opens_the_archive(archive, fault):
    wanted = summary(archive, "roads")
    (place,) = (archive / "columns").glob("*")
    file = place / "first_day.npy"
    if fault == "cut":
        file.write_bytes(file.read_bytes()[:-4])
    elif fault == "changed":
        file.write_bytes(file.read_bytes()[:-4] + b"\x01\x00\x00\x00")
    elif fault == "gone":
        file.unlink()
    elif fault == "names":
        (place / "names.json").write_text("{}")
    elif fault == "unsealed":
        (place / states.MARK).write_text("{")
    else:
        for one in place.iterdir():
            one.unlink()
        place.rmdir()
        place.write_text("")
    assert open_columns(place.parent, place.name) is None
    assert summary(archive, "roads") == wanted
    assert open_columns(place.parent, place.name) is not None


@given(columns(), columns(), st.randoms())
@settings(deadline=None)
def test_what_changed_is_put_in_its_place_as_if_all_had_been_read_again(base, other, chance):
    changed = {int(n) for n in [*base.number, *other.number] if chance.random() < 0.5}
    later = picked(other, [row for row, n in enumerate(other.number.tolist()) if n in changed or n not in base.number])
    gone = np.array([r for r, n in enumerate(base.number.tolist()) if n in changed or n in later.number], np.int64)
    kept = picked(base, [row for row in range(len(base)) if row not in gone])
    parts = sorted([(n, kept, r) for r, n in enumerate(kept.number)] + [(n, later, r) for r, n in enumerate(later.number)],
                   key=lambda part: part[0])  # fmt: skip
    assert same(merged(base, gone, later), stacked([(one, row) for _, one, row in parts]))


def picked(one: Columns, rows: list[int]) -> Columns:
    return stacked([(one, row) for row in rows])


def stacked(rows: list[tuple[Columns, int]]) -> Columns:
    """Return columns of rows of others, value by value."""
    passages = [(place, int(p), one) for place, (one, row) in enumerate(rows) for p in one.passages_in([row])]
    values = {name: [getattr(one, name)[row] for one, row in rows] for name in ("id", *NAMED)}
    numbers = {name: np.array([getattr(one, name)[row] for one, row in rows], np.int64)
               for name in ("number", "twin", "first_day", "last_day")}  # fmt: skip
    cut = {name: np.array([getattr(one, name)[p] for _, p, one in passages], np.int64)
           for name in ("passage_start", "passage_end", "passage_embedding")}  # fmt: skip
    return Columns.of(**values, **numbers, **cut, passage_record=np.array([place for place, *_ in passages], np.int64))


def test_an_update_writes_the_columns_of_what_changed_and_shares_the_rest(tmp_path):
    path, store = tmp_path / "catalogue.sqlite", tmp_path / "columns"

    def apply(*said: str, gone: tuple[str, ...] = ()) -> None:
        with Catalogue(path, writable=True) as catalogue, catalogue.transaction():
            catalogue.apply([CatalogueEntry(record(one), Status.CURRENT, ()) for one in said], gone)
        with Catalogue(path, writable=False) as catalogue:
            derive_columns(store, catalogue, sizes=Sizes(most_changed=0.1))
            opened, wanted = open_columns(store, catalogue.stamp), catalogue.columns()
            assert opened is not None
            assert same(opened, wanted)
            states.forget_others(store, catalogue.stamp)

    apply(*(f"r{n} as it was" for n in range(40)))
    first = {file.stat().st_ino for file in store.glob("*/*.npy")}
    apply("r3 corrected", "r90 new", gone=("r20",))
    apply("r91 new", "r3 corrected again")
    assert first < {file.stat().st_ino for file in store.glob("*/*.npy")}
    assert (sum(1 for _ in store.glob("*/later-*")), len(list(store.glob("*/gone.npy")))) == (18, 1)
    apply("r92 new", "r93 new")
    assert first.isdisjoint({file.stat().st_ino for file in store.glob("*/*.npy")})
    assert not [*store.glob("*/later-*"), *store.glob("*/gone.npy")]


def record(said: str) -> WrittenAnswer:
    name = said.partition(" ")[0]
    return WrittenAnswer(id=name, house=House.COMMONS, question=said, answer=said, department=said[3:])


def test_broken_columns_are_a_flaw_which_repair_mends(archive):
    (file,) = (archive / "columns").glob("*/department.npy")
    about, data = file.stat(), file.read_bytes()
    file.write_bytes(data[:-4] + b"\x07\x00\x00\x00")
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))  # as a failing disk does it
    assert [flaw.of for flaw in examine(archive)] == [Of.COLUMNS]
    assert repair(archive, encoder=HashEncoder()).left == ()
    (mended,) = (archive / "columns").glob("*/department.npy")
    assert mended.read_bytes() == data


def test_only_the_columns_of_one_state_are_kept(tmp_path):
    empty = Columns.of(
        number=np.zeros(0, np.int64), id=[], twin=np.zeros(0, np.int64), **{name: [] for name in NAMED},
        **{name: np.zeros(0, np.int64) for name in ARRAYS if name not in ("number", "twin", "by_twin", "by_embedding")},
    )  # fmt: skip
    for stamp in ("s1", "s2", "s3"):
        write_columns(tmp_path, stamp, empty)
    states.forget_others(tmp_path, "s2")
    assert [one.name for one in tmp_path.iterdir()] == ["s2"]
    opened = open_columns(tmp_path, "s2")
    assert opened is not None
    assert len(opened) == 0


def test_a_read_only_archive_of_an_earlier_version_is_read_without_them(archive, tmp_path):
    shutil.rmtree(archive / "columns")
    for path in (*archive.rglob("*"), archive):
        path.chmod(0o555 if path.is_dir() else 0o444)
    script = (
        "import sys; from index.storage.archive import Archive; from tests.conftest import HashEncoder\n"
        "with Archive.open(sys.argv[1], encoder=HashEncoder()) as a: print(len(a), a.columns.department[3])"
    )
    told = subprocess.run(
        [*unprivileged(), sys.executable, "-c", script, str(archive)], capture_output=True, text=True, check=True
    )
    assert told.stdout == "9 Home Office\n"
    assert not (archive / "columns").exists()
    for path in (archive, *archive.rglob("*")):
        path.chmod(0o755)


def test_who_has_columns_open_keeps_them_while_others_write(archive):
    with Archive.open(archive, encoder=HashEncoder()) as opened:
        columns = opened.columns
        states.forget_others(archive / "columns", "another")
        assert list(columns.department) == ["Home Office"] * 9
        assert list(columns.id) == [f"r{n}" for n in range(9)]
