"""From the HTML or plain text of an answer to text that people can read and quote.

`cleaned` is the only way into the archive for an answer's text, and every character offset counts
in what it returns, so it is deterministic, total (any str goes in) and idempotent: cleaning cleaned
text changes nothing.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, replace

from index.records import Link
from index.text.characters import (
    CLEAN,
    DELETED,
    DELETED_END,
    INSERTED,
    INSERTED_END,
    STRUCK_STYLE,
    WITH_CHANGES,
    WITH_LINKS,
    Characters,
    Version,
)
from index.text.links import Marked, placed, written_out
from index.text.web_addresses import all_unwrapped, wrapped

# Only these count as markup: "5 < 6", "<12 weeks" and "<name>" in plain text are what was written.
_TAGS = (
    "a abbr article aside b big blockquote body br caption center cite code col colgroup dd del div dl dt em "
    "figcaption figure font footer h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins label li link "
    "main meta nav noscript o:p object ol p phrase pre q s samp script section small span strike strong style "
    "sub sup svg table tbody td template textarea tfoot th thead title tr tt u ul video"
)
_NAMES = "|".join(sorted(_TAGS.split(), key=len, reverse=True))
_MARKUP = re.compile(rf"<(?=/?(?:{_NAMES})(?:\s[^<>]*)?/?>|!--)", re.IGNORECASE)
_TAG = re.compile(rf"<(/?)({_NAMES})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_TAG_NAME = re.compile(r"<\s*/?\s*([^\s<>/]+)")
_SIMPLE = frozenset({"p", "br", "strong", "b", "em", "i", "u", "span", "phrase"})
_PARAGRAPH = re.compile(r"</?p(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BREAK = re.compile(r"<br(?:\s[^<>]*)?/?>", re.IGNORECASE)
_PREFORMATTED = re.compile(r"(<(?:pre)(?:\s[^<>]*)?>)|(</pre\s*>)", re.IGNORECASE)
_TAG_OR_NEWLINE = re.compile(r"<[^<>]*>|\n")
_ANY_TAG = re.compile(r"<[^<>]*>")

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# An ampersand encoded over and over is one ampersand; undone in one go, or hostile input takes for ever.
_AMPERSAND = re.compile(r"&(?:amp;|#0*38;|#x0*26;)+", re.IGNORECASE)
_SPACES = re.compile(r"[ \t]+")
_AROUND_NEWLINE = re.compile(r" *\n *")
_MANY_NEWLINES = re.compile(r"\n{3,}")
_CHANGE_TAGS = {ord(INSERTED): "<ins>", ord(INSERTED_END): "</ins>", ord(DELETED): "<del>", ord(DELETED_END): "</del>"}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A readable text and the links in it, those without words at its end."""

    text: str
    links: tuple[Link, ...]


def cleaned(markup: str) -> Cleaned:
    """Return an answer's HTML or plain text as readable text with its links; "" if it says nothing.

    Paragraphs are separated by one blank line, list items are lines ("- x", "1. x", "a. x"), tables are rows of
    "| a | b |" with "| --- | --- |" under the first. Of a marked correction, the version in force is given; what is
    struck out is no part of it. In text without markup the addresses written out are the links.
    """
    marked = _marked(markup, Version.STANDING)
    text = _plain(marked.text, CLEAN)
    if marked.text == markup:
        return Cleaned(text, written_out(text))
    if not (marked.targets or marked.wordless):
        return Cleaned(text, ())
    return Cleaned(text, placed(replace(marked, text=_plain(marked.text, WITH_LINKS)), text))


def readable(markup: str) -> str:
    """Return an answer's HTML or plain text as readable text, as `cleaned` does, without its links."""
    return _plain(_marked(markup, Version.STANDING).text, CLEAN)


def before_correction(markup: str) -> str:
    """Return the readable text that a correction marked with <ins> and <del> replaced."""
    return _plain(_marked(markup, Version.ORIGINAL).text, CLEAN)


def comparison(markup: str) -> str:
    """Return readable text in which <ins> and <del> are kept as plain tags without attributes.

    Everything else that HTML would read as markup is escaped, so the result is a safe HTML fragment.
    """
    text = _converted(_prepared(markup), Version.BOTH).text if has_markup(markup) else markup.translate(CLEAN)
    return html.escape(_plain(text, WITH_CHANGES), quote=False).translate(_CHANGE_TAGS)


