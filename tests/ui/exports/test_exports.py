"""What people take away, read back by the programs' own readers."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date

import bibtexparser
import docx
import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from index import AnswersError, House, Member, Status, WrittenAnswer, make_filters
from rag import LICENCE, Hit, Reason, Sentence, Understood, cite, search_url, verify
from ui import exports
from ui.exports import FORMATS, csv_table
from ui.exports.markdown import escaped
from ui.jsonl import read_saved

MADE = date(2026, 3, 4)
NCA = "The NCA works to identify cyber criminals impacting the UK, wherever they are in the world."
BUDAPEST = "We have promoted the Budapest Convention on Cybercrime since it was agreed in 2001"
HANSARD = (
    "HL Written Answer, 26 September 2023; Cybercrime: International Cooperation; Lord Sharpe of Epsom, Home Office "
    "[House inferred from the wording]"
)
HOSTILE = '=HYPERLINK("https://evil.example")<script>alert(1)</script> ![x](https://evil.example/y) **b** | `c`'


@pytest.fixture
def cybercrime(records):
    return records["Cybercrime: International Cooperation"]


@pytest.fixture
def answered(cybercrime, quote, reply):
    """One turn with a sentence of ours and two of the minister's."""
    cited = (quote(1, cybercrime, NCA), quote(2, cybercrime, BUDAPEST))
    ours = Sentence(text="Lord Sharpe of Epsom said on 26 September 2023:", citations=(1,), verbatim=False)
    theirs = tuple(Sentence(text=c.quote, citations=(c.n,), verbatim=True) for c in cited)
    return reply(*cited, sentences=(ours, *theirs), filters=make_filters(house="lords", since="2023-01-01"),
                 notes=("Something to know.",), question="What is being done about cyber crime gangs?")  # fmt: skip


@pytest.fixture
def declined(cybercrime, quote, reply):
    near = (quote(1, cybercrime, BUDAPEST),)
    return reply(reason=Reason.NO_MATCH, nearest=near, question="Who won the cup?")


@pytest.fixture
def hostile(reply):
    """A turn whose every text tries to be something else."""
    record = WrittenAnswer(
        id=HOSTILE, house=House.COMMONS, question=HOSTILE, answer=HOSTILE, heading=HOSTILE, department=HOSTILE,
        answered_by=Member(name=HOSTILE), url="javascript:alert(1)", answered=date(2024, 1, 2), uin="1",
    )  # fmt: skip
    one = cite(1, record, Status.HOLDING, 0, len(HOSTILE))
    return reply(one, question=HOSTILE + "\n# heading\x00")


def rows(file):
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))


def rendered(file):
    return MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(file.content.decode())


def words(file):
    return "\n".join(p.text for p in docx.Document(io.BytesIO(file.content)).paragraphs)


@pytest.mark.parametrize("format", FORMATS)
def test_each_file_carries_the_licence_the_build_and_the_days(answered, declined, format):
    file = exports.conversation([answered, declined], format, made=MADE)
    said = words(file) if format == "word" else file.content.decode()
    assert LICENCE in said
    assert "0123abcd" in said
    assert re.search("2026-03-04|4 March 2026", said)
    assert re.search("2023-09-26|26 September 2023|2023/09/26", said)
    assert re.search('Not corrected|"current"', said)
    assert file.name == f"what-is-being-done-about-cyber-crime-gangs-2026-03-04.{FORMATS[format].suffix}"
    assert file.media_type == FORMATS[format].media_type


def test_in_markdown_the_ministers_words_are_quoted_and_ours_are_not(answered, declined):
    html = rendered(exports.conversation([answered, declined], "markdown", made=MADE))
    quotes = re.findall("<blockquote>(.*?)</blockquote>", html, re.DOTALL)
    assert [re.sub("<.*?>|\n", "", q) for q in quotes] == [f"{NCA} […] {BUDAPEST} [1]", BUDAPEST]
    assert "<p>Lord Sharpe of Epsom said on 26 September 2023:</p>" in html
    assert "<h2>Who won the cup?</h2>" in html
    assert "Filters: House of Lords; from 1 January 2023" in html
    assert (
        f'[1] <a href="{answered.citations[1].search_url.replace("&", "&amp;")}">{HANSARD}</a>. Not corrected' in html
    )
    assert html.count(HANSARD) == 2  # once for each question
    assert html.index("Nearest written answers (not an answer") < html.index(BUDAPEST, html.index("Who won"))


