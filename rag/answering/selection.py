"""Which pieces make the answer: the likeliest first, under a limit of words, nothing repeated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answering.excerpts import Excerpt
from rag.answering.sentence_scoring import Page
from rag.text.linear_model import LinearModel

SELECTION = LinearModel.load("answering/selection.json").settings


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be said, and how likely it must be on point; see `rag/answering/selection.json`."""

    words: int
    least: float  # below this probability a piece is left out, the best one excepted
    further: float  # the same as a share of the best piece's, for pieces of other answers than its own
    records: int  # answers drawn on

    @classmethod
    def of(cls, *, narrow: bool, parts: int = 1) -> Limits:
        """Return the limits for a narrow or a broad question, or for each of its `parts`."""
        kind = "narrow" if narrow else "broad"
        # Two parts get a half more room together than one question.
        share = 0.5 + 0.5 / parts if parts > 1 else 1.0
        return cls(
            words=int(SELECTION[f"{kind}_words"] * share),
            least=SELECTION["least"],
            further=SELECTION["further"],
            records=int(SELECTION[f"{kind}_records"]),
        )


def choose(
    pieces: Sequence[Excerpt],
    pages: Sequence[Page],
    relevance: Sequence[float],
    limits: Limits,
    *,
    taken: Sequence[Excerpt] = (),
    lead: int | None = None,
) -> list[Excerpt]:
    """Return the pieces to show, the likeliest first; `taken` are shown already and count as said.

    `lead` is the hit whose pieces come first, where one is to lead. `relevance` says how likely each answer is
    relevant. The first piece is chosen whatever its length and
    chance: whether the answer is good enough to be given at all is decided elsewhere.
    """
    chosen: list[Excerpt] = []
    spent = 0
    for piece in sorted(pieces, key=lambda p: (p.hit != lead, -_chance(p, relevance), p.hit, p.units)):
        cost = _cost(piece, chosen, taken, pages)
        if not cost:
            continue
        if chosen:
            if _chance(piece, relevance) < _needed(piece, chosen, relevance, limits):
                continue
            if not _fits(piece, cost, spent, chosen, limits):
                continue
            if _said(piece, (*taken, *chosen), pages):
                continue
        chosen.append(piece)
        spent += cost
    return chosen


def _chance(piece: Excerpt, relevance: Sequence[float]) -> float:
    return relevance[piece.hit] * piece.worth


def _needed(piece: Excerpt, chosen: Sequence[Excerpt], relevance: Sequence[float], limits: Limits) -> float:
    """Return how likely a piece must be on point: more where it would bring in another answer than the best piece's."""
    share = limits.further if piece.hit != chosen[0].hit else 0.0
    return max(limits.least, share * _chance(chosen[0], relevance))


def _fits(piece: Excerpt, cost: int, spent: int, chosen: Sequence[Excerpt], limits: Limits) -> bool:
    records = {one.hit for one in chosen} | {piece.hit}
    return spent + cost <= limits.words and len(records) <= limits.records


def _cost(piece: Excerpt, chosen: Sequence[Excerpt], taken: Sequence[Excerpt], pages: Sequence[Page]) -> int:
    """Return how many words a piece adds, with the line that introduces another record; 0 if its point is shown."""
    shown = _shown((*taken, *chosen))
    fresh = [place for place in piece.units if (piece.hit, place) not in shown]
    if piece.point not in fresh:
        return 0
    introduced = any(one.hit == piece.hit for one in chosen)
    return sum(_words(pages[piece.hit], place) for place in fresh) + (0 if introduced else SELECTION["introduction"])


def _words(page: Page, place: int) -> int:
    return len(page.units[place].text.replace("|", " ").split())


def _shown(pieces: Sequence[Excerpt]) -> set[tuple[int, int]]:
    return {(piece.hit, place) for piece in pieces for place in piece.units}


def _said(piece: Excerpt, others: Sequence[Excerpt], pages: Sequence[Page]) -> bool:
    """Return whether the point of a piece is in near the same words in another."""
    own = pages[piece.hit].stems[piece.point]
    return any(alike(own, pages[hit].stems[place]) for hit, place in _shown(others) if hit != piece.hit)


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two sets of stems are nearly the same: copies with a word or two changed."""
    if not one or not other:
        return False
    return bool(len(one & other) >= SELECTION["copy"] * len(one | other))


def by_record(pieces: Sequence[Excerpt]) -> Iterator[tuple[int, list[int]]]:
    """Yield each hit drawn on, the one with the likeliest piece first, with its units in their order."""
    for hit in dict.fromkeys(piece.hit for piece in pieces):
        yield hit, sorted({place for piece in pieces if piece.hit == hit for place in piece.units})
