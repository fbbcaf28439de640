"""TheyWorkForYou's XML of written answers, as its scrapers write it: before 2014 and since.

Ids of old files carry the date answered and, mostly, a letter for the version of the file, ids of new ones
the date tabled. Entities are declared inline, a character each; any other declaration is refused.
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from defusedxml import DefusedXmlException, EntitiesForbidden
from defusedxml.ElementTree import DefusedXMLParser

from index import parliament
from index.readers import addressee
from index.readers import normalise as make
from index.readers.files import UNREADABLE, BeyondLimit, SourceFile, nothing_here, unreadable
from index.records import Fault, House, Member, Sibling, WrittenAnswer
from index.text import cleaning
from index.text.uin_patterns import gid_of, normal_uin, question_links

_FILE = re.compile(r"(\d{4}-\d\d-\d\d)([a-z]*)(?![a-z0-9])")
_LETTERS = re.compile(r"[a-z]{1,3}")
_KIND = re.compile(r"^uk\.org\.publicwhip/([a-z-]+)/")
_OURS = frozenset(["wrans", "lordswrans"])
_NEW_IDS = "2014"  # from this year on ids carry the day tabled, before it the day of the file
# What other files of the same scrapers hold, by their ids or by their elements.
_OTHERS = {
    "debate": "debates",
    "westminhall": "Westminster Hall debates",
    "lords": "Lords debates",
    "wms": "written statements",
    "lordswms": "written statements",
    "standing": "public bill committees",
    "sp": "debates of the Scottish Parliament",
    "spor": "debates of the Scottish Parliament",
    "spq": "questions of the Scottish Parliament",
    "spwa": "written answers of the Scottish Parliament",
    "ni": "debates of the Northern Ireland Assembly",
    "senedd": "debates of the Senedd",
    "lmqs": "questions to the Mayor of London",
    "division": "divisions",
    "regmem": "register of Members' interests",
    "member": "Members",
    "lord": "Members",
    "person": "Members",
    "moffice": "ministers",
}
_SMALL_WORDS = frozenset({"and", "for", "in", "of", "on", "the", "to"})
_REDIRECT = "gidredirect"
_TAGS = frozenset(["ques", "reply", "minor-heading", "major-heading", _REDIRECT])
_QUESTION = re.compile(r"\.q\d+$")
_HELD = "holdinganswer"
_BLOCK = 1 << 18
_MOST_GROUPED = 200  # questions of a group that each of them names: no real group is near it
_MOST_SHARED = (
    20_000_000  # characters that the questions of a group get as answers together: 100 questions with 200,000 each
)
_DEPTH = 200  # elements in one another; tables in an answer have ten
_MOST_ELEMENTS = 1_000_000  # the largest real file has some 50,000


def matches(head: bytes) -> bool:
    """Return whether a file that begins so is such a file, well-meant or not."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and (
        b"<publicwhip" in head or b"<!DOCTYPE publicwhip" in head
    )


