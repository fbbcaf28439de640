"""Sources -> archive: read, merge, cut, embed, apply, derive.

Reading keeps what each source said (`Accounts.hear`); embedding adds vectors under the hash of
what was embedded; both are committed as they go and seen by no reader. One transaction then puts the
merged records in place and is committed once the derived stores of that state stand beside the old ones, so that
readers need not wait. Killed anywhere, the same command goes on.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path
from stat import S_ISREG

from index import readers
from index.encoders.base import Encoder
from index.encoders.load import load_encoder
from index.encoders.ray_pool import on_cluster
from index.errors import ArchiveMissing, SourceError, StorageFull
from index.readers.files import require_file
from index.records import Fault, Passage, WrittenAnswer
from index.storage.archive import CATALOGUE, NATIVE, check_model, writing
from index.storage.catalogue import Catalogue, CatalogueEntry
from index.storage.derived import derive, forget_others
from index.storage.merging import completed, merge
from index.storage.sizes import SIZES, Sizes
from index.storage.source_accounts import AccountChange
from index.storage.sqlite import BATCH
from index.text.passages import context_of, cut, embedding_key, in_context
from index.text.status import status_of

# Stage, how much of it is done, and how much there is (None while unknown).
Progress = Callable[[str, int, int | None], None]
# The context before a passage may fill at most this share of what the encoder sees.
_CONTEXT_SHARE = 0.6
# Texts sorted by length together: enough to fill like-length batches, little to lose to a kill.
_EMBED_BATCH = 512


# Begins the name of a folder in which an archive is made ready; a kill leaves it there.
STAGE = ".restoring-"
DOWNLOADS = ".download"


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did; `str()` is its last line."""

    read: int = 0  # entries read from sources
    unchanged: int = 0  # of them said before, word for word; whole files read before are not counted again
    files_unchanged: int = 0
    completed: int = 0  # records that came clipped and were made whole by another source
    merged: int = 0  # records told by more than one source
    written: int = 0  # records new or changed in the archive
    removed: int = 0  # records that became part of another
    embedded: int = 0  # passages embedded now; the others were known
    records: int = 0  # in the archive now
    passages: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)  # reason -> how often
    faults: tuple[Fault, ...] = ()  # the first hundred, with their places
    notes: tuple[Fault, ...] = ()  # the first hundred remarks on files and entries of which nothing was skipped
    noted: int = 0  # all of them

    def __str__(self) -> str:
        skipped = sum(self.skipped.values())
        why = "; ".join(f"{n:,} {reason}" for reason, n in sorted(self.skipped.items(), key=lambda x: (-x[1], x[0])))
        files = f", {self.files_unchanged:,} files read before" if self.files_unchanged else ""
        return (
            f"{self.read:,} records read ({self.unchanged:,} unchanged{files}), {self.completed:,} completed, "
            f"{self.merged:,} merged, {skipped:,} skipped{f' ({why})' if why else ''}. The archive now holds "
            f"{self.records:,} records in {self.passages:,} passages; {self.written:,} written, "
            f"{self.embedded:,} passages embedded."
        )


