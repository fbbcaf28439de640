"""The family of a cited record, in the order of time."""

from dataclasses import replace
from datetime import date

import pytest
from bs4 import BeautifulSoup

from index import Status
from rag import Relation, Relative, Thread
from ui.page.thread_view import families, wanted


@pytest.fixture
def wheat(records):
    return records["Wheat: Imports"]


def relative(relation, record=None, **facts):
    usual = {
        "of": "root",
        "record_id": record and record.id,
        "day": record and record.answered,
        "status": Status.CURRENT,
    }
    return Relative(relation=relation, **(usual | facts))


def steps(html):
    page = BeautifulSoup(html, "html.parser")
    return [" ".join(step.get_text().split()) for step in page.select(".when")], page


def test_a_family_is_told_in_order_each_record_whole(wheat, records):
    sudan = records["Sudan: Humanitarian Situation"]
    thread = Thread(
        wheat.id,
        (
            relative(
                Relation.FOLLOWS_UP, None, day=date(2024, 12, 1), uin="17", heading="Bread", url="https://x.uk/17"
            ),
            relative(Relation.ITSELF, wheat, of=wheat.id),
            relative(Relation.REFERRED_TO_BY, sudan, of=wheat.id),
            relative(Relation.CORRECTED, wheat, day=date(2025, 4, 1), of=wheat.id),
        ),
        cut=False,
    )
    told, page = steps(families([thread], {wheat.id: wheat, sudan.id: sudan}))
    assert told == [
        "1 December 2024 Asked before",
        "6 March 2025 This answer",
        "7 March 2025 Refers to this answer",
        "1 April 2025 Corrected",
    ]
    assert page.find("h3").get_text() == "Wheat: Imports"
    first = page.select("li")[0]
    assert " ".join(first.select_one(".ours").get_text().split()).startswith("Question 17, Bread: not in this archive.")
    assert first.find("a")["href"] == "https://x.uk/17"
    whole = page.select("li")[2].select_one("blockquote.record").get_text()
    assert "".join(whole.split()) == "".join(sudan.answer.split())


def test_who_is_alone_has_no_family(wheat):
    assert families([Thread(wheat.id, (relative(Relation.ITSELF, wheat),), cut=False)], {wheat.id: wheat}) == ""
    assert families([], {}) == ""


def test_a_family_is_told_once_and_each_member_once(wheat, records):
    sudan = records["Sudan: Humanitarian Situation"]
    one = Thread(
        wheat.id,
        (
            relative(Relation.ITSELF, wheat, of=wheat.id),
            relative(Relation.FOLLOWED_UP_BY, sudan, of=wheat.id),
            relative(Relation.REFERRED_TO_BY, sudan, of="other"),
            relative(Relation.GROUPED_WITH, replace(sudan, id="grouped"), of=wheat.id),
        ),
        cut=False,
    )
    other = Thread(sudan.id, one.relatives, cut=False)
    known = {wheat.id: wheat, sudan.id: sudan}
    told, page = steps(families([one, other], known))
    assert told == ["6 March 2025 This answer", "7 March 2025 Asked again"]
    ids = [element["id"] for element in page.find_all(id=True)]
    assert len(ids) == len(set(ids))


def test_where_only_the_month_is_known_no_day_is_shown(wheat):
    thread = Thread(
        wheat.id,
        (
            relative(Relation.ITSELF, wheat, of=wheat.id),
            relative(Relation.FOLLOWS_UP, None, uin="1", day=date(2024, 12, 1), month_only=True),
            relative(Relation.FOLLOWS_UP, None, uin="2", day=None),
        ),
        cut=False,
    )
    told, _ = steps(families([thread], {wheat.id: wheat}))
    assert told[1:] == ["December 2024 Asked before", "No date Asked before"]


def test_the_records_that_a_family_needs_are_named_once(wheat):
    thread = Thread(
        wheat.id,
        (
            relative(Relation.ITSELF, wheat),
            relative(Relation.CORRECTED, wheat),
            relative(Relation.FOLLOWS_UP, None, uin="1"),
        ),
        cut=False,
    )
    assert wanted(thread) == (wheat.id,)
