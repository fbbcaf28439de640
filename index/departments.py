"""Answering bodies under all their names, and who took over from whom.

People ask for "the Home Office" or "DLUHC"; records say "Home Department" or "Ministry of Housing,
Communities and Local Government". A filter for one body takes in those it grew out of and those that
took over its work, so that a question about housing is not cut off at a reshuffle.
Changes of name and machinery follow the published transfer-of-functions statements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Department:
    """One body under one name."""

    key: str  # its usual abbreviation, in lower case
    name: str  # official name in full
    also: tuple[str, ...] = ()  # other names in records and in everyday speech, lower case
    from_: tuple[str, ...] = ()  # keys of the bodies whose work it took over


# fmt: off
DEPARTMENTS: tuple[Department, ...] = (
    Department("ago", "Attorney General's Office", ("attorney general", "attorney-general", "solicitor general", "solicitor-general", "law officers")),
    Department("beis", "Department for Business, Energy and Industrial Strategy", ("business, energy and industrial strategy", "beis"), ("bis", "decc")),
    Department("berr", "Department for Business, Enterprise and Regulatory Reform", ("business, enterprise and regulatory reform", "berr"), ("dti",)),
    Department("bis", "Department for Business, Innovation and Skills", ("business, innovation and skills", "bis", "department for business innovation and skills"), ("berr", "dius")),
    Department("cabinet", "Cabinet Office", ("cabinet office", "minister for the cabinet office", "duchy of lancaster")),
    Department("church", "Church Commissioners", ("church commissioners", "church commissioner", "church estates commissioner", "church estates commissioners")),
    Department("dbt", "Department for Business and Trade", ("business and trade", "dbt", "business department", "trade department", "business and trade department", "department for business", "business ministry", "department of trade"), ("beis", "dit")),
    Department("dcms", "Department for Culture, Media and Sport", ("culture, media and sport", "culture media and sport", "dcms", "culture department", "department for culture", "culture ministry", "department of culture, media and sport", "sport department", "department for culture media and sport"), ("dcms17", "olympics")),
    Department("dcms17", "Department for Digital, Culture, Media and Sport", ("digital, culture, media and sport",)),
    Department("dcsf", "Department for Children, Schools and Families", ("children, schools and families", "dcsf")),
    Department("decc", "Department of Energy and Climate Change", ("energy and climate change", "decc", "department for energy and climate change")),
    Department("defra", "Department for Environment, Food and Rural Affairs", ("environment, food and rural affairs", "environment food and rural affairs", "defra", "environment department", "department for environment", "environment ministry", "farming department", "department for the environment", "department of the environment", "environment"), ("maff",)),
    Department("desnz", "Department for Energy Security and Net Zero", ("energy security and net zero", "desnz", "energy department", "department for energy", "energy ministry", "net zero department", "department of energy"), ("beis", "decc")),
    Department("dexeu", "Department for Exiting the European Union", ("exiting the european union", "dexeu", "brexit department")),
    Department("dfe", "Department for Education", ("education", "dfe", "education department", "education ministry", "department of education", "ministry of education", "schools department"), ("dcsf", "dius")),
    Department("dfid", "Department for International Development", ("international development", "dfid", "aid department")),
    Department("dft", "Department for Transport", ("transport", "dft", "transport department", "transport ministry", "department of transport", "ministry of transport")),
    Department("dhsc", "Department of Health and Social Care", ("health and social care", "dhsc", "health department", "department of health", "department for health", "health ministry", "ministry of health", "health", "department for health and social care")),
    Department("dit", "Department for International Trade", ("international trade", "dit")),
    Department("dius", "Department for Innovation, Universities and Skills", ("innovation, universities and skills", "dius")),
    Department("dluhc", "Department for Levelling Up, Housing and Communities", ("levelling up, housing and communities", "dluhc", "levelling up department", "levelling-up department", "department for levelling up"), ("dclg",)),
    Department("dsit", "Department for Science, Innovation and Technology", ("science, innovation and technology", "dsit", "science department", "technology department", "department for science", "tech department", "science ministry"), ("beis", "dcms17")),
    Department("dti", "Department of Trade and Industry", ("trade and industry", "dti", "department for trade and industry")),
    Department("dwp", "Department for Work and Pensions", ("work and pensions", "dwp", "pensions department", "department of work and pensions", "benefits department", "work and pensions department", "department for pensions")),
    Department("electoral", "Speaker's Committee on the Electoral Commission", ("speaker's committee on the electoral commission", "electoral commission committee")),
    Department("fcdo", "Foreign, Commonwealth and Development Office", ("foreign, commonwealth and development affairs", "foreign, commonwealth & development office", "fcdo", "foreign office", "foreign department", "foreign ministry"), ("fco", "dfid")),
    Department("fco", "Foreign and Commonwealth Office", ("foreign and commonwealth affairs", "fco")),
    Department("gwe", "Women and Equalities", ("women and equalities", "women and equality", "equalities office", "government equalities office", "equality office", "office for equality and opportunity", "equalities", "minister for women and equalities", "equality and human rights")),
    Department("hmt", "HM Treasury", ("treasury", "the exchequer", "chancellor of the exchequer", "hmt", "exchequer", "treasury department", "his majesty's treasury", "her majesty's treasury", "finance ministry")),
    Department("hocc", "House of Commons Commission", ("house of commons commission",)),
    Department("home", "Home Office", ("home department", "home office", "ho", "interior ministry")),
    Department("ipsa", "Speaker's Committee for the Independent Parliamentary Standards Authority", ("speaker's committee for the independent parliamentary standards authority",)),
    Department("leader", "Leader of the House", ("leader of the house", "leader of the house of commons", "leader of the house of lords", "lord president of the council")),
    Department("maff", "Ministry of Agriculture, Fisheries and Food", ("agriculture, fisheries and food", "maff")),
    Department("dclg", "Department for Communities and Local Government", ("communities and local government", "dclg", "clg"), ("odpm",)),
    Department("mhclg", "Ministry of Housing, Communities and Local Government", ("housing, communities and local government", "mhclg", "housing department", "housing ministry", "local government department", "communities department", "ministry of housing", "department for housing", "communities ministry", "local government ministry", "planning department", "department for communities", "housing and communities department", "ministry for housing"), ("dluhc", "dclg")),
    Department("mod", "Ministry of Defence", ("defence", "mod", "defence ministry", "defence department", "department of defence", "department for defence", "ministry for defence")),
    Department("moj", "Ministry of Justice", ("justice", "moj", "justice ministry", "justice department", "department of justice", "department for justice", "ministry for justice", "lord chancellor", "lord chancellor's department", "constitutional affairs")),
    Department("nio", "Northern Ireland Office", ("northern ireland office", "northern ireland", "nio")),
    Department("odpm", "Office of the Deputy Prime Minister", ("office of the deputy prime minister", "deputy prime minister", "odpm")),
    Department("olympics", "Olympics", ("olympics", "minister for the olympics")),
    Department("pm", "Prime Minister", ("prime minister", "number 10", "no. 10", "no 10", "downing street", "prime minister's office")),
    Department("rr", "Restoration and Renewal Client Board", ("restoration and renewal client board",)),
    Department("scotland", "Scotland Office", ("scotland office", "scotland", "scottish office", "office of the secretary of state for scotland")),
    Department("wales", "Wales Office", ("wales office", "wales", "welsh office", "office of the secretary of state for wales")),
)
# fmt: on
_BY_KEY = {body.key: body for body in DEPARTMENTS}
_NOISE = re.compile(r"[^a-z0-9& ]+")


@cache
def find(name: str) -> Department | None:
    """Return the body that goes by `name` in any spelling, or None."""
    return _names().get(_plain(name))


@cache
def lineage(key: str) -> frozenset[str]:
    """Return the keys of a body, all it grew out of and all that took over from it."""
    found = {key}
    for step in (_before, _after):
        fresh = [key]
        while fresh:
            fresh = [other for body in fresh for other in step(body) if other not in found]
            found |= set(fresh)
    return frozenset(found)


@cache
def same_lineage(asked: str, named: str) -> bool:
    """Tell whether a record that names the body `named` belongs to a filter for `asked`."""
    one, other = find(asked), find(named)
    if one and other:
        return other.key in lineage(one.key)
    return _plain(asked) == _plain(named)


def spoken_names() -> dict[str, Department]:
    """Return every name in plain spelling with its body, for finding names in a question."""
    return dict(_names())


def _before(key: str) -> Iterable[str]:
    return _BY_KEY[key].from_


def _after(key: str) -> Iterable[str]:
    return (body.key for body in DEPARTMENTS if key in body.from_)


@cache
def _names() -> dict[str, Department]:
    names: dict[str, Department] = {}
    for body in DEPARTMENTS:
        for name in (body.name, *body.also):
            names.setdefault(_plain(name), body)
    return names


def _plain(name: str) -> str:
    """Return a name without case, punctuation and leading article."""
    letters = _NOISE.sub(" ", name.lower().replace("’", "'").replace("'", "").replace("&", "and"))
    return " ".join(letters.removeprefix("the ").split())
