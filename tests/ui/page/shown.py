"""What tests of the page share: words of one real record, a hostile one, and how to read what is shown."""

from datetime import date

from bs4 import BeautifulSoup

from index import House, Member, WrittenAnswer
from index.records import Attachment
from ui.page import views

NCA = "The NCA works to identify cyber criminals impacting the UK, wherever they are in the world."
PARTNERS = (
    "Working with international partners to target and disrupt cyber criminal gangs and the illicit cyber crime "
    "ecosystem that supports them."
)
WAVE = (
    "A second wave of sanctions was announced in September demonstrating the NCA’s unrelenting targeting of "
    "cyber-criminals."
)
BUDAPEST = "We have promoted the Budapest Convention on Cybercrime since it was agreed in 2001"


def soup(html):
    return BeautifulSoup(html, "html.parser")


def said(element):
    """Return what people read in an element, our own signs left out."""
    element = soup(str(element))
    for ours in element.select(".reference, .gap"):
        ours.decompose()
    return " ".join(element.get_text().split())


def shown(*replies, records=()):
    return soup(views.conversation(replies, {record.id: record for record in records}))


def facts(card):
    return [(dt.get_text(), " ".join(dt.find_next("dd").get_text().split())) for dt in card.select("dt")]


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> **b** [x](javascript:alert(3)) \"' {{7*7}} ${7*7} <mark>"
)


def hostile_record():
    return WrittenAnswer(
        id="x\"><script>alert(4)</script>", house=House.COMMONS, question=f"To ask {HOSTILE}",
        answer=f"{HOSTILE}\n\n- {HOSTILE}\n\n| {HOSTILE} | y |\n| --- | --- |\n| 1 | 2 |", heading=HOSTILE,
        uin="1\" onclick=\"x",
        department=HOSTILE, asked_by=Member(name=HOSTILE, party=HOSTILE), answered_by=Member(name=HOSTILE),
        role=HOSTILE, tabled=date(2024, 1, 2), url="javascript:alert(5)", original_answer=HOSTILE + "old",
        corrected=True,
        correction=f"<ins>new</ins>{HOSTILE}<del onclick=x>old</del>",
        attachments=(Attachment(url="data:text/html,x", title=HOSTILE), Attachment(url="https://x/<b>", title=HOSTILE)),
    )  # fmt: skip


def assert_harmless(page):
    assert not page.find_all(["script", "img", "iframe", "object", "style", "form"])
    for element in page.find_all(True):
        for name, value in element.attrs.items():
            assert not name.startswith("on"), element
            if name in ("href", "src", "action"):
                assert value.startswith(("#", "https://")), element
