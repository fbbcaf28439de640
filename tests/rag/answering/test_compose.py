"""Answers composed from hits: which sentences, in whose words, with which citations."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from index.records import House, Member, Speaker, WrittenAnswer
from index.text.status import status_of
from rag.answering.compose import compose, verified
from rag.answering.reading import judged
from rag.query.understand import Understood
from rag.retrieval.reader import Reader
from rag.retrieval.retriever import Hit

READER = Reader()


def record(name, answer, question="what is being done?", **facts):
    usual = {"department": "Home Office", "answered": date(2025, 3, 3), "house": House.COMMONS}
    return WrittenAnswer(
        **usual | {"id": name, "question": f"To ask the Secretary of State, {question}"} | facts, answer=answer
    )


def hits_of(*records, also=None):
    return [
        Hit(
            rank=rank,
            record=one,
            status=status_of(one),
            score=1.0 - 0.1 * rank,
            start=0,
            end=len(one.answer),
            also_given_to=(also or {}).get(one.id, ()),
            features={"dense": 0.6},
        )
        for rank, one in enumerate(records, start=1)
    ]


def ask(query, *records, parts=(), also=None):
    hits = judged(hits_of(*records, also=also), query, READER)
    return compose(Understood(text=query, query=query, parts=parts), hits, READER)


def quoted(composed):
    return [sentence.text for sentence in composed.sentences if sentence.verbatim]


def ours(composed):
    return [sentence.text for sentence in composed.sentences if not sentence.verbatim]


# From an answer of 2025 on mobile coverage, shortened.
COVERAGE = record(
    "coverage",
    "I thank the hon. Member for his question. The government wants all areas of the UK to benefit from good quality "
    "mobile coverage. According to Ofcom, 99% of the Bolton West constituency has 4G coverage from all four operators. "
    "We work closely with industry and are committed to investment. Further information is published on the website.",
    question="what steps he is taking to improve mobile signal in Bolton West.",
    answered_by=Member(name="Chris Bryant"),
    department="Department for Science, Innovation and Technology",
)
COMPLAINTS = record(
    "complaints",
    "The RPA administers a wide range of services. Performance is reported each year in the accounts.\n\n"
    "| Year | Complaints received |\n| --- | --- |\n| 2022 / 2023 | 440 |\n| 2023 / 2024 | 349 |\n| 2024 / 2025 | 322 |",
    question="how many complaints the Rural Payments Agency received in each of the last three years.",
)
WINTER = record(
    "winter",
    "The Department issued guidance on winter fuel depots. It covers storage of winter fuel at depots in every county.",
    question="what guidance has been issued on winter fuel.",
)


def test_the_sentence_that_gives_the_figure_is_quoted_under_who_said_it_and_when():
    composed = ask("what share of Bolton West has 4G coverage from all four operators", COVERAGE)
    sentence = "According to Ofcom, 99% of the Bolton West constituency has 4G coverage from all four operators."
    assert sentence in quoted(composed)
    assert composed.sentences[0].text == (
        "On 3 March 2025 Chris Bryant, for the Department for Science, Innovation and Technology, said:"
    )
    assert not composed.sentences[0].verbatim and composed.sentences[0].citations
    citation = composed.citations[[s.text for s in composed.sentences].index(sentence) - 1]
    assert (citation.record_id, citation.quote) == ("coverage", sentence)
    assert COVERAGE.answer[citation.start : citation.end] == sentence


def test_courtesy_and_pointers_are_left_out():
    said = " ".join(quoted(ask("what share of Bolton West has 4G coverage", COVERAGE)))
    assert "I thank" not in said and "published on the website" not in said


def test_a_cell_is_quoted_with_its_row_and_the_head_of_its_table_before_it():
    composed = ask("how many complaints did the RPA get in 2023 / 2024", COMPLAINTS)
    assert quoted(composed)[-2:] == ["| Year | Complaints received |", "| 2023 / 2024 | 349 |"]


def test_a_table_of_which_no_row_is_singled_out_is_quoted_whole():
    composed = ask("number of complaints received by the payments agency every year", COMPLAINTS)
    assert "| 2022 / 2023 | 440 |\n| 2023 / 2024 | 349 |\n| 2024 / 2025 | 322 |" in quoted(composed)


def test_of_a_table_with_two_rows_both_are_quoted():
    table = "| Year | Complaints received |\n| --- | --- |\n| 2022 / 2023 | 440 |\n| 2023 / 2024 | 349 |"
    composed = ask("how many complaints did the RPA get in 2023 / 2024", replace(COMPLAINTS, answer=table))
    assert " ".join(quoted(composed)).endswith("| 2022 / 2023 | 440 |\n| 2023 / 2024 | 349 |")


def test_a_line_that_announces_a_table_is_not_shown_without_it():
    line = "The table below shows how many complaints were received."
    table = "\n".join(
        ("| Year | Complaints |", "| --- | --- |", *(f"| {year} | {year - 1900} |" for year in range(1980, 2025)))
    )
    composed = ask("how many complaints were received", replace(COMPLAINTS, answer=f"{line}\n\n{table}"))
    shown = quoted(composed)
    assert shown[:2] == [line, "| Year | Complaints |"] and len(shown) > 2


def test_no_table_that_is_announced_is_shown_without_that_where_there_is_no_room_for_both():
    table = "| Trust | 2023/24 | 2024/25 |\n| --- | --- | --- |\n| Chesterfield | {} | 134 |\n| Derbyshire | {} | 214 |"
    about = (
        "between a referral and the {} for people aged under 18 years old who are supported by mental health services"
    )
    both = record(
        "both",
        f"The following table shows the median waiting time in days {about.format('end of the year')}, for each trust, "
        f"in each of the two years, as far as they are known to NHS England and were reported by them in time:\n\n"
        f"{table.format(323, 165)}\n\nThe following table shows the median waiting time in days "
        f"{about.format('first contact')}, for each trust, in each of the two years, as far as they are known to NHS "
        f"England and were reported by them in time:\n\n{table.format(330, 34)}",
    )
    shown = quoted(ask("how long do young people wait for mental health services at each trust", both))
    heads = [place for place, text in enumerate(shown) if text.startswith("| Trust")]
    assert heads and all(shown[place - 1].startswith("The following table shows") for place in heads)


def test_of_a_table_shown_in_part_it_is_said_how_much_is_shown():
    composed = ask("how many complaints did the RPA get in 2023 / 2024", COMPLAINTS)
    last = composed.sentences[-1]
    assert (last.text, last.verbatim) == ("(1 of 3 rows of this table is shown.)", False)
    assert composed.citations[last.citations[0] - 1].record_id == "complaints"
    whole = ask("number of complaints received by the payments agency every year", COMPLAINTS)
    assert not any("shown" in line for line in ours(whole))


def test_a_sentence_that_leans_on_another_brings_it():
    composed = ask("storage of winter fuel at depots in every county", WINTER)
    assert quoted(composed) == [
        "The Department issued guidance on winter fuel depots.",
        "It covers storage of winter fuel at depots in every county.",
    ]


def test_a_yes_is_told_with_the_question_that_it_answers():
    answer = record("yes", "Yes. Ofwat accepted it in August 2024.", question="whether Ofwat accepted the undertaking.")
    composed = ask("has Ofwat accepted the undertaking? yes or no", answer)
    assert "Yes." not in quoted(composed) or "asked “whether Ofwat accepted the undertaking”" in ours(composed)[0]


def test_the_same_sentence_elsewhere_is_a_further_citation_of_the_first():
    sentence = "The Government supports a moratorium on deep sea mining by the Authority."
    one = record("one", f"{sentence} Guidance for divers was published in June.")
    two = record("two", f"Minerals were discussed in Kingston. {sentence}")
    composed = ask("does the government support a moratorium on deep sea mining", one, two)
    (quote,) = [s for s in composed.sentences if s.text == sentence]
    cited = [composed.citations[number - 1] for number in quote.citations]
    assert [(c.record_id, c.quote) for c in cited] == [("one", sentence), ("two", sentence)]


def test_citations_are_numbered_in_order_of_appearance():
    composed = ask("winter fuel depots and 4G coverage of Bolton West", WINTER, COVERAGE, COMPLAINTS)
    order = list(dict.fromkeys(n for s in composed.sentences for n in s.citations))
    assert order == [c.n for c in composed.citations] == list(range(1, len(order) + 1))


COST = "The information requested could only be obtained at disproportionate cost."


def test_where_it_was_not_given_we_say_who_was_asked_what_when_and_why_not():
    asked = "how many vehicles the department leases."
    composed = ask("how many vehicles does the department lease", record("one", COST, question=asked))
    assert ours(composed) == [
        "The Home Office was asked “how many vehicles the department leases” and, on 3 March 2025, did not give this: "
        "it said that the information could only be obtained at disproportionate cost:"
    ]
    assert quoted(composed) == [COST]
    assert not composed.substantive and composed.covered == (False,)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ({"tabled": date(2025, 2, 27)}, "was asked, on 27 February 2025, “how many it leases” and did not give this"),
        ({"month": "2025-02"}, "was asked, in February 2025, “how many it leases” and did not give this"),
        ({}, "was asked “how many it leases” and, on 3 March 2025, did not give this"),
        ({"answered": None}, "was asked “how many it leases” and did not give this"),
    ],
)
def test_the_day_of_a_refused_question_is_that_of_tabling_and_the_day_of_the_answer_is_called_so(days, told):
    composed = ask("how many vehicles does it lease", record("one", COST, question="how many it leases.", **days))
    assert ours(composed)[0].startswith(f"The Home Office {told}: ")


def test_an_answer_is_called_a_holding_one_by_the_record_where_its_text_puts_nothing_off():
    full = record("one", "The department leases 288 vehicles.", question="how many it leases.", holding=True)
    promised = replace(full, answer="It will not be possible to answer this question within the usual time period. "
                       "An answer is being prepared and will be provided as soon as it is available.")  # fmt: skip
    said = [ours(ask("how many vehicles does it lease", one))[0] for one in (full, promised)]
    asked = "The Home Office was asked “how many it leases” and, on 3 March 2025,"
    assert said == [
        f"{asked} gave what the record marks as a holding answer:",
        f"{asked} did not give this: it gave a holding answer:",
    ]


def test_a_question_that_the_record_does_not_hold_is_not_quoted():
    composed = ask("how many vehicles does it lease", replace(record("one", COST), question=""))
    assert ours(composed)[0].startswith("The Home Office was asked a question that is not on record and, on 3 March")


def test_a_refusal_does_not_lead_where_an_answer_was_given():
    asked = "how many vehicles the department leases."
    refused = record("refused", COST, question=asked)
    given = record("given", "The department leases 288 vehicles. They are electric.", question=asked)
    composed = ask("how many vehicles does the department lease", refused, given)
    assert composed.citations[0].record_id == "given" and composed.substantive
    assert COST not in quoted(composed)


def test_corrections_and_clipped_texts_are_noted():
    changed = replace(
        COVERAGE,
        corrected=True,
        corrected_on=date(2025, 3, 9),
        original_answer=COVERAGE.answer.replace("99%", "89%"),
        truncated=True,
    )
    composed = ask("what share of Bolton West has 4G coverage", changed)
    assert composed.notes == (
        "The answer cited as [1] was corrected on 9 March 2025: “89%” became “99%”.",
        "Only the beginning of the answer cited as [1] is known: more was said than is shown here.",
    )


def test_each_part_is_answered_by_its_own_sentences_or_said_to_be_missing():
    parts = ("how many complaints did the RPA get in 2022 / 2023", "qualifications of astronauts")
    composed = ask(" and ".join(parts), COMPLAINTS, parts=parts)
    assert composed.covered == (True, False)
    assert [s.text for s in composed.sentences if s.part == 0 and s.verbatim][:2] == [
        "| Year | Complaints received |",
        "| 2022 / 2023 | 440 |",
    ]
    assert [s.text for s in composed.sentences if s.part == 1] == [
        "No answer found for this part: “qualifications of astronauts”."
    ]


def test_the_nearest_answer_is_called_so_where_it_begins_not_where_a_part_has_none():
    parts = ("qualifications of astronauts", "how many complaints did the RPA get in 2022 / 2023")
    query = " and ".join(parts)
    hits = judged(hits_of(COMPLAINTS), query, READER)
    composed = compose(Understood(text=query, query=query, parts=parts), hits, READER, sure=False)
    missing, introduced = ours(composed)[:2]
    assert missing == "No answer found for this part: “qualifications of astronauts”."
    assert introduced.startswith("The nearest answer found: ") and "no answer" not in introduced


def test_several_nearest_answers_are_called_so_where_several_are_quoted_not_only_cited():
    query = "what share of Bolton West has 4G coverage from all four operators"
    copy = replace(COVERAGE, id="copy", answer=COVERAGE.answer.replace("good quality", "high quality"))
    other = replace(COVERAGE, id="other", answer="In Bolton West 98% of homes get 4G coverage from all four operators.")
    found = {}
    for second in (copy, other):
        composed = compose(
            Understood(text=query, query=query), judged(hits_of(COVERAGE, second), query, READER), READER, sure=False
        )
        cited = {citation.record_id for citation in composed.citations}
        found[second.id] = (second.id in cited, ours(composed)[0].startswith("The nearest answers found:"))
    assert found == {"copy": (True, False), "other": (True, True)}


def test_where_no_part_is_answered_for_itself_the_question_is_answered_as_one():
    parts = ("how many astronauts are Welsh", "what do dragons eat")
    composed, whole = (ask(" and ".join(parts), COMPLAINTS, parts=given) for given in (parts, ()))
    assert composed == whole and composed.sentences


def test_the_sentence_that_answers_is_marked_and_at_most_one_more():
    composed = ask("what share of Bolton West has 4G coverage from all four operators", COVERAGE)
    keys = [sentence for sentence in composed.sentences if sentence.key]
    assert 1 <= len(keys) <= 2 and all(key.verbatim for key in keys)
    assert any(key.text.startswith("According to Ofcom, 99%") for key in keys)
    long = replace(COVERAGE, answer=COVERAGE.answer + " More will follow on masts in every county." * 40)
    assert 1 <= sum(sentence.key for sentence in ask("4G coverage and masts in Bolton West", long).sentences) <= 2


def test_no_hits_give_no_answer():
    composed = ask("anything at all")
    assert (composed.sentences, composed.citations, composed.substantive) == ((), (), False)


def test_what_does_not_stand_in_the_record_is_dropped_and_the_rest_numbered_again():
    composed = ask("winter fuel depots and 4G coverage of Bolton West", WINTER, COVERAGE)
    changed = replace(WINTER, answer=WINTER.answer.replace("storage of", "storing"))
    sentences, citations = verified(composed.sentences, composed.citations, hits_of(changed, COVERAGE))
    assert len(citations) < len(composed.citations)
    assert [c.n for c in citations] == list(range(1, len(citations) + 1))
    assert all("storage" not in sentence.text for sentence in sentences)
    for sentence in sentences:
        assert not sentence.verbatim or citations[sentence.citations[0] - 1].quote == sentence.text


ANSWERS = some.lists(
    some.sampled_from(
        [
            "The Government published 12 plans in May 2024.",
            "This will help.",
            "However, no assessment has been made.",
            "The following bodies were paid:\n- one\n- two; and\n- three",
            "| Year | Cost |\n| --- | --- |\n| 2023 | £5 |\n| 2024 | £6 |",
            "I thank the hon. Member.",
            "https://www.gov.uk/plans",
            "The information is not held centrally.",
            "No.",
            "\u200b",
        ]
    ),
    max_size=6,
).map("\n\n".join)


@settings(max_examples=40, deadline=None)
@given(
    answers=some.lists(ANSWERS, min_size=1, max_size=4), query=some.sampled_from(["how many plans", "cost 2024", "?"])
)
def test_whatever_comes_every_quotation_stands_in_its_record(answers, query):
    records = {f"r{n}": record(f"r{n}", answer) for n, answer in enumerate(answers)}
    composed = ask(query, *records.values())
    for sentence in composed.sentences:
        if sentence.verbatim:
            citation = composed.citations[sentence.citations[0] - 1]
            source = records[citation.record_id].answer
            assert sentence.text == citation.quote == source[citation.start : citation.end] != ""
    assert all(1 <= n <= len(composed.citations) for s in composed.sentences for n in s.citations)


def in_parts(*records, log_odds):
    """Return the answer to a question of two parts, to all of which each record answers with these log-odds."""
    query = "4G coverage of homes in Bolton"
    parts = ("how many homes in Bolton had 4G coverage", "when had homes in Bolton 4G coverage")
    hits = [hit.read_as(log_odds) for hit in hits_of(*records)]
    return compose(Understood(text=query, query=query, parts=parts), hits, READER)


def test_parts_are_not_answered_apart_where_one_answer_is_likely_to_answer_all():
    one = record("one", "Ofcom says that 99% of homes in Bolton had 4G coverage from all operators in March 2025.")
    composed = in_parts(one, log_odds=2.0)
    assert quoted(composed) == [one.answer]
    assert {sentence.part for sentence in composed.sentences} == {None} and composed.covered == (True,)


def test_a_part_whose_sentence_was_shown_for_an_earlier_part_points_to_it():
    one = record("one", "Ofcom says that 99% of homes in Bolton had 4G coverage from all operators in March 2025.")
    composed = in_parts(one, log_odds=0.0)
    assert quoted(composed) == [one.answer]
    assert composed.sentences[-1].text == "This part is answered above."
    assert composed.sentences[-1].citations == (1,)
    assert [sentence.part for sentence in composed.sentences if sentence.text == one.answer] == [0]


def test_what_another_minister_said_is_quoted_under_that_minister_s_name():
    answer = (
        "We sold 12 gobstoppers at home.\n\nChris Other\n\nA further 30 gobstoppers were sold abroad by my Department."
    )
    both = record(
        "both", answer, question="how many gobstoppers were sold.", answered_by=Member(name="Alex Minister"),
        speakers=(Speaker(start=answer.index("Chris"), member=Member(name="Chris Other")),),
    )  # fmt: skip
    composed = ask("how many gobstoppers were sold at home and abroad", both)
    said = {sentence.text: composed.citations[sentence.citations[0] - 1] for sentence in composed.sentences}
    assert said["A further 30 gobstoppers were sold abroad by my Department."].minister == "Chris Other"
    assert "Chris Other" not in quoted(composed)
    texts = [sentence.text for sentence in composed.sentences]
    assert "Chris Other" in texts[texts.index("A further 30 gobstoppers were sold abroad by my Department.") - 1]
    if "We sold 12 gobstoppers at home." in texts:
        assert "Alex Minister" in texts[texts.index("We sold 12 gobstoppers at home.") - 1]
