"""Packed members are read back by any program that reads zip files."""

import subprocess
import sys
import zipfile

from hypothesis import given
from hypothesis import strategies as some

from index.maintenance.packing import member


@given(some.lists(some.binary(max_size=2000), max_size=20))
def test_what_is_packed_in_pieces_is_unpacked_whole(tmp_path_factory, pieces):
    path = tmp_path_factory.mktemp("zip") / "packed"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("before", b"x")
        with member(packed, "blocks") as target:
            for piece in pieces:
                target.write(piece)
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        assert (packed.read("before"), packed.read("blocks")) == (b"x", b"".join(pieces))
        assert packed.getinfo("blocks").file_size == sum(map(len, pieces))


def test_it_is_packed_tightly_and_another_program_agrees(tmp_path):
    said = b"The Government is committed to publishing its response in the spring. " * 5000
    with zipfile.ZipFile(tmp_path / "packed", "w") as packed, member(packed, "answer") as target:
        target.write(said)
    assert (tmp_path / "packed").stat().st_size < len(said) / 20
    done = subprocess.run(
        [sys.executable, "-m", "zipfile", "-e", "packed", "."], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0 and (tmp_path / "answer").read_bytes() == said
