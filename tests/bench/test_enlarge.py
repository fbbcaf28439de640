"""A larger archive made from copies holds together as any other."""

from index import Archive, build, examine
from tests.archives import README_RECORDS
from tests.bench.enlarge import APART, enlarge
from tests.conftest import HashEncoder


def test_an_enlarged_archive_is_sound_and_finds_originals_and_copies(tmp_path):
    encoder = HashEncoder(dim=64)
    build([README_RECORDS], tmp_path / "small.index", encoder=encoder)
    with Archive.open(tmp_path / "small.index", encoder=encoder) as small:
        held, passages, dated = len(small), small.info().passages, [small.record(row) for row in range(len(small))]
    enlarge(tmp_path / "small.index", tmp_path / "large.index", 2 * held + 3, say=lambda line: None)
    assert examine(tmp_path / "large.index") == []
    with Archive.open(tmp_path / "large.index", encoder=encoder) as large:
        assert len(large) == 2 * held + 3
        assert large.info().passages > 2 * passages
        days = {large.record(row).id: large.record(row).answered for row in range(len(large))}
    first = next(record for record in dated if record.answered)
    copies = sorted(day for day in days.values() if day and day == first.answered - APART)
    assert days[first.id] == first.answered
    assert copies
