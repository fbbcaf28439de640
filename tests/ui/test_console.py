"""What the command line prints of a reply."""

from dataclasses import replace

import pytest

from index import Status
from rag import Basis, GatedSentence, Hit, Sentence, ShortAnswer, cite
from rag.llm.grounding import Strike
from rag.llm.writer import Draft
from ui.console import print_hit, print_reply, progress_bar


def printed(capsys, *arguments):
    print_reply(*arguments)
    return capsys.readouterr().out.splitlines()


def test_ministers_words_are_set_in_and_ours_stand_at_the_margin(capsys, records, reply, quote):
    one = quote(1, records["Cybercrime: International Cooperation"], "Cyber-crime is a global threat.")
    said = replace(reply(one), sentences=(
        Sentence(text="On 26 September 2023 Lord Sharpe of Epsom said:", citations=(1,), verbatim=False),
        Sentence(text="Cyber-crime is a global threat.", citations=(1,), verbatim=True),
    ))  # fmt: skip
    lines = printed(capsys, said)
    assert lines[:2] == [
        "On 26 September 2023 Lord Sharpe of Epsom said:",
        "  Cyber-crime is a global threat. [1]",
    ]
    assert lines[-1].endswith("Contains Parliamentary information licensed under the Open Parliament Licence v3.0.")


def test_a_short_answer_goes_before_what_it_is_taken_from(capsys, records, reply, quote):
    one = quote(1, records["Cybercrime: International Cooperation"], "Cyber-crime is a global threat.")
    short = ShortAnswer(text="a global threat", citation=1, start=one.start + 15, end=one.end - 1)
    said = replace(reply(one), short=(short,))
    assert printed(capsys, said)[:2] == ["In short: a global threat.", "  Cyber-crime is a global threat. [1]"]
    assert said.spoken[1:] == said.sentences


def test_a_figure_over_time_is_a_table_below_the_sources(capsys, records, reply, quote, drawn):
    one = quote(1, records["Cybercrime: International Cooperation"], "Cyber-crime is a global threat.")
    lines = printed(capsys, replace(reply(one), series=drawn))
    at = lines.index("A figure over time")
    assert lines[at + 1 : at + 5] == [
        "There were 900 of them.",
        "  1 March 2023  1,200  r2023",
        "  1 March 2024  1,350  r2024",
        "  1 March 2025  900  r2025",
    ]


def test_what_a_language_model_wrote_and_lost_is_shown_as_struck_with_why(capsys, records, reply, quote):
    one = quote(1, records["Cybercrime: International Cooperation"], "Cyber-crime is a global threat.")
    draft = Draft(
        (GatedSentence("It is global.", (1,), True), GatedSentence("It costs £9.", (1,), False, Strike.FIGURE, "£9")),
        "m",
    )
    said = replace(
        reply(one), sentences=(Sentence(text="It is global.", citations=(1,), verbatim=False),), written=draft,
        notes=(draft.note,),
    )  # fmt: skip
    lines = printed(capsys, said)
    assert lines[0] == "It is global. [1]"
    place = lines.index("Struck out of the language model's draft (not part of the answer):")
    assert lines[place + 1] == "  It costs £9.  [figure is not in the cited passage: £9]"
    assert "Note: Worded by the language model m and checked against the cited passages" in "\n".join(lines)


def test_under_a_sentence_in_other_words_is_the_ministers(capsys, records, reply, quote):
    one = quote(1, records["Cybercrime: International Cooperation"], "Cyber-crime is a global threat.")
    basis = Basis(1, one.start, one.end, one.quote)
    said = replace(reply(one), sentences=tuple(
        Sentence(text=text, citations=(1,), verbatim=False, basis=basis) for text in ("It is global.", one.quote)
    ))  # fmt: skip
    assert printed(capsys, said)[:4] == [
        "It is global. [1]",
        "  [1] “Cyber-crime is a global threat.”",
        "Cyber-crime is a global threat. [1]",
        "",
    ]


def test_sources_are_printed_in_the_style_asked_for(capsys, records, reply, quote):
    one = quote(1, records["Cybercrime: International Cooperation"], "Cyber-crime is a global threat.")
    assert any(line.startswith("[1] @misc{") for line in printed(capsys, reply(one), "bibtex"))


