"""Training on real records of the shipped sample, with queries of `index/models/queries.jsonl.gz`."""

import gzip
import json
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from index import Archive, build
from index.encoders.base import BASE_MODEL
from index.encoders.load import load_encoder
from index.errors import ModelError, SourceError
from index.ingest.build import pieces
from index.records import SUBSTANTIVE
from rag.training import query_encoder
from rag.training.encoder import EncoderSettings, train
from rag.training.examples import Query, lesson, read_held_out, read_queries
from tests.conftest import HashEncoder
from ui.cli import main

ROOT = Path(__file__).parents[3]
QUERIES = ROOT / "index" / "models" / "queries.jsonl.gz"
# Two questions on broadband firms' automatic compensation, answered word for word the same.
ASKED, TWIN = "api:1656114", "api:1656115"


def quiet(stage, done, total):
    pass


@pytest.fixture(scope="module")
def sample():
    """Return the records of the shipped sample."""
    with gzip.open(ROOT / "index" / "sample" / "records.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def queries(sample):
    """Return the queries for the first forty records of the sample that have any, but for those held out."""
    ids = {row["id"] for row in sample}
    asked = [query for query in read_queries(QUERIES) if query.record_id in ids and not query.held_out]
    first = list(dict.fromkeys(query.record_id for query in asked))[:40]
    return [query for query in asked if query.record_id in {*first, ASKED}]


@pytest.fixture(scope="module")
def source(sample, queries, tmp_path_factory):
    ids = {TWIN, *(query.record_id for query in queries)}
    return write(tmp_path_factory.mktemp("source") / "records.jsonl", [row for row in sample if row["id"] in ids])


@pytest.fixture(scope="module")
def archive(source, tmp_path_factory):
    folder, encoder = tmp_path_factory.mktemp("archive") / "hash.index", HashEncoder(limit=120)
    build(source, folder, encoder=encoder)
    with Archive.open(folder, encoder=encoder) as opened:
        yield opened


def learnt(archive, queries, held_out=()):
    return lesson(archive, queries=queries, held_out=held_out, progress=quiet)


@cache
def embedded(archive):
    """Return for each text that is embedded in an archive the records whose passage it is."""
    found = defaultdict(set)
    for row, record_id in enumerate(archive.columns.id):
        for piece in pieces(archive.record(row), archive.encoder):
            found[piece.text].add(record_id)
    return found


def owners(archive, text):
    return embedded(archive)[text]


def test_each_query_is_paired_with_its_own_record(archive, queries):
    pairs = learnt(archive, queries).pairs
    assert [pair.query for pair in pairs] == [query.text for query in queries]
    assert all(query.record_id in owners(archive, pair.positive) for pair, query in zip(pairs, queries, strict=True))


def test_of_a_long_answer_the_passage_nearest_to_the_query_is_learnt(archive):
    columns = archive.columns
    plain = ["|" not in archive.record(row).answer for row in range(len(archive))]
    row = int((np.bincount(columns.passage_record, minlength=len(archive)) * plain).argmax())
    place = int(np.flatnonzero(columns.passage_record == row)[-1])
    last = archive.record(row).answer[columns.passage_start[place] : columns.passage_end[place]]
    (pair,) = learnt(archive, [Query(columns.id[row], last)]).pairs
    assert last[:50] in pair.positive and columns.passage_record[place - 2] == row


def test_wrong_answers_come_from_both_searches_and_are_not_the_right_one(archive, queries):
    pairs = learnt(archive, queries).pairs
    counts = [len(pair.negatives) for pair in pairs]
    assert min(counts) >= 2 and max(counts) == 7  # five of the dense search, two of the lexical one
    for pair, query in zip(pairs, queries, strict=True):
        assert all(query.record_id not in owners(archive, text) for text in pair.negatives)


def test_records_with_the_same_answer_are_no_wrong_answers(archive):
    question = archive.get(TWIN).question
    for pair in learnt(archive, [Query(ASKED, question)] * 20).pairs:  # twenty draws
        assert ASKED in owners(archive, pair.positive)
        assert not any({ASKED, TWIN} & owners(archive, text) for text in pair.negatives)


@pytest.mark.parametrize("grouped", [True, False])
def test_records_grouped_with_the_answer_are_no_wrong_answers(sample, tmp_path, grouped):
    one, other, *rest = [row for row in sample if row["uin"] and "<table" not in row["answer"]][:12]
    one = one | {"grouped_uins": [other["uin"]] if grouped else None}
    build(write(tmp_path / "r.jsonl", [one, other, *rest]), tmp_path / "r.index", encoder=HashEncoder())
    with Archive.open(tmp_path / "r.index", encoder=HashEncoder()) as archive:
        pairs = learnt(archive, [Query(one["id"], one["question"])] * 20).pairs
        shown = {record for pair in pairs for text in pair.negatives for record in owners(archive, text)}
    assert one["id"] not in shown
    assert (other["id"] in shown) is not grouped


def test_what_answers_better_than_the_known_answer_is_no_wrong_answer(archive, queries):
    shown = filtered = 0
    for other in sorted({query.record_id for query in queries} - {ASKED, TWIN}):
        (pair,) = learnt(archive, [Query(ASKED, archive.get(other).answer)]).pairs
        vector = archive.encoder.queries([pair.query])[0]
        known, *wrong = archive.encoder.documents([pair.positive, *pair.negatives]) @ vector
        nearest = max(archive.encoder.documents([text for text in embedded(archive) if text]) @ vector)
        assert max(wrong) < max(known, 0.25) + 0.1 + 0.002  # float16 in the archive
        shown += len(wrong)
        filtered += nearest > max(known, 0.25) + 0.1
    assert shown > 100 and filtered > 20


def test_held_out_records_and_their_twins_are_neither_learnt_nor_shown(archive, queries):
    asked = [*queries, Query(TWIN, archive.get(TWIN).question)]
    of_them = [query for query in asked if query.record_id in (ASKED, TWIN)]
    free = learnt(archive, asked)
    assert any({ASKED, TWIN} & owners(archive, text) for pair in free.pairs for text in pair.negatives)

    held = learnt(archive, asked, [TWIN])
    assert (held.held_out, held.twins, held.spared, held.unknown) == (1, 1, len(of_them), 0)
    assert len(held.pairs) == len(asked) - len(of_them)
    for pair in held.pairs:
        assert not any({ASKED, TWIN} & owners(archive, text) for text in (pair.positive, *pair.negatives))
    assert "Held out: 1 records and 1 more with the same answers, word for word" in str(held)


def test_queries_marked_held_out_hold_their_records_out(archive, queries):
    marked = [Query(query.record_id, query.text, query.record_id == ASKED) for query in queries]
    assert learnt(archive, marked) == learnt(archive, queries, [ASKED])


def test_queries_for_records_that_are_not_there_are_counted(archive, queries):
    assert learnt(archive, [*queries, Query("api:1", "who?")]).unknown == 1


def test_self_made_pairs_hold_the_bare_question_and_the_bare_answer_once(archive):
    pairs = learnt(archive, None, [TWIN]).pairs
    by_answer = {pair.positive: pair.query for pair in learnt(archive, None).pairs}
    assert len(by_answer) == len(learnt(archive, None).pairs) == len(pairs) + 1
    record = archive.get(ASKED)
    answer = next(text for text in by_answer if record.answer.startswith(text[:200]))
    assert record.question.endswith(by_answer[answer])
    assert by_answer[answer].startswith("with reference to the communications providers’ voluntary code of practice")
    assert {"how many cyber attacks", "if he will enumerate m"} <= {question[:22] for question in by_answer.values()}
    rows = [row for row, status in enumerate(archive.columns.status) if status in SUBSTANTIVE]
    asked = {archive.columns.twin[row] for row in rows if archive.record(row).question}
    assert len(by_answer) == len(asked) > 20


def test_queries_and_held_out_ids_are_read_from_plain_and_packed_files(tmp_path):
    lines = '{"id": "a:1", "query": "why?"}\n\n{"id": "a:2", "query": "who?", "split": "held-out"}\n'
    (tmp_path / "q.jsonl").write_text(lines)
    with gzip.open(tmp_path / "q.jsonl.gz", "wt") as file:
        file.write(lines)
    expected = [Query("a:1", "why?"), Query("a:2", "who?", held_out=True)]
    assert read_queries(tmp_path / "q.jsonl") == read_queries(tmp_path / "q.jsonl.gz") == expected
    (tmp_path / "ids.txt").write_text("a:1\n\nt7 0 a:2 3\n")
    assert read_held_out(tmp_path / "ids.txt") == {"a:1", "a:2"}


@pytest.mark.parametrize(
    ("read", "text", "place"),
    [
        (read_queries, '{"id": "a", "query": "b"}\n{"id": "a"}\n', "line 2"),
        (read_queries, "[1]\n", "line 1"),
        (read_held_out, "a:1\na:2 3\n", "line 2"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path, read, text, place):
    (tmp_path / "file").write_text(text)
    with pytest.raises(SourceError, match=place):
        read(tmp_path / "file")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"none\.jsonl"):
        read_queries(tmp_path / "none.jsonl")


def test_missing_packages_are_named_with_what_to_install(archive, queries, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ModelError, match=r"needs .*datasets too.*pip install 'ministerial-answers\[train\]'"):
        train(archive, tmp_path / "m", queries=queries)


def test_an_archive_of_another_model_is_refused_before_anything_is_written(archive, queries, tmp_path):
    pytest.importorskip("datasets")
    with pytest.raises(ModelError, match=r"'hash-words'.*--model all-MiniLM-L6-v2"):
        train(archive, tmp_path / "m", queries=queries)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("arguments", [[], [str(QUERIES), "--self-supervised"]])
def test_the_command_wants_either_queries_or_self_supervision(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["train", *arguments, "--out", "m"])
    assert stopped.value.code == 2
    assert "--self-supervised" in capsys.readouterr().err


def contrast(encoder, pairs):
    """Return the loss that training lowers, with one query an answer as one batch: an oracle in numpy."""
    pairs = list({pair.positive: pair for pair in pairs}.values())
    cosines = encoder.queries([pair.query for pair in pairs]) @ encoder.documents([p.positive for p in pairs]).T
    scores = 20 * cosines.astype(float)
    return float(np.mean(np.log(np.exp(scores).sum(axis=1)) - np.diag(scores)))


@pytest.mark.slow
@pytest.mark.model
def test_training_lowers_the_loss_goes_on_after_a_kill_and_leaves_a_model(source, queries, tmp_path, capsys):
    pytest.importorskip("datasets")
    pytest.importorskip("accelerate")
    base, out, queries = load_encoder(BASE_MODEL), tmp_path / "mine", queries[:40]
    settings = EncoderSettings(epochs=2, batch=8, save_every=2)
    build(source, tmp_path / "base.index", encoder=base)

    def kill(stage, done, total):
        if (stage, done) == ("Epoch 2 of 2", 4):
            raise KeyboardInterrupt

    steps = []
    with Archive.open(tmp_path / "base.index", encoder=base) as archive:
        with pytest.raises(KeyboardInterrupt):
            train(archive, out, queries=queries, held_out=[queries[0].record_id], settings=settings, progress=kill)
        assert not out.exists()
        result = train(
            archive, out, queries=queries, held_out=[queries[0].record_id], settings=settings,
            progress=lambda *step: steps.append(step[:2]),
        )  # fmt: skip
    assert min(done for stage, done in steps if stage == "Epoch 2 of 2") == 3
    assert not any(stage == "Epoch 1 of 2" for stage, _ in steps)
    assert result.lesson.held_out == 1 and len(result.lesson.pairs) == len(queries) - result.lesson.spared
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("mine")] == ["mine"]
    assert capsys.readouterr().out == ""

    ours = load_encoder(str(out))
    assert ours.fingerprint != base.fingerprint
    assert contrast(ours, result.lesson.pairs) < 0.8 * contrast(base, result.lesson.pairs)
    build(source, tmp_path / "ours.index", model=str(out))
    with Archive.open(tmp_path / "ours.index") as archive, pytest.raises(ModelError, match="exists already"):
        train(archive, out, queries=queries)


@pytest.mark.slow
@pytest.mark.model
def test_training_begins_at_the_model_of_the_archive(source, queries, tmp_path):
    pytest.importorskip("datasets")
    pytest.importorskip("accelerate")
    shipped = load_encoder()
    build(source, tmp_path / "shipped.index", encoder=shipped)
    with Archive.open(tmp_path / "shipped.index", encoder=shipped) as archive:
        train(archive, tmp_path / "same", queries=queries[:4], settings=EncoderSettings(epochs=0))
    texts = [query.text for query in queries[:8]]
    same = (load_encoder(str(tmp_path / "same")).documents(texts) * shipped.documents(texts)).sum(axis=1)
    moved = (load_encoder(BASE_MODEL).documents(texts) * shipped.documents(texts)).sum(axis=1)
    assert min(same) > 0.999 > 0.97 > max(moved)


@pytest.mark.slow
@pytest.mark.model
def test_fitting_questions_brings_them_nearer_to_their_answers_and_leaves_passages_alone(source, queries, tmp_path):
    pytest.importorskip("datasets")
    pytest.importorskip("accelerate")
    before, folder, out = load_encoder(BASE_MODEL), tmp_path / "base.index", tmp_path / "mine"
    build(source, folder, encoder=before)
    with Archive.open(folder, encoder=before) as archive:
        done = query_encoder.train(
            archive, out, queries=queries[:40], settings=query_encoder.QueryEncoderSettings(epochs=2, batch=8)
        )
        rows = [archive.rows_of(query.record_id)[0] for query in queries[:40]]
    assert done.lesson.size == 40
    again = build(source, folder, model=str(out))
    assert (again.embedded, again.written) == (0, 0)
    with Archive.open(folder) as archive:
        after, columns = archive.encoder, archive.columns
        assert after.name == str(out) and after.fingerprint == before.fingerprint
        texts = ["The Government will publish its response in the spring.", "Ten pounds."]
        assert np.allclose(after.documents(texts), before.documents(texts), atol=1e-6)

        def loss(encoder):
            """Return the mean of -log p(own answer) among all passages: an oracle in numpy."""
            vectors = archive.vectors(np.arange(len(columns.passage_record)))
            scores = np.exp(25 * (encoder.queries([query.text for query in queries[:40]]) @ vectors.T).astype(float))
            own = columns.twin[columns.passage_record][None, :] == columns.twin[rows][:, None]
            return float(-np.log((scores * own).sum(axis=1) / scores.sum(axis=1)).mean())

        assert loss(after) < 0.8 * loss(before)
