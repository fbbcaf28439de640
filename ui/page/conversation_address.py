"""A conversation as the address of a page: its questions with their filters, which any server can ask again.

`?q=Prisons&house=lords&then=and+in+Wales`: `q` asks something for itself, `then` follows up what is before it, and
filters belong to the question that they come after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from rag import Reply, phrases_of
from ui.filter_form import from_link
from ui.labels import FILTERS

# Characters of an address; the first questions of a longer conversation are left out.
_LONGEST = 6000
# Questions of one conversation that are kept and shown.
TURNS = 20
_NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class AskedTurn:
    """One question of a conversation as its address holds it."""

    question: str
    filters: dict[str, str] = field(default_factory=dict)
    follows: bool = False  # whether it leans on the question before it
    ignore: tuple[str, ...] = ()  # phrases that are to be taken as plain words

    @property
    def query(self) -> str:
        """The question's part of the address."""
        plain = [("ignore", phrase) for phrase in self.ignore]
        return urlencode([("then" if self.follows else "q", self.question), *self.filters.items(), *plain])


def asked_turn(reply: Reply, *, first: bool = False) -> AskedTurn:
    """Return what a reply answers; the `first` of an address leans on nothing, so a follow-up is written out there.

    Filters that the words of the question say are left out: the words say them again.
    """
    understood = reply.understood
    filters = understood.filters.as_dict()
    chosen = {name: filters[name] for name in FILTERS if name in filters and name not in understood.from_words}
    follows, ignore = understood.follow_up_of is not None, tuple(sorted(understood.ignore))
    if follows and first:
        return AskedTurn(understood.query, chosen, ignore=ignore)
    return AskedTurn(reply.question, chosen, follows, ignore)


def conversation_address(replies: Sequence[Reply], *, tab: str = "answer", newest_first: bool = False) -> str:
    """Return the query string that asks the questions of a conversation again; "" for none.

    It also holds which tab is shown, and whether its results are in order of time.
    """
    last: list[str] = []
    for reply in reversed(replies[-TURNS:]):
        query = asked_turn(reply).query
        if last and len("&".join([query, *last])) > _LONGEST:
            break
        last.insert(0, query)
    if not last:
        return ""
    last[0] = asked_turn(replies[-len(last)], first=True).query
    shown = {"tab": tab if tab != "answer" else "", "sort": _NEWEST if newest_first else ""}
    return "?" + "&".join([*last, *(f"{name}={value}" for name, value in shown.items() if value)])


def without(replies: Sequence[Reply], phrase: str) -> str:
    """Return the address of a conversation whose last question is asked again with a phrase taken as plain words."""
    *before, last = replies
    understood = replace(last.understood, ignore=last.understood.ignore | phrases_of([phrase]))
    return conversation_address([*before, replace(last, understood=understood)])


def turns_in(address: str) -> tuple[tuple[AskedTurn, ...], str]:
    """Return the questions of a conversation's address, oldest first, and the tab it shows; unknown names are ignored.

    Filters before the first question belong to it.
    """
    pairs = parse_qsl(address.removeprefix("?"))
    begun: list[list[tuple[str, str]]] = [[]]
    for name, value in pairs:
        if name in ("q", "then") and any(known in ("q", "then") for known, _ in begun[-1]):
            begun.append([])
        begun[-1].append((name, value))
    turns = tuple(_turns(begun[-TURNS:]))
    return turns, from_link(dict(pairs))[2]


def newest_first_in(address: str) -> bool:
    """Return whether a conversation's address shows results in order of time."""
    return dict(parse_qsl(address.removeprefix("?"))).get("sort") == _NEWEST


def _turns(begun: Iterable[Sequence[tuple[str, str]]]) -> Iterable[AskedTurn]:
    before = False
    for pairs in begun:
        values = dict(pairs)
        question, filters, _ = from_link(values | {"q": values.get("q") or values.get("then", "")})
        if question or any(filters.values()):  # filters alone list what passes them
            ignore = tuple(sorted(phrases_of(value for name, value in pairs if name == "ignore")))
            yield AskedTurn(question, {k: v for k, v in filters.items() if v}, "then" in values and before, ignore)
            before = True
