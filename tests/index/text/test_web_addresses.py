"""Mail wrappers are opened as they always were, and in time in proportion to what there is to read."""

from __future__ import annotations

import re
from time import process_time
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text.web_addresses import all_unwrapped, states, unwrapped

PIECES = st.sampled_from(
    [
        *("https://a.uk/x", "urldefense.com/v3/__", "__;", "gbr01.safelinks.protection.outlook.com/?url=", "&", "%20"),
        *("%2520", "https%3A%2F%2Fb.uk", "https%253A%252F%252Fc.uk", "&data=05|x", " ", "!!x$", "_"),
    ]
)
DEFENDED = re.compile(r"urldefense\.com/v3/__(.+?)__;", re.IGNORECASE)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=6).map("".join))
def test_what_is_unwrapped_holds_no_wrapper_and_is_unwrapped_no_further(address: str) -> None:
    found = unwrapped(address)
    assert unwrapped(found) == found
    assert not re.search(r"safelinks|urldefense\.com/v3|%20$|\s|data=0", found)
    inner = DEFENDED.search("".join(address.split()))
    if inner and "safelinks" not in address and "urldefense" not in inner[1] and "data=0" not in inner[1]:
        told = unquote(inner[1])
        told = unquote(told) if told.startswith("https%") else told
        told = unquote(told) if told.startswith("https%") else told
        assert found == re.sub(r"(?:%(?:25)*20)+$", "", "".join(told.split()))


def test_an_address_is_decoded_as_often_as_it_was_encoded() -> None:
    address = inner = "https://a.uk/x"
    for _ in range(5):
        inner = quote(inner, safe="")
    assert unwrapped(f"https://gbr01.safelinks.protection.outlook.com/?url={inner}&data=05%7Cx%40y.uk") == address
    assert all_unwrapped("See (https://urldefense.com/v3/__https://a.uk/x__;!!y$), too") == "See (https://a.uk/x), too"
    assert states("www.a.uk/X.", "https://a.uk/x") and not states("the list", "https://a.uk/x")


@pytest.mark.parametrize(
    "piece", ["%20", "urldefense.com/v3/__", "%25", "safelinks.protection.outlook.com?url=", "__;"]
)
def test_time_is_in_proportion_to_length(piece: str) -> None:
    def cost(count: int) -> float:
        address = f"https://safelinks.protection.outlook.com/?url=https{piece * count}x"
        began = process_time()
        for _ in range(5):
            unwrapped(address)
            unwrapped(f"https://a.uk/{piece * count}x")
        return process_time() - began

    short = min(cost(2_000) for _ in range(3))
    assert min(cost(8_000) for _ in range(3)) < 8 * short + 0.02