def test_in_word_the_ministers_words_are_quotations_and_sources_are_links(answered, declined):
    file = docx.Document(io.BytesIO(exports.conversation([answered, declined], "word", made=MADE).content))
    styled = {name: [p.text for p in file.paragraphs if p.style.name == name] for name in ("Quote", "Heading 1")}
    assert styled["Quote"] == [f"{NCA} […] {BUDAPEST} [1]", BUDAPEST]
    assert styled["Heading 1"] == [answered.question, "Who won the cup?"]
    links = [h.address for p in file.paragraphs for h in p.hyperlinks]
    assert links == [c.search_url for c in (answered.citations[0], *declined.nearest)]
    assert (file.core_properties.author, file.core_properties.created.date()) == ("Ministerial Answers", MADE)


def test_a_table_of_the_record_is_a_table_in_markdown_and_word(reply):
    answer = "Figures:\n\n| Year | Number |\n| --- | --- |\n| 2023 | 5|\n\n- one\n- two"
    record = WrittenAnswer(id="t", house=House.COMMONS, question="To ask?", answer=answer)
    one = reply(cite(1, record, Status.CURRENT, 0, len(answer)))
    html = rendered(exports.conversation([one], "markdown", made=MADE))
    assert re.findall("<t[hd]>(.*?)</t[hd]>", html) == ["Year", "Number", "2023", "5"]
    assert re.findall("<li>(.*?)</li>", html) == ["one", "two [1]"]
    file = docx.Document(io.BytesIO(exports.conversation([one], "word", made=MADE).content))
    (table,) = file.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["Year", "Number"], ["2023", "5"]]


@pytest.fixture
def cut_table(quote, reply):
    """A turn with the first sentence of a record, the head of its table, one of its rows, and our line about that."""
    texts = ["These are the figures:", "| Year | Number |", "| 2024 | 6 |"]
    answer = f"{texts[0]}\n\n{texts[1]}\n| --- | --- |\n| 2023 | 5 |\n{texts[2]}"
    record = WrittenAnswer(id="t", house=House.COMMONS, question="To ask?", answer=answer)
    cited = [quote(n, record, text) for n, text in enumerate(texts, 1)]
    theirs = [Sentence(text=c.quote, citations=(c.n,), verbatim=True) for c in cited]
    ours = [Sentence(text=line, citations=(n,), verbatim=False) for n, line in ((1, "They said:"), (3, "(1 of 2 …)"))]
    return reply(*cited, sentences=(ours[0], *theirs, ours[1]), question="How many?")


def test_sentences_of_one_record_are_one_quotation_and_the_rows_shown_are_under_their_head(cut_table):
    html = rendered(exports.conversation([cut_table], "markdown", made=MADE))
    (quotation,) = re.findall("<blockquote>(.*?)</blockquote>", html, re.DOTALL)
    assert (re.findall("<th>(.*?)</th>", quotation), re.findall("<td>(.*?)</td>", quotation)) == (
        ["Year", "Number"], ["2024", "6"],
    )  # fmt: skip
    assert html.index("</blockquote>") < html.index("<p>(1 of 2 …) [1]</p>")
    (table,) = docx.Document(io.BytesIO(exports.conversation([cut_table], "word", made=MADE).content)).tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["Year", "Number"], ["2024", "6"]]


def test_in_copied_text_our_words_stand_apart_and_rows_have_tabs(cut_table):
    assert exports.copied(cut_table).split("\n")[:9] == [
        "How many?", "", "They said:", "", "“These are the figures:", "", "Year\tNumber", "2024\t6” [1]", "",
    ]  # fmt: skip
    assert "\n\n(1 of 2 …) [1]\n\n" in exports.copied(cut_table)


