"""The library's face: ask a question of an archive, get a reply with citations."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any

from index import Archive
from index.encoder import Encoder
from index.filters import make_filters
from rag.compose import compose
from rag.question import Understood, understand
from rag.reply import Coverage, Reason, Reply, coverage_of
from rag.retrieval import Results, Retriever

# Hits looked at for an answer.
_REACH = 20


class Assistant:
    """Answers questions from one archive; use as a context manager."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.retriever = Retriever(archive)
        self.coverage: Coverage = coverage_of(archive)

    @classmethod
    def open(cls, path: str | Path, *, model: str | None = None, encoder: Encoder | None = None) -> Assistant:
        """Open the archive at `path`; raises what `Archive.open` raises."""
        return cls(Archive.open(path, model=model, encoder=encoder))

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive."""
        self.archive.close()

    def ask(self, question: str, *, after: Reply | None = None, **filters: Any) -> Reply:
        """Return the answer to `question`.

        `after` is the reply that this question follows up. `filters` are those of the command line: house,
        department, since, until, minister, asked_by, status. Raises BadFilter.
        """
        began = perf_counter()
        understood = understand(question, self.archive, filters=make_filters(**filters))
        results = self.retriever.search(understood.query, _REACH, filters=understood.filters)
        timings = dict(results.timings_ms)
        began_composing = perf_counter()
        composed = compose(understood, results.hits)
        timings["compose"] = _since(began_composing)
        timings["total"] = _since(began)
        if not composed.sentences:
            reason = _reason(understood, results)
            return self._reply(understood, abstained=True, reason=reason, timings_ms=timings, confidence=0.0)
        return self._reply(
            understood, abstained=False, sentences=composed.sentences, citations=composed.citations,
            timings_ms=timings, confidence=1.0,
        )  # fmt: skip

    def search(self, question: str, k: int = 10, **filters: Any) -> tuple[Understood, Results]:
        """Return how `question` was understood and its `k` best passages. Raises BadFilter."""
        understood = understand(question, self.archive, filters=make_filters(**filters))
        return understood, self.retriever.search(understood.query, k, filters=understood.filters)

    def _reply(self, understood: Understood, **facts: Any) -> Reply:
        return Reply(
            question=understood.text,
            understood=understood,
            coverage=self.coverage,
            build_id=self.archive.build_id,
            model=self.archive.encoder.name,
            **facts,
        )


def _reason(understood: Understood, results: Results) -> Reason:
    if not understood.query.strip():
        return Reason.BLANK
    return Reason.FILTERED_OUT if results.passing and not results.allowed else Reason.NO_MATCH


def _since(start: float) -> float:
    return round(1000 * (perf_counter() - start), 2)
