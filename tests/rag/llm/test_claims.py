"""Orders to machines are told from what ministers write; names, quotations and denials from ordinary words."""

import pytest

from rag.llm.claims import clauses, contradicted, instructs, links, name_index, names, quoted_spans, verbatim

# Sentences of real answers that come near to an order.
MINISTERS = (
    "The Government’s message is clear – if you need to use wet wipes, dispose of them in the bin, not the toilet.",
    "Nor do they override planning rules and regulations which operate separately from the licensing regime.",
    "Please note that the policy for performance management has changed over time.",
    "Use of restraint is closely monitored in the youth secure estate.",
    "State education is accessible to all children.",
    "A second programme, Tell Us Once, lets people report a death.",
    "Large language models and the risk of prompt injection are considered by the AI Security Institute.",
    "A teaching assistant, who helps in class, may apply. Assistants will be told that they must say so.",
    "I refer the hon. Member to my previous answer, and ask that she write to me.",
    "This will help realise the UK’s full potential as an AI superpower.",
    "The topics are designed to collate and summarise all the guidance on restless legs.",
    "The Royal National Institute of Blind People (RNIB) claim that less than 5 per cent. of books are available.",
    "The user of a service should be told how to complain.",
)


@pytest.mark.parametrize("text", MINISTERS)
def test_what_ministers_write_is_no_order_to_a_machine(text):
    assert not instructs(text)


def found(text, known=frozenset()):
    return names(text, known)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Home Office and Lord Sharpe of Epsom agreed.", ["Home Office", "Lord Sharpe of Epsom"]),
        ("In England, the Secretary of State for Health spoke.", ["England", "Secretary of State for Health"]),
        ("Most of Wales is covered.", ["Wales"]),
        ("Minister of State Smith spoke.", ["Minister of State Smith"]),
        ("The Government told Parliament.", []),
        ("HM Government’s plan".replace("’", "'"), []),
        ("Ofsted's report on eVisas and the A14.", ["Ofsted", "eVisas", "A14"]),
        ('He said: "We will act."', []),
        ("Москва is a city.", ["Москва"]),
    ],
)
def test_names_are_found_in_their_longest_form(text, expected):
    assert found(text) == expected


def test_a_word_that_the_records_write_small_is_no_name_where_a_sentence_begins_with_it():
    assert found("Hospitals get more.") == ["Hospitals"]
    assert found("Hospitals get more.", frozenset({"hospitals"})) == []
    assert found("More for Hospitals.", frozenset({"hospitals"})) == ["Hospitals"]


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("Lord Sharpe", True),
        ("Lord Sharpe of Epsom", True),
        ("Sharpe of Bath", False),
        ("Epsom Downs", False),
        ("NHS Trusts", True),
        ("DWP", True),
        ("MHCLG", True),
        ("MoJ", False),
        ("Bath", False),
        ("Net Zero", True),
    ],
)
def test_a_name_must_stand_in_one_piece_or_as_its_initials(name, holds):
    index = name_index(
        [
            "Lord Sharpe of Epsom, of the Department for Work and Pensions, had a bath. Downs are near an NHS Trust.",
            "Ministry of Housing, Communities and Local Government; net zero. Ministry. Of Justice.",
        ]
    )
    assert index.holds(name) is holds


def test_quotation_marks_are_paired_and_apostrophes_left_alone():
    line = "The ministers’ “first aim”, it's said, is 'no delay' for \"Lords"
    assert [line[a:b] for a, b in quoted_spans(line)] == ["first aim", "Lords", "no delay"]


@pytest.mark.parametrize(
    ("quotation", "holds"),
    [
        ("no plans to ban", True),
        ("No plans to ban", False),
        ("plans to ban racing.", True),
        ("no plans ... racing", True),
        ("racing ... no plans", False),
        ("lans to ban", False),
        ("no plans to b", False),
        ("", True),
    ],
)
def test_a_quotation_is_compared_sign_by_sign(quotation, holds):
    assert verbatim(quotation, ["There are no plans to ban racing, now."]) is holds


def test_links_and_tags_are_found():
    assert links("See https://a.b/c?d=e. Or www.x.org, <script>x</script> a < b") == [
        "https://a.b/c?d=e",
        "www.x.org",
        "<script>",
        "</script>",
    ]


BAN = "There is no plan to ban racing"


@pytest.mark.parametrize(
    ("said", "source", "wrong"),
    [
        ("The Government will ban racing", "The Government will not ban racing.", True),
        ("The Government will not ban racing", "The Government will ban racing.", True),
        ("There are no plans to ban racing", "The Government has no plans to ban greyhound racing.", False),
        ("Greyhound welfare is kept under review", f"{BAN}, but welfare is kept under review.", False),
        ("Greyhound welfare is not kept under review", f"{BAN}, but welfare is kept under review.", True),
        ("Data on racing, published in May, is held", "Data on racing, published in May, is not held.", True),
        ("It is investing £176,345 over time", "It is not investing £176,345 over time.", True),
        ("Racing, which has been banned", "Racing, which has not been banned.", True),
        ("Not only racing will be reviewed", "Racing will be reviewed.", False),
        ("Prison numbers rose sharply", "Prison numbers fell sharply.", True),
        ("Prison numbers fell sharply", "Prison numbers fell sharply while costs rose.", False),
        ("Prison officers were not trained abroad", "The weather was fine in every region.", False),
    ],
)  # fmt: skip
def test_denials_and_reversals_are_told_from_agreement(said, source, wrong):
    assert contradicted(said, clauses(source)) is wrong


def test_what_an_and_joins_inside_a_denial_is_denied_with_it():
    said = "The Government has no plans to make fire and rescue services statutory consultees on battery storage."
    evidence = clauses("The Government has no plans to make these bodies statutory consultees on battery storage.")
    assert not contradicted(said, evidence)
    affirmed = "The Government plans to make fire and rescue services statutory consultees on battery storage."
    assert contradicted(affirmed, evidence)