def build(
    sources: Sequence[str | Path] | str | Path,
    index: str | Path,
    *,
    model: str | None = None,
    encoder: Encoder | None = None,
    members: str | Path | None = None,
    superseding: bool = False,
    max_expanded: int | None = None,
    ray: str | None = None,
    sizes: Sizes = SIZES,
    progress: Progress = lambda stage, done, total: None,
) -> Report:
    """Make the archive in the folder `index`, or extend it, from files and folders of any known format.

    `members` is a JSON file of Members' names by id, for sources that give ids only. `superseding` says that
    files tell of records one after another: what a source says replaces what it said in files before, even
    where that said more. A packed file may expand to `max_expanded` bytes, by default to 200
    times its size or 256 MB; what comes after is a fault. `ray` is the address of a Ray cluster whose machines embed,
    or "auto" for the one that this machine is part of. Raises SourceError (a source is missing; nothing is written
    then), ArchiveMismatch, ArchiveBusy, StorageFull, ClusterError.
    """
    given = [sources] if isinstance(sources, str | Path) else list(sources)
    paths = [Path(source) for source in given]
    for path in paths:
        _require(path)
    names = readers.load_members(Path(members)) if members else {}
    folder = Path(index)
    prepare(folder)
    with (
        writing(folder, "pq update" if superseding else "pq build"),
        Catalogue(folder / CATALOGUE, writable=True) as catalogue,
    ):
        encoder = encoder or load_encoder(model or catalogue.meta("model"), fetch=model is not None)
        check_model(folder, catalogue, encoder)
        if not catalogue.meta("fingerprint"):
            _ = encoder.dim  # loads the model: one that cannot be loaded must not become the archive's
        with catalogue.transaction():
            catalogue.set_meta(model=encoder.name, fingerprint=encoder.fingerprint)
        with on_cluster(encoder, ray) if ray else nullcontext(encoder) as embedding:
            tally = _read(paths, folder, catalogue, names, _Tally(superseding, max_expanded), progress)
            return _finish(folder, catalogue, embedding, tally, progress, sizes)


def assemble(
    records: Iterable[WrittenAnswer],
    index: str | Path,
    *,
    encoder: Encoder,
    progress: Progress = lambda stage, done, total: None,
) -> Report:
    """Make an archive of records at hand, such as some of another archive, in a new folder.

    Raises ArchiveMissing (the folder holds something else), ArchiveBusy, StorageFull.
    """
    folder = Path(index)
    prepare(folder)
    tally = _Tally()
    with writing(folder, "pq"), Catalogue(folder / CATALOGUE, writable=True) as catalogue:
        with catalogue.transaction():
            catalogue.set_meta(model=encoder.name, fingerprint=encoder.fingerprint)
            for record in records:
                tally.changes[catalogue.accounts.hear(record, "", frozenset())] += 1
        return _finish(folder, catalogue, encoder, tally, progress)


def _require(source: Path) -> None:
    """Raise SourceError where a source is not a file or folder that can be read, before anything is changed."""
    try:
        if not source.is_dir() and not S_ISREG(source.stat().st_mode):
            raise SourceError(
                f"{source} is neither a file nor a folder: write what it gives to a file, and build that."
            )
    except FileNotFoundError:
        raise SourceError(f"There is no file or folder {source}. Check the name; nothing was changed.") from None
    except OSError as error:
        raise SourceError(f"{source} cannot be read ({error.strerror}). Nothing was changed.") from error


@dataclass(slots=True)
class _Tally:
    """Counts kept while reading; turned into a Report at the end."""

    superseding: bool = False
    max_expanded: int | None = None
    changes: Counter[AccountChange] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    noted: int = 0
    files_unchanged: int = 0

    def fault(self, fault: Fault) -> None:
        if fault.note:
            self.noted += 1
        else:
            self.skipped[fault.reason] += 1
        shown = self.notes if fault.note else self.faults
        if len(shown) < 100:
            shown.append(fault)


def prepare(folder: Path) -> None:
    """Make the folder, refusing one that holds something else."""
    try:
        if folder.is_file():
            raise ArchiveMissing(
                f"{folder} is a file, not a folder. Choose another --index folder; nothing was changed."
            )
        folder.mkdir(parents=True, exist_ok=True)
        ours = ("writer.", STAGE, DOWNLOADS)
        strangers = [p.name for p in folder.iterdir() if not p.name.startswith(ours) and p.name != NATIVE]
    except OSError as error:
        raise StorageFull(
            f"{folder} cannot be made or read ({error.strerror}). Choose another --index folder."
        ) from error
    if strangers and CATALOGUE not in strangers:
        raise ArchiveMissing(
            f"{folder} holds other files ({', '.join(sorted(strangers)[:3])}) and no archive. "
            "Choose an empty or new --index folder."
        )


