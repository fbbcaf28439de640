"""The one source of truth: transactions, revisions, snapshots, and what it says of itself."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import ArchiveDamaged
from index.records import Fault, House, Member, Passage, Speaker, Status, WrittenAnswer
from index.storage.catalogue import Catalogue, CatalogueEntry, text_sha256, twin_key
from index.storage.columns import tally
from index.storage.source_accounts import AccountChange


def record(id: str, answer: str = "Yes.", **facts) -> WrittenAnswer:
    return WrittenAnswer(
        **{"id": id, "house": House.COMMONS, "question": "To ask?", "answer": answer, "keys": (id,),
           "origin": f"jsonl:{id}", "sources": ("a",)} | facts
    )  # fmt: skip


def entry(one: WrittenAnswer, status: Status = Status.CURRENT) -> CatalogueEntry:
    return CatalogueEntry(one, status, ((Passage(0, len(one.answer)), one.answer.encode()),) if one.answer else ())


@pytest.fixture
def catalogue(tmp_path):
    with Catalogue(tmp_path / "catalogue.sqlite", writable=True) as opened:
        yield opened


def put(catalogue: Catalogue, *records: WrittenAnswer, gone=()) -> tuple[int, int]:
    texts = sorted({one.answer for one in records if one.answer})
    vectors = np.array([[len(text), 1.0] for text in texts], np.float32).reshape(len(texts), 2)
    catalogue.embeddings.add([text.encode() for text in texts], vectors)
    with catalogue.transaction():
        return catalogue.apply([entry(one) for one in records], gone)


def test_what_is_put_in_comes_out(catalogue):
    one = record("a", "First.", uin="5", tabled=date(2024, 1, 2), asked_by=Member(name="Ann", party="Labour"))
    assert put(catalogue, one, record("b", "Second.")) == (2, 0)
    assert [found for _, found in catalogue.records()] == [one, record("b", "Second.")]
    assert catalogue.revision == 1
    assert catalogue.counts() == {"records": 2, "passages": 2, "embeddings": 2}


def test_putting_the_same_again_writes_nothing_and_keeps_the_revision(catalogue):
    put(catalogue, record("a"), record("b"))
    assert put(catalogue, record("a"), record("b")) == (0, 0)
    assert (catalogue.revision, catalogue.changed_since(1)) == (1, [])


def test_a_revision_names_the_records_it_touched(catalogue):
    put(catalogue, record("a"), record("b"), record("c"))
    numbers = {one.id: number for number, one in catalogue.records()}
    assert put(catalogue, record("b", "Changed.")) == (1, 0)
    assert put(catalogue, gone=["c"]) == (0, 1)
    assert catalogue.revision == 3
    assert catalogue.changed_since(1) == sorted([numbers["b"], numbers["c"]])
    assert catalogue.changed_since(2) == [numbers["c"]]
    assert [one.id for _, one in catalogue.records()] == ["a", "b"]


def test_a_record_that_unites_two_takes_the_place_of_both(catalogue):
    put(catalogue, record("a"), record("b"), record("c"))
    assert put(catalogue, record("a", "Both.", keys=("a", "b"))) == (1, 1)
    assert [one.id for _, one in catalogue.records()] == ["a", "c"]
    assert catalogue.numbers_by_key("b") == catalogue.numbers_by_key("a") != []
    orphans = "SELECT count(*) FROM identities WHERE record NOT IN (SELECT number FROM records)"
    assert catalogue.database.execute(orphans).fetchone() == (0,)


def test_vectors_no_longer_used_are_not_derived_and_can_be_dropped(catalogue):
    put(catalogue, record("a", "Old text."), record("b", "Stays."))
    put(catalogue, record("a", "New text!!"))
    used = np.concatenate([vectors for _, vectors in catalogue.embeddings.vectors(2)])
    assert sorted(used[:, 0]) == [6.0, 10.0]
    assert catalogue.embeddings.drop_unused() == 1
    assert catalogue.embeddings.missing([b"Old text.", b"New text!!"]) == {b"Old text."}


def test_a_transaction_that_fails_leaves_nothing_behind(catalogue):
    put(catalogue, record("a"))
    with pytest.raises(ZeroDivisionError), catalogue.transaction():
        catalogue.apply([entry(record("b"))], gone=["a"])
        catalogue.set_meta(built="now")
        _ = 1 / 0
    assert [one.id for _, one in catalogue.records()] == ["a"]
    assert (catalogue.revision, catalogue.meta("built")) == (1, None)
    put(catalogue, record("b"))  # and the next one works
    assert catalogue.revision == 2


def test_a_reader_keeps_to_the_state_it_found(catalogue):
    put(catalogue, record("a"))
    with Catalogue(catalogue.path, writable=False) as reader:
        assert reader.revision == 1
        put(catalogue, record("a", "Changed."), record("b"))
        assert [one.answer for _, one in reader.records()] == ["Yes."]
        assert reader.revision == 1
    with Catalogue(catalogue.path, writable=False) as reader:
        assert [one.answer for _, one in reader.records()] == ["Changed.", "Yes."]


def test_columns_are_the_records_and_passages_side_by_side(catalogue):
    put(
        catalogue,
        record("a", "One two.", department="Home Office", answered=date(2024, 3, 4)),
        record("b", "", house=House.LORDS, month="2024-02"),
        record(
            "c", "One two.", answered_by=Member(name="Lord Sharpe of Epsom"),
            speakers=(Speaker(start=4, member=Member(name="Jane Smith")),),
        ),
    )  # fmt: skip
    columns = catalogue.columns()
    assert list(columns.id) == ["a", "b", "c"]
    assert list(columns.house) == ["Commons", "Lords", "Commons"]
    assert list(columns.department) == ["Home Office", None, None]
    assert list(columns.minister) == [None, None, "Lord Sharpe of Epsom\nJane Smith"]
    assert columns.first_day.tolist() == [date(2024, 3, 4).toordinal(), date(2024, 2, 1).toordinal(), -1]
    assert columns.last_day.tolist() == [date(2024, 3, 4).toordinal(), date(2024, 2, 29).toordinal(), -1]
    assert columns.twin[0] == columns.twin[2] != columns.twin[1]
    assert columns.passage_record.tolist() == [0, 2]
    assert columns.passage_end.tolist() == [8, 8]
    assert columns.passage_embedding[0] == columns.passage_embedding[1]


def test_the_content_hash_is_of_records_and_model_not_of_their_order(tmp_path):
    hashes = []
    for name, ids, model in (("1", "ab", "m"), ("2", "ba", "m"), ("3", "ab", "n"), ("4", "a", "m")):
        with Catalogue(tmp_path / name, writable=True) as catalogue:
            with catalogue.transaction():
                catalogue.set_meta(fingerprint=model)
            put(catalogue, *(record(id) for id in ids))
            with catalogue.transaction():
                catalogue.settle_totals()
            hashes.append(catalogue.content_hash())
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_counts_by_column_and_span(catalogue):
    put(
        catalogue,
        record("a", department="Treasury", answered=date(2024, 3, 4)),
        record("b", department="Treasury", tabled=date(2023, 1, 2), house=House.LORDS),
        record("c", department="Home Office", month="2024-06", truncated=True),
    )
    columns = catalogue.columns()
    assert (tally(columns.department), tally(columns.house)) == (
        {"Treasury": 2, "Home Office": 1},
        {"Commons": 2, "Lords": 1},
    )
    assert columns.span() == catalogue.span() == (date(2023, 1, 2).toordinal(), date(2024, 6, 30).toordinal())
    with catalogue.transaction():
        catalogue.settle_totals()
    assert catalogue.number("truncated") == 1


def test_a_number_of_several_sessions_gives_all_oldest_first(catalogue):
    put(catalogue, record("new", uin="9", tabled=date(2024, 9, 1)), record("old", uin="9", tabled=date(2020, 1, 8)))
    assert [catalogue.record(number).id for number in catalogue.numbers_by_uin("9")] == ["old", "new"]
    with pytest.raises(KeyError):
        catalogue.record(99)


def test_hashes_of_a_text():
    assert text_sha256("£5 – naïve") == hashlib.sha256("£5 – naïve".encode()).hexdigest()
    assert twin_key("We spent £5 million.\n\nMore:") == twin_key("we spent 5 MILLION; more")
    assert twin_key("We spent £5 million") != twin_key("We spent £6 million")
    assert twin_key(" – ") == ""


@given(st.text(st.characters(codec="utf-8")))
def test_the_key_of_equal_answers_is_that_of_their_letters_and_figures(text):
    letters = "".join(one for one in text.casefold() if one.isalnum())
    assert twin_key(text) == (hashlib.blake2b(letters.encode(), digest_size=16).hexdigest() if letters else "")


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\x00" + bytes(5000)])
def test_a_file_that_is_no_catalogue_is_damaged(tmp_path, content):
    (tmp_path / "catalogue.sqlite").write_bytes(content)
    with pytest.raises(ArchiveDamaged, match=r"catalogue\.sqlite is broken .* Restore it from a backup or build"):
        Catalogue(tmp_path / "catalogue.sqlite", writable=False)


def test_damage_in_the_middle_is_told_as_damage_whatever_is_read(tmp_path):
    path = tmp_path / "catalogue.sqlite"
    with Catalogue(path, writable=True) as catalogue:
        put(catalogue, *(record(f"r{n}", f"Answer {n}. " * 50) for n in range(200)))
    data = bytearray(path.read_bytes())
    data[len(data) // 3 :] = b"\xa5" * (len(data) - len(data) // 3)
    path.write_bytes(data)
    with Catalogue(path, writable=False) as catalogue:
        assert catalogue.sound() is not None
        with pytest.raises(ArchiveDamaged):
            list(catalogue.records())
        with pytest.raises(ArchiveDamaged):
            catalogue.columns()


def test_other_databases_are_not_taken_for_a_catalogue(tmp_path):
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as base, base:
        base.execute("CREATE TABLE places (name)")
    with pytest.raises(ArchiveDamaged, match="no such table: meta"):
        Catalogue(tmp_path / "catalogue.sqlite", writable=False)


# --- accounts ------------------------------------------------------------------------------------


def hear(catalogue: Catalogue, *told: tuple[WrittenAnswer, str], present: str = "") -> list[AccountChange]:
    files = set(present) or {file for _, file in told}
    with catalogue.transaction():
        return [catalogue.accounts.hear(one, file, files) for one, file in told]


def kept(catalogue: Catalogue) -> dict[str, tuple[str, tuple[str, ...]]]:
    numbers = [number for group in catalogue.accounts.dirty_groups() for number in group]
    return {one.origin: (one.answer, one.sources) for one in catalogue.accounts.of(numbers)}


texts = st.sampled_from(["", "No.", "Yes, in part.", "Yes, in part and in whole."])
tellings = st.lists(st.tuples(st.sampled_from("xyz"), texts, st.sampled_from("fg")), min_size=1, max_size=8)


@given(tellings, st.randoms())
@settings(max_examples=20, deadline=None)
def test_what_is_told_in_one_build_is_kept_whatever_its_order(told, chance):
    ends = []
    for _ in range(2):
        with TemporaryDirectory() as folder, Catalogue(Path(folder) / "c.sqlite", writable=True) as catalogue:
            hear(catalogue, *((record(id, text, sources=(file,)), file) for id, text, file in told), present="fg")
            ends.append(kept(catalogue))
        chance.shuffle(told)
    assert ends[0] == ends[1]
    wanted = {f"jsonl:{id}": max((t for i, t, _ in told if i == id), key=len) for id, _, _ in told}
    assert {origin: text for origin, (text, _) in ends[0].items()} == wanted


def test_accounts_that_share_an_identity_are_one_group_also_through_a_third(catalogue):
    hear(catalogue, (record("a", keys=("a", "k1")), "f"), (record("b", keys=("b", "k2")), "f"), (record("c"), "f"))
    assert sorted(catalogue.accounts.dirty_groups()) == [(1,), (2,), (3,)]
    hear(catalogue, (record("d", keys=("d", "k1", "k2")), "f"))
    assert sorted(catalogue.accounts.dirty_groups()) == [(1, 2, 4), (3,)]


def test_only_groups_with_something_new_are_dirty_and_a_change_reaches_its_whole_group(catalogue):
    hear(catalogue, (record("a", keys=("a", "k")), "f"), (record("b", keys=("b", "k")), "f"), (record("c"), "f"))
    with catalogue.transaction():
        catalogue.accounts.settle()
    assert list(catalogue.accounts.dirty_groups()) == []
    assert hear(catalogue, (record("c"), "g"), (record("a", "Changed.", keys=("a",)), "g")) == ["same", "changed"]
    # b, which shared a key with what a was, must be put together anew.
    assert sorted(catalogue.accounts.dirty_groups()) == [(1,), (2,)]


def test_faults_of_a_file_are_kept_in_order_and_forgotten_on_request(catalogue):
    faults = [Fault("f, line 2", "not JSON"), Fault("f", "breaks off", entry=False)]
    with catalogue.transaction():
        for fault in faults:
            catalogue.accounts.add_fault("f", fault)
        catalogue.accounts.add_file("f", "f.json")
    assert list(catalogue.accounts.faults("f")) == faults
    assert list(catalogue.accounts.faults("g")) == []
    assert (catalogue.accounts.has_file("f"), catalogue.accounts.has_file("g")) == (True, False)
    with catalogue.transaction():
        catalogue.accounts.forget_faults("f")
    assert list(catalogue.accounts.faults("f")) == []
