"""Questions with several needs, split by hand."""

import pytest

from rag.query.decompose import split


@pytest.mark.parametrize(
    "query, parts",
    [
        (
            "what is in the £270m Arts Everywhere pot and who can apply for the building repairs part",
            ("what is in the £270m Arts Everywhere pot", "who can apply for the building repairs part"),
        ),
        (
            "did the energy deal with Beijing say anything about forced labour, and will it be published",
            ("did the energy deal with Beijing say anything about forced labour",
             "will it be published (the energy deal with Beijing)"),
        ),
        (
            "youth guarantee: when does the gateway start and how many youngsters will be given a job?",
            ("youth guarantee: when does the gateway start",
             "youth guarantee: how many youngsters will be given a job"),
        ),
        (
            "in Northern Ireland does tax on private school fees hit pupils, and how much will it raise there?",
            ("in Northern Ireland does tax on private school fees hit pupils",
             "how much will it raise there (tax on private school fees, Northern Ireland)"),
        ),
        (
            "What is the Water Fund spending and where did it come from?",
            ("What is the Water Fund spending", "where did it come from (the Water Fund spending)"),
        ),
        (
            "annual public research spend on breast cancer and number of lobular studies supported",
            ("annual public research spend on breast cancer", "number of lobular studies supported"),
        ),
        (
            "how many (a) men and (b) women were arrested in 2024",
            ("how many men were arrested in 2024", "how many women were arrested in 2024"),
        ),
        (
            "what the impact is on (a) emissions and (b) the (i) viability and (ii) growth of steel firms",
            ("what the impact is on emissions", "what the impact is on the viability and growth of steel firms"),
        ),
        (
            "how many visas a) his Department, b) the Nuclear Authority and c) Ofgem have sponsored since 2024",
            ("how many visas his Department have sponsored since 2024",
             "how many visas the Nuclear Authority have sponsored since 2024",
             "how many visas Ofgem have sponsored since 2024"),
        ),
        ("Is rail fare evasion rising? What is the fine?",
         ("Is rail fare evasion rising", "What is the fine (rail fare evasion rising)")),
    ],
)  # fmt: skip
def test_parts_stand_alone(query, parts):
    assert split(query) == parts


@pytest.mark.parametrize(
    "query",
    [
        "where and when was the bridge built",
        "when was the Clewer Initiative launched, and by whom",
        "how and why do people who smoke and who drink get ill",
        "mum spent 20 hours on a trolley and will they own up how often that happens",
        "phone firms promised no surprises on my bill; what happens",
        "Poole and Bournemouth hospital admissions",
        "EPR small business exemption",
        "children who are in care and are waiting for a place",
        "section 1(a) of the Act",
        "",
    ],
)
def test_a_single_need_has_no_parts(query):
    assert split(query) == ()


def test_a_long_list_of_cases_is_one_need():
    assert split("how much was spent on " + ", ".join(f"({c}) item {c}" for c in "abcdefgh")) == ()