def test_signs_that_steer_a_terminal_are_not_printed(capsys, records, reply, quote):
    one = quote(1, records["Cybercrime: International Cooperation"], "Cyber-crime is a global threat.")
    said = replace(reply(one), sentences=(Sentence(text="a\x1b[31mb\u00a0c", citations=(1,), verbatim=True),))
    assert printed(capsys, said)[0] == "  a[31mb\u00a0c [1]"


def test_quotes_of_one_record_are_one_source_and_parts_have_their_heading(capsys, records, reply, quote):
    record = records["Cybercrime: International Cooperation"]
    one, two = quote(1, record, "Cyber-crime is a global threat."), quote(2, record, "making international")
    said = reply(one, two, parts=("what is it", "what is done"))
    first, second = said.sentences
    said = replace(said, sentences=(replace(first, part=0), replace(second, part=1)))
    lines = printed(capsys, said)
    assert lines[:4] == [
        "(1) what is it", "  Cyber-crime is a global threat. [1]", "(2) what is done", "  making international [1]",
    ]  # fmt: skip
    assert [line for line in lines if line.startswith("[")] == [f"[1] {one.reference()}"]


def test_a_record_has_one_number_in_sentences_sources_and_notes(capsys, records, reply, quote):
    threat, fuel = records["Cybercrime: International Cooperation"], records["Winter Fuel Payment"]
    cited = (quote(1, threat, "Cyber-crime is a global threat."), quote(2, threat, "making international"),
             quote(3, fuel, fuel.answer[:20]))  # fmt: skip
    said = replace(reply(*cited), notes=("The answer cited as [3] was corrected: “[2]” was added.",))
    ours = Sentence(text="On 26 September 2023 Lord Sharpe of Epsom said:", citations=(1, 2), verbatim=False)
    said = replace(said, sentences=(ours, *said.sentences))
    lines = printed(capsys, said)
    assert lines[:4] == [
        "On 26 September 2023 Lord Sharpe of Epsom said:", "  Cyber-crime is a global threat.",
        "  making international [1]", f"  {fuel.answer[:20]} [2]",
    ]  # fmt: skip
    assert [line.split()[0] for line in lines if line.startswith("[")] == ["[1]", "[2]"]
    assert "Note: The answer cited as [2] was corrected: “[2]” was added." in lines
    assert [one["n"] for one in said.as_dict()["citations"]] == [1, 2, 3]  # programs still check each quotation


@pytest.mark.parametrize(
    ("silence", "lines"),
    [(0, ["Embedding ...", "Embedding: 1,500 of 3,000", "Indexing ...", "Indexing: 7"]),
     (3600, ["Embedding ...", "Indexing ..."])],
)  # fmt: skip
def test_a_log_shows_each_stage_and_how_far_it_has_got(silence, lines, capsys):
    with progress_bar(silence) as progress:
        progress("Embedding", 0, 3000)
        progress("Embedding", 1500, 3000)
        progress("Indexing", 0, None)
        progress("Indexing", 7, None)
    assert capsys.readouterr().err.splitlines() == lines


def test_where_the_words_quoted_lead_is_listed_below_the_answer(capsys, reply, linked):
    lines = printed(capsys, reply(cite(1, linked, Status.CURRENT, 0, len(linked.answer))))
    assert lines[0] == "  As HCWS317 sets out, 12 were sold: see www.gov.uk/a. [1]"
    place = lines.index("Links in this answer:")
    assert lines[place : place + 3] == ["Links in this answer:", "  [1] HCWS317: https://www.gov.uk/317", ""]


def test_the_links_of_a_hit_are_printed_with_it(capsys, linked):
    print_hit(Hit(1, linked, Status.CURRENT, 0.5, 0, 20, (), {}), explain=False)
    assert "   HCWS317: https://www.gov.uk/317" in capsys.readouterr().out.splitlines()


def test_newer_answers_that_are_not_quoted_are_listed_without_numbers(capsys, records, reply, quote):
    one = quote(1, records["Cybercrime: International Cooperation"], "Cyber-crime is a global threat.")
    later = replace(one, record_id="later", heading="Cybercrime: New Treaty")
    lines = printed(capsys, replace(reply(one), newer=(later,)))
    place = lines.index("Newer answers that may bear on this, not quoted here")
    assert lines[place + 1] == f"- {later.reference()}"
    assert not any(line.startswith("Newer") for line in printed(capsys, reply(one)))
