"""Web addresses in answers: which are links, and what is inside the wrappers that mail programs put around them."""

from __future__ import annotations

import re
from urllib.parse import unquote

from index.text.characters import CLEAN, LINK_MARKS

_SAFELINKS = "safelinks.protection.outlook.com"
_DEFENDED, _DEFENDED_END = "urldefense.com/v3/__", "__;"
_WRAPPERS = (_SAFELINKS, "urldefense.com/v3/")
_LAYERS = 20  # how often an address is decoded: what is encoded further was made to take time
_TOKEN = re.compile(rf"[^\s<>\"'()\[\]{LINK_MARKS}]+")
_INNER = re.compile(r"(?:[?&;]|%3F|%26)url(?:=|%3D)([^&]*)", re.IGNORECASE)
# What is left of a wrapper that somebody opened by hand: "&data=05|02|name@department.gov.uk|...".
_TRACKING = re.compile(rf"[?&]data=0\d(?:%7C|\|)[^\s<>\"'{LINK_MARKS}]*", re.IGNORECASE)
_SPACES_AFTER = re.compile(r"(?:02(?:52)*%)*")  # read from the end, so that no place is looked at twice
_ENCODED = re.compile(r"https?%(?:25)*3A", re.IGNORECASE)
WEB = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#]|$)", re.IGNORECASE)  # a mailbox is no page
ADDRESS = re.compile(r"https?://[^\s<>\"'|)\]]*[^\s<>\"'|)\].,;:!?]", re.IGNORECASE)


def unwrapped(address: str) -> str:
    """Return the true address inside Outlook SafeLinks and the like, "" if it cannot be determined.

    A wrapper's other parameters hold a mailbox, never to be shown. Other addresses stay as they are.
    """
    address = "".join(address.split()).strip("\"'")
    for _ in range(10):
        inner = _inner(address)
        if inner is None:
            break
        address = unquote(inner)
        for _ in range(_LAYERS):
            address = unquote(address) if _ENCODED.match(address) else address
    address = _TRACKING.sub("", "".join(address.translate(CLEAN).split()))
    spaces = _SPACES_AFTER.match(address[::-1])
    address = address[: len(address) - (spaces.end() if spaces else 0)]
    return "" if wrapped(address) or "<" in address or ">" in address else address


def _inner(address: str) -> str | None:
    """Return the address in the innermost wrapper, encoded as it is there; None where there is none."""
    small = address.lower()
    place = small.rfind(_SAFELINKS)
    if place >= 0:
        found = _INNER.search(address, place)
        return found[1] if found else None
    start = small.find(_DEFENDED) + len(_DEFENDED)
    end = address.find(_DEFENDED_END, start + 1) if start >= len(_DEFENDED) else -1
    return address[start:end] if end >= 0 else None


def wrapped(text: str) -> bool:
    """Return whether a mail wrapper's host is named in the text."""
    small = text.lower()
    return any(host in small for host in _WRAPPERS)


def all_unwrapped(text: str) -> str:
    """Return text in which mail wrappers, and what is left of them, have given way to the true addresses."""
    if wrapped(text):
        text = _TOKEN.sub(lambda token: unwrapped(token[0]) if wrapped(token[0]) else token[0], text)
    return _TRACKING.sub("", text) if "data=0" in text else text


def states(text: str, address: str) -> bool:
    """Return whether a link's words are its address, give or take what people leave out."""
    names = (unquote("".join(name.split())).lower().strip("<>()[].,;:/") for name in (text, address))
    return len({re.sub(r"^(?:https?://)?(?:www\.)?", "", name) for name in names}) == 1
