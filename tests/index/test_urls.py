"""Which addresses may be links, and which a record's page: look-alikes of every kind are neither."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.urls import record_page, web_address

PAGES = [
    "https://questions-statements.parliament.uk/written-questions/detail/2025-03-04/35566",
    "http://www.publications.parliament.uk/pa/ld200809/ldhansrd/text/91026w0001.htm#09102629000216",
    "https://www.theyworkforyou.com/wrans/?id=2025-02-09.26282.h&s=x#g26282.r0",
    "https://parliament.uk", "HTTPS://WWW.Parliament.UK/x", "https://parliament.uk:443/x?y=£#z", "http://parliament.uk?x",
]  # fmt: skip
LOOK_ALIKES = [
    "https://evil.example\\.parliament.uk/", "https://evil.example\\@www.parliament.uk/x", "https:\\\\www.parliament.uk/",
    "https://www.parliament.uk\\@evil.example/", "https://parliament.uk@evil.example/", "https://parliament.uk:x@evil.example/",
    "https://evil.example@parliament.uk/", "https://evil.example／.parliament.uk/", "https://evil.example。parliament.uk/",
    "https://www．parliament．uk/", "https://www.parliament.uk．evil.example/", "https://pаrliament.uk/", "https://ｐarliament.uk/",
    "https://xn--prliament-7fg.uk/", "https://xn--a.parliament.uk/", "https://XN--A.parliament.uk", "https://www.parliament\u200b.uk/",
    "https://www.parliament.uk/\u202eelif.exe", "https://www.parliament.uk\t/", "https://www.parliament.uk/a\nb", "https://www.parliament.uk\0/",
    " https://www.parliament.uk/", "https://www.parliament.uk/ ", "https://www.parliament.uk/a b", "https://.parliament.uk/",
    "https://-a.parliament.uk/", "https://a-.parliament.uk/", "https://a..parliament.uk/", "https://www.parliament.uk./",
    "https://www.parliament.uk%2eevil.example/", "https://www.parliament%2euk/", "https://[::1].parliament.uk/", "https://[", "https:///x",
    "https:/www.parliament.uk/", "https:www.parliament.uk", "//www.parliament.uk/", "www.parliament.uk", "javascript:alert(1)//www.parliament.uk",
    "javascript://www.parliament.uk/%0aalert(1)", "data:text/html,x", "ftp://parliament.uk", "file://parliament.uk/x", "JaVaScRiPt:alert(1)",
    "vbscript:x", "view-source:https://parliament.uk", "https://parliament.uk:99999999/", "https://parliament.uk:x/", "https://parliament.uk/\"><script>",
    "https://parliament.uk/<b>", "", None, 7, ["https://parliament.uk/"], b"https://parliament.uk/",
]  # fmt: skip
ELSEWHERE = [
    "https://parliament.uk.evil.example/", "https://evil-parliament.uk/", "https://parliament.uk.com", "https://gov.uk/x",
    "https://example.org/?u=parliament.uk", "https://example.org/parliament.uk", "https://example.org#.parliament.uk",
    "https://nottheyworkforyou.com/", "https://uk/", "http://localhost:8080/",
]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_a_page_of_parliament_or_theyworkforyou_is_shown_as_it_is(address):
    assert record_page(address) == web_address(address) == address


@pytest.mark.parametrize("address", LOOK_ALIKES, ids=ascii)
def test_a_look_alike_is_neither_a_page_nor_a_link(address):
    assert (record_page(address), web_address(address)) == (None, None)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_another_site_may_be_a_link_and_is_no_page(address):
    assert (record_page(address), web_address(address)) == (None, address)


@given(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["https://", "http://", "https:", "javascript:", "HTTPS://"]),
        st.text(alphabet="ab.-:@\\/?#%[] \t\u3002\uff0e\u0430xn", max_size=12),
        st.sampled_from(["parliament.uk", "www.parliament.uk", "theyworkforyou.com", "evil.example"]),
        st.text(alphabet="ab.-:@\\/?#%[] \t\n\u3002", max_size=8),
    )
)
@example("https://a\\parliament.uk")
@settings(max_examples=500, deadline=None)
def test_what_is_a_page_has_a_host_that_every_reader_sees_alike(address):
    """As browsers read it: a backslash is a slash, and what is before an @ is nobody's host."""
    page = record_page(address)
    if page is None:
        return
    host = urlsplit(page).hostname
    assert host == urlsplit(page.replace("\\", "/")).hostname
    assert host.isascii() and "@" not in urlsplit(page).netloc
    assert host.endswith((".parliament.uk", ".theyworkforyou.com")) or host in ("parliament.uk", "theyworkforyou.com")
