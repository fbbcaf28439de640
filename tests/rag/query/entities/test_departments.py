"""Bodies named in questions, with how sure it is that a body is meant."""

import pytest

from rag.query.entities.departments import Sure, bodies


def named(text):
    return [(text[one.start : one.end], one.department.key, one.sure) for one in bodies(text)]


@pytest.mark.parametrize(
    "text, phrase, key",
    [
        ("what the Home Office spends", "Home Office", "home"),
        ("DLUHC on cladding", "DLUHC", "dluhc"),
        ("dwp error rate", "dwp", "dwp"),
        ("the Treasury and farms", "Treasury", "hmt"),
        ("health department figures", "health department", "dhsc"),
        ("environment and food department May", "environment and food department", "defra"),
        ("science and tech department", "science and tech department", "dsit"),
        ("energy climate department", "energy climate department", "desnz"),
        ("the levelling-up department", "levelling-up department", "dluhc"),
        (
            "Department for Environment, Food & Rural Affairs",
            "Department for Environment, Food & Rural Affairs",
            "defra",
        ),
        ("Dept for Education", "Dept for Education", "dfe"),
        ("the Attorney General’s Office", "Attorney General’s Office", "ago"),
        ("MoD housing", "MoD", "mod"),
        ("House of Commons Commission lifts", "House of Commons Commission", "hocc"),
        ("the UK's foreign office", "foreign office", "fcdo"),
    ],
)
def test_names_that_nothing_else_has(text, phrase, key):
    assert named(text) == [(phrase, key, Sure.NAME)]


@pytest.mark.parametrize(
    "text, phrase, key, sure",
    [
        ("health minister Ann Keen", "health minister", "dhsc", Sure.ROLE),
        ("any British defence minister", "defence minister", "mod", Sure.ROLE),
        ("the home secretary", "home secretary", "home", Sure.ROLE),
        (
            "the Secretary of State for Health and Social Care",
            "Secretary of State for Health and Social Care",
            "dhsc",
            Sure.ROLE,
        ),
        ("Minister for Women and Equalities", "Minister for Women and Equalities", "gwe", Sure.ROLE),
        ("what the prime minister ate", "prime minister", "pm", Sure.OFFICE),
        ("transport chris mole", "transport", "dft", Sure.BARE),
    ],
)
def test_roles_offices_and_everyday_words(text, phrase, key, sure):
    assert named(text) == [(phrase, key, sure)]


@pytest.mark.parametrize(
    "text",
    [
        "Pell grants of the US Department of Education",
        "the French education ministry",
        "Iran's foreign minister",
        "the Maltese health department",
        "the Kyrgyz foreign minister",
        "the Welsh education minister",
        "shadow health secretary",
        "Scottish Government health department",
        "meeting of foreign ministers",
        "the Met Office",
        "schools in Wales",
        "mod costs",
        "a ho hum day",
        "Prime Minister's Questions",
    ],
)
def test_what_is_no_answering_body(text):
    assert named(text) == []


def test_each_body_of_a_question_once_and_in_order():
    assert [key for _, key, _ in named("talks of DCMS with the Home Office and HM Treasury")] == ["dcms", "home", "hmt"]
