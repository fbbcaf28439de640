"""Count the words of rag/query/site_search.json: `python -m tests.bench learn_site_search SOURCE [--write]`.

Prints how many questions of SOURCE hold all the words that are sent to Parliament's search for one of them: the
median and the 90th percentile, and the share of those found alone, over every 20th question without a UIN.
"""

import argparse
import json
import statistics
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

from index import WrittenAnswer
from index.readers import read
from rag.query.site_search import asked, search_words, words_of

MODEL = Path(__file__).parents[2] / "rag" / "query" / "site_search.json"
LEAST = 10  # questions in ten thousand


def main() -> None:
    """Count, write where asked, print how well the words find."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    records = [one for one in read(arguments.source) if isinstance(one, WrittenAnswer) and one.question]
    counts = Counter(word for record in records for word in words_of(asked(record.question)))
    common = {word: round(10_000 * n / len(records)) for word, n in counts.items()}
    shipped = {
        "fitted_on": f"{len(records):,} questions of {arguments.source.name}",
        "fitted_by": "python -m tests.bench learn_site_search SOURCE --write",
        "date": date.today().isoformat(),
        "per_10000": {word: n for word, n in sorted(common.items()) if n >= LEAST},
    }
    if arguments.write:
        MODEL.write_text(json.dumps(shipped, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    holders: defaultdict[str, set[int]] = defaultdict(set)
    for number, record in enumerate(records):
        for word in words_of(record.question):
            holders[word].add(number)
    sent = [search_words(one.question, truncated=one.question_truncated) for one in records if not one.uin][::20]
    found = sorted(len(set.intersection(*(holders[word] for word in words_of(words)))) for words in sent if words)
    print(f"{len(sent):,} questions without a UIN: their words are held by {statistics.median(found):.0f} questions in the "
          f"median, {found[9 * len(found) // 10]} at the 90th percentile; {found.count(1) / len(found):.0%} are found alone")  # fmt: skip


if __name__ == "__main__":
    main()
