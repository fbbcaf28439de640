"""What visitors think of answers: thumbs with an optional word, kept in one SQLite file on this machine.

A visitor is a random number that their browser made up; nothing else about them is kept. Votes are
de-duplicated: a visitor's latest vote on an answer counts.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from index import StorageFull
from rag import Reply
from ui.filter_form import in_use

_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
    answer TEXT NOT NULL, client TEXT NOT NULL, verdict TEXT NOT NULL, word TEXT NOT NULL, question TEXT NOT NULL,
    filters TEXT NOT NULL, records TEXT NOT NULL, abstained INTEGER NOT NULL, build_id TEXT NOT NULL,
    made TEXT NOT NULL, PRIMARY KEY (answer, client)) WITHOUT ROWID
"""
# Grades of the judgements: a record that helped is relevant, one that did not is not.
_GRADES = {True: 2, False: 0}


class Vote(StrEnum):
    """Whether an answer helped."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Which answer is meant. The page gets this with the answer and sends it back with the verdict."""

    answer: str  # a hash of the question, the archive and what was said
    question: str  # as understood, so that it stands on its own
    filters: dict[str, str]
    records: tuple[str, ...]  # ids of the records cited
    abstained: bool
    build_id: str

    def as_json(self) -> str:
        """Return it as JSON, for the page."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one visitor thinks of one answer."""

    about: About
    client: str
    verdict: Vote
    word: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """Opinions as files for `pq evaluate`, one string a line."""

    topics: tuple[str, ...]  # JSONL: qid, query, filters, up, down, words
    qrels: tuple[str, ...]  # TREC: qid 0 record_id grade
    unanswerable: tuple[str, ...]  # JSONL: questions rightly declined


def about(reply: Reply) -> About:
    """Return what distinguishes this answer from all others."""
    understood = reply.understood
    question = understood.query if understood.follow_up_of else reply.question
    filters = in_use(understood.filters)
    said = [question, filters, reply.build_id, reply.reason, [s.text for s in reply.sentences]]
    return About(
        answer=hashlib.blake2b(json.dumps(said).encode(), digest_size=12).hexdigest(),
        question=question,
        filters=filters,
        records=tuple(dict.fromkeys(c.record_id for c in reply.citations)),
        abstained=reply.abstained,
        build_id=reply.build_id,
    )


def default_store() -> Path:
    """Return where feedback is kept unless another file is named: the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("ministerial-answers") / "feedback.sqlite"


class Store:
    """The file of opinions; any number of threads and processes may use it."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`, made if it is not there. Raises StorageFull."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFull(f"{path.parent} cannot be created ({error}). Name another --feedback file.") from error
        with self._open() as db:
            db.execute(_SCHEMA)

    def put(self, opinion: Opinion) -> None:
        """Keep an opinion in place of the same visitor's last one on the same answer."""
        one = opinion.about
        row = (
            one.answer, opinion.client, opinion.verdict, opinion.word, one.question,
            json.dumps(one.filters, ensure_ascii=False), json.dumps(one.records), one.abstained, one.build_id,
            datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        with self._open() as db:
            db.execute("INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def withdraw(self, answer: str, client: str) -> None:
        """Forget a visitor's opinion on an answer, if there is one."""
        with self._open() as db:
            db.execute("DELETE FROM feedback WHERE answer = ? AND client = ?", (answer, client))

    def opinions(self) -> tuple[Opinion, ...]:
        """Return all opinions, oldest first."""
        with self._open() as db:
            rows = db.execute("SELECT * FROM feedback ORDER BY made, answer, client").fetchall()
        return tuple(_opinion(row) for row in rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=10)) as db, db:
                yield db
        except sqlite3.Error as error:
            raise StorageFull(
                f"The feedback file {self.path} cannot be used ({error}). Move it, or give another --feedback."
            ) from error


def exported(opinions: Iterable[Opinion]) -> Exported:
    """Return opinions as topics and judgements: the records of an answer are as good as most visitors say it was."""
    by_question: dict[tuple[str, str], list[Opinion]] = defaultdict(list)
    for opinion in opinions:
        by_question[(opinion.about.question, json.dumps(opinion.about.filters, sort_keys=True))].append(opinion)
    topics, qrels, unanswerable = [], [], []
    for (question, filters), said in by_question.items():
        qid = "f" + hashlib.blake2b(f"{question}\0{filters}".encode(), digest_size=5).hexdigest()
        topic = json.dumps(_topic(qid, question, json.loads(filters), said), ensure_ascii=False)
        grades = _grades(said)
        qrels += [f"{qid} 0 {record} {grade}" for record, grade in grades.items()]
        if grades:
            topics.append(topic)
        elif _balance([one for one in said if one.about.abstained]) > 0:
            unanswerable.append(topic)
    return Exported(tuple(topics), tuple(qrels), tuple(unanswerable))


def _topic(qid: str, question: str, filters: dict[str, str], said: Sequence[Opinion]) -> dict[str, Any]:
    ups = sum(one.verdict is Vote.UP for one in said)
    words = [one.word for one in said if one.word]
    return {"qid": qid, "query": question, "filters": filters, "up": ups, "down": len(said) - ups, "words": words}


def _grades(said: Sequence[Opinion]) -> dict[str, int]:
    """Return for each record cited whether those who saw it were helped; none where they are of two minds."""
    by_record: dict[str, list[Opinion]] = defaultdict(list)
    for opinion in said:
        for record in opinion.about.records:
            by_record[record].append(opinion)
    balances = {record: _balance(seen) for record, seen in by_record.items()}
    return {record: _GRADES[balance > 0] for record, balance in balances.items() if balance}


def _balance(said: Sequence[Opinion]) -> int:
    return sum(1 if one.verdict is Vote.UP else -1 for one in said)


def _opinion(row: Sequence[Any]) -> Opinion:
    answer, client, verdict, word, question, filters, records, abstained, build_id, _ = row
    one = About(
        answer=answer, question=question, filters=json.loads(filters), records=tuple(json.loads(records)),
        abstained=bool(abstained), build_id=build_id,
    )  # fmt: skip
    return Opinion(about=one, client=client, verdict=Vote(verdict), word=word)
