"""The real encoders: the packaged one, its base, and any local folder."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest

from index import build
from index.encoders.base import BASE_MODEL, DEFAULT_MODEL
from index.encoders.load import load_encoder
from index.encoders.minilm import MiniLM, packaged_base
from index.encoders.sentence_transformer import SentenceEncoder
from index.errors import ModelError
from index.storage.archive import Archive
from tests.archives import README_RECORDS, nearest, word_model
from tests.socket_guard import guarded

ROOT = Path(__file__).parents[3]

TEXTS = [
    "We are working with allied nations against ransomware and the criminal gangs behind it.",
    "The Boiler Upgrade Scheme gives grants towards the cost of a heat pump.",
    "Local authorities receive funding through the Rough Sleeping Initiative.",
    "No estimate has been made.",
]
QUESTIONS = ["what is done about cyber crime", "money for heat pumps", "help for people who sleep on the street"]


@pytest.fixture(scope="module")
def shipped():
    return load_encoder()


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    return word_model(tmp_path_factory.mktemp("model") / "words")


def test_models_are_told_apart_by_their_content_before_they_are_loaded(tmp_path):
    shipped, base = MiniLM(DEFAULT_MODEL), MiniLM(BASE_MODEL)
    assert shipped.fingerprint == load_encoder(None).fingerprint != base.fingerprint
    weights = Path(str(files("index"))) / "models" / DEFAULT_MODEL / "difference.safetensors"
    assert hashlib.sha256(weights.read_bytes()).hexdigest()[:32] in shipped.fingerprint
    assert SentenceEncoder("someone/some-model").fingerprint == "hub:someone/some-model"
    for name, weights in (("a", b"1"), ("b", b"1"), ("c", b"2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(weights)
    a, b, c = (SentenceEncoder(str(tmp_path / name)).fingerprint for name in "abc")
    assert a == b != c


def test_the_base_comes_with_the_package():
    assert (packaged_base() / "model.safetensors").stat().st_size > 80_000_000


@pytest.mark.model
def test_each_text_becomes_a_vector_of_length_one_whatever_is_encoded_beside_it(shipped):
    vectors = shipped.documents(TEXTS * 9)
    assert (vectors.shape, vectors.dtype) == ((36, shipped.dim), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alone = np.concatenate([shipped.documents([text]) for text in TEXTS])
    np.testing.assert_array_equal(vectors, np.tile(alone, (9, 1)))
    assert shipped.documents([]).shape == shipped.queries([]).shape == (0, shipped.dim)


@pytest.mark.model
def test_questions_are_nearest_to_what_answers_them(shipped):
    cosines = shipped.queries(QUESTIONS) @ shipped.documents(TEXTS).T
    assert cosines.argmax(axis=1).tolist() == [0, 1, 2]


@pytest.mark.model
def test_the_fast_way_gives_the_vectors_of_the_plain_way():
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(packaged_base()), device="cpu", local_files_only=True)
    ours = MiniLM(BASE_MODEL)
    texts = TEXTS * 8
    wanted = plain.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    assert (ours.documents(texts) * wanted).sum(axis=1).min() > 0.98
    asked = plain.encode(QUESTIONS, normalize_embeddings=True, show_progress_bar=False)
    ranked = np.argsort(-(asked @ wanted[:4].T), axis=1)
    assert (np.argsort(-(ours.queries(QUESTIONS) @ ours.documents(TEXTS).T), axis=1)[:, 0] == ranked[:, 0]).all()


@pytest.mark.model
def test_lengths_are_counted_in_tokens_without_a_limit(shipped):
    assert shipped.limit == 256
    assert shipped.tokens("") == 2
    assert shipped.tokens("the") == 3
    assert shipped.tokens("the " * 1000) == 1002


@pytest.mark.model
def test_any_local_folder_will_do_also_a_model_without_a_limit(words, tmp_path):
    encoder = SentenceEncoder(str(words))
    assert (encoder.dim, encoder.limit, encoder.tokens("heat pump grants")) == (64, 512, 3)
    build(README_RECORDS, tmp_path / "it.index", model=str(words))
    with Archive.open(tmp_path / "it.index") as archive:  # it knows its model
        assert archive.encoder.name == str(words)
        assert nearest(archive, "grants for heat pumps", 1)[0][0] in {"api:1753980", "api:1725460", "api:1779290"}


@pytest.mark.model
@pytest.mark.parametrize("what", ["missing", "empty", "broken"])
def test_what_is_no_model_is_told(words, tmp_path, what):
    folder = tmp_path / "model"
    if what == "broken":
        shutil.copytree(words, folder)
        (folder / "modules.json").write_text("[]]")
    elif what == "empty":
        folder.mkdir()
    with pytest.raises(ModelError, match=r"The model '.*model' cannot be loaded .*Give --model a folder"):
        _ = SentenceEncoder(str(folder), fetch=True).dim


@pytest.mark.model
def test_questions_may_have_weights_of_their_own_while_passages_stay_as_they_were(shipped, tmp_path):
    """The shipped model reads questions apart; without that part it reads them as it reads passages."""
    folder = Path(str(files("index"))) / "models" / "ministerial-minilm"
    shutil.copytree(folder, tmp_path / "plain", ignore=shutil.ignore_patterns("questions.*"))
    plain = MiniLM(str(tmp_path / "plain"))
    assert plain.fingerprint == shipped.fingerprint
    np.testing.assert_allclose(plain.documents(TEXTS), shipped.documents(TEXTS), atol=1e-5)
    assert (plain.queries(QUESTIONS) * plain.documents(QUESTIONS)).sum(axis=1).min() > 0.98  # but for rounding
    moved = (plain.queries(QUESTIONS) * shipped.queries(QUESTIONS)).sum(axis=1)
    assert moved.min() > 0.3 and moved.max() < 0.99


NAMED = {
    "evil/model": r"'evil/model' is not on this machine, .*: hf download evil/model$",
    "evil": r"'evil' is not on this machine, .*: hf download sentence-transformers/evil$",
    "https://evil.example/model": "neither a folder nor the name of a model",
    "../../evil": "neither a folder nor the name of a model",
    "evil\0model": "is not the name of a model, nor a folder",
    "\x1b[31mevil": "is not the name of a model, nor a folder",
    "x" * 5000: "cannot be read .File name too long",
}
LOADER = """
import json, sys
from index.encoders.load import load_encoder
from index.errors import ModelError
for name in json.load(sys.stdin):
    try:
        load_encoder(name).dim
    except ModelError as error:
        print(json.dumps(str(error)))
"""


def test_a_model_that_only_an_archive_names_is_never_downloaded():
    with guarded() as guard:
        process = guard.start([sys.executable, "-c", LOADER], cwd=ROOT, stdin=PIPE, stdout=PIPE)
        said = [json.loads(line) for line in process.communicate(json.dumps(list(NAMED)))[0].splitlines()]
    assert guard.refused == []
    wrong = [error for error, words in zip(said, NAMED.values(), strict=True) if not re.search(words, error)]
    assert wrong == []


@pytest.mark.model
def test_a_model_of_the_hub_that_was_downloaded_before_is_used_without_asking_the_hub(words, tmp_path):
    cached = tmp_path / "hub" / "models--some--words"
    shutil.copytree(words, cached / "snapshots" / ("a" * 40))
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("a" * 40)
    with guarded() as guard:
        program = (
            "from index.encoders.load import load_encoder; print(load_encoder('some/words').documents(['x']).shape)"
        )
        environment = os.environ | {"HF_HUB_CACHE": str(tmp_path / "hub")}
        process = guard.start([sys.executable, "-c", program], cwd=ROOT, env=environment, stdout=PIPE)
        said = process.communicate()[0]
    assert (guard.refused, said) == ([], "(1, 64)\n")
