"""How well conversations are followed: `python -m tests.bench dialogues --index DIR [--dialogues FILE] [--only odd]`.

For each kind of turn: how often a gold record is among the first three records *cited* (the figure we are judged
by), among the first three *found*, and how often the reply abstained. For each miss: how the question was judged
and understood, and where the gold record stood. Kinds are read from a turn's note: the first turn, "switch", else
the note's own first words.

`tests/data/dialogues-own.jsonl` holds 39 conversations over real records, on which nothing was learned; the conversations
of `rag/training/dialogues.jsonl.gz`, on which what tells a follow-up was, are measured by `leaning`.
"""

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from rag import Assistant, Reply
from rag.conversation.follow_up import TurnKind, in_context

OWN = Path(__file__).parent.parent / "data" / "dialogues-own.jsonl"
TOP = 3
DEPTH = 60
PARTS = {
    "odd": lambda did: did.startswith("o") and int(did[1:]) % 2 == 1,
    "even": lambda did: did.startswith("o") and int(did[1:]) % 2 == 0,
    "held-out": lambda did: did.startswith("h"),
    "all": lambda did: True,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn as it went."""

    kind: str
    cited: bool
    found: bool
    abstained: bool
    milliseconds: float
    miss: str  # "" where a gold record is cited


def kind_of(number: int, note: str) -> str:
    """Return the kind of a turn: "first", "switch", or the first words of its note."""
    if number == 1:
        return "first"
    return "switch" if "switch" in note else note.split(":")[0].split(",")[0].split(";")[0]


def expected(note: str) -> TurnKind:
    """Return how the question should be judged."""
    for word, kind in (("switch", TurnKind.NEW), ("meta", TurnKind.ABOUT_RECORD)):
        if word in note:
            return kind
    return TurnKind.FOLLOW_UP


def group_of(assistant: Assistant, record_id: str) -> int | str:
    """Return what records with the same answer share; the id itself where the archive lacks the record."""
    rows = assistant.archive.rows_of(record_id)
    return int(assistant.archive.columns.twin[rows[0]]) if rows else record_id


def first(assistant: Assistant, record_ids: list[str]) -> list[int | str]:
    """Return the groups of records in order, each once."""
    return list(dict.fromkeys(group_of(assistant, record_id) for record_id in record_ids))


def ask(assistant: Assistant, turn: dict, number: int, before: Reply | None) -> tuple[Turn, Reply]:
    """Ask one question and compare what comes with its gold records."""
    reply = assistant.ask(turn["query"], after=before)
    gold = {group_of(assistant, record_id) for record_id in turn["gold_ids"]}
    cited = first(assistant, [citation.record_id for citation in reply.citations])[:TOP]
    told = bool(reply.sentences) and not any(sentence.verbatim for sentence in reply.sentences)
    understood = reply.understood
    results = assistant.retriever.search(
        understood.query, DEPTH, lexical=understood.lexical, filters=understood.filters
    )
    found = cited if told else first(assistant, [hit.record.id for hit in results.hits])
    rank = next((place for place, one in enumerate(found, 1) if one in gold), None)
    right = bool(gold & set(cited))
    went = Turn(
        kind=kind_of(number, turn["note"]),
        cited=right,
        found=rank is not None and rank <= TOP,
        abstained=reply.abstained,
        milliseconds=reply.timings_ms.get("total", 0.0),
        miss="" if right else why(assistant, turn, before, reply, rank),
    )
    return went, reply


def why(assistant: Assistant, turn: dict, before: Reply | None, reply: Reply, rank: int | None) -> str:
    """Say where a turn went wrong."""
    reasons = []
    if before is not None:
        judged = in_context(turn["query"], before, assistant.archive).kind
        if judged is not expected(turn["note"]):
            reasons.append(f"judged {judged.value}, is {expected(turn['note']).value}")
    reasons.append(f"found at {rank}" if rank else f"not among the first {DEPTH} found without preferences")
    if reply.abstained:
        reasons.append(f"abstained: {reply.reason and reply.reason.value} ({reply.confidence:.2f})")
    filters = reply.understood.filters.as_dict()
    return f"{turn['query']!r} understood as {reply.understood.query!r} {filters or ''}: {'; '.join(reasons)}"


def walk(assistant: Assistant, dialogue: dict) -> list[Turn]:
    """Go through one conversation."""
    went: list[Turn] = []
    reply: Reply | None = None
    for number, turn in enumerate(dialogue["turns"], 1):
        one, reply = ask(assistant, turn, number, reply)
        went.append(one)
        if one.miss:
            print(f"{dialogue['did']}/{number} {one.kind}: {one.miss}")
    return went


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", required=True)
    parser.add_argument("--dialogues", type=Path, default=OWN)
    parser.add_argument("--only", choices=PARTS, default="all")
    arguments = parser.parse_args()
    lines = arguments.dialogues.read_text(encoding="utf-8").splitlines()
    dialogues = [one for one in map(json.loads, lines) if PARTS[arguments.only](one["did"])]
    kinds: dict[str, list[Turn]] = defaultdict(list)
    with Assistant.open(arguments.index) as assistant:
        for dialogue in dialogues:
            for turn in walk(assistant, dialogue):
                kinds[turn.kind].append(turn)
                if turn.kind not in ("first", "switch"):
                    kinds["all follow-ups"].append(turn)
    print(f"\n{'kind of turn':28}{'turns':>6}{'cited':>8}{'found':>8}{'abstained':>11}{'ms':>8}")
    for kind, turns in sorted(kinds.items(), key=lambda pair: (pair[0] not in ("first", "switch"), -len(pair[1]))):
        means = [
            sum(values) / len(turns) for values in zip(*((t.cited, t.found, t.abstained) for t in turns), strict=True)
        ]
        slowest = sorted(turn.milliseconds for turn in turns)[int(0.95 * (len(turns) - 1))]
        print(f"{kind:28}{len(turns):6}{means[0]:8.2f}{means[1]:8.2f}{means[2]:11.2f}{slowest:8.0f}")


if __name__ == "__main__":
    main()
