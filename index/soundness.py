"""Is an archive sound? Every invariant that the rest of the project relies on, checked one by one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from index.archive import Archive
from index.catalogue import text_sha256


def faults_of(archive: Archive) -> list[str]:
    """Return one sentence for each thing that is wrong with an archive; none if it is sound."""
    return list(_faults(archive))


def _faults(archive: Archive) -> Iterator[str]:
    catalogue = archive.catalogue
    if problem := catalogue.sound():
        yield f"The catalogue is damaged: {problem}"
        return  # nothing else can be told of it
    columns = archive.columns
    if catalogue.content_hash() != archive.build_id:
        yield "The build id is not that of the records; something other than pq wrote to the catalogue."
    if lost := catalogue.orphans():
        yield f"{lost} passages, identities or embeddings belong to nothing or are missing."
    if len(archive) != (words := archive.words_count):
        yield f"The lexical index holds {words} records, the catalogue {len(archive)}."
    if set(np.unique(columns.passage_embedding)) != set(archive.vector_numbers.tolist()):
        yield "The vector store does not hold the embeddings that the passages use."
    for number, record in catalogue.records():
        if text_sha256(record.answer) != catalogue.text_hash(number):
            yield f"Record {record.id}: its answer is not the one that was hashed when it was stored."
    yield from _passage_faults(archive)


def _passage_faults(archive: Archive) -> Iterator[str]:
    """Passages must lie inside their answer, in order, and leave no letter of it out."""
    columns = archive.columns
    starts = np.searchsorted(columns.passage_record, np.arange(len(archive) + 1))
    for row, (_, record) in enumerate(archive.catalogue.records()):
        place = 0
        for passage in range(starts[row], starts[row + 1]):
            start, end = int(columns.passage_start[passage]), int(columns.passage_end[passage])
            if not place <= start < end <= len(record.answer) or record.answer[place:start].strip():
                yield f"Record {record.id}: passage {start}:{end} leaves text out, overlaps or reaches past it."
                break
            place = end
        else:
            if record.answer[place:].strip():
                yield f"Record {record.id}: the text from {place} on is in no passage."
