"""Text that UTF-8 can hold."""

from __future__ import annotations


def encodable(text: str) -> str:
    """Return text that can be written as UTF-8, stored and searched for; almost all text is returned as it is.

    Bytes of a command line that Python set aside as half a surrogate pair each are read as UTF-8; what is not a
    character becomes U+FFFD.
    """
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        pass
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = text.encode("utf-8", "surrogatepass")
    return data.decode("utf-8", "replace")
