"""Every error that this project raises on purpose.

AnswersError
 +- SourceError         a source is missing, unreadable or of no known format
 +- ArchiveError
 |   +- ArchiveMissing  there is no archive at this path
 |   +- ArchiveMismatch built with another model, or by a newer version
 |   |   +- ArchiveOutdated in an older format that cannot be brought forward where it lies
 |   +- ArchiveBusy     another process is writing to it
 |   +- ArchiveDamaged  what cannot be derived again is broken
 |   +- StorageFull     the disk is full or read-only
 +- FetchFailed         a server cannot be reached, or goes on failing
 +- ModelError          a model cannot be loaded
 +- ClusterError        a Ray cluster cannot be joined, or goes on losing work
 +- BadFilter           an unknown house or status, dates reversed or unreadable
 +- UnknownRecord       no record has this id

Each message says what is wrong, where, and what to do next; it is shown to people as it stands.
"""

from __future__ import annotations


class AnswersError(Exception):
    """Base of all errors meant for the user."""


class SourceError(AnswersError):
    """A source is missing, unreadable or of no known format."""


class ArchiveError(AnswersError):
    """Something is wrong with an archive."""


class ArchiveMissing(ArchiveError):
    """There is no archive at the path."""


class ArchiveMismatch(ArchiveError):
    """The archive was built with another model or in a newer format."""


class ArchiveOutdated(ArchiveMismatch):
    """The archive is in an older format and has to be upgraded, for which it must be writable."""


class ArchiveBusy(ArchiveError):
    """Another process holds the archive's writing lock."""


class ArchiveDamaged(ArchiveError):
    """The catalogue itself, from which all else is derived, is broken."""


class StorageFull(ArchiveError):
    """The disk is full or may not be written to."""


class FetchFailed(AnswersError):
    """A server cannot be reached, or keeps failing however often it is asked."""


class ModelError(AnswersError):
    """A model cannot be loaded."""


class ClusterError(AnswersError):
    """A Ray cluster cannot be joined, or keeps losing the work it is given."""


class BadFilter(AnswersError):
    """A filter that cannot mean anything: unknown House, reversed dates. `field` is its name, where it is one."""

    def __init__(self, message: str, field: str | None = None) -> None:
        """Say what is wrong with a filter, and with which."""
        super().__init__(message)
        self.field = field


class UnknownRecord(AnswersError):
    """No record has the id or identity asked for."""
