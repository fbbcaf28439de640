"""New answers as an Atom feed (RFC 4287), for any feed reader.

Made with lxml, which escapes all text. An entry keeps its id whenever the feed is written, so that a reader shows
it once.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from index import SearchMatch, Watch, Watches
from rag import LICENCE, LICENCE_URL, links_of, title_of
from ui.jsonl import write_lines

_ATOM = "http://www.w3.org/2005/Atom"
# What XML cannot hold, and so no feed: control characters, surrogates, non-characters.
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Answers that a feed holds: readers that look once a month still see all of them.
_KEPT = 200
_make = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})


def feed_of(watches: Watches) -> bytes:
    """Return the feed of the last answers that the watches of an archive found."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return feed(watches.latest(_KEPT), watches.all(), watches.id, now)


def feed(found: Sequence[SearchMatch], watches: Sequence[Watch], feed_id: str, updated: str) -> bytes:
    """Return the feed of answers found, newest first; `updated` is in ISO 8601, used where there is none."""
    names = {watch.number: watch.question for watch in watches}
    entries = [_entry(one, names[one.watch], feed_id) for one in found if one.watch in names]
    root = _make.feed(
        _make.id(f"urn:uuid:{feed_id}"),
        _make.title("Ministerial Answers: new answers"),
        _make.updated(max((one.found for one in found), default=updated)),
        _make.author(_make.name("Ministerial Answers")),
        _make.rights(LICENCE),
        _make.link(rel="license", href=LICENCE_URL),
        *entries,
    )
    etree.indent(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))


def write_feed(path: Path, content: bytes) -> None:
    """Write a feed as a whole or not at all. Raises StorageFull."""
    write_lines(path, iter(content.decode().rstrip("\n").split("\n")))


def _entry(one: SearchMatch, question: str, feed_id: str) -> etree._Element:
    citation: Mapping[str, Any] = one.finding["citation"]
    title = title_of(citation["heading"], citation["question"])
    name = uuid.uuid5(uuid.UUID(feed_id), f"{one.watch}/{one.answer}")
    who = ", ".join(filter(None, (citation["minister"], citation["department"]))) or f"House of {citation['house']}"
    answered = [_make.published(f"{citation['answered']}T00:00:00+00:00")] if citation["answered"] else []
    link = next((address for address, _ in links_of(citation)), None)
    return _make.entry(
        _make.id(f"urn:uuid:{name}"),
        _make.title(_fit(title)),
        _make.updated(one.found),
        *answered,
        _make.author(_make.name(_fit(who))),
        *([_make.link(rel="alternate", href=_fit(link))] if link else []),
        _make.category(term=_fit(question)),
        _make.summary(_fit(citation["quote"]), type="text"),
        _make.rights(LICENCE),
    )


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)
