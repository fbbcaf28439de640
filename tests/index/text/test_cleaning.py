"""What people read and quote is what the minister said: nothing glued, lost, leaked or made up."""

from __future__ import annotations

import gzip
import html
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text.cleaning import before_correction, cleaned, comparison, has_markup, one_line, readable
from index.text.web_addresses import unwrapped

NATIVE = Path(__file__).parents[2] / "data" / "native"
WRAPPED = (
    "https://eur03.safelinks.protection.outlook.com/?url=https%3A%2F%2Fenvironment.data.gov.uk%2Fplans%2FSMP6"
    "&data=05%7C02%7Cpqteam%40defra.gov.uk%7C879273b2%7C0%7C0%7C639120349980500541%7CUnknown%7CTWFp%3D"
    "&sdata=Qux8JS%2FQrWE%3D&reserved=0"
)
TRUE = "https://environment.data.gov.uk/plans/SMP6"

# Pieces that tear badly: tags, halves of tags, entities in layers, wrappers, odd characters.
PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<br>", "<ul>", "<li>", "</li>", "</ul>", '<ol start="7">', "</ol>", "<table>", "<tr>"),
        *('<td colspan="3">', "<td rowspan=2>", "</td>", "</tr>", "</table>", "<sup>", "</sup>", "<sub>", "2"),
        *("<ins>", "</ins>", "<del>", "</del>", f'<a href="{WRAPPED}">', "</a>", "<!--", "-->", "<script>x"),
        *('<a href="https://b.uk/x">', "\ufdd4\ufde1", "\ufdd5"),
        *("</script>", "<", ">", "</", "<b", "<?xml ?>", "<![CDATA[", "]]>", "&amp;", "&lt;", "p&gt;", "&", "#38;"),
        *("amp;", "lt;", "&#8203;", "&data=05|", "%40", WRAPPED, "safelinks.protection.outlook.com", "\n", "\r\n"),
        *("urldefense.com/v3/__https://z__;", " ", "\xa0", "\u200b", "\ud800", "\x00", "\x85", "|", "- ", "word"),
        *(
            "<s>",
            "</s>",
            "<pre>",
            "</pre>",
            '<ol type="i">',
            "<p>",
            "</td><td>",
            "&lt;/p&gt;",
            "</a><a href=https://a.uk>",
        ),
        *("e\u0301", "\u0338", "\ufdd0", "\x02", "th", "1"),
    ]
)
ANY_TEXT = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=20).map("".join))


@pytest.fixture(scope="module")
def real_answers() -> list[str]:
    with gzip.open(NATIVE / "answers.jsonl.gz") as lines:
        return [json.loads(line)["answer"] for line in lines]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One.</p><p> </p><p>Two.<br>Still two.</p>", "One.\n\nTwo.\nStill two."),
        ("<p>a<strong> </strong>b <em>c</em></p>", "a b c"),
        ("<p>line\n  broken in the source</p>", "line broken in the source"),
        ("<h2>Head</h2><p>Text</p>", "Head\n\nText"),
        ("<p>Before</p><ul><li>x</li></ul><ul><li>y</li></ul><p>After</p>", "Before\n\n- x\n- y\n\nAfter"),
        ('<ol start="3"><li><p>a</p></li><li>b</li></ol>', "3. a\n4. b"),
        ("<ol><li>a<ul><li>n</li></ul></li><li>b</li></ol>", "1. a\n- n\n2. b"),
        ("<p>x</p><script>alert(1)</script><style>p{}</style><!-- note -->", "x"),
        ("<p>&pound;5 &amp; &lt;6</p>", "£5 & <6"),
        ("<p>?a=1&region=2&amp;copy=3</p>", "?a=1&region=2&copy=3"),
        ("<p>12 th November</p>", "12 th November"),
        ('<p class="holdinganswer">holding <phrase code="2009-10-22">22 October</phrase></p>', "holding 22 October"),
        ("<p>a&nbsp;b\u2009c\u200b\u00ad d</p>", "a b c d"),
        ("<p>near\u2011term</p>", "near-term"),
        ("<p>e\u0301</p>", "é"),
        ("", ""),
        ("<p> </p>", ""),
    ],
)
def test_markup_becomes_text(markup: str, text: str) -> None:
    assert readable(markup) == text


