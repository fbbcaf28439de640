"""What reads text takes time about linear in its length, whatever the text is made of."""

import sys
import time
from collections import deque
from datetime import date

import pytest

from index import person_names, readers
from index.readers import addressee
from index.text import (
    abbreviations,
    cleaning,
    date_patterns,
    links,
    passages,
    political_dates,
    relative_dates,
    sentences,
    status,
    uin_patterns,
    web_addresses,
    word_query,
)
from rag import titles
from rag.answering import abstention
from rag.conversation import acts, readings, record_facts, slots
from rag.lineage import citation_patterns
from rag.llm import claims, grounding
from rag.query import decompose, parliamentary_form, people_meant, search_syntax, site_search
from rag.query.constraints import frame, mentions_of
from rag.query.entities import countries, departments
from rag.query.entities.people import People
from rag.text import quantities, segments, terms
from ui.rendering import rich_text

SHAPES = (
    "a", "A ", "a.", "A. ", "  ", " x", "\n", "a\n", "(", "((a) ", "(a - ", "[", "[1]", '"', "“a ", "'", "-", "a-",
    "Lord A ", "1 March 2024 ", "1,", "2024 ", "12.5% ", "£1 ", "https://a.b/", "%20", "| a | b |\n", "- a\n",
    "<p>", "<div", "</p>", "<ul><li>", "&amp;", "To ask ", "To ask the Secretary of State for Transport, ",
    "pursuant to ", "Question 12345 ", "and how many ", "in 2024 and ", "urldefense.com/v3/__", "of the ", "\u00a0",
    " AND", " NOT a", "-a ", '"a" ', "a OR ", "(a OR ", "session:2024 ",
)  # fmt: skip
CLOCK = date(2025, 3, 4)
NOBODY = People({}, {}, {}, frozenset(), frozenset())
FUNCTIONS = {
    "abbreviations": abbreviations.abbreviations,
    "cleaned": cleaning.cleaned,
    "comparison": cleaning.comparison,
    "unwrapped": web_addresses.all_unwrapped,
    "links": links.written_out,
    "date_expressions": date_patterns.date_expressions,
    "political_times": political_dates.political_times,
    "relative_dates": relative_dates.relative_dates,
    "sentence_spans": sentences.sentence_spans,
    "cut": lambda text: passages.cut(text, tokens=lambda part: len(part.split()) + 2, limit=40),
    "substance": status.substance,
    "question_links": uin_patterns.question_links,
    "record_ids": uin_patterns.record_ids,
    "number_phrases": lambda text: uin_patterns.number_phrases(text, lambda phrase: True),
    "addressee": addressee.addressee,
    "titles": abstention.titles,
    "units_of": segments.units_of,
    "act_of": acts.act_of,
    "joined": lambda text: readings.joined(text, "What was spent on roads in 2024?"),
    "slots": lambda text: (slots.periods(text), slots.places(text), slots.bodies(text), slots.persons(text)),
    "particulars": record_facts.particulars,
    "citations": citation_patterns.numbers,
    "clauses": claims.clauses,
    "spoken": grounding.spoken,
    "split": decompose.split,
    "unpack": parliamentary_form.unpack,
    "plain": parliamentary_form.plain,
    "search_words": site_search.search_words,
    "countries": countries.country_mentions,
    "bodies": departments.bodies,
    "frame": lambda text: frame(text, mentions_of(text, NOBODY, CLOCK)),
    "person_name": person_names.parse,
    "strangers": lambda text: people_meant.strangers(f"What did {text}", NOBODY),
    "facts": quantities.facts,
    "stems": terms.stems,
    "word_query": word_query.read,
    "search_text": search_syntax.search_text,
    "title_of": lambda text: (titles.title_of(text, text), titles.title_of(None, text)),
    "blocks": rich_text.blocks,
}
LENGTH = 400
FACTOR = 6 if sys.gettrace() is None else 10  # a tracer, such as that of coverage, adds time of its own
TINY = 0.02  # seconds: what takes no longer is quick enough whatever its factor


def seconds(function, text):
    """Return the CPU time that a function takes for a text, generators read to the end."""
    begun = time.thread_time()  # of this thread only: others may still serve what another test began
    found = function(text)
    if hasattr(found, "__next__"):
        deque(found, 0)
    return time.thread_time() - begun


def fastest(function, text):
    return min(seconds(function, text) for _ in range(3))


def growth(function, shape, length):
    """Return how many times as long a function takes for four times the length; 0 where it is quick anyway."""
    short, long = ((shape * n)[:n] for n in (length, 4 * length))
    if seconds(function, long) < TINY or fastest(function, long) < TINY:
        return 0.0
    # Other work on the machine can only make a time longer: the smallest ratio of several is the true one.
    return min(fastest(function, long) / fastest(function, short) for _ in range(3))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_four_times_the_text_takes_about_four_times_as_long(name):
    function = FUNCTIONS[name]
    function("What is read once, such as a list of names, is not counted: 1 March 2024.")
    slow = {}
    for shape in SHAPES:
        ratio = growth(function, shape, LENGTH)
        # Once more at four times the length: what takes another way beyond some length grows too fast only there.
        if ratio > FACTOR and (longer := growth(function, shape, 4 * LENGTH)) > FACTOR:
            slow[shape] = (ratio, longer)
    assert slow == {}


def read_text(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return list(readers.read(path))


GROUP = '<ques id="uk.org.publicwhip/wrans/2009-10-26b.{n}.q0"><p qnum="{n}">To ask the Minister, x.</p></ques>'
FILES = {
    "page.txt": lambda n: "Heading\n(asked on 1 March 2024)\nAsked by: " + "(a - " * n,
    "spaces.txt": lambda n: "Heading\n(asked on 1 March 2024)\nAnswered by: a" + " " * 5 * n + "- ",
    "page.html": lambda n: "<div" * n,
    "answers2009-10-26b.xml": lambda n: (
        "<publicwhip>" + "".join(GROUP.format(n=number) for number in range(n // 2)) + "</publicwhip>"
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_four_times_as_long_is_read_in_about_four_times_the_time(tmp_path, name):
    short, long = (lambda _, n=n: read_text(tmp_path, name, FILES[name](n)) for n in (1000, 4000))
    # Other work on the machine can only make a time longer: the first that is quick enough settles it.
    assert any(seconds(long, "") < max(FACTOR * seconds(short, ""), 5 * TINY) for _ in range(4))


@pytest.mark.parametrize(
    "line, member",
    [
        ("Asked by: Ann Example (Labour - Anytown North)", ("Ann Example", "Labour", "Anytown North")),
        ("Asked by: Ann Example (Labour)", ("Ann Example", "Labour", None)),
        ("Asked by: Ann Example (Labour (Co-op) - Anytown)", ("Ann Example", "Labour (Co-op)", "Anytown")),
        ("Asked by Lord Example", ("Lord Example", None, None)),
    ],
)
def test_who_asked_is_read_with_party_and_seat(tmp_path, line, member):
    asked = "Question to the Department for Transport:\nTo ask the Secretary of State for Transport, what he will do."
    answered = "Answered by: Bob Example - Minister of State\nWe are doing it."
    page = f"Roads\n(asked on 1 March 2024)\n{line}\n{asked}\n{answered}"
    (record,) = (one for one in read_text(tmp_path, "page.txt", page) if hasattr(one, "question"))
    assert (record.asked_by.name, record.asked_by.party, record.asked_by.seat) == member
    assert (record.answered_by.name, record.role) == ("Bob Example", "Minister of State")
