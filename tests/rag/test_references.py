"""How citations are written down, word for word."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date
from itertools import accumulate

import bibtexparser
import pytest
import rispy
from bibtexparser import middlewares
from hypothesis import given, settings
from hypothesis import strategies as st

from index import readers
from index.errors import AnswersError
from index.records import House, Member, Status, WrittenAnswer
from rag.citations import LICENCE, STYLES, Citation, cite, reference
from tests.archives import README_RECORDS

RECORDS = {record.id: record for record in readers.read(README_RECORDS)}


def citation(id: str, status: Status = Status.CURRENT) -> Citation:
    return cite(1, RECORDS[id], status, 0, 20)


def test_as_in_hansard():
    assert citation("seed:000_2f43e1ce34bcaacb").reference() == (
        "HL Written Answer, 26 September 2023; Cybercrime: International Cooperation; Lord Sharpe of Epsom, Home Office"
    )
    assert citation("api:1725952").reference("hansard") == (
        "HC Written Answer 3205, 11 September 2024; Sleeping Rough: Finance; Rushanara Ali, "
        "Ministry of Housing, Communities and Local Government"
    )


@pytest.mark.parametrize(
    ("status", "note"),
    [(Status.HOLDING, "holding answer"), (Status.CORRECTED, "as corrected"), (Status.COST, "refused on grounds of cost"),
     (Status.NOT_HELD, "information not held"), (Status.WITHDRAWN, "question withdrawn")],
)  # fmt: skip
def test_what_an_answer_is_worth_is_part_of_its_reference(status, note):
    assert citation("api:1725952", status).reference().endswith(f"Local Government [{note}]")
    assert note in citation("api:1725952", status).reference("bibtex")
    assert f"N1  - {note}" in citation("api:1725952", status).reference("ris")


def test_no_status_but_the_standing_answer_goes_without_a_word():
    for status in Status:
        marked = citation("api:1725952", status).reference().endswith("]")
        assert marked == (status is not Status.CURRENT), status


def test_a_clipped_text_and_what_is_not_known_are_told():
    bare = WrittenAnswer(id="x", house=House.COMMONS, question="To ask?", answer="Yes...", truncated=True)
    plain = cite(1, bare, Status.CURRENT, 0, 3)
    assert plain.reference() == "HC Written Answer, no date recorded [only the beginning is known]"
    assert replace(plain, month="2024-02").reference().startswith("HC Written Answer, tabled February 2024")
    assert replace(plain, tabled=date(2024, 2, 9)).reference().startswith("HC Written Answer, tabled 9 February 2024")


def test_as_a_footnote_with_the_page_or_a_search():
    page = "https://questions-statements.parliament.uk/written-questions"
    known, unknown = citation("api:1725952"), citation("seed:000_2f43e1ce34bcaacb")
    assert known.reference("footnote") == f"{known.reference()}. {page}/detail/2024-08-30/3205 {LICENCE}"
    assert unknown.reference("footnote").endswith(
        f"Home Office. {page}?SearchTerm=Cybercrime%3A+International+Cooperation {LICENCE}"
    )


def test_for_bibtex():
    assert citation("api:1725952").reference("bibtex").split("\n") == [
        "@misc{api-1725952,",
        "  author = {Rushanara Ali},",
        "  title = {Sleeping Rough: Finance},",
        "  howpublished = {Written answer, House of Commons, UIN 3205},",
        "  institution = {{Ministry of Housing, Communities and Local Government}},",
        "  year = {2024},",
        "  date = {2024-09-11},",
        "  url = {https://questions-statements.parliament.uk/written-questions/detail/2024-08-30/3205},",
        "  copyright = {Contains Parliamentary information licensed under the Open Parliament Licence v3.0.},",
        "}",
    ]


def test_for_reference_managers():
    assert citation("api:1725952").reference("ris").split("\n") == [
        "TY  - GOVDOC",
        "AU  - Rushanara Ali",
        "TI  - Sleeping Rough: Finance",
        "PB  - Ministry of Housing, Communities and Local Government",
        "T2  - Written answers, House of Commons",
        "M1  - 3205",
        "DA  - 2024/09/11",
        "UR  - https://questions-statements.parliament.uk/written-questions/detail/2024-08-30/3205",
        "N1  - Contains Parliamentary information licensed under the Open Parliament Licence v3.0.",
        "ER  - ",
    ]


def test_another_style_is_told():
    with pytest.raises(AnswersError, match="no reference style 'apa'; use one of: hansard, footnote, bibtex, ris"):
        citation("api:1725952").reference("apa")


def test_a_body_answers_under_its_whole_name():
    one = replace(citation("api:1725952"), minister=None, department="Department of Health and Social Care")
    assert entry(one)["author"] == entry(one)["institution"] == "{Department of Health and Social Care}"
    assert [parts.last for parts in split(one)["author"]] == [["{Department of Health and Social Care}"]]
    assert "author" not in entry(replace(one, department=None))


@given(
    text=st.text(
        alphabet=st.one_of(st.sampled_from("\\{}^~&%$#_-'`,\"@= aé£"), st.characters(codec="utf-8")), max_size=40
    )
)
@settings(max_examples=200, deadline=None)
def test_a_title_comes_back_from_bibtex_as_it_was(text):
    one = replace(citation("api:1725952"), heading=f"x{text}y", department=f"x{text}y")
    shown = seen(f"x{text}y")
    for name in ("title", "institution"):
        # The decoder has another hat for TeX's.
        assert decoded(one)[name].replace("ˆ", "^") == shown.replace("ˆ", "^")
    assert balanced(one.reference("bibtex"))


@given(text=st.text(max_size=40), name=st.text(max_size=20))
@settings(max_examples=100, deadline=None)
def test_ris_comes_back_as_it_was(text, name):
    one = replace(citation("api:1725952"), heading=f"x{text}y", minister=f"x{name}y")
    (read,) = rispy.loads(one.reference("ris"))
    assert (read["title"], read["authors"]) == (seen(f"x{text}y"), [seen(f"x{name}y")])
    assert read["urls"] == [one.url]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://evil.example\\.parliament.uk/", "https://www.gov.uk/x"]
)
def test_no_style_gives_what_is_no_official_page(url):
    one = replace(citation("api:1725952"), url=url, data_url=None)
    assert not any(url in one.reference(style) for style in STYLES)
    assert "url" not in entry(one)
    assert "urls" not in rispy.loads(one.reference("ris"))[0]


@given(heading=st.text(max_size=30), name=st.text(min_size=1, max_size=20), id=st.text(min_size=1, max_size=10))
@settings(max_examples=80, deadline=None)
def test_no_text_breaks_out_of_its_field(heading, name, id):
    record = WrittenAnswer(
        id=id, house=House.LORDS, question="To ask?", answer="Yes.", heading=heading, answered_by=Member(name=name),
        url=f"https://www.parliament.uk/{name}", answered=date(2024, 1, 2),
    )  # fmt: skip
    one = cite(1, record, Status.CURRENT, 0, 4)
    lines = reference(one, "bibtex").split("\n")
    assert lines[-1] == "}"
    assert re.fullmatch(r"@misc\{[\w-]+,", lines[0])
    assert all(re.fullmatch(r"  [a-z]+ = \{.*\},", line) and balanced(line) for line in lines[1:-1])
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in reference(one, "ris").split("\n"))
    assert set(STYLES) == {"hansard", "footnote", "bibtex", "ris"}


def entry(one: Citation):
    """Return the one entry that a parser reads."""
    library = bibtexparser.parse_string(one.reference("bibtex"))
    assert not library.failed_blocks
    return library.entries[0]


def split(one: Citation):
    """Return the entry with its authors' names in parts."""
    stack = [middlewares.SeparateCoAuthors(), middlewares.SplitNameParts()]
    return bibtexparser.parse_string(one.reference("bibtex"), append_middleware=stack).entries[0]


