"""Keeping an archive current: what was tabled, answered, corrected or withdrawn since its last update.

Two steps, each of which can be killed anywhere and run again. Fetching brings the shelf of native files up to
date; applying takes in the files that changed since the archive last took from that shelf, by the same
pipeline as a build, in one transaction. Only then does the archive remember the day and the place up to which
it went, so that an update that did not end is made good by the next.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from index.encoders.base import Encoder
from index.errors import ArchiveMissing
from index.fetching.client import POLITE, Client, Manners
from index.fetching.discovery import EVERYTHING, Event, Scope, weeks
from index.fetching.mirror import Shelf, question_file
from index.fetching.official import BASE_URL, Fetched, Visit, visit
from index.ingest.build import Progress, Report, build
from index.records import Status, WrittenAnswer
from index.storage.archive import CATALOGUE, NATIVE, writing
from index.storage.catalogue import Catalogue
from index.storage.sizes import SIZES, Sizes
from index.text.status import status_of
from index.text.targets import with_targets

# Days before the last update that are gone through once more: the API has lagged by one, and a weekend is two.
_OVERLAP = 3
# Days before the first one gone through whose tabled questions are listed again: no list tells when one was withdrawn.
_LOOK_BACK = 60
_PATIENCE = 60.0  # seconds to wait for another writer before what was done is noted down


@dataclass(frozen=True, slots=True)
class Changed:
    """One record that an update changed."""

    change: str  # new | answered | corrected | withdrawn | changed | removed
    record_id: str
    status: Status
    record: WrittenAnswer  # as it is now; of one removed, as it was


@dataclass(frozen=True, slots=True)
class Update:
    """What an update did."""

    since: date | None  # first day gone through; None where files were given or records completed
    until: date | None
    changed: tuple[Changed, ...]
    fetched: Fetched | None
    built: Report

    @property
    def counts(self) -> Mapping[str, int]:
        """How many records changed in each way."""
        return Counter(one.change for one in self.changed)


def update(
    index: str | Path,
    *,
    native: str | Path | None = None,
    since: date | None = None,
    today: date | None = None,
    scope: Scope = EVERYTHING,
    base_url: str = BASE_URL,
    manners: Manners = POLITE,
    model: str | None = None,
    encoder: Encoder | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Update:
    """Bring the archive in the folder `index` up to `today` from the official API.

    A question tabled more than 60 days before the first day gone through, and withdrawn since, shows in no list that is
    looked at: an earlier `since` finds it.
    Native files are kept in the folder `native` (default: in the archive's). `since` is the first day to go
    through, if that is before the last update; by default some days before that, or before the newest record of
    an archive that was never updated. Raises FetchFailed, ArchiveMissing (nothing there and no `since`),
    ArchiveBusy, StorageFull.
    """
    folder, today = Path(index), today or date.today()
    known, start = _recall(folder, scope, today)
    if known.day and start and since:
        since = min(since, start)  # what lies between the last update and a later day must not be passed over
    since = since or start
    if since is None:
        raise ArchiveMissing(
            f"There is no archive with records at {folder}, and so no day to start from. Say from which day "
            "records are wanted: --since YYYY-MM-DD."
        )
    with Shelf.open(Path(native) if native else folder / NATIVE) as shelf:
        with Client(base_url, manners) as client:
            fetched = visit(shelf, client, _visits(since, today), scope, today, also=known.missed, progress=progress)
        files = shelf.changed_after(known.taken.get(shelf.id, 0))
        changed, built = _applied(files, folder, model, encoder, progress)
        memory = _Memory(today, tuple(sorted(fetched.missed)), {**known.taken, shelf.id: shelf.sequence})
        with _writer(folder) as catalogue:
            memory.store(catalogue, scope)
    return Update(since, today, changed, fetched, built)


def complete(
    index: str | Path,
    *,
    native: str | Path | None = None,
    scope: Scope = EVERYTHING,
    base_url: str = BASE_URL,
    manners: Manners = POLITE,
    model: str | None = None,
    encoder: Encoder | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Update:
    """Fetch what an archive's records lack that the official API knows: UIN, heading, names, dates, the whole text.

    Asked for are the records whose number at the API is known, each once: those that lie in the folder `native`
    (default: in the archive's) are not asked for again, so that a call that was stopped is completed by the next.
    What the archive knows already stays. Raises FetchFailed, ArchiveMissing, ArchiveBusy, StorageFull.
    """
    folder = Path(index)
    if not (folder / CATALOGUE).is_file():
        raise ArchiveMissing(
            f"There is no archive at {folder} to complete. Build one with: pq build SOURCE --index DIR."
        )
    with Shelf.open(Path(native) if native else folder / NATIVE) as shelf:
        wanted = [number for number in _incomplete(folder, scope) if shelf.known(question_file(number)) is None]
        with Client(base_url, manners) as client:
            fetched = visit(shelf, client, [], scope, date.today(), also=wanted, progress=progress)
        with _writer(folder) as catalogue:
            taken = _taken(catalogue)
        files = shelf.changed_after(taken.get(shelf.id, 0))
        changed, built = _applied(files, folder, model, encoder, progress)
        with _writer(folder) as catalogue, catalogue.transaction():
            catalogue.set_meta(shelves=json.dumps({**taken, shelf.id: shelf.sequence}))
    return Update(None, None, changed, fetched, built)


def _incomplete(folder: Path, scope: Scope) -> list[int]:
    """Return the numbers at the API of the records in scope that lack what the API could tell, in order."""
    with _writer(folder) as catalogue:
        records = (record for _, record in catalogue.records() if _lacks(record))
        wanted = (one for one in records if scope.house in (None, one.house) and scope.covers(one.department))
        return sorted({number for one in wanted if (number := one.api_number())})


def _lacks(record: WrittenAnswer) -> bool:
    """Return whether a record lacks a fact that every record of the API has, or the rest of a text."""
    facts: list[object] = [record.uin, record.heading, record.tabled, record.asked_by and record.asked_by.name]
    if record.answer:
        facts += [record.answered, record.answered_by and record.answered_by.name]
    return record.truncated or record.question_truncated or not all(facts)


def update_from(
    sources: Sequence[str | Path],
    index: str | Path,
    *,
    model: str | None = None,
    encoder: Encoder | None = None,
    members: str | Path | None = None,
    max_expanded: int | None = None,
    sizes: Sizes = SIZES,
    progress: Progress = lambda stage, done, total: None,
) -> Update:
    """Bring an archive up to what files say, which tell of a record one after another in the order of their names.

    `max_expanded` is that of `build`. Raises what `build` raises.
    """
    changed, built = _applied(sources, Path(index), model, encoder, progress, members, max_expanded, sizes)
    return Update(None, None, changed, None, built)


def _visits(since: date, today: date) -> list[Visit]:
    """Return the windows to go through: all events since a day, and what was tabled for some time before it."""
    recent = [window for event in Event for window in weeks(event, since, today)]
    before = since - timedelta(days=1)
    earlier = weeks(Event.TABLED, since - timedelta(days=_LOOK_BACK), before)
    return [Visit(tuple(recent), again=True), Visit(tuple(earlier), only_known=True)]


def _applied(
    files: Sequence[str | Path],
    folder: Path,
    model: str | None,
    encoder: Encoder | None,
    progress: Progress,
    members: str | Path | None = None,
    max_expanded: int | None = None,
    sizes: Sizes = SIZES,
) -> tuple[tuple[Changed, ...], Report]:
    """Take files in, and return what they changed."""
    with closing(_EarlierState(folder)) as before:
        built = build(
            files, folder, model=model, encoder=encoder, members=members, superseding=True, max_expanded=max_expanded,
            sizes=sizes, progress=progress,
        )  # fmt: skip
        return tuple(before.changes()), built


@contextmanager
def _writer(folder: Path) -> Iterator[Catalogue]:
    """Open the catalogue for writing; a folder that may not be written is reported before anything is fetched."""
    with writing(folder, "pq update", _PATIENCE), Catalogue(folder / CATALOGUE, writable=True) as catalogue:
        yield catalogue


class _EarlierState:
    """The archive as it was: a second connection keeps to the state it found, whatever is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._catalogue: Catalogue | None = None
        if (folder / CATALOGUE).is_file():
            with _writer(folder):  # one in an older format is brought forward
                self._catalogue = Catalogue(folder / CATALOGUE, writable=False)

    def close(self) -> None:
        if self._catalogue:
            self._catalogue.close()

    def changes(self) -> Iterator[Changed]:
        """Yield each record that is now otherwise than it was."""
        with Catalogue(self._folder / CATALOGUE, writable=False) as now:
            numbers = now.changed_since(self._catalogue.revision if self._catalogue else 0)
            old = dict(self._catalogue.records(numbers)) if self._catalogue else {}
            new = dict(now.records(numbers))
        for number in numbers:
            record = new.get(number) or old.get(number)
            how = _change(old.get(number), new.get(number))
            if record and how:
                yield Changed(how, record.id, status_of(record), record)


def _change(old: WrittenAnswer | None, new: WrittenAnswer | None) -> str | None:
    """Return in what way a record changed; None where only its sources did, or how its links are kept."""
    if old is None or new is None:
        return "new" if new else "removed" if old else None
    if new.withdrawn and not old.withdrawn:
        return "withdrawn"
    if (new.corrected, new.corrected_on) != (old.corrected, old.corrected_on) and new.corrected:
        return "corrected"
    if new.answer and (not old.answer or (old.holding and not new.holding)):
        return "answered"
    return None if _content(old) == _content(new) else "changed"


def _content(record: WrittenAnswer) -> WrittenAnswer:
    """Return a record without what tells only where it was read, its links as archives used to hold them."""
    answer = with_targets(record).text
    return replace(record, answer=answer, links=(), sources=(), origin="", edition=None, replaced=False)


@dataclass(frozen=True, slots=True)
class _Memory:
    """What an archive remembers of its updates of one scope, and of the shelves that it took from."""

    day: date | None = None  # up to which all was taken in
    missed: tuple[int, ...] = ()  # records that could not be fetched
    taken: Mapping[str, int] = field(default_factory=dict)  # shelf -> number of the latest change taken in

    @classmethod
    def of(cls, catalogue: Catalogue, scope: Scope) -> _Memory:
        """Return what the archive remembers."""
        told = json.loads(catalogue.meta("updates") or "{}").get(str(scope))
        taken = _taken(catalogue)
        return cls(date.fromisoformat(told["day"]), tuple(told["missed"]), taken) if told else cls(taken=taken)

    def store(self, catalogue: Catalogue, scope: Scope) -> None:
        """Remember this, in one transaction."""
        updates = json.loads(catalogue.meta("updates") or "{}")
        day = self.day.isoformat() if self.day else ""
        updates[str(scope)] = {"day": day, "missed": list(self.missed)}
        with catalogue.transaction():
            catalogue.set_meta(updates=json.dumps(updates), shelves=json.dumps(dict(self.taken)), updated=day)


def _taken(catalogue: Catalogue) -> dict[str, int]:
    """Return the number of the latest change that an archive took in from each shelf."""
    taken: dict[str, int] = json.loads(catalogue.meta("shelves") or "{}")
    return taken


def _recall(folder: Path, scope: Scope, today: date) -> tuple[_Memory, date | None]:
    """Return what an archive remembers, and the first day that an update of it has to go through."""
    if not (folder / CATALOGUE).is_file():
        return _Memory(), None
    with _writer(folder) as catalogue:
        memory, newest = _Memory.of(catalogue, scope), catalogue.span()[1]
    last = memory.day or (min(date.fromordinal(newest), today) if newest else None)
    return memory, last and last - timedelta(days=_OVERLAP)