def _read(
    paths: Sequence[Path], folder: Path, catalogue: Catalogue, names: Mapping[int, str], tally: _Tally,
    progress: Progress,
) -> _Tally:  # fmt: skip
    """Keep what every source file says; a file of the same content is read once only."""
    salt = f"{readers.READERS_VERSION}|{sorted(names.items())}"
    files = [(file, readers.place_of(file, path)) for path in paths for file in readers.files(path, but=folder)]
    if paths and not files:
        tally.fault(Fault(", ".join(map(str, paths)), "folder without files", entry=False))
    digests: list[str] = []
    for done, (file, _) in enumerate(files, 1):
        digests.append(_file_digest(file, salt))
        progress("Looking at files", done, len(files))
    present, told = frozenset(digests), set[str]()
    for done, ((file, place), digest) in enumerate(zip(files, digests, strict=True), 1):
        if catalogue.accounts.has_file(digest) and not _now_allowed(catalogue, digest, tally):
            tally.files_unchanged += 1
            for fault in catalogue.accounts.faults(digest) if digest not in told else ():
                tally.fault(fault)
        else:
            _read_file(file, place, digest, present, catalogue, names, tally, progress)
        told.add(digest)
        progress("Reading files", done, len(files))
    return tally


def _now_allowed(catalogue: Catalogue, digest: str, tally: _Tally) -> bool:
    """Return whether a file that was too large when it was read may be as large as the user allows now."""
    return tally.max_expanded is not None and any(map(readers.allowable, catalogue.accounts.faults(digest)))


def _read_file(
    file: Path, place: str, digest: str, present: frozenset[str], catalogue: Catalogue, names: Mapping[int, str],
    tally: _Tally, progress: Progress,
) -> None:  # fmt: skip
    """Keep what one file says and what of it could not be used; remember it when it was read to its end."""
    accounts = catalogue.accounts
    with catalogue.transaction():
        accounts.forget_faults(digest)
    for batch in _batches(readers.read_file(file, place, names, tally.max_expanded)):
        with catalogue.transaction():
            for item in batch:
                fault = item if isinstance(item, Fault) else _hear(item, place, digest, present, catalogue, tally)
                if fault:
                    tally.fault(fault)
                    accounts.add_fault(digest, fault)
        progress("Reading", sum(tally.changes.values()), None)
    if digest:
        with catalogue.transaction():
            accounts.add_file(digest, place)


def _hear(
    record: WrittenAnswer, place: str, digest: str, present: frozenset[str], catalogue: Catalogue, tally: _Tally
) -> Fault | None:
    change = catalogue.accounts.hear(record, digest, present, superseding=tally.superseding)
    tally.changes[change] += 1
    if change is not AccountChange.CLASH:
        return None
    return Fault(f"{place}, {record.id}", "given twice with different text (the fuller one was kept)")


def _finish(
    folder: Path, catalogue: Catalogue, encoder: Encoder, tally: _Tally, progress: Progress, sizes: Sizes = SIZES
) -> Report:
    """Embed what is new, put the records in place, derive the stores, and say what was done."""
    embedded = merged = made_whole = written = removed = 0
    forget_others(folder, catalogue.stamp)  # what a run that was stopped left takes room
    groups = list(catalogue.accounts.dirty_groups())
    if groups:
        embedded = _embed(catalogue, groups, encoder, progress)
    with catalogue.transaction():
        if groups or not catalogue.revision:
            for group in groups:
                if len(group) > 1:
                    merged += 1
                    made_whole += completed(catalogue.accounts.of(group))
            written, removed = catalogue.apply(_entries(catalogue, groups, encoder, progress))
            if written or removed or not catalogue.meta("built"):
                catalogue.set_meta(built=datetime.now(UTC).isoformat(timespec="seconds"))
                _settle(folder, catalogue)
        progress("Indexing", 0, 1)
        derive(folder, catalogue, encoder.dim, sizes=sizes)
        progress("Indexing", 1, 1)
    forget_others(folder, catalogue.stamp)
    counts = catalogue.counts()
    return Report(
        read=sum(tally.changes.values()),
        unchanged=tally.changes[AccountChange.SAME],
        files_unchanged=tally.files_unchanged,
        completed=made_whole,
        merged=merged,
        written=written,
        removed=removed,
        embedded=embedded,
        records=counts["records"],
        passages=counts["passages"],
        skipped=dict(tally.skipped),
        faults=tuple(tally.faults),
        notes=tuple(tally.notes),
        noted=tally.noted,
    )


