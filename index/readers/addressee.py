"""To whom a question is put: the addressee, the body that answers for it, and the House.

Names of offices hold commas ("Environment, Food and Rural Affairs"), so an addressee is matched
against a list of offices and bodies, never cut at a comma.
"""

from __future__ import annotations

import re

from index.records import House

# What a Secretary of State or minister is "for" -> the answering body, by the official API's names.
_PORTFOLIOS = {
    "Business and Trade": "Department for Business and Trade",
    "Business, Energy and Industrial Strategy": "Department for Business, Energy and Industrial Strategy",
    "Business, Enterprise and Regulatory Reform": "Department for Business, Enterprise and Regulatory Reform",
    "Business, Innovation and Skills": "Department for Business, Innovation and Skills",
    "Children, Schools and Families": "Department for Children, Schools and Families",
    "Communities and Local Government": "Department for Communities and Local Government",
    "Constitutional Affairs": "Department for Constitutional Affairs",
    "Culture, Media and Sport": "Department for Culture, Media and Sport",
    "Culture, Olympics, Media and Sport": "Department for Culture, Media and Sport",
    "Defence": "Ministry of Defence",
    "Digital, Culture, Media and Sport": "Department for Digital, Culture, Media and Sport",
    "Education": "Department for Education",
    "Education and Skills": "Department for Education and Skills",
    "Energy and Climate Change": "Department of Energy and Climate Change",
    "Energy Security and Net Zero": "Department for Energy Security and Net Zero",
    "Environment, Food and Rural Affairs": "Department for Environment, Food and Rural Affairs",
    "Exiting the European Union": "Department for Exiting the European Union",
    "Foreign and Commonwealth": "Foreign and Commonwealth Office",
    "Foreign and Commonwealth Affairs": "Foreign and Commonwealth Office",
    "Foreign and Commonwealth Office": "Foreign and Commonwealth Office",
    "Foreign, Commonwealth and Development": "Foreign, Commonwealth and Development Office",
    "Foreign, Commonwealth and Development Affairs": "Foreign, Commonwealth and Development Office",
    "Foreign, Commonwealth and Development Office": "Foreign, Commonwealth and Development Office",
    "Health": "Department of Health",
    "Health and Social Care": "Department of Health and Social Care",
    "Home Department": "Home Office",
    "Home Office": "Home Office",
    "Housing, Communities and Local Government": "Ministry of Housing, Communities and Local Government",
    "Innovation, Universities and Skills": "Department for Innovation, Universities and Skills",
    "International Development": "Department for International Development",
    "International Trade": "Department for International Trade",
    "Justice": "Ministry of Justice",
    "Levelling Up, Housing and Communities": "Department for Levelling Up, Housing and Communities",
    "Northern Ireland": "Northern Ireland Office",
    "Science, Innovation and Technology": "Department for Science, Innovation and Technology",
    "Scotland": "Scotland Office",
    "Trade and Industry": "Department of Trade and Industry",
    "Transport": "Department for Transport",
    "Wales": "Wales Office",
    "Women and Equalities": "Women and Equalities",
    "Women and Equality": "Women and Equalities",
    "Work and Pensions": "Department for Work and Pensions",
}
# Offices that are named without a portfolio; None where the office tells no body.
_OFFICES: dict[str, str | None] = {
    "Advocate General for Scotland": None,
    "Attorney General": "Attorney General",
    "Attorney-General": "Attorney General",
    "Chairman of Committees": "Senior Deputy Speaker",
    "Chancellor of the Duchy of Lancaster": "Cabinet Office",
    "Chancellor for the Exchequer": "HM Treasury",
    "Chancellor of Exchequer": "HM Treasury",
    "Chancellor of the Exchequer": "HM Treasury",
    "Deputy Foreign Secretary": "Foreign, Commonwealth and Development Office",
    "Deputy Prime Minister": None,
    "Foreign Secretary": None,
    "Her Majesty's Government": None,
    "His Majesty's Government": None,
    "Home Secretary": "Home Office",
    "Leader of the House": "Leader of the House",
    "Leader of the House of Commons": "Leader of the House",
    "Leader of the House of Lords": "Leader of the House of Lords",
    "Lord Speaker": "Lord Speaker",
    "Minister for the Cabinet Office": "Cabinet Office",
    "Minister for Cabinet Office": "Cabinet Office",
    "Minister for the Olympics": None,
    "Prime Minister": "Prime Minister",
    "Senior Deputy Speaker": "Senior Deputy Speaker",
    "Solicitor General": "Attorney General",
    "Solicitor-General": "Attorney General",
    "Speaker of the House of Commons": "Speaker of the House of Commons",
}
# Bodies for which one of their members answers: "the hon. Member for X, representing the Y".
_BODIES = (
    "Church Commissioners",
    "Electoral Commission Committee",
    "House of Commons Commission",
    "Parliamentary Works Sponsor Body",
    "Public Accounts Commission",
    "Restoration and Renewal Client Board",
    "Speaker's Committee for the Independent Parliamentary Standards Authority",
    "Speaker's Committee on the Electoral Commission",
)
_GOVERNMENT = ("Her Majesty's Government", "His Majesty's Government")
_LORDS_ONLY = (*_GOVERNMENT, "Senior Deputy Speaker", "Chairman of Committees", "Lord Speaker")


