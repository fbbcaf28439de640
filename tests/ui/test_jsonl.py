"""Files of JSON that people give."""

import pytest

from index import SourceError
from ui.jsonl import read_text


def test_a_file_is_read_up_to_a_length_and_one_without_an_end_is_refused(tmp_path):
    path = tmp_path / "few.json"
    path.write_text("[" + " " * (1 << 20), encoding="utf-16")
    assert read_text(path, longest=4 << 20).startswith("[ ")
    with pytest.raises(SourceError, match="is longer than 1 MB"):
        read_text(path, longest=1 << 20)
    with pytest.raises(SourceError, match="is longer than 1 MB"):
        read_text(type(path)("/dev/zero"), longest=1 << 20)