def decoded(one: Citation):
    """Return the entry as TeX prints it."""
    stack = [middlewares.LatexDecodingMiddleware()]
    return bibtexparser.parse_string(one.reference("bibtex"), append_middleware=stack).entries[0]


def seen(text: str) -> str:
    """Return what can be seen of a text on one line."""
    return " ".join("".join(c for c in text if c.isspace() or unicodedata.category(c)[0] != "C").split())


def balanced(text: str) -> bool:
    """Tell whether braces are in pairs as BibTeX counts them: all of them."""
    depths = list(accumulate((c == "{") - (c == "}") for c in text))
    return depths[-1] == 0 and min(depths) >= 0


def test_where_only_the_month_is_known_managers_get_that():
    monthly = replace(citation("api:1725952"), answered=None, tabled=None, month="2024-09")
    assert "  year = {2024},\n  date = {2024-09}," in monthly.reference("bibtex")
    assert "DA  - 2024/09//\n" in monthly.reference("ris")


def test_a_title_that_is_ours_is_in_square_brackets():
    bare = replace(citation("api:1725952"), heading=None)
    assert f"title = {{[{bare.title}]}}" in bare.reference("bibtex") and f"TI  - [{bare.title}]" in bare.reference(
        "ris"
    )
    assert bare.title not in ("", "Sleeping Rough: Finance")