def _key(name: str) -> str:
    """Return a name as it is compared: words only, so that commas and apostrophes do not matter."""
    return " ".join(re.findall(r"[a-z]+", re.sub("[’']", "", name.lower()).replace("&", " and ")))


def _any_of(names: tuple[str, ...]) -> str:
    """Return a pattern for the longest of the names, however it is punctuated."""
    spelt = (re.sub(r"[,\s]+", r"[,\\s]+", name).replace("'", "['’]?") for name in names)
    spelt = (pattern.replace("and[", "(?:and|&)[") for pattern in spelt)
    return "(?:" + "|".join(sorted(spelt, key=len, reverse=True)) + r")(?![\w-])"


_ASK = re.compile(r"^\W*(?:t?o\s+)?ask(?:ed)?,?\s+(?:the\s+)?", re.IGNORECASE)
_FOR = r"(?:[,\s]+(?:for|at|of))?[,\s]+(?:the\s+)?(?:(?:Department|Ministry)\s+(?:for|of)\s+)?"
_MINISTER = r"(?:(?:(?:Parliamentary\s+)?Under[-\s])?Secretary|Minister)(?:\s+of\s+State)?"
_PORTFOLIO = re.compile(rf"{_MINISTER}{_FOR}({_any_of(tuple(_PORTFOLIOS))})", re.IGNORECASE)
_OFFICE = re.compile(_any_of(tuple(_OFFICES)), re.IGNORECASE)
_BODY = re.compile(
    rf"(?:(?:rt|right)\.?\s+)?(?:hon\.?\s+)?(?:and\s+learned\s+)?(?:Member|Lady|Gentleman|Friend)\b.{{0,80}}?"
    rf"representing\s+(?:the\s+)?({_any_of(_BODIES)})",
    re.IGNORECASE,
)
_BY_PORTFOLIO = {_key(name): body for name, body in _PORTFOLIOS.items()}
_BY_OFFICE = {_key(name): body for name, body in _OFFICES.items()}
_BY_BODY = {_key(name): name for name in _BODIES}
_LORDS_KEYS = frozenset(map(_key, _LORDS_ONLY))


def addressee(question: str) -> str | None:
    """Return the addressee as the question names it, without "the"; None where none is known."""
    opener = _ASK.match(question)
    found = _match(question[opener.end() : opener.end() + 250]) if opener else None
    return " ".join(found[0].replace("’", "'").split()) if found else None


def department(addressed_to: str | None) -> str | None:
    """Return the answering body of an addressee, by the official API's name for it.

    None for the Lords' "His Majesty's Government", which does not tell, and for the unknown.
    """
    found = _match(re.sub(r"^the\s+", "", (addressed_to or "").strip(), flags=re.IGNORECASE))
    if not found:
        return None
    key = _key(found[1] if found.re.groups else found[0])
    if found.re is _OFFICE:
        return _BY_OFFICE.get(key)
    return _BY_PORTFOLIO.get(key) if found.re is _PORTFOLIO else _BY_BODY.get(key)


def house(question: str) -> House | None:
    """Return the House whose questions are put so; None where both do, or no addressee is known."""
    named = addressee(question)
    if named is None or _key(named) == "leader of the house":
        return None
    lords = _key(named) in _LORDS_KEYS or _key(named).endswith("house of lords")
    return House.LORDS if lords else House.COMMONS


def _match(text: str) -> re.Match[str] | None:
    """Return the match of an office or body at the start of the text."""
    return _PORTFOLIO.match(text) or _OFFICE.match(text) or _BODY.match(text)