def read(source: SourceFile, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
    """Yield a record for each question, with the answer that it shares with the others of its group.

    A file that a later version replaced holds redirects, and in full only what the later version changed.
    """
    entries = _Entries()
    parser = DefusedXMLParser(target=entries, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    parser.parser.EntityDeclHandler = _declared
    reading = _Reading(source, entries.about)
    with source.raw() as stream:
        try:
            while block := stream.read(_BLOCK):
                parser.feed(block)
                for element in entries.taken():
                    stream.next_entry()
                    yield from reading.element(element)
            parser.close()
        except DefusedXmlException:
            yield Fault(source.place, "declares entities that could do harm", entry=False)
        except BeyondLimit as limit:
            yield from _rest(entries, reading)
            yield Fault(source.place, str(limit), entry=False)
        except ET.ParseError as broken:
            yield from _rest(entries, reading)
            line, column = broken.position
            yield Fault(f"{source.place}, line {line}, column {column}", "broken XML", entry=False)
        except UNREADABLE as error:
            yield from _rest(entries, reading)
            yield Fault(source.place, unreadable(error), entry=False)
        else:
            yield from _rest(entries, reading)
            yield from reading.notes()


def _rest(entries: _Entries, reading: _Reading) -> Iterator[WrittenAnswer | Fault]:
    """Yield what is left once no more can be read."""
    for element in entries.taken():
        yield from reading.element(element)
    yield from reading.flush()


def _declared(
    name: str,
    parameter: bool,
    value: str | None,
    base: str | None,
    system: str,
    public: str | None,
    notation: str | None,
) -> None:
    """Allow an entity that stands for one character, refuse bombs and what lies outside the file."""
    if parameter or value is None or len(value) > 1:
        raise EntitiesForbidden(name, value, base, system, public, notation)


class _Entries(ET.TreeBuilder):
    """Hands out each child of the root when it is complete, so that a broken file yields its start."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._count = 0
        self._root: ET.Element | None = None
        self._done: list[ET.Element] = []
        self.about: dict[str, str] = {}  # the root's attributes

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        if self._depth >= _DEPTH:
            raise BeyondLimit("nested too deeply")
        self._count += 1
        if self._count > _MOST_ELEMENTS:
            raise BeyondLimit(f"holds more than {_MOST_ELEMENTS:,} elements")
        element = super().start(tag, attrs)
        if not self._depth:
            self._root = element
            self.about.update(attrs)
        self._depth += 1
        return element

    def end(self, tag: str, /) -> ET.Element:
        element = super().end(tag)
        self._depth -= 1
        if self._depth == 1:
            self._done.append(element)
        return element

    def taken(self) -> list[ET.Element]:
        """Return the children completed since the last call, and forget them."""
        done, self._done = self._done, []
        if done and self._root is not None:
            self._root.clear()
        return done


@dataclass(slots=True)
class _Reading:
    """Where in a file the reading stands: under which headings, with which questions open."""

    source: SourceFile
    about: Mapping[str, str]  # the root's attributes
    department: str | None = None
    heading: str | None = None
    questions: list[ET.Element] = field(default_factory=list)
    replies: list[ET.Element] = field(default_factory=list)
    redirects: dict[str, list[str]] = field(default_factory=dict)  # heading's id -> UINs led there
    moved: dict[str, str] = field(default_factory=dict)  # a question's id -> the one it has in a later version
    held: Counter[str] = field(default_factory=Counter)  # what else is in the file -> how often
    answers: bool = False  # there are written answers in the file

    def element(self, element: ET.Element) -> Iterator[WrittenAnswer | Fault]:
        """Take the next child of the root, and yield the records that it completes."""
        kind = _KIND.match(element.get("id") or element.get("gid") or "")
        if element.tag not in _TAGS or (kind and kind[1] not in _OURS):
            self.held[element.tag if element.tag in _OTHERS else kind[1] if kind else ""] += 1
        elif element.tag == _REDIRECT:
            self._redirect(element)
        elif element.tag == "reply":
            self.replies.append(element)
        elif element.tag in ("ques", "minor-heading", "major-heading"):
            if self.replies or element.tag != "ques":
                yield from self.flush()
            if element.tag == "ques":
                self.questions.append(element)
            elif element.tag == "minor-heading":
                self.heading = _text(element)
            else:
                self.department, self.heading = _title(_text(element)), None

    def _redirect(self, element: ET.Element) -> None:
        """Remember where a later version, or the same one, has what another id named."""
        self.held[_REDIRECT] += 1
        old, new = (make.gid_key(element.get(name, "")) for name in ("oldgid", "newgid"))
        if old and new and element.get("matchtype") == "altques":
            self.redirects.setdefault(new, []).append(old)
        elif old and new and old != new and _QUESTION.search(old) and _QUESTION.search(new):
            self.moved[old] = new

    def notes(self) -> Iterator[Fault]:
        """Yield what is worth knowing about the file as a whole."""
        if not self.answers:
            held = [_OTHERS[kind] for kind, _ in self.held.most_common() if kind in _OTHERS and kind != _REDIRECT]
            replaced = "all of it was replaced by a later version" if self.held[_REDIRECT] else ""
            yield nothing_here(self.source.place, held[0] if held else replaced)
        elif self.about.get("latest") == "no":
            reason = "a later version has replaced this one; answers in the later version take precedence"
            yield Fault(self.source.place, reason, entry=False, note=True)

    def flush(self) -> Iterator[WrittenAnswer | Fault]:
        """Yield a record for each open question, all with the open reply."""
        questions, replies = self.questions, self.replies
        self.questions, self.replies = [], []
        reply = _Reply.of(replies)
        asked = [_Question.of(question, self.source.name, self.about) for question in questions]
        self.answers |= bool(questions or replies)
        if replies and not questions:
            yield Fault(f"{self.source.place}, {replies[0].get('id', '?')}", "a reply without a question")
        if len(questions) * reply.length > _MOST_SHARED:
            yield Fault(f"{self.source.place}, {asked[0].gid}", "its questions are too many for so long an answer")
            return
        for question in asked:
            try:
                yield make.finished(self._draft(question, reply, asked))
            except make.Unusable as unusable:
                yield Fault(f"{self.source.place}, {question.gid}", str(unusable))

    def _draft(self, question: _Question, reply: _Reply, group: list[_Question]) -> make.RecordDraft:
        others = [Sibling(uin=uin) for uin in question.uins[1:]]
        named = [it for it in group[:_MOST_GROUPED] if it is not question and it.uins]
        others += [Sibling(uin=it.uins[0], tabled=it.tabled) for it in named]
        key = make.gid_key(question.gid)
        return make.RecordDraft(
            # A file's later version tells the same with another letter in its ids, and takes its place.
            origin=f"theyworkforyou:{key or question.gid}",
            source=self.source.name,
            question=question.text,
            answer=reply.markup,
            more_keys=(*((key,) if key else ()), *self._led_here(key), *question.other_keys()),
            edition=question.edition,
            replaced=self.about.get("latest") == "no",
            house=question.house,
            uin=question.uins[0] if question.uins else None,
            heading=self.heading,
            department=self.department,
            addressed_to=addressee.addressee(question.text),
            asked_by=make.member(question.speaker),
            answered_by=make.member(reply.speaker),
            further_replies=reply.further,
            tabled=question.tabled,
            answered=question.answered if reply.markup else None,
            url=question.url,
            holding_date=reply.held,
            grouped=tuple(others),
        )

    def _led_here(self, key: str | None) -> list[str]:
        """Return the ids of questions that were put together with this one, and the one that it got later."""
        heading = re.sub(r"\.q0$", ".h", key or "")
        found = [re.sub(r"\.h$", ".q0", old) for old in self.redirects.get(heading, ())]
        return [*found, *([self.moved[key]] if key in self.moved else [])]


@dataclass(frozen=True, slots=True)
class _Reply:
    """The answer of a group."""

    markup: str = ""
    speaker: str | None = None
    held: date | None = None
    further: tuple[tuple[Member, str], ...] = ()  # what other ministers said

    @property
    def length(self) -> int:
        """Characters of all that was said, with its markup."""
        return len(self.markup) + sum(len(text) for _, text in self.further)

    @classmethod
    def of(cls, replies: list[ET.Element]) -> _Reply:
        """Return what the replies say; one that names nobody continues with what the minister before it said."""
        said = [(reply.get("speakername"), _markup(reply)) for reply in replies]
        if len(said) > 1:
            said = [one for one in said if len(one[1]) > make.LONGEST or cleaning.readable(one[1])] or said[:1]
        turns: list[tuple[str | None, str]] = []
        for name, markup in said:
            if turns and name in (None, turns[-1][0]):
                name, markup = turns[-1][0], f"{turns.pop()[1]}<p></p>{markup}"
            turns.append((name, markup))
        speaker, markup = turns[0] if turns else (None, "")
        held = next(filter(None, map(_held, replies)), None)
        return cls(markup, speaker, held, tuple((Member(name=name), text) for name, text in turns[1:]))


def _held(reply: ET.Element) -> date | None:
    """Return when a holding answer was given, from the note of it in the answer that followed."""
    days = (child.find(".//phrase[@class='date']") for child in reply if child.get("class") == _HELD)
    return next((make.day(phrase.get("code")) for phrase in days if phrase is not None), None)


def _markup(element: ET.Element) -> str:
    """Return what an element says as HTML, text outside its paragraphs included.

    A note of a holding answer is a fact, not a text.
    """
    parts = [html.escape(element.text or "")]
    for child in element:
        whole = ET.tostring(child, encoding="unicode", method="html")
        parts.append(html.escape(child.tail or "") if child.get("class") == _HELD else whole)
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class _Question:
    """One question, which may hold several UINs: "(1) ...; (2) ..."."""

    gid: str
    text: str
    uins: tuple[str, ...]
    house: House | None
    speaker: str | None
    url: str | None
    tabled: date | None
    answered: date | None
    edition: str | None

    @classmethod
    def of(cls, element: ET.Element, name: str, about: Mapping[str, str]) -> _Question:
        """Return the question of a `ques` element of the file called `name`, whose root has the attributes `about`."""
        gid, url = element.get("id", ""), element.get("url")
        found, page = gid_of(gid), next(question_links(url or ""), None)
        uins = [paragraph.get("qnum", "") for paragraph in element.iter("p")]
        uins = uins if any(uins) or not page else [page.uin]
        told = dict.fromkeys(uin for uin in map(normal_uin, sorted(uins)) if uin)
        file = _FILE.search(name)
        old = bool(found and (found.letter or found.day < _NEW_IDS or element.get("oldstyleid")))
        answered = found.day if found and old else file[1] if file else None
        said = _LETTERS.fullmatch(about.get("scrapeversion", ""))
        letters = (found and found.letter) or (file and file[2]) or (said and said[0]) or ""
        return cls(
            gid=gid,
            text=_text(element),
            uins=_first(tuple(told), found.local if found else ""),
            house=_house(element, tuple(told)),
            speaker=element.get("speakername"),
            url=url,
            tabled=page.tabled if page else make.day(found.day) if found and not old else None,
            answered=make.day(answered),
            edition=f"{answered}{letters}" if answered else None,
        )

    def other_keys(self) -> list[str]:
        """Return the identities of the further questions that were put in the same text."""
        day, keys = self.tabled or self.answered, []
        for uin in self.uins[1:] if self.house and day else ():
            known = self.house and day and parliament.session_key(self.house, day, uin)
            keys += [known] if known and not self.tabled else []
        return keys


def _first(uins: tuple[str, ...], local: str) -> tuple[str, ...]:
    """Return the UINs with the one that the id names in front."""
    return tuple(sorted(uins, key=lambda uin: not local.startswith(f"{uin}.")))


def _house(element: ET.Element, uins: tuple[str, ...]) -> House | None:
    """Return the House of the asker, else of the form of UIN."""
    asker = element.get("speakerid", "")
    if "/lord/" in asker or any(uin.startswith("HL") for uin in uins):
        return House.LORDS
    return House.COMMONS if "/member/" in asker or uins else None


def _text(element: ET.Element) -> str:
    """Return an element's text on one line; what is too long for a text is left as it is, to be refused."""
    markup = _markup(element)
    return markup if len(markup) > make.LONGEST else cleaning.one_line(markup)


def _title(name: str) -> str:
    """Return a heading in capitals as a name: "CHILDREN, SCHOOLS AND FAMILIES"."""
    if not name.isupper():
        return name
    words = (word if word in _SMALL_WORDS else word.title() for word in name.lower().split())
    return " ".join(words)
