"""Times that questions state for the answer, against those of the matter; and what is said where nothing is of them."""

from datetime import date, timedelta

import pytest

from rag.answering.timing import is_opening, missed, spoken, stated, too_early, within
from rag.query.soft_filters import Preference
from rag.query.understand import Understood, understand
from tests.rag import known
from tests.rag.answering.test_compose import record


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    with known.opened(tmp_path_factory.mktemp("known")) as opened:
        yield opened


@pytest.mark.parametrize(
    "question, days",
    [
        ("on 5 March 2024 about prison overcrowding", ("2024-03-05", "2024-03-05")),
        ("between 1 and 5 May 2024 on legal aid", ("2024-05-01", "2024-05-05")),
        ("answers in March 2024 about badgers", ("2024-03-01", "2024-03-31")),
        ("what was said in June 2025 about farmers", ("2025-06-01", "2025-06-30")),
        ("prison overcrowding, May 2025", ("2025-05-01", "2025-05-31")),
        ("in 2014 about court closures", ("2014-01-01", "2014-12-31")),
        ("what did the Treasury say about fuel duty in October 2009", ("2009-10-01", "2009-10-31")),
        ("answers given in 2024 on asylum hotels", ("2024-01-01", "2024-12-31")),
    ],
)
def test_a_time_of_the_answer_is_a_filter(archive, question, days):
    understood = understand(question, archive)
    time = stated(understood)
    found = within(understood, time).filters
    assert (found.since.isoformat(), found.until.isoformat()) == days


@pytest.mark.parametrize(
    "question",
    [
        "how many visas were granted in 2019",
        "In 2019, how many visas were granted",
        "the 2015 child poverty strategy",
        "electric cars by 2030",
        "net zero by 2050",
        "World Cup 2022 and human rights",
        "how many people were arrested on 5 March 2024",
        "number of prison officers, May 2024",
        "the attack on 7 October 2023 in Israel",
        "floods in December 2015 in Cumbria",
        "spending in 2008-09 on consultants",
        "deaths of prisoners since 2010",
    ],
)
def test_a_time_of_the_matter_is_none(archive, question):
    assert stated(understand(question, archive)) is None


def test_a_time_that_was_given_as_a_filter_needs_no_other(archive):
    from index.storage.filters import make_filters

    question = "answers in March 2024 about badgers"
    assert stated(understand(question, archive, filters=make_filters(since="2020-01-01"))) is None


def test_what_is_of_another_time_is_said_to_be(archive):
    march = Preference(kind="dates", value="", phrase="", exact=(date(2024, 3, 1), date(2024, 3, 31)), of_answer=True)
    old, month = archive.get("person:5"), archive.get("filler:0")  # of 19 October 2009 and of September 2024
    nothing = "Nothing found was answered in March 2024; the nearest in time is from"
    assert missed(march, [old]) == f"{nothing} 19 October 2009:"
    assert missed(march, [old, month]) == f"{nothing} September 2024:"
    september = Preference(kind="dates", value="", phrase="", exact=(date(2024, 9, 5), date(2024, 9, 5)))
    assert missed(september, [month]) is None  # any day of its month may be its day
    assert missed(september, []) is None


@pytest.mark.parametrize(
    "first, last, words",
    [
        ("2024-03-05", "2024-03-05", "on 5 March 2024"),
        ("2024-02-01", "2024-02-29", "in February 2024"),
        ("2024-01-01", "2024-12-31", "in 2024"),
        ("2024-05-01", "2024-05-05", "from 1 to 5 May 2024"),
        ("2024-05-01", "2024-07-04", "from 1 May 2024 to 4 July 2024"),
        ("1900-01-01", "2010-05-05", "up to 5 May 2010"),
    ],
)
def test_days_in_words(first, last, words):
    assert spoken(date.fromisoformat(first), date.fromisoformat(last)) == words


def test_a_saved_opening_is_known_again_and_a_forged_one_is_not(archive):
    march = Preference(kind="dates", value="", phrase="", exact=(date(2024, 3, 1), date(2024, 3, 31)))
    old = archive.get("person:5")
    assert is_opening(missed(march, [old]), [old])
    assert not is_opening("Nothing found was answered in March 2024; the nearest in time is from 1 May 2020:", [old])
    assert not is_opening("Nothing found was answered in March 2024; taxes rise:", [old])


@pytest.mark.parametrize(("days", "early"), [(-400, True), (-300, False), (0, False), (900, False)])
def test_an_answer_given_long_before_the_time_asked_about_cannot_tell_of_it(days, early):
    first = date(2025, 8, 7)
    asked = Understood(text="?", query="?", preferences=(
        Preference(kind="dates", value="", phrase="in the past year", first=first, last=date(2026, 8, 7)),
    ))  # fmt: skip
    assert too_early(asked, record("one", "Yes.", answered=first + timedelta(days))) is early
    assert not too_early(Understood(text="?", query="?"), record("one", "Yes.", answered=date(1990, 1, 1)))
