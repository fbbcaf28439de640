"""Answering bodies: every name means one body, and a filter follows the work through reshuffles."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib.resources import files

import pytest

from index.departments import find, lineage, same_lineage, spoken_names

TABLE = tomllib.loads(files("index").joinpath("departments.toml").read_text(encoding="utf-8"))


def test_every_predecessor_is_in_the_table_and_no_body_succeeds_itself():
    for key, body in TABLE.items():
        assert set(body.get("from", ())) <= TABLE.keys(), key
        assert key not in body.get("from", ())


def test_no_name_means_two_bodies():
    owners: dict[str, set[str]] = {}
    for key, body in TABLE.items():
        for name in (body["name"], *body.get("also", ())):
            assert find(name) is not None, name
            owners.setdefault(" ".join(name.lower().replace(",", " ").replace("&", "and").split()), set()).add(key)
    assert {name: keys for name, keys in owners.items() if len(keys) > 1} == {}


def test_official_names_are_each_used_once():
    assert [name for name, n in Counter(body["name"] for body in TABLE.values()).items() if n > 1] == []


@pytest.mark.parametrize(
    ("name", "official"),
    [
        ("Home Department", "Home Office"),
        ("the home office", "Home Office"),
        ("Treasury", "HM Treasury"),
        ("Chancellor of the Exchequer", "HM Treasury"),
        ("DHSC", "Department of Health and Social Care"),
        ("MHCLG", "Ministry of Housing, Communities and Local Government"),
        ("Housing, Communities and Local Government", "Ministry of Housing, Communities and Local Government"),
        ("DLUHC", "Department for Levelling Up, Housing and Communities"),
        ("defra", "Department for Environment, Food and Rural Affairs"),
        ("Foreign, Commonwealth & Development Office", "Foreign, Commonwealth and Development Office"),
        ("Attorney-General", "Attorney General's Office"),
        ("Attorney General’s Office", "Attorney General's Office"),
    ],
)
def test_bodies_are_found_by_what_people_call_them(name, official):
    assert find(name).name == official


@pytest.mark.parametrize("name", ["", "the", "Ministry of Silly Walks", "office", "?"])
def test_what_is_no_body_is_not_found(name):
    assert find(name) is None


@pytest.mark.parametrize(
    ("asked", "named", "wanted"),
    [
        ("MHCLG", "Department for Levelling Up, Housing and Communities", True),
        ("DLUHC", "Ministry of Housing, Communities and Local Government", True),
        ("Department of Health", "Department of Health and Social Care", True),
        ("Foreign Office", "Foreign, Commonwealth and Development Office", True),
        ("DFID", "Foreign, Commonwealth and Development Office", True),
        ("FCDO", "Department for International Development", True),
        ("DSIT", "Department for Business, Energy and Industrial Strategy", True),
        ("Home Office", "Ministry of Justice", False),
        ("Department for International Development", "Foreign and Commonwealth Office", False),  # only later one body
        ("Church Commissioners", "church commissioners", True),
        ("Office of Rare Things", "The Office of Rare Things", True),
        ("Office of Rare Things", "Home Office", False),
    ],
)
def test_a_filter_takes_in_predecessors_and_successors(asked, named, wanted):
    assert same_lineage(asked, named) is wanted


def test_lineages_are_mutual():
    for key in TABLE:
        assert key in lineage(key)
        for other in lineage(key):
            assert key in lineage(other), (key, other)


def test_spoken_names_lead_to_their_bodies():
    names = spoken_names()
    assert names["home office"].name == "Home Office"
    assert all(find(name) == body for name, body in names.items())


@pytest.mark.parametrize(
    ("name", "abbreviation"),
    [("Department of Health", "DHSC"), ("Education", "DfE"), ("Home Department", None), ("Wales Office", None)],
)
def test_an_abbreviation_is_known_as_it_is_written(name, abbreviation):
    body = find(name)
    assert body and body.abbreviation == abbreviation
    assert abbreviation is None or find(abbreviation) is body
