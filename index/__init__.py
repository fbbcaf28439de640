"""An archive of written answers on disk: read, cut, embed, store, search.

These are the public names; each is imported when it is first used, so that `pq --help` need not wait for FAISS.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from index.telemetry import switch_off

if TYPE_CHECKING:
    from index.cluster import LOCAL_CLUSTER, joined_cluster
    from index.encoders.export import as_sentence_transformer
    from index.errors import (
        AnswersError,
        ArchiveError,
        BadFilter,
        ClusterError,
        FetchFailed,
        ModelError,
        SourceError,
        StorageFull,
        UnknownRecord,
    )
    from index.fetching.bulk import DAILY_URL, FIRST_MONTH, MONTHLY_URL, Addresses, fetch_bulk
    from index.fetching.client import Manners
    from index.fetching.discovery import Scope
    from index.fetching.official import BASE_URL, Fetched, fetch
    from index.fetching.theyworkforyou import fetch_daily_files
    from index.governments import sessions
    from index.ingest.build import build
    from index.ingest.update import Changed, Update, complete, update, update_from
    from index.maintenance.backup import Manifest, Saved, backup, backup_increment, restore
    from index.maintenance.check import examine
    from index.maintenance.compact import compact
    from index.maintenance.repair import repair
    from index.maintenance.sharing import is_address, restore_from
    from index.person_names import same_person
    from index.readers import READERS_VERSION
    from index.records import Fault, House, Link, Member, Status, WrittenAnswer
    from index.storage.archive import NATIVE, Archive
    from index.storage.catalogue import text_sha256
    from index.storage.filters import FilterOptions, Filters, check_department, make_filters
    from index.storage.info import Info
    from index.storage.saved_searches import SearchMatch, Watch, Watches
    from index.text.encoding import encodable
    from index.text.links import joined_links, links_within
    from index.text.status import status_of
    from index.urls import record_page, web_address

switch_off()  # before anybody imports what would report
__all__ = [
    "Addresses",
    "AnswersError",
    "Archive",
    "ArchiveError",
    "BASE_URL",
    "BadFilter",
    "Changed",
    "ClusterError",
    "DAILY_URL",
    "FIRST_MONTH",
    "Fault",
    "FetchFailed",
    "Fetched",
    "FilterOptions",
    "Filters",
    "House",
    "Info",
    "LOCAL_CLUSTER",
    "Link",
    "MONTHLY_URL",
    "Manifest",
    "Manners",
    "Member",
    "ModelError",
    "NATIVE",
    "READERS_VERSION",
    "Saved",
    "Scope",
    "SearchMatch",
    "SourceError",
    "Status",
    "StorageFull",
    "UnknownRecord",
    "Update",
    "Watch",
    "Watches",
    "WrittenAnswer",
    "as_sentence_transformer",
    "backup",
    "backup_increment",
    "build",
    "check_department",
    "compact",
    "complete",
    "encodable",
    "examine",
    "fetch",
    "fetch_bulk",
    "fetch_daily_files",
    "is_address",
    "joined_cluster",
    "joined_links",
    "links_within",
    "make_filters",
    "record_page",
    "repair",
    "restore",
    "restore_from",
    "same_person",
    "sessions",
    "status_of",
    "text_sha256",
    "update",
    "update_from",
    "web_address",
]
_NAMES = {
    "index.cluster": ("LOCAL_CLUSTER", "joined_cluster"),
    "index.encoders.export": ("as_sentence_transformer",),
    "index.errors": (
        "AnswersError",
        "ArchiveError",
        "BadFilter",
        "ClusterError",
        "FetchFailed",
        "ModelError",
        "SourceError",
        "StorageFull",
        "UnknownRecord",
    ),
    "index.fetching.bulk": ("Addresses", "DAILY_URL", "FIRST_MONTH", "MONTHLY_URL", "fetch_bulk"),
    "index.fetching.client": ("Manners",),
    "index.fetching.discovery": ("Scope",),
    "index.fetching.official": ("BASE_URL", "Fetched", "fetch"),
    "index.fetching.theyworkforyou": ("fetch_daily_files",),
    "index.governments": ("sessions",),
    "index.ingest.build": ("build",),
    "index.ingest.update": ("Changed", "Update", "complete", "update", "update_from"),
    "index.maintenance.backup": ("Manifest", "Saved", "backup", "backup_increment", "restore"),
    "index.maintenance.check": ("examine",),
    "index.maintenance.compact": ("compact",),
    "index.maintenance.repair": ("repair",),
    "index.maintenance.sharing": ("is_address", "restore_from"),
    "index.person_names": ("same_person",),
    "index.readers": ("READERS_VERSION",),
    "index.records": ("Fault", "House", "Link", "Member", "Status", "WrittenAnswer"),
    "index.storage.archive": ("Archive", "NATIVE"),
    "index.storage.info": ("Info",),
    "index.storage.catalogue": ("text_sha256",),
    "index.storage.filters": ("FilterOptions", "Filters", "check_department", "make_filters"),
    "index.storage.saved_searches": ("SearchMatch", "Watch", "Watches"),
    "index.text.encoding": ("encodable",),
    "index.text.links": ("joined_links", "links_within"),
    "index.text.status": ("status_of",),
    "index.urls": ("record_page", "web_address"),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'index' has no attribute {name!r}")
