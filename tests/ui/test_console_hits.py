"""What `pq search` writes of a hit."""

from dataclasses import replace

from index import Status
from rag import Hit
from ui.console import print_hit


def test_a_hit_has_number_day_and_address_and_no_word_is_cut(linked, capsys):
    words = "extraordinary arrangements " * 30
    page = "https://questions-statements.parliament.uk/written-questions/detail/2025-01-02/77"
    record = replace(linked, question=f"To ask about {words}", answer=words.strip(), uin="77", url=page, links=())
    print_hit(Hit(1, record, Status.CURRENT, 0.5, 0, len(record.answer), (), {}), explain=False)
    title, facts, address, passage = capsys.readouterr().out.strip().split("\n")
    assert "UIN 77" in facts
    assert address.strip() == page
    for line, longest in ((title, 90), (passage, 400)):
        assert line.endswith(" …") and len(line.removeprefix("1. ").strip()) <= longest
        assert set(line.split()[-3:-1]) <= {"extraordinary", "arrangements"}


def test_what_has_no_answer_is_shown_with_its_question(linked, capsys):
    record = replace(linked, question="To ask how many otters there are.", answer="", links=())
    print_hit(Hit(1, record, Status.UNANSWERED, 0.0, 0, 0, (), {}), explain=False)
    assert capsys.readouterr().out.strip().endswith("To ask how many otters there are.")
