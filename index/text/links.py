"""Links of an answer: ranges of its text with their targets, which are not words of it.

The words of a link are marked while the markup is read, and the marks go through the cleaning with them. Where they
end up is counted in characters that are no white space, of which cleaning loses none between one text and the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.records import Link
from index.text.characters import DIGITS, LINK, LINK_END, LINK_GOES_ON
from index.text.web_addresses import ADDRESS, WEB, unwrapped

_MARK = re.compile(rf"{LINK}([{DIGITS}]+)|[{LINK_END}{LINK_GOES_ON}]")
_FIGURES = str.maketrans("0123456789", DIGITS)
_VALUES = str.maketrans(DIGITS, "0123456789")


@dataclass(frozen=True, slots=True)
class Marked:
    """A text in which the words of links are marked with the places of their targets."""

    text: str
    targets: tuple[str, ...] = ()
    wordless: tuple[str, ...] = ()  # targets of links without words, such as pictures


def target(href: str) -> str | None:
    """Return where a link leads, mail wrappers removed, None where that is not a web page."""
    address = unwrapped(href)
    return address if WEB.match(address) else None


def marked(words: str, number: int, *, goes_on: bool) -> str:
    """Return words marked as those of link `number`, white space around them left outside.

    `goes_on` says that the next link has the same target and begins where this one ends.
    """
    bare = words.strip()
    before, after = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
    return f"{before}{LINK}{str(number).translate(_FIGURES)}{bare}{LINK_GOES_ON if goes_on else LINK_END}{after}"


def without_marks(text: str) -> str:
    """Return text without the marks of links."""
    return _MARK.sub("", text)


def placed(marked: Marked, text: str) -> tuple[Link, ...]:
    """Return the links marked in one form of a cleaned text as ranges of `text`, the same without marks.

    Where the two differ in more than white space, which only hostile markup brings about, no link has a place.
    """
    if "".join(without_marks(marked.text).split()) != "".join(text.split()):
        return unplaced((*marked.targets, *marked.wordless), text)
    return (*_ranges(marked.text, text, marked.targets), *unplaced(marked.wordless, text))


def unplaced(urls: Iterable[str], text: str) -> tuple[Link, ...]:
    """Return links of a text that have no words in it, each once."""
    return tuple(Link(start=len(text), end=len(text), url=url) for url in dict.fromkeys(urls) if WEB.match(url))


def _ranges(marked_text: str, text: str, targets: Sequence[str]) -> Iterator[Link]:
    letters = [place for place, char in enumerate(text) if not char.isspace()] + [len(text)]
    count = place = 0
    begun: tuple[int, str] | None = None  # first letter and target of a link whose end has not been reached
    halted = -1  # the letter before which a link ends that the next one goes on from
    for mark in _MARK.finditer(marked_text):
        count += len("".join(marked_text[place : mark.start()].split()))
        place = mark.end()
        if mark[0] == LINK_GOES_ON:
            halted = count
            continue
        if begun:
            goes_on = mark[1] and halted == count
            yield _link(begun, letters[count] if goes_on else _after(letters, halted if mark[1] else count))
        begun = (letters[count], targets[int(mark[1].translate(_VALUES))]) if mark[1] else None
    if begun:
        yield _link(begun, _after(letters, halted))


def _after(letters: Sequence[int], count: int) -> int:
    """Return the place after the last of the first letters."""
    return letters[count - 1] + 1 if count > 0 else 0


def _link(begun: tuple[int, str], end: int) -> Link:
    start, url = begun
    return Link(start=start, end=max(start, end), url=url)


def written_out(text: str) -> tuple[Link, ...]:
    """Return the addresses written out in a text without markup as links."""
    found = ((match.start(), match.end(), match[0]) for match in ADDRESS.finditer(text))
    return tuple(Link(start=start, end=end, url=url) for start, end, url in found if WEB.match(url))


def shifted(links: Iterable[Link], by: int) -> tuple[Link, ...]:
    """Return links of a text as those of the text that begins `by` characters before it."""
    return tuple(Link(start=link.start + by, end=link.end + by, url=link.url) for link in links)


def joined_links(links: Iterable[Link]) -> tuple[Link, ...]:
    """Return links with those made one that lead to the same page and follow each other without a gap."""
    whole: list[Link] = []
    for link in links:
        if whole and (whole[-1].end, whole[-1].url) == (link.start, link.url):
            link = Link(start=whole.pop().start, end=link.end, url=link.url)
        whole.append(link)
    return tuple(whole)


def links_within(links: Sequence[Link], start: int, end: int) -> tuple[Link, ...]:
    """Return those links that have words in a range of the text, cut to it."""
    cut = (Link(start=max(link.start, start), end=min(link.end, end), url=link.url) for link in links)
    return tuple(link for link in cut if link.start < link.end)
