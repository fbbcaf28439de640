"""What the filters offer."""

import json

from bs4 import BeautifulSoup

from index import Archive, build
from tests.archives import row
from tests.conftest import HashEncoder
from ui.page.menus import departments_offered, names_offered, sessions_offered


def test_a_department_is_offered_once_under_its_present_name_with_all_its_records():
    counts = {
        "Treasury": 5, "HM Treasury": 2, "Home Department": 1, "Home Office": 3,
        "Department for Communities and Local Government": 4, "Communities and Local Government": 1,
        "Department for Levelling Up, Housing and Communities": 2,
    }  # fmt: skip
    assert departments_offered(counts) == [
        ("Home Office (4)", "Home Office"),
        (
            "Housing, Communities and Local Government – MHCLG (7)",
            "Ministry of Housing, Communities and Local Government",
        ),
        ("Treasury – HMT (7)", "HM Treasury"),
    ]


def test_a_department_whose_work_was_divided_is_in_each_that_took_it_over():
    offered = departments_offered({"Energy and Climate Change": 3, "Department for Business and Trade": 1})
    assert [label for label, _ in offered] == [
        "Business and Trade – DBT (4)",
        "Energy Security and Net Zero – DESNZ (3)",
        "Science, Innovation and Technology – DSIT (3)",
    ]


def test_a_body_that_nobody_knows_is_offered_as_it_is():
    assert departments_offered({"Ministry for Silly Walks": 1}) == [("Silly Walks (1)", "Ministry for Silly Walks")]


def test_names_are_offered_once_each_and_as_text():
    ministers, askers = {"Ann Keen\nGillian Merron": 1, "Ann Keen": 1}, {'"><script>x': 2}
    page = BeautifulSoup(names_offered(ministers, askers), "html.parser")
    lists = {one["id"]: [option["value"] for option in one.select("option")] for one in page.select("datalist")}
    assert lists == {"names-minister": ["Ann Keen", "Gillian Merron"], "names-asked_by": ['"><script>x']}
    assert not page.select("script")


def test_sessions_of_which_there_are_answers_are_offered_newest_first_with_how_many(tmp_path):
    days = {"a": "2012-03-05", "b": "2023-01-10", "c": "2023-02-10", "d": "2024-01-15", "e": None}
    source = tmp_path / "answers.jsonl"
    source.write_text("\n".join(json.dumps(row(id, date_answered=day)) for id, day in days.items()), encoding="utf-8")
    build(source, tmp_path / "index", encoder=HashEncoder())
    with Archive.open(tmp_path / "index", encoder=HashEncoder()) as archive:
        assert sessions_offered(archive) == [
            ("Any session", ""), ("2023–24 (1)", "2023-24"), ("2022–23 (2)", "2022-23"), ("2010–12 (1)", "2010-12"),
        ]  # fmt: skip
