"""A parliamentary question pasted as it stands: its formal parts taken off, its addressee kept.

"To ask the Secretary of State for Justice, pursuant to the Answer of 18 November 2024 to Question 13348 on
Prisons: Standards, what assessment he has made of X; and if he will make a statement." asks about X.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.departments import Department
from index.records import House
from index.text.date_forms import SOME_DAY
from index.text.uin_patterns import CUE, NUMBERS
from rag.query.entities.departments import bodies

_OPENER = re.compile(r"^\W*(?:T?o ask|asked)\b\s*", re.IGNORECASE)
# All up to the first word that asks something, for whom no body of ours is named: "Mr Smith asked the hon. Member ..."
_ASKING = re.compile(
    r"^\W*(?:T?o ask|.{0,60}?\basked)\s.{0,160}?[,\s]\s*"
    r"(?=(?:what|how|whether|if|when|where|why|which|who|pursuant|with|further)\b)",
    re.IGNORECASE | re.DOTALL,
)
_GOVERNMENT = re.compile(r"(?:His|Her) Majesty[’']?s Government\b,?\s*", re.IGNORECASE)
# What may stand before the name of the body; "Secretary of State for" belongs to the name.
_ADDRESSEE = re.compile(
    r"(?:the )?(?:(?:[\w.’'-]+ ){1,9}?[\w.’'-]+, (?:as )?representing (?:the )?|"
    r"(?:Prime )?Minister(?: of State)?(?: at)?,? (?:the )?|(?:First|Parliamentary|Under|Chief|hon\.|Right) ?)*",
    re.IGNORECASE,
)
_REACH = 130  # characters in which the addressee must stand
_PURSUANT = re.compile(
    r"(?:^|,? ?\b(?:and )?)(?:pursuant to|further to|with reference to|following) "
    r"(?:the |his |her |their |your )?(?:\w+ ){0,3}?(?:answers?|repl(?:y|ies)|responses?)\b[^;?]{0,120}?"
    rf"{CUE}\b[\s,]*(?:UINs?|numbers?|nos?\.?)?[\s,]*{NUMBERS}(?: (?:of|on|dated) {SOME_DAY})?"
    r"(?:,? (?:on|entitled|about) (?P<heading>[A-Z“\"‘'](?:[^,;?]{2,110}|[^;?]{2,140}?)))?,? ?(?:and )?"
    r"(?=\b(?:what|whether|if|how|when|which|who|why|where|to what|for what|in what|on what|by what|with reference|"
    r"pursuant)\b)",
    re.IGNORECASE,
)
_STATEMENT = re.compile(
    r"[;,]? and if (?:he|she|they|the Minister) will make a statement(?: on the matter)?(?=\W*$)", re.IGNORECASE
)
_HOLDER = (
    r"(?:he|she|they|the (?:Government|Minister|Secretary of State)|(?:his|her|their|the) [Dd]epartment|Ministers|it)"
)
_FRAMES = re.compile(
    rf"^(?:(?:if|whether) {_HOLDER} (?:will|has|have|plans? to|intends? to) (?:make|made|publish|take|taken|hold|"
    rf"held) |"
    rf"what (?:recent |further |additional |urgent )*(?:assessment|estimate|steps|discussions|progress|plans|"
    rf"representations|consideration|guidance|evaluation|action)s? "
    rf"(?:(?:have|has|is|are|was|were|did|do|does) )?{_HOLDER} "
    rf"(?:(?:has|have|is|are|was|were|will|plans? to|intends? to|may) )?(?:been )?"
    rf"(?:made|make|taken|take|taking|had|has|have|given|received|hold|issued|undertaken)?(?: (?:of|on|to|with|"
    rf"about|for))?(?: the)?(?: (?:potential|possible|likely))? )",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FormalQuestion:
    """What a pasted question asks, and of whom."""

    text: str  # without opener, references to earlier answers and closing form
    department: Department | None = None
    house: House | None = None
    addressee: str = ""  # as written


def unpack(text: str) -> FormalQuestion | None:
    """Return what a formal question asks; None for text that is not one."""
    opener = _OPENER.match(text)
    if not opener or (opener[0].strip().lower() == "asked" and not text[opener.end() :].lower().startswith("the ")):
        return None
    rest = text[opener.end() :]
    if government := _GOVERNMENT.match(rest):
        return FormalQuestion(_bare(rest[government.end() :]), None, House.LORDS, government[0].strip(" ,"))
    addressed = next((body for body in bodies(rest[:_REACH]) if _ADDRESSEE.fullmatch(rest[: body.start])), None)
    if addressed:
        end = addressed.end
        return FormalQuestion(_bare(rest[end:].lstrip(" ,")), addressed.department, House.COMMONS, rest[:end])
    comma = re.match(r"the [^,;?]{3,90},\s*", rest, re.IGNORECASE)
    return FormalQuestion(
        _bare(rest[comma.end() :]) if comma else _bare(rest), None, None, comma[0].strip(" ,") if comma else ""
    )


def is_formal(text: str) -> bool:
    """Return whether a text begins as questions on the order paper do."""
    return _OPENER.match(text) is not None


def follows_up(question: str) -> bool:
    """Return whether a question refers to an earlier answer by its number, in the usual form."""
    return _PURSUANT.search(question) is not None


def without_address(question: str) -> str:
    """Return a Member's question from the first word that asks something, without whom it is put to."""
    return _ASKING.sub("", question)


def plain(question: str) -> str:
    """Return what a Member asked in the Member's own words, frame included.

    Opener and addressee, references to earlier answers with their headings, and the closing form are taken off
    where they have their usual form, and stay where they do not.
    """
    return _without_references(without_address(question))[0]


def _without_references(question: str) -> tuple[str, list[str]]:
    """Return a question without references to earlier answers and closing form, and the headings of those answers."""
    headings: list[str] = []

    def drop(match: re.Match[str]) -> str:
        if match["heading"]:
            headings.append(match["heading"].strip(" “”\"'‘’"))
        return " "

    rest = _STATEMENT.sub("", _PURSUANT.sub(drop, question))
    return " ".join(rest.split()).strip(" ,;"), headings


def _bare(question: str) -> str:
    """Return a question without references to earlier answers, whose headings stay, and without its frame."""
    rest, headings = _without_references(question)
    shorter = _FRAMES.sub("", rest)
    rest = shorter if len(shorter.split()) >= 3 and not shorter.startswith("(") else rest
    return ": ".join([*dict.fromkeys(headings), rest])
