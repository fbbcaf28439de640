"""Real records that conversations are about."""

import pytest

from index import Archive, build
from index.encoders.load import load_encoder
from tests.conftest import DATA


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conversation") / "archive"
    encoder = load_encoder()
    build([DATA / "dialogue-records.jsonl"], folder, encoder=encoder)
    with Archive.open(folder, encoder=encoder) as opened:
        yield opened
