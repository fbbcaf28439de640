"""How good composed answers are: `python -m tests.bench answers --index DIR --topics T`.

For the topics that were answered, with 95 % bootstrap intervals over topics: whether a key fact stands in the answer,
in what is cited, and in that with the sentences before and after it; how many words an answer has and how long it
took; how many citations verify and how many sentences marked verbatim are not. Refused topics count as without facts.

`tests/data/shown.tsv` holds sentences that were shown, each marked by reading for its question: 2 gives what was
asked, 1 helps to understand what does, 0 is off the point. Their share on point (1 and 2) is told for the sentences
now shown; those not marked yet are counted, and written down by `--unmarked FILE`.
"""

import argparse
import re
from collections import Counter
from pathlib import Path

import numpy as np

from index.text.sentences import sentence_spans
from rag import Assistant, Citation, Reply, verify
from rag.evaluation.metrics import interval
from tests.bench.learn_ranking import jsonl

MARKS = Path(__file__).parents[1] / "data" / "shown.tsv"


def letters(text: str) -> str:
    """Return the letters and digits of a text."""
    return re.sub(r"[\W_]+", "", text.lower())


def with_neighbours(assistant: Assistant, citation: Citation) -> str:
    """Return the quote of a citation with the sentence before it and the one after."""
    answer = assistant.archive.get(citation.record_id).answer
    spans = sentence_spans(answer)
    inside = [n for n, (start, end) in enumerate(spans) if start < citation.end and citation.start < end]
    if not inside:
        return citation.quote
    return answer[spans[max(inside[0] - 1, 0)][0] : spans[min(inside[-1] + 1, len(spans) - 1)][1]]


def facts_in(facts: list[str], text: str) -> bool:
    """Return whether any of some key facts stands in a text."""
    return any(letters(fact) in letters(text) for fact in facts)


def marks() -> dict[tuple[str, str], int]:
    """Return the marks of (question, sentence)."""
    rows = (line.split("\t") for line in MARKS.read_text(encoding="utf-8").splitlines()[1:])
    return {(query, sentence): int(mark) for mark, query, sentence in rows}


def one_line(text: str) -> str:
    """Return a text as it stands in the file of marks."""
    return " ".join(text.split())


def on_point(replies: list[tuple[dict, Reply]], unmarked: Path | None) -> None:
    """Print the share of shown sentences that are on point, as far as they are marked."""
    known = marks()
    shown = [(topic["query"], one_line(s.text)) for topic, reply in replies for s in reply.sentences if s.verbatim]
    missing = [pair for pair in dict.fromkeys(shown) if pair not in known]
    found = Counter(known[pair] for pair in shown if pair in known)
    marked = sum(found.values())
    if marked:
        share = interval([float(known[pair] > 0) for pair in shown if pair in known])
        print(f"sentences shown on point {share} of {marked} marked: {found[2]} give what was asked, {found[1]} help")
    print(f"sentences not marked     {len(missing)} of {len(set(shown))}")
    if unmarked:
        unmarked.write_text("".join(f"?\t{query}\t{sentence}\n" for query, sentence in missing), encoding="utf-8")


def main() -> None:
    """Ask every topic and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--topics", type=Path, required=True)
    parser.add_argument("--unmarked", type=Path)
    arguments = parser.parse_args()
    with Assistant.open(arguments.index) as assistant:
        topics = jsonl(arguments.topics)
        assistant.ask(topics[0]["query"])  # what is loaded on first use is not what an open process takes
        replies = [(topic, assistant.ask(topic["query"])) for topic in topics]
        rows = []
        for topic, reply in replies:
            facts, quotes = topic["answer_facts"], [c.quote for c in reply.citations]
            near = [with_neighbours(assistant, c) for c in reply.citations]
            said = " ".join([reply.answer or "", *(s.text for s in reply.sentences)])
            rows.append([facts_in(facts, said), facts_in(facts, " ".join(quotes)), facts_in(facts, " ".join(near))])
        checks = [verify(c, assistant.archive).ok for _, reply in replies for c in reply.citations]
    for name, column in zip(("answer", "quotes", "quotes and neighbours"), zip(*rows, strict=True), strict=True):
        print(f"a key fact in the {name:21} {interval([float(value) for value in column])}")
    answered = [reply for _, reply in replies if not reply.abstained]
    words = [len((reply.answer or "").split()) for reply in answered]
    print(f"answered {len(answered)} of {len(topics)}; words: median {np.median(words):.0f}, "
          f"9 of 10 below {np.percentile(words, 90):.0f}")  # fmt: skip
    wrong = [
        sentence.text
        for reply in answered
        for sentence in reply.sentences
        if sentence.verbatim and sentence.text != {c.n: c.quote for c in reply.citations}.get(sentence.citations[0])
    ]
    print(f"citations that verify    {sum(checks)} of {len(checks)}; marked verbatim that are not: {len(wrong)}")
    took = [reply.timings_ms["total"] for _, reply in replies]
    print(f"milliseconds             median {np.median(took):.0f}, 95th percentile {np.percentile(took, 95):.0f}")
    on_point(replies, arguments.unmarked)


if __name__ == "__main__":
    main()
