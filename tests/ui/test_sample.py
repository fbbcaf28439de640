"""The sample archive in the cache is built anew once records are read differently, as a release may do."""

import index
from tests.archives import README_RECORDS
from ui.sample import sample_folder


def test_records_that_are_read_differently_have_a_folder_of_their_own(monkeypatch):
    before = sample_folder(README_RECORDS)
    assert sample_folder(README_RECORDS) == before
    monkeypatch.setattr(index, "READERS_VERSION", index.READERS_VERSION + 1)
    assert sample_folder(README_RECORDS) != before
    assert sample_folder(README_RECORDS).parent == before.parent
