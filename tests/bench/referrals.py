"""How many references resolve, and how many rightly: `python -m tests.bench referrals SOURCE [TSV ...]`.

SOURCE is an archive's folder, or a file of records, which is then held in memory behind the same functions.
Each TSV is a set of references marked by reading, in one of two forms: source id, number cited, day cited,
target id or NONE or UNSURE, note; or source id, number cited, target id or NONE, verdict, note. Without one,
`tests/data/referrals/checked.tsv` is scored: 100 references drawn at random from those that resolve by number,
all there are with a slip in the year, numbers that are traps, and 75 found by their words. Printed are: the
score on each set; then over all records how many references name a number that a record of the same House and
session has, how many of those resolve, how the rest were resolved, and whether any went to another session.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from functools import cached_property
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace

import numpy as np

from index import Archive, Fault
from index.parliament import session_of
from index.readers import read
from index.storage.merging import merge
from index.text.uin_patterns import normal_uin
from rag.lineage.thread import ReferenceKind, references, resolve
from rag.text.terms import stems

CHECKED = Path(__file__).parent.parent / "data" / "referrals" / "checked.tsv"
VERDICTS = ("right", "doubtful", "wrong")


class Shelf:
    """Records in memory that answer what `rag.lineage.thread` asks of an archive."""

    def __init__(self, records):
        self.held = list(records)
        self.catalogue = self
        self._by_uin, self._by_key = defaultdict(list), defaultdict(list)
        for row, one in enumerate(self.held):
            if one.uin:
                self._by_uin[one.uin].append(row)
            for key in {one.id, *one.keys}:
                self._by_key[key].append(row)

    @classmethod
    def of(cls, path):
        """Read a file, and merge what tells the same record, as a build does."""
        groups, owner = {}, {}
        for place, one in enumerate(found for found in read(path) if not isinstance(found, Fault)):
            keys = {one.id, *one.keys}
            told = sorted({owner[key] for key in keys if key in owner})
            members = [one, *(member for number in told for member in groups.pop(number))]
            groups[place] = members
            for member in members:
                owner.update(dict.fromkeys({member.id, *member.keys}, place))
        return cls(merge(group) for group in groups.values())

    def __len__(self):
        return len(self.held)

    @cached_property
    def columns(self):
        days = [(one.first_day(), one.last_day()) for one in self.held]
        return SimpleNamespace(
            number=np.arange(len(self.held)),
            id=[one.id for one in self.held],
            house=np.array([one.house for one in self.held], dtype=np.str_),
            department=[one.department for one in self.held],
            first_day=np.array([first.toordinal() if first else -1 for first, _ in days], dtype=np.int64),
            last_day=np.array([last.toordinal() if last else -1 for _, last in days], dtype=np.int64),
        )

    def record(self, row):
        return self.held[row]

    def records(self, numbers):
        return [(number, self.held[number]) for number in numbers]

    def numbers_by_uin(self, uin):
        return self._by_uin.get(uin, [])

    def rows_of(self, key):
        return self._by_key.get(key) or self._by_uin.get(normal_uin(key) or "", [])

    def get(self, key):
        (row,) = self.rows_of(key)
        return self.held[row]

    @cached_property
    def _holders(self):
        holders = defaultdict(list)
        for row, one in enumerate(self.held):
            for stem in set(stems(f"{one.question} {one.answer}")):
                holders[stem].append(row)
        return holders

    def document_frequency(self, word):
        return max((len(self._holders.get(stem, ())) for stem in stems(word)), default=0)

    def matching(self, text, k, *, boosts, allowed=None):
        scores = Counter()
        for stem in dict.fromkeys(stems(text)):
            rows = self._holders.get(stem, ())
            for row in rows:
                scores[row] += np.log(1 + len(self) / (1 + len(rows)))
        best = sorted((row for row in scores if allowed is None or allowed[row]), key=lambda row: (-scores[row], row))
        return np.array(best[:k], dtype=np.int64), np.array([scores[row] for row in best[:k]], dtype=np.float32)


def session(record):
    day = record.tabled or record.answered or record.last_day()
    return session_of(day) if day else None


def everything(archive):
    """Resolve all references of all records and print what became of them."""
    counts, wrong, nameable, reached = Counter(), [], Counter(), Counter()
    began = perf_counter()
    for row in range(len(archive)):
        record = archive.record(row)
        for one in references(record):
            if one.kind is ReferenceKind.STATEMENT or not one.uin:
                continue
            found = resolve(one, record, archive)
            counts[one.kind, found.how] += 1
            cited = one.tabled or one.day or record.last_day()
            wanted = session_of(cited) if cited else session(record)
            targets = [archive.record(other) for other in archive.rows_of(one.uin)]
            here = {t.id for t in targets if t.house is one.house and session(t) == wanted and t.id != record.id}
            if here and one.kind is not ReferenceKind.GROUPED:
                nameable[one.kind] += 1
                reached[one.kind] += found.record_id in here
            if found.record_id:
                target = archive.get(found.record_id)
                if session(target) != wanted and one.kind is not ReferenceKind.GROUPED:
                    wrong.append((record.id, one.uin, str(one.day), found.record_id, str(target.tabled)))
    print(f"{len(archive)} records in {perf_counter() - began:.0f} s")
    for (kind, how), number in sorted(counts.items()):
        print(f"  {kind:10} {how:11} {number:6}")
    for kind, number in nameable.items():
        print(f"{kind}: {number} name a number that a record of the cited session has, {reached[kind]} resolve to it")
    print(f"{len(wrong)} went to a session other than that of the day cited", *wrong[:20], sep="\n  ")


def read_marked(path):
    """Return rows of (source id, number, target id or NONE or UNSURE, kind for the table, note) of either form."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row and not row[0].startswith("#")]
    read = []
    for source, number, third, fourth, *notes in rows:
        target, verdict = (third, fourth) if fourth in VERDICTS else (fourth, "")
        note = " ".join(notes)
        kind = (
            target if target in ("NONE", "UNSURE") else "text" if "text-" in note or "by its words" in note else "uin"
        )
        if verdict == "doubtful" or "text-probable" in note:
            kind = f"{kind}, doubtful"
        read.append((source, number, target, kind, note))
    return read


def marked(archive, path):
    """Score a marked set: what a reader was sure of, and apart from that what he was not."""
    outcome = Counter()
    for source, number, target, kind, note in read_marked(path):
        record = archive.get(source)
        told = [resolve(one, record, archive) for one in references(record) if one.uin == normal_uin(number)]
        found = next((one for one in told if one.record_id), told[0] if told else None)
        if found is None:
            verdict = "not read"
        elif found.record_id is None:
            verdict = f"{found.how}{', holds it' if target in found.record_ids else ''}"
        elif target in ("NONE", "UNSURE"):
            verdict = "resolved"
        else:
            verdict = "right" if target in found.record_ids else "WRONG"
        outcome[kind, verdict] += 1
        fine = {"NONE": ("not read", "unresolved"), "uin": ("right",)}.get(kind)
        if verdict == "WRONG" or (fine and verdict not in fine):
            print("   ", kind, verdict, source, number, target, found and (found.how, found.record_ids[:3]), note)
    print(path.name, sum(outcome.values()))
    for (kind, verdict), count in sorted(outcome.items()):
        print(f"  {kind:16} {verdict:24} {count}")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    source, *sets = map(Path, sys.argv[1:])
    archive = Archive.open(source) if source.is_dir() else Shelf.of(source)
    for path in sets or [CHECKED]:
        marked(archive, path)
    everything(archive)


if __name__ == "__main__":
    main()
