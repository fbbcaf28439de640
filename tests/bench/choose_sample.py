"""Choose the shipped sample out of a large JSONL of records: `python -m tests.bench.choose_sample ANSWERS.jsonl.gz`.

Every department, year, House, source format and kind of answer is in it, whole groups of records that
refer to each other, and the first record this product was ever asked for. The same input gives the same
sample.
"""

import gzip
import hashlib
import io
import json
import re
import sys
from collections import Counter
from pathlib import Path

from index import WrittenAnswer, status_of
from index.readers import read

TARGET = Path(__file__).parents[2] / "index" / "sample" / "records.jsonl.gz"
SIZE = 1200
# Longest answers would fill the sample's 1.5 MB with little to show for it.
LONGEST = 6000
ALWAYS = re.compile(r"Cybercrime: International Cooperation|Budapest Convention on Cybercrime")


def features(record: WrittenAnswer) -> list[str]:
    """Return what a record is an example of."""
    year = str(record.answered or record.tabled or record.month or "undated")[:4]
    kinds = [f"department {record.department}", f"year {year}", f"status {status_of(record)}", f"house {record.house}"]
    kinds += [f"house {record.house} {year}", f"department {record.department} {year}"]
    kinds += ["table"] * ("| --- |" in record.answer) + ["list"] * ("\n- " in record.answer)
    kinds += ["grouped"] * bool(record.grouped) + ["link"] * bool(record.links) + ["month only"] * (not record.tabled)
    kinds += ["long"] * (len(record.answer) > 2500) + [f"status {status_of(record)} {record.department}"]
    return kinds


def shuffle_key(record: WrittenAnswer) -> str:
    """Order records at random, always in the same way."""
    return hashlib.sha256(record.id.encode()).hexdigest()


def choose(records: list[WrittenAnswer]) -> set[str]:
    """Return the ids of a sample in which every feature is shown, rare ones first."""
    traits = {record.id: features(record) for record in records}
    count = Counter(trait for kinds in traits.values() for trait in kinds)
    shown: Counter[str] = Counter()
    chosen: set[str] = {r.id for r in records if ALWAYS.search(f"{r.heading} {r.answer}")}
    for record in sorted(records, key=shuffle_key):
        if len(chosen) >= SIZE:
            break
        # A trait's quota grows with the root of its frequency: common kinds do not crowd out rare ones.
        if any(shown[trait] < max(2, 0.25 * count[trait] ** 0.5) for trait in traits[record.id]):
            chosen.add(record.id)
            shown.update(traits[record.id])
    return chosen


def main(source: str) -> None:
    """Write the sample."""
    found = [r for r in read(Path(source)) if isinstance(r, WrittenAnswer)]
    chosen = choose([r for r in found if len(r.answer) <= LONGEST])
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        kept = [line for line in lines if json.loads(line)["id"] in chosen]
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, compresslevel=9) as packed:
        packed.write("".join(kept).encode())
    TARGET.write_bytes(buffer.getvalue())
    print(f"{len(kept)} records, {len(buffer.getvalue()):,} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
