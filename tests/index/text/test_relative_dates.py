"""Times that count from a clock, and times of politics, as they are said."""

from time import process_time

import pytest

from index.text.date_forms import PeriodPart
from index.text.date_patterns import Bound, Unit
from index.text.political_dates import COALITION, PoliticalTime, Politics
from index.text.relative_dates import Ago, CalendarUnit, Running, relative_dates


def one(text):
    (found,) = relative_dates(text)
    return found


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("yesterday", CalendarUnit("day", 1)),
        ("the day before yesterday", CalendarUnit("day", 2)),
        ("today", CalendarUnit("day", 0)),
        ("last night", CalendarUnit("day", 1)),
        ("this morning", CalendarUnit("day", 0)),
        ("last week’s", CalendarUnit("week", 1)),
        ("this month", CalendarUnit("month", 0)),
        ("next year", CalendarUnit("year", -1)),
        ("last calendar year", CalendarUnit("year", 1)),
        ("the current financial year", CalendarUnit("financial year", 0)),
        ("last academic year", CalendarUnit("academic year", 1)),
        ("last quarter", CalendarUnit("quarter", 1)),
        ("last summer", CalendarUnit("summer", 1)),
        ("since last November", CalendarUnit("november", 1)),
        ("last Friday", CalendarUnit("friday", 1)),
        ("in March last year", CalendarUnit("year", 1, "March")),
        ("on 5 March last year", CalendarUnit("year", 1, "5 March")),
        ("the first quarter of this year", CalendarUnit("year", 0, "first quarter")),
        ("so far this year", CalendarUnit("year", 0)),
        ("two years ago", Ago(2, Unit.YEAR)),
        ("eighteen months ago", Ago(18, Unit.MONTH)),
        ("a fortnight ago", Ago(1, Unit.FORTNIGHT)),
        ("a couple of weeks ago", Ago(2, Unit.WEEK)),
        ("twenty-five years ago", Ago(25, Unit.YEAR)),
        ("two and a half years ago", Ago(30, Unit.MONTH)),
        ("over the last decade", Running(1, Unit.DECADE)),
        ("last fortnight", Running(1, Unit.FORTNIGHT)),
        ("in the last 24 hours", Running(1, Unit.DAY)),
        ("the past three months", Running(3, Unit.MONTH)),
        ("over the past year", Running(1, Unit.YEAR)),
        ("during the previous 12 months", Running(12, Unit.MONTH)),
    ],
)
def test_times_that_count_from_a_clock(text, when):
    assert one(text).when == when


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("since the election", PoliticalTime(Politics.ELECTION)),
        ("before the last general election", PoliticalTime(Politics.ELECTION)),
        ("since the 2017 general election", PoliticalTime(Politics.ELECTION, year=2017)),
        ("after the election of 2019", PoliticalTime(Politics.ELECTION, year=2019)),
        ("since the cabinet reshuffle", PoliticalTime(Politics.RESHUFFLE)),
        ("since the change of government", PoliticalTime(Politics.CHANGE)),
        ("since the government took office", PoliticalTime(Politics.CHANGE)),
        ("since Labour came to power", PoliticalTime(Politics.CHANGE, who="Labour")),
        ("since the Tories got in", PoliticalTime(Politics.CHANGE, who="Conservative")),
        ("since Rishi Sunak became Prime Minister", PoliticalTime(Politics.CHANGE, who="Rishi Sunak")),
        ("under this government", PoliticalTime(Politics.GOVERNMENT)),
        ("under the last government", PoliticalTime(Politics.GOVERNMENT, 1)),
        ("by the previous administration", PoliticalTime(Politics.GOVERNMENT, 1)),
        ("under the last Labour government", PoliticalTime(Politics.GOVERNMENT, 1, who="Labour")),
        ("under the Conservatives", PoliticalTime(Politics.GOVERNMENT, who="Conservative")),
        ("during the coalition", PoliticalTime(Politics.GOVERNMENT, who=COALITION)),
        ("in the coalition years", PoliticalTime(Politics.GOVERNMENT, who=COALITION)),
        ("under gordon brown", PoliticalTime(Politics.GOVERNMENT, who="Gordon Brown")),
        ("under Mrs Thatcher", PoliticalTime(Politics.GOVERNMENT, who="Margaret Thatcher")),
        ("under the Blair government", PoliticalTime(Politics.GOVERNMENT, who="Tony Blair")),
        ("when Theresa May was Prime Minister", PoliticalTime(Politics.GOVERNMENT, who="Theresa May")),
        ("what did the last government say", PoliticalTime(Politics.GOVERNMENT, 1)),
        ("this Parliament", PoliticalTime(Politics.PARLIAMENT)),
        ("in the last Parliament", PoliticalTime(Politics.PARLIAMENT, 1)),
        ("the 2017-19 Parliament", PoliticalTime(Politics.PARLIAMENT, year=2017)),
        ("last session", PoliticalTime(Politics.SESSION, 1)),
        ("since the King’s Speech", PoliticalTime(Politics.SESSION)),
    ],
)
def test_times_of_politics(text, when):
    assert one(text).when == when


@pytest.mark.parametrize(
    ("text", "bound", "part", "phrase"),
    [
        ("homes since last November", Bound.SINCE, PeriodPart.WHOLE, "since last November"),
        ("homes before the election", Bound.BEFORE, PeriodPart.WHOLE, "before the election"),
        ("homes under the last government", Bound.IN, PeriodPart.WHOLE, "under the last government"),
        ("homes over the past year", Bound.IN, PeriodPart.WHOLE, "over the past year"),
        ("homes of last year", Bound.NONE, PeriodPart.WHOLE, "last year"),
        ("homes, early this year", Bound.NONE, PeriodPart.START, "early this year"),
        ("homes by the end of last month", Bound.UNTIL, PeriodPart.END, "by the end of last month"),
        (
            "homes since the start of this Parliament",
            Bound.SINCE,
            PeriodPart.START,
            "since the start of this Parliament",
        ),
    ],
)
def test_the_words_around_bound_a_time(text, bound, part, phrase):
    found = one(text)
    assert (found.bound, found.part) == (bound, part)
    assert text[found.lead : found.end] == phrase


@pytest.mark.parametrize(
    "text",
    [
        "year on year", "this may be so", "the last march", "Labour councils", "under labour party rules", "under May's deal",
        "during May", "the government’s plan", "in the last quarter of 2023", "some years ago", "the previous speaker",
    ],
)  # fmt: skip
def test_what_counts_from_no_clock(text):
    assert relative_dates(text) == []


@pytest.mark.parametrize(
    "piece", ["last general ", "under the ", "the end of the ", "two ", "this last ", "5 March last "]
)
def test_the_time_grows_with_the_text_and_no_faster(piece):
    def seconds(times):
        began = process_time()
        relative_dates(piece * times)
        return process_time() - began

    seconds(50)
    assert min(seconds(1200) for _ in range(3)) < 12 * min(seconds(300) for _ in range(3)) + 0.05