@pytest.mark.parametrize("tag", ["svg", "object", "iframe", "textarea", "noscript", "template", "video"])
def test_an_element_that_never_ends_hides_nothing_that_follows_it(tag: str) -> None:
    assert readable(f"<p>One.</p><{tag} title='a > b'><p>Two.</p>Three.") == "One.\n\nTwo.\n\nThree."
    assert readable(f"<p>One.</p><{tag}><p>Two.</p><{tag}>hidden</{tag}>") == "One.\n\nTwo."
    assert readable(f"<p>One.</p><{tag} title='a'>hidden</{tag}><p>Two.</p>") == "One.\n\nTwo."


@pytest.mark.parametrize(
    "text",
    [
        "5 < 6 & 7 > 4",
        "under <12 weeks, name <name>, R&D, AT&T;",
        "First paragraph.\n\nSecond: £1.2 million — ‘quoted’.\n- item",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
    ],
)
def test_plain_text_comes_through_unharmed(text: str) -> None:
    assert readable(text) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("12<sup>th</sup> and 4<sup>th </sup>of", "12th and 4th of"),
        ("m<sup>2</sup>, 10<sup>-6</sup>", "m², 10⁻⁶"),
        ("waiting time<sup>1</sup> for<sup>2,3</sup>", "waiting time¹ for²,³"),
        ("Source<sup>(<i> 1</i>)</sup>, [x]<sup>[2]</sup>", "Source(1), [x][2]"),
        ("CO<sub>2</sub>, PM<sub>2.5</sub>, NO<sub>x</sub>", "CO₂, PM2.5, NOx"),
    ],
)
def test_raised_and_lowered_figures_are_not_glued_to_numbers(markup: str, text: str) -> None:
    assert readable(f"<p>{markup}</p>") == text


def test_a_table_keeps_its_rows_and_columns() -> None:
    markup = (
        '<p>See:</p><table><tr><td colspan="3"><p>Deaths by year</p></td></tr>'
        "<tr><td> </td><td><p><strong>2023</strong></p></td><td>2024</td></tr>"
        '<tr><td rowspan="2">North|East</td><td>1,200</td><td><p>a</p><p>b</p></td></tr>'
        "<tr><td>7</td></tr><tr><td> </td><td></td></tr>"
        '<tr><td colspan="3">Notes: all</td></tr></table><p>End</p>'
    )
    assert readable(markup).split("\n") == [
        *("See:", "", "Deaths by year", ""),
        "| | 2023 | 2024 |",
        "| --- | --- | --- |",
        "| North/East | 1,200 | a b |",
        "| North/East | 7 | |",
        *("", "Notes: all", "", "End"),
    ]


def test_a_table_that_says_nothing_is_left_out_and_a_box_is_a_paragraph() -> None:
    assert readable("<p>a</p><table><tr><td> </td><td></td></tr></table>") == "a"
    assert readable("<table><tr><td><p>In a box</p></td></tr></table>") == "In a box"


def test_a_table_that_holds_tables_is_layout() -> None:
    markup = "<table><tr><td>a</td><td><table><tr><td>b</td><td>c</td></tr></table></td></tr></table>"
    assert readable(markup) == "a\n\n| b | c |\n| --- | --- |"


def test_signs_of_our_own_cannot_be_smuggled_in() -> None:
    assert readable("<table><tr><td>a&#1;b&#2;c&#3;d</td><td>e</td></tr></table>").startswith("| abcd | e |")
    assert readable("<ul><li>a&#5;\n&#4;b</li></ul>") == "- a b"


def links(markup: str) -> tuple[str, ...]:
    """Return the targets of the links of an answer, each once."""
    return tuple(dict.fromkeys(link.url for link in cleaned(markup).links))


def linked(markup: str) -> list[tuple[str, str]]:
    """Return the words that are links, with their targets."""
    found = cleaned(markup)
    return [(found.text[link.start : link.end], link.url) for link in found.links]


@pytest.mark.parametrize(
    "markup",
    [
        f'<p><a href="{WRAPPED.replace("&", "&amp;")}">the plan</a></p>',
        f"<p>See {WRAPPED.replace('&', '&amp;')} today</p>",
        f"See {WRAPPED} today",
        f'<a href="{WRAPPED.upper().replace("ENVIRONMENT", "environment")}">the plan</a>',
    ],
)
def test_mail_wrappers_are_opened_wherever_they_stand(markup: str) -> None:
    text, targets = readable(markup), " ".join(links(markup))
    assert TRUE.lower() in (targets if "the plan" in text else text).lower()
    assert "the plan" not in text or TRUE.lower() not in text.lower()
    assert not re.search(r"safelinks|outlook|@|%40|defra", text + targets, re.IGNORECASE)


