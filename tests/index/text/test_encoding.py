"""Texts that UTF-8 can hold stay as they are; of others, what can be read is."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.encoding import encodable


@given(st.text())
def test_what_can_be_encoded_stays_as_it_is(text):
    assert encodable(text) == text


@given(st.text(st.characters(), max_size=20) | st.binary().map(os.fsdecode))
def test_the_rest_can_be_encoded_afterwards(text):
    encodable(text).encode()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("caf\udcc3\udca9", "café"),  # UTF-8 as a command line in the C locale gives it
        ("a\udcff", "a\ufffd"),
        ("\ud83d", "\ufffd\ufffd\ufffd"),
    ],
)
def test_bytes_that_were_set_aside_are_read(text, read):
    assert encodable(text) == read