def test_sources_are_listed_in_the_order_of_their_numbers(cybercrime, records, quote, reply):
    fuel = records["Winter Fuel Payment"]
    cited = [quote(1, cybercrime, NCA), quote(2, fuel, fuel.answer[:40]), quote(3, cybercrime, BUDAPEST)]
    text = exports.conversation([reply(*cited)], "markdown", made=MADE).content.decode()
    assert text.index("\n\\[1\\] [") < text.index("\n\\[2\\] [")


def test_a_figure_over_time_is_a_table_in_every_format_that_has_one(answered, drawn):
    one = replace(answered, series=drawn)
    html = rendered(exports.conversation([one], "markdown", made=MADE))
    rows_of = [["1 March 2023", "1,200", "r2023"], ["1 March 2024", "1,350", "r2024"], ["1 March 2025", "900", "r2025"]]
    assert re.findall("<td>(.*?)</td>", html) == [cell for row in rows_of for cell in row]
    (table,) = docx.Document(io.BytesIO(exports.conversation([one], "word", made=MADE).content)).tables
    assert [[cell.text for cell in row.cells] for row in table.rows][1:] == rows_of
    figures = [row for row in rows(exports.conversation([one], "csv", made=MADE)) if row["kind"] == "figure"]
    assert [[row["period"], row["figure"], row["record_id"]] for row in figures] == rows_of
    assert figures[0]["quote"] == "There were 1,200 of them."
    data = json.loads(exports.conversation([one], "json", made=MADE).content)["replies"][0]["series"]
    assert [(point["first_day"], point["value"]) for point in data["points"]] == [
        ("2023-03-01", 1200), ("2024-03-01", 1350), ("2025-03-01", 900),
    ]  # fmt: skip
    assert "1 March 2024: 1,350" in exports.copied(one).splitlines()


def test_links_are_links_on_their_words_in_markdown_and_word_and_a_list_in_plain_text(reply, linked):
    one = reply(cite(1, linked, Status.CURRENT, 0, len(linked.answer)), question="How many?")
    quoted = "As HCWS317 sets out, 12 were sold: see www.gov.uk/a."
    html = rendered(exports.conversation([one], "markdown", made=MADE))
    assert (
        'As <a href="https://www.gov.uk/317">HCWS317</a> sets out, 12 were sold: see '
        '<a href="https://www.gov.uk/a">www.gov.uk/a</a>. [1]'
    ) in html
    file = docx.Document(io.BytesIO(exports.conversation([one], "word", made=MADE).content))
    (paragraph,) = [p for p in file.paragraphs if p.style.name == "Quote"]
    assert paragraph.text == f"{quoted} [1]"
    assert [(h.text, h.address) for h in paragraph.hyperlinks] == [
        ("HCWS317", "https://www.gov.uk/317"), ("www.gov.uk/a", "https://www.gov.uk/a"),
    ]  # fmt: skip
    lines = exports.copied(one).split("\n")
    assert lines[2] == f"“{quoted}” [1]"
    assert lines[4:7] == ["Links in this answer:", "[1] HCWS317: https://www.gov.uk/317", ""]
    (row,) = rows(exports.conversation([one], "csv", made=MADE))
    assert (row["quote"], row["links"]) == (quoted, "https://www.gov.uk/317 https://www.gov.uk/a")
    (citation,) = json.loads(exports.conversation([one], "json", made=MADE).content)["replies"][0]["citations"]
    assert citation["links"][0] == {"start": 3, "end": 10, "url": "https://www.gov.uk/317"}


def test_a_lettered_list_keeps_its_letters_in_markdown_and_word(reply):
    answer = "They are:\n\na. red\nb. green"
    record = WrittenAnswer(id="t", house=House.COMMONS, question="To ask?", answer=answer)
    one = reply(cite(1, record, Status.CURRENT, 0, len(answer)))
    html = rendered(exports.conversation([one], "markdown", made=MADE))
    assert "a. red<br />\nb. green [1]" in html
    file = docx.Document(io.BytesIO(exports.conversation([one], "word", made=MADE).content))
    assert [p.text for p in file.paragraphs if p.style.name == "Quote"] == ["They are:", "a. red", "b. green [1]"]


