"""Figures and dates in many spellings against values worked out by hand."""

from decimal import Decimal

import pytest

from rag.text.quantities import Quantity, QuantityKind, facts, plain, stated


def keys(text):
    return [fact.key for fact in facts(plain(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("£1.2 million", ("£", 1_200_000)),
        ("£1.2m", ("£", 1_200_000)),
        ("£ 1,200,000", ("£", 1_200_000)),
        ("1.2 million pounds", ("£", 1_200_000)),
        ("£1,200 thousand", ("£", 1_200_000)),
        ("a million pounds", ("£", 1_000_000)),
        ("£5bn", ("£", 5_000_000_000)),
        ("€3.5 billion", ("€", 3_500_000_000)),
        ("14p", ("pence", 14)),
        ("1 200 000 homes", ("number", 1_200_000)),
        ("1\u202f200 homes", ("number", 1_200)),
        ("１２ homes", ("number", 12)),
        ("١٢ homes", ("number", 12)),
        ("twelve homes", ("number", 12)),
        ("twenty-one homes", ("number", 21)),
        ("two hundred and five thousand homes", ("number", 205_000)),
        ("three dozen homes", ("number", 36)),
        ("12%", ("%", 12)),
        ("12.5 per cent", ("%", Decimal("12.5"))),
        ("twelve percent", ("%", 12)),
        ("12 percentage points", ("points", 12)),
        ("a change of -5%", ("%", -5)),
        ("minus 5 per cent", ("%", -5)),
        ("the 21st century", ("nth", 21)),
        ("a third of them", ("nth", 3)),
        ("half of them", ("part", 2)),
        ("it doubled", ("times", 2)),
        ("hundreds of them", ("vague", "hundred")),
        ("26 September 2023", ("day", 2023, 9, 26)),
        ("26th of September, 2023", ("day", 2023, 9, 26)),
        ("September 26, 2023", ("day", 2023, 9, 26)),
        ("26/09/2023", ("day", 2023, 9, 26)),
        ("26.9.23", ("day", 2023, 9, 26)),
        ("2023-09-26", ("day", 2023, 9, 26)),
        ("26 Sept", ("day", None, 9, 26)),
        ("September 2023", ("day", 2023, 9, None)),
        ("since September", ("day", None, 9, None)),
        ("Q2 2025", ("months", 2025, 4, 2025, 6)),
        ("the second quarter of 2025", ("months", 2025, 4, 2025, 6)),
        ("FY24/25", ("years", 2024, 2025)),
        ("2022-23", ("years", 2022, 2023)),
        ("2022/2023", ("years", 2022, 2023)),
        ("1999–2000", ("years", 1999, 2000)),
        ("the 1990s", ("decade", 1990)),
        ("in 2023", ("year", 2023)),
        ("2,023 homes", ("number", 2_023)),
        ("£2023", ("£", 2_023)),
    ],
)
def test_a_figure_or_date_is_read_in_any_spelling(text, expected):
    assert keys(text) == [expected]


@pytest.mark.parametrize("text", ["one of them", "it may march on", "First, homes. Second, roads.", "A14", "HL3811"])
def test_what_is_no_figure_is_left_alone(text):
    assert keys(text) == []


def test_several_facts_are_found_at_their_places():
    text = "In 2023, 12 of 30 prisons (40%) got £5m."
    found = [(text[fact.start : fact.end], fact.kind) for fact in facts(text)]
    assert found == [
        ("2023", QuantityKind.DATE),
        ("12", QuantityKind.FIGURE),
        ("30", QuantityKind.FIGURE),
        ("40%", QuantityKind.FIGURE),
        ("£5m", QuantityKind.FIGURE),
    ]


def test_each_end_of_a_range_of_days_is_a_date():
    assert keys("between 1 and 5 May 2024") == [("day", 2024, 5, 1), ("day", 2024, 5, 5)]


def test_a_number_too_long_to_count_is_compared_as_it_is_spelled():
    assert keys("9" * 5_000 + "th") == [("nth", "9" * 5_000)]


@pytest.mark.parametrize(
    ("text", "told", "holds"),
    [
        ("on 26 September 2023", "September 2023", True),
        ("on 26 September 2023", "26 September", True),
        ("on 26 September 2023", "in 2023", True),
        ("in September 2023", "26 September 2023", False),
        ("on 26 September", "26 September 2023", False),
        ("on 26 September 2023", "26 homes", False),
        ("26 homes in September 2023", "26 September 2023", False),
        ("in 2022-23", "in 2023", True),
        ("from 2022 to 2023", "2022/23", True),
        ("in Q2 2025", "the second quarter of 2025", True),
        ("in Q2 2025", "in 2025", True),
        ("in 2025", "in Q2 2025", False),
        ("between 1 and 5 May 2024", "1 May 2024", True),
        ("between 1 and 5 May 2024", "1 June 2024", False),
        ("in 2022 and in 2023", "2022/23", False),
        ("between 10 and 12 per cent", "10%", True),
        ("10-12%", "10 per cent", True),
        ("£10 to £12 million", "£10 million", True),
        ("£10 and 12 million homes", "£12 million", False),
        ("£500", "500", False),
        ("500", "£500", False),
        ("12 homes", "12%", False),
        ("2000 homes", "in 2000", True),
    ],
)
def test_what_a_text_states_is_compared_by_value_and_unit(text, told, holds):
    (fact,) = facts(plain(told))
    assert stated(plain(text)).holds(fact) is holds


def test_facts_are_values():
    assert facts("12 homes") == [Quantity(0, 2, QuantityKind.FIGURE, ("number", Decimal(12)))]


def test_plain_text_has_one_sign_of_each_kind():
    assert plain("“it’s” ‑ 1\u00a0–\u20092\u200b…\ud800") == '"it\'s" - 1 - 2...'
