"""Answering bodies named in a question: "the Home Office", "DLUHC", "health minister", "tech department".

Many names of departments are everyday words ("health", "transport"): a question about transport need not be
one to the Department for Transport. So every mention says how sure it is; `rag.query.constraints` looks at what stands
beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from index import departments
from index.departments import Department
from rag.query.entities.countries import CountryMention, Form, country_mentions


class Sure(IntEnum):
    """How surely a mention means the body."""

    BARE = 0  # an everyday word: only beside a date, a minister or a verb of saying
    OFFICE = 1  # a holder of an office, often what is asked about: only with a verb of saying
    ROLE = 2  # "health minister", "home secretary"
    NAME = 3  # a name that nothing else has


@dataclass(frozen=True, slots=True)
class DepartmentMention:
    """`text[start:end]` names a body."""

    start: int
    end: int
    department: Department
    sure: Sure


# Abbreviations that are words, or parts of words, in small letters.
_CAPITALS = frozenset(["mod", "nio", "pm", "ho", "bis", "dit", "ago", "clg", "dti", "maff", "berr"])
_OFFICES = frozenset([
    "prime minister", "deputy prime minister", "number 10", "no. 10", "no 10", "downing street", "pm",
    "prime minister's office", "attorney general", "attorney-general", "solicitor general", "solicitor-general",
    "law officers", "lord chancellor", "leader of the house", "leader of the house of commons", "duchy of lancaster",
    "leader of the house of lords", "lord president of the council", "minister for women and equalities",
])  # fmt: skip
_NEVER = frozenset(["olympics", "exchequer", "the exchequer", "scotland", "wales", "northern ireland"])
# Names in one word that are no abbreviations.
_SPEAKS = re.compile(
    r"\b(?:department|ministry|office|treasury|exchequer|commissioners?|commission|board|minister)\b", re.IGNORECASE
)
_EVERYDAY = frozenset(["environment", "education", "transport", "health", "defence", "justice", "equalities"])
# What ministers and departments are called after: their fields, by the body that has them now.
_FIELDS = {
    "home": "home, interior, policing, police, immigration, asylum, borders, border security, safeguarding, security",
    "fcdo": "foreign, foreign affairs, development, international development, europe, middle east, africa",
    "dhsc": "health, care, social care, public health, mental health, health and care, primary care, nhs",
    "dfe": "education, schools, school, universities, skills, children, early years, higher education",
    "moj": "justice, prisons, prison, courts, victims, probation, legal aid",
    "dft": "transport, rail, railways, roads, aviation, maritime, buses, local transport",
    "mod": "defence, veterans, armed forces, defence procurement",
    "hmt": "treasury, finance, tax, financial services",
    "dbt": "business, trade, industry, small business, employment rights, postal affairs",
    "dcms": "culture, sport, sports, media, arts, gambling, tourism, heritage, creative industries, civil society",
    "dsit": "science, technology, tech, digital, ai, telecoms, online safety",
    "desnz": "energy, climate, climate change, net zero, energy security",
    "defra": "environment, farming, food, water, nature, rural, fisheries, agriculture, animal welfare, rural affairs",
    "mhclg": "housing, planning, communities, local government, building safety, faith, homelessness, devolution",
    "dluhc": "levelling up",
    "dwp": "work, pensions, employment, welfare, social security, disability, disabled people",
    "gwe": "equalities, equality, women",
    "scotland": "scotland, scottish",
    "wales": "wales, welsh",
    "nio": "northern ireland",
}
# Small fields name ministers, never departments; nor do these heads make a department of a field.
_MINISTERS_ONLY = frozenset(
    "police policing borders safeguarding security school skills children prisons prison victims probation roads buses "
    "maritime veterans tax ai telecoms work women faith democracy devolution disability nhs africa europe".split()
)
_HOLDER = r"(?:(?:Secretary|Sec|Minister) of State|Minister),? (?:for|of|at) (?:the )?"
_ELSEWHERE = re.compile(
    r"(?:\b(?:EU|UN|African|Roman|Soviet|State|shadow|former shadow|opposition|Holyrood|Stormont|Senedd)(?: \w+)?|"
    r"\b[A-Z]\w+(?:’|')s?)[ -](?:the )?$"
)
_OF_A_PEOPLE = re.compile(r"(?: \w+)?[ -](?:the )?")  # "the French health minister", "German federal health minister"
_OURS = re.compile(r"\b(?:British|UK|English|Britain(?:’|')s|UK(?:’|')s|Government(?:’|')s)(?: \w+)? $", re.IGNORECASE)
_NEAR = 100  # characters on either side of a name that tell whose body it is
_OUR_CODES = frozenset(["GB", "GB-ENG"])


def bodies(text: str) -> list[DepartmentMention]:
    """Return the bodies that `text` may mean, in order; where names overlap, the longest."""
    candidates = [
        body
        for pattern, read in ((_roles(), _role), (_names(), _name))
        for match in pattern.finditer(text)
        if not _abroad(text, match) and (body := read(match))
    ]
    found: list[DepartmentMention] = []
    for body in sorted(candidates, key=lambda one: one.start - one.end):
        if not any(one.start < body.end and body.start < one.end for one in found):
            found.append(body)
    return sorted(found, key=lambda one: one.start)


def _abroad(text: str, match: re.Match[str]) -> bool:
    """Return whether a name is that of another government's body: "the French Treasury", "health minister of Kenya"."""
    before, after = text[max(0, match.start() - _NEAR) : match.start()], text[match.end() : match.end() + _NEAR]
    of = re.match(r"s? (?:of|in|from) (?:the )?", after)
    if of and any(one.start == of.end() and _foreign(after, one) for one in country_mentions(after)):
        return True
    theirs = any(
        _foreign(before, one)
        and (one.form is Form.PEOPLE or one.code == "US")
        and _OF_A_PEOPLE.fullmatch(before[one.end :].removeprefix("."))
        for one in country_mentions(before)
    )
    return bool(theirs or _ELSEWHERE.search(before)) and not _OURS.search(before) and not match[0].isupper()


