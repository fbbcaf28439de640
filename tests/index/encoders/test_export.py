"""Our encoder as a sentence-transformers model, against the fast path and after saving."""

from __future__ import annotations

import gzip
import json
import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from index import as_sentence_transformer
from index.encoders.base import BASE_MODEL, DEFAULT_MODEL
from index.encoders.load import load_encoder
from index.encoders.minilm import MiniLM
from index.errors import ModelError
from tests.archives import README_RECORDS

pytestmark = pytest.mark.model

MODELS = Path(str(files("index"))) / "models"
COUNT = 24


def cosines(one, other):
    return (one * other).sum(axis=1)


def lines(path):
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in content.decode("utf-8").splitlines()]


@pytest.fixture(scope="module")
def questions():
    return [row["query"] for row in lines(MODELS / "queries.jsonl.gz")[:COUNT]]


@pytest.fixture(scope="module")
def passages():
    records = [*lines(Path(README_RECORDS)), *lines(MODELS.parent / "sample" / "records.jsonl.gz")]
    return [f"{row['question']}\n{row['answer']}" for row in records[:COUNT]]


@pytest.fixture(scope="module")
def exported():
    return as_sentence_transformer()


def test_questions_have_the_vectors_of_the_fast_path(exported, questions):
    ours = load_encoder().queries(questions)
    theirs = exported.encode_query(questions)
    assert theirs.shape == ours.shape == (COUNT, 384)
    assert cosines(ours, theirs).min() > 0.9999


def test_passages_have_the_vectors_of_the_fast_path_in_float32_and_those_of_int8_but_for_rounding(
    exported, passages, tmp_path
):
    theirs = exported.encode_document(passages)
    # Without the questions' own weights, our questions are read by the passages' weights, in float32.
    shutil.copytree(MODELS / DEFAULT_MODEL, tmp_path / "it", ignore=shutil.ignore_patterns("questions.*"))
    assert cosines(MiniLM(str(tmp_path / "it")).queries(passages), theirs).min() > 0.9999
    rounded = load_encoder().documents(passages)
    assert cosines(rounded, theirs).min() > 0.98
    # Rounding moves a vector far less than another text is away from it.
    assert (rounded @ theirs.T).argmax(axis=1).tolist() == list(range(COUNT))


def test_questions_and_passages_are_read_by_different_weights_and_passages_by_default(exported, passages):
    some = passages[:4]
    as_passages = exported.encode_document(some)
    np.testing.assert_array_equal(exported.encode(some), as_passages)
    assert cosines(exported.encode_query(some), as_passages).max() < 0.99


def test_saved_it_is_loaded_by_sentence_transformers_without_our_code(exported, questions, passages, tmp_path):
    from sentence_transformers import SentenceTransformer

    exported.save(str(tmp_path / "saved"))
    modules = json.loads((tmp_path / "saved" / "modules.json").read_text())
    routed = json.loads((tmp_path / "saved" / "router_config.json").read_text())
    kinds = [*(module["type"] for module in modules), *routed["types"].values()]
    assert kinds and all(kind.startswith("sentence_transformers.") for kind in kinds)
    loaded = SentenceTransformer(str(tmp_path / "saved"), device="cpu", local_files_only=True)
    asked, said = questions[:8], passages[:8]
    np.testing.assert_array_equal(loaded.encode_query(asked), exported.encode_query(asked))
    np.testing.assert_array_equal(loaded.encode_document(said), exported.encode_document(said))
    assert (loaded.max_seq_length, loaded.get_embedding_dimension()) == (256, 384)


def test_without_weights_of_their_own_questions_are_read_as_passages(questions):
    base = as_sentence_transformer(BASE_MODEL)
    np.testing.assert_array_equal(base.encode_query(questions), base.encode_document(questions))
    assert cosines(load_encoder(BASE_MODEL).queries(questions), base.encode_query(questions)).min() > 0.9999


def test_any_other_model_is_left_to_sentence_transformers(tmp_path):
    with pytest.raises(ModelError, match=r"call SentenceTransformer\('someone/some-model'\)"):
        as_sentence_transformer("someone/some-model")
