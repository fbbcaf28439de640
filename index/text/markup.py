"""From the HTML of an answer to text with paragraphs, lists and tables, marks in it; `index.text.cleaning` goes on."""

from __future__ import annotations

import re
from itertools import chain
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag
from markdownify import MarkdownConverter

from index.text import links
from index.text.characters import CLEAN, DELETED, DELETED_END, INSERTED, INSERTED_END, STRUCK_STYLE, Version
from index.text.tables import (
    BLOCK,
    BLOCK_END,
    BREAK,
    CELL,
    ENTRY,
    MAX_SPAN,
    ROW,
    SPANS,
    STRAY,
    STRAY_CELL,
    on_one_line,
    table,
)

# Elements whose words are not the answer's, where they end; one that never does would hide all that follows it.
_HIDING = re.compile(
    r"""<(?P<end>/?)(?P<name>svg|video|object|noscript|template|iframe|textarea)\b"""
    r"""(?:[^<>"']|"[^"<]*"|'[^'<]*')*+>""",
    re.IGNORECASE,
)
# Around list items; no such character is left in the markup.
_ITEM, _ITEM_END = "\x04\x05"
# Word writes each item of a list as a list of its own.
_ITEM_GAP = re.compile(rf"{_ITEM_END}\s*\n\s*{_ITEM}")
_RAISED = str.maketrans("0123456789+-−–()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻()")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_NUMBER_FIRST = re.compile(r"[-+−–]?\d[\d,;&.+()a-z*]{0,20}$")
_STRUCK = ("s", "strike")
_EMPHASIS = frozenset({"b", "strong", "em", "i", "u", "span", "font"})
_STYLES = {
    "a": "a", "lower-alpha": "a", "lower-latin": "a", "A": "A", "upper-alpha": "A", "upper-latin": "A", "i": "i",
    "lower-roman": "i", "I": "I", "upper-roman": "I", "1": "1", "decimal": "1", "decimal-leading-zero": "1",
    "none": "-", "disc": "-", "circle": "-", "square": "-",
}  # fmt: skip
_LIST_STYLE = re.compile(r"list-style(?:-type)?\s*:([^;]*)", re.IGNORECASE)
_ROMANS = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
           (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_MOST = 9999  # of a list's numbers


def converted(markup: str, version: Version) -> links.Marked:
    """Return markup as text in which links are marked. Raises RecursionError where it is nested beyond reason."""
    soup = BeautifulSoup(f"<div>{_without_unclosed(markup)}</div>", "lxml")  # begun so, it is never taken for XML
    _open_layout(soup)
    for struck in chain(soup.find_all(_STRUCK), soup.find_all(style=re.compile(STRUCK_STYLE, re.IGNORECASE))):
        struck.name = "del"
    converter = _Converter(version)
    text = _ITEM_GAP.sub("\n", str(converter.convert_soup(soup)))
    return links.Marked(text, tuple(converter.targets), tuple(converter.wordless))


def _without_unclosed(markup: str) -> str:
    """Return markup without the beginnings of hidden elements that have no end."""
    unclosed: dict[str, list[tuple[int, int]]] = {}
    for tag in _HIDING.finditer(markup):
        begun = unclosed.setdefault(tag["name"].lower(), [])
        if tag["end"]:
            del begun[-1:]
        elif not tag[0].endswith("/>"):
            begun.append(tag.span())
    kept, at = [], 0
    for start, end in sorted(chain.from_iterable(unclosed.values())):
        kept.append(markup[at:start])
        at = end
    return "".join([*kept, markup[at:]])


def _open_layout(soup: BeautifulSoup) -> None:
    """Turn tables that hold tables, which are for layout, into blocks."""
    layout = {id(outer): outer for outer in soup.find_all("table") if outer.find("table")}
    for part in soup.find_all(["tbody", "thead", "tr", "td", "th"]) if layout else ():
        if id(part.find_parent("table")) in layout:
            part.name = "div"
    for outer in layout.values():
        outer.name = "div"


class _Converter(MarkdownConverter):
    """Markdownify without Markdown's characters: plain paragraphs and lists, but real tables."""

    def __init__(self, version: Version) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.wordless: list[str] = []
        self._version = version
        self._items: dict[int, int] = {}  # list -> number of the item read last

    def escape(self, text: str, parent_tags: set[str]) -> str:
        return text.translate(CLEAN)  # "&#2;" must not pass for a mark of ours

    def _as_it_is(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return text

    def _nothing(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return ""

    convert_b = convert_strong = convert_em = convert_i = convert_code = _as_it_is
    convert_kbd = convert_samp = convert_q = _as_it_is
    convert_script = convert_style = convert_img = convert_video = convert_svg = convert_head = _nothing
    convert_template = convert_noscript = convert_iframe = convert_object = convert_textarea = _nothing

    def convert_div(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return f"{BLOCK}{text}{BLOCK_END}" if "_inline" in parent_tags else f"\n\n{text.strip()}\n\n"

    convert_p = convert_article = convert_section = convert_blockquote = convert_pre = convert_div
    convert_dl = convert_dt = convert_dd = convert_figcaption = convert_caption = convert_hr = convert_div

    def convert_h1(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return self.convert_div(el, on_one_line(text), parent_tags)

    convert_h2 = convert_h3 = convert_h4 = convert_h5 = convert_h6 = convert_h1

    def convert_br(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return (BREAK if "_inline" in parent_tags else "\n") + text

    def convert_ins(self, el: Any, text: str, parent_tags: set[str]) -> str:
        start, end = (INSERTED, INSERTED_END) if el.name == "ins" else (DELETED, DELETED_END)
        marked = f"{start}{text}{end}" if self._version is Version.BOTH and text.strip() else text
        return "" if el.name in self._version.value else marked

    convert_del = convert_ins

    def convert_sup(self, el: Any, text: str, parent_tags: set[str]) -> str:
        whole = "".join(text.split())
        bare = links.without_marks(whole)
        if not bare or not (_NUMBER_FIRST.match(bare) or bare[0] in "([*") or len(bare) > 24:
            return text
        raised = whole if bare[0] in "([*" else whole.translate(_RAISED)
        return raised + text[len(text.rstrip()) :]

    def convert_sub(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return text.translate(_LOWERED) if links.without_marks(text).strip().isdecimal() else text

    def convert_a(self, el: Any, text: str, parent_tags: set[str]) -> str:
        text = f" {text}" if _touches_link(el, text) else text
        target = links.target(str(el.get("href") or ""))
        if target is None:
            return text
        if not any(char.isprintable() and not char.isspace() for char in text):
            self.wordless.append(target)
            return text
        self.targets.append(target)
        following = el.next_sibling
        goes_on = getattr(following, "name", None) == "a" and following.get("href") == el.get("href")
        return links.marked(text, len(self.targets) - 1, goes_on=goes_on)

    def convert_list(self, el: Any, text: str, parent_tags: set[str]) -> str:
        if "_inline" in parent_tags:
            return text
        return f"\n{text.strip()}\n" if "li" in parent_tags else f"\n\n{text.strip()}\n\n"

    convert_ul = convert_ol = convert_list

    def convert_li(self, el: Any, text: str, parent_tags: set[str]) -> str:
        marker = self._marker(el)
        text = re.sub(r"\s*\n\s*", "\n", text.strip())
        if not text:
            return ""
        if "_inline" in parent_tags:
            return f"{BLOCK}{ENTRY}{f'{marker} {text}' if _is_told_in_a_cell(el, marker) else text}{BLOCK_END}"
        return f"\n{_ITEM}{marker} {text}{_ITEM_END}\n"

    def _marker(self, item: Any) -> str:
        """Return what an item of a list begins with, as its number and the styles of item and list have it."""
        parent = item.parent
        if parent is None or parent.name != "ol":
            return "-"
        style = _style(item) or _style(parent) or "1"
        step = -1 if parent.has_attr("reversed") else 1
        if id(parent) not in self._items:
            first = len(parent.find_all("li", recursive=False)) if step < 0 else 1
            self._items[id(parent)] = _integer(parent, "start", first) - step
        self._items[id(parent)] = number = _integer(item, "value", self._items[id(parent)] + step)
        return "-" if style == "-" else f"{_numeral(number, style)}."

    def convert_td(self, el: Any, text: str, parent_tags: set[str]) -> str:
        spans = f"{_count(el, 'colspan', MAX_SPAN)},{_count(el, 'rowspan', 999)}"
        return f"{CELL}{spans}{SPANS}{STRAY_CELL.sub(' ', text).replace('|', '/')}"

    convert_th = convert_td

    def convert_tr(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return ROW + text

    def convert_table(self, el: Any, text: str, parent_tags: set[str]) -> str:
        before, *rows = text.split(ROW)
        return f"\n\n{STRAY.sub(' ', before).strip()}\n\n{table(rows)}\n\n"

    def convert__document_(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return STRAY.sub(" ", text)


def _is_told_in_a_cell(item: Any, marker: str) -> bool:
    """Return whether an item's number belongs to what a cell says; Word numbers cells, a list of one item each."""
    alone = len(item.parent.find_all("li", recursive=False)) < 2
    return marker != "-" and not (alone and _style(item) is _style(item.parent) is None)


def _touches_link(el: Any, text: str) -> bool:
    """Return whether a link begins with a word right where the words of another one end."""
    before = el.previous_element
    while isinstance(before, Tag) and before.name in _EMPHASIS:
        before = before.previous_element
    other = before.find_parent("a") if isinstance(before, NavigableString) else None
    if other is None or other.get("href") == el.get("href"):
        return False
    end = str(before)[-1:]
    return text[:1].isalnum() and (end.isalnum() or end in ".,;:!?)]%’”\"'")


def _style(el: Any) -> str | None:
    """Return what a list or item is numbered with, "-" for bullets, None where it does not say."""
    declared = _LIST_STYLE.search(str(el.get("style") or ""))
    kind = str(el.get("type") or "").strip()
    names = [*(declared[1].lower().split() if declared else ()), kind]
    return next((_STYLES[name] for name in names if name in _STYLES), None)


def _numeral(number: int, style: str) -> str:
    """Return a number as figures, letters or Roman numerals, in figures where there are no others for it."""
    if style in "aA" and number > 0:
        numeral = _letters(number)
    elif style in "iI" and 0 < number < 4000:
        numeral = _roman(number)
    else:
        return str(number)
    return numeral.upper() if style.isupper() else numeral


def _letters(number: int) -> str:
    """Return a number as letters: a to z, aa, ab, and so on."""
    more, place = divmod(number - 1, 26)
    return (_letters(more) if more else "") + chr(ord("a") + place)


def _roman(number: int) -> str:
    numeral = ""
    for value, letters in _ROMANS:
        times, number = divmod(number, value)
        numeral += letters * times
    return numeral


def _integer(el: Any, name: str, otherwise: int) -> int:
    """Return an attribute that is a whole number within reason, else another one."""
    value = str(el.get(name) or "").strip().strip("\"'")
    number = int(value) if re.fullmatch(r"[+-]?[0-9]{1,8}", value) else otherwise
    return number if abs(number) <= _MOST else otherwise


def _count(el: Any, name: str, most: int) -> int:
    """Return an attribute that counts, 1 where it is missing or makes no sense."""
    value = str(el.get(name) or "1").strip()
    return max(1, min(most, int(value))) if value.isascii() and value.isdigit() and len(value) < 9 else 1