def _foreign(text: str, mention: CountryMention) -> bool:
    return mention.code not in _OUR_CODES and text[mention.start].isupper()


def _name(match: re.Match[str]) -> DepartmentMention | None:
    plain = " ".join(re.sub(r"\bdept\b\.?", "department", match["name"].lower()).replace("’", "'").split())
    department = departments.find(plain)
    if (
        department is None
        or (plain in _NEVER and not match["holder"])
        or (plain in _CAPITALS and not match["name"][0].isupper())
    ):
        return None
    if match["holder"]:
        sure = Sure.ROLE
    elif plain in _OFFICES:
        sure = Sure.OFFICE
    elif _SPEAKS.search(plain) or (" " not in plain and plain not in _EVERYDAY):
        sure = Sure.NAME
    else:
        sure = Sure.BARE
    return DepartmentMention(match.start(), match.end(), department, sure)


def _role(match: re.Match[str]) -> DepartmentMention | None:
    fields = [" ".join(one.lower().replace("-", " ").split()) for one in match.group("first", "second", "of") if one]
    keys = {_key_of(one) for one in fields}
    head = (match["head"] or "secretary").lower()
    department = head.startswith(("dep", "ministry"))
    if len(keys) != 1 or (department and _MINISTERS_ONLY.issuperset(fields)):
        return None
    # "Foreign ministers" and "trade ministers" meet each other: in the plural they are seldom ours.
    if head == "ministers" and fields[0] in ("foreign", "finance", "trade", "defence"):
        return None
    return DepartmentMention(match.start(), match.end(), _by_key()[keys.pop()], Sure.NAME if department else Sure.ROLE)


@cache
def _roles() -> re.Pattern[str]:
    """Match "health minister", "environment and food department", "Secretary of State for Transport"."""
    listed = sorted({one for fields in _FIELDS.values() for one in fields.split(", ")}, key=len, reverse=True)
    field = "(?:" + "|".join(one.replace(" ", "[ -]") for one in listed) + ")"
    return re.compile(
        rf"(?<![\w-])(?:(?P<first>{field})(?:(?:,| and| &|, and)? (?P<second>{field}))? "
        r"(?P<head>secretary|ministers?|department|dept\.?|ministry)"
        rf"|{_HOLDER}(?P<of>{field}))(?![\w-])",
        re.IGNORECASE,
    )


@cache
def _names() -> re.Pattern[str]:
    """Match any name of any body: "and" or "&", with or without commas and apostrophes, "dept" for department."""

    def spelt(word: str) -> str:
        if word == "department":
            return r"dep(?:artmen)?t\.?"
        form = "(?:and|&)" if word == "and" else re.escape(word)
        return re.sub("s$", "['’]?s['’]?", form)

    names = sorted(departments.spoken_names(), key=len, reverse=True)
    forms = "|".join(r",?[\s-]+".join(spelt(word) for word in name.split()) for name in names)
    return re.compile(rf"(?<![\w-])(?P<holder>{_HOLDER})?(?P<name>{forms})(?![\w-])(?!['’]s? Questions)", re.IGNORECASE)


def _key_of(field: str) -> str:
    return next(key for key, fields in _FIELDS.items() if field in fields.split(", "))


@cache
def _by_key() -> dict[str, Department]:
    return {body.key: body for body in departments.spoken_names().values()}
