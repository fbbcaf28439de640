"""Units of answers: what they are and what they lean on, on texts of real answers."""

import pytest

from rag.text.segments import SegmentKind, leans, units_of

TABLE = """The table below shows the number of complaints received by the RPA over the last 5 years.

| Year | Number of Complaints Received* |
| --- | --- |
| 2023 / 2024 | 349 |
| 2024 / 2025 | 322 |

*Between 01/04 and 31/03 of each year."""

LIST = """Their allocations from the first £25 million tranche of funding are as follows:

- £158,301 for Rowcroft, a Torbay and South Devon hospice;
- £180,911 for Hospiscare in Exeter. It serves mid and east Devon.

We will write to the others."""


def shape(answer):
    return [(unit.kind, unit.needs, unit.whole) for unit in units_of(answer)]


def test_units_are_ranges_of_the_answer():
    for answer in (TABLE, LIST):
        assert [answer[unit.start : unit.end] for unit in units_of(answer)] == [u.text for u in units_of(answer)]


def test_rows_need_the_head_of_their_table_and_the_rule_is_no_unit():
    assert shape(TABLE) == [
        (SegmentKind.SENTENCE, (), True),
        (SegmentKind.HEAD, (), True),
        (SegmentKind.ROW, (1,), True),
        (SegmentKind.ROW, (1,), True),
        (SegmentKind.IDLE, (), True),
    ]


def test_items_need_the_line_that_opens_their_list_and_sentences_in_an_item_need_the_item():
    assert shape("We have agreed them. " + LIST.replace("Their", "The")) == [
        (SegmentKind.SENTENCE, (), True),
        (SegmentKind.OPENER, (), True),
        (SegmentKind.ITEM, (1,), True),
        (SegmentKind.ITEM, (1,), True),
        (SegmentKind.SENTENCE, (1, 3), True),
        (SegmentKind.SENTENCE, (), True),
    ]


def test_entries_without_marks_are_items():
    answer = "The following authorities were paid:\nCheshire East Council\nMedway Council"
    assert [kind for kind, _, _ in shape(answer)] == [SegmentKind.OPENER, SegmentKind.ITEM, SegmentKind.ITEM]


def test_a_sentence_brings_the_chain_that_it_leans_on_but_not_a_longer_one():
    answer = (
        "I am committed to looking into questions around medical records. That is why I have commissioned officials "
        "to look into it. This is a priority. However, it will take time. These records are old."
    )
    assert shape(answer) == [
        (SegmentKind.SENTENCE, (), True),
        (SegmentKind.SENTENCE, (0,), True),
        (SegmentKind.SENTENCE, (0, 1), True),
        (SegmentKind.SENTENCE, (), False),
        (SegmentKind.SENTENCE, (), False),
    ]


def test_what_leans_on_a_table_cannot_be_quoted():
    answer = "| a | b |\n| --- | --- |\n| 1 | 2 |\n\nThese figures exclude Wales."
    assert shape(answer)[-1] == (SegmentKind.SENTENCE, (), False)


@pytest.mark.parametrize(
    ("text", "on_question"),
    [
        ("Yes.", True),
        ("No, there are no plans to delay implementation.", True),
        ("This is a matter for Ofwat.", True),
        ("The Government has no plans to do so.", False),
        ("It is for councils to decide how to spend it.", False),
    ],
)
def test_the_first_sentence_may_lean_on_the_question(text, on_question):
    assert units_of(f"{text} Guidance was published in May.")[0].on_question is on_question


@pytest.mark.parametrize(
    "text",
    [
        "This will help all trusts.",
        "These were:",
        "It will help the industry adapt in the short-medium term.",
        "They will be more empowered.",
        "However, industry evidence suggests that the games sector is resilient.",
        "Additionally, we are supporting industry professionals.",
        "As part of this work, we are engaging with retailers.",
        "Under these proposals, stalled projects would be removed.",
        "Their role does not encompass the monitoring of cancer.",
        "In addition, UK officials have engaged with the panel.",
        "That is why the government introduced the Act.",
    ],
)
def test_leaning_sentences_are_told(text):
    assert leans(text)


@pytest.mark.parametrize(
    "text",
    [
        "This Government is committed to public libraries.",
        "This year, 903 farmers were invited.",
        "It is important that we learn the lessons from every report.",
        "It is the responsibility of schools to manage safety.",
        "In addition to the £1bn for decarbonisation, the Department has made loans.",
        "Neither Tata Steel nor British Steel are critical suppliers.",
        "Factors such as being on operations can support a claim.",
        "Her Majesty's Government reduced the estimate.",
        "Both Houses agreed.",
        "The first phase of the scheme opened in May.",
    ],
)
def test_sentences_that_stand_alone_are_told(text):
    assert not leans(text)


@pytest.mark.parametrize(
    "text",
    [
        "I thank the hon. Member for his question.",
        "I am grateful to my noble friend for raising this.",
        "holding answer 28 October 2009",
        "https://www.gov.uk/government/publications/government-car-service",
        "Source:",
        "*Between 01/04 and 31/03 of each year.",
    ],
)
def test_courtesies_and_bare_addresses_are_never_quoted(text):
    assert units_of(f"{text}\n\nThe scheme opened in May.")[0].kind is SegmentKind.IDLE