def test_wrappers_within_wrappers_are_opened() -> None:
    from urllib.parse import quote

    outer = f"https://gbr01.safelinks.protection.outlook.com/?url={quote(WRAPPED, safe='')}&data=05%7Cx%40y.uk"
    assert unwrapped(outer) == TRUE
    defended = f"https://urldefense.com/v3/__{TRUE}__;!!abc$"
    assert unwrapped(defended) == TRUE
    assert unwrapped("https://gbr01.safelinks.protection.outlook.com/ap/b-59584e83/") == ""
    assert unwrapped(f"{TRUE}&data=05|02|sgb@communities.gov.uk|e853|0|0|Unknown") == TRUE


def test_real_records_leak_no_mailbox(real_answers: list[str]) -> None:
    wrapped = [answer for answer in real_answers if "safelinks" in answer]
    assert len(wrapped) >= 3
    for answer in wrapped:
        shown = readable(answer) + " ".join(links(answer))
        assert "safelinks" not in shown.lower()
        mailboxes = set(re.findall(r"%7C([\w.]+)%40", answer))
        assert mailboxes and not any(mailbox in shown for mailbox in mailboxes)


def test_links_are_the_true_targets_in_order_once_each() -> None:
    markup = (
        f'<a href="{WRAPPED.replace("&", "&amp;")}">a</a> <a href=https://b.uk/?x=1&amp;y=2>b</a>'
        f'<a href="{TRUE}">again</a><a href="mailto:c@d.uk">c</a>'
    )
    assert readable(markup) == "a b again c"
    assert links(markup) == (TRUE, "https://b.uk/?x=1&y=2")
    plain = "Plain, see https://c.uk/d. And (http://e.uk)."
    assert linked(plain) == [("https://c.uk/d", "https://c.uk/d"), ("http://e.uk", "http://e.uk")]


def test_a_marked_correction_gives_the_standing_text_the_old_one_and_the_comparison() -> None:
    markup = '<p>Had <del class="ministerial">9</del><ins class="ministerial">3 &lt;b&gt;</ins> &amp; more</p>'
    assert readable(markup) == "Had 3 < b> & more"
    assert before_correction(markup) == "Had 9 & more"
    assert comparison(markup) == "Had <del>9</del><ins>3 &lt; b&gt;</ins> &amp; more"


def test_a_comparison_holds_no_other_markup() -> None:
    text = comparison('<p onclick="x">a<img src=x onerror=y> <ins onmouseover="z">b</ins> &lt;script&gt;</p>')
    assert re.findall(r"<[^>]*>", text) == ["<ins>", "</ins>"]
    assert comparison("a < b & \ufdd0c") == "a &lt; b &amp; c"
    assert comparison("<p>a &#64976; b &amp;#64976; c</p>") == "a b c"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("&lt;p&gt;It costs &amp;pound;5 million.&lt;/p&gt;&lt;p&gt;More.&lt;/p&gt;", "It costs £5 million.\n\nMore."),
        ("&amp;lt;p&amp;gt;Twice.&amp;lt;/p&amp;gt;", "Twice."),
        ("&#60;b&#62;One&#60;/b&#62; &amp;amp; two", "One & two"),
        ("One line.&lt;br /&gt;Another.", "One line.\nAnother."),
        ("<p>&lt;b&gt;Inside&lt;/b&gt;</p><p>a tag</p>", "Inside\n\na tag"),
        ("&lt;a href=&quot;https://a.uk&quot;&gt;the list&lt;/a&gt;", "the list"),
        ("the sign &lt;p&gt; opens one", "the sign < p> opens one"),
        ("1 &lt; 2 and 3 &gt; 2", "1 < 2 and 3 > 2"),
    ],
)
def test_markup_that_was_escaped_is_unescaped_once(markup: str, text: str) -> None:
    assert readable(markup) == text
    assert linked(markup) == ([("the list", "https://a.uk")] if "href" in markup else [])


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<pre>Year   Number\n2021   31\n2022   32</pre>", "Year Number\n2021 31\n2022 32"),
        ("<p>a\nb</p><pre>\nc\n\nd\n</pre><p>e\nf</p>", "a b\n\nc\n\nd\n\ne f"),
        ("<pre><b>one\ntwo</b> <a\nhref='https://a.uk'>three</a></pre>", "one\ntwo three"),
        ("<table><tr><td>Year</td><td>N</td></tr><tr><td><pre>1\n2</pre></td><td><pre>3\n4</pre></td></tr></table>",
         "| Year | N |\n| --- | --- |\n| 1 | 3 |\n| 2 | 4 |"),
    ],
)  # fmt: skip
def test_preformatted_text_keeps_its_lines(markup: str, text: str) -> None:
    assert readable(markup) == text