def one_line(text: str) -> str:
    """Return a question, heading or name as one clean line."""
    return " ".join(readable(text).split())


def has_markup(text: str) -> bool:
    """Return whether the text holds an HTML tag."""
    return "<" in text and _MARKUP.search(text) is not None


def _marked(markup: str, version: Version) -> Marked:
    """Return the text of one version of an answer with its links marked; what has no markup as it is.

    Markup that was escaped on its way here is unescaped, once.
    """
    if not has_markup(markup):
        revealed = _unescaped(markup)
        if not _is_markup(revealed):
            return Marked(markup)
        markup = revealed
    found = _converted(_prepared(markup), version)
    inner = _unescaped(found.text)
    return _converted(_prepared(inner.replace("\n", "<br>")), version) if _is_markup(inner) else found


def _unescaped(text: str) -> str:
    """Return text with what is escaped in it unescaped, the ampersands of what was escaped twice first."""
    if "&" not in text:
        return text
    text = _AMPERSAND.sub("&", text)
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


def _is_markup(text: str) -> bool:
    """Return whether a text, once unescaped, is markup and no words about it: a tag is opened and closed."""
    tags = [(tag[1], tag[2].lower()) for tag in _TAG.finditer(text)] if "<" in text else []
    opened, closed = ({name for slash, name in tags if bool(slash) is closing} for closing in (False, True))
    return bool(opened & closed) or "br" in opened


def _prepared(markup: str) -> str:
    """Return markup whose white space means nothing and whose stray ampersands are encoded."""
    markup = markup.translate(CLEAN)
    markup = _lines_kept(markup) if _PREFORMATTED.search(markup) else markup
    markup = " ".join(markup.split())
    # HTML parsers read "&region=" as a sign and "ion=": only what ends in a semicolon is an entity.
    return re.sub(rf"&(?!{_ENTITY.pattern[1:]})", "&amp;", markup) if "&" in markup else markup


def _lines_kept(markup: str) -> str:
    """Return markup in which the lines of preformatted text end in breaks."""
    parts, place, depth = [], 0, 0
    for border in (*_PREFORMATTED.finditer(markup), None):
        part = markup[place : border.start() if border else len(markup)]
        parts.append(_TAG_OR_NEWLINE.sub(lambda m: "<br>" if m[0] == "\n" else m[0], part) if depth else part)
        if border:
            parts.append(border[0])
            depth, place = max(0, depth + (1 if border[1] else -1)), border.end()
    return "".join(parts)


def _converted(markup: str, version: Version) -> Marked:
    """Return markup as text with its links marked; where it is nested beyond reason, without its structure."""
    names = {name.lower() for name in _TAG_NAME.findall(markup)}
    if names <= _SIMPLE and STRUCK_STYLE not in markup.lower():
        return Marked(_simple_text(markup))
    from index.text.markup import converted  # Beautiful Soup takes long to import, and questions hold no markup

    try:
        return converted(markup, version)
    except RecursionError:
        return Marked(_simple_text(markup))


def _simple_text(markup: str) -> str:
    """Return what `converted` would for markup of paragraphs, breaks and emphasis only, much faster."""
    return _ANY_TAG.sub("", _BREAK.sub("\n", _PARAGRAPH.sub("\n\n", markup)))


def _plain(text: str, characters: Characters) -> str:
    """Return text with clean characters, spaces and addresses that no longer looks like markup."""
    while True:
        before, text = text, _one_pass(text, characters)
        # Decoding and unwrapping alone may bring to light what must be repaired in turn.
        if before == text or not ("&" in before or wrapped(before)):
            break
    # Text that spells a tag ("&lt;p&gt;") must not be taken for one when it is cleaned again.
    return _MARKUP.sub("< ", text) if "<" in text else text


def _one_pass(text: str, characters: Characters) -> str:
    """Return the text after each repair once; what one uncovers, the next pass mends."""
    text = text.replace("\r\n", "\n").translate(characters)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), _AMPERSAND.sub("&amp;", text))
    text = _AROUND_NEWLINE.sub("\n", _SPACES.sub(" ", all_unwrapped(text)))
    return _MANY_NEWLINES.sub("\n\n", text).strip(" \n")
