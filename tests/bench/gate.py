"""What the gate keeps of sentences written about passages, true and false, by the kind of fault.

Example:  python -m tests.bench.gate                        # the shipped drafts that were held out to choose the threshold
          python -m tests.bench.gate --split test           # those that nothing was chosen by
          python -m tests.bench.gate --drafts drafts.json   # others: JSONL as the shipped ones, or {"passages", "drafts"}
          python -m tests.bench.gate --rules                # without the model
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from time import perf_counter

from index.records import House, Status, WrittenAnswer
from rag.citations import cite
from rag.llm.entailment import Entailment
from rag.llm.grounding import Gate
from rag.training import read_drafts

SHIPPED = Path(__file__).parents[2] / "rag" / "training" / "drafts.jsonl.gz"


def of_passages(path, split):
    """Yield drafts of a JSONL file: the kind of each, its text with a citation, and what it is about."""
    for passage in read_drafts(path):
        if passage.split == split:
            record = passage.record
            citations = [cite(1, record, Status.CURRENT, 0, len(record.answer))]
            for sentence in passage.sentences:
                text = f"{sentence.text.rstrip('.')} [1]."
                yield "true" if sentence.true else sentence.kind, text, citations, {record.id: record}


def of_json(path):
    """Yield those of a JSON file with passages by number and drafts that cite them."""
    data = json.loads(path.read_text(encoding="utf-8"))
    records = {
        n: WrittenAnswer(id=n, house=House.COMMONS, question="", answer=text) for n, text in data["passages"].items()
    }
    citations = [cite(int(n), record, Status.CURRENT, 0, len(record.answer)) for n, record in records.items()]
    for row in data["drafts"]:
        yield "true" if row["true"] else row["kind"], row["draft"], citations, records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drafts", type=Path, default=SHIPPED, help="file of drafts")
    parser.add_argument("--split", default="dev", help="dev or test, of a JSONL file")
    parser.add_argument("--rules", action="store_true", help="without the model")
    parser.add_argument("--model", type=Path, help="folder that pq train --part gate made")
    arguments = parser.parse_args()
    drafts = (
        of_json(arguments.drafts)
        if arguments.drafts.suffix == ".json"
        else of_passages(arguments.drafts, arguments.split)
    )
    entailment = None if arguments.rules else Entailment(arguments.model)
    seen, kept, began = Counter(), Counter(), perf_counter()
    for kind, text, citations, records in drafts:
        verdicts = Gate(citations, records, entailment).verdicts(text)
        seen[kind] += 1
        kept[kind] += any(sentence.kept for sentence in verdicts)
    taken = (perf_counter() - began) / max(1, seen.total())
    for kind in sorted(seen.keys() - {"true"}, key=lambda kind: -kept[kind] / seen[kind]):
        print(f"{kind:45} {seen[kind]:5} kept {kept[kind] / seen[kind]:.2f}")
    false = seen.total() - seen["true"]
    if false:
        print(f"{'all false':45} {false:5} kept {(kept.total() - kept['true']) / false:.3f}")
    if seen["true"]:
        print(f"{'true':45} {seen['true']:5} struck {1 - kept['true'] / seen['true']:.3f}")
    print(f"{1000 * taken:.0f} ms a draft, its passages read for each")


if __name__ == "__main__":
    main()
