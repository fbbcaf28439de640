"""Which addresses may be shown as links, and which as a record's own page."""

from __future__ import annotations

import re
import unicodedata

# Letters, digits and hyphens, none of them coded ("xn--"): what looks like another site's name is not taken for it.
_LABEL = r"(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_WEB = re.compile(rf'https?://(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::\d{{1,5}})?(?:[/?#][^\\<>"]*)?', re.IGNORECASE)
# Parliament's own sites, and those of TheyWorkForYou, each with all that is below it.
_RECORD_SITES = ("parliament.uk", "theyworkforyou.com", "publicwhip.org.uk")
_UNSEEN = ("C", "Z")  # Unicode's categories of control, format and other invisible characters, and of spaces


def web_address(address: object) -> str | None:
    """Return an address that may be a link, else None.

    It begins with http or https and names a host in plain ASCII, without a user, a password, backslashes, spaces or
    invisible characters, so that browsers and people read the same host in it.
    """
    return address if isinstance(address, str) and _host(address) else None


def record_page(address: object) -> str | None:
    """Return an address that may be shown as a record's official page, else None.

    Such a page is on a site of Parliament or of TheyWorkForYou. Every reader, export and page asks here.
    """
    host = _host(address) if isinstance(address, str) else None
    known = host and any(host == site or host.endswith(f".{site}") for site in _RECORD_SITES)
    return address if known and isinstance(address, str) else None


def _host(address: str) -> str | None:
    """Return the host of an address that may be a link, in lower case."""
    found = _WEB.fullmatch(address)
    if found is None or any(unicodedata.category(character)[0] in _UNSEEN for character in address):
        return None
    return found["host"].lower()