def test_csv_has_a_row_for_each_source_and_one_for_a_question_without(answered, declined, reply):
    blank = reply(reason=Reason.BLANK, question="?")
    first, second, near, none = rows(exports.conversation([answered, declined, blank], "csv", made=MADE))
    assert (first["turn"], first["n"], first["quote"], first["kind"]) == ("1", "1", NCA, "cited")
    assert (second["quote"], second["status_meaning"], second["answered"]) == (BUDAPEST, "Not corrected", "2023-09-26")
    assert (second["n"], second["title"]) == ("1", "Cybercrime: International Cooperation")
    assert first["reference"] == HANSARD
    assert first["filters"] == "House of Lords; from 1 January 2023"
    assert (near["turn"], near["kind"]) == ("2", "nearest")
    assert near["outcome"].startswith("No answer.")
    assert (none["turn"], none["record_id"], none["licence"]) == ("3", "", LICENCE)


def test_json_is_the_contracts_and_its_citations_can_be_checked(answered, declined, assistant):
    saved = json.loads(exports.conversation([answered, declined], "json", made=MADE).content)
    assert saved["replies"] == json.loads(json.dumps([answered.as_dict(), declined.as_dict()]))
    assert [verify(c, assistant.archive).ok for c in saved["replies"][0]["citations"]] == [True, True]


def test_reference_managers_read_each_record_once(answered, declined):
    (entry,) = rispy.loads(exports.conversation([answered, declined], "ris", made=MADE).content.decode())
    assert (entry["title"], entry["authors"]) == ("Cybercrime: International Cooperation", ["Lord Sharpe of Epsom"])
    assert entry["keywords"] == ["Not corrected"]
    assert entry["notes"].count(LICENCE) == 1
    assert entry["name_of_database"] == "Ministerial Answers, archive 0123abcd"
    library = bibtexparser.parse_string(
        exports.conversation([answered, declined], "bibtex", made=MADE).content.decode()
    )
    (one,) = library.entries
    assert library.failed_blocks == []
    assert (one["title"], one["keywords"]) == ("Cybercrime: International Cooperation", "Not corrected")


def test_results_are_exported_in_the_order_shown(records, coverage, cybercrime):
    fuel = records["Winter Fuel Payment"]
    hits = [
        Hit(7, fuel, Status.CURRENT, 0.5, 0, 40, ("other",), {}),
        Hit(2, cybercrime, Status.COST, 0.4, 0, 30, (), {}),
    ]
    understood = Understood(text="heating", query="heating", filters=make_filters(department="DWP"))
    for format in FORMATS:
        file = exports.results(understood, hits, format, coverage=coverage, build_id="0123abcd", made=MADE)
        assert file.content
        if format == "csv":
            one, two = rows(file)
            assert [one["quote"], two["quote"]] == [fuel.answer[:40], cybercrime.answer[:30]]
            assert (one["kind"], one["also_given_to"], two["status_meaning"]) == ("result", "other", "Refused on cost")
        elif format == "json":
            assert [hit["record_id"] for hit in json.loads(file.content)["hits"]] == [fuel.id, cybercrime.id]
        elif format == "markdown":
            assert "Also given to 1 other question." in file.content.decode()
            assert "Filters: DWP" in file.content.decode()


def test_nothing_found_is_said(coverage):
    understood = Understood(text="heating", query="heating")
    file = exports.results(understood, [], "markdown", coverage=coverage, build_id="0123abcd", made=MADE)
    assert "Nothing was found." in rendered(file)


