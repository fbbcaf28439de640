"""Countries in a text: by name, people and capital; what only looks like one; the table against ISO 3166."""

from itertools import pairwise

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as some

from rag.query.entities.countries import Form, _countries, _names, countries, country_mentions

CODES = {name.code for name in _countries()}


def test_the_table_has_every_country_of_iso_3166_kosovo_and_the_nations_of_the_uk():
    iso = {country.alpha_2 for country in pycountry.countries}
    assert sorted(CODES) == sorted(iso | {"XK", "GB-ENG", "GB-NIR", "GB-SCT", "GB-WLS"})


def named(country):
    """Return the names that ISO 3166 gives a country, without the remarks behind them."""
    given_names = (country.name, getattr(country, "common_name", ""), getattr(country, "official_name", ""))
    return [one.partition(separator)[0] for one in filter(None, given_names) for separator in (",", " (")]


def test_each_country_is_found_by_a_name_that_iso_3166_gives_it():
    missed = [
        country.name
        for country in pycountry.countries
        if not any(countries(f"aid for {name} this year") == {country.alpha_2} for name in named(country))
    ]
    assert missed == []


def test_no_name_means_two_countries():
    seen = {}
    for names in _names().values():
        for name in names:
            key = (name.words, name.mark)
            assert seen.setdefault(key, name.code) == name.code


def told(text):
    return [(text[one.start : one.end], one.code) for one in country_mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What aid is the UK giving to Kenya?", [("UK", "GB"), ("Kenya", "KE")]),
        ("what aid is going to kenya", [("kenya", "KE")]),
        ("Dutch parents, Ottawa’s plan", [("Dutch", "NL"), ("Ottawa", "CA")]),
        ("US visas and the U.S. embassy", [("US", "US"), ("U.S", "US")]),
        ("Northern Ireland, Ireland", [("Northern Ireland", "GB-NIR"), ("Ireland", "IE")]),
        ("Papua New Guinea and Guinea-Bissau, (r) Guinea",
         [("Papua New Guinea", "PG"), ("Guinea-Bissau", "GW"), ("Guinea", "GN")]),
        ("South Korea, North Korean", [("South Korea", "KR"), ("North Korean", "KP")]),
        ("the Democratic Republic of the Congo, the Republic of Congo",
         [("Democratic Republic of the Congo", "CD"), ("Republic of Congo", "CG")]),
        ("Côte d’Ivoire, Cote d'Ivoire, São Tomé & Príncipe",
         [("Côte d’Ivoire", "CI"), ("Cote d'Ivoire", "CI"), ("São Tomé & Príncipe", "ST")]),
        ("Ukrainians and Iraqis", [("Ukrainians", "UA"), ("Iraqis", "IQ")]),
        ("Türkiye, TURKEY", [("Türkiye", "TR"), ("TURKEY", "TR")]),
        ("the British Indian Ocean Territory", [("British Indian Ocean Territory", "IO")]),
        ("Malawi, Zambia", [("Malawi", "MW"), ("Zambia", "ZM")]),
    ],
)  # fmt: skip
def test_countries_are_found_by_name_people_and_capital_the_longest_first(text, expected):
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "turkey farmers and bird flu housing order",
        "Turkey farmers and bird flu housing order",
        "Guinea pigs as pets",
        "jersey cows",
        "tell us what the government does for us",
        "chad and jordan are names",
        "polish the floors, swedes and turnips, a reunion of families",
        "Georgia Gould on councils",
        "questions by Georgia Gould, Chad Brown and Lord Jordan",
        "a book about Michael Jordan",
        "Lord German on pensions",
        "Denmark Hill station",
        "the Paris Agreement, the Vienna Convention and the Treaty of Rome",
        "the Prince of Wales in New Jersey",
        "china clay pits",
        "Indian Ocean tuna and the English Channel",
        "South Holland and the Deepings",
        "",
    ],
)
def test_what_only_looks_like_a_country_is_none(text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bird flu in Turkey", "TR"),
        ("Turkey: Human Rights", "TR"),
        ("Turkey and the earthquake", "TR"),
        ("Turkey's army", "TR"),
        ("elections in Georgia", "GE"),
        ("Georgia: Elections", "GE"),
        ("refugees in the Jordan Valley", "JO"),
        ("fighting in Eastern Chad", "TD"),
        ("aid to Guinea", "GN"),
        ("banks in Jersey", "JE"),
        ("hospitals in Wales", "GB-WLS"),
        ("Polish workers", "PL"),
        ("an agreement with Rwanda", "RW"),
        ("the Rwanda treaty", "RW"),
        ("schools on Réunion", "RE"),
    ],
)
def test_an_ambiguous_name_is_a_country_where_its_letters_and_neighbours_say_so(text, code):
    assert countries(text) == {code}


def test_a_mention_says_how_the_country_is_named():
    forms = [one.form for one in country_mentions("Kenya, Kenyans, Nairobi")]
    assert forms == [Form.NAME, Form.PEOPLE, Form.CAPITAL]


@given(some.text(max_size=80))
def test_mentions_lie_in_order_and_apart_inside_any_text(text):
    found = country_mentions(text)
    assert all(0 <= one.start < one.end <= len(text) and one.code in CODES for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