def test_text_that_is_struck_out_is_not_said() -> None:
    markup = (
        '<p>The budget is <s>£400,000</s> £500,000, not <strike>£1 million</strike>, and <span style="text-decoration: '
        'line-through">12</span> 13 posts, see <s><a href="https://a.uk">old</a></s> <a href="https://b.uk">new</a>.</p>'
    )
    assert readable(markup) == "The budget is £500,000, not , and 13 posts, see new."
    assert linked(markup) == [("new", "https://b.uk")]
    assert comparison("<p>It is <s>4</s> 5.</p>") == "It is <del>4</del> 5."


def test_encoding_in_layers_is_undone_wholly() -> None:
    assert readable("R&amp;amp;D") == readable("<p>R&amp;amp;D</p>") == "R&D"
    assert readable("&lt;p&gt;not a tag") == "< p>not a tag"


def test_one_line_is_one_line() -> None:
    assert one_line(" A\n<i> (a)</i>\xa0b &amp; c\u200b ") == "A (a) b & c"


def test_only_tags_count_as_markup() -> None:
    assert has_markup("<p>x") and has_markup("a<br/>") and has_markup("<!-- x")
    assert not has_markup("a <b c") and not has_markup("5 <6> 7") and not has_markup("<name>")


@settings(max_examples=400, deadline=None)
@given(ANY_TEXT)
def test_cleaning_is_total_idempotent_and_tidy(text: str) -> None:
    plain = readable(text)
    assert readable(plain) == plain
    assert one_line(one_line(text)) == one_line(text)
    plain.encode()  # no lone surrogates
    assert plain == plain.strip()
    assert not re.search(r"\n{3}|  | \n|\n |[\x00-\x09\x0b-\x1f\x7f-\x9f\xa0\u200b\ufdd0-\ufdef]", plain)
    assert not has_markup(plain) and "safelinks.protection.outlook.com" not in plain.lower()
    assert set(re.findall(r"</?\w+>", comparison(text))) <= {"<ins>", "</ins>", "<del>", "</del>"}
    before_correction(text)
    found = cleaned(text)
    assert found.text == plain
    assert all(0 <= link.start <= link.end <= len(found.text) for link in found.links)
    assert all(link.url.lower().startswith("http") for link in found.links)


def test_real_answers_are_idempotent_and_never_lose_a_figure(real_answers: list[str]) -> None:
    for answer in real_answers:
        plain = readable(answer)
        assert readable(plain) == plain
        if "<del" not in answer and "<sup" not in answer and "<sub" not in answer:
            told = html.unescape(re.sub(r"<[^>]*>", " ", answer))
            assert set(re.findall(r"\d[\d,.]*\d", told)) <= set(re.findall(r"\d[\d,.]*\d", plain))


@pytest.mark.parametrize(
    "hostile",
    [
        "<b>" * 20_000 + "x",
        "<table><tr><td>" * 500 + "x",
        "&amp;" * 50_000 + "lt;",
        "&" + "amp;" * 50_000,
        "<table><tr>" + "<td>x" * 20_000 + "<tr><td>y" * 1_000,
        "<ol>" + "<li>x" * 4_000,
        "https://a.safelinks.protection.outlook.com/?url=" * 1_000,
        "<" * 50_000,
        '<a href="' * 5_000,
        "<pre>\n" * 4_000,
        "<table><tr>" + "<td><p>1<p>2" * 1_000,
        "&lt;p&gt;" * 20_000 + "&lt;/p&gt;",
        '<a href="https://a.uk">x</a>' * 3_000,
    ],
    ids=[
        "nested",
        "tables",
        "ampersands",
        "chain",
        "wide",
        "list",
        "wrappers",
        "angles",
        "links",
        "lines",
        "stacks",
        "escaped",
        "adjacent",
    ],
)
def test_hostile_input_is_answered_in_good_time(hostile: str) -> None:
    # No clock here, which would fail on a busy machine: quadratic work would run for minutes.
    assert isinstance(readable(hostile), str)
    assert isinstance(links(hostile), tuple)