def test_no_text_becomes_markup_a_formula_or_a_link(hostile):
    html = rendered(exports.conversation([hostile], "markdown", made=MADE))
    assert not re.search("<(script|img|strong|code|table)", html)
    for target, shown in re.findall('<a href="(.*?)">(.*?)</a>', html):  # an address leads where it says
        assert target.startswith("https://questions-statements.") or target == shown
    assert "javascript" not in html
    assert html.count("<h1>") == 1
    (row,) = rows(exports.conversation([hostile], "csv", made=MADE))
    assert not [name for name, value in row.items() if value[:1] in tuple("=+-@\t\r\n")]
    assert row["quote"] == "'" + HOSTILE
    file = docx.Document(io.BytesIO(exports.conversation([hostile], "word", made=MADE).content))
    links = [link for p in file.paragraphs for link in p.hyperlinks]
    assert links
    assert all(one.address.startswith("https://questions-statements.") or one.address == one.text for one in links)
    assert any(HOSTILE in p.text for p in file.paragraphs)


LOOK_ALIKES = ("https://evil.example\\.parliament.uk/x", "https://parliament.uk@evil.example/x", "javascript:evil.example",
               "https://evil.example／.parliament.uk/x", "https://evil.example/parliament.uk")  # fmt: skip


@pytest.mark.parametrize("url", LOOK_ALIKES)
@pytest.mark.parametrize("format", FORMATS)
def test_no_file_gives_a_look_alike_as_the_official_record(reply, format, url):
    record = WrittenAnswer(id="x", house=House.COMMONS, question="To ask?", answer="Yes.", url=url, uin="1")
    made = cite(1, record, Status.CURRENT, 0, 4)
    for citation in (made, replace(made, url=url)):  # also where the address came in afterwards
        file = exports.conversation([reply(citation)], format, made=MADE)
        if format == "word":
            paragraphs = docx.Document(io.BytesIO(file.content)).paragraphs
            assert [link.address for p in paragraphs for link in p.hyperlinks] == [search_url(record)]
        assert b"evil" not in file.content
        assert "evil" not in exports.copied(reply(citation))


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_is_shown_by_markdown_as_it_stands(text):
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(f"x {escaped(text)}\n\n{escaped(text)}")
    assert set(re.findall(r"<(\w+)", html)) <= {"p"}


@given(st.text(max_size=20))
@settings(max_examples=150, deadline=None)
def test_no_cell_begins_as_a_formula(text):
    cell = csv_table.harmless(text)
    assert not str(cell).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell in (text, f"'{text}")


def test_what_is_copied_ends_with_its_references(answered, declined):
    text = exports.copied(answered)
    assert text.split("\n")[0] == answered.question
    assert text.split("\n\n")[1:3] == [
        "Lord Sharpe of Epsom said on 26 September 2023:", f"“{NCA} […] {BUDAPEST}” [1]",
    ]  # fmt: skip
    assert text.count(f"[1] {HANSARD}. Not corrected. {answered.citations[1].search_url}") == text.count(HANSARD) == 1
    assert text.endswith(f"{LICENCE} Archive 0123abcd.")
    refused = exports.copied(declined)
    assert "No answer. No written answer in this archive" in refused
    assert refused.index("Nearest written answers") < refused.index(HANSARD)


def test_formats_go_by_name_or_ending_and_others_are_told():
    assert exports.format_of(".docx") is exports.format_of("Word") is FORMATS["word"]
    with pytest.raises(AnswersError, match=r"'pdf' is not an export format; use one of: markdown \(\.md\), word"):
        exports.format_of("pdf")


def test_a_question_without_latin_letters_still_gives_a_file_name(answered):
    file = exports.conversation([replace(answered, question="¿…?")], "json", made=MADE)
    assert file.name == "written-answers-2026-03-04.json"


def test_pq_verify_takes_an_exported_conversation(answered, declined, tmp_path):
    path = tmp_path / "conversation.json"
    path.write_bytes(exports.conversation([answered, declined], "json", made=MADE).content)
    cited = [citation for saved in read_saved(path) for citation in saved["citations"]]
    assert [citation["quote"] for citation in cited] == [NCA, BUDAPEST]
