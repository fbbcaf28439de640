"""Other countries in a question: which are named, and whether it asks what their own governments do.

"What has the UK said to Israel" is a matter for ministers; "the Australian treasurer" answers to another
parliament.
"""

from __future__ import annotations

import re
from functools import cache

# A country a line: what it is called, then what belongs to it and what is in it.
_COUNTRIES = """
afghanistan, afghan, kabul
albania, albanian, tirana
algeria, algerian
argentina, argentine, argentinian, buenos aires
armenia, armenian
australia, australian, aussie, canberra, queensland, new south wales, sydney, melbourne
austria, austrian, vienna
azerbaijan, azerbaijani
bahrain, bahraini
bangladesh, bangladeshi, dhaka
belarus, belarusian, minsk
belgium, belgian, brussels
bolivia, bolivian
bosnia, bosnian
brazil, brazilian
bulgaria, bulgarian
cambodia, cambodian
cameroon, cameroonian
canada, canadian, ottawa, ontario, quebec, toronto
chad, chadian
chile, chilean
china, chinese, beijing, shanghai
colombia, colombian
congo, congolese, drc
croatia, croatian
cuba, cuban
cyprus, cypriot
czech, czechia, prague
denmark, danish, copenhagen
ecuador, ecuadorian
egypt, egyptian, cairo
eritrea, eritrean
estonia, estonian
ethiopia, ethiopian
finland, finnish, helsinki
france, french, paris, macron
georgian, tbilisi
germany, german, berlin, bundestag, bavaria
ghana, ghanaian
greece, greek, athens
haiti, haitian
hungary, hungarian, budapest
iceland, icelandic
india, indian, delhi, mumbai
indonesia, indonesian
iran, iranian, tehran
iraq, iraqi, baghdad
ireland, irish, dublin, taoiseach, dail
israel, israeli, tel aviv, knesset
italy, italian, rome
jamaica, jamaican
japan, japanese, tokyo
jordanian
kazakhstan, kazakh
kenya, kenyan, nairobi
kosovo, kosovan
kuwait, kuwaiti
latvia, latvian
lebanon, lebanese, beirut
libya, libyan
lithuania, lithuanian
luxembourg
malawi, malawian
malaysia, malaysian
malta, maltese
mexico, mexican
moldova, moldovan
morocco, moroccan
mozambique
myanmar, burma, burmese
nepal, nepalese
netherlands, dutch, holland, amsterdam
new zealand, kiwi, auckland
nigeria, nigerian, lagos
north korea, north korean
norway, norwegian, oslo
oman, omani
pakistan, pakistani, lahore
palestine, palestinian, gaza
peru, peruvian
philippines, filipino
poland, polish, warsaw
portugal, portuguese, lisbon
qatar, qatari
romania, romanian
russia, russian, kremlin, moscow
rwanda, rwandan
saudi arabia, saudi
senegal, senegalese
serbia, serbian
singapore, singaporean
slovakia, slovak
slovenia, slovenian
somalia, somali
south africa, south african, eskom
south korea, south korean, korean, seoul
spain, spanish, madrid, andalusia, catalonia
sri lanka, sri lankan
sudan, sudanese
sweden, swedish, stockholm
switzerland, swiss
syria, syrian
taiwan, taiwanese
tanzania, tanzanian
thailand, thai
tunisia, tunisian
turkey, turkish, turkiye, ankara
uganda, ugandan
ukraine, ukrainian, kyiv
united arab emirates, uae, emirati, dubai
united states, america, american, usa, washington, texas, texan, california, florida, new york, trump, biden
uruguay
venezuela, venezuelan
vietnam, vietnamese
yemen, yemeni
zambia, zambian
zimbabwe, zimbabwean
"""
# "us" in small letters is the reader and the writer.
_US = re.compile(r"\bUS\b|\bU\.S\.(?:A\.)?")
_OURS = re.compile(
    r"\b(?:uk|u\.k\.|united kingdom|britain|brit|british|britons?|england|english|scotland|scottish|wales|welsh|"
    r"northern (?:ireland|irish)|our|we|us|his majesty's|her majesty's|embassy|foreign office|fcdo|foreign secretary|"
    r"ambassador|export(?:s|ing|ers?)?|import(?:s|ing|ers?|ed)?|imported|visas?|refugees?|asylum|nationals|"
    r"aid|sanction\w*|trade (?:deal|agreement)|settled here|here)\b",
    re.IGNORECASE,
)
_POWERS = (
    r"governments?|govt|ministry|ministries|minister|treasurer|treasury|parliament|senate|congress|council|federal|"
    r"president|premier|chancellor|taoiseach|authorities|state|states|department|education|health|finance|interior|"
    r"justice|transport|housing|supreme court|central bank|police|army|taxpayers?|parents|pensioners|workers|farmers|"
    r"shoppers|families|voters|renters|tenants|pupils|schools|hospitals"
)
_HELD_BY = re.compile(rf"^(?:'s)? (?:[\w-]+ ){{0,2}}(?:{_POWERS})\b|^'s\b", re.IGNORECASE)


@cache
def _pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    keys: dict[str, str] = {}
    for line in _COUNTRIES.strip().splitlines():
        country, *others = line.split(", ")
        keys |= {name: country for name in (country, *others)}
    longest_first = sorted(keys, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})(?=s?\b)", re.IGNORECASE), keys


def countries(text: str) -> frozenset[str]:
    """Return the countries other than ours that a text names, in whatever form."""
    return frozenset(country for _, _, country in _found(text))


def _found(text: str) -> list[tuple[int, int, str]]:
    pattern, keys = _pattern()
    plain = text.replace("’", "'")
    # "Northern Ireland" is ours.
    plain = re.sub(r"\bnorthern (?:ireland|irish)\b", lambda match: "_" * len(match[0]), plain, flags=re.IGNORECASE)
    found = [(m.start(), m.end(), keys[m[0].lower()]) for m in pattern.finditer(plain)]
    return sorted([*found, *((m.start(), m.end(), "united states") for m in _US.finditer(plain))])


def governed_elsewhere(text: str) -> bool:
    """Tell whether a question asks what another country's own government, or people under it, do; not what ours does.

    It names another country as holding some office or power, and nothing of ours.
    """
    plain = text.replace("’", "'")
    return names_only_others(plain) and any(_HELD_BY.match(plain[end:]) is not None for _, end, _ in _found(plain))


def names_only_others(text: str) -> bool:
    """Tell whether a question names another country and nothing of ours."""
    plain = text.replace("’", "'")
    return not _OURS.search(_US.sub("_", plain)) and bool(_found(plain))