def _settle(folder: Path, catalogue: Catalogue) -> None:
    """Bring what follows from all records up to what the open transaction has changed of them."""
    with Catalogue(folder / CATALOGUE, writable=False) as before:  # it sees what was committed last
        changed = catalogue.changed_since(before.revision)
        catalogue.embeddings.drop_unused(before.embeddings.of(changed))
        catalogue.settle_totals(before)


def _embed(catalogue: Catalogue, groups: Sequence[Sequence[int]], encoder: Encoder, progress: Progress) -> int:
    """Give every passage to come a vector, in batches that are committed as they are done."""
    waiting: dict[bytes, str] = {}
    embedded = 0

    def flush() -> int:
        missing = catalogue.embeddings.missing(list(waiting))
        batch = sorted(((key, waiting[key]) for key in missing), key=lambda pair: (-len(pair[1]), pair[0]))
        if batch:
            catalogue.embeddings.add([key for key, _ in batch], encoder.documents([text for _, text in batch]))
        waiting.clear()
        return len(batch)

    for done, group in enumerate(groups, 1):
        waiting |= {piece.key: piece.text for piece in pieces(merge(catalogue.accounts.of(group)), encoder)}
        if len(waiting) >= _EMBED_BATCH:
            embedded += flush()
            progress("Embedding", done, len(groups))
    embedded += flush()
    progress("Embedding", len(groups), len(groups))
    return embedded


def _entries(
    catalogue: Catalogue, groups: Sequence[Sequence[int]], encoder: Encoder, progress: Progress
) -> Iterator[CatalogueEntry]:
    for done, group in enumerate(groups, 1):
        record = merge(catalogue.accounts.of(group))
        passages = tuple((piece.passage, piece.key) for piece in pieces(record, encoder))
        yield CatalogueEntry(record, status_of(record), passages)
        if done % BATCH == 0 or done == len(groups):
            progress("Writing", done, len(groups))


@dataclass(frozen=True, slots=True)
class EmbeddingInput:
    """A passage with what is embedded for it, and the key of that embedding."""

    passage: Passage
    text: str
    key: bytes


def pieces(record: WrittenAnswer, encoder: Encoder) -> list[EmbeddingInput]:
    """Return the passages of a record as they are embedded by `encoder`, in order."""
    context = context_of(record)
    room = encoder.limit - min(encoder.tokens(context), int(_CONTEXT_SHARE * encoder.limit))
    found = []
    borders = [0, *(speaker.start for speaker in record.speakers), len(record.answer)]
    for start, end in pairwise(borders):  # no passage holds the words of two ministers
        for passage in cut(record.answer[start:end], tokens=encoder.tokens, limit=room):
            passage = replace(passage, start=passage.start + start, end=passage.end + start)
            text = in_context(record, passage)
            found.append(EmbeddingInput(passage, text, embedding_key(encoder.fingerprint, text)))
    return found


def _batches(items: Iterator[WrittenAnswer | Fault]) -> Iterator[list[WrittenAnswer | Fault]]:
    while batch := list(islice(items, BATCH)):
        yield batch


def _file_digest(file: Path, salt: str) -> str:
    """Return a hash of a file's content, or "" where it cannot be read: the reader will say why."""
    try:
        require_file(file)
        with file.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
    return hashlib.sha256(f"{content}|{salt}".encode()).hexdigest()
