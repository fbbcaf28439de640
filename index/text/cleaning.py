"""From the HTML or plain text of an answer to text that people can read and quote.

`readable` is the only way into the archive for an answer's text, and every character offset counts
in what it returns, so it is deterministic, total (any str goes in) and idempotent: cleaning cleaned
text changes nothing.
"""

from __future__ import annotations

import html
import re
import unicodedata
from enum import Enum
from typing import Any
from urllib.parse import unquote

from bs4 import BeautifulSoup
from markdownify import MarkdownConverter


class _Version(Enum):
    """Which text of a correction marked with <ins> and <del> is wanted."""

    STANDING = ("del",)
    ORIGINAL = ("ins",)
    BOTH = ()


# Only these count as markup: "5 < 6", "<12 weeks" and "<name>" in plain text are what was written.
_TAGS = (
    "a abbr article aside b big blockquote body br caption center cite code col colgroup dd del div dl dt em "
    "figcaption figure font footer h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins label li link "
    "main meta nav noscript o:p object ol p phrase pre q s samp script section small span strike strong style "
    "sub sup svg table tbody td template textarea tfoot th thead title tr tt u ul video"
)
_NAMES = "|".join(sorted(_TAGS.split(), key=len, reverse=True))
_MARKUP = re.compile(rf"<(?=/?(?:{_NAMES})(?:\s[^<>]*)?/?>|!--)", re.IGNORECASE)
_TAG_NAME = re.compile(r"<\s*/?\s*([^\s<>/]+)")
_SIMPLE = frozenset({"p", "br", "strong", "b", "em", "i", "u", "span", "phrase"})
_PARAGRAPH = re.compile(r"</?p(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BREAK = re.compile(r"<br(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# An ampersand encoded over and over is one ampersand; undone in one go, or hostile input takes for ever.
_AMPERSAND = re.compile(r"&(?:amp;|#0*38;|#x0*26;)+", re.IGNORECASE)
_SPACES = re.compile(r"[ \t]+")
_AROUND_NEWLINE = re.compile(r" *\n *")
_MANY_NEWLINES = re.compile(r"\n{3,}")

_SAFELINKS = "safelinks.protection.outlook.com"
_WRAPPERS = (_SAFELINKS, "urldefense.com/v3/")
_TOKEN = re.compile(r"[^\s<>\"'()\[\]]+")
_INNER = re.compile(r"(?:[?&;]|%3F|%26)url(?:=|%3D)([^&]*)", re.IGNORECASE)
_DEFENDED = re.compile(r"urldefense\.com/v3/__(.+?)__;", re.IGNORECASE)
# What is left of a wrapper that somebody opened by hand: "&data=05|02|name@department.gov.uk|...".
_TRACKING = re.compile(r"[?&]data=0\d(?:%7C|\|)[^\s<>\"']*", re.IGNORECASE)
_SPACES_AFTER = re.compile(r"(?:%(?:25)*20)+$")
_HREF = re.compile(r"<a\s(?:[^<>]*?\s)?href\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s<>\"']+))", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s/?#@]+(?:[/?#]|$)", re.IGNORECASE)  # a mailbox is no page
_ADDRESS = re.compile(r"https?://[^\s<>\"'|)\]]*[^\s<>\"'|)\].,;:!?]", re.IGNORECASE)


def readable(markup: str) -> str:
    """Return an answer's HTML or plain text as readable text, "" if it says nothing.

    Paragraphs stand apart by one blank line, list items are lines ("- x", "1. x"), tables are rows of
    "| a | b |" with "| --- | --- |" under the first. Links are given as text, with the address after
    it where the text does not hold it. Of a marked correction, the standing version is given.
    """
    return _cleaned(markup, _Version.STANDING)


def before_correction(markup: str) -> str:
    """Return the readable text that a correction marked with <ins> and <del> replaced."""
    return _cleaned(markup, _Version.ORIGINAL)


def comparison(markup: str) -> str:
    """Return readable text in which <ins> and <del> are kept as plain tags without attributes.

    Everything else that HTML would read as markup is escaped, so the result is a safe HTML fragment.
    """
    text = _converted(_prepared(markup), _Version.BOTH) if has_markup(markup) else markup.translate(_CHARACTERS)
    return html.escape(_plain(text, _MARKED_CHARACTERS), quote=False).translate(_MARKS)


def one_line(text: str) -> str:
    """Return a question, heading or name as one clean line."""
    return " ".join(readable(text).split())


def has_markup(text: str) -> bool:
    """Return whether the text holds an HTML tag."""
    return "<" in text and _MARKUP.search(text) is not None


def links(markup: str) -> tuple[str, ...]:
    """Return the http(s) targets of the links, mail wrappers removed, in order, each once.

    In plain text the addresses written out are the links.
    """
    if has_markup(markup):
        found = (html.unescape(a or b or c) for a, b, c in _HREF.findall(markup))
        targets = [unwrapped(target) for target in found]
    else:
        targets = [found[0] for found in _ADDRESS.finditer(readable(markup))]
    return tuple(dict.fromkeys(target for target in targets if _WEB.match(target)))


def unwrapped(address: str) -> str:
    """Return the true address inside Outlook SafeLinks and the like, "" if it cannot be told.

    A wrapper's other parameters hold a mailbox, never to be shown. Other addresses stay as they are.
    """
    address = "".join(address.split()).strip("\"'")
    for _ in range(10):
        place = address.lower().rfind(_SAFELINKS)
        pattern = _INNER if place >= 0 else _DEFENDED
        found = pattern.search(address, max(place, 0))
        if not found:
            break
        address = unquote(found[1])
        while re.match(r"https?%(?:25)*3A", address, re.IGNORECASE):
            address = unquote(address)
    address = _SPACES_AFTER.sub("", _TRACKING.sub("", "".join(address.translate(_CHARACTERS).split())))
    return "" if _wrapped(address) or "<" in address or ">" in address else address


def _cleaned(markup: str, version: _Version) -> str:
    """Return the text of one version of an answer."""
    if not has_markup(markup):
        return _plain(markup, _CHARACTERS)
    markup = _prepared(markup)
    names = {name.lower() for name in _TAG_NAME.findall(markup)}
    text = _simple_text(markup) if names <= _SIMPLE else _converted(markup, version)
    return _plain(text, _CHARACTERS)


def _prepared(markup: str) -> str:
    """Return markup whose white space means nothing and whose stray ampersands are encoded."""
    markup = " ".join(markup.translate(_CHARACTERS).split())
    # HTML parsers read "&region=" as a sign and "ion=": only what ends in a semicolon is an entity.
    return re.sub(rf"&(?!{_ENTITY.pattern[1:]})", "&amp;", markup) if "&" in markup else markup


def _simple_text(markup: str) -> str:
    """Return what `_converted` would for markup of paragraphs, breaks and emphasis only, much faster."""
    return _ANY_TAG.sub("", _BREAK.sub("\n", _PARAGRAPH.sub("\n\n", markup)))


class _Characters(dict[int, str | None]):
    """A table for `str.translate` that fills itself: odd spaces become plain, invisibles go."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        kind = unicodedata.category(char)
        result: str | None = char
        if 0x80 <= code <= 0x9F:  # Windows' punctuation read as Latin-1: an en dash at 0x96
            result = bytes([code]).decode("cp1252", "ignore") or None
        elif char in "\n\v\f\r\x1c\x1d\x1e\u2028\u2029":
            result = "\n"
        elif kind == "Zs" or char == "\t":
            result = " "
        elif char in "\u2010\u2011":  # a hyphen, bound to its neighbours for layout only
            result = "-"
        elif kind in {"Cc", "Cf", "Cs", "Co"} or char in "\ufffc\u034f\ufdd0\ufdd1\ufdd2\ufdd3":
            result = None
        self[code] = result
        return result


# Where a change begins and ends, as characters that no text holds, until the rest has been escaped.
_MARKS = {0xFDD0: "<ins>", 0xFDD1: "</ins>", 0xFDD2: "<del>", 0xFDD3: "</del>"}
_CHARACTERS = _Characters()
_MARKED_CHARACTERS = _Characters({code: chr(code) for code in _MARKS})


def _plain(text: str, characters: _Characters) -> str:
    """Return text with clean characters, spaces and addresses that no longer looks like markup."""
    while True:
        before, text = text, _one_pass(text, characters)
        # Decoding and unwrapping alone may bring to light what must be repaired in turn.
        if before == text or not ("&" in before or _wrapped(before)):
            break
    # Text that spells a tag ("&lt;p&gt;") must not be taken for one when it is cleaned again.
    return _MARKUP.sub("< ", text) if "<" in text else text


def _one_pass(text: str, characters: _Characters) -> str:
    """Return the text after each repair once; what one uncovers, the next pass mends."""
    text = text.replace("\r\n", "\n").translate(characters)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), _AMPERSAND.sub("&amp;", text))
    if _wrapped(text):
        text = _TOKEN.sub(_address_only, text)
    if "data=0" in text:
        text = _TRACKING.sub("", text)
    text = _AROUND_NEWLINE.sub("\n", _SPACES.sub(" ", text))
    return _MANY_NEWLINES.sub("\n\n", text).strip(" \n")


def _wrapped(text: str) -> bool:
    """Return whether a mail wrapper's host is named in the text."""
    small = text.lower()
    return any(host in small for host in _WRAPPERS)


def _address_only(token: re.Match[str]) -> str:
    """Return the true address in place of a mail wrapper that stands in the text."""
    return unwrapped(token[0]) if _wrapped(token[0]) else token[0]


# Signs between a table's rows and cells and around list items; no such character is left in the markup.
_ROW, _CELL, _SPANS, _ITEM, _ITEM_END = "\x01", "\x02", "\x03", "\x04", "\x05"
_STRAY_CELL = re.compile(r"\x01|\x02\d+,\d+\x03")
# Word writes each item of a list as a list of its own.
_ITEM_GAP = re.compile(r"\x05\s*\n\s*\x04")
_MAX_SPAN, _MAX_COLUMNS = 60, 200
_RAISED = str.maketrans("0123456789+-−–()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻()")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_NUMBER_FIRST = re.compile(r"[-+−–]?\d[\d,;&.+()a-z*]{0,20}$")


def _converted(markup: str, version: _Version) -> str:
    """Return markup as text; where it is nested beyond reason, without its structure."""
    try:
        soup = BeautifulSoup(f"<div>{markup}</div>", "lxml")  # begun so, it is never taken for XML
        for outer in [table for table in soup.find_all("table") if table.find("table")]:
            for part in outer.find_all(["tbody", "thead", "tr", "td", "th"]):
                if part.find_parent("table") is outer:
                    part.name = "div"
            outer.name = "div"  # a table that holds tables is for layout
        return _ITEM_GAP.sub("\n", str(_Converter(version).convert_soup(soup)))
    except RecursionError:
        return _simple_text(markup)


class _Converter(MarkdownConverter):
    """Markdownify without Markdown's signs: plain paragraphs and lists, but real tables."""

    def __init__(self, version: _Version) -> None:
        super().__init__()
        self._version = version
        self._items: dict[int, int] = {}  # list -> how many of its items have been read

    def escape(self, text: str, parent_tags: set[str]) -> str:
        return text.translate(_CHARACTERS)  # "&#2;" must not pass for a sign of ours

    def _as_it_is(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return text

    def _nothing(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return ""

    convert_b = convert_strong = convert_em = convert_i = convert_s = convert_code = _as_it_is
    convert_kbd = convert_samp = convert_q = _as_it_is
    convert_script = convert_style = convert_img = convert_video = convert_svg = convert_head = _nothing
    convert_template = convert_noscript = convert_iframe = convert_object = convert_textarea = _nothing

    def convert_div(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return f" {text.strip()} " if "_inline" in parent_tags else f"\n\n{text.strip()}\n\n"

    convert_p = convert_article = convert_section = convert_blockquote = convert_pre = convert_div
    convert_dl = convert_dt = convert_dd = convert_figcaption = convert_caption = convert_hr = convert_div
    convert_h1 = convert_h2 = convert_h3 = convert_h4 = convert_h5 = convert_h6 = convert_div

    def convert_br(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return (" " if "_inline" in parent_tags else "\n") + text

    def convert_ins(self, el: Any, text: str, parent_tags: set[str]) -> str:
        start, end = "\ufdd0\ufdd1" if el.name == "ins" else "\ufdd2\ufdd3"
        marked = f"{start}{text}{end}" if self._version is _Version.BOTH and text.strip() else text
        return "" if el.name in self._version.value else marked

    convert_del = convert_ins

    def convert_sup(self, el: Any, text: str, parent_tags: set[str]) -> str:
        bare = "".join(text.split())
        if not bare or not (_NUMBER_FIRST.match(bare) or bare[0] in "([*") or len(bare) > 24:
            return text
        raised = bare if bare[0] in "([*" else bare.translate(_RAISED)
        return raised + text[len(text.rstrip()) :]

    def convert_sub(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return text.translate(_LOWERED) if text.strip().isdecimal() else text

    def convert_a(self, el: Any, text: str, parent_tags: set[str]) -> str:
        bare, href = text.strip(), str(el.get("href") or "")
        following = el.next_sibling
        if getattr(following, "name", None) == "a" and following.get("href") == href:
            return text  # one link in pieces: the address comes after the last
        address = unwrapped(href)
        if not bare or not _WEB.match(address) or _tells(bare, address):
            return text
        words = bare.rstrip(".,;:")
        start, end = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        return f"{start}{words} ({address}){bare[len(words) :]}{end}" if words else text

    def convert_list(self, el: Any, text: str, parent_tags: set[str]) -> str:
        if "_inline" in parent_tags:
            return f" {text.strip(' ;')} "
        return f"\n{text.strip()}\n" if "li" in parent_tags else f"\n\n{text.strip()}\n\n"

    convert_ul = convert_ol = convert_list

    def convert_li(self, el: Any, text: str, parent_tags: set[str]) -> str:
        text = re.sub(r"\s*\n\s*", "\n", text.strip())
        if not text or "_inline" in parent_tags:
            return f"{text}; " if text else ""
        return f"\n{_ITEM}{self._bullet(el.parent)} {text}{_ITEM_END}\n"

    def _bullet(self, parent: Any) -> str:
        if parent is None or parent.name != "ol":
            return "-"
        before = self._items.get(id(parent), _count(parent, "start", 9999) - 1)
        self._items[id(parent)] = number = before + 1
        return f"{number}."

    def convert_td(self, el: Any, text: str, parent_tags: set[str]) -> str:
        spans = f"{_count(el, 'colspan', _MAX_SPAN)},{_count(el, 'rowspan', 999)}"
        return f"{_CELL}{spans}{_SPANS}{' '.join(_STRAY_CELL.sub(' ', text).split()).replace('|', '/')}"

    convert_th = convert_td

    def convert_tr(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return _ROW + text

    def convert_table(self, el: Any, text: str, parent_tags: set[str]) -> str:
        before, *rows = text.split(_ROW)
        return f"\n\n{_STRAY_CELL.sub(' ', before).strip()}\n\n{_table(rows)}\n\n"

    def convert__document_(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return _STRAY_CELL.sub(" ", text)


def _tells(text: str, address: str) -> bool:
    """Return whether a link's text is its address, give or take what people leave out."""
    names = (unquote("".join(name.split())).lower().strip("<>()[].,;:/") for name in (text, address))
    return len({re.sub(r"^(?:https?://)?(?:www\.)?", "", name) for name in names}) == 1


def _count(el: Any, name: str, most: int) -> int:
    """Return an attribute that counts, 1 where it is missing or makes no sense."""
    value = str(el.get(name) or "1").strip()
    return max(1, min(most, int(value))) if value.isascii() and value.isdigit() and len(value) < 9 else 1


def _table(rows: list[str]) -> str:
    """Return rows of marked cells as a Markdown table; a row of one wide cell at either end as text."""
    grid = _without_blanks(_grid([row.split(_CELL)[1:] for row in rows]))
    if not grid:
        return ""
    lonely = [len(row) > 1 and bool(row[0]) and not any(row[1:]) for row in grid]
    first = next((n for n, alone in enumerate(lonely) if not alone), 0)
    last = len(grid) - next((n for n, alone in enumerate(reversed(lonely)) if not alone), 0)
    body = _without_blanks(grid[first:last])
    lines = [f"| {' | '.join(row)} |" for row in body]
    if len(body) == 1 == len(body[0]):
        lines = body[0]
    else:
        lines.insert(1, "| " + " | ".join(["---"] * len(body[0])) + " |")
    titles, notes = ([row[0] for row in part] for part in (grid[:first], grid[last:]))
    return "\n\n".join([*titles, "\n".join(lines), *notes])


def _grid(rows: list[list[str]]) -> list[list[str]]:
    """Return each row's texts, one a column: a cell over several rows stands in each of them."""
    grid: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}  # column -> rows still to fill, text
    for cells in rows:
        line: list[str] = []
        for cell in [*cells, ""]:
            while len(line) in hanging:
                line.append(hanging[len(line)][1])
            if not cell:
                break
            spans, _, text = cell.partition(_SPANS)
            if len(line) >= _MAX_COLUMNS:
                line[-1] += f" {text}"
                continue
            columns, depth = map(int, spans.split(","))
            for n in range(columns):
                if depth > 1:
                    hanging[len(line)] = (depth, "" if n else text)
                line.append("" if n else text)
        hanging = {column: (left - 1, text) for column, (left, text) in hanging.items() if left > 1}
        grid.append(line)
    width = max(map(len, grid), default=0)
    return [line + [""] * (width - len(line)) for line in grid]


def _without_blanks(grid: list[list[str]]) -> list[list[str]]:
    """Return the grid without rows and columns that hold nothing."""
    grid = [row for row in grid if any(row)]
    kept = [n for n in range(len(grid[0]) if grid else 0) if any(row[n] for row in grid)]
    return [[row[n] for n in kept] for row in grid]
